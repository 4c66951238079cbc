#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "pki/answer.h"
#include "pki/chain_context.h"

namespace schannel::pki {

using StorePtr = std::shared_ptr<Store>;

/// What a chain engine is made of (CERT-41). Null stores: not given.
struct EngineConfig {
  StorePtr restricted_root;
  StorePtr restricted_other;
  std::vector<StorePtr> additional;
  StorePtr exclusive_root;
  StorePtr exclusive_people;
  bool any_exclusive_root_ends_chain = false;  ///< CERT_CHAIN_EXCLUSIVE_ENABLE_CA_FLAG
  std::uint32_t url_milliseconds = 0;          ///< 0: the default (CERT-35)
};

/// Where a CertGetCertificateChain call looks, and for what. `request` comes without certificates
/// and anchors: the engine puts them in.
struct ChainQuery {
  PCCERT_CONTEXT leaf = nullptr;
  StorePtr additional;
  ChainRequest request;
  bool trusts_people = false;  ///< CERT_CHAIN_ENABLE_PEER_TRUST
  DWORD flags = 0;             ///< As given, for dwCreateFlags.
};

/// Builds chains. Immutable, and it keeps its stores open; what is in them is looked at anew for
/// each chain.
class ChainEngine {
 public:
  explicit ChainEngine(EngineConfig config) : config_(std::move(config)) {}

  /// E_INVALIDARG when `query.leaf` is no live context.
  Answer<std::shared_ptr<const ChainContext>> build(ChainQuery query) const;
  const EngineConfig& config() const { return config_; }

 private:
  bool is_exclusive() const { return config_.exclusive_root || config_.exclusive_people; }
  Answer<TrustAnchors> anchors(const ChainQuery& query, const Held& leaf) const;
  std::vector<StorePtr> searched(const ChainQuery& query) const;

  EngineConfig config_;
};

// Handles of engines: numbers, never pointers, and never the same twice.
HCERTCHAINENGINE give_engine(std::shared_ptr<const ChainEngine> engine);
/// Also the engines that need not be created: HCCE_CURRENT_USER and its like. Null: no such engine.
std::shared_ptr<const ChainEngine> engine_of(HCERTCHAINENGINE handle);
void take_back_engine(HCERTCHAINENGINE handle);

}  // namespace schannel::pki
