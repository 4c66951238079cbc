#include "tls/v12/key_schedule.h"

#include "wire/writer.h"

namespace schannel::tls::v12 {
namespace {

constexpr std::size_t kMasterSecretBytes = 48;

Buffer randoms(Bytes first, Bytes second) {
  Buffer out = to_buffer(first);
  append(out, second);
  return out;
}

}  // namespace

MasterSecret MasterSecret::extended(const Suite& suite, Bytes premaster, Bytes session_hash) {
  Secret secret(kMasterSecretBytes);
  crypto::tls12_prf(suite.hash, premaster, "extended master secret", session_hash,
                    secret.mutable_view());
  return MasterSecret(suite, std::move(secret));
}

MasterSecret MasterSecret::classic(const Suite& suite, Bytes premaster,
                                   const Negotiated& negotiated) {
  Secret secret(kMasterSecretBytes);
  crypto::tls12_prf(suite.hash, premaster, "master secret",
                    randoms(negotiated.client_random, negotiated.server_random),
                    secret.mutable_view());
  return MasterSecret(suite, std::move(secret));
}

MasterSecret::Keys MasterSecret::record_keys(const Negotiated& negotiated) const {
  // An AEAD has no MAC keys: client key, server key, client iv, server iv.
  const std::size_t key = crypto::aead_key_bytes(suite_->aead);
  const std::size_t iv = suite_->construction() == record::Construction::tls12_gcm ? 4 : 12;
  std::array<std::uint8_t, 2 * 32 + 2 * 12> block{};
  crypto::tls12_prf(suite_->hash, secret_, "key expansion",
                    randoms(negotiated.server_random, negotiated.client_random),
                    MutableBytes(block).first(2 * key + 2 * iv));
  const auto piece = [&](std::size_t at, std::size_t size) {
    return Secret(Bytes(block).subspan(at, size));
  };
  Keys keys{
      .client_write = {suite_->aead, suite_->construction(), piece(0, key), piece(2 * key, iv)},
      .server_write = {suite_->aead, suite_->construction(), piece(key, key),
                       piece(2 * key + iv, iv)}};
  wipe(block);
  return keys;
}

Buffer MasterSecret::verify_data(Role sender, Bytes transcript_hash) const {
  Buffer out(kVerifyDataBytes);
  crypto::tls12_prf(suite_->hash, secret_,
                    sender == Role::client ? "client finished" : "server finished", transcript_hash,
                    out);
  return out;
}

void MasterSecret::export_keying_material(const Negotiated& negotiated, std::string_view label,
                                          const Bytes* context, MutableBytes out) const {
  Buffer seed = randoms(negotiated.client_random, negotiated.server_random);
  if (context != nullptr) {
    wire::Writer writer(seed);
    writer.vector(2, [&] { writer.bytes(*context); });
  }
  crypto::tls12_prf(suite_->hash, secret_, label, seed, out);
}

}  // namespace schannel::tls::v12
