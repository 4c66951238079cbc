#include "wire/messages.h"

namespace schannel::wire {

const HelloRandom kHelloRetryRequestRandom = {
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};

ClientHello ClientHello::read(Reader& reader) {
  ClientHello out{};
  out.legacy_version = reader.u16();
  out.random = reader.array<32>();
  out.legacy_session_id = reader.vector(1, 0, 32).rest();
  Reader suites = reader.vector(2, 2, 0xfffe);
  while (!suites.empty()) out.cipher_suites.push_back(suites.u16());
  out.legacy_compression_methods = reader.vector(1, 1, 255).rest();
  if (!reader.empty()) out.extensions = ExtensionList::read(reader.vector(2, 0, 0xffff));
  return out;
}

bool ServerHello::is_hello_retry_request() const { return random == kHelloRetryRequestRandom; }

ServerHello ServerHello::read(Reader& reader) {
  ServerHello out{};
  out.legacy_version = reader.u16();
  out.random = reader.array<32>();
  out.legacy_session_id_echo = reader.vector(1, 0, 32).rest();
  out.cipher_suite = reader.u16();
  out.legacy_compression_method = reader.u8();
  if (!reader.empty()) out.extensions = ExtensionList::read(reader.vector(2, 0, 0xffff));
  return out;
}

Certificate13 Certificate13::read(Reader& reader) {
  Certificate13 out{};
  out.context = reader.vector(1, 0, 255).rest();
  Reader list = reader.vector(3, 0, 0xffffff);
  while (!list.empty()) {
    if (out.entries.size() == kCertificateCountMax) list.fail(Cause::certificate_list_too_long);
    const Bytes certificate = list.vector(3, 1, 0xffffff).rest();
    out.entries.push_back({certificate, ExtensionList::read(list.vector(2, 0, 0xffff))});
  }
  return out;
}

Certificate12 Certificate12::read(Reader& reader) {
  Certificate12 out{};
  Reader list = reader.vector(3, 0, 0xffffff);
  while (!list.empty()) {
    if (out.certificates.size() == kCertificateCountMax) {
      list.fail(Cause::certificate_list_too_long);
    }
    out.certificates.push_back(list.vector(3, 1, 0xffffff).rest());
  }
  return out;
}

ServerKeyExchange ServerKeyExchange::read(Reader& reader) {
  ServerKeyExchange out{};
  // The signature covers ServerECDHParams exactly as sent, so its extent is kept as a view.
  const Bytes all = reader.rest();
  std::optional<Cause> failure;
  Reader fields(all, failure);
  if (fields.u8() != 3) fields.fail(Cause::illegal_parameter);  // ECCurveType named_curve
  out.named_curve = static_cast<NamedGroup>(fields.u16());
  out.public_key = fields.vector(1, 1, 255).rest();
  out.params = all.first(all.size() - fields.size());
  out.algorithm = static_cast<SignatureScheme>(fields.u16());
  out.signature = fields.vector(2, 0, 0xffff).rest();
  if (!fields.empty()) fields.fail(Cause::decode_error);
  if (failure) reader.fail(*failure);
  return out;
}

Buffer encode_server_ecdh_params(NamedGroup group, Bytes public_key) {
  Buffer out;
  Writer writer(out);
  writer.u8(3);
  writer.u16(static_cast<std::uint16_t>(group));
  writer.vector(1, [&] { writer.bytes(public_key); });
  return out;
}

CertificateRequest12 CertificateRequest12::read(Reader& reader) {
  CertificateRequest12 out{};
  out.certificate_types = reader.vector(1, 1, 255).rest();
  out.signature_algorithms = U16List::read(reader).values;
  Reader authorities = reader.vector(2, 0, 0xffff);
  while (!authorities.empty()) {
    out.certificate_authorities.push_back(authorities.vector(2, 1, 0xffff).rest());
  }
  return out;
}

void CertificateRequest12::write(Writer& writer) const {
  writer.vector(1, [&] { writer.bytes(certificate_types); });
  U16List{signature_algorithms}.write(writer);
  writer.vector(2, [&] {
    for (const Bytes name : certificate_authorities) {
      writer.vector(2, [&] { writer.bytes(name); });
    }
  });
}

}  // namespace schannel::wire
