#include "pki/mapping_accounts.h"

#include <grp.h>
#include <pwd.h>

#include <cerrno>
#include <system_error>

namespace schannel::pki {
namespace {

/// getpwnam_r says ERANGE until there is room for one entry; an entry is not larger than this.
constexpr std::size_t kEntryBytesMax = 1U << 20;
constexpr int kGroupCountMax = 65536;  // NGROUPS_MAX

bool means_none(int error) {
  return error == 0 || error == ENOENT || error == ESRCH || error == EBADF || error == EPERM;
}

}  // namespace

AccountLookup find_account(const std::string& name) {
  // No name of an account has these; NSS modules differ in what they make of them.
  if (name.empty() || name.size() > 256 || name.find('\0') != std::string::npos) {
    return std::nullopt;
  }
  std::vector<char> memory(4096);
  passwd entry{};
  passwd* found = nullptr;
  int error = 0;
  while ((error = getpwnam_r(name.c_str(), &entry, memory.data(), memory.size(), &found)) ==
         ERANGE) {
    if (memory.size() >= kEntryBytesMax) break;
    memory.resize(memory.size() * 4);
  }
  if (found == nullptr) {
    if (means_none(error)) return std::nullopt;
    return "the account can't be looked up: " + std::generic_category().message(error);
  }
  Account account{found->pw_name, found->pw_uid, found->pw_gid, std::vector<gid_t>(64)};
  int count = static_cast<int>(account.groups.size());
  while (getgrouplist(account.name.c_str(), account.gid, account.groups.data(), &count) < 0) {
    if (count > kGroupCountMax || static_cast<std::size_t>(count) <= account.groups.size()) {
      return "the groups of the account can't be looked up";
    }
    account.groups.resize(static_cast<std::size_t>(count));
  }
  account.groups.resize(static_cast<std::size_t>(count));
  return account;
}

}  // namespace schannel::pki
