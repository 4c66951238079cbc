#include "schannel/session_ids.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <optional>

namespace schannel::package {
namespace {

using Id = std::array<std::uint8_t, kSessionIdBytes>;

/// Nothing for what can't be an id of ours.
std::optional<Id> as_id(Bytes id) {
  Id out;
  if (id.size() != out.size()) return std::nullopt;
  std::copy(id.begin(), id.end(), out.begin());
  return out;
}

/// What a session takes, roughly: the bulk is a client's chain.
std::size_t bytes_of(const tls::Session& session) {
  constexpr std::size_t kFixed = sizeof(tls::Session) + 256;
  std::size_t out = kFixed + session.server_name.size() + session.application_protocol.size();
  for (const Buffer& certificate : session.peer_chain) out += certificate.size() + sizeof(Buffer);
  return out;
}

}  // namespace

// The ids are random but for bytes 4 to 7 (CACHE-10), and only ids of ours are ever inserted.
std::size_t SessionIds::Hash::operator()(const Id& id) const {
  std::size_t out = 0;
  std::memcpy(&out, id.data() + 8, sizeof out);
  return out;
}

SessionIds::Part& SessionIds::part_of(const Id& id) { return parts_[id[16] % kPartCount]; }

void SessionIds::Part::erase(Entries::iterator entry) {
  bytes -= entry->bytes;
  by_id.erase(*as_id(entry->session->id));
  entries.erase(entry);
}

void SessionIds::insert(std::shared_ptr<const tls::Session> session, bool resumable,
                        std::int64_t now_ms) {
  const std::optional<Id> id = as_id(session->id);
  assert(id);
  const std::size_t bytes = bytes_of(*session);
  if (count_max_ == 0 || bytes > bytes_max_) return;
  Part& part = part_of(*id);
  const std::lock_guard lock(part.mutex);
  if (part.by_id.count(*id) != 0) return;
  while (!part.entries.empty() &&
         (part.entries.size() >= count_max_ || part.bytes + bytes > bytes_max_ ||
          !part.entries.front().session->is_fresh(now_ms))) {
    part.erase(part.entries.begin());
  }
  part.entries.push_back({std::move(session), bytes, resumable});
  part.by_id.emplace(*id, std::prev(part.entries.end()));
  part.bytes += bytes;
}

std::shared_ptr<const tls::Session> SessionIds::find(Bytes bytes, std::int64_t now_ms) {
  const std::optional<Id> id = as_id(bytes);
  if (!id) return nullptr;
  Part& part = part_of(*id);
  const std::lock_guard lock(part.mutex);
  const auto found = part.by_id.find(*id);
  if (found == part.by_id.end()) return nullptr;
  const Entries::iterator entry = found->second;
  if (!entry->session->is_fresh(now_ms)) {
    part.erase(entry);
    return nullptr;
  }
  return entry->resumable ? entry->session : nullptr;
}

void SessionIds::set_resumable(Bytes bytes, bool resumable) {
  const std::optional<Id> id = as_id(bytes);
  if (!id) return;
  Part& part = part_of(*id);
  const std::lock_guard lock(part.mutex);
  const auto found = part.by_id.find(*id);
  if (found != part.by_id.end()) found->second->resumable = resumable;
}

void SessionIds::remove(Bytes bytes) {
  const std::optional<Id> id = as_id(bytes);
  if (!id) return;
  Part& part = part_of(*id);
  const std::lock_guard lock(part.mutex);
  const auto found = part.by_id.find(*id);
  if (found != part.by_id.end()) part.erase(found->second);
}

}  // namespace schannel::package
