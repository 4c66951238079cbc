#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "address.h"
#include "commands.h"
#include "connections.h"
#include "failure.h"
#include "http.h"
#include "report.h"
#include "session.h"

namespace {

using asio::ip::tcp;

/// The whole handshake must be over by then, however the client spreads its bytes.
constexpr std::chrono::seconds kHandshakeTimeMax{10};
/// What is under way when the signal comes has this long to end.
constexpr std::chrono::seconds kDrainTime{10};
/// After accept() has failed, so that a lack of descriptors does not make us spin.
constexpr std::chrono::milliseconds kAcceptPause{100};

class Server {
 public:
  /// Both must outlive it.
  Server(const ServeOptions& options, const Tracer& tracer)
      : options_(options),
        tracer_(tracer),
        certificate_(load_certificate(options.certificate)),
        client_roots_(options.client_ca_file.empty() ? Store()
                                                     : load_roots(options.client_ca_file)),
        credential_({.is_server = true,
                     .tls = options.tls,
                     .certificate = certificate_.get(),
                     .roots = client_roots_.get(),
                     .requires_client_certificate = options.require_client_certificate,
                     .mapping_rules = options.map_file,
                     .side = "server"},
                    tracer_),
        acceptor_(io_),
        signals_(io_, SIGINT, SIGTERM),
        pause_(io_),
        connections_(options.once ? 1 : options.connection_limit) {}

  /// Gives "ADDRESS:PORT".
  std::string listen();
  /// Until a signal comes, or the one connection is over.
  void run();

 private:
  void accept_next();
  void begin(tcp::socket socket);
  void serve_one(tcp::socket& socket, const std::string& side);
  bool asks_for_certificate() const {
    return options_.request_client_certificate || options_.require_client_certificate ||
           !options_.client_ca_file.empty() || !options_.map_file.empty();
  }
  /// AUTH-21: who a client is, the server's program has to find out. Throws Failure.
  void verify_client(Session& session);
  void announce(const std::string& side, PCtxtHandle context) const;
  void converse(Session& session);

  const ServeOptions& options_;
  const Tracer& tracer_;
  Store certificate_;
  Store client_roots_;
  CredentialHandle credential_;
  asio::io_context io_;
  tcp::acceptor acceptor_;
  asio::signal_set signals_;
  asio::steady_timer pause_;
  StopSignal stop_;
  unsigned number_ = 0;
  Connections connections_;  ///< Last: its threads use everything above.
};

std::string Server::listen() {
  const HostPort where = split_address(options_.listen, "4433");
  asio::error_code error;
  const auto endpoints =
      tcp::resolver(io_).resolve(where.host, where.port, tcp::resolver::passive, error);
  if (!error) {
    const tcp::endpoint endpoint = *endpoints.begin();
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  }
  if (error) {
    throw NetworkFailure(fmt::format("can't listen on {}: {}", options_.listen, error.message()));
  }
  const tcp::endpoint bound = acceptor_.local_endpoint();
  const bool v6 = bound.address().is_v6();
  return fmt::format("{}{}{}:{}", v6 ? "[" : "", bound.address().to_string(), v6 ? "]" : "",
                     bound.port());
}

void Server::run() {
  signals_.async_wait([&](const asio::error_code& error, int) {
    if (error) return;
    stop_.raise();
    acceptor_.close();
    pause_.cancel();
  });
  accept_next();
  io_.run();
}

void Server::accept_next() {
  acceptor_.async_accept([this](const asio::error_code& error, tcp::socket socket) {
    if (!acceptor_.is_open()) return;
    if (error) {
      fmt::print(stderr, "accepting failed: {}\n", error.message());
      pause_.expires_after(kAcceptPause);
      pause_.async_wait([this](const asio::error_code&) {
        if (acceptor_.is_open()) accept_next();
      });
      return;
    }
    begin(std::move(socket));
    if (options_.once) {
      acceptor_.close();
    } else {
      accept_next();
    }
  });
}

void Server::begin(tcp::socket socket) {
  // std::function wants something to copy.
  const auto shared = std::make_shared<tcp::socket>(std::move(socket));
  const bool started = connections_.start([this, shared, side = fmt::format("#{}", ++number_)] {
    try {
      serve_one(*shared, side);
    } catch (const std::exception& failure) {
      fmt::print(stderr, "{} {}\n", side, failure.what());
    }
    if (options_.once) asio::post(io_, [this] { signals_.cancel(); });
  });
  if (!started) {
    fmt::print(stderr, "refused a connection: as many as may be are open\n");
    if (options_.once) signals_.cancel();
  }
}

void Server::serve_one(tcp::socket& socket, const std::string& side) {
  asio::error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  const std::chrono::seconds silence(options_.idle_seconds);
  Transport transport(socket, &stop_, kDrainTime);
  transport.limit_silence(silence);
  transport.set_deadline(Transport::Clock::now() + kHandshakeTimeMax);
  Session session(transport, credential_.get(),
                  {.is_server = true,
                   .alpn = options_.alpn,
                   .extra_flags = ULONG{ASC_REQ_SESSION_TICKET} |
                                  (asks_for_certificate() ? ULONG{ASC_REQ_MUTUAL_AUTH} : 0),
                   .side = side},
                  tracer_);
  try {
    session.handshake();
    verify_client(session);
  } catch (const Failure&) {
    // The alert goes out and its reason is read before the socket is closed.
    transport.finish();
    throw;
  }
  transport.set_deadline(std::nullopt);
  announce(side, session.context());
  converse(session);
  session.shutdown();
  transport.finish();
}

void Server::verify_client(Session& session) {
  if (options_.client_ca_file.empty()) return;
  SecPkgContext_CertificateValidationResult result{};
  const SECURITY_STATUS status =
      QueryContextAttributesA(session.context(), SECPKG_ATTR_CERT_CHECK_RESULT, &result);
  if (status == SEC_E_NO_CREDENTIALS) return;  // none was shown, and none was required
  if (status == SEC_E_OK && result.hrVerifyChainStatus == 0) return;
  session.refuse(TLS1_ALERT_BAD_CERTIFICATE);
  throw Failure("verifying the client's certificate",
                status == SEC_E_OK ? result.hrVerifyChainStatus : status);
}

/// One line, or two, in one piece: others speak at the same time.
void Server::announce(const std::string& side, PCtxtHandle context) const {
  const Report report = report_of(context);
  const AccountReport account = options_.map_file.empty() ? AccountReport() : account_of(context);
  std::string text = fmt::format("{} {}\n", side, to_line(report));
  if (!options_.map_file.empty()) text += fmt::format("{} {}\n", side, to_line(account));
  std::fputs(text.c_str(), stderr);
  if (!options_.json) return;
  nlohmann::ordered_json json = to_json(report);
  json["connection"] = side;
  if (!options_.map_file.empty()) {
    json["account"] = to_json(account);
    if (account.name.empty()) json["account_why"] = account.why;
  }
  fmt::print("{}\n", json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  std::fflush(stdout);
}

void Server::converse(Session& session) {
  if (!options_.www.empty()) {
    serve_http(
        options_.www, [&] { return session.receive(); },
        [&](std::span<const char> bytes) { session.send(bytes); });
    return;
  }
  for (;;) {
    const std::span<const char> message = session.receive();
    if (message.empty()) return;
    session.send(message);
  }
}

}  // namespace

int run_serve(const ServeOptions& options) {
  if (!options.www.empty() && !std::filesystem::is_directory(options.www)) {
    throw std::invalid_argument(options.www + " is not a directory");
  }
  const Tracer tracer(options.trace ? stderr : nullptr);
  tracer.header();
  Server server(options, tracer);
  fmt::print("listening on {}\n", server.listen());
  std::fflush(stdout);
  server.run();
  return kExitOk;
}
