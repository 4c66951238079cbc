#pragma once
#include <cassert>

#include "base/bytes.h"

namespace schannel::wire {

/// Appends to a buffer. A body that outgrows its length field is remembered as a failure, which
/// the one who sends the message checks (tls::Flight); nothing truncated is ever sent.
class Writer {
 public:
  explicit Writer(Buffer& out) : out_(out) {}

  void u8(std::uint8_t value) { integer(value, 1); }
  void u16(std::uint16_t value) { integer(value, 2); }
  void u24(std::uint32_t value) { integer(value, 3); }
  void u32(std::uint32_t value) { integer(value, 4); }
  void bytes(Bytes view) { append(out_, view); }

  /// Writes a length field of `length_bytes` and then what `body` writes; the length is filled in
  /// when `body` returns, so nesting in code is nesting on the wire.
  template <class Body>
  void vector(std::size_t length_bytes, Body body) {
    const std::size_t at = out_.size();
    out_.resize(at + length_bytes);
    body();
    std::size_t size = out_.size() - at - length_bytes;
    if (size >> (8 * length_bytes) != 0) overflowed_ = true;
    for (std::size_t i = length_bytes; i-- > 0; size >>= 8) {
      out_[at + i] = static_cast<std::uint8_t>(size);
    }
  }

  bool overflowed() const { return overflowed_; }

 private:
  void integer(std::uint32_t value, std::size_t size) {
    while (size-- > 0) out_.push_back(static_cast<std::uint8_t>(value >> (8 * size)));
  }

  Buffer& out_;
  bool overflowed_ = false;
};

/// `message` as bytes, for tests and for values that are not sent on their own.
template <class T>
Buffer encode(const T& message) {
  Buffer out;
  Writer writer(out);
  message.write(writer);
  return out;
}

}  // namespace schannel::wire
