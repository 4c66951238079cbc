"""The schannel command by itself: the demo, both ends talking, files, limits, exit codes."""
import json
import signal
import socket
import subprocess
import time

from programs import expect, free_port, run
from tool import check_report, echo_bulk, port_of

JSON_MEMBERS = {"protocol", "cipher_suite", "cipher_bits", "group", "alpn", "peer"}
PEER_MEMBERS = {"subject", "issuer", "not_before", "not_after", "sha256", "chain_length"}


def command(tool, results):
    certificates = tool.certificates

    def demo(version):
        lines = run([tool.path, "demo", "--tls", version, "--size", "3"]).decode().splitlines()
        expect(lines[-1] == f"TLS {version}: the demo worked", lines[-1])
        expect(max(map(len, lines)) <= 100, "a line is too long")
        expect(all(ord(letter) >= 32 for line in lines for letter in line), "control characters")
        calls = {line.split()[1] for line in lines if line.startswith(("client ", "server "))}
        for call in ("AcquireCredentialsHandle", "InitializeSecurityContext",
                     "AcceptSecurityContext", "EncryptMessage", "DecryptMessage",
                     "ApplyControlToken", "DeleteSecurityContext", "FreeCredentialsHandle"):
            expect(call in calls, f"no {call} in the table")
        return f"{len(lines)} lines"
    for version in ("1.3", "1.2"):
        results.check(f"{version} demo", lambda: demo(version))

    def bulk(version):
        data = results.random.randbytes(4_000_000)
        with tool.serve("rsa", "--tls", version) as (_, line):
            answer, errors = echo_bulk([tool.path, "connect", f"localhost:{port_of(line)}", "--ca",
                                        str(certificates.ca), "--json"], data)
        expect(answer == data, f"{len(answer)} of {len(data)} bytes: {errors[-300:]}")
        return check_report(json.loads(errors), version)
    for version in ("1.3", "1.2"):
        results.check(f"{version} both ends, 4 MB there and back", lambda: bulk(version))

    def report():
        with tool.serve("rsa", "--alpn", "h2,http/1.1") as (_, line):
            _, seen = tool.connect(port_of(line), b"x\n", "--alpn", "spdy/1,http/1.1")
        expect(set(seen) == JSON_MEMBERS, f"members {sorted(seen)}")
        expect(set(seen["peer"]) == PEER_MEMBERS, f"members {sorted(seen['peer'])}")
        wanted = run(["openssl", "x509", "-in", str(certificates.cert("rsa")), "-noout",
                      "-fingerprint", "-sha256"]).decode().split("=")[1]
        expect(seen["peer"]["sha256"] == wanted.strip().replace(":", "").lower(), "fingerprint")
        expect(seen["alpn"] == "http/1.1", f"ALPN {seen['alpn']}")
        return json.dumps(seen["peer"])
    results.check("JSON report", report)

    def pfx(kind, *options):
        file = certificates.folder / f"{kind}.pfx"
        run(["openssl", "pkcs12", "-export", "-in", str(certificates.cert(kind)), "-inkey",
             str(certificates.key(kind)), "-certfile", str(certificates.ca), "-passout",
             "pass:a password", "-out", str(file), *options])
        with tool.serve_with("--pfx", str(file), "--password", "a password") as (_, line):
            text = results.line().encode()
            answer, seen = tool.connect(port_of(line), text)
        expect(answer == text, f"{answer!r}")
        return check_report(seen, "1.3")
    for kind in ("ecdsa-p256", "rsa", "ed25519"):
        results.check(f"PKCS#12 file, {kind}", lambda: pfx(kind))
    results.check("PKCS#12 file, legacy encryption", lambda: pfx("rsa", "-legacy"))

    def end_of_input(how):
        with tool.serve("rsa") as (_, line):
            done = subprocess.run(
                [tool.path, "connect", f"localhost:{port_of(line)}", "--ca", str(certificates.ca),
                 "-q", "--eof", how], stdin=subprocess.DEVNULL, capture_output=True, timeout=20)
        expect(done.returncode == 0 and not done.stderr, f"{done.returncode} {done.stderr}")
        return "exit code 0, nothing said"
    for how in ("wait", "close"):
        for _ in range(5):
            results.check(f"standard input ends at once, --eof {how}", lambda: end_of_input(how))

    def exit_codes():
        with tool.serve("rsa") as (_, line):
            address = f"localhost:{port_of(line)}"
            for wanted, text, *arguments in (
                    (0, "usage", "--help"), (0, "OpenSchannel", "version"),
                    (2, "subcommand"), (2, "1.4", "demo", "--tls", "1.4"),
                    (2, "port", "connect", "localhost:99999"), (2, "address", "connect"),
                    (2, "--cert", "serve"), (2, "nowhere", "serve", "--self-signed", "a", "--www",
                                             "/nowhere"),
                    (1, "SEC_E_UNTRUSTED_ROOT", "connect", address),
                    (1, "--ca FILE", "connect", address),
                    (2, "no-such-file", "connect", address, "--ca", "/no-such-file"),
                    (2, "no-such-file", "serve", "--pfx", "/no-such-file"),
                    (2, "CRYPT_E_NOT_FOUND", "connect", address, "--ca",
                     str(certificates.key("rsa"))),
                    (3, "can't connect", "connect", f"localhost:{free_port()}"),
                    (3, "can't listen", "serve", "--self-signed", "a", "--listen",
                     f"127.0.0.1:{port_of(line)}")):
                done = subprocess.run([tool.path, *arguments], stdin=subprocess.DEVNULL,
                                      capture_output=True, timeout=20)
                said = (done.stdout + done.stderr).decode().lower()
                expect(done.returncode == wanted and text.lower() in said,
                       f"{arguments}: {done.returncode} {said}")
        return "as documented"
    results.check("exit codes and what is said", exit_codes)

    def cut_off():
        """A connection that ends without close_notify is not taken for its end."""
        with tool.serve("rsa") as (_, line):
            with socket.create_server(("127.0.0.1", 0)) as middle:
                client = subprocess.Popen(
                    [tool.path, "connect", f"localhost:{middle.getsockname()[1]}", "--ca",
                     str(certificates.ca), "--tls", "1.2"],
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                try:
                    one, _ = middle.accept()
                    with one, socket.create_connection(("127.0.0.1", port_of(line))) as other:
                        one.settimeout(0.2)
                        other.settimeout(0.2)
                        for _ in range(6):  # the handshake, message by message
                            for source, sink in ((one, other), (other, one)):
                                try:
                                    sink.sendall(source.recv(65536))
                                except socket.timeout:
                                    pass
                    _, errors = client.communicate(timeout=10)
                finally:
                    client.kill()
                    client.wait()
        expect(client.returncode == 3 and b"without close_notify" in errors,
               f"{client.returncode} {errors}")
        return "exit code 3"
    results.check("connection cut off", cut_off)

    def drain():
        with tool.serve("rsa") as (process, line):
            client = subprocess.Popen(
                [tool.path, "connect", f"localhost:{port_of(line)}", "--ca", str(certificates.ca),
                 "-q"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            try:
                text = results.line().encode()
                client.stdin.write(text)
                client.stdin.flush()
                expect(client.stdout.readline() == text, "no echo")
                begin = time.monotonic()
                process.send_signal(signal.SIGTERM)
                code = process.wait(10)
                seconds = time.monotonic() - begin
                client.stdin.close()
                client.stdin = None
                client.communicate(timeout=10)
            finally:
                client.kill()
                client.wait()
        expect(code == 0 and client.returncode == 0, f"{code}, client {client.returncode}")
        expect(seconds < 5, f"{seconds:.1f} s")
        return f"exit code 0 on both sides after {seconds:.2f} s"
    results.check("SIGTERM with an idle client", drain)

    def limits():
        with tool.serve("rsa", "--max-connections", "2", "--timeout", "2") as (_, line):
            held = [socket.create_connection(("127.0.0.1", port_of(line))) for _ in range(2)]
            time.sleep(0.2)
            with socket.create_connection(("127.0.0.1", port_of(line)), timeout=5) as third:
                expect(third.recv(1) == b"", "a third connection was served")
            begin = time.monotonic()
            for connection in held:
                connection.settimeout(10)
                expect(connection.recv(1) == b"", "something was sent")
                connection.close()
            seconds = time.monotonic() - begin
            expect(seconds < 8, f"the silent ones were held {seconds:.1f} s")
            text = results.line().encode()
            expect(tool.connect(port_of(line), text)[0] == text, "no echo afterwards")
        return f"third refused, silent ones closed after {seconds:.1f} s"
    results.check("limits of serve", limits)

    def once():
        with tool.serve("rsa", "--once") as (process, line):
            text = results.line().encode()
            expect(tool.connect(port_of(line), text)[0] == text, "no echo")
            expect(process.wait(10) == 0, f"exit code {process.returncode}")
        return "ends by itself with exit code 0"
    results.check("serve --once", once)
