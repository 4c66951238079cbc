#pragma once
#include <limits>

#include "base/limits.h"
#include "base/result.h"
#include "base/secret.h"
#include "crypto/aead.h"
#include "wire/code_points.h"

namespace schannel::record {

/// Which construction turns key, iv and sequence number into a record.
enum class Construction : std::uint8_t {
  tls13,           ///< RFC 8446 section 5.2: inner content type, nonce = iv xor sequence number
  tls12_gcm,       ///< RFC 5288: 4 bytes of salt, 8 bytes of explicit nonce in each record
  tls12_chacha20,  ///< RFC 7905: nonce = iv xor sequence number, nothing explicit
};

/// One direction's traffic key, as the key schedule gives it.
struct RecordKey {
  crypto::AeadAlgorithm algorithm;
  Construction construction;
  Secret key;
  Secret iv;  ///< 12 bytes; 4 for tls12_gcm.
};

/// What a record adds around its content.
constexpr std::size_t explicit_nonce_bytes(Construction construction) {
  return construction == Construction::tls12_gcm ? 8 : 0;
}
constexpr std::size_t header_bytes(Construction construction) {
  return kRecordHeaderBytes + explicit_nonce_bytes(construction);
}
/// The tag, and in TLS 1.3 the inner content type before it.
constexpr std::size_t trailer_bytes(Construction construction) {
  return crypto::kAeadTagBytes + (construction == Construction::tls13 ? 1 : 0);
}

/// A key in use: AEAD state, iv and the sequence number of the next record, which never wraps.
class Protection {
 public:
  static Result<Protection> create(const RecordKey& key);

  Construction construction() const { return construction_; }
  crypto::AeadKey& aead() { return aead_; }
  std::uint64_t sequence() const { return sequence_; }
  bool exhausted() const { return sequence_ == std::numeric_limits<std::uint64_t>::max(); }
  void advance() { ++sequence_; }
  /// Goes on where another object with the same key has stopped, which must not be used any more.
  void continue_at(std::uint64_t sequence) { sequence_ = sequence; }
  /// Takes back advance(): the record just opened is left for a later call.
  void rewind() { --sequence_; }

  /// The nonce of record `sequence`. With tls12_gcm, `explicit_nonce` is what the record carries.
  crypto::AeadNonce nonce(std::uint64_t sequence, const std::uint8_t* explicit_nonce) const;

  /// Additional data of record `sequence` (RFC 8446 section 5.2; RFC 5246 section 6.2.3.3): the
  /// header as sent in TLS 1.3, else sequence, type, version and content length. At most 13 bytes.
  struct AdditionalData {
    std::array<std::uint8_t, 13> bytes;
    std::size_t size;
    Bytes view() const { return {bytes.data(), size}; }
  };
  AdditionalData additional_data(std::uint64_t sequence, const std::uint8_t* header,
                                 std::size_t content_size) const;

 private:
  Protection(crypto::AeadKey aead, Construction construction, const Secret& iv);
  crypto::AeadKey aead_;
  Construction construction_;
  Secret iv_;
  std::uint64_t sequence_ = 0;
};

}  // namespace schannel::record
