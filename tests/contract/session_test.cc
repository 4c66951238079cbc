#include <algorithm>
#include <thread>

#include "support/libssl_peer.h"

// Sessions inside the provider (contract section N), TLS 1.3: a server with ASC_REQ_SESSION_TICKET
// gives a ticket behind the handshake; the client meets it as SEC_I_RENEGOTIATE.
namespace contract {
namespace {

constexpr ULONG kTicketServer = kServerFlags | ASC_REQ_SESSION_TICKET;

bool is_resumed(Side& side) {
  SecPkgContext_SessionInfo info{};
  EXPECT_EQ(QueryContextAttributesA(&side.context, SECPKG_ATTR_SESSION_INFO, &info), SEC_E_OK);
  return (info.dwFlags & SSL_SESSION_RECONNECT) != 0;
}

void allow_tickets(LibsslPeer& peer) {
  SSL_CTX_clear_options(peer.context.get(), SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(peer.context.get(), 2);
}

class Sessions : public testing::Test {
 protected:
  /// One connection up to and with the ticket. True when it was resumed; both sides must agree.
  bool connect(CredHandle* client_credential, CredHandle* server_credential,
               const std::string& target = "localhost", ULONG client_flags = 0,
               ULONG server_flags = kTicketServer) {
    Side client(false, client_credential), server(true, server_credential);
    client.target = target;
    client.flags = client_flags;
    server.flags = server_flags;
    return connect(client, server);
  }
  static bool connect(Side& client, Side& server) {
    Bytes to_server, to_client;
    client.feed({}, to_server);
    EXPECT_GE(server.feed(to_server, to_client), SEC_E_OK);
    to_server.clear();
    EXPECT_EQ(client.feed(to_client, to_server), SEC_E_OK) << OpenSchannelErrorDetail();
    Bytes ticket;
    EXPECT_EQ(server.feed(to_server, ticket), SEC_E_OK) << OpenSchannelErrorDetail();
    EXPECT_EQ(is_resumed(client), is_resumed(server));
    if (!ticket.empty()) take_ticket(client, ticket);
    return is_resumed(client);
  }
  /// REN-7 to REN-10.
  static void take_ticket(Side& client, Bytes& record) {
    SECURITY_STATUS status = SEC_E_OK;
    EXPECT_FALSE(client.decrypt(record, &status));
    EXPECT_EQ(status, SEC_I_RENEGOTIATE);
    Bytes nothing;
    EXPECT_EQ(client.feed(record, nothing), SEC_E_OK);
    EXPECT_TRUE(nothing.empty());
  }

  Credential client_{SECPKG_CRED_OUTBOUND, Tls::v13};
  Credential server_{SECPKG_CRED_INBOUND, Tls::v13};
};

TEST_F(Sessions, CACHE_1_and_7_the_second_connection_is_resumed) {
  EXPECT_FALSE(connect(&client_.handle, &server_.handle));
  EXPECT_TRUE(connect(&client_.handle, &server_.handle));
  EXPECT_TRUE(connect(&client_.handle, &server_.handle)) << "a resumed one leaves a ticket, too";
}

TEST_F(Sessions, CACHE_14_has_the_certificate_of_the_first) {
  connect(&client_.handle, &server_.handle);
  Side client(false, &client_.handle), server(true, &server_.handle);
  server.flags = kTicketServer;
  ASSERT_TRUE(connect(client, server));
  PCCERT_CONTEXT certificate = nullptr;
  ASSERT_EQ(QueryContextAttributesA(&client.context, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &certificate),
            SEC_E_OK);
  EXPECT_EQ(certificate->cbCertEncoded, server_certificate()->cbCertEncoded);
  CertFreeCertificateContext(certificate);
  Bytes record;
  ASSERT_EQ(client.encrypt("hello again", record), SEC_E_OK);
  EXPECT_EQ(server.decrypt(record), "hello again");
}

TEST_F(Sessions, ASC_10_no_ticket_unless_the_server_asks_for_it) {
  Side client(false, &client_.handle), server(true, &server_.handle);
  ASSERT_FALSE(connect(client, server));
  EXPECT_EQ(server.attributes & ASC_RET_SESSION_TICKET, 0U);
  EXPECT_FALSE(connect(&client_.handle, &server_.handle));
}

TEST_F(Sessions, R_10_the_request_for_tickets_is_answered) {
  Side client(false, &client_.handle), server(true, &server_.handle);
  server.flags = kTicketServer;
  ASSERT_FALSE(connect(client, server));
  EXPECT_EQ(server.attributes, kTicketServer);
}

TEST_F(Sessions, CACHE_2_never_with_another_credential) {
  connect(&client_.handle, &server_.handle);
  const Credential other_client(SECPKG_CRED_OUTBOUND, Tls::v13);
  EXPECT_FALSE(connect(const_cast<CredHandle*>(&other_client.handle), &server_.handle));
  // Nor does another server credential know the ticket.
  const Credential other_server(SECPKG_CRED_INBOUND, Tls::v13);
  EXPECT_FALSE(connect(&client_.handle, const_cast<CredHandle*>(&other_server.handle)));
}

TEST_F(Sessions, CACHE_2_never_with_another_target_name) {
  connect(&client_.handle, &server_.handle, "localhost");
  EXPECT_FALSE(connect(&client_.handle, &server_.handle, "127.0.0.1"));
  EXPECT_TRUE(connect(&client_.handle, &server_.handle, "LocalHost"));
}

TEST_F(Sessions, CACHE_2_never_across_validation_and_no_validation) {
  connect(&client_.handle, &server_.handle, "localhost",
          kClientFlags | ISC_REQ_MANUAL_CRED_VALIDATION);
  EXPECT_FALSE(connect(&client_.handle, &server_.handle)) << "it was never validated";
  EXPECT_TRUE(connect(&client_.handle, &server_.handle, "localhost",
                      kClientFlags | ISC_REQ_MANUAL_CRED_VALIDATION));
}

TEST_F(Sessions, CACHE_2_a_session_is_not_replayed_to_another_server_name) {
  // The client that libssl plays offers a session of one name under another.
  std::unique_ptr<SSL_SESSION, Freed<SSL_SESSION_free>> session;
  for (const char* name : {"localhost", "other.example", "localhost"}) {
    LibsslPeer client(LibsslPeer::client, Tls::v13);
    allow_tickets(client);
    client.start();
    SSL_set_tlsext_host_name(client.ssl.get(), name);
    if (session) SSL_set_session(client.ssl.get(), session.get());
    Side server(true, &server_.handle);
    server.flags = kTicketServer;
    ASSERT_TRUE(contract::connect(server, client));
    const bool expected = session && std::string(name) == "localhost";
    EXPECT_EQ(is_resumed(server), expected) << name;
    EXPECT_EQ(client.read(), "") << "but it takes the ticket";
    if (!session) session.reset(SSL_get1_session(client.ssl.get()));
    SSL_set_shutdown(client.ssl.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  }
}

TEST_F(Sessions, CACHE_2_the_clients_identity_belongs_to_the_session) {
  PCCERT_CONTEXT own = server_certificate();
  const Credential named(SECPKG_CRED_OUTBOUND, Tls::v13, [&](SCH_CREDENTIALS& data) {
    data.cCreds = 1;
    data.paCred = &own;
  });
  auto* handle = const_cast<CredHandle*>(&named.handle);
  for (const bool resumed : {false, true}) {
    Side client(false, handle), server(true, &server_.handle);
    server.flags = kTicketServer | ASC_REQ_MUTUAL_AUTH;
    EXPECT_EQ(connect(client, server), resumed);
    EXPECT_NE(server.attributes & ASC_RET_MUTUAL_AUTH, 0U);
  }
  EXPECT_FALSE(connect(handle, &server_.handle)) << "a server that does not ask";
}

TEST_F(Sessions, AUTH_16_another_certificate_in_the_middle_leaves_no_session) {
  PCCERT_CONTEXT own = server_certificate();
  Credential named(SECPKG_CRED_OUTBOUND, Tls::v13, [&](SCH_CREDENTIALS& data) {
    data.cCreds = 1;
    data.paCred = &own;
  });
  for (int i = 0; i < 2; ++i) {
    Side client(false, &client_.handle), server(true, &server_.handle);
    client.later_credential = &named.handle;
    server.flags = kTicketServer | ASC_REQ_MUTUAL_AUTH;
    EXPECT_FALSE(connect(client, server));
    EXPECT_NE(server.attributes & ASC_RET_MUTUAL_AUTH, 0U);
    // Nor does the caller's word change that.
    EXPECT_EQ(apply(&client.context,
                    SCHANNEL_SESSION_TOKEN{SCHANNEL_SESSION, SSL_SESSION_ENABLE_RECONNECTS}),
              SEC_E_OK);
  }
  EXPECT_FALSE(connect(&named.handle, &server_.handle)) << "neither for the one nor for the other";
}

TEST_F(Sessions, CACHE_2_a_session_stays_with_the_servers_certificate) {
  // Two servers of a fleet with the same ticket keys and different certificates.
  const Issued root = make_root();
  const certificates::Store trusted = trusting({root});
  const OwnCertificate first(issue({}, &root)), second(issue({}, &root));
  SecPkgCred_SessionTicketKey key{};
  key.KeyingMaterialSize = 32;
  SecPkgCred_SessionTicketKeys keys{1, &key};
  const auto server_of = [&](const OwnCertificate& own) {
    PCCERT_CONTEXT context = own.context.get();
    auto out = std::make_unique<Credential>(SECPKG_CRED_INBOUND, Tls::v13,
                                            [&](SCH_CREDENTIALS& data) { data.paCred = &context; });
    EXPECT_EQ(SetCredentialsAttributesA(&out->handle, SECPKG_ATTR_SESSION_TICKET_KEYS, &keys,
                                        sizeof keys),
              SEC_E_OK);
    return out;
  };
  const auto one = server_of(first), same = server_of(first), other = server_of(second);
  Credential client(SECPKG_CRED_OUTBOUND, Tls::v13,
                    [&](SCH_CREDENTIALS& data) { data.hRootStore = trusted.get(); });
  EXPECT_FALSE(connect(&client.handle, &one->handle));
  EXPECT_TRUE(connect(&client.handle, &same->handle));
  EXPECT_FALSE(connect(&client.handle, &other->handle));
}

TEST_F(Sessions, ISC_4_without_a_target_name_nothing_is_resumed) {
  connect(&client_.handle, &server_.handle, "");
  EXPECT_FALSE(connect(&client_.handle, &server_.handle, ""));
}

TEST_F(Sessions, AUTH_20_a_server_that_now_asks_for_a_certificate_gets_the_chance) {
  connect(&client_.handle, &server_.handle);
  Side client(false, &client_.handle), server(true, &server_.handle);
  server.flags = kTicketServer | ASC_REQ_MUTUAL_AUTH;
  Bytes to_server, to_client;
  client.feed({}, to_server);
  EXPECT_GE(server.feed(to_server, to_client), SEC_E_OK);
  to_server.clear();
  EXPECT_EQ(client.feed(to_client, to_server), SEC_E_OK);
  EXPECT_EQ(
      std::count(client.statuses.begin(), client.statuses.end(), SEC_I_INCOMPLETE_CREDENTIALS), 1);
  EXPECT_FALSE(is_resumed(client));
}

TEST_F(Sessions, CRED_22_a_lifespan_of_its_own_and_none_at_all) {
  Credential off(SECPKG_CRED_OUTBOUND, Tls::v13,
                 [](SCH_CREDENTIALS& data) { data.dwSessionLifespan = 0xffffffff; });
  ASSERT_EQ(off.status, SEC_E_OK);
  connect(&off.handle, &server_.handle);
  EXPECT_FALSE(connect(&off.handle, &server_.handle));

  Credential brief(SECPKG_CRED_OUTBOUND, Tls::v13,
                   [](SCH_CREDENTIALS& data) { data.dwSessionLifespan = 1; });
  connect(&brief.handle, &server_.handle);
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));
  EXPECT_FALSE(connect(&brief.handle, &server_.handle)) << "a second is the shortest life";
}

TEST_F(Sessions, CRED_42_a_server_that_disables_reconnects_gives_no_ticket) {
  Credential server(SECPKG_CRED_INBOUND, Tls::v13,
                    [](SCH_CREDENTIALS& data) { data.dwFlags |= SCH_CRED_DISABLE_RECONNECTS; });
  ASSERT_EQ(server.status, SEC_E_OK);
  connect(&client_.handle, &server.handle);
  EXPECT_FALSE(connect(&client_.handle, &server.handle));
}

TEST_F(Sessions, CACHE_9_emptied_by_target_or_altogether) {
  char localhost[] = "LOCALHOST", elsewhere[] = "elsewhere.example";
  SslEmptyCacheA(nullptr, 0);
  EXPECT_FALSE(SslEmptyCacheA(nullptr, 0)) << "nothing is left";
  connect(&client_.handle, &server_.handle);
  EXPECT_FALSE(SslEmptyCacheA(elsewhere, 0));
  EXPECT_TRUE(connect(&client_.handle, &server_.handle));
  EXPECT_TRUE(SslEmptyCacheA(localhost, 0));
  EXPECT_FALSE(connect(&client_.handle, &server_.handle));
  wchar_t wide[] = L"localhost";
  EXPECT_TRUE(SslEmptyCacheW(wide, 0));
  EXPECT_FALSE(connect(&client_.handle, &server_.handle));
  EXPECT_TRUE(SslEmptyCacheW(nullptr, 0));
}

TEST_F(Sessions, SHUT_10_a_token_turns_it_off_and_on_for_the_context) {
  for (const DWORD flags : {SSL_SESSION_DISABLE_RECONNECTS, SSL_SESSION_ENABLE_RECONNECTS}) {
    SslEmptyCacheA(nullptr, 0);
    Side client(false, &client_.handle), server(true, &server_.handle);
    server.flags = kTicketServer;
    ASSERT_FALSE(connect(client, server));
    ASSERT_EQ(apply(&client.context, SCHANNEL_SESSION_TOKEN{SCHANNEL_SESSION, flags}), SEC_E_OK);
    EXPECT_EQ(connect(&client_.handle, &server_.handle), flags == SSL_SESSION_ENABLE_RECONNECTS);
  }
}

TEST_F(Sessions, CACHE_11_a_failure_forgets) {
  connect(&client_.handle, &server_.handle);
  connect(&client_.handle, &server_.handle);  // resumed, and a new ticket
  {
    Side client(false, &client_.handle);
    Bytes hello, out;
    client.feed({}, hello);
    EXPECT_LT(client.feed({21, 3, 3, 0, 2, 2, 40}, out), 0);
  }
  EXPECT_FALSE(connect(&client_.handle, &server_.handle));
}

TEST_F(Sessions, CACHE_1_tickets_of_libssl) {
  const Issued root = make_root();
  const Issued leaf = issue({}, &root);
  const certificates::Store trusted = trusting({root});
  Credential credential(SECPKG_CRED_OUTBOUND, Tls::v13,
                        [&](SCH_CREDENTIALS& data) { data.hRootStore = trusted.get(); });
  LibsslPeer first(LibsslPeer::server, Tls::v13);
  first.use(leaf);
  allow_tickets(first);
  first.start();
  {
    Side client(false, &credential.handle);
    ASSERT_TRUE(contract::connect(client, first));
    Bytes tickets = std::exchange(client.pending, {});
    ASSERT_FALSE(tickets.empty());
    take_ticket(client, tickets);
  }
  // It sends two: two connections can be resumed, and each brings its own again.
  for (int i = 0; i < 2; ++i) {
    LibsslPeer again(LibsslPeer::server, Tls::v13);
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
  }
}

TEST_F(Sessions, ASC_17_libssl_resumes_with_our_ticket) {
  std::unique_ptr<SSL_SESSION, Freed<SSL_SESSION_free>> session;
  for (const bool resumed : {false, true, true}) {
    LibsslPeer client(LibsslPeer::client, Tls::v13);
    allow_tickets(client);
    client.start();
    if (session) SSL_set_session(client.ssl.get(), session.get());
    Side server(true, &server_.handle);
    server.flags = kTicketServer;
    ASSERT_TRUE(contract::connect(server, client));
    EXPECT_EQ(SSL_session_reused(client.ssl.get()), resumed ? 1 : 0);
    EXPECT_EQ(is_resumed(server), resumed);
    EXPECT_EQ(client.read(), "") << "but it takes the ticket";
    session.reset(SSL_get1_session(client.ssl.get()));
    // libssl gives up the session of a connection that was not closed.
    SSL_set_shutdown(client.ssl.get(), SSL_SENT_SHUTDOWN);
  }
}

TEST_F(Sessions, HND_21_many_threads_share_one_credential) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 8; ++j) {
        connect(&client_.handle, &server_.handle);
        if (j == 5) SslEmptyCacheA(nullptr, 0);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace contract
