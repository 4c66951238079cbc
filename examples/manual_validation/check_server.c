/* The checks of "Manually Validating Schannel Credentials", in its order:
 *
 *   the chain is complete and ends in a root that is trusted
 *   now is within the time of every certificate
 *   no certificate was revoked
 *   no certificate stands deeper than a limit on the length of paths allows
 *   the certificate is for servers
 *   and for the host that was asked for
 *
 * Two calls do it: CertGetCertificateChain finds a chain and judges each certificate, and
 * CertVerifyCertificateChainPolicy looks at the name and says what it all comes to. */
#include "check_server.h"

#include <stdlib.h>
#include <string.h>

static const struct {
  HRESULT error;
  const char* reason;
} kReasons[] = {
    {CERT_E_UNTRUSTEDROOT, "the chain ends in a root that is not trusted"},
    {CERT_E_CHAINING, "the chain is not complete"},
    {TRUST_E_CERT_SIGNATURE, "a signature is wrong or weak"},
    {CERT_E_EXPIRED, "a certificate is outside its time"},
    {CRYPT_E_REVOKED, "a certificate was revoked"},
    {CRYPT_E_REVOCATION_OFFLINE, "nobody says whether a certificate was revoked"},
    {CRYPT_E_NO_REVOCATION_CHECK, "a certificate names nobody to ask whether it was revoked"},
    {TRUST_E_BASIC_CONSTRAINTS, "a certificate is no CA, or stands too deep"},
    {CERT_E_WRONG_USAGE, "a certificate is not for servers"},
    {CERT_E_INVALID_NAME, "a name is outside what its CA may name"},
    {CERT_E_INVALID_POLICY, "the policies do not allow it"},
    {CERT_E_CRITICAL, "a certificate demands what is not known here"},
    {CERT_E_CN_NO_MATCH, "the certificate is for another host"},
};

static const char* reason_of(HRESULT error) {
  for (size_t i = 0; i < sizeof kReasons / sizeof kReasons[0]; ++i) {
    if (kReasons[i].error == error) return kReasons[i].reason;
  }
  return error == 0 ? "the server is who it says" : "the chain is not valid";
}

/* Only `roots` are trusted. NULL: the default engine, which trusts whom the system trusts. */
static BOOL make_engine(HCERTSTORE roots, HCERTCHAINENGINE* engine) {
  CERT_CHAIN_ENGINE_CONFIG config;
  *engine = NULL;
  if (roots == NULL) return TRUE;
  memset(&config, 0, sizeof config);
  config.cbSize = sizeof config;
  config.hExclusiveRoot = roots;
  config.dwExclusiveFlags = CERT_CHAIN_EXCLUSIVE_ENABLE_CA_FLAG;
  return CertCreateCertificateChainEngine(&config, engine);
}

HRESULT check_server(PCCERT_CONTEXT server, const struct server_check* check, const char** reason) {
  static char server_authentication[] = szOID_PKIX_KP_SERVER_AUTH;
  LPSTR usages[] = {server_authentication};
  CERT_CHAIN_PARA parameters;
  CERT_CHAIN_POLICY_PARA policy;
  CERT_CHAIN_POLICY_STATUS status;
  HTTPSPolicyCallbackData https;
  HCERTCHAINENGINE engine;
  PCCERT_CHAIN_CONTEXT chain = NULL;
  HRESULT result = E_UNEXPECTED;
  const size_t length = strlen(check->host);
  WCHAR* host = calloc(length + 1, sizeof *host);
  if (host == NULL) return E_OUTOFMEMORY;
  for (size_t i = 0; i < length; ++i) host[i] = (unsigned char)check->host[i];

  *reason = "the chain could not be built";
  if (!make_engine(check->roots, &engine)) {
    free(host);
    return result;
  }
  memset(&parameters, 0, sizeof parameters);
  parameters.cbSize = sizeof parameters;
  parameters.RequestedUsage.dwType = USAGE_MATCH_TYPE_AND;
  parameters.RequestedUsage.Usage.cUsageIdentifier = 1;
  parameters.RequestedUsage.Usage.rgpszUsageIdentifier = usages;
  if (CertGetCertificateChain(engine, server, NULL, server->hCertStore, &parameters,
                              check->revocation_flags, NULL, &chain)) {
    memset(&https, 0, sizeof https);
    https.cbStruct = sizeof https;
    https.dwAuthType = AUTHTYPE_SERVER;
    https.pwszServerName = host;
    memset(&policy, 0, sizeof policy);
    policy.cbSize = sizeof policy;
    policy.pvExtraPolicyPara = &https;
    memset(&status, 0, sizeof status);
    status.cbSize = sizeof status;
    /* TRUE says that the policy could be checked; dwError says what came of it. */
    if (CertVerifyCertificateChainPolicy(CERT_CHAIN_POLICY_SSL, chain, &policy, &status)) {
      result = (HRESULT)status.dwError;
      *reason = reason_of(result);
    }
    CertFreeCertificateChain(chain);
  }
  if (engine != NULL) CertFreeCertificateChainEngine(engine);
  free(host);
  return result;
}
