#pragma once
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

// What one random handshake is about, said in words that every library understands.
namespace differential {

using Random = std::mt19937_64;
inline std::size_t below(Random& random, std::size_t end) { return random() % end; }
inline bool one_in(Random& random, std::size_t n) { return below(random, n) == 0; }

enum class Cipher { aes256, aes128, chacha20 };
enum class Group { x25519, p256, p384, p521 };
enum class KeyKind { rsa, rsa_pss, p256, p384, p521, ed25519 };
const char* name_of(Cipher cipher);
const char* name_of(Group group);
const char* name_of(KeyKind kind);

/// What one side allows, in its order of preference. Our library has an order of its own.
struct Offer {
  bool tls12 = true, tls13 = true;
  std::vector<Cipher> ciphers;
  std::vector<Group> groups;
  std::vector<std::string> protocols;  ///< ALPN; empty: none
  bool sessions = true;                ///< Tickets and resumption.
};

/// A certificate that a side shows.
struct Certificate {
  KeyKind key = KeyKind::p256;
  bool has_intermediate = false;
};

enum class ClientAuthentication { none, requested, required };

/// What happens on an established connection.
struct Step {
  enum class Kind { data, both, key_update };
  Kind kind = Kind::data;
  bool by_client = true;
  bool asks_back = false;  ///< key_update: update_requested
  std::size_t bytes = 0;
};

struct Configuration {
  std::uint64_t seed = 0, number = 0;
  Offer client, server;
  Certificate certificate;
  std::optional<Certificate> client_certificate;
  ClientAuthentication client_authentication = ClientAuthentication::none;
  bool client_trusts = true;  ///< The root of the server's chain.
  bool server_trusts = true;  ///< The root of the client's chain.
  bool name_fits = true;
  bool closed_by_client = true;
  std::size_t piece_bytes = 0;     ///< Most bytes delivered at once; 0: as they come.
  std::size_t fragment_bytes = 0;  ///< Most content in a record of a peer that can be told; 0: any.
  unsigned connections = 1;        ///< One after the other, with the same sessions.
  std::vector<Step> steps;
};

/// The same for the same two numbers, on every machine.
Configuration make_configuration(std::uint64_t seed, std::uint64_t number);
/// Every setting, on a few lines.
std::string describe(const Configuration& configuration);

/// What the standards say must come of it.
struct Expectation {
  enum class Outcome {
    success,
    failure,
    open  ///< Left to the implementation; the two ends must agree all the same.
  };
  Outcome outcome = Outcome::success;
  std::string reason;  ///< Why not success.
  std::uint16_t version = 0;
  std::vector<Cipher> ciphers;  ///< One of these.
  std::vector<Group> groups;    ///< One of these.
  /// The protocol that both know; which of several is the server's business.
  std::vector<std::string> protocols;
  bool client_is_known = false;  ///< The server has the client's certificate.
};
Expectation expect(const Configuration& configuration);

}  // namespace differential
