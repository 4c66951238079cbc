#include "credentials.h"

#include <openschannel/extensions.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <vector>

#include "failure.h"

namespace {

std::vector<char> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("can't read " + path);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// A file that can't be used is the user's business, not TLS's: not a Failure, for the exit code.
[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(Failure(what, static_cast<SECURITY_STATUS>(GetLastError())).what());
}

/// Text of the command line, which is in the locale's encoding.
std::wstring wide(const std::string& text) {
  std::wstring out(text.size() + 1, L'\0');
  const std::size_t size = std::mbstowcs(out.data(), text.c_str(), out.size());
  if (size == static_cast<std::size_t>(-1)) {
    throw std::runtime_error("the password has bytes that are no text in this locale");
  }
  out.resize(size);
  return out;
}

Store load_pfx(const CertificateSource& source) {
  std::vector<char> bytes = read_file(source.pfx_file);
  CRYPT_DATA_BLOB blob{static_cast<DWORD>(bytes.size()), reinterpret_cast<BYTE*>(bytes.data())};
  const std::wstring password = wide(source.password);
  Store store(PFXImportCertStore(&blob, password.c_str(), PKCS12_NO_PERSIST_KEY));
  if (!store) fail("PFXImportCertStore(" + source.pfx_file + ")");
  return store;
}

Store make_self_signed(const std::string& names) {
  PCCERT_CONTEXT certificate =
      OpenSchannelCreateSelfSignedCertificate(names.c_str(), OPENSCHANNEL_KEY_ECDSA_P256, 30);
  if (certificate == nullptr) fail("OpenSchannelCreateSelfSignedCertificate");
  Store store(CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, CERT_STORE_CREATE_NEW_FLAG, nullptr));
  const BOOL added =
      CertAddCertificateContextToStore(store.get(), certificate, CERT_STORE_ADD_ALWAYS, nullptr);
  CertFreeCertificateContext(certificate);
  if (!added) fail("CertAddCertificateContextToStore");
  return store;
}

}  // namespace

Store load_certificate(const CertificateSource& source) {
  if (!source.pfx_file.empty()) return load_pfx(source);
  if (!source.self_signed_names.empty()) return make_self_signed(source.self_signed_names);
  Store store(OpenSchannelImportPemFiles(
      source.certificate_file.c_str(), source.key_file.empty() ? nullptr : source.key_file.c_str(),
      source.password.empty() ? nullptr : source.password.c_str()));
  if (!store) fail("reading " + source.certificate_file);
  return store;
}

Store load_roots(const std::string& file) {
  Store store(OpenSchannelImportPemFiles(file.c_str(), nullptr, nullptr));
  if (!store) fail("reading " + file);
  return store;
}

CredentialHandle::CredentialHandle(const CredentialOptions& options, const Tracer& tracer)
    : side_(options.side), tracer_(&tracer) {
  PCCERT_CONTEXT certificate = nullptr;
  if (options.certificate != nullptr) {
    certificate = CertFindCertificateInStore(options.certificate, X509_ASN_ENCODING, 0,
                                             CERT_FIND_HAS_PRIVATE_KEY, nullptr, nullptr);
    if (certificate == nullptr) throw std::runtime_error("there is no private key in the file");
  }
  TLS_PARAMETERS parameters{};
  if (options.tls == "1.2") {
    parameters.grbitDisabledProtocols = SP_PROT_TLS1_3_CLIENT | SP_PROT_TLS1_3_SERVER;
  } else if (options.tls == "1.3") {
    parameters.grbitDisabledProtocols = SP_PROT_TLS1_2_CLIENT | SP_PROT_TLS1_2_SERVER;
  }
  SCH_CREDENTIALS credentials{};
  credentials.dwVersion = SCH_CREDENTIALS_VERSION;
  credentials.cCreds = certificate == nullptr ? 0 : 1;
  credentials.paCred = certificate == nullptr ? nullptr : &certificate;
  credentials.hRootStore = options.roots;
  credentials.cTlsParameters = 1;
  credentials.pTlsParameters = &parameters;
  if (options.requires_client_certificate) {
    credentials.dwFlags |= OPENSCHANNEL_CRED_REQUIRE_CLIENT_CERTIFICATE;
  }
  if (!options.is_server) {
    credentials.dwFlags = SCH_CRED_NO_DEFAULT_CREDS | SCH_USE_STRONG_CRYPTO;
    if (options.insecure) credentials.dwFlags |= SCH_CRED_MANUAL_CRED_VALIDATION;
  }
  const SECURITY_STATUS status = AcquireCredentialsHandleA(
      nullptr, UNISP_NAME_A, options.is_server ? SECPKG_CRED_INBOUND : SECPKG_CRED_OUTBOUND,
      nullptr, &credentials, nullptr, nullptr, &handle_, nullptr);
  tracer.row({side_, "AcquireCredentialsHandle", status});
  // The library has made its own copy (contract CRED-51).
  CertFreeCertificateContext(certificate);
  if (status != SEC_E_OK) throw Failure("AcquireCredentialsHandle", status);
  if (!options.mapping_rules.empty()) use_mapping_rules(options.mapping_rules);
}

void CredentialHandle::use_mapping_rules(const std::string& file) {
  OPENSCHANNEL_MAPPING_RULES rules{file.c_str()};
  const SECURITY_STATUS status = SetCredentialsAttributesA(
      &handle_, OPENSCHANNEL_CRED_ATTR_MAPPING_RULES, &rules, sizeof rules);
  tracer_->row({side_, "SetCredentialsAttributes", status});
  if (status == SEC_E_OK) return;
  const Failure failure("SetCredentialsAttributes(MAPPING_RULES)", status);
  FreeCredentialsHandle(&handle_);
  throw failure;
}

CredentialHandle::~CredentialHandle() {
  tracer_->row({side_, "FreeCredentialsHandle", FreeCredentialsHandle(&handle_)});
}
