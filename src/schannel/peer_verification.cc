#include "schannel/peer_verification.h"

#include <algorithm>
#include <ctime>

#include "pki/identity.h"

namespace schannel::package {

pki::VerifyOptions verify_options(const Credential& credential, pki::Usage usage,
                                  Bytes application_protocol) {
  pki::VerifyOptions options;
  options.usage = usage;
  options.now = static_cast<std::int64_t>(std::time(nullptr));
  options.check_name = !credential.has(SCH_CRED_NO_SERVERNAME_CHECK);
  pki::RevocationOptions& revocation = options.revocation;
  if (credential.has(SCH_CRED_REVOCATION_CHECK_END_CERT)) {
    revocation.scope = pki::RevocationScope::leaf;
  } else if (credential.has(SCH_CRED_REVOCATION_CHECK_CHAIN)) {
    revocation.scope = pki::RevocationScope::chain;
  } else if (credential.has(SCH_CRED_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT)) {
    revocation.scope = pki::RevocationScope::chain_without_root;
  }
  revocation.cache_only = credential.has(SCH_CRED_REVOCATION_CHECK_CACHE_ONLY);
  options.ignore_no_revocation_check = credential.has(SCH_CRED_IGNORE_NO_REVOCATION_CHECK);
  options.ignore_revocation_offline = credential.has(SCH_CRED_IGNORE_REVOCATION_OFFLINE);
  for (const Credential::RefusedSignatures& refused : credential.refused_signatures) {
    const auto& names = refused.application_protocols;
    const bool concerns =
        names.empty() || std::any_of(names.begin(), names.end(), [&](const Buffer& name) {
          return equal(name, application_protocol);
        });
    if (!concerns) continue;
    options.refused_signatures.insert(options.refused_signatures.end(), refused.signatures.begin(),
                                      refused.signatures.end());
  }
  return options;
}

namespace {

pki::VerifyOptions options_for(const Credential& credential, const Peer& peer, bool cache_only) {
  const bool is_client = credential.role == tls::Role::server;
  pki::VerifyOptions options = verify_options(
      credential, is_client ? pki::Usage::client_authentication : pki::Usage::server_authentication,
      peer.application_protocol);
  if (!is_client) options.server_name = peer.name;
  options.revocation.stapled = to_buffer(peer.ocsp_response);
  options.revocation.cache_only = options.revocation.cache_only || cache_only;
  return options;
}

}  // namespace

Result<void> verify_peer(const Credential& credential, const Peer& peer, bool cache_only,
                         std::string* detail, pki::ChainVerdict* verdict,
                         std::vector<Buffer>* path) {
  const auto anchors = [&]() -> Result<pki::TrustAnchors> {
    if (credential.anchors) return *credential.anchors;
    // A server's roots are for its clients, who end in nothing else when there are any (AUTH-23).
    const ClientTrust trust = credential.settings->client_trust;
    const bool is_client = credential.role == tls::Role::server;
    if (!credential.roots.empty() || (is_client && trust != ClientTrust::machine)) {
      return pki::TrustAnchors::of(credential.roots,
                                   trust == ClientTrust::exclusive_ca
                                       ? pki::TrustAnchors::EndsChain::any
                                       : pki::TrustAnchors::EndsChain::self_signed);
    }
    return pki::TrustAnchors::system();
  };
  TRY(const pki::TrustAnchors trusted, anchors());
  std::vector<Bytes> chain;
  for (const Buffer& certificate : peer.chain) chain.push_back(certificate);
  return pki::verify_chain(chain, trusted, options_for(credential, peer, cache_only), detail,
                           verdict, path);
}

PCCERT_CHAIN_CONTEXT chain_of_peer(const Credential& credential, const Peer& peer) {
  return pki::make_chain(peer.chain, credential.roots,
                         options_for(credential, peer, /*cache_only=*/true));
}

}  // namespace schannel::package
