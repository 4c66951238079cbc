#include <openschannel/wincrypt.h>

#include <cstdint>
#include <cstring>
#include <vector>

#include "require.h"

// CryptDecodeObjectEx with every type. The first byte is the type, the rest the encoding. What
// comes out must be the same whether it is allocated or written into room of the caller's, and
// everything it points to must lie inside it.
namespace {

struct Bounds {
  const unsigned char* begin;
  const unsigned char* end;
  bool hold(const void* at, std::size_t size) const {
    const auto* from = static_cast<const unsigned char*>(at);
    return size == 0 || (from >= begin && from + size <= end);
  }
};

void look_at(unsigned type, const void* object, const Bounds& bounds) {
  if (type == 12) {  // X509_ALTERNATE_NAME
    const auto& names = *static_cast<const CERT_ALT_NAME_INFO*>(object);
    REQUIRE(bounds.hold(names.rgAltEntry, names.cAltEntry * sizeof(CERT_ALT_NAME_ENTRY)));
    for (DWORD i = 0; i < names.cAltEntry; ++i) {
      const CERT_ALT_NAME_ENTRY& entry = names.rgAltEntry[i];
      if (entry.dwAltNameChoice == CERT_ALT_NAME_IP_ADDRESS) {
        REQUIRE(bounds.hold(entry.IPAddress.pbData, entry.IPAddress.cbData));
      } else if (entry.dwAltNameChoice == CERT_ALT_NAME_DNS_NAME) {
        const wchar_t* end = entry.pwszDNSName;
        while (*end != L'\0') ++end;
        REQUIRE(
            bounds.hold(entry.pwszDNSName, static_cast<std::size_t>(end + 1 - entry.pwszDNSName)));
      }
    }
  } else if (type == 7 || type == 20) {  // X509_NAME, X509_UNICODE_NAME
    const auto& name = *static_cast<const CERT_NAME_INFO*>(object);
    REQUIRE(bounds.hold(name.rgRDN, name.cRDN * sizeof(CERT_RDN)));
    for (DWORD i = 0; i < name.cRDN; ++i) {
      const CERT_RDN& set = name.rgRDN[i];
      REQUIRE(bounds.hold(set.rgRDNAttr, set.cRDNAttr * sizeof(CERT_RDN_ATTR)));
      for (DWORD j = 0; j < set.cRDNAttr; ++j) {
        REQUIRE(bounds.hold(set.rgRDNAttr[j].Value.pbData, set.rgRDNAttr[j].Value.cbData));
        REQUIRE(bounds.hold(set.rgRDNAttr[j].pszObjId, std::strlen(set.rgRDNAttr[j].pszObjId) + 1));
      }
    }
  } else if (type == 36) {  // X509_ENHANCED_KEY_USAGE
    const auto& usages = *static_cast<const CERT_ENHKEY_USAGE*>(object);
    for (DWORD i = 0; i < usages.cUsageIdentifier; ++i) {
      const char* oid = usages.rgpszUsageIdentifier[i];
      REQUIRE(bounds.hold(oid, std::strlen(oid) + 1));
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const unsigned number = data[0] % 80;
  LPCSTR type = reinterpret_cast<LPCSTR>(static_cast<std::uintptr_t>(number));
  void* object = nullptr;
  DWORD needed = 0;
  const auto count = static_cast<DWORD>(size - 1);
  if (!CryptDecodeObjectEx(X509_ASN_ENCODING, type, data + 1, count, CRYPT_DECODE_ALLOC_FLAG,
                           nullptr, &object, &needed)) {
    REQUIRE(GetLastError() != 0 && object == nullptr);
    return 0;
  }
  const auto* begin = static_cast<const unsigned char*>(object);
  look_at(number, object, {begin, begin + needed});
  std::vector<std::uint64_t> room(needed / 8 + 1);
  DWORD given = needed;
  REQUIRE(CryptDecodeObjectEx(X509_ASN_ENCODING, type, data + 1, count, 0, nullptr, room.data(),
                              &given));
  REQUIRE(given == needed);
  LocalFree(object);
  return 0;
}
