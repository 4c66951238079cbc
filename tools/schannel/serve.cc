#include <fmt/format.h>
#include <sys/socket.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>

#include "commands.h"
#include "failure.h"
#include "http.h"
#include "report.h"
#include "session.h"

namespace {

using asio::ip::tcp;

/// Counts the connections under way, so that they can be limited and waited for.
class Connections {
 public:
  explicit Connections(unsigned limit) : limit_(limit) {}

  bool try_begin() {
    const std::lock_guard lock(mutex_);
    if (count_ == limit_) return false;
    ++count_;
    return true;
  }
  void end() {
    const std::lock_guard lock(mutex_);
    --count_;
    changed_.notify_all();
  }
  /// True when all have ended in time.
  bool wait_for_all(std::chrono::seconds most) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, most, [&] { return count_ == 0; });
  }

 private:
  unsigned limit_;
  unsigned count_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
};

/// A peer that says nothing must not hold a thread for ever.
void set_timeout(tcp::socket& socket, unsigned seconds) {
  const timeval time{static_cast<time_t>(seconds), 0};
  setsockopt(socket.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
  setsockopt(socket.native_handle(), SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
}

void converse(Session& session, const ServeOptions& options) {
  if (!options.www.empty()) {
    serve_http(
        options.www, [&] { return session.receive(); },
        [&](std::span<const char> bytes) { session.send(bytes); });
    return;
  }
  for (;;) {
    const std::span<const char> message = session.receive();
    if (message.empty()) return;
    session.send(message);
  }
}

void serve_one(tcp::socket socket, CredHandle* credential, const ServeOptions& options,
               const Tracer& tracer, unsigned number) {
  const std::string side = fmt::format("#{}", number);
  try {
    set_timeout(socket, options.idle_seconds);
    Session session(
        socket, credential,
        {.is_server = true,
         .alpn = options.alpn,
         .extra_flags = options.request_client_certificate ? ULONG{ASC_REQ_MUTUAL_AUTH} : 0,
         .side = side},
        tracer);
    session.handshake();
    fmt::print(stderr, "{} {}\n", side, to_line(report_of(session.context())));
    converse(session, options);
    session.shutdown();
    asio::error_code ignored;
    socket.shutdown(tcp::socket::shutdown_send, ignored);
    // Wait for the peer's end, so that the kernel does not answer its close_notify with a reset.
    char rest[512];
    for (int i = 0; i < 64 && !ignored; ++i) socket.read_some(asio::buffer(rest), ignored);
  } catch (const std::exception& failure) {
    fmt::print(stderr, "{} {}\n", side, failure.what());
  }
}

}  // namespace

int run_serve(const ServeOptions& options) {
  if (!options.www.empty() && !std::filesystem::is_directory(options.www)) {
    throw std::invalid_argument(options.www + " is not a directory");
  }
  const Store certificate = load_certificate(options.certificate);
  CredentialHandle credential(
      {.is_server = true, .tls = options.tls, .certificate = certificate.get()});

  asio::io_context io;
  const HostPort where = split_address(options.listen, "4433");
  asio::error_code error;
  const auto endpoints =
      tcp::resolver(io).resolve(where.host, where.port, tcp::resolver::passive, error);
  if (error) throw NetworkFailure("can't listen on " + options.listen + ": " + error.message());
  tcp::acceptor acceptor(io);
  const tcp::endpoint endpoint = *endpoints.begin();
  acceptor.open(endpoint.protocol());
  acceptor.set_option(tcp::acceptor::reuse_address(true));
  acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) throw NetworkFailure("can't listen on " + options.listen + ": " + error.message());

  const tcp::endpoint bound = acceptor.local_endpoint();
  const bool v6 = bound.address().is_v6();
  fmt::print("listening on {}{}{}:{}\n", v6 ? "[" : "", bound.address().to_string(), v6 ? "]" : "",
             bound.port());
  std::fflush(stdout);

  const Tracer tracer(options.trace ? stderr : nullptr);
  tracer.header();
  Connections connections(options.once ? 1 : options.connection_limit);
  asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](const asio::error_code&, int) { acceptor.close(); });

  unsigned number = 0;
  const std::function<void()> accept_next = [&] {
    acceptor.async_accept([&](const asio::error_code& failed, tcp::socket socket) {
      if (!acceptor.is_open()) return;
      if (!failed && connections.try_begin()) {
        ++number;
        std::thread([&, mine = number, moved = std::move(socket)]() mutable {
          serve_one(std::move(moved), credential.get(), options, tracer, mine);
          connections.end();
        }).detach();
        if (options.once) {
          acceptor.close();
          signals.cancel();
          return;
        }
      } else if (!failed) {
        fmt::print(stderr, "refused a connection: {} are open\n", options.connection_limit);
      }
      accept_next();
    });
  };
  accept_next();
  io.run();

  // SIGTERM drains: nothing new, what is under way may finish.
  const std::chrono::seconds patience(options.once ? 3600 : 10);
  if (!connections.wait_for_all(patience)) {
    fmt::print(stderr, "some connections did not end in {} s\n", patience.count());
    std::fflush(nullptr);
    std::_Exit(kExitOk);  // their threads still use what this function owns
  }
  return kExitOk;
}
