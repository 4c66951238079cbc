#include <openschannel/sspi.h>

#include "schannel/package.h"
#include "schannel/provider.h"
#include "sspi/barrier.h"
#include "sspi/text.h"

// The functions on credential handles. Their contract is in <openschannel/sspi.h>.
namespace {

using namespace schannel;  // NOLINT(google-build-using-namespace): this file is one layer's face
using sspi::answer;

/// CRED-1, CRED-4: principal, logon id and key function mean nothing to TLS.
template <class Char>
SECURITY_STATUS acquire(const Char* package_name, ULONG use, void* auth_data,
                        PCredHandle credential, PTimeStamp expiry) {
  return answer([&] {
    std::string name;
    if (package_name == nullptr || !sspi::to_utf8(package_name, name) ||
        !package::is_package_name(name)) {
      set_error_detail("no such security package; use UNISP_NAME (CRED-2)");
      return SEC_E_SECPKG_NOT_FOUND;
    }
    if (credential == nullptr) {
      set_error_detail("phCredential is NULL");
      return SEC_E_INVALID_PARAMETER;
    }
    return package::acquire_credentials_handle(use, auth_data, credential, expiry);
  });
}

SECURITY_STATUS query(PCredHandle credential, ULONG attribute, void* buffer, const ULONG* size) {
  return answer(
      [&] { return package::query_credentials_attributes(credential, attribute, buffer, size); });
}

SECURITY_STATUS set(PCredHandle credential, ULONG attribute, const void* buffer, ULONG size) {
  return answer(
      [&] { return package::set_credentials_attributes(credential, attribute, buffer, size); });
}

SECURITY_STATUS unsupported(const CredHandle* credential) {
  return answer([&] { return package::unsupported_on_credential(credential); });
}

}  // namespace

extern "C" {

SECURITY_STATUS SEC_ENTRY AcquireCredentialsHandleA(const SEC_CHAR*, const SEC_CHAR* pszPackage,
                                                    ULONG fCredentialUse, void*, void* pAuthData,
                                                    SEC_GET_KEY_FN, void*, PCredHandle phCredential,
                                                    PTimeStamp ptsExpiry) {
  return acquire(pszPackage, fCredentialUse, pAuthData, phCredential, ptsExpiry);
}

SECURITY_STATUS SEC_ENTRY AcquireCredentialsHandleW(const SEC_WCHAR*, const SEC_WCHAR* pszPackage,
                                                    ULONG fCredentialUse, void*, void* pAuthData,
                                                    SEC_GET_KEY_FN, void*, PCredHandle phCredential,
                                                    PTimeStamp ptsExpiry) {
  return acquire(pszPackage, fCredentialUse, pAuthData, phCredential, ptsExpiry);
}

SECURITY_STATUS SEC_ENTRY FreeCredentialsHandle(PCredHandle phCredential) {
  return answer([&] { return package::free_credentials_handle(phCredential); });
}

SECURITY_STATUS SEC_ENTRY QueryCredentialsAttributesA(PCredHandle phCredential, ULONG ulAttribute,
                                                      void* pBuffer) {
  return query(phCredential, ulAttribute, pBuffer, nullptr);
}

SECURITY_STATUS SEC_ENTRY QueryCredentialsAttributesW(PCredHandle phCredential, ULONG ulAttribute,
                                                      void* pBuffer) {
  return query(phCredential, ulAttribute, pBuffer, nullptr);
}

SECURITY_STATUS SEC_ENTRY QueryCredentialsAttributesExA(PCredHandle phCredential, ULONG ulAttribute,
                                                        void* pBuffer, ULONG cbBuffer) {
  return query(phCredential, ulAttribute, pBuffer, &cbBuffer);
}

SECURITY_STATUS SEC_ENTRY QueryCredentialsAttributesExW(PCredHandle phCredential, ULONG ulAttribute,
                                                        void* pBuffer, ULONG cbBuffer) {
  return query(phCredential, ulAttribute, pBuffer, &cbBuffer);
}

SECURITY_STATUS SEC_ENTRY SetCredentialsAttributesA(PCredHandle phCredential, ULONG ulAttribute,
                                                    void* pBuffer, ULONG cbBuffer) {
  return set(phCredential, ulAttribute, pBuffer, cbBuffer);
}

SECURITY_STATUS SEC_ENTRY SetCredentialsAttributesW(PCredHandle phCredential, ULONG ulAttribute,
                                                    void* pBuffer, ULONG cbBuffer) {
  return set(phCredential, ulAttribute, pBuffer, cbBuffer);
}

SECURITY_STATUS SEC_ENTRY AddCredentialsA(PCredHandle hCredentials, const SEC_CHAR*,
                                          const SEC_CHAR*, ULONG, void*, SEC_GET_KEY_FN, void*,
                                          PTimeStamp) {
  return unsupported(hCredentials);
}

SECURITY_STATUS SEC_ENTRY AddCredentialsW(PCredHandle hCredentials, const SEC_WCHAR*,
                                          const SEC_WCHAR*, ULONG, void*, SEC_GET_KEY_FN, void*,
                                          PTimeStamp) {
  return unsupported(hCredentials);
}

}  // extern "C"
