#pragma once
#include <optional>

#include "crypto/hash.h"

namespace schannel::tls {

/// The handshake messages so far, as a hash. The hash function is known only after the hellos, and
/// TLS 1.2 signs the messages themselves, so they are kept until neither needs them.
class Transcript {
 public:
  void add(Bytes message) {
    if (keep_messages_) append(messages_, message);
    if (hash_) hash_->add(message);
  }

  /// Fixes the hash function; what was added before counts.
  void use(crypto::HashAlgorithm algorithm) {
    hash_.emplace(algorithm);
    hash_->add(messages_);
  }
  /// TLS 1.3 never asks for the messages again.
  void drop_messages() {
    keep_messages_ = false;
    messages_ = {};
  }

  /// Replaces ClientHello1 by its message_hash (RFC 8446 section 4.4.1). Before use().
  void replace_by_message_hash(crypto::HashAlgorithm algorithm) {
    const crypto::Digest digest = crypto::hash(algorithm, messages_);
    Buffer synthetic = {254, 0, 0, static_cast<std::uint8_t>(digest.size())};
    append(synthetic, digest);
    messages_ = std::move(synthetic);
  }

  crypto::Digest current() const { return hash_->current(); }
  /// A branch: what is added to one does not count in the other.
  Transcript branch() const {
    Transcript out;
    out.messages_ = messages_;
    out.keep_messages_ = keep_messages_;
    if (hash_) out.hash_.emplace(hash_->copy());
    return out;
  }
  /// The hash as it would be with `more`, which does not count yet: for binders, which cover the
  /// beginning of a message (RFC 8446 section 4.2.11.2).
  crypto::Digest current_with(crypto::HashAlgorithm algorithm, Bytes more) const {
    Transcript with = branch();
    if (!with.hash_) with.use(algorithm);
    with.add(more);
    return with.current();
  }
  Bytes messages() const { return messages_; }

 private:
  Buffer messages_;
  std::optional<crypto::RunningHash> hash_;
  bool keep_messages_ = true;
};

}  // namespace schannel::tls
