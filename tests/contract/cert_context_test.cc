#include <thread>

#include "support/certificates.h"

namespace contract::certificates {
namespace {

Context create(const Bytes& encoding, DWORD type = X509_ASN_ENCODING) {
  return Context(
      CertCreateCertificateContext(type, encoding.data(), static_cast<DWORD>(encoding.size())));
}

TEST(Cert, CERT_16_context_says_what_the_encoding_says) {
  const Bytes pem = vector_file("pfx/chain.pem");
  const Store store(
      OpenSchannelImportPem(pem.data(), static_cast<DWORD>(pem.size()), nullptr, 0, nullptr));
  const Context leaf(CertEnumCertificatesInStore(store.get(), nullptr));
  ASSERT_TRUE(leaf);
  EXPECT_EQ(leaf->dwCertEncodingType, DWORD{X509_ASN_ENCODING});
  EXPECT_EQ(leaf->hCertStore, store.get());
  const CERT_INFO& info = *leaf->pCertInfo;
  EXPECT_EQ(info.dwVersion, DWORD{CERT_V3});
  EXPECT_STREQ(info.SignatureAlgorithm.pszObjId, "1.2.840.10045.4.3.2");  // ecdsa-with-SHA256
  EXPECT_STREQ(info.SubjectPublicKeyInfo.Algorithm.pszObjId, "1.2.840.10045.2.1");
  // The curve, as an encoded object identifier.
  EXPECT_EQ(Bytes(info.SubjectPublicKeyInfo.Algorithm.Parameters.pbData,
                  info.SubjectPublicKeyInfo.Algorithm.Parameters.pbData +
                      info.SubjectPublicKeyInfo.Algorithm.Parameters.cbData),
            (Bytes{0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07}));
  EXPECT_EQ(info.SubjectPublicKeyInfo.PublicKey.cbData, 65U);  // an uncompressed point
  EXPECT_EQ(info.SubjectPublicKeyInfo.PublicKey.cUnusedBits, 0U);
  EXPECT_EQ(info.SubjectPublicKeyInfo.PublicKey.pbData[0], 4);
  EXPECT_EQ(info.IssuerUniqueId.cbData, 0U);

  const Context root(
      CertEnumCertificatesInStore(store.get(), CertDuplicateCertificateContext(leaf.get())));
  ASSERT_TRUE(root);
  const CERT_INFO& issuer = *root->pCertInfo;
  EXPECT_EQ(Bytes(info.Issuer.pbData, info.Issuer.pbData + info.Issuer.cbData),
            Bytes(issuer.Subject.pbData, issuer.Subject.pbData + issuer.Subject.cbData));

  bool has_alternative_name = false;
  for (DWORD i = 0; i < info.cExtension; ++i) {
    if (std::string(info.rgExtension[i].pszObjId) != szOID_SUBJECT_ALT_NAME2) continue;
    has_alternative_name = true;
    EXPECT_FALSE(info.rgExtension[i].fCritical);
    EXPECT_EQ(info.rgExtension[i].Value.pbData[0], 0x30);
  }
  EXPECT_TRUE(has_alternative_name);
}

TEST(Cert, CERT_16_serial_number_is_little_endian_and_dates_are_utc) {
  const Context context = self_signed();
  // 30 82 xx xx (certificate) 30 82 xx xx (to be signed) A0 03 02 01 02 (version) 02 10 (serial)
  const BYTE* encoded = context->pbCertEncoded;
  ASSERT_EQ(encoded[13], 0x02);
  const Bytes serial(encoded + 15, encoded + 15 + encoded[14]);
  const CRYPT_INTEGER_BLOB& blob = context->pCertInfo->SerialNumber;
  EXPECT_EQ(Bytes(serial.rbegin(), serial.rend()), Bytes(blob.pbData, blob.pbData + blob.cbData));

  const auto seconds = [](const FILETIME& time) {
    return (std::uint64_t{time.dwHighDateTime} << 32 | time.dwLowDateTime) / 10'000'000 -
           11'644'473'600ULL;
  };
  const auto now = static_cast<std::uint64_t>(std::time(nullptr));
  EXPECT_NEAR(static_cast<double>(seconds(context->pCertInfo->NotBefore)),
              static_cast<double>(now - 3600), 60);
  EXPECT_NEAR(static_cast<double>(seconds(context->pCertInfo->NotAfter)),
              static_cast<double>(now + 86400), 60);
}

TEST(Cert, CERT_17_creating_copies_the_bytes_and_joins_no_store) {
  const Context original = self_signed();
  Bytes encoding = encoding_of(original.get());
  const Context context = create(encoding);
  ASSERT_TRUE(context);
  std::fill(encoding.begin(), encoding.end(), BYTE{0});
  EXPECT_EQ(encoding_of(context.get()), encoding_of(original.get()));
  EXPECT_EQ(context->hCertStore, nullptr);
}

TEST(Cert, CERT_17_bad_arguments) {
  const Context original = self_signed();
  const Bytes encoding = encoding_of(original.get());
  for (const DWORD type : {0U, 2U, DWORD{PKCS_7_ASN_ENCODING}}) {
    EXPECT_FALSE(create(encoding, type));
    EXPECT_EQ(GetLastError(), code(E_INVALIDARG));
  }
  EXPECT_FALSE(Context(CertCreateCertificateContext(X509_ASN_ENCODING, nullptr, 10)));
  EXPECT_EQ(GetLastError(), code(E_INVALIDARG));
  for (std::size_t size = 0; size < encoding.size(); ++size) {
    const BYTE* data = encoding.data();
    EXPECT_EQ(CertCreateCertificateContext(X509_ASN_ENCODING, data, static_cast<DWORD>(size)),
              nullptr);
    EXPECT_EQ(GetLastError(), code(CRYPT_E_ASN1_EOD)) << size;
  }
}

TEST(Cert, CERT_18_duplicates_are_the_same_pointer_with_a_count) {
  Context context = self_signed();
  const PCCERT_CONTEXT raw = context.get();
  Context duplicate(CertDuplicateCertificateContext(raw));
  EXPECT_EQ(duplicate.get(), raw);
  EXPECT_TRUE(CertFreeCertificateContext(context.give_up()));
  EXPECT_EQ(raw->dwCertEncodingType, DWORD{X509_ASN_ENCODING});
  EXPECT_TRUE(CertFreeCertificateContext(duplicate.give_up()));
  EXPECT_EQ(CertDuplicateCertificateContext(nullptr), nullptr);
  EXPECT_TRUE(CertFreeCertificateContext(nullptr));
}

TEST(Cert, CERT_18_stale_and_foreign_contexts_are_errors_everywhere) {
  Context freed = self_signed();
  const PCCERT_CONTEXT stale = freed.give_up();
  CertFreeCertificateContext(stale);
  CERT_CONTEXT zeroed{};
  const Store store = memory_store();
  for (const PCCERT_CONTEXT context : {stale, static_cast<PCCERT_CONTEXT>(&zeroed)}) {
    DWORD size = 0;
    const auto is_refused = [](bool failed) {
      const bool refused = failed && GetLastError() == code(E_INVALIDARG);
      SetLastError(0);
      return refused;
    };
    EXPECT_TRUE(CertFreeCertificateContext(context));
    EXPECT_TRUE(is_refused(!CertDuplicateCertificateContext(context)));
    EXPECT_TRUE(is_refused(
        !CertGetCertificateContextProperty(context, CERT_SHA1_HASH_PROP_ID, nullptr, &size)));
    EXPECT_TRUE(is_refused(
        !CertSetCertificateContextProperty(context, CERT_DESCRIPTION_PROP_ID, 0, nullptr)));
    EXPECT_TRUE(is_refused(
        !CertAddCertificateContextToStore(store.get(), context, CERT_STORE_ADD_ALWAYS, nullptr)));
    EXPECT_TRUE(is_refused(!CertDeleteCertificateFromStore(context)));
    EXPECT_TRUE(is_refused(!CertEnumCertificatesInStore(store.get(), context)));
    char text[8] = "x";
    EXPECT_EQ(CertGetNameStringA(context, CERT_NAME_DNS_TYPE, 0, nullptr, text, sizeof(text)), 1U);
    EXPECT_STREQ(text, "");
    EXPECT_EQ(GetLastError(), code(E_INVALIDARG));
  }
}

TEST(Cert, CERT_19_property_sizes) {
  const Context context = self_signed();
  DWORD size = 0;
  EXPECT_TRUE(
      CertGetCertificateContextProperty(context.get(), CERT_SHA1_HASH_PROP_ID, nullptr, &size));
  EXPECT_EQ(size, 20U);
  BYTE data[32];
  size = 19;
  EXPECT_FALSE(
      CertGetCertificateContextProperty(context.get(), CERT_SHA1_HASH_PROP_ID, data, &size));
  EXPECT_EQ(GetLastError(), DWORD{ERROR_MORE_DATA});
  EXPECT_EQ(size, 20U);
  size = sizeof(data);
  EXPECT_TRUE(
      CertGetCertificateContextProperty(context.get(), CERT_SHA256_HASH_PROP_ID, data, &size));
  EXPECT_EQ(size, 32U);
  for (const DWORD absent :
       {DWORD{CERT_FRIENDLY_NAME_PROP_ID}, DWORD{CERT_KEY_CONTEXT_PROP_ID}, 0U, 0x12345678U}) {
    size = sizeof(data);
    EXPECT_FALSE(CertGetCertificateContextProperty(context.get(), absent, data, &size));
    EXPECT_EQ(GetLastError(), code(CRYPT_E_NOT_FOUND));
  }
  EXPECT_FALSE(
      CertGetCertificateContextProperty(context.get(), CERT_SHA1_HASH_PROP_ID, data, nullptr));
  EXPECT_EQ(GetLastError(), code(E_INVALIDARG));
}

TEST(Cert, CERT_20_properties_are_shared_by_duplicates_and_deleted_by_null) {
  const Context context = self_signed();
  const Context duplicate(CertDuplicateCertificateContext(context.get()));
  WCHAR name[] = L"my certificate";
  CRYPT_DATA_BLOB blob{sizeof(name), reinterpret_cast<BYTE*>(name)};
  ASSERT_TRUE(
      CertSetCertificateContextProperty(context.get(), CERT_FRIENDLY_NAME_PROP_ID, 0, &blob));
  WCHAR read[32];
  DWORD size = sizeof(read);
  EXPECT_TRUE(
      CertGetCertificateContextProperty(duplicate.get(), CERT_FRIENDLY_NAME_PROP_ID, read, &size));
  EXPECT_EQ(size, sizeof(name));
  EXPECT_STREQ(read, name);
  EXPECT_EQ(
      CertGetNameStringW(context.get(), CERT_NAME_FRIENDLY_DISPLAY_TYPE, 0, nullptr, read, 32),
      15U);
  EXPECT_STREQ(read, name);

  EXPECT_TRUE(
      CertSetCertificateContextProperty(duplicate.get(), CERT_FRIENDLY_NAME_PROP_ID, 0, nullptr));
  EXPECT_FALSE(
      CertGetCertificateContextProperty(context.get(), CERT_FRIENDLY_NAME_PROP_ID, read, &size));
  EXPECT_FALSE(CertSetCertificateContextProperty(context.get(), 0x10000, 0, &blob));
  EXPECT_EQ(GetLastError(), code(E_INVALIDARG));
}

TEST(Cert, CERT_21_hashes_cannot_be_set_and_keys_have_no_provider) {
  const Context context = self_signed();
  Bytes bytes(20);
  CRYPT_DATA_BLOB blob = blob_of(bytes);
  EXPECT_FALSE(CertSetCertificateContextProperty(context.get(), CERT_SHA1_HASH_PROP_ID, 0, &blob));
  EXPECT_EQ(GetLastError(), code(E_INVALIDARG));
  CRYPT_KEY_PROV_INFO provider{};
  EXPECT_FALSE(
      CertSetCertificateContextProperty(context.get(), CERT_KEY_PROV_INFO_PROP_ID, 0, &provider));
  EXPECT_EQ(GetLastError(), DWORD{ERROR_NOT_SUPPORTED});
}

TEST(Cert, CERT_22_comparison_is_of_issuer_and_serial_number) {
  const Context one = self_signed();
  const Context two = self_signed();
  const Context copy = create(encoding_of(one.get()));
  EXPECT_TRUE(CertCompareCertificate(X509_ASN_ENCODING, one->pCertInfo, copy->pCertInfo));
  EXPECT_FALSE(CertCompareCertificate(X509_ASN_ENCODING, one->pCertInfo, two->pCertInfo));
  EXPECT_FALSE(CertCompareCertificate(X509_ASN_ENCODING, one->pCertInfo, nullptr));
}

TEST(Cert, CERT_18_references_are_counted_from_any_thread) {
  const Context context = self_signed();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&context] {
      for (int n = 0; n < 1000; ++n) {
        const Context mine(CertDuplicateCertificateContext(context.get()));
        ASSERT_TRUE(mine);
        SetLastError(static_cast<DWORD>(n));
        EXPECT_EQ(GetLastError(), static_cast<DWORD>(n));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(Context(CertDuplicateCertificateContext(context.get())));
}

TEST(Cert, R_13_freeing_nothing_is_harmless) {
  EXPECT_EQ(LocalFree(nullptr), nullptr);
  void* memory = LocalAlloc(LPTR, 64);
  ASSERT_NE(memory, nullptr);
  for (int i = 0; i < 64; ++i) EXPECT_EQ(static_cast<BYTE*>(memory)[i], 0);
  EXPECT_EQ(LocalFree(memory), nullptr);
  EXPECT_EQ(LocalFree(LocalAlloc(LMEM_FIXED, 0)), nullptr);
}

}  // namespace
}  // namespace contract::certificates
