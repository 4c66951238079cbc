#include <gtest/gtest.h>

#include <ctime>
#include <thread>

#include "pki/identity.h"
#include "pki/references.h"
#include "pki/self_signed.h"
#include "schannel/algorithms.h"
#include "schannel/context.h"
#include "schannel/context_buffer.h"

// Question answered here: does EncryptMessage replace an AES-GCM key before its limit, inside the
// trailer that the caller gives, while another thread decrypts (contract ENC-20, ENC-24)? The limit
// is a value here, not millions of records.
namespace schannel::package {
namespace {

constexpr std::uint64_t kLimit = 64;

std::shared_ptr<const Credential> credential(tls::Role role, DWORD flags = 0) {
  auto out = std::make_shared<Credential>();
  out->role = role;
  out->flags = flags | SCH_CRED_MANUAL_CRED_VALIDATION;
  out->config.role = role;
  set_default_algorithms(out->config);
  if (role == tls::Role::client) {
    out->config.aes_gcm_record_limit = kLimit;
  } else {
    auto made = pki::make_self_signed("localhost", crypto::KeyType::ecdsa_p256, 1,
                                      static_cast<std::int64_t>(std::time(nullptr)));
    const PCCERT_CONTEXT certificate = pki::give_reference(std::move(*made), nullptr);
    Result<pki::Identity> identity = pki::identity_of(certificate, false);
    EXPECT_TRUE(identity);
    pki::release(certificate);
    tls::Identity own{.chain = std::move(identity->chain), .key = std::move(identity->key)};
    out->config.identities = {std::make_shared<const tls::Identity>(std::move(own))};
  }
  return out;
}

/// One leg with allocated output; what is left of `input` stays in it.
SECURITY_STATUS leg(Context& context, Buffer& input, Buffer& out) {
  SecBuffer in_buffers[] = {{static_cast<ULONG>(input.size()), SECBUFFER_TOKEN, input.data()},
                            {0, SECBUFFER_EMPTY, nullptr}};
  SecBuffer out_buffer{0, SECBUFFER_TOKEN, nullptr};
  SecBufferDesc in{SECBUFFER_VERSION, 2, in_buffers}, token{SECBUFFER_VERSION, 1, &out_buffer};
  ULONG attributes = 0;
  const SECURITY_STATUS status = context.handshake({.requested = ISC_REQ_ALLOCATE_MEMORY,
                                                    .input = Buffers(&in),
                                                    .output = Buffers(&token),
                                                    .credential = nullptr,
                                                    .attributes = &attributes,
                                                    .expiry = nullptr});
  const auto* bytes = static_cast<const std::uint8_t*>(out_buffer.pvBuffer);
  append(out, {bytes, out_buffer.cbBuffer});
  free_context_buffer(out_buffer.pvBuffer);
  const std::size_t left = in_buffers[1].BufferType == SECBUFFER_EXTRA ? in_buffers[1].cbBuffer : 0;
  if (status >= 0) {
    input.erase(input.begin(), input.end() - static_cast<std::ptrdiff_t>(left));
  }
  return status;
}

struct Pair {
  Pair() {
    Buffer to_server, to_client;
    SECURITY_STATUS status = leg(client, to_client, to_server);
    for (int i = 0; i < 5 && status == SEC_I_CONTINUE_NEEDED; ++i) {
      leg(server, to_server, to_client);
      status = leg(client, to_client, to_server);
    }
    EXPECT_EQ(status, SEC_E_OK);
    EXPECT_EQ(leg(server, to_server, to_client), SEC_E_OK);
  }
  Context client{credential(tls::Role::client), "localhost"};
  Context server{credential(tls::Role::server, OPENSCHANNEL_CRED_ABSORB_POST_HANDSHAKE), {}};
};

SECURITY_STATUS encrypt(Context& context, std::string_view text, ULONG trailer, Buffer& stream) {
  std::uint8_t header[5], tail[64];
  Buffer data = to_buffer(as_bytes(text));
  SecBuffer buffers[] = {{sizeof header, SECBUFFER_STREAM_HEADER, header},
                         {static_cast<ULONG>(data.size()), SECBUFFER_DATA, data.data()},
                         {trailer, SECBUFFER_STREAM_TRAILER, tail},
                         {0, SECBUFFER_EMPTY, nullptr}};
  SecBufferDesc desc{SECBUFFER_VERSION, 4, buffers};
  const SECURITY_STATUS status = context.encrypt(0, &desc);
  if (status != SEC_E_OK) return status;
  EXPECT_LE(buffers[2].cbBuffer, trailer);
  append(stream, header);
  append(stream, data);
  append(stream, {tail, buffers[2].cbBuffer});
  return status;
}

/// All of `stream`, taken as the provider does.
std::string decrypt(Context& context, Buffer stream) {
  std::string text;
  for (MutableBytes in(stream); !in.empty();) {
    SecBuffer buffers[] = {{static_cast<ULONG>(in.size()), SECBUFFER_DATA, in.data()},
                           {0, SECBUFFER_EMPTY, nullptr},
                           {0, SECBUFFER_EMPTY, nullptr},
                           {0, SECBUFFER_EMPTY, nullptr}};
    SecBufferDesc desc{SECBUFFER_VERSION, 4, buffers};
    const SECURITY_STATUS status = context.decrypt(&desc);
    EXPECT_EQ(status, SEC_E_OK);
    if (status != SEC_E_OK) return text;
    if (context.absorb_is_due()) {
      EXPECT_EQ(context.absorb(), SEC_E_OK);
    }
    text.append(static_cast<const char*>(buffers[1].pvBuffer), buffers[1].cbBuffer);
    in = in.last(buffers[3].BufferType == SECBUFFER_EXTRA ? buffers[3].cbBuffer : 0);
  }
  return text;
}

constexpr ULONG kTrailer = 17 + 27;

TEST(WornKey, ENC_24_is_replaced_inside_the_trailer) {
  Pair pair;
  Buffer stream;
  std::string sent;
  std::size_t updates = 0;
  for (int i = 0; i < 300; ++i) {
    const std::string text = "message " + std::to_string(i) + ";";
    const std::size_t before = stream.size();
    ASSERT_EQ(encrypt(pair.client, text, kTrailer, stream), SEC_E_OK) << i;
    updates += stream.size() - before == 5 + text.size() + kTrailer;
    sent += text;
  }
  EXPECT_EQ(updates, 300 / (kLimit / 2));
  EXPECT_EQ(decrypt(pair.server, stream), sent);
}

TEST(WornKey, ENC_24_without_room_data_stops_and_an_update_on_demand_goes_on) {
  Pair pair;
  Buffer stream;
  std::string sent;
  SECURITY_STATUS status = SEC_E_OK;
  while (status == SEC_E_OK && sent.size() < 2 * kLimit) {
    status = encrypt(pair.client, "x", kTrailer - 1, stream);
    if (status == SEC_E_OK) sent += "x";
  }
  EXPECT_EQ(status, SEC_E_ENCRYPT_FAILURE);
  EXPECT_EQ(sent.size(), kLimit - kControlRecordCount);
  Buffer none, update;
  ASSERT_EQ(leg(pair.client, none, update), SEC_E_OK);
  EXPECT_EQ(decrypt(pair.server, stream), sent);
  // It asks for an answer, which is a handshake call's to give.
  Buffer answer;
  ASSERT_EQ(leg(pair.server, update, answer), SEC_E_OK);
  ASSERT_EQ(leg(pair.client, answer, none), SEC_E_OK);
  stream.clear();
  ASSERT_EQ(encrypt(pair.client, "on it goes", kTrailer, stream), SEC_E_OK);
  EXPECT_EQ(decrypt(pair.server, stream), "on it goes");
}

TEST(WornKey, ENC_20_is_replaced_while_another_thread_decrypts) {
  Pair pair;
  Buffer from_server;
  std::string text;
  for (int i = 0; i < 1000; ++i) {
    const std::string more = std::to_string(i) + ",";
    ASSERT_EQ(encrypt(pair.server, more, kTrailer, from_server), SEC_E_OK);
    text += more;
  }
  Buffer from_client;
  std::string sent;
  std::thread encrypting([&] {
    for (int i = 0; i < 1000; ++i) {
      const std::string more = std::to_string(i) + ";";
      ASSERT_EQ(encrypt(pair.client, more, kTrailer, from_client), SEC_E_OK) << i;
      sent += more;
    }
  });
  EXPECT_EQ(decrypt(pair.client, from_server), text);
  encrypting.join();
  EXPECT_EQ(decrypt(pair.server, from_client), sent);
}

}  // namespace
}  // namespace schannel::package
