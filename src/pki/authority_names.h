#pragma once
#include "pki/verify.h"

// The names by which a server says whose certificates it takes (contract AUTH-22).
namespace schannel::pki {

/// The encoded subjects of these certificates (DER), each name once, in their order: as many as fit
/// into kAuthorityNamesBytesMax. What does not parse has no name.
std::vector<Buffer> authority_names(const std::vector<Buffer>& certificates);
/// The same for the roots that have been loaded; those of a directory (SSL_CERT_DIR) are looked up
/// one by one when a chain needs them and can't be listed.
std::vector<Buffer> authority_names(const TrustAnchors& anchors);

}  // namespace schannel::pki
