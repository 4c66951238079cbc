#include "support/peer.h"

// EncryptMessage and DecryptMessage (section H), shutdown (J), attributes (K), packages (P).
namespace contract {
namespace {

class Messages : public testing::TestWithParam<Tls> {
 protected:
  void SetUp() override { ASSERT_TRUE(pair_.connect()); }
  Pair pair_{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Tls, Messages, testing::Values(Tls::v12, Tls::v13), name_of);

TEST_P(Messages, ENC_8_every_size_up_to_the_maximum) {
  for (const std::size_t size : {0, 1, 2, 15, 16, 17, 1000, 16383, 16384}) {
    const std::string text(size, 'm');
    Bytes record;
    ASSERT_EQ(pair_.client.encrypt(text, record), SEC_E_OK) << size;
    EXPECT_EQ(pair_.server.decrypt(record), text);
  }
}

TEST_P(Messages, R_18_more_than_the_maximum_writes_nothing) {
  Bytes record;
  EXPECT_EQ(pair_.client.encrypt(std::string(16385, 'm'), record), SEC_E_INVALID_PARAMETER);
  EXPECT_EQ(record[0], 0);
  EXPECT_EQ(pair_.client.encrypt("still works", record), SEC_E_OK);
  EXPECT_EQ(pair_.server.decrypt(record), "still works");
}

TEST_P(Messages, ENC_7_pieces_may_lie_anywhere_and_in_any_order) {
  Bytes header(64), data = {'h', 'i'}, trailer(64);
  SecBuffer buffers[] = {{64, SECBUFFER_STREAM_TRAILER, trailer.data()},
                         {2, SECBUFFER_DATA, data.data()},
                         {64, SECBUFFER_STREAM_HEADER, header.data()}};
  SecBufferDesc desc{SECBUFFER_VERSION, 3, buffers};
  ASSERT_EQ(EncryptMessage(&pair_.client.context, 0, &desc, 0), SEC_E_OK);
  // ENC-6: the actual sizes come back.
  Bytes record(header.begin(), header.begin() + buffers[2].cbBuffer);
  record.insert(record.end(), data.begin(), data.end());
  record.insert(record.end(), trailer.begin(), trailer.begin() + buffers[0].cbBuffer);
  EXPECT_EQ(pair_.server.decrypt(record), "hi");
}

TEST_P(Messages, ENC_15_too_little_room_is_told_and_can_be_tried_again) {
  SecPkgContext_StreamSizes sizes{};
  ASSERT_EQ(QueryContextAttributesA(&pair_.client.context, SECPKG_ATTR_STREAM_SIZES, &sizes),
            SEC_E_OK);
  EXPECT_EQ(sizes.cbMaximumMessage, 16384U);
  EXPECT_EQ(sizes.cBuffers, 4U);
  Bytes memory(100);
  for (const bool short_header : {true, false}) {
    SecBuffer buffers[] = {
        {sizes.cbHeader - (short_header ? 1 : 0), SECBUFFER_STREAM_HEADER, memory.data()},
        {10, SECBUFFER_DATA, memory.data() + 20},
        {short_header ? sizes.cbTrailer : 15, SECBUFFER_STREAM_TRAILER, memory.data() + 40},
        {0, SECBUFFER_EMPTY, nullptr}};
    SecBufferDesc desc{SECBUFFER_VERSION, 4, buffers};
    EXPECT_EQ(EncryptMessage(&pair_.client.context, 0, &desc, 0), SEC_E_BUFFER_TOO_SMALL);
  }
  Bytes record;
  ASSERT_EQ(pair_.client.encrypt("again", record), SEC_E_OK);
  EXPECT_EQ(pair_.server.decrypt(record), "again");
}

TEST_P(Messages, ENC_19_wrong_buffers_are_an_invalid_token) {
  Bytes memory(100);
  SecBuffer header{20, SECBUFFER_STREAM_HEADER, memory.data()};
  SecBuffer data{10, SECBUFFER_DATA, memory.data() + 20};
  SecBuffer trailer{20, SECBUFFER_STREAM_TRAILER, memory.data() + 40};
  SecBuffer read_only{10, SECBUFFER_DATA | SECBUFFER_READONLY, memory.data() + 20};
  const std::vector<std::vector<SecBuffer>> wrong = {{header, trailer},
                                                     {header, data},
                                                     {data, trailer},
                                                     {header, data, data, trailer},
                                                     {header, read_only, trailer},
                                                     {}};
  for (std::vector<SecBuffer> buffers : wrong) {
    SecBufferDesc desc{SECBUFFER_VERSION, static_cast<ULONG>(buffers.size()), buffers.data()};
    EXPECT_EQ(EncryptMessage(&pair_.client.context, 0, &desc, 0), SEC_E_INVALID_TOKEN);
  }
  EXPECT_EQ(EncryptMessage(&pair_.client.context, 0, nullptr, 0), SEC_E_INVALID_TOKEN);
  SecBufferDesc no_buffers{SECBUFFER_VERSION, 4, nullptr};
  EXPECT_EQ(EncryptMessage(&pair_.client.context, 0, &no_buffers, 0), SEC_E_INVALID_TOKEN);
}

TEST_P(Messages, ENC_11_an_alert_of_the_callers_own) {
  SecPkgContext_StreamSizes sizes{};
  QueryContextAttributesA(&pair_.client.context, SECPKG_ATTR_STREAM_SIZES, &sizes);
  Bytes record(sizes.cbHeader + 2 + sizes.cbTrailer);
  record[sizes.cbHeader] = 1;  // warning, close_notify
  SecBuffer buffers[] = {
      {sizes.cbHeader, SECBUFFER_STREAM_HEADER, record.data()},
      {2, SECBUFFER_DATA, record.data() + sizes.cbHeader},
      {sizes.cbTrailer, SECBUFFER_STREAM_TRAILER, record.data() + sizes.cbHeader + 2},
      {0, SECBUFFER_EMPTY, nullptr}};
  SecBufferDesc desc{SECBUFFER_VERSION, 4, buffers};
  ASSERT_EQ(EncryptMessage(&pair_.client.context, SECQOP_WRAP_OOB_DATA, &desc, 0), SEC_E_OK);
  SECURITY_STATUS status = SEC_E_OK;
  EXPECT_FALSE(pair_.server.decrypt(record, &status));
  EXPECT_EQ(status, SEC_I_CONTEXT_EXPIRED);
}

TEST_P(Messages, DEC_5_one_record_a_call_in_place_and_the_rest_is_extra) {
  Bytes first, second;
  ASSERT_EQ(pair_.client.encrypt("first", first), SEC_E_OK);
  ASSERT_EQ(pair_.client.encrypt("second", second), SEC_E_OK);
  Bytes all = first;
  all.insert(all.end(), second.begin(), second.end());
  SecBuffer buffers[] = {{static_cast<ULONG>(all.size()), SECBUFFER_DATA, all.data()},
                         {1, SECBUFFER_EMPTY, nullptr},
                         {0xdeadbeef, SECBUFFER_EMPTY, &all},  // never looked at
                         {0, SECBUFFER_EMPTY, nullptr},
                         {0, SECBUFFER_EMPTY, nullptr}};
  SecBufferDesc desc{SECBUFFER_VERSION, 5, buffers};
  ULONG qop = 99;
  ASSERT_EQ(DecryptMessage(&pair_.server.context, &desc, 0, &qop), SEC_E_OK);
  EXPECT_EQ(qop, 0U);
  EXPECT_EQ(buffers[0].BufferType, ULONG{SECBUFFER_STREAM_HEADER});
  EXPECT_EQ(buffers[0].pvBuffer, all.data());
  EXPECT_EQ(buffers[1].BufferType, ULONG{SECBUFFER_DATA});
  EXPECT_EQ(buffers[1].pvBuffer, all.data() + buffers[0].cbBuffer);
  EXPECT_EQ(std::string(static_cast<char*>(buffers[1].pvBuffer), buffers[1].cbBuffer), "first");
  EXPECT_EQ(buffers[2].BufferType, ULONG{SECBUFFER_STREAM_TRAILER});
  EXPECT_EQ(buffers[0].cbBuffer + buffers[1].cbBuffer + buffers[2].cbBuffer, first.size());
  EXPECT_EQ(buffers[3].BufferType, ULONG{SECBUFFER_EXTRA});
  EXPECT_EQ(buffers[3].cbBuffer, second.size());
  EXPECT_EQ(buffers[3].pvBuffer, all.data() + first.size());
  // DEC-6: the second record is untouched.
  EXPECT_EQ(Bytes(all.begin() + static_cast<long>(first.size()), all.end()), second);
  EXPECT_EQ(pair_.server.decrypt(second), "second");
}

TEST_P(Messages, DEC_11_incomplete_input_is_left_as_it_is_with_what_is_missing) {
  Bytes record;
  ASSERT_EQ(pair_.client.encrypt("whole", record), SEC_E_OK);
  const Bytes before = record;
  for (std::size_t size = 0; size < record.size(); ++size) {
    SecBuffer buffers[] = {{static_cast<ULONG>(size), SECBUFFER_DATA, record.data()},
                           {0, SECBUFFER_EMPTY, nullptr},
                           {0, SECBUFFER_EMPTY, nullptr},
                           {0, SECBUFFER_EMPTY, nullptr}};
    SecBufferDesc desc{SECBUFFER_VERSION, 4, buffers};
    ASSERT_EQ(DecryptMessage(&pair_.server.context, &desc, 0, nullptr), SEC_E_INCOMPLETE_MESSAGE);
    const ULONG missing = static_cast<ULONG>(size < 5 ? 5 - size : record.size() - size);
    for (const int i : {0, 1}) {
      EXPECT_EQ(buffers[i].BufferType, ULONG{SECBUFFER_MISSING});
      EXPECT_EQ(buffers[i].cbBuffer, missing);
    }
    EXPECT_EQ(record, before);
  }
  EXPECT_EQ(pair_.server.decrypt(record), "whole");
}

TEST_P(Messages, DEC_15_wrong_buffers_are_an_invalid_token) {
  Bytes record;
  ASSERT_EQ(pair_.client.encrypt("text", record), SEC_E_OK);
  const SecBuffer data{static_cast<ULONG>(record.size()), SECBUFFER_DATA, record.data()};
  const SecBuffer empty{0, SECBUFFER_EMPTY, nullptr};
  const SecBuffer extra{0, SECBUFFER_EXTRA, nullptr};
  const std::vector<std::vector<SecBuffer>> wrong = {{data, empty, empty},
                                                     {empty, empty, empty, empty},
                                                     {data, data, empty, empty},
                                                     {data, extra, empty, empty},
                                                     {data}};
  for (std::vector<SecBuffer> buffers : wrong) {
    SecBufferDesc desc{SECBUFFER_VERSION, static_cast<ULONG>(buffers.size()), buffers.data()};
    EXPECT_EQ(DecryptMessage(&pair_.server.context, &desc, 0, nullptr), SEC_E_INVALID_TOKEN);
  }
  EXPECT_EQ(DecryptMessage(&pair_.server.context, nullptr, 0, nullptr), SEC_E_INVALID_TOKEN);
  EXPECT_EQ(pair_.server.decrypt(record), "text");
}

TEST_P(Messages, DEC_16_a_changed_record_is_fatal_and_shows_no_plaintext) {
  SecPkgContext_StreamSizes sizes{};
  QueryContextAttributesA(&pair_.client.context, SECPKG_ATTR_STREAM_SIZES, &sizes);
  Bytes record;
  ASSERT_EQ(pair_.client.encrypt("a secret message", record), SEC_E_OK);
  record.back() ^= 1;
  SECURITY_STATUS status = SEC_E_OK;
  EXPECT_FALSE(pair_.server.decrypt(record, &status));
  EXPECT_EQ(status, SEC_E_MESSAGE_ALTERED);
  EXPECT_EQ(std::string(record.begin(), record.end()).find("secret"), std::string::npos);
  Bytes next;
  ASSERT_EQ(pair_.client.encrypt("next", next), SEC_E_OK);
  EXPECT_FALSE(pair_.server.decrypt(next, &status));
  EXPECT_LT(status, 0);
  EXPECT_LT(pair_.server.encrypt("answer", next), 0);
}

TEST_P(Messages, DEC_16_records_replayed_reordered_or_lost_are_told) {
  Bytes first, second;
  ASSERT_EQ(pair_.client.encrypt("first", first), SEC_E_OK);
  ASSERT_EQ(pair_.client.encrypt("second", second), SEC_E_OK);
  SECURITY_STATUS status = SEC_E_OK;
  EXPECT_FALSE(pair_.server.decrypt(second, &status));
  EXPECT_EQ(status, SEC_E_MESSAGE_ALTERED);
}

TEST_P(Messages, ENC_21_before_the_end_of_the_handshake_there_are_no_messages) {
  Pair fresh(GetParam());
  fresh.client.call({});
  Bytes record(100);
  SECURITY_STATUS status = SEC_E_OK;
  EXPECT_FALSE(fresh.client.decrypt(record, &status));
  EXPECT_EQ(status, SEC_E_INVALID_HANDLE);
}

// --- J: shutdown ---

/// The call after ApplyControlToken, with whatever a caller passes.
SECURITY_STATUS closing_call(Side& side, bool through_isc, Bytes& token) {
  SecBuffer out{0, SECBUFFER_TOKEN, nullptr};
  SecBufferDesc out_desc{SECBUFFER_VERSION, 1, &out};
  ULONG attributes = 0;
  const SECURITY_STATUS status =
      through_isc ? InitializeSecurityContextA(nullptr, &side.context, nullptr, kClientFlags, 0, 0,
                                               nullptr, 0, nullptr, &out_desc, &attributes, nullptr)
                  : AcceptSecurityContext(nullptr, &side.context, nullptr, kServerFlags, 0, nullptr,
                                          &out_desc, &attributes, nullptr);
  const auto* bytes = static_cast<const unsigned char*>(out.pvBuffer);
  token.assign(bytes, bytes + out.cbBuffer);
  FreeContextBuffer(out.pvBuffer);
  return status;
}

TEST_P(Messages, SHUT_2_to_6_close_notify_both_ways) {
  Bytes notify;
  ASSERT_EQ(apply(&pair_.client.context, DWORD{SCHANNEL_SHUTDOWN}), SEC_E_OK);
  ASSERT_EQ(closing_call(pair_.client, true, notify), SEC_E_OK);
  ASSERT_FALSE(notify.empty());
  // SHUT-7: nothing more is sealed; the other direction still works.
  Bytes record;
  EXPECT_EQ(pair_.client.encrypt("late", record), SEC_E_CONTEXT_EXPIRED);
  ASSERT_EQ(pair_.server.encrypt("half open", record), SEC_E_OK);
  EXPECT_EQ(pair_.client.decrypt(record), "half open");
  SECURITY_STATUS status = SEC_E_OK;
  EXPECT_FALSE(pair_.server.decrypt(notify, &status));
  EXPECT_EQ(status, SEC_I_CONTEXT_EXPIRED);
  EXPECT_FALSE(pair_.server.decrypt(notify, &status));
  EXPECT_EQ(status, SEC_E_CONTEXT_EXPIRED);  // DEC-19
  ASSERT_EQ(apply(&pair_.server.context, DWORD{SCHANNEL_SHUTDOWN}), SEC_E_OK);
  ASSERT_EQ(closing_call(pair_.server, false, notify), SEC_E_OK);
  EXPECT_FALSE(pair_.client.decrypt(notify, &status));
  EXPECT_EQ(status, SEC_I_CONTEXT_EXPIRED);
}

TEST_P(Messages, R_14_shutdown_may_be_repeated_and_a_server_may_use_isc) {
  Bytes first, second;
  ASSERT_EQ(apply(&pair_.server.context, DWORD{SCHANNEL_SHUTDOWN}), SEC_E_OK);
  ASSERT_EQ(closing_call(pair_.server, true, first), SEC_E_OK);
  ASSERT_EQ(apply(&pair_.server.context, DWORD{SCHANNEL_SHUTDOWN}), SEC_E_OK);
  ASSERT_EQ(closing_call(pair_.server, true, second), SEC_E_OK);
  EXPECT_EQ(first.size(), second.size());
  Bytes none;
  EXPECT_EQ(closing_call(pair_.server, true, none), SEC_I_CONTEXT_EXPIRED);
  EXPECT_TRUE(none.empty());
}

TEST_P(Messages, R_14_the_output_may_be_the_buffer_of_the_token_or_the_input) {
  DWORD shutdown = SCHANNEL_SHUTDOWN;
  SecBuffer buffer{sizeof shutdown, SECBUFFER_TOKEN, &shutdown};
  SecBufferDesc desc{SECBUFFER_VERSION, 1, &buffer};
  ASSERT_EQ(ApplyControlToken(&pair_.client.context, &desc), SEC_E_OK);
  ULONG attributes = 0;
  ASSERT_EQ(InitializeSecurityContextA(&pair_.client_credential.handle, &pair_.client.context,
                                       nullptr, kClientFlags, 0, 0, nullptr, 0,
                                       &pair_.client.context, &desc, &attributes, nullptr),
            SEC_E_OK);
  EXPECT_NE(buffer.pvBuffer, &shutdown);
  EXPECT_EQ(FreeContextBuffer(buffer.pvBuffer), SEC_E_OK);
  // libgit2: one descriptor for both.
  ASSERT_EQ(apply(&pair_.client.context, DWORD{SCHANNEL_SHUTDOWN}), SEC_E_OK);
  buffer = {0, SECBUFFER_TOKEN, nullptr};
  ASSERT_EQ(InitializeSecurityContextA(&pair_.client_credential.handle, &pair_.client.context,
                                       nullptr, kClientFlags, 0, 0, &desc, 0, nullptr, &desc,
                                       &attributes, nullptr),
            SEC_E_OK);
  EXPECT_GT(buffer.cbBuffer, 0U);
  FreeContextBuffer(buffer.pvBuffer);
}

TEST_P(Messages, SHUT_9_an_alert_token_sends_its_alert) {
  SCHANNEL_ALERT_TOKEN alert{SCHANNEL_ALERT, TLS1_ALERT_FATAL, TLS1_ALERT_ACCESS_DENIED};
  ASSERT_EQ(apply(&pair_.server.context, alert), SEC_E_OK);
  Bytes token;
  ASSERT_EQ(closing_call(pair_.server, false, token), SEC_E_OK);
  SECURITY_STATUS status = SEC_E_OK;
  EXPECT_FALSE(pair_.client.decrypt(token, &status));
  EXPECT_EQ(status, SEC_E_LOGON_DENIED);
}

TEST_P(Messages, SHUT_11_wrong_control_tokens) {
  CtxtHandle* context = &pair_.client.context;
  DWORD type = SCHANNEL_SHUTDOWN;
  SecBuffer two[2] = {{4, SECBUFFER_TOKEN, &type}, {4, SECBUFFER_TOKEN, &type}};
  SecBufferDesc desc{SECBUFFER_VERSION, 2, two};
  EXPECT_EQ(ApplyControlToken(context, &desc), SEC_E_INVALID_TOKEN);
  desc.cBuffers = 1;
  two[0].BufferType = SECBUFFER_DATA;
  EXPECT_EQ(ApplyControlToken(context, &desc), SEC_E_INVALID_TOKEN);
  two[0] = {3, SECBUFFER_TOKEN, &type};
  EXPECT_EQ(ApplyControlToken(context, &desc), SEC_E_UNSUPPORTED_FUNCTION);
  EXPECT_EQ(apply(context, DWORD{77}), SEC_E_UNSUPPORTED_FUNCTION);
  EXPECT_EQ(ApplyControlToken(context, nullptr), SEC_E_INTERNAL_ERROR);
  EXPECT_EQ(ApplyControlToken(nullptr, &desc), SEC_E_INVALID_HANDLE);
}

// --- K: attributes ---

TEST_P(Messages, ATTR_28_the_peers_certificate_with_its_store) {
  PCCERT_CONTEXT peer = nullptr;
  ASSERT_EQ(QueryContextAttributesW(&pair_.client.context, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &peer),
            SEC_E_OK);
  ASSERT_EQ(peer->cbCertEncoded, server_certificate()->cbCertEncoded);
  EXPECT_EQ(
      std::memcmp(peer->pbCertEncoded, server_certificate()->pbCertEncoded, peer->cbCertEncoded),
      0);
  // the leaf first, sharing its bytes.
  PCCERT_CONTEXT first = CertEnumCertificatesInStore(peer->hCertStore, nullptr);
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->pbCertEncoded, peer->pbCertEncoded);
  CertFreeCertificateContext(first);
  CertFreeCertificateContext(peer);
  // ATTR-29: the server's own; a client that sent none has none.
  ASSERT_EQ(QueryContextAttributesW(&pair_.server.context, SECPKG_ATTR_LOCAL_CERT_CONTEXT, &peer),
            SEC_E_OK);
  CertFreeCertificateContext(peer);
  EXPECT_EQ(QueryContextAttributesW(&pair_.client.context, SECPKG_ATTR_LOCAL_CERT_CONTEXT, &peer),
            SEC_E_NO_CREDENTIALS);
}

TEST_P(Messages, ATTR_42_and_43_what_was_negotiated) {
  SecPkgContext_ConnectionInfo info{};
  ASSERT_EQ(QueryContextAttributesA(&pair_.client.context, SECPKG_ATTR_CONNECTION_INFO, &info),
            SEC_E_OK);
  const bool tls13 = GetParam() == Tls::v13;
  EXPECT_EQ(info.dwProtocol, tls13 ? DWORD{SP_PROT_TLS1_3_CLIENT} : DWORD{SP_PROT_TLS1_2_CLIENT});
  EXPECT_EQ(info.aiCipher, ALG_ID{CALG_AES_256});
  EXPECT_EQ(info.dwCipherStrength, 256U);
  EXPECT_EQ(info.aiExch, ALG_ID{CALG_ECDH_EPHEM});
  SecPkgContext_CipherInfo cipher{};
  cipher.dwVersion = SECPKGCONTEXT_CIPHERINFO_V1;
  ASSERT_EQ(QueryContextAttributesW(&pair_.server.context, SECPKG_ATTR_CIPHER_INFO, &cipher),
            SEC_E_OK);
  EXPECT_EQ(cipher.dwProtocol, tls13 ? 0x0304U : 0x0303U);
  EXPECT_STREQ(cipher.szCipherSuite,
               tls13 ? L"TLS_AES_256_GCM_SHA384" : L"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384");
  EXPECT_STREQ(cipher.szCipher, L"AES");
}

TEST_P(Messages, ATTR_texts_in_both_widths) {
  SecPkgContext_NamesA narrow{};
  SecPkgContext_NamesW wide{};
  ASSERT_EQ(QueryContextAttributesA(&pair_.client.context, SECPKG_ATTR_NAMES, &narrow), SEC_E_OK);
  ASSERT_EQ(QueryContextAttributesW(&pair_.client.context, SECPKG_ATTR_NAMES, &wide), SEC_E_OK);
  EXPECT_NE(std::string(narrow.sUserName).find("localhost"), std::string::npos);
  EXPECT_NE(std::wstring(wide.sUserName).find(L"localhost"), std::wstring::npos);
  EXPECT_EQ(FreeContextBuffer(narrow.sUserName), SEC_E_OK);
  EXPECT_EQ(FreeContextBuffer(wide.sUserName), SEC_E_OK);
  EXPECT_EQ(QueryContextAttributesA(&pair_.server.context, SECPKG_ATTR_NAMES, &narrow),
            SEC_E_NO_CREDENTIALS);
}

TEST_P(Messages, ATTR_all_that_this_version_has) {
  SecPkgContext_Sizes sizes{};
  SecPkgContext_Lifespan lifespan{};
  SecPkgContext_Flags flags{};
  SecPkgContext_PackageInfoA package{};
  SecPkgContext_ProtoInfoA protocol{};
  SecPkgContext_ApplicationProtocol alpn{};
  CtxtHandle* context = &pair_.client.context;
  EXPECT_EQ(QueryContextAttributesA(context, SECPKG_ATTR_SIZES, &sizes), SEC_E_OK);
  EXPECT_EQ(sizes.cbMaxToken, 0x6000U);
  EXPECT_EQ(QueryContextAttributesA(context, SECPKG_ATTR_LIFESPAN, &lifespan), SEC_E_OK);
  EXPECT_EQ(lifespan.tsExpiry.LowPart, server_certificate()->pCertInfo->NotAfter.dwLowDateTime);
  EXPECT_EQ(QueryContextAttributesA(context, SECPKG_ATTR_FLAGS, &flags), SEC_E_OK);
  EXPECT_EQ(flags.Flags, kClientFlags);
  EXPECT_EQ(QueryContextAttributesA(context, SECPKG_ATTR_PACKAGE_INFO, &package), SEC_E_OK);
  EXPECT_STREQ(package.PackageInfo->Name, UNISP_NAME_A);
  FreeContextBuffer(package.PackageInfo);
  EXPECT_EQ(QueryContextAttributesA(context, SECPKG_ATTR_PROTO_INFO, &protocol), SEC_E_OK);
  FreeContextBuffer(protocol.sProtocolName);
  EXPECT_EQ(QueryContextAttributesA(context, SECPKG_ATTR_APPLICATION_PROTOCOL, &alpn), SEC_E_OK);
  EXPECT_EQ(alpn.ProtoNegoStatus, SecApplicationProtocolNegotiationStatus_None);  // ATTR-41
}

TEST_P(Messages, ATTR_2_unknown_and_premature_attributes) {
  Bytes room(4096);
  for (const ULONG attribute :
       {ULONG{3}, ULONG{8}, ULONG{0x52}, ULONG{0x7fff}, ULONG{0x80000086}}) {
    EXPECT_EQ(QueryContextAttributesA(&pair_.client.context, attribute, room.data()),
              SEC_E_UNSUPPORTED_FUNCTION)
        << attribute;
  }
  Pair fresh(GetParam());
  fresh.client.call({});
  EXPECT_EQ(
      QueryContextAttributesA(&fresh.client.context, SECPKG_ATTR_REMOTE_CERT_CONTEXT, room.data()),
      SEC_E_INVALID_HANDLE);
  // ATTR-12 of a context on its way: the most that may be needed.
  SecPkgContext_StreamSizes sizes{};
  EXPECT_EQ(QueryContextAttributesA(&fresh.client.context, SECPKG_ATTR_STREAM_SIZES, &sizes),
            SEC_E_OK);
}

TEST_P(Messages, ATTR_3_the_ex_form_checks_its_size) {
  SecPkgContext_StreamSizes sizes{};
  EXPECT_EQ(QueryContextAttributesExA(&pair_.client.context, SECPKG_ATTR_STREAM_SIZES, &sizes,
                                      sizeof sizes - 1),
            SEC_E_BUFFER_TOO_SMALL);
  EXPECT_EQ(QueryContextAttributesExW(&pair_.client.context, SECPKG_ATTR_STREAM_SIZES, &sizes,
                                      sizeof sizes),
            SEC_E_OK);
}

// --- P: packages ---

TEST(Packages, PKG_1_to_5_enumerated_and_by_name) {
  ULONG count = 0;
  PSecPkgInfoA packages = nullptr;
  ASSERT_EQ(EnumerateSecurityPackagesA(&count, &packages), SEC_E_OK);
  ASSERT_EQ(count, 2U);
  EXPECT_STREQ(packages[0].Name, UNISP_NAME_A);
  EXPECT_STREQ(packages[1].Name, "Schannel");
  EXPECT_EQ(packages[0].fCapabilities, 0x107B3U);
  EXPECT_EQ(packages[0].wVersion, 1);
  EXPECT_EQ(packages[0].wRPCID, 14);
  EXPECT_EQ(packages[0].cbMaxToken, 0x6000U);
  EXPECT_EQ(FreeContextBuffer(packages), SEC_E_OK);
  PSecPkgInfoW wide = nullptr;
  ASSERT_EQ(QuerySecurityPackageInfoW(L"Schannel", &wide), SEC_E_OK);
  EXPECT_STREQ(wide->Name, L"Schannel");
  FreeContextBuffer(wide);
  EXPECT_EQ(QuerySecurityPackageInfoW(L"NTLM", &wide), SEC_E_SECPKG_NOT_FOUND);
}

TEST(Packages, PKG_7_the_function_table_holds_the_functions) {
  const SecurityFunctionTableA* table = InitSecurityInterfaceA();
  ASSERT_NE(table, nullptr);
  EXPECT_EQ(table->dwVersion, ULONG{SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION_5});
  EXPECT_EQ(table->InitializeSecurityContextA, &InitializeSecurityContextA);
  EXPECT_EQ(table->DecryptMessage, &DecryptMessage);
  const SecurityFunctionTableW* wide = InitSecurityInterfaceW();
  ASSERT_NE(wide, nullptr);
  EXPECT_EQ(wide->AcquireCredentialsHandleW, &AcquireCredentialsHandleW);
  EXPECT_EQ(wide->QueryContextAttributesExW, &QueryContextAttributesExW);
}

TEST(Packages, PKG_10_what_is_not_built_says_so) {
  Pair pair(Tls::v13);
  ASSERT_TRUE(pair.connect());
  CtxtHandle* context = &pair.client.context;
  EXPECT_EQ(CompleteAuthToken(context, nullptr), SEC_E_UNSUPPORTED_FUNCTION);
  EXPECT_EQ(MakeSignature(context, 0, nullptr, 0), SEC_E_UNSUPPORTED_FUNCTION);
  EXPECT_EQ(VerifySignature(context, nullptr, 0, nullptr), SEC_E_UNSUPPORTED_FUNCTION);
}

}  // namespace
}  // namespace contract
