"""Ingest: every record once, whatever is moved, cut, damaged or late."""

from __future__ import annotations

import os
import random
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import START_US, FakeClock
from tests.store.journals import (
    HERE,
    JournalText,
    assert_same,
    assert_summaries_recompute,
    catch_up,
    edit,
    empty_store,
    fresh_snapshot,
    journal_path,
    log_run,
    points,
    snapshot,
    statuses,
)
from workbench.base.clock import set_clock
from workbench.base.ids import new_run_id
from workbench.base.project import Project, create_project
from workbench.journal.block import DAMAGED, TORN
from workbench.journal.layout import live_dir, sealed_dir
from workbench.journal.writer import JournalWriter
from workbench.store.store import Store


@pytest.fixture
def db() -> Iterator[duckdb.DuckDBPyConnection]:
    db = empty_store()
    yield db
    db.close()


def count(db: duckdb.DuckDBPyConnection, uid: str | None) -> int:
    [(number,)] = db.execute("SELECT count(*) FROM metrics WHERE run_id = ?", [uid]).fetchall()
    return int(number)


def gaps(db: duckdb.DuckDBPyConnection) -> list[tuple[int, int, str]]:
    return db.execute("SELECT off_from, off_to, reason FROM gap ORDER BY ALL").fetchall()


def metrics_text(steps: int, *, host: str = HERE) -> JournalText:
    text = JournalText(host=host).start()
    for step in range(steps):
        text.metrics({"x": float(step)}, step)
    return text


# ---------------------------------------------------------------------- truncation (failure case 3)


def test_a_journal_cut_at_any_byte_of_its_last_three_blocks_keeps_its_whole_blocks(
    project: Project, db: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    template = metrics_text(6)
    settled = sum(map(len, template.blocks[:-3]))
    expected: dict[str, tuple[int, list[tuple[int, int, str]]]] = {}
    for size in range(settled, len(template.data) + 1):
        text = metrics_text(6)
        text.write(project, size=size)
        end = settled
        whole = len(text.blocks) - 3
        for block in text.blocks[-3:]:
            if end + len(block) <= size:
                end += len(block)
                whole += 1
        expected[text.name] = (whole - 2, [(end, size, TORN)] if end < size else [])
    catch_up(db, project, tmp_path)
    assert len(expected) > 150
    for name, (kept, lost) in expected.items():
        assert count(db, name[:32]) == kept
        found = db.execute("SELECT off_from, off_to, reason FROM gaps WHERE journal = ?", [name]).fetchall()
        assert found == lost
    assert_summaries_recompute(db)


# ---------------------------------------------------------------------- damage (failure case 4)


def test_bit_flips_and_nul_runs_cost_the_blocks_they_hit_and_no_other(
    project: Project, db: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    chance = random.Random(20261121)
    expected: dict[str, set[int]] = {}
    harmless = 0
    for _ in range(150):
        text = metrics_text(chance.randint(3, 8))
        data = bytearray(text.data)
        # The first two blocks and the first point stay whole: with them the run, its start and the name of x.
        safe = sum(map(len, text.blocks[:3]))
        first = chance.randrange(safe, len(data))
        last = first + 1 if chance.random() < 0.5 else min(len(data), first + chance.randint(1, 150))
        if last == first + 1:
            data[first] ^= 1 << chance.randrange(8)
        else:
            data[first:last] = bytes(last - first)
        kept, start = set(), 0
        for number, block in enumerate(text.blocks):
            if number >= 2 and bytes(data[start : start + len(block)]) == block:
                kept.add(number - 2)
            start += len(block)
        expected[text.uid or ""] = kept
        with open(text.write(project), "wb") as file:
            file.write(data)
    catch_up(db, project, tmp_path)
    for uid, kept in expected.items():
        steps = {step for (step,) in db.execute("SELECT step FROM metrics WHERE run_id = ?", [uid]).fetchall()}
        # A header's running checksum or the case of a hex digit may be hit without any loss.
        assert kept <= steps
        if steps != kept:
            harmless += 1
            continue
        assert db.execute("SELECT count(*) FROM gaps WHERE starts_with(journal, ?)", [uid]).fetchall() == [(1,)]
    assert harmless < 40
    assert_summaries_recompute(db)


def test_a_gap_is_settled_once_a_later_block_follows(
    project: Project, db: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    text = metrics_text(4, host="elsewhere")
    data = bytearray(text.data)
    sizes = [len(block) for block in text.blocks]
    third = sum(sizes[:3])
    data[third + 35] ^= 1
    path = Path(text.write(project))
    path.write_bytes(data[: third + sizes[3]])
    catch_up(db, project, tmp_path)
    assert (count(db, text.uid), gaps(db)) == (1, [])
    path.write_bytes(data)
    for _ in range(2):
        catch_up(db, project, tmp_path)
        assert (count(db, text.uid), gaps(db)) == (3, [(third, third + sizes[3], DAMAGED)])


def test_a_lost_name_of_a_metric_is_a_number_and_its_points_are_kept(
    project: Project, db: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    text = JournalText().metrics({"loss": 1.0}, 0).metrics({"loss": 2.0}, 1)
    with open(text.write(project), "rb+") as file:
        file.seek(len(text.blocks[0]) + 40)
        file.write(b"\0")
    catch_up(db, project, tmp_path)
    assert db.execute("SELECT key, step, value FROM metrics").fetchall() == [("?0", 1, 2.0)]


# ---------------------------------------------------------------------- a living writer (failure case 5)


def test_half_a_block_of_a_living_writer_is_awaited(project: Project) -> None:
    store = Store(project)
    uid = new_run_id()
    writer = JournalWriter(project.journal_dir, uid)
    writer.metrics({"x": 1.0}, 0)
    before = os.path.getsize(writer.path)
    writer.metrics({"x": 2.0}, 1)
    with open(writer.path, "rb") as file:
        file.seek(before)
        block = file.read()
    for size in range(len(block)):
        os.ftruncate(writer._fd, before)
        os.write(writer._fd, block[:size])
        if size % 7 == 0:
            assert points(store, uid) == [("x", 0, 1.0)]
    os.write(writer._fd, block[-1:])
    assert points(store, uid) == [("x", 0, 1.0), ("x", 1, 2.0)]
    with store.reading() as visit:
        assert gaps(visit) == []
    assert store.notices == []
    writer.close()


def test_half_a_block_of_a_dead_writer_is_a_torn_tail_and_nobody_is_bothered(project: Project) -> None:
    text = metrics_text(3)
    text.write(project, size=len(text.data) - 1)
    store = Store(project)
    assert statuses(store)[text.uid or ""] == "crashed"
    with store.reading() as visit:
        assert [gap[2] for gap in gaps(visit)] == [TORN]
    assert store.notices == []


# ---------------------------------------------------------------------- rebuild is ingest (failure case 10)

T = st.integers(START_US, START_US + 20)
NAMES = st.sampled_from(["a", "b", "system/cpu", "ü\n\t\0"])
VALUES = st.one_of(
    st.sampled_from([0.0, 1.0, -1.0, 0.5, float("nan"), float("inf"), float("-inf")]), st.floats(-1e6, 1e6)
)
ANY = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.lists(st.integers(), max_size=2))
SHA = st.sampled_from(["0" * 64, "f" * 64])
SHORT = st.text(max_size=3)
FLAGS = st.sampled_from(["true", "false", "x", None])


def record(event: str, /, **fields: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[str, dict[str, object]]]:
    return st.tuples(st.just(event), st.fixed_dictionaries(fields))


EVENTS = st.one_of(
    record("metrics", values=st.dictionaries(NAMES, VALUES, min_size=1, max_size=3), step=st.integers(-2, 3)),
    record("start", resumed=st.booleans(), name=st.sampled_from([None, "n", "m"]), user=st.sampled_from([None, "u"])),
    record("param", name=NAMES, value=ANY),
    record("tag", name=NAMES, value=st.one_of(st.none(), SHORT)),
    record("cap", name=st.just("git"), value=st.fixed_dictionaries({"commit": SHORT})),
    record("art", path=NAMES, sha256=SHA, size=st.integers(0, 9), kind=st.just("file")),
    record("data", name=NAMES, digest=SHORT, path=st.just("p"), size=st.just(1), format=st.just("csv")),
    record("out", s=st.sampled_from([1, 2]), x=st.text(max_size=5)),
    record("hb"),
    record("unknown", name=ANY, value=ANY),
    record("end", status=st.sampled_from(["finished", "failed"]), exit_code=st.sampled_from([0, 1, None]), error=FLAGS),
    record("seal"),
)
EDITS = st.one_of(
    record("set", field=st.sampled_from(["name", "experiment", "note"]), value=FLAGS),
    record("set", field=st.sampled_from(["starred", "deleted", "pinned"]), value=FLAGS),
    record("tag", name=NAMES, value=FLAGS),
    record("purge"),
)


@st.composite
def histories(draw: st.DrawFn) -> list[JournalText]:
    """Journals of several writers of a few runs, and of edits, with times that tie and go back."""
    runs = [f"{number}" * 32 for number in range(draw(st.integers(1, 3)))]
    texts = []
    for number in range(draw(st.integers(1, 4))):
        text = JournalText(
            draw(st.sampled_from(runs)),
            writer=f"{number:016x}",
            t=draw(T),
            role=draw(st.sampled_from(["main", "worker"])),
        )
        for event in draw(st.lists(st.tuples(EVENTS, T), max_size=8)):
            (kind, fields), t = event
            if kind == "metrics":
                text.metrics(**fields, t=t)
            else:
                text.event(kind, t, **fields)
            if kind == "seal":
                break
        texts.append(text)
    for number in range(draw(st.integers(0, 2))):
        text = JournalText(project_edits=True, writer=f"e{number:015x}", t=draw(T))
        for (kind, fields), t in draw(st.lists(st.tuples(EDITS, T), max_size=4)):
            text.event(kind, t, run=draw(st.sampled_from(runs)), **fields)
        texts.append(text)
    return texts


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_a_rebuild_is_what_many_visits_made_in_any_order_and_any_pieces(data: st.DataObject) -> None:
    import tempfile

    texts = data.draw(histories())
    set_clock(FakeClock())
    try:
        with tempfile.TemporaryDirectory() as folder:
            project, stage = create_project(folder), Path(folder)
            db = empty_store()
            sizes = dict.fromkeys(range(len(texts)), 0)
            for _ in range(data.draw(st.integers(1, 3))):
                for number in data.draw(st.permutations(range(len(texts)))):
                    sizes[number] = data.draw(st.integers(sizes[number], len(texts[number].data)))
                    texts[number].write(project, size=sizes[number])
                catch_up(db, project, stage, limit_bytes=data.draw(st.sampled_from([1, 150, 1 << 20])))
            for text in texts:
                text.write(project)
            catch_up(db, project, stage)
            assert_summaries_recompute(db)
            incremental = snapshot(db)
            db.close()
            assert_same(incremental, fresh_snapshot(project, stage))
    finally:
        set_clock(None)


# ---------------------------------------------------------------------- the clock (failure case 12)


def test_a_clock_that_jumps_back_loses_nothing(project: Project, clock: FakeClock) -> None:
    store = Store(project)
    uid = new_run_id()
    writer = JournalWriter(project.journal_dir, uid)
    writer.event("start", experiment="x", name="n")
    for step in range(4):
        writer.metrics({"x": float(step)}, step)
        clock.advance(-3600)
        assert len(points(store, uid)) == step + 1
    writer.event("param", name="lr", value=1)
    writer.event("param", name="lr", value=2)
    writer.event("end", status="finished")
    writer.close()
    clock.advance(-86400 * 365 * 80)
    assert statuses(store) == {uid: "finished"}
    with store.reading() as db:
        assert db.execute("SELECT text FROM params").fetchall() == [("2",)]
        assert db.execute("SELECT last, last_step FROM metric_summaries").fetchall() == [(3.0, 3)]
    later = log_run(project)
    assert statuses(store)[later] == "finished"


# ---------------------------------------------------------------------- strange values (failure case 13)


def test_any_name_and_any_value_comes_out_as_it_went_in(project: Project) -> None:
    uid = new_run_id()
    names = [
        "",
        " ",
        "ü",
        "a\nb",
        "a\tb",
        "nul\0nul",
        "quo\"te's",
        "\\",
        "#00000000",
        "🙂",
        "a" * 10_000,
        "{",
        "\r",
        "\u2028",
    ]
    values: dict[str, object] = {
        "huge": 10**40, "seed": 2**128 - 1, "int64": 2**63 - 1, "long": 10**400, "nan": float("nan"),
        "inf": float("-inf"), "none": None, "true": True, "text": "line\n\ttab\0nul\r",
        "nested": {"a": [1, {"b": None}]},
        "number text": "1e5", "empty": "", "5 MB": "x" * 5_000_000,
    }  # fmt: skip
    writer = JournalWriter(project.journal_dir, uid, durability="process")
    writer.event("start", experiment="x\ny", name="n\0m")
    for name in names:
        writer.event("param", name=name, value=name)
        writer.event("tag", name=name, value=name)
        writer.metrics({name: 1.0}, 0)
        writer.event("out", s=1, x=name)
    for name, value in values.items():
        writer.event("param", name=name, value=value)
    strange = [float("nan"), float("inf"), float("-inf"), 5e-324, 1.7976931348623157e308, -0.0, 0.1]
    for step, number in enumerate(strange):
        writer.metrics({"m": number}, 2**63 - 1 - step)
    writer.close()
    with Store(project).reading() as db:
        params = {name: (value, text, number) for name, value, text, number in db.execute(
            "SELECT name, value, text, number FROM params").fetchall()}  # fmt: skip
        for name in names:
            assert params[name][1] == name
        assert dict(db.execute("SELECT name, value FROM tags").fetchall()) == {name: name for name in names}
        assert {key for (key,) in db.execute("SELECT DISTINCT key FROM metrics").fetchall()} == {*names, "m"}
        assert [text for (text,) in db.execute("SELECT text FROM outputs ORDER BY seq").fetchall()] == names
        assert params["huge"][1] == str(10**40)
        assert params["seed"][:2] == (str(2**128 - 1), str(2**128 - 1))
        assert params["long"][1] == str(10**400)
        assert params["nan"][1] == "NaN"
        assert params["inf"][1:] == ("-Infinity", float("-inf"))
        assert params["none"][1:] == (None, None)
        assert params["true"][1:] == ("true", None)
        assert params["text"][1] == values["text"]
        assert params["nested"][0] == '{"a":[1,{"b":null}]}'
        assert params["number text"][2] == 1e5
        assert len(params["5 MB"][1]) == 5_000_000
        found = db.execute("SELECT value FROM metrics WHERE key = 'm' ORDER BY step DESC").fetchall()
        assert [repr(value) for (value,) in found] == [repr(number) for number in strange]
        assert db.execute("SELECT name, experiment FROM runs").fetchall() == [("n\0m", "x\ny")]
        assert_summaries_recompute(db)


def test_a_hundred_thousand_names_of_metrics(project: Project) -> None:
    uid = new_run_id()
    writer = JournalWriter(project.journal_dir, uid, durability="process")
    writer.metrics({f"layer{i}/grad": float(i) for i in range(100_000)}, 0)
    writer.metrics({f"layer{i}/grad": 1.0 for i in range(0, 100_000, 100)}, 1)
    writer.close()
    store = Store(project)
    with store.reading() as db:
        assert db.execute("SELECT count(*), count(DISTINCT key) FROM metrics").fetchall() == [(101_000, 100_000)]
        assert db.execute("SELECT value FROM metrics WHERE key = 'layer77777/grad'").fetchall() == [(77777.0,)]
        assert_summaries_recompute(db)


def test_sums_that_overflow_are_infinite(project: Project, db: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    text = JournalText()
    for step in range(3):
        text.metrics({"x": 1.7e308}, step)
    text.write(project)
    catch_up(db, project, tmp_path)
    assert db.execute("SELECT mean, max FROM metric_summaries").fetchall() == [(float("inf"), 1.7e308)]


def test_a_record_of_a_kind_that_is_not_known_is_passed_over(
    project: Project, db: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    text = JournalText().event("hologram", START_US, run=7, name=[1], t2={"x": 1}, size="big")
    text.event("param", START_US, name="a", value=1).metrics({"x": 1.0}, 0)
    text.write(project)
    catch_up(db, project, tmp_path)
    assert count(db, text.uid) == 1
    assert db.execute("SELECT name FROM params").fetchall() == [("a",)]


# ---------------------------------------------------------------------- synchronised folders (failure case 16)


def test_a_journal_that_shrinks_and_grows_back_is_counted_once(
    project: Project, db: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    text = metrics_text(6, host="elsewhere")
    ends = [sum(map(len, text.blocks[: n + 1])) for n in range(len(text.blocks))]
    seen = 0
    for size in (ends[4], ends[3] + 5, 0, ends[2], ends[4] + 9, ends[5], ends[5] - 1, ends[-1]):
        text.write(project, size=size)
        catch_up(db, project, tmp_path)
        seen = max(seen, sum(end <= size for end in ends) - 2)
        assert count(db, text.uid) == seen
    assert gaps(db) == []
    assert seen == 6


def test_a_journal_that_lies_in_both_folders_is_one(project: Project, tmp_path: Path) -> None:
    for first, second, size in (("live", "sealed", 200), ("sealed", "live", 200), ("live", "sealed", None)):
        text = metrics_text(6).event("seal", START_US)
        text.write(project, folder=first)
        text.write(project, folder=second, size=size)
        db = empty_store()
        for _ in range(2):
            catch_up(db, project, tmp_path)
            assert count(db, text.uid) == 6
        db.close()
        uid = text.uid or ""
        store = Store(project)
        for _ in range(2):
            assert len(points(store, uid)) == 6
        store.rebuild()
        assert len(points(store, uid)) == 6


def test_sealed_journals_that_are_copied_here_are_seen_at_once_and_later(project: Project, clock: FakeClock) -> None:
    """A folder's time of change says only what is older than its grain."""
    clock.now_us = time.time_ns() // 1000
    store = Store(project)
    expected = set()
    for pause_s in (0.0, 0.0, 10.0, 0.0, 10.0, 10.0):
        clock.advance(pause_s)
        statuses(store)
        text = metrics_text(2)
        text.write(project, folder="sealed")
        expected.add(text.uid)
        assert set(statuses(store)) == expected


def test_a_sealed_journal_that_is_still_being_copied_here_is_followed(project: Project, clock: FakeClock) -> None:
    """Its bytes grow without a change of the folder's time."""
    clock.now_us = time.time_ns() // 1000 + 10_000_000
    store = Store(project)
    text = metrics_text(6, host="elsewhere").event("seal", START_US)
    path = Path(text.write(project, folder="sealed", size=0))
    for size in (0, 100, 700, len(text.data)):
        with open(path, "r+b") as file:
            file.write(text.data[:size])
        for _ in range(2):
            found = len(points(store, text.uid or ""))
    assert found == 6


# ---------------------------------------------------------------------- from live/ to sealed/


def test_a_sealed_journal_and_one_of_a_dead_writer_are_moved(project: Project) -> None:
    sealed, dead, torn = metrics_text(2).event("seal", START_US), metrics_text(2), metrics_text(2)
    foreign = metrics_text(2, host="elsewhere")
    writer = JournalWriter(project.journal_dir, new_run_id())
    for text in (sealed, dead, foreign):
        text.write(project)
    torn.write(project, size=len(torn.data) - 3)
    store = Store(project)
    statuses(store)
    assert set(os.listdir(sealed_dir(project.journal_dir))) == {sealed.name, dead.name, torn.name}
    assert set(os.listdir(live_dir(project.journal_dir))) == {foreign.name, os.path.basename(writer.path)}
    writer.close()
    assert len(statuses(store)) == 5


def test_a_journal_is_moved_though_its_folder_was_left_out_of_a_copy(project: Project) -> None:
    os.rmdir(sealed_dir(project.journal_dir))
    text = metrics_text(2)
    text.write(project)
    assert len(points(Store(project), text.uid or "")) == 2
    assert os.listdir(sealed_dir(project.journal_dir)) == [text.name]


def test_a_journal_that_cannot_be_moved_is_read_all_the_same(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*paths: str) -> None:
        raise OSError(30, "Read-only file system")

    uid = log_run(project, end=None)
    shutil.move(journal_path(project, uid), live_dir(project.journal_dir))
    monkeypatch.setattr(os, "rename", refuse)
    store = Store(project)
    for _ in range(2):
        assert len(points(store, uid)) == 3
        assert os.path.dirname(journal_path(project, uid)) == live_dir(project.journal_dir)


# ---------------------------------------------------------------------- numbers (failure case 17)


def test_ten_thousand_live_journals(project: Project, clock: FakeClock, tmp_path: Path) -> None:
    texts = [JournalText(host="elsewhere").start().metrics({"x": 1.0}, 0) for _ in range(10_000)]
    for text in texts:
        text.write(project)
    store = Store(project)
    with store.reading() as db:
        assert db.execute("SELECT count(*), min(status), max(status) FROM runs").fetchall() == [
            (10_000, "running", "running")
        ]
    texts[7].metrics({"x": 2.0}, 1, START_US + 100_000_000).write(project)
    clock.advance(150)
    with store.reading() as db:
        assert db.execute("SELECT count(*) FROM metrics").fetchall() == [(10_001,)]
        assert db.execute("SELECT status, count(*) FROM runs GROUP BY ALL ORDER BY ALL").fetchall() == [
            ("running", 1), ("stale", 9_999),
        ]  # fmt: skip
        assert_summaries_recompute(db)
    assert store.ingest().journals == 0


def test_an_edit_and_its_undoing_in_two_journals_are_ordered_by_time(project: Project, clock: FakeClock) -> None:
    uid = log_run(project)
    clock.advance(10)
    edit(project, uid, "note", "second")
    clock.advance(-5)
    edit(project, uid, "note", "first")
    with Store(project).reading() as db:
        assert db.execute("SELECT note FROM runs").fetchall() == [("second",)]
