#include "tls/hello.h"

#include <algorithm>

#include "tls/machine.h"
#include "tls/restriction.h"

namespace schannel::tls::hello {
namespace {

using wire::ExtensionType;
using wire::write_extension;
using wire::Writer;

template <class T>
wire::U16List as_u16_list(const std::vector<T>& values) {
  wire::U16List out;
  for (const T value : values) out.values.push_back(static_cast<std::uint16_t>(value));
  return out;
}

void write_client_extensions(Writer& writer, const Config& config,
                             const ClientHelloFields& fields) {
  if (!config.server_name.empty()) {
    write_extension(writer, ExtensionType::server_name,
                    [&] { wire::ServerName{as_bytes(config.server_name)}.write(writer); });
  }
  if (config.enable_tls12) {
    write_extension(writer, ExtensionType::extended_master_secret);
    write_extension(writer, ExtensionType::renegotiation_info,
                    [&] { writer.vector(1, [&] { writer.bytes(fields.renegotiation_info); }); });
    // RFC 8422 section 5.1.2: uncompressed points only.
    write_extension(writer, ExtensionType::ec_point_formats, [&] {
      writer.u8(1);
      writer.u8(0);
    });
    if (config.keeps_sessions) {
      // RFC 5077 section 3.2: empty, it asks for a ticket.
      const Session* session = offered_session_12(config);
      write_extension(writer, ExtensionType::session_ticket, [&] {
        if (session != nullptr) writer.bytes(session->ticket);
      });
    }
  }
  write_extension(writer, ExtensionType::supported_groups,
                  [&] { as_u16_list(config.groups).write(writer); });
  if (!config.application_protocols.empty()) {
    write_extension(writer, ExtensionType::application_layer_protocol_negotiation, [&] {
      wire::ProtocolNameList list;
      for (const Buffer& name : config.application_protocols) list.names.push_back(name);
      list.write(writer);
    });
  }
  if (config.request_ocsp) {
    write_extension(writer, ExtensionType::status_request,
                    [&] { wire::CertificateStatusRequest{1}.write(writer); });
  }
  write_extension(writer, ExtensionType::signature_algorithms,
                  [&] { as_u16_list(config.signature_schemes).write(writer); });
  if (!config.certificate_signature_schemes.empty()) {
    write_extension(writer, ExtensionType::signature_algorithms_cert,
                    [&] { as_u16_list(config.certificate_signature_schemes).write(writer); });
  }
  if (!config.enable_tls13) return;

  write_extension(writer, ExtensionType::supported_versions, [&] {
    wire::ClientVersions list{{static_cast<std::uint16_t>(ProtocolVersion::tls13)}};
    if (config.enable_tls12) {
      list.versions.push_back(static_cast<std::uint16_t>(ProtocolVersion::tls12));
    }
    list.write(writer);
  });
  // psk_dhe_ke: we take tickets as Windows does, so that callers meet them.
  write_extension(writer, ExtensionType::psk_key_exchange_modes, [&] {
    writer.u8(1);
    writer.u8(1);
  });
  if (config.offer_post_handshake_auth) {
    write_extension(writer, ExtensionType::post_handshake_auth);
  }
  if (!fields.cookie.empty()) {
    write_extension(writer, ExtensionType::cookie,
                    [&] { wire::Cookie{fields.cookie}.write(writer); });
  }
  write_extension(writer, ExtensionType::key_share, [&] {
    wire::ClientKeyShares shares;
    for (const crypto::KeyShare& share : fields.shares) {
      shares.entries.push_back({static_cast<std::uint16_t>(share.group()), share.public_key()});
    }
    shares.write(writer);
  });
  if (fields.session != nullptr) {
    // RFC 8446 section 4.2.11: the last extension. Its binder is filled in when all else is there.
    const Session& session = *fields.session;
    const auto age_ms = static_cast<std::uint32_t>(config.now_ms - session.issued_ms);
    const Buffer no_binder(crypto::digest_bytes(session.suite->hash));
    write_extension(writer, ExtensionType::pre_shared_key, [&] {
      wire::PreSharedKeys{.identities = {{session.ticket, age_ms + session.age_add}},
                          .binders = {no_binder},
                          .binders_size = 0}
          .write(writer);
    });
  }
}

/// RFC 8446 section 4.2.11.2.
void write_binder(const Session& session, const Transcript& transcript, MutableBytes message) {
  const std::size_t size = crypto::digest_bytes(session.suite->hash);
  constexpr std::size_t kLengthFields = 3;
  const Bytes covered = message.first(message.size() - size - kLengthFields);
  const crypto::Digest binder = v13::EarlyStage(session.suite->hash, session.secret)
                                    .binder(transcript.current_with(session.suite->hash, covered));
  std::copy(binder.view().begin(), binder.view().end(), message.last(size).begin());
}

}  // namespace

const Session* offered_session_13(const Config& config) {
  const Session* session = config.session.get();
  const bool fits = session != nullptr && session->version == ProtocolVersion::tls13 &&
                    offered_suite(config, static_cast<std::uint16_t>(session->suite->id),
                                  ProtocolVersion::tls13) != nullptr;
  return fits ? session : nullptr;
}

const Session* offered_session_12(const Config& config) {
  const Session* session = config.session.get();
  // RFC 7627 section 5.3: a session without the extended master secret is better not resumed.
  const bool fits = session != nullptr && session->version == ProtocolVersion::tls12 &&
                    session->extended_master_secret &&
                    offered_suite(config, static_cast<std::uint16_t>(session->suite->id),
                                  ProtocolVersion::tls12) != nullptr;
  return fits ? session : nullptr;
}

void add_client_hello(Flight& flight, const Config& config, const ClientHelloFields& fields) {
  const auto body = [&](Writer& writer) {
    writer.u16(0x0303);
    writer.bytes(fields.random);
    writer.vector(1, [&] { writer.bytes(fields.session_id); });
    writer.vector(2, [&] {
      for (const CipherSuite id : config.cipher_suites) {
        const Suite* suite = find_suite(static_cast<std::uint16_t>(id));
        if (suite != nullptr && config.enables(suite->version)) {
          writer.u16(static_cast<std::uint16_t>(id));
        }
      }
    });
    writer.vector(1, [&] { writer.u8(0); });
    writer.vector(2, [&] { write_client_extensions(writer, config, fields); });
  };
  flight.add(wire::HandshakeType::client_hello, body,
             [&](const Transcript& transcript, MutableBytes message) {
               if (fields.session != nullptr) write_binder(*fields.session, transcript, message);
             });
}

bool offers_extension(const Config& config, ExtensionType type) {
  switch (type) {
    case ExtensionType::server_name:
      return !config.server_name.empty();
    case ExtensionType::extended_master_secret:
    case ExtensionType::renegotiation_info:
    case ExtensionType::ec_point_formats:
      return config.enable_tls12;
    case ExtensionType::session_ticket:
      return config.enable_tls12 && config.keeps_sessions;
    case ExtensionType::application_layer_protocol_negotiation:
      return !config.application_protocols.empty();
    case ExtensionType::status_request:
      return config.request_ocsp;
    case ExtensionType::supported_groups:
    case ExtensionType::signature_algorithms:
      return true;
    case ExtensionType::post_handshake_auth:
      return config.enable_tls13 && config.offer_post_handshake_auth;
    case ExtensionType::pre_shared_key:
      return offered_session_13(config) != nullptr;
    case ExtensionType::supported_versions:
    case ExtensionType::psk_key_exchange_modes:
    case ExtensionType::key_share:
      return config.enable_tls13;
    default:
      return false;
  }
}

Result<bool> offers_version(const wire::ClientHello& hello, ProtocolVersion version) {
  TRY(const auto versions,
      decode_extension<wire::ClientVersions>(hello.extensions, ExtensionType::supported_versions));
  const auto value = static_cast<std::uint16_t>(version);
  if (!versions) return version == ProtocolVersion::tls12 && hello.legacy_version >= value;
  const auto& offered = versions->versions;
  return std::find(offered.begin(), offered.end(), value) != offered.end();
}

const Suite* offered_suite(const Config& config, std::uint16_t id, ProtocolVersion version) {
  const Suite* suite = find_suite(id);
  if (suite == nullptr || suite->version != version || !config.enables(version)) return nullptr;
  const auto& offered = config.cipher_suites;
  return std::find(offered.begin(), offered.end(), suite->id) == offered.end() ? nullptr : suite;
}

std::vector<SignatureScheme> as_schemes(const std::vector<std::uint16_t>& values) {
  std::vector<SignatureScheme> out;
  for (const std::uint16_t value : values) out.push_back(static_cast<SignatureScheme>(value));
  return out;
}

Result<Buffer> select_application_protocol(const Config& config,
                                           const wire::ExtensionList& extensions) {
  TRY(const auto offer, decode_extension<wire::ProtocolNameList>(
                            extensions, ExtensionType::application_layer_protocol_negotiation));
  if (!offer || config.application_protocols.empty()) return Buffer();
  for (const Buffer& ours : config.application_protocols) {
    for (const Bytes theirs : offer->names) {
      if (equal(ours, theirs)) return ours;
    }
  }
  return Cause::no_application_protocol;
}

Result<Buffer> accepted_application_protocol(const Config& config, Bytes extension) {
  TRY(const auto answer, wire::decode<wire::ProtocolNameList>(extension));
  // RFC 7301 section 3.1: the answer holds exactly one name.
  if (answer.names.size() != 1) return Cause::decode_error;
  for (const Buffer& ours : config.application_protocols) {
    if (equal(ours, answer.names.front())) return ours;
  }
  return Cause::illegal_parameter;
}

void remember_answer(Negotiated& negotiated, const wire::ExtensionList& extensions) {
  for (const wire::Extension& extension : extensions.all()) {
    negotiated.answered_extensions.push_back(
        {static_cast<std::uint16_t>(extension.type), to_buffer(extension.body)});
  }
}

Result<bool> wants_ocsp_response(const wire::ExtensionList& extensions) {
  constexpr std::uint8_t kOcsp = 1;
  TRY(const auto request,
      decode_extension<wire::CertificateStatusRequest>(extensions, ExtensionType::status_request));
  return request && request->status_type == kOcsp;
}

Result<void> check_session_is_last(const wire::ExtensionList& extensions) {
  if (!extensions.has(ExtensionType::pre_shared_key)) return {};
  const bool is_last = extensions.all().back().type == ExtensionType::pre_shared_key;
  return is_last ? Result<void>() : Cause::illegal_parameter;
}

Result<std::string> server_name_of(const wire::ExtensionList& extensions) {
  TRY(const auto name, decode_extension<wire::ServerName>(extensions, ExtensionType::server_name));
  if (!name) return std::string();
  // A name is text: one with a NUL would mean different things to different readers.
  if (std::find(name->host_name.begin(), name->host_name.end(), 0) != name->host_name.end()) {
    return Cause::illegal_parameter;
  }
  return std::string(as_text(name->host_name));
}

Result<PeerCertificate> read_peer_certificate(const Config& config,
                                              const std::vector<Bytes>& certificates) {
  TRY(crypto::PublicKey key, crypto::PublicKey::of_certificate(certificates.front()));
  // RFC 8446 section 4.4.2.2; in TLS 1.2 every suite of ours has the certificate sign as well.
  if (!key.may_sign()) return Cause::certificate_wrong_usage;
  if (!may_sign(config, key.type(), key.bits())) return Cause::no_common_signature_scheme;
  PeerCertificate out{.chain = {}, .key = std::move(key)};
  for (const Bytes certificate : certificates) out.chain.push_back(to_buffer(certificate));
  return out;
}

std::optional<NamedGroup> curve_of(crypto::KeyType key) {
  switch (key) {
    case crypto::KeyType::ecdsa_p256:
      return NamedGroup::secp256r1;
    case crypto::KeyType::ecdsa_p384:
      return NamedGroup::secp384r1;
    case crypto::KeyType::ecdsa_p521:
      return NamedGroup::secp521r1;
    default:
      return std::nullopt;
  }
}

std::optional<SignatureScheme> choose_scheme(const Config& config, const Identity& identity,
                                             const std::vector<SignatureScheme>& accepted,
                                             ProtocolVersion version) {
  const bool tls13 = version == ProtocolVersion::tls13;
  if (!may_sign(config, identity.key.type(), identity.key.bits())) return std::nullopt;
  const auto& own = identity.signature_schemes;
  for (const SignatureScheme scheme : own.empty() ? config.signature_schemes : own) {
    // RFC 8446 section 4.2.3: PKCS#1 v1.5 is not for TLS 1.3 handshake signatures.
    if (tls13 && is_pkcs1(scheme)) continue;
    if (crypto::can_sign(identity.key.type(), identity.key.bits(), scheme, tls13) &&
        std::find(accepted.begin(), accepted.end(), scheme) != accepted.end()) {
      return scheme;
    }
  }
  return std::nullopt;
}

Buffer certificate_verify_content(Role signer, Bytes transcript_hash) {
  Buffer out(64, 0x20);
  append(out, as_bytes(signer == Role::server ? "TLS 1.3, server CertificateVerify"
                                              : "TLS 1.3, client CertificateVerify"));
  out.push_back(0);
  append(out, transcript_hash);
  return out;
}

Result<Step> start_client(std::shared_ptr<const Config> config,
                          std::shared_ptr<const Negotiated> previous) {
  WaitServerHello next{.handshake = {.config = std::move(config),
                                     .transcript = {},
                                     .negotiated = {},
                                     .previous = std::move(previous)},
                       .session_id = {},
                       .shares = {}};
  const Config& c = *next.handshake.config;
  Negotiated& negotiated = next.handshake.negotiated;
  c.random->fill(negotiated.client_random);
  negotiated.server_name = c.server_name;
  if (!next.handshake.previous) negotiated.application_data = c.application_data;
  negotiated.offered_max = c.enable_tls13 ? ProtocolVersion::tls13 : ProtocolVersion::tls12;
  if (c.enable_tls13) {
    if (c.groups.empty()) return Cause::no_common_group;
    TRY(crypto::KeyShare share, crypto::KeyShare::generate(c.groups.front(), *c.random));
    next.shares.push_back(std::move(share));
  }
  const Session* session_12 = offered_session_12(c);
  if (session_12 != nullptr && !session_12->id.empty()) {
    next.session_id = session_12->id;
  } else if (session_12 != nullptr || c.enable_tls13) {
    // One that we make up tells us whether a ticket was taken (RFC 5077 section 3.4); in TLS 1.3 it
    // makes the connection look like a resumed TLS 1.2 one (RFC 8446 appendix D.4).
    next.session_id.resize(kSessionIdBytes);
    c.random->fill(next.session_id);
  }
  Flight flight(next.handshake.transcript);
  const Negotiated* before = next.handshake.previous.get();
  add_client_hello(
      flight, c,
      {.random = negotiated.client_random,
       .session_id = next.session_id,
       .shares = next.shares,
       .cookie = {},
       .session = offered_session_13(c),
       .renegotiation_info = before != nullptr ? Bytes(before->client_verify_data) : Bytes()});
  TRY(SendHandshake send, std::move(flight).send());
  return Step{std::move(next)}.then(std::move(send));
}

Result<Step> on(WaitServerHello state, const In<wire::ServerHello>& message) {
  const Config& config = *state.handshake.config;
  const wire::ServerHello& hello = message.body;
  if (hello.legacy_version != 0x0303) return Cause::no_common_version;
  if (hello.legacy_compression_method != 0) return Cause::illegal_parameter;
  TRY(const auto version,
      decode_extension<wire::U16Value>(hello.extensions, ExtensionType::supported_versions));
  if (version) {
    if (!config.enable_tls13) return Cause::unsupported_extension;
    if (version->value != static_cast<std::uint16_t>(ProtocolVersion::tls13)) {
      return Cause::illegal_parameter;
    }
    return v13::take_server_hello(std::move(state), message);
  }
  if (hello.is_hello_retry_request()) return Cause::missing_extension;
  if (!config.enable_tls12) return Cause::no_common_version;
  const Bytes sentinel = Bytes(hello.random).last(8);
  if (config.enable_tls13 && (equal(sentinel, kDowngradeTo12) || equal(sentinel, kDowngradeTo11))) {
    return Cause::downgrade_detected;
  }
  if (!config.enable_tls13 && equal(sentinel, kDowngradeTo11)) return Cause::downgrade_detected;
  return v12::take_server_hello(std::move(state), message);
}

namespace {

/// The version, and with it the machine that goes on.
Result<Step> take_client_hello(Handshake handshake, const In<wire::ClientHello>& message) {
  const Config& config = *handshake.config;
  const wire::ClientHello& hello = message.body;
  TRY(const bool offers_12, offers_version(hello, ProtocolVersion::tls12));
  TRY(const bool offers_13, offers_version(hello, ProtocolVersion::tls13));
  const auto offers_suite = [&](std::uint16_t id) {
    return std::find(hello.cipher_suites.begin(), hello.cipher_suites.end(), id) !=
           hello.cipher_suites.end();
  };
  if (config.enable_tls13 && offers_13) {
    return v13::take_client_hello(std::move(handshake), message);
  }
  if (!config.enable_tls12 || !offers_12) return Cause::no_common_version;
  // RFC 7507 section 3: the client has retried with less than both of us can do.
  if (config.enable_tls13 && offers_suite(wire::kFallbackScsv)) {
    return Cause::inappropriate_fallback;
  }
  return v12::take_client_hello(std::move(handshake), message);
}

bool is_about_algorithms(Cause cause) {
  return cause == Cause::no_common_version || cause == Cause::no_common_cipher_suite ||
         cause == Cause::no_common_group || cause == Cause::no_common_signature_scheme;
}

}  // namespace

Result<Step> on(WaitClientHello state, const In<wire::ClientHello>& message) {
  const wire::ExtensionList& extensions = message.body.extensions;
  Handshake& handshake = state.handshake;
  handshake.negotiated.client_random = message.body.random;
  handshake.negotiated.application_data = handshake.config->application_data;
  CHECK_OK(check_session_is_last(extensions));
  const auto config = handshake.config;
  if (config->restrictions.empty()) return take_client_hello(std::move(handshake), message);

  TRY(const Buffer protocol, select_application_protocol(*config, extensions));
  const auto must = restricted(config, protocol, Optional::without);
  if (const auto may = restricted(config, protocol, Optional::with); may != must) {
    Handshake attempt{.config = may, .transcript = {}, .negotiated = handshake.negotiated};
    Result<Step> step = take_client_hello(std::move(attempt), message);
    // CRED-36: what is optional must not cost the connection.
    if (step || !is_about_algorithms(step.error().cause)) return step;
  }
  handshake.config = must;
  return take_client_hello(std::move(handshake), message);
}

}  // namespace schannel::tls::hello
