#pragma once
#include <chrono>

#include "pki/chain.h"
#include "pki/fetch.h"

namespace schannel::pki {

/// Asks about the certificates of chains whether they have been revoked, and notes it in them:
/// CERT_TRUST_IS_REVOKED; or REVOCATION_STATUS_UNKNOWN when nobody could say, with
/// OFFLINE_REVOCATION when there was somebody to ask. One object for all paths of one search: they
/// share what the network may cost.
class RevocationCheck {
 public:
  explicit RevocationCheck(const ChainRequest& request);

  /// `is_trusted`: the chain ends in an anchor. One that doesn't, or has an error of its own, asks
  /// nobody on the network: a stranger must not choose whom we connect to.
  void check(JudgedChain& chain, bool is_trusted);

 private:
  enum class Answer : std::uint8_t { none, good, revoked };
  struct Subject;  ///< One certificate that is asked about.

  Answer ask(const Subject& subject, bool may_fetch);
  Answer at_hand(const Subject& subject);
  Answer from_responder(const Subject& subject, const std::string& url, bool may_fetch);
  Answer from_list(const Subject& subject, const std::string& url, bool may_fetch);
  Answer judge_list(const Subject& subject, Bytes der);
  std::optional<Buffer> fetched(FetchRequest request);
  std::chrono::milliseconds next_timeout();
  bool has_source(const Subject& subject) const;

  const ChainRequest& request_;
  std::vector<X509CrlPtr> lists_;  ///< Those at hand.
  unsigned fetch_count_ = 0;
  std::chrono::milliseconds spent_{0};
};

}  // namespace schannel::pki
