#include <openschannel/extensions.h>
#include <openschannel/schannel.h>

#include <cstring>

#include "base/error_detail.h"
#include "crypto/kdf.h"
#include "pki/channel_binding.h"
#include "schannel/attribute_rows.h"
#include "schannel/context_buffer.h"

// What follows from the keys of a connection: channel bindings (RFC 5929, RFC 9266), exported
// keying material (RFC 5705, RFC 8446 section 7.5) and the keys of EAP (RFC 5216, RFC 9190).
namespace schannel::package {
namespace {

SECURITY_STATUS refuse(SECURITY_STATUS status, const char* why) {
  set_error_detail(why);
  return status;
}

bool is_tls13(const Context& context) {
  return context.connection().negotiated().version == tls::ProtocolVersion::tls13;
}

/// An exporter value; `context` null: none, which TLS 1.2 tells from an empty one.
SECURITY_STATUS exported(const Context& context, std::string_view label, const Bytes* value,
                         MutableBytes out) {
  const Result<void> done = context.connection().export_keying_material(label, value, out);
  if (done) return SEC_E_OK;
  if (context.connection().failure()) {
    return refuse(SEC_E_CONTEXT_EXPIRED, "the connection has failed: its keys are gone");
  }
  return refuse(SEC_E_INVALID_HANDLE, "a renegotiation is under way: ask again when it is done");
}

// --- Channel bindings (ATTR-40) ---

SECURITY_STATUS bindings(std::string_view prefix, Bytes value, SecPkgContext_Bindings& out) {
  const std::size_t size = prefix.size() + value.size();
  void* block = allocate_context_buffer(sizeof(SEC_CHANNEL_BINDINGS) + size);
  auto& header = *static_cast<SEC_CHANNEL_BINDINGS*>(block);
  header.cbApplicationDataLength = static_cast<ULONG>(size);
  header.dwApplicationDataOffset = sizeof(SEC_CHANNEL_BINDINGS);
  void* behind = &header + 1;
  auto* at = static_cast<std::uint8_t*>(behind);
  at = std::copy(prefix.begin(), prefix.end(), at);
  std::copy(value.begin(), value.end(), at);
  out = {static_cast<ULONG>(sizeof(SEC_CHANNEL_BINDINGS) + size), &header};
  return SEC_E_OK;
}

SECURITY_STATUS unique_bindings(const Context& context, SecPkgContext_Bindings& out) {
  const Buffer& finished = context.connection().negotiated().first_finished;
  if (finished.empty()) {
    return refuse(SEC_E_UNSUPPORTED_FUNCTION,
                  "TLS 1.3 has no tls-unique; see OPENSCHANNEL_ATTR_EXPORTER_BINDINGS");
  }
  return bindings("tls-unique:", finished, out);
}

SECURITY_STATUS endpoint_bindings(const Context& context, SecPkgContext_Bindings& out) {
  // RFC 5929 section 4: the server's certificate, whichever side asks.
  const std::vector<Buffer>& chain =
      context.is_server() ? context.local_chain() : context.connection().negotiated().peer_chain;
  if (chain.empty()) return SEC_E_NO_CREDENTIALS;
  const Buffer hash = pki::server_end_point(chain.front());
  if (hash.empty()) {
    return refuse(SEC_E_UNSUPPORTED_FUNCTION,
                  "tls-server-end-point is not defined for how this certificate is signed");
  }
  return bindings("tls-server-end-point:", hash, out);
}

SECURITY_STATUS exporter_bindings(const Context& context, SecPkgContext_Bindings& out) {
  // RFC 9266 section 4.2: below TLS 1.3 only a master secret that is bound to its handshake will
  // do, because another can be made to be the same on two connections.
  if (!context.connection().negotiated().extended_master_secret) {
    return refuse(SEC_E_UNSUPPORTED_FUNCTION,
                  "tls-exporter needs the extended master secret, which the peer does not have");
  }
  std::array<std::uint8_t, 32> value{};
  const Bytes no_context;
  const SECURITY_STATUS status = exported(context, "EXPORTER-Channel-Binding", &no_context, value);
  return status == SEC_E_OK ? bindings("tls-exporter:", value, out) : status;
}

// --- Exporters ---

SECURITY_STATUS keying_material(const Context& context, SecPkgContext_KeyingMaterial& out) {
  const auto& request = context.settings().keying_material;
  if (!request) {
    return refuse(SEC_E_INVALID_PARAMETER,
                  "set SECPKG_ATTR_KEYING_MATERIAL_INFO first: label, context and size (ATTR-49)");
  }
  const Bytes value = request->context;
  void* block = allocate_context_buffer(request->bytes);
  auto* bytes = static_cast<std::uint8_t*>(block);
  const SECURITY_STATUS status =
      exported(context, request->label, request->context.empty() ? nullptr : &value,
               {bytes, request->bytes});
  if (status != SEC_E_OK) {
    free_context_buffer(block);
    return status;
  }
  out = {static_cast<DWORD>(request->bytes), bytes};
  return SEC_E_OK;
}

SECURITY_STATUS session_key(const Context& context, SecPkgContext_SessionKey& out) {
  // ATTR-16: a key of both sides' own. What protects the records does not leave the library.
  constexpr std::size_t kBytes = 32;
  void* block = allocate_context_buffer(kBytes);
  auto* bytes = static_cast<std::uint8_t*>(block);
  const SECURITY_STATUS status =
      exported(context, "EXPERIMENTAL OpenSchannel session key", nullptr, {bytes, kBytes});
  if (status != SEC_E_OK) {
    free_context_buffer(block);
    return status;
  }
  out = {kBytes, bytes};
  return SEC_E_OK;
}

// --- EAP ---

/// How TLS 1.2 and 1.3 name the same purpose: RFC 5216 section 2.3 and RFC 5281 section 8 against
/// RFC 9190 section 2.3 and RFC 9427 section 2.
struct EapPurpose {
  std::string_view label12;
  std::string_view label13;
  std::uint8_t type;  ///< EAP method, the context in TLS 1.3; 0: without a context
};
constexpr EapPurpose kEapPurposes[] = {
    {"client EAP encryption", "EXPORTER_EAP_TLS_Key_Material", 0x0d},
    {"ttls keying material", "EXPORTER_EAP_TLS_Key_Material", 0x15},
    {"ttls challenge", "ttls challenge", 0},
};
static_assert(std::size(kEapPurposes) == kEapPrfCount);

SECURITY_STATUS eap_key_block(const Context& context, SecPkgContext_EapKeyBlock& out) {
  const EapPurpose& purpose = kEapPurposes[context.settings().eap_prf];
  std::memset(&out, 0, sizeof out);
  if (is_tls13(context)) {
    const Bytes type(&purpose.type, 1);
    return exported(context, purpose.label13, purpose.type != 0 ? &type : nullptr, out.rgbKeys);
  }
  const SECURITY_STATUS status = exported(context, purpose.label12, nullptr, out.rgbKeys);
  if (status != SEC_E_OK || context.settings().eap_prf != 0) return status;
  // RFC 5216 section 2.3: the IV comes from the same function with an empty secret, so it is
  // public. RFC 9190 has none any more.
  const tls::Negotiated& negotiated = context.connection().negotiated();
  Buffer seed = to_buffer(negotiated.client_random);
  append(seed, negotiated.server_random);
  crypto::tls12_prf(negotiated.suite->hash, {}, purpose.label12, seed, out.rgbIVs);
  return SEC_E_OK;
}

constexpr auto kDone = Available::when_established;

constexpr AttributeRow kRows[] = {
    row_of<SecPkgContext_SessionKey, session_key>(SECPKG_ATTR_SESSION_KEY, kDone),
    row_of<SecPkgContext_Bindings, unique_bindings>(SECPKG_ATTR_UNIQUE_BINDINGS, kDone),
    row_of<SecPkgContext_Bindings, endpoint_bindings>(SECPKG_ATTR_ENDPOINT_BINDINGS, kDone),
    row_of<SecPkgContext_Bindings, exporter_bindings>(OPENSCHANNEL_ATTR_EXPORTER_BINDINGS, kDone),
    row_of<SecPkgContext_EapKeyBlock, eap_key_block>(SECPKG_ATTR_EAP_KEY_BLOCK, kDone),
    row_of<SecPkgContext_KeyingMaterial, keying_material>(SECPKG_ATTR_KEYING_MATERIAL, kDone),
};

}  // namespace

AttributeRows key_attributes() { return kRows; }

}  // namespace schannel::package
