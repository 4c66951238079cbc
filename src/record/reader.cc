#include "record/reader.h"

#include <cassert>

namespace schannel::record {

Result<void> RecordReader::use(const RecordKey& key) {
  TRY(Protection protection, Protection::create(key));
  protection_.emplace(std::move(protection));
  return {};
}

Result<Frame> RecordReader::frame(Bytes in) const {
  // Judge every byte of the header as soon as it is here: garbage must not wait for more garbage.
  const bool known_type = in.empty() || (in[0] >= 20 && in[0] <= 23);
  const bool known_version = in.size() < 2 || in[1] == 0x03;
  if (!known_type || !known_version) {
    // A peer that has spoken TLS so far misbehaves (RFC 8446 section 5); before, it is a stranger.
    return protection_ ? Cause::unexpected_message : Cause::not_tls;
  }
  if (in.size() < kRecordHeaderBytes) {
    return Frame{wire::ContentType::handshake, 0, kRecordHeaderBytes - in.size()};
  }
  const std::size_t length = static_cast<std::size_t>(in[3] << 8 | in[4]);
  std::size_t limit = kRecordPlaintextBytesMax;
  if (protection_) {
    limit = protection_->construction() == Construction::tls13 ? kRecordCiphertext13BytesMax
                                                               : kRecordCiphertext12BytesMax;
  }
  if (length > limit) return Cause::record_overflow;
  const std::size_t size = kRecordHeaderBytes + length;
  const auto type = static_cast<wire::ContentType>(in[0]);
  if (in.size() < size) return Frame{type, 0, size - in.size()};
  return Frame{type, size, 0};
}

Result<RecordReader::Layout> RecordReader::layout(Bytes record) const {
  const Construction construction = protection_->construction();
  const std::size_t body = record.size() - kRecordHeaderBytes;
  const std::size_t overhead = explicit_nonce_bytes(construction) + crypto::kAeadTagBytes;
  // Too short to hold a tag: it can't authenticate (RFC 5246 section 7.2.2, RFC 8446 section 5.2).
  if (body < overhead) return Cause::bad_record_mac;
  return Layout{header_bytes(construction), body - overhead};
}

Result<Opened> RecordReader::open(Bytes record, std::uint8_t* out) {
  const auto outer = static_cast<wire::ContentType>(record[0]);
  const bool tls13 = protection_ && protection_->construction() == Construction::tls13;
  if (!protection_ || (tls13 && outer == wire::ContentType::change_cipher_spec)) {
    const Bytes content = record.subspan(kRecordHeaderBytes);
    if (!content.empty()) std::memmove(out, content.data(), content.size());
    return Opened{outer, {out, content.size()}};
  }
  if (tls13 && outer != wire::ContentType::application_data) return Cause::unexpected_message;

  TRY(const Layout at, layout(record));
  const std::uint8_t* in = record.data() + at.content_at;
  // In place, the plaintext stays where the ciphertext was.
  if (out == record.data()) out += at.content_at;
  const std::uint64_t sequence = protection_->sequence();
  if (protection_->exhausted()) return Cause::key_exhausted;
  const auto nonce = protection_->nonce(sequence, record.data() + kRecordHeaderBytes);
  const auto aad = protection_->additional_data(sequence, record.data(), at.content_size);
  if (!protection_->aead().open(nonce, aad.view(), in, out, at.content_size,
                                in + at.content_size)) {
    return Cause::bad_record_mac;
  }
  protection_->advance();

  if (!tls13) {
    if (at.content_size > kRecordPlaintextBytesMax) return Cause::record_overflow;
    return Opened{outer, {out, at.content_size}};
  }
  // RFC 8446 section 5.2: TLSInnerPlaintext is at most 2^14 + 1 bytes, padding included.
  if (at.content_size > kRecordPlaintextBytesMax + 1) return Cause::record_overflow;
  std::size_t size = at.content_size;
  while (size > 0 && out[size - 1] == 0) --size;
  // RFC 8446 section 5.4: a record without a non-zero byte has no type.
  if (size == 0) return Cause::unexpected_message;
  --size;
  return Opened{static_cast<wire::ContentType>(out[size]), {out, size}};
}

Result<void> RecordReader::restore(MutableBytes record) {
  assert(protection_ && protection_->sequence() > 0);
  TRY(const Layout at, layout(record));
  const std::uint64_t sequence = protection_->sequence() - 1;
  const auto nonce = protection_->nonce(sequence, record.data() + kRecordHeaderBytes);
  const auto aad = protection_->additional_data(sequence, record.data(), at.content_size);
  std::uint8_t* content = record.data() + at.content_at;
  // Sealing the same plaintext under the same nonce gives the very bytes that were opened.
  if (!protection_->aead().seal(nonce, aad.view(), {content, at.content_size}, {},
                                content + at.content_size)) {
    return Cause::internal_error;
  }
  return {};
}

}  // namespace schannel::record
