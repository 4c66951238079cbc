#include "schannel/context.h"

#include <algorithm>

#include "base/error_detail.h"
#include "pki/identity.h"
#include "schannel/client_mapping.h"
#include "schannel/context_buffer.h"
#include "schannel/key_log.h"
#include "schannel/peer_verification.h"
#include "wire/reader.h"

namespace schannel::package {
namespace {

// What ISC and ASC grant when asked (contract ISC-13, ASC-10). TLS gives the first four always.
constexpr ULONG kClientGrants =
    ISC_RET_REPLAY_DETECT | ISC_RET_SEQUENCE_DETECT | ISC_RET_CONFIDENTIALITY | ISC_RET_INTEGRITY |
    ISC_RET_USED_SUPPLIED_CREDS | ISC_RET_ALLOCATED_MEMORY | ISC_RET_CONNECTION |
    ISC_RET_EXTENDED_ERROR | ISC_RET_STREAM | ISC_RET_MANUAL_CRED_VALIDATION;
constexpr ULONG kServerGrants = ASC_RET_REPLAY_DETECT | ASC_RET_SEQUENCE_DETECT |
                                ASC_RET_CONFIDENTIALITY | ASC_RET_ALLOCATED_MEMORY |
                                ASC_RET_CONNECTION | ASC_RET_EXTENDED_ERROR | ASC_RET_STREAM |
                                ASC_RET_SESSION_TICKET;

ULONG allocate_flag(tls::Role) { return ISC_REQ_ALLOCATE_MEMORY; }  // the same bit on both sides

ULONG extended_error_flag(tls::Role role) {
  return role == tls::Role::client ? ISC_REQ_EXTENDED_ERROR : ASC_REQ_EXTENDED_ERROR;
}

void explain(const Error& error, const std::string& detail = {}) {
  std::string text(disposition(error).text);
  if (!detail.empty()) text += ": " + detail;
  if (error.received) text += ": " + std::string(alert_name(*error.received));
  set_error_detail(std::move(text));
}

using AlertContent = std::optional<std::array<std::uint8_t, 2>>;

AlertContent alert_of(const Error& error) {
  const Disposition what = disposition(error);
  if (!what.send) return std::nullopt;
  return {
      {static_cast<std::uint8_t>(wire::AlertLevel::fatal), static_cast<std::uint8_t>(*what.send)}};
}

/// Fills an ALERT output buffer with level and description (ALERT-30), or empties it.
void describe_alert(const AlertContent& alert, bool allocate, SecBuffer& out) {
  Buffer content;
  if (alert) content.assign(alert->begin(), alert->end());
  if (allocate) {
    out.pvBuffer = copy_to_context_buffer(content);
  } else if (out.pvBuffer == nullptr || out.cbBuffer < content.size() || is_read_only(out)) {
    content.clear();
  } else if (!content.empty()) {
    std::memcpy(out.pvBuffer, content.data(), content.size());
  }
  out.cbBuffer = static_cast<ULONG>(content.size());
}

/// The peer can check a signature of this key.
bool can_answer(const tls::AskCredential& request, const crypto::PrivateKey& key) {
  const bool tls13 = request.version == wire::ProtocolVersion::tls13;
  return std::any_of(request.signature_schemes.begin(), request.signature_schemes.end(),
                     [&](SignatureScheme scheme) {
                       return crypto::can_sign(key.type(), key.bits(), scheme, tls13) &&
                              !(tls13 && tls::is_pkcs1(scheme));
                     });
}

/// The names of a SEC_APPLICATION_PROTOCOLS structure (contract ISC-31, ISC-33). Sizes are in the
/// byte order of the machine, names in wire format.
Result<std::vector<Buffer>> read_application_protocols(Bytes in) {
  const auto u32 = [](Bytes at) {
    std::uint32_t value = 0;
    std::memcpy(&value, at.data(), sizeof value);
    return value;
  };
  if (in.size() < 4 || u32(in) > in.size() - 4) return Cause::decode_error;
  Bytes lists = in.subspan(4, u32(in));
  std::vector<Buffer> names;
  while (!lists.empty()) {
    if (lists.size() < 6) return Cause::decode_error;
    const std::uint32_t extension = u32(lists);
    std::uint16_t size = 0;
    std::memcpy(&size, lists.data() + 4, sizeof size);
    lists = lists.subspan(6);
    if (size > lists.size()) return Cause::decode_error;
    std::optional<Cause> failure;
    wire::Reader reader(lists.first(size), failure);
    lists = lists.subspan(size);
    if (extension != SecApplicationProtocolNegotiationExt_ALPN) continue;  // NPN is history
    while (!reader.empty()) names.push_back(to_buffer(reader.vector(1, 1, 255).rest()));
    if (failure) return *failure;
  }
  return names;
}

}  // namespace

Context::Context(std::shared_ptr<const Credential> credential, std::string target)
    : credential_(std::move(credential)),
      role_(credential_->role),
      target_(std::move(target)),
      config_(credential_->config),
      keeps_sessions_(!credential_->has(SCH_CRED_DISABLE_RECONNECTS) || !is_server()) {
  adapt(config_);
}

/// What a Config holds besides the algorithms and identities of its credential.
void Context::adapt(tls::Config& config) const {
  // An address is verified but never sent (RFC 6066 section 3).
  if (!is_server()) config.server_name = pki::to_a_labels(target_);
  config.require_client_certificate = credential_->requires_client_certificate();
  config.offer_post_handshake_auth = !is_server();
  config.refuse_renegotiation = credential_->has(OPENSCHANNEL_CRED_REFUSE_RENEGOTIATION);
  config.absorb_post_handshake = credential_->has(OPENSCHANNEL_CRED_ABSORB_POST_HANDSHAKE);
  config.key_log = key_log();
}

SECURITY_STATUS Context::take_options(const Buffers& input) {
  if (!input.is_valid()) return SEC_E_INVALID_TOKEN;
  const SecBuffer* protocols = input.find(SECBUFFER_APPLICATION_PROTOCOLS);
  if (protocols == nullptr || connection_) return SEC_E_OK;
  Result<std::vector<Buffer>> names =
      read_application_protocols(input.bytes(SECBUFFER_APPLICATION_PROTOCOLS));
  if (!names) {
    set_error_detail("the lengths in SEC_APPLICATION_PROTOCOLS do not fit (ISC-33)");
    return SEC_E_INVALID_PARAMETER;
  }
  config_.application_protocols = std::move(*names);
  return SEC_E_OK;
}

ULONG Context::attributes() const {
  ULONG out = requested_ & (is_server() ? kServerGrants : kClientGrants);
  if (!connection_ || !is_established()) return out;
  // Said only when it is so: the peer has proved who it is, and we have checked (ASC-13, Q-4).
  const bool client_known = !connection_->negotiated().peer_chain.empty() &&
                            (!mapping_.is_on || mapping_.account != nullptr);
  const bool peer_known = is_server() ? client_known : judged_;
  if (peer_known) out |= requested_ & ISC_RET_MUTUAL_AUTH;
  return out;
}

TimeStamp Context::expiry() const {
  TimeStamp out;
  out.LowPart = 0xffffffff;
  out.HighPart = 0x7fffffff;
  if (!connection_ || !is_established() || connection_->negotiated().peer_chain.empty()) return out;
  const FILETIME time = pki::not_after_of(connection_->negotiated().peer_chain.front());
  out.LowPart = time.dwLowDateTime;
  out.HighPart = static_cast<LONG>(time.dwHighDateTime);
  return out;
}

const std::vector<Buffer>& Context::local_chain() const {
  const auto& identity = connection_->negotiated().local_identity;
  return identity ? identity->chain : imported_chain_;
}

SECURITY_STATUS Context::handshake(const HandshakeCall& call) {
  if (!call.input.is_valid() || !call.output.is_valid()) return SEC_E_INVALID_TOKEN;
  if (const SECURITY_STATUS status = take_options(call.input); status != SEC_E_OK) return status;
  requested_ |= call.requested;
  if (!connection_) {
    // ASC-10: the one request that changes what is sent.
    config_.request_client_certificate = is_server() && (requested_ & ASC_REQ_MUTUAL_AUTH) != 0;
    config_.now_ms = now_ms();
    config_.application_data = settings_.app_data;
    config_.send_tickets = is_server() && (requested_ & ASC_REQ_SESSION_TICKET) != 0 &&
                           !credential_->has(SCH_CRED_DISABLE_RECONNECTS);
    if (ClientSessions* sessions = client_sessions()) {
      config_.keeps_sessions = true;
      config_.session = sessions->take(session_key(), config_.now_ms);
    }
    connection_ =
        std::make_unique<tls::Connection>(std::make_shared<const tls::Config>(std::move(config_)));
  }
  const Bytes input = call.input.bytes(SECBUFFER_TOKEN);
  Leg leg = undelivered_ ? *std::exchange(undelivered_, std::nullopt) : run(input, call);
  return deliver(std::move(leg), input, call);
}

Context::Leg Context::run(Bytes input, const HandshakeCall& call) {
  if (control_alert_) return run_closing();
  if (!connection_->failure() && connection_->is_idle()) {
    if (!connection_->awaits_handshake()) {
      if (write_closed_.load(std::memory_order_relaxed)) {
        return {.status = SEC_I_CONTEXT_EXPIRED, .token = {}, .consumed = input.size()};
      }
      if (std::exchange(starts_again_, false) || input.empty()) return start_again(call);
    }
    reconfigure(call);  // in case the peer starts; what does not fit changes nothing
    was_asked_ = false;
  }
  Leg leg = run_handshake(input, call);
  keep_sessions();
  // Nothing follows a close_notify (RFC 8446 section 6.1), not even the answer to a KeyUpdate.
  if (write_closed_.load(std::memory_order_relaxed)) leg.token.clear();
  return leg;
}

bool Context::reconfigure(const HandshakeCall& call) {
  const auto& present = connection_->config();
  const bool asks = is_server() && (requested_ & ASC_REQ_MUTUAL_AUTH) != 0;
  const bool is_other = call.credential && call.credential != credential_;
  if (!is_other && asks == present->request_client_certificate) return true;
  auto config = std::make_shared<tls::Config>(is_other ? call.credential->config : *present);
  if (is_other) {
    const bool fits =
        call.credential->role == role_ && config->enables(connection_->negotiated().version);
    if (!fits) return false;
    credential_ = call.credential;
    if (!is_server()) {
      // What this connection leaves belongs to the credential that it began with (CACHE-2).
      shows_another_identity_ = true;
    }
    adapt(*config);
    config->application_protocols = present->application_protocols;
  }
  config->request_client_certificate = asks;
  return static_cast<bool>(connection_->use_config(std::move(config)));
}

/// The caller wants a new handshake (REN-2), or what stands for one in TLS 1.3 (REN-12).
Context::Leg Context::start_again(const HandshakeCall& call) {
  const tls::Negotiated& negotiated = connection_->negotiated();
  const bool tls13 = negotiated.version == wire::ProtocolVersion::tls13;
  const bool asks_for_certificate =
      is_server() && tls13 && (call.requested & ASC_REQ_MUTUAL_AUTH) != 0;
  const char* obstacle = nullptr;
  if (!reconfigure(call)) {
    obstacle = "the credential does not fit the connection's role and protocol version";
  } else if (!tls13 && !negotiated.secure_renegotiation) {
    obstacle = "the peer does not support secure renegotiation (RFC 5746)";
  } else if (!tls13 && connection_->config()->cipher_suites.empty()) {
    obstacle = "an imported context renegotiates only with a credential of this process";
  } else if (asks_for_certificate && !negotiated.post_handshake_auth) {
    obstacle =
        "the client has not offered to authenticate after the handshake, or the context is "
        "imported";
  }
  if (obstacle != nullptr) {
    set_error_detail(obstacle);
    return {.status = SEC_E_UNSUPPORTED_FUNCTION, .token = {}};
  }
  Leg leg;
  was_asked_ = false;
  const Result<void> sent = send_start(asks_for_certificate, leg.token);
  if (!sent) return failed(sent.error(), std::move(leg.token));
  // Only a client's ClientHello is the beginning of a handshake; everything else is sent and the
  // conversation goes on.
  leg.status = connection_->is_idle() ? SEC_E_OK : SEC_I_CONTINUE_NEEDED;
  return leg;
}

Result<void> Context::send_start(bool asks_for_certificate, Buffer& token) {
  if (connection_->negotiated().version != wire::ProtocolVersion::tls13) {
    return connection_->renegotiate(token);
  }
  if (asks_for_certificate) return connection_->request_certificate(token);
  return connection_->update_key(/*request_peer=*/true, token);
}

SECURITY_STATUS Context::absorb() {
  absorb_is_due_ = false;
  Buffer nothing;
  const auto progress = connection_->handshake({}, nothing);
  keep_sessions();
  if (progress) return SEC_E_OK;
  return failed(progress.error(), {}).status;
}

bool Context::is_manual() const {
  return credential_->validates_manually() || (requested_ & ISC_REQ_MANUAL_CRED_VALIDATION) != 0;
}

Context::Leg Context::run_handshake(Bytes input, const HandshakeCall& call) {
  Leg leg;
  leg.consumed = replayed(input);
  if (was_asked_ && asked_) {
    // The caller has been asked for a certificate and is back (AUTH-16, AUTH-18).
    choose_credential(call, leg.token);
    asked_.reset();
  }
  for (;;) {
    const auto progress = connection_->handshake(input.subspan(leg.consumed), leg.token);
    if (!progress) return failed(progress.error(), std::move(leg.token));
    leg.consumed += progress->consumed;
    switch (progress->outcome) {
      case tls::Outcome::need_verdict:
        judge_peer(leg.token);
        break;
      case tls::Outcome::need_credential:
        if (!choose_credential(call, leg.token)) {
          replay_ = to_buffer(input.first(leg.consumed));
          leg.status = SEC_I_INCOMPLETE_CREDENTIALS;
          return leg;
        }
        break;
      case tls::Outcome::established:
      case tls::Outcome::interrupted:  // EXTRA goes to DecryptMessage, which goes on from there
        replay_ = {};
        map_peer();
        leg.status = SEC_E_OK;
        return leg;
      case tls::Outcome::refused:
        leg.status = SEC_I_NO_RENEGOTIATION;
        return leg;
      case tls::Outcome::in_progress:
        leg.status = SEC_I_CONTINUE_NEEDED;
        return leg;
      case tls::Outcome::need_input: {
        const bool idle = leg.consumed == 0 && leg.token.empty();
        leg.status = idle ? SEC_E_INCOMPLETE_MESSAGE : SEC_I_CONTINUE_NEEDED;
        leg.missing = progress->missing;
        return leg;
      }
    }
  }
}

/// The bytes at the front of `input` that were already used before SEC_I_INCOMPLETE_CREDENTIALS.
std::size_t Context::replayed(Bytes input) {
  const Buffer seen = std::exchange(replay_, {});
  if (seen.empty() || input.size() < seen.size() || !equal(input.first(seen.size()), seen)) {
    return 0;
  }
  return seen.size();
}

Context::Leg Context::failed(const Error& error, Buffer token) {
  explain(error, verdict_detail_);
  forget_sessions();
  const bool wants_alert = (requested_ & extended_error_flag(role_)) != 0;
  if (!wants_alert) token.clear();  // ISC-21: an alert goes out only when asked for
  return {.status = disposition(error).status, .token = std::move(token), .alert = alert_of(error)};
}

/// MAP-2, with the certificate of the handshake that is complete now. Of one that is still the same
/// what was found stays.
void Context::map_peer() {
  if (!is_server()) return;
  const tls::Negotiated& negotiated = connection_->negotiated();
  if (mapping_.chain == negotiated.peer_chain && mapping_.by == credential_->mapper) return;
  mapping_ = {};
  mapping_.chain = negotiated.peer_chain;
  mapping_.by = credential_->mapper;
  mapping_.is_on = mapping_.by != nullptr;
  if (!mapping_.is_on) return;
  mapping_.why = "the client has shown no certificate";
  if (negotiated.peer_chain.empty()) return;
  pki::Mapper::Outcome outcome = map_client(*credential_, negotiated);
  mapping_.why = std::move(outcome.why);
  if (!outcome.account) return;
  mapping_.account = std::make_shared<const pki::Account>(*std::move(outcome.account));
  mapping_.token = OwnToken(mapping_.account);
}

void Context::take_account(const std::string& name) {
  mapping_.is_on = true;
  mapping_.chain = connection_->negotiated().peer_chain;
  mapping_.why = name.empty() ? "the client was mapped to no account"
                              : "there is no account of the name the client was mapped to here";
  if (name.empty()) return;
  pki::AccountLookup found = pki::find_account(name);
  auto* account = std::get_if<std::optional<pki::Account>>(&found);
  if (account == nullptr || !*account) return;
  mapping_.account = std::make_shared<const pki::Account>(*std::move(*account));
  mapping_.token = OwnToken(mapping_.account);
}

void Context::judge_peer(Buffer& token) {
  judged_ = false;
  validation_.reset();
  // AUTH-21: the server's application judges its clients; AUTH-4: so does a client that asks to.
  if (is_server() || is_manual()) return connection_->accept_peer(token);

  // A server that becomes another one in a renegotiation is not the one the application talks to.
  const std::vector<Buffer>& before = connection_->negotiated().peer_chain;
  if (!before.empty() && !equal(before.front(), connection_->peer_chain().chain.front())) {
    return connection_->reject_peer(Cause::certificate_changed, token);
  }

  const tls::AskVerdict& asked = connection_->peer_chain();
  const Peer peer{asked.chain, asked.ocsp_response, asked.application_protocol, target_};
  validation_.emplace();
  const Result<void> verdict =
      verify_peer(*credential_, peer, /*cache_only=*/false, &verdict_detail_, &*validation_);
  judged_ = static_cast<bool>(verdict);
  // With SCH_CRED_DEFERRED_CRED_VALIDATION the caller asks for the verdict and acts on it.
  if (!verdict && !credential_->has(SCH_CRED_DEFERRED_CRED_VALIDATION)) {
    return connection_->reject_peer(verdict.error().cause, token);
  }
  connection_->accept_peer(token);
}

std::optional<pki::ChainVerdict> Context::validation() const {
  if (validation_) return validation_;
  const tls::Negotiated& negotiated = connection_->negotiated();
  if (negotiated.peer_chain.empty()) return std::nullopt;
  const Peer peer{negotiated.peer_chain, negotiated.ocsp_response, negotiated.application_protocol,
                  target_};
  pki::ChainVerdict verdict{CERT_TRUST_IS_PARTIAL_CHAIN, CERT_E_CHAINING};
  static_cast<void>(verify_peer(*credential_, peer, /*cache_only=*/true, nullptr, &verdict));
  return verdict;
}

bool Context::choose_credential(const HandshakeCall& call, Buffer& token) {
  const Credential& credential = call.credential ? *call.credential : *credential_;
  // A session stands for the identity that was shown, and the cache is the credential's (CACHE-2).
  if (call.credential && call.credential != credential_) shows_another_identity_ = true;
  // AUTH-14, AUTH-24: the first of the caller's certificates that the server can check; none of
  // them fitting is as good as none given.
  for (const auto& identity : credential.config.identities) {
    if (!can_answer(connection_->credential_request(), identity->key)) continue;
    connection_->choose_identity(identity, token);
    return true;
  }
  if (const auto found = was_asked_ ? nullptr : search_certificate(credential)) {
    shows_another_identity_ = true;  // who we are may change with the store
    connection_->choose_identity(found, token);
    return true;
  }
  // ask once in a handshake, then go on without a certificate.
  const bool ask = !was_asked_ && !credential.has(OPENSCHANNEL_CRED_SKIP_INCOMPLETE_CREDENTIALS);
  if (ask) {
    was_asked_ = true;
    asked_ = connection_->credential_request();
    return false;
  }
  connection_->choose_identity(nullptr, token);
  return true;
}

/// AUTH-11 to AUTH-13: silently, unless told not to, and never instead of what the caller gave.
std::shared_ptr<const tls::Identity> Context::search_certificate(
    const Credential& credential) const {
  const bool may_search = credential.config.identities.empty() &&
                          !credential.has(SCH_CRED_NO_DEFAULT_CREDS) &&
                          (requested_ & ISC_REQ_USE_SUPPLIED_CREDS) == 0;
  if (!may_search) return nullptr;
  const tls::AskCredential& request = connection_->credential_request();
  const auto& authorities = request.certificate_authorities;
  for (pki::Identity& identity : pki::client_identities(credential.has(SCH_SEND_ROOT_CERT))) {
    if (!can_answer(request, identity.key)) continue;
    if (!authorities.empty() && !pki::is_issued_by_any(identity.chain, authorities)) continue;
    return std::make_shared<const tls::Identity>(
        tls::Identity{.chain = std::move(identity.chain), .key = std::move(identity.key)});
  }
  return nullptr;
}

Context::Leg Context::run_closing() {
  const ControlAlert alert = *std::exchange(control_alert_, std::nullopt);
  Leg leg;
  if (const auto failure = connection_->failure()) {
    static_cast<void>(connection_->handshake({}, leg.token));  // has the alert that is still owed
    if (write_closed_.load(std::memory_order_relaxed)) leg.token.clear();
    return failed(*failure, std::move(leg.token));
  }
  if (const Result<void> sent = connection_->send_alert(alert.level, alert.alert, leg.token);
      !sent) {
    return failed(sent.error(), {});
  }
  if (alert.level == wire::AlertLevel::fatal) forget_sessions();
  // Nothing may follow a close_notify or a fatal alert (RFC 8446 section 6).
  if (alert.level == wire::AlertLevel::fatal || alert.alert == Alert::close_notify) {
    write_closed_.store(true, std::memory_order_release);
  }
  leg.alert = {{static_cast<std::uint8_t>(alert.level), static_cast<std::uint8_t>(alert.alert)}};
  return leg;
}

SECURITY_STATUS Context::deliver(Leg leg, Bytes input, const HandshakeCall& call) {
  const bool is_failure = leg.status < 0 && leg.status != SEC_E_INCOMPLETE_MESSAGE;
  const bool allocate = (call.requested & allocate_flag(role_)) != 0;
  SecBuffer* out = call.output.find(SECBUFFER_TOKEN);
  if (out == nullptr) out = call.output.find(SECBUFFER_EMPTY);  // ISC-23
  if (out != nullptr && is_read_only(*out)) out = nullptr;      // ISC-24

  if (leg.status != SEC_E_INCOMPLETE_MESSAGE) {
    if (out == nullptr && !leg.token.empty() && !is_failure) {
      set_error_detail("pOutput has no buffer of type TOKEN for what must be sent");
      undelivered_ = std::move(leg);
      return SEC_E_INVALID_TOKEN;
    }
    // A size without memory is no room at all.
    const std::size_t room = out != nullptr && out->pvBuffer != nullptr ? out->cbBuffer : 0;
    if (out != nullptr && !allocate && room < leg.token.size()) {
      if (is_failure) {
        leg.token.clear();  // the status matters more than its alert
      } else {
        undelivered_ = std::move(leg);
        return room == 0 ? SEC_E_INSUFFICIENT_MEMORY : SEC_E_BUFFER_TOO_SMALL;
      }
    }
    report(leg, input, call);
    if (SecBuffer* alert = call.output.find(SECBUFFER_ALERT); alert != nullptr && alert != out) {
      describe_alert(leg.alert, allocate, *alert);
    }
    if (out != nullptr) {
      if (allocate) {
        out->pvBuffer = copy_to_context_buffer(leg.token);
      } else if (!leg.token.empty()) {
        std::memcpy(out->pvBuffer, leg.token.data(), leg.token.size());
      }
      out->cbBuffer = static_cast<ULONG>(leg.token.size());
      out->BufferType = SECBUFFER_TOKEN;
    }
  } else {
    report(leg, input, call);
  }
  if (call.attributes != nullptr) {
    // R-10; on failure only the word that tells the caller to send the alert (ISC-61).
    if (!is_failure) {
      *call.attributes = attributes();
      if (!allocate) *call.attributes &= ~ULONG{ISC_RET_ALLOCATED_MEMORY};
    } else if (!leg.token.empty()) {
      *call.attributes = extended_error_flag(role_) | (allocate ? ISC_RET_ALLOCATED_MEMORY : 0U);
    }
  }
  if (call.expiry != nullptr && leg.status == SEC_E_OK) *call.expiry = expiry();
  return leg.status;
}

/// EXTRA and MISSING, in the first EMPTY input buffer (contract EXT-4, EXT-6; ).
void Context::report(const Leg& leg, Bytes input, const HandshakeCall& call) {
  if (leg.status == SEC_E_INCOMPLETE_MESSAGE) {
    call.input.report(SECBUFFER_MISSING, leg.missing, nullptr);
  } else if (leg.status >= 0 && leg.consumed < input.size()) {
    const SecBuffer* token = call.input.find(SECBUFFER_TOKEN);
    auto* bytes = static_cast<std::uint8_t*>(token->pvBuffer);
    call.input.report(SECBUFFER_EXTRA, input.size() - leg.consumed, bytes + leg.consumed);
  }
}

SECURITY_STATUS Context::apply_control_token(const Buffers& input) {
  const SecBuffer* token = input.count() == 1 ? &input[0] : nullptr;
  if (token == nullptr || type_of(*token) != SECBUFFER_TOKEN || token->pvBuffer == nullptr) {
    return SEC_E_INVALID_TOKEN;
  }
  if (token->cbBuffer < sizeof(DWORD)) return SEC_E_UNSUPPORTED_FUNCTION;
  DWORD type = 0;
  std::memcpy(&type, token->pvBuffer, sizeof type);
  switch (type) {
    case SCHANNEL_SHUTDOWN:
      control_alert_ = {wire::AlertLevel::warning, Alert::close_notify};
      return SEC_E_OK;
    case SCHANNEL_ALERT: {
      SCHANNEL_ALERT_TOKEN alert{};
      if (token->cbBuffer < sizeof alert) return SEC_E_INVALID_TOKEN;
      std::memcpy(&alert, token->pvBuffer, sizeof alert);
      if ((alert.dwAlertType != TLS1_ALERT_WARNING && alert.dwAlertType != TLS1_ALERT_FATAL) ||
          alert.dwAlertNumber > 255) {
        return SEC_E_INVALID_PARAMETER;
      }
      control_alert_ = {static_cast<wire::AlertLevel>(alert.dwAlertType),
                        static_cast<Alert>(alert.dwAlertNumber)};
      return SEC_E_OK;
    }
    case SCHANNEL_RENEGOTIATE:
      if (!connection_ || !is_established()) {
        set_error_detail("there is nothing to renegotiate before the handshake is complete");
        return SEC_E_UNSUPPORTED_FUNCTION;
      }
      starts_again_ = true;
      return SEC_E_OK;
    case SCHANNEL_SESSION: {
      SCHANNEL_SESSION_TOKEN session{};
      if (token->cbBuffer < sizeof session) return SEC_E_INVALID_TOKEN;
      std::memcpy(&session, token->pvBuffer, sizeof session);
      return apply_session_token(session.dwFlags);
    }
    default:
      set_error_detail("there is no such control token");
      return SEC_E_UNSUPPORTED_FUNCTION;
  }
}

}  // namespace schannel::package
