#include <algorithm>

#include "crypto/constant_time.h"
#include "tls/hello.h"
#include "tls/identity.h"
#include "tls/machine.h"
#include "tls/v13/authentication.h"

// The server's machine of TLS 1.3 (RFC 8446 appendix A.2).
namespace schannel::tls::v13 {
namespace {

using wire::ExtensionType;

/// Our first identity, those for the name that the client wants before others, that can sign in a
/// way the client accepts.
void select_identity(const Config& config, const std::vector<SignatureScheme>& accepted,
                     Selected& selected) {
  for (const auto& identities : by_server_name(config.identities, selected.server_name)) {
    for (const auto& identity : identities) {
      const auto scheme = hello::choose_scheme(config, *identity, accepted, ProtocolVersion::tls13);
      if (!scheme) continue;
      selected.identity = identity;
      selected.scheme = *scheme;
      return;
    }
  }
}

/// What a ClientHello and our Config have in common, or why there is nothing. No side effects.
Result<Selected> select(const Config& config, const wire::ClientHello& client_hello) {
  const wire::ExtensionList& extensions = client_hello.extensions;
  // RFC 8446 section 4.1.2: a TLS 1.3 ClientHello offers no compression.
  if (client_hello.legacy_compression_methods.size() != 1 ||
      client_hello.legacy_compression_methods[0] != 0) {
    return Cause::illegal_parameter;
  }
  TRY(const auto schemes,
      hello::decode_extension<wire::U16List>(extensions, ExtensionType::signature_algorithms));
  TRY(const auto groups,
      hello::decode_extension<wire::U16List>(extensions, ExtensionType::supported_groups));
  TRY(const auto shares,
      hello::decode_extension<wire::ClientKeyShares>(extensions, ExtensionType::key_share));
  // RFC 8446 section 9.2: without a PSK all three are required.
  if (!schemes || !groups || !shares) return Cause::missing_extension;

  Selected selected{};
  for (const CipherSuite id : config.cipher_suites) {
    const Suite* suite =
        hello::offered_suite(config, static_cast<std::uint16_t>(id), ProtocolVersion::tls13);
    const auto& offered = client_hello.cipher_suites;
    if (suite != nullptr && std::find(offered.begin(), offered.end(),
                                      static_cast<std::uint16_t>(id)) != offered.end()) {
      selected.suite = suite;
      break;
    }
  }
  if (selected.suite == nullptr) return Cause::no_common_cipher_suite;

  // Section 4.2.8: no group twice, none that supported_groups does not name.
  for (std::size_t i = 0; i < shares->entries.size(); ++i) {
    const std::uint16_t group = shares->entries[i].group;
    for (std::size_t j = 0; j < i; ++j) {
      if (shares->entries[j].group == group) return Cause::illegal_parameter;
    }
    if (std::find(groups->values.begin(), groups->values.end(), group) == groups->values.end()) {
      return Cause::illegal_parameter;
    }
  }
  // Our best group that the client shared; else our best that it supports, by a retry.
  std::optional<NamedGroup> supported;
  for (const NamedGroup group : config.groups) {
    const auto value = static_cast<std::uint16_t>(group);
    if (std::find(groups->values.begin(), groups->values.end(), value) == groups->values.end()) {
      continue;
    }
    if (!supported) supported = group;
    for (const wire::KeyShareEntry& entry : shares->entries) {
      if (entry.group == value && selected.key_exchange.empty()) {
        selected.group = group;
        selected.key_exchange = to_buffer(entry.key_exchange);
      }
    }
  }
  if (!supported) return Cause::no_common_group;
  if (selected.key_exchange.empty()) selected.group = *supported;

  const std::vector<SignatureScheme> accepted = hello::as_schemes(schemes->values);
  TRY(selected.server_name, hello::server_name_of(extensions));
  select_identity(config, accepted, selected);
  if (!selected.identity) return Cause::no_common_signature_scheme;

  TRY(selected.application_protocol, hello::select_application_protocol(config, extensions));
  TRY(const bool wants_ocsp, hello::wants_ocsp_response(extensions));
  selected.staples = wants_ocsp && !selected.identity->ocsp_response.empty();
  TRY([[maybe_unused]] const auto authorities,
      hello::decode_extension<wire::CertificateAuthorities>(
          extensions, ExtensionType::certificate_authorities));
  selected.session_id = to_buffer(client_hello.legacy_session_id);
  if (const auto later = extensions.find(ExtensionType::post_handshake_auth)) {
    TRY([[maybe_unused]] const auto empty, wire::decode<wire::EmptyBody>(*later));
    selected.offers_post_handshake_auth = true;
  }
  selected.offers_early_data = extensions.has(ExtensionType::early_data);
  if (const auto modes = extensions.find(ExtensionType::psk_key_exchange_modes)) {
    constexpr std::uint8_t kPskDheKe = 1;
    TRY(const auto list, wire::decode<wire::ShortOpaque>(*modes));
    selected.offers_psk_dhe =
        std::find(list.value.begin(), list.value.end(), kPskDheKe) != list.value.end();
  }
  return selected;
}

/// Whether a session may stand for the certificates of this handshake: what this server demands
/// now, and what the client asks for, must be what was settled then.
bool is_resumable(const Session& session, const Config& config, const Selected& selected) {
  return session.version == ProtocolVersion::tls13 && session.is_fresh(config.now_ms) &&
         session.suite->hash == selected.suite->hash &&
         session.server_name == selected.server_name &&
         session.leaf_hash == leaf_hash(*selected.identity) &&
         config.request_client_certificate == !session.peer_chain.empty();
}

/// Looks for a session among the client's pre-shared keys (RFC 8446 section 4.2.11) and checks its
/// binder. `transcript` is without this ClientHello.
Result<void> select_session(const Config& config, const Transcript& transcript,
                            const In<wire::ClientHello>& message, Selected& selected) {
  const wire::ExtensionList& extensions = message.body.extensions;
  TRY(const auto offer,
      hello::decode_extension<wire::PreSharedKeys>(extensions, ExtensionType::pre_shared_key));
  if (!offer) return {};
  // Section 4.2.9.
  if (!extensions.has(ExtensionType::psk_key_exchange_modes)) return Cause::missing_extension;
  if (!config.sessions || !selected.offers_psk_dhe) return {};
  const std::size_t count = std::min(offer->identities.size(), kTicketCountTriedMax);
  for (std::size_t i = 0; i < count; ++i) {
    std::shared_ptr<const Session> session = config.sessions->open(offer->identities[i].identity);
    if (!session || !is_resumable(*session, config, selected)) continue;
    const Bytes covered = message.raw.first(message.raw.size() - offer->binders_size);
    const crypto::Digest expected =
        EarlyStage(session->suite->hash, session->secret)
            .binder(transcript.current_with(selected.suite->hash, covered));
    if (!crypto::constant_time_equal(expected, offer->binders[i])) return Cause::binder_mismatch;
    selected.session = std::move(session);
    selected.session_index = static_cast<std::uint16_t>(i);
    return {};
  }
  return {};
}

/// Extensions of a ServerHello; without a public key, of a HelloRetryRequest.
void write_hello_answer(wire::Writer& writer, const Selected& selected, Bytes public_key) {
  wire::write_extension(writer, ExtensionType::supported_versions,
                        [&] { writer.u16(static_cast<std::uint16_t>(ProtocolVersion::tls13)); });
  wire::write_extension(writer, ExtensionType::key_share, [&] {
    const auto group = static_cast<std::uint16_t>(selected.group);
    if (public_key.empty()) {
      writer.u16(group);  // KeyShareHelloRetryRequest names the group only
    } else {
      wire::KeyShareEntry{group, public_key}.write(writer);
    }
  });
  if (selected.session && !public_key.empty()) {
    wire::write_extension(writer, ExtensionType::pre_shared_key,
                          [&] { writer.u16(selected.session_index); });
  }
}

void write_server_hello(wire::Writer& writer, const wire::HelloRandom& random,
                        const Selected& selected, Bytes answer) {
  writer.u16(0x0303);
  writer.bytes(random);
  writer.vector(1, [&] { writer.bytes(selected.session_id); });
  writer.u16(static_cast<std::uint16_t>(selected.suite->id));
  writer.u8(0);
  writer.vector(2, [&] { writer.bytes(answer); });
}

/// RFC 8446 section 4.1.4.
Result<Step> ask_for_share(Handshake handshake, Selected selected) {
  Transcript& transcript = handshake.transcript;
  transcript.replace_by_message_hash(selected.suite->hash);
  transcript.use(selected.suite->hash);
  transcript.drop_messages();
  Buffer answer;
  wire::Writer answer_writer(answer);
  write_hello_answer(answer_writer, selected, {});
  Flight flight(transcript);
  flight.add(wire::HandshakeType::server_hello, [&](wire::Writer& writer) {
    write_server_hello(writer, wire::kHelloRetryRequestRandom, selected, answer);
  });
  TRY(SendHandshake send, std::move(flight).send());
  Step step = Step{server::WaitClientHelloAfterRetry{.handshake = std::move(handshake),
                                                     .suite = selected.suite,
                                                     .group = selected.group,
                                                     .identity = std::move(selected.identity)}}
                  .then(std::move(send));
  if (!selected.session_id.empty()) step.add(SendChangeCipherSpec{});
  if (selected.offers_early_data) step.add(SkipEarlyData{});
  return step;
}

void add_encrypted_extensions(Flight& flight, const Selected& selected, Negotiated& negotiated) {
  const Buffer answer = hello::answer_block(negotiated, [&](wire::Writer& writer) {
    // RFC 6066 section 3: not when a session is resumed.
    if (!selected.server_name.empty() && !selected.session) {
      wire::write_extension(writer, ExtensionType::server_name);
    }
    if (!selected.application_protocol.empty()) {
      wire::write_extension(writer, ExtensionType::application_layer_protocol_negotiation, [&] {
        wire::ProtocolNameList{{selected.application_protocol}}.write(writer);
      });
    }
  });
  flight.add(wire::HandshakeType::encrypted_extensions,
             [&](wire::Writer& writer) { writer.vector(2, [&] { writer.bytes(answer); }); });
}

/// RFC 8446 section 4.4.2.1: the staple stands with the leaf.
void add_certificate(Flight& flight, const Selected& selected) {
  flight.add(wire::HandshakeType::certificate, [&](wire::Writer& writer) {
    writer.u8(0);
    writer.vector(3, [&] {
      bool staples = selected.staples;
      for (const Buffer& certificate : selected.identity->chain) {
        writer.vector(3, [&] { writer.bytes(certificate); });
        writer.vector(2, [&] {
          if (!std::exchange(staples, false)) return;
          wire::write_extension(writer, ExtensionType::status_request, [&] {
            wire::OcspResponse{selected.identity->ocsp_response}.write(writer);
          });
        });
      }
    });
  });
}

/// Our one flight: ServerHello to Finished (RFC 8446 section 2, figure 1).
Result<Step> answer(Handshake handshake, const Selected& selected, bool sent_change_cipher_spec) {
  const Config& config = *handshake.config;
  const Suite& suite = *selected.suite;
  Transcript& transcript = handshake.transcript;
  Negotiated& negotiated = handshake.negotiated;

  TRY(const crypto::KeyShare share, crypto::KeyShare::generate(selected.group, *config.random));
  TRY(const Secret shared, share.derive(selected.key_exchange));
  config.random->fill(negotiated.server_random);
  const Buffer hello_answer = hello::answer_block(negotiated, [&](wire::Writer& writer) {
    write_hello_answer(writer, selected, share.public_key());
  });
  Flight hello_flight(transcript);
  hello_flight.add(wire::HandshakeType::server_hello, [&](wire::Writer& writer) {
    write_server_hello(writer, negotiated.server_random, selected, hello_answer);
  });
  const Session* session = selected.session.get();
  HandshakeStage keys = session == nullptr
                            ? HandshakeStage(suite, shared, transcript.current())
                            : HandshakeStage(suite, EarlyStage(suite.hash, session->secret), shared,
                                             transcript.current());

  Flight flight(transcript);
  add_encrypted_extensions(flight, selected, negotiated);
  const bool wants_certificate = config.request_client_certificate && session == nullptr;
  if (wants_certificate) add_certificate_request(flight, config, /*context=*/{});
  if (session == nullptr) {
    add_certificate(flight, selected);
    TRY(const Buffer signature,
        selected.identity->key.sign(selected.scheme, hello::certificate_verify_content(
                                                         Role::server, transcript.current())));
    flight.add(wire::CertificateVerify{selected.scheme, signature});
  }
  const crypto::Digest verify_data = keys.server().verify_data(transcript.current());
  flight.add(wire::Finished{verify_data});

  negotiated.version = ProtocolVersion::tls13;
  negotiated.suite = &suite;
  negotiated.group = selected.group;
  negotiated.signature_scheme = selected.scheme;
  negotiated.application_protocol = selected.application_protocol;
  negotiated.server_name = selected.server_name;
  negotiated.local_identity = selected.identity;
  negotiated.extended_master_secret = true;
  negotiated.post_handshake_auth = selected.offers_post_handshake_auth;
  negotiated.resumed = session != nullptr;
  if (session != nullptr) {
    negotiated.peer_chain = session->peer_chain;
    if (session->application_data) negotiated.application_data = session->application_data;
  }
  handshake.takes_tickets = selected.offers_psk_dhe;

  TRY(SendHandshake send_hello, std::move(hello_flight).send());
  TRY(SendHandshake send_rest, std::move(flight).send());
  record::RecordKey read = keys.client().record_key();
  record::RecordKey write_handshake = keys.server().record_key();
  TrafficSecret client_handshake = keys.client().copy();
  std::vector<Action> actions;
  log_secret(actions, config, "CLIENT_HANDSHAKE_TRAFFIC_SECRET", keys.client().view());
  log_secret(actions, config, "SERVER_HANDSHAKE_TRAFFIC_SECRET", keys.server().view());
  ApplicationStage application = std::move(keys).into_application(transcript.current());
  log_secret(actions, config, "CLIENT_TRAFFIC_SECRET_0", application.client.view());
  log_secret(actions, config, "SERVER_TRAFFIC_SECRET_0", application.server.view());
  log_secret(actions, config, "EXPORTER_SECRET", application.exporter);
  record::RecordKey write_application = application.server.record_key();

  Step step = wants_certificate
                  ? Step{server::WaitCertificate{std::move(handshake), std::move(client_handshake),
                                                 std::move(application)},
                         std::move(actions)}
                  : Step{server::WaitFinished{std::move(handshake), std::move(client_handshake),
                                              std::move(application), std::nullopt},
                         std::move(actions)};
  step.add(std::move(send_hello));
  // Appendix D.4: right after the first server message, once.
  if (!sent_change_cipher_spec && !selected.session_id.empty()) {
    step.add(SendChangeCipherSpec{});
  }
  if (selected.offers_early_data) step.add(SkipEarlyData{});
  return std::move(step)
      .then(UseWriteKey{std::move(write_handshake)})
      .then(UseReadKey{std::move(read)})
      .then(std::move(send_rest))
      .then(UseWriteKey{std::move(write_application)});
}

/// The chain of a session's client is judged again before anything is answered.
Result<Step> judge_session(Handshake handshake, Selected selected, bool sent_change_cipher_spec) {
  if (!selected.session || selected.session->peer_chain.empty()) {
    return answer(std::move(handshake), selected, sent_change_cipher_spec);
  }
  AskVerdict ask{selected.session->peer_chain, {}, selected.application_protocol};
  return Step{server::NeedSessionVerdict{std::move(handshake), std::move(selected),
                                         sent_change_cipher_spec}}
      .then(std::move(ask));
}

/// RFC 8446 section 4.6.1: one ticket, right behind the handshake. Nothing when the store gives
/// none.
Result<std::optional<SendHandshake>> make_ticket(const Config& config, const Negotiated& negotiated,
                                                 Bytes resumption) {
  static constexpr std::uint8_t kNonce[] = {0};
  std::array<std::uint8_t, 4> age_add{};
  config.random->fill(age_add);
  Session session;
  note_agreement(session, negotiated);
  session.leaf_hash = leaf_hash(*negotiated.local_identity);
  session.secret = ticket_psk(negotiated.suite->hash, resumption, kNonce);
  session.lifetime_seconds =
      std::min(config.sessions->lifetime_seconds(), kSessionLifetimeSecondsMax);
  std::memcpy(&session.age_add, age_add.data(), age_add.size());
  session.issued_ms = config.now_ms;
  const Buffer ticket = config.sessions->seal(session);
  if (ticket.empty()) return std::optional<SendHandshake>();
  Transcript none;
  Flight flight(none);
  flight.add(wire::NewSessionTicket13{.lifetime_seconds = session.lifetime_seconds,
                                      .age_add = session.age_add,
                                      .nonce = kNonce,
                                      .ticket = ticket,
                                      .extensions = {}});
  TRY(SendHandshake send, std::move(flight).send());
  return std::optional<SendHandshake>(std::move(send));
}

}  // namespace

Result<Step> take_client_hello(Handshake handshake, const In<wire::ClientHello>& message) {
  TRY(Selected selected, select(*handshake.config, message.body));
  CHECK_OK(select_session(*handshake.config, handshake.transcript, message, selected));
  handshake.transcript.add(message.raw);
  if (selected.key_exchange.empty()) {
    return ask_for_share(std::move(handshake), std::move(selected));
  }
  handshake.transcript.use(selected.suite->hash);
  handshake.transcript.drop_messages();
  return judge_session(std::move(handshake), std::move(selected),
                       /*sent_change_cipher_spec=*/false);
}

namespace server {

// RFC 8446 section 4.1.2: the second ClientHello repeats the first but for what was asked.
Result<Step> on(WaitClientHelloAfterRetry state, const In<wire::ClientHello>& message) {
  const wire::ClientHello& client_hello = message.body;
  if (client_hello.random != state.handshake.negotiated.client_random) {
    return Cause::illegal_parameter;
  }
  if (client_hello.extensions.has(ExtensionType::early_data)) return Cause::illegal_parameter;
  CHECK_OK(hello::check_session_is_last(client_hello.extensions));
  TRY(const auto versions, hello::decode_extension<wire::ClientVersions>(
                               client_hello.extensions, ExtensionType::supported_versions));
  if (!versions) return Cause::missing_extension;
  TRY(Selected selected, select(*state.handshake.config, client_hello));
  CHECK_OK(select_session(*state.handshake.config, state.handshake.transcript, message, selected));
  if (selected.suite != state.suite || selected.group != state.group ||
      selected.key_exchange.empty()) {
    return Cause::illegal_parameter;
  }
  state.handshake.transcript.add(message.raw);
  return judge_session(std::move(state.handshake), std::move(selected),
                       /*sent_change_cipher_spec=*/true);
}

// Whoever has the session's secret is who has proved possession when it was made.
Result<Step> on(NeedSessionVerdict state, const ChainAccepted&) {
  return answer(std::move(state.handshake), state.selected, state.sent_change_cipher_spec);
}

// RFC 8446 section 4.4.2.
Result<Step> on(WaitCertificate state, const In<wire::Certificate13>& message) {
  const wire::Certificate13& certificate = message.body;
  if (!certificate.context.empty()) return Cause::illegal_parameter;
  state.handshake.transcript.add(message.raw);
  if (certificate.entries.empty()) {
    if (state.handshake.config->require_client_certificate) return Cause::certificate_required_13;
    return Step{WaitFinished{std::move(state.handshake), std::move(state.client_handshake),
                             std::move(state.application), std::nullopt}};
  }
  TRY(hello::PeerCertificate peer, read_client_certificate(*state.handshake.config, certificate));
  state.handshake.negotiated.peer_chain = peer.chain;
  AskVerdict ask{std::move(peer.chain), {}};
  return Step{NeedVerdict{std::move(state.handshake), std::move(state.client_handshake),
                          std::move(state.application), std::move(peer.key)}}
      .then(std::move(ask));
}

Result<Step> on(NeedVerdict state, const ChainAccepted& accepted) {
  return Step{WaitCertificateVerify{std::move(state.handshake), std::move(state.client_handshake),
                                    std::move(state.application), std::move(state.key), accepted}};
}

Result<Step> on(WaitCertificateVerify state, const In<wire::CertificateVerify>& message) {
  const Config& config = *state.handshake.config;
  const Buffer content =
      hello::certificate_verify_content(Role::client, state.handshake.transcript.current());
  TRY(const PossessionProved proved,
      verify_possession(state.key, message.body.algorithm, config.signature_schemes,
                        ProtocolVersion::tls13, content, message.body.signature));
  state.handshake.negotiated.client_signature_scheme = message.body.algorithm;
  state.handshake.transcript.add(message.raw);
  return Step{WaitFinished{std::move(state.handshake), std::move(state.client_handshake),
                           std::move(state.application), PeerVerified(state.accepted, proved)}};
}

// RFC 8446 section 4.4.4.
Result<Step> on(WaitFinished state, const In<wire::Finished>& message) {
  const crypto::Digest expected =
      state.client_handshake.verify_data(state.handshake.transcript.current());
  if (!crypto::constant_time_equal(expected, message.body.verify_data)) {
    return Cause::finished_mismatch;
  }
  state.handshake.transcript.add(message.raw);
  record::RecordKey read = state.application.client.record_key();
  auto traffic = std::make_shared<Traffic>(Traffic{.read = std::move(state.application.client),
                                                   .write = std::move(state.application.server)});
  const auto config = state.handshake.config;
  Negotiated& negotiated = state.handshake.negotiated;
  Secret exporter = std::move(state.application.exporter);
  Secret resumption =
      std::move(state.application).into_resumption(state.handshake.transcript.current());
  std::optional<SendHandshake> ticket;
  if (config->sessions && config->send_tickets && state.handshake.takes_tickets) {
    TRY(ticket, make_ticket(*config, negotiated, resumption));
  }
  Step step = Step{Connected{.config = config,
                             .suite = negotiated.suite,
                             .traffic = traffic,
                             .exporter = std::move(exporter),
                             .transcript = std::move(state.handshake.transcript),
                             .allows_post_handshake = negotiated.post_handshake_auth,
                             .resumption = std::move(resumption),
                             .proof = std::nullopt}}
                  .then(UseReadKey{std::move(read)})
                  .then(ShareTraffic{std::move(traffic)});
  if (ticket) step.add(std::move(*ticket));
  step.add(Established{std::move(negotiated)});
  return step;
}

}  // namespace server
}  // namespace schannel::tls::v13
