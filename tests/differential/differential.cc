#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "conversation.h"

// The same random handshakes by three libraries: OpenSchannel, libssl and GnuTLS play both ends in
// all nine pairs. Whether it succeeds, what was agreed, exported keys and the bytes delivered must
// be the same at both ends and what the standards say.
//
//     differential COUNT [SEED] [--only NUMBER] [--json]
//
// The pairs without us show that the configuration means what it should.
namespace {

using namespace differential;

constexpr unsigned kDisagreementsShownMax = 10;

struct Tally {
  std::uint64_t handshakes = 0, succeeded = 0, failed = 0, open = 0, resumed = 0, disagreements = 0,
                bytes = 0;
};

struct Options {
  std::uint64_t count = 100, seed = 8446, only = 0;
  bool has_only = false, json = false;
};

bool read(int argc, char** argv, Options& out) {
  int position = 0;
  for (int i = 1; i < argc; ++i) {
    char* end = nullptr;
    if (std::strcmp(argv[i], "--json") == 0) {
      out.json = true;
    } else if (std::strcmp(argv[i], "--only") == 0 && i + 1 < argc) {
      out.only = std::strtoull(argv[++i], &end, 10);
      out.has_only = true;
    } else if (position < 2) {
      (position++ == 0 ? out.count : out.seed) = std::strtoull(argv[i], &end, 10);
      if (*end != '\0') return false;
    } else {
      return false;
    }
  }
  return position > 0 || out.has_only;
}

void print(const Tally& tally, const Options& options, std::uint64_t configurations,
           double seconds) {
  const auto number = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
  if (options.json) {
    std::printf(
        "{\"seed\": %llu, \"configurations\": %llu, \"handshakes\": %llu, \"succeeded\": %llu, "
        "\"failed\": %llu, \"open\": %llu, \"resumed\": %llu, \"bytes\": %llu, "
        "\"disagreements\": %llu}\n",
        number(options.seed), number(configurations), number(tally.handshakes),
        number(tally.succeeded), number(tally.failed), number(tally.open), number(tally.resumed),
        number(tally.bytes), number(tally.disagreements));
    return;
  }
  std::printf(
      "%llu configurations, nine pairs each, in %.1f s (seed %llu)\n"
      "  handshakes             %12llu\n"
      "  of them resumed        %12llu\n"
      "  pairs that succeeded   %12llu\n"
      "  pairs that had to fail %12llu\n"
      "  pairs left open        %12llu\n"
      "  bytes of data          %12llu\n"
      "  disagreements          %12llu\n",
      number(configurations), seconds, number(options.seed), number(tally.handshakes),
      number(tally.resumed), number(tally.succeeded), number(tally.failed), number(tally.open),
      number(tally.bytes), number(tally.disagreements));
}

void run(const Configuration& c, const Identities& identities, Tally& tally) {
  const Expectation expectation = expect(c);
  for (const Library client : kLibraries) {
    for (const Library server : kLibraries) {
      const Outcome outcome = converse(c, identities, client, server);
      tally.handshakes += outcome.handshakes;
      tally.resumed += outcome.resumed;
      tally.bytes += outcome.bytes;
      switch (expectation.outcome) {
        case Expectation::Outcome::open:
          ++tally.open;
          break;
        case Expectation::Outcome::failure:
          ++tally.failed;
          break;
        case Expectation::Outcome::success:
          ++tally.succeeded;
          break;
      }
      if (outcome.disagreement.empty()) continue;
      if (++tally.disagreements > kDisagreementsShownMax) continue;
      std::printf(
          "DISAGREEMENT: client %s, server %s: %s\n%s\n  again: differential 1 %llu --only "
          "%llu\n\n",
          name_of(client), name_of(server), outcome.disagreement.c_str(), describe(c).c_str(),
          static_cast<unsigned long long>(c.seed), static_cast<unsigned long long>(c.number));
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!read(argc, argv, options)) {
    std::fprintf(stderr, "usage: differential COUNT [SEED] [--only NUMBER] [--json]\n");
    return 2;
  }
  const auto start = std::chrono::steady_clock::now();
  const Identities identities;
  Tally tally;
  const std::uint64_t first = options.has_only ? options.only : 0,
                      last = options.has_only ? options.only + 1 : options.count;
  for (std::uint64_t number = first; number < last; ++number) {
    run(make_configuration(options.seed, number), identities, tally);
    if (!options.json && (number + 1) % 500 == 0 && number + 1 != last) {
      std::printf("  %llu of %llu, %llu disagreements\n",
                  static_cast<unsigned long long>(number + 1),
                  static_cast<unsigned long long>(last),
                  static_cast<unsigned long long>(tally.disagreements));
      std::fflush(stdout);
    }
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  print(tally, options, last - first, seconds.count());
  return tally.disagreements == 0 ? 0 : 1;
}
