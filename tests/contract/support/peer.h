#pragma once
#include <gtest/gtest.h>
#include <openschannel/extensions.h>
#include <openschannel/schannel.h>
#include <openschannel/security.h>
#include <openschannel/wincrypt.h>

#include <cstring>
#include <optional>
#include <string>
#include <vector>

// A client and a server in memory, driven through the public functions as a Windows program would:
// one call of the loop at a time, with every buffer in sight of the test.
namespace contract {

using Bytes = std::vector<unsigned char>;

constexpr ULONG kClientFlags = ISC_REQ_SEQUENCE_DETECT | ISC_REQ_REPLAY_DETECT |
                               ISC_REQ_CONFIDENTIALITY | ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_STREAM;
constexpr ULONG kServerFlags = ASC_REQ_SEQUENCE_DETECT | ASC_REQ_REPLAY_DETECT |
                               ASC_REQ_CONFIDENTIALITY | ASC_REQ_ALLOCATE_MEMORY | ASC_REQ_STREAM;
constexpr CtxtHandle kInvalidHandle = {~ULONG_PTR{0}, ~ULONG_PTR{0}};

enum class Tls { v12, v13 };

/// A certificate with its key for "localhost" and 127.0.0.1, made once per process.
PCCERT_CONTEXT server_certificate();
/// A store that holds it, to be trusted.
HCERTSTORE roots();

/// A credential handle of its own; `change` may alter the structure before it is acquired.
class Credential {
 public:
  template <class Change>
  Credential(ULONG use, Tls version, Change change) {
    TLS_PARAMETERS parameters{};
    parameters.grbitDisabledProtocols = version == Tls::v13
                                            ? SP_PROT_TLS1_2_CLIENT | SP_PROT_TLS1_2_SERVER
                                            : SP_PROT_TLS1_3_CLIENT | SP_PROT_TLS1_3_SERVER;
    PCCERT_CONTEXT own = server_certificate();
    SCH_CREDENTIALS data{};
    data.dwVersion = SCH_CREDENTIALS_VERSION;
    data.cTlsParameters = 1;
    data.pTlsParameters = &parameters;
    if (use == SECPKG_CRED_INBOUND) {
      data.cCreds = 1;
      data.paCred = &own;
    } else {
      data.hRootStore = roots();
    }
    change(data);
    status = AcquireCredentialsHandleA(nullptr, UNISP_NAME_A, use, nullptr, &data, nullptr, nullptr,
                                       &handle, &expiry);
  }
  Credential(ULONG use, Tls version) : Credential(use, version, [](SCH_CREDENTIALS&) {}) {}
  Credential(const Credential&) = delete;
  Credential& operator=(const Credential&) = delete;
  ~Credential() {
    if (status == SEC_E_OK) FreeCredentialsHandle(&handle);
  }

  CredHandle handle{};
  TimeStamp expiry{};
  SECURITY_STATUS status;
};

/// What a call of the loop returned.
struct Leg {
  SECURITY_STATUS status = SEC_E_INTERNAL_ERROR;
  Bytes token;
  ULONG attributes = 0xdeadbeef;
  SecBuffer in[2]{};  ///< TOKEN and the EMPTY buffer, as they came back
  ULONG extra() const { return in[1].BufferType == SECBUFFER_EXTRA ? in[1].cbBuffer : 0; }
  ULONG missing() const { return in[1].BufferType == SECBUFFER_MISSING ? in[1].cbBuffer : 0; }
};

/// One side: a context and the bytes that wait for it.
class Side {
 public:
  Side(bool is_server, CredHandle* credential) : is_server_(is_server), credential_(credential) {}
  Side(const Side&) = delete;
  Side& operator=(const Side&) = delete;
  ~Side() {
    if (has_context) DeleteSecurityContext(&context);
  }

  /// One call with exactly `input` (nothing at all on a client's first call).
  Leg call(const Bytes& input);
  /// Appends `more` to what waits and calls until this side has used what it can.
  SECURITY_STATUS feed(const Bytes& more, Bytes& out);

  SECURITY_STATUS encrypt(const std::string& text, Bytes& record);
  /// Opens the record at the front of `record`; the plaintext, or nothing with the status.
  std::optional<std::string> decrypt(Bytes& record, SECURITY_STATUS* status = nullptr);

  ULONG flags = 0;  ///< 0: the defaults
  std::string target = "localhost";
  bool has_context = false;
  CtxtHandle context = kInvalidHandle;
  CredHandle* later_credential = nullptr;  ///< Instead of the first call's, once there is a context
  Bytes pending;
  Bytes alpn;  ///< SEC_APPLICATION_PROTOCOLS for the first call
  SECURITY_STATUS last = SEC_I_CONTINUE_NEEDED;
  ULONG attributes = 0;
  std::vector<SECURITY_STATUS> statuses;

 private:
  bool is_server_;
  CredHandle* credential_;
};

/// A pair with its credentials.
struct Pair {
  explicit Pair(Tls version)
      : client_credential(SECPKG_CRED_OUTBOUND, version),
        server_credential(SECPKG_CRED_INBOUND, version),
        client(false, &client_credential.handle),
        server(true, &server_credential.handle) {
    EXPECT_EQ(client_credential.status, SEC_E_OK) << OpenSchannelErrorDetail();
    EXPECT_EQ(server_credential.status, SEC_E_OK) << OpenSchannelErrorDetail();
  }
  /// Runs the handshake, at most `piece` bytes at a time (0: as they come).
  bool connect(std::size_t piece = 0);
  Credential client_credential;
  Credential server_credential;
  Side client;
  Side server;
};

/// SEC_APPLICATION_PROTOCOLS for ALPN names.
Bytes application_protocols(const std::vector<std::string>& names);

inline std::string name_of(const testing::TestParamInfo<Tls>& test) {
  return test.param == Tls::v13 ? "tls13" : "tls12";
}

/// ApplyControlToken with a structure.
template <class T>
SECURITY_STATUS apply(CtxtHandle* context, T token) {
  SecBuffer buffer{sizeof token, SECBUFFER_TOKEN, &token};
  SecBufferDesc desc{SECBUFFER_VERSION, 1, &buffer};
  return ApplyControlToken(context, &desc);
}

}  // namespace contract
