#pragma once
#include <openschannel/sspi.h>

#include <stdexcept>
#include <string>

/// A call that failed: what was tried, its status, why, and what to do about it.
class Failure : public std::runtime_error {
 public:
  Failure(const std::string& call, SECURITY_STATUS status);
  SECURITY_STATUS status() const { return status_; }

 private:
  SECURITY_STATUS status_;
};

/// The network's fault, not TLS's.
class NetworkFailure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// "SEC_E_OK" and the like, from OpenSchannelStatusText.
std::string status_name(SECURITY_STATUS status);

/// What a user can do about a call that gave a status, `why` being the library's detail; empty when
/// there is nothing to say.
std::string advice(const std::string& call, SECURITY_STATUS status, const std::string& why);
