#include <cstring>

#include "support/certificates.h"

namespace contract::certificates {
namespace {

Store import_pfx(const std::string& file, LPCWSTR password, DWORD flags = 0) {
  Bytes pfx = vector_file("pfx/" + file);
  CRYPT_DATA_BLOB blob = blob_of(pfx);
  return Store(PFXImportCertStore(&blob, password, flags));
}

Store import_pem(const std::string& certificates, const char* key, LPCSTR password) {
  const Bytes certificate_pem = vector_file("pfx/" + certificates);
  const Bytes key_pem = key ? vector_file(std::string("pfx/") + key) : Bytes();
  return Store(OpenSchannelImportPem(
      certificate_pem.data(), static_cast<DWORD>(certificate_pem.size()),
      key ? key_pem.data() : nullptr, static_cast<DWORD>(key_pem.size()), password));
}

Context with_key(const Store& store) {
  return Context(CertFindCertificateInStore(store.get(), X509_ASN_ENCODING, 0,
                                            CERT_FIND_HAS_PRIVATE_KEY, nullptr, nullptr));
}

std::vector<Bytes> expected_chain() {
  return certificates_of(import_pem("chain.pem", nullptr, nullptr).get());
}

TEST(Cert, CERT_28_pfx_opens_with_its_password) {
  for (const char* file : {"modern.pfx", "legacy.pfx"}) {
    const Store store = import_pfx(file, L"secret");
    ASSERT_TRUE(store) << file << ": " << GetLastError() << ' ' << OpenSchannelErrorDetail();
    EXPECT_EQ(certificates_of(store.get()), expected_chain()) << file;
  }
}

TEST(Cert, CERT_28_wrong_password_is_error_invalid_password) {
  for (const char* file : {"modern.pfx", "legacy.pfx"}) {
    for (const WCHAR* password : {static_cast<const WCHAR*>(nullptr), L"", L"Secret", L"secret "}) {
      EXPECT_FALSE(import_pfx(file, password));
      EXPECT_EQ(GetLastError(), DWORD{ERROR_INVALID_PASSWORD});
    }
  }
  const WCHAR no_character[] = {0xD800, 0};
  EXPECT_FALSE(import_pfx("modern.pfx", no_character));
  EXPECT_EQ(GetLastError(), DWORD{ERROR_INVALID_PASSWORD});
}

TEST(Cert, CERT_28_pfx_without_a_password_opens_with_null_and_with_the_empty_one) {
  EXPECT_TRUE(import_pfx("no_password.pfx", nullptr));
  EXPECT_TRUE(import_pfx("no_password.pfx", L""));
  EXPECT_FALSE(import_pfx("no_password.pfx", L"x"));
}

TEST(Cert, CERT_28_what_is_no_pfx_is_a_bad_encoding) {
  Bytes garbage(100, 0x30);
  CRYPT_DATA_BLOB blob = blob_of(garbage);
  EXPECT_EQ(PFXImportCertStore(&blob, L"x", 0), nullptr);
  EXPECT_EQ(GetLastError(), code(CRYPT_E_BAD_ENCODE));
  EXPECT_FALSE(PFXIsPFXBlob(&blob));
  EXPECT_FALSE(PFXVerifyPassword(&blob, L"x", 0));
  EXPECT_EQ(PFXImportCertStore(nullptr, L"x", 0), nullptr);
  EXPECT_EQ(GetLastError(), code(E_INVALIDARG));
  EXPECT_FALSE(PFXIsPFXBlob(nullptr));
}

TEST(Cert, CERT_28_password_can_be_verified_alone) {
  Bytes pfx = vector_file("pfx/modern.pfx");
  CRYPT_DATA_BLOB blob = blob_of(pfx);
  EXPECT_TRUE(PFXIsPFXBlob(&blob));
  EXPECT_TRUE(PFXVerifyPassword(&blob, L"secret", 0));
  EXPECT_FALSE(PFXVerifyPassword(&blob, L"wrong", 0));
  EXPECT_EQ(GetLastError(), DWORD{ERROR_INVALID_PASSWORD});
}

TEST(Cert, CERT_29_flags_are_accepted) {
  EXPECT_TRUE(import_pfx("modern.pfx", L"secret",
                         CRYPT_EXPORTABLE | CRYPT_USER_KEYSET | PKCS12_NO_PERSIST_KEY |
                             PKCS12_ALWAYS_CNG_KSP | PKCS12_INCLUDE_EXTENDED_PROPERTIES));
}

TEST(Cert, CERT_30_first_certificate_carries_the_key) {
  const Store store = import_pfx("modern.pfx", L"secret");
  const Context context = with_key(store);
  const Context first(CertEnumCertificatesInStore(store.get(), nullptr));
  EXPECT_EQ(context.get(), first.get());
  WCHAR name[16];
  DWORD size = sizeof(name);
  ASSERT_TRUE(
      CertGetCertificateContextProperty(context.get(), CERT_FRIENDLY_NAME_PROP_ID, name, &size));
  EXPECT_STREQ(name, L"pfx test");
  EXPECT_FALSE(CertFindCertificateInStore(store.get(), X509_ASN_ENCODING, 0,
                                          CERT_FIND_HAS_PRIVATE_KEY, nullptr,
                                          CertDuplicateCertificateContext(context.get())));
}

TEST(ExtPem, import_gives_the_certificate_with_its_key_first) {
  for (const auto& [key, password] : {std::pair{"leaf.key.pem", static_cast<const char*>(nullptr)},
                                      std::pair{"leaf.key.encrypted.pem", "secret"}}) {
    const Store store = import_pem("chain.pem", key, password);
    ASSERT_TRUE(store) << OpenSchannelErrorDetail();
    EXPECT_EQ(certificates_of(store.get()), expected_chain());
    EXPECT_TRUE(with_key(store));
  }
}

TEST(ExtPem, import_from_files) {
  const std::string folder = OPENSCHANNEL_TEST_DATA "/pfx/";
  const Store store(OpenSchannelImportPemFiles((folder + "chain.pem").c_str(),
                                               (folder + "leaf.key.pem").c_str(), nullptr));
  ASSERT_TRUE(store) << OpenSchannelErrorDetail();
  EXPECT_TRUE(with_key(store));
  EXPECT_EQ(OpenSchannelImportPemFiles((folder + "none.pem").c_str(), nullptr, nullptr), nullptr);
  EXPECT_EQ(GetLastError(), DWORD{ERROR_FILE_NOT_FOUND});
  EXPECT_NE(std::strstr(OpenSchannelErrorDetail(), "none.pem"), nullptr);
  EXPECT_EQ(OpenSchannelImportPemFiles(nullptr, nullptr, nullptr), nullptr);
  EXPECT_EQ(GetLastError(), code(E_INVALIDARG));
}

TEST(ExtPem, failures_have_codes_of_their_own) {
  EXPECT_FALSE(import_pem("chain.pem", "leaf.key.encrypted.pem", "wrong"));
  EXPECT_EQ(GetLastError(), DWORD{ERROR_INVALID_PASSWORD});
  EXPECT_FALSE(import_pem("chain.pem", "leaf.key.encrypted.pem", nullptr));
  EXPECT_EQ(GetLastError(), DWORD{ERROR_INVALID_PASSWORD});
  EXPECT_FALSE(import_pem("chain.pem", "chain.pem", nullptr));
  EXPECT_EQ(GetLastError(), code(CRYPT_E_NOT_FOUND));
  EXPECT_FALSE(import_pem("leaf.key.pem", nullptr, nullptr));
  EXPECT_EQ(GetLastError(), code(CRYPT_E_NOT_FOUND));
  EXPECT_EQ(OpenSchannelImportPem(nullptr, 0, nullptr, 0, nullptr), nullptr);
  EXPECT_EQ(GetLastError(), code(E_INVALIDARG));
}

TEST(ExtSelfSigned, every_kind_of_key) {
  for (const DWORD type :
       {OPENSCHANNEL_KEY_ECDSA_P256, OPENSCHANNEL_KEY_ECDSA_P384, OPENSCHANNEL_KEY_ECDSA_P521,
        OPENSCHANNEL_KEY_RSA_2048, OPENSCHANNEL_KEY_ED25519}) {
    const Context context(OpenSchannelCreateSelfSignedCertificate("localhost,127.0.0.1", type, 30));
    ASSERT_TRUE(context) << type;
    char name[32];
    EXPECT_EQ(CertGetNameStringA(context.get(), CERT_NAME_DNS_TYPE, 0, nullptr, name, 32), 10U);
    EXPECT_STREQ(name, "localhost");
  }
  for (const DWORD unknown : {0U, 6U}) {
    EXPECT_EQ(OpenSchannelCreateSelfSignedCertificate("localhost", unknown, 1), nullptr);
    EXPECT_EQ(GetLastError(), code(E_INVALIDARG));
  }
  for (const char* names : {static_cast<const char*>(nullptr), "", "a b"}) {
    EXPECT_EQ(OpenSchannelCreateSelfSignedCertificate(names, OPENSCHANNEL_KEY_ECDSA_P256, 1),
              nullptr);
    EXPECT_EQ(GetLastError(), code(E_INVALIDARG));
  }
  EXPECT_EQ(OpenSchannelCreateSelfSignedCertificate("a", OPENSCHANNEL_KEY_ECDSA_P256, 0), nullptr);
  EXPECT_EQ(GetLastError(), code(E_INVALIDARG));
}

}  // namespace
}  // namespace contract::certificates
