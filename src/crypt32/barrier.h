#pragma once
#include <openschannel/wincrypt.h>

#include <new>
#include <utility>

#include "base/error_detail.h"
#include "pki/answer.h"

namespace schannel::crypt32 {

/// Runs the body of an exported function. A failure becomes the thread's last error and
/// `on_failure`; no exception gets past.
template <class T, class Body>
T guarded(T on_failure, Body&& body) noexcept {
  try {
    pki::Answer<T> answer = std::forward<Body>(body)();
    if (answer) return *std::move(answer);
    SetLastError(answer.error().code);
  } catch (const std::bad_alloc&) {
    set_error_detail("out of memory");
    SetLastError(static_cast<DWORD>(E_OUTOFMEMORY));
  } catch (...) {
    clear_error_detail();
    SetLastError(static_cast<DWORD>(E_UNEXPECTED));
  }
  return on_failure;
}

/// The encoding types that mean X.509; the part for messages may say what it likes.
inline bool is_x509(DWORD encoding_type) {
  return (encoding_type & CERT_ENCODING_TYPE_MASK) == X509_ASN_ENCODING;
}

}  // namespace schannel::crypt32
