#include <algorithm>
#include <fstream>

#include "support/revocation.h"

// Who may say that a certificate was revoked, what is kept of it, and what it may cost. Through the
// chain functions where the bits matter, through InitializeSecurityContext where its flags do.
namespace contract {
namespace {

constexpr DWORD kGood = 0;
constexpr DWORD kRevoked = CERT_TRUST_IS_REVOKED;
constexpr DWORD kUnknown = CERT_TRUST_REVOCATION_STATUS_UNKNOWN;
constexpr DWORD kOffline = kUnknown | CERT_TRUST_IS_OFFLINE_REVOCATION;
constexpr DWORD kLeaf = CERT_CHAIN_REVOCATION_CHECK_END_CERT;
constexpr DWORD kChain = CERT_CHAIN_REVOCATION_CHECK_CHAIN;
constexpr DWORD kCacheOnly = CERT_CHAIN_REVOCATION_CHECK_CACHE_ONLY;

Profile authority(const std::string& subject) {
  Profile profile;
  profile.subject = subject;
  profile.names = nullptr;
  profile.constraints = "critical,CA:TRUE";
  profile.key_usage = "critical,keyCertSign,cRLSign";
  return profile;
}

class Revocation : public testing::Test {
 protected:
  Issued leaf_with(const std::string& responders, const std::string& lists = {}) const {
    Profile profile;
    for (const auto& [urls, prefix, out] :
         {std::tuple{responders, "OCSP;URI:", &profile.responders},
          std::tuple{lists, "URI:", &profile.lists}}) {
      if (!urls.empty()) *out = prefix + urls;
    }
    return issue(profile, &root_);
  }

  DWORD errors(const Issued& leaf, DWORD flags = kLeaf, const std::vector<Issued>& between = {},
               DWORD milliseconds = 0, bool trusted = true) {
    const certificates::Store roots = trusting({trusted ? root_ : make_root("other")});
    const certificates::Store additional = trusting(between);
    CERT_CHAIN_ENGINE_CONFIG config{};
    config.cbSize = sizeof config;
    config.hExclusiveRoot = roots.get();
    config.dwUrlRetrievalTimeout = milliseconds;
    HCERTCHAINENGINE engine = nullptr;
    EXPECT_TRUE(CertCreateCertificateChainEngine(&config, &engine));
    unsigned char* der = nullptr;
    const int size = i2d_X509(leaf.certificate.get(), &der);
    const certificates::Context context(
        CertCreateCertificateContext(X509_ASN_ENCODING, der, static_cast<DWORD>(size)));
    OPENSSL_free(der);
    CERT_CHAIN_PARA parameters{};
    parameters.cbSize = sizeof parameters;
    PCCERT_CHAIN_CONTEXT chain = nullptr;
    EXPECT_TRUE(CertGetCertificateChain(engine, context.get(), nullptr, additional.get(),
                                        &parameters, flags, nullptr, &chain))
        << OpenSchannelErrorDetail();
    const DWORD found = chain->TrustStatus.dwErrorStatus;
    const CERT_CHAIN_ELEMENT& first = *chain->rgpChain[0]->rgpElement[0];
    EXPECT_EQ(first.pRevocationInfo != nullptr, flags != 0);
    CertFreeCertificateChain(chain);
    CertFreeCertificateChainEngine(engine);
    return found;
  }

  SECURITY_STATUS handshake(const Issued& leaf, DWORD credential_flags) {
    const certificates::Store roots = trusting({root_});
    Credential credential(SECPKG_CRED_OUTBOUND, Tls::v13, [&](SCH_CREDENTIALS& data) {
      data.hRootStore = roots.get();
      data.dwFlags |= credential_flags;
    });
    Side client(false, &credential.handle);
    LibsslPeer peer(LibsslPeer::server, Tls::v13);
    peer.use(leaf);
    peer.start();
    connect(client, peer);
    return client.last;
  }

  OwnCache cache_;
  HttpServer server_;
  const Issued root_ = make_root();
};

TEST_F(Revocation, CRED_44_what_the_IGNORE_flags_overlook) {
  const Issued nowhere = issue({}, &root_);
  const Issued offline = leaf_with(dead_url());
  const Issued revoked = leaf_with(server_.url("/ocsp"));
  server_.serve("/ocsp", make_response(revoked, root_, {.said = Said::revoked}));
  const DWORD check = SCH_CRED_REVOCATION_CHECK_END_CERT;
  const DWORD no_check = check | SCH_CRED_IGNORE_NO_REVOCATION_CHECK;
  const DWORD no_answer = check | SCH_CRED_IGNORE_REVOCATION_OFFLINE;
  EXPECT_EQ(handshake(nowhere, check), CRYPT_E_NO_REVOCATION_CHECK);
  EXPECT_EQ(handshake(nowhere, no_check), SEC_E_OK);
  EXPECT_EQ(handshake(nowhere, no_answer), CRYPT_E_NO_REVOCATION_CHECK);
  EXPECT_EQ(handshake(offline, check), CRYPT_E_REVOCATION_OFFLINE);
  EXPECT_EQ(handshake(offline, no_check), CRYPT_E_REVOCATION_OFFLINE);
  EXPECT_EQ(handshake(offline, no_answer), SEC_E_OK);
  EXPECT_EQ(handshake(revoked, no_check | no_answer), CRYPT_E_REVOKED);
  // Without a REVOCATION_CHECK flag they mean nothing, and nothing is asked.
  EXPECT_EQ(handshake(revoked, SCH_CRED_IGNORE_REVOCATION_OFFLINE), SEC_E_OK);
  EXPECT_EQ(server_.requests(), 1U);
}

TEST_F(Revocation, CRED_42_cache_only_asks_nobody) {
  const Issued leaf = leaf_with(server_.url("/ocsp"));
  server_.serve("/ocsp", make_response(leaf, root_));
  const DWORD check = SCH_CRED_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT;
  const DWORD cached = check | SCH_CRED_REVOCATION_CHECK_CACHE_ONLY;
  EXPECT_EQ(handshake(leaf, cached), CRYPT_E_REVOCATION_OFFLINE);
  EXPECT_EQ(server_.requests(), 0U);
  EXPECT_EQ(handshake(leaf, check), SEC_E_OK);
  EXPECT_EQ(handshake(leaf, cached), SEC_E_OK);
  EXPECT_EQ(handshake(leaf, check), SEC_E_OK);
  EXPECT_EQ(server_.requests(), 1U);
}

TEST_F(Revocation, answers_are_kept_on_disk_and_not_believed_for_it) {
  const Issued by_ocsp = leaf_with(server_.url("/ocsp"));
  const Issued by_list = leaf_with({}, server_.url("/list"));
  server_.serve("/ocsp", make_response(by_ocsp, root_));
  server_.serve("/list", make_list(root_, {&by_list}));
  EXPECT_EQ(errors(by_ocsp), kGood);
  EXPECT_EQ(errors(by_list), kRevoked);
  EXPECT_EQ(server_.requests(), 2U);
  EXPECT_EQ(errors(by_ocsp, kLeaf | kCacheOnly), kGood);
  EXPECT_EQ(errors(by_list, kLeaf | kCacheOnly), kRevoked);
  EXPECT_EQ(server_.requests(), 2U);

  const std::vector<std::string> files = cache_.files();
  ASSERT_EQ(files.size(), 2U);
  const Bytes stranger = make_list(make_root("root"), {});
  for (const Bytes& planted : {Bytes{}, Bytes(100, 0x30), Bytes(70000, 0xff), stranger}) {
    for (const std::string& file : files) {
      std::ofstream(file, std::ios::binary)
          .write(reinterpret_cast<const char*>(planted.data()),
                 static_cast<std::streamsize>(planted.size()));
    }
    EXPECT_EQ(errors(by_ocsp, kLeaf | kCacheOnly), kOffline);
    EXPECT_EQ(errors(by_list, kLeaf | kCacheOnly), kOffline);
  }
  // What can't be used is asked for again, and replaced.
  EXPECT_EQ(errors(by_ocsp), kGood);
  EXPECT_EQ(errors(by_list), kRevoked);
  EXPECT_EQ(server_.requests(), 4U);
  EXPECT_EQ(errors(by_list, kLeaf | kCacheOnly), kRevoked);
}

TEST_F(Revocation, what_is_no_answer_is_not_kept) {
  const Issued leaf = leaf_with(server_.url("/ocsp"), server_.url("/list"));
  server_.serve("/ocsp", {0x30, 0x03, 0x0a, 0x01, 0x03});  // tryLater
  server_.serve("/list", make_list(make_root("root"), {&leaf}));
  EXPECT_EQ(errors(leaf), kOffline);
  EXPECT_TRUE(cache_.files().empty());
}

TEST_F(Revocation, which_responses_count) {
  const Issued leaf = leaf_with(server_.url("/ocsp"));
  Profile responder;
  responder.subject = "responder";
  responder.names = nullptr;
  responder.usage = "OCSPSigning";
  const Issued delegated = issue(responder, &root_);
  const Issued stranger_root = make_root("root");
  const Issued of_stranger = issue(responder, &stranger_root);
  responder.usage = nullptr;
  const Issued not_for_this = issue(responder, &root_);
  responder.usage = "OCSPSigning";
  responder.not_before = -7200;
  responder.not_after = -60;
  const Issued expired = issue(responder, &root_);
  const Issued other = issue({}, &root_);

  struct Row {
    const char* what;
    Bytes response;
    DWORD expected;
  };
  const Row rows[] = {
      {"the issuer's", make_response(leaf, root_), kGood},
      {"certificate named by SHA-256", make_response(leaf, root_, {.with_sha256_id = true}), kGood},
      {"delegated", make_response(leaf, root_, {.responder = &delegated}), kGood},
      {"delegated, revoked",
       make_response(leaf, root_, {.said = Said::revoked, .responder = &delegated}), kRevoked},
      {"delegated without OCSPSigning", make_response(leaf, root_, {.responder = &not_for_this}),
       kOffline},
      {"delegated, expired", make_response(leaf, root_, {.responder = &expired}), kOffline},
      {"delegated by somebody else of the name",
       make_response(leaf, root_, {.responder = &of_stranger}), kOffline},
      {"a stranger's of the issuer's name",
       make_response(leaf, root_, {.responder = &stranger_root}), kOffline},
      {"about another certificate", make_response(other, root_), kOffline},
      {"over", make_response(leaf, root_, {.seconds = -3600}), kOffline},
      {"over and revoked", make_response(leaf, root_, {.said = Said::revoked, .seconds = -3600}),
       kOffline},
      {"unknown", make_response(leaf, root_, {.said = Said::unknown}), kOffline},
      {"signed with SHA-1", make_response(leaf, root_, {.signed_with_sha1 = true}), kOffline},
      {"nothing", {}, kOffline},
      {"no response", Bytes(50, 0x30), kOffline},
      {"too long", Bytes(0x10001, 0x30), kOffline},
  };
  for (const Row& row : rows) {
    const OwnCache fresh;
    server_.serve("/ocsp", row.response);
    EXPECT_EQ(errors(leaf), row.expected) << row.what;
  }
}

TEST_F(Revocation, every_changed_byte_of_a_response_is_found) {
  const Issued leaf = leaf_with(server_.url("/ocsp"));
  const Bytes response = make_response(leaf, root_);
  // Behind the signature the responder's certificate is enclosed, which is not needed here: a
  // change there changes nothing.
  unsigned char* encoded = nullptr;
  const int encoded_size = i2d_X509(root_.certificate.get(), &encoded);
  ASSERT_GT(encoded_size, 0);
  const auto enclosed =
      std::search(response.begin(), response.end(), encoded, encoded + encoded_size);
  OPENSSL_free(encoded);
  const auto signed_size = static_cast<std::size_t>(enclosed - response.begin());
  // Each 7th is enough to stay quick.
  for (std::size_t i = 0; i < response.size(); i += 7) {
    const OwnCache fresh;
    Bytes changed = response;
    changed[i] ^= 0x01;
    server_.serve("/ocsp", changed);
    EXPECT_NE(errors(leaf), kRevoked) << i;
    if (i > 40 && i + 20 < signed_size) {
      EXPECT_EQ(errors(leaf), kOffline) << i;
    }
  }
}

TEST_F(Revocation, which_lists_count) {
  const Issued leaf = leaf_with({}, server_.url("/list"));
  Issued same_name = make_root("root");
  struct Row {
    const char* what;
    Bytes list;
    DWORD expected;
  };
  const Row rows[] = {
      {"current", make_list(root_, {}), kGood},
      {"revoked", make_list(root_, {&leaf}), kRevoked},
      {"over", make_list(root_, {}, -60), kOffline},
      // Who was revoked in an old list still is.
      {"over, revoked", make_list(root_, {&leaf}, -60), kRevoked},
      {"of a stranger of the name", make_list(same_name, {}), kOffline},
      {"of a stranger of the name, revoked", make_list(same_name, {&leaf}), kOffline},
      {"no list", Bytes(50, 0x30), kOffline},
  };
  for (const Row& row : rows) {
    const OwnCache fresh;
    server_.serve("/list", row.list);
    EXPECT_EQ(errors(leaf), row.expected) << row.what;
  }
}

TEST_F(Revocation, the_list_is_asked_when_the_responder_has_no_answer) {
  const Issued leaf = leaf_with(server_.url("/ocsp"), server_.url("/list"));
  server_.serve("/list", make_list(root_, {&leaf}));
  EXPECT_EQ(errors(leaf), kRevoked);  // 404 from the responder
  const OwnCache fresh;
  server_.serve("/ocsp", make_response(leaf, root_, {.said = Said::unknown}));
  EXPECT_EQ(errors(leaf), kRevoked);
}

TEST_F(Revocation, redirects_stay_on_http_and_end) {
  const Issued leaf = leaf_with({}, server_.url("/here"));
  server_.serve("/there", make_list(root_, {}));
  server_.redirect("/here", server_.url("/there"));
  EXPECT_EQ(errors(leaf), kGood);
  const OwnCache fresh;
  for (const char* elsewhere :
       {"https://127.0.0.1/", "ftp://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1/"}) {
    server_.redirect("/here", elsewhere);
    EXPECT_EQ(errors(leaf), kOffline) << elsewhere;
  }
  const unsigned before = server_.requests();
  server_.redirect("/here", server_.url("/here"));
  EXPECT_EQ(errors(leaf), kOffline);
  EXPECT_EQ(server_.requests() - before, 4U);  // kRevocationRedirectCountMax and the first
}

TEST_F(Revocation, only_http_addresses_are_asked) {
  for (const char* url :
       {"https://127.0.0.1/", "ldap://127.0.0.1/", "file:///etc/passwd", "ftp://127.0.0.1/list"}) {
    EXPECT_EQ(errors(leaf_with(url, url)), kUnknown) << url;
  }
}

TEST_F(Revocation, CERT_35_a_silent_server_is_offline) {
  const Issued leaf = leaf_with(server_.url("/silent"));
  server_.stall("/silent");
  EXPECT_EQ(errors(leaf, kLeaf, {}, 200), kOffline);
}

TEST_F(Revocation, CERT_35_at_most_so_many_addresses_are_asked) {
  // One certificate with more addresses than anybody needs.
  Profile greedy;
  for (int i = 0; i < 20; ++i) {
    const std::string comma = i == 0 ? "" : ",";
    greedy.responders += comma + "OCSP;URI:" + server_.url("/ocsp" + std::to_string(i));
    greedy.lists += comma + "URI:" + server_.url("/list" + std::to_string(i));
  }
  EXPECT_EQ(errors(issue(greedy, &root_)), kOffline);
  EXPECT_EQ(server_.requests(), 8U);  // 4 responders, 4 lists
  // And a chain of such.
  std::vector<Issued> between;
  const Issued* issuer = &root_;
  for (int i = 0; i < 4; ++i) {
    Profile profile = authority("authority " + std::to_string(i));
    profile.responders = greedy.responders;
    profile.lists = greedy.lists;
    between.reserve(4);
    between.push_back(issue(profile, issuer));
    issuer = &between.back();
  }
  const unsigned before = server_.requests();
  EXPECT_EQ(errors(issue(greedy, issuer), kChain, between), kOffline);
  EXPECT_EQ(server_.requests() - before, 12U);
}

TEST_F(Revocation, CERT_36_a_chain_that_is_not_good_asks_nobody) {
  const Issued leaf = leaf_with(server_.url("/ocsp"));
  server_.serve("/ocsp", make_response(leaf, root_));
  EXPECT_EQ(errors(leaf, kLeaf, {}, 0, /*trusted=*/false), CERT_TRUST_IS_PARTIAL_CHAIN | kUnknown);
  EXPECT_EQ(errors(leaf, kLeaf, {root_}, 0, /*trusted=*/false),
            CERT_TRUST_IS_UNTRUSTED_ROOT | kOffline);
  Profile expired;
  expired.not_before = -7200;
  expired.not_after = -60;
  expired.responders = "OCSP;URI:" + server_.url("/ocsp");
  EXPECT_EQ(errors(issue(expired, &root_)), CERT_TRUST_IS_NOT_TIME_VALID | kOffline);
  EXPECT_EQ(server_.requests(), 0U);
}

TEST_F(Revocation, CERT_36_a_root_is_never_of_unknown_state) {
  const Issued leaf = leaf_with(server_.url("/ocsp"));
  server_.serve("/ocsp", make_response(leaf, root_));
  EXPECT_EQ(errors(leaf, kChain), kGood);
}

TEST_F(Revocation, AUTH_7_another_path_is_taken_when_one_is_revoked) {
  // The same authority twice, of which one has been revoked.
  Profile profile = authority("crossed");
  profile.own_key = make_key(KeyType::ecdsa_p256);
  profile.lists = "URI:" + server_.url("/list");
  const Issued revoked = issue(profile, &root_);
  const Issued good = issue(profile, &root_);
  server_.serve("/list", make_list(root_, {&revoked}));
  Profile named;
  named.lists = "URI:" + server_.url("/leaves");
  const Issued leaf = issue(named, &good);
  server_.serve("/leaves", make_list(good, {}));
  EXPECT_EQ(errors(leaf, kChain, {revoked}), kRevoked);
  EXPECT_EQ(errors(leaf, kChain, {revoked, good}), kGood);
  EXPECT_EQ(errors(leaf, kChain, {good, revoked}), kGood);
}

}  // namespace
}  // namespace contract
