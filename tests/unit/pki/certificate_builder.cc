#include "unit/pki/certificate_builder.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/provider.h>

#include <cstdio>
#include <cstdlib>

#include "pki/key_decoding.h"

namespace schannel::pki::testing {
namespace {

/// A test that can't make its certificates has nothing to say.
void require(bool condition, const char* what) {
  if (condition) return;
  ERR_print_errors_fp(stderr);
  std::fprintf(stderr, "certificate_builder: %s\n", what);
  std::abort();
}

void add_extension(X509* certificate, X509* issuer, const char* name, const std::string& value) {
  if (value.empty()) return;
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  // An empty configuration: some extensions would look for a section of it.
  CONF* const configuration = NCONF_new(nullptr);
  X509V3_set_nconf(&context, configuration);
  X509_EXTENSION* extension = X509V3_EXT_nconf(configuration, &context, name, value.c_str());
  NCONF_free(configuration);
  require(extension && X509_add_ext(certificate, extension, -1) == 1, name);
  X509_EXTENSION_free(extension);
}

void set_name(X509_NAME* name, const std::string& common_name) {
  const std::vector<unsigned char> bytes(common_name.begin(), common_name.end());
  require(X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8, bytes.data(),
                                     static_cast<int>(bytes.size()), -1, 0) == 1,
          "common name");
}

std::string text_in(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace

Recipe authority(const std::string& common_name) {
  Recipe recipe;
  recipe.common_name = common_name;
  recipe.alternative_names.clear();
  recipe.basic_constraints = "critical,CA:TRUE";
  recipe.key_usage = "critical,keyCertSign,cRLSign";
  recipe.extended_key_usage.clear();
  return recipe;
}

KeyPtr make_ec_key(const char* curve) { return KeyPtr(EVP_EC_gen(curve)); }
KeyPtr make_rsa_key(unsigned bits) { return KeyPtr(EVP_RSA_gen(bits)); }
KeyPtr make_ed25519_key() { return KeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")); }

std::string Party::certificate_pem() const {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_X509(bio.get(), certificate.get()) == 1, "PEM certificate");
  return text_in(bio.get());
}

std::string Party::key_pem() const {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_PKCS8PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                        nullptr) == 1,
          "PEM key");
  return text_in(bio.get());
}

Party make_party(const Recipe& recipe, const Party* issuer, KeyPtr key) {
  Party party{key ? std::move(key) : make_ec_key(), X509Ptr(X509_new())};
  require(party.key && party.certificate, "key");
  X509* certificate = party.certificate.get();
  X509* signer = issuer ? issuer->certificate.get() : certificate;

  X509_set_version(certificate, X509_VERSION_3);
  if (recipe.serial != 0) {
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), recipe.serial);
  } else {
    const BignumPtr serial(BN_new());
    BN_rand(serial.get(), 64, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY);
    BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate));
  }
  ASN1_TIME_set(X509_getm_notBefore(certificate), recipe.not_before);
  ASN1_TIME_set(X509_getm_notAfter(certificate), recipe.not_after);
  set_name(X509_get_subject_name(certificate), recipe.common_name);
  X509_set_issuer_name(certificate, X509_get_subject_name(signer));
  X509_set_pubkey(certificate, party.key.get());

  add_extension(certificate, signer, "basicConstraints", recipe.basic_constraints);
  add_extension(certificate, signer, "keyUsage", recipe.key_usage);
  add_extension(certificate, signer, "extendedKeyUsage", recipe.extended_key_usage);
  add_extension(certificate, signer, "subjectAltName", recipe.alternative_names);
  add_extension(certificate, signer, "nameConstraints", recipe.name_constraints);
  add_extension(certificate, signer, "subjectKeyIdentifier", "hash");
  add_extension(certificate, signer, "authorityKeyIdentifier",
                recipe.authority_key_id ? "keyid" : "");
  if (const std::size_t split = recipe.other_extension.find('='); split != std::string::npos) {
    add_extension(certificate, signer, recipe.other_extension.substr(0, split).c_str(),
                  recipe.other_extension.substr(split + 1));
  }

  EVP_PKEY* signing_key = issuer ? issuer->key.get() : party.key.get();
  const EVP_MD* hash = EVP_PKEY_is_a(signing_key, "ED25519") == 1 ? nullptr
                       : recipe.hash == Hash::sha1                ? EVP_sha1()
                       : recipe.hash == Hash::md5                 ? EVP_md5()
                                                                  : EVP_sha256();
  require(X509_sign(certificate, signing_key, hash) > 0, "signature");
  // What is read differs from what was built in libcrypto's caches: only the former is tested.
  party.certificate = parse_certificate(party.der());
  require(party.certificate != nullptr, "parsing");
  return party;
}

Chain make_chain(const Recipe& leaf, const Recipe& intermediate, const Recipe& root) {
  Chain chain;
  chain.root = make_party(root);
  chain.intermediate = make_party(intermediate, &chain.root);
  chain.leaf = make_party(leaf, &chain.intermediate);
  return chain;
}

Buffer make_pfx(const Party& leaf, const std::vector<const Party*>& others, const char* password,
                int key_encryption, int certificate_encryption, int iterations, int mac_iterations,
                const char* friendly_name) {
  const X509StackPtr chain(sk_X509_new_null());
  for (const Party* other : others) {
    X509_up_ref(other->certificate.get());
    sk_X509_push(chain.get(), other->certificate.get());
  }
  const Pkcs12Ptr pfx(PKCS12_create_ex(
      password, friendly_name, leaf.key.get(), leaf.certificate.get(), chain.get(), key_encryption,
      certificate_encryption, iterations, mac_iterations, 0, import_library().context, nullptr));
  require(pfx != nullptr, "PFX");
  return encoding_of(pfx.get(), i2d_PKCS12);
}

}  // namespace schannel::pki::testing
