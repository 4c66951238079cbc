#pragma once
#include <optional>
#include <string>

#include "pki/chain.h"

namespace schannel::pki {

/// What a policy of CertVerifyCertificateChainPolicy is asked to look for and to overlook.
struct PolicyRequest {
  DWORD overlook = 0;  ///< CERT_CHAIN_POLICY_*_FLAG (CERT-49)
  /// SECURITY_FLAG_IGNORE_REVOCATION: nothing about revocation counts, not even that it happened.
  bool overlook_revocation = false;
  /// The name the leaf must be for, in UTF-8 (CERT-48); nothing: any.
  std::optional<std::string> server_name;
};

struct PolicyVerdict {
  DWORD error = 0;  ///< CERT_E_* and its like; 0: good
  LONG chain = -1;
  LONG element = -1;
};

/// CERT_CHAIN_POLICY_BASE, and with a name CERT_CHAIN_POLICY_SSL (CERT-43 to CERT-51).
PolicyVerdict apply_policy(const JudgedChain& chain, const PolicyRequest& request);

/// CERT_CHAIN_POLICY_BASIC_CONSTRAINTS: `flags` say what the leaf must be (CERT-52).
PolicyVerdict apply_basic_constraints(const JudgedChain& chain, DWORD flags);

}  // namespace schannel::pki
