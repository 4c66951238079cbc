#include <cstring>

#include "crypt32/barrier.h"
#include "pki/identity.h"
#include "pki/properties.h"
#include "pki/references.h"

using namespace schannel;           // NOLINT(google-build-using-namespace)
using namespace schannel::crypt32;  // NOLINT(google-build-using-namespace)
using pki::Answer;
using pki::failed;
using pki::Held;
using pki::PropertyKind;

namespace {

Answer<Held> live(PCCERT_CONTEXT context) {
  Held held = pki::held_by(context);
  if (!held) return failed(E_INVALIDARG, "no certificate context, or one that has been freed");
  return held;
}

Answer<pki::Done> remove_property(pki::Certificate& certificate, DWORD id) {
  // On Windows this property is all that leads to the key.
  if (id == CERT_KEY_PROV_INFO_PROP_ID) certificate.remove_key();
  certificate.remove_property(id);
  return pki::Done{};
}

Answer<pki::Done> set_property(pki::Certificate& certificate, DWORD id, const void* data) {
  switch (pki::kind_of_property(id)) {
    case PropertyKind::computed:
      return failed(E_INVALIDARG, "property " + std::to_string(id) +
                                      " follows from the certificate and can't be set");
    case PropertyKind::key:
      return failed(ERROR_NOT_SUPPORTED,
                    "keys are not named by providers and handles here: import the certificate "
                    "together with its key (PFXImportCertStore, OpenSchannelImportPem)");
    case PropertyKind::stored:
      break;
  }
  const auto& blob = *static_cast<const CRYPT_DATA_BLOB*>(data);
  if (!blob.pbData && blob.cbData != 0) return failed(E_INVALIDARG, "a blob without data");
  certificate.set_property(id, to_buffer(pki::view_of(blob)));
  return pki::Done{};
}

}  // namespace

PCCERT_CONTEXT WINAPI CertCreateCertificateContext(DWORD dwCertEncodingType,
                                                   const BYTE* pbCertEncoded, DWORD cbCertEncoded) {
  return guarded<PCCERT_CONTEXT>(nullptr, [&]() -> Answer<PCCERT_CONTEXT> {
    if (!is_x509(dwCertEncodingType) || !pbCertEncoded) {
      return failed(E_INVALIDARG, "no encoding of a certificate by X.509");
    }
    TRY(auto decoded, pki::DecodedCertificate::decode_or_why({pbCertEncoded, cbCertEncoded}));
    return pki::give_reference(std::make_shared<pki::Certificate>(std::move(decoded), nullptr, 0,
                                                                  pki::Certificate::Properties()),
                               nullptr);
  });
}

PCCERT_CONTEXT WINAPI CertDuplicateCertificateContext(PCCERT_CONTEXT pCertContext) {
  if (!pCertContext) return nullptr;
  return guarded<PCCERT_CONTEXT>(nullptr, [&]() -> Answer<PCCERT_CONTEXT> {
    if (!pki::add_reference(pCertContext)) {
      return failed(E_INVALIDARG, "no certificate context, or one that has been freed");
    }
    return pCertContext;
  });
}

BOOL WINAPI CertFreeCertificateContext(PCCERT_CONTEXT pCertContext) {
  if (pCertContext) {
    guarded<BOOL>(TRUE, [&]() -> Answer<BOOL> {
      pki::release(pCertContext);
      return TRUE;
    });
  }
  return TRUE;
}

BOOL WINAPI CertGetCertificateContextProperty(PCCERT_CONTEXT pCertContext, DWORD dwPropId,
                                              void* pvData, DWORD* pcbData) {
  return guarded<BOOL>(FALSE, [&]() -> Answer<BOOL> {
    TRY(const Held held, live(pCertContext));
    if (!pcbData) return failed(E_INVALIDARG, "pcbData is NULL");
    TRY(const Buffer value, pki::property_of(*held.certificate, dwPropId));
    const DWORD room = *pcbData;
    *pcbData = static_cast<DWORD>(value.size());
    if (!pvData) return TRUE;
    if (room < value.size()) {
      return failed(ERROR_MORE_DATA, "the property has " + std::to_string(value.size()) + " bytes");
    }
    if (!value.empty()) std::memcpy(pvData, value.data(), value.size());
    return TRUE;
  });
}

BOOL WINAPI CertSetCertificateContextProperty(PCCERT_CONTEXT pCertContext, DWORD dwPropId,
                                              DWORD /*dwFlags*/, const void* pvData) {
  return guarded<BOOL>(FALSE, [&]() -> Answer<BOOL> {
    TRY(const Held held, live(pCertContext));
    if (dwPropId == 0 || dwPropId > CERT_LAST_USER_PROP_ID) {
      return failed(E_INVALIDARG, "property identifiers go from 1 to 65535");
    }
    if (held.store && held.store->is_read_only()) {
      return failed(E_ACCESSDENIED, "the store was opened read-only");
    }
    CHECK_OK(pvData ? set_property(*held.certificate, dwPropId, pvData)
                    : remove_property(*held.certificate, dwPropId));
    return TRUE;
  });
}

BOOL WINAPI CertCompareCertificate(DWORD /*dwCertEncodingType*/, PCERT_INFO pCertId1,
                                   PCERT_INFO pCertId2) {
  return pCertId1 && pCertId2 && pki::same_issuer_and_serial(*pCertId1, *pCertId2) ? TRUE : FALSE;
}
