#pragma once
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "schannel/session_ids.h"
#include "schannel/ticket_keys.h"
#include "tls/session.h"

// Sessions inside the provider (contract section N). They belong to a credential, client's and
// server's alike, so that no other credential ever resumes them (CACHE-2, R-15), and are gone with
// the last context that uses it.
namespace schannel::package {

/// Milliseconds since 1970.
std::int64_t now_ms();

/// A target name as the cache compares it: without case, as servers do.
std::string session_target(std::string target);

/// A client credential's sessions. Safe from any thread.
class ClientSessions {
 public:
  /// What must be the same for a session to serve again; the rest is the credential's.
  struct Key {
    std::string target;  ///< session_target() of what the caller gave.
    bool manual;         ///< The server is not validated by us (ISC_REQ_MANUAL_CRED_VALIDATION).
    auto operator<=>(const Key&) const = default;
  };
  /// Targets of one credential, and sessions of one target; the oldest makes room.
  static constexpr std::size_t kTargetCountMax = 1024;
  static constexpr std::size_t kSessionCountMax = 4;

  ClientSessions();
  ~ClientSessions();
  ClientSessions(const ClientSessions&) = delete;
  ClientSessions& operator=(const ClientSessions&) = delete;

  void insert(const Key& key, std::shared_ptr<const tls::Session> session);
  /// The newest session that is still good, or null. One of TLS 1.3 is taken out: a ticket that is
  /// used twice lets an observer link the two connections (RFC 8446 appendix C.4). One of TLS 1.2
  /// stays: resumed connections need not bring another.
  std::shared_ptr<const tls::Session> take(const Key& key, std::int64_t now);
  /// Forgets the sessions of one key.
  void remove(const Key& key);
  /// Forgets those of a target, or all when it is null. True when there was one.
  bool empty(const std::string* target);
  /// The same for every credential of the process (SslEmptyCache, CACHE-9).
  static bool empty_all(const std::string* target);

 private:
  struct Entry {
    Key key;
    std::list<std::shared_ptr<const tls::Session>> sessions;  ///< Oldest first.
  };
  using Entries = std::list<Entry>;
  void erase(Entries::iterator entry);

  std::mutex mutex_;
  Entries entries_;  ///< Least recently filled first.
  std::map<Key, Entries::iterator> by_key_;
};

/// A server credential's sessions: those of TLS 1.2 that have an id, here; all others in tickets.
/// Safe from any thread.
class ServerSessions : public tls::SessionStore {
 public:
  /// Tickets are under random keys, which nobody else has.
  explicit ServerSessions(std::uint32_t lifetime_seconds,
                          std::size_t count_max = kServerSessionCountMax);
  /// The same session ids as `other`, and tickets under `keys`, of which there is at least one.
  ServerSessions(const ServerSessions& other, std::vector<TicketKey> keys);

  std::uint32_t lifetime_seconds() const override { return lifetime_seconds_; }
  Buffer seal(const tls::Session& session) override;
  std::shared_ptr<const tls::Session> open(Bytes ticket) override;
  std::shared_ptr<const tls::Session> find(Bytes id) override { return ids_->find(id, now_ms()); }

  SessionIds& ids() { return *ids_; }
  const std::vector<TicketKey>& given_keys() const { return keys_.given(); }

 private:
  const std::uint32_t lifetime_seconds_;
  TicketKeys keys_;
  const std::shared_ptr<SessionIds> ids_;
};

}  // namespace schannel::package
