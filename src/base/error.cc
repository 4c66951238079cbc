#include "base/error.h"

#include <array>
#include <cstddef>

#include "base/status.h"

namespace schannel {
namespace {

struct Row {
  Cause cause;
  std::optional<Alert> send;
  SecurityStatus status;
  std::string_view text;
};

// Contract ALERT-28 (local failure -> alert) and AUTH-8 (certificate failure -> status).
constexpr Row kRows[] = {
    {Cause::unexpected_message, Alert::unexpected_message, kSecEIllegalMessage,
     "the peer sent a message that is not allowed at this point"},
    {Cause::decode_error, Alert::decode_error, kSecEIllegalMessage,
     "the peer sent a message that does not parse"},
    {Cause::illegal_parameter, Alert::illegal_parameter, kSecEIllegalMessage,
     "the peer sent a value that is out of range or inconsistent"},
    {Cause::missing_extension, Alert::missing_extension, kSecEIllegalMessage,
     "the peer left out an extension that is required"},
    {Cause::unsupported_extension, Alert::unsupported_extension, kSecEIllegalMessage,
     "the peer answered with an extension that was not offered"},
    {Cause::downgrade_detected, Alert::illegal_parameter, kSecEIllegalMessage,
     "the server's random says that somebody forced an older protocol version"},
    {Cause::not_tls, std::nullopt, kSecEInvalidToken, "the input is not a TLS record"},
    {Cause::record_overflow, Alert::record_overflow, kSecEIllegalMessage,
     "the peer sent a record longer than the protocol allows"},
    {Cause::bad_record_mac, Alert::bad_record_mac, kSecEMessageAltered,
     "a record failed authentication"},
    {Cause::finished_mismatch, Alert::decrypt_error, kSecEDecryptFailure,
     "the peer's Finished does not verify"},
    {Cause::binder_mismatch, Alert::decrypt_error, kSecEDecryptFailure,
     "the client's pre-shared key binder does not verify"},
    {Cause::signature_invalid, Alert::decrypt_error, kSecEDecryptFailure,
     "the peer's handshake signature does not verify"},
    {Cause::renegotiation_info_mismatch, Alert::handshake_failure, kSecEIllegalMessage,
     "the peer's renegotiation_info does not match this connection"},
    {Cause::renegotiation_gives_up, Alert::handshake_failure, kSecEIllegalMessage,
     "the peer's renegotiation gives up what the connection had agreed on"},
    {Cause::extended_master_secret_missing, Alert::handshake_failure, kSecEIllegalMessage,
     "the peer resumes a session without the extended master secret that it was made with"},
    {Cause::no_common_version, Alert::protocol_version, kSecEUnsupportedFunction,
     "no protocol version is enabled on both sides"},
    {Cause::no_common_cipher_suite, Alert::handshake_failure, kSecEAlgorithmMismatch,
     "no cipher suite is enabled on both sides"},
    {Cause::no_common_group, Alert::handshake_failure, kSecEAlgorithmMismatch,
     "no key exchange group is enabled on both sides"},
    {Cause::no_common_signature_scheme, Alert::handshake_failure, kSecEAlgorithmMismatch,
     "no signature scheme fits both the certificate and the peer"},
    {Cause::no_application_protocol, Alert::no_application_protocol,
     kSecEApplicationProtocolMismatch, "no application protocol (ALPN) is offered by both sides"},
    {Cause::inappropriate_fallback, Alert::inappropriate_fallback, kSecEIllegalMessage,
     "the client has fallen back to an older version than both sides support"},
    {Cause::certificate_malformed, Alert::bad_certificate, kSecECertUnknown,
     "the peer's certificate does not parse"},
    {Cause::certificate_untrusted_root, Alert::unknown_ca, kSecEUntrustedRoot,
     "the peer's certificate chain does not end in a trusted root"},
    {Cause::certificate_expired, Alert::certificate_expired, kSecECertExpired,
     "a certificate in the peer's chain is expired or not yet valid"},
    {Cause::certificate_wrong_name, Alert::bad_certificate, kSecEWrongPrincipal,
     "the server's certificate is not for the target name"},
    {Cause::certificate_wrong_usage, Alert::unsupported_certificate, kSecECertWrongUsage,
     "the peer's certificate is not meant for this use"},
    {Cause::certificate_revoked, Alert::certificate_revoked, kCryptERevoked,
     "a certificate in the peer's chain has been revoked"},
    {Cause::revocation_offline, Alert::certificate_unknown, kCryptERevocationOffline,
     "no revocation server of a certificate in the peer's chain has given a usable answer"},
    {Cause::no_revocation_check, Alert::certificate_unknown, kCryptENoRevocationCheck,
     "a certificate in the peer's chain says nowhere whether it has been revoked"},
    {Cause::certificate_invalid, Alert::certificate_unknown, kSecECertUnknown,
     "the peer's certificate chain is not valid"},
    {Cause::certificate_changed, Alert::illegal_parameter, kSecECertUnknown,
     "the server shows another certificate in a renegotiation than before"},
    {Cause::certificate_required_13, Alert::certificate_required, kSecELogonDenied,
     "the client sent no certificate although one is required"},
    {Cause::certificate_required_12, Alert::handshake_failure, kSecELogonDenied,
     "the client sent no certificate although one is required"},
    {Cause::handshake_message_too_large, Alert::illegal_parameter, kSecEIllegalMessage,
     "the peer sent a handshake message above the size limit"},
    {Cause::certificate_list_too_long, Alert::bad_certificate, kSecECertUnknown,
     "the peer sent more certificates than the limit allows"},
    {Cause::too_many_warning_alerts, Alert::unexpected_message, kSecEIllegalMessage,
     "the peer sent too many warning alerts in a row"},
    {Cause::too_many_empty_records, Alert::unexpected_message, kSecEIllegalMessage,
     "the peer sent too many empty records in a row"},
    {Cause::too_many_key_updates, Alert::unexpected_message, kSecEIllegalMessage,
     "the peer sent too many key updates in a row"},
    {Cause::too_many_renegotiations, Alert::no_renegotiation, kSecEIllegalMessage,
     "the peer asked for too many renegotiations"},
    {Cause::too_many_certificate_requests, Alert::unexpected_message, kSecEIllegalMessage,
     "the server asked for too many certificates after the handshake"},
    {Cause::no_usable_certificate, Alert::handshake_failure, kSecENoCredentials,
     "the credential holds no certificate that can be used with this peer"},
    {Cause::key_exhausted, Alert::internal_error, kSecEEncryptFailure,
     "the record key has protected as many records as its cipher allows"},
    {Cause::connection_moved, std::nullopt, kSecEContextExpired,
     "the connection was exported and goes on elsewhere"},
    {Cause::out_of_memory, Alert::internal_error, kSecEInsufficientMemory, "out of memory"},
    {Cause::internal_error, Alert::internal_error, kSecEInternalError,
     "an internal error of OpenSchannel or its crypto library"},
    {Cause::peer_alert, std::nullopt, kSecEIllegalMessage, "the peer sent a fatal alert"},
};

consteval bool in_enum_order() {
  for (std::size_t i = 0; i < std::size(kRows); ++i) {
    if (static_cast<std::size_t>(kRows[i].cause) != i) return false;
  }
  return std::size(kRows) == static_cast<std::size_t>(Cause::peer_alert) + 1;
}
static_assert(in_enum_order(), "one row per Cause, in enum order");

struct Received {
  Alert alert;
  SecurityStatus status;
  std::string_view name;
};

// Contract ALERT-1 to ALERT-25: what the documentation says an alert from the peer becomes.
constexpr Received kReceived[] = {
    {Alert::close_notify, kSecIContextExpired, "close_notify"},
    {Alert::unexpected_message, kSecEIllegalMessage, "unexpected_message"},
    {Alert::bad_record_mac, kSecEMessageAltered, "bad_record_mac"},
    {Alert::decryption_failed, kSecEDecryptFailure, "decryption_failed"},
    {Alert::record_overflow, kSecEIllegalMessage, "record_overflow"},
    {Alert::decompression_failure, kSecEMessageAltered, "decompression_failure"},
    {Alert::handshake_failure, kSecEIllegalMessage, "handshake_failure"},
    {Alert::bad_certificate, kSecECertUnknown, "bad_certificate"},
    {Alert::unsupported_certificate, kSecECertUnknown, "unsupported_certificate"},
    {Alert::certificate_revoked, kCryptERevoked, "certificate_revoked"},
    {Alert::certificate_expired, kSecECertExpired, "certificate_expired"},
    {Alert::certificate_unknown, kSecECertUnknown, "certificate_unknown"},
    {Alert::illegal_parameter, kSecEIllegalMessage, "illegal_parameter"},
    {Alert::unknown_ca, kSecEUntrustedRoot, "unknown_ca"},
    {Alert::access_denied, kSecELogonDenied, "access_denied"},
    {Alert::decode_error, kSecEIllegalMessage, "decode_error"},
    {Alert::decrypt_error, kSecEDecryptFailure, "decrypt_error"},
    {Alert::export_restriction, kSecEIllegalMessage, "export_restriction"},
    {Alert::protocol_version, kSecEUnsupportedFunction, "protocol_version"},
    {Alert::insufficient_security, kSecEAlgorithmMismatch, "insufficient_security"},
    {Alert::internal_error, kSecEInternalError, "internal_error"},
    {Alert::inappropriate_fallback, kSecEIllegalMessage, "inappropriate_fallback"},
    {Alert::user_canceled, kSecEUnfinishedContextDeleted, "user_canceled"},
    {Alert::no_renegotiation, kSecEIllegalMessage, "no_renegotiation"},
    {Alert::missing_extension, kSecEIllegalMessage, "missing_extension"},
    {Alert::unsupported_extension, kSecEIllegalMessage, "unsupported_extension"},
    {Alert::unrecognized_name, kSecEIllegalMessage, "unrecognized_name"},
    {Alert::bad_certificate_status_response, kSecEIllegalMessage,
     "bad_certificate_status_response"},
    {Alert::unknown_psk_identity, kSecEIllegalMessage, "unknown_psk_identity"},
    {Alert::certificate_required, kSecEIllegalMessage, "certificate_required"},
    {Alert::no_application_protocol, kSecEApplicationProtocolMismatch, "no_application_protocol"},
};

}  // namespace

Disposition disposition(const Error& error) {
  const Row& row = kRows[static_cast<std::size_t>(error.cause)];
  if (error.cause == Cause::peer_alert && error.received) {
    return {std::nullopt, status_of_received(*error.received), row.text};
  }
  return {row.send, row.status, row.text};
}

SecurityStatus status_of_received(Alert alert) {
  for (const Received& row : kReceived) {
    if (row.alert == alert) return row.status;
  }
  return kSecEIllegalMessage;  // ALERT-26
}

std::string_view alert_name(Alert alert) {
  for (const Received& row : kReceived) {
    if (row.alert == alert) return row.name;
  }
  return "unknown alert";
}

}  // namespace schannel
