#include "support/libssl_peer.h"

#include "support/call.h"

// Who is the server? Contract section F: every way for a certificate to be wrong has its status,
// and the peer gets the alert that belongs to it (ALERT-28).
namespace contract {
namespace {

struct Outcome {
  SECURITY_STATUS status;
  int alert;  ///< what the server was told; -1: nothing
};

struct Presented {
  Issued leaf;
  std::vector<Issued> chain;
  std::vector<Issued> trusted;
};

struct Checks {
  const char* target = "localhost";
  DWORD credential_flags = 0;
  ULONG context_flags = 0;
};

/// A handshake of our client with a libssl server that presents these certificates.
Outcome meet(Tls version, const Presented& presented, Checks checks = {}) {
  const certificates::Store store = trusting(presented.trusted);
  Credential credential(SECPKG_CRED_OUTBOUND, version, [&](SCH_CREDENTIALS& data) {
    data.hRootStore = store.get();
    data.dwFlags |= checks.credential_flags;
  });
  EXPECT_EQ(credential.status, SEC_E_OK);
  Side client(false, &credential.handle);
  client.target = checks.target;
  client.flags = kClientFlags | ISC_REQ_EXTENDED_ERROR | checks.context_flags;
  LibsslPeer server(LibsslPeer::server, version);
  SSL_CTX_set_security_level(server.context.get(), 0);
  server.use(presented.leaf, presented.chain);
  server.start();
  connect(client, server);
  return {client.last, server.alert_received};
}

class Authentication : public testing::TestWithParam<Tls> {
 protected:
  void expect(const Presented& presented, SECURITY_STATUS status, int alert, Checks checks = {}) {
    const Outcome outcome = meet(GetParam(), presented, checks);
    EXPECT_EQ(outcome.status, status) << OpenSchannelStatusText(outcome.status) << " instead of "
                                      << OpenSchannelStatusText(status) << "\n"
                                      << OpenSchannelErrorDetail();
    EXPECT_EQ(outcome.alert, alert);
  }
  void expect_good(const Presented& presented, Checks checks = {}) {
    expect(presented, SEC_E_OK, -1, checks);
  }

  const Issued root_ = make_root();
};
INSTANTIATE_TEST_SUITE_P(Tls, Authentication, testing::Values(Tls::v12, Tls::v13), name_of);

Profile ca(const char* subject, const char* constraints = "critical,CA:TRUE") {
  Profile profile;
  profile.subject = subject;
  profile.names = nullptr;
  profile.constraints = constraints;
  profile.key_usage = "critical,keyCertSign";
  return profile;
}

TEST_P(Authentication, AUTH_7_chain_to_a_trusted_root) {
  expect_good({issue({}, &root_), {}, {root_}});
  const Issued one = issue(ca("one"), &root_);
  const Issued two = issue(ca("two"), &one);
  const Issued leaf = issue({}, &two);
  expect_good({leaf, {two, one}, {root_}});
  // AUTH-9a: the order of what was sent says nothing about the order of the chain.
  expect_good({leaf, {one, two}, {root_}});
  // One that nobody needs does no harm.
  expect_good({leaf, {issue(ca("stray"), &root_), one, two}, {root_}});
}

TEST_P(Authentication, AUTH_8_partial_chain_is_UNTRUSTED_ROOT) {
  const Issued one = issue(ca("one"), &root_);
  expect({issue({}, &one), {}, {root_}}, SEC_E_UNTRUSTED_ROOT, 48);
}

TEST_P(Authentication, AUTH_8_other_root_is_UNTRUSTED_ROOT) {
  expect({issue({}, &root_), {}, {make_root("other")}}, SEC_E_UNTRUSTED_ROOT, 48);
  // CRED-42, SCH_SEND_ROOT_CERT: a root that came from the peer is not trusted for that.
  expect({issue({}, &root_), {root_}, {make_root("other")}}, SEC_E_UNTRUSTED_ROOT, 48);
  // A root of the same name with another key: no root of the chain's, or a signature that fails.
  const Outcome same_name = meet(GetParam(), {issue({}, &root_), {}, {make_root("root")}});
  EXPECT_TRUE(same_name.status == SEC_E_UNTRUSTED_ROOT || same_name.status == SEC_E_CERT_UNKNOWN);
  // An empty store trusts nothing.
  expect({issue({}, &root_), {}, {}}, SEC_E_UNTRUSTED_ROOT, 48);
}

TEST_P(Authentication, AUTH_8_self_signed_is_UNTRUSTED_ROOT_until_trusted) {
  const Issued self = issue({});
  expect({self, {}, {root_}}, SEC_E_UNTRUSTED_ROOT, 48);
  expect_good({self, {}, {self}});
}

TEST_P(Authentication, AUTH_8_outside_its_time_is_CERT_EXPIRED) {
  Profile expired;
  expired.not_before = -7200;
  expired.not_after = -60;
  expect({issue(expired, &root_), {}, {root_}}, SEC_E_CERT_EXPIRED, 45);
  Profile future;
  future.not_before = 3600;
  expect({issue(future, &root_), {}, {root_}}, SEC_E_CERT_EXPIRED, 45);
  Profile expired_ca = ca("one");
  expired_ca.not_before = -7200;
  expired_ca.not_after = -60;
  const Issued one = issue(expired_ca, &root_);
  expect({issue({}, &one), {one}, {root_}}, SEC_E_CERT_EXPIRED, 45);
}

TEST_P(Authentication, AUTH_8_wrong_usage_is_CERT_WRONG_USAGE) {
  Profile client_only;
  client_only.usage = "clientAuth";
  expect({issue(client_only, &root_), {}, {root_}}, SEC_E_CERT_WRONG_USAGE, 43);
  Profile server;
  server.usage = "serverAuth";
  expect_good({issue(server, &root_), {}, {root_}});
  Profile both;
  both.usage = "clientAuth,serverAuth";
  expect_good({issue(both, &root_), {}, {root_}});
}

TEST_P(Authentication, AUTH_7_issuers_must_be_CAs) {
  // Anyone with a certificate could sign for anyone else.
  const Issued not_a_ca = issue({}, &root_);
  const Outcome plain = meet(GetParam(), {issue({}, &not_a_ca), {not_a_ca}, {root_}});
  EXPECT_LT(plain.status, 0);
  EXPECT_NE(plain.alert, -1);
  const Issued said_so = issue(ca("end entity", "critical,CA:FALSE"), &root_);
  EXPECT_LT(meet(GetParam(), {issue({}, &said_so), {said_so}, {root_}}).status, 0);
  // keyUsage without keyCertSign.
  Profile no_signing = ca("no signing");
  no_signing.key_usage = "critical,digitalSignature";
  const Issued wrong_use = issue(no_signing, &root_);
  EXPECT_LT(meet(GetParam(), {issue({}, &wrong_use), {wrong_use}, {root_}}).status, 0);
}

TEST_P(Authentication, AUTH_9e_path_length) {
  const Issued one = issue(ca("one", "critical,CA:TRUE,pathlen:0"), &root_);
  expect_good({issue({}, &one), {one}, {root_}});
  const Issued two = issue(ca("two"), &one);
  EXPECT_LT(meet(GetParam(), {issue({}, &two), {two, one}, {root_}}).status, 0);
}

TEST_P(Authentication, AUTH_7_name_constraints) {
  Profile limited = ca("limited");
  limited.name_constraints = "critical,permitted;DNS:example.org";
  const Issued one = issue(limited, &root_);
  EXPECT_LT(meet(GetParam(), {issue({}, &one), {one}, {root_}}).status, 0);
  Profile inside;
  inside.names = "DNS:www.example.org";
  expect_good({issue(inside, &one), {one}, {root_}}, {"www.example.org"});
}

TEST_P(Authentication, AUTH_7_changed_signature_is_refused) {
  Issued leaf = issue({}, &root_);
  unsigned char* der = nullptr;
  const int size = i2d_X509(leaf.certificate.get(), &der);
  der[size - 3] ^= 1;
  const unsigned char* at = der;
  leaf.certificate = Certificate(d2i_X509(nullptr, &at, size), X509_free);
  OPENSSL_free(der);
  ASSERT_NE(leaf.certificate, nullptr);
  const Outcome outcome = meet(GetParam(), {leaf, {}, {root_}});
  EXPECT_LT(outcome.status, 0);
  EXPECT_NE(outcome.alert, -1);
}

TEST_P(Authentication, AUTH_9g_names) {
  struct Row {
    const char* names;
    const char* target;
    bool good;
  };
  const Row rows[] = {
      {"DNS:www.example.org", "www.example.org", true},
      {"DNS:www.example.org", "WWW.EXAMPLE.ORG", true},
      {"DNS:www.example.org", "www.example.org.", true},
      {"DNS:www.example.org", "example.org", false},
      {"DNS:www.example.org", "xwww.example.org", false},
      {"DNS:*.example.org", "www.example.org", true},
      {"DNS:*.example.org", "example.org", false},
      {"DNS:*.example.org", "a.b.example.org", false},
      {"DNS:w*.example.org", "www.example.org", false},
      {"DNS:www.*.org", "www.example.org", false},
      {"DNS:*", "localhost", false},
      {"DNS:*.org", "example.org", false},
      {"DNS:a.example.org,DNS:b.example.org", "b.example.org", true},
      {"IP:192.0.2.1", "192.0.2.1", true},
      {"IP:192.0.2.1", "192.0.2.2", false},
      {"DNS:192.0.2.1", "192.0.2.1", false},
      {"IP:2001:db8::1", "2001:db8::1", true},
      {"IP:2001:db8::1", "2001:DB8:0:0:0:0:0:1", true},
      {"IP:2001:db8::1", "2001:db8::2", false},
      {"DNS:*.0.2.1", "192.0.2.1", false},
      {"DNS:xn--bcher-kva.example", "xn--bcher-kva.example", true},
      {"email:someone@example.org", "example.org", false},
      // The subject is no name once there is a list of names (RFC 6125 section 6.4.4).
      {"DNS:other.example.org", "leaf", false},
  };
  for (const Row& row : rows) {
    Profile profile;
    profile.names = row.names;
    const Outcome outcome = meet(GetParam(), {issue(profile, &root_), {}, {root_}}, {row.target});
    EXPECT_EQ(outcome.status, row.good ? SEC_E_OK : SEC_E_WRONG_PRINCIPAL)
        << row.names << " for " << row.target;
    EXPECT_EQ(outcome.alert, row.good ? -1 : 42);
  }
}

TEST_P(Authentication, AUTH_9g_a_name_with_a_zero_byte_is_no_other_name) {
  // The classic: www.example.org\0.attacker.example, signed by a careless CA.
  Issued leaf = issue({}, &root_);
  X509* certificate = leaf.certificate.get();
  GENERAL_NAMES* names = GENERAL_NAMES_new();
  GENERAL_NAME* name = GENERAL_NAME_new();
  ASN1_IA5STRING* text = ASN1_IA5STRING_new();
  ASN1_STRING_set(text, "www.example.org\0.attacker.example", 33);
  GENERAL_NAME_set0_value(name, GEN_DNS, text);
  sk_GENERAL_NAME_push(names, name);
  X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, X509V3_ADD_REPLACE);
  GENERAL_NAMES_free(names);
  X509_sign(certificate, root_.key.get(), EVP_sha256());
  const Outcome outcome = meet(GetParam(), {leaf, {}, {root_}}, {"www.example.org"});
  EXPECT_LT(outcome.status, 0);
}

TEST_P(Authentication, Q_39_trust_is_judged_before_the_name) {
  expect({issue({}, &root_), {}, {make_root("other")}}, SEC_E_UNTRUSTED_ROOT, 48,
         {"elsewhere.example"});
}

TEST_P(Authentication, AUTH_4_manual_validation_takes_any_certificate) {
  Profile hopeless;
  hopeless.not_after = -60;
  hopeless.not_before = -7200;
  hopeless.usage = "clientAuth";
  hopeless.names = "DNS:someone.else";
  const Presented presented{issue(hopeless, &root_), {}, {}};
  expect_good(presented, {"localhost", SCH_CRED_MANUAL_CRED_VALIDATION, 0});
  expect_good(presented, {"localhost", 0, ISC_REQ_MANUAL_CRED_VALIDATION});
  // CRED-46: of two opposite flags the one that isn't the default wins.
  expect_good(presented,
              {"localhost", SCH_CRED_MANUAL_CRED_VALIDATION | SCH_CRED_AUTO_CRED_VALIDATION, 0});
}

TEST_P(Authentication, AUTH_4_nothing_else_switches_validation_off) {
  const Presented presented{issue({}, &root_), {}, {}};
  for (const DWORD flags :
       {DWORD{SCH_CRED_AUTO_CRED_VALIDATION}, DWORD{SCH_CRED_NO_SERVERNAME_CHECK},
        DWORD{SCH_CRED_IGNORE_NO_REVOCATION_CHECK | SCH_CRED_IGNORE_REVOCATION_OFFLINE},
        DWORD{SCH_CRED_NO_DEFAULT_CREDS}, DWORD{SCH_CRED_USE_DEFAULT_CREDS},
        DWORD{SCH_USE_STRONG_CRYPTO}, DWORD{SCH_SEND_AUX_RECORD}}) {
    EXPECT_EQ(meet(GetParam(), presented, {"localhost", flags, 0}).status, SEC_E_UNTRUSTED_ROOT)
        << std::hex << flags;
  }
  // ISC_REQ_USE_SUPPLIED_CREDS, _MUTUAL_AUTH, _INTEGRITY and no target name say nothing about
  // trust.
  for (const ULONG flags :
       {ULONG{ISC_REQ_USE_SUPPLIED_CREDS}, ULONG{ISC_REQ_MUTUAL_AUTH}, ULONG{ISC_REQ_INTEGRITY}}) {
    EXPECT_EQ(meet(GetParam(), presented, {"localhost", 0, flags}).status, SEC_E_UNTRUSTED_ROOT);
  }
  EXPECT_EQ(meet(GetParam(), presented, {"", 0, 0}).status, SEC_E_UNTRUSTED_ROOT);
}

TEST_P(Authentication, AUTH_6_without_the_name_check_the_chain_is_still_checked) {
  expect_good({issue({}, &root_), {}, {root_}},
              {"elsewhere.example", SCH_CRED_NO_SERVERNAME_CHECK, 0});
  expect({issue({}, &root_), {}, {}}, SEC_E_UNTRUSTED_ROOT, 48,
         {"elsewhere.example", SCH_CRED_NO_SERVERNAME_CHECK, 0});
}

TEST_P(Authentication, AUTH_10_and_R_16_certificates_after_manual_validation) {
  const Issued one = issue(ca("one"), &root_);
  const Issued leaf = issue({}, &one);
  Credential credential(SECPKG_CRED_OUTBOUND, GetParam(), [&](SCH_CREDENTIALS& data) {
    data.hRootStore = nullptr;
    data.dwFlags |= SCH_CRED_MANUAL_CRED_VALIDATION;
  });
  Side client(false, &credential.handle);
  LibsslPeer server(LibsslPeer::server, GetParam());
  server.use(leaf, {one, root_});
  server.start();
  ASSERT_TRUE(connect(client, server));
  PCCERT_CONTEXT remote = nullptr;
  ASSERT_EQ(QueryContextAttributesW(&client.context, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &remote),
            SEC_E_OK);
  const std::vector<certificates::Bytes> sent = certificates::certificates_of(remote->hCertStore);
  ASSERT_EQ(sent.size(), 3U);
  EXPECT_EQ(sent[0], certificates::encoding_of(remote));
  const Certificate expected[] = {leaf.certificate, one.certificate, root_.certificate};
  for (std::size_t i = 0; i < 3; ++i) {
    unsigned char* der = nullptr;
    const int size = i2d_X509(expected[i].get(), &der);
    EXPECT_EQ(sent[i], certificates::Bytes(der, der + size)) << i;
    OPENSSL_free(der);
  }
  // HND-17: it outlives its context.
  DeleteSecurityContext(&client.context);
  client.has_context = false;
  EXPECT_EQ(certificates::certificates_of(remote->hCertStore).size(), 3U);
  CertFreeCertificateContext(remote);
}

TEST_P(Authentication, CRED_51_stores_and_contexts_may_be_closed_after_acquisition) {
  CredHandle client_handle{}, server_handle{};
  {
    const certificates::Store store = trusting({root_});
    SCH_CREDENTIALS data{};
    data.dwVersion = SCH_CREDENTIALS_VERSION;
    data.hRootStore = store.get();
    ASSERT_EQ(AcquireCredentialsHandleA(nullptr, UNISP_NAME_A, SECPKG_CRED_OUTBOUND, nullptr, &data,
                                        nullptr, nullptr, &client_handle, nullptr),
              SEC_E_OK);
    const OwnCertificate own(issue({}, &root_));
    PCCERT_CONTEXT context = own.context.get();
    data.hRootStore = nullptr;
    data.cCreds = 1;
    data.paCred = &context;
    ASSERT_EQ(AcquireCredentialsHandleA(nullptr, UNISP_NAME_A, SECPKG_CRED_INBOUND, nullptr, &data,
                                        nullptr, nullptr, &server_handle, nullptr),
              SEC_E_OK);
    // HND-5: what is changed afterwards has no effect.
    std::memset(&data, 0xff, sizeof data);
  }
  Side client(false, &client_handle), server(true, &server_handle);
  Bytes to_server, to_client;
  client.feed({}, to_server);
  server.feed(to_server, to_client);
  to_server.clear();
  ASSERT_GE(client.feed(to_client, to_server), SEC_E_OK);
  to_client.clear();
  ASSERT_EQ(server.feed(to_server, to_client), SEC_E_OK);
  FreeCredentialsHandle(&client_handle);
  FreeCredentialsHandle(&server_handle);
}

TEST_P(Authentication, AUTH_19_chain_without_and_with_its_root) {
  const Issued one = issue(ca("one"), &root_);
  const Issued leaf = issue({}, &one);
  for (const bool with_root : {false, true}) {
    const OwnCertificate own(leaf, {one, root_});
    PCCERT_CONTEXT context = own.context.get();
    Credential credential(SECPKG_CRED_INBOUND, GetParam(), [&](SCH_CREDENTIALS& data) {
      data.paCred = &context;
      data.dwFlags |= with_root ? SCH_SEND_ROOT_CERT : 0;
    });
    ASSERT_EQ(credential.status, SEC_E_OK);
    Side ours(true, &credential.handle);
    LibsslPeer client(LibsslPeer::client, GetParam());
    X509_STORE_add_cert(SSL_CTX_get_cert_store(client.context.get()), root_.certificate.get());
    SSL_CTX_set_verify(client.context.get(), SSL_VERIFY_PEER, nullptr);
    client.start();
    ASSERT_TRUE(connect(ours, client)) << OpenSchannelStatusText(ours.last);
    EXPECT_EQ(sk_X509_num(SSL_get_peer_cert_chain(client.ssl.get())), with_root ? 3 : 2);
  }
}

TEST_P(Authentication, CRED_24_server_picks_a_certificate_that_fits) {
  Profile rsa;
  rsa.key = KeyType::rsa;
  const OwnCertificate ecdsa_own(issue({}, &root_)), rsa_own(issue(rsa, &root_));
  PCCERT_CONTEXT both[] = {ecdsa_own.context.get(), rsa_own.context.get()};
  Credential credential(SECPKG_CRED_INBOUND, GetParam(), [&](SCH_CREDENTIALS& data) {
    data.cCreds = 2;
    data.paCred = both;
  });
  ASSERT_EQ(credential.status, SEC_E_OK);
  for (const bool only_rsa : {false, true}) {
    Side ours(true, &credential.handle);
    LibsslPeer client(LibsslPeer::client, GetParam());
    SSL_CTX_set1_sigalgs_list(client.context.get(),
                              only_rsa ? "rsa_pss_rsae_sha256:RSA+SHA256" : "ECDSA+SHA256");
    client.start();
    ASSERT_TRUE(connect(ours, client)) << only_rsa << OpenSchannelStatusText(ours.last);
    X509* seen = SSL_get1_peer_certificate(client.ssl.get());
    EXPECT_EQ(EVP_PKEY_is_a(X509_get0_pubkey(seen), "RSA"), only_rsa ? 1 : 0);
    X509_free(seen);
  }
}

TEST_P(Authentication, ASC_30_and_35_no_certificate_that_fits) {
  const OwnCertificate own(issue({}, &root_));
  PCCERT_CONTEXT context = own.context.get();
  Credential credential(SECPKG_CRED_INBOUND, GetParam(),
                        [&](SCH_CREDENTIALS& data) { data.paCred = &context; });
  Side ours(true, &credential.handle);
  ours.flags = kServerFlags | ASC_REQ_EXTENDED_ERROR;
  LibsslPeer client(LibsslPeer::client, GetParam());
  SSL_CTX_set1_sigalgs_list(client.context.get(), "rsa_pss_rsae_sha256:RSA+SHA256");
  client.start();
  EXPECT_FALSE(connect(ours, client));
  EXPECT_TRUE(ours.last == SEC_E_ALGORITHM_MISMATCH || ours.last == SEC_E_NO_CREDENTIALS);
  EXPECT_EQ(client.alert_received, 40);
}

}  // namespace
}  // namespace contract
