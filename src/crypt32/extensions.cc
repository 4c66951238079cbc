#include <openschannel/extensions.h>

#include <ctime>

#include "crypt32/barrier.h"
#include "crypt32/password.h"
#include "pki/import.h"
#include "pki/references.h"
#include "pki/self_signed.h"

using namespace schannel;           // NOLINT(google-build-using-namespace)
using namespace schannel::crypt32;  // NOLINT(google-build-using-namespace)
using pki::Answer;
using pki::failed;

namespace {

std::optional<crypto::KeyType> key_type_of(DWORD type) {
  switch (type) {
    case OPENSCHANNEL_KEY_ECDSA_P256:
      return crypto::KeyType::ecdsa_p256;
    case OPENSCHANNEL_KEY_ECDSA_P384:
      return crypto::KeyType::ecdsa_p384;
    case OPENSCHANNEL_KEY_ECDSA_P521:
      return crypto::KeyType::ecdsa_p521;
    case OPENSCHANNEL_KEY_RSA_2048:
      return crypto::KeyType::rsa;
    case OPENSCHANNEL_KEY_ED25519:
      return crypto::KeyType::ed25519;
    default:
      return std::nullopt;
  }
}

}  // namespace

HCERTSTORE WINAPI OpenSchannelImportPemFiles(LPCSTR pszCertificateFile, LPCSTR pszKeyFile,
                                             LPCSTR pszPassword) {
  return guarded<HCERTSTORE>(nullptr, [&]() -> Answer<HCERTSTORE> {
    if (!pszCertificateFile) return failed(E_INVALIDARG, "no certificate file");
    const Utf8Password password = Utf8Password::of(pszPassword);
    TRY(auto store, pki::import_pem_files(pszCertificateFile, pszKeyFile, password.value()));
    return pki::give_handle(store);
  });
}

HCERTSTORE WINAPI OpenSchannelImportPem(const BYTE* pbCertificates, DWORD cbCertificates,
                                        const BYTE* pbKey, DWORD cbKey, LPCSTR pszPassword) {
  return guarded<HCERTSTORE>(nullptr, [&]() -> Answer<HCERTSTORE> {
    if (!pbCertificates || (!pbKey && cbKey != 0)) return failed(E_INVALIDARG, "no PEM text");
    const pki::PemSource certificates{{pbCertificates, cbCertificates}, "certificates"};
    const pki::PemSource key{{pbKey, cbKey}, "key"};
    const Utf8Password password = Utf8Password::of(pszPassword);
    TRY(auto store, pki::import_pem(certificates, pbKey ? &key : nullptr, password.value()));
    return pki::give_handle(store);
  });
}

PCCERT_CONTEXT WINAPI OpenSchannelCreateSelfSignedCertificate(LPCSTR pszNames, DWORD dwKeyType,
                                                              DWORD dwDays) {
  return guarded<PCCERT_CONTEXT>(nullptr, [&]() -> Answer<PCCERT_CONTEXT> {
    const std::optional<crypto::KeyType> type = key_type_of(dwKeyType);
    if (!pszNames || !type) return failed(E_INVALIDARG, "no names, or an unknown kind of key");
    TRY(auto certificate,
        pki::make_self_signed(pszNames, *type, dwDays, std::int64_t{std::time(nullptr)}));
    return pki::give_reference(std::move(certificate), nullptr);
  });
}
