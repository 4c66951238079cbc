#include "pki/properties.h"

#include <openssl/err.h>

#include <array>

#include "pki/owned.h"

namespace schannel::pki {
namespace {

/// RFC 5280 section 4.2.1.2, or what Windows takes where a certificate does not say: the hash of
/// the whole SubjectPublicKeyInfo.
Buffer key_identifier(const DecodedCertificate& certificate) {
  if (const ASN1_OCTET_STRING* id = X509_get0_subject_key_id(certificate.x509())) {
    Buffer out;
    append(out, view_of(id));
    return out;
  }
  unsigned char* info = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate.x509()), &info);
  const MemoryPtr owner(info);
  return size > 0 ? digest_of("SHA1", {info, static_cast<std::size_t>(size)}) : Buffer();
}

/// The hash that the issuer signed: of the TBSCertificate, by the signature's hash function.
Buffer signature_hash(const DecodedCertificate& certificate) {
  int hash = NID_undef;
  if (X509_get_signature_info(certificate.x509(), &hash, nullptr, nullptr, nullptr) != 1 ||
      hash == NID_undef) {
    ERR_clear_error();
    return {};  // Ed25519 signs the message itself
  }
  // The outer header, then the TBSCertificate with its own. It has been parsed before.
  const unsigned char* at = certificate.der().data();
  long size = 0;
  int tag = 0;
  int tag_class = 0;
  ASN1_get_object(&at, &size, &tag, &tag_class, static_cast<long>(certificate.der().size()));
  const unsigned char* content = at;
  ASN1_get_object(&content, &size, &tag, &tag_class, size);
  return digest_of(OBJ_nid2sn(hash), {at, static_cast<std::size_t>(content - at + size)});
}

Buffer computed(const DecodedCertificate& certificate, DWORD id) {
  switch (id) {
    case CERT_SHA1_HASH_PROP_ID:
      return digest_of("SHA1", certificate.der());
    case CERT_MD5_HASH_PROP_ID:
      return digest_of("MD5", certificate.der());
    case CERT_SHA256_HASH_PROP_ID:
      return digest_of("SHA256", certificate.der());
    case CERT_SIGNATURE_HASH_PROP_ID:
      return signature_hash(certificate);
    case CERT_KEY_IDENTIFIER_PROP_ID:
      return key_identifier(certificate);
    case CERT_SUBJECT_NAME_MD5_HASH_PROP_ID:
      return digest_of("MD5", certificate.subject());
    case CERT_SUBJECT_PUBLIC_KEY_MD5_HASH_PROP_ID: {
      const CRYPT_BIT_BLOB& key = certificate.info()->SubjectPublicKeyInfo.PublicKey;
      return digest_of("MD5", {key.pbData, key.cbData});
    }
    case CERT_ACCESS_STATE_PROP_ID:
      return Buffer(sizeof(DWORD));  // no flags: what is in memory is never written anywhere
    default:
      return {};
  }
}

}  // namespace

Buffer digest_of(const char* algorithm, Bytes data) {
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> out{};
  std::size_t size = 0;
  // Fails where the system's policy forbids MD5; then there is no such property.
  if (EVP_Q_digest(nullptr, algorithm, nullptr, data.data(), data.size(), out.data(), &size) != 1) {
    ERR_clear_error();
    return {};
  }
  return to_buffer(Bytes(out).first(size));
}

Buffer sha1_of(const DecodedCertificate& certificate) {
  return computed(certificate, CERT_SHA1_HASH_PROP_ID);
}

PropertyKind kind_of_property(DWORD id) {
  switch (id) {
    case CERT_SHA1_HASH_PROP_ID:
    case CERT_MD5_HASH_PROP_ID:
    case CERT_SHA256_HASH_PROP_ID:
    case CERT_SIGNATURE_HASH_PROP_ID:
    case CERT_KEY_IDENTIFIER_PROP_ID:
    case CERT_SUBJECT_NAME_MD5_HASH_PROP_ID:
    case CERT_SUBJECT_PUBLIC_KEY_MD5_HASH_PROP_ID:
    case CERT_ACCESS_STATE_PROP_ID:
      return PropertyKind::computed;
    case CERT_KEY_PROV_HANDLE_PROP_ID:
    case CERT_KEY_PROV_INFO_PROP_ID:
    case CERT_KEY_CONTEXT_PROP_ID:
    case CERT_KEY_SPEC_PROP_ID:
    case CERT_NCRYPT_KEY_HANDLE_PROP_ID:
    case CERT_HCRYPTPROV_OR_NCRYPT_KEY_HANDLE_PROP_ID:
    case CERT_NCRYPT_KEY_HANDLE_TRANSFER_PROP_ID:
    case CERT_HCRYPTPROV_TRANSFER_PROP_ID:
      return PropertyKind::key;
    default:
      return PropertyKind::stored;
  }
}

Answer<Buffer> property_of(const Certificate& certificate, DWORD id) {
  const PropertyKind kind = kind_of_property(id);
  if (kind == PropertyKind::computed) {
    if (Buffer value = computed(certificate.decoded(), id); !value.empty()) return value;
  } else if (kind == PropertyKind::stored) {
    if (std::optional<Buffer> value = certificate.property(id)) return std::move(*value);
  }
  return failed(CRYPT_E_NOT_FOUND, "the certificate has no property " + std::to_string(id));
}

}  // namespace schannel::pki
