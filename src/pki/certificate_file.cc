#include "pki/certificate_file.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/secret.h"

namespace schannel::pki {
namespace {

constexpr std::size_t kFileBytesMax = kPemBytesMax;

LastError file_failed(const std::string& path, int error) {
  const std::string detail = path + ": " + std::strerror(error);
  switch (error) {
    case ENOENT:
      return failed(ERROR_FILE_NOT_FOUND, detail);
    case ENOTDIR:
      return failed(ERROR_PATH_NOT_FOUND, detail);
    case EACCES:
    case EPERM:
      return failed(ERROR_ACCESS_DENIED, detail);
    default:
      return failed(ERROR_READ_FAULT, detail);
  }
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  int number() const { return number_; }

 private:
  int number_;
};

/// May hold a key in the clear.
struct WipedBuffer {
  Buffer bytes;
  ~WipedBuffer() { wipe(bytes); }
};

bool write_all(int file, Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t count = write(file, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return true;
}

/// PEM text of a certificate and its key. libcrypto wipes the memory behind a secure BIO.
Answer<Done> as_pem(const DecodedCertificate& certificate,
                    const Certificate::Properties& properties, WipedBuffer& out) {
  const BioPtr bio = allocated(BioPtr(BIO_new(BIO_s_secmem())));
  bool done = PEM_write_bio_X509(bio.get(), certificate.x509()) == 1;
  if (properties.key) {
    done = done && PEM_write_bio_PKCS8PrivateKey(bio.get(), properties.key->native(), nullptr,
                                                 nullptr, 0, nullptr, nullptr) == 1;
  }
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  if (!done || size <= 0) {
    ERR_clear_error();
    return failed(E_UNEXPECTED, "the certificate can't be encoded");
  }
  const Bytes bytes = as_bytes({text, static_cast<std::size_t>(size)});
  out.bytes.assign(bytes.begin(), bytes.end());
  return Done{};
}

}  // namespace

namespace {

struct FileContent {
  WipedBuffer content;
  struct stat about {};
};

Answer<Done> read_file(const std::string& path, FileContent& out) {
  // A pipe or a device would make us wait; nothing of the kind belongs here.
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.number() < 0 || fstat(file.number(), &out.about) != 0) return file_failed(path, errno);
  if (!S_ISREG(out.about.st_mode)) return failed(ERROR_READ_FAULT, path + ": no file");
  if (out.about.st_size < 0 || static_cast<std::size_t>(out.about.st_size) > kFileBytesMax) {
    return failed(ERROR_READ_FAULT, path + ": more than 1 MiB");
  }
  Buffer& bytes = out.content.bytes;
  bytes.resize(static_cast<std::size_t>(out.about.st_size));
  std::size_t size = 0;
  while (size < bytes.size()) {
    const ssize_t count = read(file.number(), bytes.data() + size, bytes.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return file_failed(path, errno);
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  bytes.resize(size);
  return Done{};
}

}  // namespace

Answer<Buffer> read_whole_file(const std::string& path) {
  FileContent file;
  CHECK_OK(read_file(path, file));
  return std::move(file.content.bytes);
}

Answer<Done> read_certificate_file(Imported& out, const std::string& path, std::string& trouble) {
  const auto gives_up = [&](LastError error) {
    trouble = path + " was passed over: " + std::string(error_detail());
    return error;
  };
  FileContent file;
  if (const auto done = read_file(path, file); !done) return gives_up(done.error());
  const struct stat& about = file.about;
  Imported read;
  if (const auto done = read_any(read, file.content.bytes, path, std::nullopt); !done) {
    return gives_up(done.error());
  }
  const mode_t others = about.st_uid == 0 ? 037 : 077;
  if (!read.keys.empty() && (about.st_mode & others) != 0) {
    trouble = path + ": its private key was left out, because others can read it; chmod 600";
    read.keys.clear();
  }
  for (auto& entry : read.entries) out.entries.push_back(std::move(entry));
  for (auto& key : read.keys) out.keys.push_back(std::move(key));
  return Done{};
}

Answer<Done> write_certificate_file(const std::string& path, const DecodedCertificate& certificate,
                                    const Certificate::Properties& properties) {
  WipedBuffer text;
  CHECK_OK(as_pem(certificate, properties, text));
  // Beside it, and then in its place: nobody ever reads half a file.
  std::string temporary = path + ".XXXXXX";
  const std::size_t name = temporary.rfind('/') + 1;
  temporary.insert(name, ".");
  const Descriptor file(mkostemp(temporary.data(), O_CLOEXEC));
  const bool done = file.number() >= 0 && write_all(file.number(), text.bytes) &&
                    fsync(file.number()) == 0 && rename(temporary.c_str(), path.c_str()) == 0;
  if (done) return Done{};
  const int error = errno;
  if (file.number() >= 0) unlink(temporary.c_str());
  return failed(ERROR_ACCESS_DENIED, path + ": " + std::strerror(error));
}

}  // namespace schannel::pki
