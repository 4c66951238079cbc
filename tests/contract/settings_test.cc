#include "support/settings.h"

#include <sys/stat.h>

#include "support/libssl_peer.h"

// What the administrator says (contract R-7, docs/settings.md), seen by programs.
namespace contract {
namespace {

/// The status of AcquireCredentialsHandle, and the versions that the credential may use.
struct Acquired {
  SECURITY_STATUS status;
  DWORD protocols = 0;
};

Acquired acquire(ULONG use, DWORD enabled_protocols = 0, DWORD flags = 0) {
  SCHANNEL_CRED data{};
  PCCERT_CONTEXT own = server_certificate();
  data.dwVersion = SCHANNEL_CRED_VERSION;
  data.grbitEnabledProtocols = enabled_protocols;
  data.dwFlags = flags;
  data.cCreds = use == SECPKG_CRED_INBOUND ? 1 : 0;
  data.paCred = &own;
  CredHandle handle{};
  Acquired out{AcquireCredentialsHandleA(nullptr, UNISP_NAME_A, use, nullptr, &data, nullptr,
                                         nullptr, &handle, nullptr)};
  if (out.status != SEC_E_OK) return out;
  SecPkgCred_SupportedProtocols protocols{};
  EXPECT_EQ(QueryCredentialsAttributesA(&handle, SECPKG_ATTR_SUPPORTED_PROTOCOLS, &protocols),
            SEC_E_OK);
  FreeCredentialsHandle(&handle);
  out.protocols = protocols.grbitProtocol;
  return out;
}

std::string detail() { return OpenSchannelErrorDetail(); }

TEST(Settings, R_7_a_slip_fails_every_credential_and_is_named) {
  SettingsFile settings("RequireClientCertificat = true\n");
  for (const ULONG use : {SECPKG_CRED_OUTBOUND, SECPKG_CRED_INBOUND}) {
    EXPECT_EQ(acquire(use).status, SEC_E_INTERNAL_ERROR);
    EXPECT_NE(detail().find(settings.path() + ":1: RequireClientCertificat is no setting"),
              std::string::npos)
        << detail();
  }
  settings.change("RequireClientCertificate = true\n");
  EXPECT_EQ(acquire(SECPKG_CRED_INBOUND).status, SEC_E_OK);
}

TEST(Settings, R_7_a_file_that_is_named_must_be_there) {
  const SettingsFile settings("");
  setenv("OPENSCHANNEL_SETTINGS", (settings.path() + ".missing").c_str(), 1);
  EXPECT_EQ(acquire(SECPKG_CRED_OUTBOUND).status, SEC_E_INTERNAL_ERROR);
  EXPECT_NE(detail().find(".missing can't be read"), std::string::npos) << detail();
  setenv("OPENSCHANNEL_SETTINGS", "", 1);
  EXPECT_EQ(acquire(SECPKG_CRED_OUTBOUND).status, SEC_E_OK);
}

TEST(Settings, R_7_what_is_no_plain_file_of_1_MiB_is_refused) {
  const SettingsFile settings("");
  const Folder folder;
  const std::string pipe = folder.file("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  for (const std::string& path :
       {pipe, testing::TempDir(), folder.write("large", std::string((1 << 20) + 1, '\n'))}) {
    setenv("OPENSCHANNEL_SETTINGS", path.c_str(), 1);
    EXPECT_EQ(acquire(SECPKG_CRED_OUTBOUND).status, SEC_E_INTERNAL_ERROR) << path;
    EXPECT_NE(detail().find("no regular file of at most 1048576"), std::string::npos)
        << detail();
  }
  setenv("OPENSCHANNEL_SETTINGS", folder.write("full", std::string(1 << 20, '\n')).c_str(), 1);
  EXPECT_EQ(acquire(SECPKG_CRED_OUTBOUND).status, SEC_E_OK);
}

TEST(Settings, PROTO_8_changes_count_for_later_credentials) {
  SettingsFile settings("");
  Pair pair(Tls::v12);
  settings.change("Protocols.'TLS 1.2'.Client.Enabled = false\n");
  EXPECT_EQ(acquire(SECPKG_CRED_OUTBOUND, SP_PROT_TLS1_2_CLIENT).status, SEC_E_ALGORITHM_MISMATCH);
  EXPECT_TRUE(pair.connect());
}

TEST(Settings, CRED_16_what_is_disabled_can_not_be_enabled_by_a_credential) {
  constexpr DWORD kOptIn = OPENSCHANNEL_CRED_TLS13_WITH_SCHANNEL_CRED;
  const SettingsFile settings(R"(
[Protocols."TLS 1.2".Client]
Enabled = false
[Protocols."TLS 1.3".Server]
Enabled = false
)");
  EXPECT_EQ(acquire(SECPKG_CRED_OUTBOUND, SP_PROT_TLS1_2 | SP_PROT_TLS1_3, kOptIn).protocols,
            DWORD{SP_PROT_TLS1_3_CLIENT});
  EXPECT_EQ(acquire(SECPKG_CRED_INBOUND, SP_PROT_TLS1_2 | SP_PROT_TLS1_3, kOptIn).protocols,
            DWORD{SP_PROT_TLS1_2_SERVER});
  // PROTO-7.
  EXPECT_EQ(acquire(SECPKG_CRED_OUTBOUND, SP_PROT_TLS1_2).status, SEC_E_ALGORITHM_MISMATCH);
  EXPECT_EQ(acquire(SECPKG_CRED_OUTBOUND).status, SEC_E_ALGORITHM_MISMATCH);
}

TEST(Settings, PROTO_4_disabled_by_default_is_for_who_asks_for_it) {
  constexpr DWORD kOptIn = OPENSCHANNEL_CRED_TLS13_WITH_SCHANNEL_CRED;
  const SettingsFile settings("Protocols.'TLS 1.2'.Client.DisabledByDefault = true\n");
  EXPECT_EQ(acquire(SECPKG_CRED_OUTBOUND, 0, kOptIn).protocols, DWORD{SP_PROT_TLS1_3_CLIENT});
  EXPECT_EQ(acquire(SECPKG_CRED_OUTBOUND, SP_PROT_TLS1_2_CLIENT).protocols,
            DWORD{SP_PROT_TLS1_2_CLIENT});
  EXPECT_EQ(acquire(SECPKG_CRED_INBOUND).protocols, DWORD{SP_PROT_TLS1_2_SERVER});
  // SCH_CREDENTIALS can only subtract (CRED-34).
  const Credential modern(SECPKG_CRED_OUTBOUND, Tls::v12);
  EXPECT_EQ(modern.status, SEC_E_ALGORITHM_MISMATCH);
}

class SettingsPerVersion : public testing::TestWithParam<Tls> {};
INSTANTIATE_TEST_SUITE_P(Tls, SettingsPerVersion, testing::Values(Tls::v12, Tls::v13), name_of);

TEST_P(SettingsPerVersion, R_2_a_line_makes_every_server_strict) {
  const SettingsFile settings("RequireClientCertificate = true\n");
  Pair pair(GetParam());
  pair.server.flags = kServerFlags | ASC_REQ_MUTUAL_AUTH;
  Credential without(SECPKG_CRED_OUTBOUND, GetParam(), [](SCH_CREDENTIALS& data) {
    data.dwFlags |= OPENSCHANNEL_CRED_SKIP_INCOMPLETE_CREDENTIALS;
  });
  Side client(false, &without.handle);
  Bytes to_server, to_client;
  client.feed({}, to_server);
  pair.server.feed(to_server, to_client);
  to_server.clear();
  client.feed(to_client, to_server);
  to_client.clear();
  EXPECT_EQ(pair.server.feed(to_server, to_client), SEC_E_LOGON_DENIED);
}

TEST_P(SettingsPerVersion, R_2_who_asks_for_no_certificate_is_not_concerned) {
  const SettingsFile settings("RequireClientCertificate = true\n");
  Pair pair(GetParam());
  EXPECT_TRUE(pair.connect());
}

/// The names in the CertificateRequest of a server that trusts `roots`.
std::vector<Bytes> announced_names(Tls version, HCERTSTORE roots) {
  Credential server_credential(SECPKG_CRED_INBOUND, version,
                               [&](SCH_CREDENTIALS& data) { data.hRootStore = roots; });
  EXPECT_EQ(server_credential.status, SEC_E_OK) << detail();
  Credential client_credential(SECPKG_CRED_OUTBOUND, version);
  Side client(false, &client_credential.handle);
  Side server(true, &server_credential.handle);
  server.flags = kServerFlags | ASC_REQ_MUTUAL_AUTH;
  Bytes to_server, to_client;
  client.feed({}, to_server);
  server.feed(to_server, to_client);
  EXPECT_EQ(client.call(to_client).status, SEC_I_INCOMPLETE_CREDENTIALS);
  SecPkgContext_IssuerListInfoEx issuers{};
  EXPECT_EQ(QueryContextAttributesA(&client.context, SECPKG_ATTR_ISSUER_LIST_EX, &issuers),
            SEC_E_OK);
  std::vector<Bytes> names;
  for (DWORD i = 0; i < issuers.cIssuers; ++i) {
    const CERT_NAME_BLOB& name = issuers.aIssuers[i];
    names.emplace_back(name.pbData, name.pbData + name.cbData);
  }
  FreeContextBuffer(issuers.aIssuers);
  return names;
}

Bytes subject_of(const Issued& issued) {
  unsigned char* name = nullptr;
  const int size = i2d_X509_NAME(X509_get_subject_name(issued.certificate.get()), &name);
  const Bytes out(name, name + size);
  OPENSSL_free(name);
  return out;
}

TEST_P(SettingsPerVersion, AUTH_22_authorities_are_named_only_when_the_setting_is_on) {
  const Issued one = make_root("one");
  const Issued two = make_root("two");
  const Issued namesake = make_root("one");
  const certificates::Store store = trusting({one, two, namesake});
  {
    const SettingsFile settings("");
    EXPECT_TRUE(announced_names(GetParam(), store.get()).empty());
  }
  const SettingsFile settings("SendTrustedIssuerList = true\n");
  const std::vector<Bytes> names = announced_names(GetParam(), store.get());
  ASSERT_EQ(names.size(), 2U) << "each name once";
  EXPECT_EQ(names[0], subject_of(one));
  EXPECT_EQ(names[1], subject_of(two));
}

TEST_P(SettingsPerVersion, AUTH_22_at_most_16_KB_of_names) {
  std::vector<Issued> roots;
  std::size_t all = 0;
  while (all <= 0x4000) {
    roots.push_back(make_root(std::to_string(roots.size()) + std::string(60, 'x')));
    all += subject_of(roots.back()).size() + 2;
  }
  const std::size_t one = subject_of(roots.back()).size() + 2;
  const certificates::Store store = trusting(roots);
  const SettingsFile settings("SendTrustedIssuerList = true\n");
  std::size_t bytes = 0;
  for (const Bytes& name : announced_names(GetParam(), store.get())) bytes += name.size() + 2;
  EXPECT_LE(bytes, 0x4000U);
  EXPECT_GT(bytes, 0x4000U - 2 * one);
}

/// The files that libcrypto's variables name, for as long as it lives.
class SystemRoots {
 public:
  explicit SystemRoots(const std::vector<Issued>& roots) {
    std::string pem;
    for (const Issued& root : roots) {
      const std::unique_ptr<BIO, Freed<BIO_free>> memory(BIO_new(BIO_s_mem()));
      PEM_write_bio_X509(memory.get(), root.certificate.get());
      char* text = nullptr;
      const long size = BIO_get_mem_data(memory.get(), &text);
      pem.append(text, static_cast<std::size_t>(size));
    }
    setenv("SSL_CERT_FILE", folder_.write("roots.pem", pem).c_str(), 1);
    setenv("SSL_CERT_DIR", folder_.file("none").c_str(), 1);
  }
  ~SystemRoots() {
    unsetenv("SSL_CERT_FILE");
    unsetenv("SSL_CERT_DIR");
  }

 private:
  Folder folder_;
};

TEST_P(SettingsPerVersion, AUTH_22_without_a_store_they_are_those_of_the_system) {
  const Issued root = make_root("the system's");
  const SystemRoots trusted({root});
  {
    const SettingsFile settings("SendTrustedIssuerList = true\n");
    EXPECT_EQ(announced_names(GetParam(), nullptr), std::vector<Bytes>{subject_of(root)});
  }
  // AUTH-23: who trusts a store of their own does not trust the system's.
  const SettingsFile settings("SendTrustedIssuerList = true\nClientAuthTrustMode = 1\n");
  EXPECT_TRUE(announced_names(GetParam(), nullptr).empty());
}

class Caching : public testing::Test {
 protected:
  /// True when the second connection of fresh credentials is resumed.
  static bool resumes(DWORD client_lifespan_ms = 0) {
    Credential client(SECPKG_CRED_OUTBOUND, Tls::v13, [&](SCH_CREDENTIALS& data) {
      data.dwSessionLifespan = client_lifespan_ms;
      data.dwFlags |= OPENSCHANNEL_CRED_ABSORB_POST_HANDSHAKE;
    });
    Credential server(SECPKG_CRED_INBOUND, Tls::v13);
    connect(client, server);
    return connect(client, server);
  }

 private:
  static bool connect(Credential& client_credential, Credential& server_credential) {
    Side client(false, &client_credential.handle), server(true, &server_credential.handle);
    server.flags = kServerFlags | ASC_REQ_SESSION_TICKET;
    Bytes to_server, to_client, ticket;
    client.feed({}, to_server);
    server.feed(to_server, to_client);
    to_server.clear();
    EXPECT_EQ(client.feed(to_client, to_server), SEC_E_OK);
    EXPECT_EQ(server.feed(to_server, ticket), SEC_E_OK);
    if (!ticket.empty()) client.decrypt(ticket);
    SecPkgContext_SessionInfo info{};
    EXPECT_EQ(QueryContextAttributesA(&client.context, SECPKG_ATTR_SESSION_INFO, &info), SEC_E_OK);
    return (info.dwFlags & SSL_SESSION_RECONNECT) != 0;
  }
};

TEST_F(Caching, CACHE_3_a_time_of_0_switches_it_off) {
  {
    const SettingsFile settings("");
    EXPECT_TRUE(resumes());
  }
  {
    const SettingsFile settings("ClientCacheTime = 0\n");
    EXPECT_FALSE(resumes());
    EXPECT_FALSE(resumes(1000)) << "whatever the credential says";
  }
  {
    const SettingsFile settings("ServerCacheTime = 0\n");
    EXPECT_FALSE(resumes());
  }
  const SettingsFile settings("ClientCacheTime = 60000\nServerCacheTime = 60000\n");
  EXPECT_TRUE(resumes());
}

TEST_F(Caching, CACHE_4_a_server_with_room_for_none_resumes_none) {
  {
    const SettingsFile settings("MaximumCacheSize = 0\n");
    EXPECT_FALSE(resumes());
  }
  const SettingsFile settings("MaximumCacheSize = 1\n");
  EXPECT_TRUE(resumes());
}

}  // namespace
}  // namespace contract
