#pragma once
#include "tls/config.h"

namespace schannel::fuzz {

/// An Ed25519 key with its self-signed certificate, the same for ever: Ed25519 signatures are
/// deterministic (RFC 8032), so a recorded handshake can be replayed to its end.
std::shared_ptr<const tls::Identity> fixed_identity();

}  // namespace schannel::fuzz
