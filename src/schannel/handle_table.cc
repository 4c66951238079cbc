#include "schannel/handle_table.h"

#include <chrono>
#include <thread>

namespace schannel::package {
namespace {

constexpr std::uint64_t kTaken = 1;

/// A record or a handshake step is over before this ends; a handshake that looks up revocation can
/// take seconds, and whoever waits for that sleeps.
constexpr unsigned kTriesBeforeYield = 64;
constexpr unsigned kTriesBeforeSleep = 4096;
constexpr std::chrono::microseconds kSleep{200};

void wait_a_little(unsigned tries) {
  if (tries > kTriesBeforeSleep) {
    std::this_thread::sleep_for(kSleep);
  } else if (tries > kTriesBeforeYield) {
    std::this_thread::yield();
  }
}

}  // namespace

bool Slot::enter(Gate gate, std::uint32_t generation) {
  const std::uint64_t open = std::uint64_t{generation} << 1;
  for (unsigned tries = 0;; ++tries) {
    std::uint64_t seen = open;
    if (word(gate).compare_exchange_weak(seen, open | kTaken, std::memory_order_acquire,
                                         std::memory_order_relaxed)) {
      return true;
    }
    if (seen >> 1 != generation) return false;
    wait_a_little(tries);
  }
}

bool Slot::enter_all(std::uint32_t generation) {
  // Always in this order, so that two callers never wait for each other.
  if (!enter(Gate::control, generation)) return false;
  // Whoever holds the control gate keeps the generation: the other two can't fail.
  enter(Gate::read, generation);
  enter(Gate::write, generation);
  return true;
}

void Slot::leave_all(std::uint32_t generation) {
  leave(Gate::write, generation);
  leave(Gate::read, generation);
  leave(Gate::control, generation);
}

void Slot::close_until(std::uint32_t next_generation) {
  const std::uint64_t closed = std::uint64_t{next_generation} << 1 | kTaken;
  for (const Gate gate : {Gate::write, Gate::read, Gate::control}) {
    word(gate).store(closed, std::memory_order_release);
  }
}

}  // namespace schannel::package
