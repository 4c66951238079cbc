#pragma once
#include <openschannel/sspi.h>

#include <string_view>

// What the package says of itself (contract PKG-3 to PKG-5).
namespace schannel::package {

inline constexpr std::string_view kPackageNames[] = {
    "Microsoft Unified Security Protocol Provider",  // UNISP_NAME
    "Schannel",                                      // SCHANNEL_NAME
};
inline constexpr std::string_view kPackageComment = "Schannel Security Package";
inline constexpr ULONG kMaxTokenBytes = 0x6000;
inline constexpr ULONG kCapabilities =
    SECPKG_FLAG_INTEGRITY | SECPKG_FLAG_PRIVACY | SECPKG_FLAG_CONNECTION |
    SECPKG_FLAG_MULTI_REQUIRED | SECPKG_FLAG_EXTENDED_ERROR | SECPKG_FLAG_IMPERSONATION |
    SECPKG_FLAG_ACCEPT_WIN32_NAME | SECPKG_FLAG_STREAM | SECPKG_FLAG_MUTUAL_AUTH;

/// True for the names that mean this package, without regard to case (CRED-2).
bool is_package_name(std::string_view utf8);

/// A SecPkgInfoA or W array with one entry for each of `names`, in one block with its strings, to
/// be freed with FreeContextBuffer.
void* make_package_info(const std::string_view* names, std::size_t count, bool wide);

}  // namespace schannel::package
