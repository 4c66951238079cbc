#include "pki/usages.h"

#include <openssl/err.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "pki/owned.h"

namespace schannel::pki {
namespace {

using UsagePtr = std::unique_ptr<EXTENDED_KEY_USAGE, FreeWith<EXTENDED_KEY_USAGE_free>>;
using Oids = std::vector<std::string>;

Oids oids_of(const EXTENDED_KEY_USAGE* usages) {
  Oids out;
  for (int i = 0; i < sk_ASN1_OBJECT_num(usages); ++i) {
    out.push_back(oid_text(sk_ASN1_OBJECT_value(usages, i)));
  }
  return out;
}

Answer<std::optional<Oids>> by_extension(const Certificate& certificate) {
  X509* x509 = certificate.decoded().x509();
  if (X509_get_ext_by_NID(x509, NID_ext_key_usage, -1) < 0) return std::optional<Oids>();
  const UsagePtr usages(static_cast<EXTENDED_KEY_USAGE*>(
      X509_get_ext_d2i(x509, NID_ext_key_usage, nullptr, nullptr)));
  ERR_clear_error();
  if (!usages) return failed(CRYPT_E_BAD_ENCODE, "the extended key usage can't be decoded");
  return std::optional(oids_of(usages.get()));
}

Answer<std::optional<Oids>> by_property(const Certificate& certificate) {
  const std::optional<Buffer> value = certificate.property(CERT_ENHKEY_USAGE_PROP_ID);
  if (!value) return std::optional<Oids>();
  const unsigned char* at = value->data();
  const UsagePtr usages(d2i_EXTENDED_KEY_USAGE(nullptr, &at, static_cast<long>(value->size())));
  ERR_clear_error();
  if (!usages) return failed(CRYPT_E_BAD_ENCODE, "CERT_ENHKEY_USAGE_PROP_ID can't be decoded");
  return std::optional(oids_of(usages.get()));
}

}  // namespace

Answer<std::optional<Oids>> usage_oids(const Certificate& certificate, DWORD flags) {
  std::optional<Oids> all;
  if ((flags & CERT_FIND_PROP_ONLY_ENHKEY_USAGE_FLAG) == 0) {
    TRY(all, by_extension(certificate));
  }
  if ((flags & CERT_FIND_EXT_ONLY_ENHKEY_USAGE_FLAG) == 0) {
    TRY(std::optional<Oids> more, by_property(certificate));
    if (!all) {
      all = std::move(more);
    } else if (more) {
      all->erase(std::remove_if(all->begin(), all->end(),
                                [&](const std::string& oid) {
                                  return std::find(more->begin(), more->end(), oid) == more->end();
                                }),
                 all->end());
    }
  }
  return all;
}

Answer<Usages> usages_of(const Certificate& certificate, DWORD flags) {
  TRY(const std::optional<Oids> all, usage_oids(certificate, flags));
  Usages out{{}, all.has_value()};
  out.layout.reserve(sizeof(CERT_ENHKEY_USAGE));
  const std::size_t count = all ? all->size() : 0;
  const std::size_t pointers = out.layout.array<LPSTR>(0, count);
  for (std::size_t i = 0; i < count; ++i) {
    out.layout.text(pointers + i * sizeof(LPSTR), std::string_view((*all)[i]));
  }
  return out;
}

}  // namespace schannel::pki
