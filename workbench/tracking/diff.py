"""What changed between two runs: code, environment, output."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from workbench.base.errors import ToolError
from workbench.tracking.trees import CodeState, code_state, has_commit, tree_diff

__all__ = ["CodeDiff", "CodeState", "EnvironmentDiff", "code_state", "diff_code", "diff_environment", "diff_output"]

MAX_OUTPUT_LINES = 5000
"""Lines of each output that are compared, the last ones; the time of a diff grows with their product."""


@dataclass(frozen=True, slots=True)
class CodeDiff:
    """The difference of two runs' code.

    Attributes:
        lines: a unified diff; empty where the code is the same.
        exact: whether it compares the two whole trees; else it compares commit ids and patches.
        note: what one must know to read it, or None.
    """

    lines: list[str]
    exact: bool
    note: str | None = None


@dataclass(frozen=True, slots=True)
class EnvironmentDiff:
    """The difference of two runs' environments, from the first to the second.

    Attributes:
        facts: interpreter, platform and so on, by name: old and new value.
        added, removed: package versions by name.
        changed: old and new version by package name.
        note: what one must know to read it, or None.
    """

    facts: dict[str, tuple[str, str]] = field(default_factory=dict)
    added: dict[str, str] = field(default_factory=dict)
    removed: dict[str, str] = field(default_factory=dict)
    changed: dict[str, tuple[str, str]] = field(default_factory=dict)
    note: str | None = None

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return not (self.facts or self.added or self.removed or self.changed)

    def lines(self, label_a: str = "a", label_b: str = "b") -> list[str]:
        """The difference as lines of a diff, sorted by name; empty where nothing differs."""
        if self.same:
            return []
        lines = [f"--- {label_a}", f"+++ {label_b}"]
        for name, (old, new) in self.facts.items():
            lines += [f"-{name}: {old}", f"+{name}: {new}"]
        for name in sorted({*self.added, *self.removed, *self.changed}, key=str.lower):
            old, new = self.changed.get(name, (self.removed.get(name, ""), self.added.get(name, "")))
            lines += [f"-{name}=={old}"] * bool(old) + [f"+{name}=={new}"] * bool(new)
        return lines

    def to_json(self) -> dict[str, object]:
        """The difference as a JSON value."""
        return {
            "facts": {name: list(pair) for name, pair in self.facts.items()},
            "added": self.added,
            "removed": self.removed,
            "changed": {name: list(pair) for name, pair in self.changed.items()},
        }


def diff_code(a: CodeState, b: CodeState, *, repositories: Sequence[str] = ()) -> CodeDiff:
    """The difference from `a` to `b`.

    Where both commits are in one local repository, the two trees (commit with uncommitted changes applied)
    are compared; nothing of the repository is touched. Otherwise commit ids and patches are.

    Args:
        a, b: from `code_state`.
        repositories: folders to look in besides those where the runs were.
    """
    notes = [state.missing for state in (a, b) if state.missing]
    if a.commit is None or b.commit is None:
        return _fallback(a, b, notes)
    if (a.commit, a.patch) == (b.commit, b.patch):
        return CodeDiff([], not notes, _joined(notes))
    candidates = dict.fromkeys(folder for folder in (a.root, b.root, *repositories) if folder)
    commits = (a.commit, b.commit)
    repository = next((folder for folder in candidates if all(has_commit(folder, commit) for commit in commits)), None)
    if repository is None:
        return _fallback(a, b, [*notes, "no local repository has both commits (git fetch may bring them)"])
    try:
        return CodeDiff(tree_diff(repository, a, b), not notes, _joined(notes))
    except ToolError as error:
        return _fallback(a, b, [*notes, error.message])


def diff_environment(a: Mapping[str, object] | None, b: Mapping[str, object] | None) -> EnvironmentDiff:
    """The difference between two `environment` captures; package names are compared as PyPI does."""
    if a is None or b is None:
        return EnvironmentDiff(note="the environment of a run was not captured")
    facts = {
        name: (str(a.get(name)), str(b.get(name)))
        for name in ("python", "platform", "machine", "cpu_model", "cpu_count")
        if a.get(name) != b.get(name)
    }
    old, new = packages_of(a), packages_of(b)
    return EnvironmentDiff(
        facts,
        {name: new[name] for name in new if name not in old},
        {name: old[name] for name in old if name not in new},
        {name: (old[name], new[name]) for name in old if name in new and old[name] != new[name]},
    )


def packages_of(environment: Mapping[str, object]) -> dict[str, str]:
    """Versions by normalised package name (https://peps.python.org/pep-0503/#normalized-names)."""
    packages = environment.get("packages")
    if not isinstance(packages, Mapping):
        return {}
    return {normalised(str(name)): str(version) for name, version in packages.items()}


def normalised(name: str) -> str:
    """A package's name as PyPI compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def diff_output(
    a: Sequence[str], b: Sequence[str], *, labels: tuple[str, str] = ("a", "b"), context: int = 3
) -> list[str]:
    """A unified diff of two outputs; of very long ones the last `MAX_OUTPUT_LINES` lines each, which the diff says."""
    cut = [f"# only the last {MAX_OUTPUT_LINES:,} lines of each output are compared"]
    lines = list(
        difflib.unified_diff(a[-MAX_OUTPUT_LINES:], b[-MAX_OUTPUT_LINES:], labels[0], labels[1], n=context, lineterm="")
    )
    return [*cut, *lines] if max(len(a), len(b)) > MAX_OUTPUT_LINES else lines


def _fallback(a: CodeState, b: CodeState, notes: Sequence[str]) -> CodeDiff:
    """A diff of what was captured: the commit ids and the lines of the patches."""
    note = _joined([*notes, "comparing commit ids and captured changes only"])
    lines = difflib.unified_diff(_described(a), _described(b), a.label, b.label, lineterm="")
    return CodeDiff(list(lines), False, note)


def _described(state: CodeState) -> list[str]:
    return [f"commit {state.commit or 'none'}", *state.patch.decode("utf-8", "backslashreplace").splitlines()]


def _joined(notes: Sequence[str]) -> str | None:
    return "; ".join(notes) or None
