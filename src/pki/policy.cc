#include "pki/policy.h"

#include "pki/findings.h"

namespace schannel::pki {
namespace {

/// The flag that overlooks an unknown revocation state depends on whose it is (CERT-49).
DWORD flag_of_place(const JudgedChain& chain, std::size_t index) {
  if (index == 0) return CERT_CHAIN_POLICY_IGNORE_END_REV_UNKNOWN_FLAG;
  const bool is_root = index + 1 == chain.elements.size() &&
                       (chain.elements[index].info & CERT_TRUST_IS_SELF_SIGNED) != 0;
  return is_root ? CERT_CHAIN_POLICY_IGNORE_ROOT_REV_UNKNOWN_FLAG
                 : CERT_CHAIN_POLICY_IGNORE_CA_REV_UNKNOWN_FLAG;
}

/// What is left of an element's errors.
DWORD reported(const JudgedChain& chain, std::size_t index, const PolicyRequest& request) {
  DWORD errors = chain.elements[index].errors;
  if (request.overlook_revocation) errors &= ~(kRevocationUnknownBits | CERT_TRUST_IS_REVOKED);
  if ((request.overlook & flag_of_place(chain, index)) != 0) errors &= ~kRevocationUnknownBits;
  return errors;
}

PolicyVerdict verdict(HRESULT error, LONG element) {
  return {static_cast<DWORD>(error), 0, element};
}

bool is_authority(X509* certificate) {
  return (X509_get_extension_flags(certificate) & EXFLAG_CA) != 0;
}

}  // namespace

PolicyVerdict apply_policy(const JudgedChain& chain, const PolicyRequest& request) {
  const auto misses_name = [&] {
    return request.server_name &&
           !matches_server_name(
               encoding_of<X509>(chain.elements.front().certificate.get(), i2d_X509),
               *request.server_name);
  };
  for (const Finding& finding : findings()) {
    // The name comes before what is not known about revocation (CERT-51).
    if ((finding.bits & kRevocationUnknownBits) != 0 && misses_name()) {
      return verdict(CERT_E_CN_NO_MATCH, 0);
    }
    if ((request.overlook & finding.ignored_by) != 0 || (chain.errors & finding.bits) == 0) {
      continue;
    }
    for (std::size_t i = 0; i < chain.elements.size(); ++i) {
      if ((reported(chain, i, request) & finding.bits) != 0) {
        return verdict(finding.policy_error, static_cast<LONG>(i));
      }
    }
    // What no element has, the chain has as a whole (CERT-44).
    if (!chain.first_with(finding.bits)) return verdict(finding.policy_error, -1);
  }
  return {};
}

PolicyVerdict apply_basic_constraints(const JudgedChain& chain, DWORD flags) {
  constexpr DWORD kBoth = BASIC_CONSTRAINTS_CERT_CHAIN_POLICY_CA_FLAG |
                          BASIC_CONSTRAINTS_CERT_CHAIN_POLICY_END_ENTITY_FLAG;
  const bool leaf_is_authority = is_authority(chain.elements.front().certificate.get());
  if ((flags & kBoth) != 0 && (flags & kBoth) != kBoth &&
      leaf_is_authority != ((flags & BASIC_CONSTRAINTS_CERT_CHAIN_POLICY_CA_FLAG) != 0)) {
    return verdict(TRUST_E_BASIC_CONSTRAINTS, 0);
  }
  for (std::size_t i = 0; i < chain.elements.size(); ++i) {
    const ChainElement& element = chain.elements[i];
    const bool is_wrong = (element.errors & CERT_TRUST_INVALID_BASIC_CONSTRAINTS) != 0 ||
                          (i != 0 && !is_authority(element.certificate.get()));
    if (is_wrong) return verdict(TRUST_E_BASIC_CONSTRAINTS, static_cast<LONG>(i));
  }
  return {};
}

}  // namespace schannel::pki
