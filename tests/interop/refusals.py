"""What must not work, and what each side is told about it."""
import pathlib
import socket
import subprocess
import tempfile
import time

from programs import expect, free_port, server
from tool import port_of


def refusals(tool, results):
    def refused(kind, status, alert, *arguments, ca=True, host="localhost", peer=()):
        port = free_port()
        with tempfile.TemporaryDirectory() as folder:
            log = pathlib.Path(folder) / "log"
            with log.open("wb") as errors, server(
                    ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert",
                     str(tool.certificates.cert(kind)), "-key", str(tool.certificates.key(kind)),
                     "-rev", "-quiet", *peer], port=port, log=errors):
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
        results.check(f"{version} no common application protocol",
                      lambda: refused("rsa", "SEC_E_APPLICATION_PROTOCOL_MISMATCH", None, *flag,
                                      "--alpn", "h2", peer=("-alpn", "http/1.1")))
    results.check("1.2 server, 1.3 client",
                  lambda: refused("rsa", "SEC_E_UNSUPPORTED_FUNCTION", None, "--tls", "1.3",
                                  peer=("-tls1_2",)))
    results.check("1.3 server, 1.2 client",
                  lambda: refused("rsa", "SEC_E_UNSUPPORTED_FUNCTION", None, "--tls", "1.2",
                                  peer=("-tls1_3",)))
    results.check("1.1 server",
                  lambda: refused("rsa", "SEC_E_UNSUPPORTED_FUNCTION", None,
                                  peer=("-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0")))
    for version, alert in (("1.3", "certificate_required"), ("1.2", "handshake_failure")):
        results.check(f"{version} client certificate required, none there",
                      lambda: refused("rsa", alert, None, "--tls", version,
                                      peer=("-Verify", "1", "-verify_return_error")))
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

    def refused_by_server(status, alert, *client, arguments=(), ca=True):
        """`alert` is what openssl s_client is told, or what it tells us when `alert` is None."""
        with tempfile.TemporaryDirectory() as folder:
            log = pathlib.Path(folder) / "log"
            with log.open("wb") as errors, tool.serve("rsa", *arguments, log=errors) as (_, line):
                trust = ["-CAfile", str(tool.certificates.ca)] if ca else []
                client = subprocess.run(
                    ["openssl", "s_client", "-connect", f"localhost:{port_of(line)}", "-brief",
                     "-verify_return_error", "-no-CApath", "-no-CAstore", *trust, *client],
                    input=b"x\n", capture_output=True, timeout=20)
                deadline = time.monotonic() + 5
                while status not in log.read_text() and time.monotonic() < deadline:
                    time.sleep(0.02)
            said = client.stderr.decode(errors="replace")
            expect(status in log.read_text(), f"our server said {log.read_text()!r}")
            if alert is not None:
                expect(f"alert number {alert}" in said, f"the client saw {said[-300:]!r}")
            return f"{status}, alert {alert}" if alert is not None else status

    for version, flag in (("1.3", "-tls1_3"), ("1.2", "-tls1_2")):
        # OpenSSL sends this alert unprotected in TLS 1.3: it has no write key yet.
        results.check(f"{version} client does not trust our server",
                      lambda: refused_by_server("SEC_E_UNTRUSTED_ROOT", None, flag, ca=False))
        results.check(f"{version} client and our server, no common application protocol",
                      lambda: refused_by_server("SEC_E_APPLICATION_PROTOCOL_MISMATCH", 120, flag,
                                                "-alpn", "h2", arguments=("--alpn", "http/1.1")))
    results.check("1.2 client, our server 1.3",
                  lambda: refused_by_server("SEC_E_UNSUPPORTED_FUNCTION", 70, "-tls1_2",
                                            arguments=("--tls", "1.3")))
    results.check("1.3 client, our server 1.2",
                  lambda: refused_by_server("SEC_E_UNSUPPORTED_FUNCTION", 70, "-tls1_3",
                                            arguments=("--tls", "1.2")))
    results.check("1.2 client with RSA key exchange only",
                  lambda: refused_by_server("SEC_E_ALGORITHM_MISMATCH", 40, "-tls1_2", "-cipher",
                                            "AES128-GCM-SHA256"))
    results.check("1.3 client with X448 only",
                  lambda: refused_by_server("SEC_E_ALGORITHM_MISMATCH", 40, "-tls1_3", "-groups",
                                            "X448"))

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
