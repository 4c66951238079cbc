/* SSPI: security contexts, message protection, and the function table.
 *
 * Names, values and layouts are those of 64-bit Windows (contract, section A). Handles are two
 * pointer-sized words without meaning to the caller; they may be copied. A functions take UTF-8, W
 * functions take wchar_t strings. Functions that have both forms are used under their plain name,
 * which is the W form when UNICODE is defined and the A form otherwise; the plain names also name
 * the members of the function table.
 */
#pragma once

#include <openschannel/windef.h>
#include <openschannel/winerror.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef CHAR SEC_CHAR;
typedef WCHAR SEC_WCHAR;
#ifdef UNICODE
typedef SEC_WCHAR* SECURITY_PSTR;
typedef const SEC_WCHAR* SECURITY_PCSTR;
#else
typedef SEC_CHAR* SECURITY_PSTR;
typedef const SEC_CHAR* SECURITY_PCSTR;
#endif

/* ---- Handles and time ---- */

typedef struct _SecHandle {
  ULONG_PTR dwLower;
  ULONG_PTR dwUpper;
} SecHandle, *PSecHandle;
typedef SecHandle CredHandle;
typedef SecHandle CtxtHandle;
typedef PSecHandle PCredHandle;
typedef PSecHandle PCtxtHandle;

/* A handle that was never given out, for callers that need a "none" value. */
#define SecInvalidateHandle(x)                    \
  do {                                            \
    ((PSecHandle)(x))->dwLower = (ULONG_PTR)(-1); \
    ((PSecHandle)(x))->dwUpper = (ULONG_PTR)(-1); \
  } while (0)
#define SecIsValidHandle(x)                           \
  ((((PSecHandle)(x))->dwLower != (ULONG_PTR)(-1)) && \
   (((PSecHandle)(x))->dwUpper != (ULONG_PTR)(-1)))
#define SEC_DELETED_HANDLE ((ULONG_PTR)(-2))

typedef LARGE_INTEGER SECURITY_INTEGER, *PSECURITY_INTEGER;
/* 100-nanosecond intervals since 1601-01-01, UTC. */
typedef SECURITY_INTEGER TimeStamp, *PTimeStamp;

typedef UNICODE_STRING SECURITY_STRING, *PSECURITY_STRING;

/* ---- Buffers ---- */

/* One piece of memory of a call. cbBuffer is a number of bytes, BufferType one of SECBUFFER_*. */
typedef struct _SecBuffer {
  ULONG cbBuffer;
  ULONG BufferType;
  void* pvBuffer;
} SecBuffer, *PSecBuffer;

/* The buffers of a call; ulVersion is SECBUFFER_VERSION. */
typedef struct _SecBufferDesc {
  ULONG ulVersion;
  ULONG cBuffers;
  PSecBuffer pBuffers;
} SecBufferDesc, *PSecBufferDesc;

#define SECBUFFER_VERSION 0

#define SECBUFFER_EMPTY 0 /* unused; may be written by the package */
#define SECBUFFER_DATA 1  /* message bytes: plaintext or ciphertext */
#define SECBUFFER_TOKEN 2 /* handshake bytes */
#define SECBUFFER_PKG_PARAMS 3
#define SECBUFFER_MISSING 4        /* out: cbBuffer more bytes are needed */
#define SECBUFFER_EXTRA 5          /* out: bytes of the input that were not used */
#define SECBUFFER_STREAM_TRAILER 6 /* room for what a record has after the data */
#define SECBUFFER_STREAM_HEADER 7  /* room for what a record has before the data */
#define SECBUFFER_NEGOTIATION_INFO 8
#define SECBUFFER_PADDING 9
#define SECBUFFER_STREAM 0xA
#define SECBUFFER_MECHLIST 0xB
#define SECBUFFER_MECHLIST_SIGNATURE 0xC
#define SECBUFFER_TARGET 0xD
#define SECBUFFER_CHANNEL_BINDINGS 0xE /* SEC_CHANNEL_BINDINGS */
#define SECBUFFER_CHANGE_PASS_RESPONSE 0xF
#define SECBUFFER_TARGET_HOST 0x10
#define SECBUFFER_ALERT 0x11                 /* out: level and number of the alert of a failure */
#define SECBUFFER_APPLICATION_PROTOCOLS 0x12 /* in: SEC_APPLICATION_PROTOCOLS */
#define SECBUFFER_SRTP_PROTECTION_PROFILES 0x13
#define SECBUFFER_SRTP_MASTER_KEY_IDENTIFIER 0x14
#define SECBUFFER_TOKEN_BINDING 0x15
#define SECBUFFER_PRESHARED_KEY 0x16
#define SECBUFFER_PRESHARED_KEY_IDENTITY 0x17
#define SECBUFFER_DTLS_MTU 0x18 /* SEC_DTLS_MTU */
#define SECBUFFER_SEND_GENERIC_TLS_EXTENSION 0x19
#define SECBUFFER_SUBSCRIBE_GENERIC_TLS_EXTENSION 0x1A
#define SECBUFFER_FLAGS 0x1B           /* SEC_FLAGS */
#define SECBUFFER_TRAFFIC_SECRETS 0x1C /* SEC_TRAFFIC_SECRETS */
#define SECBUFFER_CERTIFICATE_REQUEST_CONTEXT 0x1D

/* Bits that may be or'ed into BufferType. */
#define SECBUFFER_ATTRMASK 0xF0000000
#define SECBUFFER_READONLY 0x80000000 /* the package must not write here */
#define SECBUFFER_READONLY_WITH_CHECKSUM 0x10000000
#define SECBUFFER_RESERVED 0x60000000

/* ---- Flags of InitializeSecurityContext (fContextReq, *pfContextAttr) ---- */

#define ISC_REQ_DELEGATE 0x00000001
#define ISC_REQ_MUTUAL_AUTH 0x00000002
#define ISC_REQ_REPLAY_DETECT 0x00000004
#define ISC_REQ_SEQUENCE_DETECT 0x00000008
#define ISC_REQ_CONFIDENTIALITY 0x00000010
#define ISC_REQ_USE_SESSION_KEY 0x00000020
#define ISC_REQ_PROMPT_FOR_CREDS 0x00000040
/* never search for a client certificate; without one in the credential the first request for it
 * gives SEC_I_INCOMPLETE_CREDENTIALS (contract R-1) */
#define ISC_REQ_USE_SUPPLIED_CREDS 0x00000080
/* the package allocates the output; free with FreeContextBuffer */
#define ISC_REQ_ALLOCATE_MEMORY 0x00000100
#define ISC_REQ_USE_DCE_STYLE 0x00000200
#define ISC_REQ_DATAGRAM 0x00000400
#define ISC_REQ_CONNECTION 0x00000800
#define ISC_REQ_CALL_LEVEL 0x00001000
#define ISC_REQ_FRAGMENT_SUPPLIED 0x00002000
#define ISC_REQ_EXTENDED_ERROR 0x00004000 /* also return an alert to send when the call fails */
#define ISC_REQ_STREAM 0x00008000
#define ISC_REQ_INTEGRITY 0x00010000
#define ISC_REQ_IDENTIFY 0x00020000
#define ISC_REQ_NULL_SESSION 0x00040000
/* the caller checks the server's certificate itself */
#define ISC_REQ_MANUAL_CRED_VALIDATION 0x00080000
#define ISC_REQ_RESERVED1 0x00100000
#define ISC_REQ_FRAGMENT_TO_FIT 0x00200000
#define ISC_REQ_FORWARD_CREDENTIALS 0x00400000
#define ISC_REQ_NO_INTEGRITY 0x00800000
#define ISC_REQ_USE_HTTP_STYLE 0x01000000
#define ISC_REQ_UNVERIFIED_TARGET_NAME 0x20000000
#define ISC_REQ_CONFIDENTIALITY_ONLY 0x40000000
#define ISC_REQ_MESSAGES 0x100000000ULL
#define ISC_REQ_DEFERRED_CRED_VALIDATION 0x200000000ULL
#define ISC_REQ_NO_POST_HANDSHAKE_AUTH 0x400000000ULL

#define ISC_RET_DELEGATE 0x00000001
#define ISC_RET_MUTUAL_AUTH 0x00000002
#define ISC_RET_REPLAY_DETECT 0x00000004
#define ISC_RET_SEQUENCE_DETECT 0x00000008
#define ISC_RET_CONFIDENTIALITY 0x00000010
#define ISC_RET_USE_SESSION_KEY 0x00000020
#define ISC_RET_USED_COLLECTED_CREDS 0x00000040
#define ISC_RET_USED_SUPPLIED_CREDS 0x00000080
#define ISC_RET_ALLOCATED_MEMORY 0x00000100
#define ISC_RET_USED_DCE_STYLE 0x00000200
#define ISC_RET_DATAGRAM 0x00000400
#define ISC_RET_CONNECTION 0x00000800
#define ISC_RET_INTERMEDIATE_RETURN 0x00001000
#define ISC_RET_CALL_LEVEL 0x00002000
#define ISC_RET_EXTENDED_ERROR 0x00004000
#define ISC_RET_STREAM 0x00008000
#define ISC_RET_INTEGRITY 0x00010000
#define ISC_RET_IDENTIFY 0x00020000
#define ISC_RET_NULL_SESSION 0x00040000
#define ISC_RET_MANUAL_CRED_VALIDATION 0x00080000
#define ISC_RET_RESERVED1 0x00100000
#define ISC_RET_FRAGMENT_ONLY 0x00200000
#define ISC_RET_FORWARD_CREDENTIALS 0x00400000
#define ISC_RET_USED_HTTP_STYLE 0x01000000
#define ISC_RET_NO_ADDITIONAL_TOKEN 0x02000000
#define ISC_RET_REAUTHENTICATION 0x08000000
#define ISC_RET_CONFIDENTIALITY_ONLY 0x40000000
#define ISC_RET_MESSAGES 0x100000000ULL

/* ---- Flags of AcceptSecurityContext ---- */

#define ASC_REQ_DELEGATE 0x00000001
#define ASC_REQ_MUTUAL_AUTH 0x00000002 /* ask the client for a certificate */
#define ASC_REQ_REPLAY_DETECT 0x00000004
#define ASC_REQ_SEQUENCE_DETECT 0x00000008
#define ASC_REQ_CONFIDENTIALITY 0x00000010
#define ASC_REQ_USE_SESSION_KEY 0x00000020
#define ASC_REQ_SESSION_TICKET 0x00000040
#define ASC_REQ_ALLOCATE_MEMORY 0x00000100
#define ASC_REQ_USE_DCE_STYLE 0x00000200
#define ASC_REQ_DATAGRAM 0x00000400
#define ASC_REQ_CONNECTION 0x00000800
#define ASC_REQ_CALL_LEVEL 0x00001000
#define ASC_REQ_FRAGMENT_SUPPLIED 0x00002000
#define ASC_REQ_EXTENDED_ERROR 0x00008000
#define ASC_REQ_STREAM 0x00010000
#define ASC_REQ_INTEGRITY 0x00020000
#define ASC_REQ_LICENSING 0x00040000
#define ASC_REQ_IDENTIFY 0x00080000
#define ASC_REQ_ALLOW_NULL_SESSION 0x00100000
#define ASC_REQ_ALLOW_NON_USER_LOGONS 0x00200000
#define ASC_REQ_ALLOW_CONTEXT_REPLAY 0x00400000
#define ASC_REQ_FRAGMENT_TO_FIT 0x00800000
#define ASC_REQ_NO_TOKEN 0x01000000
#define ASC_REQ_PROXY_BINDINGS 0x04000000
#define ASC_REQ_ALLOW_MISSING_BINDINGS 0x10000000
#define ASC_REQ_MESSAGES 0x100000000ULL

#define ASC_RET_DELEGATE 0x00000001
#define ASC_RET_MUTUAL_AUTH 0x00000002
#define ASC_RET_REPLAY_DETECT 0x00000004
#define ASC_RET_SEQUENCE_DETECT 0x00000008
#define ASC_RET_CONFIDENTIALITY 0x00000010
#define ASC_RET_USE_SESSION_KEY 0x00000020
#define ASC_RET_SESSION_TICKET 0x00000040
#define ASC_RET_ALLOCATED_MEMORY 0x00000100
#define ASC_RET_USED_DCE_STYLE 0x00000200
#define ASC_RET_DATAGRAM 0x00000400
#define ASC_RET_CONNECTION 0x00000800
#define ASC_RET_CALL_LEVEL 0x00002000
#define ASC_RET_THIRD_LEG_FAILED 0x00004000
#define ASC_RET_EXTENDED_ERROR 0x00008000
#define ASC_RET_STREAM 0x00010000
#define ASC_RET_INTEGRITY 0x00020000
#define ASC_RET_LICENSING 0x00040000
#define ASC_RET_IDENTIFY 0x00080000
#define ASC_RET_NULL_SESSION 0x00100000
#define ASC_RET_ALLOW_NON_USER_LOGONS 0x00200000
#define ASC_RET_ALLOW_CONTEXT_REPLAY 0x00400000
#define ASC_RET_FRAGMENT_ONLY 0x00800000
#define ASC_RET_NO_TOKEN 0x01000000
#define ASC_RET_NO_ADDITIONAL_TOKEN 0x02000000
#define ASC_RET_MESSAGES 0x100000000ULL

/* ---- Credentials ---- */

/* fCredentialUse of AcquireCredentialsHandle. */
#define SECPKG_CRED_INBOUND 1  /* server */
#define SECPKG_CRED_OUTBOUND 2 /* client */
#define SECPKG_CRED_BOTH 3
#define SECPKG_CRED_DEFAULT 4
#define SECPKG_CRED_AUTOLOGON_RESTRICTED 0x00000010
#define SECPKG_CRED_PROCESS_POLICY_ONLY 0x00000020
#define SECPKG_CRED_RESERVED 0xF0000000

/* Attributes of credentials (QueryCredentialsAttributes). */
#define SECPKG_CRED_ATTR_NAMES 1
#define SECPKG_CRED_ATTR_SSI_PROVIDER 2
#define SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS 3
#define SECPKG_CRED_ATTR_CERT 4
#define SECPKG_CRED_ATTR_PAC_BYPASS 5

/* Credentials by name and password. Schannel doesn't take them; the types are here for source that
 * mentions them. */
typedef struct _SEC_WINNT_AUTH_IDENTITY_A {
  unsigned char* User;
  ULONG UserLength;
  unsigned char* Domain;
  ULONG DomainLength;
  unsigned char* Password;
  ULONG PasswordLength;
  ULONG Flags;
} SEC_WINNT_AUTH_IDENTITY_A, *PSEC_WINNT_AUTH_IDENTITY_A;

typedef struct _SEC_WINNT_AUTH_IDENTITY_W {
  WCHAR* User;
  ULONG UserLength;
  WCHAR* Domain;
  ULONG DomainLength;
  WCHAR* Password;
  ULONG PasswordLength;
  ULONG Flags;
} SEC_WINNT_AUTH_IDENTITY_W, *PSEC_WINNT_AUTH_IDENTITY_W;

typedef struct _SEC_WINNT_AUTH_IDENTITY_EXA {
  ULONG Version;
  ULONG Length;
  unsigned char* User;
  ULONG UserLength;
  unsigned char* Domain;
  ULONG DomainLength;
  unsigned char* Password;
  ULONG PasswordLength;
  ULONG Flags;
  unsigned char* PackageList;
  ULONG PackageListLength;
} SEC_WINNT_AUTH_IDENTITY_EXA, *PSEC_WINNT_AUTH_IDENTITY_EXA;

typedef struct _SEC_WINNT_AUTH_IDENTITY_EXW {
  ULONG Version;
  ULONG Length;
  WCHAR* User;
  ULONG UserLength;
  WCHAR* Domain;
  ULONG DomainLength;
  WCHAR* Password;
  ULONG PasswordLength;
  ULONG Flags;
  WCHAR* PackageList;
  ULONG PackageListLength;
} SEC_WINNT_AUTH_IDENTITY_EXW, *PSEC_WINNT_AUTH_IDENTITY_EXW;

typedef struct _SEC_WINNT_AUTH_IDENTITY_EX2 {
  ULONG Version;
  USHORT cbHeaderLength;
  ULONG cbStructureLength;
  ULONG UserOffset;
  USHORT UserLength;
  ULONG DomainOffset;
  USHORT DomainLength;
  ULONG PackedCredentialsOffset;
  USHORT PackedCredentialsLength;
  ULONG Flags;
  ULONG PackageListOffset;
  USHORT PackageListLength;
} SEC_WINNT_AUTH_IDENTITY_EX2, *PSEC_WINNT_AUTH_IDENTITY_EX2;

#define SEC_WINNT_AUTH_IDENTITY_ANSI 0x00000001
#define SEC_WINNT_AUTH_IDENTITY_ENCRYPT_SAME_LOGON 0x00000001
#define SEC_WINNT_AUTH_IDENTITY_ENCRYPT_SAME_PROCESS 0x00000002
#define SEC_WINNT_AUTH_IDENTITY_UNICODE 0x00000002
#define SEC_WINNT_AUTH_IDENTITY_ENCRYPT_FOR_SYSTEM 0x00000004
#define SEC_WINNT_AUTH_IDENTITY_MARSHALLED 0x00000004
#define SEC_WINNT_AUTH_IDENTITY_ONLY 0x00000008
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_PROCESS_ENCRYPTED 0x00000010
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_SYSTEM_PROTECTED 0x00000020
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_USER_PROTECTED 0x00000040
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_SYSTEM_ENCRYPTED 0x00000080
#define SEC_WINNT_AUTH_IDENTITY_VERSION 0x00000200
#define SEC_WINNT_AUTH_IDENTITY_VERSION_2 0x00000201
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_RESERVED 0x00010000
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_NULL_USER 0x00020000
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_NULL_DOMAIN 0x00040000
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_ID_PROVIDER 0x00080000
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_SSPIPFC_CREDPROV_DO_NOT_LOAD 0x10000000
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_SSPIPFC_NO_CHECKBOX 0x20000000
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_SSPIPFC_SAVE_CRED_CHECKED 0x40000000
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_SSPIPFC_CREDPROV_DO_NOT_SAVE 0x80000000
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_SSPIPFC_SAVE_CRED_BY_CALLER 0x80000000
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_VALID_SSPIPFC_FLAGS 0xF0000000
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_SSPIPFC_USE_MASK 0xFF000000

#ifdef UNICODE
typedef SEC_WINNT_AUTH_IDENTITY_W SEC_WINNT_AUTH_IDENTITY, *PSEC_WINNT_AUTH_IDENTITY;
typedef SEC_WINNT_AUTH_IDENTITY_EXW SEC_WINNT_AUTH_IDENTITY_EX, *PSEC_WINNT_AUTH_IDENTITY_EX;
#else
typedef SEC_WINNT_AUTH_IDENTITY_A SEC_WINNT_AUTH_IDENTITY, *PSEC_WINNT_AUTH_IDENTITY;
typedef SEC_WINNT_AUTH_IDENTITY_EXA SEC_WINNT_AUTH_IDENTITY_EX, *PSEC_WINNT_AUTH_IDENTITY_EX;
#endif

/* Asks the caller for a key while AcquireCredentialsHandle runs; Schannel never calls it. */
typedef void(SEC_ENTRY* SEC_GET_KEY_FN)(void* Arg, void* Principal, ULONG KeyVer, void** Key,
                                        SECURITY_STATUS* Status);

/* ---- Packages ---- */

typedef struct _SecPkgInfoA {
  ULONG fCapabilities; /* SECPKG_FLAG_* */
  USHORT wVersion;
  USHORT wRPCID;
  ULONG cbMaxToken; /* bytes */
  SEC_CHAR* Name;
  SEC_CHAR* Comment;
} SecPkgInfoA, *PSecPkgInfoA;

typedef struct _SecPkgInfoW {
  ULONG fCapabilities;
  USHORT wVersion;
  USHORT wRPCID;
  ULONG cbMaxToken;
  SEC_WCHAR* Name;
  SEC_WCHAR* Comment;
} SecPkgInfoW, *PSecPkgInfoW;

#ifdef UNICODE
#define SecPkgInfo SecPkgInfoW
#define PSecPkgInfo PSecPkgInfoW
#else
#define SecPkgInfo SecPkgInfoA
#define PSecPkgInfo PSecPkgInfoA
#endif

#define SECPKG_FLAG_INTEGRITY 0x00000001
#define SECPKG_FLAG_PRIVACY 0x00000002
#define SECPKG_FLAG_TOKEN_ONLY 0x00000004
#define SECPKG_FLAG_DATAGRAM 0x00000008
#define SECPKG_FLAG_CONNECTION 0x00000010
#define SECPKG_FLAG_MULTI_REQUIRED 0x00000020
#define SECPKG_FLAG_CLIENT_ONLY 0x00000040
#define SECPKG_FLAG_EXTENDED_ERROR 0x00000080
#define SECPKG_FLAG_IMPERSONATION 0x00000100
#define SECPKG_FLAG_ACCEPT_WIN32_NAME 0x00000200
#define SECPKG_FLAG_STREAM 0x00000400
#define SECPKG_FLAG_NEGOTIABLE 0x00000800
#define SECPKG_FLAG_GSS_COMPATIBLE 0x00001000
#define SECPKG_FLAG_LOGON 0x00002000
#define SECPKG_FLAG_ASCII_BUFFERS 0x00004000
#define SECPKG_FLAG_FRAGMENT 0x00008000
#define SECPKG_FLAG_MUTUAL_AUTH 0x00010000
#define SECPKG_FLAG_DELEGATION 0x00020000
#define SECPKG_FLAG_READONLY_WITH_CHECKSUM 0x00040000
#define SECPKG_FLAG_RESTRICTED_TOKENS 0x00080000
#define SECPKG_FLAG_NEGO_EXTENDER 0x00100000
#define SECPKG_FLAG_NEGOTIABLE2 0x00200000
#define SECPKG_FLAG_APPCONTAINER_PASSTHROUGH 0x00400000
#define SECPKG_FLAG_APPCONTAINER_CHECKS 0x00800000
#define SECPKG_FLAG_CREDENTIAL_ISOLATION_ENABLED 0x01000000
#define SECPKG_FLAG_APPLY_LOOPBACK 0x02000000
#define SECPKG_ID_NONE 0xFFFF

typedef struct _SECURITY_PACKAGE_OPTIONS {
  ULONG Size;
  ULONG Type;
  ULONG Flags;
  ULONG SignatureSize;
  void* Signature;
} SECURITY_PACKAGE_OPTIONS, *PSECURITY_PACKAGE_OPTIONS;

#define SECPKG_OPTIONS_TYPE_UNKNOWN 0
#define SECPKG_OPTIONS_PERMANENT 1
#define SECPKG_OPTIONS_TYPE_LSA 1
#define SECPKG_OPTIONS_TYPE_SSPI 2
#define SECPKG_CALLFLAGS_APPCONTAINER 1
#define SECPKG_CALLFLAGS_APPCONTAINER_AUTHCAPABLE 2
#define SECPKG_CALLFLAGS_FORCE_SUPPLIED 4
#define SECPKG_CALLFLAGS_APPCONTAINER_UPNCAPABLE 8
#define SECPKG_CONTEXT_EXPORT_RESET_NEW 1
#define SECPKG_CONTEXT_EXPORT_DELETE_OLD 2
#define SECPKG_CONTEXT_EXPORT_TO_KERNEL 4

/* Data representation of the target (TargetDataRep); Schannel ignores it. */
#define SECURITY_NATIVE_DREP 0x10
#define SECURITY_NETWORK_DREP 0

/* Quality of protection (fQOP of EncryptMessage, *pfQOP of DecryptMessage). */
#define SECQOP_WRAP_NO_ENCRYPT 0x80000001
#define SECQOP_WRAP_OOB_DATA 0x40000000

/* ---- Channel bindings (RFC 5929) ---- */

/* The header is followed by the binding itself at dwApplicationDataOffset. */
typedef struct _SEC_CHANNEL_BINDINGS {
  ULONG dwInitiatorAddrType;
  ULONG cbInitiatorLength;
  ULONG dwInitiatorOffset;
  ULONG dwAcceptorAddrType;
  ULONG cbAcceptorLength;
  ULONG dwAcceptorOffset;
  ULONG cbApplicationDataLength;
  ULONG dwApplicationDataOffset;
} SEC_CHANNEL_BINDINGS, *PSEC_CHANNEL_BINDINGS;

typedef struct _SecPkgContext_Bindings {
  ULONG BindingsLength; /* bytes, header included */
  SEC_CHANNEL_BINDINGS* Bindings;
} SecPkgContext_Bindings, *PSecPkgContext_Bindings;

/* ---- Application protocols (ALPN, RFC 7301) ---- */

typedef enum _SEC_APPLICATION_PROTOCOL_NEGOTIATION_EXT {
  SecApplicationProtocolNegotiationExt_None,
  SecApplicationProtocolNegotiationExt_NPN,
  SecApplicationProtocolNegotiationExt_ALPN
} SEC_APPLICATION_PROTOCOL_NEGOTIATION_EXT,
    *PSEC_APPLICATION_PROTOCOL_NEGOTIATION_EXT;

/* ProtocolList holds ProtocolListSize bytes: each name as one length byte and its bytes, in order
 * of preference. */
typedef struct _SEC_APPLICATION_PROTOCOL_LIST {
  SEC_APPLICATION_PROTOCOL_NEGOTIATION_EXT ProtoNegoExt;
  USHORT ProtocolListSize;
  UCHAR ProtocolList[1];
} SEC_APPLICATION_PROTOCOL_LIST, *PSEC_APPLICATION_PROTOCOL_LIST;

typedef struct _SEC_APPLICATION_PROTOCOLS {
  ULONG ProtocolListsSize; /* bytes of all lists that follow */
  SEC_APPLICATION_PROTOCOL_LIST ProtocolLists[1];
} SEC_APPLICATION_PROTOCOLS, *PSEC_APPLICATION_PROTOCOLS;

typedef enum _SEC_APPLICATION_PROTOCOL_NEGOTIATION_STATUS {
  SecApplicationProtocolNegotiationStatus_None,
  SecApplicationProtocolNegotiationStatus_Success,
  SecApplicationProtocolNegotiationStatus_SelectedClientOnly
} SEC_APPLICATION_PROTOCOL_NEGOTIATION_STATUS,
    *PSEC_APPLICATION_PROTOCOL_NEGOTIATION_STATUS;

#define MAX_PROTOCOL_ID_SIZE 0xFF

typedef struct _SecPkgContext_ApplicationProtocol {
  SEC_APPLICATION_PROTOCOL_NEGOTIATION_STATUS ProtoNegoStatus;
  SEC_APPLICATION_PROTOCOL_NEGOTIATION_EXT ProtoNegoExt;
  unsigned char ProtocolIdSize;
  unsigned char ProtocolId[MAX_PROTOCOL_ID_SIZE]; /* not terminated */
} SecPkgContext_ApplicationProtocol, *PSecPkgContext_ApplicationProtocol;

/* ---- Contents of the other buffer types ---- */

typedef struct _SEC_NEGOTIATION_INFO {
  ULONG Size;
  ULONG NameLength;
  SEC_WCHAR* Name;
  void* Reserved;
} SEC_NEGOTIATION_INFO, *PSEC_NEGOTIATION_INFO;

typedef struct _SEC_SRTP_PROTECTION_PROFILES {
  USHORT ProfilesSize;
  USHORT ProfilesList[1];
} SEC_SRTP_PROTECTION_PROFILES, *PSEC_SRTP_PROTECTION_PROFILES;

typedef struct _SEC_SRTP_MASTER_KEY_IDENTIFIER {
  UCHAR MasterKeyIdentifierSize;
  UCHAR MasterKeyIdentifier[1];
} SEC_SRTP_MASTER_KEY_IDENTIFIER, *PSEC_SRTP_MASTER_KEY_IDENTIFIER;

typedef struct _SEC_TOKEN_BINDING {
  UCHAR MajorVersion;
  UCHAR MinorVersion;
  USHORT KeyParametersSize;
  UCHAR KeyParameters[1];
} SEC_TOKEN_BINDING, *PSEC_TOKEN_BINDING;

typedef struct _SEC_PRESHAREDKEY {
  USHORT KeySize;
  UCHAR Key[1];
} SEC_PRESHAREDKEY, *PSEC_PRESHAREDKEY;

typedef struct _SEC_PRESHAREDKEY_IDENTITY {
  USHORT KeyIdentitySize;
  UCHAR KeyIdentity[1];
} SEC_PRESHAREDKEY_IDENTITY, *PSEC_PRESHAREDKEY_IDENTITY;

/* Largest datagram, in bytes without IP and UDP headers. */
typedef struct _SEC_DTLS_MTU {
  USHORT PathMTU;
} SEC_DTLS_MTU, *PSEC_DTLS_MTU;

/* Context requests that don't fit in the 32 bits of fContextReq (ISC_REQ_MESSAGES and above). */
typedef struct _SEC_FLAGS {
  ULONGLONG Flags;
} SEC_FLAGS, *PSEC_FLAGS;

typedef struct _SEND_GENERIC_TLS_EXTENSION {
  WORD ExtensionType;
  WORD HandshakeType;
  DWORD Flags;
  WORD BufferSize;
  UCHAR Buffer[1];
} SEND_GENERIC_TLS_EXTENSION, *PSEND_GENERIC_TLS_EXTENSION;

typedef struct _TLS_EXTENSION_SUBSCRIPTION {
  WORD ExtensionType;
  WORD HandshakeType;
} TLS_EXTENSION_SUBSCRIPTION, *PTLS_EXTENSION_SUBSCRIPTION;

typedef struct _SUBSCRIBE_GENERIC_TLS_EXTENSION {
  DWORD Flags;
  DWORD SubscriptionsCount;
  TLS_EXTENSION_SUBSCRIPTION Subscriptions[1];
} SUBSCRIBE_GENERIC_TLS_EXTENSION, *PSUBSCRIBE_GENERIC_TLS_EXTENSION;

#define SCH_EXTENSIONS_OPTIONS_NONE 0
#define SCH_MAX_EXT_SUBSCRIPTIONS 2

#define SZ_ALG_MAX_SIZE 0x40

typedef enum _SEC_TRAFFIC_SECRET_TYPE {
  SecTrafficSecret_None,
  SecTrafficSecret_Client,
  SecTrafficSecret_Server
} SEC_TRAFFIC_SECRET_TYPE,
    *PSEC_TRAFFIC_SECRET_TYPE;

/* A traffic secret handed to the transport (QUIC). */
typedef struct _SEC_TRAFFIC_SECRETS {
  WCHAR SymmetricAlgId[SZ_ALG_MAX_SIZE];
  WCHAR ChainingMode[SZ_ALG_MAX_SIZE];
  WCHAR HashAlgId[SZ_ALG_MAX_SIZE];
  USHORT KeySize;
  USHORT IvSize;
  USHORT MsgSequenceStart;
  USHORT MsgSequenceEnd;
  SEC_TRAFFIC_SECRET_TYPE TrafficSecretType;
  USHORT TrafficSecretSize;
  UCHAR TrafficSecret[1];
} SEC_TRAFFIC_SECRETS, *PSEC_TRAFFIC_SECRETS;

#ifdef __cplusplus
}
#endif
