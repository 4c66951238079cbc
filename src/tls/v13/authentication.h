#pragma once
#include "tls/hello.h"

// Client authentication of TLS 1.3, in the handshake and after it (RFC 8446 sections 4.3.2, 4.4.2,
// 4.6.2).
namespace schannel::tls::v13 {

/// Server: the request; `context` is empty in the handshake.
void add_certificate_request(Flight& flight, const Config& config, Bytes context);
/// Server: the client's chain, which is not empty, and the key of its leaf.
Result<hello::PeerCertificate> read_client_certificate(const Config& config,
                                                       const wire::Certificate13& message);

/// Client: what the server asks for.
Result<PendingRequest> read_certificate_request(const wire::CertificateRequest13& request);
/// Client: Certificate and, with an identity, CertificateVerify. Returns the identity that was
/// shown; null when there was none to show or none the server accepts (section 4.4.2.3).
Result<std::shared_ptr<const Identity>> add_authentication(
    Flight& flight, const Transcript& transcript, const Config& config,
    const PendingRequest& request, std::shared_ptr<const Identity> identity);

}  // namespace schannel::tls::v13
