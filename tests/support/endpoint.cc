#include "support/endpoint.h"

#include <algorithm>
#include <cstring>

namespace sspi_test {

std::string name_of(SECURITY_STATUS status) { return OpenSchannelStatusText(status); }

Endpoint::~Endpoint() {
  if (has_context_) DeleteSecurityContext(&context_);
}

void Endpoint::fail(SECURITY_STATUS status, const char* where) {
  if (has_failed()) return;
  failure_ = status;
  where_ = std::string(where) + ": " + OpenSchannelErrorDetail();
}

std::string Endpoint::explanation() const { return where_ + " (" + name_of(failure_) + ")"; }

SECURITY_STATUS Endpoint::call_loop(bool with_input) {
  SecBuffer in[3] = {
      {static_cast<ULONG>(input_.size()), SECBUFFER_TOKEN, input_.data()},
      {0, SECBUFFER_EMPTY, nullptr},
      {static_cast<ULONG>(protocols_.size()), SECBUFFER_APPLICATION_PROTOCOLS, protocols_.data()}};
  const bool names_protocols = !protocols_.empty() && !has_context_;
  SecBufferDesc input{SECBUFFER_VERSION, names_protocols ? 3U : 2U, in};
  if (names_protocols && !with_input) input = {SECBUFFER_VERSION, 1, in + 2};
  SecBuffer out{0, SECBUFFER_TOKEN, nullptr};
  SecBufferDesc output{SECBUFFER_VERSION, 1, &out};
  CtxtHandle* where = has_context_ ? &context_ : nullptr;
  SecBufferDesc* passed = with_input || names_protocols ? &input : nullptr;
  const SECURITY_STATUS status =
      is_server_
          ? AcceptSecurityContext(credential_, where, passed, flags_, 0, &context_, &output,
                                  &attributes_, nullptr)
          : InitializeSecurityContextA(
                credential_, where, target_.empty() ? nullptr : const_cast<char*>(target_.c_str()),
                flags_, 0, 0, passed, 0, &context_, &output, &attributes_, nullptr);
  if (status >= 0) has_context_ = true;
  output_.append(static_cast<const char*>(out.pvBuffer), out.cbBuffer);
  FreeContextBuffer(out.pvBuffer);
  if (with_input && status >= 0) {
    const std::size_t extra = in[1].BufferType == SECBUFFER_EXTRA ? in[1].cbBuffer : 0;
    input_.erase(0, input_.size() - extra);
  }
  return status;
}

void Endpoint::run_loop(bool with_input) {
  for (;;) {
    const SECURITY_STATUS status = call_loop(with_input);
    switch (status) {
      case SEC_E_OK:
        established_ = true;
        in_handshake_ = false;
        return;
      case SEC_E_INCOMPLETE_MESSAGE:
        return;
      case SEC_I_CONTINUE_NEEDED:
        in_handshake_ = true;
        if (input_.empty() || !with_input) return;
        break;
      case SEC_I_INCOMPLETE_CREDENTIALS:  // goes on without a certificate
        break;
      case SEC_I_CONTEXT_EXPIRED:
        return;
      default:
        return fail(status, is_server_ ? "AcceptSecurityContext" : "InitializeSecurityContext");
    }
  }
}

void Endpoint::start() { run_loop(/*with_input=*/false); }

bool Endpoint::open_record() {
  SecBuffer buffers[4] = {{static_cast<ULONG>(input_.size()), SECBUFFER_DATA, input_.data()},
                          {0, SECBUFFER_EMPTY, nullptr},
                          {0, SECBUFFER_EMPTY, nullptr},
                          {0, SECBUFFER_EMPTY, nullptr}};
  SecBufferDesc message{SECBUFFER_VERSION, 4, buffers};
  const SECURITY_STATUS status = DecryptMessage(&context_, &message, 0, nullptr);
  if (status == SEC_E_INCOMPLETE_MESSAGE) return false;
  if (status < 0) {
    fail(status, "DecryptMessage");
    return false;
  }
  std::size_t extra = 0;
  for (const SecBuffer& buffer : buffers) {
    if (buffer.BufferType == SECBUFFER_DATA) {
      data_.append(static_cast<const char*>(buffer.pvBuffer), buffer.cbBuffer);
    }
    if (buffer.BufferType == SECBUFFER_EXTRA) extra = buffer.cbBuffer;
  }
  input_.erase(0, input_.size() - extra);
  if (status == SEC_I_RENEGOTIATE) in_handshake_ = true;
  if (status == SEC_I_CONTEXT_EXPIRED) closed_ = true;
  return true;
}

void Endpoint::take(const std::string& bytes) {
  input_ += bytes;
  while (!has_failed() && !closed_ && !input_.empty()) {
    const std::size_t before = input_.size();
    if (in_handshake_) {
      run_loop(/*with_input=*/true);
      if (in_handshake_) return;
    } else if (!open_record()) {
      return;
    }
    if (input_.size() == before && !in_handshake_ && !established_) return;
  }
}

void Endpoint::send(const std::string& data) {
  SecPkgContext_StreamSizes sizes{};
  SECURITY_STATUS status = QueryContextAttributesA(&context_, SECPKG_ATTR_STREAM_SIZES, &sizes);
  if (status != SEC_E_OK) return fail(status, "STREAM_SIZES");
  for (std::size_t at = 0; at < data.size();) {
    const std::size_t size = std::min<std::size_t>(sizes.cbMaximumMessage, data.size() - at);
    std::string record(sizes.cbHeader + size + sizes.cbTrailer, '\0');
    char* content = record.data() + sizes.cbHeader;
    std::memcpy(content, data.data() + at, size);
    SecBuffer buffers[4] = {{sizes.cbHeader, SECBUFFER_STREAM_HEADER, record.data()},
                            {static_cast<ULONG>(size), SECBUFFER_DATA, content},
                            {sizes.cbTrailer, SECBUFFER_STREAM_TRAILER, content + size},
                            {0, SECBUFFER_EMPTY, nullptr}};
    SecBufferDesc message{SECBUFFER_VERSION, 4, buffers};
    status = EncryptMessage(&context_, 0, &message, 0);
    if (status != SEC_E_OK) return fail(status, "EncryptMessage");
    output_.append(record, 0, sizes.cbHeader + size + buffers[2].cbBuffer);
    at += size;
  }
}

void Endpoint::apply(void* token, ULONG size) {
  SecBuffer buffer{size, SECBUFFER_TOKEN, token};
  SecBufferDesc desc{SECBUFFER_VERSION, 1, &buffer};
  const SECURITY_STATUS status = ApplyControlToken(&context_, &desc);
  if (status != SEC_E_OK) return fail(status, "ApplyControlToken");
  const SECURITY_STATUS sent = call_loop(/*with_input=*/false);
  if (sent < 0) fail(sent, "what sends an alert");
}

void Endpoint::shut_down() {
  DWORD token = SCHANNEL_SHUTDOWN;
  apply(&token, sizeof token);
}

void Endpoint::send_alert(DWORD number) {
  SCHANNEL_ALERT_TOKEN token{SCHANNEL_ALERT, TLS1_ALERT_FATAL, number};
  apply(&token, sizeof token);
}

}  // namespace sspi_test
