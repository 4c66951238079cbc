#pragma once
#include <string>

/// "host:port" or "[v6]:port"; the port may be missing where there is a default.
struct HostPort {
  std::string host;
  std::string port;
};

/// Throws std::invalid_argument.
HostPort split_address(const std::string& address, const std::string& default_port);
