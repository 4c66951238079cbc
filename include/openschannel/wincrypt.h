/* Certificate functions: stores, contexts, properties, names, chains, PFX files.
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
 * lpszStoreProvider  what kind, by number or by name:
 *   CERT_STORE_PROV_MEMORY      an empty store, gone when its last handle is closed; no pvPara
 *   CERT_STORE_PROV_SYSTEM_A/W  a store of this machine by name: "MY" (certificates with their
 *                               keys), "ROOT" (who is trusted), "CA" (intermediates), or any other
 *                               (docs/stores.md says where the files are). dwFlags must have
 *                               CERT_SYSTEM_STORE_CURRENT_USER or _LOCAL_MACHINE. What is added
 *                               becomes a file, what is deleted is gone for good; other properties
 *                               than the key last as long as the store is open
 *   CERT_STORE_PROV_FILENAME_A/W  a file, pvPara its path: PEM, a certificate, PFX without a
 *                               password, or PKCS #7. Read once; changes stay in memory
 *   CERT_STORE_PROV_PKCS7, CERT_STORE_PROV_PKCS12  the same in memory, pvPara a CRYPT_DATA_BLOB
 *   CERT_STORE_PROV_COLLECTION  a view of other stores (CertAddStoreToCollection); no pvPara
 * dwEncodingType     ignored; 0
 * hCryptProv         ignored; 0
 * dwFlags            CERT_STORE_*; CERT_STORE_READONLY_FLAG makes changes fail with E_ACCESSDENIED.
 *                    Of a system store: CERT_STORE_OPEN_EXISTING_FLAG, CERT_STORE_CREATE_NEW_FLAG,
 *                    CERT_STORE_DELETE_FLAG (deletes it; returns NULL, GetLastError() 0)
 * pvPara             as the provider says; A forms UTF-8
 *
 * Returns the store, closed by the caller with CertCloseStore, or NULL:
 * ERROR_FILE_NOT_FOUND   no such provider, file, or (OPEN_EXISTING) system store
 * ERROR_FILE_EXISTS      CERT_STORE_CREATE_NEW_FLAG, and the store is there
 * ERROR_ACCESS_DENIED    a directory that others can write in, or that we can't read; a file with
 *                        CERT_FILE_STORE_COMMIT_ENABLE_FLAG
 * ERROR_NOT_SUPPORTED    CERT_SYSTEM_STORE_RELOCATE_FLAG
 * E_INVALIDARG           flags that exclude each other, another location, a name that can't be, no
 *                        pvPara
 * ERROR_READ_FAULT, CRYPT_E_BAD_ENCODE, ERROR_INVALID_PASSWORD  what can't be read
 *
 * Where the store was opened but files of it were passed over, such as a private key that others
 * can read, OpenSchannelErrorDetail says which and why. Contract CERT-1..7. */
OPENSCHANNEL_API HCERTSTORE WINAPI CertOpenStore(LPCSTR lpszStoreProvider, DWORD dwEncodingType,
                                                 HCRYPTPROV_LEGACY hCryptProv, DWORD dwFlags,
                                                 const void* pvPara);

/* CertOpenSystemStoreA and CertOpenSystemStoreW open a system store of the current user, as
 * CertOpenStore does. hProv is ignored; szSubsystemProtocol is the name. Contract CERT-3. */
OPENSCHANNEL_API HCERTSTORE WINAPI CertOpenSystemStoreA(HCRYPTPROV_LEGACY hProv,
                                                        LPCSTR szSubsystemProtocol);
OPENSCHANNEL_API HCERTSTORE WINAPI CertOpenSystemStoreW(HCRYPTPROV_LEGACY hProv,
                                                        LPCWSTR szSubsystemProtocol);

/* CertAddStoreToCollection makes a store a member of a collection, which then shows what is in it,
 * now and later, and keeps it open. A context that comes out of the collection names the collection
 * as its store and has the properties of the member's.
 *
 * hCollectionStore  of CERT_STORE_PROV_COLLECTION
 * hSiblingStore     any other store; one that is a member already is moved
 * dwUpdateFlags     CERT_PHYSICAL_STORE_ADD_ENABLE_FLAG: what is added to the collection may go
 *                   there. Without such a member adding fails with E_ACCESSDENIED
 * dwPriority        members of a higher one come first
 *
 * FALSE with E_INVALIDARG (not such stores), ERROR_NOT_SUPPORTED (a collection in a collection).
 * Contract CERT-3. */
OPENSCHANNEL_API BOOL WINAPI CertAddStoreToCollection(HCERTSTORE hCollectionStore,
                                                      HCERTSTORE hSiblingStore, DWORD dwUpdateFlags,
                                                      DWORD dwPriority);

/* CertRemoveStoreFromCollection takes a store out of a collection; nothing happens when it is not
 * in it. Contract CERT-3. */
OPENSCHANNEL_API void WINAPI CertRemoveStoreFromCollection(HCERTSTORE hCollectionStore,
                                                           HCERTSTORE hSiblingStore);

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

/* ---- Chains ---- */

/* CertCreateCertificateChainEngine makes an engine that builds chains with stores of the caller's
 * choice.
 *
 * pConfig        cbSize is the size in bytes of the structure as the caller knows it: up to
 *                CycleDetectionModulus, up to hExclusiveTrustedPeople, or the whole. What it leaves
 *                out counts as 0. The engine keeps the stores open and looks into them for each
 *                chain:
 *                hRestrictedRoot          only those roots that the system trusts, too, end a chain
 *                hRestrictedTrust         must be a store; trust lists do not exist here
 *                hRestrictedOther         intermediates are looked for here as well
 *                rghAdditionalStore       cAdditionalStore stores with intermediates
 *                hExclusiveRoot           instead of the system's roots these end a chain: the
 *                                         self-signed ones in it, and with
 *                                         CERT_CHAIN_EXCLUSIVE_ENABLE_CA_FLAG in dwExclusiveFlags
 *                                         each one
 *                hExclusiveTrustedPeople  instead of the system's roots; a certificate in it is
 *                                         trusted as it is, with CERT_CHAIN_ENABLE_PEER_TRUST
 *                dwUrlRetrievalTimeout    milliseconds for each address; 0: 15000
 *                The other members are ignored.
 * phChainEngine  out: the engine, freed by the caller with CertFreeCertificateChainEngine
 *
 * Returns TRUE, or FALSE: E_INVALIDARG for a NULL argument, for a cbSize that is none of those, and
 * for a handle that is no open store. Contract CERT-41, R-17. */
OPENSCHANNEL_API BOOL WINAPI CertCreateCertificateChainEngine(PCERT_CHAIN_ENGINE_CONFIG pConfig,
                                                              HCERTCHAINENGINE* phChainEngine);

/* CertFreeCertificateChainEngine frees an engine; chains it has built stay valid. NULL, the HCCE_*
 * engines and what is no engine are ignored. Contract CERT-41. */
OPENSCHANNEL_API void WINAPI CertFreeCertificateChainEngine(HCERTCHAINENGINE hChainEngine);

/* CertGetCertificateChain builds the best chain from a certificate to a trusted root and says what
 * is wrong with it, element by element. Where several lead to a root one without errors is taken.
 * Signatures with MD5 and SHA-1 and RSA keys below 1024 bits are always wrong
 * (CERT_TRUST_HAS_WEAK_SIGNATURE and CERT_TRUST_IS_NOT_SIGNATURE_VALID).
 *
 * hChainEngine      NULL (HCCE_CURRENT_USER), HCCE_LOCAL_MACHINE: the system's roots; or an engine
 * pCertContext      the end certificate; stays the caller's. An OCSP response in its property
 *                   CERT_OCSP_RESPONSE_PROP_ID counts as stapled
 * pTime             UTC, for the dates of certificates only; NULL: now
 * hAdditionalStore  intermediates, may be NULL. Nothing in it is trusted for being there
 * pChainPara        cbSize at least up to RequestedUsage; what it leaves out counts as 0.
 *                   RequestedUsage: object identifiers of which all (USAGE_MATCH_TYPE_AND) or one
 *                   (OR) must be allowed by every certificate of the chain; none: any usage.
 *                   RequestedIssuancePolicy: likewise, of certificate policies; AND of several is
 *                   ERROR_NOT_SUPPORTED. dwUrlRetrievalTimeout: milliseconds for each address, or
 *                   with CERT_CHAIN_REVOCATION_ACCUMULATIVE_TIMEOUT for all together.
 *                   pStrongSignPara by CERT_STRONG_SIGN_OID_INFO_CHOICE: SHA-2, RSA of 2048 bits
 *                   and curves of 256 at least. The other members are ignored
 * dwFlags           CERT_CHAIN_REVOCATION_CHECK_END_CERT, _CHAIN or _CHAIN_EXCLUDE_ROOT asks for
 *                   revocation: the stapled answer, then the cache on disk, then over HTTP the
 *                   responders (OCSP) and lists (CRL) the certificates name. The call waits for
 *                   them: 15 seconds for each of at most 12 addresses, or with
 *                   CERT_CHAIN_REVOCATION_ACCUMULATIVE_TIMEOUT 20 seconds in all. A chain that is
 *                   not good otherwise asks nobody. A self-signed root is never of unknown state.
 *                   CERT_CHAIN_REVOCATION_CHECK_CACHE_ONLY: no network.
 *                   Intermediates are never fetched: CERT_CHAIN_DISABLE_AIA and
 *                   CERT_CHAIN_CACHE_ONLY_URL_RETRIEVAL change nothing. The other flags are
 *                   accepted and have no effect
 * pvReserved        NULL
 * ppChainContext    out: the chain, freed by the caller with CertFreeCertificateChain. cChain is 1;
 *                   rgpChain[0]->rgpElement[0] is the end certificate. TrustStatus says what is
 *                   wrong: 0 is good. pIssuanceUsage and pwszExtendedErrorInfo are NULL, ChainId is
 *                   0, and there are no contexts of lower quality
 *
 * Returns TRUE if a chain was built, good or bad; or FALSE: E_INVALIDARG for what is no live
 * context, store or engine, for a NULL pChainPara or ppChainContext, a size or an object identifier
 * that is none, or two of the REVOCATION_CHECK flags; ERROR_NOT_SUPPORTED for what pChainPara asks
 * for in vain. Contract CERT-32..40, CERT-42. */
OPENSCHANNEL_API BOOL WINAPI CertGetCertificateChain(HCERTCHAINENGINE hChainEngine,
                                                     PCCERT_CONTEXT pCertContext, LPFILETIME pTime,
                                                     HCERTSTORE hAdditionalStore,
                                                     PCERT_CHAIN_PARA pChainPara, DWORD dwFlags,
                                                     LPVOID pvReserved,
                                                     PCCERT_CHAIN_CONTEXT* ppChainContext);

/* CertDuplicateCertificateChain takes another reference. Returns pChainContext; NULL for NULL, and
 * with E_INVALIDARG for what is no live chain. Contract CERT-42. */
OPENSCHANNEL_API PCCERT_CHAIN_CONTEXT WINAPI
CertDuplicateCertificateChain(PCCERT_CHAIN_CONTEXT pChainContext);

/* CertFreeCertificateChain gives back a reference; with the last one the contexts in it are freed.
 * NULL and what is no live chain are ignored. Contract CERT-42. */
OPENSCHANNEL_API void WINAPI CertFreeCertificateChain(PCCERT_CHAIN_CONTEXT pChainContext);

/* CertVerifyCertificateChainPolicy says whether a chain is good enough for a purpose. It looks at
 * what CertGetCertificateChain found and fetches nothing.
 *
 * pszPolicyOID   CERT_CHAIN_POLICY_BASE: nothing is wrong but what pPolicyPara overlooks.
 *                CERT_CHAIN_POLICY_SSL: and the certificate is for the server's name.
 *                CERT_CHAIN_POLICY_BASIC_CONSTRAINTS: issuers are authorities, path lengths hold
 * pChainContext  of CertGetCertificateChain; usage was judged only if it was asked for there
 * pPolicyPara    may be NULL. dwFlags: CERT_CHAIN_POLICY_*_FLAG, what to overlook.
 *                pvExtraPolicyPara for CERT_CHAIN_POLICY_SSL: HTTPSPolicyCallbackData, or NULL for
 *                no name. dwAuthType AUTHTYPE_SERVER compares pwszServerName unless that is NULL;
 *                fdwChecks: SECURITY_FLAG_IGNORE_*, more to overlook
 * pPolicyStatus  out. dwError is 0 (good) or CERT_E_*, TRUST_E_* or CRYPT_E_*; of several the first
 *                of trust, signature, revoked, time, usage, constraints, name, revocation unknown.
 *                lChainIndex and lElementIndex: where; element -1 for the chain as a whole. cbSize
 *                is not looked at, pvExtraPolicyStatus not touched
 *
 * Returns TRUE if it could judge; or FALSE: ERROR_FILE_NOT_FOUND for a policy that is not here,
 * E_INVALIDARG for what is no live chain, a NULL pPolicyStatus, or HTTPSPolicyCallbackData with
 * another size or side. Contract CERT-43..52. */
OPENSCHANNEL_API BOOL WINAPI CertVerifyCertificateChainPolicy(
    LPCSTR pszPolicyOID, PCCERT_CHAIN_CONTEXT pChainContext, PCERT_CHAIN_POLICY_PARA pPolicyPara,
    PCERT_CHAIN_POLICY_STATUS pPolicyStatus);

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

/* PFXExportCertStoreEx writes the certificates of a store as a PFX file, encrypted with AES-256.
 *
 * hStore      the store
 * pPFX        pbData NULL: only cbData, the size in bytes, is wanted; else room and its size
 * szPassword  protects the file
 * pvPara      NULL
 * dwFlags     EXPORT_PRIVATE_KEYS: with the keys; REPORT_NO_PRIVATE_KEY: fail when a certificate
 * has none; REPORT_NOT_ABLE_TO_EXPORT_PRIVATE_KEY: accepted, every key can be exported here
 *
 * FALSE: ERROR_MORE_DATA, with the size in cbData; CRYPT_E_NOT_FOUND (REPORT_NO_PRIVATE_KEY);
 * ERROR_NOT_SUPPORTED for PKCS12_PROTECT_TO_DOMAIN_SIDS; E_INVALIDARG; NTE_FAIL. Contract CERT-31.
 */
OPENSCHANNEL_API BOOL WINAPI PFXExportCertStoreEx(HCERTSTORE hStore, CRYPT_DATA_BLOB* pPFX,
                                                  LPCWSTR szPassword, void* pvPara, DWORD dwFlags);
OPENSCHANNEL_API BOOL WINAPI PFXExportCertStore(HCERTSTORE hStore, CRYPT_DATA_BLOB* pPFX,
                                                LPCWSTR szPassword, DWORD dwFlags);

/* ---- Looking into certificates ---- */

/* CryptDecodeObjectEx decodes an encoding into a structure of Windows.
 *
 * dwCertEncodingType  X509_ASN_ENCODING
 * lpszStructType      X509_CERT, X509_CERT_TO_BE_SIGNED (of a whole certificate), X509_NAME,
 *                     X509_UNICODE_NAME, X509_PUBLIC_KEY_INFO, X509_ALTERNATE_NAME, X509_KEY_USAGE,
 *                     X509_BASIC_CONSTRAINTS2, X509_ENHANCED_KEY_USAGE, RSA_CSP_PUBLICKEYBLOB,
 *                     X509_OCTET_STRING, X509_BITS, X509_INTEGER, X509_MULTI_BYTE_INTEGER,
 *                     X509_OBJECT_IDENTIFIER, or the OID of an extension that is one of these
 * pbEncoded, cbEncoded  the encoding, all of it
 * dwFlags             CRYPT_DECODE_ALLOC_FLAG: pvStructInfo is the address of a pointer, which gets
 *                     memory that the caller frees with LocalFree. Others are ignored, but for
 *                     CRYPT_DECODE_TO_BE_SIGNED_FLAG, which is refused
 * pDecodePara         NULL, or without functions
 * pvStructInfo        room for the structure and what it points to; NULL: only the size is wanted
 * pcbStructInfo       its size in bytes, in and out
 *
 * Nothing of the result points into pbEncoded. A name with a NUL in it is not decoded: it would be
 * taken for another name.
 *
 * FALSE: ERROR_FILE_NOT_FOUND for another type; ERROR_MORE_DATA, with the size in *pcbStructInfo;
 * CRYPT_E_ASN1_*, CRYPT_E_BAD_ENCODE; ERROR_NOT_SUPPORTED; E_INVALIDARG. Contract CERT-64. */
OPENSCHANNEL_API BOOL WINAPI CryptDecodeObjectEx(DWORD dwCertEncodingType, LPCSTR lpszStructType,
                                                 const BYTE* pbEncoded, DWORD cbEncoded,
                                                 DWORD dwFlags, PCRYPT_DECODE_PARA pDecodePara,
                                                 void* pvStructInfo, DWORD* pcbStructInfo);
/* The same without allocation. */
OPENSCHANNEL_API BOOL WINAPI CryptDecodeObject(DWORD dwCertEncodingType, LPCSTR lpszStructType,
                                               const BYTE* pbEncoded, DWORD cbEncoded,
                                               DWORD dwFlags, void* pvStructInfo,
                                               DWORD* pcbStructInfo);

/* CertFindExtension gives the first extension of an OID in an array, such as that of a CERT_INFO;
 * NULL when there is none, with E_INVALIDARG for a NULL pointer. */
OPENSCHANNEL_API PCERT_EXTENSION WINAPI CertFindExtension(LPCSTR pszObjId, DWORD cExtensions,
                                                          CERT_EXTENSION rgExtensions[]);

/* CertGetIntendedKeyUsage copies the bits of the key usage extension, at most cbKeyUsage bytes, the
 * rest becomes zero. FALSE with GetLastError() 0: the certificate does not say. */
OPENSCHANNEL_API BOOL WINAPI CertGetIntendedKeyUsage(DWORD dwCertEncodingType, PCERT_INFO pCertInfo,
                                                     BYTE* pbKeyUsage, DWORD cbKeyUsage);

/* CertGetEnhancedKeyUsage lists what a certificate is for, by its extension and its property
 * CERT_ENHKEY_USAGE_PROP_ID: what both allow.
 *
 * dwFlags   0, CERT_FIND_EXT_ONLY_ENHKEY_USAGE_FLAG or CERT_FIND_PROP_ONLY_ENHKEY_USAGE_FLAG
 * pUsage    room; NULL: only the size is wanted
 * pcbUsage  its size in bytes, in and out
 *
 * On TRUE GetLastError() is CRYPT_E_NOT_FOUND when nothing is said: then an empty list means that
 * the certificate is good for everything. With 0 an empty list is good for nothing. FALSE:
 * ERROR_MORE_DATA, CRYPT_E_BAD_ENCODE, E_INVALIDARG. */
OPENSCHANNEL_API BOOL WINAPI CertGetEnhancedKeyUsage(PCCERT_CONTEXT pCertContext, DWORD dwFlags,
                                                     PCERT_ENHKEY_USAGE pUsage, DWORD* pcbUsage);

/* CertVerifyTimeValidity says whether a time (NULL: now) is before (-1), within (0) or behind (1)
 * that of a certificate. */
OPENSCHANNEL_API LONG WINAPI CertVerifyTimeValidity(LPFILETIME pTimeToVerify, PCERT_INFO pCertInfo);

/* CryptHashCertificate hashes any bytes; ALG_ID 0 is SHA-1. pbComputedHash NULL: only the size is
 * wanted. CryptHashCertificate2 takes the names of CNG ("SHA256"). FALSE: ERROR_MORE_DATA,
 * NTE_BAD_ALGID, E_INVALIDARG. */
OPENSCHANNEL_API BOOL WINAPI CryptHashCertificate(HCRYPTPROV_LEGACY hCryptProv, ALG_ID Algid,
                                                  DWORD dwFlags, const BYTE* pbEncoded,
                                                  DWORD cbEncoded, BYTE* pbComputedHash,
                                                  DWORD* pcbComputedHash);
OPENSCHANNEL_API BOOL WINAPI CryptHashCertificate2(LPCWSTR pwszCNGHashAlgid, DWORD dwFlags,
                                                   void* pvReserved, const BYTE* pbEncoded,
                                                   DWORD cbEncoded, BYTE* pbComputedHash,
                                                   DWORD* pcbComputedHash);

/* CryptQueryObject finds out what is in a file or in memory.
 *
 * dwObjectType  CERT_QUERY_OBJECT_FILE, pvObject a wide path; CERT_QUERY_OBJECT_BLOB, pvObject a
 *               CRYPT_DATA_BLOB
 * dwExpectedContentTypeFlags  CERT_QUERY_CONTENT_FLAG_CERT, _PKCS7_SIGNED, _PFX, _PFX_AND_LOAD
 *               (without a password); others find nothing
 * dwExpectedFormatTypeFlags   CERT_QUERY_FORMAT_FLAG_BINARY, _BASE64_ENCODED (PEM as well)
 * dwFlags       ignored
 * the pointers that follow    each may be NULL; they get the encoding, what was found and in which
 *               format; a store (CertCloseStore) of what was found, NULL for _PFX; NULL; and for
 *               _CERT the context (CertFreeCertificateContext)
 *
 * FALSE: CRYPT_E_NO_MATCH, the errors of reading a file, E_INVALIDARG. */
OPENSCHANNEL_API BOOL WINAPI CryptQueryObject(DWORD dwObjectType, const void* pvObject,
                                              DWORD dwExpectedContentTypeFlags,
                                              DWORD dwExpectedFormatTypeFlags, DWORD dwFlags,
                                              DWORD* pdwMsgAndCertEncodingType,
                                              DWORD* pdwContentType, DWORD* pdwFormatType,
                                              HCERTSTORE* phCertStore, HCRYPTMSG* phMsg,
                                              const void** ppvContext);

/* ---- Bytes as text ---- */

/* CryptStringToBinary decodes text.
 *
 * pszString, cchString  the text and its characters; 0: up to the terminator
 * dwFlags    CRYPT_STRING_BASE64, _BASE64HEADER (PEM; also _BASE64REQUESTHEADER and
 *            _BASE64X509CRLHEADER, the label does not matter), _HEX, _HEXRAW, _BINARY, or several
 * of them tried in turn: _BASE64_ANY, _HEX_ANY, _ANY pbBinary   room; NULL: only the size is wanted
 * pcbBinary  its size in bytes, in and out
 * pdwSkip    optional; characters before the line BEGIN
 * pdwFlags   optional; the form that fitted
 *
 * FALSE: ERROR_INVALID_DATA, ERROR_MORE_DATA with the size in *pcbBinary, ERROR_NOT_SUPPORTED for
 * other forms, ERROR_INVALID_PARAMETER. Contract CERT-63. */
OPENSCHANNEL_API BOOL WINAPI CryptStringToBinaryA(LPCSTR pszString, DWORD cchString, DWORD dwFlags,
                                                  BYTE* pbBinary, DWORD* pcbBinary, DWORD* pdwSkip,
                                                  DWORD* pdwFlags);
OPENSCHANNEL_API BOOL WINAPI CryptStringToBinaryW(LPCWSTR pszString, DWORD cchString, DWORD dwFlags,
                                                  BYTE* pbBinary, DWORD* pcbBinary, DWORD* pdwSkip,
                                                  DWORD* pdwFlags);

/* CryptBinaryToString encodes bytes in one of those forms. Lines end in CR LF;
 * CRYPT_STRING_NOCR: in LF; CRYPT_STRING_NOCRLF: there is one line.
 *
 * pszString  room; NULL: only the size is wanted
 * pcchString characters, in and out: what is needed includes the terminator, what was written does
 *            not
 *
 * FALSE: ERROR_MORE_DATA with the size in *pcchString, ERROR_NOT_SUPPORTED,
 * ERROR_INVALID_PARAMETER. Contract CERT-63. */
OPENSCHANNEL_API BOOL WINAPI CryptBinaryToStringA(const BYTE* pbBinary, DWORD cbBinary,
                                                  DWORD dwFlags, LPSTR pszString,
                                                  DWORD* pcchString);
OPENSCHANNEL_API BOOL WINAPI CryptBinaryToStringW(const BYTE* pbBinary, DWORD cbBinary,
                                                  DWORD dwFlags, LPWSTR pszString,
                                                  DWORD* pcchString);

/* ---- Private keys ---- */

/* CryptAcquireCertificatePrivateKey gives the private key of a certificate as a handle that can
 * sign (NCryptSignHash in ncrypt.h). Keys are CNG keys here.
 *
 * pCert         the certificate
 * dwFlags       CRYPT_ACQUIRE_ALLOW_NCRYPT_KEY_FLAG, _PREFER_ or _ONLY_NCRYPT_KEY_FLAG: one of them
 *               is needed. The key is always compared with the certificate and never asks anybody:
 *               CRYPT_ACQUIRE_COMPARE_KEY_FLAG and _SILENT_FLAG change nothing
 * pvParameters  ignored
 * phCryptProvOrNCryptKey  gets the key, freed by the caller with NCryptFreeObject
 * pdwKeySpec    optional; gets CERT_NCRYPT_KEY_SPEC
 * pfCallerFreeProvOrNCryptKey  optional; gets TRUE, FALSE on failure
 *
 * FALSE: CRYPT_E_NO_KEY_PROPERTY (no key, or none of the three flags), NTE_BAD_PUBLIC_KEY,
 * ERROR_NOT_SUPPORTED for CRYPT_ACQUIRE_CACHE_FLAG, E_INVALIDARG. Contract CERT-60 to CERT-62. */
OPENSCHANNEL_API BOOL WINAPI
CryptAcquireCertificatePrivateKey(PCCERT_CONTEXT pCert, DWORD dwFlags, void* pvParameters,
                                  HCRYPTPROV_OR_NCRYPT_KEY_HANDLE* phCryptProvOrNCryptKey,
                                  DWORD* pdwKeySpec, BOOL* pfCallerFreeProvOrNCryptKey);

#ifdef UNICODE
#define CertOpenSystemStore CertOpenSystemStoreW
#define CryptStringToBinary CryptStringToBinaryW
#define CryptBinaryToString CryptBinaryToStringW
#define CertGetNameString CertGetNameStringW
#define CertNameToStr CertNameToStrW
#else
#define CertOpenSystemStore CertOpenSystemStoreA
#define CryptStringToBinary CryptStringToBinaryA
#define CryptBinaryToString CryptBinaryToStringA
#define CertGetNameString CertGetNameStringA
#define CertNameToStr CertNameToStrA
#endif

#ifdef __cplusplus
}
#endif
