#include "pki/references.h"

#include <array>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace schannel::pki {
namespace {

struct Reference {
  Held held;
  std::uint64_t count = 0;
};

/// One part of the table of contexts, so that threads seldom wait for each other.
struct Shard {
  std::mutex mutex;
  std::unordered_map<PCCERT_CONTEXT, Reference> references;
};

constexpr std::size_t kShardCount = 16;

struct Handle {
  std::weak_ptr<Store> store;
  std::shared_ptr<Store> open;  // while count is not 0
  std::uint64_t count = 0;
};

struct Tables {
  std::array<Shard, kShardCount> shards;
  std::mutex handles_mutex;
  std::unordered_map<HCERTSTORE, Handle> handles;
};

// Never destroyed: objects with static duration may still be released while the process exits.
Tables& tables() {
  static auto& all = *new Tables;
  return all;
}

Shard& shard_of(PCCERT_CONTEXT context) {
  // Allocations are aligned: the low bits say nothing.
  return tables().shards[std::hash<const void*>()(context) / 64 % kShardCount];
}

}  // namespace

PCCERT_CONTEXT give_reference(std::shared_ptr<Certificate> certificate,
                              std::shared_ptr<Store> store) {
  const PCCERT_CONTEXT context = certificate->context();
  Shard& shard = shard_of(context);
  const std::lock_guard lock(shard.mutex);
  Reference& reference = shard.references[context];
  if (reference.count++ == 0) reference.held = {std::move(certificate), std::move(store)};
  return context;
}

Held held_by(PCCERT_CONTEXT context) {
  Shard& shard = shard_of(context);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.references.find(context);
  return found == shard.references.end() ? Held{} : found->second.held;
}

PCCERT_CONTEXT add_reference(PCCERT_CONTEXT context) {
  Shard& shard = shard_of(context);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.references.find(context);
  if (found == shard.references.end()) return nullptr;
  ++found->second.count;
  return context;
}

void release(PCCERT_CONTEXT context) {
  Held last;  // what it holds may be destroyed, which must not happen under the lock
  Shard& shard = shard_of(context);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.references.find(context);
  if (found == shard.references.end() || --found->second.count != 0) return;
  last = std::move(found->second.held);
  shard.references.erase(found);
}

bool has_references(const Store* store) {
  for (Shard& shard : tables().shards) {
    const std::lock_guard lock(shard.mutex);
    for (const auto& [context, reference] : shard.references) {
      if (reference.held.store.get() == store) return true;
    }
  }
  return false;
}

void revoke_references(const Store* store) {
  std::vector<Held> revoked;
  for (Shard& shard : tables().shards) {
    const std::lock_guard lock(shard.mutex);
    for (auto at = shard.references.begin(); at != shard.references.end();) {
      if (at->second.held.store.get() == store) {
        revoked.push_back(std::move(at->second.held));
        at = shard.references.erase(at);
      } else {
        ++at;
      }
    }
  }
}

bool is_live(PCCERT_CONTEXT context) { return static_cast<bool>(held_by(context)); }

std::shared_ptr<Store> Store::make(DWORD flags, std::unique_ptr<StoreBacking> backing) {
  std::shared_ptr<Store> store(new Store(flags, std::move(backing)));
  enter(store);
  return store;
}

void Store::enter(const std::shared_ptr<Store>& store) {
  Tables& all = tables();
  const std::lock_guard lock(all.handles_mutex);
  all.handles[store->handle()].store = store;
}

Store::~Store() {
  Tables& all = tables();
  const std::lock_guard lock(all.handles_mutex);
  all.handles.erase(handle_);
}

HCERTSTORE give_handle(const std::shared_ptr<Store>& store) {
  Tables& all = tables();
  const std::lock_guard lock(all.handles_mutex);
  Handle& handle = all.handles[store->handle()];
  if (handle.count++ == 0) handle.open = store;
  return store->handle();
}

std::shared_ptr<Store> store_of(HCERTSTORE handle) {
  Tables& all = tables();
  const std::lock_guard lock(all.handles_mutex);
  const auto found = all.handles.find(handle);
  return found == all.handles.end() ? nullptr : found->second.store.lock();
}

Closed take_back_handle(HCERTSTORE handle) {
  std::shared_ptr<Store> last;  // destroyed after the lock is gone
  Tables& all = tables();
  const std::lock_guard lock(all.handles_mutex);
  const auto found = all.handles.find(handle);
  if (found == all.handles.end() || found->second.count == 0) return Closed::not_open;
  if (--found->second.count != 0) return Closed::one_handle;
  last = std::move(found->second.open);
  return Closed::last_handle;
}

bool is_live_store(HCERTSTORE store) { return store_of(store) != nullptr; }

}  // namespace schannel::pki
