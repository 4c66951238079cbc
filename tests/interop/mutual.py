"""Mutual TLS: certificates of every kind on both sides, and the schannel command's stores."""
import json
import os
import pathlib
import re
import subprocess
import tempfile

from as_server import last_negotiated, talk
from programs import expect, free_port, need, run, server
from tool import check_report, port_of

KINDS = ("rsa", "ecdsa-p256", "ed25519")


def mutual(tool, results):
    need("gnutls-cli", "gnutls-bin")
    need("nginx", "nginx-light")
    need("curl", "curl")
    certificates = tool.certificates
    ca = str(certificates.ca)

    def pair(kind):
        return str(certificates.cert(kind)), str(certificates.key(kind))

    # --- We are the client ---

    def ours(kind):
        return [] if kind is None else ["--cert", pair(kind)[0], "--key", pair(kind)[1]]

    def openssl_server(version, kind):
        """Requires a certificate when we have one; s_server says who came."""
        port = free_port()
        with tempfile.TemporaryDirectory() as folder:
            log = pathlib.Path(folder) / "log"
            cert, key = pair("rsa")
            with log.open("wb") as errors, server(
                    ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", cert, "-key",
                     key, "-CAfile", ca, "-verify_return_error", "-Verify" if kind else "-verify",
                     "2", "-rev", "-brief", "-tls1_3" if version == "1.3" else "-tls1_2"],
                    port=port, log=errors):
                text = results.line()
                answer, report = tool.connect(port, text.encode(), *ours(kind))
            seen = log.read_text()
        expect(answer.decode() == text[:-1][::-1] + "\n", f"came back as {answer!r}")
        expect((kind is not None) == (f"CN = {kind}" in seen), seen[-300:])
        return check_report(report, version)

    def gnutls_server(version, kind):
        port = free_port()
        cert, key = pair("ecdsa-p256")
        with server(["gnutls-serv", "--echo", "--port", str(port), "--x509certfile", cert,
                     "--x509keyfile", key, "--x509cafile", ca, "--priority",
                     f"NORMAL:-VERS-ALL:+VERS-TLS{version}", "--quiet",
                     *(["--require-client-cert", "--verify-client-cert"] if kind else [])],
                    port=port):
            text = results.line()
            answer, report = tool.connect(port, text.encode(), *ours(kind))
        expect(answer.decode() == text, f"came back as {answer!r}")
        return check_report(report, version)

    def nginx_server(version, kind):
        """nginx answers with the name it has verified."""
        port = free_port()
        cert, key = pair("rsa")
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            os.chmod(folder, 0o755)
            (folder / "nginx.conf").write_text(f"""
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{}}
http {{ access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ listen 127.0.0.1:{port} ssl; ssl_protocols TLSv{version};
    ssl_certificate {cert}; ssl_certificate_key {key};
    ssl_client_certificate {ca}; ssl_verify_client optional;
    location / {{ return 200 "$ssl_client_verify $ssl_client_s_dn\\n"; }} }} }}
""")
            with server(["nginx", "-e", f"{folder}/error.log", "-p", str(folder), "-c",
                         str(folder / "nginx.conf")], port=port):
                answer, report = tool.connect(
                    port, b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n", *ours(kind), whole=True)
        said = answer.split(b"\r\n\r\n", 1)[1].decode().strip()
        expect(said == (f"SUCCESS CN={kind}" if kind else "NONE"), said)
        return check_report(report, version) + f", {said}"

    # --- We are the server ---

    def served(version, kind, make_command, required):
        with tempfile.TemporaryDirectory() as folder:
            log = pathlib.Path(folder) / "log"
            options = ["--client-ca", ca, *(["--require-client-cert"] if required else [])]
            with log.open("wb") as file, tool.serve("rsa", *options, log=file) as (_, line):
                talk(make_command(port_of(line), kind), results.line())
                seen = last_negotiated(log)
        expect(f"TLS {version}" in seen, seen)
        expect((kind is not None) == (f"peer CN={kind}" in seen), seen)
        return seen

    def openssl_client(version):
        def command(port, kind):
            theirs = [] if kind is None else ["-cert", pair(kind)[0], "-key", pair(kind)[1]]
            return ["openssl", "s_client", "-connect", f"localhost:{port}", "-CAfile", ca,
                    "-verify_return_error", "-brief", "-nocommands",
                    "-tls1_3" if version == "1.3" else "-tls1_2", *theirs]
        return command

    def gnutls_client(version):
        def command(port, kind):
            theirs = [] if kind is None else ["--x509certfile", pair(kind)[0], "--x509keyfile",
                                              pair(kind)[1]]
            return ["gnutls-cli", "localhost", "--port", str(port), "--x509cafile", ca,
                    "--priority", f"NORMAL:-VERS-ALL:+VERS-TLS{version}", *theirs]
        return command

    def curl_client(version, kind):
        theirs = [] if kind is None else ["--cert", pair(kind)[0], "--key", pair(kind)[1]]
        limit = [f"--tlsv{version}", "--tls-max", version]
        with tempfile.TemporaryDirectory() as www:
            body = results.random.randbytes(10_000)
            (pathlib.Path(www) / "file").write_bytes(body)
            options = ["--client-ca", ca, "--www", www]
            log = pathlib.Path(www) / "log"
            with log.open("wb") as file, tool.serve("ecdsa-p256", *options, log=file) as (_, line):
                got = run(["curl", "-sS", "--cacert", ca, *limit, *theirs,
                           f"https://localhost:{port_of(line)}/file"])
                seen = last_negotiated(log)
        expect(got == body, f"{len(got)} bytes")
        expect((kind is not None) == (f"peer CN={kind}" in seen), seen)
        return seen

    for version in ("1.3", "1.2"):
        for kind in (*KINDS, None):
            shown = kind or "no certificate"
            results.check(f"{version} openssl s_server, {shown}",
                          lambda: openssl_server(version, kind))
            results.check(f"{version} gnutls-serv, {shown}", lambda: gnutls_server(version, kind))
            results.check(f"{version} nginx, {shown}", lambda: nginx_server(version, kind))
            results.check(f"{version} openssl s_client, {shown}",
                          lambda: served(version, kind, openssl_client(version), kind is not None))
            results.check(f"{version} gnutls-cli, {shown}",
                          lambda: served(version, kind, gnutls_client(version), kind is not None))
            results.check(f"{version} curl, {shown}", lambda: curl_client(version, kind))

    # --- Who it is here ---

    def mapped(version, kind, account):
        with tempfile.TemporaryDirectory() as folder:
            log = pathlib.Path(folder) / "log"
            rules = pathlib.Path(folder) / "rules.toml"
            rules.write_text("[[Rule]]\nMatch = '<SUBJECT>^CN=rsa$'\nMap = '(daemon)'\n")
            rules.chmod(0o600)
            options = ["--client-ca", ca, "--map", str(rules)]
            with log.open("wb") as file, tool.serve("rsa", *options, log=file) as (_, line):
                talk(openssl_client(version)(port_of(line), kind), results.line())
                seen = last_negotiated(log)
        expect(account in seen, seen)
        return seen

    for version in ("1.3", "1.2"):
        for kind, account in (("rsa", "account daemon (uid 1,"), ("ed25519", "no account: "),
                              (None, "no account: the client has shown no certificate")):
            results.check(f"{version} account of {kind or 'no certificate'}",
                          lambda: mapped(version, kind, account))

    # --- Who is not let in ---

    def refused(version, arguments, options, alert):
        with tool.serve("rsa", *options) as (_, line):
            done = subprocess.run(
                ["openssl", "s_client", "-connect", f"localhost:{port_of(line)}", "-CAfile", ca,
                 "-tls1_3" if version == "1.3" else "-tls1_2", "-nocommands", "-ign_eof",
                 *arguments], input=b"hello\n", capture_output=True, timeout=20)
        text = done.stderr.decode() + done.stdout.decode()
        found = re.search(r"SSL alert number (\d+)", text)
        expect(found and int(found.group(1)) == alert, text[-600:])
        return found.group(0)

    with tempfile.TemporaryDirectory() as folder:
        stranger = pathlib.Path(folder) / "stranger.pem"
        run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-keyout", stranger.with_suffix(".key"), "-out", stranger, "-days", "2",
             "-subj", "/CN=stranger"])
        for version, required_alert in (("1.3", 116), ("1.2", 40)):
            results.check(f"{version} a stranger's certificate is refused", lambda: refused(
                version, ["-cert", str(stranger), "-key", str(stranger.with_suffix(".key"))],
                ["--client-ca", ca], 42))
            results.check(f"{version} nobody is let in without one", lambda: refused(
                version, [], ["--client-ca", ca, "--require-client-cert"], required_alert))

    # --- schannel cert ---

    def stores():
        with tempfile.TemporaryDirectory() as folder:
            environment = {**os.environ, "OPENSCHANNEL_STORE_DIR": folder}

            def cert(*arguments, code=0):
                done = subprocess.run([tool.path, "cert", *arguments], env=environment,
                                      capture_output=True, timeout=20)
                expect(done.returncode == code, f"{arguments}: {done}")
                return done.stdout.decode()

            own, key = pair("ecdsa-p256")
            expect(json.loads(cert("list", "--json")) == [], "the store begins empty")
            cert("import", own, "--key", key)
            (seen,) = json.loads(cert("list", "--json"))
            expect(seen["subject"] == "CN=ecdsa-p256" and seen["has_private_key"], f"{seen}")
            expect("localhost" in seen["dns_names"] and seen["state"] == "valid", f"{seen}")
            expect(json.loads(cert("show", own, "--json"))[0]["sha256"] == seen["sha256"], "show")
            # The same file without its authority, then with it in ROOT.
            expect("its issuer is missing" in cert("verify", own, "--host", "localhost", code=1),
                   "verify without a root")
            cert("import", ca, "--store", "ROOT")
            expect("valid for localhost" in cert("verify", own, "--host", "localhost"), "verify")
            wrong = json.loads(cert("verify", own, "--host", "other.example", "--json", code=1))
            expect(wrong["verdict"] == "CERT_E_CN_NO_MATCH", f"{wrong}")
            expired = cert("verify", str(certificates.cert("expired")), code=1)
            expect("outside its time" in expired, expired)
            cert("show", "/nowhere", code=2)
        return "imported, listed, verified"
    results.check("schannel cert", stores)
