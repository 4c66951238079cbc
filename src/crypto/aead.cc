#include "crypto/aead.h"

#include <cstdlib>
#include <string_view>
#include <utility>

#include "base/secret.h"
#include "crypto/aead_backend.h"

namespace schannel::crypto {
namespace {

// OPENSCHANNEL_AEAD=libcrypto or ipsec-mb decides what `best` means, so that tests and benchmarks
// can drive the whole library over either. Read once; not heeded in a setuid program.
AeadBackend forced_backend() {
  static const AeadBackend forced = [] {
    const char* const value = secure_getenv("OPENSCHANNEL_AEAD");
    const std::string_view name = value == nullptr ? "" : value;
    if (name == "libcrypto") return AeadBackend::libcrypto;
    if (name == "ipsec-mb") return AeadBackend::ipsec_mb;
    return AeadBackend::best;
  }();
  return forced;
}

AeadBackend choose(AeadAlgorithm algorithm) {
  const AeadBackend forced = forced_backend();
  if (forced == AeadBackend::libcrypto || !ipsec_mb::has(algorithm)) return AeadBackend::libcrypto;
  if (forced == AeadBackend::ipsec_mb || ipsec_mb::is_faster(algorithm)) {
    return AeadBackend::ipsec_mb;
  }
  return AeadBackend::libcrypto;
}

}  // namespace

bool aead_backend_available(AeadBackend backend, AeadAlgorithm algorithm) {
  if (backend == AeadBackend::best) backend = choose(algorithm);
  return backend == AeadBackend::ipsec_mb ? ipsec_mb::has(algorithm) : libcrypto::has(algorithm);
}

AeadKey::AeadKey(std::unique_ptr<AeadCipher> cipher) : cipher_(std::move(cipher)) {}
AeadKey::AeadKey(AeadKey&&) noexcept = default;
AeadKey& AeadKey::operator=(AeadKey&&) noexcept = default;
AeadKey::~AeadKey() = default;

Result<AeadKey> AeadKey::create(AeadAlgorithm algorithm, Bytes key, AeadBackend backend) {
  if (backend == AeadBackend::best) backend = choose(algorithm);
  if (key.size() != aead_key_bytes(algorithm) || !aead_backend_available(backend, algorithm)) {
    return Cause::internal_error;
  }
  std::unique_ptr<AeadCipher> cipher = backend == AeadBackend::ipsec_mb
                                           ? ipsec_mb::make_cipher(algorithm, key)
                                           : libcrypto::make_cipher(algorithm, key);
  if (!cipher) return Cause::internal_error;
  return AeadKey(std::move(cipher));
}

AeadAlgorithm AeadKey::algorithm() const { return cipher_->algorithm(); }
AeadBackend AeadKey::backend() const { return cipher_->backend(); }

bool AeadKey::seal(const AeadNonce& nonce, Bytes aad, MutableBytes data, MutableBytes tail,
                   std::uint8_t* tag) {
  if (!tail.empty() && (data.empty() || tail.data() == data.data() + data.size())) {
    data = {tail.data() - data.size(), data.size() + tail.size()};
    tail = {};
  }
  return cipher_->seal(nonce, aad, data, tail, tag);
}

bool AeadKey::open(const AeadNonce& nonce, Bytes aad, const std::uint8_t* in, std::uint8_t* out,
                   std::size_t size, const std::uint8_t* tag) {
  if (cipher_->open(nonce, aad, in, out, size, tag)) return true;
  if (size != 0) wipe({out, size});
  return false;
}

}  // namespace schannel::crypto
