#include <list>

#include "support/libssl_peer.h"

// TLS_PARAMETERS and CRYPTO_SETTINGS (contract CRED-30 to CRED-41): what is taken away, for which
// application protocols, and at what price.
namespace contract {
namespace {

constexpr DWORD kTls12 = SP_PROT_TLS1_2_CLIENT | SP_PROT_TLS1_2_SERVER;
constexpr DWORD kTls13 = SP_PROT_TLS1_3_CLIENT | SP_PROT_TLS1_3_SERVER;

DWORD other_than(Tls version) { return version == Tls::v13 ? kTls12 : kTls13; }

/// What a caller passes in pTlsParameters, with the memory it points to.
class Parameters {
 public:
  /// A new entry, for these application protocols.
  Parameters& entry(const std::vector<std::wstring>& protocols = {}, DWORD flags = 0) {
    TLS_PARAMETERS& added = entries_.emplace_back();
    added.dwFlags = flags;
    std::vector<UNICODE_STRING>& names = names_.emplace_back();
    for (const std::wstring& protocol : protocols) names.push_back(text(protocol));
    added.cAlpnIds = static_cast<DWORD>(names.size());
    added.rgstrAlpnIds = names.empty() ? nullptr : names.data();
    settings_.emplace_back();
    return *this;
  }
  Parameters& without(DWORD protocols) {
    entries_.back().grbitDisabledProtocols = protocols;
    return *this;
  }
  Parameters& without(eTlsAlgorithmUsage usage, const std::wstring& algorithm, DWORD minimum = 0,
                      DWORD maximum = 0) {
    CRYPTO_SETTINGS disabled{};
    disabled.eAlgorithmUsage = usage;
    disabled.strCngAlgId = text(algorithm);
    disabled.dwMinBitLength = minimum;
    disabled.dwMaxBitLength = maximum;
    settings_.back().push_back(disabled);
    return *this;
  }
  void pass_to(SCH_CREDENTIALS& data) {
    auto settings = settings_.begin();
    for (TLS_PARAMETERS& entry : entries_) {
      entry.cDisabledCrypto = static_cast<DWORD>(settings->size());
      entry.pDisabledCrypto = settings->data();
      ++settings;
    }
    data.cTlsParameters = static_cast<DWORD>(entries_.size());
    data.pTlsParameters = entries_.data();
  }

 private:
  UNICODE_STRING text(const std::wstring& value) {
    std::wstring& kept = texts_.emplace_back(value);
    const auto bytes = static_cast<USHORT>(kept.size() * sizeof(wchar_t));
    return {bytes, bytes, kept.data()};
  }

  std::vector<TLS_PARAMETERS> entries_;
  std::list<std::vector<UNICODE_STRING>> names_;
  std::list<std::vector<CRYPTO_SETTINGS>> settings_;
  std::list<std::wstring> texts_;
};

Credential client_with(Parameters parameters, HCERTSTORE trusted = roots()) {
  return Credential(SECPKG_CRED_OUTBOUND, Tls::v13, [&](SCH_CREDENTIALS& data) {
    data.hRootStore = trusted;
    parameters.pass_to(data);
  });
}

Credential server_with(Parameters parameters, std::vector<PCCERT_CONTEXT> own = {}) {
  return Credential(SECPKG_CRED_INBOUND, Tls::v13, [&](SCH_CREDENTIALS& data) {
    if (!own.empty()) {
      data.cCreds = static_cast<DWORD>(own.size());
      data.paCred = own.data();
    }
    parameters.pass_to(data);
  });
}

/// What a connection between two credentials has come to.
struct Connection {
  Connection(Credential& client_credential, Credential& server_credential,
             const std::vector<std::string>& protocols = {})
      : client(false, &client_credential.handle), server(true, &server_credential.handle) {
    EXPECT_EQ(client_credential.status, SEC_E_OK) << OpenSchannelErrorDetail();
    EXPECT_EQ(server_credential.status, SEC_E_OK) << OpenSchannelErrorDetail();
    if (!protocols.empty()) {
      client.alpn = application_protocols(protocols);
      server.alpn = application_protocols({"h2", "http/1.1"});
    }
    Bytes to_server, to_client;
    client.feed({}, to_server);
    for (int i = 0; i < 4 && !(to_server.empty() && to_client.empty()); ++i) {
      if (server.feed(std::exchange(to_server, {}), to_client) < 0) return;
      if (client.feed(std::exchange(to_client, {}), to_server) < 0) return;
    }
    is_open = client.last == SEC_E_OK && server.last == SEC_E_OK;
    if (!is_open) return;
    SecPkgContext_CipherInfo info{};
    info.dwVersion = SECPKGCONTEXT_CIPHERINFO_V1;
    EXPECT_EQ(QueryContextAttributesA(&client.context, SECPKG_ATTR_CIPHER_INFO, &info), SEC_E_OK);
    cipher_bits = info.dwCipherLen;
    version = info.dwProtocol;
  }
  Side client;
  Side server;
  bool is_open = false;
  DWORD cipher_bits = 0;
  DWORD version = 0;
};

class TlsParameters : public testing::TestWithParam<Tls> {
 protected:
  Parameters only() const { return Parameters().entry().without(other_than(GetParam())); }
};
INSTANTIATE_TEST_SUITE_P(All, TlsParameters, testing::Values(Tls::v12, Tls::v13), name_of);

TEST_P(TlsParameters, CRED_33_a_server_restricts_one_application_protocol) {
  Credential client = client_with(only());
  Credential server =
      server_with(only().entry({L"h2"}).without(TlsParametersCngAlgUsageCipher, L"AES", 256, 256));
  EXPECT_EQ(Connection(client, server, {"h2"}).cipher_bits, 128U);
  EXPECT_EQ(Connection(client, server, {"http/1.1"}).cipher_bits, 256U);
  EXPECT_EQ(Connection(client, server).cipher_bits, 256U) << "no protocol is not h2";
}

TEST_P(TlsParameters, CRED_33_a_client_refuses_what_the_server_makes_of_its_offer) {
  Credential client =
      client_with(only().entry({L"h2"}).without(TlsParametersCngAlgUsageCipher, L"AES", 256, 256));
  Credential server = server_with(only());
  const Connection refused(client, server, {"h2"});
  EXPECT_FALSE(refused.is_open);
  EXPECT_EQ(refused.client.last, SEC_E_ALGORITHM_MISMATCH);
  EXPECT_TRUE(Connection(client, server, {"http/1.1"}).is_open);
  EXPECT_TRUE(Connection(client, server).is_open);
}

TEST_P(TlsParameters, CRED_33_so_does_a_client_of_groups_and_signatures) {
  Credential server = server_with(only());
  for (const auto& [usage, name] : {std::pair{TlsParametersCngAlgUsageKeyExchange, L"x25519"},
                                    std::pair{TlsParametersCngAlgUsageSignature, L"ECDSA"},
                                    std::pair{TlsParametersCngAlgUsageDigest, L"SHA384"}}) {
    Credential client = client_with(only().entry({L"h2"}).without(usage, name));
    const Connection refused(client, server, {"h2"});
    EXPECT_FALSE(refused.is_open) << usage;
    EXPECT_EQ(refused.client.last, SEC_E_ALGORITHM_MISMATCH) << usage;
    EXPECT_TRUE(Connection(client, server, {"http/1.1"}).is_open) << usage;
  }
}

TEST(TlsParameters, CRED_33_versions_can_depend_on_the_application_protocol) {
  Credential client = client_with(Parameters().entry());
  Credential server = server_with(Parameters().entry().entry({L"http/1.1"}).without(kTls13));
  EXPECT_EQ(Connection(client, server, {"h2"}).version, 0x0304U);
  EXPECT_EQ(Connection(client, server, {"http/1.1"}).version, 0x0303U);
  // And the client's way: it can't take back the version once the server has chosen.
  Credential strict = client_with(Parameters().entry().entry({L"http/1.1"}).without(kTls13));
  Credential any = server_with(Parameters().entry());
  const Connection refused(strict, any, {"http/1.1"});
  EXPECT_FALSE(refused.is_open);
  EXPECT_EQ(refused.client.last, SEC_E_UNSUPPORTED_FUNCTION);  // ASC-38: no version in common
}

TEST_P(TlsParameters, CRED_33_an_exchange_refused_to_h2_takes_another_group) {
  Credential client = client_with(only());
  Credential server =
      server_with(only().entry({L"h2"}).without(TlsParametersCngAlgUsageKeyExchange, L"x25519"));
  Connection connection(client, server, {"h2"});
  ASSERT_TRUE(connection.is_open);
  SecPkgContext_ConnectionInfo info{};
  ASSERT_EQ(QueryContextAttributesA(&connection.server.context, SECPKG_ATTR_CONNECTION_INFO, &info),
            SEC_E_OK);
  EXPECT_EQ(info.dwExchStrength, 256U);
}

TEST_P(TlsParameters, CRED_36_without_OPTIONAL_the_handshake_fails) {
  Credential client =
      client_with(only()
                      .without(TlsParametersCngAlgUsageCipher, L"AES", 128, 128)
                      .without(TlsParametersCngAlgUsageCipher, L"CHACHA20_POLY1305"));
  Credential server =
      server_with(only().entry({L"h2"}).without(TlsParametersCngAlgUsageCipher, L"AES", 256, 256));
  const Connection refused(client, server, {"h2"});
  EXPECT_FALSE(refused.is_open);
  EXPECT_EQ(refused.server.last, SEC_E_ALGORITHM_MISMATCH);
}

TEST_P(TlsParameters, CRED_36_OPTIONAL_holds_only_where_the_handshake_can_go_on) {
  Credential poor = client_with(only()
                                    .without(TlsParametersCngAlgUsageCipher, L"AES", 128, 128)
                                    .without(TlsParametersCngAlgUsageCipher, L"CHACHA20_POLY1305"));
  Credential rich = client_with(only());
  for (const std::vector<std::wstring>& names : {std::vector<std::wstring>{L"h2"}, {}}) {
    Parameters parameters = names.empty() ? Parameters() : only();
    Credential server = server_with(parameters.entry(names, TLS_PARAMS_OPTIONAL)
                                        .without(names.empty() ? other_than(GetParam()) : 0)
                                        .without(TlsParametersCngAlgUsageCipher, L"AES", 256, 256));
    const Connection with_poor(poor, server, {"h2"});
    EXPECT_TRUE(with_poor.is_open);
    EXPECT_EQ(with_poor.cipher_bits, 256U);
    EXPECT_EQ(Connection(rich, server, {"h2"}).cipher_bits, 128U);
  }
}

struct Certified {
  explicit Certified(const Profile& profile)
      : root(make_root()), own(issue(profile, &root)), trusted(trusting({root})) {}
  Issued root;
  OwnCertificate own;
  certificates::Store trusted;
};

TEST_P(TlsParameters, CRED_40_keys_of_some_sizes_do_not_sign) {
  Profile rsa;
  rsa.key = KeyType::rsa;
  const Certified server_side(rsa);
  PCCERT_CONTEXT own = server_side.own.context.get();
  Credential server = server_with(only(), {own});
  Credential refuses =
      client_with(only().without(TlsParametersCngAlgUsageSignature, L"RSA", 0, 2048),
                  server_side.trusted.get());
  const Connection refused(refuses, server);
  EXPECT_FALSE(refused.is_open);
  EXPECT_EQ(refused.client.last, SEC_E_ALGORITHM_MISMATCH);
  Credential accepts =
      client_with(only().without(TlsParametersCngAlgUsageSignature, L"RSA", 0, 2047),
                  server_side.trusted.get());
  EXPECT_TRUE(Connection(accepts, server).is_open);

  // Of our own certificates such a one is not shown.
  Credential both = server_with(only().without(TlsParametersCngAlgUsageSignature, L"RSA", 0, 2048),
                                {own, server_certificate()});
  Credential client = client_with(only());  // trusts the second
  EXPECT_TRUE(Connection(client, both).is_open);
}

TEST_P(TlsParameters, CRED_37_signatures_of_certificates_are_refused_by_digest_and_by_key) {
  const Certified side(Profile{});
  Credential server = server_with(only(), {side.own.context.get()});
  const auto status_without = [&](const wchar_t* name, DWORD minimum = 0, DWORD maximum = 0) {
    Credential client =
        client_with(only().without(TlsParametersCngAlgUsageCertSig, name, minimum, maximum),
                    side.trusted.get());
    return Connection(client, server).client.last;
  };
  EXPECT_EQ(status_without(L"SHA256"), SEC_E_CERT_UNKNOWN);
  EXPECT_EQ(status_without(L"SHA384"), SEC_E_OK);
  EXPECT_EQ(status_without(L"ECDSA"), SEC_E_CERT_UNKNOWN);
  EXPECT_EQ(status_without(L"RSA"), SEC_E_OK);
  EXPECT_EQ(status_without(L"ECDSA", 0, 256), SEC_E_CERT_UNKNOWN);
  EXPECT_EQ(status_without(L"ECDSA", 257, 0), SEC_E_OK);
  EXPECT_EQ(status_without(L"GOST"), SEC_E_OK) << "CRED-38: nobody has it";
}

TEST_P(TlsParameters, CRED_37_the_signature_of_a_trusted_root_does_not_count) {
  Credential client =
      client_with(only().without(TlsParametersCngAlgUsageCertSig, L"SHA256"));  // self-signed
  Credential server = server_with(only());
  EXPECT_TRUE(Connection(client, server).is_open);
}

TEST_P(TlsParameters, CRED_37_signatures_of_certificates_for_one_application_protocol) {
  const Certified side(Profile{});
  Credential server = server_with(only(), {side.own.context.get()});
  Credential client =
      client_with(only().entry({L"h2"}).without(TlsParametersCngAlgUsageCertSig, L"SHA256"),
                  side.trusted.get());
  EXPECT_EQ(Connection(client, server, {"h2"}).client.last, SEC_E_CERT_UNKNOWN);
  EXPECT_EQ(Connection(client, server, {"http/1.1"}).client.last, SEC_E_OK);
}

/// The body of an extension in the ClientHello of a context made with `credential`; the list in it.
std::vector<unsigned> schemes_in_hello(Credential& credential, unsigned extension) {
  Side client(false, &credential.handle);
  const Bytes hello = client.call({}).token;
  const Bytes type = {0, static_cast<unsigned char>(extension)};
  // Behind the header (5 + 4), version, random, session id, suites, compression.
  std::size_t at = 5 + 4 + 2 + 32;
  at += 1 + hello[at];
  at += 2U + (hello[at] << 8U | hello[at + 1]);
  at += 1 + hello[at] + 2U;
  while (at + 4 <= hello.size()) {
    const unsigned found = hello[at] << 8U | hello[at + 1];
    const unsigned size = hello[at + 2] << 8U | hello[at + 3];
    at += 4;
    if (found == extension) {
      std::vector<unsigned> out;
      for (unsigned i = 2; i < size; i += 2) out.push_back(hello[at + i] << 8U | hello[at + i + 1]);
      return out;
    }
    at += size;
  }
  return {};
}

TEST_P(TlsParameters, CRED_37_handshakes_and_certificates_have_lists_of_their_own) {
  constexpr unsigned kHandshake = 13, kCertificates = 50, kRsaPssSha256 = 0x0804, kEcdsa = 0x0403;
  const auto has = [](const std::vector<unsigned>& list, unsigned value) {
    return std::find(list.begin(), list.end(), value) != list.end();
  };
  Credential plain = client_with(only());
  EXPECT_TRUE(schemes_in_hello(plain, kCertificates).empty()) << "one list speaks for both";
  Credential signs = client_with(only().without(TlsParametersCngAlgUsageSignature, L"RSA"));
  EXPECT_FALSE(has(schemes_in_hello(signs, kHandshake), kRsaPssSha256));
  EXPECT_TRUE(has(schemes_in_hello(signs, kCertificates), kRsaPssSha256));
  Credential certified = client_with(only().without(TlsParametersCngAlgUsageCertSig, L"RSA"));
  EXPECT_TRUE(has(schemes_in_hello(certified, kHandshake), kRsaPssSha256));
  EXPECT_FALSE(has(schemes_in_hello(certified, kCertificates), kRsaPssSha256));
  EXPECT_TRUE(has(schemes_in_hello(certified, kCertificates), kEcdsa));
}

TEST(TlsParameters, CRED_33_and_37_bad_entries_are_told) {
  const auto status_of = [](Parameters parameters) { return client_with(parameters).status; };
  EXPECT_EQ(status_of(Parameters().entry({L""})), SEC_E_INVALID_PARAMETER);
  EXPECT_EQ(status_of(Parameters().entry({L"h2"}, TLS_PARAMS_OPTIONAL)), SEC_E_INVALID_PARAMETER);
  EXPECT_EQ(status_of(Parameters().entry().without(static_cast<eTlsAlgorithmUsage>(5), L"AES")),
            SEC_E_INVALID_PARAMETER);
  EXPECT_EQ(status_of(Parameters().entry({L"h2"}).entry({L"h2"})), SEC_E_OK);
}

}  // namespace
}  // namespace contract
