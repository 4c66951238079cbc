#include <fmt/format.h>
#include <openschannel/extensions.h>

#include <CLI/CLI.hpp>
#include <clocale>
#include <csignal>

#include "commands.h"
#include "failure.h"

namespace {

constexpr const char* kFooter =
    R"(Exit codes: 0 good, 1 TLS or an SSPI call failed, 2 usage or a file, 3 network.
Help of a command: schannel connect --help)";

constexpr const char* kConnectFooter =
    R"(The server is verified: its chain must end in a root that the
system trusts (SSL_CERT_FILE and SSL_CERT_DIR are heeded) or in one of --ca, and it must be for the
host or --name. What the server sends goes to standard output, everything else to standard error.

--json prints one line with one object:
  protocol      "TLS 1.3" or "TLS 1.2"
  cipher_suite  IANA's name; cipher_bits: the length of its key
  group         of the key exchange, as "x25519"
  alpn          the application protocol, or null
  peer          the server's certificate: subject, issuer, not_before, not_after, sha256 of its
                encoding, chain_length (certificates that it sent)

Examples:
  printf 'GET / HTTP/1.0\r\nHost: example.org\r\n\r\n' | schannel connect example.org
  schannel connect --ca root.pem --alpn h2,http/1.1 --json localhost:4433 < /dev/null
  schannel connect --trace --insecure 192.0.2.1:8443)";

constexpr const char* kServeFooter =
    R"(Without --www it sends back what it receives. The first line on
standard output is "listening on ADDRESS:PORT". SIGINT and SIGTERM end it: idle connections are
closed at once, the others have 10 s, the exit code is 0.

Examples:
  schannel serve --self-signed localhost --www .
  schannel serve --listen 0.0.0.0:8443 --cert chain.pem --key key.pem --alpn http/1.1 --www /srv
  schannel serve --listen 127.0.0.1:0 --pfx server.pfx --password secret --tls 1.3 --trace --once)";

constexpr const char* kCertFooter =
    R"(Stores are directories of files; docs/stores.md says where.

Examples:
  schannel cert show server.pem
  schannel cert import me.pem --key me.key
  schannel cert import root.pem --store ROOT
  schannel cert list --json
  schannel cert verify chain.pem --host example.org --revocation)";

void add_certificate(CLI::App& command, CertificateSource& source, bool for_server) {
  auto* certificate = command.add_option("--cert", source.certificate_file,
                                         "PEM file with our certificate and what follows it");
  auto* key = command.add_option("--key", source.key_file, "PEM file with its private key");
  auto* pfx = command.add_option("--pfx", source.pfx_file, "PKCS#12 file instead of --cert");
  command.add_option("--password", source.password, "password of the key or PKCS#12 file")
      ->envname("SCHANNEL_PASSWORD");
  key->needs(certificate);
  pfx->excludes(certificate);
  if (for_server) {
    command
        .add_option("--self-signed", source.self_signed_names,
                    "make a certificate for these names, separated by commas: localhost,127.0.0.1")
        ->excludes(certificate)
        ->excludes(pfx);
  }
}

void add_alpn(CLI::App& command, std::vector<std::string>& alpn) {
  command.add_option("--alpn", alpn, "application protocols, the best first: h2,http/1.1")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::Validator(
          [](const std::string& name) {
            return name.empty() || name.size() > 255 ? "a protocol has 1 to 255 bytes" : "";
          },
          ""));
}

void add_tls(CLI::App& command, std::string& tls) {
  command.add_option("--tls", tls, "only this version")->check(CLI::IsMember({"1.2", "1.3"}));
}

template <class Body>
int reported(Body body) {
  try {
    return body();
  } catch (const Failure& failure) {
    fmt::print(stderr, "schannel: {}\n", failure.what());
    return kExitTls;
  } catch (const NetworkFailure& failure) {
    fmt::print(stderr, "schannel: {}\n", failure.what());
    return kExitNetwork;
  } catch (const std::exception& failure) {
    fmt::print(stderr, "schannel: {}\n", failure.what());
    return kExitUsage;
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  std::setlocale(LC_CTYPE, "");  // for the password of a PKCS#12 file
  CLI::App app("schannel: TLS through the Schannel SSPI on Linux");
  app.require_subcommand(1);
  app.footer(kFooter);

  DemoOptions demo_options;
  demo_options.tls = "1.3";
  CLI::App* demo = app.add_subcommand("demo", "a client and a server, call by call");
  add_tls(*demo, demo_options.tls);
  demo->add_option("--size", demo_options.transfer_mib, "MiB of the file transfer")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  demo->footer("Example:\n  schannel demo --tls 1.2 --size 256");

  ConnectOptions connect_options;
  CLI::App* connect = app.add_subcommand(
      "connect", "standard input and output to a TLS server, like openssl s_client");
  connect->add_option("address", connect_options.address, "HOST[:PORT], port 443 unless told")
      ->required();
  connect->add_option("--name", connect_options.name, "name the certificate must be for");
  add_alpn(*connect, connect_options.alpn);
  connect->add_option("--ca", connect_options.ca_file, "PEM file of the roots to trust");
  connect->add_flag("--insecure", connect_options.insecure, "do not verify the server");
  connect->add_flag("--trace", connect_options.trace, "print every SSPI call to standard error");
  connect->add_flag("--json", connect_options.json,
                    "print what was negotiated to standard error as JSON");
  connect->add_flag("-q,--quiet", connect_options.quiet, "print nothing but what the server sends");
  connect
      ->add_option("--eof", connect_options.at_eof,
                   "when standard input ends: wait for the server to close, or close at once")
      ->check(CLI::IsMember({"wait", "close"}))
      ->capture_default_str();
  add_tls(*connect, connect_options.tls);
  add_certificate(*connect, connect_options.certificate, /*for_server=*/false);
  connect->footer(kConnectFooter);

  ServeOptions serve_options;
  CLI::App* serve = app.add_subcommand("serve", "a TLS server: echo, or files over HTTP/1.1");
  serve->add_option("--listen", serve_options.listen, "ADDRESS:PORT, port 0 takes a free one")
      ->capture_default_str();
  serve->add_option("--www", serve_options.www, "serve the files of this directory");
  add_alpn(*serve, serve_options.alpn);
  serve->add_flag("--request-client-cert", serve_options.request_client_certificate,
                  "ask clients for a certificate");
  serve->add_option("--map", serve_options.map_file,
                    "file with rules that map client certificates to accounts; prints each");
  serve->add_flag("--json", serve_options.json,
                  "a line of JSON for each client on standard output, as of connect");
  serve->add_flag("--require-client-cert", serve_options.require_client_certificate,
                  "refuse clients without a certificate");
  serve->add_option("--client-ca", serve_options.client_ca_file,
                    "PEM file of the roots of client certificates; others are refused");
  serve->add_flag("--trace", serve_options.trace, "print every SSPI call to standard error");
  serve->add_flag("--once", serve_options.once, "end after the first connection");
  serve->add_option("--max-connections", serve_options.connection_limit, "at the same time")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  serve->add_option("--timeout", serve_options.idle_seconds, "seconds a client may be silent")
      ->check(CLI::Range(1, 86400))
      ->capture_default_str();
  add_tls(*serve, serve_options.tls);
  add_certificate(*serve, serve_options.certificate, /*for_server=*/true);
  serve->footer(kServeFooter);

  CertOptions cert_options;
  CLI::App* cert = app.add_subcommand("cert", "certificates in files and stores");
  cert->require_subcommand(1);
  cert->footer(kCertFooter);
  const auto add_cert = [&](const char* name, const char* what, bool takes_file) {
    CLI::App* command = cert->add_subcommand(name, what);
    if (takes_file) {
      command->add_option("file", cert_options.source.certificate_file,
                          "PEM, DER, PKCS#7 or PKCS#12 without a password");
      command->add_option("--pfx", cert_options.source.pfx_file, "PKCS#12 file with a password");
      command->add_option("--password", cert_options.source.password, "of the key or PKCS#12 file")
          ->envname("SCHANNEL_PASSWORD");
    }
    command->add_option("--store", cert_options.store, "MY, ROOT, CA or another")
        ->capture_default_str();
    command->add_flag("--machine", cert_options.of_machine, "the machine's store, not the user's");
    command->add_flag("--json", cert_options.json, "one line of JSON");
    return command;
  };
  CLI::App* cert_show = add_cert("show", "what is in a file, or in a store", true);
  CLI::App* cert_list = add_cert("list", "what is in a store", false);
  CLI::App* cert_import = add_cert("import", "put what is in a file into a store", true);
  cert_import->add_option("--key", cert_options.source.key_file, "PEM file with the private key");
  CLI::App* cert_verify = add_cert("verify", "build a chain and say what is wrong with it", true);
  cert_verify->add_option("--host", cert_options.host, "DNS name or address it must be for");
  cert_verify->add_option("--ca", cert_options.ca_file, "PEM file of the roots to trust");
  cert_verify->add_flag("--client", cert_options.for_client, "as a client's, not a server's");
  cert_verify->add_flag("--revocation", cert_options.check_revocation,
                        "ask whether a certificate was revoked");

  CLI::App* version = app.add_subcommand("version", "the version of the library");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    return app.exit(problem) == 0 ? kExitOk : kExitUsage;
  }

  return reported([&]() -> int {
    if (demo->parsed()) return run_demo(demo_options);
    if (connect->parsed()) return run_connect(connect_options);
    if (serve->parsed()) {
      if (serve_options.certificate.empty()) {
        throw std::invalid_argument("serve needs --cert, --pfx or --self-signed");
      }
      return run_serve(serve_options);
    }
    if (cert_show->parsed()) return run_cert_show(cert_options);
    if (cert_list->parsed()) return run_cert_list(cert_options);
    if (cert_import->parsed()) {
      if (cert_options.source.empty()) throw std::invalid_argument("import needs a file");
      return run_cert_import(cert_options);
    }
    if (cert_verify->parsed()) return run_cert_verify(cert_options);
    if (version->parsed()) fmt::print("OpenSchannel {}\n", OpenSchannelVersion());
    return kExitOk;
  });
}
