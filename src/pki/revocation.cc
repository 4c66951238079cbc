#include "pki/revocation.h"

#include <openssl/err.h>

#include <algorithm>
#include <ctime>

#include "base/limits.h"
#include "pki/fetch.h"
#include "pki/ocsp.h"
#include "pki/revocation_urls.h"
#include "pki/url_cache.h"

namespace schannel::pki {
namespace {

using Clock = std::chrono::steady_clock;

X509CrlPtr parse_list(Bytes der) {
  if (der.empty() || der.size() > kCrlBytesMax) return nullptr;
  const unsigned char* at = der.data();
  X509CrlPtr list(d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size())));
  if (!list || at != der.data() + der.size()) list.reset();
  ERR_clear_error();
  return list;
}

bool is_of_issuer(X509_CRL* list, X509* issuer) {
  return X509_NAME_cmp(X509_CRL_get_issuer(list), X509_get_subject_name(issuer)) == 0;
}

/// What libcrypto's check of lists found about one certificate.
struct ListFindings {
  bool is_revoked = false;
  bool is_expired = false;
  bool is_unusable = false;
};

void note_list_finding(void* argument, int error, int depth) {
  auto& findings = *static_cast<ListFindings*>(argument);
  if (depth != 0) return;
  switch (error) {
    case X509_V_ERR_CERT_REVOKED:
      findings.is_revoked = true;
      break;
    case X509_V_ERR_CRL_HAS_EXPIRED:
      findings.is_expired = true;
      break;
    case X509_V_ERR_UNABLE_TO_GET_CRL:
    case X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER:
    case X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE:
    case X509_V_ERR_CRL_SIGNATURE_FAILURE:
    case X509_V_ERR_CRL_NOT_YET_VALID:
    case X509_V_ERR_ERROR_IN_CRL_LAST_UPDATE_FIELD:
    case X509_V_ERR_ERROR_IN_CRL_NEXT_UPDATE_FIELD:
    case X509_V_ERR_KEYUSAGE_NO_CRL_SIGN:
    case X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION:
    case X509_V_ERR_DIFFERENT_CRL_SCOPE:
    case X509_V_ERR_CRL_PATH_VALIDATION_ERROR:
    case X509_V_ERR_UNSPECIFIED:
      findings.is_unusable = true;
      break;
    default:
      break;  // of the certificate: judged elsewhere
  }
}

}  // namespace

struct RevocationCheck::Subject {
  SharedX509 certificate;
  SharedX509 issuer;
  std::size_t depth;
  std::vector<std::string> responders;
  std::vector<std::string> lists;

  bool is_self_signed() const { return issuer == certificate; }

  /// The answer of lists, of which only those that the issuer has signed count.
  Answer judge(const std::vector<X509_CRL*>& lists_at_hand, std::int64_t now) const;
};

RevocationCheck::Answer RevocationCheck::Subject::judge(const std::vector<X509_CRL*>& lists_at_hand,
                                                        std::int64_t now) const {
  const X509CrlStackPtr own = allocated(X509CrlStackPtr(sk_X509_CRL_new_null()));
  for (X509_CRL* list : lists_at_hand) {
    // RFC 5280 section 5.1.2.5: without nextUpdate a list would be current for ever.
    if (!is_of_issuer(list, issuer.get()) || !X509_CRL_get0_nextUpdate(list) ||
        !is_strong_signature(X509_CRL_get_signature_nid(list)) ||
        X509_CRL_verify(list, X509_get0_pubkey(issuer.get())) != 1) {
      continue;
    }
    if (sk_X509_CRL_push(own.get(), list) == 0) throw std::bad_alloc();
    X509_CRL_up_ref(list);
  }
  ERR_clear_error();
  if (sk_X509_CRL_num(own.get()) == 0) return Answer::none;

  // Whether the issuer is who it says has been judged with the chain.
  std::vector<SharedX509> path{certificate};
  if (!is_self_signed()) path.push_back(issuer);
  PathContext context(path, true);
  X509_STORE_CTX_set0_crls(context.native(), own.get());
  X509_VERIFY_PARAM_set_flags(context.parameters(), X509_V_FLAG_CRL_CHECK);
  X509_VERIFY_PARAM_set_time(context.parameters(), static_cast<time_t>(now));
  ListFindings findings;
  context.run(note_list_finding, &findings);
  if (findings.is_unusable) return Answer::none;
  // Who was revoked in an old list still is.
  if (findings.is_revoked) return Answer::revoked;
  return findings.is_expired ? Answer::none : Answer::good;
}

RevocationCheck::RevocationCheck(const ChainRequest& request) : request_(request) {
  if (request.revocation.scope == RevocationScope::none) return;
  for (const Buffer& der : request.revocation.lists) {
    if (X509CrlPtr list = parse_list(der)) lists_.push_back(std::move(list));
  }
}

RevocationCheck::Answer RevocationCheck::judge_list(const Subject& subject, Bytes der) {
  const X509CrlPtr list = parse_list(der);
  return list ? subject.judge({list.get()}, request_.now) : Answer::none;
}

/// Half of what is left for all addresses, and never more than one may take (CERT-35).
std::chrono::milliseconds RevocationCheck::next_timeout() {
  const std::chrono::milliseconds one(request_.revocation.url_milliseconds);
  if (request_.revocation.total_milliseconds == 0) return one;
  const std::chrono::milliseconds all(request_.revocation.total_milliseconds);
  return std::min(one, std::max(all - spent_, std::chrono::milliseconds(0)) / 2);
}

RevocationCheck::Answer RevocationCheck::at_hand(const Subject& subject) {
  std::vector<X509_CRL*> lists;
  for (const X509CrlPtr& list : lists_) lists.push_back(list.get());
  const Answer by_list = subject.judge(lists, request_.now);
  if (by_list == Answer::revoked || subject.depth != 0) return by_list;
  const auto stapled = ocsp_answer(request_.revocation.stapled, subject.certificate.get(),
                                   subject.issuer.get(), request_.now);
  if (!stapled) return by_list;
  return *stapled == OcspAnswer::good ? Answer::good : Answer::revoked;
}

std::optional<Buffer> RevocationCheck::fetched(FetchRequest request) {
  request.timeout = next_timeout();
  if (request.timeout.count() == 0 || fetch_count_ >= kRevocationFetchCountMax) return {};
  ++fetch_count_;
  const Clock::time_point begin = Clock::now();
  std::optional<Buffer> content = fetch(request);
  spent_ += std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
  return content;
}

RevocationCheck::Answer RevocationCheck::from_responder(const Subject& subject,
                                                        const std::string& url, bool may_fetch) {
  X509* certificate = subject.certificate.get();
  X509* issuer = subject.issuer.get();
  const Buffer request = ocsp_request(certificate, issuer);
  std::string key = "ocsp\n" + url + "\n";
  key += as_text(request);
  const std::optional<Buffer> response =
      may_fetch ? fetched({url, request, "application/ocsp-request", {}, kOcspResponseBytesMax})
                : read_cache(key);
  const auto answer =
      response ? ocsp_answer(*response, certificate, issuer, request_.now) : std::nullopt;
  if (!answer) return Answer::none;
  if (may_fetch) write_cache(key, *response);
  return *answer == OcspAnswer::good ? Answer::good : Answer::revoked;
}

RevocationCheck::Answer RevocationCheck::from_list(const Subject& subject, const std::string& url,
                                                   bool may_fetch) {
  const std::string key = "crl\n" + url;
  const std::optional<Buffer> der =
      may_fetch ? fetched({url, {}, {}, {}, kCrlBytesMax}) : read_cache(key);
  const Answer answer = der ? judge_list(subject, *der) : Answer::none;
  if (may_fetch && answer != Answer::none) write_cache(key, *der);
  return answer;
}

/// The first that has an answer.
RevocationCheck::Answer RevocationCheck::ask(const Subject& subject, bool may_fetch) {
  for (const std::string& url : subject.responders) {
    if (const Answer answer = from_responder(subject, url, may_fetch); answer != Answer::none) {
      return answer;
    }
  }
  for (const std::string& url : subject.lists) {
    if (const Answer answer = from_list(subject, url, may_fetch); answer != Answer::none) {
      return answer;
    }
  }
  return Answer::none;
}

void RevocationCheck::check(JudgedChain& chain, bool is_trusted) {
  const RevocationScope scope = request_.revocation.scope;
  if (scope == RevocationScope::none) return;
  const bool may_fetch = is_trusted && chain.errors == 0 && !request_.revocation.cache_only;
  const std::size_t count = scope == RevocationScope::leaf ? 1 : chain.elements.size();
  for (std::size_t i = 0; i < count; ++i) {
    ChainElement& element = chain.elements[i];
    const bool is_top = i + 1 == chain.elements.size();
    const bool is_self_signed = (element.info & CERT_TRUST_IS_SELF_SIGNED) != 0;
    if (is_top && scope == RevocationScope::chain_without_root && i != 0) break;
    if (is_top && !is_self_signed) {
      // An anchor needs nobody's word (CERT-41); of the end of a partial chain nobody is known.
      if (!is_trusted) {
        element.revocation_checked = true;
        element.add(CERT_TRUST_REVOCATION_STATUS_UNKNOWN, "its issuer is not known");
      }
      break;
    }
    Subject subject{element.certificate,
                    is_top ? element.certificate : chain.elements[i + 1].certificate,
                    i,
                    {},
                    {}};
    Answer answer = at_hand(subject);
    // A root could only vouch for itself: what nobody has revoked counts as good.
    if (is_top && answer == Answer::none) break;
    element.revocation_checked = true;
    if (answer == Answer::none) {
      subject.responders = responder_urls(element.certificate.get());
      subject.lists = list_urls(element.certificate.get());
      answer = ask(subject, false);
      if (answer == Answer::none && may_fetch) answer = ask(subject, true);
    }
    if (answer == Answer::revoked) element.add(CERT_TRUST_IS_REVOKED, "it has been revoked");
    if (answer != Answer::none) continue;
    if (has_source(subject)) {
      element.add(CERT_TRUST_REVOCATION_STATUS_UNKNOWN | CERT_TRUST_IS_OFFLINE_REVOCATION,
                  "nobody it names has given a usable answer about its revocation");
    } else {
      element.add(CERT_TRUST_REVOCATION_STATUS_UNKNOWN,
                  "it says nowhere whether it has been revoked");
    }
  }
}

/// Somebody could have been asked, or has said what does not count.
bool RevocationCheck::has_source(const Subject& subject) const {
  const bool has_list = std::any_of(lists_.begin(), lists_.end(), [&](const X509CrlPtr& list) {
    return is_of_issuer(list.get(), subject.issuer.get());
  });
  return has_list || !subject.responders.empty() || !subject.lists.empty() ||
         (subject.depth == 0 && !request_.revocation.stapled.empty());
}

}  // namespace schannel::pki
