#include "schannel/session_cache.h"

#include <algorithm>
#include <chrono>
#include <set>

#include "base/limits.h"
#include "pki/identity.h"

namespace schannel::package {
namespace {

/// Every ClientSessions there is, for SslEmptyCache.
struct Registry {
  std::mutex mutex;
  std::set<ClientSessions*> members;
};

Registry& registry() {
  // Never destroyed: a caller's thread may outlive the process's static objects.
  static auto& all = *new Registry;
  return all;
}

/// A chain that has expired since would fail the handshake; without the session the server may have
/// a new one to show.
bool chain_is_in_time(const tls::Session& session, std::int64_t now) {
  constexpr std::int64_t kTicksPerMillisecond = 10'000;
  constexpr std::int64_t kUnixEpochMilliseconds = 11'644'473'600'000;
  return std::all_of(
      session.peer_chain.begin(), session.peer_chain.end(), [&](const Buffer& certificate) {
        const FILETIME end = pki::not_after_of(certificate);
        const std::uint64_t ticks = std::uint64_t{end.dwHighDateTime} << 32 | end.dwLowDateTime;
        return static_cast<std::int64_t>(ticks / kTicksPerMillisecond) >
               now + kUnixEpochMilliseconds;
      });
}

}  // namespace

std::int64_t now_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

std::string session_target(std::string target) {
  for (char& c : target) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return target;
}

ClientSessions::ClientSessions() {
  const std::lock_guard lock(registry().mutex);
  registry().members.insert(this);
}

ClientSessions::~ClientSessions() {
  const std::lock_guard lock(registry().mutex);
  registry().members.erase(this);
}

void ClientSessions::erase(Entries::iterator entry) {
  by_key_.erase(entry->key);
  entries_.erase(entry);
}

void ClientSessions::insert(const Key& key, std::shared_ptr<const tls::Session> session) {
  const std::lock_guard lock(mutex_);
  if (const auto found = by_key_.find(key); found != by_key_.end()) {
    entries_.splice(entries_.end(), entries_, found->second);
  } else {
    if (entries_.size() == kTargetCountMax) erase(entries_.begin());
    entries_.push_back({key, {}});
    by_key_.emplace(key, std::prev(entries_.end()));
  }
  auto& sessions = entries_.back().sessions;
  if (session->version == tls::ProtocolVersion::tls12) {
    // Only the newest is ever used.
    sessions.remove_if(
        [](const auto& other) { return other->version == tls::ProtocolVersion::tls12; });
  }
  if (sessions.size() == kSessionCountMax) sessions.pop_front();
  sessions.push_back(std::move(session));
}

std::shared_ptr<const tls::Session> ClientSessions::take(const Key& key, std::int64_t now) {
  const std::lock_guard lock(mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  auto& sessions = found->second->sessions;
  std::shared_ptr<const tls::Session> session;
  while (!session && !sessions.empty()) {
    session = sessions.back();
    const bool is_good = session->is_fresh(now) && chain_is_in_time(*session, now);
    if (is_good && session->version == tls::ProtocolVersion::tls12) return session;
    sessions.pop_back();
    if (!is_good) session = nullptr;
  }
  if (sessions.empty()) erase(found->second);
  return session;
}

void ClientSessions::remove(const Key& key) {
  const std::lock_guard lock(mutex_);
  if (const auto found = by_key_.find(key); found != by_key_.end()) erase(found->second);
}

bool ClientSessions::empty(const std::string* target) {
  const std::lock_guard lock(mutex_);
  bool any = false;
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    const auto next = std::next(entry);
    if (target == nullptr || entry->key.target == *target) {
      erase(entry);
      any = true;
    }
    entry = next;
  }
  return any;
}

bool ClientSessions::empty_all(const std::string* target) {
  const std::lock_guard lock(registry().mutex);
  bool any = false;
  for (ClientSessions* sessions : registry().members) any = sessions->empty(target) || any;
  return any;
}

ServerSessions::ServerSessions(std::uint32_t lifetime_seconds, std::size_t count_max)
    : lifetime_seconds_(lifetime_seconds),
      keys_(std::int64_t{lifetime_seconds} * 1000, crypto::system_random()),
      ids_(std::make_shared<SessionIds>(count_max)) {}

ServerSessions::ServerSessions(const ServerSessions& other, std::vector<TicketKey> keys)
    : lifetime_seconds_(other.lifetime_seconds_),
      keys_(std::move(keys), crypto::system_random()),
      ids_(other.ids_) {}

Buffer ServerSessions::seal(const tls::Session& session) {
  Buffer plaintext = tls::encode_session(session);
  // Nothing half: a session that does not fit is not resumed.
  Buffer ticket = plaintext.size() <= kTicketBytesMax ? keys_.seal(plaintext, now_ms()) : Buffer();
  wipe(plaintext);
  return ticket;
}

std::shared_ptr<const tls::Session> ServerSessions::open(Bytes ticket) {
  std::optional<Buffer> plaintext = keys_.open(ticket, now_ms());
  if (!plaintext) return nullptr;
  Result<tls::Session> session = tls::decode_session(*plaintext);
  wipe(*plaintext);
  return session ? std::make_shared<const tls::Session>(*std::move(session)) : nullptr;
}

}  // namespace schannel::package
