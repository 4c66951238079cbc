#include "tls/v12/renegotiation.h"

#include "crypto/constant_time.h"

namespace schannel::tls::v12 {

Buffer renegotiation_info(const Negotiated* previous, Role sender) {
  if (previous == nullptr) return {};
  Buffer out = previous->client_verify_data;
  if (sender == Role::server) append(out, previous->server_verify_data);
  return out;
}

Result<void> check_renegotiation_info(const Negotiated* previous, Role sender, Bytes value) {
  if (crypto::constant_time_equal(renegotiation_info(previous, sender), value)) return {};
  return Cause::renegotiation_info_mismatch;
}

Result<void> check_kept(const Handshake& handshake) {
  if (!handshake.previous) return {};
  const Negotiated& before = *handshake.previous;
  const Negotiated& now = handshake.negotiated;
  if (!now.secure_renegotiation) return Cause::renegotiation_info_mismatch;
  if (before.extended_master_secret && !now.extended_master_secret)
    return Cause::renegotiation_gives_up;
  if (before.application_protocol != now.application_protocol) return Cause::renegotiation_gives_up;
  return {};
}

}  // namespace schannel::tls::v12
