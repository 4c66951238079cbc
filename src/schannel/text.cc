#include "schannel/text.h"

#include "pki/text.h"

namespace schannel::package {

bool wide_to_utf8(std::wstring_view wide, std::string& out) {
  std::optional<std::string> text = pki::to_utf8(wide);
  if (!text) return false;
  out = std::move(*text);
  return true;
}

}  // namespace schannel::package
