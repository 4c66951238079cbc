#include "support/revocation.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace contract {

Bytes make_list(const Issued& issuer, const std::vector<const Issued*>& revoked, long seconds) {
  const std::unique_ptr<X509_CRL, Freed<X509_CRL_free>> list(X509_CRL_new());
  X509_CRL_set_version(list.get(), X509_CRL_VERSION_2);
  X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(issuer.certificate.get()));
  ASN1_TIME* time = X509_gmtime_adj(nullptr, -7200);
  X509_CRL_set1_lastUpdate(list.get(), time);
  X509_gmtime_adj(time, seconds);
  X509_CRL_set1_nextUpdate(list.get(), time);
  X509_gmtime_adj(time, -3600);
  for (const Issued* one : revoked) {
    X509_REVOKED* entry = X509_REVOKED_new();
    X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(one->certificate.get()));
    X509_REVOKED_set_revocationDate(entry, time);
    X509_CRL_add0_revoked(list.get(), entry);
  }
  ASN1_TIME_free(time);
  EXPECT_GT(X509_CRL_sign(list.get(), issuer.key.get(), EVP_sha256()), 0);
  unsigned char* der = nullptr;
  const int size = i2d_X509_CRL(list.get(), &der);
  Bytes out(der, der + size);
  OPENSSL_free(der);
  return out;
}

Bytes make_response(const Issued& certificate, const Issued& issuer, const Response& what) {
  OCSP_BASICRESP* basic = OCSP_BASICRESP_new();
  OCSP_CERTID* id = OCSP_cert_to_id(what.with_sha256_id ? EVP_sha256() : EVP_sha1(),
                                    certificate.certificate.get(), issuer.certificate.get());
  ASN1_TIME* from = X509_gmtime_adj(nullptr, -7200);
  ASN1_TIME* until = X509_gmtime_adj(nullptr, what.seconds);
  const int status = what.said == Said::good      ? V_OCSP_CERTSTATUS_GOOD
                     : what.said == Said::revoked ? V_OCSP_CERTSTATUS_REVOKED
                                                  : V_OCSP_CERTSTATUS_UNKNOWN;
  EXPECT_NE(OCSP_basic_add1_status(basic, id, status, OCSP_REVOKED_STATUS_UNSPECIFIED,
                                   what.said == Said::revoked ? from : nullptr, from, until),
            nullptr);
  const Issued& signer = what.responder != nullptr ? *what.responder : issuer;
  EXPECT_EQ(OCSP_basic_sign(basic, signer.certificate.get(), signer.key.get(),
                            what.signed_with_sha1 ? EVP_sha1() : EVP_sha256(), nullptr, 0),
            1);
  OCSP_RESPONSE* response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
  unsigned char* der = nullptr;
  const int size = i2d_OCSP_RESPONSE(response, &der);
  Bytes out(der, der + size);
  OPENSSL_free(der);
  OCSP_RESPONSE_free(response);
  ASN1_TIME_free(from);
  ASN1_TIME_free(until);
  OCSP_CERTID_free(id);
  OCSP_BASICRESP_free(basic);
  return out;
}

namespace {

int listen_on_loopback(unsigned short& port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(listen(listener, 16), 0);
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  port = ntohs(address.sin_port);
  return listener;
}

Bytes http(const std::string& head, const Bytes& body = {}) {
  const std::string text = "HTTP/1.1 " + head +
                           "Connection: close\r\nContent-Length: " + std::to_string(body.size()) +
                           "\r\n\r\n";
  Bytes all(text.begin(), text.end());
  all.insert(all.end(), body.begin(), body.end());
  return all;
}

}  // namespace

HttpServer::HttpServer() : listener_(listen_on_loopback(port_)) {
  EXPECT_EQ(pipe(end_), 0);
  thread_ = std::thread([this] { run(); });
}

HttpServer::~HttpServer() {
  close(end_[1]);
  thread_.join();
  close(end_[0]);
  close(listener_);
}

std::string HttpServer::url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(port_) + path;
}

void HttpServer::serve(const std::string& path, Bytes body) {
  const std::lock_guard lock(mutex_);
  pages_[path] = {http("200 OK\r\n", body)};
}

void HttpServer::redirect(const std::string& path, const std::string& location) {
  const std::lock_guard lock(mutex_);
  pages_[path] = {http("302 Found\r\nLocation: " + location + "\r\n")};
}

void HttpServer::stall(const std::string& path) {
  const std::lock_guard lock(mutex_);
  pages_[path] = {{}, true};
}

void HttpServer::run() {
  for (;;) {
    pollfd waiting[] = {{listener_, POLLIN, 0}, {end_[0], POLLIN, 0}};
    if (poll(waiting, 2, -1) < 0 || waiting[1].revents != 0) return;
    const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) return;
    answer(connection);
    close(connection);
  }
}

void HttpServer::answer(int connection) {
  // The head, and of the body whatever there is: what a request asks for is in its path.
  std::string request;
  std::size_t body = std::string::npos;
  std::size_t length = 0;
  while (body == std::string::npos || request.size() < body + length) {
    pollfd waiting[] = {{connection, POLLIN, 0}, {end_[0], POLLIN, 0}};
    if (poll(waiting, 2, -1) < 0 || waiting[1].revents != 0) return;
    char piece[4096];
    const ssize_t size = recv(connection, piece, sizeof piece, 0);
    if (size <= 0) return;
    request.append(piece, static_cast<std::size_t>(size));
    if (body == std::string::npos && request.find("\r\n\r\n") != std::string::npos) {
      body = request.find("\r\n\r\n") + 4;
      const std::size_t header = request.find("Content-Length: ");
      if (header < body) length = std::stoul(request.substr(header + 16));
    }
  }
  ++request_count_;
  const std::size_t path = request.find(' ') + 1;
  Page page{http("404 Not Found\r\n")};
  {
    const std::lock_guard lock(mutex_);
    const auto found = pages_.find(request.substr(path, request.find(' ', path) - path));
    if (found != pages_.end()) page = found->second;
  }
  if (page.stalls) {
    // Until the client has lost its patience, or the test is over.
    pollfd waiting[] = {{connection, POLLIN, 0}, {end_[0], POLLIN, 0}};
    poll(waiting, 2, -1);
    return;
  }
  for (std::size_t sent = 0; sent < page.answer.size();) {
    const ssize_t size =
        send(connection, page.answer.data() + sent, page.answer.size() - sent, MSG_NOSIGNAL);
    if (size <= 0) return;
    sent += static_cast<std::size_t>(size);
  }
  shutdown(connection, SHUT_WR);
  char rest[64];
  pollfd waiting[] = {{connection, POLLIN, 0}, {end_[0], POLLIN, 0}};
  if (poll(waiting, 2, -1) > 0 && waiting[1].revents == 0) {
    static_cast<void>(recv(connection, rest, sizeof rest, 0));
  }
}

std::string dead_url() {
  // Bound and closed again: nothing listens there.
  unsigned short port = 0;
  close(listen_on_loopback(port));
  return "http://127.0.0.1:" + std::to_string(port) + "/";
}

OwnCache::OwnCache() {
  std::string folder = std::filesystem::temp_directory_path() / "openschannel-cache-XXXXXX";
  EXPECT_NE(mkdtemp(folder.data()), nullptr);
  folder_ = folder;
  setenv("OPENSCHANNEL_CACHE_DIR", folder_.c_str(), 1);
}

OwnCache::~OwnCache() {
  unsetenv("OPENSCHANNEL_CACHE_DIR");
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::vector<std::string> OwnCache::files() const {
  std::vector<std::string> all;
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    all.push_back(entry.path());
  }
  return all;
}

}  // namespace contract
