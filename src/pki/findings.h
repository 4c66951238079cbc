#pragma once
#include <span>

#include "base/error.h"
#include "pki/wincrypt.h"

// What can be wrong with a chain, and its three names: the bits of CERT_TRUST_STATUS, the cause a
// handshake fails with, and the error of a policy. A chain is judged once, in bits; the other two
// are read off this table.
namespace schannel::pki {

struct Finding {
  DWORD bits;            ///< CERT_TRUST_*: any of them
  Cause cause;           ///< AUTH-8
  HRESULT policy_error;  ///< CERT-50
  DWORD ignored_by;      ///< CERT_CHAIN_POLICY_*_FLAG that overlook it (CERT-49)
};

/// In the order of CERT-51: of several findings the first is reported.
std::span<const Finding> findings();

/// Those of the bits that say something about revocation only.
inline constexpr DWORD kRevocationUnknownBits =
    CERT_TRUST_REVOCATION_STATUS_UNKNOWN | CERT_TRUST_IS_OFFLINE_REVOCATION;
/// With one of these nobody the chain names is believed anything.
inline constexpr DWORD kTrustBits = CERT_TRUST_IS_EXPLICIT_DISTRUST | CERT_TRUST_IS_PARTIAL_CHAIN |
                                    CERT_TRUST_IS_CYCLIC | CERT_TRUST_IS_UNTRUSTED_ROOT;
inline constexpr DWORD kSignatureBits =
    CERT_TRUST_IS_NOT_SIGNATURE_VALID | CERT_TRUST_HAS_WEAK_SIGNATURE;

}  // namespace schannel::pki
