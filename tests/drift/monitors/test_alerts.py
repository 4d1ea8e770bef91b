"""When alerts are raised and cleared: a function of verdicts in order."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.drift.monitors.alerts import Course, Rule, Step, alert_id, course_of

MARKS = {"x": "drift", ".": "ok", "!": "warn", "-": "insufficient"}
VERDICTS = st.text("x.!-", max_size=40)
RULES = st.builds(Rule, st.integers(1, 4), st.integers(1, 4), st.integers(0, 6))


def course(text: str, rule: Rule | None = None) -> Course:
    return course_of([Step(f"k{i}", MARKS[mark], i, f"r{i}") for i, mark in enumerate(text)], rule or Rule())


def drawn(text: str, **rule: int) -> str:
    """What every window means: raised, standing, cleared or nothing."""
    marks = {"raised": "R", "standing": "s", "cleared": "c", "": "."}
    return "".join(marks[state] for state in course(text, Rule(**rule)).states)


@pytest.mark.parametrize(
    ("verdicts", "rule", "states"),
    [
        ("..x..", {}, "..Rc."),
        ("xxx..", {}, "Rssc."),
        ("x.xx.", {"after": 2}, "...Rc"),
        ("xx.x..", {"after": 2, "clear": 2}, ".Rsssc"),
        ("x!x", {"after": 2}, "..."),  # a warning begins the row anew
        ("x!.", {}, "Rsc"),  # and clears nothing itself
        ("x.!.", {"clear": 2}, "Rsss"),
        ("x-x", {"after": 2}, "..R"),  # too few rows change nothing
        ("x.-.", {"clear": 2}, "Rssc"),
        ("----", {}, "...."),
        ("", {}, ""),
    ],
)
def test_the_rule_by_example(verdicts: str, rule: dict[str, int], states: str) -> None:
    assert drawn(verdicts, **rule) == states


def test_an_alert_says_what_raised_and_what_cleared_it() -> None:
    [first, second] = course(".xx.x").alerts
    assert (first.key, first.result, first.raised_us, first.windows) == ("k1", "r1", 1, 2)
    assert (first.cleared_key, first.cleared_us, first.stands) == ("k3", 3, False)
    assert (second.key, second.stands) == ("k4", True)
    assert course(".xx.x").standing == second
    assert course(".x.").standing is None


def test_an_alert_soon_after_an_announced_one_is_quiet() -> None:
    quiet = [alert.quiet for alert in course("x.x.x.x.", Rule(cooldown_us=4)).alerts]
    assert quiet == [False, True, False, True]


@given(VERDICTS, RULES)
def test_what_a_window_means_does_not_depend_on_later_ones(text: str, rule: Rule) -> None:
    whole = course(text, rule)
    for end in range(len(text)):
        assert course(text[:end], rule).states == whole.states[:end]


@given(VERDICTS, RULES)
def test_raised_and_cleared_take_turns(text: str, rule: Rule) -> None:
    found = course(text, rule)
    turns = [state for state in found.states if state in ("raised", "cleared")]
    assert turns == ["raised", "cleared"] * (len(turns) // 2) + ["raised"] * (len(turns) % 2)
    assert len(found.alerts) == turns.count("raised")
    assert (found.standing is not None) == (len(turns) % 2 == 1)


@given(VERDICTS, RULES)
def test_windows_with_too_few_rows_can_be_left_out(text: str, rule: Rule) -> None:
    plain = Rule(rule.after, rule.clear)
    states = [state for state, mark in zip(course(text, plain).states, text, strict=True) if mark != "-"]
    assert tuple(states) == course(text.replace("-", ""), plain).states


@given(VERDICTS, RULES)
def test_an_alert_is_preceded_by_as_many_drifts_as_the_rule_says(text: str, rule: Rule) -> None:
    seen = ""
    for mark, state in zip(text, course(text, rule).states, strict=True):
        seen += mark
        plain = seen.replace("-", "")
        if state == "raised":
            assert plain.endswith("x" * rule.after)
        if state == "cleared":
            assert plain.endswith("." * rule.clear)


@given(VERDICTS, st.integers(0, 10))
def test_announced_alerts_are_apart_by_the_cooldown(text: str, cooldown: int) -> None:
    told = [alert.raised_us for alert in course(text, Rule(cooldown_us=cooldown)).alerts if not alert.quiet]
    assert all(later - earlier >= cooldown for earlier, later in pairwise(told))


def test_an_alert_is_the_same_whatever_it_is_compared_with() -> None:
    assert alert_id("m", "1d/5") == alert_id("m", "1d/5") != alert_id("m", "1d/6")
