#include <algorithm>

#include "support/call.h"

// AcceptSecurityContext argument by argument: contract section D.
namespace contract {
namespace {

class Accept : public testing::TestWithParam<Tls> {
 protected:
  Bytes client_hello() {
    Bytes hello;
    EXPECT_EQ(pair_.client.feed({}, hello), SEC_I_CONTINUE_NEEDED);
    return hello;
  }
  Call call() {
    Call made;
    made.server = true;
    made.credential = &pair_.server_credential.handle;
    made.context = pair_.server.has_context ? &pair_.server.context : nullptr;
    made.new_context = &pair_.server.context;
    return made;
  }
  void keep(const Call& made) { pair_.server.has_context |= made.status >= 0; }

  Pair pair_{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Tls, Accept, testing::Values(Tls::v12, Tls::v13), name_of);

TEST_P(Accept, ASC_7_expiry_without_a_client_certificate_is_the_largest_time) {
  Bytes hello = client_hello();
  Call first = call();
  first.give(hello);
  ASSERT_EQ(first(), SEC_I_CONTINUE_NEEDED);
  keep(first);
  Bytes to_server;
  ASSERT_GE(pair_.client.feed(first.take(), to_server), SEC_E_OK);
  Call last = call();
  last.give(to_server);
  ASSERT_EQ(last(), SEC_E_OK);
  last.take();
  EXPECT_EQ(last.expiry.LowPart, 0xffffffffU);
  EXPECT_EQ(last.expiry.HighPart, 0x7fffffff);
}

TEST_P(Accept, ASC_7_and_AUTH_25_expiry_is_that_of_the_client_certificate) {
  PCCERT_CONTEXT own =
      OpenSchannelCreateSelfSignedCertificate("client", OPENSCHANNEL_KEY_ED25519, 7);
  ASSERT_NE(own, nullptr);
  Credential credential(SECPKG_CRED_OUTBOUND, GetParam(), [&](SCH_CREDENTIALS& data) {
    data.cCreds = 1;
    data.paCred = &own;
  });
  Side client(false, &credential.handle);
  pair_.server.flags = kServerFlags | ASC_REQ_MUTUAL_AUTH;
  Bytes to_server, to_client;
  client.feed({}, to_server);
  pair_.server.feed(to_server, to_client);
  EXPECT_EQ(pair_.server.attributes & ASC_RET_MUTUAL_AUTH, 0U);  // ASC-13: the last call only
  to_server.clear();
  ASSERT_GE(client.feed(to_client, to_server), SEC_E_OK);
  Call last = call();
  last.flags = pair_.server.flags;
  last.give(to_server);
  ASSERT_EQ(last(), SEC_E_OK) << OpenSchannelErrorDetail();
  last.take();
  EXPECT_EQ(last.attributes, kServerFlags | ASC_RET_MUTUAL_AUTH);
  EXPECT_EQ(last.expiry.LowPart, own->pCertInfo->NotAfter.dwLowDateTime);
  CertFreeCertificateContext(own);
}

TEST_P(Accept, ASC_11_delegation_is_refused) {
  Bytes hello = client_hello();
  Call first = call();
  first.flags = kServerFlags | ASC_REQ_DELEGATE;
  first.give(hello);
  EXPECT_EQ(first(), SEC_E_UNSUPPORTED_FUNCTION);
  EXPECT_EQ(DeleteSecurityContext(&pair_.server.context), SEC_E_INVALID_HANDLE);
}

TEST_P(Accept, ASC_15_every_caller_that_retries_a_partial_hello) {
  const Bytes hello = client_hello();
  // schannel-rs: NULL until a context is there. The SDK's webserver: NULL the first time, and ever
  // after the variable and no new handle. wintls: the variable once it isn't zero.
  enum class Caller { null_context, variable_and_no_new, variable_if_set };
  for (const Caller caller :
       {Caller::null_context, Caller::variable_and_no_new, Caller::variable_if_set}) {
    CtxtHandle context{0, 0};
    Bytes got;
    bool first = true;
    SECURITY_STATUS status = SEC_E_INCOMPLETE_MESSAGE;
    for (const unsigned char byte : hello) {
      got.push_back(byte);
      Call made = call();
      const bool set = context.dwLower != 0 || context.dwUpper != 0;
      made.context = caller == Caller::null_context                    ? nullptr
                     : caller == Caller::variable_and_no_new && !first ? &context
                     : caller == Caller::variable_if_set && set        ? &context
                                                                       : nullptr;
      made.new_context = caller == Caller::variable_and_no_new && !first ? nullptr : &context;
      made.give(got);
      status = made();
      made.take();
      first = false;
      if (status != SEC_E_INCOMPLETE_MESSAGE) break;
    }
    EXPECT_EQ(status, SEC_I_CONTINUE_NEEDED);
    EXPECT_EQ(got.size(), hello.size());
    EXPECT_EQ(DeleteSecurityContext(&context), SEC_E_OK);
  }
}

TEST_P(Accept, ASC_18_and_ISC_32_options_stand_anywhere) {
  for (int position = 0; position < 3; ++position) {
    Pair pair(GetParam());
    pair.client.alpn = application_protocols({"h2", "http/1.1"});
    Bytes hello, alpn = application_protocols({"http/1.1"});
    pair.client.feed({}, hello);
    Call first;
    first.server = true;
    first.credential = &pair.server_credential.handle;
    first.new_context = &pair.server.context;
    first.give(hello);
    first.in.insert(first.in.begin() + position, {static_cast<ULONG>(alpn.size()),
                                                  SECBUFFER_APPLICATION_PROTOCOLS, alpn.data()});
    ASSERT_EQ(first(), SEC_I_CONTINUE_NEEDED);
    pair.server.has_context = true;
    Bytes to_server, to_client;
    ASSERT_GE(pair.client.feed(first.take(), to_server), SEC_E_OK);
    ASSERT_EQ(pair.server.feed(to_server, to_client), SEC_E_OK);
    SecPkgContext_ApplicationProtocol protocol{};
    EXPECT_EQ(
        QueryContextAttributesW(&pair.server.context, SECPKG_ATTR_APPLICATION_PROTOCOL, &protocol),
        SEC_E_OK);
    EXPECT_EQ(protocol.ProtocolIdSize, 8);
  }
}

TEST_P(Accept, ISC_33_inconsistent_protocol_lists_are_refused_by_a_server_too) {
  Bytes hello = client_hello();
  const Bytes good = application_protocols({"h2", "http/1.1"});
  for (std::size_t size = 0; size < good.size(); ++size) {
    Bytes bad = slice(good, 0, size);
    Call first = call();
    first.give(hello);
    first.in.push_back(
        {static_cast<ULONG>(bad.size()), SECBUFFER_APPLICATION_PROTOCOLS, bad.data()});
    const SECURITY_STATUS status = first();
    if (size == 0) {
      // Nothing at all may count as no option.
      if (status >= 0) {
        first.take();
        DeleteSecurityContext(&pair_.server.context);
      }
      continue;
    }
    EXPECT_EQ(status, SEC_E_INVALID_PARAMETER) << size;
  }
}

TEST_P(Accept, ASC_30_credentials_that_are_none) {
  Bytes hello = client_hello();
  Call first = call();
  first.give(hello);
  first.credential = nullptr;
  EXPECT_EQ(first(), SEC_E_NO_CREDENTIALS);
  first.credential = &pair_.client_credential.handle;
  EXPECT_EQ(first(), SEC_E_NO_CREDENTIALS);
  CredHandle never{123, 456};
  first.credential = &never;
  const SECURITY_STATUS status = first();
  EXPECT_TRUE(status == SEC_E_INVALID_HANDLE || status == SEC_E_NO_CREDENTIALS);
}

TEST_P(Accept, ASC_3_the_first_call_needs_a_token) {
  Call first = call();
  first.null_input = true;
  EXPECT_LT(first(), 0);
  first.null_input = false;
  first.in = {{0, SECBUFFER_EMPTY, nullptr}};
  EXPECT_LT(first(), 0);
  // The SDK's webserver begins with nothing received yet.
  first.in = {{0, SECBUFFER_TOKEN, nullptr}, {0, SECBUFFER_EMPTY, nullptr}};
  EXPECT_EQ(first(), SEC_E_INCOMPLETE_MESSAGE);
  EXPECT_EQ(first.in[1].BufferType, ULONG{SECBUFFER_MISSING});
  EXPECT_EQ(first.in[1].cbBuffer, 5U);
}

TEST_P(Accept, ASC_19_a_hello_that_never_ends_is_refused) {
  // PROTO-31: a server without client authentication reads handshake messages of 0x4000 bytes.
  Bytes hello = client_hello();
  Bytes endless = {22, 3, 1, 0x40, 0, 1, 0x00, 0xff, 0xff, 3, 3};
  endless.resize(5 + 0x4000, 0x5a);
  pair_.server.flags = kServerFlags | ASC_REQ_EXTENDED_ERROR;
  Bytes out;
  SECURITY_STATUS status = SEC_I_CONTINUE_NEEDED;
  std::size_t given = 0;
  while (status >= 0 && given < 1U << 20) {
    status = pair_.server.feed(endless, out);
    pair_.server.pending.clear();
    given += endless.size();
  }
  EXPECT_LT(status, 0);
  EXPECT_LE(given, 0x10000U);
}

TEST_P(Accept, ASC_28_every_first_byte_that_is_no_record_type) {
  for (int type = 0; type < 256; ++type) {
    Bytes input = {static_cast<unsigned char>(type), 3, 1, 0, 4, 1, 0, 0, 0};
    Pair pair(GetParam());
    const Leg leg = pair.server.call(input);
    if (type == 22) continue;
    EXPECT_LT(leg.status, 0) << type;
    EXPECT_FALSE(pair.server.has_context);
  }
}

TEST_P(Accept, ASC_16_the_hello_of_ssl2_is_not_tls) {
  Bytes ssl2 = {0x80, 0x2e, 1, 3, 3, 0, 0x15, 0, 0, 0, 0x10};
  ssl2.resize(48, 0x11);
  EXPECT_EQ(pair_.server.call(ssl2).status, SEC_E_INVALID_TOKEN);
}

TEST_P(Accept, R_13_failed_and_incomplete_first_calls_leave_nothing_to_delete) {
  const Bytes hello = client_hello();
  for (std::size_t size = 0; size < hello.size(); size += 13) {
    Bytes part = slice(hello, 0, size);
    Call first = call();
    first.give(part);
    ASSERT_EQ(first(), SEC_E_INCOMPLETE_MESSAGE);
    EXPECT_EQ(first.out[0].pvBuffer, nullptr);
    EXPECT_EQ(pair_.server.context.dwLower, kInvalidHandle.dwLower);
    EXPECT_EQ(pair_.server.context.dwUpper, kInvalidHandle.dwUpper);
    EXPECT_EQ(DeleteSecurityContext(&pair_.server.context), SEC_E_INVALID_HANDLE);
  }
  Bytes broken = hello;
  broken[5] = 2;
  Call first = call();
  first.give(broken);
  ASSERT_LT(first(), 0);
  EXPECT_EQ(DeleteSecurityContext(&pair_.server.context), SEC_E_INVALID_HANDLE);
}

TEST_P(Accept, ASC_37_the_alert_of_a_failed_first_call_is_given_though_there_is_no_context) {
  for (const bool extended : {false, true}) {
    Bytes broken = Pair(GetParam()).client.call({}).token;
    broken[9] = 9;  // legacy_version 9.x is fine; a session id of 200 bytes is not
    broken[5 + 4 + 2 + 32] = 200;
    Pair pair(GetParam());
    pair.server.flags = kServerFlags | (extended ? ASC_REQ_EXTENDED_ERROR : 0);
    const Leg leg = pair.server.call(broken);
    EXPECT_EQ(leg.status, SEC_E_ILLEGAL_MESSAGE);
    EXPECT_FALSE(pair.server.has_context);
    if (!extended) {
      EXPECT_TRUE(leg.token.empty());
      continue;
    }
    ASSERT_EQ(leg.token.size(), 7U);
    EXPECT_EQ(leg.token[0], 21);
    EXPECT_EQ(leg.token[5], 2);   // ALERT-29
    EXPECT_EQ(leg.token[6], 50);  // ALERT-28: it doesn't parse
  }
}

}  // namespace
}  // namespace contract
