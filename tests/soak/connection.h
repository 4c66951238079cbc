#pragma once
#include <array>
#include <cstdint>
#include <string>

#include "credentials.h"

// One connection of the soak: random features, a random conversation, perhaps one failure on
// purpose, a random end.
namespace soak {

/// What is done to a connection on purpose.
enum class Injected : std::uint8_t {
  nothing,
  untrusted_server,
  wrong_name,
  no_common_version,
  corrupted_handshake,
  corrupted_record,
  dropped_in_handshake,
  count_
};
const char* name_of(Injected injected);

/// How often things have happened; the sum over all connections.
struct Tally {
  enum What {
    tls12,
    tls13,
    resumed,
    client_certificate,
    key_update,
    renegotiation,
    late_certificate,
    bytes,
    closed_by_client,
    closed_by_server,
    closed_by_both,
    fatal_alert,
    not_closed,
    injected,
    count_
  };
  std::array<std::uint64_t, count_> of{};
  void add(What what, std::uint64_t more = 1) { of[what] += more; }
  Tally& operator+=(const Tally& other) {
    for (std::size_t i = 0; i < of.size(); ++i) of[i] += other.of[i];
    return *this;
  }
};

/// Runs the connection that `seed` and `number` determine. Empty, or what went wrong that was not
/// injected.
std::string run_connection(const Credentials& credentials, std::uint64_t seed, std::uint64_t number,
                           Tally& tally);

}  // namespace soak
