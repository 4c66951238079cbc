#pragma once
#include <optional>
#include <string>
#include <vector>

#include "pki/answer.h"
#include "pki/certificate.h"
#include "pki/object_layout.h"

namespace schannel::pki {

/// OIDs of what a certificate is good for; nothing: it does not say. `flags` as below.
Answer<std::optional<std::vector<std::string>>> usage_oids(const Certificate& certificate,
                                                           DWORD flags);

/// A CERT_ENHKEY_USAGE.
struct Usages {
  ObjectLayout layout;
  /// The certificate, or who set its property, says something about usages.
  bool is_restricted;
};

/// What a certificate is good for by its extension and by CERT_ENHKEY_USAGE_PROP_ID: what both
/// allow, or one of them (CERT_FIND_EXT_ONLY_ENHKEY_USAGE_FLAG, CERT_FIND_PROP_ONLY_...).
Answer<Usages> usages_of(const Certificate& certificate, DWORD flags);

}  // namespace schannel::pki
