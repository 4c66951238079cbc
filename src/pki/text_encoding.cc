#include "pki/text_encoding.h"

#include <openssl/evp.h>

#include <algorithm>

namespace schannel::pki {
namespace {

constexpr std::size_t kLineCharactersMax = 64;
constexpr char kDigits[] = "0123456789abcdef";

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

bool is_base64(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
         c == '/';
}

std::string_view end_of(LineEnd end) {
  switch (end) {
    case LineEnd::crlf:
      return "\r\n";
    case LineEnd::lf:
      return "\n";
    case LineEnd::none:
      break;
  }
  return {};
}

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string to_base64(Bytes bytes, LineEnd end) {
  Buffer encoded((bytes.size() + 2) / 3 * 4 + 1);  // libcrypto adds a terminator
  EVP_EncodeBlock(encoded.data(), bytes.data(), static_cast<int>(bytes.size()));
  const std::string_view all = as_text(Bytes(encoded).first(encoded.size() - 1));
  if (end == LineEnd::none) return std::string(all);
  std::string out;
  for (std::size_t at = 0; at < all.size(); at += kLineCharactersMax) {
    out += all.substr(at, kLineCharactersMax);
    out += end_of(end);
  }
  return out;
}

std::optional<Buffer> from_base64(std::string_view text) {
  Buffer characters;
  characters.reserve(text.size());
  for (const char c : text) {
    if (!is_space(c)) characters.push_back(static_cast<std::uint8_t>(c));
  }
  if (characters.size() % 4 != 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && padding < characters.size() &&
         characters[characters.size() - 1 - padding] == '=') {
    ++padding;
  }
  const Bytes digits = Bytes(characters).first(characters.size() - padding);
  const bool is_good = std::all_of(digits.begin(), digits.end(),
                                   [](std::uint8_t c) { return is_base64(static_cast<char>(c)); });
  if (!is_good) return std::nullopt;
  Buffer out(characters.size() / 4 * 3);
  if (out.empty()) return out;
  const int size =
      EVP_DecodeBlock(out.data(), characters.data(), static_cast<int>(characters.size()));
  if (size < 0) return std::nullopt;
  out.resize(static_cast<std::size_t>(size) - padding);
  return out;
}

std::string to_pem(Bytes bytes, const std::string& label, LineEnd end) {
  const std::string line_end(end == LineEnd::lf ? "\n" : "\r\n");
  return "-----BEGIN " + label + "-----" + line_end +
         to_base64(bytes, end == LineEnd::lf ? LineEnd::lf : LineEnd::crlf) + "-----END " + label +
         "-----" + line_end;
}

std::optional<Buffer> from_pem(std::string_view text, std::size_t& skipped) {
  constexpr std::string_view kBegin = "-----BEGIN ", kEnd = "-----END ", kDashes = "-----";
  skipped = text.find(kBegin);
  if (skipped == std::string_view::npos) return std::nullopt;
  const std::size_t label = skipped + kBegin.size();
  const std::size_t label_end = text.find(kDashes, label);
  if (label_end == std::string_view::npos) return std::nullopt;
  const std::size_t body = label_end + kDashes.size();
  const std::size_t end = text.find(kEnd, body);
  if (end == std::string_view::npos) return std::nullopt;
  return from_base64(text.substr(body, end - body));
}

std::string to_hex(Bytes bytes, LineEnd end) {
  constexpr std::size_t kLineBytes = 16;
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::size_t column = i % kLineBytes;
    if (end == LineEnd::none) {
      if (i != 0) out += ' ';
    } else if (column != 0) {
      out += column == kLineBytes / 2 ? "  " : " ";
    }
    out += kDigits[bytes[i] >> 4];
    out += kDigits[bytes[i] & 15];
    if (column == kLineBytes - 1 || i + 1 == bytes.size()) out += end_of(end);
  }
  return out;
}

std::string to_raw_hex(Bytes bytes) {
  std::string out;
  for (const std::uint8_t byte : bytes) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

std::optional<Buffer> from_hex(std::string_view text) {
  Buffer out;
  for (std::size_t i = 0; i < text.size();) {
    if (is_space(text[i])) {
      ++i;
      continue;
    }
    const int high = digit_of(text[i]);
    const int low = i + 1 < text.size() ? digit_of(text[i + 1]) : -1;
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<std::uint8_t>(high << 4 | low));
    i += 2;
  }
  return out;
}

}  // namespace schannel::pki
