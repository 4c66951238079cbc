/* What Linux programs need and Windows has no name for. */
#pragma once

#include <openschannel/cert_types.h>
#include <openschannel/winerror.h>

#ifdef __cplusplus
extern "C" {
#endif

#define OPENSCHANNEL_CRED_TLS13_WITH_SCHANNEL_CRED 0x08000000
#define OPENSCHANNEL_CRED_REQUIRE_CLIENT_CERTIFICATE 0x10000000
#define OPENSCHANNEL_CRED_SKIP_INCOMPLETE_CREDENTIALS 0x20000000

#define OPENSCHANNEL_KEY_ECDSA_P256 1
#define OPENSCHANNEL_KEY_ECDSA_P384 2
#define OPENSCHANNEL_KEY_RSA_2048 3
#define OPENSCHANNEL_KEY_ED25519 4
#define OPENSCHANNEL_KEY_ECDSA_P521 5

OPENSCHANNEL_API HCERTSTORE WINAPI OpenSchannelImportPemFiles(LPCSTR pszCertificateFile,
                                                              LPCSTR pszKeyFile, LPCSTR pszPassword);
OPENSCHANNEL_API HCERTSTORE WINAPI OpenSchannelImportPem(const BYTE *pbCertificates,
                                                         DWORD cbCertificates, const BYTE *pbKey,
                                                         DWORD cbKey, LPCSTR pszPassword);
OPENSCHANNEL_API PCCERT_CONTEXT WINAPI OpenSchannelCreateSelfSignedCertificate(LPCSTR pszNames,
                                                                               DWORD dwKeyType,
                                                                               DWORD dwDays);
OPENSCHANNEL_API const char *WINAPI OpenSchannelStatusText(SECURITY_STATUS Status);
OPENSCHANNEL_API const char *WINAPI OpenSchannelErrorDetail(void);
OPENSCHANNEL_API BOOL WINAPI OpenSchannelSetKeyLogFile(LPCSTR pszPath);
OPENSCHANNEL_API const char *WINAPI OpenSchannelVersion(void);

#ifdef __cplusplus
}
#endif
