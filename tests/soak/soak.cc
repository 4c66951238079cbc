#include <malloc.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <mutex>
#include <thread>

#include "connection.h"

// Many connections with random features, client and server in this one process, on eight threads
// that share their credentials: no failure that was not injected, and no memory that stays.
//
//     soak COUNT [SEED]
//
// The first tenth of the connections warms up: what libraries allocate once is there afterwards.
// Then the memory in use is compared. SEED and a number determine what a connection does, but not
// which session it finds: that is up to the threads.
namespace {

constexpr unsigned kThreadCount = 8;
constexpr std::uint64_t kFailuresShownMax = 10;
/// What may be left over: stacks of error texts and the like, one for each thread; independent of
/// the number of connections.
constexpr std::size_t kHeapToleranceBytes = 64 * 1024;
/// The heap keeps free pages for later, so the process as a whole is judged less strictly.
constexpr std::size_t kResidentToleranceBytes = 32 * 1024 * 1024;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kCountsMemory = false;  // the sanitizers have an allocator of their own
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool kCountsMemory = false;
#else
constexpr bool kCountsMemory = true;
#endif
#else
constexpr bool kCountsMemory = true;
#endif

struct Memory {
  std::size_t heap_bytes = 0;  ///< Allocated and not freed, in all arenas.
  std::size_t resident_bytes = 0;
};

Memory memory_now() {
  malloc_trim(0);
  const struct mallinfo2 info = mallinfo2();
  Memory out{info.uordblks + info.hblkhd, 0};
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;
  out.resident_bytes = pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return out;
}

struct Phase {
  soak::Tally tally;
  std::uint64_t failures = 0;
};

/// Connections `from` to `to`, with credentials and sessions of their own.
Phase run(const soak::Certificates& certificates, std::uint64_t seed, std::uint64_t from,
          std::uint64_t to) {
  const soak::Credentials credentials(certificates);
  std::atomic<std::uint64_t> next = from;
  std::mutex mutex;
  Phase out;
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < kThreadCount; ++i) {
    threads.emplace_back([&] {
      soak::Tally tally;
      for (;;) {
        const std::uint64_t number = next.fetch_add(1);
        if (number >= to) break;
        const std::string wrong = soak::run_connection(credentials, seed, number, tally);
        if (wrong.empty()) continue;
        const std::lock_guard lock(mutex);
        if (++out.failures <= kFailuresShownMax) std::printf("FAILED: %s\n", wrong.c_str());
      }
      const std::lock_guard lock(mutex);
      out.tally += tally;
    });
  }
  for (std::thread& thread : threads) thread.join();
  return out;
}

void print(const soak::Tally& tally, double seconds, std::uint64_t count) {
  static constexpr const char* kNames[] = {
      "TLS 1.2",          "TLS 1.3",          "resumed",           "client certificates",
      "key updates",      "renegotiations",   "late certificates", "bytes of data",
      "closed by client", "closed by server", "closed by both",    "fatal alerts",
      "left open",        "failures injected"};
  static_assert(std::size(kNames) == soak::Tally::count_);
  for (std::size_t i = 0; i < tally.of.size(); ++i) {
    std::printf("  %-20s %12llu\n", kNames[i], static_cast<unsigned long long>(tally.of[i]));
  }
  std::printf("%llu connections in %.1f s, %.0f a second\n", static_cast<unsigned long long>(count),
              seconds, static_cast<double>(count) / seconds);
}

/// False when more has stayed than may.
bool compare(const Memory& before, const Memory& after) {
  const auto difference = [](std::size_t from, std::size_t to) {
    return static_cast<long long>(to) - static_cast<long long>(from);
  };
  const long long heap = difference(before.heap_bytes, after.heap_bytes);
  const long long resident = difference(before.resident_bytes, after.resident_bytes);
  std::printf("heap in use: %zu bytes after the warm-up, %+lld in the end (tolerance %zu)\n",
              before.heap_bytes, heap, kHeapToleranceBytes);
  std::printf("resident: %zu KiB after the warm-up, %+lld KiB in the end (tolerance %zu KiB)\n",
              before.resident_bytes / 1024, resident / 1024, kResidentToleranceBytes / 1024);
  if (!kCountsMemory) {
    std::printf("not compared: a sanitizer is watching\n");
    return true;
  }
  const bool good = heap <= static_cast<long long>(kHeapToleranceBytes) &&
                    resident <= static_cast<long long>(kResidentToleranceBytes);
  if (!good) std::printf("FAILED: memory has stayed behind\n");
  return good;
}

}  // namespace

int main(int argument_count, char** arguments) {
  const std::uint64_t count = argument_count > 1 ? std::strtoull(arguments[1], nullptr, 10) : 0;
  const std::uint64_t seed = argument_count > 2 ? std::strtoull(arguments[2], nullptr, 10) : 1;
  if (count == 0) {
    std::fprintf(stderr, "soak COUNT [SEED]\n");
    return 2;
  }
  std::printf("seed %llu, %u threads\n", static_cast<unsigned long long>(seed), kThreadCount);
  try {
    const soak::Certificates certificates;
    const std::uint64_t warm_up = count / 10;
    const Phase first = run(certificates, seed, 0, warm_up);
    const Memory before = memory_now();
    const auto begin = std::chrono::steady_clock::now();
    const Phase second = run(certificates, seed, warm_up, count);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    const Memory after = memory_now();
    print(second.tally, took.count(), count - warm_up);
    const bool good_memory = compare(before, after);
    const std::uint64_t failures = first.failures + second.failures;
    std::printf("failures that were not injected: %llu\n",
                static_cast<unsigned long long>(failures));
    return failures == 0 && good_memory ? 0 : 1;
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "soak: %s\n", failure.what());
    return 1;
  }
}
