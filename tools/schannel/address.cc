#include "address.h"

#include <stdexcept>

namespace {

std::string port_of(const std::string& address, const std::string& rest,
                    const std::string& default_port) {
  if (rest.empty()) return default_port;
  const bool good = rest.front() == ':' && rest.size() > 1 && rest.size() <= 6 &&
                    rest.find_first_not_of("0123456789", 1) == std::string::npos &&
                    std::stoi(rest.substr(1)) <= 65535;
  if (!good) throw std::invalid_argument("no port from 0 to 65535 in " + address);
  return rest.substr(1);
}

}  // namespace

HostPort split_address(const std::string& address, const std::string& default_port) {
  if (!address.empty() && address.front() == '[') {
    const std::size_t end = address.find(']');
    if (end == std::string::npos) throw std::invalid_argument("no ']' in " + address);
    return {address.substr(1, end - 1), port_of(address, address.substr(end + 1), default_port)};
  }
  const std::size_t colon = address.find(':');
  // More than one colon without brackets: an IPv6 address without a port.
  if (colon == std::string::npos || address.find(':', colon + 1) != std::string::npos) {
    return {address, default_port};
  }
  return {address.substr(0, colon), port_of(address, address.substr(colon), default_port)};
}
