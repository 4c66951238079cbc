#include "pki/authority_names.h"

#include <algorithm>

#include "base/limits.h"
#include "pki/owned.h"

namespace schannel::pki {
namespace {

class Names {
 public:
  void add(const X509* certificate) {
    Buffer name = encoding_of(X509_get_subject_name(certificate), i2d_X509_NAME);
    constexpr std::size_t kLengthBytes = 2;  // of each in the message
    if (bytes_ + kLengthBytes + name.size() > kAuthorityNamesBytesMax) return;
    if (std::find(names_.begin(), names_.end(), name) != names_.end()) return;
    bytes_ += kLengthBytes + name.size();
    names_.push_back(std::move(name));
  }
  std::vector<Buffer> take() { return std::move(names_); }

 private:
  std::vector<Buffer> names_;
  std::size_t bytes_ = 0;
};

}  // namespace

std::vector<Buffer> authority_names(const std::vector<Buffer>& certificates) {
  Names names;
  for (const Buffer& der : certificates) {
    if (const X509Ptr certificate = parse_certificate(der)) names.add(certificate.get());
  }
  return names.take();
}

std::vector<Buffer> authority_names(const TrustAnchors& anchors) {
  Names names;
  const X509StackPtr all(X509_STORE_get1_all_certs(anchors.native()));
  for (int i = 0; i < sk_X509_num(all.get()); ++i) names.add(sk_X509_value(all.get(), i));
  return names.take();
}

}  // namespace schannel::pki
