#include "pki/fetch.h"

#include <curl/curl.h>

#include <memory>
#include <new>

#include "base/limits.h"
#include "pki/owned.h"

namespace schannel::pki {
namespace {

using CurlPtr = std::unique_ptr<CURL, FreeWith<curl_easy_cleanup>>;
using HeadersPtr = std::unique_ptr<curl_slist, FreeWith<curl_slist_free_all>>;

struct Received {
  Buffer content;
  std::size_t bytes_max;
};

/// libcurl's callback for a piece of the body: fewer bytes taken than given ends the transfer.
std::size_t receive(const char* data, std::size_t, std::size_t size, void* argument) noexcept {
  auto& received = *static_cast<Received*>(argument);
  if (size > received.bytes_max - received.content.size()) return 0;
  try {
    received.content.insert(received.content.end(), data, data + size);
  } catch (...) {
    return 0;
  }
  return size;
}

bool is_ready() {
  // Once in a process, and never undone: the program may use libcurl as well.
  static const bool done = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  return done;
}

/// Every option, or none of it counts.
class Options {
 public:
  explicit Options(CURL* handle) : handle_(handle) {}
  template <class T>
  Options& set(CURLoption option, T value) {
    good_ = good_ && curl_easy_setopt(handle_, option, value) == CURLE_OK;
    return *this;
  }
  bool is_good() const { return good_; }

 private:
  CURL* handle_;
  bool good_ = true;
};

}  // namespace

std::optional<Buffer> fetch(const FetchRequest& request) {
  if (request.timeout.count() <= 0 || !is_ready()) return std::nullopt;
  const CurlPtr handle = allocated(CurlPtr(curl_easy_init()));
  Received received{{}, request.bytes_max};
  Options options(handle.get());
  options.set(CURLOPT_URL, request.url.c_str())
      .set(CURLOPT_PROTOCOLS_STR, "http")
      .set(CURLOPT_REDIR_PROTOCOLS_STR, "http")
      .set(CURLOPT_FOLLOWLOCATION, 1L)
      .set(CURLOPT_MAXREDIRS, kRevocationRedirectCountMax)
      // POST stays POST: an OCSP request is in the body.
      .set(CURLOPT_POSTREDIR, long{CURL_REDIR_POST_ALL})
      .set(CURLOPT_NOSIGNAL, 1L)  // the process is somebody else's
      .set(CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()))
      .set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(request.bytes_max))
      .set(CURLOPT_FAILONERROR, 1L)
      .set(CURLOPT_USERAGENT, "OpenSchannel")
      .set(CURLOPT_WRITEFUNCTION, receive)
      .set(CURLOPT_WRITEDATA, &received);
  HeadersPtr headers;
  if (!request.body.empty()) {
    headers = allocated(
        HeadersPtr(curl_slist_append(nullptr, ("Content-Type: " + request.content_type).c_str())));
    options.set(CURLOPT_POST, 1L)
        .set(CURLOPT_POSTFIELDS, request.body.data())
        .set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()))
        .set(CURLOPT_HTTPHEADER, headers.get());
  }
  if (!options.is_good() || curl_easy_perform(handle.get()) != CURLE_OK) return std::nullopt;
  long status = 0;
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status != 200 || received.content.empty()) return std::nullopt;
  return std::move(received.content);
}

}  // namespace schannel::pki
