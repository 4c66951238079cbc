#pragma once
#include <optional>

#include "record/protection.h"

namespace schannel::record {

/// The writing half of a connection: owns the write key and its sequence number. Shares nothing
/// with the reading half, so that one thread may encrypt while another decrypts (ENC-20).
class RecordWriter {
 public:
  /// Replaces the key; the old one is wiped. With AES-GCM in TLS 1.3 it may protect as many records
  /// as limit_aes_gcm() said (RFC 8446 section 5.5).
  Result<void> use(const RecordKey& key);
  /// The number of the next record under the present key.
  std::uint64_t sequence() const { return protection_->sequence(); }
  /// For a key that was in use elsewhere (Protection::continue_at).
  void continue_at(std::uint64_t sequence) { protection_->continue_at(sequence); }
  /// For keys to come; a value for tests. At least twice kControlRecordCount.
  void limit_aes_gcm(std::uint64_t records) { aes_gcm_limit_ = records; }
  /// Forgets the key.
  void clear() { protection_.reset(); }
  bool is_protected() const { return protection_.has_value(); }
  bool is_tls13() const {
    return protection_ && protection_->construction() == Construction::tls13;
  }
  /// The key nears its limit: time for another one.
  bool is_worn() const { return protection_ && protection_->sequence() >= worn_at_; }
  /// Application data must stop: the last kControlRecordCount records are for alerts and KeyUpdate.
  bool is_worn_out() const {
    return protection_ && protection_->sequence() + kControlRecordCount >= limit_;
  }

  /// Room a sealed record needs before and behind the content.
  std::size_t header_size() const;
  std::size_t trailer_size() const;

  /// Seals `content` (at most kRecordPlaintextBytesMax bytes) in place as one record: writes
  /// header_size() bytes at `header` and trailer_size() bytes at `trailer`. The three pieces may
  /// lie anywhere. No allocation, no copy. Needs a key.
  Result<void> seal(wire::ContentType type, std::uint8_t* header, MutableBytes content,
                    std::uint8_t* trailer);

  /// Appends `content` to `out` as as many records as it takes, sealed when there is a key. The
  /// handshake path; an empty content gives one empty record.
  Result<void> append(Buffer& out, wire::ContentType type, Bytes content);

  /// ProtocolVersion of unprotected records: 0x0301 for a first ClientHello (RFC 8446 section
  /// 5.1), else 0x0303.
  void use_record_version(std::uint16_t version) { version_ = version; }

 private:
  std::optional<Protection> protection_;
  std::uint64_t aes_gcm_limit_ = kAesGcmRecordCountMax;
  std::uint64_t limit_ = 0;
  std::uint64_t worn_at_ = 0;
  std::uint16_t version_ = 0x0303;
};

}  // namespace schannel::record
