#pragma once
#include <openschannel/sspi.h>

#include <nlohmann/json_fwd.hpp>
#include <string>

/// What a finished handshake has agreed on, for people and for machines.
struct Report {
  std::string protocol;      ///< "TLS 1.3"
  std::string cipher_suite;  ///< IANA name
  std::string group;         ///< "x25519"
  unsigned cipher_bits = 0;
  std::string alpn;          ///< Empty: none
  std::string peer_subject;  ///< Empty: the peer showed no certificate
  std::string peer_issuer;
  unsigned peer_chain_length = 0;
};

Report report_of(PCtxtHandle context);
std::string to_line(const Report& report);
nlohmann::json to_json(const Report& report);
