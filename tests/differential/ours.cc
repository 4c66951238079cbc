#include <algorithm>
#include <deque>
#include <stdexcept>

#include "party.h"
#include "support/endpoint.h"

// OpenSchannel's end, through its public functions.
namespace differential {
namespace {

using sspi_test::Endpoint;

constexpr ULONG kClientFlags = ISC_REQ_SEQUENCE_DETECT | ISC_REQ_REPLAY_DETECT |
                               ISC_REQ_CONFIDENTIALITY | ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_STREAM |
                               ISC_REQ_EXTENDED_ERROR;
constexpr ULONG kServerFlags = ASC_REQ_SEQUENCE_DETECT | ASC_REQ_REPLAY_DETECT |
                               ASC_REQ_CONFIDENTIALITY | ASC_REQ_ALLOCATE_MEMORY | ASC_REQ_STREAM |
                               ASC_REQ_EXTENDED_ERROR;

void require(bool good, const std::string& what) {
  if (!good) throw std::runtime_error(what + ": " + OpenSchannelErrorDetail());
}

/// SEC_APPLICATION_PROTOCOLS.
std::string protocol_list(const std::vector<std::string>& protocols) {
  if (protocols.empty()) return {};
  std::string list;
  for (const std::string& protocol : protocols) {
    list += static_cast<char>(protocol.size());
    list += protocol;
  }
  const ULONG size = static_cast<ULONG>(list.size()) + 6,
              extension = SecApplicationProtocolNegotiationExt_ALPN;
  const auto list_size = static_cast<unsigned short>(list.size());
  std::string out(reinterpret_cast<const char*>(&size), 4);
  out.append(reinterpret_cast<const char*>(&extension), 4);
  out.append(reinterpret_cast<const char*>(&list_size), 2);
  return out + list;
}

HCERTSTORE store_of(const std::string& chain, const std::string& key) {
  const HCERTSTORE store = OpenSchannelImportPem(
      reinterpret_cast<const BYTE*>(chain.data()), static_cast<DWORD>(chain.size()),
      key.empty() ? nullptr : reinterpret_cast<const BYTE*>(key.data()),
      static_cast<DWORD>(key.size()), nullptr);
  require(store != nullptr, "OpenSchannelImportPem");
  return store;
}

/// TLS_PARAMETERS that leave nothing but what `offer` has.
class Restrictions {
 public:
  explicit Restrictions(const Offer& offer) {
    if (!offer.tls12) {
      parameters_.grbitDisabledProtocols |= SP_PROT_TLS1_2_CLIENT | SP_PROT_TLS1_2_SERVER;
    }
    if (!offer.tls13) {
      parameters_.grbitDisabledProtocols |= SP_PROT_TLS1_3_CLIENT | SP_PROT_TLS1_3_SERVER;
    }
    const auto has_cipher = [&](Cipher cipher) {
      return std::find(offer.ciphers.begin(), offer.ciphers.end(), cipher) != offer.ciphers.end();
    };
    if (!has_cipher(Cipher::aes256)) disable(TlsParametersCngAlgUsageCipher, L"AES", 256);
    if (!has_cipher(Cipher::aes128)) disable(TlsParametersCngAlgUsageCipher, L"AES", 128);
    if (!has_cipher(Cipher::chacha20)) {
      disable(TlsParametersCngAlgUsageCipher, L"CHACHA20_POLY1305", 0);
    }
    constexpr const wchar_t* kGroups[] = {L"x25519", L"ECDH_P256", L"ECDH_P384", L"ECDH_P521"};
    for (const Group group : {Group::x25519, Group::p256, Group::p384, Group::p521}) {
      if (std::find(offer.groups.begin(), offer.groups.end(), group) == offer.groups.end()) {
        disable(TlsParametersCngAlgUsageKeyExchange, kGroups[static_cast<int>(group)], 0);
      }
    }
    parameters_.cDisabledCrypto = static_cast<DWORD>(settings_.size());
    parameters_.pDisabledCrypto = settings_.data();
  }
  PTLS_PARAMETERS parameters() { return &parameters_; }

 private:
  void disable(eTlsAlgorithmUsage usage, const wchar_t* name, DWORD bits) {
    std::wstring& kept = names_.emplace_back(name);
    const auto size = static_cast<USHORT>(kept.size() * sizeof(wchar_t));
    CRYPTO_SETTINGS setting{};
    setting.eAlgorithmUsage = usage;
    setting.strCngAlgId = {size, size, kept.data()};
    setting.dwMinBitLength = setting.dwMaxBitLength = bits;
    settings_.push_back(setting);
  }

  TLS_PARAMETERS parameters_{};
  std::vector<CRYPTO_SETTINGS> settings_;
  std::deque<std::wstring> names_;
};

class OurSide final : public Side {
 public:
  OurSide(Role role, CredHandle* credential, ULONG flags, const Configuration& c)
      : flags_(flags),
        endpoint_(role == Role::server, credential, flags,
                  role == Role::client ? target_of(c) : ""),
        protocols_(protocol_list(role == Role::client ? c.client.protocols : c.server.protocols)),
        keeps_session_(role == Role::client ? c.client.sessions : c.server.sessions) {
    endpoint_.set_protocols(protocols_);
  }

  void start() override {
    act([&] { endpoint_.start(); });
  }
  void take(const std::string& bytes) override {
    act([&] { endpoint_.take(bytes); });
  }
  void send(const std::string& data) override {
    act([&] { endpoint_.send(data); });
  }
  /// REN-12: ours always ask back. A server that wants a certificate would ask for one.
  void update_key(bool) override {
    endpoint_.set_flags(flags_ & ~static_cast<ULONG>(ASC_REQ_MUTUAL_AUTH));
    start();
  }
  void close() override {
    act([&] { endpoint_.shut_down(); });
  }

  bool is_established() const override { return endpoint_.is_established(); }
  bool is_closed() const override { return endpoint_.is_closed(); }
  std::string failure() const override {
    return endpoint_.has_failed() ? endpoint_.explanation() : "";
  }

  Agreement agreement() override {
    Agreement out;
    SecPkgContext_CipherInfo cipher{};
    cipher.dwVersion = SECPKGCONTEXT_CIPHERINFO_V1;
    query(SECPKG_ATTR_CIPHER_INFO, cipher);
    out.version = static_cast<std::uint16_t>(cipher.dwProtocol);
    out.cipher = cipher_name(cipher.dwCipherSuite);
    SecPkgContext_ConnectionInfo connection{};
    query(SECPKG_ATTR_CONNECTION_INFO, connection);
    out.group = group_name(connection.dwExchStrength);
    SecPkgContext_ApplicationProtocol protocol{};
    query(SECPKG_ATTR_APPLICATION_PROTOCOL, protocol);
    out.protocol.assign(reinterpret_cast<const char*>(protocol.ProtocolId),
                        protocol.ProtocolIdSize);
    SecPkgContext_SessionInfo session{};
    query(SECPKG_ATTR_SESSION_INFO, session);
    out.resumed = (session.dwFlags & SSL_SESSION_RECONNECT) != 0;
    PCCERT_CONTEXT peer = nullptr;
    if (QueryContextAttributesA(endpoint_.context(), SECPKG_ATTR_REMOTE_CERT_CONTEXT, &peer) ==
        SEC_E_OK) {
      out.peer_der.assign(reinterpret_cast<const char*>(peer->pbCertEncoded), peer->cbCertEncoded);
      CertFreeCertificateContext(peer);
    }
    out.exported = exported(nullptr);
    out.exported_with_context = exported(kExporterContext);
    out.binding_unique = binding(SECPKG_ATTR_UNIQUE_BINDINGS, "tls-unique:");
    out.binding_end_point = binding(SECPKG_ATTR_ENDPOINT_BINDINGS, "tls-server-end-point:");
    out.binding_exporter = binding(OPENSCHANNEL_ATTR_EXPORTER_BINDINGS, "tls-exporter:");
    return out;
  }

 private:
  template <class Action>
  void act(Action action) {
    action();
    output_ += endpoint_.take_output();
    data_ += endpoint_.take_data();
    if (keeps_session_ || !endpoint_.is_established()) return;
    keeps_session_ = true;
    SCHANNEL_SESSION_TOKEN token{SCHANNEL_SESSION, SSL_SESSION_DISABLE_RECONNECTS};
    SecBuffer buffer{sizeof token, SECBUFFER_TOKEN, &token};
    SecBufferDesc desc{SECBUFFER_VERSION, 1, &buffer};
    require(ApplyControlToken(endpoint_.context(), &desc) == SEC_E_OK, "SCHANNEL_SESSION");
  }
  template <class T>
  void query(ULONG id, T& out) {
    const SECURITY_STATUS status = QueryContextAttributesA(endpoint_.context(), id, &out);
    require(status == SEC_E_OK, "attribute " + std::to_string(id));
  }
  static std::string cipher_name(DWORD suite) {
    switch (suite) {
      case 0x1302:
      case 0xC02C:
      case 0xC030:
        return name_of(Cipher::aes256);
      case 0x1301:
      case 0xC02B:
      case 0xC02F:
        return name_of(Cipher::aes128);
      case 0x1303:
      case 0xCCA8:
      case 0xCCA9:
        return name_of(Cipher::chacha20);
      default:
        return "suite " + std::to_string(suite);
    }
  }
  static std::string group_name(DWORD bits) {
    switch (bits) {
      case 255:
        return name_of(Group::x25519);
      case 256:
        return name_of(Group::p256);
      case 384:
        return name_of(Group::p384);
      case 521:
        return name_of(Group::p521);
      default:
        return {};
    }
  }
  std::string exported(const char* context) {
    char label[] = "EXPORTER-differential";
    std::string value = context != nullptr ? context : "";
    SecPkgContext_KeyingMaterialInfo info{};
    info.cbLabel = sizeof label;
    info.pszLabel = label;
    info.cbContextValue = static_cast<WORD>(value.size());
    info.pbContextValue = context != nullptr ? reinterpret_cast<PBYTE>(value.data()) : nullptr;
    info.cbKeyingMaterial = kExportedBytes;
    require(SetContextAttributesA(endpoint_.context(), SECPKG_ATTR_KEYING_MATERIAL_INFO, &info,
                                  sizeof info) == SEC_E_OK,
            "KEYING_MATERIAL_INFO");
    SecPkgContext_KeyingMaterial material{};
    query(SECPKG_ATTR_KEYING_MATERIAL, material);
    std::string out(reinterpret_cast<const char*>(material.pbKeyingMaterial),
                    material.cbKeyingMaterial);
    FreeContextBuffer(material.pbKeyingMaterial);
    return out;
  }
  std::string binding(ULONG id, const std::string& prefix) {
    SecPkgContext_Bindings bindings{};
    if (QueryContextAttributesA(endpoint_.context(), id, &bindings) != SEC_E_OK) return {};
    const SEC_CHANNEL_BINDINGS* header = bindings.Bindings;
    std::string out(reinterpret_cast<const char*>(header) + header->dwApplicationDataOffset,
                    header->cbApplicationDataLength);
    FreeContextBuffer(bindings.Bindings);
    require(out.compare(0, prefix.size(), prefix) == 0, "the prefix of " + prefix);
    return out.substr(prefix.size());
  }

  const ULONG flags_;
  Endpoint endpoint_;
  std::string protocols_;
  bool keeps_session_;  ///< Or has said that it doesn't want it.
};

class OurParty final : public Party {
 public:
  OurParty(Role role, const Configuration& c, const Identities& identities)
      : role_(role), configuration_(c) {
    const bool is_server = role == Role::server;
    const Offer& offer = is_server ? c.server : c.client;
    Restrictions restrictions(offer);
    SCH_CREDENTIALS data{};
    data.dwVersion = SCH_CREDENTIALS_VERSION;
    data.cTlsParameters = 1;
    data.pTlsParameters = restrictions.parameters();
    const Identity* own = is_server              ? &identities.server(c.certificate)
                          : c.client_certificate ? &identities.client(*c.client_certificate)
                                                 : nullptr;
    PCCERT_CONTEXT certificate = nullptr;
    HCERTSTORE own_store = nullptr;
    if (own != nullptr) {
      own_store = store_of(own->chain_pem, own->key_pem);
      certificate = CertEnumCertificatesInStore(own_store, nullptr);
      data.cCreds = 1;
      data.paCred = &certificate;
    }
    const bool trusts = is_server ? c.server_trusts : c.client_trusts;
    const HCERTSTORE roots = store_of(trusts ? identities.root_pem : identities.other_root_pem, "");
    data.hRootStore = roots;
    data.dwFlags = is_server ? 0 : SCH_CRED_NO_DEFAULT_CREDS | SCH_CRED_AUTO_CRED_VALIDATION;
    if (is_server && !offer.sessions) data.dwFlags |= SCH_CRED_DISABLE_RECONNECTS;
    if (is_server && c.client_authentication == ClientAuthentication::required) {
      data.dwFlags |= OPENSCHANNEL_CRED_REQUIRE_CLIENT_CERTIFICATE;
    }
    char package[] = UNISP_NAME_A;
    const SECURITY_STATUS status = AcquireCredentialsHandleA(
        nullptr, package, is_server ? SECPKG_CRED_INBOUND : SECPKG_CRED_OUTBOUND, nullptr, &data,
        nullptr, nullptr, &credential_, nullptr);
    CertCloseStore(roots, 0);
    CertFreeCertificateContext(certificate);
    if (own_store != nullptr) CertCloseStore(own_store, 0);
    require(status == SEC_E_OK, "AcquireCredentialsHandle");
  }
  ~OurParty() override { FreeCredentialsHandle(&credential_); }

  std::unique_ptr<Side> connect() override {
    ULONG flags = role_ == Role::server ? kServerFlags : kClientFlags;
    if (role_ == Role::server) {
      if (configuration_.client_authentication != ClientAuthentication::none) {
        flags |= ASC_REQ_MUTUAL_AUTH;
      }
      if (configuration_.server.sessions) flags |= ASC_REQ_SESSION_TICKET;
    }
    return std::make_unique<OurSide>(role_, &credential_, flags, configuration_);
  }

 private:
  const Role role_;
  const Configuration& configuration_;
  CredHandle credential_{};
};

}  // namespace

std::unique_ptr<Party> make_ours(Role role, const Configuration& c, const Identities& identities) {
  return std::make_unique<OurParty>(role, c, identities);
}

}  // namespace differential
