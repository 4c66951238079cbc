#include <openschannel/extensions.h>
#include <openschannel/schannel.h>
#include <openschannel/security.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "require.h"

// An established pair, and calls with SecBufferDescs of any shape: any types in any order, any
// sizes, missing memory, read-only memory, handles that are none. Each buffer is an allocation of
// its own, so that a sanitizer sees a byte too far.
namespace {

using Bytes = std::vector<unsigned char>;

/// Takes the input apart; zeros when it is used up.
class Choices {
 public:
  Choices(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
  bool empty() const { return size_ == 0; }
  unsigned byte() {
    if (size_ == 0) return 0;
    --size_;
    return *data_++;
  }
  Bytes bytes(std::size_t size) {
    size = std::min(size, size_);
    const Bytes out(data_, data_ + size);
    data_ += size;
    size_ -= size;
    return out;
  }

 private:
  const std::uint8_t* data_;
  std::size_t size_;
};

PCCERT_CONTEXT certificate() {
  static PCCERT_CONTEXT made =
      OpenSchannelCreateSelfSignedCertificate("localhost", OPENSCHANNEL_KEY_ED25519, 1);
  return made;
}

struct Credential {
  Credential(bool is_server, bool tls13) {
    TLS_PARAMETERS parameters{};
    parameters.grbitDisabledProtocols = tls13 ? SP_PROT_TLS1_2_CLIENT | SP_PROT_TLS1_2_SERVER
                                              : SP_PROT_TLS1_3_CLIENT | SP_PROT_TLS1_3_SERVER;
    PCCERT_CONTEXT own = certificate();
    SCH_CREDENTIALS data{};
    data.dwVersion = SCH_CREDENTIALS_VERSION;
    data.cTlsParameters = 1;
    data.pTlsParameters = &parameters;
    if (is_server) {
      data.cCreds = 1;
      data.paCred = &own;
    } else {
      data.dwFlags = SCH_CRED_MANUAL_CRED_VALIDATION;
    }
    REQUIRE(AcquireCredentialsHandleA(
                nullptr, UNISP_NAME_A, is_server ? SECPKG_CRED_INBOUND : SECPKG_CRED_OUTBOUND,
                nullptr, &data, nullptr, nullptr, &handle, nullptr) == SEC_E_OK);
  }
  CredHandle handle{};
};

Credential& credential(bool is_server, bool tls13) {
  static Credential all[] = {{false, false}, {false, true}, {true, false}, {true, true}};
  return all[(is_server ? 2 : 0) + (tls13 ? 1 : 0)];
}

struct Side {
  Side(bool server, bool tls13) : is_server(server), own(credential(server, tls13)) {}
  Side(const Side&) = delete;
  Side& operator=(const Side&) = delete;
  ~Side() { DeleteSecurityContext(&context); }

  SECURITY_STATUS call(SecBufferDesc* in, SecBufferDesc* out, ULONG flags) {
    ULONG attributes = 0;
    PCtxtHandle old = begun ? &context : nullptr;
    const SECURITY_STATUS status =
        is_server ? AcceptSecurityContext(&own.handle, old, in, flags, 0, &context, out,
                                          &attributes, nullptr)
                  : InitializeSecurityContextA(&own.handle, old, "localhost", flags, 0, 0, in, 0,
                                               &context, out, &attributes, nullptr);
    if (status >= 0) begun = true;
    return status;
  }

  bool is_server;
  Credential& own;
  CtxtHandle context{};
  bool begun = false;
};

/// Gives a side what came and appends what it says.
SECURITY_STATUS exchange(Side& side, Bytes& incoming, Bytes& outgoing) {
  SecBuffer in[] = {{static_cast<ULONG>(incoming.size()), SECBUFFER_TOKEN, incoming.data()},
                    {0, SECBUFFER_EMPTY, nullptr}};
  SecBufferDesc in_desc{SECBUFFER_VERSION, 2, in};
  SecBuffer token{0, SECBUFFER_TOKEN, nullptr};
  SecBufferDesc out_desc{SECBUFFER_VERSION, 1, &token};
  const SECURITY_STATUS status =
      side.call(incoming.empty() ? nullptr : &in_desc, &out_desc, ISC_REQ_ALLOCATE_MEMORY);
  const auto* bytes = static_cast<const unsigned char*>(token.pvBuffer);
  if (bytes != nullptr) outgoing.insert(outgoing.end(), bytes, bytes + token.cbBuffer);
  FreeContextBuffer(token.pvBuffer);
  const std::size_t extra = in[1].BufferType == SECBUFFER_EXTRA ? in[1].cbBuffer : 0;
  incoming.erase(incoming.begin(), incoming.end() - static_cast<std::ptrdiff_t>(extra));
  return status;
}

struct Pair {
  explicit Pair(bool tls13) : client(false, tls13), server(true, tls13) {
    Bytes to_client, to_server;
    SECURITY_STATUS client_status = exchange(client, to_client, to_server);
    SECURITY_STATUS server_status = SEC_I_CONTINUE_NEEDED;
    for (int i = 0; i < 4 && (!to_server.empty() || !to_client.empty()); ++i) {
      if (!to_server.empty()) server_status = exchange(server, to_server, to_client);
      if (!to_client.empty()) client_status = exchange(client, to_client, to_server);
    }
    REQUIRE(client_status == SEC_E_OK && server_status == SEC_E_OK);
  }
  Side client;
  Side server;
};

/// A record of `side` for its peer.
Bytes sealed(Side& side, const Bytes& text) {
  SecPkgContext_StreamSizes sizes{};
  if (QueryContextAttributesA(&side.context, SECPKG_ATTR_STREAM_SIZES, &sizes) != SEC_E_OK)
    return {};
  Bytes record(sizes.cbHeader + text.size() + sizes.cbTrailer);
  std::copy(text.begin(), text.end(), record.begin() + sizes.cbHeader);
  SecBuffer buffers[] = {
      {sizes.cbHeader, SECBUFFER_STREAM_HEADER, record.data()},
      {static_cast<ULONG>(text.size()), SECBUFFER_DATA, record.data() + sizes.cbHeader},
      {sizes.cbTrailer, SECBUFFER_STREAM_TRAILER, record.data() + sizes.cbHeader + text.size()},
      {0, SECBUFFER_EMPTY, nullptr}};
  SecBufferDesc desc{SECBUFFER_VERSION, 4, buffers};
  if (EncryptMessage(&side.context, 0, &desc, 0) != SEC_E_OK) return {};
  return record;
}

/// A SecBufferDesc with memory of its own.
struct Shape {
  /// `token`: what a buffer may hold instead of bytes of the input.
  Shape(Choices& choices, const Bytes& token) {
    const unsigned head = choices.byte();
    count = head % 7;
    for (ULONG i = 0; i < count; ++i) {
      const unsigned kind = choices.byte();
      const unsigned how = choices.byte();
      // Mostly the types that mean something here, each also read-only.
      static constexpr ULONG kTypes[] = {
          SECBUFFER_EMPTY,         SECBUFFER_DATA,           SECBUFFER_TOKEN,
          SECBUFFER_STREAM_HEADER, SECBUFFER_STREAM_TRAILER, SECBUFFER_EXTRA,
          SECBUFFER_MISSING,       SECBUFFER_ALERT,          SECBUFFER_APPLICATION_PROTOCOLS};
      ULONG type = (kind & 0x3f) < std::size(kTypes) ? kTypes[kind & 0x3f] : kind & 0x3f;
      if ((kind & 0x40) != 0) type |= SECBUFFER_READONLY;
      if ((kind & 0x80) != 0) type |= SECBUFFER_READONLY_WITH_CHECKSUM;
      Bytes content;
      switch (how % 4) {
        case 0:
          content = choices.bytes(how / 4);
          break;
        case 1:
          content.resize(how / 4);
          break;
        case 2:
          content = token;
          break;
        default:  // cut short
          content.assign(token.begin(),
                         token.begin() + static_cast<std::ptrdiff_t>(
                                             std::min<std::size_t>(token.size(), how / 4)));
          break;
      }
      auto memory = std::make_unique<unsigned char[]>(content.size());
      std::copy(content.begin(), content.end(), memory.get());
      const bool missing = how == 0xff;
      buffers[i] = {static_cast<ULONG>(content.size()), type, missing ? nullptr : memory.get()};
      given[i] = buffers[i];
      contents[i] = std::move(content);
      memories[i] = std::move(memory);
    }
    desc = {(head & 0x40) != 0 ? ULONG{7} : SECBUFFER_VERSION, count,
            (head & 0x80) != 0 ? nullptr : buffers};
  }

  /// Memory that was marked, or that belongs to input, is as it was.
  void require_unwritten(bool all) const {
    for (ULONG i = 0; i < count; ++i) {
      const bool marked =
          (given[i].BufferType & (SECBUFFER_READONLY | SECBUFFER_READONLY_WITH_CHECKSUM)) != 0;
      if (!all && !marked) continue;
      REQUIRE(std::equal(contents[i].begin(), contents[i].end(), memories[i].get()));
    }
  }
  /// What was allocated for the caller is given back.
  void free_outputs() const {
    if (desc.pBuffers == nullptr) return;
    for (ULONG i = 0; i < count; ++i) {
      if (buffers[i].pvBuffer != given[i].pvBuffer) FreeContextBuffer(buffers[i].pvBuffer);
    }
  }

  ULONG count = 0;
  SecBuffer buffers[7]{};
  SecBuffer given[7]{};
  Bytes contents[7];
  std::unique_ptr<unsigned char[]> memories[7];
  SecBufferDesc desc{};
};

void query(CtxtHandle* context, Choices& choices) {
  // Those that allocate are not here: what they gave would be lost with a wrong structure.
  static constexpr ULONG kAttributes[] = {SECPKG_ATTR_SIZES,
                                          SECPKG_ATTR_LIFESPAN,
                                          SECPKG_ATTR_STREAM_SIZES,
                                          SECPKG_ATTR_FLAGS,
                                          SECPKG_ATTR_APPLICATION_PROTOCOL,
                                          SECPKG_ATTR_CONNECTION_INFO,
                                          SECPKG_ATTR_SESSION_INFO,
                                          SECPKG_ATTR_CIPHER_INFO};
  const unsigned which = choices.byte();
  const ULONG attribute =
      which < std::size(kAttributes) ? kAttributes[which] : ULONG{0x1000} + which;
  const unsigned size = choices.byte() * 8;
  auto memory = std::make_unique<unsigned char[]>(size);
  const SECURITY_STATUS status = QueryContextAttributesExA(
      context, attribute, size == 0 ? nullptr : memory.get(), static_cast<ULONG>(size));
  REQUIRE(which < std::size(kAttributes) || status != SEC_E_OK);
}

void call(Pair& pair, Choices& choices) {
  const unsigned what = choices.byte();
  Side& side = (what & 1) == 0 ? pair.client : pair.server;
  Side& peer = (what & 1) == 0 ? pair.server : pair.client;
  CtxtHandle* context = &side.context;
  CtxtHandle other = side.context;
  switch (what >> 1 & 15) {
    case 13:
      other = {};
      context = &other;
      break;
    case 14:
      other.dwUpper += choices.byte();
      context = &other;
      break;
    case 15:
      other = {side.own.handle.dwLower, side.own.handle.dwUpper};
      context = &other;
      break;
    default:
      break;
  }
  const unsigned function = choices.byte();
  switch (function % 6) {
    case 0: {
      Shape shape(choices, {});
      EncryptMessage(context, function / 6 == 1 ? SECQOP_WRAP_OOB_DATA : function / 6 % 3,
                     &shape.desc, 0);
      shape.require_unwritten(false);
      break;
    }
    case 1: {
      const bool valid = function / 6 % 2 == 0;
      Shape shape(choices, valid ? sealed(peer, choices.bytes(5)) : choices.bytes(9));
      ULONG qop = 0;
      const SECURITY_STATUS status = DecryptMessage(context, &shape.desc, 0, &qop);
      shape.require_unwritten(status == SEC_E_INVALID_TOKEN || status == SEC_E_INVALID_HANDLE ||
                              status == SEC_E_INCOMPLETE_MESSAGE);
      break;
    }
    case 2: {
      const bool valid = function / 6 % 2 == 0;
      Shape in(choices, valid ? sealed(peer, choices.bytes(5)) : choices.bytes(9));
      Shape out(choices, {});
      const ULONG flags = choices.byte() % 2 == 0 ? ISC_REQ_ALLOCATE_MEMORY : 0;
      side.call((function & 0x80) != 0 ? nullptr : &in.desc, &out.desc, flags);
      in.require_unwritten(true);
      out.free_outputs();
      break;
    }
    case 3: {
      Shape shape(choices, {static_cast<unsigned char>(choices.byte() % 4), 0, 0, 0});
      ApplyControlToken(context, &shape.desc);
      shape.require_unwritten(true);
      break;
    }
    case 4:
      query(context, choices);
      break;
    default:
      if (choices.byte() == 0) DeleteSecurityContext(context);
      break;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Choices choices(data, size);
  Pair pair((choices.byte() & 1) != 0);
  for (int i = 0; i < 64 && !choices.empty(); ++i) call(pair, choices);
  return 0;
}
