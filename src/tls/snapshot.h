#pragma once
#include <variant>

#include "base/secret.h"
#include "crypto/aead.h"
#include "tls/config.h"

namespace schannel::tls {

/// The post-handshake record that receive() has taken, for whoever meets it again.
struct TakenRecord {
  std::size_t size = 0;                                   ///< Header included; 0: none.
  std::array<std::uint8_t, crypto::kAeadTagBytes> tag{};  ///< Its last bytes.
};

/// An established connection between handshakes, as values: what another process needs to go on
/// with it. Whoever goes on from a snapshot must see to it that nobody else does, neither from a
/// second copy nor with the connection itself: two writers under one key repeat nonces, which gives
/// away AES-GCM's authentication key (RFC 5116 section 3.1).
///
/// The hash of the handshake messages is not in it, because libcrypto can't give it away: a client
/// can't be authenticated after the handshake any more. Neither is our own private key.
struct Snapshot {
  struct Keys13 {
    Secret read;   ///< application_traffic_secret_N of the peer
    Secret write;  ///< and ours
    Secret exporter;
  };
  struct Keys12 {
    Secret master;
  };

  Negotiated negotiated;  ///< Without local_identity.
  std::variant<Keys13, Keys12> keys;
  std::uint64_t read_sequence = 0;
  std::uint64_t write_sequence = 0;
  TakenRecord taken;
  bool closed_by_peer = false;
};

/// Wipe what you get.
Buffer encode_snapshot(const Snapshot& snapshot);
/// decode_error for what encode_snapshot has not made.
Result<Snapshot> decode_snapshot(Bytes encoded);

}  // namespace schannel::tls
