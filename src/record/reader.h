#pragma once
#include <optional>

#include "record/protection.h"

namespace schannel::record {

/// Where the first record of some input ends.
struct Frame {
  wire::ContentType type;  ///< As the header says; in TLS 1.3 the true type is inside.
  std::size_t size;        ///< Header included. 0: not all of it is here.
  /// When size is 0: bytes that are certainly still missing, never more than that (contract R-12).
  std::size_t missing;
};

/// An opened record. `content` lies in the memory given to open().
struct Opened {
  wire::ContentType type;
  MutableBytes content;
};

/// The reading half of a connection: owns the read key and its sequence number.
class RecordReader {
 public:
  Result<void> use(const RecordKey& key);
  /// The number of the next record under the present key.
  std::uint64_t sequence() const { return protection_->sequence(); }
  /// For a key that was in use elsewhere (Protection::continue_at).
  void continue_at(std::uint64_t sequence) { protection_->continue_at(sequence); }
  /// Forgets the key: everything after is refused or taken as unprotected.
  void clear() { protection_.reset(); }
  bool is_protected() const { return protection_.has_value(); }
  bool is_tls13() const {
    return protection_ && protection_->construction() == Construction::tls13;
  }
  /// There is a key, and no record was opened with it yet.
  bool is_fresh() const { return protection_ && protection_->sequence() == 0; }

  /// Finds the first record of `in` and refuses what cannot be one: an unknown type or a version
  /// that is not 3.x is Cause::not_tls, or unexpected_message once there is a key; a length above
  /// the limit is record_overflow.
  Result<Frame> frame(Bytes in) const;

  /// Opens one whole record, as found by frame(), into `out` (at least record.size() bytes, or
  /// the record itself to work in place). Without a key the content is copied. In TLS 1.3 a
  /// change_cipher_spec record passes unprotected (RFC 8446 section 5); the caller judges it.
  /// Causes: bad_record_mac, record_overflow, decode_error, unexpected_message.
  Result<Opened> open(Bytes record, std::uint8_t* out);

  /// Puts back the ciphertext of a record that was just opened in place: what is not application
  /// data stays in the caller's buffer as it came (contract R-9). `record` is the whole record.
  Result<void> restore(MutableBytes record);
  /// Makes the protected record just opened count as not yet read.
  void rewind() { protection_->rewind(); }

 private:
  /// The protected part of a record: where content, explicit nonce and tag are.
  struct Layout {
    std::size_t content_at;
    std::size_t content_size;  ///< Without the tag; in TLS 1.3 with inner type and padding.
  };
  Result<Layout> layout(Bytes record) const;

  std::optional<Protection> protection_;
};

}  // namespace schannel::record
