#pragma once
#include "tls/step.h"

// RFC 5746: a renegotiation names the handshake that it follows.
namespace schannel::tls::v12 {

/// What a hello of `sender` carries: on a first handshake (`previous` null) nothing, else the
/// client's last verify_data and, in a ServerHello, the server's behind it (section 3.2).
Buffer renegotiation_info(const Negotiated* previous, Role sender);
/// renegotiation_info_mismatch unless `value` is that (sections 3.4 to 3.7).
Result<void> check_renegotiation_info(const Negotiated* previous, Role sender, Bytes value);
/// A renegotiation gives up neither renegotiation_info (RFC 5746 section 3.5 and 3.7) nor the
/// extended master secret, and does not change the application protocol under the application.
Result<void> check_kept(const Handshake& handshake);

}  // namespace schannel::tls::v12
