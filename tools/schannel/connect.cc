#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <thread>

#include "address.h"
#include "commands.h"
#include "failure.h"
#include "report.h"
#include "session.h"

namespace {

/// For what is still to be sent when the server has already closed.
constexpr std::chrono::seconds kGrace{2};

void write_all(int descriptor, std::span<const char> bytes) {
  while (!bytes.empty()) {
    const ssize_t size = ::write(descriptor, bytes.data(), bytes.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) throw std::runtime_error("writing to standard output failed");
    bytes = bytes.subspan(static_cast<std::size_t>(size));
  }
}

/// Standard input to the peer, until it ends (true) or `stop` says that nobody listens any more.
bool pump_input(Session& session, const StopSignal& stop) {
  std::vector<char> buffer(16 * 1024);
  for (;;) {
    pollfd polled[] = {{STDIN_FILENO, POLLIN, 0}, {stop.descriptor(), POLLIN, 0}};
    if (::poll(polled, 2, -1) < 0 && errno != EINTR) return true;
    if (polled[1].revents != 0) return false;
    if (polled[0].revents == 0) continue;
    const ssize_t size = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (size < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (size <= 0) return true;
    session.send({buffer.data(), static_cast<std::size_t>(size)});
  }
}

void connect_to(asio::ip::tcp::socket& socket, const HostPort& where) {
  asio::error_code error;
  const auto endpoints =
      asio::ip::tcp::resolver(socket.get_executor()).resolve(where.host, where.port, error);
  if (!error) asio::connect(socket, endpoints, error);
  if (error) {
    throw NetworkFailure(
        fmt::format("can't connect to {} port {}: {}", where.host, where.port, error.message()));
  }
  socket.set_option(asio::ip::tcp::no_delay(true), error);
}

/// Both directions at once: one thread seals, one opens. Standard input's end is our close_notify;
/// the server's close_notify is the end of all.
void converse(Session& session, StopSignal& stop, bool wait_for_server) {
  std::exception_ptr input_failure;
  std::atomic<bool> done_at_eof = false;
  std::thread input([&] {
    try {
      const bool at_end = pump_input(session, stop);
      session.shutdown();
      if (at_end && !wait_for_server) {
        done_at_eof = true;
        stop.raise();
      }
    } catch (...) {
      input_failure = std::current_exception();
      // An SSPI failure must not leave the other direction waiting. A broken connection it will
      // notice by itself, after what the server had to say.
      try {
        throw;
      } catch (const NetworkFailure&) {
      } catch (...) {
        stop.raise();
      }
    }
  });
  std::exception_ptr output_failure;
  try {
    for (;;) {
      const std::span<const char> message = session.receive();
      if (message.empty()) break;
      write_all(STDOUT_FILENO, message);
    }
  } catch (...) {
    output_failure = std::current_exception();
  }
  stop.raise();
  input.join();
  if (done_at_eof) return;
  if (output_failure) std::rethrow_exception(output_failure);
  if (!input_failure) return;
  try {
    std::rethrow_exception(input_failure);
  } catch (const NetworkFailure&) {
    // The server said goodbye properly; that it did not wait for the rest of ours is its right.
  }
}

}  // namespace

int run_connect(const ConnectOptions& options) {
  const HostPort where = split_address(options.address, "443");
  const Tracer tracer(options.trace ? stderr : nullptr);
  Store roots, certificate;
  if (!options.ca_file.empty()) roots = load_roots(options.ca_file);
  if (!options.certificate.empty()) certificate = load_certificate(options.certificate);
  if (options.insecure) {
    fmt::print(stderr, "warning: --insecure: nobody checks who the server is\n");
  }
  tracer.header();
  CredentialHandle credential({.tls = options.tls,
                               .insecure = options.insecure,
                               .certificate = certificate.get(),
                               .roots = roots.get(),
                               .side = "client"},
                              tracer);
  asio::io_context io;
  asio::ip::tcp::socket socket(io);
  connect_to(socket, where);
  StopSignal stop;
  Transport transport(socket, &stop, kGrace);
  Session session(transport, credential.get(),
                  {.target = options.name.empty() ? where.host : options.name,
                   .alpn = options.alpn,
                   .side = "client"},
                  tracer);
  session.handshake();
  const Report report = report_of(session.context());
  if (options.json) {
    fmt::print(stderr, "{}\n",
               to_json(report).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  } else if (!options.quiet) {
    fmt::print(stderr, "connected: {}\n", to_line(report));
  }
  converse(session, stop, options.at_eof == "wait");
  return kExitOk;
}
