#include "base/error.h"

#include <gtest/gtest.h>

#include <set>

#include "base/error_detail.h"
#include "base/status.h"

namespace schannel {
namespace {

constexpr int kCauseCount = static_cast<int>(Cause::peer_alert) + 1;

// Contract section L.1, written down a second time: number, status.
constexpr struct {
  int clause;
  int alert;
  std::uint32_t status;
} kReceived[] = {
    {1, 0, 0x00090317},    {2, 10, 0x80090326},   {3, 20, 0x8009030F},   {4, 21, 0x80090330},
    {5, 22, 0x80090326},   {6, 30, 0x8009030F},   {7, 40, 0x80090326},   {8, 42, 0x80090327},
    {9, 43, 0x80090327},   {10, 44, 0x80092010},  {11, 45, 0x80090328},  {12, 46, 0x80090327},
    {13, 47, 0x80090326},  {14, 48, 0x80090325},  {15, 49, 0x8009030C},  {16, 50, 0x80090326},
    {17, 51, 0x80090330},  {18, 60, 0x80090326},  {18, 70, 0x80090302},  {19, 71, 0x80090331},
    {20, 80, 0x80090304},  {21, 90, 0x80090333},  {22, 100, 0x80090326}, {23, 110, 0x80090326},
    {24, 115, 0x80090326}, {25, 120, 0x80090367},
};

TEST(Error, ALERT_1_to_26_status_of_a_received_alert) {
  std::set<int> listed;
  for (const auto& row : kReceived) {
    listed.insert(row.alert);
    const Alert alert = static_cast<Alert>(row.alert);
    EXPECT_EQ(static_cast<std::uint32_t>(status_of_received(alert)), row.status)
        << "ALERT-" << row.clause;
    EXPECT_NE(alert_name(alert), "unknown alert") << "ALERT-" << row.clause;
  }
  for (int number = 0; number < 256; ++number) {
    if (listed.count(number) != 0) continue;
    EXPECT_EQ(status_of_received(static_cast<Alert>(number)), kSecEIllegalMessage) << number;
  }
}

TEST(Error, a_received_alert_sends_none) {
  for (int number = 0; number < 256; ++number) {
    const Alert alert = static_cast<Alert>(number);
    const Disposition result = disposition({Cause::peer_alert, alert});
    EXPECT_FALSE(result.send);
    EXPECT_EQ(result.status, status_of_received(alert));
  }
  EXPECT_FALSE(disposition({Cause::peer_alert}).send);
}

TEST(Error, names_are_those_of_the_registry) {
  EXPECT_EQ(alert_name(Alert::close_notify), "close_notify");
  EXPECT_EQ(alert_name(Alert::certificate_required), "certificate_required");
  EXPECT_EQ(alert_name(static_cast<Alert>(41)), "unknown alert");
  EXPECT_EQ(alert_name(static_cast<Alert>(255)), "unknown alert");
}

TEST(Error, every_cause_fails_and_says_why) {
  std::set<std::string_view> texts;
  for (int i = 0; i < kCauseCount; ++i) {
    const Cause cause = static_cast<Cause>(i);
    const Disposition result = disposition({cause});
    EXPECT_LT(result.status, 0) << i;  // the failure bit of a SECURITY_STATUS
    EXPECT_GE(result.text.size(), 10u) << i;
    texts.insert(result.text);
    // Bytes that are not TLS get no TLS answer; an alert is not answered with an alert; and what is
    // elsewhere sends nothing from here.
    const bool is_silent = cause == Cause::not_tls || cause == Cause::peer_alert ||
                           cause == Cause::connection_moved;
    EXPECT_EQ(result.send.has_value(), !is_silent) << i;
    if (result.send) {
      EXPECT_NE(*result.send, Alert::close_notify) << i;
      EXPECT_NE(alert_name(*result.send), "unknown alert") << i;
    }
  }
  // Both certificate_required causes say the same: one per protocol version.
  EXPECT_EQ(texts.size(), static_cast<std::size_t>(kCauseCount - 1));
}

// Contract ALERT-28 and AUTH-8, written down a second time.
TEST(Error, ALERT_28_alert_and_status_of_a_local_failure) {
  const struct {
    Cause cause;
    int alert;
    std::uint32_t status;
  } rows[] = {
      {Cause::unexpected_message, 10, 0x80090326},
      {Cause::decode_error, 50, 0x80090326},
      {Cause::illegal_parameter, 47, 0x80090326},
      {Cause::record_overflow, 22, 0x80090326},
      {Cause::bad_record_mac, 20, 0x8009030F},
      {Cause::finished_mismatch, 51, 0x80090330},
      {Cause::signature_invalid, 51, 0x80090330},
      {Cause::no_common_version, 70, 0x80090302},
      {Cause::no_common_cipher_suite, 40, 0x80090331},
      {Cause::no_application_protocol, 120, 0x80090367},
      {Cause::certificate_untrusted_root, 48, 0x80090325},
      {Cause::certificate_expired, 45, 0x80090328},
      {Cause::certificate_wrong_name, 42, 0x80090322},
      {Cause::certificate_wrong_usage, 43, 0x80090349},
      {Cause::certificate_invalid, 46, 0x80090327},
      {Cause::certificate_required_13, 116, 0x8009030C},
      {Cause::certificate_required_12, 40, 0x8009030C},
      {Cause::internal_error, 80, 0x80090304},
      {Cause::out_of_memory, 80, 0x80090300},
  };
  for (const auto& row : rows) {
    const Disposition result = disposition({row.cause});
    ASSERT_TRUE(result.send);
    EXPECT_EQ(static_cast<int>(*result.send), row.alert) << static_cast<int>(row.cause);
    EXPECT_EQ(static_cast<std::uint32_t>(result.status), row.status) << static_cast<int>(row.cause);
  }
}

TEST(ErrorDetail, is_there_until_it_is_cleared) {
  clear_error_detail();
  EXPECT_STREQ(error_detail(), "");
  set_error_detail("the file has no key");
  EXPECT_STREQ(error_detail(), "the file has no key");
  set_error_detail("another");
  EXPECT_STREQ(error_detail(), "another");
  clear_error_detail();
  EXPECT_STREQ(error_detail(), "");
}

}  // namespace
}  // namespace schannel
