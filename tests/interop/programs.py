"""What the interop groups share: certificates, servers on loopback, a table of results."""
import contextlib
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import time

CASE_SECONDS_MAX = 40
SEED = int(os.environ.get("OPENSCHANNEL_TEST_SEED", "1"), 0)


class Skip(Exception):
    """A program that is not installed."""


def need(program, package):
    if shutil.which(program) is None:
        raise Skip(f"{program} is not installed (Debian package {package})")
    return program


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def run(command, **options):
    done = subprocess.run(command, capture_output=True, timeout=60, **options)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: {done.stderr.decode(errors='replace')}")
    return done.stdout


class Certificates:
    """One authority and a certificate of each kind for localhost, made by the openssl command."""

    KINDS = {
        "ecdsa-p256": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
        "ecdsa-p384": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
        "ecdsa-p521": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"],
        "rsa": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
        "rsa-pss": ["-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"],
        "ed25519": ["-algorithm", "ED25519"],
    }

    def __init__(self, folder):
        need("openssl", "openssl")
        self.folder = pathlib.Path(folder)
        self.ca = self.folder / "ca.pem"
        run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-keyout", self.folder / "ca.key", "-out", self.ca, "-days", "2",
             "-subj", "/CN=Interop Test CA", "-addext", "basicConstraints=critical,CA:TRUE",
             "-addext", "keyUsage=critical,keyCertSign,cRLSign"])
        for kind in self.KINDS:
            self.make(kind, kind, "DNS:localhost,IP:127.0.0.1")
        self.make("other-name", "ecdsa-p256", "DNS:elsewhere.example")
        # Already over when it is made: openssl refuses negative days, so the clock of "ca" does it.
        self.make("expired", "ecdsa-p256", "DNS:localhost", expired=True)

    def make(self, name, kind, names, expired=False):
        key, request = self.folder / f"{name}.key", self.folder / f"{name}.csr"
        extensions = self.folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName={names}\nkeyUsage=critical,digitalSignature\n"
                              "extendedKeyUsage=serverAuth,clientAuth\nbasicConstraints=CA:FALSE\n")
        run(["openssl", "genpkey", *self.KINDS[kind], "-out", key])
        run(["openssl", "req", "-new", "-key", key, "-subj", f"/CN={name}", "-out", request])
        if expired:
            database = self.folder / "ca-database"
            database.mkdir()
            (database / "index.txt").touch()
            (database / "serial").write_text("01\n")
            config = self.folder / "ca.cnf"
            config.write_text(
                f"[ca]\ndefault_ca=d\n[d]\ndatabase={database}/index.txt\n"
                f"serial={database}/serial\nnew_certs_dir={database}\n"
                "default_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n")
            run(["openssl", "ca", "-batch", "-config", config, "-in", request, "-cert", self.ca,
                 "-keyfile", self.folder / "ca.key", "-out", self.cert(name), "-notext",
                 "-startdate", "20200101000000Z", "-enddate", "20200201000000Z",
                 "-extfile", extensions])
            return
        run(["openssl", "x509", "-req", "-in", request, "-CA", self.ca, "-CAkey",
             self.folder / "ca.key", "-days", "2", "-extfile", extensions, "-out",
             self.cert(name)])

    def cert(self, name):
        return self.folder / f"{name}.pem"

    def key(self, name):
        return self.folder / f"{name}.key"


@contextlib.contextmanager
def server(command, port=None, announce=None, **options):
    """A server process that is ready: it accepts on `port`, or has printed a line with `announce`.
    Yields (process, first line). Ended by its pid, whatever happens."""
    log = options.pop("log", subprocess.DEVNULL)
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
                               **options)
    try:
        line = ""
        if announce is not None:
            line = process.stdout.readline().decode()
            if announce not in line:
                raise RuntimeError(f"{command[0]} did not start: {line!r}")
        else:
            deadline = time.monotonic() + 20
            while True:
                if process.poll() is not None:
                    raise RuntimeError(f"{command[0]} ended with {process.returncode}")
                with socket.socket() as s:
                    if s.connect_ex(("127.0.0.1", port)) == 0:
                        break
                if time.monotonic() > deadline:
                    raise RuntimeError(f"{command[0]} does not listen on {port}")
                time.sleep(0.02)
        yield process, line
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdin.close()
        process.stdout.close()


class Results:
    """One row for each case; printed as a table in the end."""

    def __init__(self, group):
        self.group, self.rows = group, []
        self.random = random.Random(SEED)

    def line(self):
        """A line of text that no two cases share."""
        return "%064x\n" % self.random.getrandbits(256)

    def check(self, name, body):
        begin = time.monotonic()
        try:
            signal.alarm(CASE_SECONDS_MAX)  # interrupts whatever the case waits for
            detail, good = body() or "", True
        except Exception as problem:  # every failure is a row, and the next case still runs
            detail, good = str(problem).strip() or type(problem).__name__, False
        finally:
            signal.alarm(0)
        self.rows.append((name, good, time.monotonic() - begin, detail))

    def print(self):
        width = max((len(name) for name, *_ in self.rows), default=10)
        for name, good, seconds, detail in self.rows:
            print(f"{'ok    ' if good else 'FAILED'}  {name:<{width}}  {seconds:5.1f} s  {detail}")
        seconds = sum(row[2] for row in self.rows)
        failed = sum(1 for _, good, *_ in self.rows if not good)
        print(f"{self.group}: {len(self.rows) - failed} passed, {failed} failed, "
              f"{seconds:.0f} s (OPENSCHANNEL_TEST_SEED={SEED})")
        return failed == 0 and bool(self.rows)


def too_slow(*_):
    raise TimeoutError(f"not done after {CASE_SECONDS_MAX} s")


signal.signal(signal.SIGALRM, too_slow)


def expect(condition, what):
    if not condition:
        raise AssertionError(what)
