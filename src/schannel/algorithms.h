#pragma once
#include <openschannel/algids.h>
#include <openschannel/schannel.h>

#include <optional>
#include <string>
#include <vector>

#include "pki/verify.h"
#include "tls/config.h"

// Which algorithms a credential uses: the default order of contract section M, and what the
// caller's structures take away from it. Nothing here adds an algorithm.
namespace schannel::package {

/// Suites, groups and signature schemes in default order (PROTO-17, PROTO-21; see
/// docs/decisions/0007 for what stands at their ends).
void set_default_algorithms(tls::Algorithms& algorithms);

/// Removes suites whose cipher has less than `minimum` or more than `maximum` bits; 0: no bound
/// (CRED-20).
void restrict_strength(DWORD minimum_bits, DWORD maximum_bits, tls::Algorithms& algorithms);

/// palgSupportedAlgs (CRED-15): of each class of algorithm that the list names, only what it names
/// stays. A class that it does not name stays whole.
void restrict_to(const ALG_ID* list, DWORD count, tls::Algorithms& algorithms);

/// One CRYPTO_SETTINGS entry (CRED-37 to CRED-40) but for certificates: takes away what it names.
/// False for a usage that does not exist; an algorithm that this library does not have at all is
/// already disabled (CRED-38).
bool disable_algorithm(const CRYPTO_SETTINGS& settings, tls::Algorithms& algorithms);
/// An entry with TlsParametersCngAlgUsageCertSig; nothing when it names no signature or digest that
/// certificates have.
std::optional<pki::RefusedSignature> refused_signature(const CRYPTO_SETTINGS& settings);
/// `schemes` without those that are refused for keys of any size.
std::vector<SignatureScheme> without(const std::vector<SignatureScheme>& schemes,
                                     const std::vector<pki::RefusedSignature>& refused);
/// A UNICODE_STRING as UTF-8; empty when it is none.
std::string text_of(const UNICODE_STRING& text);

/// What kind of signature a scheme is.
enum class SignatureFamily : std::uint8_t { rsa_pkcs1, rsa_pss, ecdsa, eddsa };
SignatureFamily family_of(SignatureScheme scheme);

/// The nearest CALG_* of what a suite uses, for CONNECTION_INFO and SUPPORTED_ALGS.
ALG_ID cipher_alg_id(const tls::Suite& suite);
DWORD cipher_bits(const tls::Suite& suite);
/// Bits of the exchange: the size of the group's field.
DWORD group_bits(NamedGroup group);

}  // namespace schannel::package
