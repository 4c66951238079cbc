#include <openssl/err.h>

#include "pki/chain.h"

namespace schannel::pki {
namespace {

void push(STACK_OF(X509) * stack, X509* certificate) {
  if (sk_X509_push(stack, certificate) == 0) throw std::bad_alloc();
  X509_up_ref(certificate);
}

}  // namespace

int PathContext::slot() {
  static const int index = X509_STORE_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

/// libcrypto would look for issuers itself; here it is told who issued whom.
int PathContext::check_issued(X509_STORE_CTX* context, X509* subject, X509* issuer) {
  const auto* self = static_cast<PathContext*>(X509_STORE_CTX_get_ex_data(context, slot()));
  const std::vector<SharedX509>& path = self->path_;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i].get() != subject) continue;
    if (subject == issuer) return may_have_issued(issuer, subject) ? 1 : 0;
    return i + 1 < path.size() && path[i + 1].get() == issuer ? 1 : 0;
  }
  return 0;
}

X509_STORE* PathContext::store() {
  static X509_STORE* const only = [] {
    X509_STORE* made = allocated(X509StorePtr(X509_STORE_new())).release();
    X509_STORE_set_check_issued(made, check_issued);
    return made;
  }();
  return only;
}

int PathContext::note(int ok, X509_STORE_CTX* context) {
  if (ok == 1) return 1;
  auto* self = static_cast<PathContext*>(X509_STORE_CTX_get_ex_data(context, slot()));
  const int error = X509_STORE_CTX_get_error(context);
  if (error == X509_V_ERR_OUT_OF_MEM) {
    self->out_of_memory_ = true;
    return 0;
  }
  self->callback_(self->argument_, error, X509_STORE_CTX_get_error_depth(context));
  return 1;  // go on: every finding counts
}

PathContext::PathContext(const std::vector<SharedX509>& path, bool trusted)
    : path_(path),
      untrusted_(allocated(X509StackPtr(sk_X509_new_null()))),
      trusted_(allocated(X509StackPtr(sk_X509_new_null()))),
      context_(allocated(X509StoreContextPtr(X509_STORE_CTX_new()))) {
  const std::size_t untrusted_count = path.size() - (trusted ? 1 : 0);
  for (std::size_t i = 1; i < untrusted_count; ++i) push(untrusted_.get(), path[i].get());
  if (trusted) push(trusted_.get(), path.back().get());
  if (X509_STORE_CTX_init(context_.get(), store(), path.front().get(), untrusted_.get()) != 1 ||
      X509_STORE_CTX_set_ex_data(context_.get(), slot(), this) != 1) {
    throw std::bad_alloc();
  }
  X509_STORE_CTX_set0_trusted_stack(context_.get(), trusted_.get());
  X509_STORE_CTX_set_verify_cb(context_.get(), note);
  X509_VERIFY_PARAM_set_depth(parameters(), static_cast<int>(path.size()));
  // Whether an anchor may end a chain although it is not self-signed has been decided before.
  X509_VERIFY_PARAM_set_flags(parameters(), X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN);
}

void PathContext::run(Callback callback, void* argument) {
  callback_ = callback;
  argument_ = argument;
  const int verified = X509_verify_cert(context_.get());
  const int error = X509_STORE_CTX_get_error(context_.get());
  ERR_clear_error();
  if (out_of_memory_ || (verified != 1 && error == X509_V_ERR_OUT_OF_MEM)) throw std::bad_alloc();
  // A failure it has not reported is libcrypto's own: never a good chain.
  if (verified != 1) callback(argument, X509_V_ERR_UNSPECIFIED, 0);
}

}  // namespace schannel::pki
