#pragma once
#include <memory>

#include "tls/connection.h"

// The two sides that the handshake targets drive, with nothing random of their own.
namespace schannel::fuzz {

class FixedRandom : public crypto::Random {
 public:
  void fill(MutableBytes out) override {
    for (std::uint8_t& byte : out) byte = ++next_;
  }

 private:
  std::uint8_t next_ = 0;
};

/// A server's certificate: a P-256 key in the smallest shell that still parses is not worth the
/// bytes here, so the chain holds one byte and only the key is real.
inline std::shared_ptr<const tls::Identity> identity() {
  static const auto out = [] {
    auto key = crypto::PrivateKey::generate(crypto::KeyType::ecdsa_p256);
    return std::make_shared<const tls::Identity>(tls::Identity{{Buffer{0x30}}, std::move(*key)});
  }();
  return out;
}

inline std::shared_ptr<const tls::Config> config(tls::Role role, bool tls13, FixedRandom& random) {
  tls::Config out;
  out.role = role;
  out.enable_tls13 = tls13;
  out.cipher_suites = {tls::CipherSuite::TLS_AES_128_GCM_SHA256,
                       tls::CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
                       tls::CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256};
  out.groups = {NamedGroup::x25519, NamedGroup::secp256r1};
  out.signature_schemes = {SignatureScheme::ecdsa_secp256r1_sha256,
                           SignatureScheme::rsa_pss_rsae_sha256};
  out.application_protocols = {{'h', '2'}};
  out.server_name = role == tls::Role::client ? "server.example" : "";
  if (role == tls::Role::server) {
    out.identities = {identity()};
    out.request_client_certificate = true;
  }
  out.random = &random;
  return std::make_shared<const tls::Config>(std::move(out));
}

/// Feeds everything, says yes to every question, and looks at what comes back.
inline void run(tls::Connection& connection, Bytes in) {
  Buffer out;
  for (int calls = 0; calls < 64; ++calls) {
    const auto progress = connection.handshake(in, out);
    if (!progress) return;
    in = in.subspan(progress->consumed);
    switch (progress->outcome) {
      case tls::Outcome::need_verdict:
        connection.accept_peer(out);
        break;
      case tls::Outcome::need_credential:
        connection.choose_identity(nullptr, out);
        break;
      default:
        return;
    }
  }
}

}  // namespace schannel::fuzz
