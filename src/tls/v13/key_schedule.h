#pragma once
#include "base/result.h"
#include "crypto/kdf.h"
#include "record/protection.h"
#include "tls/suite.h"

// RFC 8446 section 7.1. Each stage is a type that only the stage before can make.
namespace schannel::tls::v13 {

/// A traffic secret and the suite it is for.
class TrafficSecret {
 public:
  TrafficSecret(const Suite& suite, Secret secret) : suite_(&suite), secret_(std::move(secret)) {}
  /// [sender]_write_key and _iv (section 7.3).
  record::RecordKey record_key() const;
  /// verify_data of a Finished under this secret (section 4.4.4).
  crypto::Digest verify_data(Bytes transcript_hash) const;
  /// application_traffic_secret_N+1 (section 7.2).
  TrafficSecret next() const;
  /// The server waits for the client's Finished after the stage that made this secret is gone.
  TrafficSecret copy() const { return TrafficSecret(*suite_, secret_.copy()); }
  Bytes view() const { return secret_; }  ///< For the key log and for snapshots.

 private:
  const Suite* suite_;
  Secret secret_;
};

/// The application traffic secrets in use, which KeyUpdate replaces one at a time. `read` belongs
/// to the reading half of a connection and `write` to the writing half, which may be at work at the
/// same time (contract ENC-20).
struct Traffic {
  TrafficSecret read;
  TrafficSecret write;
};

class HandshakeStage;

/// The Early Secret of a session's pre-shared key.
class EarlyStage {
 public:
  EarlyStage(crypto::HashAlgorithm hash, Bytes psk);
  /// A PskBinderEntry (section 4.2.11.2), from the transcript through the ClientHello without its
  /// binders.
  crypto::Digest binder(Bytes transcript_hash) const;

 private:
  friend class HandshakeStage;
  crypto::HashAlgorithm hash_;
  Secret secret_;
};

/// Application traffic and exporter secrets.
class ApplicationStage {
 public:
  TrafficSecret client;
  TrafficSecret server;
  Secret exporter;
  /// resumption_master_secret, with the transcript through the client's Finished. The master secret
  /// is gone afterwards.
  Secret into_resumption(Bytes transcript_hash) &&;

 private:
  friend class HandshakeStage;
  ApplicationStage(const Suite& suite, Secret master, Bytes transcript_hash);
  crypto::HashAlgorithm hash_;
  Secret master_;
};

/// The pre-shared key of a ticket (section 4.6.1).
Secret ticket_psk(crypto::HashAlgorithm hash, Bytes resumption_master_secret, Bytes nonce);

class HandshakeStage {
 public:
  /// From the (EC)DHE secret and the transcript through ServerHello; no PSK.
  HandshakeStage(const Suite& suite, Bytes shared_secret, Bytes transcript_hash);
  /// The same behind a pre-shared key of the suite's hash.
  HandshakeStage(const Suite& suite, const EarlyStage& early, Bytes shared_secret,
                 Bytes transcript_hash);

  const TrafficSecret& client() const { return client_; }
  const TrafficSecret& server() const { return server_; }
  /// With the transcript through the server's Finished. This stage must not be used any more.
  ApplicationStage into_application(Bytes transcript_hash) &&;

 private:
  struct HandshakeSecret {
    Secret secret;
  };
  HandshakeStage(const Suite& suite, HandshakeSecret handshake, Bytes transcript_hash);
  const Suite* suite_;
  TrafficSecret client_;
  TrafficSecret server_;
  Secret master_;
};

/// An exporter value (section 7.5) of any size up to 255 digests.
void export_keying_material(const Suite& suite, Bytes exporter_secret, std::string_view label,
                            Bytes context, MutableBytes out);

}  // namespace schannel::tls::v13
