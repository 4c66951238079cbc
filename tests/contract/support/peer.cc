#include "support/peer.h"

#include <algorithm>

namespace contract {

PCCERT_CONTEXT server_certificate() {
  static PCCERT_CONTEXT made = OpenSchannelCreateSelfSignedCertificate(
      "localhost,127.0.0.1", OPENSCHANNEL_KEY_ECDSA_P256, 2);
  EXPECT_NE(made, nullptr) << OpenSchannelErrorDetail();
  return made;
}

HCERTSTORE roots() {
  static HCERTSTORE made = [] {
    HCERTSTORE store = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, nullptr);
    CertAddCertificateContextToStore(store, server_certificate(), CERT_STORE_ADD_ALWAYS, nullptr);
    return store;
  }();
  return made;
}

Leg Side::call(const Bytes& input) {
  Leg leg;
  Bytes copy = input;
  SecBuffer in[3] = {
      {static_cast<ULONG>(copy.size()), SECBUFFER_TOKEN, copy.data()},
      {0, SECBUFFER_EMPTY, nullptr},
      {static_cast<ULONG>(alpn.size()), SECBUFFER_APPLICATION_PROTOCOLS, alpn.data()}};
  SecBufferDesc in_desc{SECBUFFER_VERSION, alpn.empty() || has_context ? 2U : 3U, in};
  SecBufferDesc options{SECBUFFER_VERSION, 1, &in[2]};
  SecBuffer out{0, SECBUFFER_TOKEN, nullptr};
  SecBufferDesc out_desc{SECBUFFER_VERSION, 1, &out};
  CtxtHandle* where = has_context ? &context : nullptr;
  CredHandle* credential =
      has_context && later_credential != nullptr ? later_credential : credential_;
  if (is_server_) {
    leg.status =
        AcceptSecurityContext(credential, where, &in_desc, flags == 0 ? kServerFlags : flags, 0,
                              &context, &out_desc, &leg.attributes, nullptr);
  } else {
    SecBufferDesc* first = alpn.empty() ? nullptr : &options;
    leg.status = InitializeSecurityContextA(
        credential, where, target.empty() ? nullptr : target.c_str(),
        flags == 0 ? kClientFlags : flags, 0, 0, has_context ? &in_desc : first, 0, &context,
        &out_desc, &leg.attributes, nullptr);
  }
  // ISC-30, EXT-5: the input is read and nothing else.
  EXPECT_EQ(copy, input);
  std::copy(in, in + 2, leg.in);
  if (leg.extra() != 0) {
    // EXTRA points at the tail of the caller's own memory.
    EXPECT_EQ(leg.in[1].pvBuffer, copy.data() + copy.size() - leg.extra());
  }
  if (leg.status >= 0) has_context = true;
  const auto* token = static_cast<const unsigned char*>(out.pvBuffer);
  leg.token.assign(token, token + out.cbBuffer);
  EXPECT_EQ(FreeContextBuffer(out.pvBuffer), SEC_E_OK);
  last = leg.status;
  statuses.push_back(leg.status);
  if (leg.status >= 0 || leg.status == SEC_E_INCOMPLETE_MESSAGE) attributes = leg.attributes;
  return leg;
}

SECURITY_STATUS Side::feed(const Bytes& more, Bytes& out) {
  pending.insert(pending.end(), more.begin(), more.end());
  for (;;) {
    const Leg leg = call(pending);
    out.insert(out.end(), leg.token.begin(), leg.token.end());
    if (leg.status == SEC_E_INCOMPLETE_MESSAGE || leg.status < 0) return leg.status;
    pending.erase(pending.begin(), pending.end() - static_cast<std::ptrdiff_t>(leg.extra()));
    if (leg.status != SEC_I_INCOMPLETE_CREDENTIALS &&
        (leg.status != SEC_I_CONTINUE_NEEDED || pending.empty())) {
      return leg.status;
    }
  }
}

bool Pair::connect(std::size_t piece) {
  Bytes to_server, to_client;
  SECURITY_STATUS client_status = client.feed({}, to_server);
  SECURITY_STATUS server_status = SEC_I_CONTINUE_NEEDED;
  const auto deliver = [&](Bytes& from, Side& to, Bytes& answers, SECURITY_STATUS& status) {
    const Bytes bytes = std::exchange(from, {});
    for (std::size_t at = 0; at < bytes.size();) {
      const std::size_t size = piece == 0 ? bytes.size() : std::min(piece, bytes.size() - at);
      status = to.feed({bytes.begin() + static_cast<std::ptrdiff_t>(at),
                        bytes.begin() + static_cast<std::ptrdiff_t>(at + size)},
                       answers);
      at += size;
      if (status < 0 && status != SEC_E_INCOMPLETE_MESSAGE) return;
    }
  };
  for (int i = 0; i < 10 && !(to_server.empty() && to_client.empty()); ++i) {
    deliver(to_server, server, to_client, server_status);
    deliver(to_client, client, to_server, client_status);
  }
  return client_status == SEC_E_OK && server_status == SEC_E_OK;
}

SECURITY_STATUS Side::encrypt(const std::string& text, Bytes& record) {
  SecPkgContext_StreamSizes sizes{};
  EXPECT_EQ(QueryContextAttributesA(&context, SECPKG_ATTR_STREAM_SIZES, &sizes), SEC_E_OK);
  record.assign(sizes.cbHeader + text.size() + sizes.cbTrailer, 0);
  std::copy(text.begin(), text.end(), record.begin() + sizes.cbHeader);
  SecBuffer buffers[] = {
      {sizes.cbHeader, SECBUFFER_STREAM_HEADER, record.data()},
      {static_cast<ULONG>(text.size()), SECBUFFER_DATA, record.data() + sizes.cbHeader},
      {sizes.cbTrailer, SECBUFFER_STREAM_TRAILER, record.data() + sizes.cbHeader + text.size()},
      {0, SECBUFFER_EMPTY, nullptr}};
  SecBufferDesc desc{SECBUFFER_VERSION, 4, buffers};
  const SECURITY_STATUS status = EncryptMessage(&context, 0, &desc, 0);
  if (status == SEC_E_OK) {
    record.resize(buffers[0].cbBuffer + buffers[1].cbBuffer + buffers[2].cbBuffer);
  }
  return status;
}

std::optional<std::string> Side::decrypt(Bytes& record, SECURITY_STATUS* status) {
  SecBuffer buffers[] = {{static_cast<ULONG>(record.size()), SECBUFFER_DATA, record.data()},
                         {0, SECBUFFER_EMPTY, nullptr},
                         {0, SECBUFFER_EMPTY, nullptr},
                         {0, SECBUFFER_EMPTY, nullptr}};
  SecBufferDesc desc{SECBUFFER_VERSION, 4, buffers};
  const SECURITY_STATUS result = DecryptMessage(&context, &desc, 0, nullptr);
  if (status != nullptr) *status = result;
  if (result != SEC_E_OK) return std::nullopt;
  EXPECT_EQ(buffers[1].BufferType, ULONG{SECBUFFER_DATA});
  return std::string(static_cast<const char*>(buffers[1].pvBuffer), buffers[1].cbBuffer);
}

Bytes application_protocols(const std::vector<std::string>& names) {
  Bytes list;
  for (const std::string& name : names) {
    list.push_back(static_cast<unsigned char>(name.size()));
    list.insert(list.end(), name.begin(), name.end());
  }
  const auto list_size = static_cast<unsigned short>(list.size());
  const ULONG total = 6 + list_size, extension = SecApplicationProtocolNegotiationExt_ALPN;
  Bytes out(10 + list.size());
  std::memcpy(out.data(), &total, 4);
  std::memcpy(out.data() + 4, &extension, 4);
  std::memcpy(out.data() + 8, &list_size, 2);
  std::copy(list.begin(), list.end(), out.begin() + 10);
  return out;
}

}  // namespace contract
