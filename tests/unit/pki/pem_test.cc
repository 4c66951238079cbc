#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "pki/import.h"
#include "unit/pki/certificate_builder.h"

namespace schannel::pki {
namespace {

using testing::Chain;
using testing::make_chain;
using testing::make_party;
using testing::Party;

using Imports = Answer<std::shared_ptr<Store>>;

constexpr auto kNotFound = static_cast<DWORD>(CRYPT_E_NOT_FOUND);
constexpr auto kBadEncode = static_cast<DWORD>(CRYPT_E_BAD_ENCODE);
constexpr auto kWrongKey = static_cast<DWORD>(NTE_BAD_PUBLIC_KEY);

Imports import_text(const std::string& certificates, const Password& password = {}) {
  return import_pem({as_bytes(certificates), "both.pem"}, nullptr, password);
}

Imports import_texts(const std::string& certificates, const std::string& key,
                     const Password& password = {}) {
  const PemSource source{as_bytes(key), "key.pem"};
  return import_pem({as_bytes(certificates), "cert.pem"}, &source, password);
}

DWORD error_of(const Imports& answer) { return answer ? 0 : answer.error().code; }

bool detail_has(const std::string& part) {
  return std::string(error_detail()).find(part) != std::string::npos;
}

std::vector<Buffer> encodings_in(const Store& store) {
  std::vector<Buffer> out;
  std::uint64_t position = 0;
  while (const auto certificate = store.next(position)) {
    out.push_back(to_buffer(certificate->decoded().der()));
    position = certificate->position();
  }
  return out;
}

std::string pem_of(const std::function<int(BIO*)>& write) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  EXPECT_EQ(write(bio.get()), 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string encrypted_pkcs8(EVP_PKEY* key, const std::string& password,
                            const EVP_CIPHER* cipher = EVP_aes_256_cbc()) {
  return pem_of([&](BIO* bio) {
    return PEM_write_bio_PKCS8PrivateKey(bio, key, cipher, password.data(),
                                         static_cast<int>(password.size()), nullptr, nullptr);
  });
}

std::string traditional(EVP_PKEY* key, const std::string& password = {},
                        const EVP_CIPHER* cipher = nullptr) {
  return pem_of([&](BIO* bio) {
    std::vector<unsigned char> bytes(password.begin(), password.end());
    return PEM_write_bio_PrivateKey_traditional(bio, key, cipher, cipher ? bytes.data() : nullptr,
                                                cipher ? static_cast<int>(bytes.size()) : 0,
                                                nullptr, nullptr);
  });
}

TEST(Pem, chain_and_key_in_two_texts) {
  const Chain chain = make_chain();
  const auto store = import_texts(
      chain.leaf.certificate_pem() + chain.intermediate.certificate_pem(), chain.leaf.key_pem());
  ASSERT_TRUE(store) << error_detail();
  EXPECT_EQ(encodings_in(**store),
            (std::vector<Buffer>{chain.leaf.der(), chain.intermediate.der()}));
  EXPECT_TRUE((*store)->next(0)->key()->matches_certificate(chain.leaf.der()));
}

TEST(Pem, everything_in_one_text_in_any_order_with_words_between) {
  const Chain chain = make_chain();
  const std::string text = "subject=/CN=whatever\n" + chain.leaf.key_pem() + "\n\n# root\n" +
                           chain.root.certificate_pem() + "junk\n" + chain.leaf.certificate_pem() +
                           chain.intermediate.certificate_pem() + "the end";
  const auto store = import_text(text);
  ASSERT_TRUE(store) << error_detail();
  // The one with the key first, all others as they come.
  EXPECT_EQ(encodings_in(**store),
            (std::vector<Buffer>{chain.leaf.der(), chain.root.der(), chain.intermediate.der()}));
  EXPECT_TRUE((*store)->next(0)->key());
}

TEST(Pem, certificates_without_a_key_are_a_store_of_certificates) {
  const Chain chain = make_chain();
  const auto store =
      import_text(chain.root.certificate_pem() + chain.intermediate.certificate_pem());
  ASSERT_TRUE(store);
  EXPECT_EQ(encodings_in(**store),
            (std::vector<Buffer>{chain.root.der(), chain.intermediate.der()}));
  EXPECT_FALSE((*store)->next(0)->key());
}

TEST(Pem, every_form_of_key) {
  for (const char* kind : {"P-256", "P-384", "P-521", "RSA", "ED25519"}) {
    const std::string name = kind;
    const Party leaf = make_party({}, nullptr,
                                  name == "RSA"       ? testing::make_rsa_key(2048)
                                  : name == "ED25519" ? testing::make_ed25519_key()
                                                      : testing::make_ec_key(kind));
    const std::string certificate = leaf.certificate_pem();
    EXPECT_TRUE(import_texts(certificate, leaf.key_pem())) << name;
    EXPECT_TRUE(import_texts(certificate, encrypted_pkcs8(leaf.key.get(), "pw"), "pw")) << name;
    EXPECT_TRUE(
        import_texts(certificate, encrypted_pkcs8(leaf.key.get(), "pw", EVP_des_ede3_cbc()), "pw"))
        << name;
    if (name == "ED25519") continue;  // has PKCS#8 only
    EXPECT_TRUE(import_texts(certificate, traditional(leaf.key.get()))) << name;
    EXPECT_TRUE(
        import_texts(certificate, traditional(leaf.key.get(), "pw", EVP_aes_128_cbc()), "pw"))
        << name;
    EXPECT_TRUE(
        import_texts(certificate, traditional(leaf.key.get(), "pw", EVP_des_ede3_cbc()), "pw"))
        << name;
  }
}

TEST(Pem, parameters_before_an_ec_key_are_passed_over) {
  const Party leaf = make_party({});
  const std::string parameters =
      "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
  EXPECT_TRUE(import_texts(leaf.certificate_pem(), parameters + traditional(leaf.key.get())));
}

TEST(Pem, trusted_certificate_of_openssl_is_a_certificate) {
  const Party leaf = make_party({});
  const std::string text =
      pem_of([&](BIO* bio) { return PEM_write_bio_X509_AUX(bio, leaf.certificate.get()); });
  ASSERT_NE(text.find("TRUSTED"), std::string::npos);
  const auto store = import_text(text);
  ASSERT_TRUE(store);
  EXPECT_EQ(encodings_in(**store), std::vector<Buffer>{leaf.der()});
}

TEST(Pem, wrong_or_missing_password_never_asks_at_the_terminal) {
  const Party leaf = make_party({});
  for (const std::string& key : {encrypted_pkcs8(leaf.key.get(), "pw"),
                                 traditional(leaf.key.get(), "pw", EVP_aes_256_cbc())}) {
    EXPECT_EQ(error_of(import_texts(leaf.certificate_pem(), key)), DWORD{ERROR_INVALID_PASSWORD});
    EXPECT_EQ(error_of(import_texts(leaf.certificate_pem(), key, "")),
              DWORD{ERROR_INVALID_PASSWORD});
    // A wrong one now and then leaves padding that looks right: it must never show.
    for (int i = 0; i < 600; ++i) {
      ASSERT_EQ(error_of(import_texts(leaf.certificate_pem(), key, std::to_string(i))),
                DWORD{ERROR_INVALID_PASSWORD});
      if (key.find("ENCRYPTED PRIVATE") != std::string::npos && i == 20) break;  // slow on purpose
    }
    EXPECT_TRUE(detail_has("key.pem, PEM block 1"));
    EXPECT_TRUE(detail_has("password"));
    EXPECT_FALSE(detail_has("20:"));  // what was tried is not shown
  }
}

TEST(Pem, password_that_is_not_needed_is_ignored) {
  const Party leaf = make_party({});
  EXPECT_TRUE(import_texts(leaf.certificate_pem(), leaf.key_pem(), "pw"));
}

TEST(Pem, key_of_another_certificate_is_refused) {
  const Party leaf = make_party({});
  const Party other = make_party({});
  EXPECT_EQ(error_of(import_texts(leaf.certificate_pem(), other.key_pem())), kWrongKey);
  EXPECT_TRUE(detail_has("key.pem"));
  EXPECT_TRUE(detail_has("cert.pem"));
  EXPECT_EQ(error_of(import_text(leaf.certificate_pem() + other.key_pem())), kWrongKey);
}

TEST(Pem, what_is_missing_is_named) {
  const Party leaf = make_party({});
  EXPECT_EQ(error_of(import_text("")), kNotFound);
  EXPECT_EQ(error_of(import_text("no PEM at all")), kNotFound);
  EXPECT_TRUE(detail_has("both.pem"));
  EXPECT_EQ(error_of(import_text(leaf.key_pem())), kNotFound);
  EXPECT_EQ(error_of(import_texts(leaf.certificate_pem(), "")), kNotFound);
  EXPECT_TRUE(detail_has("key.pem"));
  EXPECT_EQ(error_of(import_texts(leaf.certificate_pem(), leaf.certificate_pem())), kNotFound);
}

TEST(Pem, damaged_blocks_are_named) {
  const Party leaf = make_party({});
  std::string text = leaf.certificate_pem();
  text.replace(text.find('\n') + 10, 1, "!");
  EXPECT_EQ(error_of(import_text(leaf.certificate_pem() + text)), kBadEncode);
  EXPECT_TRUE(detail_has("block 2"));

  const std::string cut = leaf.certificate_pem().substr(0, 200);
  EXPECT_EQ(error_of(import_text(cut)), kBadEncode);

  const std::string wrong_content =
      "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  EXPECT_EQ(error_of(import_text(wrong_content)), static_cast<DWORD>(CRYPT_E_ASN1_BADTAG));
  EXPECT_TRUE(detail_has("block 1 (CERTIFICATE)"));

  for (const char* label :
       {"PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY"}) {
    const std::string key =
        std::string("-----BEGIN ") + label + "-----\nMAAA\n-----END " + label + "-----\n";
    EXPECT_EQ(error_of(import_texts(leaf.certificate_pem(), key, "pw")), kBadEncode) << label;
    EXPECT_TRUE(detail_has(label));
  }
}

TEST(Pem, key_that_tls_does_not_use_is_not_supported) {
  const Party leaf = make_party({}, nullptr, testing::make_ec_key("secp256k1"));
  EXPECT_EQ(error_of(import_texts(leaf.certificate_pem(), leaf.key_pem())),
            DWORD{ERROR_NOT_SUPPORTED});
}

TEST(Pem, every_truncation_ends_without_a_crash) {
  const Party leaf = make_party({});
  const std::string text =
      leaf.certificate_pem() + traditional(leaf.key.get(), "pw", EVP_aes_128_cbc());
  ASSERT_TRUE(import_text(text, "pw"));
  const std::size_t certificate_size = leaf.certificate_pem().size();
  for (std::size_t size = 0; size < text.size() - 1; ++size) {
    const auto store = import_text(text.substr(0, size), "pw");
    // With the whole first block and nothing of the second it is a store without a key.
    EXPECT_TRUE(!store || size >= certificate_size - 1) << size;
  }
}

class PemFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = ::testing::TempDir() + "pem-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  std::string path(const char* name) const { return (directory_ / name).string(); }
  std::string write(const char* name, const std::string& text) const {
    std::ofstream(directory_ / name) << text;
    return path(name);
  }

  std::filesystem::path directory_;
};

TEST_F(PemFiles, are_read) {
  const Party leaf = make_party({});
  const std::string certificate = write("cert.pem", leaf.certificate_pem());
  const std::string key = write("key.pem", leaf.key_pem());
  chmod(key.c_str(), 0644);  // who may read it is the caller's business
  EXPECT_TRUE(import_pem_files(certificate.c_str(), key.c_str(), {}));
  const std::string both = write("both.pem", leaf.certificate_pem() + leaf.key_pem());
  const auto store = import_pem_files(both.c_str(), nullptr, {});
  ASSERT_TRUE(store);
  EXPECT_TRUE((*store)->next(0)->key());
}

TEST_F(PemFiles, that_cannot_be_read_are_named) {
  const Party leaf = make_party({});
  const std::string good = write("cert.pem", leaf.certificate_pem());
  EXPECT_EQ(error_of(import_pem_files(path("none.pem").c_str(), nullptr, {})),
            DWORD{ERROR_FILE_NOT_FOUND});
  EXPECT_TRUE(detail_has("none.pem"));
  EXPECT_EQ(error_of(import_pem_files(good.c_str(), path("none.key").c_str(), {})),
            DWORD{ERROR_FILE_NOT_FOUND});
  EXPECT_TRUE(detail_has("none.key"));
  EXPECT_EQ(error_of(import_pem_files((good + "/x").c_str(), nullptr, {})),
            DWORD{ERROR_PATH_NOT_FOUND});
  EXPECT_EQ(error_of(import_pem_files(directory_.c_str(), nullptr, {})), DWORD{ERROR_READ_FAULT});
  EXPECT_EQ(error_of(import_pem_files("", nullptr, {})), DWORD{ERROR_FILE_NOT_FOUND});
  if (geteuid() != 0) {
    chmod(good.c_str(), 0);
    EXPECT_EQ(error_of(import_pem_files(good.c_str(), nullptr, {})), DWORD{ERROR_ACCESS_DENIED});
  }
}

TEST_F(PemFiles, have_a_limit) {
  const Party leaf = make_party({});
  const std::string pem = leaf.certificate_pem();
  const std::string just = write("just.pem", pem + std::string(kPemBytesMax - pem.size(), '\n'));
  EXPECT_TRUE(import_pem_files(just.c_str(), nullptr, {}));
  const std::string more =
      write("more.pem", pem + std::string(kPemBytesMax - pem.size() + 1, '\n'));
  EXPECT_EQ(error_of(import_pem_files(more.c_str(), nullptr, {})), DWORD{ERROR_READ_FAULT});
  EXPECT_EQ(error_of(import_pem_files("/dev/zero", nullptr, {})), DWORD{ERROR_READ_FAULT});
}

}  // namespace
}  // namespace schannel::pki
