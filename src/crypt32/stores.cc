#include "crypt32/barrier.h"
#include "pki/find.h"
#include "pki/identity.h"
#include "pki/references.h"

namespace schannel::crypt32 {
namespace {

using pki::Answer;
using pki::failed;
using pki::Held;

using CertificatePtr = std::shared_ptr<pki::Certificate>;
using StorePtr = std::shared_ptr<pki::Store>;

Answer<StorePtr> open_store(HCERTSTORE handle) {
  StorePtr store = pki::store_of(handle);
  if (!store) return failed(E_INVALIDARG, "the handle is that of no open store");
  return store;
}

/// Gives the caller the certificate that was added, if it wants it.
BOOL hand_out(CertificatePtr certificate, StorePtr store, PCCERT_CONTEXT* out) {
  if (out) *out = pki::give_reference(std::move(certificate), std::move(store));
  return TRUE;
}

/// Where to go on behind `previous`, whose reference is used up in any case (CERT-12).
Answer<std::uint64_t> position_behind(PCCERT_CONTEXT previous, HCERTSTORE handle) {
  if (!previous) return std::uint64_t{0};
  const Held held = pki::held_by(previous);
  pki::release(previous);
  if (!held || held.certificate->context()->hCertStore != handle) {
    return failed(E_INVALIDARG, "the previous certificate is not one of this store");
  }
  return held.certificate->position();
}

}  // namespace
}  // namespace schannel::crypt32

using namespace schannel;           // NOLINT(google-build-using-namespace)
using namespace schannel::crypt32;  // NOLINT(google-build-using-namespace)

HCERTSTORE WINAPI CertDuplicateStore(HCERTSTORE hCertStore) {
  if (!hCertStore) return nullptr;
  return guarded<HCERTSTORE>(nullptr, [&]() -> Answer<HCERTSTORE> {
    TRY(StorePtr store, open_store(hCertStore));
    return pki::give_handle(store);
  });
}

BOOL WINAPI CertCloseStore(HCERTSTORE hCertStore, DWORD dwFlags) {
  if (!hCertStore) return TRUE;
  return guarded<BOOL>(FALSE, [&]() -> Answer<BOOL> {
    TRY(const StorePtr store, open_store(hCertStore));
    const pki::Closed closed = pki::take_back_handle(hCertStore);
    if (closed == pki::Closed::not_open) {
      return failed(E_INVALIDARG, "the store has been closed already");
    }
    if ((dwFlags & CERT_CLOSE_STORE_FORCE_FLAG) != 0 && closed == pki::Closed::last_handle) {
      pki::revoke_references(store.get());
    } else if ((dwFlags & CERT_CLOSE_STORE_CHECK_FLAG) != 0 && pki::has_references(store.get())) {
      return failed(CRYPT_E_PENDING_CLOSE, "certificates of the store are still in use");
    }
    return TRUE;
  });
}

BOOL WINAPI CertAddCertificateContextToStore(HCERTSTORE hCertStore, PCCERT_CONTEXT pCertContext,
                                             DWORD dwAddDisposition,
                                             PCCERT_CONTEXT* ppStoreContext) {
  if (ppStoreContext) *ppStoreContext = nullptr;
  return guarded<BOOL>(FALSE, [&]() -> Answer<BOOL> {
    TRY(StorePtr store, open_store(hCertStore));
    const Held held = pki::held_by(pCertContext);
    if (!held) return failed(E_INVALIDARG, "no certificate context");
    TRY(CertificatePtr added, store->add(held.certificate->shared_decoded(),
                                         held.certificate->properties(), dwAddDisposition));
    return hand_out(std::move(added), std::move(store), ppStoreContext);
  });
}

BOOL WINAPI CertAddEncodedCertificateToStore(HCERTSTORE hCertStore, DWORD dwCertEncodingType,
                                             const BYTE* pbCertEncoded, DWORD cbCertEncoded,
                                             DWORD dwAddDisposition,
                                             PCCERT_CONTEXT* ppCertContext) {
  if (ppCertContext) *ppCertContext = nullptr;
  return guarded<BOOL>(FALSE, [&]() -> Answer<BOOL> {
    TRY(StorePtr store, open_store(hCertStore));
    if (!is_x509(dwCertEncodingType) || !pbCertEncoded) {
      return failed(E_INVALIDARG, "no encoding of a certificate by X.509");
    }
    TRY(const auto decoded, pki::DecodedCertificate::decode_or_why({pbCertEncoded, cbCertEncoded}));
    TRY(CertificatePtr added, store->add(decoded, {}, dwAddDisposition));
    return hand_out(std::move(added), std::move(store), ppCertContext);
  });
}

BOOL WINAPI CertDeleteCertificateFromStore(PCCERT_CONTEXT pCertContext) {
  return guarded<BOOL>(FALSE, [&]() -> Answer<BOOL> {
    const Held held = pki::held_by(pCertContext);
    if (!held) return failed(E_INVALIDARG, "no certificate context");
    pki::release(pCertContext);  // whatever comes of it (CERT-12)
    if (held.store) CHECK_OK(held.store->remove(*held.certificate));
    return TRUE;
  });
}

PCCERT_CONTEXT WINAPI CertEnumCertificatesInStore(HCERTSTORE hCertStore,
                                                  PCCERT_CONTEXT pPrevCertContext) {
  return CertFindCertificateInStore(hCertStore, 0, 0, CERT_FIND_ANY, nullptr, pPrevCertContext);
}

PCCERT_CONTEXT WINAPI CertFindCertificateInStore(HCERTSTORE hCertStore,
                                                 DWORD /*dwCertEncodingType*/, DWORD dwFindFlags,
                                                 DWORD dwFindType, const void* pvFindPara,
                                                 PCCERT_CONTEXT pPrevCertContext) {
  return guarded<PCCERT_CONTEXT>(nullptr, [&]() -> Answer<PCCERT_CONTEXT> {
    // The store first: the previous certificate may be all that keeps it open.
    Answer<StorePtr> store = open_store(hCertStore);
    const Answer<std::uint64_t> position = position_behind(pPrevCertContext, hCertStore);
    if (!store) return store.error();
    if (!position) return position.error();
    TRY(CertificatePtr found,
        pki::find_certificate(**store, *position, dwFindType, dwFindFlags, pvFindPara));
    return pki::give_reference(std::move(found), *std::move(store));
  });
}
