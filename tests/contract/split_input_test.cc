#include <algorithm>
#include <random>

#include "support/call.h"

// Input in every shape: contract section E and R-11. Whatever the pieces, the rules of a single
// call hold for each of them, and the connection that comes out is the same.
namespace contract {
namespace {

/// Whole records at the front of `bytes`.
std::size_t whole_records(const Bytes& bytes) {
  std::size_t at = 0;
  while (bytes.size() - at >= 5) {
    const std::size_t size = 5U + (std::size_t{bytes[at + 3]} << 8) + bytes[at + 4];
    if (bytes.size() - at < size) break;
    at += size;
  }
  return at;
}

/// One call with all that waits, which checks what holds for each call of the loop. False when the
/// side can do no more with what it has.
bool step(Side& side, Bytes& out) {
  const Bytes input = side.pending;
  const bool first_of_client = input.empty() && !side.has_context;
  const Leg leg = side.call(input);
  out.insert(out.end(), leg.token.begin(), leg.token.end());
  const std::size_t whole = whole_records(input);
  if (leg.status == SEC_E_INCOMPLETE_MESSAGE) {
    // EXT-13: only part of a record is incomplete. EXT-4: at least one byte is missing, and R-12:
    // never more than really are.
    EXPECT_EQ(whole, 0U);
    EXPECT_TRUE(leg.token.empty());
    EXPECT_EQ(leg.extra(), 0U);
    EXPECT_EQ(leg.missing(), input.size() < 5 ? 5 - input.size()
                                              : 5U + (ULONG{input[3]} << 8) + input[4] -
                                                    static_cast<ULONG>(input.size()));
    return false;
  }
  EXPECT_GE(leg.status, 0) << OpenSchannelStatusText(leg.status) << OpenSchannelErrorDetail();
  if (leg.status < 0) return false;
  EXPECT_EQ(leg.missing(), 0U);
  if (leg.extra() != 0) {
    // EXT-12 and libgit2: less than all of it.
    EXPECT_LT(leg.extra(), input.size());
  }
  if (leg.status == SEC_I_CONTINUE_NEEDED) {
    // every whole record was used.
    EXPECT_EQ(leg.extra(), first_of_client ? 0 : input.size() - whole);
  }
  side.pending = slice(input, input.size() - leg.extra(), input.size());
  return leg.status == SEC_I_CONTINUE_NEEDED && !side.pending.empty();
}

struct Outcome {
  DWORD suite = 0;
  DWORD group = 0;
  std::string protocol;
  std::string data;
  /// The statuses of both sides without SEC_E_INCOMPLETE_MESSAGE and repeated CONTINUE_NEEDED.
  std::vector<SECURITY_STATUS> client, server;
  bool operator==(const Outcome& other) const {
    return suite == other.suite && group == other.group && protocol == other.protocol &&
           data == other.data && client == other.client && server == other.server;
  }
};

std::vector<SECURITY_STATUS> shape(std::vector<SECURITY_STATUS> statuses) {
  statuses.erase(std::remove(statuses.begin(), statuses.end(), SEC_E_INCOMPLETE_MESSAGE),
                 statuses.end());
  statuses.erase(std::unique(statuses.begin(), statuses.end()), statuses.end());
  return statuses;
}

/// A connection whose bytes arrive in the pieces that `next_size` names, handshake and a message
/// behind it in one stream.
template <class NextSize>
Outcome run(Tls version, NextSize next_size) {
  Pair pair(version);
  pair.client.alpn = application_protocols({"h2", "http/1.1"});
  pair.server.alpn = application_protocols({"h2"});
  Bytes to_server, to_client;
  step(pair.client, to_server);
  std::string from_client, from_server;
  bool client_wrote = false, server_wrote = false;
  const auto deliver = [&](Bytes& stream, Side& to, Bytes& answers, std::string& text) {
    const Bytes bytes = std::exchange(stream, {});
    for (std::size_t at = 0; at < bytes.size();) {
      const std::size_t size = std::min<std::size_t>(next_size(), bytes.size() - at);
      append(to.pending, slice(bytes, at, at + size));
      at += size;
      if (to.has_context && to.last == SEC_E_OK) continue;
      while (step(to, answers)) {
      }
    }
    // EXT-15: what is behind the handshake is for DecryptMessage.
    if (to.has_context && to.last == SEC_E_OK && !to.pending.empty()) {
      text = to.decrypt(to.pending).value_or("not opened");
      to.pending.clear();
    }
  };
  for (int i = 0; i < 6; ++i) {
    if (pair.client.has_context && pair.client.last == SEC_E_OK && !client_wrote) {
      Bytes record;
      EXPECT_EQ(pair.client.encrypt("client's", record), SEC_E_OK);
      append(to_server, record);
      client_wrote = true;
    }
    deliver(to_server, pair.server, to_client, from_client);
    if (pair.server.has_context && pair.server.last == SEC_E_OK && !server_wrote) {
      Bytes record;
      EXPECT_EQ(pair.server.encrypt("server's", record), SEC_E_OK);
      append(to_client, record);
      server_wrote = true;
    }
    deliver(to_client, pair.client, to_server, from_server);
  }
  Outcome outcome;
  SecPkgContext_CipherInfo info{};
  info.dwVersion = SECPKGCONTEXT_CIPHERINFO_V1;
  EXPECT_EQ(QueryContextAttributesW(&pair.client.context, SECPKG_ATTR_CIPHER_INFO, &info),
            SEC_E_OK);
  outcome.suite = info.dwCipherSuite;
  outcome.group = info.dwKeyType;
  SecPkgContext_ApplicationProtocol protocol{};
  EXPECT_EQ(
      QueryContextAttributesW(&pair.server.context, SECPKG_ATTR_APPLICATION_PROTOCOL, &protocol),
      SEC_E_OK);
  outcome.protocol.assign(protocol.ProtocolId, protocol.ProtocolId + protocol.ProtocolIdSize);
  outcome.data = from_client + from_server;
  outcome.client = shape(pair.client.statuses);
  outcome.server = shape(pair.server.statuses);
  return outcome;
}

class SplitInput : public testing::TestWithParam<Tls> {
 protected:
  Outcome at_once() {
    return run(GetParam(), [] { return std::size_t{1} << 20; });
  }
};
INSTANTIATE_TEST_SUITE_P(Tls, SplitInput, testing::Values(Tls::v12, Tls::v13), name_of);

TEST_P(SplitInput, EXT_1_all_at_once) {
  const Outcome outcome = at_once();
  EXPECT_EQ(outcome.data, "client'sserver's");
  EXPECT_EQ(outcome.protocol, "h2");
  EXPECT_EQ(outcome.client, (std::vector<SECURITY_STATUS>{SEC_I_CONTINUE_NEEDED, SEC_E_OK}));
  EXPECT_EQ(outcome.server, (std::vector<SECURITY_STATUS>{SEC_I_CONTINUE_NEEDED, SEC_E_OK}));
}

TEST_P(SplitInput, EXT_1_one_byte_at_a_time) {
  EXPECT_TRUE(run(GetParam(), [] { return std::size_t{1}; }) == at_once());
}

TEST_P(SplitInput, EXT_1_in_random_pieces) {
  std::mt19937 random(test_seed());
  const Outcome expected = at_once();
  for (int i = 0; i < 60; ++i) {
    const auto largest = 1 + random() % 400;
    ASSERT_TRUE(run(GetParam(), [&] { return 1 + random() % largest; }) == expected) << i;
  }
}

TEST_P(SplitInput, EXT_every_position_of_every_flight) {
  // How many bytes each flight has varies by a few with the signatures; every position is met.
  std::size_t positions = 0;
  for (unsigned which = 0; which < 4; ++which) {
    for (std::size_t cut = 1;; ++cut) {
      Pair pair(GetParam());
      Bytes to_server, to_client;
      step(pair.client, to_server);
      bool was_cut = false;
      for (unsigned flight = 0; !to_server.empty() || !to_client.empty(); ++flight) {
        const bool to_the_client = to_server.empty();
        Side& to = to_the_client ? pair.client : pair.server;
        Bytes& answers = to_the_client ? to_server : to_client;
        const Bytes bytes = std::exchange(to_the_client ? to_client : to_server, {});
        std::size_t at = 0;
        if (flight == which && cut < bytes.size()) {
          at = cut;
          was_cut = true;
          append(to.pending, slice(bytes, 0, at));
          while (step(to, answers)) {
          }
        }
        append(to.pending, slice(bytes, at, bytes.size()));
        while (step(to, answers)) {
        }
      }
      ASSERT_EQ(pair.client.last, SEC_E_OK) << which << " cut at " << cut;
      ASSERT_EQ(pair.server.last, SEC_E_OK) << which << " cut at " << cut;
      if (!was_cut) break;
      ++positions;
    }
  }
  EXPECT_GT(positions, 900U);
}

TEST_P(SplitInput, R_11_record_by_record_a_flight_is_consumed) {
  // dotnet: each whole record in a call of its own.
  Pair pair(GetParam());
  Bytes to_server, to_client;
  step(pair.client, to_server);
  for (int i = 0; i < 4 && !(to_server.empty() && to_client.empty()); ++i) {
    const bool to_the_client = to_server.empty();
    Side& to = to_the_client ? pair.client : pair.server;
    const Bytes bytes = std::exchange(to_the_client ? to_client : to_server, {});
    std::size_t at = 0;
    for (const std::size_t size : record_sizes(bytes)) {
      to.pending = slice(bytes, at, at + size);
      step(to, to_the_client ? to_server : to_client);
      EXPECT_NE(to.last, SEC_E_INCOMPLETE_MESSAGE);
      EXPECT_TRUE(to.pending.empty());
      at += size;
    }
  }
  EXPECT_EQ(pair.client.last, SEC_E_OK);
  EXPECT_EQ(pair.server.last, SEC_E_OK);
}

/// Plaintext handshake records cut into records of at most `size` bytes of content.
Bytes fragmented(const Bytes& bytes, std::size_t size) {
  Bytes out;
  std::size_t at = 0;
  for (const std::size_t record : record_sizes(bytes)) {
    const bool plain = bytes[at] == 22;
    const std::size_t end = at + record;
    if (!plain) {
      append(out, slice(bytes, at, end));
      at = end;
      continue;
    }
    for (std::size_t from = at + 5; from < end; from += size) {
      const std::size_t to = std::min(from + size, end);
      append(out, slice(bytes, at, at + 3));
      out.push_back(static_cast<unsigned char>((to - from) >> 8));
      out.push_back(static_cast<unsigned char>(to - from));
      append(out, slice(bytes, from, to));
    }
    at = end;
  }
  return out;
}

TEST_P(SplitInput, PROTO_32_messages_in_records_of_every_size) {
  for (const std::size_t size : {1U, 2U, 3U, 4U, 5U, 16U, 100U, 1000U}) {
    Pair pair(GetParam());
    Bytes to_server, to_client;
    step(pair.client, to_server);
    pair.server.pending = fragmented(std::exchange(to_server, {}), size);
    while (step(pair.server, to_client)) {
    }
    ASSERT_EQ(pair.server.last, SEC_I_CONTINUE_NEEDED) << size;
    // In TLS 1.2 the server's whole flight is plaintext; in TLS 1.3 its hello.
    pair.client.pending = fragmented(std::exchange(to_client, {}), size);
    while (step(pair.client, to_server)) {
    }
    if (GetParam() == Tls::v12) {
      // Up to ChangeCipherSpec.
      Bytes plain, rest;
      std::size_t at = 0;
      bool changed = false;
      for (const std::size_t record : record_sizes(to_server)) {
        changed |= to_server[at] == 20;
        append(changed ? rest : plain, slice(to_server, at, at + record));
        at += record;
      }
      to_server = fragmented(plain, size);
      append(to_server, rest);
    }
    pair.server.pending = to_server;
    while (step(pair.server, to_client)) {
    }
    ASSERT_EQ(pair.server.last, SEC_E_OK) << size;
  }
}

TEST_P(SplitInput, R_11_messages_coalesced_into_one_record) {
  // The opposite: what came in several plaintext records, in one.
  if (GetParam() == Tls::v13) return;
  Pair pair(GetParam());
  Bytes to_server, to_client;
  step(pair.client, to_server);
  pair.server.pending = std::exchange(to_server, {});
  step(pair.server, to_client);
  Bytes content;
  std::size_t at = 0;
  for (const std::size_t record : record_sizes(to_client)) {
    append(content, slice(to_client, at + 5, at + record));
    at += record;
  }
  pair.client.pending = {22, 3, 3, static_cast<unsigned char>(content.size() >> 8),
                         static_cast<unsigned char>(content.size())};
  append(pair.client.pending, content);
  step(pair.client, to_server);
  pair.server.pending = to_server;
  to_client.clear();
  step(pair.server, to_client);
  EXPECT_EQ(pair.server.last, SEC_E_OK);
}

TEST_P(SplitInput, EXT_15_coalesced_application_data_cut_at_every_position) {
  // The last flight of the handshake and two messages behind it: the handshake takes what is its
  // own, wherever the bytes are cut.
  for (std::size_t cut = 1;; ++cut) {
    Pair pair(GetParam());
    Bytes to_server, to_client;
    step(pair.client, to_server);
    pair.server.pending = std::exchange(to_server, {});
    step(pair.server, to_client);
    pair.client.pending = std::exchange(to_client, {});
    step(pair.client, to_server);
    Side* last = &pair.server;
    Side* writer = &pair.client;
    if (GetParam() == Tls::v12) {
      pair.server.pending = std::exchange(to_server, {});
      step(pair.server, to_client);
      std::swap(last, writer);
    }
    Bytes stream = GetParam() == Tls::v12 ? to_client : to_server;
    for (const char* text : {"one", "two"}) {
      Bytes record;
      ASSERT_EQ(writer->encrypt(text, record), SEC_E_OK);
      append(stream, record);
    }
    if (cut >= stream.size()) break;
    Bytes none;
    last->pending = slice(stream, 0, cut);
    while (step(*last, none)) {
    }
    append(last->pending, slice(stream, cut, stream.size()));
    while (last->last != SEC_E_OK && step(*last, none)) {
    }
    ASSERT_EQ(last->last, SEC_E_OK) << cut;
    std::string text;
    while (!last->pending.empty()) {
      const std::size_t size = 5U + (std::size_t{last->pending[3]} << 8) + last->pending[4];
      Bytes record = slice(last->pending, 0, size);
      text += last->decrypt(record).value_or("?");
      last->pending.erase(last->pending.begin(),
                          last->pending.begin() + static_cast<std::ptrdiff_t>(size));
    }
    ASSERT_EQ(text, "onetwo") << cut;
  }
}

TEST_P(SplitInput, ISC_62_incomplete_then_all_equals_all) {
  // Before each real call every shorter input is tried, and nothing changes.
  Pair pair(GetParam());
  Bytes to_server, to_client;
  step(pair.client, to_server);
  for (int i = 0; i < 6 && !(to_server.empty() && to_client.empty()); ++i) {
    const bool to_the_client = to_server.empty();
    Side& to = to_the_client ? pair.client : pair.server;
    const Bytes bytes = std::exchange(to_the_client ? to_client : to_server, {});
    const std::size_t first = record_sizes(bytes)[0];
    for (std::size_t size = 0; size < first; ++size) {
      to.pending = slice(bytes, 0, size);
      Bytes none;
      ASSERT_FALSE(step(to, none));
      ASSERT_EQ(to.last, SEC_E_INCOMPLETE_MESSAGE);
    }
    to.pending = bytes;
    while (step(to, to_the_client ? to_server : to_client)) {
    }
  }
  EXPECT_EQ(pair.client.last, SEC_E_OK);
  EXPECT_EQ(pair.server.last, SEC_E_OK);
}

TEST_P(SplitInput, R_12_a_reader_that_reads_exactly_what_is_missing_never_waits_too_long) {
  // schannel-rs reads MISSING bytes and no more before it calls again.
  Pair pair(GetParam());
  Bytes to_server, to_client;
  step(pair.client, to_server);
  for (int i = 0; i < 6 && !(to_server.empty() && to_client.empty()); ++i) {
    const bool to_the_client = to_server.empty();
    Side& to = to_the_client ? pair.client : pair.server;
    Bytes stream = std::exchange(to_the_client ? to_client : to_server, {});
    Bytes& answers = to_the_client ? to_server : to_client;
    while (!stream.empty()) {
      const Leg leg = to.call(to.pending);
      append(answers, leg.token);
      std::size_t wanted = 5;
      if (leg.status == SEC_E_INCOMPLETE_MESSAGE) {
        wanted = leg.missing();
      } else {
        ASSERT_GE(leg.status, 0);
        to.pending = slice(to.pending, to.pending.size() - leg.extra(), to.pending.size());
        if (leg.status == SEC_E_OK) break;
        if (!to.pending.empty()) continue;
      }
      ASSERT_LE(wanted, stream.size());
      append(to.pending, slice(stream, 0, wanted));
      stream.erase(stream.begin(), stream.begin() + static_cast<std::ptrdiff_t>(wanted));
    }
    if (!to.pending.empty()) {
      step(to, answers);
    }
  }
  EXPECT_EQ(pair.client.last, SEC_E_OK);
  EXPECT_EQ(pair.server.last, SEC_E_OK);
}

}  // namespace
}  // namespace contract
