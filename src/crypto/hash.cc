#include "crypto/hash.h"

#include "crypto/libcrypto.h"

namespace schannel::crypto {
namespace {

void digest_into(const EVP_MD* algorithm, Bytes data, std::uint8_t* out) {
  require(EVP_Digest(data_or_dummy(data), data.size(), out, nullptr, algorithm, nullptr) == 1);
}

DigestContext new_context() {
  DigestContext context(EVP_MD_CTX_new());
  require(context != nullptr);
  return context;
}

}  // namespace

Digest hash(HashAlgorithm algorithm, Bytes data) {
  Digest result(digest_bytes(algorithm));
  digest_into(digest_algorithm(algorithm), data, result.mutable_view().data());
  return result;
}

struct RunningHash::State {
  DigestContext running = new_context();
  // Finalising ends a context, so current() finalises a copy; kept to save the allocation.
  DigestContext scratch = new_context();
};

RunningHash::RunningHash(HashAlgorithm algorithm)
    : algorithm_(algorithm), state_(std::make_unique<State>()) {
  require(EVP_DigestInit_ex2(state_->running.get(), digest_algorithm(algorithm), nullptr) == 1);
}
RunningHash::RunningHash(RunningHash&&) noexcept = default;
RunningHash& RunningHash::operator=(RunningHash&&) noexcept = default;
RunningHash::~RunningHash() = default;

void RunningHash::add(Bytes data) {
  require(EVP_DigestUpdate(state_->running.get(), data_or_dummy(data), data.size()) == 1);
}

Digest RunningHash::current() const {
  Digest result(digest_bytes(algorithm_));
  require(EVP_MD_CTX_copy_ex(state_->scratch.get(), state_->running.get()) == 1 &&
          EVP_DigestFinal_ex(state_->scratch.get(), result.mutable_view().data(), nullptr) == 1);
  return result;
}

RunningHash RunningHash::copy() const {
  RunningHash out(algorithm_);
  require(EVP_MD_CTX_copy_ex(out.state_->running.get(), state_->running.get()) == 1);
  return out;
}

std::array<std::uint8_t, 32> sha256(Bytes data) {
  std::array<std::uint8_t, 32> result;
  digest_into(digest_algorithm(HashAlgorithm::sha256), data, result.data());
  return result;
}

std::array<std::uint8_t, 20> sha1_fingerprint(Bytes data) {
  static const EVP_MD* const sha1 = [] {
    const EVP_MD* digest = EVP_MD_fetch(nullptr, "SHA1", nullptr);
    require(digest != nullptr);
    return digest;
  }();
  std::array<std::uint8_t, 20> result;
  digest_into(sha1, data, result.data());
  return result;
}

}  // namespace schannel::crypto
