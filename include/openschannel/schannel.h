/* Schannel: credential structures, flags, protocols, control tokens and TLS attributes for use with
 * sspi.h.
 *
 * SCH_CREDENTIALS and its parts are always declared; SCHANNEL_USE_BLACKLISTS, which the Windows SDK
 * wants for them, may be defined or not. This header can be included before or after security.h.
 */
#pragma once

#include <openschannel/cert_types.h>
#include <openschannel/schannel_attributes.h>
#include <openschannel/sspi_types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Package names (pszPackage of AcquireCredentialsHandle), contract PKG ---- */

/* the package: TLS 1.3 and TLS 1.2 */
#define UNISP_NAME_A "Microsoft Unified Security Protocol Provider"
#define UNISP_NAME_W L"Microsoft Unified Security Protocol Provider"
#define SCHANNEL_NAME_A "Schannel" /* other name of the same package */
#define SCHANNEL_NAME_W L"Schannel"
#define DEFAULT_TLS_SSP_NAME_A "Default TLS SSP"
#define DEFAULT_TLS_SSP_NAME_W L"Default TLS SSP"
/* Names of single protocols, from older systems. */
#define SSL2SP_NAME_A "Microsoft SSL 2.0"
#define SSL2SP_NAME_W L"Microsoft SSL 2.0"
#define SSL3SP_NAME_A "Microsoft SSL 3.0"
#define SSL3SP_NAME_W L"Microsoft SSL 3.0"
#define TLS1SP_NAME_A "Microsoft TLS 1.0"
#define TLS1SP_NAME_W L"Microsoft TLS 1.0"
#define PCT1SP_NAME_A "Microsoft PCT 1.0"
#define PCT1SP_NAME_W L"Microsoft PCT 1.0"
#ifdef UNICODE
#define UNISP_NAME UNISP_NAME_W
#define SCHANNEL_NAME SCHANNEL_NAME_W
#define SSL2SP_NAME SSL2SP_NAME_W
#define SSL3SP_NAME SSL3SP_NAME_W
#define TLS1SP_NAME TLS1SP_NAME_W
#define PCT1SP_NAME PCT1SP_NAME_W
#else
#define UNISP_NAME UNISP_NAME_A
#define SCHANNEL_NAME SCHANNEL_NAME_A
#define SSL2SP_NAME SSL2SP_NAME_A
#define SSL3SP_NAME SSL3SP_NAME_A
#define TLS1SP_NAME TLS1SP_NAME_A
#define PCT1SP_NAME PCT1SP_NAME_A
#endif
#define UNISP_RPC_ID 0xE

/* ---- Protocols (grbitEnabledProtocols, grbitDisabledProtocols, dwProtocol) ---- */

#define SP_PROT_NONE 0x00000000
#define SP_PROT_PCT1_SERVER 0x00000001
#define SP_PROT_PCT1_CLIENT 0x00000002
#define SP_PROT_PCT1 0x00000003
#define SP_PROT_SSL2_SERVER 0x00000004
#define SP_PROT_SSL2_CLIENT 0x00000008
#define SP_PROT_SSL2 0x0000000C
#define SP_PROT_SSL3_SERVER 0x00000010
#define SP_PROT_SSL3_CLIENT 0x00000020
#define SP_PROT_SSL3 0x00000030
#define SP_PROT_TLS1_SERVER 0x00000040
#define SP_PROT_TLS1_CLIENT 0x00000080
#define SP_PROT_TLS1 0x000000C0
#define SP_PROT_TLS1_0_SERVER 0x00000040
#define SP_PROT_TLS1_0_CLIENT 0x00000080
#define SP_PROT_TLS1_0 0x000000C0
#define SP_PROT_TLS1_1_SERVER 0x00000100
#define SP_PROT_TLS1_1_CLIENT 0x00000200
#define SP_PROT_TLS1_1 0x00000300
#define SP_PROT_TLS1_2_SERVER 0x00000400
#define SP_PROT_TLS1_2_CLIENT 0x00000800
#define SP_PROT_TLS1_2 0x00000C00
#define SP_PROT_TLS1_3_SERVER 0x00001000
#define SP_PROT_TLS1_3_CLIENT 0x00002000
#define SP_PROT_TLS1_3 0x00003000
#define SP_PROT_DTLS1_0_SERVER 0x00010000
#define SP_PROT_DTLS1_0_CLIENT 0x00020000
#define SP_PROT_DTLS1_0 0x00030000
#define SP_PROT_DTLS1_2_SERVER 0x00040000
#define SP_PROT_DTLS1_2_CLIENT 0x00080000
#define SP_PROT_DTLS1_2 0x000C0000
#define SP_PROT_UNI_SERVER 0x40000000
#define SP_PROT_UNI_CLIENT 0x80000000
#define SP_PROT_UNI 0xC0000000
#define SP_PROT_ALL 0xFFFFFFFF
/* Groups of the above. */
#define SP_PROT_SSL3TLS1_SERVERS 0x00000050
#define SP_PROT_SSL3TLS1_CLIENTS 0x000000A0
#define SP_PROT_SSL3TLS1 0x000000F0
#define SP_PROT_TLS1_3PLUS_SERVER 0x00001000
#define SP_PROT_TLS1_1PLUS_SERVER 0x00001500
#define SP_PROT_TLS1_X_SERVER 0x00001540
#define SP_PROT_SSL3TLS1_X_SERVERS 0x00001550
#define SP_PROT_TLS1_3PLUS_CLIENT 0x00002000
#define SP_PROT_TLS1_1PLUS_CLIENT 0x00002A00
#define SP_PROT_TLS1_X_CLIENT 0x00002A80
#define SP_PROT_SSL3TLS1_X_CLIENTS 0x00002AA0
#define SP_PROT_TLS1_3PLUS 0x00003000
#define SP_PROT_TLS1_1PLUS 0x00003F00
#define SP_PROT_TLS1_X 0x00003FC0
#define SP_PROT_SSL3TLS1_X 0x00003FF0
#define SP_PROT_DTLS_SERVER 0x00010000
#define SP_PROT_DTLS_CLIENT 0x00020000
#define SP_PROT_DTLS 0x00030000
#define SP_PROT_DTLS1_X_SERVER 0x00050000
#define SP_PROT_DTLS1_X_CLIENT 0x000A0000
#define SP_PROT_DTLS1_X 0x000F0000
#define SP_PROT_SERVERS 0x40000055
#define SP_PROT_X_SERVERS 0x40051555
#define SP_PROT_CLIENTS 0x800000AA
#define SP_PROT_X_CLIENTS 0x800A2AAA

/* ---- SCHANNEL_CRED: credentials up to TLS 1.2 ---- */

/* Maps certificates to accounts; Schannel's own mapper is used and aphMappers is ignored. */
struct _HMAPPER;

/* dwVersion is SCHANNEL_CRED_VERSION. The arrays stay the caller's; what is needed of them is
 * copied. */
typedef struct _SCHANNEL_CRED {
  DWORD dwVersion;
  DWORD cCreds; /* elements of paCred */
  PCCERT_CONTEXT* paCred;
  HCERTSTORE hRootStore; /* roots accepted of the peer; OUTBOUND: see extensions.h */
  DWORD cMappers;
  struct _HMAPPER** aphMappers;
  DWORD cSupportedAlgs; /* elements of palgSupportedAlgs; 0 is the default set */
  ALG_ID* palgSupportedAlgs;
  DWORD grbitEnabledProtocols;   /* SP_PROT_*; 0 is the default set */
  DWORD dwMinimumCipherStrength; /* bits; 0 is the default */
  DWORD dwMaximumCipherStrength; /* bits; 0 is the default */
  DWORD dwSessionLifespan;       /* milliseconds; 0 is the default */
  DWORD dwFlags;                 /* SCH_* */
  DWORD dwCredFormat;            /* SCH_CRED_FORMAT_* */
} SCHANNEL_CRED, *PSCHANNEL_CRED;

#define SCHANNEL_CRED_VERSION 4
#define SCH_CRED_V1 1
#define SCH_CRED_V2 2
#define SCH_CRED_V3 3
#define SCH_CRED_VERSION 2

#define SCH_CRED_FORMAT_CERT_CONTEXT 0    /* paCred points to CERT_CONTEXT pointers */
#define SCH_CRED_FORMAT_CERT_HASH 1       /* paCred points to SCHANNEL_CERT_HASH pointers */
#define SCH_CRED_FORMAT_CERT_HASH_STORE 2 /* paCred points to SCHANNEL_CERT_HASH_STORE pointers */

#define SCH_CRED_MAX_STORE_NAME_SIZE 0x80
#define SCH_CRED_MAX_SUPPORTED_ALGS 0x100
#define SCH_CRED_MAX_SUPPORTED_CERTS 0x64

/* ---- SCH_CREDENTIALS: credentials for every version ---- */

typedef enum _eTlsAlgorithmUsage {
  TlsParametersCngAlgUsageKeyExchange, /* group or key exchange */
  TlsParametersCngAlgUsageSignature,   /* signature of the handshake */
  TlsParametersCngAlgUsageCipher,      /* record cipher */
  TlsParametersCngAlgUsageDigest,      /* hash of the cipher suite */
  TlsParametersCngAlgUsageCertSig      /* signature of a certificate */
} eTlsAlgorithmUsage;

/* One algorithm that is not to be used (contract CRED-37 to CRED-40).
 *
 * strCngAlgId for each usage: KeyExchange "ECDH" (every group, or those of a size), "x25519",
 * "ECDH_P256", "ECDH_P384", "ECDH_P521"; Signature "RSA", "ECDSA", "SCH_RSA_PKCS_PAD",
 * "SCH_RSA_PSS_PAD", "SHA256", "SHA384", "SHA512"; Cipher "AES" (chaining mode
 * "ChainingModeGCM" or none), "CHACHA20_POLY1305"; Digest "SHA256", "SHA384"; CertSig "RSA",
 * "ECDSA", "MD5", "SHA1", "SHA256", "SHA384", "SHA512". Letters in either case. Other names are
 * ignored: what this library does not have is not used. */
typedef struct _CRYPTO_SETTINGS {
  eTlsAlgorithmUsage eAlgorithmUsage;
  UNICODE_STRING strCngAlgId;
  DWORD cChainingModes;
  PUNICODE_STRING rgstrChainingModes;
  DWORD dwMinBitLength; /* disabled from here ... */
  DWORD dwMaxBitLength; /* ... to here, in bits; 0 is no bound */
} CRYPTO_SETTINGS, *PCRYPTO_SETTINGS;

/* What is taken away when one of the application protocols is agreed on (contract CRED-30 to
 * CRED-36). With TLS_PARAMS_OPTIONAL, for servers only, an entry holds where the handshake can go
 * on with it; without, the handshake fails where it can't. */
typedef struct _TLS_PARAMETERS {
  DWORD cAlpnIds; /* 0: the parameters hold for every application protocol */
  PUNICODE_STRING rgstrAlpnIds;
  DWORD grbitDisabledProtocols; /* SP_PROT_* */
  DWORD cDisabledCrypto;
  PCRYPTO_SETTINGS pDisabledCrypto;
  DWORD dwFlags; /* TLS_PARAMS_* */
} TLS_PARAMETERS, *PTLS_PARAMETERS;

/* dwVersion is SCH_CREDENTIALS_VERSION. The arrays stay the caller's; what is needed of them is
 * copied. Of several certificates a server shows the first that can sign for the client, those for
 * the client's SNI name before others, and staples what CERT_OCSP_RESPONSE_PROP_ID holds when the
 * client asks (contract CRED-24). */
typedef struct _SCH_CREDENTIALS {
  DWORD dwVersion;
  DWORD dwCredFormat; /* SCH_CRED_FORMAT_* */
  DWORD cCreds;       /* elements of paCred */
  PCCERT_CONTEXT* paCred;
  HCERTSTORE hRootStore; /* roots accepted of the peer; OUTBOUND: see extensions.h */
  DWORD cMappers;
  struct _HMAPPER** aphMappers;
  DWORD dwSessionLifespan; /* milliseconds; 0 is the default */
  DWORD dwFlags;           /* SCH_* */
  DWORD cTlsParameters;
  PTLS_PARAMETERS pTlsParameters;
} SCH_CREDENTIALS, *PSCH_CREDENTIALS;

#define SCH_CREDENTIALS_VERSION 5
#define TLS_PARAMS_OPTIONAL 1
#define SCH_CRED_MAX_SUPPORTED_PARAMETERS 0x10
#define SCH_CRED_MAX_SUPPORTED_ALPN_IDS 0x10
#define SCH_CRED_MAX_SUPPORTED_CRYPTO_SETTINGS 0x10
#define SCH_CRED_MAX_SUPPORTED_CHAINING_MODES 0x10

/* ---- dwFlags of both credential structures ---- */

/* server: don't look for an account of the client's certificate */
#define SCH_CRED_NO_SYSTEM_MAPPER 0x00000002
/* client: don't compare the target name with the certificate */
#define SCH_CRED_NO_SERVERNAME_CHECK 0x00000004
/* client: the caller checks the server's certificate */
#define SCH_CRED_MANUAL_CRED_VALIDATION 0x00000008
#define SCH_CRED_NO_DEFAULT_CREDS 0x00000010 /* client: never pick a certificate on its own */
/* client: check the server's certificate (the default) */
#define SCH_CRED_AUTO_CRED_VALIDATION 0x00000020
#define SCH_CRED_USE_DEFAULT_CREDS 0x00000040 /* client: pick a certificate if the server asks */
/* server: give no tickets, and find no session id before SSL_SESSION_ENABLE_RECONNECTS (CACHE-8) */
#define SCH_CRED_DISABLE_RECONNECTS 0x00000080
#define SCH_DISABLE_RECONNECTS SCH_CRED_DISABLE_RECONNECTS /* the name in older documentation */
#define SCH_CRED_REVOCATION_CHECK_END_CERT 0x00000100
#define SCH_CRED_REVOCATION_CHECK_CHAIN 0x00000200
#define SCH_CRED_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT 0x00000400
#define SCH_CRED_IGNORE_NO_REVOCATION_CHECK 0x00000800 /* "revocation unknown" is not a failure */
/* "revocation server not reached" is not a failure */
#define SCH_CRED_IGNORE_REVOCATION_OFFLINE 0x00001000
#define SCH_CRED_RESTRICTED_ROOTS 0x00002000
#define SCH_CRED_REVOCATION_CHECK_CACHE_ONLY 0x00004000
#define SCH_CRED_CACHE_ONLY_URL_RETRIEVAL 0x00008000
#define SCH_CRED_MEMORY_STORE_CERT 0x00010000
#define SCH_CRED_CACHE_ONLY_URL_RETRIEVAL_ON_CREATE 0x00020000
#define SCH_SEND_ROOT_CERT 0x00040000 /* send the root of the own chain too */
#define SCH_CRED_SNI_CREDENTIAL 0x00080000
#define SCH_CRED_SNI_ENABLE_OCSP 0x00100000
#define SCH_SEND_AUX_RECORD 0x00200000   /* split the first record of each CBC message */
#define SCH_USE_STRONG_CRYPTO 0x00400000 /* leave out algorithms known to be weak */
#define SCH_USE_PRESHAREDKEY_ONLY 0x00800000
#define SCH_USE_DTLS_ONLY 0x01000000
#define SCH_ALLOW_NULL_ENCRYPTION 0x02000000
/* client: validate the server's certificate, but let the handshake go on whatever comes of it;
 * SECPKG_ATTR_CERT_CHECK_RESULT tells, and the caller must look. ISC_RET_MUTUAL_AUTH is set only
 * when the server may be believed. */
#define SCH_CRED_DEFERRED_CRED_VALIDATION 0x04000000

/* ---- Certificates by hash, and the forms of credentials before SCHANNEL_CRED ---- */

typedef struct _SCHANNEL_CERT_HASH {
  DWORD dwLength;
  DWORD dwFlags; /* SCH_MACHINE_CERT_HASH */
  HCRYPTPROV hProv;
  BYTE ShaHash[20];
} SCHANNEL_CERT_HASH, *PSCHANNEL_CERT_HASH;

typedef struct _SCHANNEL_CERT_HASH_STORE {
  DWORD dwLength;
  DWORD dwFlags;
  HCRYPTPROV hProv;
  BYTE ShaHash[20];
  WCHAR pwszStoreName[SCH_CRED_MAX_STORE_NAME_SIZE];
} SCHANNEL_CERT_HASH_STORE, *PSCHANNEL_CERT_HASH_STORE;

#define SCH_MACHINE_CERT_HASH 1

typedef struct _SCH_CRED {
  DWORD dwVersion;
  DWORD cCreds;
  PVOID* paSecret;
  PVOID* paPublic;
  DWORD cMappers;
  struct _HMAPPER** aphMappers;
} SCH_CRED, *PSCH_CRED;

typedef struct _SCH_CRED_SECRET_CAPI {
  DWORD dwType;
  HCRYPTPROV hProv;
} SCH_CRED_SECRET_CAPI, *PSCH_CRED_SECRET_CAPI;

typedef struct _SCH_CRED_SECRET_PRIVKEY {
  DWORD dwType;
  PBYTE pPrivateKey;
  DWORD cbPrivateKey;
  PSTR pszPassword;
} SCH_CRED_SECRET_PRIVKEY, *PSCH_CRED_SECRET_PRIVKEY;

typedef struct _SCH_CRED_PUBLIC_CERTCHAIN {
  DWORD dwType;
  DWORD cbCertChain;
  PBYTE pCertChain;
} SCH_CRED_PUBLIC_CERTCHAIN, *PSCH_CRED_PUBLIC_CERTCHAIN;

typedef struct _SCH_CRED_PUBLIC_CAPI {
  DWORD dwType;
  HCRYPTPROV hProv;
} SCH_CRED_PUBLIC_CAPI, *PSCH_CRED_PUBLIC_CAPI;

#define SCH_CRED_X509_CERTCHAIN 1
#define SCH_CRED_X509_CAPI 2
#define SCH_CRED_CERT_CONTEXT 3
#define SCHANNEL_SECRET_TYPE_CAPI 1
#define SCHANNEL_SECRET_PRIVKEY 2

/* ---- Control tokens (ApplyControlToken) ---- */

#define SCHANNEL_RENEGOTIATE 0 /* token is one DWORD: start a new handshake */
#define SCHANNEL_SHUTDOWN 1    /* token is one DWORD: the next call makes a close_notify */
#define SCHANNEL_ALERT 2       /* token is a SCHANNEL_ALERT_TOKEN */
#define SCHANNEL_SESSION 3     /* token is a SCHANNEL_SESSION_TOKEN */

typedef struct _SCHANNEL_ALERT_TOKEN {
  DWORD dwTokenType;   /* SCHANNEL_ALERT */
  DWORD dwAlertType;   /* TLS1_ALERT_WARNING or TLS1_ALERT_FATAL */
  DWORD dwAlertNumber; /* TLS1_ALERT_* */
} SCHANNEL_ALERT_TOKEN;

typedef struct _SCHANNEL_SESSION_TOKEN {
  DWORD dwTokenType; /* SCHANNEL_SESSION */
  DWORD dwFlags;     /* SSL_SESSION_ENABLE_RECONNECTS or SSL_SESSION_DISABLE_RECONNECTS */
} SCHANNEL_SESSION_TOKEN;

#define SSL_SESSION_ENABLE_RECONNECTS 1
#define SSL_SESSION_DISABLE_RECONNECTS 2

/* Alerts, RFC 8446 section 6 and RFC 5246 section 7.2. */
#define TLS1_ALERT_WARNING 1
#define TLS1_ALERT_FATAL 2

#define TLS1_ALERT_CLOSE_NOTIFY 0
#define TLS1_ALERT_UNEXPECTED_MESSAGE 0xA
#define TLS1_ALERT_BAD_RECORD_MAC 0x14
#define TLS1_ALERT_DECRYPTION_FAILED 0x15
#define TLS1_ALERT_RECORD_OVERFLOW 0x16
#define TLS1_ALERT_DECOMPRESSION_FAIL 0x1E
#define TLS1_ALERT_HANDSHAKE_FAILURE 0x28
#define TLS1_ALERT_BAD_CERTIFICATE 0x2A
#define TLS1_ALERT_UNSUPPORTED_CERT 0x2B
#define TLS1_ALERT_CERTIFICATE_REVOKED 0x2C
#define TLS1_ALERT_CERTIFICATE_EXPIRED 0x2D
#define TLS1_ALERT_CERTIFICATE_UNKNOWN 0x2E
#define TLS1_ALERT_ILLEGAL_PARAMETER 0x2F
#define TLS1_ALERT_UNKNOWN_CA 0x30
#define TLS1_ALERT_ACCESS_DENIED 0x31
#define TLS1_ALERT_DECODE_ERROR 0x32
#define TLS1_ALERT_DECRYPT_ERROR 0x33
#define TLS1_ALERT_EXPORT_RESTRICTION 0x3C
#define TLS1_ALERT_PROTOCOL_VERSION 0x46
#define TLS1_ALERT_INSUFFIENT_SECURITY 0x47
#define TLS1_ALERT_INTERNAL_ERROR 0x50
#define TLS1_ALERT_USER_CANCELED 0x5A
#define TLS1_ALERT_NO_RENEGOTIATION 0x64
#define TLS1_ALERT_UNSUPPORTED_EXT 0x6E
#define TLS1_ALERT_UNKNOWN_PSK_IDENTITY 0x73
#define TLS1_ALERT_NO_APP_PROTOCOL 0x78

/* ---- Keys, and the certificate cracker of old servers ---- */

typedef struct _SCHANNEL_ALG {
  DWORD dwUse; /* SCHANNEL_MAC_KEY or SCHANNEL_ENC_KEY */
  ALG_ID Algid;
  DWORD cBits;
  DWORD dwFlags;
  DWORD dwReserved;
} SCHANNEL_ALG, *PSCHANNEL_ALG;

#define SCHANNEL_MAC_KEY 0
#define SCHANNEL_ENC_KEY 1
#define SCH_NO_RECORD_HEADER 1

typedef struct _SCHANNEL_CLIENT_SIGNATURE {
  DWORD cbLength;
  ALG_ID aiHash;
  DWORD cbHash;
  BYTE HashValue[36];
  BYTE CertThumbprint[20];
} SCHANNEL_CLIENT_SIGNATURE, *PSCHANNEL_CLIENT_SIGNATURE;

typedef struct _SSL_CREDENTIAL_CERTIFICATE {
  DWORD cbPrivateKey;
  PBYTE pPrivateKey;
  DWORD cbCertificate;
  PBYTE pCertificate;
  PSTR pszPassword;
} SSL_CREDENTIAL_CERTIFICATE, *PSSL_CREDENTIAL_CERTIFICATE;

typedef struct _PctPublicKey {
  DWORD Type;
  DWORD cbKey;
  UCHAR pKey[1];
} PctPublicKey;

typedef struct _X509Certificate {
  DWORD Version;
  DWORD SerialNumber[4];
  ALG_ID SignatureAlgorithm;
  FILETIME ValidFrom;
  FILETIME ValidUntil;
  PSTR pszIssuer;
  PSTR pszSubject;
  PctPublicKey* pPublicKey;
} X509Certificate, *PX509Certificate;

/* SslEmptyCache forgets sessions, so that the next connection does a full handshake. Connections
 * that are open stay as they are.
 *
 * pszTargetName  the pszTargetName that InitializeSecurityContext was given, in letters of either
 *                case; NULL: the sessions of every target. Those of all client credentials of the
 *                process are meant
 * dwFlags        not used; 0
 *
 * Returns TRUE if there was a session, else FALSE. A server's sessions are not affected. Contract
 * CACHE-9. */
OPENSCHANNEL_API BOOL WINAPI SslEmptyCacheA(LPSTR pszTargetName, DWORD dwFlags);
OPENSCHANNEL_API BOOL WINAPI SslEmptyCacheW(LPWSTR pszTargetName, DWORD dwFlags);
#ifdef UNICODE
#define SslEmptyCache SslEmptyCacheW
#else
#define SslEmptyCache SslEmptyCacheA
#endif

#define SSL_CRACK_CERTIFICATE_NAME "SslCrackCertificate"
#define SSL_FREE_CERTIFICATE_NAME "SslFreeCertificate"

/* Properties of certificate contexts that Schannel itself defines. */
#define CERT_SCHANNEL_IIS_PRIVATE_KEY_PROP_ID 0x8000
#define CERT_SCHANNEL_IIS_PASSWORD_PROP_ID 0x8001
#define CERT_SCHANNEL_SGC_CERTIFICATE_PROP_ID 0x8002

#ifdef __cplusplus
}
#endif
