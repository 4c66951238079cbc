#include <openschannel/extensions.h>
#include <openschannel/schannel.h>
#include <openschannel/sspi.h>
#include <openschannel/wincrypt.h>

#include <algorithm>
#include <cwchar>

#include "endpoint.h"
#include "sspi_credential.h"

namespace schannel::conformance {
namespace {

constexpr ULONG kFlags = ISC_REQ_SEQUENCE_DETECT | ISC_REQ_REPLAY_DETECT | ISC_REQ_CONFIDENTIALITY |
                         ISC_REQ_STREAM | ISC_REQ_ALLOCATE_MEMORY;
constexpr ULONG kClientFlags = kFlags | ISC_REQ_EXTENDED_ERROR | ISC_REQ_MANUAL_CRED_VALIDATION;
constexpr ULONG kServerFlags = kFlags | ASC_REQ_EXTENDED_ERROR;

/// A name for the session cache that is never sent: addresses are not (RFC 6066 section 3).
constexpr char kUnsentTarget[] = "127.0.0.1";

void drop_front(Buffer& buffer, std::size_t size) {
  buffer.erase(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(size));
}

class SspiEndpoint : public Endpoint {
 public:
  SspiEndpoint(CredHandle credential, const Settings& settings)
      : credential_(credential), settings_(settings) {
    if (!settings.server) {
      set_protocols(settings.advertise_alpn);
    } else if (settings.reject_alpn) {
      set_protocols(
          std::string("\x08"
                      "rejected"));
    } else if (!settings.select_alpn.empty()) {
      set_protocols(static_cast<char>(settings.select_alpn.size()) + settings.select_alpn);
    }
  }
  ~SspiEndpoint() override {
    if (has_context_) DeleteSecurityContext(&context_);
  }

  Event handshake(Buffer& input, Buffer& output) override {
    for (;;) {
      const SECURITY_STATUS status = step(input, output);
      switch (status) {
        case SEC_E_OK:
          return Event::complete;
        case SEC_I_CONTINUE_NEEDED:
          if (input.empty()) return Event::wants_input;
          break;
        case SEC_E_INCOMPLETE_MESSAGE:
          return Event::wants_input;
        case SEC_I_INCOMPLETE_CREDENTIALS:
          remember_authorities();
          break;  // asked again, the library goes on with what it has
        default:
          return Event::failed;
      }
      if (status == SEC_I_CONTINUE_NEEDED && used_ == 0) return Event::wants_input;
    }
  }

  Event receive(Buffer& input, Buffer& output, Buffer& data) override {
    if (input.empty()) return Event::wants_input;
    SecBuffer buffers[4] = {{static_cast<ULONG>(input.size()), SECBUFFER_DATA, input.data()},
                            {0, SECBUFFER_EMPTY, nullptr},
                            {0, SECBUFFER_EMPTY, nullptr},
                            {0, SECBUFFER_EMPTY, nullptr}};
    SecBufferDesc desc{SECBUFFER_VERSION, 4, buffers};
    const SECURITY_STATUS status = DecryptMessage(&context_, &desc, 0, nullptr);
    if (status == SEC_E_INCOMPLETE_MESSAGE) return Event::wants_input;
    if (status < 0) {
      failure_ = OpenSchannelErrorDetail();
      Buffer nothing;  // the loop function has the alert
      static_cast<void>(step(nothing, output));
      return Event::failed;
    }
    std::size_t extra = 0;
    for (const SecBuffer& buffer : buffers) {
      if (buffer.BufferType == SECBUFFER_DATA) {
        append(data, Bytes(static_cast<const std::uint8_t*>(buffer.pvBuffer), buffer.cbBuffer));
      }
      if (buffer.BufferType == SECBUFFER_EXTRA) extra = buffer.cbBuffer;
    }
    drop_front(input, input.size() - extra);
    if (status == SEC_I_CONTEXT_EXPIRED) return Event::closed;
    if (status != SEC_I_RENEGOTIATE) return Event::data;
    // A message behind the handshake goes to the loop function, with all that stands behind it.
    const Event event = handshake(input, output);
    return event == Event::complete ? Event::data : event;
  }

  bool send(Bytes data, Buffer& output) override {
    SecPkgContext_StreamSizes sizes{};
    if (!check(QueryContextAttributesA(&context_, SECPKG_ATTR_STREAM_SIZES, &sizes))) return false;
    do {
      const Bytes piece = data.first(std::min<std::size_t>(data.size(), sizes.cbMaximumMessage));
      Buffer record(sizes.cbHeader + piece.size() + sizes.cbTrailer);
      std::uint8_t* content = record.data() + sizes.cbHeader;
      std::copy(piece.begin(), piece.end(), content);
      SecBuffer buffers[3] = {{sizes.cbHeader, SECBUFFER_STREAM_HEADER, record.data()},
                              {static_cast<ULONG>(piece.size()), SECBUFFER_DATA, content},
                              {sizes.cbTrailer, SECBUFFER_STREAM_TRAILER, content + piece.size()}};
      SecBufferDesc desc{SECBUFFER_VERSION, 3, buffers};
      if (!check(EncryptMessage(&context_, 0, &desc, 0))) return false;
      for (const SecBuffer& buffer : buffers) {
        append(output, Bytes(static_cast<const std::uint8_t*>(buffer.pvBuffer), buffer.cbBuffer));
      }
      data = data.subspan(piece.size());
    } while (!data.empty());
    return true;
  }

  bool close(Buffer& output) override {
    DWORD token = SCHANNEL_SHUTDOWN;
    return control(&token, sizeof token, output);
  }

  bool send_fatal_alert(int alert, Buffer& output) override {
    SCHANNEL_ALERT_TOKEN token{SCHANNEL_ALERT, TLS1_ALERT_FATAL, static_cast<DWORD>(alert)};
    return control(&token, sizeof token, output);
  }

  bool update_key(Buffer& output) override {
    Buffer nothing;
    return step(nothing, output) == SEC_E_OK;  // REN-12
  }

  bool export_keying_material(const std::string& label, const std::string* context,
                              MutableBytes out) override {
    std::string name = label;
    std::string value = context != nullptr ? *context : std::string();
    SecPkgContext_KeyingMaterialInfo info{};
    info.cbLabel = static_cast<WORD>(name.size() + 1);
    info.pszLabel = name.data();
    info.cbContextValue = static_cast<WORD>(value.size());
    info.pbContextValue = const_cast<std::uint8_t*>(as_bytes(value).data());
    info.cbKeyingMaterial = static_cast<DWORD>(out.size());
    if (!check(SetContextAttributesA(&context_, SECPKG_ATTR_KEYING_MATERIAL_INFO, &info,
                                     sizeof info))) {
      return false;
    }
    SecPkgContext_KeyingMaterial material{};
    if (!check(QueryContextAttributesA(&context_, SECPKG_ATTR_KEYING_MATERIAL, &material))) {
      return false;
    }
    std::copy_n(material.pbKeyingMaterial, out.size(), out.begin());
    FreeContextBuffer(material.pbKeyingMaterial);
    return true;
  }

  Buffer tls_unique() override {
    SecPkgContext_Bindings bindings{};
    if (!query(SECPKG_ATTR_UNIQUE_BINDINGS, &bindings)) return {};
    const Bytes all(static_cast<const std::uint8_t*>(static_cast<void*>(bindings.Bindings)),
                    bindings.BindingsLength);
    constexpr std::string_view kPrefix = "tls-unique:";
    const Bytes data = all.subspan(bindings.Bindings->dwApplicationDataOffset,
                                   bindings.Bindings->cbApplicationDataLength);
    Buffer out = to_buffer(data.subspan(kPrefix.size()));
    FreeContextBuffer(bindings.Bindings);
    return out;
  }

  Facts facts() override {
    Facts out;
    SecPkgContext_CipherInfo cipher{};
    cipher.dwVersion = SECPKGCONTEXT_CIPHERINFO_V1;
    if (query(SECPKG_ATTR_CIPHER_INFO, &cipher)) {
      out.version = static_cast<int>(cipher.dwProtocol);
      out.cipher = static_cast<int>(cipher.dwCipherSuite);
      out.group = static_cast<int>(cipher.dwKeyType);
    }
    SecPkgContext_SessionInfo session{};
    if (query(SECPKG_ATTR_SESSION_INFO, &session)) {
      out.resumed = (session.dwFlags & SSL_SESSION_RECONNECT) != 0;
      out.has_session_id = session.cbSessionId != 0;
    }
    SecPkgContext_ApplicationProtocol protocol{};
    if (query(SECPKG_ATTR_APPLICATION_PROTOCOL, &protocol) &&
        protocol.ProtoNegoStatus == SecApplicationProtocolNegotiationStatus_Success) {
      out.application_protocol = as_text(Bytes(protocol.ProtocolId, protocol.ProtocolIdSize));
    }
    SecPkgContext_Bindings bindings{};
    if (query(OPENSCHANNEL_ATTR_EXPORTER_BINDINGS, &bindings)) {
      out.extended_master_secret = true;  // without it the attribute is refused
      FreeContextBuffer(bindings.Bindings);
    }
    SecPkgContext_Certificates certificates{};
    if (query(SECPKG_ATTR_REMOTE_CERTIFICATES, &certificates)) {
      Bytes rest(certificates.pbCertificateChain, certificates.cbCertificateChain);
      while (rest.size() >= 3) {
        const std::size_t size = std::size_t{rest[0]} << 16 | std::size_t{rest[1]} << 8 | rest[2];
        out.peer_chain.push_back(to_buffer(rest.subspan(3, size)));
        rest = rest.subspan(3 + size);
      }
      FreeContextBuffer(certificates.pbCertificateChain);
    }
    PCCERT_CONTEXT own = nullptr;
    if (query(SECPKG_ATTR_LOCAL_CERT_CONTEXT, &own) && own != nullptr) {
      out.own_chain.push_back(to_buffer(Bytes(own->pbCertEncoded, own->cbCertEncoded)));
      CertFreeCertificateContext(own);
    }
    out.certificate_authorities = certificate_authorities_;
    return out;
  }

  std::string failure() const override { return failure_; }

 private:
  bool check(SECURITY_STATUS status) {
    if (status < 0) failure_ = OpenSchannelErrorDetail();
    return status >= 0;
  }
  bool query(ULONG attribute, void* out) {
    return QueryContextAttributesA(&context_, attribute, out) == SEC_E_OK;
  }

  void set_protocols(const std::string& wire) {
    if (wire.empty()) return;
    const auto put = [&](auto value) {
      const Buffer::size_type at = protocols_.size();
      protocols_.resize(at + sizeof value);
      std::memcpy(protocols_.data() + at, &value, sizeof value);
    };
    put(static_cast<std::uint32_t>(4 + 2 + wire.size()));
    put(static_cast<std::uint32_t>(SecApplicationProtocolNegotiationExt_ALPN));
    put(static_cast<std::uint16_t>(wire.size()));
    append(protocols_, as_bytes(wire));
  }

  void remember_authorities() {
    SecPkgContext_IssuerListInfoEx issuers{};
    if (!query(SECPKG_ATTR_ISSUER_LIST_EX, &issuers)) return;
    for (DWORD i = 0; i < issuers.cIssuers; ++i) {
      certificate_authorities_.push_back(
          to_buffer(Bytes(issuers.aIssuers[i].pbData, issuers.aIssuers[i].cbData)));
    }
    FreeContextBuffer(issuers.aIssuers);
  }

  /// One call of the loop function.
  SECURITY_STATUS step(Buffer& input, Buffer& output) {
    SecBuffer in[3] = {{static_cast<ULONG>(input.size()), SECBUFFER_TOKEN, input.data()},
                       {0, SECBUFFER_EMPTY, nullptr},
                       {static_cast<ULONG>(protocols_.size()), SECBUFFER_APPLICATION_PROTOCOLS,
                        protocols_.data()}};
    const ULONG count = protocols_.empty() || has_context_ ? 2 : 3;
    SecBufferDesc in_desc{SECBUFFER_VERSION, count, in};
    SecBuffer out{0, SECBUFFER_TOKEN, nullptr};
    SecBufferDesc out_desc{SECBUFFER_VERSION, 1, &out};
    ULONG attributes = 0;
    std::string target = settings_.host_name.empty() ? kUnsentTarget : settings_.host_name;
    SECURITY_STATUS status = SEC_E_INTERNAL_ERROR;
    CtxtHandle* present = has_context_ ? &context_ : nullptr;
    CtxtHandle* fresh = has_context_ ? nullptr : &context_;
    if (settings_.server) {
      const bool asks = settings_.verify_peer || settings_.require_any_client_certificate;
      const ULONG flags = kServerFlags | (asks ? ASC_REQ_MUTUAL_AUTH : 0U) |
                          (settings_.no_ticket ? 0U : ASC_REQ_SESSION_TICKET);
      status = AcceptSecurityContext(&credential_, present, &in_desc, flags, 0, fresh, &out_desc,
                                     &attributes, nullptr);
    } else {
      status = InitializeSecurityContextA(&credential_, present, target.data(), kClientFlags, 0, 0,
                                          &in_desc, 0, fresh, &out_desc, &attributes, nullptr);
    }
    if (status < 0) failure_ = OpenSchannelErrorDetail();
    if (status >= 0) has_context_ = true;
    if (out.pvBuffer != nullptr) {
      append(output, Bytes(static_cast<const std::uint8_t*>(out.pvBuffer), out.cbBuffer));
      FreeContextBuffer(out.pvBuffer);
    }
    used_ = 0;
    if (status == SEC_E_INCOMPLETE_MESSAGE || status < 0) return status;
    const std::size_t extra = in[1].BufferType == SECBUFFER_EXTRA ? in[1].cbBuffer : 0;
    if (status != SEC_I_INCOMPLETE_CREDENTIALS) {
      used_ = input.size() - extra;
      drop_front(input, used_);
    }
    return status;
  }

  bool control(void* token, std::size_t size, Buffer& output) {
    SecBuffer buffer{static_cast<ULONG>(size), SECBUFFER_TOKEN, token};
    SecBufferDesc desc{SECBUFFER_VERSION, 1, &buffer};
    if (!check(ApplyControlToken(&context_, &desc))) return false;
    Buffer nothing;
    return step(nothing, output) >= 0;
  }

  CredHandle credential_;
  const Settings settings_;
  CtxtHandle context_{};
  bool has_context_ = false;
  Buffer protocols_;
  std::size_t used_ = 0;  ///< Bytes that the last step has taken.
  std::vector<Buffer> certificate_authorities_;
  std::string failure_;
};

class SspiRoute : public Route {
 public:
  std::unique_ptr<Endpoint> open(const Settings& settings, std::string& failure) override {
    if (!credential_ && !(credential_ = SspiCredential::acquire(settings, failure))) return nullptr;
    return std::make_unique<SspiEndpoint>(credential_->handle(), settings);
  }
  /// The cache is the library's own; whether it had something shows in the next handshake.
  bool has_session() override { return true; }

 private:
  std::unique_ptr<SspiCredential> credential_;
};

}  // namespace

std::unique_ptr<Route> sspi_route() { return std::make_unique<SspiRoute>(); }

}  // namespace schannel::conformance
