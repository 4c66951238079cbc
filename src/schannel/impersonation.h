#pragma once
#include <openschannel/sspi.h>

#include <string>

#include "pki/mapping_accounts.h"

// The calling thread as another account (contract MAP-7, MAP-8). On Linux user and groups belong to
// a thread; libc's functions change all threads, the system calls that are used here change one.
namespace schannel::package {

/// From now on the calling thread acts as `account`, for `context`: its effective user, group and
/// supplementary groups, and no capability in effect unless the account is root. The real user
/// stays. An earlier impersonation of the thread is replaced. False with `why` set when the process
/// may not; then nothing has changed.
bool impersonate(const SecHandle& context, const pki::Account& account, std::string& why);

enum class Reverted : std::uint8_t { done, was_not, other_context };
/// The thread is itself again, exactly as it was; it works without the context still being there.
/// `other_context`: it impersonates for another one, and nothing has changed. When the system
/// refuses, the process is ended: it must not go on as somebody else than it thinks it is.
Reverted revert(const SecHandle& context);

}  // namespace schannel::package
