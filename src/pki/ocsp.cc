#include "pki/ocsp.h"

#include <openssl/err.h>

#include <algorithm>
#include <ctime>
#include <string>
#include <vector>

#include "base/limits.h"
#include "pki/chain.h"

namespace schannel::pki {
namespace {

using RequestPtr = std::unique_ptr<OCSP_REQUEST, FreeWith<OCSP_REQUEST_free>>;
using ResponsePtr = std::unique_ptr<OCSP_RESPONSE, FreeWith<OCSP_RESPONSE_free>>;
using BasicPtr = std::unique_ptr<OCSP_BASICRESP, FreeWith<OCSP_BASICRESP_free>>;
using CertIdPtr = std::unique_ptr<OCSP_CERTID, FreeWith<OCSP_CERTID_free>>;

/// What a response without nextUpdate is worth: Windows' default for the same case.
constexpr std::int64_t kValiditySecondsDefault = 43'200;

constexpr int kResponderSecurityBitsMin = 80;  // as for certificates (PROTO-29)

/// RFC 6960 section 4.2.2.2: the issuer has signed the responder's certificate itself and for this
/// purpose. That the responder's own certificate may have been revoked is left out of account, as
/// id-pkix-ocsp-nocheck asks for and short lives make bearable.
bool is_delegated(X509* responder, X509* issuer, std::int64_t now) {
  const std::uint32_t flags = X509_get_extension_flags(responder);
  if ((flags & EXFLAG_XKUSAGE) == 0 || (flags & EXFLAG_INVALID) != 0) return false;
  if ((X509_get_extended_key_usage(responder) & XKU_OCSP_SIGN) == 0) return false;
  if ((X509_get_key_usage(responder) & KU_DIGITAL_SIGNATURE) == 0) return false;
  auto at = static_cast<time_t>(now);
  return X509_cmp_time(X509_get0_notBefore(responder), &at) < 0 &&
         X509_cmp_time(X509_get0_notAfter(responder), &at) > 0 &&
         X509_check_issued(issuer, responder) == X509_V_OK &&
         is_strong_signature(X509_get_signature_nid(responder)) &&
         X509_verify(responder, X509_get0_pubkey(issuer)) == 1;
}

/// Whose signature under the response would count, among those in it.
X509StackPtr accepted_signers(OCSP_BASICRESP* basic, X509* issuer, std::int64_t now) {
  X509StackPtr accepted = allocated(X509StackPtr(sk_X509_new_null()));
  const auto accept = [&](X509* certificate) {
    if (EVP_PKEY_get_security_bits(X509_get0_pubkey(certificate)) < kResponderSecurityBitsMin)
      return;
    if (sk_X509_push(accepted.get(), certificate) == 0) throw std::bad_alloc();
    X509_up_ref(certificate);
  };
  accept(issuer);
  const STACK_OF(X509)* sent = OCSP_resp_get0_certs(basic);
  const int count = std::min(sk_X509_num(sent), static_cast<int>(kCertificateCountMax));
  for (int i = 0; i < count; ++i) {
    X509* certificate = sk_X509_value(sent, i);
    if (X509_get0_pubkey(certificate) && is_delegated(certificate, issuer, now)) {
      accept(certificate);
    }
  }
  return accepted;
}

bool is_about(const OCSP_CERTID* id, X509* certificate, X509* issuer) {
  // What is compared is made with the hash that the responder has chosen.
  ASN1_OBJECT* algorithm = nullptr;
  if (OCSP_id_get0_info(nullptr, &algorithm, nullptr, nullptr, const_cast<OCSP_CERTID*>(id)) != 1) {
    return false;
  }
  const EVP_MD* hash = EVP_get_digestbyobj(algorithm);
  if (!hash) return false;
  const CertIdPtr own(OCSP_cert_to_id(hash, certificate, issuer));
  return own && OCSP_id_cmp(own.get(), id) == 0;
}

bool is_of_now(const ASN1_GENERALIZEDTIME* this_update, const ASN1_GENERALIZEDTIME* next_update,
               std::int64_t now) {
  const auto from = unix_seconds(this_update);
  if (!from || *from > now + kClockSkewSeconds) return false;
  if (!next_update) return now <= *from + kValiditySecondsDefault;
  const auto until = unix_seconds(next_update);
  return until && *until >= *from && now <= *until + kClockSkewSeconds;
}

}  // namespace

std::optional<std::int64_t> unix_seconds(const ASN1_TIME* time) {
  std::tm parts{};
  if (!time || ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
  return std::int64_t{timegm(&parts)};
}

bool is_strong_signature(int nid) {
  int hash = NID_undef;
  int key = NID_undef;
  if (OBJ_find_sigid_algs(nid, &hash, &key) != 1) return nid == NID_ED25519 || nid == NID_ED448;
  if (hash == NID_undef) return key == NID_ED25519 || key == NID_ED448 || nid == NID_rsassaPss;
  return hash != NID_md5 && hash != NID_sha1 && hash != NID_md4 && hash != NID_md2 &&
         hash != NID_md5_sha1;
}

Buffer ocsp_request(X509* certificate, X509* issuer) {
  const RequestPtr request = allocated(RequestPtr(OCSP_REQUEST_new()));
  // SHA-1 names the certificate here and signs nothing; it is what every responder knows
  // (RFC 5019 section 2.1.1).
  OCSP_CERTID* id = OCSP_cert_to_id(EVP_sha1(), certificate, issuer);
  if (!id) return {};
  if (!OCSP_request_add0_id(request.get(), id)) {
    OCSP_CERTID_free(id);
    return {};
  }
  return encoding_of(request.get(), i2d_OCSP_REQUEST);
}

std::optional<OcspAnswer> ocsp_answer(Bytes response, X509* certificate, X509* issuer,
                                      std::int64_t now) {
  if (response.empty() || response.size() > kOcspResponseBytesMax) return std::nullopt;
  const auto judged = [&]() -> std::optional<OcspAnswer> {
    const unsigned char* at = response.data();
    const ResponsePtr decoded(d2i_OCSP_RESPONSE(nullptr, &at, static_cast<long>(response.size())));
    if (!decoded || at != response.data() + response.size() ||
        OCSP_response_status(decoded.get()) != OCSP_RESPONSE_STATUS_SUCCESSFUL) {
      return std::nullopt;
    }
    const BasicPtr basic(OCSP_response_get1_basic(decoded.get()));
    if (!basic) return std::nullopt;
    const X509_ALGOR* algorithm = OCSP_resp_get0_tbs_sigalg(basic.get());
    if (!is_strong_signature(OBJ_obj2nid(algorithm->algorithm))) return std::nullopt;
    const X509StackPtr signers = accepted_signers(basic.get(), issuer, now);
    // Only from these, none of which needs to be verified any more: the signature is left.
    if (OCSP_basic_verify(basic.get(), signers.get(), nullptr, OCSP_NOINTERN | OCSP_TRUSTOTHER) !=
        1) {
      return std::nullopt;
    }
    std::optional<OcspAnswer> answer;
    for (int i = 0; i < OCSP_resp_count(basic.get()); ++i) {
      OCSP_SINGLERESP* single = OCSP_resp_get0(basic.get(), i);
      if (!is_about(OCSP_SINGLERESP_get0_id(single), certificate, issuer)) continue;
      ASN1_GENERALIZEDTIME* this_update = nullptr;
      ASN1_GENERALIZEDTIME* next_update = nullptr;
      const int status =
          OCSP_single_get0_status(single, nullptr, nullptr, &this_update, &next_update);
      if (!is_of_now(this_update, next_update, now)) continue;
      if (status == V_OCSP_CERTSTATUS_REVOKED) return OcspAnswer::revoked;
      if (status == V_OCSP_CERTSTATUS_GOOD) answer = OcspAnswer::good;
    }
    return answer;
  }();
  ERR_clear_error();
  return judged;
}

}  // namespace schannel::pki
