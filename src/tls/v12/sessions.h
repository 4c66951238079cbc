#pragma once
#include "tls/states.h"

// What both roles need of sessions in TLS 1.2 (RFC 5246 section 7.3, RFC 5077, RFC 7627).
namespace schannel::tls::v12 {

/// Only the first handshake of a connection makes a session, and only one that is bound to its
/// handshake: without the extended master secret two connections can be made to share a session
/// that none of the peers agreed on (RFC 7627 section 1).
bool is_worth_keeping(const Handshake& handshake);

/// A client's session of a full handshake; nothing when the server has neither named it nor given
/// a ticket, which wins (RFC 5077 section 3.4).
std::optional<Session> client_session(const MasterSecret& master, const Negotiated& negotiated,
                                      const client::GivenTicket& given, PossessionProved proof);
/// The same session under a new ticket. It grows no older for that.
std::optional<Session> renewed_session(const Session& session, const client::GivenTicket& given,
                                       std::int64_t now_ms);
/// A server's. `store` says how long it lives.
Session server_session(const MasterSecret& master, const Negotiated& negotiated,
                       const SessionStore& store, std::int64_t now_ms);

/// The session that the client of a first handshake may resume, by ticket or else by id (RFC 5077
/// section 3.4); null: none. extended_master_secret_missing when RFC 7627 section 5.3 demands it.
Result<std::shared_ptr<const Session>> find_session(const Config& config, const Selected& selected,
                                                    const wire::ClientHello& client_hello);

}  // namespace schannel::tls::v12
