#pragma once
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "configuration.h"

// One end of connections, whoever wrote it.
namespace differential {

/// PEM and DER of what a side shows or trusts.
struct Identity {
  std::string chain_pem;  ///< The leaf, then the intermediate if there is one.
  std::string key_pem;
  std::string leaf_der;
};

/// Made once: for each kind of key one identity with an intermediate and one without, for either
/// role, under one root; and a root that nobody's chain ends in.
struct Identities {
  Identities();
  const Identity& server(const Certificate& certificate) const;
  const Identity& client(const Certificate& certificate) const;
  std::string root_pem, other_root_pem;

 private:
  std::map<std::pair<KeyKind, bool>, Identity> servers_, clients_;
};

/// What both ends must agree on. Empty or 0: this library can't say.
struct Agreement {
  std::uint16_t version = 0;
  std::string cipher, group, protocol;
  bool resumed = false;
  std::string peer_der;
  std::string exported, exported_with_context;
  std::string binding_unique, binding_end_point, binding_exporter;
};

/// One end of one connection.
class Side {
 public:
  Side() = default;
  Side(const Side&) = delete;
  Side& operator=(const Side&) = delete;
  virtual ~Side() = default;

  /// A client's first flight.
  virtual void start() = 0;
  /// `bytes` have come: works on them as far as it can.
  virtual void take(const std::string& bytes) = 0;
  virtual void send(const std::string& data) = 0;
  virtual void update_key(bool asks_back) = 0;
  virtual void close() = 0;

  virtual bool is_established() const = 0;
  virtual bool is_closed() const = 0;
  /// Why it has failed; empty while it has not.
  virtual std::string failure() const = 0;
  virtual Agreement agreement() = 0;

  std::string take_output() { return std::exchange(output_, {}); }
  std::string take_data() { return std::exchange(data_, {}); }

 protected:
  std::string output_, data_;
};

/// What lives longer than a connection: certificates, trust, sessions.
class Party {
 public:
  Party() = default;
  Party(const Party&) = delete;
  Party& operator=(const Party&) = delete;
  virtual ~Party() = default;
  virtual std::unique_ptr<Side> connect() = 0;
  /// A client's: the connection is over, and has come so far that its session is good.
  virtual void keep_session(Side&) {}
};

enum class Role { client, server };
constexpr char kServerName[] = "server.example";
constexpr char kExporterLabel[] = "EXPORTER-differential";
constexpr char kExporterContext[] = "context";
constexpr std::size_t kExportedBytes = 40;

/// The name that the client asks for.
inline const char* target_of(const Configuration& configuration) {
  return configuration.name_fits ? kServerName : "elsewhere.example";
}

std::unique_ptr<Party> make_ours(Role role, const Configuration& c, const Identities& identities);
std::unique_ptr<Party> make_libssl(Role role, const Configuration& c, const Identities& identities);
std::unique_ptr<Party> make_gnutls(Role role, const Configuration& c, const Identities& identities);

}  // namespace differential
