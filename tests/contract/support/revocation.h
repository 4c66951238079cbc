#pragma once
#include "support/libssl_peer.h"
// After the above, which gives OpenSSL its names back.
#include <openssl/ocsp.h>

#include <atomic>
#include <map>
#include <mutex>
#include <thread>

// Who says that a certificate has been revoked: lists, answers of responders, and a real HTTP
// server on loopback that hands them out.
namespace contract {

/// A list that `issuer` signs, current from now on for `seconds` (negative: already over).
Bytes make_list(const Issued& issuer, const std::vector<const Issued*>& revoked,
                long seconds = 3600);

enum class Said { good, revoked, unknown };

struct Response {
  Said said = Said::good;
  long seconds = 3600;                ///< until nextUpdate
  const Issued* responder = nullptr;  ///< signs it, instead of the issuer; its certificate is sent
  bool with_sha256_id = false;
  bool signed_with_sha1 = false;
};
/// An OCSP response about `certificate`, DER.
Bytes make_response(const Issued& certificate, const Issued& issuer, const Response& what = {});

class HttpServer {
 public:
  HttpServer();
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::string url(const std::string& path) const;
  void serve(const std::string& path, Bytes body);
  void redirect(const std::string& path, const std::string& location);
  /// Takes the request and never answers.
  void stall(const std::string& path);
  unsigned requests() const { return request_count_; }

 private:
  struct Page {
    Bytes answer;
    bool stalls = false;
  };
  void run();
  void answer(int connection);

  unsigned short port_ = 0;
  int listener_;
  int end_[2]{};  ///< A pipe that ends every wait.
  std::mutex mutex_;
  std::map<std::string, Page> pages_;
  std::atomic<unsigned> request_count_ = 0;
  std::thread thread_;
};

/// An address that nobody listens on.
std::string dead_url();

/// A cache of its own for the rest of the process or until the object is gone: the tests of one
/// process run one after the other.
class OwnCache {
 public:
  OwnCache();
  ~OwnCache();
  OwnCache(const OwnCache&) = delete;
  OwnCache& operator=(const OwnCache&) = delete;
  const std::string& folder() const { return folder_; }
  std::vector<std::string> files() const;

 private:
  std::string folder_;
};

}  // namespace contract
