#!/usr/bin/env python3
"""Talks TLS with the real programs, in both roles and both versions, on loopback.

    run.py --tool build/release/tools/schannel/schannel GROUP

Exits with 0 when every case of the group is good, 1 when one is not, 77 when a program is missing
(1 if OPENSCHANNEL_REQUIRE_INTEROP is 1).
"""
import argparse
import hashlib
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile

from programs import Certificates, Results, Skip, expect, free_port, need, run, server

SUITES_13 = ["TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"]
# IANA name, OpenSSL's name, certificate.
SUITES_12 = [
    ("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384", "ecdsa-p256"),
    ("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256", "ecdsa-p256"),
    ("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305",
     "ecdsa-p256"),
    ("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384", "rsa"),
    ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "rsa"),
    ("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-RSA-CHACHA20-POLY1305", "rsa"),
]
# IANA name, OpenSSL's name. The first is what our client shares: the others are a
# HelloRetryRequest in TLS 1.3.
GROUPS = [("x25519", "X25519"), ("secp256r1", "P-256"), ("secp384r1", "P-384"),
          ("secp521r1", "P-521")]


class Tool:
    def __init__(self, path, certificates):
        self.path, self.certificates = path, certificates

    def connect(self, port, text, *arguments, ca=True, host="localhost", whole=False):
        """Sends `text`, reads a line back, or with `whole` until the server closes, and then closes
        itself; gives the reply and the JSON report."""
        command = [self.path, "connect", f"{host}:{port}", "--json", *arguments]
        if ca:
            command += ["--ca", str(self.certificates.ca)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        try:
            process.stdin.write(text)
            process.stdin.flush()
            answer = process.stdout.read() if whole else process.stdout.readline()
            process.stdin.close()
            process.stdin = None
            rest, errors = process.communicate(timeout=20)
        except (BrokenPipeError, subprocess.TimeoutExpired):
            process.kill()
            process.stdin = None
            rest, errors = process.communicate()
            answer = b""
        lines = [line for line in errors.decode().splitlines() if line.startswith("{")]
        if process.returncode != 0 or not lines:
            raise RuntimeError(f"schannel connect: {process.returncode}: {errors.decode()}")
        return answer + rest, json.loads(lines[0])

    def serve(self, kind, *arguments, log=subprocess.DEVNULL):
        return server([self.path, "serve", "--listen", "127.0.0.1:0", "--cert",
                       str(self.certificates.cert(kind)), "--key",
                       str(self.certificates.key(kind)), *arguments],
                      announce="listening on", log=log)


def port_of(line):
    return int(line.rsplit(":", 1)[1])


def check_report(report, version, suite=None, group=None):
    expect(report["protocol"] == "TLS " + version, f"negotiated {report['protocol']}")
    expect(suite is None or report["cipher_suite"] == suite, f"got {report['cipher_suite']}")
    expect(group is None or report["group"] == group, f"got {report['group']}")
    return f"{report['protocol']} {report['cipher_suite']} {report['group']}"


# --------------------------------------------------------------------- we are the client

def server_cases():
    """name, version, certificate, extra arguments as (OpenSSL, GnuTLS priority), suite, group"""
    for suite in SUITES_13:
        yield f"1.3 {suite}", "1.3", "ecdsa-p256", ["-ciphersuites", suite], suite, None
    for iana, openssl, kind in SUITES_12:
        yield f"1.2 {iana}", "1.2", kind, ["-cipher", openssl], iana, None
    for version in ("1.3", "1.2"):
        for iana, openssl in GROUPS:
            # P-256 stays for the certificate in TLS 1.2.
            yield (f"{version} group {iana}", version, "rsa", ["-groups", openssl], None, iana)
        for kind in Certificates.KINDS:
            yield f"{version} certificate {kind}", version, kind, [], None, None


def openssl_server(tool, results):
    for name, version, kind, arguments, suite, group in server_cases():
        def case():
            port = free_port()
            flag = "-tls1_3" if version == "1.3" else "-tls1_2"
            with server(["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert",
                         str(tool.certificates.cert(kind)), "-key",
                         str(tool.certificates.key(kind)), flag, "-rev", "-quiet", *arguments],
                        port=port):
                text = results.line()
                answer, report = tool.connect(port, text.encode())
                expect(answer.decode() == text[:-1][::-1] + "\n", f"came back as {answer!r}")
                return check_report(report, version, suite, group)
        results.check(name, case)

    def client_certificate(version, with_certificate):
        port = free_port()
        flag = "-tls1_3" if version == "1.3" else "-tls1_2"
        with server(["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert",
                     str(tool.certificates.cert("rsa")), "-key", str(tool.certificates.key("rsa")),
                     "-CAfile", str(tool.certificates.ca), "-verify_return_error",
                     "-Verify" if with_certificate else "-verify", "2", flag, "-rev", "-quiet"],
                    port=port):
            text = results.line()
            arguments = [] if not with_certificate else [
                "--cert", str(tool.certificates.cert("ecdsa-p256")),
                "--key", str(tool.certificates.key("ecdsa-p256"))]
            answer, report = tool.connect(port, text.encode(), *arguments)
            expect(answer.decode() == text[:-1][::-1] + "\n", f"came back as {answer!r}")
            return check_report(report, version)
    for version in ("1.3", "1.2"):
        results.check(f"{version} asked for a certificate, has none",
                      lambda: client_certificate(version, False))
        results.check(f"{version} client certificate required and given",
                      lambda: client_certificate(version, True))


def gnutls_server(tool, results):
    need("gnutls-serv", "gnutls-bin")
    ciphers = {"AES_256_GCM": "AES-256-GCM", "AES_128_GCM": "AES-128-GCM",
               "CHACHA20_POLY1305": "CHACHA20-POLY1305"}
    cases = []
    for version in ("1.3", "1.2"):
        base = f"NORMAL:-VERS-ALL:+VERS-TLS{version}"
        for part, gnutls in ciphers.items():
            for kind in ("ecdsa-p256", "rsa"):
                cases.append((f"{version} {gnutls} {kind}", version, kind,
                              f"{base}:-CIPHER-ALL:+{gnutls}", part, None))
        for iana, gnutls in (("x25519", "X25519"), ("secp256r1", "SECP256R1"),
                             ("secp384r1", "SECP384R1"), ("secp521r1", "SECP521R1")):
            cases.append((f"{version} group {iana}", version, "rsa",
                          f"{base}:-GROUP-ALL:+GROUP-{gnutls}", None, iana))
        cases.append((f"{version} ed25519", version, "ed25519", base, None, None))
    for name, version, kind, priority, part, group in cases:
        def case():
            port = free_port()
            with server(["gnutls-serv", "--echo", "--port", str(port), "--x509certfile",
                         str(tool.certificates.cert(kind)), "--x509keyfile",
                         str(tool.certificates.key(kind)), "--priority", priority, "--quiet"],
                        port=port):
                text = results.line()
                answer, report = tool.connect(port, text.encode())
                expect(answer.decode() == text, f"came back as {answer!r}")
                expect(part is None or part in report["cipher_suite"], report["cipher_suite"])
                return check_report(report, version, None, group)
        results.check(name, case)


def nginx(tool, results):
    need("nginx", "nginx-light")
    for version in ("1.3", "1.2"):
        def case():
            port = free_port()
            with tempfile.TemporaryDirectory() as folder:
                folder = pathlib.Path(folder)
                body = results.random.randbytes(2_000_000)
                (folder / "file.bin").write_bytes(body)
                os.chmod(folder, 0o755)
                (folder / "nginx.conf").write_text(f"""
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{}}
http {{ access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ listen 127.0.0.1:{port} ssl; root {folder}; ssl_protocols TLSv{version};
    ssl_certificate {tool.certificates.cert('rsa')};
    ssl_certificate_key {tool.certificates.key('rsa')}; }} }}
""")
                with server(["nginx", "-e", f"{folder}/error.log", "-p", str(folder), "-c",
                             str(folder / "nginx.conf")], port=port):
                    request = b"GET /file.bin HTTP/1.0\r\nHost: localhost\r\n\r\n"
                    answer, report = tool.connect(port, request, "--alpn", "http/1.1",
                                                  whole=True)
                    got = answer.split(b"\r\n\r\n", 1)[1]
                    expect(got == body, f"{len(got)} of {len(body)} bytes")
                    expect(report["alpn"] == "http/1.1", f"ALPN {report['alpn']!r}")
                    return check_report(report, version) + f", {len(got)} bytes"
        results.check(f"{version} download of 2 MB", case)


# --------------------------------------------------------------------- we are the server

def last_negotiated(log):
    lines = [line for line in log.read_text().splitlines() if line.startswith("#")]
    expect(lines, "the server has seen no connection")
    return lines[-1]


def talk(command, text, log, results):
    """Writes a line to a client program and expects it back."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    try:
        process.stdin.write(text.encode())
        process.stdin.flush()
        answer = b""
        while text.encode() not in answer:
            line = process.stdout.readline()
            if not line:
                raise RuntimeError(f"no echo: {process.stderr.read().decode()[-300:]}")
            answer += line
    finally:
        process.stdin.close()
        process.stdin = None
        try:
            process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def serve_and_talk(tool, results, kind, version, suite, group, make_command):
    with tempfile.TemporaryDirectory() as folder:
        log = pathlib.Path(folder) / "log"
        with log.open("wb") as errors, tool.serve(kind, log=errors) as (_, line):
            talk(make_command(port_of(line)), results.line(), log, results)
            seen = last_negotiated(log)
        expect(f"TLS {version}" in seen, seen)
        expect(suite is None or suite in seen, seen)
        expect(group is None or group in seen, seen)
        return seen


def openssl_client(tool, results):
    def command(port, version, *arguments):
        return ["openssl", "s_client", "-connect", f"localhost:{port}", "-CAfile",
                str(tool.certificates.ca), "-verify_return_error", "-verify_hostname", "localhost",
                "-quiet", "-no_ign_eof", "-servername", "localhost",
                "-tls1_3" if version == "1.3" else "-tls1_2", *arguments]

    for name, version, kind, arguments, suite, group in server_cases():
        results.check(name, lambda: serve_and_talk(
            tool, results, kind, version, suite, group,
            lambda port: command(port, version, *arguments)))
    # HelloRetryRequest: the client shares a group that we do not have, and names one that we do.
    results.check("1.3 HelloRetryRequest", lambda: serve_and_talk(
        tool, results, "rsa", "1.3", None, "secp384r1",
        lambda port: command(port, "1.3", "-groups", "X448:P-384")))

    def key_update():
        with tempfile.TemporaryDirectory() as folder:
            log = pathlib.Path(folder) / "log"
            with log.open("wb") as errors, tool.serve("ecdsa-p256", log=errors) as (_, line):
                process = subprocess.Popen(
                    ["openssl", "s_client", "-connect", f"localhost:{port_of(line)}", "-CAfile",
                     str(tool.certificates.ca), "-tls1_3", "-msg"],
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                first, second = results.line(), results.line()
                try:
                    # 'K': a key update that asks for ours; the next lines must still arrive.
                    for text in (first, "K\n", second):
                        process.stdin.write(text.encode())
                        process.stdin.flush()
                        seen = ""
                        while text.strip() not in seen and "KEYUPDATE" not in seen:
                            got = process.stdout.readline().decode(errors="replace")
                            expect(got, "the connection ended: " + log.read_text()[-300:])
                            seen += got
                finally:
                    process.kill()
                    process.communicate()
            return "both keys changed"
    results.check("1.3 KeyUpdate requested by the client", key_update)


def gnutls_client(tool, results):
    need("gnutls-cli", "gnutls-bin")
    for version in ("1.3", "1.2"):
        base = f"NORMAL:-VERS-ALL:+VERS-TLS{version}"
        cases = [(f"{version} {kind}", kind, base, None)
                 for kind in ("ecdsa-p256", "ecdsa-p384", "rsa", "ed25519")]
        cases += [(f"{version} group {iana}", "rsa", f"{base}:-GROUP-ALL:+GROUP-{gnutls}", iana)
                  for iana, gnutls in (("x25519", "X25519"), ("secp256r1", "SECP256R1"),
                                       ("secp384r1", "SECP384R1"), ("secp521r1", "SECP521R1"))]
        cases += [(f"{version} {cipher}", "ecdsa-p256", f"{base}:-CIPHER-ALL:+{cipher}", None)
                  for cipher in ("AES-256-GCM", "AES-128-GCM", "CHACHA20-POLY1305")]
        for name, kind, priority, group in cases:
            results.check(name, lambda: serve_and_talk(
                tool, results, kind, version, None, group,
                lambda port: ["gnutls-cli", "localhost", "--port", str(port), "--x509cafile",
                              str(tool.certificates.ca), "--priority", priority]))


def curl(tool, results):
    need("curl", "curl")
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        body = results.random.randbytes(5_000_000)
        (root / "file.bin").write_bytes(body)
        (root / "index.html").write_text("<p>hello</p>\n")
        (root.parent / "outside.txt").touch()
        for version, kind in (("1.3", "ecdsa-p256"), ("1.2", "rsa")):
            def case():
                with tool.serve(kind, "--www", str(root), "--alpn", "http/1.1") as (_, line):
                    url = f"https://localhost:{port_of(line)}"
                    base = ["curl", "-sS", "--cacert", str(tool.certificates.ca), "--tls-max",
                            version, f"--tlsv{version}"]
                    got = run([*base, url + "/file.bin"])
                    expect(hashlib.sha256(got).digest() == hashlib.sha256(body).digest(),
                           f"{len(got)} of {len(body)} bytes")
                    # Two requests on one connection, and what must not be served.
                    both = run([*base, url + "/", url + "/index.html"])
                    expect(both == b"<p>hello</p>\n" * 2, f"{both!r}")
                    for path, status in (("/none", "404"), ("/../outside.txt", "404"),
                                         ("/%2e%2e/outside.txt", "404"), ("/%zz", "404")):
                        code = run([*base, "--path-as-is", "-o", "/dev/null", "-w",
                                    "%{http_code}", url + path]).decode()
                        expect(code == status, f"{path} gave {code}")
                    code = run([*base, "-X", "POST", "-d", "x", "-o", "/dev/null", "-w",
                                "%{http_code}", url + "/"]).decode()
                    expect(code == "405", f"POST gave {code}")
                    return f"{len(got)} bytes, keep-alive, 404, 405"
            results.check(f"{version} {kind}", case)


# --------------------------------------------------------------------- what must not work

def refusals(tool, results):
    def refused(kind, status, alert, *arguments, ca=True, host="localhost"):
        port = free_port()
        with tempfile.TemporaryDirectory() as folder:
            log = pathlib.Path(folder) / "log"
            with log.open("wb") as errors, server(
                    ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert",
                     str(tool.certificates.cert(kind)), "-key", str(tool.certificates.key(kind)),
                     "-rev", "-quiet"], port=port, log=errors):
                try:
                    tool.connect(port, b"x\n", *arguments, ca=ca, host=host)
                except RuntimeError as problem:
                    expect(status in str(problem), str(problem))
                else:
                    raise AssertionError("connected")
            if alert is not None:
                seen = log.read_text()
                expect(f"alert number {alert}" in seen, f"the server saw {seen[-200:]!r}")
            return f"{status}, alert {alert}"

    for version in ("1.3", "1.2"):
        flag = ["--tls", version]
        results.check(f"{version} untrusted root",
                      lambda: refused("rsa", "SEC_E_UNTRUSTED_ROOT", 48, *flag, ca=False))
        results.check(f"{version} wrong name",
                      lambda: refused("other-name", "SEC_E_WRONG_PRINCIPAL", 42, *flag))
        results.check(f"{version} expired",
                      lambda: refused("expired", "SEC_E_CERT_EXPIRED", 45, *flag))
    results.check("address that is not in the certificate",
                  lambda: refused("other-name", "SEC_E_WRONG_PRINCIPAL", 42, host="127.0.0.1"))

    def insecure():
        port = free_port()
        with server(["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert",
                     str(tool.certificates.cert("expired")), "-key",
                     str(tool.certificates.key("expired")), "-rev", "-quiet"], port=port):
            answer, _ = tool.connect(port, b"ab\n", "--insecure", ca=False)
            expect(answer == b"ba\n", f"{answer!r}")
            return "--insecure connects all the same"
    results.check("manual validation", insecure)

    def not_tls():
        with tempfile.TemporaryDirectory() as folder:
            log = pathlib.Path(folder) / "log"
            with log.open("wb") as errors, tool.serve("rsa", log=errors) as (_, line):
                with socket.create_connection(("127.0.0.1", port_of(line))) as s:
                    s.sendall(b"GET / HTTP/1.0\r\n\r\n")
                    expect(s.recv(100) == b"", "an answer to what is not TLS")
            expect("SEC_E_INVALID_TOKEN" in log.read_text(), log.read_text())
            return "SEC_E_INVALID_TOKEN, nothing sent"
    results.check("plain HTTP to our server", not_tls)


def main():
    groups = {f.__name__: f for f in (openssl_server, openssl_client, gnutls_server, gnutls_client,
                                      curl, nginx, refusals)}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tool", required=True)
    parser.add_argument("group", choices=groups)
    arguments = parser.parse_args()
    results = Results(arguments.group)
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        try:
            groups[arguments.group](Tool(arguments.tool, Certificates(folder)), results)
        except Skip as missing:
            print(f"SKIP: {missing}")
            return 1 if os.environ.get("OPENSCHANNEL_REQUIRE_INTEROP") == "1" else 77
    return 0 if results.print() else 1


if __name__ == "__main__":
    sys.exit(main())
