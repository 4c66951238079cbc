#pragma once
#include <string>
#include <string_view>

namespace schannel::package {

/// False when some wchar_t is no character; `out` is then unchanged.
bool wide_to_utf8(std::wstring_view wide, std::string& out);

}  // namespace schannel::package
