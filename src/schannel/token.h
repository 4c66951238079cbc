#pragma once
#include <openschannel/windef.h>

#include <memory>

#include "pki/mapping_accounts.h"

// Account tokens (contract R-7, MAP-6, MAP-9): handles that name an account. Their numbers are
// never given out twice, so that a stale one is known.
namespace schannel::package {

using SharedAccount = std::shared_ptr<const pki::Account>;

/// A handle that the caller closes.
HANDLE open_token(SharedAccount account);
/// False when it is none, or not the caller's to close.
bool close_token(HANDLE token);
/// Null when it is no token.
SharedAccount account_of(HANDLE token);

/// A handle that lives with a context, whoever asks for it.
class OwnToken {
 public:
  OwnToken() = default;
  explicit OwnToken(SharedAccount account);
  OwnToken(OwnToken&& other) noexcept;
  OwnToken& operator=(OwnToken&& other) noexcept;
  ~OwnToken();
  HANDLE handle() const { return handle_; }  ///< Null: none.

 private:
  HANDLE handle_ = nullptr;
};

}  // namespace schannel::package
