#include <openschannel/extensions.h>
#include <openschannel/winerror.h>

#include <algorithm>
#include <iterator>

#include "base/error_detail.h"
#include "schannel/key_log.h"

// The functions of <openschannel/extensions.h> that are not about certificates.
namespace {

struct Row {
  SECURITY_STATUS status;
  const char* text;
};

#define ROW(name, text) \
  { static_cast<SECURITY_STATUS>(name), #name ": " text }

// Every status that this library returns, and those that its callers meet.
constexpr Row kRows[] = {
    ROW(SEC_E_OK, "success"),
    ROW(SEC_I_CONTINUE_NEEDED, "send the token, if any, and call again with the peer's answer"),
    ROW(SEC_I_INCOMPLETE_CREDENTIALS, "the server asks for a client certificate"),
    ROW(SEC_I_RENEGOTIATE, "a handshake message came; call the loop function again"),
    ROW(SEC_I_NO_RENEGOTIATION, "the peer refused to renegotiate; the connection goes on"),
    ROW(SEC_I_CONTEXT_EXPIRED, "the peer has shut the connection down"),
    ROW(SEC_E_INCOMPLETE_MESSAGE, "part of a record is missing; receive more and call again"),
    ROW(SEC_E_INSUFFICIENT_MEMORY, "out of memory, or an output buffer of size 0"),
    ROW(SEC_E_INVALID_HANDLE, "the handle is not valid, or not ready for this call"),
    ROW(SEC_E_UNSUPPORTED_FUNCTION, "not supported by this package"),
    ROW(SEC_E_TARGET_UNKNOWN, "the target name can't be used"),
    ROW(SEC_E_INTERNAL_ERROR, "an internal error"),
    ROW(SEC_E_SECPKG_NOT_FOUND, "there is no such security package"),
    ROW(SEC_E_NOT_OWNER, "the caller may not use these credentials"),
    ROW(SEC_E_INVALID_TOKEN, "the token is not TLS, or the buffers are not as documented"),
    ROW(SEC_E_QOP_NOT_SUPPORTED, "no such quality of protection"),
    ROW(SEC_E_NO_IMPERSONATION, "the peer is mapped to no account"),
    ROW(SEC_E_LOGON_DENIED, "access was denied, or a required certificate was not given"),
    ROW(SEC_E_UNKNOWN_CREDENTIALS, "the credential data is not recognised"),
    ROW(SEC_E_NO_CREDENTIALS, "there is no usable certificate"),
    ROW(SEC_E_MESSAGE_ALTERED, "a message was altered on its way"),
    ROW(SEC_E_OUT_OF_SEQUENCE, "a message came out of sequence"),
    ROW(SEC_E_NO_AUTHENTICATING_AUTHORITY, "no authority could be reached to authenticate"),
    ROW(SEC_E_CONTEXT_EXPIRED, "the context is shut down, or waits for the loop function"),
    ROW(SEC_E_INCOMPLETE_CREDENTIALS, "the credential is not complete"),
    ROW(SEC_E_BUFFER_TOO_SMALL, "a buffer is too small"),
    ROW(SEC_E_WRONG_PRINCIPAL, "the server's certificate is not for the target name"),
    ROW(SEC_E_UNTRUSTED_ROOT, "the certificate chain does not end in a trusted root"),
    ROW(SEC_E_ILLEGAL_MESSAGE, "a message is unexpected or badly formed"),
    ROW(SEC_E_CERT_UNKNOWN, "the certificate is not valid"),
    ROW(SEC_E_CERT_EXPIRED, "a certificate is expired or not yet valid"),
    ROW(SEC_E_ENCRYPT_FAILURE, "the message could not be encrypted"),
    ROW(SEC_E_DECRYPT_FAILURE, "a message or signature could not be verified"),
    ROW(SEC_E_ALGORITHM_MISMATCH, "the two sides have no algorithm in common"),
    ROW(SEC_E_UNFINISHED_CONTEXT_DELETED, "the peer has cancelled"),
    ROW(SEC_E_CRYPTO_SYSTEM_INVALID, "the negotiated cipher is not supported"),
    ROW(SEC_E_CERT_WRONG_USAGE, "the certificate is not meant for this use"),
    ROW(SEC_E_INVALID_PARAMETER, "a parameter is not valid"),
    ROW(SEC_E_MUTUAL_AUTH_FAILED, "mutual authentication failed"),
    ROW(SEC_E_APPLICATION_PROTOCOL_MISMATCH, "no application protocol (ALPN) in common"),
    ROW(CRYPT_E_REVOKED, "a certificate is revoked"),
    ROW(CRYPT_E_NO_REVOCATION_CHECK, "revocation can't be checked"),
    ROW(CRYPT_E_REVOCATION_OFFLINE, "the revocation server could not be reached"),
    ROW(CRYPT_E_NOT_FOUND, "the object was not found"),
    ROW(CRYPT_E_EXISTS, "the object exists already"),
    ROW(CRYPT_E_BAD_ENCODE, "the encoding is not valid"),
    ROW(CERT_E_EXPIRED, "a certificate is outside its time"),
    ROW(CERT_E_UNTRUSTEDROOT, "the chain ends in a root that is not trusted"),
    ROW(CERT_E_CHAINING, "the chain is not complete"),
    ROW(CERT_E_CN_NO_MATCH, "the certificate is for another name"),
    ROW(CERT_E_WRONG_USAGE, "a certificate is not meant for this use"),
    ROW(CERT_E_INVALID_NAME, "a name is outside what its CA may name"),
    ROW(CERT_E_INVALID_POLICY, "the certificate policies do not fit"),
    ROW(CERT_E_CRITICAL, "a certificate demands what is not known here"),
    ROW(TRUST_E_BASIC_CONSTRAINTS, "a certificate is no CA, or stands too deep"),
    ROW(TRUST_E_CERT_SIGNATURE, "a signature is wrong or weak"),
    ROW(CRYPT_E_NO_KEY_PROPERTY, "the certificate has no private key"),
    ROW(NTE_BAD_PUBLIC_KEY, "the key is not that of the certificate"),
    ROW(E_ACCESSDENIED, "the store can't be changed"),
    ROW(E_INVALIDARG, "an argument is not valid"),
    ROW(ERROR_FILE_NOT_FOUND, "there is no such file or store"),
    ROW(ERROR_ACCESS_DENIED, "access was denied"),
    ROW(ERROR_READ_FAULT, "the file can't be read"),
    ROW(ERROR_FILE_EXISTS, "the store exists already"),
    ROW(ERROR_INVALID_PASSWORD, "the password is wrong or missing"),
};

#undef ROW

}  // namespace

extern "C" {

const char* WINAPI OpenSchannelStatusText(SECURITY_STATUS Status) {
  const auto* row = std::find_if(std::begin(kRows), std::end(kRows),
                                 [&](const Row& r) { return r.status == Status; });
  return row == std::end(kRows) ? "an unknown status" : row->text;
}

const char* WINAPI OpenSchannelErrorDetail(void) { return schannel::error_detail(); }

BOOL WINAPI OpenSchannelSetKeyLogFile(LPCSTR pszPath) {
  try {
    if (schannel::package::set_key_log_file(pszPath)) return TRUE;
    schannel::set_error_detail(std::string("the key log file can't be opened: ") + pszPath);
  } catch (...) {
    schannel::set_error_detail("out of memory");
  }
  return FALSE;
}

const char* WINAPI OpenSchannelVersion(void) { return OPENSCHANNEL_VERSION; }

}  // extern "C"
