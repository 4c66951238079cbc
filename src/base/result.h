#pragma once
#include <cassert>
#include <utility>
#include <variant>

#include "base/error.h"

namespace schannel {

/// A value or the reason why there is none. std::expected needs C++23.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT
  Result(Error error) : state_(std::in_place_index<1>, error) {}         // NOLINT
  Result(Cause cause) : state_(std::in_place_index<1>, Error{cause}) {}  // NOLINT

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
  Error error() const {
    assert(!*this);
    return *std::get_if<1>(&state_);
  }

 private:
  std::variant<T, Error> state_;
};

/// Success carries nothing.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(error), failed_(true) {}         // NOLINT
  Result(Cause cause) : error_(Error{cause}), failed_(true) {}  // NOLINT
  explicit operator bool() const { return !failed_; }
  Error error() const {
    assert(failed_);
    return error_;
  }

 private:
  Error error_{Cause::internal_error};
  bool failed_ = false;
};

}  // namespace schannel

// TRY(const X x, f()) continues with the value, or returns the error from the enclosing function.
#define SCHANNEL_TRY_JOIN2(a, b) a##b
#define SCHANNEL_TRY_JOIN(a, b) SCHANNEL_TRY_JOIN2(a, b)
#define SCHANNEL_TRY_VALUE(tmp, decl, expr) \
  auto tmp = (expr);                        \
  if (!tmp) return tmp.error();             \
  decl = std::move(*tmp)
#define TRY(decl, expr) SCHANNEL_TRY_VALUE(SCHANNEL_TRY_JOIN(try_result_, __LINE__), decl, expr)
// CHECK_OK(f()) for a Result<void>.
#define CHECK_OK(expr) \
  if (auto check_result = (expr); !check_result) return check_result.error()
