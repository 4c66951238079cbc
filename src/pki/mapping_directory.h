#pragma once
#include <cstdint>
#include <string>

// Accounts found through an LDAP directory: which entry a filter means, and the name it has there.
namespace schannel::pki {

/// How to ask. Everything that libldap would otherwise take from ldap.conf, .ldaprc or the
/// environment and that decides whom we believe is set from here.
struct Directory {
  std::string uri;         ///< ldaps://, ldapi:// or ldap://
  bool start_tls = false;  ///< ldap:// must be followed by TLS before anything is asked
  std::string ca_file;     ///< PEM; whom the directory's certificate must come from
  std::string base;        ///< Of the search, with everything below.
  std::string filter = "(objectClass=posixAccount)";  ///< Holds for every entry that counts.
  std::string name_attribute = "uid";
  std::string bind_dn;  ///< Empty: anonymous.
  std::string password;
  std::uint32_t timeout_ms = 2000;  ///< For one lookup with all its steps.
};

/// `found`: exactly one entry, with exactly one name.
struct DirectoryAnswer {
  enum class Kind : std::uint8_t { found, none, several, failed };
  Kind kind = Kind::failed;
  std::string name;  ///< found
  std::string why;   ///< failed
};
DirectoryAnswer find_in_directory(const Directory& directory, const std::string& filter);

}  // namespace schannel::pki
