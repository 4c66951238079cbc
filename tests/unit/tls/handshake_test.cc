#include "unit/tls/pair.h"

// Question answered here: do our client and our server agree, whatever is negotiated and however
// the bytes arrive? (What the rest of the world says is asked in tests/interop.)
namespace schannel::tls::test {
namespace {

using crypto::KeyType;

TEST(Handshake, tls13_with_defaults_delivers_messages_both_ways) {
  Side client(config_of(Role::client)), server(config_of(Role::server));
  ASSERT_TRUE(run(client, server).established());
  EXPECT_EQ(client.verdicts, 1);
  const Negotiated& c = client.connection.negotiated();
  const Negotiated& s = server.connection.negotiated();
  EXPECT_EQ(c.version, ProtocolVersion::tls13);
  EXPECT_EQ(c.suite->id, CipherSuite::TLS_AES_256_GCM_SHA384);
  EXPECT_EQ(s.suite, c.suite);
  EXPECT_EQ(c.group, NamedGroup::x25519);
  EXPECT_EQ(s.server_name, "server.example");
  EXPECT_EQ(c.peer_chain, identity_of(KeyType::ecdsa_p256)->chain);
  expect_delivers(client, server, "to the server");
  expect_delivers(server, client, "to the client");
}

struct Choice {
  CipherSuite suite;
  NamedGroup group;
  KeyType key;
};

std::vector<Choice> choices() {
  std::vector<Choice> out;
  const KeyType ecdsa[] = {KeyType::ecdsa_p256, KeyType::ecdsa_p384, KeyType::ecdsa_p521,
                           KeyType::ed25519};
  const KeyType rsa[] = {KeyType::rsa, KeyType::rsa_pss};
  for (const CipherSuite id : all_suites()) {
    const Suite* suite = find_suite(static_cast<std::uint16_t>(id));
    for (const NamedGroup group : config_of(Role::client).groups) {
      if (suite->authentication != Authentication::rsa) {
        for (const KeyType key : ecdsa) out.push_back({id, group, key});
      }
      if (suite->authentication != Authentication::ecdsa) {
        for (const KeyType key : rsa) out.push_back({id, group, key});
      }
    }
  }
  return out;
}

TEST(Handshake, every_suite_group_and_certificate_type) {
  for (const Choice& choice : choices()) {
    SCOPED_TRACE(testing::Message()
                 << find_suite(static_cast<std::uint16_t>(choice.suite))->name << " group "
                 << static_cast<int>(choice.group) << " key " << static_cast<int>(choice.key));
    Config client_config = config_of(Role::client), server_config = config_of(Role::server);
    client_config.cipher_suites = {choice.suite};
    client_config.enable_tls13 =
        find_suite(static_cast<std::uint16_t>(choice.suite))->version == ProtocolVersion::tls13;
    // Only the server restricts the group: in TLS 1.3 that is a HelloRetryRequest. secp256r1 stays
    // in TLS 1.2, where the list also says which ECDSA certificates the client can check.
    server_config.groups = {choice.group};
    server_config.identities = {identity_of(choice.key)};
    Side client(std::move(client_config)), server(std::move(server_config));
    ASSERT_TRUE(run(client, server).established());
    EXPECT_EQ(client.connection.negotiated().suite->id, choice.suite);
    EXPECT_EQ(client.connection.negotiated().group, choice.group);
    expect_delivers(client, server, "ping");
    expect_delivers(server, client, "pong");
  }
}

class Versions : public testing::TestWithParam<bool> {
 protected:
  static Config client_config() {
    Config config = config_of(Role::client);
    config.enable_tls13 = GetParam();
    config.application_protocols = {to_buffer(as_bytes("h2")), to_buffer(as_bytes("http/1.1"))};
    return config;
  }
  static Config server_config() {
    Config config = config_of(Role::server);
    config.application_protocols = {to_buffer(as_bytes("http/1.1")), to_buffer(as_bytes("h2"))};
    return config;
  }
};
INSTANTIATE_TEST_SUITE_P(Tls, Versions, testing::Values(true, false), [](const auto& param) {
  return std::string(param.param ? "tls13" : "tls12");
});

TEST_P(Versions, one_byte_at_a_time_is_the_same_as_all_at_once) {
  for (const std::size_t piece : {1, 2, 3, 5, 7, 100, 1000}) {
    Side client(client_config()), server(server_config());
    ASSERT_TRUE(run(client, server, piece).established()) << piece;
    expect_delivers(client, server, "ping");
    expect_delivers(server, client, "pong");
  }
}

TEST_P(Versions, the_servers_order_decides_the_application_protocol) {
  Side client(client_config()), server(server_config());
  ASSERT_TRUE(run(client, server).established());
  EXPECT_EQ(as_text(client.connection.negotiated().application_protocol), "http/1.1");
  EXPECT_EQ(as_text(server.connection.negotiated().application_protocol), "http/1.1");
}

TEST_P(Versions, no_common_application_protocol_is_alert_120) {
  Config config = client_config();
  config.application_protocols = {to_buffer(as_bytes("imap"))};
  Side client(std::move(config)), server(server_config());
  const Ending ending = run(client, server);
  EXPECT_EQ(ending.server.error().cause, Cause::no_application_protocol);
  EXPECT_EQ(ending.client.error(), (Error{Cause::peer_alert, Alert::no_application_protocol}));
}

TEST_P(Versions, a_rejected_chain_ends_with_its_alert) {
  Side client(client_config()), server(server_config());
  client.reject = Cause::certificate_untrusted_root;
  const Ending ending = run(client, server);
  EXPECT_EQ(ending.client.error().cause, Cause::certificate_untrusted_root);
  EXPECT_EQ(ending.server.error(), (Error{Cause::peer_alert, Alert::unknown_ca}));
  // The first failure is what every later call says.
  Buffer out;
  EXPECT_EQ(client.connection.handshake({}, out).error().cause, Cause::certificate_untrusted_root);
  EXPECT_TRUE(out.empty());
}

TEST_P(Versions, a_client_certificate_is_asked_for_and_proved) {
  for (const KeyType key : {KeyType::ecdsa_p256, KeyType::rsa, KeyType::ed25519}) {
    Config config = server_config();
    config.request_client_certificate = true;
    config.certificate_authorities = {{0x30, 0x00}};
    Side client(client_config()), server(std::move(config));
    client.client_identity = identity_of(key);
    ASSERT_TRUE(run(client, server).established());
    EXPECT_EQ(client.credential_requests, 1);
    EXPECT_EQ(server.verdicts, 1);
    EXPECT_EQ(server.connection.negotiated().peer_chain, identity_of(key)->chain);
    EXPECT_EQ(client.connection.negotiated().local_identity, identity_of(key));
    expect_delivers(client, server, "ping");
    expect_delivers(server, client, "pong");
  }
}

TEST_P(Versions, a_client_without_certificate_passes_unless_one_is_required) {
  for (const bool required : {false, true}) {
    Config config = server_config();
    config.request_client_certificate = true;
    config.require_client_certificate = required;
    Side client(client_config()), server(std::move(config));
    const Ending ending = run(client, server);
    if (!required) {
      EXPECT_TRUE(ending.established());
      EXPECT_TRUE(server.connection.negotiated().peer_chain.empty());
    } else {
      EXPECT_EQ(ending.server.error().cause,
                GetParam() ? Cause::certificate_required_13 : Cause::certificate_required_12);
    }
  }
}

TEST_P(Versions, exporters_agree_and_depend_on_label_and_context) {
  Side client(client_config()), server(server_config());
  ASSERT_TRUE(run(client, server).established());
  const auto exported = [](Side& side, std::string_view label, const Bytes* context) {
    Buffer out(40);
    EXPECT_TRUE(side.connection.export_keying_material(label, context, out));
    return out;
  };
  const Bytes context = as_bytes("context");
  const Buffer value = exported(client, "EXPERIMENTAL label", &context);
  EXPECT_EQ(value, exported(server, "EXPERIMENTAL label", &context));
  EXPECT_NE(value, exported(server, "EXPERIMENTAL other", &context));
  EXPECT_NE(value, exported(server, "EXPERIMENTAL label", nullptr));
}

TEST_P(Versions, every_split_of_every_flight_gives_the_same_connection) {
  // The flights of one handshake, then each of them cut at each position.
  std::vector<std::size_t> sizes;
  {
    Side client(client_config()), server(server_config());
    ASSERT_TRUE(run(client, server, 0, [&](Role, Buffer& flight) {
                  sizes.push_back(flight.size());
                }).established());
  }
  for (std::size_t which = 0; which < sizes.size(); ++which) {
    for (std::size_t cut = 1; cut < sizes[which]; cut += (sizes[which] > 400 ? 3 : 1)) {
      Side client(client_config()), server(server_config());
      Buffer to_server, to_client;
      Result<Outcome> client_end = client.feed({}, to_server);
      Result<Outcome> server_end = Outcome::need_input;
      std::size_t flight_index = 0;
      for (int rounds = 0; rounds < 10 && (!to_server.empty() || !to_client.empty()); ++rounds) {
        const auto deliver = [&](Buffer& flight, Side& side, Buffer& answers,
                                 Result<Outcome>& end) {
          const Buffer bytes = std::exchange(flight, {});
          if (bytes.empty()) return;
          const std::size_t at =
              flight_index++ == which ? std::min(cut, bytes.size()) : bytes.size();
          end = side.feed(Bytes(bytes).first(at), answers);
          if (end && at < bytes.size()) end = side.feed(Bytes(bytes).subspan(at), answers);
        };
        deliver(to_server, server, to_client, server_end);
        deliver(to_client, client, to_server, client_end);
      }
      ASSERT_TRUE(client_end && server_end) << which << " cut at " << cut;
      ASSERT_TRUE(client.connection.is_established() && server.connection.is_established())
          << which << " cut at " << cut;
    }
  }
}

TEST(Handshake, no_common_version_is_protocol_version) {
  Config client_config = config_of(Role::client), server_config = config_of(Role::server);
  client_config.enable_tls13 = false;
  server_config.enable_tls12 = false;
  Side client(std::move(client_config)), server(std::move(server_config));
  const Ending ending = run(client, server);
  EXPECT_EQ(ending.server.error().cause, Cause::no_common_version);
  EXPECT_EQ(ending.client.error(), (Error{Cause::peer_alert, Alert::protocol_version}));
}

TEST(Handshake, a_server_that_could_do_13_marks_its_random_and_the_client_looks) {
  // RFC 8446 section 4.1.3: the attacker strips supported_versions, the sentinel tells.
  Side client(config_of(Role::client)), server(config_of(Role::server));
  Buffer hello, answer;
  ASSERT_TRUE(client.feed({}, hello));
  const std::uint8_t extension[] = {0x00, 0x2b, 0x00, 0x05, 0x04, 0x03, 0x04, 0x03, 0x03};
  const auto at =
      std::search(hello.begin(), hello.end(), std::begin(extension), std::end(extension));
  ASSERT_NE(at, hello.end());
  at[1] = 0xfe;  // now an unknown extension
  ASSERT_TRUE(server.feed(hello, answer));
  EXPECT_EQ(client.feed(answer, hello).error().cause, Cause::downgrade_detected);
}

TEST(Handshake, what_is_not_tls_is_refused_at_its_first_byte) {
  for (const char* text : {"GET / HTTP/1.1\r\n", "\xfa", "\x16\x02"}) {
    Side server(config_of(Role::server));
    Buffer out;
    const Result<Outcome> end = server.feed(as_bytes(text), out);
    ASSERT_FALSE(end);
    EXPECT_EQ(end.error().cause, Cause::not_tls);
    EXPECT_TRUE(out.empty());
  }
}

TEST(Handshake, missing_bytes_are_never_overestimated) {
  // Contract R-12.
  Side client(config_of(Role::client));
  Buffer hello;
  ASSERT_TRUE(client.feed({}, hello));
  Side server(config_of(Role::server));
  for (std::size_t size = 0; size < hello.size(); ++size) {
    Buffer out;
    const auto progress = server.connection.handshake(Bytes(hello).first(size), out);
    ASSERT_TRUE(progress);
    EXPECT_EQ(progress->outcome, Outcome::need_input);
    EXPECT_EQ(progress->consumed, 0U);
    EXPECT_EQ(progress->missing, size < 5 ? 5 - size : hello.size() - size);
  }
}

}  // namespace
}  // namespace schannel::tls::test
