#include <algorithm>

#include "crypto/constant_time.h"
#include "tls/hello.h"
#include "tls/identity.h"
#include "tls/machine.h"
#include "tls/v12/renegotiation.h"

// The server's machine of TLS 1.2 (RFC 5246 section 7.3, with RFC 8422 key exchange).
namespace schannel::tls::v12 {
namespace {

using wire::ExtensionType;

struct Selected {
  const Suite* suite = nullptr;
  NamedGroup group{};
  std::shared_ptr<const Identity> identity;
  SignatureScheme scheme{};
  Buffer application_protocol;
  std::string server_name;
  bool extended_master_secret = false;
  bool secure_renegotiation = false;
  bool sends_point_formats = false;
  bool staples = false;  ///< The client asks for an OCSP response, and there is one.
};

template <class T>
bool contains(const std::vector<std::uint16_t>& list, T value) {
  return std::find(list.begin(), list.end(), static_cast<std::uint16_t>(value)) != list.end();
}

/// RFC 8422 section 5.1: the curve of an ECDSA certificate must be one the client can use.
bool client_knows_curve(crypto::KeyType key, const std::vector<std::uint16_t>& groups) {
  switch (key) {
    case crypto::KeyType::ecdsa_p256:
      return contains(groups, NamedGroup::secp256r1);
    case crypto::KeyType::ecdsa_p384:
      return contains(groups, NamedGroup::secp384r1);
    case crypto::KeyType::ecdsa_p521:
      return contains(groups, NamedGroup::secp521r1);
    default:
      return true;
  }
}

/// The first suite in our order that the client offers and one of `identities` can sign for. False:
/// none; `shares_a_suite` then says whether it was the signature that failed.
bool select_suite(const Config& config, const wire::ClientHello& client_hello,
                  const std::vector<SignatureScheme>& schemes,
                  const std::vector<std::uint16_t>* groups,
                  const std::vector<std::shared_ptr<const Identity>>& identities,
                  Selected& selected, bool& shares_a_suite) {
  for (const CipherSuite id : config.cipher_suites) {
    const Suite* suite =
        hello::offered_suite(config, static_cast<std::uint16_t>(id), ProtocolVersion::tls12);
    if (suite == nullptr || !contains(client_hello.cipher_suites, id)) continue;
    for (const auto& identity : identities) {
      if (!authenticates(*suite, identity->key.type())) continue;
      if (groups != nullptr && !client_knows_curve(identity->key.type(), *groups)) continue;
      shares_a_suite = true;
      const auto scheme = hello::choose_scheme(config, *identity, schemes, ProtocolVersion::tls12);
      if (!scheme) continue;
      selected.suite = suite;
      selected.identity = identity;
      selected.scheme = *scheme;
      return true;
    }
  }
  return false;
}

/// A certificate for the name the client wants counts more than the order of suites.
Result<void> select_suite(const Config& config, const wire::ClientHello& client_hello,
                          const std::vector<SignatureScheme>& schemes,
                          const std::vector<std::uint16_t>* groups, Selected& selected) {
  bool shares_a_suite = false;
  for (const auto& identities : by_server_name(config.identities, selected.server_name)) {
    if (select_suite(config, client_hello, schemes, groups, identities, selected, shares_a_suite)) {
      return {};
    }
  }
  return shares_a_suite ? Cause::no_common_signature_scheme : Cause::no_common_cipher_suite;
}

/// What a ClientHello and our Config have in common, or why there is nothing. No side effects.
Result<Selected> select(const Config& config, const wire::ClientHello& client_hello,
                        const Negotiated* previous) {
  const wire::ExtensionList& extensions = client_hello.extensions;
  const Bytes compression = client_hello.legacy_compression_methods;
  if (std::find(compression.begin(), compression.end(), 0) == compression.end()) {
    return Cause::illegal_parameter;
  }
  Selected selected;
  TRY(const auto schemes,
      hello::decode_extension<wire::U16List>(extensions, ExtensionType::signature_algorithms));
  TRY(const auto groups,
      hello::decode_extension<wire::U16List>(extensions, ExtensionType::supported_groups));
  TRY(selected.server_name, hello::server_name_of(extensions));
  // Without the extension the client means SHA-1 (RFC 5246 section 7.4.1.4.1), which we refuse.
  const auto accepted = hello::as_schemes(schemes ? schemes->values : std::vector<std::uint16_t>());
  CHECK_OK(
      select_suite(config, client_hello, accepted, groups ? &groups->values : nullptr, selected));

  const auto usable = [&](NamedGroup group) {
    // RFC 8422 section 4: a client without the extension takes any curve; all know secp256r1.
    return groups ? contains(groups->values, group) : group == NamedGroup::secp256r1;
  };
  const auto group = std::find_if(config.groups.begin(), config.groups.end(), usable);
  if (group == config.groups.end()) return Cause::no_common_group;
  selected.group = *group;

  if (const auto formats = extensions.find(ExtensionType::ec_point_formats)) {
    TRY(const auto list, wire::decode<wire::ShortOpaque>(*formats));
    if (std::find(list.value.begin(), list.value.end(), 0) == list.value.end()) {
      return Cause::illegal_parameter;
    }
    selected.sends_point_formats = true;
  }
  if (const auto ems = extensions.find(ExtensionType::extended_master_secret)) {
    TRY([[maybe_unused]] const auto empty, wire::decode<wire::EmptyBody>(*ems));
    selected.extended_master_secret = true;
  }
  selected.secure_renegotiation =
      contains(client_hello.cipher_suites, wire::kEmptyRenegotiationInfoScsv);
  // RFC 5746 section 3.7: not in a renegotiation.
  if (selected.secure_renegotiation && previous != nullptr) {
    return Cause::renegotiation_info_mismatch;
  }
  if (const auto info = extensions.find(ExtensionType::renegotiation_info)) {
    TRY(const auto value, wire::decode<wire::ShortOpaque>(*info));
    CHECK_OK(check_renegotiation_info(previous, Role::client, value.value));
    selected.secure_renegotiation = true;
  }
  TRY(selected.application_protocol, hello::select_application_protocol(config, extensions));
  TRY(const bool wants_ocsp, hello::wants_ocsp_response(extensions));
  selected.staples = wants_ocsp && !selected.identity->ocsp_response.empty();
  return selected;
}

void write_answer(wire::Writer& writer, const Selected& selected, const Negotiated* previous) {
  if (selected.secure_renegotiation) {
    wire::write_extension(writer, ExtensionType::renegotiation_info, [&] {
      writer.vector(1, [&] { writer.bytes(renegotiation_info(previous, Role::server)); });
    });
  }
  if (!selected.server_name.empty()) wire::write_extension(writer, ExtensionType::server_name);
  if (selected.sends_point_formats) {
    wire::write_extension(writer, ExtensionType::ec_point_formats, [&] {
      writer.u8(1);
      writer.u8(0);
    });
  }
  if (selected.staples) wire::write_extension(writer, ExtensionType::status_request);
  if (!selected.application_protocol.empty()) {
    wire::write_extension(writer, ExtensionType::application_layer_protocol_negotiation, [&] {
      wire::ProtocolNameList{{selected.application_protocol}}.write(writer);
    });
  }
  if (selected.extended_master_secret) {
    wire::write_extension(writer, ExtensionType::extended_master_secret);
  }
}

void write_server_hello(wire::Writer& writer, const Negotiated& negotiated,
                        const Selected& selected, Bytes answer) {
  writer.u16(0x0303);
  writer.bytes(negotiated.server_random);
  writer.u8(0);  // no session id: nothing to resume
  writer.u16(static_cast<std::uint16_t>(selected.suite->id));
  writer.u8(0);
  // RFC 5246 section 7.4.1.3: without extensions there is no block.
  if (answer.empty()) return;
  writer.vector(2, [&] { writer.bytes(answer); });
}

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

}  // namespace

Result<Step> take_client_hello(Handshake handshake, const In<wire::ClientHello>& message) {
  const auto config = handshake.config;
  const Negotiated* previous = handshake.previous.get();
  TRY(Selected selected, select(*config, message.body, previous));
  Transcript& transcript = handshake.transcript;
  Negotiated& negotiated = handshake.negotiated;
  transcript.add(message.raw);
  transcript.use(selected.suite->hash);

  negotiated.version = ProtocolVersion::tls12;
  negotiated.suite = selected.suite;
  negotiated.group = selected.group;
  negotiated.signature_scheme = selected.scheme;
  negotiated.application_protocol = selected.application_protocol;
  negotiated.server_name = selected.server_name;
  negotiated.local_identity = selected.identity;
  negotiated.extended_master_secret = selected.extended_master_secret;
  negotiated.secure_renegotiation = selected.secure_renegotiation;
  CHECK_OK(check_kept(handshake));
  config->random->fill(negotiated.server_random);
  if (config->enable_tls13) {
    // RFC 8446 section 4.1.3.
    std::copy(hello::kDowngradeTo12.begin(), hello::kDowngradeTo12.end(),
              negotiated.server_random.end() - 8);
  }
  TRY(crypto::KeyShare share, crypto::KeyShare::generate(selected.group, *config->random));

  Flight flight(transcript);
  const Buffer extensions = hello::answer_block(
      negotiated, [&](wire::Writer& writer) { write_answer(writer, selected, previous); });
  flight.add(wire::HandshakeType::server_hello, [&](wire::Writer& writer) {
    write_server_hello(writer, negotiated, selected, extensions);
  });
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
  Flight flight(transcript);
  negotiated.first_finished = negotiated.client_verify_data = expected;
  negotiated.server_verify_data = state.master.verify_data(Role::server, transcript.current());
  flight.add(wire::Finished{negotiated.server_verify_data});
  TRY(SendHandshake send, std::move(flight).send());
  record::RecordKey write = state.master.record_keys(negotiated).server_write;
  auto shared = std::make_shared<const Negotiated>(negotiated);
  return Step{ConnectedServer{std::move(state.handshake.config), std::move(shared),
                              std::move(state.master)}}
      .then(SendChangeCipherSpec{})
      .then(UseWriteKey{std::move(write)})
      .then(std::move(send))
      .then(Established{std::move(negotiated)});
}

}  // namespace server
}  // namespace schannel::tls::v12
