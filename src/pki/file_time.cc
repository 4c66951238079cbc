#include "pki/file_time.h"

#include <ctime>

namespace schannel::pki {
namespace {

constexpr std::uint64_t kTicksPerSecond = 10'000'000;
constexpr std::int64_t kSecondsFrom1601To1970 = 11'644'473'600;

}  // namespace

FILETIME file_time_of(std::int64_t unix_seconds) {
  if (unix_seconds <= -kSecondsFrom1601To1970) return {0, 0};
  const auto seconds = static_cast<std::uint64_t>(unix_seconds + kSecondsFrom1601To1970);
  if (seconds > kFileTimeMax / kTicksPerSecond) return file_time_of_ticks(kFileTimeMax);
  return file_time_of_ticks(seconds * kTicksPerSecond);
}

FILETIME file_time_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (!time || ASN1_TIME_to_tm(time, &parts) != 1) return file_time_of_ticks(kFileTimeMax);
  return file_time_of(std::int64_t{timegm(&parts)});
}

}  // namespace schannel::pki
