#pragma once
#include <openschannel/algids.h>
#include <openschannel/schannel.h>

#include "tls/config.h"

// Which algorithms a credential uses: the default order of contract section M, and what the
// caller's structures take away from it. Nothing here adds an algorithm.
namespace schannel::package {

/// Suites, groups and signature schemes in default order (PROTO-17, PROTO-21; see
/// docs/decisions/0007 for what stands at their ends).
void set_default_algorithms(tls::Config& config);

/// Removes suites whose cipher has less than `minimum` or more than `maximum` bits; 0: no bound
/// (CRED-20).
void restrict_strength(DWORD minimum_bits, DWORD maximum_bits, tls::Config& config);

/// palgSupportedAlgs (CRED-15): of each class of algorithm that the list names, only what it names
/// stays. A class that it does not name stays whole.
void restrict_to(const ALG_ID* algorithms, DWORD count, tls::Config& config);

/// One CRYPTO_SETTINGS entry (CRED-37 to CRED-40). False when this library can't honour it; an
/// algorithm that it does not have at all is already disabled.
bool disable_algorithm(const CRYPTO_SETTINGS& settings, tls::Config& config);

/// What kind of signature a scheme is.
enum class SignatureFamily : std::uint8_t { rsa_pkcs1, rsa_pss, ecdsa, eddsa };
SignatureFamily family_of(SignatureScheme scheme);

/// The nearest CALG_* of what a suite uses, for CONNECTION_INFO and SUPPORTED_ALGS.
ALG_ID cipher_alg_id(const tls::Suite& suite);
DWORD cipher_bits(const tls::Suite& suite);
/// Bits of the exchange: the size of the group's field.
DWORD group_bits(NamedGroup group);

}  // namespace schannel::package
