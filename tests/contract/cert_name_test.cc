#include "support/certificates.h"

namespace contract::certificates {
namespace {

Context leaf() {
  const Bytes pem = vector_file("pfx/chain.pem");
  const Store store(
      OpenSchannelImportPem(pem.data(), static_cast<DWORD>(pem.size()), nullptr, 0, nullptr));
  return Context(CertEnumCertificatesInStore(store.get(), nullptr));
}

std::string name(const Context& context, DWORD type, DWORD flags = 0, void* parameter = nullptr) {
  const DWORD size = CertGetNameStringA(context.get(), type, flags, parameter, nullptr, 0);
  std::string text(size, 'x');
  EXPECT_EQ(CertGetNameStringA(context.get(), type, flags, parameter, text.data(), size), size);
  EXPECT_EQ(text.back(), '\0');
  text.pop_back();
  // The W form says the same.
  std::wstring wide(size, L'x');
  EXPECT_EQ(CertGetNameStringW(context.get(), type, flags, parameter, wide.data(), size), size);
  wide.pop_back();
  EXPECT_EQ(std::wstring(text.begin(), text.end()), wide);
  return text;
}

TEST(Cert, CERT_23_nothing_found_is_the_empty_string) {
  const Context context = leaf();
  char text[4] = "abc";
  EXPECT_EQ(CertGetNameStringA(context.get(), CERT_NAME_URL_TYPE, 0, nullptr, nullptr, 0), 1U);
  EXPECT_EQ(CertGetNameStringA(context.get(), CERT_NAME_URL_TYPE, 0, nullptr, text, 4), 1U);
  EXPECT_STREQ(text, "");
}

TEST(Cert, CERT_23_name_that_does_not_fit_is_cut_short_and_terminated) {
  const Context context = leaf();
  char text[8];
  EXPECT_EQ(CertGetNameStringA(context.get(), CERT_NAME_DNS_TYPE, 0, nullptr, text, 4), 4U);
  EXPECT_STREQ(text, "pfx");
  EXPECT_EQ(CertGetNameStringA(context.get(), CERT_NAME_DNS_TYPE, 0, nullptr, text, 1), 1U);
  EXPECT_STREQ(text, "");
  EXPECT_EQ(CertGetNameStringA(context.get(), CERT_NAME_DNS_TYPE, 0, nullptr, text, 0), 12U);
}

TEST(Cert, CERT_24_types) {
  const Context context = leaf();
  EXPECT_EQ(name(context, CERT_NAME_DNS_TYPE), "pfx.example");
  EXPECT_EQ(name(context, CERT_NAME_SIMPLE_DISPLAY_TYPE), "pfx.example");
  EXPECT_EQ(name(context, CERT_NAME_FRIENDLY_DISPLAY_TYPE), "pfx.example");
  EXPECT_EQ(name(context, CERT_NAME_EMAIL_TYPE), "");
  char organization[] = szOID_ORGANIZATION_NAME;
  EXPECT_EQ(name(context, CERT_NAME_ATTR_TYPE, 0, organization), "OpenSchannel tests");
  DWORD form = CERT_X500_NAME_STR;
  EXPECT_EQ(name(context, CERT_NAME_RDN_TYPE, 0, &form), "O=OpenSchannel tests, CN=pfx.example");
  form = CERT_SIMPLE_NAME_STR;
  EXPECT_EQ(name(context, CERT_NAME_RDN_TYPE, 0, &form), "OpenSchannel tests, pfx.example");
}

TEST(Cert, CERT_25_issuer) {
  const Context context = leaf();
  EXPECT_EQ(name(context, CERT_NAME_SIMPLE_DISPLAY_TYPE, CERT_NAME_ISSUER_FLAG), "PFX test root");
}

TEST(Cert, CERT_25_all_dns_names_are_a_list_with_two_terminators) {
  const Context context = leaf();
  const DWORD flags = CERT_NAME_SEARCH_ALL_NAMES_FLAG | CERT_NAME_DISABLE_IE4_UTF8_FLAG;
  using namespace std::string_literals;
  EXPECT_EQ(name(context, CERT_NAME_DNS_TYPE, flags), "pfx.example\0other.example\0"s);
  EXPECT_EQ(name(context, CERT_NAME_EMAIL_TYPE, flags), "");
  // What does not fit still ends with two.
  char text[16];
  EXPECT_EQ(CertGetNameStringA(context.get(), CERT_NAME_DNS_TYPE, flags, nullptr, text, 16), 16U);
  EXPECT_EQ(std::string(text, 16), "pfx.example\0ot\0\0"s);
}

TEST(Cert, CERT_26_name_to_string) {
  const Context context = leaf();
  CERT_NAME_BLOB& subject = context->pCertInfo->Subject;
  const auto text = [&subject](DWORD form) {
    std::string out(CertNameToStrA(X509_ASN_ENCODING, &subject, form, nullptr, 0), 'x');
    EXPECT_EQ(CertNameToStrA(X509_ASN_ENCODING, &subject, form, out.data(),
                             static_cast<DWORD>(out.size())),
              out.size());
    out.pop_back();
    return out;
  };
  EXPECT_EQ(text(CERT_X500_NAME_STR), "O=OpenSchannel tests, CN=pfx.example");
  EXPECT_EQ(text(CERT_X500_NAME_STR | CERT_NAME_STR_REVERSE_FLAG),
            "CN=pfx.example, O=OpenSchannel tests");
  EXPECT_EQ(text(CERT_OID_NAME_STR | CERT_NAME_STR_SEMICOLON_FLAG),
            "2.5.4.10=OpenSchannel tests; 2.5.4.3=pfx.example");
  EXPECT_EQ(text(CERT_SIMPLE_NAME_STR | CERT_NAME_STR_CRLF_FLAG),
            "OpenSchannel tests\r\npfx.example");
  WCHAR wide[64];
  EXPECT_EQ(CertNameToStrW(X509_ASN_ENCODING, &subject, CERT_X500_NAME_STR, wide, 64), 37U);
  EXPECT_STREQ(wide, L"O=OpenSchannel tests, CN=pfx.example");
}

TEST(Cert, CERT_27_what_is_no_name_is_the_empty_string) {
  BYTE nonsense[] = {1, 2, 3};
  CERT_NAME_BLOB blob{sizeof(nonsense), nonsense};
  char text[4] = "abc";
  EXPECT_EQ(CertNameToStrA(X509_ASN_ENCODING, &blob, CERT_X500_NAME_STR, text, 4), 1U);
  EXPECT_STREQ(text, "");
  EXPECT_EQ(CertNameToStrA(X509_ASN_ENCODING, nullptr, CERT_X500_NAME_STR, text, 4), 1U);
}

}  // namespace
}  // namespace contract::certificates
