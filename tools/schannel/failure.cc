#include "failure.h"

#include <fmt/format.h>
#include <openschannel/extensions.h>

namespace {

std::string describe(const std::string& call, SECURITY_STATUS status) {
  std::string text = fmt::format("{} failed with 0x{:08x}\n  {}", call,
                                 static_cast<unsigned>(status), OpenSchannelStatusText(status));
  const std::string why = OpenSchannelErrorDetail();
  if (!why.empty()) text += "\n  because " + why;
  if (const std::string what = advice(call, status, why); !what.empty()) text += "\n  try: " + what;
  return text;
}

}  // namespace

Failure::Failure(const std::string& call, SECURITY_STATUS status)
    : std::runtime_error(describe(call, status)), status_(status) {}

std::string status_name(SECURITY_STATUS status) {
  const std::string text = OpenSchannelStatusText(status);
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) return fmt::format("0x{:08x}", static_cast<unsigned>(status));
  return text.substr(0, colon);
}

std::string advice(const std::string& call, SECURITY_STATUS status, const std::string& why) {
  const auto says = [&](const char* text) { return why.find(text) != std::string::npos; };
  if (says("certificate_required")) {
    return "a client certificate: --cert FILE --key FILE, or --pfx FILE";
  }
  // The server shows its certificate: what is wrong with it must be told to the client's user.
  if (call == "AcceptSecurityContext" || call == "DecryptMessage") {
    switch (status) {
      case SEC_E_UNTRUSTED_ROOT:
      case SEC_E_CERT_UNKNOWN:
      case SEC_E_CERT_EXPIRED:
        return "the other side refused our certificate: one that it trusts, or tell it to trust "
               "this one";
      case SEC_E_INVALID_TOKEN:
        return "a client that speaks TLS; this one sent something else";
      default:
        break;
    }
  }
  switch (status) {
    case SEC_E_UNTRUSTED_ROOT:
      return "--ca FILE with the server's root, or --insecure to connect without verification";
    case SEC_E_WRONG_PRINCIPAL:
      return "--name NAME with a name that the certificate is for";
    case SEC_E_CERT_EXPIRED:
      return "check the clock of this machine and the dates of the certificate";
    case SEC_E_CERT_WRONG_USAGE:
      return "a certificate whose extended key usage allows this role";
    case SEC_E_UNSUPPORTED_FUNCTION:
    case SEC_E_ALGORITHM_MISMATCH:
      return "leave out --tls, so that both versions are offered";
    case SEC_E_APPLICATION_PROTOCOL_MISMATCH:
      return "another --alpn list, or none";
    case SEC_E_LOGON_DENIED:
      return "a client certificate: --cert FILE --key FILE, or --pfx FILE";
    case SEC_E_INVALID_TOKEN:
    case SEC_E_ILLEGAL_MESSAGE:
      // Who sends an alert does speak TLS.
      return says("alert") ? "" : "check that the other side speaks TLS on this port";
    case SEC_E_NO_CREDENTIALS:
      return "a certificate with its private key: --cert FILE --key FILE, or --pfx FILE";
    case static_cast<SECURITY_STATUS>(ERROR_INVALID_PASSWORD):
      return "--password, with the password of the key";
    case CRYPT_E_NOT_FOUND:
      return "a PEM file with a certificate (and a key, if it is to be ours)";
    default:
      return {};
  }
}
