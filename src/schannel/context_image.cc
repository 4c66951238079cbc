#include "base/error_detail.h"
#include "schannel/context.h"
#include "wire/reader.h"
#include "wire/writer.h"

// A context as bytes, for ExportSecurityContext and ImportSecurityContext (contract PKG-11,
// PKG-12). packed_context.h seals them.
namespace schannel::package {
namespace {

enum Flag : std::uint8_t {
  kServer = 1,
  kJudged = 2,
  kWriteClosed = 4,
  kReadClosed = 8,
  kKeyingMaterial = 16,
  kMapsClients = 32,
};

/// What an imported context has instead of the credential it was made with: the same flags, and
/// nothing to begin a handshake with. The next call's own credential takes its place (REN-2).
std::shared_ptr<const Credential> without_identity(tls::Role role, DWORD flags) {
  auto credential = std::make_shared<Credential>();
  credential->role = role;
  credential->flags = flags | OPENSCHANNEL_CRED_REFUSE_RENEGOTIATION;
  credential->config.role = role;
  return credential;
}

}  // namespace

SECURITY_STATUS Context::movable() const {
  if (connection_ && connection_->failure()) {
    const Error error = *connection_->failure();
    set_error_detail(std::string(disposition(error).text));
    return disposition(error).status;
  }
  if (!connection_ || !is_established()) {
    set_error_detail("the handshake is not complete");
    return SEC_E_INVALID_HANDLE;
  }
  const bool is_quiet = !undelivered_ && !control_alert_ && !starts_again_ && !absorb_is_due_ &&
                        !asked_ && connection_->is_movable();
  if (is_quiet) return SEC_E_OK;
  set_error_detail("a handshake or a control token is under way; finish it first");
  return SEC_E_OUT_OF_SEQUENCE;
}

Buffer Context::image() const {
  Buffer state = tls::encode_snapshot(connection_->snapshot());
  Buffer out;
  const Buffer app_data = settings_.app_data->bytes();
  std::size_t size = 1024 + state.size() + target_.size() + app_data.size();
  for (const Buffer& certificate : local_chain()) size += certificate.size() + 3;
  out.reserve(size);  // it holds keys: no copy of it may be left behind
  wire::Writer writer(out);
  const auto& material = settings_.keying_material;
  writer.u8(static_cast<std::uint8_t>(
      (is_server() ? kServer : 0) | (judged_ ? kJudged : 0) |
      (write_closed_.load() ? kWriteClosed : 0) | (read_closed_ ? kReadClosed : 0) |
      (material ? kKeyingMaterial : 0) | (mapping_.is_on ? kMapsClients : 0)));
  writer.u32(credential_->flags);
  writer.u32(requested_);
  writer.u32(settings_.eap_prf);
  writer.vector(2, [&] { writer.bytes(as_bytes(target_)); });
  writer.vector(3, [&] { writer.bytes(app_data); });
  if (material) {
    writer.vector(1, [&] { writer.bytes(as_bytes(material->label)); });
    writer.vector(3, [&] { writer.bytes(material->context); });
    writer.u32(static_cast<std::uint32_t>(material->bytes));
  }
  // The name alone: numbers mean something else on another machine.
  writer.vector(2, [&] {
    if (mapping_.account) writer.bytes(as_bytes(mapping_.account->name));
  });
  writer.vector(3, [&] {
    for (const Buffer& certificate : local_chain()) {
      writer.vector(3, [&] { writer.bytes(certificate); });
    }
  });
  writer.vector(4, [&] { writer.bytes(state); });
  wipe(state);
  return out;
}

std::unique_ptr<Context> Context::of_image(Bytes image) {
  std::optional<Cause> failure;
  wire::Reader reader(image, failure);
  const std::uint8_t bits = reader.u8();
  const DWORD flags = reader.u32();
  const ULONG requested = reader.u32();
  ContextSettings settings;
  settings.eap_prf = reader.u32();
  std::string target(as_text(reader.vector(2, 0, 0xffff).rest()));
  settings.app_data->set(to_buffer(reader.vector(3, 0, kAppDataBytesMax).rest()));
  if ((bits & kKeyingMaterial) != 0) {
    ContextSettings::KeyingMaterial& material = settings.keying_material.emplace();
    material.label = as_text(reader.vector(1, 0, kExporterLabelBytesMax).rest());
    material.context = to_buffer(reader.vector(3, 0, 0xffffff).rest());
    material.bytes = reader.u32();
  }
  const std::string account(as_text(reader.vector(2, 0, 0xffff).rest()));
  std::vector<Buffer> local_chain;
  wire::Reader chain = reader.vector(3, 0, 0xffffff);
  while (!chain.empty()) local_chain.push_back(to_buffer(chain.vector(3, 1, 0xffffff).rest()));
  const Bytes state = reader.vector(4, 0, 0xffffffff).rest();
  if (failure || !reader.empty()) return nullptr;
  Result<tls::Snapshot> snapshot = tls::decode_snapshot(state);
  if (!snapshot) return nullptr;

  const auto role = (bits & kServer) != 0 ? tls::Role::server : tls::Role::client;
  auto out = std::make_unique<Context>(without_identity(role, flags), std::move(target));
  auto connection = tls::Connection::restore(
      std::make_shared<const tls::Config>(std::move(out->config_)), std::move(*snapshot));
  if (!connection) return nullptr;
  out->connection_ = std::move(*connection);
  out->requested_ = requested;
  out->settings_ = std::move(settings);
  out->judged_ = (bits & kJudged) != 0;
  out->keeps_sessions_ = false;  // the cache stays with the credential it belongs to (CACHE-2)
  out->write_closed_ = (bits & kWriteClosed) != 0;
  out->read_closed_ = (bits & kReadClosed) != 0;
  out->imported_chain_ = std::move(local_chain);
  if ((bits & kMapsClients) != 0) out->take_account(account);
  return out;
}

}  // namespace schannel::package
