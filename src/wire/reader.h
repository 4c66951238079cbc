#pragma once
#include <optional>

#include "base/bytes.h"
#include "base/result.h"

namespace schannel::wire {

/// Takes bytes from the front of a view. The first failure empties the reader and is remembered;
/// every later read gives zero or nothing, so a parser needs no check of its own between fields.
/// The only way from bytes to a value is decode<T>(), which looks at the failure once.
class Reader {
 public:
  Reader(Bytes in, std::optional<Cause>& failure) : in_(in), failure_(&failure) {}

  std::uint8_t u8() { return static_cast<std::uint8_t>(integer(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(integer(2)); }
  std::uint32_t u24() { return integer(3); }
  std::uint32_t u32() { return integer(4); }

  Bytes bytes(std::size_t size) {
    if (in_.size() < size) {
      fail(Cause::decode_error);
      return {};
    }
    const Bytes out = in_.first(size);
    in_ = in_.subspan(size);
    return out;
  }
  Bytes rest() { return bytes(in_.size()); }

  template <std::size_t N>
  std::array<std::uint8_t, N> array() {
    std::array<std::uint8_t, N> out{};
    if (const Bytes view = bytes(N); view.size() == N) std::memcpy(out.data(), view.data(), N);
    return out;
  }

  /// `opaque field<min..max>` with a length field of `length_bytes` (RFC 8446 section 3.4).
  Reader vector(std::size_t length_bytes, std::size_t min, std::size_t max) {
    const std::uint32_t size = integer(length_bytes);
    if (size < min || size > max) fail(Cause::decode_error);
    return Reader(bytes(size), *failure_);
  }

  bool empty() const { return in_.empty(); }
  std::size_t size() const { return in_.size(); }
  void fail(Cause cause) {
    if (!*failure_) *failure_ = cause;
    in_ = {};
  }

 private:
  std::uint32_t integer(std::size_t size) {
    std::uint32_t value = 0;
    for (const std::uint8_t byte : bytes(size)) value = value << 8 | byte;
    return value;
  }

  Bytes in_;
  std::optional<Cause>* failure_;
};

/// All of `in` as one T, or why not. Trailing bytes are a decode_error.
template <class T>
Result<T> decode(Bytes in) {
  std::optional<Cause> failure;
  Reader reader(in, failure);
  T value = T::read(reader);
  if (failure) return *failure;
  if (!reader.empty()) return Cause::decode_error;
  return value;
}

}  // namespace schannel::wire
