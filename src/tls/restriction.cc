#include "tls/restriction.h"

#include <algorithm>

namespace schannel::tls {
namespace {

template <class T>
bool contains(const std::vector<T>& list, const T& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

template <class T>
void keep(std::vector<T>& list, const std::vector<T>& allowed) {
  list.erase(std::remove_if(list.begin(), list.end(),
                            [&](const T& value) { return !contains(allowed, value); }),
             list.end());
}

bool has_suite(const Algorithms& algorithms, ProtocolVersion version) {
  return std::any_of(algorithms.cipher_suites.begin(), algorithms.cipher_suites.end(),
                     [&](CipherSuite id) {
                       return find_suite(static_cast<std::uint16_t>(id))->version == version;
                     });
}

void apply(const Algorithms& allowed, Algorithms& to) {
  keep(to.cipher_suites, allowed.cipher_suites);
  keep(to.groups, allowed.groups);
  keep(to.signature_schemes, allowed.signature_schemes);
  to.refused_keys.insert(to.refused_keys.end(), allowed.refused_keys.begin(),
                         allowed.refused_keys.end());
  to.enable_tls12 =
      to.enable_tls12 && allowed.enable_tls12 && has_suite(to, ProtocolVersion::tls12);
  to.enable_tls13 =
      to.enable_tls13 && allowed.enable_tls13 && has_suite(to, ProtocolVersion::tls13);
}

}  // namespace

std::shared_ptr<const Config> restricted(const std::shared_ptr<const Config>& config,
                                         Bytes application_protocol, Optional optional) {
  std::shared_ptr<Config> out;
  for (const Restriction& restriction : config->restrictions) {
    const auto& names = restriction.application_protocols;
    const bool concerns =
        names.empty() || std::any_of(names.begin(), names.end(), [&](const Buffer& name) {
          return equal(name, application_protocol);
        });
    if (!concerns || (restriction.is_optional && optional == Optional::without)) continue;
    if (!out) out = std::make_shared<Config>(*config);
    apply(restriction.allowed, *out);
  }
  if (!out) return config;
  return out;
}

bool may_sign(const Algorithms& algorithms, crypto::KeyType type, unsigned bits) {
  return std::none_of(
      algorithms.refused_keys.begin(), algorithms.refused_keys.end(),
      [&](const crypto::KeyRange& range) { return range.contains(crypto::family_of(type), bits); });
}

Result<void> check_restrictions(const std::shared_ptr<const Config>& config,
                                const Negotiated& negotiated, const crypto::PublicKey* key) {
  const auto allowed = restricted(config, negotiated.application_protocol, Optional::with);
  if (allowed == config) return {};
  if (!allowed->enables(negotiated.version)) return Cause::no_common_version;
  if (!contains(allowed->cipher_suites, negotiated.suite->id)) {
    return Cause::no_common_cipher_suite;
  }
  if (!contains(allowed->groups, negotiated.group)) return Cause::no_common_group;
  if (!contains(allowed->signature_schemes, negotiated.signature_scheme) ||
      (key != nullptr && !may_sign(*allowed, key->type(), key->bits()))) {
    return Cause::no_common_signature_scheme;
  }
  return {};
}

}  // namespace schannel::tls
