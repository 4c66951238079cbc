#pragma once
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "pki/answer.h"
#include "pki/owned.h"
#include "pki/wincrypt.h"

namespace schannel::pki {

/// The bytes of a certificate and what they say: what all contexts of it share. Immutable.
class DecodedCertificate {
 public:
  /// Null when `der` is no certificate, or when anything follows it.
  static std::shared_ptr<const DecodedCertificate> decode(Bytes der);
  /// The same, with the CRYPT_E_ASN1_* that says what is wrong with it.
  static Answer<std::shared_ptr<const DecodedCertificate>> decode_or_why(Bytes der);

  DecodedCertificate(const DecodedCertificate&) = delete;
  DecodedCertificate& operator=(const DecodedCertificate&) = delete;

  Bytes der() const { return {der_.get(), size_}; }
  X509* x509() const { return x509_.get(); }
  /// What pbCertEncoded and pCertInfo of a CERT_CONTEXT point to. Callers of the API read only,
  /// although the types of Windows don't say so.
  BYTE* encoded() const { return der_.get(); }
  CERT_INFO* info() const { return info_.get(); }

  /// The encoded Name of the subject and of the issuer.
  Bytes subject() const { return {info_->Subject.pbData, info_->Subject.cbData}; }
  Bytes issuer() const { return {info_->Issuer.pbData, info_->Issuer.cbData}; }

 private:
  DecodedCertificate(Bytes der, X509Ptr x509);

  void fill_info();
  void fill_extensions();
  CRYPT_DATA_BLOB keep(Buffer bytes);
  CRYPT_BIT_BLOB keep_bits(const ASN1_BIT_STRING* bits);
  CRYPT_ALGORITHM_IDENTIFIER keep_algorithm(const X509_ALGOR* algorithm);
  LPSTR keep_oid(const ASN1_OBJECT* object);

  std::unique_ptr<BYTE[]> der_;
  std::size_t size_;
  X509Ptr x509_;
  std::unique_ptr<CERT_INFO> info_;
  // What *info_ points to; a deque never moves its elements.
  std::deque<Buffer> blobs_;
  std::deque<std::string> texts_;
  std::vector<CERT_EXTENSION> extensions_;
};

/// The dotted decimal form of an object identifier.
std::string oid_text(const ASN1_OBJECT* object);

}  // namespace schannel::pki
