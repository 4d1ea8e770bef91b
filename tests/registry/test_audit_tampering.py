"""Nobody changes the past unnoticed: thousands of random ways of tampering with a log, without keys and with them."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.conftest import FakeClock
from tests.registry.registries import Registry
from tests.registry.tampering import Evidence, Tampered, Tamperer, sealed
from workbench.base.clock import set_clock
from workbench.base.project import create_project
from workbench.registry import aliases, approvals, history, models, versions
from workbench.registry.chain import Link
from workbench.registry.ledger import read_heads
from workbench.registry.policy import Rules
from workbench.registry.signing import Signer, create_key

POSITIONS = 200
WAYS = ("flip", "drop", "swap", "copy", "invent", "truncate", "remove")


@pytest.fixture(scope="module")
def unsigned(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    """A log of two people without keys; only what the copy noted beside the journals vouches for its ends."""
    return recorded(tmp_path_factory.mktemp("unsigned"))


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    """A log of two people whose rules want signatures."""
    return recorded(tmp_path_factory.mktemp("signed"), keys=True)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    """A signed log of one person, of which nobody has seen anything."""
    return replace(recorded(tmp_path_factory.mktemp("alone"), "ana", keys=True), heads={})


def recorded(folder: Path, other: str = "ben", *, keys: bool = False) -> Evidence:
    """The log of a model that ana registers and another one approves and rolls back."""
    with pytest.MonkeyPatch.context() as patch:
        people: dict[str, tuple[str, ...]] = {}
        for who in {"ana", other} if keys else ():
            patch.setenv("WORKBENCH_KEY", str(folder / f"{who}.pem"))
            people[who] = (create_key().public_key,)
        return _recorded(folder, other, Rules(people, require_signatures=keys), patch)


def _recorded(folder: Path, other: str, rules: Rules, patch: pytest.MonkeyPatch) -> Evidence:
    project = create_project(str(folder))
    registries = {who: Registry(project, who) for who in ("ana", other)}
    clock = FakeClock()

    def act(who: str, action: Callable[..., object], *arguments: object, **options: object) -> None:
        clock.advance(1)
        patch.setenv("WORKBENCH_KEY", str(folder / f"{who}.pem"))
        registries[who].do(action, *arguments, **options)

    set_clock(clock)
    try:
        act("ana", models.register, "fraud", tags={"team": 'Ünïcode \x01 \\ " 🦊'})
        for number in range(1, 5):
            act("ana", versions.register, "fraud", source=None)
            act(other, approvals.request, "fraud", number, "please")
            act(other, approvals.approve, "fraud", number, "good")
            act("ana", aliases.point, "fraud", "champion", number)
            act(other, models.set_tag, "fraud", "last", str(number))
        act(other, history.rollback, "fraud", "champion", "too slow")
        act("ana", versions.register, "fraud", source=None)
        act("ana", versions.delete, "fraud", 5)
    finally:
        set_clock(None)
    for registry in registries.values():
        registry.close()
    journals = {path.name: path.read_bytes() for path in (folder / ".workbench/journal/sealed").iterdir()}
    return Evidence(journals, read_heads(project), rules=rules)


def assert_named(evidence: Evidence, tampered: Tampered, *, every: bool = False) -> None:
    report = evidence.verify(tampered.journals, every=every)
    found = [(finding.kind, finding.n, finding.offset, finding.sentence) for finding in report.findings]
    assert tampered.is_named_by(report), (tampered.what, tampered.chain, tampered.n, tampered.begin, found)


def test_a_log_that_nobody_touched_is_whole(unsigned: Evidence, signed: Evidence) -> None:
    for evidence, signatures in ((unsigned, 0), (signed, 24)):
        report = evidence.verify(evidence.journals, every=True)
        assert (report.findings, report.notes, report.events, report.chains) == ([], [], 24, 2)
        assert report.signed == signatures


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", ["unsigned", "signed"])
def test_tampering_is_found_and_the_first_bad_event_named(way: str, kind: str, request: pytest.FixtureRequest) -> None:
    evidence: Evidence = request.getfixturevalue(kind)
    tamperer = Tamperer(evidence.journals, random.Random(f"{way} {kind}"))
    for _ in range(POSITIONS):
        assert_named(evidence, getattr(tamperer, way)())


def own_key(link: Link) -> Link:
    signer = Signer(Ed25519PrivateKey.from_private_bytes(b"0" * 32))
    return sealed(link, lambda digest: (signer.public_key, signer.sign(digest)))


FORGERIES: dict[str, Callable[[Link], Link]] = {
    "old signatures": lambda link: replace(link, hash=link.expected_hash),
    "no signatures": lambda link: sealed(replace(link, key="", sig="")),
    "signatures of a key of the attacker": own_key,
    "signatures made up": lambda link: replace(link, hash=link.expected_hash, sig=link.sig[:40] + link.sig[40:][::-1]),
}


@pytest.mark.parametrize("forgery", FORGERIES)
@pytest.mark.parametrize("every", [False, True])
def test_a_chain_written_anew_without_the_key_is_found_where_all_witnesses_are_gone(
    alone: Evidence, forgery: str, every: bool
) -> None:
    tamperer = Tamperer(alone.journals, random.Random(forgery))
    for _ in range(POSITIONS // 4):
        assert_named(alone, tamperer.rewrite(FORGERIES[forgery]), every=every)
