#include "pki/decode_object.h"

#include <openssl/err.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <iterator>
#include <string>

#include "base/result.h"
#include "pki/decoded_certificate.h"
#include "pki/owned.h"
#include "pki/text.h"

namespace schannel::pki {
namespace {

using UsagePtr = std::unique_ptr<EXTENDED_KEY_USAGE, FreeWith<EXTENDED_KEY_USAGE_free>>;
using BitsPtr = std::unique_ptr<ASN1_BIT_STRING, FreeWith<ASN1_BIT_STRING_free>>;
using KeyInfoPtr = std::unique_ptr<X509_PUBKEY, FreeWith<X509_PUBKEY_free>>;

LastError malformed(const char* what) {
  ERR_clear_error();
  return failed(CRYPT_E_ASN1_BADTAG, std::string("no encoding of ") + what);
}

/// All of `encoded` as what the d2i function reads, or null.
template <class Pointer, class Decode>
Pointer parsed(Bytes encoded, Decode decode) {
  const unsigned char* at = encoded.data();
  Pointer out(decode(nullptr, &at, static_cast<long>(encoded.size())));
  ERR_clear_error();
  return at == encoded.data() + encoded.size() ? std::move(out) : nullptr;
}

/// The content of an INTEGER as Windows has it: little-endian.
Buffer little_endian(const ASN1_INTEGER* number) {
  const Buffer encoded = encoding_of(number, i2d_ASN1_INTEGER);
  const unsigned char* at = encoded.data();
  long size = 0;
  int tag = 0;
  int tag_class = 0;
  ASN1_get_object(&at, &size, &tag, &tag_class, static_cast<long>(encoded.size()));
  return {std::make_reverse_iterator(at + size), std::make_reverse_iterator(at)};
}

void put_bits(ObjectLayout& out, std::size_t at, const CRYPT_BIT_BLOB& bits) {
  out.blob(at, {bits.pbData, bits.cbData});
  out.set(at + offsetof(CRYPT_BIT_BLOB, cUnusedBits), bits.cUnusedBits);
}

void put_algorithm(ObjectLayout& out, std::size_t at, const CRYPT_ALGORITHM_IDENTIFIER& from) {
  out.text(at + offsetof(CRYPT_ALGORITHM_IDENTIFIER, pszObjId), std::string_view(from.pszObjId));
  out.blob(at + offsetof(CRYPT_ALGORITHM_IDENTIFIER, Parameters),
           {from.Parameters.pbData, from.Parameters.cbData});
}

void put_key_info(ObjectLayout& out, std::size_t at, const CERT_PUBLIC_KEY_INFO& from) {
  put_algorithm(out, at + offsetof(CERT_PUBLIC_KEY_INFO, Algorithm), from.Algorithm);
  put_bits(out, at + offsetof(CERT_PUBLIC_KEY_INFO, PublicKey), from.PublicKey);
}

// --- Each type ---

Answer<ObjectLayout> signed_content(Bytes encoded) {
  TRY(const auto certificate, DecodedCertificate::decode_or_why(encoded));
  const ASN1_BIT_STRING* signature = nullptr;
  X509_get0_signature(&signature, nullptr, certificate->x509());
  unsigned char* signed_part = nullptr;
  const int size = i2d_re_X509_tbs(certificate->x509(), &signed_part);
  const MemoryPtr owner(signed_part);
  if (size < 0) return malformed("a certificate");
  ObjectLayout out;
  out.reserve(sizeof(CERT_SIGNED_CONTENT_INFO));
  out.blob(offsetof(CERT_SIGNED_CONTENT_INFO, ToBeSigned),
           {signed_part, static_cast<std::size_t>(size)});
  put_algorithm(out, offsetof(CERT_SIGNED_CONTENT_INFO, SignatureAlgorithm),
                certificate->info()->SignatureAlgorithm);
  // Windows has the octets of the signature reversed.
  const Bytes octets = view_of(signature);
  Buffer reversed(octets.rbegin(), octets.rend());
  out.blob(offsetof(CERT_SIGNED_CONTENT_INFO, Signature), reversed);
  return out;
}

Answer<ObjectLayout> certificate_info(Bytes encoded) {
  TRY(const auto certificate, DecodedCertificate::decode_or_why(encoded));
  const CERT_INFO& info = *certificate->info();
  const auto view = [](const auto& blob) { return Bytes(blob.pbData, blob.cbData); };
  ObjectLayout out;
  out.reserve(sizeof(CERT_INFO));
  out.set(offsetof(CERT_INFO, dwVersion), info.dwVersion);
  out.blob(offsetof(CERT_INFO, SerialNumber), view(info.SerialNumber));
  put_algorithm(out, offsetof(CERT_INFO, SignatureAlgorithm), info.SignatureAlgorithm);
  out.blob(offsetof(CERT_INFO, Issuer), view(info.Issuer));
  out.set(offsetof(CERT_INFO, NotBefore), info.NotBefore);
  out.set(offsetof(CERT_INFO, NotAfter), info.NotAfter);
  out.blob(offsetof(CERT_INFO, Subject), view(info.Subject));
  put_key_info(out, offsetof(CERT_INFO, SubjectPublicKeyInfo), info.SubjectPublicKeyInfo);
  put_bits(out, offsetof(CERT_INFO, IssuerUniqueId), info.IssuerUniqueId);
  put_bits(out, offsetof(CERT_INFO, SubjectUniqueId), info.SubjectUniqueId);
  const std::size_t extensions =
      out.array<CERT_EXTENSION>(offsetof(CERT_INFO, cExtension), info.cExtension);
  for (DWORD i = 0; i < info.cExtension; ++i) {
    const std::size_t at = extensions + i * sizeof(CERT_EXTENSION);
    const CERT_EXTENSION& from = info.rgExtension[i];
    out.text(at + offsetof(CERT_EXTENSION, pszObjId), std::string_view(from.pszObjId));
    out.set(at + offsetof(CERT_EXTENSION, fCritical), from.fCritical);
    out.blob(at + offsetof(CERT_EXTENSION, Value), view(from.Value));
  }
  return out;
}

/// CERT_RDN_* for a string's tag.
DWORD value_type_of(int tag) {
  switch (tag) {
    case V_ASN1_OCTET_STRING:
      return CERT_RDN_OCTET_STRING;
    case V_ASN1_NUMERICSTRING:
      return CERT_RDN_NUMERIC_STRING;
    case V_ASN1_PRINTABLESTRING:
      return CERT_RDN_PRINTABLE_STRING;
    case V_ASN1_T61STRING:
      return CERT_RDN_TELETEX_STRING;
    case V_ASN1_IA5STRING:
      return CERT_RDN_IA5_STRING;
    case V_ASN1_UNIVERSALSTRING:
      return CERT_RDN_UNIVERSAL_STRING;
    case V_ASN1_BMPSTRING:
      return CERT_RDN_BMP_STRING;
    case V_ASN1_UTF8STRING:
      return CERT_RDN_UTF8_STRING;
    default:
      return CERT_RDN_ENCODED_BLOB;
  }
}

/// The text of a name's value; nothing when it is none.
std::optional<std::wstring> wide_text(const ASN1_STRING* value) {
  unsigned char* utf8 = nullptr;
  const int size = ASN1_STRING_to_UTF8(&utf8, value);
  const MemoryPtr owner(utf8);
  if (size < 0) {
    ERR_clear_error();
    return std::nullopt;
  }
  return to_wide(as_text({utf8, static_cast<std::size_t>(size)}));
}

/// In the wide form every string is of wchar_t, whose count has no terminator.
Answer<ObjectLayout> name(Bytes encoded, bool wide) {
  const auto parsed_name = parsed<X509NamePtr>(encoded, d2i_X509_NAME);
  if (!parsed_name) return malformed("a name");
  const int entries = X509_NAME_entry_count(parsed_name.get());
  std::size_t count = 0;
  for (int i = 0; i < entries; ++i) {
    count =
        static_cast<std::size_t>(X509_NAME_ENTRY_set(X509_NAME_get_entry(parsed_name.get(), i))) +
        1;
  }
  ObjectLayout out;
  out.reserve(sizeof(CERT_NAME_INFO));
  const std::size_t sets = out.array<CERT_RDN>(offsetof(CERT_NAME_INFO, cRDN), count);
  for (std::size_t set = 0; set < count; ++set) {
    std::vector<const X509_NAME_ENTRY*> members;
    for (int i = 0; i < entries; ++i) {
      const X509_NAME_ENTRY* entry = X509_NAME_get_entry(parsed_name.get(), i);
      if (static_cast<std::size_t>(X509_NAME_ENTRY_set(entry)) == set) members.push_back(entry);
    }
    const std::size_t attributes = out.array<CERT_RDN_ATTR>(
        sets + set * sizeof(CERT_RDN) + offsetof(CERT_RDN, cRDNAttr), members.size());
    for (std::size_t i = 0; i < members.size(); ++i) {
      const std::size_t at = attributes + i * sizeof(CERT_RDN_ATTR);
      const ASN1_STRING* value = X509_NAME_ENTRY_get_data(members[i]);
      out.text(at + offsetof(CERT_RDN_ATTR, pszObjId),
               std::string_view(oid_text(X509_NAME_ENTRY_get_object(members[i]))));
      const std::size_t value_at = at + offsetof(CERT_RDN_ATTR, Value);
      const auto text = wide ? wide_text(value) : std::nullopt;
      const DWORD type = value_type_of(ASN1_STRING_type(value));
      out.set(at + offsetof(CERT_RDN_ATTR, dwValueType),
              text ? DWORD{CERT_RDN_UNICODE_STRING} : type);
      if (text) {
        out.set(value_at, static_cast<DWORD>(text->size() * sizeof(wchar_t)));
        out.text(value_at + 8, std::wstring_view(*text));
      } else {
        out.blob(value_at, view_of(value));
      }
    }
  }
  return out;
}

Answer<ObjectLayout> public_key_info(Bytes encoded) {
  const auto info = parsed<KeyInfoPtr>(encoded, d2i_X509_PUBKEY);
  X509_ALGOR* algorithm = nullptr;
  const unsigned char* bits = nullptr;
  int size = 0;
  if (!info || X509_PUBKEY_get0_param(nullptr, &bits, &size, &algorithm, info.get()) != 1) {
    return malformed("a SubjectPublicKeyInfo");
  }
  ObjectLayout out;
  out.reserve(sizeof(CERT_PUBLIC_KEY_INFO));
  constexpr std::size_t kAlgorithm = offsetof(CERT_PUBLIC_KEY_INFO, Algorithm);
  out.text(kAlgorithm + offsetof(CRYPT_ALGORITHM_IDENTIFIER, pszObjId),
           std::string_view(oid_text(algorithm->algorithm)));
  if (algorithm->parameter) {
    out.blob(kAlgorithm + offsetof(CRYPT_ALGORITHM_IDENTIFIER, Parameters),
             encoding_of(algorithm->parameter, i2d_ASN1_TYPE));
  }
  out.blob(offsetof(CERT_PUBLIC_KEY_INFO, PublicKey), {bits, static_cast<std::size_t>(size)});
  return out;
}

/// False for a kind that the structure has no member for, and for a text with a NUL in it: whoever
/// reads it as a string would take it for another name.
bool put_alternative_name(ObjectLayout& out, std::size_t at, const GENERAL_NAME* name) {
  constexpr std::size_t kValue = offsetof(CERT_ALT_NAME_ENTRY, pwszDNSName);
  const auto kind = [&](DWORD choice) { out.set(at, choice); };
  const auto text = [&](DWORD choice, const ASN1_STRING* value) {
    kind(choice);
    const std::string_view all = as_text(view_of(value));
    if (all.find('\0') != std::string_view::npos) return false;
    out.text(at + kValue, std::wstring_view(to_wide(all)));
    return true;
  };
  switch (name->type) {
    case GEN_OTHERNAME: {
      kind(CERT_ALT_NAME_OTHER_NAME);
      const std::size_t other = out.reserve(sizeof(CERT_OTHER_NAME));
      out.point(at + kValue, other);
      out.text(other, std::string_view(oid_text(name->d.otherName->type_id)));
      out.blob(other + offsetof(CERT_OTHER_NAME, Value),
               encoding_of(name->d.otherName->value, i2d_ASN1_TYPE));
      return true;
    }
    case GEN_EMAIL:
      return text(CERT_ALT_NAME_RFC822_NAME, name->d.rfc822Name);
    case GEN_DNS:
      return text(CERT_ALT_NAME_DNS_NAME, name->d.dNSName);
    case GEN_URI:
      return text(CERT_ALT_NAME_URL, name->d.uniformResourceIdentifier);
    case GEN_DIRNAME:
      kind(CERT_ALT_NAME_DIRECTORY_NAME);
      out.blob(at + kValue, encoding_of(name->d.directoryName, i2d_X509_NAME));
      return true;
    case GEN_IPADD:
      kind(CERT_ALT_NAME_IP_ADDRESS);
      out.blob(at + kValue, view_of(name->d.iPAddress));
      return true;
    case GEN_RID:
      kind(CERT_ALT_NAME_REGISTERED_ID);
      out.text(at + kValue, std::string_view(oid_text(name->d.registeredID)));
      return true;
    default:
      return false;  // X.400 and EDI names
  }
}

Answer<ObjectLayout> alternative_names(Bytes encoded) {
  const auto names = parsed<GeneralNamesPtr>(encoded, d2i_GENERAL_NAMES);
  if (!names) return malformed("alternative names");
  const auto count = static_cast<std::size_t>(sk_GENERAL_NAME_num(names.get()));
  ObjectLayout out;
  out.reserve(sizeof(CERT_ALT_NAME_INFO));
  const std::size_t entries = out.array<CERT_ALT_NAME_ENTRY>(0, count);
  for (std::size_t i = 0; i < count; ++i) {
    const GENERAL_NAME* entry = sk_GENERAL_NAME_value(names.get(), static_cast<int>(i));
    if (!put_alternative_name(out, entries + i * sizeof(CERT_ALT_NAME_ENTRY), entry)) {
      return failed(CRYPT_E_BAD_ENCODE, "an alternative name of a kind that can't be shown");
    }
  }
  return out;
}

Answer<ObjectLayout> basic_constraints(Bytes encoded) {
  const auto constraints = parsed<BasicConstraintsPtr>(encoded, d2i_BASIC_CONSTRAINTS);
  if (!constraints) return malformed("basic constraints");
  CERT_BASIC_CONSTRAINTS2_INFO info{};
  info.fCA = constraints->ca != 0 ? TRUE : FALSE;
  if (constraints->pathlen) {
    const long length = ASN1_INTEGER_get(constraints->pathlen);
    if (length < 0) return malformed("basic constraints");
    info.fPathLenConstraint = TRUE;
    info.dwPathLenConstraint = static_cast<DWORD>(std::min<long>(length, 0x7fffffff));
  }
  ObjectLayout out;
  out.reserve(sizeof info);
  out.set(0, info);
  return out;
}

Answer<ObjectLayout> bits(Bytes encoded) {
  const auto value = parsed<BitsPtr>(encoded, d2i_ASN1_BIT_STRING);
  if (!value) return malformed("a BIT STRING");
  ObjectLayout out;
  out.reserve(sizeof(CRYPT_BIT_BLOB));
  out.blob(0, view_of(value.get()));
  out.set(offsetof(CRYPT_BIT_BLOB, cUnusedBits), static_cast<DWORD>(value->flags & 7));
  return out;
}

Answer<ObjectLayout> octets(Bytes encoded) {
  const auto value = parsed<OctetsPtr>(encoded, d2i_ASN1_OCTET_STRING);
  if (!value) return malformed("an OCTET STRING");
  ObjectLayout out;
  out.reserve(sizeof(CRYPT_DATA_BLOB));
  out.blob(0, view_of(value.get()));
  return out;
}

Answer<ObjectLayout> integer(Bytes encoded, bool is_long) {
  const auto value = parsed<IntegerPtr>(encoded, d2i_ASN1_INTEGER);
  if (!value) return malformed("an INTEGER");
  ObjectLayout out;
  if (is_long) {
    out.reserve(sizeof(CRYPT_INTEGER_BLOB));
    out.blob(0, little_endian(value.get()));
    return out;
  }
  std::int64_t number = 0;
  if (ASN1_INTEGER_get_int64(&number, value.get()) != 1 || number < INT32_MIN ||
      number > INT32_MAX) {
    ERR_clear_error();
    return failed(CRYPT_E_ASN1_LARGE, "the INTEGER has more than 32 bits");
  }
  out.reserve(sizeof(std::int32_t));
  out.set(0, static_cast<std::int32_t>(number));
  return out;
}

Answer<ObjectLayout> key_usages(Bytes encoded) {
  const auto usages = parsed<UsagePtr>(encoded, d2i_EXTENDED_KEY_USAGE);
  if (!usages) return malformed("an extended key usage");
  const auto count = static_cast<std::size_t>(sk_ASN1_OBJECT_num(usages.get()));
  ObjectLayout out;
  out.reserve(sizeof(CERT_ENHKEY_USAGE));
  const std::size_t pointers = out.array<LPSTR>(0, count);
  for (std::size_t i = 0; i < count; ++i) {
    out.text(pointers + i * sizeof(LPSTR),
             std::string_view(oid_text(sk_ASN1_OBJECT_value(usages.get(), static_cast<int>(i)))));
  }
  return out;
}

Answer<ObjectLayout> object_identifier(Bytes encoded) {
  const auto object = parsed<ObjectPtr>(encoded, d2i_ASN1_OBJECT);
  if (!object) return malformed("an OBJECT IDENTIFIER");
  ObjectLayout out;
  out.reserve(sizeof(LPSTR));
  out.text(0, std::string_view(oid_text(object.get())));
  return out;
}

/// RSAPublicKey (RFC 8017 appendix A.1.1) as the blob that CryptImportKey takes on Windows.
Answer<ObjectLayout> rsa_key(Bytes encoded) {
  constexpr BYTE kPublicKeyBlob = 6;
  constexpr BYTE kBlobVersion = 2;
  constexpr DWORD kMagic = 0x31415352;  // "RSA1"
  const unsigned char* at = encoded.data();
  const KeyPtr key(d2i_PublicKey(EVP_PKEY_RSA, nullptr, &at, static_cast<long>(encoded.size())));
  if (!key || at != encoded.data() + encoded.size()) return malformed("an RSAPublicKey");
  BIGNUM* modulus = nullptr;
  BIGNUM* exponent = nullptr;
  EVP_PKEY_get_bn_param(key.get(), "n", &modulus);
  EVP_PKEY_get_bn_param(key.get(), "e", &exponent);
  const BignumPtr n(modulus), e(exponent);
  if (!n || !e || BN_num_bits(e.get()) > 32) {
    ERR_clear_error();
    return failed(CRYPT_E_BAD_ENCODE, "the exponent of the RSA key has more than 32 bits");
  }
  Buffer digits(static_cast<std::size_t>(BN_num_bytes(n.get())));
  BN_bn2lebinpad(n.get(), digits.data(), static_cast<int>(digits.size()));
  ObjectLayout out;
  out.reserve(sizeof(BLOBHEADER) + sizeof(RSAPUBKEY) + digits.size());
  out.set(0, BLOBHEADER{kPublicKeyBlob, kBlobVersion, 0, CALG_RSA_KEYX});
  out.set(sizeof(BLOBHEADER), RSAPUBKEY{kMagic, static_cast<DWORD>(BN_num_bits(n.get())),
                                        static_cast<DWORD>(BN_get_word(e.get()))});
  for (std::size_t i = 0; i < digits.size(); ++i) {
    out.set(sizeof(BLOBHEADER) + sizeof(RSAPUBKEY) + i, digits[i]);
  }
  return out;
}

using Decoder = Answer<ObjectLayout> (*)(Bytes encoded);

struct Row {
  std::uintptr_t number;
  const char* oid;  ///< Null: has none.
  Decoder decode;
};

constexpr Row kRows[] = {
    {1, nullptr, signed_content},                            // X509_CERT
    {2, nullptr, certificate_info},                          // X509_CERT_TO_BE_SIGNED
    {7, nullptr, [](Bytes in) { return name(in, false); }},  // X509_NAME
    {20, nullptr, [](Bytes in) { return name(in, true); }},  // X509_UNICODE_NAME
    {8, nullptr, public_key_info},                           // X509_PUBLIC_KEY_INFO
    {12, szOID_SUBJECT_ALT_NAME2, alternative_names},        // X509_ALTERNATE_NAME
    {12, szOID_SUBJECT_ALT_NAME, alternative_names},
    {12, szOID_ISSUER_ALT_NAME2, alternative_names},
    {14, szOID_KEY_USAGE, bits},                                 // X509_KEY_USAGE
    {15, szOID_BASIC_CONSTRAINTS2, basic_constraints},           // X509_BASIC_CONSTRAINTS2
    {19, nullptr, rsa_key},                                      // RSA_CSP_PUBLICKEYBLOB
    {25, szOID_SUBJECT_KEY_IDENTIFIER, octets},                  // X509_OCTET_STRING
    {26, nullptr, bits},                                         // X509_BITS
    {27, nullptr, [](Bytes in) { return integer(in, false); }},  // X509_INTEGER
    {28, nullptr, [](Bytes in) { return integer(in, true); }},   // X509_MULTI_BYTE_INTEGER
    {36, szOID_ENHANCED_KEY_USAGE, key_usages},                  // X509_ENHANCED_KEY_USAGE
    {73, nullptr, object_identifier},                            // X509_OBJECT_IDENTIFIER
};

/// Up to here a type is a number that stands where a name could be.
constexpr std::uintptr_t kTypeNumberMax = 0xFFFF;

}  // namespace

Answer<ObjectLayout> decode_object(LPCSTR type, Bytes encoded) {
  const auto number = std::bit_cast<std::uintptr_t>(type);
  const auto row = std::find_if(std::begin(kRows), std::end(kRows), [&](const Row& one) {
    if (number <= kTypeNumberMax) return one.number == number;
    return one.oid != nullptr && std::string_view(type) == one.oid;
  });
  if (row == std::end(kRows)) {
    return failed(ERROR_FILE_NOT_FOUND, "there is no decoder for this type here");
  }
  if (encoded.empty() || encoded.size() > kEncodingBytesMax) {
    return failed(CRYPT_E_ASN1_EOD, "nothing to decode, or too much");
  }
  return row->decode(encoded);
}

}  // namespace schannel::pki
