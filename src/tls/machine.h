#pragma once
#include "tls/states.h"

// The transitions: one overload for each pair of a state and what it takes, grouped by machine.
// Each takes the state by value and returns the next one with the actions, or the cause of failure.
namespace schannel::tls {

namespace hello {
/// A client's first flight. `previous`: what its renegotiation_info must refer to; null: nothing.
Result<Step> start_client(std::shared_ptr<const Config> config,
                          std::shared_ptr<const Negotiated> previous = nullptr);
Result<Step> on(WaitServerHello state, const In<wire::ServerHello>& message);
Result<Step> on(WaitClientHello state, const In<wire::ClientHello>& message);
}  // namespace hello

namespace v13 {

/// The server has answered with TLS 1.3 (from hello).
Result<Step> take_server_hello(hello::WaitServerHello state, const In<wire::ServerHello>& message);
/// The client has offered TLS 1.3 and it is enabled (from hello).
Result<Step> take_client_hello(Handshake handshake, const In<wire::ClientHello>& message);

namespace client {
Result<Step> on(WaitServerHelloAfterRetry state, const In<wire::ServerHello>& message);
Result<Step> on(WaitEncryptedExtensions state, const In<wire::EncryptedExtensions>& message);
Result<Step> on(NeedSessionVerdict state, const ChainAccepted& accepted);
Result<Step> on(WaitCertificateOrRequest state, const In<wire::CertificateRequest13>& message);
Result<Step> on(WaitCertificateOrRequest state, const In<wire::Certificate13>& message);
Result<Step> on(WaitCertificate state, const In<wire::Certificate13>& message);
Result<Step> on(NeedVerdict state, const ChainAccepted& accepted);
Result<Step> on(WaitCertificateVerify state, const In<wire::CertificateVerify>& message);
Result<Step> on(WaitFinished state, const In<wire::Finished>& message);
Result<Step> on(NeedCredential state, const CredentialChosen& chosen);
}  // namespace client

namespace server {
Result<Step> on(NeedSessionVerdict state, const ChainAccepted& accepted);
Result<Step> on(WaitClientHelloAfterRetry state, const In<wire::ClientHello>& message);
Result<Step> on(WaitCertificate state, const In<wire::Certificate13>& message);
Result<Step> on(NeedVerdict state, const ChainAccepted& accepted);
Result<Step> on(WaitCertificateVerify state, const In<wire::CertificateVerify>& message);
Result<Step> on(WaitFinished state, const In<wire::Finished>& message);
}  // namespace server

Result<Step> on(Connected state, const In<wire::NewSessionTicket13>& message);
Result<Step> on(Connected state, const In<wire::KeyUpdate>& message);
Result<Step> on(Connected state, const In<wire::CertificateRequest13>& message);
Result<Step> on(Connected state, const In<wire::Certificate13>& message);
Result<Step> on(Connected state, const Reconfigure& event);
Result<Step> on(Connected state, const UpdateKey& event);
Result<Step> on(Connected state, const RequestCertificate& event);

namespace late {
Result<Step> on(NeedCredential state, const CredentialChosen& chosen);
Result<Step> on(NeedVerdict state, const ChainAccepted& accepted);
Result<Step> on(WaitCertificateVerify state, const In<wire::CertificateVerify>& message);
Result<Step> on(WaitFinished state, const In<wire::Finished>& message);
}  // namespace late

}  // namespace v13

namespace v12 {

Result<Step> take_server_hello(hello::WaitServerHello state, const In<wire::ServerHello>& message);
Result<Step> take_client_hello(Handshake handshake, const In<wire::ClientHello>& message);

namespace client {
Result<Step> on(WaitCertificate state, const In<wire::Certificate12>& message);
Result<Step> on(WaitServerKeyExchange state, const In<wire::CertificateStatus>& message);
Result<Step> on(WaitServerKeyExchange state, const In<wire::ServerKeyExchange>& message);
Result<Step> on(WaitServerHelloDone state, const In<wire::CertificateRequest12>& message);
Result<Step> on(WaitServerHelloDone state, const In<wire::ServerHelloDone>& message);
Result<Step> on(NeedVerdict state, const ChainAccepted& accepted);
Result<Step> on(NeedCredential state, const CredentialChosen& chosen);
Result<Step> on(WaitNewSessionTicket state, const In<wire::NewSessionTicket12>& message);
Result<Step> on(WaitChangeCipherSpec state, const ChangeCipherSpec& event);
Result<Step> on(WaitFinished state, const In<wire::Finished>& message);
}  // namespace client

namespace resumed_client {
/// The server has answered our offer of `session` (from client).
Result<Step> begin(Handshake handshake, std::shared_ptr<const Session> session);
Result<Step> on(NeedVerdict state, const ChainAccepted& accepted);
Result<Step> on(WaitNewSessionTicket state, const In<wire::NewSessionTicket12>& message);
Result<Step> on(WaitChangeCipherSpec state, const ChangeCipherSpec& event);
Result<Step> on(WaitFinished state, const In<wire::Finished>& message);
}  // namespace resumed_client

namespace resumed_server {
/// The client's offer of `selected.session` is taken up (from server).
Result<Step> begin(Handshake handshake, Selected selected);
Result<Step> on(NeedVerdict state, const ChainAccepted& accepted);
Result<Step> on(WaitChangeCipherSpec state, const ChangeCipherSpec& event);
Result<Step> on(WaitFinished state, const In<wire::Finished>& message);
}  // namespace resumed_server

namespace server {
Result<Step> on(WaitCertificate state, const In<wire::Certificate12>& message);
Result<Step> on(NeedVerdict state, const ChainAccepted& accepted);
Result<Step> on(WaitClientKeyExchange state, const In<wire::ClientKeyExchange>& message);
Result<Step> on(WaitCertificateVerify state, const In<wire::CertificateVerify>& message);
Result<Step> on(WaitChangeCipherSpec state, const ChangeCipherSpec& event);
Result<Step> on(WaitFinished state, const In<wire::Finished>& message);
}  // namespace server

Result<Step> on(ConnectedClient state, const In<wire::HelloRequest>& message);
Result<Step> on(ConnectedClient state, const Reconfigure& event);
Result<Step> on(ConnectedClient state, const Renegotiate& event);
Result<Step> on(ConnectedServer state, const In<wire::ClientHello>& message);
Result<Step> on(ConnectedServer state, const Reconfigure& event);
Result<Step> on(ConnectedServer state, const Renegotiate& event);
Result<Step> on(ConnectedServer state, const RenegotiationRefused& event);
Result<Step> on(WaitServerHelloAgain state, const In<wire::ServerHello>& message);
Result<Step> on(WaitServerHelloAgain state, const In<wire::HelloRequest>& message);
Result<Step> on(WaitServerHelloAgain state, const RenegotiationRefused& event);

}  // namespace v12

}  // namespace schannel::tls
