#pragma once
#include <array>
#include <bit>
#include <memory>
#include <string>
#include <vector>

#include "pki/owned.h"
#include "pki/verify.h"

// Chains: one builder and one judge, for the handshake (verify.h) and for the chain functions of
// Windows (chain_context.h) alike.
namespace schannel::pki {

using SharedX509 = std::shared_ptr<X509>;
SharedX509 shared(X509Ptr certificate);
/// One more reference to a certificate of somebody else's.
SharedX509 share(X509* certificate);

/// One certificate of a chain, and what was found out about it.
struct ChainElement {
  SharedX509 certificate;
  DWORD errors = 0;  ///< CERT_TRUST_IS_* and CERT_TRUST_HAS_* of dwErrorStatus
  DWORD info = 0;    ///< of dwInfoStatus
  bool revocation_checked = false;
  /// Why each error bit is set, in static words; null where a bit is not set.
  std::array<const char*, 32> reasons{};

  void add(DWORD bits, const char* reason);
};

/// A chain and the verdict on it. Never changed once it has been handed out; it keeps its
/// certificates alive.
struct JudgedChain {
  std::vector<ChainElement> elements;  ///< Leaf first; never empty.
  DWORD errors = 0;                    ///< All those of the elements, and what is wrong with it as
                                       ///< a whole: PARTIAL_CHAIN and the like
  DWORD info = 0;
  const char* reason = "";  ///< For what is wrong with it as a whole.

  bool is_good() const { return errors == 0; }
  /// The first element that has one of `bits`, or nothing when only the whole has.
  std::optional<std::size_t> first_with(DWORD bits) const;
};

enum class UsageMatch : std::uint8_t { all, any };

struct ChainRequest {
  SharedX509 leaf;
  /// Who may have issued whom, in order of preference. Nothing here is trusted.
  std::vector<SharedX509> candidates;
  const TrustAnchors* anchors = nullptr;

  std::vector<ObjectPtr> usages;  ///< Extended key usages asked for; empty: any will do (CERT-40).
  UsageMatch usage_match = UsageMatch::all;
  std::vector<ObjectPtr> policies;  ///< Certificate policies, of which one must hold; empty: any.
  /// The leaf must be able to sign, as every cipher suite here has the peer do.
  bool leaf_signs = false;

  std::int64_t certificate_time = 0;  ///< For the dates of certificates (CERT-33).
  std::int64_t now = 0;               ///< For everything else.
  int security_level = 1;             ///< libcrypto's; 1: 80 bits, 2: 112 bits

  RevocationOptions revocation;
  std::vector<RefusedSignature> refused_signatures;
};

/// The best of the paths from `request.leaf`: the first without errors, else the one whose worst
/// error comes last in the order of CERT-51.
std::shared_ptr<const JudgedChain> build_chain(const ChainRequest& request);

/// The anchors of that subject, with whether each may end a chain.
struct Anchor {
  SharedX509 certificate;
  bool ends_chain;
};
class AnchorLookup {
 public:
  explicit AnchorLookup(const TrustAnchors& anchors);
  std::vector<Anchor> named(const X509_NAME* subject) const;
  bool contains(X509* certificate) const;

 private:
  X509StoreContextPtr context_;
  bool any_ends_chain_;
};

/// Names, key identifiers and kinds of key fit; whether the signature does is another matter.
bool may_have_issued(X509* issuer, X509* subject);

/// A path for libcrypto to judge: exactly these certificates in this order, whatever others would
/// fit, for exactly the checks its flags ask for.
class PathContext {
 public:
  using Callback = void (*)(void* argument, int error, int depth);

  /// `trusted`: the last certificate of the path is an anchor. The path must outlive this.
  PathContext(const std::vector<SharedX509>& path, bool trusted);
  X509_VERIFY_PARAM* parameters() { return X509_STORE_CTX_get0_param(context_.get()); }
  X509_STORE_CTX* native() { return context_.get(); }
  /// Reports every finding of libcrypto; throws std::bad_alloc when it is out of memory.
  void run(Callback callback, void* argument);

 private:
  static int check_issued(X509_STORE_CTX* context, X509* subject, X509* issuer);
  static int note(int ok, X509_STORE_CTX* context);
  static X509_STORE* store();
  static int slot();

  const std::vector<SharedX509>& path_;
  X509StackPtr untrusted_;
  X509StackPtr trusted_;
  X509StoreContextPtr context_;
  Callback callback_ = nullptr;
  void* argument_ = nullptr;
  bool out_of_memory_ = false;
};

}  // namespace schannel::pki
