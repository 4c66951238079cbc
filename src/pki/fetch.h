#pragma once
#include <chrono>
#include <optional>
#include <string>

#include "base/bytes.h"

namespace schannel::pki {

/// One HTTP request. With a body it is a POST.
struct FetchRequest {
  std::string url;
  Buffer body;
  std::string content_type;  ///< Of the body.
  std::chrono::milliseconds timeout{0};
  std::size_t bytes_max = 0;
};

/// The body of an answer with status 200; nothing on any failure: no connection, too slow, too
/// long, another status, a redirect to another scheme than http. Waits for it, at most `timeout`.
/// Sends no cookies and no credentials. libcurl's environment variables for proxies are heeded.
std::optional<Buffer> fetch(const FetchRequest& request);

}  // namespace schannel::pki
