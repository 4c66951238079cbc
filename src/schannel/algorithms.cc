#include "schannel/algorithms.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "pki/text.h"

namespace schannel::package {
namespace {

using tls::CipherSuite;

template <class List, class Predicate>
void remove_if(List& list, Predicate predicate) {
  list.erase(std::remove_if(list.begin(), list.end(), predicate), list.end());
}

template <class Predicate>
void remove_suites(tls::Algorithms& algorithms, Predicate predicate) {
  remove_if(algorithms.cipher_suites, [&](CipherSuite id) {
    return predicate(*tls::find_suite(static_cast<std::uint16_t>(id)));
  });
}

bool within(const CRYPTO_SETTINGS& settings, DWORD bits) {
  return (settings.dwMinBitLength == 0 || bits >= settings.dwMinBitLength) &&
         (settings.dwMaxBitLength == 0 || bits <= settings.dwMaxBitLength);
}

bool disable_cipher(const CRYPTO_SETTINGS& settings, std::string_view id,
                    tls::Algorithms& algorithms) {
  const bool aes = pki::equal_without_case(id, "AES");
  const bool chacha = pki::equal_without_case(id, "CHACHA20_POLY1305");
  if (!aes && !chacha) return true;
  bool gcm = settings.cChainingModes == 0;
  for (DWORD i = 0; i < settings.cChainingModes && settings.rgstrChainingModes != nullptr; ++i) {
    const std::string mode = text_of(settings.rgstrChainingModes[i]);
    gcm = gcm || pki::equal_without_case(mode, "ChainingModeGCM");
  }
  remove_suites(algorithms, [&](const tls::Suite& suite) {
    const bool is_chacha = suite.aead == crypto::AeadAlgorithm::chacha20_poly1305;
    return (is_chacha ? chacha : aes && gcm) && within(settings, cipher_bits(suite));
  });
  return true;
}

bool disable_exchange(const CRYPTO_SETTINGS& settings, std::string_view id,
                      tls::Algorithms& algorithms) {
  struct Row {
    std::string_view name;
    NamedGroup group;
  };
  static constexpr Row kRows[] = {
      {"x25519", NamedGroup::x25519},       {"curve25519", NamedGroup::x25519},
      {"ECDH_P256", NamedGroup::secp256r1}, {"nistP256", NamedGroup::secp256r1},
      {"ECDH_P384", NamedGroup::secp384r1}, {"nistP384", NamedGroup::secp384r1},
      {"ECDH_P521", NamedGroup::secp521r1}, {"nistP521", NamedGroup::secp521r1}};
  const bool all = pki::equal_without_case(id, "ECDH");
  remove_if(algorithms.groups, [&](NamedGroup group) {
    if (all) return within(settings, group_bits(group));
    return std::any_of(std::begin(kRows), std::end(kRows), [&](const Row& row) {
      return row.group == group && pki::equal_without_case(row.name, id);
    });
  });
  return true;
}

std::optional<crypto::KeyFamily> family_named(std::string_view id) {
  if (pki::equal_without_case(id, "RSA")) return crypto::KeyFamily::rsa;
  if (pki::equal_without_case(id, "ECDSA")) return crypto::KeyFamily::ecdsa;
  return std::nullopt;
}

/// The digest of a scheme as CNG names it; Ed25519 has none to choose.
std::string_view digest_name(SignatureScheme scheme) {
  switch (scheme) {
    case SignatureScheme::rsa_pkcs1_sha256:
    case SignatureScheme::ecdsa_secp256r1_sha256:
    case SignatureScheme::rsa_pss_rsae_sha256:
    case SignatureScheme::rsa_pss_pss_sha256:
      return "SHA256";
    case SignatureScheme::rsa_pkcs1_sha384:
    case SignatureScheme::ecdsa_secp384r1_sha384:
    case SignatureScheme::rsa_pss_rsae_sha384:
    case SignatureScheme::rsa_pss_pss_sha384:
      return "SHA384";
    case SignatureScheme::rsa_pkcs1_sha512:
    case SignatureScheme::ecdsa_secp521r1_sha512:
    case SignatureScheme::rsa_pss_rsae_sha512:
    case SignatureScheme::rsa_pss_pss_sha512:
      return "SHA512";
    default:
      return {};
  }
}

crypto::KeyFamily key_family(SignatureScheme scheme) {
  switch (family_of(scheme)) {
    case SignatureFamily::ecdsa:
      return crypto::KeyFamily::ecdsa;
    case SignatureFamily::eddsa:
      return crypto::KeyFamily::eddsa;
    default:
      return crypto::KeyFamily::rsa;
  }
}

bool disable_signature(const CRYPTO_SETTINGS& settings, std::string_view id,
                       tls::Algorithms& algorithms) {
  const std::optional<crypto::KeyFamily> family = family_named(id);
  const bool is_range = settings.dwMinBitLength != 0 || settings.dwMaxBitLength != 0;
  if (family && is_range) {
    // CRED-40: only keys of those sizes; the scheme stays for others.
    algorithms.refused_keys.push_back({*family, settings.dwMinBitLength, settings.dwMaxBitLength});
    return true;
  }
  remove_if(algorithms.signature_schemes, [&](SignatureScheme scheme) {
    if (family) return key_family(scheme) == *family;
    if (pki::equal_without_case(id, "SCH_RSA_PKCS_PAD")) {
      return family_of(scheme) == SignatureFamily::rsa_pkcs1;
    }
    if (pki::equal_without_case(id, "SCH_RSA_PSS_PAD")) {
      return family_of(scheme) == SignatureFamily::rsa_pss;
    }
    return !id.empty() && pki::equal_without_case(id, digest_name(scheme));
  });
  return true;
}

bool disable_digest(std::string_view id, tls::Algorithms& algorithms) {
  remove_suites(algorithms, [&](const tls::Suite& suite) {
    const bool sha256 = suite.hash == crypto::HashAlgorithm::sha256;
    return pki::equal_without_case(id, sha256 ? "SHA256" : "SHA384");
  });
  return true;
}

}  // namespace

/// Windows' length counts bytes of its 16-bit characters; ours are wchar_t. Callers disagree on
/// whether the terminator counts.
std::string text_of(const UNICODE_STRING& text) {
  if (text.Buffer == nullptr) return {};
  std::wstring_view view(text.Buffer, text.Length / sizeof(WCHAR));
  while (!view.empty() && view.back() == L'\0') view.remove_suffix(1);
  return pki::to_utf8(view).value_or(std::string());
}

void set_default_algorithms(tls::Algorithms& algorithms) {
  algorithms.cipher_suites = {CipherSuite::TLS_AES_256_GCM_SHA384,
                              CipherSuite::TLS_AES_128_GCM_SHA256,
                              CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
                              CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
                              CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
                              CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
                              CipherSuite::TLS_CHACHA20_POLY1305_SHA256,
                              CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
                              CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256};
  algorithms.groups = {NamedGroup::x25519, NamedGroup::secp256r1, NamedGroup::secp384r1,
                       NamedGroup::secp521r1};
  algorithms.signature_schemes = {
      SignatureScheme::ecdsa_secp256r1_sha256, SignatureScheme::rsa_pss_rsae_sha256,
      SignatureScheme::rsa_pkcs1_sha256,       SignatureScheme::ecdsa_secp384r1_sha384,
      SignatureScheme::rsa_pss_rsae_sha384,    SignatureScheme::rsa_pkcs1_sha384,
      SignatureScheme::ecdsa_secp521r1_sha512, SignatureScheme::rsa_pss_rsae_sha512,
      SignatureScheme::rsa_pkcs1_sha512,       SignatureScheme::ed25519,
      SignatureScheme::rsa_pss_pss_sha256,     SignatureScheme::rsa_pss_pss_sha384,
      SignatureScheme::rsa_pss_pss_sha512};
}

void restrict_strength(DWORD minimum_bits, DWORD maximum_bits, tls::Algorithms& algorithms) {
  remove_suites(algorithms, [&](const tls::Suite& suite) {
    const DWORD bits = cipher_bits(suite);
    return (minimum_bits != 0 && bits < minimum_bits) || (maximum_bits != 0 && bits > maximum_bits);
  });
}

void restrict_to(const ALG_ID* list, DWORD count, tls::Algorithms& algorithms) {
  const auto names = [&](ALG_ID id) { return std::find(list, list + count, id) != list + count; };
  const auto names_class = [&](ALG_ID of_class) {
    return std::any_of(list, list + count,
                       [&](ALG_ID id) { return GET_ALG_CLASS(id) == of_class; });
  };
  if (count == 0) return;
  if (names_class(ALG_CLASS_DATA_ENCRYPT)) {
    // CRED-15: CALG_AES is no value of this list on Windows; callers mean it all the same.
    remove_suites(algorithms, [&](const tls::Suite& suite) {
      return !names(cipher_alg_id(suite)) && !names(CALG_AES);
    });
  }
  if (names_class(ALG_CLASS_KEY_EXCHANGE)) {
    const bool ephemeral = names(CALG_ECDH_EPHEM) || names(CALG_ECDH) || names(CALG_DH_EPHEM);
    // Only ephemeral exchange exists here: a caller that wants RSA key transport gets nothing.
    if (!ephemeral) algorithms.cipher_suites.clear();
  }
  if (names_class(ALG_CLASS_SIGNATURE)) {
    const bool rsa = names(CALG_RSA_SIGN), ecdsa = names(CALG_ECDSA);
    remove_suites(algorithms, [&](const tls::Suite& suite) {
      return (suite.authentication == tls::Authentication::rsa && !rsa) ||
             (suite.authentication == tls::Authentication::ecdsa && !ecdsa);
    });
    remove_if(algorithms.signature_schemes, [&](SignatureScheme scheme) {
      const auto low = static_cast<std::uint16_t>(scheme) & 0xff;
      const bool is_ecdsa = low == 0x03 || scheme == SignatureScheme::ed25519;
      return is_ecdsa ? !ecdsa : !rsa;
    });
  }
}

bool disable_algorithm(const CRYPTO_SETTINGS& settings, tls::Algorithms& algorithms) {
  const std::string id = text_of(settings.strCngAlgId);
  switch (settings.eAlgorithmUsage) {
    case TlsParametersCngAlgUsageCipher:
      return disable_cipher(settings, id, algorithms);
    case TlsParametersCngAlgUsageKeyExchange:
      return disable_exchange(settings, id, algorithms);
    case TlsParametersCngAlgUsageSignature:
      return disable_signature(settings, id, algorithms);
    case TlsParametersCngAlgUsageDigest:
      return disable_digest(id, algorithms);
    case TlsParametersCngAlgUsageCertSig:
      return true;  // refused_signature()
  }
  return false;
}

std::optional<pki::RefusedSignature> refused_signature(const CRYPTO_SETTINGS& settings) {
  static constexpr std::string_view kDigests[] = {"MD2",    "MD4",    "MD5",   "SHA1",
                                                  "SHA256", "SHA384", "SHA512"};
  const std::string id = text_of(settings.strCngAlgId);
  if (const auto family = family_named(id)) {
    return pki::RefusedSignature{
        crypto::KeyRange{*family, settings.dwMinBitLength, settings.dwMaxBitLength}, {}};
  }
  const bool is_digest = std::any_of(std::begin(kDigests), std::end(kDigests), [&](auto digest) {
    return pki::equal_without_case(id, digest);
  });
  if (!is_digest) return std::nullopt;
  return pki::RefusedSignature{std::nullopt, id};
}

std::vector<SignatureScheme> without(const std::vector<SignatureScheme>& schemes,
                                     const std::vector<pki::RefusedSignature>& refused) {
  std::vector<SignatureScheme> out = schemes;
  for (const pki::RefusedSignature& one : refused) {
    remove_if(out, [&](SignatureScheme scheme) {
      if (!one.keys) return pki::equal_without_case(one.digest, digest_name(scheme));
      return one.keys->minimum_bits == 0 && one.keys->maximum_bits == 0 &&
             one.keys->family == key_family(scheme);
    });
  }
  return out;
}

SignatureFamily family_of(SignatureScheme scheme) {
  const auto value = static_cast<std::uint16_t>(scheme);
  if (scheme == SignatureScheme::ed25519) return SignatureFamily::eddsa;
  if (value >= 0x0804) return SignatureFamily::rsa_pss;
  // RFC 5246 section 7.4.1.4.1: the low byte is the signature, 1 RSA and 3 ECDSA.
  return (value & 0xff) == 1 ? SignatureFamily::rsa_pkcs1 : SignatureFamily::ecdsa;
}

ALG_ID cipher_alg_id(const tls::Suite& suite) {
  switch (suite.aead) {
    case crypto::AeadAlgorithm::aes_128_gcm:
      return CALG_AES_128;
    case crypto::AeadAlgorithm::aes_256_gcm:
      return CALG_AES_256;
    case crypto::AeadAlgorithm::chacha20_poly1305:
      break;  // there is no CALG_ value for it
  }
  return 0;
}

DWORD cipher_bits(const tls::Suite& suite) {
  return static_cast<DWORD>(crypto::aead_key_bytes(suite.aead) * 8);
}

DWORD group_bits(NamedGroup group) {
  switch (group) {
    case NamedGroup::x25519:
      return 255;
    case NamedGroup::secp256r1:
      return 256;
    case NamedGroup::secp384r1:
      return 384;
    case NamedGroup::secp521r1:
      return 521;
  }
  return 0;
}

}  // namespace schannel::package
