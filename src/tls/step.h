#pragma once
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "record/protection.h"
#include "tls/config.h"
#include "tls/peer.h"
#include "tls/transcript.h"
#include "tls/v13/key_schedule.h"
#include "wire/messages.h"
#include "wire/writer.h"

// What the machines in v13/ and v12/ are made of. A state is a struct that owns what is alive in
// it, names the messages it takes in `Accepts`, and has an overload on(State, In<Message>) for each
// of them that returns the next state and what is to be done. Everything else is refused in one
// place, before it is parsed.
namespace schannel::tls {

/// A decoded message and the bytes it came from, header included, for the transcript.
template <class M>
struct In {
  const M& body;
  Bytes raw;
};

template <class... M>
struct Messages {};

/// What lives from the first hello to the last Finished.
struct Handshake {
  std::shared_ptr<const Config> config;
  Transcript transcript;
  Negotiated negotiated;
  /// What the handshake before this one agreed on; null on a connection's first.
  std::shared_ptr<const Negotiated> previous = nullptr;
  /// Server: the client can use a ticket of ours. Client of TLS 1.2: one has been announced.
  bool takes_tickets = false;
};

// --- What may come in besides messages ---

/// A change_cipher_spec record (RFC 5246 section 7.1).
struct ChangeCipherSpec {};
/// The answer to AskCredential; null: no certificate.
struct CredentialChosen {
  std::shared_ptr<const Identity> identity;
};
// ChainAccepted, the answer to AskVerdict, is in peer.h.

// After the handshake:

/// What holds for handshakes from now on.
struct Reconfigure {
  std::shared_ptr<const Config> config;
};
/// TLS 1.2: begin a new handshake, or ask the client to.
struct Renegotiate {};
/// TLS 1.2: the peer has answered Renegotiate with the warning no_renegotiation.
struct RenegotiationRefused {};
/// TLS 1.3: change our write key, and perhaps ask the peer to change its own.
struct UpdateKey {
  bool request_peer;
};
/// TLS 1.3 server: ask for a certificate (RFC 8446 section 4.6.2).
struct RequestCertificate {};

// --- What a step asks the connection to do, in order ---

/// Send whole handshake messages under the current write key.
struct SendHandshake {
  Buffer messages;
};
struct SendChangeCipherSpec {};
/// Send a warning alert and go on.
struct SendWarning {
  Alert alert;
};
/// What follows from the peer is under this key. No handshake bytes may be left over from the old
/// one (RFC 8446 section 5.1).
struct UseReadKey {
  record::RecordKey key;
};
struct UseWriteKey {
  record::RecordKey key;
};
/// RFC 8446 section 4.2.10: the client may have sent early data that we can't read: records that
/// do not open are dropped until the first that does.
struct SkipEarlyData {};
/// TLS 1.3: the secrets that KeyUpdate goes on from, also without a handshake message: the writing
/// half changes its key by itself before its cipher's limit.
struct ShareTraffic {
  std::shared_ptr<v13::Traffic> traffic;
};
/// What a peer can repeat on an established connection. Each kind has its limit in base/limits.h.
enum class Repeated : std::uint8_t { key_update, renegotiation, authentication };
struct Count {
  Repeated what;
};
struct LogSecret {
  std::string_view label;
  Secret secret;
};
/// Stop until somebody says whether this chain may stand for the peer.
struct AskVerdict {
  std::vector<Buffer> chain;  ///< DER, as sent; empty only on a server.
  Buffer ocsp_response;
  Buffer application_protocol = {};  ///< As agreed on; empty: none.
};
/// Stop until somebody chooses a certificate for us.
struct AskCredential {
  std::vector<Buffer> certificate_authorities;  ///< DER names; empty: any.
  std::vector<SignatureScheme> signature_schemes;
  /// In TLS 1.3 an ecdsa scheme names the curve of the key (RFC 8446 section 4.2.3).
  ProtocolVersion version = ProtocolVersion::tls13;
};
/// A handshake is complete: the first one, or a renegotiation.
struct Established {
  Negotiated negotiated;
};
/// A session of this connection, for later ones: the connection adds what it has agreed on.
struct KeepSession {
  Session session;
};
/// Post-handshake authentication is complete: who the client is now. Empty, null: nobody.
struct Authenticated {
  std::vector<Buffer> peer_chain;
  std::shared_ptr<const Identity> local_identity;
};

using Action = std::variant<SendHandshake, SendChangeCipherSpec, SendWarning, UseReadKey,
                            UseWriteKey, SkipEarlyData, ShareTraffic, Count, LogSecret, AskVerdict,
                            AskCredential, Established, KeepSession, Authenticated>;

/// `State` is the variant of every state (states.h); a template so that a machine's header needs
/// only its own states to be complete.
template <class State>
struct BasicStep {
  State next;
  std::vector<Action> actions = {};

  /// For what only sometimes follows.
  template <class A>
  void add(A action) {
    actions.emplace_back(std::in_place_type<A>, std::move(action));
  }
  template <class A>
  BasicStep&& then(A action) && {
    add(std::move(action));
    return std::move(*this);
  }
};

/// Encodes messages and feeds the transcript with the same bytes.
class Flight {
 public:
  explicit Flight(Transcript& transcript) : transcript_(transcript) {}

  template <class M>
  void add(const M& message) {
    add(M::handshake_type, [&](wire::Writer& writer) { message.write(writer); });
  }
  template <class Body>
  void add(wire::HandshakeType type, Body body) {
    add(type, body, [](const Transcript&, MutableBytes) {});
  }
  /// `complete` fills in what depends on the message itself, before it counts.
  template <class Body, class Complete>
  void add(wire::HandshakeType type, Body body, Complete complete) {
    const std::size_t at = out_.size();
    wire::Writer writer(out_);
    writer.u8(static_cast<std::uint8_t>(type));
    writer.vector(3, [&] { body(writer); });
    overflowed_ = overflowed_ || writer.overflowed();
    complete(std::as_const(transcript_), MutableBytes(out_).subspan(at));
    transcript_.add(Bytes(out_).subspan(at));
  }

  /// Nothing is sent when a field outgrew its length.
  Result<SendHandshake> send() && {
    if (overflowed_) return Cause::internal_error;
    return SendHandshake{std::move(out_)};
  }

 private:
  Transcript& transcript_;
  Buffer out_;
  bool overflowed_ = false;
};

/// Adds a copy of `secret` for the key log, when there is one.
inline void log_secret(std::vector<Action>& actions, const Config& config, std::string_view label,
                       Bytes secret) {
  if (config.key_log) actions.emplace_back(LogSecret{label, Secret(secret)});
}

}  // namespace schannel::tls
