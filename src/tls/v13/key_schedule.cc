#include "tls/v13/key_schedule.h"

namespace schannel::tls::v13 {
namespace {

using crypto::digest_bytes;
using crypto::hkdf_expand_label;
using crypto::hkdf_extract;

/// Derive-Secret, with the transcript hash already made.
Secret derive_secret(crypto::HashAlgorithm hash, Bytes secret, std::string_view label,
                     Bytes transcript_hash) {
  return hkdf_expand_label(hash, secret, label, transcript_hash, digest_bytes(hash));
}

Secret derive_empty(crypto::HashAlgorithm hash, Bytes secret) {
  return derive_secret(hash, secret, "derived", crypto::hash(hash, {}));
}

/// Extract(zeros, key): without a PSK the key is zeros as well.
Secret early_secret(crypto::HashAlgorithm hash, Bytes psk) {
  const Secret zeros(digest_bytes(hash));
  return hkdf_extract(hash, zeros, psk);
}

Secret handshake_secret(crypto::HashAlgorithm hash, Bytes early, Bytes shared_secret) {
  return hkdf_extract(hash, derive_empty(hash, early), shared_secret);
}

}  // namespace

record::RecordKey TrafficSecret::record_key() const {
  return {.algorithm = suite_->aead,
          .construction = record::Construction::tls13,
          .key = hkdf_expand_label(suite_->hash, secret_, "key", {},
                                   crypto::aead_key_bytes(suite_->aead)),
          .iv = hkdf_expand_label(suite_->hash, secret_, "iv", {}, crypto::kAeadNonceBytes)};
}

crypto::Digest TrafficSecret::verify_data(Bytes transcript_hash) const {
  const Secret finished_key =
      hkdf_expand_label(suite_->hash, secret_, "finished", {}, digest_bytes(suite_->hash));
  return crypto::hmac(suite_->hash, finished_key, transcript_hash);
}

TrafficSecret TrafficSecret::next() const {
  return TrafficSecret(*suite_, hkdf_expand_label(suite_->hash, secret_, "traffic upd", {},
                                                  digest_bytes(suite_->hash)));
}

EarlyStage::EarlyStage(crypto::HashAlgorithm hash, Bytes psk)
    : hash_(hash), secret_(early_secret(hash, psk)) {}

crypto::Digest EarlyStage::binder(Bytes transcript_hash) const {
  const Secret binder_key = derive_secret(hash_, secret_, "res binder", crypto::hash(hash_, {}));
  const Secret finished_key =
      hkdf_expand_label(hash_, binder_key, "finished", {}, digest_bytes(hash_));
  return crypto::hmac(hash_, finished_key, transcript_hash);
}

ApplicationStage::ApplicationStage(const Suite& suite, Secret master, Bytes transcript_hash)
    : client(suite, derive_secret(suite.hash, master, "c ap traffic", transcript_hash)),
      server(suite, derive_secret(suite.hash, master, "s ap traffic", transcript_hash)),
      exporter(derive_secret(suite.hash, master, "exp master", transcript_hash)),
      hash_(suite.hash),
      master_(std::move(master)) {}

Secret ApplicationStage::into_resumption(Bytes transcript_hash) && {
  const Secret master = std::move(master_);
  return derive_secret(hash_, master, "res master", transcript_hash);
}

Secret ticket_psk(crypto::HashAlgorithm hash, Bytes resumption_master_secret, Bytes nonce) {
  return hkdf_expand_label(hash, resumption_master_secret, "resumption", nonce, digest_bytes(hash));
}

HandshakeStage::HandshakeStage(const Suite& suite, Bytes shared_secret, Bytes transcript_hash)
    : HandshakeStage(suite, EarlyStage(suite.hash, Secret(digest_bytes(suite.hash))), shared_secret,
                     transcript_hash) {}

HandshakeStage::HandshakeStage(const Suite& suite, const EarlyStage& early, Bytes shared_secret,
                               Bytes transcript_hash)
    : HandshakeStage(suite,
                     HandshakeSecret{handshake_secret(suite.hash, early.secret_, shared_secret)},
                     transcript_hash) {}

HandshakeStage::HandshakeStage(const Suite& suite, HandshakeSecret handshake, Bytes transcript_hash)
    : suite_(&suite),
      client_(suite, derive_secret(suite.hash, handshake.secret, "c hs traffic", transcript_hash)),
      server_(suite, derive_secret(suite.hash, handshake.secret, "s hs traffic", transcript_hash)),
      master_(hkdf_extract(suite.hash, derive_empty(suite.hash, handshake.secret),
                           Secret(digest_bytes(suite.hash)))) {}

ApplicationStage HandshakeStage::into_application(Bytes transcript_hash) && {
  return ApplicationStage(*suite_, std::move(master_), transcript_hash);
}

void export_keying_material(const Suite& suite, Bytes exporter_secret, std::string_view label,
                            Bytes context, MutableBytes out) {
  const Secret derived =
      derive_secret(suite.hash, exporter_secret, label, crypto::hash(suite.hash, {}));
  hkdf_expand_label(suite.hash, derived, "exporter", crypto::hash(suite.hash, context), out);
}

}  // namespace schannel::tls::v13
