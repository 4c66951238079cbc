#pragma once
#include <asio.hpp>
#include <atomic>
#include <chrono>
#include <optional>
#include <span>

/// Tells many transports at once that it is time to end.
class StopSignal {
 public:
  using Clock = std::chrono::steady_clock;

  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  /// For any thread; the first call counts.
  void raise();
  /// When it was raised, if it was.
  std::optional<Clock::time_point> raised_at() const;
  /// Readable from raise() on, for poll(2).
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
  std::atomic<Clock::rep> raised_at_{0};
};

/// The bytes of one connected socket, with limits of time. One thread may read while another
/// writes. Every wait ends: by data, by a limit, or a while after the stop signal. (SO_RCVTIMEO
/// does not do it: Asio's blocking calls go on waiting when it strikes.)
class Transport {
 public:
  using Clock = StopSignal::Clock;

  /// `stop` may be null. After it a peer has `grace` to take what is sent to it.
  Transport(asio::ip::tcp::socket& socket, const StopSignal* stop, std::chrono::seconds grace)
      : socket_(socket), stop_(stop), grace_(grace) {}

  /// The longest silence of the peer in one read or write; zero: no limit.
  void limit_silence(std::chrono::seconds limit) { silence_limit_ = limit; }
  /// The moment by which everything must be over; none: no such moment.
  void set_deadline(std::optional<Clock::time_point> deadline) { deadline_ = deadline; }

  /// Waits for bytes. Throws NetworkFailure when a limit strikes. `stoppable`: gives false when the
  /// stop signal is there and nothing else is.
  bool wait_readable(bool stoppable);
  /// Some bytes, after waiting for them; 0 at the end of the stream. Throws NetworkFailure.
  std::size_t read_some(std::span<char> into);
  /// Throws NetworkFailure.
  void write_all(std::span<const char> bytes);

  /// Says that nothing more is sent and waits a moment for the peer to say the same: closing a
  /// socket with unread bytes would reset the connection under the bytes still on their way.
  void finish();

 private:
  bool wait(short events, bool stoppable);

  asio::ip::tcp::socket& socket_;
  const StopSignal* stop_;
  std::chrono::seconds grace_;
  std::chrono::seconds silence_limit_{0};
  std::optional<Clock::time_point> deadline_;
};
