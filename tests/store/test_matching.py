"""All runs of a query in order, and the place of one among them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store.synthetic import add_run, empty_store, fill
from workbench.base.errors import FilterError
from workbench.store.runs import RunQuery, list_runs, place_of, run_ids

VALUES = st.one_of(st.none(), st.sampled_from([1.0, 2.0, -0.0, 0.0, math.nan, math.inf, -math.inf]))
PARAMS = st.one_of(st.none(), st.sampled_from([1, 2, "1", "a", "b", "nan", True]))
SORTS = st.lists(
    st.sampled_from(["metrics.m", "-metrics.m", "params.p", "-params.p", "-max(metrics.m)", "name", "-started_at"]),
    max_size=3,
)


def test_all_ids_are_in_the_order_of_the_list_whatever_its_page() -> None:
    db = empty_store()
    fill(db, runs=30, params=2, metrics=2)
    query = RunQuery(where="metrics.m0 > 0.3", sort=["-metrics.m1"], experiment="exp1", limit=2, offset=1)
    whole = list_runs(db, RunQuery(where=query.where, sort=query.sort, experiment=query.experiment)).run_ids
    assert run_ids(db, query) == whole
    assert [place_of(db, query, uid) for uid in whole] == list(range(len(whole)))


def test_a_run_that_does_not_match_has_no_place() -> None:
    db = empty_store()
    kept, deleted = add_run(db, "a"), add_run(db, "b", deleted=True)
    assert place_of(db, RunQuery(), kept) == 0
    assert place_of(db, RunQuery(), deleted) is None
    assert place_of(db, RunQuery(deleted=True), deleted) == 0
    assert place_of(db, RunQuery(where="name = 'x'"), kept) is None
    assert place_of(db, RunQuery(), "no such run") is None
    assert run_ids(db, RunQuery(where="name = 'x'")) == []


def test_mistakes_are_errors() -> None:
    db = empty_store()
    for query in (RunQuery(where="nonsense >"), RunQuery(sort=["nonsense"])):
        with pytest.raises(FilterError):
            run_ids(db, query)
        with pytest.raises(FilterError):
            place_of(db, query, "x")


@settings(max_examples=40, deadline=None)
@given(runs=st.lists(st.tuples(VALUES, PARAMS), min_size=1, max_size=8), sort=SORTS)
def test_the_place_of_every_run_is_where_the_list_shows_it(
    runs: list[tuple[float | None, object]], sort: list[str]
) -> None:
    db = empty_store()
    for number, (metric, param) in enumerate(runs):
        add_run(
            db,
            f"run {number % 3}",
            metrics={} if metric is None else {"m": [metric]},
            params={} if param is None else {"p": param},
        )
    query = RunQuery(sort=sort)
    listed = list_runs(db, query).run_ids
    assert run_ids(db, query) == listed
    assert [place_of(db, query, uid) for uid in listed] == list(range(len(runs)))
