#pragma once
#include "base/bytes.h"

namespace schannel::crypto {

/// Where randoms, session ids and x25519 keys come from. A value, so that a test can replay a
/// published trace; everybody else passes system_random().
class Random {
 public:
  virtual ~Random() = default;
  /// Fills all of `out`. Aborts the process when the system has no randomness: nothing may go on.
  virtual void fill(MutableBytes out) = 0;
};

/// libcrypto's DRBG. Safe from any thread.
Random& system_random();

}  // namespace schannel::crypto
