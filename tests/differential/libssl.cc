#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <stdexcept>

#include "party.h"

// The same end as OpenSSL's libssl has it, over memory BIOs.
namespace differential {
namespace {

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Context = std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>>;
using Connection = std::unique_ptr<SSL, Freed<SSL_free>>;
using Session = std::unique_ptr<SSL_SESSION, Freed<SSL_SESSION_free>>;
using X509Pointer = std::unique_ptr<X509, Freed<X509_free>>;

void require(bool good, const char* what) {
  if (!good) {
    throw std::runtime_error(std::string(what) + ": " +
                             ERR_error_string(ERR_peek_last_error(), nullptr));
  }
}

std::vector<X509Pointer> certificates_of(const std::string& pem) {
  std::unique_ptr<BIO, Freed<BIO_free>> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  std::vector<X509Pointer> out;
  while (X509* one = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    out.emplace_back(one);
  }
  ERR_clear_error();
  return out;
}

template <class T>
std::string join(const std::vector<T>& values, const char* (*name)(T), const char* separator) {
  std::string out;
  for (const T value : values) out += (out.empty() ? "" : separator) + std::string(name(value));
  return out;
}

const char* tls13_name(Cipher cipher) {
  constexpr const char* kNames[] = {"TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256",
                                    "TLS_CHACHA20_POLY1305_SHA256"};
  return kNames[static_cast<int>(cipher)];
}

const char* tls12_names(Cipher cipher) {
  constexpr const char* kNames[] = {"ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384",
                                    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256",
                                    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"};
  return kNames[static_cast<int>(cipher)];
}

const char* group_name(Group group) {
  constexpr const char* kNames[] = {"X25519", "P-256", "P-384", "P-521"};
  return kNames[static_cast<int>(group)];
}

class LibsslSide final : public Side {
 public:
  LibsslSide(Role role, Connection ssl) : is_server_(role == Role::server), ssl_(std::move(ssl)) {
    SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    is_server_ ? SSL_set_accept_state(ssl_.get()) : SSL_set_connect_state(ssl_.get());
  }
  /// A connection that seems to be cut off would take its session along.
  ~LibsslSide() override {
    SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  }

  void start() override { work(); }
  void take(const std::string& bytes) override {
    BIO_write(SSL_get_rbio(ssl_.get()), bytes.data(), static_cast<int>(bytes.size()));
    work();
  }
  void send(const std::string& data) override {
    ERR_clear_error();
    judge(SSL_write(ssl_.get(), data.data(), static_cast<int>(data.size())), "SSL_write");
    flush();
  }
  void update_key(bool asks_back) override {
    ERR_clear_error();
    judge(SSL_key_update(ssl_.get(),
                         asks_back ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED),
          "SSL_key_update");
    judge(SSL_do_handshake(ssl_.get()), "SSL_do_handshake");
    flush();
  }
  void close() override {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    flush();
  }

  bool is_established() const override { return established_; }
  bool is_closed() const override { return closed_; }
  std::string failure() const override { return failure_; }
  SSL* ssl() { return ssl_.get(); }

  Agreement agreement() override {
    Agreement out;
    out.version = static_cast<std::uint16_t>(SSL_version(ssl_.get()));
    switch (SSL_CIPHER_get_cipher_nid(SSL_get_current_cipher(ssl_.get()))) {
      case NID_aes_256_gcm:
        out.cipher = name_of(Cipher::aes256);
        break;
      case NID_aes_128_gcm:
        out.cipher = name_of(Cipher::aes128);
        break;
      case NID_chacha20_poly1305:
        out.cipher = name_of(Cipher::chacha20);
        break;
      default:
        out.cipher = "another";
    }
    switch (SSL_get_negotiated_group(ssl_.get())) {
      case NID_X25519:
        out.group = name_of(Group::x25519);
        break;
      case NID_X9_62_prime256v1:
        out.group = name_of(Group::p256);
        break;
      case NID_secp384r1:
        out.group = name_of(Group::p384);
        break;
      case NID_secp521r1:
        out.group = name_of(Group::p521);
        break;
      default:
        break;
    }
    const unsigned char* protocol = nullptr;
    unsigned protocol_size = 0;
    SSL_get0_alpn_selected(ssl_.get(), &protocol, &protocol_size);
    if (protocol_size != 0) out.protocol.assign(protocol, protocol + protocol_size);
    out.resumed = SSL_session_reused(ssl_.get()) == 1;
    if (X509* peer = SSL_get0_peer_certificate(ssl_.get())) {
      unsigned char* der = nullptr;
      const int size = i2d_X509(peer, &der);
      out.peer_der.assign(der, der + size);
      OPENSSL_free(der);
    }
    out.exported = exported(kExporterLabel, nullptr, kExportedBytes);
    out.exported_with_context = exported(kExporterLabel, kExporterContext, kExportedBytes);
    if (out.version == TLS1_3_VERSION || SSL_get_extms_support(ssl_.get()) == 1) {
      out.binding_exporter = exported("EXPORTER-Channel-Binding", "", 32);
    }
    if (out.version == TLS1_2_VERSION) {
      // RFC 5929 section 3.1: the first Finished of the handshake.
      char finished[64];
      const bool own = is_server_ == out.resumed;
      const std::size_t size = own ? SSL_get_finished(ssl_.get(), finished, sizeof finished)
                                   : SSL_get_peer_finished(ssl_.get(), finished, sizeof finished);
      out.binding_unique.assign(finished, size);
    }
    return out;
  }

 private:
  void work() {
    ERR_clear_error();
    if (!established_) {
      const int result = SSL_do_handshake(ssl_.get());
      if (result == 1) established_ = true;
      judge(result, "SSL_do_handshake");
    }
    if (established_ && failure_.empty()) {
      char piece[20'000];
      int size = 0;
      while ((size = SSL_read(ssl_.get(), piece, sizeof piece)) > 0) {
        data_.append(piece, static_cast<std::size_t>(size));
      }
      judge(size, "SSL_read");
    }
    flush();
  }
  void judge(int result, const char* call) {
    if (result > 0 || !failure_.empty()) return;
    switch (SSL_get_error(ssl_.get(), result)) {
      case SSL_ERROR_WANT_READ:
        return;
      case SSL_ERROR_ZERO_RETURN:
        closed_ = true;
        return;
      default:
        failure_ = std::string(call) + ": " + ERR_error_string(ERR_peek_last_error(), nullptr);
    }
  }
  void flush() {
    BIO* bio = SSL_get_wbio(ssl_.get());
    std::string out(BIO_ctrl_pending(bio), '\0');
    if (out.empty()) return;
    BIO_read(bio, out.data(), static_cast<int>(out.size()));
    output_ += out;
  }
  std::string exported(const std::string& label, const char* context, std::size_t size) {
    std::string out(size, '\0');
    const std::string value = context != nullptr ? context : "";
    require(SSL_export_keying_material(ssl_.get(), reinterpret_cast<unsigned char*>(out.data()),
                                       size, label.data(), label.size(),
                                       reinterpret_cast<const unsigned char*>(value.data()),
                                       value.size(), context != nullptr ? 1 : 0) == 1,
            "SSL_export_keying_material");
    return out;
  }

  const bool is_server_;
  Connection ssl_;
  bool established_ = false, closed_ = false;
  std::string failure_;
};

class LibsslParty final : public Party {
 public:
  LibsslParty(Role role, const Configuration& c, const Identities& identities)
      : role_(role),
        configuration_(c),
        context_(SSL_CTX_new(role == Role::server ? TLS_server_method() : TLS_client_method())) {
    const bool is_server = role == Role::server;
    const Offer& offer = is_server ? c.server : c.client;
    SSL_CTX* context = context_.get();
    SSL_CTX_set_app_data(context, this);
    SSL_CTX_set_min_proto_version(context, offer.tls12 ? TLS1_2_VERSION : TLS1_3_VERSION);
    SSL_CTX_set_max_proto_version(context, offer.tls13 ? TLS1_3_VERSION : TLS1_2_VERSION);
    require(
        SSL_CTX_set_ciphersuites(context, join(offer.ciphers, tls13_name, ":").c_str()) == 1 &&
            SSL_CTX_set_cipher_list(context, join(offer.ciphers, tls12_names, ":").c_str()) == 1 &&
            SSL_CTX_set1_groups_list(context, join(offer.groups, group_name, ":").c_str()) == 1,
        "algorithms");
    const Identity* own = is_server              ? &identities.server(c.certificate)
                          : c.client_certificate ? &identities.client(*c.client_certificate)
                                                 : nullptr;
    if (own != nullptr) use(*own);
    trust(is_server, (is_server ? c.server_trusts : c.client_trusts) ? identities.root_pem
                                                                     : identities.other_root_pem);
    for (const std::string& protocol : offer.protocols) {
      protocols_ += static_cast<char>(protocol.size());
      protocols_ += protocol;
    }
    if (!protocols_.empty()) {
      const auto* list = reinterpret_cast<const unsigned char*>(protocols_.data());
      if (is_server) {
        SSL_CTX_set_alpn_select_cb(context, select_protocol, this);
      } else {
        SSL_CTX_set_alpn_protos(context, list, static_cast<unsigned>(protocols_.size()));
      }
    }
    if (c.fragment_bytes != 0) {
      SSL_CTX_set_max_send_fragment(context, static_cast<long>(c.fragment_bytes));
    }
    if (!offer.sessions) {
      SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
      SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
      SSL_CTX_set_num_tickets(context, 0);
    } else if (is_server) {
      SSL_CTX_set_session_id_context(context, reinterpret_cast<const unsigned char*>("d"), 1);
    } else {
      SSL_CTX_set_session_cache_mode(context,
                                     SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
      SSL_CTX_sess_set_new_cb(context, [](SSL* ssl, SSL_SESSION* session) {
        auto* party = static_cast<LibsslParty*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
        party->session_.reset(session);
        return 1;
      });
    }
  }

  std::unique_ptr<Side> connect() override {
    Connection ssl(SSL_new(context_.get()));
    require(ssl != nullptr, "SSL_new");
    if (role_ == Role::client) {
      SSL_set_tlsext_host_name(ssl.get(), target_of(configuration_));
      SSL_set1_host(ssl.get(), target_of(configuration_));
      if (session_ && SSL_SESSION_is_resumable(session_.get()) == 1) {
        SSL_set_session(ssl.get(), session_.get());
      }
    }
    return std::make_unique<LibsslSide>(role_, std::move(ssl));
  }

 private:
  void use(const Identity& own) {
    std::vector<X509Pointer> chain = certificates_of(own.chain_pem);
    require(SSL_CTX_use_certificate(context_.get(), chain.front().get()) == 1, "certificate");
    for (std::size_t i = 1; i < chain.size(); ++i) {
      SSL_CTX_add_extra_chain_cert(context_.get(), chain[i].release());
    }
    std::unique_ptr<BIO, Freed<BIO_free>> bio(
        BIO_new_mem_buf(own.key_pem.data(), static_cast<int>(own.key_pem.size())));
    std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>> key(
        PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
    require(key && SSL_CTX_use_PrivateKey(context_.get(), key.get()) == 1, "key");
  }
  void trust(bool is_server, const std::string& root_pem) {
    const std::vector<X509Pointer> roots = certificates_of(root_pem);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context_.get()), roots.front().get());
    int mode = SSL_VERIFY_PEER;
    if (is_server) {
      if (configuration_.client_authentication == ClientAuthentication::none) return;
      if (configuration_.client_authentication == ClientAuthentication::required) {
        mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
      }
      SSL_CTX_add_client_CA(context_.get(), roots.front().get());
    }
    SSL_CTX_set_verify(context_.get(), mode, nullptr);
  }
  static int select_protocol(SSL*, const unsigned char** out, unsigned char* out_size,
                             const unsigned char* in, unsigned in_size, void* self) {
    const std::string& own = static_cast<LibsslParty*>(self)->protocols_;
    unsigned char* chosen = nullptr;
    const int result =
        SSL_select_next_proto(&chosen, out_size, reinterpret_cast<const unsigned char*>(own.data()),
                              static_cast<unsigned>(own.size()), in, in_size);
    *out = chosen;
    return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
  }

  const Role role_;
  const Configuration& configuration_;
  std::string protocols_;
  Session session_;
  Context context_;
};

}  // namespace

std::unique_ptr<Party> make_libssl(Role role, const Configuration& c,
                                   const Identities& identities) {
  return std::make_unique<LibsslParty>(role, c, identities);
}

}  // namespace differential
