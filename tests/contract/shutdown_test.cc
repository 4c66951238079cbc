#include "support/call.h"

// The end of a connection and the alerts of the caller's own: contract sections J and L.
namespace contract {
namespace {

class Shutdown : public testing::TestWithParam<Tls> {
 protected:
  Pair pair_{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Tls, Shutdown, testing::Values(Tls::v12, Tls::v13), name_of);

/// The closing call as a caller makes it, with nothing to read.
Leg closing(Side& side) {
  Leg leg = side.call({});
  return leg;
}

TEST_P(Shutdown, SHUT_13_before_the_handshake_is_complete) {
  // As observed on Windows: a plaintext alert of seven bytes, and then nothing more.
  pair_.client.call({});
  ASSERT_EQ(apply(&pair_.client.context, DWORD{SCHANNEL_SHUTDOWN}), SEC_E_OK);
  const Leg leg = closing(pair_.client);
  EXPECT_EQ(leg.status, SEC_E_OK);
  ASSERT_EQ(leg.token.size(), 7U);
  EXPECT_EQ(leg.token[0], 21);
  EXPECT_EQ(slice(leg.token, 3, 7), (Bytes{0, 2, 1, 0}));
}

TEST_P(Shutdown, SHUT_13_an_alert_before_the_handshake_is_complete) {
  pair_.client.call({});
  SCHANNEL_ALERT_TOKEN alert{SCHANNEL_ALERT, TLS1_ALERT_FATAL, TLS1_ALERT_BAD_CERTIFICATE};
  ASSERT_EQ(apply(&pair_.client.context, alert), SEC_E_OK);
  const Leg leg = closing(pair_.client);
  ASSERT_EQ(leg.token.size(), 7U);
  EXPECT_EQ(slice(leg.token, 3, 7), (Bytes{0, 2, 2, 42}));
}

TEST_P(Shutdown, SHUT_13_a_server_in_the_middle) {
  Bytes hello, flight;
  pair_.client.feed({}, hello);
  pair_.server.feed(hello, flight);
  ASSERT_EQ(apply(&pair_.server.context, DWORD{SCHANNEL_SHUTDOWN}), SEC_E_OK);
  const Leg leg = closing(pair_.server);
  EXPECT_EQ(leg.status, SEC_E_OK);
  EXPECT_FALSE(leg.token.empty());
  // The client sees the end of a handshake that was not one.
  Bytes out;
  append(flight, leg.token);
  const SECURITY_STATUS status = pair_.client.feed(flight, out);
  EXPECT_TRUE(status < 0 || status == SEC_I_CONTEXT_EXPIRED || status == SEC_E_OK)
      << OpenSchannelStatusText(status);
}

TEST_P(Shutdown, SHUT_2_a_token_may_be_longer_than_its_dword) {
  ASSERT_TRUE(pair_.connect());
  unsigned char five[5] = {SCHANNEL_SHUTDOWN, 0, 0, 0, 9};
  SecBuffer buffer{5, SECBUFFER_TOKEN, five};
  SecBufferDesc desc{SECBUFFER_VERSION, 1, &buffer};
  EXPECT_EQ(ApplyControlToken(&pair_.client.context, &desc), SEC_E_OK);
  // At an odd address too.
  unsigned char odd[9] = {0, SCHANNEL_SHUTDOWN, 0, 0, 0};
  buffer = {4, SECBUFFER_TOKEN, odd + 1};
  EXPECT_EQ(ApplyControlToken(&pair_.client.context, &desc), SEC_E_OK);
  EXPECT_EQ(closing(pair_.client).status, SEC_E_OK);
}

TEST_P(Shutdown, SHUT_11_tokens_that_are_none) {
  ASSERT_TRUE(pair_.connect());
  CtxtHandle* context = &pair_.client.context;
  DWORD type = SCHANNEL_SHUTDOWN;
  SecBufferDesc desc{SECBUFFER_VERSION, 0, nullptr};
  EXPECT_EQ(ApplyControlToken(context, &desc), SEC_E_INVALID_TOKEN);
  desc.cBuffers = 1;
  EXPECT_LT(ApplyControlToken(context, &desc), 0);
  SecBuffer null{4, SECBUFFER_TOKEN, nullptr};
  desc.pBuffers = &null;
  EXPECT_LT(ApplyControlToken(context, &desc), 0);
  // An alert token that ends before its alert.
  SCHANNEL_ALERT_TOKEN alert{SCHANNEL_ALERT, TLS1_ALERT_FATAL, TLS1_ALERT_ACCESS_DENIED};
  for (ULONG size = 4; size < sizeof alert; ++size) {
    SecBuffer part{size, SECBUFFER_TOKEN, &alert};
    desc.pBuffers = &part;
    EXPECT_LT(ApplyControlToken(context, &desc), 0) << size;
  }
  // Alerts that don't fit into a byte, and levels that don't exist.
  EXPECT_LT(apply(context, SCHANNEL_ALERT_TOKEN{SCHANNEL_ALERT, 3, 0}), 0);
  EXPECT_LT(apply(context, SCHANNEL_ALERT_TOKEN{SCHANNEL_ALERT, 2, 256}), 0);
  // SHUT-10 is not built.
  EXPECT_EQ(apply(context, DWORD{SCHANNEL_SESSION}), SEC_E_INVALID_TOKEN);
  EXPECT_EQ(apply(context, SCHANNEL_SESSION_TOKEN{SCHANNEL_SESSION, 3}), SEC_E_INVALID_PARAMETER);
  // None of it has an effect.
  Bytes record;
  ASSERT_EQ(pair_.client.encrypt("alive", record), SEC_E_OK);
  EXPECT_EQ(pair_.server.decrypt(record), "alive");
  static_cast<void>(type);
}

TEST_P(Shutdown, SHUT_4_once_and_then_expired) {
  ASSERT_TRUE(pair_.connect());
  for (Side* side : {&pair_.client, &pair_.server}) {
    ASSERT_EQ(apply(&side->context, DWORD{SCHANNEL_SHUTDOWN}), SEC_E_OK);
    const Leg leg = closing(*side);
    EXPECT_EQ(leg.status, SEC_E_OK);
    EXPECT_FALSE(leg.token.empty());
    const Leg again = closing(*side);
    EXPECT_EQ(again.status, SEC_I_CONTEXT_EXPIRED);
    EXPECT_TRUE(again.token.empty());
  }
}

TEST_P(Shutdown, SHUT_3_with_bytes_still_unread) {
  // schannel-rs passes whatever encrypted bytes are left.
  ASSERT_TRUE(pair_.connect());
  Bytes record;
  ASSERT_EQ(pair_.server.encrypt("unread", record), SEC_E_OK);
  ASSERT_EQ(apply(&pair_.client.context, DWORD{SCHANNEL_SHUTDOWN}), SEC_E_OK);
  const Leg leg = pair_.client.call(record);
  EXPECT_GE(leg.status, 0) << OpenSchannelStatusText(leg.status);
  ASSERT_FALSE(leg.token.empty());
  Bytes notify = leg.token;
  SECURITY_STATUS status = SEC_E_OK;
  pair_.server.decrypt(notify, &status);
  EXPECT_EQ(status, SEC_I_CONTEXT_EXPIRED);
}

TEST_P(Shutdown, SHUT_3_into_the_callers_memory) {
  ASSERT_TRUE(pair_.connect());
  ASSERT_EQ(apply(&pair_.client.context, DWORD{SCHANNEL_SHUTDOWN}), SEC_E_OK);
  Bytes memory(100, 0xcc);
  Call call;
  call.context = &pair_.client.context;
  call.flags = kClientFlags & ~ULONG{ISC_REQ_ALLOCATE_MEMORY};
  call.null_input = true;
  call.out = {{4, SECBUFFER_TOKEN, memory.data()}};
  EXPECT_EQ(call(), SEC_E_BUFFER_TOO_SMALL);
  EXPECT_EQ(slice(memory, 4, 100), Bytes(96, 0xcc));
  call.out = {{100, SECBUFFER_EMPTY, memory.data()}};  // curl's kind of buffer
  ASSERT_EQ(call(), SEC_E_OK);
  EXPECT_EQ(call.out[0].BufferType, ULONG{SECBUFFER_TOKEN});
  Bytes notify = slice(memory, 0, call.out[0].cbBuffer);
  SECURITY_STATUS status = SEC_E_OK;
  pair_.server.decrypt(notify, &status);
  EXPECT_EQ(status, SEC_I_CONTEXT_EXPIRED);
}

TEST_P(Shutdown, DEC_12_what_follows_close_notify_is_extra_and_stays_closed) {
  ASSERT_TRUE(pair_.connect());
  Bytes before;
  ASSERT_EQ(pair_.client.encrypt("last words", before), SEC_E_OK);
  ASSERT_EQ(apply(&pair_.client.context, DWORD{SCHANNEL_SHUTDOWN}), SEC_E_OK);
  const Bytes notify = closing(pair_.client).token;
  Bytes stream = before;
  append(stream, notify);
  append(stream, Bytes(10, 0x77));
  SecBuffer buffers[] = {{static_cast<ULONG>(stream.size()), SECBUFFER_DATA, stream.data()},
                         {0, SECBUFFER_EMPTY, nullptr},
                         {0, SECBUFFER_EMPTY, nullptr},
                         {0, SECBUFFER_EMPTY, nullptr}};
  SecBufferDesc desc{SECBUFFER_VERSION, 4, buffers};
  ASSERT_EQ(DecryptMessage(&pair_.server.context, &desc, 0, nullptr), SEC_E_OK);
  ASSERT_EQ(buffers[3].BufferType, ULONG{SECBUFFER_EXTRA});
  SecBuffer rest[] = {{buffers[3].cbBuffer, SECBUFFER_DATA, buffers[3].pvBuffer},
                      {0, SECBUFFER_EMPTY, nullptr},
                      {0, SECBUFFER_EMPTY, nullptr},
                      {0, SECBUFFER_EMPTY, nullptr}};
  SecBufferDesc rest_desc{SECBUFFER_VERSION, 4, rest};
  ASSERT_EQ(DecryptMessage(&pair_.server.context, &rest_desc, 0, nullptr), SEC_I_CONTEXT_EXPIRED);
  const SecBuffer* extra = nullptr;
  for (const SecBuffer& buffer : rest) {
    if (buffer.BufferType == SECBUFFER_EXTRA) extra = &buffer;
  }
  ASSERT_NE(extra, nullptr);
  EXPECT_EQ(extra->cbBuffer, 10U);
  // SHUT-6: the server may still answer, and then ends its own half.
  Bytes answer;
  ASSERT_EQ(pair_.server.encrypt("answer", answer), SEC_E_OK);
  EXPECT_EQ(pair_.client.decrypt(answer), "answer");
  ASSERT_EQ(apply(&pair_.server.context, DWORD{SCHANNEL_SHUTDOWN}), SEC_E_OK);
  Bytes last = closing(pair_.server).token;
  SECURITY_STATUS status = SEC_E_OK;
  pair_.client.decrypt(last, &status);
  EXPECT_EQ(status, SEC_I_CONTEXT_EXPIRED);
}

TEST_P(Shutdown, SHUT_9_a_fatal_alert_ends_the_sender_too) {
  ASSERT_TRUE(pair_.connect());
  SCHANNEL_ALERT_TOKEN alert{SCHANNEL_ALERT, TLS1_ALERT_FATAL, TLS1_ALERT_INTERNAL_ERROR};
  ASSERT_EQ(apply(&pair_.client.context, alert), SEC_E_OK);
  ASSERT_FALSE(closing(pair_.client).token.empty());
  Bytes record;
  EXPECT_LT(pair_.client.encrypt("no more", record), 0);
}

struct Row {
  DWORD alert;
  SECURITY_STATUS status;
};
const Row kRows[] = {{10, SEC_E_ILLEGAL_MESSAGE},
                     {20, SEC_E_MESSAGE_ALTERED},
                     {21, SEC_E_DECRYPT_FAILURE},
                     {22, SEC_E_ILLEGAL_MESSAGE},
                     {30, SEC_E_MESSAGE_ALTERED},
                     {40, SEC_E_ILLEGAL_MESSAGE},
                     {42, SEC_E_CERT_UNKNOWN},
                     {43, SEC_E_CERT_UNKNOWN},
                     {44, static_cast<SECURITY_STATUS>(CRYPT_E_REVOKED)},
                     {45, SEC_E_CERT_EXPIRED},
                     {46, SEC_E_CERT_UNKNOWN},
                     {47, SEC_E_ILLEGAL_MESSAGE},
                     {48, SEC_E_UNTRUSTED_ROOT},
                     {49, SEC_E_LOGON_DENIED},
                     {50, SEC_E_ILLEGAL_MESSAGE},
                     {51, SEC_E_DECRYPT_FAILURE},
                     {60, SEC_E_ILLEGAL_MESSAGE},
                     {70, SEC_E_UNSUPPORTED_FUNCTION},
                     {71, SEC_E_ALGORITHM_MISMATCH},
                     {80, SEC_E_INTERNAL_ERROR},
                     {90, SEC_E_UNFINISHED_CONTEXT_DELETED},
                     {100, SEC_E_ILLEGAL_MESSAGE},
                     {109, SEC_E_ILLEGAL_MESSAGE},
                     {110, SEC_E_ILLEGAL_MESSAGE},
                     {115, SEC_E_ILLEGAL_MESSAGE},
                     {116, SEC_E_ILLEGAL_MESSAGE},
                     {120, SEC_E_APPLICATION_PROTOCOL_MISMATCH},
                     {255, SEC_E_ILLEGAL_MESSAGE}};

TEST_P(Shutdown, ALERT_27_the_table_holds_in_DecryptMessage) {
  for (const Row& row : kRows) {
    for (const bool from_client : {true, false}) {
      Pair pair(GetParam());
      ASSERT_TRUE(pair.connect());
      Side& from = from_client ? pair.client : pair.server;
      Side& to = from_client ? pair.server : pair.client;
      ASSERT_EQ(
          apply(&from.context, SCHANNEL_ALERT_TOKEN{SCHANNEL_ALERT, TLS1_ALERT_FATAL, row.alert}),
          SEC_E_OK);
      Bytes token = closing(from).token;
      SECURITY_STATUS status = SEC_E_OK;
      to.decrypt(token, &status);
      EXPECT_EQ(status, row.status) << row.alert;
      // DEC-20: fatal.
      Bytes record;
      EXPECT_LT(to.encrypt("no", record), 0) << row.alert;
    }
  }
}

TEST_P(Shutdown, ALERT_27_the_table_holds_in_AcceptSecurityContext) {
  for (const Row& row : kRows) {
    Pair pair(GetParam());
    Bytes hello, flight;
    pair.client.feed({}, hello);
    pair.server.feed(hello, flight);
    const Leg leg = pair.server.call({21, 3, 3, 0, 2, 2, static_cast<unsigned char>(row.alert)});
    EXPECT_EQ(leg.status, row.status) << row.alert;
    // ALERT-28: an alert is not answered.
    EXPECT_TRUE(leg.token.empty());
    EXPECT_EQ(pair.server.call({}).status, row.status);  // ISC-60
  }
}

TEST_P(Shutdown, ALERT_27_the_table_holds_in_InitializeSecurityContext) {
  for (const Row& row : kRows) {
    Pair pair(GetParam());
    pair.client.call({});
    const Leg leg = pair.client.call({21, 3, 3, 0, 2, 2, static_cast<unsigned char>(row.alert)});
    EXPECT_EQ(leg.status, row.status) << row.alert;
    EXPECT_TRUE(leg.token.empty());
    EXPECT_EQ(pair.client.call({}).status, row.status);
  }
}

TEST_P(Shutdown, ALERT_30_the_alert_buffer_says_what_the_token_holds) {
  ASSERT_TRUE(pair_.connect());
  const auto describe = [&](Side& side, bool server) {
    Call call;
    call.server = server;
    call.context = &side.context;
    call.null_input = true;
    call.out = {{0, SECBUFFER_TOKEN, nullptr}, {0, SECBUFFER_ALERT, nullptr}};
    EXPECT_EQ(call(), SEC_E_OK);
    EXPECT_FALSE(call.take(0).empty());
    return call.take(1);
  };
  ASSERT_EQ(apply(&pair_.client.context, DWORD{SCHANNEL_SHUTDOWN}), SEC_E_OK);
  EXPECT_EQ(describe(pair_.client, false), (Bytes{1, 0}));
  ASSERT_EQ(apply(&pair_.server.context,
                  SCHANNEL_ALERT_TOKEN{SCHANNEL_ALERT, TLS1_ALERT_FATAL, TLS1_ALERT_ACCESS_DENIED}),
            SEC_E_OK);
  EXPECT_EQ(describe(pair_.server, true), (Bytes{2, 49}));
}

TEST_P(Shutdown, SHUT_7_after_our_close_we_read_on_and_answer_nothing) {
  ASSERT_TRUE(pair_.connect());
  ASSERT_EQ(apply(&pair_.client.context, DWORD{SCHANNEL_SHUTDOWN}), SEC_E_OK);
  Bytes notify = closing(pair_.client).token;
  SECURITY_STATUS status = SEC_E_OK;
  pair_.server.decrypt(notify, &status);
  ASSERT_EQ(status, SEC_I_CONTEXT_EXPIRED);
  // SHUT-6: the other half is open until its side closes it (RFC 8446 section 6.1).
  Bytes record;
  EXPECT_EQ(pair_.client.encrypt("no", record), SEC_E_CONTEXT_EXPIRED);
  ASSERT_EQ(pair_.server.encrypt("still open", record), SEC_E_OK);
  EXPECT_EQ(pair_.client.decrypt(record), "still open");
  // A key update that asks for ours, a HelloRequest: taken, but nothing follows a close_notify.
  Bytes update = closing(pair_.server).token;
  pair_.client.decrypt(update, &status);
  ASSERT_EQ(status, SEC_I_RENEGOTIATE);
  const Leg leg = pair_.client.call(update);
  EXPECT_GE(leg.status, 0);
  EXPECT_TRUE(leg.token.empty());
  ASSERT_EQ(pair_.server.encrypt("last", record), SEC_E_OK);
  EXPECT_EQ(pair_.client.decrypt(record), "last");
  ASSERT_EQ(apply(&pair_.server.context, DWORD{SCHANNEL_SHUTDOWN}), SEC_E_OK);
  notify = closing(pair_.server).token;
  pair_.client.decrypt(notify, &status);
  EXPECT_EQ(status, SEC_I_CONTEXT_EXPIRED);
}

TEST_P(Shutdown, SHUT_8_a_cut_connection_never_looks_closed) {
  ASSERT_TRUE(pair_.connect());
  Bytes stream;
  ASSERT_EQ(pair_.client.encrypt("all of it", stream), SEC_E_OK);
  const std::size_t data = stream.size();
  ASSERT_EQ(apply(&pair_.client.context, DWORD{SCHANNEL_SHUTDOWN}), SEC_E_OK);
  append(stream, closing(pair_.client).token);
  Bytes record = slice(stream, 0, data);
  EXPECT_EQ(pair_.server.decrypt(record), "all of it");
  SECURITY_STATUS status = SEC_E_OK;
  for (std::size_t end = data; end < stream.size(); ++end) {
    Bytes part = slice(stream, data, end);
    pair_.server.decrypt(part, &status);
    EXPECT_EQ(status, SEC_E_INCOMPLETE_MESSAGE) << end;
  }
  Bytes whole = slice(stream, data, stream.size());
  pair_.server.decrypt(whole, &status);
  EXPECT_EQ(status, SEC_I_CONTEXT_EXPIRED);
  // And from then on nothing is taken.
  pair_.server.decrypt(record, &status);
  EXPECT_EQ(status, SEC_E_CONTEXT_EXPIRED);
}

TEST_P(Shutdown, DEC_21_warnings) {
  ASSERT_TRUE(pair_.connect());
  ASSERT_EQ(apply(&pair_.client.context, SCHANNEL_ALERT_TOKEN{SCHANNEL_ALERT, TLS1_ALERT_WARNING,
                                                              TLS1_ALERT_USER_CANCELED}),
            SEC_E_OK);
  Bytes token = closing(pair_.client).token;
  EXPECT_EQ(pair_.server.decrypt(token), "");
  Bytes record;
  ASSERT_EQ(pair_.client.encrypt("and on", record), SEC_E_OK);
  EXPECT_EQ(pair_.server.decrypt(record), "and on");
  // RFC 8446 section 6: in TLS 1.3 the level says nothing, but for user_canceled.
  ASSERT_EQ(apply(&pair_.client.context, SCHANNEL_ALERT_TOKEN{SCHANNEL_ALERT, TLS1_ALERT_WARNING,
                                                              TLS1_ALERT_BAD_CERTIFICATE}),
            SEC_E_OK);
  token = closing(pair_.client).token;
  SECURITY_STATUS status = SEC_E_OK;
  pair_.server.decrypt(token, &status);
  EXPECT_EQ(status, GetParam() == Tls::v13 ? SEC_E_CERT_UNKNOWN : SEC_E_OK);
}

TEST_P(Shutdown, DEC_21_warnings_without_end_fail) {
  ASSERT_TRUE(pair_.connect());
  SECURITY_STATUS status = SEC_E_OK;
  int count = 0;
  while (status == SEC_E_OK && count < 20) {
    SCHANNEL_ALERT_TOKEN warning{SCHANNEL_ALERT, TLS1_ALERT_WARNING, TLS1_ALERT_USER_CANCELED};
    ASSERT_EQ(apply(&pair_.client.context, warning), SEC_E_OK);
    Bytes token = closing(pair_.client).token;
    pair_.server.decrypt(token, &status);
    ++count;
  }
  EXPECT_EQ(status, SEC_E_ILLEGAL_MESSAGE);
  EXPECT_EQ(count, 5);
}

TEST_P(Shutdown, ALERT_1_close_notify_in_the_middle_of_a_handshake) {
  for (const bool to_the_client : {true, false}) {
    Pair pair(GetParam());
    Bytes hello, flight;
    pair.client.feed({}, hello);
    if (!to_the_client) pair.server.feed(hello, flight);
    Side& side = to_the_client ? pair.client : pair.server;
    const Leg leg = side.call({21, 3, 3, 0, 2, 1, 0});
    EXPECT_EQ(leg.status, SEC_I_CONTEXT_EXPIRED);
    EXPECT_TRUE(leg.token.empty());
  }
}

TEST_P(Shutdown, HND_14_deleting_sends_nothing_and_needs_no_shutdown) {
  ASSERT_TRUE(pair_.connect());
  EXPECT_EQ(DeleteSecurityContext(&pair_.client.context), SEC_E_OK);
  pair_.client.has_context = false;
  Bytes record;
  EXPECT_EQ(pair_.server.encrypt("to nobody", record), SEC_E_OK);
}

}  // namespace
}  // namespace contract
