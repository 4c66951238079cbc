#pragma once
#include <memory>

#include "base/code_points.h"
#include "base/result.h"
#include "base/secret.h"
#include "crypto/random.h"

namespace schannel::crypto {

/// True for the groups KeyShare::generate knows.
bool is_supported(NamedGroup group);

/// One ephemeral (EC)DHE key pair.
class KeyShare {
 public:
  /// x25519 keys come from `random`; the NIST curves use libcrypto's own DRBG.
  static Result<KeyShare> generate(NamedGroup group, Random& random);
  KeyShare(KeyShare&&) noexcept;
  KeyShare& operator=(KeyShare&&) noexcept;
  ~KeyShare();

  NamedGroup group() const { return group_; }
  /// KeyShareEntry.key_exchange (RFC 8446 section 4.2.8.2): 32 bytes for x25519, the uncompressed
  /// point for the NIST curves. The same bytes are ECPoint.point in TLS 1.2 (RFC 8422).
  Bytes public_key() const { return public_key_; }
  /// The shared secret: 32, 32, 48 or 66 bytes. Cause::illegal_parameter when the peer's value has
  /// the wrong size, is not on the curve, or gives the all-zero x25519 result (RFC 8446 sections
  /// 4.2.8.2 and 7.4.2).
  Result<Secret> derive(Bytes peer_public_key) const;

 private:
  struct Key;
  KeyShare(NamedGroup group, std::unique_ptr<Key> key, Buffer public_key);
  NamedGroup group_;
  std::unique_ptr<Key> key_;
  Buffer public_key_;
};

}  // namespace schannel::crypto
