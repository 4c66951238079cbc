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
