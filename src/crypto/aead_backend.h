#pragma once
#include <memory>

#include "crypto/aead.h"

// The seam between AeadKey and the two libraries. Only aead*.cc include it.
namespace schannel::crypto {

/// One expanded key in one library. seal and open as in AeadKey, but open leaves what it wrote:
/// AeadKey wipes it.
class AeadCipher {
 public:
  AeadCipher(AeadAlgorithm algorithm, AeadBackend backend)
      : algorithm_(algorithm), backend_(backend) {}
  AeadCipher(const AeadCipher&) = delete;
  AeadCipher& operator=(const AeadCipher&) = delete;
  virtual ~AeadCipher() = default;

  AeadAlgorithm algorithm() const { return algorithm_; }
  AeadBackend backend() const { return backend_; }

  /// `tail` does not begin where `data` ends, unless it is empty: AeadKey has joined them.
  virtual bool seal(const AeadNonce& nonce, Bytes aad, MutableBytes data, MutableBytes tail,
                    std::uint8_t* tag) = 0;
  virtual bool open(const AeadNonce& nonce, Bytes aad, const std::uint8_t* in, std::uint8_t* out,
                    std::size_t size, const std::uint8_t* tag) = 0;

 private:
  AeadAlgorithm algorithm_;
  AeadBackend backend_;
};

namespace libcrypto {
bool has(AeadAlgorithm algorithm);
/// Null when libcrypto refuses. `key` has the right size.
std::unique_ptr<AeadCipher> make_cipher(AeadAlgorithm algorithm, Bytes key);
}  // namespace libcrypto

namespace ipsec_mb {
bool has(AeadAlgorithm algorithm);
/// True when this library is the faster one for `algorithm` on this CPU.
bool is_faster(AeadAlgorithm algorithm);
/// `has(algorithm)` is true and `key` has the right size.
std::unique_ptr<AeadCipher> make_cipher(AeadAlgorithm algorithm, Bytes key);
}  // namespace ipsec_mb

}  // namespace schannel::crypto
