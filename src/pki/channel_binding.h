#pragma once
#include "base/bytes.h"

namespace schannel::pki {

/// "tls-server-end-point" of a server certificate (RFC 5929 section 4.1): its hash by the hash
/// function of its own signature, by SHA-256 where that is MD5 or SHA-1. Empty when it does not
/// parse or its signature has no hash function of its own (Ed25519): the binding is not defined.
Buffer server_end_point(Bytes certificate_der);

}  // namespace schannel::pki
