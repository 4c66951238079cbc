#include "pki/decoded_certificate.h"

#include <openssl/err.h>

#include <algorithm>

#include "pki/file_time.h"

namespace schannel::pki {

std::string oid_text(const ASN1_OBJECT* object) {
  const int size = OBJ_obj2txt(nullptr, 0, object, 1);
  if (size <= 0) return {};
  std::string text(static_cast<std::size_t>(size) + 1, '\0');
  OBJ_obj2txt(text.data(), size + 1, object, 1);
  text.pop_back();
  return text;
}

std::shared_ptr<const DecodedCertificate> DecodedCertificate::decode(Bytes der) {
  X509Ptr x509 = parse_certificate(der);
  if (!x509) {
    ERR_clear_error();
    return nullptr;
  }
  // Fills libcrypto's cache of extensions now, not in whichever thread asks first.
  X509_check_purpose(x509.get(), -1, 0);
  ERR_clear_error();
  return std::shared_ptr<const DecodedCertificate>(new DecodedCertificate(der, std::move(x509)));
}

Answer<std::shared_ptr<const DecodedCertificate>> DecodedCertificate::decode_or_why(Bytes der) {
  if (auto decoded = decode(der)) return decoded;
  const unsigned char* content = der.data();
  long size = 0;
  int tag = V_ASN1_SEQUENCE;
  int tag_class = 0;
  const int header =
      der.empty() || der.size() > kEncodingBytesMax
          ? 0
          : ASN1_get_object(&content, &size, &tag, &tag_class, static_cast<long>(der.size()));
  ERR_clear_error();
  if (tag != V_ASN1_SEQUENCE) {
    return failed(CRYPT_E_ASN1_BADTAG, "the encoding is that of no certificate");
  }
  // libcrypto sets the high bit of what it returns for a length that leads out of the data.
  if (der.empty() || (header & 0x80) != 0) {
    return failed(CRYPT_E_ASN1_EOD, "the encoding of the certificate is cut off");
  }
  return failed(CRYPT_E_ASN1_CORRUPT, "the encoding of the certificate is damaged");
}

DecodedCertificate::DecodedCertificate(Bytes der, X509Ptr x509)
    : der_(new BYTE[der.size()]),
      size_(der.size()),
      x509_(std::move(x509)),
      info_(std::make_unique<CERT_INFO>()) {
  std::copy(der.begin(), der.end(), der_.get());
  fill_info();
  fill_extensions();
}

CRYPT_DATA_BLOB DecodedCertificate::keep(Buffer bytes) {
  blobs_.push_back(std::move(bytes));
  Buffer& kept = blobs_.back();
  return {static_cast<DWORD>(kept.size()), kept.data()};
}

CRYPT_BIT_BLOB DecodedCertificate::keep_bits(const ASN1_BIT_STRING* bits) {
  if (!bits) return {};
  const CRYPT_DATA_BLOB kept = keep(to_buffer(view_of(bits)));
  // libcrypto keeps the number of unused bits in the low bits of the flags.
  const auto unused = static_cast<DWORD>(bits->flags & 7);
  return {kept.cbData, kept.pbData, unused};
}

LPSTR DecodedCertificate::keep_oid(const ASN1_OBJECT* object) {
  texts_.push_back(oid_text(object));
  return texts_.back().data();
}

CRYPT_ALGORITHM_IDENTIFIER DecodedCertificate::keep_algorithm(const X509_ALGOR* algorithm) {
  CRYPT_ALGORITHM_IDENTIFIER kept{};
  kept.pszObjId = keep_oid(algorithm->algorithm);
  if (algorithm->parameter)
    kept.Parameters = keep(encoding_of(algorithm->parameter, i2d_ASN1_TYPE));
  return kept;
}

void DecodedCertificate::fill_info() {
  CERT_INFO& info = *info_;
  info.dwVersion = static_cast<DWORD>(X509_get_version(x509_.get()));

  // Integers are little-endian in blobs; the sign octet stays.
  const ASN1_INTEGER* serial = X509_get0_serialNumber(x509_.get());
  const Buffer encoded = encoding_of(serial, i2d_ASN1_INTEGER);
  const unsigned char* at = encoded.data();
  long size = 0;
  int tag = 0;
  int tag_class = 0;
  ASN1_get_object(&at, &size, &tag, &tag_class, static_cast<long>(encoded.size()));
  Buffer little_endian(at, at + size);
  std::reverse(little_endian.begin(), little_endian.end());
  info.SerialNumber = keep(std::move(little_endian));

  info.SignatureAlgorithm = keep_algorithm(X509_get0_tbs_sigalg(x509_.get()));
  info.Issuer = keep(encoding_of(X509_get_issuer_name(x509_.get()), i2d_X509_NAME));
  info.Subject = keep(encoding_of(X509_get_subject_name(x509_.get()), i2d_X509_NAME));
  info.NotBefore = file_time_of(X509_get0_notBefore(x509_.get()));
  info.NotAfter = file_time_of(X509_get0_notAfter(x509_.get()));

  X509_ALGOR* key_algorithm = nullptr;
  X509_PUBKEY_get0_param(nullptr, nullptr, nullptr, &key_algorithm,
                         X509_get_X509_PUBKEY(x509_.get()));
  info.SubjectPublicKeyInfo.Algorithm = keep_algorithm(key_algorithm);
  info.SubjectPublicKeyInfo.PublicKey = keep_bits(X509_get0_pubkey_bitstr(x509_.get()));

  const ASN1_BIT_STRING* issuer_id = nullptr;
  const ASN1_BIT_STRING* subject_id = nullptr;
  X509_get0_uids(x509_.get(), &issuer_id, &subject_id);
  info.IssuerUniqueId = keep_bits(issuer_id);
  info.SubjectUniqueId = keep_bits(subject_id);
}

void DecodedCertificate::fill_extensions() {
  const int count = X509_get_ext_count(x509_.get());
  for (int i = 0; i < count; ++i) {
    X509_EXTENSION* extension = X509_get_ext(x509_.get(), i);
    extensions_.push_back({keep_oid(X509_EXTENSION_get_object(extension)),
                           X509_EXTENSION_get_critical(extension),
                           keep(to_buffer(view_of(X509_EXTENSION_get_data(extension))))});
  }
  info_->cExtension = static_cast<DWORD>(extensions_.size());
  info_->rgExtension = extensions_.data();
}

}  // namespace schannel::pki
