/* SSPI functions: credentials, security contexts, message protection, and the function table.
 *
 * Functions with two forms take UTF-8 strings (A) or wchar_t strings (W). Under the plain name they
 * are the W form when UNICODE is defined and the A form otherwise.
 *
 * Nothing here blocks on a socket: the caller carries tokens and records (contract, section A). Any
 * function may be called from any thread. One context is used by one call at a time, except that
 * one thread may be in EncryptMessage while another is in DecryptMessage.
 */
#pragma once

#include <openschannel/sspi_attributes.h>
#include <openschannel/sspi_types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Package discovery ---- */

/* EnumerateSecurityPackages lists the packages of this library: the unified one, and the same under
 * its other name.
 *
 * pcPackages     out: number of entries
 * ppPackageInfo  out: the entries and their strings as one allocation; the caller frees it with
 *                FreeContextBuffer
 *
 * SEC_E_OK; SEC_E_INVALID_HANDLE if a pointer is NULL; SEC_E_INSUFFICIENT_MEMORY.
 * Contract PKG-1, PKG-3..5. */
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY EnumerateSecurityPackagesA(ULONG* pcPackages,
                                                                      PSecPkgInfoA* ppPackageInfo);
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY EnumerateSecurityPackagesW(ULONG* pcPackages,
                                                                      PSecPkgInfoW* ppPackageInfo);

/* QuerySecurityPackageInfo describes one package: name, capabilities, largest token.
 *
 * pszPackageName  UNISP_NAME or SCHANNEL_NAME, upper and lower case alike
 * ppPackageInfo   out: one entry, freed by the caller with FreeContextBuffer
 *
 * SEC_E_OK; SEC_E_SECPKG_NOT_FOUND if there is no such package; SEC_E_INVALID_HANDLE if
 * ppPackageInfo is NULL; SEC_E_INSUFFICIENT_MEMORY. Contract PKG-2..5. */
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY QuerySecurityPackageInfoA(const SEC_CHAR* pszPackageName,
                                                                     PSecPkgInfoA* ppPackageInfo);
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY
QuerySecurityPackageInfoW(const SEC_WCHAR* pszPackageName, PSecPkgInfoW* ppPackageInfo);

/* ---- Credentials ---- */

/* AcquireCredentialsHandle makes a credential: the certificates, protocols and policy of one side.
 * Any number of contexts may be made with it, also at the same time from several threads.
 *
 * pszPrincipal      ignored; NULL
 * pszPackage        UNISP_NAME or SCHANNEL_NAME, upper and lower case alike
 * fCredentialUse    SECPKG_CRED_OUTBOUND for a client, SECPKG_CRED_INBOUND for a server
 * pvLogonId         ignored; NULL
 * pAuthData         SCH_CREDENTIALS (TLS 1.3 and 1.2) or SCHANNEL_CRED (up to TLS 1.2), told apart
 *                   by dwVersion; NULL is a credential without certificate and with default
 *                   settings
 * pGetKeyFn         ignored; NULL
 * pvGetKeyArgument  ignored; NULL
 * phCredential      out: the handle, freed by the caller with FreeCredentialsHandle
 * ptsExpiry         out, may be NULL: end of validity of the first certificate, UTC; without a
 *                   certificate the largest time there is
 *
 * What is needed of *pAuthData is copied, and the certificates get a reference of their own: the
 * caller may free them, and close their store, straight after the call.
 *
 * SEC_E_OK, or, with nothing to free:
 * SEC_E_SECPKG_NOT_FOUND      no package of that name
 * SEC_E_UNKNOWN_CREDENTIALS   dwVersion, dwCredFormat, a certificate or hRootStore is not one this
 *                             package knows
 * SEC_E_NO_CREDENTIALS        a server without a certificate, a certificate without its private
 *                             key, or an fCredentialUse that is no direction
 * SEC_E_ALGORITHM_MISMATCH    no protocol version, cipher suite, group or signature scheme is left
 *                             that is both allowed and implemented
 * SEC_E_INVALID_PARAMETER     phCredential is NULL, a count is over its limit (SCH_CRED_MAX_*), or
 *                             flags exclude each other
 * SEC_E_UNSUPPORTED_FUNCTION  fCredentialUse is SECPKG_CRED_BOTH; in this version also revocation
 *                             checking (unless the caller validates), pre-shared keys, DTLS, and
 *                             restrictions by application protocol
 * SEC_E_INSUFFICIENT_MEMORY, SEC_E_INTERNAL_ERROR
 *
 * Contract CRED-1..51, R-5, R-8, R-15. */
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY AcquireCredentialsHandleA(
    const SEC_CHAR* pszPrincipal, const SEC_CHAR* pszPackage, ULONG fCredentialUse, void* pvLogonId,
    void* pAuthData, SEC_GET_KEY_FN pGetKeyFn, void* pvGetKeyArgument, PCredHandle phCredential,
    PTimeStamp ptsExpiry);
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY AcquireCredentialsHandleW(
    const SEC_WCHAR* pszPrincipal, const SEC_WCHAR* pszPackage, ULONG fCredentialUse,
    void* pvLogonId, void* pAuthData, SEC_GET_KEY_FN pGetKeyFn, void* pvGetKeyArgument,
    PCredHandle phCredential, PTimeStamp ptsExpiry);

/* FreeCredentialsHandle releases a credential. Contexts made with it go on: they hold what they
 * need.
 *
 * SEC_E_OK; SEC_E_INVALID_HANDLE if *phCredential is not a live credential. Contract HND-6..8. */
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY FreeCredentialsHandle(PCredHandle phCredential);

/* QueryCredentialsAttributes reads what holds for every context made with a credential.
 *
 * ulAttribute  SECPKG_ATTR_SUPPORTED_ALGS, SECPKG_ATTR_CIPHER_STRENGTHS,
 *              SECPKG_ATTR_SUPPORTED_PROTOCOLS or SECPKG_CRED_ATTR_NAMES
 * pBuffer      the caller's structure for the attribute; what it points to afterwards is freed with
 *              FreeContextBuffer
 *
 * SEC_E_OK; SEC_E_INVALID_HANDLE; SEC_E_UNSUPPORTED_FUNCTION if the package doesn't have the
 * attribute; SEC_E_NO_CREDENTIALS for SECPKG_CRED_ATTR_NAMES, since a TLS credential names no user;
 * SEC_E_INTERNAL_ERROR if pBuffer is NULL; SEC_E_INSUFFICIENT_MEMORY. Contract ATTR-50..55. */
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY QueryCredentialsAttributesA(PCredHandle phCredential,
                                                                       ULONG ulAttribute,
                                                                       void* pBuffer);
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY QueryCredentialsAttributesW(PCredHandle phCredential,
                                                                       ULONG ulAttribute,
                                                                       void* pBuffer);

/* QueryCredentialsAttributesEx is QueryCredentialsAttributes with cbBuffer, the bytes at pBuffer:
 * SEC_E_BUFFER_TOO_SMALL if they are too few for the attribute. Contract ATTR-58. */
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY QueryCredentialsAttributesExA(PCredHandle phCredential,
                                                                         ULONG ulAttribute,
                                                                         void* pBuffer,
                                                                         ULONG cbBuffer);
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY QueryCredentialsAttributesExW(PCredHandle phCredential,
                                                                         ULONG ulAttribute,
                                                                         void* pBuffer,
                                                                         ULONG cbBuffer);

/* SetCredentialsAttributes changes a credential for the contexts made after the call. cbBuffer is
 * the number of bytes at pBuffer.
 *
 * ulAttribute  SECPKG_ATTR_SUPPORTED_ALGS, _CIPHER_STRENGTHS or _SUPPORTED_PROTOCOLS. Each narrows
 *              the credential; what was taken away before does not come back. Or, for a server,
 *              SECPKG_ATTR_SESSION_TICKET_KEYS
 *
 * SEC_E_OK; SEC_E_INVALID_HANDLE; SEC_E_UNSUPPORTED_FUNCTION if the attribute can't be set;
 * SEC_E_INVALID_PARAMETER if cbBuffer is not the size of its structure, or a limit is exceeded;
 * SEC_E_ALGORITHM_MISMATCH if nothing would be left: then nothing has changed;
 * SEC_E_INSUFFICIENT_MEMORY. Contract ATTR-56, ATTR-57. */
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY SetCredentialsAttributesA(PCredHandle phCredential,
                                                                     ULONG ulAttribute,
                                                                     void* pBuffer, ULONG cbBuffer);
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY SetCredentialsAttributesW(PCredHandle phCredential,
                                                                     ULONG ulAttribute,
                                                                     void* pBuffer, ULONG cbBuffer);

/* ---- Contexts ---- */

/* InitializeSecurityContext is the client's handshake: it takes the bytes that came from the server
 * and gives the bytes to send. The first call makes the context; it is called again with each
 * answer until it returns SEC_E_OK. On an established context it takes post-handshake messages
 * (SEC_I_RENEGOTIATE) and, after ApplyControlToken, makes the closing alert. Called there without
 * input it starts again, with the credential and requests of that call. TLS 1.2: a new handshake;
 * send the token and go on with DecryptMessage until SEC_I_RENEGOTIATE, but encrypt nothing before
 * SEC_E_OK. TLS 1.3: new keys; send the token.
 *
 * phCredential   OUTBOUND credential; later NULL, the same one, or another to answer
 *                SEC_I_INCOMPLETE_CREDENTIALS with
 * phContext      NULL on the first call, then the handle that call gave
 * pszTargetName  the server's DNS name or IP address: sent as SNI (names only), compared with the
 *                server's certificate, and the key under which sessions are resumed. NULL: none of
 *                these; later calls may pass NULL
 * fContextReq    ISC_REQ_*; requests made on the first call stay in force
 * Reserved1, TargetDataRep, Reserved2
 *                ignored; 0
 * pInput         first call: NULL or buffers of options only (SECBUFFER_APPLICATION_PROTOCOLS).
 *                Then: SECBUFFER_TOKEN with all bytes received and not used so far, and at least
 *                one SECBUFFER_EMPTY for the package to report in
 * phNewContext   out on the first call: the handle; later NULL or the same variable
 * pOutput        one buffer SECBUFFER_TOKEN (or _EMPTY) and optionally one SECBUFFER_ALERT. With
 *                ISC_REQ_ALLOCATE_MEMORY the package allocates and the caller frees pvBuffer with
 *                FreeContextBuffer; without, pvBuffer and cbBuffer describe the caller's memory
 *                (SecPkgInfo.cbMaxToken bytes always suffice)
 * pfContextAttr  out: ISC_RET_*, equal to the requests that hold
 * ptsExpiry      out, may be NULL: end of the context's validity, UTC
 *
 * A token of cbBuffer > 0 bytes must be sent whatever is returned, failures included. Input that
 * was not used is reported by turning a SECBUFFER_EMPTY of pInput into SECBUFFER_EXTRA: cbBuffer
 * bytes at the end of the input. Input is never written to.
 *
 * SEC_E_OK                      the handshake is complete; EXTRA bytes, if any, go to
 *                               DecryptMessage
 * SEC_I_CONTINUE_NEEDED         send the token, if any, and call again with what the server answers
 * SEC_E_INCOMPLETE_MESSAGE      the input ends inside a record; nothing was used and nothing
 *                               changed. SECBUFFER_MISSING says how many bytes more are needed at
 *                               least. Read, and call again with old and new bytes together
 * SEC_I_INCOMPLETE_CREDENTIALS  the server asks for a certificate and the credential has none that
 *                               fits; once per handshake. SECPKG_ATTR_ISSUER_LIST_EX names the
 *                               issuers. Call again with the same input, and another credential or
 *                               without one
 * SEC_I_CONTEXT_EXPIRED         the context is shut down and nothing is left to send
 * SEC_E_WRONG_PRINCIPAL         the server's certificate is not for pszTargetName
 * SEC_E_UNTRUSTED_ROOT, SEC_E_CERT_EXPIRED, SEC_E_CERT_WRONG_USAGE, SEC_E_CERT_UNKNOWN,
 * CRYPT_E_REVOKED, CRYPT_E_NO_REVOCATION_CHECK, CRYPT_E_REVOCATION_OFFLINE
 *                               the server's certificate was refused, unless manual validation is
 *                               on (revocation is not checked in this version)
 * SEC_E_ALGORITHM_MISMATCH      no common cipher suite, group or signature scheme
 * SEC_E_APPLICATION_PROTOCOL_MISMATCH
 *                               no common application protocol
 * SEC_E_ILLEGAL_MESSAGE, SEC_E_DECRYPT_FAILURE, SEC_E_MESSAGE_ALTERED
 *                               the server broke the protocol
 * SEC_E_INVALID_TOKEN           the input is not TLS, a descriptor has no buffers, or pOutput has
 *                               none for the token
 * SEC_E_INVALID_HANDLE          a handle is not live, or the first call has no phNewContext
 * SEC_E_NO_CREDENTIALS          phCredential is an INBOUND credential
 * SEC_E_TARGET_UNKNOWN          pszTargetName is not text
 * SEC_I_NO_RENEGOTIATION        the server won't renegotiate; the context is as it was
 * SEC_E_UNSUPPORTED_FUNCTION    no common protocol version; a new handshake with a server without
 *                               RFC 5746; ISC_REQ_DELEGATE or ISC_REQ_PROMPT_FOR_CREDS was asked
 *                               for; in this version also ISC_REQ_DATAGRAM
 * SEC_E_BUFFER_TOO_SMALL        the caller's output memory is too small (SEC_E_INSUFFICIENT_MEMORY
 *                               if it has no bytes at all); the call can be repeated
 * SEC_E_INVALID_PARAMETER       an option buffer contradicts itself
 * SEC_E_INSUFFICIENT_MEMORY, SEC_E_INTERNAL_ERROR
 * any status of contract section L
 *                               the server sent a fatal alert
 *
 * After a failure the context can only be queried and deleted; after a failed first call there is
 * none. OpenSchannelErrorDetail (extensions.h) says more about the last failure. Contract
 * ISC-1..62, EXT-1..15, AUTH-1..19, REN-1..19, R-1, R-10..R-14. */
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY InitializeSecurityContextA(
    PCredHandle phCredential, PCtxtHandle phContext, const SEC_CHAR* pszTargetName,
    ULONG fContextReq, ULONG Reserved1, ULONG TargetDataRep, PSecBufferDesc pInput, ULONG Reserved2,
    PCtxtHandle phNewContext, PSecBufferDesc pOutput, ULONG* pfContextAttr, PTimeStamp ptsExpiry);
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY InitializeSecurityContextW(
    PCredHandle phCredential, PCtxtHandle phContext, const SEC_WCHAR* pszTargetName,
    ULONG fContextReq, ULONG Reserved1, ULONG TargetDataRep, PSecBufferDesc pInput, ULONG Reserved2,
    PCtxtHandle phNewContext, PSecBufferDesc pOutput, ULONG* pfContextAttr, PTimeStamp ptsExpiry);

/* AcceptSecurityContext is the server's handshake: it takes the bytes that came from the client and
 * gives the bytes to send. The first call takes the client's first bytes and makes the context.
 * Called without input on an established context it asks the client to start again, with the
 * credential and requests of that call: TLS 1.2 with a HelloRequest; TLS 1.3 with a request for a
 * certificate if ASC_REQ_MUTUAL_AUTH is in the call, else with new keys. Send the token, and go on
 * with DecryptMessage until SEC_I_RENEGOTIATE.
 *
 * phCredential   INBOUND credential with at least one certificate; later calls pass the same
 * phContext      NULL on the first call, then the handle. As long as SEC_E_INCOMPLETE_MESSAGE is
 *                returned for a first call there is no context: the retry passes NULL, or the
 *                handle variable as it was left
 * pInput         SECBUFFER_TOKEN with all bytes received and not used so far, at least one
 *                SECBUFFER_EMPTY, and optionally SECBUFFER_APPLICATION_PROTOCOLS: what the server
 *                speaks, best first
 * fContextReq    ASC_REQ_*; ASC_REQ_MUTUAL_AUTH asks the client for a certificate.
 *                ASC_REQ_SESSION_TICKET gives the client a ticket for its next connection, with
 *                the token of the call that returns SEC_E_OK. Without it a TLS 1.2 client gets a
 *                session id, and a TLS 1.3 client nothing
 * TargetDataRep  ignored; 0
 * phNewContext   out on the first call: the handle; later NULL or the same variable
 * pOutput, pfContextAttr
 *                as for InitializeSecurityContext, with ASC_RET_*
 * ptsExpiry      out, may be NULL: end of validity of the client's certificate, UTC; the largest
 *                time there is if it sent none
 *
 * A client that has no certificate is let in even if ASC_REQ_MUTUAL_AUTH was asked for: then
 * ASC_RET_MUTUAL_AUTH is clear and SECPKG_ATTR_REMOTE_CERT_CONTEXT gives SEC_E_NO_CREDENTIALS. THE
 * CALLER MUST LOOK, or use OPENSCHANNEL_CRED_REQUIRE_CLIENT_CERTIFICATE (extensions.h). A
 * certificate that was sent is proved to be the client's; whether it is trusted is for the caller
 * to decide.
 *
 * SEC_E_OK                    the handshake is complete; send the token, if any
 * SEC_I_CONTINUE_NEEDED       send the token, if any, and call again with what the client answers
 * SEC_E_INCOMPLETE_MESSAGE    as for InitializeSecurityContext
 * SEC_I_CONTEXT_EXPIRED       the context is shut down and nothing is left to send
 * SEC_E_ALGORITHM_MISMATCH    no common cipher suite, group or signature scheme
 * SEC_I_NO_RENEGOTIATION      the client won't renegotiate; the context is as it was
 * SEC_E_UNSUPPORTED_FUNCTION  no common protocol version; a new handshake with a client without RFC
 *                             5746, or a request for a certificate to one that has not offered to
 *                             answer it; ASC_REQ_DELEGATE was asked for; in this version also
 *                             ASC_REQ_DATAGRAM
 * SEC_E_APPLICATION_PROTOCOL_MISMATCH
 *                             no common application protocol
 * SEC_E_LOGON_DENIED          a certificate is required and the client sent none
 * SEC_E_ILLEGAL_MESSAGE, SEC_E_DECRYPT_FAILURE, SEC_E_MESSAGE_ALTERED
 *                             the client broke the protocol
 * SEC_E_NO_CREDENTIALS        phCredential is NULL on the first call, or an OUTBOUND credential, or
 *                             has no certificate that the client can use
 * SEC_E_INVALID_HANDLE        a handle is not live, or the first call has no phNewContext
 * SEC_E_INVALID_TOKEN         the input is not TLS, a descriptor has no buffers, or pOutput has
 *                             none for the token
 * SEC_E_BUFFER_TOO_SMALL      the caller's output memory is too small (SEC_E_INSUFFICIENT_MEMORY if
 *                             it has no bytes at all); the call can be repeated
 * SEC_E_INVALID_PARAMETER     an option buffer contradicts itself
 * SEC_E_INSUFFICIENT_MEMORY, SEC_E_INTERNAL_ERROR
 * any status of contract section L
 *                             the client sent a fatal alert
 *
 * Contract ASC-1..39, EXT-1..15, AUTH-20..25, REN-1..19, R-2, R-3, R-10..R-14. */
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY
AcceptSecurityContext(PCredHandle phCredential, PCtxtHandle phContext, PSecBufferDesc pInput,
                      ULONG fContextReq, ULONG TargetDataRep, PCtxtHandle phNewContext,
                      PSecBufferDesc pOutput, ULONG* pfContextAttr, PTimeStamp ptsExpiry);

/* ApplyControlToken tells a context what its next InitializeSecurityContext or
 * AcceptSecurityContext call is for.
 *
 * pInput  one SECBUFFER_TOKEN, starting with a DWORD: SCHANNEL_SHUTDOWN (end the connection with a
 *         close_notify), SCHANNEL_ALERT (SCHANNEL_ALERT_TOKEN: send this alert),
 *         SCHANNEL_RENEGOTIATE (start again, as a call without input does; established only) or
 *         SCHANNEL_SESSION (SCHANNEL_SESSION_TOKEN: a client's sessions of this target are
 *         forgotten and none is kept from this context, or kept again; a server does not find the
 *         session id of this connection any more, or finds it again. Its tickets stay good)
 *
 * A shutdown is: this call with SCHANNEL_SHUTDOWN, a handshake call without input, sending its
 * token, and DeleteSecurityContext. It may be repeated.
 *
 * SEC_E_OK; SEC_E_INVALID_HANDLE; SEC_E_INVALID_TOKEN if there is not exactly one buffer, of type
 * token, or its structure is too short; SEC_E_UNSUPPORTED_FUNCTION for fewer than 4 bytes
 * or another DWORD, and for SCHANNEL_RENEGOTIATE too early; SEC_E_INVALID_PARAMETER for an alert
 * whose level or number doesn't exist, or a session token whose dwFlags is neither of the two;
 * SEC_E_INTERNAL_ERROR if pInput is NULL. Contract SHUT-1..13, REN-15, R-14. */
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY ApplyControlToken(PCtxtHandle phContext,
                                                             PSecBufferDesc pInput);

/* DeleteSecurityContext ends a context and wipes its keys. Nothing is sent to the peer.
 *
 * SEC_E_OK, also for a context that was deleted before; SEC_E_INVALID_HANDLE for anything else that
 * is not a context. Contract HND-10..15. */
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY DeleteSecurityContext(PCtxtHandle phContext);

/* FreeContextBuffer frees memory that an SSPI function allocated for the caller: tokens, package
 * information, what attributes point to. Certificate contexts are freed with
 * CertFreeCertificateContext instead. NULL is accepted and does nothing.
 *
 * SEC_E_OK; SEC_E_INVALID_HANDLE for anything else that is not such memory, or was freed before.
 * Contract HND-16..18, R-13. */
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY FreeContextBuffer(void* pvContextBuffer);

/* QueryContextAttributes reads one property of a context.
 *
 * ulAttribute  SECPKG_ATTR_* (sspi_attributes.h, schannel_attributes.h), which names the structure
 * pBuffer      the caller's structure. What it points to afterwards is freed by the caller with
 *              FreeContextBuffer; a certificate context with CertFreeCertificateContext
 *
 * This version has SECPKG_ATTR_SIZES, _STREAM_SIZES, _NAMES, _LIFESPAN, _KEY_INFO, _AUTHORITY,
 * _PACKAGE_INFO, _PROTO_INFO, _FLAGS, _CLIENT_SPECIFIED_TARGET (wide in both forms),
 * _APPLICATION_PROTOCOL, _REMOTE_CERT_CONTEXT, _LOCAL_CERT_CONTEXT, _CONNECTION_INFO, _CIPHER_INFO,
 * _SESSION_INFO, _SUPPORTED_SIGNATURES and, after
 * SEC_I_INCOMPLETE_CREDENTIALS, _ISSUER_LIST_EX.
 *
 * SEC_E_OK
 * SEC_E_UNSUPPORTED_FUNCTION  the package doesn't have the attribute, or not for such a context
 * SEC_E_NO_CREDENTIALS        there is no such certificate: the peer or this side sent none
 * SEC_E_INVALID_HANDLE        not a live context, or the attribute exists only after the handshake
 * SEC_E_INVALID_PARAMETER     pBuffer is NULL
 * SEC_E_INSUFFICIENT_MEMORY
 *
 * Contract ATTR-1..43, R-6, R-8, R-16. */
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY QueryContextAttributesA(PCtxtHandle phContext,
                                                                   ULONG ulAttribute,
                                                                   void* pBuffer);
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY QueryContextAttributesW(PCtxtHandle phContext,
                                                                   ULONG ulAttribute,
                                                                   void* pBuffer);

/* QueryContextAttributesEx is QueryContextAttributes with cbBuffer, the bytes at pBuffer:
 * SEC_E_BUFFER_TOO_SMALL if they are too few for the attribute. Contract ATTR-3. */
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY QueryContextAttributesExA(PCtxtHandle phContext,
                                                                     ULONG ulAttribute,
                                                                     void* pBuffer, ULONG cbBuffer);
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY QueryContextAttributesExW(PCtxtHandle phContext,
                                                                     ULONG ulAttribute,
                                                                     void* pBuffer, ULONG cbBuffer);

/* SetContextAttributes changes one property of a context. cbBuffer is the number of bytes at
 * pBuffer.
 *
 * ulAttribute  SECPKG_ATTR_KEYING_MATERIAL_INFO, _EAP_PRF_INFO, _APP_DATA, _UI_INFO or
 *              _EARLY_START, at any time after the first call. What is needed of pBuffer is copied
 *
 * SEC_E_OK; SEC_E_INVALID_HANDLE; SEC_E_UNSUPPORTED_FUNCTION if the attribute can't be set;
 * SEC_E_INVALID_PARAMETER if cbBuffer is not the size of its structure, or a value in it has no
 * meaning (OpenSchannelErrorDetail says which); SEC_E_INSUFFICIENT_MEMORY. Contract ATTR-6,
 * ATTR-45..49. */
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY SetContextAttributesA(PCtxtHandle phContext,
                                                                 ULONG ulAttribute, void* pBuffer,
                                                                 ULONG cbBuffer);
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY SetContextAttributesW(PCtxtHandle phContext,
                                                                 ULONG ulAttribute, void* pBuffer,
                                                                 ULONG cbBuffer);

/* ---- Messages ---- */

/* EncryptMessage seals one record in place.
 *
 * fQOP          0, or SECQOP_WRAP_OOB_DATA: the data is a two-byte alert (level, number)
 * pMessage      SECBUFFER_STREAM_HEADER, SECBUFFER_DATA, SECBUFFER_STREAM_TRAILER, and
 *               SECBUFFER_EMPTY, usually in this order. Header and trailer are the caller's memory
 *               of cbHeader and cbTrailer bytes (SECPKG_ATTR_STREAM_SIZES); data is 0 to
 *               cbMaximumMessage bytes of plaintext. The three need not be next to each other
 * MessageSeqNo  ignored; 0
 *
 * On SEC_E_OK each cbBuffer is the number of bytes in use: header, data and trailer, sent in this
 * order, are the record. The trailer is usually shorter than cbTrailer; in TLS 1.3 it has room for
 * a key update that goes out once in millions of records. Nothing else is allocated.
 *
 * SEC_E_OK
 * SEC_E_INVALID_TOKEN        a buffer is missing, NULL or read-only, there are two of one kind, or
 *                            an alert has not two bytes
 * SEC_E_BUFFER_TOO_SMALL     header or trailer is too short; nothing was written
 * SEC_E_INVALID_PARAMETER    more than cbMaximumMessage bytes of data; nothing was written
 * SEC_E_CONTEXT_EXPIRED      this side was shut down, or DecryptMessage gave SEC_I_RENEGOTIATE and
 *                            the handshake call that must follow has not been made, or a new
 *                            handshake is not complete yet
 * SEC_E_QOP_NOT_SUPPORTED    fQOP is something else
 * SEC_E_INVALID_HANDLE       not a live context, or its handshake is not complete
 * SEC_E_ENCRYPT_FAILURE      the key has sealed as many records as it may, and trailers were too
 *                            short for a key update: start again (InitializeSecurityContext)
 * the status of the failure  the context has failed before
 *
 * One thread may call EncryptMessage while one other calls DecryptMessage. Contract ENC-1..24,
 * */
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY EncryptMessage(PCtxtHandle phContext, ULONG fQOP,
                                                          PSecBufferDesc pMessage,
                                                          ULONG MessageSeqNo);

/* DecryptMessage opens one record in place.
 *
 * pMessage      one SECBUFFER_DATA with bytes from the peer, any number of them, and at least three
 *               SECBUFFER_EMPTY
 * MessageSeqNo  ignored; 0
 * pfQOP         out, may be NULL: 0
 *
 * On SEC_E_OK the buffers are SECBUFFER_STREAM_HEADER, SECBUFFER_DATA (the plaintext, inside the
 * caller's memory; may be 0 bytes), SECBUFFER_STREAM_TRAILER, and, if more bytes followed the
 * record, SECBUFFER_EXTRA with them: pass those to the next call. Nothing is allocated.
 *
 * SEC_E_OK
 * SEC_E_INCOMPLETE_MESSAGE  less than a record; nothing was written. SECBUFFER_MISSING says how
 *                           many bytes more are needed at least. Read, and call again with old and
 *                           new bytes together
 * SEC_I_CONTEXT_EXPIRED     the peer sent close_notify: nothing more will come. Shut down this side
 *                           too; until then it may still send. An end of the transport without this
 *                           status is no end of the data: somebody has cut it off
 * SEC_I_RENEGOTIATE         a post-handshake message (a TLS 1.3 session ticket, key update or
 *                           certificate request; a TLS 1.2 HelloRequest or ClientHello).
 *                           SECBUFFER_EXTRA starts with that record: give it to
 *                           InitializeSecurityContext or AcceptSecurityContext as token, then go on
 *                           decrypting. Until then both message functions return
 *                           SEC_E_CONTEXT_EXPIRED
 * SEC_I_NO_RENEGOTIATION    the peer won't renegotiate as we have asked; the connection goes on
 * SEC_E_MESSAGE_ALTERED     the record failed authentication; the context has failed
 * SEC_E_ILLEGAL_MESSAGE     the record breaks the protocol; the context has failed
 * SEC_E_CONTEXT_EXPIRED     the peer shut down before, or see SEC_I_RENEGOTIATE
 * SEC_E_INVALID_TOKEN       no data buffer, or more than one, or too few others, or one that is
 *                           neither data nor empty
 * SEC_E_INVALID_HANDLE      not a live context, or its handshake is not complete
 * any status of contract section L
 *                           the peer sent a fatal alert; the context has failed
 * the status of the failure the context has failed before
 *
 * One thread may call DecryptMessage while one other calls EncryptMessage. Contract DEC-1..23,
 * EXT-1..15, REN-4..19, R-9, R-12. */
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY DecryptMessage(PCtxtHandle phContext,
                                                          PSecBufferDesc pMessage,
                                                          ULONG MessageSeqNo, ULONG* pfQOP);

/* ---- Functions that Schannel does not have ---- */

/* They stand in the function table for programs that look, and return SEC_E_UNSUPPORTED_FUNCTION;
 * those that take a handle return SEC_E_INVALID_HANDLE if it is not live. No other argument is
 * looked at. */

/* CompleteAuthToken is for Digest. SEC_E_UNSUPPORTED_FUNCTION. Contract PKG-9. */
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY CompleteAuthToken(PCtxtHandle phContext,
                                                             PSecBufferDesc pToken);

/* MakeSignature would sign without encrypting. SEC_E_UNSUPPORTED_FUNCTION. Contract ENC-22. */
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY MakeSignature(PCtxtHandle phContext, ULONG fQOP,
                                                         PSecBufferDesc pMessage,
                                                         ULONG MessageSeqNo);

/* VerifySignature is the other side of MakeSignature. SEC_E_UNSUPPORTED_FUNCTION. Contract ENC-22.
 * */
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY VerifySignature(PCtxtHandle phContext,
                                                           PSecBufferDesc pMessage,
                                                           ULONG MessageSeqNo, ULONG* pfQOP);

/* ImpersonateSecurityContext makes the calling thread act as the account that the client was mapped
 * to: its effective user, group and supplementary groups become the account's, and no capability
 * stays in effect. Other threads stay as they are; the real user and what is open already, too. A
 * thread that this thread starts meanwhile inherits the account and keeps it.
 *
 * phContext  a server's established context; ASC_REQ_MUTUAL_AUTH must have been asked for, and
 *            ASC_RET_MUTUAL_AUTH returned
 *
 * A thread impersonates for one context at a time: a second call takes the place of the first.
 *
 * SEC_E_OK               the thread acts as the account until RevertSecurityContext
 * SEC_E_INVALID_HANDLE   phContext is not valid
 * SEC_E_NO_IMPERSONATION the client is mapped to no account; the context is a client's or not
 *                        complete; or the process may not: it needs CAP_SETUID and CAP_SETGID,
 *                        unless the account is its own. Nothing has changed.
 *                        OpenSchannelErrorDetail says which
 * CHECK IT: after a failure the thread still acts as whom it did before. Contract MAP-7, MAP-11. */
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY ImpersonateSecurityContext(PCtxtHandle phContext);

/* RevertSecurityContext ends ImpersonateSecurityContext: the calling thread is what it was before.
 *
 * phContext  the context that was impersonated; it may have been deleted since
 *
 * SEC_E_OK               done, or there was nothing to end
 * SEC_E_INVALID_HANDLE   phContext is not valid, or the thread impersonates for another context
 * SEC_E_NO_IMPERSONATION phContext is a client's
 *
 * Should the system refuse, the process is aborted: it must not go on as somebody it does not know
 * itself to be. Contract MAP-8, MAP-11. */
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY RevertSecurityContext(PCtxtHandle phContext);

/* QuerySecurityContextToken gives a token of the account that the client was mapped to. What is in
 * it says OpenSchannelQueryTokenAccount (extensions.h).
 *
 * phContext  a server's established context
 * Token      receives the handle, which the caller closes with CloseHandle; NULL on failure. It
 *            stays good when the context is deleted
 *
 * SEC_E_OK                 there is one
 * SEC_E_INVALID_HANDLE     phContext is not valid
 * SEC_E_NO_IMPERSONATION   the client is mapped to no account, or the context is a client's or not
 *                          complete; OpenSchannelErrorDetail says why
 * SEC_E_INVALID_PARAMETER  Token is NULL
 * Contract MAP-6, MAP-11. */
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY QuerySecurityContextToken(PCtxtHandle phContext,
                                                                     void** Token);

/* ExportSecurityContext turns an established context into bytes from which another process of the
 * same user on the same machine can go on with the connection: a server that accepts in one process
 * and serves in others. OpenSchannelExportSecurityContext (extensions.h) does it across machines.
 *
 * phContext       the handshake is complete, and none is under way
 * fFlags          0, or SECPKG_CONTEXT_EXPORT_DELETE_OLD: the handle is deleted on success
 * pPackedContext  gets the bytes and their number; pvBuffer is freed with FreeContextBuffer. They
 *                 are sealed: who reads them learns nothing
 * pToken          optional; gets NULL, a TLS context has no token of its own
 *
 * The bytes can be imported once, within an hour. On success the connection has left: without
 * DELETE_OLD the handle still answers attribute queries and is deleted by the caller, while the
 * loop functions, EncryptMessage and DecryptMessage return SEC_E_CONTEXT_EXPIRED. Two ends that
 * encrypt under one key would give the key away. A failing call leaves the context as it was.
 *
 * SEC_E_OK
 * SEC_E_INVALID_HANDLE        no context, or its handshake is not complete
 * SEC_E_OUT_OF_SEQUENCE       a renegotiation, a post-handshake message or a control token is under
 *                             way: finish it first
 * SEC_E_UNSUPPORTED_FUNCTION  other flags: a TLS connection can't be reset (RESET_NEW), and there
 *                             is no kernel to export it to (TO_KERNEL)
 * SEC_E_INVALID_PARAMETER     pPackedContext is NULL
 * SEC_E_INSUFFICIENT_MEMORY   no memory
 * SEC_E_INTERNAL_ERROR        /dev/shm, where the secret of the bytes waits for the import, can't
 *                             be used
 * or the status that the context has failed with. Contract PKG-11. */
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY ExportSecurityContext(PCtxtHandle phContext,
                                                                 ULONG fFlags,
                                                                 PSecBuffer pPackedContext,
                                                                 void** pToken);

/* ImportSecurityContext makes a context of the bytes of ExportSecurityContext. The context goes on
 * where the exported one has stopped; the caller deletes it with DeleteSecurityContext.
 *
 * pszPackage      UNISP_NAME or SCHANNEL_NAME
 * pPackedContext  the bytes; they stay the caller's
 * Token           ignored
 * phContext       gets the handle; invalid on failure
 *
 * What stays behind: the credential (a renegotiation needs one of this process, given to the loop
 * function as usual; one that the peer asks for without it is refused), the session cache, and in
 * TLS 1.3 the ability to authenticate a client after the handshake.
 *
 * SEC_E_OK
 * SEC_E_SECPKG_NOT_FOUND     another package
 * SEC_E_UNKNOWN_CREDENTIALS  not the bytes of an export by this release, or altered
 * SEC_E_NO_CREDENTIALS       imported already, older than an hour, or of another machine
 * SEC_E_NOT_OWNER            exported by another user
 * SEC_E_INVALID_PARAMETER    pPackedContext is NULL or empty
 * SEC_E_INVALID_HANDLE       phContext is NULL
 * SEC_E_INSUFFICIENT_MEMORY  no memory
 * Contract PKG-12. */
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY ImportSecurityContextA(const SEC_CHAR* pszPackage,
                                                                  PSecBuffer pPackedContext,
                                                                  void* Token,
                                                                  PCtxtHandle phContext);
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY ImportSecurityContextW(const SEC_WCHAR* pszPackage,
                                                                  PSecBuffer pPackedContext,
                                                                  void* Token,
                                                                  PCtxtHandle phContext);

/* AddCredentials is for other packages. SEC_E_UNSUPPORTED_FUNCTION. Contract PKG-10. */
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY
AddCredentialsA(PCredHandle hCredentials, const SEC_CHAR* pszPrincipal, const SEC_CHAR* pszPackage,
                ULONG fCredentialUse, void* pAuthData, SEC_GET_KEY_FN pGetKeyFn,
                void* pvGetKeyArgument, PTimeStamp ptsExpiry);
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY
AddCredentialsW(PCredHandle hCredentials, const SEC_WCHAR* pszPrincipal,
                const SEC_WCHAR* pszPackage, ULONG fCredentialUse, void* pAuthData,
                SEC_GET_KEY_FN pGetKeyFn, void* pvGetKeyArgument, PTimeStamp ptsExpiry);

/* ChangeAccountPassword is for other packages. SEC_E_UNSUPPORTED_FUNCTION. Contract PKG-10. */
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY ChangeAccountPasswordA(
    const SEC_CHAR* pszPackageName, const SEC_CHAR* pszDomainName, const SEC_CHAR* pszAccountName,
    const SEC_CHAR* pszOldPassword, const SEC_CHAR* pszNewPassword, BOOLEAN bImpersonating,
    ULONG dwReserved, PSecBufferDesc pOutput);
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY
ChangeAccountPasswordW(const SEC_WCHAR* pszPackageName, const SEC_WCHAR* pszDomainName,
                       const SEC_WCHAR* pszAccountName, const SEC_WCHAR* pszOldPassword,
                       const SEC_WCHAR* pszNewPassword, BOOLEAN bImpersonating, ULONG dwReserved,
                       PSecBufferDesc pOutput);

/* ---- The function table ---- */

typedef SECURITY_STATUS(SEC_ENTRY* ENUMERATE_SECURITY_PACKAGES_FN_A)(ULONG* pcPackages,
                                                                     PSecPkgInfoA* ppPackageInfo);
typedef SECURITY_STATUS(SEC_ENTRY* ENUMERATE_SECURITY_PACKAGES_FN_W)(ULONG* pcPackages,
                                                                     PSecPkgInfoW* ppPackageInfo);
typedef SECURITY_STATUS(SEC_ENTRY* QUERY_CREDENTIALS_ATTRIBUTES_FN_A)(PCredHandle phCredential,
                                                                      ULONG ulAttribute,
                                                                      void* pBuffer);
typedef SECURITY_STATUS(SEC_ENTRY* QUERY_CREDENTIALS_ATTRIBUTES_FN_W)(PCredHandle phCredential,
                                                                      ULONG ulAttribute,
                                                                      void* pBuffer);
typedef SECURITY_STATUS(SEC_ENTRY* ACQUIRE_CREDENTIALS_HANDLE_FN_A)(
    const SEC_CHAR* pszPrincipal, const SEC_CHAR* pszPackage, ULONG fCredentialUse, void* pvLogonId,
    void* pAuthData, SEC_GET_KEY_FN pGetKeyFn, void* pvGetKeyArgument, PCredHandle phCredential,
    PTimeStamp ptsExpiry);
typedef SECURITY_STATUS(SEC_ENTRY* ACQUIRE_CREDENTIALS_HANDLE_FN_W)(
    const SEC_WCHAR* pszPrincipal, const SEC_WCHAR* pszPackage, ULONG fCredentialUse,
    void* pvLogonId, void* pAuthData, SEC_GET_KEY_FN pGetKeyFn, void* pvGetKeyArgument,
    PCredHandle phCredential, PTimeStamp ptsExpiry);
typedef SECURITY_STATUS(SEC_ENTRY* FREE_CREDENTIALS_HANDLE_FN)(PCredHandle phCredential);
typedef SECURITY_STATUS(SEC_ENTRY* INITIALIZE_SECURITY_CONTEXT_FN_A)(
    PCredHandle phCredential, PCtxtHandle phContext, const SEC_CHAR* pszTargetName,
    ULONG fContextReq, ULONG Reserved1, ULONG TargetDataRep, PSecBufferDesc pInput, ULONG Reserved2,
    PCtxtHandle phNewContext, PSecBufferDesc pOutput, ULONG* pfContextAttr, PTimeStamp ptsExpiry);
typedef SECURITY_STATUS(SEC_ENTRY* INITIALIZE_SECURITY_CONTEXT_FN_W)(
    PCredHandle phCredential, PCtxtHandle phContext, const SEC_WCHAR* pszTargetName,
    ULONG fContextReq, ULONG Reserved1, ULONG TargetDataRep, PSecBufferDesc pInput, ULONG Reserved2,
    PCtxtHandle phNewContext, PSecBufferDesc pOutput, ULONG* pfContextAttr, PTimeStamp ptsExpiry);
typedef SECURITY_STATUS(SEC_ENTRY* ACCEPT_SECURITY_CONTEXT_FN)(
    PCredHandle phCredential, PCtxtHandle phContext, PSecBufferDesc pInput, ULONG fContextReq,
    ULONG TargetDataRep, PCtxtHandle phNewContext, PSecBufferDesc pOutput, ULONG* pfContextAttr,
    PTimeStamp ptsExpiry);
typedef SECURITY_STATUS(SEC_ENTRY* COMPLETE_AUTH_TOKEN_FN)(PCtxtHandle phContext,
                                                           PSecBufferDesc pToken);
typedef SECURITY_STATUS(SEC_ENTRY* DELETE_SECURITY_CONTEXT_FN)(PCtxtHandle phContext);
typedef SECURITY_STATUS(SEC_ENTRY* APPLY_CONTROL_TOKEN_FN)(PCtxtHandle phContext,
                                                           PSecBufferDesc pInput);
typedef SECURITY_STATUS(SEC_ENTRY* QUERY_CONTEXT_ATTRIBUTES_FN_A)(PCtxtHandle phContext,
                                                                  ULONG ulAttribute, void* pBuffer);
typedef SECURITY_STATUS(SEC_ENTRY* QUERY_CONTEXT_ATTRIBUTES_FN_W)(PCtxtHandle phContext,
                                                                  ULONG ulAttribute, void* pBuffer);
typedef SECURITY_STATUS(SEC_ENTRY* IMPERSONATE_SECURITY_CONTEXT_FN)(PCtxtHandle phContext);
typedef SECURITY_STATUS(SEC_ENTRY* REVERT_SECURITY_CONTEXT_FN)(PCtxtHandle phContext);
typedef SECURITY_STATUS(SEC_ENTRY* MAKE_SIGNATURE_FN)(PCtxtHandle phContext, ULONG fQOP,
                                                      PSecBufferDesc pMessage, ULONG MessageSeqNo);
typedef SECURITY_STATUS(SEC_ENTRY* VERIFY_SIGNATURE_FN)(PCtxtHandle phContext,
                                                        PSecBufferDesc pMessage, ULONG MessageSeqNo,
                                                        ULONG* pfQOP);
typedef SECURITY_STATUS(SEC_ENTRY* FREE_CONTEXT_BUFFER_FN)(void* pvContextBuffer);
typedef SECURITY_STATUS(SEC_ENTRY* QUERY_SECURITY_PACKAGE_INFO_FN_A)(const SEC_CHAR* pszPackageName,
                                                                     PSecPkgInfoA* ppPackageInfo);
typedef SECURITY_STATUS(SEC_ENTRY* QUERY_SECURITY_PACKAGE_INFO_FN_W)(
    const SEC_WCHAR* pszPackageName, PSecPkgInfoW* ppPackageInfo);
typedef SECURITY_STATUS(SEC_ENTRY* EXPORT_SECURITY_CONTEXT_FN)(PCtxtHandle phContext, ULONG fFlags,
                                                               PSecBuffer pPackedContext,
                                                               void** pToken);
typedef SECURITY_STATUS(SEC_ENTRY* IMPORT_SECURITY_CONTEXT_FN_A)(const SEC_CHAR* pszPackage,
                                                                 PSecBuffer pPackedContext,
                                                                 void* Token,
                                                                 PCtxtHandle phContext);
typedef SECURITY_STATUS(SEC_ENTRY* IMPORT_SECURITY_CONTEXT_FN_W)(const SEC_WCHAR* pszPackage,
                                                                 PSecBuffer pPackedContext,
                                                                 void* Token,
                                                                 PCtxtHandle phContext);
typedef SECURITY_STATUS(SEC_ENTRY* ADD_CREDENTIALS_FN_A)(
    PCredHandle hCredentials, const SEC_CHAR* pszPrincipal, const SEC_CHAR* pszPackage,
    ULONG fCredentialUse, void* pAuthData, SEC_GET_KEY_FN pGetKeyFn, void* pvGetKeyArgument,
    PTimeStamp ptsExpiry);
typedef SECURITY_STATUS(SEC_ENTRY* ADD_CREDENTIALS_FN_W)(
    PCredHandle hCredentials, const SEC_WCHAR* pszPrincipal, const SEC_WCHAR* pszPackage,
    ULONG fCredentialUse, void* pAuthData, SEC_GET_KEY_FN pGetKeyFn, void* pvGetKeyArgument,
    PTimeStamp ptsExpiry);
typedef SECURITY_STATUS(SEC_ENTRY* QUERY_SECURITY_CONTEXT_TOKEN_FN)(PCtxtHandle phContext,
                                                                    void** Token);
typedef SECURITY_STATUS(SEC_ENTRY* ENCRYPT_MESSAGE_FN)(PCtxtHandle phContext, ULONG fQOP,
                                                       PSecBufferDesc pMessage, ULONG MessageSeqNo);
typedef SECURITY_STATUS(SEC_ENTRY* DECRYPT_MESSAGE_FN)(PCtxtHandle phContext,
                                                       PSecBufferDesc pMessage, ULONG MessageSeqNo,
                                                       ULONG* pfQOP);
typedef SECURITY_STATUS(SEC_ENTRY* SET_CONTEXT_ATTRIBUTES_FN_A)(PCtxtHandle phContext,
                                                                ULONG ulAttribute, void* pBuffer,
                                                                ULONG cbBuffer);
typedef SECURITY_STATUS(SEC_ENTRY* SET_CONTEXT_ATTRIBUTES_FN_W)(PCtxtHandle phContext,
                                                                ULONG ulAttribute, void* pBuffer,
                                                                ULONG cbBuffer);
typedef SECURITY_STATUS(SEC_ENTRY* SET_CREDENTIALS_ATTRIBUTES_FN_A)(PCredHandle phCredential,
                                                                    ULONG ulAttribute,
                                                                    void* pBuffer, ULONG cbBuffer);
typedef SECURITY_STATUS(SEC_ENTRY* SET_CREDENTIALS_ATTRIBUTES_FN_W)(PCredHandle phCredential,
                                                                    ULONG ulAttribute,
                                                                    void* pBuffer, ULONG cbBuffer);
typedef SECURITY_STATUS(SEC_ENTRY* CHANGE_PASSWORD_FN_A)(
    const SEC_CHAR* pszPackageName, const SEC_CHAR* pszDomainName, const SEC_CHAR* pszAccountName,
    const SEC_CHAR* pszOldPassword, const SEC_CHAR* pszNewPassword, BOOLEAN bImpersonating,
    ULONG dwReserved, PSecBufferDesc pOutput);
typedef SECURITY_STATUS(SEC_ENTRY* CHANGE_PASSWORD_FN_W)(const SEC_WCHAR* pszPackageName,
                                                         const SEC_WCHAR* pszDomainName,
                                                         const SEC_WCHAR* pszAccountName,
                                                         const SEC_WCHAR* pszOldPassword,
                                                         const SEC_WCHAR* pszNewPassword,
                                                         BOOLEAN bImpersonating, ULONG dwReserved,
                                                         PSecBufferDesc pOutput);
typedef SECURITY_STATUS(SEC_ENTRY* QUERY_CONTEXT_ATTRIBUTES_EX_FN_A)(PCtxtHandle phContext,
                                                                     ULONG ulAttribute,
                                                                     void* pBuffer, ULONG cbBuffer);
typedef SECURITY_STATUS(SEC_ENTRY* QUERY_CONTEXT_ATTRIBUTES_EX_FN_W)(PCtxtHandle phContext,
                                                                     ULONG ulAttribute,
                                                                     void* pBuffer, ULONG cbBuffer);
typedef SECURITY_STATUS(SEC_ENTRY* QUERY_CREDENTIALS_ATTRIBUTES_EX_FN_A)(PCredHandle phCredential,
                                                                         ULONG ulAttribute,
                                                                         void* pBuffer,
                                                                         ULONG cbBuffer);
typedef SECURITY_STATUS(SEC_ENTRY* QUERY_CREDENTIALS_ATTRIBUTES_EX_FN_W)(PCredHandle phCredential,
                                                                         ULONG ulAttribute,
                                                                         void* pBuffer,
                                                                         ULONG cbBuffer);

/* All functions of the package, in the order of the Windows SDK. dwVersion is
 * SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION_5; reserved members are NULL; no other member is. */
typedef struct _SECURITY_FUNCTION_TABLE_A {
  ULONG dwVersion;
  ENUMERATE_SECURITY_PACKAGES_FN_A EnumerateSecurityPackagesA;
  QUERY_CREDENTIALS_ATTRIBUTES_FN_A QueryCredentialsAttributesA;
  ACQUIRE_CREDENTIALS_HANDLE_FN_A AcquireCredentialsHandleA;
  FREE_CREDENTIALS_HANDLE_FN FreeCredentialsHandle;
  void* Reserved2;
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
  void* Reserved3;
  void* Reserved4;
  EXPORT_SECURITY_CONTEXT_FN ExportSecurityContext;
  IMPORT_SECURITY_CONTEXT_FN_A ImportSecurityContextA;
  ADD_CREDENTIALS_FN_A AddCredentialsA;
  void* Reserved8;
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
  void* Reserved2;
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
  void* Reserved3;
  void* Reserved4;
  EXPORT_SECURITY_CONTEXT_FN ExportSecurityContext;
  IMPORT_SECURITY_CONTEXT_FN_W ImportSecurityContextW;
  ADD_CREDENTIALS_FN_W AddCredentialsW;
  void* Reserved8;
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
#define SECURITY_ENTRYPOINT16 "INITSECURITYINTERFACEA"
#define SECURITY_ENTRYPOINT_ANSI "InitSecurityInterfaceA"
#define SECURITY_ENTRYPOINT_ANSIA "InitSecurityInterfaceA"
#define SECURITY_ENTRYPOINT_ANSIW "InitSecurityInterfaceW"

/* InitSecurityInterface gives the table of all functions. It is static: never free it, and keep it
 * as long as the library is loaded. Contract PKG-6..8. */
OPENSCHANNEL_API PSecurityFunctionTableA SEC_ENTRY InitSecurityInterfaceA(void);
typedef PSecurityFunctionTableA(SEC_ENTRY* INIT_SECURITY_INTERFACE_A)(void);
OPENSCHANNEL_API PSecurityFunctionTableW SEC_ENTRY InitSecurityInterfaceW(void);
typedef PSecurityFunctionTableW(SEC_ENTRY* INIT_SECURITY_INTERFACE_W)(void);

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
