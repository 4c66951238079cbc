#include <algorithm>

#include "tls/hello.h"
#include "tls/machine.h"

// TLS 1.3 after the handshake (RFC 8446 section 4.6), but for authentication: late.cc.
namespace schannel::tls::v13 {
namespace {

/// Section 4.6.3: KeyUpdate goes out under the old key.
Result<Step> send_key_update(Step step, bool request_peer) {
  Transcript none;
  Flight flight(none);
  flight.add(wire::KeyUpdate{request_peer});
  TRY(SendHandshake send, std::move(flight).send());
  TrafficSecret& secret = std::get<Connected>(step.next).traffic->write;
  secret = secret.next();
  record::RecordKey key = secret.record_key();
  return std::move(step).then(std::move(send)).then(UseWriteKey{std::move(key)});
}

}  // namespace

// RFC 8446 section 4.6.1.
Result<Step> on(Connected state, const In<wire::NewSessionTicket13>& message) {
  if (state.config->role == Role::server) return Cause::unexpected_message;
  for (const wire::Extension& extension : message.body.extensions.all()) {
    if (!wire::is_allowed_13(extension.type, wire::ExtensionContext::new_session_ticket)) {
      return Cause::illegal_parameter;
    }
  }
  // A connection that was moved can't make sessions: the secret they come from stays behind.
  if (state.resumption.empty()) return Step{std::move(state)};
  Session session;
  session.secret = ticket_psk(state.suite->hash, state.resumption, message.body.nonce);
  session.lifetime_seconds = std::min(message.body.lifetime_seconds, kSessionLifetimeSecondsMax);
  session.age_add = message.body.age_add;
  session.ticket = to_buffer(message.body.ticket);
  session.proof = state.proof;
  Step step{std::move(state)};
  // A lifetime of zero: to be discarded at once.
  if (session.lifetime_seconds != 0) step.add(KeepSession{std::move(session)});
  return step;
}

// RFC 8446 section 4.6.3: the peer has changed its write key and may ask for the same of us.
Result<Step> on(Connected state, const In<wire::KeyUpdate>& message) {
  TrafficSecret& secret = state.traffic->read;
  secret = secret.next();
  record::RecordKey key = secret.record_key();
  Step step =
      Step{std::move(state)}.then(Count{Repeated::key_update}).then(UseReadKey{std::move(key)});
  if (!message.body.update_requested) return step;
  // "update_requested" in the answer would make the two of us loop.
  return send_key_update(std::move(step), /*request_peer=*/false);
}

Result<Step> on(Connected state, const UpdateKey& event) {
  return send_key_update(Step{std::move(state)}, event.request_peer);
}

Result<Step> on(Connected state, const Reconfigure& event) {
  state.config = event.config;
  return Step{std::move(state)};
}

}  // namespace schannel::tls::v13
