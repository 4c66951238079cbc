#pragma once
#include <string_view>

#include "crypto/aead.h"
#include "crypto/hash.h"
#include "crypto/signature.h"
#include "record/protection.h"
#include "wire/code_points.h"

namespace schannel::tls {

using wire::CipherSuite;
using wire::ProtocolVersion;

enum class Authentication : std::uint8_t {
  any,    ///< TLS 1.3: signature_algorithms alone decides
  ecdsa,  ///< ECDSA and EdDSA keys (RFC 8422 section 2)
  rsa,
};

/// What a cipher suite stands for.
struct Suite {
  CipherSuite id;
  std::string_view name;
  ProtocolVersion version;  ///< The only version that has it.
  crypto::AeadAlgorithm aead;
  crypto::HashAlgorithm hash;
  Authentication authentication;

  record::Construction construction() const;
};

/// Every suite this library implements.
const Suite* find_suite(std::uint16_t id);

/// True when a certificate with this key can authenticate the suite.
bool authenticates(const Suite& suite, crypto::KeyType key);

}  // namespace schannel::tls
