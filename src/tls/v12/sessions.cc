#include "tls/v12/sessions.h"

#include <algorithm>

#include "tls/hello.h"
#include "tls/identity.h"

namespace schannel::tls::v12 {
namespace {

using wire::ExtensionType;

/// Whether a session may stand for the certificates and the key exchange of this handshake: what
/// this server demands now must be what was settled then.
bool is_resumable(const Session& session, const Config& config, const Selected& selected,
                  const wire::ClientHello& client_hello) {
  const auto& suites = client_hello.cipher_suites;
  const auto suite = static_cast<std::uint16_t>(session.suite->id);
  const auto& groups = config.groups;
  return session.is_fresh(config.now_ms) && session.extended_master_secret &&
         hello::offered_suite(config, suite, ProtocolVersion::tls12) != nullptr &&
         std::find(suites.begin(), suites.end(), suite) != suites.end() &&
         std::find(groups.begin(), groups.end(), session.group) != groups.end() &&
         session.server_name == selected.server_name &&  // RFC 6066 section 3
         session.leaf_hash == leaf_hash(*selected.identity) &&
         config.request_client_certificate == !session.peer_chain.empty();
}

}  // namespace

bool is_worth_keeping(const Handshake& handshake) {
  return !handshake.previous && handshake.negotiated.extended_master_secret;
}

std::optional<Session> client_session(const MasterSecret& master, const Negotiated& negotiated,
                                      const client::GivenTicket& given, PossessionProved proof) {
  if (given.ticket.empty() && negotiated.session_id.empty()) return std::nullopt;
  Session session;
  session.secret = Secret(master.view());  // the connection goes on with its own
  session.proof = proof;
  session.lifetime_seconds = kSession12LifetimeSecondsMax;
  if (given.ticket.empty()) {
    session.id = negotiated.session_id;
    return session;
  }
  session.ticket = given.ticket;
  // RFC 5077 section 3.3: a hint of 0 says nothing.
  if (given.lifetime_hint_seconds != 0) {
    session.lifetime_seconds = std::min(given.lifetime_hint_seconds, session.lifetime_seconds);
  }
  return session;
}

std::optional<Session> renewed_session(const Session& session, const client::GivenTicket& given,
                                       std::int64_t now_ms) {
  if (given.ticket.empty()) return std::nullopt;
  Session out;
  out.secret = session.secret.copy();
  out.proof = session.proof;
  out.ticket = given.ticket;
  out.issued_ms = session.issued_ms;
  const std::int64_t age_seconds = std::max<std::int64_t>(now_ms - session.issued_ms, 0) / 1000;
  const std::int64_t end = given.lifetime_hint_seconds == 0
                               ? std::int64_t{session.lifetime_seconds}
                               : std::min<std::int64_t>(age_seconds + given.lifetime_hint_seconds,
                                                        kSession12LifetimeSecondsMax);
  out.lifetime_seconds = static_cast<std::uint32_t>(end);
  return out;
}

Session server_session(const MasterSecret& master, const Negotiated& negotiated,
                       const SessionStore& store, std::int64_t now_ms) {
  Session session;
  note_agreement(session, negotiated);
  session.secret = Secret(master.view());  // the connection goes on with its own
  session.id = negotiated.session_id;
  session.leaf_hash = leaf_hash(*negotiated.local_identity);
  session.lifetime_seconds = std::min(store.lifetime_seconds(), kSession12LifetimeSecondsMax);
  session.issued_ms = now_ms;
  return session;
}

Result<std::shared_ptr<const Session>> find_session(const Config& config, const Selected& selected,
                                                    const wire::ClientHello& client_hello) {
  if (!config.sessions) return std::shared_ptr<const Session>();
  const auto ticket = client_hello.extensions.find(ExtensionType::session_ticket);
  const Bytes id = client_hello.legacy_session_id;
  std::shared_ptr<const Session> session;
  if (ticket && !ticket->empty()) {
    session = config.sessions->open(*ticket);
  } else if (!id.empty()) {
    session = config.sessions->find(id);
  }
  if (!session || session->version != ProtocolVersion::tls12) {
    return std::shared_ptr<const Session>();
  }
  if (session->extended_master_secret && !selected.extended_master_secret) {
    return Cause::extended_master_secret_missing;
  }
  if (!is_resumable(*session, config, selected, client_hello)) session = nullptr;
  return session;
}

}  // namespace schannel::tls::v12
