#include <openschannel/extensions.h>
#include <openschannel/wincrypt.h>

#include <algorithm>
#include <map>

#include "base/error.h"
#include "endpoint.h"
#include "pki/identity.h"
#include "schannel/algorithms.h"
#include "schannel/session_cache.h"
#include "tls/connection.h"

// What the exported functions have no words for: lists of signature schemes and their order, orders
// of groups, a clock that the test moves, staples that are no OCSP responses.
namespace schannel::conformance {
namespace {

using tls::Outcome;
using tls::Received;

constexpr int kTls12 = 0x0303;
constexpr int kTls13 = 0x0304;

std::vector<SignatureScheme> default_schemes() {
  tls::Algorithms all;
  package::set_default_algorithms(all);
  return all.signature_schemes;
}

/// Those of the schemes that the library has.
std::vector<SignatureScheme> as_schemes(const std::vector<int>& values) {
  const std::vector<SignatureScheme> known = default_schemes();
  std::vector<SignatureScheme> out;
  for (const int value : values) {
    const auto scheme = static_cast<SignatureScheme>(value);
    if (std::find(known.begin(), known.end(), scheme) != known.end()) out.push_back(scheme);
  }
  return out;
}

std::shared_ptr<const tls::Identity> load(const ShownIdentity& shown) {
  if (shown.cert_file.empty()) return nullptr;
  HCERTSTORE store =
      OpenSchannelImportPemFiles(shown.cert_file.c_str(), shown.key_file.c_str(), nullptr);
  if (store == nullptr) return nullptr;
  PCCERT_CONTEXT leaf = CertEnumCertificatesInStore(store, nullptr);
  Result<pki::Identity> identity = pki::identity_of(leaf, /*include_root=*/true);
  CertFreeCertificateContext(leaf);
  CertCloseStore(store, 0);
  if (!identity) return nullptr;
  return std::make_shared<const tls::Identity>(tls::Identity{
      .chain = std::move(identity->chain),
      .key = std::move(identity->key),
      .names = std::move(identity->names),
      .ocsp_response = to_buffer(as_bytes(shown.ocsp_response)),
      .signature_schemes =
          shown.signing_prefs.empty() ? default_schemes() : as_schemes(shown.signing_prefs)});
}

std::vector<Buffer> read_wire_list(const std::string& wire) {
  std::vector<Buffer> out;
  for (std::size_t at = 0; at < wire.size();) {
    const auto size = static_cast<unsigned char>(wire[at]);
    out.push_back(to_buffer(as_bytes(wire).subspan(at + 1, size)));
    at += 1U + size;
  }
  return out;
}

std::vector<Buffer> read_hex_list(const std::string& text) {
  std::vector<Buffer> out;
  if (text.empty() || text == "<EMPTY>" || text == "<NULL>") return out;
  out.emplace_back();
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == ',') {
      out.emplace_back();
      ++at;
      continue;
    }
    out.back().push_back(
        static_cast<std::uint8_t>(std::strtoul(text.substr(at, 2).c_str(), nullptr, 16)));
    at += 2;
  }
  return out;
}

/// The newest session of a client, and the clock.
struct Shared {
  std::shared_ptr<const tls::Session> session;
  std::shared_ptr<package::ServerSessions> sessions;
  std::int64_t now_ms = 0;
  std::map<std::string, Buffer> secrets;  ///< As the key log names them.
};

/// A server's sessions without those in tickets.
class WithoutTickets : public tls::SessionStore {
 public:
  explicit WithoutTickets(std::shared_ptr<package::ServerSessions> all) : all_(std::move(all)) {}
  std::uint32_t lifetime_seconds() const override { return all_->lifetime_seconds(); }
  Buffer seal(const tls::Session&) override { return {}; }
  std::shared_ptr<const tls::Session> open(Bytes) override { return nullptr; }
  std::shared_ptr<const tls::Session> find(Bytes id) override { return all_->find(id); }

 private:
  std::shared_ptr<package::ServerSessions> all_;
};

class EngineEndpoint : public Endpoint {
 public:
  EngineEndpoint(std::shared_ptr<const tls::Config> config, const Settings& settings,
                 std::shared_ptr<Shared> shared)
      : shared_(std::move(shared)),
        settings_(settings),
        connection_(std::make_unique<tls::Connection>(std::move(config))) {}

  Event handshake(Buffer& input, Buffer& output) override {
    for (;;) {
      const auto progress = connection_->handshake(input, output);
      if (!progress) return failed(progress.error());
      input.erase(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(progress->consumed));
      keep_sessions();
      switch (progress->outcome) {
        case Outcome::need_verdict:
          connection_->accept_peer(output);  // the shim judges when the handshake is over
          break;
        case Outcome::need_credential:
          certificate_authorities_ = connection_->credential_request().certificate_authorities;
          connection_->choose_identity(own_identity(), output);
          break;
        case Outcome::established:
        case Outcome::interrupted:
        case Outcome::refused:
          return Event::complete;
        case Outcome::need_input:
          return Event::wants_input;
        case Outcome::in_progress:
          if (input.empty() || progress->consumed == 0) return Event::wants_input;
          break;
      }
    }
  }

  Event receive(Buffer& input, Buffer& output, Buffer& data) override {
    if (input.empty()) return Event::wants_input;
    const auto received = connection_->receive(input);
    if (!received) {
      const Error error = received.error();
      static_cast<void>(connection_->handshake({}, output));  // has the alert
      return failed(error);
    }
    if (received->kind == Received::Kind::need_input) return Event::wants_input;
    if (received->kind == Received::Kind::handshake) {
      const Event event = handshake(input, output);
      return event == Event::complete ? Event::data : event;
    }
    append(data, received->content);
    input.erase(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(received->consumed));
    return received->kind == Received::Kind::closed ? Event::closed : Event::data;
  }

  bool send(Bytes data, Buffer& output) override {
    do {
      const Bytes piece = data.first(std::min(data.size(), kRecordPlaintextBytesMax));
      Buffer record(connection_->header_size() + piece.size() + connection_->trailer_size());
      std::uint8_t* content = record.data() + connection_->header_size();
      std::copy(piece.begin(), piece.end(), content);
      if (!check(connection_->seal(wire::ContentType::application_data, record.data(),
                                   {content, piece.size()}, content + piece.size()))) {
        return false;
      }
      append(output, record);
      data = data.subspan(piece.size());
    } while (!data.empty());
    return true;
  }

  bool close(Buffer& output) override {
    return check(connection_->send_alert(wire::AlertLevel::warning, Alert::close_notify, output));
  }
  bool send_fatal_alert(int alert, Buffer& output) override {
    return check(
        connection_->send_alert(wire::AlertLevel::fatal, static_cast<Alert>(alert), output));
  }
  bool update_key(Buffer& output) override {
    return check(connection_->update_key(/*request_peer=*/false, output));
  }
  bool export_keying_material(const std::string& label, const std::string* context,
                              MutableBytes out) override {
    const Bytes value = context != nullptr ? as_bytes(*context) : Bytes();
    return check(
        connection_->export_keying_material(label, context != nullptr ? &value : nullptr, out));
  }

  Facts facts() override {
    const tls::Negotiated& negotiated = connection_->negotiated();
    Facts out;
    out.version = static_cast<int>(negotiated.version);
    out.cipher = static_cast<int>(negotiated.suite->id);
    out.group = static_cast<int>(negotiated.group);
    out.peer_signature_scheme = static_cast<int>(
        settings_.server ? negotiated.client_signature_scheme : negotiated.signature_scheme);
    out.resumed = negotiated.resumed;
    out.extended_master_secret = negotiated.extended_master_secret;
    out.application_protocol = as_text(negotiated.application_protocol);
    out.server_name = negotiated.server_name;
    out.ocsp_response = as_text(negotiated.ocsp_response);
    out.peer_chain = negotiated.peer_chain;
    if (negotiated.local_identity) out.own_chain = negotiated.local_identity->chain;
    out.certificate_authorities = certificate_authorities_;
    return out;
  }

  Buffer traffic_secrets() override {
    const Buffer& client = shared_->secrets["CLIENT_TRAFFIC_SECRET_0"];
    const Buffer& server = shared_->secrets["SERVER_TRAFFIC_SECRET_0"];
    Buffer out = {static_cast<std::uint8_t>(client.size()), 0};
    append(out, settings_.server ? client : server);
    append(out, settings_.server ? server : client);
    return out;
  }

  Buffer tls_unique() override { return connection_->negotiated().first_finished; }

  std::string failure() const override { return failure_; }

 private:
  Event failed(const Error& error) {
    failure_ = disposition(error).text;
    if (error.received) failure_ += ": " + std::string(alert_name(*error.received));
    return Event::failed;
  }
  bool check(const Result<void>& result) {
    if (!result) failed(result.error());
    return static_cast<bool>(result);
  }
  void keep_sessions() {
    for (tls::Session& session : connection_->take_sessions()) {
      session.issued_ms = shared_->now_ms;
      auto kept = std::make_shared<const tls::Session>(std::move(session));
      if (settings_.server) {
        shared_->sessions->ids().insert(std::move(kept), /*resumable=*/true, shared_->now_ms);
      } else {
        shared_->session = std::move(kept);
      }
    }
  }
  /// The first of a client's identities that can sign in a way the server takes.
  std::shared_ptr<const tls::Identity> own_identity() const {
    const auto& asked = connection_->credential_request().signature_schemes;
    for (const ShownIdentity* shown : all_shown()) {
      auto identity = load(*shown);
      if (!identity) continue;
      const auto& allowed = identity->signature_schemes;
      const bool tls13 = settings_.enables(kTls13) && settings_.max_version != kTls12;
      const bool fits = std::any_of(asked.begin(), asked.end(), [&](SignatureScheme scheme) {
        return std::find(allowed.begin(), allowed.end(), scheme) != allowed.end() &&
               crypto::can_sign(identity->key.type(), identity->key.bits(), scheme, tls13);
      });
      if (fits) return identity;
    }
    return nullptr;
  }
  std::vector<const ShownIdentity*> all_shown() const {
    std::vector<const ShownIdentity*> out;
    for (const ShownIdentity& one : settings_.more_identities) out.push_back(&one);
    out.push_back(&settings_.identity);
    return out;
  }

  std::shared_ptr<Shared> shared_;
  const Settings settings_;
  std::unique_ptr<tls::Connection> connection_;
  std::vector<Buffer> certificate_authorities_;
  std::string failure_;
};

class EngineRoute : public Route {
 public:
  EngineRoute() {
    shared_->sessions = std::make_shared<package::ServerSessions>(kSessionLifetimeSecondsMax);
    shared_->now_ms = package::now_ms();
  }

  std::unique_ptr<Endpoint> open(const Settings& settings, std::string& failure) override {
    auto config = std::make_shared<tls::Config>();
    package::set_default_algorithms(*config);
    config->role = settings.server ? tls::Role::server : tls::Role::client;
    config->enable_tls12 = settings.enables(kTls12);
    config->enable_tls13 = settings.enables(kTls13);
    if (!config->enable_tls12 && !config->enable_tls13) {
      failure = "no protocol version is left";
      return nullptr;
    }
    if (!settings.curves.empty()) {
      config->groups.clear();
      for (const int curve : settings.curves) {
        const auto group = static_cast<NamedGroup>(curve);
        if (crypto::is_supported(group)) config->groups.push_back(group);
      }
    }
    if (!settings.verify_prefs.empty()) {
      config->signature_schemes = as_schemes(settings.verify_prefs);
    }
    if (!settings.server) {
      config->keeps_sessions = !settings.no_ticket;
      config->server_name = settings.host_name;
      config->application_protocols = read_wire_list(settings.advertise_alpn);
      config->request_ocsp = settings.enable_ocsp_stapling;
    } else {
      const bool staples = !settings.decline_ocsp_callback;
      for (const ShownIdentity& shown : settings.more_identities) {
        add_identity(shown, staples, *config);
      }
      add_identity(settings.identity, staples, *config);
      config->request_client_certificate =
          settings.verify_peer || settings.require_any_client_certificate;
      config->require_client_certificate = settings.require_any_client_certificate;
      config->certificate_authorities = read_hex_list(settings.use_client_ca_list);
      if (settings.reject_alpn) config->application_protocols = {to_buffer(as_bytes("rejected"))};
      if (!settings.select_alpn.empty()) {
        config->application_protocols = {to_buffer(as_bytes(settings.select_alpn))};
      }
      config->sessions = shared_->sessions;
      if (settings.no_ticket)
        config->sessions = std::make_shared<WithoutTickets>(shared_->sessions);
      config->send_tickets = !settings.no_ticket;
    }
    config->refuse_renegotiation = settings.refuse_renegotiation;
    if (settings.export_traffic_secrets) {
      const auto shared = shared_;
      config->key_log = [shared](std::string_view label, Bytes, Bytes secret) {
        shared->secrets[std::string(label)] = to_buffer(secret);
      };
    }
    if (std::exchange(opened_, true)) {
      shared_->now_ms += std::int64_t{settings.resumption_delay} * 1000;
    }
    config->now_ms = shared_->now_ms;
    const auto session = std::exchange(shared_->session, nullptr);
    const bool offers = session && !settings.server && !settings.no_ticket;
    if (offers && session->is_fresh(config->now_ms)) config->session = session;
    return std::make_unique<EngineEndpoint>(std::move(config), settings, shared_);
  }

  bool has_session() override { return shared_->session != nullptr; }

 private:
  static void add_identity(ShownIdentity shown, bool staples, tls::Config& config) {
    if (!staples) shown.ocsp_response.clear();
    if (auto identity = load(shown)) config.identities.push_back(std::move(identity));
  }

  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
  bool opened_ = false;
};

}  // namespace

std::unique_ptr<Route> engine_route() { return std::make_unique<EngineRoute>(); }

}  // namespace schannel::conformance
