#include "schannel/settings.h"

#include <gtest/gtest.h>

namespace schannel::package {
namespace {

Settings parsed(std::string_view toml) {
  ParsedSettings result = parse_settings(toml, "file");
  const auto* error = std::get_if<std::string>(&result);
  EXPECT_EQ(error, nullptr) << *error;
  return error == nullptr ? std::get<Settings>(result) : Settings();
}

std::string complaint(std::string_view toml) {
  ParsedSettings result = parse_settings(toml, "file");
  const auto* error = std::get_if<std::string>(&result);
  EXPECT_NE(error, nullptr) << toml;
  return error == nullptr ? "" : *error;
}

TEST(Settings, an_empty_file_says_what_no_file_says) {
  const Settings settings = parsed("");
  EXPECT_FALSE(settings.send_trusted_issuer_list);
  EXPECT_FALSE(settings.require_client_certificate);
  EXPECT_EQ(settings.client_trust, ClientTrust::machine);
  EXPECT_FALSE(settings.client_cache_ms);
  EXPECT_FALSE(settings.server_cache_ms);
  EXPECT_EQ(settings.server_session_count_max, 20'000U);
  EXPECT_FALSE(settings.machine_id);
  EXPECT_EQ(settings.issuer_count_max, 100U);
  EXPECT_EQ(settings.issuer_cache_ms, 600'000U);
  EXPECT_EQ(settings.client_protocols.disabled, 0U);
  EXPECT_EQ(settings.server_protocols.disabled_by_default, 0U);
}

TEST(Settings, every_setting_is_read) {
  const Settings settings = parsed(R"(
SendTrustedIssuerList = true
RequireClientCertificate = true
ClientAuthTrustMode = 2
ClientCacheTime = 1
ServerCacheTime = 4294967295
MaximumCacheSize = 3
MachineID = 0x01020304
IssuerCacheSize = 5
IssuerCacheTime = 6
TicketKeyFile = "/keys"
MappingRulesFile = "/rules"
)");
  EXPECT_TRUE(settings.send_trusted_issuer_list);
  EXPECT_TRUE(settings.require_client_certificate);
  EXPECT_EQ(settings.client_trust, ClientTrust::exclusive_ca);
  EXPECT_EQ(settings.client_cache_ms, 1U);
  EXPECT_EQ(settings.server_cache_ms, 4294967295U);
  EXPECT_EQ(settings.server_session_count_max, 3U);
  EXPECT_EQ(settings.machine_id, 0x01020304U);
  EXPECT_EQ(settings.issuer_count_max, 5U);
  EXPECT_EQ(settings.issuer_cache_ms, 6U);
  EXPECT_EQ(settings.ticket_key_file, "/keys");
  EXPECT_EQ(settings.mapping_rules_file, "/rules");
}

TEST(Settings, PROTO_5_two_values_make_three_states) {
  const Settings settings = parsed(R"(
[Protocols."TLS 1.2".Client]
Enabled = false
[Protocols."TLS 1.2".Server]
Enabled = true
DisabledByDefault = true
[Protocols."TLS 1.3"]
Client = { Enabled = 1, DisabledByDefault = 0 }
Server = { Enabled = 0, DisabledByDefault = 1 }
)");
  EXPECT_EQ(settings.client_protocols.disabled, DWORD{SP_PROT_TLS1_2_CLIENT});
  EXPECT_EQ(settings.client_protocols.disabled_by_default, 0U);
  EXPECT_EQ(settings.server_protocols.disabled, DWORD{SP_PROT_TLS1_3_SERVER});
  EXPECT_EQ(settings.server_protocols.disabled_by_default, DWORD{SP_PROT_TLS1_2_SERVER});
}

TEST(Settings, what_does_not_exist_can_be_disabled_and_not_enabled) {
  for (const char* version :
       {"TLS 1.1", "TLS 1.0", "SSL 3.0", "SSL 2.0", "PCT 1.0", "DTLS 1.2", "DTLS 1.0"}) {
    const std::string table = "[Protocols.\"" + std::string(version) + "\".Server]\n";
    parsed(table + "Enabled = false\nDisabledByDefault = true");
    EXPECT_EQ(complaint(table + "Enabled = true"),
              "file:1: Protocols." + std::string(version) +
                  ".Server.Enabled can't be true: that version is not built");
  }
}

TEST(Settings, CACHE_10_all_ones_are_no_machine_id) {
  EXPECT_FALSE(parsed("MachineID = 0xffffffff").machine_id);
  EXPECT_EQ(parsed("MachineID = 0").machine_id, 0U);
}

TEST(Settings, a_number_does_for_a_flag) {
  EXPECT_TRUE(parsed("SendTrustedIssuerList = 0xffffffff").send_trusted_issuer_list);
  EXPECT_FALSE(parsed("SendTrustedIssuerList = 0").send_trusted_issuer_list);
}

TEST(Settings, what_is_wrong_is_named_with_its_line) {
  EXPECT_EQ(complaint("\nSendTrustedIssuersList = true"),
            "file:2: SendTrustedIssuersList is no setting");
  EXPECT_EQ(complaint("sendtrustedissuerlist = true"),
            "file:1: sendtrustedissuerlist is no setting");
  EXPECT_EQ(complaint("[Protocols.\"TLS 1.4\".Client]\nEnabled = true"),
            "file:1: Protocols.TLS 1.4 is no protocol version");
  EXPECT_EQ(complaint("[Protocols.\"TLS 1.2\".Both]\nEnabled = true"),
            "file:1: Protocols.TLS 1.2.Both is no setting");
  EXPECT_EQ(complaint("[Protocols.\"TLS 1.2\".Client]\nenabled = false"),
            "file:2: Protocols.TLS 1.2.Client.enabled is no setting");
  EXPECT_EQ(complaint("Protocols = 1"), "file:1: Protocols must be a table");
  EXPECT_EQ(complaint("Protocols.'TLS 1.2' = 1"), "file:1: Protocols.TLS 1.2 must be a table");
  EXPECT_EQ(complaint("Protocols.'TLS 1.2'.Client = false"),
            "file:1: Protocols.TLS 1.2.Client must be a table");
  EXPECT_EQ(complaint("\"a\\u0007b\" = 1"), "file:1: a?b is no setting");
}

TEST(Settings, another_type_or_range_is_an_error) {
  const std::string number = "must be a whole number from 0 to 4294967295";
  for (const char* value : {"-1", "4294967296", "1.0", "'1'", "true", "[1]", "1979-05-27"}) {
    for (const char* key : {"ClientCacheTime", "ServerCacheTime", "MaximumCacheSize", "MachineID",
                            "IssuerCacheSize", "IssuerCacheTime"}) {
      EXPECT_EQ(complaint(std::string(key) + " = " + value),
                "file:1: " + std::string(key) + " " + number);
    }
  }
  for (const char* value : {"'yes'", "-1", "[]", "1.5"}) {
    EXPECT_NE(complaint("RequireClientCertificate = " + std::string(value)).find("true or false"),
              std::string::npos);
  }
  for (const char* value : {"''", "'relative'", "1", "true", "\"/a\\u0000b\""}) {
    EXPECT_NE(complaint("MappingRulesFile = " + std::string(value)).find("absolute path"),
              std::string::npos);
  }
  EXPECT_NE(complaint("ClientAuthTrustMode = 3").find("0, 1 or 2"), std::string::npos);
}

TEST(Settings, what_is_no_TOML_is_an_error) {
  EXPECT_EQ(complaint("a = 1\nb ==").substr(0, 7), "file:2:");
  EXPECT_EQ(complaint("MachineID = 1\nMachineID = 2").substr(0, 5), "file:");
  complaint(std::string(100'000, '['));
  complaint("\xff\xfe");
}

}  // namespace
}  // namespace schannel::package
