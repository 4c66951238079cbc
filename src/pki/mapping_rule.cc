#include <openssl/err.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <new>

#include "pki/mapping_rules.h"

namespace schannel::pki {

/// What libsss-certmap says to its debugger is all it says about a bad rule.
struct CertmapComplaints {
  __attribute__((format(printf, 5, 6))) static void keep(void* rule, const char*, long, const char*,
                                                         const char* format, ...) {
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    static_cast<MappingRule*>(rule)->last_complaint_ = text;
  }
};

std::shared_ptr<MappingRule> MappingRule::make(const std::string& match, const std::string& map,
                                               std::string& why) {
  auto rule = std::make_shared<MappingRule>();
  sss_certmap_ctx* context = nullptr;
  if (sss_certmap_init(nullptr, CertmapComplaints::keep, rule.get(), &context) != 0) {
    throw std::bad_alloc();
  }
  rule->context_.reset(context);
  // The priority is ours to compare: this is the only rule of its context.
  const int error = sss_certmap_add_rule(context, 0, match.c_str(), map.c_str(), nullptr);
  if (error == ENOMEM) throw std::bad_alloc();
  if (error != 0) {
    why = "libsss-certmap refuses it: " + rule->last_complaint_;
    return nullptr;
  }
  return rule;
}

MappingRule::Expansion MappingRule::apply(Bytes certificate) {
  const std::lock_guard lock(mutex_);
  char* filter = nullptr;
  char** domains = nullptr;
  int error = sss_certmap_match_cert(context_.get(), certificate.data(), certificate.size());
  if (error == 0) {
    error = sss_certmap_get_search_filter(context_.get(), certificate.data(), certificate.size(),
                                          &filter, &domains);
  } else if (error == ENOENT) {
    ERR_clear_error();
    return {Match::no, {}, {}};
  }
  ERR_clear_error();
  if (error == ENOMEM) throw std::bad_alloc();
  if (error != 0) return {Match::unusable, {}, last_complaint_};
  Expansion out{Match::yes, filter, {}};
  sss_certmap_free_filter_and_domains(filter, domains);
  return out;
}

}  // namespace schannel::pki
