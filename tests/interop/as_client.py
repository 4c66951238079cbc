"""We are the client: openssl s_server, gnutls-serv and nginx are the servers."""
import os
import pathlib
import subprocess
import tempfile
import threading

from programs import expect, free_port, need, server
from tool import check_report, openssl_name, server_cases


def openssl_command(tool, port, kind, version, *arguments):
    return ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert",
            str(tool.certificates.cert(kind)), "-key", str(tool.certificates.key(kind)),
            "-tls1_3" if version == "1.3" else "-tls1_2", *arguments]


def openssl_server(tool, results):
    for name, version, kind, arguments, suite, group in server_cases():
        def case():
            port = free_port()
            with tempfile.TemporaryDirectory() as folder:
                log = pathlib.Path(folder) / "log"
                with log.open("wb") as errors, server(
                        openssl_command(tool, port, kind, version, "-rev", "-brief", *arguments),
                        port=port, log=errors):
                    text = results.line()
                    answer, report = tool.connect(port, text.encode(), "--trace")
                seen = log.read_text()
            expect(answer.decode() == text[:-1][::-1] + "\n", f"came back as {answer!r}")
            expect(f"Protocol version: TLSv{version}" in seen, seen[-300:])
            expect(f"Ciphersuite: {openssl_name(report['cipher_suite'])}" in seen, seen[-300:])
            flights = sum("InitializeSecurityContext" in line and "SEC_I_CONTINUE_NEEDED" in line
                          and "TOKEN" in line for line in tool.errors.splitlines())
            if version == "1.3":
                retried = group not in (None, "x25519")
                expect(flights == (2 if retried else 1), f"{flights} hellos")
                return check_report(report, version, suite, group) + \
                    (", HelloRetryRequest" if retried else "")
            return check_report(report, version, suite, group)
        results.check(name, case)

    def both_ways(version, *arguments, client_arguments=()):
        """Data both ways around what the server does after the handshake."""
        port = free_port()
        quiet = ["-quiet"] if not arguments else []
        with server(openssl_command(tool, port, "ecdsa-p256", version, *quiet, *arguments),
                    port=port) as (process, _):
            client = subprocess.Popen(
                [tool.path, "connect", f"localhost:{port}", "--ca", str(tool.certificates.ca),
                 "-q", *client_arguments],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            try:
                def to_client():
                    text = results.line().encode()
                    process.stdin.write(text)
                    process.stdin.flush()
                    got = client.stdout.readline()
                    expect(got == text, f"{got!r} {client.stderr.read() if not got else ''}")

                def to_server():
                    text = results.line().encode()
                    client.stdin.write(text)
                    client.stdin.flush()
                    while True:
                        got = process.stdout.readline()
                        expect(got, "the server has ended")
                        if text in got:
                            return
                to_server()
                to_client()
                yield process, to_client, to_server
                client.stdin.close()
                client.stdin = None
            finally:
                client.kill()
                client.communicate()

    def key_updates():
        for process, to_client, to_server in both_ways("1.3", "-msg"):
            # 'k' changes the server's key, 'K' asks for ours as well.
            for command in (b"k\n", b"K\n", b"K\n", b"k\n"):
                process.stdin.write(command)
                process.stdin.flush()
                # The command drops what comes with it: wait until it is done.
                while b"KeyUpdate" not in process.stdout.readline():
                    pass
                to_client()
                to_server()
                to_server()
        return "4 updates, data both ways after each"
    results.check("1.3 KeyUpdate by the server", key_updates)

    def started_again(version, times, command, message, *arguments):
        """The server's commands: 'r' and 'R' renegotiate, 'R' and 'c' ask for a certificate."""
        certificate = ["--cert", str(tool.certificates.cert("ecdsa-p256")),
                       "--key", str(tool.certificates.key("ecdsa-p256"))]
        for process, to_client, to_server in both_ways(version, "-msg", *arguments,
                                                       client_arguments=certificate):
            for _ in range(times):
                process.stdin.write(command)
                process.stdin.flush()
                while message not in (line := process.stdout.readline()):
                    expect(line, "the server has ended")
                to_server()
                to_client()
        return f"{times}x, data both ways after each"
    ca = ("-CAfile", str(tool.certificates.ca))
    results.check("1.2 renegotiation by the server", lambda: started_again(
        "1.2", 3, b"r\n", b"HelloRequest"))
    results.check("1.2 renegotiation for a client certificate", lambda: started_again(
        "1.2", 1, b"R\n", b"CertificateVerify", *ca))  # it asks once
    results.check("1.3 client certificate after the handshake", lambda: started_again(
        "1.3", 3, b"c\n", b"CertificateVerify", "-verify", "2", *ca))

    def many_tickets():
        for _, to_client, to_server in both_ways("1.3", "-quiet", "-num_tickets", "8"):
            to_server()
            to_client()
        return "8 tickets, data both ways"
    results.check("1.3 tickets", many_tickets)

    def files(version):
        """A download, and what has been uploaded to the server's standard output."""
        body = results.random.randbytes(3_000_000)
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "file").write_bytes(body)
            port = free_port()
            with server(openssl_command(tool, port, "rsa", version, "-quiet", "-HTTP"), port=port,
                        cwd=folder):
                (pathlib.Path(folder) / "head").write_bytes(b"HTTP/1.0 200 ok\r\n\r\n" + body)
                got, report = tool.connect(port, b"GET /head HTTP/1.0\r\n\r\n", whole=True)
                expect(got.endswith(body), f"{len(got)} bytes came down")
            port = free_port()
            with server(openssl_command(tool, port, "rsa", version, "-quiet"),
                        port=port) as (process, _):
                client = subprocess.Popen(
                    [tool.path, "connect", f"localhost:{port}", "--ca", str(tool.certificates.ca),
                     "-q", "--eof", "close"], stdin=subprocess.PIPE)
                try:
                    writer = threading.Thread(target=lambda: client.communicate(body))
                    writer.start()
                    up = process.stdout.read(len(body))
                    writer.join()
                finally:
                    client.kill()
                    client.wait()
                expect(up == body, f"{len(up)} bytes came up")
                expect(client.returncode == 0, f"exit code {client.returncode}")
        return check_report(report, version) + f", {len(body)} bytes each way"
    for version in ("1.3", "1.2"):
        results.check(f"{version} files", lambda: files(version))

    def client_certificate(version, with_certificate):
        port = free_port()
        with server(openssl_command(
                tool, port, "rsa", version, "-CAfile", str(tool.certificates.ca),
                "-verify_return_error", "-Verify" if with_certificate else "-verify", "2", "-rev",
                "-quiet"), port=port):
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
        for kind in ("ecdsa-p384", "ecdsa-p521", "rsa-pss", "ed25519"):
            cases.append((f"{version} certificate {kind}", version, kind, base, None, None))
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
