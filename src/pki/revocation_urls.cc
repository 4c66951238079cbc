#include "pki/revocation_urls.h"

#include <openssl/err.h>

#include <algorithm>

#include "base/limits.h"
#include "pki/text.h"

namespace schannel::pki {
namespace {

using PointsPtr = std::unique_ptr<CRL_DIST_POINTS, FreeWith<CRL_DIST_POINTS_free>>;
using AccessPtr = std::unique_ptr<AUTHORITY_INFO_ACCESS, FreeWith<AUTHORITY_INFO_ACCESS_free>>;

void take(const GENERAL_NAME* name, std::vector<std::string>& urls) {
  if (name->type != GEN_URI || urls.size() >= kRevocationUrlCountPerCertificateMax) return;
  const Bytes bytes = view_of(name->d.uniformResourceIdentifier);
  std::string url(bytes.begin(), bytes.end());
  constexpr std::string_view kScheme = "http://";
  const bool is_plain =
      std::all_of(url.begin(), url.end(), [](char c) { return c > 0x20 && c < 0x7F; });
  if (url.size() > kRevocationUrlBytesMax || !is_plain ||
      !equal_without_case(url.substr(0, kScheme.size()), kScheme)) {
    return;
  }
  if (std::find(urls.begin(), urls.end(), url) == urls.end()) urls.push_back(std::move(url));
}

template <class Pointer>
Pointer extension_of(X509* certificate, int nid) {
  using Type = typename Pointer::element_type;
  Pointer found(static_cast<Type*>(X509_get_ext_d2i(certificate, nid, nullptr, nullptr)));
  ERR_clear_error();
  return found;
}

}  // namespace

std::vector<std::string> responder_urls(X509* certificate) {
  std::vector<std::string> urls;
  const auto access = extension_of<AccessPtr>(certificate, NID_info_access);
  for (int i = 0; i < sk_ACCESS_DESCRIPTION_num(access.get()); ++i) {
    const ACCESS_DESCRIPTION* one = sk_ACCESS_DESCRIPTION_value(access.get(), i);
    if (OBJ_obj2nid(one->method) == NID_ad_OCSP) take(one->location, urls);
  }
  return urls;
}

std::vector<std::string> list_urls(X509* certificate) {
  std::vector<std::string> urls;
  const auto points = extension_of<PointsPtr>(certificate, NID_crl_distribution_points);
  for (int i = 0; i < sk_DIST_POINT_num(points.get()); ++i) {
    const DIST_POINT* point = sk_DIST_POINT_value(points.get(), i);
    // A list that somebody else signs, or that knows some reasons only, does not settle it.
    if (point->CRLissuer || point->reasons || !point->distpoint || point->distpoint->type != 0) {
      continue;
    }
    const GENERAL_NAMES* names = point->distpoint->name.fullname;
    for (int n = 0; n < sk_GENERAL_NAME_num(names); ++n) {
      take(sk_GENERAL_NAME_value(names, n), urls);
    }
  }
  return urls;
}

}  // namespace schannel::pki
