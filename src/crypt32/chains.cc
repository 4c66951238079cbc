// The whole of CERT_CHAIN_PARA: which part a caller has, cbSize says.
#define CERT_CHAIN_PARA_HAS_EXTRA_FIELDS
#include <cstddef>
#include <ctime>
#include <cwchar>

#include "crypt32/barrier.h"
#include "pki/chain_engine.h"
#include "pki/file_time.h"
#include "pki/policy.h"
#include "pki/text.h"

namespace schannel::crypt32 {
namespace {

using pki::Answer;
using pki::Done;
using pki::failed;
using pki::StorePtr;

// ---- Engines ----

/// The structure has grown twice; what an older caller leaves out is 0 (CERT-41, R-17).
Answer<CERT_CHAIN_ENGINE_CONFIG> whole(const CERT_CHAIN_ENGINE_CONFIG* from) {
  if (!from) return failed(E_INVALIDARG, "no configuration");
  CERT_CHAIN_ENGINE_CONFIG config{};
  const DWORD size = from->cbSize;
  if (size != offsetof(CERT_CHAIN_ENGINE_CONFIG, hExclusiveRoot) &&
      size != offsetof(CERT_CHAIN_ENGINE_CONFIG, dwExclusiveFlags) && size != sizeof config) {
    return failed(E_INVALIDARG, "cbSize is none of CERT_CHAIN_ENGINE_CONFIG's sizes");
  }
  std::memcpy(static_cast<void*>(&config), from, size);
  return config;
}

Answer<Done> take_store(HCERTSTORE handle, StorePtr& out) {
  if (!handle) return Done{};
  out = pki::store_of(handle);
  if (!out) return failed(E_INVALIDARG, "the handle is that of no open store");
  return Done{};
}

Answer<pki::EngineConfig> engine_config(const CERT_CHAIN_ENGINE_CONFIG& from) {
  pki::EngineConfig config;
  StorePtr trust;  // of trust lists, which do not exist here: only checked
  CHECK_OK(take_store(from.hRestrictedRoot, config.restricted_root));
  CHECK_OK(take_store(from.hRestrictedTrust, trust));
  CHECK_OK(take_store(from.hRestrictedOther, config.restricted_other));
  CHECK_OK(take_store(from.hExclusiveRoot, config.exclusive_root));
  CHECK_OK(take_store(from.hExclusiveTrustedPeople, config.exclusive_people));
  if (from.cAdditionalStore != 0 && !from.rghAdditionalStore) {
    return failed(E_INVALIDARG, "rghAdditionalStore is NULL");
  }
  for (DWORD i = 0; i < from.cAdditionalStore; ++i) {
    StorePtr store;
    CHECK_OK(take_store(from.rghAdditionalStore[i], store));
    config.additional.push_back(std::move(store));
  }
  config.any_exclusive_root_ends_chain =
      (from.dwExclusiveFlags & CERT_CHAIN_EXCLUSIVE_ENABLE_CA_FLAG) != 0;
  config.url_milliseconds = from.dwUrlRetrievalTimeout;
  return config;
}

// ---- Building ----

Answer<CERT_CHAIN_PARA> whole(const CERT_CHAIN_PARA* from) {
  if (!from) return failed(E_INVALIDARG, "pChainPara is NULL");
  CERT_CHAIN_PARA parameters{};
  constexpr std::size_t kShort = offsetof(CERT_CHAIN_PARA, RequestedIssuancePolicy);
  const std::size_t size = from->cbSize;
  if (size < kShort) return failed(E_INVALIDARG, "cbSize is less than CERT_CHAIN_PARA has");
  // Whatever a later version adds is not for us.
  std::memcpy(static_cast<void*>(&parameters), from, std::min(size, sizeof parameters));
  return parameters;
}

Answer<Done> take_oids(const CERT_ENHKEY_USAGE& from, std::vector<pki::ObjectPtr>& out) {
  if (from.cUsageIdentifier != 0 && !from.rgpszUsageIdentifier) {
    return failed(E_INVALIDARG, "rgpszUsageIdentifier is NULL");
  }
  for (DWORD i = 0; i < from.cUsageIdentifier; ++i) {
    const char* text = from.rgpszUsageIdentifier[i];
    pki::ObjectPtr oid(text ? OBJ_txt2obj(text, /*no_name=*/1) : nullptr);
    if (!oid) return failed(E_INVALIDARG, "what is no object identifier was asked for");
    out.push_back(std::move(oid));
  }
  return Done{};
}

Answer<Done> take_usages(const CERT_CHAIN_PARA& from, pki::ChainRequest& out) {
  CHECK_OK(take_oids(from.RequestedUsage.Usage, out.usages));
  out.usage_match = from.RequestedUsage.dwType == USAGE_MATCH_TYPE_OR ? pki::UsageMatch::any
                                                                      : pki::UsageMatch::all;
  CHECK_OK(take_oids(from.RequestedIssuancePolicy.Usage, out.policies));
  if (out.policies.size() > 1 && from.RequestedIssuancePolicy.dwType != USAGE_MATCH_TYPE_OR) {
    return failed(ERROR_NOT_SUPPORTED, "of several issuance policies only OR can be asked for");
  }
  return Done{};
}

/// Strong means 112 bits here: SHA-2, RSA of 2048 bits, curves of 256 (CERT-39).
Answer<Done> take_strength(const CERT_CHAIN_PARA& from, pki::ChainRequest& out) {
  if (!from.pStrongSignPara) return Done{};
  if (from.pStrongSignPara->dwInfoChoice != CERT_STRONG_SIGN_OID_INFO_CHOICE) {
    return failed(ERROR_NOT_SUPPORTED, "strong signatures are asked for by identifier only");
  }
  out.security_level = 2;
  return Done{};
}

Answer<Done> take_revocation(DWORD flags, const CERT_CHAIN_PARA& from,
                             pki::RevocationOptions& out) {
  switch (flags & (CERT_CHAIN_REVOCATION_CHECK_END_CERT | CERT_CHAIN_REVOCATION_CHECK_CHAIN |
                   CERT_CHAIN_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT)) {
    case 0:
      break;
    case CERT_CHAIN_REVOCATION_CHECK_END_CERT:
      out.scope = pki::RevocationScope::leaf;
      break;
    case CERT_CHAIN_REVOCATION_CHECK_CHAIN:
      out.scope = pki::RevocationScope::chain;
      break;
    case CERT_CHAIN_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT:
      out.scope = pki::RevocationScope::chain_without_root;
      break;
    default:
      return failed(E_INVALIDARG, "the REVOCATION_CHECK flags exclude each other (CERT-34)");
  }
  out.cache_only = (flags & CERT_CHAIN_REVOCATION_CHECK_CACHE_ONLY) != 0;
  out.url_milliseconds = from.dwUrlRetrievalTimeout;
  out.total_milliseconds = 0;
  if ((flags & CERT_CHAIN_REVOCATION_ACCUMULATIVE_TIMEOUT) != 0) {
    // Then it is for all of them together (CERT-35).
    out.url_milliseconds = 0;
    out.total_milliseconds =
        from.dwUrlRetrievalTimeout != 0
            ? from.dwUrlRetrievalTimeout
            : CERT_CHAIN_REV_ACCUMULATIVE_URL_RETRIEVAL_TIMEOUT_MILLISECONDS_DEFAULT;
  }
  return Done{};
}

std::int64_t unix_seconds(const FILETIME& time) {
  constexpr std::int64_t kTicksPerSecond = 10'000'000;
  constexpr std::int64_t kSecondsFrom1601To1970 = 11'644'473'600;
  const std::uint64_t ticks = std::min(pki::ticks_of(time), pki::kFileTimeMax);
  return static_cast<std::int64_t>(ticks) / kTicksPerSecond - kSecondsFrom1601To1970;
}

// ---- Policies ----

/// The flags of WinINet, in those of the policy (CERT-47).
DWORD overlooked(DWORD checks) {
  DWORD flags = 0;
  if ((checks & SECURITY_FLAG_IGNORE_UNKNOWN_CA) != 0) {
    flags |= CERT_CHAIN_POLICY_ALLOW_UNKNOWN_CA_FLAG;
  }
  if ((checks & SECURITY_FLAG_IGNORE_WRONG_USAGE) != 0) {
    flags |= CERT_CHAIN_POLICY_IGNORE_WRONG_USAGE_FLAG;
  }
  if ((checks & SECURITY_FLAG_IGNORE_CERT_DATE_INVALID) != 0) {
    flags |= CERT_CHAIN_POLICY_IGNORE_ALL_NOT_TIME_VALID_FLAGS;
  }
  return flags;
}

Answer<Done> take_https(const HTTPSPolicyCallbackData* from, pki::PolicyRequest& out) {
  if (!from) return Done{};
  if (from->cbStruct < sizeof *from ||
      (from->dwAuthType != AUTHTYPE_CLIENT && from->dwAuthType != AUTHTYPE_SERVER)) {
    return failed(E_INVALIDARG, "HTTPSPolicyCallbackData has a wrong size or no side (CERT-46)");
  }
  out.overlook |= overlooked(from->fdwChecks);
  out.overlook_revocation = (from->fdwChecks & SECURITY_FLAG_IGNORE_REVOCATION) != 0;
  if (from->dwAuthType == AUTHTYPE_SERVER && from->pwszServerName &&
      (from->fdwChecks & SECURITY_FLAG_IGNORE_CERT_CN_INVALID) == 0) {
    // What is no text is no certificate's name either.
    const std::wstring_view name(from->pwszServerName);
    out.server_name = pki::to_utf8(name).value_or(std::string());
  }
  return Done{};
}

Answer<pki::PolicyVerdict> judged_by(LPCSTR policy, const pki::JudgedChain& chain,
                                     const CERT_CHAIN_POLICY_PARA& parameters) {
  pki::PolicyRequest request;
  request.overlook = parameters.dwFlags;
  if (policy == CERT_CHAIN_POLICY_BASE) return pki::apply_policy(chain, request);
  if (policy == CERT_CHAIN_POLICY_SSL) {
    CHECK_OK(take_https(static_cast<const HTTPSPolicyCallbackData*>(parameters.pvExtraPolicyPara),
                        request));
    return pki::apply_policy(chain, request);
  }
  if (policy == CERT_CHAIN_POLICY_BASIC_CONSTRAINTS) {
    return pki::apply_basic_constraints(chain, parameters.dwFlags);
  }
  return failed(ERROR_FILE_NOT_FOUND, "policies are BASE, SSL and BASIC_CONSTRAINTS (CERT-45)");
}

}  // namespace
}  // namespace schannel::crypt32

using namespace schannel;           // NOLINT(google-build-using-namespace)
using namespace schannel::crypt32;  // NOLINT(google-build-using-namespace)

BOOL WINAPI CertCreateCertificateChainEngine(PCERT_CHAIN_ENGINE_CONFIG pConfig,
                                             HCERTCHAINENGINE* phChainEngine) {
  return guarded<BOOL>(FALSE, [&]() -> Answer<BOOL> {
    if (!phChainEngine) return failed(E_INVALIDARG, "phChainEngine is NULL");
    *phChainEngine = nullptr;
    TRY(const CERT_CHAIN_ENGINE_CONFIG config, whole(pConfig));
    TRY(pki::EngineConfig own, engine_config(config));
    *phChainEngine = pki::give_engine(std::make_shared<pki::ChainEngine>(std::move(own)));
    return TRUE;
  });
}

void WINAPI CertFreeCertificateChainEngine(HCERTCHAINENGINE hChainEngine) {
  guarded<BOOL>(TRUE, [&]() -> Answer<BOOL> {
    pki::take_back_engine(hChainEngine);
    return TRUE;
  });
}

BOOL WINAPI CertGetCertificateChain(HCERTCHAINENGINE hChainEngine, PCCERT_CONTEXT pCertContext,
                                    LPFILETIME pTime, HCERTSTORE hAdditionalStore,
                                    PCERT_CHAIN_PARA pChainPara, DWORD dwFlags, LPVOID pvReserved,
                                    PCCERT_CHAIN_CONTEXT* ppChainContext) {
  return guarded<BOOL>(FALSE, [&]() -> Answer<BOOL> {
    if (!ppChainContext) return failed(E_INVALIDARG, "ppChainContext is NULL");
    *ppChainContext = nullptr;
    if (pvReserved) return failed(E_INVALIDARG, "pvReserved must be NULL");
    const auto engine = pki::engine_of(hChainEngine);
    if (!engine) return failed(E_INVALIDARG, "the handle is that of no chain engine");
    TRY(const CERT_CHAIN_PARA parameters, whole(pChainPara));
    pki::ChainQuery query;
    query.leaf = pCertContext;
    query.flags = dwFlags;
    query.trusts_people = (dwFlags & CERT_CHAIN_ENABLE_PEER_TRUST) != 0;
    CHECK_OK(take_store(hAdditionalStore, query.additional));
    CHECK_OK(take_usages(parameters, query.request));
    CHECK_OK(take_strength(parameters, query.request));
    CHECK_OK(take_revocation(dwFlags, parameters, query.request.revocation));
    query.request.now = static_cast<std::int64_t>(std::time(nullptr));
    query.request.certificate_time = pTime ? unix_seconds(*pTime) : query.request.now;
    TRY(auto chain, engine->build(std::move(query)));
    *ppChainContext = pki::give_chain(std::move(chain));
    return TRUE;
  });
}

PCCERT_CHAIN_CONTEXT WINAPI CertDuplicateCertificateChain(PCCERT_CHAIN_CONTEXT pChainContext) {
  if (!pChainContext) return nullptr;
  return guarded<PCCERT_CHAIN_CONTEXT>(nullptr, [&]() -> Answer<PCCERT_CHAIN_CONTEXT> {
    if (!pki::add_chain_reference(pChainContext)) {
      return failed(E_INVALIDARG, "no chain context, or one that has been freed");
    }
    return pChainContext;
  });
}

void WINAPI CertFreeCertificateChain(PCCERT_CHAIN_CONTEXT pChainContext) {
  if (!pChainContext) return;
  guarded<BOOL>(TRUE, [&]() -> Answer<BOOL> {
    pki::release_chain(pChainContext);
    return TRUE;
  });
}

BOOL WINAPI CertVerifyCertificateChainPolicy(LPCSTR pszPolicyOID,
                                             PCCERT_CHAIN_CONTEXT pChainContext,
                                             PCERT_CHAIN_POLICY_PARA pPolicyPara,
                                             PCERT_CHAIN_POLICY_STATUS pPolicyStatus) {
  return guarded<BOOL>(FALSE, [&]() -> Answer<BOOL> {
    const auto chain = pki::chain_of(pChainContext);
    if (!chain) return failed(E_INVALIDARG, "no chain context, or one that has been freed");
    if (!pPolicyStatus) return failed(E_INVALIDARG, "pPolicyStatus is NULL");
    const CERT_CHAIN_POLICY_PARA parameters = pPolicyPara ? *pPolicyPara : CERT_CHAIN_POLICY_PARA{};
    TRY(const pki::PolicyVerdict verdict, judged_by(pszPolicyOID, chain->judged(), parameters));
    // callers leave cbSize as they found it.
    pPolicyStatus->dwError = verdict.error;
    pPolicyStatus->lChainIndex = verdict.chain;
    pPolicyStatus->lElementIndex = verdict.element;
    return TRUE;
  });
}
