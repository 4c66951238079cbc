#include "peer.h"

// Any bytes at the start of a handshake: the first byte chooses role, versions and how the rest is
// cut into calls.
using namespace schannel;  // NOLINT(google-build-using-namespace): a fuzz target

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const bool client = (data[0] & 1) != 0;
  fuzz::FixedRandom random;
  tls::Connection connection(
      fuzz::config(client ? tls::Role::client : tls::Role::server, (data[0] & 2) != 0, random));
  Bytes in{data + 1, size - 1};
  if (client) fuzz::run(connection, {});
  if ((data[0] & 4) != 0 && in.size() > 1) {
    // The same bytes in two calls: what the first leaves comes again with the second.
    Buffer out;
    const auto progress = connection.handshake(in.first(in.size() / 2), out);
    if (!progress) return 0;
    in = in.subspan(progress->consumed);
  }
  fuzz::run(connection, in);
  return 0;
}
