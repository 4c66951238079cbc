#include "support/libssl_peer.h"

#include "support/attributes.h"

// Attributes of contexts and credentials as a table: every id, both widths, the Ex forms with every
// size, every state of a context (contract section K).
namespace contract {
namespace {

struct Attribute {
  const char* name;
  ULONG id;
  ULONG size;
  bool any_time;  ///< as soon as there is a context
};

const Attribute kAttributes[] = {
    {"SIZES", SECPKG_ATTR_SIZES, sizeof(SecPkgContext_Sizes), true},
    {"NAMES", SECPKG_ATTR_NAMES, sizeof(SecPkgContext_NamesA), false},
    {"LIFESPAN", SECPKG_ATTR_LIFESPAN, sizeof(SecPkgContext_Lifespan), false},
    {"STREAM_SIZES", SECPKG_ATTR_STREAM_SIZES, sizeof(SecPkgContext_StreamSizes), true},
    {"KEY_INFO", SECPKG_ATTR_KEY_INFO, sizeof(SecPkgContext_KeyInfoA), false},
    {"AUTHORITY", SECPKG_ATTR_AUTHORITY, sizeof(SecPkgContext_AuthorityA), false},
    {"PROTO_INFO", SECPKG_ATTR_PROTO_INFO, sizeof(SecPkgContext_ProtoInfoA), false},
    {"PACKAGE_INFO", SECPKG_ATTR_PACKAGE_INFO, sizeof(SecPkgContext_PackageInfoA), true},
    {"FLAGS", SECPKG_ATTR_FLAGS, sizeof(SecPkgContext_Flags), false},
    {"CLIENT_SPECIFIED_TARGET", SECPKG_ATTR_CLIENT_SPECIFIED_TARGET,
     sizeof(SecPkgContext_ClientSpecifiedTarget), false},
    {"APPLICATION_PROTOCOL", SECPKG_ATTR_APPLICATION_PROTOCOL,
     sizeof(SecPkgContext_ApplicationProtocol), false},
    {"REMOTE_CERT_CONTEXT", SECPKG_ATTR_REMOTE_CERT_CONTEXT, sizeof(PCCERT_CONTEXT), false},
    {"LOCAL_CERT_CONTEXT", SECPKG_ATTR_LOCAL_CERT_CONTEXT, sizeof(PCCERT_CONTEXT), false},
    {"CONNECTION_INFO", SECPKG_ATTR_CONNECTION_INFO, sizeof(SecPkgContext_ConnectionInfo), false},
    {"SESSION_INFO", SECPKG_ATTR_SESSION_INFO, sizeof(SecPkgContext_SessionInfo), false},
    {"CIPHER_INFO", SECPKG_ATTR_CIPHER_INFO, sizeof(SecPkgContext_CipherInfo), false},
    {"SUPPORTED_SIGNATURES", SECPKG_ATTR_SUPPORTED_SIGNATURES,
     sizeof(SecPkgContext_SupportedSignatures), true},
    {"SESSION_KEY", SECPKG_ATTR_SESSION_KEY, sizeof(SecPkgContext_SessionKey), false},
    {"NEGOTIATION_INFO", SECPKG_ATTR_NEGOTIATION_INFO, sizeof(SecPkgContext_NegotiationInfoA),
     true},
    {"ENDPOINT_BINDINGS", SECPKG_ATTR_ENDPOINT_BINDINGS, sizeof(SecPkgContext_Bindings), false},
    {"EXPORTER_BINDINGS", OPENSCHANNEL_ATTR_EXPORTER_BINDINGS, sizeof(SecPkgContext_Bindings),
     false},
    {"NEGOTIATED_TLS_EXTENSIONS", SECPKG_ATTR_NEGOTIATED_TLS_EXTENSIONS,
     sizeof(SecPkgContext_NegotiatedTlsExtensions), false},
    {"EAP_KEY_BLOCK", SECPKG_ATTR_EAP_KEY_BLOCK, sizeof(SecPkgContext_EapKeyBlock), false},
    {"APP_DATA", SECPKG_ATTR_APP_DATA, sizeof(SecPkgContext_SessionAppData), false},
    {"REMOTE_CERT_CHAIN", SECPKG_ATTR_REMOTE_CERT_CHAIN, sizeof(PCCERT_CHAIN_CONTEXT), false},
    {"CERT_CHECK_RESULT", SECPKG_ATTR_CERT_CHECK_RESULT,
     sizeof(SecPkgContext_CertificateValidationResult), false},
    {"CERT_CHECK_RESULT_INPROC", SECPKG_ATTR_CERT_CHECK_RESULT_INPROC,
     sizeof(SecPkgContext_CertificateValidationResult), false},
    {"REMOTE_CERTIFICATES", SECPKG_ATTR_REMOTE_CERTIFICATES, sizeof(SecPkgContext_Certificates),
     false},
    {"CONNECTION_INFO_EX", SECPKG_ATTR_CONNECTION_INFO_EX, sizeof(SecPkgContext_ConnectionInfoEx),
     false},
    {"UI_INFO", SECPKG_ATTR_UI_INFO, sizeof(SecPkgContext_UiInfo), true},
};

/// Those that one side, one version or one setting has; attribute_values_test.cc tells.
bool depends(ULONG id) {
  return id == SECPKG_ATTR_ISSUER_LIST_EX || id == SECPKG_ATTR_UNIQUE_BINDINGS ||
         id == SECPKG_ATTR_TARGET_INFORMATION || id == SECPKG_ATTR_KEYING_MATERIAL ||
         id == SECPKG_ATTR_ROOT_STORE || id == SECPKG_ATTR_ACCESS_TOKEN;
}

Bytes room(const Attribute& attribute) { return attribute_room(attribute.id, attribute.size); }

/// Sides of a connection in which each of them has shown a certificate.
class Attributes : public testing::TestWithParam<Tls> {
 protected:
  void SetUp() override {
    PCCERT_CONTEXT own = server_certificate();
    client_credential_.emplace(SECPKG_CRED_OUTBOUND, GetParam(), [&](SCH_CREDENTIALS& data) {
      data.cCreds = 1;
      data.paCred = &own;
    });
    client_.emplace(false, &client_credential_->handle);
    server_.emplace(true, &server_credential_.handle);
    server_->flags = kServerFlags | ASC_REQ_MUTUAL_AUTH;
  }
  void connect() {
    Bytes to_server, to_client;
    client_->feed({}, to_server);
    server_->feed(to_server, to_client);
    to_server.clear();
    ASSERT_GE(client_->feed(to_client, to_server), SEC_E_OK);
    to_client.clear();
    ASSERT_EQ(server_->feed(to_server, to_client), SEC_E_OK);
    if (!to_client.empty()) {
      ASSERT_EQ(client_->feed(to_client, to_server), SEC_E_OK);
    }
  }
  Credential server_credential_{SECPKG_CRED_INBOUND, GetParam()};
  std::optional<Credential> client_credential_;
  std::optional<Side> client_, server_;
};
INSTANTIATE_TEST_SUITE_P(Tls, Attributes, testing::Values(Tls::v12, Tls::v13), name_of);

TEST_P(Attributes, ATTR_2_and_3_every_attribute_in_every_form_and_size) {
  connect();
  for (Side* side : {&*client_, &*server_}) {
    for (const Attribute& attribute : kAttributes) {
      SCOPED_TRACE(attribute.name);
      CtxtHandle* context = &side->context;
      for (int form = 0; form < 4; ++form) {
        const bool wide = form % 2 == 1;
        Bytes buffer = room(attribute);
        const SECURITY_STATUS status =
            form == 0   ? QueryContextAttributesA(context, attribute.id, buffer.data())
            : form == 1 ? QueryContextAttributesW(context, attribute.id, buffer.data())
            : form == 2
                ? QueryContextAttributesExA(context, attribute.id, buffer.data(), attribute.size)
                : QueryContextAttributesExW(context, attribute.id, buffer.data(), attribute.size);
        ASSERT_EQ(status, SEC_E_OK) << form;
        // Nothing behind the structure is written.
        EXPECT_EQ(slice(buffer, attribute.size, buffer.size()), Bytes(64, 0xcc)) << form;
        release_attribute(attribute.id, buffer);
        for (ULONG size = 0; size < attribute.size; ++size) {
          Bytes small = room(attribute);
          const Bytes before = small;
          EXPECT_EQ(wide ? QueryContextAttributesExW(context, attribute.id, small.data(), size)
                         : QueryContextAttributesExA(context, attribute.id, small.data(), size),
                    SEC_E_BUFFER_TOO_SMALL)
              << size;
          EXPECT_EQ(small, before) << size;
        }
      }
      EXPECT_LT(QueryContextAttributesA(context, attribute.id, nullptr), 0);
      EXPECT_LT(QueryContextAttributesW(context, attribute.id, nullptr), 0);
    }
  }
}

TEST_P(Attributes, ATTR_2_before_the_end_of_the_handshake) {
  Bytes to_server, to_client;
  client_->feed({}, to_server);
  server_->feed(to_server, to_client);
  for (Side* side : {&*client_, &*server_}) {
    for (const Attribute& attribute : kAttributes) {
      Bytes buffer = room(attribute);
      const SECURITY_STATUS status =
          QueryContextAttributesW(&side->context, attribute.id, buffer.data());
      EXPECT_EQ(status, attribute.any_time ? SEC_E_OK : SEC_E_INVALID_HANDLE) << attribute.name;
      if (status == SEC_E_OK) release_attribute(attribute.id, buffer);
    }
  }
}

TEST_P(Attributes, ATTR_2_no_id_crashes) {
  connect();
  std::vector<ULONG> ids;
  for (ULONG id = 0; id < 260; ++id) ids.push_back(id);
  for (const ULONG id : {0x80000086U, 0x7fffffffU, 0xffffffffU}) ids.push_back(id);
  for (const ULONG id : ids) {
    bool known = false;
    for (const Attribute& attribute : kAttributes) known |= attribute.id == id;
    if (known || depends(id)) continue;
    Bytes buffer(8192, 0xcc);
    EXPECT_EQ(QueryContextAttributesA(&client_->context, id, buffer.data()),
              SEC_E_UNSUPPORTED_FUNCTION)
        << id;
    EXPECT_EQ(QueryContextAttributesW(&server_->context, id, buffer.data()),
              SEC_E_UNSUPPORTED_FUNCTION)
        << id;
    EXPECT_EQ(buffer, Bytes(8192, 0xcc)) << id;
    // ATTR-6: none of these can be set.
    EXPECT_LT(SetContextAttributesA(&client_->context, id, buffer.data(), 4), 0) << id;
    EXPECT_LT(SetContextAttributesW(&client_->context, id, buffer.data(), 4), 0) << id;
  }
  // ATTR-31: for clients that were asked.
  SecPkgContext_IssuerListInfoEx issuers{};
  EXPECT_LT(QueryContextAttributesW(&server_->context, SECPKG_ATTR_ISSUER_LIST_EX, &issuers), 0);
}

TEST_P(Attributes, HND_3_after_deletion) {
  connect();
  CtxtHandle dead = client_->context;
  DeleteSecurityContext(&client_->context);
  client_->has_context = false;
  for (const Attribute& attribute : kAttributes) {
    Bytes buffer = room(attribute);
    EXPECT_EQ(QueryContextAttributesA(&dead, attribute.id, buffer.data()), SEC_E_INVALID_HANDLE);
    EXPECT_EQ(QueryContextAttributesW(&dead, attribute.id, buffer.data()), SEC_E_INVALID_HANDLE);
  }
}

TEST_P(Attributes, HND_16_memory_of_a_query_outlives_its_context) {
  connect();
  SecPkgContext_NamesA names{};
  SecPkgContext_AuthorityW authority{};
  ASSERT_EQ(QueryContextAttributesA(&client_->context, SECPKG_ATTR_NAMES, &names), SEC_E_OK);
  ASSERT_EQ(QueryContextAttributesW(&client_->context, SECPKG_ATTR_AUTHORITY, &authority),
            SEC_E_OK);
  DeleteSecurityContext(&client_->context);
  client_->has_context = false;
  EXPECT_STREQ(names.sUserName, "CN=localhost");
  EXPECT_NE(std::wstring(authority.sAuthorityName).find(L"localhost"), std::wstring::npos);
  EXPECT_EQ(FreeContextBuffer(names.sUserName), SEC_E_OK);
  EXPECT_EQ(FreeContextBuffer(authority.sAuthorityName), SEC_E_OK);
}

TEST_P(Attributes, ATTR_25_the_target_on_both_sides) {
  connect();
  for (Side* side : {&*client_, &*server_}) {
    SecPkgContext_ClientSpecifiedTarget target{};
    ASSERT_EQ(QueryContextAttributesW(&side->context, SECPKG_ATTR_CLIENT_SPECIFIED_TARGET, &target),
              SEC_E_OK);
    EXPECT_STREQ(target.sTargetName, L"localhost");
    FreeContextBuffer(target.sTargetName);
  }
}

TEST_P(Attributes, ATTR_20_flags_are_what_the_last_call_returned) {
  connect();
  for (Side* side : {&*client_, &*server_}) {
    SecPkgContext_Flags flags{};
    ASSERT_EQ(QueryContextAttributesW(&side->context, SECPKG_ATTR_FLAGS, &flags), SEC_E_OK);
    EXPECT_EQ(flags.Flags, side->attributes);
  }
}

TEST_P(Attributes, ATTR_29_each_side_has_shown_its_own) {
  connect();
  for (Side* side : {&*client_, &*server_}) {
    for (const ULONG id :
         {ULONG{SECPKG_ATTR_LOCAL_CERT_CONTEXT}, ULONG{SECPKG_ATTR_REMOTE_CERT_CONTEXT}}) {
      PCCERT_CONTEXT context = nullptr;
      ASSERT_EQ(QueryContextAttributesA(&side->context, id, &context), SEC_E_OK);
      EXPECT_EQ(certificates::encoding_of(context),
                certificates::encoding_of(server_certificate()));
      EXPECT_TRUE(CertFreeCertificateContext(context));
    }
  }
}

struct Suite {
  Tls version;
  const char* name;
  DWORD number;
  ALG_ID cipher;
  DWORD bits;
  const wchar_t* hash;
};

TEST(AttributesOfSuites, ATTR_42_and_43_what_was_negotiated) {
  const Suite suites[] = {
      {Tls::v13, "TLS_AES_256_GCM_SHA384", 0x1302, CALG_AES_256, 256, L"SHA384"},
      {Tls::v13, "TLS_AES_128_GCM_SHA256", 0x1301, CALG_AES_128, 128, L"SHA256"},
      {Tls::v13, "TLS_CHACHA20_POLY1305_SHA256", 0x1303, 0, 256, L"SHA256"},
      {Tls::v12, "ECDHE-ECDSA-AES256-GCM-SHA384", 0xC02C, CALG_AES_256, 256, L"SHA384"},
      {Tls::v12, "ECDHE-ECDSA-AES128-GCM-SHA256", 0xC02B, CALG_AES_128, 128, L"SHA256"},
      {Tls::v12, "ECDHE-ECDSA-CHACHA20-POLY1305", 0xCCA9, 0, 256, L"SHA256"},
  };
  const Issued root = make_root();
  const certificates::Store roots = trusting({root});
  for (const Suite& suite : suites) {
    SCOPED_TRACE(suite.name);
    Credential credential(SECPKG_CRED_OUTBOUND, suite.version,
                          [&](SCH_CREDENTIALS& data) { data.hRootStore = roots.get(); });
    Side client(false, &credential.handle);
    LibsslPeer server(LibsslPeer::server, suite.version);
    server.use(issue({}, &root));
    if (suite.version == Tls::v13) {
      SSL_CTX_set_ciphersuites(server.context.get(), suite.name);
    } else {
      SSL_CTX_set_cipher_list(server.context.get(), suite.name);
    }
    server.start();
    ASSERT_TRUE(connect(client, server));
    SecPkgContext_ConnectionInfo info{};
    ASSERT_EQ(QueryContextAttributesW(&client.context, SECPKG_ATTR_CONNECTION_INFO, &info),
              SEC_E_OK);
    EXPECT_EQ(info.dwProtocol, suite.version == Tls::v13 ? DWORD{SP_PROT_TLS1_3_CLIENT}
                                                         : DWORD{SP_PROT_TLS1_2_CLIENT});
    EXPECT_EQ(info.aiCipher, suite.cipher);
    EXPECT_EQ(info.dwCipherStrength, suite.bits);
    EXPECT_EQ(info.aiExch, ALG_ID{CALG_ECDH_EPHEM});
    EXPECT_GE(info.dwExchStrength, 253U);
    SecPkgContext_CipherInfo cipher{};
    cipher.dwVersion = SECPKGCONTEXT_CIPHERINFO_V1;
    ASSERT_EQ(QueryContextAttributesW(&client.context, SECPKG_ATTR_CIPHER_INFO, &cipher), SEC_E_OK);
    EXPECT_EQ(cipher.dwCipherSuite, suite.number);
    EXPECT_EQ(cipher.dwBaseCipherSuite, suite.number);
    EXPECT_EQ(cipher.dwCipherLen, suite.bits);
    EXPECT_EQ(cipher.dwProtocol, suite.version == Tls::v13 ? 0x304U : 0x303U);
    EXPECT_EQ(std::wstring(cipher.szCipherSuite).rfind(L"TLS_", 0), 0U);
    cipher.dwVersion = 2;
    EXPECT_EQ(QueryContextAttributesW(&client.context, SECPKG_ATTR_CIPHER_INFO, &cipher),
              SEC_E_UNSUPPORTED_FUNCTION);
    SecPkgContext_StreamSizes sizes{};
    ASSERT_EQ(QueryContextAttributesW(&client.context, SECPKG_ATTR_STREAM_SIZES, &sizes), SEC_E_OK);
    // RFC 7905: no explicit nonce with ChaCha20.
    const bool explicit_nonce = suite.version == Tls::v12 && suite.cipher != 0;
    EXPECT_EQ(sizes.cbHeader, explicit_nonce ? 13U : 5U);
    // With room for a key update behind the data (ENC-24).
    EXPECT_EQ(sizes.cbTrailer, suite.version == Tls::v13 ? 44U : 16U);
    SecPkgContext_SessionInfo session{};
    EXPECT_EQ(QueryContextAttributesW(&client.context, SECPKG_ATTR_SESSION_INFO, &session),
              SEC_E_OK);
    EXPECT_EQ(session.dwFlags & SSL_SESSION_RECONNECT, 0U);
    EXPECT_LE(session.cbSessionId, 32U);
  }
}

TEST(CredentialAttributes, ATTR_50_to_58) {
  Credential client(SECPKG_CRED_OUTBOUND, Tls::v12), server(SECPKG_CRED_INBOUND, Tls::v13);
  SecPkgCred_SupportedProtocols protocols{};
  ASSERT_EQ(
      QueryCredentialsAttributesW(&client.handle, SECPKG_ATTR_SUPPORTED_PROTOCOLS, &protocols),
      SEC_E_OK);
  EXPECT_EQ(protocols.grbitProtocol, DWORD{SP_PROT_TLS1_2_CLIENT});
  ASSERT_EQ(
      QueryCredentialsAttributesA(&server.handle, SECPKG_ATTR_SUPPORTED_PROTOCOLS, &protocols),
      SEC_E_OK);
  EXPECT_EQ(protocols.grbitProtocol, DWORD{SP_PROT_TLS1_3_SERVER});
  SecPkgCred_SupportedAlgs algorithms{};
  ASSERT_EQ(QueryCredentialsAttributesW(&client.handle, SECPKG_ATTR_SUPPORTED_ALGS, &algorithms),
            SEC_E_OK);
  EXPECT_GT(algorithms.cSupportedAlgs, 0U);
  EXPECT_EQ(FreeContextBuffer(algorithms.palgSupportedAlgs), SEC_E_OK);
  SecPkgCred_CipherStrengths strengths{};
  ASSERT_EQ(QueryCredentialsAttributesW(&client.handle, SECPKG_ATTR_CIPHER_STRENGTHS, &strengths),
            SEC_E_OK);
  EXPECT_LE(strengths.dwMinimumCipherStrength, strengths.dwMaximumCipherStrength);
  // As observed on Windows.
  EXPECT_EQ(QueryCredentialsAttributesA(&client.handle, SECPKG_ATTR_SUPPORTED_PROTOCOLS, nullptr),
            SEC_E_INTERNAL_ERROR);
  EXPECT_EQ(QueryCredentialsAttributesA(&client.handle, SECPKG_CRED_ATTR_NAMES, &protocols),
            SEC_E_NO_CREDENTIALS);
  EXPECT_EQ(QueryCredentialsAttributesA(&client.handle, 0x1234, &protocols),
            SEC_E_UNSUPPORTED_FUNCTION);
  EXPECT_EQ(QueryCredentialsAttributesExW(&client.handle, SECPKG_ATTR_SUPPORTED_PROTOCOLS,
                                          &protocols, sizeof protocols),
            SEC_E_OK);
  EXPECT_EQ(QueryCredentialsAttributesExA(&client.handle, SECPKG_ATTR_SUPPORTED_PROTOCOLS,
                                          &protocols, sizeof protocols - 1),
            SEC_E_BUFFER_TOO_SMALL);
  // HND-3: dead, foreign and wrong-kind handles in all of them.
  CredHandle dead{};
  { dead = Credential(SECPKG_CRED_OUTBOUND, Tls::v12).handle; }
  Pair pair(Tls::v13);
  pair.client.call({});
  for (CredHandle handle : {dead, CredHandle{0, 0}, kInvalidHandle, CredHandle{1, 1},
                            CredHandle{~ULONG_PTR{1}, ~ULONG_PTR{1}}, pair.client.context}) {
    EXPECT_EQ(QueryCredentialsAttributesA(&handle, SECPKG_ATTR_SUPPORTED_PROTOCOLS, &protocols),
              SEC_E_INVALID_HANDLE);
    EXPECT_EQ(QueryCredentialsAttributesW(&handle, SECPKG_ATTR_SUPPORTED_PROTOCOLS, &protocols),
              SEC_E_INVALID_HANDLE);
    EXPECT_EQ(QueryCredentialsAttributesExA(&handle, SECPKG_ATTR_SUPPORTED_PROTOCOLS, &protocols,
                                            sizeof protocols),
              SEC_E_INVALID_HANDLE);
    EXPECT_EQ(QueryCredentialsAttributesExW(&handle, SECPKG_ATTR_SUPPORTED_PROTOCOLS, &protocols,
                                            sizeof protocols),
              SEC_E_INVALID_HANDLE);
    EXPECT_EQ(SetCredentialsAttributesA(&handle, SECPKG_ATTR_SUPPORTED_PROTOCOLS, &protocols,
                                        sizeof protocols),
              SEC_E_INVALID_HANDLE);
    EXPECT_EQ(SetCredentialsAttributesW(&handle, SECPKG_ATTR_SUPPORTED_PROTOCOLS, &protocols,
                                        sizeof protocols),
              SEC_E_INVALID_HANDLE);
    EXPECT_EQ(FreeCredentialsHandle(&handle), SEC_E_INVALID_HANDLE);
  }
  EXPECT_EQ(QueryCredentialsAttributesA(nullptr, SECPKG_ATTR_SUPPORTED_PROTOCOLS, &protocols),
            SEC_E_INVALID_HANDLE);
  // The context is unharmed.
  EXPECT_EQ(DeleteSecurityContext(&pair.client.context), SEC_E_OK);
  pair.client.has_context = false;
}

}  // namespace
}  // namespace contract
