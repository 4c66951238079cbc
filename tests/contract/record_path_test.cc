#include <atomic>
#include <cerrno>
#include <cstdlib>

#include "support/peer.h"

// Question answered here: do EncryptMessage and DecryptMessage allocate, or free? Every allocation
// of the process passes through here: ours, libcrypto's and the standard library's.
namespace {

thread_local std::size_t calls = 0;

}  // namespace

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HAS_SANITIZER_HOOKS
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HAS_SANITIZER_HOOKS
#endif

#ifdef HAS_SANITIZER_HOOKS

// A sanitizer has an allocator of its own, and hooks for whoever wants to watch it.
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void*,
                                                                           std::size_t),
                                                         void (*on_free)(const volatile void*));
namespace {
const bool installed = __sanitizer_install_malloc_and_free_hooks(
                           [](const volatile void*, std::size_t) { ++calls; },
                           [](const volatile void* block) { calls += block != nullptr; }) != 0;
}  // namespace

#else

// glibc's own functions under their second names; the program's take precedence everywhere.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* block, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
void __libc_free(void* block);

[[gnu::visibility("default")]] void* malloc(std::size_t size) {
  ++calls;
  return __libc_malloc(size);
}
[[gnu::visibility("default")]] void* calloc(std::size_t count, std::size_t size) {
  ++calls;
  return __libc_calloc(count, size);
}
[[gnu::visibility("default")]] void* realloc(void* block, std::size_t size) {
  ++calls;
  return __libc_realloc(block, size);
}
[[gnu::visibility("default")]] void* aligned_alloc(std::size_t alignment, std::size_t size) {
  ++calls;
  return __libc_memalign(alignment, size);
}
[[gnu::visibility("default")]] int posix_memalign(void** out, std::size_t alignment,
                                                  std::size_t size) {
  ++calls;
  *out = __libc_memalign(alignment, size);
  return *out == nullptr ? ENOMEM : 0;
}
[[gnu::visibility("default")]] void free(void* block) {
  if (block != nullptr) ++calls;
  __libc_free(block);
}
}  // extern "C"

namespace {
const bool installed = true;
}  // namespace

#endif

namespace contract {
namespace {

constexpr std::size_t kRecordCount = 64;

/// One record there and opened, with the caller's memory only. The calls of the allocator are
/// added up in `allocations`.
bool pass(CtxtHandle& from, CtxtHandle& to, Bytes& memory, std::size_t size,
          const SecPkgContext_StreamSizes& sizes, std::size_t& allocations) {
  SecBuffer out[] = {
      {sizes.cbHeader, SECBUFFER_STREAM_HEADER, memory.data()},
      {static_cast<ULONG>(size), SECBUFFER_DATA, memory.data() + sizes.cbHeader},
      {sizes.cbTrailer, SECBUFFER_STREAM_TRAILER, memory.data() + sizes.cbHeader + size},
      {0, SECBUFFER_EMPTY, nullptr}};
  SecBufferDesc out_desc{SECBUFFER_VERSION, 4, out};
  const std::size_t before = calls;
  const SECURITY_STATUS sealed = EncryptMessage(&from, 0, &out_desc, 0);
  SecBuffer in[] = {
      {out[0].cbBuffer + out[1].cbBuffer + out[2].cbBuffer, SECBUFFER_DATA, memory.data()},
      {0, SECBUFFER_EMPTY, nullptr},
      {0, SECBUFFER_EMPTY, nullptr},
      {0, SECBUFFER_EMPTY, nullptr}};
  SecBufferDesc in_desc{SECBUFFER_VERSION, 4, in};
  const SECURITY_STATUS opened = DecryptMessage(&to, &in_desc, 0, nullptr);
  allocations += calls - before;
  return sealed == SEC_E_OK && opened == SEC_E_OK && in[1].cbBuffer == size;
}

class RecordPath : public testing::TestWithParam<Tls> {};
INSTANTIATE_TEST_SUITE_P(Tls, RecordPath, testing::Values(Tls::v12, Tls::v13), name_of);

TEST_P(RecordPath, record_path_does_not_allocate) {
  ASSERT_TRUE(installed);
  Pair pair(GetParam());
  ASSERT_TRUE(pair.connect());
  const std::size_t before = calls;
  SecPkgContext_PackageInfoA info{};
  ASSERT_EQ(QueryContextAttributesA(&pair.client.context, SECPKG_ATTR_PACKAGE_INFO, &info),
            SEC_E_OK);
  ASSERT_GT(calls, before) << "what the library allocates is not counted";
  FreeContextBuffer(info.PackageInfo);
  SecPkgContext_StreamSizes sizes{};
  ASSERT_EQ(QueryContextAttributesA(&pair.client.context, SECPKG_ATTR_STREAM_SIZES, &sizes),
            SEC_E_OK);
  Bytes memory(sizes.cbHeader + sizes.cbMaximumMessage + sizes.cbTrailer, 'r');
  // From the very first record of a connection on, in both directions, at every kind of size.
  std::size_t allocations = 0;
  bool worked = true;
  for (std::size_t i = 0; i < kRecordCount; ++i) {
    for (const std::size_t size :
         {std::size_t{16384}, std::size_t{1400}, std::size_t{100}, std::size_t{0}}) {
      worked = pass(pair.client.context, pair.server.context, memory, size, sizes, allocations) &&
               pass(pair.server.context, pair.client.context, memory, size, sizes, allocations) &&
               worked;
    }
  }
  EXPECT_TRUE(worked) << OpenSchannelErrorDetail();
  EXPECT_EQ(allocations, 0U);
}

}  // namespace
}  // namespace contract
