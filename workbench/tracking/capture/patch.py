"""Git patches: taking one apart into files, and writing the part of a new file without asking git."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workbench.tracking.capture.secrets import find_secret, is_secret_file

SOURCE_SUFFIXES = frozenset(
    ".py .pyi .pyx .pxd .ipynb .toml .cfg .ini .yaml .yml .json .md .rst .txt .sh .sql .r .jl .c .h .cc .cpp .hpp .cu "
    ".cuh .rs .go .js .ts .lua .proto .j2 .jinja .mk .cmake .dvc .in .lock".split()
)
_SNIFF_BYTES = 8000


@dataclass(frozen=True)
class PatchLimits:
    """How much of what is not committed a patch takes in: all together, and of one untracked file."""

    total_bytes: int = 10_000_000
    untracked_file_bytes: int = 1_000_000


def split_patch(patch: bytes) -> list[bytes]:
    """The parts of a git diff, one for each file, each with its final newline.

    No line of content can look like the start of a part: they begin with a space, `+`, `-` or `\\`.
    """
    starts = [match.start() for match in re.finditer(rb"^(?:diff --git |\* Unmerged path )", patch, re.MULTILINE)]
    return [patch[start:end] for start, end in zip(starts, [*starts[1:], len(patch)], strict=False)]


def path_of_chunk(chunk: bytes) -> str:
    """The path that one part of a git diff is about (the new one of a rename)."""
    header = chunk.split(b"\n@@ ", 1)[0].split(b"\nGIT binary patch", 1)[0].split(b"\n")
    if header[0].startswith(b"* Unmerged path "):
        return os.fsdecode(_unquote(header[0][len(b"* Unmerged path ") :]))
    for mark in (b"rename to ", b"copy to "):
        for line in header[1:]:
            if line.startswith(mark):
                return os.fsdecode(_unquote(line[len(mark) :]))
    for mark in (b"+++ ", b"--- "):
        for line in header[1:]:
            if line.startswith(mark) and line != mark + b"/dev/null":
                return os.fsdecode(_unquote(line[len(mark) :].removesuffix(b"\t"))[2:])
    # Only a mode or an empty file: both names are the same, so the line is symmetric.
    names = header[0][len(b"diff --git ") :]
    return os.fsdecode(_unquote(names[: len(names) // 2])[2:])


def untracked_chunks(root: str, paths: Sequence[str], limits: PatchLimits) -> Iterator[tuple[str, bytes | None, str]]:
    """`(path, part of a patch or None, why not)` of files that git does not know, sources before other text."""
    for path in sorted(paths, key=lambda path: (os.path.splitext(path)[1].lower() not in SOURCE_SUFFIXES, path)):
        try:
            chunk, reason = _new_file(root, path, limits)
        except OSError as error:
            chunk, reason = None, f"unreadable: {error.strerror}"
        yield path, chunk, reason


def _new_file(root: str, path: str, limits: PatchLimits) -> tuple[bytes | None, str]:
    full_path = os.path.join(root, path)
    if path.endswith("/"):
        return None, "another git repository"
    if is_secret_file(path):
        return None, "may hold secrets"
    status = os.lstat(full_path)
    if stat.S_ISLNK(status.st_mode):
        return new_file_chunk(path, os.fsencode(os.readlink(full_path)), 0o120000), ""
    if not stat.S_ISREG(status.st_mode):
        return None, "not a regular file"
    if status.st_size > limits.untracked_file_bytes:
        return None, f"larger than {limits.untracked_file_bytes / 1e6:.3g} MB"
    with open(full_path, "rb") as file:
        content = file.read()
    if b"\0" in content[:_SNIFF_BYTES]:
        return None, "not text"
    secret = find_secret(content)
    if secret:
        return None, f"may hold a secret: {secret}"
    return new_file_chunk(path, content, 0o100755 if status.st_mode & stat.S_IXUSR else 0o100644), ""


def new_file_chunk(path: str, content: bytes, mode: int) -> bytes:
    """The part of a git diff that creates `path` with `content`, as `git diff` writes it.

    Format: https://git-scm.com/docs/diff-format#generate_patch_text_with_p
    """
    name = os.fsencode(path)
    blob = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest().encode()
    lines = [
        b"diff --git %b %b" % (_quote(b"a/" + name), _quote(b"b/" + name)),
        b"new file mode %o" % mode,
        b"index %b..%b" % (b"0" * 40, blob),
    ]
    if content:
        body = content.split(b"\n")
        ends_with_newline = body[-1] == b""
        if ends_with_newline:
            body.pop()
        target = _quote(b"b/" + name)
        lines += [
            b"--- /dev/null",
            b"+++ " + (target + b"\t" if b" " in target and not target.startswith(b'"') else target),
            b"@@ -0,0 +1%b @@" % (b",%d" % len(body) if len(body) > 1 else b""),
            *(b"+" + line for line in body),
        ]
        if not ends_with_newline:
            lines.append(b"\\ No newline at end of file")
    return b"\n".join(lines) + b"\n"


_ESCAPES = {7: b"a", 8: b"b", 9: b"t", 10: b"n", 11: b"v", 12: b"f", 13: b"r", 34: b'"', 92: b"\\"}
_UNESCAPES = {letter: bytes([code]) for code, letter in _ESCAPES.items()}


def _quote(name: bytes) -> bytes:
    """A path as git writes it: C-quoted where it holds a quote, a backslash, a control or non-ASCII character."""
    if all(32 <= c < 127 and c not in _ESCAPES for c in name):
        return name
    escaped = (b"\\" + _ESCAPES[c] if c in _ESCAPES else bytes([c]) if 32 <= c < 127 else b"\\%03o" % c for c in name)
    return b'"' + b"".join(escaped) + b'"'


def _unquote(name: bytes) -> bytes:
    if not (len(name) >= 2 and name.startswith(b'"') and name.endswith(b'"')):
        return name

    def character(match: re.Match[bytes]) -> bytes:
        code = match[1]
        return _UNESCAPES[code] if code in _UNESCAPES else bytes([int(code, 8)])

    return re.sub(rb'\\([abtnvfr"\\]|[0-7]{3})', character, name[1:-1])
