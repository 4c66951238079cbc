#include "crypt32/barrier.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>

#include "crypt32/password.h"

namespace schannel::crypt32 {
namespace {

using pki::Answer;

TEST(Barrier, value_passes_and_leaves_the_last_error) {
  SetLastError(42);
  EXPECT_EQ(guarded<int>(-1, []() -> Answer<int> { return 7; }), 7);
  EXPECT_EQ(GetLastError(), 42U);
}

TEST(Barrier, failure_becomes_the_last_error_and_the_detail) {
  EXPECT_EQ(guarded<int>(-1, []() -> Answer<int> { return pki::failed(E_INVALIDARG, "why"); }), -1);
  EXPECT_EQ(GetLastError(), static_cast<DWORD>(E_INVALIDARG));
  EXPECT_STREQ(error_detail(), "why");
}

TEST(Barrier, no_exception_gets_past) {
  EXPECT_EQ(guarded<int>(-1, []() -> Answer<int> { throw std::bad_alloc(); }), -1);
  EXPECT_EQ(GetLastError(), static_cast<DWORD>(E_OUTOFMEMORY));
  EXPECT_STREQ(error_detail(), "out of memory");
  EXPECT_EQ(guarded<int>(-1, []() -> Answer<int> { throw std::runtime_error("x"); }), -1);
  EXPECT_EQ(GetLastError(), static_cast<DWORD>(E_UNEXPECTED));
  EXPECT_STREQ(error_detail(), "");
}

TEST(Barrier, last_error_and_detail_belong_to_the_thread) {
  SetLastError(1);
  set_error_detail("mine");
  std::thread([] {
    EXPECT_EQ(GetLastError(), 0U);
    EXPECT_STREQ(error_detail(), "");
    SetLastError(2);
    set_error_detail("other");
  }).join();
  EXPECT_EQ(GetLastError(), 1U);
  EXPECT_STREQ(error_detail(), "mine");
  clear_error_detail();
  EXPECT_STREQ(error_detail(), "");
}

TEST(Barrier, x509_is_told_from_other_encodings) {
  EXPECT_TRUE(is_x509(X509_ASN_ENCODING));
  EXPECT_TRUE(is_x509(X509_ASN_ENCODING | PKCS_7_ASN_ENCODING));
  EXPECT_FALSE(is_x509(0));
  EXPECT_FALSE(is_x509(PKCS_7_ASN_ENCODING));
  EXPECT_FALSE(is_x509(X509_NDR_ENCODING));
}

TEST(Password, none_is_not_the_empty_one) {
  EXPECT_FALSE(Utf8Password::of(static_cast<LPCSTR>(nullptr)).value());
  EXPECT_EQ(Utf8Password::of("").value(), std::string());
  const auto none = Utf8Password::of(static_cast<LPCWSTR>(nullptr));
  ASSERT_TRUE(none);
  EXPECT_FALSE(none->value());
  const auto wide = Utf8Password::of(L"p\u00E4ss");
  ASSERT_TRUE(wide);
  EXPECT_EQ(wide->value(), "p\xC3\xA4ss");
}

TEST(Password, what_is_no_character_is_no_password) {
  const WCHAR text[] = {L'a', wchar_t{0xDFFF}, 0};
  const auto password = Utf8Password::of(text);
  ASSERT_FALSE(password);
  EXPECT_EQ(password.error().code, DWORD{ERROR_INVALID_PASSWORD});
}

}  // namespace
}  // namespace schannel::crypt32
