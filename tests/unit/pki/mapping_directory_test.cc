#include "pki/mapping_directory.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>

#include "pki/mapping.h"
#include "unit/pki/certificate_builder.h"
#include "unit/pki/slapd.h"

// Accounts through OpenLDAP's server.
namespace schannel::pki {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)
using Kind = DirectoryAnswer::Kind;

std::string person(const std::string& name, const std::string& mail, const std::string& more = "") {
  return "dn: cn=" + name + ",dc=example\nobjectClass: inetOrgPerson\nobjectClass: posixAccount\n" +
         "cn: " + name + "\nsn: x\nuid: " + name + "\nuidNumber: 4711\ngidNumber: 4711\n" +
         "homeDirectory: /\nmail: " + mail + "\n" + more + "\n";
}

class Directories : public ::testing::Test {
 protected:
  void start(const Slapd::Options& options) {
    std::string why;
    slapd_ = Slapd::start(options, why);
    if (slapd_) {
      directory_.uri = slapd_->uri();
      directory_.base = "dc=example";
      directory_.timeout_ms = 20'000;  // a busy machine is not what these are about
      return;
    }
    if (std::getenv("OPENSCHANNEL_REQUIRE_INTEROP") != nullptr) GTEST_FAIL() << why;
    GTEST_SKIP() << why;
  }
  void SetUp() override {
    start({.ldif = person("daemon", "one@example.com") + person("bin", "two@example.com") +
                   person("nobody", "two@example.com") +
                   person("twice", "three@example.com", "uid: again\n") +
                   "dn: cn=printer,dc=example\nobjectClass: device\ncn: printer\n\n"});
  }

  std::unique_ptr<Slapd> slapd_;
  Directory directory_;
};

TEST_F(Directories, one_entry_with_one_name_is_the_answer) {
  const DirectoryAnswer answer = find_in_directory(directory_, "(mail=one@example.com)");
  ASSERT_EQ(answer.kind, Kind::found) << answer.why;
  EXPECT_EQ(answer.name, "daemon");
  EXPECT_EQ(find_in_directory(directory_, "(mail=none@example.com)").kind, Kind::none);
  EXPECT_EQ(find_in_directory(directory_, "(mail=two@example.com)").kind, Kind::several);
  EXPECT_EQ(find_in_directory(directory_, "(mail=three@example.com)").kind, Kind::several)
      << "two names";
  EXPECT_EQ(find_in_directory(directory_, "(cn=printer)").kind, Kind::none) << "no account";
}

TEST_F(Directories, what_is_asked_wrongly_or_nowhere_is_a_failure) {
  EXPECT_EQ(find_in_directory(directory_, "(mail=").kind, Kind::failed);
  Directory other = directory_;
  other.base = "dc=elsewhere";
  EXPECT_EQ(find_in_directory(other, "(mail=one@example.com)").kind, Kind::failed);
  other = directory_;
  other.name_attribute = "description";
  EXPECT_EQ(find_in_directory(other, "(mail=one@example.com)").kind, Kind::failed);
  other = directory_;
  other.uri = "ldap://127.0.0.1:1";
  const DirectoryAnswer answer = find_in_directory(other, "(mail=one@example.com)");
  EXPECT_EQ(answer.kind, Kind::failed);
  EXPECT_NE(answer.why.find("can't be asked"), std::string::npos) << answer.why;
}

TEST_F(Directories, a_name_and_a_password) {
  directory_.bind_dn = kAdministrator;
  directory_.password = kPassword;
  EXPECT_EQ(find_in_directory(directory_, "(mail=one@example.com)").kind, Kind::found);
  directory_.password = "wrong";
  EXPECT_EQ(find_in_directory(directory_, "(mail=one@example.com)").kind, Kind::failed);
}

TEST_F(Directories, who_does_not_answer_is_waited_for_so_long_only) {
  // It listens, and never says anything.
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  void* any = &address;
  ASSERT_EQ(bind(listener, static_cast<sockaddr*>(any), size), 0);
  ASSERT_EQ(listen(listener, 8), 0);
  getsockname(listener, static_cast<sockaddr*>(any), &size);
  directory_.uri = "ldap://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  directory_.timeout_ms = 200;
  for (const bool start_tls : {false, true}) {
    directory_.start_tls = start_tls;
    directory_.ca_file = start_tls ? slapd_->write("ca.pem", "") : "";
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(find_in_directory(directory_, "(mail=one@example.com)").kind, Kind::failed);
    // Far from the limit, so that a busy machine does not decide.
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(60));
  }
  close(listener);
}

TEST_F(Directories, TLS_with_a_certificate_of_the_authority_or_not_at_all) {
  // GnuTLS, which libldap uses, looks at the clock.
  const std::int64_t now = std::time(nullptr);
  const auto in_time = [&](Recipe recipe) {
    recipe.not_before = now - kDay;
    recipe.not_after = now + kDay;
    return recipe;
  };
  const Party ca = make_party(in_time(authority("directory CA")));
  const Party stranger = make_party(in_time(authority("stranger")));
  Recipe recipe = in_time({});
  // Not "localhost": libldap takes that for the name of the machine.
  recipe.common_name = "directory";
  recipe.alternative_names = "IP:127.0.0.1";
  const Party server = make_party(recipe, &ca);
  slapd_.reset();
  start({.ldif = person("daemon", "one@example.com"),
         .certificate = server.certificate_pem(),
         .key = server.key_pem()});
  if (!slapd_) return;
  directory_.start_tls = true;
  directory_.ca_file = slapd_->write("ca.pem", ca.certificate_pem());
  const DirectoryAnswer answer = find_in_directory(directory_, "(mail=one@example.com)");
  EXPECT_EQ(answer.kind, Kind::found) << answer.why;
  directory_.ca_file = slapd_->write("stranger.pem", stranger.certificate_pem());
  EXPECT_EQ(find_in_directory(directory_, "(mail=one@example.com)").kind, Kind::failed);
}

// --- Rules that ask it ---

class DirectoryRules : public Directories {
 protected:
  Mapper::Outcome map(const std::string& names, const char* common_name = "somebody") {
    Recipe recipe;
    recipe.common_name = common_name;
    recipe.alternative_names = names;
    return mapper()->map({make_party(recipe, &ca_).der(), ca_.der()}, {}, now_ms_);
  }
  std::shared_ptr<Mapper> mapper() {
    if (mapper_) return mapper_;
    Mapper::Loaded loaded = Mapper::of_text(rules_ + "[Directory]\nUri = '" + directory_.uri +
                                                "'\nAllowPlaintext = true\nBase = 'dc=example'\n"
                                                "Timeout = 20000\n",
                                            "rules");
    const auto* why = std::get_if<std::string>(&loaded);
    EXPECT_EQ(why, nullptr) << *why;
    mapper_ = std::get<std::shared_ptr<Mapper>>(loaded);
    return mapper_;
  }

  std::string rules_ =
      "[[Rule]]\nMatch = '<EKU>clientAuth'\nMap = '(mail={subject_rfc822_name})'\n"
      "Domains = 'directory'\n";
  std::int64_t now_ms_ = 0;
  const Party ca_ = make_party(authority("Test CA"));

 private:
  std::shared_ptr<Mapper> mapper_;
};

TEST_F(DirectoryRules, the_entry_names_an_account_of_this_machine) {
  const Mapper::Outcome outcome = map("email:one@example.com");
  ASSERT_TRUE(outcome.account) << outcome.why;
  EXPECT_EQ(outcome.account->name, "daemon");
  EXPECT_EQ(outcome.account->uid, 1U) << "NSS says who that is, not the directory";
  EXPECT_FALSE(map("email:none@example.com").account);
  EXPECT_FALSE(map("email:two@example.com").account) << "several are none";
}

TEST_F(DirectoryRules, values_of_the_certificate_are_values) {
  rules_ =
      "[[Rule]]\nMatch = '<EKU>clientAuth'\nMap = 'LDAPU1:(mail={subject_dn_component.cn})'\n"
      "Domains = 'directory'\n";
  for (const char* hostile : {"*", "one*", "one@example.com)(uid=*", "x)(|(uid=daemon", "\\2a"}) {
    EXPECT_FALSE(map("", hostile).account) << hostile;
  }
  EXPECT_TRUE(map("", "one@example.com").account);
}

TEST_F(DirectoryRules, an_outage_is_no_account_and_no_reason_to_ask_the_issuer) {
  rules_ += "[[IssuerRule]]\nMatch = '<SUBJECT>^CN=Test CA$'\nMap = '(bin)'\n";
  mapper();
  EXPECT_EQ(map("email:none@example.com").account->name, "bin");
  slapd_.reset();
  const Mapper::Outcome outcome = map("email:none@example.com");
  EXPECT_FALSE(outcome.account);
  EXPECT_NE(outcome.why.find("can't be asked"), std::string::npos) << outcome.why;
}

TEST_F(DirectoryRules, MAP_5_an_issuer_that_maps_to_nobody_is_not_asked_about_for_10_minutes) {
  rules_ =
      "[[IssuerRule]]\nMatch = '<SUBJECT>^CN=Test CA$'\n"
      "Map = 'LDAPU1:(mail={subject_dn_component.cn})'\nDomains = 'directory'\n";
  EXPECT_FALSE(map("").account);
  ASSERT_TRUE(slapd_->add(person("games", "Test CA")));
  now_ms_ = 599'999;
  EXPECT_FALSE(map("").account) << "remembered";
  now_ms_ = 600'000;
  const Mapper::Outcome outcome = map("");
  ASSERT_TRUE(outcome.account) << outcome.why;
  EXPECT_EQ(outcome.account->name, "games");
}

}  // namespace
}  // namespace schannel::pki
