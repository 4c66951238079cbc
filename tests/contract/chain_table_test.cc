#include <algorithm>

#include "support/revocation.h"

// Behind OpenSSL's headers, which must come first.
#include "manual_validation/check_server.h"

// Every way for a chain to fail, three times: what InitializeSecurityContext returns and which
// alert the server sees (AUTH-8, ALERT-28); which bits CertGetCertificateChain sets (CERT-37); what
// CertVerifyCertificateChainPolicy makes of them (CERT-50).
namespace contract {
namespace {

struct Case {
  Issued leaf;
  std::vector<Issued> sent;
  std::vector<Issued> trusted;
  DWORD revocation = 0;  ///< SCH_CRED_REVOCATION_CHECK_*
  Bytes staple = {};
  const char* target = "localhost";
};

/// What a row may use.
struct World {
  HttpServer server;
  const Issued root = make_root();

  Issued authority(const char* constraints = "critical,CA:TRUE",
                   const char* name_constraints = nullptr) const {
    return issue(authority_profile(constraints, name_constraints), &root);
  }
  static Profile authority_profile(const char* constraints = "critical,CA:TRUE",
                                   const char* name_constraints = nullptr) {
    Profile profile;
    profile.subject = "authority";
    profile.names = nullptr;
    profile.constraints = constraints;
    profile.key_usage = "critical,keyCertSign,cRLSign";
    profile.name_constraints = name_constraints;
    return profile;
  }
  /// A leaf of the root's that names a responder and a list of the server's.
  Issued asked_about(bool responder, bool list) const {
    Profile profile;
    if (responder) profile.responders = "OCSP;URI:" + server.url("/ocsp");
    if (list) profile.lists = "URI:" + server.url("/list");
    return issue(profile, &root);
  }
};

struct Row {
  const char* name;
  Case (*make)(World&);
  SECURITY_STATUS status;
  int alert;     ///< -1: none
  DWORD errors;  ///< dwErrorStatus
  HRESULT policy;
  LONG element = 0;  ///< lElementIndex
};

constexpr DWORD kWeak = CERT_TRUST_HAS_WEAK_SIGNATURE | CERT_TRUST_IS_NOT_SIGNATURE_VALID;
constexpr DWORD kOffline = CERT_TRUST_IS_OFFLINE_REVOCATION | CERT_TRUST_REVOCATION_STATUS_UNKNOWN;
constexpr DWORD kLeafOnly = SCH_CRED_REVOCATION_CHECK_END_CERT;
constexpr DWORD kAll = SCH_CRED_REVOCATION_CHECK_CHAIN;
constexpr DWORD kNotRoot = SCH_CRED_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT;

Case changed_leaf(World& world, void (*change)(Profile&)) {
  Profile profile;
  change(profile);
  return {issue(profile, &world.root), {}, {world.root}};
}

const Row kTable[] = {
    {"good",
     [](World& world) {
       const Issued one = world.authority();
       return Case{issue({}, &one), {one}, {world.root}};
     },
     SEC_E_OK, -1, 0, 0, -1},
    {"untrusted_root",
     [](World& world) {
       return Case{issue({}, &world.root), {world.root}, {make_root("other")}};
     },
     SEC_E_UNTRUSTED_ROOT, 48, CERT_TRUST_IS_UNTRUSTED_ROOT, CERT_E_UNTRUSTEDROOT, 1},
    {"self_signed",
     [](World& world) {
       return Case{issue({}), {}, {world.root}};
     },
     SEC_E_UNTRUSTED_ROOT, 48, CERT_TRUST_IS_UNTRUSTED_ROOT, CERT_E_UNTRUSTEDROOT, 0},
    {"root_neither_sent_nor_trusted",
     [](World& world) {
       return Case{issue({}, &world.root), {}, {make_root("other")}};
     },
     SEC_E_UNTRUSTED_ROOT, 48, CERT_TRUST_IS_PARTIAL_CHAIN, CERT_E_CHAINING, -1},
    {"missing_intermediate",
     [](World& world) {
       const Issued one = world.authority();
       return Case{issue({}, &one), {}, {world.root}};
     },
     SEC_E_UNTRUSTED_ROOT, 48, CERT_TRUST_IS_PARTIAL_CHAIN, CERT_E_CHAINING, -1},
    {"expired",
     [](World& world) {
       return changed_leaf(world, [](Profile& profile) {
         profile.not_before = -7200;
         profile.not_after = -60;
       });
     },
     SEC_E_CERT_EXPIRED, 45, CERT_TRUST_IS_NOT_TIME_VALID, CERT_E_EXPIRED},
    {"not_yet_valid",
     [](World& world) {
       return changed_leaf(world, [](Profile& profile) { profile.not_before = 3600; });
     },
     SEC_E_CERT_EXPIRED, 45, CERT_TRUST_IS_NOT_TIME_VALID, CERT_E_EXPIRED},
    {"expired_intermediate",
     [](World& world) {
       Profile profile = World::authority_profile();
       profile.not_before = -7200;
       profile.not_after = -60;
       const Issued one = issue(profile, &world.root);
       return Case{issue({}, &one), {one}, {world.root}};
     },
     SEC_E_CERT_EXPIRED, 45, CERT_TRUST_IS_NOT_TIME_VALID, CERT_E_EXPIRED, 1},
    {"wrong_name",
     [](World& world) {
       return changed_leaf(world, [](Profile& profile) { profile.names = "DNS:other.example"; });
     },
     SEC_E_WRONG_PRINCIPAL, 42, 0, CERT_E_CN_NO_MATCH},
    {"wrong_usage",
     [](World& world) {
       return changed_leaf(world, [](Profile& profile) { profile.usage = "clientAuth"; });
     },
     SEC_E_CERT_WRONG_USAGE, 43, CERT_TRUST_IS_NOT_VALID_FOR_USAGE, CERT_E_WRONG_USAGE},
    {"path_length",
     [](World& world) {
       const Issued one = world.authority("critical,CA:TRUE,pathlen:0");
       Profile profile = World::authority_profile();
       profile.subject = "too deep";
       const Issued two = issue(profile, &one);
       return Case{issue({}, &two), {two, one}, {world.root}};
     },
     SEC_E_CERT_UNKNOWN, 46, CERT_TRUST_INVALID_BASIC_CONSTRAINTS, TRUST_E_BASIC_CONSTRAINTS, 2},
    {"issuer_is_no_authority",
     [](World& world) {
       const Issued one = world.authority("critical,CA:FALSE");
       return Case{issue({}, &one), {one}, {world.root}};
     },
     SEC_E_CERT_UNKNOWN, 46, CERT_TRUST_INVALID_BASIC_CONSTRAINTS, TRUST_E_BASIC_CONSTRAINTS, 1},
    {"name_not_permitted",
     [](World& world) {
       const Issued one = world.authority("critical,CA:TRUE", "critical,permitted;DNS:example.org");
       return Case{issue({}, &one), {one}, {world.root}};
     },
     SEC_E_CERT_UNKNOWN, 46, CERT_TRUST_HAS_NOT_PERMITTED_NAME_CONSTRAINT, CERT_E_INVALID_NAME},
    {"name_excluded",
     [](World& world) {
       const Issued one = world.authority("critical,CA:TRUE", "critical,excluded;DNS:localhost");
       return Case{issue({}, &one), {one}, {world.root}};
     },
     SEC_E_CERT_UNKNOWN, 46, CERT_TRUST_HAS_EXCLUDED_NAME_CONSTRAINT, CERT_E_INVALID_NAME},
    {"changed_signature",
     [](World& world) {
       Issued leaf = issue({}, &world.root);
       unsigned char* der = nullptr;
       const int size = i2d_X509(leaf.certificate.get(), &der);
       der[size - 3] ^= 1;
       const unsigned char* at = der;
       leaf.certificate = Certificate(d2i_X509(nullptr, &at, size), X509_free);
       OPENSSL_free(der);
       return Case{leaf, {}, {world.root}};
     },
     SEC_E_CERT_UNKNOWN, 46, CERT_TRUST_IS_NOT_SIGNATURE_VALID, TRUST_E_CERT_SIGNATURE},
    {"weak_key",
     [](World& world) {
       Profile profile = World::authority_profile();
       profile.own_key = Key(EVP_RSA_gen(768), EVP_PKEY_free);
       const Issued one = issue(profile, &world.root);
       return Case{issue({}, &one), {one}, {world.root}};
     },
     SEC_E_CERT_UNKNOWN, 46, kWeak, TRUST_E_CERT_SIGNATURE, 1},
    {"weak_hash",
     [](World& world) {
       return changed_leaf(world, [](Profile& profile) { profile.signed_with_sha1 = true; });
     },
     SEC_E_CERT_UNKNOWN, 46, kWeak, TRUST_E_CERT_SIGNATURE},

    // Revocation.
    {"revoked_by_list",
     [](World& world) {
       const Issued leaf = world.asked_about(false, true);
       world.server.serve("/list", make_list(world.root, {&leaf}));
       return Case{leaf, {}, {world.root}, kLeafOnly};
     },
     CRYPT_E_REVOKED, 44, CERT_TRUST_IS_REVOKED, CRYPT_E_REVOKED},
    {"good_by_list",
     [](World& world) {
       const Issued leaf = world.asked_about(false, true);
       world.server.serve("/list", make_list(world.root, {&world.root}));
       return Case{leaf, {}, {world.root}, kAll};
     },
     SEC_E_OK, -1, 0, 0, -1},
    {"revoked_by_responder",
     [](World& world) {
       const Issued leaf = world.asked_about(true, false);
       world.server.serve("/ocsp", make_response(leaf, world.root, {.said = Said::revoked}));
       return Case{leaf, {}, {world.root}, kNotRoot};
     },
     CRYPT_E_REVOKED, 44, CERT_TRUST_IS_REVOKED, CRYPT_E_REVOKED},
    {"good_by_responder",
     [](World& world) {
       const Issued leaf = world.asked_about(true, false);
       world.server.serve("/ocsp", make_response(leaf, world.root));
       return Case{leaf, {}, {world.root}, kNotRoot};
     },
     SEC_E_OK, -1, 0, 0, -1},
    {"revoked_by_staple",
     [](World& world) {
       const Issued leaf = issue({}, &world.root);
       return Case{leaf,
                   {},
                   {world.root},
                   kLeafOnly,
                   make_response(leaf, world.root, {.said = Said::revoked})};
     },
     CRYPT_E_REVOKED, 44, CERT_TRUST_IS_REVOKED, CRYPT_E_REVOKED},
    {"good_by_staple",
     [](World& world) {
       const Issued leaf = issue({}, &world.root);
       return Case{leaf, {}, {world.root}, kLeafOnly, make_response(leaf, world.root)};
     },
     SEC_E_OK, -1, 0, 0, -1},
    {"staple_of_a_stranger_does_not_count",
     [](World& world) {
       const Issued leaf = issue({}, &world.root);
       return Case{leaf, {}, {world.root}, kLeafOnly, make_response(leaf, make_root("root"))};
     },
     CRYPT_E_REVOCATION_OFFLINE, 46, kOffline, CRYPT_E_REVOCATION_OFFLINE},
    {"revoked_intermediate",
     [](World& world) {
       Profile profile = World::authority_profile();
       profile.lists = "URI:" + world.server.url("/list");
       const Issued one = issue(profile, &world.root);
       world.server.serve("/list", make_list(world.root, {&one}));
       Profile named;
       named.lists = "URI:" + world.server.url("/leaf-list");
       const Issued leaf = issue(named, &one);
       world.server.serve("/leaf-list", make_list(one, {}));
       return Case{leaf, {one}, {world.root}, kNotRoot};
     },
     CRYPT_E_REVOKED, 44, CERT_TRUST_IS_REVOKED, CRYPT_E_REVOKED, 1},
    {"responder_offline",
     [](World& world) {
       Profile profile;
       profile.responders = "OCSP;URI:" + dead_url();
       return Case{issue(profile, &world.root), {}, {world.root}, kLeafOnly};
     },
     CRYPT_E_REVOCATION_OFFLINE, 46, kOffline, CRYPT_E_REVOCATION_OFFLINE},
    {"nowhere_to_ask",
     [](World& world) {
       return Case{issue({}, &world.root), {}, {world.root}, kLeafOnly};
     },
     CRYPT_E_NO_REVOCATION_CHECK, 46, CERT_TRUST_REVOCATION_STATUS_UNKNOWN,
     CRYPT_E_NO_REVOCATION_CHECK},
    {"nobody_asks_without_a_flag",
     [](World& world) {
       const Issued leaf = world.asked_about(true, true);
       world.server.serve("/list", make_list(world.root, {&leaf}));
       return Case{
           leaf, {}, {world.root}, 0, make_response(leaf, world.root, {.said = Said::revoked})};
     },
     SEC_E_OK, -1, 0, 0, -1},
    {"wrong_name_before_revocation_unknown",
     [](World& world) {
       Case one{issue({}, &world.root), {}, {world.root}, kLeafOnly};
       one.target = "elsewhere.example";
       return one;
     },
     SEC_E_WRONG_PRINCIPAL, 42, CERT_TRUST_REVOCATION_STATUS_UNKNOWN, CERT_E_CN_NO_MATCH},
};

class ChainTable : public testing::TestWithParam<Row> {
 protected:
  OwnCache cache_;
  World world_;
};
INSTANTIATE_TEST_SUITE_P(Rows, ChainTable, testing::ValuesIn(kTable),
                         [](const auto& row) { return row.param.name; });

int staple(SSL* ssl, void* argument) {
  const auto& response = *static_cast<const Bytes*>(argument);
  auto* copy = static_cast<unsigned char*>(OPENSSL_memdup(response.data(), response.size()));
  SSL_set_tlsext_status_ocsp_resp(ssl, copy, static_cast<int>(response.size()));
  return SSL_TLSEXT_ERR_OK;
}

/// A handshake with a libssl server that presents the case.
SECURITY_STATUS meet(Case& one, Side& client, LibsslPeer& server) {
  client.target = one.target;
  SSL_CTX_set_security_level(server.context.get(), 0);
  server.use(one.leaf, one.sent);
  if (!one.staple.empty()) {
    SSL_CTX_set_tlsext_status_cb(server.context.get(), staple);
    SSL_CTX_set_tlsext_status_arg(server.context.get(), &one.staple);
  }
  server.start();
  connect(client, server);
  return client.last;
}

// AUTH-9: what the program in examples/manual_validation makes of the same servers.
TEST_P(ChainTable, AUTH_9_manual_validation_says_what_the_automatic_one_does) {
  const Row& row = GetParam();
  Case one = row.make(world_);
  const certificates::Store roots = trusting(one.trusted);
  for (const Tls version : {Tls::v12, Tls::v13}) {
    Credential credential(SECPKG_CRED_OUTBOUND, version);
    Side client(false, &credential.handle);
    client.flags = kClientFlags | ISC_REQ_MANUAL_CRED_VALIDATION;
    LibsslPeer server(LibsslPeer::server, version);
    const SECURITY_STATUS status = meet(one, client, server);
    if (status != SEC_E_OK) {
      // What can't even be read, or prove its key, is refused whoever validates (AUTH-5).
      EXPECT_EQ(status, row.status) << OpenSchannelErrorDetail();
      continue;
    }
    PCCERT_CONTEXT certificate = nullptr;
    ASSERT_EQ(
        QueryContextAttributesA(&client.context, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &certificate),
        SEC_E_OK);
    const server_check check{one.target, roots.get(), one.revocation << 20};
    const char* reason = nullptr;
    const HRESULT result = check_server(certificate, &check, &reason);
    EXPECT_EQ(result, row.policy) << reason;
    EXPECT_EQ(result == 0, row.status == SEC_E_OK) << reason;
    CertFreeCertificateContext(certificate);
  }
}

TEST_P(ChainTable, AUTH_8_status_and_alert) {
  const Row& row = GetParam();
  Case one = row.make(world_);
  for (const Tls version : {Tls::v12, Tls::v13}) {
    const certificates::Store store = trusting(one.trusted);
    Credential credential(SECPKG_CRED_OUTBOUND, version, [&](SCH_CREDENTIALS& data) {
      data.hRootStore = store.get();
      data.dwFlags |= one.revocation;
    });
    ASSERT_EQ(credential.status, SEC_E_OK);
    Side client(false, &credential.handle);
    client.flags = kClientFlags | ISC_REQ_EXTENDED_ERROR;
    LibsslPeer server(LibsslPeer::server, version);
    EXPECT_EQ(meet(one, client, server), row.status) << OpenSchannelStatusText(client.last) << "\n"
                                                     << OpenSchannelErrorDetail();
    EXPECT_EQ(server.alert_received, row.alert);
  }
}

Bytes der_of(const Issued& issued) {
  unsigned char* der = nullptr;
  const int size = i2d_X509(issued.certificate.get(), &der);
  Bytes out(der, der + size);
  OPENSSL_free(der);
  return out;
}

TEST_P(ChainTable, CERT_37_bits_and_policy_error) {
  const Row& row = GetParam();
  Case one = row.make(world_);
  const certificates::Store roots = trusting(one.trusted);
  CERT_CHAIN_ENGINE_CONFIG config{};
  config.cbSize = sizeof config;
  config.hExclusiveRoot = roots.get();
  HCERTCHAINENGINE engine = nullptr;
  ASSERT_TRUE(CertCreateCertificateChainEngine(&config, &engine));
  const certificates::Store additional = trusting(one.sent);
  const Bytes der = der_of(one.leaf);
  const certificates::Context leaf(
      CertCreateCertificateContext(X509_ASN_ENCODING, der.data(), static_cast<DWORD>(der.size())));
  if (!one.staple.empty()) {
    CRYPT_DATA_BLOB blob = certificates::blob_of(one.staple);
    ASSERT_TRUE(
        CertSetCertificateContextProperty(leaf.get(), CERT_OCSP_RESPONSE_PROP_ID, 0, &blob));
  }
  char usage[] = szOID_PKIX_KP_SERVER_AUTH;
  LPSTR usages[] = {usage};
  CERT_CHAIN_PARA parameters{};
  parameters.cbSize = sizeof parameters;
  parameters.RequestedUsage.Usage = {1, usages};
  // The flags of the credential have their likes 20 bits further up.
  const DWORD flags = one.revocation << 20;
  PCCERT_CHAIN_CONTEXT chain = nullptr;
  ASSERT_TRUE(CertGetCertificateChain(engine, leaf.get(), nullptr, additional.get(), &parameters,
                                      flags, nullptr, &chain))
      << OpenSchannelErrorDetail();
  EXPECT_EQ(chain->TrustStatus.dwErrorStatus, row.errors) << std::hex << row.errors;
  EXPECT_EQ(chain->rgpChain[0]->TrustStatus.dwErrorStatus, row.errors);
  EXPECT_EQ(chain->rgpChain[0]->rgpElement[0]->pCertContext, leaf.get());

  const std::string target = one.target;
  std::wstring name(target.begin(), target.end());
  HTTPSPolicyCallbackData https{};
  https.cbStruct = sizeof https;
  https.dwAuthType = AUTHTYPE_SERVER;
  https.pwszServerName = name.data();
  CERT_CHAIN_POLICY_PARA policy{sizeof policy, 0, &https};
  CERT_CHAIN_POLICY_STATUS status{};  // cbSize stays 0
  ASSERT_TRUE(CertVerifyCertificateChainPolicy(CERT_CHAIN_POLICY_SSL, chain, &policy, &status));
  EXPECT_EQ(status.dwError, certificates::code(row.policy)) << std::hex << status.dwError;
  EXPECT_EQ(status.lElementIndex, row.element);
  EXPECT_EQ(status.lChainIndex, row.policy == 0 ? -1 : 0);
  CertFreeCertificateChain(chain);
  CertFreeCertificateChainEngine(engine);
}

}  // namespace
}  // namespace contract
