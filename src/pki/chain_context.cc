#include "pki/chain_context.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "pki/findings.h"
#include "pki/identity.h"

namespace schannel::pki {
namespace {

using Usages = std::vector<std::string>;

/// The usages that `above` allows and `certificate` too; nothing: all.
std::optional<Usages> narrowed(const std::optional<Usages>& above, X509* certificate) {
  if ((X509_get_extension_flags(certificate) & EXFLAG_XKUSAGE) == 0 ||
      (X509_get_extended_key_usage(certificate) & XKU_ANYEKU) != 0) {
    return above;
  }
  auto* own = static_cast<EXTENDED_KEY_USAGE*>(
      X509_get_ext_d2i(certificate, NID_ext_key_usage, nullptr, nullptr));
  Usages usages;
  for (int i = 0; i < sk_ASN1_OBJECT_num(own); ++i) {
    std::string usage = oid_text(sk_ASN1_OBJECT_value(own, i));
    if (!above || std::find(above->begin(), above->end(), usage) != above->end()) {
      usages.push_back(std::move(usage));
    }
  }
  sk_ASN1_OBJECT_pop_free(own, ASN1_OBJECT_free);
  return usages;
}

DWORD revocation_result(DWORD errors) {
  for (const Finding& finding : findings()) {
    const DWORD about_revocation = kRevocationUnknownBits | CERT_TRUST_IS_REVOKED;
    if ((finding.bits & about_revocation) != 0 && (finding.bits & errors) != 0) {
      return static_cast<DWORD>(finding.policy_error);
    }
  }
  return 0;
}

struct Reference {
  std::shared_ptr<const ChainContext> chain;
  std::uint64_t count = 0;
};

struct Table {
  std::mutex mutex;
  std::unordered_map<PCCERT_CHAIN_CONTEXT, Reference> references;
};

// Never destroyed: chains with static duration may still be released while the process exits.
Table& table() {
  static auto& only = *new Table;
  return only;
}

}  // namespace

struct ChainContext::Element {
  CERT_CHAIN_ELEMENT element{};
  CERT_REVOCATION_INFO revocation{};
  CERT_ENHKEY_USAGE usage{};
  std::vector<std::string> usages;
  std::vector<LPSTR> usage_pointers;
};

ChainContext::ChainContext(std::shared_ptr<const JudgedChain> chain,
                           std::vector<PCCERT_CONTEXT> certificates, DWORD create_flags)
    : judged_(std::move(chain)) {
  const std::size_t count = judged_->elements.size();
  elements_.resize(count);
  pointers_.resize(count);
  std::optional<Usages> allowed;
  for (std::size_t i = count; i-- > 0;) {
    const ChainElement& from = judged_->elements[i];
    elements_[i] = std::make_unique<Element>();
    Element& to = *elements_[i];
    to.element.cbSize = sizeof to.element;
    to.element.pCertContext = certificates[i];
    to.element.TrustStatus = {from.errors, from.info};
    if (from.revocation_checked) {
      to.revocation.cbSize = sizeof to.revocation;
      to.revocation.dwRevocationResult = revocation_result(from.errors);
      to.element.pRevocationInfo = &to.revocation;
    }
    allowed = narrowed(allowed, from.certificate.get());
    if (allowed) {
      to.usages = *allowed;
      for (std::string& usage : to.usages) to.usage_pointers.push_back(usage.data());
      to.usage = {static_cast<DWORD>(to.usage_pointers.size()), to.usage_pointers.data()};
      to.element.pApplicationUsage = &to.usage;
    }
    pointers_[i] = &to.element;
  }
  simple_.cbSize = sizeof simple_;
  simple_.TrustStatus = {judged_->errors, judged_->info};
  simple_.cElement = static_cast<DWORD>(count);
  simple_.rgpElement = pointers_.data();
  context_.cbSize = sizeof context_;
  context_.TrustStatus = simple_.TrustStatus;
  context_.cChain = 1;
  context_.rgpChain = &simple_pointer_;
  context_.dwCreateFlags = create_flags;
}

ChainContext::~ChainContext() {
  for (const auto& element : elements_) release(element->element.pCertContext);
}

PCCERT_CHAIN_CONTEXT give_chain(std::shared_ptr<const ChainContext> chain) {
  const PCCERT_CHAIN_CONTEXT context = chain->context();
  const std::lock_guard lock(table().mutex);
  Reference& reference = table().references[context];
  if (reference.count++ == 0) reference.chain = std::move(chain);
  return context;
}

std::shared_ptr<const ChainContext> chain_of(PCCERT_CHAIN_CONTEXT context) {
  const std::lock_guard lock(table().mutex);
  const auto found = table().references.find(context);
  return found == table().references.end() ? nullptr : found->second.chain;
}

bool add_chain_reference(PCCERT_CHAIN_CONTEXT context) {
  const std::lock_guard lock(table().mutex);
  const auto found = table().references.find(context);
  if (found == table().references.end()) return false;
  ++found->second.count;
  return true;
}

void release_chain(PCCERT_CHAIN_CONTEXT context) {
  std::shared_ptr<const ChainContext> last;  // destroyed after the lock is gone
  const std::lock_guard lock(table().mutex);
  const auto found = table().references.find(context);
  if (found == table().references.end() || --found->second.count != 0) return;
  last = std::move(found->second.chain);
  table().references.erase(found);
}

}  // namespace schannel::pki
