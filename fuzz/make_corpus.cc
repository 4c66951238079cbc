#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "conversation.h"

// usage: make_corpus FOLDER. Writes seeds for reader, record, client, server and established: real
// handshakes in every configuration, as scripts and as single messages.
namespace schannel::fuzz {
namespace {

using tls::Role;
using wire::HandshakeType;

std::filesystem::path folder;

void write(const char* target, const std::string& name, Bytes bytes) {
  std::filesystem::create_directories(folder / target);
  std::ofstream file(folder / target / name, std::ios::binary);
  file.write(as_text(bytes).data(), static_cast<std::streamsize>(bytes.size()));
}

/// Where the reader target has the parser of a message (kMessages in reader.cc).
int parser_of(std::uint8_t type, bool tls13) {
  switch (static_cast<HandshakeType>(type)) {
    case HandshakeType::client_hello:
      return 0;
    case HandshakeType::server_hello:
      return 1;
    case HandshakeType::encrypted_extensions:
      return 2;
    case HandshakeType::certificate_request:
      return tls13 ? 3 : 12;
    case HandshakeType::certificate:
      return tls13 ? 5 : 6;
    case HandshakeType::certificate_verify:
      return 7;
    case HandshakeType::finished:
      return 8;
    case HandshakeType::server_key_exchange:
      return 11;
    case HandshakeType::server_hello_done:
      return 13;
    case HandshakeType::client_key_exchange:
      return 14;
    default:
      return -1;
  }
}

/// The messages in a script's handshake steps, each as a seed of the reader target.
void write_messages(Bytes script, bool tls13, const std::string& name) {
  while (script.size() >= 3) {
    const std::size_t size = static_cast<std::size_t>(script[1] << 8 | script[2]);
    Bytes messages =
        script[0] == static_cast<std::uint8_t>(Op::handshake) ? script.subspan(3, size) : Bytes();
    script = script.subspan(3 + size);
    while (messages.size() >= 4) {
      const std::size_t body = static_cast<std::size_t>(messages[2] << 8 | messages[3]);
      const int parser = parser_of(messages[0], tls13);
      if (parser >= 0) {
        Buffer seed = {static_cast<std::uint8_t>(parser)};
        append(seed, messages.subspan(4, body));
        write("reader", name + "_message_" + std::to_string(messages[0]), seed);
      }
      messages = messages.subspan(4 + body);
    }
  }
}

/// Steps for an established connection, of which most targets end in.
Buffer later_steps() {
  Buffer out;
  append_step(out, Op::application_data, as_bytes("hello"));
  static constexpr std::uint8_t kTicket[] = {4, 0, 0, 14, 0, 0, 0, 9, 1, 2, 3, 4, 0, 0, 1, 7, 0, 0};
  static constexpr std::uint8_t kKeyUpdate[] = {24, 0, 0, 1, 1};
  static constexpr std::uint8_t kHelloRequest[] = {0, 0, 0, 0};
  static constexpr std::uint8_t kWarning[] = {1, 90};
  static constexpr std::uint8_t kCloseNotify[] = {1, 0};
  static constexpr std::uint8_t kPadded[] = {'x', 23, 0, 0, 0};
  append_step(out, Op::handshake, kTicket);
  append_step(out, Op::inner, kPadded);
  append_step(out, Op::handshake, kKeyUpdate);
  append_step(out, Op::application_data, {});
  append_step(out, Op::seal, as_bytes("answer"));
  append_step(out, Op::export_key, as_bytes("context"));
  append_step(out, Op::handshake, kHelloRequest);
  append_step(out, Op::alert, kWarning);
  append_step(out, Op::call_handshake, {});
  append_step(out, Op::alert, kCloseNotify);
  return out;
}

/// Steps around handshakes of our own: begun, answered by nonsense, refused, begun again.
Buffer again_steps(bool tls13) {
  Buffer out;
  static constexpr std::uint8_t kFirst[] = {0}, kSecond[] = {1};
  static constexpr std::uint8_t kKeyUpdate[] = {24, 0, 0, 1, 0};
  static constexpr std::uint8_t kHelloRequest[] = {0, 0, 0, 0};
  static constexpr std::uint8_t kRefusal[] = {1, 100};
  // A server's request for a certificate, and a client's answer that it has none.
  static constexpr std::uint8_t kRequest[] = {13, 0, 0, 12, 1, 7, 0, 8, 0, 13, 0, 4, 0, 2, 4, 3};
  static constexpr std::uint8_t kNone[] = {11, 0, 0, 5, 1, 7, 0, 0, 0};
  append_step(out, Op::start_again, kFirst);
  append_step(out, Op::application_data, as_bytes("under way"));
  if (!tls13) append_step(out, Op::alert, kRefusal);
  append_step(out, Op::seal, as_bytes("as before"));
  append_step(out, Op::start_again, kSecond);
  if (!tls13) append_step(out, Op::handshake, kHelloRequest);
  if (tls13) append_step(out, Op::handshake, kKeyUpdate);
  if (tls13) append_step(out, Op::handshake, kRequest);
  append_step(out, Op::handshake, kNone);
  append_step(out, Op::change_cipher_spec, kSecond);
  return out;
}

/// A client that offers early data, sends some that we can't read, and goes on: the handshake of
/// `script` with the extension in its first message (RFC 8446 section 4.2.10).
Buffer with_early_data(const Buffer& script) {
  static constexpr std::uint8_t kExtension[] = {0, 42, 0, 0};
  static constexpr std::size_t kMessageAt = 3;              // behind the step's head
  static constexpr std::size_t kRandomAt = kMessageAt + 6;  // and handshake header and version
  Buffer out(script);
  const auto grow = [&](std::size_t at) {
    const std::size_t size =
        static_cast<std::size_t>(out[at] << 8 | out[at + 1]) + sizeof kExtension;
    out[at] = static_cast<std::uint8_t>(size >> 8);
    out[at + 1] = static_cast<std::uint8_t>(size);
  };
  const std::size_t end = kMessageAt + static_cast<std::size_t>(script[1] << 8 | script[2]);
  std::size_t at = kRandomAt + 32;
  at += 1 + std::size_t{script[at]};                                     // session id
  at += 2 + static_cast<std::size_t>(script[at] << 8 | script[at + 1]);  // suites
  at += 1 + std::size_t{script[at]};                                     // compression
  grow(1);
  grow(kMessageAt + 2);
  grow(at);
  out.resize(end);
  append(out, kExtension);
  static constexpr std::uint8_t kEarlyData[] = {23, 3, 3, 0, 20, 1, 2, 3, 4, 5, 6, 7, 8,
                                                9,  0, 1, 2, 3,  4, 5, 6, 7, 8, 9, 0};
  append_step(out, Op::raw, kEarlyData);
  append(out, Bytes(script).subspan(end));
  return out;
}

bool make_all() {
  struct Named {
    const char* name;
    std::uint8_t options;
  };
  static constexpr Named kConfigurations[] = {
      {"tls13", 0},
      {"tls12", kWithoutTls13},
      {"tls13_only", kWithoutTls12},
      {"tls13_retry", kRetry},
      {"tls13_mutual", kClientCertificate | kProtocols},
      {"tls12_mutual", kWithoutTls13 | kClientCertificate | kProtocols},
      {"tls13_required", kClientCertificate | kRequireClientCertificate},
      {"tls12_required", kWithoutTls13 | kClientCertificate | kRequireClientCertificate},
      {"tls13_dropped", kDropsTaken},
      {"tls12_resumed_id", kResumes12},
      {"tls12_resumed_ticket", kResumes12 | kRetry | kProtocols},
  };
  bool worked = true;
  for (const Named& configuration : kConfigurations) {
    for (const Role role : {Role::client, Role::server}) {
      const char* const target = role == Role::client ? "client" : "server";
      const std::string name = configuration.name;
      const bool tls13 = (configuration.options & kWithoutTls13) == 0;
      Buffer script;
      if (!Conversation(role, configuration.options, 0).shake_hands(&script)) {
        std::fprintf(stderr, "%s %s: no handshake\n", target, configuration.name);
        worked = false;
      }
      write_messages(script, tls13, name + "_" + target);
      for (const std::uint8_t piece : {std::uint8_t{0}, std::uint8_t{7}}) {
        Buffer seed = {configuration.options, piece};
        append(seed, script);
        append(seed, later_steps());
        write(target, name + (piece == 0 ? "" : "_in_pieces"), seed);
      }
      if (role == Role::server && (configuration.options | kRetry) == kRetry) {
        Buffer seed = {configuration.options, 0};
        append(seed, with_early_data(script));
        write(target, name + "_early_data", seed);
      }
      Buffer seed = {static_cast<std::uint8_t>(role == Role::client ? 0 : 1), configuration.options,
                     0};
      Buffer again = seed;
      append(seed, later_steps());
      write("established", name + "_" + target, seed);
      append(again, again_steps((configuration.options & kWithoutTls13) == 0));
      write("established", name + "_" + target + "_again", again);
    }
  }
  for (std::uint8_t key = 0; key < 9; ++key) {
    static constexpr std::uint8_t kRecords[] = {23, 3,  3,  0,  18, 1,  2,  3,  4,  5,
                                                6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                                                16, 17, 18, 22, 3,  1,  0,  1,  1};
    Buffer seed = {key, 3, 1, 2};
    append(seed, kRecords);
    write("record", "key_" + std::to_string(key), seed);
  }
  return worked;
}

}  // namespace
}  // namespace schannel::fuzz

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: make_corpus FOLDER\n");
    return 2;
  }
  schannel::fuzz::folder = argv[1];
  return schannel::fuzz::make_all() ? 0 : 1;
}
