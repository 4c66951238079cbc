#pragma once
#include "base/bytes.h"

namespace schannel::pki {

/// False when a text in a certificate's subject, issuer or alternative names has a NUL in it, or
/// does not decode. libsss-certmap's strings end there: "root\0@example.com" would be "root".
bool has_plain_names(Bytes certificate_der);

}  // namespace schannel::pki
