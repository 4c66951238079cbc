#pragma once
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "crypto/aead.h"

// What the tests of record protection share: every algorithm in every library of this machine.
namespace schannel::crypto {

inline constexpr AeadAlgorithm kAeadAlgorithms[] = {
    AeadAlgorithm::aes_128_gcm, AeadAlgorithm::aes_256_gcm, AeadAlgorithm::chacha20_poly1305};

inline const char* name_of(AeadAlgorithm algorithm) {
  switch (algorithm) {
    case AeadAlgorithm::aes_128_gcm:
      return "aes_128_gcm";
    case AeadAlgorithm::aes_256_gcm:
      return "aes_256_gcm";
    case AeadAlgorithm::chacha20_poly1305:
      return "chacha20_poly1305";
  }
  return "?";
}

struct AeadCase {
  AeadAlgorithm algorithm;
  AeadBackend backend;

  std::string name() const {
    return std::string(name_of(algorithm)) +
           (backend == AeadBackend::libcrypto ? "_libcrypto" : "_ipsec_mb");
  }
};
inline void PrintTo(const AeadCase& row, std::ostream* out) { *out << row.name(); }

/// A test of one algorithm in one library; skipped where the library is not there.
class EachAead : public testing::TestWithParam<AeadCase> {
 protected:
  void SetUp() override {
    if (!aead_backend_available(GetParam().backend, GetParam().algorithm)) {
      GTEST_SKIP() << GetParam().name() << " is not available here";
    }
  }
  AeadKey key_of(Bytes key) {
    Result<AeadKey> made = AeadKey::create(GetParam().algorithm, key, GetParam().backend);
    EXPECT_TRUE(made);
    return std::move(*made);
  }
  /// A key of the right size with a fixed value.
  AeadKey some_key() {
    Buffer key(aead_key_bytes(GetParam().algorithm));
    for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(3 * i + 1);
    return key_of(key);
  }
};

inline std::vector<AeadCase> every_aead() {
  std::vector<AeadCase> all;
  for (const AeadAlgorithm algorithm : kAeadAlgorithms) {
    all.push_back({algorithm, AeadBackend::libcrypto});
    all.push_back({algorithm, AeadBackend::ipsec_mb});
  }
  return all;
}

inline std::string case_name(const testing::TestParamInfo<AeadCase>& info) {
  return info.param.name();
}

}  // namespace schannel::crypto
