#pragma once
#include <openschannel/extensions.h>
#include <openschannel/schannel.h>
#include <openschannel/sspi.h>

#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "pki/mapping.h"
#include "pki/verify.h"
#include "schannel/session_cache.h"
#include "schannel/settings.h"
#include "tls/config.h"

namespace schannel::package {

/// What AcquireCredentialsHandle made of the caller's structure. Immutable; contexts share it, so
/// that it outlives its handle (contract HND-7).
struct Credential {
  tls::Role role{};
  /// Everything of a tls::Config that is the same for every context.
  tls::Config config;
  DWORD flags = 0;  ///< SCH_* and OPENSCHANNEL_CRED_*
  /// Those in force when it was acquired (PROTO-8). Never null.
  std::shared_ptr<const Settings> settings = std::make_shared<const Settings>();
  /// The roots of hRootStore, instead of the system's (extensions.h); empty: the system's.
  std::optional<pki::TrustAnchors> anchors;
  /// The same as DER, and a server's; what SECPKG_ATTR_ROOT_STORE shows (ATTR-30).
  std::vector<Buffer> roots;
  /// Signatures of certificates that are refused, for some application protocols or (without
  /// names) for all (CRED-37).
  struct RefusedSignatures {
    std::vector<Buffer> application_protocols;
    std::vector<pki::RefusedSignature> signatures;
  };
  std::vector<RefusedSignatures> refused_signatures;
  TimeStamp expiry{};
  /// Client: the sessions to resume; null: none are kept (dwSessionLifespan 0xffffffff, or
  /// ClientCacheTime 0).
  std::shared_ptr<ClientSessions> sessions;
  /// Server: the same as config.sessions.
  std::shared_ptr<ServerSessions> server_sessions;
  /// How long a session is good for on this side (CRED-22).
  std::uint32_t session_lifetime_seconds = 0;

  // What QueryCredentialsAttributes reports (contract ATTR-52 to ATTR-54).
  DWORD minimum_strength_bits = 0;
  DWORD maximum_strength_bits = 0;
  DWORD protocols = 0;  ///< SP_PROT_* of the own side

  /// Server: who turns clients into accounts; null: nobody (MAP-2).
  std::shared_ptr<pki::Mapper> mapper;

  bool has(DWORD flag) const { return (flags & flag) != 0; }
  bool requires_client_certificate() const {
    return has(OPENSCHANNEL_CRED_REQUIRE_CLIENT_CERTIFICATE) ||
           settings->require_client_certificate;
  }
  bool validates_manually() const { return has(SCH_CRED_MANUAL_CRED_VALIDATION); }
};

/// A credential, or the status of the failing AcquireCredentialsHandle call (contract section B).
using AcquireResult = std::variant<std::unique_ptr<Credential>, SECURITY_STATUS>;
AcquireResult acquire_credential(ULONG use, const void* auth_data);

/// Has clients mapped by the rules of a file: SEC_E_OK, SEC_E_INVALID_PARAMETER for a client's
/// credential or one with SCH_CRED_NO_SYSTEM_MAPPER, or `unusable` when the file can't be used.
SECURITY_STATUS use_mapping_rules(Credential& credential, const std::string& path,
                                  SECURITY_STATUS unusable);

/// Of the versions that `credential` has enabled, keeps those of `bits` (SP_PROT_* of its side; 0:
/// all) for which a cipher suite is left. SEC_E_ALGORITHM_MISMATCH when that is none, or when
/// groups or signature schemes have run out (PROTO-7).
SECURITY_STATUS enable_protocols(Credential& credential, DWORD bits);

}  // namespace schannel::package
