#include "pki/chain.h"

#include <openssl/err.h>

#include <algorithm>
#include <ctime>

#include "base/limits.h"
#include "pki/findings.h"
#include "pki/revocation.h"
#include "pki/text.h"

namespace schannel::pki {
namespace {

struct Row {
  int error;
  DWORD bits;
};

// What libcrypto's findings are in CERT_TRUST_STATUS (CERT-37). All others are INVALID_EXTENSION.
constexpr Row kRows[] = {
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, CERT_TRUST_IS_PARTIAL_CHAIN},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, CERT_TRUST_IS_PARTIAL_CHAIN},
    {X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, CERT_TRUST_IS_PARTIAL_CHAIN},
    {X509_V_ERR_CERT_CHAIN_TOO_LONG, CERT_TRUST_IS_PARTIAL_CHAIN},
    {X509_V_ERR_STORE_LOOKUP, CERT_TRUST_IS_PARTIAL_CHAIN},
    {X509_V_ERR_UNSPECIFIED, CERT_TRUST_IS_PARTIAL_CHAIN},
    {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, CERT_TRUST_IS_UNTRUSTED_ROOT},
    {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, CERT_TRUST_IS_UNTRUSTED_ROOT},
    {X509_V_ERR_CERT_UNTRUSTED, CERT_TRUST_IS_UNTRUSTED_ROOT},
    {X509_V_ERR_CERT_REJECTED, CERT_TRUST_IS_EXPLICIT_DISTRUST},
    {X509_V_ERR_CERT_SIGNATURE_FAILURE, CERT_TRUST_IS_NOT_SIGNATURE_VALID},
    {X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE, CERT_TRUST_IS_NOT_SIGNATURE_VALID},
    {X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY, CERT_TRUST_IS_NOT_SIGNATURE_VALID},
    {X509_V_ERR_UNSUPPORTED_SIGNATURE_ALGORITHM, CERT_TRUST_IS_NOT_SIGNATURE_VALID},
    {X509_V_ERR_SIGNATURE_ALGORITHM_MISMATCH, CERT_TRUST_IS_NOT_SIGNATURE_VALID},
    {X509_V_ERR_SIGNATURE_ALGORITHM_INCONSISTENCY, CERT_TRUST_IS_NOT_SIGNATURE_VALID},
    {X509_V_ERR_EC_KEY_EXPLICIT_PARAMS, CERT_TRUST_IS_NOT_SIGNATURE_VALID},
    {X509_V_ERR_EE_KEY_TOO_SMALL, kSignatureBits},
    {X509_V_ERR_CA_KEY_TOO_SMALL, kSignatureBits},
    {X509_V_ERR_CA_MD_TOO_WEAK, kSignatureBits},
    {X509_V_ERR_CERT_NOT_YET_VALID, CERT_TRUST_IS_NOT_TIME_VALID},
    {X509_V_ERR_CERT_HAS_EXPIRED, CERT_TRUST_IS_NOT_TIME_VALID},
    {X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD, CERT_TRUST_IS_NOT_TIME_VALID},
    {X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD, CERT_TRUST_IS_NOT_TIME_VALID},
    {X509_V_ERR_INVALID_PURPOSE, CERT_TRUST_IS_NOT_VALID_FOR_USAGE},
    {X509_V_ERR_KEYUSAGE_NO_CERTSIGN, CERT_TRUST_IS_NOT_VALID_FOR_USAGE},
    {X509_V_ERR_INVALID_CA, CERT_TRUST_INVALID_BASIC_CONSTRAINTS},
    {X509_V_ERR_INVALID_NON_CA, CERT_TRUST_INVALID_BASIC_CONSTRAINTS},
    {X509_V_ERR_PATH_LENGTH_EXCEEDED, CERT_TRUST_INVALID_BASIC_CONSTRAINTS},
    {X509_V_ERR_PATHLEN_INVALID_FOR_NON_CA, CERT_TRUST_INVALID_BASIC_CONSTRAINTS},
    {X509_V_ERR_PATHLEN_WITHOUT_KU_KEY_CERT_SIGN, CERT_TRUST_INVALID_BASIC_CONSTRAINTS},
    {X509_V_ERR_PROXY_CERTIFICATES_NOT_ALLOWED, CERT_TRUST_INVALID_BASIC_CONSTRAINTS},
    {X509_V_ERR_PERMITTED_VIOLATION, CERT_TRUST_HAS_NOT_PERMITTED_NAME_CONSTRAINT},
    {X509_V_ERR_EXCLUDED_VIOLATION, CERT_TRUST_HAS_EXCLUDED_NAME_CONSTRAINT},
    {X509_V_ERR_SUBTREE_MINMAX, CERT_TRUST_HAS_NOT_SUPPORTED_NAME_CONSTRAINT},
    {X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE, CERT_TRUST_HAS_NOT_SUPPORTED_NAME_CONSTRAINT},
    {X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX, CERT_TRUST_INVALID_NAME_CONSTRAINTS},
    {X509_V_ERR_UNSUPPORTED_NAME_SYNTAX, CERT_TRUST_INVALID_NAME_CONSTRAINTS},
    {X509_V_ERR_INVALID_POLICY_EXTENSION, CERT_TRUST_INVALID_POLICY_CONSTRAINTS},
    {X509_V_ERR_NO_EXPLICIT_POLICY, CERT_TRUST_NO_ISSUANCE_CHAIN_POLICY},
    {X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION, CERT_TRUST_HAS_NOT_SUPPORTED_CRITICAL_EXT},
};

DWORD bits_of(int error) {
  const auto* row = std::find_if(std::begin(kRows), std::end(kRows),
                                 [error](const Row& r) { return r.error == error; });
  return row == std::end(kRows) ? CERT_TRUST_INVALID_EXTENSION : row->bits;
}

bool is_self_signed(X509* certificate) { return X509_self_signed(certificate, 0) == 1; }

bool is_valid_at(X509* certificate, std::int64_t time) {
  auto at = static_cast<time_t>(time);
  return X509_cmp_time(X509_get0_notBefore(certificate), &at) < 0 &&
         X509_cmp_time(X509_get0_notAfter(certificate), &at) > 0;
}

/// How a path ends.
enum class End : std::uint8_t { trusted, self_signed, partial, cyclic };

/// How the issuer of an element was found (CERT-38).
DWORD issuer_match(X509* certificate) {
  if (X509_get0_authority_key_id(certificate)) return CERT_TRUST_HAS_KEY_MATCH_ISSUER;
  if (X509_get0_authority_issuer(certificate)) return CERT_TRUST_HAS_EXACT_MATCH_ISSUER;
  return CERT_TRUST_HAS_NAME_MATCH_ISSUER;
}

/// RFC 5280 section 4.2.1.12: without the extension a key may serve any purpose, and so it may when
/// anyExtendedKeyUsage is in it, which libcrypto's own check does not know.
class UsagesOf {
 public:
  explicit UsagesOf(X509* certificate)
      : list_(static_cast<EXTENDED_KEY_USAGE*>(
            X509_get_ext_d2i(certificate, NID_ext_key_usage, nullptr, nullptr))),
        is_limited_((X509_get_extension_flags(certificate) & EXFLAG_XKUSAGE) != 0) {}
  ~UsagesOf() { sk_ASN1_OBJECT_pop_free(list_, ASN1_OBJECT_free); }
  UsagesOf(const UsagesOf&) = delete;
  UsagesOf& operator=(const UsagesOf&) = delete;

  bool allows(const ASN1_OBJECT* usage) const {
    if (!is_limited_) return true;
    for (int i = 0; i < sk_ASN1_OBJECT_num(list_); ++i) {
      const ASN1_OBJECT* one = sk_ASN1_OBJECT_value(list_, i);
      if (OBJ_obj2nid(one) == NID_anyExtendedKeyUsage || OBJ_cmp(one, usage) == 0) return true;
    }
    return false;
  }

 private:
  EXTENDED_KEY_USAGE* list_;
  bool is_limited_;
};

/// A usage holds for a certificate when it and all above it allow it: an authority limited to other
/// purposes can't issue for this one.
void check_usages(const ChainRequest& request, JudgedChain& chain) {
  std::vector<bool> holds(request.usages.size(), true);
  for (std::size_t i = chain.elements.size(); i-- > 0;) {
    ChainElement& element = chain.elements[i];
    const UsagesOf allowed(element.certificate.get());
    for (std::size_t u = 0; u < holds.size(); ++u) {
      holds[u] = holds[u] && allowed.allows(request.usages[u].get());
    }
    const bool is_good =
        request.usage_match == UsageMatch::all
            ? std::all_of(holds.begin(), holds.end(), [](bool b) { return b; })
            : holds.empty() || std::any_of(holds.begin(), holds.end(), [](bool b) { return b; });
    if (!is_good) {
      element.add(CERT_TRUST_IS_NOT_VALID_FOR_USAGE,
                  "its extended key usage is for other purposes");
    }
  }
  // Every cipher suite here has the peer sign (RFC 8446 section 4.4.2.2).
  ChainElement& leaf = chain.elements.front();
  if (request.leaf_signs &&
      (X509_get_key_usage(leaf.certificate.get()) & KU_DIGITAL_SIGNATURE) == 0) {
    leaf.add(CERT_TRUST_IS_NOT_VALID_FOR_USAGE, "its key usage allows no signatures");
  }
}

/// What libcrypto says about a path, by element.
void note_finding(void* argument, int error, int depth) {
  auto& chain = *static_cast<JudgedChain*>(argument);
  const char* reason = X509_verify_cert_error_string(error);
  const DWORD bits = bits_of(error);
  // How the path ends is known already; the words for it are libcrypto's.
  if ((bits & (CERT_TRUST_IS_PARTIAL_CHAIN | CERT_TRUST_IS_UNTRUSTED_ROOT)) != 0) {
    chain.errors |= bits & CERT_TRUST_IS_PARTIAL_CHAIN;
    chain.reason = reason;
    return;
  }
  const auto last = static_cast<int>(chain.elements.size()) - 1;
  chain.elements[static_cast<std::size_t>(std::clamp(depth, 0, last))].add(bits, reason);
}

void note_end(End end, const TrustAnchors& anchors, JudgedChain& chain) {
  ChainElement& top = chain.elements.back();
  switch (end) {
    case End::trusted:
      if (!is_self_signed(top.certificate.get())) top.info |= CERT_TRUST_IS_CA_TRUSTED;
      if (anchors.is_exclusive()) top.info |= CERT_TRUST_IS_FROM_EXCLUSIVE_TRUST_STORE;
      break;
    case End::self_signed:
      top.add(CERT_TRUST_IS_UNTRUSTED_ROOT, "it is a root that is not trusted");
      break;
    case End::cyclic:
      chain.errors |= CERT_TRUST_IS_CYCLIC | CERT_TRUST_IS_PARTIAL_CHAIN;
      break;
    case End::partial:
      chain.errors |= CERT_TRUST_IS_PARTIAL_CHAIN;
      break;
  }
}

bool is_refused(X509* certificate, EVP_PKEY* signer, const RefusedSignature& refused) {
  int digest = NID_undef;
  if (X509_get_signature_info(certificate, &digest, nullptr, nullptr, nullptr) != 1) return false;
  const char* name = OBJ_nid2sn(digest);  // of Ed25519, which hashes by itself, "UNDEF"
  if (!refused.digest.empty() && !equal_without_case(refused.digest, name)) return false;
  if (!refused.keys) return true;
  const int type = EVP_PKEY_get_base_id(signer);
  const auto family = type == EVP_PKEY_RSA || type == EVP_PKEY_RSA_PSS ? crypto::KeyFamily::rsa
                      : type == EVP_PKEY_EC                            ? crypto::KeyFamily::ecdsa
                                                                       : crypto::KeyFamily::eddsa;
  return refused.keys->contains(family, static_cast<unsigned>(EVP_PKEY_get_bits(signer)));
}

/// The signature of an anchor proves nothing and is not asked about (RFC 8446 section 4.2.3).
void check_signatures(const ChainRequest& request, End end, JudgedChain& chain) {
  if (request.refused_signatures.empty()) return;
  const std::size_t count = chain.elements.size() - (end == End::trusted ? 1 : 0);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t above = std::min(i + 1, chain.elements.size() - 1);
    EVP_PKEY* signer = X509_get0_pubkey(chain.elements[above].certificate.get());
    X509* certificate = chain.elements[i].certificate.get();
    const bool refused =
        signer == nullptr ||
        std::any_of(request.refused_signatures.begin(), request.refused_signatures.end(),
                    [&](const auto& one) { return is_refused(certificate, signer, one); });
    if (refused) {
      chain.elements[i].add(CERT_TRUST_HAS_WEAK_SIGNATURE,
                            "its signature is of a kind that the credential refuses");
    }
  }
}

void sum_up(JudgedChain& chain) {
  chain.info = CERT_TRUST_HAS_PREFERRED_ISSUER;
  for (const ChainElement& element : chain.elements) chain.errors |= element.errors;
}

/// Policy constraints without policies: libcrypto 3.0 loses memory over such a certificate, which
/// any peer can send, so it is kept from looking.
bool has_constraints_alone(X509* certificate) {
  return X509_get_ext_by_NID(certificate, NID_policy_constraints, -1) >= 0 &&
         X509_get_ext_by_NID(certificate, NID_certificate_policies, -1) < 0;
}

bool has_constraints_alone(const std::vector<SharedX509>& path) {
  return std::any_of(path.begin(), path.end(), [](const SharedX509& certificate) {
    return has_constraints_alone(certificate.get());
  });
}

/// Under such a certificate no policy is left (RFC 5280 section 6.1.3, step e), so whoever demands
/// one is let down: the caller, or the certificate itself, wherever it stands.
void note_missing_policy(const ChainRequest& request, JudgedChain& chain) {
  for (ChainElement& element : chain.elements) {
    if (!has_constraints_alone(element.certificate.get())) continue;
    const std::unique_ptr<POLICY_CONSTRAINTS, FreeWith<POLICY_CONSTRAINTS_free>> constraints(
        static_cast<POLICY_CONSTRAINTS*>(
            X509_get_ext_d2i(element.certificate.get(), NID_policy_constraints, nullptr, nullptr)));
    const bool demands = !constraints || constraints->requireExplicitPolicy != nullptr;
    if (demands || !request.policies.empty()) {
      element.add(CERT_TRUST_NO_ISSUANCE_CHAIN_POLICY, "there is no policy for its constraints");
    }
  }
  ERR_clear_error();
}

std::shared_ptr<JudgedChain> judge(const ChainRequest& request, const std::vector<SharedX509>& path,
                                   End end) {
  auto chain = std::make_shared<JudgedChain>();
  for (const SharedX509& certificate : path) {
    ChainElement element{certificate};
    X509* x509 = certificate.get();
    element.info = issuer_match(x509) | CERT_TRUST_HAS_PREFERRED_ISSUER;
    if (is_self_signed(x509)) element.info |= CERT_TRUST_IS_SELF_SIGNED;
    chain->elements.push_back(std::move(element));
  }

  PathContext context(path, end == End::trusted);
  X509_VERIFY_PARAM* parameters = context.parameters();
  X509_VERIFY_PARAM_set_time(parameters, static_cast<time_t>(request.certificate_time));
  X509_VERIFY_PARAM_set_auth_level(parameters, request.security_level);
  const bool checks_policies = !has_constraints_alone(path);
  if (checks_policies) X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_POLICY_CHECK);
  // For anchors in files that say themselves what they are trusted for.
  if (!request.usages.empty()) {
    const int usage = OBJ_obj2nid(request.usages.front().get());
    if (usage == NID_server_auth) X509_VERIFY_PARAM_set_trust(parameters, X509_TRUST_SSL_SERVER);
    if (usage == NID_client_auth) X509_VERIFY_PARAM_set_trust(parameters, X509_TRUST_SSL_CLIENT);
  }
  for (const ObjectPtr& policy : request.policies) {
    if (!checks_policies) break;
    ObjectPtr copy = allocated(ObjectPtr(OBJ_dup(policy.get())));
    if (X509_VERIFY_PARAM_add0_policy(parameters, copy.get()) != 1) throw std::bad_alloc();
    static_cast<void>(copy.release());  // the parameters have it
    X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_EXPLICIT_POLICY);
  }
  context.run(note_finding, chain.get());

  if (!checks_policies) note_missing_policy(request, *chain);
  note_end(end, *request.anchors, *chain);
  for (ChainElement& element : chain->elements) {
    X509* certificate = element.certificate.get();
    // libcrypto looks at the dates only as far as it can check signatures.
    if (!is_valid_at(certificate, request.certificate_time) &&
        (element.errors & CERT_TRUST_IS_NOT_TIME_VALID) == 0) {
      element.add(CERT_TRUST_IS_NOT_TIME_VALID, "it is outside its time");
    }
    if ((X509_get_extension_flags(certificate) & EXFLAG_INVALID) != 0) {
      element.add(CERT_TRUST_INVALID_EXTENSION, "an extension can't be decoded");
    }
  }
  check_usages(request, *chain);
  check_signatures(request, end, *chain);
  sum_up(*chain);
  return chain;
}

/// Where the worst error stands in the order of CERT-51; the number of findings when there is none.
std::size_t rank_of(DWORD errors) {
  const auto all = findings();
  const auto worst = std::find_if(all.begin(), all.end(), [errors](const Finding& finding) {
    return (errors & finding.bits) != 0;
  });
  return static_cast<std::size_t>(worst - all.begin());
}

/// Walks from the leaf upwards along every issuer that fits, the likeliest first, and judges each
/// path that comes to an end, until one is good or the limits of base/limits.h are reached.
class Search {
 public:
  explicit Search(const ChainRequest& request)
      : request_(request), anchors_(*request.anchors), revocation_(request) {}

  std::shared_ptr<const JudgedChain> run() {
    path_.push_back(request_.leaf);
    extend(anchors_.contains(request_.leaf.get()));
    return best_;
  }

 private:
  struct Issuer {
    SharedX509 certificate;
    bool is_anchor;
    bool has_signed = true;
    bool is_in_time = true;
  };

  bool is_over() const {
    return (best_ && best_->is_good()) || path_count_ >= kChainPathCountMax ||
           (best_ && step_count_ >= kChainStepCountMax);
  }

  void extend(bool is_trusted) {
    if (is_over()) return;
    X509* top = path_.back().get();
    if (is_trusted) return finish(End::trusted);
    if (is_self_signed(top)) return finish(End::self_signed);
    if (path_.size() >= kChainCertificateCountMax) return finish(End::partial);

    std::vector<Issuer> issuers = issuers_of(top);
    const auto is_in_path = [this](const Issuer& issuer) {
      return std::any_of(path_.begin(), path_.end(), [&](const SharedX509& member) {
        return X509_cmp(member.get(), issuer.certificate.get()) == 0;
      });
    };
    const std::size_t found = issuers.size();
    issuers.erase(std::remove_if(issuers.begin(), issuers.end(), is_in_path), issuers.end());
    if (issuers.empty()) return finish(found != 0 ? End::cyclic : End::partial);
    for (Issuer& issuer : issuers) {
      if (is_over()) return;
      ++step_count_;
      path_.push_back(std::move(issuer.certificate));
      extend(issuer.is_anchor);
      path_.pop_back();
    }
  }

  std::vector<Issuer> issuers_of(X509* subject) {
    std::vector<Issuer> issuers;
    const auto take = [&](const SharedX509& certificate, bool is_anchor) {
      if (!may_have_issued(certificate.get(), subject)) return;
      for (const Issuer& known : issuers) {
        if (X509_cmp(known.certificate.get(), certificate.get()) == 0) return;
      }
      issuers.push_back({certificate, is_anchor});
    };
    const X509_NAME* name = X509_get_issuer_name(subject);
    for (const Anchor& anchor : anchors_.named(name)) take(anchor.certificate, anchor.ends_chain);
    for (const SharedX509& candidate : request_.candidates) take(candidate, false);
    if (issuers.size() > 1) tell_apart(subject, issuers);
    return issuers;
  }

  /// Names and key identifiers say who may have issued a certificate, the signature who did.
  void tell_apart(X509* subject, std::vector<Issuer>& issuers) {
    for (Issuer& issuer : issuers) {
      if (++namesake_check_count_ > kChainNamesakeCheckCountMax) break;
      X509* certificate = issuer.certificate.get();
      issuer.has_signed = X509_verify(subject, X509_get0_pubkey(certificate)) == 1;
      issuer.is_in_time = is_valid_at(certificate, request_.certificate_time);
    }
    ERR_clear_error();
    const auto is_before = [](const Issuer& a, const Issuer& b) {
      if (a.has_signed != b.has_signed) return a.has_signed;
      if (a.is_in_time != b.is_in_time) return a.is_in_time;
      return a.is_anchor && !b.is_anchor;
    };
    std::stable_sort(issuers.begin(), issuers.end(), is_before);
    if (issuers.front().has_signed) {
      issuers.erase(std::find_if(issuers.begin(), issuers.end(),
                                 [](const Issuer& issuer) { return !issuer.has_signed; }),
                    issuers.end());
    }
  }

  void finish(End end) {
    ++path_count_;
    std::shared_ptr<JudgedChain> chain = judge(request_, path_, end);
    // Of what is no better than the best so far, nobody needs to know whether it was revoked.
    if (best_ && rank_of(chain->errors) <= rank_of(best_->errors)) return;
    revocation_.check(*chain, end == End::trusted);
    sum_up(*chain);
    if (!best_ || rank_of(chain->errors) > rank_of(best_->errors)) best_ = std::move(chain);
  }

  const ChainRequest& request_;
  const AnchorLookup anchors_;
  RevocationCheck revocation_;
  std::vector<SharedX509> path_;
  std::shared_ptr<const JudgedChain> best_;
  unsigned path_count_ = 0;
  unsigned step_count_ = 0;
  unsigned namesake_check_count_ = 0;
};

}  // namespace

SharedX509 shared(X509Ptr certificate) { return {certificate.release(), X509_free}; }

SharedX509 share(X509* certificate) {
  X509_up_ref(certificate);
  return {certificate, X509_free};
}

void ChainElement::add(DWORD bits, const char* reason) {
  errors |= bits;
  for (std::size_t bit = 0; bit < reasons.size(); ++bit) {
    if ((bits >> bit & 1) != 0 && !reasons[bit]) reasons[bit] = reason;
  }
}

std::optional<std::size_t> JudgedChain::first_with(DWORD bits) const {
  for (std::size_t i = 0; i < elements.size(); ++i) {
    if ((elements[i].errors & bits) != 0) return i;
  }
  return std::nullopt;
}

bool may_have_issued(X509* issuer, X509* subject) {
  const int result = X509_check_issued(issuer, subject);
  // Who must not have issued it may have done so all the same: that is for the judge to say.
  return result == X509_V_OK || result == X509_V_ERR_KEYUSAGE_NO_CERTSIGN;
}

std::shared_ptr<const JudgedChain> build_chain(const ChainRequest& request) {
  return Search(request).run();
}

}  // namespace schannel::pki
