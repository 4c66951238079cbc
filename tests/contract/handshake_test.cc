#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "support/peer.h"

// InitializeSecurityContext and AcceptSecurityContext: contract sections C, D and E.
namespace contract {
namespace {

class Loop : public testing::TestWithParam<Tls> {};
INSTANTIATE_TEST_SUITE_P(Tls, Loop, testing::Values(Tls::v12, Tls::v13), name_of);

TEST_P(Loop, ISC_35_ends_with_OK_on_both_sides_and_messages_arrive) {
  Pair pair(GetParam());
  ASSERT_TRUE(pair.connect());
  Bytes record;
  ASSERT_EQ(pair.client.encrypt("to the server", record), SEC_E_OK);
  EXPECT_EQ(pair.server.decrypt(record), "to the server");
  ASSERT_EQ(pair.server.encrypt("to the client", record), SEC_E_OK);
  EXPECT_EQ(pair.client.decrypt(record), "to the client");
}

TEST_P(Loop, ISC_34_first_call_makes_a_token_and_asks_for_more) {
  Pair pair(GetParam());
  const Leg leg = pair.client.call({});
  EXPECT_EQ(leg.status, SEC_I_CONTINUE_NEEDED);
  ASSERT_GT(leg.token.size(), 5U);
  EXPECT_EQ(leg.token[0], 22);
  EXPECT_EQ(leg.token.size(), 5U + static_cast<unsigned>(leg.token[3] << 8 | leg.token[4]));
}

TEST_P(Loop, ISC_22_delegation_and_prompting_are_not_supported) {
  for (const ULONG flag : {ULONG{ISC_REQ_DELEGATE}, ULONG{ISC_REQ_PROMPT_FOR_CREDS}}) {
    Pair pair(GetParam());
    pair.client.flags = kClientFlags | flag;
    EXPECT_EQ(pair.client.call({}).status, SEC_E_UNSUPPORTED_FUNCTION);
    EXPECT_FALSE(pair.client.has_context);
  }
}

TEST_P(Loop, R_10_returned_attributes_equal_the_requested_ones_on_every_return) {
  Pair pair(GetParam());
  Bytes to_server, to_client;
  ASSERT_EQ(pair.client.feed({}, to_server), SEC_I_CONTINUE_NEEDED);
  EXPECT_EQ(pair.client.attributes, kClientFlags);
  // Incomplete input is no failure: the word is written then too (libgit2 feeds it back).
  pair.server.feed({to_server.begin(), to_server.begin() + 7}, to_client);
  EXPECT_EQ(pair.server.last, SEC_E_INCOMPLETE_MESSAGE);
  EXPECT_EQ(pair.server.attributes, kServerFlags);
  pair.server.feed({to_server.begin() + 7, to_server.end()}, to_client);
  EXPECT_EQ(pair.server.attributes, kServerFlags);
  pair.client.feed(to_client, to_server);
  EXPECT_EQ(pair.client.attributes, kClientFlags);
}

TEST_P(Loop, R_10_requests_of_the_first_call_stay_in_force) {
  Pair pair(GetParam());
  Bytes to_server, to_client;
  pair.client.feed({}, to_server);
  pair.server.feed(to_server, to_client);
  pair.client.flags = ISC_REQ_USE_SUPPLIED_CREDS | ISC_REQ_ALLOCATE_MEMORY;
  pair.client.feed(to_client, to_server);
  EXPECT_EQ(pair.client.attributes, kClientFlags | ISC_REQ_USE_SUPPLIED_CREDS);
}

TEST_P(Loop, R_3_partial_client_hello_makes_no_context) {
  Pair pair(GetParam());
  Bytes hello, ignored;
  pair.client.feed({}, hello);
  for (const CtxtHandle& handle : {CtxtHandle{0, 0}, kInvalidHandle}) {
    pair.server.context = handle;
    const Leg leg = pair.server.call({hello.begin(), hello.begin() + 20});
    EXPECT_EQ(leg.status, SEC_E_INCOMPLETE_MESSAGE);
    EXPECT_EQ(pair.server.context.dwLower, kInvalidHandle.dwLower);
    EXPECT_EQ(pair.server.context.dwUpper, kInvalidHandle.dwUpper);
    EXPECT_EQ(leg.missing(), hello.size() - 20);
  }
  // The retry may pass the handle variable as the context.
  SecBuffer in[2] = {{static_cast<ULONG>(hello.size()), SECBUFFER_TOKEN, hello.data()},
                     {0, SECBUFFER_EMPTY, nullptr}};
  SecBufferDesc in_desc{SECBUFFER_VERSION, 2, in};
  SecBuffer out{0, SECBUFFER_TOKEN, nullptr};
  SecBufferDesc out_desc{SECBUFFER_VERSION, 1, &out};
  ULONG attributes = 0;
  CtxtHandle handle = kInvalidHandle;
  EXPECT_EQ(AcceptSecurityContext(&pair.server_credential.handle, &handle, &in_desc, kServerFlags,
                                  0, nullptr, &out_desc, &attributes, nullptr),
            SEC_I_CONTINUE_NEEDED);
  FreeContextBuffer(out.pvBuffer);
  EXPECT_EQ(DeleteSecurityContext(&handle), SEC_E_OK);
}

TEST_P(Loop, R_12_missing_is_never_too_much) {
  Pair pair(GetParam());
  Bytes to_server, to_client;
  pair.client.feed({}, to_server);
  for (std::size_t size = 0; size < to_server.size(); ++size) {
    const Leg leg =
        pair.server.call({to_server.begin(), to_server.begin() + static_cast<long>(size)});
    ASSERT_EQ(leg.status, SEC_E_INCOMPLETE_MESSAGE) << size;
    EXPECT_EQ(leg.missing(), size < 5 ? 5 - size : to_server.size() - size);
  }
}

TEST_P(Loop, ISC_42_incomplete_input_changes_nothing) {
  Pair pair(GetParam());
  Bytes to_server, to_client;
  pair.client.feed({}, to_server);
  pair.server.feed(to_server, to_client);
  for (int again = 0; again < 3; ++again) {
    EXPECT_EQ(pair.client.call({to_client.begin(), to_client.begin() + 30}).status,
              SEC_E_INCOMPLETE_MESSAGE);
  }
  to_server.clear();
  EXPECT_GE(pair.client.feed(to_client, to_server), SEC_E_OK);
}

TEST_P(Loop, EXT_any_piece_size_gives_the_same_connection) {
  for (const std::size_t piece : {1, 2, 3, 5, 16, 100, 1000}) {
    Pair pair(GetParam());
    ASSERT_TRUE(pair.connect(piece)) << piece;
    Bytes record;
    ASSERT_EQ(pair.client.encrypt("ping", record), SEC_E_OK);
    EXPECT_EQ(pair.server.decrypt(record), "ping");
  }
}

TEST_P(Loop, EXT_every_split_of_every_flight_works) {
  std::vector<std::size_t> flights;
  {
    Pair pair(GetParam());
    Bytes to_server, to_client;
    pair.client.feed({}, to_server);
    while (!to_server.empty() || !to_client.empty()) {
      Bytes& from = to_server.empty() ? to_client : to_server;
      Side& to = to_server.empty() ? pair.client : pair.server;
      Bytes& answers = to_server.empty() ? to_server : to_client;
      flights.push_back(from.size());
      const Bytes bytes = std::exchange(from, {});
      ASSERT_GE(to.feed(bytes, answers), SEC_E_OK);
    }
  }
  for (std::size_t which = 0; which < flights.size(); ++which) {
    for (std::size_t cut = 1; cut<flights[which]; cut += flights[which]> 300 ? 5 : 1) {
      Pair pair(GetParam());
      Bytes to_server, to_client;
      pair.client.feed({}, to_server);
      for (std::size_t index = 0; !to_server.empty() || !to_client.empty(); ++index) {
        const bool to_the_client = to_server.empty();
        Side& to = to_the_client ? pair.client : pair.server;
        Bytes& answers = to_the_client ? to_server : to_client;
        const Bytes bytes = std::exchange(to_the_client ? to_client : to_server, {});
        const auto at = static_cast<long>(index == which ? std::min(cut, bytes.size() - 1) : 0);
        if (at != 0) to.feed({bytes.begin(), bytes.begin() + at}, answers);
        to.feed({bytes.begin() + at, bytes.end()}, answers);
      }
      ASSERT_EQ(pair.client.last, SEC_E_OK) << which << " cut at " << cut;
      ASSERT_EQ(pair.server.last, SEC_E_OK) << which << " cut at " << cut;
    }
  }
}

TEST_P(Loop, EXT_15_bytes_after_the_handshake_come_back_as_extra) {
  Pair pair(GetParam());
  Bytes to_server, to_client;
  pair.client.feed({}, to_server);
  pair.server.feed(to_server, to_client);
  to_server.clear();
  pair.client.feed(to_client, to_server);
  if (GetParam() == Tls::v12) {
    to_client.clear();
    pair.server.feed(to_server, to_client);
    Bytes record;
    ASSERT_EQ(pair.server.encrypt("early", record), SEC_E_OK);
    to_client.insert(to_client.end(), record.begin(), record.end());
    const Leg leg = pair.client.call(to_client);
    EXPECT_EQ(leg.status, SEC_E_OK);
    ASSERT_EQ(leg.extra(), record.size());
    EXPECT_EQ(pair.client.decrypt(record), "early");
  } else {
    Bytes record;
    ASSERT_EQ(pair.client.encrypt("early", record), SEC_E_OK);
    to_server.insert(to_server.end(), record.begin(), record.end());
    const Leg leg = pair.server.call(to_server);
    EXPECT_EQ(leg.status, SEC_E_OK);
    ASSERT_EQ(leg.extra(), record.size());
    EXPECT_EQ(pair.server.decrypt(record), "early");
  }
}

TEST_P(Loop, ISC_26_what_is_not_tls_is_an_invalid_token) {
  for (const Bytes& garbage : {Bytes(20, 0xfa), Bytes(20, 0), Bytes{'G', 'E', 'T', ' ', '/'}}) {
    Pair pair(GetParam());
    pair.server.flags = kServerFlags | ASC_REQ_EXTENDED_ERROR;
    const Leg leg = pair.server.call(garbage);
    EXPECT_EQ(leg.status, SEC_E_INVALID_TOKEN);
    EXPECT_TRUE(leg.token.empty());
    EXPECT_FALSE(pair.server.has_context);
  }
}

TEST_P(Loop, a_client_hello_echoed_back_is_an_illegal_message) {
  Pair pair(GetParam());
  const Leg hello = pair.client.call({});
  EXPECT_EQ(pair.client.call(hello.token).status, SEC_E_ILLEGAL_MESSAGE);
}

TEST_P(Loop, ISC_60_a_failed_context_stays_failed) {
  Pair pair(GetParam());
  const Leg hello = pair.client.call({});
  const SECURITY_STATUS failed = pair.client.call(hello.token).status;
  EXPECT_LT(failed, 0);
  EXPECT_EQ(pair.client.call({}).status, failed);
  Bytes record;
  SecBuffer buffers[] = {{5, SECBUFFER_STREAM_HEADER, nullptr},
                         {0, SECBUFFER_DATA, nullptr},
                         {17, SECBUFFER_STREAM_TRAILER, nullptr},
                         {0, SECBUFFER_EMPTY, nullptr}};
  SecBufferDesc desc{SECBUFFER_VERSION, 4, buffers};
  EXPECT_LT(EncryptMessage(&pair.client.context, 0, &desc, 0), 0);
  EXPECT_EQ(DeleteSecurityContext(&pair.client.context), SEC_E_OK);
  pair.client.has_context = false;
}

TEST_P(Loop, ISC_20_too_small_an_output_buffer_can_be_tried_again) {
  Pair pair(GetParam());
  Bytes hello = pair.client.call({}).token;
  // The server's flight into the caller's own memory, first too small, then large enough.
  CtxtHandle context{};
  bool has_context = false;
  Bytes memory(20000);
  const auto accept = [&](Bytes& input, ULONG room, SecBuffer& out) {
    SecBuffer in[2] = {{static_cast<ULONG>(input.size()), SECBUFFER_TOKEN, input.data()},
                       {0, SECBUFFER_EMPTY, nullptr}};
    SecBufferDesc in_desc{SECBUFFER_VERSION, 2, in};
    out = {room, SECBUFFER_TOKEN, memory.data()};
    SecBufferDesc out_desc{SECBUFFER_VERSION, 1, &out};
    ULONG attributes = 0;
    const SECURITY_STATUS status =
        AcceptSecurityContext(&pair.server_credential.handle, has_context ? &context : nullptr,
                              &in_desc, kServerFlags & ~ULONG{ASC_REQ_ALLOCATE_MEMORY}, 0, &context,
                              &out_desc, &attributes, nullptr);
    has_context = has_context || status >= 0;
    return status;
  };
  SecBuffer out;
  EXPECT_EQ(accept(hello, 10, out), SEC_E_BUFFER_TOO_SMALL);
  EXPECT_FALSE(has_context);
  EXPECT_EQ(accept(hello, 0, out), SEC_E_INSUFFICIENT_MEMORY);
  ASSERT_EQ(accept(hello, 20000, out), SEC_I_CONTINUE_NEEDED);
  Bytes to_client(memory.begin(), memory.begin() + out.cbBuffer), to_server;
  ASSERT_GE(pair.client.feed(to_client, to_server), SEC_E_OK);
  if (GetParam() == Tls::v12) {
    // On an existing context the flight waits for a larger buffer.
    EXPECT_EQ(accept(to_server, 10, out), SEC_E_BUFFER_TOO_SMALL);
    EXPECT_EQ(accept(to_server, 20000, out), SEC_E_OK);
    EXPECT_GT(out.cbBuffer, 0U);
  } else {
    EXPECT_EQ(accept(to_server, 20000, out), SEC_E_OK);
  }
  EXPECT_EQ(DeleteSecurityContext(&context), SEC_E_OK);
}

TEST_P(Loop, ISC_23_an_empty_typed_output_buffer_takes_the_token) {
  Pair pair(GetParam());
  SecBuffer out{0, SECBUFFER_EMPTY, nullptr};
  SecBufferDesc out_desc{SECBUFFER_VERSION, 1, &out};
  ULONG attributes = 0;
  CtxtHandle context{};
  EXPECT_EQ(
      InitializeSecurityContextA(&pair.client_credential.handle, nullptr, "localhost", kClientFlags,
                                 0, 0, nullptr, 0, &context, &out_desc, &attributes, nullptr),
      SEC_I_CONTINUE_NEEDED);
  EXPECT_EQ(out.BufferType, ULONG{SECBUFFER_TOKEN});
  EXPECT_GT(out.cbBuffer, 0U);
  FreeContextBuffer(out.pvBuffer);
  DeleteSecurityContext(&context);
}

TEST_P(Loop, ISC_21_the_alert_goes_out_only_when_asked_for) {
  for (const bool asked : {false, true}) {
    Pair pair(GetParam());
    if (asked) pair.client.flags = kClientFlags | ISC_REQ_EXTENDED_ERROR;
    pair.client.target = "elsewhere.example";
    Bytes to_server, to_client;
    pair.client.feed({}, to_server);
    pair.server.feed(to_server, to_client);
    const Leg leg = pair.client.call(to_client);
    EXPECT_EQ(leg.status, SEC_E_WRONG_PRINCIPAL);
    EXPECT_EQ(!leg.token.empty(), asked);
    if (!asked) continue;
    EXPECT_NE(leg.attributes & ISC_RET_EXTENDED_ERROR, 0U);
    Bytes ignored;
    // ALERT-8: bad_certificate on the other side.
    EXPECT_EQ(pair.server.feed(leg.token, ignored), SEC_E_CERT_UNKNOWN);
  }
}

TEST_P(Loop, ASC_18_the_servers_order_decides_the_protocol) {
  Pair pair(GetParam());
  pair.client.alpn = application_protocols({"h2", "http/1.1"});
  pair.server.alpn = application_protocols({"http/1.1", "h2"});
  ASSERT_TRUE(pair.connect());
  for (Side* side : {&pair.client, &pair.server}) {
    SecPkgContext_ApplicationProtocol protocol{};
    ASSERT_EQ(QueryContextAttributesA(&side->context, SECPKG_ATTR_APPLICATION_PROTOCOL, &protocol),
              SEC_E_OK);
    EXPECT_EQ(protocol.ProtoNegoStatus, SecApplicationProtocolNegotiationStatus_Success);
    EXPECT_EQ(std::string(reinterpret_cast<char*>(protocol.ProtocolId), protocol.ProtocolIdSize),
              "http/1.1");
  }
}

TEST_P(Loop, ASC_33_no_common_protocol_fails_on_both_sides) {
  Pair pair(GetParam());
  pair.client.alpn = application_protocols({"h2"});
  pair.server.alpn = application_protocols({"imap"});
  pair.server.flags = kServerFlags | ASC_REQ_EXTENDED_ERROR;
  Bytes to_server;
  pair.client.feed({}, to_server);
  const Leg leg = pair.server.call(to_server);
  EXPECT_EQ(leg.status, SEC_E_APPLICATION_PROTOCOL_MISMATCH);
  EXPECT_EQ(pair.client.call(leg.token).status, SEC_E_APPLICATION_PROTOCOL_MISMATCH);
}

TEST_P(Loop, ISC_33_inconsistent_protocol_lists_are_refused) {
  const Bytes good = application_protocols({"h2", "http/1.1"});
  for (std::size_t at : {0U, 8U, 10U}) {
    Pair pair(GetParam());
    pair.client.alpn = good;
    pair.client.alpn[at] = 0xff;
    EXPECT_EQ(pair.client.call({}).status, SEC_E_INVALID_PARAMETER) << at;
  }
  for (std::size_t size = 1; size < good.size(); ++size) {
    Pair pair(GetParam());
    pair.client.alpn.assign(good.begin(), good.begin() + static_cast<long>(size));
    EXPECT_EQ(pair.client.call({}).status, SEC_E_INVALID_PARAMETER) << size;
  }
}

TEST_P(Loop, R_1_a_client_without_certificate_is_asked_once_and_goes_on) {
  enum class Again { same_input, nothing };
  for (const Again again : {Again::same_input, Again::nothing}) {
    Pair pair(GetParam());
    pair.server.flags = kServerFlags | ASC_REQ_MUTUAL_AUTH;
    Bytes to_server, to_client;
    pair.client.feed({}, to_server);
    pair.server.feed(to_server, to_client);
    const Leg asked = pair.client.call(to_client);
    ASSERT_EQ(asked.status, SEC_I_INCOMPLETE_CREDENTIALS);
    SecPkgContext_IssuerListInfoEx issuers{};
    EXPECT_EQ(QueryContextAttributesA(&pair.client.context, SECPKG_ATTR_ISSUER_LIST_EX, &issuers),
              SEC_E_OK);
    FreeContextBuffer(issuers.aIssuers);
    const Leg on = pair.client.call(again == Again::same_input ? to_client : Bytes());
    ASSERT_GE(on.status, SEC_E_OK);
    to_client.clear();
    ASSERT_EQ(pair.server.feed(on.token, to_client), SEC_E_OK);
    // complete, but without the flag and without a certificate.
    EXPECT_EQ(pair.server.attributes & ASC_RET_MUTUAL_AUTH, 0U);
    PCCERT_CONTEXT peer = nullptr;
    EXPECT_EQ(QueryContextAttributesA(&pair.server.context, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &peer),
              SEC_E_NO_CREDENTIALS);
  }
}

TEST_P(Loop, AUTH_16_a_certificate_may_be_given_when_asked) {
  Pair pair(GetParam());
  PCCERT_CONTEXT own = server_certificate();
  Credential with_certificate(SECPKG_CRED_OUTBOUND, GetParam(), [&](SCH_CREDENTIALS& data) {
    data.cCreds = 1;
    data.paCred = &own;
  });
  ASSERT_EQ(with_certificate.status, SEC_E_OK);
  pair.server.flags = kServerFlags | ASC_REQ_MUTUAL_AUTH;
  Bytes to_server, to_client;
  pair.client.feed({}, to_server);
  pair.server.feed(to_server, to_client);
  ASSERT_EQ(pair.client.call(to_client).status, SEC_I_INCOMPLETE_CREDENTIALS);
  pair.client.later_credential = &with_certificate.handle;
  const Leg on = pair.client.call(to_client);
  ASSERT_GE(on.status, SEC_E_OK);
  to_client.clear();
  ASSERT_EQ(pair.server.feed(on.token, to_client), SEC_E_OK);
  EXPECT_NE(pair.server.attributes & ASC_RET_MUTUAL_AUTH, 0U);
  PCCERT_CONTEXT peer = nullptr;
  ASSERT_EQ(QueryContextAttributesA(&pair.server.context, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &peer),
            SEC_E_OK);
  EXPECT_EQ(peer->cbCertEncoded, own->cbCertEncoded);
  CertFreeCertificateContext(peer);
}

TEST_P(Loop, R_2_a_strict_server_refuses_a_client_without_certificate) {
  Credential strict(SECPKG_CRED_INBOUND, GetParam(), [](SCH_CREDENTIALS& data) {
    data.dwFlags |= OPENSCHANNEL_CRED_REQUIRE_CLIENT_CERTIFICATE;
  });
  Pair pair(GetParam());
  Side server(true, &strict.handle);
  server.flags = kServerFlags | ASC_REQ_MUTUAL_AUTH;
  Bytes to_server, to_client;
  pair.client.feed({}, to_server);
  server.feed(to_server, to_client);
  to_server.clear();
  pair.client.feed(to_client, to_server);
  EXPECT_EQ(server.feed(to_server, to_client), SEC_E_LOGON_DENIED);
}

// --- F: who is the server? ---

TEST_P(Loop, AUTH_8_a_wrong_name_is_WRONG_PRINCIPAL) {
  for (const char* name : {"elsewhere.example", "127.0.0.2", "localhost.example"}) {
    Pair pair(GetParam());
    pair.client.target = name;
    EXPECT_FALSE(pair.connect());
    EXPECT_EQ(pair.client.last, SEC_E_WRONG_PRINCIPAL) << name;
  }
  for (const char* name : {"localhost", "LOCALHOST", "127.0.0.1", "localhost."}) {
    Pair pair(GetParam());
    pair.client.target = name;
    EXPECT_TRUE(pair.connect()) << name;
  }
}

TEST_P(Loop, AUTH_8_an_unknown_root_is_UNTRUSTED_ROOT_and_alert_48) {
  Credential system_roots(SECPKG_CRED_OUTBOUND, GetParam(),
                          [](SCH_CREDENTIALS& data) { data.hRootStore = nullptr; });
  Pair pair(GetParam());
  Side client(false, &system_roots.handle);
  client.flags = kClientFlags | ISC_REQ_EXTENDED_ERROR;
  Bytes to_server, to_client;
  client.feed({}, to_server);
  pair.server.feed(to_server, to_client);
  to_server.clear();
  EXPECT_EQ(client.feed(to_client, to_server), SEC_E_UNTRUSTED_ROOT);
  to_client.clear();
  EXPECT_EQ(pair.server.feed(to_server, to_client), SEC_E_UNTRUSTED_ROOT);
}

TEST_P(Loop, AUTH_4_manual_validation_by_credential_or_by_context) {
  for (const bool by_credential : {true, false}) {
    Credential credential(SECPKG_CRED_OUTBOUND, GetParam(), [&](SCH_CREDENTIALS& data) {
      data.hRootStore = nullptr;
      if (by_credential) data.dwFlags |= SCH_CRED_MANUAL_CRED_VALIDATION;
    });
    Pair pair(GetParam());
    Side client(false, &credential.handle);
    client.target = "elsewhere.example";
    if (!by_credential) client.flags = kClientFlags | ISC_REQ_MANUAL_CRED_VALIDATION;
    Bytes to_server, to_client;
    client.feed({}, to_server);
    pair.server.feed(to_server, to_client);
    to_server.clear();
    EXPECT_GE(client.feed(to_client, to_server), SEC_E_OK);
  }
}

TEST_P(Loop, AUTH_6_the_name_check_alone_can_be_left_out) {
  Credential credential(SECPKG_CRED_OUTBOUND, GetParam(), [](SCH_CREDENTIALS& data) {
    data.dwFlags |= SCH_CRED_NO_SERVERNAME_CHECK;
  });
  Pair pair(GetParam());
  Side client(false, &credential.handle);
  client.target = "elsewhere.example";
  Bytes to_server, to_client;
  client.feed({}, to_server);
  pair.server.feed(to_server, to_client);
  to_server.clear();
  EXPECT_GE(client.feed(to_client, to_server), SEC_E_OK);
}

TEST_P(Loop, ISC_4_no_target_name_means_no_name_check) {
  Pair pair(GetParam());
  pair.client.target.clear();
  EXPECT_TRUE(pair.connect());
}

TEST(Versions, ASC_38_no_common_version_is_UNSUPPORTED_FUNCTION_on_both_sides) {
  Credential client_credential(SECPKG_CRED_OUTBOUND, Tls::v12);
  Credential server_credential(SECPKG_CRED_INBOUND, Tls::v13);
  Side client(false, &client_credential.handle), server(true, &server_credential.handle);
  server.flags = kServerFlags | ASC_REQ_EXTENDED_ERROR;
  Bytes to_server;
  client.feed({}, to_server);
  const Leg leg = server.call(to_server);
  EXPECT_EQ(leg.status, SEC_E_UNSUPPORTED_FUNCTION);
  EXPECT_EQ(client.call(leg.token).status, SEC_E_UNSUPPORTED_FUNCTION);
}

// --- L: alerts received ---

TEST(Alerts, ALERT_1_to_26_become_their_documented_statuses) {
  struct Row {
    unsigned char alert;
    SECURITY_STATUS status;
  };
  const Row rows[] = {
      {0, SEC_I_CONTEXT_EXPIRED},       {10, SEC_E_ILLEGAL_MESSAGE},
      {20, SEC_E_MESSAGE_ALTERED},      {21, SEC_E_DECRYPT_FAILURE},
      {22, SEC_E_ILLEGAL_MESSAGE},      {30, SEC_E_MESSAGE_ALTERED},
      {40, SEC_E_ILLEGAL_MESSAGE},      {42, SEC_E_CERT_UNKNOWN},
      {43, SEC_E_CERT_UNKNOWN},         {44, static_cast<SECURITY_STATUS>(CRYPT_E_REVOKED)},
      {45, SEC_E_CERT_EXPIRED},         {46, SEC_E_CERT_UNKNOWN},
      {47, SEC_E_ILLEGAL_MESSAGE},      {48, SEC_E_UNTRUSTED_ROOT},
      {49, SEC_E_LOGON_DENIED},         {50, SEC_E_ILLEGAL_MESSAGE},
      {51, SEC_E_DECRYPT_FAILURE},      {60, SEC_E_ILLEGAL_MESSAGE},
      {70, SEC_E_UNSUPPORTED_FUNCTION}, {71, SEC_E_ALGORITHM_MISMATCH},
      {80, SEC_E_INTERNAL_ERROR},       {90, SEC_E_UNFINISHED_CONTEXT_DELETED},
      {100, SEC_E_ILLEGAL_MESSAGE},     {109, SEC_E_ILLEGAL_MESSAGE},
      {110, SEC_E_ILLEGAL_MESSAGE},     {112, SEC_E_ILLEGAL_MESSAGE},
      {113, SEC_E_ILLEGAL_MESSAGE},     {115, SEC_E_ILLEGAL_MESSAGE},
      {116, SEC_E_ILLEGAL_MESSAGE},     {120, SEC_E_APPLICATION_PROTOCOL_MISMATCH},
      {200, SEC_E_ILLEGAL_MESSAGE}};
  for (const Row& row : rows) {
    Pair pair(Tls::v13);
    pair.client.call({});
    EXPECT_EQ(pair.client.call({21, 3, 3, 0, 2, 2, row.alert}).status, row.status)
        << int{row.alert};
  }
}

TEST(Mutations, of_either_handshake_never_crash_or_hang) {
  const char* seed_text = std::getenv("OPENSCHANNEL_TEST_SEED");
  const char* more = std::getenv("OPENSCHANNEL_MUTATIONS");
  const unsigned seed =
      seed_text != nullptr ? static_cast<unsigned>(std::strtoul(seed_text, nullptr, 0)) : 1;
  const int count = more != nullptr ? std::atoi(more) : 400;
  std::printf("seed %u, %d mutations\n", seed, count);
  std::mt19937 random(seed);
  for (int i = 0; i < count; ++i) {
    Pair pair(i % 2 == 0 ? Tls::v13 : Tls::v12);
    Bytes to_server, to_client;
    pair.client.feed({}, to_server);
    const unsigned which = random() % 4;
    for (unsigned flight = 0; flight < 6 && (!to_server.empty() || !to_client.empty()); ++flight) {
      const bool to_the_client = to_server.empty();
      Bytes bytes = std::exchange(to_the_client ? to_client : to_server, {});
      if (flight == which) {
        switch (random() % 5) {
          case 0:
            bytes[random() % bytes.size()] ^= 0x40;
            break;
          case 1:
            bytes.resize(random() % bytes.size());
            break;
          case 2:
            bytes.insert(bytes.begin() + static_cast<long>(random() % bytes.size()),
                         1 + random() % 40, 0x16);
            break;
          case 3:
            bytes.insert(bytes.end(), bytes.begin(), bytes.end());
            break;
          default:
            std::rotate(bytes.begin(), bytes.begin() + static_cast<long>(random() % bytes.size()),
                        bytes.end());
        }
      }
      const SECURITY_STATUS status = (to_the_client ? pair.client : pair.server)
                                         .feed(bytes, to_the_client ? to_server : to_client);
      if (status < 0) break;
    }
  }
}

}  // namespace
}  // namespace contract
