#include "crypto/constant_time.h"
#include "tls/machine.h"
#include "tls/v13/authentication.h"

// Post-handshake client authentication (RFC 8446 section 4.6.2), both roles. Its transcript is that
// of the handshake through the client's Finished, then CertificateRequest and the answer (4.4.1).
namespace schannel::tls::v13 {
namespace {

constexpr std::size_t kContextBytes = 16;

}  // namespace

// --- Client ---

Result<Step> on(Connected state, const In<wire::CertificateRequest13>& message) {
  if (state.config->role == Role::server || !state.allows_post_handshake) {
    return Cause::unexpected_message;
  }
  TRY(PendingRequest request, read_certificate_request(message.body));
  Transcript transcript = state.transcript.branch();
  transcript.add(message.raw);
  AskCredential ask = request.ask;
  return Step{late::NeedCredential{std::move(state), std::move(request), std::move(transcript)}}
      .then(Count{Repeated::authentication})
      .then(std::move(ask));
}

// --- Server ---

Result<Step> on(Connected state, const RequestCertificate&) {
  if (state.request) return Step{std::move(state)};  // it is still to be answered
  Buffer context(kContextBytes);
  state.config->random->fill(context);
  Transcript transcript = state.transcript.branch();
  Flight flight(transcript);
  add_certificate_request(flight, *state.config, context);
  TRY(SendHandshake send, std::move(flight).send());
  state.request = UnansweredRequest{std::move(context), std::move(transcript)};
  return Step{std::move(state)}.then(std::move(send));
}

Result<Step> on(Connected state, const In<wire::Certificate13>& message) {
  if (!state.request) return Cause::unexpected_message;
  const wire::Certificate13& certificate = message.body;
  if (!equal(certificate.context, state.request->context)) return Cause::illegal_parameter;
  Transcript transcript = std::move(state.request->transcript);
  transcript.add(message.raw);
  state.request.reset();
  if (certificate.entries.empty()) {
    if (state.config->require_client_certificate) return Cause::certificate_required_13;
    return Step{late::WaitFinished{late::Answer{std::move(state), std::move(transcript), {}},
                                   std::nullopt}};
  }
  TRY(hello::PeerCertificate peer, read_client_certificate(*state.config, certificate));
  AskVerdict ask{peer.chain, {}};
  return Step{late::NeedVerdict{
                  late::Answer{std::move(state), std::move(transcript), std::move(peer.chain)},
                  std::move(peer.key)}}
      .then(std::move(ask));
}

namespace late {

Result<Step> on(NeedCredential state, const CredentialChosen& chosen) {
  Flight flight(state.transcript);
  TRY(std::shared_ptr<const Identity> shown,
      add_authentication(flight, state.transcript, *state.connected.config, state.request,
                         chosen.identity));
  const crypto::Digest verify_data =
      state.connected.traffic->write.verify_data(state.transcript.current());
  flight.add(wire::Finished{verify_data});
  TRY(SendHandshake send, std::move(flight).send());
  return Step{std::move(state.connected)}
      .then(std::move(send))
      .then(Authenticated{.peer_chain = {}, .local_identity = std::move(shown)});
}

Result<Step> on(NeedVerdict state, const ChainAccepted& accepted) {
  return Step{WaitCertificateVerify{std::move(state.answer), std::move(state.key), accepted}};
}

Result<Step> on(WaitCertificateVerify state, const In<wire::CertificateVerify>& message) {
  Transcript& transcript = state.answer.transcript;
  const Buffer content = hello::certificate_verify_content(Role::client, transcript.current());
  TRY(const PossessionProved proved,
      verify_possession(state.key, message.body.algorithm,
                        state.answer.connected.config->signature_schemes, ProtocolVersion::tls13,
                        content, message.body.signature));
  transcript.add(message.raw);
  return Step{WaitFinished{std::move(state.answer), PeerVerified(state.accepted, proved)}};
}

Result<Step> on(WaitFinished state, const In<wire::Finished>& message) {
  Answer& answer = state.answer;
  const crypto::Digest expected =
      answer.connected.traffic->read.verify_data(answer.transcript.current());
  if (!crypto::constant_time_equal(expected, message.body.verify_data)) {
    return Cause::finished_mismatch;
  }
  return Step{std::move(answer.connected)}.then(
      Authenticated{.peer_chain = std::move(answer.chain), .local_identity = nullptr});
}

}  // namespace late
}  // namespace schannel::tls::v13
