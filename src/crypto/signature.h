#pragma once
#include <memory>

#include "base/bytes.h"
#include "base/code_points.h"
#include "base/result.h"

struct evp_pkey_st;  // EVP_PKEY

namespace schannel::crypto {

enum class KeyType : std::uint8_t {
  rsa,      ///< rsaEncryption: PKCS#1 v1.5 and rsa_pss_rsae_* schemes
  rsa_pss,  ///< id-RSASSA-PSS: rsa_pss_pss_* schemes only
  ecdsa_p256,
  ecdsa_p384,
  ecdsa_p521,
  ed25519,
};

/// Keys by what signs with them, whatever their size or curve.
enum class KeyFamily : std::uint8_t { rsa, ecdsa, eddsa };
KeyFamily family_of(KeyType type);

/// Keys of a family that have from `minimum_bits` to `maximum_bits`; 0: no bound on that side.
struct KeyRange {
  KeyFamily family;
  unsigned minimum_bits = 0;
  unsigned maximum_bits = 0;

  bool contains(KeyFamily of, unsigned bits) const {
    return of == family && (minimum_bits == 0 || bits >= minimum_bits) &&
           (maximum_bits == 0 || bits <= maximum_bits);
  }
};

/// True when a key of this type and size can make or check signatures of `scheme`. `exact_curve`
/// is TLS 1.3's rule that an ecdsa scheme names its curve; TLS 1.2 lets any curve sign with any of
/// our hashes. A too small RSA key for the scheme's hash (PSS needs 2 * hash + 2 bytes) is false.
bool can_sign(KeyType type, unsigned bits, SignatureScheme scheme, bool exact_curve);

/// A public key from a certificate. Immutable; copies share it; safe from any thread.
class PublicKey {
 public:
  /// From a DER certificate: Cause::certificate_malformed when it does not parse,
  /// Cause::certificate_invalid when its key is of no KeyType (or an RSA key below 1024 bits,
  /// contract PROTO-29, or above 16384 bits).
  static Result<PublicKey> of_certificate(Bytes der);

  KeyType type() const { return type_; }
  unsigned bits() const { return bits_; }
  /// False when the certificate has a keyUsage without digitalSignature (RFC 5280 section 4.2.1.3).
  bool may_sign() const { return may_sign_; }
  /// True when `signature` is `scheme`'s signature of `message` under this key. False for a scheme
  /// that does not fit the key type (curves are not compared: callers use can_sign for that).
  bool verify(SignatureScheme scheme, Bytes message, Bytes signature) const;

 private:
  PublicKey(std::shared_ptr<evp_pkey_st> key, KeyType type, unsigned bits, bool may_sign);
  std::shared_ptr<evp_pkey_st> key_;
  KeyType type_;
  unsigned bits_;
  bool may_sign_;
};

/// A private key that can sign. Immutable; copies share it; safe from any thread.
class PrivateKey {
 public:
  /// Takes its own reference to `key`. Cause::no_usable_certificate for a key of no KeyType.
  static Result<PrivateKey> adopt(evp_pkey_st* key);
  /// From an unencrypted PKCS#8, PKCS#1 or SEC 1 DER encoding.
  static Result<PrivateKey> from_der(Bytes der);
  /// A new key, for tests and self-signed certificates. `bits` matters for RSA only.
  static Result<PrivateKey> generate(KeyType type, unsigned bits = 2048);

  KeyType type() const { return type_; }
  unsigned bits() const { return bits_; }
  Result<Buffer> sign(SignatureScheme scheme, Bytes message) const;
  /// True when the DER certificate holds the public half of this key.
  bool matches_certificate(Bytes der) const;
  evp_pkey_st* native() const { return key_.get(); }  ///< For src/pki only.

 private:
  PrivateKey(std::shared_ptr<evp_pkey_st> key, KeyType type, unsigned bits);
  std::shared_ptr<evp_pkey_st> key_;
  KeyType type_;
  unsigned bits_;
};

}  // namespace schannel::crypto
