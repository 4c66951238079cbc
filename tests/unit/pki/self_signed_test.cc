#include "pki/self_signed.h"

#include <gtest/gtest.h>

#include "pki/properties.h"
#include "pki/verify.h"
#include "unit/pki/certificate_builder.h"

namespace schannel::pki {
namespace {

using crypto::KeyType;
using testing::kDay;
using testing::kNow;

Result<void> verify(const Certificate& certificate, const std::string& name, Usage usage,
                    std::int64_t now = kNow) {
  const Buffer der = to_buffer(certificate.decoded().der());
  const auto anchors = TrustAnchors::of({der});
  EXPECT_TRUE(anchors);
  VerifyOptions options;
  options.usage = usage;
  options.now = now;
  options.server_name = name;
  return verify_chain({der}, *anchors, options);
}

TEST(SelfSigned, every_kind_of_key_verifies_under_every_name) {
  for (const KeyType type : {KeyType::ecdsa_p256, KeyType::ecdsa_p384, KeyType::ecdsa_p521,
                             KeyType::rsa, KeyType::ed25519}) {
    const auto made = make_self_signed(
        "localhost, *.example.com,127.0.0.1,::1,[2001:db8::1],b\xC3\xBC"
        "cher.example",
        type, 1, kNow);
    ASSERT_TRUE(made) << error_detail();
    const Certificate& certificate = **made;
    ASSERT_TRUE(certificate.key());
    EXPECT_EQ(certificate.key()->type(), type);
    EXPECT_TRUE(certificate.key()->matches_certificate(certificate.decoded().der()));
    for (const char* name : {"localhost", "a.example.com", "127.0.0.1", "::1", "2001:db8::1",
                             "xn--bcher-kva.example"}) {
      EXPECT_TRUE(verify(certificate, name, Usage::server_authentication)) << name;
      EXPECT_TRUE(verify(certificate, name, Usage::client_authentication)) << name;
    }
    EXPECT_FALSE(verify(certificate, "other", Usage::server_authentication));
  }
}

TEST(SelfSigned, is_valid_from_an_hour_ago_for_its_days) {
  const auto made = make_self_signed("localhost", KeyType::ecdsa_p256, 2, kNow);
  ASSERT_TRUE(made);
  const auto valid_at = [&made](std::int64_t now) {
    return static_cast<bool>(verify(**made, "localhost", Usage::server_authentication, now));
  };
  EXPECT_FALSE(valid_at(kNow - 3602));
  EXPECT_TRUE(valid_at(kNow - 3599));
  EXPECT_TRUE(valid_at(kNow + 2 * kDay - 1));
  EXPECT_FALSE(valid_at(kNow + 2 * kDay + 1));
}

TEST(SelfSigned, is_no_authority) {
  const auto made = make_self_signed("localhost", KeyType::ecdsa_p256, 2, kNow);
  ASSERT_TRUE(made);
  EXPECT_EQ(X509_check_ca((*made)->decoded().x509()), 0);
  EXPECT_EQ(X509_get_key_usage((*made)->decoded().x509()), std::uint32_t{KU_DIGITAL_SIGNATURE});
}

TEST(SelfSigned, serial_numbers_differ) {
  const auto one = make_self_signed("localhost", KeyType::ecdsa_p256, 2, kNow);
  const auto two = make_self_signed("localhost", KeyType::ecdsa_p256, 2, kNow);
  ASSERT_TRUE(one && two);
  EXPECT_NE(ASN1_INTEGER_cmp(X509_get0_serialNumber((*one)->decoded().x509()),
                             X509_get0_serialNumber((*two)->decoded().x509())),
            0);
}

TEST(SelfSigned, long_name_is_no_common_name) {
  const std::string label(60, 'a');
  const auto made =
      make_self_signed(label + "." + label + ".example", KeyType::ecdsa_p256, 1, kNow);
  ASSERT_TRUE(made);
  EXPECT_TRUE(verify(**made, label + "." + label + ".example", Usage::server_authentication));
}

TEST(SelfSigned, senseless_arguments_are_refused) {
  for (const char* names :
       {"", ",", "localhost,", "a b", "*", "*.*.a", "a..b", "http://a.example"}) {
    const auto made = make_self_signed(names, KeyType::ecdsa_p256, 1, kNow);
    ASSERT_FALSE(made) << names;
    EXPECT_EQ(made.error().code, static_cast<DWORD>(E_INVALIDARG)) << names;
  }
  for (const std::uint32_t days : {0U, 4'000'000U, 0x80000000U, 0xFFFFFFFFU}) {
    EXPECT_FALSE(make_self_signed("localhost", KeyType::ecdsa_p256, days, kNow)) << days;
  }
  std::string many = "a";
  for (int i = 0; i < 100; ++i) many += ",a" + std::to_string(i);
  EXPECT_FALSE(make_self_signed(many, KeyType::ecdsa_p256, 1, kNow));
}

TEST(Properties, are_computed) {
  const testing::Party party = testing::make_party({});
  Certificate certificate(DecodedCertificate::decode(party.der()), nullptr, 0, {});
  const auto size_of = [&certificate](DWORD id) {
    const auto value = property_of(certificate, id);
    return value ? value->size() : 0;
  };
  EXPECT_EQ(size_of(CERT_SHA1_HASH_PROP_ID), 20U);
  EXPECT_EQ(size_of(CERT_SHA256_HASH_PROP_ID), 32U);
  EXPECT_EQ(size_of(CERT_MD5_HASH_PROP_ID), 16U);
  EXPECT_EQ(size_of(CERT_SIGNATURE_HASH_PROP_ID), 32U);
  EXPECT_EQ(size_of(CERT_KEY_IDENTIFIER_PROP_ID), 20U);
  EXPECT_EQ(size_of(CERT_SUBJECT_PUBLIC_KEY_MD5_HASH_PROP_ID), 16U);
  EXPECT_EQ(size_of(CERT_KEY_PROV_INFO_PROP_ID), 0U);
  EXPECT_EQ(size_of(CERT_FRIENDLY_NAME_PROP_ID), 0U);

  unsigned char expected[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  X509_digest(party.certificate.get(), EVP_sha256(), expected, &length);
  EXPECT_EQ(*property_of(certificate, CERT_SHA256_HASH_PROP_ID),
            Buffer(expected, expected + length));
  // The signature hash is the hash of what the signature covers, and so checks it.
  const auto hash = property_of(certificate, CERT_SIGNATURE_HASH_PROP_ID);
  const ASN1_BIT_STRING* signature = nullptr;
  X509_get0_signature(&signature, nullptr, party.certificate.get());
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new(party.key.get(), nullptr);
  ASSERT_EQ(EVP_PKEY_verify_init(context), 1);
  EXPECT_EQ(EVP_PKEY_verify(context, signature->data, static_cast<std::size_t>(signature->length),
                            hash->data(), hash->size()),
            1);
  EVP_PKEY_CTX_free(context);
}

}  // namespace
}  // namespace schannel::pki
