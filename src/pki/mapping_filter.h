#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What a mapping rule expands to, for accounts of this machine (docs/mapping.md): search filters of
// RFC 4515, but only what names accounts: equality, and, or. And SSSD's short form "(name)".
namespace schannel::pki {

struct Filter {
  enum class Kind : std::uint8_t { equals, all, any };
  Kind kind = Kind::equals;
  std::string attribute;  ///< Lower case; "uid" in the short form.
  std::string value;      ///< Without its escapes.
  std::vector<Filter> parts;
};

/// Most conditions in one filter, and how deep they may be nested.
inline constexpr std::size_t kFilterPartCountMax = 32;
inline constexpr std::size_t kFilterDepthMax = 8;

/// Nothing for anything else: negation, substrings, presence, comparisons, an empty value, bytes
/// that are escaped wrongly, and what is too large.
std::optional<Filter> parse_filter(std::string_view text);

}  // namespace schannel::pki
