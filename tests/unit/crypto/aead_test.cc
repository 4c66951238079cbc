#include "crypto/aead.h"

#include <thread>

#include "crypto/random.h"
#include "unit/crypto/aead_backends.h"
#include "unit/crypto/error_queue.h"
#include "unit/vectors.h"

namespace schannel::crypto {
namespace {

constexpr AeadNonce kNonce = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
using Tag = std::array<std::uint8_t, kAeadTagBytes>;

struct Vector {
  Buffer key, nonce, aad, plaintext, ciphertext, tag;

  AeadNonce nonce_value() const {
    AeadNonce value{};
    std::copy(nonce.begin(), nonce.end(), value.begin());
    return value;
  }
};

Vector vector_of(const std::map<std::string, Buffer>& values, const std::string& prefix) {
  const auto value = [&](const char* name) {
    const auto found = values.find(prefix + name);
    return found == values.end() ? Buffer() : found->second;
  };
  return {value("key"),       value("nonce"),      value("aad"),
          value("plaintext"), value("ciphertext"), value("tag")};
}

std::vector<Vector> published(AeadAlgorithm algorithm) {
  if (algorithm == AeadAlgorithm::chacha20_poly1305) {
    return {vector_of(test::read_vectors("rfc8439_chacha20_poly1305.vec"), "")};
  }
  const auto values = test::read_vectors("aes_gcm.vec");
  std::vector<Vector> out;
  const int first = algorithm == AeadAlgorithm::aes_128_gcm ? 1 : 13;
  for (int number = first; number < first + 4; ++number) {
    out.push_back(vector_of(values, "case" + std::to_string(number) + "_"));
  }
  return out;
}

Buffer some_bytes(std::size_t size, std::uint8_t seed) {
  Buffer out(size);
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>(seed + 7 * i);
  return out;
}

class Aead : public EachAead {};
INSTANTIATE_TEST_SUITE_P(, Aead, testing::ValuesIn(every_aead()), case_name);

TEST_P(Aead, gives_the_published_ciphertexts) {
  for (const Vector& vector : published(GetParam().algorithm)) {
    ASSERT_EQ(vector.key.size(), aead_key_bytes(GetParam().algorithm));
    AeadKey key = key_of(vector.key);
    Buffer data = vector.plaintext;
    Tag tag;
    ASSERT_TRUE(key.seal(vector.nonce_value(), vector.aad, data, {}, tag.data()));
    EXPECT_EQ(data, vector.ciphertext);
    EXPECT_EQ(to_buffer(tag), vector.tag);
    ASSERT_TRUE(key.open(vector.nonce_value(), vector.aad, data.data(), data.data(), data.size(),
                         vector.tag.data()));
    EXPECT_EQ(data, vector.plaintext);
  }
}

TEST_P(Aead, says_what_it_is) {
  const AeadKey key = some_key();
  EXPECT_EQ(key.algorithm(), GetParam().algorithm);
  EXPECT_EQ(key.backend(), GetParam().backend);
}

TEST_P(Aead, refuses_keys_of_any_other_size) {
  for (std::size_t size = 0; size <= 48; ++size) {
    if (size == aead_key_bytes(GetParam().algorithm)) continue;
    const Result<AeadKey> key =
        AeadKey::create(GetParam().algorithm, Buffer(size), GetParam().backend);
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().cause, Cause::internal_error);
  }
}

// One message, cut in two at every point: the pieces side by side and apart.
TEST_P(Aead, a_tail_is_the_end_of_the_message) {
  AeadKey key = some_key();
  const Buffer aad = some_bytes(5, 9);
  for (const std::size_t size : {0u, 1u, 15u, 16u, 17u, 63u, 64u, 65u, 100u, 257u, 600u}) {
    const Buffer plaintext = some_bytes(size, 1);
    Buffer whole = plaintext;
    Tag tag;
    ASSERT_TRUE(key.seal(kNonce, aad, whole, {}, tag.data()));
    for (std::size_t cut = 0; cut <= size; ++cut) {
      Buffer together = plaintext;
      Tag together_tag;
      ASSERT_TRUE(key.seal(kNonce, aad, MutableBytes(together).first(cut),
                           MutableBytes(together).subspan(cut), together_tag.data()));
      ASSERT_EQ(together, whole) << size << " cut at " << cut;
      ASSERT_EQ(together_tag, tag) << size << " cut at " << cut;

      const auto middle = plaintext.begin() + static_cast<std::ptrdiff_t>(cut);
      Buffer head(plaintext.begin(), middle), tail(middle, plaintext.end());
      Tag apart_tag;
      ASSERT_TRUE(key.seal(kNonce, aad, head, tail, apart_tag.data()));
      append(head, tail);
      ASSERT_EQ(head, whole) << size << " cut apart at " << cut;
      ASSERT_EQ(apart_tag, tag) << size << " cut apart at " << cut;
    }
  }
}

TEST_P(Aead, opens_in_place_and_into_another_buffer_and_writes_nothing_else) {
  AeadKey key = some_key();
  const Buffer aad = some_bytes(13, 2);
  for (std::size_t size = 0; size <= 300; ++size) {
    const Buffer plaintext = some_bytes(size, 5);
    Buffer sealed = some_bytes(size, 5);
    Tag tag;
    ASSERT_TRUE(key.seal(kNonce, aad, sealed, {}, tag.data()));

    Buffer out(size + 64, 0xa5);
    ASSERT_TRUE(key.open(kNonce, aad, sealed.data(), out.data() + 32, size, tag.data()));
    EXPECT_TRUE(equal(Bytes(out).subspan(32, size), plaintext)) << size;
    EXPECT_TRUE(equal(Bytes(out).first(32), Buffer(32, 0xa5))) << size;
    EXPECT_TRUE(equal(Bytes(out).last(32), Buffer(32, 0xa5))) << size;

    ASSERT_TRUE(key.open(kNonce, aad, sealed.data(), sealed.data(), size, tag.data()));
    EXPECT_EQ(sealed, plaintext);
  }
}

TEST_P(Aead, one_key_seals_and_opens_in_any_order) {
  AeadKey key = some_key();
  AeadKey other = some_key();
  const Buffer aad = some_bytes(5, 1);
  for (unsigned i = 0; i < 64; ++i) {
    AeadNonce nonce = kNonce;
    nonce[0] = static_cast<std::uint8_t>(i);
    const Buffer plaintext = some_bytes(40 + i, static_cast<std::uint8_t>(i));
    Buffer data = plaintext;
    Tag tag, again;
    ASSERT_TRUE(key.seal(nonce, aad, data, {}, tag.data()));
    const Buffer ciphertext = data;
    // A refused record must not disturb the next one.
    Tag wrong = tag;
    wrong[i % kAeadTagBytes] ^= 0x80;
    Buffer refused = data;
    EXPECT_FALSE(
        key.open(nonce, aad, refused.data(), refused.data(), refused.size(), wrong.data()));
    ASSERT_TRUE(key.open(nonce, aad, data.data(), data.data(), data.size(), tag.data()));
    EXPECT_EQ(data, plaintext);
    ASSERT_TRUE(other.seal(nonce, aad, data, {}, again.data()));
    EXPECT_EQ(data, ciphertext);
    EXPECT_EQ(again, tag);
  }
  EXPECT_EQ(ERR_peek_error(), 0u) << "a refused record leaves nothing in the error queue";
}

TEST_P(Aead, moves) {
  AeadKey key = some_key();
  Buffer data = some_bytes(33, 1), expected = data;
  Tag tag, expected_tag;
  ASSERT_TRUE(key.seal(kNonce, {}, expected, {}, expected_tag.data()));
  AeadKey moved(std::move(key));
  AeadKey assigned = some_key();
  assigned = std::move(moved);
  ASSERT_TRUE(assigned.seal(kNonce, {}, data, {}, tag.data()));
  EXPECT_EQ(data, expected);
  EXPECT_EQ(tag, expected_tag);
}

// Everything that goes into one sealed message, and what happens when a bit of it changes.
class Tampered : public EachAead {
 protected:
  void SetUp() override {
    EachAead::SetUp();
    if (IsSkipped()) return;
    key_.emplace(some_key());
    ASSERT_TRUE(key_->seal(kNonce, aad_, ciphertext_, {}, tag_.data()));
  }

  void expect_refused(const AeadNonce& nonce, Bytes aad, const Buffer& ciphertext, const Tag& tag) {
    const std::size_t size = ciphertext.size();
    Buffer out(size + 2, 0xa5);
    EXPECT_FALSE(key_->open(nonce, aad, ciphertext.data(), out.data() + 1, size, tag.data()));
    EXPECT_TRUE(equal(Bytes(out).subspan(1, size), Buffer(size))) << "plaintext was left behind";
    EXPECT_EQ(out.front(), 0xa5);
    EXPECT_EQ(out.back(), 0xa5);
    Buffer in_place = ciphertext;
    EXPECT_FALSE(key_->open(nonce, aad, in_place.data(), in_place.data(), size, tag.data()));
    EXPECT_EQ(in_place, Buffer(size)) << "plaintext was left behind";
  }

  std::optional<AeadKey> key_;
  Buffer aad_ = some_bytes(13, 3);
  Buffer ciphertext_ = some_bytes(37, 4);
  Tag tag_{};
};
INSTANTIATE_TEST_SUITE_P(, Tampered, testing::ValuesIn(every_aead()), case_name);

TEST_P(Tampered, each_bit_of_the_tag_is_checked) {
  for (std::size_t bit = 0; bit < 8 * kAeadTagBytes; ++bit) {
    Tag tag = tag_;
    tag[bit / 8] = static_cast<std::uint8_t>(tag[bit / 8] ^ (1u << (bit % 8)));
    expect_refused(kNonce, aad_, ciphertext_, tag);
  }
}

TEST_P(Tampered, each_bit_of_the_ciphertext_is_checked) {
  for (std::size_t bit = 0; bit < 8 * ciphertext_.size(); ++bit) {
    Buffer ciphertext = ciphertext_;
    ciphertext[bit / 8] = static_cast<std::uint8_t>(ciphertext[bit / 8] ^ (1u << (bit % 8)));
    expect_refused(kNonce, aad_, ciphertext, tag_);
  }
}

TEST_P(Tampered, additional_data_nonce_and_length_are_checked) {
  for (std::size_t at = 0; at < aad_.size(); ++at) {
    Buffer aad = aad_;
    aad[at] ^= 1;
    expect_refused(kNonce, aad, ciphertext_, tag_);
  }
  expect_refused(kNonce, Bytes(aad_).first(12), ciphertext_, tag_);
  expect_refused(kNonce, {}, ciphertext_, tag_);
  for (std::size_t at = 0; at < kNonce.size(); ++at) {
    AeadNonce nonce = kNonce;
    nonce[at] ^= 0x10;
    expect_refused(nonce, aad_, ciphertext_, tag_);
  }
  expect_refused(kNonce, aad_, Buffer(ciphertext_.begin(), ciphertext_.end() - 1), tag_);
  expect_refused(kNonce, aad_, Buffer(), tag_);
  Buffer longer = ciphertext_;
  longer.push_back(0);
  expect_refused(kNonce, aad_, longer, tag_);
}

TEST_P(Tampered, the_untouched_message_still_opens) {
  ASSERT_TRUE(key_->open(kNonce, aad_, ciphertext_.data(), ciphertext_.data(), ciphertext_.size(),
                         tag_.data()));
  EXPECT_EQ(ciphertext_, some_bytes(37, 4));
}

// Keys of one connection and another are used by different threads at once.
TEST_P(Aead, threads_share_nothing_that_shows) {
  Buffer expected = some_bytes(1000, 1);
  Tag expected_tag;
  ASSERT_TRUE(some_key().seal(kNonce, {}, expected, {}, expected_tag.data()));
  std::array<bool, 4> right{};
  std::vector<std::thread> threads;
  for (bool& mine : right) {
    threads.emplace_back([&, this] {
      AeadKey key = some_key();
      mine = true;
      for (int i = 0; i < 200; ++i) {
        Buffer data = some_bytes(1000, 1);
        Tag tag;
        mine = mine && key.seal(kNonce, {}, data, {}, tag.data()) && data == expected &&
               tag == expected_tag &&
               key.open(kNonce, {}, data.data(), data.data(), data.size(), tag.data());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const bool each : right) EXPECT_TRUE(each);
}

TEST(AeadBackend, best_is_a_library_that_is_there) {
  for (const AeadAlgorithm algorithm : kAeadAlgorithms) {
    EXPECT_TRUE(aead_backend_available(AeadBackend::best, algorithm));
    EXPECT_TRUE(aead_backend_available(AeadBackend::libcrypto, algorithm));
    const Result<AeadKey> key = AeadKey::create(algorithm, Buffer(aead_key_bytes(algorithm)));
    ASSERT_TRUE(key);
    EXPECT_NE(key->backend(), AeadBackend::best);
    EXPECT_TRUE(aead_backend_available(key->backend(), algorithm));
    const std::string forced = [] {
      const char* value = std::getenv("OPENSCHANNEL_AEAD");
      return std::string(value == nullptr ? "" : value);
    }();
    if (forced == "libcrypto") {
      EXPECT_EQ(key->backend(), AeadBackend::libcrypto);
    } else if (aead_backend_available(AeadBackend::ipsec_mb, algorithm) &&
               (forced == "ipsec-mb" || algorithm != AeadAlgorithm::chacha20_poly1305)) {
      EXPECT_EQ(key->backend(), AeadBackend::ipsec_mb);
    }
  }
}

TEST(AeadBackend, one_that_is_not_there_makes_no_key) {
  for (const AeadAlgorithm algorithm : kAeadAlgorithms) {
    const Buffer key(aead_key_bytes(algorithm));
    for (const AeadBackend backend : {AeadBackend::libcrypto, AeadBackend::ipsec_mb}) {
      EXPECT_EQ(static_cast<bool>(AeadKey::create(algorithm, key, backend)),
                aead_backend_available(backend, algorithm));
    }
  }
}

}  // namespace
}  // namespace schannel::crypto
