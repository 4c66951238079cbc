#include <openschannel/sspi.h>

#include <algorithm>
#include <iterator>

#include "schannel/package.h"
#include "sspi/barrier.h"
#include "sspi/text.h"

// Packages and the function table (contract section P).
namespace {

using namespace schannel;  // NOLINT(google-build-using-namespace): this file is one layer's face
using sspi::answer;

template <class Info>
SECURITY_STATUS enumerate(ULONG* count, Info** info, bool wide) {
  return answer([&] {
    if (count == nullptr || info == nullptr) return SEC_E_INVALID_HANDLE;  // PKG-1
    constexpr std::size_t kCount = std::size(package::kPackageNames);
    *info = static_cast<Info*>(package::make_package_info(package::kPackageNames, kCount, wide));
    *count = static_cast<ULONG>(kCount);
    return SEC_E_OK;
  });
}

template <class Info, class Char>
SECURITY_STATUS query(const Char* package_name, Info** info, bool wide) {
  return answer([&] {
    if (info == nullptr) return SEC_E_INVALID_HANDLE;
    std::string name;
    if (package_name == nullptr || !sspi::to_utf8(package_name, name) ||
        !package::is_package_name(name)) {
      set_error_detail("no such security package (PKG-2)");
      return SEC_E_SECPKG_NOT_FOUND;
    }
    // Under the name that was asked for.
    const bool short_name = name.size() == package::kPackageNames[1].size();
    *info = static_cast<Info*>(
        package::make_package_info(&package::kPackageNames[short_name ? 1 : 0], 1, wide));
    return SEC_E_OK;
  });
}

}  // namespace

extern "C" {

SECURITY_STATUS SEC_ENTRY EnumerateSecurityPackagesA(ULONG* pcPackages,
                                                     PSecPkgInfoA* ppPackageInfo) {
  return enumerate(pcPackages, ppPackageInfo, /*wide=*/false);
}
SECURITY_STATUS SEC_ENTRY EnumerateSecurityPackagesW(ULONG* pcPackages,
                                                     PSecPkgInfoW* ppPackageInfo) {
  return enumerate(pcPackages, ppPackageInfo, /*wide=*/true);
}
SECURITY_STATUS SEC_ENTRY QuerySecurityPackageInfoA(const SEC_CHAR* pszPackageName,
                                                    PSecPkgInfoA* ppPackageInfo) {
  return query(pszPackageName, ppPackageInfo, /*wide=*/false);
}
SECURITY_STATUS SEC_ENTRY QuerySecurityPackageInfoW(const SEC_WCHAR* pszPackageName,
                                                    PSecPkgInfoW* ppPackageInfo) {
  return query(pszPackageName, ppPackageInfo, /*wide=*/true);
}

SECURITY_STATUS SEC_ENTRY ChangeAccountPasswordA(const SEC_CHAR*, const SEC_CHAR*, const SEC_CHAR*,
                                                 const SEC_CHAR*, const SEC_CHAR*, BOOLEAN, ULONG,
                                                 PSecBufferDesc) {
  return SEC_E_UNSUPPORTED_FUNCTION;  // PKG-10
}
SECURITY_STATUS SEC_ENTRY ChangeAccountPasswordW(const SEC_WCHAR*, const SEC_WCHAR*,
                                                 const SEC_WCHAR*, const SEC_WCHAR*,
                                                 const SEC_WCHAR*, BOOLEAN, ULONG, PSecBufferDesc) {
  return SEC_E_UNSUPPORTED_FUNCTION;  // PKG-10
}

}  // extern "C"
