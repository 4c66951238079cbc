#include <string>

#include "base/result.h"
#include "crypt32/barrier.h"
#include "pki/certificate_file.h"
#include "pki/import.h"
#include "pki/references.h"
#include "pki/text.h"
#include "pki/text_encoding.h"

// CryptQueryObject: what is in a file or in memory, and in which form.
namespace schannel::crypt32 {
namespace {

using pki::Answer;
using pki::failed;

struct Content {
  Buffer bytes;
  DWORD format;
};

Answer<Buffer> read(DWORD object_type, const void* object) {
  if (!object) return failed(E_INVALIDARG, "pvObject is NULL");
  if (object_type == CERT_QUERY_OBJECT_BLOB) {
    const auto* blob = static_cast<const CRYPT_DATA_BLOB*>(object);
    return to_buffer(pki::view_of(*blob));
  }
  if (object_type != CERT_QUERY_OBJECT_FILE) return failed(E_INVALIDARG, "no such object type");
  const std::optional<std::string> path = pki::to_utf8(static_cast<LPCWSTR>(object));
  if (!path) return failed(E_INVALIDARG, "the path holds what is no character");
  return pki::read_whole_file(*path);
}

/// Base64 with or without PEM's lines, or as it is.
Answer<Content> decoded(Buffer bytes, DWORD formats) {
  if ((formats & CERT_QUERY_FORMAT_FLAG_BASE64_ENCODED) != 0) {
    std::size_t skipped = 0;
    std::optional<Buffer> binary = pki::from_pem(as_text(bytes), skipped);
    if (!binary) binary = pki::from_base64(as_text(bytes));
    if (binary && !binary->empty()) {
      return Content{std::move(*binary), CERT_QUERY_FORMAT_BASE64_ENCODED};
    }
  }
  if ((formats & CERT_QUERY_FORMAT_FLAG_BINARY) != 0) {
    return Content{std::move(bytes), CERT_QUERY_FORMAT_BINARY};
  }
  return failed(CRYPT_E_NO_MATCH, "the object is in none of the expected formats");
}

struct Found {
  DWORD content_type;
  std::shared_ptr<pki::Store> store;
  std::shared_ptr<pki::Certificate> certificate;  ///< Of the store, for CERT_QUERY_CONTENT_CERT.
};

Answer<Found> identify(Bytes bytes, DWORD contents) {
  const auto expects = [&](DWORD flag) { return (contents & flag) != 0; };
  if (expects(CERT_QUERY_CONTENT_FLAG_CERT)) {
    if (auto certificate = pki::DecodedCertificate::decode(bytes)) {
      Found found{CERT_QUERY_CONTENT_CERT, pki::Store::make(), nullptr};
      found.certificate = found.store->append(certificate, {});
      return found;
    }
  }
  if (expects(CERT_QUERY_CONTENT_FLAG_PKCS7_SIGNED)) {
    pki::Imported imported;
    if (pki::read_pkcs7(imported, bytes)) {
      return Found{CERT_QUERY_CONTENT_PKCS7_SIGNED, pki::store_from(imported), nullptr};
    }
  }
  if (expects(CERT_QUERY_CONTENT_FLAG_PFX_AND_LOAD) && pki::is_pfx(bytes)) {
    TRY(auto store, pki::import_pfx(bytes, std::nullopt));
    return Found{CERT_QUERY_CONTENT_PFX_AND_LOAD, std::move(store), nullptr};
  }
  if (expects(CERT_QUERY_CONTENT_FLAG_PFX) && pki::is_pfx(bytes)) {
    return Found{CERT_QUERY_CONTENT_PFX, nullptr, nullptr};
  }
  return failed(CRYPT_E_NO_MATCH, "the object holds nothing of what was expected");
}

}  // namespace
}  // namespace schannel::crypt32

using namespace schannel;           // NOLINT(google-build-using-namespace)
using namespace schannel::crypt32;  // NOLINT(google-build-using-namespace)

BOOL WINAPI CryptQueryObject(DWORD dwObjectType, const void* pvObject,
                             DWORD dwExpectedContentTypeFlags, DWORD dwExpectedFormatTypeFlags,
                             DWORD /*dwFlags*/, DWORD* pdwMsgAndCertEncodingType,
                             DWORD* pdwContentType, DWORD* pdwFormatType, HCERTSTORE* phCertStore,
                             HCRYPTMSG* phMsg, const void** ppvContext) {
  if (phCertStore) *phCertStore = nullptr;
  if (phMsg) *phMsg = nullptr;
  if (ppvContext) *ppvContext = nullptr;
  return guarded<BOOL>(FALSE, [&]() -> Answer<BOOL> {
    TRY(Buffer bytes, read(dwObjectType, pvObject));
    TRY(const Content content, decoded(std::move(bytes), dwExpectedFormatTypeFlags));
    TRY(Found found, identify(content.bytes, dwExpectedContentTypeFlags));
    if (pdwMsgAndCertEncodingType) {
      *pdwMsgAndCertEncodingType = X509_ASN_ENCODING | PKCS_7_ASN_ENCODING;
    }
    if (pdwContentType) *pdwContentType = found.content_type;
    if (pdwFormatType) *pdwFormatType = content.format;
    if (ppvContext && found.certificate) {
      *ppvContext = pki::give_reference(found.certificate, found.store);
    }
    if (phCertStore && found.store) *phCertStore = pki::give_handle(found.store);
    return TRUE;
  });
}
