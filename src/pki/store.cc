#include "pki/store.h"

#include <algorithm>
#include <atomic>
#include <bit>

#include "pki/file_time.h"

namespace schannel::pki {
namespace {

/// A number that grows, in the shape of a handle. Not an address: a handle that was closed must not
/// come to life again with the next allocation.
HCERTSTORE next_handle() {
  static std::atomic<std::uintptr_t> last{0x5700'0000};
  return std::bit_cast<HCERTSTORE>(last.fetch_add(0x10) + 0x10);
}

/// The value of a little-endian integer without the octets that only carry its sign or nothing.
Bytes significant(const CRYPT_INTEGER_BLOB& number) {
  Bytes bytes = view_of(number);
  while (!bytes.empty() && bytes.back() == 0) bytes = bytes.first(bytes.size() - 1);
  return bytes;
}

}  // namespace

bool same_issuer_and_serial(const CERT_INFO& a, const CERT_INFO& b) {
  return equal(view_of(a.Issuer), view_of(b.Issuer)) &&
         equal(significant(a.SerialNumber), significant(b.SerialNumber));
}

std::shared_ptr<Certificate> Store::append_locked(
    const std::shared_ptr<const DecodedCertificate>& decoded, Certificate::Properties properties) {
  const std::uint64_t position = last_position_ + 1;
  auto certificate =
      std::make_shared<Certificate>(decoded, handle_, position, std::move(properties));
  members_.emplace(position, certificate);
  last_position_ = position;
  return certificate;
}

std::shared_ptr<Certificate> Store::append(const std::shared_ptr<const DecodedCertificate>& decoded,
                                           Certificate::Properties properties) {
  const std::lock_guard lock(mutex_);
  return append_locked(decoded, std::move(properties));
}

Store::Members::iterator Store::find_same(const DecodedCertificate& decoded) {
  return std::find_if(members_.begin(), members_.end(), [&](const auto& member) {
    return equal(member.second->decoded().der(), decoded.der());
  });
}

Store::Members::iterator Store::find_same_serial(const DecodedCertificate& decoded) {
  return std::find_if(members_.begin(), members_.end(), [&](const auto& member) {
    return same_issuer_and_serial(*member.second->decoded().info(), *decoded.info());
  });
}

Answer<std::shared_ptr<Certificate>> Store::add(
    const std::shared_ptr<const DecodedCertificate>& decoded, Certificate::Properties properties,
    DWORD disposition) {
  if (disposition < CERT_STORE_ADD_NEW || disposition > CERT_STORE_ADD_NEWER_INHERIT_PROPERTIES) {
    return failed(E_INVALIDARG, "unknown disposition " + std::to_string(disposition));
  }
  if (is_read_only()) return failed(E_ACCESSDENIED, "the store was opened read-only");

  const bool is_newer =
      disposition == CERT_STORE_ADD_NEWER || disposition == CERT_STORE_ADD_NEWER_INHERIT_PROPERTIES;
  const std::lock_guard lock(mutex_);
  const auto existing = disposition == CERT_STORE_ADD_ALWAYS ? members_.end()
                        : is_newer                           ? find_same_serial(*decoded)
                                                             : find_same(*decoded);
  const auto write = [&]() -> Answer<Done> {
    return backing_ ? backing_->write(*decoded, properties) : Done{};
  };
  if (existing == members_.end()) {
    CHECK_OK(write());
    return append_locked(decoded, std::move(properties));
  }

  const std::shared_ptr<Certificate> old = existing->second;
  if (disposition == CERT_STORE_ADD_USE_EXISTING) {
    old->add_missing(properties);
    return old;
  }
  const bool is_older =
      ticks_of(old->decoded().info()->NotBefore) < ticks_of(decoded->info()->NotBefore);
  if (disposition == CERT_STORE_ADD_NEW || (is_newer && !is_older)) {
    return failed(CRYPT_E_EXISTS, "the store has this certificate already");
  }
  if (disposition == CERT_STORE_ADD_REPLACE_EXISTING_INHERIT_PROPERTIES ||
      disposition == CERT_STORE_ADD_NEWER_INHERIT_PROPERTIES) {
    // A key belongs to one public key only, whatever issuer and serial number say.
    Certificate::Properties inherited = old->properties();
    if (inherited.key && !inherited.key->matches_certificate(decoded->der())) inherited.key.reset();
    properties.add_missing(inherited);
  }
  CHECK_OK(write());
  const bool is_other = !equal(old->decoded().der(), decoded->der());
  if (backing_ && is_other) CHECK_OK(backing_->erase(old->decoded()));
  auto added = append_locked(decoded, std::move(properties));
  members_.erase(old->position());
  return added;
}

Answer<Done> Store::remove(const Certificate& certificate) {
  if (is_read_only()) return failed(E_ACCESSDENIED, "the store was opened read-only");
  std::shared_ptr<Certificate> removed;  // destroyed after the lock is gone
  const std::lock_guard lock(mutex_);
  const auto found = members_.find(certificate.position());
  if (found != members_.end() && found->second.get() == &certificate) {
    if (backing_) CHECK_OK(backing_->erase(certificate.decoded()));
    removed = std::move(found->second);
    members_.erase(found);
  }
  return Done{};
}

std::shared_ptr<Certificate> Store::next(std::uint64_t position) const {
  const bool shows_archived = (flags_ & CERT_STORE_ENUM_ARCHIVED_FLAG) != 0;
  const std::lock_guard lock(mutex_);
  for (auto member = members_.upper_bound(position); member != members_.end(); ++member) {
    if (shows_archived || !member->second->is_archived()) return member->second;
  }
  return nullptr;
}

Store::Store(DWORD flags, std::unique_ptr<StoreBacking> backing)
    : flags_(flags), handle_(next_handle()), backing_(std::move(backing)) {}

}  // namespace schannel::pki
