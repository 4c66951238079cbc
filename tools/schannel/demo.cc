#include <fmt/format.h>
#include <openschannel/extensions.h>
#include <openssl/evp.h>

#include <chrono>
#include <cstring>
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

/// The file of the transfer, made up: piece `index` of any size.
void fill_piece(std::vector<char>& piece, std::size_t index) {
  for (std::size_t i = 0; i < piece.size(); ++i) {
    piece[i] = static_cast<char>((i * 31 + index * 17 + (i >> 8)) & 0xff);
  }
}

void print_progress(std::size_t done, std::size_t total, Clock::time_point begin) {
  if (!wants_colour(stdout)) return;
  constexpr std::size_t kWidth = 40;
  const std::size_t filled = done * kWidth / total;
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  fmt::print("\r  [{:#<{}}{:.<{}}] {:3}%  {:.0f} MB/s", "", filled, "", kWidth - filled,
             done * 100 / total, static_cast<double>(done) / 1e6 / (seconds > 0 ? seconds : 1));
  std::fflush(stdout);
}

std::span<const char> as_span(std::string_view text) { return {text.data(), text.size()}; }

std::string text_of(std::span<const char> message) { return {message.begin(), message.end()}; }

}  // namespace

int run_demo(const DemoOptions& options) {
  fmt::print("OpenSchannel {}: one client and one server, TLS {}, over a loopback TCP socket\n\n",
             OpenSchannelVersion(), options.tls);

  // A certificate made on the spot; the client trusts exactly this one and verifies it for real.
  CertificateSource source;
  source.self_signed_names = "localhost,127.0.0.1";
  const Store certificate = load_certificate(source);
  CredentialHandle server_credential(
      {.is_server = true, .tls = options.tls, .certificate = certificate.get()});
  CredentialHandle client_credential({.tls = options.tls, .roots = certificate.get()});

  asio::io_context io;
  asio::ip::tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
  const std::size_t transfer_bytes = std::size_t{options.transfer_mib} << 20;
  const Tracer table(stdout);
  std::exception_ptr server_failure;
  std::string server_hash;

  std::thread server([&] {
    try {
      asio::ip::tcp::socket socket(io);
      acceptor.accept(socket);
      const Tracer silent(nullptr);
      Session session(socket, server_credential.get(), {.is_server = true, .side = "server"},
                      table);
      session.handshake();
      const std::string greeting = text_of(session.receive());
      session.send(as_span("hello client, I have read: " + greeting));
      session.trace_with(silent);
      Sha256 hash;
      for (std::size_t got = 0; got < transfer_bytes;) {
        const std::span<const char> piece = session.receive();
        if (piece.empty()) throw NetworkFailure("the client closed in the middle of the file");
        hash.add(piece);
        got += piece.size();
      }
      server_hash = hash.hex();
      session.send(as_span(server_hash));
      session.trace_with(table);
      if (!session.receive().empty()) throw NetworkFailure("data after the end of the file");
      session.shutdown();
    } catch (...) {
      server_failure = std::current_exception();
    }
  });

  bool good = false;
  try {
    asio::ip::tcp::socket socket(io);
    socket.connect(acceptor.local_endpoint());
    const Tracer silent(nullptr);
    table.header();
    {
      Session session(socket, client_credential.get(), {.target = "localhost", .side = "client"},
                      table);
      session.handshake();
      session.send(as_span("hello server"));
      const std::string answer = text_of(session.receive());
      fmt::print("\nnegotiated: {}\n", to_line(report_of(session.context())));
      fmt::print("the server says: \"{}\"\n\n", answer);

      fmt::print("sending a file of {} MiB\n", options.transfer_mib);
      session.trace_with(silent);
      Sha256 hash;
      std::vector<char> piece(kPieceBytes);
      const Clock::time_point begin = Clock::now();
      for (std::size_t sent = 0; sent < transfer_bytes; sent += piece.size()) {
        fill_piece(piece, sent / kPieceBytes);
        hash.add(piece);
        session.send(piece);
        if (sent % (1 << 20) == 0) print_progress(sent, transfer_bytes, begin);
      }
      const std::string theirs = text_of(session.receive());
      const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
      print_progress(transfer_bytes, transfer_bytes, begin);
      const std::string ours = hash.hex();
      good = ours == theirs;
      fmt::print("{}  {:.2f} s, {:.0f} MB/s with hashing on both sides\n",
                 wants_colour(stdout) ? "\n" : "", seconds,
                 static_cast<double>(transfer_bytes) / 1e6 / seconds);
      fmt::print("  SHA-256 sent     {}\n  SHA-256 received {}\n  {}\n\n", ours, theirs,
                 good ? "equal" : "DIFFERENT");
      session.trace_with(table);
      session.shutdown();
      if (!session.receive().empty()) throw NetworkFailure("data after the server's end");
    }
    server.join();
  } catch (...) {
    // The server sees the socket close and ends too; its own reason may be the better one.
    acceptor.close();
    if (server.joinable()) server.join();
    if (server_failure) std::rethrow_exception(server_failure);
    throw;
  }
  if (server_failure) std::rethrow_exception(server_failure);
  fmt::print("\nTLS {}: {}\n", options.tls, good ? "the demo worked" : "THE FILE ARRIVED CHANGED");
  return good ? kExitOk : kExitTls;
}
