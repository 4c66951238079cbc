#pragma once
#include <openssl/evp.h>

#include <memory>
#include <new>

#include "base/bytes.h"
#include "crypto/hash.h"

// What the files of this folder share when they talk to libcrypto. Not for other layers.
namespace schannel::crypto {

/// Calls a libcrypto free function: `std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>`.
template <auto free_function>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    free_function(object);
  }
};

using DigestContext = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;
using MacContext = std::unique_ptr<EVP_MAC_CTX, Freed<EVP_MAC_CTX_free>>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, Freed<EVP_CIPHER_CTX_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using KeyPointer = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;

/// For hashes and MACs, which have no way to fail once the algorithm is fetched but running out of
/// memory. Leaves nothing in libcrypto's error queue.
void require(bool libcrypto_succeeded);

/// The fetched hash. Fetching costs microseconds and takes locks, so it happens once per process;
/// the object is never freed, because OpenSSL's own exit handler may run before ours.
const EVP_MD* digest_algorithm(HashAlgorithm algorithm);

/// libcrypto refuses some null pointers even when the size is zero.
inline const std::uint8_t* data_or_dummy(Bytes view) {
  static constexpr std::uint8_t kDummy = 0;
  return view.empty() ? &kDummy : view.data();
}

}  // namespace schannel::crypto
