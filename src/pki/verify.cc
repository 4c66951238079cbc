#include "pki/verify.h"

#include <openssl/err.h>

#include "base/limits.h"
#include "pki/chain.h"
#include "pki/findings.h"
#include "pki/identity.h"
#include "pki/system_store.h"

namespace schannel::pki {
namespace {

/// Of a text that a peer chose, so much is shown.
constexpr std::size_t kShownBytesMax = 200;

/// Text of a peer for our own people: what could move a terminal's cursor is replaced, and much of
/// it is too much.
std::string printable(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  }
  if (text.size() > kShownBytesMax) text.replace(kShownBytesMax, std::string::npos, "...");
  return text;
}

std::string described(const JudgedChain& chain, std::size_t depth, const char* reason) {
  const std::string subject =
      subject_text(encoding_of<X509>(chain.elements[depth].certificate.get(), i2d_X509));
  const std::string which = depth == 0
                                ? "the peer's certificate"
                                : "certificate " + std::to_string(depth) + " above the peer's";
  return which + " (" + printable(subject) + "): " + reason;
}

std::string described(const JudgedChain& chain, DWORD bits) {
  const std::optional<std::size_t> depth = chain.first_with(bits);
  if (!depth) return described(chain, chain.elements.size() - 1, chain.reason);
  const ChainElement& element = chain.elements[*depth];
  const auto bit = static_cast<std::size_t>(std::countr_zero(element.errors & bits));
  return described(chain, *depth, element.reasons[bit]);
}

/// The findings that the caller does not overlook (CRED-44).
DWORD reported(const JudgedChain& chain, const VerifyOptions& options) {
  DWORD errors = chain.errors & ~kRevocationUnknownBits;
  for (const ChainElement& element : chain.elements) {
    // One that nobody answers about has both bits.
    if ((element.errors & CERT_TRUST_IS_OFFLINE_REVOCATION) != 0) {
      if (!options.ignore_revocation_offline) errors |= CERT_TRUST_IS_OFFLINE_REVOCATION;
    } else if (!options.ignore_no_revocation_check) {
      errors |= element.errors & CERT_TRUST_REVOCATION_STATUS_UNKNOWN;
    }
  }
  return errors;
}

/// The cause that comes first in the order of CERT-51, in which the name is the last but
/// revocation.
std::optional<Cause> first_cause(const JudgedChain& chain, DWORD errors, bool is_named,
                                 std::string* detail) {
  const auto wrong_name = [&] {
    if (detail) *detail = described(chain, 0, "it is not for the name that was asked for");
    return Cause::certificate_wrong_name;
  };
  for (const Finding& finding : findings()) {
    const bool is_about_revocation = (finding.bits & kRevocationUnknownBits) != 0;
    if (is_about_revocation && !is_named) return wrong_name();
    if ((errors & finding.bits) == 0) continue;
    if (detail) *detail = described(chain, finding.bits);
    return finding.cause;
  }
  return is_named ? std::nullopt : std::optional(wrong_name());
}

/// What the policy makes of a cause (CERT-50).
HRESULT policy_error_of(Cause cause, DWORD errors) {
  if (cause == Cause::certificate_wrong_name) return CERT_E_CN_NO_MATCH;
  for (const Finding& finding : findings()) {
    if (finding.cause == cause && (finding.bits & errors) != 0) return finding.policy_error;
  }
  return CERT_E_CHAINING;
}

Result<void> judge(const std::vector<Bytes>& presented, const TrustAnchors& anchors,
                   const VerifyOptions& options, std::string* detail, ChainVerdict* verdict,
                   std::vector<Buffer>* path) {
  ChainRequest request;
  for (const Bytes der : presented) {
    X509Ptr certificate = parse_certificate(der);
    if (!certificate) {
      ERR_clear_error();
      return Cause::certificate_malformed;
    }
    request.candidates.push_back(shared(std::move(certificate)));
  }
  request.leaf = request.candidates.front();
  // AUTH-7: behind what the peer has sent, the intermediates that are at hand here.
  for (const auto& intermediate : certificates_in_system_store("ca")) {
    request.candidates.push_back(share(intermediate->x509()));
  }
  request.anchors = &anchors;
  request.usages.emplace_back(OBJ_nid2obj(
      options.usage == Usage::server_authentication ? NID_server_auth : NID_client_auth));
  request.leaf_signs = true;
  request.certificate_time = request.now = options.now;
  request.revocation = options.revocation;
  request.refused_signatures = options.refused_signatures;

  const std::shared_ptr<const JudgedChain> chain = build_chain(request);
  // ISC-4: a caller that names nobody gets no name check.
  const bool is_named = !options.check_name || options.server_name.empty() ||
                        matches_server_name(presented.front(), options.server_name);
  const DWORD errors = reported(*chain, options);
  const std::optional<Cause> cause = first_cause(*chain, errors, is_named, detail);
  ERR_clear_error();
  if (verdict) *verdict = {errors, cause ? policy_error_of(*cause, errors) : 0};
  if (cause) return *cause;
  if (path != nullptr) {
    path->clear();
    for (const ChainElement& element : chain->elements) {
      path->push_back(encoding_of<X509>(element.certificate.get(), i2d_X509));
    }
  }
  return {};
}

}  // namespace

Result<void> verify_chain(const std::vector<Bytes>& presented, const TrustAnchors& anchors,
                          const VerifyOptions& options, std::string* detail, ChainVerdict* verdict,
                          std::vector<Buffer>* path) {
  if (presented.size() > kCertificateCountMax) return Cause::certificate_list_too_long;
  if (presented.empty()) return Cause::certificate_malformed;
  try {
    return judge(presented, anchors, options, detail, verdict, path);
  } catch (const std::bad_alloc&) {
    return Cause::out_of_memory;  // an outcome of the handshake: the peer is told
  }
}

}  // namespace schannel::pki
