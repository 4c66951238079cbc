#include "tls/v12/server_hello.h"

#include <algorithm>

#include "tls/hello.h"
#include "tls/identity.h"
#include "tls/v12/renegotiation.h"

namespace schannel::tls::v12 {
namespace {

using wire::ExtensionType;

template <class T>
bool contains(const std::vector<std::uint16_t>& list, T value) {
  return std::find(list.begin(), list.end(), static_cast<std::uint16_t>(value)) != list.end();
}

/// RFC 8422 section 5.1: the curve of an ECDSA certificate must be one the client can use.
bool client_knows_curve(crypto::KeyType key, const std::vector<std::uint16_t>& groups) {
  const auto curve = hello::curve_of(key);
  return !curve || contains(groups, *curve);
}

/// The first suite in our order that the client offers and one of `identities` can sign for. False:
/// none; `shares_a_suite` then says whether it was the signature that failed.
bool select_suite(const Config& config, const wire::ClientHello& client_hello,
                  const std::vector<SignatureScheme>& schemes,
                  const std::vector<std::uint16_t>* groups,
                  const std::vector<std::shared_ptr<const Identity>>& identities,
                  Selected& selected, bool& shares_a_suite) {
  for (const CipherSuite id : config.cipher_suites) {
    const Suite* suite =
        hello::offered_suite(config, static_cast<std::uint16_t>(id), ProtocolVersion::tls12);
    if (suite == nullptr || !contains(client_hello.cipher_suites, id)) continue;
    for (const auto& identity : identities) {
      if (!authenticates(*suite, identity->key.type())) continue;
      if (groups != nullptr && !client_knows_curve(identity->key.type(), *groups)) continue;
      shares_a_suite = true;
      const auto scheme = hello::choose_scheme(config, *identity, schemes, ProtocolVersion::tls12);
      if (!scheme) continue;
      selected.suite = suite;
      selected.identity = identity;
      selected.scheme = *scheme;
      return true;
    }
  }
  return false;
}

/// A certificate for the name the client wants counts more than the order of suites.
Result<void> select_suite(const Config& config, const wire::ClientHello& client_hello,
                          const std::vector<SignatureScheme>& schemes,
                          const std::vector<std::uint16_t>* groups, Selected& selected) {
  bool shares_a_suite = false;
  for (const auto& identities : by_server_name(config.identities, selected.server_name)) {
    if (select_suite(config, client_hello, schemes, groups, identities, selected, shares_a_suite)) {
      return {};
    }
  }
  return shares_a_suite ? Cause::no_common_signature_scheme : Cause::no_common_cipher_suite;
}

void write_answer(wire::Writer& writer, const Selected& selected, const Handshake& handshake) {
  const Negotiated* previous = handshake.previous.get();
  const bool resumes = selected.session != nullptr;
  if (selected.secure_renegotiation) {
    wire::write_extension(writer, ExtensionType::renegotiation_info, [&] {
      writer.vector(1, [&] { writer.bytes(renegotiation_info(previous, Role::server)); });
    });
  }
  // RFC 6066 section 3: not when a session is resumed; and then there is no certificate to staple
  // to.
  if (!selected.server_name.empty() && !resumes) {
    wire::write_extension(writer, ExtensionType::server_name);
  }
  if (selected.sends_point_formats) {
    wire::write_extension(writer, ExtensionType::ec_point_formats, [&] {
      writer.u8(1);
      writer.u8(0);
    });
  }
  if (selected.staples && !resumes) wire::write_extension(writer, ExtensionType::status_request);
  if (handshake.takes_tickets) wire::write_extension(writer, ExtensionType::session_ticket);
  if (!selected.application_protocol.empty()) {
    wire::write_extension(writer, ExtensionType::application_layer_protocol_negotiation, [&] {
      wire::ProtocolNameList{{selected.application_protocol}}.write(writer);
    });
  }
  if (selected.extended_master_secret) {
    wire::write_extension(writer, ExtensionType::extended_master_secret);
  }
}

void write_server_hello(wire::Writer& writer, const Negotiated& negotiated, Bytes answer) {
  writer.u16(0x0303);
  writer.bytes(negotiated.server_random);
  writer.vector(1, [&] { writer.bytes(negotiated.session_id); });
  writer.u16(static_cast<std::uint16_t>(negotiated.suite->id));
  writer.u8(0);
  // RFC 5246 section 7.4.1.3: without extensions there is no block.
  if (answer.empty()) return;
  writer.vector(2, [&] { writer.bytes(answer); });
}

}  // namespace

Result<Selected> select(const Config& config, const wire::ClientHello& client_hello,
                        const Negotiated* previous) {
  const wire::ExtensionList& extensions = client_hello.extensions;
  const Bytes compression = client_hello.legacy_compression_methods;
  if (std::find(compression.begin(), compression.end(), 0) == compression.end()) {
    return Cause::illegal_parameter;
  }
  Selected selected;
  TRY(const auto schemes,
      hello::decode_extension<wire::U16List>(extensions, ExtensionType::signature_algorithms));
  TRY(const auto groups,
      hello::decode_extension<wire::U16List>(extensions, ExtensionType::supported_groups));
  TRY(selected.server_name, hello::server_name_of(extensions));
  // Without the extension the client means SHA-1 (RFC 5246 section 7.4.1.4.1), which we refuse.
  const auto accepted = hello::as_schemes(schemes ? schemes->values : std::vector<std::uint16_t>());
  CHECK_OK(
      select_suite(config, client_hello, accepted, groups ? &groups->values : nullptr, selected));

  const auto usable = [&](NamedGroup group) {
    // RFC 8422 section 4: a client without the extension takes any curve; all know secp256r1.
    return groups ? contains(groups->values, group) : group == NamedGroup::secp256r1;
  };
  const auto group = std::find_if(config.groups.begin(), config.groups.end(), usable);
  if (group == config.groups.end()) return Cause::no_common_group;
  selected.group = *group;

  if (const auto formats = extensions.find(ExtensionType::ec_point_formats)) {
    TRY(const auto list, wire::decode<wire::ShortOpaque>(*formats));
    if (std::find(list.value.begin(), list.value.end(), 0) == list.value.end()) {
      return Cause::illegal_parameter;
    }
    selected.sends_point_formats = true;
  }
  if (const auto ems = extensions.find(ExtensionType::extended_master_secret)) {
    TRY([[maybe_unused]] const auto empty, wire::decode<wire::EmptyBody>(*ems));
    selected.extended_master_secret = true;
  }
  selected.secure_renegotiation =
      contains(client_hello.cipher_suites, wire::kEmptyRenegotiationInfoScsv);
  // RFC 5746 section 3.7: not in a renegotiation.
  if (selected.secure_renegotiation && previous != nullptr) {
    return Cause::renegotiation_info_mismatch;
  }
  if (const auto info = extensions.find(ExtensionType::renegotiation_info)) {
    TRY(const auto value, wire::decode<wire::ShortOpaque>(*info));
    CHECK_OK(check_renegotiation_info(previous, Role::client, value.value));
    selected.secure_renegotiation = true;
  }
  TRY(selected.application_protocol, hello::select_application_protocol(config, extensions));
  selected.takes_tickets = extensions.has(ExtensionType::session_ticket);
  selected.session_id = to_buffer(client_hello.legacy_session_id);
  TRY(const bool wants_ocsp, hello::wants_ocsp_response(extensions));
  selected.staples = wants_ocsp && !selected.identity->ocsp_response.empty();
  return selected;
}

void add_server_hello(Flight& flight, Handshake& handshake, const Selected& selected) {
  const Config& config = *handshake.config;
  Negotiated& negotiated = handshake.negotiated;
  config.random->fill(negotiated.server_random);
  if (config.enable_tls13) {
    // RFC 8446 section 4.1.3.
    std::copy(hello::kDowngradeTo12.begin(), hello::kDowngradeTo12.end(),
              negotiated.server_random.end() - 8);
  }
  const Buffer extensions = hello::answer_block(
      negotiated, [&](wire::Writer& writer) { write_answer(writer, selected, handshake); });
  flight.add(wire::HandshakeType::server_hello,
             [&](wire::Writer& writer) { write_server_hello(writer, negotiated, extensions); });
}

}  // namespace schannel::tls::v12
