#include "conversation.h"

// Our client and a peer that says anything, before, during and after the handshake.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  schannel::fuzz::Conversation talk(schannel::tls::Role::client, data[0], data[1]);
  talk.play({data + 2, size - 2});
  return 0;
}
