#pragma once
#include "tls/config.h"
#include "tls/peer.h"

// Restrictions for some application protocols (contract CRED-30 to CRED-40). They are known before
// the protocol is: a server chooses the protocol first and the rest from what is left; a client
// offers everything and checks what the server has made of it.
namespace schannel::tls {

enum class Optional : bool { without, with };

/// `config` with the restrictions for `application_protocol` (empty: none was agreed on) applied,
/// or `config` itself when there are none. Optional ones only when asked for.
std::shared_ptr<const Config> restricted(const std::shared_ptr<const Config>& config,
                                         Bytes application_protocol, Optional optional);

/// True when keys like this may sign.
bool may_sign(const Algorithms& algorithms, crypto::KeyType type, unsigned bits);

/// Client: what was negotiated, and the server's key (null: of a session, judged then), against the
/// restrictions for the protocol that the server chose.
Result<void> check_restrictions(const std::shared_ptr<const Config>& config,
                                const Negotiated& negotiated, const crypto::PublicKey* key);

}  // namespace schannel::tls
