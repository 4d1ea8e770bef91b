"""Letting images run under a name, one in the place of the other, and stopping them."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from tests.conftest import FakeClock
from tests.packaging.yards import Yard
from workbench.base.errors import (
    InputError,
    NotFoundError,
    RefusedError,
    StartFailedError,
    StillReferencedError,
    StoreBusyError,
    StoreError,
)
from workbench.base.project import create_project
from workbench.packaging import running
from workbench.packaging.deployments import read_deployments
from workbench.packaging.running import check_allowed, default_name, parse_memory
from workbench.packaging.switching import KEPT, only_one
from workbench.registry import approvals, versions
from workbench.registry.holds import check_free


def test_an_image_runs_hardened_for_this_machine_alone(yard: Yard) -> None:
    outcome = yard.run("fraud/1")
    made = yard.docker.made[outcome.container.id]
    host = made["host_config"]
    assert (host["read_only"], host["cap_drop"], host["security_opt"]) == (True, ["ALL"], ["no-new-privileges"])
    assert (host["pids_limit"], host["network_mode"]) == (128, "bridge")
    assert host["port_bindings"] == {8080: ("127.0.0.1", yard.port)}
    assert host["restart_policy"] == {"Name": "unless-stopped"}
    assert host["mem_limit"] == 400_000_000, "twice what the smoke test needed"
    assert made["user"].split(":")[0] not in ("0", "root", "")
    assert made["environment"]["WORKBENCH_SERVING_HOST"] == "0.0.0.0"
    [mount] = host["mounts"]
    assert mount["Source"] == os.path.join(yard.project.folder, "predictions", "fraud")
    assert os.path.isdir(mount["Source"])


def test_its_labels_say_everything(yard: Yard) -> None:
    container = yard.run("fraud/2", name="shop").container
    labels = yard.docker.made[container.id]["labels"]
    ours = {key.removeprefix("io.workbench."): value for key, value in labels.items()}
    assert ours["role"] == "deployment" and ours["store"] == yard.project.store_id
    assert (ours["deployment"], ours["sequence"], ours["image"], ours["number"]) == ("shop", "1", "fraud:2", "2")
    assert ours["version_id"] == yard.image("fraud/2").version
    assert container.settings.port == yard.port


def test_another_version_takes_the_place_and_the_address_and_the_one_before_is_kept(yard: Yard) -> None:
    first = yard.run("fraud/1", memory_bytes=123_000_000, cpus=0.5)
    second = yard.run("fraud/2", port=None)
    assert second.replaced is not None and second.replaced.shown == "fraud/1"
    assert yard.running() == [2]
    assert second.container.settings == first.container.settings
    kept = yard.deployment().of_sequence(1)
    assert kept is not None and not kept.is_running and not kept.meant_to_run


def test_the_old_one_is_stopped_before_the_new_one_is_started(yard: Yard) -> None:
    yard.run("fraud/1")
    yard.docker.live_on()
    yard.run("fraud/2")
    assert yard.docker.changes == ["create", "update no", "stop", "start"]


def test_the_same_again_changes_nothing(yard: Yard) -> None:
    yard.run("fraud/1")
    yard.docker.live_on()
    outcome = yard.run("fraud:1", port=None)
    assert outcome.as_before and not yard.docker.changes
    assert len(yard.deeds()) == 1


def test_one_that_is_not_ready_makes_way_for_the_one_before(yard: Yard) -> None:
    yard.run("fraud/1")
    yard.docker.slow.add(yard.image("fraud/2").image_id)
    with pytest.raises(StartFailedError, match=r"fraud/2 is not ready after 0 s; fraud/1 was started again") as caught:
        yard.run("fraud/2")
    assert caught.value.exit_code == 6
    assert caught.value.output == ("first line", "last line")
    assert caught.value.hint == "wait longer: --wait S"
    assert yard.running() == [1] and len(yard.deployment().containers) == 1
    assert yard.deployment().status == "healthy"


def test_one_that_ends_is_not_waited_for(yard: Yard) -> None:
    yard.docker.failing.add(yard.image("fraud/1").image_id)
    with pytest.raises(StartFailedError, match="fraud/1 ended with status 1 before it was ready"):
        yard.run("fraud/1", wait_s=1000.0)
    assert read_deployments(yard.engine, yard.project) == [], "the first one leaves nothing behind"


def test_one_that_is_killed_while_it_is_waited_for_has_failed(yard: Yard) -> None:
    yard.run("fraud/1")
    yard.docker.slow.add(yard.image("fraud/2").image_id)
    yard.docker.while_waiting = lambda container: yard.docker.end(container, 137)
    with pytest.raises(StartFailedError, match="ended with status 137") as caught:
        yard.run("fraud/2", wait_s=1000.0)
    assert "killed from outside" in str(caught.value.hint)
    assert yard.running() == [1]


def test_one_that_is_removed_while_it_is_waited_for_has_failed(yard: Yard) -> None:
    yard.run("fraud/1")
    yard.docker.slow.add(yard.image("fraud/2").image_id)

    def remove(container: str) -> None:
        del yard.docker.containers_by_id[container]

    yard.docker.while_waiting = remove
    with pytest.raises(StartFailedError, match="was removed while it started; fraud/1 was started again"):
        yard.run("fraud/2", wait_s=1000.0)
    assert yard.running() == [1]


def test_where_the_one_before_is_gone_as_well_the_error_says_both(yard: Yard) -> None:
    yard.run("fraud/1")
    yard.docker.slow.add(yard.image("fraud/2").image_id)
    yard.docker.while_waiting = lambda container: yard.docker.containers_by_id.clear()
    with pytest.raises(StartFailedError, match="fraud/1 could not be started again: its container is gone"):
        yard.run("fraud/2", wait_s=1000.0)


def test_ctrl_c_brings_back_the_one_before_and_says_so(yard: Yard) -> None:
    yard.run("fraud/1")
    yard.docker.slow.add(yard.image("fraud/2").image_id)

    def press(container: str) -> None:
        yard.docker.while_waiting = lambda container: None
        raise KeyboardInterrupt

    yard.docker.while_waiting = press
    with pytest.raises(KeyboardInterrupt) as caught:
        yard.run("fraud/2", wait_s=1000.0)
    assert caught.value.args == ("fraud/1 was started again",)
    assert yard.running() == [1]


def test_what_was_stopped_by_hand_stays_stopped_where_the_next_one_fails(yard: Yard) -> None:
    yard.run("fraud/1")
    yard.stop()
    yard.docker.failing.add(yard.image("fraud/2").image_id)
    with pytest.raises(StartFailedError):
        yard.run("fraud/2")
    assert yard.running() == []


def test_a_rejected_version_needs_a_reason_that_is_recorded(yard: Yard) -> None:
    yard.registry.do(approvals.request, "fraud", 2, "please")
    yard.registry.do(approvals.reject, "fraud", 2, "worse")
    with pytest.raises(RefusedError, match="fraud/2 is rejected") as caught:
        yard.run("fraud/2")
    assert caught.value.exit_code == 4 and "--force" in str(caught.value.hint)
    with pytest.raises(InputError, match="a reason"):
        yard.run("fraud/2", force=" ")
    yard.run("fraud/2", force="to measure it")
    [fields] = yard.registry.ask(
        lambda db: db.execute("SELECT body->'$.evidence' FROM governance WHERE action = 'deploy'").fetchall()
    )
    assert '"forced":"to measure it"' in fields[0].replace('": "', '":"')


def test_an_image_that_docker_no_longer_has_says_how_to_build_it(yard: Yard) -> None:
    yard.docker.images.clear()
    with pytest.raises(NotFoundError, match="no longer has the image fraud:1") as caught:
        yard.run("fraud/1")
    assert caught.value.hint == "workbench package build fraud/1"


def test_a_version_without_an_image_says_how_to_build_it(yard: Yard) -> None:
    yard.registry.do(versions.register, "fraud", source="runs:/x/model", run="x" * 32)
    with pytest.raises(NotFoundError, match="fraud/5 has no image") as caught:
        yard.run("fraud/5")
    assert caught.value.hint == "workbench package build fraud/5"


def test_a_port_that_another_deployment_has_is_refused_before_anything_is_stopped(yard: Yard) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port = listening.getsockname()[1]
        yard.run("fraud/1")
        yard.docker.live_on()
        with pytest.raises(RefusedError, match=rf"port {port} is taken by PID {os.getpid()} ") as caught:
            yard.run("fraud/2", port=port)
    assert caught.value.hint == f"--port {port + 1}, or any that is free"
    assert yard.docker.changes == [] and yard.running() == [1]


def test_a_port_that_docker_has_given_away_is_refused_by_name(yard: Yard) -> None:
    yard.run("fraud/1")
    with pytest.raises(RefusedError, match=r"taken by the deployment fraud \(fraud:1\)"):
        yard.run("fraud/2", name="other")
    assert yard.running() == [1]
    assert [one.name for one in read_deployments(yard.engine, yard.project)] == ["fraud"]


def test_two_projects_may_have_deployments_of_one_name(yard: Yard, tmp_path: Path, clock: FakeClock) -> None:
    other = Yard.open(create_project(str(tmp_path / "other")), clock)
    other.docker = yard.docker
    yard.run("fraud/1")
    other.run("fraud/2", port=other.port)
    assert (yard.running(), other.running()) == ([1], [2])
    other.stop(remove=True)
    assert yard.running() == [1]
    other.registry.close()


def test_another_process_that_changes_a_deployment_is_not_disturbed(yard: Yard) -> None:
    with only_one(yard.project, "fraud"), pytest.raises(StoreBusyError, match="fraud is being changed by PID"):
        yard.run("fraud/1")


def test_public_and_the_token_stay_until_something_else_is_said(yard: Yard, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("secret")
    token.chmod(0o644)
    yard.run("fraud/1", public=True, token_file=str(token))
    second = yard.run("fraud/2")
    host = yard.docker.made[second.container.id]["host_config"]
    assert host["port_bindings"][8080][0] == "0.0.0.0"
    assert [mount["Source"] for mount in host["mounts"]][1:] == [str(token)]
    assert yard.docker.made[second.container.id]["environment"]["WORKBENCH_SERVING_TOKEN_FILE"]
    assert "secret" not in str(yard.docker.made)
    third = yard.run("fraud/2", public=False, token_file="")
    assert third.container.settings.address[0] == "127.0.0.1" and not third.container.settings.token_file


def test_a_token_that_cannot_be_read_is_refused(yard: Yard, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        yard.run("fraud/1", token_file=str(tmp_path / "none"))


def test_memory_that_was_measured_is_that_of_the_new_image(yard: Yard) -> None:
    yard.run("fraud/1")
    yard.add_image("fraud", 2, yard.image("fraud/2").version, smoke={"memory_bytes": 10})
    assert yard.run("fraud/2").container.settings.memory_bytes == running.SMALLEST_MEMORY_BYTES


def test_folders_of_an_engine_elsewhere_are_volumes(yard: Yard) -> None:
    yard.docker.base_url = "http://there:2375"
    outcome = yard.run("fraud/1", port=None)
    assert outcome.container.settings.volume == f"workbench-predictions-fraud-{yard.project.store_id[:8]}"
    assert not outcome.container.settings.log_dir and outcome.container.settings.port == 8080
    assert [path for path, _ in yard.docker.put] == ["/var/log/workbench"]
    with pytest.raises(InputError, match="not those of the engine"):
        yard.run("fraud/1", name="other", log_dir="here")


def test_an_engine_that_maps_users_gets_a_volume(yard: Yard) -> None:
    yard.docker.security = ["name=rootless"]
    assert yard.run("fraud/1").container.settings.volume


def test_only_the_last_few_are_kept_and_the_others_hold_nothing(yard: Yard) -> None:
    for number in (1, 2, 3, 4, 1, 2):
        yard.run(f"fraud/{number}")
    stopped = [one for one in yard.deployment().containers if not one.is_running]
    assert [one.sequence for one in stopped] == [3, 4, 5] and len(stopped) == KEPT
    assert [record.deleted for record in yard.records()] == [True, True, False, False, False, False]


def test_a_deployment_holds_its_version_until_it_is_removed(yard: Yard) -> None:
    yard.run("fraud/1")
    version = yard.registry.ask(versions.get, "fraud", 1)
    yard.stop()
    with pytest.raises(StillReferencedError, match="the deployment fraud serves fraud/1") as caught:
        yard.registry.ask(check_free, version)
    assert "workbench package stop fraud --remove" in str(caught.value.hint)
    yard.stop(remove=True)
    with pytest.raises(StillReferencedError) as caught:
        yard.registry.ask(check_free, version)
    assert "deployment" not in str(caught.value)


def test_stopping_keeps_the_container_and_running_again_starts_it(yard: Yard) -> None:
    first = yard.run("fraud/1")
    [stopped] = yard.stop(reason="lunch")
    assert stopped.is_running and yard.deployment().status == "stopped"
    again = yard.run("fraud/1")
    assert again.container.id == first.container.id and again.is_warm and not again.as_before
    assert [(action, reason) for action, _, reason in yard.deeds()] == [
        ("deploy", None), ("stop", "lunch"), ("deploy", None),
    ]  # fmt: skip


def test_removing_leaves_the_prediction_log(yard: Yard) -> None:
    yard.run("fraud/1")
    log = Path(yard.project.folder, "predictions", "fraud")
    yard.stop(remove=True)
    assert log.is_dir() and not yard.docker.containers_by_id
    with pytest.raises(NotFoundError, match="no deployment is called fraud"):
        yard.stop()


def test_what_an_engine_that_is_gone_had_can_be_forgotten(yard: Yard) -> None:
    yard.run("fraud/1")
    yard.docker.containers_by_id.clear()
    yard.docker.engine_id = "ANOTHER"
    assert [record.deleted for record in yard.records()] == [False]
    yard.stop(remove=True)
    assert [record.deleted for record in yard.records()] == [True]


def test_an_unknown_name_says_what_is_called_nearly_so(yard: Yard) -> None:
    yard.run("fraud/1", name="checkout")
    with pytest.raises(NotFoundError) as caught:
        yard.stop("chekout")
    assert caught.value.hint == "did you mean checkout?"


def test_a_store_that_cannot_be_written_does_not_stop_a_deployment(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(running, "record_all", full)
    outcome = yard.run("fraud/1")
    assert yard.running() == [1] and "not recorded yet" in outcome.notes[0]


@pytest.mark.parametrize("name", ["", "a b", "../x", "-x", "x" * 64, "ä"])
def test_a_name_that_docker_does_not_take_is_refused(yard: Yard, name: str) -> None:
    with pytest.raises(InputError, match="is no name of a deployment"):
        yard.run("fraud/1", name=name or " ")


@pytest.mark.parametrize(
    ("model", "name"), [("fraud", "fraud"), ("Fraud Detection", "fraud-detection"), ("ÄÖ", "model")]
)
def test_the_usual_name_is_the_models(model: str, name: str) -> None:
    assert default_name(model) == name


@pytest.mark.parametrize(
    ("text", "size_bytes"),
    [("512m", 512 * 1024**2), ("1.5g", 3 * 1024**3 // 2), ("1GiB", 1024**3), ("9000000", 9_000_000)],
)
def test_memory_is_written_as_docker_writes_it(text: str, size_bytes: int) -> None:
    assert parse_memory(text) == size_bytes


@pytest.mark.parametrize("text", ["", "m", "5x", "-1m", "1m", "0"])
def test_memory_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="no size of a memory"):
        parse_memory(text)


@pytest.mark.parametrize(
    ("options", "message"), [({"port": 0}, "no port"), ({"port": 65536}, "no port"), ({"cpus": 0.0}, "processors")]
)
def test_options_that_cannot_be_are_refused(yard: Yard, options: dict[str, float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        yard.run("fraud/1", **options)
    assert not yard.docker.changes


def test_the_model_of_a_run_may_run_whatever_was_decided_elsewhere(yard: Yard) -> None:
    yard.add_image("brave-otter", None, "")
    outcome = yard.run("brave-otter:run")
    assert outcome.name == "brave-otter" and outcome.container.shown == "brave-otter:run"
    yard.registry.ask(check_allowed, yard.image("brave-otter:run"))
