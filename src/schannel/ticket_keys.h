#pragma once
#include <mutex>
#include <optional>

#include "base/secret.h"
#include "crypto/random.h"

namespace schannel::package {

/// The keys that a server's tickets are sealed under: AES-256-GCM, the newest one seals, all open
/// (RFC 5077 section 4 in spirit). A key of our own seals for one period and opens for two, so a
/// ticket that lives for a period can always be opened until its end. Safe from any thread.
class TicketKeys {
 public:
  TicketKeys(std::int64_t period_ms, crypto::Random& random)
      : period_ms_(period_ms), random_(random) {}

  /// key name | nonce | ciphertext | tag. Throws bad_alloc; empty when the crypto library refuses.
  Buffer seal(Bytes plaintext, std::int64_t now_ms);
  /// Nothing for what was not sealed here, was altered, or is too old. Wipe what you get.
  std::optional<Buffer> open(Bytes ticket, std::int64_t now_ms);

 private:
  static constexpr std::size_t kNameBytes = 16;
  static constexpr std::size_t kKeyBytes = 32;
  struct Key {
    std::array<std::uint8_t, kNameBytes> name{};
    Secret key;
    std::int64_t made_ms = 0;
  };
  void rotate(std::int64_t now_ms);

  const std::int64_t period_ms_;
  crypto::Random& random_;
  std::mutex mutex_;
  std::optional<Key> current_;
  std::optional<Key> previous_;
};

}  // namespace schannel::package
