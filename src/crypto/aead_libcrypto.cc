#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>

#include <limits>

#include "crypto/aead_backend.h"
#include "crypto/libcrypto.h"

namespace schannel::crypto::libcrypto {
namespace {

// Fetched once per process and never freed, as digest_algorithm().
const EVP_CIPHER* cipher_algorithm(AeadAlgorithm algorithm) {
  const auto fetch = [](const char* name) {
    const EVP_CIPHER* cipher = EVP_CIPHER_fetch(nullptr, name, nullptr);
    if (cipher == nullptr) ERR_clear_error();
    return cipher;
  };
  switch (algorithm) {
    case AeadAlgorithm::aes_128_gcm: {
      static const EVP_CIPHER* const cipher = fetch("AES-128-GCM");
      return cipher;
    }
    case AeadAlgorithm::aes_256_gcm: {
      static const EVP_CIPHER* const cipher = fetch("AES-256-GCM");
      return cipher;
    }
    case AeadAlgorithm::chacha20_poly1305: {
      static const EVP_CIPHER* const cipher = fetch("ChaCha20-Poly1305");
      return cipher;
    }
  }
  return nullptr;
}

// EVP counts bytes in int.
constexpr std::size_t kPieceBytesMax = std::numeric_limits<int>::max();

class LibcryptoCipher final : public AeadCipher {
 public:
  LibcryptoCipher(AeadAlgorithm algorithm, CipherContext context)
      : AeadCipher(algorithm, AeadBackend::libcrypto), context_(std::move(context)) {}

  bool seal(const AeadNonce& nonce, Bytes aad, MutableBytes data, MutableBytes tail,
            std::uint8_t* tag) override {
    const bool sealed =
        start(nonce, aad, kEncrypt) && update(data.data(), data) && update(tail.data(), tail) &&
        finish() &&
        EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, kAeadTagBytes, tag) == 1;
    if (!sealed) ERR_clear_error();
    return sealed;
  }

  bool open(const AeadNonce& nonce, Bytes aad, const std::uint8_t* in, std::uint8_t* out,
            std::size_t size, const std::uint8_t* tag) override {
    // libcrypto compares the tag in constant time when it finishes.
    const bool opened = start(nonce, aad, kDecrypt) &&
                        EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, kAeadTagBytes,
                                            const_cast<std::uint8_t*>(tag)) == 1 &&
                        update(out, {in, size}) && finish();
    if (!opened) ERR_clear_error();
    return opened;
  }

 private:
  static constexpr int kEncrypt = 1;
  static constexpr int kDecrypt = 0;

  // Keeps the expanded key: both ciphers here use it the same way in either direction, so one
  // context serves both.
  bool start(const AeadNonce& nonce, Bytes aad, int direction) {
    return EVP_CipherInit_ex2(context_.get(), nullptr, nullptr, nonce.data(), direction, nullptr) ==
               1 &&
           update(nullptr, aad);
  }

  bool update(std::uint8_t* out, Bytes in) {
    if (in.empty()) return true;
    int written = 0;
    return in.size() <= kPieceBytesMax && EVP_CipherUpdate(context_.get(), out, &written, in.data(),
                                                           static_cast<int>(in.size())) == 1;
  }

  bool finish() {
    std::uint8_t nothing[EVP_MAX_BLOCK_LENGTH];  // an AEAD writes nothing at its end
    int written = 0;
    return EVP_CipherFinal_ex(context_.get(), nothing, &written) == 1;
  }

  CipherContext context_;  // wiped by libcrypto when freed
};

}  // namespace

bool has(AeadAlgorithm algorithm) { return cipher_algorithm(algorithm) != nullptr; }

std::unique_ptr<AeadCipher> make_cipher(AeadAlgorithm algorithm, Bytes key) {
  CipherContext context(EVP_CIPHER_CTX_new());
  if (!context || EVP_CipherInit_ex2(context.get(), cipher_algorithm(algorithm), key.data(),
                                     nullptr, 1, nullptr) != 1) {
    ERR_clear_error();
    return nullptr;
  }
  return std::make_unique<LibcryptoCipher>(algorithm, std::move(context));
}

}  // namespace schannel::crypto::libcrypto
