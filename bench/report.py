#!/usr/bin/env python3
"""Turns Google Benchmark's JSON (files given, or standard input) into a table with ratios.

With --json: the files' JSON, as one document.
"""

import json
import re
import sys

# The suites in the order of the table, and their ciphers.
RAW = {"tls13_aes128": "aes128", "tls13_aes256": "aes256", "tls13_chacha20": "chacha20",
       "tls12_aes128": "aes128"}


def read(paths):
    """One document of all files."""
    whole = {"context": {}, "benchmarks": []}
    for path in paths:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        if not text.strip():
            continue  # a filter that meant another program's benchmarks
        part = json.loads(text)
        whole["context"] |= part["context"]
        whole["benchmarks"] += part["benchmarks"]
    return whole


def nanoseconds(rows):
    """Name -> nanoseconds for one record or handshake: the median where there were repetitions."""
    times = {}
    for row in rows:
        if row.get("aggregate_name", "median") != "median":
            continue
        # The median row comes after those of the single repetitions, and wins.
        name = row.get("run_name", row["name"])
        name = re.sub(r"/(manual_time|min_time:[0-9.]+|repeats:[0-9]+)", "", name)
        times[name] = 1e9 / row["items_per_second"]
    return times


def ratio(other, ours):
    return f"{other / ours:.2f}x" if other else "-"


def print_records(times):
    def rate(ns, size):
        return f"{size / ns:.2f}" if ns else "-"

    rows = []
    for name, ours in times.items():
        parts = name.split("/")
        if len(parts) != 4 or parts[1] != "openschannel":
            continue
        suite, _, direction, size = parts
        libssl, ipsec_mb, libcrypto = (
            times.get(f"{other}/{direction}/{size}")
            for other in (f"{suite}/libssl", f"{RAW[suite]}/raw_ipsec_mb",
                          f"{RAW[suite]}/raw_libcrypto"))
        raw = min((ns for ns in (ipsec_mb, libcrypto) if ns), default=None)
        size = int(size)
        order = (-size, direction != "encrypt", list(RAW).index(suite))
        rows.append((order, [
            suite, direction, str(size), f"{ours:.0f}", rate(ours, size), rate(libssl, size),
            rate(ipsec_mb, size), rate(libcrypto, size), ratio(libssl, ours), ratio(raw, ours)]))
    if not rows:
        return
    rows.sort()
    line = "{:<15} {:<8} {:>6} {:>6} {:>6} {:>7} {:>9} {:>9} {:>8} {:>8}"
    print(line.format("", "", "", "", "GB/s", "GB/s", "raw GB/s", "raw GB/s", "ours to",
                      "ours to"))
    print(line.format("suite", "", "bytes", "ns", "ours", "libssl", "IPsec-MB", "libcrypto",
                      "libssl", "raw"))
    for _, cells in rows:
        print(line.format(*cells))


def print_handshakes(times):
    rows = [(name.split("/")[0], ns) for name, ns in times.items()
            if name.endswith("/openschannel/handshake")]
    if not rows:
        return
    print(f"{'handshakes':<15} {'us':>6} {'ours/s':>8} {'libssl/s':>9} {'ours to libssl':>15}")
    for version, ours in sorted(rows, reverse=True):
        libssl = times.get(f"{version}/libssl/handshake")
        other = f"{1e9 / libssl:.0f}" if libssl else "-"
        print(f"{version:<15} {ours / 1e3:>6.0f} {1e9 / ours:>8.0f} {other:>9}"
              f" {ratio(libssl, ours):>15}")


def main():
    paths = [argument for argument in sys.argv[1:] if argument != "--json"]
    whole = read(paths or ["/dev/stdin"])
    if "--json" in sys.argv[1:]:
        json.dump(whole, sys.stdout, indent=1)
        print()
        return
    times = nanoseconds(whole["benchmarks"])
    print_records(times)
    print_handshakes(times)


if __name__ == "__main__":
    main()
