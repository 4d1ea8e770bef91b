"""An event's hash is over all that it says, and a line of a journal is an event in one spelling alone."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.base.jsonvalue import dumps
from workbench.registry.chain import FIRST, Link, chain_id, hash_of, seal_of
from workbench.registry.chains import parse_link

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
LINKS = st.builds(
    Link,
    chain=st.text("0123456789abcdef", min_size=16, max_size=16),
    n=st.integers(1, 10**17),
    prev=st.text("0123456789abcdef", min_size=64, max_size=64),
    t=st.integers(-(2**56), 2**56),
    body=TEXT,
    hash=st.text("0123456789abcdef", min_size=64, max_size=64),
)


def link(**changed: object) -> Link:
    body = dumps({"action": "tag", "who": 'an"a\\', "reason": "Ünïcode\n\x01🦊", "seen": {}})
    made = Link("0123456789abcdef", 7, "a" * 64, 1_790_000_000_000_000, body, "")
    return replace(replace(made, hash=made.expected_hash), **changed)  # type: ignore[arg-type]


def test_the_hash_is_sha_256_of_the_parts_each_on_a_line_and_the_body_last() -> None:
    made = link()
    text = f"0123456789abcdef\n7\n{'a' * 64}\n1790000000000000\n\n{made.body}"
    assert (
        made.expected_hash
        == sha256(text.encode()).hexdigest()
        == hash_of(made.chain, 7, made.prev, made.t, made.body, "")
    )


PARTS = ("chain", "n", "prev", "t", "body")


@pytest.mark.parametrize("name", [*PARTS, "key"])
def test_no_part_can_change_without_another_hash(name: str) -> None:
    made = link()
    other = 8 if name in ("n", "t") else "b"
    assert replace(made, **{name: other}).expected_hash != made.expected_hash  # type: ignore[arg-type]


def test_the_seal_is_over_hash_and_signature() -> None:
    made = link(sig="x")
    assert made.seal == seal_of(made.hash, "x") == sha256(f"{made.hash}\nx".encode()).hexdigest()
    assert made.seal != link().seal


def test_a_chain_has_the_same_id_for_the_same_writer_alone() -> None:
    assert chain_id("a", "b", "c") == chain_id("a", "b", "c") and len(chain_id("a", "b", "c")) == 16
    assert chain_id("a", "bc") != chain_id("ab", "c")


@settings(max_examples=200)
@given(made=LINKS, signature=st.none() | st.tuples(st.just("ed25519:k"), st.just("c2ln")))
def test_a_line_reads_back_as_the_event_that_it_was_made_of(made: Link, signature: tuple[str, str] | None) -> None:
    if signature is not None:
        made = replace(made, key=signature[0], sig=signature[1])
    assert parse_link(dumps(made.event())) == made


def test_any_other_spelling_is_no_event() -> None:
    line = dumps(link(key="ed25519:k", sig="s").event())
    event = json.loads(line)
    assert parse_link(line) is not None
    spelled = [
        json.dumps(event),
        dumps(dict(reversed(event.items()))),
        dumps({**event, "more": 1}),
        dumps({name: value for name, value in event.items() if name != "sig"}),
        line.replace('"n":7', '"n":7.0'),
        line.replace('"n":7', '"n":07'),
        line.replace('"n":7', '"n":0'),
        line.replace('"chain":"0123456789abcdef"', '"chain":"0123456789ABCDEF"'),
        line.replace('"body":', '"body":"x","body":'),
        line.replace('"body":"', '"body": "'),
        line[:-1],
        line + " ",
        "",
    ]
    assert [parse_link(text) for text in spelled] == [None] * len(spelled)


def test_an_unsigned_event_has_neither_key_nor_signature() -> None:
    assert {"key", "sig"} & link().event().keys() == set()
    assert link(key="k", sig="s").event().keys() == {"e", *(field.name for field in fields(Link))}
    assert FIRST == "0" * 64
