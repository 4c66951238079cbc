#include <openssl/ecdsa.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <cstring>

#include "support/libssl_peer.h"
#include "support/store_directory.h"

// Behind OpenSSL's headers, which must come first.
#include <openschannel/ncrypt.h>

// Certificates taken apart, bytes as text, private keys as handles (contract CERT-31, CERT-60 to
// CERT-64), checked against libcrypto.
namespace contract {
namespace {

using certificates::code;
using Blob = std::vector<BYTE>;

/// X509_NAME, whose name is a type of libcrypto's in this file.
const auto kX509Name = reinterpret_cast<LPCSTR>(7);

Blob der_of(const Issued& issued) {
  unsigned char* out = nullptr;
  const int size = i2d_X509(issued.certificate.get(), &out);
  Blob der(out, out + size);
  OPENSSL_free(out);
  return der;
}

certificates::Context context_of(const Issued& issued) {
  const Blob der = der_of(issued);
  return certificates::Context(
      CertCreateCertificateContext(X509_ASN_ENCODING, der.data(), static_cast<DWORD>(der.size())));
}

/// A decoded structure, freed with LocalFree.
template <class T>
class Decoded {
 public:
  Decoded(LPCSTR type, const BYTE* bytes, DWORD count) {
    ok = CryptDecodeObjectEx(X509_ASN_ENCODING, type, bytes, count, CRYPT_DECODE_ALLOC_FLAG,
                             nullptr, &object_, &size);
    error = GetLastError();
  }
  Decoded(LPCSTR type, const Blob& bytes)
      : Decoded(type, bytes.data(), static_cast<DWORD>(bytes.size())) {}
  Decoded(const Decoded&) = delete;
  Decoded& operator=(const Decoded&) = delete;
  ~Decoded() { LocalFree(object_); }
  const T* operator->() const { return static_cast<const T*>(object_); }
  const T& operator*() const { return *static_cast<const T*>(object_); }

  BOOL ok = FALSE;
  DWORD error = 0;
  DWORD size = 0;

 private:
  void* object_ = nullptr;
};

const CERT_EXTENSION& extension(const certificates::Context& context, LPCSTR oid) {
  const CERT_EXTENSION* found =
      CertFindExtension(oid, context->pCertInfo->cExtension, context->pCertInfo->rgExtension);
  EXPECT_NE(found, nullptr) << oid;
  return *found;
}

std::string text_of(const wchar_t* wide) {
  std::string out;
  for (; *wide != 0; ++wide) out += static_cast<char>(*wide);
  return out;
}

TEST(Decode, CERT_64_alternative_names) {
  const Issued root = make_root();
  Profile profile;
  profile.names =
      "DNS:example.com,DNS:*.example.org,IP:192.0.2.7,IP:2001:db8::1,"
      "email:who@example.com,URI:https://example.com/x,RID:1.2.3.4";
  const certificates::Context context = context_of(issue(profile, &root));
  const CERT_EXTENSION& found = extension(context, szOID_SUBJECT_ALT_NAME2);
  for (LPCSTR type : {X509_ALTERNATE_NAME, LPCSTR{szOID_SUBJECT_ALT_NAME2}}) {
    const Decoded<CERT_ALT_NAME_INFO> names(type, found.Value.pbData, found.Value.cbData);
    ASSERT_TRUE(names.ok) << OpenSchannelErrorDetail();
    ASSERT_EQ(names->cAltEntry, 7U);
    const CERT_ALT_NAME_ENTRY* all = names->rgAltEntry;
    EXPECT_EQ(all[0].dwAltNameChoice, DWORD{CERT_ALT_NAME_DNS_NAME});
    EXPECT_EQ(text_of(all[0].pwszDNSName), "example.com");
    EXPECT_EQ(text_of(all[1].pwszDNSName), "*.example.org");
    EXPECT_EQ(all[2].dwAltNameChoice, DWORD{CERT_ALT_NAME_IP_ADDRESS});
    ASSERT_EQ(all[2].IPAddress.cbData, 4U);
    EXPECT_EQ(all[2].IPAddress.pbData[3], 7);
    EXPECT_EQ(all[3].IPAddress.cbData, 16U);
    EXPECT_EQ(text_of(all[4].pwszRfc822Name), "who@example.com");
    EXPECT_EQ(text_of(all[5].pwszURL), "https://example.com/x");
    EXPECT_EQ(all[6].dwAltNameChoice, DWORD{CERT_ALT_NAME_REGISTERED_ID});
    EXPECT_STREQ(all[6].pszRegisteredID, "1.2.3.4");
  }
}

TEST(Decode, CERT_64_a_name_with_a_NUL_in_it_is_not_decoded) {
  // GeneralNames { dNSName "good\0evil" }
  const Blob names = {0x30, 0x0b, 0x82, 0x09, 'g', 'o', 'o', 'd', 0, 'e', 'v', 'i', 'l'};
  const Decoded<CERT_ALT_NAME_INFO> decoded(X509_ALTERNATE_NAME, names);
  EXPECT_FALSE(decoded.ok);
  EXPECT_EQ(decoded.error, code(CRYPT_E_BAD_ENCODE));
}

TEST(Decode, CERT_64_names_attribute_by_attribute) {
  const certificates::Context context = context_of(make_root("somebody"));
  const CERT_NAME_BLOB& subject = context->pCertInfo->Subject;
  const Decoded<CERT_NAME_INFO> plain(kX509Name, subject.pbData, subject.cbData);
  ASSERT_TRUE(plain.ok);
  ASSERT_EQ(plain->cRDN, 1U);
  ASSERT_EQ(plain->rgRDN[0].cRDNAttr, 1U);
  const CERT_RDN_ATTR& attribute = plain->rgRDN[0].rgRDNAttr[0];
  EXPECT_STREQ(attribute.pszObjId, szOID_COMMON_NAME);
  EXPECT_EQ(std::string(attribute.Value.pbData, attribute.Value.pbData + attribute.Value.cbData),
            "somebody");
  const Decoded<CERT_NAME_INFO> wide(X509_UNICODE_NAME, subject.pbData, subject.cbData);
  ASSERT_TRUE(wide.ok);
  const CERT_RDN_ATTR& same = wide->rgRDN[0].rgRDNAttr[0];
  EXPECT_EQ(same.dwValueType, DWORD{CERT_RDN_UNICODE_STRING});
  EXPECT_EQ(same.Value.cbData, 8 * sizeof(wchar_t));
  EXPECT_EQ(text_of(reinterpret_cast<const wchar_t*>(same.Value.pbData)), "somebody");
}

TEST(Decode, CERT_64_certificates_and_keys) {
  const Issued root = make_root("root", KeyType::rsa);
  const Blob der = der_of(root);
  const certificates::Context context = context_of(root);
  const Decoded<CERT_INFO> info(X509_CERT_TO_BE_SIGNED, der);
  ASSERT_TRUE(info.ok);
  EXPECT_TRUE(CertCompareCertificate(X509_ASN_ENCODING, const_cast<CERT_INFO*>(&*info),
                                     context->pCertInfo));
  EXPECT_EQ(info->cExtension, context->pCertInfo->cExtension);
  EXPECT_STREQ(info->SubjectPublicKeyInfo.Algorithm.pszObjId, szOID_RSA_RSA);

  const Decoded<CERT_SIGNED_CONTENT_INFO> whole(X509_CERT, der);
  ASSERT_TRUE(whole.ok);
  EXPECT_LT(whole->ToBeSigned.cbData, der.size());
  EXPECT_EQ(whole->Signature.cbData, 256U);

  const CRYPT_BIT_BLOB& bits = info->SubjectPublicKeyInfo.PublicKey;
  const Decoded<BLOBHEADER> key(RSA_CSP_PUBLICKEYBLOB, bits.pbData, bits.cbData);
  ASSERT_TRUE(key.ok);
  ASSERT_EQ(key.size, sizeof(BLOBHEADER) + sizeof(RSAPUBKEY) + 256);
  const auto* rsa = reinterpret_cast<const RSAPUBKEY*>(&*key + 1);
  EXPECT_EQ(rsa->bitlen, 2048U);
  EXPECT_EQ(rsa->pubexp, 65537U);
  BIGNUM* modulus = nullptr;
  EVP_PKEY_get_bn_param(root.key.get(), "n", &modulus);
  Blob digits(256);
  BN_bn2lebinpad(modulus, digits.data(), 256);
  BN_free(modulus);
  EXPECT_TRUE(std::equal(digits.begin(), digits.end(), reinterpret_cast<const BYTE*>(rsa + 1)));

  unsigned char* spki = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(root.certificate.get()), &spki);
  const Decoded<CERT_PUBLIC_KEY_INFO> key_info(X509_PUBLIC_KEY_INFO, spki,
                                               static_cast<DWORD>(size));
  OPENSSL_free(spki);
  ASSERT_TRUE(key_info.ok);
  EXPECT_EQ(key_info->PublicKey.cbData, bits.cbData);
}

TEST(Decode, CERT_64_small_things) {
  const Decoded<CERT_BASIC_CONSTRAINTS2_INFO> constraints(
      X509_BASIC_CONSTRAINTS2, Blob{0x30, 0x06, 0x01, 0x01, 0xff, 0x02, 0x01, 0x03});
  ASSERT_TRUE(constraints.ok);
  EXPECT_TRUE(constraints->fCA);
  EXPECT_TRUE(constraints->fPathLenConstraint);
  EXPECT_EQ(constraints->dwPathLenConstraint, 3U);
  const Decoded<CRYPT_BIT_BLOB> usage(X509_KEY_USAGE, Blob{0x03, 0x02, 0x05, 0xa0});
  ASSERT_TRUE(usage.ok);
  ASSERT_EQ(usage->cbData, 1U);
  EXPECT_EQ(usage->pbData[0], CERT_DIGITAL_SIGNATURE_KEY_USAGE | CERT_KEY_ENCIPHERMENT_KEY_USAGE);
  EXPECT_EQ(usage->cUnusedBits, 5U);
  const Decoded<CERT_ENHKEY_USAGE> usages(X509_ENHANCED_KEY_USAGE,
                                          Blob{0x30, 0x0a, 0x06, 0x08, 0x2b, 6, 1, 5, 5, 7, 3, 1});
  ASSERT_TRUE(usages.ok);
  ASSERT_EQ(usages->cUsageIdentifier, 1U);
  EXPECT_STREQ(usages->rgpszUsageIdentifier[0], szOID_PKIX_KP_SERVER_AUTH);
  const Decoded<int> number(X509_INTEGER, Blob{0x02, 0x02, 0xff, 0x00});
  ASSERT_TRUE(number.ok);
  EXPECT_EQ(*number, -256);
  EXPECT_EQ(Decoded<int>(X509_INTEGER, Blob{0x02, 0x05, 1, 0, 0, 0, 0}).error,
            code(CRYPT_E_ASN1_LARGE));
  const Decoded<CRYPT_INTEGER_BLOB> large(X509_MULTI_BYTE_INTEGER, Blob{0x02, 0x03, 1, 2, 3});
  ASSERT_TRUE(large.ok);
  EXPECT_EQ(Blob(large->pbData, large->pbData + large->cbData), (Blob{3, 2, 1}));
  const Decoded<CRYPT_DATA_BLOB> octets(X509_OCTET_STRING, Blob{0x04, 0x02, 7, 8});
  ASSERT_TRUE(octets.ok);
  EXPECT_EQ(octets->cbData, 2U);
  const Decoded<LPSTR> curve(X509_OBJECT_IDENTIFIER,
                             Blob{0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7});
  ASSERT_TRUE(curve.ok);
  EXPECT_STREQ(*curve, "1.2.840.10045.3.1.7");
}

TEST(Decode, CERT_64_sizes_and_errors) {
  const Blob usage = {0x03, 0x02, 0x05, 0xa0};
  DWORD size = 0;
  ASSERT_TRUE(
      CryptDecodeObject(X509_ASN_ENCODING, X509_KEY_USAGE, usage.data(), 4, 0, nullptr, &size));
  ASSERT_GE(size, sizeof(CRYPT_BIT_BLOB) + 1);
  std::vector<std::max_align_t> room(8);
  DWORD small = size - 1;
  EXPECT_FALSE(CryptDecodeObject(X509_ASN_ENCODING, X509_KEY_USAGE, usage.data(), 4, 0, room.data(),
                                 &small));
  EXPECT_EQ(GetLastError(), DWORD{ERROR_MORE_DATA});
  EXPECT_EQ(small, size);
  EXPECT_TRUE(CryptDecodeObject(X509_ASN_ENCODING, X509_KEY_USAGE, usage.data(), 4, 0, room.data(),
                                &small));
  EXPECT_FALSE(CryptDecodeObject(X509_ASN_ENCODING, "9.9.9", usage.data(), 4, 0, nullptr, &size));
  EXPECT_EQ(GetLastError(), DWORD{ERROR_FILE_NOT_FOUND});
  EXPECT_FALSE(
      CryptDecodeObject(X509_ASN_ENCODING, X509_KEY_USAGE, usage.data(), 3, 0, nullptr, &size));
  EXPECT_EQ(GetLastError(), code(CRYPT_E_ASN1_BADTAG));
  EXPECT_FALSE(CryptDecodeObject(0, X509_KEY_USAGE, usage.data(), 4, 0, nullptr, &size));
  EXPECT_EQ(GetLastError(), code(E_INVALIDARG));
  Blob longer = usage;
  longer.push_back(0);
  EXPECT_FALSE(Decoded<CRYPT_BIT_BLOB>(X509_KEY_USAGE, longer).ok) << "something follows";
}

// Every type against every prefix and every changed byte of real encodings: nothing crashes, and
// what is allocated is whole (the sanitizers look on).
TEST(Decode, CERT_64_damaged_encodings) {
  const certificates::Context context = context_of(make_root());
  std::vector<Blob> samples = {certificates::encoding_of(context.get())};
  for (DWORD i = 0; i < context->pCertInfo->cExtension; ++i) {
    const CRYPT_OBJID_BLOB& value = context->pCertInfo->rgExtension[i].Value;
    samples.emplace_back(value.pbData, value.pbData + value.cbData);
  }
  const CERT_NAME_BLOB& subject = context->pCertInfo->Subject;
  samples.emplace_back(subject.pbData, subject.pbData + subject.cbData);
  std::size_t decoded = 0;
  for (std::uintptr_t type = 1; type < 80; ++type) {
    for (const Blob& sample : samples) {
      for (std::size_t i = 0; i < sample.size(); i += 1 + sample.size() / 60) {
        Blob changed = sample;
        changed[i] ^= 0x55;
        decoded += Decoded<BYTE>(reinterpret_cast<LPCSTR>(type), changed).ok ? 1 : 0;
        changed.resize(i);
        decoded += Decoded<BYTE>(reinterpret_cast<LPCSTR>(type), changed).ok ? 1 : 0;
      }
    }
  }
  EXPECT_GT(decoded, 0U);
}

TEST(Extensions, CertFindExtension_and_usages) {
  const Issued root = make_root();
  Profile profile;
  profile.usage = "serverAuth,clientAuth";
  profile.key_usage = "digitalSignature,keyAgreement";
  const certificates::Context context = context_of(issue(profile, &root));
  EXPECT_EQ(
      CertFindExtension("9.9", context->pCertInfo->cExtension, context->pCertInfo->rgExtension),
      nullptr);
  BYTE usage[2] = {0xff, 0xff};
  ASSERT_TRUE(CertGetIntendedKeyUsage(X509_ASN_ENCODING, context->pCertInfo, usage, 2));
  EXPECT_EQ(usage[0], CERT_DIGITAL_SIGNATURE_KEY_USAGE | CERT_KEY_AGREEMENT_KEY_USAGE);
  EXPECT_EQ(usage[1], 0);

  const auto usages_of = [](const certificates::Context& of, DWORD flags) {
    DWORD size = 0;
    EXPECT_TRUE(CertGetEnhancedKeyUsage(of.get(), flags, nullptr, &size));
    std::vector<std::max_align_t> room(size / sizeof(std::max_align_t) + 1);
    auto* found = reinterpret_cast<CERT_ENHKEY_USAGE*>(room.data());
    EXPECT_TRUE(CertGetEnhancedKeyUsage(of.get(), flags, found, &size));
    std::vector<std::string> out;
    for (DWORD i = 0; i < found->cUsageIdentifier; ++i) {
      out.emplace_back(found->rgpszUsageIdentifier[i]);
    }
    return out;
  };
  EXPECT_EQ(usages_of(context, 0),
            (std::vector<std::string>{szOID_PKIX_KP_SERVER_AUTH, szOID_PKIX_KP_CLIENT_AUTH}));
  EXPECT_EQ(GetLastError(), 0U);
  EXPECT_TRUE(usages_of(context, CERT_FIND_PROP_ONLY_ENHKEY_USAGE_FLAG).empty());
  EXPECT_EQ(GetLastError(), code(CRYPT_E_NOT_FOUND)) << "good for everything";

  // A property narrows it.
  Blob only_clients = {0x30, 0x0a, 0x06, 0x08, 0x2b, 6, 1, 5, 5, 7, 3, 2};
  CRYPT_DATA_BLOB blob = certificates::blob_of(only_clients);
  ASSERT_TRUE(
      CertSetCertificateContextProperty(context.get(), CERT_ENHKEY_USAGE_PROP_ID, 0, &blob));
  EXPECT_EQ(usages_of(context, 0), std::vector<std::string>{szOID_PKIX_KP_CLIENT_AUTH});

  const certificates::Context plain = context_of(issue({}, &root));
  SetLastError(7);
  EXPECT_FALSE(CertGetIntendedKeyUsage(X509_ASN_ENCODING, plain->pCertInfo, usage, 2));
  EXPECT_EQ(GetLastError(), 0U) << "the certificate does not say";
}

TEST(Extensions, CertVerifyTimeValidity) {
  const Issued root = make_root();
  EXPECT_EQ(CertVerifyTimeValidity(nullptr, context_of(issue({}, &root))->pCertInfo), 0);
  EXPECT_EQ(
      CertVerifyTimeValidity(nullptr, context_of(issue({.not_before = 600}, &root))->pCertInfo),
      -1);
  EXPECT_EQ(
      CertVerifyTimeValidity(nullptr, context_of(issue({.not_after = -60}, &root))->pCertInfo), 1);
  const certificates::Context context = context_of(root);
  FILETIME time = context->pCertInfo->NotAfter;
  EXPECT_EQ(CertVerifyTimeValidity(&time, context->pCertInfo), 0);
}

TEST(Extensions, CryptHashCertificate) {
  const Blob data = {'a', 'b', 'c'};
  Blob hash(32);
  DWORD size = 32;
  ASSERT_TRUE(CryptHashCertificate(0, CALG_SHA_256, 0, data.data(), 3, hash.data(), &size));
  EXPECT_EQ(size, 32U);
  EXPECT_EQ(hash[0], 0xba);  // FIPS 180-4, "abc"
  EXPECT_EQ(hash[31], 0xad);
  Blob same(32);
  ASSERT_TRUE(CryptHashCertificate2(L"sha256", 0, nullptr, data.data(), 3, same.data(), &size));
  EXPECT_EQ(same, hash);
  ASSERT_TRUE(CryptHashCertificate(0, 0, 0, data.data(), 3, nullptr, &size));
  EXPECT_EQ(size, 20U);
  size = 5;
  EXPECT_FALSE(CryptHashCertificate(0, 0, 0, data.data(), 3, hash.data(), &size));
  EXPECT_EQ(GetLastError(), DWORD{ERROR_MORE_DATA});
  EXPECT_FALSE(CryptHashCertificate2(L"WHIRLPOOL", 0, nullptr, data.data(), 3, nullptr, &size));
  EXPECT_EQ(GetLastError(), code(NTE_BAD_ALGID));
}

// --- Bytes as text ---

std::string to_text(const Blob& bytes, DWORD flags) {
  DWORD count = 0;
  EXPECT_TRUE(
      CryptBinaryToStringA(bytes.data(), static_cast<DWORD>(bytes.size()), flags, nullptr, &count));
  std::string text(count, 'x');
  EXPECT_TRUE(CryptBinaryToStringA(bytes.data(), static_cast<DWORD>(bytes.size()), flags,
                                   text.data(), &count));
  EXPECT_EQ(count, text.size() - 1) << "the terminator is not counted once it is written";
  EXPECT_EQ(text.back(), '\0');
  text.pop_back();
  return text;
}

struct Binary {
  BOOL ok;
  Blob bytes;
  DWORD skipped = 77;
  DWORD used = 77;
};
Binary to_binary(const std::string& text, DWORD flags) {
  Binary out{};
  DWORD size = 0;
  out.ok = CryptStringToBinaryA(text.data(), static_cast<DWORD>(text.size()), flags, nullptr, &size,
                                &out.skipped, &out.used);
  if (!out.ok) return out;
  out.bytes.resize(size + 1, 0xcc);
  EXPECT_TRUE(CryptStringToBinaryA(text.data(), static_cast<DWORD>(text.size()), flags,
                                   out.bytes.data(), &size, nullptr, nullptr));
  EXPECT_EQ(out.bytes.back(), 0xcc);
  out.bytes.pop_back();
  return out;
}

TEST(Strings, CERT_63_known_texts) {
  const Blob abc = {'a', 'b', 'c', 'd'};
  EXPECT_EQ(to_text(abc, CRYPT_STRING_BASE64), "YWJjZA==\r\n");
  EXPECT_EQ(to_text(abc, CRYPT_STRING_BASE64 | CRYPT_STRING_NOCR), "YWJjZA==\n");
  EXPECT_EQ(to_text(abc, CRYPT_STRING_BASE64 | CRYPT_STRING_NOCRLF), "YWJjZA==");
  EXPECT_EQ(to_text(abc, CRYPT_STRING_BASE64HEADER),
            "-----BEGIN CERTIFICATE-----\r\nYWJjZA==\r\n-----END CERTIFICATE-----\r\n");
  EXPECT_EQ(to_text(abc, CRYPT_STRING_BASE64X509CRLHEADER | CRYPT_STRING_NOCR),
            "-----BEGIN X509 CRL-----\nYWJjZA==\n-----END X509 CRL-----\n");
  EXPECT_EQ(to_text(Blob(17, 0xab), CRYPT_STRING_HEX),
            "ab ab ab ab ab ab ab ab  ab ab ab ab ab ab ab ab\r\nab\r\n");
  EXPECT_EQ(to_text(abc, CRYPT_STRING_HEX | CRYPT_STRING_NOCRLF), "61 62 63 64");
  EXPECT_EQ(to_text(abc, CRYPT_STRING_HEXRAW | CRYPT_STRING_NOCRLF), "61626364");
  EXPECT_EQ(to_text(Blob(49, 0), CRYPT_STRING_BASE64).find("\r\n"), 64U);
}

TEST(Strings, CERT_63_there_and_back) {
  for (std::size_t size = 0; size < 200; ++size) {
    Blob bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<BYTE>(i * 37 + size);
    for (const DWORD form : {CRYPT_STRING_BASE64, CRYPT_STRING_BASE64HEADER, CRYPT_STRING_HEX,
                             CRYPT_STRING_HEXRAW, CRYPT_STRING_BASE64REQUESTHEADER}) {
      for (const DWORD lines : {DWORD{0}, DWORD{CRYPT_STRING_NOCR}, DWORD{CRYPT_STRING_NOCRLF}}) {
        const std::string text = to_text(bytes, form | lines);
        if (text.empty()) continue;
        const Binary back = to_binary(text, form);
        ASSERT_TRUE(back.ok) << text;
        EXPECT_EQ(back.bytes, bytes);
        EXPECT_EQ(back.used, form);
      }
    }
  }
}

TEST(Strings, CERT_63_several_forms_are_tried_in_turn) {
  const std::string pem =
      "some words\r\n-----BEGIN ANYTHING-----\nYWJjZA==\n-----END ANYTHING-----\n";
  const Binary header = to_binary(pem, CRYPT_STRING_ANY);
  ASSERT_TRUE(header.ok);
  EXPECT_EQ(header.used, DWORD{CRYPT_STRING_BASE64HEADER});
  EXPECT_EQ(header.skipped, 12U);
  EXPECT_EQ(to_binary("YWJjZA==", CRYPT_STRING_BASE64_ANY).used, DWORD{CRYPT_STRING_BASE64});
  const Binary binary = to_binary("no base64!", CRYPT_STRING_ANY);
  EXPECT_EQ(binary.used, DWORD{CRYPT_STRING_BINARY});
  EXPECT_EQ(binary.bytes.size(), 10U);
  EXPECT_FALSE(to_binary("no base64!", CRYPT_STRING_BASE64_ANY).ok);
  EXPECT_EQ(GetLastError(), DWORD{ERROR_INVALID_DATA});
  EXPECT_EQ(to_binary("0aFf", CRYPT_STRING_HEX_ANY).bytes, (Blob{0x0a, 0xff}));
}

TEST(Strings, CERT_63_what_is_no_text_of_the_form) {
  for (const char* text : {"Y", "YW", "YWJ", "YWJj=", "=", "====", "Y===", "YW=j", "YWJj!A=="}) {
    EXPECT_FALSE(to_binary(text, CRYPT_STRING_BASE64).ok) << text;
  }
  for (const char* text : {"0", "0g", "0 1", "zz"}) {
    EXPECT_FALSE(to_binary(text, CRYPT_STRING_HEX).ok) << text;
  }
  EXPECT_FALSE(to_binary("-----BEGIN X-----\nYWJj", CRYPT_STRING_BASE64HEADER).ok);
  EXPECT_FALSE(to_binary("YWJj", CRYPT_STRING_HEXADDR).ok);
  EXPECT_EQ(GetLastError(), DWORD{ERROR_NOT_SUPPORTED});
  DWORD size = 1;
  BYTE small[1];
  EXPECT_FALSE(
      CryptStringToBinaryW(L"YWJj", 0, CRYPT_STRING_BASE64, small, &size, nullptr, nullptr));
  EXPECT_EQ(GetLastError(), DWORD{ERROR_MORE_DATA});
  EXPECT_EQ(size, 3U);
  EXPECT_FALSE(
      CryptStringToBinaryW(L"YW\x4e00j", 0, CRYPT_STRING_BASE64, nullptr, &size, nullptr, nullptr));
  EXPECT_FALSE(
      CryptStringToBinaryA(nullptr, 0, CRYPT_STRING_BASE64, nullptr, &size, nullptr, nullptr));
  EXPECT_EQ(GetLastError(), DWORD{ERROR_INVALID_PARAMETER});
}

// --- CryptQueryObject ---

struct Queried {
  BOOL ok;
  DWORD content = 0, format = 0;
  HCERTSTORE store = nullptr;
  const void* context = nullptr;
};
Queried query(Blob bytes, DWORD contents, DWORD formats = CERT_QUERY_FORMAT_FLAG_ALL) {
  CRYPT_DATA_BLOB blob = certificates::blob_of(bytes);
  Queried out{};
  out.ok = CryptQueryObject(CERT_QUERY_OBJECT_BLOB, &blob, contents, formats, 0, nullptr,
                            &out.content, &out.format, &out.store, nullptr, &out.context);
  return out;
}

TEST(Query, certificates_in_both_formats) {
  const Issued root = make_root();
  const Blob der = der_of(root);
  const std::string pem = to_text(der, CRYPT_STRING_BASE64HEADER);
  const std::string base64 = to_text(der, CRYPT_STRING_BASE64);
  for (const Blob& bytes :
       {der, Blob(pem.begin(), pem.end()), Blob(base64.begin(), base64.end())}) {
    const Queried found = query(bytes, CERT_QUERY_CONTENT_FLAG_CERT);
    ASSERT_TRUE(found.ok) << OpenSchannelErrorDetail();
    EXPECT_EQ(found.content, DWORD{CERT_QUERY_CONTENT_CERT});
    EXPECT_EQ(found.format, bytes == der ? DWORD{CERT_QUERY_FORMAT_BINARY}
                                         : DWORD{CERT_QUERY_FORMAT_BASE64_ENCODED});
    const certificates::Context context(static_cast<PCCERT_CONTEXT>(found.context));
    EXPECT_EQ(certificates::encoding_of(context.get()), der);
    EXPECT_EQ(context->hCertStore, found.store);
    EXPECT_TRUE(CertCloseStore(found.store, 0));
  }
  EXPECT_FALSE(query(der, CERT_QUERY_CONTENT_FLAG_CERT, CERT_QUERY_FORMAT_FLAG_BASE64_ENCODED).ok);
  EXPECT_EQ(GetLastError(), code(CRYPT_E_NO_MATCH));
  EXPECT_FALSE(query({1, 2, 3}, CERT_QUERY_CONTENT_FLAG_ALL).ok);
  EXPECT_EQ(GetLastError(), code(CRYPT_E_NO_MATCH));
  EXPECT_FALSE(query({}, CERT_QUERY_CONTENT_FLAG_ALL).ok);
}

TEST(Query, pfx_and_files) {
  const StoreDirectory directory;
  const Issued root = make_root();
  const OwnCertificate own(issue({}, &root), {root});
  CRYPT_DATA_BLOB blob{0, nullptr};
  ASSERT_TRUE(PFXExportCertStoreEx(own.store.get(), &blob, L"", nullptr, EXPORT_PRIVATE_KEYS));
  Blob pfx(blob.cbData);
  blob.pbData = pfx.data();
  ASSERT_TRUE(PFXExportCertStoreEx(own.store.get(), &blob, L"", nullptr, EXPORT_PRIVATE_KEYS))
      << OpenSchannelErrorDetail();
  const Queried only = query(pfx, CERT_QUERY_CONTENT_FLAG_ALL);
  ASSERT_TRUE(only.ok);
  EXPECT_EQ(only.content, DWORD{CERT_QUERY_CONTENT_PFX});
  EXPECT_EQ(only.store, nullptr);
  const Queried loaded = query(pfx, CERT_QUERY_CONTENT_FLAG_PFX_AND_LOAD);
  ASSERT_TRUE(loaded.ok);
  EXPECT_EQ(certificates::certificates_of(loaded.store).size(), 2U);
  EXPECT_TRUE(CertCloseStore(loaded.store, 0));

  const Blob der = der_of(root);
  const std::string path = directory.put("files", "root.cer", std::string(der.begin(), der.end()));
  const std::wstring wide(path.begin(), path.end());
  DWORD content = 0;
  ASSERT_TRUE(CryptQueryObject(CERT_QUERY_OBJECT_FILE, wide.c_str(), CERT_QUERY_CONTENT_FLAG_ALL,
                               CERT_QUERY_FORMAT_FLAG_ALL, 0, nullptr, &content, nullptr, nullptr,
                               nullptr, nullptr));
  EXPECT_EQ(content, DWORD{CERT_QUERY_CONTENT_CERT});
  EXPECT_FALSE(CryptQueryObject(CERT_QUERY_OBJECT_FILE, L"/nowhere", CERT_QUERY_CONTENT_FLAG_ALL,
                                CERT_QUERY_FORMAT_FLAG_ALL, 0, nullptr, nullptr, nullptr, nullptr,
                                nullptr, nullptr));
  EXPECT_EQ(GetLastError(), DWORD{ERROR_FILE_NOT_FOUND});
  EXPECT_FALSE(CryptQueryObject(9, wide.c_str(), 0, 0, 0, nullptr, nullptr, nullptr, nullptr,
                                nullptr, nullptr));
  EXPECT_EQ(GetLastError(), code(E_INVALIDARG));
}

// --- PFX ---

TEST(Pfx, CERT_31_what_is_exported_is_imported_again) {
  for (const KeyType type : {KeyType::ecdsa_p256, KeyType::rsa, KeyType::ed25519}) {
    const Issued root = make_root();
    const OwnCertificate own(issue({.key = type}, &root), {root});
    CRYPT_DATA_BLOB blob{0, nullptr};
    ASSERT_TRUE(
        PFXExportCertStoreEx(own.store.get(), &blob, L"secret", nullptr, EXPORT_PRIVATE_KEYS));
    Blob pfx(blob.cbData);
    blob = certificates::blob_of(pfx);
    blob.cbData -= 1;
    EXPECT_FALSE(
        PFXExportCertStoreEx(own.store.get(), &blob, L"secret", nullptr, EXPORT_PRIVATE_KEYS));
    EXPECT_EQ(GetLastError(), DWORD{ERROR_MORE_DATA});
    ASSERT_TRUE(
        PFXExportCertStoreEx(own.store.get(), &blob, L"secret", nullptr, EXPORT_PRIVATE_KEYS));
    EXPECT_TRUE(PFXIsPFXBlob(&blob));
    EXPECT_TRUE(PFXVerifyPassword(&blob, L"secret", 0));
    EXPECT_FALSE(PFXVerifyPassword(&blob, L"other", 0));
    const certificates::Store back(PFXImportCertStore(&blob, L"secret", 0));
    ASSERT_TRUE(back) << OpenSchannelErrorDetail();
    EXPECT_EQ(certificates::certificates_of(back.get()).size(), 2U);
    const certificates::Context with_key(CertFindCertificateInStore(
        back.get(), X509_ASN_ENCODING, 0, CERT_FIND_HAS_PRIVATE_KEY, nullptr, nullptr));
    EXPECT_EQ(certificates::encoding_of(with_key.get()),
              certificates::encoding_of(own.context.get()));
  }
}

TEST(Pfx, CERT_31_without_keys) {
  const Issued root = make_root();
  const OwnCertificate own(issue({}, &root), {root});
  CRYPT_DATA_BLOB blob{0, nullptr};
  ASSERT_TRUE(PFXExportCertStore(own.store.get(), &blob, L"x", 0));
  Blob pfx(blob.cbData);
  blob = certificates::blob_of(pfx);
  ASSERT_TRUE(PFXExportCertStore(own.store.get(), &blob, L"x", 0));
  const certificates::Store back(PFXImportCertStore(&blob, L"x", 0));
  EXPECT_EQ(CertFindCertificateInStore(back.get(), X509_ASN_ENCODING, 0, CERT_FIND_HAS_PRIVATE_KEY,
                                       nullptr, nullptr),
            nullptr);
  EXPECT_FALSE(PFXExportCertStore(own.store.get(), &blob, L"x", REPORT_NO_PRIVATE_KEY));
  EXPECT_EQ(GetLastError(), code(CRYPT_E_NOT_FOUND)) << "the root has none";
  EXPECT_FALSE(PFXExportCertStore(own.store.get(), &blob, L"x", PKCS12_PROTECT_TO_DOMAIN_SIDS));
  EXPECT_EQ(GetLastError(), DWORD{ERROR_NOT_SUPPORTED});
  EXPECT_FALSE(PFXExportCertStore(nullptr, &blob, L"x", 0));
  EXPECT_EQ(GetLastError(), code(E_INVALIDARG));
}

// --- Private keys ---

class SigningKeys : public testing::TestWithParam<KeyType> {
 protected:
  NCRYPT_KEY_HANDLE acquire(const certificates::Context& context) {
    NCRYPT_KEY_HANDLE key = 0;
    DWORD spec = 0;
    BOOL is_ours = FALSE;
    EXPECT_TRUE(CryptAcquireCertificatePrivateKey(
        context.get(), CRYPT_ACQUIRE_ONLY_NCRYPT_KEY_FLAG | CRYPT_ACQUIRE_SILENT_FLAG, nullptr,
        &key, &spec, &is_ours))
        << OpenSchannelErrorDetail();
    EXPECT_EQ(spec, DWORD{CERT_NCRYPT_KEY_SPEC});
    EXPECT_TRUE(is_ours);
    return key;
  }
};
INSTANTIATE_TEST_SUITE_P(All, SigningKeys,
                         testing::Values(KeyType::rsa, KeyType::ecdsa_p256, KeyType::ecdsa_p384,
                                         KeyType::ecdsa_p521),
                         [](const auto& test) {
                           std::string name = key_name(test.param);
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

/// Whether libcrypto accepts a signature of `hash` (SHA-256).
bool verifies(const Issued& issued, const Blob& hash, Blob signature, int padding, int salt = -1) {
  if (padding == 0) {
    const std::size_t half = signature.size() / 2;
    ECDSA_SIG* pair = ECDSA_SIG_new();
    ECDSA_SIG_set0(pair, BN_bin2bn(signature.data(), static_cast<int>(half), nullptr),
                   BN_bin2bn(signature.data() + half, static_cast<int>(half), nullptr));
    unsigned char* der = nullptr;
    const int size = i2d_ECDSA_SIG(pair, &der);
    signature.assign(der, der + size);
    OPENSSL_free(der);
    ECDSA_SIG_free(pair);
  }
  const std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>> context(
      EVP_PKEY_CTX_new(issued.key.get(), nullptr));
  EVP_PKEY_verify_init(context.get());
  if (padding != 0) {
    EVP_PKEY_CTX_set_rsa_padding(context.get(), padding);
    EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256());
    if (salt >= 0) EVP_PKEY_CTX_set_rsa_pss_saltlen(context.get(), salt);
  }
  return EVP_PKEY_verify(context.get(), signature.data(), signature.size(), hash.data(),
                         hash.size()) == 1;
}

TEST_P(SigningKeys, CERT_60_sign_what_libcrypto_verifies) {
  const Issued issued = make_root("root", GetParam());
  const OwnCertificate own(issued);
  const NCRYPT_KEY_HANDLE key = acquire(own.context);
  Blob hash(32, 0x42);
  BCRYPT_PKCS1_PADDING_INFO pkcs1{BCRYPT_SHA256_ALGORITHM};
  BCRYPT_PSS_PADDING_INFO pss{BCRYPT_SHA256_ALGORITHM, 20};
  struct Row {
    void* info;
    DWORD flags;
    int padding;
    int salt;
  };
  std::vector<Row> rows = {{nullptr, 0, 0, -1}};
  if (GetParam() == KeyType::rsa) {
    rows = {{&pkcs1, BCRYPT_PAD_PKCS1, RSA_PKCS1_PADDING, -1},
            {&pss, BCRYPT_PAD_PSS | NCRYPT_SILENT_FLAG, RSA_PKCS1_PSS_PADDING, 20}};
  }
  for (const Row& row : rows) {
    DWORD size = 0;
    ASSERT_EQ(NCryptSignHash(key, row.info, hash.data(), 32, nullptr, 0, &size, row.flags), 0);
    Blob signature(size);
    EXPECT_EQ(NCryptSignHash(key, row.info, hash.data(), 32, signature.data(), size - 1, &size,
                             row.flags),
              NTE_BUFFER_TOO_SMALL);
    ASSERT_EQ(
        NCryptSignHash(key, row.info, hash.data(), 32, signature.data(), size, &size, row.flags), 0)
        << OpenSchannelErrorDetail();
    EXPECT_EQ(size, signature.size());
    EXPECT_TRUE(verifies(issued, hash, signature, row.padding, row.salt));
    hash[0] ^= 1;
    EXPECT_FALSE(verifies(issued, hash, signature, row.padding, row.salt));
  }
  EXPECT_EQ(NCryptFreeObject(key), 0);
  EXPECT_EQ(NCryptFreeObject(key), NTE_INVALID_HANDLE);
  DWORD size = 0;
  EXPECT_EQ(NCryptSignHash(key, nullptr, hash.data(), 32, nullptr, 0, &size, 0),
            NTE_INVALID_HANDLE);
}

TEST(SigningKeys, CERT_21_a_key_is_put_on_a_certificate_by_its_handle) {
  const Issued root = make_root(), other = make_root();
  const OwnCertificate own(root);
  const certificates::Context bare = context_of(root), stranger = context_of(other);
  DWORD size = 0;
  EXPECT_FALSE(
      CertGetCertificateContextProperty(bare.get(), CERT_KEY_PROV_INFO_PROP_ID, nullptr, &size));
  EXPECT_EQ(GetLastError(), code(CRYPT_E_NOT_FOUND));
  NCRYPT_KEY_HANDLE key = 0;
  ASSERT_TRUE(CryptAcquireCertificatePrivateKey(
      own.context.get(), CRYPT_ACQUIRE_ALLOW_NCRYPT_KEY_FLAG, nullptr, &key, nullptr, nullptr));
  EXPECT_FALSE(
      CertSetCertificateContextProperty(stranger.get(), CERT_NCRYPT_KEY_HANDLE_PROP_ID, 0, &key));
  EXPECT_EQ(GetLastError(), code(NTE_BAD_PUBLIC_KEY));
  ASSERT_TRUE(
      CertSetCertificateContextProperty(bare.get(), CERT_NCRYPT_KEY_HANDLE_PROP_ID, 0, &key));
  EXPECT_EQ(NCryptFreeObject(key), 0);
  EXPECT_FALSE(
      CertSetCertificateContextProperty(bare.get(), CERT_NCRYPT_KEY_HANDLE_PROP_ID, 0, &key));
  EXPECT_EQ(GetLastError(), code(NTE_INVALID_HANDLE));
  // Programs tell by this property whether there is a key.
  ASSERT_TRUE(
      CertGetCertificateContextProperty(bare.get(), CERT_KEY_PROV_INFO_PROP_ID, nullptr, &size));
  std::vector<std::max_align_t> room(size / sizeof(std::max_align_t) + 1);
  ASSERT_TRUE(CertGetCertificateContextProperty(bare.get(), CERT_KEY_PROV_INFO_PROP_ID, room.data(),
                                                &size));
  const auto* info = reinterpret_cast<const CRYPT_KEY_PROV_INFO*>(room.data());
  EXPECT_EQ(text_of(info->pwszProvName), "OpenSchannel");
  EXPECT_EQ(text_of(info->pwszContainerName).size(), 40U);
}

TEST(Extensions, CERT_15_found_by_usage) {
  const Issued root = make_root();
  const certificates::Store store = certificates::memory_store();
  const auto add = [&](const char* usage) {
    const certificates::Context context = context_of(issue({.usage = usage}, &root));
    EXPECT_TRUE(CertAddCertificateContextToStore(store.get(), context.get(), CERT_STORE_ADD_ALWAYS,
                                                 nullptr));
  };
  for (const char* usage : {"serverAuth", "clientAuth", "serverAuth,clientAuth"}) add(usage);
  add(nullptr);
  char server[] = szOID_PKIX_KP_SERVER_AUTH, client[] = szOID_PKIX_KP_CLIENT_AUTH;
  LPSTR both[] = {server, client};
  CERT_ENHKEY_USAGE one{1, both}, two{2, both};
  const auto count = [&](DWORD flags, const CERT_ENHKEY_USAGE* usage) {
    int found = 0;
    PCCERT_CONTEXT context = nullptr;
    while ((context = CertFindCertificateInStore(store.get(), X509_ASN_ENCODING, flags,
                                                 CERT_FIND_ENHKEY_USAGE, usage, context)) !=
           nullptr) {
      ++found;
    }
    return found;
  };
  EXPECT_EQ(count(0, &one), 2);
  EXPECT_EQ(count(0, &two), 1);
  EXPECT_EQ(count(CERT_FIND_OR_ENHKEY_USAGE_FLAG, &two), 3);
  EXPECT_EQ(count(CERT_FIND_OPTIONAL_ENHKEY_USAGE_FLAG, &one), 3);
  EXPECT_EQ(count(CERT_FIND_VALID_ENHKEY_USAGE_FLAG, &two), 2);
  EXPECT_EQ(count(CERT_FIND_NO_ENHKEY_USAGE_FLAG, nullptr), 1);
  EXPECT_EQ(count(0, nullptr), 3);
  EXPECT_EQ(count(CERT_FIND_PROP_ONLY_ENHKEY_USAGE_FLAG, nullptr), 0);
}

TEST(Extensions, CERT_14_found_by_key_and_by_property) {
  const Issued root = make_root();
  const OwnCertificate own(issue({}, &root), {root});
  const certificates::Context same(
      CertFindCertificateInStore(own.store.get(), X509_ASN_ENCODING, 0, CERT_FIND_PUBLIC_KEY,
                                 &own.context->pCertInfo->SubjectPublicKeyInfo, nullptr));
  EXPECT_EQ(certificates::encoding_of(same.get()), certificates::encoding_of(own.context.get()));
  const DWORD id = CERT_KEY_PROV_INFO_PROP_ID;
  const certificates::Context with_key(CertFindCertificateInStore(
      own.store.get(), X509_ASN_ENCODING, 0, CERT_FIND_PROPERTY, &id, nullptr));
  EXPECT_EQ(certificates::encoding_of(with_key.get()),
            certificates::encoding_of(own.context.get()));
  EXPECT_EQ(CertFindCertificateInStore(own.store.get(), X509_ASN_ENCODING, 0, CERT_FIND_PROPERTY,
                                       nullptr, nullptr),
            nullptr);
  EXPECT_EQ(GetLastError(), code(E_INVALIDARG));
}

TEST(SigningKeys, CERT_60_and_61_mistakes_are_told) {
  const Issued root = make_root("root", KeyType::rsa);
  const OwnCertificate own(root);
  const certificates::Context without = context_of(root);
  NCRYPT_KEY_HANDLE key = 0;
  BOOL is_ours = TRUE;
  EXPECT_FALSE(CryptAcquireCertificatePrivateKey(without.get(), CRYPT_ACQUIRE_ONLY_NCRYPT_KEY_FLAG,
                                                 nullptr, &key, nullptr, &is_ours));
  EXPECT_EQ(GetLastError(), code(CRYPT_E_NO_KEY_PROPERTY));
  EXPECT_FALSE(is_ours) << "CERT-62";
  EXPECT_FALSE(
      CryptAcquireCertificatePrivateKey(own.context.get(), 0, nullptr, &key, nullptr, nullptr));
  EXPECT_EQ(GetLastError(), code(CRYPT_E_NO_KEY_PROPERTY)) << "no CryptoAPI keys here";
  ASSERT_TRUE(CryptAcquireCertificatePrivateKey(
      own.context.get(), CRYPT_ACQUIRE_ALLOW_NCRYPT_KEY_FLAG, nullptr, &key, nullptr, nullptr));
  Blob hash(32), signature(256);
  DWORD size = 0;
  BCRYPT_PKCS1_PADDING_INFO sha384{BCRYPT_SHA384_ALGORITHM}, unknown{L"WHIRLPOOL"};
  const auto sign = [&](void* info, DWORD flags) {
    return NCryptSignHash(key, info, hash.data(), 32, signature.data(), 256, &size, flags);
  };
  EXPECT_EQ(sign(nullptr, 0), NTE_BAD_FLAGS) << "RSA needs a padding";
  EXPECT_EQ(sign(nullptr, BCRYPT_PAD_PKCS1), NTE_INVALID_PARAMETER);
  EXPECT_EQ(sign(&sha384, BCRYPT_PAD_PKCS1), NTE_INVALID_PARAMETER) << "the hash is shorter";
  EXPECT_EQ(sign(&unknown, BCRYPT_PAD_PKCS1), NTE_NOT_SUPPORTED);
  EXPECT_EQ(NCryptFreeObject(key), 0);
}

}  // namespace
}  // namespace contract
