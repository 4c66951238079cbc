#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/limits.h"
#include "crypto/random.h"
#include "crypto/signature.h"
#include "tls/session.h"
#include "tls/suite.h"

namespace schannel::tls {

enum class Role : std::uint8_t { client, server };

/// Who we are: a chain to send (DER, leaf first) and the key of its leaf.
struct Identity {
  std::vector<Buffer> chain;
  crypto::PrivateKey key;
  /// DNS names the leaf is for, lower case, IDNA applied; "*.example.com" is a wildcard. What a
  /// server compares with SNI.
  std::vector<std::string> names = {};
  /// A DER OCSPResponse about the leaf, to be stapled for who asks (RFC 6066 section 8).
  Buffer ocsp_response = {};
  /// What the key may sign with, best first; empty: all that the connection may verify.
  std::vector<SignatureScheme> signature_schemes = {};
};

/// One line of an NSS key log: label, the client's random, the secret.
using KeyLog = std::function<void(std::string_view label, Bytes client_random, Bytes secret)>;

/// What a handshake may use.
struct Algorithms {
  bool enable_tls12 = true;
  bool enable_tls13 = true;

  // Each in order of preference. The server's order decides (contract PROTO-15).
  std::vector<CipherSuite> cipher_suites;
  std::vector<NamedGroup> groups;
  std::vector<SignatureScheme> signature_schemes;
  /// Keys that must not sign, neither the peer's nor ours.
  std::vector<crypto::KeyRange> refused_keys;

  bool enables(ProtocolVersion version) const {
    return (version == ProtocolVersion::tls12 && enable_tls12) ||
           (version == ProtocolVersion::tls13 && enable_tls13);
  }
};

/// What holds on top for some application protocols (contract CRED-33, CRED-36).
struct Restriction {
  std::vector<Buffer> application_protocols;  ///< Empty: for all, and for none.
  /// Server: holds only where the handshake can go on with it.
  bool is_optional = false;
  Algorithms allowed;  ///< Their order means nothing.
};

/// What one side of a connection wants. Immutable while a connection uses it.
struct Config : Algorithms {
  Role role = Role::client;
  std::vector<Buffer> application_protocols;  ///< Empty: no ALPN.
  std::vector<Restriction> restrictions;
  /// What certificates may be signed with, where that differs from signature_schemes; empty: where
  /// it does not.
  std::vector<SignatureScheme> certificate_signature_schemes;

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

  /// Client: offer to authenticate after the handshake (RFC 8446 section 4.6.2).
  bool offer_post_handshake_auth = false;
  /// Refuse a peer that asks to renegotiate (TLS 1.2).
  bool refuse_renegotiation = false;
  /// Announce only those messages after a TLS 1.3 handshake that need an answer; receive() says
  /// `absorb` for the others.
  bool absorb_post_handshake = false;
  /// Records that an AES-GCM key of TLS 1.3 may protect (RFC 8446 section 5.5).
  std::uint64_t aes_gcm_record_limit = kAesGcmRecordCountMax;

  /// Milliseconds since 1970, for the age of sessions.
  std::int64_t now_ms = 0;
  /// Client: a session to resume if the server still has it; null: none. It must be fresh, and of
  /// a version, suite and server name of this Config.
  std::shared_ptr<const Session> session;
  /// Client: somebody takes the sessions of this connection, so TLS 1.2 asks for a ticket.
  bool keeps_sessions = false;
  /// What the application keeps with the session that comes of a first handshake; null: nothing.
  std::shared_ptr<ApplicationData> application_data;
  /// Server: where sessions are; null: nowhere, and nothing is resumed.
  std::shared_ptr<SessionStore> sessions;
  /// Server: give tickets to clients that take them.
  bool send_tickets = false;
  /// Server: bytes 4 to 7 of every session id of TLS 1.2, by which a load balancer finds the
  /// machine (contract CACHE-10).
  std::optional<std::array<std::uint8_t, 4>> session_id_mark;

  crypto::Random* random = &crypto::system_random();
  KeyLog key_log;  ///< Empty: off.
};

/// An extension of the server's answer, as it stood on the wire.
struct AnsweredExtension {
  std::uint16_t type;
  Buffer body;
};

/// What a finished handshake has agreed on.
struct Negotiated {
  ProtocolVersion version{};
  const Suite* suite = nullptr;
  NamedGroup group{};
  SignatureScheme signature_scheme{};  ///< Of the server's handshake signature.
  /// Of the client's, during the handshake; 0: none, or a resumed session.
  SignatureScheme client_signature_scheme{};
  Buffer application_protocol;     ///< Empty: none.
  std::string server_name;         ///< Sent or received SNI; empty: none.
  std::vector<Buffer> peer_chain;  ///< DER as sent, leaf first; empty: anonymous client.
  Buffer ocsp_response;            ///< Stapled by the server, not judged; empty: none.
  /// What the server answered in ServerHello and EncryptedExtensions, in order.
  std::vector<AnsweredExtension> answered_extensions;
  /// TLS 1.2: verify_data of the first Finished of this handshake, which is the binding
  /// "tls-unique" (RFC 5929 section 3.1): the client's, or the server's when a session is resumed.
  Buffer first_finished;
  std::shared_ptr<const Identity> local_identity;  ///< What we proved; null: nothing.
  bool extended_master_secret = false;             ///< TLS 1.2 only; always the case in 1.3.
  bool secure_renegotiation = false;               ///< TLS 1.2 only (RFC 5746).
  bool post_handshake_auth = false;                ///< TLS 1.3 only: the client has offered it.
  /// TLS 1.2 only: of the two Finished messages (RFC 5746 section 3.1).
  Buffer client_verify_data;
  Buffer server_verify_data;
  bool resumed = false;  ///< Of an earlier session.
  Buffer session_id;     ///< TLS 1.2 only: of the session; empty: it has none, or a ticket.
  /// The Config's, or that of the session that was resumed; null after a renegotiation.
  std::shared_ptr<ApplicationData> application_data;
  wire::ProtocolVersion offered_max{};
  std::array<std::uint8_t, 32> client_random{};
  std::array<std::uint8_t, 32> server_random{};
};

/// Writes down in `session` what a later handshake must find again.
void note_agreement(Session& session, const Negotiated& negotiated);

}  // namespace schannel::tls
