#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openschannel/extensions.h>
#include <openschannel/ncrypt.h>
#include <openschannel/wincrypt.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "commands.h"
#include "failure.h"
#include "report.h"

// schannel cert: what is in files and stores, what is wrong with a chain, and putting certificates
// into a store (docs/stores.md).
namespace {

using nlohmann::ordered_json;

/// What can't be read or written is the user's business, not TLS's: for the exit code.
[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(Failure(what, static_cast<SECURITY_STATUS>(GetLastError())).what());
}

/// The library passes files of a store over and says so once.
void print_passed_over() {
  const std::string detail = OpenSchannelErrorDetail();
  if (!detail.empty()) fmt::print(stderr, "schannel: {}\n", detail);
}

Store open_store(const CertOptions& options, DWORD flags) {
  const DWORD location = options.of_machine ? DWORD{CERT_SYSTEM_STORE_LOCAL_MACHINE}
                                            : DWORD{CERT_SYSTEM_STORE_CURRENT_USER};
  Store store(
      CertOpenStore(CERT_STORE_PROV_SYSTEM_A, 0, 0, location | flags, options.store.c_str()));
  if (!store) fail("opening the store " + options.store);
  print_passed_over();
  return store;
}

Store open_source(const CertOptions& options) {
  if (options.source.empty()) return open_store(options, CERT_STORE_READONLY_FLAG);
  if (!options.source.pfx_file.empty()) return load_certificate(options.source);
  Store store(
      CertOpenStore(CERT_STORE_PROV_FILENAME_A, 0, 0, 0, options.source.certificate_file.c_str()));
  if (!store) fail("reading " + options.source.certificate_file);
  print_passed_over();
  return store;
}

template <class Use>
void for_each(const Store& store, Use use) {
  PCCERT_CONTEXT certificate = nullptr;
  while ((certificate = CertEnumCertificatesInStore(store.get(), certificate)) != nullptr) {
    use(certificate);
  }
}

bool has_key(PCCERT_CONTEXT certificate) {
  HCRYPTPROV_OR_NCRYPT_KEY_HANDLE key = 0;
  if (!CryptAcquireCertificatePrivateKey(certificate, CRYPT_ACQUIRE_ONLY_NCRYPT_KEY_FLAG, nullptr,
                                         &key, nullptr, nullptr)) {
    return false;
  }
  NCryptFreeObject(key);
  return true;
}

std::vector<std::string> dns_names(PCCERT_CONTEXT certificate) {
  constexpr DWORD kAll = CERT_NAME_SEARCH_ALL_NAMES_FLAG;
  const DWORD size = CertGetNameStringA(certificate, CERT_NAME_DNS_TYPE, kAll, nullptr, nullptr, 0);
  std::vector<char> text(size + 1);
  CertGetNameStringA(certificate, CERT_NAME_DNS_TYPE, kAll, nullptr, text.data(), size);
  std::vector<std::string> names;
  for (const char* at = text.data(); *at != '\0'; at += names.back().size() + 1) {
    names.emplace_back(at);
  }
  return names;
}

std::string state_of(PCCERT_CONTEXT certificate) {
  const LONG state = CertVerifyTimeValidity(nullptr, certificate->pCertInfo);
  return state < 0 ? "not yet valid" : state > 0 ? "expired" : "valid";
}

ordered_json as_json(PCCERT_CONTEXT certificate) {
  const CertificateReport report = certificate_report(certificate);
  return {{"subject", report.subject},
          {"issuer", report.issuer},
          {"not_before", report.not_before},
          {"not_after", report.not_after},
          {"state", state_of(certificate)},
          {"dns_names", dns_names(certificate)},
          {"has_private_key", has_key(certificate)},
          {"sha256", report.sha256}};
}

void print(PCCERT_CONTEXT certificate) {
  const CertificateReport report = certificate_report(certificate);
  fmt::print("{}{}\n", report.subject.empty() ? "(no subject)" : report.subject,
             has_key(certificate) ? "  [private key]" : "");
  fmt::print("  issuer   {}\n", report.issuer);
  fmt::print("  valid    {} to {}: {}\n", report.not_before, report.not_after,
             state_of(certificate));
  if (const auto names = dns_names(certificate); !names.empty()) {
    fmt::print("  names    {}\n", fmt::join(names, ", "));
  }
  fmt::print("  sha-256  {}\n", report.sha256);
}

void show_all(const Store& store, bool json) {
  ordered_json all = ordered_json::array();
  std::size_t count = 0;
  for_each(store, [&](PCCERT_CONTEXT certificate) {
    ++count;
    if (json) {
      all.push_back(as_json(certificate));
    } else {
      print(certificate);
    }
  });
  if (json) {
    fmt::print("{}\n", all.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  } else if (count == 0) {
    fmt::print("no certificate\n");
  }
}

struct Finding {
  DWORD bit;
  const char* text;
};
constexpr Finding kFindings[] = {
    {CERT_TRUST_IS_UNTRUSTED_ROOT, "a root that is not trusted"},
    {CERT_TRUST_IS_PARTIAL_CHAIN, "its issuer is missing"},
    {CERT_TRUST_IS_NOT_SIGNATURE_VALID, "its signature is wrong"},
    {CERT_TRUST_HAS_WEAK_SIGNATURE, "its signature or key is weak"},
    {CERT_TRUST_IS_REVOKED, "revoked"},
    {CERT_TRUST_IS_NOT_TIME_VALID, "outside its time"},
    {CERT_TRUST_IS_NOT_VALID_FOR_USAGE, "not for this use"},
    {CERT_TRUST_INVALID_BASIC_CONSTRAINTS, "no CA, or too deep"},
    {CERT_TRUST_INVALID_NAME_CONSTRAINTS, "outside the names its CA may name"},
    {CERT_TRUST_HAS_EXCLUDED_NAME_CONSTRAINT, "its name is excluded by its CA"},
    {CERT_TRUST_HAS_NOT_PERMITTED_NAME_CONSTRAINT, "its name is not permitted by its CA"},
    {CERT_TRUST_INVALID_POLICY_CONSTRAINTS, "its policies do not fit"},
    {CERT_TRUST_NO_ISSUANCE_CHAIN_POLICY, "no policy is left"},
    {CERT_TRUST_INVALID_EXTENSION, "an extension can't be decoded"},
    {CERT_TRUST_HAS_NOT_SUPPORTED_CRITICAL_EXT, "it demands what is not known here"},
    {CERT_TRUST_REVOCATION_STATUS_UNKNOWN, "nobody says whether it was revoked"},
    {CERT_TRUST_IS_OFFLINE_REVOCATION, "whoever knows whether it was revoked is offline"},
    {CERT_TRUST_IS_CYCLIC, "it certifies its own issuer"},
    {CERT_TRUST_IS_EXPLICIT_DISTRUST, "distrusted"},
};

std::vector<std::string> findings(DWORD errors) {
  std::vector<std::string> out;
  for (const Finding& finding : kFindings) {
    if ((errors & finding.bit) != 0) out.emplace_back(finding.text);
  }
  return out;
}

/// A chain and the engine it was built by, freed in the end.
struct Chain {
  HCERTCHAINENGINE engine = nullptr;
  PCCERT_CHAIN_CONTEXT context = nullptr;
  Chain() = default;
  Chain(const Chain&) = delete;
  Chain& operator=(const Chain&) = delete;
  ~Chain() {
    if (context != nullptr) CertFreeCertificateChain(context);
    if (engine != nullptr) CertFreeCertificateChainEngine(engine);
  }
};

void build_chain(const CertOptions& options, PCCERT_CONTEXT leaf, const Store& source,
                 Chain& chain) {
  Store roots;
  if (!options.ca_file.empty()) {
    roots = load_roots(options.ca_file);
    CERT_CHAIN_ENGINE_CONFIG config{};
    config.cbSize = sizeof config;
    config.hExclusiveRoot = roots.get();
    config.dwExclusiveFlags = CERT_CHAIN_EXCLUSIVE_ENABLE_CA_FLAG;
    if (!CertCreateCertificateChainEngine(&config, &chain.engine)) fail("making a chain engine");
  }
  char server[] = szOID_PKIX_KP_SERVER_AUTH;
  char client[] = szOID_PKIX_KP_CLIENT_AUTH;
  LPSTR usages[] = {options.for_client ? client : server};
  CERT_CHAIN_PARA parameters{};
  parameters.cbSize = sizeof parameters;
  parameters.RequestedUsage.Usage = {1, usages};
  const DWORD flags =
      options.check_revocation ? DWORD{CERT_CHAIN_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT} : 0;
  if (!CertGetCertificateChain(chain.engine, leaf, nullptr, source.get(), &parameters, flags,
                               nullptr, &chain.context)) {
    fail("building the chain");
  }
}

HRESULT judge(const CertOptions& options, PCCERT_CHAIN_CONTEXT chain) {
  std::wstring host(options.host.begin(), options.host.end());
  HTTPSPolicyCallbackData https{};
  https.cbStruct = sizeof https;
  https.dwAuthType = options.for_client ? AUTHTYPE_CLIENT : AUTHTYPE_SERVER;
  https.pwszServerName = host.empty() ? nullptr : host.data();
  CERT_CHAIN_POLICY_PARA policy{sizeof policy, 0, &https};
  CERT_CHAIN_POLICY_STATUS status{};
  status.cbSize = sizeof status;
  if (!CertVerifyCertificateChainPolicy(CERT_CHAIN_POLICY_SSL, chain, &policy, &status)) {
    fail("CertVerifyCertificateChainPolicy");
  }
  return static_cast<HRESULT>(status.dwError);
}

}  // namespace

int run_cert_show(const CertOptions& options) {
  show_all(open_source(options), options.json);
  return kExitOk;
}

int run_cert_list(const CertOptions& options) {
  show_all(open_store(options, CERT_STORE_READONLY_FLAG), options.json);
  return kExitOk;
}

int run_cert_import(const CertOptions& options) {
  const Store source = options.source.pfx_file.empty() && options.source.key_file.empty()
                           ? open_source(options)
                           : load_certificate(options.source);
  const Store store = open_store(options, 0);
  std::size_t count = 0;
  for_each(source, [&](PCCERT_CONTEXT certificate) {
    if (!CertAddCertificateContextToStore(store.get(), certificate, CERT_STORE_ADD_REPLACE_EXISTING,
                                          nullptr)) {
      fail("adding to the store " + options.store);
    }
    ++count;
  });
  if (count == 0) throw std::runtime_error("there is no certificate in the file");
  fmt::print("{} certificate{} in {}\n", count, count == 1 ? "" : "s", options.store);
  return kExitOk;
}

int run_cert_verify(const CertOptions& options) {
  const Store source = open_source(options);
  PCCERT_CONTEXT leaf = CertEnumCertificatesInStore(source.get(), nullptr);
  if (leaf == nullptr) throw std::runtime_error("there is no certificate in the file");
  Chain chain;
  build_chain(options, leaf, source, chain);
  CertFreeCertificateContext(leaf);
  const HRESULT verdict = judge(options, chain.context);
  const std::string text = verdict == 0 ? "valid" : status_name(verdict);

  const CERT_SIMPLE_CHAIN& simple = *chain.context->rgpChain[0];
  ordered_json elements = ordered_json::array();
  for (DWORD i = 0; i < simple.cElement; ++i) {
    const CERT_CHAIN_ELEMENT& element = *simple.rgpElement[i];
    const std::string subject = certificate_report(element.pCertContext).subject;
    const auto wrong = findings(element.TrustStatus.dwErrorStatus);
    elements.push_back({{"subject", subject}, {"findings", wrong}});
    if (!options.json) {
      fmt::print("{:>{}}{}: {}\n", "", 2 * i, subject,
                 wrong.empty() ? "good" : fmt::format("{}", fmt::join(wrong, ", ")));
    }
  }
  DWORD of_elements = 0;
  for (DWORD i = 0; i < simple.cElement; ++i) {
    of_elements |= simple.rgpElement[i]->TrustStatus.dwErrorStatus;
  }
  const auto whole = findings(chain.context->TrustStatus.dwErrorStatus & ~of_elements);
  if (options.json) {
    fmt::print("{}\n",
               ordered_json{{"verdict", text}, {"chain", elements}, {"findings", whole}}.dump(
                   -1, ' ', false, nlohmann::json::error_handler_t::replace));
  } else {
    for (const std::string& finding : whole) fmt::print("the chain: {}\n", finding);
    fmt::print("{}{}\n", text, options.host.empty() ? "" : fmt::format(" for {}", options.host));
  }
  return verdict == 0 ? kExitOk : kExitTls;
}
