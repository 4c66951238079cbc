#include "schannel/ticket_keys.h"

#include <algorithm>

#include "crypto/aead.h"

namespace schannel::package {
namespace {

constexpr auto kAlgorithm = crypto::AeadAlgorithm::aes_256_gcm;
constexpr std::size_t kOverhead = crypto::kAeadNonceBytes + crypto::kAeadTagBytes;

}  // namespace

void TicketKeys::rotate(std::int64_t now_ms) {
  // A clock that was set back makes a key seem young for ever; then it is as good as old.
  const auto is_old = [&](const Key& key) {
    return now_ms - key.made_ms >= period_ms_ || now_ms < key.made_ms - period_ms_;
  };
  if (current_ && !is_old(*current_)) return;
  previous_ = std::move(current_);
  Key& key = current_.emplace();
  random_.fill(key.name);
  key.key = Secret(kKeyBytes);
  random_.fill(key.key.mutable_view());
  key.made_ms = now_ms;
}

Buffer TicketKeys::seal(Bytes plaintext, std::int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  rotate(now_ms);
  Buffer out(kNameBytes + kOverhead + plaintext.size());
  std::copy(current_->name.begin(), current_->name.end(), out.begin());
  // Random nonces are safe for 2^32 tickets of one key (SP 800-38D section 8.3); a period has
  // fewer.
  crypto::AeadNonce nonce;
  random_.fill(nonce);
  std::copy(nonce.begin(), nonce.end(), out.begin() + kNameBytes);
  const MutableBytes body =
      MutableBytes(out).subspan(kNameBytes + crypto::kAeadNonceBytes, plaintext.size());
  std::copy(plaintext.begin(), plaintext.end(), body.begin());
  Result<crypto::AeadKey> key = crypto::AeadKey::create(kAlgorithm, current_->key);
  if (!key || !key->seal(nonce, current_->name, body, {}, body.data() + body.size())) {
    wipe(out);
    return {};
  }
  return out;
}

std::optional<Buffer> TicketKeys::open(Bytes ticket, std::int64_t now_ms) {
  if (ticket.size() < kNameBytes + kOverhead) return std::nullopt;
  const Bytes name = ticket.first(kNameBytes);
  const std::lock_guard lock(mutex_);
  rotate(now_ms);
  for (const std::optional<Key>* candidate : {&current_, &previous_}) {
    if (!*candidate || !equal(name, (*candidate)->name)) continue;
    if (now_ms - (*candidate)->made_ms >= 2 * period_ms_) return std::nullopt;
    crypto::AeadNonce nonce;
    std::copy_n(ticket.begin() + kNameBytes, nonce.size(), nonce.begin());
    const Bytes body = ticket.subspan(kNameBytes + crypto::kAeadNonceBytes,
                                      ticket.size() - kNameBytes - kOverhead);
    Buffer out(body.size());
    Result<crypto::AeadKey> key = crypto::AeadKey::create(kAlgorithm, (*candidate)->key);
    if (!key ||
        !key->open(nonce, name, body.data(), out.data(), body.size(), body.data() + body.size())) {
      return std::nullopt;
    }
    return out;
  }
  return std::nullopt;
}

}  // namespace schannel::package
