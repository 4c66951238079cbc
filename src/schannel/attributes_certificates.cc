#include <openschannel/schannel.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "base/error_detail.h"
#include "pki/identity.h"
#include "schannel/attribute_rows.h"
#include "schannel/context_buffer.h"
#include "schannel/peer_verification.h"

// Who the two sides are: certificates, their names, and the names that were asked for.
namespace schannel::package {
namespace {

SECURITY_STATUS certificate_context(const std::vector<Buffer>& chain, void* out,
                                    Bytes ocsp_response = {}) {
  if (chain.empty()) return SEC_E_NO_CREDENTIALS;  // AUTH-24
  const Result<PCCERT_CONTEXT> made = pki::make_chain_context(chain, ocsp_response);
  if (!made) return SEC_E_CERT_UNKNOWN;
  *static_cast<PCCERT_CONTEXT*>(out) = *made;
  return SEC_E_OK;
}

const std::vector<Buffer>& peer_chain(const Context& context) {
  return context.connection().negotiated().peer_chain;
}

SECURITY_STATUS remote_certificate(const Context& context, bool, void* out) {
  // With what the server stapled, for who validates by hand (CERT-21).
  return certificate_context(peer_chain(context), out,
                             context.connection().negotiated().ocsp_response);
}

SECURITY_STATUS local_certificate(const Context& context, bool, void* out) {
  return certificate_context(context.local_chain(), out);
}

SECURITY_STATUS root_store(const Context& context, bool, void* out) {
  // ATTR-30: the roots of hRootStore; those of the system are not this context's to list.
  const std::vector<Buffer>& roots = context.credential().roots;
  return roots.empty() ? SEC_E_UNSUPPORTED_FUNCTION : certificate_context(roots, out);
}

SECURITY_STATUS remote_certificates(const Context& context, SecPkgContext_Certificates& out) {
  // The form of a certificate_list (RFC 5246 section 7.4.2).
  const std::vector<Buffer>& chain = peer_chain(context);
  if (chain.empty()) return SEC_E_NO_CREDENTIALS;
  Buffer list;
  for (const Buffer& certificate : chain) {
    for (const int shift : {16, 8, 0}) {
      list.push_back(static_cast<std::uint8_t>(certificate.size() >> shift));
    }
    append(list, certificate);
  }
  out = {static_cast<DWORD>(chain.size()), static_cast<DWORD>(list.size()),
         static_cast<PBYTE>(copy_to_context_buffer(list))};
  return SEC_E_OK;
}

SECURITY_STATUS remote_chain(const Context& context, bool, void* out) {
  const tls::Negotiated& negotiated = context.connection().negotiated();
  if (negotiated.peer_chain.empty()) return SEC_E_NO_CREDENTIALS;
  const PCCERT_CHAIN_CONTEXT chain =
      chain_of_peer(context.credential(), {negotiated.peer_chain, negotiated.ocsp_response,
                                           negotiated.application_protocol, context.target()});
  if (chain == nullptr) return SEC_E_CERT_UNKNOWN;
  *static_cast<PCCERT_CHAIN_CONTEXT*>(out) = chain;
  return SEC_E_OK;
}

SECURITY_STATUS check_result(const Context& context,
                             SecPkgContext_CertificateValidationResult& out) {
  const std::optional<pki::ChainVerdict> verdict = context.validation();
  if (!verdict) return SEC_E_NO_CREDENTIALS;
  out = {verdict->errors, verdict->policy_error};
  return SEC_E_OK;
}

SECURITY_STATUS issuers(const Context& context, SecPkgContext_IssuerListInfoEx& out) {
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

/// Structures whose only member is a string: both widths have one pointer.
SECURITY_STATUS text(std::string_view utf8, bool wide, void* out) {
  *static_cast<void**>(out) = text_to_context_buffer(utf8, wide);
  return SEC_E_OK;
}

SECURITY_STATUS names(const Context& context, bool wide, void* out) {
  // ATTR-9: to a server the client is the account it was mapped to.
  if (context.account()) return text(context.account()->name, wide, out);
  const std::vector<Buffer>& chain = peer_chain(context);
  if (chain.empty()) return SEC_E_NO_CREDENTIALS;
  return text(pki::subject_text(chain.front()), wide, out);
}

SECURITY_STATUS access_token(const Context& context, SecPkgContext_AccessToken& out) {
  // MAP-9: the context's own, which the caller does not close.
  if (!context.account()) {
    set_error_detail(context.why_no_account());
    return SEC_E_NO_IMPERSONATION;
  }
  out.AccessToken = context.access_token();
  return SEC_E_OK;
}

SECURITY_STATUS authority(const Context& context, bool wide, void* out) {
  const std::vector<Buffer>& chain = peer_chain(context);
  if (chain.empty()) return SEC_E_NO_CREDENTIALS;
  return text(pki::issuer_text(chain.front()), wide, out);
}

const std::string& target_of(const Context& context) {
  return context.is_server() ? context.connection().negotiated().server_name : context.target();
}

SECURITY_STATUS client_specified_target(const Context& context, bool, void* out) {
  return text(target_of(context), /*wide=*/true, out);  // its only form is wide (ATTR-25)
}

SECURITY_STATUS target_information(const Context& context, SecPkgContext_TargetInformation& out) {
  // ATTR-21: the name in UTF-8, without a terminator.
  if (context.is_server()) return SEC_E_UNSUPPORTED_FUNCTION;
  const Bytes name = as_bytes(context.target());
  out = {static_cast<ULONG>(name.size()),
         static_cast<unsigned char*>(copy_to_context_buffer(name))};
  return SEC_E_OK;
}

constexpr auto kAny = Available::with_the_context;
constexpr auto kDone = Available::when_established;

constexpr AttributeRow kRows[] = {
    {SECPKG_ATTR_NAMES, sizeof(SecPkgContext_NamesA), kDone, names},
    {SECPKG_ATTR_AUTHORITY, sizeof(SecPkgContext_AuthorityA), kDone, authority},
    row_of<SecPkgContext_AccessToken, access_token>(SECPKG_ATTR_ACCESS_TOKEN, kDone),
    row_of<SecPkgContext_TargetInformation, target_information>(SECPKG_ATTR_TARGET_INFORMATION,
                                                                kDone),
    {SECPKG_ATTR_CLIENT_SPECIFIED_TARGET, sizeof(SecPkgContext_ClientSpecifiedTarget), kDone,
     client_specified_target},
    {SECPKG_ATTR_REMOTE_CERT_CONTEXT, sizeof(PCCERT_CONTEXT), kDone, remote_certificate},
    {SECPKG_ATTR_LOCAL_CERT_CONTEXT, sizeof(PCCERT_CONTEXT), kDone, local_certificate},
    {SECPKG_ATTR_ROOT_STORE, sizeof(PCCERT_CONTEXT), kAny, root_store},
    {SECPKG_ATTR_REMOTE_CERT_CHAIN, sizeof(PCCERT_CHAIN_CONTEXT), kDone, remote_chain},
    row_of<SecPkgContext_CertificateValidationResult, check_result>(SECPKG_ATTR_CERT_CHECK_RESULT,
                                                                    kDone),
    row_of<SecPkgContext_CertificateValidationResult, check_result>(
        SECPKG_ATTR_CERT_CHECK_RESULT_INPROC, kDone),
    row_of<SecPkgContext_IssuerListInfoEx, issuers>(SECPKG_ATTR_ISSUER_LIST_EX, kAny),
    row_of<SecPkgContext_Certificates, remote_certificates>(SECPKG_ATTR_REMOTE_CERTIFICATES, kDone),
};

}  // namespace

AttributeRows certificate_attributes() { return kRows; }

}  // namespace schannel::package
