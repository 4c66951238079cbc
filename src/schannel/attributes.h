#pragma once
#include "schannel/context.h"

// QueryContextAttributes and QueryCredentialsAttributes (contract section K).
namespace schannel::package {

/// The size of the structure that `attribute` fills; 0 for an attribute we do not have.
std::size_t context_attribute_bytes(ULONG attribute, bool wide);

/// Fills the structure of `attribute` at `out`, which has at least that size. Strings are wchar_t
/// when `wide`. SEC_E_UNSUPPORTED_FUNCTION for an attribute we do not have, SEC_E_INVALID_HANDLE
/// for one that comes with the end of the handshake (ATTR-2), SEC_E_NO_CREDENTIALS for a
/// certificate that was not given.
SECURITY_STATUS query_context(const Context& context, ULONG attribute, bool wide, void* out);

std::size_t credential_attribute_bytes(ULONG attribute);
SECURITY_STATUS query_credential(const Credential& credential, ULONG attribute, void* out);

}  // namespace schannel::package
