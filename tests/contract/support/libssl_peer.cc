#include "support/libssl_peer.h"

namespace contract {
namespace {

Key make_rsa(int type) {
  EVP_PKEY* key = nullptr;
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_id(type, nullptr);
  EVP_PKEY_keygen_init(context);
  EVP_PKEY_CTX_set_rsa_keygen_bits(context, 2048);
  EVP_PKEY_keygen(context, &key);
  EVP_PKEY_CTX_free(context);
  return Key(key, EVP_PKEY_free);
}

void extend(X509* certificate, X509* issuer, int nid, const char* value) {
  if (value == nullptr) return;
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
  ASSERT_NE(extension, nullptr) << value;
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

Bytes pem_of(X509* certificate) {
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(bio, certificate);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio, &text);
  Bytes out(text, text + size);
  BIO_free(bio);
  return out;
}

HCERTSTORE import(const Issued& leaf, const std::vector<Issued>& chain) {
  Bytes certificates = pem_of(leaf.certificate.get());
  for (const Issued& one : chain) {
    const Bytes more = pem_of(one.certificate.get());
    certificates.insert(certificates.end(), more.begin(), more.end());
  }
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PKCS8PrivateKey(bio, leaf.key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio, &text);
  const HCERTSTORE store =
      OpenSchannelImportPem(certificates.data(), static_cast<DWORD>(certificates.size()),
                            reinterpret_cast<const BYTE*>(text), static_cast<DWORD>(size), nullptr);
  BIO_free(bio);
  EXPECT_NE(store, nullptr) << OpenSchannelErrorDetail();
  return store;
}

void note_alert(const SSL* ssl, int where, int value) {
  if ((where & SSL_CB_ALERT) == 0) return;
  auto* peer = static_cast<LibsslPeer*>(SSL_get_app_data(ssl));
  ((where & SSL_CB_READ) != 0 ? peer->alert_received : peer->alert_sent) = value & 0xff;
}

}  // namespace

const char* key_name(KeyType type) {
  switch (type) {
    case KeyType::ecdsa_p256:
      return "ecdsa_p256";
    case KeyType::ecdsa_p384:
      return "ecdsa_p384";
    case KeyType::ecdsa_p521:
      return "ecdsa_p521";
    case KeyType::rsa:
      return "rsa";
    case KeyType::rsa_pss:
      return "rsa_pss";
    case KeyType::ed25519:
      return "ed25519";
  }
  return "";
}

Key make_key(KeyType type) {
  switch (type) {
    case KeyType::ecdsa_p256:
      return Key(EVP_EC_gen("P-256"), EVP_PKEY_free);
    case KeyType::ecdsa_p384:
      return Key(EVP_EC_gen("P-384"), EVP_PKEY_free);
    case KeyType::ecdsa_p521:
      return Key(EVP_EC_gen("P-521"), EVP_PKEY_free);
    case KeyType::rsa: {
      static const Key made = make_rsa(EVP_PKEY_RSA);
      return made;
    }
    case KeyType::rsa_pss: {
      static const Key made = make_rsa(EVP_PKEY_RSA_PSS);
      return made;
    }
    case KeyType::ed25519:
      return Key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), EVP_PKEY_free);
  }
  return nullptr;
}

Issued issue(const Profile& profile, const Issued* issuer) {
  static long serial = 1000;
  Issued made{Certificate(X509_new(), X509_free),
              profile.own_key ? profile.own_key : make_key(profile.key), issuer == nullptr};
  X509* certificate = made.certificate.get();
  X509* signer = issuer != nullptr ? issuer->certificate.get() : certificate;
  EVP_PKEY* signing_key = issuer != nullptr ? issuer->key.get() : made.key.get();
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), profile.not_before);
  X509_gmtime_adj(X509_getm_notAfter(certificate), profile.not_after);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(profile.subject.c_str()), -1,
                             -1, 0);
  X509_set_issuer_name(certificate, X509_get_subject_name(signer));
  X509_set_pubkey(certificate, made.key.get());
  extend(certificate, signer, NID_subject_alt_name, profile.names);
  extend(certificate, signer, NID_ext_key_usage, profile.usage);
  extend(certificate, signer, NID_basic_constraints, profile.constraints);
  extend(certificate, signer, NID_key_usage, profile.key_usage);
  extend(certificate, signer, NID_name_constraints, profile.name_constraints);
  extend(certificate, signer, NID_crl_distribution_points,
         profile.lists.empty() ? nullptr : profile.lists.c_str());
  extend(certificate, signer, NID_info_access,
         profile.responders.empty() ? nullptr : profile.responders.c_str());
  const bool one_shot = EVP_PKEY_is_a(signing_key, "ED25519") == 1;
  const EVP_MD* hash = profile.signed_with_sha1 ? EVP_sha1() : EVP_sha256();
  EXPECT_GT(X509_sign(certificate, signing_key, one_shot ? nullptr : hash), 0);
  return made;
}

Issued make_root(const std::string& name, KeyType key) {
  Profile profile;
  profile.subject = name;
  profile.names = nullptr;
  profile.constraints = "critical,CA:TRUE";
  profile.key_usage = "critical,keyCertSign,cRLSign";
  profile.key = key;
  return issue(profile);
}

certificates::Store trusting(const std::vector<Issued>& roots) {
  certificates::Store store = certificates::memory_store();
  for (const Issued& root : roots) {
    unsigned char* der = nullptr;
    const int size = i2d_X509(root.certificate.get(), &der);
    EXPECT_TRUE(CertAddEncodedCertificateToStore(store.get(), X509_ASN_ENCODING, der,
                                                 static_cast<DWORD>(size), CERT_STORE_ADD_ALWAYS,
                                                 nullptr));
    OPENSSL_free(der);
  }
  return store;
}

OwnCertificate::OwnCertificate(const Issued& leaf, const std::vector<Issued>& chain)
    : store(import(leaf, chain)), context(CertEnumCertificatesInStore(store.get(), nullptr)) {}

LibsslPeer::LibsslPeer(Role role, Tls version)
    : context(SSL_CTX_new(role == server ? TLS_server_method() : TLS_client_method())),
      role_(role) {
  const int wire = version == Tls::v13 ? TLS1_3_VERSION : TLS1_2_VERSION;
  SSL_CTX_set_min_proto_version(context.get(), wire);
  SSL_CTX_set_max_proto_version(context.get(), wire);
  SSL_CTX_set_num_tickets(context.get(), 0);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_TICKET);
  SSL_CTX_set_info_callback(context.get(), note_alert);
}

void LibsslPeer::use(const Issued& leaf, const std::vector<Issued>& chain) {
  ASSERT_EQ(SSL_CTX_use_certificate(context.get(), leaf.certificate.get()), 1)
      << ERR_reason_error_string(ERR_peek_last_error());
  ASSERT_EQ(SSL_CTX_use_PrivateKey(context.get(), leaf.key.get()), 1);
  for (const Issued& one : chain) {
    X509_up_ref(one.certificate.get());
    SSL_CTX_add_extra_chain_cert(context.get(), one.certificate.get());
  }
}

void LibsslPeer::start() {
  ssl.reset(SSL_new(context.get()));
  SSL_set_app_data(ssl.get(), this);
  SSL_set_bio(ssl.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  if (role_ == server) {
    SSL_set_accept_state(ssl.get());
  } else {
    SSL_set_tlsext_host_name(ssl.get(), "localhost");
    SSL_set_connect_state(ssl.get());
  }
}

Bytes LibsslPeer::give(const Bytes& bytes) {
  if (!bytes.empty()) {
    BIO_write(SSL_get_rbio(ssl.get()), bytes.data(), static_cast<int>(bytes.size()));
  }
  if (!done()) {
    ERR_clear_error();
    SSL_do_handshake(ssl.get());
  }
  return take();
}

Bytes LibsslPeer::take() {
  Bytes out(BIO_ctrl_pending(SSL_get_wbio(ssl.get())));
  if (!out.empty()) BIO_read(SSL_get_wbio(ssl.get()), out.data(), static_cast<int>(out.size()));
  return out;
}

std::string LibsslPeer::read() {
  std::string text;
  char piece[20000];
  ERR_clear_error();
  for (int size; (size = SSL_read(ssl.get(), piece, sizeof piece)) > 0;) {
    text.append(piece, static_cast<std::size_t>(size));
  }
  return text;
}

Bytes LibsslPeer::write(const std::string& text) {
  ERR_clear_error();
  EXPECT_EQ(SSL_write(ssl.get(), text.data(), static_cast<int>(text.size())),
            static_cast<int>(text.size()));
  return take();
}

bool connect(Side& ours, LibsslPeer& peer) {
  Bytes to_peer;
  Bytes to_us;
  if (SSL_is_server(peer.ssl.get()) == 1) {
    ours.feed({}, to_peer);
  } else {
    to_us = peer.give({});
  }
  for (int i = 0; i < 12 && !(to_peer.empty() && to_us.empty()); ++i) {
    if (!to_peer.empty()) {
      const Bytes answer = peer.give(std::exchange(to_peer, {}));
      to_us.insert(to_us.end(), answer.begin(), answer.end());
    }
    if (to_us.empty()) continue;
    const Bytes bytes = std::exchange(to_us, {});
    if (ours.has_context && ours.last == SEC_E_OK) {
      ours.pending.insert(ours.pending.end(), bytes.begin(), bytes.end());
    } else {
      ours.feed(bytes, to_peer);
    }
  }
  return ours.has_context && ours.last == SEC_E_OK && peer.done();
}

}  // namespace contract
