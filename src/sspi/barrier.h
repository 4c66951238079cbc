#pragma once
#include <openschannel/winerror.h>

#include <new>

#include "base/error_detail.h"

namespace schannel::sspi {

/// Nothing is thrown through a public function: running out of memory is a status (CRED-8).
template <class Body>
SECURITY_STATUS guarded(Body body) noexcept {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return SEC_E_INSUFFICIENT_MEMORY;
  } catch (...) {
    return SEC_E_INTERNAL_ERROR;
  }
}

/// The same for functions off the record path, which begin with a clean slate of details.
template <class Body>
SECURITY_STATUS answer(Body body) noexcept {
  clear_error_detail();
  return guarded(body);
}

}  // namespace schannel::sspi
