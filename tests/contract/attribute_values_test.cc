#include "support/libssl_peer.h"

#include <algorithm>

#include "support/attributes.h"

// The values of attributes, compared with what libssl or a computation of our own says: channel
// bindings, exporters, EAP, names and lists; and what can be set (contract sections K.2 to K.5).
namespace contract {
namespace {

/// A structure of an attribute that gives back what it holds.
template <class T>
class Queried {
 public:
  Queried(CtxtHandle& context, ULONG id) : id_(id), buffer_(attribute_room(id, sizeof(T))) {
    status = QueryContextAttributesW(&context, id, buffer_.data());
  }
  Queried(const Queried&) = delete;
  Queried& operator=(const Queried&) = delete;
  ~Queried() {
    if (status == SEC_E_OK) release_attribute(id_, buffer_);
  }
  T value() const {
    T out;
    std::memcpy(&out, buffer_.data(), sizeof out);
    return out;
  }
  SECURITY_STATUS status;

 private:
  ULONG id_;
  Bytes buffer_;
};

Bytes bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

/// What stands behind SEC_CHANNEL_BINDINGS, after the header has been looked at (ATTR-40).
Bytes binding(CtxtHandle& context, ULONG id) {
  const Queried<SecPkgContext_Bindings> queried(context, id);
  EXPECT_EQ(queried.status, SEC_E_OK) << OpenSchannelErrorDetail();
  if (queried.status != SEC_E_OK) return {};
  const SecPkgContext_Bindings bindings = queried.value();
  const SEC_CHANNEL_BINDINGS& header = *bindings.Bindings;
  EXPECT_EQ(sizeof header, 32U);
  SEC_CHANNEL_BINDINGS expected{};
  expected.cbApplicationDataLength = bindings.BindingsLength - 32;
  expected.dwApplicationDataOffset = 32;
  EXPECT_EQ(std::memcmp(&header, &expected, sizeof header), 0);
  const auto* data = reinterpret_cast<const BYTE*>(&header) + header.dwApplicationDataOffset;
  return {data, data + header.cbApplicationDataLength};
}

Bytes prefixed(const std::string& prefix, const Bytes& value) {
  Bytes out = bytes_of(prefix);
  out.insert(out.end(), value.begin(), value.end());
  return out;
}

Bytes exported_by(SSL* ssl, const std::string& label, std::size_t size,
                  const Bytes* context = nullptr) {
  Bytes out(size);
  EXPECT_EQ(SSL_export_keying_material(ssl, out.data(), out.size(), label.data(), label.size(),
                                       context != nullptr ? context->data() : nullptr,
                                       context != nullptr ? context->size() : 0,
                                       context != nullptr ? 1 : 0),
            1);
  return out;
}

Bytes digest(const Issued& of, const char* algorithm) {
  unsigned char* der = nullptr;
  const int size = i2d_X509(of.certificate.get(), &der);
  Bytes out(EVP_MAX_MD_SIZE);
  std::size_t digest_size = 0;
  EXPECT_EQ(EVP_Q_digest(nullptr, algorithm, nullptr, der, static_cast<std::size_t>(size),
                         out.data(), &digest_size),
            1);
  OPENSSL_free(der);
  out.resize(digest_size);
  return out;
}

/// Our client with libssl's server, and our server with libssl's client.
class Values : public testing::TestWithParam<std::tuple<Tls, bool>> {
 protected:
  bool ours_is_server() const { return std::get<1>(GetParam()); }
  Tls version() const { return std::get<0>(GetParam()); }

  void SetUp() override {
    if (ours_is_server()) {
      own_.emplace(leaf_);
      PCCERT_CONTEXT context = own_->context.get();
      credential_.emplace(SECPKG_CRED_INBOUND, version(),
                          [&](SCH_CREDENTIALS& data) { data.paCred = &context; });
    } else {
      roots_.emplace(trusting({root_}));
      credential_.emplace(SECPKG_CRED_OUTBOUND, version(),
                          [&](SCH_CREDENTIALS& data) { data.hRootStore = roots_->get(); });
    }
    ours_.emplace(ours_is_server(), &credential_->handle);
    peer_.emplace(ours_is_server() ? LibsslPeer::client : LibsslPeer::server, version());
    if (!ours_is_server()) peer_->use(leaf_);
    peer_->start();
    ASSERT_TRUE(connect(*ours_, *peer_));
  }
  CtxtHandle& context() { return ours_->context; }
  SSL* ssl() { return peer_->ssl.get(); }

  Issued root_ = make_root();
  Issued leaf_ = issue({}, &root_);
  std::optional<OwnCertificate> own_;
  std::optional<certificates::Store> roots_;
  std::optional<Credential> credential_;
  std::optional<Side> ours_;
  std::optional<LibsslPeer> peer_;
};
INSTANTIATE_TEST_SUITE_P(Tls, Values,
                         testing::Combine(testing::Values(Tls::v12, Tls::v13), testing::Bool()),
                         [](const testing::TestParamInfo<std::tuple<Tls, bool>>& test) {
                           return std::string(std::get<0>(test.param) == Tls::v13 ? "tls13"
                                                                                  : "tls12") +
                                  (std::get<1>(test.param) ? "_server" : "_client");
                         });

TEST_P(Values, ATTR_23_unique_bindings_are_the_first_finished) {
  if (version() == Tls::v13) {
    SecPkgContext_Bindings bindings{};
    EXPECT_EQ(QueryContextAttributesW(&context(), SECPKG_ATTR_UNIQUE_BINDINGS, &bindings),
              SEC_E_UNSUPPORTED_FUNCTION);
    EXPECT_STRNE(OpenSchannelErrorDetail(), "");
    return;
  }
  // RFC 5929 section 3.1: in a full handshake, the client's.
  Bytes finished(12);
  const std::size_t size = ours_is_server()
                               ? SSL_get_finished(ssl(), finished.data(), finished.size())
                               : SSL_get_peer_finished(ssl(), finished.data(), finished.size());
  ASSERT_EQ(size, 12U);
  EXPECT_EQ(binding(context(), SECPKG_ATTR_UNIQUE_BINDINGS), prefixed("tls-unique:", finished));
}

TEST_P(Values, ATTR_24_endpoint_bindings_are_of_the_servers_certificate) {
  EXPECT_EQ(binding(context(), SECPKG_ATTR_ENDPOINT_BINDINGS),
            prefixed("tls-server-end-point:", digest(leaf_, "SHA256")));
}

TEST_P(Values, ATTR_40_exporter_bindings_of_RFC_9266) {
  const Bytes empty;
  EXPECT_EQ(binding(context(), OPENSCHANNEL_ATTR_EXPORTER_BINDINGS),
            prefixed("tls-exporter:", exported_by(ssl(), "EXPORTER-Channel-Binding", 32, &empty)));
}

SECURITY_STATUS ask_for(CtxtHandle& context, std::string label, Bytes value, DWORD size) {
  SecPkgContext_KeyingMaterialInfo info{};
  info.cbLabel = static_cast<WORD>(label.size() + 1);
  info.pszLabel = label.data();
  info.cbContextValue = static_cast<WORD>(value.size());
  info.pbContextValue = value.empty() ? nullptr : value.data();
  info.cbKeyingMaterial = size;
  return SetContextAttributesW(&context, SECPKG_ATTR_KEYING_MATERIAL_INFO, &info, sizeof info);
}

TEST_P(Values, ATTR_38_keying_material_is_that_of_libssl) {
  // ATTR-49: not before somebody has said what.
  SecPkgContext_KeyingMaterial nothing{};
  EXPECT_EQ(QueryContextAttributesW(&context(), SECPKG_ATTR_KEYING_MATERIAL, &nothing),
            SEC_E_INVALID_PARAMETER);
  const struct {
    const char* label;
    Bytes value;
    DWORD size;
  } rows[] = {{"EXPORTER-test", {}, 32},
              {"EXPORTER-test", {1, 2, 3}, 32},
              {"EXPERIMENTAL mine", {}, 1},
              {"EXPERIMENTAL mine", Bytes(700, 7), 8160},
              {"ttls keying material", {}, 128}};
  for (const auto& row : rows) {
    ASSERT_EQ(ask_for(context(), row.label, row.value, row.size), SEC_E_OK)
        << OpenSchannelErrorDetail();
    const Queried<SecPkgContext_KeyingMaterial> queried(context(), SECPKG_ATTR_KEYING_MATERIAL);
    ASSERT_EQ(queried.status, SEC_E_OK);
    const SecPkgContext_KeyingMaterial material = queried.value();
    ASSERT_EQ(material.cbKeyingMaterial, row.size);
    EXPECT_EQ(Bytes(material.pbKeyingMaterial, material.pbKeyingMaterial + row.size),
              exported_by(ssl(), row.label, row.size, row.value.empty() ? nullptr : &row.value))
        << row.label;
  }
}

TEST_P(Values, ATTR_49_what_makes_no_exporter_is_refused) {
  const Bytes none;
  for (const char* label : {"", "master secret", "key expansion", "client finished",
                            "server finished", "extended master secret"}) {
    EXPECT_EQ(ask_for(context(), label, none, 32), SEC_E_INVALID_PARAMETER) << label;
  }
  EXPECT_EQ(ask_for(context(), std::string(250, 'x'), none, 32), SEC_E_INVALID_PARAMETER);
  EXPECT_EQ(ask_for(context(), std::string("EXPORTER\0x", 10), none, 32), SEC_E_INVALID_PARAMETER);
  EXPECT_EQ(ask_for(context(), "EXPORTER-x", none, 0), SEC_E_INVALID_PARAMETER);
  EXPECT_EQ(ask_for(context(), "EXPORTER-x", none, 8161), SEC_E_INVALID_PARAMETER);
  char label[] = "EXPORTER-x";
  BYTE value[1] = {};
  SecPkgContext_KeyingMaterialInfo info{sizeof label, label, 0, value, 32};
  const auto set = [&](ULONG size = sizeof(SecPkgContext_KeyingMaterialInfo)) {
    return SetContextAttributesA(&context(), SECPKG_ATTR_KEYING_MATERIAL_INFO, &info, size);
  };
  EXPECT_EQ(set(), SEC_E_INVALID_PARAMETER);  // a pointer without a size
  info.pbContextValue = nullptr;
  info.cbContextValue = 1;
  EXPECT_EQ(set(), SEC_E_INVALID_PARAMETER);
  info.cbContextValue = 0;
  info.cbLabel = sizeof label - 1;  // without its terminator
  EXPECT_EQ(set(), SEC_E_INVALID_PARAMETER);
  info.cbLabel = sizeof label;
  EXPECT_EQ(set(sizeof info - 1), SEC_E_INVALID_PARAMETER);  // ATTR-6
  EXPECT_EQ(set(sizeof info + 1), SEC_E_INVALID_PARAMETER);
  EXPECT_EQ(
      SetContextAttributesA(&context(), SECPKG_ATTR_KEYING_MATERIAL_INFO, nullptr, sizeof info),
      SEC_E_INVALID_PARAMETER);
  EXPECT_EQ(set(), SEC_E_OK);
}

SECURITY_STATUS use_prf(CtxtHandle& context, DWORD id) {
  SecPkgContext_EapPrfInfo info{0, sizeof id, reinterpret_cast<BYTE*>(&id)};
  return SetContextAttributesW(&context, SECPKG_ATTR_EAP_PRF_INFO, &info, sizeof info);
}

TEST_P(Values, ATTR_33_eap_keys_follow_RFC_5216_and_RFC_9190) {
  const bool tls13 = version() == Tls::v13;
  const Bytes eap_tls{0x0d}, eap_ttls{0x15};
  const struct {
    std::optional<DWORD> prf;
    std::string label;
    const Bytes* value;
  } rows[] = {{std::nullopt, tls13 ? "EXPORTER_EAP_TLS_Key_Material" : "client EAP encryption",
               tls13 ? &eap_tls : nullptr},
              {1, tls13 ? "EXPORTER_EAP_TLS_Key_Material" : "ttls keying material",
               tls13 ? &eap_ttls : nullptr},
              {2, "ttls challenge", nullptr},
              {0, tls13 ? "EXPORTER_EAP_TLS_Key_Material" : "client EAP encryption",
               tls13 ? &eap_tls : nullptr}};
  for (const auto& row : rows) {
    if (row.prf) {
      ASSERT_EQ(use_prf(context(), *row.prf), SEC_E_OK);
    }
    SecPkgContext_EapKeyBlock block{};
    ASSERT_EQ(QueryContextAttributesW(&context(), SECPKG_ATTR_EAP_KEY_BLOCK, &block), SEC_E_OK);
    EXPECT_EQ(Bytes(block.rgbKeys, block.rgbKeys + 128),
              exported_by(ssl(), row.label, 128, row.value))
        << row.label;
    const bool has_iv = !tls13 && row.prf.value_or(0) == 0;
    EXPECT_EQ(Bytes(block.rgbIVs, block.rgbIVs + 64) == Bytes(64), !has_iv) << row.label;
  }
  // ATTR-46: EAP-FAST's would be the keys of the records.
  EXPECT_EQ(use_prf(context(), 3), SEC_E_INVALID_PARAMETER);
  SecPkgContext_EapPrfInfo info{1, 4, nullptr};
  EXPECT_EQ(SetContextAttributesW(&context(), SECPKG_ATTR_EAP_PRF_INFO, &info, sizeof info),
            SEC_E_INVALID_PARAMETER);
}

TEST_P(Values, ATTR_16_the_session_key_is_one_that_both_sides_can_make) {
  const Queried<SecPkgContext_SessionKey> queried(context(), SECPKG_ATTR_SESSION_KEY);
  ASSERT_EQ(queried.status, SEC_E_OK);
  ASSERT_EQ(queried.value().SessionKeyLength, 32U);
  EXPECT_EQ(Bytes(queried.value().SessionKey, queried.value().SessionKey + 32),
            exported_by(ssl(), "EXPERIMENTAL OpenSchannel session key", 32));
}

TEST_P(Values, ATTR_13_key_info_names_signature_and_cipher) {
  SecPkgContext_KeyInfoA info{};
  ASSERT_EQ(QueryContextAttributesA(&context(), SECPKG_ATTR_KEY_INFO, &info), SEC_E_OK);
  EXPECT_STREQ(info.sSignatureAlgorithmName, "ECDSA");
  EXPECT_STREQ(info.sEncryptAlgorithmName, "AES");
  EXPECT_EQ(info.KeySize, 256U);
  EXPECT_EQ(info.SignatureAlgorithm, ULONG{CALG_ECDSA});
  EXPECT_EQ(info.EncryptAlgorithm, ULONG{CALG_AES_256});
  FreeContextBuffer(info.sSignatureAlgorithmName);
  FreeContextBuffer(info.sEncryptAlgorithmName);
}

TEST_P(Values, ATTR_21_target_information_is_the_name_on_clients) {
  const Queried<SecPkgContext_TargetInformation> queried(context(), SECPKG_ATTR_TARGET_INFORMATION);
  if (ours_is_server()) {
    EXPECT_EQ(queried.status, SEC_E_UNSUPPORTED_FUNCTION);
    return;
  }
  ASSERT_EQ(queried.status, SEC_E_OK);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(queried.value().MarshalledTargetInfo),
                        queried.value().MarshalledTargetInfoLength),
            "localhost");
}

TEST_P(Values, ATTR_30_root_store_lists_hRootStore) {
  const Queried<PCCERT_CONTEXT> queried(context(), SECPKG_ATTR_ROOT_STORE);
  if (ours_is_server()) {
    EXPECT_EQ(queried.status, SEC_E_UNSUPPORTED_FUNCTION);  // this one has none
    return;
  }
  ASSERT_EQ(queried.status, SEC_E_OK);
  unsigned char* der = nullptr;
  const int size = i2d_X509(root_.certificate.get(), &der);
  EXPECT_EQ(certificates::certificates_of(queried.value()->hCertStore),
            std::vector<Bytes>{Bytes(der, der + size)});
  OPENSSL_free(der);
}

TEST_P(Values, ATTR_44_connection_info_ex_and_the_remote_certificates) {
  SecPkgContext_ConnectionInfoEx info{};
  ASSERT_EQ(QueryContextAttributesW(&context(), SECPKG_ATTR_CONNECTION_INFO_EX, &info), SEC_E_OK);
  SecPkgContext_ConnectionInfo plain{};
  ASSERT_EQ(QueryContextAttributesW(&context(), SECPKG_ATTR_CONNECTION_INFO, &plain), SEC_E_OK);
  EXPECT_EQ(info.dwVersion, DWORD{SECPKGCONTEXT_CONNECTION_INFO_EX_V1});
  EXPECT_EQ(info.dwProtocol, plain.dwProtocol);
  EXPECT_STREQ(info.szCipher, L"AES");
  EXPECT_EQ(info.dwCipherStrength, plain.dwCipherStrength);
  EXPECT_STREQ(info.szHash, L"");
  EXPECT_STREQ(info.szExchange, L"ECDH");
  EXPECT_EQ(info.dwExchStrength, plain.dwExchStrength);

  const Queried<SecPkgContext_Certificates> queried(context(), SECPKG_ATTR_REMOTE_CERTIFICATES);
  if (ours_is_server()) {
    EXPECT_EQ(queried.status, SEC_E_NO_CREDENTIALS);  // an anonymous client
    return;
  }
  ASSERT_EQ(queried.status, SEC_E_OK);
  unsigned char* der = nullptr;
  const auto size = static_cast<std::size_t>(i2d_X509(leaf_.certificate.get(), &der));
  const std::string length{static_cast<char>(size >> 16), static_cast<char>(size >> 8),
                           static_cast<char>(size)};
  const Bytes expected = prefixed(length, Bytes(der, der + size));
  OPENSSL_free(der);
  const SecPkgContext_Certificates certificates = queried.value();
  EXPECT_EQ(certificates.cCertificates, 1U);
  EXPECT_EQ(Bytes(certificates.pbCertificateChain,
                  certificates.pbCertificateChain + certificates.cbCertificateChain),
            expected);
}

TEST_P(Values, ATTR_44_negotiated_extensions_are_the_servers_answer) {
  const Queried<SecPkgContext_NegotiatedTlsExtensions> queried(
      context(), SECPKG_ATTR_NEGOTIATED_TLS_EXTENSIONS);
  ASSERT_EQ(queried.status, SEC_E_OK);
  std::vector<WORD> types;
  for (DWORD i = 0; i < queried.value().ExtensionsCount; ++i) {
    const SCH_EXTENSION_DATA& extension = queried.value().Extensions[i];
    types.push_back(extension.ExtensionType);
    if (extension.ExtensionType == 43) {  // supported_versions
      EXPECT_EQ(Bytes(extension.pExtData, extension.pExtData + extension.cbExtData), (Bytes{3, 4}));
    }
  }
  const auto has = [&](WORD type) {
    return std::find(types.begin(), types.end(), type) != types.end();
  };
  EXPECT_EQ(has(43), version() == Tls::v13);
  EXPECT_EQ(has(51), version() == Tls::v13);  // key_share
  EXPECT_EQ(has(23), version() == Tls::v12);  // extended_master_secret
  EXPECT_EQ(has(0xff01), version() == Tls::v12);
  EXPECT_FALSE(has(13));  // what only a client says is no answer
}

TEST_P(Values, ATTR_45_and_47_app_data_window_and_early_start_can_be_set) {
  Bytes data(0x10000, 5);
  SecPkgContext_SessionAppData app{0, static_cast<DWORD>(data.size()), data.data()};
  const auto set_app = [&] {
    return SetContextAttributesW(&context(), SECPKG_ATTR_APP_DATA, &app, sizeof app);
  };
  ASSERT_EQ(set_app(), SEC_E_OK);
  data.assign(data.size(), 6);  // HND-5: it was copied
  {
    const Queried<SecPkgContext_SessionAppData> queried(context(), SECPKG_ATTR_APP_DATA);
    ASSERT_EQ(queried.status, SEC_E_OK);
    const SecPkgContext_SessionAppData got = queried.value();
    EXPECT_EQ(Bytes(got.pbAppData, got.pbAppData + got.cbAppData), Bytes(0x10000, 5));
  }
  app.cbAppData = 0x10001;
  EXPECT_EQ(set_app(), SEC_E_INVALID_PARAMETER);
  app.pbAppData = nullptr;
  app.cbAppData = 1;
  EXPECT_EQ(set_app(), SEC_E_INVALID_PARAMETER);
  app.cbAppData = 0;
  ASSERT_EQ(set_app(), SEC_E_OK);
  const Queried<SecPkgContext_SessionAppData> empty(context(), SECPKG_ATTR_APP_DATA);
  ASSERT_EQ(empty.status, SEC_E_OK);
  EXPECT_EQ(empty.value().cbAppData, 0U);

  int window = 0;
  SecPkgContext_UiInfo ui{&window};
  ASSERT_EQ(SetContextAttributesA(&context(), SECPKG_ATTR_UI_INFO, &ui, sizeof ui), SEC_E_OK);
  EXPECT_EQ(Queried<SecPkgContext_UiInfo>(context(), SECPKG_ATTR_UI_INFO).value().hParentWindow,
            &window);

  SecPkgContext_EarlyStart early{ENABLE_TLS_CLIENT_EARLY_START};
  const auto set_early = [&] {
    return SetContextAttributesW(&context(), SECPKG_ATTR_EARLY_START, &early, sizeof early);
  };
  EXPECT_EQ(set_early(), SEC_E_OK);
  early.dwEarlyStartFlags = 2;
  EXPECT_EQ(set_early(), SEC_E_INVALID_PARAMETER);
}

TEST(AttributeSetting, ATTR_6_before_the_end_and_on_no_context) {
  Pair pair(Tls::v13);
  pair.client.call({});
  // as soon as there is a context; what it asks for comes with the end of the handshake.
  EXPECT_EQ(ask_for(pair.client.context, "EXPORTER-x", {}, 32), SEC_E_OK);
  SecPkgContext_KeyingMaterial material{};
  EXPECT_EQ(QueryContextAttributesW(&pair.client.context, SECPKG_ATTR_KEYING_MATERIAL, &material),
            SEC_E_INVALID_HANDLE);
  USHORT mtu = 1096;
  EXPECT_EQ(SetContextAttributesW(&pair.client.context, SECPKG_ATTR_DTLS_MTU, &mtu, sizeof mtu),
            SEC_E_UNSUPPORTED_FUNCTION);  // ATTR-48: there is no DTLS
  for (CtxtHandle handle : {kInvalidHandle, CtxtHandle{0, 0}, pair.client_credential.handle}) {
    EXPECT_EQ(ask_for(handle, "EXPORTER-x", {}, 32), SEC_E_INVALID_HANDLE);
  }
  EXPECT_EQ(SetContextAttributesW(nullptr, SECPKG_ATTR_APP_DATA, nullptr, 0), SEC_E_INVALID_HANDLE);
}

// RFC 5929 section 4.1: the hash follows the signature of the certificate.
TEST(EndpointBindings, ATTR_40_hash_follows_the_certificate) {
  const struct {
    const EVP_MD* signed_with;
    const char* hash;
  } rows[] = {{EVP_sha256(), "SHA256"},
              {EVP_sha384(), "SHA384"},
              {EVP_sha512(), "SHA512"},
              {EVP_sha1(), "SHA256"}};
  for (const auto& row : rows) {
    Issued leaf = issue({});
    X509_sign(leaf.certificate.get(), leaf.key.get(), row.signed_with);
    OwnCertificate own(leaf);
    PCCERT_CONTEXT certificate = own.context.get();
    Credential credential(SECPKG_CRED_INBOUND, Tls::v13,
                          [&](SCH_CREDENTIALS& data) { data.paCred = &certificate; });
    Side server(true, &credential.handle);
    LibsslPeer client(LibsslPeer::client, Tls::v13);
    client.start();
    ASSERT_TRUE(connect(server, client)) << row.hash;
    EXPECT_EQ(binding(server.context, SECPKG_ATTR_ENDPOINT_BINDINGS),
              prefixed("tls-server-end-point:", digest(leaf, row.hash)));
  }
  Profile ed25519;
  ed25519.key = KeyType::ed25519;
  OwnCertificate own(issue(ed25519));
  PCCERT_CONTEXT certificate = own.context.get();
  Credential credential(SECPKG_CRED_INBOUND, Tls::v13,
                        [&](SCH_CREDENTIALS& data) { data.paCred = &certificate; });
  Side server(true, &credential.handle);
  LibsslPeer client(LibsslPeer::client, Tls::v13);
  client.start();
  ASSERT_TRUE(connect(server, client));
  SecPkgContext_Bindings bindings{};
  EXPECT_EQ(QueryContextAttributesW(&server.context, SECPKG_ATTR_ENDPOINT_BINDINGS, &bindings),
            SEC_E_UNSUPPORTED_FUNCTION);
}

TEST(CredentialSetting, ATTR_56_narrows_what_comes_later) {
  TLS_PARAMETERS parameters{};
  Credential client(SECPKG_CRED_OUTBOUND, Tls::v13,
                    [&](SCH_CREDENTIALS& data) { data.pTlsParameters = &parameters; });
  Credential server12(SECPKG_CRED_INBOUND, Tls::v12), server13(SECPKG_CRED_INBOUND, Tls::v13);
  const auto connects = [&](Credential& server) {
    Side ours(false, &client.handle), theirs(true, &server.handle);
    Bytes to_server, to_client;
    ours.feed({}, to_server);
    theirs.feed(to_server, to_client);
    to_server.clear();
    ours.feed(to_client, to_server);
    to_client.clear();
    theirs.feed(to_server, to_client);
    if (!to_client.empty()) ours.feed(to_client, to_server);
    return ours.last == SEC_E_OK && theirs.last == SEC_E_OK;
  };
  EXPECT_TRUE(connects(server12));
  EXPECT_TRUE(connects(server13));
  Side earlier(false, &client.handle);
  Bytes to_server;
  earlier.feed({}, to_server);  // ATTR-57: made before

  SecPkgCred_SupportedProtocols protocols{SP_PROT_TLS1_2_CLIENT};
  const auto set = [&](ULONG size = sizeof(SecPkgCred_SupportedProtocols)) {
    return SetCredentialsAttributesW(&client.handle, SECPKG_ATTR_SUPPORTED_PROTOCOLS, &protocols,
                                     size);
  };
  EXPECT_EQ(set(sizeof protocols - 1), SEC_E_INVALID_PARAMETER);
  protocols.grbitProtocol = SP_PROT_TLS1_2_SERVER;  // the other side's bit leaves nothing
  EXPECT_EQ(set(), SEC_E_ALGORITHM_MISMATCH);
  EXPECT_TRUE(connects(server13));  // a failed call changes nothing
  protocols.grbitProtocol = SP_PROT_TLS1_2_CLIENT;
  ASSERT_EQ(set(), SEC_E_OK);
  EXPECT_TRUE(connects(server12));
  EXPECT_FALSE(connects(server13));
  protocols.grbitProtocol = SP_PROT_TLS1_2_CLIENT | SP_PROT_TLS1_3_CLIENT;
  ASSERT_EQ(set(), SEC_E_OK);
  EXPECT_FALSE(connects(server13));  // what was taken away stays away
  SecPkgCred_SupportedProtocols now{};
  ASSERT_EQ(QueryCredentialsAttributesW(&client.handle, SECPKG_ATTR_SUPPORTED_PROTOCOLS, &now),
            SEC_E_OK);
  EXPECT_EQ(now.grbitProtocol, DWORD{SP_PROT_TLS1_2_CLIENT});

  Side theirs(true, &server13.handle);
  Bytes to_client;
  theirs.feed(to_server, to_client);
  to_server.clear();
  EXPECT_EQ(earlier.feed(to_client, to_server), SEC_E_OK);
}

TEST(CredentialSetting, ATTR_56_strengths_and_algorithms) {
  Credential client(SECPKG_CRED_OUTBOUND, Tls::v12), server(SECPKG_CRED_INBOUND, Tls::v12);
  const auto bits = [&]() -> DWORD {
    Side ours(false, &client.handle), theirs(true, &server.handle);
    Bytes to_server, to_client;
    ours.feed({}, to_server);
    if (theirs.feed(to_server, to_client) < 0) return 0;
    to_server.clear();
    ours.feed(to_client, to_server);
    to_client.clear();
    theirs.feed(to_server, to_client);
    ours.feed(to_client, to_server);
    SecPkgContext_ConnectionInfo info{};
    EXPECT_EQ(QueryContextAttributesW(&ours.context, SECPKG_ATTR_CONNECTION_INFO, &info), SEC_E_OK);
    return info.dwCipherStrength;
  };
  EXPECT_EQ(bits(), 256U);
  SecPkgCred_CipherStrengths strengths{0, 128};
  ASSERT_EQ(SetCredentialsAttributesA(&client.handle, SECPKG_ATTR_CIPHER_STRENGTHS, &strengths,
                                      sizeof strengths),
            SEC_E_OK);
  EXPECT_EQ(bits(), 128U);
  SecPkgCred_CipherStrengths reported{};
  ASSERT_EQ(QueryCredentialsAttributesW(&client.handle, SECPKG_ATTR_CIPHER_STRENGTHS, &reported),
            SEC_E_OK);
  EXPECT_EQ(reported.dwMaximumCipherStrength, 128U);
  ALG_ID aes256[] = {CALG_AES_256};
  SecPkgCred_SupportedAlgs algorithms{1, aes256};
  const auto set = [&] {
    return SetCredentialsAttributesW(&client.handle, SECPKG_ATTR_SUPPORTED_ALGS, &algorithms,
                                     sizeof algorithms);
  };
  EXPECT_EQ(set(), SEC_E_ALGORITHM_MISMATCH);  // 128 bits and AES-256 leave nothing
  EXPECT_EQ(bits(), 128U);
  aes256[0] = CALG_AES_128;
  EXPECT_EQ(set(), SEC_E_OK);
  algorithms = {257, aes256};
  EXPECT_EQ(set(), SEC_E_INVALID_PARAMETER);
  algorithms = {1, nullptr};
  EXPECT_EQ(set(), SEC_E_INVALID_PARAMETER);
  EXPECT_EQ(SetCredentialsAttributesW(&client.handle, SECPKG_CRED_ATTR_NAMES, aes256, 4),
            SEC_E_UNSUPPORTED_FUNCTION);
}

}  // namespace
}  // namespace contract
