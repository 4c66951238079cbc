#pragma once
#include <openschannel/sspi.h>
#include <openschannel/wincrypt.h>

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

/// A certificate in words.
struct CertificateReport {
  std::string subject;
  std::string issuer;
  std::string not_before;  ///< "2026-11-23T02:15:00Z"
  std::string not_after;
  std::string sha256;  ///< Of the encoding, in hexadecimal
};
CertificateReport certificate_report(PCCERT_CONTEXT certificate);

/// What a finished handshake has agreed on, for people and for machines.
struct Report {
  std::string protocol;      ///< "TLS 1.3"
  std::string cipher_suite;  ///< IANA name
  std::string group;         ///< "x25519"
  unsigned cipher_bits = 0;
  std::string alpn;          ///< Empty: none
  std::string peer_subject;  ///< Empty: the peer showed no certificate
  std::string peer_issuer;
  std::string peer_not_before;  ///< "2026-11-23T02:15:00Z"
  std::string peer_not_after;
  std::string peer_sha256;  ///< Of the encoded certificate, in hexadecimal
  unsigned peer_chain_length = 0;
};

/// The account behind the client of a server's context.
struct AccountReport {
  std::string name;  ///< Empty: there is none, and `why` says why.
  unsigned uid = 0;
  unsigned gid = 0;
  std::vector<unsigned> groups;
  std::string why;
};
AccountReport account_of(PCtxtHandle context);
std::string to_line(const AccountReport& account);
/// null without one.
nlohmann::ordered_json to_json(const AccountReport& account);

/// Throws Failure when the context is not established.
Report report_of(PCtxtHandle context);
std::string to_line(const Report& report);
/// The members are documented in the help of `schannel connect`.
nlohmann::ordered_json to_json(const Report& report);
