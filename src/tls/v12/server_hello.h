#pragma once
#include "tls/states.h"

// A server's choice from a ClientHello, and its answer (RFC 5246 sections 7.4.1.2 and 7.4.1.3).
namespace schannel::tls::v12 {

/// What a ClientHello and our Config have in common, or why there is nothing. No side effects; a
/// session is looked for by find_session(). `previous`: the handshake that this one follows.
Result<Selected> select(const Config& config, const wire::ClientHello& client_hello,
                        const Negotiated* previous);

/// Adds a ServerHello that says what `handshake.negotiated` holds; its random is made here.
void add_server_hello(Flight& flight, Handshake& handshake, const Selected& selected);

}  // namespace schannel::tls::v12
