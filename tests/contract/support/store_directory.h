#pragma once
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace contract {

/// A directory for the system stores of one test, which is gone afterwards (docs/stores.md).
class StoreDirectory {
 public:
  StoreDirectory() {
    std::string name = "/tmp/openschannel-stores-XXXXXX";
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    path_ = name;
    setenv("OPENSCHANNEL_STORE_DIR", path_.c_str(), 1);
  }
  StoreDirectory(const StoreDirectory&) = delete;
  StoreDirectory& operator=(const StoreDirectory&) = delete;
  ~StoreDirectory() {
    unsetenv("OPENSCHANNEL_STORE_DIR");
    std::filesystem::remove_all(path_);
  }

  /// The directory of a store, such as "user/my"; made when it is not there.
  std::string of(const std::string& store) const {
    const std::string path = path_ + "/" + store;
    std::filesystem::create_directories(path);
    chmod(path.c_str(), 0700);
    return path;
  }
  /// Puts a file into a store.
  std::string put(const std::string& store, const std::string& name, const std::string& content,
                  mode_t mode = 0600) const {
    const std::string path = of(store) + "/" + name;
    std::ofstream(path, std::ios::binary) << content;
    EXPECT_EQ(chmod(path.c_str(), mode), 0);
    return path;
  }
  std::size_t file_count(const std::string& store) const {
    std::size_t count = 0;
    const std::string path = path_ + "/" + store;
    if (!std::filesystem::exists(path)) return 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(path)) ++count;
    return count;
  }

 private:
  std::string path_;
};

}  // namespace contract
