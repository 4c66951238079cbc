#pragma once
#include <map>
#include <memory>
#include <mutex>

#include "pki/answer.h"
#include "pki/certificate.h"
#include "pki/wincrypt.h"

namespace schannel::pki {

/// Where a store's certificates are kept beyond its life. Called one at a time; a failure leaves
/// the store as it was.
class StoreBacking {
 public:
  virtual ~StoreBacking() = default;
  virtual Answer<Done> write(const DecodedCertificate& certificate,
                             const Certificate::Properties& properties) = 0;
  /// E_ACCESSDENIED for what can't be taken away.
  virtual Answer<Done> erase(const DecodedCertificate& certificate) = 0;
};

/// A certificate store in memory, in the order in which certificates came. Safe from any thread.
class Store {
 public:
  /// `flags` of CertOpenStore; READONLY and ENUM_ARCHIVED mean something here. `backing` null:
  /// nothing stays.
  static std::shared_ptr<Store> make(DWORD flags = 0,
                                     std::unique_ptr<StoreBacking> backing = nullptr);
  virtual ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  /// Never a pointer, and never the same twice in a process.
  HCERTSTORE handle() const { return handle_; }
  bool is_read_only() const { return (flags_ & CERT_STORE_READONLY_FLAG) != 0; }

  /// Adds a copy by one of CERT_STORE_ADD_*: E_ACCESSDENIED, CRYPT_E_EXISTS or E_INVALIDARG
  /// (CERT-6, CERT-9 to CERT-11). Answers with the certificate that is in the store afterwards.
  ///
  /// A certificate "is there already" when the store has the same encoding; for the two NEWER
  /// dispositions, which compare dates, when it has one of the same issuer and serial number.
  virtual Answer<std::shared_ptr<Certificate>> add(
      const std::shared_ptr<const DecodedCertificate>& decoded, Certificate::Properties properties,
      DWORD disposition);

  /// For those who fill a store before anybody sees it: appends, whatever the flags.
  std::shared_ptr<Certificate> append(const std::shared_ptr<const DecodedCertificate>& decoded,
                                      Certificate::Properties properties);

  /// Takes `certificate` out; E_ACCESSDENIED. Nothing happens when it is not there any more.
  virtual Answer<Done> remove(const Certificate& certificate);

  /// The first certificate behind `position` (0: from the start) that the store shows, or null.
  virtual std::shared_ptr<Certificate> next(std::uint64_t position) const;

 protected:
  explicit Store(DWORD flags, std::unique_ptr<StoreBacking> backing = nullptr);
  /// Makes the handle of a new store known.
  static void enter(const std::shared_ptr<Store>& store);

 private:
  using Members = std::map<std::uint64_t, std::shared_ptr<Certificate>>;
  std::shared_ptr<Certificate> append_locked(
      const std::shared_ptr<const DecodedCertificate>& decoded, Certificate::Properties properties);
  Members::iterator find_same(const DecodedCertificate& decoded);
  Members::iterator find_same_serial(const DecodedCertificate& decoded);

  const DWORD flags_;
  const HCERTSTORE handle_;
  const std::unique_ptr<StoreBacking> backing_;
  mutable std::mutex mutex_;
  Members members_;
  std::uint64_t last_position_ = 0;
};

/// RFC 5280 section 4.1.2.2: what identifies a certificate of one issuer.
bool same_issuer_and_serial(const CERT_INFO& a, const CERT_INFO& b);

inline Bytes view_of(const CRYPT_DATA_BLOB& blob) {
  return blob.pbData ? Bytes(blob.pbData, blob.cbData) : Bytes();
}

}  // namespace schannel::pki
