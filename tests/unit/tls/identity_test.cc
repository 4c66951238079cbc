#include "tls/identity.h"

#include "unit/tls/pair.h"

namespace schannel::tls::test {
namespace {

Identity with_names(std::vector<std::string> names) {
  Identity identity = *identity_of(crypto::KeyType::ecdsa_p256);
  identity.names = std::move(names);
  return identity;
}

// RFC 6125 sections 6.4.1 and 6.4.3.
TEST(NameFit, ExactBeforeWildcardBeforeNothing) {
  const Identity identity = with_names({"www.example.org", "*.example.org", "*.example.net"});
  EXPECT_EQ(name_fit(identity, "www.example.org"), NameFit::exact);
  EXPECT_EQ(name_fit(identity, "WWW.EXAMPLE.ORG."), NameFit::exact);
  EXPECT_EQ(name_fit(identity, "mail.example.org"), NameFit::wildcard);
  EXPECT_EQ(name_fit(identity, "mail.example.net"), NameFit::wildcard);
  EXPECT_EQ(name_fit(identity, "a.mail.example.net"), NameFit::none);
  EXPECT_EQ(name_fit(identity, "example.net"), NameFit::none);
  EXPECT_EQ(name_fit(identity, ".example.net"), NameFit::none);
  EXPECT_EQ(name_fit(identity, "."), NameFit::none);
  EXPECT_EQ(name_fit(identity, ""), NameFit::none);
}

TEST(NameFit, KeepsTheOrderWithinAGroup) {
  const auto a = std::make_shared<const Identity>(with_names({"a.example"}));
  const auto b = std::make_shared<const Identity>(with_names({"*.example"}));
  const auto c = std::make_shared<const Identity>(with_names({"c.example", "a.example"}));
  const auto groups = by_server_name({a, b, c}, "a.example");
  EXPECT_EQ(groups[0], (Identities{a, c}));
  EXPECT_EQ(groups[1], (Identities{b}));
  EXPECT_TRUE(groups[2].empty());
  EXPECT_EQ(by_server_name({a, b, c}, "")[2], (Identities{a, b, c}));
}

class Agreed : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Versions, Agreed, testing::Bool());

TEST_P(Agreed, BothSidesRememberTheServersAnswerAndTheFirstFinished) {
  const bool tls13 = GetParam();
  Config client_config = config_of(Role::client), server_config = config_of(Role::server);
  client_config.enable_tls13 = tls13;
  for (Config* config : {&client_config, &server_config}) {
    config->application_protocols = {to_buffer(as_bytes("h2"))};
  }
  Side client(client_config), server(server_config);
  ASSERT_TRUE(run(client, server).established());
  const Negotiated& ours = client.connection.negotiated();
  const Negotiated& theirs = server.connection.negotiated();
  EXPECT_EQ(ours.first_finished, theirs.first_finished);
  EXPECT_EQ(ours.first_finished.size(), tls13 ? 0U : 12U);
  ASSERT_EQ(ours.answered_extensions.size(), theirs.answered_extensions.size());
  bool alpn = false;
  for (std::size_t i = 0; i < ours.answered_extensions.size(); ++i) {
    EXPECT_EQ(ours.answered_extensions[i].type, theirs.answered_extensions[i].type);
    EXPECT_EQ(ours.answered_extensions[i].body, theirs.answered_extensions[i].body);
    alpn = alpn || ours.answered_extensions[i].type == 16;
  }
  EXPECT_TRUE(alpn);
}

TEST_P(Agreed, AStapleArrivesOnlyWhereItWasAskedFor) {
  for (const bool asks : {true, false}) {
    Config client_config = config_of(Role::client), server_config = config_of(Role::server);
    client_config.enable_tls13 = GetParam();
    client_config.request_ocsp = asks;
    Identity identity = *server_config.identities.front();
    identity.ocsp_response = {1, 2, 3, 4};
    server_config.identities = {std::make_shared<const Identity>(identity)};
    Side client(client_config), server(server_config);
    ASSERT_TRUE(run(client, server).established());
    EXPECT_EQ(client.connection.negotiated().ocsp_response,
              asks ? identity.ocsp_response : Buffer());
  }
}

}  // namespace
}  // namespace schannel::tls::test
