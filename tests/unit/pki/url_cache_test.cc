#include "pki/url_cache.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/limits.h"

namespace schannel::pki {
namespace {

namespace fs = std::filesystem;

class UrlCache : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string folder = fs::temp_directory_path() / "openschannel-unit-XXXXXX";
    ASSERT_NE(mkdtemp(folder.data()), nullptr);
    top_ = folder;
    folder_ = folder + "/cache";
    setenv("OPENSCHANNEL_CACHE_DIR", folder_.c_str(), 1);
  }
  void TearDown() override {
    unsetenv("OPENSCHANNEL_CACHE_DIR");
    fs::remove_all(top_);
  }
  std::size_t file_count() const {
    const fs::directory_iterator begin(folder_);
    return static_cast<std::size_t>(std::distance(begin, fs::directory_iterator()));
  }

  std::string top_;
  std::string folder_;
};

TEST_F(UrlCache, gives_what_was_kept_under_the_key) {
  EXPECT_EQ(read_cache("a"), std::nullopt);
  write_cache("a", Buffer{1, 2, 3});
  write_cache("b", Buffer{4});
  EXPECT_EQ(read_cache("a"), (Buffer{1, 2, 3}));
  write_cache("a", Buffer{5});
  EXPECT_EQ(read_cache("a"), Buffer{5});
  EXPECT_EQ(read_cache("b"), Buffer{4});
  EXPECT_EQ(file_count(), 2U);  // nothing unfinished is left
}

TEST_F(UrlCache, is_for_its_owner) {
  write_cache("a", Buffer{1});
  struct stat status {};
  ASSERT_EQ(stat(folder_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700U);
  for (const fs::directory_entry& entry : fs::directory_iterator(folder_)) {
    ASSERT_EQ(stat(entry.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U);
  }
}

TEST_F(UrlCache, reads_no_links_and_no_folders) {
  write_cache("a", Buffer{1});
  const fs::path file = fs::directory_iterator(folder_)->path();
  std::ofstream(top_ + "/elsewhere") << "secret";
  fs::remove(file);
  fs::create_symlink(top_ + "/elsewhere", file);
  EXPECT_EQ(read_cache("a"), std::nullopt);
  fs::remove(file);
  fs::create_directory(file);
  EXPECT_EQ(read_cache("a"), std::nullopt);
  write_cache("a", Buffer{1});  // no failure
  fs::remove(file);
  std::ofstream(file).flush();
  EXPECT_EQ(read_cache("a"), std::nullopt);  // empty
}

TEST_F(UrlCache, lets_the_oldest_files_go_at_its_limits) {
  write_cache("old", Buffer{1});
  fs::last_write_time(fs::directory_iterator(folder_)->path(),
                      fs::file_time_type::clock::now() - std::chrono::hours(1));
  for (std::size_t i = 1; i < kRevocationCacheFileCountMax; ++i) {
    std::ofstream(folder_ + "/filler" + std::to_string(i)) << "x";
  }
  EXPECT_EQ(file_count(), kRevocationCacheFileCountMax);
  write_cache("new", Buffer{2});
  EXPECT_EQ(file_count(), kRevocationCacheFileCountMax);
  EXPECT_EQ(read_cache("old"), std::nullopt);
  EXPECT_EQ(read_cache("new"), Buffer{2});

  // One file that fills it all, by its length: no byte of it is written.
  std::ofstream(folder_ + "/filler1").flush();
  fs::resize_file(folder_ + "/filler1", kRevocationCacheBytesMax);
  fs::last_write_time(folder_ + "/filler1",
                      fs::file_time_type::clock::now() - std::chrono::hours(1));
  write_cache("newer", Buffer{3});
  EXPECT_FALSE(fs::exists(folder_ + "/filler1"));
  EXPECT_EQ(read_cache("newer"), Buffer{3});
}

TEST_F(UrlCache, folder_is_named_by_variables) {
  EXPECT_EQ(cache_folder(), folder_);
  unsetenv("OPENSCHANNEL_CACHE_DIR");
  const char* set = std::getenv("XDG_CACHE_HOME");
  const std::string before = set != nullptr ? set : "";
  setenv("XDG_CACHE_HOME", "/somewhere", 1);
  EXPECT_EQ(cache_folder(), "/somewhere/openschannel");
  setenv("XDG_CACHE_HOME", "relative", 1);  // not valid, by its specification
  EXPECT_EQ(cache_folder().find("relative"), std::string::npos);
  before.empty() ? unsetenv("XDG_CACHE_HOME") : setenv("XDG_CACHE_HOME", before.c_str(), 1);
}

TEST_F(UrlCache, that_can_not_be_written_is_no_failure) {
  setenv("OPENSCHANNEL_CACHE_DIR", "/dev/null/cache", 1);
  write_cache("a", Buffer{1});
  EXPECT_EQ(read_cache("a"), std::nullopt);
}

}  // namespace
}  // namespace schannel::pki
