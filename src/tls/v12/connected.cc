#include "tls/machine.h"

// TLS 1.2 after the handshake. Renegotiation is not built yet: it is refused politely, which
// leaves the connection working (RFC 5246 section 7.2.2, no_renegotiation).
namespace schannel::tls::v12 {

Result<Step> on(ConnectedClient state, const In<wire::HelloRequest>&) {
  return Step{std::move(state)}.then(SendWarning{Alert::no_renegotiation});
}

Result<Step> on(ConnectedServer state, const In<wire::ClientHello>&) {
  return Step{std::move(state)}.then(SendWarning{Alert::no_renegotiation});
}

}  // namespace schannel::tls::v12
