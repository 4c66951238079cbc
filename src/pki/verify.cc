#include "pki/verify.h"

#include <openssl/err.h>

#include <algorithm>
#include <optional>

#include "base/limits.h"
#include "pki/identity.h"
#include "pki/owned.h"

namespace schannel::pki {
namespace {

/// Certificates between the leaf and the root. The Web PKI needs two.
constexpr int kIntermediateCountMax = 8;

/// libcrypto's level of 80 bits: no MD5 or SHA-1 signature, no RSA key below 1024 bits (PROTO-29).
constexpr int kSecurityLevel = 1;

/// Of a text that a peer chose, so much is shown.
constexpr std::size_t kShownBytesMax = 200;

/// Of several problems the first of this order is reported (CERT-51).
enum class Rank : std::uint8_t { trust, signature, time, usage, constraint, name, none };

struct Problem {
  Rank rank = Rank::none;
  Cause cause = Cause::internal_error;
};

struct Row {
  int error = X509_V_OK;
  Problem problem;
};

// What each finding of X509_verify_cert is to us; all others are Cause::certificate_invalid.
constexpr Problem kUntrusted{Rank::trust, Cause::certificate_untrusted_root};
constexpr Problem kBadSignature{Rank::signature, Cause::certificate_invalid};
constexpr Problem kExpired{Rank::time, Cause::certificate_expired};
constexpr Problem kWrongUsage{Rank::usage, Cause::certificate_wrong_usage};
constexpr Problem kInvalid{Rank::constraint, Cause::certificate_invalid};
constexpr Problem kWrongName{Rank::name, Cause::certificate_wrong_name};
constexpr Problem kNoMemory{Rank::trust, Cause::out_of_memory};

constexpr Row kRows[] = {
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, kUntrusted},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, kUntrusted},
    {X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, kUntrusted},
    {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, kUntrusted},
    {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, kUntrusted},
    {X509_V_ERR_CERT_CHAIN_TOO_LONG, kUntrusted},
    {X509_V_ERR_CERT_UNTRUSTED, kUntrusted},
    {X509_V_ERR_CERT_REJECTED, kUntrusted},
    {X509_V_ERR_STORE_LOOKUP, kUntrusted},
    {X509_V_ERR_CERT_SIGNATURE_FAILURE, kBadSignature},
    {X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE, kBadSignature},
    {X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY, kBadSignature},
    {X509_V_ERR_UNSUPPORTED_SIGNATURE_ALGORITHM, kBadSignature},
    {X509_V_ERR_SIGNATURE_ALGORITHM_MISMATCH, kBadSignature},
    {X509_V_ERR_SIGNATURE_ALGORITHM_INCONSISTENCY, kBadSignature},
    {X509_V_ERR_EE_KEY_TOO_SMALL, kBadSignature},
    {X509_V_ERR_CA_KEY_TOO_SMALL, kBadSignature},
    {X509_V_ERR_CA_MD_TOO_WEAK, kBadSignature},
    {X509_V_ERR_EC_KEY_EXPLICIT_PARAMS, kBadSignature},
    {X509_V_ERR_CERT_NOT_YET_VALID, kExpired},
    {X509_V_ERR_CERT_HAS_EXPIRED, kExpired},
    {X509_V_ERR_INVALID_PURPOSE, kWrongUsage},
    {X509_V_ERR_KEYUSAGE_NO_CERTSIGN, kWrongUsage},
    {X509_V_ERR_KEYUSAGE_NO_DIGITAL_SIGNATURE, kWrongUsage},
    {X509_V_ERR_OUT_OF_MEM, kNoMemory},
};

Problem problem_of(int error) {
  const auto* row = std::find_if(std::begin(kRows), std::end(kRows),
                                 [error](const Row& r) { return r.error == error; });
  return row == std::end(kRows) ? kInvalid : row->problem;
}

/// The worst problem seen so far, and where. Never allocates: libcrypto calls it.
class Verdict {
 public:
  void add(Problem problem, int depth, const char* reason) {
    if (problem.rank >= worst_.rank) return;
    worst_ = problem;
    depth_ = depth;
    reason_ = reason;
  }
  bool is_good() const { return worst_.rank == Rank::none; }
  Result<void> result() const {
    if (is_good()) return {};
    return worst_.cause;
  }
  int depth() const { return depth_; }  ///< 0: the leaf
  const char* reason() const { return reason_; }

 private:
  Problem worst_;
  int depth_ = 0;
  const char* reason_ = "";
};

/// The context's slot for the Verdict that its callback fills.
int verdict_slot() {
  static const int slot = X509_STORE_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return slot;
}

/// Notes every problem and goes on, so that the worst is known in the end.
int note_problem(int ok, X509_STORE_CTX* context) {
  if (ok != 1) {
    auto* verdict = static_cast<Verdict*>(X509_STORE_CTX_get_ex_data(context, verdict_slot()));
    const int error = X509_STORE_CTX_get_error(context);
    verdict->add(problem_of(error), X509_STORE_CTX_get_error_depth(context),
                 X509_verify_cert_error_string(error));
  }
  return 1;
}

/// RFC 5280 section 4.2.1.12. Without the extension a key may serve any purpose. libcrypto's own
/// check of purposes does not know anyExtendedKeyUsage, so it is not used.
bool allows(X509* certificate, Usage usage) {
  const std::uint32_t found = X509_get_extended_key_usage(certificate);  // all ones: not there
  const std::uint32_t wanted =
      usage == Usage::server_authentication ? XKU_SSL_SERVER : XKU_SSL_CLIENT;
  return (found & (wanted | XKU_ANYEKU)) != 0;
}

/// What is left to do behind X509_verify_cert.
void check_usage(STACK_OF(X509) * chain, Usage usage, Verdict& verdict) {
  for (int i = 0; i < sk_X509_num(chain); ++i) {
    X509* certificate = sk_X509_value(chain, i);
    if ((X509_get_extension_flags(certificate) & EXFLAG_INVALID) != 0) {
      verdict.add(kInvalid, i, "an extension can't be decoded");
    }
    // A certificate authority limited to other purposes can't issue for this one.
    if (!allows(certificate, usage)) {
      verdict.add(kWrongUsage, i, "its extended key usage is for other purposes");
    }
    // Every cipher suite here has the peer sign (RFC 8446 section 4.4.2.2).
    if (i == 0 && (X509_get_key_usage(certificate) & KU_DIGITAL_SIGNATURE) == 0) {
      verdict.add(kWrongUsage, i, "its key usage allows no signatures");
    }
  }
}

/// Text of a peer for our own people: what could move a terminal's cursor is replaced, and much of
/// it is too much.
std::string printable(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  }
  if (text.size() > kShownBytesMax) text.replace(kShownBytesMax, std::string::npos, "...");
  return text;
}

std::string described(const Verdict& verdict, STACK_OF(X509) * chain) {
  X509* certificate = sk_X509_value(chain, verdict.depth());
  const std::string subject =
      certificate ? subject_text(encoding_of(certificate, i2d_X509)) : std::string();
  const std::string which =
      verdict.depth() == 0 ? "the peer's certificate"
                           : "certificate " + std::to_string(verdict.depth()) + " above the peer's";
  return which + " (" + printable(subject) + "): " + verdict.reason();
}

X509StackPtr parse_all(const std::vector<Bytes>& presented) {
  X509StackPtr certificates = allocated(X509StackPtr(sk_X509_new_null()));
  for (const Bytes der : presented) {
    X509Ptr certificate = parse_certificate(der);
    if (!certificate) return nullptr;
    if (sk_X509_push(certificates.get(), certificate.get()) == 0) throw std::bad_alloc();
    static_cast<void>(certificate.release());  // the stack has it
  }
  return certificates;
}

void set_parameters(X509_STORE_CTX* context, const VerifyOptions& options) {
  X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context);
  X509_VERIFY_PARAM_set_time(parameters, static_cast<time_t>(options.now));
  X509_VERIFY_PARAM_set_depth(parameters, kIntermediateCountMax);
  X509_VERIFY_PARAM_set_auth_level(parameters, kSecurityLevel);
  X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_TRUSTED_FIRST);
  // For anchors in files that say themselves what they are trusted for.
  X509_VERIFY_PARAM_set_trust(parameters, options.usage == Usage::server_authentication
                                              ? X509_TRUST_SSL_SERVER
                                              : X509_TRUST_SSL_CLIENT);
}

}  // namespace

Result<void> verify_chain(const std::vector<Bytes>& presented, const TrustAnchors& anchors,
                          const VerifyOptions& options, std::string* detail) {
  if (presented.size() > kCertificateCountMax) return Cause::certificate_list_too_long;
  const X509StackPtr certificates = parse_all(presented);
  if (!certificates || presented.empty()) {
    ERR_clear_error();
    return Cause::certificate_malformed;
  }

  const X509StoreContextPtr context = allocated(X509StoreContextPtr(X509_STORE_CTX_new()));
  if (X509_STORE_CTX_init(context.get(), anchors.native(), sk_X509_value(certificates.get(), 0),
                          certificates.get()) != 1) {
    return Cause::internal_error;
  }
  Verdict verdict;
  if (X509_STORE_CTX_set_ex_data(context.get(), verdict_slot(), &verdict) != 1) {
    return Cause::internal_error;
  }
  X509_STORE_CTX_set_verify_cb(context.get(), note_problem);
  set_parameters(context.get(), options);

  const int verified = X509_verify_cert(context.get());
  ERR_clear_error();
  // The callback hears of every problem; a failure it has not heard of is libcrypto's own.
  if (verified != 1 && verdict.is_good()) return Cause::internal_error;
  check_usage(X509_STORE_CTX_get0_chain(context.get()), options.usage, verdict);
  // ISC-4: a caller that names nobody gets no name check.
  const bool check_name = options.check_name && !options.server_name.empty();
  if (check_name && !matches_server_name(presented.front(), options.server_name)) {
    verdict.add(kWrongName, 0, "it is not for the name that was asked for");
  }
  if (detail && !verdict.is_good()) {
    *detail = described(verdict, X509_STORE_CTX_get0_chain(context.get()));
  }
  return verdict.result();
}

}  // namespace schannel::pki
