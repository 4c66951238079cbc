#include "conversation.h"

#include "crypto/kdf.h"
#include "identity.h"
#include "require.h"
#include "tls/identity.h"
#include "tls/v13/key_schedule.h"

namespace schannel::fuzz {

using tls::Outcome;
using tls::Role;
using wire::ContentType;

namespace {
std::shared_ptr<tls::SessionStore> sessions_of(bool has_ticket);
}  // namespace

namespace {

/// The proof that a client's session holds comes only from a handshake: this is one, whose session
/// is then made the same for ever.
tls::Session first_session(bool has_ticket) {
  SeededRandom random(1);
  tls::Config client_config = config_of(Role::client, kWithoutTls13, random);
  client_config.keeps_sessions = true;
  tls::Config server_config = config_of(Role::server, kWithoutTls13, random);
  server_config.sessions = sessions_of(has_ticket);
  server_config.send_tickets = has_ticket;
  tls::Connection client(std::make_shared<const tls::Config>(std::move(client_config)));
  tls::Connection server(std::make_shared<const tls::Config>(std::move(server_config)));
  Buffer to_client, to_server;
  for (int rounds = 0; rounds < 8 && !client.is_established(); ++rounds) {
    const auto from_server = server.handshake(to_server, to_client);
    to_server.clear();
    REQUIRE(from_server);
    for (Bytes in = to_client;;) {
      const auto progress = client.handshake(in, to_server);
      REQUIRE(progress);
      in = in.subspan(progress->consumed);
      if (progress->outcome != Outcome::need_verdict) break;
      client.accept_peer(to_server);
    }
    to_client.clear();
  }
  std::vector<tls::Session> sessions = client.take_sessions();
  REQUIRE(sessions.size() == 1);
  tls::Session out = std::move(sessions.front());
  out.secret = Secret(Bytes(Buffer(48, 0x55)));
  out.id = has_ticket ? Buffer() : Buffer(kSessionIdBytes, 0x1d);
  out.ticket = has_ticket ? Buffer(40, 0x7c) : Buffer();
  out.lifetime_seconds = 3600;
  out.leaf_hash = tls::leaf_hash(*fixed_identity());
  return out;
}

std::shared_ptr<const tls::Session> fixed_session(bool has_ticket) {
  static const auto by_id = std::make_shared<const tls::Session>(first_session(false));
  static const auto by_ticket = std::make_shared<const tls::Session>(first_session(true));
  return has_ticket ? by_ticket : by_id;
}

/// Knows one session, by its ticket or by its id.
class OneSession : public tls::SessionStore {
 public:
  explicit OneSession(bool has_ticket) : has_ticket_(has_ticket) {}
  std::uint32_t lifetime_seconds() const override { return 3600; }
  Buffer seal(const tls::Session&) override { return Buffer(40, 0x7c); }
  std::shared_ptr<const tls::Session> open(Bytes ticket) override {
    const bool is_it = has_ticket_ && equal(ticket, fixed_session(true)->ticket);
    return is_it ? as_the_server_has_it() : nullptr;
  }
  std::shared_ptr<const tls::Session> find(Bytes id) override {
    const bool is_it = !has_ticket_ && equal(id, fixed_session(false)->id);
    return is_it ? as_the_server_has_it() : nullptr;
  }

 private:
  /// Its peer is the client, which has shown no certificate.
  std::shared_ptr<const tls::Session> as_the_server_has_it() const {
    Result<tls::Session> session = tls::decode_session(encode_session(*fixed_session(has_ticket_)));
    REQUIRE(session);
    session->peer_chain.clear();
    return std::make_shared<const tls::Session>(std::move(*session));
  }

  bool has_ticket_;
};

std::shared_ptr<tls::SessionStore> sessions_of(bool has_ticket) {
  return std::make_shared<OneSession>(has_ticket);
}

}  // namespace

tls::Config config_of(Role role, std::uint8_t options, SeededRandom& random) {
  tls::Config config;
  config.role = role;
  config.enable_tls13 = (options & kWithoutTls13) == 0;
  config.offer_post_handshake_auth = role == Role::client;
  config.enable_tls12 = (options & kWithoutTls12) == 0 || !config.enable_tls13;
  using tls::CipherSuite;
  config.cipher_suites = {CipherSuite::TLS_AES_128_GCM_SHA256,
                          CipherSuite::TLS_AES_256_GCM_SHA384,
                          CipherSuite::TLS_CHACHA20_POLY1305_SHA256,
                          CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
                          CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
                          CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
                          CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256};
  // Of the groups only x25519 is deterministic: it takes its key from Config::random.
  config.groups = {NamedGroup::x25519, NamedGroup::secp256r1};
  if ((options & kRetry) != 0) {
    if (role == Role::client) std::swap(config.groups[0], config.groups[1]);
    if (role == Role::server) config.groups = {NamedGroup::x25519};
  }
  config.signature_schemes = {SignatureScheme::ed25519, SignatureScheme::ecdsa_secp256r1_sha256,
                              SignatureScheme::rsa_pss_rsae_sha256,
                              SignatureScheme::rsa_pkcs1_sha256};
  if ((options & kProtocols) != 0) {
    config.application_protocols = {to_buffer(as_bytes("h2")), to_buffer(as_bytes("http/1.1"))};
  }
  if (role == Role::client) {
    config.server_name = "fuzz.example";
  } else {
    config.identities = {fixed_identity()};
    config.request_client_certificate = (options & kClientCertificate) != 0;
    config.require_client_certificate = (options & kRequireClientCertificate) != 0;
  }
  if ((options & kResumes12) == kResumes12) {
    const bool has_ticket = (options & kRetry) != 0;
    if (role == Role::client) {
      config.keeps_sessions = true;
      config.session = fixed_session(has_ticket);
    } else {
      config.sessions = sessions_of(has_ticket);
      config.send_tickets = has_ticket;
    }
  }
  config.random = &random;
  return config;
}

void append_step(Buffer& script, Op op, Bytes payload) {
  REQUIRE(payload.size() <= 0xffff);
  script.push_back(static_cast<std::uint8_t>(op));
  script.push_back(static_cast<std::uint8_t>(payload.size() >> 8));
  script.push_back(static_cast<std::uint8_t>(payload.size()));
  append(script, payload);
}

// --- SenderKeys ---

tls::KeyLog SenderKeys::log() {
  return [this](std::string_view label, Bytes client_random, Bytes secret) {
    const bool client = sender_ == Role::client;
    std::copy(client_random.begin(), client_random.end(), client_random_.begin());
    if (label == (client ? "CLIENT_HANDSHAKE_TRAFFIC_SECRET" : "SERVER_HANDSHAKE_TRAFFIC_SECRET")) {
      handshake_secret_ = to_buffer(secret);
    } else if (label == (client ? "CLIENT_TRAFFIC_SECRET_0" : "SERVER_TRAFFIC_SECRET_0")) {
      application_secret_ = to_buffer(secret);
    } else if (label == "CLIENT_RANDOM") {
      master_secret_ = to_buffer(secret);
    }
  };
}

void SenderKeys::observe(Bytes messages) {
  constexpr std::size_t kHeaderBytes = 4;
  if (messages.size() < kHeaderBytes ||
      messages[0] != static_cast<std::uint8_t>(wire::HandshakeType::server_hello)) {
    return;
  }
  const std::size_t size = static_cast<std::size_t>(messages[2] << 8 | messages[3]);
  if (messages.size() < kHeaderBytes + size) return;
  const auto hello = wire::decode<wire::ServerHello>(messages.subspan(kHeaderBytes, size));
  if (!hello) return;
  suite_ = tls::find_suite(hello->cipher_suite);
  server_random_ = hello->random;
}

std::optional<record::RecordKey> SenderKeys::next(bool established) {
  if (suite_ == nullptr) return std::nullopt;
  if (epoch_ == Epoch::clear && suite_->version == tls::ProtocolVersion::tls12) {
    if (!changed_cipher_ || master_secret_.empty()) return std::nullopt;
    epoch_ = Epoch::application;
    return tls12_key();
  }
  if (epoch_ == Epoch::clear && !handshake_secret_.empty()) {
    epoch_ = Epoch::handshake;
    return tls::v13::TrafficSecret(*suite_, Secret(handshake_secret_)).record_key();
  }
  if (epoch_ == Epoch::handshake && established && !application_secret_.empty()) {
    epoch_ = Epoch::application;
    return tls::v13::TrafficSecret(*suite_, Secret(application_secret_)).record_key();
  }
  return std::nullopt;
}

std::optional<record::RecordKey> SenderKeys::update() {
  if (epoch_ != Epoch::application || application_secret_.empty()) return std::nullopt;
  const auto next = tls::v13::TrafficSecret(*suite_, Secret(application_secret_)).next();
  application_secret_ = to_buffer(next.view());
  return next.record_key();
}

std::optional<record::RecordKey> SenderKeys::tls12_key() const {
  // RFC 5246 section 6.3: client key, server key, client iv, server iv.
  const std::size_t key_size = crypto::aead_key_bytes(suite_->aead);
  const bool gcm = suite_->construction() == record::Construction::tls12_gcm;
  const std::size_t iv_size = gcm ? 4 : crypto::kAeadNonceBytes;
  Buffer seed(server_random_.begin(), server_random_.end());
  append(seed, client_random_);
  Buffer block(2 * (key_size + iv_size));
  crypto::tls12_prf(suite_->hash, master_secret_, "key expansion", seed, block);
  const std::size_t which = sender_ == Role::client ? 0 : 1;
  const Bytes all(block);
  return record::RecordKey{suite_->aead, suite_->construction(),
                           Secret(all.subspan(which * key_size, key_size)),
                           Secret(all.subspan(2 * key_size + which * iv_size, iv_size))};
}

// --- Conversation ---

namespace {

Role other(Role role) { return role == Role::client ? Role::server : Role::client; }

std::shared_ptr<const tls::Config> logged(Role role, std::uint8_t options, SeededRandom& random,
                                          SenderKeys& keys) {
  tls::Config config = config_of(role, options, random);
  config.key_log = keys.log();
  return std::make_shared<const tls::Config>(std::move(config));
}

constexpr std::uint32_t kSeedUnderTest = 1;
constexpr std::uint32_t kSeedOfPeer = 2;

}  // namespace

Conversation::Conversation(Role under_test, std::uint8_t options, std::uint8_t piece)
    : role_(under_test),
      options_(options),
      piece_(piece),
      random_(kSeedUnderTest),
      keys_(other(under_test)),
      connection_(logged(under_test, options, random_, keys_)) {
  if (role_ != Role::client) return;
  REQUIRE(connection_.handshake({}, out_));
  check_output();
}

void Conversation::play(Bytes script) {
  while (script.size() >= 3 && !over_) {
    const bool hold = (script[0] & kHold) != 0;
    const auto op = static_cast<Op>((script[0] & ~kHold) % kOpCount);
    const std::size_t size = static_cast<std::size_t>(script[1] << 8 | script[2]);
    const Bytes payload = script.subspan(3).first(std::min(size, script.size() - 3));
    script = script.subspan(3 + payload.size());
    step(op, payload, hold);
  }
  if (!over_ && !held_.empty()) deliver(std::exchange(held_, {}));
  // Whatever was said, an established connection can still seal, and a failed one still says why.
  if (connection_.failure()) check_failure(*connection_.failure());
}

void Conversation::step(Op op, Bytes payload, bool hold) {
  switch (op) {
    case Op::change_cipher_spec:
    case Op::alert:
    case Op::handshake:
    case Op::application_data:
      send_content(static_cast<ContentType>(20 + static_cast<int>(op)), payload);
      break;
    case Op::plaintext: {
      if (payload.empty()) return;
      const Bytes content = payload.subspan(1);
      append(held_, Bytes({payload.data(), 1}));
      const std::uint8_t rest[] = {3, 3, static_cast<std::uint8_t>(content.size() >> 8),
                                   static_cast<std::uint8_t>(content.size())};
      append(held_, rest);
      append(held_, content);
      if (payload[0] == static_cast<std::uint8_t>(ContentType::handshake)) keys_.observe(content);
      break;
    }
    case Op::inner:
      turn_key();
      expect_data(payload);
      append(held_, record(ContentType::application_data, payload));
      break;
    case Op::raw:
      append(held_, payload);
      break;
    case Op::seal:
      return seal_own(payload);
    case Op::call_handshake: {
      const auto progress = connection_.handshake(pending_, out_);
      check_output();
      if (!progress) return check_failure(progress.error());
      REQUIRE(progress->consumed <= pending_.size());
      pending_.erase(pending_.begin(),
                     pending_.begin() + static_cast<std::ptrdiff_t>(progress->consumed));
      return pump();
    }
    case Op::export_key: {
      Buffer key(32);
      const bool exported =
          static_cast<bool>(connection_.export_keying_material("EXPERIMENTAL fuzz", &payload, key));
      REQUIRE(!exported || connection_.is_established());
      return;
    }
    case Op::send_alert:
      if (payload.size() < 2 || !connection_.is_established()) return;
      static_cast<void>(connection_.send_alert(static_cast<wire::AlertLevel>(payload[0]),
                                               static_cast<Alert>(payload[1]), out_));
      return check_output();
    case Op::start_again:
      return start_again(!payload.empty() && payload[0] % 2 == 1);
  }
  if (!hold) deliver(std::exchange(held_, {}));
}

void Conversation::start_again(bool authenticate) {
  if (connection_.failure() || !connection_.is_idle() || connection_.awaits_handshake()) return;
  const tls::Negotiated& negotiated = connection_.negotiated();
  Result<void> started;
  if (negotiated.version == wire::ProtocolVersion::tls12) {
    if (!negotiated.secure_renegotiation) return;
    started = connection_.renegotiate(out_);
  } else if (authenticate && role_ == Role::server && negotiated.post_handshake_auth) {
    started = connection_.request_certificate(out_);
  } else {
    started = connection_.update_key(authenticate, out_);
  }
  REQUIRE(started);
  check_output();
}

void Conversation::send_content(ContentType type, Bytes content) {
  turn_key();
  Buffer fragment = to_buffer(content);
  const bool tls13 = peer_ && peer_->construction() == record::Construction::tls13;
  ContentType outer = type;
  if (tls13 && type != ContentType::change_cipher_spec) {
    fragment.push_back(static_cast<std::uint8_t>(type));
    outer = ContentType::application_data;
  }
  if (outer == ContentType::application_data) expect_data(fragment);
  append(held_, record(outer, fragment));
  if (type == ContentType::change_cipher_spec) keys_.on_change_cipher_spec();
  if (type == ContentType::handshake) {
    keys_.observe(content);
    static constexpr std::uint8_t kKeyUpdate[] = {24, 0, 0, 1};
    if (content.size() == 5 && equal(content.first(4), kKeyUpdate)) {
      if (const auto key = keys_.update()) {
        Result<record::Protection> made = record::Protection::create(*key);
        REQUIRE(made);
        peer_.emplace(std::move(*made));
      }
    }
  }
}

void Conversation::turn_key() {
  while (const auto key = keys_.next(connection_.is_established())) {
    Result<record::Protection> made = record::Protection::create(*key);
    REQUIRE(made);
    peer_.emplace(std::move(*made));
  }
}

/// Remembers what our side may take for application data from now on.
void Conversation::expect_data(Bytes fragment) {
  if (!peer_ || !connection_.is_established()) return;
  if (peer_->construction() == record::Construction::tls13) {
    while (!fragment.empty() && fragment.back() == 0)
      fragment = fragment.first(fragment.size() - 1);
    if (fragment.empty() ||
        fragment.back() != static_cast<std::uint8_t>(ContentType::application_data)) {
      return;
    }
    fragment = fragment.first(fragment.size() - 1);
  }
  append(data_sent_, fragment);
}

Buffer Conversation::record(ContentType outer, Bytes fragment) {
  // Room for the tag below what the length field can say.
  fragment = fragment.first(std::min<std::size_t>(fragment.size(), 0xff00));
  const bool tls13 = peer_ && peer_->construction() == record::Construction::tls13;
  const bool sealed = peer_ && !(tls13 && outer == ContentType::change_cipher_spec);
  const std::size_t nonce_size = sealed ? record::explicit_nonce_bytes(peer_->construction()) : 0;
  const std::size_t size = nonce_size + fragment.size() + (sealed ? crypto::kAeadTagBytes : 0);
  Buffer out = {static_cast<std::uint8_t>(outer), 3, 3, static_cast<std::uint8_t>(size >> 8),
                static_cast<std::uint8_t>(size)};
  out.resize(out.size() + size);
  std::uint8_t* content = out.data() + kRecordHeaderBytes + nonce_size;
  if (!fragment.empty()) std::memcpy(content, fragment.data(), fragment.size());
  if (!sealed) return out;
  const std::uint64_t sequence = peer_->sequence();
  for (std::size_t i = 0; i < nonce_size; ++i) {
    out[kRecordHeaderBytes + i] = static_cast<std::uint8_t>(sequence >> (8 * (7 - i)));
  }
  const auto nonce = peer_->nonce(sequence, out.data() + kRecordHeaderBytes);
  const auto aad = peer_->additional_data(sequence, out.data(), fragment.size());
  REQUIRE(peer_->aead().seal(nonce, aad.view(), {content, fragment.size()}, {},
                             content + fragment.size()));
  peer_->advance();
  return out;
}

void Conversation::deliver(Bytes bytes) {
  const std::size_t piece = piece_ == 0 ? bytes.size() : piece_;
  while (!bytes.empty() && !over_) {
    const Bytes part = bytes.first(std::min(piece, bytes.size()));
    bytes = bytes.subspan(part.size());
    append(pending_, part);
    pump();
  }
}

void Conversation::pump() {
  // More turns than bytes would be a hang.
  std::size_t turns = 0;
  const std::size_t turns_max = 4 * pending_.size() + 64;
  while (!over_) {
    REQUIRE(++turns <= turns_max);
    const bool receives = connection_.is_established() && connection_.may_receive() &&
                          (connection_.is_idle() || std::exchange(interrupted_, false));
    if (!(receives ? pump_received() : pump_handshake())) return;
  }
}

/// False when it waits for more.
bool Conversation::pump_handshake() {
  // Memory of its own, so that a sanitizer sees a read behind the end.
  const Buffer in = pending_;
  const auto progress = connection_.handshake(in, out_);
  REQUIRE(in == pending_);
  check_output();
  if (!progress) {
    check_failure(progress.error());
    return false;
  }
  REQUIRE(progress->consumed <= in.size());
  pending_.erase(pending_.begin(),
                 pending_.begin() + static_cast<std::ptrdiff_t>(progress->consumed));
  switch (progress->outcome) {
    case Outcome::need_input:
      REQUIRE(progress->consumed == 0 && progress->missing > 0);
      return false;
    case Outcome::in_progress:
      return false;
    case Outcome::interrupted:
      REQUIRE(!connection_.is_idle());
      interrupted_ = true;
      return !pending_.empty();
    case Outcome::established:
    case Outcome::refused:
      REQUIRE(connection_.is_established());
      return !pending_.empty();
    case Outcome::need_verdict:
      REQUIRE(role_ == Role::server || !connection_.peer_chain().chain.empty());
      if ((options_ & kRejectPeer) != 0) {
        connection_.reject_peer(Cause::certificate_untrusted_root, out_);
        REQUIRE(connection_.failure());
      } else {
        connection_.accept_peer(out_);
      }
      check_output();
      return true;
    case Outcome::need_credential:
      connection_.choose_identity((options_ & kClientCertificate) != 0 ? fixed_identity() : nullptr,
                                  out_);
      check_output();
      return true;
  }
  return false;
}

bool Conversation::pump_received() {
  if (pending_.empty()) return false;
  Buffer in = pending_;
  const auto received = connection_.receive(in);
  if (!received) {
    // The next call of the handshake has the alert for the peer, the calls after it have nothing.
    const auto owed = connection_.handshake(pending_, out_);
    REQUIRE(!owed && owed.error() == received.error());
    check_output();
    check_failure(received.error());
    return false;
  }
  const std::size_t consumed = received->consumed;
  REQUIRE(consumed <= in.size());
  REQUIRE(equal(Bytes(in).subspan(consumed), Bytes(pending_).subspan(consumed)));
  const MutableBytes content = received->content;
  REQUIRE(content.empty() ||
          (content.data() >= in.data() && content.data() + content.size() <= in.data() + consumed));
  using Kind = tls::Received::Kind;
  switch (received->kind) {
    case Kind::need_input:
      REQUIRE(in == pending_ && received->missing > 0);
      return false;
    case Kind::closed:
      over_ = true;
      return false;
    case Kind::handshake:
      REQUIRE(in == pending_);
      if ((options_ & kDropsTaken) == 0) return true;
      break;
    case Kind::application_data:
      // Nobody but the script's peer can have sealed it.
      REQUIRE(data_sent_.size() - data_received_ >= content.size());
      REQUIRE(equal(content, Bytes(data_sent_).subspan(data_received_, content.size())));
      data_received_ += content.size();
      break;
    case Kind::absorb:  // the option is off here
      REQUIRE(false);
    case Kind::no_renegotiation:
    case Kind::nothing:
      break;
  }
  REQUIRE(consumed > 0);
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(consumed));
  return true;
}

/// What we send is whole records.
void Conversation::check_output() {
  for (Bytes rest = Bytes(out_).subspan(checked_); !rest.empty();) {
    REQUIRE(rest.size() >= kRecordHeaderBytes && rest[0] >= 20 && rest[0] <= 23 && rest[1] == 3);
    const std::size_t size = kRecordHeaderBytes + static_cast<std::size_t>(rest[3] << 8 | rest[4]);
    REQUIRE(rest.size() >= size);
    if (rest[0] == static_cast<std::uint8_t>(ContentType::handshake)) {
      keys_.observe(rest.first(size).subspan(kRecordHeaderBytes));
    }
    rest = rest.subspan(size);
  }
  checked_ = out_.size();
}

/// The first failure is remembered, by everything.
void Conversation::check_failure(const Error& error) {
  over_ = true;
  REQUIRE(error.cause != Cause::internal_error);
  REQUIRE(connection_.failure() == error);
  Buffer out;
  const auto again = connection_.handshake(pending_, out);
  REQUIRE(!again && again.error() == error && out.empty());
  Buffer in = pending_;
  const auto received = connection_.receive(in);
  REQUIRE(!received && received.error() == error && in == pending_);
}

void Conversation::seal_own(Bytes content) {
  if (!connection_.is_established()) return;
  content = content.first(std::min(content.size(), kRecordPlaintextBytesMax));
  Buffer header(connection_.header_size()), data = to_buffer(content),
                                            trailer(connection_.trailer_size());
  const auto sealed =
      connection_.seal(ContentType::application_data, header.data(), data, trailer.data());
  REQUIRE(static_cast<bool>(sealed) == !connection_.failure());
}

bool Conversation::shake_hands(Buffer* script) {
  SeededRandom random(kSeedOfPeer);
  tls::Connection peer(
      std::make_shared<const tls::Config>(config_of(other(role_), options_, random)));
  record::RecordReader reader;
  Buffer from_peer, to_peer;
  std::size_t sent = 0;
  const auto run_peer = [&] {
    for (;;) {
      const auto progress = peer.handshake(to_peer, from_peer);
      if (!progress) return false;
      to_peer.erase(to_peer.begin(),
                    to_peer.begin() + static_cast<std::ptrdiff_t>(progress->consumed));
      if (progress->outcome == Outcome::need_verdict) {
        peer.accept_peer(from_peer);
      } else if (progress->outcome == Outcome::need_credential) {
        const bool has_one = (options_ & kClientCertificate) != 0;
        peer.choose_identity(has_one ? fixed_identity() : nullptr, from_peer);
      } else {
        return true;
      }
    }
  };
  if (role_ == Role::server && !run_peer()) return false;
  for (int round = 0; round < 10 && !over_; ++round) {
    append(to_peer, Bytes(out_).subspan(sent));
    sent = out_.size();
    if (!to_peer.empty() && !run_peer()) return false;
    const Buffer flight = std::exchange(from_peer, {});
    for (Bytes rest = flight; !rest.empty();) {
      const std::size_t size =
          kRecordHeaderBytes + static_cast<std::size_t>(rest[3] << 8 | rest[4]);
      const Bytes sealed = rest.first(size);
      rest = rest.subspan(size);
      if (const auto key = keys_.next(connection_.is_established())) {
        REQUIRE(reader.use(*key));
        Result<record::Protection> made = record::Protection::create(*key);
        REQUIRE(made);
        peer_.emplace(std::move(*made));
      }
      Buffer space(size);
      const auto opened = reader.open(sealed, space.data());
      if (!opened) return false;
      const auto op = static_cast<Op>(static_cast<int>(opened->type) - 20);
      const Buffer content = to_buffer(opened->content);
      if (script != nullptr) append_step(*script, op, content);
      send_content(opened->type, content);
      // The script's peer speaks as the real one did, but for the version of a first ClientHello.
      REQUIRE(equal(Bytes(held_).subspan(3), sealed.subspan(3)));
      deliver(std::exchange(held_, {}));
    }
    if (flight.empty() && sent == out_.size()) break;
  }
  return connection_.is_established() && peer.is_established();
}

}  // namespace schannel::fuzz
