#include "crypto/constant_time.h"
#include "tls/machine.h"
#include "tls/restriction.h"
#include "tls/v12/sessions.h"

// The abbreviated handshake of TLS 1.2, client (RFC 5246 section 7.3, figure 2; with a renewed
// ticket RFC 5077 section 3.1, figure 2). The session's secret stands for the key exchange and for
// the proof of possession; the chain is judged again.
namespace schannel::tls::v12::resumed_client {

Result<Step> begin(Handshake handshake, std::shared_ptr<const Session> session) {
  Negotiated& negotiated = handshake.negotiated;
  // RFC 5246 section 7.4.1.3: the suite is the session's.
  if (negotiated.suite != session->suite) return Cause::illegal_parameter;
  // RFC 7627 section 5.3. We offer no session that was made without.
  if (!negotiated.extended_master_secret) return Cause::extended_master_secret_missing;
  negotiated.resumed = true;
  negotiated.session_id = session->id;  // with a ticket it was made up
  negotiated.peer_chain = session->peer_chain;
  if (session->application_data) negotiated.application_data = session->application_data;
  negotiated.group = session->group;
  negotiated.signature_scheme = session->signature_scheme;
  CHECK_OK(check_restrictions(handshake.config, negotiated, /*key=*/nullptr));
  handshake.transcript.drop_messages();
  AskVerdict ask{negotiated.peer_chain, {}, negotiated.application_protocol};
  return Step{NeedVerdict{std::move(handshake), std::move(session)}}.then(std::move(ask));
}

Result<Step> on(NeedVerdict state, const ChainAccepted& accepted) {
  const auto config = state.handshake.config;
  const bool gets_ticket = state.handshake.takes_tickets;
  MasterSecret master = MasterSecret::of(*state.session->suite, state.session->secret);
  std::vector<Action> actions;
  log_secret(actions, *config, "CLIENT_RANDOM", master.view());
  const PeerVerified peer(accepted, *state.session->proof);
  Resumed resumed{std::move(state.handshake), std::move(state.session), std::move(master), peer};
  if (gets_ticket) return Step{WaitNewSessionTicket{std::move(resumed)}, std::move(actions)};
  return Step{WaitChangeCipherSpec{std::move(resumed), {}}, std::move(actions)};
}

Result<Step> on(WaitNewSessionTicket state, const In<wire::NewSessionTicket12>& message) {
  state.resumed.handshake.transcript.add(message.raw);
  return Step{
      WaitChangeCipherSpec{std::move(state.resumed),
                           {to_buffer(message.body.ticket), message.body.lifetime_hint_seconds}}};
}

Result<Step> on(WaitChangeCipherSpec state, const ChangeCipherSpec&) {
  const Negotiated& negotiated = state.resumed.handshake.negotiated;
  record::RecordKey read = state.resumed.master.record_keys(negotiated).server_write;
  return Step{WaitFinished{std::move(state.resumed), std::move(state.given)}}.then(
      UseReadKey{std::move(read)});
}

// RFC 5246 section 7.4.9: here the server's Finished comes first.
Result<Step> on(WaitFinished state, const In<wire::Finished>& message) {
  Resumed& resumed = state.resumed;
  Transcript& transcript = resumed.handshake.transcript;
  Negotiated& negotiated = resumed.handshake.negotiated;
  const auto config = resumed.handshake.config;
  const Buffer expected = resumed.master.verify_data(Role::server, transcript.current());
  if (!crypto::constant_time_equal(expected, message.body.verify_data)) {
    return Cause::finished_mismatch;
  }
  transcript.add(message.raw);
  negotiated.first_finished = negotiated.server_verify_data = expected;
  negotiated.client_verify_data = resumed.master.verify_data(Role::client, transcript.current());
  Flight flight(transcript);
  flight.add(wire::Finished{negotiated.client_verify_data});
  TRY(SendHandshake send, std::move(flight).send());
  record::RecordKey write = resumed.master.record_keys(negotiated).client_write;
  std::optional<Session> renewed = renewed_session(*resumed.session, state.given, config->now_ms);
  auto shared = std::make_shared<const Negotiated>(negotiated);
  Step step = Step{ConnectedClient{config, std::move(shared), std::move(resumed.master)}}
                  .then(SendChangeCipherSpec{})
                  .then(UseWriteKey{std::move(write)})
                  .then(std::move(send))
                  .then(Established{std::move(negotiated)});
  if (renewed) step.add(KeepSession{std::move(*renewed)});
  return step;
}

}  // namespace schannel::tls::v12::resumed_client
