#pragma once
#include "base/secret.h"
#include "crypto/kdf.h"
#include "record/protection.h"
#include "tls/config.h"

namespace schannel::tls::v12 {

/// The master secret of a TLS 1.2 connection and what follows from it.
class MasterSecret {
 public:
  /// RFC 7627 section 4: bound to the transcript through ClientKeyExchange.
  static MasterSecret extended(const Suite& suite, Bytes premaster, Bytes session_hash);
  /// RFC 5246 section 8.1, for a peer without the extension.
  static MasterSecret classic(const Suite& suite, Bytes premaster, const Negotiated& negotiated);
  /// One that was made before.
  static MasterSecret of(const Suite& suite, Bytes secret) { return {suite, Secret(secret)}; }

  /// RFC 5246 section 6.3: the client's and the server's write keys.
  struct Keys {
    record::RecordKey client_write;
    record::RecordKey server_write;
  };
  Keys record_keys(const Negotiated& negotiated) const;
  /// RFC 5246 section 7.4.9: 12 bytes.
  static constexpr std::size_t kVerifyDataBytes = 12;
  Buffer verify_data(Role sender, Bytes transcript_hash) const;
  /// RFC 5705 section 4. `context` null: without one, which differs from an empty one.
  void export_keying_material(const Negotiated& negotiated, std::string_view label,
                              const Bytes* context, MutableBytes out) const;
  Bytes view() const { return secret_; }  ///< For the key log and for snapshots.

 private:
  MasterSecret(const Suite& suite, Secret secret) : suite_(&suite), secret_(std::move(secret)) {}
  const Suite* suite_;
  Secret secret_;
};

}  // namespace schannel::tls::v12
