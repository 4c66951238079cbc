#pragma once
#include <memory>

#include "pki/store.h"

namespace schannel::pki {

/// The next certificate of `store` behind `position` that CertFindCertificateInStore's find type,
/// flags and parameter ask for: CRYPT_E_NOT_FOUND; E_INVALIDARG for a find type that is not here or
/// a missing parameter (CERT-13, CERT-14).
Answer<std::shared_ptr<Certificate>> find_certificate(const Store& store, std::uint64_t position,
                                                      DWORD find_type, DWORD flags,
                                                      const void* parameter);

}  // namespace schannel::pki
