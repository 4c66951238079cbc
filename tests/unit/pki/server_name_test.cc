#include <gtest/gtest.h>

#include "pki/verify.h"
#include "unit/pki/certificate_builder.h"

namespace schannel::pki {
namespace {

using testing::make_party;
using testing::Recipe;

Buffer certificate_for(const std::string& alternative_names,
                       const std::string& common_name = "common.example") {
  Recipe recipe;
  recipe.alternative_names = alternative_names;
  recipe.common_name = common_name;
  return make_party(recipe).der();
}

struct Row {
  const char* alternative_names;
  const char* server_name;
  bool matches;
};

const Row kTable[] = {
    // Letters, dots and labels.
    {"DNS:www.example.com", "www.example.com", true},
    {"DNS:WWW.Example.COM", "www.eXample.com", true},
    {"DNS:www.example.com", "www.example.com.", true},
    {"DNS:www.example.com", "www.example.com..", false},
    {"DNS:www.example.com", ".www.example.com", false},
    {"DNS:www.example.com", "example.com", false},
    {"DNS:example.com", "www.example.com", false},
    {"DNS:www.example.com", "www.example.co", false},
    {"DNS:www.example.com", "www.example.comm", false},
    {"DNS:www.example.com", "", false},
    {"DNS:a.example,DNS:b.example", "b.example", true},
    {"DNS:localhost", "localhost", true},
    {"DNS:my_host.example", "my_host.example", true},
    // Wildcards: RFC 6125 section 6.4.3.
    {"DNS:*.example.com", "www.example.com", true},
    {"DNS:*.example.com", "WWW.EXAMPLE.COM", true},
    {"DNS:*.example.com", "example.com", false},
    {"DNS:*.example.com", "a.b.example.com", false},
    {"DNS:*.example.com", ".example.com", false},
    {"DNS:w*.example.com", "www.example.com", false},
    {"DNS:*w.example.com", "www.example.com", false},
    {"DNS:w*w.example.com", "www.example.com", false},
    {"DNS:www.*.com", "www.example.com", false},
    {"DNS:*.*.com", "www.example.com", false},
    {"DNS:*.com", "example.com", false},
    {"DNS:*", "com", false},
    {"DNS:*", "example.com", false},
    {"DNS:*.", "example.", false},
    {"DNS:*.example.com", "*.example.com", false},
    {"DNS:*.example.com", "xn--bcher-kva.example.com", true},
    {"DNS:xn--*.example.com", "xn--bcher-kva.example.com", false},
    // U-labels become A-labels.
    {"DNS:xn--bcher-kva.example",
     "b\xC3\xBC"
     "cher.example",
     true},
    {"DNS:xn--bcher-kva.example",
     "B\xC3\x9C"
     "CHER.example",
     true},
    {"DNS:xn--bcher-kva.example", "XN--BCHER-KVA.example", true},
    {"DNS:xn--bcher-kva.example",
     "bu\xCC\x88"
     "cher.example",
     true},  // u and a combining diaeresis
    {"DNS:bucher.example",
     "b\xC3\xBC"
     "cher.example",
     false},
    {"DNS:xn--strae-oqa.example",
     "stra\xC3\x9F"
     "e.example",
     true},  // IDNA 2008: not strasse
    {"DNS:example.com",
     "example\xE3\x80\x82"
     "com",
     true},  // the wide full stop
    {"DNS:example.com", "\xFF\xFE.com", false},
    // Addresses: RFC 6125 section 1.7.2, by their bytes.
    {"IP:192.0.2.1", "192.0.2.1", true},
    {"IP:192.0.2.1", "192.0.2.2", false},
    {"IP:192.0.2.1", "192.0.2.1.", false},
    {"IP:192.0.2.1", "::ffff:192.0.2.1", false},
    {"IP:2001:db8::1", "2001:db8::1", true},
    {"IP:2001:db8::1", "2001:DB8:0:0:0:0:0:1", true},
    {"IP:2001:db8::1", "[2001:db8::1]", true},
    {"IP:2001:db8::1", "2001:db8::2", false},
    {"IP:192.0.2.1", "[192.0.2.1]", false},
    {"DNS:192.0.2.1", "192.0.2.1", false},
    {"DNS:192.0.2.*", "192.0.2.1", false},
    {"IP:192.0.2.1,DNS:a.example", "a.example", true},
    {"IP:192.0.2.1,DNS:a.example", "192.0.2.1", true},
    // The common name: only when there is no dNSName, never for an address.
    {"", "common.example", true},
    {"", "COMMON.example.", true},
    {"", "other.example", false},
    {"DNS:www.example.com", "common.example", false},
    {"IP:192.0.2.1", "common.example", true},
    {"email:a@b.example", "common.example", true},
    {"email:www@example.com", "example.com", false},
    {"URI:https://www.example.com/", "www.example.com", false},
};

TEST(ServerName, matches_by_the_table) {
  for (const Row& row : kTable) {
    EXPECT_EQ(matches_server_name(certificate_for(row.alternative_names), row.server_name),
              row.matches)
        << row.alternative_names << " for " << row.server_name;
  }
}

TEST(ServerName, address_in_a_common_name_is_no_address) {
  EXPECT_FALSE(matches_server_name(certificate_for("", "192.0.2.1"), "192.0.2.1"));
}

TEST(ServerName, wildcard_in_a_common_name_follows_the_same_rules) {
  EXPECT_TRUE(matches_server_name(certificate_for("", "*.example.com"), "www.example.com"));
  EXPECT_FALSE(matches_server_name(certificate_for("", "*.com"), "example.com"));
}

/// A certificate whose only dNSName has these bytes.
Buffer certificate_with_raw_name(const std::string& name) {
  std::string der = "DER:30";
  const auto hex = [](std::size_t byte) {
    constexpr char kDigits[] = "0123456789ABCDEF";
    return std::string{kDigits[byte >> 4 & 15], kDigits[byte & 15]};
  };
  der += hex(name.size() + 2) + "82" + hex(name.size());
  for (const char c : name) der += hex(static_cast<unsigned char>(c));
  Recipe recipe;
  recipe.common_name = "common.example";
  recipe.alternative_names.clear();
  recipe.other_extension = "2.5.29.17=" + der;
  return make_party(recipe).der();
}

TEST(ServerName, name_with_a_nul_in_it_matches_nothing) {
  using namespace std::string_literals;
  EXPECT_TRUE(matches_server_name(certificate_with_raw_name("good.example"), "good.example"));
  const Buffer half = certificate_with_raw_name("good.example\0.evil.example"s);
  EXPECT_FALSE(matches_server_name(half, "good.example"));
  EXPECT_FALSE(matches_server_name(half, "good.example\0.evil.example"s));
  EXPECT_FALSE(matches_server_name(half, "common.example"));
  const Buffer common = certificate_for("", "good.example\0.evil.example"s);
  EXPECT_FALSE(matches_server_name(common, "good.example"));
  EXPECT_FALSE(matches_server_name(certificate_for("DNS:good.example"), "good.example\0"s));
}

TEST(ServerName, garbage_instead_of_a_certificate_matches_nothing) {
  EXPECT_FALSE(matches_server_name({}, "a.example"));
  EXPECT_FALSE(matches_server_name(as_bytes("a.example"), "a.example"));
}

TEST(ServerName, addresses_are_told_from_names) {
  for (const char* address :
       {"127.0.0.1", "255.255.255.255", "::", "::1", "[::1]", "fe80::1", "::ffff:1.2.3.4"}) {
    EXPECT_TRUE(is_ip_address(address)) << address;
  }
  for (const char* name :
       {"", "localhost", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.4.", "[1.2.3.4]", "[", "]", "[]",
        "[::1", "::1]", "01.2.3.4", "0x7f.1", "fe80::1%eth0", "1.2.3.4 ", "a.example"}) {
    EXPECT_FALSE(is_ip_address(name)) << name;
  }
}

TEST(ServerName, a_labels_are_lower_case_and_valid) {
  EXPECT_EQ(to_a_labels("Example.COM"), "example.com");
  EXPECT_EQ(to_a_labels("example.com."), "example.com");
  EXPECT_EQ(to_a_labels("b\xC3\xBC"
                        "cher.example"),
            "xn--bcher-kva.example");
  EXPECT_EQ(to_a_labels(std::string(63, 'a') + ".example"), std::string(63, 'a') + ".example");
  const std::string label = std::string(49, 'a') + '.';
  EXPECT_FALSE(to_a_labels(label + label + label + label + label + "com").empty());  // 253 bytes
  for (const std::string& name :
       {std::string(), std::string("."), std::string("a..b"), std::string(".a"), std::string("a b"),
        std::string("a/b"), std::string("-a.example"), std::string("a-.example"),
        std::string("127.0.0.1"), std::string("::1"), std::string("1.2.3"),
        std::string("256.1.1.1"), std::string("*.example.com"), std::string("a\0b", 3),
        std::string("\xC3"), std::string(64, 'a') + ".example",
        label + label + label + label + label + "comm"}) {
    EXPECT_EQ(to_a_labels(name), "") << name;
  }
}

TEST(ServerNamesOf, AreWhatTheCertificateIsFor) {
  using Names = std::vector<std::string>;
  EXPECT_EQ(server_names_of(certificate_for("DNS:WWW.Example.com,IP:192.0.2.1,DNS:*.Example.org")),
            (Names{"www.example.com", "*.example.org"}));
  EXPECT_EQ(server_names_of(certificate_for("", "common.example")), Names{"common.example"});
  // The common name counts only where there is no dNSName; an address is no name.
  EXPECT_EQ(server_names_of(certificate_for("IP:192.0.2.1")), Names{"common.example"});
  EXPECT_EQ(server_names_of(certificate_for("DNS:*.com,DNS:a*.example.com,DNS:*")), Names());
  EXPECT_EQ(server_names_of(certificate_for("", "192.0.2.1")), Names());
  EXPECT_EQ(server_names_of({}), Names());
}

}  // namespace
}  // namespace schannel::pki
