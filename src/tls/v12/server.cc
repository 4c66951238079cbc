#include <algorithm>

#include "crypto/constant_time.h"
#include "tls/hello.h"
#include "tls/machine.h"
#include "tls/v12/renegotiation.h"
#include "tls/v12/server_hello.h"
#include "tls/v12/sessions.h"

// The server's machine of TLS 1.2 (RFC 5246 section 7.3, with RFC 8422 key exchange).
namespace schannel::tls::v12 {
namespace {

using wire::ExtensionType;

wire::CertificateRequest12 certificate_request(const Config& config) {
  // rsa_sign and ecdsa_sign (RFC 5246 section 7.4.4, RFC 8422 section 5.5).
  static constexpr std::uint8_t kTypes[] = {64, 1};
  wire::CertificateRequest12 out{
      .certificate_types = kTypes, .signature_algorithms = {}, .certificate_authorities = {}};
  for (const SignatureScheme scheme : config.signature_schemes) {
    out.signature_algorithms.push_back(static_cast<std::uint16_t>(scheme));
  }
  for (const Buffer& name : config.certificate_authorities) {
    out.certificate_authorities.push_back(name);
  }
  return out;
}

/// How the session of this handshake will be found again: by a ticket, or by an id of ours.
void name_session(Handshake& handshake, bool takes_tickets) {
  const Config& config = *handshake.config;
  handshake.takes_tickets = false;
  if (!config.sessions || !is_worth_keeping(handshake)) return;
  if (config.send_tickets && takes_tickets) {
    handshake.takes_tickets = true;
    return;
  }
  Buffer& id = handshake.negotiated.session_id;
  id.resize(kSessionIdBytes);
  config.random->fill(id);
  if (const auto& mark = config.session_id_mark) {
    std::copy(mark->begin(), mark->end(), id.begin() + 4);
  }
}

}  // namespace

Result<Step> take_client_hello(Handshake handshake, const In<wire::ClientHello>& message) {
  const auto config = handshake.config;
  const Negotiated* previous = handshake.previous.get();
  TRY(Selected selected, select(*config, message.body, previous));
  // A renegotiation is for new keys, and must not carry one identity into another's place.
  if (previous == nullptr) {
    TRY(selected.session, find_session(*config, selected, message.body));
  }
  Transcript& transcript = handshake.transcript;
  Negotiated& negotiated = handshake.negotiated;
  negotiated.version = ProtocolVersion::tls12;
  negotiated.suite = selected.session ? selected.session->suite : selected.suite;
  negotiated.group = selected.session ? selected.session->group : selected.group;
  negotiated.signature_scheme = selected.scheme;
  negotiated.application_protocol = selected.application_protocol;
  negotiated.server_name = selected.server_name;
  negotiated.local_identity = selected.identity;
  negotiated.extended_master_secret = selected.extended_master_secret;
  negotiated.secure_renegotiation = selected.secure_renegotiation;
  CHECK_OK(check_kept(handshake));
  transcript.add(message.raw);
  transcript.use(negotiated.suite->hash);
  if (selected.session) return resumed_server::begin(std::move(handshake), std::move(selected));
  name_session(handshake, selected.takes_tickets);
  TRY(crypto::KeyShare share, crypto::KeyShare::generate(selected.group, *config->random));

  Flight flight(transcript);
  add_server_hello(flight, handshake, selected);
  flight.add(wire::HandshakeType::certificate, [&](wire::Writer& writer) {
    writer.vector(3, [&] {
      for (const Buffer& certificate : selected.identity->chain) {
        writer.vector(3, [&] { writer.bytes(certificate); });
      }
    });
  });
  if (selected.staples) {
    flight.add(wire::HandshakeType::certificate_status, [&](wire::Writer& writer) {
      wire::OcspResponse{selected.identity->ocsp_response}.write(writer);
    });
  }
  const Buffer params = wire::encode_server_ecdh_params(selected.group, share.public_key());
  Buffer to_sign = to_buffer(negotiated.client_random);
  append(to_sign, negotiated.server_random);
  append(to_sign, params);
  TRY(const Buffer signature, selected.identity->key.sign(selected.scheme, to_sign));
  flight.add(wire::HandshakeType::server_key_exchange, [&](wire::Writer& writer) {
    writer.bytes(params);
    wire::CertificateVerify{selected.scheme, signature}.write(writer);  // the same two fields
  });
  if (config->request_client_certificate) flight.add(certificate_request(*config));
  flight.add(wire::ServerHelloDone{});
  TRY(SendHandshake send, std::move(flight).send());

  if (config->request_client_certificate) {
    return Step{server::WaitCertificate{std::move(handshake), std::move(share)}}.then(
        std::move(send));
  }
  return Step{server::WaitClientKeyExchange{std::move(handshake), std::move(share), std::nullopt}}
      .then(std::move(send));
}

namespace server {

// RFC 5246 section 7.4.6.
Result<Step> on(WaitCertificate state, const In<wire::Certificate12>& message) {
  state.handshake.transcript.add(message.raw);
  if (message.body.certificates.empty()) {
    if (state.handshake.config->require_client_certificate) return Cause::certificate_required_12;
    return Step{
        WaitClientKeyExchange{std::move(state.handshake), std::move(state.share), std::nullopt}};
  }
  TRY(hello::PeerCertificate peer,
      hello::read_peer_certificate(*state.handshake.config, message.body.certificates));
  state.handshake.negotiated.peer_chain = peer.chain;
  AskVerdict ask{std::move(peer.chain), {}};
  return Step{NeedVerdict{std::move(state.handshake), std::move(state.share), std::move(peer.key)}}
      .then(std::move(ask));
}

Result<Step> on(NeedVerdict state, const ChainAccepted& accepted) {
  return Step{WaitClientKeyExchange{std::move(state.handshake), std::move(state.share),
                                    UnprovedClient{std::move(state.key), accepted}}};
}

// RFC 8422 section 5.7.
Result<Step> on(WaitClientKeyExchange state, const In<wire::ClientKeyExchange>& message) {
  const Negotiated& negotiated = state.handshake.negotiated;
  const Suite& suite = *negotiated.suite;
  TRY(const Secret premaster, state.share.derive(message.body.public_key));
  state.handshake.transcript.add(message.raw);
  MasterSecret master =
      negotiated.extended_master_secret
          ? MasterSecret::extended(suite, premaster, state.handshake.transcript.current())
          : MasterSecret::classic(suite, premaster, negotiated);
  std::vector<Action> actions;
  log_secret(actions, *state.handshake.config, "CLIENT_RANDOM", master.view());
  if (state.client) {
    return Step{WaitCertificateVerify{std::move(state.handshake), std::move(master),
                                      std::move(*state.client)},
                std::move(actions)};
  }
  state.handshake.transcript.drop_messages();
  return Step{WaitChangeCipherSpec{std::move(state.handshake), std::move(master), std::nullopt},
              std::move(actions)};
}

// RFC 5246 section 7.4.8: the signature covers all messages so far.
Result<Step> on(WaitCertificateVerify state, const In<wire::CertificateVerify>& message) {
  TRY(const PossessionProved proof,
      verify_possession(state.client.key, message.body.algorithm,
                        state.handshake.config->signature_schemes, ProtocolVersion::tls12,
                        state.handshake.transcript.messages(), message.body.signature));
  state.handshake.negotiated.client_signature_scheme = message.body.algorithm;
  state.handshake.transcript.add(message.raw);
  state.handshake.transcript.drop_messages();
  return Step{WaitChangeCipherSpec{std::move(state.handshake), std::move(state.master),
                                   PeerVerified(state.client.accepted, proof)}};
}

Result<Step> on(WaitChangeCipherSpec state, const ChangeCipherSpec&) {
  record::RecordKey read = state.master.record_keys(state.handshake.negotiated).client_write;
  return Step{WaitFinished{std::move(state.handshake), std::move(state.master), state.peer}}.then(
      UseReadKey{std::move(read)});
}

// RFC 5246 section 7.4.9.
Result<Step> on(WaitFinished state, const In<wire::Finished>& message) {
  Transcript& transcript = state.handshake.transcript;
  Negotiated& negotiated = state.handshake.negotiated;
  const Buffer expected = state.master.verify_data(Role::client, transcript.current());
  if (!crypto::constant_time_equal(expected, message.body.verify_data)) {
    return Cause::finished_mismatch;
  }
  transcript.add(message.raw);
  negotiated.first_finished = negotiated.client_verify_data = expected;
  const auto config = state.handshake.config;
  std::optional<Session> session;
  if (config->sessions && is_worth_keeping(state.handshake)) {
    session = server_session(state.master, negotiated, *config->sessions, config->now_ms);
  }
  Step step{ConnectedServer{config, nullptr, std::move(state.master)}};
  if (state.handshake.takes_tickets) {
    // RFC 5077 section 3.3: announced, so it comes, if need be empty.
    const Buffer ticket = config->sessions->seal(*session);
    Flight before(transcript);
    before.add(wire::NewSessionTicket12{session->lifetime_seconds, ticket});
    TRY(SendHandshake send_ticket, std::move(before).send());
    step.add(std::move(send_ticket));
    session.reset();
  }
  auto& connected = std::get<ConnectedServer>(step.next);
  Flight flight(transcript);
  negotiated.server_verify_data = connected.master.verify_data(Role::server, transcript.current());
  flight.add(wire::Finished{negotiated.server_verify_data});
  TRY(SendHandshake send, std::move(flight).send());
  record::RecordKey write = connected.master.record_keys(negotiated).server_write;
  connected.negotiated = std::make_shared<const Negotiated>(negotiated);
  step.add(SendChangeCipherSpec{});
  step.add(UseWriteKey{std::move(write)});
  step.add(std::move(send));
  step.add(Established{std::move(negotiated)});
  if (session) step.add(KeepSession{std::move(*session)});
  return step;
}

}  // namespace server
}  // namespace schannel::tls::v12
