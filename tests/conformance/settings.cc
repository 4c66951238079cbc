#include "settings.h"

#include <openssl/evp.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>
#include <string_view>
#include <variant>

namespace schannel::conformance {
namespace {

constexpr int kUnimplemented = 89;
constexpr int kTls12 = 0x0303;
constexpr int kTls13 = 0x0304;

/// Base64 text becomes bytes.
struct Base64 {
  std::string Settings::*member;
};
/// A member of the identity that the flag is about: the last that was begun.
template <class T>
struct OfIdentity {
  T ShownIdentity::*member;
};
struct NewIdentity {};
struct NumberOfShim {};
/// Asks for nothing that this shim does differently; `takes_value` says whether a value follows.
struct Nothing {
  bool takes_value = false;
};
struct Renegotiates {};

using Target =
    std::variant<bool Settings::*, int Settings::*, std::string Settings::*,
                 std::vector<int> Settings::*, Base64, OfIdentity<std::string>,
                 OfIdentity<std::vector<int>>, NewIdentity, NumberOfShim, Nothing, Renegotiates>;

const std::map<std::string_view, Target>& flags() {
  using S = Settings;
  static const std::map<std::string_view, Target> kFlags = {
      {"port", &S::port},
      {"ipv6", &S::ipv6},
      {"shim-id", NumberOfShim{}},
      {"resume-count", &S::resume_count},
      {"server", &S::server},
      {"min-version", &S::min_version},
      {"max-version", &S::max_version},
      {"no-tls12", &S::no_tls12},
      {"no-tls13", &S::no_tls13},
      {"curves", &S::curves},
      {"verify-prefs", &S::verify_prefs},
      {"host-name", &S::host_name},
      {"advertise-alpn", &S::advertise_alpn},
      {"select-alpn", &S::select_alpn},
      {"reject-alpn", &S::reject_alpn},
      {"cert-file", OfIdentity<std::string>{&ShownIdentity::cert_file}},
      {"key-file", OfIdentity<std::string>{&ShownIdentity::key_file}},
      {"signing-prefs", OfIdentity<std::vector<int>>{&ShownIdentity::signing_prefs}},
      {"ocsp-response", OfIdentity<std::string>{&ShownIdentity::ocsp_response}},
      {"new-x509-credential", NewIdentity{}},
      {"verify-peer", &S::verify_peer},
      {"require-any-client-certificate", &S::require_any_client_certificate},
      {"verify-fail", &S::verify_fail},
      {"reverify-on-resume", &S::reverify_on_resume},
      {"use-custom-verify-callback", &S::use_custom_verify_callback},
      {"enable-ocsp-stapling", &S::enable_ocsp_stapling},
      {"decline-ocsp-callback", &S::decline_ocsp_callback},
      {"use-client-ca-list", &S::use_client_ca_list},
      {"no-ticket", &S::no_ticket},
      {"resumption-delay", &S::resumption_delay},
      {"async", &S::async},
      {"shim-writes-first", &S::shim_writes_first},
      {"shim-initial-write", &S::shim_initial_write},
      {"shim-shuts-down", &S::shim_shuts_down},
      {"check-close-notify", &S::check_close_notify},
      {"send-alert", &S::send_alert},
      {"key-update", &S::key_update},
      {"read-size", &S::read_size},
      {"export-keying-material", &S::export_keying_material},
      {"export-label", &S::export_label},
      {"export-context", &S::export_context},
      {"use-export-context", &S::use_export_context},
      {"tls-unique", &S::tls_unique},
      {"export-traffic-secrets", &S::export_traffic_secrets},
      {"renegotiate-freely", Renegotiates{}},
      {"renegotiate-explicit", Renegotiates{}},
      {"expect-version", &S::expect_version},
      {"expect-curve-id", &S::expect_curve_id},
      {"expect-cipher", &S::expect_cipher},
      {"expect-cipher-aes", &S::expect_cipher_aes},
      {"expect-peer-signature-algorithm", &S::expect_peer_signature_algorithm},
      {"expect-selected-credential", &S::expect_selected_credential},
      {"expect-session-miss", &S::expect_session_miss},
      {"expect-hrr", &S::expect_hrr},
      {"expect-no-hrr", &S::expect_no_hrr},
      {"expect-no-session", &S::expect_no_session},
      {"expect-extended-master-secret", &S::expect_extended_master_secret},
      {"expect-ticket-renewal", &S::expect_ticket_renewal},
      {"expect-session-id", &S::expect_session_id},
      {"expect-no-session-id", &S::expect_no_session_id},
      {"expect-verify-result", &S::expect_verify_result},
      {"expect-alpn", &S::expect_alpn},
      {"expect-advertised-alpn", &S::expect_advertised_alpn},
      {"expect-server-name", &S::expect_server_name},
      {"expect-peer-cert-file", &S::expect_peer_cert_file},
      {"expect-client-ca-list", &S::expect_client_ca_list},
      {"expect-ocsp-response", Base64{&S::expect_ocsp_response}},
      // The library has no TLS 1.0 and 1.1 to switch off, is always driven explicitly, and does
      // not care when a certificate is configured as long as it is there. Chains are judged by
      // the shim, so roots are of no use.
      {"no-tls1", Nothing{}},
      {"no-tls11", Nothing{}},
      {"implicit-handshake", Nothing{}},
      {"no-op-extra-handshake", Nothing{}},
      {"use-early-callback", Nothing{}},
      {"use-old-client-cert-callback", Nothing{}},
      {"use-ocsp-callback", Nothing{}},
      {"set-ocsp-in-callback", Nothing{}},
      {"trust-cert", Nothing{true}},
      // Why a handshake has had no early data: there never is any.
      {"expect-early-data-reason", Nothing{true}},
      // Nothing of the library's depends on the machine's instructions.
      {"expect-cipher-no-aes", Nothing{true}},
      {"server-preference", Nothing{}},
      {"decline-alpn", Nothing{}},
      {"expect-total-renegotiations", Nothing{true}},
      {"expect-secure-renegotiation", Nothing{}},
  };
  return kFlags;
}

[[noreturn]] void refuse(const std::string& flag) {
  std::fprintf(stderr, "not implemented: %s\n", flag.c_str());
  std::exit(kUnimplemented);
}

std::string from_base64(const std::string& text) {
  Buffer out(text.size() / 4 * 3);
  const int size =
      EVP_DecodeBlock(out.data(), as_bytes(text).data(), static_cast<int>(text.size()));
  if (size < 0) refuse("base64 " + text);
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  return std::string(as_text(Bytes(out).first(static_cast<std::size_t>(size) - padding)));
}

ShownIdentity& current_identity(Settings& settings) {
  return settings.more_identities.empty() ? settings.identity : settings.more_identities.back();
}

/// True when the flag takes the next argument as its value.
bool takes_value(const Target& target) {
  if (std::holds_alternative<bool Settings::*>(target)) return false;
  if (std::holds_alternative<NewIdentity>(target)) return false;
  if (std::holds_alternative<Renegotiates>(target)) return false;
  if (const auto* nothing = std::get_if<Nothing>(&target)) return nothing->takes_value;
  return true;
}

void apply(const std::string& flag, const Target& target, const std::string& value, Settings& to) {
  struct Visitor {
    const std::string& value;
    bool is_ocsp;
    Settings& to;
    void operator()(bool Settings::*member) const { to.*member = true; }
    void operator()(int Settings::*member) const { to.*member = std::atoi(value.c_str()); }
    void operator()(std::string Settings::*member) const { to.*member = value; }
    void operator()(std::vector<int> Settings::*member) const {
      (to.*member).push_back(std::atoi(value.c_str()));
    }
    void operator()(Base64 of) const { to.*of.member = from_base64(value); }
    void operator()(OfIdentity<std::string> of) const {
      current_identity(to).*of.member = is_ocsp ? from_base64(value) : value;
    }
    void operator()(OfIdentity<std::vector<int>> of) const {
      (current_identity(to).*of.member).push_back(std::atoi(value.c_str()));
    }
    void operator()(NewIdentity) const { to.more_identities.emplace_back(); }
    void operator()(NumberOfShim) const { to.shim_id = std::strtoull(value.c_str(), nullptr, 10); }
    void operator()(Nothing) const {}
    void operator()(Renegotiates) const { to.refuse_renegotiation = false; }
  };
  std::visit(Visitor{value, flag == "ocsp-response", to}, target);
}

bool take_prefix(std::string& name, std::string_view prefix) {
  if (name.rfind(prefix, 0) != 0) return false;
  name.erase(0, prefix.size());
  return true;
}

}  // namespace

bool Settings::enables(int version) const {
  if (min_version != 0 && version < min_version) return false;
  if (max_version != 0 && version > max_version) return false;
  return version == kTls12 ? !no_tls12 : version == kTls13 && !no_tls13;
}

TestSettings read_settings(const std::vector<std::string>& arguments) {
  TestSettings out;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::string name = arguments[i];
    if (!take_prefix(name, "-")) refuse(arguments[i]);
    const bool initial = take_prefix(name, "on-initial-");
    const bool resume = !initial && take_prefix(name, "on-resume-");
    const bool retry = !initial && !resume && take_prefix(name, "on-retry-");
    const auto found = flags().find(name);
    // A retry follows refused early data, which is not implemented.
    if (found == flags().end() || retry) refuse(arguments[i]);
    std::string value;
    if (takes_value(found->second)) {
      if (++i == arguments.size()) refuse(name + " without its value");
      value = arguments[i];
    }
    if (!resume) apply(name, found->second, value, out.initial);
    if (!initial) apply(name, found->second, value, out.resume);
  }
  return out;
}

}  // namespace schannel::conformance
