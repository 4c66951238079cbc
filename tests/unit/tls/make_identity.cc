#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <map>

#include "unit/tls/pair.h"

namespace schannel::tls::test {

namespace {

/// `key_usage` as libcrypto spells it; null: no such extension.
std::shared_ptr<const Identity> make_identity(crypto::KeyType type, const char* key_usage) {
  const Result<crypto::PrivateKey> key = crypto::PrivateKey::generate(type);
  if (!key) ADD_FAILURE() << "no key of type " << static_cast<int>(type);
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  const auto* name = reinterpret_cast<const unsigned char*>("server.example");
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC, name, -1, -1,
                             0);
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  X509_set_pubkey(certificate, key->native());
  if (key_usage != nullptr) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_key_usage, key_usage);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }
  X509_sign(certificate, key->native(), type == crypto::KeyType::ed25519 ? nullptr : EVP_sha256());
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate, &der);
  Buffer chain(der, der + size);
  OPENSSL_free(der);
  X509_free(certificate);
  return std::make_shared<const Identity>(Identity{{std::move(chain)}, *key});
}

}  // namespace

std::shared_ptr<const Identity> identity_of(crypto::KeyType type) {
  static std::map<crypto::KeyType, std::shared_ptr<const Identity>> made;
  auto& identity = made[type];
  if (!identity) identity = make_identity(type, nullptr);
  return identity;
}

std::shared_ptr<const Identity> identity_for_key_agreement() {
  return make_identity(crypto::KeyType::ecdsa_p256, "critical,keyAgreement");
}

}  // namespace schannel::tls::test
