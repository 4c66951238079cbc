#include <cstdint>

#include "support/call.h"

// InitializeSecurityContext argument by argument: contract section C.
namespace contract {
namespace {

class Initialize : public testing::TestWithParam<Tls> {
 protected:
  /// The server's answer to a fresh client of pair_, which has its context afterwards.
  Bytes server_flight() {
    Bytes to_server, to_client;
    EXPECT_EQ(pair_.client.feed({}, to_server), SEC_I_CONTINUE_NEEDED);
    EXPECT_EQ(pair_.server.feed(to_server, to_client), SEC_I_CONTINUE_NEEDED);
    return to_client;
  }
  Call call() {
    Call made;
    made.credential = &pair_.client_credential.handle;
    if (pair_.client.has_context) {
      made.context = &pair_.client.context;
    } else {
      made.null_input = true;
    }
    made.new_context = &pair_.client.context;
    return made;
  }
  /// Lets the destructor delete what a successful Call made.
  void keep(const Call& made) { pair_.client.has_context |= made.status >= 0; }

  Pair pair_{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Tls, Initialize, testing::Values(Tls::v12, Tls::v13), name_of);

TEST_P(Initialize, ISC_7_every_way_of_having_no_input_at_first) {
  Bytes alpn = application_protocols({"h2"});
  SecBuffer empty_token{0, SECBUFFER_TOKEN, nullptr}, empty{0, SECBUFFER_EMPTY, nullptr};
  SecBuffer options{static_cast<ULONG>(alpn.size()), SECBUFFER_APPLICATION_PROTOCOLS, alpn.data()};
  // curl and schannel-rs pass nothing or no buffers, dotnet an empty token, msquic options.
  const std::vector<std::vector<SecBuffer>> ways = {
      {},        {empty},          {empty_token, empty}, {empty_token, empty, options},
      {options}, {options, empty}, {empty, options}};
  for (const std::vector<SecBuffer>& way : ways) {
    Call first = call();
    first.null_input = false;
    first.in = way;
    EXPECT_EQ(first(), SEC_I_CONTINUE_NEEDED) << way.size();
    EXPECT_FALSE(first.take().empty());
    EXPECT_EQ(DeleteSecurityContext(&pair_.client.context), SEC_E_OK);
  }
}

TEST_P(Initialize, ISC_9_and_Q_8_later_calls_may_leave_out_the_new_handle) {
  for (int way = 0; way < 3; ++way) {
    Pair pair(GetParam());
    Bytes to_server, to_client;
    pair.client.feed({}, to_server);
    pair.server.feed(to_server, to_client);
    CtxtHandle other{7, 7};
    Call next;
    next.credential = &pair.client_credential.handle;
    next.context = &pair.client.context;
    next.new_context = way == 0 ? nullptr : way == 1 ? &pair.client.context : &other;
    next.target = nullptr;  // mariadb, the SDK sample
    next.give(to_client);
    ASSERT_GE(next(), SEC_E_OK);
    next.take();
    if (way == 2) {
      EXPECT_EQ(other.dwLower, pair.client.context.dwLower);
      EXPECT_EQ(other.dwUpper, pair.client.context.dwUpper);
    }
  }
}

TEST_P(Initialize, ISC_9_without_a_place_for_the_handle_there_is_no_context) {
  Call first = call();
  first.new_context = nullptr;
  EXPECT_LT(first(), 0);
  EXPECT_EQ(first.out[0].pvBuffer, nullptr);
}

TEST_P(Initialize, ISC_11_attributes_and_expiry_may_be_left_out) {
  SecBuffer out{0, SECBUFFER_TOKEN, nullptr};
  SecBufferDesc out_desc{SECBUFFER_VERSION, 1, &out};
  const SECURITY_STATUS status = InitializeSecurityContextA(
      &pair_.client_credential.handle, nullptr, "localhost", kClientFlags, 0, 0, nullptr, 0,
      &pair_.client.context, &out_desc, nullptr, nullptr);
  // Either is fine; a crash is not.
  if (status >= 0) {
    FreeContextBuffer(out.pvBuffer);
    DeleteSecurityContext(&pair_.client.context);
  }
}

TEST_P(Initialize, R_10_every_combination_of_requests_comes_back_bit_for_bit) {
  const ULONG bits[] = {ISC_REQ_REPLAY_DETECT,
                        ISC_REQ_SEQUENCE_DETECT,
                        ISC_REQ_CONFIDENTIALITY,
                        ISC_REQ_USE_SUPPLIED_CREDS,
                        ISC_REQ_CONNECTION,
                        ISC_REQ_EXTENDED_ERROR,
                        ISC_REQ_STREAM,
                        ISC_REQ_INTEGRITY,
                        ISC_REQ_MANUAL_CRED_VALIDATION};
  for (unsigned choice = 0; choice < 1U << std::size(bits); choice += 7) {
    ULONG flags = ISC_REQ_ALLOCATE_MEMORY;
    for (std::size_t i = 0; i < std::size(bits); ++i) {
      if ((choice >> i & 1) != 0) flags |= bits[i];
    }
    Side client(false, &pair_.client_credential.handle);
    Side server(true, &pair_.server_credential.handle);
    client.flags = flags;
    Bytes to_server, to_client;
    client.feed({}, to_server);
    EXPECT_EQ(client.attributes, flags) << std::hex << flags;
    server.feed(to_server, to_client);
    // EXT: on an incomplete return too.
    client.call(slice(to_client, 0, 3));
    EXPECT_EQ(client.attributes, flags) << std::hex << flags;
    to_server.clear();
    ASSERT_GE(client.feed(to_client, to_server), SEC_E_OK);
    to_client.clear();
    ASSERT_EQ(server.feed(to_server, to_client), SEC_E_OK);
    if (!to_client.empty()) {
      ASSERT_EQ(client.feed(to_client, to_server), SEC_E_OK);
    }
    EXPECT_EQ(client.attributes, flags) << std::hex << flags;
  }
}

TEST_P(Initialize, ISC_14_nothing_is_returned_that_was_not_requested) {
  pair_.client.flags = ISC_REQ_ALLOCATE_MEMORY;
  pair_.server.flags = ASC_REQ_ALLOCATE_MEMORY;
  ASSERT_TRUE(pair_.connect());
  EXPECT_EQ(pair_.client.attributes, ULONG{ISC_RET_ALLOCATED_MEMORY});
  EXPECT_EQ(pair_.server.attributes, ULONG{ASC_RET_ALLOCATED_MEMORY});
}

TEST_P(Initialize, ISC_5_what_is_not_granted_is_missing_and_no_failure) {
  // Bits that mean nothing to this package.
  pair_.client.flags = kClientFlags | ISC_REQ_NULL_SESSION | ISC_REQ_IDENTIFY | 0x40000000;
  ASSERT_TRUE(pair_.connect());
  EXPECT_EQ(pair_.client.attributes & ~kClientFlags, 0U);
}

TEST_P(Initialize, ISC_19_memory_is_allocated_whatever_the_buffer_held) {
  Call first = call();
  first.out = {{1000, SECBUFFER_TOKEN, reinterpret_cast<void*>(std::uintptr_t{0xdeadbeef})}};
  ASSERT_EQ(first(), SEC_I_CONTINUE_NEEDED);
  EXPECT_NE(first.out[0].pvBuffer, reinterpret_cast<void*>(std::uintptr_t{0xdeadbeef}));
  keep(first);
  EXPECT_FALSE(first.take().empty());
}

TEST_P(Initialize, ISC_19_nothing_to_send_is_no_memory) {
  Bytes flight = server_flight();
  const std::size_t first_record = record_sizes(flight)[0];
  if (GetParam() == Tls::v12) return;  // one record holds the whole flight
  Bytes part = slice(flight, 0, first_record);
  Call next = call();
  next.give(part);
  next.out = {{1000, SECBUFFER_TOKEN, reinterpret_cast<void*>(std::uintptr_t{0xdeadbeef})}};
  ASSERT_EQ(next(), SEC_I_CONTINUE_NEEDED);
  EXPECT_EQ(next.out[0].cbBuffer, 0U);
  EXPECT_EQ(next.out[0].pvBuffer, nullptr);
  // EXT-11.
  EXPECT_EQ(next.in[1].BufferType, ULONG{SECBUFFER_EMPTY});
}

TEST_P(Initialize, ISC_20_the_callers_memory_from_the_first_call_to_the_last) {
  constexpr ULONG kFlags = kClientFlags & ~ULONG{ISC_REQ_ALLOCATE_MEMORY};
  Bytes memory(0x6000, 0xcc);
  const SecBuffer whole{static_cast<ULONG>(memory.size()), SECBUFFER_TOKEN, memory.data()};
  Call first = call();
  first.flags = kFlags;
  // Too small at first: no context, and nothing is written behind the given bytes.
  first.out = {{10, SECBUFFER_TOKEN, memory.data()}};
  EXPECT_EQ(first(), SEC_E_BUFFER_TOO_SMALL);
  EXPECT_EQ(slice(memory, 10, memory.size()), Bytes(memory.size() - 10, 0xcc));
  // A size without memory is the caller's mistake, and nobody's crash.
  first.out = {{whole.cbBuffer, SECBUFFER_TOKEN, nullptr}};
  EXPECT_EQ(first(), SEC_E_INSUFFICIENT_MEMORY);
  first.out = {whole};
  ASSERT_EQ(first(), SEC_I_CONTINUE_NEEDED);
  keep(first);
  EXPECT_EQ(first.attributes, kFlags);
  EXPECT_EQ(first.out[0].pvBuffer, memory.data());
  Bytes to_client;
  pair_.server.feed(slice(memory, 0, first.out[0].cbBuffer), to_client);
  const Bytes before = to_client;
  Call next = call();
  next.flags = kFlags;
  next.give(to_client);
  // BUFFER_TOO_SMALL changes nothing: any number of times, and then it works.
  std::fill(memory.begin(), memory.end(), Bytes::value_type{0xcc});
  for (const ULONG room : {1U, 5U, 20U}) {
    next.out = {{room, SECBUFFER_TOKEN, memory.data()}};
    EXPECT_EQ(next(), SEC_E_BUFFER_TOO_SMALL) << room;
    EXPECT_EQ(to_client, before);
    EXPECT_EQ(slice(memory, room, memory.size()), Bytes(memory.size() - room, 0xcc));
    next.give(to_client);
  }
  next.out = {whole};
  ASSERT_GE(next(), SEC_E_OK) << OpenSchannelErrorDetail();
  Bytes to_server = slice(memory, 0, next.out[0].cbBuffer);
  to_client.clear();
  ASSERT_EQ(pair_.server.feed(to_server, to_client), SEC_E_OK);
  if (GetParam() == Tls::v12) {
    next.give(to_client);
    next.out = {whole};
    ASSERT_EQ(next(), SEC_E_OK);
    EXPECT_EQ(next.out[0].cbBuffer, 0U);
  }
  Bytes record;
  ASSERT_EQ(pair_.client.encrypt("from the caller's memory", record), SEC_E_OK);
  EXPECT_EQ(pair_.server.decrypt(record), "from the caller's memory");
}

TEST_P(Initialize, ISC_21_an_alert_buffer_that_is_not_used_comes_back_empty) {
  Call first = call();
  Bytes memory(16, 0xcc);
  first.out = {
      {0, SECBUFFER_TOKEN, nullptr}, {0, SECBUFFER_ALERT, nullptr}, {0, SECBUFFER_EMPTY, nullptr}};
  ASSERT_EQ(first(), SEC_I_CONTINUE_NEEDED);
  keep(first);
  EXPECT_EQ(first.out[1].cbBuffer, 0U);
  EXPECT_EQ(first.out[2].BufferType, ULONG{SECBUFFER_EMPTY});
  first.take();
}

TEST_P(Initialize, ISC_21_and_ALERT_30_a_failure_is_described_in_the_alert_buffer) {
  for (const bool extended : {false, true}) {
    Pair pair(GetParam());
    pair.client.target = "elsewhere.example";
    pair.client.flags = kClientFlags | (extended ? ISC_REQ_EXTENDED_ERROR : 0);
    Bytes to_server, to_client;
    pair.client.feed({}, to_server);
    pair.server.feed(to_server, to_client);
    Call next;
    next.credential = &pair.client_credential.handle;
    next.context = &pair.client.context;
    next.flags = pair.client.flags;
    next.target = "elsewhere.example";
    next.give(to_client);
    next.out = {{0, SECBUFFER_TOKEN, nullptr},
                {0, SECBUFFER_ALERT, nullptr},
                {0, SECBUFFER_EMPTY, nullptr}};
    ASSERT_EQ(next(), SEC_E_WRONG_PRINCIPAL);
    EXPECT_EQ(next.take(1), (Bytes{2, 42}));
    // ISC-61.
    EXPECT_EQ(next.take(0).empty(), !extended);
  }
}

TEST_P(Initialize, ISC_24_a_read_only_buffer_is_not_written) {
  Bytes memory(0x6000, 0xcc);
  Call first = call();
  first.flags = kClientFlags & ~ULONG{ISC_REQ_ALLOCATE_MEMORY};
  first.out = {{0x6000, SECBUFFER_TOKEN | SECBUFFER_READONLY, memory.data()}};
  EXPECT_LT(first(), 0);
  EXPECT_EQ(memory, Bytes(0x6000, 0xcc));
}

TEST_P(Initialize, ISC_10_no_output_descriptor_or_no_token_buffer) {
  Call first = call();
  first.null_output = true;
  EXPECT_EQ(first(), SEC_E_INVALID_TOKEN);
  first.null_output = false;
  first.out.clear();
  EXPECT_LT(first(), 0);
  first.out = {{0, SECBUFFER_ALERT, nullptr}};
  EXPECT_LT(first(), 0);
  EXPECT_EQ(first.out[0].pvBuffer, nullptr);
}

TEST_P(Initialize, ISC_26_later_calls_without_bytes_are_incomplete) {
  server_flight();
  // libgit2 passes an empty token first; the SDK sample nothing at all.
  Call next = call();
  next.null_input = true;
  next.out = {{17, SECBUFFER_TOKEN, nullptr}};
  EXPECT_EQ(next(), SEC_E_INCOMPLETE_MESSAGE);
  next.null_input = false;
  next.in = {{0, SECBUFFER_TOKEN, nullptr}, {0, SECBUFFER_EMPTY, nullptr}};
  EXPECT_EQ(next(), SEC_E_INCOMPLETE_MESSAGE);
  ASSERT_NE(next.find(SECBUFFER_MISSING), nullptr);
  EXPECT_EQ(next.find(SECBUFFER_MISSING)->cbBuffer, 5U);
  // the token itself is as it was.
  EXPECT_EQ(next.in[0].BufferType, ULONG{SECBUFFER_TOKEN});
}

TEST_P(Initialize, ISC_28_without_an_empty_buffer_the_input_is_used) {
  Bytes flight = server_flight();
  Call next = call();
  next.in = {{static_cast<ULONG>(flight.size() - 1), SECBUFFER_TOKEN, flight.data()}};
  const SECURITY_STATUS status = next();
  EXPECT_TRUE(status == SEC_E_INCOMPLETE_MESSAGE || status == SEC_I_CONTINUE_NEEDED);
  next.take();
  Pair pair(GetParam());
  Bytes to_server, to_client;
  pair.client.feed({}, to_server);
  pair.server.feed(to_server, to_client);
  Call again;
  again.credential = &pair.client_credential.handle;
  again.context = &pair.client.context;
  again.in = {{static_cast<ULONG>(to_client.size()), SECBUFFER_TOKEN, to_client.data()}};
  ASSERT_GE(again(), SEC_E_OK);
  to_client.clear();
  EXPECT_EQ(pair.server.feed(again.take(), to_client), SEC_E_OK);
}

TEST_P(Initialize, ISC_27_only_the_first_empty_buffer_reports) {
  Bytes flight = server_flight();
  Call next = call();
  next.in = {{0, SECBUFFER_EMPTY, nullptr},
             {3, SECBUFFER_TOKEN, flight.data()},
             {0, SECBUFFER_EMPTY, nullptr},
             {0, SECBUFFER_EMPTY, nullptr}};
  EXPECT_EQ(next(), SEC_E_INCOMPLETE_MESSAGE);
  unsigned reports = 0;
  for (const SecBuffer& buffer : next.in) {
    if (buffer.BufferType != SECBUFFER_MISSING) continue;
    ++reports;
    EXPECT_EQ(buffer.cbBuffer, 2U);
  }
  EXPECT_EQ(reports, 1U);
}

TEST_P(Initialize, ISC_31_options_may_come_again_with_every_call) {
  // schannel-rs.
  pair_.client.alpn = application_protocols({"h2", "http/1.1"});
  pair_.server.alpn = application_protocols({"h2"});
  Bytes to_server, to_client;
  pair_.client.feed({}, to_server);
  pair_.server.feed(to_server, to_client);
  Call next = call();
  next.give(to_client);
  Bytes alpn = pair_.client.alpn;
  next.in.push_back(
      {static_cast<ULONG>(alpn.size()), SECBUFFER_APPLICATION_PROTOCOLS, alpn.data()});
  ASSERT_GE(next(), SEC_E_OK);
  to_client.clear();
  ASSERT_EQ(pair_.server.feed(next.take(), to_client), SEC_E_OK);
}

TEST_P(Initialize, ISC_33_protocol_names_of_every_length) {
  for (const std::size_t size : {1U, 16U, 255U}) {
    Pair pair(GetParam());
    const std::string name(size, 'p');
    pair.client.alpn = pair.server.alpn = application_protocols({name});
    ASSERT_TRUE(pair.connect()) << size;
    SecPkgContext_ApplicationProtocol protocol{};
    ASSERT_EQ(
        QueryContextAttributesA(&pair.client.context, SECPKG_ATTR_APPLICATION_PROTOCOL, &protocol),
        SEC_E_OK);
    EXPECT_EQ(protocol.ProtoNegoExt, SecApplicationProtocolNegotiationExt_ALPN);
    EXPECT_EQ(std::string(protocol.ProtocolId, protocol.ProtocolId + protocol.ProtocolIdSize),
              name);
  }
  // An empty name is none (RFC 7301 section 3.1).
  Pair pair(GetParam());
  pair.client.alpn = application_protocols({"h2", ""});
  EXPECT_EQ(pair.client.call({}).status, SEC_E_INVALID_PARAMETER);
}

TEST_P(Initialize, ASC_18_one_side_without_a_list) {
  for (const bool client_has : {true, false}) {
    Pair pair(GetParam());
    (client_has ? pair.client : pair.server).alpn = application_protocols({"h2"});
    ASSERT_TRUE(pair.connect());
    for (Side* side : {&pair.client, &pair.server}) {
      SecPkgContext_ApplicationProtocol protocol{};
      protocol.ProtoNegoStatus = SecApplicationProtocolNegotiationStatus_Success;
      EXPECT_EQ(
          QueryContextAttributesW(&side->context, SECPKG_ATTR_APPLICATION_PROTOCOL, &protocol),
          SEC_E_OK);
      EXPECT_EQ(protocol.ProtoNegoStatus, SecApplicationProtocolNegotiationStatus_None);
    }
  }
}

TEST_P(Initialize, ISC_3_target_names_no_server_has) {
  const std::string names[] = {std::string(300, 'a'),
                               "a b",
                               "..",
                               std::string(70, 'l') + ".org",
                               "\xff\xfe.x",
                               "-",
                               "[::1]",
                               "::1",
                               "1.2.3",
                               "host_name.example",
                               "*",
                               std::string(5000, '.')};
  for (const std::string& name : names) {
    Pair pair(GetParam());
    pair.client.target = name;
    EXPECT_FALSE(pair.connect()) << name;
    EXPECT_TRUE(pair.client.last == SEC_E_WRONG_PRINCIPAL ||
                pair.client.last == SEC_E_TARGET_UNKNOWN)
        << name << ": " << OpenSchannelStatusText(pair.client.last);
  }
}

TEST_P(Initialize, ISC_3_the_wide_form) {
  SecBuffer out{0, SECBUFFER_TOKEN, nullptr};
  SecBufferDesc out_desc{SECBUFFER_VERSION, 1, &out};
  ULONG attributes = 0;
  ASSERT_EQ(InitializeSecurityContextW(&pair_.client_credential.handle, nullptr, L"localhost",
                                       kClientFlags, 0, 0, nullptr, 0, &pair_.client.context,
                                       &out_desc, &attributes, nullptr),
            SEC_I_CONTINUE_NEEDED);
  pair_.client.has_context = true;
  const auto* bytes = static_cast<const unsigned char*>(out.pvBuffer);
  Bytes to_client, to_server;
  pair_.server.feed(Bytes(bytes, bytes + out.cbBuffer), to_client);
  FreeContextBuffer(out.pvBuffer);
  EXPECT_GE(pair_.client.feed(to_client, to_server), SEC_E_OK);
  // A character that is none.
  const wchar_t none[] = {L'a', static_cast<wchar_t>(0xd800), L'b', 0};
  CtxtHandle context{};
  out = {0, SECBUFFER_TOKEN, nullptr};
  const SECURITY_STATUS status =
      InitializeSecurityContextW(&pair_.client_credential.handle, nullptr, none, kClientFlags, 0, 0,
                                 nullptr, 0, &context, &out_desc, &attributes, nullptr);
  EXPECT_EQ(status, SEC_E_TARGET_UNKNOWN);
}

TEST_P(Initialize, HND_13_a_failed_first_call_leaves_no_handle) {
  for (const CtxtHandle& start : {CtxtHandle{0, 0}, kInvalidHandle, CtxtHandle{1, 2}}) {
    pair_.client.context = start;
    Call first = call();
    first.flags = kClientFlags | ISC_REQ_DELEGATE;
    ASSERT_EQ(first(), SEC_E_UNSUPPORTED_FUNCTION);
    EXPECT_EQ(first.out[0].pvBuffer, nullptr);
    // Whatever is there now, a defensive deletion is harmless and finds no context.
    EXPECT_EQ(DeleteSecurityContext(&pair_.client.context), SEC_E_INVALID_HANDLE);
  }
}

TEST_P(Initialize, ISC_47_a_dead_credential_touches_nothing) {
  CredHandle dead{};
  Bytes flight = server_flight();
  {
    Credential short_lived(SECPKG_CRED_OUTBOUND, GetParam());
    dead = short_lived.handle;
  }
  Call next = call();
  next.credential = &dead;
  next.give(flight);
  EXPECT_EQ(next(), SEC_E_INVALID_HANDLE);
  // The same call with a live one goes on.
  next.credential = nullptr;
  next.give(flight);
  EXPECT_GE(next(), SEC_E_OK);
  next.take();
}

TEST_P(Initialize, HND_12_the_handle_of_a_failed_context_is_there_to_be_deleted) {
  const Leg hello = pair_.client.call({});
  ASSERT_LT(pair_.client.call(hello.token).status, 0);
  EXPECT_EQ(DeleteSecurityContext(&pair_.client.context), SEC_E_OK);
  pair_.client.has_context = false;
}

TEST_P(Initialize, ISC_60_after_a_failure_every_function_fails) {
  pair_.client.target = "elsewhere.example";
  Bytes to_server, to_client = server_flight();
  ASSERT_EQ(pair_.client.feed(to_client, to_server), SEC_E_WRONG_PRINCIPAL);
  for (const Bytes& input : {Bytes(), to_client, Bytes{22, 3, 3, 0, 4, 20, 0, 0, 0}}) {
    EXPECT_EQ(pair_.client.call(input).status, SEC_E_WRONG_PRINCIPAL);
  }
  Bytes memory(100);
  SecBuffer message[] = {{20, SECBUFFER_STREAM_HEADER, memory.data()},
                         {4, SECBUFFER_DATA, memory.data() + 20},
                         {30, SECBUFFER_STREAM_TRAILER, memory.data() + 24},
                         {0, SECBUFFER_EMPTY, nullptr}};
  SecBufferDesc desc{SECBUFFER_VERSION, 4, message};
  EXPECT_LT(EncryptMessage(&pair_.client.context, 0, &desc, 0), 0);
  SECURITY_STATUS status = SEC_E_OK;
  Bytes record(40, 23);
  pair_.client.decrypt(record, &status);
  EXPECT_LT(status, 0);
}

TEST_P(Initialize, ISC_38_a_call_on_an_established_context_starts_again) {
  // Section I says how it goes on.
  ASSERT_TRUE(pair_.connect());
  const Leg leg = pair_.client.call({});
  EXPECT_EQ(leg.status, GetParam() == Tls::v13 ? SEC_E_OK : SEC_I_CONTINUE_NEEDED);
  EXPECT_FALSE(leg.token.empty());
  EXPECT_EQ(leg.extra(), 0U);
}

TEST_P(Initialize, ISC_43_only_the_documented_successes_occur) {
  ASSERT_TRUE(pair_.connect(1));
  for (Side* side : {&pair_.client, &pair_.server}) {
    for (const SECURITY_STATUS status : side->statuses) {
      EXPECT_TRUE(status == SEC_E_OK || status == SEC_I_CONTINUE_NEEDED ||
                  status == SEC_E_INCOMPLETE_MESSAGE)
          << OpenSchannelStatusText(status);
    }
    EXPECT_EQ(side->statuses.back(), SEC_E_OK);
  }
}

}  // namespace
}  // namespace contract
