#pragma once
#include <optional>
#include <vector>

#include "base/limits.h"
#include "wire/code_points.h"
#include "wire/reader.h"
#include "wire/writer.h"

namespace schannel::wire {

/// One entry of an extension block, body unparsed (RFC 8446 section 4.2).
struct Extension {
  ExtensionType type;
  Bytes body;
};

/// An extension block in message order, without duplicates.
class ExtensionList {
 public:
  /// The contents of `Extension extensions<..>`, length field already taken. A duplicate is an
  /// illegal_parameter (RFC 8446 section 4.2), too many are a decode_error (base/limits.h).
  static ExtensionList read(Reader reader);

  const std::vector<Extension>& all() const { return extensions_; }
  std::optional<Bytes> find(ExtensionType type) const;
  bool has(ExtensionType type) const { return find(type).has_value(); }
  bool empty() const { return extensions_.empty(); }

 private:
  std::vector<Extension> extensions_;
};

/// The messages that carry extensions, for the matrix of RFC 8446 section 4.2.
enum class ExtensionContext : std::uint8_t {
  client_hello = 1,
  server_hello = 2,
  encrypted_extensions = 4,
  certificate = 8,
  certificate_request = 16,
  new_session_ticket = 32,
  hello_retry_request = 64,
};

/// False for an extension that we know and that must not stand in this TLS 1.3 message: the
/// receiver answers illegal_parameter. Unknown extensions are allowed anywhere.
bool is_allowed_13(ExtensionType type, ExtensionContext context);

/// Writes one extension: type, length, what `body` writes.
template <class Body>
void write_extension(Writer& writer, ExtensionType type, Body body) {
  writer.u16(static_cast<std::uint16_t>(type));
  writer.vector(2, body);
}
inline void write_extension(Writer& writer, ExtensionType type) {
  write_extension(writer, type, [] {});
}

// --- The bodies. Each is a view into the message it was read from. ---

/// RFC 6066 section 3, in a ClientHello. The host_name, or empty when the list has other names
/// only.
struct ServerName {
  Bytes host_name;
  static ServerName read(Reader& reader);
  void write(Writer& writer) const;
};

/// A list of 16-bit values with a 16-bit length: supported_groups, signature_algorithms.
struct U16List {
  std::vector<std::uint16_t> values;
  static U16List read(Reader& reader);
  void write(Writer& writer) const;
};

/// RFC 7301 section 3.1. One name in a server's answer.
struct ProtocolNameList {
  std::vector<Bytes> names;
  static ProtocolNameList read(Reader& reader);
  void write(Writer& writer) const;
};

/// supported_versions in a ClientHello (RFC 8446 section 4.2.1).
struct ClientVersions {
  std::vector<std::uint16_t> versions;
  static ClientVersions read(Reader& reader);
  void write(Writer& writer) const;
};

/// A single 16-bit value: supported_versions in a ServerHello, key_share in a HelloRetryRequest.
struct U16Value {
  std::uint16_t value;
  static U16Value read(Reader& reader) { return {reader.u16()}; }
  void write(Writer& writer) const { writer.u16(value); }
};

/// RFC 8446 section 4.2.8.
struct KeyShareEntry {
  std::uint16_t group;
  Bytes key_exchange;
  static KeyShareEntry read(Reader& reader);
  void write(Writer& writer) const;
};
struct ClientKeyShares {
  std::vector<KeyShareEntry> entries;
  static ClientKeyShares read(Reader& reader);
  void write(Writer& writer) const;
};

/// RFC 8446 section 4.2.2.
struct Cookie {
  Bytes cookie;
  static Cookie read(Reader& reader);
  void write(Writer& writer) const;
};

/// RFC 8446 section 4.2.4: DER distinguished names.
struct CertificateAuthorities {
  std::vector<Bytes> names;
  static CertificateAuthorities read(Reader& reader);
  void write(Writer& writer) const;
};

/// status_request in a ClientHello (RFC 6066 section 8): we ask for OCSP without preferences.
struct CertificateStatusRequest {
  std::uint8_t status_type;
  static CertificateStatusRequest read(Reader& reader);
  void write(Writer& writer) const;
};

/// CertificateStatus: the TLS 1.2 message and the TLS 1.3 certificate extension share it.
struct OcspResponse {
  Bytes response;
  static OcspResponse read(Reader& reader);
  void write(Writer& writer) const;
};

/// A byte string with an 8-bit length: ec_point_formats, renegotiation_info.
struct ShortOpaque {
  Bytes value;
  static ShortOpaque read(Reader& reader) { return {reader.vector(1, 0, 255).rest()}; }
  void write(Writer& writer) const {
    writer.vector(1, [&] { writer.bytes(value); });
  }
};

/// pre_shared_key in a ClientHello (RFC 8446 section 4.2.11).
struct PreSharedKeys {
  struct Identity {
    Bytes identity;
    std::uint32_t obfuscated_ticket_age;
  };
  std::vector<Identity> identities;
  std::vector<Bytes> binders;  ///< As many.
  /// Of the list of binders, its length field included: what a binder does not cover.
  std::size_t binders_size;
  static PreSharedKeys read(Reader& reader);
  void write(Writer& writer) const;
};

/// An extension without a body: extended_master_secret.
struct EmptyBody {
  static EmptyBody read(Reader&) { return {}; }
  void write(Writer&) const {}
};

}  // namespace schannel::wire
