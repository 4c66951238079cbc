#pragma once
#include <openschannel/wincrypt.h>

// Three names of Windows' encodings are macros where libcrypto has types. Here they are
// libcrypto's: this header stands in for <openschannel/wincrypt.h> wherever OpenSSL's headers may
// follow.
#undef X509_NAME
#undef X509_EXTENSIONS
#undef PKCS7_SIGNER_INFO
