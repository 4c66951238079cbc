#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <stdexcept>

#include "party.h"

namespace differential {
namespace {

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using X509Pointer = std::unique_ptr<X509, Freed<X509_free>>;

void require(bool good, const char* what) {
  if (!good) throw std::runtime_error(std::string("certificates for the test: ") + what);
}

Key make_key(KeyKind kind) {
  switch (kind) {
    case KeyKind::rsa:
      return Key(EVP_RSA_gen(2048));
    case KeyKind::rsa_pss: {
      std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>> context(
          EVP_PKEY_CTX_new_id(EVP_PKEY_RSA_PSS, nullptr));
      EVP_PKEY* key = nullptr;
      EVP_PKEY_keygen_init(context.get());
      EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), 2048);
      EVP_PKEY_keygen(context.get(), &key);
      return Key(key);
    }
    case KeyKind::p256:
      return Key(EVP_EC_gen("P-256"));
    case KeyKind::p384:
      return Key(EVP_EC_gen("P-384"));
    case KeyKind::p521:
      return Key(EVP_EC_gen("P-521"));
    case KeyKind::ed25519:
      return Key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  }
  return nullptr;
}

struct Issuer {
  X509* certificate;
  EVP_PKEY* key;
};

void extend(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  require(extension && X509_add_ext(certificate, extension.get(), -1) == 1, value);
}

/// `issuer` null: self-signed.
X509Pointer issue(const char* subject, EVP_PKEY* key, bool is_authority, const Issuer* issuer) {
  static long serial = 0;
  X509Pointer out(X509_new());
  const Issuer self{out.get(), key};
  const Issuer& signer = issuer != nullptr ? *issuer : self;
  X509_set_version(out.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(out.get()), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(out.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(out.get()), 86400);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(out.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(subject), -1, -1, 0);
  X509_set_issuer_name(out.get(), X509_get_subject_name(signer.certificate));
  X509_set_pubkey(out.get(), key);
  if (is_authority) {
    extend(out.get(), signer.certificate, NID_basic_constraints, "critical,CA:TRUE");
    extend(out.get(), signer.certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
  } else {
    extend(out.get(), signer.certificate, NID_subject_alt_name,
           (std::string("DNS:") + kServerName).c_str());
    extend(out.get(), signer.certificate, NID_key_usage, "critical,digitalSignature");
  }
  extend(out.get(), out.get(), NID_subject_key_identifier, "hash");
  if (issuer != nullptr) {
    extend(out.get(), signer.certificate, NID_authority_key_identifier, "keyid:always");
  }
  require(X509_sign(out.get(), signer.key, EVP_sha256()) > 0, "X509_sign");
  return out;
}

std::string text_of(BIO* bio) {
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio, &text);
  std::string out(text, static_cast<std::size_t>(size));
  BIO_free(bio);
  return out;
}

std::string pem_of(X509* certificate) {
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(bio, certificate);
  return text_of(bio);
}

Identity make_identity(const char* subject, KeyKind kind, const Issuer& issuer,
                       X509* intermediate) {
  const Key key = make_key(kind);
  require(key != nullptr, name_of(kind));
  const X509Pointer leaf = issue(subject, key.get(), /*is_authority=*/false, &issuer);
  Identity out;
  out.chain_pem = pem_of(leaf.get()) + (intermediate != nullptr ? pem_of(intermediate) : "");
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PKCS8PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  out.key_pem = text_of(bio);
  unsigned char* der = nullptr;
  const int size = i2d_X509(leaf.get(), &der);
  out.leaf_der.assign(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return out;
}

const Identity& find(const std::map<std::pair<KeyKind, bool>, Identity>& in,
                     const Certificate& certificate) {
  return in.at({certificate.key, certificate.has_intermediate});
}

}  // namespace

Identities::Identities() {
  const Key root_key = make_key(KeyKind::p256), other_key = make_key(KeyKind::p256),
            intermediate_key = make_key(KeyKind::rsa);
  const X509Pointer root = issue("root", root_key.get(), true, nullptr);
  const X509Pointer other = issue("another root", other_key.get(), true, nullptr);
  const Issuer by_root{root.get(), root_key.get()};
  const X509Pointer intermediate = issue("intermediate", intermediate_key.get(), true, &by_root);
  const Issuer by_intermediate{intermediate.get(), intermediate_key.get()};
  for (const KeyKind kind : {KeyKind::rsa, KeyKind::rsa_pss, KeyKind::p256, KeyKind::p384,
                             KeyKind::p521, KeyKind::ed25519}) {
    servers_[{kind, false}] = make_identity("server", kind, by_root, nullptr);
    servers_[{kind, true}] = make_identity("server", kind, by_intermediate, intermediate.get());
    clients_[{kind, false}] = make_identity("client", kind, by_root, nullptr);
    clients_[{kind, true}] = make_identity("client", kind, by_intermediate, intermediate.get());
  }
  root_pem = pem_of(root.get());
  other_root_pem = pem_of(other.get());
}

const Identity& Identities::server(const Certificate& certificate) const {
  return find(servers_, certificate);
}

const Identity& Identities::client(const Certificate& certificate) const {
  return find(clients_, certificate);
}

}  // namespace differential
