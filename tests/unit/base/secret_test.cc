#include "base/secret.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <new>
#include <type_traits>

namespace schannel {
namespace {

constexpr std::uint8_t kPattern = 0x5c;
const Buffer kValue(Secret::kBytesMax, kPattern);

// How often the pattern is in an object's memory, whatever its members are.
std::size_t traces_in(const void* memory) {
  const auto* const bytes = static_cast<const volatile std::uint8_t*>(memory);
  std::size_t found = 0;
  for (std::size_t i = 0; i < sizeof(Secret); ++i) found += bytes[i] == kPattern ? 1u : 0u;
  return found;
}

/// A Secret in memory that was zero: the padding of one on the stack holds what was there before,
/// which may be the pattern. Zeroed by a call that the compiler can't drop: it would, because
/// nothing of a program may read memory from before the object.
class InZeroedMemory {
 public:
  explicit InZeroedMemory(Bytes value) {
    wipe(storage_);
    secret_ = new (storage_.data()) Secret(value);
  }
  InZeroedMemory(const InZeroedMemory&) = delete;
  InZeroedMemory& operator=(const InZeroedMemory&) = delete;
  ~InZeroedMemory() { std::destroy_at(secret_); }
  Secret& operator*() const { return *secret_; }

 private:
  alignas(Secret) std::array<std::uint8_t, sizeof(Secret)> storage_;
  Secret* secret_ = nullptr;
};

static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
static_assert(std::is_nothrow_move_constructible_v<Secret>);
static_assert(std::is_nothrow_move_assignable_v<Secret>);

TEST(Secret, holds_what_it_was_given) {
  const Secret secret{Bytes(kValue)};
  EXPECT_EQ(to_buffer(secret), kValue);
  EXPECT_EQ(secret.size(), Secret::kBytesMax);
  EXPECT_FALSE(secret.empty());
  EXPECT_TRUE(Secret().empty());
  EXPECT_TRUE(Secret(Bytes()).empty());
  EXPECT_EQ(to_buffer(Secret(std::size_t{3})), Buffer(3));
}

TEST(Secret, is_filled_in_place) {
  Secret secret(std::size_t{2});
  secret.mutable_view()[1] = 9;
  EXPECT_EQ(to_buffer(secret), (Buffer{0, 9}));
}

TEST(Secret, a_copy_has_to_be_asked_for) {
  const Secret secret{Bytes(kValue)};
  const Secret second = secret.copy();
  EXPECT_EQ(to_buffer(second), to_buffer(secret));
}

TEST(Secret, is_wiped_when_moved_from) {
  const InZeroedMemory source{Bytes(kValue)};
  Secret& from = *source;
  const Secret to(std::move(from));
  EXPECT_EQ(to_buffer(to), kValue);
  EXPECT_EQ(traces_in(&from), 0u);
  EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move): that is the question
}

TEST(Secret, is_wiped_when_assigned_from_and_what_was_there_is_gone) {
  const InZeroedMemory source(Bytes(kValue).first(4)), target{Bytes(kValue)};
  Secret& from = *source;
  Secret& to = *target;
  to = std::move(from);
  EXPECT_EQ(to.size(), 4u);
  EXPECT_EQ(traces_in(&to), 4u);
  EXPECT_EQ(traces_in(&from), 0u);
  Secret& same = to;
  to = std::move(same);
  EXPECT_EQ(traces_in(&to), 4u) << "assigned to itself";
}

TEST(Secret, is_wiped_when_cleared) {
  const InZeroedMemory cleared{Bytes(kValue)};
  Secret& secret = *cleared;
  secret.clear();
  EXPECT_TRUE(secret.empty());
  EXPECT_EQ(traces_in(&secret), 0u);
}

TEST(Secret, is_wiped_when_destroyed) {
  alignas(Secret) static std::array<std::uint8_t, sizeof(Secret)> storage;
  auto* const secret = new (storage.data()) Secret(Bytes(kValue));
  ASSERT_EQ(traces_in(storage.data()), Secret::kBytesMax);
  std::destroy_at(secret);
  EXPECT_EQ(traces_in(storage.data()), 0u);
}

TEST(Wipe, zeroes_all_of_a_view_and_nothing_else) {
  Buffer buffer(10, 1);
  wipe(MutableBytes(buffer).subspan(2, 6));
  EXPECT_EQ(buffer, (Buffer{1, 1, 0, 0, 0, 0, 0, 0, 1, 1}));
}

}  // namespace
}  // namespace schannel
