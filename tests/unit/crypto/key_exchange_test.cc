#include "crypto/key_exchange.h"

#include "unit/crypto/error_queue.h"
#include "unit/vectors.h"

namespace schannel::crypto {
namespace {

using test::from_hex;

class FixedRandom : public Random {
 public:
  explicit FixedRandom(Bytes value) : value_(value) {}
  void fill(MutableBytes out) override {
    ASSERT_EQ(out.size(), value_.size());
    std::copy(value_.begin(), value_.end(), out.begin());
  }

 private:
  Bytes value_;
};

struct Sizes {
  NamedGroup group;
  std::size_t public_bytes;
  std::size_t secret_bytes;
};

constexpr Sizes kGroups[] = {
    {NamedGroup::x25519, 32, 32},
    {NamedGroup::secp256r1, 65, 32},
    {NamedGroup::secp384r1, 97, 48},
    {NamedGroup::secp521r1, 133, 66},
};

KeyShare share_of(NamedGroup group) {
  Result<KeyShare> share = KeyShare::generate(group, system_random());
  EXPECT_TRUE(share);
  return std::move(*share);
}

void expect_refused(const KeyShare& share, Bytes peer) {
  const Result<Secret> secret = share.derive(peer);
  ASSERT_FALSE(secret);
  EXPECT_EQ(secret.error().cause, Cause::illegal_parameter);
}

using KeyExchange = CleanErrorQueue;

TEST_F(KeyExchange, x25519_is_that_of_rfc_7748) {
  const auto vectors = test::read_vectors("rfc7748_x25519.vec");
  for (const auto& [us, them] : {std::pair("alice", "bob"), std::pair("bob", "alice")}) {
    FixedRandom random(vectors.at(us + std::string("_private")));
    const Result<KeyShare> share = KeyShare::generate(NamedGroup::x25519, random);
    ASSERT_TRUE(share);
    EXPECT_EQ(to_buffer(share->public_key()), vectors.at(us + std::string("_public")));
    const Result<Secret> secret = share->derive(vectors.at(them + std::string("_public")));
    ASSERT_TRUE(secret);
    EXPECT_EQ(to_buffer(*secret), vectors.at("shared_secret"));
  }
}

TEST_F(KeyExchange, two_sides_agree_in_every_group_each_time_they_derive) {
  for (const Sizes& sizes : kGroups) {
    ASSERT_TRUE(is_supported(sizes.group));
    const KeyShare first = share_of(sizes.group);
    const KeyShare second = share_of(sizes.group);
    EXPECT_EQ(first.group(), sizes.group);
    EXPECT_EQ(first.public_key().size(), sizes.public_bytes);
    EXPECT_NE(to_buffer(first.public_key()), to_buffer(second.public_key()));
    const Result<Secret> ours = first.derive(second.public_key());
    const Result<Secret> theirs = second.derive(first.public_key());
    const Result<Secret> again = first.derive(second.public_key());
    ASSERT_TRUE(ours && theirs && again);
    EXPECT_EQ(ours->size(), sizes.secret_bytes);
    EXPECT_EQ(to_buffer(*ours), to_buffer(*theirs));
    EXPECT_EQ(to_buffer(*ours), to_buffer(*again));
    EXPECT_NE(to_buffer(*ours), Buffer(sizes.secret_bytes));
  }
}

TEST_F(KeyExchange, a_shared_secret_keeps_its_leading_zeros) {
  // RFC 8446 section 7.4.2: the x-coordinate as an octet string of the field's size. One in 256
  // begins with zero; that none of 8000 does happens once in 10^13 runs.
  const KeyShare ours = share_of(NamedGroup::secp256r1);
  bool seen = false;
  for (int i = 0; i < 8000 && !seen; ++i) {
    const KeyShare theirs = share_of(NamedGroup::secp256r1);
    const Result<Secret> secret = ours.derive(theirs.public_key());
    ASSERT_TRUE(secret);
    ASSERT_EQ(secret->size(), 32u);
    seen = secret->view()[0] == 0;
  }
  EXPECT_TRUE(seen);
}

TEST_F(KeyExchange, a_moved_share_still_derives) {
  KeyShare first = share_of(NamedGroup::x25519);
  const Buffer public_key = to_buffer(first.public_key());
  const KeyShare peer = share_of(NamedGroup::x25519);
  KeyShare second(std::move(first));
  KeyShare third = share_of(NamedGroup::secp256r1);
  third = std::move(second);
  EXPECT_EQ(third.group(), NamedGroup::x25519);
  EXPECT_EQ(to_buffer(third.public_key()), public_key);
  EXPECT_TRUE(third.derive(peer.public_key()));
}

TEST_F(KeyExchange, every_other_size_is_refused) {
  for (const Sizes& sizes : kGroups) {
    const KeyShare ours = share_of(sizes.group);
    const KeyShare theirs = share_of(sizes.group);
    for (std::size_t size = 0; size < sizes.public_bytes; ++size) {
      expect_refused(ours, theirs.public_key().first(size));
    }
    Buffer longer = to_buffer(theirs.public_key());
    longer.push_back(0);
    expect_refused(ours, longer);
  }
}

TEST_F(KeyExchange, points_in_any_other_form_are_refused) {
  for (const Sizes& sizes : kGroups) {
    if (sizes.group == NamedGroup::x25519) continue;
    const KeyShare ours = share_of(sizes.group);
    const KeyShare theirs = share_of(sizes.group);
    const Buffer point = to_buffer(theirs.public_key());
    ASSERT_EQ(point[0], 4);
    for (unsigned form = 0; form < 256; ++form) {
      if (form == 4) continue;  // 6 and 7 are the hybrid form, 2 and 3 the compressed one
      Buffer other = point;
      other[0] = static_cast<std::uint8_t>(form);
      expect_refused(ours, other);
    }
    // The same point, compressed, in its own size.
    Buffer compressed(point.begin(), point.begin() + 1 + (static_cast<int>(point.size()) - 1) / 2);
    compressed[0] = static_cast<std::uint8_t>(2 + (point.back() & 1));
    expect_refused(ours, compressed);
    expect_refused(ours, Buffer{0});  // infinity
  }
}

TEST_F(KeyExchange, points_off_the_curve_are_refused) {
  for (const Sizes& sizes : kGroups) {
    if (sizes.group == NamedGroup::x25519) continue;
    const KeyShare ours = share_of(sizes.group);
    const KeyShare theirs = share_of(sizes.group);
    for (const std::size_t at : {std::size_t{1}, sizes.public_bytes / 2, sizes.public_bytes - 1}) {
      Buffer off = to_buffer(theirs.public_key());
      off[at] ^= 1;
      expect_refused(ours, off);
    }
    Buffer zero(sizes.public_bytes);
    zero[0] = 4;
    expect_refused(ours, zero);
    Buffer beyond_the_field(sizes.public_bytes, 0xff);
    beyond_the_field[0] = 4;
    expect_refused(ours, beyond_the_field);
  }
}

TEST_F(KeyExchange, x25519_points_of_small_order_are_refused) {
  // The points of order 1, 2, 4 and 8, and their encodings above the field's prime.
  const KeyShare ours = share_of(NamedGroup::x25519);
  for (const char* point : {
           "0000000000000000000000000000000000000000000000000000000000000000",
           "0100000000000000000000000000000000000000000000000000000000000000",
           "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
           "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
           "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
           "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
           "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
           "0000000000000000000000000000000000000000000000000000000000000080",
       }) {
    SCOPED_TRACE(point);
    expect_refused(ours, from_hex(point));
  }
}

TEST_F(KeyExchange, a_group_it_does_not_know_is_refused) {
  for (const unsigned group : {0u, 0x001eu, 0x0100u, 0x11ecu, 0xffffu}) {
    EXPECT_FALSE(is_supported(static_cast<NamedGroup>(group)));
    const Result<KeyShare> share =
        KeyShare::generate(static_cast<NamedGroup>(group), system_random());
    ASSERT_FALSE(share);
    EXPECT_EQ(share.error().cause, Cause::internal_error);
  }
}

}  // namespace
}  // namespace schannel::crypto
