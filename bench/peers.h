#pragma once
#include <openschannel/schannel.h>
#include <openschannel/security.h>
#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <vector>

// The two TLS stacks under measurement, each as an established client and server in memory.

/// What both stacks are told to use.
struct TlsChoice {
  bool tls13;
  const char* suite;  ///< OpenSSL's name
};

/// libssl's client or server with memory BIOs.
class LibsslEnd {
 public:
  LibsslEnd(const TlsChoice& choice, bool is_server);
  ~LibsslEnd();
  LibsslEnd(const LibsslEnd&) = delete;
  LibsslEnd& operator=(const LibsslEnd&) = delete;

  SSL* ssl() { return ssl_; }
  /// Feeds bytes from the peer; gives what is to be sent.
  std::string exchange(const std::string& in);
  bool is_finished() const { return SSL_is_init_finished(ssl_) == 1; }

 private:
  SSL_CTX* context_;
  SSL* ssl_;
};

/// Our end, through the public functions.
class SspiEnd {
 public:
  SspiEnd(bool is_server, bool tls13);
  ~SspiEnd();
  SspiEnd(const SspiEnd&) = delete;
  SspiEnd& operator=(const SspiEnd&) = delete;

  PCtxtHandle context() { return &context_; }
  std::string exchange(const std::string& in);
  bool is_finished() const { return finished_; }

 private:
  bool is_server_;
  CredHandle credential_{};
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
