#include <fmt/format.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "commands.h"
#include "failure.h"
#include "report.h"
#include "session.h"

namespace {

void write_all(int descriptor, std::span<const char> bytes) {
  while (!bytes.empty()) {
    const ssize_t size = ::write(descriptor, bytes.data(), bytes.size());
    if (size <= 0) throw std::runtime_error("writing to standard output failed");
    bytes = bytes.subspan(static_cast<std::size_t>(size));
  }
}

/// Standard input to the peer; its end is our close_notify.
void pump_input(Session& session) {
  std::vector<char> buffer(16 * 1024);
  for (;;) {
    const ssize_t size = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (size <= 0) break;
    session.send({buffer.data(), static_cast<std::size_t>(size)});
  }
  session.shutdown();
}

}  // namespace

HostPort split_address(const std::string& address, const std::string& default_port) {
  if (!address.empty() && address.front() == '[') {
    const std::size_t end = address.find(']');
    if (end == std::string::npos) throw std::invalid_argument("no ']' in " + address);
    const std::string rest = address.substr(end + 1);
    return {address.substr(1, end - 1), rest.empty() ? default_port : rest.substr(1)};
  }
  const std::size_t colon = address.rfind(':');
  if (colon == std::string::npos || address.find(':') != colon) return {address, default_port};
  return {address.substr(0, colon), address.substr(colon + 1)};
}

int run_connect(const ConnectOptions& options) {
  const HostPort where = split_address(options.address, "443");
  Store roots, certificate;
  if (!options.ca_file.empty()) roots = load_roots(options.ca_file);
  if (!options.certificate.empty()) certificate = load_certificate(options.certificate);
  CredentialHandle credential({.tls = options.tls,
                               .insecure = options.insecure,
                               .certificate = certificate.get(),
                               .roots = roots.get()});
  if (options.insecure) {
    fmt::print(stderr, "warning: --insecure: nobody checks who the server is\n");
  }

  asio::io_context io;
  asio::ip::tcp::socket socket(io);
  asio::error_code error;
  const auto endpoints = asio::ip::tcp::resolver(io).resolve(where.host, where.port, error);
  if (!error) asio::connect(socket, endpoints, error);
  if (error) {
    throw NetworkFailure(
        fmt::format("can't connect to {} port {}: {}", where.host, where.port, error.message()));
  }

  const Tracer tracer(options.trace ? stderr : nullptr);
  tracer.header();
  Session session(socket, credential.get(),
                  {.target = options.name.empty() ? where.host : options.name,
                   .alpn = options.alpn,
                   .side = "client"},
                  tracer);
  session.handshake();
  const Report report = report_of(session.context());
  if (options.json) {
    fmt::print(stderr, "{}\n", to_json(report).dump());
  } else if (!options.quiet) {
    fmt::print(stderr, "connected: {}\n", to_line(report));
  }

  // The two directions are independent: one thread encrypts, one decrypts.
  std::exception_ptr input_failure;
  std::thread input([&] {
    try {
      pump_input(session);
    } catch (...) {
      input_failure = std::current_exception();
    }
  });
  try {
    for (;;) {
      const std::span<const char> message = session.receive();
      if (message.empty()) break;
      write_all(STDOUT_FILENO, message);
    }
  } catch (...) {
    input.detach();  // it may sit in a read that only the user can end
    throw;
  }
  // The server has said its last word. What the user still types has no reader.
  asio::error_code ignored;
  ::close(STDIN_FILENO);
  input.detach();
  if (input_failure) std::rethrow_exception(input_failure);
  socket.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  std::fflush(nullptr);
  std::_Exit(kExitOk);  // the thread above still refers to this session
}
