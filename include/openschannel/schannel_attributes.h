/* Attributes of TLS contexts and of Schannel credentials. */
#pragma once

#include <openschannel/cert_types.h>
#include <openschannel/sspi_attributes.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- TLS attributes of contexts (QueryContextAttributes) ---- */

#define SECPKG_ATTR_ISSUER_LIST 0x50 /* SecPkgContext_IssuerListInfo */
#define SECPKG_ATTR_REMOTE_CRED 0x51
#define SECPKG_ATTR_LOCAL_CRED 0x52
/* PCCERT_CONTEXT, the peer's; free with CertFreeCertificateContext */
#define SECPKG_ATTR_REMOTE_CERT_CONTEXT 0x53
/* PCCERT_CONTEXT, our own; free with CertFreeCertificateContext */
#define SECPKG_ATTR_LOCAL_CERT_CONTEXT 0x54
#define SECPKG_ATTR_ROOT_STORE 0x55
#define SECPKG_ATTR_SUPPORTED_ALGS 0x56      /* credential: SecPkgCred_SupportedAlgs */
#define SECPKG_ATTR_CIPHER_STRENGTHS 0x57    /* credential: SecPkgCred_CipherStrengths */
#define SECPKG_ATTR_SUPPORTED_PROTOCOLS 0x58 /* credential: SecPkgCred_SupportedProtocols */
#define SECPKG_ATTR_ISSUER_LIST_EX 0x59      /* SecPkgContext_IssuerListInfoEx */
#define SECPKG_ATTR_CONNECTION_INFO 0x5A     /* SecPkgContext_ConnectionInfo */
#define SECPKG_ATTR_EAP_KEY_BLOCK 0x5B       /* SecPkgContext_EapKeyBlock */
#define SECPKG_ATTR_MAPPED_CRED_ATTR 0x5C
#define SECPKG_ATTR_SESSION_INFO 0x5D        /* SecPkgContext_SessionInfo */
#define SECPKG_ATTR_APP_DATA 0x5E            /* SecPkgContext_SessionAppData */
#define SECPKG_ATTR_REMOTE_CERTIFICATES 0x5F /* SecPkgContext_Certificates */
#define SECPKG_ATTR_CLIENT_CERT_POLICY 0x60  /* credential: SecPkgCred_ClientCertPolicy */
#define SECPKG_ATTR_CC_POLICY_RESULT 0x61    /* SecPkgContext_ClientCertPolicyResult */
#define SECPKG_ATTR_USE_NCRYPT 0x62
#define SECPKG_ATTR_LOCAL_CERT_INFO 0x63 /* SecPkgContext_CertInfo */
#define SECPKG_ATTR_CIPHER_INFO 0x64     /* SecPkgContext_CipherInfo */
#define SECPKG_ATTR_EAP_PRF_INFO 0x65
#define SECPKG_ATTR_SUPPORTED_SIGNATURES 0x66 /* SecPkgContext_SupportedSignatures */
/* PCCERT_CHAIN_CONTEXT: the peer's chain, judged as this side judges it but without asking the
 * network; free with CertFreeCertificateChain */
#define SECPKG_ATTR_REMOTE_CERT_CHAIN 0x67
#define SECPKG_ATTR_UI_INFO 0x68
#define SECPKG_ATTR_EARLY_START 0x69
#define SECPKG_ATTR_KEYING_MATERIAL_INFO 0x6A /* set: SecPkgContext_KeyingMaterialInfo */
#define SECPKG_ATTR_KEYING_MATERIAL 0x6B      /* SecPkgContext_KeyingMaterial */
#define SECPKG_ATTR_SRTP_PARAMETERS 0x6C
#define SECPKG_ATTR_TOKEN_BINDING 0x6D
#define SECPKG_ATTR_CONNECTION_INFO_EX 0x6E /* SecPkgContext_ConnectionInfoEx */
#define SECPKG_ATTR_KEYING_MATERIAL_TOKEN_BINDING 0x6F
#define SECPKG_ATTR_KEYING_MATERIAL_INPROC 0x70 /* SecPkgContext_KeyingMaterial_Inproc */
#define SECPKG_ATTR_CERT_CHECK_RESULT 0x71      /* SecPkgContext_CertificateValidationResult */
#define SECPKG_ATTR_CERT_CHECK_RESULT_INPROC 0x72
#define SECPKG_ATTR_SESSION_TICKET_KEYS 0x73 /* credential: SecPkgCred_SessionTicketKeys */
#define SECPKG_ATTR_SERIALIZED_REMOTE_CERT_CONTEXT_INPROC 0x74
#define SECPKG_ATTR_SERIALIZED_REMOTE_CERT_CONTEXT 0x75

/* What the connection uses; algorithms as CALG_* values, strengths in bits. */
typedef struct _SecPkgContext_ConnectionInfo {
  DWORD dwProtocol; /* one SP_PROT_* bit */
  ALG_ID aiCipher;
  DWORD dwCipherStrength;
  ALG_ID aiHash;
  DWORD dwHashStrength;
  ALG_ID aiExch;
  DWORD dwExchStrength;
} SecPkgContext_ConnectionInfo, *PSecPkgContext_ConnectionInfo;

#define SECPKGCONTEXT_CIPHERINFO_V1 1
#define SECPKGCONTEXT_CONNECTION_INFO_EX_V1 1

typedef struct _SecPkgContext_CipherInfo {
  DWORD dwVersion;         /* SECPKGCONTEXT_CIPHERINFO_V1, set by the caller */
  DWORD dwProtocol;        /* version on the wire, 0x0303 or 0x0304 */
  DWORD dwCipherSuite;     /* IANA number */
  DWORD dwBaseCipherSuite; /* IANA number */
  WCHAR szCipherSuite[SZ_ALG_MAX_SIZE];
  WCHAR szCipher[SZ_ALG_MAX_SIZE];
  DWORD dwCipherLen;      /* bits */
  DWORD dwCipherBlockLen; /* bytes */
  WCHAR szHash[SZ_ALG_MAX_SIZE];
  DWORD dwHashLen; /* bits */
  WCHAR szExchange[SZ_ALG_MAX_SIZE];
  DWORD dwMinExchangeLen; /* bits */
  DWORD dwMaxExchangeLen; /* bits */
  WCHAR szCertificate[SZ_ALG_MAX_SIZE];
  DWORD dwKeyType; /* IANA number of the group */
} SecPkgContext_CipherInfo, *PSecPkgContext_CipherInfo;

typedef struct _SecPkgContext_ConnectionInfoEx {
  DWORD dwVersion; /* SECPKGCONTEXT_CONNECTION_INFO_EX_V1 */
  DWORD dwProtocol;
  WCHAR szCipher[SZ_ALG_MAX_SIZE];
  DWORD dwCipherStrength;
  WCHAR szHash[SZ_ALG_MAX_SIZE];
  DWORD dwHashStrength;
  WCHAR szExchange[SZ_ALG_MAX_SIZE];
  DWORD dwExchStrength;
} SecPkgContext_ConnectionInfoEx, *PSecPkgContext_ConnectionInfoEx;

typedef struct _SecPkgContext_SessionInfo {
  DWORD dwFlags;     /* SSL_SESSION_RECONNECT if the session was resumed */
  DWORD cbSessionId; /* bytes; 0 for a session with a ticket, and in TLS 1.3 */
  BYTE rgbSessionId[32];
} SecPkgContext_SessionInfo, *PSecPkgContext_SessionInfo;

#define SSL_SESSION_RECONNECT 1

/* The caller's bytes, at most 64 KiB, kept with the session and so found again on every connection
 * that resumes it (CACHE-13). What a server's ticket holds is what was set before the ticket was
 * made, with the token that completes the handshake; a session that is too large for a ticket of
 * 16 KiB gets none. */
typedef struct _SecPkgContext_SessionAppData {
  DWORD dwFlags; /* 0 */
  DWORD cbAppData;
  PBYTE pbAppData;
} SecPkgContext_SessionAppData, *PSecPkgContext_SessionAppData;

/* Names of the authorities the server accepts; free aIssuers with FreeContextBuffer. */
typedef struct _SecPkgContext_IssuerListInfoEx {
  PCERT_NAME_BLOB aIssuers;
  DWORD cIssuers;
} SecPkgContext_IssuerListInfoEx, *PSecPkgContext_IssuerListInfoEx;

typedef struct _SecPkgContext_IssuerListInfo {
  DWORD cbIssuerList;
  PBYTE pIssuerList;
} SecPkgContext_IssuerListInfo, *PSecPkgContext_IssuerListInfo;

typedef struct _SecPkgContext_RemoteCredentialInfo {
  DWORD cbCertificateChain;
  PBYTE pbCertificateChain;
  DWORD cCertificates;
  DWORD fFlags;
  DWORD dwBits;
} SecPkgContext_RemoteCredentialInfo, *PSecPkgContext_RemoteCredentialInfo;
typedef SecPkgContext_RemoteCredentialInfo SecPkgContext_RemoteCredenitalInfo,
    *PSecPkgContext_RemoteCredenitalInfo; /* spelt this way in the Windows SDK */

#define RCRED_STATUS_NOCRED 0
#define RCRED_CRED_EXISTS 1
#define RCRED_STATUS_UNKNOWN_ISSUER 2

typedef struct _SecPkgContext_LocalCredentialInfo {
  DWORD cbCertificateChain;
  PBYTE pbCertificateChain;
  DWORD cCertificates;
  DWORD fFlags;
  DWORD dwBits;
} SecPkgContext_LocalCredentialInfo, *PSecPkgContext_LocalCredentialInfo;
typedef SecPkgContext_LocalCredentialInfo SecPkgContext_LocalCredenitalInfo,
    *PSecPkgContext_LocalCredenitalInfo; /* spelt this way in the Windows SDK */

#define LCRED_STATUS_NOCRED 0
#define LCRED_CRED_EXISTS 1
#define LCRED_STATUS_UNKNOWN_ISSUER 2

/* What is to be said of the peer's certificate. A client that validates by itself has the verdict
 * of the handshake, which SCH_CRED_DEFERRED_CRED_VALIDATION keeps from failing: then this is where
 * the caller finds out, and it must look. A server, and a client with manual validation, are told
 * what the automatic validation would say, without asking the network. SEC_E_NO_CREDENTIALS: the
 * peer has shown no certificate. Contract ATTR-44. */
typedef struct _SecPkgContext_CertificateValidationResult {
  DWORD dwChainErrorStatus; /* CERT_TRUST_*; 0: none */
  HRESULT
      hrVerifyChainStatus; /* as CertVerifyCertificateChainPolicy; 0: the peer may be believed */
} SecPkgContext_CertificateValidationResult, *PSecPkgContext_CertificateValidationResult;

/* The certificates the peer sent: each a 3-byte big-endian length and the encoding, leaf first. */
typedef struct _SecPkgContext_Certificates {
  DWORD cCertificates;
  DWORD cbCertificateChain;
  PBYTE pbCertificateChain;
} SecPkgContext_Certificates, *PSecPkgContext_Certificates;

typedef struct _SecPkgContext_CertInfo {
  DWORD dwVersion;
  DWORD cbSubjectName;
  LPWSTR pwszSubjectName;
  DWORD cbIssuerName;
  LPWSTR pwszIssuerName;
  DWORD dwKeySize;
} SecPkgContext_CertInfo, *PSecPkgContext_CertInfo;
#define KERN_CONTEXT_CERT_INFO_V1 0

typedef struct _SecPkgContext_EapKeyBlock {
  BYTE rgbKeys[128];
  BYTE rgbIVs[64];
} SecPkgContext_EapKeyBlock, *PSecPkgContext_EapKeyBlock;

typedef struct _SecPkgContext_EapPrfInfo {
  DWORD dwVersion;
  DWORD cbPrfData;
  PBYTE pbPrfData;
} SecPkgContext_EapPrfInfo, *PSecPkgContext_EapPrfInfo;

typedef struct _SecPkgContext_MappedCredAttr {
  DWORD dwAttribute;
  PVOID pvBuffer;
} SecPkgContext_MappedCredAttr, *PSecPkgContext_MappedCredAttr;

/* What this side can verify, best first: TlsSignatureAlgorithm_* in the high byte,
 * TlsHashAlgorithm_* in the low one (RFC 5246 section 7.4.1.4.1); schemes that are no such pair are
 * left out. Free the array with FreeContextBuffer. */
typedef struct _SecPkgContext_SupportedSignatures {
  WORD cSignatureAndHashAlgorithms;
  WORD* pSignatureAndHashAlgorithms;
} SecPkgContext_SupportedSignatures, *PSecPkgContext_SupportedSignatures;

typedef enum _eTlsSignatureAlgorithm {
  TlsSignatureAlgorithm_Anonymous = 0,
  TlsSignatureAlgorithm_Rsa = 1,
  TlsSignatureAlgorithm_Dsa = 2,
  TlsSignatureAlgorithm_Ecdsa = 3
} eTlsSignatureAlgorithm;

typedef enum _eTlsHashAlgorithm {
  TlsHashAlgorithm_None = 0,
  TlsHashAlgorithm_Md5 = 1,
  TlsHashAlgorithm_Sha1 = 2,
  TlsHashAlgorithm_Sha224 = 3,
  TlsHashAlgorithm_Sha256 = 4,
  TlsHashAlgorithm_Sha384 = 5,
  TlsHashAlgorithm_Sha512 = 6
} eTlsHashAlgorithm;

typedef struct _SecPkgContext_ClientCertPolicyResult {
  HRESULT dwPolicyResult;
  GUID guidPolicyId;
} SecPkgContext_ClientCertPolicyResult, *PSecPkgContext_ClientCertPolicyResult;

typedef struct _SecPkgContext_UiInfo {
  HWND hParentWindow;
} SecPkgContext_UiInfo, *PSecPkgContext_UiInfo;

typedef struct _SecPkgContext_EarlyStart {
  DWORD dwEarlyStartFlags;
} SecPkgContext_EarlyStart, *PSecPkgContext_EarlyStart;
#define ENABLE_TLS_CLIENT_EARLY_START 0x00000001

/* Exporter input (RFC 8446 section 7.5, RFC 5705): set it, then query SECPKG_ATTR_KEYING_MATERIAL.
 * */
typedef struct _SecPkgContext_KeyingMaterialInfo {
  WORD cbLabel; /* bytes of pszLabel, terminator included */
  LPSTR pszLabel;
  WORD cbContextValue;
  PBYTE pbContextValue;
  DWORD cbKeyingMaterial; /* bytes to make */
} SecPkgContext_KeyingMaterialInfo, *PSecPkgContext_KeyingMaterialInfo;

typedef struct _SecPkgContext_KeyingMaterial {
  DWORD cbKeyingMaterial;
  PBYTE pbKeyingMaterial; /* free with FreeContextBuffer */
} SecPkgContext_KeyingMaterial, *PSecPkgContext_KeyingMaterial;

typedef struct _SecPkgContext_KeyingMaterial_Inproc {
  WORD cbLabel;
  LPSTR pszLabel;
  WORD cbContextValue;
  PBYTE pbContextValue;
  DWORD cbKeyingMaterial;
  PBYTE pbKeyingMaterial;
} SecPkgContext_KeyingMaterial_Inproc, *PSecPkgContext_KeyingMaterial_Inproc;

typedef struct _SecPkgContext_SrtpParameters {
  USHORT ProtectionProfile;
  UCHAR MasterKeyIdentifierSize;
  PUCHAR MasterKeyIdentifier;
} SecPkgContext_SrtpParameters, *PSecPkgContext_SrtpParameters;

typedef struct _SecPkgContext_TokenBinding {
  UCHAR MajorVersion;
  UCHAR MinorVersion;
  USHORT KeyParametersSize;
  PUCHAR KeyParameters;
} SecPkgContext_TokenBinding, *PSecPkgContext_TokenBinding;

typedef struct _SCH_EXTENSION_DATA {
  WORD ExtensionType;
  const BYTE* pExtData;
  DWORD cbExtData;
} SCH_EXTENSION_DATA, *PSCH_EXTENSION_DATA;

typedef struct _SecPkgContext_NegotiatedTlsExtensions {
  DWORD ExtensionsCount;
  PSCH_EXTENSION_DATA Extensions;
} SecPkgContext_NegotiatedTlsExtensions, *PSecPkgContext_NegotiatedTlsExtensions;

/* ---- Attributes of credentials ---- */

typedef struct _SecPkgCred_SupportedAlgs {
  DWORD cSupportedAlgs;
  ALG_ID* palgSupportedAlgs; /* free with FreeContextBuffer */
} SecPkgCred_SupportedAlgs, *PSecPkgCred_SupportedAlgs;

typedef struct _SecPkgCred_CipherStrengths {
  DWORD dwMinimumCipherStrength; /* bits */
  DWORD dwMaximumCipherStrength; /* bits */
} SecPkgCred_CipherStrengths, *PSecPkgCred_CipherStrengths;

/* The keys that a server's tickets are sealed under, to be shared by the servers of a fleet. The
 * first seals, all open. They replace the random keys of the credential, and the session ids stay.
 * SetCredentialsAttributes copies them; QueryCredentialsAttributes gives those that were set, or
 * none, with KeyingMaterial all zeros. Contract CACHE-12. */
#define SESSION_TICKET_INFO_V0 0
#define SESSION_TICKET_INFO_VERSION SESSION_TICKET_INFO_V0

typedef struct _SecPkgCred_SessionTicketKey {
  DWORD TicketInfoVersion; /* SESSION_TICKET_INFO_VERSION */
  BYTE KeyId[16];          /* names the key; goes out in the open with every ticket */
  BYTE KeyingMaterial[64]; /* random */
  BYTE KeyingMaterialSize; /* bytes of it that count: 32 to 64 */
} SecPkgCred_SessionTicketKey, *PSecPkgCred_SessionTicketKey;

typedef struct _SecPkgCred_SessionTicketKeys {
  DWORD cSessionTicketKeys; /* 1 to 16 */
  PSecPkgCred_SessionTicketKey pSessionTicketKeys;
} SecPkgCred_SessionTicketKeys, *PSecPkgCred_SessionTicketKeys;

typedef struct _SecPkgCred_SupportedProtocols {
  DWORD grbitProtocol;
} SecPkgCred_SupportedProtocols, *PSecPkgCred_SupportedProtocols;

typedef struct _SecPkgCred_ClientCertPolicy {
  DWORD dwFlags;
  GUID guidPolicyId;
  DWORD dwCertFlags;
  DWORD dwUrlRetrievalTimeout; /* milliseconds */
  BOOL fCheckRevocationFreshnessTime;
  DWORD dwRevocationFreshnessTime; /* seconds */
  BOOL fOmitUsageCheck;
  LPWSTR pwszSslCtlStoreName;
  LPWSTR pwszSslCtlIdentifier;
} SecPkgCred_ClientCertPolicy, *PSecPkgCred_ClientCertPolicy;

#ifdef __cplusplus
}
#endif
