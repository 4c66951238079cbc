#include <string>

#include "base/error_detail.h"
#include "schannel/context.h"

// EncryptMessage and DecryptMessage (contract section H): the record path. No allocation, no copy,
// no lock; the caller's pointers go straight into the record layer.
namespace schannel::package {
namespace {

SECURITY_STATUS refuse(SECURITY_STATUS status, const char* why) {
  set_error_detail(why);
  return status;
}

SECURITY_STATUS status_of(const Error& error) {
  const Disposition what = disposition(error);
  std::string text(what.text);
  if (error.received) text += ": " + std::string(alert_name(*error.received));
  set_error_detail(std::move(text));
  return what.status;
}

/// The three pieces of an EncryptMessage call; null where there is none.
struct Pieces {
  SecBuffer* header = nullptr;
  SecBuffer* data = nullptr;
  SecBuffer* trailer = nullptr;
};

/// False when a type stands twice (ENC-23) or a writable piece is read-only (ENC-12).
bool find_pieces(const Buffers& buffers, Pieces& out) {
  for (ULONG i = 0; i < buffers.count(); ++i) {
    SecBuffer& buffer = buffers[i];
    SecBuffer** piece = nullptr;
    switch (type_of(buffer)) {
      case SECBUFFER_STREAM_HEADER:
        piece = &out.header;
        break;
      case SECBUFFER_DATA:
        piece = &out.data;
        break;
      case SECBUFFER_STREAM_TRAILER:
        piece = &out.trailer;
        break;
      default:
        continue;  // EMPTY and what does not concern us, with whatever it holds
    }
    if (*piece != nullptr || is_read_only(buffer)) return false;
    *piece = &buffer;
  }
  return out.header != nullptr && out.data != nullptr && out.trailer != nullptr;
}

std::uint8_t* bytes_of(const SecBuffer& buffer) {
  return static_cast<std::uint8_t*>(buffer.pvBuffer);
}

}  // namespace

SECURITY_STATUS Context::encrypt(ULONG qop, SecBufferDesc* message) {
  const Buffers buffers(message);
  Pieces pieces;
  if (message == nullptr || !buffers.is_valid() || !find_pieces(buffers, pieces)) {
    return refuse(SEC_E_INVALID_TOKEN,
                  "EncryptMessage takes one STREAM_HEADER, one DATA and one STREAM_TRAILER buffer");
  }
  if (!connection_ || !is_established()) {
    if (connection_ && connection_->failure()) return status_of(*connection_->failure());
    return refuse(SEC_E_INVALID_HANDLE, "the handshake is not complete (ENC-21)");
  }
  if (write_closed_.load(std::memory_order_acquire) || !connection_->may_send()) {
    return refuse(SEC_E_CONTEXT_EXPIRED,
                  "the context is shut down, or in a handshake that must go on first (REN-6)");
  }
  auto type = wire::ContentType::application_data;
  if (qop == SECQOP_WRAP_OOB_DATA) {
    if (pieces.data->cbBuffer != 2) {
      return refuse(SEC_E_INVALID_TOKEN, "an alert has two bytes (ENC-11)");
    }
    type = wire::ContentType::alert;
  } else if (qop != 0) {
    return refuse(SEC_E_QOP_NOT_SUPPORTED, "fQOP must be 0 or SECQOP_WRAP_OOB_DATA");
  }
  const std::size_t size = pieces.data->cbBuffer;
  const std::size_t header = connection_->header_size();
  const std::size_t trailer = connection_->trailer_size();
  if (size > kRecordPlaintextBytesMax) {
    return refuse(SEC_E_INVALID_PARAMETER, "more data than cbMaximumMessage (R-18)");
  }
  if (pieces.header->cbBuffer < header || pieces.trailer->cbBuffer < trailer) {
    return refuse(SEC_E_BUFFER_TOO_SMALL, "see cbHeader and cbTrailer of STREAM_SIZES");
  }
  if (pieces.header->pvBuffer == nullptr || pieces.trailer->pvBuffer == nullptr ||
      (pieces.data->pvBuffer == nullptr && size != 0)) {
    return refuse(SEC_E_INVALID_TOKEN, "a buffer is NULL");
  }
  const Result<void> sealed = connection_->seal(
      type, bytes_of(*pieces.header), {bytes_of(*pieces.data), size}, bytes_of(*pieces.trailer));
  if (!sealed) return status_of(sealed.error());
  const std::size_t room = pieces.trailer->cbBuffer - trailer;
  pieces.header->cbBuffer = static_cast<ULONG>(header);
  pieces.trailer->cbBuffer = static_cast<ULONG>(trailer);
  if (!connection_->wants_key_update() || room < tls::Connection::kKeyUpdateRecordBytes ||
      type != wire::ContentType::application_data) {
    return SEC_E_OK;
  }
  // ENC-24: our key update rides behind the data, so that no caller has to know of it.
  const Result<void> updated = connection_->update_write_key(bytes_of(*pieces.trailer) + trailer);
  if (!updated) return status_of(updated.error());
  pieces.trailer->cbBuffer += static_cast<ULONG>(tls::Connection::kKeyUpdateRecordBytes);
  return SEC_E_OK;
}

SECURITY_STATUS Context::decrypt(SecBufferDesc* message) {
  const Buffers buffers(message);
  if (message == nullptr || !buffers.is_valid()) {
    return refuse(SEC_E_INVALID_TOKEN, "DecryptMessage takes one DATA and three EMPTY buffers");
  }
  SecBuffer* data = nullptr;
  bool has_token = false;
  for (ULONG i = 0; i < buffers.count(); ++i) {
    switch (type_of(buffers[i])) {
      case SECBUFFER_DATA:
        if (data != nullptr) return refuse(SEC_E_INVALID_TOKEN, "more than one DATA buffer");
        data = &buffers[i];
        break;
      case SECBUFFER_TOKEN:
        has_token = true;
        break;
      case SECBUFFER_EMPTY:
        break;
      default:
        return refuse(SEC_E_INVALID_TOKEN, "a buffer is neither DATA nor EMPTY (DEC-15)");
    }
  }
  // DEC-1; DATA and TOKEN alone is the form of other stream packages (DEC-2).
  const bool enough = buffers.count() >= 4 || (has_token && buffers.count() >= 2);
  if (data == nullptr || !enough || is_read_only(*data) ||
      (data->pvBuffer == nullptr && data->cbBuffer != 0)) {
    return refuse(SEC_E_INVALID_TOKEN, "DecryptMessage takes one DATA and three EMPTY buffers");
  }
  if (!connection_ || !is_established()) {
    if (connection_ && connection_->failure()) return status_of(*connection_->failure());
    return refuse(SEC_E_INVALID_HANDLE, "the handshake is not complete (ENC-21)");
  }
  if (!connection_->may_receive() || read_closed_) {
    return refuse(SEC_E_CONTEXT_EXPIRED,
                  "the peer has closed, or a handshake message must be taken first (DEC-19)");
  }

  const MutableBytes input{bytes_of(*data), data->cbBuffer};
  const Result<tls::Received> received = connection_->receive(input);
  if (!received) {
    forget_sessions();
    return status_of(received.error());
  }
  if (received->kind == tls::Received::Kind::need_input) {
    // callers look in [0], in the first EMPTY, or search.
    const auto missing = static_cast<ULONG>(received->missing);
    buffers.report(SECBUFFER_MISSING, missing, nullptr);
    buffers[0] = {missing, SECBUFFER_MISSING, nullptr};
    return SEC_E_INCOMPLETE_MESSAGE;
  }

  // DEC-5: header, plaintext and trailer where they lie in the input, then what follows.
  using Kind = tls::Received::Kind;
  const bool is_handshake = received->kind == Kind::handshake;
  std::uint8_t* const content = received->content.data();
  std::uint8_t* const content_end = content + received->content.size();
  std::uint8_t* const record_end = input.data() + received->consumed;
  // a post-handshake message stays to be taken, so EXTRA begins with it.
  std::uint8_t* const extra = is_handshake ? input.data() : record_end;
  std::uint8_t* const end = input.data() + input.size();
  const auto size = [](const std::uint8_t* from, const std::uint8_t* to) {
    return static_cast<ULONG>(to - from);
  };
  const SecBuffer found[] = {{size(input.data(), content), SECBUFFER_STREAM_HEADER, input.data()},
                             {size(content, content_end), SECBUFFER_DATA, content},
                             {size(content_end, record_end), SECBUFFER_STREAM_TRAILER, content_end},
                             extra == end ? SecBuffer{0, SECBUFFER_EMPTY, nullptr}
                                          : SecBuffer{size(extra, end), SECBUFFER_EXTRA, extra}};
  *data = {0, SECBUFFER_EMPTY, nullptr};  // it may stand behind the four (DEC-3)
  if (buffers.count() >= 4) {
    for (ULONG i = 0; i < 4; ++i) buffers[i] = found[i];
  } else {
    buffers[0] = found[1];
    buffers[1] = found[3];
  }
  switch (received->kind) {
    case Kind::handshake:
      return SEC_I_RENEGOTIATE;
    case Kind::no_renegotiation:
      return SEC_I_NO_RENEGOTIATION;
    case Kind::absorb:
      absorb_is_due_ = true;
      return SEC_E_OK;
    case Kind::closed:
      read_closed_ = true;
      return SEC_I_CONTEXT_EXPIRED;
    default:
      return SEC_E_OK;
  }
}

}  // namespace schannel::package
