#include "support/libssl_peer.h"

#include <openssl/ocsp.h>

#include "support/call.h"

// What a server with several certificates shows, and what it staples (contract CRED-24, ASC-18).
// The client is libssl's, so that somebody else says what arrived.
namespace contract {
namespace {

class ServerChoice : public testing::TestWithParam<Tls> {};
INSTANTIATE_TEST_SUITE_P(Tls, ServerChoice, testing::Values(Tls::v12, Tls::v13), name_of);

/// A server credential with several certificates.
struct ManyNames {
  ManyNames(Tls version, const std::vector<Issued>& leaves) {
    for (const Issued& leaf : leaves) own.emplace_back(leaf);
    for (const OwnCertificate& one : own) contexts.push_back(one.context.get());
    credential.emplace(SECPKG_CRED_INBOUND, version, [&](SCH_CREDENTIALS& data) {
      data.cCreds = static_cast<DWORD>(contexts.size());
      data.paCred = contexts.data();
    });
    EXPECT_EQ(credential->status, SEC_E_OK) << OpenSchannelErrorDetail();
  }
  std::vector<OwnCertificate> own;
  std::vector<PCCERT_CONTEXT> contexts;
  std::optional<Credential> credential;
};

Issued named(const std::string& subject, const char* names, KeyType key = KeyType::ecdsa_p256) {
  Profile profile;
  profile.subject = subject;
  profile.names = names;
  profile.key = key;
  return issue(profile);
}

std::string common_name(X509* certificate) {
  char text[256] = "";
  if (certificate != nullptr) {
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, text,
                              sizeof text);
  }
  return text;
}

/// The common name of what the server shows to a client that asks for `name`; nullptr: no SNI.
std::string shown(ManyNames& server, Tls version, const char* name, const char* schemes = nullptr) {
  Side ours(true, &server.credential->handle);
  LibsslPeer client(LibsslPeer::client, version);
  if (schemes != nullptr) SSL_CTX_set1_sigalgs_list(client.context.get(), schemes);
  client.start();
  SSL_set_tlsext_host_name(client.ssl.get(), name);
  if (!connect(ours, client)) return "(no connection)";
  const Certificate certificate(SSL_get1_peer_certificate(client.ssl.get()), X509_free);
  // ATTR-29: the server itself says the same.
  PCCERT_CONTEXT local = nullptr;
  EXPECT_EQ(QueryContextAttributesW(&ours.context, SECPKG_ATTR_LOCAL_CERT_CONTEXT, &local),
            SEC_E_OK);
  const certificates::Context holder(local);
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate.get(), &der);
  EXPECT_EQ(certificates::encoding_of(local), Bytes(der, der + size));
  OPENSSL_free(der);
  return common_name(certificate.get());
}

TEST_P(ServerChoice, CRED_24_by_name) {
  ManyNames server(
      GetParam(),
      {named("first", "DNS:first.example,IP:127.0.0.1"), named("wildcard", "DNS:*.example.org"),
       named("exact", "DNS:www.example.org,DNS:other.example"), named("cn.example", nullptr),
       named("second first", "DNS:first.example")});
  const struct {
    const char* asked;
    const char* expected;
  } rows[] = {{"first.example", "first"},
              {"FIRST.Example", "first"},
              {"first.example.", "first"},
              {"other.example", "exact"},
              {"www.example.org", "exact"},  // before the wildcard, although that comes first
              {"mail.example.org", "wildcard"},
              {"a.mail.example.org", "first"},  // a wildcard stands for one label
              {"example.org", "first"},
              {"cn.example", "cn.example"},  // the common name, where there is no dNSName
              {"nobody.example", "first"},   // no name fits: the first
              {nullptr, "first"}};
  for (const auto& row : rows) {
    EXPECT_EQ(shown(server, GetParam(), row.asked), row.expected)
        << (row.asked == nullptr ? "no SNI" : row.asked);
  }
}

TEST_P(ServerChoice, CRED_24_by_key_and_name) {
  ManyNames server(GetParam(),
                   {named("ecdsa", "DNS:a.example"), named("rsa", "DNS:a.example", KeyType::rsa),
                    named("rsa of b", "DNS:b.example", KeyType::rsa)});
  EXPECT_EQ(shown(server, GetParam(), "a.example"), "ecdsa");
  EXPECT_EQ(shown(server, GetParam(), "a.example", "rsa_pss_rsae_sha256:RSA+SHA256"), "rsa");
  // The name decides before the order of suites, in which ECDSA comes first.
  EXPECT_EQ(shown(server, GetParam(), "b.example"), "rsa of b");
  // The one that has the name can't sign for this client; one that can is shown instead.
  EXPECT_EQ(shown(server, GetParam(), "b.example", "ECDSA+SHA256"), "ecdsa");
}

/// An OCSP response about `leaf`, signed by `issuer`: "good" for an hour.
Bytes ocsp_response(const Issued& leaf, const Issued& issuer) {
  OCSP_BASICRESP* basic = OCSP_BASICRESP_new();
  OCSP_CERTID* id = OCSP_cert_to_id(nullptr, leaf.certificate.get(), issuer.certificate.get());
  ASN1_TIME* from = X509_gmtime_adj(nullptr, 0);
  ASN1_TIME* to = X509_gmtime_adj(nullptr, 3600);
  OCSP_basic_add1_status(basic, id, V_OCSP_CERTSTATUS_GOOD, 0, nullptr, from, to);
  EXPECT_EQ(
      OCSP_basic_sign(basic, issuer.certificate.get(), issuer.key.get(), EVP_sha256(), nullptr, 0),
      1);
  OCSP_RESPONSE* response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
  unsigned char* der = nullptr;
  const int size = i2d_OCSP_RESPONSE(response, &der);
  Bytes bytes(der, der + size);
  OPENSSL_free(der);
  OCSP_RESPONSE_free(response);
  ASN1_TIME_free(from);
  ASN1_TIME_free(to);
  OCSP_CERTID_free(id);
  OCSP_BASICRESP_free(basic);
  return bytes;
}

void staple(PCCERT_CONTEXT context, Bytes response) {
  CRYPT_DATA_BLOB blob = certificates::blob_of(response);
  ASSERT_TRUE(CertSetCertificateContextProperty(context, CERT_OCSP_RESPONSE_PROP_ID, 0, &blob));
}

struct StaplingServer {
  explicit StaplingServer(const Issued& leaf) : own(leaf) {}
  /// The status of AcquireCredentialsHandle.
  SECURITY_STATUS acquire(Tls version) {
    PCCERT_CONTEXT context = own.context.get();
    credential.emplace(SECPKG_CRED_INBOUND, version,
                       [&](SCH_CREDENTIALS& data) { data.paCred = &context; });
    return credential->status;
  }
  OwnCertificate own;
  std::optional<Credential> credential;
};

TEST_P(ServerChoice, CRED_24_a_staple_goes_to_who_asks) {
  const Issued root = make_root();
  const Issued leaf = issue({}, &root);
  const Bytes response = ocsp_response(leaf, root);
  StaplingServer server(leaf);
  staple(server.own.context.get(), response);
  ASSERT_EQ(server.acquire(GetParam()), SEC_E_OK) << OpenSchannelErrorDetail();
  for (const bool asks : {true, false}) {
    Side ours(true, &server.credential->handle);
    LibsslPeer client(LibsslPeer::client, GetParam());
    client.start();
    if (asks) SSL_set_tlsext_status_type(client.ssl.get(), TLSEXT_STATUSTYPE_ocsp);
    ASSERT_TRUE(connect(ours, client));
    const unsigned char* stapled = nullptr;
    const long size = SSL_get_tlsext_status_ocsp_resp(client.ssl.get(), &stapled);
    if (asks) {
      ASSERT_EQ(size, static_cast<long>(response.size()));
      EXPECT_EQ(Bytes(stapled, stapled + size), response);
    } else {
      EXPECT_LE(size, 0);
    }
  }
}

TEST_P(ServerChoice, CRED_24_no_staple_is_no_answer) {
  const Issued root = make_root();
  StaplingServer server(issue({}, &root));
  ASSERT_EQ(server.acquire(GetParam()), SEC_E_OK);
  Side ours(true, &server.credential->handle);
  LibsslPeer client(LibsslPeer::client, GetParam());
  client.start();
  SSL_set_tlsext_status_type(client.ssl.get(), TLSEXT_STATUSTYPE_ocsp);
  ASSERT_TRUE(connect(ours, client));
  const unsigned char* stapled = nullptr;
  EXPECT_LE(SSL_get_tlsext_status_ocsp_resp(client.ssl.get(), &stapled), 0);
}

TEST_P(ServerChoice, CRED_24_what_is_no_staple_is_refused) {
  const Issued root = make_root();
  const Issued leaf = issue({}, &root);
  const Issued other = issue({}, &root);
  Bytes longer = ocsp_response(leaf, root);
  longer.push_back(0);
  for (const Bytes& wrong : {Bytes{1, 2, 3}, ocsp_response(other, root), longer,
                             Bytes{0x30, 3, 0x0a, 1, 6} /* unauthorized */}) {
    StaplingServer server(leaf);
    staple(server.own.context.get(), wrong);
    EXPECT_EQ(server.acquire(GetParam()), SEC_E_INVALID_PARAMETER);
  }
}

}  // namespace
}  // namespace contract
