#include <openssl/err.h>

#include <cstring>

#include "pki/import.h"
#include "pki/text.h"

namespace schannel::pki {
namespace {

/// Bags inside bags. Files in use have none.
constexpr int kNestingMax = 4;

constexpr const char* kWhat = "PFX";

inline void free_bags(STACK_OF(PKCS12_SAFEBAG) * bags) {
  sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
}
inline void free_contents(STACK_OF(PKCS7) * contents) { sk_PKCS7_pop_free(contents, PKCS7_free); }
using BagsPtr = std::unique_ptr<STACK_OF(PKCS12_SAFEBAG), FreeWith<free_bags>>;
using ContentsPtr = std::unique_ptr<STACK_OF(PKCS7), FreeWith<free_contents>>;

LastError malformed() {
  ERR_clear_error();
  return failed(CRYPT_E_BAD_ENCODE, std::string(kWhat) + ": the data is damaged, or no PFX file");
}

/// Null when it does not parse. All that follows from it uses import_library().
Pkcs12Ptr parse_pfx(Bytes pfx) {
  if (pfx.empty() || pfx.size() > kEncodingBytesMax) return nullptr;
  const BioPtr bio = allocated(BioPtr(BIO_new_mem_buf(pfx.data(), static_cast<int>(pfx.size()))));
  PKCS12* parsed = PKCS12_init_ex(NID_pkcs7_data, import_library().context, nullptr);
  if (!parsed) throw std::bad_alloc();
  const bool is_good = d2i_PKCS12_bio(bio.get(), &parsed) != nullptr;
  ERR_clear_error();
  // A failure may have freed the object, and left null, or may have left it as it was.
  Pkcs12Ptr owner(parsed);
  return is_good ? std::move(owner) : nullptr;
}

const char* characters(const Password& password) { return password ? password->c_str() : nullptr; }
int size_of(const Password& password) { return password ? static_cast<int>(password->size()) : 0; }

/// What to try: the password, and for an empty or missing one its twin.
std::vector<const Password*> candidates_for(const Password& password) {
  static const Password none;
  static const Password empty = std::string();
  if (!password) return {&password, &empty};
  if (password->empty()) return {&password, &none};
  return {&password};
}

/// The password that the integrity check (RFC 7292 section 4, macData) confirms.
Answer<const Password*> confirmed_password(PKCS12* pfx, const Password& password) {
  if (PKCS12_mac_present(pfx) != 1) return &password;
  const ASN1_INTEGER* count = nullptr;
  PKCS12_get0_mac(nullptr, nullptr, nullptr, &count, pfx);
  std::int64_t iterations = 1;  // the default of macData
  if (count && (ASN1_INTEGER_get_int64(&iterations, count) != 1 || iterations < 1 ||
                iterations > kIterationCountMax)) {
    return malformed();
  }
  for (const Password* candidate : candidates_for(password)) {
    ERR_clear_error();
    if (PKCS12_verify_mac(pfx, characters(*candidate), size_of(*candidate)) == 1) return candidate;
  }
  return decryption_failed(kWhat);
}

/// Reads the contents of a PFX file with one password.
class PfxReader {
 public:
  PfxReader(Imported& out, const Password& password) : out_(out), password_(password) {}

  Answer<Done> read(PKCS12* pfx) {
    const ContentsPtr contents(PKCS12_unpack_authsafes(pfx));
    if (!contents) return malformed();
    for (int i = 0; i < sk_PKCS7_num(contents.get()); ++i) {
      PKCS7* content = sk_PKCS7_value(contents.get(), i);
      if (PKCS7_type_is_data(content)) {
        const BagsPtr bags(PKCS12_unpack_p7data(content));
        if (!bags) return malformed();
        CHECK_OK(read_bags(bags.get(), 0));
      } else if (PKCS7_type_is_encrypted(content)) {
        TRY(const BagsPtr bags, decrypted(content));
        CHECK_OK(read_bags(bags.get(), 0));
      } else {
        return failed(ERROR_NOT_SUPPORTED,
                      std::string(kWhat) + ": encrypted for a certificate, not with a password");
      }
    }
    return Done{};
  }

 private:
  Answer<BagsPtr> decrypted(PKCS7* content) {
    const PKCS7_ENCRYPT* encrypted = content->d.encrypted;
    if (!encrypted || !encrypted->enc_data || !encrypted->enc_data->algorithm ||
        !has_bearable_iterations(encrypted->enc_data->algorithm)) {
      return malformed();
    }
    ERR_clear_error();
    BagsPtr bags(PKCS12_unpack_p7encdata(content, characters(password_), size_of(password_)));
    if (!bags) return decryption_failed(kWhat);
    return bags;
  }

  Answer<Done> read_bags(const STACK_OF(PKCS12_SAFEBAG) * bags, int nesting) {
    if (nesting > kNestingMax) return malformed();
    for (int i = 0; i < sk_PKCS12_SAFEBAG_num(bags); ++i) {
      CHECK_OK(read_bag(sk_PKCS12_SAFEBAG_value(bags, i), nesting));
    }
    return Done{};
  }

  Answer<Done> read_bag(PKCS12_SAFEBAG* bag, int nesting) {
    switch (PKCS12_SAFEBAG_get_nid(bag)) {
      case NID_keyBag: {
        const KeyPtr key(EVP_PKCS82PKEY(PKCS12_SAFEBAG_get0_p8inf(bag)));
        if (!key) return malformed();
        TRY(auto usable, usable_key(key.get(), kWhat));
        out_.keys.push_back(std::move(usable));
        return Done{};
      }
      case NID_pkcs8ShroudedKeyBag: {
        TRY(auto key, key_from_encrypted(PKCS12_SAFEBAG_get0_pkcs8(bag), password_, kWhat));
        out_.keys.push_back(std::move(key));
        return Done{};
      }
      case NID_certBag:
        return read_certificate(bag);
      case NID_safeContentsBag:
        return read_bags(PKCS12_SAFEBAG_get0_safes(bag), nesting + 1);
      default:
        return Done{};  // revocation lists and secrets mean nothing here
    }
  }

  Answer<Done> read_certificate(PKCS12_SAFEBAG* bag) {
    if (PKCS12_SAFEBAG_get_bag_nid(bag) != NID_x509Certificate) return Done{};
    const X509Ptr certificate(PKCS12_SAFEBAG_get1_cert(bag));
    if (!certificate) return malformed();
    auto decoded = DecodedCertificate::decode(encoding_of(certificate.get(), i2d_X509));
    if (!decoded) return malformed();
    Certificate::Properties properties;
    if (const MemoryPtr name{as_memory(PKCS12_get_friendlyname(bag))}) {
      properties.values[CERT_FRIENDLY_NAME_PROP_ID] = as_property(name.get());
    }
    out_.entries.push_back({std::move(decoded), std::move(properties)});
    return Done{};
  }

  static unsigned char* as_memory(char* text) {
    return static_cast<unsigned char*>(static_cast<void*>(text));
  }

  /// A terminated wide string, as Windows keeps it.
  static Buffer as_property(const unsigned char* utf8) {
    const std::wstring text = to_wide(static_cast<const char*>(static_cast<const void*>(utf8)));
    Buffer bytes((text.size() + 1) * sizeof(wchar_t));
    std::memcpy(bytes.data(), text.c_str(), bytes.size());
    return bytes;
  }

  Imported& out_;
  const Password& password_;
};

}  // namespace

Answer<Imported> read_pfx(Bytes data, const Password& password) {
  const Pkcs12Ptr pfx = parse_pfx(data);
  if (!pfx) return malformed();
  TRY(const Password* confirmed, confirmed_password(pfx.get(), password));
  Imported imported;
  CHECK_OK(PfxReader(imported, *confirmed).read(pfx.get()));
  ERR_clear_error();
  return imported;
}

bool is_pfx(Bytes pfx) { return parse_pfx(pfx) != nullptr; }

Answer<Done> verify_pfx_password(Bytes data, const Password& password) {
  const Pkcs12Ptr pfx = parse_pfx(data);
  if (!pfx) return malformed();
  if (PKCS12_mac_present(pfx.get()) == 1) {
    CHECK_OK(confirmed_password(pfx.get(), password));
    return Done{};
  }
  CHECK_OK(read_pfx(data, password));
  return Done{};
}

Answer<std::shared_ptr<Store>> import_pfx(Bytes data, const Password& password) {
  TRY(Imported imported, read_pfx(data, password));
  pair_keys(imported);  // a key without a certificate has nothing to be found by
  return store_from(imported);
}

}  // namespace schannel::pki
