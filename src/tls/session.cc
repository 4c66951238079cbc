#include "tls/session.h"

#include "tls/config.h"
#include "wire/reader.h"
#include "wire/writer.h"

namespace schannel::tls {
namespace {

/// Of the form below: a ticket of another release is not understood, and so not used.
constexpr std::uint8_t kForm = 2;
constexpr std::size_t kChainBytesMax = 0xffffff;
constexpr std::size_t kApplicationDataBytesMax = 0xffffff;

}  // namespace

void note_agreement(Session& session, const Negotiated& negotiated) {
  session.version = negotiated.version;
  session.suite = negotiated.suite;
  session.server_name = negotiated.server_name;
  session.application_protocol = negotiated.application_protocol;
  session.peer_chain = negotiated.peer_chain;
  session.group = negotiated.group;
  session.signature_scheme = negotiated.signature_scheme;
  session.extended_master_secret = negotiated.extended_master_secret;
  session.application_data = negotiated.application_data;
}

Buffer encode_session(const Session& session) {
  Buffer out;
  wire::Writer writer(out);
  const auto issued = static_cast<std::uint64_t>(session.issued_ms);
  writer.u8(kForm);
  writer.u16(static_cast<std::uint16_t>(session.version));
  writer.u16(static_cast<std::uint16_t>(session.suite->id));
  writer.u16(static_cast<std::uint16_t>(session.group));
  writer.u16(static_cast<std::uint16_t>(session.signature_scheme));
  writer.u8(session.extended_master_secret ? 1 : 0);
  writer.u32(session.lifetime_seconds);
  writer.u32(session.age_add);
  writer.u32(static_cast<std::uint32_t>(issued >> 32));
  writer.u32(static_cast<std::uint32_t>(issued));
  writer.vector(1, [&] { writer.bytes(session.secret); });
  writer.vector(2, [&] { writer.bytes(as_bytes(session.server_name)); });
  writer.vector(1, [&] { writer.bytes(session.application_protocol); });
  writer.vector(1, [&] { writer.bytes(session.leaf_hash); });
  writer.vector(3, [&] {
    if (session.application_data) writer.bytes(session.application_data->bytes());
  });
  writer.vector(3, [&] {
    for (const Buffer& certificate : session.peer_chain) {
      writer.vector(3, [&] { writer.bytes(certificate); });
    }
  });
  return out;
}

Result<Session> decode_session(Bytes encoded) {
  std::optional<Cause> failure;
  wire::Reader reader(encoded, failure);
  Session out;
  if (reader.u8() != kForm) return Cause::decode_error;
  out.version = static_cast<ProtocolVersion>(reader.u16());
  out.suite = find_suite(reader.u16());
  out.group = static_cast<NamedGroup>(reader.u16());
  out.signature_scheme = static_cast<SignatureScheme>(reader.u16());
  out.extended_master_secret = reader.u8() == 1;
  out.lifetime_seconds = reader.u32();
  out.age_add = reader.u32();
  const std::uint64_t issued_high = reader.u32();
  out.issued_ms = static_cast<std::int64_t>(issued_high << 32 | reader.u32());
  out.secret = Secret(reader.vector(1, 1, Secret::kBytesMax).rest());
  out.server_name = as_text(reader.vector(2, 0, 0xffff).rest());
  out.application_protocol = to_buffer(reader.vector(1, 0, 255).rest());
  out.leaf_hash = to_buffer(reader.vector(1, 0, 255).rest());
  out.application_data = std::make_shared<ApplicationData>();
  out.application_data->set(to_buffer(reader.vector(3, 0, kApplicationDataBytesMax).rest()));
  wire::Reader chain = reader.vector(3, 0, kChainBytesMax);
  while (!chain.empty())
    out.peer_chain.push_back(to_buffer(chain.vector(3, 1, kChainBytesMax).rest()));
  if (failure) return *failure;
  if (!reader.empty() || out.suite == nullptr || out.suite->version != out.version) {
    return Cause::decode_error;
  }
  return out;
}

}  // namespace schannel::tls
