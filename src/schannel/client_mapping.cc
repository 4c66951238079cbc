#include "schannel/client_mapping.h"

#include <new>

#include "schannel/peer_verification.h"

namespace schannel::package {

pki::Mapper::Outcome map_client(const Credential& credential, const tls::Negotiated& negotiated) {
  try {
    const Peer peer{negotiated.peer_chain, {}, negotiated.application_protocol, {}};
    std::vector<Buffer> path;
    std::string detail;
    const Result<void> verified =
        verify_peer(credential, peer, /*cache_only=*/false, &detail, nullptr, &path);
    if (!verified) {
      std::string why(disposition(verified.error()).text);
      if (!detail.empty()) why += ": " + detail;
      return {{}, std::move(why)};
    }
    const Settings& settings = *credential.settings;
    return credential.mapper->map(path, {settings.issuer_count_max, settings.issuer_cache_ms},
                                  now_ms());
  } catch (const std::bad_alloc&) {
    return {{}, "out of memory"};
  }
}

}  // namespace schannel::package
