#include <algorithm>

#include "crypto/constant_time.h"
#include "tls/hello.h"
#include "tls/machine.h"
#include "tls/restriction.h"
#include "tls/v12/renegotiation.h"
#include "tls/v12/sessions.h"

// The client's machine of TLS 1.2 (RFC 5246 section 7.3, with RFC 8422 key exchange).
namespace schannel::tls::v12 {
namespace {

using wire::ExtensionType;

/// Whether a TLS 1.2 ServerHello may carry an extension that we offered.
bool is_allowed_12(ExtensionType type) {
  switch (type) {
    case ExtensionType::server_name:
    case ExtensionType::extended_master_secret:
    case ExtensionType::renegotiation_info:
    case ExtensionType::ec_point_formats:
    case ExtensionType::supported_groups:  // some servers send it; it says nothing to us
    case ExtensionType::application_layer_protocol_negotiation:
    case ExtensionType::status_request:
    case ExtensionType::session_ticket:
      return true;
    default:
      return false;
  }
}

Result<void> take_extensions(Handshake& handshake, const wire::ExtensionList& extensions) {
  const Config& config = *handshake.config;
  Negotiated& negotiated = handshake.negotiated;
  for (const wire::Extension& extension : extensions.all()) {
    if (!hello::offers_extension(config, extension.type) || !is_allowed_12(extension.type)) {
      return Cause::unsupported_extension;
    }
    switch (extension.type) {
      case ExtensionType::server_name:
      case ExtensionType::session_ticket:
      case ExtensionType::status_request: {
        TRY([[maybe_unused]] const auto empty, wire::decode<wire::EmptyBody>(extension.body));
        break;
      }
      case ExtensionType::extended_master_secret: {
        TRY([[maybe_unused]] const auto empty, wire::decode<wire::EmptyBody>(extension.body));
        negotiated.extended_master_secret = true;
        break;
      }
      case ExtensionType::renegotiation_info: {
        TRY(const auto info, wire::decode<wire::ShortOpaque>(extension.body));
        CHECK_OK(check_renegotiation_info(handshake.previous.get(), Role::server, info.value));
        negotiated.secure_renegotiation = true;
        break;
      }
      case ExtensionType::ec_point_formats: {
        TRY(const auto formats, wire::decode<wire::ShortOpaque>(extension.body));
        const Bytes list = formats.value;
        if (std::find(list.begin(), list.end(), 0) == list.end()) return Cause::illegal_parameter;
        break;
      }
      case ExtensionType::application_layer_protocol_negotiation: {
        TRY(negotiated.application_protocol,
            hello::accepted_application_protocol(config, extension.body));
        break;
      }
      default:
        break;
    }
  }
  return check_kept(handshake);
}

/// RFC 5246 section 7.4.4, RFC 8422 section 5.5: the client's key is of one of these types,
/// whatever the schemes say.
void keep_certificate_types(Bytes types, std::vector<SignatureScheme>& schemes) {
  constexpr std::uint8_t kRsaSign = 1, kEcdsaSign = 64;
  const auto has = [&](std::uint8_t type) {
    return std::find(types.begin(), types.end(), type) != types.end();
  };
  const bool rsa = has(kRsaSign), ecdsa = has(kEcdsaSign);
  const auto is_refused = [&](SignatureScheme scheme) { return is_rsa(scheme) ? !rsa : !ecdsa; };
  schemes.erase(std::remove_if(schemes.begin(), schemes.end(), is_refused), schemes.end());
}

/// What ServerKeyExchange signs (RFC 8422 section 5.4).
Buffer signed_params(const Negotiated& negotiated, Bytes params) {
  Buffer out = to_buffer(negotiated.client_random);
  append(out, negotiated.server_random);
  append(out, params);
  return out;
}

/// Our flight from Certificate (if asked) to Finished (RFC 5246 section 7.3).
Result<Step> answer(Handshake handshake, const client::ServerParams& params, PeerVerified peer,
                    const AskCredential* request, std::shared_ptr<const Identity> identity) {
  const auto config = handshake.config;
  Transcript& transcript = handshake.transcript;
  Negotiated& negotiated = handshake.negotiated;
  const Suite& suite = *negotiated.suite;

  TRY(const crypto::KeyShare share, crypto::KeyShare::generate(params.group, *config->random));
  TRY(const Secret premaster, share.derive(params.public_key));

  Flight flight(transcript);
  std::optional<SignatureScheme> scheme;
  if (request != nullptr) {
    if (identity) {
      const auto allowed = restricted(config, negotiated.application_protocol, Optional::with);
      scheme = hello::choose_scheme(*allowed, *identity, request->signature_schemes,
                                    ProtocolVersion::tls12);
    }
    if (!scheme) identity = nullptr;
    flight.add(wire::HandshakeType::certificate, [&](wire::Writer& writer) {
      writer.vector(3, [&] {
        if (!identity) return;
        for (const Buffer& certificate : identity->chain) {
          writer.vector(3, [&] { writer.bytes(certificate); });
        }
      });
    });
  }
  flight.add(wire::ClientKeyExchange{share.public_key()});
  // RFC 7627 section 3: the session hash covers everything through ClientKeyExchange.
  MasterSecret master = negotiated.extended_master_secret
                            ? MasterSecret::extended(suite, premaster, transcript.current())
                            : MasterSecret::classic(suite, premaster, negotiated);
  if (identity) {
    TRY(const Buffer signature, identity->key.sign(*scheme, transcript.messages()));
    flight.add(wire::CertificateVerify{*scheme, signature});
    negotiated.local_identity = std::move(identity);
  }
  transcript.drop_messages();
  TRY(SendHandshake send, std::move(flight).send());

  Flight last(transcript);
  negotiated.client_verify_data = master.verify_data(Role::client, transcript.current());
  last.add(wire::Finished{negotiated.client_verify_data});
  negotiated.first_finished = negotiated.client_verify_data;
  TRY(SendHandshake send_finished, std::move(last).send());
  record::RecordKey write = master.record_keys(negotiated).client_write;
  std::vector<Action> actions;
  log_secret(actions, *config, "CLIENT_RANDOM", master.view());
  Step step =
      handshake.takes_tickets
          ? Step{client::WaitNewSessionTicket{std::move(handshake), std::move(master), peer},
                 std::move(actions)}
          : Step{client::WaitChangeCipherSpec{std::move(handshake), std::move(master), peer, {}},
                 std::move(actions)};
  return std::move(step)
      .then(std::move(send))
      .then(SendChangeCipherSpec{})
      .then(UseWriteKey{std::move(write)})
      .then(std::move(send_finished));
}

}  // namespace

Result<Step> take_server_hello(hello::WaitServerHello state, const In<wire::ServerHello>& message) {
  const wire::ServerHello& server_hello = message.body;
  Handshake& handshake = state.handshake;
  const Suite* suite =
      hello::offered_suite(*handshake.config, server_hello.cipher_suite, ProtocolVersion::tls12);
  if (suite == nullptr) return Cause::illegal_parameter;
  const bool resumes =
      !state.session_id.empty() && equal(server_hello.legacy_session_id_echo, state.session_id);
  // A session id that we made up for disguise: a server that accepts it resumes what never was.
  if (resumes && hello::offered_session_12(*handshake.config) == nullptr) {
    return Cause::illegal_parameter;
  }
  handshake.negotiated.version = ProtocolVersion::tls12;
  handshake.negotiated.suite = suite;
  handshake.negotiated.server_random = server_hello.random;
  CHECK_OK(take_extensions(handshake, server_hello.extensions));
  hello::remember_answer(handshake.negotiated, server_hello.extensions);
  handshake.negotiated.session_id = to_buffer(server_hello.legacy_session_id_echo);
  handshake.takes_tickets = server_hello.extensions.has(ExtensionType::session_ticket);
  const bool expects_status = server_hello.extensions.has(ExtensionType::status_request);
  handshake.transcript.use(suite->hash);
  handshake.transcript.add(message.raw);
  if (resumes) {
    const auto session = handshake.config->session;
    return resumed_client::begin(std::move(handshake), session);
  }
  return Step{client::WaitCertificate{std::move(handshake), expects_status}};
}

namespace client {

// RFC 5246 section 7.4.2.
Result<Step> on(WaitCertificate state, const In<wire::Certificate12>& message) {
  if (message.body.certificates.empty()) return Cause::decode_error;
  TRY(hello::PeerCertificate peer,
      hello::read_peer_certificate(*state.handshake.config, message.body.certificates));
  if (!authenticates(*state.handshake.negotiated.suite, peer.key.type())) {
    return Cause::illegal_parameter;
  }
  // RFC 8422 section 5.3: the key's curve is one of those we have named.
  const auto curve = hello::curve_of(peer.key.type());
  const auto& groups = state.handshake.config->groups;
  if (curve && std::find(groups.begin(), groups.end(), *curve) == groups.end()) {
    return Cause::illegal_parameter;
  }
  state.handshake.negotiated.peer_chain = std::move(peer.chain);
  state.handshake.transcript.add(message.raw);
  return Step{
      WaitServerKeyExchange{std::move(state.handshake), state.expects_status, std::move(peer.key)}};
}

// RFC 6066 section 8: at most one, and only when announced.
Result<Step> on(WaitServerKeyExchange state, const In<wire::CertificateStatus>& message) {
  if (!state.expects_status) return Cause::unexpected_message;
  state.expects_status = false;
  state.handshake.negotiated.ocsp_response = to_buffer(message.body.ocsp.response);
  state.handshake.transcript.add(message.raw);
  return Step{std::move(state)};
}

// RFC 8422 section 5.4.
Result<Step> on(WaitServerKeyExchange state, const In<wire::ServerKeyExchange>& message) {
  const wire::ServerKeyExchange& exchange = message.body;
  const Config& config = *state.handshake.config;
  if (std::find(config.groups.begin(), config.groups.end(), exchange.named_curve) ==
      config.groups.end()) {
    return Cause::illegal_parameter;
  }
  Negotiated& negotiated = state.handshake.negotiated;
  TRY(const PossessionProved proof,
      verify_possession(state.key, exchange.algorithm, config.signature_schemes,
                        ProtocolVersion::tls12, signed_params(negotiated, exchange.params),
                        exchange.signature));
  negotiated.signature_scheme = exchange.algorithm;
  negotiated.group = exchange.named_curve;
  CHECK_OK(check_restrictions(state.handshake.config, negotiated, &state.key));
  state.handshake.transcript.add(message.raw);
  return Step{WaitServerHelloDone{
      std::move(state.handshake),
      ServerParams{exchange.named_curve, to_buffer(exchange.public_key), proof}, std::nullopt}};
}

// RFC 5246 section 7.4.4.
Result<Step> on(WaitServerHelloDone state, const In<wire::CertificateRequest12>& message) {
  if (state.request) return Cause::unexpected_message;
  AskCredential ask;
  ask.version = ProtocolVersion::tls12;
  ask.signature_schemes = hello::as_schemes(message.body.signature_algorithms);
  keep_certificate_types(message.body.certificate_types, ask.signature_schemes);
  for (const Bytes name : message.body.certificate_authorities) {
    ask.certificate_authorities.push_back(to_buffer(name));
  }
  state.request = std::move(ask);
  state.handshake.transcript.add(message.raw);
  return Step{std::move(state)};
}

Result<Step> on(WaitServerHelloDone state, const In<wire::ServerHelloDone>& message) {
  state.handshake.transcript.add(message.raw);
  const Negotiated& negotiated = state.handshake.negotiated;
  AskVerdict ask{negotiated.peer_chain, negotiated.ocsp_response, negotiated.application_protocol};
  return Step{
      NeedVerdict{std::move(state.handshake), std::move(state.params), std::move(state.request)}}
      .then(std::move(ask));
}

Result<Step> on(NeedVerdict state, const ChainAccepted& accepted) {
  const PeerVerified peer(accepted, state.params.proof);
  if (state.request) {
    AskCredential ask = *state.request;
    return Step{NeedCredential{std::move(state.handshake), std::move(state.params),
                               std::move(*state.request), peer}}
        .then(std::move(ask));
  }
  return answer(std::move(state.handshake), state.params, peer, nullptr, nullptr);
}

Result<Step> on(NeedCredential state, const CredentialChosen& chosen) {
  return answer(std::move(state.handshake), state.params, state.peer, &state.request,
                chosen.identity);
}

Result<Step> on(WaitNewSessionTicket state, const In<wire::NewSessionTicket12>& message) {
  state.handshake.transcript.add(message.raw);
  return Step{
      WaitChangeCipherSpec{std::move(state.handshake),
                           std::move(state.master),
                           state.peer,
                           {to_buffer(message.body.ticket), message.body.lifetime_hint_seconds}}};
}

Result<Step> on(WaitChangeCipherSpec state, const ChangeCipherSpec&) {
  record::RecordKey read = state.master.record_keys(state.handshake.negotiated).server_write;
  return Step{WaitFinished{std::move(state.handshake), std::move(state.master), state.peer,
                           std::move(state.given)}}
      .then(UseReadKey{std::move(read)});
}

// RFC 5246 section 7.4.9.
Result<Step> on(WaitFinished state, const In<wire::Finished>& message) {
  const Buffer expected =
      state.master.verify_data(Role::server, state.handshake.transcript.current());
  if (!crypto::constant_time_equal(expected, message.body.verify_data)) {
    return Cause::finished_mismatch;
  }
  Negotiated& negotiated = state.handshake.negotiated;
  negotiated.server_verify_data = expected;
  std::optional<Session> session;
  if (is_worth_keeping(state.handshake)) {
    session = client_session(state.master, negotiated, state.given, state.peer.proof());
  }
  auto shared = std::make_shared<const Negotiated>(negotiated);
  Step step = Step{ConnectedClient{std::move(state.handshake.config), std::move(shared),
                                   std::move(state.master)}}
                  .then(Established{std::move(negotiated)});
  if (session) step.add(KeepSession{std::move(*session)});
  return step;
}

}  // namespace client
}  // namespace schannel::tls::v12
