#include "schannel/packed_context.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>

#include "base/error_detail.h"
#include "crypto/aead.h"
#include "crypto/kdf.h"
#include "crypto/random.h"

namespace schannel::package {
namespace {

constexpr std::uint8_t kMagic[] = {'O', 'S', 'C', 'X'};
constexpr std::uint8_t kForm = 1;
enum class Kind : std::uint8_t { machine = 1, key = 2 };
constexpr std::size_t kSaltAt = sizeof kMagic + 2;
constexpr std::size_t kSaltBytes = 32;
constexpr std::size_t kHeaderBytes = kSaltAt + kSaltBytes;
constexpr std::size_t kSecretBytes = 32;
static_assert(kHeaderBytes + crypto::kAeadTagBytes == kPackedOverheadBytes);

/// Where glibc keeps shared memory objects (shm_open(3)).
constexpr char kObjectFolder[] = "/dev/shm";
constexpr std::string_view kObjectPrefix = "openschannel-export-";

SECURITY_STATUS refuse(SECURITY_STATUS status, std::string why) {
  set_error_detail(std::move(why));
  return status;
}

/// A file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  int number() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }

 private:
  int number_;
};

/// Half of the salt is name enough.
std::string object_name(Bytes salt) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string name = "/" + std::string(kObjectPrefix);
  for (const std::uint8_t byte : salt.first(16)) {
    name += kDigits[byte >> 4];
    name += kDigits[byte & 15];
  }
  return name;
}

/// What was exported and never imported must not stay until the machine restarts.
void remove_stale_objects() {
  std::error_code error;
  const std::int64_t now = time(nullptr);
  for (const auto& entry : std::filesystem::directory_iterator(kObjectFolder, error)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with(kObjectPrefix)) continue;
    struct stat about {};
    const bool is_ours = lstat(entry.path().c_str(), &about) == 0 && about.st_uid == geteuid();
    if (is_ours && now - about.st_mtime > kExportedSecondsMax) shm_unlink(("/" + name).c_str());
  }
}

SECURITY_STATUS store_secret(const std::string& name, const Secret& secret) {
  remove_stale_objects();
  const Descriptor object(shm_open(name.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600));
  const Bytes bytes = secret;
  const bool stored =
      object && write(object.number(), bytes.data(), bytes.size()) == ssize_t{kSecretBytes};
  if (stored) return SEC_E_OK;
  const int code = errno;
  if (object) shm_unlink(name.c_str());
  return refuse(SEC_E_INTERNAL_ERROR,
                "the secret of the exported context can't be stored in " +
                    std::string(kObjectFolder) + ": " + std::generic_category().message(code) +
                    "; OpenSchannelExportSecurityContext takes a key instead");
}

SECURITY_STATUS load_secret(const std::string& name, Secret& out) {
  const Descriptor object(shm_open(name.c_str(), O_RDONLY | O_CLOEXEC, 0));
  if (!object && errno == EACCES) {
    return refuse(SEC_E_NOT_OWNER, "the context was exported by another user");
  }
  if (!object) {
    return refuse(SEC_E_NO_CREDENTIALS,
                  "the context was imported already, is too old, or is from another machine");
  }
  struct stat about {};
  // Names are not secret: anybody could have made an object of that name.
  if (fstat(object.number(), &about) != 0 || about.st_uid != geteuid() ||
      (about.st_mode & 077) != 0) {
    return refuse(SEC_E_NOT_OWNER, "the context was exported by another user");
  }
  if (time(nullptr) - about.st_mtime > kExportedSecondsMax) {
    return refuse(SEC_E_NO_CREDENTIALS, "the context was exported too long ago");
  }
  out = Secret(kSecretBytes);
  const MutableBytes bytes = out.mutable_view();
  if (read(object.number(), bytes.data(), bytes.size()) != ssize_t{kSecretBytes}) {
    return refuse(SEC_E_UNKNOWN_CREDENTIALS, "the secret of the exported context is not whole");
  }
  return SEC_E_OK;
}

Result<crypto::AeadKey> image_key(Bytes salt, Bytes secret) {
  const Secret key =
      crypto::hkdf_expand_label(crypto::HashAlgorithm::sha256,
                                crypto::hkdf_extract(crypto::HashAlgorithm::sha256, salt, secret),
                                "exported context", {}, 32);
  return crypto::AeadKey::create(crypto::AeadAlgorithm::aes_256_gcm, key);
}

/// The key is for one image: any nonce is fresh.
constexpr crypto::AeadNonce kNonce{};

}  // namespace

SECURITY_STATUS pack_image(Bytes image, Bytes key, Buffer& packed) {
  packed.clear();
  packed.reserve(image.size() + kPackedOverheadBytes);
  append(packed, kMagic);
  packed.push_back(kForm);
  packed.push_back(static_cast<std::uint8_t>(key.empty() ? Kind::machine : Kind::key));
  packed.resize(kHeaderBytes + image.size() + crypto::kAeadTagBytes);
  const MutableBytes salt = MutableBytes(packed).subspan(kSaltAt, kSaltBytes);
  crypto::system_random().fill(salt);

  Secret secret;
  if (key.empty()) {
    secret = Secret(kSecretBytes);
    crypto::system_random().fill(secret.mutable_view());
  }
  const MutableBytes body = MutableBytes(packed).subspan(kHeaderBytes, image.size());
  std::copy(image.begin(), image.end(), body.begin());
  Result<crypto::AeadKey> sealing = image_key(salt, key.empty() ? Bytes(secret) : key);
  if (!sealing || !sealing->seal(kNonce, Bytes(packed).first(kHeaderBytes), body, {},
                                 body.data() + body.size())) {
    wipe(packed);
    return refuse(SEC_E_INTERNAL_ERROR, "the exported context can't be sealed");
  }
  // Last: nothing stays behind when something fails.
  return key.empty() ? store_secret(object_name(salt), secret) : SEC_E_OK;
}

SECURITY_STATUS unpack_image(Bytes packed, Bytes key, Buffer& image) {
  const auto kind = static_cast<std::uint8_t>(key.empty() ? Kind::machine : Kind::key);
  if (packed.size() < kPackedOverheadBytes || !equal(packed.first(sizeof kMagic), kMagic) ||
      packed[sizeof kMagic] != kForm || packed[sizeof kMagic + 1] != kind) {
    return refuse(SEC_E_UNKNOWN_CREDENTIALS,
                  "this is no exported context of this release, or not of this kind");
  }
  const Bytes salt = packed.subspan(kSaltAt, kSaltBytes);
  const std::string name = object_name(salt);
  Secret secret;
  if (key.empty()) {
    if (const SECURITY_STATUS status = load_secret(name, secret); status != SEC_E_OK) return status;
  }
  const Bytes body =
      packed.subspan(kHeaderBytes, packed.size() - kHeaderBytes - crypto::kAeadTagBytes);
  image.resize(body.size());
  Result<crypto::AeadKey> opening = image_key(salt, key.empty() ? Bytes(secret) : key);
  if (!opening || !opening->open(kNonce, packed.first(kHeaderBytes), body.data(), image.data(),
                                 body.size(), body.data() + body.size())) {
    return refuse(
        SEC_E_UNKNOWN_CREDENTIALS,
        "the exported context was altered, or the key is not the one it was exported with");
  }
  // Of two that import the same context at once, one takes the name away.
  if (key.empty() && shm_unlink(name.c_str()) != 0) {
    wipe(image);
    return refuse(SEC_E_NO_CREDENTIALS, "the context was imported already");
  }
  return SEC_E_OK;
}

}  // namespace schannel::package
