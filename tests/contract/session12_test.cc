#include <algorithm>
#include <thread>

#include "support/libssl_peer.h"

// Sessions inside the provider (contract section N), TLS 1.2: by session id, and by ticket when
// the server asks for ASC_REQ_SESSION_TICKET.
namespace contract {
namespace {

enum class By { id, ticket };

SecPkgContext_SessionInfo info_of(Side& side) {
  SecPkgContext_SessionInfo info{};
  EXPECT_EQ(QueryContextAttributesA(&side.context, SECPKG_ATTR_SESSION_INFO, &info), SEC_E_OK);
  return info;
}

bool is_resumed(Side& side) { return (info_of(side).dwFlags & SSL_SESSION_RECONNECT) != 0; }

Bytes id_of(Side& side) {
  const SecPkgContext_SessionInfo info = info_of(side);
  return Bytes(info.rgbSessionId, info.rgbSessionId + info.cbSessionId);
}

class Sessions12 : public testing::TestWithParam<By> {
 protected:
  static ULONG server_flags() {
    return GetParam() == By::ticket ? kServerFlags | ASC_REQ_SESSION_TICKET : kServerFlags;
  }
  /// One connection. True when it was resumed; both sides must agree.
  static bool connect(const CredHandle* client_credential, const CredHandle* server_credential,
                      const std::string& target = "localhost", ULONG client_flags = 0) {
    Side client(false, const_cast<CredHandle*>(client_credential));
    Side server(true, const_cast<CredHandle*>(server_credential));
    client.target = target;
    client.flags = client_flags;
    server.flags = server_flags();
    return connect(client, server);
  }
  static bool connect(Side& client, Side& server) {
    Bytes to_server, to_client;
    client.feed({}, to_server);
    for (int rounds = 0; rounds < 4 && !to_server.empty(); ++rounds) {
      EXPECT_GE(server.feed(std::exchange(to_server, {}), to_client), SEC_E_OK)
          << OpenSchannelErrorDetail();
      if (to_client.empty()) break;
      EXPECT_GE(client.feed(std::exchange(to_client, {}), to_server), SEC_E_OK)
          << OpenSchannelErrorDetail();
    }
    EXPECT_EQ(client.last, SEC_E_OK);
    EXPECT_EQ(server.last, SEC_E_OK);
    EXPECT_EQ(is_resumed(client), is_resumed(server));
    return is_resumed(client);
  }
  bool connect() { return connect(&client_.handle, &server_.handle); }

  Credential client_{SECPKG_CRED_OUTBOUND, Tls::v12};
  Credential server_{SECPKG_CRED_INBOUND, Tls::v12};
};

INSTANTIATE_TEST_SUITE_P(By, Sessions12, testing::Values(By::id, By::ticket), [](const auto& test) {
  return std::string(test.param == By::id ? "id" : "ticket");
});

TEST_P(Sessions12, CACHE_5_and_6_the_second_connection_is_resumed) {
  EXPECT_FALSE(connect());
  EXPECT_TRUE(connect());
  EXPECT_TRUE(connect()) << "and one session serves many";
}

TEST_P(Sessions12, CACHE_5_no_match_is_a_full_handshake_silently) {
  connect();
  const Credential other(SECPKG_CRED_INBOUND, Tls::v12);
  EXPECT_FALSE(connect(&client_.handle, &other.handle));
  EXPECT_TRUE(connect(&client_.handle, &other.handle)) << "which leaves a session of its own";
}

TEST_P(Sessions12, ATTR_34_has_the_id_of_the_session) {
  Side full_client(false, &client_.handle), full_server(true, &server_.handle);
  full_server.flags = server_flags();
  ASSERT_FALSE(connect(full_client, full_server));
  EXPECT_EQ(id_of(full_client), id_of(full_server));
  EXPECT_EQ(id_of(full_client).size(), GetParam() == By::id ? 32U : 0U) << "a ticket has none";
  Side client(false, &client_.handle), server(true, &server_.handle);
  server.flags = server_flags();
  ASSERT_TRUE(connect(client, server));
  EXPECT_EQ(id_of(client), id_of(server));
  EXPECT_EQ(id_of(client), id_of(full_client));
}

TEST_P(Sessions12, CACHE_14_has_the_certificate_of_the_first_and_carries_data) {
  connect();
  Side client(false, &client_.handle), server(true, &server_.handle);
  server.flags = server_flags();
  ASSERT_TRUE(connect(client, server));
  PCCERT_CONTEXT certificate = nullptr;
  ASSERT_EQ(QueryContextAttributesA(&client.context, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &certificate),
            SEC_E_OK);
  EXPECT_EQ(
      Bytes(certificate->pbCertEncoded, certificate->pbCertEncoded + certificate->cbCertEncoded),
      Bytes(server_certificate()->pbCertEncoded,
            server_certificate()->pbCertEncoded + server_certificate()->cbCertEncoded));
  CertFreeCertificateContext(certificate);
  Bytes record;
  ASSERT_EQ(client.encrypt("hello again", record), SEC_E_OK);
  EXPECT_EQ(server.decrypt(record), "hello again");
  ASSERT_EQ(server.encrypt("and you", record), SEC_E_OK);
  EXPECT_EQ(client.decrypt(record), "and you");
}

TEST_P(Sessions12, CACHE_2_never_with_another_credential) {
  connect();
  const Credential other(SECPKG_CRED_OUTBOUND, Tls::v12);
  EXPECT_FALSE(connect(&other.handle, &server_.handle));
}

TEST_P(Sessions12, CACHE_2_never_with_another_target_name) {
  connect();
  EXPECT_FALSE(connect(&client_.handle, &server_.handle, "127.0.0.1"));
  EXPECT_TRUE(connect(&client_.handle, &server_.handle, "LocalHost"));
}

TEST_P(Sessions12, CACHE_2_never_across_validation_and_no_validation) {
  constexpr ULONG kManual = kClientFlags | ISC_REQ_MANUAL_CRED_VALIDATION;
  connect(&client_.handle, &server_.handle, "localhost", kManual);
  EXPECT_FALSE(connect()) << "it was never validated";
  EXPECT_TRUE(connect(&client_.handle, &server_.handle, "localhost", kManual));
}

TEST_P(Sessions12, ISC_4_without_a_target_name_nothing_is_resumed) {
  connect(&client_.handle, &server_.handle, "");
  EXPECT_FALSE(connect(&client_.handle, &server_.handle, ""));
}

TEST_P(Sessions12, CACHE_2_a_session_is_not_replayed_to_another_server_name) {
  // The client that libssl plays offers a session of one name under another.
  std::unique_ptr<SSL_SESSION, Freed<SSL_SESSION_free>> session;
  for (const char* name : {"localhost", "localhost", "other.example"}) {
    LibsslPeer client(LibsslPeer::client, Tls::v12);
    SSL_CTX_clear_options(client.context.get(), SSL_OP_NO_TICKET);
    client.start();
    SSL_set_tlsext_host_name(client.ssl.get(), name);
    if (session) SSL_set_session(client.ssl.get(), session.get());
    Side server(true, &server_.handle);
    server.flags = server_flags();
    ASSERT_TRUE(contract::connect(server, client));
    const bool same = session && std::string(name) == "localhost";
    EXPECT_EQ(SSL_session_reused(client.ssl.get()), same ? 1 : 0) << name;
    if (!session) session.reset(SSL_get1_session(client.ssl.get()));
    // libssl gives up the session of a connection that was not closed.
    SSL_set_shutdown(client.ssl.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  }
}

TEST_P(Sessions12, AUTH_20_a_server_that_now_asks_for_a_certificate_gets_the_chance) {
  connect();
  Side client(false, &client_.handle), server(true, &server_.handle);
  server.flags = server_flags() | ASC_REQ_MUTUAL_AUTH;
  EXPECT_FALSE(connect(client, server));
  EXPECT_EQ(
      std::count(client.statuses.begin(), client.statuses.end(), SEC_I_INCOMPLETE_CREDENTIALS), 1);
}

TEST_P(Sessions12, CACHE_2_the_clients_identity_belongs_to_the_session) {
  PCCERT_CONTEXT own = server_certificate();
  const Credential named(SECPKG_CRED_OUTBOUND, Tls::v12, [&](SCH_CREDENTIALS& data) {
    data.cCreds = 1;
    data.paCred = &own;
  });
  ASSERT_EQ(named.status, SEC_E_OK);
  for (const bool resumed : {false, true}) {
    Side client(false, const_cast<CredHandle*>(&named.handle)), server(true, &server_.handle);
    server.flags = server_flags() | ASC_REQ_MUTUAL_AUTH;
    EXPECT_EQ(connect(client, server), resumed);
    EXPECT_NE(server.attributes & ASC_RET_MUTUAL_AUTH, 0U);
    PCCERT_CONTEXT shown = nullptr;
    ASSERT_EQ(QueryContextAttributesA(&server.context, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &shown),
              SEC_E_OK);
    EXPECT_EQ(shown->cbCertEncoded, own->cbCertEncoded);
    CertFreeCertificateContext(shown);
  }
  EXPECT_FALSE(connect(&named.handle, &server_.handle)) << "a server that does not ask";
}

TEST_P(Sessions12, AUTH_16_another_certificate_in_the_middle_leaves_no_session) {
  PCCERT_CONTEXT own = server_certificate();
  Credential named(SECPKG_CRED_OUTBOUND, Tls::v12, [&](SCH_CREDENTIALS& data) {
    data.cCreds = 1;
    data.paCred = &own;
    data.hRootStore = roots();
  });
  for (int i = 0; i < 2; ++i) {
    Side client(false, &client_.handle), server(true, &server_.handle);
    client.later_credential = &named.handle;
    server.flags = server_flags() | ASC_REQ_MUTUAL_AUTH;
    EXPECT_FALSE(connect(client, server));
    EXPECT_NE(server.attributes & ASC_RET_MUTUAL_AUTH, 0U);
    // Nor does the caller's word change that.
    EXPECT_EQ(apply(&client.context,
                    SCHANNEL_SESSION_TOKEN{SCHANNEL_SESSION, SSL_SESSION_ENABLE_RECONNECTS}),
              SEC_E_OK);
  }
}

TEST_P(Sessions12, CRED_22_a_lifespan_of_its_own_and_none_at_all) {
  const Credential off(SECPKG_CRED_OUTBOUND, Tls::v12,
                       [](SCH_CREDENTIALS& data) { data.dwSessionLifespan = 0xffffffff; });
  connect(&off.handle, &server_.handle);
  EXPECT_FALSE(connect(&off.handle, &server_.handle));

  const Credential server_off(SECPKG_CRED_INBOUND, Tls::v12,
                              [](SCH_CREDENTIALS& data) { data.dwSessionLifespan = 0xffffffff; });
  connect(&client_.handle, &server_off.handle);
  EXPECT_FALSE(connect(&client_.handle, &server_off.handle));

  const Credential brief(SECPKG_CRED_OUTBOUND, Tls::v12,
                         [](SCH_CREDENTIALS& data) { data.dwSessionLifespan = 1; });
  connect(&brief.handle, &server_.handle);
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));
  EXPECT_FALSE(connect(&brief.handle, &server_.handle)) << "a second is the shortest life";
}

TEST_P(Sessions12, CACHE_9_emptied_by_target_or_altogether) {
  char localhost[] = "LOCALHOST";
  connect();
  EXPECT_TRUE(SslEmptyCacheA(localhost, 0));
  EXPECT_FALSE(connect());
  EXPECT_TRUE(SslEmptyCacheA(nullptr, 0));
  EXPECT_FALSE(connect());
}

TEST_P(Sessions12, SHUT_10_a_clients_token_turns_it_off_and_on) {
  Side client(false, &client_.handle), server(true, &server_.handle);
  server.flags = server_flags();
  connect(client, server);
  const auto token = [&](DWORD flags) {
    return apply(&client.context, SCHANNEL_SESSION_TOKEN{SCHANNEL_SESSION, flags});
  };
  ASSERT_EQ(token(SSL_SESSION_DISABLE_RECONNECTS), SEC_E_OK);
  EXPECT_FALSE(connect());
  SslEmptyCacheA(nullptr, 0);
  ASSERT_EQ(token(SSL_SESSION_ENABLE_RECONNECTS), SEC_E_OK);
  EXPECT_TRUE(connect());
  EXPECT_EQ(token(4), SEC_E_INVALID_PARAMETER);
}

TEST_P(Sessions12, CACHE_11_a_failed_handshake_forgets) {
  connect();
  {
    Side client(false, &client_.handle);
    Bytes hello, out;
    client.feed({}, hello);
    EXPECT_LT(client.feed({21, 3, 3, 0, 2, 2, 40}, out), 0);
  }
  EXPECT_FALSE(connect());
}

TEST_P(Sessions12, CACHE_11_a_record_that_does_not_verify_forgets) {
  Side client(false, &client_.handle), server(true, &server_.handle);
  server.flags = server_flags();
  connect(client, server);
  Bytes record;
  ASSERT_EQ(server.encrypt("data", record), SEC_E_OK);
  record.back() ^= 1;
  SECURITY_STATUS status = SEC_E_OK;
  EXPECT_FALSE(client.decrypt(record, &status));
  EXPECT_EQ(status, SEC_E_MESSAGE_ALTERED);
  EXPECT_FALSE(connect());
}

TEST_P(Sessions12, ISC_libssl_resumes_our_session) {
  const Issued root = make_root();
  const Issued leaf = issue({}, &root);
  const certificates::Store trusted = trusting({root});
  Credential credential(SECPKG_CRED_OUTBOUND, Tls::v12,
                        [&](SCH_CREDENTIALS& data) { data.hRootStore = trusted.get(); });
  LibsslPeer first(LibsslPeer::server, Tls::v12);
  first.use(leaf);
  static constexpr unsigned char kContext[] = {1};
  SSL_CTX_set_session_id_context(first.context.get(), kContext, sizeof kContext);
  SSL_CTX_set_session_cache_mode(first.context.get(), SSL_SESS_CACHE_SERVER);
  if (GetParam() == By::ticket) SSL_CTX_clear_options(first.context.get(), SSL_OP_NO_TICKET);
  first.start();
  {
    Side client(false, &credential.handle);
    ASSERT_TRUE(contract::connect(client, first));
    EXPECT_FALSE(is_resumed(client));
    SSL_set_shutdown(first.ssl.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  }
  for (int i = 0; i < 2; ++i) {
    LibsslPeer again(LibsslPeer::server, Tls::v12);
    SSL_CTX_up_ref(first.context.get());
    again.context.reset(first.context.get());
    again.start();
    Side client(false, &credential.handle);
    ASSERT_TRUE(contract::connect(client, again));
    EXPECT_EQ(SSL_session_reused(again.ssl.get()), 1);
    EXPECT_TRUE(is_resumed(client));
    Bytes record;
    ASSERT_EQ(client.encrypt("resumed", record), SEC_E_OK);
    again.give(record);
    EXPECT_EQ(again.read(), "resumed");
    SSL_set_shutdown(again.ssl.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  }
}

TEST_P(Sessions12, ASC_libssl_resumes_with_ours) {
  std::unique_ptr<SSL_SESSION, Freed<SSL_SESSION_free>> session;
  for (const bool resumed : {false, true, true}) {
    LibsslPeer client(LibsslPeer::client, Tls::v12);
    if (GetParam() == By::ticket) SSL_CTX_clear_options(client.context.get(), SSL_OP_NO_TICKET);
    client.start();
    if (session) SSL_set_session(client.ssl.get(), session.get());
    Side server(true, &server_.handle);
    server.flags = server_flags();
    ASSERT_TRUE(contract::connect(server, client));
    EXPECT_EQ(SSL_session_reused(client.ssl.get()), resumed ? 1 : 0);
    EXPECT_EQ(is_resumed(server), resumed);
    Bytes record;
    ASSERT_EQ(server.encrypt("from ours", record), SEC_E_OK);
    client.give(record);
    EXPECT_EQ(client.read(), "from ours");
    session.reset(SSL_get1_session(client.ssl.get()));
    EXPECT_EQ(SSL_SESSION_has_ticket(session.get()), GetParam() == By::ticket ? 1 : 0);
    SSL_set_shutdown(client.ssl.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  }
}

/// Tickets of libssl under one key; each that is used is renewed. The IVs of those used.
std::vector<Bytes>& used_tickets() {
  static std::vector<Bytes> all;
  return all;
}
int renew_ticket(SSL*, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                 EVP_MAC_CTX* mac, int seals) {
  static unsigned char key[32] = {1, 2, 3};
  static unsigned char next = 0;
  char digest[] = "SHA256";
  if (seals == 1) {
    std::memset(name, 'n', 16);
    std::memset(iv, ++next, 16);
  } else {
    used_tickets().emplace_back(iv, iv + 16);
  }
  OSSL_PARAM parameters[] = {OSSL_PARAM_construct_octet_string("key", key, sizeof key),
                             OSSL_PARAM_construct_utf8_string("digest", digest, 0),
                             OSSL_PARAM_construct_end()};
  EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), nullptr, key, iv, seals);
  EVP_MAC_CTX_set_params(mac, parameters);
  return seals == 1 ? 1 : 2;
}

TEST_P(Sessions12, CACHE_6_a_renewed_ticket_takes_the_place_of_the_old_one) {
  if (GetParam() == By::id) return;
  const Issued root = make_root();
  const Issued leaf = issue({}, &root);
  const certificates::Store trusted = trusting({root});
  Credential credential(SECPKG_CRED_OUTBOUND, Tls::v12,
                        [&](SCH_CREDENTIALS& data) { data.hRootStore = trusted.get(); });
  used_tickets().clear();
  for (const bool resumed : {false, true, true, true}) {
    LibsslPeer peer(LibsslPeer::server, Tls::v12);
    peer.use(leaf);
    SSL_CTX_clear_options(peer.context.get(), SSL_OP_NO_TICKET);
    SSL_CTX_set_tlsext_ticket_key_evp_cb(peer.context.get(), renew_ticket);
    peer.start();
    Side client(false, &credential.handle);
    ASSERT_TRUE(contract::connect(client, peer)) << OpenSchannelErrorDetail();
    EXPECT_EQ(is_resumed(client), resumed);
    EXPECT_EQ(SSL_session_reused(peer.ssl.get()), resumed ? 1 : 0);
    Bytes record;
    ASSERT_EQ(client.encrypt("data", record), SEC_E_OK);
    peer.give(record);
    EXPECT_EQ(peer.read(), "data");
  }
  ASSERT_EQ(used_tickets().size(), 3U);
  EXPECT_NE(used_tickets()[0], used_tickets()[1]);
  EXPECT_NE(used_tickets()[1], used_tickets()[2]);
}

TEST_P(Sessions12, HND_21_many_threads_share_one_credential) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 8; ++j) {
        connect();
        if (j == 5) SslEmptyCacheA(nullptr, 0);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

class SessionIds12 : public Sessions12 {};
INSTANTIATE_TEST_SUITE_P(By, SessionIds12, testing::Values(By::id),
                         [](const auto&) { return std::string("id"); });

// CACHE-8: what SCH_CRED_DISABLE_RECONNECTS does at a server.
TEST_P(SessionIds12, CACHE_8_disabled_reconnects_wait_for_the_token) {
  const Credential disabled(SECPKG_CRED_INBOUND, Tls::v12, [](SCH_CREDENTIALS& data) {
    data.dwFlags |= SCH_CRED_DISABLE_RECONNECTS;
  });
  ASSERT_EQ(disabled.status, SEC_E_OK);
  auto* handle = const_cast<CredHandle*>(&disabled.handle);
  Side client(false, &client_.handle), server(true, handle);
  ASSERT_FALSE(connect(client, server));
  EXPECT_EQ(id_of(server).size(), 32U) << "it has an id and an entry in the cache";
  ASSERT_EQ(apply(&server.context,
                  SCHANNEL_SESSION_TOKEN{SCHANNEL_SESSION, SSL_SESSION_ENABLE_RECONNECTS}),
            SEC_E_OK);
  EXPECT_TRUE(connect(&client_.handle, handle));
  ASSERT_EQ(apply(&server.context,
                  SCHANNEL_SESSION_TOKEN{SCHANNEL_SESSION, SSL_SESSION_DISABLE_RECONNECTS}),
            SEC_E_OK);
  EXPECT_FALSE(connect(&client_.handle, handle));
}

TEST_P(SessionIds12, CACHE_8_disabled_reconnects_give_no_ticket) {
  const Credential disabled(SECPKG_CRED_INBOUND, Tls::v12, [](SCH_CREDENTIALS& data) {
    data.dwFlags |= SCH_CRED_DISABLE_RECONNECTS;
  });
  auto* handle = const_cast<CredHandle*>(&disabled.handle);
  for (int i = 0; i < 2; ++i) {
    Side client(false, &client_.handle), server(true, handle);
    server.flags = kServerFlags | ASC_REQ_SESSION_TICKET;
    EXPECT_FALSE(connect(client, server));
  }
}

TEST_P(SessionIds12, CACHE_8_the_token_at_a_server_ends_and_restores_a_session) {
  Side client(false, &client_.handle), server(true, &server_.handle);
  connect(client, server);
  const auto token = [&](DWORD flags) {
    return apply(&server.context, SCHANNEL_SESSION_TOKEN{SCHANNEL_SESSION, flags});
  };
  ASSERT_EQ(token(SSL_SESSION_DISABLE_RECONNECTS), SEC_E_OK);
  ASSERT_EQ(token(SSL_SESSION_ENABLE_RECONNECTS), SEC_E_OK);
  EXPECT_TRUE(connect());
  ASSERT_EQ(token(SSL_SESSION_DISABLE_RECONNECTS), SEC_E_OK);
  EXPECT_FALSE(connect());
}

TEST_P(SessionIds12, HND_15_the_end_of_a_context_is_not_the_end_of_its_session) {
  {
    Side client(false, &client_.handle), server(true, &server_.handle);
    ASSERT_FALSE(connect(client, server));
  }
  EXPECT_TRUE(connect());
}

TEST_P(SessionIds12, CACHE_11_a_failure_at_the_server_forgets_there) {
  // A client that keeps offering the session, whatever happens to the connection.
  std::unique_ptr<SSL_SESSION, Freed<SSL_SESSION_free>> session;
  for (const bool resumed : {false, true, false}) {
    LibsslPeer client(LibsslPeer::client, Tls::v12);
    client.start();
    if (session) SSL_set_session(client.ssl.get(), session.get());
    Side server(true, &server_.handle);
    ASSERT_TRUE(contract::connect(server, client));
    EXPECT_EQ(is_resumed(server), resumed);
    if (!session) session.reset(SSL_get1_session(client.ssl.get()));
    Bytes record = client.write("data");
    ASSERT_FALSE(record.empty());
    SSL_set_shutdown(client.ssl.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    if (!resumed) continue;
    record.back() ^= 1;
    SECURITY_STATUS status = SEC_E_OK;
    EXPECT_FALSE(server.decrypt(record, &status));
    EXPECT_EQ(status, SEC_E_MESSAGE_ALTERED);
  }
}

TEST_P(SessionIds12, CACHE_11_a_stranger_with_a_seen_id_harms_nobody) {
  Side client(false, &client_.handle), server(true, &server_.handle);
  connect(client, server);
  {
    Side again(false, &client_.handle), victim(true, &server_.handle);
    Bytes hello, answer, out;
    again.feed({}, hello);
    victim.feed(hello, answer);
    // Whoever saw the id can offer it, but has no key for what comes next.
    EXPECT_LT(victim.feed(
                  {20, 3, 3, 0, 1, 1, 22, 3, 3, 0, 40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                   0,  0, 0, 0, 0, 0, 0,  0, 0, 0, 0,  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
                  out),
              0);
  }
  EXPECT_TRUE(connect());
}

}  // namespace
}  // namespace contract
