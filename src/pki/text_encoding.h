#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

// Bytes as text, in the forms of CryptStringToBinary and CryptBinaryToString (CERT-63).
namespace schannel::pki {

/// How lines of an encoding end.
enum class LineEnd : std::uint8_t { crlf, lf, none };

/// Base64 in lines of 64 characters, each with its end; without ends in one line.
std::string to_base64(Bytes bytes, LineEnd end);
/// White space anywhere does not count; all else must be as it is written, the padding included.
/// Nothing when it is not.
std::optional<Buffer> from_base64(std::string_view text);

/// The same between the lines BEGIN and END of `label`.
std::string to_pem(Bytes bytes, const std::string& label, LineEnd end);
/// What stands between the first BEGIN and its END, whatever the label; `skipped` becomes the
/// number of characters before BEGIN.
std::optional<Buffer> from_pem(std::string_view text, std::size_t& skipped);

/// Two digits and a space for each byte, 16 in a line with a gap in the middle; without line ends
/// one line without the gap.
std::string to_hex(Bytes bytes, LineEnd end);
/// Digits alone.
std::string to_raw_hex(Bytes bytes);
/// Pairs of digits, white space around each.
std::optional<Buffer> from_hex(std::string_view text);

}  // namespace schannel::pki
