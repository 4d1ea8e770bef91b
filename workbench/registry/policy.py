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
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench.base.project import SETTINGS, Project
from workbench.base.settings_file import SettingsFile

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
    return _rules(SettingsFile.read(path)) if os.path.lexists(path) else Rules()


def parse_rules(text: str, path: str = SETTINGS) -> Rules:
    """The rules in a TOML text.

    Raises: as `read_rules`.
    """
    return _rules(SettingsFile(text, path))


def _rules(file: SettingsFile) -> Rules:
    people = file.table(file.document, (), "people")
    audit = file.table(file.document, (), "audit")
    file.known(audit, ("audit",), ("require_signatures",))
    models = file.table(file.document, (), "models")
    tables = {name: file.table(models, ("models",), name) for name in models}
    common = tables.get(EVERY, {})
    return Rules(
        {name: _keys(file, people, name) for name in people},
        file.value(audit, ("audit",), "require_signatures", bool, False),
        {name: _policy(file, name, common, table) for name, table in tables.items()},
    )


def _policy(file: SettingsFile, model: str, common: Mapping[str, Any], own: Mapping[str, Any]) -> Policy:
    place = ("models", model)
    file.known(own, place, ("approvers", "author_may_approve", "required_gates", "protected_aliases", "gates"))
    gates = {**_gates(file, EVERY, common), **_gates(file, model, own)}
    merged = {**common, **own}
    approvers = file.value(merged, place, "approvers", int, 1)
    if approvers < 1:
        raise file.error((*place, "approvers"), "approvers is at least 1")
    required = file.texts(merged, place, "required_gates")
    for gate in required:
        if gate not in gates:
            raise file.error(
                (*place, "required_gates"), f"there is no gate {gate!r}", f"declare [models.{model}.gates.{gate}]"
            )
    return Policy(
        approvers,
        file.value(merged, place, "author_may_approve", bool, True),
        required,
        file.texts(merged, place, "protected_aliases"),
        gates,
    )


def _gates(file: SettingsFile, model: str, table: Mapping[str, Any]) -> dict[str, Gate]:
    place = ("models", model, "gates")
    found = {}
    declared = file.table(table, ("models", model), "gates")
    for name in declared:
        settings = file.table(declared, place, name)
        kind = file.value(settings, (*place, name), "kind", str, "")
        if not kind:
            raise file.error((*place, name), f"the gate {name} has no kind", 'kind = "metric", for example')
        rest = {key: value for key, value in settings.items() if key != "kind"}
        found[name] = Gate(name, kind, rest, file.line((*place, name)))
    return found


def _keys(file: SettingsFile, people: Mapping[str, Any], name: str) -> tuple[str, ...]:
    found = (people[name],) if isinstance(people[name], str) else file.texts(people, ("people",), name)
    for key in found:
        if not key.startswith(PUBLIC_KEY):
            raise file.error(("people", name), f"{key!r} is no public key", "workbench audit key shows one")
    return found
