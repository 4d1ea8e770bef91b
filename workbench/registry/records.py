"""Registered models and their versions, as they are read."""

from __future__ import annotations

from dataclasses import dataclass, field

TAG = "tag:"
ALIAS = "alias:"
"""What the names of fields begin with that are tags and aliases."""

STAGES = ("None", "Staging", "Production", "Archived")
"""Where a version may be, in MLflow's words; aliases have taken their place."""
READY = "READY"
"""The status of a version that can be used, which every one of ours is."""


@dataclass(frozen=True)
class Model:
    """A registered model: a name that versions are registered under.

    Attributes:
        id: the same wherever a model of this name was registered first, so that stores merge.
        created_at_ms, updated_at_ms: milliseconds since the epoch, UTC.
        aliases: version numbers by alias.
    """

    id: str
    name: str
    created_at_ms: int
    updated_at_ms: int
    description: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, int] = field(default_factory=dict)

    def aliases_of(self, number: int) -> list[str]:
        """The aliases of a version, sorted."""
        return sorted(alias for alias, aliased in self.aliases.items() if aliased == number)


@dataclass(frozen=True)
class Version:
    """A version of a registered model.

    Attributes:
        id: its own, random.
        model: the id of its registered model; name: that model's name.
        number: counts from 1 within the model, and is never given twice.
        created_at_ms, updated_at_ms: milliseconds since the epoch, UTC.
        stage: one of `STAGES`.
        source: where it was registered from; `workbench:artifacts/…` is below `.workbench/` of the project.
        storage_location: where its files are, if that is another place; likewise.
        run: the id of the run that made it.
        logged_model: the id of the MLflow logged model that it is, if it is one.
        user: who registered it.
        digest: `sha256:` over the paths and contents of its files, where they are in the store; `evidence` makes it.
        size_bytes: of its files, likewise.
    """

    id: str
    model: str
    name: str
    number: int
    created_at_ms: int
    updated_at_ms: int
    description: str | None = None
    stage: str = STAGES[0]
    source: str | None = None
    storage_location: str | None = None
    run: str | None = None
    run_link: str | None = None
    logged_model: str | None = None
    status: str = READY
    status_message: str | None = None
    user: str | None = None
    digest: str | None = None
    size_bytes: int | None = None
    tags: dict[str, str] = field(default_factory=dict)
