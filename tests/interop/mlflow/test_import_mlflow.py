"""What an MLflow store holds arrives as it was, once, whatever is done to the import."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.interop.mlflow.sources import END_MS, START_MS, Sample
from workbench.base.errors import NotFoundError
from workbench.base.project import Project, create_project
from workbench.interop.bundle.writing import write_bundle
from workbench.interop.mlflow.importing.importer import ImportReport, import_mlflow
from workbench.journal.reader import read_journal
from workbench.registry.queries import model_named
from workbench.registry.verification import verify as verify_audit
from workbench.store import edits
from workbench.store.blobs import BlobStore
from workbench.store.documents import run_documents
from workbench.store.entities import read_entities
from workbench.store.maintenance import verify
from workbench.store.store import Store
from workbench.store.visit import visit

pytestmark = [pytest.mark.filterwarnings("default"), pytest.mark.interop]


def documents(project: Project) -> dict[str, dict[str, Any]]:
    with visit(project) as db:
        ids = [row[0] for row in db.execute("SELECT uid FROM run").fetchall()]
        return {document["run_id"]: document for document in run_documents(db, ids)}


def points(project: Project, run_id: str) -> Counter[tuple[str, str, int, int]]:
    query = (
        "SELECT m.name, value::VARCHAR, step, epoch_ms(ts) FROM metric JOIN metric_key m USING (key_id) "
        "JOIN run_key k USING (run_id) WHERE k.uid = ?"
    )
    with visit(project) as db:
        return Counter(db.execute(query, [run_id]).fetchall())


def bundle(project: Project, name: str) -> bytes:
    path = Path(project.root) / name
    with Store(project) as store:
        write_bundle(store, str(path), None)
    return path.read_bytes()


def entities(project: Project, kind: str) -> dict[str, dict[str, Any]]:
    with visit(project) as db:
        return read_entities(db, kind)


@pytest.fixture(params=["sqlite", "files"])
def sample(request: pytest.FixtureRequest) -> Sample:
    """Either kind of store."""
    found = request.getfixturevalue(f"{request.param}_sample")
    assert isinstance(found, Sample)
    return found


def test_everything_arrives_as_it_was(sample: Sample, project: Project) -> None:
    report = import_mlflow(project, sample.place)
    assert report.tally.warnings == []
    assert not [note for note in report.notes if "no folder" not in note]
    assert (report.tally.new_runs, report.experiments, report.logged_models) == (5, 3, 1)
    assert (report.registered_models, report.versions, report.left_out_runs) == (2, 2, 0)
    found = documents(project)
    run = found[sample.run]
    assert (run["name"], run["experiment"], run["status"], run["note"]) == ("brave", "fraud", "failed", "hello")
    assert run["started_at"] == "2023-11-14T22:13:20.123000Z" and run["ended_at"] == "2023-11-14T22:13:29.999000Z"
    assert run["params"] == {"lr": "0.10", "dir/x": "", "flag": "True", "ümlaut": "ß\t\n"}
    assert run["tags"] == {"kind": "baseline"}
    [data] = run["datasets"]
    assert (data["name"], data["digest"], data["format"]) == ("train", "abc123", "local")
    assert (data["schema"], data["profile"]) == ('{"a": 1}', '{"n": 3}')
    assert data["input_tags"] == {"mlflow.data.context": "training"}
    assert [file["path"] for file in run["artifacts"]] == [
        f"models/{sample.model}/MLmodel",
        f"models/{sample.model}/sub/weights.bin",
        "plots/roc.txt",
        "roc.txt",
    ]
    with BlobStore(project).open(run["artifacts"][3]["sha256"]) as content:
        assert content.read() == b"curve\n"
    child = found[sample.child]
    assert (child["parent_run_id"], child["status"]) == (sample.run, "stale")
    assert found[sample.deleted]["deleted"] and not run["deleted"]
    assert (found[sample.loose]["experiment"], found[sample.loose]["status"]) == ("default", "finished")
    with Store(project) as store:
        assert verify(store).problems == []


def test_every_point_arrives_once(sample: Sample, project: Project) -> None:
    import_mlflow(project, sample.place)
    largest = "1.7976931348623157e+308" if sample.uri.startswith("sqlite") else "inf"
    expected = Counter(
        [("loss", repr(1 / (step + 3)), step, START_MS + step) for step in range(5)]
        + [
            ("loss", "0.5", 1, START_MS + 1),
            ("bad", "nan", 0, START_MS),
            ("inf", largest, 0, START_MS),
            ("down", f"-{largest}", 0, START_MS),
            ("deep/name with space", "-0.0", -3, START_MS),
        ]
    )
    found = points(project, sample.run)
    assert {(name, float(value) if value != "nan" else value, *rest) for name, value, *rest in found} == {
        (name, float(value) if value != "nan" else value, *rest) for name, value, *rest in expected
    }
    assert found.total() == expected.total()


def test_models_and_the_registry_arrive(sample: Sample, project: Project) -> None:
    import_mlflow(project, sample.place)
    [(model_id, model)] = entities(project, "logged_model").items()
    assert model_id == sample.model and (model["name"], model["run"], model["status"]) == (
        "forest",
        sample.run,
        "READY",
    )
    assert (model["type"], model["param:depth"], model["tag:by"]) == ("classifier", "3", "ada")
    assert model["file:sub/weights.bin"]["size"] == 256
    [metric] = [value for name, value in model.items() if name.startswith("metric:")]
    assert (metric["name"], metric["value"], metric["step"], metric["run"]) == ("auc", 0.9, 2, sample.child)
    assert entities(project, "run_models") == {
        sample.child: {f"input:{sample.model}": {}},
        sample.run: {f"output:{sample.model}": {"step": 3}},
    }
    with visit(project) as db:
        registered = model_named(db, "fraud-model")
    assert registered is not None and registered.description == "who cheats"
    assert registered.aliases == {"champion": 1} and registered.tags == {"a": "b"}
    versions = sorted(entities(project, "version").values(), key=lambda version: version["number"])
    assert [(v["number"], v["stage"], v["run"]) for v in versions] == [
        (1, "Production", sample.run),
        (2, "None", sample.run),
    ]
    assert (versions[0]["model_id"], versions[0]["description"], versions[0]["tag:vt"]) == (sample.model, "first", "1")


def test_experiments_keep_their_ids_where_these_are_free(sqlite_sample: Sample, project: Project) -> None:
    import_mlflow(project, sqlite_sample.place)
    found = entities(project, "experiment")
    assert {key: fields.get("name") for key, fields in found.items()} == {"0": None, "1": "fraud", "2": "gone"}
    assert found["1"]["tag:team"] == "risk" and found["2"]["deleted"] and "deleted" not in found["1"]
    assert found["1"]["artifact_location"].endswith("files of it/fraud")


def test_an_id_that_is_taken_gives_way(sqlite_sample: Sample, files_sample: Sample, project: Project) -> None:
    other = fill_other(Path(project.root))
    import_mlflow(project, other)
    report = import_mlflow(project, sqlite_sample.place)
    names = {fields.get("name"): key for key, fields in entities(project, "experiment").items()}
    assert names["other"] == "1" and names["fraud"] not in ("1", None)
    assert any("fraud has the id" in note for note in report.notes)
    assert import_mlflow(project, sqlite_sample.place).changed is False


def fill_other(folder: Path) -> str:
    """A second database, whose experiment 1 is another one."""
    from tests.interop.mlflow.sources import client_of

    path = folder / "other.db"
    client_of(f"sqlite:///{path}").create_experiment("other")
    return f"sqlite:///{path}"


def test_twice_is_once_byte_for_byte(sample: Sample, project: Project) -> None:
    import_mlflow(project, sample.place)
    before = bundle(project, "before.tar")
    journals = sorted(os.listdir(Path(project.journal_dir) / "sealed"))
    report = import_mlflow(project, sample.place)
    assert not report.changed and report.tally.unchanged_runs == 5
    assert bundle(project, "after.tar") == before
    assert sorted(os.listdir(Path(project.journal_dir) / "sealed")) == journals
    assert verify_audit(project).findings == [] and verify_audit(project).events == 1


def test_two_projects_make_the_same_journals(sample: Sample, tmp_path: Path) -> None:
    names = []
    for name in ("one", "two"):
        project = create_project(str(tmp_path / name))
        import_mlflow(project, sample.place)
        folder = Path(project.journal_dir) / "sealed"
        imported = [path.name for path in folder.iterdir() if read_journal(str(path)).events[0]["role"] == "import"]
        names.append(sorted(imported))
    assert names[0] == names[1] and len(names[0]) == 7


def test_what_has_grown_is_brought_up_to_date(sample: Sample, project: Project, tmp_path: Path) -> None:
    import_mlflow(project, sample.place)
    client = sample.client()
    client.log_metric(sample.child, "auc", 0.95, timestamp=START_MS + 7, step=3)
    client.log_metric(sample.child, "fresh", 1.5, timestamp=START_MS + 8, step=0)
    client.log_metric(sample.child, "auc", 0.1, timestamp=START_MS + 9, step=1)  # before the last step
    client.log_param(sample.child, "late", "1")
    client.set_tag(sample.run, "kind", "changed")
    client.delete_tag(sample.child, "mlflow.parentRunId")
    extra = tmp_path / "extra.txt"
    extra.write_text("more")
    client.log_artifact(sample.child, str(extra))
    client.set_terminated(sample.child, "FINISHED", end_time=END_MS + 5)
    client.restore_run(sample.deleted)
    client.set_registered_model_alias("fraud-model", "next", "2")
    before = points(project, sample.child)
    report = import_mlflow(project, sample.place)
    assert (report.tally.new_runs, report.tally.updated_runs, report.tally.points) == (0, 3, 3)
    found = documents(project)
    child = found[sample.child]
    assert (child["status"], child["params"], child["ended_at"]) == (
        "finished",
        {"late": "1"},
        "2023-11-14T22:13:30.004000Z",
    )
    assert [file["path"] for file in child["artifacts"]] == ["extra.txt"]
    assert found[sample.run]["tags"] == {"kind": "changed"} and not found[sample.deleted]["deleted"]
    assert (points(project, sample.child) - before).total() == 3
    assert [fields.get("alias:next") for fields in entities(project, "model").values() if "alias:next" in fields] == [2]
    again = import_mlflow(project, sample.place)
    assert not again.changed


def test_a_run_that_goes_on_again_has_not_ended(sqlite_sample: Sample, project: Project) -> None:
    import_mlflow(project, sqlite_sample.place)
    client = sqlite_sample.client()
    client.update_run(sqlite_sample.loose, status="RUNNING")
    import_mlflow(project, sqlite_sample.place)
    assert documents(project)[sqlite_sample.loose]["status"] == "stale"
    assert not import_mlflow(project, sqlite_sample.place).changed
    client.set_terminated(sqlite_sample.loose, "KILLED")
    import_mlflow(project, sqlite_sample.place)
    assert documents(project)[sqlite_sample.loose]["status"] == "killed"
    assert not import_mlflow(project, sqlite_sample.place).changed


def test_what_was_edited_here_stays(sample: Sample, project: Project) -> None:
    import_mlflow(project, sample.place)
    edits.set_note(project, sample.run, "mine")
    edits.set_tag(project, sample.run, "kind", "ours")
    edits.move(project, sample.run, "elsewhere")
    report = import_mlflow(project, sample.place)
    assert not report.changed and report.tally.kept == 3
    run = documents(project)[sample.run]
    assert (run["note"], run["tags"]["kind"], run["experiment"]) == ("mine", "ours", "elsewhere")


def test_a_purged_run_stays_gone(sqlite_sample: Sample, project: Project) -> None:
    from workbench.store.purge import plan_purge, purge

    import_mlflow(project, sqlite_sample.place)
    with Store(project) as store:
        purge(store, plan_purge(store, [sqlite_sample.deleted]))
    report = import_mlflow(project, sqlite_sample.place)
    assert not report.changed and report.left_out_runs == 1
    assert "runs that were purged here stay so: 1" in report.notes


def test_one_experiment_alone(sample: Sample, project: Project) -> None:
    report = import_mlflow(project, sample.place, experiments=["default"])
    assert report.tally.new_runs == 1 and set(documents(project)) == {sample.loose}
    assert (report.registered_models, report.logged_models) == (0, 0)
    import_mlflow(project, sample.place, experiments=["fraud"])
    assert sample.run in documents(project) and entities(project, "version")
    with pytest.raises(NotFoundError, match="no experiment frud") as caught:
        import_mlflow(project, sample.place, experiments=["frud"])
    assert caught.value.hint == "did you mean fraud?"


def test_a_dry_run_says_it_and_writes_nothing(sample: Sample, project: Project) -> None:
    planned = import_mlflow(project, sample.place, dry_run=True)
    assert documents(project) == {} and entities(project, "experiment") == {}
    done = import_mlflow(project, sample.place)
    assert counted(planned) == counted(done)
    sample.client().log_metric(sample.child, "auc", 0.95, step=3)
    again = import_mlflow(project, sample.place, dry_run=True)
    assert (again.tally.updated_runs, again.tally.points) == (1, 1)
    assert counted(import_mlflow(project, sample.place)) == counted(again)


def counted(report: ImportReport) -> object:
    return {name: value for name, value in report.document().items() if name != "dry_run"}


def test_files_can_stay_where_they_are(sample: Sample, project: Project) -> None:
    report = import_mlflow(project, sample.place, artifacts=False)
    assert report.tally.artifacts == 0 and documents(project)[sample.run]["artifacts"] == []
    assert import_mlflow(project, sample.place).tally.artifacts == 4
    assert not import_mlflow(project, sample.place).changed


def test_a_packed_and_rebuilt_store_knows_what_it_has(sample: Sample, project: Project) -> None:
    from workbench.store.pack import pack

    import_mlflow(project, sample.place)
    before = bundle(project, "before.tar")
    assert pack(project, older_than_days=-1).journals
    with Store(project) as store:
        store.rebuild()
    assert not import_mlflow(project, sample.place).changed
    assert bundle(project, "after.tar") == before


KILLED = """
import os, signal, sys
from workbench.base.project import Project
from workbench.interop.intake import sealed
from workbench.interop.mlflow.importing import importer
calls, when, place = int(sys.argv[3]), sys.argv[4], os.rename
def rename(source, target):
    global calls
    calls -= 1
    if calls == 0 and when == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    place(source, target)
    if calls == 0:
        os.kill(os.getpid(), signal.SIGKILL)
sealed.os.rename = rename
importer.import_mlflow(Project(sys.argv[1]), sys.argv[2])
"""


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_kill_at_any_journal_is_made_good(sample: Sample, project: Project, tmp_path: Path, when: str) -> None:
    whole = create_project(str(tmp_path / "whole"))
    import_mlflow(whole, sample.place)
    expected = bundle(whole, "whole.tar")
    for number in range(1, 8):  # experiments, five runs, models
        command = [sys.executable, "-c", KILLED, project.root, sample.place, str(number), when]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode in (-signal.SIGKILL, 0), done.stderr
        half = [run for run in documents(project).values() if run["run_id"] == sample.run and len(run["params"]) != 4]
        assert not half
    import_mlflow(project, sample.place)
    assert bundle(project, "mended.tar") == expected
    assert verify_audit(project).findings == []
    assert not [name for name in os.listdir(Path(project.journal_dir) / "sealed") if name.startswith(".")]


def test_a_large_import_by_several_processes_survives_a_kill(project: Project, tmp_path: Path) -> None:
    from tests.interop.mlflow.many_runs import insert_runs

    path = tmp_path / "many.db"
    insert_runs(path, runs=120, metrics=4, points=50)
    code = (
        "import sys\n"
        "from workbench.base.project import Project\n"
        "from workbench.interop.mlflow.importing import importer\n"
        "importer._WORTH_PROCESSES_POINTS = 1\n"
        "if __name__ == '__main__':\n"
        "    importer.import_mlflow(Project(sys.argv[1]), sys.argv[2])\n"
    )
    program = tmp_path / "run_import.py"
    program.write_text(code)
    command = [sys.executable, str(program), project.root, f"sqlite:///{path}"]
    sealed = Path(project.journal_dir) / "sealed"
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while len(list(sealed.glob("*.wbj"))) < 30 and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    process.kill()
    process.wait()
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    found = documents(project)
    assert len(found) == 120
    with visit(project) as db:
        assert db.execute("SELECT count(*), count(DISTINCT run_id) FROM metric").fetchall() == [(120 * 200, 120)]
    report = import_mlflow(project, f"sqlite:///{path}")
    assert not report.changed and report.tally.unchanged_runs == 120
