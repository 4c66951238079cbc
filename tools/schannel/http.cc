#include "http.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>
#include <vector>

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kHeadBytesMax = 16 * 1024;
/// From the first byte of a request to the end of its head: a peer that sends a byte now and then
/// must not hold a connection.
constexpr std::chrono::seconds kHeadTimeMax{20};
constexpr std::size_t kPieceBytes = 64 * 1024;

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

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// The text up to `end`, which is taken away with it; all of it where there is no `end`.
std::string_view take_until(std::string_view& text, std::string_view end) {
  const std::size_t at = text.find(end);
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(at == text.npos ? text.size() : at + end.size());
  return taken;
}

/// A head without its empty line. None: the answer is 400 (RFC 9112 sections 3 and 5).
std::optional<Request> parse(std::string_view head) {
  std::string_view first = take_until(head, "\r\n");
  Request request;
  request.method = take_until(first, " ");
  request.target = take_until(first, " ");
  const bool is_1_1 = first == "HTTP/1.1";
  if (request.method.empty() || request.target.empty()) return std::nullopt;
  if (!is_1_1 && first != "HTTP/1.0") return std::nullopt;
  request.keep_alive = is_1_1;
  int hosts = 0;
  while (!head.empty()) {
    std::string_view line = take_until(head, "\r\n");
    if (line.find(':') == line.npos) return std::nullopt;
    const std::string name = lower(take_until(line, ":"));
    // A blank before the colon, or a folded line, is how requests are smuggled past proxies.
    if (name.empty() || name.find_first_of(" \t") != name.npos) return std::nullopt;
    const std::string value = lower(trimmed(line));
    if (name == "host") ++hosts;
    if (name == "connection") {
      if (value.find("close") != value.npos) request.keep_alive = false;
      if (!is_1_1 && value.find("keep-alive") != value.npos) request.keep_alive = true;
    }
    if (name == "transfer-encoding") request.has_body = true;
    if (name == "content-length") {
      if (value.empty() || value.find_first_not_of("0123456789") != value.npos) {
        return std::nullopt;
      }
      if (value.find_first_not_of('0') != value.npos) request.has_body = true;
    }
  }
  if (hosts > 1 || (is_1_1 && hosts == 0)) return std::nullopt;
  return request;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  const auto digit = [](char c) {
    const std::size_t value =
        std::string_view("0123456789abcdef")
            .find(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
    return value == std::string_view::npos ? -1 : static_cast<int>(value);
  };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = digit(text[i + 1]), low = digit(text[i + 2]);
    if (high < 0 || low < 0 || (high == 0 && low == 0)) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

/// The path of a request target, decoded; none: the target is malformed.
std::optional<std::string> path_of(std::string_view target) {
  // The absolute form, which a server must understand as well (RFC 9112 section 3.2.2).
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (lower(target.substr(0, scheme.size())) != scheme) continue;
    target.remove_prefix(scheme.size());
    const std::size_t slash = target.find('/');
    target = slash == target.npos ? "/" : target.substr(slash);
  }
  if (target.empty() || target.front() != '/') return std::nullopt;
  return percent_decoded(target.substr(0, target.find_first_of("?#")));
}

/// The regular file behind a path, if it lies below `root` when all links are followed.
std::optional<fs::path> find_file(const fs::path& root, const std::string& path) {
  std::error_code error;
  const fs::path base = fs::canonical(root, error);
  if (error) return std::nullopt;
  fs::path file = base / path.substr(std::min(path.find_first_not_of('/'), path.size()));
  if (fs::is_directory(file, error)) file /= "index.html";
  file = fs::canonical(file, error);
  if (error || !fs::is_regular_file(file, error)) return std::nullopt;
  const auto inside = std::mismatch(base.begin(), base.end(), file.begin(), file.end());
  if (inside.first != base.end()) return std::nullopt;
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

/// What the answer to a request depends on besides its file.
struct Answer {
  bool keep_alive = false;
  bool with_body = true;  ///< Not for HEAD.
};

/// RFC 9110 section 5.6.7.
std::string http_date() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[40] = "";
  std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return text;
}

std::string head_text(std::string_view status, std::string_view type, std::uintmax_t size,
                      const Answer& answer) {
  return fmt::format(
      "HTTP/1.1 {}\r\nDate: {}\r\nServer: OpenSchannel\r\n"
      "Content-Type: {}\r\nContent-Length: {}\r\n{}Connection: {}\r\n\r\n",
      status, http_date(), type, size, status.substr(0, 3) == "405" ? "Allow: GET, HEAD\r\n" : "",
      answer.keep_alive ? "keep-alive" : "close");
}

void send_error(const Send& send, std::string_view status, const Answer& answer) {
  const std::string body = fmt::format("{}\n", status);
  const std::string head = head_text(status, "text/plain", body.size(), answer);
  send(answer.with_body ? head + body : head);
}

void send_file(const Send& send, const fs::path& file, const Answer& answer) {
  std::ifstream in(file, std::ios::binary);
  std::error_code error;
  const std::uintmax_t size = fs::file_size(file, error);
  if (!in || error) return send_error(send, "403 Forbidden", answer);
  send(head_text("200 OK", content_type(file), size, answer));
  std::vector<char> piece(kPieceBytes);
  for (std::uintmax_t left = answer.with_body ? size : 0; left > 0;) {
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
    std::optional<Clock::time_point> begin;
    while ((end = pending.find("\r\n\r\n")) == std::string::npos || end > kHeadBytesMax) {
      if (pending.size() > kHeadBytesMax) {
        return send_error(send, "431 Request Header Fields Too Large", {});
      }
      if (begin && Clock::now() - *begin > kHeadTimeMax) {
        return send_error(send, "408 Request Timeout", {});
      }
      const std::span<const char> more = receive();
      if (more.empty()) return;
      if (!begin) begin = Clock::now();
      pending.append(more.begin(), more.end());
    }
    const std::optional<Request> request = parse(std::string_view(pending).substr(0, end));
    pending.erase(0, end + 4);
    const auto path = request ? path_of(request->target) : std::nullopt;
    if (!path) return send_error(send, "400 Bad Request", {});
    // A body that nobody reads would be taken for the next request.
    keep_alive = request->keep_alive && !request->has_body;
    const Answer answer{keep_alive, request->method != "HEAD"};
    if (request->method != "GET" && request->method != "HEAD") {
      send_error(send, "405 Method Not Allowed", answer);
    } else if (const auto file = find_file(directory, *path)) {
      send_file(send, *file, answer);
    } else {
      send_error(send, "404 Not Found", answer);
    }
  }
}
