#pragma once
#include <optional>

#include "crypto/signature.h"
#include "pki/answer.h"
#include "pki/wincrypt.h"

// Private keys as numbers that callers hold. Never a pointer, and never the same twice: what is no
// key, or not any more, is an error.
namespace schannel::pki {

NCRYPT_KEY_HANDLE give_key(const crypto::PrivateKey& key);
/// Nothing for what is no key handle.
std::optional<crypto::PrivateKey> key_of(NCRYPT_KEY_HANDLE handle);
/// False when there is no such key.
bool take_back_key(NCRYPT_KEY_HANDLE handle);

/// How a hash is to be signed.
enum class Padding : std::uint8_t { none, pkcs1, pss };
struct HashSigning {
  Padding padding = Padding::none;
  const char* digest = nullptr;  ///< As libcrypto names it; null where padding is none.
  int salt_bytes = 0;
};

/// Of a signature of this key.
std::size_t signature_bytes(const crypto::PrivateKey& key);
/// The signature as CNG has it; the codes are those of NCryptSignHash.
Answer<Buffer> sign_hash(const crypto::PrivateKey& key, Bytes hash, const HashSigning& how);

}  // namespace schannel::pki
