// A TLS server with the Schannel SSPI that sends back what it receives, a thread for each client:
//
//   echo_server PORT [CERTIFICATE.pem KEY.pem]
//
// Without files it makes a certificate for localhost that nobody trusts. Try it with
//
//   echo_server 4433 &
//   openssl s_client -connect localhost:4433
//
// The library never sees the socket: this program moves every byte.
#include <netinet/in.h>
#include <openschannel/extensions.h>
#include <openschannel/schannel.h>
#include <openschannel/security.h>
#include <openschannel/wincrypt.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

[[noreturn]] void fail(const char* what, SECURITY_STATUS status) {
  throw std::runtime_error(std::string(what) + ": " + OpenSchannelStatusText(status) + " (" +
                           OpenSchannelErrorDetail() + ")");
}

/// One client: its socket, its context, and the encrypted bytes that are not used up yet.
class Client {
 public:
  Client(int socket, CredHandle* credential) : socket_(socket), credential_(credential) {}
  ~Client() {
    if (has_context_) DeleteSecurityContext(&context_);
    close(socket_);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void handshake() {
    receive_more();
    run_loop();
    QueryContextAttributesA(&context_, SECPKG_ATTR_STREAM_SIZES, &sizes_);
  }

  /// The next message; empty when the client has said that it closes.
  std::vector<char> receive() {
    for (;;) {
      SecBuffer buffers[] = {{static_cast<ULONG>(input_.size()), SECBUFFER_DATA, input_.data()},
                             {0, SECBUFFER_EMPTY, nullptr},
                             {0, SECBUFFER_EMPTY, nullptr},
                             {0, SECBUFFER_EMPTY, nullptr}};
      SecBufferDesc desc{SECBUFFER_VERSION, 4, buffers};
      const SECURITY_STATUS status = DecryptMessage(&context_, &desc, 0, nullptr);
      if (status == SEC_E_INCOMPLETE_MESSAGE) {
        receive_more();
        continue;
      }
      if (status == SEC_I_CONTEXT_EXPIRED) return {};
      if (status == SEC_I_RENEGOTIATE) {  // a key update of TLS 1.3: the loop's business
        keep_extra(desc);
        run_loop();
        continue;
      }
      if (status != SEC_E_OK) fail("DecryptMessage", status);
      // The plaintext lies inside of input_, so it is copied before the rest moves to the front.
      const auto* data = static_cast<const char*>(buffers[1].pvBuffer);
      std::vector<char> message(data, data + buffers[1].cbBuffer);
      keep_extra(desc);
      if (!message.empty()) return message;
    }
  }

  /// `message` is one that receive() gave: never more than cbMaximumMessage bytes.
  void send(const std::vector<char>& message) {
    std::vector<char> record(sizes_.cbHeader + message.size() + sizes_.cbTrailer);
    char* const data = record.data() + sizes_.cbHeader;
    std::memcpy(data, message.data(), message.size());
    SecBuffer buffers[] = {{sizes_.cbHeader, SECBUFFER_STREAM_HEADER, record.data()},
                           {static_cast<ULONG>(message.size()), SECBUFFER_DATA, data},
                           {sizes_.cbTrailer, SECBUFFER_STREAM_TRAILER, data + message.size()},
                           {0, SECBUFFER_EMPTY, nullptr}};
    SecBufferDesc desc{SECBUFFER_VERSION, 4, buffers};
    const SECURITY_STATUS status = EncryptMessage(&context_, 0, &desc, 0);
    if (status != SEC_E_OK) fail("EncryptMessage", status);
    send_all(record.data(), buffers[0].cbBuffer + buffers[1].cbBuffer + buffers[2].cbBuffer);
  }

  /// Says goodbye; the client knows that nothing was cut off.
  void shutdown() {
    DWORD token = SCHANNEL_SHUTDOWN;
    SecBuffer buffer{sizeof token, SECBUFFER_TOKEN, &token};
    SecBufferDesc desc{SECBUFFER_VERSION, 1, &buffer};
    if (const SECURITY_STATUS status = ApplyControlToken(&context_, &desc); status != SEC_E_OK) {
      fail("ApplyControlToken", status);
    }
    accept(nullptr);
  }

 private:
  /// One call of the loop; sends what it gives. On failure, too: then it is the alert.
  SECURITY_STATUS accept(SecBufferDesc* input) {
    SecBuffer token{0, SECBUFFER_TOKEN, nullptr};
    SecBufferDesc output{SECBUFFER_VERSION, 1, &token};
    ULONG attributes = 0;
    const SECURITY_STATUS status = AcceptSecurityContext(
        credential_, has_context_ ? &context_ : nullptr, input,
        ASC_REQ_ALLOCATE_MEMORY | ASC_REQ_STREAM | ASC_REQ_CONFIDENTIALITY | ASC_REQ_EXTENDED_ERROR,
        0, &context_, &output, &attributes, nullptr);
    // The first part of a ClientHello makes no context yet.
    if (status >= 0) has_context_ = true;
    const std::string bytes(static_cast<const char*>(token.pvBuffer), token.cbBuffer);
    FreeContextBuffer(token.pvBuffer);
    send_all(bytes.data(), bytes.size());
    return status;
  }

  /// From what is in input_ to SEC_E_OK.
  void run_loop() {
    for (;;) {
      SecBuffer buffers[] = {{static_cast<ULONG>(input_.size()), SECBUFFER_TOKEN, input_.data()},
                             {0, SECBUFFER_EMPTY, nullptr}};
      SecBufferDesc desc{SECBUFFER_VERSION, 2, buffers};
      const SECURITY_STATUS status = accept(&desc);
      if (status != SEC_E_INCOMPLETE_MESSAGE) {
        if (status < 0) fail("AcceptSecurityContext", status);
        keep_extra(desc);
        if (status == SEC_E_OK) return;
        if (!input_.empty()) continue;
      }
      receive_more();
    }
  }

  /// What a call has not used are the last bytes of the input (EXT-6); all else may go.
  void keep_extra(const SecBufferDesc& desc) {
    std::size_t extra = 0;
    for (ULONG i = 0; i < desc.cBuffers; ++i) {
      if (desc.pBuffers[i].BufferType == SECBUFFER_EXTRA) extra = desc.pBuffers[i].cbBuffer;
    }
    input_.erase(input_.begin(), input_.end() - static_cast<std::ptrdiff_t>(extra));
  }

  void receive_more() {
    char bytes[16384];
    const ssize_t size = read(socket_, bytes, sizeof bytes);
    if (size <= 0) throw std::runtime_error("the client is gone without a goodbye");
    input_.insert(input_.end(), bytes, bytes + size);
  }

  void send_all(const char* bytes, std::size_t size) {
    while (size > 0) {
      const ssize_t sent = write(socket_, bytes, size);
      if (sent <= 0) throw std::runtime_error("the client takes nothing any more");
      bytes += sent;
      size -= static_cast<std::size_t>(sent);
    }
  }

  int socket_;
  CredHandle* credential_;
  CtxtHandle context_{};
  bool has_context_ = false;
  SecPkgContext_StreamSizes sizes_{};
  std::vector<char> input_;
};

void serve(int socket, CredHandle* credential) {
  try {
    Client client(socket, credential);
    client.handshake();
    for (;;) {
      const std::vector<char> message = client.receive();
      if (message.empty()) break;
      client.send(message);
    }
    client.shutdown();
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "%s\n", failure.what());
  }
}

/// A certificate with its key: from the files, or made on the spot.
PCCERT_CONTEXT load_certificate(int argc, char** argv) {
  PCCERT_CONTEXT certificate = nullptr;
  if (argc == 4) {
    HCERTSTORE store = OpenSchannelImportPemFiles(argv[2], argv[3], nullptr);
    if (store == nullptr) fail("reading the files", static_cast<SECURITY_STATUS>(GetLastError()));
    certificate = CertEnumCertificatesInStore(store, nullptr);
    CertCloseStore(store, 0);  // the context keeps what it needs
  } else {
    certificate = OpenSchannelCreateSelfSignedCertificate("localhost,127.0.0.1",
                                                          OPENSCHANNEL_KEY_ECDSA_P256, 30);
  }
  if (certificate == nullptr) {
    fail("no certificate", static_cast<SECURITY_STATUS>(GetLastError()));
  }
  return certificate;
}

int run(int argc, char** argv) {
  PCCERT_CONTEXT certificate = load_certificate(argc, argv);
  SCH_CREDENTIALS policy{};
  policy.dwVersion = SCH_CREDENTIALS_VERSION;
  policy.cCreds = 1;
  policy.paCred = &certificate;
  CredHandle credential;
  const SECURITY_STATUS status =
      AcquireCredentialsHandleA(nullptr, UNISP_NAME_A, SECPKG_CRED_INBOUND, nullptr, &policy,
                                nullptr, nullptr, &credential, nullptr);
  CertFreeCertificateContext(certificate);
  if (status != SEC_E_OK) fail("AcquireCredentialsHandle", status);

  const int listener = socket(AF_INET6, SOCK_STREAM, 0);
  const int yes = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;  // takes IPv4, too
  address.sin6_port = htons(static_cast<std::uint16_t>(std::atoi(argv[1])));
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener, SOMAXCONN) != 0) {
    std::perror("listen");
    return 3;
  }
  socklen_t size = sizeof address;
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  std::printf("listening on port %d\n", ntohs(address.sin6_port));
  std::fflush(stdout);
  for (;;) {
    const int client = ::accept(listener, nullptr, nullptr);
    if (client < 0) {
      std::perror("accept");
      std::exit(3);  // not return: the threads still use the credential
    }
    // One credential serves any number of contexts at the same time.
    std::thread(serve, client, &credential).detach();
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 && argc != 4) {
    std::fprintf(stderr, "usage: echo_server PORT [CERTIFICATE.pem KEY.pem]\n");
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return run(argc, argv);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "%s\n", failure.what());
    return 1;
  }
}
