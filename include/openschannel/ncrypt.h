/* The part of <bcrypt.h> and <ncrypt.h> that goes with private keys of certificates: signing. */
#pragma once

#include <openschannel/cert_types.h>
#include <openschannel/winerror.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef ULONG_PTR NCRYPT_HANDLE;

#define BCRYPT_PAD_PKCS1 0x00000002
#define BCRYPT_PAD_PSS 0x00000008
#define NCRYPT_PAD_PKCS1_FLAG BCRYPT_PAD_PKCS1
#define NCRYPT_PAD_PSS_FLAG BCRYPT_PAD_PSS
#define NCRYPT_SILENT_FLAG 0x00000040

#define BCRYPT_SHA1_ALGORITHM L"SHA1"
#define BCRYPT_SHA256_ALGORITHM L"SHA256"
#define BCRYPT_SHA384_ALGORITHM L"SHA384"
#define BCRYPT_SHA512_ALGORITHM L"SHA512"

typedef struct _BCRYPT_PKCS1_PADDING_INFO {
  LPCWSTR pszAlgId; /* the hash, BCRYPT_SHA256_ALGORITHM or another */
} BCRYPT_PKCS1_PADDING_INFO;

typedef struct _BCRYPT_PSS_PADDING_INFO {
  LPCWSTR pszAlgId;
  ULONG cbSalt; /* bytes */
} BCRYPT_PSS_PADDING_INFO;

/* NCryptSignHash signs a hash with the key of a certificate (CryptAcquireCertificatePrivateKey).
 *
 * hKey                 the key
 * pPaddingInfo         RSA: BCRYPT_PKCS1_PADDING_INFO or BCRYPT_PSS_PADDING_INFO, as dwFlags says;
 *                      ECDSA: NULL
 * pbHashValue, cbHashValue  the hash and its size, which is that of the hash named in pPaddingInfo
 * pbSignature, cbSignature  room for the signature and its size in bytes; NULL: only its size is
 *                      wanted
 * pcbResult            gets the size: that of the modulus, or twice that of the curve's field:
 *                      ECDSA signatures are r and s, big-endian, one after the other
 * dwFlags              BCRYPT_PAD_PKCS1 or BCRYPT_PAD_PSS for RSA; NCRYPT_SILENT_FLAG is accepted
 *
 * ERROR_SUCCESS; NTE_INVALID_HANDLE for what is no key handle; NTE_INVALID_PARAMETER;
 * NTE_BAD_FLAGS for RSA without padding; NTE_BUFFER_TOO_SMALL, with the size in *pcbResult;
 * NTE_NOT_SUPPORTED for Ed25519, which signs no hashes, and for unknown ones; E_OUTOFMEMORY;
 * NTE_FAIL if the cryptographic library refuses. Contract CERT-60. */
OPENSCHANNEL_API SECURITY_STATUS WINAPI NCryptSignHash(NCRYPT_KEY_HANDLE hKey, void* pPaddingInfo,
                                                       BYTE* pbHashValue, DWORD cbHashValue,
                                                       BYTE* pbSignature, DWORD cbSignature,
                                                       DWORD* pcbResult, DWORD dwFlags);

/* NCryptFreeObject gives a key handle back. ERROR_SUCCESS, or NTE_INVALID_HANDLE. Contract
 * CERT-62. */
OPENSCHANNEL_API SECURITY_STATUS WINAPI NCryptFreeObject(NCRYPT_HANDLE hObject);

#ifdef __cplusplus
}
#endif
