#pragma once
#include <cassert>
#include <string>
#include <utility>
#include <variant>

#include "base/error_detail.h"
#include "pki/wincrypt.h"

namespace schannel::pki {

/// What GetLastError gives after a failure: an HRESULT or a Win32 code.
struct LastError {
  DWORD code;
};

/// A failure, with what OpenSchannelErrorDetail has to say about it.
inline LastError failed(HRESULT code, std::string detail = {}) {
  set_error_detail(std::move(detail));
  return {static_cast<DWORD>(code)};
}

/// Success that carries nothing.
using Done = std::monostate;

/// A value, or why there is none in the words of the certificate API. Works with TRY and CHECK_OK.
/// Result<T> is for failures that a connection reports; this is for those a caller of ours causes.
template <class T>
class [[nodiscard]] Answer {
 public:
  Answer(T value) : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT
  Answer(LastError error) : state_(std::in_place_index<1>, error) {}     // NOLINT

  explicit operator bool() const { return state_.index() == 0; }
  T& operator*() & {
    assert(*this);
    return *std::get_if<0>(&state_);
  }
  const T& operator*() const& {
    assert(*this);
    return *std::get_if<0>(&state_);
  }
  T&& operator*() && {
    assert(*this);
    return std::move(*std::get_if<0>(&state_));
  }
  T* operator->() { return &**this; }
  const T* operator->() const { return &**this; }
  LastError error() const {
    assert(!*this);
    return *std::get_if<1>(&state_);
  }

 private:
  std::variant<T, LastError> state_;
};

}  // namespace schannel::pki
