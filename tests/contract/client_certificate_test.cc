#include <algorithm>

#include "support/libssl_peer.h"
#include "support/store_directory.h"

// Which certificate a client shows when the server asks (contract AUTH-11 to AUTH-19, R-1), and
// what is said of the certificates of peers without failing the handshake (ATTR-44).
namespace contract {
namespace {

Profile of_client(KeyType key = KeyType::ecdsa_p256) {
  Profile profile;
  profile.subject = "client";
  profile.names = nullptr;
  profile.usage = "clientAuth";
  profile.key = key;
  return profile;
}

std::string pem_of(const std::vector<Issued>& certificates, const Issued* key) {
  const std::unique_ptr<BIO, Freed<BIO_free_all>> bio(BIO_new(BIO_s_mem()));
  for (const Issued& one : certificates) PEM_write_bio_X509(bio.get(), one.certificate.get());
  if (key != nullptr) {
    PEM_write_bio_PrivateKey(bio.get(), key->key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  }
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

Bytes der_of(const Issued& issued) {
  unsigned char* out = nullptr;
  const int size = i2d_X509(issued.certificate.get(), &out);
  Bytes der(out, out + size);
  OPENSSL_free(out);
  return der;
}

class ClientCertificates : public testing::TestWithParam<Tls> {
 protected:
  ClientCertificates() {
    server_.use(issue({}, &root_));
    // Takes whatever comes: who the client is, the test asks libssl.
    SSL_CTX_set_verify(server_.context.get(), SSL_VERIFY_PEER,
                       [](int, X509_STORE_CTX*) { return 1; });
  }

  void put(const std::string& name, const Issued& own, const std::vector<Issued>& chain = {}) {
    std::vector<Issued> all = {own};
    all.insert(all.end(), chain.begin(), chain.end());
    directory_.put("user/my", name, pem_of(all, &own));
  }
  /// Server: names `issued`'s subject among the authorities it accepts.
  void accept_only(const Issued& issued) {
    SSL_CTX_add_client_CA(server_.context.get(), issued.certificate.get());
  }

  /// The handshake, as a caller that goes on when it is asked. True when both sides are done.
  bool meet(DWORD credential_flags = 0, ULONG context_flags = 0) {
    const certificates::Store trusted = trusting({root_});
    Credential credential(SECPKG_CRED_OUTBOUND, GetParam(), [&](SCH_CREDENTIALS& data) {
      data.hRootStore = trusted.get();
      data.dwFlags |= credential_flags;
    });
    Side client(false, &credential.handle);
    client.flags = kClientFlags | context_flags;
    server_.start();
    const bool done = connect(client, server_);
    asked_ =
        std::count(client.statuses.begin(), client.statuses.end(), SEC_I_INCOMPLETE_CREDENTIALS);
    return done;
  }
  /// What the server was shown, leaf first.
  std::vector<Bytes> shown() const {
    std::vector<Bytes> out;
    const std::unique_ptr<X509, Freed<X509_free>> leaf(
        SSL_get1_peer_certificate(server_.ssl.get()));
    if (!leaf) return out;
    const auto add = [&](X509* certificate) {
      unsigned char* der = nullptr;
      const int size = i2d_X509(certificate, &der);
      out.emplace_back(der, der + size);
      OPENSSL_free(der);
    };
    add(leaf.get());
    const STACK_OF(X509)* rest = SSL_get_peer_cert_chain(server_.ssl.get());
    for (int i = 0; i < sk_X509_num(rest); ++i) add(sk_X509_value(rest, i));
    return out;
  }

  const StoreDirectory directory_;
  const Issued root_ = make_root();
  LibsslPeer server_{LibsslPeer::server, GetParam()};
  long asked_ = 0;
};
INSTANTIATE_TEST_SUITE_P(Tls, ClientCertificates, testing::Values(Tls::v12, Tls::v13), name_of);

TEST_P(ClientCertificates, AUTH_11_and_13_the_store_MY_is_searched_silently) {
  const Issued own = issue(of_client(), &root_);
  put("own.pem", own);
  ASSERT_TRUE(meet());
  EXPECT_EQ(asked_, 0);
  ASSERT_FALSE(shown().empty());
  EXPECT_EQ(shown().front(), der_of(own));
}

TEST_P(ClientCertificates, AUTH_12_not_when_told_not_to) {
  put("own.pem", issue(of_client(), &root_));
  ASSERT_TRUE(meet(SCH_CRED_NO_DEFAULT_CREDS));
  EXPECT_EQ(asked_, 1);
  EXPECT_TRUE(shown().empty());
}

TEST_P(ClientCertificates, AUTH_12_nor_with_USE_SUPPLIED_CREDS) {
  put("own.pem", issue(of_client(), &root_));
  ASSERT_TRUE(meet(0, ISC_REQ_USE_SUPPLIED_CREDS));
  EXPECT_EQ(asked_, 1);
  EXPECT_TRUE(shown().empty());
}

TEST_P(ClientCertificates, CRED_46_of_the_two_flags_the_one_that_is_not_the_default_wins) {
  put("own.pem", issue(of_client(), &root_));
  ASSERT_TRUE(meet(SCH_CRED_NO_DEFAULT_CREDS | SCH_CRED_USE_DEFAULT_CREDS));
  EXPECT_TRUE(shown().empty());
}

TEST_P(ClientCertificates, R_1_nothing_found_asks_the_caller_once) {
  ASSERT_TRUE(meet());
  EXPECT_EQ(asked_, 1);
  EXPECT_TRUE(shown().empty());
}

TEST_P(ClientCertificates, AUTH_13_by_usage_and_dates) {
  Profile for_servers = of_client();
  for_servers.usage = "serverAuth";
  put("a.pem", issue(for_servers, &root_));
  Profile expired = of_client();
  expired.not_after = -60;
  put("b.pem", issue(expired, &root_));
  Profile not_yet = of_client();
  not_yet.not_before = 3600;
  put("c.pem", issue(not_yet, &root_));
  Profile no_signatures = of_client();
  no_signatures.key_usage = "critical,keyAgreement";
  put("d.pem", issue(no_signatures, &root_));
  const Issued without_key = issue(of_client(), &root_);
  directory_.put("user/my", "e.pem", pem_of({without_key}, nullptr));
  ASSERT_TRUE(meet());
  EXPECT_TRUE(shown().empty());
}

TEST_P(ClientCertificates, AUTH_13_the_one_that_is_good_for_longest) {
  Profile longer = of_client();
  longer.not_after = 30 * 86400;
  put("a.pem", issue(of_client(), &root_));
  const Issued best = issue(longer, &root_);
  put("b.pem", best);
  put("c.pem", issue(of_client(), &root_));
  ASSERT_TRUE(meet());
  ASSERT_FALSE(shown().empty());
  EXPECT_EQ(shown().front(), der_of(best));
}

TEST_P(ClientCertificates, AUTH_13_of_an_authority_that_the_server_names) {
  const Issued other_root = make_root("other root");
  Profile longer = of_client();
  longer.not_after = 30 * 86400;
  put("a.pem", issue(longer, &root_));
  const Issued wanted = issue(of_client(), &other_root);
  put("b.pem", wanted);
  accept_only(other_root);
  ASSERT_TRUE(meet());
  ASSERT_FALSE(shown().empty());
  EXPECT_EQ(shown().front(), der_of(wanted));
}

TEST_P(ClientCertificates, AUTH_13_also_through_an_intermediate_which_is_sent) {
  Profile authority;
  authority.subject = "intermediate";
  authority.names = nullptr;
  authority.constraints = "critical,CA:TRUE";
  const Issued intermediate = issue(authority, &root_);
  const Issued own = issue(of_client(), &intermediate);
  put("own.pem", own);
  directory_.put("machine/ca", "intermediate.pem", pem_of({intermediate}, nullptr));
  accept_only(root_);
  ASSERT_TRUE(meet());
  ASSERT_EQ(shown().size(), 2U) << "AUTH-19";
  EXPECT_EQ(shown()[0], der_of(own));
  EXPECT_EQ(shown()[1], der_of(intermediate));
}

TEST_P(ClientCertificates, AUTH_13_of_no_other_authority) {
  const Issued other_root = make_root("other root");
  put("own.pem", issue(of_client(), &root_));
  accept_only(other_root);
  ASSERT_TRUE(meet());
  EXPECT_EQ(asked_, 1);
  EXPECT_TRUE(shown().empty());
}

TEST_P(ClientCertificates, AUTH_13_with_a_key_that_the_server_can_check) {
  Profile longer = of_client(KeyType::ed25519);
  longer.not_after = 30 * 86400;
  put("a.pem", issue(longer, &root_));
  const Issued rsa = issue(of_client(KeyType::rsa), &root_);
  put("b.pem", rsa);
  ASSERT_EQ(SSL_CTX_set1_client_sigalgs_list(server_.context.get(), "RSA-PSS+SHA256:RSA+SHA256"),
            1);
  ASSERT_TRUE(meet());
  ASSERT_FALSE(shown().empty());
  EXPECT_EQ(shown().front(), der_of(rsa));
}

TEST_P(ClientCertificates, AUTH_14_what_the_caller_gives_beats_the_search) {
  put("own.pem", issue(of_client(), &root_));
  const OwnCertificate given(issue(of_client(), &root_));
  PCCERT_CONTEXT context = given.context.get();
  const certificates::Store trusted = trusting({root_});
  Credential credential(SECPKG_CRED_OUTBOUND, GetParam(), [&](SCH_CREDENTIALS& data) {
    data.hRootStore = trusted.get();
    data.cCreds = 1;
    data.paCred = &context;
  });
  Side client(false, &credential.handle);
  server_.start();
  ASSERT_TRUE(connect(client, server_));
  ASSERT_FALSE(shown().empty());
  EXPECT_EQ(shown().front(), certificates::encoding_of(context));
}

TEST_P(ClientCertificates, AUTH_16_a_new_credential_answers_after_the_issuer_list) {
  accept_only(root_);
  const OwnCertificate own(issue(of_client(), &root_));
  PCCERT_CONTEXT context = own.context.get();
  const certificates::Store trusted = trusting({root_});
  Credential without(SECPKG_CRED_OUTBOUND, GetParam(),
                     [&](SCH_CREDENTIALS& data) { data.hRootStore = trusted.get(); });
  Credential with(SECPKG_CRED_OUTBOUND, GetParam(), [&](SCH_CREDENTIALS& data) {
    data.hRootStore = trusted.get();
    data.cCreds = 1;
    data.paCred = &context;
  });
  Side client(false, &without.handle);
  server_.start();
  Bytes flight = server_.give(client.call({}).token);
  ASSERT_EQ(client.call(flight).status, SEC_I_INCOMPLETE_CREDENTIALS);
  SecPkgContext_IssuerListInfoEx list{};
  ASSERT_EQ(QueryContextAttributesA(&client.context, SECPKG_ATTR_ISSUER_LIST_EX, &list), SEC_E_OK);
  ASSERT_EQ(list.cIssuers, 1U);
  EXPECT_EQ(Bytes(list.aIssuers[0].pbData, list.aIssuers[0].pbData + list.aIssuers[0].cbData),
            Bytes(context->pCertInfo->Issuer.pbData,
                  context->pCertInfo->Issuer.pbData + context->pCertInfo->Issuer.cbData));
  FreeContextBuffer(list.aIssuers);
  client.later_credential = &with.handle;
  const Leg answer = client.call(flight);  // the same input again (AUTH-17)
  ASSERT_GE(answer.status, SEC_E_OK) << OpenSchannelErrorDetail();
  server_.give(answer.token);
  ASSERT_TRUE(server_.done());
  EXPECT_EQ(shown().front(), certificates::encoding_of(context));
}

// --- What is said of the peer's certificate ---

SecPkgContext_CertificateValidationResult check_result(Side& side) {
  SecPkgContext_CertificateValidationResult result{1, 1};
  EXPECT_EQ(QueryContextAttributesA(&side.context, SECPKG_ATTR_CERT_CHECK_RESULT, &result),
            SEC_E_OK);
  return result;
}

class Validation : public testing::TestWithParam<Tls> {
 protected:
  struct Outcome {
    SECURITY_STATUS status;
    bool is_mutual = false;
    SecPkgContext_CertificateValidationResult result{};
    DWORD chain_errors = 0xffffffff;
  };
  Outcome meet(const Issued& leaf, DWORD credential_flags, const char* target = "localhost") {
    const certificates::Store trusted = trusting({root_});
    Credential credential(SECPKG_CRED_OUTBOUND, GetParam(), [&](SCH_CREDENTIALS& data) {
      data.hRootStore = trusted.get();
      data.dwFlags |= credential_flags;
    });
    Side client(false, &credential.handle);
    client.target = target;
    client.flags = kClientFlags | ISC_REQ_MUTUAL_AUTH;
    LibsslPeer server(LibsslPeer::server, GetParam());
    server.use(leaf);
    server.start();
    connect(client, server);
    Outcome out{client.last};
    if (client.last != SEC_E_OK) return out;
    out.is_mutual = (client.attributes & ISC_RET_MUTUAL_AUTH) != 0;
    out.result = check_result(client);
    PCCERT_CHAIN_CONTEXT chain = nullptr;
    EXPECT_EQ(QueryContextAttributesA(&client.context, SECPKG_ATTR_REMOTE_CERT_CHAIN, &chain),
              SEC_E_OK);
    out.chain_errors = chain->TrustStatus.dwErrorStatus;
    CertFreeCertificateChain(chain);
    return out;
  }
  const Issued root_ = make_root();
};
INSTANTIATE_TEST_SUITE_P(Tls, Validation, testing::Values(Tls::v12, Tls::v13), name_of);

TEST_P(Validation, ATTR_44_a_good_chain) {
  const Outcome outcome = meet(issue({}, &root_), 0);
  ASSERT_EQ(outcome.status, SEC_E_OK);
  EXPECT_TRUE(outcome.is_mutual);
  EXPECT_EQ(outcome.result.dwChainErrorStatus, 0U);
  EXPECT_EQ(outcome.result.hrVerifyChainStatus, 0);
  EXPECT_EQ(outcome.chain_errors, 0U);
}

TEST_P(Validation, CRED_42_deferred_goes_on_and_tells) {
  const Issued stranger = make_root("stranger");
  const struct {
    Issued leaf;
    const char* target;
    DWORD errors;
    HRESULT policy;
    SECURITY_STATUS automatic;
  } rows[] = {
      {issue({}, &stranger), "localhost", CERT_TRUST_IS_PARTIAL_CHAIN, CERT_E_CHAINING,
       SEC_E_UNTRUSTED_ROOT},
      {issue({.not_after = -60}, &root_), "localhost", CERT_TRUST_IS_NOT_TIME_VALID, CERT_E_EXPIRED,
       SEC_E_CERT_EXPIRED},
      {issue({.usage = "clientAuth"}, &root_), "localhost", CERT_TRUST_IS_NOT_VALID_FOR_USAGE,
       CERT_E_WRONG_USAGE, SEC_E_CERT_WRONG_USAGE},
      {issue({}, &root_), "other.example", 0, CERT_E_CN_NO_MATCH, SEC_E_WRONG_PRINCIPAL},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(meet(row.leaf, 0, row.target).status, row.automatic);
    for (const DWORD flag : {SCH_CRED_DEFERRED_CRED_VALIDATION, SCH_CRED_MANUAL_CRED_VALIDATION}) {
      const Outcome outcome = meet(row.leaf, flag, row.target);
      ASSERT_EQ(outcome.status, SEC_E_OK) << OpenSchannelErrorDetail();
      EXPECT_FALSE(outcome.is_mutual);
      EXPECT_EQ(outcome.result.dwChainErrorStatus, row.errors);
      EXPECT_EQ(outcome.result.hrVerifyChainStatus, row.policy);
      EXPECT_EQ(outcome.chain_errors, row.errors);
    }
  }
}

TEST_P(Validation, ATTR_44_a_server_asks_about_its_client) {
  const certificates::Store trusted = trusting({root_});
  Credential server_credential(SECPKG_CRED_INBOUND, GetParam(),
                               [&](SCH_CREDENTIALS& data) { data.hRootStore = trusted.get(); });
  const Issued stranger = make_root("stranger");
  for (const bool is_known : {true, false}) {
    const OwnCertificate own(issue(of_client(), is_known ? &root_ : &stranger));
    PCCERT_CONTEXT context = own.context.get();
    Credential client_credential(SECPKG_CRED_OUTBOUND, GetParam(), [&](SCH_CREDENTIALS& data) {
      data.cCreds = 1;
      data.paCred = &context;
    });
    Side client(false, &client_credential.handle), server(true, &server_credential.handle);
    server.flags = kServerFlags | ASC_REQ_MUTUAL_AUTH;
    Bytes to_server, to_client;
    client.feed({}, to_server);
    for (int i = 0; i < 3; ++i) {
      server.feed(std::exchange(to_server, {}), to_client);
      client.feed(std::exchange(to_client, {}), to_server);
    }
    ASSERT_EQ(server.last, SEC_E_OK) << "AUTH-21: the application judges";
    EXPECT_EQ(check_result(server).hrVerifyChainStatus, is_known ? 0 : CERT_E_CHAINING);
  }
}

TEST_P(Validation, ATTR_44_without_a_certificate_there_is_nothing_to_say) {
  Pair pair(GetParam());
  ASSERT_TRUE(pair.connect());
  SecPkgContext_CertificateValidationResult result{};
  EXPECT_EQ(QueryContextAttributesA(&pair.server.context, SECPKG_ATTR_CERT_CHECK_RESULT, &result),
            SEC_E_NO_CREDENTIALS);
  PCCERT_CHAIN_CONTEXT chain = nullptr;
  EXPECT_EQ(QueryContextAttributesA(&pair.server.context, SECPKG_ATTR_REMOTE_CERT_CHAIN, &chain),
            SEC_E_NO_CREDENTIALS);
}

// --- Two credentials, one target: who is who ---

TEST_P(Validation, CACHE_2_identities_do_not_leak_between_credentials) {
  Credential server_credential(SECPKG_CRED_INBOUND, GetParam());
  const OwnCertificate first(issue(of_client(), &root_)), second(issue(of_client(), &root_));
  PCCERT_CONTEXT contexts[] = {first.context.get(), second.context.get(), nullptr};
  std::vector<std::unique_ptr<Credential>> credentials;
  for (PCCERT_CONTEXT& context : contexts) {
    credentials.push_back(
        std::make_unique<Credential>(SECPKG_CRED_OUTBOUND, GetParam(), [&](SCH_CREDENTIALS& data) {
          data.cCreds = context != nullptr ? 1 : 0;
          data.paCred = &context;
          data.dwFlags |= SCH_CRED_NO_DEFAULT_CREDS;
        }));
  }
  // Three rounds: from the second on there are sessions to resume.
  for (int round = 0; round < 3; ++round) {
    for (std::size_t i = 0; i < std::size(contexts); ++i) {
      Side client(false, &credentials[i]->handle), server(true, &server_credential.handle);
      server.flags = kServerFlags | ASC_REQ_MUTUAL_AUTH | ASC_REQ_SESSION_TICKET;
      Bytes to_server, to_client;
      client.feed({}, to_server);
      for (int leg = 0; leg < 3; ++leg) {
        if (!to_server.empty()) server.feed(std::exchange(to_server, {}), to_client);
        if (to_client.empty() || client.last == SEC_E_OK) break;
        client.feed(std::exchange(to_client, {}), to_server);
      }
      ASSERT_EQ(server.last, SEC_E_OK) << round << " " << i;
      PCCERT_CONTEXT seen = nullptr;
      const SECURITY_STATUS status =
          QueryContextAttributesA(&server.context, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &seen);
      if (contexts[i] == nullptr) {
        EXPECT_EQ(status, SEC_E_NO_CREDENTIALS);
        continue;
      }
      ASSERT_EQ(status, SEC_E_OK);
      EXPECT_EQ(certificates::encoding_of(seen), certificates::encoding_of(contexts[i]));
      CertFreeCertificateContext(seen);
    }
  }
}

}  // namespace
}  // namespace contract
