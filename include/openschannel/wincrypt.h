/* Certificate functions. */
#pragma once

#include <openschannel/algids.h>
#include <openschannel/cert_chain.h>
#include <openschannel/cert_encoding.h>
#include <openschannel/cert_store.h>
#include <openschannel/cert_types.h>
#include <openschannel/oids.h>
#include <openschannel/winerror.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Stores ---- */

OPENSCHANNEL_API HCERTSTORE WINAPI CertOpenStore(LPCSTR lpszStoreProvider, DWORD dwEncodingType,
                                                 HCRYPTPROV_LEGACY hCryptProv, DWORD dwFlags,
                                                 const void *pvPara);
OPENSCHANNEL_API HCERTSTORE WINAPI CertDuplicateStore(HCERTSTORE hCertStore);
OPENSCHANNEL_API BOOL WINAPI CertCloseStore(HCERTSTORE hCertStore, DWORD dwFlags);
OPENSCHANNEL_API BOOL WINAPI CertAddCertificateContextToStore(HCERTSTORE hCertStore,
                                                              PCCERT_CONTEXT pCertContext,
                                                              DWORD dwAddDisposition,
                                                              PCCERT_CONTEXT *ppStoreContext);
OPENSCHANNEL_API BOOL WINAPI CertAddEncodedCertificateToStore(
    HCERTSTORE hCertStore, DWORD dwCertEncodingType, const BYTE *pbCertEncoded, DWORD cbCertEncoded,
    DWORD dwAddDisposition, PCCERT_CONTEXT *ppCertContext);
OPENSCHANNEL_API BOOL WINAPI CertDeleteCertificateFromStore(PCCERT_CONTEXT pCertContext);
OPENSCHANNEL_API PCCERT_CONTEXT WINAPI CertEnumCertificatesInStore(HCERTSTORE hCertStore,
                                                                   PCCERT_CONTEXT pPrevCertContext);
OPENSCHANNEL_API PCCERT_CONTEXT WINAPI CertFindCertificateInStore(
    HCERTSTORE hCertStore, DWORD dwCertEncodingType, DWORD dwFindFlags, DWORD dwFindType,
    const void *pvFindPara, PCCERT_CONTEXT pPrevCertContext);

/* ---- Contexts ---- */

OPENSCHANNEL_API PCCERT_CONTEXT WINAPI CertCreateCertificateContext(DWORD dwCertEncodingType,
                                                                    const BYTE *pbCertEncoded,
                                                                    DWORD cbCertEncoded);
OPENSCHANNEL_API PCCERT_CONTEXT WINAPI CertDuplicateCertificateContext(PCCERT_CONTEXT pCertContext);
OPENSCHANNEL_API BOOL WINAPI CertFreeCertificateContext(PCCERT_CONTEXT pCertContext);
OPENSCHANNEL_API BOOL WINAPI CertGetCertificateContextProperty(PCCERT_CONTEXT pCertContext,
                                                               DWORD dwPropId, void *pvData,
                                                               DWORD *pcbData);
OPENSCHANNEL_API BOOL WINAPI CertSetCertificateContextProperty(PCCERT_CONTEXT pCertContext,
                                                               DWORD dwPropId, DWORD dwFlags,
                                                               const void *pvData);
OPENSCHANNEL_API BOOL WINAPI CertCompareCertificate(DWORD dwCertEncodingType, PCERT_INFO pCertId1,
                                                    PCERT_INFO pCertId2);

/* ---- Names ---- */

OPENSCHANNEL_API DWORD WINAPI CertGetNameStringA(PCCERT_CONTEXT pCertContext, DWORD dwType,
                                                 DWORD dwFlags, void *pvTypePara,
                                                 LPSTR pszNameString, DWORD cchNameString);
OPENSCHANNEL_API DWORD WINAPI CertGetNameStringW(PCCERT_CONTEXT pCertContext, DWORD dwType,
                                                 DWORD dwFlags, void *pvTypePara,
                                                 LPWSTR pszNameString, DWORD cchNameString);
OPENSCHANNEL_API DWORD WINAPI CertNameToStrA(DWORD dwCertEncodingType, PCERT_NAME_BLOB pName,
                                             DWORD dwStrType, LPSTR psz, DWORD csz);
OPENSCHANNEL_API DWORD WINAPI CertNameToStrW(DWORD dwCertEncodingType, PCERT_NAME_BLOB pName,
                                             DWORD dwStrType, LPWSTR psz, DWORD csz);

/* ---- PFX (PKCS#12) ---- */

OPENSCHANNEL_API HCERTSTORE WINAPI PFXImportCertStore(CRYPT_DATA_BLOB *pPFX, LPCWSTR szPassword,
                                                      DWORD dwFlags);
OPENSCHANNEL_API BOOL WINAPI PFXIsPFXBlob(CRYPT_DATA_BLOB *pPFX);
OPENSCHANNEL_API BOOL WINAPI PFXVerifyPassword(CRYPT_DATA_BLOB *pPFX, LPCWSTR szPassword,
                                               DWORD dwFlags);

#ifdef UNICODE
#define CertGetNameString CertGetNameStringW
#define CertNameToStr CertNameToStrW
#else
#define CertGetNameString CertGetNameStringA
#define CertNameToStr CertNameToStrA
#endif

#ifdef __cplusplus
}
#endif
