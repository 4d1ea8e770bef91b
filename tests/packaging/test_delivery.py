"""From a version to an image that is tested, named and recorded, on an engine in memory."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import Any

import pytest

from tests.packaging.conftest import FakeTrial
from tests.packaging.fakes import PASSED, refused
from tests.packaging.shops import REQUIREMENTS, Shop
from workbench.base.errors import (
    ArtifactNotFoundError,
    BaseImageError,
    BuildFailedError,
    DiskFullError,
    DockerError,
    InputError,
    ModelUnusableError,
    RefusedError,
    SmokeFailedError,
    WorkbenchError,
)
from workbench.packaging.delivery import retest
from workbench.packaging.images import find_image, list_images
from workbench.packaging.plan import checked_tag
from workbench.packaging.trial import Trial
from workbench.registry import models, versions
from workbench.registry.versions import get
from workbench.store.blobs import BlobStore


def fraud_names(shop: Shop) -> list[str]:
    return [name for name in shop.client.names() if name.startswith("fraud")]


def left_behind(shop: Shop) -> list[str]:
    """Images without a name, and containers."""
    nameless = [image_id for image_id, image in shop.client.images_by_id.items() if not image["RepoTags"]]
    return [*nameless, *shop.client.containers_by_id]


def test_a_version_becomes_a_named_tested_recorded_image(shop: Shop, small_packages: Any, trial: Any) -> None:
    done = shop.package(shop.add_version(), smoke=True)
    assert (done.built.tag, done.built.smoke and done.built.smoke.ok) == ("fraud:1", True)
    assert fraud_names(shop) == ["fraud:1"]
    assert shop.client.containers_by_id == {}
    image = shop.registry.ask(find_image, "fraud/1")
    assert (image.name, image.image_id, image.digest) == ("fraud:1", done.built.image_id, done.built.digest)
    assert image.version == shop.registry.ask(get, "fraud", 1).id
    document = done.as_document()
    assert {"image", "image_id", "size", "seconds", "layers_reused", "smoke"} <= document.keys()
    assert document["smoke"]["ok"] is True
    assert document["dropped"] == {"mlflow-skinny": "not needed by the native loader"}


def test_a_model_that_was_trained_again_reuses_all_but_its_own_layer(
    shop: Shop, small_packages: list[str], trial: Any
) -> None:
    first = shop.package(shop.add_version("a"))
    built = len(shop.client.built)
    second = shop.package(shop.add_version("b"))
    assert len(shop.client.built) == built + 1
    assert small_packages == ["resolve", "fetch"]
    assert (first.built.layers_reused, second.built.layers_reused) == (1, 3)  # base, packages, server
    assert first.built.layers[:3] == second.built.layers[:3]
    assert first.built.layers[3] != second.built.layers[3]


def test_equal_inputs_make_equal_images_and_are_recorded_once(shop: Shop, small_packages: Any) -> None:
    source = shop.add_version()
    first, second = shop.package(source), shop.package(source)
    assert first.built.digest == second.built.digest
    assert second.built.layers_reused == 4
    assert len(shop.registry.ask(list_images)) == 1


def test_a_later_smoke_test_is_recorded_with_the_image(shop: Shop, small_packages: Any, trial: Any) -> None:
    source = shop.add_version()
    assert shop.package(source).image.facts["smoke"] is None
    assert shop.package(source, smoke=True).image.facts["smoke"]["ok"] is True
    assert shop.registry.ask(find_image, "fraud:1").facts["smoke"]["ok"] is True


def test_an_image_is_tested_again_and_what_came_of_it_recorded(
    shop: Shop, small_packages: Any, trial: type[FakeTrial], monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.package(shop.add_version(), smoke=True)
    monkeypatch.setattr("workbench.packaging.delivery.TrialProcess", FakeTrial)
    shop.client.answers = [json.dumps({**PASSED, "answer": json.dumps({"predictions": [0, 7]})})]
    _, smoke = retest(shop.engine, shop.project, "fraud/1", shop.registry.visit, shop.governing)
    assert not smoke.ok
    assert shop.registry.ask(find_image, "fraud:1").facts["smoke"]["ok"] is False
    assert fraud_names(shop) == ["fraud:1"]


def test_the_model_of_a_run_is_packaged_under_the_name_of_the_run(shop: Shop, small_packages: Any) -> None:
    shop.add_version("a")
    assert shop.package(shop.source("brave-otter")).built.tag == "brave-otter:aaaaaaaa"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"answer": json.dumps({"predictions": [0, 2]})}, "1 of 2 equal those in this process"),
        ({"status": 500}, "answered with 500"),
        ({"uid": 0}, "uid 0"),
        ({"bad": [["not JSON", 200, False]]}, "0 of 1 are refused"),
        ({"bad": [["not JSON", 400, True]]}, "0 of 1 are refused"),
        ({"modules": [["features", "ImportError: no"]]}, "features: ImportError: no"),
        ({"ready_at": None, "why": "loading"}, "was not ready in time"),
    ],
)
def test_what_fails_the_smoke_test_gets_no_name(
    shop: Shop, small_packages: Any, trial: Any, answer: dict[str, Any], said: str
) -> None:
    shop.client.answers = [json.dumps({**PASSED, **answer})]
    with pytest.raises(SmokeFailedError, match=said):
        shop.package(shop.add_version(), smoke=True)
    assert (fraud_names(shop), left_behind(shop)) == ([], [])
    assert shop.registry.ask(list_images) == []


def test_predictions_that_are_missing_values_fail(shop: Shop, small_packages: Any, trial: type[FakeTrial]) -> None:
    trial.trial = Trial("{}", [0.0, float("nan")])
    shop.client.answers = [json.dumps({**PASSED, "answer": json.dumps({"predictions": [0.0, None]})})]
    with pytest.raises(SmokeFailedError, match="missing values"):
        shop.package(shop.add_version(), smoke=True)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"ExitCode": 137, "OOMKilled": True}, "more memory than it may have"),
        ({"ExitCode": 137}, "was killed while it was tested"),
        ({"ExitCode": 1}, "ended before it was ready"),
    ],
)
def test_a_container_that_ends_in_the_smoke_test_says_why(
    shop: Shop, small_packages: Any, trial: Any, state: dict[str, Any], said: str
) -> None:
    shop.client.answers = ["not a document"]
    shop.client.state, shop.client.said = state, shop.client.said
    with pytest.raises(SmokeFailedError, match=said) as caught:
        shop.package(shop.add_version(), smoke=True)
    assert caught.value.output
    assert left_behind(shop) == []


def test_a_model_that_does_not_load_here_is_not_packaged(
    shop: Shop, small_packages: Any, trial: type[FakeTrial]
) -> None:
    trial.error = ModelUnusableError("the model cannot be used on this machine")
    with pytest.raises(ModelUnusableError):
        shop.package(shop.add_version(), smoke=True)
    assert (fraud_names(shop), left_behind(shop), trial.stopped) == ([], [], 2)


def test_code_of_the_user_that_is_missing_in_the_image_is_named(
    shop: Shop, small_packages: Any, trial: type[FakeTrial]
) -> None:
    trial.trial = replace(trial.trial, modules={"features.py": "/code/features.py"})
    with pytest.raises(InputError, match=r"features\.py") as caught:
        shop.package(shop.add_version(), smoke=True)
    assert caught.value.hint == "--include features.py"


@pytest.mark.parametrize(
    ("event", "kind", "said"),
    [
        ({"error": "write /opt/x: no space left on device"}, DiskFullError, "no space left"),
        ({"error": "exec format error"}, BuildFailedError, "step 3 of 7 failed: exec format error"),
        ({"error": "something else"}, BuildFailedError, "step 3 of 7 failed: something else"),
    ],
)
def test_a_build_that_breaks_names_the_step_and_leaves_nothing(
    shop: Shop, small_packages: Any, event: dict[str, str], kind: type[WorkbenchError], said: str
) -> None:
    source = shop.add_version()
    shop.package(source)
    shop.client.remove_image("fraud:1")
    shop.client.break_build = lambda step: [event] if step == 4 else None
    with pytest.raises(kind, match=said.replace("3 of 7", r"3 of \d+")):
        shop.package(source, tag="fraud:2")
    assert (fraud_names(shop), left_behind(shop)) == ([], [])


def test_an_engine_that_refuses_or_is_full_says_so(
    shop: Shop, small_packages: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = shop.add_version()
    for text, kind in (("no space left on device", DiskFullError), ("driver failed", DockerError)):

        def fail(*_: Any, text: str = text, **__: Any) -> None:
            raise refused(text)

        monkeypatch.setattr(shop.client, "build", fail)
        with pytest.raises(kind):
            shop.package(source)
    assert (fraud_names(shop), left_behind(shop)) == ([], [])


def test_ctrl_c_leaves_no_name_and_no_container(
    shop: Shop, small_packages: Any, trial: type[FakeTrial], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: str) -> bytes:
        raise KeyboardInterrupt

    monkeypatch.setattr(shop.client, "exec_start", interrupted)
    with pytest.raises(KeyboardInterrupt):
        shop.package(shop.add_version(), smoke=True)
    assert (fraud_names(shop), left_behind(shop), trial.stopped) == ([], [], 2)


def test_a_larger_image_than_allowed_is_refused(shop: Shop, small_packages: Any) -> None:
    with pytest.raises(RefusedError, match="may have 1 kB"):
        shop.package(shop.add_version(), max_size_bytes=1000)
    assert (fraud_names(shop), left_behind(shop)) == ([], [])


def test_a_failed_rebuild_keeps_the_image_that_is_there(shop: Shop, small_packages: Any, trial: Any) -> None:
    source = shop.add_version()
    first = shop.package(source)
    shop.client.answers = [json.dumps({**PASSED, "uid": 0})]
    with pytest.raises(SmokeFailedError):
        shop.package(source, smoke=True)
    assert shop.client.inspect_image("fraud:1")["Id"] == first.built.image_id


def test_a_base_that_is_missing_is_named_with_those_that_are_here(shop: Shop, small_packages: Any) -> None:
    source = shop.add_version()
    with pytest.raises(BaseImageError, match=r"python:3\.11-slim is not here and cannot be fetched") as caught:
        shop.package(source, base=None)
    assert "local/python:3.11" in str(caught.value.hint)
    with pytest.raises(BaseImageError, match="--offline fetches nothing"):
        shop.package(source, base="nothing:1", offline=True)


def test_another_python_than_the_models_needs_a_word(shop: Shop, small_packages: Any) -> None:
    shop.client.said = shop.client.said.replace("3.11.2", "3.13.1")
    source = shop.add_version()
    with pytest.raises(BaseImageError, match=r"trained with Python 3\.11\.7, and local/python:3\.11 has 3\.13\.1"):
        shop.package(source)
    assert "another minor version" in shop.package(source, allow_mismatch=True).plan.notes[0]


def test_a_base_without_python_says_so(shop: Shop, small_packages: Any) -> None:
    shop.client.said = "exec: python3: not found"
    with pytest.raises(BaseImageError, match="has no Python that can be started: exec"):
        shop.package(shop.add_version())
    assert shop.client.containers_by_id == {}


def test_an_image_for_another_architecture_is_built_and_not_tested(
    shop: Shop, small_packages: Any, trial: type[FakeTrial]
) -> None:
    shop.client.add_image("arm:1", layers=("sha256:arm",), Architecture="arm64")
    shop.client.said = "exec /usr/bin/python3: exec format error"
    done = shop.package(shop.add_version(), smoke=True, base="arm:1", platform="linux/arm64")
    assert (done.plan.base.machine, done.plan.base.minor, done.built.smoke) == ("aarch64", "3.11", None)
    assert done.plan.base.platform == "aarch64-manylinux_2_28"
    with pytest.raises(BaseImageError, match="for linux/amd64"):
        shop.package(shop.source("fraud/1"), base="arm:1", platform="linux/amd64")


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ("team/fraud", "team/fraud:latest"),
        ("localhost:5000/fraud:v1", "localhost:5000/fraud:v1"),
        ("a_b:C.1", "a_b:C.1"),
    ],
)
def test_names_that_docker_takes(given: str, named: str) -> None:
    assert checked_tag(given) == named


@pytest.mark.parametrize("given", ["Fraud:1", "fraud:", "a..b", "fraud:1:2", "-x", "a b", ""])
def test_names_that_docker_does_not_take(given: str) -> None:
    with pytest.raises(InputError, match="is no name of an image"):
        checked_tag(given)


@pytest.mark.parametrize("name", ["Credit Risk", "a..b", "日本", "_x_", "credit_risk.v2", "ä/b"])
def test_every_model_has_an_image_name_that_docker_takes(shop: Shop, name: str) -> None:
    tag = replace(shop.add_version(), name=name).tag
    assert checked_tag(tag) == tag


def test_a_file_that_is_missing_in_the_store_is_named(shop: Shop, small_packages: Any) -> None:
    source = shop.add_version()
    os.unlink(BlobStore(shop.project).path_of(source.files["model.skops"][0]))
    with pytest.raises(WorkbenchError, match=r"missing|not in the store|gone"):
        shop.package(source)
    assert left_behind(shop) == []


def test_a_version_that_was_registered_from_elsewhere_says_from_where(shop: Shop) -> None:
    shop.registry.do(models.register, "fraud")
    shop.registry.do(versions.register, "fraud", source="s3://bucket/model")
    with pytest.raises(ArtifactNotFoundError, match=r"not in this project; it was registered from s3://bucket/model"):
        shop.source("fraud/1")


def test_a_pickle_needs_a_word(shop: Shop, small_packages: Any) -> None:
    source = shop.add_version("a", model__pkl=b"\x80\x04N.")
    with pytest.raises(RefusedError, match="can run any code"):
        shop.package(source)
    assert shop.package(source, allow_pickle=True).built.tag == "fraud:1"


@pytest.mark.parametrize("content", ["token = ghp_" + "a1B2" * 9, "-----BEGIN RSA PRIVATE KEY-----\n"])
def test_secrets_stay_out(shop: Shop, small_packages: Any, content: str) -> None:
    source = shop.add_version("a", notes__txt=content)
    with pytest.raises(RefusedError, match="secret") as caught:
        shop.package(source)
    assert content[:12] not in caught.value.message
    assert shop.package(source, allow_secrets=True).built.tag == "fraud:1"


def test_requirements_that_cannot_be_pinned_say_so(shop: Shop, small_packages: Any) -> None:
    source = shop.add_version("a", requirements__txt=f"{REQUIREMENTS}\n-e git+https://x/y.git\n")
    with pytest.raises(InputError, match="cannot be pinned by hash"):
        shop.package(source)
    with pytest.raises(InputError, match="does not declare polars"):
        shop.package(shop.add_version("b"), drop=("polars",))
