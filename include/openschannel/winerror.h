/* Status codes: SECURITY_STATUS and HRESULT values returned by the SSPI functions, and the values
 * that GetLastError gives after a certificate function failed.
 *
 * Negative values are failures (FAILED()), zero and positive values are not: SEC_I_* is information
 * that the caller must act on (contract STS-1 and section L).
 */
#pragma once

#include <openschannel/windef.h>

#define SUCCEEDED(hr) (((HRESULT)(hr)) >= 0)
#define FAILED(hr) (((HRESULT)(hr)) < 0)
#define HRESULT_CODE(hr) ((hr)&0xFFFF)
#define HRESULT_FACILITY(hr) (((hr) >> 16) & 0x1FFF)
#define HRESULT_SEVERITY(hr) (((hr) >> 31) & 0x1)
#define MAKE_HRESULT(severity, facility, code) \
  ((HRESULT)(((DWORD)(severity) << 31) | ((DWORD)(facility) << 16) | (DWORD)(code)))
/* The HRESULT that carries a Win32 error code (facility 7). */
#define HRESULT_FROM_WIN32(x) \
  ((HRESULT)(x) <= 0 ? (HRESULT)(x) : (HRESULT)(((DWORD)(x)&0xFFFFU) | 0x80070000U))

/* General. */
#define S_OK ((HRESULT)0)
#define S_FALSE ((HRESULT)1)
#define NO_ERROR 0
#define NOERROR 0
#define E_INVALIDARG ((HRESULT)0x80070057)
#define E_OUTOFMEMORY ((HRESULT)0x8007000E)
#define E_NOTIMPL ((HRESULT)0x80004001)
#define E_ACCESSDENIED ((HRESULT)0x80070005)
#define E_FAIL ((HRESULT)0x80004005)
#define E_UNEXPECTED ((HRESULT)0x8000FFFF)

/* ---- SSPI: success and information ---- */

#define SEC_E_OK ((HRESULT)0) /* the call did what was asked */
/* send the output token, then call again with the peer's answer */
#define SEC_I_CONTINUE_NEEDED ((HRESULT)0x00090312)
#define SEC_I_COMPLETE_NEEDED ((HRESULT)0x00090313)       /* not used by Schannel */
#define SEC_I_COMPLETE_AND_CONTINUE ((HRESULT)0x00090314) /* not used by Schannel */
#define SEC_I_LOCAL_LOGON ((HRESULT)0x00090315)           /* not used by Schannel */
/* a subscribed TLS extension arrived */
#define SEC_I_GENERIC_EXTENSION_RECEIVED ((HRESULT)0x00090316)
/* the peer sent close_notify: end of its data */
#define SEC_I_CONTEXT_EXPIRED ((HRESULT)0x00090317)
/* the server asks for a certificate and there is none to send */
#define SEC_I_INCOMPLETE_CREDENTIALS ((HRESULT)0x00090320)
/* a post-handshake message arrived: feed the EXTRA bytes to the handshake */
#define SEC_I_RENEGOTIATE ((HRESULT)0x00090321)
#define SEC_I_NO_LSA_CONTEXT ((HRESULT)0x00090323)   /* not used by Schannel */
#define SEC_I_SIGNATURE_NEEDED ((HRESULT)0x0009035C) /* the caller has to sign and call again */
#define SEC_I_NO_RENEGOTIATION ((HRESULT)0x00090360) /* the peer refused to renegotiate */
#define SEC_I_MESSAGE_FRAGMENT ((HRESULT)0x00090364) /* more of the same message follows */
#define SEC_I_CONTINUE_NEEDED_MESSAGE_OK ((HRESULT)0x00090366)
#define SEC_I_ASYNC_CALL_PENDING ((HRESULT)0x00090368)

/* ---- SSPI: failures a TLS program meets ---- */

#define SEC_E_INSUFFICIENT_MEMORY ((HRESULT)0x80090300) /* no memory */
#define SEC_E_INVALID_HANDLE ((HRESULT)0x80090301)      /* not a live handle of this kind */
/* this package doesn't implement the function or attribute */
#define SEC_E_UNSUPPORTED_FUNCTION ((HRESULT)0x80090302)
#define SEC_E_NOT_SUPPORTED ((HRESULT)0x80090302)    /* other name of SEC_E_UNSUPPORTED_FUNCTION */
#define SEC_E_TARGET_UNKNOWN ((HRESULT)0x80090303)   /* the target name cannot be used */
#define SEC_E_INTERNAL_ERROR ((HRESULT)0x80090304)   /* a defect or a failing system library */
#define SEC_E_NO_SPM ((HRESULT)0x80090304)           /* other name of SEC_E_INTERNAL_ERROR */
#define SEC_E_SECPKG_NOT_FOUND ((HRESULT)0x80090305) /* no package of that name */
/* the buffers or the bytes in them are not what the call needs */
#define SEC_E_INVALID_TOKEN ((HRESULT)0x80090308)
/* fQOP or the number of parties isn't possible */
#define SEC_E_QOP_NOT_SUPPORTED ((HRESULT)0x8009030A)
/* no account stands behind the peer's certificate */
#define SEC_E_NO_IMPERSONATION ((HRESULT)0x8009030B)
#define SEC_E_LOGON_DENIED ((HRESULT)0x8009030C) /* the peer sent access_denied */
/* the certificate or its key cannot be used */
#define SEC_E_UNKNOWN_CREDENTIALS ((HRESULT)0x8009030D)
/* there is no certificate to use or to return */
#define SEC_E_NO_CREDENTIALS ((HRESULT)0x8009030E)
#define SEC_E_MESSAGE_ALTERED ((HRESULT)0x8009030F) /* a record failed authentication */
/* call not allowed in this state of the context */
#define SEC_E_OUT_OF_SEQUENCE ((HRESULT)0x80090310)
/* no certificate authority could vouch for the peer */
#define SEC_E_NO_AUTHENTICATING_AUTHORITY ((HRESULT)0x80090311)
#define SEC_E_CONTEXT_EXPIRED ((HRESULT)0x80090317) /* the context was shut down */
/* read more bytes, then call again with all of them */
#define SEC_E_INCOMPLETE_MESSAGE ((HRESULT)0x80090318)
#define SEC_E_INCOMPLETE_CREDENTIALS                          \
  ((HRESULT)0x80090320) /* credentials given are not complete \
                         */
/* the caller's buffer cannot hold the result */
#define SEC_E_BUFFER_TOO_SMALL ((HRESULT)0x80090321)
/* the peer's certificate is not for the target name */
#define SEC_E_WRONG_PRINCIPAL ((HRESULT)0x80090322)
/* the chain ends in a root that is not trusted */
#define SEC_E_UNTRUSTED_ROOT ((HRESULT)0x80090325)
/* the peer broke the protocol, or says we did */
#define SEC_E_ILLEGAL_MESSAGE ((HRESULT)0x80090326)
/* the certificate could not be checked or was rejected */
#define SEC_E_CERT_UNKNOWN ((HRESULT)0x80090327)
/* the certificate is out of its validity period */
#define SEC_E_CERT_EXPIRED ((HRESULT)0x80090328)
#define SEC_E_ENCRYPT_FAILURE ((HRESULT)0x80090329) /* the record could not be sealed */
/* the record could not be opened, or a Finished was wrong */
#define SEC_E_DECRYPT_FAILURE ((HRESULT)0x80090330)
/* no common version, cipher suite, group or signature scheme */
#define SEC_E_ALGORITHM_MISMATCH ((HRESULT)0x80090331)
/* the security asked for is not possible */
#define SEC_E_SECURITY_QOS_FAILED ((HRESULT)0x80090332)
/* the peer cancelled the handshake */
#define SEC_E_UNFINISHED_CONTEXT_DELETED ((HRESULT)0x80090333)
#define SEC_E_CERT_WRONG_USAGE                                      \
  ((HRESULT)0x80090349) /* the certificate may not be used for this \
                         */
/* somebody made the two sides agree on less than both can do */
#define SEC_E_DOWNGRADE_DETECTED ((HRESULT)0x80090350)
/* strong cryptography isn't available */
#define SEC_E_STRONG_CRYPTO_NOT_SUPPORTED ((HRESULT)0x8009033A)
#define SEC_E_BAD_BINDINGS ((HRESULT)0x80090346)    /* channel bindings differ */
#define SEC_E_NO_IP_ADDRESSES ((HRESULT)0x80090335) /* no addresses to bind to */
/* the certificate maps to more than one account */
#define SEC_E_MULTIPLE_ACCOUNTS ((HRESULT)0x80090347)
#define SEC_E_ONLY_HTTPS_ALLOWED ((HRESULT)0x80090365)
/* ALPN found no common protocol */
#define SEC_E_APPLICATION_PROTOCOL_MISMATCH ((HRESULT)0x80090367)
#define SEC_E_INVALID_PARAMETER ((HRESULT)0x8009035D)  /* a parameter is wrong */
#define SEC_E_NO_CONTEXT ((HRESULT)0x80090361)         /* there is no context to work on */
#define SEC_E_MUTUAL_AUTH_FAILED ((HRESULT)0x80090363) /* mutual authentication failed */
#define SEC_E_EXT_BUFFER_TOO_SMALL                              \
  ((HRESULT)0x8009036A) /* buffer for a TLS extension too small \
                         */
#define SEC_E_INSUFFICIENT_BUFFERS                              \
  ((HRESULT)0x8009036B) /* not enough buffers in the descriptor \
                         */

/* ---- SSPI: failures of other packages and of smart-card logon, named for source compatibility
 * ---- */

#define SEC_E_NOT_OWNER ((HRESULT)0x80090306)
#define SEC_E_CANNOT_INSTALL ((HRESULT)0x80090307)
#define SEC_E_CANNOT_PACK ((HRESULT)0x80090309)
#define SEC_E_BAD_PKGID ((HRESULT)0x80090316)
#define SEC_E_TIME_SKEW ((HRESULT)0x80090324)
#define SEC_E_NO_TGT_REPLY ((HRESULT)0x80090334)
#define SEC_E_WRONG_CREDENTIAL_HANDLE ((HRESULT)0x80090336)
#define SEC_E_CRYPTO_SYSTEM_INVALID ((HRESULT)0x80090337)
#define SEC_E_MAX_REFERRALS_EXCEEDED ((HRESULT)0x80090338)
#define SEC_E_MUST_BE_KDC ((HRESULT)0x80090339)
#define SEC_E_TOO_MANY_PRINCIPALS ((HRESULT)0x8009033B)
#define SEC_E_NO_PA_DATA ((HRESULT)0x8009033C)
#define SEC_E_PKINIT_NAME_MISMATCH ((HRESULT)0x8009033D)
#define SEC_E_SMARTCARD_LOGON_REQUIRED ((HRESULT)0x8009033E)
#define SEC_E_SHUTDOWN_IN_PROGRESS ((HRESULT)0x8009033F)
#define SEC_E_KDC_INVALID_REQUEST ((HRESULT)0x80090340)
#define SEC_E_KDC_UNABLE_TO_REFER ((HRESULT)0x80090341)
#define SEC_E_KDC_UNKNOWN_ETYPE ((HRESULT)0x80090342)
#define SEC_E_UNSUPPORTED_PREAUTH ((HRESULT)0x80090343)
#define SEC_E_DELEGATION_REQUIRED ((HRESULT)0x80090345)
#define SEC_E_NO_KERB_KEY ((HRESULT)0x80090348)
#define SEC_E_SMARTCARD_CERT_REVOKED ((HRESULT)0x80090351)
#define SEC_E_ISSUING_CA_UNTRUSTED ((HRESULT)0x80090352)
#define SEC_E_REVOCATION_OFFLINE_C ((HRESULT)0x80090353)
#define SEC_E_PKINIT_CLIENT_FAILURE ((HRESULT)0x80090354)
#define SEC_E_SMARTCARD_CERT_EXPIRED ((HRESULT)0x80090355)
#define SEC_E_NO_S4U_PROT_SUPPORT ((HRESULT)0x80090356)
#define SEC_E_CROSSREALM_DELEGATION_FAILURE ((HRESULT)0x80090357)
#define SEC_E_REVOCATION_OFFLINE_KDC ((HRESULT)0x80090358)
#define SEC_E_ISSUING_CA_UNTRUSTED_KDC ((HRESULT)0x80090359)
#define SEC_E_KDC_CERT_EXPIRED ((HRESULT)0x8009035A)
#define SEC_E_KDC_CERT_REVOKED ((HRESULT)0x8009035B)
#define SEC_E_DELEGATION_POLICY ((HRESULT)0x8009035E)
#define SEC_E_POLICY_NLTM_ONLY ((HRESULT)0x8009035F)
#define SEC_E_PKU2U_CERT_FAILURE ((HRESULT)0x80090362)
#define SEC_E_INVALID_UPN_NAME ((HRESULT)0x80090369)

/* ---- Certificate functions: encoding and store errors ---- */

#define CRYPT_E_NOT_FOUND ((HRESULT)0x80092004)   /* no object or property with these criteria */
#define CRYPT_E_EXISTS ((HRESULT)0x80092005)      /* the store already has this object */
#define CRYPT_E_NO_MATCH ((HRESULT)0x80092009)    /* nothing matches */
#define CRYPT_E_SELF_SIGNED ((HRESULT)0x80092007) /* the certificate is its own issuer */
#define CRYPT_E_NO_KEY_PROPERTY ((HRESULT)0x8009200B) /* the certificate has no private key */
#define CRYPT_E_BAD_ENCODE ((HRESULT)0x80092002)      /* cannot be encoded or decoded */
#define CRYPT_E_FILE_ERROR ((HRESULT)0x80092003)      /* reading or writing a file failed */
#define CRYPT_E_REVOKED ((HRESULT)0x80092010)         /* the certificate is revoked */
/* no way to check revocation is installed */
#define CRYPT_E_NO_REVOCATION_DLL ((HRESULT)0x80092011)
#define CRYPT_E_NO_REVOCATION_CHECK ((HRESULT)0x80092012) /* revocation could not be checked */
/* the revocation server was not reachable */
#define CRYPT_E_REVOCATION_OFFLINE ((HRESULT)0x80092013)
/* the revocation server doesn't know the certificate */
#define CRYPT_E_NOT_IN_REVOCATION_DATABASE ((HRESULT)0x80092014)
/* the store closes when its last context is freed */
#define CRYPT_E_PENDING_CLOSE ((HRESULT)0x8009200F)
#define CRYPT_E_MSG_ERROR ((HRESULT)0x80091001)
#define CRYPT_E_UNKNOWN_ALGO ((HRESULT)0x80091002)
#define CRYPT_E_OID_FORMAT ((HRESULT)0x80091003)
#define CRYPT_E_INVALID_MSG_TYPE ((HRESULT)0x80091004)
#define CRYPT_E_UNEXPECTED_ENCODING ((HRESULT)0x80091005)
#define CRYPT_E_AUTH_ATTR_MISSING ((HRESULT)0x80091006)
#define CRYPT_E_HASH_VALUE ((HRESULT)0x80091007)
#define CRYPT_E_INVALID_INDEX ((HRESULT)0x80091008)
#define CRYPT_E_ALREADY_DECRYPTED ((HRESULT)0x80091009)
#define CRYPT_E_NOT_DECRYPTED ((HRESULT)0x8009100A)
#define CRYPT_E_RECIPIENT_NOT_FOUND ((HRESULT)0x8009100B)
#define CRYPT_E_CONTROL_TYPE ((HRESULT)0x8009100C)
#define CRYPT_E_ISSUER_SERIALNUMBER ((HRESULT)0x8009100D)
#define CRYPT_E_SIGNER_NOT_FOUND ((HRESULT)0x8009100E)
#define CRYPT_E_ATTRIBUTES_MISSING ((HRESULT)0x8009100F)
#define CRYPT_E_STREAM_MSG_NOT_READY ((HRESULT)0x80091010)
#define CRYPT_E_STREAM_INSUFFICIENT_DATA ((HRESULT)0x80091011)
#define CRYPT_E_BAD_LEN ((HRESULT)0x80092001)
#define CRYPT_E_NO_PROVIDER ((HRESULT)0x80092006)
#define CRYPT_E_DELETED_PREV ((HRESULT)0x80092008)
#define CRYPT_E_UNEXPECTED_MSG_TYPE ((HRESULT)0x8009200A)
#define CRYPT_E_NO_DECRYPT_CERT ((HRESULT)0x8009200C)
#define CRYPT_E_BAD_MSG ((HRESULT)0x8009200D)
#define CRYPT_E_NO_SIGNER ((HRESULT)0x8009200E)
#define CRYPT_E_INVALID_NUMERIC_STRING ((HRESULT)0x80092020)
#define CRYPT_E_INVALID_PRINTABLE_STRING ((HRESULT)0x80092021)
#define CRYPT_E_INVALID_IA5_STRING ((HRESULT)0x80092022)
#define CRYPT_E_INVALID_X500_STRING ((HRESULT)0x80092023)
#define CRYPT_E_NOT_CHAR_STRING ((HRESULT)0x80092024)
#define CRYPT_E_FILERESIZED ((HRESULT)0x80092025)
#define CRYPT_E_SECURITY_SETTINGS ((HRESULT)0x80092026)
#define CRYPT_E_NO_VERIFY_USAGE_DLL ((HRESULT)0x80092027)
#define CRYPT_E_NO_VERIFY_USAGE_CHECK ((HRESULT)0x80092028)
#define CRYPT_E_VERIFY_USAGE_OFFLINE ((HRESULT)0x80092029)
#define CRYPT_E_NOT_IN_CTL ((HRESULT)0x8009202A)
#define CRYPT_E_NO_TRUSTED_SIGNER ((HRESULT)0x8009202B)
#define CRYPT_E_MISSING_PUBKEY_PARA ((HRESULT)0x8009202C)
#define CRYPT_I_NEW_PROTECTION_REQUIRED ((HRESULT)0x00091012)
#define CRYPT_E_OSS_ERROR ((HRESULT)0x80093000)
#define CRYPT_E_ASN1_ERROR ((HRESULT)0x80093100)
#define CRYPT_E_ASN1_INTERNAL ((HRESULT)0x80093101)
#define CRYPT_E_ASN1_EOD ((HRESULT)0x80093102)
#define CRYPT_E_ASN1_CORRUPT ((HRESULT)0x80093103)
#define CRYPT_E_ASN1_LARGE ((HRESULT)0x80093104)
#define CRYPT_E_ASN1_CONSTRAINT ((HRESULT)0x80093105)
#define CRYPT_E_ASN1_MEMORY ((HRESULT)0x80093106)
#define CRYPT_E_ASN1_OVERFLOW ((HRESULT)0x80093107)
#define CRYPT_E_ASN1_BADPDU ((HRESULT)0x80093108)
#define CRYPT_E_ASN1_BADARGS ((HRESULT)0x80093109)
#define CRYPT_E_ASN1_BADREAL ((HRESULT)0x8009310A)
#define CRYPT_E_ASN1_BADTAG ((HRESULT)0x8009310B)
#define CRYPT_E_ASN1_CHOICE ((HRESULT)0x8009310C)
#define CRYPT_E_ASN1_RULE ((HRESULT)0x8009310D)
#define CRYPT_E_ASN1_UTF8 ((HRESULT)0x8009310E)
#define CRYPT_E_ASN1_PDU_TYPE ((HRESULT)0x80093133)
#define CRYPT_E_ASN1_NYI ((HRESULT)0x80093134)
#define CRYPT_E_ASN1_EXTENDED ((HRESULT)0x80093201)
#define CRYPT_E_ASN1_NOEOD ((HRESULT)0x80093202)

/* ---- Chain building and policy ---- */

#define CERT_E_EXPIRED ((HRESULT)0x800B0101) /* out of its validity period */
/* validity periods of the chain don't nest */
#define CERT_E_VALIDITYPERIODNESTING ((HRESULT)0x800B0102)
#define CERT_E_ROLE ((HRESULT)0x800B0103)         /* an end entity acts as a CA, or the reverse */
#define CERT_E_PATHLENCONST ((HRESULT)0x800B0104) /* the path length constraint is exceeded */
#define CERT_E_CRITICAL ((HRESULT)0x800B0105)     /* an unknown critical extension */
#define CERT_E_PURPOSE ((HRESULT)0x800B0106) /* used for another purpose than its issuer allows */
#define CERT_E_ISSUERCHAINING ((HRESULT)0x800B0107) /* a parent didn't issue the child */
#define CERT_E_MALFORMED ((HRESULT)0x800B0108)      /* a field is missing or wrong */
#define CERT_E_UNTRUSTEDROOT ((HRESULT)0x800B0109)  /* ends in a root that is not trusted */
#define CERT_E_CHAINING ((HRESULT)0x800B010A)       /* no chain to a root could be built */
#define TRUST_E_FAIL ((HRESULT)0x800B010B)          /* general failure */
#define CERT_E_REVOKED ((HRESULT)0x800B010C)        /* revoked by its issuer */
#define CERT_E_UNTRUSTEDTESTROOT ((HRESULT)0x800B010D)
#define CERT_E_REVOCATION_FAILURE ((HRESULT)0x800B010E) /* revocation could not be checked */
#define CERT_E_CN_NO_MATCH ((HRESULT)0x800B010F)        /* the certificate is for another name */
#define CERT_E_WRONG_USAGE ((HRESULT)0x800B0110)        /* not allowed for this usage */
/* explicitly distrusted by an administrator */
#define TRUST_E_EXPLICIT_DISTRUST ((HRESULT)0x800B0111)
#define CERT_E_UNTRUSTEDCA ((HRESULT)0x800B0112)
#define CERT_E_INVALID_POLICY ((HRESULT)0x800B0113)
#define CERT_E_INVALID_NAME ((HRESULT)0x800B0114)    /* outside the name constraints */
#define TRUST_E_CERT_SIGNATURE ((HRESULT)0x80096004) /* a signature in the chain is wrong */
/* basic constraints are missing or not met */
#define TRUST_E_BASIC_CONSTRAINTS ((HRESULT)0x80096019)
#define TRUST_E_SYSTEM_ERROR ((HRESULT)0x80096001)
#define TRUST_E_NO_SIGNER_CERT ((HRESULT)0x80096002)
#define TRUST_E_COUNTER_SIGNER ((HRESULT)0x80096003)
#define TRUST_E_TIME_STAMP ((HRESULT)0x80096005)
#define TRUST_E_BAD_DIGEST ((HRESULT)0x80096010)
#define TRUST_E_FINANCIAL_CRITERIA ((HRESULT)0x8009601E)
#define TRUST_E_PROVIDER_UNKNOWN ((HRESULT)0x800B0001)
#define TRUST_E_ACTION_UNKNOWN ((HRESULT)0x800B0002)
#define TRUST_E_SUBJECT_FORM_UNKNOWN ((HRESULT)0x800B0003)
#define TRUST_E_SUBJECT_NOT_TRUSTED ((HRESULT)0x800B0004)
#define TRUST_E_NOSIGNATURE ((HRESULT)0x800B0100)

/* ---- Keys and providers ---- */

#define NTE_OP_OK ((HRESULT)0)
#define NTE_BAD_UID ((HRESULT)0x80090001)
#define NTE_BAD_HASH ((HRESULT)0x80090002)
#define NTE_BAD_KEY ((HRESULT)0x80090003)
#define NTE_BAD_LEN ((HRESULT)0x80090004)
#define NTE_BAD_DATA ((HRESULT)0x80090005)
#define NTE_BAD_SIGNATURE ((HRESULT)0x80090006)
#define NTE_BAD_VER ((HRESULT)0x80090007)
#define NTE_BAD_ALGID ((HRESULT)0x80090008)
#define NTE_BAD_FLAGS ((HRESULT)0x80090009)
#define NTE_BAD_TYPE ((HRESULT)0x8009000A)
#define NTE_BAD_KEY_STATE ((HRESULT)0x8009000B)
#define NTE_BAD_HASH_STATE ((HRESULT)0x8009000C)
#define NTE_NO_KEY ((HRESULT)0x8009000D)
#define NTE_NO_MEMORY ((HRESULT)0x8009000E)
#define NTE_EXISTS ((HRESULT)0x8009000F)
#define NTE_PERM ((HRESULT)0x80090010)
#define NTE_NOT_FOUND ((HRESULT)0x80090011)
#define NTE_DOUBLE_ENCRYPT ((HRESULT)0x80090012)
#define NTE_BAD_PROVIDER ((HRESULT)0x80090013)
#define NTE_BAD_PROV_TYPE ((HRESULT)0x80090014)
#define NTE_BAD_PUBLIC_KEY ((HRESULT)0x80090015)
#define NTE_BAD_KEYSET ((HRESULT)0x80090016)
#define NTE_PROV_TYPE_NOT_DEF ((HRESULT)0x80090017)
#define NTE_PROV_TYPE_ENTRY_BAD ((HRESULT)0x80090018)
#define NTE_KEYSET_NOT_DEF ((HRESULT)0x80090019)
#define NTE_KEYSET_ENTRY_BAD ((HRESULT)0x8009001A)
#define NTE_PROV_TYPE_NO_MATCH ((HRESULT)0x8009001B)
#define NTE_SIGNATURE_FILE_BAD ((HRESULT)0x8009001C)
#define NTE_PROVIDER_DLL_FAIL ((HRESULT)0x8009001D)
#define NTE_PROV_DLL_NOT_FOUND ((HRESULT)0x8009001E)
#define NTE_BAD_KEYSET_PARAM ((HRESULT)0x8009001F)
#define NTE_FAIL ((HRESULT)0x80090020)
#define NTE_SYS_ERR ((HRESULT)0x80090021)
#define NTE_SILENT_CONTEXT ((HRESULT)0x80090022)
#define NTE_TOKEN_KEYSET_STORAGE_FULL ((HRESULT)0x80090023)
#define NTE_TEMPORARY_PROFILE ((HRESULT)0x80090024)
#define NTE_FIXEDPARAMETER ((HRESULT)0x80090025)
#define NTE_INVALID_HANDLE ((HRESULT)0x80090026)
#define NTE_INVALID_PARAMETER ((HRESULT)0x80090027)
#define NTE_BUFFER_TOO_SMALL ((HRESULT)0x80090028)
#define NTE_NOT_SUPPORTED ((HRESULT)0x80090029)
#define NTE_NO_MORE_ITEMS ((HRESULT)0x8009002A)
#define NTE_BUFFERS_OVERLAP ((HRESULT)0x8009002B)
#define NTE_DECRYPTION_FAILURE ((HRESULT)0x8009002C)
#define NTE_INTERNAL_ERROR ((HRESULT)0x8009002D)
#define NTE_UI_REQUIRED ((HRESULT)0x8009002E)
#define NTE_HMAC_NOT_SUPPORTED ((HRESULT)0x8009002F)
#define NTE_DEVICE_NOT_READY ((HRESULT)0x80090030)
#define NTE_AUTHENTICATION_IGNORED ((HRESULT)0x80090031)
#define NTE_VALIDATION_FAILED ((HRESULT)0x80090032)
#define NTE_INCORRECT_PASSWORD ((HRESULT)0x80090033)
#define NTE_ENCRYPTION_FAILURE ((HRESULT)0x80090034)
#define NTE_DEVICE_NOT_FOUND ((HRESULT)0x80090035)
#define NTE_USER_CANCELLED ((HRESULT)0x80090036)
#define NTE_PASSWORD_CHANGE_REQUIRED ((HRESULT)0x80090037)
#define NTE_NOT_ACTIVE_CONSOLE ((HRESULT)0x80090038)

/* ---- Win32 error codes (GetLastError) ---- */

#define ERROR_SUCCESS 0
#define ERROR_INVALID_FUNCTION 1
#define ERROR_FILE_NOT_FOUND 2 /* no such file */
#define ERROR_PATH_NOT_FOUND 3 /* no such folder */
#define ERROR_ACCESS_DENIED 5  /* not allowed */
#define ERROR_INVALID_HANDLE 6
#define ERROR_NOT_ENOUGH_MEMORY 8
#define ERROR_INVALID_DATA 13 /* the data is not in the expected form */
#define ERROR_OUTOFMEMORY 14
#define ERROR_READ_FAULT 30
#define ERROR_NOT_SUPPORTED 50
#define ERROR_INVALID_PASSWORD 86  /* wrong password for the PFX or key file */
#define ERROR_INVALID_PARAMETER 87 /* a parameter is wrong */
#define ERROR_CALL_NOT_IMPLEMENTED 120
#define ERROR_INSUFFICIENT_BUFFER 122
#define ERROR_INVALID_NAME 123
#define ERROR_INVALID_LEVEL 124
#define ERROR_BUSY 170
#define ERROR_FILE_EXISTS 80
#define ERROR_ALREADY_EXISTS 183
#define ERROR_MORE_DATA 234 /* the buffer is too small; the size needed was returned */
#define ERROR_NO_MORE_ITEMS 259
#define ERROR_INVALID_TOKEN 315
#define ERROR_INVALID_ADDRESS 487
#define ERROR_INVALID_FLAGS 1004
#define ERROR_NO_TOKEN 1008
#define ERROR_IO_DEVICE 1117
#define ERROR_NOT_FOUND 1168
#define ERROR_INVALID_DOMAINNAME 1212
#define ERROR_INTERNAL_ERROR 1359
#define ERROR_INVALID_INDEX 1413
#define ERROR_TIMEOUT 1460
#define ERROR_INVALID_TIME 1901
#define ERROR_INVALID_STATE 5023
#define ERROR_INVALID_OPERATION 4317
