#include <map>

#include "tls/machine.h"
#include "unit/tls/pair.h"

// Question answered here: are keys updated, clients authenticated and TLS 1.2 connections
// renegotiated after the handshake as the RFCs say, with data under way, and nothing beyond?
namespace schannel::tls::test {
namespace {

using wire::ContentType;
using Kind = Received::Kind;

Buffer sealed(Connection& from, ContentType type, Bytes content) {
  Buffer record(from.header_size());
  const std::size_t header = record.size();
  append(record, content);
  record.resize(record.size() + from.trailer_size());
  EXPECT_TRUE(from.seal(type, record.data(), MutableBytes(record).subspan(header, content.size()),
                        record.data() + header + content.size()));
  return record;
}
Buffer data(Side& from, std::string_view text) {
  return sealed(from.connection, ContentType::application_data, as_bytes(text));
}

struct Pair {
  Pair(Config client_config, Config server_config)
      : client(std::move(client_config)), server(std::move(server_config)) {
    EXPECT_TRUE(run(client, server).established());
  }
  /// Hands the bytes over until neither side has more to say; both are idle then.
  void settle(Buffer to_server, Buffer to_client, std::size_t piece = 0) {
    for (int rounds = 0; rounds < 20 && !(to_server.empty() && to_client.empty()); ++rounds) {
      deliver(server, std::exchange(to_server, {}), to_client, piece);
      deliver(client, std::exchange(to_client, {}), to_server, piece);
    }
    EXPECT_TRUE(client.connection.is_idle());
    EXPECT_TRUE(server.connection.is_idle());
  }
  /// receive() and handshake() in turn, as they call for each other.
  void deliver(Side& to, Buffer bytes, Buffer& answers, std::size_t piece) {
    for (std::size_t at = 0; at < bytes.size();) {
      const std::size_t size = piece == 0 ? bytes.size() : std::min(piece, bytes.size() - at);
      append(to.pending, Bytes(bytes).subspan(at, size));
      at += size;
      while (!to.pending.empty()) {
        const Result<Received> received = to.connection.receive(to.pending);
        ASSERT_TRUE(received) << disposition(received.error()).text;
        if (received->kind == Kind::need_input) break;
        if (received->kind == Kind::application_data) texts[&to] += as_text(received->content);
        if (received->kind == Kind::no_renegotiation) ++refusals;
        if (received->kind == Kind::handshake) {
          const auto outcome = to.feed({}, answers);
          ASSERT_TRUE(outcome) << disposition(outcome.error()).text;
          continue;
        }
        to.pending.erase(to.pending.begin(),
                         to.pending.begin() + static_cast<std::ptrdiff_t>(received->consumed));
      }
    }
  }
  void expect_works() {
    expect_delivers(client, server, "to the server");
    expect_delivers(server, client, "to the client");
  }

  Side client;
  Side server;
  std::map<Side*, std::string> texts;
  int refusals = 0;
};

Config client12() {
  Config config = config_of(Role::client);
  config.enable_tls13 = false;
  return config;
}
Config client13() {
  Config config = config_of(Role::client);
  config.offer_post_handshake_auth = true;
  return config;
}
std::shared_ptr<const Config> asking(const Connection& server, bool require = false) {
  auto config = std::make_shared<Config>(*server.config());
  config->request_client_certificate = true;
  config->require_client_certificate = require;
  return config;
}

// --- Key updates of our own ---

TEST(KeyUpdate, of_either_side_with_and_without_a_request) {
  for (const bool from_client : {true, false}) {
    for (const bool request : {true, false}) {
      Pair pair(client13(), config_of(Role::server));
      Side& from = from_client ? pair.client : pair.server;
      Buffer stream = data(from, "before");
      ASSERT_TRUE(from.connection.update_key(request, stream));
      append(stream, data(from, "after"));
      from_client ? pair.settle(stream, {}) : pair.settle({}, stream);
      EXPECT_EQ(pair.texts[from_client ? &pair.server : &pair.client], "beforeafter");
      pair.expect_works();
    }
  }
}

TEST(KeyUpdate, both_sides_at_once) {
  Pair pair(client13(), config_of(Role::server));
  Buffer to_server, to_client;
  ASSERT_TRUE(pair.client.connection.update_key(true, to_server));
  ASSERT_TRUE(pair.server.connection.update_key(true, to_client));
  pair.settle(to_server, to_client);
  pair.expect_works();
}

TEST(KeyUpdate, a_worn_key_is_replaced_behind_a_record_of_data) {
  Config config = client13();
  config.aes_gcm_record_limit = 64;
  Pair pair(std::move(config), config_of(Role::server));
  std::string sent;
  Buffer stream;
  int updates = 0;
  for (int i = 0; i < 200; ++i) {
    const std::string text = "message " + std::to_string(i) + ";";
    sent += text;
    append(stream, data(pair.client, text));
    if (!pair.client.connection.wants_key_update()) continue;
    ++updates;
    Buffer update(Connection::kKeyUpdateRecordBytes);
    ASSERT_TRUE(pair.client.connection.update_write_key(update.data()));
    append(stream, update);
  }
  EXPECT_EQ(updates, 200 / 32);
  pair.settle(stream, {}, 7);
  EXPECT_EQ(pair.texts[&pair.server], sent);
  pair.expect_works();
}

TEST(KeyUpdate, a_key_that_nobody_replaces_stops_data_and_still_lets_a_key_update_out) {
  Config config = client13();
  config.aes_gcm_record_limit = 64;
  Pair pair(std::move(config), config_of(Role::server));
  Connection& client = pair.client.connection;
  Buffer stream;
  for (std::uint64_t i = 0; i < 64 - kControlRecordCount; ++i)
    append(stream, data(pair.client, "x"));
  Buffer header(5), content(1), trailer(17);
  const auto refused =
      client.seal(ContentType::application_data, header.data(), content, trailer.data());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().cause, Cause::key_exhausted);
  EXPECT_FALSE(client.failure());
  ASSERT_TRUE(client.update_key(false, stream));
  append(stream, data(pair.client, "on it goes"));
  pair.settle(stream, {});
  pair.expect_works();
}

// --- Post-handshake authentication ---

TEST(LateAuthentication, the_client_shows_its_certificate_between_data) {
  for (const std::size_t piece : {0, 1, 3}) {
    Pair pair(client13(), config_of(Role::server));
    pair.client.client_identity = identity_of(crypto::KeyType::ecdsa_p384);
    Connection& server = pair.server.connection;
    EXPECT_TRUE(server.negotiated().post_handshake_auth);
    EXPECT_TRUE(server.negotiated().peer_chain.empty());
    Buffer stream = data(pair.server, "one,");
    ASSERT_TRUE(server.request_certificate(stream));
    append(stream, data(pair.server, "two"));
    EXPECT_TRUE(server.is_idle());
    // Data and a key update that the client has sent before it read the request.
    Buffer to_server = data(pair.client, "under way,");
    ASSERT_TRUE(pair.client.connection.update_key(false, to_server));
    append(to_server, data(pair.client, "and more"));
    pair.settle(to_server, stream, piece);
    EXPECT_EQ(pair.texts[&pair.client], "one,two");
    EXPECT_EQ(pair.texts[&pair.server], "under way,and more");
    EXPECT_EQ(server.negotiated().peer_chain, pair.client.client_identity->chain);
    EXPECT_EQ(pair.client.connection.negotiated().local_identity, pair.client.client_identity);
    EXPECT_EQ(pair.server.verdicts, 1);
    pair.expect_works();
    // And again, with nothing to show: the server knows nobody any more.
    pair.client.client_identity = nullptr;
    Buffer again;
    ASSERT_TRUE(server.request_certificate(again));
    pair.settle({}, again, piece);
    EXPECT_TRUE(server.negotiated().peer_chain.empty());
    pair.expect_works();
  }
}

TEST(LateAuthentication, a_second_request_waits_for_the_answer_to_the_first) {
  Pair pair(client13(), config_of(Role::server));
  Buffer first, second;
  ASSERT_TRUE(pair.server.connection.request_certificate(first));
  ASSERT_TRUE(pair.server.connection.request_certificate(second));
  EXPECT_TRUE(second.empty());
  pair.settle({}, first);
  pair.expect_works();
}

TEST(LateAuthentication, a_required_certificate_that_is_not_shown_is_a_failure) {
  Pair pair(client13(), config_of(Role::server));
  Connection& server = pair.server.connection;
  ASSERT_TRUE(server.use_config(asking(server, /*require=*/true)));
  Buffer request, answer, alert;
  ASSERT_TRUE(server.request_certificate(request));
  pair.deliver(pair.client, request, answer, 0);
  const auto outcome = pair.server.feed(answer, alert);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().cause, Cause::certificate_required_13);
}

TEST(LateAuthentication, a_client_that_did_not_offer_it_refuses) {
  Pair pair(config_of(Role::client), config_of(Role::server));
  EXPECT_FALSE(pair.server.connection.negotiated().post_handshake_auth);
  Buffer request, alert;
  ASSERT_TRUE(pair.server.connection.request_certificate(request));
  const auto outcome = pair.client.feed(request, alert);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().cause, Cause::unexpected_message);
}

TEST(LateAuthentication, requests_without_end_are_refused) {
  Pair pair(client13(), config_of(Role::server));
  for (unsigned i = 0; i <= kAuthenticationCountMax; ++i) {
    Buffer request, answer, none;
    ASSERT_TRUE(pair.server.connection.request_certificate(request));
    const auto outcome = pair.client.feed(request, answer);
    if (i == kAuthenticationCountMax) {
      ASSERT_FALSE(outcome);
      EXPECT_EQ(outcome.error().cause, Cause::too_many_certificate_requests);
      break;
    }
    ASSERT_TRUE(outcome);
    ASSERT_TRUE(pair.server.feed(answer, none));
  }
}

TEST(LateAuthentication, nothing_stands_between_the_messages_of_the_answer) {
  // RFC 8446 section 4.6.2. The client's flight is one record; data may be made to look as if it
  // came after the first byte of it only by a client that seals it so: one that knows its keys.
  Config config = client13();
  Secret logged;
  config.key_log = [&](std::string_view label, Bytes, Bytes secret) {
    if (label == "CLIENT_TRAFFIC_SECRET_0") logged = Secret(secret);
  };
  Pair pair(std::move(config), config_of(Role::server));
  v13::TrafficSecret secret(*pair.client.connection.negotiated().suite, std::move(logged));
  Buffer request, answer;
  ASSERT_TRUE(pair.server.connection.request_certificate(request));
  pair.client.client_identity = identity_of(crypto::KeyType::ecdsa_p256);
  pair.deliver(pair.client, request, answer, 0);
  record::RecordReader reader;
  ASSERT_TRUE(reader.use(secret.record_key()));
  const auto opened = reader.open(answer, answer.data());
  ASSERT_TRUE(opened);
  const std::size_t certificate = 4U + (opened->content[2] << 8) + opened->content[3];
  record::RecordWriter writer;
  ASSERT_TRUE(writer.use(secret.record_key()));
  Buffer stream, alert;
  ASSERT_TRUE(writer.append(stream, ContentType::handshake, opened->content.first(certificate)));
  ASSERT_TRUE(writer.append(stream, ContentType::application_data, as_bytes("too soon")));
  const auto outcome = pair.server.feed(stream, alert);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().cause, Cause::unexpected_message);
}

// --- TLS 1.2 renegotiation ---

TEST(Renegotiation, of_either_side_with_data_under_way) {
  for (const bool from_client : {true, false}) {
    for (const std::size_t piece : {0, 1, 5}) {
      Pair pair(client12(), config_of(Role::server));
      const auto before = pair.client.connection.negotiated();
      for (int round = 0; round < 3; ++round) {
        Buffer to_server = data(pair.client, "c"), to_client = data(pair.server, "s");
        if (from_client) {
          ASSERT_TRUE(pair.client.connection.renegotiate(to_server));
          // The server has not seen the ClientHello yet.
          append(to_client, data(pair.server, "s"));
        } else {
          ASSERT_TRUE(pair.server.connection.renegotiate(to_client));
          append(to_client, data(pair.server, "s"));
          append(to_server, data(pair.client, "c"));
        }
        pair.settle(to_server, to_client, piece);
        pair.expect_works();
      }
      EXPECT_EQ(pair.texts[&pair.server], from_client ? "ccc" : "cccccc");
      EXPECT_EQ(pair.texts[&pair.client], "ssssss");
      const auto& after = pair.client.connection.negotiated();
      EXPECT_NE(before.client_random, after.client_random);
      EXPECT_EQ(after.client_verify_data, pair.server.connection.negotiated().client_verify_data);
      EXPECT_EQ(after.server_verify_data, pair.server.connection.negotiated().server_verify_data);
      EXPECT_NE(before.client_verify_data, after.client_verify_data);
      EXPECT_EQ(pair.client.verdicts, 4);
    }
  }
}

TEST(Renegotiation, both_sides_at_once_make_one) {
  Pair pair(client12(), config_of(Role::server));
  Buffer to_server, to_client;
  ASSERT_TRUE(pair.client.connection.renegotiate(to_server));
  ASSERT_TRUE(pair.server.connection.renegotiate(to_client));
  pair.settle(to_server, to_client);
  EXPECT_EQ(pair.client.verdicts, 2);
  pair.expect_works();
}

TEST(Renegotiation, data_between_the_messages_interrupts_and_the_rest_follows) {
  Pair pair(client12(), config_of(Role::server));
  Buffer hello, flight;
  ASSERT_TRUE(pair.client.connection.renegotiate(hello));
  EXPECT_FALSE(pair.client.connection.may_send());
  append(hello, data(pair.client, "late"));  // the engine lets it; Context doesn't
  const auto outcome = pair.server.feed(hello, flight);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(*outcome, Outcome::interrupted);
  EXPECT_FALSE(pair.server.connection.is_idle());
  const auto received = pair.server.connection.receive(pair.server.pending);
  ASSERT_TRUE(received);
  EXPECT_EQ(as_text(received->content), "late");
  pair.server.pending.clear();
  pair.settle({}, flight);
  pair.expect_works();
}

TEST(Renegotiation, asks_for_the_certificate_that_the_first_handshake_did_not) {
  Pair pair(client12(), config_of(Role::server));
  Connection& server = pair.server.connection;
  pair.client.client_identity = identity_of(crypto::KeyType::ecdsa_p384);
  ASSERT_TRUE(server.use_config(asking(server)));
  Buffer request;
  ASSERT_TRUE(server.renegotiate(request));
  pair.settle({}, request);
  EXPECT_EQ(server.negotiated().peer_chain, pair.client.client_identity->chain);
  EXPECT_EQ(pair.client.credential_requests, 1);
  pair.expect_works();
}

TEST(Renegotiation, refused_by_the_peer_leaves_the_connection_as_it_was) {
  for (const bool from_client : {true, false}) {
    for (const bool through_receive : {true, false}) {
      Config client = client12(), server = config_of(Role::server);
      (from_client ? server : client).refuse_renegotiation = true;
      Pair pair(std::move(client), std::move(server));
      Side& from = from_client ? pair.client : pair.server;
      Side& to = from_client ? pair.server : pair.client;
      Buffer request, refusal, none;
      ASSERT_TRUE(from.connection.renegotiate(request));
      pair.deliver(to, request, refusal, 0);
      ASSERT_FALSE(refusal.empty());
      if (through_receive || !from_client) {
        pair.deliver(from, refusal, none, 0);
        EXPECT_EQ(pair.refusals, 1);
      } else {
        const auto outcome = from.feed(refusal, none);
        ASSERT_TRUE(outcome);
        EXPECT_EQ(*outcome, Outcome::refused);
      }
      EXPECT_TRUE(from.connection.is_idle());
      EXPECT_TRUE(from.connection.may_send());
      EXPECT_TRUE(none.empty());
      pair.expect_works();
      // And once more.
      request.clear();
      refusal.clear();
      ASSERT_TRUE(from.connection.renegotiate(request));
      pair.deliver(to, request, refusal, 0);
      pair.deliver(from, refusal, none, 0);
      pair.expect_works();
    }
  }
}

TEST(Renegotiation, floods_are_cut_off) {
  Pair pair(client12(), config_of(Role::server));
  for (unsigned i = 0; i <= kRenegotiationCountMax; ++i) {
    Buffer hello, flight;
    ASSERT_TRUE(pair.client.connection.renegotiate(hello));
    if (i < kRenegotiationCountMax) {
      pair.settle(hello, {});
      continue;
    }
    const auto outcome = pair.server.feed(hello, flight);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().cause, Cause::too_many_renegotiations);
    EXPECT_LT(flight.size(), 64U);  // the alert and nothing else
  }
}

TEST(Renegotiation, requests_of_our_own_have_no_limit) {
  Pair pair(client12(), config_of(Role::server));
  for (unsigned i = 0; i < kRenegotiationCountMax; ++i) {
    Buffer request;
    ASSERT_TRUE(pair.server.connection.renegotiate(request));
    pair.settle({}, request);
  }
  pair.expect_works();
}

TEST(Renegotiation, repeated_requests_in_the_middle_are_ignored_up_to_the_limit) {
  const Buffer hello_request = {0, 0, 0, 0};
  Pair pair(client12(), config_of(Role::server));
  Buffer hello;
  ASSERT_TRUE(pair.client.connection.renegotiate(hello));
  for (unsigned i = 0; i <= kRenegotiationCountMax; ++i) {
    Buffer request = sealed(pair.server.connection, ContentType::handshake, hello_request), out;
    const auto outcome = pair.client.feed(request, out);
    ASSERT_EQ(bool(outcome), i < kRenegotiationCountMax) << i;
    if (!outcome) {
      EXPECT_EQ(outcome.error().cause, Cause::too_many_renegotiations);
    }
  }
}

/// A ClientHello of a renegotiation with `change` made to it, as the server takes it.
template <class Change>
Result<Outcome> give_changed_hello(Pair& pair, Change change) {
  Config config = client12();
  auto previous = std::make_shared<Negotiated>(pair.client.connection.negotiated());
  change(config, *previous);
  auto step = hello::start_client(std::make_shared<const Config>(std::move(config)), previous);
  EXPECT_TRUE(step);
  Buffer messages = std::get<SendHandshake>(step->actions[0]).messages, out;
  return pair.server.feed(sealed(pair.client.connection, ContentType::handshake, messages), out);
}

TEST(Renegotiation, is_bound_to_the_connection) {
  // RFC 5746 section 3.7.
  Pair unchanged(client12(), config_of(Role::server));
  EXPECT_TRUE(give_changed_hello(unchanged, [](Config&, Negotiated&) {}));
  Pair wrong(client12(), config_of(Role::server));
  const auto mismatch = give_changed_hello(
      wrong, [](Config&, Negotiated& previous) { previous.client_verify_data[3] ^= 1; });
  ASSERT_FALSE(mismatch);
  EXPECT_EQ(mismatch.error().cause, Cause::renegotiation_info_mismatch);
  Pair empty(client12(), config_of(Role::server));
  const auto first = give_changed_hello(
      empty, [](Config&, Negotiated& previous) { previous.client_verify_data.clear(); });
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().cause, Cause::renegotiation_info_mismatch);
}

TEST(Renegotiation, keeps_the_application_protocol) {
  Config client = client12(), server = config_of(Role::server);
  client.application_protocols = {to_buffer(as_bytes("h2"))};
  server.application_protocols = {to_buffer(as_bytes("h2")), to_buffer(as_bytes("other"))};
  Pair pair(std::move(client), std::move(server));
  const auto outcome = give_changed_hello(pair, [](Config& config, Negotiated&) {
    config.application_protocols = {to_buffer(as_bytes("other"))};
  });
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().cause, Cause::renegotiation_gives_up);
}

TEST(Renegotiation, is_not_the_way_to_tls13) {
  Pair pair(client12(), config_of(Role::server));
  const auto outcome =
      give_changed_hello(pair, [](Config& config, Negotiated&) { config.enable_tls13 = true; });
  // The hello names both versions: the connection stays what it is (RFC 8446 section 4.1.2).
  ASSERT_TRUE(outcome);
  EXPECT_EQ(*outcome, Outcome::in_progress);
}

TEST(Renegotiation, data_under_new_keys_waits_for_finished) {
  // The server's machine after the client's change_cipher_spec: no data may come.
  Config config = client12();
  Secret master;
  config.key_log = [&](std::string_view, Bytes, Bytes secret) { master = Secret(secret); };
  Pair pair(std::move(config), config_of(Role::server));
  Buffer hello, flight, answer, out;
  ASSERT_TRUE(pair.client.connection.renegotiate(hello));
  pair.deliver(pair.server, hello, flight, 0);
  pair.deliver(pair.client, flight, answer, 0);
  // ClientKeyExchange and change_cipher_spec are the first two records; then data instead of
  // Finished, under the client's new key.
  std::size_t at = 0;
  for (int i = 0; i < 2; ++i) at += 5U + (answer[at + 3] << 8) + answer[at + 4];
  Buffer stream = to_buffer(Bytes(answer).first(at));
  append(stream, data(pair.client, "unproved"));
  const auto outcome = pair.server.feed(stream, out);
  ASSERT_FALSE(outcome);
}

// --- Absorbing ---

TEST(Absorb, what_needs_no_answer_is_not_announced) {
  Config config = client13();
  config.absorb_post_handshake = true;
  Pair pair(std::move(config), config_of(Role::server));
  Buffer stream = data(pair.server, "a");
  ASSERT_TRUE(pair.server.connection.update_key(false, stream));
  append(stream, data(pair.server, "b"));
  Connection& client = pair.client.connection;
  MutableBytes in(stream);
  std::string text;
  int absorbed = 0;
  while (!in.empty()) {
    const auto received = client.receive(in);
    ASSERT_TRUE(received);
    if (received->kind == Kind::absorb) {
      ++absorbed;
      EXPECT_TRUE(client.may_send());
      Buffer out;
      ASSERT_TRUE(client.handshake({}, out));
      EXPECT_TRUE(out.empty());
    } else {
      text += as_text(received->content);
    }
    in = in.subspan(received->consumed);
  }
  EXPECT_EQ(text, "ab");
  EXPECT_EQ(absorbed, 1);
  // What asks for an answer is announced as ever.
  Buffer request;
  ASSERT_TRUE(pair.server.connection.update_key(true, request));
  ASSERT_EQ(client.receive(request)->kind, Kind::handshake);
  EXPECT_FALSE(client.may_send());
}

}  // namespace
}  // namespace schannel::tls::test
