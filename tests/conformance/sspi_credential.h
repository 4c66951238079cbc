#pragma once
#include <openschannel/sspi.h>
#include <openschannel/wincrypt.h>

#include <memory>
#include <string>
#include <vector>

#include "settings.h"

namespace schannel::conformance {

/// A credential handle for one test, with the certificates behind it.
class SspiCredential {
 public:
  /// Null when the library refuses; `failure` is its sentence.
  static std::unique_ptr<SspiCredential> acquire(const Settings& settings, std::string& failure);
  ~SspiCredential();
  SspiCredential(const SspiCredential&) = delete;
  SspiCredential& operator=(const SspiCredential&) = delete;

  CredHandle handle() const { return handle_; }

 private:
  SspiCredential() = default;
  bool load(const ShownIdentity& identity);

  CredHandle handle_{};
  bool acquired_ = false;
  std::vector<HCERTSTORE> stores_;
  std::vector<PCCERT_CONTEXT> certificates_;
};

/// The groups that SSPI can offer, in the only order it offers them.
const std::vector<int>& sspi_groups();

}  // namespace schannel::conformance
