#!/usr/bin/env python3
"""Talks TLS with the real programs, in both roles and both versions, on loopback.

    run.py --tool build/release/tools/schannel/schannel GROUP

Exits with 0 when every case of the group is good, 1 when one is not, 77 when a program is missing
(1 if OPENSCHANNEL_REQUIRE_INTEROP is 1).
"""
import argparse
import os
import sys
import tempfile

from as_client import gnutls_server, nginx, openssl_server
from as_server import curl, gnutls_client, openssl_client
from command import command
from http_requests import http_requests
from examples import examples
from mutual import mutual
from programs import Certificates, Results, Skip
from refusals import refusals
from resumption import resumption
from tool import Tool


def main():
    groups = {f.__name__: f for f in (openssl_server, openssl_client, gnutls_server, gnutls_client,
                                      curl, nginx, mutual, refusals, resumption,
                                      http_requests, command, examples)}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tool", required=True, help="the schannel command")
    parser.add_argument("--examples", help="folder of the built examples")
    parser.add_argument("group", choices=groups)
    arguments = parser.parse_args()
    results = Results(arguments.group)
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        try:
            tool = Tool(arguments.tool, Certificates(folder), arguments.examples)
            groups[arguments.group](tool, results)
        except Skip as missing:
            required = os.environ.get("OPENSCHANNEL_REQUIRE_INTEROP") == "1"
            print(f"{'FAILED' if required else 'SKIP'}: {missing}")
            return 1 if required else 77
    return 0 if results.print() else 1


if __name__ == "__main__":
    sys.exit(main())
