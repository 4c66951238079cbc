#include "tls/v13/authentication.h"

namespace schannel::tls::v13 {

using wire::ExtensionType;

void add_certificate_request(Flight& flight, const Config& config, Bytes context) {
  flight.add(wire::HandshakeType::certificate_request, [&](wire::Writer& writer) {
    writer.vector(1, [&] { writer.bytes(context); });
    writer.vector(2, [&] {
      wire::write_extension(writer, ExtensionType::signature_algorithms, [&] {
        wire::U16List list;
        for (const SignatureScheme scheme : config.signature_schemes) {
          list.values.push_back(static_cast<std::uint16_t>(scheme));
        }
        list.write(writer);
      });
      if (!config.certificate_signature_schemes.empty()) {
        wire::write_extension(writer, ExtensionType::signature_algorithms_cert, [&] {
          wire::U16List list;
          for (const SignatureScheme scheme : config.certificate_signature_schemes) {
            list.values.push_back(static_cast<std::uint16_t>(scheme));
          }
          list.write(writer);
        });
      }
      if (config.certificate_authorities.empty()) return;
      wire::write_extension(writer, ExtensionType::certificate_authorities, [&] {
        wire::CertificateAuthorities list;
        for (const Buffer& name : config.certificate_authorities) list.names.push_back(name);
        list.write(writer);
      });
    });
  });
}

Result<hello::PeerCertificate> read_client_certificate(const Config& config,
                                                       const wire::Certificate13& message) {
  std::vector<Bytes> chain;
  for (const wire::CertificateEntry& entry : message.entries) {
    // Our CertificateRequest asks for nothing that could be answered here.
    if (!entry.extensions.empty()) return Cause::unsupported_extension;
    chain.push_back(entry.certificate);
  }
  return hello::read_peer_certificate(config, chain);
}

Result<PendingRequest> read_certificate_request(const wire::CertificateRequest13& request) {
  for (const wire::Extension& extension : request.extensions.all()) {
    if (!wire::is_allowed_13(extension.type, wire::ExtensionContext::certificate_request)) {
      return Cause::illegal_parameter;
    }
  }
  TRY(const auto schemes, hello::decode_extension<wire::U16List>(
                              request.extensions, ExtensionType::signature_algorithms));
  if (!schemes) return Cause::missing_extension;
  TRY(const auto authorities, hello::decode_extension<wire::CertificateAuthorities>(
                                  request.extensions, ExtensionType::certificate_authorities));
  PendingRequest pending{.context = to_buffer(request.context), .ask = {}};
  pending.ask.signature_schemes = hello::as_schemes(schemes->values);
  if (authorities) {
    for (const Bytes name : authorities->names) {
      pending.ask.certificate_authorities.push_back(to_buffer(name));
    }
  }
  return pending;
}

Result<std::shared_ptr<const Identity>> add_authentication(
    Flight& flight, const Transcript& transcript, const Config& config,
    const PendingRequest& request, std::shared_ptr<const Identity> identity) {
  std::optional<SignatureScheme> scheme;
  if (identity) {
    scheme = hello::choose_scheme(config, *identity, request.ask.signature_schemes,
                                  ProtocolVersion::tls13);
  }
  if (!scheme) identity = nullptr;
  flight.add(wire::HandshakeType::certificate, [&](wire::Writer& writer) {
    writer.vector(1, [&] { writer.bytes(request.context); });
    writer.vector(3, [&] {
      if (!identity) return;
      for (const Buffer& certificate : identity->chain) {
        writer.vector(3, [&] { writer.bytes(certificate); });
        writer.u16(0);
      }
    });
  });
  if (identity) {
    TRY(const Buffer signature,
        identity->key.sign(*scheme,
                           hello::certificate_verify_content(Role::client, transcript.current())));
    flight.add(wire::CertificateVerify{*scheme, signature});
  }
  return identity;
}

}  // namespace schannel::tls::v13
