#include "schannel/context.h"

// What a context does with the sessions of its credential (contract section N).
namespace schannel::package {

ClientSessions* Context::client_sessions() const {
  const bool may = !is_server() && !target_.empty() && keeps_sessions_ && !shows_another_identity_;
  return may ? credential_->sessions.get() : nullptr;
}

void Context::adopt_app_data() {
  if (!is_established()) return;
  const auto& theirs = connection_->negotiated().application_data;
  if (!theirs || theirs == settings_.app_data) return;
  // What the caller has set on this very connection is newer.
  if (Buffer ours = settings_.app_data->bytes(); !ours.empty()) theirs->set(std::move(ours));
  settings_.app_data = theirs;
}

void Context::keep_sessions() {
  adopt_app_data();
  std::vector<tls::Session> sessions = connection_->take_sessions();
  ClientSessions* cache = client_sessions();
  for (tls::Session& session : sessions) {
    if (is_server()) {
      if (!credential_->server_sessions) continue;
      credential_->server_sessions->ids().insert(
          std::make_shared<const tls::Session>(std::move(session)), keeps_sessions_, now_ms());
      continue;
    }
    // A session under a new ticket is as old as it was.
    if (session.issued_ms == 0) session.issued_ms = now_ms();
    session.lifetime_seconds =
        std::min(session.lifetime_seconds, credential_->session_lifetime_seconds);
    const auto shared = std::make_shared<const tls::Session>(std::move(session));
    if (shared->version == wire::ProtocolVersion::tls12) own_session_ = shared;
    if (cache != nullptr) cache->insert(session_key(), shared);
  }
}

void Context::forget_sessions() {
  // A connection that went to another process is well.
  const auto failure = connection_ ? connection_->failure() : std::nullopt;
  if (failure && failure->cause == Cause::connection_moved) return;
  own_session_ = nullptr;
  if (ClientSessions* sessions = client_sessions()) return sessions->remove(session_key());
  // Only the client of a complete handshake has shown that the session is its own: an id can be
  // seen on the wire, and a stranger must not forget other people's sessions.
  if (is_server() && connection_ && is_established() && credential_->server_sessions) {
    credential_->server_sessions->ids().remove(connection_->negotiated().session_id);
  }
}

/// SHUT-10, CACHE-8.
SECURITY_STATUS Context::apply_session_token(DWORD flags) {
  if (flags != SSL_SESSION_ENABLE_RECONNECTS && flags != SSL_SESSION_DISABLE_RECONNECTS) {
    return SEC_E_INVALID_PARAMETER;
  }
  const bool enable = flags == SSL_SESSION_ENABLE_RECONNECTS;
  if (ClientSessions* sessions = client_sessions(); sessions != nullptr && !enable) {
    sessions->remove(session_key());
  }
  keeps_sessions_ = enable;
  if (ClientSessions* sessions = client_sessions(); sessions != nullptr && own_session_) {
    sessions->insert(session_key(), own_session_);
  }
  if (is_server() && connection_ && credential_->server_sessions) {
    credential_->server_sessions->ids().set_resumable(connection_->negotiated().session_id, enable);
  }
  return SEC_E_OK;
}

}  // namespace schannel::package
