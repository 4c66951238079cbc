#include "tls/peer.h"

#include <algorithm>

namespace schannel::tls {

bool is_pkcs1(SignatureScheme scheme) {
  return scheme == SignatureScheme::rsa_pkcs1_sha256 ||
         scheme == SignatureScheme::rsa_pkcs1_sha384 || scheme == SignatureScheme::rsa_pkcs1_sha512;
}

bool is_rsa(SignatureScheme scheme) {
  switch (scheme) {
    case SignatureScheme::rsa_pss_rsae_sha256:
    case SignatureScheme::rsa_pss_rsae_sha384:
    case SignatureScheme::rsa_pss_rsae_sha512:
    case SignatureScheme::rsa_pss_pss_sha256:
    case SignatureScheme::rsa_pss_pss_sha384:
    case SignatureScheme::rsa_pss_pss_sha512:
      return true;
    default:
      return is_pkcs1(scheme);
  }
}

Result<PossessionProved> verify_possession(const crypto::PublicKey& key, SignatureScheme scheme,
                                           const std::vector<SignatureScheme>& offered,
                                           wire::ProtocolVersion version, Bytes content,
                                           Bytes signature) {
  const bool tls13 = version == wire::ProtocolVersion::tls13;
  if (std::find(offered.begin(), offered.end(), scheme) == offered.end() ||
      !crypto::can_sign(key.type(), key.bits(), scheme, /*exact_curve=*/tls13) ||
      (tls13 && is_pkcs1(scheme))) {
    return Cause::illegal_parameter;
  }
  if (!key.verify(scheme, content, signature)) return Cause::signature_invalid;
  return PossessionProved();
}

}  // namespace schannel::tls
