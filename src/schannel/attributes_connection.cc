#include <openschannel/schannel.h>

#include <cstring>
#include <ctime>
#include <cwchar>
#include <string>

#include "pki/text.h"
#include "schannel/algorithms.h"
#include "schannel/attribute_rows.h"
#include "schannel/context_buffer.h"
#include "schannel/package.h"

// What a connection has agreed on, and what its package is.
namespace schannel::package {
namespace {

// 100 ns units from 1601 to 1970, and in a second.
constexpr std::uint64_t kUnixEpochTicks = 116444736000000000;
constexpr std::uint64_t kTicksPerSecond = 10000000;

TimeStamp now() {
  const std::uint64_t ticks =
      kUnixEpochTicks + static_cast<std::uint64_t>(std::time(nullptr)) * kTicksPerSecond;
  TimeStamp out;
  out.LowPart = static_cast<ULONG>(ticks);
  out.HighPart = static_cast<LONG>(ticks >> 32);
  return out;
}

DWORD protocol_bit(const Context& context) {
  const bool tls13 = context.connection().negotiated().version == tls::ProtocolVersion::tls13;
  if (context.is_server()) return tls13 ? SP_PROT_TLS1_3_SERVER : SP_PROT_TLS1_2_SERVER;
  return tls13 ? SP_PROT_TLS1_3_CLIENT : SP_PROT_TLS1_2_CLIENT;
}

std::string_view cipher_name(const tls::Suite& suite) {
  return suite.aead == crypto::AeadAlgorithm::chacha20_poly1305 ? "CHACHA20_POLY1305" : "AES";
}

SECURITY_STATUS sizes(const Context& context, SecPkgContext_Sizes& out) {
  // ATTR-8: a TLS context signs nothing.
  out = {kMaxTokenBytes, 0, 1,
         context.is_established() ? static_cast<ULONG>(context.connection().header_size() +
                                                       context.connection().trailer_size())
                                  : 30};
  return SEC_E_OK;
}

SECURITY_STATUS stream_sizes(const Context& context, SecPkgContext_StreamSizes& out) {
  // ENC-1; before the end of the handshake the most that any suite needs.
  const bool known = context.is_established();
  out.cbHeader = known ? static_cast<ULONG>(context.connection().header_size()) : 13;
  // A maximum (ENC-2): TLS 1.3 may send a KeyUpdate behind the data (ENC-24).
  const bool tls13 =
      !known || context.connection().negotiated().version == wire::ProtocolVersion::tls13;
  out.cbTrailer = known ? static_cast<ULONG>(context.connection().trailer_size()) : 17;
  if (tls13) out.cbTrailer += static_cast<ULONG>(tls::Connection::kKeyUpdateRecordBytes);
  out.cbMaximumMessage = static_cast<ULONG>(kRecordPlaintextBytesMax);
  out.cBuffers = 4;
  out.cbBlockSize = 1;
  return SEC_E_OK;
}

SECURITY_STATUS lifespan(const Context& context, SecPkgContext_Lifespan& out) {
  out.tsStart = now();
  out.tsExpiry = context.expiry();
  return SEC_E_OK;
}

SECURITY_STATUS flags(const Context& context, SecPkgContext_Flags& out) {
  out.Flags = context.attributes();
  return SEC_E_OK;
}

SECURITY_STATUS application_protocol(const Context& context,
                                     SecPkgContext_ApplicationProtocol& out) {
  // ATTR-41.
  std::memset(&out, 0, sizeof out);
  const Buffer& name = context.connection().negotiated().application_protocol;
  if (name.empty()) return SEC_E_OK;
  out.ProtoNegoStatus = SecApplicationProtocolNegotiationStatus_Success;
  out.ProtoNegoExt = SecApplicationProtocolNegotiationExt_ALPN;
  out.ProtocolIdSize = static_cast<unsigned char>(name.size());
  std::memcpy(out.ProtocolId, name.data(), name.size());
  return SEC_E_OK;
}

SECURITY_STATUS connection_info(const Context& context, SecPkgContext_ConnectionInfo& out) {
  // the nearest ALG_ID, true strengths. An AEAD suite has no MAC.
  const tls::Negotiated& negotiated = context.connection().negotiated();
  out = {};
  out.dwProtocol = protocol_bit(context);
  out.aiCipher = cipher_alg_id(*negotiated.suite);
  out.dwCipherStrength = cipher_bits(*negotiated.suite);
  out.aiHash =
      negotiated.suite->hash == crypto::HashAlgorithm::sha256 ? CALG_SHA_256 : CALG_SHA_384;
  out.dwHashStrength = 0;
  out.aiExch = CALG_ECDH_EPHEM;
  out.dwExchStrength = group_bits(negotiated.group);
  return SEC_E_OK;
}

void put_wide(WCHAR* out, std::size_t capacity, std::string_view ascii) {
  const std::wstring text = pki::to_wide(ascii).substr(0, capacity - 1);
  std::wmemcpy(out, text.c_str(), text.size() + 1);
}

SECURITY_STATUS connection_info_ex(const Context& context, SecPkgContext_ConnectionInfoEx& out) {
  // The names of CIPHER_INFO with the numbers of CONNECTION_INFO.
  const tls::Negotiated& negotiated = context.connection().negotiated();
  std::memset(&out, 0, sizeof out);
  out.dwVersion = SECPKGCONTEXT_CONNECTION_INFO_EX_V1;
  out.dwProtocol = protocol_bit(context);
  put_wide(out.szCipher, SZ_ALG_MAX_SIZE, cipher_name(*negotiated.suite));
  out.dwCipherStrength = cipher_bits(*negotiated.suite);
  put_wide(out.szExchange, SZ_ALG_MAX_SIZE, "ECDH");
  out.dwExchStrength = group_bits(negotiated.group);
  return SEC_E_OK;
}

SECURITY_STATUS cipher_info(const Context& context, SecPkgContext_CipherInfo& out) {
  if (out.dwVersion != SECPKGCONTEXT_CIPHERINFO_V1) return SEC_E_UNSUPPORTED_FUNCTION;
  const tls::Negotiated& negotiated = context.connection().negotiated();
  const tls::Suite& suite = *negotiated.suite;
  const bool chacha = suite.aead == crypto::AeadAlgorithm::chacha20_poly1305;
  std::memset(&out, 0, sizeof out);
  out.dwVersion = SECPKGCONTEXT_CIPHERINFO_V1;
  out.dwProtocol = static_cast<DWORD>(negotiated.version);  // the wire version
  out.dwCipherSuite = out.dwBaseCipherSuite = static_cast<DWORD>(suite.id);
  put_wide(out.szCipherSuite, SZ_ALG_MAX_SIZE, suite.name);
  put_wide(out.szCipher, SZ_ALG_MAX_SIZE, cipher_name(suite));
  out.dwCipherLen = cipher_bits(suite);
  out.dwCipherBlockLen = chacha ? 1 : 16;
  // The AEAD is the MAC: there is no hash of that name, as on Windows.
  put_wide(out.szExchange, SZ_ALG_MAX_SIZE, "ECDH");
  out.dwMinExchangeLen = 0;
  out.dwMaxExchangeLen = 65536;
  const bool rsa = suite.authentication == tls::Authentication::rsa;
  const bool ecdsa = suite.authentication == tls::Authentication::ecdsa;
  put_wide(out.szCertificate, SZ_ALG_MAX_SIZE, rsa ? "RSA" : ecdsa ? "ECDSA" : "");
  out.dwKeyType = static_cast<DWORD>(negotiated.group);
  return SEC_E_OK;
}

SECURITY_STATUS session_info(const Context& context, SecPkgContext_SessionInfo& out) {
  // CACHE-7. TLS 1.3 has no session ids (PROTO-28).
  std::memset(&out, 0, sizeof out);
  const tls::Negotiated& negotiated = context.connection().negotiated();
  if (negotiated.resumed) out.dwFlags = SSL_SESSION_RECONNECT;
  const Buffer& id = negotiated.session_id;
  static_assert(sizeof out.rgbSessionId == kSessionIdBytes);
  out.cbSessionId = static_cast<DWORD>(id.size());
  std::copy(id.begin(), id.end(), out.rgbSessionId);
  return SEC_E_OK;
}

SECURITY_STATUS negotiated_extensions(const Context& context,
                                      SecPkgContext_NegotiatedTlsExtensions& out) {
  // One block holds the array and the bodies behind it.
  const auto& answered = context.connection().negotiated().answered_extensions;
  std::size_t size = answered.size() * sizeof(SCH_EXTENSION_DATA);
  for (const tls::AnsweredExtension& extension : answered) size += extension.body.size();
  out = {static_cast<DWORD>(answered.size()), nullptr};
  if (answered.empty()) return SEC_E_OK;
  void* block = allocate_context_buffer(size);
  out.Extensions = static_cast<SCH_EXTENSION_DATA*>(block);
  void* behind = out.Extensions + answered.size();
  auto* at = static_cast<BYTE*>(behind);
  for (std::size_t i = 0; i < answered.size(); ++i) {
    const Buffer& body = answered[i].body;
    out.Extensions[i] = {answered[i].type, at, static_cast<DWORD>(body.size())};
    at = std::copy(body.begin(), body.end(), at);
  }
  return SEC_E_OK;
}

SECURITY_STATUS supported_signatures(const Context& context,
                                     SecPkgContext_SupportedSignatures& out) {
  // ATTR-37: signature in the high byte and hash in the low one, the other way round than on the
  // wire; the schemes without such a pair are left out. Where a server has asked for a certificate
  // it is the server's list that counts.
  const auto& asked = context.credential_request();
  std::vector<WORD> pairs;
  for (const SignatureScheme scheme :
       asked ? asked->signature_schemes : context.credential().config.signature_schemes) {
    const auto value = static_cast<std::uint16_t>(scheme);
    if (value >= 0x0700) continue;
    pairs.push_back(static_cast<WORD>((value & 0xff) << 8 | value >> 8));
  }
  out.cSignatureAndHashAlgorithms = static_cast<WORD>(pairs.size());
  void* block = allocate_context_buffer(pairs.size() * sizeof(WORD));
  std::memcpy(block, pairs.data(), pairs.size() * sizeof(WORD));
  out.pSignatureAndHashAlgorithms = static_cast<WORD*>(block);
  return SEC_E_OK;
}

SECURITY_STATUS ui_info(const Context& context, SecPkgContext_UiInfo& out) {
  out.hParentWindow = context.settings().window;
  return SEC_E_OK;
}

SECURITY_STATUS app_data(const Context& context, SecPkgContext_SessionAppData& out) {
  const Buffer data = context.settings().app_data->bytes();
  out = {0, static_cast<DWORD>(data.size()), static_cast<PBYTE>(copy_to_context_buffer(data))};
  return SEC_E_OK;
}

// Structures with strings: both widths have the same layout but for the type of the pointers.

SECURITY_STATUS package_info(const Context&, bool wide, void* out) {
  *static_cast<void**>(out) = make_package_info(kPackageNames, 1, wide);
  return SEC_E_OK;
}

SECURITY_STATUS negotiation_info(const Context& context, bool wide, void* out) {
  // ATTR-18: nothing is negotiated between packages; the state is that of the handshake.
  auto& info = *static_cast<SecPkgContext_NegotiationInfoA*>(out);
  info.PackageInfo = static_cast<PSecPkgInfoA>(make_package_info(kPackageNames, 1, wide));
  info.NegotiationState =
      context.is_established() ? SECPKG_NEGOTIATION_COMPLETE : SECPKG_NEGOTIATION_IN_PROGRESS;
  return SEC_E_OK;
}

SECURITY_STATUS protocol_info(const Context& context, bool wide, void* out) {
  auto& info = *static_cast<SecPkgContext_ProtoInfoA*>(out);
  const auto version = static_cast<unsigned>(context.connection().negotiated().version);
  info.sProtocolName = static_cast<char*>(text_to_context_buffer(kPackageNames[0], wide));
  info.majorVersion = version >> 8;
  info.minorVersion = version & 0xff;
  return SEC_E_OK;
}

/// What signed the handshake (ATTR-13).
struct SignatureName {
  std::string_view name;
  ALG_ID id;
};
SignatureName signature_of(SignatureScheme scheme) {
  switch (family_of(scheme)) {
    case SignatureFamily::rsa_pkcs1:
    case SignatureFamily::rsa_pss:
      return {"RSA", CALG_RSA_SIGN};
    case SignatureFamily::ecdsa:
      return {"ECDSA", CALG_ECDSA};
    case SignatureFamily::eddsa:
      break;  // there is no CALG_ value for it
  }
  return {"Ed25519", 0};
}

SECURITY_STATUS key_info(const Context& context, bool wide, void* out) {
  auto& info = *static_cast<SecPkgContext_KeyInfoA*>(out);
  const tls::Negotiated& negotiated = context.connection().negotiated();
  const SignatureName signature = signature_of(negotiated.signature_scheme);
  info.sSignatureAlgorithmName = static_cast<char*>(text_to_context_buffer(signature.name, wide));
  info.sEncryptAlgorithmName =
      static_cast<char*>(text_to_context_buffer(cipher_name(*negotiated.suite), wide));
  info.KeySize = cipher_bits(*negotiated.suite);
  info.SignatureAlgorithm = signature.id;
  info.EncryptAlgorithm = cipher_alg_id(*negotiated.suite);
  return SEC_E_OK;
}

constexpr auto kAny = Available::with_the_context;
constexpr auto kDone = Available::when_established;

constexpr AttributeRow kRows[] = {
    row_of<SecPkgContext_Sizes, sizes>(SECPKG_ATTR_SIZES, kAny),
    row_of<SecPkgContext_Lifespan, lifespan>(SECPKG_ATTR_LIFESPAN, kDone),
    row_of<SecPkgContext_StreamSizes, stream_sizes>(SECPKG_ATTR_STREAM_SIZES, kAny),
    {SECPKG_ATTR_KEY_INFO, sizeof(SecPkgContext_KeyInfoA), kDone, key_info},
    {SECPKG_ATTR_PROTO_INFO, sizeof(SecPkgContext_ProtoInfoA), kDone, protocol_info},
    {SECPKG_ATTR_PACKAGE_INFO, sizeof(SecPkgContext_PackageInfoA), kAny, package_info},
    {SECPKG_ATTR_NEGOTIATION_INFO, sizeof(SecPkgContext_NegotiationInfoA), kAny, negotiation_info},
    row_of<SecPkgContext_Flags, flags>(SECPKG_ATTR_FLAGS, kDone),
    row_of<SecPkgContext_ApplicationProtocol, application_protocol>(
        SECPKG_ATTR_APPLICATION_PROTOCOL, kDone),
    row_of<SecPkgContext_NegotiatedTlsExtensions, negotiated_extensions>(
        SECPKG_ATTR_NEGOTIATED_TLS_EXTENSIONS, kDone),
    row_of<SecPkgContext_ConnectionInfo, connection_info>(SECPKG_ATTR_CONNECTION_INFO, kDone),
    row_of<SecPkgContext_ConnectionInfoEx, connection_info_ex>(SECPKG_ATTR_CONNECTION_INFO_EX,
                                                               kDone),
    row_of<SecPkgContext_CipherInfo, cipher_info>(SECPKG_ATTR_CIPHER_INFO, kDone),
    row_of<SecPkgContext_SessionInfo, session_info>(SECPKG_ATTR_SESSION_INFO, kDone),
    row_of<SecPkgContext_SessionAppData, app_data>(SECPKG_ATTR_APP_DATA, kDone),
    row_of<SecPkgContext_SupportedSignatures, supported_signatures>(
        SECPKG_ATTR_SUPPORTED_SIGNATURES, kAny),
    row_of<SecPkgContext_UiInfo, ui_info>(SECPKG_ATTR_UI_INFO, kAny),
};

}  // namespace

AttributeRows connection_attributes() { return kRows; }

}  // namespace schannel::package
