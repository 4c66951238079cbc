#include <type_traits>

#include "support/call.h"

// The function table entry by entry, package information in both widths, and the functions that
// Schannel doesn't have (contract section P).
namespace contract {
namespace {

template <class Table>
const void* const* entries(const Table* table) {
  return reinterpret_cast<const void* const*>(table);
}

template <class Function>
const void* address(Function* function) {
  return reinterpret_cast<const void*>(function);
}

TEST(FunctionTable, PKG_7_every_entry_of_the_wide_table_in_its_place) {
  const SecurityFunctionTableW* table = InitSecurityInterfaceW();
  ASSERT_NE(table, nullptr);
  EXPECT_EQ(table->dwVersion, 5U);  // PKG-8
  const void* const expected[] = {address(EnumerateSecurityPackagesW),
                                  address(QueryCredentialsAttributesW),
                                  address(AcquireCredentialsHandleW),
                                  address(FreeCredentialsHandle),
                                  nullptr,
                                  address(InitializeSecurityContextW),
                                  address(AcceptSecurityContext),
                                  address(CompleteAuthToken),
                                  address(DeleteSecurityContext),
                                  address(ApplyControlToken),
                                  address(QueryContextAttributesW),
                                  address(ImpersonateSecurityContext),
                                  address(RevertSecurityContext),
                                  address(MakeSignature),
                                  address(VerifySignature),
                                  address(FreeContextBuffer),
                                  address(QuerySecurityPackageInfoW),
                                  address(EncryptMessage),  // Reserved3, the old SealMessage
                                  address(DecryptMessage),
                                  address(ExportSecurityContext),
                                  address(ImportSecurityContextW),
                                  address(AddCredentialsW),
                                  nullptr,
                                  address(QuerySecurityContextToken),
                                  address(EncryptMessage),
                                  address(DecryptMessage),
                                  address(SetContextAttributesW),
                                  address(SetCredentialsAttributesW),
                                  address(ChangeAccountPasswordW),
                                  address(QueryContextAttributesExW),
                                  address(QueryCredentialsAttributesExW)};
  static_assert(sizeof(SecurityFunctionTableW) == sizeof(void*) * (std::size(expected) + 1));
  const void* const* at = entries(table) + 1;
  for (std::size_t i = 0; i < std::size(expected); ++i) {
    const bool reserved = i == 4 || i == 17 || i == 18 || i == 22;
    if (reserved) continue;  // nobody may call it
    EXPECT_EQ(at[i], expected[i]) << i;
  }
}

TEST(FunctionTable, PKG_7_every_entry_of_the_narrow_table_in_its_place) {
  const SecurityFunctionTableA* table = InitSecurityInterfaceA();
  ASSERT_NE(table, nullptr);
  EXPECT_EQ(table->dwVersion, 5U);
  EXPECT_EQ(table, InitSecurityInterfaceA());  // one table, nothing to free
  const void* const* narrow = entries(table) + 1;
  const void* const* wide = entries(InitSecurityInterfaceW()) + 1;
  const std::pair<int, const void*> differing[] = {
      {0, address(EnumerateSecurityPackagesA)},    {1, address(QueryCredentialsAttributesA)},
      {2, address(AcquireCredentialsHandleA)},     {5, address(InitializeSecurityContextA)},
      {10, address(QueryContextAttributesA)},      {16, address(QuerySecurityPackageInfoA)},
      {20, address(ImportSecurityContextA)},       {21, address(AddCredentialsA)},
      {26, address(SetContextAttributesA)},        {27, address(SetCredentialsAttributesA)},
      {28, address(ChangeAccountPasswordA)},       {29, address(QueryContextAttributesExA)},
      {30, address(QueryCredentialsAttributesExA)}};
  for (int i = 0; i < 31; ++i) {
    const void* expected = wide[i];
    for (const auto& [index, function] : differing) {
      if (index == i) expected = function;
    }
    EXPECT_EQ(narrow[i], expected) << i;
  }
}

TEST(FunctionTable, PKG_6_a_connection_through_the_table_alone) {
  const SecurityFunctionTableA* table = InitSecurityInterfaceA();
  Pair pair(Tls::v13);
  ASSERT_TRUE(pair.connect());
  SecPkgContext_StreamSizes sizes{};
  EXPECT_EQ(table->QueryContextAttributesA(&pair.client.context, SECPKG_ATTR_STREAM_SIZES, &sizes),
            SEC_E_OK);
  Bytes record(sizes.cbHeader + 2 + sizes.cbTrailer);
  record[sizes.cbHeader] = 'o';
  record[sizes.cbHeader + 1] = 'k';
  SecBuffer buffers[] = {
      {sizes.cbHeader, SECBUFFER_STREAM_HEADER, record.data()},
      {2, SECBUFFER_DATA, record.data() + sizes.cbHeader},
      {sizes.cbTrailer, SECBUFFER_STREAM_TRAILER, record.data() + sizes.cbHeader + 2},
      {0, SECBUFFER_EMPTY, nullptr}};
  SecBufferDesc desc{SECBUFFER_VERSION, 4, buffers};
  ASSERT_EQ(table->EncryptMessage(&pair.client.context, 0, &desc, 0), SEC_E_OK);
  EXPECT_EQ(pair.server.decrypt(record), "ok");
}

TEST(PackageInfo, PKG_1_to_5_in_both_widths) {
  ULONG count = 0;
  PSecPkgInfoW packages = nullptr;
  ASSERT_EQ(EnumerateSecurityPackagesW(&count, &packages), SEC_E_OK);
  ASSERT_EQ(count, 2U);
  for (ULONG i = 0; i < count; ++i) {
    EXPECT_EQ(packages[i].fCapabilities, 0x107B3U);
    EXPECT_NE(packages[i].fCapabilities & SECPKG_FLAG_STREAM, 0U);
    EXPECT_EQ(packages[i].wVersion, 1);
    EXPECT_EQ(packages[i].wRPCID, UNISP_RPC_ID);
    EXPECT_EQ(packages[i].cbMaxToken, 0x6000U);
    EXPECT_STREQ(packages[i].Comment, L"Schannel Security Package");
    // PKG-1: the name is good for AcquireCredentialsHandle.
    CredHandle credential{};
    EXPECT_EQ(AcquireCredentialsHandleW(nullptr, packages[i].Name, SECPKG_CRED_OUTBOUND, nullptr,
                                        nullptr, nullptr, nullptr, &credential, nullptr),
              SEC_E_OK);
    EXPECT_EQ(FreeCredentialsHandle(&credential), SEC_E_OK);
  }
  EXPECT_EQ(FreeContextBuffer(packages), SEC_E_OK);
  for (const char* name : {UNISP_NAME_A, "Schannel", "SCHANNEL"}) {
    PSecPkgInfoA info = nullptr;
    ASSERT_EQ(QuerySecurityPackageInfoA(name, &info), SEC_E_OK) << name;
    EXPECT_EQ(info->cbMaxToken, 0x6000U);
    EXPECT_STREQ(info->Comment, "Schannel Security Package");
    EXPECT_EQ(FreeContextBuffer(info), SEC_E_OK);
  }
  PSecPkgInfoA none = nullptr;
  for (const char* name : {"", "Negotiate", "Schannel2", " Schannel"}) {
    EXPECT_EQ(QuerySecurityPackageInfoA(name, &none), SEC_E_SECPKG_NOT_FOUND) << name;
  }
  EXPECT_LT(QuerySecurityPackageInfoA(nullptr, &none), 0);
  EXPECT_LT(QuerySecurityPackageInfoA(UNISP_NAME_A, nullptr), 0);
  EXPECT_LT(EnumerateSecurityPackagesA(nullptr, &none), 0);
  EXPECT_LT(EnumerateSecurityPackagesA(&count, nullptr), 0);
}

TEST(PackageInfo, PKG_4_cbMaxToken_suffices_for_every_token) {
  // The largest flight there is: a server certificate of RSA with a long chain would be longer than
  // ours; here it is enough that no token of either side exceeds the promise.
  for (const Tls version : {Tls::v12, Tls::v13}) {
    Pair pair(version);
    pair.server.flags = kServerFlags | ASC_REQ_MUTUAL_AUTH;
    Bytes to_server, to_client;
    EXPECT_LE(pair.client.call({}).token.size(), 0x6000U);
    Pair other(version);
    other.client.feed({}, to_server);
    other.server.feed(to_server, to_client);
    EXPECT_LE(to_client.size(), 0x6000U);
  }
}

TEST(Unsupported, PKG_9_and_10_say_so_for_a_live_handle) {
  Pair pair(Tls::v13);
  ASSERT_TRUE(pair.connect());
  TimeStamp expiry{};
  SecBufferDesc desc{SECBUFFER_VERSION, 0, nullptr};
  EXPECT_EQ(AddCredentialsA(&pair.client_credential.handle, nullptr, UNISP_NAME_A,
                            SECPKG_CRED_OUTBOUND, nullptr, nullptr, nullptr, &expiry),
            SEC_E_UNSUPPORTED_FUNCTION);
  EXPECT_EQ(AddCredentialsW(&pair.client_credential.handle, nullptr, UNISP_NAME_W,
                            SECPKG_CRED_OUTBOUND, nullptr, nullptr, nullptr, &expiry),
            SEC_E_UNSUPPORTED_FUNCTION);
  char text[] = "x";
  wchar_t wide[] = L"x";
  EXPECT_EQ(ChangeAccountPasswordA(text, text, text, text, text, FALSE, 0, &desc),
            SEC_E_UNSUPPORTED_FUNCTION);
  EXPECT_EQ(ChangeAccountPasswordW(wide, wide, wide, wide, wide, FALSE, 0, &desc),
            SEC_E_UNSUPPORTED_FUNCTION);
  // None of them changed anything.
  Bytes record;
  ASSERT_EQ(pair.client.encrypt("unchanged", record), SEC_E_OK);
  EXPECT_EQ(pair.server.decrypt(record), "unchanged");
}

}  // namespace
}  // namespace contract
