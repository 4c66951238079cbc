#pragma once
#include "tls/states.h"

// What both versions need of the hellos.
namespace schannel::tls::hello {

/// The fields of a ClientHello that are not in the Config.
struct ClientHelloFields {
  const wire::HelloRandom& random;
  Bytes session_id;
  const std::vector<crypto::KeyShare>& shares;
  Bytes cookie;                      ///< From a HelloRetryRequest; empty: none.
  const Session* session = nullptr;  ///< TLS 1.3, to be resumed.
  Bytes renegotiation_info = {};  ///< Our last Finished (RFC 5746 section 3.5); empty on a first.
};
void add_client_hello(Flight& flight, const Config& config, const ClientHelloFields& fields);

/// The session that a ClientHello made from `config` offers to resume with TLS 1.3; null: none.
const Session* offered_session_13(const Config& config);

/// The same for TLS 1.2.
const Session* offered_session_12(const Config& config);

/// True when a ClientHello made from `config` carries the extension.
bool offers_extension(const Config& config, wire::ExtensionType type);

/// True when the client can speak `version`, from its supported_versions or else its
/// legacy_version.
Result<bool> offers_version(const wire::ClientHello& hello, ProtocolVersion version);

/// The suite when we offered it and it belongs to `version`, else null.
const Suite* offered_suite(const Config& config, std::uint16_t id, ProtocolVersion version);

/// RFC 8446 section 4.1.3: the last eight bytes of the random of a server that could have done
/// better.
inline constexpr std::array<std::uint8_t, 8> kDowngradeTo12 = {0x44, 0x4f, 0x57, 0x4e,
                                                               0x47, 0x52, 0x44, 0x01};
inline constexpr std::array<std::uint8_t, 8> kDowngradeTo11 = {0x44, 0x4f, 0x57, 0x4e,
                                                               0x47, 0x52, 0x44, 0x00};

/// The signature schemes of a list that we know, in its order.
std::vector<SignatureScheme> as_schemes(const std::vector<std::uint16_t>& values);

/// The server's choice of application protocol (contract ASC-18): the server's order decides;
/// empty when either side has no list; no_application_protocol when the lists do not meet.
Result<Buffer> select_application_protocol(const Config& config,
                                           const wire::ExtensionList& extensions);
/// The server's answer checked by the client: exactly one name, one that we offered.
Result<Buffer> accepted_application_protocol(const Config& config, Bytes extension);

/// Adds the extensions of a server's answer to what was agreed on.
void remember_answer(Negotiated& negotiated, const wire::ExtensionList& extensions);
/// The extension block that `write` makes for such an answer, remembered as well.
template <class Write>
Buffer answer_block(Negotiated& negotiated, Write write) {
  Buffer block;
  wire::Writer writer(block);
  write(writer);
  std::optional<Cause> failure;
  remember_answer(negotiated, wire::ExtensionList::read(wire::Reader(block, failure)));
  return block;
}

/// True when a ClientHello asks for a stapled OCSP response (RFC 6066 section 8). Other kinds of
/// status are not for us.
Result<bool> wants_ocsp_response(const wire::ExtensionList& extensions);

/// RFC 8446 section 4.2.11: pre_shared_key must be the last extension of a ClientHello
/// (illegal_parameter).
Result<void> check_session_is_last(const wire::ExtensionList& extensions);

/// The host_name of a ClientHello's server_name extension; empty when there is none.
Result<std::string> server_name_of(const wire::ExtensionList& extensions);

/// An extension's body as a T: decode_error when it does not parse, nothing when it is absent.
template <class T>
Result<std::optional<T>> decode_extension(const wire::ExtensionList& extensions,
                                          wire::ExtensionType type) {
  const std::optional<Bytes> body = extensions.find(type);
  if (!body) return std::optional<T>();
  TRY(T value, wire::decode<T>(*body));
  return std::optional<T>(std::move(value));
}

/// The chain of a Certificate message, copied. Every certificate must at least be there; whether
/// it parses is for the verifier, but the leaf's key is needed here; one that `config` refuses is
/// no_common_signature_scheme, one that may not sign certificate_wrong_usage.
struct PeerCertificate {
  std::vector<Buffer> chain;
  crypto::PublicKey key;
};
Result<PeerCertificate> read_peer_certificate(const Config& config,
                                              const std::vector<Bytes>& certificates);

/// The group that is the curve of an ECDSA key; nothing for other keys.
std::optional<NamedGroup> curve_of(crypto::KeyType key);

/// The identity and scheme for a handshake signature: identities in our order, schemes in our
/// order, of those the peer accepts.
struct SigningChoice {
  std::shared_ptr<const Identity> identity;
  SignatureScheme scheme;
};
std::optional<SignatureScheme> choose_scheme(const Config& config, const Identity& identity,
                                             const std::vector<SignatureScheme>& accepted,
                                             ProtocolVersion version);

/// The CertificateVerify content of TLS 1.3 (RFC 8446 section 4.4.3).
Buffer certificate_verify_content(Role signer, Bytes transcript_hash);

}  // namespace schannel::tls::hello
