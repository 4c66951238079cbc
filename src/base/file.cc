#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace schannel {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (value_ >= 0) close(value_);
  }
  int value() const { return value_; }

 private:
  int value_;
};

FileState state_of(const std::string& path, const struct stat& status) {
  FileState out = path;
  for (const auto part :
       {static_cast<long long>(status.st_dev), static_cast<long long>(status.st_ino),
        static_cast<long long>(status.st_size), static_cast<long long>(status.st_mtim.tv_sec),
        static_cast<long long>(status.st_mtim.tv_nsec),
        static_cast<long long>(status.st_ctim.tv_sec),
        static_cast<long long>(status.st_ctim.tv_nsec)}) {
    out += ' ' + std::to_string(part);
  }
  return out;
}

std::string unreadable(const std::string& path) {
  return path + " can't be read: " + std::generic_category().message(errno);
}

}  // namespace

std::optional<FileState> file_state(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return std::nullopt;
  return state_of(path, status);
}

std::optional<FileText> read_file(const std::string& path, std::size_t bytes_max,
                                  std::string& why) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (file.value() < 0 || fstat(file.value(), &status) != 0) {
    why = unreadable(path);
    return std::nullopt;
  }
  if (!S_ISREG(status.st_mode) || static_cast<std::size_t>(status.st_size) > bytes_max) {
    why = path + " is no regular file of at most " + std::to_string(bytes_max) + " bytes";
    return std::nullopt;
  }
  FileText out{std::string(static_cast<std::size_t>(status.st_size), '\0'), state_of(path, status),
               status.st_uid, status.st_mode};
  std::size_t size = 0;
  while (size < out.text.size()) {
    const ssize_t part = read(file.value(), out.text.data() + size, out.text.size() - size);
    if (part < 0 && errno == EINTR) continue;
    if (part < 0) {
      why = unreadable(path);
      return std::nullopt;
    }
    if (part == 0) break;
    size += static_cast<std::size_t>(part);
  }
  out.text.resize(size);
  return out;
}

}  // namespace schannel
