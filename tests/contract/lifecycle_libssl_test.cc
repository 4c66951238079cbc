#include "support/libssl_peer.h"

#include <thread>

#include "support/receiver.h"

// Section I against libssl: every order of what a TLS 1.3 server may send between its data, cut
// anywhere; renegotiation in both roles, begun by either side, taken by each kind of caller.
namespace contract {
namespace {

/// Our side, connected to libssl's.
struct Talk {
  Talk(bool we_serve, Tls version, Caller caller = Caller::extra, DWORD flags = 0,
       unsigned long long options = 0)
      : root(make_root()),
        trusted(trusting({root})),
        leaf(issue({}, &root)),
        own(leaf),
        credential(we_serve ? SECPKG_CRED_INBOUND : SECPKG_CRED_OUTBOUND, version,
                   [&](SCH_CREDENTIALS& data) {
                     static PCCERT_CONTEXT context;
                     context = own.context.get();
                     data.paCred = &context;
                     data.cCreds = 1;
                     data.hRootStore = we_serve ? nullptr : trusted.get();
                     data.dwFlags |= flags;
                   }),
        ours(we_serve, &credential.handle),
        peer(we_serve ? LibsslPeer::client : LibsslPeer::server, version),
        receiver(ours, caller) {
    peer.use(leaf);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(peer.context.get()), root.certificate.get());
    SSL_CTX_set_options(peer.context.get(), options);
    SSL_CTX_set_post_handshake_auth(peer.context.get(), 1);
    peer.start();
    EXPECT_TRUE(connect(ours, peer)) << OpenSchannelErrorDetail();
  }

  /// Both sides until neither has more to say; what libssl reads is appended to `read`.
  void run(Bytes to_us, Bytes to_peer = {}, std::size_t piece = 0) {
    for (int round = 0; round < 20; ++round) {
      receiver.give(std::exchange(to_us, {}), to_peer, piece);
      to_us = peer.give(std::exchange(to_peer, {}));
      read += peer.read();
      append(to_us, peer.take());
      if (to_us.empty()) return;
    }
    ADD_FAILURE() << "no end";
  }
  Bytes do_handshake() {
    SSL_do_handshake(peer.ssl.get());
    return peer.take();
  }
  Bytes data(const std::string& text) {
    Bytes record;
    EXPECT_EQ(ours.encrypt(text, record), SEC_E_OK) << OpenSchannelErrorDetail();
    return record;
  }
  void expect_works() {
    receiver.text.clear();
    read.clear();
    run(peer.write("to us"), data("to libssl"));
    EXPECT_EQ(receiver.text, "to us");
    EXPECT_EQ(read, "to libssl");
  }

  Issued root;
  certificates::Store trusted;
  Issued leaf;
  OwnCertificate own;
  Credential credential;
  Side ours;
  LibsslPeer peer;
  Receiver receiver;
  std::string read;
};

// --- TLS 1.3: every interleaving ---

enum class Sent { ticket, update, update_requested, certificate_request };

void send(Talk& talk, Sent what, Bytes& stream) {
  SSL* ssl = talk.peer.ssl.get();
  switch (what) {
    case Sent::ticket:
      ASSERT_EQ(SSL_new_session_ticket(ssl), 1);
      break;
    case Sent::update:
      ASSERT_EQ(SSL_key_update(ssl, SSL_KEY_UPDATE_NOT_REQUESTED), 1);
      break;
    case Sent::update_requested:
      ASSERT_EQ(SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED), 1);
      break;
    case Sent::certificate_request:
      SSL_set_verify(ssl, SSL_VERIFY_PEER, nullptr);
      ASSERT_EQ(SSL_verify_client_post_handshake(ssl), 1);
      break;
  }
  append(stream, talk.do_handshake());
}

/// Data, then each of `order` followed by data. Returns the text.
std::string make_stream(Talk& talk, const std::vector<Sent>& order, Bytes& stream) {
  std::string text = "begin,";
  append(stream, talk.peer.write(text));
  for (const Sent what : order) {
    send(talk, what, stream);
    const std::string after = "after " + std::to_string(static_cast<int>(what)) + ",";
    text += after;
    append(stream, talk.peer.write(after));
  }
  return text;
}

class Interleaving : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Absorb, Interleaving, testing::Bool(), [](const auto& test) {
  return std::string(test.param ? "absorbed" : "announced");
});

TEST_P(Interleaving, REN_7_every_order_cut_at_every_byte_loses_nothing) {
  const DWORD flags = GetParam() ? OPENSCHANNEL_CRED_ABSORB_POST_HANDSHAKE : 0;
  std::vector<Sent> order = {Sent::ticket, Sent::update, Sent::update_requested,
                             Sent::certificate_request};
  std::size_t offset = 0;
  constexpr std::size_t kOrders = 24;
  do {
    // One run with every cut at once, then runs with one cut each: this order takes every 24th
    // place, so that all orders together take every place.
    std::size_t cut = 0;
    for (std::size_t size = 1; cut < size; cut = cut == 0 ? 1 + offset : cut + kOrders) {
      Talk talk(false, Tls::v13, Caller::extra, flags);
      Bytes stream, answers;
      const std::string text = make_stream(talk, order, stream);
      size = stream.size();
      if (cut == 0) {
        talk.receiver.give(stream, answers, 1);
      } else {
        talk.receiver.give(slice(stream, 0, cut), answers);
        talk.receiver.give(slice(stream, cut, size), answers);
      }
      ASSERT_EQ(talk.receiver.text, text) << cut;
      talk.run({}, answers);
      const std::unique_ptr<X509, Freed<X509_free>> certificate(
          SSL_get1_peer_certificate(talk.peer.ssl.get()));
      ASSERT_NE(certificate, nullptr) << cut;
      ASSERT_NO_FATAL_FAILURE(talk.expect_works());
    }
    ++offset;
  } while (std::next_permutation(order.begin(), order.end()));
  EXPECT_EQ(offset, kOrders);
}

/// The same for callers of another kind, in every order, byte by byte and all at once.
class InterleavingCallers : public testing::TestWithParam<Caller> {};
INSTANTIATE_TEST_SUITE_P(Callers, InterleavingCallers,
                         testing::Values(Caller::buffer, Caller::nothing, Caller::dropped),
                         [](const auto& test) {
                           return std::string(test.param == Caller::buffer    ? "buffer"
                                              : test.param == Caller::nothing ? "nothing"
                                                                              : "dropped");
                         });

TEST_P(InterleavingCallers, R_9_every_order_loses_nothing_whatever_the_caller_passes) {
  std::vector<Sent> order = {Sent::ticket, Sent::update, Sent::update_requested,
                             Sent::certificate_request};
  do {
    for (const std::size_t piece : {0, 1}) {
      Talk talk(false, Tls::v13, GetParam());
      Bytes stream, answers;
      const std::string text = make_stream(talk, order, stream);
      talk.receiver.give(stream, answers, piece);
      ASSERT_EQ(talk.receiver.text, text);
      talk.run({}, answers);
      const std::unique_ptr<X509, Freed<X509_free>> certificate(
          SSL_get1_peer_certificate(talk.peer.ssl.get()));
      ASSERT_NE(certificate, nullptr);
      ASSERT_NO_FATAL_FAILURE(talk.expect_works());
    }
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(LateAuthentication, AUTH_20_libssl_as_the_client_shows_its_certificate) {
  Talk talk(true, Tls::v13);
  talk.ours.flags = kServerFlags | ASC_REQ_MUTUAL_AUTH;
  Bytes stream = talk.data("before,");
  const Leg request = talk.ours.call({});
  ASSERT_EQ(request.status, SEC_E_OK) << OpenSchannelErrorDetail();
  append(stream, request.token);
  append(stream, talk.data("after"));
  talk.run({}, stream, 1);
  EXPECT_EQ(talk.read, "before,after");
  PCCERT_CONTEXT remote = nullptr;
  ASSERT_EQ(QueryContextAttributesA(&talk.ours.context, SECPKG_ATTR_REMOTE_CERT_CONTEXT,
                                    static_cast<void*>(&remote)),
            SEC_E_OK);
  CertFreeCertificateContext(remote);
  EXPECT_NE(talk.ours.call({}).status, SEC_E_INTERNAL_ERROR);
}

TEST(KeyUpdates, REN_12_ours_are_understood_and_answered) {
  for (const bool we_serve : {true, false}) {
    Talk talk(we_serve, Tls::v13);
    for (int i = 0; i < 3; ++i) {
      const Leg update = talk.ours.call({});
      ASSERT_EQ(update.status, SEC_E_OK);
      talk.run({}, update.token);
      talk.expect_works();
    }
    EXPECT_FALSE(talk.receiver.statuses.empty());  // libssl's answers
  }
}

TEST(KeyUpdates, ENC_20_an_encrypting_thread_is_not_disturbed_by_what_is_absorbed) {
  Talk talk(false, Tls::v13, Caller::extra, OPENSCHANNEL_CRED_ABSORB_POST_HANDSHAKE);
  Bytes stream;
  std::string text;
  for (int i = 0; i < 200; ++i) {
    send(talk, i % 2 == 0 ? Sent::ticket : Sent::update, stream);
    const std::string more = "message " + std::to_string(i) + ";";
    text += more;
    append(stream, talk.peer.write(more));
  }
  std::string sent;
  Bytes records;
  std::thread encrypting([&] {
    for (int i = 0; i < 2000; ++i) {
      const std::string more = std::to_string(i) + ",";
      Bytes record;
      ASSERT_EQ(talk.ours.encrypt(more, record), SEC_E_OK) << i;
      sent += more;
      append(records, record);
    }
  });
  Bytes answers;
  talk.receiver.give(stream, answers, 3000);
  encrypting.join();
  EXPECT_TRUE(answers.empty());
  EXPECT_EQ(talk.receiver.text, text);
  talk.run({}, records);
  EXPECT_EQ(talk.read, sent);
}

// --- TLS 1.2: renegotiation ---

class RenegotiationWithLibssl : public testing::TestWithParam<std::tuple<bool, Caller>> {
 protected:
  /// Ours as libssl has verified it: another one after each handshake.
  Bytes peer_finished() const {
    Bytes out(12);
    EXPECT_EQ(SSL_get_peer_finished(talk_.peer.ssl.get(), out.data(), out.size()), 12U);
    return out;
  }
  Talk talk_{std::get<0>(GetParam()), Tls::v12, std::get<1>(GetParam()), 0,
             SSL_OP_ALLOW_CLIENT_RENEGOTIATION};
};
std::string caller_name(const testing::TestParamInfo<std::tuple<bool, Caller>>& test) {
  constexpr const char* kNames[] = {"extra", "buffer", "nothing", "dropped"};
  return std::string(std::get<0>(test.param) ? "server_" : "client_") +
         kNames[static_cast<int>(std::get<1>(test.param))];
}
INSTANTIATE_TEST_SUITE_P(Callers, RenegotiationWithLibssl,
                         testing::Combine(testing::Bool(),
                                          testing::Values(Caller::extra, Caller::buffer,
                                                          Caller::nothing, Caller::dropped)),
                         caller_name);

TEST_P(RenegotiationWithLibssl, REN_2_ours) {
  Bytes finished = peer_finished();
  for (std::size_t i = 0; i < 3; ++i) {
    Bytes stream = talk_.data("before");
    const Leg leg = talk_.ours.call({});
    ASSERT_GE(leg.status, 0) << OpenSchannelErrorDetail();
    append(stream, leg.token);
    Bytes to_us = talk_.peer.write("under way");
    talk_.run(to_us, stream, i);
    EXPECT_EQ(talk_.receiver.text, "under way");
    EXPECT_NE(std::exchange(finished, peer_finished()), peer_finished());
    talk_.expect_works();
    talk_.receiver.text.clear();
  }
}

TEST_P(RenegotiationWithLibssl, REN_5_theirs) {
  Bytes finished = peer_finished();
  for (std::size_t i = 0; i < 3; ++i) {
    Bytes stream = talk_.peer.write("before");
    ASSERT_EQ(SSL_renegotiate(talk_.peer.ssl.get()), 1);
    append(stream, talk_.do_handshake());
    talk_.run(stream, {}, i);
    EXPECT_EQ(talk_.receiver.text, "before");
    EXPECT_NE(std::exchange(finished, peer_finished()), peer_finished());
    talk_.expect_works();
    talk_.receiver.text.clear();
  }
  EXPECT_EQ(talk_.receiver.loop.back(), SEC_E_OK);
}

TEST(RenegotiationOfLibssl, AUTH_20_a_server_asks_for_the_certificate_later) {
  Talk talk(false, Tls::v12);
  SSL_set_verify(talk.peer.ssl.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  ASSERT_EQ(SSL_renegotiate(talk.peer.ssl.get()), 1);
  talk.run(talk.do_handshake(), {}, 1);
  const std::unique_ptr<X509, Freed<X509_free>> certificate(
      SSL_get1_peer_certificate(talk.peer.ssl.get()));
  EXPECT_NE(certificate, nullptr);
  talk.expect_works();
}

TEST(RenegotiationOfLibssl, REN_13_libssl_refuses_clients_by_default) {
  Talk talk(false, Tls::v12);
  const Leg leg = talk.ours.call({});
  ASSERT_EQ(leg.status, SEC_I_CONTINUE_NEEDED);
  talk.run({}, leg.token);
  EXPECT_EQ(talk.receiver.statuses, std::vector<SECURITY_STATUS>{SEC_I_NO_RENEGOTIATION});
  talk.expect_works();
  // Through the loop function, for a caller that waits there.
  const Leg again = talk.ours.call({});
  talk.receiver.in_loop = true;
  talk.run({}, again.token);
  EXPECT_EQ(talk.receiver.loop.back(), SEC_I_NO_RENEGOTIATION);
  talk.expect_works();
}

TEST(RenegotiationOfLibssl, REN_17_our_refusal_is_understood) {
  for (const bool we_serve : {true, false}) {
    Talk talk(we_serve, Tls::v12, Caller::extra, OPENSCHANNEL_CRED_REFUSE_RENEGOTIATION);
    ASSERT_EQ(SSL_renegotiate(talk.peer.ssl.get()), 1);
    Bytes answer;
    talk.receiver.give(talk.do_handshake(), answer);
    ASSERT_EQ(talk.receiver.loop, std::vector<SECURITY_STATUS>{SEC_E_OK});
    talk.peer.give(answer);
    talk.peer.read();
    EXPECT_EQ(talk.peer.alert_received, 100);
    Bytes record;
    EXPECT_EQ(talk.ours.encrypt("on it goes", record), SEC_E_OK);
  }
}

TEST(RenegotiationOfLibssl, REN_19_another_server_certificate_is_refused_unless_the_caller_judges) {
  for (const bool manual : {false, true}) {
    Talk talk(false, Tls::v12, Caller::extra, manual ? SCH_CRED_MANUAL_CRED_VALIDATION : 0);
    const Issued other = issue({}, &talk.root);
    SSL_use_certificate(talk.peer.ssl.get(), other.certificate.get());
    SSL_use_PrivateKey(talk.peer.ssl.get(), other.key.get());
    ASSERT_EQ(SSL_renegotiate(talk.peer.ssl.get()), 1);
    if (manual) {
      talk.run(talk.do_handshake());
      talk.expect_works();
      continue;
    }
    Bytes request = talk.do_handshake();
    SECURITY_STATUS status = SEC_E_OK;
    talk.ours.decrypt(request, &status);
    const Leg hello = talk.ours.call(request);
    ASSERT_EQ(hello.status, SEC_I_CONTINUE_NEEDED);
    talk.peer.give(hello.token);
    talk.peer.read();
    EXPECT_EQ(talk.ours.call(talk.peer.take()).status, SEC_E_CERT_UNKNOWN);
  }
}

}  // namespace
}  // namespace contract
