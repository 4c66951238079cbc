#pragma once
#include <utility>
#include <vector>

#include "base/result.h"
#include "crypto/signature.h"
#include "wire/code_points.h"

namespace schannel::tls {

class Connection;

/// The verdict "this chain may stand for that peer". Whoever embeds the engine gives it through
/// Connection::accept_peer; nothing else can make one.
class ChainAccepted {
 private:
  friend class Connection;
  ChainAccepted() = default;
};

/// The peer has signed this very handshake with the key of its certificate.
class PossessionProved {
 private:
  friend Result<PossessionProved> verify_possession(const crypto::PublicKey&, SignatureScheme,
                                                    const std::vector<SignatureScheme>&,
                                                    wire::ProtocolVersion, Bytes, Bytes);
  PossessionProved() = default;
};

/// Checks a handshake signature: `scheme` must be one that we `offered`, allowed in `version`, and
/// fit the key (illegal_parameter otherwise, RFC 8446 section 4.4.3); then the signature
/// (signature_invalid).
Result<PossessionProved> verify_possession(const crypto::PublicKey& key, SignatureScheme scheme,
                                           const std::vector<SignatureScheme>& offered,
                                           wire::ProtocolVersion version, Bytes content,
                                           Bytes signature);

/// PKCS#1 v1.5 schemes, which TLS 1.3 keeps for certificates only (RFC 8446 section 4.2.3).
bool is_pkcs1(SignatureScheme scheme);
/// Schemes of RSA keys, with either padding.
bool is_rsa(SignatureScheme scheme);

/// Both checks. A client's last state demands one: a forgotten check does not compile. A session
/// keeps the proof of its first handshake; whoever resumes it has the key that only the two sides
/// of that handshake have, and the chain is judged again.
class PeerVerified {
 public:
  PeerVerified(ChainAccepted, PossessionProved proof) : proof_(proof) {}
  PossessionProved proof() const { return proof_; }

 private:
  PossessionProved proof_;
};

}  // namespace schannel::tls
