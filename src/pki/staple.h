#pragma once
#include "base/bytes.h"

namespace schannel::pki {

/// True when `response` is a whole DER OCSPResponse (RFC 6960 section 4.2.1) that answers
/// something, and one of its answers is about the serial number of the certificate. Neither dates
/// nor signature are judged: that is for who receives it.
bool is_ocsp_response_about(Bytes response, Bytes certificate_der);

}  // namespace schannel::pki
