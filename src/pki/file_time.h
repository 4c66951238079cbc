#pragma once
#include <openschannel/windef.h>
#include <openssl/asn1.h>

#include <cstdint>

namespace schannel::pki {

/// The last point in time of FILETIME's users (contract R-8).
inline constexpr std::uint64_t kFileTimeMax = 0x7FFFFFFFFFFFFFFF;

/// Seconds since 1970-01-01 UTC as a FILETIME; what lies before 1601 becomes 1601.
FILETIME file_time_of(std::int64_t unix_seconds);

/// A certificate's time; the maximum when it is none.
FILETIME file_time_of(const ASN1_TIME* time);

inline FILETIME file_time_of_ticks(std::uint64_t ticks) {
  return {static_cast<DWORD>(ticks), static_cast<DWORD>(ticks >> 32)};
}

inline std::uint64_t ticks_of(const FILETIME& time) {
  return std::uint64_t{time.dwHighDateTime} << 32 | time.dwLowDateTime;
}

}  // namespace schannel::pki
