#include "crypto/hash.h"

#include <gtest/gtest.h>

#include "crypto/constant_time.h"
#include "crypto/random.h"
#include "unit/vectors.h"

namespace schannel::crypto {
namespace {

using test::from_hex;

constexpr HashAlgorithm kAlgorithms[] = {HashAlgorithm::sha256, HashAlgorithm::sha384};

// FIPS 180-4 examples: "" and "abc".
TEST(Hash, gives_the_published_digests) {
  EXPECT_EQ(to_buffer(hash(HashAlgorithm::sha256, {})),
            from_hex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
  EXPECT_EQ(to_buffer(hash(HashAlgorithm::sha256, as_bytes("abc"))),
            from_hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
  EXPECT_EQ(to_buffer(hash(HashAlgorithm::sha384, {})),
            from_hex("38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da"
                     "274edebfe76f65fbd51ad2f14898b95b"));
  EXPECT_EQ(to_buffer(hash(HashAlgorithm::sha384, as_bytes("abc"))),
            from_hex("cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
                     "8086072ba1e7cc2358baeca134c825a7"));
  EXPECT_EQ(to_buffer(sha256(as_bytes("abc"))),
            from_hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
  EXPECT_EQ(to_buffer(sha1_fingerprint(as_bytes("abc"))),
            from_hex("a9993e364706816aba3e25717850c26c9cd0d89d"));
}

TEST(RunningHash, can_be_read_at_any_point_and_continued) {
  Buffer data(1000);
  system_random().fill(data);
  for (const HashAlgorithm algorithm : kAlgorithms) {
    RunningHash running(algorithm);
    EXPECT_EQ(running.algorithm(), algorithm);
    EXPECT_EQ(to_buffer(running.current()), to_buffer(hash(algorithm, {})));
    std::size_t fed = 0;
    for (std::size_t piece = 0; fed + piece <= data.size(); ++piece) {
      running.add(Bytes(data).subspan(fed, piece));
      fed += piece;
      const Bytes so_far = Bytes(data).first(fed);
      EXPECT_EQ(to_buffer(running.current()), to_buffer(hash(algorithm, so_far)));
      EXPECT_EQ(to_buffer(running.current()), to_buffer(hash(algorithm, so_far))) << "read twice";
    }
    ASSERT_GT(fed, 900u);
  }
}

TEST(RunningHash, moves_with_what_it_was_fed) {
  RunningHash first(HashAlgorithm::sha384);
  first.add(as_bytes("a"));
  RunningHash second(std::move(first));
  second.add(as_bytes("b"));
  RunningHash third(HashAlgorithm::sha256);
  third = std::move(second);
  third.add(as_bytes("c"));
  EXPECT_EQ(third.algorithm(), HashAlgorithm::sha384);
  EXPECT_EQ(to_buffer(third.current()), to_buffer(hash(HashAlgorithm::sha384, as_bytes("abc"))));
}

TEST(ConstantTimeEqual, finds_every_difference) {
  Buffer value(48);
  system_random().fill(value);
  EXPECT_TRUE(constant_time_equal(value, Buffer(value)));
  EXPECT_TRUE(constant_time_equal({}, {}));
  EXPECT_FALSE(constant_time_equal(value, Bytes(value).first(47)));
  EXPECT_FALSE(constant_time_equal(value, {}));
  for (std::size_t bit = 0; bit < value.size() * 8; ++bit) {
    Buffer other = value;
    other[bit / 8] = static_cast<std::uint8_t>(other[bit / 8] ^ (1u << (bit % 8)));
    EXPECT_FALSE(constant_time_equal(value, other)) << "bit " << bit;
  }
}

TEST(SystemRandom, fills_all_and_only_the_bytes_it_was_given) {
  for (const std::size_t size : {0u, 1u, 32u, 100000u}) {
    Buffer buffer(size + 2, 0xa5);
    system_random().fill(MutableBytes(buffer).subspan(1, size));
    EXPECT_EQ(buffer.front(), 0xa5);
    EXPECT_EQ(buffer.back(), 0xa5);
  }
  // 64 bytes left as they were, or twice the same, are as likely as a broken machine.
  Buffer first(64), second(64);
  system_random().fill(first);
  system_random().fill(second);
  EXPECT_NE(first, Buffer(64));
  EXPECT_NE(first, second);
  EXPECT_NE(Buffer(first.begin() + 48, first.end()), Buffer(16)) << "the end is filled too";
}

}  // namespace
}  // namespace schannel::crypto
