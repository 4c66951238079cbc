#include "schannel/attributes.h"

#include <openschannel/schannel.h>

#include <algorithm>
#include <cstring>
#include <ctime>
#include <cwchar>
#include <string>

#include "pki/identity.h"
#include "pki/text.h"
#include "schannel/algorithms.h"
#include "schannel/context_buffer.h"
#include "schannel/package.h"

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

SECURITY_STATUS fill(const Context& context, SecPkgContext_Sizes& out) {
  // ATTR-8: a TLS context signs nothing.
  out = {kMaxTokenBytes, 0, 1,
         context.is_established() ? static_cast<ULONG>(context.connection().header_size() +
                                                       context.connection().trailer_size())
                                  : 30};
  return SEC_E_OK;
}

SECURITY_STATUS fill(const Context& context, SecPkgContext_StreamSizes& out) {
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

SECURITY_STATUS fill(const Context& context, SecPkgContext_Lifespan& out) {
  out.tsStart = now();
  out.tsExpiry = context.expiry();
  return SEC_E_OK;
}

SECURITY_STATUS fill(const Context& context, SecPkgContext_Flags& out) {
  out.Flags = context.attributes();
  return SEC_E_OK;
}

SECURITY_STATUS fill(const Context& context, SecPkgContext_ApplicationProtocol& out) {
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

SECURITY_STATUS fill(const Context& context, SecPkgContext_ConnectionInfo& out) {
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

SECURITY_STATUS fill(const Context& context, SecPkgContext_CipherInfo& out) {
  if (out.dwVersion != SECPKGCONTEXT_CIPHERINFO_V1) return SEC_E_UNSUPPORTED_FUNCTION;
  const tls::Negotiated& negotiated = context.connection().negotiated();
  const tls::Suite& suite = *negotiated.suite;
  const bool chacha = suite.aead == crypto::AeadAlgorithm::chacha20_poly1305;
  std::memset(&out, 0, sizeof out);
  out.dwVersion = SECPKGCONTEXT_CIPHERINFO_V1;
  out.dwProtocol = static_cast<DWORD>(negotiated.version);  // the wire version
  out.dwCipherSuite = out.dwBaseCipherSuite = static_cast<DWORD>(suite.id);
  put_wide(out.szCipherSuite, SZ_ALG_MAX_SIZE, suite.name);
  put_wide(out.szCipher, SZ_ALG_MAX_SIZE, chacha ? "CHACHA20_POLY1305" : "AES");
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

SECURITY_STATUS fill(const Context& context, SecPkgContext_SessionInfo& out) {
  // CACHE-7. TLS 1.3 has no session ids (PROTO-28).
  std::memset(&out, 0, sizeof out);
  if (context.connection().negotiated().resumed) out.dwFlags = SSL_SESSION_RECONNECT;
  return SEC_E_OK;
}

SECURITY_STATUS fill_certificate(const std::vector<Buffer>& chain, void* out) {
  if (chain.empty()) return SEC_E_NO_CREDENTIALS;  // AUTH-24
  const Result<PCCERT_CONTEXT> made = pki::make_chain_context(chain);
  if (!made) return SEC_E_CERT_UNKNOWN;
  *static_cast<PCCERT_CONTEXT*>(out) = *made;
  return SEC_E_OK;
}

SECURITY_STATUS fill_issuers(const Context& context, SecPkgContext_IssuerListInfoEx& out) {
  // ATTR-31: one block holds the array and the names behind it.
  if (!context.credential_request()) return SEC_E_UNSUPPORTED_FUNCTION;
  const std::vector<Buffer>& names = context.credential_request()->certificate_authorities;
  std::size_t size = names.size() * sizeof(CERT_NAME_BLOB);
  for (const Buffer& name : names) size += name.size();
  out = {nullptr, static_cast<DWORD>(names.size())};
  if (names.empty()) return SEC_E_OK;
  void* block = allocate_context_buffer(size);
  out.aIssuers = static_cast<CERT_NAME_BLOB*>(block);
  void* behind = out.aIssuers + names.size();
  auto* at = static_cast<BYTE*>(behind);
  for (std::size_t i = 0; i < names.size(); ++i) {
    out.aIssuers[i] = {static_cast<DWORD>(names[i].size()), at};
    at = std::copy(names[i].begin(), names[i].end(), at);
  }
  return SEC_E_OK;
}

SECURITY_STATUS fill_signatures(const Context& context, SecPkgContext_SupportedSignatures& out) {
  // ATTR-37: signature in the high byte and hash in the low one, the other way round than on the
  // wire; the schemes without such a pair are left out.
  std::vector<WORD> pairs;
  for (const SignatureScheme scheme : context.credential().config.signature_schemes) {
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

/// Structures whose only member is a string: both widths have one pointer.
SECURITY_STATUS fill_text(std::string_view text, bool wide, void* out) {
  *static_cast<void**>(out) = text_to_context_buffer(text, wide);
  return SEC_E_OK;
}

SECURITY_STATUS fill_peer_text(const Context& context, std::string (*text_of)(Bytes), bool wide,
                               void* out) {
  const std::vector<Buffer>& chain = context.connection().negotiated().peer_chain;
  if (chain.empty()) return SEC_E_NO_CREDENTIALS;
  return fill_text(text_of(chain.front()), wide, out);
}

SECURITY_STATUS fill_protocol(const Context& context, bool wide, void* out) {
  // Both widths have the same layout but for the type of the pointer.
  auto& info = *static_cast<SecPkgContext_ProtoInfoA*>(out);
  const auto version = static_cast<unsigned>(context.connection().negotiated().version);
  info.sProtocolName = static_cast<char*>(text_to_context_buffer(kPackageNames[0], wide));
  info.majorVersion = version >> 8;
  info.minorVersion = version & 0xff;
  return SEC_E_OK;
}

SECURITY_STATUS fill_key_info(const Context& context, bool wide, void* out) {
  auto& info = *static_cast<SecPkgContext_KeyInfoA*>(out);
  const tls::Suite& suite = *context.connection().negotiated().suite;
  const bool chacha = suite.aead == crypto::AeadAlgorithm::chacha20_poly1305;
  info.sSignatureAlgorithmName = static_cast<char*>(text_to_context_buffer("", wide));
  info.sEncryptAlgorithmName =
      static_cast<char*>(text_to_context_buffer(chacha ? "CHACHA20_POLY1305" : "AES", wide));
  info.KeySize = cipher_bits(suite);
  info.SignatureAlgorithm = 0;
  info.EncryptAlgorithm = cipher_alg_id(suite);
  return SEC_E_OK;
}

struct Row {
  ULONG attribute;
  std::size_t size;
  bool needs_established;
};

constexpr Row kRows[] = {
    {SECPKG_ATTR_SIZES, sizeof(SecPkgContext_Sizes), false},
    {SECPKG_ATTR_NAMES, sizeof(SecPkgContext_NamesA), true},
    {SECPKG_ATTR_LIFESPAN, sizeof(SecPkgContext_Lifespan), true},
    {SECPKG_ATTR_STREAM_SIZES, sizeof(SecPkgContext_StreamSizes), false},
    {SECPKG_ATTR_KEY_INFO, sizeof(SecPkgContext_KeyInfoA), true},
    {SECPKG_ATTR_AUTHORITY, sizeof(SecPkgContext_AuthorityA), true},
    {SECPKG_ATTR_PROTO_INFO, sizeof(SecPkgContext_ProtoInfoA), true},
    {SECPKG_ATTR_PACKAGE_INFO, sizeof(SecPkgContext_PackageInfoA), false},
    {SECPKG_ATTR_FLAGS, sizeof(SecPkgContext_Flags), true},
    {SECPKG_ATTR_CLIENT_SPECIFIED_TARGET, sizeof(SecPkgContext_ClientSpecifiedTarget), true},
    {SECPKG_ATTR_APPLICATION_PROTOCOL, sizeof(SecPkgContext_ApplicationProtocol), true},
    {SECPKG_ATTR_REMOTE_CERT_CONTEXT, sizeof(PCCERT_CONTEXT), true},
    {SECPKG_ATTR_LOCAL_CERT_CONTEXT, sizeof(PCCERT_CONTEXT), true},
    {SECPKG_ATTR_ISSUER_LIST_EX, sizeof(SecPkgContext_IssuerListInfoEx), false},
    {SECPKG_ATTR_CONNECTION_INFO, sizeof(SecPkgContext_ConnectionInfo), true},
    {SECPKG_ATTR_SESSION_INFO, sizeof(SecPkgContext_SessionInfo), true},
    {SECPKG_ATTR_CIPHER_INFO, sizeof(SecPkgContext_CipherInfo), true},
    {SECPKG_ATTR_SUPPORTED_SIGNATURES, sizeof(SecPkgContext_SupportedSignatures), false},
};

const Row* find_row(ULONG attribute) {
  const auto* row = std::find_if(std::begin(kRows), std::end(kRows),
                                 [&](const Row& r) { return r.attribute == attribute; });
  return row == std::end(kRows) ? nullptr : row;
}

template <class T>
SECURITY_STATUS fill_as(const Context& context, void* out) {
  return fill(context, *static_cast<T*>(out));
}

}  // namespace

std::size_t context_attribute_bytes(ULONG attribute, bool) {
  const Row* row = find_row(attribute);
  return row == nullptr ? 0 : row->size;
}

SECURITY_STATUS query_context(const Context& context, ULONG attribute, bool wide, void* out) {
  const Row* row = find_row(attribute);
  if (row == nullptr) return SEC_E_UNSUPPORTED_FUNCTION;
  if (row->needs_established && !context.is_established()) return SEC_E_INVALID_HANDLE;
  switch (attribute) {
    case SECPKG_ATTR_SIZES:
      return fill_as<SecPkgContext_Sizes>(context, out);
    case SECPKG_ATTR_NAMES:
      return fill_peer_text(context, pki::subject_text, wide, out);
    case SECPKG_ATTR_LIFESPAN:
      return fill_as<SecPkgContext_Lifespan>(context, out);
    case SECPKG_ATTR_STREAM_SIZES:
      return fill_as<SecPkgContext_StreamSizes>(context, out);
    case SECPKG_ATTR_KEY_INFO:
      return fill_key_info(context, wide, out);
    case SECPKG_ATTR_AUTHORITY:
      return fill_peer_text(context, pki::issuer_text, wide, out);
    case SECPKG_ATTR_PROTO_INFO:
      return fill_protocol(context, wide, out);
    case SECPKG_ATTR_PACKAGE_INFO:
      *static_cast<void**>(out) = make_package_info(kPackageNames, 1, wide);
      return SEC_E_OK;
    case SECPKG_ATTR_FLAGS:
      return fill_as<SecPkgContext_Flags>(context, out);
    case SECPKG_ATTR_CLIENT_SPECIFIED_TARGET:
      // Its only form is wide (ATTR-25).
      return fill_text(
          context.is_server() ? context.connection().negotiated().server_name : context.target(),
          /*wide=*/true, out);
    case SECPKG_ATTR_APPLICATION_PROTOCOL:
      return fill_as<SecPkgContext_ApplicationProtocol>(context, out);
    case SECPKG_ATTR_REMOTE_CERT_CONTEXT:
      return fill_certificate(context.connection().negotiated().peer_chain, out);
    case SECPKG_ATTR_LOCAL_CERT_CONTEXT: {
      const auto& identity = context.connection().negotiated().local_identity;
      return fill_certificate(identity ? identity->chain : std::vector<Buffer>(), out);
    }
    case SECPKG_ATTR_ISSUER_LIST_EX:
      return fill_issuers(context, *static_cast<SecPkgContext_IssuerListInfoEx*>(out));
    case SECPKG_ATTR_CONNECTION_INFO:
      return fill_as<SecPkgContext_ConnectionInfo>(context, out);
    case SECPKG_ATTR_SESSION_INFO:
      return fill_as<SecPkgContext_SessionInfo>(context, out);
    case SECPKG_ATTR_CIPHER_INFO:
      return fill_as<SecPkgContext_CipherInfo>(context, out);
    case SECPKG_ATTR_SUPPORTED_SIGNATURES:
      return fill_signatures(context, *static_cast<SecPkgContext_SupportedSignatures*>(out));
    default:
      return SEC_E_UNSUPPORTED_FUNCTION;
  }
}

std::size_t credential_attribute_bytes(ULONG attribute) {
  switch (attribute) {
    case SECPKG_CRED_ATTR_NAMES:
      return sizeof(void*);
    case SECPKG_ATTR_SUPPORTED_ALGS:
      return sizeof(SecPkgCred_SupportedAlgs);
    case SECPKG_ATTR_CIPHER_STRENGTHS:
      return sizeof(SecPkgCred_CipherStrengths);
    case SECPKG_ATTR_SUPPORTED_PROTOCOLS:
      return sizeof(SecPkgCred_SupportedProtocols);
    default:
      return 0;
  }
}

SECURITY_STATUS query_credential(const Credential& credential, ULONG attribute, void* out) {
  switch (attribute) {
    case SECPKG_CRED_ATTR_NAMES:
      return SEC_E_NO_CREDENTIALS;  // a TLS credential names no user
    case SECPKG_ATTR_SUPPORTED_ALGS: {
      static constexpr ALG_ID kAlgorithms[] = {CALG_AES_128, CALG_AES_256, CALG_SHA_256,
                                               CALG_SHA_384, CALG_SHA_512, CALG_ECDH_EPHEM,
                                               CALG_ECDSA,   CALG_RSA_SIGN};
      auto& algorithms = *static_cast<SecPkgCred_SupportedAlgs*>(out);
      void* block = allocate_context_buffer(sizeof kAlgorithms);
      std::memcpy(block, kAlgorithms, sizeof kAlgorithms);
      algorithms = {static_cast<DWORD>(std::size(kAlgorithms)), static_cast<ALG_ID*>(block)};
      return SEC_E_OK;
    }
    case SECPKG_ATTR_CIPHER_STRENGTHS: {
      auto& strengths = *static_cast<SecPkgCred_CipherStrengths*>(out);
      strengths = {credential.minimum_strength_bits, credential.maximum_strength_bits};
      // ATTR-53: without bounds of the caller's, those of the suites we have.
      if (strengths.dwMinimumCipherStrength == 0) strengths.dwMinimumCipherStrength = 128;
      if (strengths.dwMaximumCipherStrength == 0) strengths.dwMaximumCipherStrength = 256;
      return SEC_E_OK;
    }
    case SECPKG_ATTR_SUPPORTED_PROTOCOLS:
      *static_cast<SecPkgCred_SupportedProtocols*>(out) = {credential.protocols};
      return SEC_E_OK;
    default:
      return SEC_E_UNSUPPORTED_FUNCTION;
  }
}

}  // namespace schannel::package
