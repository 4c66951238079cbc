/* Certificate stores: providers, locations, searching, properties, private keys, PFX. */
#pragma once

#include <openschannel/cert_types.h>

/* ---- Providers (lpszStoreProvider of CertOpenStore) ---- */

#define CERT_STORE_PROV_MSG               ((LPCSTR)1)
/* an empty store that lives as long as its handles and contexts */
#define CERT_STORE_PROV_MEMORY            ((LPCSTR)2)
#define CERT_STORE_PROV_FILE              ((LPCSTR)3)
#define CERT_STORE_PROV_REG               ((LPCSTR)4)
#define CERT_STORE_PROV_PKCS7             ((LPCSTR)5)
#define CERT_STORE_PROV_SERIALIZED        ((LPCSTR)6)
#define CERT_STORE_PROV_FILENAME_A        ((LPCSTR)7)
#define CERT_STORE_PROV_FILENAME_W        ((LPCSTR)8)
#define CERT_STORE_PROV_FILENAME          ((LPCSTR)8)
#define CERT_STORE_PROV_SYSTEM_A          ((LPCSTR)9)
#define CERT_STORE_PROV_SYSTEM_W          ((LPCSTR)10)
#define CERT_STORE_PROV_SYSTEM            ((LPCSTR)10)
#define CERT_STORE_PROV_COLLECTION        ((LPCSTR)11)
#define CERT_STORE_PROV_SYSTEM_REGISTRY_A ((LPCSTR)12)
#define CERT_STORE_PROV_SYSTEM_REGISTRY_W ((LPCSTR)13)
#define CERT_STORE_PROV_SYSTEM_REGISTRY   ((LPCSTR)13)
#define CERT_STORE_PROV_PHYSICAL_W        ((LPCSTR)14)
#define CERT_STORE_PROV_PHYSICAL          ((LPCSTR)14)
#define CERT_STORE_PROV_SMART_CARD_W      ((LPCSTR)15)
#define CERT_STORE_PROV_SMART_CARD        ((LPCSTR)15)
#define CERT_STORE_PROV_LDAP_W            ((LPCSTR)16)
#define CERT_STORE_PROV_LDAP              ((LPCSTR)16)
#define CERT_STORE_PROV_PKCS12            ((LPCSTR)17)
/* The same by name. */
#define sz_CERT_STORE_PROV_COLLECTION        "Collection"
#define sz_CERT_STORE_PROV_FILENAME          "File"
#define sz_CERT_STORE_PROV_FILENAME_W        "File"
#define sz_CERT_STORE_PROV_LDAP              "Ldap"
#define sz_CERT_STORE_PROV_LDAP_W            "Ldap"
#define sz_CERT_STORE_PROV_MEMORY            "Memory"
#define sz_CERT_STORE_PROV_PHYSICAL          "Physical"
#define sz_CERT_STORE_PROV_PHYSICAL_W        "Physical"
#define sz_CERT_STORE_PROV_PKCS12            "PKCS12"
#define sz_CERT_STORE_PROV_PKCS7             "PKCS7"
#define sz_CERT_STORE_PROV_SERIALIZED        "Serialized"
#define sz_CERT_STORE_PROV_SMART_CARD        "SmartCard"
#define sz_CERT_STORE_PROV_SMART_CARD_W      "SmartCard"
#define sz_CERT_STORE_PROV_SYSTEM            "System"
#define sz_CERT_STORE_PROV_SYSTEM_REGISTRY   "SystemRegistry"
#define sz_CERT_STORE_PROV_SYSTEM_REGISTRY_W "SystemRegistry"
#define sz_CERT_STORE_PROV_SYSTEM_W          "System"
/* Functions and flags of a store provider. */
#define CERT_STORE_PROV_CLOSE_FUNC             0
#define CERT_STORE_PROV_READ_CERT_FUNC         1
#define CERT_STORE_PROV_WRITE_CERT_FUNC        2
#define CERT_STORE_PROV_DELETE_CERT_FUNC       3
#define CERT_STORE_PROV_SET_CERT_PROPERTY_FUNC 4
#define CERT_STORE_PROV_READ_CRL_FUNC          5
#define CERT_STORE_PROV_WRITE_CRL_FUNC         6
#define CERT_STORE_PROV_DELETE_CRL_FUNC        7
#define CERT_STORE_PROV_SET_CRL_PROPERTY_FUNC  8
#define CERT_STORE_PROV_READ_CTL_FUNC          9
#define CERT_STORE_PROV_WRITE_CTL_FUNC         0xA
#define CERT_STORE_PROV_DELETE_CTL_FUNC        0xB
#define CERT_STORE_PROV_SET_CTL_PROPERTY_FUNC  0xC
#define CERT_STORE_PROV_CONTROL_FUNC           0xD
#define CERT_STORE_PROV_FIND_CERT_FUNC         0xE
#define CERT_STORE_PROV_FREE_FIND_CERT_FUNC    0xF
#define CERT_STORE_PROV_GET_CERT_PROPERTY_FUNC 0x10
#define CERT_STORE_PROV_FIND_CRL_FUNC          0x11
#define CERT_STORE_PROV_FREE_FIND_CRL_FUNC     0x12
#define CERT_STORE_PROV_GET_CRL_PROPERTY_FUNC  0x13
#define CERT_STORE_PROV_FIND_CTL_FUNC          0x14
#define CERT_STORE_PROV_FREE_FIND_CTL_FUNC     0x15
#define CERT_STORE_PROV_GET_CTL_PROPERTY_FUNC  0x16
#define CERT_STORE_PROV_EXTERNAL_FLAG        0x00000001
#define CERT_STORE_PROV_WRITE_ADD_FLAG       0x00000001
#define CERT_STORE_PROV_DELETED_FLAG         0x00000002
#define CERT_STORE_PROV_NO_PERSIST_FLAG      0x00000004
#define CERT_STORE_PROV_SYSTEM_STORE_FLAG    0x00000008
#define CERT_STORE_PROV_LM_SYSTEM_STORE_FLAG 0x00000010
#define CERT_STORE_PROV_GP_SYSTEM_STORE_FLAG 0x00000020
#define CERT_STORE_PROV_SHARED_USER_FLAG     0x00000040

/* ---- CertOpenStore, CertCloseStore, CertControlStore ---- */

#define CERT_STORE_NO_CRYPT_RELEASE_FLAG            0x00000001
#define CERT_STORE_SET_LOCALIZED_NAME_FLAG          0x00000002
#define CERT_STORE_DEFER_CLOSE_UNTIL_LAST_FREE_FLAG 0x00000004
#define CERT_STORE_DELETE_FLAG                      0x00000010
#define CERT_STORE_UNSAFE_PHYSICAL_FLAG             0x00000020
#define CERT_STORE_SHARE_STORE_FLAG                 0x00000040
#define CERT_STORE_SHARE_CONTEXT_FLAG               0x00000080
#define CERT_STORE_MANIFOLD_FLAG                    0x00000100
#define CERT_STORE_ENUM_ARCHIVED_FLAG               0x00000200
#define CERT_STORE_UPDATE_KEYID_FLAG                0x00000400
#define CERT_STORE_BACKUP_RESTORE_FLAG              0x00000800
#define CERT_STORE_MAXIMUM_ALLOWED_FLAG             0x00001000
#define CERT_STORE_CREATE_NEW_FLAG                  0x00002000
#define CERT_STORE_OPEN_EXISTING_FLAG               0x00004000
#define CERT_STORE_READONLY_FLAG                    0x00008000

#define CERT_CLOSE_STORE_FORCE_FLAG 0x00000001  /* also frees the contexts still in use */
/* fails with CRYPT_E_PENDING_CLOSE if contexts are still in use */
#define CERT_CLOSE_STORE_CHECK_FLAG 0x00000002

#define CERT_STORE_CTRL_COMMIT_FORCE_FLAG             0x00000001
#define CERT_STORE_CTRL_INHIBIT_DUPLICATE_HANDLE_FLAG 0x00000001
#define CERT_STORE_CTRL_RESYNC                        0x00000001
#define CERT_STORE_CTRL_COMMIT_CLEAR_FLAG             0x00000002
#define CERT_STORE_CTRL_NOTIFY_CHANGE                 0x00000002
#define CERT_STORE_CTRL_COMMIT                        0x00000003
#define CERT_STORE_CTRL_AUTO_RESYNC                   0x00000004
#define CERT_STORE_CTRL_CANCEL_NOTIFY                 0x00000005
#define CERT_FILE_STORE_COMMIT_ENABLE_FLAG 0x00010000

/* Where system stores are. */
#define CERT_SYSTEM_STORE_CURRENT_USER_ID               1
#define CERT_SYSTEM_STORE_LOCAL_MACHINE_ID              2
#define CERT_SYSTEM_STORE_CURRENT_SERVICE_ID            4
#define CERT_SYSTEM_STORE_SERVICES_ID                   5
#define CERT_SYSTEM_STORE_USERS_ID                      6
#define CERT_SYSTEM_STORE_CURRENT_USER_GROUP_POLICY_ID  7
#define CERT_SYSTEM_STORE_LOCAL_MACHINE_GROUP_POLICY_ID 8
#define CERT_SYSTEM_STORE_LOCAL_MACHINE_ENTERPRISE_ID   9
#define CERT_SYSTEM_STORE_LOCAL_MACHINE_WCOS_ID         0xA
#define CERT_SYSTEM_STORE_LOCATION_SHIFT             0x00000010
#define CERT_SYSTEM_STORE_CURRENT_USER               0x00010000
#define CERT_SYSTEM_STORE_LOCAL_MACHINE              0x00020000
#define CERT_SYSTEM_STORE_CURRENT_SERVICE            0x00040000
#define CERT_SYSTEM_STORE_SERVICES                   0x00050000
#define CERT_SYSTEM_STORE_USERS                      0x00060000
#define CERT_SYSTEM_STORE_CURRENT_USER_GROUP_POLICY  0x00070000
#define CERT_SYSTEM_STORE_LOCAL_MACHINE_GROUP_POLICY 0x00080000
#define CERT_SYSTEM_STORE_LOCAL_MACHINE_ENTERPRISE   0x00090000
#define CERT_SYSTEM_STORE_LOCAL_MACHINE_WCOS         0x000A0000
#define CERT_SYSTEM_STORE_LOCATION_MASK              0x00FF0000
#define CERT_SYSTEM_STORE_DEFER_READ_FLAG            0x20000000
#define CERT_SYSTEM_STORE_UNPROTECTED_FLAG           0x40000000
#define CERT_SYSTEM_STORE_RELOCATE_FLAG              0x80000000
#define CERT_SYSTEM_STORE_MASK                       0xFFFF0000

/* Parts of a system store. */
#define CERT_PHYSICAL_STORE_AUTH_ROOT_NAME                   L".AuthRoot"
#define CERT_PHYSICAL_STORE_DEFAULT_NAME                     L".Default"
#define CERT_PHYSICAL_STORE_DS_USER_CERTIFICATE_NAME         L".UserCertificate"
#define CERT_PHYSICAL_STORE_ENTERPRISE_NAME                  L".Enterprise"
#define CERT_PHYSICAL_STORE_GROUP_POLICY_NAME                L".GroupPolicy"
#define CERT_PHYSICAL_STORE_LOCAL_MACHINE_GROUP_POLICY_NAME  L".LocalMachineGroupPolicy"
#define CERT_PHYSICAL_STORE_LOCAL_MACHINE_NAME               L".LocalMachine"
#define CERT_PHYSICAL_STORE_SMART_CARD_NAME                  L".SmartCard"
#define CERT_PHYSICAL_STORE_ADD_ENABLE_FLAG                  0x00000001
#define CERT_PHYSICAL_STORE_PREDEFINED_ENUM_FLAG             0x00000001
#define CERT_PHYSICAL_STORE_OPEN_DISABLE_FLAG                0x00000002
#define CERT_PHYSICAL_STORE_REMOTE_OPEN_DISABLE_FLAG         0x00000004
#define CERT_PHYSICAL_STORE_INSERT_COMPUTER_NAME_ENABLE_FLAG 0x00000008
#define CERT_REGISTRY_STORE_REMOTE_FLAG      0x00010000
#define CERT_REGISTRY_STORE_SERIALIZED_FLAG  0x00020000
#define CERT_REGISTRY_STORE_ROAMING_FLAG     0x00040000
#define CERT_REGISTRY_STORE_MY_IE_DIRTY_FLAG 0x00080000
#define CERT_REGISTRY_STORE_EXTERNAL_FLAG    0x00100000
#define CERT_REGISTRY_STORE_LM_GPT_FLAG      0x01000000
#define CERT_REGISTRY_STORE_CLIENT_GPT_FLAG  0x80000000
#define CERT_LDAP_STORE_SIGN_FLAG           0x00010000
#define CERT_LDAP_STORE_AREC_EXCLUSIVE_FLAG 0x00020000
#define CERT_LDAP_STORE_OPENED_FLAG         0x00040000
#define CERT_LDAP_STORE_UNBIND_FLAG         0x00080000
#define CERT_PROT_ROOT_PEER_USAGES_DEFAULT_A                 "1.3.6.1.5.5.7.3.2"
#define CERT_PROT_ROOT_DISABLE_CURRENT_USER_FLAG             0x00000001
#define CERT_PROT_ROOT_INHIBIT_ADD_AT_INIT_FLAG              0x00000002
#define CERT_PROT_ROOT_INHIBIT_PURGE_LM_FLAG                 0x00000004
#define CERT_PROT_ROOT_DISABLE_LM_AUTH_FLAG                  0x00000008
#define CERT_PROT_ROOT_ONLY_LM_GPT_FLAG                      0x00000008
#define CERT_PROT_ROOT_DISABLE_NT_AUTH_REQUIRED_FLAG         0x00000010
#define CERT_PROT_ROOT_DISABLE_NOT_DEFINED_NAME_CONSTRAINT_FLAG 0x00000020
#define CERT_PROT_ROOT_DISABLE_PEER_TRUST                    0x00010000
#define CERT_TRUST_PUB_ALLOW_END_USER_TRUST         0x00000000
#define CERT_TRUST_PUB_ALLOW_MACHINE_ADMIN_TRUST    0x00000001
#define CERT_TRUST_PUB_ALLOW_ENTERPRISE_ADMIN_TRUST 0x00000002
#define CERT_TRUST_PUB_ALLOW_TRUST_MASK             0x00000003
#define CERT_TRUST_PUB_CHECK_PUBLISHER_REV_FLAG     0x00000100
#define CERT_TRUST_PUB_CHECK_TIMESTAMP_REV_FLAG     0x00000200
#define CERT_AUTH_ROOT_AUTO_UPDATE_DISABLE_UNTRUSTED_ROOT_LOGGING_FLAG 0x00000001
#define CERT_AUTH_ROOT_AUTO_UPDATE_DISABLE_PARTIAL_CHAIN_LOGGING_FLAG 0x00000002
#define CERT_AUTO_UPDATE_DISABLE_RANDOM_QUERY_STRING_FLAG 0x00000004

/* ---- Adding, saving, verifying ---- */

#define CERT_STORE_ADD_NEW                                 1  /* fail if there is one */
#define CERT_STORE_ADD_USE_EXISTING                        2  /* keep the one there is */
#define CERT_STORE_ADD_REPLACE_EXISTING                    3  /* replace the one there is */
#define CERT_STORE_ADD_ALWAYS                              4  /* add another */
#define CERT_STORE_ADD_REPLACE_EXISTING_INHERIT_PROPERTIES 5
#define CERT_STORE_ADD_NEWER                               6
#define CERT_STORE_ADD_NEWER_INHERIT_PROPERTIES            7

#define CERT_STORE_SAVE_AS_STORE      1
#define CERT_STORE_SAVE_TO_FILE       1
#define CERT_STORE_SAVE_AS_PKCS7      2
#define CERT_STORE_SAVE_TO_MEMORY     2
#define CERT_STORE_SAVE_AS_PKCS12     3
#define CERT_STORE_SAVE_TO_FILENAME_A 3
#define CERT_STORE_SAVE_TO_FILENAME   4
#define CERT_STORE_SAVE_TO_FILENAME_W 4
#define CERT_STORE_CERTIFICATE_CONTEXT      0x00000001
#define CERT_STORE_SIGNATURE_FLAG           0x00000001
#define CERT_STORE_CERTIFICATE_CONTEXT_FLAG 0x00000002
#define CERT_STORE_CRL_CONTEXT              0x00000002
#define CERT_STORE_TIME_VALIDITY_FLAG       0x00000002
#define CERT_STORE_CTL_CONTEXT              0x00000003
#define CERT_STORE_CRL_CONTEXT_FLAG         0x00000004
#define CERT_STORE_REVOCATION_FLAG          0x00000004
#define CERT_STORE_CTL_CONTEXT_FLAG         0x00000008
#define CERT_STORE_BASE_CRL_FLAG            0x00000100
#define CERT_STORE_DELTA_CRL_FLAG           0x00000200
#define CERT_STORE_LOCALIZED_NAME_PROP_ID   0x00001000
#define CERT_STORE_NO_CRL_FLAG              0x00010000
#define CERT_STORE_NO_ISSUER_FLAG           0x00020000
#define CERT_STORE_ALL_CONTEXT_FLAG         0xFFFFFFFF

#define CERT_CREATE_CONTEXT_NOCOPY_FLAG       0x00000001
#define CERT_CREATE_SELFSIGN_NO_SIGN          0x00000001
#define CERT_CREATE_CONTEXT_SORTED_FLAG       0x00000002
#define CERT_CREATE_SELFSIGN_NO_KEY_INFO      0x00000002
#define CERT_CREATE_CONTEXT_NO_HCRYPTMSG_FLAG 0x00000004
#define CERT_CREATE_CONTEXT_NO_ENTRY_FLAG     0x00000008

/* ---- Searching (dwFindType of CertFindCertificateInStore) ---- */

/* How to compare, and which part; a find type is the one shifted and the other. */
#define CERT_COMPARE_ANY                    0
#define CERT_COMPARE_HASH                   1
#define CERT_COMPARE_SHA1_HASH              1
#define CERT_COMPARE_NAME                   2
#define CERT_COMPARE_ATTR                   3
#define CERT_COMPARE_MD5_HASH               4
#define CERT_COMPARE_PROPERTY               5
#define CERT_COMPARE_PUBLIC_KEY             6
#define CERT_COMPARE_NAME_STR_A             7
#define CERT_COMPARE_NAME_STR_W             8
#define CERT_COMPARE_KEY_SPEC               9
#define CERT_COMPARE_CTL_USAGE              0xA
#define CERT_COMPARE_ENHKEY_USAGE           0xA
#define CERT_COMPARE_SUBJECT_CERT           0xB
#define CERT_COMPARE_ISSUER_OF              0xC
#define CERT_COMPARE_EXISTING               0xD
#define CERT_COMPARE_SIGNATURE_HASH         0xE
#define CERT_COMPARE_KEY_IDENTIFIER         0xF
#define CERT_COMPARE_CERT_ID                0x10
#define CERT_COMPARE_SHIFT                  0x10
#define CERT_COMPARE_CROSS_CERT_DIST_POINTS 0x11
#define CERT_COMPARE_PUBKEY_MD5_HASH        0x12
#define CERT_COMPARE_SUBJECT_INFO_ACCESS    0x13
#define CERT_COMPARE_HASH_STR               0x14
#define CERT_COMPARE_HAS_PRIVATE_KEY        0x15
#define CERT_COMPARE_MASK 0x0000FFFF

#define CERT_FIND_ANY                    0x00000000  /* every certificate */
#define CERT_FIND_SHA1_HASH              0x00010000  /* CRYPT_HASH_BLOB, 20 bytes */
#define CERT_FIND_MD5_HASH               0x00040000  /* CRYPT_HASH_BLOB, 16 bytes */
#define CERT_FIND_SIGNATURE_HASH         0x000E0000  /* CRYPT_HASH_BLOB */
#define CERT_FIND_KEY_IDENTIFIER         0x000F0000  /* CRYPT_HASH_BLOB */
#define CERT_FIND_HASH                   0x00010000  /* CERT_FIND_SHA1_HASH */
#define CERT_FIND_PROPERTY               0x00050000  /* DWORD, a property identifier */
#define CERT_FIND_PUBLIC_KEY             0x00060000  /* CERT_PUBLIC_KEY_INFO */
#define CERT_FIND_SUBJECT_NAME           0x00020007  /* CERT_NAME_BLOB */
#define CERT_FIND_SUBJECT_ATTR           0x00030007  /* CERT_RDN */
#define CERT_FIND_ISSUER_NAME            0x00020004  /* CERT_NAME_BLOB */
#define CERT_FIND_ISSUER_ATTR            0x00030004  /* CERT_RDN */
/* char string contained in the subject, case ignored */
#define CERT_FIND_SUBJECT_STR_A          0x00070007
#define CERT_FIND_SUBJECT_STR_W          0x00080007  /* the same, wchar_t string */
#define CERT_FIND_SUBJECT_STR            0x00080007
/* char string contained in the issuer, case ignored */
#define CERT_FIND_ISSUER_STR_A           0x00070004
#define CERT_FIND_ISSUER_STR_W           0x00080004  /* the same, wchar_t string */
#define CERT_FIND_ISSUER_STR             0x00080004
#define CERT_FIND_KEY_SPEC               0x00090000  /* DWORD */
#define CERT_FIND_ENHKEY_USAGE           0x000A0000  /* CERT_ENHKEY_USAGE */
#define CERT_FIND_CTL_USAGE              0x000A0000
#define CERT_FIND_SUBJECT_CERT           0x000B0000  /* CERT_INFO: same issuer and serial number */
#define CERT_FIND_ISSUER_OF              0x000C0000  /* CERT_CONTEXT: its issuer */
#define CERT_FIND_EXISTING               0x000D0000  /* CERT_CONTEXT: the same certificate */
#define CERT_FIND_CERT_ID                0x00100000  /* CERT_ID */
#define CERT_FIND_CROSS_CERT_DIST_POINTS 0x00110000
#define CERT_FIND_PUBKEY_MD5_HASH        0x00120000
#define CERT_FIND_SUBJECT_INFO_ACCESS    0x00130000
#define CERT_FIND_HASH_STR               0x00140000
#define CERT_FIND_HAS_PRIVATE_KEY        0x00150000  /* no parameter */
#define CERT_FIND_OPTIONAL_CTL_USAGE_FLAG     0x00000001
#define CERT_FIND_OPTIONAL_ENHKEY_USAGE_FLAG  0x00000001
#define CERT_FIND_EXT_ONLY_CTL_USAGE_FLAG     0x00000002
#define CERT_FIND_EXT_ONLY_ENHKEY_USAGE_FLAG  0x00000002
#define CERT_FIND_PROP_ONLY_CTL_USAGE_FLAG    0x00000004
#define CERT_FIND_PROP_ONLY_ENHKEY_USAGE_FLAG 0x00000004
#define CERT_FIND_NO_CTL_USAGE_FLAG           0x00000008
#define CERT_FIND_NO_ENHKEY_USAGE_FLAG        0x00000008
#define CERT_FIND_OR_CTL_USAGE_FLAG           0x00000010
#define CERT_FIND_OR_ENHKEY_USAGE_FLAG        0x00000010
#define CERT_FIND_VALID_CTL_USAGE_FLAG        0x00000020
#define CERT_FIND_VALID_ENHKEY_USAGE_FLAG     0x00000020
#define CRL_FIND_ANY        0
#define CRL_FIND_ISSUED_BY  1
#define CRL_FIND_EXISTING   2
#define CRL_FIND_ISSUED_FOR 3
#define CRL_FIND_ISSUED_BY_AKI_FLAG                    0x00000001
#define CRL_FIND_ISSUED_BY_SIGNATURE_FLAG              0x00000002
#define CRL_FIND_ISSUED_BY_DELTA_FLAG                  0x00000004
#define CRL_FIND_ISSUED_BY_BASE_FLAG                   0x00000008
#define CRL_FIND_ISSUED_FOR_SET_STRONG_PROPERTIES_FLAG 0x00000010
#define CTL_FIND_ANY                   0
#define CTL_ANY_SUBJECT_TYPE           1
#define CTL_ENTRY_FROM_PROP_CHAIN_FLAG 1
#define CTL_FIND_SAME_USAGE_FLAG       1
#define CTL_FIND_SHA1_HASH             1
#define CTL_CERT_SUBJECT_TYPE          2
#define CTL_FIND_MD5_HASH              2
#define CTL_FIND_USAGE                 3
#define CTL_FIND_SUBJECT               4
#define CTL_FIND_EXISTING              5
#define CTL_FIND_NO_LIST_ID_CBDATA     0xFFFFFFFF

/* ---- Properties of a context (dwPropId) ---- */

#define CERT_KEY_PROV_HANDLE_PROP_ID                         1
#define CERT_SET_KEY_CONTEXT_PROP_ID                         1
#define CERT_SET_KEY_PROV_HANDLE_PROP_ID                     1
#define CERT_KEY_PROV_INFO_PROP_ID                           2
#define CERT_HASH_PROP_ID                                    3
#define CERT_SHA1_HASH_PROP_ID                               3
#define CERT_MD5_HASH_PROP_ID                                4
#define CERT_KEY_CONTEXT_PROP_ID                             5
#define CERT_KEY_SPEC_PROP_ID                                6
#define CERT_IE30_RESERVED_PROP_ID                           7
#define CERT_PUBKEY_HASH_RESERVED_PROP_ID                    8
#define CERT_CTL_USAGE_PROP_ID                               9
#define CERT_ENHKEY_USAGE_PROP_ID                            9
#define CERT_NEXT_UPDATE_LOCATION_PROP_ID                    0xA
#define CERT_FRIENDLY_NAME_PROP_ID                           0xB
#define CERT_PVK_FILE_PROP_ID                                0xC
#define CERT_DESCRIPTION_PROP_ID                             0xD
#define CERT_ACCESS_STATE_PROP_ID                            0xE
#define CERT_SIGNATURE_HASH_PROP_ID                          0xF
#define CERT_SMART_CARD_DATA_PROP_ID                         0x10
#define CERT_EFS_PROP_ID                                     0x11
#define CERT_FORTEZZA_DATA_PROP_ID                           0x12
#define CERT_ARCHIVED_PROP_ID                                0x13
#define CERT_KEY_IDENTIFIER_PROP_ID                          0x14
#define CERT_AUTO_ENROLL_PROP_ID                             0x15
#define CERT_PUBKEY_ALG_PARA_PROP_ID                         0x16
#define CERT_CROSS_CERT_DIST_POINTS_PROP_ID                  0x17
#define CERT_ISSUER_PUBLIC_KEY_MD5_HASH_PROP_ID              0x18
#define CERT_SUBJECT_PUBLIC_KEY_MD5_HASH_PROP_ID             0x19
#define CERT_ENROLLMENT_PROP_ID                              0x1A
#define CERT_DATE_STAMP_PROP_ID                              0x1B
#define CERT_ISSUER_SERIAL_NUMBER_MD5_HASH_PROP_ID           0x1C
#define CERT_SUBJECT_NAME_MD5_HASH_PROP_ID                   0x1D
#define CERT_EXTENDED_ERROR_INFO_PROP_ID                     0x1E
#define CERT_RENEWAL_PROP_ID                                 0x40
#define CERT_ARCHIVED_KEY_HASH_PROP_ID                       0x41
#define CERT_AUTO_ENROLL_RETRY_PROP_ID                       0x42
#define CERT_AIA_URL_RETRIEVED_PROP_ID                       0x43
#define CERT_AUTHORITY_INFO_ACCESS_PROP_ID                   0x44
#define CERT_BACKED_UP_PROP_ID                               0x45
#define CERT_OCSP_RESPONSE_PROP_ID                           0x46
#define CERT_REQUEST_ORIGINATOR_PROP_ID                      0x47
#define CERT_SOURCE_LOCATION_PROP_ID                         0x48
#define CERT_SOURCE_URL_PROP_ID                              0x49
#define CERT_NEW_KEY_PROP_ID                                 0x4A
#define CERT_OCSP_CACHE_PREFIX_PROP_ID                       0x4B
#define CERT_SMART_CARD_ROOT_INFO_PROP_ID                    0x4C
#define CERT_NO_AUTO_EXPIRE_CHECK_PROP_ID                    0x4D
#define CERT_NCRYPT_KEY_HANDLE_PROP_ID                       0x4E
#define CERT_HCRYPTPROV_OR_NCRYPT_KEY_HANDLE_PROP_ID         0x4F
#define CERT_SUBJECT_INFO_ACCESS_PROP_ID                     0x50
#define CERT_CA_OCSP_AUTHORITY_INFO_ACCESS_PROP_ID           0x51
#define CERT_CA_DISABLE_CRL_PROP_ID                          0x52
#define CERT_ROOT_PROGRAM_CERT_POLICIES_PROP_ID              0x53
#define CERT_ROOT_PROGRAM_NAME_CONSTRAINTS_PROP_ID           0x54
#define CERT_SUBJECT_OCSP_AUTHORITY_INFO_ACCESS_PROP_ID      0x55
#define CERT_SUBJECT_DISABLE_CRL_PROP_ID                     0x56
#define CERT_CEP_PROP_ID                                     0x57
#define CERT_SIGN_HASH_CNG_ALG_PROP_ID                       0x59
#define CERT_SCARD_PIN_ID_PROP_ID                            0x5A
#define CERT_SCARD_PIN_INFO_PROP_ID                          0x5B
#define CERT_SUBJECT_PUB_KEY_BIT_LENGTH_PROP_ID              0x5C
#define CERT_PUB_KEY_CNG_ALG_BIT_LENGTH_PROP_ID              0x5D
#define CERT_ISSUER_PUB_KEY_BIT_LENGTH_PROP_ID               0x5E
#define CERT_ISSUER_CHAIN_SIGN_HASH_CNG_ALG_PROP_ID          0x5F
#define CERT_ISSUER_CHAIN_PUB_KEY_CNG_ALG_BIT_LENGTH_PROP_ID 0x60
#define CERT_NO_EXPIRE_NOTIFICATION_PROP_ID                  0x61
#define CERT_AUTH_ROOT_SHA256_HASH_PROP_ID                   0x62
#define CERT_NCRYPT_KEY_HANDLE_TRANSFER_PROP_ID              0x63
#define CERT_HCRYPTPROV_TRANSFER_PROP_ID                     0x64
#define CERT_SMART_CARD_READER_PROP_ID                       0x65
#define CERT_SEND_AS_TRUSTED_ISSUER_PROP_ID                  0x66
#define CERT_KEY_REPAIR_ATTEMPTED_PROP_ID                    0x67
#define CERT_DISALLOWED_FILETIME_PROP_ID                     0x68
#define CERT_ROOT_PROGRAM_CHAIN_POLICIES_PROP_ID             0x69
#define CERT_SMART_CARD_READER_NON_REMOVABLE_PROP_ID         0x6A
#define CERT_FIRST_RESERVED_PROP_ID                          0x6B
#define CERT_SHA256_HASH_PROP_ID                             0x6B
#define CERT_SCEP_SERVER_CERTS_PROP_ID                       0x6C
#define CERT_SCEP_RA_SIGNATURE_CERT_PROP_ID                  0x6D
#define CERT_SCEP_RA_ENCRYPTION_CERT_PROP_ID                 0x6E
#define CERT_SCEP_CA_CERT_PROP_ID                            0x6F
#define CERT_SCEP_SIGNER_CERT_PROP_ID                        0x70
#define CERT_SCEP_NONCE_PROP_ID                              0x71
#define CERT_SCEP_ENCRYPT_HASH_CNG_ALG_PROP_ID               0x72
#define CERT_SCEP_FLAGS_PROP_ID                              0x73
#define CERT_SCEP_GUID_PROP_ID                               0x74
#define CERT_SERIALIZABLE_KEY_CONTEXT_PROP_ID                0x75
#define CERT_ISOLATED_KEY_PROP_ID                            0x76
#define CERT_SERIAL_CHAIN_PROP_ID                            0x77
#define CERT_KEY_CLASSIFICATION_PROP_ID                      0x78
#define CERT_OCSP_MUST_STAPLE_PROP_ID                        0x79
#define CERT_DISALLOWED_ENHKEY_USAGE_PROP_ID                 0x7A
#define CERT_NONCOMPLIANT_ROOT_URL_PROP_ID                   0x7B
#define CERT_PIN_SHA256_HASH_PROP_ID                         0x7C
#define CERT_CLR_DELETE_KEY_PROP_ID                          0x7D
#define CERT_NOT_BEFORE_FILETIME_PROP_ID                     0x7E
#define CERT_NOT_BEFORE_ENHKEY_USAGE_PROP_ID                 0x7F
#define CERT_LAST_RESERVED_PROP_ID                           0x7FFF
#define CERT_FIRST_USER_PROP_ID                              0x8000
#define CERT_LAST_USER_PROP_ID                               0xFFFF
#define CERT_SET_PROPERTY_INHIBIT_PERSIST_FLAG      0x40000000
#define CERT_SET_PROPERTY_IGNORE_PERSIST_ERROR_FLAG 0x80000000
#define CERT_ACCESS_STATE_WRITE_PERSIST_FLAG   0x00000001
#define CERT_ACCESS_STATE_SYSTEM_STORE_FLAG    0x00000002
#define CERT_ACCESS_STATE_LM_SYSTEM_STORE_FLAG 0x00000004
#define CERT_ACCESS_STATE_GP_SYSTEM_STORE_FLAG 0x00000008
#define CERT_ACCESS_STATE_SHARED_USER_FLAG     0x00000010

/* ---- Private keys ---- */

/* CryptAcquireCertificatePrivateKey. */
#define CRYPT_ACQUIRE_CACHE_FLAG             0x00000001
#define CRYPT_ACQUIRE_USE_PROV_INFO_FLAG     0x00000002
#define CRYPT_ACQUIRE_COMPARE_KEY_FLAG       0x00000004
#define CRYPT_ACQUIRE_NO_HEALING             0x00000008
#define CRYPT_ACQUIRE_SILENT_FLAG            0x00000040
#define CRYPT_ACQUIRE_WINDOW_HANDLE_FLAG     0x00000080
#define CRYPT_ACQUIRE_ALLOW_NCRYPT_KEY_FLAG  0x00010000
#define CRYPT_ACQUIRE_PREFER_NCRYPT_KEY_FLAG 0x00020000
#define CRYPT_ACQUIRE_ONLY_NCRYPT_KEY_FLAG   0x00040000
#define CRYPT_ACQUIRE_NCRYPT_KEY_FLAGS_MASK  0x00070000
/* CryptFindCertificateKeyProvInfo. */
#define CRYPT_FIND_USER_KEYSET_FLAG    0x00000001
#define CRYPT_FIND_MACHINE_KEYSET_FLAG 0x00000002
#define CRYPT_FIND_SILENT_KEYSET_FLAG  0x00000040
/* CryptSetKeyIdentifierProperty. */
#define CRYPT_KEYID_DELETE_FLAG  0x00000010
#define CRYPT_KEYID_MACHINE_FLAG 0x00000020
#define CRYPT_KEYID_SET_NEW_FLAG 0x00002000
#define CRYPT_KEYID_ALLOC_FLAG   0x00008000

/* ---- PFX files (PFXImportCertStore, PFXExportCertStoreEx) ---- */

#define PKCS12_INCLUDE_EXTENDED_PROPERTIES 0x00000010
#define PKCS12_NO_PERSIST_KEY              0x00008000  /* the key stays in memory, with the store */
#define PKCS12_ONLY_CERTIFICATES_CONTAINER_NAME L"PfxContainer"
#define PKCS12_ONLY_CERTIFICATES_PROVIDER_NAME  L"PfxProvider"
#define PKCS12_ONLY_CERTIFICATES_PROVIDER_TYPE  0x00000000
#define PKCS12_PBES2_ALG_AES256_SHA256          L"AES256-SHA256"
#define PKCS12_PBKDF2_ID_HMAC_SHA1              "1.2.840.113549.2.7"
#define PKCS12_PBKDF2_ID_HMAC_SHA256            "1.2.840.113549.2.9"
#define PKCS12_PBKDF2_ID_HMAC_SHA384            "1.2.840.113549.2.10"
#define PKCS12_PBKDF2_ID_HMAC_SHA512            "1.2.840.113549.2.11"
#define PKCS12_PROTECT_TO_DOMAIN_SIDS           0x00000020
#define PKCS12_EXPORT_SILENT                    0x00000040
#define PKCS12_IMPORT_SILENT                    0x00000040
#define PKCS12_EXPORT_PBES2_PARAMS              0x00000080
#define PKCS12_DISABLE_ENCRYPT_CERTIFICATES     0x00000100
#define PKCS12_PREFER_CNG_KSP                   0x00000100
#define PKCS12_ALWAYS_CNG_KSP                   0x00000200
#define PKCS12_ENCRYPT_CERTIFICATES             0x00000200
#define PKCS12_ONLY_CERTIFICATES                0x00000400
#define PKCS12_ONLY_NOT_ENCRYPTED_CERTIFICATES  0x00000800
#define PKCS12_EXPORT_ECC_CURVE_PARAMETERS      0x00001000
#define PKCS12_EXPORT_ECC_CURVE_OID             0x00002000
#define PKCS12_ALLOW_OVERWRITE_KEY              0x00004000
#define PKCS12_VIRTUAL_ISOLATION_KEY            0x00010000
#define PKCS12_EXPORT_RESERVED_MASK             0xFFFF0000
#define PKCS12_IMPORT_RESERVED_MASK             0xFFFF0000

/* ---- Selecting (CertSelectCertificateChains) ---- */

#define CERT_SELECT_BY_ENHKEY_USAGE       1
#define CERT_SELECT_BY_KEY_USAGE          2
#define CERT_SELECT_BY_POLICY_OID         3
#define CERT_SELECT_BY_PROV_NAME          4
#define CERT_SELECT_BY_EXTENSION          5
#define CERT_SELECT_BY_SUBJECT_HOST_NAME  6
#define CERT_SELECT_BY_ISSUER_ATTR        7
#define CERT_SELECT_BY_SUBJECT_ATTR       8
#define CERT_SELECT_BY_ISSUER_NAME        9
#define CERT_SELECT_BY_PUBLIC_KEY         0xA
#define CERT_SELECT_BY_TLS_SIGNATURES     0xB
#define CERT_SELECT_BY_ISSUER_DISPLAYNAME 0xC
#define CERT_SELECT_BY_FRIENDLYNAME       0xD
#define CERT_SELECT_BY_THUMBPRINT         0xE
#define CERT_SELECT_ALLOW_EXPIRED            0x00000001
#define CERT_SELECT_TRUSTED_ROOT             0x00000002
#define CERT_SELECT_DISALLOW_SELFSIGNED      0x00000004
#define CERT_SELECT_HAS_PRIVATE_KEY          0x00000008
#define CERT_SELECT_LAST                     0x0000000B
#define CERT_SELECT_HAS_KEY_FOR_SIGNATURE    0x00000010
#define CERT_SELECT_HAS_KEY_FOR_KEY_EXCHANGE 0x00000020
#define CERT_SELECT_MAX                      0x00000021
#define CERT_SELECT_HARDWARE_ONLY            0x00000040
#define CERT_SELECT_ALLOW_DUPLICATES         0x00000080
#define CERT_SELECT_IGNORE_AUTOSELECT        0x00000100
#define CERT_SELECT_MAX_PARA                 0x000001F4

/* ---- Object identifiers of RSA keys ---- */

#define CERT_DEFAULT_OID_PUBLIC_KEY_SIGN "1.2.840.113549.1.1.1"
#define CERT_DEFAULT_OID_PUBLIC_KEY_XCHG "1.2.840.113549.1.1.1"
#define CERT_RSA_PUBLIC_KEY_OBJID        "1.2.840.113549.1.1.1"
