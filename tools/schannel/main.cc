#include <fmt/format.h>
#include <openschannel/extensions.h>

#include <CLI/CLI.hpp>
#include <csignal>

#include "commands.h"
#include "failure.h"

namespace {

void add_certificate(CLI::App& command, CertificateSource& source, bool for_server) {
  auto* certificate = command.add_option("--cert", source.certificate_file,
                                         "PEM file with our certificate and what follows it");
  auto* key = command.add_option("--key", source.key_file, "PEM file with its private key");
  auto* pfx = command.add_option("--pfx", source.pfx_file, "PKCS#12 file instead of --cert");
  command.add_option("--password", source.password, "password of the key or PKCS#12 file");
  key->needs(certificate);
  pfx->excludes(certificate);
  if (for_server) {
    command
        .add_option("--self-signed", source.self_signed_names,
                    "make a certificate for these names, separated by commas")
        ->excludes(certificate)
        ->excludes(pfx);
  }
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
  CLI::App app("schannel: TLS through the Schannel SSPI on Linux");
  app.require_subcommand(1);
  app.footer("exit codes: 0 good, 1 TLS failed, 2 usage or a file, 3 network");

  DemoOptions demo_options;
  demo_options.tls = "1.3";
  CLI::App* demo = app.add_subcommand("demo", "a client and a server, call by call");
  add_tls(*demo, demo_options.tls);
  demo->add_option("--size", demo_options.transfer_mib, "MiB of the file transfer")
      ->check(CLI::Range(1, 4096));

  ConnectOptions connect_options;
  CLI::App* connect = app.add_subcommand(
      "connect", "standard input and output to a TLS server, like openssl s_client");
  connect->add_option("address", connect_options.address, "HOST[:PORT], port 443 unless told")
      ->required();
  connect->add_option("--name", connect_options.name, "name the certificate must be for");
  connect->add_option("--alpn", connect_options.alpn, "protocols, best first")->delimiter(',');
  connect->add_option("--ca", connect_options.ca_file, "PEM file of the roots to trust");
  connect->add_flag("--insecure", connect_options.insecure, "do not verify the server");
  connect->add_flag("--trace", connect_options.trace, "print every SSPI call to standard error");
  connect->add_flag("--json", connect_options.json,
                    "print what was negotiated to standard error as JSON");
  connect->add_flag("-q,--quiet", connect_options.quiet, "print nothing but what the server sends");
  add_tls(*connect, connect_options.tls);
  add_certificate(*connect, connect_options.certificate, /*for_server=*/false);
  connect->footer("example: printf 'GET / HTTP/1.0\\r\\n\\r\\n' | schannel connect example.org");

  ServeOptions serve_options;
  CLI::App* serve = app.add_subcommand("serve", "a TLS server: echo, or files over HTTP/1.1");
  serve->add_option("--listen", serve_options.listen, "ADDRESS:PORT, port 0 takes a free one")
      ->capture_default_str();
  serve->add_option("--www", serve_options.www, "serve the files of this directory");
  serve->add_option("--alpn", serve_options.alpn, "protocols, best first")->delimiter(',');
  serve->add_flag("--request-client-cert", serve_options.request_client_certificate,
                  "ask clients for a certificate");
  serve->add_flag("--trace", serve_options.trace, "print every SSPI call to standard error");
  serve->add_flag("--once", serve_options.once, "end after the first connection");
  serve->add_option("--max-connections", serve_options.connection_limit, "at the same time")
      ->capture_default_str();
  serve->add_option("--timeout", serve_options.idle_seconds, "seconds a peer may be silent")
      ->capture_default_str();
  add_tls(*serve, serve_options.tls);
  add_certificate(*serve, serve_options.certificate, /*for_server=*/true);
  serve->footer("example: schannel serve --self-signed localhost --www .");

  CLI::App* version = app.add_subcommand("version", "the version of the library");

  CLI11_PARSE(app, argc, argv);

  return reported([&]() -> int {
    if (demo->parsed()) return run_demo(demo_options);
    if (connect->parsed()) return run_connect(connect_options);
    if (serve->parsed()) {
      if (serve_options.certificate.empty()) {
        throw std::invalid_argument("serve needs --cert, --pfx or --self-signed");
      }
      return run_serve(serve_options);
    }
    if (version->parsed()) fmt::print("OpenSchannel {}\n", OpenSchannelVersion());
    return kExitOk;
  });
}
