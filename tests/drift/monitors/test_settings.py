"""What a monitor is asked for: kept, compared, and read from workbench.toml."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.base.errors import InputError, NotFoundError, SettingsError
from workbench.base.jsonvalue import dumps, loads
from workbench.base.project import Project
from workbench.drift.monitors.settings import Settings, differences
from workbench.drift.monitors.toml import declared, declared_one

NAMES = st.text("abcxyz", min_size=1, max_size=5)
SETTINGS = st.builds(
    Settings,
    source=st.just("logs/*.csv"),
    model=st.sampled_from(["", "fraud@champion"]),
    every=st.sampled_from(["", "1d", "6h"]),
    columns=st.lists(NAMES, max_size=3).map(tuple),
    tests=st.dictionaries(NAMES, st.sampled_from(["ks", "psi"]), max_size=2),
    thresholds=st.dictionaries(NAMES, st.floats(0, 1), max_size=2),
    alpha=st.none() | st.floats(0.001, 0.5),
    after=st.integers(1, 5),
    key=st.lists(NAMES, max_size=2).map(tuple),
    min=st.dictionaries(st.sampled_from(["accuracy", "f1"]), st.floats(0, 1), max_size=2),
)


@given(SETTINGS)
def test_settings_come_back_from_json(settings: Settings) -> None:
    document = loads(dumps(settings.as_document()))
    assert isinstance(document, dict)
    assert Settings.from_document(document) == settings
    assert differences(settings, Settings.from_document(document)) == []


def test_only_what_differs_from_the_defaults_is_kept() -> None:
    assert Settings("x.csv").as_document() == {"source": "x.csv"}
    assert Settings.from_document({"source": "x.csv", "of a later version": 1}) == Settings("x.csv")
    assert differences(Settings("x.csv"), Settings("x.csv", after=2, alpha=0.1)) == ["alpha", "after"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"source": ""},
        {"source": "deployment:"},
        {"source": "deployment:../x"},
        {"source": "x", "every": "1d", "rows": 5},
        {"source": "x", "every": "soon"},
        {"source": "x", "rows": 0},
        {"source": "x", "after": 0},
        {"source": "x", "clear": -1},
        {"source": "x", "cooldown": "1"},
        {"source": "x", "grace": "-1h"},
        {"source": "x", "min_coverage": 2},
        {"source": "x", "on_clear": True},
    ],
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError):
        Settings(**wrong)  # type: ignore[arg-type]


def test_a_table_says_the_same_as_options(project: Project) -> None:
    Path("workbench.toml").write_text(
        '[monitors.fraud]\nmodel = "fraud@champion"\nsource = "deployment:fraud"\nevery = "6h"\nafter = 2\n'
        'columns = ["amount"]\nalpha = 0.05\nkey = "order"\nscore = "p"\non_alert = "true"\non_clear = true\n'
        "[monitors.fraud.thresholds]\namount = 1\n[monitors.fraud.min]\naccuracy = 0.9\n"
    )
    assert declared_one(project, "fraud") == Settings(
        source="deployment:fraud", model="fraud@champion", every="6h", after=2, columns=("amount",), alpha=0.05,
        key=("order",), score={"": "p"}, on_alert="true", on_clear=True, thresholds={"amount": 1.0},
        min={"accuracy": 0.9},
    )  # fmt: skip
    with pytest.raises(NotFoundError, match=r"no table \[monitors.other\]"):
        declared_one(project, "other")


def test_without_a_file_nothing_is_declared(project: Project) -> None:
    assert declared(project) == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[monitors.a]\nsource = 5\n", r"workbench.toml:2:1: source is a text"),
        ("[monitors.a]\nsource = 'x'\nevry = '1d'\n", r"workbench.toml:3:1: there is no setting 'evry'"),
        ("[monitors.a]\nsource = 'x'\nafter = 0\n", r"workbench.toml:3:1: after is 0"),
        ("[monitors.a]\nmodel = 'm'\n", r"workbench.toml:1:1: a monitor needs a source"),
        ("[monitors.a]\nsource = 'x'\n[monitors.a.min]\nf1 = 'high'\n", r"workbench.toml:4:1: f1 is a number"),
        ("[monitors]\na = 1\n", r"a is a table"),
        ("[monitors.a\n", r"workbench.toml:1:"),
    ],
)
def test_a_mistake_is_told_by_its_place(project: Project, text: str, message: str) -> None:
    Path("workbench.toml").write_text(text)
    with pytest.raises(SettingsError, match=message):
        declared(project)


def test_a_full_window_of_rows_waits_for_a_minute_and_one_of_time_for_an_hour() -> None:
    graces = [Settings("log", rows=10), Settings("log", every="1d"), Settings("log", rows=10, grace="2s")]
    assert [one.grace_us for one in graces] == [60_000_000, 3_600_000_000, 2_000_000]
