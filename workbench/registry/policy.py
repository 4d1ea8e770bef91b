"""The rules of a project for its models: `workbench.toml` beside `.workbench/`, to be kept in git like code.

[people]
ana = "ed25519:…"              # the public key that `workbench audit key` shows; a list where there were several

[audit]
require_signatures = true

[models."*"]                   # for every model; [models.fraud] adds to it and wins
approvers = 2
author_may_approve = false
required_gates = ["auc"]
protected_aliases = ["champion"]

[models.fraud.gates.auc]       # see workbench.registry.gates
kind = "metric"
metric = "auc"
min = 0.9
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workbench.base.errors import SettingsError
from workbench.base.project import SETTINGS, Project

PUBLIC_KEY = "ed25519:"
"""What a public key begins with; the 32 bytes follow in base64."""
EVERY = "*"
"""The table of `[models]` that is for every model."""


@dataclass(frozen=True)
class Gate:
    """A gate as it is declared.

    Attributes:
        name: what people call it.
        kind: which kind of gate it is.
        settings: what else its table says.
        line: where it is declared, from 1.
    """

    name: str
    kind: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    line: int = 1


@dataclass(frozen=True)
class Policy:
    """The rules for one model.

    Attributes:
        approvers: how many people have to approve a version.
        author_may_approve: whether who registered a version may be one of them.
        required_gates: names of gates that a version must have passed before it is approved.
        protected_aliases: aliases that only move to approved versions.
        gates: by name.
    """

    approvers: int = 1
    author_may_approve: bool = True
    required_gates: tuple[str, ...] = ()
    protected_aliases: tuple[str, ...] = ()
    gates: Mapping[str, Gate] = field(default_factory=dict)


@dataclass(frozen=True)
class Rules:
    """What `workbench.toml` says.

    Attributes:
        people: by name, the public keys that sign for that person.
        require_signatures: every governance event has to be signed.
        models: policies by name of the model, `*` among them.
    """

    people: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    require_signatures: bool = False
    models: Mapping[str, Policy] = field(default_factory=dict)

    def policy(self, model: str) -> Policy:
        """The rules for a model."""
        return self.models.get(model) or self.models.get(EVERY) or Policy()


def rules_path(project: Project) -> str:
    """Where a project's rules are."""
    return os.path.join(project.root, SETTINGS)


def read_policy(project: Project, model: str) -> Policy:
    """The rules for a model.

    Raises: as `read_rules`.
    """
    return read_rules(project).policy(model)


def read_rules(project: Project) -> Rules:
    """What a project's `workbench.toml` says; without one there are no rules.

    Raises:
        SettingsError: it cannot be read or understood; the message names file, line and column.
    """
    path = rules_path(project)
    try:
        with open(path, "rb") as file:
            text = file.read().decode()
    except FileNotFoundError:
        return Rules()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from None
    return parse_rules(text, path)


def parse_rules(text: str, path: str = SETTINGS) -> Rules:
    """The rules in a TOML text.

    Raises: as `read_rules`.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        line, column = (int(place[1]), int(place[2])) if place else (text.count("\n") + 1, 1)
        what = str(error).partition(" (at ")[0]
        raise SettingsError(f"{path}:{line}:{column}: {what[:1].lower()}{what[1:]}", "mend that line") from None
    reader = _Reader(text, path)
    people = reader.table(document, (), "people")
    audit = reader.table(document, (), "audit")
    reader.known(audit, ("audit",), ("require_signatures",))
    models = reader.table(document, (), "models")
    tables = {name: reader.table(models, ("models",), name) for name in models}
    common = tables.get(EVERY, {})
    return Rules(
        {name: reader.keys(people, name) for name in people},
        reader.value(audit, ("audit",), "require_signatures", bool, False),
        {name: reader.policy(name, common, table) for name, table in tables.items()},
    )


class _Reader:
    """Takes values out of a parsed document, and says where one is that does not fit."""

    def __init__(self, text: str, path: str) -> None:
        self._lines = text.splitlines()
        self._path = path

    def policy(self, model: str, common: Mapping[str, Any], own: Mapping[str, Any]) -> Policy:
        place = ("models", model)
        self.known(own, place, ("approvers", "author_may_approve", "required_gates", "protected_aliases", "gates"))
        gates = {**self.gates(EVERY, common), **self.gates(model, own)}
        merged = {**common, **own}
        approvers = self.value(merged, place, "approvers", int, 1)
        if approvers < 1:
            raise self.error((*place, "approvers"), "approvers is at least 1")
        required = self.names(merged, place, "required_gates")
        for gate in required:
            if gate not in gates:
                raise self.error(
                    (*place, "required_gates"), f"there is no gate {gate!r}", f"declare [models.{model}.gates.{gate}]"
                )
        return Policy(
            approvers,
            self.value(merged, place, "author_may_approve", bool, True),
            required,
            self.names(merged, place, "protected_aliases"),
            gates,
        )

    def gates(self, model: str, table: Mapping[str, Any]) -> dict[str, Gate]:
        place = ("models", model, "gates")
        found = {}
        declared = self.table(table, ("models", model), "gates")
        for name in declared:
            settings = self.table(declared, place, name)
            kind = self.value(settings, (*place, name), "kind", str, "")
            if not kind:
                raise self.error((*place, name), f"the gate {name} has no kind", 'kind = "metric", for example')
            rest = {key: value for key, value in settings.items() if key != "kind"}
            found[name] = Gate(name, kind, rest, self.line((*place, name)))
        return found

    def keys(self, people: Mapping[str, Any], name: str) -> tuple[str, ...]:
        found = (people[name],) if isinstance(people[name], str) else self.names(people, ("people",), name)
        for key in found:
            if not key.startswith(PUBLIC_KEY):
                raise self.error(("people", name), f"{key!r} is no public key", "workbench audit key shows one")
        return found

    def table(self, parent: Mapping[str, Any], place: Sequence[str], name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.value(parent, place, name, dict, {})
        return found

    def names(self, parent: Mapping[str, Any], place: Sequence[str], name: str) -> tuple[str, ...]:
        found: list[Any] = self.value(parent, place, name, list, [])
        if not all(isinstance(item, str) for item in found):
            raise self.error((*place, name), f"{name} is a list of names")
        return tuple(found)

    def value(self, parent: Mapping[str, Any], place: Sequence[str], name: str, kind: type, default: Any) -> Any:
        found = parent.get(name, default)
        if type(found) is not kind:
            words = {str: "a text", int: "a whole number", bool: "true or false", list: "a list", dict: "a table"}
            raise self.error((*place, name), f"{name} is {words[kind]}")
        return found

    def known(self, table: Mapping[str, Any], place: Sequence[str], names: Sequence[str]) -> None:
        for name in table:
            if name not in names:
                raise self.error((*place, name), f"there is no setting {name!r}", f"one of: {', '.join(names)}")

    def error(self, place: Sequence[str], what: str, hint: str | None = None) -> SettingsError:
        line = self.line(place)
        text = self._lines[line - 1] if self._lines else ""
        column = len(text) - len(text.lstrip()) + 1
        return SettingsError(f"{self._path}:{line}:{column}: {what}", hint or "mend that line")

    def line(self, place: Sequence[str]) -> int:
        """The line that a key or a table is on, or the nearest one above it that names a part of it; from 1."""
        best, depth, within = 1, 0, 0
        for number, text in enumerate(self._lines, 1):
            header = re.match(r"\s*\[+([^\]]+)\]+", text)
            if header is not None:
                parts = [part.strip(" \"'") for part in re.findall(r"\"[^\"]*\"|'[^']*'|[^.]+", header[1])]
                within = len(parts) if list(place[: len(parts)]) == parts else -1
                if within > depth:
                    best, depth = number, within
            elif 0 <= within < len(place):
                key = re.match(r"\s*[\"']?([^\"'=.]+?)[\"']?\s*[=.]", text)
                if key is not None and key[1] == place[within] and within + 1 > depth:
                    best, depth = number, within + 1
        return best
