#include "transport.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

#include "failure.h"

namespace {

constexpr std::chrono::seconds kFinishTimeMax{2};

std::string last_error() { return std::generic_category().message(errno); }

}  // namespace

StopSignal::StopSignal() : descriptor_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

StopSignal::~StopSignal() { ::close(descriptor_); }

void StopSignal::raise() {
  Clock::rep never = 0;
  raised_at_.compare_exchange_strong(never, Clock::now().time_since_epoch().count());
  eventfd_write(descriptor_, 1);
}

std::optional<StopSignal::Clock::time_point> StopSignal::raised_at() const {
  const Clock::rep at = raised_at_;
  if (at == 0) return std::nullopt;
  return Clock::time_point(Clock::duration(at));
}

bool Transport::wait(short events, bool stoppable) {
  const Clock::time_point begin = Clock::now();
  for (;;) {
    const auto stopped_at = stop_ == nullptr ? std::nullopt : stop_->raised_at();
    Clock::time_point limit = Clock::time_point::max();
    if (silence_limit_ != std::chrono::seconds::zero()) limit = begin + silence_limit_;
    if (deadline_) limit = std::min(limit, *deadline_);
    if (stopped_at) limit = std::min(limit, *stopped_at + grace_);

    pollfd polled[] = {{socket_.native_handle(), events, 0},
                       {stop_ == nullptr || stopped_at ? -1 : stop_->descriptor(), POLLIN, 0}};
    int milliseconds = -1;
    if (stopped_at && stoppable) {
      milliseconds = 0;
    } else if (limit != Clock::time_point::max()) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(limit - Clock::now());
      // At least one look: what has arrived counts, however late we are.
      milliseconds = static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 1'000'000));
    }
    const int ready = ::poll(polled, 2, milliseconds);
    if (ready < 0 && errno != EINTR) throw NetworkFailure("poll failed: " + last_error());
    if (ready > 0 && polled[0].revents != 0) return true;
    if (stopped_at && stoppable) return false;
    if (Clock::now() >= limit) throw NetworkFailure("the peer took too long");
  }
}

bool Transport::wait_readable(bool stoppable) { return wait(POLLIN, stoppable); }

std::size_t Transport::read_some(std::span<char> into) {
  for (;;) {
    const ssize_t size = ::recv(socket_.native_handle(), into.data(), into.size(), MSG_DONTWAIT);
    if (size >= 0) return static_cast<std::size_t>(size);
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      wait(POLLIN, /*stoppable=*/false);
    } else if (errno != EINTR) {
      throw NetworkFailure("receiving failed: " + last_error());
    }
  }
}

void Transport::write_all(std::span<const char> bytes) {
  while (!bytes.empty()) {
    const ssize_t size =
        ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (size >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(size));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      wait(POLLOUT, /*stoppable=*/false);
    } else if (errno != EINTR) {
      throw NetworkFailure("sending failed: " + last_error());
    }
  }
}

void Transport::finish() {
  if (::shutdown(socket_.native_handle(), SHUT_WR) != 0) return;
  const auto end = Clock::now() + kFinishTimeMax;
  deadline_ = deadline_ ? std::min(*deadline_, end) : end;
  char rest[4096];
  try {
    while (Clock::now() < *deadline_ && read_some(rest) != 0) {
    }
  } catch (const NetworkFailure&) {
    // The peer has gone its way; ours ends here, too.
  }
}
