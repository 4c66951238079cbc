#pragma once
#include <gtest/gtest.h>
#include <openschannel/extensions.h>
#include <openschannel/wincrypt.h>

#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

// What the tests of the certificate functions share: owners of contexts and stores, and data.
namespace contract::certificates {

/// A reference to a certificate context.
class Context {
 public:
  Context() = default;
  explicit Context(PCCERT_CONTEXT context) : context_(context) {}
  Context(Context&& other) noexcept : context_(std::exchange(other.context_, nullptr)) {}
  Context& operator=(Context&& other) noexcept {
    std::swap(context_, other.context_);
    return *this;
  }
  ~Context() { CertFreeCertificateContext(context_); }

  PCCERT_CONTEXT get() const { return context_; }
  PCCERT_CONTEXT give_up() { return std::exchange(context_, nullptr); }
  PCCERT_CONTEXT operator->() const { return context_; }
  explicit operator bool() const { return context_ != nullptr; }

 private:
  PCCERT_CONTEXT context_ = nullptr;
};

/// A handle of a store.
class Store {
 public:
  explicit Store(HCERTSTORE handle) : handle_(handle) {}
  Store(Store&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Store& operator=(Store&&) = delete;
  ~Store() { CertCloseStore(handle_, 0); }

  HCERTSTORE get() const { return handle_; }
  HCERTSTORE give_up() { return std::exchange(handle_, nullptr); }
  explicit operator bool() const { return handle_ != nullptr; }

 private:
  HCERTSTORE handle_;
};

inline Store memory_store(DWORD flags = 0) {
  return Store(CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, flags, nullptr));
}

inline Context self_signed(const char* names = "localhost") {
  return Context(OpenSchannelCreateSelfSignedCertificate(names, OPENSCHANNEL_KEY_ECDSA_P256, 1));
}

using Bytes = std::vector<BYTE>;

inline Bytes encoding_of(PCCERT_CONTEXT context) {
  return {context->pbCertEncoded, context->pbCertEncoded + context->cbCertEncoded};
}

/// A file of tests/vectors.
inline Bytes vector_file(const std::string& name) {
  std::ifstream file(std::string(OPENSCHANNEL_TEST_DATA "/") + name, std::ios::binary);
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline CRYPT_DATA_BLOB blob_of(Bytes& bytes) {
  return {static_cast<DWORD>(bytes.size()), bytes.data()};
}

/// The certificates of a store, in its order.
inline std::vector<Bytes> certificates_of(HCERTSTORE store) {
  std::vector<Bytes> all;
  PCCERT_CONTEXT context = nullptr;
  while ((context = CertEnumCertificatesInStore(store, context)) != nullptr) {
    all.push_back(encoding_of(context));
  }
  return all;
}

inline DWORD code(HRESULT result) { return static_cast<DWORD>(result); }

}  // namespace contract::certificates
