#pragma once
#include <sys/types.h>

#include <optional>
#include <string>
#include <variant>
#include <vector>

// The accounts of this machine, as NSS knows them: /etc/passwd and whatever stands beside it in
// nsswitch.conf.
namespace schannel::pki {

struct Account {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;              ///< Primary.
  std::vector<gid_t> groups;  ///< All, the primary included.
};

/// The account, nothing when there is none of that name, or a sentence about why it can't be said.
using AccountLookup = std::variant<std::optional<Account>, std::string>;
AccountLookup find_account(const std::string& name);

}  // namespace schannel::pki
