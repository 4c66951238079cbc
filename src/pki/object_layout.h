#pragma once
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace schannel::pki {

/// A structure of Windows with what it points to behind it, in one block of memory whose address is
/// not known yet. Places are offsets from the front; the structure itself is at 0.
class ObjectLayout {
 public:
  /// Room for `bytes` zeros, aligned for any object; where it is.
  std::size_t reserve(std::size_t bytes) {
    const std::size_t at = (bytes_.size() + kAlignment - 1) / kAlignment * kAlignment;
    bytes_.resize(at + bytes);
    return at;
  }
  template <class T>
  std::size_t reserve_array(std::size_t count) {
    return reserve(sizeof(T) * count);
  }
  std::size_t put(Bytes bytes) {
    const std::size_t at = reserve(bytes.size());
    if (!bytes.empty()) std::memcpy(bytes_.data() + at, bytes.data(), bytes.size());
    return at;
  }
  template <class T>
  void set(std::size_t at, const T& value) {
    std::memcpy(bytes_.data() + at, &value, sizeof value);
  }
  /// The pointer at `at` will point to `target`.
  void point(std::size_t at, std::size_t target) { pointers_.emplace_back(at, target); }

  /// A structure like CRYPT_DATA_BLOB at `at`: a count and, 8 bytes on, a pointer.
  void blob(std::size_t at, Bytes bytes) {
    set(at, static_cast<std::uint32_t>(bytes.size()));
    if (!bytes.empty()) point(at + kAlignment, put(bytes));
  }
  /// A count and an array, whose place is returned.
  template <class T>
  std::size_t array(std::size_t at, std::size_t count) {
    set(at, static_cast<std::uint32_t>(count));
    if (count == 0) return 0;
    const std::size_t elements = reserve_array<T>(count);
    point(at + kAlignment, elements);
    return elements;
  }
  void text(std::size_t at, std::string_view value) {
    const std::size_t place = reserve(value.size() + 1);
    if (!value.empty()) std::memcpy(bytes_.data() + place, value.data(), value.size());
    point(at, place);
  }
  void text(std::size_t at, std::wstring_view value) {
    const std::size_t place = reserve((value.size() + 1) * sizeof(wchar_t));
    if (!value.empty()) {
      std::memcpy(bytes_.data() + place, value.data(), value.size() * sizeof(wchar_t));
    }
    point(at, place);
  }

  std::size_t size() const { return bytes_.size(); }
  /// Writes all of it to `out`, which must be aligned and have size() bytes.
  void write(void* out) const {
    if (!bytes_.empty()) std::memcpy(out, bytes_.data(), bytes_.size());
    for (const auto& [at, target] : pointers_) {
      auto* base = static_cast<std::uint8_t*>(out);
      void* const address = base + target;
      std::memcpy(base + at, &address, sizeof address);
    }
  }

 private:
  static constexpr std::size_t kAlignment = 8;
  Buffer bytes_;
  std::vector<std::pair<std::size_t, std::size_t>> pointers_;
};

}  // namespace schannel::pki
