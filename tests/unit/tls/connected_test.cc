#include "unit/tls/pair.h"

// Question answered here: after the handshake, does receive() take one record at a time, leave
// what is not application data as it came, and does handshake() take it from there (contract R-9)?
namespace schannel::tls::test {
namespace {

using wire::ContentType;
using Kind = Received::Kind;

struct Pair {
  explicit Pair(bool tls13 = true, bool refuse = false)
      : client(config(tls13, refuse)), server(config_of(Role::server)) {
    EXPECT_TRUE(run(client, server).established());
  }
  static Config config(bool tls13, bool refuse) {
    Config out = config_of(Role::client);
    out.enable_tls13 = tls13;
    out.refuse_renegotiation = refuse;
    return out;
  }
  Side client;
  Side server;
};

Buffer sealed(Connection& from, ContentType type, Bytes content) {
  Buffer record(from.header_size());
  const std::size_t header = record.size();
  append(record, content);
  record.resize(record.size() + from.trailer_size());
  EXPECT_TRUE(from.seal(type, record.data(), MutableBytes(record).subspan(header, content.size()),
                        record.data() + header + content.size()));
  return record;
}

const Buffer kKeyUpdate = {24, 0, 0, 1, 0};
const Buffer kKeyUpdateRequested = {24, 0, 0, 1, 1};
/// A NewSessionTicket with a one-byte ticket.
const Buffer kTicket = {4, 0, 0, 14, 0, 0, 0, 9, 1, 2, 3, 4, 0, 0, 1, 7, 0, 0};

TEST(Connected, a_ticket_is_announced_left_as_it_came_and_taken_once) {
  Pair pair;
  const Buffer ticket = sealed(pair.server.connection, ContentType::handshake, kTicket);
  const Buffer data =
      sealed(pair.server.connection, ContentType::application_data, as_bytes("after the ticket"));
  Buffer all = ticket;
  append(all, data);
  const Buffer before = all;

  Connection& client = pair.client.connection;
  const auto announced = client.receive(all);
  ASSERT_TRUE(announced);
  EXPECT_EQ(announced->kind, Kind::handshake);
  EXPECT_EQ(announced->consumed, ticket.size());
  EXPECT_TRUE(client.awaits_handshake());
  EXPECT_EQ(all, before);

  // The same bytes again: the ticket is skipped, the data is left for receive().
  Buffer out;
  const auto taken = client.handshake(all, out);
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->outcome, Outcome::established);
  EXPECT_EQ(taken->consumed, ticket.size());
  EXPECT_FALSE(client.awaits_handshake());
  EXPECT_TRUE(out.empty());
  EXPECT_EQ(all, before);
  const auto received = client.receive(MutableBytes(all).subspan(taken->consumed));
  ASSERT_TRUE(received);
  EXPECT_EQ(as_text(received->content), "after the ticket");
}

TEST(Connected, nothing_may_be_given_and_the_record_may_come_back_to_receive) {
  Pair pair;
  Buffer all = sealed(pair.server.connection, ContentType::handshake, kTicket);
  const std::size_t ticket_size = all.size();
  append(all, sealed(pair.server.connection, ContentType::application_data, as_bytes("next")));
  Connection& client = pair.client.connection;
  ASSERT_EQ(client.receive(all)->kind, Kind::handshake);
  Buffer out;
  const auto taken = client.handshake({}, out);
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->outcome, Outcome::established);
  const auto skipped = client.receive(all);
  ASSERT_TRUE(skipped);
  EXPECT_EQ(skipped->kind, Kind::nothing);
  EXPECT_EQ(skipped->consumed, ticket_size);
  const auto next = client.receive(MutableBytes(all).subspan(ticket_size));
  ASSERT_TRUE(next);
  EXPECT_EQ(as_text(next->content), "next");
}

TEST(Connected, only_what_follows_may_be_given) {
  Pair pair;
  Buffer ticket = sealed(pair.server.connection, ContentType::handshake, kTicket);
  Buffer data = sealed(pair.server.connection, ContentType::application_data, as_bytes("next"));
  Connection& client = pair.client.connection;
  ASSERT_EQ(client.receive(ticket)->kind, Kind::handshake);
  Buffer out;
  const auto taken = client.handshake(data, out);
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->outcome, Outcome::established);
  EXPECT_EQ(taken->consumed, 0U);
  EXPECT_EQ(as_text(client.receive(data)->content), "next");
}

TEST(Connected, several_tickets_are_taken_together_or_one_by_one) {
  for (const bool together : {true, false}) {
    Pair pair;
    Buffer all;
    for (int i = 0; i < 3; ++i) {
      append(all, sealed(pair.server.connection, ContentType::handshake, kTicket));
    }
    const std::size_t ticket_size = all.size() / 3;
    Connection& client = pair.client.connection;
    Buffer out;
    if (together) {
      ASSERT_EQ(client.receive(all)->kind, Kind::handshake);
      EXPECT_EQ(client.handshake(all, out)->consumed, all.size());
    } else {
      for (std::size_t at = 0; at < all.size(); at += ticket_size) {
        ASSERT_EQ(client.receive(MutableBytes(all).subspan(at))->kind, Kind::handshake);
        EXPECT_EQ(client.handshake(Bytes(all).subspan(at, ticket_size), out)->consumed,
                  ticket_size);
      }
    }
    expect_delivers(pair.server, pair.client, "still works");
  }
}

TEST(Connected, a_message_in_pieces_waits_for_the_rest) {
  Pair pair;
  Buffer first = sealed(pair.server.connection, ContentType::handshake, Bytes(kTicket).first(5));
  Buffer second = sealed(pair.server.connection, ContentType::handshake, Bytes(kTicket).subspan(5));
  Connection& client = pair.client.connection;
  ASSERT_EQ(client.receive(first)->kind, Kind::handshake);
  Buffer out;
  const auto waits = client.handshake(first, out);
  ASSERT_TRUE(waits);
  EXPECT_EQ(waits->outcome, Outcome::in_progress);
  EXPECT_EQ(waits->consumed, first.size());
  const auto done = client.handshake(second, out);
  ASSERT_TRUE(done);
  EXPECT_EQ(done->outcome, Outcome::established);
  expect_delivers(pair.server, pair.client, "whole");
}

TEST(Connected, key_updates_change_one_direction_or_both) {
  for (const bool requested : {false, true}) {
    Pair pair;
    // The server updates by itself: seal the message, then move its write key by hand.
    Buffer update = sealed(pair.client.connection, ContentType::handshake,
                           requested ? kKeyUpdateRequested : kKeyUpdate);
    Connection& server = pair.server.connection;
    ASSERT_EQ(server.receive(update)->kind, Kind::handshake);
    Buffer answer;
    const auto taken = server.handshake(update, answer);
    ASSERT_TRUE(taken);
    EXPECT_EQ(taken->outcome, Outcome::established);
    EXPECT_EQ(answer.empty(), !requested);
    // What the client still seals under its old key no longer opens.
    Buffer stale =
        sealed(pair.client.connection, ContentType::application_data, as_bytes("old key"));
    const auto received = server.receive(stale);
    ASSERT_FALSE(received);
    EXPECT_EQ(received.error().cause, Cause::bad_record_mac);
  }
}

TEST(Connected, unending_key_updates_are_refused) {
  // A peer of our own making, from the client's logged secret, that does nothing but update.
  Config config = config_of(Role::client);
  Secret logged;
  config.key_log = [&](std::string_view label, Bytes, Bytes secret) {
    if (label == "CLIENT_TRAFFIC_SECRET_0") logged = Secret(secret);
  };
  Side client(std::move(config)), server(config_of(Role::server));
  ASSERT_TRUE(run(client, server).established());
  v13::TrafficSecret secret(*client.connection.negotiated().suite, std::move(logged));
  for (unsigned i = 0; i <= kKeyUpdateCountMax; ++i) {
    record::RecordWriter writer;
    ASSERT_TRUE(writer.use(secret.record_key()));
    secret = secret.next();
    Buffer update, out;
    ASSERT_TRUE(writer.append(update, ContentType::handshake, kKeyUpdate));
    ASSERT_EQ(server.connection.receive(update)->kind, Kind::handshake);
    const auto taken = server.connection.handshake(update, out);
    if (i < kKeyUpdateCountMax) {
      ASSERT_TRUE(taken) << i;
    } else {
      ASSERT_FALSE(taken);
      EXPECT_EQ(taken.error().cause, Cause::too_many_key_updates);
    }
  }
}

TEST(Connected, a_renegotiation_in_tls12_is_refused_with_a_warning_and_a_limit) {
  Pair pair(/*tls13=*/false, /*refuse=*/true);
  const Buffer hello_request = {0, 0, 0, 0};
  Connection& client = pair.client.connection;
  for (unsigned i = 0; i <= kRenegotiationRefusedCountMax; ++i) {
    Buffer request = sealed(pair.server.connection, ContentType::handshake, hello_request);
    const Buffer before = request;
    ASSERT_EQ(client.receive(request)->kind, Kind::handshake);
    EXPECT_EQ(request, before);
    Buffer out;
    const auto taken = client.handshake(request, out);
    if (i == kRenegotiationRefusedCountMax) {
      ASSERT_FALSE(taken);
      EXPECT_EQ(taken.error().cause, Cause::too_many_renegotiations);
      break;
    }
    ASSERT_TRUE(taken);
    EXPECT_EQ(taken->outcome, Outcome::established);
    // The server sees a warning and goes on.
    EXPECT_EQ(pair.server.connection.receive(out)->kind, Kind::nothing);
    expect_delivers(pair.server, pair.client, "goes on");
    expect_delivers(pair.client, pair.server, "both ways");
  }
}

TEST(Connected, close_notify_is_told_from_everything_else) {
  for (const bool tls13 : {true, false}) {
    Pair pair(tls13);
    Buffer out;
    ASSERT_TRUE(
        pair.client.connection.send_alert(wire::AlertLevel::warning, Alert::close_notify, out));
    const auto received = pair.server.connection.receive(out);
    ASSERT_TRUE(received);
    EXPECT_EQ(received->kind, Kind::closed);
    // The other direction still works (RFC 8446 section 6.1).
    expect_delivers(pair.server, pair.client, "half open");
  }
}

TEST(Connected, warnings_in_a_row_are_limited) {
  Pair pair(/*tls13=*/false);
  for (unsigned i = 0; i <= kWarningAlertCountMax; ++i) {
    Buffer out;
    ASSERT_TRUE(
        pair.client.connection.send_alert(wire::AlertLevel::warning, Alert::no_renegotiation, out));
    const auto received = pair.server.connection.receive(out);
    if (i < kWarningAlertCountMax) {
      ASSERT_TRUE(received);
      EXPECT_EQ(received->kind, Kind::nothing);
    } else {
      ASSERT_FALSE(received);
      EXPECT_EQ(received.error().cause, Cause::too_many_warning_alerts);
    }
  }
}

TEST(Connected, a_warning_in_tls13_is_fatal) {
  // RFC 8446 section 6: the level is ignored.
  Pair pair;
  Buffer out;
  ASSERT_TRUE(
      pair.client.connection.send_alert(wire::AlertLevel::warning, Alert::no_renegotiation, out));
  const auto received = pair.server.connection.receive(out);
  ASSERT_FALSE(received);
  EXPECT_EQ(received.error(), (Error{Cause::peer_alert, Alert::no_renegotiation}));
}

TEST(Connected, empty_records_in_a_row_are_limited) {
  Pair pair;
  for (unsigned i = 0; i <= kEmptyRecordCountMax; ++i) {
    Buffer empty = sealed(pair.client.connection, ContentType::application_data, {});
    const auto received = pair.server.connection.receive(empty);
    EXPECT_EQ(bool(received), i < kEmptyRecordCountMax) << i;
    if (!received) {
      EXPECT_EQ(received.error().cause, Cause::too_many_empty_records);
    }
  }
}

TEST(Connected, too_little_input_changes_nothing) {
  Pair pair;
  Buffer record = sealed(pair.client.connection, ContentType::application_data, as_bytes("data"));
  const Buffer before = record;
  for (std::size_t size = 0; size < record.size(); ++size) {
    const auto received = pair.server.connection.receive(MutableBytes(record).first(size));
    ASSERT_TRUE(received);
    EXPECT_EQ(received->kind, Kind::need_input);
    EXPECT_EQ(received->missing, size < 5 ? 5 - size : record.size() - size);
    EXPECT_EQ(record, before);
  }
  EXPECT_EQ(as_text(pair.server.connection.receive(record)->content), "data");
}

TEST(Connected, a_failed_connection_stays_failed_in_both_directions) {
  Pair pair;
  Buffer record = sealed(pair.client.connection, ContentType::application_data, as_bytes("data"));
  record.back() ^= 1;
  ASSERT_FALSE(pair.server.connection.receive(record));
  Buffer header(5), data(1), trailer(17), out;
  EXPECT_FALSE(pair.server.connection.seal(ContentType::application_data, header.data(), data,
                                           trailer.data()));
  EXPECT_FALSE(pair.server.connection.handshake({}, out));
}

TEST(Connected, handshake_bytes_do_not_mix_with_data) {
  Pair pair;
  Buffer half = sealed(pair.server.connection, ContentType::handshake, Bytes(kTicket).first(5));
  Buffer data = sealed(pair.server.connection, ContentType::application_data, as_bytes("mixed"));
  Connection& client = pair.client.connection;
  ASSERT_EQ(client.receive(half)->kind, Kind::handshake);
  Buffer out;
  ASSERT_TRUE(client.handshake({}, out));
  const auto received = client.receive(data);
  ASSERT_FALSE(received);
  EXPECT_EQ(received.error().cause, Cause::unexpected_message);
}

}  // namespace
}  // namespace schannel::tls::test
