#pragma once
#include <gtest/gtest.h>
#include <openssl/err.h>

namespace schannel::crypto {

/// A test of a layer that promises to leave nothing in this thread's libcrypto error queue.
class CleanErrorQueue : public testing::Test {
 protected:
  void SetUp() override { ERR_clear_error(); }
  void TearDown() override {
    const unsigned long left = ERR_peek_error();
    EXPECT_EQ(left, 0u) << ERR_reason_error_string(left);
  }
};

}  // namespace schannel::crypto
