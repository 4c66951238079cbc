#include "pki/find.h"

#include <openssl/err.h>

#include <algorithm>
#include <functional>

#include "pki/name_text.h"
#include "pki/properties.h"
#include "pki/references.h"
#include "pki/text.h"
#include "pki/usages.h"

namespace schannel::pki {
namespace {

using Condition = std::function<bool(const Certificate&)>;

LastError no_parameter() { return failed(E_INVALIDARG, "this find type needs a parameter"); }

Bytes name_of(const Certificate& certificate, bool of_issuer) {
  return of_issuer ? certificate.decoded().issuer() : certificate.decoded().subject();
}

/// CERT_FIND_*_NAME: the very encoding.
Answer<Condition> has_name(bool of_issuer, const void* parameter) {
  if (!parameter) return no_parameter();
  const Bytes wanted = view_of(*static_cast<const CERT_NAME_BLOB*>(parameter));
  return Condition([=](const Certificate& c) { return equal(name_of(c, of_issuer), wanted); });
}

/// CERT_FIND_*_STR: somewhere in the simple form of the name.
Condition name_contains(bool of_issuer, std::string_view text) {
  return [of_issuer, part = std::string(text)](const Certificate& c) {
    const std::string name =
        name_text(name_of(c, of_issuer), CERT_SIMPLE_NAME_STR | CERT_NAME_STR_NO_QUOTING_FLAG);
    return contains_without_case(name, part);
  };
}

Answer<Condition> has_property(DWORD id, const void* parameter) {
  if (!parameter) return no_parameter();
  const Bytes wanted = view_of(*static_cast<const CRYPT_HASH_BLOB*>(parameter));
  return Condition([=](const Certificate& c) {
    const Answer<Buffer> value = property_of(c, id);
    return value && equal(*value, wanted);
  });
}

Answer<Condition> is_same_or_issuer(DWORD find_type, const void* parameter) {
  const Held held = held_by(static_cast<PCCERT_CONTEXT>(parameter));
  if (!held) return failed(E_INVALIDARG, "the parameter is no certificate context");
  const std::shared_ptr<const DecodedCertificate> wanted = held.certificate->shared_decoded();
  if (find_type == CERT_FIND_EXISTING) {
    return Condition([=](const Certificate& c) { return equal(c.decoded().der(), wanted->der()); });
  }
  return Condition([=](const Certificate& c) {
    const int issued = X509_check_issued(c.decoded().x509(), wanted->x509());
    ERR_clear_error();
    return issued == X509_V_OK;
  });
}

/// CERT_FIND_ENHKEY_USAGE (CERT-15). Without a parameter: whatever says something about usages.
Condition has_usages(DWORD flags, const void* parameter) {
  std::vector<std::string> wanted;
  if (const auto* usage = static_cast<const CERT_ENHKEY_USAGE*>(parameter)) {
    for (DWORD i = 0; i < usage->cUsageIdentifier; ++i) {
      wanted.emplace_back(usage->rgpszUsageIdentifier[i]);
    }
  }
  const bool any_will_do = (flags & CERT_FIND_OR_ENHKEY_USAGE_FLAG) != 0;
  return [flags, any_will_do, wanted](const Certificate& certificate) {
    const auto answer = usage_oids(certificate, flags);
    if (!answer) return false;
    const auto& usages = *answer;
    if ((flags & CERT_FIND_NO_ENHKEY_USAGE_FLAG) != 0) return !usages.has_value();
    if (!usages) {
      return (flags & (CERT_FIND_OPTIONAL_ENHKEY_USAGE_FLAG | CERT_FIND_VALID_ENHKEY_USAGE_FLAG)) !=
             0;
    }
    const auto is_there = [&](const std::string& oid) {
      return std::find(usages->begin(), usages->end(), oid) != usages->end();
    };
    if (wanted.empty()) return true;
    return any_will_do ? std::any_of(wanted.begin(), wanted.end(), is_there)
                       : std::all_of(wanted.begin(), wanted.end(), is_there);
  };
}

Answer<Condition> has_public_key(const void* parameter) {
  if (!parameter) return no_parameter();
  const CRYPT_BIT_BLOB& key = static_cast<const CERT_PUBLIC_KEY_INFO*>(parameter)->PublicKey;
  return Condition([wanted = to_buffer(Bytes(key.pbData, key.cbData))](const Certificate& c) {
    const CRYPT_BIT_BLOB& own = c.decoded().info()->SubjectPublicKeyInfo.PublicKey;
    return equal(Bytes(own.pbData, own.cbData), wanted);
  });
}

Answer<Condition> condition_of(DWORD find_type, DWORD flags, const void* parameter) {
  switch (find_type) {
    case CERT_FIND_ANY:
      return Condition([](const Certificate&) { return true; });
    case CERT_FIND_HAS_PRIVATE_KEY:
      return Condition([](const Certificate& c) { return c.key().has_value(); });
    case CERT_FIND_SHA1_HASH:
      return has_property(CERT_SHA1_HASH_PROP_ID, parameter);
    case CERT_FIND_MD5_HASH:
      return has_property(CERT_MD5_HASH_PROP_ID, parameter);
    case CERT_FIND_SIGNATURE_HASH:
      return has_property(CERT_SIGNATURE_HASH_PROP_ID, parameter);
    case CERT_FIND_KEY_IDENTIFIER:
      return has_property(CERT_KEY_IDENTIFIER_PROP_ID, parameter);
    case CERT_FIND_SUBJECT_NAME:
    case CERT_FIND_ISSUER_NAME:
      return has_name(find_type == CERT_FIND_ISSUER_NAME, parameter);
    case CERT_FIND_SUBJECT_STR_A:
    case CERT_FIND_ISSUER_STR_A:
      if (!parameter) return no_parameter();
      return name_contains(find_type == CERT_FIND_ISSUER_STR_A, static_cast<LPCSTR>(parameter));
    case CERT_FIND_SUBJECT_STR_W:
    case CERT_FIND_ISSUER_STR_W: {
      if (!parameter) return no_parameter();
      std::optional<std::string> part = to_utf8(static_cast<LPCWSTR>(parameter));
      if (!part) return failed(E_INVALIDARG, "the text to find holds what is no character");
      return name_contains(find_type == CERT_FIND_ISSUER_STR_W, *part);
    }
    case CERT_FIND_SUBJECT_CERT: {
      if (!parameter) return no_parameter();
      const auto* wanted = static_cast<const CERT_INFO*>(parameter);
      return Condition([=](const Certificate& c) {
        return same_issuer_and_serial(*c.decoded().info(), *wanted);
      });
    }
    case CERT_FIND_ENHKEY_USAGE:
      return has_usages(flags, parameter);
    case CERT_FIND_PUBLIC_KEY:
      return has_public_key(parameter);
    case CERT_FIND_PROPERTY: {
      if (!parameter) return no_parameter();
      const DWORD id = *static_cast<const DWORD*>(parameter);
      return Condition([id](const Certificate& c) {
        return id == CERT_KEY_PROV_INFO_PROP_ID ? c.key().has_value()
                                                : static_cast<bool>(property_of(c, id));
      });
    }
    case CERT_FIND_EXISTING:
    case CERT_FIND_ISSUER_OF:
      return is_same_or_issuer(find_type, parameter);
    default:
      return failed(E_INVALIDARG, "find type " + std::to_string(find_type) + " is not supported");
  }
}

}  // namespace

Answer<std::shared_ptr<Certificate>> find_certificate(const Store& store, std::uint64_t position,
                                                      DWORD find_type, DWORD flags,
                                                      const void* parameter) {
  TRY(const Condition fits, condition_of(find_type, flags, parameter));
  while (std::shared_ptr<Certificate> certificate = store.next(position)) {
    if (fits(*certificate)) return certificate;
    position = certificate->position();
  }
  return failed(CRYPT_E_NOT_FOUND, "the store has no (other) such certificate");
}

}  // namespace schannel::pki
