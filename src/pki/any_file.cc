#include <openssl/err.h>

#include <string_view>

#include "pki/import.h"

namespace schannel::pki {
namespace {

using Pkcs7Ptr = std::unique_ptr<PKCS7, FreeWith<PKCS7_free>>;

Pkcs7Ptr parse_pkcs7(Bytes der) {
  if (der.empty() || der.size() > kEncodingBytesMax) return nullptr;
  const unsigned char* at = der.data();
  Pkcs7Ptr parsed(d2i_PKCS7(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  return parsed;
}

}  // namespace

Answer<Done> read_pkcs7(Imported& out, Bytes content) {
  const Pkcs7Ptr message = parse_pkcs7(content);
  if (!message || !PKCS7_type_is_signed(message.get()) || !message->d.sign) {
    return failed(CRYPT_E_BAD_ENCODE, "no SignedData of PKCS#7");
  }
  const STACK_OF(X509)* certificates = message->d.sign->cert;
  for (int i = 0; i < sk_X509_num(certificates); ++i) {
    auto decoded =
        DecodedCertificate::decode(encoding_of<X509>(sk_X509_value(certificates, i), i2d_X509));
    if (!decoded) return failed(CRYPT_E_BAD_ENCODE, "PKCS#7: a certificate can't be decoded");
    out.entries.push_back({std::move(decoded), {}});
  }
  return Done{};
}

Answer<Done> read_any(Imported& out, Bytes content, const std::string& name,
                      const Password& password) {
  if (as_text(content).find("-----BEGIN ") != std::string_view::npos) {
    return read_pem(out, content, name, password);
  }
  if (auto decoded = DecodedCertificate::decode(content)) {
    out.entries.push_back({std::move(decoded), {}});
    return Done{};
  }
  if (is_pfx(content)) {
    TRY(Imported read, read_pfx(content, password));
    for (auto& entry : read.entries) out.entries.push_back(std::move(entry));
    for (auto& key : read.keys) out.keys.push_back(std::move(key));
    return Done{};
  }
  if (parse_pkcs7(content)) return read_pkcs7(out, content);
  return failed(CRYPT_E_BAD_ENCODE, name + ": neither PEM nor a certificate, PFX or PKCS#7 file");
}

}  // namespace schannel::pki
