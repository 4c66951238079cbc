#include <openschannel/wincrypt.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "require.h"

// CryptStringToBinary with any text, and CryptBinaryToString there and back. The first byte is the
// form, the rest the text.
namespace {

using Bytes = std::vector<unsigned char>;

bool decode(const char* text, DWORD size, DWORD form, Bytes& out) {
  DWORD needed = 0;
  DWORD skipped = 0;
  if (!CryptStringToBinaryA(text, size, form, nullptr, &needed, &skipped, nullptr)) {
    REQUIRE(GetLastError() != 0);
    return false;
  }
  REQUIRE(skipped <= size && needed <= size);
  out.assign(needed, 0);
  DWORD given = needed;
  REQUIRE(CryptStringToBinaryA(text, size, form, out.data(), &given, nullptr, nullptr));
  REQUIRE(given == needed);
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const DWORD form = data[0] % 16;
  const auto* text = static_cast<const char*>(static_cast<const void*>(data + 1));
  Bytes bytes;
  if (!decode(text, static_cast<DWORD>(size - 1), form, bytes) || bytes.empty()) return 0;
  for (const DWORD back :
       {CRYPT_STRING_BASE64, CRYPT_STRING_BASE64HEADER, CRYPT_STRING_HEX, CRYPT_STRING_HEXRAW}) {
    DWORD count = 0;
    REQUIRE(CryptBinaryToStringA(bytes.data(), static_cast<DWORD>(bytes.size()), back, nullptr,
                                 &count));
    std::vector<char> written(count);
    REQUIRE(CryptBinaryToStringA(bytes.data(), static_cast<DWORD>(bytes.size()), back,
                                 written.data(), &count));
    Bytes again;
    REQUIRE(decode(written.data(), count, back, again));
    REQUIRE(again == bytes);
  }
  return 0;
}
