"""The hash chain of governance events: what an event's line holds, and how each one vouches for those before it.

Every writer (a copy of a project on one machine, used by one person) has a chain of its own. An event of it is

    {"e": "gov", "chain": id, "n": 1, 2, 3, …, "prev": seal of the event before, "t": microseconds, "body": text,
     "hash": SHA-256, "key": public key, "sig": signature}

`hash` is over all of it but `sig`. The *seal* of an event is the SHA-256 of its hash and its signature, and is what
the next event names as `prev`: nothing in the chain can change, go, come or move without a seal that does not fit.
`body` is a JSON text and is hashed as it stands, so that no two programs can disagree about how JSON is written.
A signature (Ed25519, RFC 8032) is over the hash, and so vouches for every event before its own as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b, sha256

EVENT = "gov"
"""The kind of these events in a journal."""
FIRST = "0" * 64
"""What the first event of a chain names as the one before."""


@dataclass(frozen=True, slots=True)
class Link:
    """One event of a chain.

    Attributes:
        chain: 16 hex digits.
        n: its number in the chain, from 1.
        prev: the seal of the event before, 64 hex digits.
        t: microseconds since the epoch, UTC.
        body: what was done, as a JSON object.
        hash: of all that stands above and of `key`, 64 hex digits.
        key: the public key that signed it, as `signing` writes it; empty where nobody did.
        sig: the signature, base64; empty likewise.
    """

    chain: str
    n: int
    prev: str
    t: int
    body: str
    hash: str
    key: str = ""
    sig: str = ""

    @property
    def seal(self) -> str:
        """What the next event names as `prev`, 64 hex digits."""
        return seal_of(self.hash, self.sig)

    @property
    def expected_hash(self) -> str:
        """The hash that its contents have."""
        return hash_of(self.chain, self.n, self.prev, self.t, self.body, self.key)

    def event(self) -> dict[str, object]:
        """The event as a journal has it."""
        signed = {"key": self.key, "sig": self.sig} if self.sig else {}
        return {
            "e": EVENT, "chain": self.chain, "n": self.n, "prev": self.prev, "t": self.t, "body": self.body,
            "hash": self.hash, **signed,
        }  # fmt: skip


def hash_of(chain: str, n: int, prev: str, t: int, body: str, key: str) -> str:
    """The hash of an event: SHA-256 over its parts, each on a line of its own, the body last."""
    return sha256(f"{chain}\n{n}\n{prev}\n{t}\n{key}\n{body}".encode("utf-8", "surrogatepass")).hexdigest()


def seal_of(hash: str, sig: str) -> str:
    """The seal of an event with this hash and signature."""
    return sha256(f"{hash}\n{sig}".encode()).hexdigest()


def chain_id(*parts: str) -> str:
    """The id of a writer's chain, the same for the same parts."""
    return blake2b("\0".join(parts).encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()
