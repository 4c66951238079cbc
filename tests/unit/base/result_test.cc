#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>

#include "base/bytes.h"

namespace schannel {
namespace {

Result<int> positive(int value) {
  if (value < 0) return Cause::illegal_parameter;
  return value;
}

Result<int> sum(int a, int b) {
  TRY(const int first, positive(a));
  TRY(const int second, positive(b));
  return first + second;
}

Result<void> require_positive(int value) {
  if (value < 0) return Error{Cause::peer_alert, Alert::access_denied};
  return {};
}

Result<std::unique_ptr<int>> boxed(int value) {
  CHECK_OK(require_positive(value));
  return std::make_unique<int>(value);
}

TEST(Result, holds_a_value_or_an_error) {
  const Result<int> value = positive(3);
  ASSERT_TRUE(value);
  EXPECT_EQ(*value, 3);
  const Result<int> failure = positive(-1);
  ASSERT_FALSE(failure);
  EXPECT_EQ(failure.error(), Error{Cause::illegal_parameter});
}

TEST(Result, try_continues_with_the_value_or_returns_the_error) {
  EXPECT_EQ(*sum(1, 2), 3);
  EXPECT_EQ(sum(-1, 2).error().cause, Cause::illegal_parameter);
  EXPECT_EQ(sum(1, -2).error().cause, Cause::illegal_parameter);
}

TEST(Result, carries_the_received_alert_through) {
  EXPECT_EQ(boxed(-1).error(), (Error{Cause::peer_alert, Alert::access_denied}));
  EXPECT_FALSE(boxed(-1).error() == Error{Cause::peer_alert});
}

TEST(Result, gives_up_what_can_only_be_moved) {
  Result<std::unique_ptr<int>> result = boxed(5);
  ASSERT_TRUE(result);
  const std::unique_ptr<int> taken = *std::move(result);
  EXPECT_EQ(*taken, 5);
  EXPECT_EQ(**boxed(6), 6);
}

TEST(Result, of_nothing_is_success_or_an_error) {
  EXPECT_TRUE(require_positive(1));
  EXPECT_FALSE(require_positive(-1));
  EXPECT_FALSE(Result<void>(Cause::internal_error));
}

TEST(Bytes, compare_by_content_and_convert) {
  const Buffer value = to_buffer(as_bytes("abc"));
  EXPECT_TRUE(equal(value, as_bytes("abc")));
  EXPECT_FALSE(equal(value, as_bytes("abd")));
  EXPECT_FALSE(equal(value, as_bytes("ab")));
  EXPECT_TRUE(equal({}, {}));
  EXPECT_EQ(as_text(value), "abc");
  Buffer joined = value;
  append(joined, as_bytes("de"));
  append(joined, {});
  EXPECT_EQ(as_text(joined), "abcde");
}

}  // namespace
}  // namespace schannel
