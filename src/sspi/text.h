#pragma once
#include <string>

namespace schannel::sspi {

/// A caller's string as UTF-8. Null gives an empty one. A wide string that holds what is no
/// character gives false.
inline bool to_utf8(const char* text, std::string& out) {
  if (text != nullptr) out = text;
  return true;
}
bool to_utf8(const wchar_t* text, std::string& out);

}  // namespace schannel::sspi
