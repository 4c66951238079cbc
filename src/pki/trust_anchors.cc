#include <openssl/err.h>
#include <sys/stat.h>

#include <cstdlib>
#include <mutex>

#include "pki/owned.h"
#include "pki/verify.h"

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
  return state;
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

TrustAnchors::TrustAnchors(std::shared_ptr<X509_STORE> store) : store_(std::move(store)) {}

Result<TrustAnchors> TrustAnchors::system() {
  SystemAnchors& cached = system_anchors();
  std::string state = state_of_system_anchors();
  const std::lock_guard lock(cached.mutex);
  if (!cached.store || cached.state != state) {
    std::shared_ptr<X509_STORE> store = new_store();
    // A file or directory that is missing is no error: then nothing is trusted.
    if (X509_STORE_set_default_paths(store.get()) != 1) return Cause::internal_error;
    ERR_clear_error();
    cached.store = std::move(store);
    cached.state = std::move(state);
  }
  return TrustAnchors(cached.store);
}

Result<TrustAnchors> TrustAnchors::of(const std::vector<Buffer>& certificates) {
  std::shared_ptr<X509_STORE> store = new_store();
  for (const Buffer& der : certificates) {
    const X509Ptr certificate = parse_certificate(der);
    if (!certificate) return Cause::certificate_malformed;
    // A certificate that is there already is success in OpenSSL 3.
    if (X509_STORE_add_cert(store.get(), certificate.get()) != 1) return Cause::internal_error;
  }
  // Each was chosen by the caller: it ends a chain, whoever signed it.
  if (X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN) != 1) {
    return Cause::internal_error;
  }
  return TrustAnchors(std::move(store));
}

}  // namespace schannel::pki
