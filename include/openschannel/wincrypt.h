/* Certificate functions: stores, contexts, properties, names, PFX files.
 *
 * A context (CERT_CONTEXT) has a reference count: each function that returns one gives the caller a
 * reference, released with CertFreeCertificateContext. A store is closed with CertCloseStore;
 * contexts that came out of it stay valid. Everything may be called from any thread.
 *
 * A function that fails returns NULL or FALSE and GetLastError() says why; OpenSchannelErrorDetail
 * (extensions.h) says it in words. Any function that allocates may fail with E_OUTOFMEMORY; that is
 * not repeated below. dwCertEncodingType is X509_ASN_ENCODING, PKCS_7_ASN_ENCODING or'ed in or not.
 * Contract, section O.
 */
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

/* CertOpenStore opens a store.
 *
 * lpszStoreProvider  CERT_STORE_PROV_MEMORY or sz_CERT_STORE_PROV_MEMORY in this version: an empty
 *                    store, gone when its last handle is closed
 * dwEncodingType     ignored by the memory provider; 0
 * hCryptProv         ignored; 0
 * dwFlags            CERT_STORE_*; CERT_STORE_READONLY_FLAG makes changes fail with E_ACCESSDENIED
 * pvPara             ignored by the memory provider; NULL
 *
 * Returns the store, closed by the caller with CertCloseStore, or NULL: ERROR_FILE_NOT_FOUND for a
 * provider this version doesn't have, E_INVALIDARG for flags that exclude each other.
 * Contract CERT-1..6. */
OPENSCHANNEL_API HCERTSTORE WINAPI CertOpenStore(LPCSTR lpszStoreProvider, DWORD dwEncodingType,
                                                 HCRYPTPROV_LEGACY hCryptProv, DWORD dwFlags,
                                                 const void* pvPara);

/* CertDuplicateStore gives another handle to a store, closed on its own. Returns hCertStore; NULL
 * for NULL, and with E_INVALIDARG for what is no open store. Contract CERT-8. */
OPENSCHANNEL_API HCERTSTORE WINAPI CertDuplicateStore(HCERTSTORE hCertStore);

/* CertCloseStore closes one handle of a store. NULL is accepted.
 *
 * dwFlags  0: contexts of the store stay valid until they are freed.
 *          CERT_CLOSE_STORE_CHECK_FLAG: say whether there are such contexts.
 *          CERT_CLOSE_STORE_FORCE_FLAG: also release the store's contexts that are still in use.
 *
 * Returns TRUE; FALSE with CRYPT_E_PENDING_CLOSE if the check found contexts in use (the handle is
 * closed all the same), or with E_INVALIDARG for what is no open store. Contract CERT-8. */
OPENSCHANNEL_API BOOL WINAPI CertCloseStore(HCERTSTORE hCertStore, DWORD dwFlags);

/* CertAddCertificateContextToStore puts a copy of a certificate and its properties into a store.
 * The copy has the same private key; properties that are handles of keys are not copied.
 *
 * hCertStore        the store
 * pCertContext      the certificate; stays the caller's
 * dwAddDisposition  what to do if the store already has this certificate: CERT_STORE_ADD_*
 * ppStoreContext    out, may be NULL: the context in the store, freed by the caller
 *
 * Returns TRUE, or FALSE: CRYPT_E_EXISTS if the disposition doesn't let it replace what is there,
 * E_ACCESSDENIED if the store is read-only, E_INVALIDARG for a NULL argument or an unknown
 * disposition. Contract CERT-9..11. */
OPENSCHANNEL_API BOOL WINAPI CertAddCertificateContextToStore(HCERTSTORE hCertStore,
                                                              PCCERT_CONTEXT pCertContext,
                                                              DWORD dwAddDisposition,
                                                              PCCERT_CONTEXT* ppStoreContext);

/* CertAddEncodedCertificateToStore decodes a certificate and puts it into a store.
 *
 * pbCertEncoded, cbCertEncoded  the DER encoding and its size in bytes; copied
 * dwAddDisposition              CERT_STORE_ADD_*
 * ppCertContext                 out, may be NULL: the context in the store, freed by the caller
 *
 * Returns TRUE, or FALSE: as CertAddCertificateContextToStore, and CRYPT_E_ASN1_* if it isn't a
 * certificate. Contract CERT-9..11. */
OPENSCHANNEL_API BOOL WINAPI CertAddEncodedCertificateToStore(
    HCERTSTORE hCertStore, DWORD dwCertEncodingType, const BYTE* pbCertEncoded, DWORD cbCertEncoded,
    DWORD dwAddDisposition, PCCERT_CONTEXT* ppCertContext);

/* CertDeleteCertificateFromStore takes a certificate out of its store and frees pCertContext,
 * whether it succeeds or not; other references to it stay valid.
 *
 * Returns TRUE, or FALSE: E_ACCESSDENIED if the store is read-only, E_INVALIDARG if pCertContext is
 * no live context. Contract CERT-6, CERT-12. */
OPENSCHANNEL_API BOOL WINAPI CertDeleteCertificateFromStore(PCCERT_CONTEXT pCertContext);

/* CertEnumCertificatesInStore walks through a store.
 *
 * pPrevCertContext  NULL for the first one, then what the last call returned. It is freed by the
 *                   call, always; duplicate it to keep it
 *
 * Returns the next certificate, freed by the caller unless it is passed to the next call; NULL at
 * the end with CRYPT_E_NOT_FOUND, or with E_INVALIDARG if hCertStore is no open store or
 * pPrevCertContext is not of this store. Contract CERT-12. */
OPENSCHANNEL_API PCCERT_CONTEXT WINAPI CertEnumCertificatesInStore(HCERTSTORE hCertStore,
                                                                   PCCERT_CONTEXT pPrevCertContext);

/* CertFindCertificateInStore finds the next certificate that has what is looked for.
 *
 * dwFindFlags       flags of the find type, usually 0
 * dwFindType        CERT_FIND_*
 * pvFindPara        what the find type says (cert_store.h)
 * pPrevCertContext  as for CertEnumCertificatesInStore
 *
 * Returns the certificate, freed by the caller unless it is passed to the next call; NULL with
 * CRYPT_E_NOT_FOUND if there is no other, or with E_INVALIDARG for an unknown find type, a missing
 * parameter or a previous context of another store. Contract CERT-13..15. */
OPENSCHANNEL_API PCCERT_CONTEXT WINAPI CertFindCertificateInStore(
    HCERTSTORE hCertStore, DWORD dwCertEncodingType, DWORD dwFindFlags, DWORD dwFindType,
    const void* pvFindPara, PCCERT_CONTEXT pPrevCertContext);

/* ---- Contexts ---- */

/* CertCreateCertificateContext makes a context of an encoded certificate, in no store.
 *
 * pbCertEncoded, cbCertEncoded  the DER encoding and its size in bytes; copied
 *
 * Returns the context, freed by the caller, or NULL: E_INVALIDARG for an encoding type other than
 * X.509, CRYPT_E_ASN1_* if it isn't a certificate. Contract CERT-16, CERT-17. */
OPENSCHANNEL_API PCCERT_CONTEXT WINAPI CertCreateCertificateContext(DWORD dwCertEncodingType,
                                                                    const BYTE* pbCertEncoded,
                                                                    DWORD cbCertEncoded);

/* CertDuplicateCertificateContext takes another reference. Returns pCertContext; NULL for NULL, and
 * with E_INVALIDARG for what is no live context. Contract CERT-18. */
OPENSCHANNEL_API PCCERT_CONTEXT WINAPI CertDuplicateCertificateContext(PCCERT_CONTEXT pCertContext);

/* CertFreeCertificateContext gives back a reference; with the last one the certificate, its
 * properties and its private key are gone. NULL is accepted. Returns TRUE. Contract CERT-18. */
OPENSCHANNEL_API BOOL WINAPI CertFreeCertificateContext(PCCERT_CONTEXT pCertContext);

/* CertGetCertificateContextProperty reads a property.
 *
 * dwPropId  CERT_*_PROP_ID. Hashes and key identifiers are made when asked for; the others are what
 *           CertSetCertificateContextProperty set
 * pvData    out; NULL asks for the size only
 * pcbData   in: bytes at pvData; out: bytes of the property
 *
 * Returns TRUE, or FALSE: CRYPT_E_NOT_FOUND if the certificate doesn't have it, ERROR_MORE_DATA if
 * pvData is too small, E_INVALIDARG for a NULL argument. Contract CERT-19, CERT-21. */
OPENSCHANNEL_API BOOL WINAPI CertGetCertificateContextProperty(PCCERT_CONTEXT pCertContext,
                                                               DWORD dwPropId, void* pvData,
                                                               DWORD* pcbData);

/* CertSetCertificateContextProperty sets a property of a context and all its duplicates.
 *
 * dwPropId  CERT_*_PROP_ID
 * dwFlags   ignored; 0
 * pvData    CRYPT_DATA_BLOB; copied. NULL removes the property, and with
 *           CERT_KEY_PROV_INFO_PROP_ID the certificate's private key
 *
 * Returns TRUE, or FALSE: E_INVALIDARG for an identifier that is 0 or above CERT_LAST_USER_PROP_ID,
 * for a property that is computed, or for what is no live context; E_ACCESSDENIED if the store is
 * read-only; in this version ERROR_NOT_SUPPORTED for properties that name keys. Contract CERT-20,
 * CERT-21. */
OPENSCHANNEL_API BOOL WINAPI CertSetCertificateContextProperty(PCCERT_CONTEXT pCertContext,
                                                               DWORD dwPropId, DWORD dwFlags,
                                                               const void* pvData);

/* CertCompareCertificate says whether two certificates have the same issuer and serial number. It
 * proves nothing about who made them. Returns TRUE or FALSE. Contract CERT-22. */
OPENSCHANNEL_API BOOL WINAPI CertCompareCertificate(DWORD dwCertEncodingType, PCERT_INFO pCertId1,
                                                    PCERT_INFO pCertId2);

/* ---- Names ---- */

/* CertGetNameString gives one of a certificate's names for people to read.
 *
 * dwType         CERT_NAME_*_TYPE
 * dwFlags        CERT_NAME_ISSUER_FLAG: the issuer's name; CERT_NAME_SEARCH_ALL_NAMES_FLAG: all DNS
 *                names, each terminated, and one more terminator at the end
 * pvTypePara     CERT_NAME_RDN_TYPE: DWORD, a form of CertNameToStr. CERT_NAME_ATTR_TYPE: an object
 *                identifier as string. Otherwise NULL
 * pszNameString  out; NULL asks for the size only
 * cchNameString  characters at pszNameString
 *
 * Returns the characters written, terminator included, or needed if pszNameString is NULL; 1, an
 * empty string, if the certificate has no such name. A name that doesn't fit is cut short and
 * terminated. Contract CERT-23..25. */
OPENSCHANNEL_API DWORD WINAPI CertGetNameStringA(PCCERT_CONTEXT pCertContext, DWORD dwType,
                                                 DWORD dwFlags, void* pvTypePara,
                                                 LPSTR pszNameString, DWORD cchNameString);
OPENSCHANNEL_API DWORD WINAPI CertGetNameStringW(PCCERT_CONTEXT pCertContext, DWORD dwType,
                                                 DWORD dwFlags, void* pvTypePara,
                                                 LPWSTR pszNameString, DWORD cchNameString);

/* CertNameToStr writes an encoded distinguished name as text.
 *
 * pName      the DER encoding of a Name
 * dwStrType  CERT_SIMPLE_NAME_STR, CERT_OID_NAME_STR or CERT_X500_NAME_STR, with CERT_NAME_STR_*
 *            flags
 * psz        out; NULL asks for the size only
 * csz        characters at psz
 *
 * Returns the characters written, terminator included, or needed if psz is NULL; 1, an empty
 * string, if the name can't be decoded. Contract CERT-26, CERT-27. */
OPENSCHANNEL_API DWORD WINAPI CertNameToStrA(DWORD dwCertEncodingType, PCERT_NAME_BLOB pName,
                                             DWORD dwStrType, LPSTR psz, DWORD csz);
OPENSCHANNEL_API DWORD WINAPI CertNameToStrW(DWORD dwCertEncodingType, PCERT_NAME_BLOB pName,
                                             DWORD dwStrType, LPWSTR psz, DWORD csz);

/* ---- PFX (PKCS#12) ---- */

/* PFXImportCertStore opens a PFX file as a store. Certificates that have their key in the file get
 * it; keys are never written to disk.
 *
 * pPFX        the file; copied
 * szPassword  the file's. Files without a password are made with NULL or with L"": each opens both
 * dwFlags     CRYPT_EXPORTABLE, PKCS12_NO_PERSIST_KEY and the like; accepted, and without effect in
 *             this version
 *
 * Returns the store, closed by the caller, or NULL: ERROR_INVALID_PASSWORD if the password doesn't
 * fit, CRYPT_E_BAD_ENCODE if it isn't a PFX file, ERROR_NOT_SUPPORTED if its encryption or its kind
 * of key isn't known here, E_INVALIDARG if there is no data. Contract CERT-28..30. */
OPENSCHANNEL_API HCERTSTORE WINAPI PFXImportCertStore(CRYPT_DATA_BLOB* pPFX, LPCWSTR szPassword,
                                                      DWORD dwFlags);

/* PFXIsPFXBlob says whether bytes look like a PFX file: only the outermost structure is decoded.
 * Returns TRUE or FALSE. */
OPENSCHANNEL_API BOOL WINAPI PFXIsPFXBlob(CRYPT_DATA_BLOB* pPFX);

/* PFXVerifyPassword says whether a password opens a PFX file. dwFlags is ignored; 0. Returns TRUE,
 * or FALSE: as PFXImportCertStore. Contract CERT-28. */
OPENSCHANNEL_API BOOL WINAPI PFXVerifyPassword(CRYPT_DATA_BLOB* pPFX, LPCWSTR szPassword,
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
