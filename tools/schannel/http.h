#pragma once
#include <functional>
#include <span>
#include <string>

/// Serves the files below a directory over HTTP/1.1 (RFC 9112): GET and HEAD, keep-alive. Nothing
/// outside the directory, whatever the path or a symbolic link says. `receive` gives the next bytes
/// (empty: the peer has closed), `send` takes what goes out; what they throw passes through.
void serve_http(const std::string& directory, const std::function<std::span<const char>()>& receive,
                const std::function<void(std::span<const char>)>& send);
