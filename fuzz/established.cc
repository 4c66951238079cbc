#include "conversation.h"
#include "require.h"

// An established connection, either side, either version, and a peer that says anything.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace schannel;  // NOLINT(google-build-using-namespace): the target's own part
  if (size < 3) return 0;
  const auto role = (data[0] & 1) == 0 ? tls::Role::client : tls::Role::server;
  const auto options = static_cast<std::uint8_t>(data[1] & ~fuzz::kRejectPeer);
  fuzz::Conversation talk(role, options, data[2]);
  // A certificate that is required and not there is the one honest way to fail.
  const bool fails =
      (options & fuzz::kRequireClientCertificate) != 0 && (options & fuzz::kClientCertificate) == 0;
  REQUIRE(talk.shake_hands(nullptr) || fails);
  talk.play({data + 3, size - 3});
  return 0;
}
