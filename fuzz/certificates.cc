#include <openschannel/extensions.h>
#include <openschannel/wincrypt.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "require.h"

// Certificates, PEM and PFX from anywhere, through the public functions, and every question that
// can be asked about what came out. The first byte says what the rest is.
namespace {

constexpr wchar_t kPassword[] = L"fuzz";

void ask_about(PCCERT_CONTEXT certificate) {
  REQUIRE(certificate->pCertInfo != nullptr && certificate->cbCertEncoded != 0);
  for (DWORD type = CERT_NAME_EMAIL_TYPE; type <= CERT_NAME_URL_TYPE; ++type) {
    for (const DWORD flags : {DWORD{0}, DWORD{CERT_NAME_ISSUER_FLAG}}) {
      const DWORD size = CertGetNameStringA(certificate, type, flags, nullptr, nullptr, 0);
      REQUIRE(size >= 1);
      std::vector<char> text(size);
      REQUIRE(CertGetNameStringA(certificate, type, flags, nullptr, text.data(), size) == size);
      REQUIRE(text.back() == '\0');
      // Less room than it takes: cut, and still terminated.
      std::vector<wchar_t> wide(1 + size / 2);
      const DWORD written = CertGetNameStringW(certificate, type, flags, nullptr, wide.data(),
                                               static_cast<DWORD>(wide.size()));
      REQUIRE(written >= 1 && written <= wide.size() && wide[written - 1] == L'\0');
    }
  }
  for (const DWORD format :
       {DWORD{CERT_SIMPLE_NAME_STR}, DWORD{CERT_OID_NAME_STR}, DWORD{CERT_X500_NAME_STR},
        DWORD{CERT_X500_NAME_STR} | CERT_NAME_STR_REVERSE_FLAG}) {
    CERT_NAME_BLOB name = certificate->pCertInfo->Subject;
    std::vector<char> text(CertNameToStrA(X509_ASN_ENCODING, &name, format, nullptr, 0));
    REQUIRE(!text.empty());
    CertNameToStrA(X509_ASN_ENCODING, &name, format, text.data(), static_cast<DWORD>(text.size()));
    REQUIRE(text.back() == '\0');
  }
  for (DWORD property = 1; property <= 110; ++property) {
    DWORD size = 0;
    if (!CertGetCertificateContextProperty(certificate, property, nullptr, &size)) continue;
    std::vector<unsigned char> value(size);
    if (CertGetCertificateContextProperty(certificate, property, value.data(), &size)) {
      REQUIRE(size <= value.size());
    }
  }
  PCCERT_CONTEXT again = CertCreateCertificateContext(X509_ASN_ENCODING, certificate->pbCertEncoded,
                                                      certificate->cbCertEncoded);
  REQUIRE(again != nullptr);
  REQUIRE(CertCompareCertificate(X509_ASN_ENCODING, certificate->pCertInfo, again->pCertInfo));
  CertFreeCertificateContext(again);
}

void ask_about(HCERTSTORE store) {
  if (store == nullptr) {
    REQUIRE(GetLastError() != 0);
    return;
  }
  for (PCCERT_CONTEXT certificate = nullptr;
       (certificate = CertEnumCertificatesInStore(store, certificate)) != nullptr;) {
    ask_about(certificate);
    PCCERT_CONTEXT found =
        CertFindCertificateInStore(store, X509_ASN_ENCODING, 0, CERT_FIND_SUBJECT_NAME,
                                   &certificate->pCertInfo->Subject, nullptr);
    REQUIRE(found != nullptr);
    CertFreeCertificateContext(found);
  }
  REQUIRE(CertCloseStore(store, 0));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  // Memory of its own: the functions take what is not const, and must not write it.
  std::vector<BYTE> bytes(data + 1, data + size);
  const std::vector<BYTE> before = bytes;
  const auto count = static_cast<DWORD>(bytes.size());
  CRYPT_DATA_BLOB pfx{count, bytes.data()};
  switch (data[0] % 5) {
    case 0:
      if (PCCERT_CONTEXT certificate =
              CertCreateCertificateContext(X509_ASN_ENCODING, bytes.data(), count)) {
        ask_about(certificate);
        CertFreeCertificateContext(certificate);
      }
      break;
    case 1:
      ask_about(OpenSchannelImportPem(bytes.data(), count, nullptr, 0, "fuzz"));
      break;
    case 2: {  // certificates and key apart, at the first NUL
      const auto* const end = bytes.data() + bytes.size();
      const auto* cut = std::find(bytes.data(), bytes.data() + bytes.size(), BYTE{0});
      const BYTE* key = cut == end ? end : cut + 1;
      ask_about(OpenSchannelImportPem(bytes.data(), static_cast<DWORD>(cut - bytes.data()), key,
                                      static_cast<DWORD>(end - key), "fuzz"));
      break;
    }
    case 3:
      ask_about(PFXImportCertStore(&pfx, kPassword, 0));
      break;
    default:
      if (PFXVerifyPassword(&pfx, kPassword, 0)) REQUIRE(PFXIsPFXBlob(&pfx));
      break;
  }
  REQUIRE(bytes == before);
  return 0;
}
