#pragma once
#include <sys/types.h>

#include <memory>
#include <string>

namespace schannel::pki::testing {

/// OpenLDAP's server over a folder of its own, on a free port of loopback, until it goes.
class Slapd {
 public:
  struct Options {
    std::string ldif;              ///< Entries below dc=example; the root entry is there.
    std::string certificate = {};  ///< PEM; with it StartTLS is there
    std::string key = {};
    std::string access = "access to * by * read\n";
  };
  /// Null, with the reason in `why`, where slapd is not installed or does not start.
  static std::unique_ptr<Slapd> start(const Options& options, std::string& why);
  ~Slapd();
  Slapd(const Slapd&) = delete;
  Slapd& operator=(const Slapd&) = delete;

  std::string uri() const { return "ldap://127.0.0.1:" + std::to_string(port_); }
  /// A file beside the database.
  std::string write(const std::string& name, const std::string& text) const;
  /// Adds entries while it runs.
  bool add(const std::string& ldif) const;

 private:
  Slapd() = default;
  bool prepare(const Options& options, std::string& why);
  bool wait_until_ready(std::string& why);
  std::string folder_;
  int port_ = 0;
  pid_t process_ = -1;
};

/// The rootdn of every one of them.
inline constexpr char kAdministrator[] = "cn=admin,dc=example";
inline constexpr char kPassword[] = "secret";

}  // namespace schannel::pki::testing
