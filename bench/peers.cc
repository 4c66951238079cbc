#include "peers.h"

#include <openschannel/extensions.h>
#include <openschannel/wincrypt.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdio>
#include <cstdlib>

namespace {

/// One P-256 key and certificate for libssl's servers, made once.
struct Certificate {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  Certificate() {
    X509_set_version(certificate, 2);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_sign(certificate, key, EVP_sha256());
  }
};

const Certificate& certificate() {
  static const Certificate out;
  return out;
}

/// The same for ours.
PCCERT_CONTEXT our_certificate() {
  static PCCERT_CONTEXT out =
      OpenSchannelCreateSelfSignedCertificate("localhost", OPENSCHANNEL_KEY_ECDSA_P256, 1);
  return out;
}

[[noreturn]] void die(const char* what, SECURITY_STATUS status) {
  std::fprintf(stderr, "%s: 0x%08x %s\n", what, static_cast<unsigned>(status),
               OpenSchannelErrorDetail());
  std::abort();
}

}  // namespace

LibsslContext::LibsslContext(const TlsChoice& choice, bool is_server)
    : context_(SSL_CTX_new(is_server ? TLS_server_method() : TLS_client_method())),
      is_server_(is_server) {
  const int version = choice.tls13 ? TLS1_3_VERSION : TLS1_2_VERSION;
  SSL_CTX_set_min_proto_version(context_, version);
  SSL_CTX_set_max_proto_version(context_, version);
  if (choice.tls13) {
    SSL_CTX_set_ciphersuites(context_, choice.suite);
  } else {
    SSL_CTX_set_cipher_list(context_, choice.suite);
  }
  SSL_CTX_set_num_tickets(context_, 0);
  SSL_CTX_set_options(context_, SSL_OP_NO_TICKET);
  SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_cert_verify_callback(
      context_, [](X509_STORE_CTX*, void*) { return 1; }, nullptr);
  if (is_server) {
    SSL_CTX_use_PrivateKey(context_, certificate().key);
    SSL_CTX_use_certificate(context_, certificate().certificate);
  }
}

LibsslContext::~LibsslContext() { SSL_CTX_free(context_); }

LibsslEnd::LibsslEnd(const LibsslContext& context) : ssl_(SSL_new(context.native())) {
  SSL_set_bio(ssl_, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  context.is_server() ? SSL_set_accept_state(ssl_) : SSL_set_connect_state(ssl_);
}

LibsslEnd::~LibsslEnd() { SSL_free(ssl_); }

std::string LibsslEnd::exchange(const std::string& in) {
  if (!in.empty()) BIO_write(SSL_get_rbio(ssl_), in.data(), static_cast<int>(in.size()));
  SSL_do_handshake(ssl_);
  std::string out(BIO_ctrl_pending(SSL_get_wbio(ssl_)), '\0');
  if (!out.empty()) BIO_read(SSL_get_wbio(ssl_), out.data(), static_cast<int>(out.size()));
  return out;
}

SspiCredential::SspiCredential(bool is_server, bool tls13) : is_server_(is_server) {
  TLS_PARAMETERS parameters{};
  parameters.grbitDisabledProtocols = tls13 ? SP_PROT_TLS1_2_CLIENT | SP_PROT_TLS1_2_SERVER
                                            : SP_PROT_TLS1_3_CLIENT | SP_PROT_TLS1_3_SERVER;
  PCCERT_CONTEXT own = our_certificate();
  SCH_CREDENTIALS credentials{};
  credentials.dwVersion = SCH_CREDENTIALS_VERSION;
  credentials.cTlsParameters = 1;
  credentials.pTlsParameters = &parameters;
  if (is_server) {
    credentials.cCreds = 1;
    credentials.paCred = &own;
  } else {
    // libssl does not verify either: chain building is not what is compared.
    credentials.dwFlags = SCH_CRED_MANUAL_CRED_VALIDATION | SCH_CRED_NO_DEFAULT_CREDS;
  }
  const SECURITY_STATUS status = AcquireCredentialsHandleA(
      nullptr, UNISP_NAME_A, is_server ? SECPKG_CRED_INBOUND : SECPKG_CRED_OUTBOUND, nullptr,
      &credentials, nullptr, nullptr, &handle_, nullptr);
  if (status != SEC_E_OK) die("AcquireCredentialsHandle", status);
}

SspiCredential::~SspiCredential() { FreeCredentialsHandle(&handle_); }

SspiEnd::~SspiEnd() {
  if (has_context_) DeleteSecurityContext(&context_);
}

std::string SspiEnd::exchange(const std::string& in) {
  pending_ += in;
  const bool is_server = credential_.is_server();
  if (finished_ || (pending_.empty() && (is_server || has_context_))) return {};
  SecBuffer in_buffers[] = {{static_cast<ULONG>(pending_.size()), SECBUFFER_TOKEN, pending_.data()},
                            {0, SECBUFFER_EMPTY, nullptr}};
  SecBufferDesc in_desc{SECBUFFER_VERSION, 2, in_buffers};
  SecBuffer token{0, SECBUFFER_TOKEN, nullptr};
  SecBufferDesc out_desc{SECBUFFER_VERSION, 1, &token};
  ULONG attributes = 0;
  PCtxtHandle context = has_context_ ? &context_ : nullptr;
  const SECURITY_STATUS status =
      is_server ? AcceptSecurityContext(credential_.handle(), context, &in_desc,
                                        ASC_REQ_ALLOCATE_MEMORY | ASC_REQ_STREAM, 0, &context_,
                                        &out_desc, &attributes, nullptr)
                : InitializeSecurityContextA(credential_.handle(), context, "localhost",
                                             ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_STREAM, 0, 0,
                                             context == nullptr ? nullptr : &in_desc, 0, &context_,
                                             &out_desc, &attributes, nullptr);
  if (status == SEC_E_INCOMPLETE_MESSAGE) return {};
  if (status < 0) die(is_server ? "AcceptSecurityContext" : "InitializeSecurityContext", status);
  has_context_ = true;
  finished_ = status == SEC_E_OK;
  const std::size_t extra =
      in_buffers[1].BufferType == SECBUFFER_EXTRA ? in_buffers[1].cbBuffer : 0;
  pending_.erase(0, pending_.size() - extra);
  std::string out(static_cast<const char*>(token.pvBuffer), token.cbBuffer);
  FreeContextBuffer(token.pvBuffer);
  return out;
}
