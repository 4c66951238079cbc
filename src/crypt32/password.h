#pragma once
#include <openschannel/windef.h>

#include <optional>
#include <string>
#include <utility>

#include "base/secret.h"
#include "pki/answer.h"
#include "pki/key_decoding.h"
#include "pki/text.h"

namespace schannel::crypt32 {

/// A caller's password in the form that files are made with (UTF-8), wiped when it is not needed
/// any more. NULL is no password, which is not the empty one.
class Utf8Password {
 public:
  static Utf8Password of(LPCSTR text) {
    return Utf8Password(text ? pki::Password(text) : pki::Password());
  }
  static pki::Answer<Utf8Password> of(LPCWSTR text) {
    if (!text) return Utf8Password(std::nullopt);
    std::optional<std::string> utf8 = pki::to_utf8(text);
    if (!utf8) {
      return pki::failed(ERROR_INVALID_PASSWORD, "the password holds what is no character");
    }
    return Utf8Password(std::move(utf8));
  }

  Utf8Password(Utf8Password&& other) noexcept : password_(std::move(other.password_)) {
    other.clear();  // a short string is copied, not moved
  }
  Utf8Password& operator=(Utf8Password&&) = delete;
  ~Utf8Password() { clear(); }

  const pki::Password& value() const { return password_; }

 private:
  explicit Utf8Password(pki::Password password) : password_(std::move(password)) {}
  void clear() {
    if (password_) explicit_bzero(password_->data(), password_->size());
  }

  pki::Password password_;
};

}  // namespace schannel::crypt32
