#include <unistd.h>

#include <algorithm>

#include "support/libssl_peer.h"
#include "support/store_directory.h"

// System stores as directories, stores out of files, and collections (contract CERT-1 to CERT-7).
namespace contract {
namespace {

using certificates::certificates_of;
using certificates::code;
using certificates::encoding_of;
using certificates::memory_store;
using certificates::self_signed;
using certificates::Store;

Store open_system(const char* name, DWORD flags = CERT_SYSTEM_STORE_CURRENT_USER) {
  return Store(CertOpenStore(CERT_STORE_PROV_SYSTEM_A, 0, 0, flags, name));
}

BOOL add(const Store& store, const certificates::Context& certificate,
         DWORD disposition = CERT_STORE_ADD_NEW) {
  return CertAddCertificateContextToStore(store.get(), certificate.get(), disposition, nullptr);
}

std::string pem_of(const Issued& issued, bool with_key) {
  const std::unique_ptr<BIO, Freed<BIO_free_all>> bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), issued.certificate.get());
  if (with_key) {
    PEM_write_bio_PrivateKey(bio.get(), issued.key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  }
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

PCCERT_CONTEXT find_with_key(const Store& store) {
  return CertFindCertificateInStore(store.get(), X509_ASN_ENCODING, 0, CERT_FIND_HAS_PRIVATE_KEY,
                                    nullptr, nullptr);
}

TEST(SystemStores, CERT_3_what_is_added_is_there_when_the_store_is_opened_again) {
  const StoreDirectory directory;
  const certificates::Context own = self_signed("me");
  {
    const Store store = open_system("MY");
    ASSERT_TRUE(store) << OpenSchannelErrorDetail();
    EXPECT_TRUE(certificates_of(store.get()).empty());
    ASSERT_TRUE(add(store, own)) << OpenSchannelErrorDetail();
  }
  EXPECT_EQ(directory.file_count("user/my"), 1U);
  const Store again(CertOpenSystemStoreW(0, L"my"));  // in either case
  ASSERT_TRUE(again);
  const certificates::Context found(find_with_key(again));
  ASSERT_TRUE(found) << "with its private key";
  EXPECT_EQ(encoding_of(found.get()), encoding_of(own.get()));
  EXPECT_FALSE(add(again, own));
  EXPECT_EQ(GetLastError(), code(CRYPT_E_EXISTS));
}

TEST(SystemStores, CERT_3_the_file_is_for_its_owner_alone) {
  const StoreDirectory directory;
  ASSERT_TRUE(add(open_system("MY"), self_signed("me")));
  for (const auto& entry : std::filesystem::directory_iterator(directory.of("user/my"))) {
    struct stat about {};
    ASSERT_EQ(stat(entry.path().c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777, 0600U);
  }
}

TEST(SystemStores, CERT_12_what_is_deleted_is_gone_for_good) {
  const StoreDirectory directory;
  const Store store = open_system("MY");
  ASSERT_TRUE(add(store, self_signed("one")));
  ASSERT_TRUE(add(store, self_signed("two")));
  ASSERT_TRUE(CertDeleteCertificateFromStore(CertEnumCertificatesInStore(store.get(), nullptr)));
  EXPECT_EQ(directory.file_count("user/my"), 1U);
  EXPECT_EQ(certificates_of(open_system("MY").get()).size(), 1U);
}

TEST(SystemStores, CERT_10_replacing_leaves_one_file) {
  const StoreDirectory directory;
  const Store store = open_system("MY");
  const certificates::Context own = self_signed("me");
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(add(store, own, CERT_STORE_ADD_REPLACE_EXISTING));
  EXPECT_EQ(directory.file_count("user/my"), 1U);
  EXPECT_EQ(certificates_of(store.get()).size(), 1U);
}

TEST(SystemStores, CERT_4_locations_are_apart) {
  const StoreDirectory directory;
  ASSERT_TRUE(add(open_system("MY", CERT_SYSTEM_STORE_LOCAL_MACHINE), self_signed("machine")));
  EXPECT_TRUE(certificates_of(open_system("MY").get()).empty());
  EXPECT_EQ(directory.file_count("machine/my"), 1U);
  EXPECT_FALSE(open_system("MY", CERT_SYSTEM_STORE_SERVICES));
  EXPECT_EQ(GetLastError(), code(E_INVALIDARG));
  EXPECT_FALSE(open_system("MY", 0));
  EXPECT_EQ(GetLastError(), code(E_INVALIDARG));
}

TEST(SystemStores, CERT_5_flags_of_opening) {
  const StoreDirectory directory;
  constexpr DWORD kUser = CERT_SYSTEM_STORE_CURRENT_USER;
  EXPECT_FALSE(open_system("MY", kUser | CERT_STORE_OPEN_EXISTING_FLAG));
  EXPECT_EQ(GetLastError(), DWORD{ERROR_FILE_NOT_FOUND});
  ASSERT_TRUE(open_system("MY", kUser | CERT_STORE_CREATE_NEW_FLAG));
  ASSERT_TRUE(add(open_system("MY"), self_signed("me")));
  EXPECT_FALSE(open_system("MY", kUser | CERT_STORE_CREATE_NEW_FLAG));
  EXPECT_EQ(GetLastError(), DWORD{ERROR_FILE_EXISTS});
  ASSERT_TRUE(open_system("MY", kUser | CERT_STORE_OPEN_EXISTING_FLAG));

  const Store read_only = open_system("MY", kUser | CERT_STORE_READONLY_FLAG);
  EXPECT_FALSE(add(read_only, self_signed("other")));
  EXPECT_EQ(GetLastError(), code(E_ACCESSDENIED));

  SetLastError(1);
  EXPECT_FALSE(open_system("MY", kUser | CERT_STORE_DELETE_FLAG));
  EXPECT_EQ(GetLastError(), 0U) << "this is how a deletion says that it is done";
  EXPECT_FALSE(open_system("MY", kUser | CERT_STORE_OPEN_EXISTING_FLAG));
}

TEST(SystemStores, CERT_3_names_that_lead_elsewhere_are_refused) {
  const StoreDirectory directory;
  for (const char* name : {"", "../my", "a/b", ".hidden", "user\\MY"}) {
    EXPECT_FALSE(open_system(name)) << name;
    EXPECT_EQ(GetLastError(), code(E_INVALIDARG)) << name;
  }
  EXPECT_FALSE(Store(
      CertOpenStore(CERT_STORE_PROV_SYSTEM_W, 0, 0, CERT_SYSTEM_STORE_CURRENT_USER, nullptr)));
  EXPECT_EQ(GetLastError(), code(E_INVALIDARG));
}

TEST(SystemStores, a_key_that_others_can_read_is_left_out) {
  const StoreDirectory directory;
  const Issued root = make_root();
  directory.put("user/my", "own.pem", pem_of(issue({}, &root), /*with_key=*/true), 0644);
  {
    const Store store = open_system("MY");
    ASSERT_TRUE(store);
    EXPECT_NE(std::string(OpenSchannelErrorDetail()).find("others can read it"), std::string::npos);
    EXPECT_EQ(certificates_of(store.get()).size(), 1U);
    EXPECT_EQ(find_with_key(store), nullptr);
  }
  directory.put("user/my", "own.pem", pem_of(issue({}, &root), /*with_key=*/true), 0600);
  EXPECT_TRUE(certificates::Context(find_with_key(open_system("MY"))));
}

TEST(SystemStores, a_directory_that_others_can_write_is_refused) {
  const StoreDirectory directory;
  ASSERT_EQ(chmod(directory.of("user/my").c_str(), 0777), 0);
  EXPECT_FALSE(open_system("MY"));
  EXPECT_EQ(GetLastError(), DWORD{ERROR_ACCESS_DENIED});
}

TEST(SystemStores, files_of_every_kind_are_read_and_others_passed_over) {
  const StoreDirectory directory;
  const Issued root = make_root();
  const Issued leaf = issue({}, &root);
  const auto der = encoding_of(self_signed("der").get());
  directory.put("user/my", "a.pem", pem_of(leaf, true) + pem_of(root, false));
  directory.put("user/my", "b.cer", std::string(der.begin(), der.end()));
  directory.put("user/my", "c.txt", "no certificate at all");
  directory.put("user/my", "d.pem",
                "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  const Store store = open_system("MY");
  ASSERT_TRUE(store);
  EXPECT_NE(std::string(OpenSchannelErrorDetail()).find("c.txt was passed over"),
            std::string::npos);
  EXPECT_EQ(certificates_of(store.get()).size(), 3U);
  // Of a file with several none can be taken away alone.
  EXPECT_FALSE(CertDeleteCertificateFromStore(find_with_key(store)));
  EXPECT_EQ(GetLastError(), code(E_ACCESSDENIED));
}

TEST(SystemStores, CERT_7_ROOT_shows_the_distributions_and_what_people_add) {
  const StoreDirectory directory;
  const std::size_t distribution = certificates_of(open_system("ROOT").get()).size();
  const certificates::Context own = self_signed("mine");
  ASSERT_TRUE(add(open_system("Root"), own));
  const auto all = certificates_of(open_system("ROOT").get());
  EXPECT_EQ(all.size(), distribution + 1);
  EXPECT_EQ(all.front(), encoding_of(own.get()));
  if (distribution == 0) GTEST_SKIP() << "this machine has no trust bundle";
  // The distribution's own can't be taken away here.
  const Store store = open_system("ROOT");
  PCCERT_CONTEXT last = nullptr;
  for (std::size_t i = 0; i < all.size(); ++i) {
    last = CertEnumCertificatesInStore(store.get(), last);
  }
  EXPECT_FALSE(CertDeleteCertificateFromStore(last));
  EXPECT_EQ(GetLastError(), code(E_ACCESSDENIED));
}

/// A client that trusts what the system does.
Credential trusting_the_system() {
  return Credential(SECPKG_CRED_OUTBOUND, Tls::v13,
                    [](SCH_CREDENTIALS& data) { data.hRootStore = nullptr; });
}

SECURITY_STATUS connect_to(const Issued& leaf) {
  const OwnCertificate own(leaf);
  PCCERT_CONTEXT context = own.context.get();
  Credential server_credential(SECPKG_CRED_INBOUND, Tls::v13,
                               [&](SCH_CREDENTIALS& data) { data.paCred = &context; });
  Credential client_credential = trusting_the_system();
  Side client(false, &client_credential.handle), server(true, &server_credential.handle);
  Bytes to_server, to_client;
  client.feed({}, to_server);
  server.feed(to_server, to_client);
  return client.feed(to_client, to_server);
}

TEST(SystemStores, AUTH_7_a_root_in_ROOT_is_trusted_at_once) {
  const StoreDirectory directory;
  const Issued root = make_root();
  const Issued leaf = issue({}, &root);
  EXPECT_EQ(connect_to(leaf), SEC_E_UNTRUSTED_ROOT);
  directory.put("user/root", "root.pem", pem_of(root, false), 0644);
  EXPECT_EQ(connect_to(leaf), SEC_E_OK);
}

TEST(SystemStores, AUTH_7_an_intermediate_in_CA_completes_a_chain) {
  const StoreDirectory directory;
  const Issued root = make_root();
  Profile authority;
  authority.subject = "intermediate";
  authority.names = nullptr;
  authority.constraints = "critical,CA:TRUE";
  authority.key_usage = "keyCertSign";
  const Issued intermediate = issue(authority, &root);
  const Issued leaf = issue({}, &intermediate);
  directory.put("machine/root", "root.pem", pem_of(root, false), 0644);
  EXPECT_EQ(connect_to(leaf), SEC_E_UNTRUSTED_ROOT) << "the server sends no intermediate";
  directory.put("machine/ca", "intermediate.pem", pem_of(intermediate, false), 0644);
  EXPECT_EQ(connect_to(leaf), SEC_E_OK);
}

TEST(FileStores, CERT_3_a_file_is_opened_read_once_and_kept_in_memory) {
  const StoreDirectory directory;
  const Issued root = make_root();
  const std::string path = directory.put("files", "chain.pem", pem_of(issue({}, &root), true));
  const std::wstring wide(path.begin(), path.end());
  for (const Store& store :
       {Store(CertOpenStore(CERT_STORE_PROV_FILENAME_A, 0, 0, 0, path.c_str())),
        Store(CertOpenStore(CERT_STORE_PROV_FILENAME_W, 0, 0, 0, wide.c_str())),
        Store(CertOpenStore(sz_CERT_STORE_PROV_FILENAME, 0, 0, 0, wide.c_str()))}) {
    ASSERT_TRUE(store) << OpenSchannelErrorDetail();
    EXPECT_TRUE(certificates::Context(find_with_key(store)));
    EXPECT_TRUE(add(store, self_signed("more")));
  }
  EXPECT_EQ(CertOpenStore(CERT_STORE_PROV_FILENAME_A, 0, 0, 0, "/nowhere/at/all"), nullptr);
  EXPECT_EQ(GetLastError(), DWORD{ERROR_FILE_NOT_FOUND});
  EXPECT_EQ(CertOpenStore(CERT_STORE_PROV_FILENAME_A, 0, 0, CERT_FILE_STORE_COMMIT_ENABLE_FLAG,
                          path.c_str()),
            nullptr);
  EXPECT_EQ(GetLastError(), DWORD{ERROR_ACCESS_DENIED});
  EXPECT_EQ(CertOpenStore(CERT_STORE_PROV_FILENAME_A, 0, 0,
                          CERT_STORE_READONLY_FLAG | CERT_FILE_STORE_COMMIT_ENABLE_FLAG,
                          path.c_str()),
            nullptr);
  EXPECT_EQ(GetLastError(), code(E_INVALIDARG));  // CERT-6
  EXPECT_EQ(CertOpenStore(CERT_STORE_PROV_FILENAME_A, 0, 0, 0, "/dev/null"), nullptr);
}

TEST(FileStores, CERT_3_pkcs7_and_pkcs12_in_memory) {
  const Issued root = make_root();
  const Issued leaf = issue({}, &root);
  const std::unique_ptr<PKCS7, Freed<PKCS7_free>> message(PKCS7_new());
  ASSERT_EQ(PKCS7_set_type(message.get(), NID_pkcs7_signed), 1);
  ASSERT_EQ(PKCS7_content_new(message.get(), NID_pkcs7_data), 1);
  ASSERT_EQ(PKCS7_add_certificate(message.get(), leaf.certificate.get()), 1);
  ASSERT_EQ(PKCS7_add_certificate(message.get(), root.certificate.get()), 1);
  unsigned char* der = nullptr;
  const int size = i2d_PKCS7(message.get(), &der);
  CRYPT_DATA_BLOB blob{static_cast<DWORD>(size), der};
  EXPECT_EQ(
      certificates_of(Store(CertOpenStore(CERT_STORE_PROV_PKCS7, 0, 0, 0, &blob)).get()).size(),
      2U);
  blob.cbData /= 2;
  EXPECT_EQ(CertOpenStore(CERT_STORE_PROV_PKCS7, 0, 0, 0, &blob), nullptr);
  EXPECT_EQ(GetLastError(), code(CRYPT_E_BAD_ENCODE));
  OPENSSL_free(der);
  EXPECT_EQ(CertOpenStore(CERT_STORE_PROV_PKCS12, 0, 0, 0, nullptr), nullptr);
  EXPECT_EQ(GetLastError(), code(E_INVALIDARG));
  EXPECT_EQ(CertOpenStore(CERT_STORE_PROV_SERIALIZED, 0, 0, 0, &blob), nullptr);
  EXPECT_EQ(GetLastError(), DWORD{ERROR_FILE_NOT_FOUND});
}

Store collection() { return Store(CertOpenStore(CERT_STORE_PROV_COLLECTION, 0, 0, 0, nullptr)); }

TEST(Collections, CERT_3_show_their_members_by_priority) {
  const Store all = collection(), low = memory_store(), high = memory_store();
  ASSERT_TRUE(all);
  ASSERT_TRUE(add(low, self_signed("low")));
  ASSERT_TRUE(CertAddStoreToCollection(all.get(), low.get(), 0, 0));
  ASSERT_TRUE(CertAddStoreToCollection(all.get(), high.get(), 0, 7));
  ASSERT_TRUE(add(high, self_signed("high")));  // what comes later is shown as well
  ASSERT_TRUE(add(low, self_signed("low, too")));
  const auto shown = certificates_of(all.get());
  ASSERT_EQ(shown.size(), 3U);
  EXPECT_EQ(shown[0], certificates_of(high.get())[0]);
  EXPECT_EQ(shown[1], certificates_of(low.get())[0]);
  CertRemoveStoreFromCollection(all.get(), low.get());
  EXPECT_EQ(certificates_of(all.get()).size(), 1U);
}

TEST(Collections, CERT_3_a_context_shares_the_members_properties) {
  const Store all = collection(), member = memory_store();
  ASSERT_TRUE(add(member, self_signed("me")));
  ASSERT_TRUE(CertAddStoreToCollection(all.get(), member.get(), 0, 0));
  const certificates::Context shown(CertEnumCertificatesInStore(all.get(), nullptr));
  EXPECT_EQ(shown->hCertStore, all.get());
  wchar_t name[] = L"mine";
  CRYPT_DATA_BLOB blob{sizeof name, reinterpret_cast<BYTE*>(name)};
  ASSERT_TRUE(CertSetCertificateContextProperty(shown.get(), CERT_FRIENDLY_NAME_PROP_ID, 0, &blob));
  const certificates::Context own(CertEnumCertificatesInStore(member.get(), nullptr));
  DWORD size = 0;
  EXPECT_TRUE(
      CertGetCertificateContextProperty(own.get(), CERT_FRIENDLY_NAME_PROP_ID, nullptr, &size));
  EXPECT_EQ(size, sizeof name);
}

TEST(Collections, CERT_3_additions_go_where_they_are_allowed) {
  const Store all = collection(), closed = memory_store(), open = memory_store();
  ASSERT_TRUE(CertAddStoreToCollection(all.get(), closed.get(), 0, 9));
  EXPECT_FALSE(add(all, self_signed("me")));
  EXPECT_EQ(GetLastError(), code(E_ACCESSDENIED));
  ASSERT_TRUE(
      CertAddStoreToCollection(all.get(), open.get(), CERT_PHYSICAL_STORE_ADD_ENABLE_FLAG, 0));
  EXPECT_TRUE(add(all, self_signed("me")));
  EXPECT_EQ(certificates_of(open.get()).size(), 1U);
  ASSERT_TRUE(CertDeleteCertificateFromStore(CertEnumCertificatesInStore(all.get(), nullptr)));
  EXPECT_TRUE(certificates_of(open.get()).empty());
}

TEST(Collections, CERT_3_mistakes_are_told) {
  const Store all = collection(), other = collection(), member = memory_store();
  EXPECT_FALSE(CertAddStoreToCollection(member.get(), all.get(), 0, 0));
  EXPECT_EQ(GetLastError(), code(E_INVALIDARG));
  EXPECT_FALSE(CertAddStoreToCollection(all.get(), nullptr, 0, 0));
  EXPECT_EQ(GetLastError(), code(E_INVALIDARG));
  EXPECT_FALSE(CertAddStoreToCollection(all.get(), other.get(), 0, 0));
  EXPECT_EQ(GetLastError(), DWORD{ERROR_NOT_SUPPORTED});
  EXPECT_FALSE(CertAddStoreToCollection(all.get(), all.get(), 0, 0));
  CertRemoveStoreFromCollection(all.get(), member.get());  // which is not in it
}

TEST(Collections, CERT_3_keep_their_members_open) {
  const Store all = collection();
  {
    const Store member = memory_store();
    ASSERT_TRUE(add(member, self_signed("me")));
    ASSERT_TRUE(CertAddStoreToCollection(all.get(), member.get(), 0, 0));
  }
  EXPECT_EQ(certificates_of(all.get()).size(), 1U);
}

}  // namespace
}  // namespace contract
