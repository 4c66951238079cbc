#pragma once
#include "pki/verify.h"
#include "schannel/credential.h"

namespace schannel::package {

/// How a chain is judged for a credential: its flags about names and revocation (CRED-42 to
/// CRED-44), at this moment, for a peer of the given usage.
pki::VerifyOptions verify_options(const Credential& credential, pki::Usage usage);

}  // namespace schannel::package
