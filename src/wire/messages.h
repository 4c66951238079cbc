#pragma once
#include <optional>
#include <vector>

#include "wire/extensions.h"

namespace schannel::wire {

// Handshake messages that both versions share, then those of TLS 1.3 and of TLS 1.2. A message is
// a set of views into the bytes it was read from.

using HelloRandom = std::array<std::uint8_t, 32>;

/// RFC 8446 section 4.1.2 and RFC 5246 section 7.4.1.2.
struct ClientHello {
  static constexpr auto handshake_type = HandshakeType::client_hello;
  std::uint16_t legacy_version;
  HelloRandom random;
  Bytes legacy_session_id;
  std::vector<std::uint16_t> cipher_suites;
  Bytes legacy_compression_methods;
  ExtensionList extensions;  ///< Empty when the block is absent, as TLS 1.2 allows.
  static ClientHello read(Reader& reader);
};

/// RFC 8446 section 4.1.3 and RFC 5246 section 7.4.1.3. HelloRetryRequest has the same form.
struct ServerHello {
  static constexpr auto handshake_type = HandshakeType::server_hello;
  std::uint16_t legacy_version;
  HelloRandom random;
  Bytes legacy_session_id_echo;
  std::uint16_t cipher_suite;
  std::uint8_t legacy_compression_method;
  ExtensionList extensions;
  bool is_hello_retry_request() const;
  static ServerHello read(Reader& reader);
};

/// SHA-256 of "HelloRetryRequest" (RFC 8446 section 4.1.3).
extern const HelloRandom kHelloRetryRequestRandom;

/// RFC 8446 section 4.4.4 and RFC 5246 section 7.4.9.
struct Finished {
  static constexpr auto handshake_type = HandshakeType::finished;
  Bytes verify_data;
  static Finished read(Reader& reader) { return {reader.rest()}; }
  void write(Writer& writer) const { writer.bytes(verify_data); }
};

/// RFC 8446 section 4.4.3 and, for the client's certificate in TLS 1.2, RFC 5246 section 7.4.8.
struct CertificateVerify {
  static constexpr auto handshake_type = HandshakeType::certificate_verify;
  SignatureScheme algorithm;
  Bytes signature;
  static CertificateVerify read(Reader& reader) {
    return {.algorithm = static_cast<SignatureScheme>(reader.u16()),
            .signature = reader.vector(2, 0, 0xffff).rest()};
  }
  void write(Writer& writer) const {
    writer.u16(static_cast<std::uint16_t>(algorithm));
    writer.vector(2, [&] { writer.bytes(signature); });
  }
};

// --- TLS 1.3 ---

/// RFC 8446 section 4.3.1.
struct EncryptedExtensions {
  static constexpr auto handshake_type = HandshakeType::encrypted_extensions;
  ExtensionList extensions;
  static EncryptedExtensions read(Reader& reader) {
    return {ExtensionList::read(reader.vector(2, 0, 0xffff))};
  }
};

/// RFC 8446 section 4.3.2.
struct CertificateRequest13 {
  static constexpr auto handshake_type = HandshakeType::certificate_request;
  Bytes context;
  ExtensionList extensions;
  static CertificateRequest13 read(Reader& reader) {
    return {.context = reader.vector(1, 0, 255).rest(),
            .extensions = ExtensionList::read(reader.vector(2, 2, 0xffff))};
  }
};

/// RFC 8446 section 4.4.2.
struct CertificateEntry {
  Bytes certificate;  ///< DER
  ExtensionList extensions;
};
struct Certificate13 {
  static constexpr auto handshake_type = HandshakeType::certificate;
  Bytes context;
  std::vector<CertificateEntry> entries;
  static Certificate13 read(Reader& reader);
};

/// RFC 8446 section 4.6.1.
struct NewSessionTicket13 {
  static constexpr auto handshake_type = HandshakeType::new_session_ticket;
  std::uint32_t lifetime_seconds;
  std::uint32_t age_add;
  Bytes nonce;
  Bytes ticket;
  ExtensionList extensions;
  static NewSessionTicket13 read(Reader& reader) {
    return {.lifetime_seconds = reader.u32(),
            .age_add = reader.u32(),
            .nonce = reader.vector(1, 0, 255).rest(),
            .ticket = reader.vector(2, 1, 0xffff).rest(),
            .extensions = ExtensionList::read(reader.vector(2, 0, 0xfffe))};
  }
  /// Without extensions.
  void write(Writer& writer) const {
    writer.u32(lifetime_seconds);
    writer.u32(age_add);
    writer.vector(1, [&] { writer.bytes(nonce); });
    writer.vector(2, [&] { writer.bytes(ticket); });
    writer.u16(0);
  }
};

/// RFC 8446 section 4.6.3.
struct KeyUpdate {
  static constexpr auto handshake_type = HandshakeType::key_update;
  bool update_requested;
  static KeyUpdate read(Reader& reader) {
    const std::uint8_t request = reader.u8();
    if (request > 1) reader.fail(Cause::illegal_parameter);
    return {request == 1};
  }
  void write(Writer& writer) const { writer.u8(update_requested ? 1 : 0); }
};

// --- TLS 1.2 ---

/// RFC 5246 section 7.4.1.1.
struct HelloRequest {
  static constexpr auto handshake_type = HandshakeType::hello_request;
  static HelloRequest read(Reader&) { return {}; }
};

/// RFC 5246 section 7.4.2.
struct Certificate12 {
  static constexpr auto handshake_type = HandshakeType::certificate;
  std::vector<Bytes> certificates;  ///< DER
  static Certificate12 read(Reader& reader);
};

/// RFC 6066 section 8.
struct CertificateStatus {
  static constexpr auto handshake_type = HandshakeType::certificate_status;
  OcspResponse ocsp;
  static CertificateStatus read(Reader& reader) { return {OcspResponse::read(reader)}; }
};

/// RFC 8422 section 5.4: an ephemeral public key of a named curve, signed.
struct ServerKeyExchange {
  static constexpr auto handshake_type = HandshakeType::server_key_exchange;
  Bytes params;  ///< ServerECDHParams as sent: what the signature covers behind the randoms.
  NamedGroup named_curve;
  Bytes public_key;
  SignatureScheme algorithm;
  Bytes signature;
  static ServerKeyExchange read(Reader& reader);
};
/// ServerECDHParams of our own.
Buffer encode_server_ecdh_params(NamedGroup group, Bytes public_key);

/// RFC 5246 section 7.4.4.
struct CertificateRequest12 {
  static constexpr auto handshake_type = HandshakeType::certificate_request;
  Bytes certificate_types;
  std::vector<std::uint16_t> signature_algorithms;
  std::vector<Bytes> certificate_authorities;
  static CertificateRequest12 read(Reader& reader);
  void write(Writer& writer) const;
};

/// RFC 5246 section 7.4.5.
struct ServerHelloDone {
  static constexpr auto handshake_type = HandshakeType::server_hello_done;
  static ServerHelloDone read(Reader&) { return {}; }
  void write(Writer&) const {}
};

/// RFC 8422 section 5.7.
struct ClientKeyExchange {
  static constexpr auto handshake_type = HandshakeType::client_key_exchange;
  Bytes public_key;
  static ClientKeyExchange read(Reader& reader) { return {reader.vector(1, 1, 255).rest()}; }
  void write(Writer& writer) const {
    writer.vector(1, [&] { writer.bytes(public_key); });
  }
};

/// RFC 5077 section 3.3.
struct NewSessionTicket12 {
  static constexpr auto handshake_type = HandshakeType::new_session_ticket;
  std::uint32_t lifetime_hint_seconds;
  Bytes ticket;
  static NewSessionTicket12 read(Reader& reader) {
    return {.lifetime_hint_seconds = reader.u32(), .ticket = reader.vector(2, 0, 0xffff).rest()};
  }
  void write(Writer& writer) const {
    writer.u32(lifetime_hint_seconds);
    writer.vector(2, [&] { writer.bytes(ticket); });
  }
};

}  // namespace schannel::wire
