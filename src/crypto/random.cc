#include "crypto/random.h"

#include <openssl/rand.h>

#include <cstdlib>

namespace schannel::crypto {
namespace {

class SystemRandom final : public Random {
 public:
  void fill(MutableBytes out) override {
    // Security strength of 256 bits, the most any of our keys has. The DRBG is per thread.
    if (!out.empty() && RAND_bytes_ex(nullptr, out.data(), out.size(), 256) != 1) std::abort();
  }
};

}  // namespace

Random& system_random() {
  static SystemRandom random;
  return random;
}

}  // namespace schannel::crypto
