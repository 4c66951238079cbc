#include "tls/identity.h"

#include <algorithm>

#include "crypto/hash.h"

namespace schannel::tls {

NameFit name_fit(const Identity& identity, std::string_view server_name) {
  std::string name(server_name);
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  if (!name.empty() && name.back() == '.') name.pop_back();
  const std::size_t dot = name.find('.');
  // The first label replaced; a wildcard stands for one that is not empty.
  const std::string wildcard =
      dot == std::string::npos || dot == 0 ? std::string() : "*" + name.substr(dot);
  const auto& names = identity.names;
  const auto has = [&](const std::string& wanted) {
    return !wanted.empty() && std::find(names.begin(), names.end(), wanted) != names.end();
  };
  return has(name) ? NameFit::exact : has(wildcard) ? NameFit::wildcard : NameFit::none;
}

std::array<Identities, 3> by_server_name(const Identities& identities,
                                         std::string_view server_name) {
  std::array<Identities, 3> out;
  for (const auto& identity : identities) {
    out[static_cast<std::size_t>(name_fit(*identity, server_name))].push_back(identity);
  }
  return out;
}

Buffer leaf_hash(const Identity& identity) {
  return to_buffer(crypto::sha256(identity.chain.front()));
}

}  // namespace schannel::tls
