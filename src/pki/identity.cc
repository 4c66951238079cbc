#include "pki/identity.h"

#include <openssl/err.h>

#include <algorithm>

#include "pki/file_time.h"
#include "pki/name_text.h"
#include "pki/references.h"
#include "pki/system_store.h"
#include "pki/verify.h"

namespace schannel::pki {
namespace {

/// Certificates that we send behind the leaf at most, a root included.
constexpr std::size_t kIssuerCountMax = 9;

using Certificates = std::vector<std::shared_ptr<const DecodedCertificate>>;

Certificates all_in(const Store& store) {
  Certificates all;
  std::uint64_t position = 0;
  while (const auto certificate = store.next(position)) {
    all.push_back(certificate->shared_decoded());
    position = certificate->position();
  }
  return all;
}

/// Names and key identifiers say who may be the issuer, the signature who is.
bool is_issued_by(X509* subject, X509* issuer) {
  return X509_check_issued(issuer, subject) == X509_V_OK &&
         X509_verify(subject, X509_get0_pubkey(issuer)) == 1;
}

bool is_self_signed(X509* certificate) { return is_issued_by(certificate, certificate); }

std::string name_line(Bytes certificate_der, X509_NAME* (*name_of)(const X509*)) {
  const X509Ptr certificate = parse_certificate(certificate_der);
  if (!certificate) {
    ERR_clear_error();
    return {};
  }
  // RFC 4514 section 2.1: the last RelativeDistinguishedName comes first.
  return name_text(encoding_of(name_of(certificate.get()), i2d_X509_NAME),
                   CERT_X500_NAME_STR | CERT_NAME_STR_REVERSE_FLAG);
}

}  // namespace

Result<Identity> identity_of(PCCERT_CONTEXT context, bool include_root) {
  const Held held = held_by(context);
  if (!held) return Cause::no_usable_certificate;
  std::optional<crypto::PrivateKey> key = held.certificate->key();
  if (!key) return Cause::no_usable_certificate;

  const DecodedCertificate& leaf = held.certificate->decoded();
  Identity identity{
      .chain = {to_buffer(leaf.der())},
      .key = std::move(*key),
      .not_after = leaf.info()->NotAfter,
      .names = server_names_of(leaf.der()),
      .ocsp_response = held.certificate->property(CERT_OCSP_RESPONSE_PROP_ID).value_or(Buffer())};
  Certificates candidates = held.store ? all_in(*held.store) : Certificates();
  const Certificates at_hand = certificates_in_system_store("ca");
  candidates.insert(candidates.end(), at_hand.begin(), at_hand.end());
  X509* last = leaf.x509();
  while (!is_self_signed(last) && identity.chain.size() <= kIssuerCountMax) {
    const auto issuer = std::find_if(candidates.begin(), candidates.end(), [last](const auto& c) {
      return is_issued_by(last, c->x509());
    });
    if (issuer == candidates.end()) break;
    const auto found = *issuer;
    candidates.erase(issuer);  // two that certify each other are no endless chain
    if (is_self_signed(found->x509()) && !include_root) break;
    identity.chain.push_back(to_buffer(found->der()));
    last = found->x509();
  }
  ERR_clear_error();
  return identity;
}

std::vector<Identity> client_identities(bool include_root) {
  std::vector<Identity> found;
  const auto store = open_system_store("MY", Location::user, CERT_STORE_READONLY_FLAG);
  if (!store) return found;  // nobody asked for it by name: there is nothing to be told
  std::uint64_t position = 0;
  while (const auto certificate = (*store)->next(position)) {
    position = certificate->position();
    X509* x509 = certificate->decoded().x509();
    const bool is_usable = certificate->key() &&
                           X509_check_purpose(x509, X509_PURPOSE_SSL_CLIENT, /*ca=*/0) == 1 &&
                           (X509_get_key_usage(x509) & KU_DIGITAL_SIGNATURE) != 0 &&
                           X509_cmp_current_time(X509_get0_notBefore(x509)) < 0 &&
                           X509_cmp_current_time(X509_get0_notAfter(x509)) > 0;
    if (!is_usable) continue;
    const PCCERT_CONTEXT context = give_reference(certificate, *store);
    if (Result<Identity> identity = identity_of(context, include_root)) {
      found.push_back(std::move(*identity));
    }
    release(context);
  }
  ERR_clear_error();
  std::stable_sort(found.begin(), found.end(), [](const Identity& a, const Identity& b) {
    return ticks_of(a.not_after) > ticks_of(b.not_after);
  });
  return found;
}

bool is_issued_by_any(const std::vector<Buffer>& chain, const std::vector<Buffer>& names) {
  for (const Buffer& der : chain) {
    const auto certificate = DecodedCertificate::decode(der);
    const bool is_named = certificate && std::any_of(names.begin(), names.end(), [&](Bytes name) {
                            return equal(name, certificate->issuer());
                          });
    if (is_named) return true;
  }
  ERR_clear_error();
  return false;
}

std::vector<Buffer> certificates_of(HCERTSTORE handle) {
  std::vector<Buffer> all;
  if (const std::shared_ptr<Store> store = store_of(handle)) {
    for (const auto& certificate : all_in(*store)) all.push_back(to_buffer(certificate->der()));
  }
  return all;
}

Result<PCCERT_CONTEXT> make_chain_context(const std::vector<Buffer>& chain, Bytes ocsp_response) {
  const std::shared_ptr<Store> store = Store::make();
  std::shared_ptr<Certificate> leaf;
  for (const Buffer& der : chain) {
    const auto decoded = DecodedCertificate::decode(der);
    if (!decoded) return Cause::certificate_malformed;
    std::shared_ptr<Certificate> added = store->append(decoded, {});
    if (!leaf) leaf = std::move(added);
  }
  if (leaf && !ocsp_response.empty()) {
    leaf->set_property(CERT_OCSP_RESPONSE_PROP_ID, to_buffer(ocsp_response));
  }
  if (!leaf) return Cause::certificate_malformed;
  // The very element of the store: so the two share pbCertEncoded.
  return give_reference(std::move(leaf), store);
}

FILETIME not_after_of(Bytes certificate_der) {
  const X509Ptr certificate = parse_certificate(certificate_der);
  if (!certificate) ERR_clear_error();
  return file_time_of(certificate ? X509_get0_notAfter(certificate.get()) : nullptr);
}

std::string subject_text(Bytes certificate_der) {
  return name_line(certificate_der, X509_get_subject_name);
}

std::string issuer_text(Bytes certificate_der) {
  return name_line(certificate_der, X509_get_issuer_name);
}

}  // namespace schannel::pki
