#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "settings.h"

// One TLS connection of the shim, whichever way the library is driven.
namespace schannel::conformance {

/// What a finished handshake has come to. What a route can't tell stays empty.
struct Facts {
  int version = 0;
  int cipher = 0;
  int group = 0;
  int peer_signature_scheme = 0;
  bool resumed = false;
  bool extended_master_secret = false;
  bool has_session_id = false;
  std::string application_protocol;
  std::string server_name;
  std::string ocsp_response;
  std::vector<Buffer> peer_chain;
  std::vector<Buffer> own_chain;
  std::vector<Buffer> certificate_authorities;  ///< Those that the peer named when it asked.
};

enum class Event {
  wants_input,  ///< More must come from the runner.
  complete,     ///< The handshake is.
  data,         ///< Application data, perhaps none: there may be more in the input.
  closed,       ///< close_notify has come.
  failed,       ///< See failure().
};

class Endpoint {
 public:
  virtual ~Endpoint() = default;

  // Each takes what it uses from the front of `input` and appends to `output` what must be sent,
  // also on failure.
  virtual Event handshake(Buffer& input, Buffer& output) = 0;
  virtual Event receive(Buffer& input, Buffer& output, Buffer& data) = 0;

  /// False on failure, as everything below.
  virtual bool send(Bytes data, Buffer& output) = 0;
  virtual bool close(Buffer& output) = 0;
  virtual bool send_fatal_alert(int alert, Buffer& output) = 0;
  virtual bool update_key(Buffer& output) = 0;
  virtual bool export_keying_material(const std::string& label, const std::string* context,
                                      MutableBytes out) = 0;

  /// Two bytes of size, little-endian, the secret we read with and the one we write with.
  virtual Buffer traffic_secrets() { return {}; }

  /// The binding of RFC 5929 section 3 without its prefix; empty: the connection has none.
  virtual Buffer tls_unique() = 0;

  virtual Facts facts() = 0;
  /// The library's own sentence about its last failure.
  virtual std::string failure() const = 0;
};

/// A way to drive the library through all connections of a test. Lives as long as the process:
/// sessions stay in it.
class Route {
 public:
  virtual ~Route() = default;
  /// Null when the library refuses the configuration; `failure` says why.
  virtual std::unique_ptr<Endpoint> open(const Settings& settings, std::string& failure) = 0;
  /// Client: whether the last connection has left a session for the next.
  virtual bool has_session() = 0;
};

/// Through the exported functions, as every program does.
std::unique_ptr<Route> sspi_route();
/// Through tls::Connection.
std::unique_ptr<Route> engine_route();

/// Why a test can't be driven through the exported functions; null: it can.
const char* needs_engine(const TestSettings& settings);

}  // namespace schannel::conformance
