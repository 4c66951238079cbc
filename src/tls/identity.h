#pragma once
#include "tls/config.h"

// Which of several certificates a server shows (contract CRED-24).
namespace schannel::tls {

/// How well the names of a certificate fit what a client asked for by SNI.
enum class NameFit : std::uint8_t { exact, wildcard, none };

/// `server_name` as received: ASCII, in upper or lower case, perhaps with a dot at the end. A
/// wildcard stands for one label (RFC 6125 section 6.4.3).
NameFit name_fit(const Identity& identity, std::string_view server_name);

/// `identities` by their NameFit, best first, each group in its order. Without a name all of them
/// are alike; those that do not fit come last instead of being left out, because a client that is
/// shown another name can say what is wrong (RFC 6066 section 3 leaves the choice).
using Identities = std::vector<std::shared_ptr<const Identity>>;
std::array<Identities, 3> by_server_name(const Identities& identities,
                                         std::string_view server_name);

/// SHA-256 of the certificate itself: what a session remembers of who the server was.
Buffer leaf_hash(const Identity& identity);

}  // namespace schannel::tls
