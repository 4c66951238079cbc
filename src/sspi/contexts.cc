#include <openschannel/sspi.h>

#include "schannel/context_buffer.h"
#include "schannel/provider.h"
#include "sspi/barrier.h"
#include "sspi/text.h"

// The functions on context handles. Their contract is in <openschannel/sspi.h>.
namespace {

using namespace schannel;  // NOLINT(google-build-using-namespace): this file is one layer's face
using sspi::answer;
using sspi::guarded;

template <class Char>
SECURITY_STATUS initialize(const package::LoopCall& call, const Char* target_name) {
  return answer([&] {
    std::string target;
    if (!sspi::to_utf8(target_name, target)) {
      set_error_detail("pszTargetName holds what is no character");
      return SEC_E_TARGET_UNKNOWN;
    }
    return package::initialize_security_context(call, std::move(target));
  });
}

SECURITY_STATUS query(PCtxtHandle context, ULONG attribute, bool wide, void* buffer,
                      const ULONG* size) {
  return answer(
      [&] { return package::query_context_attributes(context, attribute, wide, buffer, size); });
}

SECURITY_STATUS set(PCtxtHandle context, ULONG attribute, const void* buffer, ULONG size) {
  return answer([&] { return package::set_context_attributes(context, attribute, buffer, size); });
}

SECURITY_STATUS unsupported(const CtxtHandle* context) {
  return answer([&] { return package::unsupported_on_context(context); });
}

}  // namespace

extern "C" {

SECURITY_STATUS SEC_ENTRY InitializeSecurityContextA(
    PCredHandle phCredential, PCtxtHandle phContext, const SEC_CHAR* pszTargetName,
    ULONG fContextReq, ULONG, ULONG, PSecBufferDesc pInput, ULONG, PCtxtHandle phNewContext,
    PSecBufferDesc pOutput, ULONG* pfContextAttr, PTimeStamp ptsExpiry) {
  return initialize({phCredential, phContext, fContextReq, pInput, phNewContext, pOutput,
                     pfContextAttr, ptsExpiry},
                    pszTargetName);
}

SECURITY_STATUS SEC_ENTRY InitializeSecurityContextW(
    PCredHandle phCredential, PCtxtHandle phContext, const SEC_WCHAR* pszTargetName,
    ULONG fContextReq, ULONG, ULONG, PSecBufferDesc pInput, ULONG, PCtxtHandle phNewContext,
    PSecBufferDesc pOutput, ULONG* pfContextAttr, PTimeStamp ptsExpiry) {
  return initialize({phCredential, phContext, fContextReq, pInput, phNewContext, pOutput,
                     pfContextAttr, ptsExpiry},
                    pszTargetName);
}

SECURITY_STATUS SEC_ENTRY AcceptSecurityContext(PCredHandle phCredential, PCtxtHandle phContext,
                                                PSecBufferDesc pInput, ULONG fContextReq, ULONG,
                                                PCtxtHandle phNewContext, PSecBufferDesc pOutput,
                                                ULONG* pfContextAttr, PTimeStamp ptsExpiry) {
  return answer([&] {
    return package::accept_security_context({phCredential, phContext, fContextReq, pInput,
                                             phNewContext, pOutput, pfContextAttr, ptsExpiry});
  });
}

SECURITY_STATUS SEC_ENTRY ApplyControlToken(PCtxtHandle phContext, PSecBufferDesc pInput) {
  return answer([&] { return package::apply_control_token(phContext, pInput); });
}

SECURITY_STATUS SEC_ENTRY DeleteSecurityContext(PCtxtHandle phContext) {
  return answer([&] { return package::delete_security_context(phContext); });
}

SECURITY_STATUS SEC_ENTRY FreeContextBuffer(void* pvContextBuffer) {
  return guarded([&] {
    return package::free_context_buffer(pvContextBuffer) ? SEC_E_OK : SEC_E_INVALID_HANDLE;
  });
}

SECURITY_STATUS SEC_ENTRY EncryptMessage(PCtxtHandle phContext, ULONG fQOP, PSecBufferDesc pMessage,
                                         ULONG) {
  return guarded([&] { return package::encrypt_message(phContext, fQOP, pMessage); });
}

SECURITY_STATUS SEC_ENTRY DecryptMessage(PCtxtHandle phContext, PSecBufferDesc pMessage, ULONG,
                                         ULONG* pfQOP) {
  if (pfQOP != nullptr) *pfQOP = 0;
  return guarded([&] { return package::decrypt_message(phContext, pMessage); });
}

SECURITY_STATUS SEC_ENTRY QueryContextAttributesA(PCtxtHandle phContext, ULONG ulAttribute,
                                                  void* pBuffer) {
  return query(phContext, ulAttribute, /*wide=*/false, pBuffer, nullptr);
}

SECURITY_STATUS SEC_ENTRY QueryContextAttributesW(PCtxtHandle phContext, ULONG ulAttribute,
                                                  void* pBuffer) {
  return query(phContext, ulAttribute, /*wide=*/true, pBuffer, nullptr);
}

SECURITY_STATUS SEC_ENTRY QueryContextAttributesExA(PCtxtHandle phContext, ULONG ulAttribute,
                                                    void* pBuffer, ULONG cbBuffer) {
  return query(phContext, ulAttribute, /*wide=*/false, pBuffer, &cbBuffer);
}

SECURITY_STATUS SEC_ENTRY QueryContextAttributesExW(PCtxtHandle phContext, ULONG ulAttribute,
                                                    void* pBuffer, ULONG cbBuffer) {
  return query(phContext, ulAttribute, /*wide=*/true, pBuffer, &cbBuffer);
}

SECURITY_STATUS SEC_ENTRY SetContextAttributesA(PCtxtHandle phContext, ULONG ulAttribute,
                                                void* pBuffer, ULONG cbBuffer) {
  return set(phContext, ulAttribute, pBuffer, cbBuffer);
}

SECURITY_STATUS SEC_ENTRY SetContextAttributesW(PCtxtHandle phContext, ULONG ulAttribute,
                                                void* pBuffer, ULONG cbBuffer) {
  return set(phContext, ulAttribute, pBuffer, cbBuffer);
}

// --- Not built: they say so, after they have told a bad handle ---

SECURITY_STATUS SEC_ENTRY CompleteAuthToken(PCtxtHandle phContext, PSecBufferDesc) {
  return unsupported(phContext);
}
SECURITY_STATUS SEC_ENTRY MakeSignature(PCtxtHandle phContext, ULONG, PSecBufferDesc, ULONG) {
  return unsupported(phContext);
}
SECURITY_STATUS SEC_ENTRY VerifySignature(PCtxtHandle phContext, PSecBufferDesc, ULONG, ULONG*) {
  return unsupported(phContext);
}

}  // extern "C"
