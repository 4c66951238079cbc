#include "pki/channel_binding.h"

#include <openssl/err.h>

#include <array>

#include "pki/owned.h"

namespace schannel::pki {

Buffer server_end_point(Bytes certificate_der) {
  const X509Ptr certificate = parse_certificate(certificate_der);
  int hash = NID_undef;
  const bool known = certificate && X509_get_signature_info(certificate.get(), &hash, nullptr,
                                                            nullptr, nullptr) == 1;
  if (hash == NID_md5 || hash == NID_sha1 || hash == NID_md5_sha1) hash = NID_sha256;
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> out{};
  std::size_t size = 0;
  if (!known || hash == NID_undef ||
      EVP_Q_digest(nullptr, OBJ_nid2sn(hash), nullptr, certificate_der.data(),
                   certificate_der.size(), out.data(), &size) != 1) {
    ERR_clear_error();
    return {};
  }
  return to_buffer(Bytes(out).first(size));
}

}  // namespace schannel::pki
