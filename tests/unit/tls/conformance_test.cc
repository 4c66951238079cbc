#include <algorithm>

#include "unit/tls/session_memory.h"

// Rules that BoringSSL's conformance runner has shown to be broken (docs/conformance.md), each as a
// test of our own.
namespace schannel::tls::test {
namespace {

constexpr std::size_t kHeader = kRecordHeaderBytes;

Config config_of(Role role, ProtocolVersion version) {
  Config config = test::config_of(role);
  config.enable_tls12 = version == ProtocolVersion::tls12;
  config.enable_tls13 = version == ProtocolVersion::tls13;
  return config;
}

/// Puts bytes of a further message behind those of the first record.
void begin_another_message(Buffer& flight) {
  const Buffer begun = {1, 0, 0};
  const std::size_t size = kHeader + (std::size_t{flight[3]} << 8 | flight[4]);
  flight.insert(flight.begin() + static_cast<std::ptrdiff_t>(size), begun.begin(), begun.end());
  const std::size_t content = size - kHeader + begun.size();
  flight[3] = static_cast<std::uint8_t>(content >> 8);
  flight[4] = static_cast<std::uint8_t>(content);
}

/// Replaces the first `from` by `to`, which is as long.
bool replace(Buffer& flight, const Buffer& from, const Buffer& to) {
  const auto at = std::search(flight.begin(), flight.end(), from.begin(), from.end());
  if (at == flight.end()) return false;
  std::copy(to.begin(), to.end(), at);
  return true;
}

TEST(Rfc8446_5_1, the_first_flight_of_a_client_ends_with_its_record) {
  for (const auto version : {ProtocolVersion::tls12, ProtocolVersion::tls13}) {
    Side client(config_of(Role::client, version)), server(config_of(Role::server, version));
    const Ending ending = run(client, server, 0, [](Role receiver, Buffer& bytes) {
      if (receiver == Role::server) begin_another_message(bytes);
    });
    ASSERT_FALSE(ending.server);
    EXPECT_EQ(ending.server.error().cause, Cause::unexpected_message);
  }
}

TEST(Rfc8446_D_4, a_client_that_fails_under_keys_sends_its_change_cipher_spec_first) {
  Side client(config_of(Role::client, ProtocolVersion::tls13));
  Side server(config_of(Role::server, ProtocolVersion::tls13));
  client.reject = Cause::certificate_untrusted_root;
  Buffer last;
  run(client, server, 0, [&](Role receiver, Buffer& bytes) {
    if (receiver == Role::server) last = bytes;
  });
  const Buffer disguise = {20, 3, 3, 0, 1, 1};
  ASSERT_GT(last.size(), disguise.size());
  EXPECT_TRUE(equal(Bytes(last).first(disguise.size()), disguise));
  EXPECT_EQ(last[disguise.size()], 23) << "the alert, under the handshake key";
}

TEST(Rfc6066_3, a_server_that_resumes_does_not_answer_server_name) {
  const auto store = std::make_shared<SessionMemory>();
  Config server_side = config_of(Role::server, ProtocolVersion::tls13);
  server_side.sessions = store;
  server_side.send_tickets = true;
  Config client_side = config_of(Role::client, ProtocolVersion::tls13);
  for (const bool resumed : {false, true}) {
    Side client(client_side), server(server_side);
    ASSERT_TRUE(run(client, server).established());
    EXPECT_EQ(client.connection.negotiated().resumed, resumed);
    const auto& answered = client.connection.negotiated().answered_extensions;
    const bool answers = std::any_of(answered.begin(), answered.end(), [](const auto& one) {
      return one.type == static_cast<std::uint16_t>(wire::ExtensionType::server_name);
    });
    EXPECT_EQ(answers, !resumed);
    auto sessions = client.connection.take_sessions();
    ASSERT_FALSE(sessions.empty());
    client_side.session = std::make_shared<const Session>(std::move(sessions.front()));
  }
}

TEST(Rfc5246_7_4_4, a_client_honours_the_types_of_certificates_and_not_only_the_schemes) {
  Config server_side = config_of(Role::server, ProtocolVersion::tls12);
  server_side.request_client_certificate = true;
  Side client(config_of(Role::client, ProtocolVersion::tls12)), server(server_side);
  bool replaced = false;
  run(client, server, 0, [&](Role receiver, Buffer& bytes) {
    // Two types, ecdsa_sign and rsa_sign, become twice ecdsa_sign.
    if (receiver == Role::client && !replaced) replaced = replace(bytes, {2, 64, 1}, {2, 64, 64});
  });
  ASSERT_TRUE(replaced);
  const auto& schemes = client.connection.credential_request().signature_schemes;
  ASSERT_FALSE(schemes.empty());
  EXPECT_TRUE(std::none_of(schemes.begin(), schemes.end(), is_rsa));
}

TEST(Rfc8422_5_3, the_curve_of_a_servers_key_is_one_that_the_client_has_named) {
  Config client_side = config_of(Role::client, ProtocolVersion::tls12);
  client_side.groups = {NamedGroup::secp384r1};
  Side client(client_side), server(config_of(Role::server, ProtocolVersion::tls12));
  const Ending ending = run(client, server, 0, [](Role receiver, Buffer& bytes) {
    // supported_groups: the server believes that it is P-256.
    if (receiver == Role::server)
      replace(bytes, {0, 10, 0, 4, 0, 2, 0, 24}, {0, 10, 0, 4, 0, 2, 0, 23});
  });
  ASSERT_FALSE(ending.client);
  EXPECT_EQ(ending.client.error().cause, Cause::illegal_parameter);
}

TEST(Rfc8446_4_4_2_2, a_certificate_whose_key_usage_is_not_to_sign) {
  for (const auto version : {ProtocolVersion::tls12, ProtocolVersion::tls13}) {
    Config server_side = config_of(Role::server, version);
    server_side.identities = {identity_for_key_agreement()};
    Side client(config_of(Role::client, version)), server(server_side);
    const Ending ending = run(client, server);
    ASSERT_FALSE(ending.client);
    EXPECT_EQ(ending.client.error().cause, Cause::certificate_wrong_usage);
  }
}

TEST(Rfc8446_6, what_receive_fails_with_is_told_to_the_peer_by_the_next_call) {
  for (const auto version : {ProtocolVersion::tls12, ProtocolVersion::tls13}) {
    Side client(config_of(Role::client, version)), server(config_of(Role::server, version));
    ASSERT_TRUE(run(client, server).established());
    Buffer garbage = {23, 3, 3, 0, 64};
    garbage.resize(kHeader + 64, 0x5a);
    ASSERT_FALSE(client.connection.receive(garbage));
    Buffer alert;
    EXPECT_FALSE(client.connection.handshake({}, alert));
    ASSERT_FALSE(alert.empty());
    const Result<Received> received = server.connection.receive(alert);
    ASSERT_FALSE(received);
    EXPECT_EQ(received.error(), (Error{Cause::peer_alert, Alert::bad_record_mac}));
    Buffer nothing;
    EXPECT_FALSE(client.connection.handshake({}, nothing));
    EXPECT_TRUE(nothing.empty()) << "once is enough";
  }
}

TEST(Rfc8446_4_2_11, the_session_is_last_in_a_second_client_hello_too) {
  const auto store = std::make_shared<SessionMemory>();
  Config server_side = config_of(Role::server, ProtocolVersion::tls13);
  server_side.sessions = store;
  server_side.send_tickets = true;
  Config client_side = config_of(Role::client, ProtocolVersion::tls13);
  Side first_client(client_side), first_server(server_side);
  ASSERT_TRUE(run(first_client, first_server).established());
  client_side.session =
      std::make_shared<const Session>(std::move(first_client.connection.take_sessions().front()));
  server_side.groups = {NamedGroup::secp384r1};  // not the one that the client shares
  Side client(client_side), server(server_side);
  int hellos = 0;
  const Ending ending = run(client, server, 0, [&](Role receiver, Buffer& bytes) {
    if (receiver != Role::server || ++hellos != 2) return;
    // Behind the change_cipher_spec: an empty extension of a type of nobody's at the end.
    const Buffer extension = {0xff, 0x77, 0, 0};
    const std::size_t record = bytes[0] == 20 ? 6 : 0;
    const auto grow = [&](std::size_t at, std::size_t width) {
      std::size_t value = 0;
      for (std::size_t i = 0; i < width; ++i) value = value << 8 | bytes[at + i];
      value += extension.size();
      for (std::size_t i = 0; i < width; ++i) {
        bytes[at + width - 1 - i] = static_cast<std::uint8_t>(value >> (8 * i));
      }
    };
    grow(record + 3, 2);
    grow(record + kHeader + 1, 3);
    std::size_t at = record + kHeader + 4 + 2 + 32;
    at += 1U + bytes[at];                                      // session id
    at += 2U + (std::size_t{bytes[at]} << 8 | bytes[at + 1]);  // suites
    at += 1U + bytes[at];                                      // compression
    grow(at, 2);
    append(bytes, extension);
  });
  EXPECT_EQ(hellos, 2);
  ASSERT_FALSE(ending.server);
  EXPECT_EQ(ending.server.error().cause, Cause::illegal_parameter);
}

TEST(Identity, may_sign_with_less_than_the_connection_may_verify) {
  for (const auto version : {ProtocolVersion::tls12, ProtocolVersion::tls13}) {
    const auto all = identity_of(crypto::KeyType::rsa);
    Config server_side = config_of(Role::server, version);
    server_side.identities = {std::make_shared<const Identity>(
        Identity{.chain = all->chain,
                 .key = all->key,
                 .signature_schemes = {SignatureScheme::rsa_pss_rsae_sha512}})};
    server_side.request_client_certificate = true;
    Side client(config_of(Role::client, version)), server(server_side);
    client.client_identity = identity_of(crypto::KeyType::ecdsa_p256);
    ASSERT_TRUE(run(client, server).established());
    EXPECT_EQ(client.connection.negotiated().signature_scheme,
              SignatureScheme::rsa_pss_rsae_sha512);
    EXPECT_EQ(server.connection.negotiated().client_signature_scheme,
              SignatureScheme::ecdsa_secp256r1_sha256);
  }
}

}  // namespace
}  // namespace schannel::tls::test
