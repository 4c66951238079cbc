#include "tls/peer.h"

#include <algorithm>

namespace schannel::tls {

Result<PossessionProved> verify_possession(const crypto::PublicKey& key, SignatureScheme scheme,
                                           const std::vector<SignatureScheme>& offered,
                                           bool exact_curve, Bytes content, Bytes signature) {
  if (std::find(offered.begin(), offered.end(), scheme) == offered.end() ||
      !crypto::can_sign(key.type(), key.bits(), scheme, exact_curve)) {
    return Cause::illegal_parameter;
  }
  if (!key.verify(scheme, content, signature)) return Cause::signature_invalid;
  return PossessionProved();
}

}  // namespace schannel::tls
