#include "credentials.h"

#include <cstring>
#include <stdexcept>

namespace soak {
namespace {

PCCERT_CONTEXT make_certificate(const char* names, DWORD key) {
  PCCERT_CONTEXT made = OpenSchannelCreateSelfSignedCertificate(names, key, 30);
  if (made == nullptr) throw std::runtime_error(OpenSchannelErrorDetail());
  return made;
}

HCERTSTORE store_of(const std::vector<PCCERT_CONTEXT>& certificates) {
  HCERTSTORE store = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, nullptr);
  for (PCCERT_CONTEXT certificate : certificates) {
    CertAddCertificateContextToStore(store, certificate, CERT_STORE_ADD_ALWAYS, nullptr);
  }
  return store;
}

DWORD protocols_of(Versions versions, bool is_server) {
  const DWORD tls12 = is_server ? SP_PROT_TLS1_2_SERVER : SP_PROT_TLS1_2_CLIENT;
  const DWORD tls13 = is_server ? SP_PROT_TLS1_3_SERVER : SP_PROT_TLS1_3_CLIENT;
  switch (versions) {
    case Versions::tls12:
      return tls12;
    case Versions::tls13:
      return tls13;
    default:
      return tls12 | tls13;
  }
}

}  // namespace

Certificates::Certificates()
    : servers{make_certificate("localhost,127.0.0.1", OPENSCHANNEL_KEY_ECDSA_P256),
              make_certificate("localhost,127.0.0.1", OPENSCHANNEL_KEY_RSA_2048)},
      client(make_certificate("client.example", OPENSCHANNEL_KEY_ECDSA_P256)),
      stranger(make_certificate("localhost", OPENSCHANNEL_KEY_ECDSA_P256)),
      roots(store_of(servers)),
      wrong_roots(store_of({stranger})) {}

Certificates::~Certificates() {
  CertCloseStore(roots, 0);
  CertCloseStore(wrong_roots, 0);
  for (PCCERT_CONTEXT certificate : servers) CertFreeCertificateContext(certificate);
  CertFreeCertificateContext(client);
  CertFreeCertificateContext(stranger);
}

Credential::Credential(const Wish& wish) : wish_(wish) {
  SCHANNEL_CRED data{};
  data.dwVersion = SCHANNEL_CRED_VERSION;
  PCCERT_CONTEXT certificate = wish.certificate;
  data.cCreds = certificate != nullptr ? 1 : 0;
  data.paCred = &certificate;
  data.hRootStore = wish.roots;
  data.grbitEnabledProtocols = protocols_of(wish.versions, wish.is_server);
  data.dwMaximumCipherStrength = wish.bits_max;
  data.dwFlags = wish.flags | OPENSCHANNEL_CRED_TLS13_WITH_SCHANNEL_CRED;
  char package[] = UNISP_NAME_A;
  const SECURITY_STATUS status = AcquireCredentialsHandleA(
      nullptr, package, wish.is_server ? SECPKG_CRED_INBOUND : SECPKG_CRED_OUTBOUND, nullptr, &data,
      nullptr, nullptr, &handle, nullptr);
  if (status != SEC_E_OK) {
    throw std::runtime_error("AcquireCredentialsHandle: " + name_of(status) + ": " +
                             OpenSchannelErrorDetail());
  }
}

Credentials::Credentials(const Certificates& certificates) {
  for (const Versions versions : {Versions::both, Versions::tls12, Versions::tls13}) {
    for (PCCERT_CONTEXT certificate : certificates.servers) {
      servers.push_back(std::make_unique<Credential>(
          Credential::Wish{.is_server = true, .versions = versions, .certificate = certificate}));
    }
    for (PCCERT_CONTEXT certificate : {static_cast<PCCERT_CONTEXT>(nullptr), certificates.client}) {
      for (const DWORD bits : {0U, 128U}) {
        // Some read tickets and key updates silently.
        const DWORD flags = bits != 0 ? OPENSCHANNEL_CRED_ABSORB_POST_HANDSHAKE : 0;
        clients.push_back(std::make_unique<Credential>(Credential::Wish{.versions = versions,
                                                                        .certificate = certificate,
                                                                        .roots = certificates.roots,
                                                                        .flags = flags,
                                                                        .bits_max = bits}));
      }
    }
  }
  servers.push_back(std::make_unique<Credential>(Credential::Wish{
      .is_server = true,
      .certificate = certificates.servers.front(),
      .flags = SCH_CRED_DISABLE_RECONNECTS | OPENSCHANNEL_CRED_ABSORB_POST_HANDSHAKE}));
  distrustful = std::make_unique<Credential>(Credential::Wish{.roots = certificates.wrong_roots});
}

}  // namespace soak
