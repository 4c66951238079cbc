#include "crypto/kdf.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>

#include "crypto/random.h"
#include "unit/crypto/error_queue.h"
#include "unit/vectors.h"

namespace schannel::crypto {
namespace {

using Kdf = CleanErrorQueue;
using Vectors = std::map<std::string, Buffer>;

Buffer bytes_of(Bytes value) { return to_buffer(value); }

Bytes value_or_empty(const Vectors& vectors, const std::string& key) {
  const auto found = vectors.find(key);
  return found == vectors.end() ? Bytes() : Bytes(found->second);
}

Buffer prf(HashAlgorithm algorithm, Bytes secret, std::string_view label, Bytes seed,
           std::size_t size) {
  Buffer out(size);
  tls12_prf(algorithm, secret, label, seed, out);
  return out;
}

TEST_F(Kdf, hmac_is_that_of_rfc_4231) {
  const Vectors vectors = test::read_vectors("rfc4231_hmac.vec");
  for (const std::string name : {"case1", "case2", "case6"}) {
    const Buffer& key = vectors.at(name + "_key");
    const Buffer& data = vectors.at(name + "_data");
    EXPECT_EQ(bytes_of(hmac(HashAlgorithm::sha256, key, data)), vectors.at(name + "_sha256"));
    EXPECT_EQ(bytes_of(hmac(HashAlgorithm::sha384, key, data)), vectors.at(name + "_sha384"));
  }
}

TEST_F(Kdf, extract_is_that_of_rfc_5869) {
  const Vectors vectors = test::read_vectors("rfc5869_hkdf.vec");
  for (const std::string name : {"case1", "case2", "case3"}) {
    EXPECT_EQ(bytes_of(hkdf_extract(HashAlgorithm::sha256, value_or_empty(vectors, name + "_salt"),
                                    vectors.at(name + "_ikm"))),
              vectors.at(name + "_prk"));
  }
}

TEST_F(Kdf, an_empty_salt_is_a_digest_of_zeros) {
  for (const HashAlgorithm algorithm : {HashAlgorithm::sha256, HashAlgorithm::sha384}) {
    EXPECT_EQ(bytes_of(hkdf_extract(algorithm, {}, as_bytes("ikm"))),
              bytes_of(hkdf_extract(algorithm, Buffer(digest_bytes(algorithm)), as_bytes("ikm"))));
    EXPECT_EQ(hkdf_extract(algorithm, {}, {}).size(), digest_bytes(algorithm));
  }
}

TEST_F(Kdf, key_schedule_is_that_of_rfc_8448) {
  const Vectors vectors = test::read_vectors("rfc8448/key_schedule.vec");
  constexpr HashAlgorithm kHash = HashAlgorithm::sha256;
  const Digest empty_hash = hash(kHash, {});
  const auto derived = [&](const char* secret, std::string_view label, Bytes context) {
    const Buffer& from = vectors.at(secret);
    return bytes_of(hkdf_expand_label(kHash, from, label, context, 32));
  };

  EXPECT_EQ(bytes_of(hkdf_extract(kHash, {}, Buffer(32))), vectors.at("early_secret"));
  EXPECT_EQ(derived("early_secret", "derived", empty_hash), vectors.at("early_derived"));
  EXPECT_EQ(bytes_of(hkdf_extract(kHash, vectors.at("early_derived"), vectors.at("shared_secret"))),
            vectors.at("handshake_secret"));
  EXPECT_EQ(derived("handshake_secret", "derived", empty_hash), vectors.at("handshake_derived"));
  EXPECT_EQ(bytes_of(hkdf_extract(kHash, vectors.at("handshake_derived"), Buffer(32))),
            vectors.at("master_secret"));

  const struct {
    const char* name;
    const char* secret;
    const char* label;
    const char* hash;
  } secrets[] = {
      {"client_handshake_traffic", "handshake_secret", "c hs traffic", "hello_hash"},
      {"server_handshake_traffic", "handshake_secret", "s hs traffic", "hello_hash"},
      {"client_application_traffic", "master_secret", "c ap traffic", "server_finished_hash"},
      {"server_application_traffic", "master_secret", "s ap traffic", "server_finished_hash"},
      {"exporter_master", "master_secret", "exp master", "server_finished_hash"},
      {"resumption_master", "master_secret", "res master", "client_finished_hash"},
  };
  for (const auto& row : secrets) {
    EXPECT_EQ(derived(row.secret, row.label, vectors.at(row.hash)), vectors.at(row.name))
        << row.name;
  }
  for (const std::string name : {"client_handshake", "server_handshake", "server_application"}) {
    const Buffer& traffic = vectors.at(name + "_traffic");
    EXPECT_EQ(bytes_of(hkdf_expand_label(kHash, traffic, "key", {}, 16)),
              vectors.at(name + "_key"));
    EXPECT_EQ(bytes_of(hkdf_expand_label(kHash, traffic, "iv", {}, 12)), vectors.at(name + "_iv"));
  }
}

// RFC 5869 section 2.3 written out over HMAC, for outputs that take more than one block.
TEST_F(Kdf, expand_label_chains_blocks_as_rfc_5869_says) {
  for (const HashAlgorithm algorithm : {HashAlgorithm::sha256, HashAlgorithm::sha384}) {
    const std::size_t digest = digest_bytes(algorithm);
    Buffer secret(digest);
    system_random().fill(secret);
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{1}, digest, digest + 1, 255 * digest}) {
      Buffer info = {static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size), 9};
      append(info, as_bytes("tls13 abc"));
      info.push_back(2);
      append(info, as_bytes("xy"));
      Buffer expected, block;
      for (std::uint8_t counter = 1; expected.size() < size; ++counter) {
        append(block, info);
        block.push_back(counter);
        block = bytes_of(hmac(algorithm, secret, block));
        append(expected, block);
      }
      expected.resize(size);
      Buffer out(size);
      hkdf_expand_label(algorithm, secret, "abc", as_bytes("xy"), out);
      EXPECT_EQ(out, expected) << size;
    }
  }
}

TEST_F(Kdf, expand_label_refuses_what_does_not_fit_an_hkdf_label) {
  constexpr HashAlgorithm kHash = HashAlgorithm::sha256;
  const Buffer secret(32);
  Buffer out(32);
  const std::string longest_label(249, 'l');
  const Buffer longest_context(255);
  hkdf_expand_label(kHash, secret, longest_label, longest_context, out);
  EXPECT_NE(out, Buffer(32));
  EXPECT_THROW(hkdf_expand_label(kHash, secret, longest_label + 'l', {}, out), std::length_error);
  EXPECT_THROW(hkdf_expand_label(kHash, secret, "l", Buffer(256), out), std::length_error);
  Buffer too_much(255 * 32 + 1);
  EXPECT_THROW(hkdf_expand_label(kHash, secret, "l", {}, too_much), std::length_error);
  EXPECT_EQ(hkdf_expand_label(kHash, secret, "l", {}, Secret::kBytesMax).size(), 66u);
  EXPECT_THROW((void)hkdf_expand_label(kHash, secret, "l", {}, Secret::kBytesMax + 1),
               std::length_error);
}

TEST_F(Kdf, tls12_prf_is_the_published_one) {
  const Vectors vectors = test::read_vectors("tls12_prf.vec");
  EXPECT_EQ(prf(HashAlgorithm::sha256, vectors.at("sha256_secret"), "test label",
                vectors.at("sha256_seed"), 100),
            vectors.at("sha256_output"));
  EXPECT_EQ(prf(HashAlgorithm::sha384, vectors.at("sha384_secret"), "test label",
                vectors.at("sha384_seed"), 148),
            vectors.at("sha384_output"));
  EXPECT_EQ(prf(HashAlgorithm::sha256, vectors.at("master_secret_premaster"), "master secret",
                vectors.at("master_secret_seed"), 48),
            vectors.at("master_secret_output"));
}

TEST_F(Kdf, tls12_prf_of_every_size_is_the_beginning_of_a_longer_one) {
  for (const HashAlgorithm algorithm : {HashAlgorithm::sha256, HashAlgorithm::sha384}) {
    const Buffer longest = prf(algorithm, as_bytes("secret"), "label", as_bytes("seed"), 200);
    for (std::size_t size = 0; size < 200; ++size) {
      EXPECT_EQ(prf(algorithm, as_bytes("secret"), "label", as_bytes("seed"), size),
                Buffer(longest.begin(), longest.begin() + static_cast<std::ptrdiff_t>(size)));
    }
  }
}

TEST_F(Kdf, empty_inputs_are_inputs) {
  EXPECT_NE(prf(HashAlgorithm::sha256, {}, "", {}, 32), Buffer(32));
  EXPECT_NE(prf(HashAlgorithm::sha256, {}, "", {}, 32),
            prf(HashAlgorithm::sha256, Buffer(65), "", {}, 32))
      << "65 zeros are hashed first, an empty key is padded";
  EXPECT_EQ(prf(HashAlgorithm::sha256, {}, "", {}, 32),
            prf(HashAlgorithm::sha256, Buffer(64), "", {}, 32));
}

TEST_F(Kdf, threads_share_nothing_that_shows) {
  const Buffer secret(32, 7);
  const Buffer expected = bytes_of(hkdf_expand_label(HashAlgorithm::sha256, secret, "key", {}, 32));
  std::vector<std::thread> threads;
  std::array<bool, 4> right{};
  for (bool& mine : right) {
    threads.emplace_back([&] {
      mine = true;
      for (int i = 0; i < 200; ++i) {
        const Secret got = hkdf_expand_label(HashAlgorithm::sha256, secret, "key", {}, 32);
        mine = mine && bytes_of(got) == expected;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const bool each : right) EXPECT_TRUE(each);
}

}  // namespace
}  // namespace schannel::crypto
