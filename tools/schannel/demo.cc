#include <fmt/format.h>
#include <openschannel/extensions.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <chrono>
#include <exception>
#include <thread>

#include "commands.h"
#include "failure.h"
#include "report.h"
#include "session.h"

namespace {

using Clock = std::chrono::steady_clock;

/// SHA-256, fed piece by piece.
class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new()) { EVP_DigestInit_ex(context_, EVP_sha256(), nullptr); }
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  ~Sha256() { EVP_MD_CTX_free(context_); }
  void add(std::span<const char> data) { EVP_DigestUpdate(context_, data.data(), data.size()); }
  std::string hex() {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    EVP_DigestFinal_ex(context_, digest, &size);
    std::string out;
    for (unsigned i = 0; i < size; ++i) out += fmt::format("{:02x}", digest[i]);
    return out;
  }

 private:
  EVP_MD_CTX* context_;
};

constexpr std::size_t kPieceBytes = 16 * 1024;
/// A demo that hangs is worse than one that fails.
constexpr std::chrono::seconds kSilenceMax{30};

/// The file of the transfer, made up: `piece`, of any size, at place `index`.
void fill_piece(std::span<char> piece, std::size_t index) {
  for (std::size_t i = 0; i < piece.size(); ++i) {
    piece[i] = static_cast<char>((i * 31 + index * 17 + (i >> 8)) & 0xff);
  }
}

void print_progress(std::size_t done, std::size_t total, Clock::time_point begin) {
  if (isatty(STDOUT_FILENO) == 0) return;
  constexpr std::size_t kWidth = 40;
  const std::size_t filled = done * kWidth / total;
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  fmt::print("\r  [{:#<{}}{:.<{}}] {:3}%  {:.0f} MB/s ", "", filled, "", kWidth - filled,
             done * 100 / total, static_cast<double>(done) / 1e6 / (seconds > 0 ? seconds : 1));
  std::fflush(stdout);
}

std::span<const char> as_span(std::string_view text) { return {text.data(), text.size()}; }

/// The next message as text. The peer closing instead is a failure.
std::string receive_text(Session& session) {
  const std::span<const char> message = session.receive();
  if (message.empty()) throw NetworkFailure("the other side closed instead of answering");
  return {message.begin(), message.end()};
}

const Tracer kSilent(nullptr);

class Demo {
 public:
  explicit Demo(const DemoOptions& options)
      : options_(options),
        transfer_bytes_(std::size_t{options.transfer_mib} << 20),
        acceptor_(io_, {asio::ip::address_v4::loopback(), 0}) {}

  /// Throws what either side threw. True when the file arrived as it was sent.
  bool run();

 private:
  void serve(CredHandle* credential);
  void connect(CredHandle* credential);
  /// Sends the file, without tracing its thousands of calls, and compares the hashes.
  void transfer(Session& session);

  const DemoOptions& options_;
  const std::size_t transfer_bytes_;
  const Tracer table_{stdout};
  asio::io_context io_;
  asio::ip::tcp::acceptor acceptor_;
  bool arrived_ = false;
};

void Demo::serve(CredHandle* credential) {
  asio::ip::tcp::socket socket(io_);
  acceptor_.accept(socket);
  Transport transport(socket, nullptr, {});
  transport.limit_silence(kSilenceMax);
  {
    Session session(transport, credential, {.is_server = true, .side = "server"}, table_);
    session.handshake();
    session.send(as_span("hello client, I have read: " + receive_text(session)));
    session.trace_with(kSilent);
    Sha256 hash;
    for (std::size_t got = 0; got < transfer_bytes_;) {
      const std::span<const char> piece = session.receive();
      if (piece.empty()) throw NetworkFailure("the client closed in the middle of the file");
      hash.add(piece);
      got += piece.size();
    }
    session.send(as_span(hash.hex()));
    session.trace_with(table_);
    if (!session.receive().empty()) throw NetworkFailure("data after the end of the file");
    session.shutdown();
  }
  transport.finish();
}

void Demo::transfer(Session& session) {
  fmt::print("sending a file of {} MiB\n", options_.transfer_mib);
  session.trace_with(kSilent);
  Sha256 hash;
  std::vector<char> piece(kPieceBytes);
  const Clock::time_point begin = Clock::now();
  for (std::size_t sent = 0; sent < transfer_bytes_; sent += piece.size()) {
    fill_piece(piece, sent / kPieceBytes);
    hash.add(piece);
    session.send(piece);
    if (sent % (1 << 20) == 0) print_progress(sent, transfer_bytes_, begin);
  }
  const std::string theirs = receive_text(session);
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  print_progress(transfer_bytes_, transfer_bytes_, begin);
  if (isatty(STDOUT_FILENO) != 0) fmt::print("\n");
  const std::string ours = hash.hex();
  arrived_ = ours == theirs;
  fmt::print("  {:.2f} s, {:.0f} MB/s with hashing on both sides\n", seconds,
             static_cast<double>(transfer_bytes_) / 1e6 / seconds);
  fmt::print("  SHA-256 sent     {}\n  SHA-256 received {}\n  {}\n\n", ours, theirs,
             arrived_ ? "equal" : "DIFFERENT");
  session.trace_with(table_);
}

void Demo::connect(CredHandle* credential) {
  asio::ip::tcp::socket socket(io_);
  socket.connect(acceptor_.local_endpoint());
  Transport transport(socket, nullptr, {});
  transport.limit_silence(kSilenceMax);
  Session session(transport, credential, {.target = "localhost", .side = "client"}, table_);
  session.handshake();
  session.send(as_span("hello server"));
  const std::string answer = receive_text(session);
  fmt::print("\nnegotiated: {}\n", to_line(report_of(session.context())));
  fmt::print("the server says: \"{}\"\n\n", answer);
  transfer(session);
  session.shutdown();
  if (!session.receive().empty()) throw NetworkFailure("data after the server's end");
}

bool Demo::run() {
  // A certificate made on the spot; the client trusts exactly this one and verifies it for real.
  CertificateSource source;
  source.self_signed_names = "localhost,127.0.0.1";
  const Store certificate = load_certificate(source);
  table_.header();
  CredentialHandle server_credential(
      {.is_server = true, .tls = options_.tls, .certificate = certificate.get(), .side = "server"},
      table_);
  CredentialHandle client_credential(
      {.tls = options_.tls, .roots = certificate.get(), .side = "client"}, table_);

  std::exception_ptr server_failure, client_failure;
  std::thread server([&] {
    try {
      serve(server_credential.get());
    } catch (...) {
      server_failure = std::current_exception();
    }
  });
  try {
    connect(client_credential.get());
  } catch (...) {
    client_failure = std::current_exception();
  }
  server.join();
  // When one side fails, the other sees its socket close: the TLS failure is the one to tell.
  for (const std::exception_ptr& failure : {client_failure, server_failure}) {
    try {
      if (failure) std::rethrow_exception(failure);
    } catch (const NetworkFailure&) {
    }
  }
  if (client_failure) std::rethrow_exception(client_failure);
  if (server_failure) std::rethrow_exception(server_failure);
  return arrived_;
}

}  // namespace

int run_demo(const DemoOptions& options) {
  fmt::print("OpenSchannel {}: one client and one server, TLS {}, over a loopback TCP socket\n\n",
             OpenSchannelVersion(), options.tls);
  const bool good = Demo(options).run();
  fmt::print("\nTLS {}: {}\n", options.tls, good ? "the demo worked" : "THE FILE ARRIVED CHANGED");
  return good ? kExitOk : kExitTls;
}
