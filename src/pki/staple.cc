#include "pki/staple.h"

#include <openssl/err.h>
#include <openssl/ocsp.h>

#include "pki/owned.h"

namespace schannel::pki {
namespace {

bool is_about(const OCSP_BASICRESP* basic, const X509* certificate) {
  const int count = OCSP_resp_count(const_cast<OCSP_BASICRESP*>(basic));
  for (int i = 0; i < count; ++i) {
    const OCSP_SINGLERESP* single = OCSP_resp_get0(const_cast<OCSP_BASICRESP*>(basic), i);
    auto* id = const_cast<OCSP_CERTID*>(OCSP_SINGLERESP_get0_id(single));
    ASN1_INTEGER* serial = nullptr;
    if (OCSP_id_get0_info(nullptr, nullptr, nullptr, &serial, id) == 1 &&
        ASN1_INTEGER_cmp(serial, X509_get0_serialNumber(certificate)) == 0) {
      return true;
    }
  }
  return false;
}

}  // namespace

bool is_ocsp_response_about(Bytes response, Bytes certificate_der) {
  const unsigned char* at = response.data();
  const std::unique_ptr<OCSP_RESPONSE, FreeWith<OCSP_RESPONSE_free>> parsed(
      d2i_OCSP_RESPONSE(nullptr, &at, static_cast<long>(response.size())));
  const X509Ptr certificate = parse_certificate(certificate_der);
  bool about = false;
  if (parsed && certificate && at == response.data() + response.size() &&
      OCSP_response_status(parsed.get()) == OCSP_RESPONSE_STATUS_SUCCESSFUL) {
    const std::unique_ptr<OCSP_BASICRESP, FreeWith<OCSP_BASICRESP_free>> basic(
        OCSP_response_get1_basic(parsed.get()));
    about = basic && is_about(basic.get(), certificate.get());
  }
  ERR_clear_error();
  return about;
}

}  // namespace schannel::pki
