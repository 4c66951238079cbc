#include "schannel/impersonation.h"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <system_error>
#include <vector>

namespace schannel::package {
namespace {

// Where the numbers without a suffix are for ids of 16 bits.
#ifdef SYS_setresuid32
constexpr long kSetUser = SYS_setresuid32;
constexpr long kSetGroup = SYS_setresgid32;
constexpr long kSetGroups = SYS_setgroups32;
constexpr long kReadUser = SYS_getresuid32;
constexpr long kReadGroup = SYS_getresgid32;
constexpr long kReadGroups = SYS_getgroups32;
#else
constexpr long kSetUser = SYS_setresuid;
constexpr long kSetGroup = SYS_setresgid;
constexpr long kSetGroups = SYS_setgroups;
constexpr long kReadUser = SYS_getresuid;
constexpr long kReadGroup = SYS_getresgid;
constexpr long kReadGroups = SYS_getgroups;
#endif

constexpr auto kUnchanged = static_cast<unsigned>(-1);

struct Ids {
  unsigned real = 0;
  unsigned effective = 0;
  unsigned saved = 0;
};
using Capabilities = std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3>;

/// What a thread is.
struct Identity {
  Ids user;
  Ids group;
  std::vector<gid_t> groups;
  Capabilities capabilities{};
};

[[noreturn]] void die(std::string_view what) {
  // Nobody can be asked, and going on would be as somebody else.
  static_cast<void>(!write(STDERR_FILENO, what.data(), what.size()));
  std::abort();
}

bool read_capabilities(Capabilities& out) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  return syscall(SYS_capget, &header, out.data()) == 0;
}
bool set_capabilities(const Capabilities& value) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  return syscall(SYS_capset, &header, value.data()) == 0;
}

bool read_identity(Identity& out) {
  const long count = syscall(kReadGroups, 0, nullptr);
  if (count < 0) return false;
  out.groups.resize(static_cast<std::size_t>(count));
  return syscall(kReadGroups, count, out.groups.data()) == count &&
         syscall(kReadUser, &out.user.real, &out.user.effective, &out.user.saved) == 0 &&
         syscall(kReadGroup, &out.group.real, &out.group.effective, &out.group.saved) == 0 &&
         read_capabilities(out.capabilities);
}

bool set_groups(const std::vector<gid_t>& groups) {
  return syscall(kSetGroups, groups.size(), groups.data()) == 0;
}
bool set_group(const Ids& ids) {
  return syscall(kSetGroup, ids.real, ids.effective, ids.saved) == 0;
}
bool set_user(const Ids& ids) { return syscall(kSetUser, ids.real, ids.effective, ids.saved) == 0; }

/// What has been changed so far, and has to be changed back.
enum class Stage : std::uint8_t { nothing, groups, group, user };

/// The way back, in the opposite order: the user first, as it brings the right to the rest.
void restore(const Identity& own, Stage stage) {
  const auto must = [](bool done) {
    if (!done) die("OpenSchannel: the thread can't go back to its own user and groups; abort\n");
  };
  if (stage >= Stage::user) {
    must(set_user({kUnchanged, own.user.effective, kUnchanged}));
    must(set_capabilities(own.capabilities));
    must(set_user(own.user));
    must(set_capabilities(own.capabilities));
  }
  if (stage >= Stage::group) must(set_group(own.group));
  if (stage >= Stage::groups) must(set_groups(own.groups));
}

/// Whom to become, with everything that takes memory: between the first change of the thread and
/// the last nothing may fail for want of it.
struct Wanted {
  explicit Wanted(const pki::Account& account)
      : uid(account.uid), gid(account.gid), groups(account.groups), seen(groups.size()) {
    std::sort(groups.begin(), groups.end());
  }
  uid_t uid;
  gid_t gid;
  std::vector<gid_t> groups;  ///< Sorted.
  std::vector<gid_t> seen;    ///< Room for those that the kernel has.
};

/// The thread is what was wanted, and not only told so.
bool is(Wanted& wanted) {
  const auto count = static_cast<long>(wanted.groups.size());
  Ids user;
  Ids group;
  if (syscall(kReadGroups, 0, nullptr) != count ||
      syscall(kReadGroups, count, wanted.seen.data()) != count ||
      syscall(kReadUser, &user.real, &user.effective, &user.saved) != 0 ||
      syscall(kReadGroup, &group.real, &group.effective, &group.saved) != 0) {
    return false;
  }
  std::sort(wanted.seen.begin(), wanted.seen.end());
  return user.effective == wanted.uid && group.effective == wanted.gid &&
         wanted.seen == wanted.groups;
}

/// How far the thread has come; or at which step it was refused, and is what it was.
struct Became {
  std::optional<Stage> stage;
  const char* step = nullptr;
  int error = 0;
};

Became become(const Identity& own, Wanted& wanted) {
  if (is(wanted)) return {Stage::nothing};  // itself, which needs no right
  Stage stage = Stage::nothing;
  const auto refused = [&](const char* step) {
    const int error = errno;
    restore(own, stage);
    return Became{std::nullopt, step, error};
  };
  // The user last: with it go the rights to the others. What is saved is the way back, and with a
  // saved user of root the permitted capabilities stay, too.
  if (!set_groups(wanted.groups)) return refused("groups");
  stage = Stage::groups;
  if (!set_group({kUnchanged, wanted.gid, own.group.effective})) return refused("group");
  stage = Stage::group;
  if (!set_user({kUnchanged, wanted.uid, own.user.effective})) return refused("user");
  stage = Stage::user;
  if (wanted.uid != 0) {
    // The kernel does that only when root becomes somebody else.
    Capabilities none{};
    if (!read_capabilities(none)) return refused("capabilities");
    for (__user_cap_data_struct& word : none) word.effective = 0;
    if (!set_capabilities(none)) return refused("capabilities");
  }
  if (!is(wanted)) {
    errno = EPERM;
    return refused("identity");
  }
  return {stage};
}

struct Impersonation {
  SecHandle context;
  Identity own;
  Wanted wanted;
  Stage stage;
};
thread_local std::optional<Impersonation> current;

bool is_same(const SecHandle& one, const SecHandle& other) {
  return one.dwLower == other.dwLower && one.dwUpper == other.dwUpper;
}

}  // namespace

bool impersonate(const SecHandle& context, const pki::Account& account, std::string& why) {
  Impersonation next{context, {}, Wanted(account), Stage::nothing};
  if (current) {
    next.own = current->own;
    restore(current->own, current->stage);
  } else if (!read_identity(next.own)) {
    why = "the thread's identity can't be read: " + std::generic_category().message(errno);
    return false;
  }
  const Became became = become(next.own, next.wanted);
  if (became.stage) {
    next.stage = *became.stage;
    current = std::move(next);
    return true;
  }
  if (current && !become(current->own, current->wanted).stage) {
    die("OpenSchannel: the thread can't go back to the account it impersonated; abort\n");
  }
  why = std::string("the thread can't take over the account's ") + became.step + ": " +
        std::generic_category().message(became.error) +
        (became.error == EPERM ? " (CAP_SETUID and CAP_SETGID are needed)" : "");
  return false;
}

Reverted revert(const SecHandle& context) {
  if (!current) return Reverted::was_not;
  if (!is_same(current->context, context)) return Reverted::other_context;
  restore(current->own, current->stage);
  current.reset();
  return Reverted::done;
}

}  // namespace schannel::package
