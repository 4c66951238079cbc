"""What the style tests share: which files belong to the project, and C++ without its prose."""

import pathlib
import re
import subprocess

CODE_SUFFIXES = (".h", ".cc", ".c")

# A comment, a raw string, a string, or a character; a quote after a letter or digit is a digit
# separator (1'000) and belongs to none of them, while u8"..." and L'x' are strings with a prefix.
_PROSE = re.compile(
    r"//[^\n]*|/\*.*?\*/"
    r'|R"(?P<delimiter>[^\s()\\]{0,16})\(.*?\)(?P=delimiter)"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'",
    re.DOTALL,
)


def project_files(root: pathlib.Path) -> list[pathlib.Path]:
    """Every file git would commit, or every file there is where the tree came without git."""
    if (root / ".git").exists():
        listed = subprocess.run(
            ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others",
             "--exclude-standard"],
            cwd=root, capture_output=True, check=True,
        ).stdout.decode()
        names = [root / name for name in listed.split("\0") if name]
    else:
        names = list(root.rglob("*"))
    skipped = {".git", "build", ".cache", "__pycache__"}
    return sorted(
        path for path in set(names)
        if path.is_file() and not skipped.intersection(path.relative_to(root).parts)
    )


def without_prose(text: str, keep_strings: bool = False) -> str:
    """The code alone: comments, and strings unless kept, become spaces; no line moves."""

    def blank(match: re.Match) -> str:
        found = match.group(0)
        if keep_strings and not found.startswith("/"):
            return found
        return re.sub(r"[^\n]", " ", found)

    return _PROSE.sub(blank, text)


def includes(text: str):
    """Yields (line number, delimiter, path) of each #include that is not in a comment."""
    for number, line in enumerate(without_prose(text, keep_strings=True).splitlines(), 1):
        found = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if found:
            yield number, found.group(1), found.group(2)


def report(findings: list[str], what: str, file_count: int) -> int:
    """Prints the findings; the exit status of the check."""
    for finding in findings:
        print(finding)
    print(f"{what}: {file_count} files, {len(findings)} findings")
    return 1 if findings else 0


def self_test(check, clean: dict[str, str], planted: list[tuple[str, str, str]]) -> int:
    """Shows that `check(root) -> findings` is silent on a clean tree and finds each planted fault.

    `planted` holds (path, text, words the finding must contain); each is added to the clean tree
    alone, so that no fault hides behind another.
    """
    import tempfile

    def findings_of(tree: dict[str, str]) -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, text in tree.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_bytes(text.encode())
            return check(root)

    failures = [f"false alarm on the clean tree: {finding}" for finding in findings_of(clean)]
    for name, text, words in planted:
        findings = findings_of({**clean, name: text})
        if len(findings) != 1 or name not in findings[0] or words not in findings[0]:
            failures.append(f"planted in {name}, expected one finding with '{words}': {findings}")
    for failure in failures:
        print(failure)
    print(f"self-test: {len(planted)} planted faults, {len(failures)} failures")
    return 1 if failures else 0
