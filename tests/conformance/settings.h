#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"

// What the runner's command line asks of the shim. docs/conformance.md says where the protocol
// between the two is described.
namespace schannel::conformance {

/// A certificate to show: PEM files, and what belongs to it.
struct ShownIdentity {
  std::string cert_file;
  std::string key_file;
  std::vector<int> signing_prefs;  ///< SignatureScheme values, best first; empty: the default.
  std::string ocsp_response;       ///< To staple; raw bytes.

  bool operator==(const ShownIdentity&) const = default;
};

/// What holds for one connection of a test.
struct Settings {
  // The connection to the runner.
  int port = 0;
  bool ipv6 = false;
  std::uint64_t shim_id = 0;
  int resume_count = 0;

  // Role, versions, algorithms. Numbers are IANA's.
  bool server = false;
  int min_version = 0;
  int max_version = 0;
  bool no_tls12 = false;
  bool no_tls13 = false;
  std::vector<int> curves;
  std::vector<int> verify_prefs;

  // Names and protocols. Lists are as on the wire.
  std::string host_name;
  std::string advertise_alpn;
  std::string select_alpn;
  bool reject_alpn = false;

  // Certificates.
  ShownIdentity identity;
  std::vector<ShownIdentity> more_identities;  ///< Tried in order, before `identity`.
  bool verify_peer = false;
  bool require_any_client_certificate = false;
  bool verify_fail = false;
  bool reverify_on_resume = false;
  bool use_custom_verify_callback = false;
  bool enable_ocsp_stapling = false;
  bool decline_ocsp_callback = false;
  std::string use_client_ca_list;

  // Sessions.
  bool no_ticket = false;
  int resumption_delay = 0;  ///< Seconds.

  // What is done when the handshake is complete.
  bool async = false;
  bool shim_writes_first = false;
  bool shim_shuts_down = false;
  bool check_close_notify = false;
  bool send_alert = false;
  bool key_update = false;
  int read_size = 512;
  int export_keying_material = 0;
  std::string export_label;
  std::string export_context;
  bool use_export_context = false;
  bool export_traffic_secrets = false;
  bool tls_unique = false;
  std::string shim_initial_write = "hello";
  bool refuse_renegotiation = true;

  // What must come out.
  int expect_version = 0;
  int expect_curve_id = 0;
  int expect_cipher = 0;
  int expect_cipher_aes = 0;
  int expect_peer_signature_algorithm = 0;
  int expect_selected_credential = kUnset;
  bool expect_session_miss = false;
  bool expect_hrr = false;
  bool expect_no_hrr = false;
  bool expect_no_session = false;
  bool expect_extended_master_secret = false;
  bool expect_ticket_renewal = false;
  bool expect_session_id = false;
  bool expect_no_session_id = false;
  bool expect_verify_result = false;
  std::string expect_alpn;
  std::string expect_advertised_alpn;
  std::string expect_server_name;
  std::string expect_peer_cert_file;
  std::string expect_client_ca_list;
  std::string expect_ocsp_response;

  static constexpr int kUnset = -2;

  bool enables(int version) const;
  bool verifies() const { return verify_peer || require_any_client_certificate || !server; }
};

/// The settings of the first connection and of those that resume.
struct TestSettings {
  Settings initial;
  Settings resume;
  const Settings& of(int connection) const { return connection == 0 ? initial : resume; }
};

/// Reads the command line. Ends the process with status 89 at a flag that is not known here: the
/// runner then counts the test as not implemented.
TestSettings read_settings(const std::vector<std::string>& arguments);

}  // namespace schannel::conformance
