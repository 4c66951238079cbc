#include "record/protection.h"

namespace schannel::record {
namespace {

void put_u64(std::uint8_t* out, std::uint64_t value) {
  for (int i = 7; i >= 0; --i, value >>= 8) out[i] = static_cast<std::uint8_t>(value);
}

}  // namespace

Result<Protection> Protection::create(const RecordKey& key) {
  TRY(crypto::AeadKey aead, crypto::AeadKey::create(key.algorithm, key.key));
  return Protection(std::move(aead), key.construction, key.iv);
}

Protection::Protection(crypto::AeadKey aead, Construction construction, const Secret& iv)
    : aead_(std::move(aead)), construction_(construction), iv_(iv.copy()) {}

crypto::AeadNonce Protection::nonce(std::uint64_t sequence,
                                    const std::uint8_t* explicit_nonce) const {
  crypto::AeadNonce out;
  const Bytes iv = iv_.view();
  if (construction_ == Construction::tls12_gcm) {
    std::memcpy(out.data(), iv.data(), 4);
    std::memcpy(out.data() + 4, explicit_nonce, 8);
    return out;
  }
  std::memcpy(out.data(), iv.data(), out.size());
  for (std::size_t i = 0; i < 8; ++i) {
    out[11 - i] = static_cast<std::uint8_t>(out[11 - i] ^ (sequence >> (8 * i)));
  }
  return out;
}

Protection::AdditionalData Protection::additional_data(std::uint64_t sequence,
                                                       const std::uint8_t* header,
                                                       std::size_t content_size) const {
  AdditionalData out;
  if (construction_ == Construction::tls13) {
    std::memcpy(out.bytes.data(), header, kRecordHeaderBytes);
    out.size = kRecordHeaderBytes;
    return out;
  }
  put_u64(out.bytes.data(), sequence);
  std::memcpy(out.bytes.data() + 8, header, 3);  // type and version
  out.bytes[11] = static_cast<std::uint8_t>(content_size >> 8);
  out.bytes[12] = static_cast<std::uint8_t>(content_size);
  out.size = 13;
  return out;
}

}  // namespace schannel::record
