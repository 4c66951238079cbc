#pragma once
#include "pki/wincrypt.h"

// After the above, which gives libcrypto its names back.
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ocsp.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <limits>
#include <memory>
#include <new>

#include "base/bytes.h"

// libcrypto's objects with an owner. An allocation that libcrypto refuses becomes bad_alloc, as it
// is for every other allocation of ours.
namespace schannel::pki {

template <auto free_function>
struct FreeWith {
  template <class T>
  void operator()(T* object) const {
    free_function(object);
  }
};

inline void free_certificates(STACK_OF(X509) * list) { sk_X509_pop_free(list, X509_free); }
inline void free_crls(STACK_OF(X509_CRL) * list) { sk_X509_CRL_pop_free(list, X509_CRL_free); }
inline void free_opened(void* memory) { OPENSSL_free(memory); }

using X509Ptr = std::unique_ptr<X509, FreeWith<X509_free>>;
using X509StackPtr = std::unique_ptr<STACK_OF(X509), FreeWith<free_certificates>>;
using X509CrlPtr = std::unique_ptr<X509_CRL, FreeWith<X509_CRL_free>>;
using X509CrlStackPtr = std::unique_ptr<STACK_OF(X509_CRL), FreeWith<free_crls>>;
using X509StorePtr = std::unique_ptr<X509_STORE, FreeWith<X509_STORE_free>>;
using X509StoreContextPtr = std::unique_ptr<X509_STORE_CTX, FreeWith<X509_STORE_CTX_free>>;
using X509NamePtr = std::unique_ptr<X509_NAME, FreeWith<X509_NAME_free>>;
using X509SigPtr = std::unique_ptr<X509_SIG, FreeWith<X509_SIG_free>>;
using GeneralNamesPtr = std::unique_ptr<GENERAL_NAMES, FreeWith<GENERAL_NAMES_free>>;
using BasicConstraintsPtr = std::unique_ptr<BASIC_CONSTRAINTS, FreeWith<BASIC_CONSTRAINTS_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using Pkcs8Ptr = std::unique_ptr<PKCS8_PRIV_KEY_INFO, FreeWith<PKCS8_PRIV_KEY_INFO_free>>;
using Pkcs12Ptr = std::unique_ptr<PKCS12, FreeWith<PKCS12_free>>;
using BioPtr = std::unique_ptr<BIO, FreeWith<BIO_free_all>>;
using BignumPtr = std::unique_ptr<BIGNUM, FreeWith<BN_free>>;
using IntegerPtr = std::unique_ptr<ASN1_INTEGER, FreeWith<ASN1_INTEGER_free>>;
using OctetsPtr = std::unique_ptr<ASN1_OCTET_STRING, FreeWith<ASN1_OCTET_STRING_free>>;
using ObjectPtr = std::unique_ptr<ASN1_OBJECT, FreeWith<ASN1_OBJECT_free>>;
using MemoryPtr = std::unique_ptr<unsigned char, FreeWith<free_opened>>;

template <class Pointer>
Pointer allocated(Pointer pointer) {
  if (!pointer) throw std::bad_alloc();
  return pointer;
}

/// A file of ours, or a message of a peer, is never this large: beyond it sizes stop being `int`.
inline constexpr std::size_t kEncodingBytesMax = 1U << 24;

/// The certificate in `der`; null when it does not parse, or when anything follows it.
inline X509Ptr parse_certificate(Bytes der) {
  if (der.empty() || der.size() > kEncodingBytesMax) return nullptr;
  const unsigned char* at = der.data();
  X509Ptr certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (!certificate || at != der.data() + der.size()) return nullptr;
  return certificate;
}

/// The encoding that an i2d function of libcrypto writes.
template <class T>
Buffer encoding_of(const T* object, int (*encode)(const T*, unsigned char**)) {
  unsigned char* out = nullptr;
  const int size = encode(object, &out);
  if (size < 0 || !out) throw std::bad_alloc();
  const MemoryPtr owner(out);
  return {out, out + size};
}

inline Bytes view_of(const ASN1_STRING* string) {
  return {ASN1_STRING_get0_data(string), static_cast<std::size_t>(ASN1_STRING_length(string))};
}

}  // namespace schannel::pki
