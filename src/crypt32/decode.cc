#include <algorithm>
#include <cstring>
#include <ctime>
#include <string_view>

#include "base/result.h"
#include "crypt32/barrier.h"
#include "pki/decode_object.h"
#include "pki/properties.h"
#include "pki/references.h"
#include "pki/usages.h"

// Looking into certificates: decoding, extensions, usages, dates, hashes (contract CERT-64 and
// following).
namespace schannel::crypt32 {
namespace {

using pki::Answer;
using pki::failed;
using pki::Held;

BOOL hand_out(const pki::ObjectLayout& object, DWORD flags, void* out, DWORD* size) {
  return guarded<BOOL>(FALSE, [&]() -> Answer<BOOL> {
    const auto needed = static_cast<DWORD>(object.size());
    if ((flags & CRYPT_DECODE_ALLOC_FLAG) != 0) {
      if (!out) return failed(E_INVALIDARG, "CRYPT_DECODE_ALLOC_FLAG needs pvStructInfo");
      void* memory = LocalAlloc(0, needed);
      if (!memory) throw std::bad_alloc();
      object.write(memory);
      *static_cast<void**>(out) = memory;
    } else if (out) {
      if (*size < needed) {
        *size = needed;
        return failed(ERROR_MORE_DATA, "the buffer is too small");
      }
      object.write(out);
    }
    *size = needed;
    return TRUE;
  });
}

bool is_hash_named(LPCWSTR name, std::wstring_view wanted) {
  const std::wstring_view given(name);
  return given.size() == wanted.size() &&
         std::equal(given.begin(), given.end(), wanted.begin(), [](wchar_t a, wchar_t b) {
           return a == b || (a >= L'a' && a <= L'z' && a - 32 == b);
         });
}

BOOL hash(const char* algorithm, const BYTE* bytes, DWORD size, BYTE* out, DWORD* out_size) {
  return guarded<BOOL>(FALSE, [&]() -> Answer<BOOL> {
    if (!out_size || (!bytes && size != 0)) return failed(E_INVALIDARG, "a pointer is NULL");
    if (!algorithm) return failed(NTE_BAD_ALGID, "there is no such hash function here");
    const Buffer digest = pki::digest_of(algorithm, {bytes, size});
    if (digest.empty()) return failed(NTE_BAD_ALGID, "the system's policy forbids this hash");
    const auto needed = static_cast<DWORD>(digest.size());
    if (out && *out_size < needed) {
      *out_size = needed;
      return failed(ERROR_MORE_DATA, "the buffer is too small");
    }
    if (out) std::memcpy(out, digest.data(), needed);
    *out_size = needed;
    return TRUE;
  });
}

}  // namespace
}  // namespace schannel::crypt32

using namespace schannel;           // NOLINT(google-build-using-namespace)
using namespace schannel::crypt32;  // NOLINT(google-build-using-namespace)

BOOL WINAPI CryptDecodeObjectEx(DWORD dwCertEncodingType, LPCSTR lpszStructType,
                                const BYTE* pbEncoded, DWORD cbEncoded, DWORD dwFlags,
                                PCRYPT_DECODE_PARA pDecodePara, void* pvStructInfo,
                                DWORD* pcbStructInfo) {
  return guarded<BOOL>(FALSE, [&]() -> Answer<BOOL> {
    if (!is_x509(dwCertEncodingType) || !pbEncoded || !pcbStructInfo) {
      return failed(E_INVALIDARG, "no encoding by X.509, or a pointer is NULL");
    }
    if ((dwFlags & CRYPT_DECODE_TO_BE_SIGNED_FLAG) != 0 ||
        (pDecodePara && (pDecodePara->pfnAlloc || pDecodePara->pfnFree))) {
      return failed(ERROR_NOT_SUPPORTED,
                    "neither CRYPT_DECODE_TO_BE_SIGNED_FLAG nor other allocators are here");
    }
    TRY(const pki::ObjectLayout object, pki::decode_object(lpszStructType, {pbEncoded, cbEncoded}));
    if (!hand_out(object, dwFlags, pvStructInfo, pcbStructInfo)) {
      return pki::LastError{GetLastError()};
    }
    return TRUE;
  });
}

BOOL WINAPI CryptDecodeObject(DWORD dwCertEncodingType, LPCSTR lpszStructType,
                              const BYTE* pbEncoded, DWORD cbEncoded, DWORD dwFlags,
                              void* pvStructInfo, DWORD* pcbStructInfo) {
  return CryptDecodeObjectEx(dwCertEncodingType, lpszStructType, pbEncoded, cbEncoded,
                             dwFlags & ~DWORD{CRYPT_DECODE_ALLOC_FLAG}, nullptr, pvStructInfo,
                             pcbStructInfo);
}

PCERT_EXTENSION WINAPI CertFindExtension(LPCSTR pszObjId, DWORD cExtensions,
                                         CERT_EXTENSION rgExtensions[]) {
  if (!pszObjId || (!rgExtensions && cExtensions != 0)) {
    SetLastError(static_cast<DWORD>(E_INVALIDARG));
    return nullptr;
  }
  for (DWORD i = 0; i < cExtensions; ++i) {
    if (std::string_view(pszObjId) == rgExtensions[i].pszObjId) return &rgExtensions[i];
  }
  return nullptr;
}

BOOL WINAPI CertGetIntendedKeyUsage(DWORD dwCertEncodingType, PCERT_INFO pCertInfo,
                                    BYTE* pbKeyUsage, DWORD cbKeyUsage) {
  return guarded<BOOL>(FALSE, [&]() -> Answer<BOOL> {
    if (!is_x509(dwCertEncodingType) || !pCertInfo || !pbKeyUsage) {
      return failed(E_INVALIDARG, "no encoding by X.509, or a pointer is NULL");
    }
    std::fill(pbKeyUsage, pbKeyUsage + cbKeyUsage, BYTE{0});
    const CERT_EXTENSION* extension =
        CertFindExtension(szOID_KEY_USAGE, pCertInfo->cExtension, pCertInfo->rgExtension);
    // No restriction is told by FALSE and no error.
    if (!extension) return failed(0);
    TRY(const pki::ObjectLayout object,
        pki::decode_object(szOID_KEY_USAGE, pki::view_of(extension->Value)));
    alignas(8) BYTE memory[64];
    if (object.size() > sizeof memory) return failed(CRYPT_E_BAD_ENCODE, "a strange key usage");
    object.write(memory);
    CRYPT_BIT_BLOB bits;
    std::memcpy(&bits, memory, sizeof bits);
    if (bits.cbData == 0) return failed(0);
    std::copy_n(bits.pbData, std::min(bits.cbData, cbKeyUsage), pbKeyUsage);
    return TRUE;
  });
}

BOOL WINAPI CertGetEnhancedKeyUsage(PCCERT_CONTEXT pCertContext, DWORD dwFlags,
                                    PCERT_ENHKEY_USAGE pUsage, DWORD* pcbUsage) {
  return guarded<BOOL>(FALSE, [&]() -> Answer<BOOL> {
    const Held held = pki::held_by(pCertContext);
    if (!held || !pcbUsage) return failed(E_INVALIDARG, "no certificate context, or no pcbUsage");
    TRY(const auto found, pki::usages_of(*held.certificate, dwFlags));
    if (!hand_out(found.layout, 0, pUsage, pcbUsage)) return pki::LastError{GetLastError()};
    // An empty list is good for everything when the certificate says nothing, else for nothing.
    SetLastError(found.is_restricted ? 0 : static_cast<DWORD>(CRYPT_E_NOT_FOUND));
    return TRUE;
  });
}

LONG WINAPI CertVerifyTimeValidity(LPFILETIME pTimeToVerify, PCERT_INFO pCertInfo) {
  const auto ticks = [](const FILETIME& time) {
    return static_cast<std::uint64_t>(time.dwHighDateTime) << 32 | time.dwLowDateTime;
  };
  constexpr std::uint64_t kTicksPerSecond = 10'000'000;
  constexpr std::uint64_t kSeconds1601To1970 = 11'644'473'600;
  const std::uint64_t now =
      pTimeToVerify
          ? ticks(*pTimeToVerify)
          : (static_cast<std::uint64_t>(std::time(nullptr)) + kSeconds1601To1970) * kTicksPerSecond;
  if (now < ticks(pCertInfo->NotBefore)) return -1;
  return now > ticks(pCertInfo->NotAfter) ? 1 : 0;
}

BOOL WINAPI CryptHashCertificate(HCRYPTPROV_LEGACY /*hCryptProv*/, ALG_ID Algid, DWORD /*dwFlags*/,
                                 const BYTE* pbEncoded, DWORD cbEncoded, BYTE* pbComputedHash,
                                 DWORD* pcbComputedHash) {
  const char* name = Algid == 0 || Algid == CALG_SHA1 ? "SHA1"
                     : Algid == CALG_MD5              ? "MD5"
                     : Algid == CALG_SHA_256          ? "SHA256"
                     : Algid == CALG_SHA_384          ? "SHA384"
                     : Algid == CALG_SHA_512          ? "SHA512"
                                                      : nullptr;
  return hash(name, pbEncoded, cbEncoded, pbComputedHash, pcbComputedHash);
}

BOOL WINAPI CryptHashCertificate2(LPCWSTR pwszCNGHashAlgid, DWORD /*dwFlags*/, void* /*pvReserved*/,
                                  const BYTE* pbEncoded, DWORD cbEncoded, BYTE* pbComputedHash,
                                  DWORD* pcbComputedHash) {
  const char* name = nullptr;
  if (pwszCNGHashAlgid) {
    if (is_hash_named(pwszCNGHashAlgid, L"SHA1")) name = "SHA1";
    if (is_hash_named(pwszCNGHashAlgid, L"MD5")) name = "MD5";
    if (is_hash_named(pwszCNGHashAlgid, L"SHA256")) name = "SHA256";
    if (is_hash_named(pwszCNGHashAlgid, L"SHA384")) name = "SHA384";
    if (is_hash_named(pwszCNGHashAlgid, L"SHA512")) name = "SHA512";
  }
  return hash(name, pbEncoded, cbEncoded, pbComputedHash, pcbComputedHash);
}
