#include "pki/mapping.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "pki/mapping_filter.h"
#include "pki/mapping_names.h"
#include "pki/mapping_rules.h"
#include "unit/pki/certificate_builder.h"

// Rules, certificates and accounts that every Debian has: root (0), daemon (1), bin (2), nobody.
namespace schannel::pki {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

constexpr IssuerCache::Limits kLimits;

std::shared_ptr<Mapper> mapper(const std::string& toml) {
  Mapper::Loaded loaded = Mapper::of_text(toml, "rules");
  const auto* why = std::get_if<std::string>(&loaded);
  EXPECT_EQ(why, nullptr) << *why;
  return why == nullptr ? std::get<std::shared_ptr<Mapper>>(loaded) : nullptr;
}

std::string complaint(const std::string& toml) {
  Mapper::Loaded loaded = Mapper::of_text(toml, "rules");
  const auto* why = std::get_if<std::string>(&loaded);
  EXPECT_NE(why, nullptr) << toml;
  return why == nullptr ? "" : *why;
}

/// A name, "" for none, and why.
struct Mapped {
  std::string name;
  std::string why;
};
Mapped map(const std::shared_ptr<Mapper>& with, const std::vector<Buffer>& chain) {
  Mapper::Outcome outcome = with->map(chain, kLimits, 0);
  return {outcome.account ? outcome.account->name : "", outcome.why};
}

/// A leaf of the recipe below "Test CA".
class Mapping : public ::testing::Test {
 protected:
  std::vector<Buffer> chain_of(const Recipe& recipe) const {
    return {make_party(recipe, &ca_).der(), ca_.der()};
  }
  static Recipe person(const std::string& alternative_names = "",
                       const std::string& common_name = "Someone") {
    Recipe recipe;
    recipe.common_name = common_name;
    recipe.alternative_names = alternative_names;
    recipe.extended_key_usage = "clientAuth";
    return recipe;
  }
  std::string name_of(const std::string& rules, const Recipe& recipe) const {
    return map(mapper(rules), chain_of(recipe)).name;
  }

  const Party ca_ = make_party(authority("Test CA"));
};

constexpr char kByMail[] = R"toml(
[[Rule]]
Match = "<ISSUER>^CN=Test CA$<EKU>clientAuth"
Map = "(uid={subject_rfc822_name.short_name})"
)toml";

TEST_F(Mapping, the_account_comes_with_its_groups) {
  const Mapper::Outcome outcome =
      mapper(kByMail)->map(chain_of(person("email:daemon@example.com")), kLimits, 0);
  ASSERT_TRUE(outcome.account) << outcome.why;
  EXPECT_EQ(outcome.account->name, "daemon");
  EXPECT_EQ(outcome.account->uid, 1U);
  EXPECT_EQ(outcome.account->gid, 1U);
  EXPECT_EQ(outcome.account->groups, std::vector<gid_t>{1});
}

TEST_F(Mapping, no_rule_no_account) {
  const Mapped mapped = map(mapper(""), chain_of(person("email:daemon@example.com")));
  EXPECT_EQ(mapped.name, "");
  EXPECT_EQ(mapped.why, "no rule fits the certificate");
}

TEST_F(Mapping, no_account_of_the_name_none_at_all) {
  const Mapped mapped = map(mapper(kByMail), chain_of(person("email:who.is.it@example.com")));
  EXPECT_EQ(mapped.name, "");
  EXPECT_EQ(mapped.why, "the rule that fits names no account there is");
}

TEST_F(Mapping, a_certificate_without_the_value_maps_to_nobody) {
  const Mapped mapped = map(mapper(kByMail), chain_of(person()));
  EXPECT_EQ(mapped.name, "");
  EXPECT_NE(mapped.why.find("lacks what it maps by"), std::string::npos) << mapped.why;
}

TEST_F(Mapping, matches_by_issuer_subject_and_extended_key_usage) {
  const Recipe good = person("email:daemon@example.com", "Someone");
  const auto rule = [](const std::string& match) {
    return "[[Rule]]\nMatch = '" + match + "'\nMap = '(daemon)'\n";
  };
  EXPECT_EQ(name_of(rule("<ISSUER>^CN=Test CA$"), good), "daemon");
  EXPECT_EQ(name_of(rule("<ISSUER>^CN=Other CA$"), good), "");
  EXPECT_EQ(name_of(rule("<SUBJECT>^CN=Someone$"), good), "daemon");
  EXPECT_EQ(name_of(rule("<SUBJECT>^CN=Someone Else$"), good), "");
  EXPECT_EQ(name_of(rule("<EKU>clientAuth"), good), "daemon");
  EXPECT_EQ(name_of(rule("<EKU>clientAuth,msScLogin"), good), "");
  EXPECT_EQ(name_of(rule("&&<ISSUER>^CN=Test CA$<SUBJECT>^CN=Nobody$"), good), "");
  EXPECT_EQ(name_of(rule("||<ISSUER>^CN=Test CA$<SUBJECT>^CN=Nobody$"), good), "daemon");
}

TEST_F(Mapping, maps_by_principal_and_mail) {
  const Recipe upn = person("otherName:msUPN;UTF8:daemon@EXAMPLE.COM");
  EXPECT_EQ(name_of("[[Rule]]\nMatch='<SAN:ntPrincipalName>.*@EXAMPLE\\.COM'\n"
                    "Map='(uid={subject_nt_principal.short_name})'\n",
                    upn),
            "daemon");
  const std::string accounts = R"toml(
[Accounts.bin]
userPrincipalName = "daemon@EXAMPLE.COM"
[Accounts.nobody]
Mail = ["a@example.com", "b@example.com"]
)toml";
  EXPECT_EQ(name_of("[[Rule]]\nMatch='<SUBJECT>.*'\n"
                    "Map='(userprincipalname={subject_nt_principal})'\n" +
                        accounts,
                    upn),
            "bin");
  const std::string by_mail =
      "[[Rule]]\nMatch='<SUBJECT>.*'\nMap='(mail={subject_rfc822_name})'\n" + accounts;
  EXPECT_EQ(name_of(by_mail, person("email:b@example.com")), "nobody");
  EXPECT_EQ(name_of(by_mail, person("email:c@example.com")), "");
  EXPECT_EQ(name_of(by_mail, person("email:B@example.com")), "") << "values are compared exactly";
}

TEST_F(Mapping, maps_by_subject_and_issuer) {
  const std::string rules = R"toml(
[[Rule]]
Match = "<EKU>clientAuth"
Map = "(certMapData=X509:<I>{issuer_dn!nss_x500}<S>{subject_dn!nss_x500})"
[Accounts.daemon]
certMapData = "X509:<I>CN=Test CA<S>CN=Someone"
)toml";
  EXPECT_EQ(name_of(rules, person()), "daemon");
  EXPECT_EQ(name_of(rules, person("", "Someone Else")), "");
}

TEST_F(Mapping, maps_by_key_id_and_by_the_whole_certificate) {
  const Party party = make_party(person(), &ca_);
  const std::vector<Buffer> chain = {party.der(), ca_.der()};
  const auto hex = [](Bytes bytes) {
    std::string out;
    for (const std::uint8_t byte : bytes) {
      constexpr char kDigits[] = "0123456789abcdef";
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    }
    return out;
  };
  std::string base64((party.der().size() + 2) / 3 * 4 + 1, '\0');
  base64.resize(static_cast<std::size_t>(
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(base64.data()), party.der().data(),
                      static_cast<int>(party.der().size()))));
  EXPECT_EQ(map(mapper("[[Rule]]\nMatch='<EKU>clientAuth'\nMap='(userCertificate={cert!base64})'\n"
                       "[Accounts.daemon]\nuserCertificate = '" +
                       base64 + "'\n"),
                chain)
                .name,
            "daemon");
  const ASN1_OCTET_STRING* id = X509_get0_subject_key_id(party.certificate.get());
  if (id == nullptr) GTEST_FAIL() << "the builder gives no key id";
  EXPECT_EQ(map(mapper("[[Rule]]\nMatch='<EKU>clientAuth'\nMap='LDAPU1:(keyId={subject_key_id})'\n"
                       "[Accounts.daemon]\nkeyId = '" +
                       hex(view_of(id)) + "'\n"),
                chain)
                .name,
            "daemon");
}

TEST_F(Mapping, values_of_the_certificate_are_values_whatever_is_in_them) {
  for (const char* hostile :
       {"*", "*)(uid=daemon", "daemon)(uid=*", "x)(|(uid=daemon)", "\\2a", "daemon*", ")(", "("}) {
    Recipe recipe = person("", hostile);
    EXPECT_EQ(name_of("[[Rule]]\nMatch='<EKU>clientAuth'\n"
                      "Map='LDAPU1:(uid={subject_dn_component.cn})'\n",
                      recipe),
              "")
        << hostile;
    EXPECT_EQ(name_of("[[Rule]]\nMatch='<EKU>clientAuth'\n"
                      "Map='LDAPU1:(&(uid=daemon)(mail={subject_dn_component.cn}))'\n"
                      "[Accounts.daemon]\nmail='m'\n",
                      recipe),
              "")
        << hostile;
  }
  EXPECT_EQ(name_of("[[Rule]]\nMatch='<EKU>clientAuth'\n"
                    "Map='LDAPU1:(uid={subject_dn_component.cn})'\n",
                    person("", "daemon")),
            "daemon");
}

TEST_F(Mapping, a_NUL_in_a_name_ends_it_before_any_rule_is_asked) {
  // The text "daemon\0@x", as an e-mail address and as a user principal name.
  for (const char* names : {"300b81096461656d6f6e004078",
                            "301ba019060a2b060104018237140203a00b0c096461656d6f6e004078"}) {
    Recipe recipe = person();
    recipe.other_extension = std::string("2.5.29.17=DER:") + names;
    EXPECT_FALSE(has_plain_names(chain_of(recipe).front()));
    const Mapped mapped =
        map(mapper("[[Rule]]\nMatch='<EKU>clientAuth'\nMap='(daemon)'\n"), chain_of(recipe));
    EXPECT_EQ(mapped.name, "");
    EXPECT_NE(mapped.why.find("NUL"), std::string::npos) << mapped.why;
  }
  EXPECT_TRUE(has_plain_names(
      chain_of(person("otherName:msUPN;UTF8:a@x,email:a@x,DNS:a,URI:a:b")).front()));
  EXPECT_FALSE(has_plain_names({}));
}

TEST_F(Mapping, several_accounts_are_none) {
  const std::string two = R"toml(
[[Rule]]
Match = "<EKU>clientAuth"
Map = "(mail={subject_rfc822_name})"
[Accounts.daemon]
mail = "both@example.com"
[Accounts.bin]
mail = "both@example.com"
)toml";
  const Mapped mapped = map(mapper(two), chain_of(person("email:both@example.com")));
  EXPECT_EQ(mapped.name, "");
  EXPECT_EQ(mapped.why, "the rules name several accounts, so it is none");
}

TEST_F(Mapping, rules_of_one_priority_must_agree_and_later_ones_are_not_asked) {
  const auto rules = [](const std::string& first, const std::string& second, int second_priority) {
    return "[[Rule]]\nPriority=1\nMatch='<EKU>clientAuth'\nMap='(" + first +
           ")'\n[[Rule]]\nPriority=" + std::to_string(second_priority) +
           "\nMatch='<ISSUER>Test'\nMap='(" + second + ")'\n";
  };
  EXPECT_EQ(name_of(rules("daemon", "bin", 1), person()), "");
  EXPECT_EQ(name_of(rules("daemon", "daemon", 1), person()), "daemon");
  EXPECT_EQ(name_of(rules("daemon", "no.such.account", 1), person()), "daemon");
  EXPECT_EQ(name_of(rules("daemon", "bin", 2), person()), "daemon");
  EXPECT_EQ(name_of(rules("daemon", "bin", 0), person()), "bin");
  EXPECT_EQ(name_of(rules("no.such.account", "bin", 2), person()), "") << "SSSD stops there, too";
}

TEST_F(Mapping, root_must_be_allowed_by_name) {
  const std::string rule = "[[Rule]]\nMatch='<EKU>clientAuth'\nMap='(root)'\n";
  EXPECT_EQ(name_of(rule, person()), "");
  EXPECT_EQ(name_of("MinimumUid = 0\n" + rule, person()), "root");
  EXPECT_EQ(
      name_of("MinimumUid = 2\n[[Rule]]\nMatch='<EKU>clientAuth'\nMap='(daemon)'\n", person()), "");
}

constexpr char kByIssuer[] = R"toml(
[[Rule]]
Match = "<EKU>clientAuth"
Map = "LDAPU1:(uid={subject_dn_component.cn})"
[[IssuerRule]]
Match = "<SUBJECT>^CN=Test CA$"
Map = "(bin)"
)toml";

TEST_F(Mapping, MAP_3_a_whole_issuer_comes_last) {
  EXPECT_EQ(name_of(kByIssuer, person("", "daemon")), "daemon");
  EXPECT_EQ(name_of(kByIssuer, person("", "stranger")), "bin");
  EXPECT_EQ(name_of(std::string(kByIssuer) + "[[Rule]]\nMatch='<ISSUER>Test'\nMap='(nobody)'\n",
                    person("", "daemon")),
            "")
      << "several accounts are none, for the issuer as well";
}

TEST_F(Mapping, MAP_5_every_issuer_of_the_chain_is_tried) {
  const Chain chain = make_chain(person(), authority("intermediate"), authority("Test CA"));
  const std::vector<Buffer> path = {chain.leaf.der(), chain.intermediate.der(), chain.root.der()};
  EXPECT_EQ(map(mapper(kByIssuer), path).name, "bin");
  EXPECT_EQ(map(mapper(kByIssuer), chain.presented()).name, "");
}

TEST(Issuers, MAP_5_are_remembered_for_so_long_and_so_many) {
  const auto issuer = [](std::uint8_t mark) { return Buffer{mark}; };
  IssuerCache cache;
  constexpr IssuerCache::Limits kDefault;
  EXPECT_EQ(kDefault.count_max, 100U);
  EXPECT_EQ(kDefault.lifetime_ms, 600'000U);
  for (std::uint8_t mark = 0; mark <= 100; ++mark) cache.insert(issuer(mark), kDefault, 1000);
  EXPECT_FALSE(cache.contains(issuer(0), 1000)) << "the oldest made room";
  EXPECT_TRUE(cache.contains(issuer(1), 1000));
  EXPECT_TRUE(cache.contains(issuer(100), 1000 + 599'999));
  EXPECT_FALSE(cache.contains(issuer(100), 1000 + 600'000));
  cache.insert(issuer(1), kDefault, 1000);
  EXPECT_FALSE(cache.contains(issuer(1), 999)) << "the clock was set back";
  cache.insert(issuer(1), {0, 600'000}, 1000);
  EXPECT_FALSE(cache.contains(issuer(1), 1000));
  cache.insert(issuer(1), {100, 0}, 1000);
  EXPECT_FALSE(cache.contains(issuer(1), 1000));
}

TEST(Filters, name_accounts_and_nothing_else) {
  for (const char* good : {"(daemon)", "(uid=daemon)", "(&(uid=a)(mail=b))", "(|(uid=a)(uid=b))",
                           "(UID=\\64aemon)", "(&(|(a=1)(b=2))(c=3))", "(a;binary=\\00\\ff)"}) {
    EXPECT_TRUE(parse_filter(good)) << good;
  }
  EXPECT_EQ(parse_filter("(UID=\\64aemon)")->value, "daemon");
  EXPECT_EQ(parse_filter("(UID=\\64aemon)")->attribute, "uid");
  EXPECT_EQ(parse_filter("(daemon)")->attribute, "uid");
  for (const char* bad : {"",          "(",          ")",
                          "()",        "(uid=)",     "uid=a",
                          "(uid=a",    "(uid=a))",   "(uid=a)(uid=b)",
                          "(uid=*)",   "(uid=a*)",   "(!(uid=a))",
                          "(uid>=a)",  "(uid~=a)",   "(&)",
                          "(|)",       "(=a)",       "(u id=a)",
                          "(uid=\\4)", "(uid=\\4g)", "(uid=a\\)",
                          "(*)",       "(uid:=a)",   "((uid=a))"}) {
    EXPECT_FALSE(parse_filter(bad)) << bad;
  }
  std::string deep = "(uid=a)";
  for (std::size_t i = 0; i < kFilterDepthMax; ++i) deep = "(&" + deep + ")";
  EXPECT_TRUE(parse_filter(deep));
  EXPECT_FALSE(parse_filter("(&" + deep + ")"));
  std::string wide;
  for (std::size_t i = 1; i < kFilterPartCountMax; ++i) wide += "(uid=a)";
  EXPECT_TRUE(parse_filter("(|" + wide + ")"));
  EXPECT_FALSE(parse_filter("(|" + wide + "(uid=a))"));
}

TEST(Rules, what_is_wrong_is_named_with_its_line) {
  const auto expect = [](const std::string& toml, const std::string& text) {
    EXPECT_NE(complaint(toml).find(text), std::string::npos) << complaint(toml);
  };
  expect("Rules = 1", "rules:1: Rules is nothing that can be set here");
  expect("[Rule]\nMatch='<EKU>clientAuth'", "[[Rule]]");
  expect("[[Rule]]\nMatch='<EKU>clientAuth'", "rule 1 needs Match and Map");
  expect("[[Rule]]\nMap='(uid=a)'", "rule 1 needs Match and Map");
  expect("[[Rule]]\nMatch='<WHO>a'\nMap='(uid=a)'", "libsss-certmap refuses it");
  expect("[[Rule]]\nMatch='<SUBJECT>('\nMap='(uid=a)'", "libsss-certmap refuses it");
  expect("[[Rule]]\nMatch='<EKU>clientAuth'\nMap='(uid={no_such})'", "libsss-certmap refuses it");
  expect("[[Rule]]\nMatch='<EKU>clientAuth'\nMap='(uid=*)'", "no filter that names accounts");
  expect("[[Rule]]\nMatch='<EKU>clientAuth'\nMap='(a)'\nPriority=-1", "whole number");
  expect("[[Rule]]\nMatch='<EKU>clientAuth'\nMap='(a)'\nDomains='elsewhere'", "Domains may be");
  expect("[[Rule]]\nMatch='<EKU>clientAuth'\nMap='(a)'\nDomains='directory'", "no [Directory]");
  expect("[[Rule]]\nMatch='<EKU>clientAuth'\nMap='(a)'\nmatch='b'", "match is no part of a rule");
  expect("[Accounts.a]\nUid='b'", "uid is the account's name");
  expect("MinimumUid = 'a'", "whole number");
  const std::string base = "Base='dc=x'\n";
  expect("[Directory]\n" + base + "Uri='http://x'", "needs a Uri");
  expect("[Directory]\n" + base + "Uri='ldap://x'", "believe anybody");
  expect("[Directory]\n" + base + "Uri='ldap://x'\nStartTls=true", "needs a CaFile");
  expect("[Directory]\n" + base + "Uri='ldaps://x'", "needs a CaFile");
  expect("[Directory]\n" + base + "Uri='ldap://x ldap://y'\nAllowPlaintext=true", "one Uri");
  expect("[Directory]\nUri='ldapi:///'", "needs a Base");
  expect("[Directory]\n" + base + "Uri='ldapi:///'\nTimeout=0", "Timeout");
  expect("[Directory]\n" + base + "Uri='ldapi:///'\nBindDn='cn=x'", "go together");
  expect("[Directory]\n" + base + "Uri='ldapi:///'\nFilter='a=b'", "in parentheses");
  expect("[Directory]\n" + base + "Uri='ldapi:///'\nCaFile='rel'", "absolute path");
  expect("a = ", "rules:1:");
  std::string many;
  for (int i = 0; i <= 1000; ++i) many += "[[Rule]]\nMatch='<EKU>clientAuth'\nMap='(a)'\n";
  expect(many, "at most 1000 rules");
}

TEST(Rules, a_file_that_others_can_write_is_refused) {
  std::string folder = ::testing::TempDir() + "mapping-XXXXXX";
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  const std::string path = folder + "/rules.toml";
  const auto write = [&](const char* text) { std::ofstream(path) << text; };
  const auto load = [&] { return Mapper::of_file(path); };
  EXPECT_TRUE(std::holds_alternative<std::string>(load())) << "there is none";
  write("");
  using std::filesystem::perms;
  std::filesystem::permissions(path, perms::owner_read | perms::owner_write);
  const Mapper::Loaded first = load();
  ASSERT_TRUE(std::holds_alternative<std::shared_ptr<Mapper>>(first));
  EXPECT_EQ(load(), first) << "read once";
  write("MinimumUid = 5\n");
  EXPECT_NE(load(), first) << "and again when it has changed";
  for (const perms bad : {perms::group_write, perms::others_write}) {
    std::filesystem::permissions(path, perms::owner_read | perms::owner_write | bad);
    const Mapper::Loaded refused = load();
    ASSERT_TRUE(std::holds_alternative<std::string>(refused));
    EXPECT_NE(std::get<std::string>(refused).find("may be changed by others"), std::string::npos);
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace schannel::pki
