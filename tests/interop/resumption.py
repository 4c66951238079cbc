"""Second handshakes that need no certificate: both roles, both versions, by session id and by
ticket. What says so is the other program, and the bytes."""
import os
import pathlib
import re
import subprocess
import tempfile

from as_client import openssl_command
from programs import expect, free_port, need, run, server
from tool import port_of


def resume_client(tool, port, version, text, count=3):
    """Connections of one credential, as lists of what the program says of each."""
    program = pathlib.Path(tool.path).parent.parent.parent / "tests" / "interop" / "resume_client"
    said = run([str(program), str(port), str(tool.certificates.ca), version, str(count), text])
    lines = [dict(word.split("=") for word in line.split()) for line in said.decode().splitlines()]
    expect(len(lines) == count, f"{len(lines)} connections")
    return lines


def check_resumed(lines, version):
    first, *others = lines
    expect(first["resumed"] == "0", f"the first: {first}")
    for line in others:
        expect(line["resumed"] == "1", f"a later one: {line}")
        expect(int(line["bytes"]) < int(first["bytes"]) - int(line["certificate"]),
               f"{line['bytes']} bytes against {first['bytes']}")
        if version == "1.2":
            # server_hello, perhaps new_session_ticket, change_cipher_spec.
            expect(line["messages"] in ("2,20", "2,4,20"), line["messages"])
            expect("11" in first["messages"].split(","), first["messages"])
    return f"{first['bytes']} bytes of the server's, then {others[0]['bytes']}, " \
           f"messages {others[0]['messages']}"


def as_client(tool, results):
    def openssl(version, *arguments):
        port = free_port()
        with server(openssl_command(tool, port, "rsa", version, "-rev", "-quiet", *arguments),
                    port=port):
            return check_resumed(resume_client(tool, port, version, "hello"), version)
    results.check("client, openssl, 1.3", lambda: openssl("1.3"))
    results.check("client, openssl, 1.2 ticket", lambda: openssl("1.2"))
    results.check("client, openssl, 1.2 id", lambda: openssl("1.2", "-no_ticket"))

    def gnutls(version, *arguments):
        need("gnutls-serv", "gnutls-bin")
        port = free_port()
        with server(["gnutls-serv", "--echo", "--port", str(port), "--x509certfile",
                     str(tool.certificates.cert("rsa")), "--x509keyfile",
                     str(tool.certificates.key("rsa")), "--quiet", *arguments], port=port):
            return check_resumed(resume_client(tool, port, version, "hello"), version)
    results.check("client, gnutls, 1.3", lambda: gnutls("1.3"))
    results.check("client, gnutls, 1.2 ticket", lambda: gnutls("1.2"))
    results.check("client, gnutls, 1.2 id", lambda: gnutls("1.2", "--noticket"))

    def nginx(version, tickets):
        need("nginx", "nginx-light")
        port = free_port()
        with tempfile.TemporaryDirectory() as name:
            with server(nginx_command(name, f"""
  server {{ listen 127.0.0.1:{port} ssl; root {name}; ssl_protocols TLSv{version};
    ssl_session_cache shared:sessions:1m; ssl_session_tickets {'on' if tickets else 'off'};
    ssl_certificate {tool.certificates.cert('rsa')};
    ssl_certificate_key {tool.certificates.key('rsa')}; }}"""), port=port):
                return check_resumed(resume_client(
                    tool, port, version, "GET / HTTP/1.0\\nHost: localhost\\n"), version)
    results.check("client, nginx, 1.3", lambda: nginx("1.3", True))
    results.check("client, nginx, 1.2 ticket", lambda: nginx("1.2", True))
    results.check("client, nginx, 1.2 id", lambda: nginx("1.2", False))


def nginx_command(folder, servers):
    folder = pathlib.Path(folder)
    os.chmod(folder, 0o755)
    (folder / "index.html").write_text("hello\n")
    (folder / "nginx.conf").write_text(f"""
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{}}
http {{ access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  {servers} }}
""")
    return ["nginx", "-e", f"{folder}/error.log", "-p", str(folder), "-c",
            str(folder / "nginx.conf")]


def certificate_bytes(tool, kind):
    pem = tool.certificates.cert(kind).read_text().split("-----")[2]
    return len(pem.replace("\n", "")) * 3 // 4 - 2


def server_bytes(log):
    """Of each connection, the bytes that AcceptSecurityContext gave until it was complete."""
    out, total = [], 0
    done = True
    for line in log.read_text().splitlines():
        words = line.split()
        if "AcceptSecurityContext" not in words:
            continue
        at = words.index("AcceptSecurityContext")
        sent, status = int(words[at + 2]), words[at + 3]
        if done and status == "SEC_E_OK":
            continue  # a later call of an established connection
        total, done = total + sent, status == "SEC_E_OK"
        if done:
            out.append(total)
            total = 0
    return out


def check_server_bytes(tool, log, kind):
    flights = server_bytes(log)
    expect(len(flights) >= 2, f"{flights} in {log.read_text()[-2000:]}")
    size = certificate_bytes(tool, kind)
    for later in flights[1:]:
        expect(later < flights[0] - size, f"{flights}, a certificate has {size}")
    return f"{flights[0]} bytes of ours, then {flights[1]}"


def as_server(tool, results):
    def openssl(version, *arguments):
        reports = []
        with tempfile.TemporaryDirectory() as folder, tool.serve("rsa") as (_, line):
            kept = str(pathlib.Path(folder) / "session")
            for number in range(3):
                keep = ["-sess_out", kept] if number == 0 else ["-sess_in", kept]
                process = subprocess.Popen(
                    ["openssl", "s_client", "-connect", f"localhost:{port_of(line)}", "-CAfile",
                     str(tool.certificates.ca), "-servername", "localhost", "-nocommands", "-msg",
                     "-tls1_3" if version == "1.3" else "-tls1_2", *arguments, *keep],
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                try:
                    text = results.line()
                    process.stdin.write(text.encode())
                    process.stdin.flush()
                    report = ""
                    while text.strip() not in report:  # the echo comes behind any ticket
                        got = process.stdout.readline().decode(errors="replace")
                        expect(got, "the connection ended: " + report[-300:])
                        report += got
                    reports.append(report)
                finally:
                    process.stdin.close()
                    process.wait(timeout=10)
                    process.stdout.close()
                if version == "1.3" and number == 1:
                    break  # a ticket of TLS 1.3 is for one more connection
        expect(f"\nNew, TLSv{version}" in reports[0] and "], Certificate\n" in reports[0],
               reports[0][-500:])
        for report in reports[1:]:
            expect(f"\nReused, TLSv{version}" in report, report[-500:])
            expect("], Certificate" not in report, "it has a certificate")
        return f"New, then {len(reports) - 1}x Reused, no Certificate"
    results.check("server, openssl, 1.3", lambda: openssl("1.3"))
    results.check("server, openssl, 1.2 ticket", lambda: openssl("1.2"))
    results.check("server, openssl, 1.2 id", lambda: openssl("1.2", "-no_ticket"))

    def gnutls(version, *arguments):
        need("gnutls-cli", "gnutls-bin")
        with tempfile.TemporaryDirectory() as folder:
            log = pathlib.Path(folder) / "log"
            with log.open("wb") as file, tool.serve("rsa", "--trace", log=file) as (_, line):
                done = subprocess.run(
                    ["gnutls-cli", "localhost", "--port", str(port_of(line)), "--x509cafile",
                     str(tool.certificates.ca), "--resume", "--waitresumption", "--priority",
                     f"NORMAL:-VERS-ALL:+VERS-TLS{version}", *arguments], input=b"hello\n",
                    capture_output=True, timeout=30)
            said = (done.stdout + done.stderr).decode(errors="replace")
            expect("This is a resumed session" in said, said[-500:])
            return check_server_bytes(tool, log, "rsa")
    results.check("server, gnutls, 1.3", lambda: gnutls("1.3"))
    results.check("server, gnutls, 1.2 ticket", lambda: gnutls("1.2"))
    results.check("server, gnutls, 1.2 id", lambda: gnutls("1.2", "--noticket"))

    def curl(version):
        need("curl", "curl")
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            (folder / "index.html").write_text("hello\n")
            log = folder / "log"
            with log.open("wb") as file, tool.serve("rsa", "--trace", "--www", str(folder),
                                                    log=file) as (_, line):
                url = f"https://localhost:{port_of(line)}/index.html"
                done = subprocess.run(
                    ["curl", "-sSv", "--http1.1", "--cacert", str(tool.certificates.ca),
                     "--tls-max", version, f"--tlsv{version}", "-H", "Connection: close", url, url,
                     url], capture_output=True, timeout=30)
            said = done.stderr.decode(errors="replace")
            expect(done.stdout == b"hello\n" * 3, said[-500:])
            if not re.search(r"SSL re-?using session", said):
                return "curl says nothing of sessions, " + check_server_bytes(tool, log, "rsa")
            return check_server_bytes(tool, log, "rsa") + ", curl: re-using session"
    for version in ("1.3", "1.2"):
        results.check(f"server, curl, {version}", lambda: curl(version))

    def nginx(version):
        """nginx as a proxy is the client."""
        need("nginx", "nginx-light")
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            log = folder / "log"
            port = free_port()
            with log.open("wb") as file, tool.serve("rsa", "--trace", "--www", name,
                                                    log=file) as (_, line):
                with server(nginx_command(name, f"""
  server {{ listen 127.0.0.1:{port}; location / {{
    proxy_pass https://127.0.0.1:{port_of(line)}; proxy_ssl_protocols TLSv{version};
    proxy_ssl_name localhost; proxy_ssl_server_name on; proxy_ssl_session_reuse on;
    proxy_ssl_verify on; proxy_ssl_trusted_certificate {tool.certificates.ca}; }} }}"""),
                            port=port):
                    for _ in range(3):
                        got = run(["curl", "-sS", f"http://127.0.0.1:{port}/index.html"])
                        expect(got == b"hello\n", f"{got!r}")
            return check_server_bytes(tool, log, "rsa")
    for version in ("1.3", "1.2"):
        results.check(f"server, nginx as a proxy, {version}", lambda: nginx(version))


def resumption(tool, results):
    as_client(tool, results)
    as_server(tool, results)
