"""Hints that a column holds personal data, and masks for its values.

A hint is a guess from the form of values: checksums are checked where there are any, so that ordinary numbers are no
card numbers. It is made to warn, not to prove that a table is free of personal data.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

import polars as pl

SAMPLE = 5_000
"""So many different values of a column are looked at."""
_MIN_NUMBERS = 5


class Form(NamedTuple):
    """One form of personal data.

    Attributes:
        name: email, phone, card, iban or national_id.
        pattern: what a value looks like.
        anywhere: it may be inside a longer text.
        holds: whether a text of this form has a right checksum.
        share: of the different values that have it before a column is hinted at.
    """

    name: str
    pattern: str
    anywhere: bool = False
    holds: Callable[[str], bool] = lambda text: True
    share: float = 0.5


def luhn(text: str) -> bool:
    """Whether the digits of a text end with the check digit of ISO/IEC 7812, as card numbers do."""
    digits = [int(letter) for letter in text if letter.isdigit()]
    doubled = [2 * digit - 9 if digit > 4 else 2 * digit for digit in digits[-2::-2]]
    return len(digits) >= 13 and len(set(digits)) > 1 and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def iban(text: str) -> bool:
    """Whether a text has the check digits of ISO 13616: it leaves 1 when divided by 97."""
    bare = text.replace(" ", "").upper()
    return int("".join(str(int(letter, 36)) for letter in bare[4:] + bare[:4])) % 97 == 1


def _ean13(text: str) -> bool:
    digits = [int(letter) for letter in text if letter.isdigit()]
    return sum(digits[::2] + [3 * digit for digit in digits[1::2]]) % 10 == 0


def _spanish(text: str) -> bool:
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(text[:8]) % 23] == text[-1].upper()


def _french(text: str) -> bool:
    bare = text.replace(" ", "")
    return 97 - int(bare[:13]) % 97 == int(bare[13:])


FORMS = (
    Form("email", r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}", anywhere=True, share=0.02),
    Form("card", r"\d(?:[ -]?\d){12,18}", holds=luhn),
    Form("iban", r"[A-Za-z]{2}\d{2}(?: ?[A-Za-z0-9]){11,30}", holds=iban),
    Form("national_id", r"(?:00[1-9]|0[1-9]\d|[1-578]\d{2}|6[0-57-9]\d|66[0-57-9])-(?:0[1-9]|[1-9]\d)-\d{4}"),  # US
    Form("national_id", r"[A-CEGHJ-PR-TW-Za-ceghj-pr-tw-z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-Da-d]"),  # GB
    Form("national_id", r"[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]"),  # IT
    Form("national_id", r"756\.?\d{4}\.?\d{4}\.?\d{2}", holds=_ean13),  # CH
    Form("national_id", r"\d{8}-?[A-Za-z]", holds=_spanish),  # ES
    Form("national_id", r"[12] ?\d{2} ?(?:0[1-9]|1[0-2]) ?\d{2} ?\d{3} ?\d{3} ?\d{2}", holds=_french),  # FR
    Form("phone", r"\+\d{1,3}[ ./-]?(?:\(\d{1,4}\)[ ./-]?)?\d(?:[ ./-]?\d){5,13}"),
    Form("phone", r"(?:\(\d{3}\) ?|\d{3}[-.])\d{3}[-.]\d{4}"),
    Form("phone", r"0\d{1,4}[ /-]\d(?:[ /-]?\d){4,9}"),
)


def hints(values: pl.Series) -> list[str]:
    """Which forms of personal data a column seems to hold, in the order of `FORMS`.

    Args:
        values: different values without nulls, texts or whole numbers; the first `SAMPLE` are looked at.
    """
    sample = values.head(SAMPLE)
    numbers = sample.dtype.is_integer()
    if sample.is_empty() or (numbers and len(sample) < _MIN_NUMBERS):
        return []
    texts = sample.cast(pl.String)
    found: list[str] = []
    for form in FORMS:
        if numbers and form.name != "card":  # a number of the right length is no phone number
            continue
        matching = texts.filter(texts.str.contains(form.pattern if form.anywhere else f"^(?:{form.pattern})$"))
        needed = max(form.share, 0.8 if numbers else 0) * len(texts)
        if len(matching) < max(needed, 1) or form.name in found or (found and form.name == "phone"):
            continue  # nearly everything of digits and hyphens is a phone number somewhere
        if form.anywhere or sum(map(form.holds, matching)) >= max(needed, 1):
            found.append(form.name)
    return found


def looks_personal(value: object) -> bool:
    """Whether one value has one of the forms."""
    text = str(value)
    return isinstance(value, str) and any(
        (re.search if form.anywhere else re.fullmatch)(form.pattern, text) is not None
        and (form.anywhere or form.holds(text))
        for form in FORMS
    )


def masked(value: object) -> str:
    """The form of a value without its content: `ada7@example.org` is `aaa9@aaaaaaa.aaa`."""
    return re.sub(r"\d", "9", re.sub(r"[^\W\d_]", "a", str(value)))
