#include <openschannel/schannel.h>

#include "schannel/session_cache.h"
#include "sspi/barrier.h"
#include "sspi/text.h"

// The functions on the session cache. Their contract is in <openschannel/schannel.h>.
namespace {

using namespace schannel;  // NOLINT(google-build-using-namespace): this file is one layer's face

template <class Char>
BOOL empty_cache(const Char* target_name) noexcept {
  BOOL any = FALSE;
  static_cast<void>(sspi::answer([&] {
    std::string target;
    if (!sspi::to_utf8(target_name, target)) return SEC_E_TARGET_UNKNOWN;
    const std::string key = package::session_target(std::move(target));
    any =
        package::ClientSessions::empty_all(target_name == nullptr ? nullptr : &key) ? TRUE : FALSE;
    return SEC_E_OK;
  }));
  return any;
}

}  // namespace

extern "C" {

BOOL WINAPI SslEmptyCacheA(LPSTR pszTargetName, DWORD) { return empty_cache(pszTargetName); }
BOOL WINAPI SslEmptyCacheW(LPWSTR pszTargetName, DWORD) { return empty_cache(pszTargetName); }

}  // extern "C"
