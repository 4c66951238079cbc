#include "record/reader.h"
#include "record/writer.h"
#include "require.h"

// Records: framing of anything, opening of anything, and that what was sealed opens to the same, is
// put back byte for byte, and opens no more when one bit of it has changed.
namespace schannel::record {
namespace {

RecordKey key_of(std::uint8_t choice) {
  const auto construction = static_cast<Construction>(choice % 3);
  auto algorithm = static_cast<crypto::AeadAlgorithm>(choice / 3 % 3);
  if (construction == Construction::tls12_chacha20) {
    algorithm = crypto::AeadAlgorithm::chacha20_poly1305;
  } else if (construction == Construction::tls12_gcm &&
             algorithm == crypto::AeadAlgorithm::chacha20_poly1305) {
    algorithm = crypto::AeadAlgorithm::aes_128_gcm;
  }
  RecordKey key{algorithm, construction, Secret(crypto::aead_key_bytes(algorithm)),
                Secret(construction == Construction::tls12_gcm ? std::size_t{4} : std::size_t{12})};
  key.key.mutable_view()[0] = 1;
  return key;
}

/// Takes records off the front until it can't.
void open_all(RecordReader& reader, Bytes in) {
  for (;;) {
    const Result<Frame> frame = reader.frame(in);
    if (!frame) return;
    if (frame->size == 0) {
      REQUIRE(frame->missing > 0 && frame->missing <= kRecordCiphertext12BytesMax);
      return;
    }
    REQUIRE(frame->size <= in.size());
    Buffer out(frame->size);
    const Result<Opened> opened = reader.open(in.first(frame->size), out.data());
    if (!opened) return;
    REQUIRE(opened->content.size() <= frame->size);
    in = in.subspan(frame->size);
  }
}

void round_trip(const RecordKey& key, Bytes content, wire::ContentType type, std::size_t flip) {
  RecordWriter writer;
  RecordReader reader;
  REQUIRE(writer.use(key) && reader.use(key));
  content = content.first(std::min(content.size(), kRecordPlaintextBytesMax));
  Buffer record;
  REQUIRE(writer.append(record, type, content));

  const Result<Frame> frame = reader.frame(record);
  REQUIRE(frame && frame->size == record.size());
  Buffer changed = record;
  changed[flip / 8 % record.size()] ^= static_cast<std::uint8_t>(1U << (flip % 8));
  if (const Result<Frame> other = reader.frame(changed); other && other->size == record.size()) {
    REQUIRE(!reader.open(changed, changed.data()));
  }

  const Buffer sealed = record;
  const Result<Opened> opened = reader.open(record, record.data());
  if (!opened) std::abort();
  REQUIRE(opened->type == type && equal(opened->content, content));
  REQUIRE(reader.restore(record));
  REQUIRE(record == sealed);
  // Counted as not yet read, it opens again.
  reader.rewind();
  REQUIRE(reader.open(record, record.data()));
}

}  // namespace
}  // namespace schannel::record

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace schannel;  // NOLINT(google-build-using-namespace): the target's own part
  if (size < 4) return 0;
  const record::RecordKey key = record::key_of(data[0]);
  const Bytes in{data + 4, size - 4};
  record::RecordReader without_key, with_key;
  REQUIRE(with_key.use(key));
  record::open_all(without_key, in);
  record::open_all(with_key, in);
  record::round_trip(key, in, static_cast<wire::ContentType>(20 + data[1] % 4),
                     static_cast<std::size_t>(data[2] << 8 | data[3]));
  return 0;
}
