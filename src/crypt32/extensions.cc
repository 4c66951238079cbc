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

namespace {}  // namespace

HCERTSTORE WINAPI OpenSchannelImportPemFiles(LPCSTR pszCertificateFile, LPCSTR pszKeyFile,
                                             LPCSTR pszPassword) {
  return guarded<HCERTSTORE>(nullptr, [&]() -> Answer<HCERTSTORE> {
    if (!pszCertificateFile) return failed(E_INVALIDARG, "no certificate file");
    const Utf8Password password = Utf8Password::of(pszPassword);
    TRY(auto store, pki::import_pem_files(pszCertificateFile, pszKeyFile, password.value()));
    return pki::give_handle(std::move(store));
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
    return pki::give_handle(std::move(store));
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
