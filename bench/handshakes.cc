#include <benchmark/benchmark.h>

#include "measure.h"
#include "peers.h"

// Full handshakes, client and server in one thread, ECDSA P-256 and x25519, nobody builds a chain,
// nothing is resumed. Credentials (libssl: SSL_CTX) are made once, as programs do; a connection's
// making and freeing belongs to it.
namespace {

void ours(benchmark::State& state, bool tls13) {
  SspiCredential client_credential(/*is_server=*/false, tls13);
  SspiCredential server_credential(/*is_server=*/true, tls13);
  for (auto _ : state) {
    SspiEnd client(client_credential), server(server_credential);
    connect(client, server);
  }
  state.SetItemsProcessed(state.iterations());
}

void libssl(benchmark::State& state, bool tls13) {
  // The suite that ours agrees on.
  const TlsChoice choice{tls13, tls13 ? "TLS_AES_256_GCM_SHA384" : "ECDHE-ECDSA-AES256-GCM-SHA384"};
  const LibsslContext client_context(choice, /*is_server=*/false);
  const LibsslContext server_context(choice, /*is_server=*/true);
  for (auto _ : state) {
    LibsslEnd client(client_context), server(server_context);
    connect(client, server);
  }
  state.SetItemsProcessed(state.iterations());
}

void add(const char* name, void (*body)(benchmark::State&, bool), bool tls13) {
  benchmark::RegisterBenchmark(name, body, tls13)->Unit(benchmark::kMicrosecond)->MinTime(0.5);
}

}  // namespace

int main(int argc, char** argv) {
  add("tls13/openschannel/handshake", ours, true);
  add("tls13/libssl/handshake", libssl, true);
  add("tls12/openschannel/handshake", ours, false);
  add("tls12/libssl/handshake", libssl, false);
  return measure(argc, argv);
}
