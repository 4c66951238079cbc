#include <gtest/gtest.h>

#include "record/reader.h"
#include "record/writer.h"

// Question answered here: does a record come back as it went in, in place and out of place, and is
// everything else refused with its own cause?
namespace schannel::record {
namespace {

using crypto::AeadAlgorithm;
using wire::ContentType;

struct Kind {
  const char* name;
  AeadAlgorithm algorithm;
  Construction construction;
};
void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.name; }

RecordKey key_of(const Kind& kind) {
  Secret key(crypto::aead_key_bytes(kind.algorithm));
  Secret iv(kind.construction == Construction::tls12_gcm ? 4 : 12);
  for (std::size_t i = 0; i < key.size(); ++i) {
    key.mutable_view()[i] = static_cast<std::uint8_t>(i);
  }
  return {kind.algorithm, kind.construction, std::move(key), std::move(iv)};
}

class Record : public testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    ASSERT_TRUE(writer_.use(key_of(GetParam())));
    ASSERT_TRUE(reader_.use(key_of(GetParam())));
  }
  Buffer sealed(ContentType type, const Buffer& content) {
    Buffer out;
    EXPECT_TRUE(writer_.append(out, type, content));
    return out;
  }
  bool is_tls13() const { return GetParam().construction == Construction::tls13; }
  RecordWriter writer_;
  RecordReader reader_;
};

INSTANTIATE_TEST_SUITE_P(
    Constructions, Record,
    testing::Values(Kind{"tls13_aes128", AeadAlgorithm::aes_128_gcm, Construction::tls13},
                    Kind{"tls13_aes256", AeadAlgorithm::aes_256_gcm, Construction::tls13},
                    Kind{"tls13_chacha20", AeadAlgorithm::chacha20_poly1305, Construction::tls13},
                    Kind{"tls12_aes128", AeadAlgorithm::aes_128_gcm, Construction::tls12_gcm},
                    Kind{"tls12_chacha20", AeadAlgorithm::chacha20_poly1305,
                         Construction::tls12_chacha20}),
    [](const auto& param) { return std::string(param.param.name); });

TEST_P(Record, of_every_size_comes_back) {
  for (const std::size_t size : {0, 1, 15, 16, 17, 100, 1400, 16383, 16384}) {
    const Buffer content(size, 0x5a);
    Buffer record = sealed(ContentType::application_data, content);
    EXPECT_EQ(record.size(), header_bytes(GetParam().construction) + size +
                                 trailer_bytes(GetParam().construction));
    const auto frame = reader_.frame(record);
    ASSERT_TRUE(frame);
    ASSERT_EQ(frame->size, record.size());
    const auto opened = reader_.open(record, record.data());
    ASSERT_TRUE(opened) << size;
    EXPECT_EQ(opened->type, ContentType::application_data);
    EXPECT_EQ(to_buffer(opened->content), content);
    EXPECT_EQ(opened->content.data(), record.data() + header_bytes(GetParam().construction));
  }
}

TEST_P(Record, scattered_buffers_give_the_same_bytes_as_one) {
  RecordWriter other;
  ASSERT_TRUE(other.use(key_of(GetParam())));
  for (const std::size_t size : {0, 1, 16, 1000, 16384}) {
    const Buffer content(size, 0x33);
    const Buffer together = sealed(ContentType::application_data, content);
    Buffer header(other.header_size()), data = content, trailer(other.trailer_size());
    ASSERT_TRUE(other.seal(ContentType::application_data, header.data(), data, trailer.data()));
    append(header, data);
    append(header, trailer);
    EXPECT_EQ(header, together);
  }
}

TEST_P(Record, a_changed_byte_anywhere_fails_and_leaves_no_plaintext) {
  const Buffer content = to_buffer(as_bytes("attack at dawn"));
  const Buffer good = sealed(ContentType::application_data, content);
  for (std::size_t at = 0; at < good.size(); ++at) {
    RecordReader reader;
    ASSERT_TRUE(reader.use(key_of(GetParam())));
    Buffer bad = good;
    bad[at] ^= 0x01;
    const auto frame = reader.frame(bad);
    if (!frame || frame->size != bad.size()) continue;  // the header no longer fits
    const auto opened = reader.open(bad, bad.data());
    ASSERT_FALSE(opened) << at;
    EXPECT_NE(as_text(bad).find("dawn"), 0U);
    EXPECT_EQ(as_text(bad).find("attack"), std::string_view::npos);
  }
}

TEST_P(Record, order_counts) {
  const Buffer first = sealed(ContentType::application_data, {1});
  Buffer second = sealed(ContentType::application_data, {2});
  const auto opened = reader_.open(second, second.data());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().cause, Cause::bad_record_mac);
}

TEST_P(Record, restore_gives_back_the_ciphertext_and_rewind_reads_it_again) {
  const Buffer original = sealed(ContentType::handshake, Buffer(77, 9));
  Buffer record = original;
  ASSERT_TRUE(reader_.open(record, record.data()));
  EXPECT_NE(record, original);
  ASSERT_TRUE(reader_.restore(record));
  EXPECT_EQ(record, original);
  reader_.rewind();
  EXPECT_TRUE(reader_.open(record, record.data()));
}

TEST_P(Record, too_long_is_overflow_before_it_is_here) {
  const std::size_t limit = is_tls13() ? kRecordCiphertext13BytesMax : kRecordCiphertext12BytesMax;
  const auto header = [](std::size_t length) {
    return Buffer{23, 3, 3, static_cast<std::uint8_t>(length >> 8),
                  static_cast<std::uint8_t>(length)};
  };
  const auto just = reader_.frame(header(limit));
  ASSERT_TRUE(just);
  EXPECT_EQ(just->missing, limit);
  const auto over = reader_.frame(header(limit + 1));
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().cause, Cause::record_overflow);
}

TEST_P(Record, too_short_for_a_tag_is_bad_record_mac) {
  Buffer record = {23, 3, 3, 0, 3, 1, 2, 3};
  const auto opened = reader_.open(record, record.data());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().cause, Cause::bad_record_mac);
}

TEST(Record13, padding_is_taken_off_and_a_record_of_padding_only_is_refused) {
  const Kind kind{"", AeadAlgorithm::aes_128_gcm, Construction::tls13};
  RecordReader reader;
  ASSERT_TRUE(reader.use(key_of(kind)));
  auto protection = Protection::create(key_of(kind));
  ASSERT_TRUE(protection);
  const auto seal = [&](Buffer inner) {
    const std::size_t length = inner.size() + 16;
    Buffer record = {23, 3, 3, static_cast<std::uint8_t>(length >> 8),
                     static_cast<std::uint8_t>(length)};
    Buffer tag(16);
    EXPECT_TRUE(protection->aead().seal(protection->nonce(protection->sequence(), nullptr), record,
                                        inner, {}, tag.data()));
    protection->advance();
    append(record, inner);
    append(record, tag);
    return record;
  };
  Buffer padded = seal({'h', 'i', 23, 0, 0, 0, 0});
  const auto opened = reader.open(padded, padded.data());
  ASSERT_TRUE(opened);
  EXPECT_EQ(as_text(opened->content), "hi");
  Buffer only_padding = seal(Buffer(10, 0));
  const auto refused = reader.open(only_padding, only_padding.data());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().cause, Cause::unexpected_message);
}

TEST(Record13, content_above_the_limit_is_overflow_although_the_ciphertext_fits) {
  const Kind kind{"", AeadAlgorithm::aes_128_gcm, Construction::tls13};
  RecordReader reader;
  ASSERT_TRUE(reader.use(key_of(kind)));
  auto protection = Protection::create(key_of(kind));
  Buffer inner(kRecordPlaintextBytesMax + 2, 23);
  const std::size_t length = inner.size() + 16;
  Buffer record = {23, 3, 3, static_cast<std::uint8_t>(length >> 8),
                   static_cast<std::uint8_t>(length)};
  Buffer tag(16);
  ASSERT_TRUE(
      protection->aead().seal(protection->nonce(0, nullptr), record, inner, {}, tag.data()));
  append(record, inner);
  append(record, tag);
  const auto opened = reader.open(record, record.data());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().cause, Cause::record_overflow);
}

TEST(Record13, an_aes_gcm_key_wears_and_stops_at_its_limit) {
  constexpr std::uint64_t kLimit = 100;
  for (const auto algorithm : {AeadAlgorithm::aes_128_gcm, AeadAlgorithm::aes_256_gcm}) {
    RecordWriter writer;
    writer.limit_aes_gcm(kLimit);
    ASSERT_TRUE(writer.use(key_of({"", algorithm, Construction::tls13})));
    Buffer header(5), trailer(17);
    for (std::uint64_t i = 0; i < kLimit; ++i) {
      EXPECT_EQ(writer.is_worn(), i >= kLimit / 2) << i;
      EXPECT_EQ(writer.is_worn_out(), i >= kLimit - kControlRecordCount) << i;
      ASSERT_TRUE(writer.seal(ContentType::application_data, header.data(), {}, trailer.data()));
    }
    const auto over = writer.seal(ContentType::application_data, header.data(), {}, trailer.data());
    ASSERT_FALSE(over);
    EXPECT_EQ(over.error().cause, Cause::key_exhausted);
  }
}

TEST(Record13, the_limit_is_that_of_rfc_8446_and_only_for_aes_gcm_in_tls13) {
  RecordWriter writer;
  ASSERT_TRUE(writer.use(key_of({"", AeadAlgorithm::aes_128_gcm, Construction::tls13})));
  Buffer header(13), trailer(17);
  const auto seal = [&] {
    return writer.seal(ContentType::application_data, header.data(), {}, trailer.data());
  };
  for (std::uint64_t i = 0; i < kAesGcmRecordCountMax - kKeyUpdateMarginRecordCount; ++i) {
    ASSERT_TRUE(seal());
  }
  EXPECT_TRUE(writer.is_worn());
  EXPECT_FALSE(writer.is_worn_out());
  writer.limit_aes_gcm(40);
  for (const Kind& kind : {Kind{"", AeadAlgorithm::chacha20_poly1305, Construction::tls13},
                           Kind{"", AeadAlgorithm::aes_128_gcm, Construction::tls12_gcm}}) {
    ASSERT_TRUE(writer.use(key_of(kind)));
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(seal());
    EXPECT_FALSE(writer.is_worn());
  }
}

TEST(RecordPlain, fragments_what_is_longer_than_a_record) {
  RecordWriter writer;
  Buffer out;
  ASSERT_TRUE(writer.append(out, ContentType::handshake, Buffer(16384 + 10, 1)));
  EXPECT_EQ(out.size(), 5U + 16384U + 5U + 10U);
}

TEST(RecordPlain, unknown_types_and_versions_are_not_tls) {
  RecordReader reader;
  for (const Buffer& bytes :
       {Buffer{19}, Buffer{24}, Buffer{0}, Buffer{22, 2}, Buffer{0x80, 0x2e}}) {
    const auto frame = reader.frame(bytes);
    ASSERT_FALSE(frame);
    EXPECT_EQ(frame.error().cause, Cause::not_tls);
  }
}

}  // namespace
}  // namespace schannel::record
