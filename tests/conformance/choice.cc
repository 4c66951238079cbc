#include <algorithm>

#include "endpoint.h"
#include "sspi_credential.h"

namespace schannel::conformance {
namespace {

/// SSPI takes groups away by name; their order is the library's.
bool is_order_of_sspi(const std::vector<int>& curves) {
  std::vector<int> order;
  for (const int group : sspi_groups()) {
    if (std::find(curves.begin(), curves.end(), group) != curves.end()) order.push_back(group);
  }
  return curves.empty() || order == curves;
}

bool orders_signatures(const Settings& settings) {
  const auto& more = settings.more_identities;
  return !settings.verify_prefs.empty() || !settings.identity.signing_prefs.empty() ||
         std::any_of(more.begin(), more.end(),
                     [](const ShownIdentity& one) { return !one.signing_prefs.empty(); });
}

bool has_staple(const Settings& settings) {
  const auto& more = settings.more_identities;
  return !settings.identity.ocsp_response.empty() || !settings.expect_ocsp_response.empty() ||
         std::any_of(more.begin(), more.end(),
                     [](const ShownIdentity& one) { return !one.ocsp_response.empty(); });
}

/// What a credential handle is made of.
bool same_credential(const Settings& a, const Settings& b) {
  return a.enables(0x0303) == b.enables(0x0303) && a.enables(0x0304) == b.enables(0x0304) &&
         a.curves == b.curves && a.identity == b.identity &&
         a.more_identities == b.more_identities && a.no_ticket == b.no_ticket &&
         a.require_any_client_certificate == b.require_any_client_certificate;
}

const char* needs_engine(const Settings& settings) {
  if (!is_order_of_sspi(settings.curves)) return "an order of groups";
  if (orders_signatures(settings)) return "lists of signature schemes";
  if (settings.expect_peer_signature_algorithm != 0) return "the peer's signature scheme";
  if (has_staple(settings)) return "staples that are no OCSP responses";
  if (!settings.use_client_ca_list.empty()) return "names of authorities that are no certificates";
  if (!settings.expect_server_name.empty()) return "the name that a client has sent";
  if (settings.expect_no_session) return "whether a session was kept";
  if (settings.resumption_delay != 0) return "a clock to move";
  if (settings.export_traffic_secrets) return "traffic secrets";
  if (settings.export_keying_material != 0) {
    if (settings.export_label.empty()) return "an exporter without a label";
    if (settings.use_export_context && settings.export_context.empty()) {
      return "an exporter's context of no bytes";
    }
  }
  if (!settings.expect_client_ca_list.empty()) {
    return "the server's authorities when a certificate is at hand";
  }
  if (settings.key_update) return "a key update that asks for none";
  return nullptr;
}

}  // namespace

const char* needs_engine(const TestSettings& settings) {
  if (settings.initial.resume_count > 0 && !same_credential(settings.initial, settings.resume)) {
    return "sessions across credentials";
  }
  const char* reason = needs_engine(settings.initial);
  return reason != nullptr ? reason : needs_engine(settings.resume);
}

}  // namespace schannel::conformance
