"""Copies of a project that are worked on apart and merged in any order come to the same, and what they contradict each
other in is shown."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.conftest import START_US
from tests.registry.registries import copy_journals
from workbench.base.clock import set_clock
from workbench.base.errors import WorkbenchError
from workbench.base.project import create_project
from workbench.registry import aliases, approvals, history, models, versions
from workbench.registry.columns import LIVE_MODELS, LIVE_VERSIONS, read_models, read_versions
from workbench.registry.forks import contradictions
from workbench.registry.history import alias_terms
from workbench.registry.ledger import Deed, Ledger
from workbench.registry.reviews import read_reviews
from workbench.registry.verification import verify
from workbench.registry.witnesses import read_cached
from workbench.registry.writing import open_ledger
from workbench.store.store import Store

WRITERS = [(0, "ana"), (0, "ben"), (1, "ana"), (1, "cy"), (2, "dee")]
"""The copy that each works in, and their name."""
MODELS = ["fraud", "churn"]

Action = tuple[str, str, int, str]
"""What is done, the model, a version, and an alias or a tag."""
ACTIONS = st.tuples(
    st.sampled_from(
        ["create", "register", "alias", "alias", "request", "approve", "reject", "tag", "rollback", "delete"]
    ),
    st.sampled_from(MODELS),
    st.integers(1, 3),
    st.sampled_from(["champion", "next"]),
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(range(len(WRITERS))), ACTIONS),
        st.tuples(st.integers(0, 2), st.integers(0, 2)),
    ),
    min_size=4,
    max_size=14,
)
"""Somebody does something, or one copy is merged into another."""


@dataclass
class Team:
    """Copies of a project, and who knew what when they did something.

    Attributes:
        known: of each copy, the places in `moves` that it holds.
        moves: `(model, alias, version, what was known)` of each alias that was moved.
    """

    stores: list[Store]
    known: list[set[int]] = field(default_factory=lambda: [set(), set(), set()])
    moves: list[tuple[str, str, object, set[int]]] = field(default_factory=list)

    def act(self, copy: int, who: str, action: Action) -> None:
        """Do something as a command does it; what is refused is not done."""
        store = self.stores[copy]
        with suppress(WorkbenchError), open_ledger(store.project, who=who) as ledger, store.reading(wait_s=60) as db:
            self._watch(ledger, copy)
            _do(db, ledger, action)

    def merge(self, source: int, target: int) -> None:
        """Copy what one copy holds to another."""
        if source != target:
            copy_journals(self.stores[source].project, self.stores[target].project)
            self.known[target] |= self.known[source]

    def _watch(self, ledger: Ledger, copy: int) -> None:
        """Keep count of the aliases that a ledger moves, without asking what it writes."""
        record = ledger.record

        def recording(db: Any, deed: Deed, *changes: Any) -> Any:
            link = record(db, deed, *changes)
            for change in changes:
                for name, value in change.fields.items():
                    if name.startswith("alias:"):
                        self.moves.append((deed.model, name, value, set(self.known[copy])))
                        self.known[copy].add(len(self.moves) - 1)
            return link

        ledger.record = recording  # type: ignore[method-assign]

    def unsettled(self) -> Iterator[tuple[str, str, set[object]]]:
        """Aliases whose last moves nobody has moved again who knew them: the model, the alias, and the versions."""
        for model, alias in {move[:2] for move in self.moves}:
            places = [place for place, move in enumerate(self.moves) if move[:2] == (model, alias)]
            last = [p for p in places if not any(p in self.moves[other][3] for other in places)]
            yield model, alias, {self.moves[place][2] for place in last}


def _do(db: Any, ledger: Ledger, action: Action) -> None:
    verb, model, number, alias = action
    doing: dict[str, Callable[[], object]] = {
        "create": lambda: models.register(db, ledger, model),
        "register": lambda: versions.register(db, ledger, model, source=None),
        "alias": lambda: aliases.point(db, ledger, model, alias, number),
        "request": lambda: approvals.request(db, ledger, model, number, "please"),
        "approve": lambda: approvals.approve(db, ledger, model, number, "good"),
        "reject": lambda: approvals.reject(db, ledger, model, number, "bad"),
        "tag": lambda: models.set_tag(db, ledger, model, alias, f"{ledger.who} {number}"),
        "rollback": lambda: history.rollback(db, ledger, model, alias, "slow"),
        "delete": lambda: versions.delete(db, ledger, model, number),
    }
    doing[verb]()


def told(store: Store) -> dict[str, object]:
    """Everything that a copy says of its models."""
    with store.reading(wait_s=60) as db:
        ids = [row[0] for row in db.execute(f"SELECT id FROM {LIVE_MODELS} ORDER BY id").fetchall()]
        version_ids = [row[0] for row in db.execute(f"SELECT id FROM {LIVE_VERSIONS} ORDER BY id").fetchall()]
        found_models, found_versions = read_models(db, ids), read_versions(db, version_ids)
        return {
            "models": found_models,
            "versions": found_versions,
            "reviews": read_reviews(db, found_versions),
            "history": [alias_terms(db, model) for model in found_models],
            "contradictions": [contradiction.as_document() for contradiction in contradictions(db)],
            "labels": db.execute("FROM model_label ORDER BY ALL").fetchall(),
            "facts": db.execute("SELECT kind, id, name, value, t, writer FROM entity_field ORDER BY ALL").fetchall(),
            "events": db.execute("SELECT chain, n, seal FROM governance ORDER BY ALL").fetchall(),
            "cached": read_cached(db),
        }


UNHURRIED = settings(deadline=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=[*HealthCheck])


@settings(UNHURRIED, max_examples=5)
@given(steps=STEPS, seed=st.integers(0, 1000))
def test_any_order_of_merges_comes_to_the_same_and_shows_what_contradicts(
    steps: list[tuple[int, Any]], seed: int
) -> None:
    assert_law(steps, seed)


@pytest.mark.slow
@settings(UNHURRIED, max_examples=100)
@given(steps=STEPS, seed=st.integers(0, 1000))
def test_the_same_of_many_histories(steps: list[tuple[int, Any]], seed: int) -> None:
    assert_law(steps, seed)


def assert_law(steps: list[tuple[int, Any]], seed: int) -> None:
    chance = random.Random(seed)
    with TemporaryDirectory() as folder, ExitStack() as stack:

        def new_store(name: str) -> Store:
            return stack.enter_context(Store(create_project(str(Path(folder, name)))))

        team = Team([new_store(str(number)) for number in range(3)])
        _begin(team)  # so that most of what is tried can be done
        stack.callback(set_clock, None)
        now_us = START_US
        for who, what in steps:
            now_us += chance.choice([0, 1, 1_000_000])
            if isinstance(what, tuple):
                skew_us = WRITERS[who][0] * 5_000_000  # no two machines have the same time
                set_clock(lambda time_us=now_us + skew_us: time_us * 1000)  # type: ignore[misc]
                team.act(*WRITERS[who], what)
            else:
                team.merge(who, what)
        merged = [new_store("merged one"), new_store("merged other")]
        for target, order in zip(merged, chance.sample(list(itertools.permutations(team.stores)), 2), strict=True):
            for source in order:
                copy_journals(source.project, target.project)
                if chance.random() < 0.5:
                    told(target)
        for source, target in itertools.permutations(team.stores, 2):
            copy_journals(source.project, target.project)
        expected = told(merged[0])
        for store in (merged[1], *team.stores):
            assert told(store) == expected
            assert verify(store.project, expected["cached"]).findings == []  # type: ignore[arg-type]
        assert _alias_contradictions(expected) == {
            (model, alias): values for model, alias, values in team.unsettled() if len(values) > 1
        }


def _begin(team: Team) -> None:
    set_clock(lambda: (START_US - 1_000_000_000) * 1000)
    for model in MODELS:
        for verb in ("create", "register", "register"):
            team.act(0, "ana", (verb, model, 1, ""))
    team.merge(0, 1)
    team.merge(0, 2)


def _alias_contradictions(said: dict[str, Any]) -> dict[tuple[str, str], set[object]]:
    return {
        (document["model"], document["field"]): {side["value"] for side in document["sides"]}
        for document in said["contradictions"]
        if str(document["field"]).startswith("alias:")
    }


def test_a_copy_that_both_went_on_with_is_a_fork(tmp_path: Path) -> None:
    with Store(create_project(str(tmp_path / "one"))) as one, Store(create_project(str(tmp_path / "other"))) as other:
        team = Team([one, other])
        team.act(0, "ana", ("create", "fraud", 1, ""))
        team.merge(0, 1)
        with one.reading() as db:
            [(chain,)] = db.execute("SELECT chain FROM governance").fetchall()
        with pytest.MonkeyPatch.context() as patch:  # a machine that was copied: its id and its folders are the same
            patch.setattr("workbench.registry.ledger.chain_id", lambda *parts: chain)
            team.act(0, "ana", ("tag", "fraud", 1, "x"))
            team.act(1, "ana", ("tag", "fraud", 1, "y"))
            team.act(1, "ana", ("tag", "fraud", 1, "z"))
        for store in (one, other):
            assert verify(store.project).whole
        team.merge(1, 0)
        report = verify(one.project)
        assert [(finding.kind, finding.n) for finding in report.findings] == [("fork", 2)]
        assert "copies of the project went on with one chain" in report.findings[0].sentence
