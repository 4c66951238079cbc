#include "schannel/provider.h"

#include "base/error_detail.h"
#include "schannel/attributes.h"
#include "schannel/context_buffer.h"
#include "schannel/handle_table.h"
#include "schannel/packed_context.h"
#include "schannel/provider_tables.h"

namespace schannel::package {
namespace {

struct CredentialEntry {
  std::shared_ptr<const Credential> credential;
};

HandleTable<CredentialEntry>& credentials() {
  // Never destroyed: a caller's thread may outlive the process's static objects.
  static auto& table = *new HandleTable<CredentialEntry>(HandleKind::credential);
  return table;
}

std::shared_ptr<const Credential> find_credential(const CredHandle* handle) {
  const auto entry = credentials().enter(handle, Gate::control);
  return entry ? entry->credential : nullptr;
}

SECURITY_STATUS invalid_handle(const char* which) {
  set_error_detail(which);
  return SEC_E_INVALID_HANDLE;
}

constexpr char kBadContext[] = "the context handle is not (or no longer) valid";
constexpr char kBadCredential[] = "the credential handle is not (or no longer) valid";

/// NULL, {0,0} and {-1,-1} all mean that there is no context yet.
bool is_first_call(const CtxtHandle* handle) {
  if (handle == nullptr) return true;
  const auto all_ones = ~ULONG_PTR{0};
  return (handle->dwLower == 0 && handle->dwUpper == 0) ||
         (handle->dwLower == all_ones && handle->dwUpper == all_ones);
}

void invalidate(CtxtHandle* handle) {
  if (handle != nullptr) *handle = {~ULONG_PTR{0}, ~ULONG_PTR{0}};
}

HandshakeCall to_handshake_call(const LoopCall& call,
                                std::shared_ptr<const Credential> credential) {
  return {.requested = call.requested,
          .input = Buffers(call.input),
          .output = Buffers(call.output),
          .credential = std::move(credential),
          .attributes = call.attributes,
          .expiry = call.expiry};
}

/// A leg that must make the context. Nothing stays behind when it fails (contract R-13).
SECURITY_STATUS first_leg(const LoopCall& call, tls::Role role, std::string target) {
  std::shared_ptr<const Credential> credential = find_credential(call.credential);
  if (!credential) {
    // ASC-30; the client's page names the handle (ISC-47).
    set_error_detail(kBadCredential);
    return role == tls::Role::server && call.credential == nullptr ? SEC_E_NO_CREDENTIALS
                                                                   : SEC_E_INVALID_HANDLE;
  }
  if (credential->role != role) {
    set_error_detail("the credential is for the other direction (Q-38)");
    return SEC_E_NO_CREDENTIALS;
  }
  // MS-style servers retry with the handle variable in phContext only.
  auto* where =
      call.new_context != nullptr ? call.new_context : const_cast<CtxtHandle*>(call.context);
  if (where == nullptr || call.output == nullptr) {
    set_error_detail("phNewContext and pOutput are needed on the first call");
    return where == nullptr ? SEC_E_INVALID_HANDLE : SEC_E_INVALID_TOKEN;
  }
  auto context = std::make_unique<Context>(std::move(credential), std::move(target));
  const SECURITY_STATUS status = context->handshake(to_handshake_call(call, nullptr));
  if (status < 0) {
    invalidate(where);
    return status;
  }
  *where = contexts().insert(std::move(context));
  return status;
}

SECURITY_STATUS later_leg(const LoopCall& call) {
  std::shared_ptr<const Credential> credential;
  if (call.credential != nullptr) {
    credential = find_credential(call.credential);
    if (!credential) return invalid_handle(kBadCredential);
  }
  const auto context = contexts().enter_all(call.context);
  if (!context) return invalid_handle(kBadContext);
  const SECURITY_STATUS status = context->handshake(to_handshake_call(call, std::move(credential)));
  // the same handle again, where the caller wants it.
  if (call.new_context != nullptr && status != SEC_E_INCOMPLETE_MESSAGE) {
    *call.new_context = *call.context;
  }
  return status;
}

}  // namespace

HandleTable<Context>& contexts() {
  static auto& table = *new HandleTable<Context>(HandleKind::context);
  return table;
}

SECURITY_STATUS invalid_context_handle() { return invalid_handle(kBadContext); }

SECURITY_STATUS acquire_credentials_handle(ULONG use, const void* auth_data, CredHandle* handle,
                                           TimeStamp* expiry) {
  AcquireResult acquired = acquire_credential(use, auth_data);
  if (const auto* status = std::get_if<SECURITY_STATUS>(&acquired)) return *status;
  auto& credential = std::get<std::unique_ptr<Credential>>(acquired);
  const TimeStamp expires = credential->expiry;
  auto entry = std::make_unique<CredentialEntry>();
  entry->credential = std::move(credential);
  *handle = credentials().insert(std::move(entry));
  if (expiry != nullptr) *expiry = expires;
  return SEC_E_OK;
}

SECURITY_STATUS free_credentials_handle(const CredHandle* handle) {
  const bool freed = credentials().erase(handle) == HandleState::live;
  return freed ? SEC_E_OK : invalid_handle(kBadCredential);
}

SECURITY_STATUS query_credentials_attributes(const CredHandle* handle, ULONG attribute, void* out,
                                             const ULONG* out_size) {
  const auto credential = find_credential(handle);
  if (!credential) return invalid_handle(kBadCredential);
  const std::size_t needed = credential_attribute_bytes(attribute);
  if (needed == 0) return SEC_E_UNSUPPORTED_FUNCTION;
  if (out == nullptr) return SEC_E_INTERNAL_ERROR;
  if (out_size != nullptr && *out_size < needed) return SEC_E_BUFFER_TOO_SMALL;
  return query_credential(*credential, attribute, out);
}

SECURITY_STATUS set_credentials_attributes(const CredHandle* handle, ULONG attribute,
                                           const void* value, ULONG size) {
  const auto entry = credentials().enter(handle, Gate::control);
  if (!entry) return invalid_handle(kBadCredential);
  // Contexts that exist keep what they were made with (ATTR-57).
  auto changed = std::make_shared<Credential>(*entry->credential);
  const SECURITY_STATUS status = set_credential(*changed, attribute, value, size);
  if (status == SEC_E_OK) entry->credential = std::move(changed);
  return status;
}

SECURITY_STATUS initialize_security_context(const LoopCall& call, std::string target) {
  if ((call.requested & (ISC_REQ_DELEGATE | ISC_REQ_PROMPT_FOR_CREDS)) != 0) {
    set_error_detail("ISC_REQ_DELEGATE and ISC_REQ_PROMPT_FOR_CREDS do not exist for TLS (ISC-22)");
    return SEC_E_UNSUPPORTED_FUNCTION;
  }
  if ((call.requested & ISC_REQ_DATAGRAM) != 0) {
    set_error_detail("DTLS is not built");
    return SEC_E_UNSUPPORTED_FUNCTION;
  }
  if (is_first_call(call.context)) {
    return first_leg(call, tls::Role::client, std::move(target));
  }
  return later_leg(call);
}

SECURITY_STATUS accept_security_context(const LoopCall& call) {
  if ((call.requested & ASC_REQ_DELEGATE) != 0) {
    set_error_detail("ASC_REQ_DELEGATE does not exist for TLS (ASC-11)");
    return SEC_E_UNSUPPORTED_FUNCTION;
  }
  if ((call.requested & ASC_REQ_DATAGRAM) != 0) {
    set_error_detail("DTLS is not built");
    return SEC_E_UNSUPPORTED_FUNCTION;
  }
  if (is_first_call(call.context)) return first_leg(call, tls::Role::server, {});
  return later_leg(call);
}

SECURITY_STATUS delete_security_context(const CtxtHandle* handle) {
  // HND-10: deleting again is no mistake.
  return contexts().erase(handle) == HandleState::unknown ? invalid_handle(kBadContext) : SEC_E_OK;
}

SECURITY_STATUS apply_control_token(const CtxtHandle* handle, SecBufferDesc* input) {
  const auto context = contexts().enter_all(handle);
  if (!context) return invalid_handle(kBadContext);
  if (input == nullptr) return SEC_E_INTERNAL_ERROR;
  const Buffers buffers(input);
  return buffers.is_valid() ? context->apply_control_token(buffers) : SEC_E_INVALID_TOKEN;
}

SECURITY_STATUS encrypt_message(const CtxtHandle* handle, ULONG qop, SecBufferDesc* message) {
  const auto context = contexts().enter(handle, Gate::write);
  return context ? context->encrypt(qop, message) : invalid_handle(kBadContext);
}

SECURITY_STATUS decrypt_message(const CtxtHandle* handle, SecBufferDesc* message) {
  {
    const auto context = contexts().enter(handle, Gate::read);
    if (!context) return invalid_handle(kBadContext);
    const SECURITY_STATUS status = context->decrypt(message);
    if (!context->absorb_is_due()) return status;
  }
  // The thread that encrypts may be at work in between: nothing that is absorbed concerns it.
  const auto context = contexts().enter_all(handle);
  return context ? context->absorb() : invalid_handle(kBadContext);
}

SECURITY_STATUS query_context_attributes(const CtxtHandle* handle, ULONG attribute, bool wide,
                                         void* out, const ULONG* out_size) {
  const auto context = contexts().enter(handle, Gate::control);
  if (!context) return invalid_handle(kBadContext);
  const std::size_t needed = context_attribute_bytes(attribute);
  if (needed == 0) return SEC_E_UNSUPPORTED_FUNCTION;
  if (out == nullptr) return SEC_E_INVALID_PARAMETER;
  if (out_size != nullptr && *out_size < needed) return SEC_E_BUFFER_TOO_SMALL;
  return query_context(*context, attribute, wide, out);
}

SECURITY_STATUS set_context_attributes(const CtxtHandle* handle, ULONG attribute, const void* value,
                                       ULONG size) {
  const auto context = contexts().enter(handle, Gate::control);
  return context ? set_context(*context, attribute, value, size) : invalid_handle(kBadContext);
}

SECURITY_STATUS export_security_context(const CtxtHandle* handle, ULONG flags, Bytes key,
                                        SecBuffer* packed) {
  {
    const auto context = contexts().enter_all(handle);
    if (!context) return invalid_handle(kBadContext);
    if (packed == nullptr) {
      set_error_detail("pPackedContext is NULL");
      return SEC_E_INVALID_PARAMETER;
    }
    if ((flags & ~ULONG{SECPKG_CONTEXT_EXPORT_DELETE_OLD}) != 0) {
      set_error_detail("a TLS connection can't be reset, and there is no kernel to export it to");
      return SEC_E_UNSUPPORTED_FUNCTION;
    }
    if (const SECURITY_STATUS status = context->movable(); status != SEC_E_OK) return status;
    Buffer image = context->image();
    Buffer sealed;
    const SECURITY_STATUS status = pack_image(image, key, sealed);
    wipe(image);
    if (status != SEC_E_OK) return status;
    packed->pvBuffer = copy_to_context_buffer(sealed);
    packed->cbBuffer = static_cast<ULONG>(sealed.size());
    context->retire();
  }
  return (flags & SECPKG_CONTEXT_EXPORT_DELETE_OLD) != 0 ? delete_security_context(handle)
                                                         : SEC_E_OK;
}

SECURITY_STATUS import_security_context(const SecBuffer* packed, Bytes key, CtxtHandle* handle) {
  if (handle == nullptr) {
    set_error_detail("phContext is NULL");
    return SEC_E_INVALID_HANDLE;
  }
  invalidate(handle);
  if (packed == nullptr || packed->pvBuffer == nullptr) {
    set_error_detail("pPackedContext is NULL or empty");
    return SEC_E_INVALID_PARAMETER;
  }
  Buffer image;
  const Bytes bytes(static_cast<const std::uint8_t*>(packed->pvBuffer), packed->cbBuffer);
  if (const SECURITY_STATUS status = unpack_image(bytes, key, image); status != SEC_E_OK) {
    return status;
  }
  std::unique_ptr<Context> context = Context::of_image(image);
  wipe(image);
  if (!context) {
    set_error_detail("the exported context is of another release");
    return SEC_E_UNKNOWN_CREDENTIALS;
  }
  *handle = contexts().insert(std::move(context));
  return SEC_E_OK;
}

SECURITY_STATUS unsupported_on_context(const CtxtHandle* handle) {
  const auto context = contexts().enter(handle, Gate::control);
  return context ? SEC_E_UNSUPPORTED_FUNCTION : invalid_handle(kBadContext);
}

SECURITY_STATUS unsupported_on_credential(const CredHandle* handle) {
  return find_credential(handle) ? SEC_E_UNSUPPORTED_FUNCTION : invalid_handle(kBadCredential);
}

}  // namespace schannel::package
