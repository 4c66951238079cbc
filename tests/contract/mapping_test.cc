#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <thread>

#include "support/libssl_peer.h"
#include "support/settings.h"

// Accounts behind client certificates (contract section G), with accounts that every Debian has:
// root (0), daemon (1), bin (2).
namespace contract {
namespace {

constexpr char kByMail[] = R"toml(
[[Rule]]
Match = "<EKU>clientAuth"
Map = "(uid={subject_rfc822_name.short_name})"
)toml";

Profile person(const char* names = "email:daemon@example.com") {
  Profile profile;
  profile.subject = "somebody";
  profile.names = names;
  profile.usage = "clientAuth";
  return profile;
}

std::string detail() { return OpenSchannelErrorDetail(); }

/// A server that maps its clients, and one connection to it.
class Meeting {
 public:
  struct Options {
    std::vector<Issued> trusted = {};
    DWORD server_flags = 0;
    ULONG request = kServerFlags | ASC_REQ_MUTUAL_AUTH;
    std::string rules = kByMail;  ///< "": none
  };
  /// `own` null: the client has no certificate.
  Meeting(Tls version, PCCERT_CONTEXT own, const Options& options)
      : store_(trusting(options.trusted)),
        server_credential(SECPKG_CRED_INBOUND, version,
                          [&](SCH_CREDENTIALS& data) {
                            data.hRootStore = store_.get();
                            data.dwFlags |= options.server_flags;
                          }),
        client_credential(SECPKG_CRED_OUTBOUND, version,
                          [&](SCH_CREDENTIALS& data) {
                            data.dwFlags |= OPENSCHANNEL_CRED_SKIP_INCOMPLETE_CREDENTIALS |
                                            SCH_CRED_NO_DEFAULT_CREDS;
                            data.cCreds = own == nullptr ? 0 : 1;
                            data.paCred = &own;
                          }),
        client(false, &client_credential.handle),
        server(true, &server_credential.handle) {
    EXPECT_EQ(server_credential.status, SEC_E_OK) << detail();
    EXPECT_EQ(client_credential.status, SEC_E_OK) << detail();
    server.flags = options.request;
    if (!options.rules.empty()) {
      EXPECT_EQ(use_rules(server_credential.handle, options.rules), SEC_E_OK) << detail();
    }
  }

  static SECURITY_STATUS use_rules(CredHandle& credential, const std::string& rules) {
    const Folder folder;
    const std::string path = folder.write("rules.toml", rules);
    chmod(path.c_str(), 0600);
    OPENSCHANNEL_MAPPING_RULES value{path.c_str()};
    return SetCredentialsAttributesA(&credential, OPENSCHANNEL_CRED_ATTR_MAPPING_RULES, &value,
                                     sizeof value);
  }

  Meeting& connect() {
    Bytes to_server, to_client;
    client.feed({}, to_server);
    server.feed(to_server, to_client);
    to_server.clear();
    client.feed(to_client, to_server);
    to_client.clear();
    EXPECT_EQ(server.feed(to_server, to_client), SEC_E_OK) << detail();
    if (!to_client.empty()) client.feed(to_client, to_server);
    EXPECT_EQ(client.last, SEC_E_OK) << detail();
    return *this;
  }

  bool is_mutual() const { return (server.attributes & ASC_RET_MUTUAL_AUTH) != 0; }

 private:
  certificates::Store store_;

 public:
  Credential server_credential;
  Credential client_credential;
  Side client;
  Side server;
};

/// The account that a token of the context names; "": there is none.
std::string account_of(CtxtHandle& context) {
  void* token = nullptr;
  const SECURITY_STATUS status = QuerySecurityContextToken(&context, &token);
  if (status != SEC_E_OK) {
    EXPECT_EQ(status, SEC_E_NO_IMPERSONATION);
    EXPECT_EQ(token, nullptr);
    return "";
  }
  OPENSCHANNEL_ACCOUNT* account = nullptr;
  EXPECT_EQ(OpenSchannelQueryTokenAccount(token, &account), SEC_E_OK) << detail();
  std::string name = account->pszName;
  EXPECT_EQ(FreeContextBuffer(account), SEC_E_OK);
  EXPECT_TRUE(CloseHandle(token));
  return name;
}

class Mapping : public testing::TestWithParam<Tls> {
 protected:
  /// A connection of a client with a certificate of the profile.
  std::unique_ptr<Meeting> meet(const Profile& profile) { return meet(profile, {}); }
  std::unique_ptr<Meeting> meet(const Profile& profile, Meeting::Options options) {
    if (options.trusted.empty()) options.trusted = {root_};
    const OwnCertificate own(issue(profile, &root_));
    auto meeting = std::make_unique<Meeting>(GetParam(), own.context.get(), options);
    meeting->connect();
    return meeting;
  }

  const Issued root_ = make_root();
};
INSTANTIATE_TEST_SUITE_P(Tls, Mapping, testing::Values(Tls::v12, Tls::v13), name_of);

TEST_P(Mapping, MAP_6_the_token_names_the_account) {
  const auto meeting = meet(person());
  EXPECT_TRUE(meeting->is_mutual());
  void* token = nullptr;
  ASSERT_EQ(QuerySecurityContextToken(&meeting->server.context, &token), SEC_E_OK) << detail();
  OPENSCHANNEL_ACCOUNT* account = nullptr;
  ASSERT_EQ(OpenSchannelQueryTokenAccount(token, &account), SEC_E_OK);
  EXPECT_STREQ(account->pszName, "daemon");
  EXPECT_EQ(account->dwUserId, 1U);
  EXPECT_EQ(account->dwGroupId, 1U);
  ASSERT_EQ(account->cGroupIds, 1U);
  EXPECT_EQ(account->pdwGroupIds[0], 1U);
  EXPECT_EQ(FreeContextBuffer(account), SEC_E_OK);

  // It outlives the context, and ends with CloseHandle, once.
  EXPECT_EQ(DeleteSecurityContext(&meeting->server.context), SEC_E_OK);
  ASSERT_EQ(OpenSchannelQueryTokenAccount(token, &account), SEC_E_OK);
  EXPECT_EQ(FreeContextBuffer(account), SEC_E_OK);
  EXPECT_TRUE(CloseHandle(token));
  EXPECT_FALSE(CloseHandle(token));
  EXPECT_EQ(GetLastError(), DWORD{ERROR_INVALID_HANDLE});
  EXPECT_EQ(OpenSchannelQueryTokenAccount(token, &account), SEC_E_INVALID_HANDLE);
  EXPECT_EQ(account, nullptr);
}

TEST_P(Mapping, MAP_4_no_account_fails_nothing) {
  const auto meeting = meet(person("email:no.such.account@example.com"));
  EXPECT_FALSE(meeting->is_mutual()) << "ASC-13";
  void* token = &token;
  EXPECT_EQ(QuerySecurityContextToken(&meeting->server.context, &token), SEC_E_NO_IMPERSONATION);
  EXPECT_EQ(token, nullptr);
  EXPECT_NE(detail().find("names no account there is"), std::string::npos) << detail();
  EXPECT_EQ(ImpersonateSecurityContext(&meeting->server.context), SEC_E_NO_IMPERSONATION);
  SecPkgContext_AccessToken access{};
  EXPECT_EQ(QueryContextAttributesW(&meeting->server.context, SECPKG_ATTR_ACCESS_TOKEN, &access),
            SEC_E_NO_IMPERSONATION);
  // The certificate is there for who wants to judge it.
  PCCERT_CONTEXT peer = nullptr;
  EXPECT_EQ(
      QueryContextAttributesW(&meeting->server.context, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &peer),
      SEC_E_OK);
  CertFreeCertificateContext(peer);
}

TEST_P(Mapping, Q_3_only_a_certificate_that_stands_up_is_mapped) {
  const Issued stranger = make_root("stranger");
  struct Case {
    const char* what;
    Profile profile;
    Meeting::Options options;
  };
  std::vector<Case> cases(4);
  cases[0] = {"expired", person(), {}};
  cases[0].profile.not_after = -10;
  cases[1] = {"not yet valid", person(), {}};
  cases[1].profile.not_before = 3600;
  cases[2] = {"for servers", person(), {}};
  cases[2].profile.usage = "serverAuth";
  cases[2].options.rules = "[[Rule]]\nMatch='<SUBJECT>.*'\nMap='(daemon)'\n";
  cases[3] = {"of nobody we trust", person(), {}};
  cases[3].options.trusted = {stranger};
  for (const Case& each : cases) {
    const auto meeting = meet(each.profile, each.options);
    EXPECT_EQ(account_of(meeting->server.context), "") << each.what;
    EXPECT_FALSE(meeting->is_mutual()) << each.what;
  }
  EXPECT_EQ(account_of(meet(person())->server.context), "daemon") << "nothing wrong with it";
}

TEST_P(Mapping, AUTH_23_what_a_chain_may_end_in) {
  Profile authority = person(nullptr);
  authority.subject = "intermediate";
  authority.usage = nullptr;
  authority.constraints = "critical,CA:TRUE";
  authority.key_usage = "critical,keyCertSign";
  const Issued intermediate = issue(authority, &root_);
  const OwnCertificate own(issue(person(), &intermediate), {intermediate});
  const auto account_with = [&](const std::vector<Issued>& trusted, int mode) {
    const SettingsFile settings("ClientAuthTrustMode = " + std::to_string(mode) + "\n");
    Meeting meeting(GetParam(), own.context.get(), {.trusted = trusted});
    return account_of(meeting.connect().server.context);
  };
  for (const int mode : {0, 1, 2}) EXPECT_EQ(account_with({root_}, mode), "daemon") << mode;
  EXPECT_EQ(account_with({intermediate}, 0), "");
  EXPECT_EQ(account_with({intermediate}, 1), "");
  EXPECT_EQ(account_with({intermediate}, 2), "daemon");
}

TEST_P(Mapping, MAP_2_a_client_without_certificate_is_nobody) {
  Meeting meeting(GetParam(), nullptr, {.trusted = {root_}});
  meeting.connect();
  EXPECT_EQ(account_of(meeting.server.context), "");
  EXPECT_FALSE(meeting.is_mutual());
  EXPECT_EQ(QuerySecurityContextToken(&meeting.server.context, nullptr), SEC_E_NO_IMPERSONATION);
  EXPECT_NE(detail().find("no certificate"), std::string::npos) << detail();
}

TEST_P(Mapping, MAP_2_without_rules_or_with_the_flag_nobody_maps) {
  // Then what the flag says is that a certificate was proved (Q-4).
  const auto without = meet(person(), {.rules = ""});
  EXPECT_EQ(account_of(without->server.context), "");
  EXPECT_TRUE(without->is_mutual());

  const Folder folder;
  const std::string rules = folder.write("rules.toml", kByMail);
  chmod(rules.c_str(), 0644);
  const SettingsFile settings("MappingRulesFile = '" + rules + "'\n");
  EXPECT_EQ(account_of(meet(person(), {.rules = ""})->server.context), "daemon");
  const auto turned_off = meet(person(), {.server_flags = SCH_CRED_NO_SYSTEM_MAPPER, .rules = ""});
  EXPECT_EQ(account_of(turned_off->server.context), "");
  EXPECT_TRUE(turned_off->is_mutual());
}

TEST_P(Mapping, MAP_1_a_server_that_asks_for_nothing_maps_nobody) {
  const auto meeting = meet(person(), {.request = kServerFlags});
  EXPECT_EQ(account_of(meeting->server.context), "");
}

TEST_P(Mapping, MAP_2_rules_that_can_not_be_used_fail_the_credential) {
  const Folder folder;
  const std::string rules = folder.write("rules.toml", "[[Rule]]\nMatch='<EKU>clientAuth'\n");
  chmod(rules.c_str(), 0600);
  {
    const SettingsFile settings("MappingRulesFile = '" + rules + "'\n");
    EXPECT_EQ(Credential(SECPKG_CRED_INBOUND, GetParam()).status, SEC_E_INTERNAL_ERROR);
    EXPECT_NE(detail().find("rule 1 needs Match and Map"), std::string::npos) << detail();
    EXPECT_EQ(Credential(SECPKG_CRED_OUTBOUND, GetParam()).status, SEC_E_OK);
  }
  Credential server(SECPKG_CRED_INBOUND, GetParam());
  EXPECT_EQ(Meeting::use_rules(server.handle, "MinimumUid = 'x'"), SEC_E_INVALID_PARAMETER);
  EXPECT_NE(detail().find("rules.toml:1: "), std::string::npos) << detail();
  OPENSCHANNEL_MAPPING_RULES none{nullptr};
  EXPECT_EQ(SetCredentialsAttributesA(&server.handle, OPENSCHANNEL_CRED_ATTR_MAPPING_RULES, &none,
                                      sizeof none),
            SEC_E_INVALID_PARAMETER);
  Credential client(SECPKG_CRED_OUTBOUND, GetParam());
  EXPECT_EQ(Meeting::use_rules(client.handle, kByMail), SEC_E_INVALID_PARAMETER);
  Credential turned_off(SECPKG_CRED_INBOUND, GetParam(),
                        [](SCH_CREDENTIALS& data) { data.dwFlags |= SCH_CRED_NO_SYSTEM_MAPPER; });
  EXPECT_EQ(Meeting::use_rules(turned_off.handle, kByMail), SEC_E_INVALID_PARAMETER);
}

TEST_P(Mapping, MAP_9_the_access_token_belongs_to_the_context) {
  const auto meeting = meet(person());
  SecPkgContext_AccessToken one{}, two{};
  ASSERT_EQ(QueryContextAttributesW(&meeting->server.context, SECPKG_ATTR_ACCESS_TOKEN, &one),
            SEC_E_OK);
  ASSERT_EQ(QueryContextAttributesA(&meeting->server.context, SECPKG_ATTR_ACCESS_TOKEN, &two),
            SEC_E_OK);
  EXPECT_NE(one.AccessToken, nullptr);
  EXPECT_EQ(one.AccessToken, two.AccessToken);
  EXPECT_FALSE(CloseHandle(one.AccessToken));
  OPENSCHANNEL_ACCOUNT* account = nullptr;
  ASSERT_EQ(OpenSchannelQueryTokenAccount(one.AccessToken, &account), SEC_E_OK);
  EXPECT_STREQ(account->pszName, "daemon");
  FreeContextBuffer(account);
  DeleteSecurityContext(&meeting->server.context);
  EXPECT_EQ(OpenSchannelQueryTokenAccount(one.AccessToken, &account), SEC_E_INVALID_HANDLE);
}

TEST_P(Mapping, ATTR_9_the_name_is_the_account_s) {
  const auto meeting = meet(person());
  SecPkgContext_NamesA narrow{};
  ASSERT_EQ(QueryContextAttributesA(&meeting->server.context, SECPKG_ATTR_NAMES, &narrow),
            SEC_E_OK);
  EXPECT_STREQ(narrow.sUserName, "daemon");
  FreeContextBuffer(narrow.sUserName);
  SecPkgContext_NamesW wide{};
  ASSERT_EQ(QueryContextAttributesW(&meeting->server.context, SECPKG_ATTR_NAMES, &wide), SEC_E_OK);
  EXPECT_STREQ(wide.sUserName, L"daemon");
  FreeContextBuffer(wide.sUserName);
}

TEST_P(Mapping, MAP_11_clients_and_unfinished_contexts_have_no_account) {
  const auto meeting = meet(person());
  void* token = nullptr;
  EXPECT_EQ(QuerySecurityContextToken(&meeting->client.context, &token), SEC_E_NO_IMPERSONATION);
  EXPECT_EQ(ImpersonateSecurityContext(&meeting->client.context), SEC_E_NO_IMPERSONATION);
  EXPECT_EQ(RevertSecurityContext(&meeting->client.context), SEC_E_NO_IMPERSONATION);
  SecPkgContext_AccessToken access{};
  EXPECT_EQ(QueryContextAttributesW(&meeting->client.context, SECPKG_ATTR_ACCESS_TOKEN, &access),
            SEC_E_NO_IMPERSONATION);

  const OwnCertificate own(issue(person(), &root_));
  Meeting unfinished(GetParam(), own.context.get(), {.trusted = {root_}});
  Bytes to_server, to_client;
  unfinished.client.feed({}, to_server);
  unfinished.server.feed(to_server, to_client);
  EXPECT_EQ(QuerySecurityContextToken(&unfinished.server.context, &token), SEC_E_NO_IMPERSONATION);
  EXPECT_EQ(ImpersonateSecurityContext(&unfinished.server.context), SEC_E_NO_IMPERSONATION);
  EXPECT_EQ(RevertSecurityContext(&unfinished.server.context), SEC_E_OK) << "MAP-8";
}

TEST_P(Mapping, HND_3_no_function_takes_a_bad_handle) {
  CtxtHandle bad = kInvalidHandle;
  void* token = nullptr;
  EXPECT_EQ(QuerySecurityContextToken(&bad, &token), SEC_E_INVALID_HANDLE);
  EXPECT_EQ(ImpersonateSecurityContext(nullptr), SEC_E_INVALID_HANDLE);
  EXPECT_EQ(RevertSecurityContext(&bad), SEC_E_INVALID_HANDLE);
  EXPECT_EQ(RevertSecurityContext(nullptr), SEC_E_INVALID_HANDLE);
  OPENSCHANNEL_ACCOUNT* account = nullptr;
  EXPECT_EQ(OpenSchannelQueryTokenAccount(nullptr, &account), SEC_E_INVALID_HANDLE);
  EXPECT_EQ(OpenSchannelQueryTokenAccount(&bad, &account), SEC_E_INVALID_HANDLE);
  EXPECT_EQ(OpenSchannelQueryTokenAccount(&bad, nullptr), SEC_E_INVALID_PARAMETER);
  EXPECT_FALSE(CloseHandle(nullptr));
  EXPECT_FALSE(CloseHandle(&bad));
  const auto meeting = meet(person());
  EXPECT_EQ(QuerySecurityContextToken(&meeting->server.context, nullptr), SEC_E_INVALID_PARAMETER);
}

TEST_P(Mapping, MAP_2_no_connection_has_the_account_of_another) {
  const OwnCertificate own(issue(person(), &root_));
  Meeting known(GetParam(), own.context.get(), {.trusted = {root_}});
  known.connect();
  // The same server credential, a client without a certificate.
  Credential anonymous(SECPKG_CRED_OUTBOUND, GetParam(), [](SCH_CREDENTIALS& data) {
    data.dwFlags |= OPENSCHANNEL_CRED_SKIP_INCOMPLETE_CREDENTIALS | SCH_CRED_NO_DEFAULT_CREDS;
  });
  Side client(false, &anonymous.handle), server(true, &known.server_credential.handle);
  server.flags = kServerFlags | ASC_REQ_MUTUAL_AUTH;
  Bytes to_server, to_client;
  client.feed({}, to_server);
  server.feed(to_server, to_client);
  to_server.clear();
  client.feed(to_client, to_server);
  ASSERT_EQ(server.feed(to_server, to_client), SEC_E_OK);
  EXPECT_EQ(account_of(server.context), "");
  EXPECT_EQ(account_of(known.server.context), "daemon");
}

TEST_P(Mapping, PKG_12_an_imported_context_still_knows_the_account) {
  for (const char* names : {"email:daemon@example.com", "email:no.such.account@example.com"}) {
    const auto meeting = meet(person(names));
    const std::string before = account_of(meeting->server.context);
    SecBuffer packed{0, SECBUFFER_EMPTY, nullptr};
    ASSERT_EQ(ExportSecurityContext(&meeting->server.context, SECPKG_CONTEXT_EXPORT_DELETE_OLD,
                                    &packed, nullptr),
              SEC_E_OK)
        << detail();
    char package[] = UNISP_NAME_A;
    ASSERT_EQ(ImportSecurityContextA(package, &packed, nullptr, &meeting->server.context), SEC_E_OK)
        << detail();
    FreeContextBuffer(packed.pvBuffer);
    EXPECT_EQ(account_of(meeting->server.context), before);
    SecPkgContext_Flags flags{};
    ASSERT_EQ(QueryContextAttributesA(&meeting->server.context, SECPKG_ATTR_FLAGS, &flags),
              SEC_E_OK);
    EXPECT_EQ((flags.Flags & ASC_RET_MUTUAL_AUTH) != 0, !before.empty());
  }
}

// --- Impersonation ---

struct Ids {
  long user = -1;
  long group = -1;
  std::vector<gid_t> groups;
  friend bool operator==(const Ids&, const Ids&) = default;
};
std::ostream& operator<<(std::ostream& out, const Ids& ids) {
  out << ids.user << ":" << ids.group << " +";
  for (const gid_t group : ids.groups) out << " " << group;
  return out;
}

/// Of the calling thread, from the kernel.
Ids ids() {
  Ids out{syscall(SYS_geteuid), syscall(SYS_getegid), {}};
  out.groups.resize(static_cast<std::size_t>(syscall(SYS_getgroups, 0, nullptr)));
  syscall(SYS_getgroups, out.groups.size(), out.groups.data());
  return out;
}

unsigned effective_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3]{};
  syscall(SYS_capget, &header, data);
  return data[0].effective;
}

const Ids kDaemon{1, 1, {1}};
const Ids kBin{2, 2, {2}};

class Impersonation : public Mapping {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "only root can become somebody else";
  }
};
INSTANTIATE_TEST_SUITE_P(Tls, Impersonation, testing::Values(Tls::v12, Tls::v13), name_of);

TEST_P(Impersonation, MAP_7_changes_the_calling_thread_alone) {
  const auto meeting = meet(person());
  const Ids before = ids();
  const unsigned capabilities = effective_capabilities();
  Ids other_thread;
  std::thread([&] {
    ASSERT_EQ(ImpersonateSecurityContext(&meeting->server.context), SEC_E_OK) << detail();
    EXPECT_EQ(ids(), kDaemon);
    EXPECT_EQ(effective_capabilities(), 0U);
    // What it makes is daemon's, and what is root's alone is closed to it.
    const std::string name = testing::TempDir() + "openschannel-" + std::to_string(getpid());
    struct stat status {};
    EXPECT_EQ(mkdir(name.c_str(), 0700), 0);
    EXPECT_EQ(stat(name.c_str(), &status), 0);
    EXPECT_EQ(status.st_uid, 1U);
    EXPECT_EQ(status.st_gid, 1U);
    rmdir(name.c_str());
    EXPECT_EQ(open("/etc/shadow", O_RDONLY | O_CLOEXEC), -1);
    EXPECT_EQ(errno, EACCES);
    EXPECT_EQ(RevertSecurityContext(&meeting->server.context), SEC_E_OK);
    EXPECT_EQ(ids(), before);
    EXPECT_EQ(effective_capabilities(), capabilities);
    EXPECT_EQ(RevertSecurityContext(&meeting->server.context), SEC_E_OK) << "MAP-8";
    // And again, with a look from outside while it lasts.
    ASSERT_EQ(ImpersonateSecurityContext(&meeting->server.context), SEC_E_OK);
  }).join();
  std::thread([&] { other_thread = ids(); }).join();
  EXPECT_EQ(other_thread, before);
  EXPECT_EQ(ids(), before);
}

TEST_P(Impersonation, MAP_7_another_account_takes_the_place_of_the_first) {
  const auto daemon = meet(person());
  const auto bin = meet(person("email:bin@example.com"));
  std::thread([&] {
    const Ids before = ids();
    ASSERT_EQ(ImpersonateSecurityContext(&daemon->server.context), SEC_E_OK);
    ASSERT_EQ(ImpersonateSecurityContext(&bin->server.context), SEC_E_OK) << detail();
    EXPECT_EQ(ids(), kBin);
    EXPECT_EQ(RevertSecurityContext(&daemon->server.context), SEC_E_INVALID_HANDLE);
    EXPECT_EQ(ids(), kBin);
    // One that can't be impersonated changes nothing.
    EXPECT_EQ(ImpersonateSecurityContext(&bin->client.context), SEC_E_NO_IMPERSONATION);
    EXPECT_EQ(ids(), kBin);
    EXPECT_EQ(RevertSecurityContext(&bin->server.context), SEC_E_OK);
    EXPECT_EQ(ids(), before);
  }).join();
}

TEST_P(Impersonation, MAP_8_the_way_back_does_not_need_the_context) {
  const auto meeting = meet(person());
  std::thread([&] {
    const Ids before = ids();
    ASSERT_EQ(ImpersonateSecurityContext(&meeting->server.context), SEC_E_OK);
    EXPECT_EQ(DeleteSecurityContext(&meeting->server.context), SEC_E_OK);
    EXPECT_EQ(RevertSecurityContext(&meeting->server.context), SEC_E_OK);
    EXPECT_EQ(ids(), before);
    EXPECT_EQ(RevertSecurityContext(&meeting->server.context), SEC_E_INVALID_HANDLE);
  }).join();
}

/// Runs `body` in a process of its own, which ends with 0 when all its expectations held.
template <class Body>
void in_another_process(Body body) {
  EXPECT_EXIT(
      {
        body();
        _exit(testing::Test::HasFailure() ? 1 : 0);
      },
      testing::ExitedWithCode(0), "");
}

void become_user(uid_t user) {
  ASSERT_EQ(setgroups(0, nullptr), 0);
  ASSERT_EQ(setresgid(user, user, user), 0);
  ASSERT_EQ(setresuid(user, user, user), 0);
}

TEST_P(Impersonation, MAP_7_a_process_that_may_not_is_told_so) {
  in_another_process([this] {
    const auto meeting = meet(person());
    become_user(2);
    const Ids before = ids();
    EXPECT_EQ(ImpersonateSecurityContext(&meeting->server.context), SEC_E_NO_IMPERSONATION);
    EXPECT_NE(detail().find("CAP_SETUID and CAP_SETGID"), std::string::npos) << detail();
    EXPECT_EQ(ids(), before);
    EXPECT_EQ(RevertSecurityContext(&meeting->server.context), SEC_E_OK);
  });
}

TEST_P(Impersonation, MAP_7_nobody_needs_a_right_to_be_who_they_are) {
  in_another_process([this] {
    const auto meeting = meet(person());
    const gid_t group = 1;
    ASSERT_EQ(setgroups(1, &group), 0);
    ASSERT_EQ(setresgid(1, 1, 1), 0);
    ASSERT_EQ(setresuid(1, 1, 1), 0);
    EXPECT_EQ(ImpersonateSecurityContext(&meeting->server.context), SEC_E_OK) << detail();
    EXPECT_EQ(ids(), kDaemon);
    EXPECT_EQ(RevertSecurityContext(&meeting->server.context), SEC_E_OK);
    EXPECT_EQ(ids(), kDaemon);
  });
}

TEST_P(Impersonation, MAP_7_capabilities_of_a_service_are_not_lent_to_its_client) {
  // A service that is not root, but may change users and read every file.
  in_another_process([this] {
    const auto meeting = meet(person());
    ASSERT_EQ(prctl(PR_SET_KEEPCAPS, 1), 0);
    become_user(2);
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3]{};
    data[0].permitted = data[0].effective =
        1U << CAP_SETUID | 1U << CAP_SETGID | 1U << CAP_DAC_READ_SEARCH;
    ASSERT_EQ(syscall(SYS_capset, &header, data), 0);
    const Ids before = ids();
    ASSERT_EQ(ImpersonateSecurityContext(&meeting->server.context), SEC_E_OK) << detail();
    EXPECT_EQ(ids(), kDaemon);
    EXPECT_EQ(effective_capabilities(), 0U);
    EXPECT_EQ(open("/etc/shadow", O_RDONLY | O_CLOEXEC), -1);
    ASSERT_EQ(RevertSecurityContext(&meeting->server.context), SEC_E_OK);
    EXPECT_EQ(ids(), before);
    EXPECT_EQ(effective_capabilities(), data[0].effective);
  });
}

TEST_P(Impersonation, MAP_7_half_a_right_leaves_the_thread_as_it_was) {
  // Groups may be changed, users not: the last step fails.
  in_another_process([this] {
    const auto meeting = meet(person());
    ASSERT_EQ(prctl(PR_SET_KEEPCAPS, 1), 0);
    become_user(2);
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3]{};
    data[0].permitted = data[0].effective = 1U << CAP_SETGID;
    ASSERT_EQ(syscall(SYS_capset, &header, data), 0);
    const Ids before = ids();
    EXPECT_EQ(ImpersonateSecurityContext(&meeting->server.context), SEC_E_NO_IMPERSONATION);
    EXPECT_EQ(ids(), before);
    EXPECT_EQ(effective_capabilities(), data[0].effective);
  });
}

TEST_P(Impersonation, MAP_8_a_way_back_that_is_barred_ends_the_process) {
  const auto meeting = meet(person());
  EXPECT_EXIT(
      {
        ImpersonateSecurityContext(&meeting->server.context);
        // Somebody gives the way back away.
        syscall(SYS_setresuid, 1, 1, 1);
        RevertSecurityContext(&meeting->server.context);
        _exit(0);
      },
      testing::KilledBySignal(SIGABRT), "can't go back to its own user");
}

}  // namespace
}  // namespace contract
