#include "sspi_credential.h"

#include <openschannel/extensions.h>
#include <openschannel/schannel.h>

#include <algorithm>
#include <array>

namespace schannel::conformance {
namespace {

struct Group {
  int id;
  const wchar_t* name;
};
constexpr Group kGroups[] = {
    {29, L"x25519"}, {23, L"ECDH_P256"}, {24, L"ECDH_P384"}, {25, L"ECDH_P521"}};

constexpr int kTls12 = 0x0303;
constexpr int kTls13 = 0x0304;

DWORD disabled_protocols(const Settings& settings) {
  DWORD out = 0;
  if (!settings.enables(kTls12)) out |= SP_PROT_TLS1_2;
  if (!settings.enables(kTls13)) out |= SP_PROT_TLS1_3;
  return out;
}

}  // namespace

const std::vector<int>& sspi_groups() {
  static const std::vector<int> kAll = {29, 23, 24, 25};
  return kAll;
}

bool SspiCredential::load(const ShownIdentity& identity) {
  if (identity.cert_file.empty()) return true;
  HCERTSTORE store =
      OpenSchannelImportPemFiles(identity.cert_file.c_str(), identity.key_file.c_str(), nullptr);
  if (store == nullptr) return false;
  stores_.push_back(store);
  PCCERT_CONTEXT leaf = CertEnumCertificatesInStore(store, nullptr);
  if (leaf == nullptr) return false;
  certificates_.push_back(leaf);
  return true;
}

std::unique_ptr<SspiCredential> SspiCredential::acquire(const Settings& settings,
                                                        std::string& failure) {
  std::unique_ptr<SspiCredential> out(new SspiCredential());
  bool loaded = true;
  for (const ShownIdentity& identity : settings.more_identities) {
    loaded = loaded && out->load(identity);
  }
  if (!loaded || !out->load(settings.identity)) {
    failure = OpenSchannelErrorDetail();
    return nullptr;
  }
  // Groups can only be taken away, by name.
  std::array<CRYPTO_SETTINGS, std::size(kGroups)> disabled{};
  DWORD count = 0;
  for (const Group& group : kGroups) {
    const auto& wanted = settings.curves;
    if (wanted.empty() || std::find(wanted.begin(), wanted.end(), group.id) != wanted.end()) {
      continue;
    }
    CRYPTO_SETTINGS& one = disabled[count++];
    one.eAlgorithmUsage = TlsParametersCngAlgUsageKeyExchange;
    const auto size =
        static_cast<USHORT>(std::char_traits<wchar_t>::length(group.name) * sizeof(wchar_t));
    one.strCngAlgId = {size, size, const_cast<wchar_t*>(group.name)};
  }
  TLS_PARAMETERS parameters{};
  parameters.grbitDisabledProtocols = disabled_protocols(settings);
  parameters.cDisabledCrypto = count;
  parameters.pDisabledCrypto = disabled.data();
  SCH_CREDENTIALS credentials{};
  credentials.dwVersion = SCH_CREDENTIALS_VERSION;
  credentials.cCreds = static_cast<DWORD>(out->certificates_.size());
  credentials.paCred = out->certificates_.data();
  credentials.cTlsParameters = 1;
  credentials.pTlsParameters = &parameters;
  credentials.dwFlags = SCH_CRED_MANUAL_CRED_VALIDATION | SCH_SEND_ROOT_CERT;
  if (!settings.server) credentials.dwFlags |= SCH_CRED_NO_DEFAULT_CREDS;
  if (settings.require_any_client_certificate) {
    credentials.dwFlags |= OPENSCHANNEL_CRED_REQUIRE_CLIENT_CERTIFICATE;
  }
  if (settings.refuse_renegotiation) credentials.dwFlags |= OPENSCHANNEL_CRED_REFUSE_RENEGOTIATION;
  if (settings.no_ticket && !settings.server) credentials.dwSessionLifespan = 0xffffffff;
  char package[] = UNISP_NAME_A;
  const SECURITY_STATUS status = AcquireCredentialsHandleA(
      nullptr, package, settings.server ? SECPKG_CRED_INBOUND : SECPKG_CRED_OUTBOUND, nullptr,
      &credentials, nullptr, nullptr, &out->handle_, nullptr);
  if (status != SEC_E_OK) {
    failure = OpenSchannelErrorDetail();
    return nullptr;
  }
  out->acquired_ = true;
  return out;
}

SspiCredential::~SspiCredential() {
  if (acquired_) FreeCredentialsHandle(&handle_);
  for (PCCERT_CONTEXT certificate : certificates_) CertFreeCertificateContext(certificate);
  for (HCERTSTORE store : stores_) CertCloseStore(store, 0);
}

}  // namespace schannel::conformance
