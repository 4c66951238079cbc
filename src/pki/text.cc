#include "pki/text.h"

#include <algorithm>
#include <cstdint>

namespace schannel::pki {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

/// The least character that needs so many bytes behind the first.
constexpr char32_t kLeast[] = {0, 0x80, 0x800, 0x10000};

bool is_character(char32_t c) { return c < 0xD800 || (c > 0xDFFF && c <= 0x10FFFF); }

void append_utf8(std::string& out, char32_t c) {
  const auto add = [&out](char32_t bits) { out += static_cast<char>(bits); };
  if (c < 0x80) {
    add(c);
  } else if (c < 0x800) {
    add(0xC0 | c >> 6);
    add(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    add(0xE0 | c >> 12);
    add(0x80 | (c >> 6 & 0x3F));
    add(0x80 | (c & 0x3F));
  } else {
    add(0xF0 | c >> 18);
    add(0x80 | (c >> 12 & 0x3F));
    add(0x80 | (c >> 6 & 0x3F));
    add(0x80 | (c & 0x3F));
  }
}

/// Takes one character from the front of `text`, which is not empty (RFC 3629 section 4).
char32_t take_character(std::string_view& text) {
  const auto first = static_cast<std::uint8_t>(text.front());
  text.remove_prefix(1);
  if (first < 0x80) return first;
  const std::size_t more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
  if (first < 0xC0 || first > 0xF4 || text.size() < more) return kReplacement;
  char32_t c = first & (0x3FU >> more);
  for (std::size_t i = 0; i < more; ++i) {
    const auto next = static_cast<std::uint8_t>(text[i]);
    if ((next & 0xC0) != 0x80) return kReplacement;
    c = c << 6 | (next & 0x3F);
  }
  if (c < kLeast[more] || !is_character(c)) return kReplacement;
  text.remove_prefix(more);
  return c;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool same_letter(char a, char b) { return lower(a) == lower(b); }

}  // namespace

std::optional<std::string> to_utf8(std::wstring_view text) {
  std::string out;
  for (const wchar_t c : text) {
    if (!is_character(static_cast<char32_t>(c))) return std::nullopt;
    append_utf8(out, static_cast<char32_t>(c));
  }
  return out;
}

std::wstring to_wide(std::string_view text) {
  std::wstring out;
  while (!text.empty()) out += static_cast<wchar_t>(take_character(text));
  return out;
}

bool equal_without_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), same_letter);
}

bool contains_without_case(std::string_view text, std::string_view part) {
  return std::search(text.begin(), text.end(), part.begin(), part.end(), same_letter) !=
             text.end() ||
         part.empty();
}

}  // namespace schannel::pki
