#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "crypto/random.h"
#include "crypto/signature.h"
#include "tls/suite.h"

namespace schannel::tls {

enum class Role : std::uint8_t { client, server };

/// Who we are: a chain to send (DER, leaf first) and the key of its leaf.
struct Identity {
  std::vector<Buffer> chain;
  crypto::PrivateKey key;
};

/// One line of an NSS key log: label, the client's random, the secret.
using KeyLog = std::function<void(std::string_view label, Bytes client_random, Bytes secret)>;

/// What one side of a connection wants. Immutable while a connection uses it.
struct Config {
  Role role = Role::client;
  bool enable_tls12 = true;
  bool enable_tls13 = true;

  // Each in order of preference. The server's order decides (contract PROTO-15).
  std::vector<CipherSuite> cipher_suites;
  std::vector<NamedGroup> groups;
  std::vector<SignatureScheme> signature_schemes;
  std::vector<Buffer> application_protocols;  ///< Empty: no ALPN.

  /// Client: the SNI to send, an ASCII DNS name; empty for none.
  std::string server_name;
  /// Client: ask for a stapled OCSP response.
  bool request_ocsp = true;

  /// Server: at least one.
  std::vector<std::shared_ptr<const Identity>> identities;
  /// Server: send a CertificateRequest; and fail when the answer is empty (contract R-2).
  bool request_client_certificate = false;
  bool require_client_certificate = false;
  /// Server: DER names for the CertificateRequest (contract AUTH-22).
  std::vector<Buffer> certificate_authorities;

  crypto::Random* random = &crypto::system_random();
  KeyLog key_log;  ///< Empty: off.

  bool enables(ProtocolVersion version) const {
    return (version == ProtocolVersion::tls12 && enable_tls12) ||
           (version == ProtocolVersion::tls13 && enable_tls13);
  }
};

/// What a finished handshake has agreed on.
struct Negotiated {
  ProtocolVersion version{};
  const Suite* suite = nullptr;
  NamedGroup group{};
  SignatureScheme signature_scheme{};  ///< Of the server's handshake signature.
  Buffer application_protocol;         ///< Empty: none.
  std::string server_name;             ///< Sent or received SNI; empty: none.
  std::vector<Buffer> peer_chain;      ///< DER as sent, leaf first; empty: anonymous client.
  Buffer ocsp_response;                ///< Stapled by the server, not judged; empty: none.
  std::shared_ptr<const Identity> local_identity;  ///< What we proved; null: nothing.
  bool extended_master_secret = false;             ///< TLS 1.2 only; always the case in 1.3.
  bool secure_renegotiation = false;               ///< TLS 1.2 only (RFC 5746).
  wire::ProtocolVersion offered_max{};
  std::array<std::uint8_t, 32> client_random{};
  std::array<std::uint8_t, 32> server_random{};
};

}  // namespace schannel::tls
