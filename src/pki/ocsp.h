#pragma once
#include <optional>

#include "pki/owned.h"

// The Online Certificate Status Protocol (RFC 6960), by libcrypto but for who may answer.
namespace schannel::pki {

/// A request about one certificate, without a nonce: an answer may then come from a cache, and is
/// worth as much as its nextUpdate says (RFC 5019 section 4).
Buffer ocsp_request(X509* certificate, X509* issuer);

enum class OcspAnswer : std::uint8_t { good, revoked };

/// What `response` says about `certificate`, or nothing when it says nothing that counts. It counts
/// when it is about this very certificate, is of this time, and was signed by the issuer itself or
/// by one whom the issuer has certified for OCSP signing (RFC 6960 section 4.2.2.2). MD5 and SHA-1
/// signatures don't count.
std::optional<OcspAnswer> ocsp_answer(Bytes response, X509* certificate, X509* issuer,
                                      std::int64_t now);

/// True for a signature algorithm whose hash still withstands collisions.
bool is_strong_signature(int nid);

/// RFC 5280 section 4.1.2.5 in seconds since 1970; nothing when it is no time.
std::optional<std::int64_t> unix_seconds(const ASN1_TIME* time);

/// Clocks differ by so much, and no more.
inline constexpr std::int64_t kClockSkewSeconds = 300;

}  // namespace schannel::pki
