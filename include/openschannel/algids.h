/* Algorithm identifiers (ALG_ID), and the names and flags of CryptoAPI keys and providers.
 *
 * An ALG_ID is a class, a type and a number within both. Schannel uses them in SCHANNEL_CRED and in
 * SecPkgContext_ConnectionInfo (contract, section M).
 */
#pragma once

#include <openschannel/cert_types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Keys ---- */

typedef struct _CRYPT_KEY_PROV_PARAM {
  DWORD dwParam;
  BYTE* pbData;
  DWORD cbData;
  DWORD dwFlags;
} CRYPT_KEY_PROV_PARAM, *PCRYPT_KEY_PROV_PARAM;

typedef struct _CRYPT_KEY_PROV_INFO {
  LPWSTR pwszContainerName;
  LPWSTR pwszProvName;
  DWORD dwProvType;
  DWORD dwFlags;
  DWORD cProvParam;
  PCRYPT_KEY_PROV_PARAM rgProvParam;
  DWORD dwKeySpec; /* AT_* */
} CRYPT_KEY_PROV_INFO, *PCRYPT_KEY_PROV_INFO;

typedef struct _CERT_KEY_CONTEXT {
  DWORD cbSize;
  __extension__ union {
    HCRYPTPROV hCryptProv;
    NCRYPT_KEY_HANDLE hNCryptKey;
  };
  DWORD dwKeySpec;
} CERT_KEY_CONTEXT, *PCERT_KEY_CONTEXT;

typedef struct _CRYPT_PRIVATE_KEY_INFO {
  DWORD Version;
  CRYPT_ALGORITHM_IDENTIFIER Algorithm;
  CRYPT_DER_BLOB PrivateKey;
  PCRYPT_ATTRIBUTES pAttributes;
} CRYPT_PRIVATE_KEY_INFO, *PCRYPT_PRIVATE_KEY_INFO;

typedef struct _CRYPT_ENCRYPTED_PRIVATE_KEY_INFO {
  CRYPT_ALGORITHM_IDENTIFIER EncryptionAlgorithm;
  CRYPT_DATA_BLOB EncryptedPrivateKey;
} CRYPT_ENCRYPTED_PRIVATE_KEY_INFO, *PCRYPT_ENCRYPTED_PRIVATE_KEY_INFO;

typedef struct _CRYPT_ECC_PRIVATE_KEY_INFO {
  DWORD dwVersion;
  CRYPT_DER_BLOB PrivateKey;
  LPSTR szCurveOid;
  CRYPT_BIT_BLOB PublicKey;
} CRYPT_ECC_PRIVATE_KEY_INFO, *PCRYPT_ECC_PRIVATE_KEY_INFO;

typedef struct _CERT_ECC_SIGNATURE {
  CRYPT_UINT_BLOB r;
  CRYPT_UINT_BLOB s;
} CERT_ECC_SIGNATURE, *PCERT_ECC_SIGNATURE;

typedef struct _CERT_DSS_PARAMETERS {
  CRYPT_UINT_BLOB p;
  CRYPT_UINT_BLOB q;
  CRYPT_UINT_BLOB g;
} CERT_DSS_PARAMETERS, *PCERT_DSS_PARAMETERS;

typedef struct _CERT_DH_PARAMETERS {
  CRYPT_UINT_BLOB p;
  CRYPT_UINT_BLOB g;
} CERT_DH_PARAMETERS, *PCERT_DH_PARAMETERS;

typedef struct _CRYPT_MASK_GEN_ALGORITHM {
  LPSTR pszObjId;
  CRYPT_ALGORITHM_IDENTIFIER HashAlgorithm;
} CRYPT_MASK_GEN_ALGORITHM, *PCRYPT_MASK_GEN_ALGORITHM;

typedef struct _CRYPT_RSA_SSA_PSS_PARAMETERS {
  CRYPT_ALGORITHM_IDENTIFIER HashAlgorithm;
  CRYPT_MASK_GEN_ALGORITHM MaskGenAlgorithm;
  DWORD dwSaltLength;
  DWORD dwTrailerField;
} CRYPT_RSA_SSA_PSS_PARAMETERS, *PCRYPT_RSA_SSA_PSS_PARAMETERS;

typedef struct _CRYPT_PSOURCE_ALGORITHM {
  LPSTR pszObjId;
  CRYPT_DATA_BLOB EncodingParameters;
} CRYPT_PSOURCE_ALGORITHM, *PCRYPT_PSOURCE_ALGORITHM;

typedef struct _CRYPT_RSAES_OAEP_PARAMETERS {
  CRYPT_ALGORITHM_IDENTIFIER HashAlgorithm;
  CRYPT_MASK_GEN_ALGORITHM MaskGenAlgorithm;
  CRYPT_PSOURCE_ALGORITHM PSourceAlgorithm;
} CRYPT_RSAES_OAEP_PARAMETERS, *PCRYPT_RSAES_OAEP_PARAMETERS;

typedef struct _CRYPT_HASH_INFO {
  CRYPT_ALGORITHM_IDENTIFIER HashAlgorithm;
  CRYPT_HASH_BLOB Hash;
} CRYPT_HASH_INFO, *PCRYPT_HASH_INFO;

typedef struct _CRYPT_PKCS12_PBE_PARAMS {
  int iIterations;
  ULONG cbSalt; /* the salt follows */
} CRYPT_PKCS12_PBE_PARAMS;

typedef struct _PKCS12_PBES2_EXPORT_PARAMS {
  DWORD dwSize;
  PVOID hNcryptDescriptor;
  LPWSTR pwszPbes2Alg;
} PKCS12_PBES2_EXPORT_PARAMS, *PPKCS12_PBES2_EXPORT_PARAMS;

/* Header of a key blob (CryptImportKey, CryptExportKey). */
typedef struct _PUBLICKEYSTRUC {
  BYTE bType;
  BYTE bVersion;
  WORD reserved;
  ALG_ID aiKeyAlg;
} BLOBHEADER, PUBLICKEYSTRUC;

typedef struct _RSAPUBKEY {
  DWORD magic;
  DWORD bitlen;
  DWORD pubexp;
} RSAPUBKEY;

typedef struct _HMAC_Info {
  ALG_ID HashAlgid;
  BYTE* pbInnerString;
  DWORD cbInnerString;
  BYTE* pbOuterString;
  DWORD cbOuterString;
} HMAC_INFO, *PHMAC_INFO;

#ifdef __cplusplus
}
#endif

/* ---- Algorithms ---- */

/* Class: what the algorithm is for. */
#define ALG_CLASS_ANY 0x00000000
#define ALG_CLASS_SIGNATURE 0x00002000
#define ALG_CLASS_MSG_ENCRYPT 0x00004000
#define ALG_CLASS_DATA_ENCRYPT 0x00006000
#define ALG_CLASS_HASH 0x00008000
#define ALG_CLASS_KEY_EXCHANGE 0x0000A000
#define ALG_CLASS_ALL 0x0000E000

/* Type: the family. */
#define ALG_TYPE_ANY 0x00000000
#define ALG_TYPE_DSS 0x00000200
#define ALG_TYPE_RSA 0x00000400
#define ALG_TYPE_BLOCK 0x00000600
#define ALG_TYPE_STREAM 0x00000800
#define ALG_TYPE_DH 0x00000A00
#define ALG_TYPE_SECURECHANNEL 0x00000C00
#define ALG_TYPE_ECDH 0x00000E00
#define ALG_TYPE_THIRDPARTY 0x00001000

/* Number within class and type. */
#define ALG_SID_ANY 0
#define ALG_SID_DSS_ANY 0
#define ALG_SID_RSA_ANY 0
#define ALG_SID_THIRDPARTY_ANY 0
#define ALG_SID_DES 1
#define ALG_SID_DH_SANDF 1
#define ALG_SID_DSS_PKCS 1
#define ALG_SID_ECMQV 1
#define ALG_SID_MD2 1
#define ALG_SID_RC4 1
#define ALG_SID_RSA_PKCS 1
#define ALG_SID_SSL3_MASTER 1
#define ALG_SID_DH_EPHEM 2
#define ALG_SID_DSS_DMS 2
#define ALG_SID_MD4 2
#define ALG_SID_RC2 2
#define ALG_SID_RSA_MSATWORK 2
#define ALG_SID_SCHANNEL_MASTER_HASH 2
#define ALG_SID_SEAL 2
#define ALG_SID_3DES 3
#define ALG_SID_AGREED_KEY_ANY 3
#define ALG_SID_ECDSA 3
#define ALG_SID_MD5 3
#define ALG_SID_RSA_ENTRUST 3
#define ALG_SID_SCHANNEL_MAC_KEY 3
#define ALG_SID_DESX 4
#define ALG_SID_KEA 4
#define ALG_SID_PCT1_MASTER 4
#define ALG_SID_RSA_PGP 4
#define ALG_SID_SHA 4
#define ALG_SID_SHA1 4
#define ALG_SID_ECDH 5
#define ALG_SID_IDEA 5
#define ALG_SID_MAC 5
#define ALG_SID_SSL2_MASTER 5
#define ALG_SID_CAST 6
#define ALG_SID_ECDH_EPHEM 6
#define ALG_SID_RIPEMD 6
#define ALG_SID_TLS1_MASTER 6
#define ALG_SID_RIPEMD160 7
#define ALG_SID_SAFERSK64 7
#define ALG_SID_SCHANNEL_ENC_KEY 7
#define ALG_SID_SAFERSK128 8
#define ALG_SID_SSL3SHAMD5 8
#define ALG_SID_3DES_112 9
#define ALG_SID_HMAC 9
#define ALG_SID_SKIPJACK 0xA
#define ALG_SID_TLS1PRF 0xA
#define ALG_SID_HASH_REPLACE_OWF 0xB
#define ALG_SID_TEK 0xB
#define ALG_SID_CYLINK_MEK 0xC
#define ALG_SID_SHA_256 0xC
#define ALG_SID_RC5 0xD
#define ALG_SID_SHA_384 0xD
#define ALG_SID_AES_128 0xE
#define ALG_SID_SHA_512 0xE
#define ALG_SID_AES_192 0xF
#define ALG_SID_AES_256 0x10
#define ALG_SID_AES 0x11
#define ALG_SID_EXAMPLE 0x50

#define GET_ALG_CLASS(x) ((x) & (7 << 13))
#define GET_ALG_TYPE(x) ((x) & (15 << 9))
#define GET_ALG_SID(x) ((x)&511)

/* Hashes and MACs. */
#define CALG_MD2 0x00008001
#define CALG_MD4 0x00008002
#define CALG_MD5 0x00008003
#define CALG_SHA 0x00008004
#define CALG_SHA1 0x00008004
#define CALG_SHA_256 0x0000800C
#define CALG_SHA_384 0x0000800D
#define CALG_SHA_512 0x0000800E
#define CALG_MAC 0x00008005
#define CALG_HMAC 0x00008009
#define CALG_SSL3_SHAMD5 0x00008008
#define CALG_TLS1PRF 0x0000800A
#define CALG_HASH_REPLACE_OWF 0x0000800B

/* Signatures. */
#define CALG_NO_SIGN 0x00002000
#define CALG_RSA_SIGN 0x00002400
#define CALG_DSS_SIGN 0x00002200
#define CALG_ECDSA 0x00002203

/* Key exchange. */
#define CALG_RSA_KEYX 0x0000A400
#define CALG_DH_SF 0x0000AA01
#define CALG_DH_EPHEM 0x0000AA02
#define CALG_ECDH 0x0000AA05
#define CALG_ECDH_EPHEM 0x0000AE06
#define CALG_ECMQV 0x0000A001
#define CALG_AGREEDKEY_ANY 0x0000AA03
#define CALG_KEA_KEYX 0x0000AA04
#define CALG_HUGHES_MD5 0x0000A003

/* Ciphers. */
#define CALG_NULLCIPHER 0x00006000
#define CALG_AES 0x00006611
#define CALG_AES_128 0x0000660E
#define CALG_AES_192 0x0000660F
#define CALG_AES_256 0x00006610
#define CALG_3DES 0x00006603
#define CALG_3DES_112 0x00006609
#define CALG_DES 0x00006601
#define CALG_DESX 0x00006604
#define CALG_RC2 0x00006602
#define CALG_RC4 0x00006801
#define CALG_RC5 0x0000660D
#define CALG_SEAL 0x00006802
#define CALG_SKIPJACK 0x0000660A
#define CALG_TEK 0x0000660B
#define CALG_CYLINK_MEK 0x0000660C

/* Keys of secure channels. */
#define CALG_SSL2_MASTER 0x00004C05
#define CALG_SSL3_MASTER 0x00004C01
#define CALG_PCT1_MASTER 0x00004C04
#define CALG_TLS1_MASTER 0x00004C06
#define CALG_SCHANNEL_MASTER_HASH 0x00004C02
#define CALG_SCHANNEL_MAC_KEY 0x00004C03
#define CALG_SCHANNEL_ENC_KEY 0x00004C07

/* Others. */
#define CALG_THIRDPARTY_SIGNATURE 0x00003000
#define CALG_THIRDPARTY_CIPHER 0x00007000
#define CALG_THIRDPARTY_HASH 0x00009000
#define CALG_THIRDPARTY_KEY_EXCHANGE 0x0000B000
#define CALG_OID_INFO_PARAMETERS 0xFFFFFFFE
#define CALG_OID_INFO_CNG_ONLY 0xFFFFFFFF

/* ---- Providers (CryptAcquireContext) ---- */

#define PROV_RSA_FULL 1
#define PROV_RSA_SIG 2
#define PROV_DSS 3
#define PROV_FORTEZZA 4
#define PROV_MS_EXCHANGE 5
#define PROV_SSL 6
#define PROV_STT_MER 7
#define PROV_STT_ACQ 8
#define PROV_STT_BRND 9
#define PROV_STT_ROOT 0xA
#define PROV_STT_ISS 0xB
#define PROV_RSA_SCHANNEL 0xC
#define PROV_DSS_DH 0xD
#define PROV_EC_ECDSA_SIG 0xE
#define PROV_EC_ECNRA_SIG 0xF
#define PROV_EC_ECDSA_FULL 0x10
#define PROV_EC_ECNRA_FULL 0x11
#define PROV_DH_SCHANNEL 0x12
#define PROV_SPYRUS_LYNKS 0x14
#define PROV_RNG 0x15
#define PROV_INTEL_SEC 0x16
#define PROV_REPLACE_OWF 0x17
#define PROV_RSA_AES 0x18
#define MS_DEF_DH_SCHANNEL_PROV "Microsoft DH SChannel Cryptographic Provider"
#define MS_DEF_DH_SCHANNEL_PROV_A "Microsoft DH SChannel Cryptographic Provider"
#define MS_DEF_DH_SCHANNEL_PROV_W L"Microsoft DH SChannel Cryptographic Provider"
#define MS_DEF_DSS_DH_PROV "Microsoft Base DSS and Diffie-Hellman Cryptographic Provider"
#define MS_DEF_DSS_DH_PROV_A "Microsoft Base DSS and Diffie-Hellman Cryptographic Provider"
#define MS_DEF_DSS_DH_PROV_W L"Microsoft Base DSS and Diffie-Hellman Cryptographic Provider"
#define MS_DEF_DSS_PROV "Microsoft Base DSS Cryptographic Provider"
#define MS_DEF_DSS_PROV_A "Microsoft Base DSS Cryptographic Provider"
#define MS_DEF_DSS_PROV_W L"Microsoft Base DSS Cryptographic Provider"
#define MS_DEF_PROV "Microsoft Base Cryptographic Provider v1.0"
#define MS_DEF_PROV_A "Microsoft Base Cryptographic Provider v1.0"
#define MS_DEF_PROV_W L"Microsoft Base Cryptographic Provider v1.0"
#define MS_DEF_RSA_SCHANNEL_PROV "Microsoft RSA SChannel Cryptographic Provider"
#define MS_DEF_RSA_SCHANNEL_PROV_A "Microsoft RSA SChannel Cryptographic Provider"
#define MS_DEF_RSA_SCHANNEL_PROV_W L"Microsoft RSA SChannel Cryptographic Provider"
#define MS_DEF_RSA_SIG_PROV "Microsoft RSA Signature Cryptographic Provider"
#define MS_DEF_RSA_SIG_PROV_A "Microsoft RSA Signature Cryptographic Provider"
#define MS_DEF_RSA_SIG_PROV_W L"Microsoft RSA Signature Cryptographic Provider"
#define MS_ENHANCED_PROV "Microsoft Enhanced Cryptographic Provider v1.0"
#define MS_ENHANCED_PROV_A "Microsoft Enhanced Cryptographic Provider v1.0"
#define MS_ENHANCED_PROV_W L"Microsoft Enhanced Cryptographic Provider v1.0"
#define MS_ENH_DSS_DH_PROV "Microsoft Enhanced DSS and Diffie-Hellman Cryptographic Provider"
#define MS_ENH_DSS_DH_PROV_A "Microsoft Enhanced DSS and Diffie-Hellman Cryptographic Provider"
#define MS_ENH_DSS_DH_PROV_W L"Microsoft Enhanced DSS and Diffie-Hellman Cryptographic Provider"
#define MS_ENH_RSA_AES_PROV "Microsoft Enhanced RSA and AES Cryptographic Provider"
#define MS_ENH_RSA_AES_PROV_A "Microsoft Enhanced RSA and AES Cryptographic Provider"
#define MS_ENH_RSA_AES_PROV_W L"Microsoft Enhanced RSA and AES Cryptographic Provider"
#define MS_ENH_RSA_AES_PROV_XP "Microsoft Enhanced RSA and AES Cryptographic Provider (Prototype)"
#define MS_ENH_RSA_AES_PROV_XP_A "Microsoft Enhanced RSA and AES Cryptographic Provider (Prototype)"
#define MS_ENH_RSA_AES_PROV_XP_W \
  L"Microsoft Enhanced RSA and AES Cryptographic Provider (Prototype)"
#define MS_KEY_STORAGE_PROVIDER L"Microsoft Software Key Storage Provider"
#define MS_STRONG_PROV "Microsoft Strong Cryptographic Provider"
#define MS_STRONG_PROV_A "Microsoft Strong Cryptographic Provider"
#define MS_STRONG_PROV_W L"Microsoft Strong Cryptographic Provider"

/* Names of encryption key and signature key inside a container; CNG keys have CERT_NCRYPT_KEY_SPEC.
 * */
#define AT_KEYEXCHANGE 1
#define AT_SIGNATURE 2
#define CERT_NCRYPT_KEY_SPEC 0xFFFFFFFF

/* ---- Flags of key and provider functions ---- */

/* CryptAcquireContext. */
#define CRYPT_VERIFYCONTEXT 0xF0000000 /* no container: keys live in memory only */
#define CRYPT_NEWKEYSET 0x00000008
#define CRYPT_DELETEKEYSET 0x00000010
#define CRYPT_DELETE_KEYSET 0x00000010
#define CRYPT_MACHINE_KEYSET 0x00000020
#define CRYPT_SILENT 0x00000040
#define CRYPT_DEFAULT_CONTAINER_OPTIONAL 0x00000080

/* CryptGenKey, CryptImportKey and PFXImportCertStore. */
#define CRYPT_EXPORTABLE 0x00000001
#define CRYPT_USER_PROTECTED 0x00000002
#define CRYPT_CREATE_SALT 0x00000004
#define CRYPT_UPDATE_KEY 0x00000008
#define CRYPT_NO_SALT 0x00000010
#define CRYPT_PREGEN 0x00000040
#define CRYPT_RECIPIENT 0x00000010
#define CRYPT_INITIATOR 0x00000040
#define CRYPT_ONLINE 0x00000080
#define CRYPT_SF 0x00000100
#define CRYPT_CREATE_IV 0x00000200
#define CRYPT_KEK 0x00000400
#define CRYPT_DATA_KEY 0x00000800
#define CRYPT_VOLATILE 0x00001000
#define CRYPT_USER_KEYSET 0x00001000
#define CRYPT_ARCHIVABLE 0x00004000
#define CRYPT_FORCE_KEY_PROTECTION_HIGH 0x00008000
#define CRYPT_USER_PROTECTED_STRONG 0x00100000

/* Key permissions. */
#define CRYPT_ENCRYPT 0x00000001
#define CRYPT_DECRYPT 0x00000002
#define CRYPT_EXPORT 0x00000004
#define CRYPT_READ 0x00000008
#define CRYPT_WRITE 0x00000010
#define CRYPT_MAC 0x00000020
#define CRYPT_EXPORT_KEY 0x00000040
#define CRYPT_IMPORT_KEY 0x00000080
#define CRYPT_ARCHIVE 0x00000100

/* Cipher modes. */
#define CRYPT_MODE_CBC 1
#define CRYPT_MODE_ECB 2
#define CRYPT_MODE_OFB 3
#define CRYPT_MODE_CFB 4
#define CRYPT_MODE_CTS 5
#define CRYPT_MODE_CBCI 6
#define CRYPT_MODE_CFBP 7
#define CRYPT_MODE_OFBP 8
#define CRYPT_MODE_CBCOFM 9
#define CRYPT_MODE_CBCOFMI 0xA
#define PKCS5_PADDING 1

/* Kinds of key blob. */
#define PUBLICKEYBLOB 6
#define PRIVATEKEYBLOB 7
#define PLAINTEXTKEYBLOB 8
#define PUBLICKEYBLOBEX 0xA
#define SIMPLEBLOB 0x1
#define OPAQUEKEYBLOB 0x9
#define CUR_BLOB_VERSION 2

/* Parameters of a hash (CryptGetHashParam). */
#define HP_ALGID 1
#define HP_HASHVAL 2
#define HP_HASHSIZE 4
#define HP_HMAC_INFO 5

/* CryptExportKey, CryptSignHash and the rest. */
#define CRYPT_Y_ONLY 0x00000001
#define CRYPT_SSL2_FALLBACK 0x00000002
#define CRYPT_DESTROYKEY 0x00000004
#define CRYPT_OAEP 0x00000040
#define CRYPT_BLOB_VER3 0x00000080
#define CRYPT_NOHASHOID 0x00000001
#define CRYPT_TYPE2_FORMAT 0x00000002
#define CRYPT_X931_FORMAT 0x00000004
#define CRYPT_SERVER 0x00000400
#define CRYPT_IPSEC_HMAC_KEY 0x00000100
#define CRYPT_USERDATA 0x00000001
#define CRYPT_DECRYPT_RSA_NO_PADDING_CHECK 0x00000020
#define CRYPT_LITTLE_ENDIAN 0x00000001
#define CRYPT_SECRETDIGEST 0x00000001
#define CRYPT_PSTORE 0x00000002
#define CRYPT_UI_PROMPT 0x00000004
#define CRYPT_SEC_DESCR 0x00000001
#define CRYPT_FIRST 0x00000001
#define CRYPT_NEXT 0x00000002
#define CRYPT_MACHINE_DEFAULT 0x00000001
#define CRYPT_USER_DEFAULT 0x00000002
#define CRYPT_DELETE_DEFAULT 0x00000004
#define CRYPT_SUCCEED 0x00000001
#define CRYPT_FAILED 0x00000000
#define SSL_ECCPUBLIC_BLOB L"SSLECCPUBLICBLOB"
