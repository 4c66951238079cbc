#include "schannel/settings.h"

#include <toml++/toml.h>

#include <algorithm>
#include <iterator>

namespace schannel::package {
namespace {

/// What an entry should be instead, or null when it was taken.
using Complaint = const char*;

constexpr Complaint kNotAFlag = "must be true or false (or a number: 0 is false)";
constexpr Complaint kNotANumber = "must be a whole number from 0 to 4294967295";
constexpr Complaint kNotAPath = "must be an absolute path, as text";
constexpr Complaint kNotATable = "must be a table";
constexpr Complaint kUnknown = "is no setting";

Complaint read(const toml::node& node, std::uint32_t& out) {
  const auto value = node.value_exact<std::int64_t>();
  if (!value || *value < 0 || *value > std::int64_t{UINT32_MAX}) return kNotANumber;
  out = static_cast<std::uint32_t>(*value);
  return nullptr;
}

Complaint read(const toml::node& node, std::optional<std::uint32_t>& out) {
  return read(node, out.emplace());
}

/// The registry has numbers where TOML has booleans.
Complaint read(const toml::node& node, bool& out) {
  if (const auto value = node.value_exact<bool>()) {
    out = *value;
    return nullptr;
  }
  std::uint32_t number = 0;
  if (read(node, number) != nullptr) return kNotAFlag;
  out = number != 0;
  return nullptr;
}

Complaint read(const toml::node& node, std::string& out) {
  const auto value = node.value_exact<std::string>();
  const bool is_path = value && value->starts_with('/') && value->find('\0') == std::string::npos;
  if (!is_path) return kNotAPath;
  out = *value;
  return nullptr;
}

Complaint read(const toml::node& node, ClientTrust& out) {
  std::uint32_t number = 0;
  if (read(node, number) != nullptr || number > 2) return "must be 0, 1 or 2";
  out = static_cast<ClientTrust>(number);
  return nullptr;
}

/// CACHE-10: all ones mean that there is none.
Complaint read_machine_id(const toml::node& node, Settings& out) {
  std::uint32_t number = 0;
  if (const Complaint complaint = read(node, number)) return complaint;
  out.machine_id.reset();
  if (number != 0xffffffff) out.machine_id = number;
  return nullptr;
}

template <auto member>
Complaint read_into(const toml::node& node, Settings& out) {
  return read(node, out.*member);
}

struct Row {
  std::string_view name;
  Complaint (*take)(const toml::node& node, Settings& out);
};

// Windows' names where Windows has the setting.
constexpr Row kRows[] = {
    {"SendTrustedIssuerList", read_into<&Settings::send_trusted_issuer_list>},
    {"RequireClientCertificate", read_into<&Settings::require_client_certificate>},
    {"ClientAuthTrustMode", read_into<&Settings::client_trust>},
    {"ClientCacheTime", read_into<&Settings::client_cache_ms>},
    {"ServerCacheTime", read_into<&Settings::server_cache_ms>},
    {"MaximumCacheSize", read_into<&Settings::server_session_count_max>},
    {"MachineID", read_machine_id},
    {"IssuerCacheSize", read_into<&Settings::issuer_count_max>},
    {"IssuerCacheTime", read_into<&Settings::issuer_cache_ms>},
    {"TicketKeyFile", read_into<&Settings::ticket_key_file>},
    {"MappingRulesFile", read_into<&Settings::mapping_rules_file>},
};

struct Version {
  std::string_view name;
  DWORD client;
  DWORD server;
  bool exists;  ///< In this library.
};

constexpr Version kVersions[] = {
    {"TLS 1.3", SP_PROT_TLS1_3_CLIENT, SP_PROT_TLS1_3_SERVER, true},
    {"TLS 1.2", SP_PROT_TLS1_2_CLIENT, SP_PROT_TLS1_2_SERVER, true},
    {"TLS 1.1", SP_PROT_TLS1_1_CLIENT, SP_PROT_TLS1_1_SERVER, false},
    {"TLS 1.0", SP_PROT_TLS1_0_CLIENT, SP_PROT_TLS1_0_SERVER, false},
    {"SSL 3.0", SP_PROT_SSL3_CLIENT, SP_PROT_SSL3_SERVER, false},
    {"SSL 2.0", SP_PROT_SSL2_CLIENT, SP_PROT_SSL2_SERVER, false},
    {"PCT 1.0", SP_PROT_PCT1_CLIENT, SP_PROT_PCT1_SERVER, false},
    {"DTLS 1.2", SP_PROT_DTLS1_2_CLIENT, SP_PROT_DTLS1_2_SERVER, false},
    {"DTLS 1.0", SP_PROT_DTLS1_0_CLIENT, SP_PROT_DTLS1_0_SERVER, false},
};

/// One file on its way in. The first complaint ends it.
class Parser {
 public:
  explicit Parser(const std::string& name) : name_(name) {}

  ParsedSettings parse(const toml::table& root) {
    for (const auto& [key, node] : root) {
      const std::string_view name = key.str();
      if (name == "Protocols") {
        take_protocols(name, node);
      } else {
        const auto* row = std::find_if(std::begin(kRows), std::end(kRows),
                                       [name](const Row& r) { return r.name == name; });
        judge(name, node, row == std::end(kRows) ? kUnknown : row->take(node, settings_));
      }
    }
    if (!error_.empty()) return error_;
    return settings_;
  }

 private:
  void judge(std::string_view key, const toml::node& node, Complaint complaint) {
    if (complaint == nullptr || !error_.empty()) return;
    error_ = name_ + ":" + std::to_string(node.source().begin.line) + ": " + printable(key) + " " +
             complaint;
  }

  static std::string printable(std::string_view text) {
    std::string out(text.substr(0, 200));
    std::replace_if(
        out.begin(), out.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    return out;
  }

  /// Calls `each(path, key, node)` for every entry of a table.
  template <class Each>
  void for_each(const std::string& path, const toml::node& node, Each each) {
    const toml::table* table = node.as_table();
    if (table == nullptr) return judge(path, node, kNotATable);
    for (const auto& [key, child] : *table) {
      each(path + "." + std::string(key.str()), key.str(), child);
    }
  }

  void take_protocols(std::string_view name, const toml::node& node) {
    for_each(std::string(name), node, [&](const std::string& path, auto key, const auto& child) {
      const auto* version = std::find_if(std::begin(kVersions), std::end(kVersions),
                                         [&](const Version& v) { return v.name == key; });
      if (version == std::end(kVersions)) return judge(path, child, "is no protocol version");
      for_each(path, child, [&](const std::string& side_path, auto side, const auto& entries) {
        const bool is_client = side == "Client";
        if (!is_client && side != "Server") return judge(side_path, entries, kUnknown);
        take_version(side_path, entries, version->exists,
                     is_client ? version->client : version->server,
                     is_client ? settings_.client_protocols : settings_.server_protocols);
      });
    });
  }

  /// PROTO-5.
  void take_version(const std::string& path, const toml::node& node, bool exists, DWORD bit,
                    ProtocolSettings& out) {
    std::optional<bool> enabled;
    bool disabled_by_default = false;
    for_each(path, node, [&](const std::string& entry, auto key, const toml::node& value) {
      if (key == "Enabled") {
        judge(entry, value, read(value, enabled.emplace()));
      } else if (key == "DisabledByDefault") {
        judge(entry, value, read(value, disabled_by_default));
      } else {
        judge(entry, value, kUnknown);
      }
    });
    if (!exists && enabled.value_or(false)) {
      judge(path + ".Enabled", node, "can't be true: that version is not built");
    }
    if (!enabled.value_or(true)) {
      out.disabled |= bit;
    } else if (disabled_by_default) {
      out.disabled_by_default |= bit;
    }
  }

  const std::string& name_;
  Settings settings_;
  std::string error_;
};

}  // namespace

ParsedSettings parse_settings(std::string_view toml, const std::string& name) {
  try {
    return Parser(name).parse(toml::parse(toml));
  } catch (const toml::parse_error& error) {
    return name + ":" + std::to_string(error.source().begin.line) + ": " +
           std::string(error.description());
  }
}

}  // namespace schannel::package
