#include "session.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

#include "failure.h"

namespace {

constexpr ULONG kClientFlags = ISC_REQ_SEQUENCE_DETECT | ISC_REQ_REPLAY_DETECT |
                               ISC_REQ_CONFIDENTIALITY | ISC_REQ_ALLOCATE_MEMORY |
                               ISC_REQ_EXTENDED_ERROR | ISC_REQ_STREAM;
constexpr ULONG kServerFlags = ASC_REQ_SEQUENCE_DETECT | ASC_REQ_REPLAY_DETECT |
                               ASC_REQ_CONFIDENTIALITY | ASC_REQ_ALLOCATE_MEMORY |
                               ASC_REQ_EXTENDED_ERROR | ASC_REQ_STREAM;
constexpr std::size_t kReadBytes = 64 * 1024;
/// How long sealing waits before it looks again whether the reading side has called the loop.
constexpr std::chrono::milliseconds kLoopWait{50};

/// SEC_APPLICATION_PROTOCOLS for a list of names.
std::vector<char> alpn_buffer(const std::vector<std::string>& names) {
  if (names.empty()) return {};
  std::vector<char> list;
  for (const std::string& name : names) {
    list.push_back(static_cast<char>(name.size()));
    list.insert(list.end(), name.begin(), name.end());
  }
  const auto list_size = static_cast<unsigned short>(list.size());
  const ULONG extension = SecApplicationProtocolNegotiationExt_ALPN;
  const auto lists_size = static_cast<ULONG>(sizeof extension + sizeof list_size + list.size());
  std::vector<char> out(sizeof lists_size + lists_size);
  char* at = out.data();
  const auto put = [&](const void* from, std::size_t size) {
    std::memcpy(at, from, size);
    at += size;
  };
  put(&lists_size, sizeof lists_size);
  put(&extension, sizeof extension);
  put(&list_size, sizeof list_size);
  put(list.data(), list.size());
  return out;
}

/// The buffer of a type, wherever the call has put it; null: there is none.
const SecBuffer* find(const SecBufferDesc& desc, ULONG type) {
  for (ULONG i = 0; i < desc.cBuffers; ++i) {
    if (desc.pBuffers[i].BufferType == type) return &desc.pBuffers[i];
  }
  return nullptr;
}

std::size_t extra_size(const SecBufferDesc& desc) {
  const SecBuffer* extra = find(desc, SECBUFFER_EXTRA);
  return extra == nullptr ? 0 : extra->cbBuffer;
}

/// The token of a loop call, freed in the end.
struct Token {
  SecBuffer buffer{0, SECBUFFER_TOKEN, nullptr};
  Token() = default;
  Token(const Token&) = delete;
  Token& operator=(const Token&) = delete;
  ~Token() { FreeContextBuffer(buffer.pvBuffer); }
};

}  // namespace

Session::Session(Transport& transport, CredHandle* credential, SessionOptions options,
                 const Tracer& tracer)
    : transport_(transport),
      credential_(credential),
      options_(std::move(options)),
      tracer_(&tracer),
      alpn_buffer_(alpn_buffer(options_.alpn)) {}

Session::~Session() {
  if (!has_context_) return;
  const SECURITY_STATUS status = DeleteSecurityContext(&context_);
  tracer_->row({options_.side, "DeleteSecurityContext", status});
}

void Session::read_more() {
  if (input_.size() < filled_ + kReadBytes) input_.resize(filled_ + kReadBytes);
  const std::size_t size = transport_.read_some({input_.data() + filled_, kReadBytes});
  if (size == 0) throw NetworkFailure("the peer ended the connection without close_notify");
  filled_ += size;
}

void Session::keep_extra(std::size_t extra) {
  std::memmove(input_.data(), input_.data() + filled_ - extra, extra);
  filled_ = extra;
}

SECURITY_STATUS Session::call_loop(Leg leg, SecBufferDesc* input, std::size_t in_size) {
  Token token;
  SecBufferDesc output{SECBUFFER_VERSION, 1, &token.buffer};
  ULONG attributes = 0;
  PCtxtHandle context = leg == Leg::first ? nullptr : &context_;
  // A KeyUpdate is answered in here: nothing may be sealed between the answer and its sending.
  const std::lock_guard lock(writing_);
  SECURITY_STATUS status;
  if (options_.is_server) {
    status = AcceptSecurityContext(credential_, context, input, kServerFlags | options_.extra_flags,
                                   0, &context_, &output, &attributes, nullptr);
  } else {
    status = InitializeSecurityContextA(credential_, context,
                                        options_.target.empty() ? nullptr : options_.target.c_str(),
                                        kClientFlags | options_.extra_flags, 0, 0, input, 0,
                                        &context_, &output, &attributes, nullptr);
  }
  tracer_->row({options_.side,
                options_.is_server ? "AcceptSecurityContext" : "InitializeSecurityContext", status,
                in_size, token.buffer.cbBuffer, &output, input});
  if (leg == Leg::first && status >= 0) has_context_ = true;
  if (token.buffer.cbBuffer != 0) {
    const std::span<const char> bytes(static_cast<const char*>(token.buffer.pvBuffer),
                                      token.buffer.cbBuffer);
    try {
      transport_.write_all(bytes);
    } catch (const NetworkFailure&) {
      // A failed handshake's token is the alert that says why. Whether it arrives changes nothing.
      if (status >= 0) throw;
    }
  }
  loop_called_.notify_all();
  return status;
}

void Session::run_loop(Leg leg) {
  bool needs_input = leg == Leg::first && options_.is_server && filled_ == 0;
  bool is_first_of_client = leg == Leg::first && !options_.is_server;
  for (;;) {
    if (needs_input) read_more();
    SecBuffer buffers[] = {{static_cast<ULONG>(filled_), SECBUFFER_TOKEN, input_.data()},
                           {0, SECBUFFER_EMPTY, nullptr},
                           {static_cast<ULONG>(alpn_buffer_.size()),
                            SECBUFFER_APPLICATION_PROTOCOLS, alpn_buffer_.data()}};
    const bool with_alpn = leg == Leg::first && !alpn_buffer_.empty();
    SecBufferDesc input{SECBUFFER_VERSION, with_alpn ? 3U : 2U, buffers};
    // A client begins without a token: nothing, or its options alone.
    SecBufferDesc options{SECBUFFER_VERSION, 1, &buffers[2]};
    SecBufferDesc* in = !is_first_of_client ? &input : with_alpn ? &options : nullptr;
    const SECURITY_STATUS status = call_loop(leg, in, is_first_of_client ? 0 : filled_);
    if (status == SEC_E_INCOMPLETE_MESSAGE) {
      needs_input = true;
      continue;
    }
    if (status < 0 || (status == SEC_I_CONTEXT_EXPIRED && !has_shut_down())) {
      throw Failure(options_.is_server ? "AcceptSecurityContext" : "InitializeSecurityContext",
                    status);
    }
    leg = Leg::later;
    if (!is_first_of_client) keep_extra(extra_size(input));
    is_first_of_client = false;
    if (status == SEC_E_OK || status == SEC_I_CONTEXT_EXPIRED) return;
    // SEC_I_INCOMPLETE_CREDENTIALS: the server asks for a certificate that we do not have; called
    // again, the handshake goes on without one.
    needs_input = status == SEC_I_CONTINUE_NEEDED && filled_ == 0;
  }
}

void Session::handshake() {
  run_loop(Leg::first);
  const SECURITY_STATUS status =
      QueryContextAttributesA(&context_, SECPKG_ATTR_STREAM_SIZES, &sizes_);
  tracer_->row({options_.side, "QueryContextAttributes", status});
  if (status != SEC_E_OK) throw Failure("QueryContextAttributes(STREAM_SIZES)", status);
  output_.resize(sizes_.cbHeader + sizes_.cbMaximumMessage + sizes_.cbTrailer);
}

void Session::send(std::span<const char> data) {
  do {
    std::unique_lock lock(writing_);
    const std::size_t size = std::min<std::size_t>(data.size(), sizes_.cbMaximumMessage);
    char* const message = output_.data() + sizes_.cbHeader;
    if (size != 0) std::memcpy(message, data.data(), size);
    SecBuffer buffers[] = {{sizes_.cbHeader, SECBUFFER_STREAM_HEADER, output_.data()},
                           {static_cast<ULONG>(size), SECBUFFER_DATA, message},
                           {sizes_.cbTrailer, SECBUFFER_STREAM_TRAILER, message + size},
                           {0, SECBUFFER_EMPTY, nullptr}};
    SecBufferDesc desc{SECBUFFER_VERSION, 4, buffers};
    const SECURITY_STATUS status = EncryptMessage(&context_, 0, &desc, 0);
    const std::size_t total = buffers[0].cbBuffer + buffers[1].cbBuffer + buffers[2].cbBuffer;
    tracer_->row(
        {options_.side, "EncryptMessage", status, size, status == SEC_E_OK ? total : 0, &desc});
    if (status == SEC_E_CONTEXT_EXPIRED && !has_shut_down_ && !reading_failed_) {
      // The reading side holds a handshake message and is about to call the loop with it; nothing
      // may be sealed in between (contract REN-6).
      loop_called_.wait_for(lock, kLoopWait);
      continue;
    }
    if (status != SEC_E_OK) throw Failure("EncryptMessage", status);
    transport_.write_all({output_.data(), total});
    data = data.subspan(size);
  } while (!data.empty());
}

std::span<const char> Session::receive() try {
  keep_extra(filled_ - std::exchange(consumed_, 0));
  for (;;) {
    SecBuffer buffers[] = {{static_cast<ULONG>(filled_), SECBUFFER_DATA, input_.data()},
                           {0, SECBUFFER_EMPTY, nullptr},
                           {0, SECBUFFER_EMPTY, nullptr},
                           {0, SECBUFFER_EMPTY, nullptr}};
    SecBufferDesc desc{SECBUFFER_VERSION, 4, buffers};
    const std::size_t offered = filled_;
    if (offered == 0) {
      if (!transport_.wait_readable(/*stoppable=*/true)) return {};
      read_more();
      continue;
    }
    const SECURITY_STATUS status = DecryptMessage(&context_, &desc, 0, nullptr);
    const SecBuffer* data = status == SEC_E_OK ? find(desc, SECBUFFER_DATA) : nullptr;
    tracer_->row({options_.side, "DecryptMessage", status, offered,
                  data == nullptr ? 0 : data->cbBuffer, &desc});
    if (status == SEC_E_INCOMPLETE_MESSAGE) {
      read_more();
      continue;
    }
    const std::size_t extra = extra_size(desc);
    if (status == SEC_I_RENEGOTIATE) {
      // TLS 1.3: a ticket or key update stands at the front of EXTRA (contract R-9).
      keep_extra(extra);
      run_loop(Leg::later);
      continue;
    }
    if (status == SEC_I_CONTEXT_EXPIRED) return {};
    if (status != SEC_E_OK) throw Failure("DecryptMessage", status);
    if (data == nullptr || data->cbBuffer == 0) {  // nothing for us in this record
      keep_extra(extra);
      continue;
    }
    consumed_ = filled_ - extra;
    return {static_cast<const char*>(data->pvBuffer), data->cbBuffer};
  }
} catch (...) {
  const std::lock_guard lock(writing_);
  reading_failed_ = true;
  loop_called_.notify_all();
  throw;
}

bool Session::has_shut_down() {
  const std::lock_guard lock(writing_);
  return has_shut_down_;
}

template <class Token>
void Session::send_control(Token token) {
  SecBuffer buffer{sizeof token, SECBUFFER_TOKEN, &token};
  SecBufferDesc desc{SECBUFFER_VERSION, 1, &buffer};
  SECURITY_STATUS status;
  {
    const std::lock_guard lock(writing_);
    has_shut_down_ = true;
    status = ApplyControlToken(&context_, &desc);
    tracer_->row({options_.side, "ApplyControlToken", status, sizeof token});
  }
  if (status != SEC_E_OK) throw Failure("ApplyControlToken", status);
  const SECURITY_STATUS sent = call_loop(Leg::later, nullptr, 0);
  if (sent < 0) throw Failure("the call after ApplyControlToken", sent);
}

void Session::shutdown() { send_control(DWORD{SCHANNEL_SHUTDOWN}); }

void Session::refuse(DWORD alert) {
  send_control(SCHANNEL_ALERT_TOKEN{SCHANNEL_ALERT, TLS1_ALERT_FATAL, alert});
}
