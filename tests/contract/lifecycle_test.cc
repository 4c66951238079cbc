#include "support/libssl_peer.h"

#include "support/receiver.h"

// Section I with both ends ours: key updates, authentication after the handshake, renegotiation,
// each begun by either side while data is under way.
namespace contract {
namespace {

/// Two receivers, each given what the other has to say.
class Wire {
 public:
  Wire(Side& client, Side& server) : client_(client), server_(server) {}

  Receiver& client() { return client_; }
  Receiver& server() { return server_; }

  /// Hands over what waits, `piece` bytes at a time, until nobody has more to say.
  void run(Bytes to_server, Bytes to_client, std::size_t piece = 0) {
    for (int round = 0; round < 30 && !(to_server.empty() && to_client.empty()); ++round) {
      server_.give(std::exchange(to_server, {}), to_client, piece);
      client_.give(std::exchange(to_client, {}), to_server, piece);
    }
    EXPECT_TRUE(to_server.empty() && to_client.empty());
  }

 private:
  Receiver client_;
  Receiver server_;
};

struct Connected : Pair {
  explicit Connected(Tls version) : Pair(version), wire(client, server) {
    EXPECT_TRUE(connect());
    wire.run({}, std::exchange(client.pending, {}));
  }
  Bytes data(Side& from, const std::string& text) {
    Bytes record;
    EXPECT_EQ(from.encrypt(text, record), SEC_E_OK) << OpenSchannelErrorDetail();
    return record;
  }
  void expect_works() {
    wire.client().text.clear();
    wire.server().text.clear();
    wire.run(data(client, "to the server"), data(server, "to the client"));
    EXPECT_EQ(wire.server().text, "to the server");
    EXPECT_EQ(wire.client().text, "to the client");
  }
  Wire wire;
};

class Lifecycle : public testing::TestWithParam<Tls> {};
INSTANTIATE_TEST_SUITE_P(Tls, Lifecycle, testing::Values(Tls::v12, Tls::v13), name_of);

TEST_P(Lifecycle, REN_2_to_5_started_by_either_side_with_data_under_way) {
  const bool tls13 = GetParam() == Tls::v13;
  for (const bool by_client : {true, false}) {
    for (const std::size_t piece : {0, 1, 11}) {
      Connected setup(GetParam());
      Side& from = by_client ? setup.client : setup.server;
      Bytes to_server = setup.data(setup.client, "c"), to_client = setup.data(setup.server, "s");
      const Leg leg = from.call({});
      // REN-3: the token is sent. A key update and a HelloRequest are all there is to it.
      EXPECT_EQ(leg.status, by_client && !tls13 ? SEC_I_CONTINUE_NEEDED : SEC_E_OK);
      append(by_client ? to_server : to_client, leg.token);
      if (!by_client || tls13) append(to_server, setup.data(setup.client, "c"));
      append(to_client, setup.data(setup.server, "s"));
      setup.wire.run(to_server, to_client, piece);
      EXPECT_EQ(setup.wire.client().text, "ss");
      EXPECT_EQ(setup.wire.server().text, by_client && !tls13 ? "c" : "cc");
      // Both sides have met a message (REN-5), each said OK in the end.
      for (auto* end : {&setup.wire.client(), &setup.wire.server()}) {
        EXPECT_FALSE(end->statuses.empty());
        EXPECT_FALSE(end->in_loop);
        ASSERT_FALSE(end->loop.empty());
        EXPECT_EQ(end->loop.back(), SEC_E_OK);
      }
      setup.expect_works();
    }
  }
}

TEST_P(Lifecycle, REN_15_the_control_token_starts_as_well) {
  Connected setup(GetParam());
  ASSERT_EQ(apply(&setup.client.context, DWORD{SCHANNEL_RENEGOTIATE}), SEC_E_OK);
  // Whatever input comes with the next call stays as it is.
  const Bytes record = setup.data(setup.server, "unread");
  const Leg leg = setup.client.call(record);
  EXPECT_EQ(leg.status, GetParam() == Tls::v13 ? SEC_E_OK : SEC_I_CONTINUE_NEEDED);
  EXPECT_EQ(leg.extra(), record.size());
  setup.wire.run(leg.token, record);
  EXPECT_EQ(setup.wire.client().text, "unread");
  setup.expect_works();
  // Before the handshake is complete there is nothing to start again.
  Pair fresh(GetParam());
  fresh.client.call({});
  EXPECT_EQ(apply(&fresh.client.context, DWORD{SCHANNEL_RENEGOTIATE}), SEC_E_UNSUPPORTED_FUNCTION);
}

TEST(Renegotiation12, REN_6_a_client_sends_nothing_while_its_handshake_runs) {
  Connected setup(Tls::v12);
  const Bytes hello = setup.client.call({}).token;
  Bytes record;
  EXPECT_EQ(setup.client.encrypt("not now", record), SEC_E_CONTEXT_EXPIRED);
  // Reading goes on (REN-3).
  setup.wire.run({}, setup.data(setup.server, "still here"));
  EXPECT_EQ(setup.wire.client().text, "still here");
  EXPECT_EQ(setup.client.call({}).status, SEC_E_INCOMPLETE_MESSAGE);
  setup.wire.run(hello, {});
  setup.expect_works();
}

TEST(Renegotiation12, REN_2_a_server_asks_for_a_certificate_and_another_credential_shows_it) {
  Connected setup(Tls::v12);
  PCCERT_CONTEXT remote = nullptr;
  EXPECT_EQ(QueryContextAttributesA(&setup.server.context, SECPKG_ATTR_REMOTE_CERT_CONTEXT,
                                    static_cast<void*>(&remote)),
            SEC_E_NO_CREDENTIALS);
  Credential with_certificate(SECPKG_CRED_OUTBOUND, Tls::v12, [](SCH_CREDENTIALS& data) {
    static PCCERT_CONTEXT own;
    own = server_certificate();
    data.cCreds = 1;
    data.paCred = &own;
  });
  setup.client.later_credential = &with_certificate.handle;
  setup.server.flags = kServerFlags | ASC_REQ_MUTUAL_AUTH;
  const Leg request = setup.server.call({});
  ASSERT_EQ(request.status, SEC_E_OK);
  setup.wire.run({}, request.token);
  ASSERT_EQ(QueryContextAttributesA(&setup.server.context, SECPKG_ATTR_REMOTE_CERT_CONTEXT,
                                    static_cast<void*>(&remote)),
            SEC_E_OK);
  CertFreeCertificateContext(remote);
  setup.expect_works();
}

TEST(Renegotiation12, REN_13_a_peer_that_refuses) {
  for (const bool by_client : {true, false}) {
    Credential refusing(
        by_client ? SECPKG_CRED_INBOUND : SECPKG_CRED_OUTBOUND, Tls::v12,
        [](SCH_CREDENTIALS& data) { data.dwFlags |= OPENSCHANNEL_CRED_REFUSE_RENEGOTIATION; });
    Credential willing(by_client ? SECPKG_CRED_OUTBOUND : SECPKG_CRED_INBOUND, Tls::v12);
    Side client(false, by_client ? &willing.handle : &refusing.handle);
    Side server(true, by_client ? &refusing.handle : &willing.handle);
    Bytes to_server, to_client;
    client.feed({}, to_server);
    while (client.last != SEC_E_OK || server.last != SEC_E_OK) {
      server.feed(std::exchange(to_server, {}), to_client);
      client.feed(std::exchange(to_client, {}), to_server);
    }
    Wire wire(client, server);
    const Leg leg = (by_client ? client : server).call({});
    wire.run(by_client ? leg.token : Bytes(), by_client ? Bytes() : leg.token);
    // REN-17: the one that refuses goes on; the one that asked is told.
    const auto& asked = by_client ? wire.client() : wire.server();
    EXPECT_EQ(asked.statuses, std::vector<SECURITY_STATUS>{SEC_I_NO_RENEGOTIATION});
    Bytes record;
    ASSERT_EQ(client.encrypt("on it goes", record), SEC_E_OK);
    wire.run(record, {});
    EXPECT_EQ(wire.server().text, "on it goes");
  }
}

TEST(Renegotiation12, REN_17_floods_end_the_connection) {
  Connected setup(Tls::v12);
  SECURITY_STATUS status = SEC_E_OK;
  int count = 0;
  while (status >= 0 && count < 100) {
    const Leg hello = setup.client.call({});
    ASSERT_EQ(hello.status, SEC_I_CONTINUE_NEEDED);
    Bytes record = hello.token;
    setup.server.decrypt(record, &status);
    ASSERT_EQ(status, SEC_I_RENEGOTIATE);
    const Leg flight = setup.server.call(record);
    status = flight.status;
    ++count;
    if (status < 0) break;
    setup.wire.server().in_loop = true;
    setup.wire.run({}, flight.token);
  }
  EXPECT_EQ(count, 17);
  EXPECT_EQ(status, SEC_E_ILLEGAL_MESSAGE);
}

TEST(Post13, REN_12_a_server_asks_for_a_certificate_after_the_handshake) {
  for (const bool has_certificate : {true, false}) {
    for (const std::size_t piece : {0, 1}) {
      Credential own(SECPKG_CRED_OUTBOUND, Tls::v13, [&](SCH_CREDENTIALS& data) {
        static PCCERT_CONTEXT certificate;
        certificate = server_certificate();
        data.cCreds = has_certificate ? 1 : 0;
        data.paCred = &certificate;
        data.dwFlags |= OPENSCHANNEL_CRED_SKIP_INCOMPLETE_CREDENTIALS;
      });
      Connected setup(Tls::v13);
      setup.client.later_credential = &own.handle;
      setup.server.flags = kServerFlags | ASC_REQ_MUTUAL_AUTH;
      Bytes to_client = setup.data(setup.server, "before ");
      const Leg request = setup.server.call({});
      ASSERT_EQ(request.status, SEC_E_OK) << OpenSchannelErrorDetail();
      EXPECT_FALSE(request.token.empty());
      append(to_client, request.token);
      append(to_client, setup.data(setup.server, "after"));
      setup.wire.run(setup.data(setup.client, "under way"), to_client, piece);
      EXPECT_EQ(setup.wire.client().text, "before after");
      EXPECT_EQ(setup.wire.server().text, "under way");
      PCCERT_CONTEXT remote = nullptr;
      EXPECT_EQ(QueryContextAttributesA(&setup.server.context, SECPKG_ATTR_REMOTE_CERT_CONTEXT,
                                        static_cast<void*>(&remote)),
                has_certificate ? SEC_E_OK : SEC_E_NO_CREDENTIALS);
      if (remote != nullptr) CertFreeCertificateContext(remote);
      setup.expect_works();
    }
  }
}

TEST(Post13, AUTH_15_to_18_the_client_is_asked_for_its_certificate_once) {
  Connected setup(Tls::v13);
  setup.server.flags = kServerFlags | ASC_REQ_MUTUAL_AUTH;
  Bytes request = setup.server.call({}).token;
  SECURITY_STATUS status = SEC_E_OK;
  setup.client.decrypt(request, &status);
  ASSERT_EQ(status, SEC_I_RENEGOTIATE);
  const Leg asked = setup.client.call(request);
  ASSERT_EQ(asked.status, SEC_I_INCOMPLETE_CREDENTIALS);
  // Nothing works before the answer.
  Bytes record;
  EXPECT_EQ(setup.client.encrypt("no", record), SEC_E_CONTEXT_EXPIRED);
  Bytes data = setup.data(setup.server, "waits");
  setup.client.decrypt(data, &status);
  EXPECT_EQ(status, SEC_E_CONTEXT_EXPIRED);
  const Leg answer = setup.client.call({});
  ASSERT_EQ(answer.status, SEC_E_OK);
  setup.wire.run(answer.token, data);
  EXPECT_EQ(setup.wire.client().text, "waits");
  setup.expect_works();
}

TEST(Post13, REN_12_not_without_the_clients_offer) {
  const Issued root = make_root();
  const OwnCertificate own(issue({}, &root));
  PCCERT_CONTEXT context = own.context.get();
  Credential credential(SECPKG_CRED_INBOUND, Tls::v13,
                        [&](SCH_CREDENTIALS& data) { data.paCred = &context; });
  Side ours(true, &credential.handle);
  LibsslPeer peer(LibsslPeer::client, Tls::v13);
  peer.start();
  ASSERT_TRUE(connect(ours, peer));
  ours.flags = kServerFlags | ASC_REQ_MUTUAL_AUTH;
  EXPECT_EQ(ours.call({}).status, SEC_E_UNSUPPORTED_FUNCTION);
  Bytes record;
  ASSERT_EQ(ours.encrypt("unharmed", record), SEC_E_OK);
  peer.give(record);
  EXPECT_EQ(peer.read(), "unharmed");
}

TEST(Post13, REN_16_absorbing_tickets_and_key_updates) {
  const Issued root = make_root();
  const certificates::Store trusted = trusting({root});
  Credential credential(SECPKG_CRED_OUTBOUND, Tls::v13, [&](SCH_CREDENTIALS& data) {
    data.hRootStore = trusted.get();
    data.dwFlags |= OPENSCHANNEL_CRED_ABSORB_POST_HANDSHAKE;
  });
  Side ours(false, &credential.handle);
  LibsslPeer peer(LibsslPeer::server, Tls::v13);
  peer.use(issue({}, &root));
  SSL_CTX_clear_options(peer.context.get(), SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(peer.context.get(), 2);
  peer.start();
  ASSERT_TRUE(connect(ours, peer));
  Bytes stream = std::exchange(ours.pending, {});
  append(stream, peer.write("one,"));
  SSL_key_update(peer.ssl.get(), SSL_KEY_UPDATE_NOT_REQUESTED);
  SSL_do_handshake(peer.ssl.get());
  append(stream, peer.take());
  append(stream, peer.write("two"));
  Receiver receiver(ours);
  Bytes answer;
  receiver.give(stream, answer, 1);
  EXPECT_TRUE(answer.empty());
  EXPECT_EQ(receiver.text, "one,two");
  EXPECT_TRUE(receiver.statuses.empty());
  // What asks for an answer is still announced.
  SSL_key_update(peer.ssl.get(), SSL_KEY_UPDATE_REQUESTED);
  SSL_do_handshake(peer.ssl.get());
  receiver.give(peer.take(), answer);
  EXPECT_EQ(receiver.statuses, std::vector<SECURITY_STATUS>{SEC_I_RENEGOTIATE});
  Bytes record;
  ASSERT_EQ(ours.encrypt("back", record), SEC_E_OK);
  append(answer, record);
  peer.give(answer);
  EXPECT_EQ(peer.read(), "back");
}

}  // namespace
}  // namespace contract
