#pragma once
#include "pki/verify.h"
#include "schannel/credential.h"

namespace schannel::package {

/// How a chain is judged for a credential: its flags about names and revocation (CRED-42 to
/// CRED-44), at this moment, for a peer of the given usage, when `application_protocol` (empty:
/// none) was agreed on.
pki::VerifyOptions verify_options(const Credential& credential, pki::Usage usage,
                                  Bytes application_protocol);

}  // namespace schannel::package
