#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "pki/import.h"

namespace schannel::pki {
namespace {

/// Memory that may hold a key in the clear.
class WipedBuffer {
 public:
  explicit WipedBuffer(std::size_t size) : bytes_(size) {}
  WipedBuffer(const WipedBuffer&) = delete;
  WipedBuffer& operator=(const WipedBuffer&) = delete;
  ~WipedBuffer() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }
  std::uint8_t* data() { return bytes_.data(); }
  Bytes view(std::size_t size) const { return Bytes(bytes_).first(size); }

 private:
  Buffer bytes_;
};

/// What stands between one BEGIN and END.
struct Block {
  char* label = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;

  Block() = default;
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;
  ~Block() {
    OPENSSL_free(label);
    OPENSSL_free(header);
    OPENSSL_clear_free(data, static_cast<std::size_t>(size));
  }
  Bytes der() const { return {data, static_cast<std::size_t>(size)}; }
};

/// Hands the password to libcrypto, and never asks at the terminal as libcrypto would by itself.
int copy_password(char* out, int size, int /*writing*/, void* password) {
  const Password& from = **static_cast<const Password**>(password);
  if (!from || from->size() > static_cast<std::size_t>(size)) return -1;
  std::copy(from->begin(), from->end(), out);
  return static_cast<int>(from->size());
}

/// A PKCS#1 or SEC 1 key, which may be encrypted in PEM's own way (RFC 1421 headers).
Answer<crypto::PrivateKey> traditional_key(Block& block, const Password& password,
                                           const std::string& what) {
  EVP_CIPHER_INFO cipher{};
  ERR_clear_error();
  if (PEM_get_EVP_CIPHER_INFO(block.header, &cipher) != 1) {
    if (ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_UNSUPPORTED_ENCRYPTION) {
      ERR_clear_error();
      return failed(ERROR_NOT_SUPPORTED,
                    what + ": encrypted with an algorithm that OpenSSL does not have");
    }
    ERR_clear_error();
    return failed(CRYPT_E_BAD_ENCODE, what + ": its headers can't be read");
  }
  if (!cipher.cipher) return key_from_der(block.der(), what);

  const Password* from = &password;
  if (PEM_do_header(&cipher, block.data, &block.size, copy_password, &from) != 1) {
    return decryption_failed(what);
  }
  Answer<crypto::PrivateKey> key = key_from_der(block.der(), what);
  // One wrong password in 256 leaves padding that looks right, and nonsense in front of it.
  if (!key && key.error().code == static_cast<DWORD>(CRYPT_E_BAD_ENCODE)) {
    return failed(ERROR_INVALID_PASSWORD, what + ": the password is wrong");
  }
  return key;
}

Answer<crypto::PrivateKey> encrypted_key(const Block& block, const Password& password,
                                         const std::string& what) {
  const unsigned char* at = block.data;
  const X509SigPtr encrypted(d2i_X509_SIG(nullptr, &at, block.size));
  if (!encrypted) {
    ERR_clear_error();
    return failed(CRYPT_E_BAD_ENCODE, what + ": it can't be decoded");
  }
  return key_from_encrypted(encrypted.get(), password, what);
}

Answer<std::shared_ptr<const DecodedCertificate>> certificate_in(const Block& block,
                                                                 const std::string& what) {
  Buffer der = to_buffer(block.der());
  if (std::string_view(block.label) == PEM_STRING_X509_TRUSTED) {
    // OpenSSL's own form: what it trusts the certificate for follows the certificate.
    const unsigned char* at = block.data;
    const X509Ptr certificate(d2i_X509_AUX(nullptr, &at, block.size));
    der = certificate ? encoding_of(certificate.get(), i2d_X509) : Buffer();
  }
  auto decoded = DecodedCertificate::decode(der);
  ERR_clear_error();
  if (!decoded) return failed(CRYPT_E_ASN1_BADTAG, what + ": the certificate can't be decoded");
  return decoded;
}

enum class Wanted : std::uint8_t { certificates, keys, both };

Answer<Done> take_block(Imported& out, Block& block, Wanted wanted, const Password& password,
                        const std::string& what) {
  const std::string_view label = block.label;
  if (wanted != Wanted::keys && (label == PEM_STRING_X509 || label == PEM_STRING_X509_OLD ||
                                 label == PEM_STRING_X509_TRUSTED)) {
    TRY(auto decoded, certificate_in(block, what));
    out.entries.push_back({std::move(decoded), {}});
  }
  if (wanted == Wanted::certificates) return Done{};
  if (label == PEM_STRING_PKCS8) {
    TRY(auto key, encrypted_key(block, password, what));
    out.keys.push_back(std::move(key));
  } else if (label == PEM_STRING_PKCS8INF) {
    TRY(auto key, key_from_der(block.der(), what));
    out.keys.push_back(std::move(key));
  } else if (label.ends_with(" PRIVATE KEY")) {
    TRY(auto key, traditional_key(block, password, what));
    out.keys.push_back(std::move(key));
  }
  return Done{};
}

Answer<Done> read_blocks(Imported& out, const PemSource& source, Wanted wanted,
                         const Password& password) {
  if (source.text.size() > kPemBytesMax) {
    return failed(E_INVALIDARG, source.name + ": more than 1 MiB");
  }
  const BioPtr bio =
      allocated(BioPtr(BIO_new_mem_buf(source.text.data(), static_cast<int>(source.text.size()))));
  for (int number = 1;; ++number) {
    Block block;
    ERR_clear_error();
    if (PEM_read_bio(bio.get(), &block.label, &block.header, &block.data, &block.size) != 1) {
      const bool is_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
      ERR_clear_error();
      if (is_end) return Done{};
      return failed(CRYPT_E_BAD_ENCODE,
                    source.name + ": PEM block " + std::to_string(number) + " is damaged");
    }
    const std::string what =
        source.name + ", PEM block " + std::to_string(number) + " (" + block.label + ")";
    CHECK_OK(take_block(out, block, wanted, password, what));
  }
}

LastError file_failed(const char* path, int error) {
  const std::string detail = std::string(path) + ": " + std::strerror(error);
  switch (error) {
    case ENOENT:
      return failed(ERROR_FILE_NOT_FOUND, detail);
    case ENOTDIR:
      return failed(ERROR_PATH_NOT_FOUND, detail);
    case EACCES:
    case EPERM:
      return failed(ERROR_ACCESS_DENIED, detail);
    case ENOMEM:
      return failed(E_OUTOFMEMORY, detail);
    default:
      return failed(ERROR_READ_FAULT, detail);
  }
}

/// Fills `out` and says how much of it; a pipe will do as well as a file.
Answer<std::size_t> read_file(const char* path, WipedBuffer& out) {
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return file_failed(path, errno);
  std::size_t size = 0;
  ssize_t count = 1;
  // One byte more than allowed shows that there is more.
  while (count > 0 && size <= kPemBytesMax) {
    count = read(file, out.data() + size, kPemBytesMax + 1 - size);
    if (count < 0 && errno == EINTR) {
      count = 1;
    } else if (count > 0) {
      size += static_cast<std::size_t>(count);
    }
  }
  const int error = errno;
  close(file);
  if (count < 0) return file_failed(path, error);
  if (size > kPemBytesMax) {
    return failed(ERROR_READ_FAULT, std::string(path) + ": more than 1 MiB");
  }
  return size;
}

}  // namespace

Answer<Done> read_pem(Imported& out, Bytes text, const std::string& name,
                      const Password& password) {
  return read_blocks(out, {text, name}, Wanted::both, password);
}

Answer<std::shared_ptr<Store>> import_pem(const PemSource& certificates, const PemSource* key,
                                          const Password& password) {
  Imported imported;
  CHECK_OK(
      read_blocks(imported, certificates, key ? Wanted::certificates : Wanted::both, password));
  if (imported.entries.empty()) {
    return failed(CRYPT_E_NOT_FOUND, certificates.name + ": no certificate in PEM form");
  }
  if (key) {
    CHECK_OK(read_blocks(imported, *key, Wanted::keys, password));
    if (imported.keys.empty()) {
      return failed(CRYPT_E_NOT_FOUND, key->name + ": no private key in PEM form");
    }
  }
  if (pair_keys(imported) != 0) {
    return failed(NTE_BAD_PUBLIC_KEY, (key ? key->name : certificates.name) +
                                          ": the private key belongs to no certificate in " +
                                          certificates.name);
  }
  return store_from(imported);
}

Answer<std::shared_ptr<Store>> import_pem_files(const char* certificate_path, const char* key_path,
                                                const Password& password) {
  WipedBuffer certificate_file(kPemBytesMax + 1);
  TRY(const std::size_t certificate_size, read_file(certificate_path, certificate_file));
  const PemSource certificates{certificate_file.view(certificate_size), certificate_path};
  if (!key_path) return import_pem(certificates, nullptr, password);

  WipedBuffer key_file(kPemBytesMax + 1);
  TRY(const std::size_t key_size, read_file(key_path, key_file));
  const PemSource key{key_file.view(key_size), key_path};
  return import_pem(certificates, &key, password);
}

}  // namespace schannel::pki
