/* SSPI functions: credentials, security contexts, message protection, and the function table.
 *
 * Functions with two forms take UTF-8 strings (A) or wchar_t strings (W). Under the plain name they are
 * the W form when UNICODE is defined and the A form otherwise.
 *
 * Nothing here blocks on a socket: the caller carries tokens and records (contract, section A). Any
 * function may be called from any thread. One context is used by one call at a time, except that one
 * thread may be in EncryptMessage while another is in DecryptMessage.
 */
#pragma once

#include <openschannel/sspi_types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Package discovery ---- */

OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY EnumerateSecurityPackagesA(ULONG *pcPackages,
                                                                      PSecPkgInfoA *ppPackageInfo);
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY EnumerateSecurityPackagesW(ULONG *pcPackages,
                                                                      PSecPkgInfoW *ppPackageInfo);

OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY QuerySecurityPackageInfoA(const SEC_CHAR *pszPackageName,
                                                                     PSecPkgInfoA *ppPackageInfo);
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY QuerySecurityPackageInfoW(
                                                                     const SEC_WCHAR *pszPackageName,
                                                                     PSecPkgInfoW *ppPackageInfo);

/* ---- Credentials ---- */

OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY AcquireCredentialsHandleA(const SEC_CHAR *pszPrincipal,
                                                                     const SEC_CHAR *pszPackage,
                                                                     ULONG fCredentialUse,
                                                                     void *pvLogonId,
                                                                     void *pAuthData,
                                                                     SEC_GET_KEY_FN pGetKeyFn,
                                                                     void *pvGetKeyArgument,
                                                                     PCredHandle phCredential,
                                                                     PTimeStamp ptsExpiry);
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY AcquireCredentialsHandleW(const SEC_WCHAR *pszPrincipal,
                                                                     const SEC_WCHAR *pszPackage,
                                                                     ULONG fCredentialUse,
                                                                     void *pvLogonId,
                                                                     void *pAuthData,
                                                                     SEC_GET_KEY_FN pGetKeyFn,
                                                                     void *pvGetKeyArgument,
                                                                     PCredHandle phCredential,
                                                                     PTimeStamp ptsExpiry);

OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY FreeCredentialsHandle(PCredHandle phCredential);

OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY QueryCredentialsAttributesA(PCredHandle phCredential,
                                                                       ULONG ulAttribute,
                                                                       void *pBuffer);
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY QueryCredentialsAttributesW(PCredHandle phCredential,
                                                                       ULONG ulAttribute,
                                                                       void *pBuffer);

OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY QueryCredentialsAttributesExA(PCredHandle phCredential,
                                                                         ULONG ulAttribute,
                                                                         void *pBuffer,
                                                                         ULONG cbBuffer);
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY QueryCredentialsAttributesExW(PCredHandle phCredential,
                                                                         ULONG ulAttribute,
                                                                         void *pBuffer,
                                                                         ULONG cbBuffer);

OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY SetCredentialsAttributesA(PCredHandle phCredential,
                                                                     ULONG ulAttribute,
                                                                     void *pBuffer, ULONG cbBuffer);
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY SetCredentialsAttributesW(PCredHandle phCredential,
                                                                     ULONG ulAttribute,
                                                                     void *pBuffer, ULONG cbBuffer);

/* ---- Contexts ---- */

OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY InitializeSecurityContextA(PCredHandle phCredential,
                                                                      PCtxtHandle phContext,
                                                                      const SEC_CHAR *pszTargetName,
                                                                      ULONG fContextReq,
                                                                      ULONG Reserved1,
                                                                      ULONG TargetDataRep,
                                                                      PSecBufferDesc pInput,
                                                                      ULONG Reserved2,
                                                                      PCtxtHandle phNewContext,
                                                                      PSecBufferDesc pOutput,
                                                                      ULONG *pfContextAttr,
                                                                      PTimeStamp ptsExpiry);
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY InitializeSecurityContextW(PCredHandle phCredential,
                                                                      PCtxtHandle phContext,
                                                                      const SEC_WCHAR *pszTargetName,
                                                                      ULONG fContextReq,
                                                                      ULONG Reserved1,
                                                                      ULONG TargetDataRep,
                                                                      PSecBufferDesc pInput,
                                                                      ULONG Reserved2,
                                                                      PCtxtHandle phNewContext,
                                                                      PSecBufferDesc pOutput,
                                                                      ULONG *pfContextAttr,
                                                                      PTimeStamp ptsExpiry);

OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY AcceptSecurityContext(PCredHandle phCredential,
                                                                 PCtxtHandle phContext,
                                                                 PSecBufferDesc pInput,
                                                                 ULONG fContextReq,
                                                                 ULONG TargetDataRep,
                                                                 PCtxtHandle phNewContext,
                                                                 PSecBufferDesc pOutput,
                                                                 ULONG *pfContextAttr,
                                                                 PTimeStamp ptsExpiry);

OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY ApplyControlToken(PCtxtHandle phContext,
                                                             PSecBufferDesc pInput);

OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY DeleteSecurityContext(PCtxtHandle phContext);

OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY FreeContextBuffer(void *pvContextBuffer);

OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY QueryContextAttributesA(PCtxtHandle phContext,
                                                                   ULONG ulAttribute,
                                                                   void *pBuffer);
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY QueryContextAttributesW(PCtxtHandle phContext,
                                                                   ULONG ulAttribute,
                                                                   void *pBuffer);

OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY QueryContextAttributesExA(PCtxtHandle phContext,
                                                                     ULONG ulAttribute,
                                                                     void *pBuffer, ULONG cbBuffer);
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY QueryContextAttributesExW(PCtxtHandle phContext,
                                                                     ULONG ulAttribute,
                                                                     void *pBuffer, ULONG cbBuffer);

OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY SetContextAttributesA(PCtxtHandle phContext,
                                                                 ULONG ulAttribute, void *pBuffer,
                                                                 ULONG cbBuffer);
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY SetContextAttributesW(PCtxtHandle phContext,
                                                                 ULONG ulAttribute, void *pBuffer,
                                                                 ULONG cbBuffer);

/* ---- Messages ---- */

OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY EncryptMessage(PCtxtHandle phContext, ULONG fQOP,
                                                          PSecBufferDesc pMessage,
                                                          ULONG MessageSeqNo);

OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY DecryptMessage(PCtxtHandle phContext,
                                                          PSecBufferDesc pMessage,
                                                          ULONG MessageSeqNo, ULONG *pfQOP);

/* ---- Functions that Schannel does not have ---- */

OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY CompleteAuthToken(PCtxtHandle phContext,
                                                             PSecBufferDesc pToken);

OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY MakeSignature(PCtxtHandle phContext, ULONG fQOP,
                                                         PSecBufferDesc pMessage,
                                                         ULONG MessageSeqNo);

OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY VerifySignature(PCtxtHandle phContext,
                                                           PSecBufferDesc pMessage,
                                                           ULONG MessageSeqNo, ULONG *pfQOP);

OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY ImpersonateSecurityContext(PCtxtHandle phContext);

OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY RevertSecurityContext(PCtxtHandle phContext);

OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY QuerySecurityContextToken(PCtxtHandle phContext,
                                                                     void **Token);

OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY ExportSecurityContext(PCtxtHandle phContext,
                                                                 ULONG fFlags,
                                                                 PSecBuffer pPackedContext,
                                                                 void **pToken);

OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY ImportSecurityContextA(const SEC_CHAR *pszPackage,
                                                                  PSecBuffer pPackedContext,
                                                                  void *Token,
                                                                  PCtxtHandle phContext);
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY ImportSecurityContextW(const SEC_WCHAR *pszPackage,
                                                                  PSecBuffer pPackedContext,
                                                                  void *Token,
                                                                  PCtxtHandle phContext);

OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY AddCredentialsA(PCredHandle hCredentials,
                                                           const SEC_CHAR *pszPrincipal,
                                                           const SEC_CHAR *pszPackage,
                                                           ULONG fCredentialUse, void *pAuthData,
                                                           SEC_GET_KEY_FN pGetKeyFn,
                                                           void *pvGetKeyArgument,
                                                           PTimeStamp ptsExpiry);
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY AddCredentialsW(PCredHandle hCredentials,
                                                           const SEC_WCHAR *pszPrincipal,
                                                           const SEC_WCHAR *pszPackage,
                                                           ULONG fCredentialUse, void *pAuthData,
                                                           SEC_GET_KEY_FN pGetKeyFn,
                                                           void *pvGetKeyArgument,
                                                           PTimeStamp ptsExpiry);

OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY ChangeAccountPasswordA(const SEC_CHAR *pszPackageName,
                                                                  const SEC_CHAR *pszDomainName,
                                                                  const SEC_CHAR *pszAccountName,
                                                                  const SEC_CHAR *pszOldPassword,
                                                                  const SEC_CHAR *pszNewPassword,
                                                                  BOOLEAN bImpersonating,
                                                                  ULONG dwReserved,
                                                                  PSecBufferDesc pOutput);
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY ChangeAccountPasswordW(const SEC_WCHAR *pszPackageName,
                                                                  const SEC_WCHAR *pszDomainName,
                                                                  const SEC_WCHAR *pszAccountName,
                                                                  const SEC_WCHAR *pszOldPassword,
                                                                  const SEC_WCHAR *pszNewPassword,
                                                                  BOOLEAN bImpersonating,
                                                                  ULONG dwReserved,
                                                                  PSecBufferDesc pOutput);

/* ---- The function table ---- */

typedef SECURITY_STATUS(SEC_ENTRY *ENUMERATE_SECURITY_PACKAGES_FN_A)(ULONG *pcPackages,
                                                                     PSecPkgInfoA *ppPackageInfo);
typedef SECURITY_STATUS(SEC_ENTRY *ENUMERATE_SECURITY_PACKAGES_FN_W)(ULONG *pcPackages,
                                                                     PSecPkgInfoW *ppPackageInfo);
typedef SECURITY_STATUS(SEC_ENTRY *QUERY_CREDENTIALS_ATTRIBUTES_FN_A)(PCredHandle phCredential,
                                                                      ULONG ulAttribute,
                                                                      void *pBuffer);
typedef SECURITY_STATUS(SEC_ENTRY *QUERY_CREDENTIALS_ATTRIBUTES_FN_W)(PCredHandle phCredential,
                                                                      ULONG ulAttribute,
                                                                      void *pBuffer);
typedef SECURITY_STATUS(SEC_ENTRY *ACQUIRE_CREDENTIALS_HANDLE_FN_A)(const SEC_CHAR *pszPrincipal,
                                                                    const SEC_CHAR *pszPackage,
                                                                    ULONG fCredentialUse,
                                                                    void *pvLogonId,
                                                                    void *pAuthData,
                                                                    SEC_GET_KEY_FN pGetKeyFn,
                                                                    void *pvGetKeyArgument,
                                                                    PCredHandle phCredential,
                                                                    PTimeStamp ptsExpiry);
typedef SECURITY_STATUS(SEC_ENTRY *ACQUIRE_CREDENTIALS_HANDLE_FN_W)(const SEC_WCHAR *pszPrincipal,
                                                                    const SEC_WCHAR *pszPackage,
                                                                    ULONG fCredentialUse,
                                                                    void *pvLogonId,
                                                                    void *pAuthData,
                                                                    SEC_GET_KEY_FN pGetKeyFn,
                                                                    void *pvGetKeyArgument,
                                                                    PCredHandle phCredential,
                                                                    PTimeStamp ptsExpiry);
typedef SECURITY_STATUS(SEC_ENTRY *FREE_CREDENTIALS_HANDLE_FN)(PCredHandle phCredential);
typedef SECURITY_STATUS(SEC_ENTRY *INITIALIZE_SECURITY_CONTEXT_FN_A)(PCredHandle phCredential,
                                                                     PCtxtHandle phContext,
                                                                     const SEC_CHAR *pszTargetName,
                                                                     ULONG fContextReq,
                                                                     ULONG Reserved1,
                                                                     ULONG TargetDataRep,
                                                                     PSecBufferDesc pInput,
                                                                     ULONG Reserved2,
                                                                     PCtxtHandle phNewContext,
                                                                     PSecBufferDesc pOutput,
                                                                     ULONG *pfContextAttr,
                                                                     PTimeStamp ptsExpiry);
typedef SECURITY_STATUS(SEC_ENTRY *INITIALIZE_SECURITY_CONTEXT_FN_W)(PCredHandle phCredential,
                                                                     PCtxtHandle phContext,
                                                                     const SEC_WCHAR *pszTargetName,
                                                                     ULONG fContextReq,
                                                                     ULONG Reserved1,
                                                                     ULONG TargetDataRep,
                                                                     PSecBufferDesc pInput,
                                                                     ULONG Reserved2,
                                                                     PCtxtHandle phNewContext,
                                                                     PSecBufferDesc pOutput,
                                                                     ULONG *pfContextAttr,
                                                                     PTimeStamp ptsExpiry);
typedef SECURITY_STATUS(SEC_ENTRY *ACCEPT_SECURITY_CONTEXT_FN)(PCredHandle phCredential,
                                                               PCtxtHandle phContext,
                                                               PSecBufferDesc pInput,
                                                               ULONG fContextReq,
                                                               ULONG TargetDataRep,
                                                               PCtxtHandle phNewContext,
                                                               PSecBufferDesc pOutput,
                                                               ULONG *pfContextAttr,
                                                               PTimeStamp ptsExpiry);
typedef SECURITY_STATUS(SEC_ENTRY *COMPLETE_AUTH_TOKEN_FN)(PCtxtHandle phContext,
                                                           PSecBufferDesc pToken);
typedef SECURITY_STATUS(SEC_ENTRY *DELETE_SECURITY_CONTEXT_FN)(PCtxtHandle phContext);
typedef SECURITY_STATUS(SEC_ENTRY *APPLY_CONTROL_TOKEN_FN)(PCtxtHandle phContext,
                                                           PSecBufferDesc pInput);
typedef SECURITY_STATUS(SEC_ENTRY *QUERY_CONTEXT_ATTRIBUTES_FN_A)(PCtxtHandle phContext,
                                                                  ULONG ulAttribute, void *pBuffer);
typedef SECURITY_STATUS(SEC_ENTRY *QUERY_CONTEXT_ATTRIBUTES_FN_W)(PCtxtHandle phContext,
                                                                  ULONG ulAttribute, void *pBuffer);
typedef SECURITY_STATUS(SEC_ENTRY *IMPERSONATE_SECURITY_CONTEXT_FN)(PCtxtHandle phContext);
typedef SECURITY_STATUS(SEC_ENTRY *REVERT_SECURITY_CONTEXT_FN)(PCtxtHandle phContext);
typedef SECURITY_STATUS(SEC_ENTRY *MAKE_SIGNATURE_FN)(PCtxtHandle phContext, ULONG fQOP,
                                                      PSecBufferDesc pMessage, ULONG MessageSeqNo);
typedef SECURITY_STATUS(SEC_ENTRY *VERIFY_SIGNATURE_FN)(PCtxtHandle phContext,
                                                        PSecBufferDesc pMessage, ULONG MessageSeqNo,
                                                        ULONG *pfQOP);
typedef SECURITY_STATUS(SEC_ENTRY *FREE_CONTEXT_BUFFER_FN)(void *pvContextBuffer);
typedef SECURITY_STATUS(SEC_ENTRY *QUERY_SECURITY_PACKAGE_INFO_FN_A)(const SEC_CHAR *pszPackageName,
                                                                     PSecPkgInfoA *ppPackageInfo);
typedef SECURITY_STATUS(SEC_ENTRY *QUERY_SECURITY_PACKAGE_INFO_FN_W)(
                                                                     const SEC_WCHAR *pszPackageName,
                                                                     PSecPkgInfoW *ppPackageInfo);
typedef SECURITY_STATUS(SEC_ENTRY *EXPORT_SECURITY_CONTEXT_FN)(PCtxtHandle phContext, ULONG fFlags,
                                                               PSecBuffer pPackedContext,
                                                               void **pToken);
typedef SECURITY_STATUS(SEC_ENTRY *IMPORT_SECURITY_CONTEXT_FN_A)(const SEC_CHAR *pszPackage,
                                                                 PSecBuffer pPackedContext,
                                                                 void *Token,
                                                                 PCtxtHandle phContext);
typedef SECURITY_STATUS(SEC_ENTRY *IMPORT_SECURITY_CONTEXT_FN_W)(const SEC_WCHAR *pszPackage,
                                                                 PSecBuffer pPackedContext,
                                                                 void *Token,
                                                                 PCtxtHandle phContext);
typedef SECURITY_STATUS(SEC_ENTRY *ADD_CREDENTIALS_FN_A)(PCredHandle hCredentials,
                                                         const SEC_CHAR *pszPrincipal,
                                                         const SEC_CHAR *pszPackage,
                                                         ULONG fCredentialUse, void *pAuthData,
                                                         SEC_GET_KEY_FN pGetKeyFn,
                                                         void *pvGetKeyArgument,
                                                         PTimeStamp ptsExpiry);
typedef SECURITY_STATUS(SEC_ENTRY *ADD_CREDENTIALS_FN_W)(PCredHandle hCredentials,
                                                         const SEC_WCHAR *pszPrincipal,
                                                         const SEC_WCHAR *pszPackage,
                                                         ULONG fCredentialUse, void *pAuthData,
                                                         SEC_GET_KEY_FN pGetKeyFn,
                                                         void *pvGetKeyArgument,
                                                         PTimeStamp ptsExpiry);
typedef SECURITY_STATUS(SEC_ENTRY *QUERY_SECURITY_CONTEXT_TOKEN_FN)(PCtxtHandle phContext,
                                                                    void **Token);
typedef SECURITY_STATUS(SEC_ENTRY *ENCRYPT_MESSAGE_FN)(PCtxtHandle phContext, ULONG fQOP,
                                                       PSecBufferDesc pMessage, ULONG MessageSeqNo);
typedef SECURITY_STATUS(SEC_ENTRY *DECRYPT_MESSAGE_FN)(PCtxtHandle phContext,
                                                       PSecBufferDesc pMessage, ULONG MessageSeqNo,
                                                       ULONG *pfQOP);
typedef SECURITY_STATUS(SEC_ENTRY *SET_CONTEXT_ATTRIBUTES_FN_A)(PCtxtHandle phContext,
                                                                ULONG ulAttribute, void *pBuffer,
                                                                ULONG cbBuffer);
typedef SECURITY_STATUS(SEC_ENTRY *SET_CONTEXT_ATTRIBUTES_FN_W)(PCtxtHandle phContext,
                                                                ULONG ulAttribute, void *pBuffer,
                                                                ULONG cbBuffer);
typedef SECURITY_STATUS(SEC_ENTRY *SET_CREDENTIALS_ATTRIBUTES_FN_A)(PCredHandle phCredential,
                                                                    ULONG ulAttribute,
                                                                    void *pBuffer, ULONG cbBuffer);
typedef SECURITY_STATUS(SEC_ENTRY *SET_CREDENTIALS_ATTRIBUTES_FN_W)(PCredHandle phCredential,
                                                                    ULONG ulAttribute,
                                                                    void *pBuffer, ULONG cbBuffer);
typedef SECURITY_STATUS(SEC_ENTRY *CHANGE_PASSWORD_FN_A)(const SEC_CHAR *pszPackageName,
                                                         const SEC_CHAR *pszDomainName,
                                                         const SEC_CHAR *pszAccountName,
                                                         const SEC_CHAR *pszOldPassword,
                                                         const SEC_CHAR *pszNewPassword,
                                                         BOOLEAN bImpersonating, ULONG dwReserved,
                                                         PSecBufferDesc pOutput);
typedef SECURITY_STATUS(SEC_ENTRY *CHANGE_PASSWORD_FN_W)(const SEC_WCHAR *pszPackageName,
                                                         const SEC_WCHAR *pszDomainName,
                                                         const SEC_WCHAR *pszAccountName,
                                                         const SEC_WCHAR *pszOldPassword,
                                                         const SEC_WCHAR *pszNewPassword,
                                                         BOOLEAN bImpersonating, ULONG dwReserved,
                                                         PSecBufferDesc pOutput);
typedef SECURITY_STATUS(SEC_ENTRY *QUERY_CONTEXT_ATTRIBUTES_EX_FN_A)(PCtxtHandle phContext,
                                                                     ULONG ulAttribute,
                                                                     void *pBuffer, ULONG cbBuffer);
typedef SECURITY_STATUS(SEC_ENTRY *QUERY_CONTEXT_ATTRIBUTES_EX_FN_W)(PCtxtHandle phContext,
                                                                     ULONG ulAttribute,
                                                                     void *pBuffer, ULONG cbBuffer);
typedef SECURITY_STATUS(SEC_ENTRY *QUERY_CREDENTIALS_ATTRIBUTES_EX_FN_A)(PCredHandle phCredential,
                                                                         ULONG ulAttribute,
                                                                         void *pBuffer,
                                                                         ULONG cbBuffer);
typedef SECURITY_STATUS(SEC_ENTRY *QUERY_CREDENTIALS_ATTRIBUTES_EX_FN_W)(PCredHandle phCredential,
                                                                         ULONG ulAttribute,
                                                                         void *pBuffer,
                                                                         ULONG cbBuffer);

/* All functions of the package, in the order of the Windows SDK. dwVersion is
 * SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION_5; reserved members are NULL; no other member is. */
typedef struct _SECURITY_FUNCTION_TABLE_A {
  ULONG dwVersion;
  ENUMERATE_SECURITY_PACKAGES_FN_A EnumerateSecurityPackagesA;
  QUERY_CREDENTIALS_ATTRIBUTES_FN_A QueryCredentialsAttributesA;
  ACQUIRE_CREDENTIALS_HANDLE_FN_A AcquireCredentialsHandleA;
  FREE_CREDENTIALS_HANDLE_FN FreeCredentialsHandle;
  void *Reserved2;
  INITIALIZE_SECURITY_CONTEXT_FN_A InitializeSecurityContextA;
  ACCEPT_SECURITY_CONTEXT_FN AcceptSecurityContext;
  COMPLETE_AUTH_TOKEN_FN CompleteAuthToken;
  DELETE_SECURITY_CONTEXT_FN DeleteSecurityContext;
  APPLY_CONTROL_TOKEN_FN ApplyControlToken;
  QUERY_CONTEXT_ATTRIBUTES_FN_A QueryContextAttributesA;
  IMPERSONATE_SECURITY_CONTEXT_FN ImpersonateSecurityContext;
  REVERT_SECURITY_CONTEXT_FN RevertSecurityContext;
  MAKE_SIGNATURE_FN MakeSignature;
  VERIFY_SIGNATURE_FN VerifySignature;
  FREE_CONTEXT_BUFFER_FN FreeContextBuffer;
  QUERY_SECURITY_PACKAGE_INFO_FN_A QuerySecurityPackageInfoA;
  void *Reserved3;
  void *Reserved4;
  EXPORT_SECURITY_CONTEXT_FN ExportSecurityContext;
  IMPORT_SECURITY_CONTEXT_FN_A ImportSecurityContextA;
  ADD_CREDENTIALS_FN_A AddCredentialsA;
  void *Reserved8;
  QUERY_SECURITY_CONTEXT_TOKEN_FN QuerySecurityContextToken;
  ENCRYPT_MESSAGE_FN EncryptMessage;
  DECRYPT_MESSAGE_FN DecryptMessage;
  SET_CONTEXT_ATTRIBUTES_FN_A SetContextAttributesA;
  SET_CREDENTIALS_ATTRIBUTES_FN_A SetCredentialsAttributesA;
  CHANGE_PASSWORD_FN_A ChangeAccountPasswordA;
  QUERY_CONTEXT_ATTRIBUTES_EX_FN_A QueryContextAttributesExA;
  QUERY_CREDENTIALS_ATTRIBUTES_EX_FN_A QueryCredentialsAttributesExA;
} SecurityFunctionTableA, *PSecurityFunctionTableA;

typedef struct _SECURITY_FUNCTION_TABLE_W {
  ULONG dwVersion;
  ENUMERATE_SECURITY_PACKAGES_FN_W EnumerateSecurityPackagesW;
  QUERY_CREDENTIALS_ATTRIBUTES_FN_W QueryCredentialsAttributesW;
  ACQUIRE_CREDENTIALS_HANDLE_FN_W AcquireCredentialsHandleW;
  FREE_CREDENTIALS_HANDLE_FN FreeCredentialsHandle;
  void *Reserved2;
  INITIALIZE_SECURITY_CONTEXT_FN_W InitializeSecurityContextW;
  ACCEPT_SECURITY_CONTEXT_FN AcceptSecurityContext;
  COMPLETE_AUTH_TOKEN_FN CompleteAuthToken;
  DELETE_SECURITY_CONTEXT_FN DeleteSecurityContext;
  APPLY_CONTROL_TOKEN_FN ApplyControlToken;
  QUERY_CONTEXT_ATTRIBUTES_FN_W QueryContextAttributesW;
  IMPERSONATE_SECURITY_CONTEXT_FN ImpersonateSecurityContext;
  REVERT_SECURITY_CONTEXT_FN RevertSecurityContext;
  MAKE_SIGNATURE_FN MakeSignature;
  VERIFY_SIGNATURE_FN VerifySignature;
  FREE_CONTEXT_BUFFER_FN FreeContextBuffer;
  QUERY_SECURITY_PACKAGE_INFO_FN_W QuerySecurityPackageInfoW;
  void *Reserved3;
  void *Reserved4;
  EXPORT_SECURITY_CONTEXT_FN ExportSecurityContext;
  IMPORT_SECURITY_CONTEXT_FN_W ImportSecurityContextW;
  ADD_CREDENTIALS_FN_W AddCredentialsW;
  void *Reserved8;
  QUERY_SECURITY_CONTEXT_TOKEN_FN QuerySecurityContextToken;
  ENCRYPT_MESSAGE_FN EncryptMessage;
  DECRYPT_MESSAGE_FN DecryptMessage;
  SET_CONTEXT_ATTRIBUTES_FN_W SetContextAttributesW;
  SET_CREDENTIALS_ATTRIBUTES_FN_W SetCredentialsAttributesW;
  CHANGE_PASSWORD_FN_W ChangeAccountPasswordW;
  QUERY_CONTEXT_ATTRIBUTES_EX_FN_W QueryContextAttributesExW;
  QUERY_CREDENTIALS_ATTRIBUTES_EX_FN_W QueryCredentialsAttributesExW;
} SecurityFunctionTableW, *PSecurityFunctionTableW;

#define SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION 1
#define SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION_2 2
#define SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION_3 3
#define SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION_4 4
#define SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION_5 5

/* Names to look up with dlsym or GetProcAddress. */
#define SECURITY_ENTRYPOINTA "InitSecurityInterfaceA"
#define SECURITY_ENTRYPOINTW "InitSecurityInterfaceW"
#define SECURITY_ENTRYPOINT "InitSecurityInterfaceA"
#define SECURITY_ENTRYPOINT16     "INITSECURITYINTERFACEA"
#define SECURITY_ENTRYPOINT_ANSI  "InitSecurityInterfaceA"
#define SECURITY_ENTRYPOINT_ANSIA "InitSecurityInterfaceA"
#define SECURITY_ENTRYPOINT_ANSIW "InitSecurityInterfaceW"

OPENSCHANNEL_API PSecurityFunctionTableA SEC_ENTRY InitSecurityInterfaceA(void);
typedef PSecurityFunctionTableA(SEC_ENTRY *INIT_SECURITY_INTERFACE_A)(void);
OPENSCHANNEL_API PSecurityFunctionTableW SEC_ENTRY InitSecurityInterfaceW(void);
typedef PSecurityFunctionTableW(SEC_ENTRY *INIT_SECURITY_INTERFACE_W)(void);

/* Plain names. They are macros, so they rename the members of the function table too. */
#ifdef UNICODE
#define EnumerateSecurityPackages EnumerateSecurityPackagesW
#define ENUMERATE_SECURITY_PACKAGES_FN ENUMERATE_SECURITY_PACKAGES_FN_W
#define QueryCredentialsAttributes QueryCredentialsAttributesW
#define QUERY_CREDENTIALS_ATTRIBUTES_FN QUERY_CREDENTIALS_ATTRIBUTES_FN_W
#define AcquireCredentialsHandle AcquireCredentialsHandleW
#define ACQUIRE_CREDENTIALS_HANDLE_FN ACQUIRE_CREDENTIALS_HANDLE_FN_W
#define InitializeSecurityContext InitializeSecurityContextW
#define INITIALIZE_SECURITY_CONTEXT_FN INITIALIZE_SECURITY_CONTEXT_FN_W
#define QueryContextAttributes QueryContextAttributesW
#define QUERY_CONTEXT_ATTRIBUTES_FN QUERY_CONTEXT_ATTRIBUTES_FN_W
#define QuerySecurityPackageInfo QuerySecurityPackageInfoW
#define QUERY_SECURITY_PACKAGE_INFO_FN QUERY_SECURITY_PACKAGE_INFO_FN_W
#define ImportSecurityContext ImportSecurityContextW
#define IMPORT_SECURITY_CONTEXT_FN IMPORT_SECURITY_CONTEXT_FN_W
#define AddCredentials AddCredentialsW
#define ADD_CREDENTIALS_FN ADD_CREDENTIALS_FN_W
#define SetContextAttributes SetContextAttributesW
#define SET_CONTEXT_ATTRIBUTES_FN SET_CONTEXT_ATTRIBUTES_FN_W
#define SetCredentialsAttributes SetCredentialsAttributesW
#define SET_CREDENTIALS_ATTRIBUTES_FN SET_CREDENTIALS_ATTRIBUTES_FN_W
#define ChangeAccountPassword ChangeAccountPasswordW
#define CHANGE_PASSWORD_FN CHANGE_PASSWORD_FN_W
#define QueryContextAttributesEx QueryContextAttributesExW
#define QUERY_CONTEXT_ATTRIBUTES_EX_FN QUERY_CONTEXT_ATTRIBUTES_EX_FN_W
#define QueryCredentialsAttributesEx QueryCredentialsAttributesExW
#define QUERY_CREDENTIALS_ATTRIBUTES_EX_FN QUERY_CREDENTIALS_ATTRIBUTES_EX_FN_W
#define InitSecurityInterface InitSecurityInterfaceW
#define SecurityFunctionTable SecurityFunctionTableW
#define PSecurityFunctionTable PSecurityFunctionTableW
#define INIT_SECURITY_INTERFACE INIT_SECURITY_INTERFACE_W
#else
#define EnumerateSecurityPackages EnumerateSecurityPackagesA
#define ENUMERATE_SECURITY_PACKAGES_FN ENUMERATE_SECURITY_PACKAGES_FN_A
#define QueryCredentialsAttributes QueryCredentialsAttributesA
#define QUERY_CREDENTIALS_ATTRIBUTES_FN QUERY_CREDENTIALS_ATTRIBUTES_FN_A
#define AcquireCredentialsHandle AcquireCredentialsHandleA
#define ACQUIRE_CREDENTIALS_HANDLE_FN ACQUIRE_CREDENTIALS_HANDLE_FN_A
#define InitializeSecurityContext InitializeSecurityContextA
#define INITIALIZE_SECURITY_CONTEXT_FN INITIALIZE_SECURITY_CONTEXT_FN_A
#define QueryContextAttributes QueryContextAttributesA
#define QUERY_CONTEXT_ATTRIBUTES_FN QUERY_CONTEXT_ATTRIBUTES_FN_A
#define QuerySecurityPackageInfo QuerySecurityPackageInfoA
#define QUERY_SECURITY_PACKAGE_INFO_FN QUERY_SECURITY_PACKAGE_INFO_FN_A
#define ImportSecurityContext ImportSecurityContextA
#define IMPORT_SECURITY_CONTEXT_FN IMPORT_SECURITY_CONTEXT_FN_A
#define AddCredentials AddCredentialsA
#define ADD_CREDENTIALS_FN ADD_CREDENTIALS_FN_A
#define SetContextAttributes SetContextAttributesA
#define SET_CONTEXT_ATTRIBUTES_FN SET_CONTEXT_ATTRIBUTES_FN_A
#define SetCredentialsAttributes SetCredentialsAttributesA
#define SET_CREDENTIALS_ATTRIBUTES_FN SET_CREDENTIALS_ATTRIBUTES_FN_A
#define ChangeAccountPassword ChangeAccountPasswordA
#define CHANGE_PASSWORD_FN CHANGE_PASSWORD_FN_A
#define QueryContextAttributesEx QueryContextAttributesExA
#define QUERY_CONTEXT_ATTRIBUTES_EX_FN QUERY_CONTEXT_ATTRIBUTES_EX_FN_A
#define QueryCredentialsAttributesEx QueryCredentialsAttributesExA
#define QUERY_CREDENTIALS_ATTRIBUTES_EX_FN QUERY_CREDENTIALS_ATTRIBUTES_EX_FN_A
#define InitSecurityInterface InitSecurityInterfaceA
#define SecurityFunctionTable SecurityFunctionTableA
#define PSecurityFunctionTable PSecurityFunctionTableA
#define INIT_SECURITY_INTERFACE INIT_SECURITY_INTERFACE_A
#endif

/* Names from before Windows 2000. */
#define FreeCredentialHandle FreeCredentialsHandle
#define SealMessage EncryptMessage
#define UnsealMessage DecryptMessage

#ifdef __cplusplus
}
#endif
