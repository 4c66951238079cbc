#include "support/call.h"

#include <cstdio>
#include <cstdlib>
#include <random>

namespace contract {

unsigned test_seed() {
  static const unsigned seed = [] {
    const char* text = std::getenv("OPENSCHANNEL_TEST_SEED");
    if (text == nullptr) return 1U;
    if (std::string(text) == "random") return std::random_device()();
    return static_cast<unsigned>(std::strtoul(text, nullptr, 0));
  }();
  std::printf("OPENSCHANNEL_TEST_SEED=%u\n", seed);
  return seed;
}

std::vector<std::size_t> record_sizes(const Bytes& bytes) {
  std::vector<std::size_t> sizes;
  for (std::size_t at = 0; at < bytes.size();) {
    if (bytes.size() - at < 5) {
      ADD_FAILURE() << "part of a record header at the end";
      break;
    }
    sizes.push_back(5U + (std::size_t{bytes[at + 3]} << 8) + bytes[at + 4]);
    at += sizes.back();
    EXPECT_LE(at, bytes.size()) << "part of a record at the end";
  }
  return sizes;
}

}  // namespace contract
