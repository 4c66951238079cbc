#pragma once
#include <mutex>
#include <optional>
#include <vector>

#include "base/secret.h"
#include "crypto/random.h"

namespace schannel::package {

inline constexpr std::size_t kTicketKeyIdBytes = 16;
/// Keying material of a key that somebody gives (contract CACHE-12).
inline constexpr std::size_t kTicketKeyBytesMin = 32;
inline constexpr std::size_t kTicketKeyBytesMax = 64;
inline constexpr std::size_t kTicketKeyCountMax = 16;

/// A key for tickets and the name that they carry.
struct TicketKey {
  std::array<std::uint8_t, kTicketKeyIdBytes> id{};
  Secret material;

  TicketKey copy() const { return {id, material.copy()}; }
};

/// The keys that a server's tickets are sealed under (RFC 5077 section 4 in spirit): AES-256-GCM
/// under a key of the ticket's own, which HKDF makes of the keying material and a random salt. So
/// the number of tickets has no bound that a fleet could reach. Safe from any thread.
///
/// Either keys that somebody has given: the first seals, all open, for as long as they are there.
/// Or random ones: each seals for one period and opens for two, so that a ticket that lives for a
/// period can always be opened until its end.
class TicketKeys {
 public:
  TicketKeys(std::int64_t period_ms, crypto::Random& random)
      : period_ms_(period_ms), random_(random) {}
  /// `given` is not empty; at most kTicketKeyCountMax.
  TicketKeys(std::vector<TicketKey> given, crypto::Random& random)
      : given_(std::move(given)), random_(random) {}

  /// key id | salt | nonce | ciphertext | tag. Throws bad_alloc; empty when the crypto library
  /// refuses.
  Buffer seal(Bytes plaintext, std::int64_t now_ms);
  /// Nothing for what was not sealed here, was altered, or is too old. Wipe what you get.
  std::optional<Buffer> open(Bytes ticket, std::int64_t now_ms);

  /// Empty: the keys are random.
  const std::vector<TicketKey>& given() const { return given_; }

 private:
  struct OwnKey {
    TicketKey key;
    std::int64_t made_ms = 0;
  };
  void rotate(std::int64_t now_ms);
  TicketKey sealing_key(std::int64_t now_ms);
  std::optional<TicketKey> find(Bytes id, std::int64_t now_ms);

  const std::vector<TicketKey> given_;
  const std::int64_t period_ms_ = 0;
  crypto::Random& random_;
  std::mutex mutex_;
  std::optional<OwnKey> current_;
  std::optional<OwnKey> previous_;
};

}  // namespace schannel::package
