#pragma once
#include <atomic>

#include "record/reader.h"
#include "record/writer.h"
#include "tls/snapshot.h"
#include "tls/states.h"

namespace schannel::tls {

/// Why handshake() has come back. Waiting is not a failure.
enum class Outcome : std::uint8_t {
  need_input,       ///< `in` holds no whole record; nothing was consumed, nothing has changed.
  in_progress,      ///< Everything usable was consumed; more must come from the peer.
  need_credential,  ///< See credential_request(); answer with choose_identity().
  need_verdict,     ///< See peer_chain(); answer with accept_peer() or reject_peer().
  established,      ///< The handshake is complete; what is left of `in` comes after it.
  interrupted,      ///< Application data stands in the way of a renegotiation: `in` goes on with a
                    ///< record for receive(), which announces the next handshake message.
  refused,          ///< The peer won't renegotiate; the connection is as it was.
};

struct Progress {
  Outcome outcome;
  std::size_t consumed = 0;  ///< Bytes of `in` used up.
  std::size_t missing = 0;   ///< With need_input: bytes certainly still to come, at least 1.
};

/// What receive() found at the front of its input.
struct Received {
  enum class Kind : std::uint8_t {
    application_data,  ///< `content` is the plaintext, inside the record's own memory.
    nothing,           ///< A record without content for the caller: a warning alert.
    need_input,        ///< Not a whole record; nothing has changed.
    handshake,         ///< A post-handshake message: call handshake(). The record stands as it
                       ///< came and will be recognised when it is seen again.
    absorb,            ///< Config::absorb_post_handshake: messages that need no answer and must be
                       ///< taken by handshake() with empty input before the next receive().
    no_renegotiation,  ///< The peer's answer to renegotiate(); the connection is as it was.
    closed,            ///< close_notify.
  };
  Kind kind;
  MutableBytes content;      ///< May be empty.
  std::size_t consumed = 0;  ///< Size of the record; what follows is untouched.
  std::size_t missing = 0;   ///< With need_input.
};

/// A queue of handshake bytes that gives out whole messages.
class MessageQueue {
 public:
  void append(Bytes fragment);
  /// The first message behind `skip` bytes, with its 4 bytes of header; good until pop().
  /// handshake_message_too_large as soon as the header shows it.
  Result<std::optional<Bytes>> next(std::size_t skip = 0) const;
  void pop(std::size_t size);
  bool empty() const { return start_ == bytes_.size(); }

 private:
  Buffer bytes_;
  std::size_t start_ = 0;
};

/// One side of one TLS connection: bytes in, bytes out, no socket, no clock, no callback.
///
/// Three parts that different threads may use at the same time (contract ENC-20): seal() and
/// update_write_key() are the writing half; receive() is the reading half; everything else needs
/// both halves to be idle. The caller keeps that order (schannel::HandleTable's gates do).
class Connection {
 public:
  explicit Connection(std::shared_ptr<const Config> config);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // --- Handshake ---

  /// Feeds handshake records from the peer and appends what is to be sent to `out`, on failure an
  /// alert. `in` is never written. A client's first call makes the ClientHello, with empty input.
  /// Also takes the post-handshake messages that receive() announced. The first failure is
  /// remembered and returned by every later call; the first of them after a failure of receive()
  /// has its alert.
  Result<Progress> handshake(Bytes in, Buffer& out);

  const AskCredential& credential_request() const { return credential_request_; }
  void choose_identity(std::shared_ptr<const Identity> identity, Buffer& out);
  const AskVerdict& peer_chain() const { return peer_chain_; }
  void accept_peer(Buffer& out);
  void reject_peer(Cause cause, Buffer& out);

  // --- Handshakes of our own, once established and between handshakes ---

  /// True between handshakes: the calls below may be made.
  bool is_idle() const;
  /// What holds for handshakes from now on, also for those the peer starts. The role, the versions
  /// and the record layer stay as they are.
  Result<void> use_config(std::shared_ptr<const Config> config);
  const std::shared_ptr<const Config>& config() const { return config_; }
  /// TLS 1.2 with RFC 5746: a client's ClientHello, a server's HelloRequest. Data goes on as
  /// before, but a client must not send any until the handshake is complete.
  Result<void> renegotiate(Buffer& out);
  /// TLS 1.3: a KeyUpdate of ours, which may ask the peer for one.
  Result<void> update_key(bool request_peer, Buffer& out);
  /// TLS 1.3 server, for a client with negotiated().post_handshake_auth.
  Result<void> request_certificate(Buffer& out);

  bool is_established() const { return established_; }
  /// True between receive() == handshake and the handshake() call that takes it.
  bool awaits_handshake() const { return awaits_handshake_.load(std::memory_order_acquire); }
  /// False while handshake messages alone may be sent, or nothing. For the writing half.
  bool may_send() const { return may_send_.load(std::memory_order_acquire) && !awaits_handshake(); }
  /// False while an answer to credential_request() or peer_chain() is due. For the reading half.
  bool may_receive() const { return waiting_ == Waiting::nothing && !awaits_handshake(); }
  /// The first failure, from either side.
  std::optional<Error> failure() const;
  /// Once established. Changed only by the handshake() call that completes a later handshake.
  const Negotiated& negotiated() const { return negotiated_; }
  /// The sessions that have come since the last call, oldest first; the caller says when they did
  /// (Session::issued_ms). Needs both halves to be idle.
  std::vector<Session> take_sessions() { return std::exchange(sessions_, {}); }
  /// RFC 5705 / RFC 8446 section 7.5. Once established. `context` null: none.
  Result<void> export_keying_material(std::string_view label, const Bytes* context,
                                      MutableBytes out) const;

  // --- To another process ---

  /// True when nothing of the connection is under way: no handshake, no part of a message, no
  /// answer that is due.
  bool is_movable() const;
  /// Of a movable connection.
  Snapshot snapshot() const;
  /// Once a snapshot is on its way: forgets every key; all that follows is connection_moved.
  void retire();
  /// Goes on from a snapshot. `config` is for what comes: a TLS 1.2 renegotiation needs its
  /// algorithms and identities.
  static Result<std::unique_ptr<Connection>> restore(std::shared_ptr<const Config> config,
                                                     Snapshot snapshot);

  // --- Messages ---

  std::size_t header_size() const { return writer_.header_size(); }
  std::size_t trailer_size() const { return writer_.trailer_size(); }
  /// RecordWriter::seal for application data or an alert of the caller's. Established only.
  /// key_exhausted leaves the connection as it was: a key update or a close are still possible.
  Result<void> seal(wire::ContentType type, std::uint8_t* header, MutableBytes content,
                    std::uint8_t* trailer) {
    if (failed_.load(std::memory_order_relaxed) != 0) return *failure();
    if (writer_.is_worn_out()) return Cause::key_exhausted;
    return writer_.seal(type, header, content, trailer);
  }
  /// The write key nears the limit of its cipher and can be replaced (TLS 1.3).
  bool wants_key_update() const { return writer_.is_worn() && writer_.is_tls13(); }
  /// Size of the record that update_write_key() writes.
  static constexpr std::size_t kKeyUpdateRecordBytes =
      record::header_bytes(record::Construction::tls13) + 5 +
      record::trailer_bytes(record::Construction::tls13);
  /// Writes a record with a KeyUpdate that asks for nothing to `record`, and goes on under the next
  /// key. Established TLS 1.3 only.
  Result<void> update_write_key(std::uint8_t* record);
  /// Opens the first record of `in` in place. Established only.
  Result<Received> receive(MutableBytes in);
  /// When `in` begins with the record that receive() last announced as a handshake message: its
  /// size, once. Else 0.
  std::size_t skip_taken_record(Bytes in);

  // --- Alerts ---

  /// Appends an alert record, protected or not as the connection is now.
  Result<void> send_alert(wire::AlertLevel level, Alert alert, Buffer& out);

 private:
  Result<Progress> run(Bytes in, Buffer& out);
  template <class Event>
  Result<void> start(const Event& event, Buffer& out);
  bool is_ours(wire::ContentType type) const;
  Result<void> take_refusal(Buffer& out);
  /// Brings what the halves look at in line with the state.
  void settle();
  bool may_interrupt() const;
  bool is_absorbable() const;
  Result<Received> announce(MutableBytes record, const record::Opened& opened);
  /// Takes messages from the queue until it is empty or something has to be waited for.
  Result<void> drain(Buffer& out);
  /// Moves to the next state and does what it asks for.
  Result<void> take(Result<Step> step, Buffer& out);
  template <class Event>
  void answer(const Event& event, Buffer& out);
  Result<void> take_record(const record::Opened& opened, Buffer& out);
  Result<void> on_change_cipher_spec(Bytes content, Buffer& out);
  enum class Warning : std::uint8_t { skipped, refusal, closed };
  /// The peer's failure, if the alert is none of these.
  Result<Warning> on_alert(Bytes content);
  Result<Received> open_received(MutableBytes in);
  bool drops_unreadable(const record::Frame& frame, const std::optional<Cause>& failure);
  bool is_plain_alert(const record::Frame& frame) const;
  void fail(Error error, Buffer& out);
  void pay_alert(Buffer& out);
  void latch(Error error);
  void forget_keys();
  void remember_taken(Bytes record);

  Result<void> apply(SendHandshake& action, Buffer& out);
  Result<void> apply(SendChangeCipherSpec& action, Buffer& out);
  Result<void> apply(SendWarning& action, Buffer& out);
  Result<void> apply(UseReadKey& action, Buffer& out);
  Result<void> apply(UseWriteKey& action, Buffer& out);
  Result<void> apply(SkipEarlyData& action, Buffer& out);
  Result<void> apply(ShareTraffic& action, Buffer& out);
  Result<void> apply(Count& action, Buffer& out);
  Result<void> apply(LogSecret& action, Buffer& out);
  Result<void> apply(AskVerdict& action, Buffer& out);
  Result<void> apply(AskCredential& action, Buffer& out);
  Result<void> apply(Established& action, Buffer& out);
  Result<void> apply(KeepSession& action, Buffer& out);
  Result<void> apply(Authenticated& action, Buffer& out);

  enum class Waiting : std::uint8_t { nothing, verdict, credential };

  std::shared_ptr<const Config> config_;
  std::optional<State> state_;  ///< Empty: a client that has not begun, or a failed connection.
  record::RecordReader reader_;
  record::RecordWriter writer_;
  std::shared_ptr<v13::Traffic> traffic_;  ///< TLS 1.3, established; each half uses its own member.
  MessageQueue messages_;
  AskVerdict peer_chain_;
  AskCredential credential_request_;
  Negotiated negotiated_;
  std::vector<Session> sessions_;      ///< At most kNewSessionCountMax.
  wire::HelloRandom client_random_{};  ///< For the key log.
  /// 0, or the packed first failure: either side may set it while the other reads it.
  std::atomic<std::uint32_t> failed_ = 0;
  Waiting waiting_ = Waiting::nothing;
  bool progressed_ = false;   ///< Since the last return of handshake().
  bool established_ = false;  ///< The first handshake is complete, and there is a key each way.
  bool completed_ = false;    ///< A handshake is, since the last return of handshake().
  bool closed_by_peer_ = false;
  bool owes_cipher_spec_ = false;  ///< TLS 1.3 client: its disguise comes before anything else.
  /// What receive() has failed with is told by the next handshake().
  std::optional<Alert> owed_alert_;
  std::atomic<bool> awaits_handshake_ = false;
  std::atomic<bool> may_send_ = false;

  // For the reading half, by settle().
  bool refuses_data_ = false;        ///< A Finished must come first.
  bool awaits_cipher_spec_ = false;  ///< A renegotiation is on its way.
  bool asked_ = false;               ///< The peer may answer with no_renegotiation.
  // From the reading half, for the next call of another.
  bool refused_ = false;
  bool taken_cipher_spec_ = false;  ///< The record in taken_ is a change_cipher_spec.

  TakenRecord taken_;

  std::size_t early_data_budget_bytes_ = 0;
  unsigned warning_alerts_ = 0;
  unsigned empty_records_ = 0;
  unsigned key_updates_ = 0;
  unsigned renegotiations_ = 0;
  unsigned authentications_ = 0;
  unsigned refused_renegotiations_ = 0;
};

}  // namespace schannel::tls
