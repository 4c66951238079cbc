#include "crypto/signature.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <set>

#include "unit/crypto/error_queue.h"

namespace schannel::crypto {
namespace {

constexpr KeyType kTypes[] = {KeyType::rsa,        KeyType::rsa_pss,    KeyType::ecdsa_p256,
                              KeyType::ecdsa_p384, KeyType::ecdsa_p521, KeyType::ed25519};

constexpr SignatureScheme kSchemes[] = {
    SignatureScheme::rsa_pkcs1_sha1,      SignatureScheme::ecdsa_sha1,
    SignatureScheme::rsa_pkcs1_sha256,    SignatureScheme::ecdsa_secp256r1_sha256,
    SignatureScheme::rsa_pkcs1_sha384,    SignatureScheme::ecdsa_secp384r1_sha384,
    SignatureScheme::rsa_pkcs1_sha512,    SignatureScheme::ecdsa_secp521r1_sha512,
    SignatureScheme::rsa_pss_rsae_sha256, SignatureScheme::rsa_pss_rsae_sha384,
    SignatureScheme::rsa_pss_rsae_sha512, SignatureScheme::ed25519,
    SignatureScheme::rsa_pss_pss_sha256,  SignatureScheme::rsa_pss_pss_sha384,
    SignatureScheme::rsa_pss_pss_sha512,  static_cast<SignatureScheme>(0x0808),  // ed448
    static_cast<SignatureScheme>(0x0000), static_cast<SignatureScheme>(0xffff),
};

// RFC 8446 section 4.2.3, written down a second time: which schemes are whose. The ecdsa ones are
// given with their curve; in TLS 1.2 each is every curve's.
const std::set<SignatureScheme>& schemes_of(KeyType type) {
  static const std::set<SignatureScheme> rsa = {
      SignatureScheme::rsa_pkcs1_sha256,    SignatureScheme::rsa_pkcs1_sha384,
      SignatureScheme::rsa_pkcs1_sha512,    SignatureScheme::rsa_pss_rsae_sha256,
      SignatureScheme::rsa_pss_rsae_sha384, SignatureScheme::rsa_pss_rsae_sha512};
  static const std::set<SignatureScheme> rsa_pss = {SignatureScheme::rsa_pss_pss_sha256,
                                                    SignatureScheme::rsa_pss_pss_sha384,
                                                    SignatureScheme::rsa_pss_pss_sha512};
  static const std::set<SignatureScheme> p256 = {SignatureScheme::ecdsa_secp256r1_sha256};
  static const std::set<SignatureScheme> p384 = {SignatureScheme::ecdsa_secp384r1_sha384};
  static const std::set<SignatureScheme> p521 = {SignatureScheme::ecdsa_secp521r1_sha512};
  static const std::set<SignatureScheme> ed25519 = {SignatureScheme::ed25519};
  switch (type) {
    case KeyType::rsa:
      return rsa;
    case KeyType::rsa_pss:
      return rsa_pss;
    case KeyType::ecdsa_p256:
      return p256;
    case KeyType::ecdsa_p384:
      return p384;
    case KeyType::ecdsa_p521:
      return p521;
    case KeyType::ed25519:
      break;
  }
  return ed25519;
}

bool is_ecdsa(KeyType type) {
  return type == KeyType::ecdsa_p256 || type == KeyType::ecdsa_p384 || type == KeyType::ecdsa_p521;
}

bool fits(KeyType type, SignatureScheme scheme, bool exact_curve) {
  if (is_ecdsa(type) && !exact_curve) {
    return schemes_of(KeyType::ecdsa_p256).count(scheme) != 0 ||
           schemes_of(KeyType::ecdsa_p384).count(scheme) != 0 ||
           schemes_of(KeyType::ecdsa_p521).count(scheme) != 0;
  }
  return schemes_of(type).count(scheme) != 0;
}

// A certificate for `subject_key`, as DER, signed with `issuer_key`.
Buffer certificate_for(EVP_PKEY* subject_key, EVP_PKEY* issuer_key) {
  X509* const certificate = X509_new();
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  EXPECT_EQ(X509_set_pubkey(certificate, subject_key), 1);
  EXPECT_GT(X509_sign(certificate, issuer_key, EVP_sha256()), 0);
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate, &der);
  Buffer out(der, der + size);
  OPENSSL_free(der);
  X509_free(certificate);
  return out;
}

const PrivateKey& key_of(KeyType type) {
  static std::map<KeyType, PrivateKey> keys;
  const auto found = keys.find(type);
  if (found != keys.end()) return found->second;
  Result<PrivateKey> key = PrivateKey::generate(type);
  EXPECT_TRUE(key);
  return keys.emplace(type, std::move(*key)).first->second;
}

Buffer certificate_for(const PrivateKey& key) {
  return certificate_for(key.native(), key_of(KeyType::ecdsa_p256).native());
}

PublicKey public_of(const PrivateKey& key) {
  Result<PublicKey> public_key = PublicKey::of_certificate(certificate_for(key));
  EXPECT_TRUE(public_key);
  return std::move(*public_key);
}

Cause cause_of_certificate(Bytes der) {
  const Result<PublicKey> key = PublicKey::of_certificate(der);
  EXPECT_FALSE(key);
  return key ? Cause::internal_error : key.error().cause;
}

const Buffer kMessage = to_buffer(as_bytes("what the transcript hash is signed in"));

using Signature = CleanErrorQueue;

TEST_F(Signature, can_sign_is_the_table_of_rfc_8446) {
  for (const KeyType type : kTypes) {
    const PrivateKey& key = key_of(type);
    EXPECT_EQ(key.type(), type);
    for (const SignatureScheme scheme : kSchemes) {
      for (const bool exact_curve : {false, true}) {
        EXPECT_EQ(can_sign(type, key.bits(), scheme, exact_curve), fits(type, scheme, exact_curve))
            << "type " << static_cast<int>(type) << " scheme " << static_cast<int>(scheme);
      }
    }
  }
}

TEST_F(Signature, every_key_signs_and_verifies_its_schemes_and_no_other) {
  for (const KeyType type : kTypes) {
    const PrivateKey& key = key_of(type);
    const PublicKey public_key = public_of(key);
    EXPECT_EQ(public_key.type(), type);
    EXPECT_EQ(public_key.bits(), key.bits());
    for (const SignatureScheme scheme : kSchemes) {
      SCOPED_TRACE(testing::Message() << "type " << static_cast<int>(type) << " scheme 0x"
                                      << std::hex << static_cast<int>(scheme));
      const Result<Buffer> signature = key.sign(scheme, kMessage);
      ASSERT_EQ(static_cast<bool>(signature), fits(type, scheme, false));
      if (!signature) {
        EXPECT_EQ(signature.error().cause, Cause::internal_error);
        continue;
      }
      // Only the scheme it was made with says yes, out of all there are.
      for (const SignatureScheme claimed : kSchemes) {
        EXPECT_EQ(public_key.verify(claimed, kMessage, *signature), claimed == scheme)
            << "claimed 0x" << std::hex << static_cast<int>(claimed);
      }
      for (const KeyType other : kTypes) {
        if (other == type) continue;
        EXPECT_FALSE(public_of(key_of(other)).verify(scheme, kMessage, *signature));
      }
    }
  }
}

TEST_F(Signature, a_changed_message_or_signature_does_not_verify) {
  for (const KeyType type : kTypes) {
    const PrivateKey& key = key_of(type);
    const PublicKey public_key = public_of(key);
    const SignatureScheme scheme = *schemes_of(type).begin();
    const Result<Buffer> made = key.sign(scheme, kMessage);
    ASSERT_TRUE(made);
    const Buffer signature = *made;
    EXPECT_TRUE(public_key.verify(scheme, kMessage, signature));

    EXPECT_FALSE(public_key.verify(scheme, {}, signature));
    Buffer message = kMessage;
    message.back() ^= 1;
    EXPECT_FALSE(public_key.verify(scheme, message, signature));
    for (std::size_t at = 0; at < signature.size(); ++at) {
      Buffer changed = signature;
      changed[at] ^= 0x04;
      EXPECT_FALSE(public_key.verify(scheme, kMessage, changed))
          << "type " << static_cast<int>(type) << " at " << at;
    }
    for (std::size_t size = 0; size < signature.size(); ++size) {
      EXPECT_FALSE(public_key.verify(scheme, kMessage, Bytes(signature).first(size)));
    }
    Buffer longer = signature;
    longer.push_back(0);
    EXPECT_FALSE(public_key.verify(scheme, kMessage, longer)) << static_cast<int>(type);
  }
}

TEST_F(Signature, an_empty_message_can_be_signed) {
  for (const KeyType type : kTypes) {
    const SignatureScheme scheme = *schemes_of(type).begin();
    const Result<Buffer> signature = key_of(type).sign(scheme, {});
    ASSERT_TRUE(signature);
    EXPECT_TRUE(public_of(key_of(type)).verify(scheme, {}, *signature));
  }
}

// X.690 section 10.1: the shortest form of a length is the only one in DER.
TEST_F(Signature, ecdsa_signatures_are_der_and_not_ber) {
  const PrivateKey& key = key_of(KeyType::ecdsa_p256);
  const PublicKey public_key = public_of(key);
  constexpr SignatureScheme kScheme = SignatureScheme::ecdsa_secp256r1_sha256;
  const Result<Buffer> signature = key.sign(kScheme, kMessage);
  ASSERT_TRUE(signature);
  ASSERT_TRUE(public_key.verify(kScheme, kMessage, *signature));
  Buffer long_length = *signature;
  long_length.insert(long_length.begin() + 1, 0x81);
  EXPECT_FALSE(public_key.verify(kScheme, kMessage, long_length));
  Buffer padded = *signature;  // a zero in front of r, which is positive without it
  padded.insert(padded.begin() + 4, 0x00);
  ++padded[1];
  ++padded[3];
  EXPECT_FALSE(public_key.verify(kScheme, kMessage, padded));
}

Buffer sign_pss_with_salt(const PrivateKey& key, int salt_bytes, const char* mgf1_hash) {
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  EVP_PKEY_CTX* parameters = nullptr;
  Buffer signature(static_cast<std::size_t>(EVP_PKEY_get_size(key.native())));
  std::size_t size = signature.size();
  EXPECT_EQ(EVP_DigestSignInit_ex(context, &parameters, "SHA256", nullptr, nullptr, key.native(),
                                  nullptr),
            1);
  EXPECT_EQ(EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING), 1);
  EXPECT_EQ(EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, salt_bytes), 1);
  EXPECT_EQ(EVP_PKEY_CTX_set_rsa_mgf1_md_name(parameters, mgf1_hash, nullptr), 1);
  EXPECT_EQ(EVP_DigestSign(context, signature.data(), &size, kMessage.data(), kMessage.size()), 1);
  EVP_MD_CTX_free(context);
  return signature;
}

// RFC 8446 section 4.2.3.
TEST_F(Signature, pss_salt_is_as_long_as_the_digest_and_mgf1_uses_the_same_hash) {
  const PrivateKey& key = key_of(KeyType::rsa);
  const PublicKey public_key = public_of(key);
  constexpr SignatureScheme kScheme = SignatureScheme::rsa_pss_rsae_sha256;
  EXPECT_TRUE(public_key.verify(kScheme, kMessage, sign_pss_with_salt(key, 32, "SHA256")));
  for (const int salt_bytes : {0, 20, 31, 33, 64}) {
    EXPECT_FALSE(
        public_key.verify(kScheme, kMessage, sign_pss_with_salt(key, salt_bytes, "SHA256")))
        << salt_bytes;
  }
  EXPECT_FALSE(public_key.verify(kScheme, kMessage, sign_pss_with_salt(key, 32, "SHA384")));
}

TEST_F(Signature, rsa_keys_too_small_for_the_hash_are_refused) {
  for (const KeyType type : {KeyType::rsa, KeyType::rsa_pss}) {
    const bool plain = type == KeyType::rsa;
    const SignatureScheme sha512 =
        plain ? SignatureScheme::rsa_pss_rsae_sha512 : SignatureScheme::rsa_pss_pss_sha512;
    const SignatureScheme sha384 =
        plain ? SignatureScheme::rsa_pss_rsae_sha384 : SignatureScheme::rsa_pss_pss_sha384;
    // 2 * 64 + 2 = 130 bytes; the encoded message has one bit less than the modulus.
    EXPECT_FALSE(can_sign(type, 1024, sha512, true));
    EXPECT_FALSE(can_sign(type, 130 * 8 - 7, sha512, true));
    EXPECT_TRUE(can_sign(type, 130 * 8 - 6, sha512, true));
    EXPECT_TRUE(can_sign(type, 1024, sha384, true));

    const Result<PrivateKey> key = PrivateKey::generate(type, 1024);
    ASSERT_TRUE(key);
    EXPECT_EQ(key->bits(), 1024u);
    const Result<Buffer> refused = key->sign(sha512, kMessage);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().cause, Cause::internal_error);
    EXPECT_FALSE(public_of(*key).verify(sha512, kMessage, Buffer(128, 1)));
    const Result<Buffer> signature = key->sign(sha384, kMessage);
    ASSERT_TRUE(signature);
    EXPECT_TRUE(public_of(*key).verify(sha384, kMessage, *signature));
  }
  EXPECT_TRUE(can_sign(KeyType::rsa, 1024, SignatureScheme::rsa_pkcs1_sha512, true));
}

// The boundary of the sum above, with the key that just suffices.
TEST_F(Signature, the_smallest_rsa_key_for_pss_sha512_signs) {
  const Result<PrivateKey> key = PrivateKey::generate(KeyType::rsa, 130 * 8 - 6);
  ASSERT_TRUE(key);
  const Result<Buffer> signature = key->sign(SignatureScheme::rsa_pss_rsae_sha512, kMessage);
  ASSERT_TRUE(signature);
  EXPECT_TRUE(public_of(*key).verify(SignatureScheme::rsa_pss_rsae_sha512, kMessage, *signature));
}

TEST_F(Signature, certificates_that_do_not_parse_are_malformed) {
  const Buffer der = certificate_for(key_of(KeyType::ecdsa_p256));
  EXPECT_TRUE(PublicKey::of_certificate(der));
  for (std::size_t size = 0; size < der.size(); ++size) {
    EXPECT_EQ(cause_of_certificate(Bytes(der).first(size)), Cause::certificate_malformed);
  }
  Buffer longer = der;
  longer.push_back(0);
  EXPECT_EQ(cause_of_certificate(longer), Cause::certificate_malformed);
  EXPECT_EQ(cause_of_certificate(Buffer(1000, 0x30)), Cause::certificate_malformed);
}

TEST_F(Signature, keys_tls_has_no_scheme_for_are_invalid) {
  EVP_PKEY* const issuer = key_of(KeyType::ecdsa_p256).native();
  const auto refused = [&](EVP_PKEY* key) {
    ASSERT_NE(key, nullptr);
    EXPECT_EQ(cause_of_certificate(certificate_for(key, issuer)), Cause::certificate_invalid);
    const Result<PrivateKey> adopted = PrivateKey::adopt(key);
    ASSERT_FALSE(adopted);
    EXPECT_EQ(adopted.error().cause, Cause::no_usable_certificate);
    EVP_PKEY_free(key);
  };
  refused(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{1016}));  // PROTO-29
  refused(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "secp256k1"));
  refused(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-224"));
  refused(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED448"));
  refused(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519"));
  EXPECT_FALSE(PrivateKey::adopt(nullptr));
}

TEST_F(Signature, a_curve_that_is_spelled_out_is_invalid) {
  EVP_PKEY* const key = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256");
  ASSERT_NE(key, nullptr);
  ASSERT_EQ(EVP_PKEY_set_utf8_string_param(key, "encoding", "explicit"), 1);
  EXPECT_EQ(cause_of_certificate(certificate_for(key, key)), Cause::certificate_invalid);
  EVP_PKEY_free(key);
}

Buffer encoded(int (*encode)(const EVP_PKEY*, unsigned char**), const PrivateKey& key) {
  unsigned char* der = nullptr;
  const int size = encode(key.native(), &der);
  EXPECT_GT(size, 0);
  Buffer out(der, der + size);
  OPENSSL_clear_free(der, static_cast<std::size_t>(size));
  return out;
}

Buffer pkcs8_of(const PrivateKey& key) {
  PKCS8_PRIV_KEY_INFO* const info = EVP_PKEY2PKCS8(key.native());
  unsigned char* der = nullptr;
  const int size = i2d_PKCS8_PRIV_KEY_INFO(info, &der);
  Buffer out(der, der + size);
  OPENSSL_clear_free(der, static_cast<std::size_t>(size));
  PKCS8_PRIV_KEY_INFO_free(info);
  return out;
}

TEST_F(Signature, private_keys_come_back_from_each_encoding) {
  for (const KeyType type : kTypes) {
    const PrivateKey& key = key_of(type);
    std::vector<Buffer> encodings = {pkcs8_of(key)};
    if (type == KeyType::rsa || is_ecdsa(type)) {  // PKCS#1, SEC 1
      encodings.push_back(encoded(i2d_PrivateKey, key));
      ERR_clear_error();  // what the encoder tried first
    }
    for (const Buffer& der : encodings) {
      const Result<PrivateKey> read = PrivateKey::from_der(der);
      ASSERT_TRUE(read) << static_cast<int>(type);
      EXPECT_EQ(read->type(), type);
      EXPECT_EQ(read->bits(), key.bits());
      const SignatureScheme scheme = *schemes_of(type).begin();
      const Result<Buffer> signature = read->sign(scheme, kMessage);
      ASSERT_TRUE(signature);
      EXPECT_TRUE(public_of(key).verify(scheme, kMessage, *signature));

      Buffer longer = der;
      longer.push_back(0);
      const Result<PrivateKey> refused = PrivateKey::from_der(longer);
      ASSERT_FALSE(refused);
      EXPECT_EQ(refused.error().cause, Cause::no_usable_certificate);
      EXPECT_FALSE(PrivateKey::from_der(Bytes(der).first(der.size() - 1)));
    }
  }
  EXPECT_FALSE(PrivateKey::from_der({}));
  EXPECT_FALSE(PrivateKey::from_der(Buffer(100, 0x30)));
}

TEST_F(Signature, a_key_knows_its_own_certificate) {
  for (const KeyType type : kTypes) {
    const Buffer der = certificate_for(key_of(type));
    for (const KeyType other : kTypes) {
      EXPECT_EQ(key_of(other).matches_certificate(der), other == type);
    }
    const Result<PrivateKey> same_type = PrivateKey::generate(type);
    ASSERT_TRUE(same_type);
    EXPECT_FALSE(same_type->matches_certificate(der));
  }
  EXPECT_FALSE(key_of(KeyType::rsa).matches_certificate({}));
  EXPECT_FALSE(key_of(KeyType::rsa).matches_certificate(Buffer(10, 0x30)));
}

}  // namespace
}  // namespace schannel::crypto
