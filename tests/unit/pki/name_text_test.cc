#include "pki/name_text.h"

#include <gtest/gtest.h>

#include <cstring>

#include "pki/text.h"
#include "unit/pki/certificate_builder.h"

namespace schannel::pki {
namespace {

using testing::make_party;
using testing::Recipe;

struct Attribute {
  const char* name;
  std::string value;
  int set = 0;  // 0: a RelativeDistinguishedName of its own; -1: in the one before
  int type = MBSTRING_UTF8;
};

Buffer name_of(const std::vector<Attribute>& attributes) {
  const X509NamePtr name(X509_NAME_new());
  for (const Attribute& attribute : attributes) {
    const std::vector<unsigned char> bytes(attribute.value.begin(), attribute.value.end());
    EXPECT_EQ(X509_NAME_add_entry_by_txt(name.get(), attribute.name, attribute.type, bytes.data(),
                                         static_cast<int>(bytes.size()), -1, attribute.set),
              1)
        << attribute.name;
  }
  return encoding_of(name.get(), i2d_X509_NAME);
}

const std::vector<Attribute> kPlain{{"C", "DE"}, {"O", "Example"}, {"CN", "www.example.com"}};

TEST(NameText, forms) {
  const Buffer name = name_of(kPlain);
  EXPECT_EQ(name_text(name, CERT_SIMPLE_NAME_STR), "DE, Example, www.example.com");
  EXPECT_EQ(name_text(name, CERT_OID_NAME_STR),
            "2.5.4.6=DE, 2.5.4.10=Example, 2.5.4.3=www.example.com");
  EXPECT_EQ(name_text(name, CERT_X500_NAME_STR), "C=DE, O=Example, CN=www.example.com");
  EXPECT_EQ(name_text(name, CERT_X500_NAME_STR | CERT_NAME_STR_REVERSE_FLAG),
            "CN=www.example.com, O=Example, C=DE");
  EXPECT_EQ(name_text(name, CERT_X500_NAME_STR | CERT_NAME_STR_SEMICOLON_FLAG),
            "C=DE; O=Example; CN=www.example.com");
  EXPECT_EQ(name_text(name, CERT_X500_NAME_STR | CERT_NAME_STR_CRLF_FLAG),
            "C=DE\r\nO=Example\r\nCN=www.example.com");
  EXPECT_EQ(name_text(name, 0), "");
  EXPECT_EQ(name_text(name, 99), "");
}

TEST(NameText, several_attributes_in_one_part) {
  const Buffer name = name_of({{"O", "Example"}, {"OU", "One"}, {"CN", "two", -1}});
  EXPECT_EQ(name_text(name, CERT_X500_NAME_STR), "O=Example, CN=two + OU=One");
  EXPECT_EQ(name_text(name, CERT_SIMPLE_NAME_STR | CERT_NAME_STR_NO_PLUS_FLAG), "Example, two One");
}

TEST(NameText, keys) {
  const Buffer name = name_of({{"emailAddress", "a@b.example"},
                               {"title", "t"},
                               {"GN", "g"},
                               {"initials", "i"},
                               {"SN", "s"},
                               {"ST", "state"},
                               {"DC", "dc"},
                               {"2.5.4.65", "pseudonym"}});
  EXPECT_EQ(name_text(name, CERT_X500_NAME_STR),
            "E=a@b.example, T=t, G=g, I=i, SN=s, S=state, DC=dc, OID.2.5.4.65=pseudonym");
}

TEST(NameText, quoting) {
  const struct {
    const char* value;
    const char* text;
  } rows[] = {
      {"plain", "CN=plain"},
      {" front", "CN=\" front\""},
      {"back ", "CN=\"back \""},
      {"a, b", "CN=\"a, b\""},
      {"a+b", "CN=\"a+b\""},
      {"a=b", "CN=\"a=b\""},
      {"a\"b", "CN=\"a\"\"b\""},
      {"a\nb", "CN=\"a\nb\""},
      {"a<b", "CN=\"a<b\""},
      {"a>b", "CN=\"a>b\""},
      {"a#b", "CN=\"a#b\""},
      {"a;b", "CN=\"a;b\""},
      {"in the middle", "CN=in the middle"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(name_text(name_of({{"CN", row.value}}), CERT_X500_NAME_STR), row.text);
  }
  EXPECT_EQ(
      name_text(name_of({{"CN", "a, b"}}), CERT_X500_NAME_STR | CERT_NAME_STR_NO_QUOTING_FLAG),
      "CN=a, b");
}

TEST(NameText, octets_are_hexadecimal_and_nul_is_replaced) {
  using namespace std::string_literals;
  // CN as a BIT STRING: 30 { 31 { 30 { 2.5.4.3, 03 02 00 AB } } }
  const Buffer bits{0x30, 0x0D, 0x31, 0x0B, 0x30, 0x09, 0x06, 0x03,
                    0x55, 0x04, 0x03, 0x03, 0x02, 0x00, 0xAB};
  EXPECT_EQ(name_text(bits, CERT_X500_NAME_STR), "CN=#ab");
  EXPECT_EQ(name_text(name_of({{"CN", "a\0b"s}}), CERT_X500_NAME_STR),
            "CN=a\xEF\xBF\xBD"
            "b");
}

TEST(NameText, what_is_no_name_has_no_text) {
  EXPECT_EQ(name_text({}, CERT_X500_NAME_STR), "");
  EXPECT_EQ(name_text(as_bytes("nonsense"), CERT_X500_NAME_STR), "");
  EXPECT_EQ(name_text(name_of({}), CERT_X500_NAME_STR), "");
}

std::vector<std::string> names(const Recipe& recipe, NameRequest request) {
  const testing::Party party = make_party(recipe);
  const Certificate certificate(DecodedCertificate::decode(party.der()), nullptr, 0, {});
  return names_of(certificate, request);
}

std::string name(const Recipe& recipe, NameRequest request) {
  const auto all = names(recipe, std::move(request));
  EXPECT_LE(all.size(), 1U);
  return all.empty() ? std::string() : all.front();
}

TEST(NamesOf, types) {
  Recipe recipe;
  recipe.common_name = "common";
  recipe.alternative_names =
      "DNS:a.example,DNS:b.example,email:mail@a.example,URI:https://a.example/,"
      "otherName:1.3.6.1.4.1.311.20.2.3;UTF8:user@domain,IP:192.0.2.1";
  EXPECT_EQ(name(recipe, {CERT_NAME_EMAIL_TYPE}), "mail@a.example");
  EXPECT_EQ(name(recipe, {CERT_NAME_DNS_TYPE}), "a.example");
  EXPECT_EQ(name(recipe, {CERT_NAME_URL_TYPE}), "https://a.example/");
  EXPECT_EQ(name(recipe, {CERT_NAME_UPN_TYPE}), "user@domain");
  EXPECT_EQ(name(recipe, {CERT_NAME_SIMPLE_DISPLAY_TYPE}), "common");
  EXPECT_EQ(name(recipe, {CERT_NAME_FRIENDLY_DISPLAY_TYPE}), "common");
  EXPECT_EQ(name(recipe, {CERT_NAME_ATTR_TYPE, 0, 0, szOID_COMMON_NAME}), "common");
  EXPECT_EQ(name(recipe, {CERT_NAME_ATTR_TYPE, 0, 0, szOID_ORGANIZATION_NAME}), "");
  EXPECT_EQ(name(recipe, {CERT_NAME_RDN_TYPE, 0, CERT_X500_NAME_STR, {}}), "CN=common");
  EXPECT_EQ(name(recipe, {CERT_NAME_RDN_TYPE, 0, CERT_SIMPLE_NAME_STR, {}}), "common");
  EXPECT_EQ(name(recipe, {99}), "");
  EXPECT_EQ(names(recipe, {CERT_NAME_DNS_TYPE, CERT_NAME_SEARCH_ALL_NAMES_FLAG}),
            (std::vector<std::string>{"a.example", "b.example"}));
  EXPECT_TRUE(names(recipe, {CERT_NAME_URL_TYPE, CERT_NAME_SEARCH_ALL_NAMES_FLAG}).empty());
}

TEST(NamesOf, falls_back_where_the_contract_says_so) {
  Recipe recipe;
  recipe.common_name = "common";
  recipe.alternative_names.clear();
  EXPECT_EQ(name(recipe, {CERT_NAME_DNS_TYPE}), "common");
  EXPECT_EQ(name(recipe, {CERT_NAME_EMAIL_TYPE}), "");
  EXPECT_EQ(name(recipe, {CERT_NAME_URL_TYPE}), "");
  EXPECT_EQ(names(recipe, {CERT_NAME_DNS_TYPE, CERT_NAME_SEARCH_ALL_NAMES_FLAG}),
            std::vector<std::string>{"common"});
}

TEST(NamesOf, issuer) {
  const testing::Chain chain = testing::make_chain();
  const Certificate certificate(DecodedCertificate::decode(chain.leaf.der()), nullptr, 0, {});
  EXPECT_EQ(names_of(certificate, {CERT_NAME_SIMPLE_DISPLAY_TYPE, CERT_NAME_ISSUER_FLAG}),
            std::vector<std::string>{"intermediate"});
}

TEST(NamesOf, friendly_name_comes_first_where_it_is_asked_for) {
  Certificate certificate(DecodedCertificate::decode(make_party({}).der()), nullptr, 0, {});
  const std::wstring friendly = L"fr\u00FChling";
  Buffer bytes((friendly.size() + 1) * sizeof(wchar_t));
  std::memcpy(bytes.data(), friendly.c_str(), bytes.size());
  certificate.set_property(CERT_FRIENDLY_NAME_PROP_ID, bytes);
  EXPECT_EQ(names_of(certificate, {CERT_NAME_FRIENDLY_DISPLAY_TYPE}),
            std::vector<std::string>{"fr\xC3\xBChling"});
  EXPECT_EQ(names_of(certificate, {CERT_NAME_SIMPLE_DISPLAY_TYPE}),
            std::vector<std::string>{"leaf.example"});
  // Anything may be in a property that a caller has set.
  for (const Buffer& odd : {Buffer(), Buffer{1}, Buffer(7, 0xFF), Buffer(8, 0xFF)}) {
    certificate.set_property(CERT_FRIENDLY_NAME_PROP_ID, odd);
    EXPECT_EQ(names_of(certificate, {CERT_NAME_FRIENDLY_DISPLAY_TYPE}),
              std::vector<std::string>{"leaf.example"});
  }
}

TEST(NamesOf, a_labels_are_decoded_on_request) {
  Recipe recipe;
  recipe.alternative_names = "DNS:xn--bcher-kva.example";
  EXPECT_EQ(name(recipe, {CERT_NAME_DNS_TYPE}), "xn--bcher-kva.example");
  EXPECT_EQ(name(recipe, {CERT_NAME_DNS_TYPE, CERT_NAME_STR_ENABLE_PUNYCODE_FLAG}),
            "b\xC3\xBC"
            "cher.example");
}

TEST(NamesOf, name_with_a_nul_in_it_is_left_out) {
  Recipe recipe;
  recipe.alternative_names.clear();
  // SEQUENCE { [2] "a\0b", [2] "good.example" }
  recipe.other_extension =
      "2.5.29.17=DER:3013820361006282"
      "0C676F6F642E6578616D706C65";
  EXPECT_EQ(names(recipe, {CERT_NAME_DNS_TYPE, CERT_NAME_SEARCH_ALL_NAMES_FLAG}),
            std::vector<std::string>{"good.example"});
}

TEST(Text, wide_and_back) {
  const std::string utf8 = "a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80";
  EXPECT_EQ(to_wide(utf8), L"a\u00E4\u20AC\U0001F600");
  EXPECT_EQ(to_utf8(to_wide(utf8)), utf8);
  for (const wchar_t odd : {wchar_t{0xD800}, wchar_t{0xDFFF}, wchar_t{0x110000}, wchar_t{-1}}) {
    EXPECT_FALSE(to_utf8(std::wstring(1, odd)));
  }
  for (const char* odd : {"\x80", "\xC0\x80", "\xC3", "\xE0\x80\x80", "\xED\xA0\x80",
                          "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80", "\xE2\x82"}) {
    EXPECT_EQ(to_wide(odd).front(), L'\uFFFD') << odd;
  }
}

TEST(Text, case_of_ascii_letters_only) {
  EXPECT_TRUE(equal_without_case("aZ", "Az"));
  EXPECT_FALSE(equal_without_case("a", "ab"));
  EXPECT_TRUE(contains_without_case("Hello World", "LO wo"));
  EXPECT_TRUE(contains_without_case("x", ""));
  EXPECT_FALSE(contains_without_case("", "x"));
  EXPECT_FALSE(contains_without_case("@[", "`{"));
}

}  // namespace
}  // namespace schannel::pki
