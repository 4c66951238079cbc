#include <openschannel/schannel.h>

#include <algorithm>
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

SECURITY_STATUS query(const Credential& credential, SecPkgCred_SessionTicketKeys& out) {
  // CACHE-12: which keys there are, not what they are.
  if (!credential.server_sessions) return SEC_E_UNSUPPORTED_FUNCTION;
  const auto& keys = credential.server_sessions->given_keys();
  std::vector<SecPkgCred_SessionTicketKey> shown(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    shown[i].TicketInfoVersion = SESSION_TICKET_INFO_VERSION;
    std::copy(keys[i].id.begin(), keys[i].id.end(), shown[i].KeyId);
    shown[i].KeyingMaterialSize = static_cast<BYTE>(keys[i].material.size());
  }
  out = {static_cast<DWORD>(shown.size()), nullptr};
  if (shown.empty()) return SEC_E_OK;
  const std::size_t bytes = shown.size() * sizeof shown[0];
  void* block = allocate_context_buffer(bytes);
  std::memcpy(block, shown.data(), bytes);
  out.pSessionTicketKeys = static_cast<PSecPkgCred_SessionTicketKey>(block);
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

SECURITY_STATUS set(Credential& credential, const SecPkgCred_SessionTicketKeys& value) {
  const auto refuse = [](const char* why) {
    set_error_detail(why);
    return SEC_E_INVALID_PARAMETER;
  };
  if (!credential.server_sessions) {
    set_error_detail("only a server credential that resumes sessions has ticket keys (CACHE-12)");
    return SEC_E_UNSUPPORTED_FUNCTION;
  }
  if (value.cSessionTicketKeys == 0 || value.cSessionTicketKeys > kTicketKeyCountMax ||
      value.pSessionTicketKeys == nullptr) {
    return refuse("there must be 1 to 16 session ticket keys (CACHE-12)");
  }
  std::vector<TicketKey> keys(value.cSessionTicketKeys);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const SecPkgCred_SessionTicketKey& from = value.pSessionTicketKeys[i];
    if (from.TicketInfoVersion != SESSION_TICKET_INFO_VERSION) {
      return refuse("TicketInfoVersion must be SESSION_TICKET_INFO_VERSION (CACHE-12)");
    }
    if (from.KeyingMaterialSize < kTicketKeyBytesMin ||
        from.KeyingMaterialSize > kTicketKeyBytesMax) {
      return refuse("KeyingMaterialSize must be from 32 to 64 bytes (CACHE-12)");
    }
    std::copy(std::begin(from.KeyId), std::end(from.KeyId), keys[i].id.begin());
    keys[i].material = Secret(Bytes(from.KeyingMaterial, from.KeyingMaterialSize));
    for (std::size_t other = 0; other < i; ++other) {
      if (keys[other].id == keys[i].id) return refuse("two keys have the same KeyId (CACHE-12)");
    }
  }
  credential.server_sessions =
      std::make_shared<ServerSessions>(*credential.server_sessions, std::move(keys));
  credential.config.sessions = credential.server_sessions;
  return SEC_E_OK;
}

SECURITY_STATUS set(Credential& credential, const OPENSCHANNEL_MAPPING_RULES& value) {
  if (value.pszFile == nullptr) {
    set_error_detail("pszFile is NULL");
    return SEC_E_INVALID_PARAMETER;
  }
  return use_mapping_rules(credential, value.pszFile, SEC_E_INVALID_PARAMETER);
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
    case SECPKG_ATTR_SESSION_TICKET_KEYS:
      return sizeof(SecPkgCred_SessionTicketKeys);
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
    case SECPKG_ATTR_SESSION_TICKET_KEYS:
      return query_as<SecPkgCred_SessionTicketKeys>(credential, out);
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
    case SECPKG_ATTR_SESSION_TICKET_KEYS:
      return set_as<SecPkgCred_SessionTicketKeys>(credential, value, size);
    case OPENSCHANNEL_CRED_ATTR_MAPPING_RULES:
      return set_as<OPENSCHANNEL_MAPPING_RULES>(credential, value, size);
    default:
      set_error_detail("no such attribute can be set on a TLS credential (ATTR-56)");
      return SEC_E_UNSUPPORTED_FUNCTION;
  }
}

}  // namespace schannel::package
