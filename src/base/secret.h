#pragma once
#include <cassert>
#include <cstring>
#include <utility>

#include "base/bytes.h"

namespace schannel {

/// Overwrites memory in a way the compiler may not remove.
inline void wipe(MutableBytes view) {
  if (!view.empty()) explicit_bzero(view.data(), view.size());
}

/// Up to 66 bytes of key material: the largest is the shared secret of secp521r1. Move-only and
/// not printable; wiped when moved from and when destroyed.
class Secret {
 public:
  static constexpr std::size_t kBytesMax = 66;

  Secret() = default;
  /// `size` zero bytes, to be filled through mutable_view().
  explicit Secret(std::size_t size) : size_(size) { assert(size <= kBytesMax); }
  explicit Secret(Bytes from) : size_(from.size()) {
    assert(size_ <= kBytesMax);
    if (!from.empty()) std::memcpy(bytes_.data(), from.data(), size_);
  }
  Secret(Secret&& other) noexcept : bytes_(other.bytes_), size_(other.size_) { other.clear(); }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      bytes_ = other.bytes_;
      size_ = other.size_;
      other.clear();
    }
    return *this;
  }
  ~Secret() { clear(); }

  /// A second copy, for the few places that need one by design: say why at the call.
  Secret copy() const { return Secret(view()); }
  Bytes view() const { return {bytes_.data(), size_}; }
  MutableBytes mutable_view() { return {bytes_.data(), size_}; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  operator Bytes() const { return view(); }  // NOLINT(google-explicit-constructor)

  void clear() {
    wipe(bytes_);
    size_ = 0;
  }

 private:
  std::array<std::uint8_t, kBytesMax> bytes_{};
  std::size_t size_ = 0;
};

}  // namespace schannel
