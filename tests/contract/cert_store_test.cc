#include "support/certificates.h"

namespace contract::certificates {
namespace {

TEST(Cert, CERT_1_memory_store_opens_empty_by_number_and_by_name) {
  for (LPCSTR provider : {CERT_STORE_PROV_MEMORY, static_cast<LPCSTR>(sz_CERT_STORE_PROV_MEMORY),
                          static_cast<LPCSTR>("memory")}) {
    const Store store(CertOpenStore(provider, 0, 0, CERT_STORE_CREATE_NEW_FLAG, nullptr));
    ASSERT_TRUE(store);
    EXPECT_TRUE(certificates_of(store.get()).empty());
  }
}

TEST(Cert, CERT_2_provider_that_is_not_there_is_not_found) {
  for (LPCSTR provider : {static_cast<LPCSTR>(nullptr), CERT_STORE_PROV_LDAP,
                          static_cast<LPCSTR>("no such provider")}) {
    SetLastError(0);
    EXPECT_EQ(CertOpenStore(provider, 0, 0, 0, nullptr), nullptr);
    EXPECT_EQ(GetLastError(), DWORD{ERROR_FILE_NOT_FOUND});
  }
}

TEST(Cert, CERT_5_flags_that_exclude_each_other_are_refused) {
  const DWORD flags = CERT_STORE_CREATE_NEW_FLAG | CERT_STORE_OPEN_EXISTING_FLAG;
  EXPECT_EQ(CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, flags, nullptr), nullptr);
  EXPECT_EQ(GetLastError(), code(E_INVALIDARG));
}

TEST(Cert, CERT_6_read_only_store_refuses_changes) {
  const Store store = memory_store(CERT_STORE_READONLY_FLAG);
  const Context context = self_signed();
  EXPECT_FALSE(
      CertAddCertificateContextToStore(store.get(), context.get(), CERT_STORE_ADD_ALWAYS, nullptr));
  EXPECT_EQ(GetLastError(), code(E_ACCESSDENIED));
  EXPECT_EQ(CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0,
                          CERT_STORE_READONLY_FLAG | CERT_STORE_DELETE_FLAG, nullptr),
            nullptr);
  EXPECT_EQ(GetLastError(), code(E_INVALIDARG));
}

TEST(Cert, CERT_8_contexts_stay_valid_after_the_store_is_closed) {
  Store store = memory_store();
  const Context original = self_signed();
  PCCERT_CONTEXT added = nullptr;
  ASSERT_TRUE(
      CertAddCertificateContextToStore(store.get(), original.get(), CERT_STORE_ADD_NEW, &added));
  const Context in_store(added);
  SetLastError(1234);
  EXPECT_TRUE(CertCloseStore(store.give_up(), 0));
  EXPECT_EQ(GetLastError(), 1234U);
  EXPECT_EQ(encoding_of(in_store.get()), encoding_of(original.get()));
  // The context still names a store that can be listed.
  EXPECT_EQ(certificates_of(in_store->hCertStore).size(), 1U);
}

TEST(Cert, CERT_8_check_reports_contexts_in_use_and_closes_all_the_same) {
  const Context original = self_signed();
  Store store = memory_store();
  PCCERT_CONTEXT added = nullptr;
  ASSERT_TRUE(
      CertAddCertificateContextToStore(store.get(), original.get(), CERT_STORE_ADD_NEW, &added));
  const Context in_store(added);
  const HCERTSTORE handle = store.give_up();
  EXPECT_FALSE(CertCloseStore(handle, CERT_CLOSE_STORE_CHECK_FLAG));
  EXPECT_EQ(GetLastError(), code(CRYPT_E_PENDING_CLOSE));
  EXPECT_FALSE(CertCloseStore(handle, 0)) << "it was closed";

  Store unused = memory_store();
  EXPECT_TRUE(CertCloseStore(unused.give_up(), CERT_CLOSE_STORE_CHECK_FLAG));
}

TEST(Cert, CERT_8_force_releases_contexts_in_use) {
  const Context original = self_signed();
  Store store = memory_store();
  PCCERT_CONTEXT added = nullptr;
  ASSERT_TRUE(
      CertAddCertificateContextToStore(store.get(), original.get(), CERT_STORE_ADD_NEW, &added));
  EXPECT_TRUE(CertCloseStore(store.give_up(), CERT_CLOSE_STORE_FORCE_FLAG));
  EXPECT_EQ(CertDuplicateCertificateContext(added), nullptr);
  EXPECT_EQ(GetLastError(), code(E_INVALIDARG));
  EXPECT_TRUE(CertFreeCertificateContext(added));
}

TEST(Cert, CERT_8_every_handle_is_closed_on_its_own) {
  Store store = memory_store();
  const HCERTSTORE second = CertDuplicateStore(store.get());
  ASSERT_EQ(second, store.get());
  EXPECT_TRUE(CertCloseStore(store.give_up(), CERT_CLOSE_STORE_FORCE_FLAG));
  EXPECT_TRUE(certificates_of(second).empty());
  EXPECT_EQ(GetLastError(), code(CRYPT_E_NOT_FOUND)) << "it is still open";
  EXPECT_TRUE(CertCloseStore(second, 0));
  EXPECT_EQ(CertEnumCertificatesInStore(second, nullptr), nullptr);
  EXPECT_EQ(GetLastError(), code(E_INVALIDARG));
  EXPECT_TRUE(CertCloseStore(nullptr, 0));
  EXPECT_EQ(CertDuplicateStore(nullptr), nullptr);
}

TEST(Cert, CERT_10_dispositions) {
  const Store store = memory_store();
  const Context context = self_signed();
  const auto add = [&](DWORD disposition) {
    return CertAddCertificateContextToStore(store.get(), context.get(), disposition, nullptr)
               ? 0
               : GetLastError();
  };
  EXPECT_EQ(add(CERT_STORE_ADD_NEW), 0U);
  EXPECT_EQ(add(CERT_STORE_ADD_NEW), code(CRYPT_E_EXISTS));
  EXPECT_EQ(add(CERT_STORE_ADD_NEWER), code(CRYPT_E_EXISTS));
  EXPECT_EQ(add(CERT_STORE_ADD_NEWER_INHERIT_PROPERTIES), code(CRYPT_E_EXISTS));
  EXPECT_EQ(add(CERT_STORE_ADD_USE_EXISTING), 0U);
  EXPECT_EQ(add(CERT_STORE_ADD_REPLACE_EXISTING), 0U);
  EXPECT_EQ(add(CERT_STORE_ADD_REPLACE_EXISTING_INHERIT_PROPERTIES), 0U);
  EXPECT_EQ(certificates_of(store.get()).size(), 1U);
  EXPECT_EQ(add(CERT_STORE_ADD_ALWAYS), 0U);
  EXPECT_EQ(certificates_of(store.get()).size(), 2U);
  EXPECT_EQ(add(0), code(E_INVALIDARG));
  EXPECT_EQ(add(8), code(E_INVALIDARG));
}

TEST(Cert, CERT_10_bad_encoding_is_an_asn1_error) {
  const Store store = memory_store();
  const Context context = self_signed();
  Bytes encoding = encoding_of(context.get());
  const auto add = [&](const Bytes& bytes, DWORD type = X509_ASN_ENCODING) {
    return CertAddEncodedCertificateToStore(store.get(), type, bytes.data(),
                                            static_cast<DWORD>(bytes.size()), CERT_STORE_ADD_ALWAYS,
                                            nullptr)
               ? 0
               : GetLastError();
  };
  EXPECT_EQ(add(encoding), 0U);
  EXPECT_EQ(add(encoding, X509_ASN_ENCODING | PKCS_7_ASN_ENCODING), 0U);
  EXPECT_EQ(add(encoding, PKCS_7_ASN_ENCODING), code(E_INVALIDARG));
  EXPECT_EQ(add({1, 2, 3}), code(CRYPT_E_ASN1_BADTAG));
  EXPECT_EQ(add(Bytes(encoding.begin(), encoding.end() - 1)), code(CRYPT_E_ASN1_EOD));
  encoding[1] = 0x81;
  EXPECT_EQ(add(encoding) & 0xFFFFFF00, 0x80093100U);
}

TEST(Cert, CERT_11_store_holds_a_copy_with_properties_and_key) {
  const Store store = memory_store();
  const Context original = self_signed();
  Bytes description{1, 2, 3};
  CRYPT_DATA_BLOB blob = blob_of(description);
  ASSERT_TRUE(
      CertSetCertificateContextProperty(original.get(), CERT_DESCRIPTION_PROP_ID, 0, &blob));
  PCCERT_CONTEXT added = nullptr;
  ASSERT_TRUE(
      CertAddCertificateContextToStore(store.get(), original.get(), CERT_STORE_ADD_NEW, &added));
  const Context copy(added);
  EXPECT_NE(copy.get(), original.get());
  EXPECT_EQ(copy->hCertStore, store.get());
  EXPECT_EQ(original->hCertStore, nullptr);
  // What is set on the one does not show on the other.
  ASSERT_TRUE(
      CertSetCertificateContextProperty(original.get(), CERT_DESCRIPTION_PROP_ID, 0, nullptr));
  BYTE data[3];
  DWORD size = sizeof(data);
  EXPECT_TRUE(CertGetCertificateContextProperty(copy.get(), CERT_DESCRIPTION_PROP_ID, data, &size));
  const Context with_key(CertFindCertificateInStore(store.get(), X509_ASN_ENCODING, 0,
                                                    CERT_FIND_HAS_PRIVATE_KEY, nullptr, nullptr));
  EXPECT_EQ(with_key.get(), copy.get());
}

TEST(Cert, CERT_12_enumeration_frees_the_previous_one_and_ends_with_not_found) {
  const Store store = memory_store();
  std::vector<Bytes> expected;
  for (const char* name : {"one.example", "two.example", "three.example"}) {
    const Context context = self_signed(name);
    expected.push_back(encoding_of(context.get()));
    ASSERT_TRUE(
        CertAddCertificateContextToStore(store.get(), context.get(), CERT_STORE_ADD_NEW, nullptr));
  }
  EXPECT_EQ(certificates_of(store.get()), expected);
  EXPECT_EQ(GetLastError(), code(CRYPT_E_NOT_FOUND));

  const PCCERT_CONTEXT first = CertEnumCertificatesInStore(store.get(), nullptr);
  const Context second(CertEnumCertificatesInStore(store.get(), first));
  EXPECT_TRUE(second);
  EXPECT_EQ(CertDuplicateCertificateContext(first), nullptr) << "its one reference is gone";
}

TEST(Cert, CERT_12_previous_one_of_another_store_is_freed_and_refused) {
  const Store store = memory_store();
  const Store other = memory_store();
  const Context context = self_signed();
  PCCERT_CONTEXT in_other = nullptr;
  ASSERT_TRUE(
      CertAddCertificateContextToStore(other.get(), context.get(), CERT_STORE_ADD_NEW, &in_other));
  EXPECT_EQ(CertEnumCertificatesInStore(store.get(), in_other), nullptr);
  EXPECT_EQ(GetLastError(), code(E_INVALIDARG));
  EXPECT_EQ(CertDuplicateCertificateContext(in_other), nullptr);
  EXPECT_EQ(CertEnumCertificatesInStore(nullptr, nullptr), nullptr);
  EXPECT_EQ(GetLastError(), code(E_INVALIDARG));
}

TEST(Cert, CERT_12_deleting_takes_a_certificate_out_and_frees_it) {
  const Store store = memory_store();
  const Context context = self_signed();
  PCCERT_CONTEXT added = nullptr;
  ASSERT_TRUE(
      CertAddCertificateContextToStore(store.get(), context.get(), CERT_STORE_ADD_NEW, &added));
  const Context kept(CertDuplicateCertificateContext(added));
  EXPECT_TRUE(CertDeleteCertificateFromStore(added));
  EXPECT_TRUE(certificates_of(store.get()).empty());
  EXPECT_EQ(encoding_of(kept.get()), encoding_of(context.get()));
}

class Find : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"one.example", "two.example"}) {
      const Context context = self_signed(name);
      ASSERT_TRUE(CertAddEncodedCertificateToStore(store_.get(), X509_ASN_ENCODING,
                                                   context->pbCertEncoded, context->cbCertEncoded,
                                                   CERT_STORE_ADD_NEW, nullptr));
    }
    one_ = Context(CertEnumCertificatesInStore(store_.get(), nullptr));
    two_ = Context(
        CertEnumCertificatesInStore(store_.get(), CertDuplicateCertificateContext(one_.get())));
    ASSERT_TRUE(two_);
  }
  Context find(DWORD type, const void* parameter, PCCERT_CONTEXT previous = nullptr) const {
    return Context(
        CertFindCertificateInStore(store_.get(), X509_ASN_ENCODING, 0, type, parameter, previous));
  }

  const Store store_ = memory_store();
  Context one_;
  Context two_;
};

TEST_F(Find, CERT_13_goes_on_behind_the_previous_one) {
  Context found = find(CERT_FIND_ANY, nullptr);
  EXPECT_EQ(found.get(), one_.get());
  found = find(CERT_FIND_ANY, nullptr, found.give_up());
  EXPECT_EQ(found.get(), two_.get());
  EXPECT_FALSE(find(CERT_FIND_ANY, nullptr, found.give_up()));
  EXPECT_EQ(GetLastError(), code(CRYPT_E_NOT_FOUND));
}

TEST_F(Find, CERT_13_unknown_type_and_missing_parameter_are_refused) {
  for (const DWORD type :
       {DWORD{CERT_FIND_SHA1_HASH}, DWORD{CERT_FIND_SUBJECT_NAME}, DWORD{CERT_FIND_SUBJECT_STR_A},
        DWORD{CERT_FIND_ISSUER_STR_W}, DWORD{CERT_FIND_SUBJECT_CERT}, DWORD{CERT_FIND_EXISTING},
        DWORD{CERT_FIND_ISSUER_OF}, DWORD{0x7FFF0000}}) {
    EXPECT_FALSE(find(type, nullptr)) << type;
    EXPECT_EQ(GetLastError(), code(E_INVALIDARG)) << type;
  }
}

TEST_F(Find, CERT_14_by_hash) {
  Bytes hash(20);
  DWORD size = 20;
  ASSERT_TRUE(
      CertGetCertificateContextProperty(two_.get(), CERT_SHA1_HASH_PROP_ID, hash.data(), &size));
  CRYPT_HASH_BLOB blob = blob_of(hash);
  EXPECT_EQ(find(CERT_FIND_SHA1_HASH, &blob).get(), two_.get());
  EXPECT_EQ(find(CERT_FIND_HASH, &blob).get(), two_.get());
  hash[0] ^= 1;
  EXPECT_FALSE(find(CERT_FIND_HASH, &blob));
  EXPECT_EQ(GetLastError(), code(CRYPT_E_NOT_FOUND));
}

TEST_F(Find, CERT_14_by_name) {
  CERT_NAME_BLOB subject = two_->pCertInfo->Subject;
  EXPECT_EQ(find(CERT_FIND_SUBJECT_NAME, &subject).get(), two_.get());
  EXPECT_EQ(find(CERT_FIND_ISSUER_NAME, &subject).get(), two_.get());
  EXPECT_EQ(find(CERT_FIND_SUBJECT_STR_A, "TWO").get(), two_.get());
  EXPECT_EQ(find(CERT_FIND_SUBJECT_STR_W, L"tWo.").get(), two_.get());
  EXPECT_EQ(find(CERT_FIND_ISSUER_STR_A, "example").get(), one_.get());
  EXPECT_EQ(find(CERT_FIND_ISSUER_STR_W, L"two.example").get(), two_.get());
  EXPECT_FALSE(find(CERT_FIND_SUBJECT_STR_A, "three"));
}

TEST_F(Find, CERT_14_the_same_certificate_of_another_context) {
  const Context copy(
      CertCreateCertificateContext(X509_ASN_ENCODING, two_->pbCertEncoded, two_->cbCertEncoded));
  EXPECT_EQ(find(CERT_FIND_EXISTING, copy.get()).get(), two_.get());
  EXPECT_EQ(find(CERT_FIND_SUBJECT_CERT, copy->pCertInfo).get(), two_.get());
  EXPECT_FALSE(find(CERT_FIND_HAS_PRIVATE_KEY, nullptr));
}

}  // namespace
}  // namespace contract::certificates
