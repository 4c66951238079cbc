#include <algorithm>
#include <string>
#include <vector>

#include "crypt32/barrier.h"
#include "pki/name_text.h"
#include "pki/references.h"
#include "pki/text.h"

using namespace schannel;           // NOLINT(google-build-using-namespace)
using namespace schannel::crypt32;  // NOLINT(google-build-using-namespace)
using pki::Answer;

namespace {

/// Where to cut `text` so that at most `size` units stay and no character is halved.
std::size_t cut(const std::string& text, std::size_t size) {
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
  return size;
}
std::size_t cut(const std::wstring& /*text*/, std::size_t size) { return size; }

std::string as(const std::string& utf8, const char* /*form*/) { return utf8; }
std::wstring as(const std::string& utf8, const wchar_t* /*form*/) { return pki::to_wide(utf8); }

/// Copies `text`, which ends in `end_count` terminators, into the caller's buffer, and says how
/// many characters it wrote or needs (CERT-23).
template <class Character>
DWORD hand_out(const std::basic_string<Character>& text, DWORD end_count, Character* out,
               DWORD room) {
  if (!out || room == 0) return static_cast<DWORD>(text.size());
  if (text.size() <= room) {
    std::copy(text.begin(), text.end(), out);
    return static_cast<DWORD>(text.size());
  }
  const std::size_t size = cut(text, room > end_count ? room - end_count : 0);
  std::copy_n(text.begin(), size, out);
  std::fill(out + size, out + room, Character{});
  return static_cast<DWORD>(std::min<std::size_t>(size + end_count, room));
}

/// What both forms return when there is no name.
template <class Character>
DWORD empty(Character* out, DWORD room) {
  if (out && room != 0) *out = Character{};
  return 1;
}

template <class Character>
DWORD name_string(PCCERT_CONTEXT context, DWORD type, DWORD flags, const void* parameter,
                  Character* out, DWORD room) {
  const DWORD length = guarded<DWORD>(0, [&]() -> Answer<DWORD> {
    const pki::Held held = pki::held_by(context);
    if (!held) return pki::failed(E_INVALIDARG, "no certificate context");
    pki::NameRequest request{type, flags, CERT_X500_NAME_STR, {}};
    if (parameter && type == CERT_NAME_RDN_TYPE) {
      request.form = *static_cast<const DWORD*>(parameter);
    }
    if (parameter && type == CERT_NAME_ATTR_TYPE) {
      request.attribute = static_cast<LPCSTR>(parameter);
    }
    std::basic_string<Character> text;
    for (const std::string& name : pki::names_of(*held.certificate, request)) {
      text += as(name, out);
      text += Character{};
    }
    const bool is_list = (flags & CERT_NAME_SEARCH_ALL_NAMES_FLAG) != 0 && !text.empty();
    if (is_list || text.empty()) text += Character{};
    return hand_out(text, is_list ? 2 : 1, out, room);
  });
  return length != 0 ? length : empty(out, room);
}

template <class Character>
DWORD name_to_string(const CERT_NAME_BLOB* name, DWORD form, Character* out, DWORD room) {
  const DWORD length = guarded<DWORD>(0, [&]() -> Answer<DWORD> {
    if (!name || !name->pbData) return pki::failed(E_INVALIDARG, "no name");
    std::basic_string<Character> text = as(pki::name_text({name->pbData, name->cbData}, form), out);
    text += Character{};
    return hand_out(text, 1, out, room);
  });
  return length != 0 ? length : empty(out, room);
}

}  // namespace

DWORD WINAPI CertGetNameStringA(PCCERT_CONTEXT pCertContext, DWORD dwType, DWORD dwFlags,
                                void* pvTypePara, LPSTR pszNameString, DWORD cchNameString) {
  return name_string(pCertContext, dwType, dwFlags, pvTypePara, pszNameString, cchNameString);
}

DWORD WINAPI CertGetNameStringW(PCCERT_CONTEXT pCertContext, DWORD dwType, DWORD dwFlags,
                                void* pvTypePara, LPWSTR pszNameString, DWORD cchNameString) {
  return name_string(pCertContext, dwType, dwFlags, pvTypePara, pszNameString, cchNameString);
}

DWORD WINAPI CertNameToStrA(DWORD /*dwCertEncodingType*/, PCERT_NAME_BLOB pName, DWORD dwStrType,
                            LPSTR psz, DWORD csz) {
  return name_to_string(pName, dwStrType, psz, csz);
}

DWORD WINAPI CertNameToStrW(DWORD /*dwCertEncodingType*/, PCERT_NAME_BLOB pName, DWORD dwStrType,
                            LPWSTR psz, DWORD csz) {
  return name_to_string(pName, dwStrType, psz, csz);
}
