#include <openssl/crypto.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "unit/crypto/aead_backends.h"

// Question answered here: does sealing or opening a record allocate? Counts every allocation of
// libcrypto and every use of operator new in this process.
namespace {

std::atomic<std::size_t> allocations{0};

void* counted_malloc(std::size_t size, const char*, int) {
  ++allocations;
  return std::malloc(size);
}
void* counted_realloc(void* old, std::size_t size, const char*, int) {
  ++allocations;
  return std::realloc(old, size);
}
void uncounted_free(void* old, const char*, int) { std::free(old); }

// libcrypto takes these only before its first allocation, so before main.
const bool libcrypto_is_counted =
    CRYPTO_set_mem_functions(counted_malloc, counted_realloc, uncounted_free) == 1;

}  // namespace

// Out of line, or GCC 12 takes the free() inside for that of somebody else's operator new.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace schannel::crypto {
namespace {

class AeadAllocation : public EachAead {};
INSTANTIATE_TEST_SUITE_P(, AeadAllocation, testing::ValuesIn(every_aead()), case_name);

TEST_P(AeadAllocation, no_record_allocates) {
  ASSERT_TRUE(libcrypto_is_counted);
  const std::size_t before_key = allocations;
  AeadKey key = some_key();
  ASSERT_GT(allocations, before_key) << "the counter works";

  AeadNonce nonce{};
  std::array<std::uint8_t, 5> aad{};
  std::array<std::uint8_t, 1> tail{};
  std::array<std::uint8_t, kAeadTagBytes> tag{};
  Buffer data(16384), out(16384);
  bool worked = true;
  const std::size_t before = allocations;
  // From the first record on, and when the direction changes.
  for (int i = 0; i < 3; ++i) {
    nonce[0] = static_cast<std::uint8_t>(i);
    worked = key.seal(nonce, aad, data, tail, tag.data()) && worked;
    worked = key.seal(nonce, aad, data, {}, tag.data()) && worked;
    worked = key.open(nonce, aad, data.data(), out.data(), data.size(), tag.data()) && worked;
  }
  const std::size_t after = allocations;
  EXPECT_TRUE(worked);
  EXPECT_EQ(after, before);
}

}  // namespace
}  // namespace schannel::crypto
