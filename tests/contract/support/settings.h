#pragma once
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace contract {

/// A folder of its own that is gone with the object.
class Folder {
 public:
  Folder() {
    std::string name = testing::TempDir() + "openschannel-XXXXXX";
    path_ = mkdtemp(name.data());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(file(name)) << text;
    return file(name);
  }

 private:
  std::string path_;
};

/// Settings that hold for credentials acquired while it lives.
class SettingsFile {
 public:
  explicit SettingsFile(const std::string& toml) {
    if (const char* value = std::getenv(kVariable)) before_ = value;
    change(toml);
    setenv(kVariable, path().c_str(), 1);
  }
  SettingsFile(const SettingsFile&) = delete;
  SettingsFile& operator=(const SettingsFile&) = delete;
  ~SettingsFile() { setenv(kVariable, before_.c_str(), 1); }

  void change(const std::string& toml) { folder_.write("settings.toml", toml); }
  std::string path() const { return folder_.file("settings.toml"); }

 private:
  static constexpr char kVariable[] = "OPENSCHANNEL_SETTINGS";
  Folder folder_;
  std::string before_;  ///< Empty: no file, and not the one of this machine either.
};

}  // namespace contract
