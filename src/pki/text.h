#pragma once
#include <optional>
#include <string>
#include <string_view>

// Characters: UTF-8 inside and in A functions, wchar_t (UTF-32) in W functions.
namespace schannel::pki {

/// Nothing when some wchar_t is no character.
std::optional<std::string> to_utf8(std::wstring_view text);
/// What is no UTF-8 becomes U+FFFD.
std::wstring to_wide(std::string_view text);

/// Equal but for the case of the letters A to Z.
bool equal_without_case(std::string_view a, std::string_view b);
bool contains_without_case(std::string_view text, std::string_view part);

}  // namespace schannel::pki
