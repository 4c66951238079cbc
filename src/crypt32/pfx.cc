#include <cstring>

#include "crypt32/barrier.h"
#include "crypt32/password.h"
#include "pki/import.h"
#include "pki/references.h"

using namespace schannel;           // NOLINT(google-build-using-namespace)
using namespace schannel::crypt32;  // NOLINT(google-build-using-namespace)
using pki::Answer;
using pki::failed;

namespace {

Answer<Bytes> bytes_of(const CRYPT_DATA_BLOB* blob) {
  if (!blob || !blob->pbData) return failed(E_INVALIDARG, "no PFX data");
  return pki::view_of(*blob);
}

}  // namespace

HCERTSTORE WINAPI PFXImportCertStore(CRYPT_DATA_BLOB* pPFX, LPCWSTR szPassword, DWORD /*dwFlags*/) {
  return guarded<HCERTSTORE>(nullptr, [&]() -> Answer<HCERTSTORE> {
    TRY(const Bytes pfx, bytes_of(pPFX));
    TRY(const Utf8Password password, Utf8Password::of(szPassword));
    TRY(auto store, pki::import_pfx(pfx, password.value()));
    return pki::give_handle(store);
  });
}

BOOL WINAPI PFXIsPFXBlob(CRYPT_DATA_BLOB* pPFX) {
  return guarded<BOOL>(FALSE, [&]() -> Answer<BOOL> {
    TRY(const Bytes pfx, bytes_of(pPFX));
    return pki::is_pfx(pfx) ? TRUE : FALSE;
  });
}

BOOL WINAPI PFXVerifyPassword(CRYPT_DATA_BLOB* pPFX, LPCWSTR szPassword, DWORD /*dwFlags*/) {
  return guarded<BOOL>(FALSE, [&]() -> Answer<BOOL> {
    TRY(const Bytes pfx, bytes_of(pPFX));
    TRY(const Utf8Password password, Utf8Password::of(szPassword));
    CHECK_OK(pki::verify_pfx_password(pfx, password.value()));
    return TRUE;
  });
}

BOOL WINAPI PFXExportCertStoreEx(HCERTSTORE hStore, CRYPT_DATA_BLOB* pPFX, LPCWSTR szPassword,
                                 void* pvPara, DWORD dwFlags) {
  return guarded<BOOL>(FALSE, [&]() -> Answer<BOOL> {
    const auto store = pki::store_of(hStore);
    if (!store || !pPFX) return failed(E_INVALIDARG, "no open store, or no pPFX");
    if (pvPara || (dwFlags & PKCS12_PROTECT_TO_DOMAIN_SIDS) != 0) {
      return failed(ERROR_NOT_SUPPORTED, "a PFX file is protected by a password alone here");
    }
    TRY(const Utf8Password password, Utf8Password::of(szPassword));
    const pki::PfxExport how{.with_keys = (dwFlags & EXPORT_PRIVATE_KEYS) != 0,
                             .must_have_keys = (dwFlags & REPORT_NO_PRIVATE_KEY) != 0};
    TRY(const Buffer pfx, pki::export_pfx(*store, password.value(), how));
    const auto size = static_cast<DWORD>(pfx.size());
    if (pPFX->pbData) {
      // The encryption begins with fresh salt each time: the size is the same, the bytes are not.
      if (pPFX->cbData < size) {
        pPFX->cbData = size;
        return failed(ERROR_MORE_DATA, "the buffer is too small");
      }
      std::memcpy(pPFX->pbData, pfx.data(), size);
    }
    pPFX->cbData = size;
    return TRUE;
  });
}

BOOL WINAPI PFXExportCertStore(HCERTSTORE hStore, CRYPT_DATA_BLOB* pPFX, LPCWSTR szPassword,
                               DWORD dwFlags) {
  return PFXExportCertStoreEx(hStore, pPFX, szPassword, nullptr, dwFlags);
}
