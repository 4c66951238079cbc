#include "pki/mapping_names.h"

#include <openssl/err.h>

#include <algorithm>

#include "pki/owned.h"

namespace schannel::pki {
namespace {

bool is_plain(Bytes text) { return std::find(text.begin(), text.end(), 0) == text.end(); }

bool is_plain_name(const X509_NAME* name) {
  for (int i = 0; i < X509_NAME_entry_count(name); ++i) {
    const ASN1_STRING* value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, i));
    unsigned char* utf8 = nullptr;
    const int size = ASN1_STRING_to_UTF8(&utf8, value);
    if (size < 0) return false;
    const MemoryPtr owner(utf8);
    if (!is_plain({utf8, static_cast<std::size_t>(size)})) return false;
  }
  return true;
}

bool is_plain_other(const ASN1_TYPE* value) {
  switch (value->type) {
    case V_ASN1_UTF8STRING:
    case V_ASN1_IA5STRING:
    case V_ASN1_PRINTABLESTRING:
    case V_ASN1_GENERALSTRING:
    case V_ASN1_VISIBLESTRING:
    case V_ASN1_T61STRING:
      return is_plain(view_of(value->value.asn1_string));
    case V_ASN1_SEQUENCE: {
      // A Kerberos principal (RFC 4556): texts, and a name-type, of which 0 is a value.
      const Bytes der = view_of(value->value.sequence);
      for (std::size_t i = 0; i < der.size(); ++i) {
        const bool is_number = i >= 2 && der[i - 2] == V_ASN1_INTEGER && der[i - 1] == 1;
        if (der[i] == 0 && !is_number) return false;
      }
      return true;
    }
    default:
      return true;  // no text to libsss-certmap
  }
}

bool is_plain_alternative(const GENERAL_NAME* name) {
  switch (name->type) {
    case GEN_EMAIL:
    case GEN_DNS:
    case GEN_URI:
      return is_plain(view_of(name->d.ia5));
    case GEN_DIRNAME:
      return is_plain_name(name->d.directoryName);
    case GEN_OTHERNAME:
      return is_plain_other(name->d.otherName->value);
    default:
      return true;
  }
}

}  // namespace

bool has_plain_names(Bytes certificate_der) {
  const X509Ptr certificate = parse_certificate(certificate_der);
  bool plain = certificate && is_plain_name(X509_get_subject_name(certificate.get())) &&
               is_plain_name(X509_get_issuer_name(certificate.get()));
  int found = -1;
  if (plain) {
    const GeneralNamesPtr names(static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, &found, nullptr)));
    plain = names || found == -1;  // else it does not decode, or stands there twice
    for (int i = 0; plain && i < sk_GENERAL_NAME_num(names.get()); ++i) {
      plain = is_plain_alternative(sk_GENERAL_NAME_value(names.get(), i));
    }
  }
  ERR_clear_error();
  return plain;
}

}  // namespace schannel::pki
