#include <malloc.h>

#include <atomic>
#include <functional>
#include <thread>

#include "support/peer.h"

// Handles, lifetimes and threads: contract section A; credentials: section B.
namespace contract {
namespace {

struct Function {
  const char* name;
  std::function<SECURITY_STATUS(CtxtHandle*)> call;
};

std::vector<Function> functions_on_contexts() {
  static SecBuffer buffers[4] = {{0, SECBUFFER_DATA, nullptr},
                                 {0, SECBUFFER_EMPTY, nullptr},
                                 {0, SECBUFFER_EMPTY, nullptr},
                                 {0, SECBUFFER_EMPTY, nullptr}};
  static SecBufferDesc message{SECBUFFER_VERSION, 4, buffers};
  static SecBuffer out{0, SECBUFFER_TOKEN, nullptr};
  static SecBufferDesc output{SECBUFFER_VERSION, 1, &out};
  static SecPkgContext_StreamSizes sizes;
  static ULONG attributes;
  static CtxtHandle other;
  return {
      {"EncryptMessage", [](CtxtHandle* h) { return EncryptMessage(h, 0, &message, 0); }},
      {"DecryptMessage", [](CtxtHandle* h) { return DecryptMessage(h, &message, 0, nullptr); }},
      {"QueryContextAttributesA",
       [](CtxtHandle* h) { return QueryContextAttributesA(h, SECPKG_ATTR_STREAM_SIZES, &sizes); }},
      {"QueryContextAttributesW",
       [](CtxtHandle* h) { return QueryContextAttributesW(h, SECPKG_ATTR_STREAM_SIZES, &sizes); }},
      {"QueryContextAttributesExA",
       [](CtxtHandle* h) {
         return QueryContextAttributesExA(h, SECPKG_ATTR_STREAM_SIZES, &sizes, sizeof sizes);
       }},
      {"SetContextAttributesA",
       [](CtxtHandle* h) { return SetContextAttributesA(h, 94, &sizes, sizeof sizes); }},
      {"ApplyControlToken", [](CtxtHandle* h) { return apply(h, DWORD{SCHANNEL_SHUTDOWN}); }},
      {"InitializeSecurityContextA",
       [](CtxtHandle* h) {
         return InitializeSecurityContextA(nullptr, h, nullptr, 0, 0, 0, nullptr, 0, &other,
                                           &output, &attributes, nullptr);
       }},
      {"AcceptSecurityContext",
       [](CtxtHandle* h) {
         return AcceptSecurityContext(nullptr, h, nullptr, 0, 0, &other, &output, &attributes,
                                      nullptr);
       }},
      {"CompleteAuthToken", [](CtxtHandle* h) { return CompleteAuthToken(h, &message); }},
      {"MakeSignature", [](CtxtHandle* h) { return MakeSignature(h, 0, &message, 0); }},
      {"VerifySignature", [](CtxtHandle* h) { return VerifySignature(h, &message, 0, nullptr); }},
      {"ImpersonateSecurityContext", [](CtxtHandle* h) { return ImpersonateSecurityContext(h); }},
      {"RevertSecurityContext", [](CtxtHandle* h) { return RevertSecurityContext(h); }},
      {"QuerySecurityContextToken",
       [](CtxtHandle* h) {
         void* token = nullptr;
         return QuerySecurityContextToken(h, &token);
       }},
      {"ExportSecurityContext",
       [](CtxtHandle* h) { return ExportSecurityContext(h, 0, &out, nullptr); }},
  };
}

TEST(Handles, HND_3_stale_foreign_and_wrong_kind_handles_are_told_by_every_function) {
  Pair pair(Tls::v13);
  ASSERT_TRUE(pair.connect());
  CtxtHandle stale = pair.client.context;
  EXPECT_EQ(DeleteSecurityContext(&pair.client.context), SEC_E_OK);
  pair.client.has_context = false;
  CtxtHandle from_the_future = pair.server.context;
  from_the_future.dwUpper += 1000;
  CtxtHandle far = pair.server.context;
  far.dwLower += 100000;
  int local = 0;
  const CtxtHandle pointer = {reinterpret_cast<ULONG_PTR>(&local),
                              reinterpret_cast<ULONG_PTR>(&local)};
  for (CtxtHandle handle : {stale, from_the_future, far, pointer, pair.client_credential.handle,
                            CtxtHandle{1, 1}, CtxtHandle{~ULONG_PTR{1}, ~ULONG_PTR{1}}}) {
    for (const Function& function : functions_on_contexts()) {
      EXPECT_EQ(function.call(&handle), SEC_E_INVALID_HANDLE) << function.name;
    }
  }
}

TEST(Handles, HND_3_zeroed_and_missing_handles) {
  for (const Function& function : functions_on_contexts()) {
    const std::string name = function.name;
    // For the loop they mean that there is no context yet; then the credential is missed.
    const bool loop = name.rfind("InitializeS", 0) == 0 || name.rfind("Accept", 0) == 0;
    for (const CtxtHandle& zero : {CtxtHandle{0, 0}, kInvalidHandle}) {
      CtxtHandle handle = zero;
      const SECURITY_STATUS status = function.call(&handle);
      EXPECT_LT(status, 0) << name;
      if (!loop) {
        EXPECT_EQ(status, SEC_E_INVALID_HANDLE) << name;
      }
    }
    EXPECT_LT(function.call(nullptr), 0) << name;
  }
}

TEST(Handles, HND_10_deleting_again_is_fine_and_deleting_what_never_was_is_not) {
  Pair pair(Tls::v13);
  ASSERT_TRUE(pair.connect());
  CtxtHandle handle = pair.client.context;
  pair.client.has_context = false;
  EXPECT_EQ(DeleteSecurityContext(&handle), SEC_E_OK);
  EXPECT_EQ(DeleteSecurityContext(&handle), SEC_E_OK);
  CtxtHandle never = {12345, 678};
  EXPECT_EQ(DeleteSecurityContext(&never), SEC_E_INVALID_HANDLE);
  EXPECT_EQ(DeleteSecurityContext(nullptr), SEC_E_INVALID_HANDLE);
  CtxtHandle none = kInvalidHandle;
  EXPECT_EQ(DeleteSecurityContext(&none), SEC_E_INVALID_HANDLE);
}

TEST(Handles, HND_6_freeing_a_credential_twice_is_an_error) {
  CredHandle handle{};
  ASSERT_EQ(AcquireCredentialsHandleA(nullptr, UNISP_NAME_A, SECPKG_CRED_OUTBOUND, nullptr, nullptr,
                                      nullptr, nullptr, &handle, nullptr),
            SEC_E_OK);
  EXPECT_EQ(FreeCredentialsHandle(&handle), SEC_E_OK);
  EXPECT_EQ(FreeCredentialsHandle(&handle), SEC_E_INVALID_HANDLE);
  EXPECT_EQ(FreeCredentialsHandle(nullptr), SEC_E_INVALID_HANDLE);
}

TEST(Handles, HND_7_a_context_outlives_the_handle_of_its_credential) {
  Pair pair(Tls::v13);
  Bytes to_server, to_client;
  pair.client.feed({}, to_server);
  pair.server.feed(to_server, to_client);
  EXPECT_EQ(FreeCredentialsHandle(&pair.client_credential.handle), SEC_E_OK);
  pair.client_credential.status = SEC_E_INVALID_HANDLE;
  // Later calls may come without a credential (ISC-1).
  SecBuffer in[2] = {{static_cast<ULONG>(to_client.size()), SECBUFFER_TOKEN, to_client.data()},
                     {0, SECBUFFER_EMPTY, nullptr}};
  SecBufferDesc in_desc{SECBUFFER_VERSION, 2, in};
  SecBuffer out{0, SECBUFFER_TOKEN, nullptr};
  SecBufferDesc out_desc{SECBUFFER_VERSION, 1, &out};
  ULONG attributes = 0;
  EXPECT_EQ(InitializeSecurityContextA(nullptr, &pair.client.context, nullptr, kClientFlags, 0, 0,
                                       &in_desc, 0, nullptr, &out_desc, &attributes, nullptr),
            SEC_E_OK);
  FreeContextBuffer(out.pvBuffer);
}

TEST(Handles, HND_16_foreign_memory_is_not_freed) {
  int local = 0;
  EXPECT_EQ(FreeContextBuffer(nullptr), SEC_E_OK);
  EXPECT_NE(FreeContextBuffer(&local), SEC_E_OK);
}

TEST(Threads, ENC_20_one_encrypts_while_one_decrypts_on_both_ends) {
  for (const Tls version : {Tls::v13, Tls::v12}) {
    Pair pair(version);
    ASSERT_TRUE(pair.connect());
    // Each direction has a sealer and an opener; records go through a vector of slots.
    constexpr int kRecords = 400;
    struct Direction {
      Side* from;
      Side* to;
      std::vector<Bytes> records;
      std::atomic<int> sealed = 0;
    };
    Direction directions[2] = {{&pair.client, &pair.server, std::vector<Bytes>(kRecords), {}},
                               {&pair.server, &pair.client, std::vector<Bytes>(kRecords), {}}};
    std::atomic<int> wrong = 0;
    std::vector<std::thread> threads;
    for (Direction& direction : directions) {
      threads.emplace_back([&] {
        for (int i = 0; i < kRecords; ++i) {
          const std::string text(static_cast<std::size_t>(1 + i * 37 % 16000), 'x');
          if (direction.from->encrypt(text, direction.records[static_cast<std::size_t>(i)]) !=
              SEC_E_OK) {
            ++wrong;
          }
          direction.sealed.store(i + 1, std::memory_order_release);
        }
      });
      threads.emplace_back([&] {
        for (int i = 0; i < kRecords; ++i) {
          while (direction.sealed.load(std::memory_order_acquire) <= i) std::this_thread::yield();
          const auto text = direction.to->decrypt(direction.records[static_cast<std::size_t>(i)]);
          if (!text || text->size() != static_cast<std::size_t>(1 + i * 37 % 16000)) ++wrong;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(wrong, 0);
  }
}

TEST(Threads, HND_21_many_contexts_share_credentials) {
  Credential client_credential(SECPKG_CRED_OUTBOUND, Tls::v13);
  Credential server_credential(SECPKG_CRED_INBOUND, Tls::v13);
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 25; ++i) {
        Side client(false, &client_credential.handle), server(true, &server_credential.handle);
        Bytes to_server, to_client;
        client.feed({}, to_server);
        server.feed(to_server, to_client);
        to_server.clear();
        if (client.feed(to_client, to_server) != SEC_E_OK) ++wrong;
        if (server.feed(to_server, to_client) != SEC_E_OK) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Threads, a_context_deleted_in_the_middle_of_its_use_is_an_error_and_no_crash) {
  for (int i = 0; i < 20; ++i) {
    Pair pair(Tls::v13);
    ASSERT_TRUE(pair.connect());
    std::atomic<bool> stop = false;
    CtxtHandle handle = pair.client.context;
    std::thread user([&] {
      Bytes buffer(5 + 1000 + 17);
      while (!stop) {
        SecBuffer buffers[] = {{5, SECBUFFER_STREAM_HEADER, buffer.data()},
                               {1000, SECBUFFER_DATA, buffer.data() + 5},
                               {17, SECBUFFER_STREAM_TRAILER, buffer.data() + 1005},
                               {0, SECBUFFER_EMPTY, nullptr}};
        SecBufferDesc desc{SECBUFFER_VERSION, 4, buffers};
        const SECURITY_STATUS status = EncryptMessage(&handle, 0, &desc, 0);
        if (status != SEC_E_OK && status != SEC_E_INVALID_HANDLE) std::abort();
      }
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    pair.client.has_context = false;
    EXPECT_EQ(DeleteSecurityContext(&pair.client.context), SEC_E_OK);
    stop = true;
    user.join();
  }
}

TEST(Memory, ten_thousand_contexts_leave_nothing_behind) {
  Credential client_credential(SECPKG_CRED_OUTBOUND, Tls::v13);
  Credential server_credential(SECPKG_CRED_INBOUND, Tls::v13);
  const auto run = [&](int count) {
    for (int i = 0; i < count; ++i) {
      Side client(false, &client_credential.handle), server(true, &server_credential.handle);
      Bytes to_server, to_client;
      client.feed({}, to_server);
      // Every tenth goes all the way, every second to the server's answer, the rest no further.
      if (i % 2 == 0) server.feed(to_server, to_client);
      if (i % 10 == 0) {
        to_server.clear();
        client.feed(to_client, to_server);
        to_client.clear();
        server.feed(to_server, to_client);
      }
    }
  };
  run(500);
  const std::size_t before = mallinfo2().uordblks;
  run(10000);
  const std::size_t after = mallinfo2().uordblks;
  EXPECT_LT(after, before + 256 * 1024) << "grew by " << after - before << " bytes";
}

// --- B: credentials ---

SECURITY_STATUS acquire(ULONG use, void* data, const char* package = UNISP_NAME_A) {
  CredHandle handle{};
  const SECURITY_STATUS status = AcquireCredentialsHandleA(nullptr, package, use, nullptr, data,
                                                           nullptr, nullptr, &handle, nullptr);
  if (status == SEC_E_OK) {
    EXPECT_EQ(FreeCredentialsHandle(&handle), SEC_E_OK);
  }
  return status;
}

TEST(Credentials, CRED_2_packages_by_name) {
  EXPECT_EQ(acquire(SECPKG_CRED_OUTBOUND, nullptr, "Schannel"), SEC_E_OK);
  EXPECT_EQ(acquire(SECPKG_CRED_OUTBOUND, nullptr, "schannel"), SEC_E_OK);
  EXPECT_EQ(acquire(SECPKG_CRED_OUTBOUND, nullptr, "Kerberos"), SEC_E_SECPKG_NOT_FOUND);
  EXPECT_EQ(acquire(SECPKG_CRED_OUTBOUND, nullptr, nullptr), SEC_E_SECPKG_NOT_FOUND);
  CredHandle handle{};
  EXPECT_EQ(AcquireCredentialsHandleW(nullptr, UNISP_NAME_W, SECPKG_CRED_OUTBOUND, nullptr, nullptr,
                                      nullptr, nullptr, &handle, nullptr),
            SEC_E_OK);
  FreeCredentialsHandle(&handle);
}

TEST(Credentials, CRED_3_directions) {
  EXPECT_EQ(acquire(SECPKG_CRED_BOTH, nullptr), SEC_E_UNSUPPORTED_FUNCTION);
  EXPECT_EQ(acquire(0, nullptr), SEC_E_NO_CREDENTIALS);
  EXPECT_EQ(acquire(SECPKG_CRED_INBOUND, nullptr), SEC_E_NO_CREDENTIALS);  // CRED-7
}

TEST(Credentials, CRED_9_unknown_versions) {
  for (const DWORD version : {0, 1, 2, 3, 6, 99}) {
    SCHANNEL_CRED data{};
    data.dwVersion = version;
    EXPECT_EQ(acquire(SECPKG_CRED_OUTBOUND, &data), SEC_E_UNKNOWN_CREDENTIALS) << version;
  }
}

TEST(Credentials, R_15_the_old_structure_stays_below_tls13) {
  SCHANNEL_CRED data{};
  data.dwVersion = SCHANNEL_CRED_VERSION;
  data.grbitEnabledProtocols = SP_PROT_TLS1_3_CLIENT;
  EXPECT_EQ(acquire(SECPKG_CRED_OUTBOUND, &data), SEC_E_ALGORITHM_MISMATCH);
  data.grbitEnabledProtocols = SP_PROT_TLS1_2_CLIENT | SP_PROT_TLS1_3_CLIENT;
  CredHandle handle{};
  ASSERT_EQ(AcquireCredentialsHandleA(nullptr, UNISP_NAME_A, SECPKG_CRED_OUTBOUND, nullptr, &data,
                                      nullptr, nullptr, &handle, nullptr),
            SEC_E_OK);
  SecPkgCred_SupportedProtocols protocols{};
  EXPECT_EQ(QueryCredentialsAttributesA(&handle, SECPKG_ATTR_SUPPORTED_PROTOCOLS, &protocols),
            SEC_E_OK);
  EXPECT_EQ(protocols.grbitProtocol, DWORD{SP_PROT_TLS1_2_CLIENT});
  FreeCredentialsHandle(&handle);
  data.dwFlags = OPENSCHANNEL_CRED_TLS13_WITH_SCHANNEL_CRED;
  data.grbitEnabledProtocols = SP_PROT_TLS1_3_CLIENT;
  EXPECT_EQ(acquire(SECPKG_CRED_OUTBOUND, &data), SEC_E_OK);
}

TEST(Credentials, CRED_17_only_the_bits_of_the_own_side_count) {
  SCHANNEL_CRED data{};
  data.dwVersion = SCHANNEL_CRED_VERSION;
  data.grbitEnabledProtocols = SP_PROT_TLS1_2_SERVER;
  EXPECT_EQ(acquire(SECPKG_CRED_OUTBOUND, &data), SEC_E_ALGORITHM_MISMATCH);
  data.grbitEnabledProtocols = SP_PROT_SSL3_CLIENT | SP_PROT_TLS1_0_CLIENT;
  EXPECT_EQ(acquire(SECPKG_CRED_OUTBOUND, &data), SEC_E_ALGORITHM_MISMATCH);  // R-4, PROTO-7
}

TEST(Credentials, limits_and_combinations) {
  SCH_CREDENTIALS data{};
  data.dwVersion = SCH_CREDENTIALS_VERSION;
  TLS_PARAMETERS parameters[17] = {};
  data.pTlsParameters = parameters;
  data.cTlsParameters = 17;
  EXPECT_EQ(acquire(SECPKG_CRED_OUTBOUND, &data), SEC_E_INVALID_PARAMETER);  // CRED-28
  data.cTlsParameters = 2;
  EXPECT_EQ(acquire(SECPKG_CRED_OUTBOUND, &data), SEC_E_INVALID_PARAMETER);  // CRED-30
  data.cTlsParameters = 1;
  parameters[0].cAlpnIds = 17;
  EXPECT_EQ(acquire(SECPKG_CRED_OUTBOUND, &data), SEC_E_INVALID_PARAMETER);  // CRED-33
  parameters[0].cAlpnIds = 0;
  parameters[0].cDisabledCrypto = 17;
  EXPECT_EQ(acquire(SECPKG_CRED_OUTBOUND, &data), SEC_E_INVALID_PARAMETER);  // CRED-35
  parameters[0].cDisabledCrypto = 0;
  parameters[0].dwFlags = TLS_PARAMS_OPTIONAL;
  EXPECT_EQ(acquire(SECPKG_CRED_OUTBOUND, &data), SEC_E_INVALID_PARAMETER);  // CRED-36
  parameters[0].dwFlags = 0;
  data.dwFlags = SCH_CRED_REVOCATION_CHECK_CHAIN | SCH_CRED_REVOCATION_CHECK_END_CERT;
  EXPECT_EQ(acquire(SECPKG_CRED_OUTBOUND, &data), SEC_E_INVALID_PARAMETER);  // CRED-43
  for (const DWORD one : {SCH_CRED_REVOCATION_CHECK_CHAIN, SCH_CRED_REVOCATION_CHECK_END_CERT,
                          SCH_CRED_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT}) {
    data.dwFlags = one | SCH_CRED_IGNORE_REVOCATION_OFFLINE;
    EXPECT_EQ(acquire(SECPKG_CRED_OUTBOUND, &data), SEC_E_OK);  // CRED-42
  }
  data.dwFlags = 0;
  data.dwCredFormat = SCH_CRED_FORMAT_CERT_HASH;
  EXPECT_EQ(acquire(SECPKG_CRED_OUTBOUND, &data), SEC_E_UNKNOWN_CREDENTIALS);  // CRED-23
}

TEST(Credentials, CRED_12_bogus_certificates_are_told) {
  CERT_CONTEXT bogus{};
  PCCERT_CONTEXT list[] = {server_certificate(), &bogus};
  SCH_CREDENTIALS data{};
  data.dwVersion = SCH_CREDENTIALS_VERSION;
  data.paCred = list;
  data.cCreds = 2;
  EXPECT_EQ(acquire(SECPKG_CRED_INBOUND, &data), SEC_E_UNKNOWN_CREDENTIALS);
  data.cCreds = 1;
  EXPECT_EQ(acquire(SECPKG_CRED_INBOUND, &data), SEC_E_OK);
  // A certificate without its key.
  PCCERT_CONTEXT keyless = CertCreateCertificateContext(
      X509_ASN_ENCODING, server_certificate()->pbCertEncoded, server_certificate()->cbCertEncoded);
  ASSERT_NE(keyless, nullptr);
  list[0] = keyless;
  EXPECT_EQ(acquire(SECPKG_CRED_INBOUND, &data), SEC_E_NO_CREDENTIALS);
  CertFreeCertificateContext(keyless);
}

TEST(Credentials, CRED_6_expiry_is_that_of_the_certificate_or_never) {
  Credential server(SECPKG_CRED_INBOUND, Tls::v13), client(SECPKG_CRED_OUTBOUND, Tls::v13);
  EXPECT_EQ(server.expiry.LowPart, server_certificate()->pCertInfo->NotAfter.dwLowDateTime);
  EXPECT_EQ(client.expiry.LowPart, 0xffffffffU);
  EXPECT_EQ(client.expiry.HighPart, 0x7fffffff);
}

TEST(Credentials, Q_38_a_credential_of_the_other_direction_is_none) {
  Pair pair(Tls::v13);
  Side client(false, &pair.server_credential.handle), server(true, &pair.client_credential.handle);
  EXPECT_EQ(client.call({}).status, SEC_E_NO_CREDENTIALS);
  EXPECT_EQ(server.call({22}).status, SEC_E_NO_CREDENTIALS);
}

}  // namespace
}  // namespace contract
