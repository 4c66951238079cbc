#pragma once
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/signature.h"
#include "pki/verify.h"
#include "pki/wincrypt.h"

namespace schannel::pki {

/// What one side proves who it is with: a chain to send and the key of its first certificate.
struct Identity {
  std::vector<Buffer> chain;  ///< DER, leaf first; the root only when asked for (AUTH-19).
  crypto::PrivateKey key;
  FILETIME not_after;  ///< Of the leaf, UTC.
  /// What a server compares with SNI: server_names_of the leaf.
  std::vector<std::string> names = {};
  /// CERT_OCSP_RESPONSE_PROP_ID of the context: the staple, DER; empty: none.
  Buffer ocsp_response = {};
};

/// True when `context` is a certificate context that this library made and that is still alive.
/// Any pointer value may be asked about; nothing is read through it before it is known.
bool is_live(PCCERT_CONTEXT context);
/// The same for a store handle.
bool is_live_store(HCERTSTORE store);

/// The identity in a certificate context, with the intermediates found in its store. The identity
/// keeps nothing of the context alive (CRED-51). Cause::no_usable_certificate when it has no
/// accessible private key. `context` must be live.
Result<Identity> identity_of(PCCERT_CONTEXT context, bool include_root);

/// The certificates of the user's store MY that may prove who a client is: with a key, at this
/// time, by key usage and extended key usage (AUTH-13). Those that are good for longest come first.
std::vector<Identity> client_identities(bool include_root);

/// True when one of `names` (DER) issued a certificate of `chain` (DER).
bool is_issued_by_any(const std::vector<Buffer>& chain, const std::vector<Buffer>& names);

/// The DER certificates in a store, in store order. `store` must be live.
std::vector<Buffer> certificates_of(HCERTSTORE store);

/// A certificate context for chain[0] whose hCertStore lists the leaf first, sharing its
/// pbCertEncoded, and then the rest in the order given. The caller owns the one reference
/// (CertFreeCertificateContext / release). Cause::certificate_malformed when a certificate does
/// not parse.
/// `ocsp_response`, if any, becomes the leaf's CERT_OCSP_RESPONSE_PROP_ID.
Result<PCCERT_CONTEXT> make_chain_context(const std::vector<Buffer>& chain,
                                          Bytes ocsp_response = {});

/// The chain of certificates that a peer has sent (DER, leaf first) as an object of the caller's:
/// with these roots (none: the system's), for that usage and revocation. Null when the leaf does
/// not parse.
PCCERT_CHAIN_CONTEXT make_chain(const std::vector<Buffer>& sent, const std::vector<Buffer>& roots,
                                const VerifyOptions& options);

/// CertDuplicateCertificateContext and CertFreeCertificateContext for our own layers.
PCCERT_CONTEXT add_reference(PCCERT_CONTEXT context);
void release(PCCERT_CONTEXT context);

/// The leaf's NotAfter as a UTC FILETIME; the maximum time when it does not parse.
FILETIME not_after_of(Bytes certificate_der);
/// One-line RFC 4514-like texts for NAMES and AUTHORITY attributes; empty when it does not parse.
std::string subject_text(Bytes certificate_der);
std::string issuer_text(Bytes certificate_der);

}  // namespace schannel::pki
