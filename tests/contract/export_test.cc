#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "support/call.h"

// ExportSecurityContext and ImportSecurityContext (contract PKG-11, PKG-12): a connection goes on
// in another process.
namespace contract {
namespace {

const Bytes kKey(32, 0x4b);

/// The bytes of an export, given back when they are no longer needed.
class Packed {
 public:
  Packed() = default;
  Packed(const Packed&) = delete;
  Packed& operator=(const Packed&) = delete;
  ~Packed() { FreeContextBuffer(buffer.pvBuffer); }

  SECURITY_STATUS take(CtxtHandle& context, ULONG flags = SECPKG_CONTEXT_EXPORT_DELETE_OLD) {
    return ExportSecurityContext(&context, flags, &buffer, nullptr);
  }
  unsigned char* bytes() { return static_cast<unsigned char*>(buffer.pvBuffer); }

  SecBuffer buffer{0, SECBUFFER_EMPTY, nullptr};
};

SECURITY_STATUS import(Packed& packed, CtxtHandle& context) {
  return ImportSecurityContextA(UNISP_NAME_A, &packed.buffer, nullptr, &context);
}

/// Moves a side's context out and back in again.
void move(Side& side) {
  Packed packed;
  ASSERT_EQ(packed.take(side.context), SEC_E_OK) << OpenSchannelErrorDetail();
  ASSERT_EQ(import(packed, side.context), SEC_E_OK) << OpenSchannelErrorDetail();
}

void expect_arrives(Side& from, Side& to, const std::string& text) {
  Bytes record;
  ASSERT_EQ(from.encrypt(text, record), SEC_E_OK) << OpenSchannelErrorDetail();
  EXPECT_EQ(to.decrypt(record), text) << OpenSchannelErrorDetail();
}

/// Does what `body` says in a child process, which must return true.
template <class Body>
void in_child(Body body) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) _exit(body() ? 0 : 1);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
}

class Export : public testing::TestWithParam<Tls> {
 protected:
  void SetUp() override { ASSERT_TRUE(pair_.connect()); }
  Pair pair_{GetParam()};
};

TEST_P(Export, PKG_12_both_sides_go_on_where_they_stopped) {
  expect_arrives(pair_.client, pair_.server, "one");
  move(pair_.server);
  expect_arrives(pair_.client, pair_.server, "two");
  expect_arrives(pair_.server, pair_.client, "three");
  move(pair_.client);
  expect_arrives(pair_.client, pair_.server, "four");
  expect_arrives(pair_.server, pair_.client, "five");
  move(pair_.server);
  expect_arrives(pair_.server, pair_.client, "a context may move again");
}

TEST_P(Export, PKG_12_another_process_serves_the_connection) {
  Packed packed;
  ASSERT_EQ(packed.take(pair_.server.context), SEC_E_OK);
  pair_.server.has_context = false;
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  Bytes request;
  ASSERT_EQ(pair_.client.encrypt("who are you?", request), SEC_E_OK);
  in_child([&] {
    Side worker(true, nullptr);
    Bytes answer;
    const bool done = import(packed, worker.context) == SEC_E_OK &&
                      worker.decrypt(request) == "who are you?" &&
                      worker.encrypt("the worker", answer) == SEC_E_OK;
    return done && write(ends[1], answer.data(), answer.size()) == ssize_t(answer.size());
  });
  Bytes answer(4096);
  const ssize_t size = read(ends[0], answer.data(), answer.size());
  close(ends[0]);
  close(ends[1]);
  ASSERT_GT(size, 0);
  answer.resize(static_cast<std::size_t>(size));
  EXPECT_EQ(pair_.client.decrypt(answer), "the worker");
  CtxtHandle again;
  EXPECT_EQ(import(packed, again), SEC_E_NO_CREDENTIALS) << "the child has it";
}

TEST_P(Export, PKG_11_the_context_that_was_left_only_answers_queries) {
  Packed packed;
  SecPkgContext_CipherInfo before{}, after{};
  before.dwVersion = after.dwVersion = SECPKGCONTEXT_CIPHERINFO_V1;
  CtxtHandle& context = pair_.server.context;
  ASSERT_EQ(QueryContextAttributesA(&context, SECPKG_ATTR_CIPHER_INFO, &before), SEC_E_OK);
  ASSERT_EQ(packed.take(context, 0), SEC_E_OK);
  ASSERT_EQ(QueryContextAttributesA(&context, SECPKG_ATTR_CIPHER_INFO, &after), SEC_E_OK);
  EXPECT_EQ(after.dwCipherSuite, before.dwCipherSuite);

  Bytes record;
  EXPECT_EQ(pair_.server.encrypt("twice under one nonce", record), SEC_E_CONTEXT_EXPIRED);
  ASSERT_EQ(pair_.client.encrypt("hello", record), SEC_E_OK);
  SECURITY_STATUS status = SEC_E_OK;
  EXPECT_FALSE(pair_.server.decrypt(record, &status));
  EXPECT_EQ(status, SEC_E_CONTEXT_EXPIRED);
  EXPECT_EQ(pair_.server.call({}).status, SEC_E_CONTEXT_EXPIRED);
  Packed again;
  EXPECT_EQ(again.take(context), SEC_E_CONTEXT_EXPIRED);
  EXPECT_EQ(DeleteSecurityContext(&context), SEC_E_OK);
  pair_.server.has_context = false;
}

TEST_P(Export, PKG_11_DELETE_OLD_deletes_the_handle) {
  Packed packed;
  ASSERT_EQ(packed.take(pair_.client.context), SEC_E_OK);
  SecPkgContext_StreamSizes sizes{};
  EXPECT_EQ(QueryContextAttributesA(&pair_.client.context, SECPKG_ATTR_STREAM_SIZES, &sizes),
            SEC_E_INVALID_HANDLE);
  Packed again;
  EXPECT_EQ(again.take(pair_.client.context), SEC_E_INVALID_HANDLE);
}

TEST_P(Export, PKG_12_a_context_is_imported_once) {
  Packed packed;
  ASSERT_EQ(packed.take(pair_.server.context), SEC_E_OK);
  ASSERT_EQ(import(packed, pair_.server.context), SEC_E_OK);
  CtxtHandle second;
  EXPECT_EQ(import(packed, second), SEC_E_NO_CREDENTIALS);
  EXPECT_EQ(second.dwLower, kInvalidHandle.dwLower);
  EXPECT_EQ(second.dwUpper, kInvalidHandle.dwUpper);
  expect_arrives(pair_.server, pair_.client, "the first import is not disturbed");
}

TEST_P(Export, PKG_12_altered_bytes_are_refused_and_spoil_nothing) {
  Packed packed;
  ASSERT_EQ(packed.take(pair_.server.context), SEC_E_OK);
  pair_.server.has_context = false;
  for (ULONG i = 0; i < packed.buffer.cbBuffer; i += i < 64 ? 1 : 17) {
    packed.bytes()[i] ^= 1;
    CtxtHandle context;
    const SECURITY_STATUS status = import(packed, context);
    // The secret is found by half of the salt.
    const bool is_name = i >= 6 && i < 22;
    EXPECT_EQ(status, is_name ? SEC_E_NO_CREDENTIALS : SEC_E_UNKNOWN_CREDENTIALS) << i;
    packed.bytes()[i] ^= 1;
  }
  for (ULONG size = 0; size < 64; ++size) {
    SecBuffer part{size, SECBUFFER_EMPTY, packed.buffer.pvBuffer};
    CtxtHandle context;
    EXPECT_EQ(ImportSecurityContextA(UNISP_NAME_A, &part, nullptr, &context),
              SEC_E_UNKNOWN_CREDENTIALS);
  }
  ASSERT_EQ(import(packed, pair_.server.context), SEC_E_OK);
  pair_.server.has_context = true;
  expect_arrives(pair_.server, pair_.client, "whole again");
}

TEST_P(Export, PKG_12_another_user_gets_nothing) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  Packed packed;
  ASSERT_EQ(packed.take(pair_.server.context), SEC_E_OK);
  in_child([&] {
    CtxtHandle context;
    return setuid(65534) == 0 && import(packed, context) == SEC_E_NOT_OWNER;
  });
  ASSERT_EQ(import(packed, pair_.server.context), SEC_E_OK);
}

TEST_P(Export, PKG_11_a_key_of_the_callers_seals_for_another_machine) {
  Packed packed;
  CtxtHandle& context = pair_.server.context;
  const auto size = static_cast<DWORD>(kKey.size());
  EXPECT_EQ(OpenSchannelExportSecurityContext(&context, 0, kKey.data(), 31, &packed.buffer),
            SEC_E_INVALID_PARAMETER);
  EXPECT_EQ(OpenSchannelExportSecurityContext(&context, 0, nullptr, 0, &packed.buffer),
            SEC_E_INVALID_PARAMETER);
  ASSERT_EQ(OpenSchannelExportSecurityContext(&context, SECPKG_CONTEXT_EXPORT_DELETE_OLD,
                                              kKey.data(), size, &packed.buffer),
            SEC_E_OK);
  Bytes other = kKey;
  other[31] ^= 1;
  EXPECT_EQ(OpenSchannelImportSecurityContext(other.data(), size, &packed.buffer, &context),
            SEC_E_UNKNOWN_CREDENTIALS);
  EXPECT_EQ(import(packed, context), SEC_E_UNKNOWN_CREDENTIALS) << "it is of the other kind";
  ASSERT_EQ(OpenSchannelImportSecurityContext(kKey.data(), size, &packed.buffer, &context),
            SEC_E_OK);
  expect_arrives(pair_.client, pair_.server, "hello");
  expect_arrives(pair_.server, pair_.client, "hello yourself");
}

TEST_P(Export, PKG_11_the_packed_bytes_hold_no_name_and_no_certificate) {
  Packed packed;
  ASSERT_EQ(packed.take(pair_.client.context), SEC_E_OK);
  const std::string all(reinterpret_cast<const char*>(packed.bytes()), packed.buffer.cbBuffer);
  EXPECT_EQ(all.find("localhost"), std::string::npos);
  const PCCERT_CONTEXT certificate = server_certificate();
  const auto* from = certificate->pbCertEncoded;
  EXPECT_EQ(all.find(std::string(from, from + 16)), std::string::npos);
}

TEST_P(Export, PKG_11_refuses_what_a_TLS_connection_cannot_do) {
  Packed packed;
  CtxtHandle& context = pair_.client.context;
  EXPECT_EQ(packed.take(context, SECPKG_CONTEXT_EXPORT_RESET_NEW), SEC_E_UNSUPPORTED_FUNCTION);
  EXPECT_EQ(packed.take(context, SECPKG_CONTEXT_EXPORT_TO_KERNEL), SEC_E_UNSUPPORTED_FUNCTION);
  EXPECT_EQ(ExportSecurityContext(&context, 0, nullptr, nullptr), SEC_E_INVALID_PARAMETER);
  void* token = &packed;
  EXPECT_EQ(ExportSecurityContext(nullptr, 0, &packed.buffer, &token), SEC_E_INVALID_HANDLE);
  EXPECT_EQ(token, nullptr);
  CtxtHandle stale = kInvalidHandle;
  EXPECT_EQ(packed.take(stale), SEC_E_INVALID_HANDLE);
  expect_arrives(pair_.client, pair_.server, "a refusal changes nothing");
}

TEST_P(Export, PKG_12_refuses_bad_arguments) {
  Packed packed;
  ASSERT_EQ(packed.take(pair_.client.context), SEC_E_OK);
  CtxtHandle context;
  EXPECT_EQ(ImportSecurityContextA("Kerberos", &packed.buffer, nullptr, &context),
            SEC_E_SECPKG_NOT_FOUND);
  EXPECT_EQ(ImportSecurityContextA(nullptr, &packed.buffer, nullptr, &context),
            SEC_E_SECPKG_NOT_FOUND);
  EXPECT_EQ(ImportSecurityContextA(UNISP_NAME_A, nullptr, nullptr, &context),
            SEC_E_INVALID_PARAMETER);
  SecBuffer none{0, SECBUFFER_EMPTY, nullptr};
  EXPECT_EQ(ImportSecurityContextA(UNISP_NAME_A, &none, nullptr, &context),
            SEC_E_INVALID_PARAMETER);
  EXPECT_EQ(ImportSecurityContextA(UNISP_NAME_A, &packed.buffer, nullptr, nullptr),
            SEC_E_INVALID_HANDLE);
  EXPECT_EQ(ImportSecurityContextW(UNISP_NAME_W, &packed.buffer, nullptr, &pair_.client.context),
            SEC_E_OK);
}

TEST_P(Export, PKG_11_not_before_the_handshake_is_complete) {
  Pair pair(GetParam());
  Bytes hello;
  pair.client.feed({}, hello);
  Packed packed;
  EXPECT_EQ(packed.take(pair.client.context), SEC_E_INVALID_HANDLE);
  Bytes flight;
  ASSERT_EQ(pair.server.feed(hello, flight), SEC_I_CONTINUE_NEEDED);
  EXPECT_EQ(packed.take(pair.server.context), SEC_E_INVALID_HANDLE);
}

template <class T>
T query(Side& side, ULONG id) {
  T out{};
  EXPECT_EQ(QueryContextAttributesA(&side.context, id, &out), SEC_E_OK) << id;
  return out;
}

Bytes certificate(Side& side, ULONG id) {
  const auto context = query<PCCERT_CONTEXT>(side, id);
  Bytes out(context->pbCertEncoded, context->pbCertEncoded + context->cbCertEncoded);
  CertFreeCertificateContext(context);
  return out;
}

Bytes endpoint_binding(Side& side) {
  const auto bindings = query<SecPkgContext_Bindings>(side, SECPKG_ATTR_ENDPOINT_BINDINGS);
  const auto* from = reinterpret_cast<const unsigned char*>(bindings.Bindings);
  Bytes out(from, from + bindings.BindingsLength);
  FreeContextBuffer(bindings.Bindings);
  return out;
}

Bytes keying_material(Side& side) {
  SecPkgContext_KeyingMaterialInfo info{};
  char label[] = "EXPERIMENTAL moved";
  info.cbLabel = sizeof label;
  info.pszLabel = label;
  info.cbKeyingMaterial = 40;
  EXPECT_EQ(
      SetContextAttributesA(&side.context, SECPKG_ATTR_KEYING_MATERIAL_INFO, &info, sizeof info),
      SEC_E_OK);
  const auto material = query<SecPkgContext_KeyingMaterial>(side, SECPKG_ATTR_KEYING_MATERIAL);
  Bytes out(material.pbKeyingMaterial, material.pbKeyingMaterial + material.cbKeyingMaterial);
  FreeContextBuffer(material.pbKeyingMaterial);
  return out;
}

TEST_P(Export, PKG_12_attributes_move_along) {
  const auto info = query<SecPkgContext_ConnectionInfo>(pair_.server, SECPKG_ATTR_CONNECTION_INFO);
  const Bytes exported = keying_material(pair_.server);
  const Bytes binding = endpoint_binding(pair_.server);
  move(pair_.server);
  move(pair_.client);
  const auto moved = query<SecPkgContext_ConnectionInfo>(pair_.server, SECPKG_ATTR_CONNECTION_INFO);
  EXPECT_EQ(moved.dwProtocol, info.dwProtocol);
  EXPECT_EQ(moved.aiCipher, info.aiCipher);
  EXPECT_EQ(moved.dwExchStrength, info.dwExchStrength);
  EXPECT_EQ(keying_material(pair_.server), exported);
  EXPECT_EQ(keying_material(pair_.client), exported);
  EXPECT_EQ(endpoint_binding(pair_.server), binding);
  EXPECT_EQ(endpoint_binding(pair_.client), binding);
  EXPECT_EQ(certificate(pair_.server, SECPKG_ATTR_LOCAL_CERT_CONTEXT),
            certificate(pair_.client, SECPKG_ATTR_REMOTE_CERT_CONTEXT));
}

TEST_P(Export, PKG_12_a_shut_down_side_stays_shut_down) {
  ASSERT_EQ(apply(&pair_.client.context, DWORD{SCHANNEL_SHUTDOWN}), SEC_E_OK);
  Packed packed;
  EXPECT_EQ(packed.take(pair_.client.context), SEC_E_OUT_OF_SEQUENCE) << "close_notify is due";
  Leg leg = pair_.client.call({});
  ASSERT_EQ(leg.status, SEC_E_OK);
  move(pair_.client);
  Bytes record;
  EXPECT_EQ(pair_.client.encrypt("more", record), SEC_E_CONTEXT_EXPIRED);
  expect_arrives(pair_.server, pair_.client, "the other direction is open");
  SECURITY_STATUS status = SEC_E_OK;
  EXPECT_FALSE(pair_.server.decrypt(leg.token, &status));
  EXPECT_EQ(status, SEC_I_CONTEXT_EXPIRED);
}

INSTANTIATE_TEST_SUITE_P(All, Export, testing::Values(Tls::v12, Tls::v13), name_of);

TEST(Export13, PKG_12_keys_are_updated_after_the_move) {
  Pair pair(Tls::v13);
  ASSERT_TRUE(pair.connect());
  move(pair.server);
  Leg update = pair.server.call({});
  ASSERT_EQ(update.status, SEC_E_OK) << OpenSchannelErrorDetail();
  ASSERT_FALSE(update.token.empty());
  SECURITY_STATUS status = SEC_E_OK;
  EXPECT_FALSE(pair.client.decrypt(update.token, &status));
  ASSERT_EQ(status, SEC_I_RENEGOTIATE);
  move(pair.server);
  Bytes answer;
  ASSERT_EQ(pair.client.feed(update.token, answer), SEC_E_OK);
  EXPECT_FALSE(pair.server.decrypt(answer, &status));
  ASSERT_EQ(status, SEC_I_RENEGOTIATE);
  Bytes nothing;
  ASSERT_EQ(pair.server.feed(answer, nothing), SEC_E_OK);
  expect_arrives(pair.client, pair.server, "under new keys");
  expect_arrives(pair.server, pair.client, "both ways");
}

TEST(Export13, PKG_11_not_while_a_message_waits) {
  Pair pair(Tls::v13);
  ASSERT_TRUE(pair.connect());
  Leg update = pair.server.call({});
  SECURITY_STATUS status = SEC_E_OK;
  EXPECT_FALSE(pair.client.decrypt(update.token, &status));
  ASSERT_EQ(status, SEC_I_RENEGOTIATE);
  Packed packed;
  EXPECT_EQ(packed.take(pair.client.context), SEC_E_OUT_OF_SEQUENCE);
}

TEST(Export13, PKG_12_a_ticket_that_comes_after_the_move_is_passed_over) {
  Pair pair(Tls::v13);
  pair.server.flags = kServerFlags | ASC_REQ_SESSION_TICKET;
  Bytes to_server, to_client, ticket;
  pair.client.feed({}, to_server);
  ASSERT_GE(pair.server.feed(to_server, to_client), SEC_E_OK);
  to_server.clear();
  ASSERT_EQ(pair.client.feed(to_client, to_server), SEC_E_OK);
  move(pair.client);
  ASSERT_EQ(pair.server.feed(to_server, ticket), SEC_E_OK);
  ASSERT_FALSE(ticket.empty());
  SECURITY_STATUS status = SEC_E_OK;
  EXPECT_FALSE(pair.client.decrypt(ticket, &status));
  ASSERT_EQ(status, SEC_I_RENEGOTIATE);
  Bytes nothing;
  EXPECT_EQ(pair.client.feed(ticket, nothing), SEC_E_OK);
  expect_arrives(pair.server, pair.client, "goes on");
}

TEST(Export12, PKG_12_renegotiates_with_a_credential_of_the_new_process) {
  Pair pair(Tls::v12);
  ASSERT_TRUE(pair.connect());
  move(pair.client);
  move(pair.server);
  Leg hello = pair.client.call({});
  ASSERT_EQ(hello.status, SEC_I_CONTINUE_NEEDED) << OpenSchannelErrorDetail();
  SECURITY_STATUS status = SEC_E_OK;
  EXPECT_FALSE(pair.server.decrypt(hello.token, &status));
  ASSERT_EQ(status, SEC_I_RENEGOTIATE);
  Bytes flight, finished, done, nothing;
  ASSERT_EQ(pair.server.feed(hello.token, flight), SEC_I_CONTINUE_NEEDED);
  ASSERT_EQ(pair.client.feed(flight, finished), SEC_I_CONTINUE_NEEDED) << OpenSchannelErrorDetail();
  ASSERT_EQ(pair.server.feed(finished, done), SEC_E_OK);
  ASSERT_EQ(pair.client.feed(done, nothing), SEC_E_OK);
  expect_arrives(pair.server, pair.client, "under new keys");
  expect_arrives(pair.client, pair.server, "both ways");
}

TEST(Export12, PKG_12_without_one_a_renegotiation_is_refused) {
  Pair pair(Tls::v12);
  ASSERT_TRUE(pair.connect());
  move(pair.client);
  Call call;
  call.context = &pair.client.context;
  EXPECT_EQ(call(), SEC_E_UNSUPPORTED_FUNCTION);
  expect_arrives(pair.client, pair.server, "goes on");
}

TEST(Export12, PKG_11_not_in_the_middle_of_a_renegotiation) {
  Pair pair(Tls::v12);
  ASSERT_TRUE(pair.connect());
  ASSERT_EQ(pair.client.call({}).status, SEC_I_CONTINUE_NEEDED);
  Packed packed;
  EXPECT_EQ(packed.take(pair.client.context), SEC_E_OUT_OF_SEQUENCE);
}

}  // namespace
}  // namespace contract
