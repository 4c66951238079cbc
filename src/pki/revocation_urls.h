#pragma once
#include <string>
#include <vector>

#include "pki/owned.h"

// Where a certificate says to ask about it: only http addresses, and no more than the limits of
// base/limits.h. Everything that comes from there is signed, so https would add nothing but another
// chain to check.
namespace schannel::pki {

std::vector<std::string> responder_urls(X509* certificate);  ///< RFC 5280 section 4.2.2.1
std::vector<std::string> list_urls(X509* certificate);       ///< RFC 5280 section 4.2.1.13

}  // namespace schannel::pki
