#include "tls/snapshot.h"

#include "wire/reader.h"
#include "wire/writer.h"

namespace schannel::tls {
namespace {

constexpr std::size_t kChainBytesMax = 0xffffff;

void write_u64(wire::Writer& writer, std::uint64_t value) {
  writer.u32(static_cast<std::uint32_t>(value >> 32));
  writer.u32(static_cast<std::uint32_t>(value));
}

std::uint64_t read_u64(wire::Reader& reader) {
  const std::uint64_t high = reader.u32();
  return high << 32 | reader.u32();
}

void write_flag(wire::Writer& writer, bool value) { writer.u8(value ? 1 : 0); }
bool read_flag(wire::Reader& reader) { return reader.u8() == 1; }

void write_secret(wire::Writer& writer, const Secret& secret) {
  writer.vector(1, [&] { writer.bytes(secret); });
}
Secret read_secret(wire::Reader& reader) {
  return Secret(reader.vector(1, 1, Secret::kBytesMax).rest());
}

void write(wire::Writer& writer, const Negotiated& negotiated) {
  writer.u16(static_cast<std::uint16_t>(negotiated.version));
  writer.u16(static_cast<std::uint16_t>(negotiated.suite->id));
  writer.u16(static_cast<std::uint16_t>(negotiated.group));
  writer.u16(static_cast<std::uint16_t>(negotiated.signature_scheme));
  writer.u16(static_cast<std::uint16_t>(negotiated.offered_max));
  write_flag(writer, negotiated.extended_master_secret);
  write_flag(writer, negotiated.secure_renegotiation);
  write_flag(writer, negotiated.resumed);
  writer.bytes(negotiated.client_random);
  writer.bytes(negotiated.server_random);
  writer.vector(1, [&] { writer.bytes(negotiated.application_protocol); });
  writer.vector(2, [&] { writer.bytes(as_bytes(negotiated.server_name)); });
  writer.vector(1, [&] { writer.bytes(negotiated.first_finished); });
  writer.vector(1, [&] { writer.bytes(negotiated.client_verify_data); });
  writer.vector(1, [&] { writer.bytes(negotiated.server_verify_data); });
  writer.vector(1, [&] { writer.bytes(negotiated.session_id); });
  writer.vector(3, [&] { writer.bytes(negotiated.ocsp_response); });
  writer.vector(3, [&] {
    for (const Buffer& certificate : negotiated.peer_chain) {
      writer.vector(3, [&] { writer.bytes(certificate); });
    }
  });
  writer.vector(3, [&] {
    for (const AnsweredExtension& extension : negotiated.answered_extensions) {
      writer.u16(extension.type);
      writer.vector(2, [&] { writer.bytes(extension.body); });
    }
  });
}

Negotiated read_negotiated(wire::Reader& reader) {
  Negotiated out;
  out.version = static_cast<ProtocolVersion>(reader.u16());
  out.suite = find_suite(reader.u16());
  out.group = static_cast<NamedGroup>(reader.u16());
  out.signature_scheme = static_cast<SignatureScheme>(reader.u16());
  out.offered_max = static_cast<ProtocolVersion>(reader.u16());
  out.extended_master_secret = read_flag(reader);
  out.secure_renegotiation = read_flag(reader);
  out.resumed = read_flag(reader);
  out.client_random = reader.array<32>();
  out.server_random = reader.array<32>();
  out.application_protocol = to_buffer(reader.vector(1, 0, 255).rest());
  out.server_name = as_text(reader.vector(2, 0, 0xffff).rest());
  out.first_finished = to_buffer(reader.vector(1, 0, 255).rest());
  out.client_verify_data = to_buffer(reader.vector(1, 0, 255).rest());
  out.server_verify_data = to_buffer(reader.vector(1, 0, 255).rest());
  out.session_id = to_buffer(reader.vector(1, 0, 255).rest());
  out.ocsp_response = to_buffer(reader.vector(3, 0, kChainBytesMax).rest());
  wire::Reader chain = reader.vector(3, 0, kChainBytesMax);
  while (!chain.empty()) out.peer_chain.push_back(to_buffer(chain.vector(3, 1, 0xffffff).rest()));
  wire::Reader extensions = reader.vector(3, 0, kChainBytesMax);
  while (!extensions.empty()) {
    const std::uint16_t type = extensions.u16();
    out.answered_extensions.push_back({type, to_buffer(extensions.vector(2, 0, 0xffff).rest())});
  }
  return out;
}

}  // namespace

Buffer encode_snapshot(const Snapshot& snapshot) {
  Buffer out;
  // Secrets are written as they come: the buffer must not leave copies behind when it grows.
  std::size_t size = 1024 + snapshot.negotiated.ocsp_response.size();
  for (const Buffer& certificate : snapshot.negotiated.peer_chain) size += certificate.size() + 3;
  for (const auto& extension : snapshot.negotiated.answered_extensions) {
    size += extension.body.size() + 4;
  }
  out.reserve(size + snapshot.negotiated.server_name.size());
  wire::Writer writer(out);
  write(writer, snapshot.negotiated);
  if (const auto* keys = std::get_if<Snapshot::Keys13>(&snapshot.keys)) {
    write_secret(writer, keys->read);
    write_secret(writer, keys->write);
    write_secret(writer, keys->exporter);
  } else {
    write_secret(writer, std::get<Snapshot::Keys12>(snapshot.keys).master);
  }
  write_u64(writer, snapshot.read_sequence);
  write_u64(writer, snapshot.write_sequence);
  writer.u32(static_cast<std::uint32_t>(snapshot.taken.size));
  writer.bytes(snapshot.taken.tag);
  write_flag(writer, snapshot.closed_by_peer);
  return out;
}

Result<Snapshot> decode_snapshot(Bytes encoded) {
  std::optional<Cause> failure;
  wire::Reader reader(encoded, failure);
  Snapshot out;
  out.negotiated = read_negotiated(reader);
  const bool is_known =
      out.negotiated.suite != nullptr && out.negotiated.suite->version == out.negotiated.version;
  if (failure || !is_known) return Cause::decode_error;
  if (out.negotiated.version == ProtocolVersion::tls13) {
    Snapshot::Keys13 keys;
    keys.read = read_secret(reader);
    keys.write = read_secret(reader);
    keys.exporter = read_secret(reader);
    out.keys = std::move(keys);
  } else {
    out.keys = Snapshot::Keys12{read_secret(reader)};
  }
  out.read_sequence = read_u64(reader);
  out.write_sequence = read_u64(reader);
  out.taken.size = reader.u32();
  out.taken.tag = reader.array<crypto::kAeadTagBytes>();
  out.closed_by_peer = read_flag(reader);
  if (!reader.empty()) return Cause::decode_error;
  if (failure) return *failure;
  return out;
}

}  // namespace schannel::tls
