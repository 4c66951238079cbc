#include <algorithm>
#include <random>

#include "support/call.h"

// EncryptMessage and DecryptMessage against a hostile wire and careless callers (section H).
namespace contract {
namespace {

class Record : public testing::TestWithParam<Tls> {
 protected:
  void SetUp() override { ASSERT_TRUE(pair_.connect()); }
  SecPkgContext_StreamSizes sizes() {
    SecPkgContext_StreamSizes out{};
    EXPECT_EQ(QueryContextAttributesA(&pair_.client.context, SECPKG_ATTR_STREAM_SIZES, &out),
              SEC_E_OK);
    return out;
  }
  Pair pair_{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Tls, Record, testing::Values(Tls::v12, Tls::v13), name_of);

struct Opened {
  SECURITY_STATUS status;
  std::vector<SecBuffer> buffers;
};

Opened open(Side& side, Bytes& input, std::size_t empties = 3) {
  Opened out{SEC_E_OK, {{static_cast<ULONG>(input.size()), SECBUFFER_DATA, input.data()}}};
  out.buffers.resize(1 + empties);
  SecBufferDesc desc{SECBUFFER_VERSION, static_cast<ULONG>(out.buffers.size()), out.buffers.data()};
  out.status = DecryptMessage(&side.context, &desc, 0, nullptr);
  return out;
}

TEST_P(Record, ENC_3_and_ENC_6_the_sizes_are_those_of_the_suite) {
  const SecPkgContext_StreamSizes sizes = this->sizes();
  EXPECT_EQ(sizes.cbHeader, GetParam() == Tls::v13 ? 5U : 13U);
  // ENC-2: a maximum; TLS 1.3 leaves room for a key update (ENC-24).
  EXPECT_EQ(sizes.cbTrailer, GetParam() == Tls::v13 ? 44U : 16U);
  EXPECT_EQ(sizes.cbMaximumMessage, 16384U);
  EXPECT_EQ(sizes.cBuffers, 4U);
  Bytes memory(64);
  SecBuffer buffers[] = {{20, SECBUFFER_STREAM_HEADER, memory.data()},
                         {5, SECBUFFER_DATA, memory.data() + 20},
                         {30, SECBUFFER_STREAM_TRAILER, memory.data() + 25}};
  SecBufferDesc desc{SECBUFFER_VERSION, 3, buffers};                         // libgit2 passes three
  ASSERT_EQ(EncryptMessage(&pair_.client.context, 0, &desc, 99), SEC_E_OK);  // ENC-10
  EXPECT_EQ(buffers[0].cbBuffer, sizes.cbHeader);
  EXPECT_EQ(buffers[1].cbBuffer, 5U);
  EXPECT_EQ(buffers[2].cbBuffer, GetParam() == Tls::v13 ? 17U : 16U);
}

TEST_P(Record, ENC_4_the_empty_buffer_is_not_looked_at) {
  const SecPkgContext_StreamSizes sizes = this->sizes();
  Bytes memory(100);
  SecBuffer buffers[] = {
      {sizes.cbHeader, SECBUFFER_STREAM_HEADER, memory.data()},
      {4, SECBUFFER_DATA, memory.data() + sizes.cbHeader},
      {sizes.cbTrailer, SECBUFFER_STREAM_TRAILER, memory.data() + sizes.cbHeader + 4},
      {0xdeadbeef, SECBUFFER_EMPTY, memory.data() + 7}};
  SecBufferDesc desc{SECBUFFER_VERSION, 4, buffers};
  ASSERT_EQ(EncryptMessage(&pair_.client.context, 0, &desc, 0), SEC_E_OK);
  Bytes record = slice(memory, 0, sizes.cbHeader + 4 + sizes.cbTrailer);
  EXPECT_EQ(pair_.server.decrypt(record), std::string(4, '\0'));
  // Nothing behind the trailer was written.
  EXPECT_EQ(slice(memory, record.size(), memory.size()), Bytes(memory.size() - record.size(), 0));
}

TEST_P(Record, ENC_8_sizes_across_both_ends_of_the_range) {
  std::mt19937 random(test_seed());
  std::vector<std::size_t> all;
  for (std::size_t size = 0; size <= 300; ++size) all.push_back(size);
  for (int i = 0; i < 60; ++i) all.push_back(random() % 16385);
  for (std::size_t size = 16370; size <= 16384; ++size) all.push_back(size);
  for (const std::size_t size : all) {
    std::string text(size, ' ');
    for (char& c : text) c = static_cast<char>(random());
    Bytes record;
    ASSERT_EQ(pair_.client.encrypt(text, record), SEC_E_OK);
    ASSERT_TRUE(pair_.server.decrypt(record) == text) << size;
    ASSERT_EQ(pair_.server.encrypt(text, record), SEC_E_OK);
    ASSERT_TRUE(pair_.client.decrypt(record) == text) << size;
  }
}

TEST_P(Record, R_18_oversized_data_writes_nothing_anywhere) {
  const SecPkgContext_StreamSizes sizes = this->sizes();
  // The SDK's webserver sends 0x10000 - header - trailer bytes at a time.
  for (const ULONG size : {16385U, 0x10000U - 50, 1U << 20}) {
    Bytes memory(sizes.cbHeader + size + sizes.cbTrailer, 0x5a);
    const Bytes before = memory;
    SecBuffer buffers[] = {
        {sizes.cbHeader, SECBUFFER_STREAM_HEADER, memory.data()},
        {size, SECBUFFER_DATA, memory.data() + sizes.cbHeader},
        {sizes.cbTrailer, SECBUFFER_STREAM_TRAILER, memory.data() + sizes.cbHeader + size},
        {0, SECBUFFER_EMPTY, nullptr}};
    SecBufferDesc desc{SECBUFFER_VERSION, 4, buffers};
    EXPECT_EQ(EncryptMessage(&pair_.client.context, 0, &desc, 0), SEC_E_INVALID_PARAMETER);
    EXPECT_TRUE(memory == before);
    EXPECT_EQ(buffers[1].cbBuffer, size);
  }
}

TEST_P(Record, ENC_12_read_only_buffers_are_not_written) {
  for (int which = 0; which < 3; ++which) {
    for (const ULONG flag : {ULONG{SECBUFFER_READONLY}, ULONG{SECBUFFER_READONLY_WITH_CHECKSUM}}) {
      Bytes memory(100, 0x5a);
      const Bytes before = memory;
      SecBuffer buffers[] = {{20, SECBUFFER_STREAM_HEADER, memory.data()},
                             {10, SECBUFFER_DATA, memory.data() + 20},
                             {30, SECBUFFER_STREAM_TRAILER, memory.data() + 30},
                             {0, SECBUFFER_EMPTY, nullptr}};
      buffers[which].BufferType |= flag;
      SecBufferDesc desc{SECBUFFER_VERSION, 4, buffers};
      EXPECT_EQ(EncryptMessage(&pair_.client.context, 0, &desc, 0), SEC_E_INVALID_TOKEN);
      EXPECT_EQ(memory, before);
    }
  }
  Bytes record;
  ASSERT_EQ(pair_.client.encrypt("still in step", record), SEC_E_OK);
  EXPECT_EQ(pair_.server.decrypt(record), "still in step");
}

TEST_P(Record, ENC_19_null_memory_is_no_crash) {
  SecBuffer buffers[] = {{20, SECBUFFER_STREAM_HEADER, nullptr},
                         {10, SECBUFFER_DATA, nullptr},
                         {30, SECBUFFER_STREAM_TRAILER, nullptr},
                         {0, SECBUFFER_EMPTY, nullptr}};
  SecBufferDesc desc{SECBUFFER_VERSION, 4, buffers};
  EXPECT_LT(EncryptMessage(&pair_.client.context, 0, &desc, 0), 0);
  SecBuffer input[] = {{100, SECBUFFER_DATA, nullptr},
                       {0, SECBUFFER_EMPTY, nullptr},
                       {0, SECBUFFER_EMPTY, nullptr},
                       {0, SECBUFFER_EMPTY, nullptr}};
  SecBufferDesc input_desc{SECBUFFER_VERSION, 4, input};
  EXPECT_LT(DecryptMessage(&pair_.client.context, &input_desc, 0, nullptr), 0);
  Bytes record;
  ASSERT_EQ(pair_.client.encrypt("still in step", record), SEC_E_OK);
  EXPECT_EQ(pair_.server.decrypt(record), "still in step");
}

TEST_P(Record, ENC_19_another_qop) {
  const SecPkgContext_StreamSizes sizes = this->sizes();
  Bytes memory(100);
  SecBuffer buffers[] = {{sizes.cbHeader, SECBUFFER_STREAM_HEADER, memory.data()},
                         {4, SECBUFFER_DATA, memory.data() + sizes.cbHeader},
                         {sizes.cbTrailer, SECBUFFER_STREAM_TRAILER, memory.data() + 50},
                         {0, SECBUFFER_EMPTY, nullptr}};
  SecBufferDesc desc{SECBUFFER_VERSION, 4, buffers};
  EXPECT_EQ(EncryptMessage(&pair_.client.context, SECQOP_WRAP_NO_ENCRYPT, &desc, 0),
            SEC_E_QOP_NOT_SUPPORTED);
  // ENC-11: an alert has two bytes.
  EXPECT_LT(EncryptMessage(&pair_.client.context, SECQOP_WRAP_OOB_DATA, &desc, 0), 0);
  Bytes record;
  ASSERT_EQ(pair_.client.encrypt("still in step", record), SEC_E_OK);
  EXPECT_EQ(pair_.server.decrypt(record), "still in step");
}

TEST_P(Record, ENC_7_with_the_message_anywhere_at_any_alignment) {
  const SecPkgContext_StreamSizes sizes = this->sizes();
  Bytes arena(4096);
  for (std::size_t offset = 0; offset < 64; offset += 3) {
    const std::string text = "unaligned " + std::to_string(offset);
    unsigned char* header = arena.data() + 1000 + offset;
    unsigned char* data = arena.data() + 2000 - offset;
    unsigned char* trailer = arena.data() + 100 + 2 * offset;
    std::copy(text.begin(), text.end(), data);
    SecBuffer buffers[] = {{sizes.cbHeader, SECBUFFER_STREAM_HEADER, header},
                           {static_cast<ULONG>(text.size()), SECBUFFER_DATA, data},
                           {sizes.cbTrailer, SECBUFFER_STREAM_TRAILER, trailer},
                           {0, SECBUFFER_EMPTY, nullptr}};
    SecBufferDesc desc{SECBUFFER_VERSION, 4, buffers};
    ASSERT_EQ(EncryptMessage(&pair_.client.context, 0, &desc, 0), SEC_E_OK);
    Bytes record(header, header + buffers[0].cbBuffer);
    record.insert(record.end(), data, data + buffers[1].cbBuffer);
    record.insert(record.end(), trailer, trailer + buffers[2].cbBuffer);
    ASSERT_EQ(pair_.server.decrypt(record), text);
  }
}

TEST_P(Record, DEC_3_the_data_may_stand_anywhere) {
  for (std::size_t where = 0; where < 5; ++where) {
    for (const std::size_t count : {std::size_t{4}, std::size_t{5}}) {
      if (where >= count) continue;
      Bytes record, next;
      ASSERT_EQ(pair_.client.encrypt("anywhere", record), SEC_E_OK);
      ASSERT_EQ(pair_.client.encrypt("next", next), SEC_E_OK);
      const std::size_t size = record.size();
      append(record, next);
      std::vector<SecBuffer> buffers(count);
      buffers[where] = {static_cast<ULONG>(record.size()), SECBUFFER_DATA, record.data()};
      SecBufferDesc desc{SECBUFFER_VERSION, static_cast<ULONG>(count), buffers.data()};
      ASSERT_EQ(DecryptMessage(&pair_.server.context, &desc, 0, nullptr), SEC_E_OK) << where;
      // EXT-7: found by type, whatever the order.
      unsigned data = 0, extra = 0;
      for (const SecBuffer& buffer : buffers) {
        if (buffer.BufferType == SECBUFFER_DATA) {
          ++data;
          EXPECT_EQ(std::string(static_cast<char*>(buffer.pvBuffer), buffer.cbBuffer), "anywhere");
        }
        if (buffer.BufferType == SECBUFFER_EXTRA) {
          ++extra;
          EXPECT_EQ(buffer.cbBuffer, next.size());
          EXPECT_EQ(buffer.pvBuffer, record.data() + size);
        }
      }
      EXPECT_EQ(data, 1U);
      EXPECT_EQ(extra, 1U);
      EXPECT_EQ(pair_.server.decrypt(next), "next");
    }
  }
}

TEST_P(Record, DEC_2_data_and_token) {
  Bytes record;
  ASSERT_EQ(pair_.client.encrypt("other packages' form", record), SEC_E_OK);
  SecBuffer buffers[] = {{static_cast<ULONG>(record.size()), SECBUFFER_DATA, record.data()},
                         {0, SECBUFFER_TOKEN, nullptr}};
  SecBufferDesc desc{SECBUFFER_VERSION, 2, buffers};
  ASSERT_EQ(DecryptMessage(&pair_.server.context, &desc, 0, nullptr), SEC_E_OK);
  for (const SecBuffer& buffer : buffers) {
    if (buffer.BufferType != SECBUFFER_DATA) continue;
    EXPECT_EQ(std::string(static_cast<char*>(buffer.pvBuffer), buffer.cbBuffer),
              "other packages' form");
  }
}

TEST_P(Record, DEC_7_and_ENC_9_empty_messages) {
  for (int i = 0; i < 3; ++i) {
    Bytes record;
    ASSERT_EQ(pair_.client.encrypt("", record), SEC_E_OK);
    const Opened opened = open(pair_.server, record);
    ASSERT_EQ(opened.status, SEC_E_OK);
    EXPECT_EQ(opened.buffers[1].BufferType, ULONG{SECBUFFER_DATA});
    EXPECT_EQ(opened.buffers[1].cbBuffer, 0U);
    // schannel-rs, mariadb: the pointer is inside the input even so.
    const auto* at = static_cast<unsigned char*>(opened.buffers[1].pvBuffer);
    EXPECT_GE(at, record.data());
    EXPECT_LE(at, record.data() + record.size());
    EXPECT_EQ(opened.buffers[3].BufferType, ULONG{SECBUFFER_EMPTY});
  }
}

TEST_P(Record, DEC_22_no_bytes) {
  Bytes none;
  const Opened opened = open(pair_.server, none);
  EXPECT_EQ(opened.status, SEC_E_INCOMPLETE_MESSAGE);
  EXPECT_EQ(opened.buffers[0].BufferType, ULONG{SECBUFFER_MISSING});
  EXPECT_EQ(opened.buffers[0].cbBuffer, 5U);
  EXPECT_EQ(opened.buffers[1].BufferType, ULONG{SECBUFFER_MISSING});
}

TEST_P(Record, DEC_16_every_changed_bit_of_a_record) {
  const std::string secret = "attack at dawn";
  const std::size_t size = [&] {
    Bytes record;
    EXPECT_EQ(pair_.client.encrypt(secret, record), SEC_E_OK);
    EXPECT_EQ(pair_.server.decrypt(record), secret);
    return record.size();
  }();
  for (std::size_t bit = 0; bit < 8 * size; bit += bit < 40 || bit > 8 * size - 40 ? 1 : 5) {
    Pair pair(GetParam());
    ASSERT_TRUE(pair.connect());
    Bytes record;
    ASSERT_EQ(pair.client.encrypt(secret, record), SEC_E_OK);
    record[bit / 8] ^= static_cast<unsigned char>(1 << bit % 8);
    const Bytes changed = record;
    const Opened opened = open(pair.server, record);
    if (opened.status == SEC_E_INCOMPLETE_MESSAGE) {
      // A longer length: nothing has happened yet.
      EXPECT_TRUE(bit / 8 == 3 || bit / 8 == 4) << bit;
      EXPECT_EQ(record, changed);
      continue;
    }
    ASSERT_LT(opened.status, 0) << bit;
    if (bit / 8 >= 5) {
      EXPECT_EQ(opened.status, SEC_E_MESSAGE_ALTERED) << bit;
    }
    // What did not verify is not shown, not even in part.
    const std::string left(record.begin(), record.end());
    for (std::size_t at = 0; at + 5 <= secret.size(); ++at) {
      ASSERT_EQ(left.find(secret.substr(at, 5)), std::string::npos) << bit;
    }
    for (const SecBuffer& buffer : opened.buffers) {
      EXPECT_FALSE(buffer.BufferType == SECBUFFER_STREAM_HEADER) << bit;
    }
    // The context is dead in both directions.
    Bytes again;
    ASSERT_EQ(pair.client.encrypt("again", again), SEC_E_OK);
    SECURITY_STATUS status = SEC_E_OK;
    EXPECT_FALSE(pair.server.decrypt(again, &status));
    EXPECT_LT(status, 0);
    EXPECT_LT(pair.server.encrypt("no", again), 0);
  }
}

TEST_P(Record, ALERT_28_what_DecryptMessage_fails_with_is_told_by_the_next_call) {
  for (const bool asks : {true, false}) {
    for (const bool shuts_down : {false, true}) {
      Pair pair(GetParam());
      pair.server.flags = kServerFlags | (asks ? ASC_REQ_EXTENDED_ERROR : 0U);
      ASSERT_TRUE(pair.connect());
      Bytes record;
      ASSERT_EQ(pair.client.encrypt("attack at dawn", record), SEC_E_OK);
      record.back() ^= 1;
      ASSERT_EQ(open(pair.server, record).status, SEC_E_MESSAGE_ALTERED);
      if (shuts_down) {
        ASSERT_EQ(apply(&pair.server.context, DWORD{SCHANNEL_SHUTDOWN}), SEC_E_OK);
      }
      Leg told = pair.server.call({});
      EXPECT_EQ(told.status, SEC_E_MESSAGE_ALTERED);
      EXPECT_EQ(told.token.empty(), !asks);
      EXPECT_TRUE(pair.server.call({}).token.empty()) << "once is enough";
      if (!asks) continue;
      SECURITY_STATUS status = SEC_E_OK;
      EXPECT_FALSE(pair.client.decrypt(told.token, &status));
      EXPECT_EQ(status, SEC_E_MESSAGE_ALTERED) << "bad_record_mac (ALERT-3)";
    }
  }
}

TEST_P(Record, DEC_16_a_long_record_that_fails_shows_nothing) {
  std::string secret;
  while (secret.size() < 16000) secret += "the quick brown fox ";
  for (const std::size_t where : {std::size_t{20}, std::size_t{8000}, std::size_t{16000}}) {
    Pair pair(GetParam());
    ASSERT_TRUE(pair.connect());
    Bytes record;
    ASSERT_EQ(pair.client.encrypt(secret, record), SEC_E_OK);
    record[where] ^= 0x10;
    const Opened opened = open(pair.server, record);
    EXPECT_EQ(opened.status, SEC_E_MESSAGE_ALTERED);
    const std::string left(record.begin(), record.end());
    EXPECT_EQ(left.find("quick"), std::string::npos);
    EXPECT_EQ(left.find("brown"), std::string::npos);
  }
}

TEST_P(Record, DEC_16_replayed_dropped_reordered_swapped_and_truncated) {
  enum { replayed, dropped, reordered, own, truncated, kWays };
  for (int way = 0; way < kWays; ++way) {
    Pair pair(GetParam());
    ASSERT_TRUE(pair.connect());
    Bytes first, second, third;
    ASSERT_EQ(pair.client.encrypt("first", first), SEC_E_OK);
    ASSERT_EQ(pair.client.encrypt("second", second), SEC_E_OK);
    ASSERT_EQ(pair.server.encrypt("third", third), SEC_E_OK);
    Bytes victim;
    switch (way) {
      case replayed: {
        victim = first;
        EXPECT_EQ(pair.server.decrypt(first), "first");
        break;
      }
      case dropped:
      case reordered:
        victim = second;
        break;
      case own:
        victim = third;  // its own record comes back to the server
        break;
      default:
        victim = first;
        victim.pop_back();
        --victim[4];
    }
    EXPECT_EQ(open(pair.server, victim).status, SEC_E_MESSAGE_ALTERED) << way;
  }
}

TEST_P(Record, DEC_20_records_that_do_not_belong_here) {
  struct Row {
    const char* what;
    Bytes record;
  };
  std::vector<Row> rows = {
      {"plaintext data", {23, 3, 3, 0, 3, 'a', 'b', 'c'}},
      {"plaintext alert", {21, 3, 3, 0, 2, 2, 40}},
      {"plaintext close_notify", {21, 3, 3, 0, 2, 1, 0}},
      {"plaintext handshake", {22, 3, 3, 0, 4, 0, 0, 0, 0}},
      {"unknown type", {99, 3, 3, 0, 3, 'a', 'b', 'c'}},
      {"heartbeat", {24, 3, 3, 0, 3, 1, 0x40, 0}},
      {"SSL 2", {0x80, 3, 1, 0, 2, 5, 5}},
      {"HTTP", {'H', 'T', 'T', 'P', '/', '1', '.', '1', ' ', '4', '0', '0'}},
      {"empty", {23, 3, 3, 0, 0}},
      {"ChangeCipherSpec", {20, 3, 3, 0, 1, 1}},
      {"other version", {23, 9, 9, 0, 3, 'a', 'b', 'c'}},
  };
  Bytes oversized = {23, 3, 3, 0xff, 0xff};
  oversized.resize(5 + 0xffff);
  rows.push_back({"oversized", oversized});
  for (Row& row : rows) {
    Pair pair(GetParam());
    ASSERT_TRUE(pair.connect());
    const Opened opened = open(pair.server, row.record);
    EXPECT_LT(opened.status, 0) << row.what << ": " << OpenSchannelStatusText(opened.status);
    EXPECT_NE(opened.status, SEC_I_CONTEXT_EXPIRED) << row.what;
  }
  // A length that can't be is told at once, not waited for.
  Pair pair(GetParam());
  ASSERT_TRUE(pair.connect());
  Bytes header = {23, 3, 3, 0xff, 0xff};
  EXPECT_LT(open(pair.server, header).status, 0);
  EXPECT_NE(open(pair.server, header).status, SEC_E_INCOMPLETE_MESSAGE);
}

TEST_P(Record, DEC_4_nothing_outside_the_record_is_written) {
  Bytes first, second;
  ASSERT_EQ(pair_.client.encrypt("first", first), SEC_E_OK);
  ASSERT_EQ(pair_.client.encrypt("second", second), SEC_E_OK);
  Bytes arena(50, 0xaa);
  append(arena, first);
  append(arena, second);
  arena.resize(arena.size() + 50, 0xbb);
  const Bytes before = arena;
  SecBuffer buffers[] = {
      {static_cast<ULONG>(first.size() + second.size()), SECBUFFER_DATA, arena.data() + 50},
      {0, SECBUFFER_EMPTY, nullptr},
      {0, SECBUFFER_EMPTY, nullptr},
      {0, SECBUFFER_EMPTY, nullptr}};
  SecBufferDesc desc{SECBUFFER_VERSION, 4, buffers};
  ASSERT_EQ(DecryptMessage(&pair_.server.context, &desc, 0, nullptr), SEC_E_OK);
  EXPECT_EQ(slice(arena, 0, 50), slice(before, 0, 50));
  EXPECT_EQ(slice(arena, 50 + first.size(), arena.size()),
            slice(before, 50 + first.size(), before.size()));
}

TEST_P(Record, DEC_9_a_stream_in_random_pieces) {
  std::mt19937 random(test_seed());
  std::string sent, got;
  Bytes stream, buffer;
  for (int i = 0; i < 200; ++i) {
    const std::string text(random() % (i % 10 == 0 ? 16385 : 200), static_cast<char>('a' + i % 26));
    sent += text;
    Bytes record;
    ASSERT_EQ(pair_.server.encrypt(text, record), SEC_E_OK);
    append(stream, record);
  }
  for (std::size_t at = 0; at < stream.size();) {
    const std::size_t size = std::min<std::size_t>(1 + random() % 5000, stream.size() - at);
    append(buffer, slice(stream, at, at + size));
    at += size;
    while (!buffer.empty()) {
      const Opened opened = open(pair_.client, buffer, 3 + random() % 3);
      if (opened.status == SEC_E_INCOMPLETE_MESSAGE) {
        EXPECT_LE(opened.buffers[0].cbBuffer, stream.size() - at);
        break;
      }
      ASSERT_EQ(opened.status, SEC_E_OK);
      got.append(static_cast<char*>(opened.buffers[1].pvBuffer), opened.buffers[1].cbBuffer);
      const std::size_t rest =
          opened.buffers[3].BufferType == SECBUFFER_EXTRA ? opened.buffers[3].cbBuffer : 0;
      buffer = slice(buffer, buffer.size() - rest, buffer.size());
    }
  }
  EXPECT_TRUE(got == sent);
}

TEST_P(Record, ENC_21_no_messages_before_the_end_on_either_side) {
  Pair fresh(GetParam());
  Bytes to_server, to_client;
  fresh.client.feed({}, to_server);
  fresh.server.feed(to_server, to_client);
  for (Side* side : {&fresh.client, &fresh.server}) {
    Bytes memory(100, 0x5a);
    SecBuffer buffers[] = {{30, SECBUFFER_STREAM_HEADER, memory.data()},
                           {10, SECBUFFER_DATA, memory.data() + 30},
                           {40, SECBUFFER_STREAM_TRAILER, memory.data() + 40},
                           {0, SECBUFFER_EMPTY, nullptr}};
    SecBufferDesc desc{SECBUFFER_VERSION, 4, buffers};
    EXPECT_EQ(EncryptMessage(&side->context, 0, &desc, 0), SEC_E_INVALID_HANDLE);
    EXPECT_EQ(memory, Bytes(100, 0x5a));
  }
  // And no harm was done.
  to_server.clear();
  ASSERT_GE(fresh.client.feed(to_client, to_server), SEC_E_OK);
  to_client.clear();
  EXPECT_EQ(fresh.server.feed(to_server, to_client), SEC_E_OK);
}

}  // namespace
}  // namespace contract
