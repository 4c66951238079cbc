#pragma once
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "support/endpoint.h"

// The credentials that all connections of a phase share, as those of a program do.
namespace soak {

using sspi_test::Endpoint;
using sspi_test::name_of;
using Random = std::mt19937_64;

/// A number below `end`.
inline std::size_t below(Random& random, std::size_t end) { return random() % end; }
inline bool one_in(Random& random, std::size_t n) { return below(random, n) == 0; }

enum class Versions { both, tls12, tls13 };

class Credential {
 public:
  struct Wish {
    bool is_server = false;
    Versions versions = Versions::both;
    PCCERT_CONTEXT certificate = nullptr;
    HCERTSTORE roots = nullptr;
    DWORD flags = 0;
    DWORD bits_max = 0;  ///< Bits of the cipher; 0: any.
  };
  explicit Credential(const Wish& wish);
  Credential(const Credential&) = delete;
  Credential& operator=(const Credential&) = delete;
  ~Credential() { FreeCredentialsHandle(&handle); }

  bool can(Versions version) const {
    return wish_.versions == Versions::both || wish_.versions == version;
  }
  const Wish& wish() const { return wish_; }
  CredHandle handle{};

 private:
  Wish wish_;
};

/// Certificates are made once; credentials, with their sessions, live for one phase.
struct Certificates {
  Certificates();
  Certificates(const Certificates&) = delete;
  Certificates& operator=(const Certificates&) = delete;
  ~Certificates();
  std::vector<PCCERT_CONTEXT> servers;
  PCCERT_CONTEXT client;
  PCCERT_CONTEXT stranger;
  HCERTSTORE roots;
  HCERTSTORE wrong_roots;
};

struct Credentials {
  explicit Credentials(const Certificates& certificates);
  using List = std::vector<std::unique_ptr<Credential>>;
  List clients, servers;
  std::unique_ptr<Credential> distrustful;  ///< A client that trusts none of the servers.
};

}  // namespace soak
