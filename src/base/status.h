#pragma once
#include <cstdint>

#include "base/error.h"

// The SECURITY_STATUS values that the error table needs, for the layers that do not see the public
// headers. tests/unit/sspi compares them with <openschannel/winerror.h>.
namespace schannel {

namespace detail {
constexpr SecurityStatus status(std::uint32_t value) { return static_cast<SecurityStatus>(value); }
}  // namespace detail

inline constexpr SecurityStatus kSecEOk = detail::status(0x00000000);
inline constexpr SecurityStatus kSecEInsufficientMemory = detail::status(0x80090300);
inline constexpr SecurityStatus kSecEUnsupportedFunction = detail::status(0x80090302);
inline constexpr SecurityStatus kSecEInternalError = detail::status(0x80090304);
inline constexpr SecurityStatus kSecEInvalidToken = detail::status(0x80090308);
inline constexpr SecurityStatus kSecELogonDenied = detail::status(0x8009030C);
inline constexpr SecurityStatus kSecENoCredentials = detail::status(0x8009030E);
inline constexpr SecurityStatus kSecEMessageAltered = detail::status(0x8009030F);
inline constexpr SecurityStatus kSecEContextExpired = detail::status(0x80090317);
inline constexpr SecurityStatus kSecIContextExpired = detail::status(0x00090317);
inline constexpr SecurityStatus kSecEWrongPrincipal = detail::status(0x80090322);
inline constexpr SecurityStatus kSecEUntrustedRoot = detail::status(0x80090325);
inline constexpr SecurityStatus kSecEIllegalMessage = detail::status(0x80090326);
inline constexpr SecurityStatus kSecECertUnknown = detail::status(0x80090327);
inline constexpr SecurityStatus kSecECertExpired = detail::status(0x80090328);
inline constexpr SecurityStatus kSecEEncryptFailure = detail::status(0x80090329);
inline constexpr SecurityStatus kSecEDecryptFailure = detail::status(0x80090330);
inline constexpr SecurityStatus kSecEAlgorithmMismatch = detail::status(0x80090331);
inline constexpr SecurityStatus kSecEUnfinishedContextDeleted = detail::status(0x80090333);
inline constexpr SecurityStatus kSecECertWrongUsage = detail::status(0x80090349);
inline constexpr SecurityStatus kSecEApplicationProtocolMismatch = detail::status(0x80090367);
inline constexpr SecurityStatus kCryptERevoked = detail::status(0x80092010);
inline constexpr SecurityStatus kCryptENoRevocationCheck = detail::status(0x80092012);
inline constexpr SecurityStatus kCryptERevocationOffline = detail::status(0x80092013);

}  // namespace schannel
