from __future__ import annotations

import polars as pl
import pytest

from workbench.data.personal import hints, looks_personal, luhn, masked


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (["ada@example.org", "bob@example.org"], ["email"]),
        (["write to ada@example.org, please", *(f"text {n}" for n in range(40))], ["email"]),
        (["+43 660 1234567", "+49-30-123456"], ["phone"]),
        (["(555) 123-4567", "555-123-4567"], ["phone"]),
        (["4111 1111 1111 1111", "5500-0055-5555-5559"], ["card"]),
        (["4111 1111 1111 1112", "5500-0055-5555-5558"], []),
        (["DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432"], ["iban"]),
        (["DE89 3704 0044 0532 0130 01"], []),
        (["078-05-1120", "219-09-9999"], ["national_id"]),
        (["AB 12 34 56 C"], ["national_id"]),
        (["12345678Z"], ["national_id"]),
        (["12345678A"], []),
        (["756.9217.0769.85"], ["national_id"]),
        (["RSSMRA85T10A562S"], ["national_id"]),
        (["AT", "DE"], []),
        (["2026-11-21", "2026-11-22"], []),
        (["10.5", "11.5", "12"], []),
        (["@home", "a@b"], []),
        ([], []),
    ],
)
def test_forms_of_personal_data_are_recognised_by_their_checksums(values: list[str], found: list[str]) -> None:
    assert hints(pl.Series(values, dtype=pl.String)) == found


def test_numbers_are_only_taken_for_cards_where_nearly_all_have_the_check_digit() -> None:
    cards = [4111111111111111, 5500005555555559, 340000000000009, 30000000000004, 6011000000000004]
    assert hints(pl.Series(cards)) == ["card"]
    assert hints(pl.Series([number + 1 for number in cards])) == []
    assert hints(pl.Series([1_700_000_000_000 + 37 * number for number in range(500)])) == []
    assert hints(pl.Series(cards[:2])) == []


def test_digits_alone_are_checked() -> None:
    assert luhn("4111-1111-1111-1111")
    assert not luhn("0000000000000000")
    assert not luhn("18")


def test_a_mask_keeps_the_form_and_nothing_else() -> None:
    assert masked("Ada_7@exämple.org") == "aaa_9@aaaaaaa.aaa"
    assert looks_personal("ada@example.org") and not looks_personal("ada") and not looks_personal(4111111111111111)
