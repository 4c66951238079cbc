#include "pki/self_signed.h"

#include <arpa/inet.h>
#include <openssl/err.h>

#include <string>
#include <vector>

#include "pki/owned.h"
#include "pki/verify.h"

namespace schannel::pki {
namespace {

constexpr int kSerialBits = 127;  // positive and within the 20 octets of RFC 5280 section 4.1.2.2
constexpr long kBackdatedSeconds = 3600;  // for peers whose clock is behind
constexpr std::size_t kNameCountMax = 100;
constexpr std::uint32_t kDaysMax = 0x7FFF'FFFF;
constexpr std::string_view kWildcard = "*.";
constexpr std::size_t kCommonNameBytesMax = 64;  // RFC 5280 appendix A, ub-common-name

std::vector<std::string_view> split(std::string_view names) {
  std::vector<std::string_view> out;
  for (std::size_t start = 0; start <= names.size();) {
    const std::size_t end = std::min(names.find(',', start), names.size());
    std::string_view name = names.substr(start, end - start);
    while (name.starts_with(' ')) name.remove_prefix(1);
    while (name.ends_with(' ')) name.remove_suffix(1);
    out.push_back(name);
    start = end + 1;
  }
  return out;
}

/// As it stands in a dNSName; empty when it is no name.
std::string dns_name(std::string_view name) {
  if (!name.starts_with(kWildcard)) return to_a_labels(name);
  const std::string rest = to_a_labels(name.substr(kWildcard.size()));
  return rest.empty() ? rest : std::string(kWildcard) + rest;
}

/// False for what is neither a DNS name nor an address.
bool add_name(GENERAL_NAMES* out, std::string_view name) {
  const bool is_address = is_ip_address(name);
  std::string value = is_address ? std::string(name) : dns_name(name);
  if (is_address && value.front() == '[') value = value.substr(1, value.size() - 2);
  if (value.empty()) return false;
  GENERAL_NAME* added = a2i_GENERAL_NAME(nullptr, nullptr, nullptr,
                                         is_address ? GEN_IPADD : GEN_DNS, value.data(), 0);
  if (!added || sk_GENERAL_NAME_push(out, added) == 0) throw std::bad_alloc();
  return true;
}

bool add_extension(X509* certificate, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509V3_set_ctx_nodb(&context);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
  const bool added = extension && X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

bool set_serial(X509* certificate) {
  const BignumPtr number = allocated(BignumPtr(BN_new()));
  return BN_rand(number.get(), kSerialBits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
         BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool set_names(X509* certificate, const GENERAL_NAMES* names, std::string_view first) {
  std::string common_name = is_ip_address(first) ? std::string(first) : dns_name(first);
  if (common_name.size() > kCommonNameBytesMax) common_name = "self-signed";
  X509_NAME* subject = X509_get_subject_name(certificate);
  std::vector<unsigned char> bytes(common_name.begin(), common_name.end());
  return X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8, bytes.data(),
                                    static_cast<int>(bytes.size()), -1, 0) == 1 &&
         X509_set_issuer_name(certificate, subject) == 1 &&
         X509_add1_ext_i2d(certificate, NID_subject_alt_name, const_cast<GENERAL_NAMES*>(names), 0,
                           X509V3_ADD_APPEND) == 1;
}

bool set_times(X509* certificate, std::uint32_t days, std::int64_t now) {
  auto from = static_cast<time_t>(now);
  // Fails for years that a certificate can't express.
  return X509_time_adj_ex(X509_getm_notBefore(certificate), 0, -kBackdatedSeconds, &from) &&
         X509_time_adj_ex(X509_getm_notAfter(certificate), static_cast<int>(days), 0, &from);
}

bool sign(X509* certificate, const crypto::PrivateKey& key) {
  const EVP_MD* hash = key.type() == crypto::KeyType::ed25519      ? nullptr
                       : key.type() == crypto::KeyType::ecdsa_p384 ? EVP_sha384()
                       : key.type() == crypto::KeyType::ecdsa_p521 ? EVP_sha512()
                                                                   : EVP_sha256();
  return X509_sign(certificate, key.native(), hash) > 0;
}

}  // namespace

Answer<std::shared_ptr<Certificate>> make_self_signed(std::string_view names, crypto::KeyType type,
                                                      std::uint32_t days, std::int64_t now) {
  const std::vector<std::string_view> list = split(names);
  const GeneralNamesPtr alternatives = allocated(GeneralNamesPtr(sk_GENERAL_NAME_new_null()));
  if (list.size() > kNameCountMax) return failed(E_INVALIDARG, "more than 100 names");
  for (const std::string_view name : list) {
    if (!add_name(alternatives.get(), name)) {
      return failed(E_INVALIDARG,
                    '"' + std::string(name) + "\" is neither a DNS name nor an IP address");
    }
  }
  const X509Ptr certificate = allocated(X509Ptr(X509_new()));
  if (days == 0 || days > kDaysMax || !set_times(certificate.get(), days, now)) {
    ERR_clear_error();
    return failed(E_INVALIDARG, std::to_string(days) +
                                    " days: it must end between tomorrow and "
                                    "the year 9999");
  }

  const Result<crypto::PrivateKey> key = crypto::PrivateKey::generate(type);
  const bool made = key && X509_set_version(certificate.get(), X509_VERSION_3) == 1 &&
                    set_serial(certificate.get()) &&
                    X509_set_pubkey(certificate.get(), key->native()) == 1 &&
                    set_names(certificate.get(), alternatives.get(), list.front()) &&
                    add_extension(certificate.get(), NID_basic_constraints, "critical,CA:FALSE") &&
                    add_extension(certificate.get(), NID_key_usage, "critical,digitalSignature") &&
                    add_extension(certificate.get(), NID_ext_key_usage, "serverAuth,clientAuth") &&
                    add_extension(certificate.get(), NID_subject_key_identifier, "hash") &&
                    sign(certificate.get(), *key);
  auto decoded =
      made ? DecodedCertificate::decode(encoding_of(certificate.get(), i2d_X509)) : nullptr;
  ERR_clear_error();
  if (!decoded) return failed(NTE_FAIL, "OpenSSL could not make the key or the certificate");
  return std::make_shared<Certificate>(std::move(decoded), nullptr, 0,
                                       Certificate::Properties{{}, *key});
}

}  // namespace schannel::pki
