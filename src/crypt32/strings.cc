#include <algorithm>
#include <cstring>
#include <limits>
#include <string>

#include "base/result.h"
#include "crypt32/barrier.h"
#include "pki/text.h"
#include "pki/text_encoding.h"

// CryptStringToBinary and CryptBinaryToString (contract CERT-63).
namespace schannel::crypt32 {
namespace {

using pki::Answer;
using pki::failed;
using pki::LastError;

/// Of text and of bytes: beyond it libcrypto's sizes stop being `int`.
constexpr std::size_t kBytesMax = 1U << 24;

struct Decoded {
  Buffer bytes;
  DWORD format;
  std::size_t skipped = 0;
};

LastError no_such_text() {
  return failed(ERROR_INVALID_DATA, "the text is not in the form that was asked for");
}

/// The forms that a form stands for, in the order in which they are tried.
std::vector<DWORD> forms_of(DWORD format) {
  switch (format) {
    case CRYPT_STRING_BASE64_ANY:
      return {CRYPT_STRING_BASE64HEADER, CRYPT_STRING_BASE64};
    case CRYPT_STRING_ANY:
      return {CRYPT_STRING_BASE64HEADER, CRYPT_STRING_BASE64, CRYPT_STRING_BINARY};
    case CRYPT_STRING_HEX_ANY:
      return {CRYPT_STRING_HEX, CRYPT_STRING_HEXRAW};
    default:
      return {format};
  }
}

std::optional<Decoded> decode_as(std::string_view text, DWORD format) {
  Decoded out{{}, format};
  std::optional<Buffer> bytes;
  switch (format) {
    case CRYPT_STRING_BASE64HEADER:
    case CRYPT_STRING_BASE64REQUESTHEADER:
    case CRYPT_STRING_BASE64X509CRLHEADER:
      bytes = pki::from_pem(text, out.skipped);
      break;
    case CRYPT_STRING_BASE64:
      bytes = pki::from_base64(text);
      break;
    case CRYPT_STRING_BINARY:
      bytes = to_buffer(as_bytes(text));
      break;
    case CRYPT_STRING_HEX:
    case CRYPT_STRING_HEXRAW:
      bytes = pki::from_hex(text);
      break;
    default:
      return std::nullopt;
  }
  if (!bytes) return std::nullopt;
  out.bytes = std::move(*bytes);
  return out;
}

bool is_known(DWORD format) {
  return format <= CRYPT_STRING_HEX || format == CRYPT_STRING_BASE64_ANY ||
         format == CRYPT_STRING_ANY || format == CRYPT_STRING_HEX_ANY ||
         format == CRYPT_STRING_BASE64X509CRLHEADER || format == CRYPT_STRING_HEXRAW;
}

LastError no_such_form() {
  return failed(ERROR_NOT_SUPPORTED,
                "of the forms of text, base64, its headers, hexadecimal and binary are here");
}

Answer<Decoded> decode(std::string_view text, DWORD flags) {
  const DWORD format = flags & CRYPT_STRING_ENCODEMASK;
  if (!is_known(format)) return no_such_form();
  for (const DWORD form : forms_of(format)) {
    if (auto decoded = decode_as(text, form)) return *std::move(decoded);
  }
  return no_such_text();
}

BOOL string_to_binary(std::string_view text, DWORD flags, BYTE* out, DWORD* size, DWORD* skipped,
                      DWORD* used) {
  return guarded<BOOL>(FALSE, [&]() -> Answer<BOOL> {
    if (!size) return failed(ERROR_INVALID_PARAMETER, "pcbBinary is NULL");
    if (text.size() > kBytesMax) return no_such_text();
    TRY(const Decoded decoded, decode(text, flags));
    const auto needed = static_cast<DWORD>(decoded.bytes.size());
    if (skipped) *skipped = static_cast<DWORD>(decoded.skipped);
    if (used) *used = decoded.format;
    if (out && *size < needed) {
      *size = needed;
      return failed(ERROR_MORE_DATA, "the buffer is too small");
    }
    if (out && needed != 0) std::memcpy(out, decoded.bytes.data(), needed);
    *size = needed;
    return TRUE;
  });
}

Answer<std::string> encode(Bytes bytes, DWORD flags) {
  const auto end = (flags & CRYPT_STRING_NOCRLF) != 0 ? pki::LineEnd::none
                   : (flags & CRYPT_STRING_NOCR) != 0 ? pki::LineEnd::lf
                                                      : pki::LineEnd::crlf;
  switch (flags & CRYPT_STRING_ENCODEMASK) {
    case CRYPT_STRING_BASE64HEADER:
      return pki::to_pem(bytes, "CERTIFICATE", end);
    case CRYPT_STRING_BASE64REQUESTHEADER:
      return pki::to_pem(bytes, "NEW CERTIFICATE REQUEST", end);
    case CRYPT_STRING_BASE64X509CRLHEADER:
      return pki::to_pem(bytes, "X509 CRL", end);
    case CRYPT_STRING_BASE64:
      return pki::to_base64(bytes, end);
    case CRYPT_STRING_HEX:
      return pki::to_hex(bytes, end);
    case CRYPT_STRING_HEXRAW:
      return pki::to_raw_hex(bytes) + (end == pki::LineEnd::none ? ""
                                       : end == pki::LineEnd::lf ? "\n"
                                                                 : "\r\n");
    default:
      return no_such_form();
  }
}

template <class Char>
BOOL binary_to_string(const BYTE* bytes, DWORD size, DWORD flags, Char* out, DWORD* count) {
  return guarded<BOOL>(FALSE, [&]() -> Answer<BOOL> {
    if (!count || (!bytes && size != 0)) {
      return failed(ERROR_INVALID_PARAMETER, "pbBinary or pcchString is NULL");
    }
    if (size > kBytesMax) {
      return failed(ERROR_INVALID_PARAMETER, "more than 16 MiB to encode");
    }
    if ((flags & CRYPT_STRING_ENCODEMASK) == CRYPT_STRING_BINARY) {
      // Bytes as they are, without a terminator.
      const DWORD room = *count;
      *count = size;
      if (!out) return TRUE;
      if (room < size) return failed(ERROR_MORE_DATA, "the buffer is too small");
      std::copy(bytes, bytes + size, out);
      return TRUE;
    }
    TRY(const std::string text, encode(Bytes(bytes, size), flags));
    const auto needed = static_cast<DWORD>(text.size() + 1);
    if (!out || *count < needed) {
      *count = needed;
      if (!out) return TRUE;
      return failed(ERROR_MORE_DATA, "the buffer is too small");
    }
    std::copy(text.begin(), text.end(), out);
    out[text.size()] = 0;
    *count = needed - 1;
    return TRUE;
  });
}

}  // namespace
}  // namespace schannel::crypt32

using namespace schannel;           // NOLINT(google-build-using-namespace)
using namespace schannel::crypt32;  // NOLINT(google-build-using-namespace)

BOOL WINAPI CryptStringToBinaryA(LPCSTR pszString, DWORD cchString, DWORD dwFlags, BYTE* pbBinary,
                                 DWORD* pcbBinary, DWORD* pdwSkip, DWORD* pdwFlags) {
  if (!pszString) {
    SetLastError(ERROR_INVALID_PARAMETER);
    return FALSE;
  }
  const std::size_t size = cchString == 0 ? std::strlen(pszString) : cchString;
  return string_to_binary({pszString, size}, dwFlags, pbBinary, pcbBinary, pdwSkip, pdwFlags);
}

BOOL WINAPI CryptStringToBinaryW(LPCWSTR pszString, DWORD cchString, DWORD dwFlags, BYTE* pbBinary,
                                 DWORD* pcbBinary, DWORD* pdwSkip, DWORD* pdwFlags) {
  if (!pszString) {
    SetLastError(ERROR_INVALID_PARAMETER);
    return FALSE;
  }
  const std::wstring_view text =
      cchString == 0 ? std::wstring_view(pszString) : std::wstring_view(pszString, cchString);
  // The forms are of ASCII; a character beyond it is in none of them.
  std::string narrow;
  for (const wchar_t c : text) narrow += c > 0 && c < 0x80 ? static_cast<char>(c) : '\x7f';
  return string_to_binary(narrow, dwFlags, pbBinary, pcbBinary, pdwSkip, pdwFlags);
}

BOOL WINAPI CryptBinaryToStringA(const BYTE* pbBinary, DWORD cbBinary, DWORD dwFlags,
                                 LPSTR pszString, DWORD* pcchString) {
  return binary_to_string(pbBinary, cbBinary, dwFlags, pszString, pcchString);
}

BOOL WINAPI CryptBinaryToStringW(const BYTE* pbBinary, DWORD cbBinary, DWORD dwFlags,
                                 LPWSTR pszString, DWORD* pcchString) {
  return binary_to_string(pbBinary, cbBinary, dwFlags, pszString, pcchString);
}
