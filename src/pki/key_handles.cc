#include "pki/key_handles.h"

#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include <mutex>
#include <unordered_map>

#include "pki/owned.h"

namespace schannel::pki {
namespace {

using KeyContextPtr = std::unique_ptr<EVP_PKEY_CTX, FreeWith<EVP_PKEY_CTX_free>>;
using EcdsaPtr = std::unique_ptr<ECDSA_SIG, FreeWith<ECDSA_SIG_free>>;

struct Keys {
  std::mutex mutex;
  std::unordered_map<NCRYPT_KEY_HANDLE, crypto::PrivateKey> open;
  NCRYPT_KEY_HANDLE last = 0x4B00'0000;
};

// Never destroyed: a thread may still sign while the process exits.
Keys& keys() {
  static auto& all = *new Keys;
  return all;
}

LastError refused() {
  ERR_clear_error();
  return failed(NTE_FAIL, "the cryptographic library refuses to sign");
}

std::size_t field_bytes(const crypto::PrivateKey& key) { return (key.bits() + 7) / 8; }

/// r and s, each as long as the field (IEEE P1363), out of the DER that libcrypto makes.
Answer<Buffer> as_p1363(Bytes der, std::size_t field) {
  const unsigned char* at = der.data();
  const EcdsaPtr signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  if (!signature) return refused();
  Buffer out(2 * field);
  const auto size = static_cast<int>(field);
  if (BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), out.data(), size) != size ||
      BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), out.data() + field, size) != size) {
    return refused();
  }
  return out;
}

bool set_up(EVP_PKEY_CTX* context, const HashSigning& how) {
  if (EVP_PKEY_sign_init(context) != 1) return false;
  if (how.padding == Padding::none) return true;
  const EVP_MD* digest = EVP_get_digestbyname(how.digest);
  if (digest == nullptr || EVP_PKEY_CTX_set_signature_md(context, digest) != 1) return false;
  if (how.padding == Padding::pkcs1) {
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
  }
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, how.salt_bytes) == 1;
}

}  // namespace

NCRYPT_KEY_HANDLE give_key(const crypto::PrivateKey& key) {
  Keys& all = keys();
  const std::lock_guard lock(all.mutex);
  all.last += 0x10;
  all.open.emplace(all.last, key);
  return all.last;
}

std::optional<crypto::PrivateKey> key_of(NCRYPT_KEY_HANDLE handle) {
  Keys& all = keys();
  const std::lock_guard lock(all.mutex);
  const auto found = all.open.find(handle);
  if (found == all.open.end()) return std::nullopt;
  return found->second;
}

bool take_back_key(NCRYPT_KEY_HANDLE handle) {
  Keys& all = keys();
  const std::lock_guard lock(all.mutex);
  return all.open.erase(handle) != 0;
}

std::size_t signature_bytes(const crypto::PrivateKey& key) {
  const bool is_rsa = crypto::family_of(key.type()) == crypto::KeyFamily::rsa;
  return is_rsa ? (key.bits() + 7) / 8 : 2 * field_bytes(key);
}

Answer<Buffer> sign_hash(const crypto::PrivateKey& key, Bytes hash, const HashSigning& how) {
  const crypto::KeyFamily family = crypto::family_of(key.type());
  if (family == crypto::KeyFamily::eddsa) {
    return failed(NTE_NOT_SUPPORTED, "an Ed25519 key signs messages, not hashes");
  }
  const bool is_rsa = family == crypto::KeyFamily::rsa;
  if (is_rsa != (how.padding != Padding::none)) {
    return failed(NTE_BAD_FLAGS, "an RSA key needs a padding, and no other key has one");
  }
  if (how.padding != Padding::none) {
    const EVP_MD* digest = EVP_get_digestbyname(how.digest);
    if (!digest) return failed(NTE_NOT_SUPPORTED, "there is no such hash function here");
    if (static_cast<std::size_t>(EVP_MD_get_size(digest)) != hash.size()) {
      return failed(NTE_INVALID_PARAMETER, "the hash has not the size of its function");
    }
  }
  const KeyContextPtr context(allocated(KeyContextPtr(EVP_PKEY_CTX_new(key.native(), nullptr))));
  std::size_t size = 0;
  if (!set_up(context.get(), how) ||
      EVP_PKEY_sign(context.get(), nullptr, &size, hash.data(), hash.size()) != 1) {
    return refused();
  }
  Buffer signature(size);
  if (EVP_PKEY_sign(context.get(), signature.data(), &size, hash.data(), hash.size()) != 1) {
    return refused();
  }
  signature.resize(size);
  return is_rsa ? Answer<Buffer>(std::move(signature)) : as_p1363(signature, field_bytes(key));
}

}  // namespace schannel::pki
