#include "pki/url_cache.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "base/limits.h"
#include "crypto/hash.h"

namespace schannel::pki {
namespace {

namespace fs = std::filesystem;

class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return descriptor_; }
  explicit operator bool() const { return descriptor_ >= 0; }

 private:
  int descriptor_;
};

std::string variable(const char* name) {
  const char* value = secure_getenv(name);
  return value ? value : "";
}

fs::path path_of(const std::string& folder, std::string_view key) {
  std::string name;
  for (const std::uint8_t byte : crypto::sha256(as_bytes(key))) {
    constexpr char kDigits[] = "0123456789abcdef";
    name += kDigits[byte >> 4];
    name += kDigits[byte & 15];
  }
  return fs::path(folder) / name;
}

bool write_all(int descriptor, Bytes content) {
  while (!content.empty()) {
    const ssize_t written = write(descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    content = content.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

/// Lets the oldest files go until `more` bytes and one file fit in.
void make_room(const std::string& folder, std::uint64_t more) {
  struct Entry {
    fs::file_time_type time;
    std::uint64_t size;
    fs::path path;
  };
  std::vector<Entry> entries;
  std::uint64_t total = more;
  std::error_code failure;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, failure)) {
    if (!entry.is_regular_file(failure)) continue;
    const std::uint64_t size = entry.file_size(failure);
    entries.push_back({entry.last_write_time(failure), size, entry.path()});
    total += size;
  }
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.time < b.time; });
  std::size_t count = entries.size() + 1;
  for (const Entry& entry : entries) {
    if (total <= kRevocationCacheBytesMax && count <= kRevocationCacheFileCountMax) return;
    fs::remove(entry.path, failure);
    total -= entry.size;
    --count;
  }
}

}  // namespace

std::string cache_folder() {
  if (std::string own = variable("OPENSCHANNEL_CACHE_DIR"); !own.empty()) return own;
  if (const std::string base = variable("XDG_CACHE_HOME"); base.starts_with('/')) {
    return base + "/openschannel";
  }
  if (const std::string home = variable("HOME"); home.starts_with('/')) {
    return home + "/.cache/openschannel";
  }
  return {};
}

std::optional<Buffer> read_cache(std::string_view key) {
  const std::string folder = cache_folder();
  if (folder.empty()) return std::nullopt;
  // A link, a pipe or a device is nothing of ours.
  const File file(
      open(path_of(folder, key).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat status {};
  if (!file || fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode) || status.st_size <= 0 ||
      static_cast<std::uint64_t>(status.st_size) > kCrlBytesMax) {
    return std::nullopt;
  }
  Buffer content(static_cast<std::size_t>(status.st_size));
  std::size_t filled = 0;
  while (filled < content.size()) {
    const ssize_t size = read(file.get(), content.data() + filled, content.size() - filled);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return std::nullopt;
    filled += static_cast<std::size_t>(size);
  }
  return content;
}

void write_cache(std::string_view key, Bytes content) {
  const std::string folder = cache_folder();
  if (folder.empty()) return;
  std::error_code failure;
  fs::create_directories(fs::path(folder).parent_path(), failure);
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return;
  make_room(folder, content.size());
  // Readers see the old file or the new one, never a part.
  std::string unfinished = folder + "/new-XXXXXX";
  const File file(mkostemp(unfinished.data(), O_CLOEXEC));  // mode 0600
  if (!file) return;
  if (!write_all(file.get(), content) ||
      rename(unfinished.c_str(), path_of(folder, key).c_str()) != 0) {
    unlink(unfinished.c_str());
  }
}

}  // namespace schannel::pki
