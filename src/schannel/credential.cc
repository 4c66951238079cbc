#include "schannel/credential.h"

#include <algorithm>
#include <string>

#include "base/error_detail.h"
#include "pki/authority_names.h"
#include "pki/identity.h"
#include "pki/staple.h"
#include "schannel/algorithms.h"
#include "schannel/ticket_key_file.h"

namespace schannel::package {
namespace {

/// The two structures, brought to one form.
struct Request {
  DWORD certificate_count = 0;
  PCCERT_CONTEXT* certificates = nullptr;
  HCERTSTORE root_store = nullptr;
  DWORD flags = 0;
  DWORD format = 0;
  bool allows_tls13 = true;
  DWORD enabled_protocols = 0;  ///< 0: all
  DWORD disabled_protocols = 0;
  DWORD minimum_strength_bits = 0;
  DWORD maximum_strength_bits = 0;
  DWORD session_lifespan_ms = 0;  ///< 0: the default
  DWORD algorithm_count = 0;
  const ALG_ID* algorithms = nullptr;
  DWORD parameter_count = 0;
  const TLS_PARAMETERS* parameters = nullptr;
};

SECURITY_STATUS refuse(SECURITY_STATUS status, std::string why) {
  set_error_detail(std::move(why));
  return status;
}

SECURITY_STATUS read(const SCHANNEL_CRED& from, Request& out) {
  out.certificate_count = from.cCreds;
  out.certificates = from.paCred;
  out.root_store = from.hRootStore;
  out.flags = from.dwFlags;
  out.format = from.dwCredFormat;
  out.enabled_protocols = from.grbitEnabledProtocols;
  out.minimum_strength_bits = from.dwMinimumCipherStrength;
  out.maximum_strength_bits = from.dwMaximumCipherStrength;
  out.algorithm_count = from.palgSupportedAlgs == nullptr ? 0 : from.cSupportedAlgs;
  out.algorithms = from.palgSupportedAlgs;
  out.session_lifespan_ms = from.dwSessionLifespan;
  // deployed callers of this structure set the TLS 1.3 bit and can't handle tickets.
  out.allows_tls13 = (from.dwFlags & OPENSCHANNEL_CRED_TLS13_WITH_SCHANNEL_CRED) != 0;
  if (out.algorithm_count > SCH_CRED_MAX_SUPPORTED_ALGS) {
    return refuse(SEC_E_INVALID_PARAMETER, "cSupportedAlgs is above the limit (CRED-15)");
  }
  // CRED-21: -1 asks for suites without encryption, which this library does not have.
  if (out.minimum_strength_bits == 0xffffffff || out.maximum_strength_bits == 0xffffffff) {
    return refuse(SEC_E_ALGORITHM_MISMATCH, "cipher suites without encryption do not exist here");
  }
  // CRED-18.
  constexpr DWORD kSsl2 = SP_PROT_SSL2_CLIENT | SP_PROT_SSL2_SERVER;
  constexpr DWORD kTls12 = SP_PROT_TLS1_2_CLIENT | SP_PROT_TLS1_2_SERVER;
  if ((from.grbitEnabledProtocols & kSsl2) != 0 && (from.grbitEnabledProtocols & kTls12) != 0) {
    return refuse(SEC_E_INVALID_PARAMETER, "SSL 2.0 and TLS 1.2 exclude each other (CRED-18)");
  }
  return SEC_E_OK;
}

SECURITY_STATUS read(const SCH_CREDENTIALS& from, Request& out) {
  out.certificate_count = from.cCreds;
  out.certificates = from.paCred;
  out.root_store = from.hRootStore;
  out.flags = from.dwFlags;
  out.format = from.dwCredFormat;
  out.parameter_count = from.pTlsParameters == nullptr ? 0 : from.cTlsParameters;
  out.parameters = from.pTlsParameters;
  out.session_lifespan_ms = from.dwSessionLifespan;
  if (from.cTlsParameters > SCH_CRED_MAX_SUPPORTED_PARAMETERS) {
    return refuse(SEC_E_INVALID_PARAMETER, "cTlsParameters is above the limit (CRED-28)");
  }
  return SEC_E_OK;
}

SECURITY_STATUS check_flags(const Request& request) {
  constexpr DWORD kRevocation = SCH_CRED_REVOCATION_CHECK_END_CERT |
                                SCH_CRED_REVOCATION_CHECK_CHAIN |
                                SCH_CRED_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT;
  const DWORD revocation = request.flags & kRevocation;
  if ((revocation & (revocation - 1)) != 0) {
    return refuse(SEC_E_INVALID_PARAMETER,
                  "the REVOCATION_CHECK flags exclude each other (CRED-43)");
  }
  if ((request.flags & (SCH_USE_PRESHAREDKEY_ONLY | SCH_USE_DTLS_ONLY)) != 0) {
    return refuse(SEC_E_UNSUPPORTED_FUNCTION, "pre-shared keys and DTLS are not built");
  }
  if (request.format != SCH_CRED_FORMAT_CERT_CONTEXT) {
    // CRED-23: the other formats are for kernel callers.
    return refuse(SEC_E_UNKNOWN_CREDENTIALS, "dwCredFormat must be SCH_CRED_FORMAT_CERT_CONTEXT");
  }
  return SEC_E_OK;
}

SECURITY_STATUS take_certificates(const Request& request, Credential& out) {
  if (request.certificate_count > SCH_CRED_MAX_SUPPORTED_CERTS) {
    return refuse(SEC_E_INVALID_PARAMETER, "cCreds is above the limit (CRED-12)");
  }
  if (request.certificate_count != 0 && request.certificates == nullptr) {
    return refuse(SEC_E_UNKNOWN_CREDENTIALS, "paCred is NULL although cCreds is not 0");
  }
  for (DWORD i = 0; i < request.certificate_count; ++i) {
    if (!pki::is_live(request.certificates[i])) {
      return refuse(SEC_E_UNKNOWN_CREDENTIALS, "paCred holds what is not a certificate context");
    }
  }
  for (DWORD i = 0; i < request.certificate_count; ++i) {
    Result<pki::Identity> identity =
        pki::identity_of(request.certificates[i], (request.flags & SCH_SEND_ROOT_CERT) != 0);
    if (!identity) {
      return refuse(SEC_E_NO_CREDENTIALS, "a certificate in paCred has no usable private key");
    }
    if (i == 0) {
      out.expiry.LowPart = identity->not_after.dwLowDateTime;
      out.expiry.HighPart = static_cast<LONG>(identity->not_after.dwHighDateTime);
    }
    if (!identity->ocsp_response.empty() &&
        !pki::is_ocsp_response_about(identity->ocsp_response, identity->chain.front())) {
      return refuse(SEC_E_INVALID_PARAMETER,
                    "CERT_OCSP_RESPONSE_PROP_ID is no OCSP response about its certificate");
    }
    out.config.identities.push_back(std::make_shared<const tls::Identity>(
        tls::Identity{.chain = std::move(identity->chain),
                      .key = std::move(identity->key),
                      .names = std::move(identity->names),
                      .ocsp_response = std::move(identity->ocsp_response)}));
  }
  if (out.role == tls::Role::server && out.config.identities.empty()) {
    return refuse(SEC_E_NO_CREDENTIALS, "a server credential needs a certificate (CRED-7)");
  }
  return SEC_E_OK;
}

SECURITY_STATUS take_root_store(const Request& request, Credential& out) {
  if (request.root_store == nullptr) return SEC_E_OK;
  if (!pki::is_live_store(request.root_store)) {
    return refuse(SEC_E_UNKNOWN_CREDENTIALS, "hRootStore is not an open store");
  }
  out.roots = pki::certificates_of(request.root_store);
  if (out.role == tls::Role::server) return SEC_E_OK;
  Result<pki::TrustAnchors> anchors = pki::TrustAnchors::of(out.roots);
  if (!anchors) return refuse(SEC_E_UNKNOWN_CREDENTIALS, "hRootStore holds what does not parse");
  out.anchors = std::move(*anchors);
  return SEC_E_OK;
}

/// AUTH-22: a server names the authorities only where the administrator has asked for it.
SECURITY_STATUS take_authority_names(Credential& out) {
  if (out.role != tls::Role::server || !out.settings->send_trusted_issuer_list) return SEC_E_OK;
  if (!out.roots.empty()) {
    out.config.certificate_authorities = pki::authority_names(out.roots);
  } else if (out.settings->client_trust == ClientTrust::machine) {
    const Result<pki::TrustAnchors> system = pki::TrustAnchors::system();
    if (!system) return refuse(SEC_E_INTERNAL_ERROR, "the system's roots can't be loaded");
    out.config.certificate_authorities = pki::authority_names(*system);
  }
  return SEC_E_OK;
}

/// CRED-22, CACHE-3: how long a session of this credential may live; 0: none is kept. Callers turn
/// resumption off with 0xffffffff, the longest life there is; what the administrator has set is the
/// default and the most.
DWORD session_lifespan_ms(const Request& request, const Credential& credential) {
  constexpr DWORD kDefaultMilliseconds = 36'000'000;
  constexpr DWORD kOff = 0xffffffff;
  const Settings& settings = *credential.settings;
  const bool server = credential.role == tls::Role::server;
  if (request.session_lifespan_ms == kOff) return 0;
  if (server && settings.server_session_count_max == 0) return 0;  // CACHE-4
  const auto& system = server ? settings.server_cache_ms : settings.client_cache_ms;
  if (request.session_lifespan_ms == 0) return system.value_or(kDefaultMilliseconds);
  return std::min(request.session_lifespan_ms, system.value_or(request.session_lifespan_ms));
}

/// CACHE-10: the number as memory has it, least significant byte first.
std::array<std::uint8_t, 4> session_id_mark(std::uint32_t machine_id) {
  return {static_cast<std::uint8_t>(machine_id), static_cast<std::uint8_t>(machine_id >> 8),
          static_cast<std::uint8_t>(machine_id >> 16), static_cast<std::uint8_t>(machine_id >> 24)};
}

SECURITY_STATUS take_sessions(const Request& request, Credential& out) {
  const DWORD lifespan = session_lifespan_ms(request, out);
  if (lifespan == 0) return SEC_E_OK;
  const Settings& settings = *out.settings;
  out.session_lifetime_seconds = std::max<DWORD>(lifespan / 1000, 1);
  if (out.role == tls::Role::client) {
    out.sessions = std::make_shared<ClientSessions>();
    return SEC_E_OK;
  }
  out.server_sessions = std::make_shared<ServerSessions>(
      std::min(out.session_lifetime_seconds, kSessionLifetimeSecondsMax),
      settings.server_session_count_max);
  if (!settings.ticket_key_file.empty()) {
    TicketKeyFile file = read_ticket_key_file(settings.ticket_key_file);
    if (auto* why = std::get_if<std::string>(&file)) {
      return refuse(SEC_E_INTERNAL_ERROR, "TicketKeyFile can't be used: " + *why);
    }
    out.server_sessions = std::make_shared<ServerSessions>(
        *out.server_sessions, std::get<std::vector<TicketKey>>(std::move(file)));
  }
  out.config.sessions = out.server_sessions;
  if (settings.machine_id) out.config.session_id_mark = session_id_mark(*settings.machine_id);
  return SEC_E_OK;
}

/// The versions that the administrator and the caller's structure leave (CRED-16, CRED-17,
/// CRED-34, PROTO-4).
SECURITY_STATUS take_protocols(const Request& request, Credential& out) {
  const bool server = out.role == tls::Role::server;
  const DWORD tls12 = server ? SP_PROT_TLS1_2_SERVER : SP_PROT_TLS1_2_CLIENT;
  const DWORD tls13 = server ? SP_PROT_TLS1_3_SERVER : SP_PROT_TLS1_3_CLIENT;
  const ProtocolSettings& system = out.settings->protocols(out.role);
  DWORD enabled = request.enabled_protocols;
  if (enabled == 0) enabled = (tls12 | tls13) & ~system.disabled_by_default;
  enabled &= ~(system.disabled | request.disabled_protocols);
  out.config.enable_tls12 = (enabled & tls12) != 0;
  out.config.enable_tls13 = (enabled & tls13) != 0 && request.allows_tls13;
  return enable_protocols(out, 0);
}

/// CRED-33: the application protocols that an entry is about, of which none is empty.
bool read_application_protocols(const TLS_PARAMETERS& parameters, std::vector<Buffer>& out) {
  if (parameters.cAlpnIds == 0) return true;
  if (parameters.rgstrAlpnIds == nullptr) return false;
  for (DWORD i = 0; i < parameters.cAlpnIds; ++i) {
    out.push_back(to_buffer(as_bytes(text_of(parameters.rgstrAlpnIds[i]))));
    if (out.back().empty()) return false;
  }
  return true;
}

SECURITY_STATUS check_limits(const TLS_PARAMETERS& parameters, tls::Role role) {
  if (parameters.cDisabledCrypto > SCH_CRED_MAX_SUPPORTED_CRYPTO_SETTINGS ||
      parameters.cAlpnIds > SCH_CRED_MAX_SUPPORTED_ALPN_IDS) {
    return refuse(SEC_E_INVALID_PARAMETER, "TLS_PARAMETERS exceeds a limit (CRED-33, CRED-35)");
  }
  if (role == tls::Role::client && parameters.dwFlags != 0) {
    return refuse(SEC_E_INVALID_PARAMETER, "TLS_PARAMETERS.dwFlags is for servers (CRED-36)");
  }
  return SEC_E_OK;
}

/// Takes away what the entry disables; what it says about certificates goes to `signatures`.
SECURITY_STATUS disable(const TLS_PARAMETERS& parameters, tls::Algorithms& algorithms,
                        std::vector<pki::RefusedSignature>& signatures) {
  const DWORD count = parameters.pDisabledCrypto == nullptr ? 0 : parameters.cDisabledCrypto;
  for (DWORD i = 0; i < count; ++i) {
    const CRYPTO_SETTINGS& settings = parameters.pDisabledCrypto[i];
    if (settings.cChainingModes > SCH_CRED_MAX_SUPPORTED_CHAINING_MODES) {
      return refuse(SEC_E_INVALID_PARAMETER, "cChainingModes is above the limit (CRED-39)");
    }
    if (!disable_algorithm(settings, algorithms)) {
      return refuse(SEC_E_INVALID_PARAMETER, "eAlgorithmUsage is none that exists (CRED-37)");
    }
    if (settings.eAlgorithmUsage != TlsParametersCngAlgUsageCertSig) continue;
    if (auto refused = refused_signature(settings)) signatures.push_back(std::move(*refused));
  }
  return SEC_E_OK;
}

SECURITY_STATUS apply(const TLS_PARAMETERS& parameters, Request& request, Credential& out) {
  if (const SECURITY_STATUS status = check_limits(parameters, out.role); status != SEC_E_OK) {
    return status;
  }
  std::vector<Buffer> protocols;
  if (!read_application_protocols(parameters, protocols)) {
    return refuse(SEC_E_INVALID_PARAMETER, "rgstrAlpnIds holds an empty name (CRED-33)");
  }
  const bool is_optional = (parameters.dwFlags & TLS_PARAMS_OPTIONAL) != 0;
  Credential::RefusedSignatures refused{protocols, {}};
  SECURITY_STATUS status = SEC_E_OK;
  if (protocols.empty() && !is_optional) {
    request.disabled_protocols |= parameters.grbitDisabledProtocols;
    status = disable(parameters, out.config, refused.signatures);
  } else {
    tls::Restriction restriction{protocols, is_optional, {}};
    tls::Algorithms& allowed = restriction.allowed;
    set_default_algorithms(allowed);
    const bool server = out.role == tls::Role::server;
    const DWORD disabled = parameters.grbitDisabledProtocols;
    allowed.enable_tls12 =
        (disabled & (server ? SP_PROT_TLS1_2_SERVER : SP_PROT_TLS1_2_CLIENT)) == 0;
    allowed.enable_tls13 =
        (disabled & (server ? SP_PROT_TLS1_3_SERVER : SP_PROT_TLS1_3_CLIENT)) == 0;
    status = disable(parameters, allowed, refused.signatures);
    out.config.restrictions.push_back(std::move(restriction));
  }
  if (status == SEC_E_OK && !refused.signatures.empty()) {
    out.refused_signatures.push_back(std::move(refused));
  }
  return status;
}

/// RFC 8446 section 4.2.3: where handshakes and certificates may not be signed alike, two lists.
void offer_certificate_signatures(Credential& out) {
  tls::Algorithms all;
  set_default_algorithms(all);
  for (const Credential::RefusedSignatures& refused : out.refused_signatures) {
    if (!refused.application_protocols.empty()) continue;
    all.signature_schemes = without(all.signature_schemes, refused.signatures);
  }
  if (all.signature_schemes != out.config.signature_schemes) {
    out.config.certificate_signature_schemes = std::move(all.signature_schemes);
  }
}

SECURITY_STATUS apply_parameters(Request& request, Credential& out) {
  DWORD general = 0;
  for (DWORD i = 0; i < request.parameter_count; ++i) {
    const TLS_PARAMETERS& parameters = request.parameters[i];
    if (parameters.cAlpnIds == 0 && parameters.rgstrAlpnIds == nullptr && ++general > 1) {
      return refuse(SEC_E_INVALID_PARAMETER,
                    "only one TLS_PARAMETERS entry may be without ALPN ids (CRED-30)");
    }
    if (const SECURITY_STATUS status = apply(parameters, request, out); status != SEC_E_OK) {
      return status;
    }
  }
  offer_certificate_signatures(out);
  return SEC_E_OK;
}

/// MAP-2: what the administrator has set up, unless the caller turns it off.
SECURITY_STATUS take_mapping_rules(Credential& out) {
  const std::string& path = out.settings->mapping_rules_file;
  const bool wanted = out.role == tls::Role::server && !out.has(SCH_CRED_NO_SYSTEM_MAPPER);
  return wanted && !path.empty() ? use_mapping_rules(out, path, SEC_E_INTERNAL_ERROR) : SEC_E_OK;
}

}  // namespace

SECURITY_STATUS use_mapping_rules(Credential& credential, const std::string& path,
                                  SECURITY_STATUS unusable) {
  if (credential.role != tls::Role::server || credential.has(SCH_CRED_NO_SYSTEM_MAPPER)) {
    return refuse(SEC_E_INVALID_PARAMETER,
                  "clients are mapped by servers without SCH_CRED_NO_SYSTEM_MAPPER only");
  }
  pki::Mapper::Loaded loaded = pki::Mapper::of_file(path);
  if (auto* why = std::get_if<std::string>(&loaded)) {
    return refuse(unusable, "the mapping rules can't be used: " + *why);
  }
  credential.mapper = std::move(std::get<std::shared_ptr<pki::Mapper>>(loaded));
  return SEC_E_OK;
}

SECURITY_STATUS enable_protocols(Credential& credential, DWORD bits) {
  const bool server = credential.role == tls::Role::server;
  const DWORD tls12 = server ? SP_PROT_TLS1_2_SERVER : SP_PROT_TLS1_2_CLIENT;
  const DWORD tls13 = server ? SP_PROT_TLS1_3_SERVER : SP_PROT_TLS1_3_CLIENT;
  tls::Config& config = credential.config;
  // A version without a cipher suite can't be offered.
  const auto stays = [&](bool enabled, DWORD bit, tls::ProtocolVersion version) {
    return enabled && (bits == 0 || (bits & bit) != 0) &&
           std::any_of(config.cipher_suites.begin(), config.cipher_suites.end(), [&](auto id) {
             return tls::find_suite(static_cast<std::uint16_t>(id))->version == version;
           });
  };
  config.enable_tls12 = stays(config.enable_tls12, tls12, tls::ProtocolVersion::tls12);
  config.enable_tls13 = stays(config.enable_tls13, tls13, tls::ProtocolVersion::tls13);
  credential.protocols = (config.enable_tls12 ? tls12 : 0) | (config.enable_tls13 ? tls13 : 0);
  if (credential.protocols == 0 || config.groups.empty() || config.signature_schemes.empty()) {
    return refuse(SEC_E_ALGORITHM_MISMATCH,
                  "no protocol version, cipher suite, group or signature scheme is left (PROTO-7)");
  }
  return SEC_E_OK;
}

AcquireResult acquire_credential(ULONG use, const void* auth_data) {
  auto credential = std::make_unique<Credential>();
  // R-5; anything that is no direction at all is a caller's mistake of another kind.
  if (use == SECPKG_CRED_BOTH) {
    return refuse(SEC_E_UNSUPPORTED_FUNCTION, "a credential is for one direction only (HND-4)");
  }
  if (use != SECPKG_CRED_INBOUND && use != SECPKG_CRED_OUTBOUND) {
    return refuse(SEC_E_NO_CREDENTIALS, "fCredentialUse is neither INBOUND nor OUTBOUND");
  }
  credential->role = use == SECPKG_CRED_INBOUND ? tls::Role::server : tls::Role::client;
  credential->config.role = credential->role;
  credential->expiry.LowPart = 0xffffffff;
  credential->expiry.HighPart = 0x7fffffff;
  set_default_algorithms(credential->config);
  std::string why;
  credential->settings = current_settings(why);
  if (!credential->settings) {
    return refuse(SEC_E_INTERNAL_ERROR, "the settings can't be used: " + why);
  }

  Request request;
  SECURITY_STATUS status = SEC_E_OK;
  if (auth_data != nullptr) {
    DWORD version = 0;
    std::memcpy(&version, auth_data, sizeof version);
    if (version == SCHANNEL_CRED_VERSION) {
      status = read(*static_cast<const SCHANNEL_CRED*>(auth_data), request);
    } else if (version == SCH_CREDENTIALS_VERSION) {
      status = read(*static_cast<const SCH_CREDENTIALS*>(auth_data), request);
    } else {
      status = refuse(SEC_E_UNKNOWN_CREDENTIALS, "pAuthData has an unknown dwVersion (CRED-9)");
    }
  }
  credential->flags = request.flags;
  // CRED-46: of two opposite flags the one that is not the default wins.
  credential->minimum_strength_bits = request.minimum_strength_bits;
  credential->maximum_strength_bits = request.maximum_strength_bits;
  if (status == SEC_E_OK) status = check_flags(request);
  if (status == SEC_E_OK) status = take_certificates(request, *credential);
  if (status == SEC_E_OK) status = take_root_store(request, *credential);
  if (status == SEC_E_OK) status = take_authority_names(*credential);
  if (status == SEC_E_OK) status = take_mapping_rules(*credential);
  if (status == SEC_E_OK) status = apply_parameters(request, *credential);
  if (status == SEC_E_OK) {
    restrict_strength(request.minimum_strength_bits, request.maximum_strength_bits,
                      credential->config);
    restrict_to(request.algorithms, request.algorithm_count, credential->config);
    status = take_protocols(request, *credential);
  }
  if (status == SEC_E_OK) status = take_sessions(request, *credential);
  if (status != SEC_E_OK) return status;
  return credential;
}

}  // namespace schannel::package
