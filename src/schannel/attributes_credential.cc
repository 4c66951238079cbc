#include <openschannel/schannel.h>

#include <cstring>

#include "base/error_detail.h"
#include "schannel/algorithms.h"
#include "schannel/attributes.h"
#include "schannel/context_buffer.h"

// The attributes of credentials (contract K.5).
namespace schannel::package {
namespace {

SECURITY_STATUS query(const Credential&, SecPkgCred_SupportedAlgs& out) {
  // ATTR-52: all there are, whatever the credential.
  static constexpr ALG_ID kAlgorithms[] = {CALG_AES_128, CALG_AES_256, CALG_SHA_256,
                                           CALG_SHA_384, CALG_SHA_512, CALG_ECDH_EPHEM,
                                           CALG_ECDSA,   CALG_RSA_SIGN};
  void* block = allocate_context_buffer(sizeof kAlgorithms);
  std::memcpy(block, kAlgorithms, sizeof kAlgorithms);
  out = {static_cast<DWORD>(std::size(kAlgorithms)), static_cast<ALG_ID*>(block)};
  return SEC_E_OK;
}

SECURITY_STATUS query(const Credential& credential, SecPkgCred_CipherStrengths& out) {
  // ATTR-53: without bounds of the caller's, those of the suites we have.
  out = {credential.minimum_strength_bits, credential.maximum_strength_bits};
  if (out.dwMinimumCipherStrength == 0) out.dwMinimumCipherStrength = 128;
  if (out.dwMaximumCipherStrength == 0) out.dwMaximumCipherStrength = 256;
  return SEC_E_OK;
}

SECURITY_STATUS query(const Credential& credential, SecPkgCred_SupportedProtocols& out) {
  out.grbitProtocol = credential.protocols;
  return SEC_E_OK;
}

template <class T>
SECURITY_STATUS query_as(const Credential& credential, void* out) {
  return query(credential, *static_cast<T*>(out));
}

// ATTR-56: what is set narrows the credential; nothing that was taken away comes back.

SECURITY_STATUS set(Credential& credential, const SecPkgCred_SupportedAlgs& value) {
  if (value.cSupportedAlgs > SCH_CRED_MAX_SUPPORTED_ALGS ||
      (value.cSupportedAlgs != 0 && value.palgSupportedAlgs == nullptr)) {
    set_error_detail("cSupportedAlgs is above the limit, or palgSupportedAlgs is NULL (CRED-15)");
    return SEC_E_INVALID_PARAMETER;
  }
  restrict_to(value.palgSupportedAlgs, value.cSupportedAlgs, credential.config);
  return enable_protocols(credential, 0);
}

SECURITY_STATUS set(Credential& credential, const SecPkgCred_CipherStrengths& value) {
  restrict_strength(value.dwMinimumCipherStrength, value.dwMaximumCipherStrength,
                    credential.config);
  credential.minimum_strength_bits = value.dwMinimumCipherStrength;
  credential.maximum_strength_bits = value.dwMaximumCipherStrength;
  return enable_protocols(credential, 0);
}

SECURITY_STATUS set(Credential& credential, const SecPkgCred_SupportedProtocols& value) {
  return enable_protocols(credential, value.grbitProtocol);
}

template <class T>
SECURITY_STATUS set_as(Credential& credential, const void* value, std::size_t size) {
  if (value == nullptr || size != sizeof(T)) {
    set_error_detail("cbBuffer is not the size of the attribute's structure");
    return SEC_E_INVALID_PARAMETER;
  }
  return set(credential, *static_cast<const T*>(value));
}

}  // namespace

std::size_t credential_attribute_bytes(ULONG attribute) {
  switch (attribute) {
    case SECPKG_CRED_ATTR_NAMES:
      return sizeof(void*);
    case SECPKG_ATTR_SUPPORTED_ALGS:
      return sizeof(SecPkgCred_SupportedAlgs);
    case SECPKG_ATTR_CIPHER_STRENGTHS:
      return sizeof(SecPkgCred_CipherStrengths);
    case SECPKG_ATTR_SUPPORTED_PROTOCOLS:
      return sizeof(SecPkgCred_SupportedProtocols);
    default:
      return 0;
  }
}

SECURITY_STATUS query_credential(const Credential& credential, ULONG attribute, void* out) {
  switch (attribute) {
    case SECPKG_CRED_ATTR_NAMES:
      return SEC_E_NO_CREDENTIALS;  // a TLS credential names no user
    case SECPKG_ATTR_SUPPORTED_ALGS:
      return query_as<SecPkgCred_SupportedAlgs>(credential, out);
    case SECPKG_ATTR_CIPHER_STRENGTHS:
      return query_as<SecPkgCred_CipherStrengths>(credential, out);
    case SECPKG_ATTR_SUPPORTED_PROTOCOLS:
      return query_as<SecPkgCred_SupportedProtocols>(credential, out);
    default:
      return SEC_E_UNSUPPORTED_FUNCTION;
  }
}

SECURITY_STATUS set_credential(Credential& credential, ULONG attribute, const void* value,
                               std::size_t size) {
  switch (attribute) {
    case SECPKG_ATTR_SUPPORTED_ALGS:
      return set_as<SecPkgCred_SupportedAlgs>(credential, value, size);
    case SECPKG_ATTR_CIPHER_STRENGTHS:
      return set_as<SecPkgCred_CipherStrengths>(credential, value, size);
    case SECPKG_ATTR_SUPPORTED_PROTOCOLS:
      return set_as<SecPkgCred_SupportedProtocols>(credential, value, size);
    default:
      set_error_detail("no such attribute can be set on a TLS credential (ATTR-56)");
      return SEC_E_UNSUPPORTED_FUNCTION;
  }
}

}  // namespace schannel::package
