"""Git repositories for tests, with captures as a run makes them."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path


class Repository:
    """A small git repository.

    Attributes:
        root: its folder.
        blobs: stored patches by SHA-256.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.blobs: dict[str, bytes] = {}
        root.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str) -> str:
        """The output of a git command."""
        done = subprocess.run(["git", *arguments], cwd=self.root, capture_output=True, check=True)
        return done.stdout.decode().strip()

    def write(self, **files: str) -> None:
        """Write files; `train_py` is `train.py`."""
        for name, text in files.items():
            (self.root / name.replace("_py", ".py").replace("_txt", ".txt")).write_text(text)

    def commit(self, **files: str) -> str:
        """Write files and commit everything; the commit's hash."""
        self.write(**files)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "work")
        return self.git("rev-parse", "HEAD")

    def captures(self) -> dict[str, object]:
        """What a run in this state captures."""
        self.git("add", "--intent-to-add", "--all")
        done = subprocess.run(["git", "diff", "--binary", "HEAD"], cwd=self.root, capture_output=True, check=True)
        self.git("reset", "--quiet")
        facts = {"commit": self.git("rev-parse", "HEAD"), "branch": "main", "dirty": bool(done.stdout)}
        captured: dict[str, object] = {"git": facts | {"root": str(self.root), "skipped": []}}
        if done.stdout:
            sha256 = hashlib.sha256(done.stdout).hexdigest()
            self.blobs[sha256] = done.stdout
            captured["patch"] = {"sha256": sha256, "size_bytes": len(done.stdout)}
        return captured

    def state(self) -> tuple[str, str, list[str], list[str]]:
        """Everything that must stay as it is: status, index, worktrees, files below `.git/objects`."""
        objects = sorted(str(path) for path in (self.root / ".git" / "objects").rglob("*") if path.is_file())
        index = self.git("ls-files", "--stage")
        return self.git("status", "--porcelain"), index, self.git("worktree", "list").splitlines(), objects
