#!/usr/bin/env python3
"""Runs BoringSSL's conformance runner against our shim and says what came of it.

usage: run.py RUNNER_DIR SHIM BUILD_DIR [--test PATTERNS] [--list REASON]

RUNNER_DIR is a checkout of BoringSSL. Its runner is compiled with the `go` of PATH into BUILD_DIR.
Exits with 0 only when every test that is not left out has passed. docs/conformance.md says more.
"""

import argparse
import collections
import fnmatch
import json
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
CONFIG = HERE / "config.json"
# A flag that the shim does not know: it answers "not implemented" at once, and all that is left is
# the list of names.
NO_SUCH_FLAG = "-names-only"


def stop(text: str) -> None:
    print(text, file=sys.stderr)
    sys.exit(2)


def compile_runner(checkout: pathlib.Path,
                   build: pathlib.Path) -> tuple[pathlib.Path, pathlib.Path]:
    source = checkout / "ssl" / "test" / "runner"
    if not (source / "runner.go").is_file():
        stop(f"{checkout} is no checkout of BoringSSL: there is no ssl/test/runner/runner.go.")
    if shutil.which("go") is None:
        stop("There is no `go` in PATH; the runner is a Go program (see docs/conformance.md).")
    program = build / "runner"
    done = subprocess.run(["go", "test", "-c", "-o", str(program), "."], cwd=source, check=False)
    if done.returncode != 0:
        stop("The runner does not compile. Its go.mod says which Go and which modules it needs.")
    return source, program


def run(source: pathlib.Path, program: pathlib.Path, shim: pathlib.Path, results: pathlib.Path,
        arguments: list[str], log: pathlib.Path) -> dict[str, str]:
    results.unlink(missing_ok=True)
    command = [str(program), "-shim-path", str(shim), "-shim-config", str(CONFIG), "-pipe",
               "-json-output", str(results), *arguments]
    with log.open("w") as out:
        subprocess.run(command, cwd=source, stdout=out, stderr=subprocess.STDOUT, check=False)
    if not results.is_file():
        stop(f"The runner left no results; its output is in {log}.")
    tests = json.loads(results.read_text())["tests"]
    return {name: test["actual"] for name, test in tests.items()}


def left_out(names: list[str], patterns: dict[str, str]) -> dict[str, str]:
    """Name -> reason, by the first pattern that fits."""
    out = {}
    for name in names:
        for pattern, reason in patterns.items():
            if fnmatch.fnmatchcase(name, pattern):
                out[name] = reason
                break
    return out


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runner_dir", type=pathlib.Path)
    parser.add_argument("shim", type=pathlib.Path)
    parser.add_argument("build_dir", type=pathlib.Path)
    parser.add_argument("--test", help="patterns of names, separated by semicolons")
    parser.add_argument("--list", metavar="REASON", help="name the tests left out for this reason")
    options = parser.parse_args()

    build = options.build_dir.resolve()
    build.mkdir(parents=True, exist_ok=True)
    shim = options.shim.resolve()
    patterns = json.loads(CONFIG.read_text())["DisabledTests"]
    source, program = compile_runner(options.runner_dir.resolve(), build)
    os.environ.setdefault("ASAN_OPTIONS", "exitcode=90")
    os.environ.setdefault("UBSAN_OPTIONS", "exitcode=90:halt_on_error=1")

    if options.test:
        names = []
    else:
        names = sorted(run(source, program, shim, build / "names.json",
                           ["-include-disabled", "-allow-unimplemented", "-shim-extra-flags",
                            NO_SUCH_FLAG], build / "names.log"))
    excluded = left_out(names, patterns)
    if options.list:
        print("\n".join(name for name, reason in excluded.items() if options.list in reason))
        return 0

    selection = ["-test", options.test] if options.test else []
    results = run(source, program, shim, build / "results.json", selection, build / "results.log")
    by_result = collections.Counter(results.values())
    passed = by_result.pop("PASS", 0)
    failed = sorted(name for name, result in results.items() if result != "PASS")

    for reason, count in collections.Counter(excluded.values()).most_common():
        print(f"  {count:5}  left out, {reason}")
    for name in failed:
        print(f"         {results[name]}: {name}")
    print(f"  {len(names) or len(results):5}  tests: {passed} passed, {len(failed)} failed, "
          f"{len(excluded)} left out")
    unknown = set(names) - set(results) - set(excluded)
    unused = [pattern for pattern in patterns
              if names and not any(fnmatch.fnmatchcase(name, pattern) for name in names)]
    if unknown:
        print(f"  {len(unknown)} did not run at all: {sorted(unknown)[:5]}")
    if unused:
        print(f"  patterns of config.json that fit no test: {unused}")
    if failed:
        print(f"  what the runner says about them: {build / 'results.log'}")
    return 1 if failed or unknown or unused or passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
