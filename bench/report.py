#!/usr/bin/env python3
"""Turns Google Benchmark's JSON (files given, or standard input) into one table with ratios."""
import json
import re
import sys

RAW = {"tls13_aes128": "aes128/raw_ipsec_mb", "tls12_aes128": "aes128/raw_ipsec_mb",
       "tls13_aes256": "aes256/raw_ipsec_mb", "tls13_chacha20": "chacha20/raw_libcrypto"}

HEADER = (f"{'suite':<15} {'direction':<9} {'bytes':>6}  {'ours':>12} {'ns':>6}  {'libssl':>12}"
          f"  {'raw':>12}  {'ours/libssl':>11} {'ours/raw':>9}")


def load(paths):
    times = {}
    for path in paths:
        with open(path, encoding="utf-8") as file:
            for row in json.load(file)["benchmarks"]:
                if row.get("run_type") == "aggregate" and row.get("aggregate_name") != "median":
                    continue
                name = row.get("run_name", row["name"])
                # Nanoseconds for one record or one handshake. With repetitions the median row
                # comes last and wins.
                unit = {"ns": 1, "us": 1e3, "ms": 1e6}[row["time_unit"]]
                per_item = (1e9 / row["items_per_second"] if "items_per_second" in row
                            else row["real_time"] * unit)
                times[re.sub(r"/(manual_time|min_time:[0-9.]+)", "", name)] = per_item
    return times


def main():
    times = load(sys.argv[1:] or ["/dev/stdin"])
    printed = False
    for name in times:
        parts = name.split("/")
        if len(parts) != 4 or parts[1] != "openschannel":
            continue
        if not printed:
            print(HEADER)
            printed = True
        suite, _, direction, size = parts
        ours = times[name]
        libssl = times.get(f"{suite}/libssl/{direction}/{size}")
        raw = times.get(f"{RAW[suite]}/{direction}/{size}")
        rate = lambda ns: f"{int(size) / ns:7.2f} GB/s" if ns else "-"
        print(f"{suite:<15} {direction:<9} {size:>6}  {rate(ours):>10} {ours:7.0f}"
              f"  {rate(libssl):>10}  {rate(raw):>10}"
              f"  {libssl / ours if libssl else 0:10.2f}x {raw / ours if raw else 0:8.2f}x")
    for version, text in (("1", "1.3"), ("0", "1.2")):
        ours = times.get(f"handshake/openschannel/{version}")
        libssl = times.get(f"handshake/libssl/{version}")
        if ours and libssl:
            print(f"handshake TLS {text}: ours {1e9 / ours:.0f}/s, libssl {1e9 / libssl:.0f}/s,"
                  f" ours/libssl {libssl / ours:.2f}x")


if __name__ == "__main__":
    main()
