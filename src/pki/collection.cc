#include "pki/collection.h"

#include <algorithm>

namespace schannel::pki {
namespace {

// A position is the member's place and the position in the member. A place is the priority, which
// counts downwards, and the number of the member that joined.
constexpr unsigned kPositionBits = 32;
constexpr unsigned kJoinedBits = 16;
constexpr std::uint64_t kPositionMask = (std::uint64_t{1} << kPositionBits) - 1;
constexpr std::uint64_t kJoinedMax = (1U << kJoinedBits) - 1;
constexpr DWORD kPriorityMax = (1U << (64 - kPositionBits - kJoinedBits)) - 1;

}  // namespace

std::shared_ptr<Collection> Collection::make(DWORD flags) {
  std::shared_ptr<Collection> out(new Collection(flags));
  enter(out);
  return out;
}

Answer<Done> Collection::join(const std::shared_ptr<Store>& member, bool takes_additions,
                              DWORD priority) {
  if (dynamic_cast<const Collection*>(member.get()) != nullptr) {
    return failed(ERROR_NOT_SUPPORTED, "a collection can't be a member of another");
  }
  leave(*member);
  const std::lock_guard lock(members_mutex_);
  if (joined_count_ == kJoinedMax) {
    return failed(ERROR_NOT_SUPPORTED, "too many stores have joined this collection");
  }
  const std::uint64_t rank = kPriorityMax - std::min(priority, kPriorityMax);
  const std::uint64_t place = rank << kJoinedBits | ++joined_count_;
  const auto behind = std::find_if(members_.begin(), members_.end(),
                                   [&](const Member& other) { return other.place > place; });
  members_.insert(behind, {place, member, takes_additions});
  return Done{};
}

void Collection::leave(const Store& member) {
  std::vector<Member> gone;  // destroyed after the lock is gone
  const std::lock_guard lock(members_mutex_);
  const auto last =
      std::stable_partition(members_.begin(), members_.end(),
                            [&](const Member& other) { return other.store.get() != &member; });
  std::move(last, members_.end(), std::back_inserter(gone));
  members_.erase(last, members_.end());
}

std::vector<Collection::Member> Collection::members() const {
  const std::lock_guard lock(members_mutex_);
  return members_;
}

std::shared_ptr<Certificate> Collection::shown(const Member& member,
                                               const Certificate& certificate) const {
  return std::make_shared<Certificate>(certificate, handle(),
                                       member.place << kPositionBits | certificate.position());
}

Answer<std::shared_ptr<Certificate>> Collection::add(
    const std::shared_ptr<const DecodedCertificate>& decoded, Certificate::Properties properties,
    DWORD disposition) {
  if (!is_read_only()) {
    for (const Member& member : members()) {
      if (!member.takes_additions) continue;
      TRY(const auto added, member.store->add(decoded, std::move(properties), disposition));
      return shown(member, *added);
    }
  }
  return failed(E_ACCESSDENIED, "no store of the collection takes additions");
}

Answer<Done> Collection::remove(const Certificate& certificate) {
  const std::uint64_t place = certificate.position() >> kPositionBits;
  for (const Member& member : members()) {
    if (member.place != place) continue;
    const std::uint64_t position = certificate.position() & kPositionMask;
    const auto found = member.store->next(position - 1);
    if (found && found->position() == position) return member.store->remove(*found);
  }
  return Done{};
}

std::shared_ptr<Certificate> Collection::next(std::uint64_t position) const {
  const std::uint64_t place = position >> kPositionBits;
  for (const Member& member : members()) {
    if (member.place < place) continue;
    const std::uint64_t from = member.place == place ? position & kPositionMask : 0;
    if (const auto found = member.store->next(from)) return shown(member, *found);
  }
  return nullptr;
}

}  // namespace schannel::pki
