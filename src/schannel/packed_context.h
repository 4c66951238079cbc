#pragma once
#include <openschannel/winerror.h>

#include "base/bytes.h"

// How an exported context travels: sealed, never in the clear (contract PKG-11, PKG-12).
//
//   "OSCX" | form | kind | 32 bytes of salt | ciphertext | 16 bytes of tag
//
// AES-256-GCM under a key that seals this one image: HKDF of a secret with the salt (RFC 5869). The
// secret is the caller's, or, for another process of the same user on this machine, 32 random bytes
// in a POSIX shared memory object that only this user can read and that the import takes away.
namespace schannel::package {

/// Shortest key of a caller's: as long as the one that is made of it.
inline constexpr std::size_t kExportKeyBytesMin = 32;
/// A context that nobody has imported within this time can't be imported any more.
inline constexpr std::int64_t kExportedSecondsMax = 3600;
/// Every packed context is larger than the image by this.
inline constexpr std::size_t kPackedOverheadBytes = 4 + 1 + 1 + 32 + 16;

/// `key` empty: for this user of this machine. SEC_E_INTERNAL_ERROR, with the detail, when the
/// system has no room for the secret.
SECURITY_STATUS pack_image(Bytes image, Bytes key, Buffer& packed);

/// `image` is to be wiped. SEC_E_UNKNOWN_CREDENTIALS for what was not packed like this, was
/// altered, or was packed under another key; without a key also SEC_E_NO_CREDENTIALS when the
/// secret is not there (imported already, an hour old, another machine) and SEC_E_NOT_OWNER when it
/// is another user's.
SECURITY_STATUS unpack_image(Bytes packed, Bytes key, Buffer& image);

}  // namespace schannel::package
