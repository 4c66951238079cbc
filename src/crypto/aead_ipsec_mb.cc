#include "crypto/aead_backend.h"

#ifndef OPENSCHANNEL_HAVE_IPSEC_MB

namespace schannel::crypto::ipsec_mb {

bool has(AeadAlgorithm) { return false; }
bool is_faster(AeadAlgorithm) { return false; }
std::unique_ptr<AeadCipher> make_cipher(AeadAlgorithm, Bytes) { return nullptr; }

}  // namespace schannel::crypto::ipsec_mb

#else

#include <intel-ipsec-mb.h>

#include "base/secret.h"
#include "crypto/constant_time.h"

namespace schannel::crypto::ipsec_mb {
namespace {

// The functions of one GCM key size for this CPU.
struct Gcm {
  aes_gcm_pre_t expand;
  aes_gcm_enc_dec_t seal;
  aes_gcm_enc_dec_t open;
  aes_gcm_init_t start;
  aes_gcm_enc_dec_update_t seal_piece;
  aes_gcm_enc_dec_finalize_t finish;
};

struct ChachaPoly {
  chacha_poly_init_t start;
  chacha_poly_enc_dec_update_t seal_piece;
  chacha_poly_enc_dec_update_t open_piece;
  chacha_poly_finalize_t finish;
};

// What the library found out about the CPU. These functions work on nothing but their arguments,
// none of which is the manager, so any number of threads may call them: all that they share is the
// library's global error number, into which every call stores zero at its start and which nobody
// here reads. Bad arguments are what it would report; ours are never null or out of range.
struct Functions {
  bool usable = false;
  bool is_avx512 = false;
  Gcm gcm_128{};
  Gcm gcm_256{};
  ChachaPoly chacha_poly{};
};

Functions detect() {
  Functions found;
  IMB_MGR* const manager = alloc_mb_mgr(0);
  if (manager == nullptr) return found;
  IMB_ARCH architecture = IMB_ARCH_NONE;
  init_mb_mgr_auto(manager, &architecture);
  // Without AES-NI the library emulates it, slower than libcrypto. The error number also says
  // whether its self-test passed.
  constexpr std::uint64_t kNeeded = IMB_FEATURE_AESNI | IMB_FEATURE_PCLMULQDQ;
  if (imb_get_errno(manager) == 0 && (manager->features & kNeeded) == kNeeded &&
      architecture >= IMB_ARCH_SSE) {
    found.usable = true;
    found.is_avx512 = architecture >= IMB_ARCH_AVX512;
    found.gcm_128 = {manager->gcm128_pre,        manager->gcm128_enc,
                     manager->gcm128_dec,        manager->gcm128_init,
                     manager->gcm128_enc_update, manager->gcm128_enc_finalize};
    found.gcm_256 = {manager->gcm256_pre,        manager->gcm256_enc,
                     manager->gcm256_dec,        manager->gcm256_init,
                     manager->gcm256_enc_update, manager->gcm256_enc_finalize};
    found.chacha_poly = {manager->chacha20_poly1305_init, manager->chacha20_poly1305_enc_update,
                         manager->chacha20_poly1305_dec_update,
                         manager->chacha20_poly1305_finalize};
  }
  free_mb_mgr(manager);
  return found;
}

const Functions& functions() {
  static const Functions found = detect();
  return found;
}

template <class T>
void wipe_object(T& object) {
  wipe({static_cast<std::uint8_t*>(static_cast<void*>(&object)), sizeof object});
}

class GcmCipher final : public AeadCipher {
 public:
  GcmCipher(AeadAlgorithm algorithm, Bytes key, const Gcm& gcm)
      : AeadCipher(algorithm, AeadBackend::ipsec_mb), gcm_(gcm) {
    gcm_.expand(key.data(), &key_);
  }
  ~GcmCipher() override {
    wipe_object(key_);
    wipe_object(context_);
  }

  bool seal(const AeadNonce& nonce, Bytes aad, MutableBytes data, MutableBytes tail,
            std::uint8_t* tag) override {
    if (tail.empty()) {
      gcm_.seal(&key_, &context_, data.data(), data.data(), data.size(), nonce.data(), aad.data(),
                aad.size(), tag, kAeadTagBytes);
      return true;
    }
    gcm_.start(&key_, &context_, nonce.data(), aad.data(), aad.size());
    gcm_.seal_piece(&key_, &context_, data.data(), data.data(), data.size());
    gcm_.seal_piece(&key_, &context_, tail.data(), tail.data(), tail.size());
    gcm_.finish(&key_, &context_, tag, kAeadTagBytes);
    return true;
  }

  bool open(const AeadNonce& nonce, Bytes aad, const std::uint8_t* in, std::uint8_t* out,
            std::size_t size, const std::uint8_t* tag) override {
    std::array<std::uint8_t, kAeadTagBytes> expected;
    gcm_.open(&key_, &context_, out, in, size, nonce.data(), aad.data(), aad.size(),
              expected.data(), expected.size());
    const bool genuine = constant_time_equal(expected, {tag, kAeadTagBytes});
    // The right tag of a forged message is what its forger was missing.
    wipe(expected);
    return genuine;
  }

 private:
  alignas(64) gcm_key_data key_;
  alignas(64) gcm_context_data context_;
  const Gcm& gcm_;
};

class ChachaPolyCipher final : public AeadCipher {
 public:
  ChachaPolyCipher(Bytes key, const ChachaPoly& chacha_poly)
      : AeadCipher(AeadAlgorithm::chacha20_poly1305, AeadBackend::ipsec_mb),
        key_(key),
        chacha_poly_(chacha_poly) {}
  ~ChachaPolyCipher() override { wipe_object(context_); }

  bool seal(const AeadNonce& nonce, Bytes aad, MutableBytes data, MutableBytes tail,
            std::uint8_t* tag) override {
    start(nonce, aad);
    for (const MutableBytes piece : {data, tail}) {
      if (!piece.empty()) {
        chacha_poly_.seal_piece(key_.view().data(), &context_, piece.data(), piece.data(),
                                piece.size());
      }
    }
    chacha_poly_.finish(&context_, tag, kAeadTagBytes);
    return true;
  }

  bool open(const AeadNonce& nonce, Bytes aad, const std::uint8_t* in, std::uint8_t* out,
            std::size_t size, const std::uint8_t* tag) override {
    std::array<std::uint8_t, kAeadTagBytes> expected;
    start(nonce, aad);
    if (size != 0) chacha_poly_.open_piece(key_.view().data(), &context_, out, in, size);
    chacha_poly_.finish(&context_, expected.data(), expected.size());
    const bool genuine = constant_time_equal(expected, {tag, kAeadTagBytes});
    wipe(expected);
    return genuine;
  }

 private:
  void start(const AeadNonce& nonce, Bytes aad) {
    chacha_poly_.start(key_.view().data(), &context_, nonce.data(), aad.data(), aad.size());
  }

  Secret key_;
  alignas(64) chacha20_poly1305_context_data context_;
  const ChachaPoly& chacha_poly_;
};

}  // namespace

bool has(AeadAlgorithm) { return functions().usable; }

// Measured on an AMD EPYC with VAES (one core, OpenSSL 3.0.19, IPsec-MB 1.3), sealing in place with
// 5 bytes of aad, in nanoseconds for records of 100, 1400 and 16384 bytes, libcrypto / IPsec-MB:
//   AES-128-GCM         216 / 28      465 / 86     3412 / 727
//   AES-256-GCM         228 / 36     493 / 102     3599 / 849
//   ChaCha20-Poly1305  659 / 351    1077 / 598    4142 / 3383
// with both libraries held to AVX2:
//   AES-128-GCM         229 / 41     469 / 294    3468 / 3218
//   ChaCha20-Poly1305  717 / 369   1355 / 1129   8952 / 10651
// and with both held to SSE:
//   AES-128-GCM        215 / 108     603 / 337    4988 / 2731
//   ChaCha20-Poly1305  711 / 381   1954 / 1682  16036 / 16895
// So libcrypto wins only with ChaCha20-Poly1305 in full records on a CPU without AVX-512.
bool is_faster(AeadAlgorithm algorithm) {
  return algorithm != AeadAlgorithm::chacha20_poly1305 || functions().is_avx512;
}

std::unique_ptr<AeadCipher> make_cipher(AeadAlgorithm algorithm, Bytes key) {
  switch (algorithm) {
    case AeadAlgorithm::aes_128_gcm:
      return std::make_unique<GcmCipher>(algorithm, key, functions().gcm_128);
    case AeadAlgorithm::aes_256_gcm:
      return std::make_unique<GcmCipher>(algorithm, key, functions().gcm_256);
    case AeadAlgorithm::chacha20_poly1305:
      return std::make_unique<ChachaPolyCipher>(key, functions().chacha_poly);
  }
  return nullptr;
}

}  // namespace schannel::crypto::ipsec_mb

#endif  // OPENSCHANNEL_HAVE_IPSEC_MB
