#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace schannel {

/// A read-only view of bytes that somebody else owns.
using Bytes = std::span<const std::uint8_t>;
/// A writable view of bytes that somebody else owns.
using MutableBytes = std::span<std::uint8_t>;
/// Bytes we own. Not for secrets: those live in Secret.
using Buffer = std::vector<std::uint8_t>;

/// The characters of `text` as bytes, without a terminator.
inline Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// The bytes of `view` as characters.
inline std::string_view as_text(Bytes view) {
  return {reinterpret_cast<const char*>(view.data()), view.size()};
}

inline void append(Buffer& out, Bytes more) { out.insert(out.end(), more.begin(), more.end()); }

inline Buffer to_buffer(Bytes view) { return Buffer(view.begin(), view.end()); }

/// Equality of public data. Secrets and MACs are compared with crypto::constant_time_equal.
inline bool equal(Bytes a, Bytes b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

}  // namespace schannel
