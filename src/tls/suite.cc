#include "tls/suite.h"

namespace schannel::tls {
namespace {

using crypto::AeadAlgorithm;
using crypto::HashAlgorithm;

// RFC 8446 appendix B.4, RFC 5289 section 3.2, RFC 7905 section 2.
constexpr Suite kSuites[] = {
    {CipherSuite::TLS_AES_256_GCM_SHA384, "TLS_AES_256_GCM_SHA384", ProtocolVersion::tls13,
     AeadAlgorithm::aes_256_gcm, HashAlgorithm::sha384, Authentication::any},
    {CipherSuite::TLS_AES_128_GCM_SHA256, "TLS_AES_128_GCM_SHA256", ProtocolVersion::tls13,
     AeadAlgorithm::aes_128_gcm, HashAlgorithm::sha256, Authentication::any},
    {CipherSuite::TLS_CHACHA20_POLY1305_SHA256, "TLS_CHACHA20_POLY1305_SHA256",
     ProtocolVersion::tls13, AeadAlgorithm::chacha20_poly1305, HashAlgorithm::sha256,
     Authentication::any},
    {CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
     "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", ProtocolVersion::tls12, AeadAlgorithm::aes_256_gcm,
     HashAlgorithm::sha384, Authentication::ecdsa},
    {CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
     "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", ProtocolVersion::tls12, AeadAlgorithm::aes_128_gcm,
     HashAlgorithm::sha256, Authentication::ecdsa},
    {CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
     ProtocolVersion::tls12, AeadAlgorithm::aes_256_gcm, HashAlgorithm::sha384,
     Authentication::rsa},
    {CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
     ProtocolVersion::tls12, AeadAlgorithm::aes_128_gcm, HashAlgorithm::sha256,
     Authentication::rsa},
    {CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
     "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", ProtocolVersion::tls12,
     AeadAlgorithm::chacha20_poly1305, HashAlgorithm::sha256, Authentication::ecdsa},
    {CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
     "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", ProtocolVersion::tls12,
     AeadAlgorithm::chacha20_poly1305, HashAlgorithm::sha256, Authentication::rsa},
};

}  // namespace

record::Construction Suite::construction() const {
  if (version == ProtocolVersion::tls13) return record::Construction::tls13;
  return aead == AeadAlgorithm::chacha20_poly1305 ? record::Construction::tls12_chacha20
                                                  : record::Construction::tls12_gcm;
}

const Suite* find_suite(std::uint16_t id) {
  for (const Suite& suite : kSuites) {
    if (static_cast<std::uint16_t>(suite.id) == id) return &suite;
  }
  return nullptr;
}

bool authenticates(const Suite& suite, crypto::KeyType key) {
  using crypto::KeyType;
  switch (suite.authentication) {
    case Authentication::any:
      return true;
    case Authentication::rsa:
      return key == KeyType::rsa || key == KeyType::rsa_pss;
    case Authentication::ecdsa:
      return key != KeyType::rsa && key != KeyType::rsa_pss;
  }
  return false;
}

}  // namespace schannel::tls
