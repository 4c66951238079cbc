#pragma once
#include <memory>

#include "base/bytes.h"
#include "base/secret.h"

namespace schannel::crypto {

/// The hashes of the cipher suites we implement.
enum class HashAlgorithm : std::uint8_t { sha256, sha384 };

inline constexpr std::size_t kDigestBytesMax = 48;

constexpr std::size_t digest_bytes(HashAlgorithm algorithm) {
  return algorithm == HashAlgorithm::sha256 ? 32 : 48;
}

/// A hash or MAC value of 32 or 48 bytes.
class Digest {
 public:
  Digest() = default;
  explicit Digest(std::size_t size) : size_(size) {}
  Bytes view() const { return {bytes_.data(), size_}; }
  MutableBytes mutable_view() { return {bytes_.data(), size_}; }
  std::size_t size() const { return size_; }
  operator Bytes() const { return view(); }  // NOLINT(google-explicit-constructor)

 private:
  std::array<std::uint8_t, kDigestBytesMax> bytes_{};
  std::size_t size_ = 0;
};

Digest hash(HashAlgorithm algorithm, Bytes data);

/// A hash that is fed piece by piece and can be read at any point: the transcript's engine.
class RunningHash {
 public:
  explicit RunningHash(HashAlgorithm algorithm);
  RunningHash(RunningHash&&) noexcept;
  RunningHash& operator=(RunningHash&&) noexcept;
  ~RunningHash();

  HashAlgorithm algorithm() const { return algorithm_; }
  void add(Bytes data);
  /// The hash of all data so far; more may follow.
  Digest current() const;
  /// A second one with the same data so far.
  RunningHash copy() const;

 private:
  struct State;
  HashAlgorithm algorithm_;
  std::unique_ptr<State> state_;
};

/// SHA-256 for fingerprints of public data such as certificates.
std::array<std::uint8_t, 32> sha256(Bytes data);
/// SHA-1, only where Windows names things by it (CERT_SHA1_HASH_PROP_ID); never for security.
std::array<std::uint8_t, 20> sha1_fingerprint(Bytes data);

}  // namespace schannel::crypto
