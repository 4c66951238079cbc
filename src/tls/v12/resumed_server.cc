#include "crypto/constant_time.h"
#include "tls/machine.h"
#include "tls/v12/server_hello.h"

// The abbreviated handshake of TLS 1.2, server (RFC 5246 section 7.3, figure 2). A session is not
// given a second ticket: the first lasts as long as the session.
namespace schannel::tls::v12::resumed_server {
namespace {

Result<Step> answer(Handshake handshake, const Selected& selected) {
  const auto config = handshake.config;
  const Session& session = *selected.session;
  Transcript& transcript = handshake.transcript;
  Negotiated& negotiated = handshake.negotiated;
  negotiated.resumed = true;
  negotiated.peer_chain = session.peer_chain;
  if (session.application_data) negotiated.application_data = session.application_data;
  negotiated.signature_scheme = session.signature_scheme;
  negotiated.session_id = selected.session_id;
  MasterSecret master = MasterSecret::of(*session.suite, session.secret);

  Flight hello_flight(transcript);
  add_server_hello(hello_flight, handshake, selected);
  TRY(SendHandshake send_hello, std::move(hello_flight).send());
  negotiated.session_id = session.id;  // with a ticket it was the client's invention
  negotiated.server_verify_data = master.verify_data(Role::server, transcript.current());
  negotiated.first_finished = negotiated.server_verify_data;
  Flight flight(transcript);
  flight.add(wire::Finished{negotiated.server_verify_data});
  TRY(SendHandshake send_finished, std::move(flight).send());
  record::RecordKey write = master.record_keys(negotiated).server_write;
  std::vector<Action> actions;
  log_secret(actions, *config, "CLIENT_RANDOM", master.view());
  return Step{WaitChangeCipherSpec{std::move(handshake), std::move(master)}, std::move(actions)}
      .then(std::move(send_hello))
      .then(SendChangeCipherSpec{})
      .then(UseWriteKey{std::move(write)})
      .then(std::move(send_finished));
}

}  // namespace

Result<Step> begin(Handshake handshake, Selected selected) {
  handshake.transcript.drop_messages();
  if (selected.session->peer_chain.empty()) return answer(std::move(handshake), selected);
  AskVerdict ask{selected.session->peer_chain, {}, selected.application_protocol};
  return Step{NeedVerdict{std::move(handshake), std::move(selected)}}.then(std::move(ask));
}

// Whoever has the session's secret is who has proved possession when it was made.
Result<Step> on(NeedVerdict state, const ChainAccepted&) {
  return answer(std::move(state.handshake), state.selected);
}

Result<Step> on(WaitChangeCipherSpec state, const ChangeCipherSpec&) {
  record::RecordKey read = state.master.record_keys(state.handshake.negotiated).client_write;
  return Step{WaitFinished{std::move(state.handshake), std::move(state.master)}}.then(
      UseReadKey{std::move(read)});
}

// RFC 5246 section 7.4.9.
Result<Step> on(WaitFinished state, const In<wire::Finished>& message) {
  Negotiated& negotiated = state.handshake.negotiated;
  const Buffer expected =
      state.master.verify_data(Role::client, state.handshake.transcript.current());
  if (!crypto::constant_time_equal(expected, message.body.verify_data)) {
    return Cause::finished_mismatch;
  }
  negotiated.client_verify_data = expected;
  auto shared = std::make_shared<const Negotiated>(negotiated);
  return Step{ConnectedServer{std::move(state.handshake.config), std::move(shared),
                              std::move(state.master)}}
      .then(Established{std::move(negotiated)});
}

}  // namespace schannel::tls::v12::resumed_server
