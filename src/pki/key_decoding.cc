#include "pki/key_decoding.h"

#include <openssl/err.h>
#include <openssl/provider.h>

namespace schannel::pki {
namespace {

template <class T, void (*free_function)(T*)>
std::optional<std::int64_t> iterations_in(const ASN1_TYPE* parameters, const ASN1_ITEM* item,
                                          ASN1_INTEGER* T::*count) {
  auto* decoded = static_cast<T*>(ASN1_TYPE_unpack_sequence(item, parameters));
  if (!decoded) return std::nullopt;
  const std::unique_ptr<T, FreeWith<free_function>> owner(decoded);
  std::int64_t iterations = 0;
  if (ASN1_INTEGER_get_int64(&iterations, decoded->*count) != 1) return std::nullopt;
  return iterations;
}

/// Of PKCS#5: PBES2 with PBKDF2, or one of the older schemes. scrypt has a limit of its own.
std::optional<std::int64_t> iterations_of(const X509_ALGOR* algorithm) {
  if (OBJ_obj2nid(algorithm->algorithm) != NID_pbes2) {
    return iterations_in<PBEPARAM, PBEPARAM_free>(algorithm->parameter, ASN1_ITEM_rptr(PBEPARAM),
                                                  &PBEPARAM::iter);
  }
  auto* scheme = static_cast<PBE2PARAM*>(
      ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBE2PARAM), algorithm->parameter));
  if (!scheme) return std::nullopt;
  const std::unique_ptr<PBE2PARAM, FreeWith<PBE2PARAM_free>> owner(scheme);
  const X509_ALGOR* derivation = scheme->keyfunc;
  if (OBJ_obj2nid(derivation->algorithm) != NID_id_pbkdf2) return 1;
  return iterations_in<PBKDF2PARAM, PBKDF2PARAM_free>(
      derivation->parameter, ASN1_ITEM_rptr(PBKDF2PARAM), &PBKDF2PARAM::iter);
}

}  // namespace

const ImportLibrary& import_library() {
  // Never freed: libcrypto frees its own state at exit, before our static objects could.
  static const ImportLibrary library = [] {
    ImportLibrary made{OSSL_LIB_CTX_new(), false};
    if (!made.context) throw std::bad_alloc();
    OSSL_PROVIDER_load(made.context, "default");
    made.has_legacy = OSSL_PROVIDER_load(made.context, "legacy") != nullptr;
    ERR_clear_error();
    return made;
  }();
  return library;
}

bool has_bearable_iterations(const X509_ALGOR* algorithm) {
  const std::optional<std::int64_t> iterations = iterations_of(algorithm);
  ERR_clear_error();
  return iterations && *iterations > 0 && *iterations <= kIterationCountMax;
}

LastError decryption_failed(const std::string& what) {
  bool is_unsupported = false;
  while (const unsigned long error = ERR_get_error()) {
    const int reason = ERR_GET_REASON(error);
    is_unsupported = is_unsupported || reason == ERR_R_UNSUPPORTED ||
                     (ERR_GET_LIB(error) == ERR_LIB_EVP && (reason == EVP_R_UNSUPPORTED_ALGORITHM ||
                                                            reason == EVP_R_UNKNOWN_PBE_ALGORITHM ||
                                                            reason == EVP_R_UNSUPPORTED_CIPHER));
  }
  if (!is_unsupported) {
    return failed(ERROR_INVALID_PASSWORD, what + ": the password is wrong, or one is needed");
  }
  return failed(ERROR_NOT_SUPPORTED,
                import_library().has_legacy
                    ? what + ": encrypted with an algorithm that OpenSSL does not have"
                    : what +
                          ": encrypted with an old algorithm, and OpenSSL's legacy provider "
                          "(legacy.so), which has those, is not installed");
}

Answer<crypto::PrivateKey> usable_key(EVP_PKEY* key, const std::string& what) {
  Result<crypto::PrivateKey> usable = crypto::PrivateKey::adopt(key);
  if (!usable) {
    ERR_clear_error();
    return failed(ERROR_NOT_SUPPORTED,
                  what +
                      ": TLS uses RSA keys of 1024 to 16384 bits, ECDSA keys on P-256, P-384 or "
                      "P-521, and Ed25519 keys; this is another");
  }
  return std::move(*usable);
}

Answer<crypto::PrivateKey> key_from_der(Bytes der, const std::string& what) {
  const unsigned char* at = der.data();
  const KeyPtr key(d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(der.size())));
  if (!key) {
    ERR_clear_error();
    return failed(CRYPT_E_BAD_ENCODE, what + ": no private key can be decoded from it");
  }
  return usable_key(key.get(), what);
}

Answer<crypto::PrivateKey> key_from_encrypted(const X509_SIG* encrypted, const Password& password,
                                              const std::string& what) {
  const X509_ALGOR* algorithm = nullptr;
  X509_SIG_get0(encrypted, &algorithm, nullptr);
  if (!has_bearable_iterations(algorithm)) {
    return failed(CRYPT_E_BAD_ENCODE, what + ": the encryption has senseless parameters");
  }
  ERR_clear_error();
  const Pkcs8Ptr info(PKCS8_decrypt_ex(encrypted, password ? password->data() : nullptr,
                                       password ? static_cast<int>(password->size()) : 0,
                                       import_library().context, nullptr));
  if (!info) return decryption_failed(what);
  const KeyPtr key(EVP_PKCS82PKEY(info.get()));
  if (!key) {
    ERR_clear_error();
    return failed(CRYPT_E_BAD_ENCODE, what + ": what was encrypted is no private key");
  }
  return usable_key(key.get(), what);
}

}  // namespace schannel::pki
