#include "http.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string_view>
#include <vector>

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kHeadBytesMax = 16 * 1024;

struct Request {
  std::string method;
  std::string target;
  bool keep_alive = true;
  bool has_body = false;
};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

std::optional<Request> parse(const std::string& head) {
  std::istringstream lines(head);
  std::string line, version;
  Request request;
  if (!std::getline(lines, line)) return std::nullopt;
  std::istringstream first(line);
  if (!(first >> request.method >> request.target >> version)) return std::nullopt;
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return std::nullopt;
  request.keep_alive = version == "HTTP/1.1";
  while (std::getline(lines, line)) {
    const std::string text = lower(line);
    if (text.rfind("connection:", 0) == 0) {
      if (text.find("close") != std::string::npos) request.keep_alive = false;
      if (text.find("keep-alive") != std::string::npos) request.keep_alive = true;
    }
    if (text.rfind("transfer-encoding:", 0) == 0) request.has_body = true;
    if (text.rfind("content-length:", 0) == 0 && text.find_first_of("123456789") != text.npos) {
      request.has_body = true;
    }
  }
  return request;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size() || std::isxdigit(static_cast<unsigned char>(text[i + 1])) == 0 ||
        std::isxdigit(static_cast<unsigned char>(text[i + 2])) == 0) {
      return std::nullopt;
    }
    out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
    i += 2;
  }
  if (out.find('\0') != std::string::npos) return std::nullopt;
  return out;
}

/// The file behind a request target, if it lies in `root`.
std::optional<fs::path> find_file(const fs::path& root, std::string_view target) {
  const auto path = percent_decoded(target.substr(0, target.find_first_of("?#")));
  if (!path || path->empty() || path->front() != '/') return std::nullopt;
  std::error_code error;
  fs::path file = fs::weakly_canonical(root / path->substr(1), error);
  if (!error && fs::is_directory(file, error)) file /= "index.html";
  const fs::path base = fs::canonical(root, error);
  const auto inside = std::mismatch(base.begin(), base.end(), file.begin(), file.end());
  if (inside.first != base.end() || !fs::is_regular_file(file, error)) return std::nullopt;
  return file;
}

const char* content_type(const fs::path& file) {
  const std::string extension = lower(file.extension().string());
  if (extension == ".html") return "text/html; charset=utf-8";
  if (extension == ".css") return "text/css";
  if (extension == ".js") return "text/javascript";
  if (extension == ".json") return "application/json";
  if (extension == ".txt" || extension == ".md") return "text/plain; charset=utf-8";
  if (extension == ".png") return "image/png";
  if (extension == ".svg") return "image/svg+xml";
  return "application/octet-stream";
}

using Send = std::function<void(std::span<const char>)>;

void send_head(const Send& send, std::string_view status, std::string_view type, std::size_t size,
               bool keep_alive) {
  const std::string head = fmt::format(
      "HTTP/1.1 {}\r\nServer: OpenSchannel\r\nContent-Type: {}\r\nContent-Length: {}\r\n"
      "Connection: {}\r\n\r\n",
      status, type, size, keep_alive ? "keep-alive" : "close");
  send(head);
}

void send_error(const Send& send, std::string_view status, bool keep_alive, bool with_body) {
  const std::string body = fmt::format("{}\n", status);
  send_head(send, status, "text/plain", body.size(), keep_alive);
  if (with_body) send(body);
}

void send_file(const Send& send, const fs::path& file, bool keep_alive, bool with_body) {
  std::ifstream in(file, std::ios::binary);
  std::error_code error;
  const std::uintmax_t size = fs::file_size(file, error);
  if (!in || error) return send_error(send, "403 Forbidden", keep_alive, with_body);
  send_head(send, "200 OK", content_type(file), static_cast<std::size_t>(size), keep_alive);
  std::vector<char> piece(64 * 1024);
  for (std::uintmax_t left = with_body ? size : 0; left > 0;) {
    const auto want = static_cast<std::streamsize>(std::min<std::uintmax_t>(left, piece.size()));
    if (!in.read(piece.data(), want)) throw std::runtime_error("a file shrank while it was sent");
    send({piece.data(), static_cast<std::size_t>(want)});
    left -= static_cast<std::uintmax_t>(want);
  }
}

}  // namespace

void serve_http(const std::string& directory, const std::function<std::span<const char>()>& receive,
                const Send& send) {
  std::string pending;
  for (bool keep_alive = true; keep_alive;) {
    std::size_t end = 0;
    while ((end = pending.find("\r\n\r\n")) == std::string::npos) {
      if (pending.size() > kHeadBytesMax) {
        return send_error(send, "431 Request Header Fields Too Large", false, true);
      }
      const std::span<const char> more = receive();
      if (more.empty()) return;
      pending.append(more.begin(), more.end());
    }
    const std::optional<Request> request = parse(pending.substr(0, end + 2));
    pending.erase(0, end + 4);
    if (!request) return send_error(send, "400 Bad Request", false, true);
    // A body that nobody reads would be taken for the next request.
    keep_alive = request->keep_alive && !request->has_body;
    const bool with_body = request->method != "HEAD";
    if (request->method != "GET" && request->method != "HEAD") {
      send_error(send, "405 Method Not Allowed", keep_alive, true);
    } else if (const auto file = find_file(directory, request->target)) {
      send_file(send, *file, keep_alive, with_body);
    } else {
      send_error(send, "404 Not Found", keep_alive, with_body);
    }
  }
}
