#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "pki/identity.h"
#include "pki/import.h"
#include "pki/references.h"
#include "unit/pki/certificate_builder.h"

namespace schannel::pki {
namespace {

using testing::Chain;
using testing::make_chain;
using testing::make_party;
using testing::make_pfx;
using testing::Party;

constexpr int kMacLikeOldWindows = 2000;

std::vector<Buffer> encodings_in(const Store& store) {
  std::vector<Buffer> out;
  std::uint64_t position = 0;
  while (const auto certificate = store.next(position)) {
    out.push_back(to_buffer(certificate->decoded().der()));
    position = certificate->position();
  }
  return out;
}

DWORD error_of(const Answer<std::shared_ptr<Store>>& answer) {
  return answer ? 0 : answer.error().code;
}

constexpr auto kBadEncode = static_cast<DWORD>(CRYPT_E_BAD_ENCODE);

TEST(Pfx, modern_file_gives_the_leaf_with_its_key_and_then_the_chain) {
  const Chain chain = make_chain();
  const Buffer pfx = make_pfx(chain.leaf, {&chain.root, &chain.intermediate}, "secret");
  const auto store = import_pfx(pfx, "secret");
  ASSERT_TRUE(store);
  EXPECT_EQ(encodings_in(**store),
            (std::vector<Buffer>{chain.leaf.der(), chain.root.der(), chain.intermediate.der()}));
  const auto leaf = (*store)->next(0);
  ASSERT_TRUE(leaf->key());
  EXPECT_TRUE(leaf->key()->matches_certificate(chain.leaf.der()));
  EXPECT_FALSE((*store)->next(leaf->position())->key());
}

TEST(Pfx, every_old_encryption_opens) {
  if (!import_library().has_legacy) GTEST_SKIP() << "OpenSSL's legacy provider is not installed";
  const Chain chain = make_chain();
  for (const int key : {NID_pbe_WithSHA1And3_Key_TripleDES_CBC, NID_pbe_WithSHA1And40BitRC2_CBC,
                        NID_pbe_WithSHA1And128BitRC2_CBC, NID_pbe_WithSHA1And128BitRC4, -1}) {
    for (const int certificates :
         {NID_pbe_WithSHA1And40BitRC2_CBC, NID_pbe_WithSHA1And3_Key_TripleDES_CBC, -1}) {
      const Buffer pfx = make_pfx(chain.leaf, {&chain.intermediate}, "pass", key, certificates,
                                  kMacLikeOldWindows, 1);
      const auto store = import_pfx(pfx, "pass");
      ASSERT_TRUE(store) << key << ' ' << certificates << ' ' << error_detail();
      EXPECT_TRUE((*store)->next(0)->key());
      EXPECT_EQ(encodings_in(**store).size(), 2U);
      EXPECT_EQ(error_of(import_pfx(pfx, "wrong")), DWORD{ERROR_INVALID_PASSWORD});
    }
  }
}

TEST(Pfx, every_kind_of_key_is_there_afterwards) {
  for (const char* kind : {"P-256", "P-384", "P-521", "RSA", "ED25519"}) {
    const std::string name = kind;
    const Party leaf = make_party({}, nullptr,
                                  name == "RSA"       ? testing::make_rsa_key(2048)
                                  : name == "ED25519" ? testing::make_ed25519_key()
                                                      : testing::make_ec_key(kind));
    const auto store = import_pfx(make_pfx(leaf, {}, "x"), "x");
    ASSERT_TRUE(store) << name;
    ASSERT_TRUE((*store)->next(0)->key()) << name;
    const auto scheme = name == "RSA"       ? SignatureScheme::rsa_pss_rsae_sha256
                        : name == "ED25519" ? SignatureScheme::ed25519
                        : name == "P-256"   ? SignatureScheme::ecdsa_secp256r1_sha256
                        : name == "P-384"   ? SignatureScheme::ecdsa_secp384r1_sha384
                                            : SignatureScheme::ecdsa_secp521r1_sha512;
    const auto signature = (*store)->next(0)->key()->sign(scheme, as_bytes("message"));
    ASSERT_TRUE(signature) << name;
    const auto key = crypto::PublicKey::of_certificate(leaf.der());
    ASSERT_TRUE(key);
    EXPECT_TRUE(key->verify(scheme, as_bytes("message"), *signature)) << name;
  }
}

TEST(Pfx, kind_of_key_that_tls_does_not_use_is_named) {
  const Party leaf = make_party({}, nullptr, testing::make_ec_key("secp256k1"));
  const auto store = import_pfx(make_pfx(leaf, {}, "x"), "x");
  EXPECT_EQ(error_of(store), DWORD{ERROR_NOT_SUPPORTED});
  EXPECT_NE(std::string(error_detail()).find("P-256"), std::string::npos);
}

TEST(Pfx, wrong_password_is_an_error_of_its_own) {
  const Party leaf = make_party({});
  const Buffer pfx = make_pfx(leaf, {}, "secret");
  for (const Password& wrong :
       {Password("Secret"), Password("secret "), Password(""), Password(), Password("s")}) {
    EXPECT_EQ(error_of(import_pfx(pfx, wrong)), DWORD{ERROR_INVALID_PASSWORD});
    EXPECT_FALSE(verify_pfx_password(pfx, wrong));
  }
  EXPECT_TRUE(verify_pfx_password(pfx, "secret"));
}

TEST(Pfx, missing_and_empty_password_stand_for_each_other) {
  const Party leaf = make_party({});
  for (const char* made_with : {static_cast<const char*>(nullptr), ""}) {
    const Buffer pfx = make_pfx(leaf, {}, made_with);
    EXPECT_TRUE(import_pfx(pfx, std::nullopt)) << (made_with ? "empty" : "none");
    EXPECT_TRUE(import_pfx(pfx, "")) << (made_with ? "empty" : "none");
    EXPECT_FALSE(import_pfx(pfx, "x"));
  }
}

TEST(Pfx, password_of_other_letters_works) {
  const Party leaf = make_party({});
  const std::string password = "p\xC3\xA4ssw\xC3\xB6rd \xE2\x82\xAC";
  EXPECT_TRUE(import_pfx(make_pfx(leaf, {}, password.c_str()), password));
  if (import_library().has_legacy) {
    EXPECT_TRUE(
        import_pfx(make_pfx(leaf, {}, password.c_str(), NID_pbe_WithSHA1And3_Key_TripleDES_CBC,
                            NID_pbe_WithSHA1And40BitRC2_CBC),
                   password));
  }
}

TEST(Pfx, file_without_integrity_check_opens_by_its_encryption) {
  const Party leaf = make_party({});
  const Buffer pfx = make_pfx(leaf, {}, "x", 0, 0, 0, -1);
  EXPECT_TRUE(import_pfx(pfx, "x"));
  EXPECT_EQ(error_of(import_pfx(pfx, "y")), DWORD{ERROR_INVALID_PASSWORD});
  EXPECT_TRUE(verify_pfx_password(pfx, "x"));
  EXPECT_FALSE(verify_pfx_password(pfx, "y"));
}

TEST(Pfx, friendly_name_becomes_a_property) {
  const Party leaf = make_party({});
  const auto store = import_pfx(make_pfx(leaf, {}, "x", 0, 0, 0, 0, "my server"), "x");
  ASSERT_TRUE(store);
  const auto name = (*store)->next(0)->property(CERT_FRIENDLY_NAME_PROP_ID);
  ASSERT_TRUE(name);
  std::wstring text(name->size() / sizeof(wchar_t), L'\0');
  std::memcpy(text.data(), name->data(), name->size());
  EXPECT_EQ(text, std::wstring(L"my server\0", 10));
}

TEST(Pfx, garbage_is_no_pfx) {
  for (const Buffer& garbage :
       {Buffer(), Buffer{0x30}, Buffer{0x30, 0x00}, Buffer(1000, 0x30), Buffer(1000, 0xFF),
        make_party({}).der(), to_buffer(as_bytes("-----BEGIN CERTIFICATE-----"))}) {
    EXPECT_FALSE(is_pfx(garbage));
    EXPECT_EQ(error_of(import_pfx(garbage, "x")), kBadEncode);
    EXPECT_FALSE(verify_pfx_password(garbage, "x"));
  }
}

TEST(Pfx, every_truncation_is_refused) {
  const Chain chain = make_chain();
  const Buffer pfx = make_pfx(chain.leaf, {&chain.intermediate}, "x");
  EXPECT_TRUE(is_pfx(pfx));
  for (std::size_t size = 0; size < pfx.size(); ++size) {
    const Bytes part = Bytes(pfx).first(size);
    ASSERT_EQ(error_of(import_pfx(part, "x")), kBadEncode) << size;
  }
}

TEST(Pfx, no_changed_byte_crashes) {
  const Party leaf = make_party({});
  // With the integrity check most changes end there; without, the contents are reached.
  for (const int mac_iterations : {1, -1}) {
    const Buffer pfx = make_pfx(leaf, {}, "x", -1, -1, 1, mac_iterations);
    std::size_t imported = 0;
    for (std::size_t i = 0; i < pfx.size(); ++i) {
      for (const unsigned flip : {0x01U, 0x80U}) {
        Buffer changed = pfx;
        changed[i] = static_cast<std::uint8_t>(changed[i] ^ flip);
        if (import_pfx(changed, "x")) ++imported;
      }
    }
    // The check covers all but a few bytes of the frame around it.
    EXPECT_LT(imported, mac_iterations < 0 ? 2 * pfx.size() : 40);
  }
}

TEST(Pfx, senseless_iteration_counts_are_refused_at_once) {
  const Party leaf = make_party({});
  const int too_many = static_cast<int>(kIterationCountMax) + 1;
  // Such a file takes seconds to make: one count is changed in the encoding instead.
  const Buffer marker{0x02, 0x03, 0x01, 0x00, 0x01};  // INTEGER 65537
  for (const bool in_mac : {true, false}) {
    Buffer pfx = make_pfx(leaf, {}, "x", 0, 0, in_mac ? 1 : 65537, in_mac ? 65537 : -1);
    auto found = std::search(pfx.begin(), pfx.end(), marker.begin(), marker.end());
    ASSERT_NE(found, pfx.end());
    found[2] = static_cast<std::uint8_t>(too_many >> 16);
    found[3] = static_cast<std::uint8_t>(too_many >> 8);
    found[4] = static_cast<std::uint8_t>(too_many);
    EXPECT_EQ(error_of(import_pfx(pfx, "x")), kBadEncode) << in_mac;
  }
}

TEST(Pfx, identity_is_the_chain_without_the_root_unless_asked_for) {
  const Chain chain = make_chain();
  const auto store = import_pfx(make_pfx(chain.leaf, {&chain.root, &chain.intermediate}, "x"), "x");
  ASSERT_TRUE(store);
  const PCCERT_CONTEXT context = give_reference((*store)->next(0), *store);
  const auto identity = identity_of(context, false);
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->chain, (std::vector<Buffer>{chain.leaf.der(), chain.intermediate.der()}));
  const auto with_root = identity_of(context, true);
  ASSERT_TRUE(with_root);
  EXPECT_EQ(with_root->chain,
            (std::vector<Buffer>{chain.leaf.der(), chain.intermediate.der(), chain.root.der()}));
  release(context);
  EXPECT_TRUE(identity->key.matches_certificate(chain.leaf.der()));  // keeps nothing of the context
}

}  // namespace
}  // namespace schannel::pki
