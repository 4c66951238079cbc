#include "tls/connection.h"

#include <algorithm>
#include <cassert>

#include "tls/machine.h"

namespace schannel::tls {
namespace {

constexpr std::size_t kHandshakeHeaderBytes = 4;
constexpr std::size_t kAlertBytes = 2;
/// The content of a change_cipher_spec record.
constexpr std::uint8_t kCipherSpec[] = {1};

/// Hands a message to the overload for its type. What a state does not list is refused here,
/// before it is parsed: this is the one line that every unexpected message meets.
template <class S, class... M>
Result<Step> dispatch(S state, Bytes raw, Messages<M...>) {
  Result<Step> result = Cause::unexpected_message;
  [[maybe_unused]] const auto take = [&]<class Message>() {
    if (raw[0] != static_cast<std::uint8_t>(Message::handshake_type)) return false;
    const Result<Message> body = wire::decode<Message>(raw.subspan(kHandshakeHeaderBytes));
    result = body ? on(std::move(state), In<Message>{*body, raw}) : body.error();
    return true;
  };
  static_cast<void>((take.template operator()<M>() || ...));
  return result;
}

Result<Step> step(State state, Bytes raw) {
  return std::visit(
      [&]<class S>(S& s) { return dispatch(std::move(s), raw, typename S::Accepts{}); }, state);
}

/// The same for what is not a message.
template <class Event>
Result<Step> step_event(State state, const Event& event) {
  return std::visit(
      [&]<class S>(S& s) -> Result<Step> {
        if constexpr (requires { on(std::move(s), event); }) {
          return on(std::move(s), event);
        } else {
          return Cause::unexpected_message;
        }
      },
      state);
}

bool is_connected(const State& state) {
  return std::visit(
      []<class S>(const S&) {
        return requires { S::kConnected; };
      },
      state);
}

bool refuses_data(const State& state) {
  return std::visit(
      []<class S>(const S&) {
        return requires { S::kRefusesData; };
      },
      state);
}

/// The peer may say that it won't renegotiate.
bool is_asking(const State& state) {
  const auto* server = std::get_if<v12::ConnectedServer>(&state);
  return std::holds_alternative<v12::WaitServerHelloAgain>(state) ||
         (server != nullptr && server->asked);
}

/// What a TLS 1.3 connection has had since its handshake, wherever it is now.
const v13::Connected* find_connected_13(const State& state) {
  return std::visit(
      []<class S>(const S& s) -> const v13::Connected* {
        if constexpr (std::is_same_v<S, v13::Connected>) {
          return &s;
        } else if constexpr (requires { s.connected; }) {
          return &s.connected;
        } else if constexpr (requires { s.answer.connected; }) {
          return &s.answer.connected;
        } else {
          return nullptr;
        }
      },
      state);
}

/// The dummy of RFC 8446 appendix D.4 is still to be sent.
bool owes_change_cipher_spec(const State& state) {
  return std::visit(
      []<class S>(const S& s) {
        if constexpr (requires { s.owes_change_cipher_spec; }) {
          return s.owes_change_cipher_spec;
        } else {
          return false;
        }
      },
      state);
}

bool drops_change_cipher_spec(const State& state) {
  return std::visit(
      []<class S>(const S&) {
        return requires { S::kDropsChangeCipherSpec; };
      },
      state);
}

constexpr std::uint32_t pack(const Error& error) {
  return 1U | static_cast<std::uint32_t>(error.cause) << 8 |
         (error.received ? 0x10000U | static_cast<std::uint32_t>(*error.received) << 24 : 0U);
}

Error unpack(std::uint32_t packed) {
  Error error{static_cast<Cause>(packed >> 8 & 0xff)};
  if ((packed & 0x10000U) != 0) error.received = static_cast<Alert>(packed >> 24);
  return error;
}

}  // namespace

// --- MessageQueue ---

void MessageQueue::append(Bytes fragment) { schannel::append(bytes_, fragment); }

Result<std::optional<Bytes>> MessageQueue::next(std::size_t skip) const {
  const Bytes queued = Bytes(bytes_).subspan(start_ + skip);
  if (queued.size() < kHandshakeHeaderBytes) return std::optional<Bytes>();
  const std::size_t body = static_cast<std::size_t>(queued[1]) << 16 |
                           static_cast<std::size_t>(queued[2]) << 8 | queued[3];
  const bool certificate = queued[0] == static_cast<std::uint8_t>(wire::HandshakeType::certificate);
  if (body > (certificate ? kCertificateMessageBytesMax : kHandshakeMessageBytesMax)) {
    return Cause::handshake_message_too_large;
  }
  if (queued.size() < kHandshakeHeaderBytes + body) return std::optional<Bytes>();
  return std::optional<Bytes>(queued.first(kHandshakeHeaderBytes + body));
}

void MessageQueue::pop(std::size_t size) {
  start_ += size;
  if (start_ != bytes_.size()) return;
  bytes_ = {};
  start_ = 0;
}

// --- Connection ---

Connection::Connection(std::shared_ptr<const Config> config) : config_(std::move(config)) {
  writer_.limit_aes_gcm(config_->aes_gcm_record_limit);
  if (config_->role == Role::server) {
    state_.emplace(hello::WaitClientHello{
        .handshake = {.config = config_, .transcript = {}, .negotiated = {}}});
  }
}

Connection::~Connection() = default;

std::optional<Error> Connection::failure() const {
  const std::uint32_t packed = failed_.load(std::memory_order_acquire);
  if (packed == 0) return std::nullopt;
  return unpack(packed);
}

void Connection::latch(Error error) {
  std::uint32_t none = 0;
  failed_.compare_exchange_strong(none, pack(error), std::memory_order_acq_rel);
}

void Connection::fail(Error error, Buffer& out) {
  latch(error);
  owed_alert_ = disposition(error).send;
  pay_alert(out);
}

void Connection::pay_alert(Buffer& out) {
  if (const auto alert = std::exchange(owed_alert_, std::nullopt)) {
    SendChangeCipherSpec disguise;
    if (owes_cipher_spec_) static_cast<void>(apply(disguise, out));
    // An alert that can't be sealed is not sent; the failure itself stands.
    static_cast<void>(send_alert(wire::AlertLevel::fatal, *alert, out));
  }
  forget_keys();
}

void Connection::forget_keys() {
  state_.reset();
  traffic_.reset();
  reader_.clear();
  writer_.clear();
  waiting_ = Waiting::nothing;
}

void Connection::settle() {
  const bool idle = is_idle();
  may_send_.store(idle, std::memory_order_release);
  refuses_data_ = state_ && refuses_data(*state_);
  awaits_cipher_spec_ = state_ && !idle;
  asked_ = state_ && is_asking(*state_);
}

bool Connection::is_idle() const {
  return established_ && state_ && (refused_ || is_connected(*state_));
}

Result<Progress> Connection::handshake(Bytes in, Buffer& out) {
  if (const auto failed = failure()) {
    pay_alert(out);
    return *failed;
  }
  Result<Progress> progress = run(in, out);
  progressed_ = false;
  if (!progress) fail(progress.error(), out);
  settle();
  return progress;
}

// bytes -> record -> message -> step -> bytes. The one loop.
Result<Progress> Connection::run(Bytes in, Buffer& out) {
  if (!state_) {
    // RFC 8446 section 5.1, for the first ClientHello only. A client of TLS 1.2 alone names it.
    writer_.use_record_version(config_->enable_tls13 ? 0x0301 : 0x0303);
    CHECK_OK(take(hello::start_client(config_), out));
    writer_.use_record_version(0x0303);
    return Progress{Outcome::in_progress};
  }
  CHECK_OK(take_refusal(out));
  std::size_t consumed = established_ ? skip_taken_record(in) : 0;
  awaits_handshake_.store(false, std::memory_order_release);
  if (std::exchange(taken_cipher_spec_, false)) CHECK_OK(on_change_cipher_spec(kCipherSpec, out));
  Buffer scratch;  // `in` is the caller's and never written
  for (;;) {
    CHECK_OK(drain(out));
    if (waiting_ == Waiting::verdict) return Progress{Outcome::need_verdict, consumed};
    if (waiting_ == Waiting::credential) return Progress{Outcome::need_credential, consumed};
    if (std::exchange(completed_, false)) return Progress{Outcome::established, consumed};

    const Outcome end = is_idle() ? Outcome::established : Outcome::interrupted;
    TRY(const record::Frame frame, reader_.frame(in.subspan(consumed)));
    if (frame.size == 0) {
      if (is_idle() && messages_.empty()) return Progress{Outcome::established, consumed};
      const bool waits = consumed == 0 && !progressed_;
      return Progress{waits ? Outcome::need_input : Outcome::in_progress, consumed, frame.missing};
    }
    // What is not ours is left to receive(). What TLS 1.3 hides is found out below.
    if (established_ && !reader_.is_tls13() && !is_ours(frame.type)) {
      if (!may_interrupt()) return Cause::unexpected_message;
      return Progress{end, consumed};
    }
    scratch.resize(frame.size);
    if (is_plain_alert(frame)) {
      const Bytes alert =
          in.subspan(consumed + kRecordHeaderBytes, frame.size - kRecordHeaderBytes);
      std::copy(alert.begin(), alert.end(), scratch.begin());
      consumed += frame.size;
      CHECK_OK(take_record({frame.type, {scratch.data(), alert.size()}}, out));
      continue;
    }
    const Result<record::Opened> opened =
        reader_.open(in.subspan(consumed, frame.size), scratch.data());
    if (drops_unreadable(frame, opened ? std::nullopt : std::optional(opened.error().cause))) {
      consumed += frame.size;
      continue;
    }
    if (!opened) return opened.error();
    if (established_ && !is_ours(opened->type)) {
      if (!may_interrupt()) return Cause::unexpected_message;
      if (frame.type != wire::ContentType::change_cipher_spec) reader_.rewind();
      return Progress{end, consumed};
    }
    consumed += frame.size;
    CHECK_OK(take_record(*opened, out));
    if (refused_) {
      CHECK_OK(take_refusal(out));
      return Progress{Outcome::refused, consumed};
    }
  }
}

/// On an established connection: alerts between handshakes and application data belong to
/// receive().
bool Connection::is_ours(wire::ContentType type) const {
  if (type == wire::ContentType::handshake) return true;
  return type != wire::ContentType::application_data && !is_idle();
}

/// Between the fragments of a message nothing else may stand (RFC 8446 section 5.1), and under keys
/// that no Finished has confirmed no data.
bool Connection::may_interrupt() const { return messages_.empty() && !refuses_data(*state_); }

Result<void> Connection::take_refusal(Buffer& out) {
  if (!std::exchange(refused_, false)) return {};
  return take(step_event(std::move(*state_), RenegotiationRefused{}), out);
}

/// RFC 8446 section 4.2.10: a server that refuses early data drops what it can't open, up to a
/// limit and only until the first record that it can.
bool Connection::drops_unreadable(const record::Frame& frame, const std::optional<Cause>& failure) {
  if (early_data_budget_bytes_ == 0) return false;
  const bool unreadable =
      frame.type == wire::ContentType::application_data &&
      (reader_.is_protected() ? failure == Cause::bad_record_mac : !failure.has_value());
  if (unreadable && frame.size <= early_data_budget_bytes_) {
    early_data_budget_bytes_ -= frame.size;
    return true;
  }
  if (reader_.is_protected() && !failure && frame.type == wire::ContentType::application_data) {
    early_data_budget_bytes_ = 0;
  }
  return false;
}

/// A client that fails over the server's hello has no keys and can only say so in the open. Such an
/// alert counts (contract ALERT-27) as long as the client has sent nothing protected; whoever could
/// forge it could break the connection as well.
bool Connection::is_plain_alert(const record::Frame& frame) const {
  return config_->role == Role::server && !established_ && frame.type == wire::ContentType::alert &&
         frame.size == kRecordHeaderBytes + kAlertBytes && reader_.is_tls13() && reader_.is_fresh();
}

Result<void> Connection::take_record(const record::Opened& opened, Buffer& out) {
  switch (opened.type) {
    case wire::ContentType::handshake:
      // RFC 8446 section 5.1: no zero-length fragments of Handshake.
      if (opened.content.empty()) return Cause::unexpected_message;
      warning_alerts_ = 0;
      messages_.append(opened.content);
      progressed_ = true;
      return {};
    case wire::ContentType::change_cipher_spec:
      return on_change_cipher_spec(opened.content, out);
    case wire::ContentType::alert: {
      TRY(const Warning warning, on_alert(opened.content));
      if (warning == Warning::closed) return Error{Cause::peer_alert, Alert::close_notify};
      refused_ = warning == Warning::refusal;
      progressed_ = true;
      return {};
    }
    case wire::ContentType::application_data:
      break;
  }
  return Cause::unexpected_message;
}

Result<void> Connection::on_change_cipher_spec(Bytes content, Buffer& out) {
  // Between two fragments of a message nothing else may stand (RFC 8446 section 5.1).
  if (!equal(content, kCipherSpec) || !messages_.empty()) return Cause::unexpected_message;
  progressed_ = true;
  if (!drops_change_cipher_spec(*state_)) {
    return take(step_event(std::move(*state_), ChangeCipherSpec{}), out);
  }
  if (++empty_records_ > kEmptyRecordCountMax) return Cause::too_many_empty_records;
  return {};
}

Result<Connection::Warning> Connection::on_alert(Bytes content) {
  if (content.size() != kAlertBytes) return Cause::decode_error;
  const auto level = static_cast<wire::AlertLevel>(content[0]);
  const auto alert = static_cast<Alert>(content[1]);
  if (level != wire::AlertLevel::warning && level != wire::AlertLevel::fatal) {
    return Cause::illegal_parameter;
  }
  if (alert == Alert::close_notify) return Warning::closed;
  // RFC 8446 section 6: in TLS 1.3 the level says nothing; all but two alerts are errors.
  const bool warning =
      level == wire::AlertLevel::warning && (!reader_.is_tls13() || alert == Alert::user_canceled);
  if (!warning) return Error{Cause::peer_alert, alert};
  if (alert == Alert::no_renegotiation && std::exchange(asked_, false)) return Warning::refusal;
  if (++warning_alerts_ > kWarningAlertCountMax) return Cause::too_many_warning_alerts;
  return Warning::skipped;
}

Result<void> Connection::drain(Buffer& out) {
  while (waiting_ == Waiting::nothing) {
    TRY(const std::optional<Bytes> raw, messages_.next());
    if (!raw) return {};
    const std::size_t size = raw->size();
    Result<Step> next = step(std::move(*state_), *raw);
    messages_.pop(size);
    CHECK_OK(take(std::move(next), out));
  }
  return {};
}

Result<void> Connection::take(Result<Step> next, Buffer& out) {
  if (!next) return next.error();
  progressed_ = true;
  state_.emplace(std::move(next->next));
  owes_cipher_spec_ = owes_change_cipher_spec(*state_);
  for (Action& action : next->actions) {
    CHECK_OK(std::visit([&](auto& a) { return apply(a, out); }, action));
  }
  return {};
}

template <class Event>
void Connection::answer(const Event& event, Buffer& out) {
  waiting_ = Waiting::nothing;
  const Result<void> taken = take(step_event(std::move(*state_), event), out);
  if (!taken) fail(taken.error(), out);
  settle();
}

template <class Event>
Result<void> Connection::start(const Event& event, Buffer& out) {
  if (const auto failed = failure()) return *failed;
  assert(is_idle());
  Result<void> started = take_refusal(out);
  if (started) started = take(step_event(std::move(*state_), event), out);
  progressed_ = false;
  if (!started) fail(started.error(), out);
  settle();
  return started;
}

Result<void> Connection::use_config(std::shared_ptr<const Config> config) {
  config_ = config;
  Buffer nothing;
  return start(Reconfigure{std::move(config)}, nothing);
}

Result<void> Connection::renegotiate(Buffer& out) { return start(Renegotiate{}, out); }

Result<void> Connection::update_key(bool request_peer, Buffer& out) {
  return start(UpdateKey{request_peer}, out);
}

Result<void> Connection::request_certificate(Buffer& out) {
  return start(RequestCertificate{}, out);
}

void Connection::choose_identity(std::shared_ptr<const Identity> identity, Buffer& out) {
  if (waiting_ == Waiting::credential) answer(CredentialChosen{std::move(identity)}, out);
}

void Connection::accept_peer(Buffer& out) {
  if (waiting_ == Waiting::verdict) answer(ChainAccepted(), out);
}

void Connection::reject_peer(Cause cause, Buffer& out) {
  if (waiting_ == Waiting::verdict) fail({cause}, out);
}

// --- Actions ---

Result<void> Connection::apply(SendHandshake& action, Buffer& out) {
  // We speak when the peer's flight is over: what it has begun behind it is out of turn, and in TLS
  // 1.3 its last messages end a record (RFC 8446 section 5.1).
  if (!established_ && !messages_.empty()) return Cause::unexpected_message;
  return writer_.append(out, wire::ContentType::handshake, action.messages);
}

Result<void> Connection::apply(SendChangeCipherSpec&, Buffer& out) {
  // Under the old key of a renegotiation; else never protected: in TLS 1.3 it is a disguise.
  if (writer_.is_protected() && !writer_.is_tls13()) {
    return writer_.append(out, wire::ContentType::change_cipher_spec, kCipherSpec);
  }
  static constexpr std::uint8_t kRecord[] = {20, 3, 3, 0, 1, 1};
  append(out, kRecord);
  return {};
}

Result<void> Connection::apply(SendWarning& action, Buffer& out) {
  if (++refused_renegotiations_ > kRenegotiationRefusedCountMax) {
    return Cause::too_many_renegotiations;
  }
  return send_alert(wire::AlertLevel::warning, action.alert, out);
}

Result<void> Connection::apply(UseReadKey& action, Buffer&) {
  // RFC 8446 section 5.1: handshake messages must not span a key change.
  if (!messages_.empty()) return Cause::unexpected_message;
  return reader_.use(action.key);
}

Result<void> Connection::apply(UseWriteKey& action, Buffer&) { return writer_.use(action.key); }

Result<void> Connection::apply(SkipEarlyData&, Buffer&) {
  early_data_budget_bytes_ = kEarlyDataSkippedBytesMax;
  return {};
}

Result<void> Connection::apply(ShareTraffic& action, Buffer&) {
  traffic_ = std::move(action.traffic);
  return {};
}

Result<void> Connection::apply(Count& action, Buffer&) {
  switch (action.what) {
    case Repeated::key_update:
      if (++key_updates_ > kKeyUpdateCountMax) return Cause::too_many_key_updates;
      break;
    case Repeated::renegotiation:
      if (++renegotiations_ > kRenegotiationCountMax) return Cause::too_many_renegotiations;
      break;
    case Repeated::authentication:
      if (++authentications_ > kAuthenticationCountMax) return Cause::too_many_certificate_requests;
      break;
  }
  return {};
}

Result<void> Connection::apply(LogSecret& action, Buffer&) {
  const Negotiated* negotiated = nullptr;
  std::visit(
      [&](const auto& state) {
        if constexpr (requires { state.handshake.negotiated; }) {
          negotiated = &state.handshake.negotiated;
        } else if constexpr (requires { state.resumed.handshake.negotiated; }) {
          negotiated = &state.resumed.handshake.negotiated;
        }
      },
      *state_);
  if (negotiated != nullptr) client_random_ = negotiated->client_random;
  config_->key_log(action.label, client_random_, action.secret);
  return {};
}

Result<void> Connection::apply(AskVerdict& action, Buffer&) {
  peer_chain_ = std::move(action);
  waiting_ = Waiting::verdict;
  return {};
}

Result<void> Connection::apply(AskCredential& action, Buffer&) {
  credential_request_ = std::move(action);
  waiting_ = Waiting::credential;
  return {};
}

Result<void> Connection::apply(Established& action, Buffer&) {
  negotiated_ = std::move(action.negotiated);
  established_ = true;
  completed_ = true;
  empty_records_ = 0;
  return {};
}

Result<void> Connection::apply(KeepSession& action, Buffer&) {
  Session session = std::move(action.session);
  note_agreement(session, negotiated_);
  if (sessions_.size() == kNewSessionCountMax) sessions_.erase(sessions_.begin());
  sessions_.push_back(std::move(session));
  return {};
}

Result<void> Connection::apply(Authenticated& action, Buffer&) {
  if (config_->role == Role::client) {
    negotiated_.local_identity = std::move(action.local_identity);
  } else {
    negotiated_.peer_chain = std::move(action.peer_chain);
  }
  completed_ = true;
  return {};
}

// --- After the handshake ---

Result<Received> Connection::receive(MutableBytes in) {
  if (failed_.load(std::memory_order_acquire) != 0) return *failure();
  if (closed_by_peer_) return Received{Received::Kind::closed, in.first(0)};
  if (const std::size_t taken = skip_taken_record(in); taken != 0) {
    return Received{Received::Kind::nothing, in.subspan(taken, 0), taken};
  }
  Result<Received> received = open_received(in);
  if (!received) {
    latch(received.error());
    owed_alert_ = disposition(received.error()).send;
    reader_.clear();
  }
  return received;
}

Result<Received> Connection::open_received(MutableBytes in) {
  using Kind = Received::Kind;
  TRY(const record::Frame frame, reader_.frame(in));
  if (frame.size == 0) return Received{Kind::need_input, in.first(0), 0, frame.missing};
  const MutableBytes record = in.first(frame.size);
  TRY(const record::Opened opened, reader_.open(record, record.data()));
  taken_ = {};
  switch (opened.type) {
    case wire::ContentType::application_data:
      // RFC 8446 section 5.1: Handshake fragments are not interleaved with other content.
      if (!messages_.empty() || refuses_data_) return Cause::unexpected_message;
      if (!opened.content.empty()) {
        empty_records_ = warning_alerts_ = key_updates_ = 0;
      } else if (++empty_records_ > kEmptyRecordCountMax) {
        return Cause::too_many_empty_records;
      }
      return Received{Kind::application_data, opened.content, frame.size};
    case wire::ContentType::handshake:
      if (opened.content.empty()) return Cause::unexpected_message;
      messages_.append(opened.content);
      if (config_->absorb_post_handshake && reader_.is_tls13() && is_absorbable()) {
        return Received{Kind::absorb, opened.content.first(0), frame.size};
      }
      return announce(record, opened);
    case wire::ContentType::alert: {
      TRY(const Warning warning, on_alert(opened.content));
      Kind kind = Kind::nothing;
      if (warning == Warning::closed) {
        kind = Kind::closed;
        closed_by_peer_ = true;
      } else if (warning == Warning::refusal) {
        kind = Kind::no_renegotiation;
        refused_ = true;
        may_send_.store(true, std::memory_order_release);
      }
      return Received{kind, opened.content.first(0), frame.size};
    }
    case wire::ContentType::change_cipher_spec:
      // In a renegotiation it is part of the handshake.
      if (reader_.is_tls13() || !awaits_cipher_spec_ || !equal(opened.content, kCipherSpec)) break;
      taken_cipher_spec_ = true;
      return announce(record, opened);
  }
  return Cause::unexpected_message;
}

/// Leaves the record as it came, for handshake() or for whoever meets it first.
Result<Received> Connection::announce(MutableBytes record, const record::Opened& opened) {
  CHECK_OK(reader_.restore(record));
  remember_taken(record);
  awaits_handshake_.store(true, std::memory_order_release);
  return Received{Received::Kind::handshake, opened.content.first(0), record.size()};
}

/// Nothing waits that we would have to answer: tickets, key updates that ask for none, and the
/// beginning of a message that is judged when it is whole.
bool Connection::is_absorbable() const {
  std::size_t at = 0;
  for (;;) {
    const Result<std::optional<Bytes>> message = messages_.next(at);
    if (!message) return false;
    if (!*message) return true;
    const Bytes raw = **message;
    const auto type = static_cast<wire::HandshakeType>(raw[0]);
    const bool asks_nothing =
        type == wire::HandshakeType::new_session_ticket ||
        (type == wire::HandshakeType::key_update && raw.size() == 5 && raw[4] == 0);
    if (!asks_nothing) return false;
    at += raw.size();
  }
}

Result<void> Connection::update_write_key(std::uint8_t* record) {
  static constexpr std::uint8_t kMessage[] = {24, 0, 0, 1, 0};
  if (failed_.load(std::memory_order_relaxed) != 0) return *failure();
  std::uint8_t* content = record + writer_.header_size();
  std::copy(std::begin(kMessage), std::end(kMessage), content);
  const MutableBytes message(content, sizeof kMessage);
  Result<void> done =
      writer_.seal(wire::ContentType::handshake, record, message, content + sizeof kMessage);
  if (done) {
    traffic_->write = traffic_->write.next();
    done = writer_.use(traffic_->write.record_key());
  }
  if (!done) latch(done.error());
  return done;
}

void Connection::remember_taken(Bytes record) {
  taken_.size = record.size();
  const Bytes tag = record.last(taken_.tag.size());
  std::copy(tag.begin(), tag.end(), taken_.tag.begin());
}

std::size_t Connection::skip_taken_record(Bytes in) {
  const std::size_t size = taken_.size;
  if (size == 0 || in.size() < size) return 0;
  if (!equal(in.first(size).last(taken_.tag.size()), taken_.tag)) return 0;
  taken_ = {};
  return size;
}

// --- To another process ---

bool Connection::is_movable() const {
  return !failure() && is_idle() && !refused_ && messages_.empty() && !awaits_handshake() &&
         !is_asking(*state_) && sessions_.empty();
}

Snapshot Connection::snapshot() const {
  assert(is_movable());
  Snapshot out;
  out.negotiated = negotiated_;
  out.negotiated.local_identity = nullptr;
  out.negotiated.post_handshake_auth = false;
  if (const auto* connected = std::get_if<v13::Connected>(&*state_)) {
    out.keys = Snapshot::Keys13{.read = Secret(traffic_->read.view()),
                                .write = Secret(traffic_->write.view()),
                                .exporter = connected->exporter.copy()};
  } else {
    const auto* client = std::get_if<v12::ConnectedClient>(&*state_);
    const v12::MasterSecret& master =
        client != nullptr ? client->master : std::get<v12::ConnectedServer>(*state_).master;
    out.keys = Snapshot::Keys12{Secret(master.view())};
  }
  out.read_sequence = reader_.sequence();
  out.write_sequence = writer_.sequence();
  out.taken = taken_;
  out.closed_by_peer = closed_by_peer_;
  return out;
}

void Connection::retire() {
  latch({Cause::connection_moved});
  forget_keys();
  settle();
}

Result<std::unique_ptr<Connection>> Connection::restore(std::shared_ptr<const Config> config,
                                                        Snapshot snapshot) {
  auto out = std::make_unique<Connection>(config);
  const bool is_client = config->role == Role::client;
  const Suite& suite = *snapshot.negotiated.suite;
  out->negotiated_ = snapshot.negotiated;
  if (auto* keys = std::get_if<Snapshot::Keys13>(&snapshot.keys)) {
    out->traffic_ = std::make_shared<v13::Traffic>(
        v13::Traffic{.read = v13::TrafficSecret(suite, std::move(keys->read)),
                     .write = v13::TrafficSecret(suite, std::move(keys->write))});
    CHECK_OK(out->reader_.use(out->traffic_->read.record_key()));
    CHECK_OK(out->writer_.use(out->traffic_->write.record_key()));
    out->state_.emplace(v13::Connected{.config = std::move(config),
                                       .suite = &suite,
                                       .traffic = out->traffic_,
                                       .exporter = std::move(keys->exporter),
                                       .transcript = {},
                                       .allows_post_handshake = false,
                                       .resumption = {},
                                       .proof = std::nullopt});
  } else {
    auto master = v12::MasterSecret::of(suite, std::get<Snapshot::Keys12>(snapshot.keys).master);
    v12::MasterSecret::Keys keys_12 = master.record_keys(snapshot.negotiated);
    CHECK_OK(out->reader_.use(is_client ? keys_12.server_write : keys_12.client_write));
    CHECK_OK(out->writer_.use(is_client ? keys_12.client_write : keys_12.server_write));
    auto negotiated = std::make_shared<const Negotiated>(std::move(snapshot.negotiated));
    if (is_client) {
      out->state_.emplace(
          v12::ConnectedClient{std::move(config), std::move(negotiated), std::move(master)});
    } else {
      out->state_.emplace(
          v12::ConnectedServer{std::move(config), std::move(negotiated), std::move(master)});
    }
  }
  out->reader_.continue_at(snapshot.read_sequence);
  out->writer_.continue_at(snapshot.write_sequence);
  out->taken_ = snapshot.taken;
  out->closed_by_peer_ = snapshot.closed_by_peer;
  out->established_ = true;
  out->settle();
  return out;
}

Result<void> Connection::export_keying_material(std::string_view label, const Bytes* context,
                                                MutableBytes out) const {
  if (!established_ || !state_) return Cause::internal_error;
  // HkdfLabel has one byte for the length of "tls13 " and the label, HKDF-Expand 255 blocks.
  if (label.size() > 249 || out.size() > 255 * crypto::digest_bytes(negotiated_.suite->hash)) {
    return Cause::internal_error;
  }
  const auto* client = std::get_if<v12::ConnectedClient>(&*state_);
  if (const auto* again = std::get_if<v12::WaitServerHelloAgain>(&*state_)) client = &again->before;
  if (const v13::Connected* connected = find_connected_13(*state_)) {
    v13::export_keying_material(*connected->suite, connected->exporter, label,
                                context != nullptr ? *context : Bytes(), out);
  } else if (client != nullptr) {
    client->master.export_keying_material(*client->negotiated, label, context, out);
  } else if (const auto* server = std::get_if<v12::ConnectedServer>(&*state_)) {
    server->master.export_keying_material(*server->negotiated, label, context, out);
  } else {
    return Cause::internal_error;
  }
  return {};
}

Result<void> Connection::send_alert(wire::AlertLevel level, Alert alert, Buffer& out) {
  const std::uint8_t content[] = {static_cast<std::uint8_t>(level),
                                  static_cast<std::uint8_t>(alert)};
  return writer_.append(out, wire::ContentType::alert, content);
}

}  // namespace schannel::tls
