#pragma once
#include <openschannel/schannel.h>
#include <openschannel/security.h>
#include <openschannel/wincrypt.h>

#include <string>
#include <utility>

#include "tracer.h"

/// Where a certificate with its key comes from, as the command line says it.
struct CertificateSource {
  std::string certificate_file;  ///< PEM
  std::string key_file;          ///< PEM; empty: in the certificate file
  std::string pfx_file;
  std::string password;           ///< As the locale writes it
  std::string self_signed_names;  ///< Made on the spot for these names
  bool empty() const {
    return certificate_file.empty() && pfx_file.empty() && self_signed_names.empty();
  }
};

/// A store that is closed in the end.
class Store {
 public:
  explicit Store(HCERTSTORE store = nullptr) : store_(store) {}
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  Store(Store&& other) noexcept : store_(std::exchange(other.store_, nullptr)) {}
  Store& operator=(Store&& other) noexcept {
    std::swap(store_, other.store_);
    return *this;
  }
  ~Store() {
    if (store_ != nullptr) CertCloseStore(store_, 0);
  }
  HCERTSTORE get() const { return store_; }
  explicit operator bool() const { return store_ != nullptr; }

 private:
  HCERTSTORE store_;
};

/// A store whose first certificate has the key. Throws runtime_error with the library's reason.
Store load_certificate(const CertificateSource& source);
/// The certificates of a PEM file, to be trusted as roots.
Store load_roots(const std::string& file);

struct CredentialOptions {
  bool is_server = false;
  std::string tls;        ///< "1.2", "1.3"; empty: both
  bool insecure = false;  ///< Client: do not verify the server
  HCERTSTORE certificate = nullptr;
  HCERTSTORE roots = nullptr;
  bool requires_client_certificate = false;  ///< Server: refuse clients without one.
  std::string mapping_rules{};               ///< Server: a file; empty: none.
  std::string side{};                        ///< For the trace.
};

/// A credential handle that is freed in the end.
class CredentialHandle {
 public:
  /// `tracer` must outlive the handle. Throws Failure.
  CredentialHandle(const CredentialOptions& options, const Tracer& tracer);
  CredentialHandle(const CredentialHandle&) = delete;
  CredentialHandle& operator=(const CredentialHandle&) = delete;
  ~CredentialHandle();
  CredHandle* get() { return &handle_; }

 private:
  void use_mapping_rules(const std::string& file);

  CredHandle handle_{};
  std::string side_;
  const Tracer* tracer_;
};
