#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>

#include <openssl/evp.h>

#include "measure.h"
#include "peers.h"
#include "raw_ipsec_mb.h"

// One record sealed or opened: ours through EncryptMessage and DecryptMessage, libssl with memory
// BIOs, and the bare AEADs, at the same sizes in the same run.
//
// Opening a record consumes it, so records are made in batches and only the function under
// measurement is timed (manual time): making the next batch counts for nobody. What is timed:
//
//   ours       the bytes lie where they were received, or where they will be sent from; nothing is
//              copied, so there is no copy to leave out
//   libssl     SSL_write and BIO_read, or BIO_write and SSL_read: with memory BIOs the copies in
//              and out are the price of the interface, whoever uses it pays them
//   raw        the cipher in place, without framing, nonces or checks
//
// A batch of full records is as big as a second-level cache, for all of them alike.
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kBatch = 32;

template <class Body>
double seconds(Body body) {
  const Clock::time_point begin = Clock::now();
  body();
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// An iteration is a batch; rates are of records.
void count(benchmark::State& state, std::size_t size) {
  const auto records = static_cast<std::int64_t>(state.iterations() * kBatch);
  state.SetItemsProcessed(records);
  state.SetBytesProcessed(records * static_cast<std::int64_t>(size));
}

struct Suite {
  const char* name;
  TlsChoice choice;
};
const Suite kSuites[] = {{"tls13_aes128", {true, "TLS_AES_128_GCM_SHA256"}},
                         {"tls13_aes256", {true, "TLS_AES_256_GCM_SHA384"}},
                         {"tls13_chacha20", {true, "TLS_CHACHA20_POLY1305_SHA256"}},
                         {"tls12_aes128", {false, "ECDHE-ECDSA-AES128-GCM-SHA256"}}};
constexpr std::size_t kSizes[] = {16384, 1400, 100};

/// A batch of records with room for what goes around the data.
class Records {
 public:
  Records(std::size_t header, std::size_t data, std::size_t trailer)
      : header_(header),
        data_(data),
        trailer_(trailer),
        bytes_(kBatch * (header + data + trailer), 0x5a) {}
  unsigned char* at(std::size_t i) { return bytes_.data() + i * size(); }
  std::size_t size() const { return header_ + data_ + trailer_; }
  std::size_t header() const { return header_; }
  std::size_t data() const { return data_; }
  std::size_t trailer() const { return trailer_; }

 private:
  std::size_t header_, data_, trailer_;
  std::vector<unsigned char> bytes_;
};

void check(bool good, const char* what) {
  if (good) return;
  std::fprintf(stderr, "%s failed in a benchmark\n", what);
  std::abort();
}

void seal_one(PCtxtHandle context, Records& records, std::size_t i) {
  unsigned char* at = records.at(i);
  SecBuffer buffers[] = {
      {static_cast<ULONG>(records.header()), SECBUFFER_STREAM_HEADER, at},
      {static_cast<ULONG>(records.data()), SECBUFFER_DATA, at + records.header()},
      {static_cast<ULONG>(records.trailer()), SECBUFFER_STREAM_TRAILER,
       at + records.header() + records.data()},
      {0, SECBUFFER_EMPTY, nullptr}};
  SecBufferDesc desc{SECBUFFER_VERSION, 4, buffers};
  check(EncryptMessage(context, 0, &desc, 0) == SEC_E_OK, "EncryptMessage");
}

void open_one(PCtxtHandle context, Records& records, std::size_t i) {
  SecBuffer buffers[] = {{static_cast<ULONG>(records.size()), SECBUFFER_DATA, records.at(i)},
                         {0, SECBUFFER_EMPTY, nullptr},
                         {0, SECBUFFER_EMPTY, nullptr},
                         {0, SECBUFFER_EMPTY, nullptr}};
  SecBufferDesc desc{SECBUFFER_VERSION, 4, buffers};
  check(DecryptMessage(context, &desc, 0, nullptr) == SEC_E_OK, "DecryptMessage");
}

void ours(benchmark::State& state, const TlsChoice& choice, std::size_t size, bool seal) {
  // Which end is ours decides whether we seal for libssl or open what it sealed.
  SspiCredential credential(/*is_server=*/false, choice.tls13);
  const LibsslContext server_context(choice, /*is_server=*/true);
  SspiEnd client(credential);
  LibsslEnd server(server_context);
  connect(client, server);
  SecPkgContext_StreamSizes sizes{};
  check(QueryContextAttributesA(client.context(), SECPKG_ATTR_STREAM_SIZES, &sizes) == SEC_E_OK,
        "STREAM_SIZES");
  // cbTrailer is the most a record may need; what libssl sends has the tag alone, in TLS 1.3 behind
  // the content type.
  const ULONG trailer = seal ? sizes.cbTrailer : choice.tls13 ? 17 : 16;
  Records records(sizes.cbHeader, size, trailer);
  std::vector<unsigned char> plain(size, 0x5a);
  for (auto _ : state) {
    if (seal) {
      state.SetIterationTime(seconds([&] {
        for (std::size_t i = 0; i < kBatch; ++i) seal_one(client.context(), records, i);
      }));
    } else {
      for (std::size_t i = 0; i < kBatch; ++i) {
        check(SSL_write(server.ssl(), plain.data(), static_cast<int>(size)) > 0, "SSL_write");
        check(BIO_read(SSL_get_wbio(server.ssl()), records.at(i),
                       static_cast<int>(records.size())) == static_cast<int>(records.size()),
              "BIO_read");
      }
      state.SetIterationTime(seconds([&] {
        for (std::size_t i = 0; i < kBatch; ++i) open_one(client.context(), records, i);
      }));
    }
  }
  count(state, size);
}

void libssl(benchmark::State& state, const TlsChoice& choice, std::size_t size, bool seal) {
  const LibsslContext client_context(choice, /*is_server=*/false);
  const LibsslContext server_context(choice, /*is_server=*/true);
  LibsslEnd client(client_context), server(server_context);
  connect(client, server);
  std::vector<unsigned char> plain(size, 0x5a), out(size), wire(kBatch * (size + 64));
  BIO* from = SSL_get_wbio(client.ssl());
  BIO* to = SSL_get_rbio(server.ssl());
  for (auto _ : state) {
    int total = 0;
    const double sealing = seconds([&] {
      for (std::size_t i = 0; i < kBatch; ++i) {
        check(SSL_write(client.ssl(), plain.data(), static_cast<int>(size)) > 0, "SSL_write");
        total += BIO_read(from, wire.data() + total, static_cast<int>(wire.size()) - total);
      }
    });
    const int record = total / static_cast<int>(kBatch);
    const double opening = seconds([&] {
      for (std::size_t i = 0; i < kBatch; ++i) {
        BIO_write(to, wire.data() + i * static_cast<std::size_t>(record), record);
        check(SSL_read(server.ssl(), out.data(), static_cast<int>(size)) == static_cast<int>(size),
              "SSL_read");
      }
    });
    state.SetIterationTime(seal ? sealing : opening);
  }
  count(state, size);
}

void raw_libcrypto(benchmark::State& state, const EVP_CIPHER* cipher, std::size_t size, bool seal) {
  unsigned char key[32] = {1}, iv[12] = {2}, aad[5] = {23, 3, 3}, tag[16];
  std::vector<unsigned char> data(size);
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  EVP_CipherInit_ex(context, cipher, nullptr, key, iv, seal ? 1 : 0);
  for (auto _ : state) {
    state.SetIterationTime(seconds([&] {
      for (std::size_t i = 0; i < kBatch; ++i) {
        int n = 0;
        ++iv[0];
        EVP_CipherInit_ex(context, nullptr, nullptr, nullptr, iv, -1);
        EVP_CipherUpdate(context, nullptr, &n, aad, sizeof aad);
        EVP_CipherUpdate(context, data.data(), &n, data.data(), static_cast<int>(size));
        if (seal) {
          EVP_CipherFinal_ex(context, tag, &n);
          EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, tag);
        } else {
          EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, 16, tag);
          EVP_CipherFinal_ex(context, tag, &n);  // says no, after the same work
        }
      }
    }));
  }
  EVP_CIPHER_CTX_free(context);
  count(state, size);
}

void raw_ipsec_mb(benchmark::State& state, bool aes256, std::size_t size, bool seal) {
  RawGcm gcm(aes256);
  std::vector<unsigned char> data(kBatch * size);  // as many bytes as the others walk over
  for (auto _ : state) {
    state.SetIterationTime(seconds([&] {
      for (std::size_t i = 0; i < kBatch; ++i) gcm.run(seal, data.data() + i * size, size);
    }));
  }
  count(state, size);
}

void add(const std::string& name, std::size_t size, bool seal,
         const std::function<void(benchmark::State&)>& body) {
  const std::string full = name + "/" + (seal ? "encrypt" : "decrypt") + "/" + std::to_string(size);
  benchmark::RegisterBenchmark(full.c_str(), body)->UseManualTime()->MinTime(0.05);
}

void add_all(std::size_t size, bool seal) {
  for (const Suite& suite : kSuites) {
    const TlsChoice choice = suite.choice;
    add(std::string(suite.name) + "/openschannel", size, seal,
        [=](benchmark::State& state) { ours(state, choice, size, seal); });
    add(std::string(suite.name) + "/libssl", size, seal,
        [=](benchmark::State& state) { libssl(state, choice, size, seal); });
  }
  struct Cipher {
    const char* name;
    const EVP_CIPHER* cipher;
  };
  for (const Cipher& raw :
       {Cipher{"aes128", EVP_aes_128_gcm()}, Cipher{"aes256", EVP_aes_256_gcm()},
        Cipher{"chacha20", EVP_chacha20_poly1305()}}) {
    const EVP_CIPHER* cipher = raw.cipher;
    add(std::string(raw.name) + "/raw_libcrypto", size, seal,
        [=](benchmark::State& state) { raw_libcrypto(state, cipher, size, seal); });
  }
  if (!RawGcm::is_available()) return;
  for (const bool aes256 : {false, true}) {
    add(aes256 ? "aes256/raw_ipsec_mb" : "aes128/raw_ipsec_mb", size, seal,
        [=](benchmark::State& state) { raw_ipsec_mb(state, aes256, size, seal); });
  }
}

}  // namespace

int main(int argc, char** argv) {
  for (const std::size_t size : kSizes) {
    for (const bool seal : {true, false}) add_all(size, seal);
  }
  return measure(argc, argv);
}
