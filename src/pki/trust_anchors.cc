#include <openssl/err.h>
#include <sys/stat.h>

#include <cstdlib>
#include <mutex>

#include "pki/chain.h"
#include "pki/system_store.h"

namespace schannel::pki {
namespace {

std::shared_ptr<X509_STORE> new_store() {
  return {allocated(X509StorePtr(X509_STORE_new())).release(), X509_STORE_free};
}

/// What `variable` names, or libcrypto's default. Ignored in set-user-id programs, as libcrypto
/// does when it reads the same variables.
std::string path_of(const char* variable, const char* fallback) {
  const char* value = secure_getenv(variable);
  return value ? value : fallback;
}

/// Changes when the file or directory does; a missing one has a state as well.
void append_state(std::string& out, const std::string& path) {
  struct stat status {};
  out += path;
  if (stat(path.c_str(), &status) == 0) {
    for (const auto part :
         {static_cast<long long>(status.st_dev), static_cast<long long>(status.st_ino),
          static_cast<long long>(status.st_size), static_cast<long long>(status.st_mtim.tv_sec),
          static_cast<long long>(status.st_mtim.tv_nsec)}) {
      out += ' ' + std::to_string(part);
    }
  }
  out += '\n';
}

std::string state_of_system_anchors() {
  std::string state;
  append_state(state, path_of(X509_get_default_cert_file_env(), X509_get_default_cert_file()));
  const std::string directories =
      path_of(X509_get_default_cert_dir_env(), X509_get_default_cert_dir());
  for (std::size_t start = 0; start <= directories.size();) {
    const std::size_t end = std::min(directories.find(':', start), directories.size());
    append_state(state, directories.substr(start, end - start));
    start = end + 1;
  }
  return state + system_store_state("root");
}

struct SystemAnchors {
  std::mutex mutex;
  std::string state;
  std::shared_ptr<X509_STORE> store;
};

// Never destroyed: a thread may still verify while the process exits.
SystemAnchors& system_anchors() {
  static auto& anchors = *new SystemAnchors;
  return anchors;
}

}  // namespace

TrustAnchors::TrustAnchors(std::shared_ptr<X509_STORE> store, bool any_ends_chain,
                           bool is_exclusive)
    : store_(std::move(store)), any_ends_chain_(any_ends_chain), is_exclusive_(is_exclusive) {}

Result<TrustAnchors> TrustAnchors::system() {
  SystemAnchors& cached = system_anchors();
  std::string state = state_of_system_anchors();
  const std::lock_guard lock(cached.mutex);
  if (!cached.store || cached.state != state) {
    std::shared_ptr<X509_STORE> store = new_store();
    // A file or directory that is missing is no error: then nothing is trusted.
    if (X509_STORE_set_default_paths(store.get()) != 1) return Cause::internal_error;
    ERR_clear_error();
    // What people have put into ROOT themselves (docs/stores.md).
    for (const auto& root : certificates_in_system_store("root")) {
      if (X509_STORE_add_cert(store.get(), root->x509()) != 1) return Cause::internal_error;
    }
    cached.store = std::move(store);
    cached.state = std::move(state);
  }
  return TrustAnchors(cached.store, false, false);
}

Result<TrustAnchors> TrustAnchors::of(const std::vector<Buffer>& certificates, EndsChain which) {
  std::shared_ptr<X509_STORE> store = new_store();
  for (const Buffer& der : certificates) {
    const X509Ptr certificate = parse_certificate(der);
    if (!certificate) return Cause::certificate_malformed;
    // A certificate that is there already is success in OpenSSL 3.
    if (X509_STORE_add_cert(store.get(), certificate.get()) != 1) return Cause::internal_error;
  }
  return TrustAnchors(std::move(store), which == EndsChain::any, true);
}

AnchorLookup::AnchorLookup(const TrustAnchors& anchors)
    : context_(allocated(X509StoreContextPtr(X509_STORE_CTX_new()))),
      any_ends_chain_(anchors.any_ends_chain()) {
  if (X509_STORE_CTX_init(context_.get(), anchors.native(), nullptr, nullptr) != 1) {
    throw std::bad_alloc();
  }
}

std::vector<Anchor> AnchorLookup::named(const X509_NAME* subject) const {
  std::vector<Anchor> found;
  const X509StackPtr certificates(X509_STORE_CTX_get1_certs(context_.get(), subject));
  for (int i = 0; i < sk_X509_num(certificates.get()); ++i) {
    X509* certificate = sk_X509_value(certificates.get(), i);
    found.push_back({share(certificate), any_ends_chain_ || X509_self_signed(certificate, 0) == 1});
  }
  ERR_clear_error();
  return found;
}

bool AnchorLookup::contains(X509* certificate) const {
  for (const Anchor& anchor : named(X509_get_subject_name(certificate))) {
    if (anchor.ends_chain && X509_cmp(anchor.certificate.get(), certificate) == 0) return true;
  }
  return false;
}

}  // namespace schannel::pki
