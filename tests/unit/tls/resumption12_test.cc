#include "tls/v12/sessions.h"
#include "unit/tls/session_memory.h"

// The abbreviated handshake of TLS 1.2 (RFC 5246 section 7.3, figure 2), by session id and by
// ticket (RFC 5077), and all the reasons why it is a full one after all.
namespace schannel::tls::test {
namespace {

constexpr std::int64_t kNow = 1'700'000'000'000;

enum class By { id, ticket };

class Resumption12 : public testing::TestWithParam<By> {
 protected:
  Config client_config() {
    Config config = config_of(Role::client);
    config.enable_tls13 = false;
    config.now_ms = kNow;
    config.keeps_sessions = true;
    return config;
  }
  Config server_config() {
    Config config = config_of(Role::server);
    config.enable_tls13 = false;
    config.now_ms = kNow;
    config.sessions = store_;
    config.send_tickets = GetParam() == By::ticket;
    return config;
  }
  void keep(Side& server) {
    std::vector<Session> sessions = server.connection.take_sessions();
    EXPECT_EQ(sessions.size(), GetParam() == By::id ? 1u : 0u);
    store_->keep(std::move(sessions));
  }

  /// What a full handshake leaves with the client.
  std::shared_ptr<Session> first_session(Config client_side, Config server_side) {
    Side client(std::move(client_side)), server(std::move(server_side));
    client.client_identity = identity_;
    EXPECT_TRUE(run(client, server).established());
    EXPECT_FALSE(client.connection.negotiated().resumed);
    keep(server);
    std::vector<Session> sessions = client.connection.take_sessions();
    EXPECT_EQ(sessions.size(), 1u);
    if (sessions.empty()) return nullptr;
    EXPECT_EQ(sessions.front().ticket.empty(), GetParam() == By::id);
    EXPECT_EQ(sessions.front().id.empty(), GetParam() == By::ticket);
    sessions.front().issued_ms = kNow;
    return std::make_shared<Session>(std::move(sessions.front()));
  }
  std::shared_ptr<Session> first_session() {
    return first_session(client_config(), server_config());
  }
  Config again() {
    Config config = client_config();
    config.session = first_session();
    return config;
  }

  /// Both sides agree on whether they have resumed, and on the keys.
  static void expect(bool resumed, Config client_side, Config server_side, std::size_t piece = 0) {
    Side client(std::move(client_side)), server(std::move(server_side));
    ASSERT_TRUE(run(client, server, piece).established());
    EXPECT_EQ(client.connection.negotiated().resumed, resumed);
    EXPECT_EQ(server.connection.negotiated().resumed, resumed);
    EXPECT_EQ(client.verdicts, 1) << "the chain is judged in every handshake";
    EXPECT_FALSE(client.connection.negotiated().peer_chain.empty());
    EXPECT_EQ(client.connection.negotiated().first_finished,
              server.connection.negotiated().first_finished);
    expect_delivers(client, server, "from the client");
    expect_delivers(server, client, "from the server");
  }
  static Ending fail(Config client_side, Config server_side,
                     std::optional<Cause> reject = std::nullopt) {
    Side client(std::move(client_side)), server(std::move(server_side));
    client.reject = reject;
    return run(client, server);
  }

  std::shared_ptr<SessionMemory> store_ = std::make_shared<SessionMemory>();
  std::shared_ptr<const Identity> identity_;
};

INSTANTIATE_TEST_SUITE_P(By, Resumption12, testing::Values(By::id, By::ticket),
                         [](const auto& test) {
                           return std::string(test.param == By::id ? "id" : "ticket");
                         });

/// The messages of a flight that is not protected, by type; 20: change_cipher_spec.
std::vector<int> messages_in_the_open(const Buffer& flight) {
  std::vector<int> out;
  std::size_t at = 0;
  while (at + 5 <= flight.size()) {
    const std::size_t size = std::size_t{flight[at + 3]} << 8 | flight[at + 4];
    if (flight[at] == 20) {
      out.push_back(20);
      break;  // what follows is protected
    }
    for (std::size_t m = at + 5; m < at + 5 + size;) {
      out.push_back(flight[m]);
      m += 4 + (std::size_t{flight[m + 1]} << 16 | std::size_t{flight[m + 2]} << 8 | flight[m + 3]);
    }
    at += 5 + size;
  }
  return out;
}

TEST_P(Resumption12, has_two_flights_and_no_certificate) {
  const Config config = again();
  Side client(config), server(server_config());
  std::vector<std::vector<int>> flights;
  ASSERT_TRUE(run(client, server, 0, [&](Role, Buffer& bytes) {
                if (!bytes.empty()) flights.push_back(messages_in_the_open(bytes));
              }).established());
  const std::vector<std::vector<int>> expected = {{1}, {2, 20}, {20}};
  EXPECT_EQ(flights, expected);
  EXPECT_TRUE(client.connection.negotiated().resumed);
  EXPECT_EQ(client.connection.negotiated().peer_chain, config.session->peer_chain);
  EXPECT_EQ(client.connection.negotiated().group, config.session->group);
  // tls-unique is the server's Finished here (RFC 5929 section 3.1).
  EXPECT_EQ(client.connection.negotiated().first_finished,
            server.connection.negotiated().server_verify_data);
  EXPECT_EQ(client.connection.negotiated().session_id, config.session->id);
  EXPECT_EQ(server.connection.negotiated().session_id, config.session->id);
  expect_delivers(client, server, "resumed");
}

TEST_P(Resumption12, byte_by_byte) { expect(true, again(), server_config(), 1); }

TEST_P(Resumption12, works_again_and_again) {
  const Config config = again();
  for (int i = 0; i < 3; ++i) expect(true, config, server_config());
}

TEST_P(Resumption12, is_offered_beside_tls13_and_then_only_a_tls12_server_takes_it) {
  Config config = again();
  config.enable_tls13 = true;
  expect(true, config, server_config());
  Config server = server_config();
  server.enable_tls13 = true;
  expect(false, config, server);
}

TEST_P(Resumption12, gives_different_keys_every_time) {
  const Config config = again();
  Buffer seen;
  for (int i = 0; i < 2; ++i) {
    Side client(config), server(server_config());
    ASSERT_TRUE(run(client, server).established());
    Buffer exported(32);
    ASSERT_TRUE(client.connection.export_keying_material("EXPERIMENTAL", nullptr, exported));
    EXPECT_NE(exported, seen);
    seen = exported;
  }
}

TEST_P(Resumption12, is_logged_under_its_own_random) {
  Config client_side = again(), server_side = server_config();
  std::vector<Buffer> randoms, secrets;
  const KeyLog log = [&](std::string_view label, Bytes random, Bytes secret) {
    EXPECT_EQ(label, "CLIENT_RANDOM");
    randoms.push_back(to_buffer(random));
    secrets.push_back(to_buffer(secret));
  };
  client_side.key_log = server_side.key_log = log;
  Side client(client_side), server(server_side);
  ASSERT_TRUE(run(client, server).established());
  const Buffer random = to_buffer(client.connection.negotiated().client_random);
  const Buffer secret = to_buffer(client_side.session->secret);
  EXPECT_EQ(randoms, (std::vector<Buffer>{random, random}));
  EXPECT_EQ(secrets, (std::vector<Buffer>{secret, secret}));
}

TEST_P(Resumption12, of_what_the_server_does_not_know_is_a_full_handshake) {
  const Config config = again();
  store_->forget();
  expect(false, config, server_config());
}

TEST_P(Resumption12, is_left_alone_by_a_server_without_sessions) {
  Config server = server_config();
  const Config config = again();
  server.sessions = nullptr;
  expect(false, config, server);
}

TEST_P(Resumption12, does_not_cross_server_names) {
  Config config = again();
  config.server_name = "other.example";
  expect(false, config, server_config());
}

TEST_P(Resumption12, does_not_cross_the_servers_certificates) {
  const Config config = again();
  Config server = server_config();
  server.identities = {identity_of(crypto::KeyType::ecdsa_p384)};
  expect(false, config, server);
}

TEST_P(Resumption12, needs_the_sessions_suite_on_both_sides) {
  Config config = again();
  const CipherSuite other = CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;
  ASSERT_NE(config.session->suite->id, other);
  Config server = server_config();
  server.cipher_suites = {other};
  expect(false, config, server);
  config.cipher_suites = {other};
  expect(false, config, server_config());
}

TEST_P(Resumption12, ends_with_the_sessions_lifetime) {
  const Config config = again();
  Config server = server_config();
  server.now_ms = kNow + 3600 * 1000 - 1;
  expect(true, config, server);
  server.now_ms = kNow + 3600 * 1000;
  expect(false, config, server);
}

/// A store that would keep sessions for as long as TLS 1.3 allows.
class LongMemory : public SessionMemory {
 public:
  std::uint32_t lifetime_seconds() const override { return kSessionLifetimeSecondsMax; }
};

TEST_P(Resumption12, ends_after_a_day_at_most) {
  store_ = std::make_shared<LongMemory>();
  const Config config = again();
  EXPECT_EQ(config.session->lifetime_seconds, kSession12LifetimeSecondsMax);
  Config server = server_config();
  server.now_ms = kNow + std::int64_t{kSession12LifetimeSecondsMax} * 1000 - 1;
  expect(true, config, server);
  server.now_ms += 1;
  expect(false, config, server);
}

TEST_P(Resumption12, is_refused_by_a_server_that_now_wants_a_certificate) {
  const Config config = again();
  Config server = server_config();
  server.request_client_certificate = true;
  expect(false, config, server);
}

TEST_P(Resumption12, keeps_the_clients_certificate_and_judges_it_again) {
  identity_ = identity_of(crypto::KeyType::ecdsa_p256);
  Config server_side = server_config();
  server_side.request_client_certificate = true;
  Config config = client_config();
  config.session = first_session(client_config(), server_side);
  {
    Side client(config), server(server_side);
    ASSERT_TRUE(run(client, server).established());
    EXPECT_TRUE(server.connection.negotiated().resumed);
    EXPECT_EQ(server.connection.negotiated().peer_chain, identity_->chain);
    EXPECT_EQ(server.verdicts, 1);
    EXPECT_EQ(client.credential_requests, 0);
  }
  Side client(config), server(server_side);
  server.reject = Cause::certificate_revoked;
  const Ending ending = run(client, server);
  ASSERT_FALSE(ending.server);
  EXPECT_EQ(ending.server.error().cause, Cause::certificate_revoked);
  // A server that does not ask any more makes no use of it.
  expect(false, config, server_config());
}

TEST_P(Resumption12, fails_when_the_chain_is_not_accepted_any_more) {
  const Ending ending = fail(again(), server_config(), Cause::certificate_expired);
  ASSERT_FALSE(ending.client);
  EXPECT_EQ(ending.client.error().cause, Cause::certificate_expired);
}

TEST_P(Resumption12, needs_the_master_secret) {
  Config config = client_config();
  const std::shared_ptr<Session> stolen = first_session();
  stolen->secret.mutable_view()[0] ^= 1;
  config.session = stolen;
  const Ending ending = fail(config, server_config());
  ASSERT_FALSE(ending.client);
  EXPECT_EQ(ending.client.error().cause, Cause::bad_record_mac) << "the server's Finished";
}

/// Removes extended_master_secret from a hello: 00 17 00 00.
void drop_ems(Buffer& flight, std::size_t lengths_at) {
  static constexpr std::uint8_t kEms[] = {0, 23, 0, 0};
  const auto at = std::search(flight.begin() + 43, flight.end(), std::begin(kEms), std::end(kEms));
  ASSERT_NE(at, flight.end());
  flight.erase(at, at + 4);
  const auto less = [&](std::size_t high) {
    const unsigned value = (unsigned{flight[high]} << 8 | flight[high + 1]) - 4;
    flight[high] = static_cast<std::uint8_t>(value >> 8);
    flight[high + 1] = static_cast<std::uint8_t>(value);
  };
  less(3);
  less(7);
  less(lengths_at);
}

/// Where a ClientHello's extension block has its length, with the record's header.
std::size_t client_extensions_at(const Buffer& flight) {
  std::size_t at = 5 + 4 + 2 + 32;
  at += 1 + std::size_t{flight[at]};
  at += 2 + (std::size_t{flight[at]} << 8 | flight[at + 1]);
  at += 1 + std::size_t{flight[at]};
  return at;
}

// RFC 7627 section 5.3.
TEST_P(Resumption12, without_the_extended_master_secret_is_refused_by_the_server) {
  Side client(again()), server(server_config());
  const Ending ending = run(client, server, 0, [](Role receiver, Buffer& bytes) {
    if (receiver == Role::server && !bytes.empty()) drop_ems(bytes, client_extensions_at(bytes));
  });
  ASSERT_FALSE(ending.server);
  EXPECT_EQ(ending.server.error().cause, Cause::extended_master_secret_missing);
}

TEST_P(Resumption12, without_the_extended_master_secret_is_refused_by_the_client) {
  Side client(again()), server(server_config());
  const Ending ending = run(client, server, 0, [](Role receiver, Buffer& bytes) {
    if (receiver == Role::client && !bytes.empty()) drop_ems(bytes, 5 + 4 + 2 + 32 + 1 + 32 + 3);
  });
  ASSERT_FALSE(ending.client);
  EXPECT_EQ(ending.client.error().cause, Cause::extended_master_secret_missing);
}

TEST_P(Resumption12, is_not_offered_for_a_session_without_the_extended_master_secret) {
  Config config = client_config();
  const std::shared_ptr<Session> weak = first_session();
  weak->extended_master_secret = false;
  config.session = weak;
  expect(false, config, server_config());
}

TEST_P(Resumption12, no_session_is_kept_without_the_extended_master_secret) {
  Side client(client_config()), server(server_config());
  // The peers disagree about the transcript, so nothing is established; but a server names or
  // announces a session in its hello, and this one does not.
  std::vector<int> server_flight;
  Buffer hello;
  run(client, server, 0, [&](Role receiver, Buffer& bytes) {
    if (receiver == Role::server && hello.empty()) drop_ems(bytes, client_extensions_at(bytes));
    if (receiver == Role::client && hello.empty()) hello = bytes;
  });
  ASSERT_GT(hello.size(), 50u);
  EXPECT_EQ(hello[5], 2);
  EXPECT_EQ(hello[5 + 4 + 2 + 32], 0) << "no session id";
  static constexpr std::uint8_t kTicket[] = {0, 35, 0, 0};
  const std::size_t size = std::size_t{hello[7]} << 8 | hello[8];
  const auto end = hello.begin() + static_cast<std::ptrdiff_t>(9 + size);
  EXPECT_EQ(std::search(hello.begin() + 43, end, std::begin(kTicket), std::end(kTicket)), end);
}

TEST_P(Resumption12, a_renegotiation_neither_resumes_nor_leaves_a_session) {
  Side client(again()), server(server_config());
  ASSERT_TRUE(run(client, server).established());
  client.connection.take_sessions();
  server.connection.take_sessions();
  Buffer to_server, to_client;
  ASSERT_TRUE(client.connection.renegotiate(to_server));
  for (int rounds = 0; rounds < 4; ++rounds) {
    const auto deliver = [](Buffer& flight, Side& side, Buffer& answers) {
      Buffer bytes = std::exchange(flight, {});
      if (bytes.empty()) return;
      if (side.connection.is_idle()) {
        const Result<Received> received = side.connection.receive(bytes);
        ASSERT_TRUE(received);
        ASSERT_EQ(received->kind, Received::Kind::handshake);
      }
      ASSERT_TRUE(side.feed(bytes, answers));
    };
    deliver(to_server, server, to_client);
    deliver(to_client, client, to_server);
  }
  ASSERT_TRUE(client.connection.is_idle());
  EXPECT_FALSE(client.connection.negotiated().resumed);
  EXPECT_TRUE(client.connection.negotiated().session_id.empty());
  EXPECT_TRUE(client.connection.take_sessions().empty());
  EXPECT_TRUE(server.connection.take_sessions().empty());
  expect_delivers(client, server, "renegotiated");
}

TEST_P(Resumption12, a_change_of_suite_by_the_server_is_refused) {
  const Config config = again();
  Side client(config), server(server_config());
  const Ending ending = run(client, server, 0, [&](Role receiver, Buffer& bytes) {
    if (receiver != Role::client || bytes.empty()) return;
    // TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, which was offered as well.
    bytes[5 + 4 + 2 + 32 + 1 + 32] = 0xc0;
    bytes[5 + 4 + 2 + 32 + 1 + 32 + 1] = 0x2b;
  });
  ASSERT_FALSE(ending.client);
  EXPECT_EQ(ending.client.error().cause, Cause::illegal_parameter);
}

// CVE-2014-0224 is what happens when change_cipher_spec may come at any time.
TEST_P(Resumption12, no_change_cipher_spec_before_its_time) {
  Side client(again()), server(server_config());
  const Ending ending = run(client, server, 0, [](Role receiver, Buffer& bytes) {
    static constexpr std::uint8_t kRecord[] = {20, 3, 3, 0, 1, 1};
    if (receiver != Role::client || bytes.empty()) return;
    bytes.insert(bytes.begin(), std::begin(kRecord), std::end(kRecord));
  });
  ASSERT_FALSE(ending.client);
  EXPECT_EQ(ending.client.error().cause, Cause::unexpected_message);
}

TEST_P(Resumption12, a_certificate_in_a_resumed_handshake_is_refused) {
  Side client(again()), server(server_config());
  const Ending ending = run(client, server, 0, [](Role receiver, Buffer& bytes) {
    if (receiver != Role::client || bytes.empty()) return;
    const std::size_t size = 5 + (std::size_t{bytes[3]} << 8 | bytes[4]);
    static constexpr std::uint8_t kRecord[] = {22, 3, 3, 0, 7, 11, 0, 0, 3, 0, 0, 0};
    bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(size), std::begin(kRecord),
                 std::end(kRecord));
  });
  ASSERT_FALSE(ending.client);
  EXPECT_EQ(ending.client.error().cause, Cause::unexpected_message);
}

class Tickets12 : public Resumption12 {};
INSTANTIATE_TEST_SUITE_P(By, Tickets12, testing::Values(By::ticket),
                         [](const auto&) { return std::string("ticket"); });

TEST_P(Tickets12, are_given_only_to_who_asks) {
  Config config = client_config();
  config.keeps_sessions = false;
  Side client(config), server(server_config());
  ASSERT_TRUE(run(client, server).established());
  EXPECT_EQ(store_->size(), 0u);
  EXPECT_EQ(server.connection.take_sessions().size(), 1u) << "it has an id instead";
}

TEST_P(Tickets12, count_before_a_session_id) {
  // RFC 5077 section 3.4: the ticket decides, also when it is refused.
  const Config config = again();
  store_->forget();
  Side client(config), server(server_config());
  ASSERT_TRUE(run(client, server).established());
  EXPECT_FALSE(client.connection.negotiated().resumed);
  EXPECT_EQ(client.connection.take_sessions().size(), 1u) << "and a new one comes";
}

TEST(RenewedTickets12, make_a_session_no_younger) {
  Session session;
  session.version = ProtocolVersion::tls12;
  session.secret = Secret(Bytes(Buffer(48, 7)));
  session.ticket = {1};
  session.issued_ms = kNow;
  session.lifetime_seconds = 100;
  const std::int64_t later = kNow + 80'000;
  const auto renewed = v12::renewed_session(session, {{2}, 50}, later);
  ASSERT_TRUE(renewed);
  EXPECT_EQ(renewed->ticket, Buffer{2});
  EXPECT_EQ(renewed->issued_ms, kNow);
  EXPECT_TRUE(equal(renewed->secret, session.secret));
  EXPECT_TRUE(renewed->is_fresh(kNow + 129'999));
  EXPECT_FALSE(renewed->is_fresh(kNow + 130'000));
  EXPECT_EQ(v12::renewed_session(session, {{2}, 0}, later)->lifetime_seconds, 100U) << "no hint";
  EXPECT_EQ(v12::renewed_session(session, {{2}, 1'000'000}, later)->lifetime_seconds,
            kSession12LifetimeSecondsMax);
  EXPECT_FALSE(v12::renewed_session(session, {{}, 50}, later)) << "an empty one is none";
}

class Ids12 : public Resumption12 {};
INSTANTIATE_TEST_SUITE_P(By, Ids12, testing::Values(By::id),
                         [](const auto&) { return std::string("id"); });

TEST_P(Ids12, CACHE_10_carry_the_mark_of_the_machine_in_their_second_word) {
  Config server_side = server_config();
  server_side.session_id_mark = {{0xde, 0xad, 0xbe, 0xef}};
  const auto one = first_session(client_config(), server_side);
  const auto two = first_session(client_config(), server_side);
  ASSERT_EQ(one->id.size(), kSessionIdBytes);
  const Buffer mark = {0xde, 0xad, 0xbe, 0xef};
  EXPECT_TRUE(equal(Bytes(one->id).subspan(4, 4), mark));
  EXPECT_TRUE(equal(Bytes(two->id).subspan(4, 4), mark));
  EXPECT_FALSE(equal(Bytes(one->id).first(4), Bytes(two->id).first(4)));
  EXPECT_FALSE(equal(Bytes(one->id).subspan(8), Bytes(two->id).subspan(8)));
  Config config = client_config();
  config.session = one;
  expect(true, config, server_side);
}

TEST_P(Ids12, a_server_that_accepts_an_id_nobody_had_is_refused) {
  // A client of both versions sends an id that it has made up.
  Config config = client_config();
  config.enable_tls13 = true;
  Side client(config), server(server_config());
  Buffer id;
  const Ending ending = run(client, server, 0, [&](Role receiver, Buffer& bytes) {
    constexpr std::size_t kAt = 5 + 4 + 2 + 32 + 1;
    if (receiver == Role::server && id.empty()) {
      id.assign(bytes.begin() + kAt, bytes.begin() + kAt + 32);
    } else if (receiver == Role::client && !bytes.empty()) {
      std::copy(id.begin(), id.end(), bytes.begin() + kAt);
    }
  });
  ASSERT_FALSE(ending.client);
  EXPECT_EQ(ending.client.error().cause, Cause::illegal_parameter);
}

}  // namespace
}  // namespace schannel::tls::test
