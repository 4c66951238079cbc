#pragma once
#include <memory>

#include "base/bytes.h"
#include "base/result.h"

namespace schannel::crypto {

enum class AeadAlgorithm : std::uint8_t { aes_128_gcm, aes_256_gcm, chacha20_poly1305 };

inline constexpr std::size_t kAeadTagBytes = 16;
inline constexpr std::size_t kAeadNonceBytes = 12;
using AeadNonce = std::array<std::uint8_t, kAeadNonceBytes>;

constexpr std::size_t aead_key_bytes(AeadAlgorithm algorithm) {
  return algorithm == AeadAlgorithm::aes_128_gcm ? 16 : 32;
}

/// Which library does the work. `best` is chosen once per process: IPsec-MB where it is built in,
/// the CPU has AES and carry-less multiplication, and it is the faster one for the algorithm;
/// else libcrypto.
enum class AeadBackend : std::uint8_t { best, libcrypto, ipsec_mb };

/// True when `create` with this backend can succeed here for `algorithm`.
bool aead_backend_available(AeadBackend backend, AeadAlgorithm algorithm);

/// What a backend implements (aead_backend.h).
class AeadCipher;

/// One key, expanded once. No call allocates or locks. Not for two threads at once.
class AeadKey {
 public:
  /// `key` has aead_key_bytes(algorithm) bytes. Fails with Cause::internal_error when the backend
  /// is not available or the crypto library refuses the key.
  static Result<AeadKey> create(AeadAlgorithm algorithm, Bytes key,
                                AeadBackend backend = AeadBackend::best);
  AeadKey(AeadKey&&) noexcept;
  AeadKey& operator=(AeadKey&&) noexcept;
  ~AeadKey();

  AeadAlgorithm algorithm() const;
  AeadBackend backend() const;  ///< Never `best`.

  /// Seals `data` then `tail`, both in place, as one message, and writes 16 bytes to `tag`. `tail`
  /// may be empty; it exists because TLS 1.3 puts the content type behind the caller's data, which
  /// lies in another buffer. When tail begins where data ends they are sealed in one pass.
  /// False only when the crypto library fails; the buffers then hold no usable ciphertext.
  [[nodiscard]] bool seal(const AeadNonce& nonce, Bytes aad, MutableBytes data, MutableBytes tail,
                          std::uint8_t* tag);

  /// Opens `size` bytes at `in` into `out` (the same address, or no overlap) and checks `tag`
  /// (16 bytes) in constant time. On false, `out` has been wiped: unauthenticated plaintext is
  /// never left behind.
  [[nodiscard]] bool open(const AeadNonce& nonce, Bytes aad, const std::uint8_t* in,
                          std::uint8_t* out, std::size_t size, const std::uint8_t* tag);

 private:
  explicit AeadKey(std::unique_ptr<AeadCipher> cipher);
  std::unique_ptr<AeadCipher> cipher_;
};

}  // namespace schannel::crypto
