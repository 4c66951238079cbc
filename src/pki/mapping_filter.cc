#include "pki/mapping_filter.h"

#include <algorithm>

namespace schannel::pki {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  std::optional<Filter> parse() {
    Filter out;
    if (!filter(out, 0) || !rest_.empty()) return std::nullopt;
    return out;
  }

 private:
  bool take(char wanted) {
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool filter(Filter& out, std::size_t depth) {
    if (depth > kFilterDepthMax || ++parts_ > kFilterPartCountMax || !take('(')) return false;
    if (take('&')) {
      out.kind = Filter::Kind::all;
    } else if (take('|')) {
      out.kind = Filter::Kind::any;
    } else {
      return condition(out) && take(')');
    }
    while (!rest_.empty() && rest_.front() == '(') {
      if (!filter(out.parts.emplace_back(), depth + 1)) return false;
    }
    return !out.parts.empty() && take(')');
  }

  /// "attribute=value", or the value alone.
  bool condition(Filter& out) {
    const std::string_view text = rest_.substr(0, rest_.find_first_of("()"));
    rest_.remove_prefix(text.size());
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) {
      out.attribute = "uid";
      return value(text, out.value);
    }
    out.attribute = text.substr(0, equals);
    for (char& c : out.attribute) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
      const bool is_name =
          (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == ';' || c == '.';
      if (!is_name) return false;
    }
    return !out.attribute.empty() && value(text.substr(equals + 1), out.value);
  }

  static bool value(std::string_view text, std::string& out) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '*' || text[i] == '\0') return false;
      if (text[i] != '\\') {
        out += text[i];
        continue;
      }
      const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
      const int low = high < 0 ? -1 : hex_value(text[i + 2]);
      if (low < 0) return false;
      out += static_cast<char>(high << 4 | low);
      i += 2;
    }
    return !out.empty();
  }

  std::string_view rest_;
  std::size_t parts_ = 0;
};

}  // namespace

std::optional<Filter> parse_filter(std::string_view text) { return Parser(text).parse(); }

}  // namespace schannel::pki
