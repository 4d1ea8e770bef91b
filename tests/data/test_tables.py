from __future__ import annotations

import gzip
import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.base.errors import InputError
from workbench.data.tables import Source, open_source, read


def file(name: str, content: str | bytes) -> str:
    """Write a file and return its path."""
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return name


def rows(paths: Any, **options: Any) -> dict[str, list[Any]]:
    """The columns of a table."""
    return read(paths, lambda source: source.frame.collect().to_dict(as_series=False), **options)


def notes(paths: Any, **options: Any) -> str:
    """What was said about it."""
    return "\n".join(open_source(paths, **options).notes)


def arrow_stream(frame: pl.DataFrame) -> bytes:
    """The frame as a stream of Arrow messages."""
    frame.write_ipc_stream("stream")
    return Path("stream").read_bytes()


@pytest.mark.parametrize("suffix", ["csv", "tsv", "parquet", "jsonl", "json", "arrow", "feather", "csv.gz", "jsonl.gz"])
def test_every_format_gives_the_same_table(suffix: str) -> None:
    frame = pl.DataFrame({"a": [1, 2], "b": ["x", None]})
    name = f"t.{suffix}"
    plain = suffix.removesuffix(".gz")
    writers: dict[str, Any] = {
        "csv": lambda: frame.write_csv(),
        "tsv": lambda: frame.write_csv(separator="\t"),
        "jsonl": lambda: frame.write_ndjson(),
        "json": lambda: frame.write_json(),
    }
    if plain == "parquet":
        frame.write_parquet(name)
    elif plain in ("arrow", "feather"):
        frame.write_ipc(name)
    else:
        text = writers[plain]().encode()
        file(name, gzip.compress(text) if suffix.endswith(".gz") else text)
    assert rows(name) == {"a": [1, 2], "b": ["x", None]}


def test_an_arrow_stream_is_read_like_an_arrow_file() -> None:
    assert rows(file("s.arrow", arrow_stream(pl.DataFrame({"a": [1]})))) == {"a": [1]}


def test_padded_headers_and_numbers_lose_their_blanks() -> None:
    path = file("p.csv", " a , b \n1, 2\n3, 4.5\n")
    assert rows(path) == {"a": [1, 3], "b": [2.0, 4.5]}
    assert "blanks around them" in notes(path)


def test_columns_of_one_name_get_names_of_their_own() -> None:
    assert rows(file("d.csv", "a, a,\n1,2,3\n")) == {"a": [1], "a_2": [2], "column_3": [3]}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "windows-1252"])
def test_other_encodings_are_recognised(encoding: str) -> None:
    assert rows(file("e.csv", "ä,b\nö,1\n".encode(encoding))) == {"ä": ["ö"], "b": [1]}


def test_an_encoding_can_be_named_and_a_wrong_one_is_told() -> None:
    path = file("e.csv", "b\nж\n".encode("koi8-r"))
    assert rows(path, encoding="koi8-r") == {"b": ["ж"]}
    with pytest.raises(InputError, match="there is no encoding 'nope'"):
        open_source(path, encoding="nope")


def test_other_delimiters_are_recognised_and_said() -> None:
    path = file("s.csv", "a;b\n1;2,5\n")
    assert rows(path) == {"a": [1], "b": ["2,5"]}
    assert "';'" in notes(path)


def test_short_rows_end_in_nulls_and_long_ones_are_cut_with_a_note() -> None:
    path = file("r.csv", "a,b\n1,2\n3\n4,5,6\n7,8\n")
    assert rows(path) == {"a": [1, 3, 4, 7], "b": [2, None, 5, 8]}
    assert "1 rows of r.csv have cells beyond the header" in notes(path)


def test_what_stands_for_no_value_can_be_named() -> None:
    assert rows(file("n.csv", "a\n1\nNA\n"), nulls=["NA"]) == {"a": [1, None]}


def test_a_column_can_be_kept_as_text() -> None:
    assert rows(file("n.csv", "a,b\n007,1\n"), texts=["a"]) == {"a": ["007"], "b": [1]}


@pytest.mark.parametrize("name", ["e.csv", "e.jsonl", "e.parquet", "e.json", "e.arrow"])
def test_an_empty_file_is_told(name: str) -> None:
    with pytest.raises(InputError, match=f"{name} is empty"):
        open_source(file(name, ""))


def test_empty_files_among_others_are_left_out_with_a_note() -> None:
    paths = [file("a.csv", "a\n1\n"), file("b.csv", ""), file("c.csv", "a\n")]
    assert rows(paths) == {"a": [1]}
    assert "empty, left out: b.csv" in notes(paths)


@pytest.mark.parametrize("name", ["t.parquet", "t.arrow"])
def test_a_file_that_is_cut_off_is_told(name: str) -> None:
    frame = pl.DataFrame({"a": range(100)})
    frame.write_parquet(name) if name.endswith("parquet") else frame.write_ipc(name)
    file(name, Path(name).read_bytes()[:-20])
    with pytest.raises(InputError, match=r"is no whole (Parquet|Arrow) file") as raised:
        open_source(name)
    assert raised.value.hint is not None and "still being written" in raised.value.hint


def test_a_compressed_file_that_is_cut_off_is_told() -> None:
    with pytest.raises(InputError, match="is cut off or damaged"):
        open_source(file("t.csv.gz", gzip.compress(b"a,b\n" + b"1,2\n" * 999)[:-9]))


def test_the_torn_last_line_of_a_growing_file_is_left_out() -> None:
    path = file("log.jsonl.part", '{"a":1}\n{"a":2}\n{"a":')
    assert rows(path) == {"a": [1, 2]}
    assert "still being written" in notes(path)
    path = file("log.csv", "a,b\n1,2\n3,4\n5")
    assert rows(path) == {"a": [1, 3], "b": [2, 4]}
    assert "not whole" in notes(path)


def test_a_last_line_without_its_end_is_a_line() -> None:
    assert rows(file("l.jsonl", '{"a":1}\n{"a":2}')) == {"a": [1, 2]}
    assert rows(file("l.csv", "a,b\n1,2\n3,4")) == {"a": [1, 3], "b": [2, 4]}


def test_a_broken_line_of_json_is_named() -> None:
    with pytest.raises(InputError, match="line 2 is 'oops'"):
        open_source(file("b.jsonl", '{"a":1}\noops\n{"a":2}\n'))


def test_mixed_types_in_json_become_text_and_late_keys_are_columns() -> None:
    path = file("m.jsonl", '{"a":1}\n' * 200 + '{"a":"x","z":true}\n')
    found = rows(path)
    assert found["a"][0] == "1" and found["a"][-1] == "x" and found["z"][-1] is True


def test_types_that_differ_between_files_become_one_that_fits_both() -> None:
    paths = [file("a.csv", "k,v\n1,1\n"), file("b.csv", "k,v\n2,x\n"), file("c.csv", "k,v\n3,\n")]
    source = open_source(paths)
    assert rows(paths) == {"k": [1, 2, 3], "v": ["1", "x", None]}
    [conflict] = source.conflicts
    assert str(conflict) == "v is Int64 in a.csv, String in b.csv; it is read as String"


def test_a_column_that_a_file_lacks_is_null_there() -> None:
    pl.DataFrame({"a": [1]}).write_parquet("a.parquet")
    pl.DataFrame({"b": [date(2026, 1, 2)], "a": [2.5]}).write_parquet("b.parquet")
    paths = ["a.parquet", "b.parquet"]
    assert rows(paths) == {"a": [1.0, 2.5], "b": [None, date(2026, 1, 2)]}
    assert "b is missing in a.parquet; it is null there" in notes(paths)


def test_nested_values_beside_texts_become_json() -> None:
    pl.DataFrame({"a": [[1, 2], None]}).write_parquet("a.parquet")
    pl.DataFrame({"a": ["x"]}).write_parquet("b.parquet")
    assert rows(["a.parquet", "b.parquet"]) == {"a": ["[1,2]", None, "x"]}


def test_a_folder_is_read_in_the_order_of_names_without_hidden_and_foreign_files() -> None:
    for name, value in (("d/b.csv", 2), ("d/a.csv", 1), ("d/.hidden.csv", 9), ("d/_x.csv", 9), ("d/sub/c.csv", 3)):
        file(name, f"a\n{value}\n")
    file("d/README.md", "no table")
    assert rows("d") == {"a": [1, 2, 3]}
    assert "README.md" in notes("d")
    assert rows("d/[ab].csv") == {"a": [1, 2]}


def test_folders_named_by_a_key_are_columns_of_parquet() -> None:
    for day in (1, 2):
        Path(f"d/day={day}").mkdir(parents=True)
        pl.DataFrame({"a": [day]}).write_parquet(f"d/day={day}/x.parquet")
    assert rows("d") == {"a": [1, 2], "day": [1, 2]}


def test_files_of_several_formats_are_no_table() -> None:
    with pytest.raises(InputError, match="several formats: csv, jsonl"):
        open_source([file("a.csv", "a\n1\n"), file("b.jsonl", "{}\n")])


def test_content_tells_the_format_where_the_name_does_not() -> None:
    assert rows(file("x", '{"a":1}\n')) == {"a": [1]}
    assert rows(file("y", "a,b\n1,2\n")) == {"a": [1], "b": [2]}
    with pytest.raises(InputError, match="has no known format"):
        open_source(file("z", b"\0\1"))


@pytest.mark.parametrize(("path", "message"), [("no.csv", "there is no file no.csv"), ("no/*.csv", "the pattern")])
def test_a_missing_file_is_told(path: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        open_source(path)


def test_a_type_that_a_sample_promised_in_vain_is_told_from_all_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.data.tables.WHOLE_BYTES", 1000)
    monkeypatch.setattr("workbench.data.csv_tables.WHOLE_BYTES", 1000)
    monkeypatch.setattr("workbench.data.samples.WHOLE_BYTES", 100_000)
    monkeypatch.setattr("workbench.data.tables._MIN_SAMPLE_BYTES", 1000)
    path = file("big.csv", "a\n" + "1\n" * 50_000 + "x\n" + "1\n" * 450_000)
    source = open_source(path)
    assert source.sampled and source.types["a"] == pl.Int64
    seen: list[Source] = []

    def use(one: Source) -> int:
        seen.append(one)
        return int((one.frame.collect()["a"].cast(pl.String) == "x").sum())

    assert read(path, use) == 1
    assert [one.sampled for one in seen] == [True, False]


def test_a_sample_looks_at_the_whole_length_of_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.data.tables.WHOLE_BYTES", 100_000)
    path = file("big.jsonl", '{"a":1}\n' * 50_000 + '{"a":1.5,"late":"x"}\n' * 20_000)
    assert dict(open_source(path).types) == {"a": pl.Float64, "late": pl.String}


def test_a_remote_file_is_fetched_once() -> None:
    fsspec = pytest.importorskip("fsspec")
    memory = fsspec.filesystem("memory")
    memory.pipe("/bucket/a.csv", b"a\n1\n")
    memory.pipe("/bucket/b.csv", b"a\n2\n")
    assert rows("memory://bucket/a.csv") == {"a": [1]}
    assert rows("memory://bucket") == {"a": [1, 2]}
    assert rows("memory://bucket/*.csv") == {"a": [1, 2]}
    with pytest.raises(InputError, match=r"there is nothing at memory://bucket/c\.csv"):
        open_source("memory://bucket/c.csv")


def test_an_address_without_its_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "fsspec", None)
    with pytest.raises(InputError, match="needs the package fsspec") as raised:
        open_source("s3://bucket/a.csv")
    assert raised.value.hint is not None and "remote" in raised.value.hint


def test_a_delta_table_without_its_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    file("d/_delta_log/0.json", "{}")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(InputError, match="which needs the package deltalake"):
        open_source("d")


def test_a_delta_table_is_its_newest_version() -> None:
    pytest.importorskip("deltalake")
    pl.DataFrame({"a": [1]}).write_delta("d")
    pl.DataFrame({"a": [2]}).write_delta("d", mode="overwrite")
    assert rows("d") == {"a": [2]}


CELLS = st.one_of(
    st.none(),
    st.integers(-9, 9),
    st.floats(-9, 9),
    st.booleans(),
    st.sampled_from(["x", "1", "", "2026-01-02"]),
    st.lists(st.integers(0, 3), max_size=2),
    st.dictionaries(st.sampled_from("pq"), st.integers(0, 3), max_size=2),
)
LINES = st.lists(st.dictionaries(st.sampled_from("abc"), CELLS, min_size=1), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(LINES, LINES)
def test_json_of_any_types_is_a_table_with_all_its_rows(one: list[dict[str, Any]], other: list[dict[str, Any]]) -> None:
    paths = []
    for number, lines in enumerate((one, other)):
        paths.append(file(f"h{number}.jsonl", "".join(json.dumps(line) + "\n" for line in lines)))
    found = read(paths, lambda source: source.frame.collect())
    assert found.height == len(one) + len(other)
    assert set(found.columns) == {name for line in one + other for name in line}
    for name in found.columns:
        nulls = [line.get(name) is None for line in one + other]
        assert not [
            n for n, (null, value) in enumerate(zip(nulls, found[name], strict=True)) if null and value is not None
        ]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(*[st.sampled_from(["", "1", "2.5", "x", "true", "2026-01-02", " 7", "NaN", "é"])] * 2), min_size=1
    )
)
def test_csv_in_two_files_keeps_every_cell(cells: list[tuple[str, str]]) -> None:
    half = len(cells) // 2
    paths = [
        file(f"c{number}.csv", "a,b\n" + "".join(f"{a},{b}\n" for a, b in part))
        for number, part in enumerate((cells[:half], cells[half:]))
    ]
    found = read(paths, lambda source: source.frame.collect())
    assert found.height == len(cells)
    for name, values in zip("ab", zip(*cells, strict=True), strict=True):
        assert found[name].null_count() == values.count("")
