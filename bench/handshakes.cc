#include <benchmark/benchmark.h>

#include "peers.h"

// Full handshakes, client and server in one thread, ECDSA P-256 and x25519, nobody verifies.
// Credentials are made once, as programs do, except for libssl's SSL_CTX here, whose making is
// outside the timed part as well.
namespace {

template <class Client, class Server>
void run(benchmark::State& state, Client make_client, Server make_server) {
  for (auto _ : state) {
    state.PauseTiming();
    auto client = make_client();
    auto server = make_server();
    state.ResumeTiming();
    connect(*client, *server);
    state.PauseTiming();
    client.reset();
    server.reset();
    state.ResumeTiming();
  }
}

void ours(benchmark::State& state) {
  const bool tls13 = state.range(0) != 0;
  run(
      state, [&] { return std::make_unique<SspiEnd>(false, tls13); },
      [&] { return std::make_unique<SspiEnd>(true, tls13); });
}

void libssl(benchmark::State& state) {
  const bool tls13 = state.range(0) != 0;
  const TlsChoice choice{tls13, tls13 ? "TLS_AES_256_GCM_SHA384" : "ECDHE-ECDSA-AES256-GCM-SHA384"};
  run(
      state, [&] { return std::make_unique<LibsslEnd>(choice, false); },
      [&] { return std::make_unique<LibsslEnd>(choice, true); });
}

BENCHMARK(ours)->Name("handshake/openschannel")->Arg(1)->Arg(0)->Unit(benchmark::kMicrosecond);
BENCHMARK(libssl)->Name("handshake/libssl")->Arg(1)->Arg(0)->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
