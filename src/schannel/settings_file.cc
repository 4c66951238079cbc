#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <mutex>
#include <system_error>

#include "schannel/settings.h"

// The one file with settings, and the copy of it that is in force.
namespace schannel::package {
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

std::string reason(int error) { return std::generic_category().message(error); }

/// Differs when the file was replaced or written to.
std::string state_of(const std::string& path, const struct stat& status) {
  std::string out = path;
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

/// The whole file and its state; false with `why` set.
bool read_file(const std::string& path, std::string& text, std::string& state, std::string& why) {
  // Not to be kept waiting by a pipe.
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (file.value() < 0 || fstat(file.value(), &status) != 0) {
    why = path + " can't be read: " + reason(errno);
    return false;
  }
  if (!S_ISREG(status.st_mode) || status.st_size > off_t{kSettingsBytesMax}) {
    why = path + " is no regular file of at most 1 MiB";
    return false;
  }
  text.resize(static_cast<std::size_t>(status.st_size));
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t part = ::read(file.value(), text.data() + size, text.size() - size);
    if (part < 0 && errno == EINTR) continue;
    if (part < 0) {
      why = path + " can't be read: " + reason(errno);
      return false;
    }
    if (part == 0) break;
    size += static_cast<std::size_t>(part);
  }
  text.resize(size);
  state = state_of(path, status);
  return true;
}

struct InForce {
  std::mutex mutex;
  std::string state;
  std::shared_ptr<const Settings> settings;
};

InForce& in_force() {
  // Never destroyed: a caller's thread may outlive the process's static objects.
  static auto& kept = *new InForce;
  return kept;
}

}  // namespace

std::shared_ptr<const Settings> current_settings(std::string& why) {
  const char* named = secure_getenv(kSettingsVariable);
  const std::string path = named != nullptr ? named : kSystemSettingsFile;
  struct stat status {};
  const int found = path.empty() ? -1 : stat(path.c_str(), &status);
  if (path.empty() || (found != 0 && errno == ENOENT && named == nullptr)) {
    return std::make_shared<const Settings>();
  }
  InForce& kept = in_force();
  const std::lock_guard lock(kept.mutex);
  if (found == 0 && kept.settings && kept.state == state_of(path, status)) return kept.settings;
  std::string text;
  std::string state;
  if (!read_file(path, text, state, why)) return nullptr;
  ParsedSettings parsed = parse_settings(text, path);
  if (auto* error = std::get_if<std::string>(&parsed)) {
    why = std::move(*error);
    return nullptr;
  }
  kept.settings = std::make_shared<const Settings>(std::get<Settings>(std::move(parsed)));
  kept.state = std::move(state);
  return kept.settings;
}

}  // namespace schannel::package
