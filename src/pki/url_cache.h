#pragma once
#include <optional>
#include <string_view>

#include "base/bytes.h"

// What was fetched and found good, on disk, so that the next process need not ask again. Whoever
// reads it checks it as if it came from the network: a file that somebody has put there or that is
// damaged is worth no more than a stranger's answer.
namespace schannel::pki {

/// What was kept under `key`, or nothing.
std::optional<Buffer> read_cache(std::string_view key);
/// Keeps `content`, as a whole or not at all. The oldest files go when the cache is above the
/// limits of base/limits.h. A cache that can't be written is no failure.
void write_cache(std::string_view key, Bytes content);

/// $OPENSCHANNEL_CACHE_DIR, or openschannel/ below $XDG_CACHE_HOME or below ~/.cache. Empty: there
/// is none, as in programs that run set-user-id.
std::string cache_folder();

}  // namespace schannel::pki
