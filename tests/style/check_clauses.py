#!/usr/bin/env python3
"""Fails when something cites a clause that docs/contract.md does not have.

A citation is `ISC-42`, `ISC-39..62` (both ends) anywhere in the text, or a test whose name begins
with ISC_42. The page must also define each clause once and cite none that it lacks.

usage: check_clauses.py ROOT | --self-test
"""

import pathlib
import re
import sys

from source_text import project_files, report, self_test

CONTRACT = "docs/contract.md"

SECTIONS = ("STS|BUF|HND|CRED|ISC|ASC|EXT|AUTH|MAP|ENC|DEC|REN|SHUT|ATTR|ALERT|PROTO|CACHE|CERT|PKG"
            "|R|Q")
DEFINITION = re.compile(rf"^\| ((?:{SECTIONS})-\d+) \|", re.MULTILINE)
CITATION = re.compile(rf"(?<![\w-])(?P<section>{SECTIONS})-(?P<first>\d+)(?:\.\.(?P<last>\d+))?\b")
# Only at the start of a name: CERT_42 further on is a constant of somebody's.
TEST_NAME = re.compile(rf"\bTEST(?:_F|_P)?\(\s*\w+\s*,\s*(?P<section>{SECTIONS})_(?P<first>\d+)"
                       r"(?:_to_(?P<last>\d+))?(?:_|\s*\))")

FOLDERS = ("src/", "include/", "tools/", "examples/", "tests/", "fuzz/", "bench/", "docs/")
PAGES = {"README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"}
SUFFIXES = (".h", ".cc", ".c", ".md", ".txt", ".cmake", ".py", ".sh")
# The planted faults below, and files that others wrote.
SKIPPED = ("tests/style/", "tests/vectors/", "tests/unit/vectors/", "fuzz/corpus/")


def citations(text: str):
    """Yields (offset, clause) of each clause that is cited."""
    for pattern in (CITATION, TEST_NAME):
        for found in pattern.finditer(text):
            for number in (found["first"], found["last"]):
                if number:
                    yield found.start(), f"{found['section']}-{number}"


def check(root: pathlib.Path) -> list[str]:
    contract = root / CONTRACT
    if not contract.is_file():
        return [f"{CONTRACT}:1: the page is not there"]
    findings = []
    defined = set()
    page = contract.read_text(errors="replace")
    for found in DEFINITION.finditer(page):
        if found[1] in defined:
            line = page.count("\n", 0, found.start()) + 1
            findings.append(f"{CONTRACT}:{line}: {found[1]} is defined twice")
        defined.add(found[1])
    for path in project_files(root):
        name = path.relative_to(root).as_posix()
        if not (name.startswith(FOLDERS) or name in PAGES) or name.startswith(SKIPPED):
            continue
        if path.suffix not in SUFFIXES:
            continue
        text = path.read_text(errors="replace")
        for offset, clause in citations(text):
            if clause not in defined:
                line = text.count("\n", 0, offset) + 1
                findings.append(f"{name}:{line}: {clause} is no clause of {CONTRACT}")
    return findings


PAGE = """\
# The contract

| id | rule |
|---|---|
| ISC-1 | See ISC-2. |
| ISC-2 | x |
| R-3 | x |
"""

CLEAN = {
    CONTRACT: PAGE,
    "src/a.cc": "// ISC-1, ISC-1..2 and R-3; SHA-1, RFC-8446, CERT_FIND_42, X-ISC-9, PKCS-7\n",
    "include/a.h": "/* ISC-2. */\n#define CERT_42 1\n",
    "tests/contract/a_test.cc": "TEST(A, ISC_1_works) {}\nTEST_P(B,\n       R_3) {}\n"
                                "TEST_F(C, a_CERT_42_constant) {}\nTEST(D, ISC_1_to_2_x) {}\n",
    "tests/vectors/x.txt": "ISC-77\n",
}

PLANTED = [
    ("src/b.cc", "// ISC-3\n", "ISC-3"),
    ("src/c.cc", 'refuse("no (Q-5)");\n', "Q-5"),
    ("include/b.h", "/* ISC-1..9 */\n", "ISC-9"),
    ("tests/contract/b_test.cc", "TEST_P(Loop, ISC_42_x) {}\n", "ISC-42"),
    ("tests/contract/c_test.cc", "TEST(Loop,\n     R_1) {}\n", "R-1"),
    ("tests/contract/d_test.cc", "TEST(Loop, ISC_1_to_7_x) {}\n", "ISC-7"),
    ("docs/decisions/0001-x.md", "see CRED-13\n", "CRED-13"),
    ("examples/x.c", "/* HND-1 */\n", "HND-1"),
    ("README.md", "PKG-4\n", "PKG-4"),
    (CONTRACT, PAGE + "| ISC-1 | again |\n", "twice"),
    (CONTRACT, PAGE + "| ISC-4 | See ISC-5. |\n", "ISC-5"),
]


def main() -> int:
    if sys.argv[1:] == ["--self-test"]:
        return self_test(check, CLEAN, PLANTED)
    root = pathlib.Path(sys.argv[1]).resolve()
    return report(check(root), "clauses", len(project_files(root)))


if __name__ == "__main__":
    sys.exit(main())
