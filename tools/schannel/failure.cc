#include "failure.h"

#include <fmt/format.h>
#include <openschannel/extensions.h>

namespace {

std::string describe(const std::string& call, SECURITY_STATUS status) {
  std::string text = fmt::format("{} failed with 0x{:08x}\n  {}", call,
                                 static_cast<unsigned>(status), OpenSchannelStatusText(status));
  if (const std::string why = OpenSchannelErrorDetail(); !why.empty()) {
    text += "\n  because " + why;
  }
  if (const std::string what = advice(status); !what.empty()) text += "\n  try: " + what;
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

std::string advice(SECURITY_STATUS status) {
  switch (status) {
    case SEC_E_UNTRUSTED_ROOT:
      return "--ca FILE with the server's root, or --insecure to connect without verification";
    case SEC_E_WRONG_PRINCIPAL:
      return "--name NAME with the name in the certificate";
    case SEC_E_CERT_EXPIRED:
      return "check the clock of this machine and the dates in the certificate";
    case SEC_E_UNSUPPORTED_FUNCTION:
    case SEC_E_ALGORITHM_MISMATCH:
      return "leave out --tls, so that both versions are offered";
    case SEC_E_APPLICATION_PROTOCOL_MISMATCH:
      return "another --alpn list";
    case SEC_E_INVALID_TOKEN:
      return "check that the other side speaks TLS on this port";
    default:
      return {};
  }
}
