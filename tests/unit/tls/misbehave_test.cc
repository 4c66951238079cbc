#include <cstdlib>
#include <iostream>

#include "unit/tls/pair.h"

// Question answered here: what if the peer, who holds the keys, sends messages that are missing,
// doubled, out of order, cut, grown or changed? A rewriter between the two sides opens each flight
// with the logged secrets, changes whole messages, and seals them again.
namespace schannel::tls::test {
namespace {

using wire::ContentType;

/// The handshake messages of a flight and where each was protected.
struct Message {
  bool is_protected;
  Buffer bytes;
};

/// One direction of a TLS 1.3 or 1.2 handshake, readable and writable.
class Rewriter {
 public:
  explicit Rewriter(const Secret* handshake_secret, const Suite* suite)
      : secret_(handshake_secret), suite_(suite) {}

  std::vector<Message> open(Bytes flight) {
    std::vector<Message> out;
    record::RecordReader plain;
    Buffer clear, hidden;
    while (!flight.empty()) {
      const auto frame = plain.frame(flight);
      if (!frame || frame->size == 0) break;
      const Bytes record = flight.first(frame->size);
      flight = flight.subspan(frame->size);
      if (frame->type == ContentType::handshake) {
        append(clear, record.subspan(5));
      } else if (frame->type == ContentType::application_data) {
        if (!reader_.is_protected()) {
          EXPECT_TRUE(reader_.use(key()));
        }
        Buffer space(record.size());
        const auto opened = reader_.open(record, space.data());
        if (opened && opened->type == ContentType::handshake) append(hidden, opened->content);
      }
    }
    split(clear, false, out);
    split(hidden, true, out);
    return out;
  }

  Buffer seal(const std::vector<Message>& messages) {
    Buffer out;
    record::RecordWriter plain;
    for (const Message& message : messages) {
      if (message.is_protected && !writer_.is_protected()) {
        EXPECT_TRUE(writer_.use(key()));
      }
      record::RecordWriter& writer = message.is_protected ? writer_ : plain;
      EXPECT_TRUE(writer.append(out, ContentType::handshake, message.bytes));
    }
    return out;
  }

 private:
  record::RecordKey key() const {
    return v13::TrafficSecret(*suite_, Secret(secret_->view())).record_key();
  }
  static void split(Bytes bytes, bool is_protected, std::vector<Message>& out) {
    while (bytes.size() >= 4) {
      const std::size_t size = 4 + (static_cast<std::size_t>(bytes[1]) << 16 |
                                    static_cast<std::size_t>(bytes[2]) << 8 | bytes[3]);
      if (size > bytes.size()) break;
      out.push_back({is_protected, to_buffer(bytes.first(size))});
      bytes = bytes.subspan(size);
    }
  }

  const Secret* secret_;
  const Suite* suite_;
  record::RecordReader reader_;
  record::RecordWriter writer_;
};

enum class Change { drop, twice, swap, cut, grow, flip, lie_about_size };
constexpr Change kChanges[] = {Change::drop, Change::twice, Change::swap,          Change::cut,
                               Change::grow, Change::flip,  Change::lie_about_size};

void set_size(Buffer& message) {
  const std::size_t size = message.size() - 4;
  message[1] = static_cast<std::uint8_t>(size >> 16);
  message[2] = static_cast<std::uint8_t>(size >> 8);
  message[3] = static_cast<std::uint8_t>(size);
}

/// False when the change does not apply to this message.
bool change(std::vector<Message>& messages, std::size_t at, Change what, std::mt19937& random) {
  Buffer& bytes = messages[at].bytes;
  switch (what) {
    case Change::drop:
      messages.erase(messages.begin() + static_cast<std::ptrdiff_t>(at));
      return true;
    case Change::twice:
      messages.insert(messages.begin() + static_cast<std::ptrdiff_t>(at), messages[at]);
      return true;
    case Change::swap:
      if (at + 1 >= messages.size()) return false;
      std::swap(messages[at], messages[at + 1]);
      return true;
    case Change::cut:
      if (bytes.size() <= 4) return false;
      bytes.pop_back();
      set_size(bytes);
      return true;
    case Change::grow:
      bytes.push_back(0);
      set_size(bytes);
      return true;
    case Change::flip: {
      if (bytes.size() <= 4) return false;
      const std::size_t bit = random() % ((bytes.size() - 4) * 8);
      bytes[4 + bit / 8] = static_cast<std::uint8_t>(bytes[4 + bit / 8] ^ (1U << bit % 8));
      return true;
    }
    case Change::lie_about_size:
      bytes[1] = 0xff;
      return true;
  }
  return false;
}

class Misbehaving13 : public testing::Test {
 protected:
  /// Runs one handshake in which message `at` of flight `flight` is changed. Returns false when
  /// there is no such message; expects that the two sides do not both come through.
  bool misbehave(std::size_t flight, std::size_t at, Change what, std::uint32_t seed) {
    std::mt19937 random(seed);
    Config client_config = config_of(Role::client), server_config = config_of(Role::server);
    Secret client_secret, server_secret;
    client_config.key_log = [&](std::string_view label, Bytes, Bytes secret) {
      if (label == "CLIENT_HANDSHAKE_TRAFFIC_SECRET") client_secret = Secret(secret);
    };
    server_config.key_log = [&](std::string_view label, Bytes, Bytes secret) {
      if (label == "SERVER_HANDSHAKE_TRAFFIC_SECRET") server_secret = Secret(secret);
    };
    server_config.request_client_certificate = true;
    const Suite* suite = find_suite(0x1302);
    Side client(std::move(client_config)), server(std::move(server_config));
    client.client_identity = identity_of(crypto::KeyType::ecdsa_p256);
    Rewriter from_client(&client_secret, suite), from_server(&server_secret, suite);
    std::size_t index = 0;
    bool changed = false;
    const Ending ending = run(client, server, 0, [&](Role receiver, Buffer& bytes) {
      if (bytes.empty()) return;
      Rewriter& rewriter = receiver == Role::server ? from_client : from_server;
      std::vector<Message> messages = rewriter.open(bytes);
      if (index++ == flight && at < messages.size()) {
        changed = change(messages, at, what, random);
      }
      if (changed || !messages.empty()) bytes = rewriter.seal(messages);
    });
    if (!changed) return false;
    if (ending.established() && what == Change::twice) {
      // The second of two Finished comes after the handshake, under a key that is gone.
      Side& receiver = server.pending.empty() ? client : server;
      EXPECT_FALSE(receiver.connection.receive(receiver.pending));
      return true;
    }
    EXPECT_FALSE(ending.established())
        << "flight " << flight << " message " << at << " change " << static_cast<int>(what);
    for (const Result<Outcome>& end : {ending.client, ending.server}) {
      if (!end) {
        EXPECT_NE(end.error().cause, Cause::internal_error);
      }
    }
    return true;
  }
};

TEST_F(Misbehaving13, the_rewriter_itself_changes_nothing) {
  Config client_config = config_of(Role::client);
  Secret client_secret;
  client_config.key_log = [&](std::string_view label, Bytes, Bytes secret) {
    if (label == "CLIENT_HANDSHAKE_TRAFFIC_SECRET") client_secret = Secret(secret);
  };
  Side client(std::move(client_config)), server(config_of(Role::server));
  Rewriter rewriter(&client_secret, find_suite(0x1302));
  EXPECT_TRUE(run(client, server, 0, [&](Role receiver, Buffer& bytes) {
                if (receiver == Role::client || bytes.empty()) return;
                const std::vector<Message> messages = rewriter.open(bytes);
                EXPECT_FALSE(messages.empty());
                bytes = rewriter.seal(messages);
              }).established());
}

TEST_F(Misbehaving13, every_change_of_every_message_ends_the_handshake) {
  int cases = 0;
  for (std::size_t flight = 0; flight < 3; ++flight) {
    for (std::size_t at = 0; at < 8; ++at) {
      for (const Change what : kChanges) cases += misbehave(flight, at, what, 1) ? 1 : 0;
    }
  }
  EXPECT_GT(cases, 60);
}

TEST_F(Misbehaving13, flipped_bits_never_pass) {
  const char* more = std::getenv("OPENSCHANNEL_MUTATIONS");
  const char* seed_text = std::getenv("OPENSCHANNEL_TEST_SEED");
  const unsigned count = more != nullptr ? static_cast<unsigned>(std::atoi(more)) : 300;
  const auto seed =
      seed_text != nullptr ? static_cast<std::uint32_t>(std::strtoul(seed_text, nullptr, 0)) : 7;
  std::cout << "seed " << seed << ", " << count << " mutations\n";
  std::mt19937 random(seed);
  for (unsigned i = 0; i < count; ++i) {
    // Three flights: one message, then up to six (with SH), then three.
    const std::size_t flight = random() % 3;
    const std::size_t at = random() % (flight == 0 ? 1 : flight == 1 ? 6 : 3);
    misbehave(flight, at, Change::flip, static_cast<std::uint32_t>(random()));
  }
}

class Misbehaving12 : public testing::Test {};

TEST_F(Misbehaving12, every_change_of_every_clear_message_ends_the_handshake) {
  int cases = 0;
  std::mt19937 random(5);
  for (std::size_t flight = 0; flight < 3; ++flight) {
    for (std::size_t at = 0; at < 6; ++at) {
      for (const Change what : kChanges) {
        for (int again = 0; again < (what == Change::flip ? 20 : 1); ++again) {
          Config client_config = config_of(Role::client), server_config = config_of(Role::server);
          client_config.enable_tls13 = false;
          server_config.request_client_certificate = true;
          Side client(std::move(client_config)), server(std::move(server_config));
          client.client_identity = identity_of(crypto::KeyType::ecdsa_p256);
          std::size_t index = 0;
          bool changed = false;
          const Ending ending = run(client, server, 0, [&](Role, Buffer& bytes) {
            if (bytes.empty() || index++ != flight) return;
            // The clear part ends at the ChangeCipherSpec record.
            Rewriter rewriter(nullptr, nullptr);
            std::size_t clear = 0;
            while (clear < bytes.size() && bytes[clear] == 22) {
              clear += 5 + static_cast<std::size_t>(bytes[clear + 3] << 8 | bytes[clear + 4]);
            }
            std::vector<Message> messages = rewriter.open(Bytes(bytes).first(clear));
            if (at >= messages.size()) return;
            changed = change(messages, at, what, random);
            Buffer changed_bytes = rewriter.seal(messages);
            append(changed_bytes, Bytes(bytes).subspan(clear));
            bytes = std::move(changed_bytes);
          });
          if (!changed) continue;
          ++cases;
          EXPECT_FALSE(ending.established())
              << "flight " << flight << " message " << at << " change " << static_cast<int>(what);
        }
      }
    }
  }
  EXPECT_GT(cases, 100);
}

TEST(Misbehave, bytes_changed_on_the_wire_never_pass_unnoticed) {
  // Without keys: any record byte. What both sides agree on afterwards must be the same thing.
  std::mt19937 random(11);
  for (int i = 0; i < 400; ++i) {
    Config client_config = config_of(Role::client);
    client_config.enable_tls13 = i % 2 == 0;
    Side client(std::move(client_config)), server(config_of(Role::server));
    const std::size_t flight = random() % 4;
    std::size_t index = 0;
    run(client, server, 0, [&](Role, Buffer& bytes) {
      if (bytes.empty() || index++ != flight) return;
      switch (random() % 4) {
        case 0:
          bytes[random() % bytes.size()] ^= 0x40;
          break;
        case 1:
          bytes.resize(random() % bytes.size());
          break;
        case 2: {
          const std::size_t at = random() % bytes.size();
          bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                       static_cast<std::uint8_t>(random()));
          break;
        }
        default:
          append(bytes, Buffer(bytes));
      }
    });
    if (client.connection.is_established() && server.connection.is_established()) {
      Buffer ours(32), theirs(32);
      ASSERT_TRUE(client.connection.export_keying_material("EXPERIMENTAL same", nullptr, ours));
      ASSERT_TRUE(server.connection.export_keying_material("EXPERIMENTAL same", nullptr, theirs));
      EXPECT_EQ(ours, theirs);
    }
  }
}

TEST(Misbehave, limits_on_message_size_hold_from_the_header_on) {
  for (const std::uint8_t type : {std::uint8_t{1}, std::uint8_t{11}}) {
    const std::size_t limit = type == 11 ? kCertificateMessageBytesMax : kHandshakeMessageBytesMax;
    MessageQueue queue;
    const auto header = [&](std::size_t size) {
      return Buffer{type, static_cast<std::uint8_t>(size >> 16),
                    static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size)};
    };
    queue.append(header(limit));
    EXPECT_TRUE(queue.next());
    MessageQueue over;
    over.append(header(limit + 1));
    const auto refused = over.next();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().cause, Cause::handshake_message_too_large);
  }
}

TEST(Misbehave, application_data_before_the_handshake_is_refused) {
  Side client(config_of(Role::client)), server(config_of(Role::server));
  const Ending ending =
      run(client, server, 0, [&, first = true](Role receiver, Buffer& bytes) mutable {
        if (receiver != Role::server || bytes.empty() || !std::exchange(first, false)) return;
        append(bytes, Buffer{23, 3, 3, 0, 20});
        bytes.resize(bytes.size() + 20, 0xee);
      });
  EXPECT_FALSE(ending.established());
}

/// A ClientHello record with an empty early_data extension at its end.
Buffer with_early_data(Buffer record) {
  append(record, Buffer{0, 42, 0, 0});
  const auto grow = [&](std::size_t at) {
    const unsigned size = static_cast<unsigned>(record[at] << 8 | record[at + 1]) + 4;
    record[at] = static_cast<std::uint8_t>(size >> 8);
    record[at + 1] = static_cast<std::uint8_t>(size);
  };
  grow(3);  // the record
  grow(7);  // the message, low 16 bits
  // Behind version, random, session id, suites and compression: the extension block.
  std::size_t at = 9 + 2 + 32;
  at += 1 + record[at];
  at += 2 + static_cast<std::size_t>(record[at] << 8 | record[at + 1]);
  at += 1 + record[at];
  grow(at);
  return record;
}

TEST(Misbehave, early_data_that_we_refuse_is_skipped_up_to_its_limit) {
  for (const bool retried : {false, true}) {
    Side client(config_of(Role::client));
    Buffer hello;
    ASSERT_TRUE(client.feed({}, hello));
    Config server_config = config_of(Role::server);
    if (retried) server_config.groups = {NamedGroup::secp384r1};
    Side server(std::move(server_config));
    Buffer out;
    ASSERT_TRUE(server.feed(with_early_data(hello), out));
    Buffer early = {23, 3, 3, 0x04, 0x00};
    early.resize(5 + 0x400, 0xee);
    const std::size_t fits = kEarlyDataSkippedBytesMax / early.size();
    for (std::size_t i = 0; i < fits; ++i) {
      const auto outcome = server.feed(early, out);
      ASSERT_TRUE(outcome) << i;
      EXPECT_EQ(*outcome, Outcome::in_progress);
    }
    EXPECT_FALSE(server.feed(early, out));
  }
}

}  // namespace
}  // namespace schannel::tls::test
