#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <openschannel/extensions.h>
#include <openschannel/wincrypt.h>
#include <unistd.h>

#include "endpoint.h"
#include "socket.h"
#include "wire/messages.h"

// The program that BoringSSL's runner starts for each test (docs/conformance.md): a client of the
// runner's socket that plays the TLS client or server, checks what came out, and echoes.
namespace schannel::conformance {
namespace {

constexpr int kMustFail = 90;
constexpr int kDecompressionFailure = 30;
constexpr int kHandshakeFailure = 40;
constexpr int kCertificateUnknown = 46;

/// The exit status is 1: what the test expects is compared with `text`.
class TestFailure : public std::exception {
 public:
  explicit TestFailure(std::string text) : text_(std::move(text)) {}
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  std::string text_;
};

[[noreturn]] void fail(std::string text) { throw TestFailure(std::move(text)); }
void expect(bool holds, const char* what) {
  if (!holds) fail(std::string("expected otherwise: ") + what);
}

/// A crash is never what a test wants.
extern "C" void on_crash(int) { ::_exit(kMustFail); }

std::vector<Buffer> certificates_of(const std::string& path) {
  std::vector<Buffer> out;
  HCERTSTORE store = OpenSchannelImportPemFiles(path.c_str(), nullptr, nullptr);
  PCCERT_CONTEXT one = nullptr;
  while (store != nullptr && (one = CertEnumCertificatesInStore(store, one)) != nullptr) {
    out.push_back(to_buffer(Bytes(one->pbCertEncoded, one->cbCertEncoded)));
  }
  if (store != nullptr) CertCloseStore(store, 0);
  return out;
}

std::string as_hex(const std::vector<Buffer>& list) {
  std::string out;
  for (const Buffer& one : list) {
    if (!out.empty()) out += ',';
    for (const std::uint8_t byte : one) {
      char digits[3];
      std::snprintf(digits, sizeof digits, "%02x", byte);
      out += digits;
    }
  }
  return out;
}

/// One connection of a test.
class Conversation {
 public:
  Conversation(const Settings& settings, int number, Route& route)
      : settings_(settings),
        number_(number),
        route_(route),
        socket_(settings.port, settings.ipv6, settings.shim_id) {}

  void run() {
    if (!settings_.server && number_ > 0 && !settings_.expect_session_miss) {
      expect(route_.has_session(), "a session to offer");
    }
    std::string failure;
    endpoint_ = route_.open(settings_, failure);
    if (!endpoint_) fail(failure);
    try {
      talk();
    } catch (const TestFailure&) {
      flush();
      socket_.finish();
      throw;
    }
    flush();
    socket_.finish();
  }

 private:
  void talk() {
    shake_hands();
    check_facts();
    judge_peer();
    export_secrets();
    if (settings_.send_alert) {
      require(endpoint_->send_fatal_alert(kDecompressionFailure, output_));
      return;
    }
    if (settings_.shim_writes_first) write(as_bytes(settings_.shim_initial_write));
    if (!settings_.shim_shuts_down) echo();
    if (settings_.check_close_notify) shut_down();
  }

  void require(bool worked) {
    if (!worked) fail(endpoint_->failure());
  }

  void flush() {
    note_hello_retry_request(output_);
    socket_.write(output_);
  }

  /// False at the end of the stream.
  bool read() { return socket_.read(input_, settings_.async ? 1 : 16384); }

  /// HelloRetryRequest goes out in the open, and is answered by a second ClientHello.
  void note_hello_retry_request(Bytes sent) {
    if (complete_) return;
    while (sent.size() > kRecordHeaderBytes) {
      const std::size_t size = kRecordHeaderBytes + (std::size_t{sent[3]} << 8 | sent[4]);
      const Bytes record = sent.first(std::min(size, sent.size()));
      const Bytes content = record.subspan(kRecordHeaderBytes);
      sent = sent.subspan(record.size());
      if (record[0] != static_cast<std::uint8_t>(wire::ContentType::handshake)) continue;
      if (content[0] == static_cast<std::uint8_t>(wire::HandshakeType::client_hello)) {
        retried_ = std::exchange(sent_hello_, true);
      }
      const auto& random = wire::kHelloRetryRequestRandom;
      retried_ = retried_ || std::search(content.begin(), content.end(), random.begin(),
                                         random.end()) != content.end();
    }
  }

  void shake_hands() {
    for (;;) {
      const Event event = endpoint_->handshake(input_, output_);
      flush();
      if (event == Event::complete) break;
      if (event == Event::failed) fail(endpoint_->failure());
      if (!read()) fail("the runner closed during the handshake");
    }
    complete_ = true;
  }

  void check_facts() {
    const Settings& s = settings_;
    const Facts facts = endpoint_->facts();
    facts_ = facts;
    expect(facts.resumed == (number_ > 0 && !s.expect_session_miss), "resumption");
    const std::string& protocol = s.server ? s.select_alpn : s.expect_alpn;
    expect(facts.application_protocol == protocol, "the application protocol");
    if (s.expect_version != 0) expect(facts.version == s.expect_version, "the version");
    if (s.expect_curve_id != 0) expect(facts.group == s.expect_curve_id, "the group");
    if (s.expect_cipher != 0) expect(facts.cipher == s.expect_cipher, "the cipher suite");
    if (s.expect_cipher_aes != 0) expect(facts.cipher == s.expect_cipher_aes, "the cipher suite");
    if (s.expect_peer_signature_algorithm != 0 && !facts.resumed) {
      expect(facts.peer_signature_scheme == s.expect_peer_signature_algorithm,
             "the peer's signature scheme");
    }
    if (s.expect_hrr) expect(retried_, "a HelloRetryRequest");
    if (s.expect_no_hrr) expect(!retried_, "no HelloRetryRequest");
    if (s.expect_extended_master_secret) {
      expect(facts.extended_master_secret, "the extended master secret");
    }
    if (!s.expect_server_name.empty()) {
      expect(facts.server_name == s.expect_server_name, "the server name");
    }
    if (!s.expect_ocsp_response.empty() && !facts.resumed) {
      expect(facts.ocsp_response == s.expect_ocsp_response, "the OCSP response");
    }
    if (!s.expect_peer_cert_file.empty()) {
      expect(facts.peer_chain == certificates_of(s.expect_peer_cert_file), "the peer's chain");
    }
    if (!s.expect_client_ca_list.empty()) {
      const std::string names = as_hex(facts.certificate_authorities);
      expect((names.empty() ? "<EMPTY>" : names) == s.expect_client_ca_list, "the authorities");
    }
    if (s.expect_selected_credential != Settings::kUnset) check_selected(facts);
  }

  void check_selected(const Facts& facts) {
    const int index = settings_.expect_selected_credential;
    const ShownIdentity& wanted =
        index < 0 ? settings_.identity
                  : settings_.more_identities.at(static_cast<std::size_t>(index));
    if (facts.own_chain.empty()) {
      return expect(index < 0 && wanted.cert_file.empty(), "a certificate of ours");
    }
    const auto chain = certificates_of(wanted.cert_file);
    expect(!chain.empty() && chain.front() == facts.own_chain.front(), "the certificate shown");
  }

  /// The application's own verdict about the peer's chain. The library was told not to judge.
  void judge_peer() {
    const bool judges = settings_.verifies() && !facts_.peer_chain.empty() &&
                        (!facts_.resumed || settings_.reverify_on_resume);
    const bool insists = settings_.verify_peer || settings_.require_any_client_certificate ||
                         settings_.use_custom_verify_callback;
    if (!judges || !insists || !settings_.verify_fail) return;
    const int alert =
        settings_.use_custom_verify_callback ? kCertificateUnknown : kHandshakeFailure;
    require(endpoint_->send_fatal_alert(alert, output_));
    fail("the application does not accept the peer's certificate");
  }

  void export_secrets() {
    if (settings_.export_traffic_secrets) write(endpoint_->traffic_secrets());
    if (settings_.tls_unique) {
      const Buffer binding = endpoint_->tls_unique();
      if (binding.empty()) fail("failed to get tls-unique");
      write(binding);
    }
    if (settings_.export_keying_material == 0) return;
    Buffer material(static_cast<std::size_t>(settings_.export_keying_material));
    const std::string* context = settings_.use_export_context ? &settings_.export_context : nullptr;
    require(endpoint_->export_keying_material(settings_.export_label, context, material));
    write(material);
  }

  void write(Bytes data) {
    require(endpoint_->send(data, output_));
    flush();
  }

  void echo() {
    for (;;) {
      Buffer data;
      const Event event = endpoint_->receive(input_, output_, data);
      if (settings_.key_update && !data.empty()) require(endpoint_->update_key(output_));
      for (std::size_t at = 0; at < data.size();) {
        const std::size_t size =
            std::min(data.size() - at, static_cast<std::size_t>(settings_.read_size));
        for (std::size_t i = 0; i < size; ++i) data[at + i] ^= 0xff;
        require(endpoint_->send(Bytes(data).subspan(at, size), output_));
        at += size;
      }
      flush();
      if (event == Event::closed) {
        peer_closed_ = true;
        return;
      }
      if (event == Event::failed) fail(endpoint_->failure());
      if (event == Event::wants_input && !read()) {
        if (settings_.check_close_notify) fail("Unexpected SSL_shutdown result: -1 != 1");
        return;
      }
    }
  }

  /// Our close_notify, and the peer's.
  void shut_down() {
    require(endpoint_->close(output_));
    flush();
    while (!peer_closed_) {
      Buffer data;
      const Event event = endpoint_->receive(input_, output_, data);
      flush();
      if (!data.empty()) fail("application data where close_notify should be");
      if (event == Event::failed) fail(endpoint_->failure());
      peer_closed_ = event == Event::closed;
      if (event == Event::wants_input && !read()) {
        fail("Unexpected SSL_shutdown result: -1 != 1");
      }
    }
  }

  const Settings& settings_;
  const int number_;
  Route& route_;
  Socket socket_;
  std::unique_ptr<Endpoint> endpoint_;
  Buffer input_;
  Buffer output_;
  Facts facts_;
  bool complete_ = false;
  bool sent_hello_ = false;
  bool retried_ = false;
  bool peer_closed_ = false;
};

int run(const std::vector<std::string>& arguments) {
  for (const std::string& argument : arguments) {
    if (argument != "-is-handshaker-supported") continue;
    std::puts("No");  // handshakes of one process that another goes on with
    return 0;
  }
  const TestSettings settings = read_settings(arguments);
  const char* reason = needs_engine(settings);
  std::printf("route: %s%s\n", reason == nullptr ? "SSPI" : "tls::Connection for ",
              reason == nullptr ? "" : reason);
  const std::unique_ptr<Route> route = reason == nullptr ? sspi_route() : engine_route();
  for (int i = 0; i <= settings.initial.resume_count; ++i) {
    try {
      Conversation(settings.of(i), i, *route).run();
    } catch (const TestFailure& failure) {
      std::fprintf(stderr, "connection %d: %s\n", i, failure.what());
      return 1;
    }
  }
  return 0;
}

}  // namespace
}  // namespace schannel::conformance

int main(int argc, char** argv) {
#ifndef __SANITIZE_ADDRESS__  // which reports, and exits as ASAN_OPTIONS says
  for (const int signal : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL}) {
    std::signal(signal, schannel::conformance::on_crash);
  }
#endif
  return schannel::conformance::run({argv + 1, argv + argc});
}
