#include <algorithm>

#include "tls/hello.h"
#include "tls/machine.h"

// TLS 1.2 after the handshake: renegotiation (RFC 5246 sections 7.4.1.1 and 7.4.1.2), only with
// RFC 5746. A refusal is a warning and leaves the connection working (RFC 5246 section 7.2.2).
namespace schannel::tls::v12 {
namespace {

bool is_secure(const Negotiated& negotiated, const Config& config) {
  return negotiated.secure_renegotiation && !config.refuse_renegotiation;
}

template <class State>
Step refuse(State state) {
  return Step{std::move(state)}.then(SendWarning{Alert::no_renegotiation});
}

/// A ClientHello under the present keys.
Result<Step> start_again(ConnectedClient state) {
  // RFC 8446 section 4.1.2: the version stays.
  auto config = std::make_shared<Config>(*state.config);
  config->enable_tls13 = false;
  // New keys are what it is for; and a session must not carry one identity into another's place.
  config->session = nullptr;
  config->keeps_sessions = false;
  TRY(Step first, hello::start_client(std::move(config), state.negotiated));
  auto& hello = std::get<hello::WaitServerHello>(first.next);
  return Step{WaitServerHelloAgain{std::move(hello), std::move(state)}, std::move(first.actions)};
}

/// First of all: nothing is sent beyond the limit.
void count(Step& step) {
  step.actions.emplace(step.actions.begin(), Count{Repeated::renegotiation});
}

}  // namespace

Result<Step> on(ConnectedClient state, const In<wire::HelloRequest>&) {
  if (!is_secure(*state.negotiated, *state.config)) return refuse(std::move(state));
  TRY(Step next, start_again(std::move(state)));
  count(next);
  return next;
}

Result<Step> on(ConnectedClient state, const Renegotiate&) { return start_again(std::move(state)); }

Result<Step> on(ConnectedClient state, const Reconfigure& event) {
  state.config = event.config;
  return Step{std::move(state)};
}

Result<Step> on(WaitServerHelloAgain state, const In<wire::ServerHello>& message) {
  const wire::ServerHello& hello = message.body;
  if (hello.legacy_version != 0x0303 || hello.legacy_compression_method != 0) {
    return Cause::illegal_parameter;
  }
  if (hello.extensions.has(wire::ExtensionType::supported_versions)) {
    return Cause::unsupported_extension;
  }
  return take_server_hello(std::move(state.hello), message);
}

// RFC 5246 section 7.4.1.1: ignored by a client that is negotiating already.
Result<Step> on(WaitServerHelloAgain state, const In<wire::HelloRequest>&) {
  return Step{std::move(state)}.then(Count{Repeated::renegotiation});
}

Result<Step> on(WaitServerHelloAgain state, const RenegotiationRefused&) {
  return Step{std::move(state.before)};
}

Result<Step> on(ConnectedServer state, const In<wire::ClientHello>& message) {
  const bool willing = is_secure(*state.negotiated, *state.config) ||
                       (state.asked && state.negotiated->secure_renegotiation);
  if (!willing) return refuse(std::move(state));
  TRY(const bool offered, hello::offers_version(message.body, ProtocolVersion::tls12));
  if (!offered) return Cause::no_common_version;
  Handshake handshake{.config = std::move(state.config),
                      .transcript = {},
                      .negotiated = {},
                      .previous = std::move(state.negotiated)};
  handshake.negotiated.client_random = message.body.random;
  TRY(Step next, take_client_hello(std::move(handshake), message));
  if (!state.asked) count(next);
  return next;
}

// RFC 5246 section 7.4.1.1: a HelloRequest does not count in any transcript.
Result<Step> on(ConnectedServer state, const Renegotiate&) {
  Transcript none;
  Flight flight(none);
  flight.add(wire::HandshakeType::hello_request, [](wire::Writer&) {});
  TRY(SendHandshake send, std::move(flight).send());
  state.asked = true;
  return Step{std::move(state)}.then(std::move(send));
}

Result<Step> on(ConnectedServer state, const RenegotiationRefused&) {
  state.asked = false;
  return Step{std::move(state)};
}

Result<Step> on(ConnectedServer state, const Reconfigure& event) {
  state.config = event.config;
  return Step{std::move(state)};
}

}  // namespace schannel::tls::v12
