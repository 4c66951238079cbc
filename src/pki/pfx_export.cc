#include <openssl/err.h>
#include <openssl/rand.h>

#include "pki/import.h"
#include "pki/properties.h"
#include "pki/references.h"

namespace schannel::pki {
namespace {

inline void free_bags(STACK_OF(PKCS12_SAFEBAG) * bags) {
  sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
}
inline void free_contents(STACK_OF(PKCS7) * contents) { sk_PKCS7_pop_free(contents, PKCS7_free); }
using BagsPtr = std::unique_ptr<STACK_OF(PKCS12_SAFEBAG), FreeWith<free_bags>>;
using ContentsPtr = std::unique_ptr<STACK_OF(PKCS7), FreeWith<free_contents>>;

/// PBKDF2 (RFC 8018) as often as OpenSSL's own command does by default.
constexpr int kIterationCount = 2048;

LastError refused() {
  ERR_clear_error();
  return failed(NTE_FAIL, "the cryptographic library refuses to write a PFX file");
}

/// Ties a key to its certificate (RFC 7292 section 4.2, localKeyId).
bool add_local_key_id(PKCS12_SAFEBAG* bag, const DecodedCertificate& certificate) {
  Buffer id = sha1_of(certificate);
  return PKCS12_add_localkeyid(bag, id.data(), static_cast<int>(id.size())) == 1;
}

bool add_certificate(BagsPtr& bags, const Certificate& certificate) {
  STACK_OF(PKCS12_SAFEBAG)* list = bags.release();
  PKCS12_SAFEBAG* bag = PKCS12_add_cert(&list, certificate.decoded().x509());
  bags.reset(list);
  return bag && (!certificate.key() || add_local_key_id(bag, certificate.decoded()));
}

bool add_key(BagsPtr& bags, const Certificate& certificate, const char* password) {
  const std::optional<crypto::PrivateKey> key = certificate.key();
  STACK_OF(PKCS12_SAFEBAG)* list = bags.release();
  PKCS12_SAFEBAG* bag = PKCS12_add_key(&list, key->native(), /*key_usage=*/0, kIterationCount,
                                       NID_aes_256_cbc, password);
  bags.reset(list);
  return bag && add_local_key_id(bag, certificate.decoded());
}

bool add_safe(ContentsPtr& contents, const BagsPtr& bags, int cipher, const char* password) {
  if (!bags) return true;
  STACK_OF(PKCS7)* list = contents.release();
  const int done = PKCS12_add_safe(&list, bags.get(), cipher, kIterationCount, password);
  contents.reset(list);
  return done == 1;
}

}  // namespace

Answer<Buffer> export_pfx(const Store& store, const Password& password, const PfxExport& how) {
  BagsPtr certificates, keys;
  const char* secret = password ? password->c_str() : nullptr;
  std::uint64_t position = 0;
  while (const std::shared_ptr<Certificate> certificate = store.next(position)) {
    position = certificate->position();
    if (!add_certificate(certificates, *certificate)) return refused();
    const bool has_key = certificate->key().has_value();
    if (!has_key && how.must_have_keys) {
      return failed(CRYPT_E_NOT_FOUND, "a certificate of the store has no private key");
    }
    if (has_key && how.with_keys && !add_key(keys, *certificate, secret)) return refused();
  }
  ContentsPtr contents;
  // Keys are encrypted one by one; the safe around them need not be.
  if (!add_safe(contents, certificates, NID_aes_256_cbc, secret) ||
      !add_safe(contents, keys, /*cipher=*/-1, nullptr)) {
    return refused();
  }
  if (!contents) contents = ContentsPtr(sk_PKCS7_new_null());
  const Pkcs12Ptr pfx(PKCS12_add_safes(contents.get(), 0));
  if (!pfx ||
      PKCS12_set_mac(pfx.get(), secret, -1, nullptr, 0, kIterationCount, EVP_sha256()) != 1) {
    return refused();
  }
  return encoding_of<PKCS12>(pfx.get(), i2d_PKCS12);
}

}  // namespace schannel::pki
