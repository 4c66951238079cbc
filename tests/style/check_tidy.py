#!/usr/bin/env python3
"""Fails when a file breaks a rule of CONTRIBUTING.md that a machine can check.

usage: check_tidy.py ROOT | --self-test

An exception is a line in one of the allow-lists below, with its reason.
"""

import os
import pathlib
import re
import sys

from source_text import CODE_SUFFIXES, includes, project_files, report, self_test, without_prose

LINE_COLUMNS_MAX = 100

# memcmp leaks where two secrets differ. crypto::constant_time_equal is for secrets; schannel::equal
# and std::equal are for what anybody may see.
MEMCMP_ALLOWED = {
    "src/base/bytes.h": "the definition of schannel::equal, for public bytes",
}

# A cast that ignores types stays where untyped memory comes in. A path ending in / is a folder.
REINTERPRET_CAST_ALLOWED = {
    "src/base/bytes.h": "text to bytes and back, for every layer",
    "src/sspi/": "the C boundary: Windows passes untyped pointers",
    "src/crypt32/": "the C boundary: Windows passes untyped pointers",
}

# Names of others that happen to contain a word we do not use.
FOREIGN_NAMES = {
    "common_name",  # X.520
}

NAMELESS_WORDS = {"util", "utils", "helper", "helpers", "common", "manager", "misc"}
UNFINISHED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|X" r"XX)\b")
BANNED_CALL = re.compile(
    r"(?<![\w.>])(?:(?P<name>strcpy|strcat|sprintf|vsprintf|gets|srand|tmpnam)\s*\("
    r"|(?P<bare>rand)\s*\(\s*\)|(?P<full>system)\s*\(\s*[^)\s])")
FUNCTION_NAME = re.compile(r"(?<![\w.>:])(?P<name>[a-z]\w*)\s*\(")
TYPE_NAME = re.compile(r"\b(?:class|struct|enum|namespace)\s+(?:class\s+)?(?P<name>\w+)")
OUTSIDE_THE_PROJECT = re.compile(r"\.\./shared\b|/work/")
MARKDOWN_LINK = re.compile(r"\[[^\]\[]*\]\(\s*<?([^)\s>]+)>?[^)]*\)")

TEXT_SUFFIXES = CODE_SUFFIXES + (
    ".py", ".sh", ".md", ".txt", ".cmake", ".in", ".json", ".yml", ".tsv")
TEXT_NAMES = {"dev", "run", "LICENSE", ".clang-format", ".clang-tidy", ".gitignore"}
LONG_LINES_ALLOWED = (".json", ".tsv", ".in")
DATA_FOLDERS = ("fuzz/corpus/", "tests/vectors/", "tests/unit/vectors/")


def allowed(name: str, allow_list: dict[str, str]) -> bool:
    return any(name == entry or (entry.endswith("/") and name.startswith(entry))
               for entry in allow_list)


def words_of(name: str) -> set[str]:
    """The words of a snake_case or PascalCase name."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", name)}


def nameless(name: str) -> str | None:
    if name in FOREIGN_NAMES:
        return None
    if name.startswith("get_"):
        return "get_"
    found = words_of(name) & NAMELESS_WORDS
    return min(found) if found else None


def check_code(name: str, text: str):
    code = without_prose(text)
    in_src = name.startswith("src/")
    for number, line in enumerate(code.splitlines(), 1):
        if in_src and re.search(r"\bmemcmp\s*\(", line) and not allowed(name, MEMCMP_ALLOWED):
            yield number, "memcmp: crypto::constant_time_equal for secrets, equal() for the rest"
        if in_src and re.search(r"\bgetenv\s*\(", line):
            yield number, "getenv: secure_getenv, or a set-user-id program obeys its caller"
        if (name.startswith(("src/", "include/")) and "reinterpret_cast" in line
                and not allowed(name, REINTERPRET_CAST_ALLOWED)):
            yield number, "reinterpret_cast outside the allow-list of check_tidy.py"
        for found in BANNED_CALL.finditer(line):
            yield number, f"{found.group(found.lastgroup)}() is banned"
        for pattern in (FUNCTION_NAME, TYPE_NAME):
            for found in pattern.finditer(line):
                word = nameless(found["name"])
                if word:
                    yield number, f"'{word}' in the name {found['name']} says nothing"
    for number, _, included in includes(text):
        if in_src and included.startswith("openssl/") and not name.startswith(
                ("src/crypto/", "src/pki/")):
            yield number, f"<{included}>: OpenSSL stays in src/crypto and src/pki"
        if included == "intel-ipsec-mb.h" and not name.startswith(("src/crypto/", "bench/")):
            yield number, f"<{included}>: IPsec-MB stays in src/crypto"
    if name.endswith(".h") and "#pragma once" not in code and "#ifndef" not in code:
        yield 1, "a header without #pragma once"


def check_text(name: str, text: str):
    itself = name.startswith("tests/style/")
    in_fence = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("```"):
            in_fence = not in_fence
        if not line.isascii():
            yield number, f"not ASCII: {next(c for c in line if not c.isascii())!r}"
        if "\t" in line and not name.endswith(".tsv"):
            yield number, "a tab"
        if line != line.rstrip() and not name.endswith(".tsv"):
            yield number, "blanks at the end of the line"
        # A table row, a link, the output of a program and a #define are not for breaking.
        unbreakable = line.startswith("#define ") or (
            name.endswith(".md") and (in_fence or line.startswith("|") or "](" in line))
        if (len(line) > LINE_COLUMNS_MAX and not unbreakable and "://" not in line
                and not name.endswith(LONG_LINES_ALLOWED)):
            yield number, f"{len(line)} columns, {LINE_COLUMNS_MAX} are allowed"
        if not itself and UNFINISHED.search(line):
            yield number, "unfinished: do it, or open an issue"
        if not itself and OUTSIDE_THE_PROJECT.search(line):
            yield number, "a path outside the project"
    if text and not text.endswith("\n"):
        yield text.count("\n") + 1, "no newline at the end"


def anchors_of(text: str) -> set[str]:
    """The anchors that GitHub and GitLab give to the headings of a page."""
    headings = re.findall(r"^#{1,6}\s+(.*?)\s*#*$", text, re.MULTILINE)
    return {re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", heading.lower())) for heading in headings}


def check_links(root: pathlib.Path, path: pathlib.Path, text: str):
    without_code = re.sub(r"```.*?```|`[^`\n]*`", lambda m: re.sub(r"[^\n]", " ", m[0]), text,
                          flags=re.DOTALL)
    for found in MARKDOWN_LINK.finditer(without_code):
        target = found[1]
        if re.match(r"[a-z]+:", target):
            continue
        number = without_code.count("\n", 0, found.start()) + 1
        file_part, _, anchor = target.partition("#")
        linked = pathlib.Path(os.path.normpath(path.parent / file_part)) if file_part else path
        if root not in linked.parents and linked != root:
            yield number, f"the link {target} leads out of the project"
        elif not linked.exists():
            yield number, f"the link {target} leads nowhere"
        elif (anchor and linked.suffix == ".md"
              and anchor not in anchors_of(linked.read_text())):
            yield number, f"the link {target} names no heading there"


def check_causes(texts: dict[str, str]):
    """A cause that nothing gives is a check that was forgotten. Asked once the engine stands."""
    header = without_prose(texts.get("src/base/error.h", ""))
    enum = re.search(r"enum class Cause\b[^{]*\{(.*?)\}", header, re.DOTALL)
    users = [text for name, text in texts.items()
             if name.startswith("src/") and not name.startswith("src/base/")]
    if not enum or not any(name.startswith("src/sspi/") and name.endswith(".cc") for name in texts):
        return
    used = set(re.findall(r"\bCause::(\w+)", without_prose("\n".join(users))))
    for cause in re.findall(r"^\s*(\w+)\s*(?:=[^,]*)?,", enum[1] + ",", re.MULTILINE):
        if cause not in used:
            number = header[:enum.start(1)].count("\n") + 1 + len(
                re.split(rf"\b{cause}\b", enum[1])[0].splitlines()) - 1
            yield number, f"Cause::{cause} is used nowhere outside src/base"


def check(root: pathlib.Path) -> list[str]:
    root = root.resolve()
    findings = []
    texts = {}

    def add(name: str, found) -> None:
        findings.extend(f"{name}:{number}: {what}" for number, what in found)

    for path in project_files(root):
        name = path.relative_to(root).as_posix()
        word = nameless(path.stem)
        if word:
            add(name, [(1, f"'{word}' in a file name says nothing")])
        if name.startswith(DATA_FOLDERS):
            continue
        if path.suffix not in TEXT_SUFFIXES and path.name not in TEXT_NAMES:
            continue
        text = path.read_bytes().decode("utf-8", errors="replace")
        add(name, check_text(name, text))
        if path.suffix in CODE_SUFFIXES:
            texts[name] = text
            add(name, check_code(name, text))
        if path.suffix == ".md":
            add(name, check_links(root, path, text))
    add("src/base/error.h", check_causes(texts))
    return findings


CLEAN = {
    "README.md": "# Title\n[here](docs/a.md#a-b) [web](https://example.com/x) [up](#title)\n"
                 "| " + "x" * 120 + " |\n",
    "docs/a.md": "# A, b!\n[back](../README.md)\n`[no](link)`\n",
    "src/base/error.h": "#pragma once\nenum class Cause : int {\n  decode_error,  // first\n"
                        "  peer_alert,\n};\n",
    "src/base/bytes.h": "#pragma once\n#include <cstring>\nint d = memcmp(a, b, 1'000);\n"
                        "auto p = reinterpret_cast<char*>(q);\n",
    "src/crypto/hash.cc": "#include <openssl/evp.h>\nint n = X509_get_ext_count(x);\n"
                          "// memcmp(a, b) and \"sprintf(\" are only words here\n",
    "src/sspi/table.cc": "auto c = Cause::decode_error;\nauto s = \"rand() gets system(x)\";\n"
                         "if (json.get_ref() && std::get_if<int>(&v)) return Cause::peer_alert;\n"
                         "Trust system();\n"
                         "auto n = common_name(certificate);\n",
    "tests/unit/crypto/hash_test.cc": "#include <openssl/evp.h>\nint d = memcmp(a, b, 2);\n",
}

PLANTED = [
    ("src/tls/a.cc", "#include <openssl/ssl.h>\n", "OpenSSL stays"),
    ("src/pki/a.cc", "#include <intel-ipsec-mb.h>\n", "IPsec-MB stays"),
    ("src/tls/b.cc", "bool same = std::memcmp(a, b, 32) == 0;\n", "memcmp"),
    ("src/pki/b.cc", "auto* home = std::getenv(name);\n", "secure_getenv"),
    ("src/tls/c.cc", "auto* p = reinterpret_cast<int*>(q);\n", "reinterpret_cast"),
    ("src/tls/d.cc", "int get_size();\n", "get_"),
    ("src/tls/e.cc", "void parse_helper(int);\n", "helper"),
    ("src/tls/f.h", "#pragma once\nclass SessionManager;\n", "manager"),
    ("src/tls/tls_utils.h", "#pragma once\n", "utils"),
    ("src/tls/g.cc", "// TO" "DO: later\n", "unfinished"),
    ("docs/b.md", "FIX" "ME\n", "unfinished"),
    ("src/tls/h.cc", "strcpy(a, b);\n", "strcpy"),
    ("tests/x_test.cc", "int i = std::rand();\n", "rand"),
    ("tools/schannel/main.cc", "system(command);\n", "system"),
    ("src/tls/i.cc", "// caf\u00e9\n", "not ASCII"),
    ("src/tls/j.cc", "int i;", "no newline"),
    ("src/tls/k.cc", "\tint i;\n", "a tab"),
    ("src/tls/l.cc", "int i; \n", "blanks"),
    ("src/tls/m.cc", "// " + "x" * 98 + "\n", "columns"),
    ("docs/c.md", "[x](nowhere.md)\n", "nowhere"),
    ("docs/d.md", "[x](../README.md#nothing)\n", "no heading"),
    ("docs/e.md", "[x](../../etc/passwd)\n", "out of the project"),
    ("docs/f.md", "see ../sha" "red/design\n", "outside the project"),
    ("src/base/error.h", "#pragma once\nenum class Cause { decode_error, peer_alert,\n"
                         "  forgotten };\n", "Cause::forgotten"),
    ("src/tls/n.h", "int i;\n", "#pragma once"),
]


def main() -> int:
    if sys.argv[1:] == ["--self-test"]:
        return self_test(check, CLEAN, PLANTED)
    root = pathlib.Path(sys.argv[1]).resolve()
    return report(check(root), "tidy", len(project_files(root)))


if __name__ == "__main__":
    sys.exit(main())
