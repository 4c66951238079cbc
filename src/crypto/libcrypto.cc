#include "crypto/libcrypto.h"

#include <openssl/err.h>

namespace schannel::crypto {
namespace {

const EVP_MD* fetch_digest(const char* name) {
  const EVP_MD* digest = EVP_MD_fetch(nullptr, name, nullptr);
  require(digest != nullptr);
  return digest;
}

}  // namespace

void require(bool libcrypto_succeeded) {
  if (libcrypto_succeeded) return;
  ERR_clear_error();
  throw std::bad_alloc();
}

const EVP_MD* digest_algorithm(HashAlgorithm algorithm) {
  if (algorithm == HashAlgorithm::sha256) {
    static const EVP_MD* const sha256 = fetch_digest("SHA256");
    return sha256;
  }
  static const EVP_MD* const sha384 = fetch_digest("SHA384");
  return sha384;
}

}  // namespace schannel::crypto
