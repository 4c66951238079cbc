#pragma once
#include "schannel/context.h"

// Query and Set of the attributes of contexts and credentials (contract section K). Which attribute
// can be had when is a table that a test makes: docs/attributes.md.
namespace schannel::package {

/// The size of the structure that `attribute` fills; 0 for an attribute we do not have.
std::size_t context_attribute_bytes(ULONG attribute);

/// Fills the structure of `attribute` at `out`, which has at least that size. Strings are wchar_t
/// when `wide`. SEC_E_UNSUPPORTED_FUNCTION for an attribute we do not have, SEC_E_INVALID_HANDLE
/// for one that comes with the end of the handshake (ATTR-2), SEC_E_NO_CREDENTIALS for a
/// certificate that was not given.
SECURITY_STATUS query_context(const Context& context, ULONG attribute, bool wide, void* out);

/// SetContextAttributes (ATTR-6): SEC_E_UNSUPPORTED_FUNCTION for what can't be set,
/// SEC_E_INVALID_PARAMETER for another size or a value that has no meaning.
SECURITY_STATUS set_context(Context& context, ULONG attribute, const void* value, std::size_t size);

std::size_t credential_attribute_bytes(ULONG attribute);
SECURITY_STATUS query_credential(const Credential& credential, ULONG attribute, void* out);

/// SetCredentialsAttributes (ATTR-56): narrows `credential`, which nobody shares yet. On failure it
/// is not to be used.
SECURITY_STATUS set_credential(Credential& credential, ULONG attribute, const void* value,
                               std::size_t size);

}  // namespace schannel::package
