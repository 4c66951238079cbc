#include "crypto/signature.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <optional>
#include <string_view>

#include "crypto/libcrypto.h"

namespace schannel::crypto {
namespace {

using Certificate = std::unique_ptr<X509, Freed<X509_free>>;

// Contract PROTO-29 and, above, what libcrypto itself still verifies with.
constexpr unsigned kRsaBitsMin = 1024;
constexpr unsigned kRsaBitsMax = 16384;

enum class Padding : std::uint8_t { none, pkcs1, pss };

struct SchemeInfo {
  SignatureScheme scheme;
  const char* hash_name;  // null for ed25519, which hashes by itself
  unsigned hash_bytes;
  Padding padding;
  KeyType type;  // for ecdsa the type whose curve TLS 1.3 requires
};

// The schemes we sign and verify. The SHA-1 ones are missing on purpose: RFC 9155 forbids them in
// TLS 1.2 handshakes as RFC 8446 section 4.4.3 does in TLS 1.3.
constexpr SchemeInfo kSchemes[] = {
    {SignatureScheme::rsa_pkcs1_sha256, "SHA256", 32, Padding::pkcs1, KeyType::rsa},
    {SignatureScheme::rsa_pkcs1_sha384, "SHA384", 48, Padding::pkcs1, KeyType::rsa},
    {SignatureScheme::rsa_pkcs1_sha512, "SHA512", 64, Padding::pkcs1, KeyType::rsa},
    {SignatureScheme::rsa_pss_rsae_sha256, "SHA256", 32, Padding::pss, KeyType::rsa},
    {SignatureScheme::rsa_pss_rsae_sha384, "SHA384", 48, Padding::pss, KeyType::rsa},
    {SignatureScheme::rsa_pss_rsae_sha512, "SHA512", 64, Padding::pss, KeyType::rsa},
    {SignatureScheme::rsa_pss_pss_sha256, "SHA256", 32, Padding::pss, KeyType::rsa_pss},
    {SignatureScheme::rsa_pss_pss_sha384, "SHA384", 48, Padding::pss, KeyType::rsa_pss},
    {SignatureScheme::rsa_pss_pss_sha512, "SHA512", 64, Padding::pss, KeyType::rsa_pss},
    {SignatureScheme::ecdsa_secp256r1_sha256, "SHA256", 32, Padding::none, KeyType::ecdsa_p256},
    {SignatureScheme::ecdsa_secp384r1_sha384, "SHA384", 48, Padding::none, KeyType::ecdsa_p384},
    {SignatureScheme::ecdsa_secp521r1_sha512, "SHA512", 64, Padding::none, KeyType::ecdsa_p521},
    {SignatureScheme::ed25519, nullptr, 0, Padding::none, KeyType::ed25519},
};

const SchemeInfo* find(SignatureScheme scheme) {
  for (const SchemeInfo& info : kSchemes) {
    if (info.scheme == scheme) return &info;
  }
  return nullptr;
}

bool is_ecdsa(KeyType type) {
  return type == KeyType::ecdsa_p256 || type == KeyType::ecdsa_p384 || type == KeyType::ecdsa_p521;
}

bool is_rsa(KeyType type) { return type == KeyType::rsa || type == KeyType::rsa_pss; }

Error failure(Cause cause) {
  ERR_clear_error();
  return Error{cause};
}

std::optional<KeyType> ecdsa_type(const EVP_PKEY* key) {
  // RFC 5480 section 2.1.1 allows named curves only. libcrypto names the curve of parameters that
  // were spelled out, so ask how they were spelled.
  int from_explicit_parameters = 0;
  EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS,
                         &from_explicit_parameters);
  char name[64] = "";
  if (from_explicit_parameters != 0 ||
      EVP_PKEY_get_group_name(key, name, sizeof name, nullptr) != 1) {
    return std::nullopt;
  }
  const std::string_view curve = name;
  if (curve == "prime256v1" || curve == "P-256") return KeyType::ecdsa_p256;
  if (curve == "secp384r1" || curve == "P-384") return KeyType::ecdsa_p384;
  if (curve == "secp521r1" || curve == "P-521") return KeyType::ecdsa_p521;
  return std::nullopt;
}

struct Kind {
  KeyType type;
  unsigned bits;
};

// What a key is to TLS; nothing for a key that can't sign a handshake.
std::optional<Kind> classify(const EVP_PKEY* key) {
  std::optional<KeyType> type;
  if (EVP_PKEY_is_a(key, "RSA") == 1) {
    type = KeyType::rsa;
  } else if (EVP_PKEY_is_a(key, "RSA-PSS") == 1) {
    type = KeyType::rsa_pss;
  } else if (EVP_PKEY_is_a(key, "EC") == 1) {
    type = ecdsa_type(key);
  } else if (EVP_PKEY_is_a(key, "ED25519") == 1) {
    type = KeyType::ed25519;
  }
  if (!type) return std::nullopt;
  const unsigned bits = static_cast<unsigned>(EVP_PKEY_get_bits(key));
  if (is_rsa(*type) && (bits < kRsaBitsMin || bits > kRsaBitsMax)) return std::nullopt;
  return Kind{*type, bits};
}

std::shared_ptr<EVP_PKEY> share(EVP_PKEY* key) {
  if (EVP_PKEY_up_ref(key) != 1) throw std::bad_alloc();
  return {key, EVP_PKEY_free};
}

Certificate parse_certificate(Bytes der) {
  const std::uint8_t* next = der.data();
  Certificate certificate(d2i_X509(nullptr, &next, static_cast<long>(der.size())));
  if (certificate && next != der.data() + der.size()) certificate.reset();
  return certificate;
}

bool set_padding(EVP_PKEY_CTX* context, const SchemeInfo& info) {
  if (info.padding == Padding::none) return true;
  if (info.padding == Padding::pkcs1) {
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
  }
  // RFC 8446 section 4.2.3: MGF1 with the same hash, a salt as long as the digest.
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md_name(context, info.hash_name, nullptr) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

bool fits(KeyType type, unsigned bits, SignatureScheme scheme) {
  return can_sign(type, bits, scheme, /*exact_curve=*/false);
}

}  // namespace

KeyFamily family_of(KeyType type) {
  switch (type) {
    case KeyType::rsa:
    case KeyType::rsa_pss:
      return KeyFamily::rsa;
    case KeyType::ed25519:
      return KeyFamily::eddsa;
    default:
      return KeyFamily::ecdsa;
  }
}

bool can_sign(KeyType type, unsigned bits, SignatureScheme scheme, bool exact_curve) {
  const SchemeInfo* const info = find(scheme);
  if (info == nullptr) return false;
  if (is_ecdsa(type)) return exact_curve ? type == info->type : is_ecdsa(info->type);
  if (type != info->type) return false;
  if (info->padding == Padding::pss) {
    // EMSA-PSS-ENCODE, RFC 8017 section 9.1.1: emLen >= hLen + sLen + 2, emBits = modBits - 1.
    return bits >= 1 && (bits - 1 + 7) / 8 >= 2 * info->hash_bytes + 2;
  }
  return true;
}

PublicKey::PublicKey(std::shared_ptr<evp_pkey_st> key, KeyType type, unsigned bits, bool may_sign)
    : key_(std::move(key)), type_(type), bits_(bits), may_sign_(may_sign) {}

Result<PublicKey> PublicKey::of_certificate(Bytes der) {
  const Certificate certificate = parse_certificate(der);
  if (!certificate) return failure(Cause::certificate_malformed);
  EVP_PKEY* const key = X509_get0_pubkey(certificate.get());
  if (key == nullptr) return failure(Cause::certificate_invalid);
  const std::optional<Kind> kind = classify(key);
  if (!kind) return failure(Cause::certificate_invalid);
  // All bits are set where there is no keyUsage.
  const bool may_sign = (X509_get_key_usage(certificate.get()) & KU_DIGITAL_SIGNATURE) != 0;
  return PublicKey(share(key), kind->type, kind->bits, may_sign);
}

bool PublicKey::verify(SignatureScheme scheme, Bytes message, Bytes signature) const {
  const SchemeInfo* const info = find(scheme);
  if (info == nullptr || !fits(type_, bits_, scheme) || signature.empty()) return false;
  const DigestContext context(EVP_MD_CTX_new());
  require(context != nullptr);
  EVP_PKEY_CTX* parameters = nullptr;  // owned by context
  const bool verified = EVP_DigestVerifyInit_ex(context.get(), &parameters, info->hash_name,
                                                nullptr, nullptr, key_.get(), nullptr) == 1 &&
                        set_padding(parameters, *info) &&
                        EVP_DigestVerify(context.get(), signature.data(), signature.size(),
                                         data_or_dummy(message), message.size()) == 1;
  if (!verified) ERR_clear_error();
  return verified;
}

PrivateKey::PrivateKey(std::shared_ptr<evp_pkey_st> key, KeyType type, unsigned bits)
    : key_(std::move(key)), type_(type), bits_(bits) {}

Result<PrivateKey> PrivateKey::adopt(evp_pkey_st* key) {
  if (key == nullptr) return Cause::no_usable_certificate;
  const std::optional<Kind> kind = classify(key);
  if (!kind) return failure(Cause::no_usable_certificate);
  return PrivateKey(share(key), kind->type, kind->bits);
}

Result<PrivateKey> PrivateKey::from_der(Bytes der) {
  const std::uint8_t* next = der.data();
  const KeyPointer key(
      d2i_AutoPrivateKey_ex(nullptr, &next, static_cast<long>(der.size()), nullptr, nullptr));
  if (!key || next != der.data() + der.size()) return failure(Cause::no_usable_certificate);
  // The decoder tries several forms and leaves the refusals behind even when one fits.
  ERR_clear_error();
  return adopt(key.get());
}

Result<PrivateKey> PrivateKey::generate(KeyType type, unsigned bits) {
  EVP_PKEY* key = nullptr;
  switch (type) {
    case KeyType::rsa:
      key = EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", static_cast<std::size_t>(bits));
      break;
    case KeyType::rsa_pss: {
      // EVP_PKEY_Q_keygen does not know the size parameter of this one.
      const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA-PSS", nullptr));
      if (context && EVP_PKEY_keygen_init(context.get()) == 1 &&
          EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), static_cast<int>(bits)) == 1) {
        EVP_PKEY_generate(context.get(), &key);
      }
      break;
    }
    case KeyType::ecdsa_p256:
      key = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256");
      break;
    case KeyType::ecdsa_p384:
      key = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-384");
      break;
    case KeyType::ecdsa_p521:
      key = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-521");
      break;
    case KeyType::ed25519:
      key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
      break;
  }
  const KeyPointer owned(key);
  if (!owned) return failure(Cause::internal_error);
  return adopt(owned.get());
}

Result<Buffer> PrivateKey::sign(SignatureScheme scheme, Bytes message) const {
  const SchemeInfo* const info = find(scheme);
  if (info == nullptr || !fits(type_, bits_, scheme)) return Cause::internal_error;
  const DigestContext context(EVP_MD_CTX_new());
  require(context != nullptr);
  EVP_PKEY_CTX* parameters = nullptr;  // owned by context
  Buffer signature(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())));
  std::size_t size = signature.size();
  if (EVP_DigestSignInit_ex(context.get(), &parameters, info->hash_name, nullptr, nullptr,
                            key_.get(), nullptr) != 1 ||
      !set_padding(parameters, *info) ||
      EVP_DigestSign(context.get(), signature.data(), &size, data_or_dummy(message),
                     message.size()) != 1) {
    return failure(Cause::internal_error);
  }
  signature.resize(size);  // DER lengths vary for ecdsa
  return signature;
}

bool PrivateKey::matches_certificate(Bytes der) const {
  const Certificate certificate = parse_certificate(der);
  const EVP_PKEY* const key = certificate ? X509_get0_pubkey(certificate.get()) : nullptr;
  const bool matches = key != nullptr && EVP_PKEY_eq(key, key_.get()) == 1;
  if (!matches) ERR_clear_error();
  return matches;
}

}  // namespace schannel::crypto
