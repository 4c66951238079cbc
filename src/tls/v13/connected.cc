#include "tls/machine.h"

// TLS 1.3 after the handshake (RFC 8446 section 4.6).
namespace schannel::tls::v13 {

// RFC 8446 section 4.6.1. Resumption is not built yet: the ticket is checked and dropped.
Result<Step> on(Connected state, const In<wire::NewSessionTicket13>& message) {
  if (state.role == Role::server) return Cause::unexpected_message;
  for (const wire::Extension& extension : message.body.extensions.all()) {
    if (!wire::is_allowed_13(extension.type, wire::ExtensionContext::new_session_ticket)) {
      return Cause::illegal_parameter;
    }
  }
  return Step{std::move(state)};
}

// RFC 8446 section 4.6.3: the peer has changed its write key and may ask for the same of us.
Result<Step> on(Connected state, const In<wire::KeyUpdate>& message) {
  state.read = state.read.next();
  record::RecordKey read = state.read.record_key();
  if (!message.body.update_requested) {
    return Step{std::move(state)}.then(UseReadKey{std::move(read)});
  }
  // The answer goes out under the old key; "update_requested" would make the two of us loop.
  Transcript none;
  Flight flight(none);
  flight.add(wire::KeyUpdate{false});
  TRY(SendHandshake send, std::move(flight).send());
  state.write = state.write.next();
  record::RecordKey write = state.write.record_key();
  return Step{std::move(state)}
      .then(UseReadKey{std::move(read)})
      .then(std::move(send))
      .then(UseWriteKey{std::move(write)});
}

}  // namespace schannel::tls::v13
