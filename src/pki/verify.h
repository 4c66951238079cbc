#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/signature.h"

struct x509_store_st;  // X509_STORE

namespace schannel::pki {

/// The roots a chain may end in. Immutable once made; copies share it; safe from any thread.
class TrustAnchors {
 public:
  /// The system's: libcrypto's default file and directory, or what SSL_CERT_FILE and SSL_CERT_DIR
  /// name, and what is in the files of the store ROOT (system_store.h). Read when first asked for,
  /// and again when those variables or the files change.
  static Result<TrustAnchors> system();
  /// Exactly these DER certificates: each was chosen by the caller and ends a chain, whoever signed
  /// it; or only those that are self-signed (CERT-41).
  enum class EndsChain : std::uint8_t { any, self_signed };
  static Result<TrustAnchors> of(const std::vector<Buffer>& certificates,
                                 EndsChain which = EndsChain::any);

  x509_store_st* native() const { return store_.get(); }  ///< For src/pki only.
  bool any_ends_chain() const { return any_ends_chain_; }
  /// Not the system's.
  bool is_exclusive() const { return is_exclusive_; }

 private:
  TrustAnchors(std::shared_ptr<x509_store_st> store, bool any_ends_chain, bool is_exclusive);
  std::shared_ptr<x509_store_st> store_;
  bool any_ends_chain_;
  bool is_exclusive_;
};

enum class Usage : std::uint8_t { server_authentication, client_authentication };

/// Which certificates of a chain are asked about (CRED-42, CERT-34).
enum class RevocationScope : std::uint8_t { none, leaf, chain, chain_without_root };

/// How to find out whether a certificate was revoked. The order is: the stapled answer and lists at
/// hand, the cache on disk, then responders (OCSP) and lists (CRL) over HTTP. A chain that ends in
/// no trusted root makes us ask nobody.
struct RevocationOptions {
  RevocationScope scope = RevocationScope::none;
  bool cache_only = false;    ///< No network.
  Buffer stapled;             ///< An OCSP response about the leaf, DER, not judged; empty: none.
  std::vector<Buffer> lists;  ///< CRLs at hand, DER, from anywhere.
  std::uint32_t url_milliseconds = 15'000;  ///< For each address (CERT-35).
  /// For all addresses together, of which each gets half of what is left; 0: no such limit.
  std::uint32_t total_milliseconds = 20'000;
};

/// Signatures of certificates that don't count (contract CRED-37): made with a key of `keys`, or
/// over a digest of that name ("SHA1", "SHA256", ...), or both where both are given.
struct RefusedSignature {
  std::optional<crypto::KeyRange> keys;
  std::string digest;
};

struct VerifyOptions {
  Usage usage = Usage::server_authentication;
  /// Seconds since 1970-01-01 UTC. A value, so that a test can fix it.
  std::int64_t now = 0;
  /// False skips the comparison with server_name (SCH_CRED_NO_SERVERNAME_CHECK, AUTH-6).
  bool check_name = true;
  /// What the caller asked for: a DNS name (U-labels are converted to A-labels), or an IPv4 or
  /// IPv6 address. Empty: no name check is possible (ISC-4).
  std::string server_name;
  /// Off unless a scope is set.
  RevocationOptions revocation = {};
  /// Overlook that a certificate says nowhere where to ask, or that nobody answers (CRED-44). One
  /// that is revoked is refused all the same.
  bool ignore_no_revocation_check = false;
  bool ignore_revocation_offline = false;
  std::vector<RefusedSignature> refused_signatures = {};
};

/// What verify_chain found, in the words of the chain functions (CERT-37, CERT-50).
struct ChainVerdict {
  std::uint32_t errors = 0;       ///< CERT_TRUST_* of dwErrorStatus; what is overlooked left out
  std::int32_t policy_error = 0;  ///< As CERT_CHAIN_POLICY_SSL; 0: none
};

/// Builds a chain from `presented` (DER, leaf first, then in any order) to one of `anchors` and
/// checks signatures, dates, basic constraints and path length, key usage and extended key usage,
/// key and hash strength, name constraints, policies, the name by RFC 6125, and revocation when
/// asked to (contract AUTH-7, AUTH-8). Where there are several ways to a root, one good one is
/// enough. The failure is the first of: certificate_list_too_long, _malformed, _untrusted_root,
/// _invalid (a signature, a weak key or hash), _revoked, _expired, _wrong_usage, _invalid (anything
/// else), _wrong_name, revocation_offline, no_revocation_check (CERT-51).
///
/// `detail`, if given, becomes a sentence for OpenSchannelErrorDetail when a chain was found
/// wanting: which certificate, and what about it. It quotes the peer, made printable. `verdict`, if
/// given, is filled in whenever a chain was built; `path` becomes a good chain: the leaf, and each
/// time who has issued it.
Result<void> verify_chain(const std::vector<Bytes>& presented, const TrustAnchors& anchors,
                          const VerifyOptions& options, std::string* detail = nullptr,
                          ChainVerdict* verdict = nullptr, std::vector<Buffer>* path = nullptr);

/// RFC 6125 sections 6.4 and 6.5: a dNSName may have one wildcard, which is the whole left-most
/// label, stands for exactly one label and has two more behind it (never "*.com"); an iPAddress is
/// compared by its bytes. The common name is asked only for a DNS name, and only when the
/// certificate has no dNSName. Letters are compared without case; `server_name` may end in a dot
/// and may have U-labels.
bool matches_server_name(Bytes certificate_der, std::string_view server_name);

/// The DNS names that certificate is for, by the same rules: lower case, A-labels, a wildcard as
/// "*.example.com". Names that are no host's are left out; empty when it does not parse.
std::vector<std::string> server_names_of(Bytes certificate_der);

/// True when `name` is an IPv4 or IPv6 address literal (an IPv6 one may be in brackets): such a
/// name is verified but never sent as SNI (RFC 6066 section 3).
bool is_ip_address(std::string_view name);

/// The A-label form of a DNS name: lower case, without a trailing dot, IDNA applied where the name
/// is not ASCII. Empty when it is no valid DNS name.
std::string to_a_labels(std::string_view name);

}  // namespace schannel::pki
