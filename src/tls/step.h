#pragma once
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "record/protection.h"
#include "tls/config.h"
#include "tls/peer.h"
#include "tls/transcript.h"
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
};

// --- What may come in besides messages ---

/// A change_cipher_spec record (RFC 5246 section 7.1).
struct ChangeCipherSpec {};
/// The answer to AskCredential; null: no certificate.
struct CredentialChosen {
  std::shared_ptr<const Identity> identity;
};
// ChainAccepted, the answer to AskVerdict, is in peer.h.

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
struct LogSecret {
  std::string_view label;
  Secret secret;
};
/// Stop until somebody says whether this chain may stand for the peer.
struct AskVerdict {
  std::vector<Buffer> chain;  ///< DER, as sent; empty only on a server.
  Buffer ocsp_response;
};
/// Stop until somebody chooses a certificate for us.
struct AskCredential {
  std::vector<Buffer> certificate_authorities;  ///< DER names; empty: any.
  std::vector<SignatureScheme> signature_schemes;
};
struct Established {
  Negotiated negotiated;
};

using Action =
    std::variant<SendHandshake, SendChangeCipherSpec, SendWarning, UseReadKey, UseWriteKey,
                 SkipEarlyData, LogSecret, AskVerdict, AskCredential, Established>;

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
    const std::size_t at = out_.size();
    wire::Writer writer(out_);
    writer.u8(static_cast<std::uint8_t>(type));
    writer.vector(3, [&] { body(writer); });
    overflowed_ = overflowed_ || writer.overflowed();
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
