#include <algorithm>

#include "crypto/constant_time.h"
#include "tls/hello.h"
#include "tls/machine.h"
#include "tls/restriction.h"
#include "tls/v13/authentication.h"

// The client's machine of TLS 1.3 (RFC 8446 appendix A.1).
namespace schannel::tls::v13 {
namespace {

using wire::ExtensionContext;
using wire::ExtensionType;

/// RFC 8446 section 4.2: nothing in a response that was not asked for, nothing in a message it
/// does not belong to.
Result<void> check_extensions(const Config& config, const wire::ExtensionList& extensions,
                              ExtensionContext context) {
  for (const wire::Extension& extension : extensions.all()) {
    const bool cookie =
        extension.type == ExtensionType::cookie && context == ExtensionContext::hello_retry_request;
    if (!cookie && !hello::offers_extension(config, extension.type)) {
      return Cause::unsupported_extension;
    }
    if (!wire::is_allowed_13(extension.type, context)) return Cause::illegal_parameter;
  }
  return {};
}

/// RFC 8446 section 4.1.4: answer with a second ClientHello that has what the server asked for.
Result<Step> take_retry_request(hello::WaitServerHello state, const wire::ServerHello& retry,
                                Bytes raw, const Suite& suite) {
  Handshake& handshake = state.handshake;
  const Config& config = *handshake.config;
  CHECK_OK(check_extensions(config, retry.extensions, ExtensionContext::hello_retry_request));
  TRY(const auto group,
      hello::decode_extension<wire::U16Value>(retry.extensions, ExtensionType::key_share));
  TRY(const auto cookie,
      hello::decode_extension<wire::Cookie>(retry.extensions, ExtensionType::cookie));
  // A request that changes nothing would loop.
  if (!group && !cookie) return Cause::illegal_parameter;
  crypto::KeyShare share = std::move(state.shares.front());
  if (group) {
    const auto wanted = static_cast<NamedGroup>(group->value);
    const auto& offered = config.groups;
    // RFC 8446 section 4.2.8: a group we named and sent no share for.
    if (std::find(offered.begin(), offered.end(), wanted) == offered.end() ||
        wanted == share.group()) {
      return Cause::illegal_parameter;
    }
    TRY(share, crypto::KeyShare::generate(wanted, *config.random));
  }
  handshake.transcript.replace_by_message_hash(suite.hash);
  handshake.transcript.use(suite.hash);
  handshake.transcript.drop_messages();
  handshake.transcript.add(raw);

  Flight flight(handshake.transcript);
  std::vector<crypto::KeyShare> shares;
  shares.push_back(std::move(share));
  // Section 4.1.4: a session whose hash is not that of the suite is not offered again.
  const Session* session = hello::offered_session_13(config);
  if (session != nullptr && session->suite->hash != suite.hash) session = nullptr;
  hello::add_client_hello(flight, config,
                          {.random = handshake.negotiated.client_random,
                           .session_id = state.session_id,
                           .shares = shares,
                           .cookie = cookie ? cookie->cookie : Bytes(),
                           .session = session});
  TRY(SendHandshake send, std::move(flight).send());
  // RFC 8446 appendix D.4: before the second flight, where there is a session id to disguise.
  std::vector<Action> disguise;
  if (!state.session_id.empty()) disguise.emplace_back(SendChangeCipherSpec{});
  return Step{client::WaitServerHelloAfterRetry{.handshake = std::move(state.handshake),
                                                .session_id = std::move(state.session_id),
                                                .share = std::move(shares.front()),
                                                .suite = &suite},
              std::move(disguise)}
      .then(std::move(send));
}

/// The session that the server resumes; null: it does not (RFC 8446 section 4.2.11).
Result<std::shared_ptr<const Session>> resumed_session(const Config& config, const Suite& suite,
                                                       const wire::ExtensionList& extensions) {
  TRY(const auto selected,
      hello::decode_extension<wire::U16Value>(extensions, ExtensionType::pre_shared_key));
  if (!selected) return std::shared_ptr<const Session>();
  // We offer one, and the suite's hash must be its own.
  if (selected->value != 0 || config.session->suite->hash != suite.hash) {
    return Cause::illegal_parameter;
  }
  return config.session;
}

HandshakeStage handshake_stage(const Suite& suite, const Session* session, Bytes shared,
                               Bytes transcript_hash) {
  if (session == nullptr) return HandshakeStage(suite, shared, transcript_hash);
  return HandshakeStage(suite, EarlyStage(suite.hash, session->secret), shared, transcript_hash);
}

/// A ServerHello that is no HelloRetryRequest: derive the handshake keys.
Result<Step> take_key_share(Handshake handshake, const crypto::KeyShare& share,
                            const wire::ServerHello& server_hello, Bytes raw, const Suite& suite,
                            bool owes_change_cipher_spec) {
  CHECK_OK(
      check_extensions(*handshake.config, server_hello.extensions, ExtensionContext::server_hello));
  TRY(const auto answer, hello::decode_extension<wire::KeyShareEntry>(server_hello.extensions,
                                                                      ExtensionType::key_share));
  if (!answer) return Cause::missing_extension;
  if (answer->group != static_cast<std::uint16_t>(share.group())) return Cause::illegal_parameter;
  TRY(std::shared_ptr<const Session> resumed,
      resumed_session(*handshake.config, suite, server_hello.extensions));
  TRY(const Secret shared, share.derive(answer->key_exchange));

  handshake.transcript.add(raw);
  handshake.negotiated.version = ProtocolVersion::tls13;
  handshake.negotiated.suite = &suite;
  handshake.negotiated.group = share.group();
  handshake.negotiated.server_random = server_hello.random;
  hello::remember_answer(handshake.negotiated, server_hello.extensions);
  handshake.negotiated.extended_master_secret = true;
  handshake.negotiated.post_handshake_auth = handshake.config->offer_post_handshake_auth;
  HandshakeStage keys =
      handshake_stage(suite, resumed.get(), shared, handshake.transcript.current());
  record::RecordKey read = keys.server().record_key();
  record::RecordKey write = keys.client().record_key();
  const auto config = handshake.config;
  Step step =
      Step{client::WaitEncryptedExtensions{.handshake = std::move(handshake),
                                           .keys = std::move(keys),
                                           .owes_change_cipher_spec = owes_change_cipher_spec,
                                           .resumed = std::move(resumed)}}
          .then(UseReadKey{std::move(read)})
          .then(UseWriteKey{std::move(write)});
  const HandshakeStage& stage = std::get<client::WaitEncryptedExtensions>(step.next).keys;
  log_secret(step.actions, *config, "CLIENT_HANDSHAKE_TRAFFIC_SECRET", stage.client().view());
  log_secret(step.actions, *config, "SERVER_HANDSHAKE_TRAFFIC_SECRET", stage.server().view());
  return step;
}

/// Our last flight: a certificate if one was asked for, then Finished; then application keys.
Result<Step> finish(Handshake handshake, HandshakeStage keys, bool owes_change_cipher_spec,
                    const PeerVerified& peer, const PendingRequest* request,
                    std::shared_ptr<const Identity> identity) {
  const auto config = handshake.config;
  const Suite& suite = *handshake.negotiated.suite;
  Transcript& transcript = handshake.transcript;
  const crypto::Digest through_server_finished = transcript.current();

  Flight flight(transcript);
  if (request != nullptr) {
    TRY(handshake.negotiated.local_identity,
        add_authentication(
            flight, transcript,
            *restricted(config, handshake.negotiated.application_protocol, Optional::with),
            *request, std::move(identity)));
  }
  const crypto::Digest verify_data = keys.client().verify_data(transcript.current());
  flight.add(wire::Finished{verify_data});
  TRY(SendHandshake send, std::move(flight).send());

  // Both application secrets bind the transcript through the server's Finished (section 7.1).
  ApplicationStage application = std::move(keys).into_application(through_server_finished);
  record::RecordKey write = application.client.record_key();
  record::RecordKey read = application.server.record_key();
  auto traffic = std::make_shared<Traffic>(
      Traffic{.read = std::move(application.server), .write = std::move(application.client)});
  Secret exporter = std::move(application.exporter);
  Secret resumption = std::move(application).into_resumption(transcript.current());
  Step step{Connected{.config = config,
                      .suite = &suite,
                      .traffic = traffic,
                      .exporter = std::move(exporter),
                      .transcript = std::move(handshake.transcript),
                      .allows_post_handshake = config->offer_post_handshake_auth,
                      .resumption = std::move(resumption),
                      .proof = peer.proof()}};
  const Connected& connected = std::get<Connected>(step.next);
  log_secret(step.actions, *config, "CLIENT_TRAFFIC_SECRET_0", traffic->write.view());
  log_secret(step.actions, *config, "SERVER_TRAFFIC_SECRET_0", traffic->read.view());
  log_secret(step.actions, *config, "EXPORTER_SECRET", connected.exporter);
  if (owes_change_cipher_spec) step.add(SendChangeCipherSpec{});
  return std::move(step)
      .then(std::move(send))  // under the handshake write key
      .then(UseWriteKey{std::move(write)})
      .then(UseReadKey{std::move(read)})
      .then(ShareTraffic{std::move(traffic)})
      .then(Established{std::move(handshake.negotiated)});
}

}  // namespace

Result<Step> take_server_hello(hello::WaitServerHello state, const In<wire::ServerHello>& message) {
  const Config& config = *state.handshake.config;
  const wire::ServerHello& server_hello = message.body;
  if (!equal(server_hello.legacy_session_id_echo, state.session_id)) {
    return Cause::illegal_parameter;
  }
  const Suite* suite =
      hello::offered_suite(config, server_hello.cipher_suite, ProtocolVersion::tls13);
  if (suite == nullptr) return Cause::illegal_parameter;
  if (server_hello.is_hello_retry_request()) {
    return take_retry_request(std::move(state), server_hello, message.raw, *suite);
  }
  state.handshake.transcript.use(suite->hash);
  state.handshake.transcript.drop_messages();
  const crypto::KeyShare share = std::move(state.shares.front());
  return take_key_share(std::move(state.handshake), share, server_hello, message.raw, *suite,
                        /*owes_change_cipher_spec=*/!state.session_id.empty());
}

namespace client {

Result<Step> on(WaitServerHelloAfterRetry state, const In<wire::ServerHello>& message) {
  const wire::ServerHello& server_hello = message.body;
  if (server_hello.legacy_version != 0x0303 || server_hello.legacy_compression_method != 0 ||
      !equal(server_hello.legacy_session_id_echo, state.session_id)) {
    return Cause::illegal_parameter;
  }
  // RFC 8446 section 4.1.4: a second request, or another suite or version than the first named.
  if (server_hello.is_hello_retry_request()) return Cause::unexpected_message;
  if (server_hello.cipher_suite != static_cast<std::uint16_t>(state.suite->id)) {
    return Cause::illegal_parameter;
  }
  TRY(const auto version, hello::decode_extension<wire::U16Value>(
                              server_hello.extensions, ExtensionType::supported_versions));
  if (!version) return Cause::missing_extension;
  if (version->value != static_cast<std::uint16_t>(ProtocolVersion::tls13)) {
    return Cause::illegal_parameter;
  }
  return take_key_share(std::move(state.handshake), state.share, server_hello, message.raw,
                        *state.suite, /*owes_change_cipher_spec=*/false);
}

// RFC 8446 section 4.3.1.
Result<Step> on(WaitEncryptedExtensions state, const In<wire::EncryptedExtensions>& message) {
  const Config& config = *state.handshake.config;
  const wire::ExtensionList& extensions = message.body.extensions;
  CHECK_OK(check_extensions(config, extensions, ExtensionContext::encrypted_extensions));
  if (const auto name = extensions.find(ExtensionType::server_name)) {
    TRY([[maybe_unused]] const auto empty, wire::decode<wire::EmptyBody>(*name));
  }
  if (const auto groups = extensions.find(ExtensionType::supported_groups)) {
    TRY([[maybe_unused]] const auto list, wire::decode<wire::U16List>(*groups));
  }
  if (const auto alpn = extensions.find(ExtensionType::application_layer_protocol_negotiation)) {
    TRY(state.handshake.negotiated.application_protocol,
        hello::accepted_application_protocol(config, *alpn));
  }
  hello::remember_answer(state.handshake.negotiated, extensions);
  state.handshake.transcript.add(message.raw);
  if (state.resumed) {
    // Who resumes takes the certificates of the first handshake as if they came now: the caller may
    // ask for more than it did then.
    Negotiated& negotiated = state.handshake.negotiated;
    negotiated.resumed = true;
    negotiated.peer_chain = state.resumed->peer_chain;
    if (state.resumed->application_data)
      negotiated.application_data = state.resumed->application_data;
    negotiated.signature_scheme = state.resumed->signature_scheme;
    // The group is fresh; the session's signature is the one that counts.
    CHECK_OK(check_restrictions(state.handshake.config, negotiated, /*key=*/nullptr));
    AskVerdict ask{negotiated.peer_chain, {}, negotiated.application_protocol};
    return Step{NeedSessionVerdict{std::move(state.handshake), std::move(state.keys),
                                   state.owes_change_cipher_spec, *state.resumed->proof}}
        .then(std::move(ask));
  }
  return Step{WaitCertificateOrRequest{std::move(state.handshake), std::move(state.keys),
                                       state.owes_change_cipher_spec}};
}

// Behind EncryptedExtensions a resumed handshake has nothing but Finished (section 2.2), which the
// server can't make without the session's key.
Result<Step> on(NeedSessionVerdict state, const ChainAccepted& accepted) {
  return Step{WaitFinished{std::move(state.handshake), std::move(state.keys),
                           state.owes_change_cipher_spec, std::nullopt,
                           PeerVerified(accepted, state.proof)}};
}

// RFC 8446 section 4.3.2.
Result<Step> on(WaitCertificateOrRequest state, const In<wire::CertificateRequest13>& message) {
  // "SHALL be zero length unless used for the post-handshake authentication exchanges".
  if (!message.body.context.empty()) return Cause::illegal_parameter;
  TRY(PendingRequest pending, read_certificate_request(message.body));
  state.handshake.transcript.add(message.raw);
  return Step{WaitCertificate{std::move(state.handshake), std::move(state.keys),
                              state.owes_change_cipher_spec, std::move(pending)}};
}

Result<Step> on(WaitCertificateOrRequest state, const In<wire::Certificate13>& message) {
  return on(WaitCertificate{std::move(state.handshake), std::move(state.keys),
                            state.owes_change_cipher_spec, std::nullopt},
            message);
}

// RFC 8446 section 4.4.2.
Result<Step> on(WaitCertificate state, const In<wire::Certificate13>& message) {
  const wire::Certificate13& certificate = message.body;
  Negotiated& negotiated = state.handshake.negotiated;
  if (!certificate.context.empty()) return Cause::illegal_parameter;
  if (certificate.entries.empty()) return Cause::decode_error;
  std::vector<Bytes> chain;
  for (const wire::CertificateEntry& entry : certificate.entries) {
    CHECK_OK(
        check_extensions(*state.handshake.config, entry.extensions, ExtensionContext::certificate));
    TRY(const auto ocsp, hello::decode_extension<wire::OcspResponse>(
                             entry.extensions, ExtensionType::status_request));
    if (ocsp && chain.empty()) negotiated.ocsp_response = to_buffer(ocsp->response);
    chain.push_back(entry.certificate);
  }
  TRY(hello::PeerCertificate peer, hello::read_peer_certificate(*state.handshake.config, chain));
  negotiated.peer_chain = peer.chain;
  AskVerdict ask{std::move(peer.chain), negotiated.ocsp_response, negotiated.application_protocol};
  state.handshake.transcript.add(message.raw);
  return Step{NeedVerdict{std::move(state.handshake), std::move(state.keys),
                          state.owes_change_cipher_spec, std::move(state.request),
                          std::move(peer.key)}}
      .then(std::move(ask));
}

Result<Step> on(NeedVerdict state, const ChainAccepted& accepted) {
  return Step{WaitCertificateVerify{std::move(state.handshake), std::move(state.keys),
                                    state.owes_change_cipher_spec, std::move(state.request),
                                    std::move(state.key), accepted}};
}

// RFC 8446 section 4.4.3.
Result<Step> on(WaitCertificateVerify state, const In<wire::CertificateVerify>& message) {
  const Config& config = *state.handshake.config;
  const Buffer content =
      hello::certificate_verify_content(Role::server, state.handshake.transcript.current());
  TRY(const PossessionProved proved,
      verify_possession(state.key, message.body.algorithm, config.signature_schemes,
                        ProtocolVersion::tls13, content, message.body.signature));
  state.handshake.negotiated.signature_scheme = message.body.algorithm;
  CHECK_OK(check_restrictions(state.handshake.config, state.handshake.negotiated, &state.key));
  state.handshake.transcript.add(message.raw);
  return Step{WaitFinished{std::move(state.handshake), std::move(state.keys),
                           state.owes_change_cipher_spec, std::move(state.request),
                           PeerVerified(state.accepted, proved)}};
}

// RFC 8446 section 4.4.4.
Result<Step> on(WaitFinished state, const In<wire::Finished>& message) {
  Transcript& transcript = state.handshake.transcript;
  const crypto::Digest expected = state.keys.server().verify_data(transcript.current());
  if (!crypto::constant_time_equal(expected, message.body.verify_data)) {
    return Cause::finished_mismatch;
  }
  transcript.add(message.raw);
  if (state.request) {
    AskCredential ask = state.request->ask;
    return Step{NeedCredential{std::move(state.handshake), std::move(state.keys),
                               state.owes_change_cipher_spec, std::move(*state.request),
                               state.peer}}
        .then(std::move(ask));
  }
  return finish(std::move(state.handshake), std::move(state.keys), state.owes_change_cipher_spec,
                state.peer, nullptr, nullptr);
}

Result<Step> on(NeedCredential state, const CredentialChosen& chosen) {
  const PendingRequest request = std::move(state.request);
  return finish(std::move(state.handshake), std::move(state.keys), state.owes_change_cipher_spec,
                state.peer, &request, chosen.identity);
}

}  // namespace client
}  // namespace schannel::tls::v13
