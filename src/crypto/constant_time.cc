#include "crypto/constant_time.h"

#include <openssl/crypto.h>

namespace schannel::crypto {

bool constant_time_equal(Bytes a, Bytes b) {
  return a.size() == b.size() && (a.empty() || CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0);
}

}  // namespace schannel::crypto
