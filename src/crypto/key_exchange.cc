#include "crypto/key_exchange.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>

#include "crypto/constant_time.h"
#include "crypto/libcrypto.h"

namespace schannel::crypto {
namespace {

struct GroupInfo {
  NamedGroup group;
  const char* name;  // libcrypto's, of the curve; null for x25519, which is an algorithm of its own
  std::size_t public_bytes;
  std::size_t secret_bytes;
};

constexpr GroupInfo kGroups[] = {
    {NamedGroup::x25519, nullptr, 32, 32},
    {NamedGroup::secp256r1, "P-256", 65, 32},
    {NamedGroup::secp384r1, "P-384", 97, 48},
    {NamedGroup::secp521r1, "P-521", 133, 66},
};

const GroupInfo* find(NamedGroup group) {
  for (const GroupInfo& info : kGroups) {
    if (info.group == group) return &info;
  }
  return nullptr;
}

// The first octet of an uncompressed point (SEC 1 section 2.3.3), the only form TLS still allows
// (RFC 8422 section 5.1.1, RFC 8446 section 4.2.8.2).
constexpr std::uint8_t kUncompressed = 0x04;

Error failure(Cause cause) {
  ERR_clear_error();
  return Error{cause};
}

KeyPointer generate_x25519(Random& random) {
  Secret private_key(32);
  random.fill(private_key.mutable_view());
  return KeyPointer(EVP_PKEY_new_raw_private_key_ex(nullptr, "X25519", nullptr,
                                                    private_key.view().data(), private_key.size()));
}

KeyPointer generate_on_curve(const GroupInfo& info) {
  EVP_PKEY* key = nullptr;
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, const_cast<char*>(info.name), 0),
      OSSL_PARAM_construct_end()};
  if (!context || EVP_PKEY_keygen_init(context.get()) != 1 ||
      EVP_PKEY_CTX_set_params(context.get(), parameters) != 1) {
    return nullptr;
  }
  EVP_PKEY_generate(context.get(), &key);
  return KeyPointer(key);
}

// The peer's value as a key on our key's curve; null unless it is a point of the curve in
// uncompressed form.
KeyPointer peer_key(const EVP_PKEY* ours, const GroupInfo& info, Bytes encoded) {
  if (encoded.size() != info.public_bytes) return nullptr;
  if (info.group == NamedGroup::x25519) {
    return KeyPointer(
        EVP_PKEY_new_raw_public_key_ex(nullptr, "X25519", nullptr, encoded.data(), encoded.size()));
  }
  if (encoded[0] != kUncompressed) return nullptr;
  KeyPointer peer(EVP_PKEY_new());
  require(peer != nullptr);
  // Decoding checks that the point is on the curve. That is the whole check RFC 8446 section
  // 4.2.8.2 asks for: infinity has no uncompressed form and these curves have cofactor 1.
  if (EVP_PKEY_copy_parameters(peer.get(), ours) != 1 ||
      EVP_PKEY_set1_encoded_public_key(peer.get(), encoded.data(), encoded.size()) != 1) {
    return nullptr;
  }
  return peer;
}

}  // namespace

bool is_supported(NamedGroup group) { return find(group) != nullptr; }

struct KeyShare::Key {
  KeyPointer pair;
  const GroupInfo& info;
};

KeyShare::KeyShare(NamedGroup group, std::unique_ptr<Key> key, Buffer public_key)
    : group_(group), key_(std::move(key)), public_key_(std::move(public_key)) {}
KeyShare::KeyShare(KeyShare&&) noexcept = default;
KeyShare& KeyShare::operator=(KeyShare&&) noexcept = default;
KeyShare::~KeyShare() = default;

Result<KeyShare> KeyShare::generate(NamedGroup group, Random& random) {
  const GroupInfo* const info = find(group);
  if (info == nullptr) return Cause::internal_error;
  KeyPointer pair = info->name == nullptr ? generate_x25519(random) : generate_on_curve(*info);
  if (!pair) return failure(Cause::internal_error);

  Buffer public_key(info->public_bytes);
  std::size_t written = 0;
  if (EVP_PKEY_get_octet_string_param(pair.get(), OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY,
                                      public_key.data(), public_key.size(), &written) != 1 ||
      written != public_key.size()) {
    return failure(Cause::internal_error);
  }
  return KeyShare(group, std::make_unique<Key>(Key{std::move(pair), *info}), std::move(public_key));
}

Result<Secret> KeyShare::derive(Bytes peer_public_key) const {
  const GroupInfo& info = key_->info;
  const KeyPointer peer = peer_key(key_->pair.get(), info, peer_public_key);
  if (!peer) return failure(Cause::illegal_parameter);

  const KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key_->pair.get(), nullptr));
  require(context != nullptr);
  // The point was validated above; libcrypto's own check would add a scalar multiplication.
  constexpr int kValidatePeer = 0;
  Secret shared(info.secret_bytes);
  std::size_t written = shared.size();
  if (EVP_PKEY_derive_init(context.get()) != 1 ||
      EVP_PKEY_derive_set_peer_ex(context.get(), peer.get(), kValidatePeer) != 1 ||
      EVP_PKEY_derive(context.get(), shared.mutable_view().data(), &written) != 1 ||
      written != shared.size()) {
    // With a valid pair on our side this is x25519's refusal of a point of small order.
    return failure(Cause::illegal_parameter);
  }
  // RFC 8446 section 7.4.2: an all-zero x25519 result is the abort case. libcrypto refuses it
  // already; the rule is ours, so it does not rest on that.
  const std::array<std::uint8_t, 32> zero{};
  if (info.group == NamedGroup::x25519 && constant_time_equal(shared, zero)) {
    return Cause::illegal_parameter;
  }
  return shared;
}

}  // namespace schannel::crypto
