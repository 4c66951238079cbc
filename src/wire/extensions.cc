#include "wire/extensions.h"

namespace schannel::wire {
namespace {

constexpr std::uint8_t in(ExtensionContext context) { return static_cast<std::uint8_t>(context); }

struct Row {
  ExtensionType type;
  std::uint8_t contexts;
};

constexpr std::uint8_t kCh = in(ExtensionContext::client_hello);
constexpr std::uint8_t kSh = in(ExtensionContext::server_hello);
constexpr std::uint8_t kEe = in(ExtensionContext::encrypted_extensions);
constexpr std::uint8_t kCt = in(ExtensionContext::certificate);
constexpr std::uint8_t kCr = in(ExtensionContext::certificate_request);
constexpr std::uint8_t kNst = in(ExtensionContext::new_session_ticket);
constexpr std::uint8_t kHrr = in(ExtensionContext::hello_retry_request);

// The table of RFC 8446 section 4.2, with the TLS 1.2 extensions in a ClientHello only.
constexpr Row kRows[] = {
    {ExtensionType::server_name, kCh | kEe},
    {ExtensionType::status_request, kCh | kCr | kCt},
    {ExtensionType::supported_groups, kCh | kEe},
    {ExtensionType::ec_point_formats, kCh},
    {ExtensionType::signature_algorithms, kCh | kCr},
    {ExtensionType::application_layer_protocol_negotiation, kCh | kEe},
    {ExtensionType::signed_certificate_timestamp, kCh | kCr | kCt},
    {ExtensionType::extended_master_secret, kCh},
    {ExtensionType::session_ticket, kCh},
    {ExtensionType::pre_shared_key, kCh | kSh},
    {ExtensionType::early_data, kCh | kEe | kNst},
    {ExtensionType::supported_versions, kCh | kSh | kHrr},
    {ExtensionType::cookie, kCh | kHrr},
    {ExtensionType::psk_key_exchange_modes, kCh},
    {ExtensionType::certificate_authorities, kCh | kCr},
    {ExtensionType::post_handshake_auth, kCh},
    {ExtensionType::signature_algorithms_cert, kCh | kCr},
    {ExtensionType::key_share, kCh | kSh | kHrr},
    {ExtensionType::renegotiation_info, kCh},
};

}  // namespace

ExtensionList ExtensionList::read(Reader reader) {
  ExtensionList out;
  while (!reader.empty()) {
    const auto type = static_cast<ExtensionType>(reader.u16());
    const Bytes body = reader.vector(2, 0, 0xffff).rest();
    if (out.extensions_.size() == kExtensionCountMax) reader.fail(Cause::decode_error);
    if (out.has(type)) reader.fail(Cause::illegal_parameter);
    out.extensions_.push_back({type, body});
  }
  return out;
}

std::optional<Bytes> ExtensionList::find(ExtensionType type) const {
  for (const Extension& extension : extensions_) {
    if (extension.type == type) return extension.body;
  }
  return std::nullopt;
}

bool is_allowed_13(ExtensionType type, ExtensionContext context) {
  for (const Row& row : kRows) {
    if (row.type == type) return (row.contexts & in(context)) != 0;
  }
  return true;
}

ServerName ServerName::read(Reader& reader) {
  ServerName out{};
  Reader list = reader.vector(2, 1, 0xffff);
  bool seen = false;
  while (!list.empty()) {
    const std::uint8_t type = list.u8();
    const Bytes name = list.vector(2, 1, 0xffff).rest();
    if (type != 0) continue;  // only host_name is defined
    // RFC 6066 section 3: no more than one name of the same type.
    if (seen) list.fail(Cause::decode_error);
    seen = true;
    out.host_name = name;
  }
  return out;
}

void ServerName::write(Writer& writer) const {
  writer.vector(2, [&] {
    writer.u8(0);
    writer.vector(2, [&] { writer.bytes(host_name); });
  });
}

U16List U16List::read(Reader& reader) {
  U16List out;
  Reader list = reader.vector(2, 2, 0xfffe);
  while (!list.empty()) out.values.push_back(list.u16());
  return out;
}

void U16List::write(Writer& writer) const {
  writer.vector(2, [&] {
    for (const std::uint16_t value : values) writer.u16(value);
  });
}

ProtocolNameList ProtocolNameList::read(Reader& reader) {
  ProtocolNameList out;
  Reader list = reader.vector(2, 2, 0xffff);
  while (!list.empty()) out.names.push_back(list.vector(1, 1, 255).rest());
  return out;
}

void ProtocolNameList::write(Writer& writer) const {
  writer.vector(2, [&] {
    for (const Bytes name : names) writer.vector(1, [&] { writer.bytes(name); });
  });
}

ClientVersions ClientVersions::read(Reader& reader) {
  ClientVersions out;
  Reader list = reader.vector(1, 2, 254);
  while (!list.empty()) out.versions.push_back(list.u16());
  return out;
}

void ClientVersions::write(Writer& writer) const {
  writer.vector(1, [&] {
    for (const std::uint16_t version : versions) writer.u16(version);
  });
}

KeyShareEntry KeyShareEntry::read(Reader& reader) {
  return {.group = reader.u16(), .key_exchange = reader.vector(2, 1, 0xffff).rest()};
}

void KeyShareEntry::write(Writer& writer) const {
  writer.u16(group);
  writer.vector(2, [&] { writer.bytes(key_exchange); });
}

ClientKeyShares ClientKeyShares::read(Reader& reader) {
  ClientKeyShares out;
  Reader list = reader.vector(2, 0, 0xffff);
  while (!list.empty()) out.entries.push_back(KeyShareEntry::read(list));
  return out;
}

void ClientKeyShares::write(Writer& writer) const {
  writer.vector(2, [&] {
    for (const KeyShareEntry& entry : entries) entry.write(writer);
  });
}

Cookie Cookie::read(Reader& reader) { return {reader.vector(2, 1, 0xffff).rest()}; }

void Cookie::write(Writer& writer) const {
  writer.vector(2, [&] { writer.bytes(cookie); });
}

CertificateAuthorities CertificateAuthorities::read(Reader& reader) {
  CertificateAuthorities out;
  Reader list = reader.vector(2, 3, 0xffff);
  while (!list.empty()) out.names.push_back(list.vector(2, 1, 0xffff).rest());
  return out;
}

void CertificateAuthorities::write(Writer& writer) const {
  writer.vector(2, [&] {
    for (const Bytes name : names) writer.vector(2, [&] { writer.bytes(name); });
  });
}

CertificateStatusRequest CertificateStatusRequest::read(Reader& reader) {
  CertificateStatusRequest out{reader.u8()};
  if (out.status_type == 1) {
    reader.vector(2, 0, 0xffff);  // responder_id_list
    reader.vector(2, 0, 0xffff);  // request_extensions
  } else {
    reader.rest();
  }
  return out;
}

void CertificateStatusRequest::write(Writer& writer) const {
  writer.u8(status_type);
  writer.u16(0);
  writer.u16(0);
}

OcspResponse OcspResponse::read(Reader& reader) {
  if (reader.u8() != 1) reader.fail(Cause::decode_error);
  return {reader.vector(3, 1, 0xffffff).rest()};
}

void OcspResponse::write(Writer& writer) const {
  writer.u8(1);
  writer.vector(3, [&] { writer.bytes(response); });
}

PreSharedKeys PreSharedKeys::read(Reader& reader) {
  PreSharedKeys out{};
  Reader identities = reader.vector(2, 7, 0xffff);
  while (!identities.empty()) {
    const Bytes identity = identities.vector(2, 1, 0xffff).rest();
    out.identities.push_back({identity, identities.u32()});
  }
  out.binders_size = reader.size();
  Reader binders = reader.vector(2, 33, 0xffff);
  while (!binders.empty()) out.binders.push_back(binders.vector(1, 32, 255).rest());
  if (out.binders.size() != out.identities.size()) reader.fail(Cause::illegal_parameter);
  return out;
}

void PreSharedKeys::write(Writer& writer) const {
  writer.vector(2, [&] {
    for (const Identity& identity : identities) {
      writer.vector(2, [&] { writer.bytes(identity.identity); });
      writer.u32(identity.obfuscated_ticket_age);
    }
  });
  writer.vector(2, [&] {
    for (const Bytes binder : binders) writer.vector(1, [&] { writer.bytes(binder); });
  });
}

}  // namespace schannel::wire
