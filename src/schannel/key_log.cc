#include "schannel/key_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstring>
#include <memory>
#include <mutex>
#include <string>

namespace schannel::package {
namespace {

/// One open key log. Contexts that write to it keep it open when another takes its place.
class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() { close(descriptor_); }

  void write_line(std::string_view label, Bytes client_random, Bytes secret) const {
    // Whole from the start: growing would leave secrets in memory that nobody wipes.
    std::string line;
    line.reserve(label.size() + 2 * (client_random.size() + secret.size()) + 3);
    line = label;
    append_hex(line, client_random);
    append_hex(line, secret);
    line += '\n';
    // One write for one line: O_APPEND keeps the lines of several processes apart.
    static_cast<void>(!::write(descriptor_, line.data(), line.size()));
    explicit_bzero(line.data(), line.size());
  }

 private:
  static void append_hex(std::string& line, Bytes bytes) {
    static constexpr char kDigits[] = "0123456789abcdef";
    line += ' ';
    for (const std::uint8_t byte : bytes) {
      line += kDigits[byte >> 4];
      line += kDigits[byte & 15];
    }
  }
  int descriptor_;
};

struct Current {
  std::mutex mutex;
  std::shared_ptr<const File> file;
};

Current& current() {
  static Current& out = *new Current;
  return out;
}

}  // namespace

tls::KeyLog key_log() {
  Current& now = current();
  const std::lock_guard lock(now.mutex);
  if (!now.file) return {};
  return [file = now.file](std::string_view label, Bytes random, Bytes secret) {
    file->write_line(label, random, secret);
  };
}

bool set_key_log_file(const char* path) {
  std::shared_ptr<const File> file;
  if (path != nullptr) {
    const int descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (descriptor < 0) return false;
    file = std::make_shared<const File>(descriptor);
  }
  Current& now = current();
  const std::lock_guard lock(now.mutex);
  now.file = std::move(file);
  return true;
}

}  // namespace schannel::package
