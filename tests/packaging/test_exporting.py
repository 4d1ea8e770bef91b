"""What is exported, held against the schemas of Compose and Kubernetes and against golden files."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from tests.cli.harness import check_golden
from tests.packaging.yards import Yard
from workbench.base.errors import InputError, RefusedError
from workbench.packaging.exporting import (
    COMPOSE,
    FILES,
    KUBERNETES,
    compose_document,
    export,
    kubernetes_documents,
    target,
)
from workbench.packaging.smoke import HARDENED


def composed(yard: Yard, **options: Any) -> dict[str, Any]:
    return compose_document(target(yard.image("fraud/3"), COMPOSE, **options))


def resources(yard: Yard, reference: str = "fraud/3", **options: Any) -> list[dict[str, Any]]:
    return kubernetes_documents(target(yard.image(reference), KUBERNETES, **options))


@pytest.mark.parametrize("form", [COMPOSE, KUBERNETES])
def test_the_file_is_as_it_was(yard: Yard, tmp_path: Path, form: str) -> None:
    path = Path(export(target(yard.image("fraud/3"), form), form, str(tmp_path / "deploy")))
    assert path.name == FILES[form]
    check_golden(f"package_export_{path.name}", path.read_text())


def test_compose_is_valid_by_the_compose_specification(yard: Yard) -> None:
    import jsonschema  # type: ignore[import-untyped]

    schema = json.loads(files("check_jsonschema.builtin_schemas.vendor").joinpath("compose-spec.json").read_text())
    validator = jsonschema.validators.validator_for(schema)(schema)
    for document in (composed(yard), composed(yard, reference="r.example.org/fraud:3", name="Shop_1", port=9000)):
        assert [error.message for error in validator.iter_errors(document)] == []
    broken = composed(yard)
    broken["services"]["fraud"]["cap_drp"] = ["ALL"]
    assert not validator.is_valid(broken), "a schema that takes anything would prove nothing"


@pytest.mark.parametrize("version", ["1.25", "1.37"])
def test_kubernetes_is_valid_by_its_own_schemas(yard: Yard, version: str) -> None:
    import kubernetes_validate  # type: ignore[import-untyped]

    for document in (*resources(yard), *resources(yard, name="Shop_1", memory_bytes=10**9)):
        kubernetes_validate.validate(document, version, strict=True)
    broken = resources(yard)[0]
    broken["spec"]["template"]["spec"]["containers"][0]["readOnlyRootFilesystem"] = True
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(broken, version, strict=True)


def test_compose_is_as_hardened_as_run(yard: Yard) -> None:
    service = composed(yard, port=9000)["services"]["fraud"]
    for name in ("read_only", "cap_drop", "security_opt", "pids_limit"):
        assert service[name] == HARDENED[name]
    assert service["tmpfs"] == ["/tmp:rw,noexec,nosuid,size=64m"]
    assert service["image"] == yard.image("fraud/3").image_id and service["pull_policy"] == "never"
    assert service["mem_limit"] == 400_000_000
    assert service["ports"] == ["127.0.0.1:9000:8080"]
    assert service["healthcheck"]["start_period"] == "36s", "three times what the smoke test measured"
    assert service["user"] == "10001:10001"


def test_a_pod_is_restricted_and_gets_the_time_it_was_measured_to_need(yard: Yard) -> None:
    deployment, service = resources(yard)
    pod = deployment["spec"]["template"]["spec"]
    [container] = pod["containers"]
    assert (
        pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault"
    )
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
    }  # fmt: skip
    startup = container["startupProbe"]
    assert startup["periodSeconds"] * startup["failureThreshold"] == 36
    assert container["readinessProbe"]["httpGet"]["path"] == "/health/ready"
    assert container["livenessProbe"]["httpGet"]["path"] == "/health/live"
    assert container["resources"]["limits"] == {"memory": "382Mi"}
    assert service["spec"]["selector"].items() <= deployment["spec"]["template"]["metadata"]["labels"].items()
    mounted = {mount["name"] for mount in container["volumeMounts"]}
    assert mounted == {volume["name"] for volume in pod["volumes"]}


def test_an_image_that_was_not_tested_has_no_limit_and_a_minute(yard: Yard) -> None:
    version = yard.image("fraud/3").version
    yard.add_image("fraud", 3, version, smoke=None)
    [container] = resources(yard)[0]["spec"]["template"]["spec"]["containers"]
    assert container["resources"] == {"requests": {"cpu": "100m"}}
    assert "mem_limit" not in composed(yard)["services"]["fraud"]
    assert composed(yard)["services"]["fraud"]["healthcheck"]["start_period"] == "60s"


def test_nothing_that_is_there_is_written_over(yard: Yard, tmp_path: Path) -> None:
    one = target(yard.image("fraud/3"), COMPOSE)
    export(one, COMPOSE, str(tmp_path))
    with pytest.raises(RefusedError, match="is there already"):
        export(one, COMPOSE, str(tmp_path))


def test_a_name_becomes_one_of_dns(yard: Yard) -> None:
    assert resources(yard, name="Shop_1.eu")[0]["metadata"]["name"] == "shop-1-eu"
    with pytest.raises(InputError):
        target(yard.image("fraud/3"), KUBERNETES, name="a b")


def test_yaml_has_no_references(yard: Yard, tmp_path: Path) -> None:
    text = Path(export(target(yard.image("fraud/3"), KUBERNETES), KUBERNETES, str(tmp_path))).read_text()
    assert "&id" not in text and "*id" not in text
    assert list(yaml.safe_load_all(text)) == resources(yard)
