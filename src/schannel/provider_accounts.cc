#include <algorithm>

#include "base/error_detail.h"
#include "schannel/context_buffer.h"
#include "schannel/impersonation.h"
#include "schannel/provider.h"
#include "schannel/provider_tables.h"
#include "schannel/token.h"

// The functions about the account behind a client (contract section G).
namespace schannel::package {
namespace {

/// SEC_E_OK with the account of the client, or the status of MAP-6, MAP-7 and MAP-11.
SECURITY_STATUS find_account(const CtxtHandle* handle, SharedAccount& out) {
  const auto context = contexts().enter(handle, Gate::control);
  if (!context) return invalid_context_handle();
  const char* obstacle = nullptr;
  if (!context->is_server()) {
    obstacle = "only a server maps its peer to an account (MAP-11)";
  } else if (!context->is_established()) {
    obstacle = "the handshake is not complete (MAP-11)";
  }
  out = obstacle == nullptr ? context->account() : nullptr;
  if (out) return SEC_E_OK;
  set_error_detail(obstacle == nullptr ? context->why_no_account() : obstacle);
  return SEC_E_NO_IMPERSONATION;
}

}  // namespace

SECURITY_STATUS query_security_context_token(const CtxtHandle* handle, void** token) {
  SharedAccount account;
  if (const SECURITY_STATUS status = find_account(handle, account); status != SEC_E_OK) {
    return status;
  }
  if (token == nullptr) {
    set_error_detail("Token is NULL");
    return SEC_E_INVALID_PARAMETER;
  }
  *token = open_token(std::move(account));
  return SEC_E_OK;
}

SECURITY_STATUS impersonate_security_context(const CtxtHandle* handle) {
  SharedAccount account;
  if (const SECURITY_STATUS status = find_account(handle, account); status != SEC_E_OK) {
    return status;
  }
  std::string why;
  if (impersonate(*handle, *account, why)) return SEC_E_OK;
  set_error_detail(std::move(why));
  return SEC_E_NO_IMPERSONATION;
}

SECURITY_STATUS revert_security_context(const CtxtHandle* handle) {
  // The way back must not depend on the context, which may be deleted by now.
  if (handle != nullptr) {
    const Reverted reverted = revert(*handle);
    if (reverted == Reverted::done) return SEC_E_OK;
    if (reverted == Reverted::other_context) {
      set_error_detail("the thread impersonates the client of another context");
      return SEC_E_INVALID_HANDLE;
    }
  }
  const auto context = contexts().enter(handle, Gate::control);
  if (!context) return invalid_context_handle();
  if (context->is_server()) return SEC_E_OK;  // MAP-8
  set_error_detail("only a server impersonates its peer (MAP-11)");
  return SEC_E_NO_IMPERSONATION;
}

SECURITY_STATUS query_token_account(HANDLE token, OPENSCHANNEL_ACCOUNT** account) {
  if (account == nullptr) {
    set_error_detail("ppAccount is NULL");
    return SEC_E_INVALID_PARAMETER;
  }
  const SharedAccount found = account_of(token);
  if (!found) {
    set_error_detail("the token is not (or no longer) valid");
    return SEC_E_INVALID_HANDLE;
  }
  const std::size_t groups_bytes = found->groups.size() * sizeof(DWORD);
  void* block =
      allocate_context_buffer(sizeof(OPENSCHANNEL_ACCOUNT) + groups_bytes + found->name.size() + 1);
  auto* out = static_cast<OPENSCHANNEL_ACCOUNT*>(block);
  void* behind = out + 1;
  out->dwUserId = found->uid;
  out->dwGroupId = found->gid;
  out->cGroupIds = static_cast<DWORD>(found->groups.size());
  out->pdwGroupIds = static_cast<DWORD*>(behind);
  void* text = std::copy(found->groups.begin(), found->groups.end(), out->pdwGroupIds);
  out->pszName = static_cast<char*>(text);
  *std::copy(found->name.begin(), found->name.end(), out->pszName) = 0;
  *account = out;
  return SEC_E_OK;
}

}  // namespace schannel::package
