#pragma once
#include <string_view>

#include "base/secret.h"
#include "crypto/hash.h"

namespace schannel::crypto {

/// HMAC (RFC 2104).
Digest hmac(HashAlgorithm algorithm, Bytes key, Bytes data);

/// HKDF-Extract (RFC 5869 section 2.2). An empty salt means digest_bytes() zeros.
Secret hkdf_extract(HashAlgorithm algorithm, Bytes salt, Bytes input_key_material);

/// HKDF-Expand-Label (RFC 8446 section 7.1): `label` without the "tls13 " prefix, `context` at
/// most 255 bytes, `size` at most 66.
Secret hkdf_expand_label(HashAlgorithm algorithm, Bytes secret, std::string_view label,
                         Bytes context, std::size_t size);
/// The same for public output of any size up to 255 digests (exporters).
void hkdf_expand_label(HashAlgorithm algorithm, Bytes secret, std::string_view label, Bytes context,
                       MutableBytes out);

/// The TLS 1.2 PRF (RFC 5246 section 5): P_hash(secret, label + seed).
void tls12_prf(HashAlgorithm algorithm, Bytes secret, std::string_view label, Bytes seed,
               MutableBytes out);

}  // namespace schannel::crypto
