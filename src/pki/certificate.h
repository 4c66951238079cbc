#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "crypto/signature.h"
#include "pki/decoded_certificate.h"
#include "pki/wincrypt.h"

namespace schannel::pki {

/// A certificate as one store, or nobody, has it: the encoding, its properties and its private key.
/// context() is what callers of the API see. Safe from any thread.
class Certificate {
 public:
  /// Properties by identifier (CERT_*_PROP_ID), and the key, which Windows has as a property too.
  struct Properties {
    std::map<DWORD, Buffer> values;
    std::optional<crypto::PrivateKey> key;

    /// Takes over what is not there yet.
    void add_missing(const Properties& more);
  };

  /// `store` is null for a certificate in no store; `position` is its place in the store.
  Certificate(std::shared_ptr<const DecodedCertificate> decoded, HCERTSTORE store,
              std::uint64_t position, Properties properties);
  /// `other` as another store shows it: with the very same properties.
  Certificate(const Certificate& other, HCERTSTORE store, std::uint64_t position);
  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;

  PCCERT_CONTEXT context() const { return &context_; }
  const DecodedCertificate& decoded() const { return *decoded_; }
  const std::shared_ptr<const DecodedCertificate>& shared_decoded() const { return decoded_; }
  std::uint64_t position() const { return position_; }

  Properties properties() const;
  std::optional<Buffer> property(DWORD id) const;
  std::optional<crypto::PrivateKey> key() const;
  void set_property(DWORD id, Buffer value);
  void remove_property(DWORD id);
  void set_key(const crypto::PrivateKey& key);
  void remove_key();
  void add_missing(const Properties& more);
  /// Has CERT_ARCHIVED_PROP_ID: hidden from searches unless the store shows such ones.
  bool is_archived() const;

 private:
  const std::shared_ptr<const DecodedCertificate> decoded_;
  const std::uint64_t position_;
  const CERT_CONTEXT context_;
  struct Shared {
    std::mutex mutex;
    Properties properties;
  };
  const std::shared_ptr<Shared> shared_;
};

}  // namespace schannel::pki
