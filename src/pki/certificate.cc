#include "pki/certificate.h"

namespace schannel::pki {

void Certificate::Properties::add_missing(const Properties& more) {
  values.insert(more.values.begin(), more.values.end());
  if (!key) key = more.key;
}

Certificate::Certificate(std::shared_ptr<const DecodedCertificate> decoded, HCERTSTORE store,
                         std::uint64_t position, Properties properties)
    : decoded_(std::move(decoded)),
      position_(position),
      context_{X509_ASN_ENCODING, decoded_->encoded(), static_cast<DWORD>(decoded_->der().size()),
               decoded_->info(), store},
      shared_(std::make_shared<Shared>()) {
  shared_->properties = std::move(properties);
}

Certificate::Certificate(const Certificate& other, HCERTSTORE store, std::uint64_t position)
    : decoded_(other.decoded_),
      position_(position),
      context_{X509_ASN_ENCODING, decoded_->encoded(), static_cast<DWORD>(decoded_->der().size()),
               decoded_->info(), store},
      shared_(other.shared_) {}

Certificate::Properties Certificate::properties() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->properties;
}

std::optional<Buffer> Certificate::property(DWORD id) const {
  const std::lock_guard lock(shared_->mutex);
  const auto found = shared_->properties.values.find(id);
  if (found == shared_->properties.values.end()) return std::nullopt;
  return found->second;
}

std::optional<crypto::PrivateKey> Certificate::key() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->properties.key;
}

void Certificate::set_property(DWORD id, Buffer value) {
  const std::lock_guard lock(shared_->mutex);
  shared_->properties.values.insert_or_assign(id, std::move(value));
}

void Certificate::remove_property(DWORD id) {
  const std::lock_guard lock(shared_->mutex);
  shared_->properties.values.erase(id);
}

void Certificate::set_key(const crypto::PrivateKey& key) {
  const std::lock_guard lock(shared_->mutex);
  shared_->properties.key = key;
}

void Certificate::remove_key() {
  const std::lock_guard lock(shared_->mutex);
  shared_->properties.key.reset();
}

void Certificate::add_missing(const Properties& more) {
  const std::lock_guard lock(shared_->mutex);
  shared_->properties.add_missing(more);
}

bool Certificate::is_archived() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->properties.values.count(CERT_ARCHIVED_PROP_ID) != 0;
}

}  // namespace schannel::pki
