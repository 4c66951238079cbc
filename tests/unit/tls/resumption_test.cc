#include "unit/tls/session_memory.h"

// A second handshake that needs no certificates (RFC 8446 section 2.2), and all the reasons why it
// is a full one after all.
namespace schannel::tls::test {
namespace {

constexpr std::int64_t kNow = 1'700'000'000'000;

class Resumption : public testing::Test {
 protected:
  Config client_config() {
    Config config = config_of(Role::client);
    config.enable_tls12 = false;
    config.now_ms = kNow;
    return config;
  }
  Config server_config() {
    Config config = config_of(Role::server);
    config.now_ms = kNow;
    config.sessions = store_;
    config.send_tickets = true;
    return config;
  }

  /// Runs a handshake and hands the client what the server sends behind it.
  static Ending connect(Side& client, Side& server) {
    Ending ending = run(client, server);
    return ending;
  }

  /// The session of a full handshake.
  std::shared_ptr<const Session> first_session() {
    return first_session(client_config(), server_config());
  }
  std::shared_ptr<const Session> first_session(Config client_side, Config server_side) {
    Side client(std::move(client_side)), server(std::move(server_side));
    client.client_identity = identity_;
    EXPECT_TRUE(connect(client, server).established());
    EXPECT_FALSE(client.connection.negotiated().resumed);
    std::vector<Session> sessions = client.connection.take_sessions();
    EXPECT_EQ(sessions.size(), 1u);
    if (sessions.empty()) return nullptr;
    sessions.front().issued_ms = kNow;
    return std::make_shared<const Session>(std::move(sessions.front()));
  }

  /// Both sides agree on whether they have resumed, and on the keys.
  void expect(bool resumed, Config client_side, Config server_side) {
    Side client(std::move(client_side)), server(std::move(server_side));
    const Ending ending = connect(client, server);
    ASSERT_TRUE(ending.established());
    EXPECT_EQ(client.connection.negotiated().resumed, resumed);
    EXPECT_EQ(server.connection.negotiated().resumed, resumed);
    EXPECT_EQ(client.verdicts, 1) << "the chain is judged in every handshake";
    EXPECT_FALSE(client.connection.negotiated().peer_chain.empty());
    expect_delivers(client, server, "from the client");
    expect_delivers(server, client, "from the server");
  }

  std::shared_ptr<SessionMemory> store_ = std::make_shared<SessionMemory>();
  std::shared_ptr<const Identity> identity_;
};

TEST_F(Resumption, of_tls13_shows_no_certificate_and_judges_the_first_ones_chain_again) {
  Config again = client_config();
  again.session = first_session();
  const std::vector<Buffer> chain = again.session->peer_chain;
  std::size_t full = 0, short_one = 0;
  const auto count = [](std::size_t& into) {
    return [&into](Role receiver, Buffer& bytes) {
      if (receiver == Role::client) into += bytes.size();
    };
  };
  Side c1(client_config()), s1(server_config());
  ASSERT_TRUE(run(c1, s1, 0, count(full)).established());
  Side c2(again), s2(server_config());
  ASSERT_TRUE(run(c2, s2, 0, count(short_one)).established());
  EXPECT_TRUE(c2.connection.negotiated().resumed);
  EXPECT_EQ(c2.connection.negotiated().peer_chain, chain);
  EXPECT_EQ(c2.verdicts, 1);
  EXPECT_LT(short_one + chain.front().size(), full) << "not even the certificate fits in between";
  expect_delivers(c2, s2, "resumed");
  // And it leaves a session of its own.
  EXPECT_EQ(c2.connection.take_sessions().size(), 1u);
}

TEST_F(Resumption, byte_by_byte) {
  Config again = client_config();
  again.session = first_session();
  Side client(again), server(server_config());
  ASSERT_TRUE(run(client, server, 1).established());
  EXPECT_TRUE(client.connection.negotiated().resumed);
}

TEST_F(Resumption, after_a_hello_retry_request_binds_to_the_second_hello) {
  Config again = client_config();
  again.session = first_session();
  Config server = server_config();
  server.groups = {NamedGroup::secp384r1};
  expect(true, again, server);
}

TEST_F(Resumption, is_not_offered_again_when_the_retry_names_a_suite_of_another_hash) {
  Config again = client_config();
  again.session = first_session();
  ASSERT_EQ(again.session->suite->hash, crypto::HashAlgorithm::sha384);
  Config server = server_config();
  server.cipher_suites = {CipherSuite::TLS_AES_128_GCM_SHA256};
  server.groups = {NamedGroup::secp384r1};
  expect(false, again, server);
}

TEST_F(Resumption, needs_a_suite_of_the_same_hash) {
  Config again = client_config();
  again.session = first_session();
  Config server = server_config();
  server.cipher_suites = {CipherSuite::TLS_AES_128_GCM_SHA256};
  expect(false, again, server);
}

TEST_F(Resumption, does_not_cross_server_names) {
  Config again = client_config();
  again.session = first_session();
  again.server_name = "other.example";
  expect(false, again, server_config());
}

TEST_F(Resumption, ends_with_the_sessions_lifetime) {
  Config again = client_config();
  again.session = first_session();
  Config server = server_config();
  server.now_ms = kNow + 3600 * 1000 - 1;
  expect(true, again, server);
  server.now_ms = kNow + 3600 * 1000;
  expect(false, again, server);
}

TEST_F(Resumption, of_a_ticket_that_the_server_does_not_know_is_a_full_handshake) {
  Config again = client_config();
  again.session = first_session();
  store_->forget();
  expect(false, again, server_config());
}

TEST_F(Resumption, is_refused_by_a_server_that_now_wants_a_certificate) {
  Config again = client_config();
  again.session = first_session();
  Config server = server_config();
  server.request_client_certificate = true;
  expect(false, again, server);
}

TEST_F(Resumption, keeps_the_clients_certificate) {
  identity_ = identity_of(crypto::KeyType::ecdsa_p256);
  Config server_side = server_config();
  server_side.request_client_certificate = true;
  Config again = client_config();
  again.session = first_session(client_config(), server_side);
  Side client(again), server(server_side);
  ASSERT_TRUE(run(client, server).established());
  EXPECT_TRUE(server.connection.negotiated().resumed);
  EXPECT_EQ(server.connection.negotiated().peer_chain, identity_->chain);
  EXPECT_EQ(client.credential_requests, 0);
  // A server that does not ask any more makes no use of it.
  expect(false, again, server_config());
}

TEST_F(Resumption, fails_when_the_chain_is_not_accepted_any_more) {
  Config again = client_config();
  again.session = first_session();
  Side client(again), server(server_config());
  client.reject = Cause::certificate_expired;
  const Ending ending = run(client, server);
  ASSERT_FALSE(ending.client);
  EXPECT_EQ(ending.client.error().cause, Cause::certificate_expired);
}

TEST_F(Resumption, needs_the_binder) {
  Config again = client_config();
  again.session = first_session();
  Side client(again), server(server_config());
  const Ending ending = run(client, server, 0, [](Role receiver, Buffer& bytes) {
    if (receiver == Role::server && bytes.size() > 100) bytes.back() ^= 1;
  });
  ASSERT_FALSE(ending.server);
  EXPECT_EQ(ending.server.error().cause, Cause::binder_mismatch);
}

TEST_F(Resumption, needs_the_sessions_secret) {
  auto stolen = std::make_shared<Session>();
  const std::shared_ptr<const Session> real = first_session();
  Result<Session> copy = decode_session(encode_session(*real));
  ASSERT_TRUE(copy);
  *stolen = std::move(*copy);
  stolen->ticket = real->ticket;
  stolen->proof = real->proof;
  stolen->secret.mutable_view()[0] ^= 1;
  Config again = client_config();
  again.session = stolen;
  Side client(again), server(server_config());
  const Ending ending = run(client, server);
  ASSERT_FALSE(ending.server);
  EXPECT_EQ(ending.server.error().cause, Cause::binder_mismatch);
}

TEST_F(Resumption, is_left_alone_by_a_server_without_sessions) {
  Config again = client_config();
  again.session = first_session();
  Config server = server_config();
  server.sessions = nullptr;
  expect(false, again, server);
}

TEST_F(Resumption, gives_no_ticket_unless_told_to) {
  Config server_side = server_config();
  server_side.send_tickets = false;
  Side client(client_config()), server(server_side);
  ASSERT_TRUE(run(client, server).established());
  EXPECT_TRUE(client.connection.take_sessions().empty());
  EXPECT_EQ(store_->size(), 0u);
}

TEST(Session, is_read_back_as_it_was_written_and_never_from_a_part) {
  Session session;
  session.version = ProtocolVersion::tls13;
  session.suite = find_suite(0x1302);
  session.secret = Secret(Bytes(Buffer(48, 7)));
  session.server_name = "server.example";
  session.application_protocol = {'h', '2'};
  session.peer_chain = {{1, 2, 3}, {4}};
  session.group = NamedGroup::x25519;
  session.signature_scheme = SignatureScheme::ed25519;
  session.extended_master_secret = true;
  session.lifetime_seconds = 7200;
  session.age_add = 0xfedcba98;
  session.issued_ms = kNow;
  const Buffer encoded = encode_session(session);
  const Result<Session> read = decode_session(encoded);
  ASSERT_TRUE(read);
  EXPECT_EQ(encode_session(*read), encoded);
  EXPECT_EQ(read->peer_chain, session.peer_chain);
  EXPECT_EQ(read->issued_ms, kNow);
  for (std::size_t size = 0; size < encoded.size(); ++size) {
    EXPECT_FALSE(decode_session(Bytes(encoded).first(size))) << size;
  }
  Buffer longer = encoded;
  longer.push_back(0);
  EXPECT_FALSE(decode_session(longer));
}

TEST(Session, is_fresh_from_when_it_was_made_to_the_end_of_its_life) {
  Session session;
  session.issued_ms = kNow;
  session.lifetime_seconds = 10;
  EXPECT_TRUE(session.is_fresh(kNow));
  EXPECT_TRUE(session.is_fresh(kNow + 9999));
  EXPECT_FALSE(session.is_fresh(kNow + 10000));
  EXPECT_TRUE(session.is_fresh(kNow - kClockSkewMillisecondsMax));
  EXPECT_FALSE(session.is_fresh(kNow - kClockSkewMillisecondsMax - 1));
}

}  // namespace
}  // namespace schannel::tls::test
