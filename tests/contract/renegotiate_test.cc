#include "support/libssl_peer.h"

#include <random>

#include "support/call.h"

// A long conversation in TLS 1.3 with tickets and key updates between the messages (section I,
// R-9), received in random pieces by each of the callers that exist (consumers as libssl's peers).
namespace contract {
namespace {

/// What a caller does when DecryptMessage says SEC_I_RENEGOTIATE.
enum class Caller {
  tail,          ///< schannel-rs, curl: the last EXTRA.cbBuffer bytes of its buffer
  pointer,       ///< StreamSSL, wintls: what EXTRA.pvBuffer points to
  whole_buffer,  ///< aws-c-io: the buffer as DecryptMessage left it
  nothing,       ///< the SDK sample: no bytes, and EXTRA is given to DecryptMessage again
  null_input,    ///< the same with no descriptor at all
  following,     ///< newest page read literally: what comes behind the message
  dropped,       ///< no bytes, and goes on behind the message
  mixed          ///< one of these each time
};

const char* name_of_caller(Caller caller) {
  constexpr const char* kNames[] = {"tail",       "pointer",   "whole_buffer", "nothing",
                                    "null_input", "following", "dropped",      "mixed"};
  return kNames[static_cast<int>(caller)];
}

constexpr Caller kCallers[] = {Caller::tail,    Caller::pointer,    Caller::whole_buffer,
                               Caller::nothing, Caller::null_input, Caller::following,
                               Caller::dropped, Caller::mixed};

class Reader {
 public:
  Reader(Side& side, bool server, Caller caller, std::mt19937& random)
      : side_(side), server_(server), caller_(caller), random_(random) {}

  /// Takes what it can of `buffer_`; false after a failure.
  bool receive(const Bytes& bytes, std::string& text, Bytes& answers) {
    append(buffer_, bytes);
    while (true) {
      const Bytes before = buffer_;
      SecBuffer message[] = {{static_cast<ULONG>(buffer_.size()), SECBUFFER_DATA, buffer_.data()},
                             {0, SECBUFFER_EMPTY, nullptr},
                             {0, SECBUFFER_EMPTY, nullptr},
                             {0, SECBUFFER_EMPTY, nullptr}};
      SecBufferDesc desc{SECBUFFER_VERSION, 4, message};
      const SECURITY_STATUS status = DecryptMessage(&side_.context, &desc, 0, nullptr);
      if (status == SEC_E_INCOMPLETE_MESSAGE) {
        EXPECT_EQ(buffer_, before);
        return true;
      }
      if (status == SEC_E_OK) {
        text.append(static_cast<const char*>(message[1].pvBuffer), message[1].cbBuffer);
        keep(message[3].BufferType == SECBUFFER_EXTRA ? message[3].cbBuffer : 0);
        if (buffer_.empty()) return true;
        continue;
      }
      if (status != SEC_I_RENEGOTIATE) {
        ADD_FAILURE() << OpenSchannelStatusText(status) << " " << OpenSchannelErrorDetail();
        return false;
      }
      ++renegotiations;
      // the bytes stand as they came, DATA has a pointer, EXTRA starts at the message.
      EXPECT_EQ(buffer_, before);
      EXPECT_NE(message[1].pvBuffer, nullptr);
      EXPECT_EQ(message[3].BufferType, ULONG{SECBUFFER_EXTRA});
      EXPECT_EQ(message[3].cbBuffer, buffer_.size());
      EXPECT_EQ(message[3].pvBuffer, buffer_.data());
      if (!take_message(message[3], answers)) return false;
      if (buffer_.empty()) return true;
    }
  }

  int renegotiations = 0;

 private:
  void keep(std::size_t size) { buffer_ = slice(buffer_, buffer_.size() - size, buffer_.size()); }

  bool take_message(const SecBuffer& extra, Bytes& answers) {
    const Caller caller =
        caller_ == Caller::mixed ? kCallers[random_() % (std::size(kCallers) - 1)] : caller_;
    const std::size_t record = 5U + (std::size_t{buffer_[3]} << 8) + buffer_[4];
    Bytes token;
    switch (caller) {
      case Caller::tail:
        token = slice(buffer_, buffer_.size() - extra.cbBuffer, buffer_.size());
        break;
      case Caller::pointer: {
        const auto* at = static_cast<const unsigned char*>(extra.pvBuffer);
        token.assign(at, at + extra.cbBuffer);
        break;
      }
      case Caller::whole_buffer:
        token = buffer_;
        break;
      case Caller::following:
        token = slice(buffer_, record, buffer_.size());
        break;
      default:
        break;
    }
    Call call;
    call.server = server_;
    call.context = &side_.context;
    call.target = nullptr;
    call.null_input = caller == Caller::null_input;
    call.give(token);
    const SECURITY_STATUS status = call();
    append(answers, call.take());
    if (status != SEC_E_OK) {
      ADD_FAILURE() << name_of_caller(caller) << ": " << OpenSchannelStatusText(status) << " "
                    << OpenSchannelErrorDetail();
      return false;
    }
    const SecBuffer* rest = call.find(SECBUFFER_EXTRA);
    const std::size_t rest_size = rest != nullptr ? rest->cbBuffer : 0;
    switch (caller) {
      case Caller::tail:
      case Caller::pointer:
      case Caller::whole_buffer:
      case Caller::following:
        EXPECT_LE(rest_size, token.size());
        buffer_ = slice(token, token.size() - rest_size, token.size());
        break;
      case Caller::dropped:
        buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(record));
        break;
      default:
        break;  // the message is met again
    }
    return true;
  }

  Side& side_;
  bool server_;
  Caller caller_;
  std::mt19937& random_;
  Bytes buffer_;
};

class Conversation : public testing::TestWithParam<std::tuple<bool, Caller>> {};
INSTANTIATE_TEST_SUITE_P(Callers, Conversation,
                         testing::Combine(testing::Bool(), testing::ValuesIn(kCallers)),
                         [](const testing::TestParamInfo<std::tuple<bool, Caller>>& test) {
                           return std::string(std::get<0>(test.param) ? "server_" : "client_") +
                                  name_of_caller(std::get<1>(test.param));
                         });

TEST_P(Conversation, R_9_nothing_is_lost_or_taken_twice) {
  const auto [we_serve, caller] = GetParam();
  std::mt19937 random(test_seed());
  const Issued root = make_root();
  const certificates::Store roots = trusting({root});
  const OwnCertificate own(issue({}, &root));
  PCCERT_CONTEXT context = own.context.get();
  Credential credential(we_serve ? SECPKG_CRED_INBOUND : SECPKG_CRED_OUTBOUND, Tls::v13,
                        [&](SCH_CREDENTIALS& data) {
                          if (we_serve) {
                            data.paCred = &context;
                          } else {
                            data.hRootStore = roots.get();
                          }
                        });
  for (int round = 0; round < 4; ++round) {
    Side ours(we_serve, &credential.handle);
    LibsslPeer peer(we_serve ? LibsslPeer::client : LibsslPeer::server, Tls::v13);
    if (!we_serve) {
      peer.use(issue({}, &root));
      SSL_CTX_clear_options(peer.context.get(), SSL_OP_NO_TICKET);
      SSL_CTX_set_num_tickets(peer.context.get(), random() % 4);
    }
    peer.start();
    ASSERT_TRUE(connect(ours, peer));
    Reader reader(ours, we_serve, caller, random);
    std::string sent, got;
    Bytes answers;
    // Tickets that came behind the handshake.
    Bytes stream = std::exchange(ours.pending, {});
    for (int i = 0; i < 60; ++i) {
      switch (random() % 5) {
        case 0:
          SSL_key_update(peer.ssl.get(), random() % 2 == 0 ? SSL_KEY_UPDATE_REQUESTED
                                                           : SSL_KEY_UPDATE_NOT_REQUESTED);
          SSL_do_handshake(peer.ssl.get());
          append(stream, peer.take());
          break;
        case 1:
          if (!we_serve) {
            SSL_new_session_ticket(peer.ssl.get());
            SSL_do_handshake(peer.ssl.get());
            append(stream, peer.take());
          }
          break;
        default: {
          const std::string text(1 + random() % 300, static_cast<char>('a' + i % 26));
          sent += text;
          append(stream, peer.write(text));
        }
      }
      // What arrives is any part of what was sent.
      const std::size_t size = random() % (stream.size() + 1);
      ASSERT_TRUE(reader.receive(slice(stream, 0, size), got, answers)) << i;
      stream.erase(stream.begin(), stream.begin() + static_cast<std::ptrdiff_t>(size));
      // The answers to key updates, and a message of ours under whatever key is now in use.
      if (random() % 3 == 0) {
        Bytes record;
        ASSERT_EQ(ours.encrypt("echo", record), SEC_E_OK);
        append(answers, record);
        peer.give(std::exchange(answers, {}));
        ASSERT_EQ(peer.read(), "echo") << i;
        append(stream, peer.take());
      }
    }
    ASSERT_TRUE(reader.receive(stream, got, answers));
    EXPECT_EQ(got, sent);
    EXPECT_GT(reader.renegotiations, 0);
  }
}

TEST(Renegotiate, REN_6_nothing_works_between_the_status_and_the_call) {
  const Issued root = make_root();
  const certificates::Store roots = trusting({root});
  Credential credential(SECPKG_CRED_OUTBOUND, Tls::v13,
                        [&](SCH_CREDENTIALS& data) { data.hRootStore = roots.get(); });
  Side ours(false, &credential.handle);
  LibsslPeer peer(LibsslPeer::server, Tls::v13);
  peer.use(issue({}, &root));
  peer.start();
  ASSERT_TRUE(connect(ours, peer));
  SSL_key_update(peer.ssl.get(), SSL_KEY_UPDATE_REQUESTED);
  SSL_do_handshake(peer.ssl.get());
  Bytes update = peer.take();
  SECURITY_STATUS status = SEC_E_OK;
  ours.decrypt(update, &status);
  ASSERT_EQ(status, SEC_I_RENEGOTIATE);
  for (int i = 0; i < 3; ++i) {
    Bytes record;
    EXPECT_EQ(ours.encrypt("no", record), SEC_E_CONTEXT_EXPIRED);
    Bytes more = update;
    ours.decrypt(more, &status);
    EXPECT_EQ(status, SEC_E_CONTEXT_EXPIRED);
  }
  // ISC-20 holds here too: the answer to the update waits for room.
  Bytes memory(100);
  Call call;
  call.context = &ours.context;
  call.flags = kClientFlags & ~ULONG{ISC_REQ_ALLOCATE_MEMORY};
  call.give(update);
  call.out = {{3, SECBUFFER_TOKEN, memory.data()}};
  EXPECT_EQ(call(), SEC_E_BUFFER_TOO_SMALL);
  call.give(update);
  call.out = {{100, SECBUFFER_TOKEN, memory.data()}};
  ASSERT_EQ(call(), SEC_E_OK);
  EXPECT_GT(call.out[0].cbBuffer, 0U);
  Bytes answer = slice(memory, 0, call.out[0].cbBuffer);
  Bytes record;
  ASSERT_EQ(ours.encrypt("yes", record), SEC_E_OK);
  append(answer, record);
  peer.give(answer);
  EXPECT_EQ(peer.read(), "yes");
}

TEST(Renegotiate, ENC_20_a_message_sealed_before_the_call_is_under_the_old_key) {
  // A key update that was received changes the write key only in the call that answers it.
  const Issued root = make_root();
  const certificates::Store roots = trusting({root});
  Credential credential(SECPKG_CRED_OUTBOUND, Tls::v13,
                        [&](SCH_CREDENTIALS& data) { data.hRootStore = roots.get(); });
  Side ours(false, &credential.handle);
  LibsslPeer peer(LibsslPeer::server, Tls::v13);
  peer.use(issue({}, &root));
  peer.start();
  ASSERT_TRUE(connect(ours, peer));
  for (int i = 0; i < 5; ++i) {
    SSL_key_update(peer.ssl.get(), SSL_KEY_UPDATE_REQUESTED);
    SSL_do_handshake(peer.ssl.get());
    Bytes update = peer.take();
    Bytes before;
    ASSERT_EQ(ours.encrypt("before", before), SEC_E_OK);
    SECURITY_STATUS status = SEC_E_OK;
    ours.decrypt(update, &status);
    ASSERT_EQ(status, SEC_I_RENEGOTIATE);
    const Leg leg = ours.call(update);
    ASSERT_EQ(leg.status, SEC_E_OK);
    Bytes after;
    ASSERT_EQ(ours.encrypt("after", after), SEC_E_OK);
    append(before, leg.token);
    append(before, after);
    peer.give(before);
    EXPECT_EQ(peer.read(), "beforeafter");
  }
}

}  // namespace
}  // namespace contract
