#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "pki/owned.h"
#include "pki/verify.h"

// Certificates for tests, made when they run.
namespace schannel::pki::testing {

/// The time at which all of them are looked at: 2023-11-14 22:13:20 UTC.
inline constexpr std::int64_t kNow = 1'700'000'000;
inline constexpr std::int64_t kDay = 86'400;

enum class Hash : std::uint8_t { sha256, sha1, md5 };

/// What is in a certificate. Extensions are in OpenSSL's notation (x509v3_config); empty: not
/// there.
struct Recipe {
  std::string common_name = "leaf.example";
  std::string alternative_names = "DNS:leaf.example";
  std::string basic_constraints = "critical,CA:FALSE";
  std::string key_usage = "critical,digitalSignature";
  std::string extended_key_usage = "serverAuth,clientAuth";
  std::string name_constraints = {};
  std::string other_extension = {};  ///< "oid=value"
  std::int64_t not_before = kNow - kDay;
  std::int64_t not_after = kNow + 30 * kDay;
  Hash hash = Hash::sha256;
  long serial = 0;               ///< 0: a random one
  bool authority_key_id = true;  ///< says which of several keys of the issuer signed
};

/// The recipe of an authority.
Recipe authority(const std::string& common_name);

KeyPtr make_ec_key(const char* curve = "P-256");
KeyPtr make_rsa_key(unsigned bits);
KeyPtr make_ed25519_key();

/// A certificate and its key.
struct Party {
  KeyPtr key;
  X509Ptr certificate;

  Buffer der() const { return encoding_of(certificate.get(), i2d_X509); }
  std::string certificate_pem() const;
  std::string key_pem() const;  ///< PKCS#8, not encrypted
};

/// Signed by `issuer`, or by itself when there is none.
Party make_party(const Recipe& recipe, const Party* issuer = nullptr, KeyPtr key = nullptr);

/// A root, an authority below it and a leaf.
struct Chain {
  Party root;
  Party intermediate;
  Party leaf;

  std::vector<Buffer> presented() const { return {leaf.der(), intermediate.der()}; }
};
Chain make_chain(const Recipe& leaf = {}, const Recipe& intermediate = authority("intermediate"),
                 const Recipe& root = authority("root"));

/// A PFX file as OpenSSL writes it. NIDs of password-based encryption; 0: OpenSSL's default.
Buffer make_pfx(const Party& leaf, const std::vector<const Party*>& others, const char* password,
                int key_encryption = 0, int certificate_encryption = 0, int iterations = 0,
                int mac_iterations = 0, const char* friendly_name = nullptr);

}  // namespace schannel::pki::testing
