#pragma once
#include "pki/answer.h"
#include "pki/certificate.h"

namespace schannel::pki {

/// What a property's value is to callers (CERT-20, CERT-21).
enum class PropertyKind : std::uint8_t {
  stored,    ///< Bytes that a caller sets.
  computed,  ///< Follows from the certificate: hashes, key identifiers. Can't be set.
  key,       ///< Names a key by a handle or provider of Windows, which there is none of here.
};
PropertyKind kind_of_property(DWORD id);

/// By a function of libcrypto's; empty where the system's policy forbids it.
Buffer digest_of(const char* algorithm, Bytes data);
/// CERT_SHA1_HASH_PROP_ID, which Windows calls a thumbprint.
Buffer sha1_of(const DecodedCertificate& certificate);

/// CRYPT_E_NOT_FOUND.
Answer<Buffer> property_of(const Certificate& certificate, DWORD id);

}  // namespace schannel::pki
