#pragma once
#include "support/peer.h"

// Connections that may be resumed, whichever version they are of.
namespace contract {

inline bool is_resumed(Side& side) {
  SecPkgContext_SessionInfo info{};
  EXPECT_EQ(QueryContextAttributesA(&side.context, SECPKG_ATTR_SESSION_INFO, &info), SEC_E_OK);
  return (info.dwFlags & SSL_SESSION_RECONNECT) != 0;
}

/// Runs a handshake and, where a ticket follows it (TLS 1.3), lets the client take that. True when
/// the connection was resumed; both sides must agree.
inline bool connect_for_session(Side& client, Side& server) {
  Bytes to_server, to_client;
  client.feed({}, to_server);
  for (int rounds = 0; rounds < 4 && !to_server.empty(); ++rounds) {
    EXPECT_GE(server.feed(std::exchange(to_server, {}), to_client), SEC_E_OK)
        << OpenSchannelErrorDetail();
    if (to_client.empty()) break;
    if (client.last != SEC_E_OK) {
      EXPECT_GE(client.feed(std::exchange(to_client, {}), to_server), SEC_E_OK)
          << OpenSchannelErrorDetail();
      continue;
    }
    SECURITY_STATUS status = SEC_E_OK;
    EXPECT_FALSE(client.decrypt(to_client, &status));
    EXPECT_EQ(status, SEC_I_RENEGOTIATE);
    EXPECT_EQ(client.feed(std::exchange(to_client, {}), to_server), SEC_E_OK);
  }
  EXPECT_EQ(client.last, SEC_E_OK);
  EXPECT_EQ(server.last, SEC_E_OK);
  EXPECT_EQ(is_resumed(client), is_resumed(server));
  return is_resumed(client);
}

}  // namespace contract
