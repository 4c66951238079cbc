"""We are the server: openssl s_client, gnutls-cli and curl are the clients."""
import hashlib
import pathlib
import subprocess
import tempfile
import time

from programs import Certificates, expect, need, run
from tool import check_openssl_report, echo_bulk, port_of, server_cases


def last_negotiated(log):
    lines = [line for line in log.read_text().splitlines() if line.startswith("#")]
    expect(lines, "the server has seen no connection")
    return lines[-1]


def talk(command, text):
    """Writes a line to a client program and expects it back. Returns the program's standard
    error."""
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
            _, errors = process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            _, errors = process.communicate()
    return errors.decode(errors="replace")


def serve_and_talk(tool, results, kind, version, suite, group, make_command, *arguments,
                   check_client=None):
    with tempfile.TemporaryDirectory() as folder:
        log = pathlib.Path(folder) / "log"
        with log.open("wb") as file, tool.serve(kind, *arguments, log=file) as (_, line):
            errors = talk(make_command(port_of(line)), results.line())
            seen = last_negotiated(log)
        if check_client is not None:
            check_client(errors)
        expect(f"TLS {version}" in seen, seen)
        expect(suite is None or suite in seen, seen)
        expect(group is None or group in seen, seen)
        return seen


def openssl_client(tool, results):
    def command(port, version, *arguments):
        return ["openssl", "s_client", "-connect", f"localhost:{port}", "-CAfile",
                str(tool.certificates.ca), "-verify_return_error", "-verify_hostname", "localhost",
                "-brief", "-nocommands", "-servername", "localhost",
                "-tls1_3" if version == "1.3" else "-tls1_2", *arguments]

    for name, version, kind, arguments, suite, group in server_cases():
        results.check(name, lambda: serve_and_talk(
            tool, results, kind, version, suite, group,
            lambda port: command(port, version, *arguments),
            check_client=lambda said: check_openssl_report(said, version, suite, group)))
    # HelloRetryRequest: the client shares a group that we do not have, and names one that we do.
    def retried(kind, client, group):
        with tempfile.TemporaryDirectory() as folder:
            log = pathlib.Path(folder) / "log"
            with log.open("wb") as file, tool.serve(kind, "--trace", log=file) as (_, line):
                talk(command(port_of(line), "1.3", "-groups", client), results.line())
            text = log.read_text()
        expect(f", {group}" in text, text)
        tokens = sum("AcceptSecurityContext" in line and "TOKEN" in line and
                     "SEC_I_CONTINUE_NEEDED" in line for line in text.splitlines())
        expect(tokens == 2, f"{tokens} flights of the server")
        return f"HelloRetryRequest for {group}"
    for openssl, iana in (("P-256", "secp256r1"), ("P-384", "secp384r1"), ("P-521", "secp521r1"),
                          ("X25519", "x25519")):
        results.check(f"1.3 HelloRetryRequest {iana}",
                      lambda: retried("rsa", f"X448:{openssl}", iana))

    def bulk(version):
        data = results.random.randbytes(2_000_000)
        with tool.serve("ecdsa-p256") as (_, line):
            answer, errors = echo_bulk(command(port_of(line), version), data)
        expect(answer == data, f"{len(answer)} of {len(data)} bytes, {errors[-300:]}")
        return f"{len(data)} bytes there and back"
    for version in ("1.3", "1.2"):
        results.check(f"{version} echo of random bytes", lambda: bulk(version))

    def client_certificate(version, with_certificate):
        certificates = tool.certificates
        arguments = [] if not with_certificate else [
            "-cert", str(certificates.cert("ed25519")), "-key", str(certificates.key("ed25519"))]
        seen = serve_and_talk(tool, results, "rsa", version, None, None,
                              lambda port: command(port, version, *arguments),
                              "--request-client-cert")
        expect(("peer CN=ed25519" in seen) == with_certificate, seen)
        return seen
    for version in ("1.3", "1.2"):
        results.check(f"{version} client certificate asked for, given",
                      lambda: client_certificate(version, True))
        results.check(f"{version} client certificate asked for, not given",
                      lambda: client_certificate(version, False))

    def resumed_by_openssl():
        with tempfile.TemporaryDirectory() as folder:
            kept = str(pathlib.Path(folder) / "session")
            with tool.serve("ecdsa-p256") as (_, line):
                reports = []
                for arguments in (("-sess_out", kept), ("-sess_in", kept)):
                    process = subprocess.Popen(
                        ["openssl", "s_client", "-connect", f"localhost:{port_of(line)}", "-CAfile",
                         str(tool.certificates.ca), "-servername", "localhost", "-tls1_3",
                         "-nocommands", *arguments],
                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                    try:
                        text = results.line()
                        process.stdin.write(text.encode())
                        process.stdin.flush()
                        report = ""
                        # The echo comes behind the ticket, which is then taken.
                        while text.strip() not in report:
                            got = process.stdout.readline().decode(errors="replace")
                            expect(got, "the connection ended: " + report[-300:])
                            report += got
                        reports.append(report)
                    finally:
                        process.stdin.close()
                        process.wait(timeout=10)
        expect("\nNew, TLSv1.3" in reports[0], reports[0][-500:])
        expect("\nReused, TLSv1.3" in reports[1], reports[1][-500:])
        return "New, then Reused"
    results.check("1.3 resumption", resumed_by_openssl)

    def renegotiation():
        with tempfile.TemporaryDirectory() as folder:
            log = pathlib.Path(folder) / "log"
            with log.open("wb") as errors, tool.serve("ecdsa-p256", log=errors) as (_, line):
                process = subprocess.Popen(
                    ["openssl", "s_client", "-connect", f"localhost:{port_of(line)}", "-CAfile",
                     str(tool.certificates.ca), "-tls1_2", "-msg"],
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                finished = 0
                try:
                    def until(sign):
                        seen = 0
                        while True:
                            got = process.stdout.readline().decode(errors="replace")
                            expect(got, "the connection ended: " + log.read_text()[-300:])
                            seen += "Handshake [length 0010], Finished" in got
                            if sign(got, seen):
                                return
                    for _ in range(3):
                        text = results.line()
                        process.stdin.write(text.encode())
                        process.stdin.flush()
                        until(lambda got, _: text.strip() in got)
                        # The command must come alone; then two Finished pass.
                        process.stdin.write(b"R\n")
                        process.stdin.flush()
                        until(lambda _, count: count == 2)
                        finished += 1
                finally:
                    process.kill()
                    process.communicate()
            return f"{finished} times, data in between"
    results.check("1.2 renegotiation by the client", renegotiation)

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
                 for kind in Certificates.KINDS]
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
    # GnuTLS's X448 share is one that we do not take.
    results.check("1.3 HelloRetryRequest", lambda: serve_and_talk(
        tool, results, "rsa", "1.3", None, "secp384r1",
        lambda port: ["gnutls-cli", "localhost", "--port", str(port), "--x509cafile",
                      str(tool.certificates.ca), "--single-key-share", "--priority",
                      "NORMAL:-VERS-ALL:+VERS-TLS1.3:-GROUP-ALL:+GROUP-X448:+GROUP-SECP384R1"]))

    def untrusted(version):
        with tempfile.TemporaryDirectory() as folder:
            log = pathlib.Path(folder) / "log"
            with log.open("wb") as file, tool.serve("rsa", log=file) as (_, line):
                client = subprocess.run(
                    ["gnutls-cli", "localhost", "--port", str(port_of(line)), "--priority",
                     f"NORMAL:-VERS-ALL:+VERS-TLS{version}"], input=b"x\n", capture_output=True,
                    timeout=20)
                deadline = time.monotonic() + 5
                while "SEC_E_CERT_UNKNOWN" not in log.read_text():
                    expect(time.monotonic() < deadline, f"our server said {log.read_text()!r}")
                    time.sleep(0.02)
        expect(client.returncode != 0, "the client has connected")
        return "SEC_E_CERT_UNKNOWN for bad_certificate"
    for version in ("1.3", "1.2"):
        results.check(f"{version} client does not trust our server", lambda: untrusted(version))

    def key_updates():
        with tool.serve("ecdsa-p256") as (_, line):
            process = subprocess.Popen(
                ["gnutls-cli", "localhost", "--port", str(port_of(line)), "--x509cafile",
                 str(tool.certificates.ca), "--inline-commands", "--priority",
                 "NORMAL:-VERS-ALL:+VERS-TLS1.3"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            try:
                # rekey changes the client's key, rekey1 asks for ours as well.
                for inline in (b"", b"^rekey^\n", b"^rekey1^\n", b"^rekey1^\n", b"^rekey^\n"):
                    text = results.line().encode()
                    process.stdin.write(inline)
                    process.stdin.flush()
                    process.stdin.write(text)
                    process.stdin.flush()
                    seen = b""
                    while text not in seen:
                        got = process.stdout.readline()
                        expect(got, f"the connection ended: {seen[-300:]!r}")
                        seen += got
            finally:
                process.kill()
                process.communicate()
        return "4 updates, data after each"
    results.check("1.3 KeyUpdate by the client", key_updates)


def curl(tool, results):
    need("curl", "curl")
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder) / "www"
        root.mkdir()
        body = results.random.randbytes(5_000_000)
        (root / "file.bin").write_bytes(body)
        (root / "index.html").write_text("<p>hello</p>\n")
        (root.parent / "outside.txt").touch()
        for number in range(24):
            (root / f"{number}.bin").write_bytes(body[number * 100_000:(number + 1) * 100_000])
        for version, kind in (("1.3", "ecdsa-p256"), ("1.2", "rsa")):
            def case():
                with tool.serve(kind, "--www", str(root), "--alpn", "http/1.1") as (_, line):
                    url = f"https://localhost:{port_of(line)}"
                    base = ["curl", "-sS", "--cacert", str(tool.certificates.ca), "--tls-max",
                            version, f"--tlsv{version}"]
                    got = run([*base, url + "/file.bin"])
                    expect(hashlib.sha256(got).digest() == hashlib.sha256(body).digest(),
                           f"{len(got)} of {len(body)} bytes")
                    both = run([*base, "-w", "%{num_connects}", url + "/", url + "/index.html"])
                    expect(both == b"<p>hello</p>\n1<p>hello</p>\n0", f"{both!r}")
                    for path, status in (("/none", "404"), ("/../outside.txt", "404"),
                                         ("/%2e%2e/outside.txt", "404"), ("/%zz", "400")):
                        code = run([*base, "--path-as-is", "-o", "/dev/null", "-w",
                                    "%{http_code}", url + path]).decode()
                        expect(code == status, f"{path} gave {code}")
                    many = pathlib.Path(folder) / f"many-{version}"
                    many.mkdir()
                    run([*base, "--parallel", "--parallel-immediate", "--parallel-max", "24",
                         "-o", str(many / "#1"), url + "/[0-23].bin"])
                    for number in range(24):
                        expect((many / str(number)).read_bytes() ==
                               (root / f"{number}.bin").read_bytes(), f"file {number} differs")
                    code = run([*base, "-X", "POST", "-d", "x", "-o", "/dev/null", "-w",
                                "%{http_code}", url + "/"]).decode()
                    expect(code == "405", f"POST gave {code}")
                    return f"{len(got)} bytes, 24 at the same time, keep-alive, 400, 404, 405"
            results.check(f"{version} {kind}", case)
