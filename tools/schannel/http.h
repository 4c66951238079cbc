#pragma once
#include <functional>
#include <span>
#include <string>

/// Serves files over HTTP/1.1: GET and HEAD, keep-alive. `receive` gives the next bytes (empty:
/// the peer has closed), `send` takes what goes out.
void serve_http(const std::string& directory, const std::function<std::span<const char>()>& receive,
                const std::function<void(std::span<const char>)>& send);
