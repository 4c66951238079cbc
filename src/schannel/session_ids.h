#pragma once
#include <array>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "base/limits.h"
#include "tls/session.h"

namespace schannel::package {

/// A server credential's TLS 1.2 sessions, by session id (contract CACHE-1, CACHE-5). The oldest
/// make room for new ones (CACHE-4). Safe from any thread: split into parts by id, each with a lock
/// of its own.
class SessionIds {
 public:
  static constexpr std::size_t kPartCount = 16;

  /// What all parts together hold at most; the number is rounded up to one for each part.
  explicit SessionIds(std::size_t count_max = kServerSessionCountMax,
                      std::size_t bytes_max = kServerSessionBytesMax)
      : count_max_((count_max + kPartCount - 1) / kPartCount), bytes_max_(bytes_max / kPartCount) {}

  /// `session->id` has kSessionIdBytes and is new. Not `resumable`: kept, but not found (CACHE-8).
  void insert(std::shared_ptr<const tls::Session> session, bool resumable, std::int64_t now_ms);
  /// Null unless there is one that is fresh and resumable.
  std::shared_ptr<const tls::Session> find(Bytes id, std::int64_t now_ms);
  /// For a session that is still there.
  void set_resumable(Bytes id, bool resumable);
  void remove(Bytes id);

 private:
  using Id = std::array<std::uint8_t, kSessionIdBytes>;
  struct Hash {
    std::size_t operator()(const Id& id) const;
  };
  struct Entry {
    std::shared_ptr<const tls::Session> session;
    std::size_t bytes;
    bool resumable;
  };
  using Entries = std::list<Entry>;
  struct Part {
    std::mutex mutex;
    Entries entries;  ///< Oldest first.
    std::unordered_map<Id, Entries::iterator, Hash> by_id;
    std::size_t bytes = 0;

    void erase(Entries::iterator entry);
  };
  Part& part_of(const Id& id);

  const std::size_t count_max_;
  const std::size_t bytes_max_;
  std::array<Part, kPartCount> parts_;
};

}  // namespace schannel::package
