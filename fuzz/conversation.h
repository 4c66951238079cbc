#pragma once
#include <random>

#include "tls/connection.h"

// One connection under test and a peer that holds the keys but keeps no rules: it sends whatever a
// script says, sealed as the handshake has got to. So a changed byte reaches the parser behind the
// encryption instead of failing there. Everything random is seeded: a script recorded from a real
// handshake (make_corpus.cc) completes it again.
namespace schannel::fuzz {

/// What a step of a script does. A script is steps to its end: one byte Op (plus kHold), two bytes
/// size, big endian, and as many bytes of payload as there are.
enum class Op : std::uint8_t {
  change_cipher_spec,  ///< The first four: the payload as content of that type, in one record,
  alert,               ///< sealed when the peer has a key by now.
  handshake,
  application_data,
  plaintext,       ///< One unsealed record; the first byte of the payload is its type.
  inner,           ///< The payload is the TLSInnerPlaintext, with whatever type and padding.
  raw,             ///< The payload as it is.
  seal,            ///< Our side seals the payload as application data.
  call_handshake,  ///< handshake() with nothing new.
  export_key,      ///< An exporter; the payload is its context.
  send_alert,      ///< Our side sends the alert in the payload.
  start_again,     ///< Our side begins a handshake of its own; the payload chooses which.
};
constexpr std::uint8_t kOpCount = 12;
/// Added to an Op: deliver together with what the next step sends.
constexpr std::uint8_t kHold = 0x80;

/// Bits of the options byte: both sides of the recorded handshake go by them.
enum Option : std::uint8_t {
  kWithoutTls13 = 1,
  kWithoutTls12 = 2,  ///< Together with the one above: kResumes12.
  kClientCertificate = 4,
  kRequireClientCertificate = 8,
  kProtocols = 16,    ///< ALPN
  kRetry = 32,        ///< Groups that lead to a HelloRetryRequest
  kRejectPeer = 64,   ///< The client does not like the certificate
  kDropsTaken = 128,  ///< The caller drops an announced record before handshake() takes it
};

/// Neither version: TLS 1.2 with a session to resume, by ticket with kRetry, else by id.
constexpr std::uint8_t kResumes12 = kWithoutTls13 | kWithoutTls12;

/// Randomness that is the same in every run.
class SeededRandom : public crypto::Random {
 public:
  explicit SeededRandom(std::uint32_t seed) : engine_(seed) {}
  void fill(MutableBytes out) override {
    for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(engine_());
  }

 private:
  std::mt19937 engine_;
};

/// What either side is told to do, and to be random with.
tls::Config config_of(tls::Role role, std::uint8_t options, SeededRandom& random);

/// The traffic keys of one sender, from the key log of whoever listens.
class SenderKeys {
 public:
  explicit SenderKeys(tls::Role sender) : sender_(sender) {}
  tls::KeyLog log();
  /// Plaintext handshake bytes of either side: a ServerHello names the suite.
  void observe(Bytes messages);
  /// Protection for the next record, when it differs from the one before; else nothing.
  /// `established`: the listener is.
  std::optional<record::RecordKey> next(bool established);
  /// The sender has sent its change_cipher_spec (what changes the key in TLS 1.2).
  void on_change_cipher_spec() { changed_cipher_ = true; }
  /// The sender has sent a KeyUpdate.
  std::optional<record::RecordKey> update();

 private:
  std::optional<record::RecordKey> tls12_key() const;

  enum class Epoch : std::uint8_t { clear, handshake, application };
  tls::Role sender_;
  Epoch epoch_ = Epoch::clear;
  bool changed_cipher_ = false;
  const tls::Suite* suite_ = nullptr;
  wire::HelloRandom client_random_{};
  wire::HelloRandom server_random_{};
  Buffer handshake_secret_, application_secret_, master_secret_;
};

class Conversation {
 public:
  /// `piece`: bytes given to the connection at a time; 0: all there are.
  Conversation(tls::Role under_test, std::uint8_t options, std::uint8_t piece);

  /// Runs the script; what must hold is checked all along.
  void play(Bytes script);
  /// Runs the handshake with a well-behaved peer; the script that says the same is appended to
  /// `script` unless that is null. False when it came to no end.
  bool shake_hands(Buffer* script);

 private:
  void step(Op op, Bytes payload, bool hold);
  void send_content(wire::ContentType type, Bytes content);
  /// One record, sealed when there is a key. `fragment` is what goes under the seal.
  Buffer record(wire::ContentType outer, Bytes fragment);
  void expect_data(Bytes fragment);
  void turn_key();
  void deliver(Bytes bytes);
  void pump();
  bool pump_handshake();
  bool pump_received();
  void check_output();
  void check_failure(const Error& error);
  void seal_own(Bytes content);
  void start_again(bool authenticate);

  tls::Role role_;
  std::uint8_t options_;
  std::size_t piece_;
  SeededRandom random_;
  SenderKeys keys_;
  tls::Connection connection_;
  std::optional<record::Protection> peer_;
  Buffer held_;     ///< Sent, not delivered.
  Buffer pending_;  ///< Delivered, not consumed.
  Buffer out_;      ///< What the connection under test has sent.
  std::size_t checked_ = 0;
  Buffer data_sent_;
  std::size_t data_received_ = 0;
  bool over_ = false;
  bool interrupted_ = false;  ///< Application data comes before the rest of a handshake.
};

/// One step as a script has it.
void append_step(Buffer& script, Op op, Bytes payload);

}  // namespace schannel::fuzz
