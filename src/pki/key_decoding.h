#pragma once
#include <optional>
#include <string>

#include "crypto/signature.h"
#include "pki/answer.h"
#include "pki/owned.h"

// Private keys out of the encodings that files have them in.
namespace schannel::pki {

/// A password as UTF-8; nothing stands for "no password", which is not the empty one.
using Password = std::optional<std::string>;

/// How often a password may be hashed. Files in use stay below a million; beyond this limit an
/// import would only seem to hang.
inline constexpr std::int64_t kIterationCountMax = 4'000'000;

/// A libcrypto of our own for what files are encrypted with. It has the legacy provider, where that
/// is installed, because RC2 and DES still protect PFX files; nothing else gets to use those.
struct ImportLibrary {
  OSSL_LIB_CTX* context;
  bool has_legacy;
};
const ImportLibrary& import_library();

/// True when the algorithm derives its key in a bearable number of steps.
bool has_bearable_iterations(const X509_ALGOR* algorithm);

/// The failure behind libcrypto's error queue, which is emptied, when something encrypted could not
/// be opened: ERROR_INVALID_PASSWORD, or ERROR_NOT_SUPPORTED for an algorithm that is not there.
LastError decryption_failed(const std::string& what);

/// ERROR_NOT_SUPPORTED for a key that TLS has no use for. Nothing is kept of `key`.
Answer<crypto::PrivateKey> usable_key(EVP_PKEY* key, const std::string& what);
/// An unencrypted PKCS#8, PKCS#1 or SEC 1 key; CRYPT_E_BAD_ENCODE.
Answer<crypto::PrivateKey> key_from_der(Bytes der, const std::string& what);
/// An encrypted PKCS#8 key; CRYPT_E_BAD_ENCODE, ERROR_INVALID_PASSWORD.
Answer<crypto::PrivateKey> key_from_encrypted(const X509_SIG* encrypted, const Password& password,
                                              const std::string& what);

}  // namespace schannel::pki
