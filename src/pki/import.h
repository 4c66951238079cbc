#pragma once
#include <memory>
#include <string>
#include <vector>

#include "pki/key_decoding.h"
#include "pki/store.h"

// Files with certificates and keys, as stores in memory: first the certificates that have their key
// in the file, then all others in its order. Nothing is ever written to disk.
namespace schannel::pki {

/// One PEM file is at most this long; a bundle of all public roots has a quarter of it.
inline constexpr std::size_t kPemBytesMax = 1U << 20;

/// What a file held, before it becomes a store.
struct Imported {
  struct Entry {
    std::shared_ptr<const DecodedCertificate> certificate;
    Certificate::Properties properties;
  };
  std::vector<Entry> entries;
  std::vector<crypto::PrivateKey> keys;
};

/// Whatever kind of file `content` is: PEM, or one encoding of a certificate, a PFX file, or
/// certificates in PKCS#7. Adds what it holds. CRYPT_E_BAD_ENCODE for none of these; `name` is what
/// to call it in errors.
Answer<Done> read_any(Imported& out, Bytes content, const std::string& name,
                      const Password& password);
/// Certificates of a PKCS#7 SignedData; CRYPT_E_BAD_ENCODE.
Answer<Done> read_pkcs7(Imported& out, Bytes content);
/// All certificates and keys of PEM text.
Answer<Done> read_pem(Imported& out, Bytes text, const std::string& name, const Password& password);
Answer<Imported> read_pfx(Bytes pfx, const Password& password);

/// Gives each key to the first certificate that it fits, and returns how many fitted none.
std::size_t pair_keys(Imported& imported);
std::shared_ptr<Store> store_from(const Imported& imported);

/// PFX, also known as PKCS#12 (RFC 7292): CRYPT_E_BAD_ENCODE, ERROR_INVALID_PASSWORD,
/// ERROR_NOT_SUPPORTED. No password and the empty one are different keys in such files; as neither
/// is a secret, the one that was not asked for is tried as well (CERT-28).
Answer<std::shared_ptr<Store>> import_pfx(Bytes pfx, const Password& password);
/// True when the outermost structure of a PFX file is there.
bool is_pfx(Bytes pfx);
/// Whether a password opens a PFX file: its integrity check, or failing that what it encrypts.
Answer<Done> verify_pfx_password(Bytes pfx, const Password& password);

struct PfxExport {
  bool with_keys = false;
  bool must_have_keys = false;  ///< CRYPT_E_NOT_FOUND for a certificate without one.
};
/// The certificates of a store as a PFX file: AES-256 under PBKDF2, SHA-256 for integrity.
/// NTE_FAIL.
Answer<Buffer> export_pfx(const Store& store, const Password& password, const PfxExport& how);

/// One piece of PEM text, and what to call it in errors.
struct PemSource {
  Bytes text;
  std::string name;
};

/// Certificates and a private key. Without `key` the key is looked for behind the certificates,
/// where it may be missing. Errors as OpenSchannelImportPem has them.
Answer<std::shared_ptr<Store>> import_pem(const PemSource& certificates, const PemSource* key,
                                          const Password& password);
/// The same from files; `key_path` may be null.
Answer<std::shared_ptr<Store>> import_pem_files(const char* certificate_path, const char* key_path,
                                                const Password& password);

}  // namespace schannel::pki
