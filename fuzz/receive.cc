#include "peer.h"

// Records of any content on an established connection: the fuzzer writes the plaintext and the
// content type, the target seals them with the peer's key, so that they get past authentication.
// The last bytes go in as they are.
using namespace schannel;  // NOLINT(google-build-using-namespace): a fuzz target

namespace {

/// A connection that is established without a handshake: the state of one, made by hand.
record::RecordKey key() {
  return {crypto::AeadAlgorithm::aes_128_gcm, record::Construction::tls13, Secret(16), Secret(12)};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  record::RecordReader reader;
  record::RecordWriter writer;
  if (!reader.use(key()) || !writer.use(key())) return 0;
  Bytes in{data, size};
  tls::MessageQueue queue;
  while (in.size() >= 3) {
    const std::size_t take = std::min<std::size_t>(in[1] | (in[2] & 0x3f) << 8, in.size() - 3);
    Buffer record;
    if (!writer.append(record, static_cast<wire::ContentType>(in[0]), in.subspan(3, take))) break;
    in = in.subspan(3 + take);
    const auto frame = reader.frame(record);
    if (!frame || frame->size == 0) break;
    const Buffer before = record;
    const auto opened = reader.open(MutableBytes(record).first(frame->size), record.data());
    if (!opened) break;
    if (opened->type == wire::ContentType::handshake) {
      queue.append(opened->content);
      if (!reader.restore(MutableBytes(record).first(frame->size))) break;
      if (!std::equal(before.begin(), before.begin() + static_cast<long>(frame->size),
                      record.begin())) {
        __builtin_trap();  // what stays in the caller's buffer must be what came
      }
    }
    while (true) {
      const auto message = queue.next();
      if (!message || !*message) break;
      queue.pop((*message)->size());
    }
  }
  Buffer rest = to_buffer(in);
  const auto frame = reader.frame(rest);
  if (frame && frame->size != 0) {
    const auto opened = reader.open(MutableBytes(rest).first(frame->size), rest.data());
    static_cast<void>(bool(opened));
  }
  return 0;
}
