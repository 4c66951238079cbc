"""Requests that no browser sends, to `schannel serve --www`; Python's ssl module is the client."""
import pathlib
import socket
import ssl
import tempfile
import time

from programs import expect
from tool import port_of

GOOD = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


def http_requests(tool, results):
    trust = ssl.create_default_context(cafile=str(tool.certificates.ca))

    def dial(port):
        raw = socket.create_connection(("127.0.0.1", port), timeout=20)
        return trust.wrap_socket(raw, server_hostname="localhost")

    def answers(port, request, pieces=1):
        """Everything the server says to a request, until it closes."""
        with dial(port) as connection:
            step = (len(request) + pieces - 1) // pieces
            try:
                for at in range(0, len(request), step):
                    connection.sendall(request[at:at + step])
            except OSError:
                pass  # it has heard enough; what it said is still there
            said = b""
            while True:
                got = connection.recv(65536)
                if not got:
                    return said
                said += got

    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder) / "www"
        (root / "sub").mkdir(parents=True)
        (root / "index.html").write_text("index")
        (root / "a b.txt").write_text("blank")
        (root / "sub" / "index.html").write_text("sub index")
        (root / "empty").touch()
        (root.parent / "secret").write_text("secret")
        (root / "link").symlink_to(root.parent / "secret")
        (root / "linked").mkdir()
        (root / "linked" / "index.html").symlink_to(root.parent / "secret")
        with tool.serve("ecdsa-p256", "--www", str(root), "--timeout", "3") as (_, line):
            port = port_of(line)
            close = b"Host: localhost\r\nConnection: close\r\n\r\n"
            for name, request, status, body in (
                    ("index of the root", b"GET / HTTP/1.1\r\n" + close, 200, b"index"),
                    ("index of a folder", b"GET /sub/?q=1 HTTP/1.1\r\n" + close, 200, b"sub index"),
                    ("percent-encoded", b"GET /a%20b.txt HTTP/1.1\r\n" + close, 200, b"blank"),
                    ("absolute form", b"GET https://localhost/sub/ HTTP/1.1\r\n" + close, 200,
                     b"sub index"),
                    ("empty file", b"GET /empty HTTP/1.1\r\n" + close, 200, b""),
                    ("HEAD", b"HEAD / HTTP/1.1\r\n" + close, 200, b""),
                    ("HTTP/1.0 closes by itself", b"GET / HTTP/1.0\r\n\r\n", 200, b"index"),
                    ("nothing there", b"GET /none HTTP/1.1\r\n" + close, 404, None),
                    ("parent folder", b"GET /../secret HTTP/1.1\r\n" + close, 404, None),
                    ("parent folder, encoded", b"GET /%2e%2e%2fsecret HTTP/1.1\r\n" + close, 404,
                     None),
                    ("two slashes", b"GET //etc/passwd HTTP/1.1\r\n" + close, 404, None),
                    ("link to the outside", b"GET /link HTTP/1.1\r\n" + close, 404, None),
                    ("index that is such a link", b"GET /linked/ HTTP/1.1\r\n" + close, 404, None),
                    ("method", b"DELETE / HTTP/1.1\r\n" + close, 405, None),
                    ("body that nobody reads",
                     b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 40\r\n\r\n" + GOOD,
                     405, None),
                    ("no Host", b"GET / HTTP/1.1\r\n\r\n", 400, None),
                    ("two of Host", b"GET / HTTP/1.1\r\nHost: a\r\n" + close, 400, None),
                    ("blank before the colon", b"GET / HTTP/1.1\r\nA : b\r\n" + close, 400, None),
                    ("folded line", b"GET / HTTP/1.1\r\nA: b\r\n c: d\r\n" + close, 400, None),
                    ("no version", b"GET /\r\n\r\n", 400, None),
                    ("other version", b"GET / HTTP/3.0\r\n" + close, 400, None),
                    ("bad percent", b"GET /%4 HTTP/1.1\r\n" + close, 400, None),
                    ("zero byte", b"GET /%00 HTTP/1.1\r\n" + close, 400, None),
                    ("bad length", b"GET / HTTP/1.1\r\nContent-Length: +1\r\n" + close, 400, None),
                    ("asterisk", b"OPTIONS * HTTP/1.1\r\n" + close, 400, None),
                    ("random bytes", results.random.randbytes(300) + b"\r\n\r\n", 400, None),
                    ("endless head", b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 10000, 431, None)):
                def case():
                    for pieces in (1, 7):
                        said = answers(port, request, pieces)
                        head, _, got = said.partition(b"\r\n\r\n")
                        expect(head.startswith(b"HTTP/1.1 %d " % status), f"{said[:100]!r}")
                        expect(said.count(b"HTTP/1.1 ") == 1, f"more than one answer: {said!r}")
                        expect(body is None or got == body, f"{got!r}")
                        expect(b"secret" not in got and b"root:" not in got, f"{got!r}")
                        expect(status != 405 or b"Allow: GET, HEAD" in head, f"{head!r}")
                    return head.split(b"\r\n")[0].decode()
                results.check(name, case)

            def pipelined():
                said = answers(port, GOOD * 5 + b"GET /sub/ HTTP/1.1\r\n" + close)
                expect(said.count(b"HTTP/1.1 200 OK") == 6, f"{said!r}")
                expect(said.endswith(b"sub index"), f"{said!r}")
                return "6 answers, in order"
            results.check("pipelined", pipelined)

            def silent():
                begin = time.monotonic()
                with dial(port) as connection:
                    connection.sendall(b"GET / HT")
                    try:
                        expect(connection.recv(100) == b"", "an answer")
                    except ssl.SSLEOFError:
                        pass
                seconds = time.monotonic() - begin
                expect(2 < seconds < 10, f"closed after {seconds:.1f} s")
                return f"closed after {seconds:.1f} s"
            results.check("half a request and then silence", silent)
