#include "record/writer.h"

#include <algorithm>
#include <cassert>

namespace schannel::record {

Result<void> RecordWriter::use(const RecordKey& key) {
  TRY(Protection protection, Protection::create(key));
  protection_.emplace(std::move(protection));
  version_ = 0x0303;
  const bool is_limited = key.construction == Construction::tls13 &&
                          key.algorithm != crypto::AeadAlgorithm::chacha20_poly1305;
  limit_ = is_limited ? aes_gcm_limit_ : std::numeric_limits<std::uint64_t>::max();
  // Early enough that every thread that encrypts comes by; under a small limit, half way.
  worn_at_ = limit_ - std::min(kKeyUpdateMarginRecordCount, limit_ / 2);
  return {};
}

std::size_t RecordWriter::header_size() const {
  return protection_ ? header_bytes(protection_->construction()) : kRecordHeaderBytes;
}

std::size_t RecordWriter::trailer_size() const {
  return protection_ ? trailer_bytes(protection_->construction()) : 0;
}

Result<void> RecordWriter::seal(wire::ContentType type, std::uint8_t* header, MutableBytes content,
                                std::uint8_t* trailer) {
  assert(protection_ && content.size() <= kRecordPlaintextBytesMax);
  Protection& protection = *protection_;
  if (protection.sequence() >= limit_) return Cause::key_exhausted;

  const bool tls13 = protection.construction() == Construction::tls13;
  const std::size_t length = explicit_nonce_bytes(protection.construction()) + content.size() +
                             trailer_bytes(protection.construction());
  header[0] = static_cast<std::uint8_t>(tls13 ? wire::ContentType::application_data : type);
  header[1] = 0x03;
  header[2] = 0x03;
  header[3] = static_cast<std::uint8_t>(length >> 8);
  header[4] = static_cast<std::uint8_t>(length);

  const std::uint64_t sequence = protection.sequence();
  if (protection.construction() == Construction::tls12_gcm) {
    // The sequence number as explicit nonce never repeats under one key (RFC 5288 section 3).
    for (std::size_t i = 0; i < 8; ++i) {
      header[kRecordHeaderBytes + i] = static_cast<std::uint8_t>(sequence >> (8 * (7 - i)));
    }
  }
  const auto nonce = protection.nonce(sequence, header + kRecordHeaderBytes);
  const auto aad = protection.additional_data(sequence, header, content.size());
  MutableBytes tail;
  std::uint8_t* tag = trailer;
  if (tls13) {
    trailer[0] = static_cast<std::uint8_t>(type);  // TLSInnerPlaintext.type
    tail = {trailer, 1};
    ++tag;
  }
  if (!protection.aead().seal(nonce, aad.view(), content, tail, tag)) return Cause::internal_error;
  protection.advance();
  return {};
}

Result<void> RecordWriter::append(Buffer& out, wire::ContentType type, Bytes content) {
  do {
    const std::size_t size = std::min(content.size(), kRecordPlaintextBytesMax);
    const std::size_t at = out.size();
    const std::size_t header = header_size();
    out.resize(at + header + size + trailer_size());
    std::uint8_t* record = out.data() + at;
    if (size != 0) std::memcpy(record + header, content.data(), size);
    if (protection_) {
      CHECK_OK(seal(type, record, {record + header, size}, record + header + size));
    } else {
      record[0] = static_cast<std::uint8_t>(type);
      record[1] = static_cast<std::uint8_t>(version_ >> 8);
      record[2] = static_cast<std::uint8_t>(version_);
      record[3] = static_cast<std::uint8_t>(size >> 8);
      record[4] = static_cast<std::uint8_t>(size);
    }
    content = content.subspan(size);
  } while (!content.empty());
  return {};
}

}  // namespace schannel::record
