#include "pki/chain_engine.h"

#include <openssl/err.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <mutex>
#include <unordered_map>

#include "pki/identity.h"
#include "pki/system_store.h"

namespace schannel::pki {
namespace {

template <class Use>
void for_each(const StorePtr& store, Use use) {
  if (!store) return;
  std::uint64_t position = 0;
  while (const std::shared_ptr<Certificate> certificate = store->next(position)) {
    use(certificate);
    position = certificate->position();
  }
}

std::vector<Buffer> encodings_in(const StorePtr& store) {
  std::vector<Buffer> all;
  for_each(store, [&](const auto& certificate) {
    all.push_back(to_buffer(certificate->decoded().der()));
  });
  return all;
}

/// Where the certificates of stores come from, by their decoded form.
using Origins = std::unordered_map<X509*, Held>;

/// The context of an element: that of the store it came from, if any.
Answer<PCCERT_CONTEXT> context_of(X509* x509, const Origins& origins) {
  auto origin = origins.find(x509);
  if (origin == origins.end()) {
    // An anchor is a copy of what is in the store of roots.
    origin = std::find_if(origins.begin(), origins.end(),
                          [x509](const auto& known) { return X509_cmp(known.first, x509) == 0; });
  }
  if (origin != origins.end()) {
    return give_reference(origin->second.certificate, origin->second.store);
  }
  auto decoded = DecodedCertificate::decode(encoding_of<X509>(x509, i2d_X509));
  if (!decoded) return failed(CRYPT_E_ASN1_CORRUPT, "a trusted root can't be decoded");
  return give_reference(
      std::make_shared<Certificate>(std::move(decoded), nullptr, 0, Certificate::Properties()),
      nullptr);
}

LastError no_anchors() { return failed(E_UNEXPECTED, "the trusted roots can't be read"); }

struct Engines {
  std::mutex mutex;
  std::unordered_map<HCERTCHAINENGINE, std::shared_ptr<const ChainEngine>> open;
  std::shared_ptr<const ChainEngine> standard = std::make_shared<ChainEngine>(EngineConfig{});
};

// Never destroyed: a thread may still build while the process exits.
Engines& engines() {
  static auto& all = *new Engines;
  return all;
}

}  // namespace

/// Which certificates may end a chain.
Answer<TrustAnchors> ChainEngine::anchors(const ChainQuery& query, const Held& leaf) const {
  using EndsChain = TrustAnchors::EndsChain;
  bool is_trusted_peer = false;
  if (query.trusts_people) {
    for_each(config_.exclusive_people, [&](const auto& person) {
      is_trusted_peer |= equal(person->decoded().der(), leaf.certificate->decoded().der());
    });
  }
  if (is_trusted_peer) {
    Result<TrustAnchors> only = TrustAnchors::of({to_buffer(leaf.certificate->decoded().der())});
    return only ? Answer<TrustAnchors>(std::move(*only)) : no_anchors();
  }
  if (is_exclusive()) {
    Result<TrustAnchors> own = TrustAnchors::of(
        encodings_in(config_.exclusive_root),
        config_.any_exclusive_root_ends_chain ? EndsChain::any : EndsChain::self_signed);
    return own ? Answer<TrustAnchors>(std::move(*own)) : no_anchors();
  }
  Result<TrustAnchors> system = TrustAnchors::system();
  if (!system) return no_anchors();
  if (!config_.restricted_root) return std::move(*system);
  // A subset of the system's, whatever else is in the store.
  std::vector<Buffer> both;
  const AnchorLookup lookup(*system);
  for_each(config_.restricted_root, [&](const auto& certificate) {
    if (lookup.contains(certificate->decoded().x509())) {
      both.push_back(to_buffer(certificate->decoded().der()));
    }
  });
  Result<TrustAnchors> restricted = TrustAnchors::of(both, EndsChain::self_signed);
  return restricted ? Answer<TrustAnchors>(std::move(*restricted)) : no_anchors();
}

std::vector<StorePtr> ChainEngine::searched(const ChainQuery& query) const {
  std::vector<StorePtr> stores{query.additional};
  stores.insert(stores.end(), config_.additional.begin(), config_.additional.end());
  if (config_.restricted_other) stores.push_back(config_.restricted_other);
  // Those of them that end no chain may still be part of one.
  stores.push_back(config_.exclusive_root);
  return stores;
}

Answer<std::shared_ptr<const ChainContext>> ChainEngine::build(ChainQuery query) const {
  const Held leaf = held_by(query.leaf);
  if (!leaf) return failed(E_INVALIDARG, "no certificate context, or one that has been freed");
  TRY(const TrustAnchors trusted, anchors(query, leaf));

  ChainRequest& request = query.request;
  Origins origins;
  request.leaf = share(leaf.certificate->decoded().x509());
  request.anchors = &trusted;
  for (const StorePtr& store : searched(query)) {
    for_each(store, [&](const std::shared_ptr<Certificate>& certificate) {
      X509* x509 = certificate->decoded().x509();
      if (origins.emplace(x509, Held{certificate, store}).second) {
        request.candidates.push_back(share(x509));
      }
    });
  }
  // Without a restriction, the store CA is always looked through (CERT-41).
  if (!config_.restricted_other) {
    for (const auto& intermediate : certificates_in_system_store("ca")) {
      request.candidates.push_back(share(intermediate->x509()));
    }
  }
  // The answer that a server stapled, as Windows keeps it (CERT-21).
  if (const auto stapled = leaf.certificate->property(CERT_OCSP_RESPONSE_PROP_ID)) {
    request.revocation.stapled = *stapled;
  }
  if (request.revocation.url_milliseconds == 0) {
    request.revocation.url_milliseconds =
        config_.url_milliseconds != 0 ? config_.url_milliseconds
                                      : CERT_CHAIN_URL_RETRIEVAL_TIMEOUT_MILLISECONDS_DEFAULT;
  }

  std::shared_ptr<const JudgedChain> judged = build_chain(request);
  std::vector<PCCERT_CONTEXT> contexts;
  for (const ChainElement& element : judged->elements) {
    if (contexts.empty()) {
      contexts.push_back(give_reference(leaf.certificate, leaf.store));
      continue;
    }
    const Answer<PCCERT_CONTEXT> context = context_of(element.certificate.get(), origins);
    if (!context) {
      for (PCCERT_CONTEXT given : contexts) release(given);
      return context.error();
    }
    contexts.push_back(*context);
  }
  ERR_clear_error();
  return std::shared_ptr<const ChainContext>(
      std::make_shared<ChainContext>(std::move(judged), std::move(contexts), query.flags));
}

PCCERT_CHAIN_CONTEXT make_chain(const std::vector<Buffer>& sent, const std::vector<Buffer>& roots,
                                const VerifyOptions& options) {
  const Result<PCCERT_CONTEXT> leaf = make_chain_context(sent);
  if (!leaf) return nullptr;
  EngineConfig config;
  if (!roots.empty()) {
    config.exclusive_root = Store::make();
    config.any_exclusive_root_ends_chain = true;
    for (const Buffer& root : roots) {
      if (auto decoded = DecodedCertificate::decode(root)) {
        config.exclusive_root->append(decoded, {});
      }
    }
  }
  ChainQuery query;
  query.leaf = *leaf;
  query.additional = held_by(*leaf).store;
  ChainRequest& request = query.request;
  request.usages.emplace_back(OBJ_nid2obj(
      options.usage == Usage::server_authentication ? NID_server_auth : NID_client_auth));
  request.certificate_time = request.now = options.now;
  request.leaf_signs = true;
  request.revocation = options.revocation;
  request.refused_signatures = options.refused_signatures;
  const auto chain = ChainEngine(std::move(config)).build(std::move(query));
  release(*leaf);
  return chain ? give_chain(*chain) : nullptr;
}

HCERTCHAINENGINE give_engine(std::shared_ptr<const ChainEngine> engine) {
  static std::atomic<std::uintptr_t> last{0x4E00'0000};
  const auto handle = std::bit_cast<HCERTCHAINENGINE>(last.fetch_add(0x10) + 0x10);
  const std::lock_guard lock(engines().mutex);
  engines().open.emplace(handle, std::move(engine));
  return handle;
}

std::shared_ptr<const ChainEngine> engine_of(HCERTCHAINENGINE handle) {
  // The user and the machine have the same roots here.
  if (handle == HCCE_CURRENT_USER || handle == HCCE_LOCAL_MACHINE ||
      handle == HCCE_SERIAL_LOCAL_MACHINE) {
    return engines().standard;
  }
  const std::lock_guard lock(engines().mutex);
  const auto found = engines().open.find(handle);
  return found == engines().open.end() ? nullptr : found->second;
}

void take_back_engine(HCERTCHAINENGINE handle) {
  std::shared_ptr<const ChainEngine> last;  // its stores are closed after the lock is gone
  const std::lock_guard lock(engines().mutex);
  const auto found = engines().open.find(handle);
  if (found == engines().open.end()) return;
  last = std::move(found->second);
  engines().open.erase(found);
}

}  // namespace schannel::pki
