#include "pki/findings.h"

namespace schannel::pki {
namespace {

constexpr DWORD kNameConstraintBits =
    CERT_TRUST_INVALID_NAME_CONSTRAINTS | CERT_TRUST_HAS_NOT_SUPPORTED_NAME_CONSTRAINT |
    CERT_TRUST_HAS_NOT_DEFINED_NAME_CONSTRAINT | CERT_TRUST_HAS_NOT_PERMITTED_NAME_CONSTRAINT |
    CERT_TRUST_HAS_EXCLUDED_NAME_CONSTRAINT;

constexpr Finding kFindings[] = {
    {CERT_TRUST_IS_EXPLICIT_DISTRUST, Cause::certificate_untrusted_root, TRUST_E_EXPLICIT_DISTRUST,
     0},
    {CERT_TRUST_IS_PARTIAL_CHAIN | CERT_TRUST_IS_CYCLIC, Cause::certificate_untrusted_root,
     CERT_E_CHAINING, CERT_CHAIN_POLICY_ALLOW_UNKNOWN_CA_FLAG},
    {CERT_TRUST_IS_UNTRUSTED_ROOT, Cause::certificate_untrusted_root, CERT_E_UNTRUSTEDROOT,
     CERT_CHAIN_POLICY_ALLOW_UNKNOWN_CA_FLAG},
    {kSignatureBits, Cause::certificate_invalid, TRUST_E_CERT_SIGNATURE, 0},
    {CERT_TRUST_IS_REVOKED, Cause::certificate_revoked, CRYPT_E_REVOKED, 0},
    {CERT_TRUST_IS_NOT_TIME_VALID, Cause::certificate_expired, CERT_E_EXPIRED,
     CERT_CHAIN_POLICY_IGNORE_NOT_TIME_VALID_FLAG},
    {CERT_TRUST_IS_NOT_VALID_FOR_USAGE, Cause::certificate_wrong_usage, CERT_E_WRONG_USAGE,
     CERT_CHAIN_POLICY_IGNORE_WRONG_USAGE_FLAG},
    {CERT_TRUST_INVALID_BASIC_CONSTRAINTS, Cause::certificate_invalid, TRUST_E_BASIC_CONSTRAINTS,
     CERT_CHAIN_POLICY_IGNORE_INVALID_BASIC_CONSTRAINTS_FLAG},
    {kNameConstraintBits, Cause::certificate_invalid, CERT_E_INVALID_NAME,
     CERT_CHAIN_POLICY_IGNORE_INVALID_NAME_FLAG},
    {CERT_TRUST_INVALID_POLICY_CONSTRAINTS | CERT_TRUST_NO_ISSUANCE_CHAIN_POLICY,
     Cause::certificate_invalid, CERT_E_INVALID_POLICY,
     CERT_CHAIN_POLICY_IGNORE_INVALID_POLICY_FLAG},
    {CERT_TRUST_INVALID_EXTENSION | CERT_TRUST_HAS_NOT_SUPPORTED_CRITICAL_EXT,
     Cause::certificate_invalid, CERT_E_CRITICAL,
     CERT_CHAIN_POLICY_IGNORE_NOT_SUPPORTED_CRITICAL_EXT_FLAG},
    // Which of the flags overlooks the last two depends on the element: policy.cc.
    {CERT_TRUST_IS_OFFLINE_REVOCATION, Cause::revocation_offline, CRYPT_E_REVOCATION_OFFLINE, 0},
    {CERT_TRUST_REVOCATION_STATUS_UNKNOWN, Cause::no_revocation_check, CRYPT_E_NO_REVOCATION_CHECK,
     0},
};

}  // namespace

std::span<const Finding> findings() { return kFindings; }

}  // namespace schannel::pki
