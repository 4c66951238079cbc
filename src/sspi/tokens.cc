#include <openschannel/extensions.h>
#include <openschannel/sspi.h>

#include "schannel/provider.h"
#include "schannel/token.h"
#include "sspi/barrier.h"

// The account behind a client. The contract is in <openschannel/sspi.h>, and for what a token holds
// in <openschannel/extensions.h>.
namespace {

using namespace schannel;  // NOLINT(google-build-using-namespace): this file is one layer's face
using sspi::answer;

}  // namespace

extern "C" {

SECURITY_STATUS SEC_ENTRY QuerySecurityContextToken(PCtxtHandle phContext, void** Token) {
  if (Token != nullptr) *Token = nullptr;
  return answer([&] { return package::query_security_context_token(phContext, Token); });
}

SECURITY_STATUS SEC_ENTRY ImpersonateSecurityContext(PCtxtHandle phContext) {
  return answer([&] { return package::impersonate_security_context(phContext); });
}

SECURITY_STATUS SEC_ENTRY RevertSecurityContext(PCtxtHandle phContext) {
  return answer([&] { return package::revert_security_context(phContext); });
}

SECURITY_STATUS SEC_ENTRY OpenSchannelQueryTokenAccount(HANDLE hToken,
                                                        OPENSCHANNEL_ACCOUNT** ppAccount) {
  if (ppAccount != nullptr) *ppAccount = nullptr;
  return answer([&] { return package::query_token_account(hToken, ppAccount); });
}

BOOL WINAPI CloseHandle(HANDLE hObject) {
  if (package::close_token(hObject)) return TRUE;
  SetLastError(ERROR_INVALID_HANDLE);
  return FALSE;
}

}  // extern "C"
