#include "support/libssl_peer.h"

#include <algorithm>

#include "support/call.h"

// Both roles against a TLS stack that somebody else wrote: every suite, group and kind of key that
// issue 2 names, HelloRetryRequest, client certificates, ALPN, messages and the end.
namespace contract {
namespace {

/// A client credential of ours that trusts what `root` signed.
struct Trusting {
  Trusting(Tls version, const Issued& root)
      : store(trusting({root})),
        credential(SECPKG_CRED_OUTBOUND, version,
                   [&](SCH_CREDENTIALS& data) { data.hRootStore = store.get(); }) {
    EXPECT_EQ(credential.status, SEC_E_OK);
  }
  certificates::Store store;
  Credential credential;
};

/// A server credential of ours with `leaf` and its chain.
struct Serving {
  Serving(Tls version, const Issued& leaf, const std::vector<Issued>& chain = {})
      : own(leaf, chain), credential(SECPKG_CRED_INBOUND, version, [&](SCH_CREDENTIALS& data) {
          context = own.context.get();
          data.paCred = &context;
        }) {
    EXPECT_EQ(credential.status, SEC_E_OK) << OpenSchannelErrorDetail();
  }
  OwnCertificate own;
  PCCERT_CONTEXT context = nullptr;
  Credential credential;
};

void exchange(Side& ours, LibsslPeer& peer) {
  for (const std::size_t size : {1, 1400, 16384}) {
    const std::string text(size, 'q');
    Bytes record;
    ASSERT_EQ(ours.encrypt(text, record), SEC_E_OK);
    peer.give(record);
    EXPECT_TRUE(peer.read() == text) << size;
    const Bytes answer = peer.write(text);
    std::string read;
    std::size_t at = 0;
    for (const std::size_t record_size : record_sizes(answer)) {
      Bytes one = slice(answer, at, at + record_size);
      read += ours.decrypt(one).value_or("(nothing)");
      at += record_size;
    }
    EXPECT_TRUE(read == text) << size;
  }
}

DWORD suite_of(Side& side) {
  SecPkgContext_CipherInfo info{};
  info.dwVersion = SECPKGCONTEXT_CIPHERINFO_V1;
  EXPECT_EQ(QueryContextAttributesW(&side.context, SECPKG_ATTR_CIPHER_INFO, &info), SEC_E_OK);
  return info.dwCipherSuite;
}

struct Suite {
  Tls version;
  const char* name;
  DWORD number;
  bool rsa;
};

class Suites : public testing::TestWithParam<Suite> {};
INSTANTIATE_TEST_SUITE_P(
    All, Suites,
    testing::Values(Suite{Tls::v13, "TLS_AES_256_GCM_SHA384", 0x1302, false},
                    Suite{Tls::v13, "TLS_AES_128_GCM_SHA256", 0x1301, false},
                    Suite{Tls::v12, "ECDHE-ECDSA-AES256-GCM-SHA384", 0xC02C, false},
                    Suite{Tls::v12, "ECDHE-ECDSA-AES128-GCM-SHA256", 0xC02B, false},
                    Suite{Tls::v12, "ECDHE-RSA-AES256-GCM-SHA384", 0xC030, true},
                    Suite{Tls::v12, "ECDHE-RSA-AES128-GCM-SHA256", 0xC02F, true},
                    Suite{Tls::v13, "TLS_CHACHA20_POLY1305_SHA256", 0x1303, false},
                    Suite{Tls::v12, "ECDHE-ECDSA-CHACHA20-POLY1305", 0xCCA9, false},
                    Suite{Tls::v12, "ECDHE-RSA-CHACHA20-POLY1305", 0xCCA8, true}),
    [](const testing::TestParamInfo<Suite>& test) {
      std::string name = test.param.name;
      for (char& c : name) {
        if (c == '-') c = '_';
      }
      return name;
    });

void only(LibsslPeer& peer, const Suite& suite) {
  if (suite.version == Tls::v13) {
    ASSERT_EQ(SSL_CTX_set_ciphersuites(peer.context.get(), suite.name), 1);
  } else {
    ASSERT_EQ(SSL_CTX_set_cipher_list(peer.context.get(), suite.name), 1);
  }
}

Issued leaf_for(const Suite& suite, const Issued& root) {
  Profile profile;
  profile.key = suite.rsa ? KeyType::rsa : KeyType::ecdsa_p256;
  return issue(profile, &root);
}

TEST_P(Suites, PROTO_17_client) {
  const Issued root = make_root();
  const Trusting trust(GetParam().version, root);
  Side client(false, const_cast<CredHandle*>(&trust.credential.handle));
  LibsslPeer server(LibsslPeer::server, GetParam().version);
  server.use(leaf_for(GetParam(), root));
  only(server, GetParam());
  server.start();
  ASSERT_TRUE(connect(client, server)) << OpenSchannelStatusText(client.last);
  EXPECT_EQ(suite_of(client), GetParam().number);
  EXPECT_EQ(client.attributes, kClientFlags);
  exchange(client, server);
}

TEST_P(Suites, PROTO_17_server) {
  const Issued root = make_root();
  Serving serving(GetParam().version, leaf_for(GetParam(), root));
  Side ours(true, &serving.credential.handle);
  LibsslPeer client(LibsslPeer::client, GetParam().version);
  only(client, GetParam());
  client.start();
  ASSERT_TRUE(connect(ours, client)) << OpenSchannelStatusText(ours.last);
  EXPECT_EQ(suite_of(ours), GetParam().number);
  EXPECT_EQ(ours.attributes, kServerFlags);
  exchange(ours, client);
}

// Decision 0007: ChaCha20-Poly1305 comes last, and a caller can take it away (CRED-37).
TEST(SuiteOrder, PROTO_15_the_servers_order_decides) {
  for (const Tls version : {Tls::v12, Tls::v13}) {
    const Issued root = make_root();
    Serving serving(version, issue({}, &root));
    Side ours(true, &serving.credential.handle);
    LibsslPeer client(LibsslPeer::client, version);
    SSL_CTX_set_ciphersuites(client.context.get(),
                             "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256");
    SSL_CTX_set_cipher_list(client.context.get(),
                            "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-GCM-SHA256");
    client.start();
    ASSERT_TRUE(connect(ours, client));
    EXPECT_EQ(suite_of(ours), version == Tls::v13 ? 0x1301U : 0xC02BU);
  }
}

TEST(SuiteOrder, CRED_37_disabled_algorithms_are_not_negotiated) {
  for (const Tls version : {Tls::v12, Tls::v13}) {
    const Issued root = make_root();
    const OwnCertificate own(issue({}, &root));
    PCCERT_CONTEXT context = own.context.get();
    wchar_t name[] = L"CHACHA20_POLY1305";
    CRYPTO_SETTINGS disabled{};
    disabled.eAlgorithmUsage = TlsParametersCngAlgUsageCipher;
    // CRED-41; msquic counts the terminator, dotnet doesn't: both work.
    disabled.strCngAlgId.Length = static_cast<USHORT>(sizeof name - sizeof(wchar_t));
    disabled.strCngAlgId.MaximumLength = sizeof name;
    disabled.strCngAlgId.Buffer = name;
    for (const bool with_terminator : {false, true}) {
      if (with_terminator) disabled.strCngAlgId.Length = sizeof name;
      Credential credential(SECPKG_CRED_INBOUND, version, [&](SCH_CREDENTIALS& data) {
        data.paCred = &context;
        data.pTlsParameters->cDisabledCrypto = 1;
        data.pTlsParameters->pDisabledCrypto = &disabled;
      });
      ASSERT_EQ(credential.status, SEC_E_OK);
      Side ours(true, &credential.handle);
      ours.flags = kServerFlags | ASC_REQ_EXTENDED_ERROR;
      LibsslPeer client(LibsslPeer::client, version);
      SSL_CTX_set_ciphersuites(client.context.get(), "TLS_CHACHA20_POLY1305_SHA256");
      SSL_CTX_set_cipher_list(client.context.get(), "ECDHE-ECDSA-CHACHA20-POLY1305");
      client.start();
      EXPECT_FALSE(connect(ours, client)) << with_terminator;
      EXPECT_EQ(ours.last, SEC_E_ALGORITHM_MISMATCH);
      EXPECT_EQ(client.alert_received, 40);
    }
  }
}

struct Group {
  Tls version;
  const char* name;
};

class Groups : public testing::TestWithParam<Group> {};
INSTANTIATE_TEST_SUITE_P(All, Groups,
                         testing::Values(Group{Tls::v13, "X25519"}, Group{Tls::v13, "P-256"},
                                         Group{Tls::v13, "P-384"}, Group{Tls::v13, "P-521"},
                                         Group{Tls::v12, "P-521"}, Group{Tls::v12, "X25519"},
                                         Group{Tls::v12, "P-256"}, Group{Tls::v12, "P-384"}),
                         [](const testing::TestParamInfo<Group>& test) {
                           std::string name = test.param.name;
                           if (name[1] == '-') name.erase(1, 1);
                           return name + (test.param.version == Tls::v13 ? "_tls13" : "_tls12");
                         });

// In TLS 1.2 the groups limit the keys of certificates too (RFC 8422 section 5.1): RSA has none.
Profile of_rsa() {
  Profile profile;
  profile.key = KeyType::rsa;
  return profile;
}

// In TLS 1.3 what is not the first offer comes through a HelloRetryRequest.
TEST_P(Groups, PROTO_21_client) {
  const Issued root = make_root();
  const Trusting trust(GetParam().version, root);
  Side client(false, const_cast<CredHandle*>(&trust.credential.handle));
  LibsslPeer server(LibsslPeer::server, GetParam().version);
  server.use(issue(of_rsa(), &root));
  ASSERT_EQ(SSL_CTX_set1_groups_list(server.context.get(), GetParam().name), 1);
  server.start();
  ASSERT_TRUE(connect(client, server)) << OpenSchannelStatusText(client.last);
  exchange(client, server);
}

TEST_P(Groups, PROTO_21_server) {
  const Issued root = make_root();
  Serving serving(GetParam().version, issue(of_rsa(), &root));
  Side ours(true, &serving.credential.handle);
  LibsslPeer client(LibsslPeer::client, GetParam().version);
  ASSERT_EQ(SSL_CTX_set1_groups_list(client.context.get(), GetParam().name), 1);
  client.start();
  ASSERT_TRUE(connect(ours, client)) << OpenSchannelStatusText(ours.last);
  exchange(ours, client);
}

TEST(HelloRetry, PROTO_21_server_asks_for_a_group_it_has) {
  // libssl's key share is for its first group, which the server doesn't have.
  const Issued root = make_root();
  Serving serving(Tls::v13, issue({}, &root));
  Side ours(true, &serving.credential.handle);
  LibsslPeer client(LibsslPeer::client, Tls::v13);
  ASSERT_EQ(SSL_CTX_set1_groups_list(client.context.get(), "X448:P-384"), 1);
  client.start();
  ASSERT_TRUE(connect(ours, client)) << OpenSchannelStatusText(ours.last);
  EXPECT_EQ(std::count(ours.statuses.begin(), ours.statuses.end(), SEC_I_CONTINUE_NEEDED), 2);
  exchange(ours, client);
}

TEST(HelloRetry, ASC_35_no_common_group) {
  const Issued root = make_root();
  for (const Tls version : {Tls::v13, Tls::v12}) {
    Serving serving(version, issue({}, &root));
    Side ours(true, &serving.credential.handle);
    ours.flags = kServerFlags | ASC_REQ_EXTENDED_ERROR;
    LibsslPeer client(LibsslPeer::client, version);
    ASSERT_EQ(SSL_CTX_set1_groups_list(client.context.get(), "X448"), 1);
    client.start();
    EXPECT_FALSE(connect(ours, client));
    EXPECT_EQ(ours.last, SEC_E_ALGORITHM_MISMATCH);
    EXPECT_EQ(client.alert_received, 40);
  }
}

class Keys : public testing::TestWithParam<std::tuple<Tls, KeyType>> {};
INSTANTIATE_TEST_SUITE_P(All, Keys,
                         testing::Combine(testing::Values(Tls::v12, Tls::v13),
                                          testing::Values(KeyType::ecdsa_p256, KeyType::ecdsa_p384,
                                                          KeyType::ecdsa_p521, KeyType::rsa,
                                                          KeyType::rsa_pss, KeyType::ed25519)),
                         [](const testing::TestParamInfo<std::tuple<Tls, KeyType>>& test) {
                           return std::string(key_name(std::get<1>(test.param))) +
                                  (std::get<0>(test.param) == Tls::v13 ? "_tls13" : "_tls12");
                         });

TEST_P(Keys, AUTH_1_server_certificate_seen_by_our_client) {
  const auto [version, type] = GetParam();
  const Issued root = make_root();
  Profile profile;
  profile.key = type;
  const Trusting trust(version, root);
  Side client(false, const_cast<CredHandle*>(&trust.credential.handle));
  LibsslPeer server(LibsslPeer::server, version);
  server.use(issue(profile, &root));
  server.start();
  ASSERT_TRUE(connect(client, server)) << OpenSchannelStatusText(client.last);
  exchange(client, server);
}

TEST_P(Keys, AUTH_1_server_certificate_of_ours) {
  const auto [version, type] = GetParam();
  const Issued root = make_root();
  Profile profile;
  profile.key = type;
  Serving serving(version, issue(profile, &root));
  ASSERT_EQ(serving.credential.status, SEC_E_OK);
  Side ours(true, &serving.credential.handle);
  LibsslPeer client(LibsslPeer::client, version);
  client.start();
  ASSERT_TRUE(connect(ours, client)) << OpenSchannelStatusText(ours.last);
  exchange(ours, client);
}

TEST_P(Keys, AUTH_14_client_certificate_of_ours) {
  const auto [version, type] = GetParam();
  const Issued root = make_root();
  Profile profile;
  profile.key = type;
  const Issued own = issue(profile, &root);
  const OwnCertificate certificate(own);
  PCCERT_CONTEXT context = certificate.context.get();
  const certificates::Store roots = trusting({root});
  Credential credential(SECPKG_CRED_OUTBOUND, version, [&](SCH_CREDENTIALS& data) {
    data.hRootStore = roots.get();
    data.cCreds = 1;
    data.paCred = &context;
  });
  ASSERT_EQ(credential.status, SEC_E_OK);
  Side client(false, &credential.handle);
  LibsslPeer server(LibsslPeer::server, version);
  server.use(issue({}, &root));
  X509_STORE_add_cert(SSL_CTX_get_cert_store(server.context.get()), root.certificate.get());
  SSL_CTX_set_verify(server.context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                     nullptr);
  server.start();
  ASSERT_TRUE(connect(client, server)) << OpenSchannelStatusText(client.last);
  // ATTR-29: now there is a local certificate.
  PCCERT_CONTEXT local = nullptr;
  ASSERT_EQ(QueryContextAttributesW(&client.context, SECPKG_ATTR_LOCAL_CERT_CONTEXT, &local),
            SEC_E_OK);
  EXPECT_EQ(certificates::encoding_of(local), certificates::encoding_of(context));
  CertFreeCertificateContext(local);
  X509* seen = SSL_get1_peer_certificate(server.ssl.get());
  EXPECT_EQ(X509_cmp(seen, own.certificate.get()), 0);
  X509_free(seen);
  exchange(client, server);
}

TEST_P(Keys, AUTH_20_client_certificate_asked_for_by_our_server) {
  const auto [version, type] = GetParam();
  const Issued root = make_root();
  const Issued unknown_root = make_root("nobody trusts it");
  Profile profile;
  profile.key = type;
  Serving serving(version, issue({}, &root));
  Side ours(true, &serving.credential.handle);
  ours.flags = kServerFlags | ASC_REQ_MUTUAL_AUTH;
  LibsslPeer client(LibsslPeer::client, version);
  const Issued own = issue(profile, &unknown_root);
  client.use(own);
  client.start();
  // AUTH-21: who signed it is for the application to judge.
  ASSERT_TRUE(connect(ours, client)) << OpenSchannelStatusText(ours.last);
  EXPECT_NE(ours.attributes & ASC_RET_MUTUAL_AUTH, 0U);
  PCCERT_CONTEXT remote = nullptr;
  ASSERT_EQ(QueryContextAttributesW(&ours.context, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &remote),
            SEC_E_OK);
  CertFreeCertificateContext(remote);
  exchange(ours, client);
}

class LibsslVersions : public testing::TestWithParam<Tls> {};
INSTANTIATE_TEST_SUITE_P(Tls, LibsslVersions, testing::Values(Tls::v12, Tls::v13), name_of);

TEST_P(LibsslVersions, R_2_libssl_client_without_certificate_gets_in) {
  const Issued root = make_root();
  Serving serving(GetParam(), issue({}, &root));
  Side ours(true, &serving.credential.handle);
  ours.flags = kServerFlags | ASC_REQ_MUTUAL_AUTH;
  LibsslPeer client(LibsslPeer::client, GetParam());
  client.start();
  ASSERT_TRUE(connect(ours, client));
  EXPECT_EQ(ours.attributes & ASC_RET_MUTUAL_AUTH, 0U);
  exchange(ours, client);
}

TEST_P(LibsslVersions, R_2_strict_server_sends_the_alert) {
  const Issued root = make_root();
  OwnCertificate own(issue({}, &root));
  PCCERT_CONTEXT context = own.context.get();
  Credential strict(SECPKG_CRED_INBOUND, GetParam(), [&](SCH_CREDENTIALS& data) {
    data.paCred = &context;
    data.dwFlags |= OPENSCHANNEL_CRED_REQUIRE_CLIENT_CERTIFICATE;
  });
  Side ours(true, &strict.handle);
  ours.flags = kServerFlags | ASC_REQ_MUTUAL_AUTH | ASC_REQ_EXTENDED_ERROR;
  LibsslPeer client(LibsslPeer::client, GetParam());
  client.start();
  connect(ours, client);
  EXPECT_EQ(ours.last, SEC_E_LOGON_DENIED);
  client.read();
  EXPECT_EQ(client.alert_received, GetParam() == Tls::v13 ? 116 : 40);
}

TEST_P(LibsslVersions, R_1_libssl_server_asks_for_a_certificate) {
  const Issued root = make_root();
  const Trusting trust(GetParam(), root);
  Side client(false, const_cast<CredHandle*>(&trust.credential.handle));
  LibsslPeer server(LibsslPeer::server, GetParam());
  server.use(issue({}, &root));
  SSL_CTX_add_client_CA(server.context.get(), root.certificate.get());
  SSL_CTX_set_verify(server.context.get(), SSL_VERIFY_PEER, nullptr);
  server.start();
  Bytes to_server;
  client.feed({}, to_server);
  const Bytes flight = server.give(to_server);
  ASSERT_EQ(client.call(flight).status, SEC_I_INCOMPLETE_CREDENTIALS);
  // ATTR-31: the name of the CA that the server accepts.
  SecPkgContext_IssuerListInfoEx issuers{};
  ASSERT_EQ(QueryContextAttributesW(&client.context, SECPKG_ATTR_ISSUER_LIST_EX, &issuers),
            SEC_E_OK);
  ASSERT_EQ(issuers.cIssuers, 1U);
  unsigned char* name = nullptr;
  const int size = i2d_X509_NAME(X509_get_subject_name(root.certificate.get()), &name);
  EXPECT_EQ(
      Bytes(issuers.aIssuers[0].pbData, issuers.aIssuers[0].pbData + issuers.aIssuers[0].cbData),
      Bytes(name, name + size));
  OPENSSL_free(name);
  EXPECT_EQ(FreeContextBuffer(issuers.aIssuers), SEC_E_OK);
  const Leg on = client.call(flight);
  ASSERT_GE(on.status, SEC_E_OK);
  Bytes last = server.give(on.token);
  if (GetParam() == Tls::v12) {
    Bytes none;
    EXPECT_EQ(client.feed(last, none), SEC_E_OK);
  }
  EXPECT_TRUE(server.done());
  exchange(client, server);
}

TEST_P(LibsslVersions, ASC_18_alpn_with_libssl) {
  const Issued root = make_root();
  const unsigned char protocols[] = "\x02h2\x08http/1.1";
  Serving serving(GetParam(), issue({}, &root));
  Side ours(true, &serving.credential.handle);
  ours.alpn = application_protocols({"http/1.1", "h2"});
  LibsslPeer client(LibsslPeer::client, GetParam());
  SSL_CTX_set_alpn_protos(client.context.get(), protocols, sizeof protocols - 1);
  client.start();
  ASSERT_TRUE(connect(ours, client));
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(client.ssl.get(), &chosen, &size);
  EXPECT_EQ(std::string(chosen, chosen + size), "http/1.1");
  // A client that doesn't ask gets no protocol and is let in.
  Side again(true, &serving.credential.handle);
  again.alpn = ours.alpn;
  LibsslPeer silent(LibsslPeer::client, GetParam());
  silent.start();
  EXPECT_TRUE(connect(again, silent));
  SecPkgContext_ApplicationProtocol none{};
  none.ProtocolIdSize = 77;
  EXPECT_EQ(QueryContextAttributesW(&again.context, SECPKG_ATTR_APPLICATION_PROTOCOL, &none),
            SEC_E_OK);
  EXPECT_EQ(none.ProtoNegoStatus, SecApplicationProtocolNegotiationStatus_None);
  EXPECT_EQ(none.ProtocolIdSize, 0);
}

TEST_P(LibsslVersions, ISC_3_the_target_name_is_the_sni_name) {
  const Issued root = make_root();
  const Trusting trust(GetParam(), root);
  for (const char* target : {"localhost", "127.0.0.1", "localhost."}) {
    Side client(false, const_cast<CredHandle*>(&trust.credential.handle));
    client.target = target;
    LibsslPeer server(LibsslPeer::server, GetParam());
    server.use(issue({}, &root));
    server.start();
    ASSERT_TRUE(connect(client, server)) << target;
    const char* name = SSL_get_servername(server.ssl.get(), TLSEXT_NAMETYPE_host_name);
    // RFC 6066 section 3: no addresses, and no trailing dot.
    if (std::string(target) == "127.0.0.1") {
      EXPECT_EQ(name, nullptr);
    } else {
      EXPECT_STREQ(name, "localhost");
    }
  }
}

TEST_P(LibsslVersions, EXT_libssl_flights_in_pieces) {
  const Issued root = make_root();
  const Trusting trust(GetParam(), root);
  Serving serving(GetParam(), issue({}, &root));
  for (const int fragment : {512, 16384}) {
    for (const std::size_t piece : {1, 7, 600}) {
      for (const bool client_role : {true, false}) {
        Side ours(!client_role, client_role ? const_cast<CredHandle*>(&trust.credential.handle)
                                            : &serving.credential.handle);
        LibsslPeer peer(client_role ? LibsslPeer::server : LibsslPeer::client, GetParam());
        if (client_role) peer.use(issue({}, &root));
        SSL_CTX_set_max_send_fragment(peer.context.get(), fragment);
        peer.start();
        Bytes to_peer, to_us;
        if (client_role) {
          ours.feed({}, to_peer);
        } else {
          to_us = peer.give({});
        }
        for (int i = 0; i < 10 && !(to_peer.empty() && to_us.empty()); ++i) {
          append(to_us, peer.give(std::exchange(to_peer, {})));
          for (std::size_t at = 0; at < to_us.size(); at += piece) {
            ours.feed(slice(to_us, at, std::min(at + piece, to_us.size())), to_peer);
          }
          to_us.clear();
        }
        ASSERT_EQ(ours.last, SEC_E_OK) << fragment << " " << piece;
        ASSERT_TRUE(peer.done());
        exchange(ours, peer);
      }
    }
  }
}

TEST_P(LibsslVersions, SHUT_2_to_6_with_libssl) {
  const Issued root = make_root();
  const Trusting trust(GetParam(), root);
  Side client(false, const_cast<CredHandle*>(&trust.credential.handle));
  LibsslPeer server(LibsslPeer::server, GetParam());
  server.use(issue({}, &root));
  server.start();
  ASSERT_TRUE(connect(client, server));
  ASSERT_EQ(apply(&client.context, DWORD{SCHANNEL_SHUTDOWN}), SEC_E_OK);
  const Leg end = client.call({});
  ASSERT_EQ(end.status, SEC_E_OK);
  server.give(end.token);
  server.read();
  EXPECT_EQ(server.alert_received, 0);
  EXPECT_EQ(SSL_get_shutdown(server.ssl.get()) & SSL_RECEIVED_SHUTDOWN, SSL_RECEIVED_SHUTDOWN);
  SSL_shutdown(server.ssl.get());
  Bytes notify = server.take();
  SECURITY_STATUS status = SEC_E_OK;
  client.decrypt(notify, &status);
  EXPECT_EQ(status, SEC_I_CONTEXT_EXPIRED);
}

TEST_P(LibsslVersions, ALERT_29_failures_reach_libssl_as_fatal_alerts) {
  const Issued root = make_root();
  const Issued other = make_root("other");
  const Trusting trust(GetParam(), other);
  Side client(false, const_cast<CredHandle*>(&trust.credential.handle));
  client.flags = kClientFlags | ISC_REQ_EXTENDED_ERROR;
  LibsslPeer server(LibsslPeer::server, GetParam());
  server.use(issue({}, &root));
  server.start();
  EXPECT_FALSE(connect(client, server));
  EXPECT_EQ(client.last, SEC_E_UNTRUSTED_ROOT);
  EXPECT_EQ(server.alert_received, 48);
}

TEST(VersionsBoth, PROTO_2_the_highest_common_version_is_chosen) {
  const Issued root = make_root();
  const certificates::Store roots = trusting({root});
  SCH_CREDENTIALS data{};
  data.dwVersion = SCH_CREDENTIALS_VERSION;
  data.hRootStore = roots.get();
  CredHandle credential{};
  ASSERT_EQ(AcquireCredentialsHandleA(nullptr, UNISP_NAME_A, SECPKG_CRED_OUTBOUND, nullptr, &data,
                                      nullptr, nullptr, &credential, nullptr),
            SEC_E_OK);
  for (const int highest : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    Side client(false, &credential);
    LibsslPeer server(LibsslPeer::server, Tls::v12);
    SSL_CTX_set_max_proto_version(server.context.get(), highest);
    server.use(issue({}, &root));
    server.start();
    ASSERT_TRUE(connect(client, server));
    EXPECT_EQ(SSL_version(server.ssl.get()), highest);
    SecPkgContext_ConnectionInfo info{};
    EXPECT_EQ(QueryContextAttributesW(&client.context, SECPKG_ATTR_CONNECTION_INFO, &info),
              SEC_E_OK);
    EXPECT_EQ(info.dwProtocol, highest == TLS1_3_VERSION ? DWORD{SP_PROT_TLS1_3_CLIENT}
                                                         : DWORD{SP_PROT_TLS1_2_CLIENT});
    exchange(client, server);
  }
  FreeCredentialsHandle(&credential);
}

TEST(VersionsBoth, R_15_deployed_callers_of_the_old_structure_get_tls12) {
  // libgit2, curl before SCH_CREDENTIALS: the TLS 1.3 bit set, SCHANNEL_CRED.
  const Issued root = make_root();
  const certificates::Store roots = trusting({root});
  SCHANNEL_CRED data{};
  data.dwVersion = SCHANNEL_CRED_VERSION;
  data.hRootStore = roots.get();
  for (const DWORD bits : {DWORD{0}, DWORD{SP_PROT_TLS1_2_CLIENT | SP_PROT_TLS1_3_CLIENT}}) {
    data.grbitEnabledProtocols = bits;
    CredHandle credential{};
    ASSERT_EQ(AcquireCredentialsHandleA(nullptr, UNISP_NAME_A, SECPKG_CRED_OUTBOUND, nullptr, &data,
                                        nullptr, nullptr, &credential, nullptr),
              SEC_E_OK);
    Side client(false, &credential);
    LibsslPeer server(LibsslPeer::server, Tls::v12);
    SSL_CTX_set_max_proto_version(server.context.get(), TLS1_3_VERSION);
    server.use(issue({}, &root));
    server.start();
    ASSERT_TRUE(connect(client, server)) << bits;
    EXPECT_EQ(SSL_version(server.ssl.get()), TLS1_2_VERSION);
    FreeCredentialsHandle(&credential);
  }
}

TEST(VersionsBoth, ALERT_18_no_common_version) {
  const Issued root = make_root();
  const Trusting trust(Tls::v13, root);
  Side client(false, const_cast<CredHandle*>(&trust.credential.handle));
  LibsslPeer server(LibsslPeer::server, Tls::v12);
  server.use(issue({}, &root));
  server.start();
  EXPECT_FALSE(connect(client, server));
  EXPECT_EQ(client.last, SEC_E_UNSUPPORTED_FUNCTION);
}

}  // namespace
}  // namespace contract
