#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace schannel {

/// IANA "TLS Alerts". Values not named here travel unchanged (contract ALERT-26).
enum class Alert : std::uint8_t {
  close_notify = 0,
  unexpected_message = 10,
  bad_record_mac = 20,
  decryption_failed = 21,
  record_overflow = 22,
  decompression_failure = 30,
  handshake_failure = 40,
  bad_certificate = 42,
  unsupported_certificate = 43,
  certificate_revoked = 44,
  certificate_expired = 45,
  certificate_unknown = 46,
  illegal_parameter = 47,
  unknown_ca = 48,
  access_denied = 49,
  decode_error = 50,
  decrypt_error = 51,
  export_restriction = 60,
  protocol_version = 70,
  insufficient_security = 71,
  internal_error = 80,
  inappropriate_fallback = 86,
  user_canceled = 90,
  no_renegotiation = 100,
  missing_extension = 109,
  unsupported_extension = 110,
  unrecognized_name = 112,
  bad_certificate_status_response = 113,
  unknown_psk_identity = 115,
  certificate_required = 116,
  no_application_protocol = 120,
};

/// Why a connection failed. At least as fine as the alert and the status it leads to; the one
/// table in error.cc says which. Waiting is not a failure and has its own type (tls::Outcome).
enum class Cause : std::uint8_t {
  // What the peer sent does not fit the protocol.
  unexpected_message,
  decode_error,
  illegal_parameter,
  missing_extension,
  unsupported_extension,
  downgrade_detected,
  not_tls,
  record_overflow,
  bad_record_mac,
  finished_mismatch,
  binder_mismatch,
  signature_invalid,
  renegotiation_info_mismatch,
  renegotiation_gives_up,
  extended_master_secret_missing,
  // Nothing in common.
  no_common_version,
  no_common_cipher_suite,
  no_common_group,
  no_common_signature_scheme,
  no_application_protocol,
  inappropriate_fallback,
  // The peer's certificate.
  certificate_malformed,
  certificate_untrusted_root,
  certificate_expired,
  certificate_wrong_name,
  certificate_wrong_usage,
  certificate_revoked,
  revocation_offline,
  no_revocation_check,
  certificate_invalid,
  certificate_changed,
  certificate_required_13,
  certificate_required_12,
  // A limit of base/limits.h.
  handshake_message_too_large,
  certificate_list_too_long,
  too_many_warning_alerts,
  too_many_empty_records,
  too_many_key_updates,
  too_many_renegotiations,
  too_many_certificate_requests,
  // Ours.
  no_usable_certificate,
  key_exhausted,
  connection_moved,
  out_of_memory,
  internal_error,
  // Theirs: the alert is in Error::received.
  peer_alert,
};

struct Error {
  Cause cause;
  /// Set only for Cause::peer_alert.
  std::optional<Alert> received = std::nullopt;

  friend bool operator==(const Error&, const Error&) = default;
};

/// SECURITY_STATUS, spelled without the public headers so that every layer may speak of it.
using SecurityStatus = std::int32_t;

struct Disposition {
  std::optional<Alert> send;  ///< The fatal alert to send, if any.
  SecurityStatus status;      ///< What the failing call returns.
  std::string_view text;      ///< For people: the sentence behind OpenSchannelErrorDetail.
};

/// What follows from a failure. The only place that knows alert, status and text of a cause.
Disposition disposition(const Error& error);

/// The status a received alert leads to (contract section L.1), in ISC, ASC and DecryptMessage
/// alike. close_notify gives SEC_I_CONTEXT_EXPIRED.
SecurityStatus status_of_received(Alert alert);

/// "handshake_failure" and so on; "unknown alert" for a value without a name here.
std::string_view alert_name(Alert alert);

}  // namespace schannel
