#include "schannel/ticket_key_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

namespace schannel::package {
namespace {

const std::string kId1(32, 'a'), kId2(32, '7');
const std::string kKey32(64, '1'), kKey64(128, 'F');

std::vector<TicketKey> keys_of(const std::string& text) {
  TicketKeyFile file = parse_ticket_keys(text, "keys");
  if (auto* keys = std::get_if<std::vector<TicketKey>>(&file)) return std::move(*keys);
  ADD_FAILURE() << std::get<std::string>(file);
  return {};
}

std::string complaint(const std::string& text) {
  TicketKeyFile file = parse_ticket_keys(text, "keys");
  const auto* why = std::get_if<std::string>(&file);
  return why != nullptr ? *why : "none";
}

TEST(TicketKeyFile, is_a_line_for_each_key_the_sealing_one_first) {
  const auto keys =
      keys_of("# of June\n" + kId1 + " " + kKey32 + "\n\n\t" + kId2 + "\t" + kKey64 + " \r\n# end");
  ASSERT_EQ(keys.size(), 2U);
  EXPECT_EQ(to_buffer(keys[0].id), Buffer(16, 0xaa));
  EXPECT_EQ(to_buffer(keys[0].material), Buffer(32, 0x11));
  EXPECT_EQ(to_buffer(keys[1].id), Buffer(16, 0x77));
  EXPECT_EQ(to_buffer(keys[1].material), Buffer(64, 0xff));
}

TEST(TicketKeyFile, with_a_slip_in_it_is_refused_and_the_line_named) {
  const std::string good = kId1 + " " + kKey32 + "\n";
  EXPECT_EQ(complaint(good), "none");
  EXPECT_EQ(complaint(""), "keys: there is no key");
  EXPECT_EQ(complaint("# nothing\n"), "keys: there is no key");
  EXPECT_EQ(complaint(good + kId2), "keys:2: a key is 64 to 128 hexadecimal digits");
  EXPECT_EQ(complaint(good + kId2 + " " + kKey32.substr(2)),
            "keys:2: a key is 64 to 128 hexadecimal digits");
  EXPECT_EQ(complaint(kId1 + " " + kKey32 + "1"), "keys:1: a key is 64 to 128 hexadecimal digits");
  EXPECT_EQ(complaint(kId1 + " " + kKey64 + "00"), "keys:1: a key is 64 to 128 hexadecimal digits");
  EXPECT_EQ(complaint(kId1 + " " + std::string(64, 'g')),
            "keys:1: a key is 64 to 128 hexadecimal digits");
  EXPECT_EQ(complaint(kId1.substr(1) + " " + kKey32), "keys:1: a key id is 32 hexadecimal digits");
  EXPECT_EQ(complaint(kId1 + " " + kKey32 + " more"),
            "keys:1: a line is a key id and a key, and nothing else");
  EXPECT_EQ(complaint(good + good), "keys:2: two keys have the same id");
  std::string many;
  for (int i = 0; i < 17; ++i)
    many += std::to_string(10 + i) + kId1.substr(2) + " " + kKey32 + "\n";
  EXPECT_EQ(complaint(many), "keys:17: there are more than 16 keys");
  EXPECT_EQ(complaint(good).find(kKey32), std::string::npos);
}

class OnDisk : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/openschannel-keys-XXXXXX";
    const int file = mkstemp(name);
    ASSERT_GE(file, 0);
    close(file);
    path_ = name;
    std::ofstream(path_) << kId1 << ' ' << kKey32 << '\n';
  }
  void TearDown() override { unlink(path_.c_str()); }
  std::string complaint_with(mode_t mode) {
    EXPECT_EQ(chmod(path_.c_str(), mode), 0);
    TicketKeyFile file = read_ticket_key_file(path_);
    const auto* why = std::get_if<std::string>(&file);
    return why != nullptr ? *why : "none";
  }
  std::string path_;
};

TEST_F(OnDisk, a_key_file_is_for_its_owner_and_perhaps_a_group_that_reads) {
  EXPECT_EQ(complaint_with(0600), "none");
  EXPECT_EQ(complaint_with(0400), "none");
  EXPECT_EQ(complaint_with(0640), "none");
  for (const mode_t mode : {0660, 0644, 0604, 0602, 0601, 0666}) {
    EXPECT_EQ(complaint_with(mode), path_ + ": others may read or write it; chmod 600 or 640");
  }
}

TEST_F(OnDisk, a_key_file_of_another_user_is_refused) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  ASSERT_EQ(chown(path_.c_str(), 12345, static_cast<gid_t>(-1)), 0);
  EXPECT_EQ(complaint_with(0600), path_ + ": belongs to another user");
}

TEST_F(OnDisk, what_is_no_file_or_too_long_is_refused) {
  const auto complaint_of = [](const std::string& path) {
    TicketKeyFile file = read_ticket_key_file(path);
    return std::get<std::string>(file);
  };
  EXPECT_EQ(complaint_of("/nonexistent/keys"), "/nonexistent/keys: No such file or directory");
  EXPECT_EQ(complaint_of("/tmp"), "/tmp: not a regular file");
  EXPECT_EQ(complaint_of("/dev/null"), "/dev/null: not a regular file");
  std::ofstream(path_) << std::string(0x4001, '#');
  EXPECT_EQ(complaint_with(0600), path_ + ": can't be read, or is longer than 16 KiB");
}

}  // namespace
}  // namespace schannel::package
