/* What Linux programs need and Windows has no name for: PEM files, self-signed certificates, texts
 * for statuses, a key log, and a few choices for credentials. Nothing else is exported that Windows
 * doesn't have.
 *
 * Paths are as open(2) takes them; other strings are UTF-8. Every function may be called from any
 * thread.
 */
#pragma once

#include <openschannel/cert_types.h>
#include <openschannel/sspi_types.h>
#include <openschannel/winerror.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Credentials ---- */

/* The store of roots to trust. On Windows hRootStore (SCHANNEL_CRED, SCH_CREDENTIALS) is for
 * servers: the roots of client certificates. Here a client credential (SECPKG_CRED_OUTBOUND) may
 * set it as well: then the server's chain must end in a certificate of that store, instead of in
 * one the system trusts. The store is read when the credential is acquired: the caller may close it
 * after the call, and what is added later does not count. */

/* Flags of ours for dwFlags of SCHANNEL_CRED and SCH_CREDENTIALS, in bits Windows doesn't use. */

/* SCHANNEL_CRED: allow TLS 1.3 if grbitEnabledProtocols has its SP_PROT_TLS1_3_* bit or is 0.
 * Without this flag the old structure never negotiates TLS 1.3, because programs written for it
 * don't expect the messages that come after the handshake (SEC_I_RENEGOTIATE). Contract R-15. */
#define OPENSCHANNEL_CRED_TLS13_WITH_SCHANNEL_CRED 0x08000000

/* Server with ASC_REQ_MUTUAL_AUTH: refuse a client that sends no certificate. AcceptSecurityContext
 * returns SEC_E_LOGON_DENIED and the alert certificate_required (TLS 1.2: handshake_failure).
 * Without this flag the client gets in and the caller must look at ASC_RET_MUTUAL_AUTH. Contract
 * */
#define OPENSCHANNEL_CRED_REQUIRE_CLIENT_CERTIFICATE 0x10000000

/* Client: never return SEC_I_INCOMPLETE_CREDENTIALS. When the server asks for a certificate and
 * there is none to send, go on without one at once. Contract R-1. */
#define OPENSCHANNEL_CRED_SKIP_INCOMPLETE_CREDENTIALS 0x20000000

/* TLS 1.3: DecryptMessage takes session tickets and key updates silently. What otherwise returns
 * SEC_I_RENEGOTIATE returns SEC_E_OK with a DATA buffer of 0 bytes. Only what must be answered
 * still returns SEC_I_RENEGOTIATE: a key update that asks for one of ours, and a certificate
 * request; an answer has to be sent, and DecryptMessage has nowhere to put it. Contract REN-16. */
#define OPENSCHANNEL_CRED_ABSORB_POST_HANDSHAKE 0x40000000

/* TLS 1.2: refuse to renegotiate when the peer asks for it. The call that follows SEC_I_RENEGOTIATE
 * then returns SEC_E_OK with the warning no_renegotiation as its token, and the connection goes on;
 * a peer that asks more than 8 times is cut off. Renegotiations of our own are not affected.
 * Contract REN-17. */
#define OPENSCHANNEL_CRED_REFUSE_RENEGOTIATION 0x80000000

/* ---- Attributes of contexts ---- */

/* QueryContextAttributes: SecPkgContext_Bindings with "tls-exporter:" and 32 bytes, the channel
 * binding of RFC 9266, which TLS 1.3 has instead of SECPKG_ATTR_UNIQUE_BINDINGS. Free Bindings with
 * FreeContextBuffer. SEC_E_INVALID_HANDLE before the handshake is complete;
 * SEC_E_UNSUPPORTED_FUNCTION on a TLS 1.2 connection without the extended master secret. */
#define OPENSCHANNEL_ATTR_EXPORTER_BINDINGS 0x4F530001

/* ---- Accounts behind clients ---- */

/* SetCredentialsAttributes, on a server's credential: the file with rules that map client
 * certificates to accounts, instead of the one that the setting MappingRulesFile names. It counts
 * for contexts made afterwards. docs/mapping.md says what is in such a file.
 *
 * SEC_E_INVALID_PARAMETER for a client's credential or one with SCH_CRED_NO_SYSTEM_MAPPER, without
 * a path, and when the file can't be used: OpenSchannelErrorDetail gives its line. */
#define OPENSCHANNEL_CRED_ATTR_MAPPING_RULES 0x4F530002

typedef struct _OPENSCHANNEL_MAPPING_RULES {
  LPCSTR pszFile; /* path, read before the call returns */
} OPENSCHANNEL_MAPPING_RULES, *POPENSCHANNEL_MAPPING_RULES;

/* What a token names. */
typedef struct _OPENSCHANNEL_ACCOUNT {
  LPSTR pszName;
  DWORD dwUserId;
  DWORD dwGroupId; /* the primary one */
  DWORD cGroupIds;
  DWORD* pdwGroupIds; /* all of them, the primary one included */
} OPENSCHANNEL_ACCOUNT, *POPENSCHANNEL_ACCOUNT;

/* OpenSchannelQueryTokenAccount says which account a token names.
 *
 * hToken     from QuerySecurityContextToken or SECPKG_ATTR_ACCESS_TOKEN
 * ppAccount  receives one block with everything in it, freed by the caller with FreeContextBuffer;
 *            NULL on failure
 *
 * SEC_E_OK; SEC_E_INVALID_HANDLE for what is no token (any more); SEC_E_INVALID_PARAMETER when
 * ppAccount is NULL; SEC_E_INSUFFICIENT_MEMORY. Contract R-7. */
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY
OpenSchannelQueryTokenAccount(HANDLE hToken, POPENSCHANNEL_ACCOUNT* ppAccount);

/* ---- A context for another machine ---- */

/* OpenSchannelExportSecurityContext is ExportSecurityContext for a process anywhere: the bytes are
 * sealed under a key that the caller has brought there in some safe way.
 *
 * phContext, fFlags, pPackedContext  as there
 * pbKey, cbKey                       the key, at least 32 random bytes; it may serve for any number
 *                                    of contexts
 *
 * IMPORT EACH CONTEXT ONCE. Nothing here can see to that across machines, and two processes that go
 * on with one connection give its keys away.
 *
 * Statuses as ExportSecurityContext; SEC_E_INVALID_PARAMETER also for a key that is too short. */
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY
OpenSchannelExportSecurityContext(PCtxtHandle phContext, ULONG fFlags, const BYTE* pbKey,
                                  DWORD cbKey, PSecBuffer pPackedContext);

/* OpenSchannelImportSecurityContext is ImportSecurityContext for what
 * OpenSchannelExportSecurityContext has made with the same key.
 *
 * Statuses as ImportSecurityContext: SEC_E_UNKNOWN_CREDENTIALS also for another key, never
 * SEC_E_NO_CREDENTIALS or SEC_E_NOT_OWNER; SEC_E_INVALID_PARAMETER for a key that is too short. */
OPENSCHANNEL_API SECURITY_STATUS SEC_ENTRY
OpenSchannelImportSecurityContext(const BYTE* pbKey, DWORD cbKey, PSecBuffer pPackedContext,
                                  PCtxtHandle phContext);

/* ---- Certificates and keys from PEM ---- */

/* OpenSchannelImportPemFiles opens PEM files as a store in memory.
 *
 * pszCertificateFile  certificates, each between BEGIN CERTIFICATE and END CERTIFICATE; other
 *                     blocks and text between them are passed over
 * pszKeyFile          private key of the first certificate: PKCS#8 (plain or encrypted), PKCS#1 or
 *                     SEC 1. NULL: look for it in pszCertificateFile, where it may be missing
 * pszPassword         opens an encrypted key; NULL if there is none. A password that isn't needed
 *                     is ignored
 *
 * Returns a store, closed by the caller with CertCloseStore. CertEnumCertificatesInStore gives the
 * certificates in the order of the file: first the one that carries the private key, ready for
 * SCH_CREDENTIALS.paCred, then the rest of its chain. Without a key (pszKeyFile NULL and none in
 * the file) it is a store of certificates only, such as a bundle of roots for hRootStore.
 *
 * Returns NULL on failure, with GetLastError():
 * ERROR_FILE_NOT_FOUND, ERROR_PATH_NOT_FOUND, ERROR_ACCESS_DENIED, ERROR_READ_FAULT
 *                          a file can't be read, or is above 1 MiB
 * CRYPT_E_NOT_FOUND        there is no certificate, or no key in pszKeyFile
 * CRYPT_E_BAD_ENCODE, CRYPT_E_ASN1_*
 *                          a block can't be decoded
 * ERROR_INVALID_PASSWORD   the key is encrypted, and the password is wrong or missing
 * NTE_BAD_PUBLIC_KEY       the key is not that of the first certificate
 * ERROR_NOT_SUPPORTED      a kind of key that TLS doesn't use
 * E_INVALIDARG             pszCertificateFile is NULL
 * E_OUTOFMEMORY            no memory
 *
 * OpenSchannelErrorDetail names the file and the block. */
OPENSCHANNEL_API HCERTSTORE WINAPI OpenSchannelImportPemFiles(LPCSTR pszCertificateFile,
                                                              LPCSTR pszKeyFile,
                                                              LPCSTR pszPassword);

/* OpenSchannelImportPem is OpenSchannelImportPemFiles with the contents of the files.
 *
 * pbCertificates, cbCertificates  PEM text and its size in bytes; need not be terminated
 * pbKey, cbKey                    the same for the key; NULL and 0: look for it in pbCertificates
 * pszPassword                     as above
 *
 * Nothing is kept of the caller's memory. Returns and errors as above, without those of files; text
 * above 1 MiB is E_INVALIDARG. */
OPENSCHANNEL_API HCERTSTORE WINAPI OpenSchannelImportPem(const BYTE* pbCertificates,
                                                         DWORD cbCertificates, const BYTE* pbKey,
                                                         DWORD cbKey, LPCSTR pszPassword);

/* Kinds of key of OpenSchannelCreateSelfSignedCertificate. */
#define OPENSCHANNEL_KEY_ECDSA_P256 1
#define OPENSCHANNEL_KEY_ECDSA_P384 2
#define OPENSCHANNEL_KEY_RSA_2048 3
#define OPENSCHANNEL_KEY_ED25519 4
#define OPENSCHANNEL_KEY_ECDSA_P521 5

/* OpenSchannelCreateSelfSignedCertificate makes a new key and a certificate signed with it, for
 * tests and for first steps.
 *
 * pszNames   DNS names and IP addresses, separated by commas, such as "localhost,127.0.0.1,::1".
 *            They become the subject alternative name; the first one is also the subject's common
 *            name
 * dwKeyType  OPENSCHANNEL_KEY_*
 * dwDays     days from now until it expires, at least 1
 *
 * Returns the context, which carries the private key; the caller frees it with
 * CertFreeCertificateContext. The key exists in memory only. It may be used for servers and
 * clients, and is trusted only where it is put into hRootStore.
 *
 * Returns NULL on failure, with GetLastError() E_INVALIDARG (no names, an unknown kind of key, no
 * days), E_OUTOFMEMORY, or NTE_FAIL if the cryptographic library refuses. */
OPENSCHANNEL_API PCCERT_CONTEXT WINAPI OpenSchannelCreateSelfSignedCertificate(LPCSTR pszNames,
                                                                               DWORD dwKeyType,
                                                                               DWORD dwDays);

/* ---- What happened ---- */

/* OpenSchannelStatusText gives one line about a status: its name, a colon, and what it means, such
 * as "SEC_E_UNTRUSTED_ROOT: the certificate chain ends in a root that is not trusted". HRESULTs of
 * the certificate functions are known too. The text is static, English, and never NULL; an unknown
 * status gives a text that says so. */
OPENSCHANNEL_API const char* WINAPI OpenSchannelStatusText(SECURITY_STATUS Status);

/* OpenSchannelErrorDetail says why the last SSPI or certificate call that failed in this thread
 * failed, with what it failed on: which check, which certificate, which message. "" if there is
 * nothing to say. It never holds keys or passwords, but it may quote what the peer sent.
 *
 * The text belongs to the thread and is valid until the thread's next call of the library. */
OPENSCHANNEL_API const char* WINAPI OpenSchannelErrorDetail(void);

/* OpenSchannelSetKeyLogFile writes the secrets of every connection made from now on in this process
 * to a file, in the NSS key log format, so that Wireshark can decrypt a capture. WHO CAN READ THE
 * FILE CAN READ THE CONNECTIONS: it is for debugging, off by default, and can be turned on by
 * nothing but this call.
 *
 * pszPath  appended to, and made with mode 0600 if it doesn't exist; NULL stops logging
 *
 * Returns TRUE, or FALSE with GetLastError() ERROR_ACCESS_DENIED, ERROR_FILE_NOT_FOUND or
 * ERROR_PATH_NOT_FOUND if the file can't be opened; then logging is as it was. */
OPENSCHANNEL_API BOOL WINAPI OpenSchannelSetKeyLogFile(LPCSTR pszPath);

/* OpenSchannelVersion gives the version of the library that is loaded, such as "0.1.0". Static. */
OPENSCHANNEL_API const char* WINAPI OpenSchannelVersion(void);

#ifdef __cplusplus
}
#endif
