#pragma once
#include <cstdint>

#include "base/bytes.h"

namespace schannel::conformance {

/// The connection to the runner: a client's, whichever side of TLS the shim plays.
class Socket {
 public:
  /// Connects and introduces itself with the shim's number. Ends the process when it can't.
  Socket(int port, bool ipv6, std::uint64_t shim_id);
  ~Socket();
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  /// Waits for bytes and appends at most `limit` of them. False at the end of the stream.
  bool read(Buffer& to, std::size_t limit);
  /// Sends everything and empties `from`. Failures show at the next read.
  void write(Buffer& from);
  /// Says that nothing follows and reads what the runner still sends: whoever closes over unread
  /// bytes resets the connection, and the runner never sees the last alert.
  void finish();

 private:
  int descriptor_ = -1;
};

}  // namespace schannel::conformance
