#pragma once
#include <openschannel/sspi.h>

#include "base/bytes.h"

// A caller's SecBufferDesc: buffers are found by type, whatever their order (contract BUF-3,
// ISC-32, EXT-7).
namespace schannel::package {

inline ULONG type_of(const SecBuffer& buffer) { return buffer.BufferType & ~SECBUFFER_ATTRMASK; }
inline bool is_read_only(const SecBuffer& buffer) {
  return (buffer.BufferType & (SECBUFFER_READONLY | SECBUFFER_READONLY_WITH_CHECKSUM)) != 0;
}

class Buffers {
 public:
  /// `desc` may be null: no buffers.
  explicit Buffers(SecBufferDesc* desc) : desc_(desc) {}

  /// False for a descriptor that promises buffers and has none, or of an unknown version.
  bool is_valid() const {
    return desc_ == nullptr || (desc_->ulVersion == SECBUFFER_VERSION &&
                                (desc_->cBuffers == 0 || desc_->pBuffers != nullptr));
  }
  ULONG count() const { return desc_ == nullptr ? 0 : desc_->cBuffers; }
  SecBuffer& operator[](ULONG i) const { return desc_->pBuffers[i]; }

  /// The first buffer of a type, or null.
  SecBuffer* find(ULONG type) const {
    for (ULONG i = 0; i < count(); ++i) {
      if (type_of((*this)[i]) == type) return &(*this)[i];
    }
    return nullptr;
  }
  /// The bytes of the first buffer of a type; empty when there is none.
  Bytes bytes(ULONG type) const {
    const SecBuffer* buffer = find(type);
    if (buffer == nullptr || buffer->pvBuffer == nullptr) return {};
    return {static_cast<const std::uint8_t*>(buffer->pvBuffer), buffer->cbBuffer};
  }

  /// Turns the first EMPTY buffer into a report (contract BUF-4); nothing when there is none.
  void report(ULONG type, std::size_t size, void* at) const {
    if (SecBuffer* slot = find(SECBUFFER_EMPTY)) {
      *slot = {static_cast<ULONG>(size), type, at};
    }
  }

 private:
  SecBufferDesc* desc_;
};

}  // namespace schannel::package
