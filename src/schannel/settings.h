#pragma once
#include <openschannel/schannel.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "tls/config.h"

// What the registry is to Schannel: one TOML file with the same entries (contract R-7, PROTO-9;
// docs/settings.md, decision 0013).
namespace schannel::package {

/// What the administrator says of protocol versions for one side, as SP_PROT_* bits (PROTO-4).
struct ProtocolSettings {
  DWORD disabled = 0;             ///< Never, whoever asks.
  DWORD disabled_by_default = 0;  ///< Only for who asks in grbitEnabledProtocols.
};

/// What client certificates have to end in before they are mapped (AUTH-23).
enum class ClientTrust : std::uint8_t { machine = 0, exclusive_root = 1, exclusive_ca = 2 };

struct Settings {
  /// CertificateRequest names the authorities (AUTH-22).
  bool send_trusted_issuer_list = false;
  /// As if every server credential had OPENSCHANNEL_CRED_REQUIRE_CLIENT_CERTIFICATE.
  bool require_client_certificate = false;
  ClientTrust client_trust = ClientTrust::machine;

  /// Milliseconds; 0: nothing is kept (CACHE-3). Without a value the lifespan is the caller's, or
  /// 10 hours.
  std::optional<std::uint32_t> client_cache_ms;
  std::optional<std::uint32_t> server_cache_ms;
  /// Sessions that a server keeps; 0: it resumes none (CACHE-4).
  std::uint32_t server_session_count_max = 20'000;
  /// Bytes 4 to 7 of a server's session ids (CACHE-10).
  std::optional<std::uint32_t> machine_id;

  /// Issuers known to map to no account, and for how many milliseconds (MAP-5).
  std::uint32_t issuer_count_max = 100;
  std::uint32_t issuer_cache_ms = 600'000;

  /// Absolute paths; empty: none.
  std::string ticket_key_file;
  std::string mapping_rules_file;

  ProtocolSettings client_protocols;
  ProtocolSettings server_protocols;
  const ProtocolSettings& protocols(tls::Role role) const {
    return role == tls::Role::client ? client_protocols : server_protocols;
  }
};

/// Settings, or a sentence that says what is wrong with them, and where.
using ParsedSettings = std::variant<Settings, std::string>;
/// `name` is the file's, for the sentence. What is unknown, of another type or out of range is an
/// error: a setting with a slip in it must not look as if it were in force.
ParsedSettings parse_settings(std::string_view toml, const std::string& name);

/// The system's file unless OPENSCHANNEL_SETTINGS names another. Set-user-id programs ignore the
/// variable. Set but empty, it names none.
inline constexpr char kSettingsVariable[] = "OPENSCHANNEL_SETTINGS";
inline constexpr char kSystemSettingsFile[] = "/etc/openschannel/settings.toml";
inline constexpr std::size_t kSettingsBytesMax = 0x100000;

/// The settings in force; null with `why` set when the file can't be used. It is read when first
/// asked for and again when it has changed (PROTO-8). That the system's file is missing is fine;
/// one that the variable names must be there. Safe from any thread.
std::shared_ptr<const Settings> current_settings(std::string& why);

}  // namespace schannel::package
