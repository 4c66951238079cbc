#pragma once
#include "support/peer.h"

// One call of InitializeSecurityContext or AcceptSecurityContext with every argument in sight, for
// tests that pass what Side (peer.h) never would.
namespace contract {

struct Call {
  bool server = false;
  CredHandle* credential = nullptr;
  CtxtHandle* context = nullptr;
  CtxtHandle* new_context = nullptr;
  const char* target = "localhost";
  ULONG flags = 0;  ///< 0: the defaults of peer.h
  bool null_input = false;
  std::vector<SecBuffer> in;
  bool null_output = false;
  std::vector<SecBuffer> out = {{0, SECBUFFER_TOKEN, nullptr}};

  // What came back.
  SECURITY_STATUS status = SEC_E_INTERNAL_ERROR;
  ULONG attributes = 0xdeadbeef;
  TimeStamp expiry{};

  /// TOKEN with `bytes`, which must live as long as the call, and an EMPTY behind it.
  void give(Bytes& bytes) {
    in = {{static_cast<ULONG>(bytes.size()), SECBUFFER_TOKEN, bytes.data()},
          {0, SECBUFFER_EMPTY, nullptr}};
  }

  SECURITY_STATUS operator()() {
    SecBufferDesc in_desc{SECBUFFER_VERSION, static_cast<ULONG>(in.size()), in.data()};
    SecBufferDesc out_desc{SECBUFFER_VERSION, static_cast<ULONG>(out.size()), out.data()};
    SecBufferDesc* input = null_input ? nullptr : &in_desc;
    SecBufferDesc* output = null_output ? nullptr : &out_desc;
    if (server) {
      status = AcceptSecurityContext(credential, context, input, flags == 0 ? kServerFlags : flags,
                                     0, new_context, output, &attributes, &expiry);
    } else {
      status =
          InitializeSecurityContextA(credential, context, target, flags == 0 ? kClientFlags : flags,
                                     0, 0, input, 0, new_context, output, &attributes, &expiry);
    }
    return status;
  }

  /// The bytes of an output buffer that the package allocated, which is freed.
  Bytes take(std::size_t index = 0) {
    const auto* bytes = static_cast<const unsigned char*>(out[index].pvBuffer);
    Bytes taken(bytes, bytes + out[index].cbBuffer);
    EXPECT_EQ(FreeContextBuffer(out[index].pvBuffer), SEC_E_OK);
    out[index] = {0, SECBUFFER_TOKEN, nullptr};
    return taken;
  }

  /// The first buffer of a kind in the input, as it came back.
  const SecBuffer* find(ULONG type) const {
    for (const SecBuffer& buffer : in) {
      if (buffer.BufferType == type) return &buffer;
    }
    return nullptr;
  }
};

/// The seed of every random choice: OPENSCHANNEL_TEST_SEED, "random", or 1. Printed by the test.
unsigned test_seed();

/// The sizes of the records in `bytes`, which must be whole.
std::vector<std::size_t> record_sizes(const Bytes& bytes);

inline Bytes slice(const Bytes& bytes, std::size_t from, std::size_t to) {
  return {bytes.begin() + static_cast<std::ptrdiff_t>(from),
          bytes.begin() + static_cast<std::ptrdiff_t>(to)};
}

inline void append(Bytes& to, const Bytes& more) { to.insert(to.end(), more.begin(), more.end()); }

}  // namespace contract
