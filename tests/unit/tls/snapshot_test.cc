#include "tls/snapshot.h"

#include <gtest/gtest.h>

namespace schannel::tls {
namespace {

Snapshot sample(ProtocolVersion version) {
  Snapshot out;
  out.negotiated.version = version;
  const bool is_13 = version == ProtocolVersion::tls13;
  out.negotiated.suite = find_suite(is_13 ? 0x1301 : 0xc02b);
  out.negotiated.server_name = "example.com";
  out.negotiated.peer_chain = {Buffer(700, 1), Buffer(900, 2)};
  out.negotiated.answered_extensions = {{16, Buffer{0, 3, 2, 'h', '2'}}};
  out.negotiated.client_verify_data = Buffer(12, 7);
  out.negotiated.secure_renegotiation = true;
  out.negotiated.client_random.fill(9);
  if (is_13) {
    out.keys =
        Snapshot::Keys13{Secret(Buffer(32, 3)), Secret(Buffer(32, 4)), Secret(Buffer(32, 5))};
  } else {
    out.keys = Snapshot::Keys12{Secret(Buffer(48, 6))};
  }
  out.read_sequence = 0x0102030405060708;
  out.write_sequence = 42;
  out.taken.size = 77;
  out.taken.tag.fill(8);
  out.closed_by_peer = true;
  return out;
}

class Snapshots : public testing::TestWithParam<ProtocolVersion> {};

TEST_P(Snapshots, come_back_as_they_were) {
  const Snapshot before = sample(GetParam());
  const Result<Snapshot> after = decode_snapshot(encode_snapshot(before));
  ASSERT_TRUE(after);
  EXPECT_EQ(after->negotiated.suite, before.negotiated.suite);
  EXPECT_EQ(after->negotiated.server_name, "example.com");
  EXPECT_EQ(after->negotiated.peer_chain, before.negotiated.peer_chain);
  ASSERT_EQ(after->negotiated.answered_extensions.size(), 1U);
  EXPECT_EQ(after->negotiated.answered_extensions[0].type, 16);
  EXPECT_EQ(after->negotiated.client_verify_data, before.negotiated.client_verify_data);
  EXPECT_TRUE(after->negotiated.secure_renegotiation);
  EXPECT_FALSE(after->negotiated.extended_master_secret);
  EXPECT_EQ(after->negotiated.client_random, before.negotiated.client_random);
  EXPECT_EQ(after->read_sequence, before.read_sequence);
  EXPECT_EQ(after->write_sequence, 42U);
  EXPECT_EQ(after->taken.size, 77U);
  EXPECT_EQ(after->taken.tag, before.taken.tag);
  EXPECT_TRUE(after->closed_by_peer);
  EXPECT_EQ(encode_snapshot(*after), encode_snapshot(before)) << "the keys, too";
}

TEST_P(Snapshots, what_is_cut_or_longer_does_not_decode) {
  Buffer whole = encode_snapshot(sample(GetParam()));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(decode_snapshot(Bytes(whole).first(size))) << size;
  }
  whole.push_back(0);
  EXPECT_FALSE(decode_snapshot(whole));
}

TEST_P(Snapshots, a_suite_of_another_version_does_not_decode) {
  Snapshot wrong = sample(GetParam());
  wrong.negotiated.suite = find_suite(GetParam() == ProtocolVersion::tls13 ? 0xc02b : 0x1301);
  EXPECT_FALSE(decode_snapshot(encode_snapshot(wrong)));
}

INSTANTIATE_TEST_SUITE_P(Versions, Snapshots,
                         testing::Values(ProtocolVersion::tls12, ProtocolVersion::tls13),
                         [](const auto& test) {
                           return test.param == ProtocolVersion::tls13 ? "tls13" : "tls12";
                         });

}  // namespace
}  // namespace schannel::tls
