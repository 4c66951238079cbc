#include <algorithm>
#include <cstddef>

#include "support/revocation.h"

// The functions of sections O.5 and O.6 as curl, wintls, libgit2 and others call them.
namespace contract {
namespace {

using certificates::code;

Bytes der_of(const Issued& issued) {
  unsigned char* der = nullptr;
  const int size = i2d_X509(issued.certificate.get(), &der);
  Bytes out(der, der + size);
  OPENSSL_free(der);
  return out;
}

certificates::Context context_of(const Issued& issued) {
  const Bytes der = der_of(issued);
  return certificates::Context(CertCreateCertificateContext(X509_ASN_ENCODING, der.data(),
                                                            static_cast<DWORD>(der.size())));
}

Profile authority(const char* subject, const char* constraints = "critical,CA:TRUE") {
  Profile profile;
  profile.subject = subject;
  profile.names = nullptr;
  profile.constraints = constraints;
  profile.key_usage = "critical,keyCertSign,cRLSign";
  return profile;
}

class Engine {
 public:
  explicit Engine(const std::vector<Issued>& roots, DWORD exclusive_flags = 0)
      : roots_(trusting(roots)) {
    CERT_CHAIN_ENGINE_CONFIG config{};
    config.cbSize = sizeof config;
    config.hExclusiveRoot = roots_.get();
    config.dwExclusiveFlags = exclusive_flags;
    EXPECT_TRUE(CertCreateCertificateChainEngine(&config, &handle_));
  }
  ~Engine() { CertFreeCertificateChainEngine(handle_); }
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  HCERTCHAINENGINE get() const { return handle_; }

 private:
  certificates::Store roots_;
  HCERTCHAINENGINE handle_ = nullptr;
};

/// A chain; NULL when none was built.
class Chain {
 public:
  Chain(HCERTCHAINENGINE engine, PCCERT_CONTEXT leaf, HCERTSTORE additional = nullptr,
        const std::vector<std::string>& usages = {}, DWORD match = USAGE_MATCH_TYPE_AND,
        FILETIME* time = nullptr) {
    std::vector<LPSTR> pointers;
    std::vector<std::string> copies = usages;
    for (std::string& usage : copies) pointers.push_back(usage.data());
    CERT_CHAIN_PARA parameters{};
    parameters.cbSize = sizeof parameters;
    parameters.RequestedUsage = {match, {static_cast<DWORD>(pointers.size()), pointers.data()}};
    EXPECT_TRUE(CertGetCertificateChain(engine, leaf, time, additional, &parameters, 0, nullptr,
                                        &context_))
        << OpenSchannelErrorDetail();
  }
  ~Chain() { CertFreeCertificateChain(context_); }
  Chain(const Chain&) = delete;
  Chain& operator=(const Chain&) = delete;
  PCCERT_CHAIN_CONTEXT get() const { return context_; }
  DWORD errors() const { return context_->TrustStatus.dwErrorStatus; }
  const CERT_CHAIN_ELEMENT& at(DWORD i) const { return *context_->rgpChain[0]->rgpElement[i]; }
  DWORD size() const { return context_->rgpChain[0]->cElement; }

  DWORD verdict(LPCSTR policy, void* extra = nullptr, DWORD flags = 0) const {
    CERT_CHAIN_POLICY_PARA parameters{sizeof parameters, flags, extra};
    CERT_CHAIN_POLICY_STATUS status;
    std::memset(&status, 0xcd, sizeof status);  // cbSize as callers leave it
    EXPECT_TRUE(CertVerifyCertificateChainPolicy(policy, context_, &parameters, &status));
    return status.dwError;
  }

 private:
  PCCERT_CHAIN_CONTEXT context_ = nullptr;
};

DWORD named(const Chain& chain, const wchar_t* name, DWORD checks = 0,
            DWORD side = AUTHTYPE_SERVER) {
  std::wstring text = name != nullptr ? name : L"";
  HTTPSPolicyCallbackData https{};
  https.cbStruct = sizeof https;
  https.dwAuthType = side;
  https.fdwChecks = checks;
  https.pwszServerName = name != nullptr ? text.data() : nullptr;
  return chain.verdict(CERT_CHAIN_POLICY_SSL, &https);
}

const Issued& root() {
  static const Issued made = make_root();
  return made;
}

TEST(ChainEngine, CERT_41_every_documented_size_of_the_configuration) {
  const certificates::Store roots = trusting({root()});
  const DWORD sizes[] = {offsetof(CERT_CHAIN_ENGINE_CONFIG, hExclusiveRoot),
                         offsetof(CERT_CHAIN_ENGINE_CONFIG, dwExclusiveFlags),
                         sizeof(CERT_CHAIN_ENGINE_CONFIG)};
  const certificates::Context leaf = context_of(issue({}, &root()));
  for (const DWORD size : sizes) {
    CERT_CHAIN_ENGINE_CONFIG config{};
    config.cbSize = size;
    config.hExclusiveRoot = roots.get();
    config.dwExclusiveFlags = 0xcdcdcdcd;
    HCERTCHAINENGINE engine = nullptr;
    ASSERT_TRUE(CertCreateCertificateChainEngine(&config, &engine)) << size;
    // What the size leaves out is not read: the first one knows of no exclusive roots.
    EXPECT_EQ(Chain(engine, leaf.get()).errors() == 0, size != sizes[0]);
    CertFreeCertificateChainEngine(engine);
  }
  for (const DWORD size : {0U, 4U, sizes[0] - 1, sizes[0] + 1, sizes[2] + 8}) {
    CERT_CHAIN_ENGINE_CONFIG config{};
    config.cbSize = size;
    HCERTCHAINENGINE engine = &config;
    EXPECT_FALSE(CertCreateCertificateChainEngine(&config, &engine)) << size;
    EXPECT_EQ(GetLastError(), code(E_INVALIDARG));
    EXPECT_EQ(engine, nullptr);
  }
  EXPECT_FALSE(CertCreateCertificateChainEngine(nullptr, nullptr));
}

TEST(ChainEngine, CERT_41_exclusive_roots_and_the_CA_flag) {
  const Issued one = issue(authority("one"), &root());
  const certificates::Context leaf = context_of(issue({}, &one));
  {
    const Engine engine({root()});
    const certificates::Store additional = trusting({one});
    const Chain chain(engine.get(), leaf.get(), additional.get());
    EXPECT_EQ(chain.errors(), 0U);
    ASSERT_EQ(chain.size(), 3U);
    EXPECT_NE(chain.at(2).TrustStatus.dwInfoStatus & CERT_TRUST_IS_FROM_EXCLUSIVE_TRUST_STORE, 0U);
    EXPECT_NE(chain.at(2).TrustStatus.dwInfoStatus & CERT_TRUST_IS_SELF_SIGNED, 0U);
    EXPECT_EQ(chain.at(0).TrustStatus.dwInfoStatus & CERT_TRUST_IS_SELF_SIGNED, 0U);
  }
  {
    // An authority that is not self-signed ends no chain by itself ...
    const Chain chain(Engine({one}).get(), leaf.get());
    EXPECT_EQ(chain.errors(), static_cast<DWORD>(CERT_TRUST_IS_PARTIAL_CHAIN));
  }
  {
    // ... but with the flag: curl's partial chains.
    const Chain chain(Engine({one}, CERT_CHAIN_EXCLUSIVE_ENABLE_CA_FLAG).get(), leaf.get());
    EXPECT_EQ(chain.errors(), 0U);
    ASSERT_EQ(chain.size(), 2U);
    EXPECT_NE(chain.at(1).TrustStatus.dwInfoStatus & CERT_TRUST_IS_CA_TRUSTED, 0U);
  }
  {
    // It may be part of a chain all the same.
    const Chain chain(Engine({one, root()}).get(), leaf.get());
    EXPECT_EQ(chain.errors(), 0U);
    EXPECT_EQ(chain.size(), 3U);
  }
}

TEST(ChainEngine, CERT_41_trusted_people) {
  const Issued self = issue({});
  const certificates::Store people = trusting({self});
  CERT_CHAIN_ENGINE_CONFIG config{};
  config.cbSize = sizeof config;
  config.hExclusiveTrustedPeople = people.get();
  HCERTCHAINENGINE engine = nullptr;
  ASSERT_TRUE(CertCreateCertificateChainEngine(&config, &engine));
  const certificates::Context leaf = context_of(self);
  CERT_CHAIN_PARA parameters{};
  parameters.cbSize = sizeof parameters;
  for (const DWORD flags : {DWORD{0}, DWORD{CERT_CHAIN_ENABLE_PEER_TRUST}}) {
    PCCERT_CHAIN_CONTEXT chain = nullptr;
    ASSERT_TRUE(CertGetCertificateChain(engine, leaf.get(), nullptr, nullptr, &parameters, flags,
                                        nullptr, &chain));
    EXPECT_EQ(chain->TrustStatus.dwErrorStatus,
              flags == 0 ? static_cast<DWORD>(CERT_TRUST_IS_UNTRUSTED_ROOT) : 0U);
    EXPECT_EQ(chain->dwCreateFlags, flags);
    CertFreeCertificateChain(chain);
  }
  CertFreeCertificateChainEngine(engine);
}

TEST(ChainEngine, CERT_41_an_engine_looks_into_its_stores_for_each_chain) {
  certificates::Store roots = certificates::memory_store();
  CERT_CHAIN_ENGINE_CONFIG config{};
  config.cbSize = sizeof config;
  config.hExclusiveRoot = roots.get();
  HCERTCHAINENGINE engine = nullptr;
  ASSERT_TRUE(CertCreateCertificateChainEngine(&config, &engine));
  const certificates::Context leaf = context_of(issue({}, &root()));
  EXPECT_NE(Chain(engine, leaf.get()).errors(), 0U);
  const certificates::Context added = context_of(root());
  ASSERT_TRUE(CertAddCertificateContextToStore(roots.get(), added.get(), CERT_STORE_ADD_ALWAYS,
                                               nullptr));
  EXPECT_EQ(Chain(engine, leaf.get()).errors(), 0U);
  // It keeps them open.
  CertCloseStore(roots.give_up(), 0);
  EXPECT_EQ(Chain(engine, leaf.get()).errors(), 0U);
  CertFreeCertificateChainEngine(engine);
}

TEST(Chain, CERT_32_what_is_wrong_with_the_arguments) {
  const certificates::Context leaf = context_of(issue({}, &root()));
  CERT_CHAIN_PARA parameters{};
  parameters.cbSize = sizeof parameters;
  PCCERT_CHAIN_CONTEXT chain = nullptr;
  const auto fails = [&](HCERTCHAINENGINE engine, PCCERT_CONTEXT certificate, HCERTSTORE store,
                         CERT_CHAIN_PARA* para, DWORD flags, void* reserved) {
    chain = reinterpret_cast<PCCERT_CHAIN_CONTEXT>(&chain);
    SetLastError(0);
    EXPECT_FALSE(CertGetCertificateChain(engine, certificate, nullptr, store, para, flags, reserved,
                                         &chain));
    EXPECT_EQ(GetLastError(), code(E_INVALIDARG));
    EXPECT_EQ(chain, nullptr);
  };
  fails(nullptr, nullptr, nullptr, &parameters, 0, nullptr);
  CERT_CONTEXT foreign{};
  fails(nullptr, &foreign, nullptr, &parameters, 0, nullptr);
  fails(&foreign, leaf.get(), nullptr, &parameters, 0, nullptr);
  fails(nullptr, leaf.get(), &foreign, &parameters, 0, nullptr);
  fails(nullptr, leaf.get(), nullptr, nullptr, 0, nullptr);
  fails(nullptr, leaf.get(), nullptr, &parameters, 0, &foreign);
  fails(nullptr, leaf.get(), nullptr, &parameters,
        CERT_CHAIN_REVOCATION_CHECK_CHAIN | CERT_CHAIN_REVOCATION_CHECK_END_CERT, nullptr);
  CERT_CHAIN_PARA small = parameters;
  small.cbSize = 8;
  fails(nullptr, leaf.get(), nullptr, &small, 0, nullptr);
  char nonsense[] = "serverAuth!";
  LPSTR usages[] = {nonsense};
  CERT_CHAIN_PARA wrong = parameters;
  wrong.RequestedUsage.Usage = {1, usages};
  fails(nullptr, leaf.get(), nullptr, &wrong, 0, nullptr);
  EXPECT_FALSE(CertGetCertificateChain(nullptr, leaf.get(), nullptr, nullptr, &parameters, 0,
                                       nullptr, nullptr));
  // The engines that are always there.
  for (const HCERTCHAINENGINE engine : {HCCE_CURRENT_USER, HCCE_LOCAL_MACHINE}) {
    EXPECT_NE(Chain(engine, leaf.get()).errors(), 0U);
  }
}

TEST(Chain, CERT_42_stale_and_foreign_pointers_are_no_crash) {
  const certificates::Context leaf = context_of(issue({}, &root()));
  const Engine engine({root()});
  CERT_CHAIN_PARA parameters{};
  parameters.cbSize = sizeof parameters;
  PCCERT_CHAIN_CONTEXT chain = nullptr;
  ASSERT_TRUE(CertGetCertificateChain(engine.get(), leaf.get(), nullptr, nullptr, &parameters, 0,
                                      nullptr, &chain));
  EXPECT_EQ(CertDuplicateCertificateChain(chain), chain);
  CertFreeCertificateChain(chain);
  EXPECT_EQ(chain->cChain, 1U);
  CertFreeCertificateChain(chain);
  CertFreeCertificateChain(chain);
  CertFreeCertificateChain(nullptr);
  CERT_CHAIN_CONTEXT foreign{};
  CertFreeCertificateChain(&foreign);
  EXPECT_EQ(CertDuplicateCertificateChain(&foreign), nullptr);
  EXPECT_EQ(GetLastError(), code(E_INVALIDARG));
  CERT_CHAIN_POLICY_PARA policy{sizeof policy, 0, nullptr};
  CERT_CHAIN_POLICY_STATUS status{};
  EXPECT_FALSE(CertVerifyCertificateChainPolicy(CERT_CHAIN_POLICY_SSL, chain, &policy, &status));
  EXPECT_EQ(GetLastError(), code(E_INVALIDARG));
  EXPECT_FALSE(CertVerifyCertificateChainPolicy(CERT_CHAIN_POLICY_SSL, &foreign, &policy, &status));
  CertFreeCertificateChainEngine(&foreign);
  CertFreeCertificateChainEngine(nullptr);
}

TEST(Chain, CERT_42_a_chain_keeps_its_certificates) {
  const Issued one = issue(authority("one"), &root());
  CERT_CHAIN_PARA parameters{};
  parameters.cbSize = sizeof parameters;
  PCCERT_CHAIN_CONTEXT chain = nullptr;
  {
    const Engine engine({root()});
    const certificates::Store additional = trusting({one});
    const certificates::Context leaf = context_of(issue({}, &one));
    ASSERT_TRUE(CertGetCertificateChain(engine.get(), leaf.get(), nullptr, additional.get(),
                                        &parameters, 0, nullptr, &chain));
  }
  ASSERT_EQ(chain->rgpChain[0]->cElement, 3U);
  EXPECT_EQ(certificates::encoding_of(chain->rgpChain[0]->rgpElement[1]->pCertContext),
            der_of(one));
  EXPECT_EQ(certificates::encoding_of(chain->rgpChain[0]->rgpElement[2]->pCertContext),
            der_of(root()));
  const certificates::Context kept(
      CertDuplicateCertificateContext(chain->rgpChain[0]->rgpElement[1]->pCertContext));
  CertFreeCertificateChain(chain);
  EXPECT_EQ(certificates::encoding_of(kept.get()), der_of(one));
}

TEST(Chain, CERT_33_pTime_is_for_the_dates_of_certificates) {
  const Engine engine({root()});
  const certificates::Context leaf = context_of(issue({}, &root()));
  FILETIME later = leaf->pCertInfo->NotAfter;
  later.dwHighDateTime += 1;
  const Chain chain(engine.get(), leaf.get(), nullptr, {}, USAGE_MATCH_TYPE_AND, &later);
  EXPECT_EQ(chain.errors(), static_cast<DWORD>(CERT_TRUST_IS_NOT_TIME_VALID));
  EXPECT_EQ(Chain(engine.get(), leaf.get()).errors(), 0U);
}

TEST(Chain, CERT_40_usages_by_AND_and_OR) {
  const std::string server = szOID_PKIX_KP_SERVER_AUTH;
  const std::string client = szOID_PKIX_KP_CLIENT_AUTH;
  const std::string sgc = "1.3.6.1.4.1.311.10.3.3";
  const Engine engine({root()});
  const auto errors = [&](const char* usage, const std::vector<std::string>& asked, DWORD match) {
    Profile profile;
    profile.usage = usage;
    const certificates::Context leaf = context_of(issue(profile, &root()));
    return Chain(engine.get(), leaf.get(), nullptr, asked, match).errors();
  };
  const DWORD wrong = CERT_TRUST_IS_NOT_VALID_FOR_USAGE;
  EXPECT_EQ(errors("serverAuth", {server}, USAGE_MATCH_TYPE_AND), 0U);
  EXPECT_EQ(errors("serverAuth", {client}, USAGE_MATCH_TYPE_AND), wrong);
  EXPECT_EQ(errors("serverAuth", {server, client}, USAGE_MATCH_TYPE_AND), wrong);
  EXPECT_EQ(errors("serverAuth", {server, client}, USAGE_MATCH_TYPE_OR), 0U);
  EXPECT_EQ(errors("serverAuth", {sgc, "2.16.840.1.113730.4.1", server}, USAGE_MATCH_TYPE_OR), 0U);
  EXPECT_EQ(errors("emailProtection", {sgc, server}, USAGE_MATCH_TYPE_OR), wrong);
  EXPECT_EQ(errors("serverAuth,clientAuth", {server, client}, USAGE_MATCH_TYPE_AND), 0U);
  EXPECT_EQ(errors("anyExtendedKeyUsage", {server, client}, USAGE_MATCH_TYPE_AND), 0U);
  EXPECT_EQ(errors(nullptr, {server, client}, USAGE_MATCH_TYPE_AND), 0U);
  EXPECT_EQ(errors("emailProtection", {}, USAGE_MATCH_TYPE_AND), 0U);
}

TEST(Chain, CERT_37_usages_of_an_element_are_those_that_all_above_it_allow) {
  Profile limited = authority("limited");
  limited.usage = "serverAuth";
  const Issued one = issue(limited, &root());
  Profile both;
  both.usage = "serverAuth,clientAuth";
  const certificates::Context leaf = context_of(issue(both, &one));
  const certificates::Store additional = trusting({one});
  const Engine engine({root()});
  const Chain chain(engine.get(), leaf.get(), additional.get());
  ASSERT_NE(chain.at(0).pApplicationUsage, nullptr);
  ASSERT_EQ(chain.at(0).pApplicationUsage->cUsageIdentifier, 1U);
  EXPECT_STREQ(chain.at(0).pApplicationUsage->rgpszUsageIdentifier[0], szOID_PKIX_KP_SERVER_AUTH);
  EXPECT_EQ(chain.at(2).pApplicationUsage, nullptr);
}

TEST(Chain, AUTH_7_cross_signed_and_expired_intermediates_are_no_dead_end) {
  // The same authority three times: expired, below an unknown root, and below the trusted one.
  Profile profile = authority("crossed");
  profile.own_key = make_key(KeyType::ecdsa_p256);
  const Issued stranger = make_root("stranger");
  const Issued wrong = issue(profile, &stranger);
  const Issued good = issue(profile, &root());
  profile.not_before = -7200;
  profile.not_after = -60;
  const Issued old = issue(profile, &root());
  const certificates::Context leaf = context_of(issue({}, &good));
  const Engine engine({root()});
  std::vector<Issued> order = {wrong, stranger, old, good};
  for (int i = 0; i < 4; ++i) {
    const certificates::Store additional = trusting(order);
    EXPECT_EQ(Chain(engine.get(), leaf.get(), additional.get()).errors(), 0U) << i;
    std::rotate(order.begin(), order.begin() + 1, order.end());
  }
  // Without the good one the best of the rest: what is expired is better than what nobody knows.
  const certificates::Store rest = trusting({wrong, stranger, old});
  EXPECT_EQ(Chain(engine.get(), leaf.get(), rest.get()).errors(),
            static_cast<DWORD>(CERT_TRUST_IS_NOT_TIME_VALID));
}

TEST(Chain, CERT_39_strong_signatures_when_asked_for) {
  Profile profile;
  profile.own_key = Key(EVP_RSA_gen(1024), EVP_PKEY_free);
  const Issued leaf = issue(profile, &root());
  const Engine engine({root()});
  const certificates::Context context = context_of(leaf);
  EXPECT_EQ(Chain(engine.get(), context.get()).errors(), 0U);
  // The structure as it is with CERT_CHAIN_PARA_HAS_EXTRA_FIELDS.
  struct {
    CERT_CHAIN_PARA front;
    CERT_USAGE_MATCH policy;
    DWORD url_timeout;
    BOOL check_freshness;
    DWORD freshness;
    LPFILETIME resync;
    PCCERT_STRONG_SIGN_PARA strong;
    DWORD strong_flags;
  } whole{};
  char oid[] = "1.3.6.1.4.1.311.72.1.1";
  CERT_STRONG_SIGN_PARA strong{};
  strong.cbSize = sizeof strong;
  strong.dwInfoChoice = CERT_STRONG_SIGN_OID_INFO_CHOICE;
  strong.pszOID = oid;
  whole.front.cbSize = sizeof whole;
  whole.strong = &strong;
  PCCERT_CHAIN_CONTEXT chain = nullptr;
  ASSERT_TRUE(CertGetCertificateChain(engine.get(), context.get(), nullptr, nullptr, &whole.front,
                                      0, nullptr, &chain));
  EXPECT_EQ(chain->TrustStatus.dwErrorStatus,
            static_cast<DWORD>(CERT_TRUST_HAS_WEAK_SIGNATURE | CERT_TRUST_IS_NOT_SIGNATURE_VALID));
  CertFreeCertificateChain(chain);
}

TEST(Policy, CERT_45_unknown_policies_are_ERROR_FILE_NOT_FOUND) {
  const certificates::Context leaf = context_of(root());
  const Chain chain(nullptr, leaf.get());
  CERT_CHAIN_POLICY_PARA policy{sizeof policy, 0, nullptr};
  CERT_CHAIN_POLICY_STATUS status{};
  for (const LPCSTR oid : {LPCSTR{nullptr}, CERT_CHAIN_POLICY_AUTHENTICODE, CERT_CHAIN_POLICY_EV,
                           LPCSTR{"1.2.3"}}) {
    EXPECT_FALSE(CertVerifyCertificateChainPolicy(oid, chain.get(), &policy, &status));
    EXPECT_EQ(GetLastError(), static_cast<DWORD>(ERROR_FILE_NOT_FOUND));
  }
}

TEST(Policy, CERT_48_names) {
  Profile profile;
  profile.names = "DNS:www.example.org,DNS:*.wild.example,DNS:xn--bcher-kva.example,IP:192.0.2.1";
  const certificates::Context leaf = context_of(issue(profile, &root()));
  const Engine engine({root()});
  const Chain chain(engine.get(), leaf.get());
  const DWORD no_match = code(CERT_E_CN_NO_MATCH);
  EXPECT_EQ(named(chain, L"www.example.org"), 0U);
  EXPECT_EQ(named(chain, L"WWW.EXAMPLE.ORG"), 0U);
  EXPECT_EQ(named(chain, L"a.wild.example"), 0U);
  EXPECT_EQ(named(chain, L"a.b.wild.example"), no_match);
  EXPECT_EQ(named(chain, L"b\u00fccher.example"), 0U);
  EXPECT_EQ(named(chain, L"192.0.2.1"), 0U);
  EXPECT_EQ(named(chain, L"192.0.2.2"), no_match);
  EXPECT_EQ(named(chain, L""), no_match);
  EXPECT_EQ(named(chain, nullptr), 0U);
  EXPECT_EQ(named(chain, L"other", 0, AUTHTYPE_CLIENT), 0U);
  EXPECT_EQ(named(chain, L"other", SECURITY_FLAG_IGNORE_CERT_CN_INVALID), 0U);
  EXPECT_EQ(chain.verdict(CERT_CHAIN_POLICY_SSL), 0U);
  EXPECT_EQ(chain.verdict(CERT_CHAIN_POLICY_BASE), 0U);
}

TEST(Policy, CERT_46_the_structure_is_checked) {
  const certificates::Context leaf = context_of(root());
  const Chain chain(nullptr, leaf.get());
  CERT_CHAIN_POLICY_STATUS status{};
  for (const auto& [size, side] : {std::pair<DWORD, DWORD>{4, AUTHTYPE_SERVER},
                                   {sizeof(HTTPSPolicyCallbackData), 0},
                                   {sizeof(HTTPSPolicyCallbackData), 3}}) {
    HTTPSPolicyCallbackData https{};
    https.cbStruct = size;
    https.dwAuthType = side;
    CERT_CHAIN_POLICY_PARA policy{sizeof policy, 0, &https};
    EXPECT_FALSE(CertVerifyCertificateChainPolicy(CERT_CHAIN_POLICY_SSL, chain.get(), &policy,
                                                  &status));
    EXPECT_EQ(GetLastError(), code(E_INVALIDARG));
  }
}

TEST(Policy, CERT_47_and_49_each_flag_overlooks_its_own_finding_only) {
  Profile expired;
  expired.not_before = -7200;
  expired.not_after = -60;
  expired.usage = "clientAuth";
  const certificates::Context leaf = context_of(issue(expired, &root()));
  const Engine nobody({make_root("other")});
  const Chain chain(nobody.get(), leaf.get(), nullptr, {szOID_PKIX_KP_SERVER_AUTH});
  // One after the other comes to light (CERT-51).
  EXPECT_EQ(named(chain, L"other"), code(CERT_E_CHAINING));
  DWORD checks = SECURITY_FLAG_IGNORE_UNKNOWN_CA;
  EXPECT_EQ(named(chain, L"other", checks), code(CERT_E_EXPIRED));
  checks |= SECURITY_FLAG_IGNORE_CERT_DATE_INVALID;
  EXPECT_EQ(named(chain, L"other", checks), code(CERT_E_WRONG_USAGE));
  checks |= SECURITY_FLAG_IGNORE_WRONG_USAGE;
  EXPECT_EQ(named(chain, L"other", checks), code(CERT_E_CN_NO_MATCH));
  checks |= SECURITY_FLAG_IGNORE_CERT_CN_INVALID;
  EXPECT_EQ(named(chain, L"other", checks), 0U);
  EXPECT_EQ(named(chain, L"other", SECURITY_FLAG_IGNORE_REVOCATION), code(CERT_E_CHAINING));

  const auto base = [&](DWORD flags) {
    return chain.verdict(CERT_CHAIN_POLICY_BASE, nullptr, flags);
  };
  EXPECT_EQ(base(0), code(CERT_E_CHAINING));
  EXPECT_EQ(base(CERT_CHAIN_POLICY_ALLOW_UNKNOWN_CA_FLAG), code(CERT_E_EXPIRED));
  EXPECT_EQ(base(CERT_CHAIN_POLICY_ALLOW_UNKNOWN_CA_FLAG |
                 CERT_CHAIN_POLICY_IGNORE_NOT_TIME_VALID_FLAG),
            code(CERT_E_WRONG_USAGE));
  EXPECT_EQ(base(CERT_CHAIN_POLICY_ALLOW_UNKNOWN_CA_FLAG |
                 CERT_CHAIN_POLICY_IGNORE_NOT_TIME_VALID_FLAG |
                 CERT_CHAIN_POLICY_IGNORE_WRONG_USAGE_FLAG),
            0U);
  EXPECT_EQ(base(CERT_CHAIN_POLICY_IGNORE_ALL_NOT_TIME_VALID_FLAGS |
                 CERT_CHAIN_POLICY_IGNORE_WRONG_USAGE_FLAG |
                 CERT_CHAIN_POLICY_IGNORE_ALL_REV_UNKNOWN_FLAGS),
            code(CERT_E_CHAINING));
}

TEST(Policy, CERT_52_basic_constraints) {
  const Engine engine({root()});
  const certificates::Context leaf = context_of(issue({}, &root()));
  const Issued one = issue(authority("one"), &root());
  const certificates::Context ca = context_of(one);
  const Chain of_leaf(engine.get(), leaf.get());
  const Chain of_ca(engine.get(), ca.get());
  const auto verdict = [](const Chain& chain, DWORD flags) {
    return chain.verdict(CERT_CHAIN_POLICY_BASIC_CONSTRAINTS, nullptr, flags);
  };
  const DWORD wrong = code(TRUST_E_BASIC_CONSTRAINTS);
  const DWORD is_ca = BASIC_CONSTRAINTS_CERT_CHAIN_POLICY_CA_FLAG;
  const DWORD is_end = BASIC_CONSTRAINTS_CERT_CHAIN_POLICY_END_ENTITY_FLAG;
  EXPECT_EQ(verdict(of_leaf, 0), 0U);
  EXPECT_EQ(verdict(of_leaf, is_end), 0U);
  EXPECT_EQ(verdict(of_leaf, is_ca), wrong);
  EXPECT_EQ(verdict(of_leaf, is_ca | is_end), 0U);
  EXPECT_EQ(verdict(of_ca, is_ca), 0U);
  EXPECT_EQ(verdict(of_ca, is_end), wrong);
}

}  // namespace
}  // namespace contract
