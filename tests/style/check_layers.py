#!/usr/bin/env python3
"""Fails when a file includes what its layer may not know (the table in ARCHITECTURE.md).

usage: check_layers.py ROOT | --self-test
"""

import pathlib
import sys

from source_text import CODE_SUFFIXES, includes, project_files, report, self_test

MAY_INCLUDE = {
    "base": set(),
    "crypto": {"base"},
    "wire": {"base"},
    "record": {"base", "crypto", "wire"},
    "tls": {"base", "crypto", "wire", "record"},
    "pki": {"base", "crypto"},
    "schannel": {"base", "crypto", "wire", "record", "tls", "pki"},
    "sspi": {"base", "schannel"},
    "crypt32": {"base", "pki"},
}

# The engine knows neither SSPI nor certificates as Windows has them.
WITHOUT_PUBLIC_HEADERS = {"base", "crypto", "wire", "record", "tls"}

# What a user could have written: it sees what a user sees.
OUTSIDE = ("tools/", "examples/", "tests/contract/")


def finding_for(name: str, layer: str | None, delimiter: str, included: str) -> str | None:
    first = included.split("/")[0]
    if included.startswith("../") or "/../" in included:
        return f"includes {included}: paths start at src/ or include/"
    if first in MAY_INCLUDE and "/" in included and delimiter == '"':
        if name.startswith(OUTSIDE):
            return f"includes {included}: only <openschannel/...> is for users"
        if name.startswith("include/"):
            return f"includes {included}: a public header includes nothing of src"
        if layer and first != layer and first not in MAY_INCLUDE[layer]:
            return f"{layer} includes {included}: it may include {sorted(MAY_INCLUDE[layer])}"
    elif name.startswith("src/"):
        if delimiter == '"':
            return f'includes "{included}": inside src it is "layer/file.h"'
        if first == "openschannel" and layer in WITHOUT_PUBLIC_HEADERS:
            return f"{layer} includes <{included}>: it knows nothing of SSPI"
    return None


def check(root: pathlib.Path) -> list[str]:
    findings = []
    for path in project_files(root):
        name = path.relative_to(root).as_posix()
        if path.suffix not in CODE_SUFFIXES:
            continue
        parts = name.split("/")
        layer = None
        if parts[0] == "src":
            layer = parts[1]
            if layer not in MAY_INCLUDE:
                findings.append(f"{name}:1: src/{layer} is no layer of the table")
                continue
        elif parts[:2] == ["tests", "unit"] and parts[2] in MAY_INCLUDE:
            layer = parts[2]
        for number, delimiter, included in includes(path.read_text(errors="replace")):
            finding = finding_for(name, layer, delimiter, included)
            if finding:
                findings.append(f"{name}:{number}: {finding}")
    return findings


CLEAN = {
    "src/base/bytes.h": '#include <cstdint>\n// #include "tls/connection.h"\n',
    "src/tls/v13/client.cc": '#include "tls/v13/client.h"\n#include "record/writer.h"\n',
    "src/sspi/table.cc": '#include <openschannel/sspi.h>\n#include "schannel/context.h"\n',
    "tests/unit/wire/reader_test.cc": '#include "wire/reader.h"\n#include "base/bytes.h"\n',
    "tests/contract/loop_test.cc": '#include <openschannel/sspi.h>\n#include "contract/pair.h"\n',
    "include/openschannel/sspi.h": "#include <openschannel/windef.h>\n",
}

PLANTED = [
    ("src/base/up.h", '#include "wire/reader.h"\n', "base includes wire/reader.h"),
    ("src/wire/side.cc", '#  include "crypto/hash.h"\n', "wire includes crypto/hash.h"),
    ("src/pki/side.cc", '#include "tls/connection.h"\n', "pki includes tls"),
    ("src/sspi/deep.cc", '/* x */ #include "tls/connection.h"\n', "sspi includes tls"),
    ("src/crypt32/deep.cc", '#include "crypto/hash.h"\n', "crypt32 includes crypto"),
    ("src/tls/windows.cc", "#include <openschannel/sspi.h>\n", "knows nothing of SSPI"),
    ("src/tls/short.cc", '#include "client.h"\n', 'is "layer/file.h"'),
    ("src/tls/dots.cc", '#include "../wire/reader.h"\n', "paths start at"),
    ("src/other/x.cc", "\n", "no layer"),
    ("tests/unit/wire/x_test.cc", '#include "tls/connection.h"\n', "wire includes tls"),
    ("tests/contract/x_test.cc", '#include "schannel/context.h"\n', "for users"),
    ("tools/schannel/main.cc", '#include "base/bytes.h"\n', "for users"),
    ("examples/client.c", '#include "sspi/table.h"\n', "for users"),
    ("include/openschannel/x.h", '#include "base/bytes.h"\n', "nothing of src"),
]


def main() -> int:
    if sys.argv[1:] == ["--self-test"]:
        return self_test(check, CLEAN, PLANTED)
    root = pathlib.Path(sys.argv[1]).resolve()
    return report(check(root), "layers", len(project_files(root)))


if __name__ == "__main__":
    sys.exit(main())
