#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>

#include "support/attributes.h"
#include "support/certificates.h"

// docs/attributes.md says which attribute can be had when. This test makes the page by asking for
// every SECPKG_ATTR_* of the public headers at each stage of both sides and versions, and fails
// when the page says something else. `./dev attributes` writes it anew.
namespace contract {
namespace {

const char kPage[] = OPENSCHANNEL_TEST_DATA "/../../docs/attributes.md";
const char kHeaders[] = OPENSCHANNEL_TEST_DATA "/../../include/openschannel/";

struct Attribute {
  std::string name;
  ULONG id;
};

/// Every attribute that the headers name, by id. A flag that only looks like one is left out.
std::vector<Attribute> all_attributes() {
  std::map<ULONG, std::string> found;
  for (const char* file : {"sspi_attributes.h", "schannel_attributes.h", "extensions.h"}) {
    std::ifstream in(std::string(kHeaders) + file);
    EXPECT_TRUE(in) << file;
    const std::regex define(R"(#define ((?:SECPKG|OPENSCHANNEL)_ATTR_(\w+)) (\w+).*)");
    for (std::string line; std::getline(in, line);) {
      std::smatch match;
      if (!std::regex_match(line, match, define)) continue;
      if (match[2].str().rfind("NEGO_INFO_FLAG", 0) == 0) continue;
      const auto id = static_cast<ULONG>(std::stoul(match[3], nullptr, 0));
      const bool ours = match[1].str().rfind("OPENSCHANNEL", 0) == 0;
      auto& name = found[id];
      name += (name.empty() ? "" : ", ") + (ours ? match[1].str() : match[2].str());
    }
  }
  std::vector<Attribute> out;
  for (const auto& [id, name] : found) out.push_back({name, id});
  return out;
}

/// A status in the words of the page.
std::string word(SECURITY_STATUS status) {
  switch (status) {
    case SEC_E_OK:
      return "yes";
    case SEC_E_INVALID_HANDLE:
      return "not yet";
    case SEC_E_UNSUPPORTED_FUNCTION:
      return "-";
    case SEC_E_NO_CREDENTIALS:
      return "no certificate";
    case SEC_E_NO_IMPERSONATION:
      return "no account";
    default: {
      const std::string text = OpenSchannelStatusText(status);
      return text.substr(0, text.find(':'));
    }
  }
}

std::string query(CtxtHandle& context, ULONG id) {
  char label[] = "EXPORTER-table";
  SecPkgContext_KeyingMaterialInfo info{sizeof label, label, 0, nullptr, 32};
  EXPECT_EQ(SetContextAttributesW(&context, SECPKG_ATTR_KEYING_MATERIAL_INFO, &info, sizeof info),
            SEC_E_OK);
  const Bytes room = attribute_room(id, 8192);
  Bytes buffer = room;
  const SECURITY_STATUS status = QueryContextAttributesW(&context, id, buffer.data());
  if (status == SEC_E_OK) {
    release_attribute(id, buffer);
  } else {
    EXPECT_EQ(buffer, room) << id;  // a failed query writes nothing
  }
  return word(status);
}

/// Whether it can be set: by a value of the right size and meaning, where there is one.
std::string set(CtxtHandle& context, ULONG id) {
  SecPkgContext_SessionAppData app{};
  DWORD prf = 0;
  SecPkgContext_EapPrfInfo eap{0, sizeof prf, reinterpret_cast<BYTE*>(&prf)};
  SecPkgContext_EarlyStart early{};
  SecPkgContext_UiInfo ui{};
  char label[] = "EXPORTER-table";
  SecPkgContext_KeyingMaterialInfo info{sizeof label, label, 0, nullptr, 32};
  const auto with = [&](auto& value) {
    return word(SetContextAttributesW(&context, id, &value, sizeof value));
  };
  switch (id) {
    case SECPKG_ATTR_APP_DATA:
      return with(app);
    case SECPKG_ATTR_EAP_PRF_INFO:
      return with(eap);
    case SECPKG_ATTR_EARLY_START:
      return with(early);
    case SECPKG_ATTR_UI_INFO:
      return with(ui);
    case SECPKG_ATTR_KEYING_MATERIAL_INFO:
      return with(info);
    default:
      return with(prf);
  }
}

/// The columns, in order.
const char* const kStages[] = {"client: hello sent", "client: asked for a certificate",
                               "client: done", "server: hello answered", "server: done"};
constexpr std::size_t kStageCount = std::size(kStages);
constexpr std::size_t kServerHello = 3;

using Cells = std::map<ULONG, std::array<std::string, kStageCount + 1>>;  // the last: can be set

/// All answers in one version. Both sides have a certificate when they are done.
Cells ask_all(Tls version, const std::vector<Attribute>& attributes) {
  Cells cells;
  const auto at_stage = [&](std::size_t stage, Side& side) {
    for (const Attribute& one : attributes) cells[one.id][stage] = query(side.context, one.id);
  };
  Credential server_credential(SECPKG_CRED_INBOUND, version,
                               [](SCH_CREDENTIALS& data) { data.hRootStore = roots(); });
  for (const bool with_certificate : {false, true}) {
    PCCERT_CONTEXT own = server_certificate();
    Credential client_credential(SECPKG_CRED_OUTBOUND, version, [&](SCH_CREDENTIALS& data) {
      data.cCreds = with_certificate ? 1 : 0;
      data.paCred = &own;
      data.dwFlags |= SCH_CRED_NO_DEFAULT_CREDS;
    });
    Side client(false, &client_credential.handle), server(true, &server_credential.handle);
    server.flags = kServerFlags | ASC_REQ_MUTUAL_AUTH;
    Bytes to_server, to_client;
    client.feed({}, to_server);
    at_stage(0, client);
    server.feed(std::exchange(to_server, {}), to_client);
    at_stage(kServerHello, server);
    if (!with_certificate) {
      EXPECT_EQ(client.call(to_client).status, SEC_I_INCOMPLETE_CREDENTIALS);
      at_stage(1, client);
      continue;
    }
    client.feed(std::exchange(to_client, {}), to_server);
    EXPECT_EQ(server.feed(std::exchange(to_server, {}), to_client), SEC_E_OK);
    if (!to_client.empty()) client.feed(to_client, to_server);
    EXPECT_EQ(client.last, SEC_E_OK);
    at_stage(2, client);
    at_stage(4, server);
    for (const Attribute& one : attributes) {
      cells[one.id][kStageCount] = set(client.context, one.id);
    }
  }
  return cells;
}

std::string in_hex(ULONG id) {
  std::ostringstream out;
  out << "0x" << std::uppercase << std::hex << id;
  return out.str();
}

std::string context_table(const std::vector<Attribute>& attributes) {
  Cells tls12 = ask_all(Tls::v12, attributes), tls13 = ask_all(Tls::v13, attributes);
  std::string out = "| attribute | id |";
  for (const char* stage : kStages) out += std::string(" ") + stage + " |";
  out += " can be set |\n|---|---|";
  for (std::size_t i = 0; i <= kStageCount; ++i) out += "---|";
  out += "\n";
  std::string never;
  for (const Attribute& one : attributes) {
    const auto &old = tls12[one.id], &now = tls13[one.id];
    const bool has = std::any_of(old.begin(), old.end(), [](auto& cell) { return cell != "-"; });
    if (!has && old == now) {
      never += "\n- " + one.name;
      continue;
    }
    out += "| " + one.name + " | " + in_hex(one.id) + " |";
    for (std::size_t i = 0; i <= kStageCount; ++i) {
      out += " " + (old[i] == now[i] ? old[i] : "1.2: " + old[i] + "; 1.3: " + now[i]) + " |";
    }
    out += "\n";
  }
  return out + "\nAlways SEC_E_UNSUPPORTED_FUNCTION, both ways:\n" + never + "\n";
}

std::string credential_table() {
  const struct {
    const char* name;
    ULONG id;
  } rows[] = {{"SECPKG_CRED_ATTR_NAMES", SECPKG_CRED_ATTR_NAMES},
              {"SECPKG_ATTR_SUPPORTED_ALGS", SECPKG_ATTR_SUPPORTED_ALGS},
              {"SECPKG_ATTR_CIPHER_STRENGTHS", SECPKG_ATTR_CIPHER_STRENGTHS},
              {"SECPKG_ATTR_SUPPORTED_PROTOCOLS", SECPKG_ATTR_SUPPORTED_PROTOCOLS},
              {"SECPKG_CRED_ATTR_CERT", SECPKG_CRED_ATTR_CERT}};
  std::string out = "| attribute | id | query | set |\n|---|---|---|---|\n";
  for (const auto& row : rows) {
    Credential credential(SECPKG_CRED_OUTBOUND, Tls::v13);
    Bytes buffer(64);
    const SECURITY_STATUS queried =
        QueryCredentialsAttributesW(&credential.handle, row.id, buffer.data());
    if (queried == SEC_E_OK) release_attribute(row.id, buffer);
    // Every structure of these is at most 16 bytes: zeros mean "no restriction" in all of them.
    Bytes nothing(16);
    SECURITY_STATUS set = SEC_E_INVALID_PARAMETER;
    for (const ULONG size : {4, 8, 16}) {
      const SECURITY_STATUS status =
          SetCredentialsAttributesW(&credential.handle, row.id, nothing.data(), size);
      if (status != SEC_E_INVALID_PARAMETER) set = status;
    }
    out += std::string("| ") + row.name + " | " + in_hex(row.id) + " | " + word(queried) + " | " +
           word(set) + " |\n";
  }
  return out;
}

std::string page() {
  return "# Attributes: what can be had when\n\n"
         "Made by a test that asks for every attribute of the public headers at each stage, in "
         "TLS 1.2\nand 1.3, and fails when this page says something else. `./dev attributes` "
         "writes it anew.\nWhat each attribute holds is in [contract.md](contract.md), section K."
         "\n\n"
         "\"yes\" is SEC_E_OK, \"not yet\" SEC_E_INVALID_HANDLE, \"-\" SEC_E_UNSUPPORTED_FUNCTION, "
         "\"no certificate\"\nSEC_E_NO_CREDENTIALS, \"no account\" SEC_E_NO_IMPERSONATION: nobody "
         "is mapped here.\nKEYING_MATERIAL is asked for after KEYING_MATERIAL_INFO has been set. "
         "Both sides hold a\ncertificate and a root store; the client that is asked for one has "
         "none.\n\n"
         "## Contexts\n\n" +
         context_table(all_attributes()) + "\n## Credentials\n\n" + credential_table();
}

TEST(AttributeTable, ATTR_2_the_page_says_what_is) {
  const std::string made = page();
  if (std::getenv("OPENSCHANNEL_WRITE_ATTRIBUTES") != nullptr) {
    std::ofstream(kPage) << made;
    return;
  }
  std::ifstream in(kPage);
  const std::string written{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  EXPECT_TRUE(written == made) << "docs/attributes.md is not what the library does; "
                                  "./dev attributes writes it anew. It should be:\n"
                               << made;
}

}  // namespace
}  // namespace contract
