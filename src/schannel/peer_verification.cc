#include "schannel/peer_verification.h"

#include <algorithm>
#include <ctime>

namespace schannel::package {

pki::VerifyOptions verify_options(const Credential& credential, pki::Usage usage,
                                  Bytes application_protocol) {
  pki::VerifyOptions options;
  options.usage = usage;
  options.now = static_cast<std::int64_t>(std::time(nullptr));
  options.check_name = !credential.has(SCH_CRED_NO_SERVERNAME_CHECK);
  pki::RevocationOptions& revocation = options.revocation;
  if (credential.has(SCH_CRED_REVOCATION_CHECK_END_CERT)) {
    revocation.scope = pki::RevocationScope::leaf;
  } else if (credential.has(SCH_CRED_REVOCATION_CHECK_CHAIN)) {
    revocation.scope = pki::RevocationScope::chain;
  } else if (credential.has(SCH_CRED_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT)) {
    revocation.scope = pki::RevocationScope::chain_without_root;
  }
  revocation.cache_only = credential.has(SCH_CRED_REVOCATION_CHECK_CACHE_ONLY);
  options.ignore_no_revocation_check = credential.has(SCH_CRED_IGNORE_NO_REVOCATION_CHECK);
  options.ignore_revocation_offline = credential.has(SCH_CRED_IGNORE_REVOCATION_OFFLINE);
  for (const Credential::RefusedSignatures& refused : credential.refused_signatures) {
    const auto& names = refused.application_protocols;
    const bool concerns =
        names.empty() || std::any_of(names.begin(), names.end(), [&](const Buffer& name) {
          return equal(name, application_protocol);
        });
    if (!concerns) continue;
    options.refused_signatures.insert(options.refused_signatures.end(), refused.signatures.begin(),
                                      refused.signatures.end());
  }
  return options;
}

}  // namespace schannel::package
