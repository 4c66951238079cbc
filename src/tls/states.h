#pragma once
#include "crypto/key_exchange.h"
#include "tls/step.h"
#include "tls/v12/key_schedule.h"
#include "tls/v13/key_schedule.h"

// Every state of a connection. hello:: stands above the versions and yields one or the other, so
// no other state asks which version it is in.
namespace schannel::tls {

namespace hello {

/// Client: ClientHello is out.
struct WaitServerHello {
  using Accepts = Messages<wire::ServerHello>;
  Handshake handshake;
  Buffer session_id;
  std::vector<crypto::KeyShare> shares;
};

/// Server: nothing has come yet.
struct WaitClientHello {
  using Accepts = Messages<wire::ClientHello>;
  Handshake handshake;
};

}  // namespace hello

namespace v13 {

/// What a server has chosen from a ClientHello (v13/server_select.h).
struct Selected {
  const Suite* suite;
  NamedGroup group;
  Buffer key_exchange;  ///< The client's share; empty: ask for one by HelloRetryRequest.
  std::shared_ptr<const Identity> identity;
  SignatureScheme scheme;
  Buffer application_protocol;
  std::string server_name;
  Buffer session_id;
  bool offers_early_data;
  bool staples;  ///< The client asks for an OCSP response, and there is one.
  bool offers_post_handshake_auth;
  bool offers_psk_dhe = false;  ///< psk_key_exchange_modes has psk_dhe_ke.
  /// A session to resume, and its place in the client's list; null: none.
  std::shared_ptr<const Session> session = nullptr;
  std::uint16_t session_index = 0;
};

/// A CertificateRequest that waits for its answer.
struct PendingRequest {
  Buffer context;
  AskCredential ask;
};

namespace client {

struct WaitServerHelloAfterRetry {
  using Accepts = Messages<wire::ServerHello>;
  static constexpr bool kDropsChangeCipherSpec = true;
  Handshake handshake;
  Buffer session_id;
  crypto::KeyShare share;
  const Suite* suite;
};
// owes_change_cipher_spec: the dummy of RFC 8446 appendix D.4 is still to be sent.
struct WaitEncryptedExtensions {
  using Accepts = Messages<wire::EncryptedExtensions>;
  static constexpr bool kDropsChangeCipherSpec = true;
  Handshake handshake;
  HandshakeStage keys;
  bool owes_change_cipher_spec;
  std::shared_ptr<const Session> resumed;  ///< Null: a full handshake.
};
/// The session's chain is judged again.
struct NeedSessionVerdict {
  using Accepts = Messages<>;
  Handshake handshake;
  HandshakeStage keys;
  bool owes_change_cipher_spec;
  PossessionProved proof;
};
struct WaitCertificateOrRequest {
  using Accepts = Messages<wire::Certificate13, wire::CertificateRequest13>;
  static constexpr bool kDropsChangeCipherSpec = true;
  Handshake handshake;
  HandshakeStage keys;
  bool owes_change_cipher_spec;
};
struct WaitCertificate {
  using Accepts = Messages<wire::Certificate13>;
  static constexpr bool kDropsChangeCipherSpec = true;
  Handshake handshake;
  HandshakeStage keys;
  bool owes_change_cipher_spec;
  std::optional<PendingRequest> request;
};
struct NeedVerdict {
  using Accepts = Messages<>;
  Handshake handshake;
  HandshakeStage keys;
  bool owes_change_cipher_spec;
  std::optional<PendingRequest> request;
  crypto::PublicKey key;
};
struct WaitCertificateVerify {
  using Accepts = Messages<wire::CertificateVerify>;
  static constexpr bool kDropsChangeCipherSpec = true;
  Handshake handshake;
  HandshakeStage keys;
  bool owes_change_cipher_spec;
  std::optional<PendingRequest> request;
  crypto::PublicKey key;
  ChainAccepted accepted;
};
struct WaitFinished {
  using Accepts = Messages<wire::Finished>;
  static constexpr bool kDropsChangeCipherSpec = true;
  Handshake handshake;
  HandshakeStage keys;
  bool owes_change_cipher_spec;
  std::optional<PendingRequest> request;
  PeerVerified peer;
};
/// The server is verified and finished; our certificate is still to be chosen.
struct NeedCredential {
  using Accepts = Messages<>;
  Handshake handshake;
  HandshakeStage keys;
  bool owes_change_cipher_spec;
  PendingRequest request;
  PeerVerified peer;
};

}  // namespace client

namespace server {

/// The chain of a resumed session's client is judged again.
struct NeedSessionVerdict {
  using Accepts = Messages<>;
  Handshake handshake;
  Selected selected;
  bool sent_change_cipher_spec;
};
struct WaitClientHelloAfterRetry {
  using Accepts = Messages<wire::ClientHello>;
  static constexpr bool kDropsChangeCipherSpec = true;
  Handshake handshake;
  const Suite* suite;
  NamedGroup group;
  std::shared_ptr<const Identity> identity;
};
struct WaitCertificate {
  using Accepts = Messages<wire::Certificate13>;
  static constexpr bool kDropsChangeCipherSpec = true;
  Handshake handshake;
  TrafficSecret client_handshake;
  ApplicationStage application;
};
struct NeedVerdict {
  using Accepts = Messages<>;
  Handshake handshake;
  TrafficSecret client_handshake;
  ApplicationStage application;
  crypto::PublicKey key;
};
struct WaitCertificateVerify {
  using Accepts = Messages<wire::CertificateVerify>;
  static constexpr bool kDropsChangeCipherSpec = true;
  Handshake handshake;
  TrafficSecret client_handshake;
  ApplicationStage application;
  crypto::PublicKey key;
  ChainAccepted accepted;
};
struct WaitFinished {
  using Accepts = Messages<wire::Finished>;
  static constexpr bool kDropsChangeCipherSpec = true;
  Handshake handshake;
  TrafficSecret client_handshake;
  ApplicationStage application;
  std::optional<PeerVerified> peer;  ///< Empty: an anonymous client, or a resumed session.
};

}  // namespace server

/// A CertificateRequest of ours that the client has not answered yet.
struct UnansweredRequest {
  Buffer context;
  Transcript transcript;  ///< Of the handshake, with the request.
};

/// Both roles, after the handshake.
struct Connected {
  using Accepts = Messages<wire::NewSessionTicket13, wire::KeyUpdate, wire::CertificateRequest13,
                           wire::Certificate13>;
  static constexpr bool kConnected = true;
  std::shared_ptr<const Config> config;
  const Suite* suite;
  std::shared_ptr<Traffic> traffic;
  Secret exporter;
  Transcript transcript;                  ///< Through the client's Finished.
  bool allows_post_handshake;             ///< The client has offered post_handshake_auth.
  Secret resumption;                      ///< resumption_master_secret
  std::optional<PossessionProved> proof;  ///< Client: the server's.
  std::optional<UnansweredRequest> request = std::nullopt;  ///< Server.
};

/// Post-handshake authentication (RFC 8446 section 4.6.2). The client's answer is one flight:
/// nothing else stands between its messages (section 4.6.2), hence kRefusesData.
namespace late {

/// Client: our certificate is still to be chosen.
struct NeedCredential {
  using Accepts = Messages<>;
  Connected connected;
  PendingRequest request;
  Transcript transcript;
};
/// What a server knows of a client that answers.
struct Answer {
  Connected connected;
  Transcript transcript;
  std::vector<Buffer> chain;  ///< Empty: the client shows no certificate.
};
struct NeedVerdict {
  using Accepts = Messages<>;
  static constexpr bool kRefusesData = true;
  Answer answer;
  crypto::PublicKey key;
};
struct WaitCertificateVerify {
  using Accepts = Messages<wire::CertificateVerify>;
  static constexpr bool kRefusesData = true;
  Answer answer;
  crypto::PublicKey key;
  ChainAccepted accepted;
};
struct WaitFinished {
  using Accepts = Messages<wire::Finished>;
  static constexpr bool kRefusesData = true;
  Answer answer;
  std::optional<PeerVerified> peer;  ///< Empty: an anonymous client.
};

}  // namespace late
}  // namespace v13

namespace v12 {

/// What a server has chosen from a ClientHello (v12/server_hello.h).
struct Selected {
  const Suite* suite = nullptr;
  NamedGroup group{};
  std::shared_ptr<const Identity> identity;
  SignatureScheme scheme{};
  Buffer application_protocol;
  std::string server_name;
  bool extended_master_secret = false;
  bool secure_renegotiation = false;
  bool sends_point_formats = false;
  bool staples = false;  ///< The client asks for an OCSP response, and there is one.
  bool takes_tickets = false;
  /// A session to resume, and what its client has called it; null: none.
  std::shared_ptr<const Session> session = nullptr;
  Buffer session_id;
};

namespace client {

struct WaitCertificate {
  using Accepts = Messages<wire::Certificate12>;
  Handshake handshake;
  bool expects_status;  ///< The server has said it will staple (RFC 6066 section 8).
};
struct WaitServerKeyExchange {
  using Accepts = Messages<wire::CertificateStatus, wire::ServerKeyExchange>;
  Handshake handshake;
  bool expects_status;
  crypto::PublicKey key;
};
/// The server's ephemeral key, signed.
struct ServerParams {
  NamedGroup group;
  Buffer public_key;
  PossessionProved proof;
};
struct WaitServerHelloDone {
  using Accepts = Messages<wire::CertificateRequest12, wire::ServerHelloDone>;
  Handshake handshake;
  ServerParams params;
  std::optional<AskCredential> request;
};
struct NeedVerdict {
  using Accepts = Messages<>;
  Handshake handshake;
  ServerParams params;
  std::optional<AskCredential> request;
};
struct NeedCredential {
  using Accepts = Messages<>;
  Handshake handshake;
  ServerParams params;
  AskCredential request;
  PeerVerified peer;
};
/// RFC 5077 section 3.3: behind our Finished, before the server's.
struct WaitNewSessionTicket {
  using Accepts = Messages<wire::NewSessionTicket12>;
  Handshake handshake;
  MasterSecret master;
  PeerVerified peer;
};
struct GivenTicket {
  Buffer ticket;  ///< Empty: none after all.
  std::uint32_t lifetime_hint_seconds = 0;
};
struct WaitChangeCipherSpec {
  using Accepts = Messages<>;
  Handshake handshake;
  MasterSecret master;
  PeerVerified peer;
  GivenTicket given;
};
// kRefusesData: in a renegotiation, data before this Finished would be under keys that nobody has
// authenticated yet.
struct WaitFinished {
  using Accepts = Messages<wire::Finished>;
  static constexpr bool kRefusesData = true;
  Handshake handshake;
  MasterSecret master;
  PeerVerified peer;
  GivenTicket given;
};

}  // namespace client

/// A client whose server goes on with an earlier session (RFC 5246 figure 2): no certificates, no
/// key exchange, and the server finishes first.
namespace resumed_client {

/// The session's chain is judged again.
struct NeedVerdict {
  using Accepts = Messages<>;
  Handshake handshake;
  std::shared_ptr<const Session> session;
};
/// What all the others have.
struct Resumed {
  Handshake handshake;
  std::shared_ptr<const Session> session;
  MasterSecret master;
  PeerVerified peer;
};
struct WaitNewSessionTicket {
  using Accepts = Messages<wire::NewSessionTicket12>;
  Resumed resumed;
};
struct WaitChangeCipherSpec {
  using Accepts = Messages<>;
  Resumed resumed;
  client::GivenTicket given;
};
struct WaitFinished {
  using Accepts = Messages<wire::Finished>;
  Resumed resumed;
  client::GivenTicket given;
};

}  // namespace resumed_client

namespace server {

struct WaitCertificate {
  using Accepts = Messages<wire::Certificate12>;
  Handshake handshake;
  crypto::KeyShare share;
};
struct NeedVerdict {
  using Accepts = Messages<>;
  Handshake handshake;
  crypto::KeyShare share;
  crypto::PublicKey key;
};
/// A client certificate that is accepted but whose possession is still to be proved.
struct UnprovedClient {
  crypto::PublicKey key;
  ChainAccepted accepted;
};
struct WaitClientKeyExchange {
  using Accepts = Messages<wire::ClientKeyExchange>;
  Handshake handshake;
  crypto::KeyShare share;
  std::optional<UnprovedClient> client;
};
struct WaitCertificateVerify {
  using Accepts = Messages<wire::CertificateVerify>;
  Handshake handshake;
  MasterSecret master;
  UnprovedClient client;
};
struct WaitChangeCipherSpec {
  using Accepts = Messages<>;
  Handshake handshake;
  MasterSecret master;
  std::optional<PeerVerified> peer;
};
struct WaitFinished {
  using Accepts = Messages<wire::Finished>;
  static constexpr bool kRefusesData = true;
  Handshake handshake;
  MasterSecret master;
  std::optional<PeerVerified> peer;
};

}  // namespace server

namespace resumed_server {

/// The client's chain is judged again.
struct NeedVerdict {
  using Accepts = Messages<>;
  Handshake handshake;
  Selected selected;
};
struct WaitChangeCipherSpec {
  using Accepts = Messages<>;
  Handshake handshake;
  MasterSecret master;
};
struct WaitFinished {
  using Accepts = Messages<wire::Finished>;
  Handshake handshake;
  MasterSecret master;
};

}  // namespace resumed_server

/// After the handshake. A client may be asked, and a server begged, to renegotiate.
struct ConnectedClient {
  using Accepts = Messages<wire::HelloRequest>;
  static constexpr bool kConnected = true;
  std::shared_ptr<const Config> config;
  std::shared_ptr<const Negotiated> negotiated;
  MasterSecret master;
};
struct ConnectedServer {
  using Accepts = Messages<wire::ClientHello>;
  static constexpr bool kConnected = true;
  std::shared_ptr<const Config> config;
  std::shared_ptr<const Negotiated> negotiated;
  MasterSecret master;
  bool asked = false;  ///< A HelloRequest of ours is out.
};

/// Client: the ClientHello of a renegotiation is out. The server may still refuse it.
struct WaitServerHelloAgain {
  using Accepts = Messages<wire::ServerHello, wire::HelloRequest>;
  hello::WaitServerHello hello;
  ConnectedClient before;
};

}  // namespace v12

using State = std::variant<
    hello::WaitServerHello, hello::WaitClientHello, v13::client::WaitServerHelloAfterRetry,
    v13::client::WaitEncryptedExtensions, v13::client::NeedSessionVerdict,
    v13::client::WaitCertificateOrRequest, v13::client::WaitCertificate, v13::client::NeedVerdict,
    v13::client::WaitCertificateVerify, v13::client::WaitFinished, v13::client::NeedCredential,
    v13::server::NeedSessionVerdict, v13::server::WaitClientHelloAfterRetry,
    v13::server::WaitCertificate, v13::server::NeedVerdict, v13::server::WaitCertificateVerify,
    v13::server::WaitFinished, v13::Connected, v13::late::NeedCredential, v13::late::NeedVerdict,
    v13::late::WaitCertificateVerify, v13::late::WaitFinished, v12::client::WaitCertificate,
    v12::client::WaitServerKeyExchange, v12::client::WaitServerHelloDone, v12::client::NeedVerdict,
    v12::client::NeedCredential, v12::client::WaitNewSessionTicket,
    v12::client::WaitChangeCipherSpec, v12::client::WaitFinished, v12::resumed_client::NeedVerdict,
    v12::resumed_client::WaitNewSessionTicket, v12::resumed_client::WaitChangeCipherSpec,
    v12::resumed_client::WaitFinished, v12::resumed_server::NeedVerdict,
    v12::resumed_server::WaitChangeCipherSpec, v12::resumed_server::WaitFinished,
    v12::server::WaitCertificate, v12::server::NeedVerdict, v12::server::WaitClientKeyExchange,
    v12::server::WaitCertificateVerify, v12::server::WaitChangeCipherSpec,
    v12::server::WaitFinished, v12::ConnectedClient, v12::ConnectedServer,
    v12::WaitServerHelloAgain>;

using Step = BasicStep<State>;

}  // namespace schannel::tls
