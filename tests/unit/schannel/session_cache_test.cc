#include "schannel/session_cache.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace schannel::package {
namespace {

constexpr std::int64_t kNow = 1'700'000'000'000;
constexpr std::int64_t kPeriod = 1000;

std::shared_ptr<const tls::Session> session(std::uint8_t mark, tls::ProtocolVersion version) {
  auto out = std::make_shared<tls::Session>();
  out->version = version;
  out->suite = tls::find_suite(0x1302);
  out->ticket = {mark};
  out->issued_ms = kNow;
  out->lifetime_seconds = 10;
  return out;
}
std::shared_ptr<const tls::Session> session(std::uint8_t mark) {
  return session(mark, tls::ProtocolVersion::tls13);
}

TEST(ClientSessions, gives_the_newest_once) {
  ClientSessions sessions;
  const ClientSessions::Key key{"a", false};
  for (std::uint8_t mark = 1; mark <= 6; ++mark) sessions.insert(key, session(mark));
  for (std::uint8_t mark = 6; mark > 2; --mark) {
    const auto taken = sessions.take(key, kNow);
    ASSERT_TRUE(taken);
    EXPECT_EQ(taken->ticket, Buffer{mark}) << "at most " << ClientSessions::kSessionCountMax;
  }
  EXPECT_FALSE(sessions.take(key, kNow));
}

TEST(ClientSessions, gives_nothing_that_is_too_old) {
  ClientSessions sessions;
  const ClientSessions::Key key{"a", false};
  sessions.insert(key, session(1));
  EXPECT_FALSE(sessions.take(key, kNow + 10'000));
  EXPECT_FALSE(sessions.take(key, kNow)) << "and forgets it";
}

TEST(ClientSessions, has_a_bound_and_lets_the_oldest_go) {
  ClientSessions sessions;
  for (std::size_t i = 0; i <= ClientSessions::kTargetCountMax; ++i) {
    sessions.insert({std::to_string(i), false}, session(1));
  }
  EXPECT_FALSE(sessions.take({"0", false}, kNow));
  EXPECT_TRUE(sessions.take({"1", false}, kNow));
  EXPECT_TRUE(sessions.take({std::to_string(ClientSessions::kTargetCountMax), false}, kNow));
}

TEST(TicketKeys, open_what_they_sealed_and_nothing_else) {
  TicketKeys keys(kPeriod, crypto::system_random()), others(kPeriod, crypto::system_random());
  const Buffer secret = {1, 2, 3, 4};
  const Buffer ticket = keys.seal(secret, kNow);
  ASSERT_TRUE(keys.open(ticket, kNow));
  EXPECT_EQ(*keys.open(ticket, kNow), secret);
  EXPECT_NE(keys.seal(secret, kNow), ticket) << "never the same nonce twice";
  EXPECT_FALSE(others.open(ticket, kNow));
  for (std::size_t i = 0; i < ticket.size(); ++i) {
    Buffer altered = ticket;
    altered[i] ^= 1;
    EXPECT_FALSE(keys.open(altered, kNow)) << i;
    EXPECT_FALSE(keys.open(Bytes(ticket).first(i), kNow)) << i;
  }
}

TEST(TicketKeys, open_for_one_period_longer_than_they_seal) {
  TicketKeys keys(kPeriod, crypto::system_random());
  const Buffer ticket = keys.seal(Buffer{7}, kNow);
  const auto name = [](const Buffer& t) { return Buffer(t.begin(), t.begin() + 16); };
  EXPECT_EQ(name(keys.seal(Buffer{7}, kNow + kPeriod - 1)), name(ticket));
  const Buffer next = keys.seal(Buffer{7}, kNow + kPeriod);
  EXPECT_NE(name(next), name(ticket));
  EXPECT_TRUE(keys.open(ticket, kNow + 2 * kPeriod - 1));
  EXPECT_FALSE(keys.open(ticket, kNow + 2 * kPeriod));
}

TEST(ServerSessions, give_no_ticket_for_a_session_that_is_too_large) {
  ServerSessions sessions(3600);
  tls::Session large;
  large.version = tls::ProtocolVersion::tls13;
  large.suite = tls::find_suite(0x1302);
  large.secret = Secret(std::size_t{48});
  const Buffer ticket = sessions.seal(large);
  ASSERT_FALSE(ticket.empty());
  EXPECT_TRUE(sessions.open(ticket));
  large.peer_chain = {Buffer(kTicketBytesMax)};
  EXPECT_TRUE(sessions.seal(large).empty());
}

}  // namespace
}  // namespace schannel::package
