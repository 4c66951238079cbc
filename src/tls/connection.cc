#include "tls/connection.h"

#include <algorithm>

#include "tls/machine.h"

namespace schannel::tls {
namespace {

constexpr std::size_t kHandshakeHeaderBytes = 4;
constexpr std::size_t kAlertBytes = 2;

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

Result<std::optional<Bytes>> MessageQueue::next() const {
  const Bytes queued = Bytes(bytes_).subspan(start_);
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
  if (const auto alert = disposition(error).send) {
    // An alert that can't be sealed is not sent; the failure itself stands.
    static_cast<void>(send_alert(wire::AlertLevel::fatal, *alert, out));
  }
  state_.reset();
  reader_.clear();
  writer_.clear();
  waiting_ = Waiting::nothing;
}

Result<Progress> Connection::handshake(Bytes in, Buffer& out) {
  if (const auto failed = failure()) return *failed;
  Result<Progress> progress = run(in, out);
  progressed_ = false;
  if (!progress) fail(progress.error(), out);
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
  const bool was_established = established_;
  std::size_t consumed = was_established ? skip_taken_record(in) : 0;
  awaits_handshake_.store(false, std::memory_order_release);
  Buffer scratch;  // `in` is the caller's and never written
  for (;;) {
    CHECK_OK(drain(out));
    if (waiting_ == Waiting::verdict) return Progress{Outcome::need_verdict, consumed};
    if (waiting_ == Waiting::credential) return Progress{Outcome::need_credential, consumed};
    if (established_ && !was_established) return Progress{Outcome::established, consumed};

    TRY(const record::Frame frame, reader_.frame(in.subspan(consumed)));
    if (frame.size == 0) {
      if (established_ && messages_.empty()) return Progress{Outcome::established, consumed};
      const bool waits = consumed == 0 && !progressed_;
      return Progress{waits ? Outcome::need_input : Outcome::in_progress, consumed, frame.missing};
    }
    // After the handshake only handshake records are ours; the rest is left to receive(). What
    // TLS 1.3 hides is found out below.
    if (was_established && !reader_.is_tls13() && frame.type != wire::ContentType::handshake) {
      return Progress{Outcome::established, consumed};
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
    if (was_established && opened->type != wire::ContentType::handshake) {
      if (frame.type != wire::ContentType::change_cipher_spec) reader_.rewind();
      return Progress{Outcome::established, consumed};
    }
    consumed += frame.size;
    CHECK_OK(take_record(*opened, out));
  }
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
      TRY(const bool closed, on_alert(opened.content));
      if (closed) return Error{Cause::peer_alert, Alert::close_notify};
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
  if (content.size() != 1 || content[0] != 1 || !messages_.empty()) {
    return Cause::unexpected_message;
  }
  progressed_ = true;
  if (!drops_change_cipher_spec(*state_)) {
    return take(step_event(std::move(*state_), ChangeCipherSpec{}), out);
  }
  if (++empty_records_ > kEmptyRecordCountMax) return Cause::too_many_empty_records;
  return {};
}

Result<bool> Connection::on_alert(Bytes content) {
  if (content.size() != kAlertBytes) return Cause::decode_error;
  const auto level = static_cast<wire::AlertLevel>(content[0]);
  const auto alert = static_cast<Alert>(content[1]);
  if (level != wire::AlertLevel::warning && level != wire::AlertLevel::fatal) {
    return Cause::illegal_parameter;
  }
  if (alert == Alert::close_notify) return true;
  // RFC 8446 section 6: in TLS 1.3 the level says nothing; all but two alerts are errors.
  const bool warning =
      level == wire::AlertLevel::warning && (!reader_.is_tls13() || alert == Alert::user_canceled);
  if (!warning) return Error{Cause::peer_alert, alert};
  if (++warning_alerts_ > kWarningAlertCountMax) return Cause::too_many_warning_alerts;
  return false;
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
  return writer_.append(out, wire::ContentType::handshake, action.messages);
}

Result<void> Connection::apply(SendChangeCipherSpec&, Buffer& out) {
  // Never protected here: in TLS 1.3 it is a disguise, in TLS 1.2 it comes before the first key.
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
  if (established_ && ++key_updates_ > kKeyUpdateCountMax) return Cause::too_many_key_updates;
  return reader_.use(action.key);
}

Result<void> Connection::apply(UseWriteKey& action, Buffer&) { return writer_.use(action.key); }

Result<void> Connection::apply(SkipEarlyData&, Buffer&) {
  early_data_budget_bytes_ = kEarlyDataSkippedBytesMax;
  return {};
}

Result<void> Connection::apply(LogSecret& action, Buffer&) {
  const Negotiated* negotiated = nullptr;
  std::visit(
      [&](const auto& state) {
        if constexpr (requires { state.handshake.negotiated; }) {
          negotiated = &state.handshake.negotiated;
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
  empty_records_ = 0;
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
      if (!messages_.empty()) return Cause::unexpected_message;
      if (!opened.content.empty()) {
        empty_records_ = warning_alerts_ = key_updates_ = 0;
      } else if (++empty_records_ > kEmptyRecordCountMax) {
        return Cause::too_many_empty_records;
      }
      return Received{Kind::application_data, opened.content, frame.size};
    case wire::ContentType::handshake:
      if (opened.content.empty()) return Cause::unexpected_message;
      messages_.append(opened.content);
      CHECK_OK(reader_.restore(record));
      remember_taken(record);
      awaits_handshake_.store(true, std::memory_order_release);
      return Received{Kind::handshake, opened.content.first(0), frame.size};
    case wire::ContentType::alert: {
      TRY(const bool closed, on_alert(opened.content));
      closed_by_peer_ = closed;
      return Received{closed ? Kind::closed : Kind::nothing, opened.content.first(0), frame.size};
    }
    case wire::ContentType::change_cipher_spec:
      break;
  }
  return Cause::unexpected_message;
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

Result<void> Connection::export_keying_material(std::string_view label, const Bytes* context,
                                                MutableBytes out) const {
  if (!established_ || !state_) return Cause::internal_error;
  // HkdfLabel has one byte for the length of "tls13 " and the label, HKDF-Expand 255 blocks.
  if (label.size() > 249 || out.size() > 255 * crypto::digest_bytes(negotiated_.suite->hash)) {
    return Cause::internal_error;
  }
  if (const auto* connected = std::get_if<v13::Connected>(&*state_)) {
    v13::export_keying_material(*connected->suite, connected->exporter, label,
                                context != nullptr ? *context : Bytes(), out);
  } else if (const auto* client = std::get_if<v12::ConnectedClient>(&*state_)) {
    client->master.export_keying_material(client->negotiated, label, context, out);
  } else if (const auto* server = std::get_if<v12::ConnectedServer>(&*state_)) {
    server->master.export_keying_material(server->negotiated, label, context, out);
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
