#include "pki/system_store.h"

#include <dirent.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>

#include "pki/certificate_file.h"
#include "pki/import.h"
#include "pki/properties.h"
#include "pki/text.h"

namespace schannel::pki {
namespace {

/// Moves all stores: DIR/user and DIR/machine. Not for set-user-id programs.
constexpr char kDirectoryVariable[] = "OPENSCHANNEL_STORE_DIR";
constexpr char kMachineDirectory[] = "/etc/openschannel/stores";
constexpr std::size_t kNameBytesMax = 64;
/// Files of one store that are looked at.
constexpr std::size_t kFileCountMax = 4096;

/// Lower case; empty when it can't be a directory's name.
std::string directory_name(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const bool is_upper = c >= 'A' && c <= 'Z';
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == ' ' ||
                          c == '-' || c == '_' || c == '.';
    if (!is_upper && !is_plain) return {};
    out += is_upper ? static_cast<char>(c - 'A' + 'a') : c;
  }
  if (out.size() > kNameBytesMax || out.starts_with('.')) return {};
  return out;
}

std::string user_directory() {
  if (const char* configured = secure_getenv("XDG_CONFIG_HOME"); configured && *configured == '/') {
    return std::string(configured) + "/openschannel/stores";
  }
  std::string home;
  if (const char* variable = secure_getenv("HOME"); variable && *variable == '/') {
    home = variable;
  } else {
    std::vector<char> room(16384);
    passwd entry{};
    passwd* found = nullptr;
    if (getpwuid_r(geteuid(), &entry, room.data(), room.size(), &found) != 0 || !found) return {};
    home = found->pw_dir;
  }
  return home + "/.config/openschannel/stores";
}

std::string base_directory(Location location) {
  if (const char* moved = secure_getenv(kDirectoryVariable); moved && *moved != '\0') {
    return std::string(moved) + (location == Location::user ? "/user" : "/machine");
  }
  return location == Location::user ? user_directory() : kMachineDirectory;
}

LastError denied(const std::string& what) { return failed(ERROR_ACCESS_DENIED, what); }

/// What is in a store's directory belongs to us or to root, and nobody else can put anything there.
Answer<Done> check_directory(const std::string& path) {
  struct stat about {};
  if (stat(path.c_str(), &about) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) {
      return failed(ERROR_FILE_NOT_FOUND, path + ": there is no such store");
    }
    return denied(path + ": " + std::strerror(errno));
  }
  if (!S_ISDIR(about.st_mode)) return denied(path + ": it is no directory");
  const bool is_ours = about.st_uid == geteuid() || about.st_uid == 0;
  if (!is_ours || (about.st_mode & 022) != 0) {
    return denied(path + ": others can write in it; chmod go-w, or chown it");
  }
  return Done{};
}

/// mkdir -p, the last part for us alone.
bool make_directories(const std::string& path, mode_t mode) {
  for (std::size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1)) {
    if (mkdir(path.substr(0, at).c_str(), 0755) != 0 && errno != EEXIST) return false;
  }
  return mkdir(path.c_str(), mode) == 0 || errno == EEXIST;
}

/// The files of a directory, in the order of their names; none when it can't be read.
std::vector<std::string> files_in(const std::string& directory) {
  std::vector<std::string> names;
  DIR* open = opendir(directory.c_str());
  if (open == nullptr) return names;
  while (const dirent* entry = readdir(open)) {
    if (entry->d_name[0] != '.' && names.size() < kFileCountMax) names.emplace_back(entry->d_name);
  }
  closedir(open);
  std::sort(names.begin(), names.end());
  return names;
}

/// The certificates of a directory and which file each is in.
struct Directory {
  Imported imported;
  std::map<X509*, std::string> files;
  std::string trouble;  ///< What was passed over, a line each.
};

Directory read_directory(const std::string& path) {
  Directory out;
  for (const std::string& name : files_in(path)) {
    const std::string file = path + "/" + name;
    Imported read;
    std::string trouble;
    const Answer<Done> done = read_certificate_file(read, file, trouble);
    if (!trouble.empty()) out.trouble += (out.trouble.empty() ? "" : "; ") + trouble;
    if (!done) continue;
    for (auto& entry : read.entries) {
      out.files.emplace(entry.certificate->x509(), file);
      out.imported.entries.push_back(std::move(entry));
    }
    for (auto& key : read.keys) out.imported.keys.push_back(std::move(key));
  }
  pair_keys(out.imported);
  return out;
}

/// A store's files. New ones are named after the certificate's SHA-1, as Windows names its own.
class Files : public StoreBacking {
 public:
  Files(std::string directory, mode_t mode) : directory_(std::move(directory)), mode_(mode) {}

  void remember(const DecodedCertificate& certificate, std::string file) {
    files_[to_buffer(certificate.der())] = std::move(file);
  }

  Answer<Done> write(const DecodedCertificate& certificate,
                     const Certificate::Properties& properties) override {
    if (!make_directories(directory_, mode_)) {
      return denied(directory_ + ": " + std::strerror(errno));
    }
    CHECK_OK(check_directory(directory_));
    const std::string file = directory_ + "/" + thumbprint(certificate) + ".pem";
    CHECK_OK(write_certificate_file(file, certificate, properties));
    remember(certificate, file);
    return Done{};
  }

  Answer<Done> erase(const DecodedCertificate& certificate) override {
    const auto found = files_.find(to_buffer(certificate.der()));
    if (found == files_.end()) {
      return failed(E_ACCESSDENIED, "the certificate is in no file of this store");
    }
    const std::string file = found->second;
    const auto sharing = std::count_if(files_.begin(), files_.end(),
                                       [&](const auto& other) { return other.second == file; });
    if (sharing > 1) return failed(E_ACCESSDENIED, file + ": it holds other certificates as well");
    if (unlink(file.c_str()) != 0 && errno != ENOENT) {
      return failed(E_ACCESSDENIED, file + ": " + std::strerror(errno));
    }
    files_.erase(found);
    return Done{};
  }

 private:
  static std::string thumbprint(const DecodedCertificate& certificate) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string out;
    for (const std::uint8_t byte : sha1_of(certificate)) {
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    }
    return out;
  }

  const std::string directory_;
  const mode_t mode_;
  std::map<Buffer, std::string> files_;  ///< By encoding.
};

bool shows_distribution(std::string_view directory_name) {
  return directory_name == "root" || directory_name == "ca";
}

/// libcrypto's default file, or what its variable names: the distribution's bundle.
void append_distribution(Imported& out) {
  const char* moved = secure_getenv(X509_get_default_cert_file_env());
  const std::string path = moved ? moved : X509_get_default_cert_file();
  Imported read;
  std::string trouble;
  if (!read_certificate_file(read, path, trouble)) return;  // a machine may have none
  for (auto& entry : read.entries) out.entries.push_back(std::move(entry));
}

struct Cached {
  std::string state;
  std::vector<std::shared_ptr<const DecodedCertificate>> certificates;
};

struct Caches {
  std::mutex mutex;
  std::map<std::string, Cached, std::less<>> by_name;
};

// Never destroyed: a thread may still verify while the process exits.
Caches& caches() {
  static auto& all = *new Caches;
  return all;
}

void append_state(std::string& out, const std::string& path) {
  struct stat about {};
  out += path;
  if (stat(path.c_str(), &about) == 0) {
    out += ' ' + std::to_string(about.st_ino) + ' ' + std::to_string(about.st_mtim.tv_sec) + '.' +
           std::to_string(about.st_mtim.tv_nsec);
  }
  out += '\n';
}

}  // namespace

std::string system_store_path(std::string_view name, Location location) {
  const std::string base = base_directory(location);
  return base.empty() ? base : base + "/" + directory_name(name);
}

Answer<std::shared_ptr<Store>> open_system_store(std::string_view name, Location location,
                                                 DWORD flags) {
  const std::string directory = directory_name(name);
  if (directory.empty()) return failed(E_INVALIDARG, "that can't be the name of a system store");
  const std::string path = system_store_path(name, location);
  if (path.empty()) return failed(ERROR_FILE_NOT_FOUND, "there is no home directory");

  std::string trouble;
  const Answer<Done> exists = check_directory(path);
  const bool is_missing = !exists && exists.error().code == ERROR_FILE_NOT_FOUND;
  if (!exists && !is_missing) return exists.error();
  if (is_missing && (flags & CERT_STORE_OPEN_EXISTING_FLAG) != 0 &&
      !shows_distribution(directory)) {
    return exists.error();
  }
  if (!is_missing && (flags & CERT_STORE_CREATE_NEW_FLAG) != 0) {
    return failed(ERROR_FILE_EXISTS, path + ": the store exists already");
  }

  auto files = std::make_unique<Files>(path, location == Location::user ? 0700 : 0755);
  Directory own;
  if (!is_missing) own = read_directory(path);
  for (const auto& [certificate, file] : own.files) {
    const auto entry = std::find_if(
        own.imported.entries.begin(), own.imported.entries.end(),
        [x509 = certificate](const auto& one) { return one.certificate->x509() == x509; });
    files->remember(*entry->certificate, file);
  }
  trouble = std::move(own.trouble);
  Imported all = std::move(own.imported);
  if (shows_distribution(directory)) {
    if (location == Location::user) {
      const std::string machine = system_store_path(name, Location::machine);
      if (check_directory(machine)) {
        for (auto& entry : read_directory(machine).imported.entries) {
          entry.properties.key.reset();
          all.entries.push_back(std::move(entry));
        }
      }
    }
    append_distribution(all);
  }
  std::shared_ptr<Store> store = Store::make(flags, std::move(files));
  for (const Imported::Entry& entry : all.entries) {
    store->append(entry.certificate, entry.properties);
  }
  ERR_clear_error();
  set_error_detail(trouble);
  return store;
}

Answer<Done> delete_system_store(std::string_view name, Location location) {
  if (directory_name(name).empty()) {
    return failed(E_INVALIDARG, "that can't be the name of a system store");
  }
  const std::string path = system_store_path(name, location);
  CHECK_OK(check_directory(path));
  for (const std::string& file : files_in(path)) {
    if (unlink((path + "/" + file).c_str()) != 0 && errno != ENOENT) {
      return denied(path + "/" + file + ": " + std::strerror(errno));
    }
  }
  if (rmdir(path.c_str()) != 0) return denied(path + ": " + std::strerror(errno));
  return Done{};
}

std::string system_store_state(std::string_view name) {
  std::string state;
  for (const Location location : {Location::user, Location::machine}) {
    append_state(state, system_store_path(name, location));
  }
  return state;
}

std::vector<std::shared_ptr<const DecodedCertificate>> certificates_in_system_store(
    std::string_view name) {
  Caches& all = caches();
  std::string state = system_store_state(name);
  const std::lock_guard lock(all.mutex);
  Cached& cached = all.by_name[std::string(name)];
  if (cached.state == state) return cached.certificates;
  cached.certificates.clear();
  for (const Location location : {Location::user, Location::machine}) {
    const std::string path = system_store_path(name, location);
    if (path.empty() || !check_directory(path)) continue;
    for (const auto& entry : read_directory(path).imported.entries) {
      cached.certificates.push_back(entry.certificate);
    }
  }
  ERR_clear_error();
  cached.state = std::move(state);
  return cached.certificates;
}

}  // namespace schannel::pki
