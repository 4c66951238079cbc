#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include <algorithm>
#include <stdexcept>

#include "party.h"

// The same end as GnuTLS has it, with transport functions of our own.
namespace differential {
namespace {

void require(int result, const char* what) {
  if (result < 0) throw std::runtime_error(std::string(what) + ": " + gnutls_strerror(result));
}

gnutls_datum_t datum_of(const std::string& text) {
  return {reinterpret_cast<unsigned char*>(const_cast<char*>(text.data())),
          static_cast<unsigned>(text.size())};
}

std::string text_of(const gnutls_datum_t& datum) {
  return {reinterpret_cast<const char*>(datum.data), datum.size};
}

std::string priority_of(const Offer& offer) {
  std::string out = "NONE:+COMP-NULL:+CTYPE-ALL:+SIGN-ALL:+AEAD:+ECDHE-ECDSA:+ECDHE-RSA";
  if (offer.tls13) out += ":+VERS-TLS1.3";
  if (offer.tls12) out += ":+VERS-TLS1.2";
  constexpr const char* kCiphers[] = {"AES-256-GCM", "AES-128-GCM", "CHACHA20-POLY1305"};
  for (const Cipher cipher : offer.ciphers) {
    out += std::string(":+") + kCiphers[static_cast<int>(cipher)];
  }
  constexpr const char* kGroups[] = {"X25519", "SECP256R1", "SECP384R1", "SECP521R1"};
  for (const Group group : offer.groups) {
    out += std::string(":+GROUP-") + kGroups[static_cast<int>(group)];
  }
  return out;
}

class GnutlsSide final : public Side {
 public:
  GnutlsSide(gnutls_session_t session, const char* target) : session_(session), target_(target) {
    gnutls_session_set_ptr(session_, this);
    gnutls_transport_set_ptr(session_, this);
    gnutls_transport_set_push_function(session_, push);
    gnutls_transport_set_pull_function(session_, pull);
    gnutls_transport_set_pull_timeout_function(session_, [](gnutls_transport_ptr_t self, unsigned) {
      return static_cast<GnutlsSide*>(self)->input_.empty() ? 0 : 1;
    });
    gnutls_session_set_verify_function(session_, verify);
  }
  ~GnutlsSide() override { gnutls_deinit(session_); }

  void start() override { work(); }
  void take(const std::string& bytes) override {
    input_ += bytes;
    work();
  }
  void send(const std::string& data) override {
    for (std::size_t at = 0; at < data.size() && failure_.empty();) {
      const ssize_t sent = gnutls_record_send(session_, data.data() + at, data.size() - at);
      if (sent < 0) return judge(static_cast<int>(sent), "gnutls_record_send");
      at += static_cast<std::size_t>(sent);
    }
  }
  void update_key(bool asks_back) override {
    judge(gnutls_session_key_update(session_, asks_back ? GNUTLS_KU_PEER : 0),
          "gnutls_session_key_update");
  }
  void close() override { gnutls_bye(session_, GNUTLS_SHUT_WR); }

  bool is_established() const override { return established_; }
  bool is_closed() const override { return closed_; }
  std::string failure() const override { return failure_; }
  gnutls_session_t session() { return session_; }

  Agreement agreement() override {
    Agreement out;
    out.version = gnutls_protocol_get_version(session_) == GNUTLS_TLS1_3   ? 0x0304
                  : gnutls_protocol_get_version(session_) == GNUTLS_TLS1_2 ? 0x0303
                                                                           : 0;
    switch (gnutls_cipher_get(session_)) {
      case GNUTLS_CIPHER_AES_256_GCM:
        out.cipher = name_of(Cipher::aes256);
        break;
      case GNUTLS_CIPHER_AES_128_GCM:
        out.cipher = name_of(Cipher::aes128);
        break;
      case GNUTLS_CIPHER_CHACHA20_POLY1305:
        out.cipher = name_of(Cipher::chacha20);
        break;
      default:
        out.cipher = "another";
    }
    switch (gnutls_group_get(session_)) {
      case GNUTLS_GROUP_X25519:
        out.group = name_of(Group::x25519);
        break;
      case GNUTLS_GROUP_SECP256R1:
        out.group = name_of(Group::p256);
        break;
      case GNUTLS_GROUP_SECP384R1:
        out.group = name_of(Group::p384);
        break;
      case GNUTLS_GROUP_SECP521R1:
        out.group = name_of(Group::p521);
        break;
      default:
        break;
    }
    gnutls_datum_t protocol{};
    if (gnutls_alpn_get_selected_protocol(session_, &protocol) == 0) {
      out.protocol = text_of(protocol);
    }
    out.resumed = gnutls_session_is_resumed(session_) != 0;
    unsigned count = 0;
    if (const gnutls_datum_t* peer = gnutls_certificate_get_peers(session_, &count); count != 0) {
      out.peer_der = text_of(*peer);
    }
    out.exported = exported(nullptr);
    out.exported_with_context = exported(kExporterContext);
    if (out.version == 0x0303) out.binding_unique = binding(GNUTLS_CB_TLS_UNIQUE);
    out.binding_end_point = binding(GNUTLS_CB_TLS_SERVER_END_POINT);
    out.binding_exporter = binding(GNUTLS_CB_TLS_EXPORTER);
    return out;
  }

 private:
  static ssize_t push(gnutls_transport_ptr_t self, const void* data, std::size_t size) {
    static_cast<GnutlsSide*>(self)->output_.append(static_cast<const char*>(data), size);
    return static_cast<ssize_t>(size);
  }
  static ssize_t pull(gnutls_transport_ptr_t self, void* data, std::size_t size) {
    auto* side = static_cast<GnutlsSide*>(self);
    if (side->input_.empty()) {
      gnutls_transport_set_errno(side->session_, EAGAIN);
      return -1;
    }
    size = std::min(size, side->input_.size());
    side->input_.copy(static_cast<char*>(data), size);
    side->input_.erase(0, size);
    return static_cast<ssize_t>(size);
  }
  /// 0 when the peer is good. A client that shows nothing is judged by GNUTLS_CERT_REQUIRE.
  static int verify(gnutls_session_t session) {
    auto* side = static_cast<GnutlsSide*>(gnutls_session_get_ptr(session));
    unsigned count = 0, status = 0;
    if (gnutls_certificate_get_peers(session, &count) == nullptr || count == 0) return 0;
    const int result = gnutls_certificate_verify_peers3(session, side->target_, &status);
    return result == 0 && status == 0 ? 0 : GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR;
  }
  void work() {
    while (!established_ && failure_.empty()) {
      const int result = gnutls_handshake(session_);
      if (result == GNUTLS_E_AGAIN && input_.empty()) return;
      if (result < 0 && gnutls_error_is_fatal(result) == 0) continue;
      if (result < 0) gnutls_alert_send_appropriate(session_, result);
      judge(result, "gnutls_handshake");
      established_ = result == 0;
    }
    while (established_ && failure_.empty() && !closed_) {
      char piece[20'000];
      const ssize_t size = gnutls_record_recv(session_, piece, sizeof piece);
      if (size > 0) {
        data_.append(piece, static_cast<std::size_t>(size));
        continue;
      }
      if (size == 0) closed_ = true;
      // It also says so after a message of the handshake, with more at hand.
      if (size == GNUTLS_E_AGAIN && input_.empty()) return;
      if (size < 0 && gnutls_error_is_fatal(static_cast<int>(size)) != 0) {
        gnutls_alert_send_appropriate(session_, static_cast<int>(size));
        judge(static_cast<int>(size), "gnutls_record_recv");
      }
    }
  }
  void judge(int result, const char* call) {
    if (result >= 0 || !failure_.empty()) return;
    failure_ = std::string(call) + ": " + gnutls_strerror(result);
  }
  std::string exported(const char* context) {
    std::string out(kExportedBytes, '\0');
    require(gnutls_prf_rfc5705(session_, sizeof kExporterLabel - 1, kExporterLabel,
                               context != nullptr ? sizeof kExporterContext - 1 : 0, context,
                               out.size(), out.data()),
            "gnutls_prf_rfc5705");
    return out;
  }
  std::string binding(gnutls_channel_binding_t kind) {
    gnutls_datum_t value{};
    if (gnutls_session_channel_binding(session_, kind, &value) != 0) return {};
    std::string out = text_of(value);
    gnutls_free(value.data);
    return out;
  }

  gnutls_session_t session_;
  const char* target_;  ///< nullptr on servers.
  std::string input_, failure_;
  bool established_ = false, closed_ = false;
};

class GnutlsParty final : public Party {
 public:
  GnutlsParty(Role role, const Configuration& c, const Identities& identities)
      : role_(role), configuration_(c), offer_(role == Role::server ? c.server : c.client) {
    const bool is_server = role == Role::server;
    require(gnutls_certificate_allocate_credentials(&credentials_), "credentials");
    const Identity* own = is_server              ? &identities.server(c.certificate)
                          : c.client_certificate ? &identities.client(*c.client_certificate)
                                                 : nullptr;
    if (own != nullptr) {
      const gnutls_datum_t chain = datum_of(own->chain_pem), key = datum_of(own->key_pem);
      require(gnutls_certificate_set_x509_key_mem(credentials_, &chain, &key, GNUTLS_X509_FMT_PEM),
              "gnutls_certificate_set_x509_key_mem");
    }
    const bool trusts = is_server ? c.server_trusts : c.client_trusts;
    const gnutls_datum_t root = datum_of(trusts ? identities.root_pem : identities.other_root_pem);
    require(gnutls_certificate_set_x509_trust_mem(credentials_, &root, GNUTLS_X509_FMT_PEM),
            "gnutls_certificate_set_x509_trust_mem");
    if (is_server) require(gnutls_session_ticket_key_generate(&ticket_key_), "ticket key");
    const char* wrong = nullptr;
    require(gnutls_priority_init(&priority_, priority_of(offer_).c_str(), &wrong),
            "gnutls_priority_init");
  }
  ~GnutlsParty() override {
    gnutls_certificate_free_credentials(credentials_);
    gnutls_priority_deinit(priority_);
    gnutls_free(ticket_key_.data);
  }

  std::unique_ptr<Side> connect() override {
    const bool is_server = role_ == Role::server;
    gnutls_session_t session = nullptr;
    unsigned flags = GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL |
                     (is_server ? GNUTLS_SERVER : GNUTLS_CLIENT | GNUTLS_FORCE_CLIENT_CERT);
    if (!offer_.sessions) flags |= GNUTLS_NO_TICKETS;
    require(gnutls_init(&session, flags), "gnutls_init");
    auto side =
        std::make_unique<GnutlsSide>(session, is_server ? nullptr : target_of(configuration_));
    require(gnutls_priority_set(session, priority_), "gnutls_priority_set");
    require(gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials_), "credentials");
    gnutls_handshake_set_timeout(session, GNUTLS_INDEFINITE_TIMEOUT);
    if (!offer_.protocols.empty()) {
      std::vector<gnutls_datum_t> protocols;
      for (const std::string& protocol : offer_.protocols) protocols.push_back(datum_of(protocol));
      // Of several, the server's first; without a common one, failure (RFC 7301 section 3.2).
      gnutls_alpn_set_protocols(session, protocols.data(), static_cast<unsigned>(protocols.size()),
                                GNUTLS_ALPN_MANDATORY | GNUTLS_ALPN_SERVER_PRECEDENCE);
    }
    if (is_server) {
      switch (configuration_.client_authentication) {
        case ClientAuthentication::none:
          break;
        case ClientAuthentication::requested:
          gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUEST);
          break;
        case ClientAuthentication::required:
          gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUIRE);
          break;
      }
      if (offer_.sessions) gnutls_session_ticket_enable_server(session, &ticket_key_);
    } else {
      const std::string target = target_of(configuration_);
      gnutls_server_name_set(session, GNUTLS_NAME_DNS, target.data(), target.size());
      if (!session_.empty()) gnutls_session_set_data(session, session_.data(), session_.size());
    }
    return side;
  }

  void keep_session(Side& side) override {
    if (!offer_.sessions) return;
    const gnutls_session_t session = static_cast<GnutlsSide&>(side).session();
    // Of TLS 1.3 it would wait for a ticket that never comes.
    if (gnutls_protocol_get_version(session) == GNUTLS_TLS1_3 &&
        (gnutls_session_get_flags(session) & GNUTLS_SFLAGS_SESSION_TICKET) == 0) {
      return;
    }
    gnutls_datum_t data{};
    if (gnutls_session_get_data2(session, &data) != 0) return;
    session_ = text_of(data);
    gnutls_free(data.data);
  }

 private:
  const Role role_;
  const Configuration& configuration_;
  const Offer& offer_;
  gnutls_certificate_credentials_t credentials_ = nullptr;
  gnutls_priority_t priority_ = nullptr;
  gnutls_datum_t ticket_key_{};
  std::string session_;
};

}  // namespace

std::unique_ptr<Party> make_gnutls(Role role, const Configuration& c,
                                   const Identities& identities) {
  return std::make_unique<GnutlsParty>(role, c, identities);
}

}  // namespace differential
