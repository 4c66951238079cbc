#include "support/sessions.h"
#include "support/settings.h"

// What a caller puts into sessions: ticket keys that several servers share (CACHE-12), and data of
// its own (CACHE-13).
namespace contract {
namespace {

constexpr ULONG kTicketServer = kServerFlags | ASC_REQ_SESSION_TICKET;

SecPkgCred_SessionTicketKey ticket_key(BYTE mark, BYTE size = 32) {
  SecPkgCred_SessionTicketKey key{};
  key.TicketInfoVersion = SESSION_TICKET_INFO_VERSION;
  std::memset(key.KeyId, mark, sizeof key.KeyId);
  std::memset(key.KeyingMaterial, mark + 100, sizeof key.KeyingMaterial);
  key.KeyingMaterialSize = size;
  return key;
}

SECURITY_STATUS set_keys(const Credential& credential,
                         std::vector<SecPkgCred_SessionTicketKey> keys) {
  SecPkgCred_SessionTicketKeys value{static_cast<DWORD>(keys.size()), keys.data()};
  const SECURITY_STATUS status =
      SetCredentialsAttributesW(const_cast<CredHandle*>(&credential.handle),
                                SECPKG_ATTR_SESSION_TICKET_KEYS, &value, sizeof value);
  // HND-5: nothing is read later.
  std::fill(keys.begin(), keys.end(), SecPkgCred_SessionTicketKey{});
  return status;
}

class SessionKeys : public testing::TestWithParam<Tls> {
 protected:
  bool connect(const Credential& server_credential, ULONG server_flags = kTicketServer) {
    Side client(false, &client_.handle);
    Side server(true, const_cast<CredHandle*>(&server_credential.handle));
    server.flags = server_flags;
    return connect_for_session(client, server);
  }

  Credential client_{SECPKG_CRED_OUTBOUND, GetParam()};
  Credential server_{SECPKG_CRED_INBOUND, GetParam()};
  Credential other_server_{SECPKG_CRED_INBOUND, GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Versions, SessionKeys, testing::Values(Tls::v12, Tls::v13), name_of);

TEST_P(SessionKeys, CACHE_12_servers_with_the_same_keys_know_each_others_tickets) {
  EXPECT_FALSE(connect(server_));
  EXPECT_FALSE(connect(other_server_)) << "with random keys they do not";
  ASSERT_EQ(set_keys(server_, {ticket_key(1)}), SEC_E_OK);
  ASSERT_EQ(set_keys(other_server_, {ticket_key(1)}), SEC_E_OK);
  EXPECT_FALSE(connect(server_)) << "the ticket under a random key is no good any more";
  EXPECT_TRUE(connect(other_server_));
  EXPECT_TRUE(connect(server_));
}

TEST_P(SessionKeys, CACHE_12_the_first_seals_and_all_open) {
  ASSERT_EQ(set_keys(server_, {ticket_key(1)}), SEC_E_OK);
  EXPECT_FALSE(connect(server_));
  ASSERT_EQ(set_keys(server_, {ticket_key(2, 64), ticket_key(1)}), SEC_E_OK);
  EXPECT_TRUE(connect(server_)) << "the old key opens";
  SslEmptyCacheA(nullptr, 0);
  EXPECT_FALSE(connect(server_));
  ASSERT_EQ(set_keys(server_, {ticket_key(2, 64)}), SEC_E_OK);
  EXPECT_TRUE(connect(server_)) << "the new key has sealed";
  ASSERT_EQ(set_keys(server_, {ticket_key(3)}), SEC_E_OK);
  EXPECT_FALSE(connect(server_)) << "and without it nobody opens";
}

TEST_P(SessionKeys, CACHE_12_the_same_id_with_another_key_opens_nothing) {
  ASSERT_EQ(set_keys(server_, {ticket_key(1, 32)}), SEC_E_OK);
  ASSERT_EQ(set_keys(other_server_, {ticket_key(1, 33)}), SEC_E_OK);
  EXPECT_FALSE(connect(server_));
  EXPECT_FALSE(connect(other_server_));
}

TEST_P(SessionKeys, CACHE_12_what_is_wrong_changes_nothing) {
  ASSERT_EQ(set_keys(server_, {ticket_key(1)}), SEC_E_OK);
  EXPECT_FALSE(connect(server_));
  EXPECT_EQ(set_keys(server_, {}), SEC_E_INVALID_PARAMETER);
  EXPECT_EQ(set_keys(server_, {ticket_key(2, 31)}), SEC_E_INVALID_PARAMETER);
  EXPECT_EQ(set_keys(server_, {ticket_key(2, 65)}), SEC_E_INVALID_PARAMETER);
  EXPECT_EQ(set_keys(server_, {ticket_key(2), ticket_key(2)}), SEC_E_INVALID_PARAMETER);
  SecPkgCred_SessionTicketKey newer = ticket_key(2);
  newer.TicketInfoVersion = 1;
  EXPECT_EQ(set_keys(server_, {newer}), SEC_E_INVALID_PARAMETER);
  std::vector<SecPkgCred_SessionTicketKey> many;
  for (BYTE mark = 2; mark < 19; ++mark) many.push_back(ticket_key(mark));
  EXPECT_EQ(set_keys(server_, many), SEC_E_INVALID_PARAMETER);
  SecPkgCred_SessionTicketKeys null{1, nullptr};
  EXPECT_EQ(SetCredentialsAttributesA(&server_.handle, SECPKG_ATTR_SESSION_TICKET_KEYS, &null,
                                      sizeof null),
            SEC_E_INVALID_PARAMETER);
  EXPECT_EQ(SetCredentialsAttributesA(&server_.handle, SECPKG_ATTR_SESSION_TICKET_KEYS, &null,
                                      sizeof null - 1),
            SEC_E_INVALID_PARAMETER);
  EXPECT_TRUE(connect(server_));
  many.resize(16);
  many.front() = ticket_key(1);
  EXPECT_EQ(set_keys(server_, many), SEC_E_OK) << "16 are allowed";
  EXPECT_TRUE(connect(server_));
}

TEST_P(SessionKeys, CACHE_12_only_servers_that_resume_have_ticket_keys) {
  EXPECT_EQ(set_keys(client_, {ticket_key(1)}), SEC_E_UNSUPPORTED_FUNCTION);
  const Credential off(SECPKG_CRED_INBOUND, GetParam(),
                       [](SCH_CREDENTIALS& data) { data.dwSessionLifespan = 0xffffffff; });
  EXPECT_EQ(set_keys(off, {ticket_key(1)}), SEC_E_UNSUPPORTED_FUNCTION);
}

TEST_P(SessionKeys, CACHE_12_a_query_names_the_keys_and_gives_none_away) {
  SecPkgCred_SessionTicketKeys got{9, nullptr};
  ASSERT_EQ(QueryCredentialsAttributesA(&server_.handle, SECPKG_ATTR_SESSION_TICKET_KEYS, &got),
            SEC_E_OK);
  EXPECT_EQ(got.cSessionTicketKeys, 0U) << "random ones are nobody's business";
  ASSERT_EQ(set_keys(server_, {ticket_key(7, 48), ticket_key(8)}), SEC_E_OK);
  ASSERT_EQ(QueryCredentialsAttributesA(&server_.handle, SECPKG_ATTR_SESSION_TICKET_KEYS, &got),
            SEC_E_OK);
  ASSERT_EQ(got.cSessionTicketKeys, 2U);
  EXPECT_EQ(got.pSessionTicketKeys[0].KeyId[15], 7);
  EXPECT_EQ(got.pSessionTicketKeys[0].KeyingMaterialSize, 48);
  EXPECT_EQ(got.pSessionTicketKeys[1].KeyId[0], 8);
  for (const BYTE byte : got.pSessionTicketKeys[0].KeyingMaterial) EXPECT_EQ(byte, 0);
  EXPECT_EQ(FreeContextBuffer(got.pSessionTicketKeys), SEC_E_OK);
  EXPECT_EQ(QueryCredentialsAttributesA(&client_.handle, SECPKG_ATTR_SESSION_TICKET_KEYS, &got),
            SEC_E_UNSUPPORTED_FUNCTION);
}

TEST_P(SessionKeys, ATTR_57_session_ids_stay_when_the_keys_change) {
  if (GetParam() == Tls::v13) return;  // which has none
  EXPECT_FALSE(connect(server_, kServerFlags));
  ASSERT_EQ(set_keys(server_, {ticket_key(1)}), SEC_E_OK);
  EXPECT_TRUE(connect(server_, kServerFlags));
}

TEST_P(SessionKeys, CACHE_12_a_file_gives_a_fleet_the_same_keys) {
  const Folder folder;
  const std::string line = std::string(32, 'a') + " " + std::string(64, '5') + "\n";
  const std::string path = folder.write("keys", "# of today\n" + line);
  std::filesystem::permissions(path, std::filesystem::perms(0600));
  const SettingsFile settings("TicketKeyFile = '" + path + "'\n");
  const Credential one(SECPKG_CRED_INBOUND, GetParam()), two(SECPKG_CRED_INBOUND, GetParam());
  ASSERT_EQ(one.status, SEC_E_OK) << OpenSchannelErrorDetail();
  EXPECT_FALSE(connect(one));
  EXPECT_TRUE(connect(two));
  // What a program sets itself counts more.
  ASSERT_EQ(set_keys(two, {ticket_key(1)}), SEC_E_OK);
  EXPECT_FALSE(connect(two));

  std::filesystem::permissions(path, std::filesystem::perms(0644));
  const Credential open(SECPKG_CRED_INBOUND, GetParam());
  EXPECT_EQ(open.status, SEC_E_INTERNAL_ERROR);
  EXPECT_NE(std::string(OpenSchannelErrorDetail()).find("others may read"), std::string::npos);
  const Credential client(SECPKG_CRED_OUTBOUND, GetParam());
  EXPECT_EQ(client.status, SEC_E_OK) << "clients have no use for it";
}

TEST_P(SessionKeys, CACHE_10_the_machine_id_stands_in_every_session_id) {
  if (GetParam() == Tls::v13) return;  // which has none
  const SettingsFile settings("MachineID = 0x01020304\n");
  const Credential marked(SECPKG_CRED_INBOUND, GetParam());
  for (const bool resumed : {false, true}) {
    Side client(false, &client_.handle);
    Side server(true, const_cast<CredHandle*>(&marked.handle));
    EXPECT_EQ(connect_for_session(client, server), resumed);
    SecPkgContext_SessionInfo info{};
    ASSERT_EQ(QueryContextAttributesA(&server.context, SECPKG_ATTR_SESSION_INFO, &info), SEC_E_OK);
    ASSERT_EQ(info.cbSessionId, 32U);
    EXPECT_EQ(Bytes(info.rgbSessionId + 4, info.rgbSessionId + 8), (Bytes{4, 3, 2, 1}));
  }
}

TEST_P(SessionKeys, CACHE_4_the_settings_bound_the_cache) {
  if (GetParam() == Tls::v13) return;                      // which has no ids
  const SettingsFile settings("MaximumCacheSize = 16\n");  // one for each part of it
  const Credential small(SECPKG_CRED_INBOUND, GetParam());
  for (int i = 0; i < 64; ++i) {
    SslEmptyCacheA(nullptr, 0);
    EXPECT_FALSE(connect(small, kServerFlags));
  }
  EXPECT_TRUE(connect(small, kServerFlags)) << "the newest is there";
}

void set_app_data(Side& side, const std::string& text) {
  std::string copy = text;
  SecPkgContext_SessionAppData data{0, static_cast<DWORD>(copy.size()),
                                    reinterpret_cast<PBYTE>(copy.data())};
  ASSERT_EQ(SetContextAttributesA(&side.context, SECPKG_ATTR_APP_DATA, &data, sizeof data),
            SEC_E_OK);
}

std::string app_data_of(Side& side) {
  SecPkgContext_SessionAppData data{};
  EXPECT_EQ(QueryContextAttributesA(&side.context, SECPKG_ATTR_APP_DATA, &data), SEC_E_OK);
  std::string out(reinterpret_cast<const char*>(data.pbAppData), data.cbAppData);
  FreeContextBuffer(data.pbAppData);
  return out;
}

TEST_P(SessionKeys, CACHE_13_a_clients_data_comes_back_with_the_session) {
  {
    Side client(false, &client_.handle), server(true, &server_.handle);
    server.flags = kTicketServer;
    ASSERT_FALSE(connect_for_session(client, server));
    EXPECT_EQ(app_data_of(client), "");
    set_app_data(client, "who we talked to");
  }
  Side client(false, &client_.handle), server(true, &server_.handle);
  server.flags = kTicketServer;
  ASSERT_TRUE(connect_for_session(client, server));
  EXPECT_EQ(app_data_of(client), "who we talked to");
  EXPECT_EQ(app_data_of(server), "") << "it is not sent";
  set_app_data(client, "newer");
  Side third(false, &client_.handle), third_server(true, &server_.handle);
  third_server.flags = kTicketServer;
  ASSERT_TRUE(connect_for_session(third, third_server));
  EXPECT_EQ(app_data_of(third), "newer");
}

TEST_P(SessionKeys, CACHE_13_data_does_not_come_with_a_full_handshake) {
  {
    Side client(false, &client_.handle), server(true, &server_.handle);
    server.flags = kTicketServer;
    ASSERT_FALSE(connect_for_session(client, server));
    set_app_data(client, "of the first");
  }
  SslEmptyCacheA(nullptr, 0);
  Side client(false, &client_.handle), server(true, &server_.handle);
  server.flags = kTicketServer;
  ASSERT_FALSE(connect_for_session(client, server));
  EXPECT_EQ(app_data_of(client), "");
}

TEST_P(SessionKeys, CACHE_13_a_servers_data_is_in_its_tickets_when_set_in_time) {
  for (const bool resumed : {false, true}) {
    Side client(false, &client_.handle), server(true, &server_.handle);
    server.flags = kTicketServer;
    Bytes to_server, to_client;
    client.feed({}, to_server);
    ASSERT_EQ(server.feed(std::exchange(to_server, {}), to_client), SEC_I_CONTINUE_NEEDED);
    if (!resumed) set_app_data(server, "the client's account");
    client.feed(std::exchange(to_client, {}), to_server);
    ASSERT_EQ(server.feed(std::exchange(to_server, {}), to_client), SEC_E_OK);
    if (!to_client.empty()) {  // the server's last flight, or the ticket that follows it
      SECURITY_STATUS status = SEC_E_OK;
      if (client.last == SEC_E_OK) {
        EXPECT_FALSE(client.decrypt(to_client, &status));
      }
      EXPECT_EQ(client.feed(std::exchange(to_client, {}), to_server), SEC_E_OK);
    }
    EXPECT_EQ(client.last, SEC_E_OK);
    EXPECT_EQ(is_resumed(server), resumed);
    EXPECT_EQ(app_data_of(server), "the client's account");
  }
}

TEST_P(SessionKeys, CACHE_13_a_server_keeps_data_with_a_session_id_at_any_time) {
  if (GetParam() == Tls::v13) return;  // which has none
  for (const char* expected : {"", "first", "second"}) {
    Side client(false, &client_.handle), server(true, &server_.handle);
    server.flags = kServerFlags;
    connect_for_session(client, server);
    EXPECT_EQ(app_data_of(server), expected);
    set_app_data(server, *expected == '\0' ? "first" : "second");
  }
}

TEST_P(SessionKeys, CACHE_13_what_the_caller_sets_on_a_resumed_connection_is_newer) {
  {
    Side client(false, &client_.handle), server(true, &server_.handle);
    server.flags = kTicketServer;
    ASSERT_FALSE(connect_for_session(client, server));
    set_app_data(client, "old");
  }
  Side client(false, &client_.handle), server(true, &server_.handle);
  server.flags = kTicketServer;
  Bytes to_server, to_client;
  client.feed({}, to_server);
  set_app_data(client, "new");
  server.feed(to_server, to_client);
  to_server.clear();
  ASSERT_EQ(client.feed(to_client, to_server), SEC_E_OK);
  ASSERT_TRUE(is_resumed(client));
  EXPECT_EQ(app_data_of(client), "new");
}

TEST_P(SessionKeys, CACHE_13_data_that_fits_no_ticket_costs_the_ticket_and_nothing_else) {
  for (int i = 0; i < 2; ++i) {
    Side client(false, &client_.handle), server(true, &server_.handle);
    server.flags = kTicketServer;
    Bytes to_server, to_client;
    client.feed({}, to_server);
    server.feed(std::exchange(to_server, {}), to_client);
    set_app_data(server, std::string(0x8000, 'x'));
    client.feed(std::exchange(to_client, {}), to_server);
    ASSERT_EQ(server.feed(std::exchange(to_server, {}), to_client), SEC_E_OK);
    EXPECT_EQ(client.feed(std::exchange(to_client, {}), to_server), SEC_E_OK);
    EXPECT_FALSE(is_resumed(server));
    Bytes record;
    ASSERT_EQ(server.encrypt("works", record), SEC_E_OK);
    EXPECT_EQ(client.decrypt(record), "works");
  }
}

}  // namespace
}  // namespace contract
