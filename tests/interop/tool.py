"""The schannel command as a client and as a server, and the suites, groups and certificates that
every peer is tried with."""
import contextlib
import json
import subprocess
import threading

from programs import Certificates, expect, server

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
    def __init__(self, path, certificates, examples=None):
        self.path, self.certificates, self.examples = path, certificates, examples
        self.errors = ""  # what the last connect() wrote to standard error

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
        self.errors = errors.decode()
        lines = [line for line in self.errors.splitlines() if line.startswith("{")]
        if process.returncode != 0 or not lines:
            raise RuntimeError(f"schannel connect: {process.returncode}: {self.errors}")
        return answer + rest, json.loads(lines[0])

    def serve(self, kind, *arguments, log=subprocess.DEVNULL):
        return self.serve_with("--cert", str(self.certificates.cert(kind)), "--key",
                               str(self.certificates.key(kind)), *arguments, log=log)

    @contextlib.contextmanager
    def serve_with(self, *arguments, log=subprocess.DEVNULL):
        """A running `schannel serve`, as server() gives it. It must end well, too."""
        with server([self.path, "serve", "--listen", "127.0.0.1:0", *arguments],
                    announce="listening on", log=log) as (process, line):
            yield process, line
        expect(process.returncode == 0, f"schannel serve ended with {process.returncode}")


def echo_bulk(command, data, timeout=30):
    """Writes `data` to a client program whose server echoes, and reads as much back. Returns the
    echo and what the program wrote to standard error."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)

    def write():
        try:
            process.stdin.write(data)
            process.stdin.flush()
        except BrokenPipeError:
            pass  # the short answer says what happened
    writer = threading.Thread(target=write)
    writer.start()
    try:
        answer = process.stdout.read(len(data))
    finally:
        if process.poll() is None:
            try:
                process.stdin.close()  # only now: the end of input ends the connection
            except BrokenPipeError:
                pass
            process.stdin = None
        writer.join()
        try:
            _, errors = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            _, errors = process.communicate()
    return answer, errors.decode(errors="replace")


def port_of(line):
    return int(line.rsplit(":", 1)[1])


def openssl_name(suite):
    """The name of TLS 1.3's suites is the same."""
    return {iana: openssl for iana, openssl, _ in SUITES_12}.get(suite, suite)


OPENSSL_KEYS = {"x25519": "X25519", "secp256r1": "prime256v1", "secp384r1": "secp384r1",
                "secp521r1": "secp521r1"}


def check_openssl_report(text, version, suite=None, group=None):
    """What openssl -brief says must be what our side says."""
    wanted = [f"Protocol version: TLSv{version}"]
    if suite is not None:
        wanted.append(f"Ciphersuite: {openssl_name(suite)}")
    if group is not None:
        key = OPENSSL_KEYS[group]
        wanted.append(f"Server Temp Key: {key if key == 'X25519' else 'ECDH, ' + key}")
    for line in wanted:
        expect(line in text, f"openssl did not say {line!r} but {text[-400:]!r}")


def check_report(report, version, suite=None, group=None):
    expect(report["protocol"] == "TLS " + version, f"negotiated {report['protocol']}")
    expect(suite is None or report["cipher_suite"] == suite, f"got {report['cipher_suite']}")
    expect(group is None or report["group"] == group, f"got {report['group']}")
    return f"{report['protocol']} {report['cipher_suite']} {report['group']}"


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
