#include <openschannel/ncrypt.h>

#include <cstring>
#include <cwchar>

#include "base/result.h"
#include "crypt32/barrier.h"
#include "pki/key_handles.h"
#include "pki/references.h"

// The private key of a certificate as a handle that can sign (contract CERT-60 to CERT-62).
namespace schannel::crypt32 {
namespace {

using pki::Answer;
using pki::failed;
using pki::Held;

const char* digest_named(LPCWSTR name) {
  struct Row {
    const wchar_t* name;
    const char* digest;
  };
  static constexpr Row kRows[] = {{BCRYPT_SHA1_ALGORITHM, "SHA1"},
                                  {BCRYPT_SHA256_ALGORITHM, "SHA256"},
                                  {BCRYPT_SHA384_ALGORITHM, "SHA384"},
                                  {BCRYPT_SHA512_ALGORITHM, "SHA512"}};
  if (!name) return "";
  for (const Row& row : kRows) {
    if (std::wcscmp(name, row.name) == 0) return row.digest;
  }
  return "";
}

/// False: the flags ask for both, or there is no padding to go with them.
bool read_padding(DWORD flags, const void* info, pki::HashSigning& out) {
  const DWORD padding = flags & (BCRYPT_PAD_PKCS1 | BCRYPT_PAD_PSS);
  if (padding == 0) return true;
  if (!info || padding == (BCRYPT_PAD_PKCS1 | BCRYPT_PAD_PSS)) return false;
  if (padding == BCRYPT_PAD_PKCS1) {
    out.padding = pki::Padding::pkcs1;
    out.digest = digest_named(static_cast<const BCRYPT_PKCS1_PADDING_INFO*>(info)->pszAlgId);
    return true;
  }
  const auto& pss = *static_cast<const BCRYPT_PSS_PADDING_INFO*>(info);
  constexpr ULONG kSaltBytesMax = 0xFFFF;
  if (pss.cbSalt > kSaltBytesMax) return false;
  out.padding = pki::Padding::pss;
  out.digest = digest_named(pss.pszAlgId);
  out.salt_bytes = static_cast<int>(pss.cbSalt);
  return true;
}

}  // namespace
}  // namespace schannel::crypt32

using namespace schannel;           // NOLINT(google-build-using-namespace)
using namespace schannel::crypt32;  // NOLINT(google-build-using-namespace)

BOOL WINAPI
CryptAcquireCertificatePrivateKey(PCCERT_CONTEXT pCert, DWORD dwFlags, void* /*pvParameters*/,
                                  HCRYPTPROV_OR_NCRYPT_KEY_HANDLE* phCryptProvOrNCryptKey,
                                  DWORD* pdwKeySpec, BOOL* pfCallerFreeProvOrNCryptKey) {
  if (pfCallerFreeProvOrNCryptKey) *pfCallerFreeProvOrNCryptKey = FALSE;
  return guarded<BOOL>(FALSE, [&]() -> Answer<BOOL> {
    const Held held = pki::held_by(pCert);
    if (!held || !phCryptProvOrNCryptKey) {
      return failed(E_INVALIDARG, "no certificate context, or nowhere to put the key");
    }
    if ((dwFlags & CRYPT_ACQUIRE_NCRYPT_KEY_FLAGS_MASK) == 0) {
      return failed(CRYPT_E_NO_KEY_PROPERTY,
                    "keys are CNG keys here: pass CRYPT_ACQUIRE_ALLOW_NCRYPT_KEY_FLAG");
    }
    if ((dwFlags & CRYPT_ACQUIRE_CACHE_FLAG) != 0) {
      return failed(ERROR_NOT_SUPPORTED, "a key handle belongs to its caller here: no CACHE_FLAG");
    }
    const std::optional<crypto::PrivateKey> key = held.certificate->key();
    if (!key) return failed(CRYPT_E_NO_KEY_PROPERTY, "the certificate has no private key");
    if (!key->matches_certificate(held.certificate->decoded().der())) {
      return failed(NTE_BAD_PUBLIC_KEY, "the key is not that of the certificate");
    }
    *phCryptProvOrNCryptKey = pki::give_key(*key);
    if (pdwKeySpec) *pdwKeySpec = CERT_NCRYPT_KEY_SPEC;
    if (pfCallerFreeProvOrNCryptKey) *pfCallerFreeProvOrNCryptKey = TRUE;
    return TRUE;
  });
}

SECURITY_STATUS WINAPI NCryptSignHash(NCRYPT_KEY_HANDLE hKey, void* pPaddingInfo, BYTE* pbHashValue,
                                      DWORD cbHashValue, BYTE* pbSignature, DWORD cbSignature,
                                      DWORD* pcbResult, DWORD dwFlags) {
  const BOOL done = guarded<BOOL>(FALSE, [&]() -> Answer<BOOL> {
    const std::optional<crypto::PrivateKey> key = pki::key_of(hKey);
    if (!key) return failed(NTE_INVALID_HANDLE, "there is no such key");
    pki::HashSigning how;
    if (!pbHashValue || !pcbResult || !read_padding(dwFlags, pPaddingInfo, how)) {
      return failed(NTE_INVALID_PARAMETER, "no hash, no pcbResult, or a padding without its data");
    }
    const std::size_t size = pki::signature_bytes(*key);
    *pcbResult = static_cast<DWORD>(size);
    if (!pbSignature) return TRUE;
    if (cbSignature < size) return failed(NTE_BUFFER_TOO_SMALL, "the buffer is too small");
    TRY(const Buffer signature, pki::sign_hash(*key, {pbHashValue, cbHashValue}, how));
    std::memcpy(pbSignature, signature.data(), signature.size());
    *pcbResult = static_cast<DWORD>(signature.size());
    return TRUE;
  });
  return done ? SECURITY_STATUS{ERROR_SUCCESS} : static_cast<SECURITY_STATUS>(GetLastError());
}

SECURITY_STATUS WINAPI NCryptFreeObject(NCRYPT_HANDLE hObject) {
  return pki::take_back_key(hObject) ? SECURITY_STATUS{ERROR_SUCCESS} : NTE_INVALID_HANDLE;
}
