#include <openssl/ssl.h>

#include "support/peer.h"

// SEC_I_RENEGOTIATE in TLS 1.3: tickets and key updates, from a real TLS stack in memory (contract
// section I, R-9). Real callers disagree about what to pass next; all of them must work.
namespace contract {
namespace {

/// libssl's end of a connection, over memory BIOs.
class LibsslServer {
 public:
  explicit LibsslServer(std::size_t tickets) : context_(SSL_CTX_new(TLS_server_method())) {
    SSL_CTX_set_min_proto_version(context_, TLS1_3_VERSION);
    SSL_CTX_set_num_tickets(context_, tickets);
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* certificate = X509_new();
    X509_set_version(certificate, 2);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_sign(certificate, key, EVP_sha256());
    SSL_CTX_use_certificate(context_, certificate);
    SSL_CTX_use_PrivateKey(context_, key);
    X509_free(certificate);
    EVP_PKEY_free(key);
    ssl = SSL_new(context_);
    SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_accept_state(ssl);
  }
  LibsslServer(const LibsslServer&) = delete;
  LibsslServer& operator=(const LibsslServer&) = delete;
  ~LibsslServer() {
    SSL_free(ssl);
    SSL_CTX_free(context_);
  }

  void give(const Bytes& bytes) {
    if (!bytes.empty()) BIO_write(SSL_get_rbio(ssl), bytes.data(), static_cast<int>(bytes.size()));
  }
  Bytes take() {
    Bytes out(BIO_ctrl_pending(SSL_get_wbio(ssl)));
    if (!out.empty()) BIO_read(SSL_get_wbio(ssl), out.data(), static_cast<int>(out.size()));
    return out;
  }
  std::string read() {
    char text[100];
    const int size = SSL_read(ssl, text, sizeof text);
    return size > 0 ? std::string(text, static_cast<std::size_t>(size)) : std::string();
  }
  void write(const std::string& text) {
    SSL_write(ssl, text.data(), static_cast<int>(text.size()));
  }

  SSL* ssl;

 private:
  SSL_CTX* context_;
};

/// Our client, connected to libssl's server, and the bytes that came behind the handshake.
struct Connected {
  explicit Connected(std::size_t tickets)
      : server(tickets),
        credential(SECPKG_CRED_OUTBOUND, Tls::v13,
                   [](SCH_CREDENTIALS& data) {
                     data.hRootStore = nullptr;
                     data.dwFlags |= SCH_CRED_MANUAL_CRED_VALIDATION;
                   }),
        client(false, &credential.handle) {
    Bytes to_server;
    client.feed({}, to_server);
    server.give(to_server);
    SSL_do_handshake(server.ssl);
    to_server.clear();
    EXPECT_EQ(client.feed(server.take(), to_server), SEC_E_OK);
    server.give(to_server);
    EXPECT_EQ(SSL_do_handshake(server.ssl), 1);
  }
  LibsslServer server;
  Credential credential;
  Side client;
};

struct Decrypted {
  SECURITY_STATUS status;
  SecBuffer buffers[4];
};

Decrypted decrypt(Side& side, Bytes& input) {
  Decrypted out{SEC_E_OK,
                {{static_cast<ULONG>(input.size()), SECBUFFER_DATA, input.data()},
                 {0, SECBUFFER_EMPTY, nullptr},
                 {0, SECBUFFER_EMPTY, nullptr},
                 {0, SECBUFFER_EMPTY, nullptr}}};
  SecBufferDesc desc{SECBUFFER_VERSION, 4, out.buffers};
  out.status = DecryptMessage(&side.context, &desc, 0, nullptr);
  return out;
}

/// What a caller passes as TOKEN after SEC_I_RENEGOTIATE.
enum class Token { extra, nothing, following };

std::string name_of_token(const testing::TestParamInfo<Token>& token) {
  return token.param == Token::extra     ? "pass_extra"
         : token.param == Token::nothing ? "pass_nothing"
                                         : "pass_what_follows";
}

class PostHandshake : public testing::TestWithParam<Token> {};
INSTANTIATE_TEST_SUITE_P(Callers, PostHandshake,
                         testing::Values(Token::extra, Token::nothing, Token::following),
                         name_of_token);

TEST_P(PostHandshake, R_9_tickets_between_messages_lose_nothing) {
  for (const std::size_t tickets : {1, 2, 4}) {
    Connected connected(tickets);
    Side& client = connected.client;
    connected.server.write("first message");
    connected.server.write("second message");
    Bytes input = connected.server.take();
    std::string text;
    int renegotiations = 0;
    while (!input.empty()) {
      const Bytes before = input;
      const Decrypted got = decrypt(client, input);
      const SecBuffer& extra = got.buffers[3];
      ASSERT_TRUE(got.status == SEC_E_OK || got.status == SEC_I_RENEGOTIATE) << got.status;
      EXPECT_EQ(got.buffers[1].BufferType, ULONG{SECBUFFER_DATA});
      EXPECT_NE(got.buffers[1].pvBuffer, nullptr);
      if (got.status == SEC_E_OK) {
        text.append(static_cast<const char*>(got.buffers[1].pvBuffer), got.buffers[1].cbBuffer);
        input.erase(input.begin(),
                    input.end() - (extra.BufferType == SECBUFFER_EXTRA ? extra.cbBuffer : 0));
        continue;
      }
      ++renegotiations;
      // EXTRA begins with the message itself, which stands as it came.
      ASSERT_EQ(extra.BufferType, ULONG{SECBUFFER_EXTRA});
      EXPECT_EQ(extra.pvBuffer, input.data());
      EXPECT_EQ(extra.cbBuffer, input.size());
      EXPECT_EQ(input, before);
      // REN-6.
      Bytes record;
      EXPECT_EQ(client.encrypt("not now", record), SEC_E_CONTEXT_EXPIRED);
      EXPECT_EQ(decrypt(client, input).status, SEC_E_CONTEXT_EXPIRED);
      const std::size_t size = 5U + static_cast<unsigned>(input[3] << 8 | input[4]);
      switch (GetParam()) {
        case Token::extra: {
          const Leg leg = client.call(input);
          ASSERT_EQ(leg.status, SEC_E_OK);
          input.erase(input.begin(), input.end() - static_cast<long>(leg.extra()));
          break;
        }
        case Token::nothing:
          // The record stays in the caller's buffer and is met again by DecryptMessage.
          ASSERT_EQ(client.call({}).status, SEC_E_OK);
          break;
        case Token::following: {
          const Leg leg = client.call({input.begin() + static_cast<long>(size), input.end()});
          ASSERT_EQ(leg.status, SEC_E_OK);
          input.erase(input.begin(), input.end() - static_cast<long>(leg.extra()));
          break;
        }
      }
    }
    EXPECT_EQ(text, "first messagesecond message");
    EXPECT_GE(renegotiations, 1);
    Bytes record;
    ASSERT_EQ(client.encrypt("and back", record), SEC_E_OK);
    connected.server.give(record);
    EXPECT_EQ(connected.server.read(), "and back");
  }
}

TEST_P(PostHandshake, R_9_key_updates_change_the_keys_on_both_sides) {
  for (const int kind : {SSL_KEY_UPDATE_NOT_REQUESTED, SSL_KEY_UPDATE_REQUESTED}) {
    Connected connected(0);
    Side& client = connected.client;
    for (int round = 0; round < 3; ++round) {
      ASSERT_EQ(SSL_key_update(connected.server.ssl, kind), 1);
      connected.server.write("under the new key");
      Bytes input = connected.server.take();
      const std::size_t size = 5U + static_cast<unsigned>(input[3] << 8 | input[4]);
      ASSERT_EQ(decrypt(client, input).status, SEC_I_RENEGOTIATE);
      const Bytes following(input.begin() + static_cast<long>(size), input.end());
      const Leg leg = client.call(GetParam() == Token::extra     ? input
                                  : GetParam() == Token::nothing ? Bytes()
                                                                 : following);
      ASSERT_EQ(leg.status, SEC_E_OK);
      // ENC-20: an answer is due exactly when one was asked for.
      EXPECT_EQ(leg.token.empty(), kind == SSL_KEY_UPDATE_NOT_REQUESTED);
      connected.server.give(leg.token);
      if (GetParam() == Token::nothing) {
        // Fed to DecryptMessage again, the update is skipped exactly once.
        const Decrypted skipped = decrypt(client, input);
        EXPECT_EQ(skipped.status, SEC_E_OK);
        EXPECT_EQ(skipped.buffers[1].cbBuffer, 0U);
        EXPECT_EQ(skipped.buffers[3].cbBuffer, following.size());
      }
      Bytes rest = following;
      EXPECT_EQ(client.decrypt(rest), "under the new key");
      Bytes record;
      ASSERT_EQ(client.encrypt("answer", record), SEC_E_OK);
      connected.server.give(record);
      EXPECT_EQ(connected.server.read(), "answer");
    }
  }
}

TEST(PostHandshakeCut, EXT_a_ticket_cut_anywhere_is_incomplete_and_then_whole) {
  Connected connected(1);
  const Bytes ticket = connected.server.take();
  for (std::size_t size = 0; size < ticket.size(); ++size) {
    Bytes part(ticket.begin(), ticket.begin() + static_cast<long>(size));
    ASSERT_EQ(decrypt(connected.client, part).status, SEC_E_INCOMPLETE_MESSAGE) << size;
  }
  Bytes whole = ticket;
  EXPECT_EQ(decrypt(connected.client, whole).status, SEC_I_RENEGOTIATE);
  EXPECT_EQ(connected.client.call(whole).status, SEC_E_OK);
}

}  // namespace
}  // namespace contract
