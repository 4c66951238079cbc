#pragma once
#include "pki/answer.h"
#include "pki/object_layout.h"
#include "pki/wincrypt.h"

namespace schannel::pki {

/// What CryptDecodeObjectEx makes of an encoding (CERT-64): `type` is one of the numbers of X509_*,
/// or the OID of an extension. ERROR_FILE_NOT_FOUND for what is not decoded here; CRYPT_E_ASN1_* or
/// CRYPT_E_BAD_ENCODE for what does not parse, or is followed by something else.
Answer<ObjectLayout> decode_object(LPCSTR type, Bytes encoded);

}  // namespace schannel::pki
