#pragma once
#include <string>
#include <vector>

#include "base/bytes.h"
#include "pki/certificate.h"
#include "pki/wincrypt.h"

// Names for people: CertNameToStr and CertGetNameString (contract CERT-23 to CERT-27). All texts
// are UTF-8 and never hold a NUL: a name with one in it could pass for its first half.
namespace schannel::pki {

/// The text of an encoded Name in a form of CertNameToStr (CERT_X500_NAME_STR ... with
/// CERT_NAME_STR_* flags). Empty when it does not parse.
std::string name_text(Bytes name_der, DWORD form);

/// What CertGetNameString asks for.
struct NameRequest {
  DWORD type = CERT_NAME_SIMPLE_DISPLAY_TYPE;
  DWORD flags = 0;
  DWORD form = CERT_X500_NAME_STR;  ///< For CERT_NAME_RDN_TYPE.
  std::string attribute = {};       ///< For CERT_NAME_ATTR_TYPE: a dotted object identifier.
};

/// At most one name, or all of them with CERT_NAME_SEARCH_ALL_NAMES_FLAG.
std::vector<std::string> names_of(const Certificate& certificate, const NameRequest& request);

}  // namespace schannel::pki
