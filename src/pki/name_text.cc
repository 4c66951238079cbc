#include "pki/name_text.h"

#include <idn2.h>
#include <openssl/err.h>

#include <algorithm>
#include <cstring>

#include "pki/text.h"

namespace schannel::pki {
namespace {

struct Key {
  std::string_view oid;
  std::string_view text;
};

// The keys of CERT_X500_NAME_STR (CERT-27). Others are written as OID.1.2.3.
constexpr Key kKeys[] = {
    {szOID_COMMON_NAME, "CN"},
    {szOID_SUR_NAME, "SN"},
    {szOID_DEVICE_SERIAL_NUMBER, "SERIALNUMBER"},
    {szOID_COUNTRY_NAME, "C"},
    {szOID_LOCALITY_NAME, "L"},
    {szOID_STATE_OR_PROVINCE_NAME, "S"},
    {szOID_STREET_ADDRESS, "STREET"},
    {szOID_ORGANIZATION_NAME, "O"},
    {szOID_ORGANIZATIONAL_UNIT_NAME, "OU"},
    {szOID_TITLE, "T"},
    {szOID_DESCRIPTION, "Description"},
    {szOID_POSTAL_CODE, "PostalCode"},
    {szOID_GIVEN_NAME, "G"},
    {szOID_INITIALS, "I"},
    {szOID_RSA_emailAddr, "E"},
    {szOID_DOMAIN_COMPONENT, "DC"},
};

constexpr std::string_view kDigits = "0123456789abcdef";

/// CertNameToStr has its form in the low half of the word and its flags in the other.
constexpr DWORD kFormMask = 0xFFFF;

/// The attributes that make a name to show, best first (CERT-24).
constexpr std::string_view kDisplayOrder[] = {szOID_COMMON_NAME, szOID_ORGANIZATIONAL_UNIT_NAME,
                                              szOID_ORGANIZATION_NAME, szOID_RSA_emailAddr};

std::string hex(Bytes bytes) {
  std::string out;
  for (const std::uint8_t byte : bytes) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 0xF];
  }
  return out;
}

bool holds_nul(std::string_view text) { return text.find('\0') != std::string_view::npos; }

std::string without_nul(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\0') {
      out += "\xEF\xBF\xBD";  // U+FFFD
    } else {
      out += c;
    }
  }
  return out;
}

struct Value {
  std::string text;
  bool is_hex;  ///< Not a string: '#' and hexadecimal digits, never quoted.
};

Value value_of(const ASN1_STRING* value) {
  unsigned char* utf8 = nullptr;
  const int size = ASN1_STRING_to_UTF8(&utf8, value);
  if (size < 0) {
    ERR_clear_error();
    return {'#' + hex(view_of(value)), true};
  }
  const MemoryPtr owner(utf8);
  return {without_nul(as_text({utf8, static_cast<std::size_t>(size)})), false};
}

bool needs_quotes(std::string_view text) {
  return text.empty() || text.front() == ' ' || text.back() == ' ' ||
         text.find_first_of(",+=\"\r\n<>#;") != std::string_view::npos;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

std::string key_of(const ASN1_OBJECT* object, DWORD form) {
  const std::string oid = oid_text(object);
  if (form == CERT_OID_NAME_STR) return oid + '=';
  const auto* key = std::find_if(std::begin(kKeys), std::end(kKeys),
                                 [&oid](const Key& k) { return k.oid == oid; });
  return (key == std::end(kKeys) ? "OID." + oid : std::string(key->text)) + '=';
}

std::string entry_text(const X509_NAME_ENTRY* entry, DWORD form, DWORD flags) {
  const Value value = value_of(X509_NAME_ENTRY_get_data(entry));
  const bool in_quotes =
      !value.is_hex && (flags & CERT_NAME_STR_NO_QUOTING_FLAG) == 0 && needs_quotes(value.text);
  std::string text = in_quotes ? quoted(value.text) : value.text;
  if (form == CERT_SIMPLE_NAME_STR) return text;
  return key_of(X509_NAME_ENTRY_get_object(entry), form) + text;
}

std::string text_of(const X509_NAME* name, DWORD form_and_flags) {
  const DWORD form = form_and_flags & kFormMask;
  const DWORD flags = form_and_flags & ~kFormMask;
  if (form < CERT_SIMPLE_NAME_STR || form > CERT_X500_NAME_STR) return {};

  const std::string_view inside = (flags & CERT_NAME_STR_NO_PLUS_FLAG) != 0 ? " " : " + ";
  const std::string_view between = (flags & CERT_NAME_STR_CRLF_FLAG) != 0        ? "\r\n"
                                   : (flags & CERT_NAME_STR_SEMICOLON_FLAG) != 0 ? "; "
                                                                                 : ", ";
  std::vector<std::string> parts;  // one for each RelativeDistinguishedName
  int last_set = -1;
  for (int i = 0; i < X509_NAME_entry_count(name); ++i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, i);
    const std::string text = entry_text(entry, form, flags);
    if (X509_NAME_ENTRY_set(entry) == last_set) {
      parts.back().append(inside).append(text);
    } else {
      parts.push_back(text);
    }
    last_set = X509_NAME_ENTRY_set(entry);
  }
  if ((flags & CERT_NAME_STR_REVERSE_FLAG) != 0) std::reverse(parts.begin(), parts.end());

  std::string out;
  for (const std::string& part : parts) {
    if (!out.empty()) out += between;
    out += part;
  }
  return out;
}

/// The values of one kind of attribute, first to last.
std::vector<std::string> attributes_of(const X509_NAME* name, std::string_view oid) {
  std::vector<std::string> out;
  for (int i = 0; i < X509_NAME_entry_count(name); ++i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, i);
    if (oid_text(X509_NAME_ENTRY_get_object(entry)) == oid) {
      out.push_back(value_of(X509_NAME_ENTRY_get_data(entry)).text);
    }
  }
  return out;
}

/// rfc822Name, dNSName or uniformResourceIdentifier, whichever `type` is (GEN_*).
std::vector<std::string> strings_in(const GENERAL_NAMES* names, int type) {
  std::vector<std::string> out;
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
    if (name->type != type) continue;
    const std::string_view text = as_text(view_of(name->d.ia5));
    if (!holds_nul(text)) out.emplace_back(text);
  }
  return out;
}

std::vector<std::string> principal_names_in(const GENERAL_NAMES* names) {
  std::vector<std::string> out;
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
    if (name->type != GEN_OTHERNAME) continue;
    const OTHERNAME* other = name->d.otherName;
    if (oid_text(other->type_id) != szOID_NT_PRINCIPAL_NAME ||
        other->value->type != V_ASN1_UTF8STRING) {
      continue;
    }
    const std::string_view text = as_text(view_of(other->value->value.utf8string));
    if (!holds_nul(text)) out.emplace_back(text);
  }
  return out;
}

const X509_NAME* first_directory_name_in(const GENERAL_NAMES* names) {
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
    if (name->type == GEN_DIRNAME) return name->d.directoryName;
  }
  return nullptr;
}

std::string to_u_labels(const std::string& name) {
  char* out = nullptr;
  if (idn2_to_unicode_8z8z(name.c_str(), &out, 0) != IDN2_OK) return name;
  std::string decoded(out);
  idn2_free(out);
  return decoded;
}

/// The first of these in the subject or, failing that, in a directoryName (CERT-24).
std::vector<std::string> display_names(const X509_NAME* name, const GENERAL_NAMES* alternatives) {
  for (const X509_NAME* source : {name, first_directory_name_in(alternatives)}) {
    if (!source) continue;
    for (const std::string_view oid : kDisplayOrder) {
      if (auto found = attributes_of(source, oid); !found.empty()) return found;
    }
  }
  if (auto found = strings_in(alternatives, GEN_EMAIL); !found.empty()) return found;
  if (X509_NAME_entry_count(name) == 0) return {};
  return {value_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, 0))).text};
}

/// A property that is a terminated wide string.
std::string text_of_property(const Buffer& bytes) {
  std::wstring text(bytes.size() / sizeof(wchar_t), L'\0');
  if (!text.empty()) std::memcpy(text.data(), bytes.data(), text.size() * sizeof(wchar_t));
  return to_utf8(text.c_str()).value_or(std::string());
}

std::vector<std::string> first_or(std::vector<std::string> found,
                                  std::vector<std::string> otherwise) {
  return found.empty() ? std::move(otherwise) : std::move(found);
}

std::vector<std::string> all_names(const Certificate& certificate, const NameRequest& request) {
  const X509* x509 = certificate.decoded().x509();
  const bool of_issuer = (request.flags & CERT_NAME_ISSUER_FLAG) != 0;
  const X509_NAME* name = of_issuer ? X509_get_issuer_name(x509) : X509_get_subject_name(x509);
  const GeneralNamesPtr alternatives(static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(
      x509, of_issuer ? NID_issuer_alt_name : NID_subject_alt_name, nullptr, nullptr)));
  ERR_clear_error();

  switch (request.type) {
    case CERT_NAME_EMAIL_TYPE:
      return first_or(strings_in(alternatives.get(), GEN_EMAIL),
                      attributes_of(name, szOID_RSA_emailAddr));
    case CERT_NAME_RDN_TYPE: {
      const X509_NAME* directory_name = first_directory_name_in(alternatives.get());
      const bool is_empty = X509_NAME_entry_count(name) == 0;
      return {text_of(is_empty && directory_name ? directory_name : name, request.form)};
    }
    case CERT_NAME_ATTR_TYPE:
      return attributes_of(name, request.attribute);
    case CERT_NAME_FRIENDLY_DISPLAY_TYPE:
      if (const auto friendly = certificate.property(CERT_FRIENDLY_NAME_PROP_ID)) {
        if (const std::string text = text_of_property(*friendly); !text.empty()) return {text};
      }
      [[fallthrough]];
    case CERT_NAME_SIMPLE_DISPLAY_TYPE:
      return display_names(name, alternatives.get());
    case CERT_NAME_DNS_TYPE: {
      auto found =
          first_or(strings_in(alternatives.get(), GEN_DNS), attributes_of(name, szOID_COMMON_NAME));
      if ((request.flags & CERT_NAME_STR_ENABLE_PUNYCODE_FLAG) != 0) {
        std::transform(found.begin(), found.end(), found.begin(), to_u_labels);
      }
      return found;
    }
    case CERT_NAME_URL_TYPE:
      return strings_in(alternatives.get(), GEN_URI);
    case CERT_NAME_UPN_TYPE:
      return principal_names_in(alternatives.get());
    default:
      return {};
  }
}

}  // namespace

std::string name_text(Bytes name_der, DWORD form) {
  if (name_der.empty() || name_der.size() > kEncodingBytesMax) return {};
  const unsigned char* at = name_der.data();
  const X509NamePtr name(d2i_X509_NAME(nullptr, &at, static_cast<long>(name_der.size())));
  if (!name) ERR_clear_error();
  return name ? text_of(name.get(), form) : std::string();
}

std::vector<std::string> names_of(const Certificate& certificate, const NameRequest& request) {
  const bool all = (request.flags & CERT_NAME_SEARCH_ALL_NAMES_FLAG) != 0;
  // CERT-25: only DNS names are searched for as a list.
  if (all && request.type != CERT_NAME_DNS_TYPE) return {};
  std::vector<std::string> names = all_names(certificate, request);
  if (!all && names.size() > 1) names.resize(1);
  return names;
}

}  // namespace schannel::pki
