#pragma once
#include <gtest/gtest.h>

#include <random>

#include "crypto/signature.h"
#include "tls/connection.h"

// Our client against our server, in memory. The verdict on certificates is the test's.
namespace schannel::tls::test {

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

/// A self-signed certificate of `type`, made once per process (make_identity.cc).
std::shared_ptr<const Identity> identity_of(crypto::KeyType type);
/// An ECDSA certificate whose keyUsage does not allow signatures.
std::shared_ptr<const Identity> identity_for_key_agreement();

inline std::vector<CipherSuite> all_suites() {
  return {CipherSuite::TLS_AES_256_GCM_SHA384,
          CipherSuite::TLS_AES_128_GCM_SHA256,
          CipherSuite::TLS_CHACHA20_POLY1305_SHA256,
          CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
          CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
          CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
          CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
          CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
          CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256};
}

inline Config config_of(Role role) {
  Config config;
  config.role = role;
  config.cipher_suites = all_suites();
  config.groups = {NamedGroup::x25519, NamedGroup::secp256r1, NamedGroup::secp384r1,
                   NamedGroup::secp521r1};
  config.signature_schemes = {
      SignatureScheme::ecdsa_secp256r1_sha256, SignatureScheme::rsa_pss_rsae_sha256,
      SignatureScheme::rsa_pkcs1_sha256,       SignatureScheme::ecdsa_secp384r1_sha384,
      SignatureScheme::rsa_pss_rsae_sha384,    SignatureScheme::rsa_pkcs1_sha384,
      SignatureScheme::ecdsa_secp521r1_sha512, SignatureScheme::rsa_pss_rsae_sha512,
      SignatureScheme::rsa_pkcs1_sha512,       SignatureScheme::ed25519,
      SignatureScheme::rsa_pss_pss_sha256,     SignatureScheme::rsa_pss_pss_sha384,
      SignatureScheme::rsa_pss_pss_sha512};
  if (role == Role::client) config.server_name = "server.example";
  if (role == Role::server) config.identities = {identity_of(crypto::KeyType::ecdsa_p256)};
  return config;
}

/// One side with what has come for it and is not consumed yet.
struct Side {
  explicit Side(Config config) : connection(std::make_shared<const Config>(std::move(config))) {}

  /// Feeds `more` and runs until this side waits for the peer; what it sends is appended to `out`.
  Result<Outcome> feed(Bytes more, Buffer& out) {
    append(pending, more);
    for (;;) {
      Result<Progress> progress = connection.handshake(pending, out);
      if (!progress) return progress.error();
      pending.erase(pending.begin(),
                    pending.begin() + static_cast<std::ptrdiff_t>(progress->consumed));
      if (progress->outcome == Outcome::need_verdict) {
        verdicts++;
        if (reject) {
          connection.reject_peer(*reject, out);
          return Error{*reject};
        }
        connection.accept_peer(out);
      } else if (progress->outcome == Outcome::need_credential) {
        credential_requests++;
        connection.choose_identity(client_identity, out);
      } else {
        return progress->outcome;
      }
    }
  }

  Connection connection;
  Buffer pending;
  std::optional<Cause> reject;
  std::shared_ptr<const Identity> client_identity;
  int verdicts = 0;
  int credential_requests = 0;
};

/// What the two sides came to.
struct Ending {
  Result<Outcome> client = Outcome::need_input;
  Result<Outcome> server = Outcome::need_input;
  bool established() const {
    return client && server && *client == Outcome::established && *server == Outcome::established;
  }
};

/// Runs a handshake, delivering at most `piece` bytes at a time (0: all at once). `on_wire` may
/// change every flight on its way.
template <class OnWire>
Ending run(Side& client, Side& server, std::size_t piece, OnWire on_wire) {
  Ending ending;
  Buffer to_server, to_client;
  ending.client = client.feed({}, to_server);
  for (int rounds = 0; rounds < 20; ++rounds) {
    if (to_server.empty() && to_client.empty()) break;
    const auto deliver = [&](Buffer& flight, Side& side, Buffer& answers, Result<Outcome>& end,
                             Role receiver) {
      Buffer bytes = std::exchange(flight, {});
      on_wire(receiver, bytes);
      std::size_t at = 0;
      while (at < bytes.size()) {
        const std::size_t size = piece == 0 ? bytes.size() : std::min(piece, bytes.size() - at);
        end = side.feed(Bytes(bytes).subspan(at, size), answers);
        at += size;
        if (!end) return;
      }
    };
    deliver(to_server, server, to_client, ending.server, Role::server);
    deliver(to_client, client, to_server, ending.client, Role::client);
  }
  return ending;
}
inline Ending run(Side& client, Side& server, std::size_t piece = 0) {
  return run(client, server, piece, [](Role, Buffer&) {});
}

/// Sends `text` from one established side to the other and expects it there.
inline void expect_delivers(Side& from, Side& to, std::string_view text) {
  Buffer record(from.connection.header_size());
  const std::size_t header = record.size();
  append(record, as_bytes(text));
  record.resize(record.size() + from.connection.trailer_size());
  ASSERT_TRUE(from.connection.seal(wire::ContentType::application_data, record.data(),
                                   MutableBytes(record).subspan(header, text.size()),
                                   record.data() + header + text.size()));
  const Result<Received> received = to.connection.receive(record);
  ASSERT_TRUE(received) << disposition(received.error()).text;
  EXPECT_EQ(received->kind, Received::Kind::application_data);
  EXPECT_EQ(as_text(received->content), text);
  EXPECT_EQ(received->consumed, record.size());
}

}  // namespace schannel::tls::test
