#pragma once
#include <string>
#include <vector>

#include "credentials.h"

// What main() has read from the command line, and what runs it. Each returns the exit code.

inline constexpr int kExitOk = 0;
inline constexpr int kExitTls = 1;      ///< An SSPI call failed.
inline constexpr int kExitUsage = 2;    ///< The command line or a file it names.
inline constexpr int kExitNetwork = 3;  ///< No connection, or one cut off.

struct DemoOptions {
  std::string tls;  ///< "1.2" or "1.3"
  unsigned transfer_mib = 64;
};
int run_demo(const DemoOptions& options);

struct ConnectOptions {
  std::string address;  ///< HOST[:PORT] or [IPv6]:PORT
  std::string name;     ///< Target name; empty: the host
  std::string tls;
  std::vector<std::string> alpn;
  std::string ca_file;
  CertificateSource certificate;
  bool insecure = false;
  bool trace = false;
  bool json = false;
  bool quiet = false;
  std::string at_eof = "wait";  ///< "wait" for the server to close, too, or "close" at once
};
int run_connect(const ConnectOptions& options);

struct ServeOptions {
  std::string listen = "127.0.0.1:4433";
  std::string tls;
  std::vector<std::string> alpn;
  CertificateSource certificate;
  std::string www;             ///< Directory to serve over HTTP/1.1; empty: echo
  std::string client_ca_file;  ///< Roots of clients; empty: clients are not verified
  bool request_client_certificate = false;
  bool require_client_certificate = false;
  std::string map_file;  ///< Rules that map clients to accounts; empty: none
  bool json = false;
  bool trace = false;
  bool once = false;
  unsigned connection_limit = 256;
  unsigned idle_seconds = 60;
};
int run_serve(const ServeOptions& options);

struct CertOptions {
  CertificateSource source;  ///< Empty: the store
  std::string store = "MY";
  bool of_machine = false;
  std::string host;     ///< verify: the name it must be for; empty: any
  std::string ca_file;  ///< verify: whom to trust; empty: whom the system trusts
  bool for_client = false;
  bool check_revocation = false;
  bool json = false;
};
int run_cert_show(const CertOptions& options);
int run_cert_list(const CertOptions& options);
int run_cert_import(const CertOptions& options);
int run_cert_verify(const CertOptions& options);
