#include "schannel/ticket_key_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

namespace schannel::package {
namespace {

/// Sixteen keys and as many lines of comment again.
constexpr std::size_t kFileBytesMax = 0x4000;

/// The text of a file, which holds keys.
class WipedText {
 public:
  WipedText() : bytes_(kFileBytesMax + 1) {}
  WipedText(const WipedText&) = delete;
  WipedText& operator=(const WipedText&) = delete;
  ~WipedText() { wipe(bytes_); }

  /// False: it can't be read, or is too long.
  bool read(int file) {
    while (size_ < bytes_.size()) {
      const ssize_t got = ::read(file, bytes_.data() + size_, bytes_.size() - size_);
      if (got == 0) return true;
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return false;
      size_ += static_cast<std::size_t>(got);
    }
    return false;
  }
  std::string_view view() const { return as_text(Bytes(bytes_).first(size_)); }

 private:
  Buffer bytes_;  // never grows: a copy left behind would not be wiped
  std::size_t size_ = 0;
};

struct Descriptor {
  int number;
  ~Descriptor() {
    if (number >= 0) close(number);
  }
};

/// 16: no digit.
unsigned digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return 16;
}

/// False unless `text` is exactly the digits of `out`.
bool decode(std::string_view text, MutableBytes out) {
  if (text.size() != 2 * out.size()) return false;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const unsigned high = digit(text[2 * i]), low = digit(text[2 * i + 1]);
    if (high > 15 || low > 15) return false;
    out[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return true;
}

std::string_view next_word(std::string_view& line) {
  const std::size_t begin = std::min(line.find_first_not_of(" \t\r"), line.size());
  const std::size_t end = std::min(line.find_first_of(" \t\r", begin), line.size());
  const std::string_view word = line.substr(begin, end - begin);
  line.remove_prefix(end);
  return word;
}

}  // namespace

TicketKeyFile parse_ticket_keys(std::string_view text, const std::string& name) {
  std::vector<TicketKey> keys;
  keys.reserve(kTicketKeyCountMax);
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const auto wrong = [&](const char* what) {
      return name + ":" + std::to_string(number) + ": " + what;
    };
    const std::string_view id = next_word(line);
    if (id.empty() || id.front() == '#') continue;
    const std::string_view material = next_word(line);
    if (!next_word(line).empty()) return wrong("a line is a key id and a key, and nothing else");
    if (keys.size() == kTicketKeyCountMax) return wrong("there are more than 16 keys");
    TicketKey key;
    if (!decode(id, key.id)) return wrong("a key id is 32 hexadecimal digits");
    const std::size_t size = material.size() / 2;
    if (size < kTicketKeyBytesMin || size > kTicketKeyBytesMax) {
      return wrong("a key is 64 to 128 hexadecimal digits");
    }
    key.material = Secret(size);
    if (!decode(material, key.material.mutable_view())) {
      return wrong("a key is 64 to 128 hexadecimal digits");
    }
    const bool is_known = std::any_of(keys.begin(), keys.end(),
                                      [&](const TicketKey& other) { return other.id == key.id; });
    if (is_known) return wrong("two keys have the same id");
    keys.push_back(std::move(key));
  }
  if (keys.empty()) return name + ": there is no key";
  return keys;
}

TicketKeyFile read_ticket_key_file(const std::string& path) {
  const Descriptor file{open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  struct stat info {};
  if (file.number < 0 || fstat(file.number, &info) != 0) {
    return path + ": " + std::strerror(errno);  // NOLINT(concurrency-mt-unsafe): glibc's is safe
  }
  if (!S_ISREG(info.st_mode)) return path + ": not a regular file";
  if (info.st_uid != 0 && info.st_uid != geteuid()) {
    return path + ": belongs to another user";
  }
  if ((info.st_mode & (S_IWGRP | S_IRWXO)) != 0) {
    return path + ": others may read or write it; chmod 600 or 640";
  }
  WipedText text;
  if (!text.read(file.number)) return path + ": can't be read, or is longer than 16 KiB";
  return parse_ticket_keys(text.view(), path);
}

}  // namespace schannel::package
