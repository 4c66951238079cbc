#pragma once
#include <openschannel/schannel.h>
#include <openschannel/security.h>
#include <openssl/ssl.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

// The two TLS stacks under measurement, each as client and server in memory. What programs make
// once, credentials and SSL_CTX, is kept apart from what each connection costs.

/// What a stack is told to use.
struct TlsChoice {
  bool tls13;
  const char* suite;  ///< OpenSSL's name
};

/// SSL_CTX of a libssl client or server. No tickets and no sessions: ours resumes nothing yet. No
/// chain building: what is compared is TLS, and ours is told to leave it as well.
class LibsslContext {
 public:
  LibsslContext(const TlsChoice& choice, bool is_server);
  ~LibsslContext();
  LibsslContext(const LibsslContext&) = delete;
  LibsslContext& operator=(const LibsslContext&) = delete;
  SSL_CTX* native() const { return context_; }
  bool is_server() const { return is_server_; }

 private:
  SSL_CTX* context_;
  bool is_server_;
};

/// libssl's client or server with memory BIOs.
class LibsslEnd {
 public:
  explicit LibsslEnd(const LibsslContext& context);
  ~LibsslEnd();
  LibsslEnd(const LibsslEnd&) = delete;
  LibsslEnd& operator=(const LibsslEnd&) = delete;

  SSL* ssl() { return ssl_; }
  /// Feeds bytes from the peer; gives what is to be sent.
  std::string exchange(const std::string& in);
  bool is_finished() const { return SSL_is_init_finished(ssl_) == 1; }

 private:
  SSL* ssl_;
};

/// A credential handle of ours.
class SspiCredential {
 public:
  SspiCredential(bool is_server, bool tls13);
  ~SspiCredential();
  SspiCredential(const SspiCredential&) = delete;
  SspiCredential& operator=(const SspiCredential&) = delete;
  PCredHandle handle() { return &handle_; }
  bool is_server() const { return is_server_; }

 private:
  CredHandle handle_{};
  bool is_server_;
};

/// Our end, through the public functions.
class SspiEnd {
 public:
  explicit SspiEnd(SspiCredential& credential) : credential_(credential) {}
  ~SspiEnd();
  SspiEnd(const SspiEnd&) = delete;
  SspiEnd& operator=(const SspiEnd&) = delete;

  PCtxtHandle context() { return &context_; }
  std::string exchange(const std::string& in);
  bool is_finished() const { return finished_; }

 private:
  SspiCredential& credential_;
  CtxtHandle context_{};
  bool has_context_ = false;
  bool finished_ = false;
  std::string pending_;
};

/// Runs both ends to the end of their handshake; aborts with a message when that fails.
template <class A, class B>
void connect(A& client, B& server) {
  std::string to_server = client.exchange({});
  for (int i = 0; i < 20 && !(client.is_finished() && server.is_finished() && to_server.empty());
       ++i) {
    const std::string to_client = server.exchange(to_server);
    to_server = client.exchange(to_client);
  }
  if (!client.is_finished() || !server.is_finished()) {
    std::fprintf(stderr, "a handshake of the benchmark failed\n");
    std::abort();
  }
}
