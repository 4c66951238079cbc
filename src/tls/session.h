#pragma once
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "base/secret.h"
#include "tls/peer.h"
#include "tls/suite.h"

namespace schannel::tls {

/// What an application keeps with a session (contract CACHE-13): one for the session and for every
/// connection on it. Safe from any thread.
class ApplicationData {
 public:
  Buffer bytes() const {
    const std::lock_guard lock(mutex_);
    return bytes_;
  }
  void set(Buffer bytes) {
    const std::lock_guard lock(mutex_);
    bytes_ = std::move(bytes);
  }

 private:
  mutable std::mutex mutex_;
  Buffer bytes_;
};

/// What a handshake leaves behind so that a later one can do without certificates (RFC 8446 section
/// 2.2, RFC 5246 section 7.3). Immutable once it is shared.
struct Session {
  ProtocolVersion version{};
  const Suite* suite = nullptr;
  Secret secret;  ///< TLS 1.3: the pre-shared key; TLS 1.2: the master secret.
  std::string server_name;
  Buffer application_protocol;
  std::vector<Buffer> peer_chain;  ///< DER, leaf first. On a server empty: an anonymous client.
  NamedGroup group{};
  SignatureScheme signature_scheme{};
  bool extended_master_secret = false;
  std::uint32_t lifetime_seconds = 0;
  std::uint32_t age_add = 0;   ///< TLS 1.3: hides the ticket's age (RFC 8446 section 4.2.11.1).
  std::int64_t issued_ms = 0;  ///< Milliseconds since 1970.

  /// TLS 1.2: what the server calls it (RFC 5246 section 7.4.1.3); empty: it has a ticket.
  Buffer id = {};

  /// Null: none. In a ticket it stands as it was when the ticket was made.
  std::shared_ptr<ApplicationData> application_data = nullptr;

  /// A server's: leaf_hash() of the certificate that it has shown.
  Buffer leaf_hash = {};

  // A client's. What the peer has proved stays proved: who asks for it again must still accept the
  // chain again (ChainAccepted).
  std::optional<PossessionProved> proof = std::nullopt;
  Buffer ticket = {};

  bool is_fresh(std::int64_t now_ms) const {
    return now_ms >= issued_ms - kClockSkewMillisecondsMax &&
           now_ms - issued_ms < std::int64_t{lifetime_seconds} * 1000;
  }
};

/// A server's session as the contents of a ticket, before they are sealed. Wipe what you get.
Buffer encode_session(const Session& session);
/// decode_error for what encode_session has not made.
Result<Session> decode_session(Bytes encoded);

/// Where a server's sessions are. Called by handshakes of many connections at the same time.
class SessionStore {
 public:
  virtual ~SessionStore() = default;
  /// How long a session is good for.
  virtual std::uint32_t lifetime_seconds() const = 0;
  /// A ticket that nobody else can read or make; empty: none is given.
  virtual Buffer seal(const Session& session) = 0;
  /// Null for a ticket that is not ours, is altered, or whose key is gone.
  virtual std::shared_ptr<const Session> open(Bytes ticket) = 0;
  /// TLS 1.2: the session that was kept under an id (Connection::take_sessions); null: none.
  virtual std::shared_ptr<const Session> find(Bytes id) = 0;
};

}  // namespace schannel::tls
