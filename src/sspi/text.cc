#include "sspi/text.h"

#include "schannel/text.h"

namespace schannel::sspi {

bool to_utf8(const wchar_t* text, std::string& out) {
  return text == nullptr || package::wide_to_utf8(text, out);
}

}  // namespace schannel::sspi
