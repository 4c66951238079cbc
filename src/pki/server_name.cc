#include <arpa/inet.h>
#include <idn2.h>
#include <openssl/err.h>

#include <algorithm>

#include "pki/owned.h"
#include "pki/verify.h"

namespace schannel::pki {
namespace {

constexpr std::size_t kNameBytesMax = 253;  // RFC 1035 section 2.3.4, without length octets
constexpr std::size_t kLabelBytesMax = 63;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The underscore is in no host name (RFC 1123 section 2.1) and yet in the names of many hosts.
bool is_label_character(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= kLabelBytesMax && label.front() != '-' &&
         label.back() != '-' && std::all_of(label.begin(), label.end(), is_label_character);
}

bool is_dns_name(std::string_view name) {
  if (name.size() > kNameBytesMax) return false;
  std::string_view label;
  for (std::size_t start = 0; start <= name.size(); start += label.size() + 1) {
    label = name.substr(start, name.find('.', start) - start);
    if (!is_label(label)) return false;
  }
  // RFC 1123 section 2.1: the last label is never a number, which is what tells a name from an
  // address. So 256.1.1.1 is neither.
  return !std::all_of(label.begin(), label.end(), is_digit);
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

/// RFC 5891, with the mapping of UTS 46 that users expect of capital letters and wide dots.
std::string idna_encoded(const std::string& name) {
  char* out = nullptr;
  if (idn2_to_ascii_8z(name.c_str(), &out, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != IDN2_OK)
    return {};
  std::string encoded(out);
  idn2_free(out);
  return encoded;
}

std::string_view without_brackets(std::string_view name) {
  const bool bracketed = name.size() > 2 && name.front() == '[' && name.back() == ']';
  return bracketed ? name.substr(1, name.size() - 2) : name;
}

/// 4 or 16 bytes in network order; empty when `name` is no address.
Buffer address_of(std::string_view name) {
  if (name.find('\0') != std::string_view::npos) return {};
  const std::string inner(without_brackets(name));
  Buffer address(16);
  if (inet_pton(AF_INET6, inner.c_str(), address.data()) == 1) return address;
  // Brackets are for IPv6 only (RFC 3986 section 3.2.2).
  address.resize(4);
  if (inner.size() == name.size() && inet_pton(AF_INET, inner.c_str(), address.data()) == 1) {
    return address;
  }
  return {};
}

}  // namespace

bool is_ip_address(std::string_view name) { return !address_of(name).empty(); }

std::string to_a_labels(std::string_view name) {
  if (name.find('\0') != std::string_view::npos || is_ip_address(name)) return {};
  const bool ascii = std::all_of(name.begin(), name.end(),
                                 [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  std::string out = lower_case(ascii ? std::string(name) : idna_encoded(std::string(name)));
  if (!out.empty() && out.back() == '.') out.pop_back();
  return is_dns_name(out) ? out : std::string();
}

bool matches_server_name(Bytes certificate_der, std::string_view server_name) {
  const X509Ptr certificate = parse_certificate(certificate_der);
  if (!certificate) return false;
  if (const Buffer address = address_of(server_name); !address.empty()) {
    return X509_check_ip(certificate.get(), address.data(), address.size(), 0) == 1;
  }
  const std::string name = to_a_labels(server_name);
  if (name.empty()) return false;
  // What is left of libcrypto's rules is that of verify.h: its wildcard stands for one label and
  // needs two more behind it, strings are compared with their lengths, and the common name is asked
  // only when there is no dNSName.
  return X509_check_host(certificate.get(), name.data(), name.size(),
                         X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, nullptr) == 1;
}

std::vector<std::string> server_names_of(Bytes certificate_der) {
  const X509Ptr certificate = parse_certificate(certificate_der);
  if (!certificate) {
    ERR_clear_error();
    return {};
  }
  std::vector<std::string> out;
  const auto add = [&](std::string_view name) {
    const bool wildcard = name.substr(0, 2) == "*.";
    const std::string host = to_a_labels(wildcard ? name.substr(2) : name);
    // A wildcard needs two labels behind it, as in matches_server_name.
    if (host.empty() || (wildcard && host.find('.') == std::string::npos)) return;
    out.push_back(wildcard ? "*." + host : host);
  };
  bool has_dns_name = false;
  const GeneralNamesPtr alternatives(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; i < sk_GENERAL_NAME_num(alternatives.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(alternatives.get(), i);
    if (name->type != GEN_DNS) continue;
    has_dns_name = true;
    add(as_text(view_of(name->d.dNSName)));
  }
  if (!has_dns_name) {
    const X509_NAME* subject = X509_get_subject_name(certificate.get());
    for (int at = -1; (at = X509_NAME_get_index_by_NID(subject, NID_commonName, at)) >= 0;) {
      add(as_text(view_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)))));
    }
  }
  ERR_clear_error();
  return out;
}

}  // namespace schannel::pki
