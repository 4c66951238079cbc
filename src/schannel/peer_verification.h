#pragma once
#include <openschannel/cert_chain.h>

#include <string>

#include "pki/verify.h"
#include "schannel/credential.h"

namespace schannel::package {

/// How a chain is judged for a credential: its flags about names and revocation (CRED-42 to
/// CRED-44), at this moment, for a peer of the given usage, when `application_protocol` (empty:
/// none) was agreed on.
pki::VerifyOptions verify_options(const Credential& credential, pki::Usage usage,
                                  Bytes application_protocol);

/// Who the peer of a credential's context says it is.
struct Peer {
  const std::vector<Buffer>& chain;  ///< DER, leaf first; not empty.
  Bytes ocsp_response;
  Bytes application_protocol;
  std::string name;  ///< Of a server, as the caller named it; empty: none.
};

/// Whether `peer` may be believed (AUTH-7, AUTH-8): by the roots of the credential, or the
/// system's as the setting ClientAuthTrustMode says (AUTH-23). The peer of a server's credential is
/// a client. `cache_only`: no network, whatever the flags say. `path`: as in pki::verify_chain.
Result<void> verify_peer(const Credential& credential, const Peer& peer, bool cache_only,
                         std::string* detail, pki::ChainVerdict* verdict,
                         std::vector<Buffer>* path = nullptr);

/// PCCERT_CHAIN_CONTEXT of the peer, built as verify_peer() does without network; the caller frees
/// it with CertFreeCertificateChain. Null when it can't be built.
PCCERT_CHAIN_CONTEXT chain_of_peer(const Credential& credential, const Peer& peer);

}  // namespace schannel::package
