#include "schannel/session_cache.h"

#include <gtest/gtest.h>

#include <cstring>

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

TEST(ClientSessions, keeps_the_newest_of_tls12_until_it_is_old) {
  ClientSessions sessions;
  const ClientSessions::Key key{"a", false};
  sessions.insert(key, session(1, tls::ProtocolVersion::tls12));
  sessions.insert(key, session(2, tls::ProtocolVersion::tls12));
  for (int i = 0; i < 3; ++i) {
    const auto taken = sessions.take(key, kNow);
    ASSERT_TRUE(taken);
    EXPECT_EQ(taken->ticket, Buffer{2});
  }
  EXPECT_FALSE(sessions.take(key, kNow + 10'000));
  EXPECT_FALSE(sessions.take(key, kNow)) << "the older one went when the newer came";
}

std::shared_ptr<const tls::Session> named_session(std::uint32_t number, std::size_t chain_bytes = 0,
                                                  std::int64_t issued_ms = kNow) {
  auto out = std::make_shared<tls::Session>();
  out->version = tls::ProtocolVersion::tls12;
  out->suite = tls::find_suite(0xc02b);
  out->issued_ms = issued_ms;
  out->lifetime_seconds = 10;
  out->id = Buffer(kSessionIdBytes);
  std::memcpy(out->id.data() + 8, &number, sizeof number);
  out->id[16] = static_cast<std::uint8_t>(number);  // spreads them over the parts
  if (chain_bytes != 0) out->peer_chain = {Buffer(chain_bytes)};
  return out;
}

TEST(SessionIds, find_what_was_kept_and_nothing_else) {
  SessionIds ids;
  ids.insert(named_session(1), true, kNow);
  EXPECT_TRUE(ids.find(named_session(1)->id, kNow));
  EXPECT_TRUE(ids.find(named_session(1)->id, kNow)) << "and it stays";
  EXPECT_FALSE(ids.find(named_session(2)->id, kNow));
  EXPECT_FALSE(ids.find(Bytes(named_session(1)->id).first(31), kNow));
  EXPECT_FALSE(ids.find({}, kNow));
  ids.remove(named_session(1)->id);
  EXPECT_FALSE(ids.find(named_session(1)->id, kNow));
  ids.remove(named_session(1)->id);
}

TEST(SessionIds, find_nothing_that_is_too_old) {
  SessionIds ids;
  ids.insert(named_session(1), true, kNow);
  EXPECT_FALSE(ids.find(named_session(1)->id, kNow + 10'000));
  EXPECT_FALSE(ids.find(named_session(1)->id, kNow)) << "and forget it";
}

TEST(SessionIds, CACHE_8_find_only_what_is_resumable) {
  SessionIds ids;
  ids.insert(named_session(1), false, kNow);
  EXPECT_FALSE(ids.find(named_session(1)->id, kNow));
  ids.set_resumable(named_session(1)->id, true);
  EXPECT_TRUE(ids.find(named_session(1)->id, kNow));
  ids.set_resumable(named_session(1)->id, false);
  EXPECT_FALSE(ids.find(named_session(1)->id, kNow));
  ids.set_resumable(named_session(2)->id, true);
  EXPECT_FALSE(ids.find(named_session(2)->id, kNow));
}

TEST(SessionIds, CACHE_4_have_a_bound_and_let_the_oldest_go) {
  SessionIds ids;
  constexpr std::uint32_t kCount = kServerSessionCountMax + SessionIds::kPartCount;
  for (std::uint32_t i = 0; i < kCount; ++i) ids.insert(named_session(i), true, kNow);
  std::size_t found = 0;
  for (std::uint32_t i = 0; i < kCount; ++i) found += ids.find(named_session(i)->id, kNow) ? 1 : 0;
  EXPECT_EQ(found, kServerSessionCountMax);
  EXPECT_FALSE(ids.find(named_session(0)->id, kNow));
  EXPECT_TRUE(ids.find(named_session(kCount - 1)->id, kNow));
}

TEST(SessionIds, CACHE_4_have_a_bound_on_memory_as_well) {
  SessionIds ids;
  constexpr std::size_t kChain = 0x10000;
  constexpr std::uint32_t kCount = 2 * kServerSessionBytesMax / kChain;
  for (std::uint32_t i = 0; i < kCount; ++i) ids.insert(named_session(i, kChain), true, kNow);
  std::size_t found = 0;
  for (std::uint32_t i = 0; i < kCount; ++i) found += ids.find(named_session(i)->id, kNow) ? 1 : 0;
  EXPECT_LE(found * kChain, kServerSessionBytesMax);
  EXPECT_GE(found * kChain, kServerSessionBytesMax * 9 / 10);
  EXPECT_TRUE(ids.find(named_session(kCount - 1)->id, kNow));
}

TEST(SessionIds, CACHE_4_of_a_cache_without_room_there_are_none) {
  SessionIds ids(0);
  ids.insert(named_session(1), true, kNow);
  EXPECT_FALSE(ids.find(named_session(1)->id, kNow));
}

TEST(SessionIds, drop_the_old_ones_as_new_ones_come) {
  SessionIds ids;
  ids.insert(named_session(16), true, kNow);
  ids.insert(named_session(32, 0, kNow + 10'000), true, kNow + 10'000);
  EXPECT_FALSE(ids.find(named_session(16)->id, kNow)) << "same part, and it was old by then";
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

TicketKey given(std::uint8_t mark, std::size_t size = 32) {
  TicketKey key;
  key.id.fill(mark);
  key.material = Secret(Bytes(Buffer(size, mark)));
  return key;
}

std::vector<TicketKey> list_of(TicketKey first) {
  std::vector<TicketKey> out;
  out.push_back(std::move(first));
  return out;
}

TEST(TicketKeys, CACHE_12_that_are_given_open_everywhere_and_never_grow_old) {
  TicketKeys one(list_of(given(1)), crypto::system_random());
  TicketKeys two(list_of(given(1)), crypto::system_random());
  TicketKeys other(list_of(given(1, 33)), crypto::system_random());
  const Buffer ticket = one.seal(Buffer{7}, kNow);
  EXPECT_EQ(two.open(ticket, kNow + 1'000'000'000), Buffer{7});
  EXPECT_FALSE(other.open(ticket, kNow)) << "the id alone opens nothing";
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
