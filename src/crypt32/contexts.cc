#include <cstddef>
#include <cstring>

#include "crypt32/barrier.h"
#include "pki/identity.h"
#include "pki/key_handles.h"
#include "pki/object_layout.h"
#include "pki/properties.h"
#include "pki/references.h"
#include "pki/text_encoding.h"

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

/// The handle stays the caller's.
Answer<pki::Done> set_key(pki::Certificate& certificate, NCRYPT_KEY_HANDLE handle) {
  const std::optional<crypto::PrivateKey> key = pki::key_of(handle);
  if (!key) return failed(NTE_INVALID_HANDLE, "there is no such key");
  if (!key->matches_certificate(certificate.decoded().der())) {
    return failed(NTE_BAD_PUBLIC_KEY, "the key is not that of the certificate");
  }
  certificate.set_key(*key);
  return pki::Done{};
}

/// What programs look at to see whether there is a private key. Containers don't exist here: the
/// name is the certificate's.
Answer<pki::ObjectLayout> key_provider(const pki::Certificate& certificate) {
  if (!certificate.key()) {
    return failed(CRYPT_E_NOT_FOUND, "the certificate has no private key");
  }
  std::wstring container;
  for (const char c : pki::to_raw_hex(pki::sha1_of(certificate.decoded()))) container += c;
  pki::ObjectLayout out;
  out.reserve(sizeof(CRYPT_KEY_PROV_INFO));
  out.text(offsetof(CRYPT_KEY_PROV_INFO, pwszContainerName), std::wstring_view(container));
  out.text(offsetof(CRYPT_KEY_PROV_INFO, pwszProvName), std::wstring_view(L"OpenSchannel"));
  return out;
}

Answer<pki::Done> set_property(pki::Certificate& certificate, DWORD id, const void* data) {
  switch (pki::kind_of_property(id)) {
    case PropertyKind::computed:
      return failed(E_INVALIDARG, "property " + std::to_string(id) +
                                      " follows from the certificate and can't be set");
    case PropertyKind::key:
      if (id == CERT_NCRYPT_KEY_HANDLE_PROP_ID ||
          id == CERT_HCRYPTPROV_OR_NCRYPT_KEY_HANDLE_PROP_ID) {
        return set_key(certificate, *static_cast<const NCRYPT_KEY_HANDLE*>(data));
      }
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
    const DWORD room = *pcbData;
    if (dwPropId == CERT_KEY_PROV_INFO_PROP_ID) {
      TRY(const pki::ObjectLayout info, key_provider(*held.certificate));
      *pcbData = static_cast<DWORD>(info.size());
      if (pvData && room < info.size()) return failed(ERROR_MORE_DATA, "the buffer is too small");
      if (pvData) info.write(pvData);
      return TRUE;
    }
    TRY(const Buffer value, pki::property_of(*held.certificate, dwPropId));
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
