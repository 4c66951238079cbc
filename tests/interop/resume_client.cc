#include <netinet/in.h>
#include <openschannel/extensions.h>
#include <openschannel/schannel.h>
#include <openschannel/security.h>
#include <openschannel/wincrypt.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>

// A client with one credential that makes several connections to the same server, one after the
// other, and says of each whether it was resumed and what the server has sent for the handshake:
//
//     resume_client PORT CA_FILE 1.2|1.3 COUNT TEXT
//
// The server answers TEXT with whatever it likes. One line for each connection:
//
//     resumed=0 messages=2,11,12,14 bytes=1234 certificate=567
//
// messages: types of the handshake messages that came unprotected, 20 for change_cipher_spec;
// bytes: all that came until the handshake was complete; certificate: size of the server's.

namespace {

using Text = std::string;

void require(bool good, const char* what, long status = 0) {
  if (good) return;
  char text[200];
  std::snprintf(text, sizeof text, "%s: 0x%08lx", what,
                static_cast<unsigned long>(status) & 0xffffffff);
  throw std::runtime_error(text);
}

class Socket {
 public:
  explicit Socket(int port) : number_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    timeval patience{20, 0};
    setsockopt(number_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    require(connect(number_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0,
            "connect");
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() { close(number_); }

  void send(const void* data, std::size_t size) const {
    require(::send(number_, data, size, MSG_NOSIGNAL) == static_cast<ssize_t>(size), "send");
  }
  /// What comes, appended; false at the end.
  bool receive(Text& into) const {
    char buffer[0x8000];
    const ssize_t got = recv(number_, buffer, sizeof buffer, 0);
    require(got >= 0, "recv");
    into.append(buffer, static_cast<std::size_t>(got));
    return got > 0;
  }

 private:
  int number_;
};

unsigned byte_at(const Text& text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

/// The types of the unprotected handshake messages of a stream of records.
Text messages_in_the_open(const Text& records) {
  Text handshake, out;
  const auto drain = [&] {
    while (handshake.size() >= 4) {
      const std::size_t size =
          byte_at(handshake, 1) << 16 | byte_at(handshake, 2) << 8 | byte_at(handshake, 3);
      if (handshake.size() < 4 + size) break;
      out += (out.empty() ? "" : ",") + std::to_string(byte_at(handshake, 0));
      handshake.erase(0, 4 + size);
    }
  };
  for (std::size_t at = 0; at + 5 <= records.size();) {
    const unsigned type = byte_at(records, at);
    const std::size_t size = byte_at(records, at + 3) << 8 | byte_at(records, at + 4);
    if (type == 20) return out + (out.empty() ? "20" : ",20");
    if (type != 22) break;
    handshake += records.substr(at + 5, size);
    drain();
    at += 5 + size;
  }
  return out;
}

class Connection {
 public:
  Connection(CredHandle* credential, int port) : credential_(credential), socket_(port) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    if (has_context_) DeleteSecurityContext(&context_);
  }

  void handshake() {
    SECURITY_STATUS status = call(false);
    while (status == SEC_I_CONTINUE_NEEDED || status == SEC_E_INCOMPLETE_MESSAGE) {
      const std::size_t before = input_.size();
      require(socket_.receive(input_), "the server has closed");
      received_ += input_.substr(before);
      status = call(false);
      // Asked for a certificate: goes on without.
      if (status == SEC_I_INCOMPLETE_CREDENTIALS) status = call(false);
    }
    require(status == SEC_E_OK, "InitializeSecurityContext", status);
    received_.resize(received_.size() - input_.size());
  }

  void report() {
    SecPkgContext_SessionInfo info{};
    QueryContextAttributesA(&context_, SECPKG_ATTR_SESSION_INFO, &info);
    PCCERT_CONTEXT certificate = nullptr;
    const SECURITY_STATUS status =
        QueryContextAttributesA(&context_, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &certificate);
    require(status == SEC_E_OK, "REMOTE_CERT_CONTEXT", status);
    std::printf("resumed=%lu messages=%s bytes=%zu certificate=%lu\n",
                static_cast<unsigned long>(info.dwFlags & SSL_SESSION_RECONNECT),
                messages_in_the_open(received_).c_str(), received_.size(),
                static_cast<unsigned long>(certificate->cbCertEncoded));
    CertFreeCertificateContext(certificate);
  }

  void send(const Text& text) {
    SecPkgContext_StreamSizes sizes{};
    QueryContextAttributesA(&context_, SECPKG_ATTR_STREAM_SIZES, &sizes);
    Text record(sizes.cbHeader + text.size() + sizes.cbTrailer, '\0');
    std::memcpy(record.data() + sizes.cbHeader, text.data(), text.size());
    SecBuffer buffers[4] = {
        {sizes.cbHeader, SECBUFFER_STREAM_HEADER, record.data()},
        {static_cast<ULONG>(text.size()), SECBUFFER_DATA, record.data() + sizes.cbHeader},
        {sizes.cbTrailer, SECBUFFER_STREAM_TRAILER, record.data() + sizes.cbHeader + text.size()},
        {0, SECBUFFER_EMPTY, nullptr}};
    SecBufferDesc desc{SECBUFFER_VERSION, 4, buffers};
    const SECURITY_STATUS status = EncryptMessage(&context_, 0, &desc, 0);
    require(status == SEC_E_OK, "EncryptMessage", status);
    socket_.send(record.data(), buffers[0].cbBuffer + buffers[1].cbBuffer + buffers[2].cbBuffer);
  }

  /// Until the first bytes of data have come; tickets on the way are taken.
  void receive() {
    for (;;) {
      SecBuffer buffers[4] = {{static_cast<ULONG>(input_.size()), SECBUFFER_DATA, input_.data()}};
      SecBufferDesc desc{SECBUFFER_VERSION, 4, buffers};
      const SECURITY_STATUS status =
          input_.empty() ? SEC_E_INCOMPLETE_MESSAGE : DecryptMessage(&context_, &desc, 0, nullptr);
      if (status == SEC_E_INCOMPLETE_MESSAGE) {
        require(socket_.receive(input_), "the server has closed");
        continue;
      }
      std::size_t data = 0, extra = 0;
      for (const SecBuffer& buffer : buffers) {
        if (buffer.BufferType == SECBUFFER_DATA) data = buffer.cbBuffer;
        if (buffer.BufferType == SECBUFFER_EXTRA) extra = buffer.cbBuffer;
      }
      input_.erase(0, input_.size() - extra);
      if (status == SEC_I_RENEGOTIATE) {
        const SECURITY_STATUS taken = call(true);
        require(taken == SEC_E_OK, "a ticket", taken);
      } else {
        require(status == SEC_E_OK, "DecryptMessage", status);
        if (data != 0) return;
      }
    }
  }

  void shutdown() {
    DWORD token = SCHANNEL_SHUTDOWN;
    SecBuffer buffer{sizeof token, SECBUFFER_TOKEN, &token};
    SecBufferDesc desc{SECBUFFER_VERSION, 1, &buffer};
    ApplyControlToken(&context_, &desc);
    input_.clear();
    call(true);
  }

 private:
  /// InitializeSecurityContext with what has come; what it gives is sent.
  SECURITY_STATUS call(bool established) {
    SecBuffer in[2] = {{static_cast<ULONG>(input_.size()), SECBUFFER_TOKEN, input_.data()},
                       {0, SECBUFFER_EMPTY, nullptr}};
    SecBufferDesc input{SECBUFFER_VERSION, 2, in};
    SecBuffer out{0, SECBUFFER_TOKEN, nullptr};
    SecBufferDesc output{SECBUFFER_VERSION, 1, &out};
    ULONG attributes = 0;
    char target[] = "localhost";
    const SECURITY_STATUS status = InitializeSecurityContextA(
        credential_, has_context_ ? &context_ : nullptr, target,
        ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_STREAM | ISC_REQ_CONFIDENTIALITY, 0, 0,
        has_context_ && !(established && input_.empty()) ? &input : nullptr, 0, &context_, &output,
        &attributes, nullptr);
    if (status >= 0) has_context_ = true;
    if (out.cbBuffer != 0) socket_.send(out.pvBuffer, out.cbBuffer);
    if (out.pvBuffer != nullptr) FreeContextBuffer(out.pvBuffer);
    if (status != SEC_E_INCOMPLETE_MESSAGE) {
      const std::size_t extra = in[1].BufferType == SECBUFFER_EXTRA ? in[1].cbBuffer : 0;
      input_.erase(0, input_.size() - extra);
    }
    return status;
  }

  CredHandle* credential_;
  Socket socket_;
  CtxtHandle context_{};
  bool has_context_ = false;
  Text input_;     ///< Not used yet.
  Text received_;  ///< All of the handshake.
};

void run(char** arguments) {
  HCERTSTORE roots = OpenSchannelImportPemFiles(arguments[2], nullptr, nullptr);
  require(roots != nullptr, "the CA file");
  const bool tls13 = Text(arguments[3]) == "1.3";
  TLS_PARAMETERS parameters{};
  parameters.grbitDisabledProtocols = tls13 ? SP_PROT_TLS1_2_CLIENT : SP_PROT_TLS1_3_CLIENT;
  SCH_CREDENTIALS data{};
  data.dwVersion = SCH_CREDENTIALS_VERSION;
  data.hRootStore = roots;
  data.cTlsParameters = 1;
  data.pTlsParameters = &parameters;
  CredHandle credential{};
  char package[] = UNISP_NAME_A;
  const SECURITY_STATUS status =
      AcquireCredentialsHandleA(nullptr, package, SECPKG_CRED_OUTBOUND, nullptr, &data, nullptr,
                                nullptr, &credential, nullptr);
  require(status == SEC_E_OK, "AcquireCredentialsHandle", status);
  Text text = arguments[5];
  for (std::size_t at = 0; (at = text.find("\\n", at)) != Text::npos;) text.replace(at, 2, "\r\n");
  for (int i = std::atoi(arguments[4]); i > 0; --i) {
    Connection connection(&credential, std::atoi(arguments[1]));
    connection.handshake();
    connection.report();
    connection.send(text + "\n");
    connection.receive();
    connection.shutdown();
  }
  FreeCredentialsHandle(&credential);
  CertCloseStore(roots, 0);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 6) {
    std::fprintf(stderr, "resume_client PORT CA_FILE 1.2|1.3 COUNT TEXT\n");
    return 2;
  }
  try {
    run(arguments);
  } catch (const std::exception& failure) {
    std::fflush(stdout);
    std::fprintf(stderr, "resume_client: %s\n", failure.what());
    return 1;
  }
  return 0;
}
