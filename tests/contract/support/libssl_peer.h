#pragma once
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

// As on Windows, <wincrypt.h> takes names of OpenSSL's: its headers come first, and then the macros
// of the same names go.
#include <memory>

#include "support/certificates.h"
#include "support/peer.h"
#undef X509_NAME
#undef X509_EXTENSIONS
#undef PKCS7_SIGNER_INFO
#undef OCSP_REQUEST
#undef OCSP_RESPONSE

// The other end of a connection as somebody else wrote it: libssl over memory BIOs, and
// certificates of any shape made with libcrypto.
namespace contract {

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Key = std::shared_ptr<EVP_PKEY>;
using Certificate = std::shared_ptr<X509>;

enum class KeyType { ecdsa_p256, ecdsa_p384, ecdsa_p521, rsa, rsa_pss, ed25519 };

const char* key_name(KeyType type);

/// A key of the kind; RSA keys (2048 bits) are made once per process.
Key make_key(KeyType type);

struct Issued {
  Certificate certificate;
  Key key;
  bool is_root = false;
};

struct Profile {
  std::string subject = "leaf";
  const char* names = "DNS:localhost,IP:127.0.0.1";  ///< subjectAltName; nullptr: none
  long not_before = -3600;                           ///< seconds from now
  long not_after = 86400;
  const char* usage = nullptr;        ///< extendedKeyUsage
  const char* constraints = nullptr;  ///< basicConstraints
  const char* key_usage = nullptr;
  const char* name_constraints = nullptr;
  KeyType key = KeyType::ecdsa_p256;
  Key own_key = nullptr;        ///< instead of a new one
  std::string lists = {};       ///< crlDistributionPoints
  std::string responders = {};  ///< authorityInfoAccess
  bool signed_with_sha1 = false;
};

/// A certificate of the profile, signed by `issuer` or by itself.
Issued issue(const Profile& profile, const Issued* issuer = nullptr);
/// A self-signed CA.
Issued make_root(const std::string& name = "root", KeyType key = KeyType::ecdsa_p256);

/// A store in memory that trusts these.
certificates::Store trusting(const std::vector<Issued>& roots);

/// `leaf` with its key, and `chain`, as a store of ours with the leaf first, and that leaf.
struct OwnCertificate {
  explicit OwnCertificate(const Issued& leaf, const std::vector<Issued>& chain = {});
  certificates::Store store;
  certificates::Context context;
};

/// libssl's end of a connection.
class LibsslPeer {
 public:
  enum Role { client, server };
  LibsslPeer(Role role, Tls version);
  LibsslPeer(const LibsslPeer&) = delete;
  LibsslPeer& operator=(const LibsslPeer&) = delete;

  void use(const Issued& leaf, const std::vector<Issued>& chain = {});
  /// Ends the set-up: `ssl` exists from here on.
  void start();

  /// Lets libssl work on `bytes`; what it answers.
  Bytes give(const Bytes& bytes);
  Bytes take();
  bool done() const { return SSL_is_init_finished(ssl.get()) == 1; }
  /// All application data at hand.
  std::string read();
  /// Records with `text`.
  Bytes write(const std::string& text);
  /// The number of the last alert received or sent; -1: none.
  int alert_received = -1;
  int alert_sent = -1;

  std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>> context;
  std::unique_ptr<SSL, Freed<SSL_free>> ssl;

 private:
  Role role_;
};

/// Runs the handshake between ours and libssl's; true when both are done. What libssl sent behind
/// it stays in `ours.pending`.
bool connect(Side& ours, LibsslPeer& peer);

}  // namespace contract
