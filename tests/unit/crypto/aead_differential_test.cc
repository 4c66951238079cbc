#include <cstdlib>
#include <random>

#include "unit/crypto/aead_backends.h"

// Question answered here: do the two libraries agree on everything a record can be? Known answers
// are in aead_test.cc; this walks lengths, alignments, cuts and aad that nobody thought of.
namespace schannel::crypto {
namespace {

std::uint64_t seed() {
  const char* const value = std::getenv("OPENSCHANNEL_TEST_SEED");
  return value == nullptr ? 8446 : std::strtoull(value, nullptr, 0);
}

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}
  std::size_t below(std::size_t bound) { return engine_() % bound; }
  void fill(MutableBytes out) {
    for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(engine_());
  }
  /// Mostly around block boundaries, sometimes a full record.
  std::size_t length() {
    switch (below(8)) {
      case 0:
        return 16 * below(70) + below(3);
      case 1:
        return below(16385);
      case 2:
        return 16384 + below(257);
      default:
        return below(600);
    }
  }

 private:
  std::mt19937_64 engine_;
};

class AeadDifferential : public testing::TestWithParam<AeadAlgorithm> {};
INSTANTIATE_TEST_SUITE_P(, AeadDifferential, testing::ValuesIn(kAeadAlgorithms),
                         [](const auto& row) { return std::string(name_of(row.param)); });

TEST_P(AeadDifferential, both_libraries_agree) {
  const AeadAlgorithm algorithm = GetParam();
  if (!aead_backend_available(AeadBackend::ipsec_mb, algorithm)) {
    GTEST_SKIP() << "only one library is available here";
  }
  const std::uint64_t start = seed();
  std::cout << "OPENSCHANNEL_TEST_SEED=" << start << "\n";
  Dice dice(start);

  for (int round = 0; round < 3000; ++round) {
    Buffer key_bytes(aead_key_bytes(algorithm));
    dice.fill(key_bytes);
    Result<AeadKey> one = AeadKey::create(algorithm, key_bytes, AeadBackend::libcrypto);
    Result<AeadKey> other = AeadKey::create(algorithm, key_bytes, AeadBackend::ipsec_mb);
    ASSERT_TRUE(one && other);
    if (dice.below(2) == 0) std::swap(*one, *other);

    // Several records under one key, so that what a record leaves in the key is seen too.
    for (std::size_t records = 1 + dice.below(3); records > 0; --records) {
      AeadNonce nonce;
      dice.fill(nonce);
      Buffer aad(dice.below(10) == 0 ? dice.below(700) : dice.below(32));
      dice.fill(aad);
      const std::size_t size = dice.length();
      const std::size_t tail_size = std::min(size, dice.below(3) == 0 ? 1 : dice.below(40));
      const std::size_t offset = dice.below(64);
      const bool apart = dice.below(2) == 0;
      SCOPED_TRACE(testing::Message() << "seed " << start << " round " << round << " size " << size
                                      << " tail " << tail_size << " aad " << aad.size()
                                      << " offset " << offset << (apart ? " apart" : " together"));

      Buffer plaintext(size);
      dice.fill(plaintext);
      Buffer first(offset + size + 16, 0xa5), second(offset + size + 16, 0xa5);
      std::copy(plaintext.begin(), plaintext.end(), first.data() + offset);
      std::copy(plaintext.begin(), plaintext.end(), second.data() + offset);
      const MutableBytes first_message = MutableBytes(first).subspan(offset, size);
      const MutableBytes second_message = MutableBytes(second).subspan(offset, size);
      std::array<std::uint8_t, kAeadTagBytes> first_tag, second_tag;

      ASSERT_TRUE(one->seal(nonce, aad, first_message, {}, first_tag.data()));
      const std::size_t head_size = size - tail_size;
      if (apart) {
        Buffer tail(second_message.begin() + static_cast<std::ptrdiff_t>(head_size),
                    second_message.end());
        ASSERT_TRUE(
            other->seal(nonce, aad, second_message.first(head_size), tail, second_tag.data()));
        std::copy(tail.begin(), tail.end(), second_message.data() + head_size);
      } else {
        ASSERT_TRUE(other->seal(nonce, aad, second_message.first(head_size),
                                second_message.subspan(head_size), second_tag.data()));
      }
      ASSERT_EQ(first, second);
      ASSERT_EQ(first_tag, second_tag);

      Buffer opened(offset + size + 16, 0xa5);
      ASSERT_TRUE(other->open(nonce, aad, first_message.data(), opened.data() + offset, size,
                              first_tag.data()));
      ASSERT_TRUE(equal(Bytes(opened).subspan(offset, size), plaintext));
      ASSERT_TRUE(equal(Bytes(opened).last(16), Buffer(16, 0xa5)));
      ASSERT_TRUE(one->open(nonce, aad, second_message.data(), second_message.data(), size,
                            second_tag.data()));
      ASSERT_TRUE(equal(second_message, plaintext));
    }
  }
}

}  // namespace
}  // namespace schannel::crypto
