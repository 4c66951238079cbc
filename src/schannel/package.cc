#include "schannel/package.h"

#include <algorithm>
#include <cwchar>
#include <string>

#include "pki/text.h"
#include "schannel/context_buffer.h"

namespace schannel::package {
namespace {

/// `Info` is SecPkgInfoA or SecPkgInfoW, `Char` its character type.
template <class Info, class Char>
void* make(const std::string_view* names, std::size_t count) {
  const auto units = [](std::string_view text) { return text.size() + 1; };
  std::size_t characters = 0;
  for (std::size_t i = 0; i < count; ++i) characters += units(names[i]) + units(kPackageComment);
  void* block = allocate_context_buffer(count * sizeof(Info) + characters * sizeof(Char));
  auto* info = static_cast<Info*>(block);
  void* behind = info + count;
  auto* text = static_cast<Char*>(behind);
  const auto put = [&](std::string_view ascii) {
    Char* at = text;
    text = std::copy(ascii.begin(), ascii.end(), text);
    *text++ = 0;
    return at;
  };
  for (std::size_t i = 0; i < count; ++i) {
    info[i].fCapabilities = kCapabilities;
    info[i].wVersion = 1;
    info[i].wRPCID = 14;  // UNISP_RPC_ID
    info[i].cbMaxToken = kMaxTokenBytes;
    info[i].Name = put(names[i]);
    info[i].Comment = put(kPackageComment);
  }
  return block;
}

}  // namespace

bool is_package_name(std::string_view utf8) {
  return std::any_of(std::begin(kPackageNames), std::end(kPackageNames),
                     [&](std::string_view name) { return pki::equal_without_case(name, utf8); });
}

void* make_package_info(const std::string_view* names, std::size_t count, bool wide) {
  return wide ? make<SecPkgInfoW, wchar_t>(names, count) : make<SecPkgInfoA, char>(names, count);
}

}  // namespace schannel::package
