"""The programs of examples/, with the openssl command and the schannel command as peers."""
import pathlib
import subprocess
import tempfile

from programs import expect, free_port, run, server
from tool import echo_bulk, port_of


def examples(tool, results):
    folder = pathlib.Path(tool.examples)
    certificates = tool.certificates

    def echo_server(version):
        with server([str(folder / "example_echo_server"), "0", str(certificates.cert("rsa")),
                     str(certificates.key("rsa"))], announce="listening on port") as (_, line):
            data = results.random.randbytes(300_000)
            answer, errors = echo_bulk(
                ["openssl", "s_client", "-connect", f"127.0.0.1:{int(line.split()[-1])}", "-CAfile",
                 str(certificates.ca), "-verify_return_error", "-brief", "-nocommands",
                 "-tls1_3" if version == "1.3" else "-tls1_2"], data)
        expect(answer == data, f"{len(answer)} of {len(data)} bytes: {errors[-300:]}")
        return f"{len(data)} bytes there and back"

    def https_get():
        with tempfile.TemporaryDirectory() as www:
            body = results.random.randbytes(500_000)
            (pathlib.Path(www) / "file").write_bytes(body)
            with tool.serve("ecdsa-p256", "--www", www) as (_, line):
                fetch = [str(folder / "example_https_get"), "localhost", "/file",
                         str(port_of(line))]
                got = run([*fetch, str(certificates.ca)])
                expect(got.endswith(b"\r\n\r\n" + body), f"{len(got)} bytes")
                for arguments, text in (([], b"SEC_E_UNTRUSTED_ROOT"),
                                        (["/no-such-file"], b"no-such-file")):
                    done = subprocess.run([*fetch, *arguments], capture_output=True, timeout=20)
                    expect(done.returncode == 1 and text in done.stderr, f"{done}")
        return f"{len(body)} bytes; refused without the root"

    def minimal_client(version, *arguments):
        port = free_port()
        with server(["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert",
                     str(certificates.cert("rsa")), "-key", str(certificates.key("rsa")), "-quiet",
                     "-tls1_3" if version == "1.3" else "-tls1_2", *arguments], port=port):
            # The system's roots, which these variables stand for.
            done = subprocess.run(
                [str(folder / "example_minimal_client"), "localhost", str(port)],
                env={"SSL_CERT_FILE": str(certificates.ca), "SSL_CERT_DIR": "/nowhere"},
                capture_output=True, timeout=20)
        expect(done.returncode == 0 and done.stdout == b"connected and verified\n", f"{done}")
        return "connected and verified"

    def manual_validation():
        with tool.serve("ecdsa-p256") as (_, line):
            validate = [str(folder / "example_manual_validation"), "localhost", str(port_of(line))]
            for arguments, code, text in (([str(certificates.ca)], 0, b"accepted: "),
                                          ([], 1, b"refused: the chain ")):
                done = subprocess.run([*validate, *arguments], capture_output=True, timeout=20)
                expect(done.returncode == code and done.stdout.startswith(text), f"{done}")
        return "accepted with the root; refused without"

    for version in ("1.3", "1.2"):
        results.check(f"{version} echo_server", lambda: echo_server(version))
        results.check(f"{version} minimal_client", lambda: minimal_client(version))
        results.check(f"{version} minimal_client, asked for a certificate",
                      lambda: minimal_client(version, "-verify", "1"))
    results.check("https_get", https_get)
    results.check("manual_validation", manual_validation)
