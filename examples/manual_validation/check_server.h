/* What a client that validates its server by itself has to check, with the certificate functions.
 */
#pragma once

#include <openschannel/wincrypt.h>

#ifdef __cplusplus
extern "C" {
#endif

struct server_check {
  const char* host;       /* the DNS name or IP address that was asked for */
  HCERTSTORE roots;       /* who is trusted; NULL: whom the system trusts */
  DWORD revocation_flags; /* CERT_CHAIN_REVOCATION_CHECK_*; 0: nobody is asked */
};

/* Checks `server`, the context of SECPKG_ATTR_REMOTE_CERT_CONTEXT, whose hCertStore holds what else
 * the server has sent. Returns 0 when the server may be trusted to be `host`; else the error, with
 * what it means in `reason`. */
HRESULT check_server(PCCERT_CONTEXT server, const struct server_check* check, const char** reason);

#ifdef __cplusplus
}
#endif
