#pragma once
#include <memory>

#include "pki/certificate.h"
#include "pki/store.h"
#include "pki/wincrypt.h"

// Who holds what. Every certificate context that a caller has a reference to is in one table, every
// store whose handle may be used in another; a pointer that is in neither is never read through.
// So a stale, foreign or zeroed one is an error and not a crash.
namespace schannel::pki {

/// A certificate in use, with the store that its context names. Both live as long as this does.
struct Held {
  std::shared_ptr<Certificate> certificate;
  std::shared_ptr<Store> store;  ///< Null for a certificate in no store.

  explicit operator bool() const { return certificate != nullptr; }
};

/// Gives a caller one more reference to `certificate`. The store, which may be null, stays open
/// until the last one is released.
PCCERT_CONTEXT give_reference(std::shared_ptr<Certificate> certificate,
                              std::shared_ptr<Store> store);
/// What `context` is, or nothing when nobody has a reference to it.
Held held_by(PCCERT_CONTEXT context);
/// True when a caller has a reference to a certificate of `store`.
bool has_references(const Store* store);
/// Takes all references to certificates of `store` away from their owners.
void revoke_references(const Store* store);

/// Gives a caller one more handle of `store`.
HCERTSTORE give_handle(const std::shared_ptr<Store>& store);
/// The store of a handle or of some certificate's hCertStore, or null.
std::shared_ptr<Store> store_of(HCERTSTORE handle);

enum class Closed : std::uint8_t { not_open, one_handle, last_handle };
/// Takes back one handle. Certificates in use keep the store alive.
Closed take_back_handle(HCERTSTORE handle);

}  // namespace schannel::pki
