#pragma once
#include <openschannel/sspi.h>

#include <memory>
#include <optional>
#include <string>

#include "schannel/buffers.h"
#include "schannel/credential.h"
#include "schannel/token.h"
#include "tls/connection.h"

namespace schannel::package {

/// The arguments of one InitializeSecurityContext or AcceptSecurityContext call that concern an
/// existing context.
struct HandshakeCall {
  ULONG requested = 0;  ///< ISC_REQ_* or ASC_REQ_*, as the role says
  Buffers input{nullptr};
  Buffers output{nullptr};
  /// The credential of this call; null: that of the first call.
  std::shared_ptr<const Credential> credential;
  ULONG* attributes = nullptr;
  TimeStamp* expiry = nullptr;
};

/// Most bytes of SECPKG_ATTR_APP_DATA that a context keeps.
inline constexpr std::size_t kAppDataBytesMax = 0x10000;
/// What an HkdfLabel has room for behind "tls13 ", and what HKDF-Expand makes with the shortest
/// hash of ours (RFC 8446 section 7.1, RFC 5869 section 2.3).
inline constexpr std::size_t kExporterLabelBytesMax = 249;
inline constexpr std::size_t kExporterBytesMax = 255 * 32;
/// SecPkgContext_EapPrfInfo knows these ids, from 0 (ATTR-46).
inline constexpr DWORD kEapPrfCount = 3;

/// What SetContextAttributes has left (contract K.4).
struct ContextSettings {
  struct KeyingMaterial {
    std::string label;
    Buffer context;  ///< Empty: none.
    std::size_t bytes;
  };
  std::optional<KeyingMaterial> keying_material;
  DWORD eap_prf = 0;
  HWND window = nullptr;
  /// SECPKG_ATTR_APP_DATA. Shared with the session, and with other connections on it (CACHE-13).
  std::shared_ptr<tls::ApplicationData> app_data = std::make_shared<tls::ApplicationData>();
};

/// A security context: one TLS connection with SSPI's meaning on top. The three groups of functions
/// are guarded by the gates of the handle table: handshake calls hold all of them, encrypt() the
/// write gate, decrypt() the read gate, queries the control gate.
class Context {
 public:
  /// `target` is UTF-8; empty: none. Reads the option buffers of the first call.
  Context(std::shared_ptr<const Credential> credential, std::string target);

  /// The option buffers (contract ISC-31): SEC_E_OK, or what is wrong with them. Before the first
  /// handshake call; a server may still be told afterwards, until the ClientHello has come.
  SECURITY_STATUS take_options(const Buffers& input);

  /// One leg of the loop (contract sections C, D, I, J).
  SECURITY_STATUS handshake(const HandshakeCall& call);

  SECURITY_STATUS apply_control_token(const Buffers& input);

  SECURITY_STATUS encrypt(ULONG qop, SecBufferDesc* message);
  SECURITY_STATUS decrypt(SecBufferDesc* message);
  /// After decrypt(), same gate: it has met messages that are absorbed (extensions.h), so absorb()
  /// must come before anything else is decrypted.
  bool absorb_is_due() const { return absorb_is_due_; }
  /// Holds all gates. SEC_E_OK or the failure.
  SECURITY_STATUS absorb();

  // --- To another process (context_image.cc) ---
  /// SEC_E_OK when the context can be exported now, else what is in the way.
  SECURITY_STATUS movable() const;
  /// The bytes of a movable context, with its keys: wipe them.
  Buffer image() const;
  /// Null for what image() has not made.
  static std::unique_ptr<Context> of_image(Bytes image);
  /// Its image is on its way: the context only answers queries from now on.
  void retire() { connection_->retire(); }

  // --- For the attributes ---
  const Credential& credential() const { return *credential_; }
  const tls::Connection& connection() const { return *connection_; }
  bool is_server() const { return role_ == tls::Role::server; }
  bool is_established() const { return connection_->is_established(); }
  const std::string& target() const { return target_; }
  ULONG attributes() const;
  const std::optional<tls::AskCredential>& credential_request() const { return asked_; }
  TimeStamp expiry() const;
  /// The chain that this side has proved, leaf first; empty: none.
  const std::vector<Buffer>& local_chain() const;
  /// Of the peer's chain: what was found in the handshake, or else what is to be said now without
  /// asking the network. Nothing when the peer has shown none. Once established.
  std::optional<pki::ChainVerdict> validation() const;
  /// Server, once established: whom the client was mapped to; null: to nobody, and why.
  const SharedAccount& account() const { return mapping_.account; }
  const std::string& why_no_account() const { return mapping_.why; }
  HANDLE access_token() const { return mapping_.token.handle(); }  ///< Null: none.
  const ContextSettings& settings() const { return settings_; }
  ContextSettings& settings() { return settings_; }

 private:
  /// What a leg has come to, before it is delivered.
  struct Leg {
    SECURITY_STATUS status = SEC_E_OK;
    Buffer token;
    std::size_t consumed = 0;
    std::size_t missing = 0;
    /// For the ALERT buffer: level and description of what the token holds (ALERT-30).
    std::optional<std::array<std::uint8_t, 2>> alert = std::nullopt;
  };
  Leg run(Bytes input, const HandshakeCall& call);
  Leg run_handshake(Bytes input, const HandshakeCall& call);
  Leg run_closing();
  Leg start_again(const HandshakeCall& call);
  Result<void> send_start(bool asks_for_certificate, Buffer& token);
  void adapt(tls::Config& config) const;
  /// False: the credential of the call can't be used on this connection.
  bool reconfigure(const HandshakeCall& call);
  Leg failed(const Error& error, Buffer token);
  void judge_peer(Buffer& token);
  void map_peer();
  /// Of an imported context: the account of that name here and now; "": it was mapped to nobody.
  void take_account(const std::string& name);
  /// False: the caller must be asked first (SEC_I_INCOMPLETE_CREDENTIALS).
  bool choose_credential(const HandshakeCall& call, Buffer& token);
  /// Null: none that fits.
  std::shared_ptr<const tls::Identity> search_certificate(const Credential& credential) const;
  SECURITY_STATUS deliver(Leg leg, Bytes input, const HandshakeCall& call);
  void report(const Leg& leg, Bytes input, const HandshakeCall& call);
  std::size_t replayed(Bytes input);
  /// Whether the server is judged by its caller and not by us (AUTH-4).
  bool is_manual() const;
  /// Null when this context has nothing to do with a client's sessions (ISC-4).
  ClientSessions* client_sessions() const;
  ClientSessions::Key session_key() const { return {session_target(target_), is_manual()}; }
  // context_sessions.cc:
  /// Sessions that have come meanwhile go into the credential's cache.
  void keep_sessions();
  /// CACHE-13: a resumed session has brought what its connections keep.
  void adopt_app_data();
  /// CACHE-11: the connection has failed, so it leaves none. From any half.
  void forget_sessions();
  SECURITY_STATUS apply_session_token(DWORD flags);

  std::shared_ptr<const Credential> credential_;
  tls::Role role_;
  std::string target_;
  tls::Config config_;  ///< Until the connection is made, with the first leg.
  std::unique_ptr<tls::Connection> connection_;
  ULONG requested_ = 0;  ///< All requests so far: those of the first call stay in force (R-10).
  ContextSettings settings_;
  bool judged_ = false;                          ///< We have verified the peer ourselves.
  std::optional<pki::ChainVerdict> validation_;  ///< What we found when we did.
  /// What the caller has said last (SHUT-10). False on a server: sessions under an id are not found
  /// again (CACHE-8).
  bool keeps_sessions_ = true;
  /// Client: the certificate that it has shown, or may show later, is not settled by the credential
  /// it began with. No session is kept then, whatever the caller says (CACHE-2).
  bool shows_another_identity_ = false;
  /// Client: the TLS 1.2 session that this connection has left, for a caller that turns it off and
  /// on again.
  std::shared_ptr<const tls::Session> own_session_;
  std::string verdict_detail_;          ///< Why we have not.
  std::vector<Buffer> imported_chain_;  ///< local_chain() of an imported context.

  /// What came of the certificate that the client has proved (contract section G).
  struct Mapping {
    bool is_on = false;         ///< Somebody maps clients here.
    std::vector<Buffer> chain;  ///< Of whom that is said.
    std::shared_ptr<pki::Mapper> by;
    SharedAccount account;
    OwnToken token;
    std::string why = "nobody maps client certificates to accounts here";
  };
  Mapping mapping_;

  /// Produced but not delivered, because the caller's buffer was too small (contract ISC-20).
  std::optional<Leg> undelivered_;
  /// What SEC_I_INCOMPLETE_CREDENTIALS had consumed: the caller may send it again (AUTH-17).
  Buffer replay_;
  std::optional<tls::AskCredential> asked_;
  bool was_asked_ = false;

  struct ControlAlert {
    wire::AlertLevel level;
    Alert alert;
  };
  std::optional<ControlAlert> control_alert_;
  bool starts_again_ = false;  ///< SCHANNEL_RENEGOTIATE was applied (REN-15).
  bool absorb_is_due_ = false;
  std::atomic<bool> write_closed_ = false;
  bool read_closed_ = false;  ///< The peer's close_notify has been reported.
};

}  // namespace schannel::package
