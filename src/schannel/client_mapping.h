#pragma once
#include "pki/mapping.h"
#include "schannel/credential.h"

namespace schannel::package {

/// The account behind the client that has proved `negotiated.peer_chain` to a server with a mapper:
/// the chain is verified first, for clients and at this moment, as if nobody had looked at it
/// (MAP-2, Q-3). That there is none fails nothing (MAP-4); `why` says so to people.
pki::Mapper::Outcome map_client(const Credential& credential, const tls::Negotiated& negotiated);

}  // namespace schannel::package
