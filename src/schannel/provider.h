#pragma once
#include <openschannel/extensions.h>
#include <openschannel/sspi.h>

#include <string>

#include "base/bytes.h"

// The functions of the package on handles: what src/sspi calls once it has checked pointers and
// converted strings. Every status is that of the public function of the same name.
namespace schannel::package {

SECURITY_STATUS acquire_credentials_handle(ULONG use, const void* auth_data, CredHandle* handle,
                                           TimeStamp* expiry);
SECURITY_STATUS free_credentials_handle(const CredHandle* handle);
SECURITY_STATUS query_credentials_attributes(const CredHandle* handle, ULONG attribute, void* out,
                                             const ULONG* out_size);

/// Changes the credential for contexts made from now on (ATTR-57).
SECURITY_STATUS set_credentials_attributes(const CredHandle* handle, ULONG attribute,
                                           const void* value, ULONG size);

/// The arguments that both loop functions share.
struct LoopCall {
  const CredHandle* credential;
  const CtxtHandle* context;
  ULONG requested;
  SecBufferDesc* input;
  CtxtHandle* new_context;
  SecBufferDesc* output;
  ULONG* attributes;
  TimeStamp* expiry;
};
/// `target` is UTF-8; empty: none.
SECURITY_STATUS initialize_security_context(const LoopCall& call, std::string target);
SECURITY_STATUS accept_security_context(const LoopCall& call);

SECURITY_STATUS delete_security_context(const CtxtHandle* handle);
SECURITY_STATUS apply_control_token(const CtxtHandle* handle, SecBufferDesc* input);
SECURITY_STATUS encrypt_message(const CtxtHandle* handle, ULONG qop, SecBufferDesc* message);
SECURITY_STATUS decrypt_message(const CtxtHandle* handle, SecBufferDesc* message);
/// `out_size` null: the caller promises enough room.
SECURITY_STATUS query_context_attributes(const CtxtHandle* handle, ULONG attribute, bool wide,
                                         void* out, const ULONG* out_size);
SECURITY_STATUS set_context_attributes(const CtxtHandle* handle, ULONG attribute, const void* value,
                                       ULONG size);
/// `key` empty: ExportSecurityContext; else OpenSchannelExportSecurityContext.
SECURITY_STATUS export_security_context(const CtxtHandle* handle, ULONG flags, Bytes key,
                                        SecBuffer* packed);
SECURITY_STATUS import_security_context(const SecBuffer* packed, Bytes key, CtxtHandle* handle);
/// The account behind the client of a server's context (contract section G).
SECURITY_STATUS query_security_context_token(const CtxtHandle* handle, void** token);
SECURITY_STATUS impersonate_security_context(const CtxtHandle* handle);
SECURITY_STATUS revert_security_context(const CtxtHandle* handle);
/// `account` becomes one block for FreeContextBuffer.
SECURITY_STATUS query_token_account(HANDLE token, OPENSCHANNEL_ACCOUNT** account);
/// SEC_E_INVALID_HANDLE, or SEC_E_UNSUPPORTED_FUNCTION for a live context: for functions that do
/// not exist here and still tell a bad handle.
SECURITY_STATUS unsupported_on_context(const CtxtHandle* handle);
SECURITY_STATUS unsupported_on_credential(const CredHandle* handle);

}  // namespace schannel::package
