#pragma once
#include <vector>

#include "pki/store.h"

namespace schannel::pki {

/// A store that shows what is in others, those of the highest priority first (CERT-3). Contexts of
/// its certificates name the collection, and share the properties of the member's.
class Collection : public Store {
 public:
  static std::shared_ptr<Collection> make(DWORD flags);

  /// `member` joins behind those of its priority; one that is in already changes place.
  /// ERROR_NOT_SUPPORTED for another collection, or when too many have joined.
  Answer<Done> join(const std::shared_ptr<Store>& member, bool takes_additions, DWORD priority);
  void leave(const Store& member);

  /// Goes to the first member that takes additions; E_ACCESSDENIED when there is none.
  Answer<std::shared_ptr<Certificate>> add(const std::shared_ptr<const DecodedCertificate>& decoded,
                                           Certificate::Properties properties,
                                           DWORD disposition) override;
  Answer<Done> remove(const Certificate& certificate) override;
  std::shared_ptr<Certificate> next(std::uint64_t position) const override;

 private:
  explicit Collection(DWORD flags) : Store(flags) {}

  struct Member {
    std::uint64_t place;  ///< Upper part of its certificates' positions.
    std::shared_ptr<Store> store;
    bool takes_additions;
  };
  std::vector<Member> members() const;
  std::shared_ptr<Certificate> shown(const Member& member, const Certificate& certificate) const;

  mutable std::mutex members_mutex_;
  std::vector<Member> members_;  ///< By place.
  std::uint64_t joined_count_ = 0;
};

}  // namespace schannel::pki
