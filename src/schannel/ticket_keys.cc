#include "schannel/ticket_keys.h"

#include <algorithm>

#include "crypto/aead.h"
#include "crypto/kdf.h"

namespace schannel::package {
namespace {

constexpr auto kAlgorithm = crypto::AeadAlgorithm::aes_256_gcm;
constexpr auto kHash = crypto::HashAlgorithm::sha256;
constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kNameBytes = kTicketKeyIdBytes + kSaltBytes;
constexpr std::size_t kOverhead = crypto::kAeadNonceBytes + crypto::kAeadTagBytes;

/// `name`: key id and salt.
Result<crypto::AeadKey> key_of_ticket(const TicketKey& key, Bytes name) {
  const Secret extracted = crypto::hkdf_extract(kHash, name, key.material);
  const Secret derived =
      crypto::hkdf_expand_label(kHash, extracted, "openschannel ticket", {}, kKeyBytes);
  return crypto::AeadKey::create(kAlgorithm, derived);
}

}  // namespace

void TicketKeys::rotate(std::int64_t now_ms) {
  // A clock that was set back makes a key seem young for ever; then it is as good as old.
  const auto is_old = [&](const OwnKey& key) {
    return now_ms - key.made_ms >= period_ms_ || now_ms < key.made_ms - period_ms_;
  };
  if (current_ && !is_old(*current_)) return;
  previous_ = std::move(current_);
  TicketKey key;
  random_.fill(key.id);
  key.material = Secret(kKeyBytes);
  random_.fill(key.material.mutable_view());
  current_ = OwnKey{std::move(key), now_ms};
}

TicketKey TicketKeys::sealing_key(std::int64_t now_ms) {
  if (!given_.empty()) return given_.front().copy();
  const std::lock_guard lock(mutex_);
  rotate(now_ms);
  return current_->key.copy();
}

std::optional<TicketKey> TicketKeys::find(Bytes id, std::int64_t now_ms) {
  for (const TicketKey& key : given_) {
    if (equal(id, key.id)) return key.copy();
  }
  if (!given_.empty()) return std::nullopt;
  const std::lock_guard lock(mutex_);
  rotate(now_ms);
  for (const std::optional<OwnKey>* own : {&current_, &previous_}) {
    if (!*own || !equal(id, (*own)->key.id)) continue;
    if (now_ms - (*own)->made_ms >= 2 * period_ms_) return std::nullopt;
    return (*own)->key.copy();
  }
  return std::nullopt;
}

Buffer TicketKeys::seal(Bytes plaintext, std::int64_t now_ms) {
  const TicketKey key = sealing_key(now_ms);
  Buffer out(kNameBytes + kOverhead + plaintext.size());
  const MutableBytes name = MutableBytes(out).first(kNameBytes);
  std::copy(key.id.begin(), key.id.end(), name.begin());
  random_.fill(name.subspan(kTicketKeyIdBytes));
  crypto::AeadNonce nonce;
  random_.fill(nonce);
  std::copy(nonce.begin(), nonce.end(), out.begin() + kNameBytes);
  const MutableBytes body =
      MutableBytes(out).subspan(kNameBytes + crypto::kAeadNonceBytes, plaintext.size());
  std::copy(plaintext.begin(), plaintext.end(), body.begin());
  Result<crypto::AeadKey> sealing = key_of_ticket(key, name);
  if (!sealing || !sealing->seal(nonce, name, body, {}, body.data() + body.size())) {
    wipe(out);
    return {};
  }
  return out;
}

std::optional<Buffer> TicketKeys::open(Bytes ticket, std::int64_t now_ms) {
  if (ticket.size() < kNameBytes + kOverhead) return std::nullopt;
  const Bytes name = ticket.first(kNameBytes);
  const std::optional<TicketKey> key = find(name.first(kTicketKeyIdBytes), now_ms);
  if (!key) return std::nullopt;
  crypto::AeadNonce nonce;
  std::copy_n(ticket.begin() + kNameBytes, nonce.size(), nonce.begin());
  const Bytes body =
      ticket.subspan(kNameBytes + crypto::kAeadNonceBytes, ticket.size() - kNameBytes - kOverhead);
  Buffer out(body.size());
  Result<crypto::AeadKey> opening = key_of_ticket(*key, name);
  if (!opening || !opening->open(nonce, name, body.data(), out.data(), body.size(),
                                 body.data() + body.size())) {
    return std::nullopt;
  }
  return out;
}

}  // namespace schannel::package
