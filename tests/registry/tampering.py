"""Journals taken apart and put together again by somebody who wants a past to look different."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from zlib import crc32

from workbench.base.jsonvalue import dumps, loads
from workbench.journal.block import HEADER_SIZE, encode_block, parse_header
from workbench.registry.chain import Link, hash_of, seal_of
from workbench.registry.chains import parse_link
from workbench.registry.findings import Report
from workbench.registry.policy import Rules
from workbench.registry.verification import check
from workbench.registry.witnesses import Heads, Sight
from workbench.store.governance import Governance, parse_journal

TAIL = b"\t\t\t\t\n"
Sign = Callable[[str], tuple[str, str]]
"""Key and signature for a hash."""


@dataclass(frozen=True)
class Evidence:
    """A log as it is, and what else is known of it.

    Attributes:
        journals: their bytes by name.
        heads, cached: its witnesses.
        rules: of the project.
    """

    journals: Mapping[str, bytes]
    heads: Heads
    cached: frozenset[Sight] = frozenset()
    rules: Rules = field(default_factory=Rules)

    def verify(self, journals: Mapping[str, bytes], *, every: bool = False) -> Report:
        """What verification says of other journals in the place of these."""
        parsed = [parse_journal(name, data) for name, data in sorted(journals.items())]
        return check(Governance(parsed), self.rules, self.heads, self.cached, every_signature=every)


@dataclass(frozen=True)
class Tampered:
    """What somebody made of the journals.

    Attributes:
        what: how, for the message of a test that fails.
        journals: their bytes by name.
        chain, n: the first event that is bad.
        journal: where its line is; begin, end: between which bytes.
    """

    what: str
    journals: dict[str, bytes]
    chain: str
    n: int
    journal: str = ""
    begin: int = -1
    end: int = -1

    def is_named_by(self, report: Report) -> bool:
        """Whether the first finding is about the bad event: by its number, or by the place of its line."""
        if report.whole:
            return False
        first = report.findings[0]
        by_number = (first.chain, first.n) == (self.chain, self.n)
        return by_number or (
            first.journal == self.journal and first.offset is not None and self.begin <= first.offset < self.end
        )


def payloads(data: bytes) -> list[bytes]:
    """What the blocks of a journal hold."""
    found, position = [], 0
    while position < len(data):
        header = parse_header(data, position)
        assert header is not None
        end = position + HEADER_SIZE + header.length
        found.append(data[position + HEADER_SIZE : end])
        position = end
    return found


def framed(blocks: Sequence[bytes]) -> bytes:
    """Blocks with their checksums, as a writer makes them."""
    data = b""
    for block in blocks:
        data += encode_block(block, crc32(data))
    return data


def begin_of(blocks: Sequence[bytes], index: int) -> int:
    """Where a block begins in the file."""
    return sum(HEADER_SIZE + len(block) for block in blocks[:index])


def link_in(block: bytes) -> Link | None:
    """The event in a block."""
    return parse_link(block.removesuffix(TAIL).decode(errors="replace"))


def block_of(link: Link) -> bytes:
    """The block of an event."""
    return dumps(link.event()).encode() + TAIL


def sealed(link: Link, sign: Sign | None = None) -> Link:
    """An event with the hash that it should have, and signed."""
    if sign is None:
        return replace(link, hash=link.expected_hash)
    key, _ = sign("")
    digest = hash_of(link.chain, link.n, link.prev, link.t, link.body, key)
    return replace(link, hash=digest, key=key, sig=sign(digest)[1])


def invented(link: Link, chance: random.Random, **fields: object) -> Link:
    """An event beside `link` that says something else."""
    said = loads(link.body)
    assert isinstance(said, dict)
    body = dumps({**said, "reason": f"made up {chance.random()}"})
    return replace(link, body=body, **fields)  # type: ignore[arg-type]


class Tamperer:
    """Tampers with journals at random.

    Args:
        journals: as they are. Each holds events of one chain.
        chance: decides.
    """

    def __init__(self, journals: Mapping[str, bytes], chance: random.Random) -> None:
        self._journals = journals
        self._chance = chance

    def flip(self) -> Tampered:
        """One byte of the line of an event is another one."""
        name, blocks, index, link = self._pick()
        block = bytearray(blocks[index])
        position = self._chance.randrange(len(block))
        block[position] ^= self._chance.randrange(1, 256)
        what = f"flip byte {position} of {bytes(blocks[index][max(0, position - 20) : position + 10])!r}"
        changed = [*blocks[:index], bytes(block), *blocks[index + 1 :]]
        data = framed(changed)
        if self._chance.random() < 0.5:  # the checksums stay what they were
            begin = begin_of(blocks, index) + HEADER_SIZE
            data = self._journals[name][:begin] + bytes(block) + self._journals[name][begin + len(block) :]
            what += " unrepaired"
        return self._made(what, name, data, link, begin_of(changed, index), begin_of(changed, index + 1))

    def drop(self) -> Tampered:
        """An event is gone."""
        name, blocks, index, link = self._pick()
        return self._made("drop", name, self._joined(blocks[:index], blocks[index + 1 :]), link)

    def swap(self) -> Tampered:
        """Two events of a journal are in each other's place."""
        name, blocks, one, link = self._pick()
        other, other_link = self._chance.choice([(i, e) for i, e in _events(blocks) if i != one])
        swapped = list(blocks)
        swapped[one], swapped[other] = blocks[other], blocks[one]
        first = min(link, other_link, key=lambda event: event.n)
        return self._made(f"swap {link.n} and {other_link.n}", name, self._joined(swapped), first)

    def copy(self) -> Tampered:
        """An event is there twice."""
        name, blocks, index, link = self._pick()
        place = self._chance.randrange(1, len(blocks))
        return self._made("copy", name, self._joined(blocks[:place], [blocks[index]], blocks[place:]), link)

    def invent(self, *, sign: Sign | None = None) -> Tampered:
        """There is an event that nobody wrote."""
        name, blocks, index, link = self._pick()
        kind = self._chance.choice(["beside", "other prev", "other hash", "after the end", "plain fact"])
        place = self._chance.randrange(index + 1, len(blocks))
        if kind == "plain fact":
            fact = {"e": "ent", "kind": "version", "id": "f" * 32, "name": "stage", "value": "Production", "t": link.t}
            lines = [*blocks[:place], dumps(fact).encode() + TAIL, *blocks[place:]]
            begin, end = begin_of(lines, place), begin_of(lines, place + 1)
            return self._made(kind, name, self._joined(lines), replace(link, n=-1), begin, end)
        made = invented(link, self._chance)
        if kind == "other prev":
            made = replace(made, prev=f"{self._chance.getrandbits(256):064x}")
        if kind == "after the end":
            last = max((event for _, event in _events(blocks)), key=lambda event: event.n)
            made = replace(made, n=last.n + 1, prev=made.prev if made.n == 1 else seal_of(made.prev, ""))
            place = len(blocks) - 1
        if kind != "other hash":
            made = sealed(made, sign)
        return self._made(kind, name, self._joined(blocks[:place], [block_of(made)], blocks[place:]), made)

    def truncate(self) -> Tampered:
        """The end of a journal is gone, from any byte on."""
        name, blocks, index, link = self._pick()
        begin = begin_of(blocks, index)
        cut = begin + self._chance.choice([0, self._chance.randrange(HEADER_SIZE + len(blocks[index]))])
        return self._made(f"truncate at {cut}", name, self._journals[name][:cut], link)

    def remove(self) -> Tampered:
        """A journal is gone."""
        name, blocks, _, _ = self._pick()
        first = min((event for _, event in _events(blocks)), key=lambda event: event.n)
        rest = {other: data for other, data in self._journals.items() if other != name}
        return Tampered("remove", rest, first.chain, first.n)

    def rewrite(self, forge: Callable[[Link], Link]) -> Tampered:
        """An event says something else, and it and all that follow are chained anew.

        Args:
            forge: gives an event, whose other fields are right, its hash and signature.
        """
        name, blocks, index, link = self._pick()
        chained, events = list(blocks), sorted(_events(blocks), key=lambda item: item[1].n)
        prev = link.prev
        for position, event in events:
            if event.n >= link.n:
                said = invented(event, self._chance) if position == index else event
                made = forge(replace(said, prev=prev))
                chained[position], prev = block_of(made), made.seal
        return self._made("rewrite", name, framed(chained), link)

    def _pick(self) -> tuple[str, list[bytes], int, Link]:
        name = self._chance.choice(sorted(self._journals))
        blocks = payloads(self._journals[name])
        index, link = self._chance.choice(_events(blocks))
        return name, blocks, index, link

    def _joined(self, *parts: Sequence[bytes]) -> bytes:
        """A journal of blocks, with new checksums or those that each block had somewhere else."""
        blocks = [block for part in parts for block in part]
        if self._chance.random() < 0.5:
            return framed(blocks)
        return b"".join(encode_block(block, self._chance.getrandbits(32)) for block in blocks)

    def _made(self, what: str, name: str, data: bytes, link: Link, begin: int = -1, end: int = -1) -> Tampered:
        return Tampered(what, {**self._journals, name: data}, link.chain, link.n, name, begin, end)


def _events(blocks: Sequence[bytes]) -> list[tuple[int, Link]]:
    return [(index, link) for index, block in enumerate(blocks) if (link := link_in(block)) is not None]
