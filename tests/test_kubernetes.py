"""The manifests: against Kubernetes' schemas, as written and as kustomize puts them together."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from infra.compose.make_secrets import make_secrets
from infra.settings import Settings, is_setting
from streams.topics import CLEAN, RAW, SCORED
from streams.worker import STAGES

FOLDER = Path(__file__).parents[1] / "infra" / "kubernetes"
VERSIONS = ("1.33", "1.37")
KUBECTL = shutil.which("kubectl")


def written(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((FOLDER / name).read_text(encoding="utf-8")))


def of_kind(kind: str, name: str = "base") -> list[dict[str, Any]]:
    files = yaml.safe_load((FOLDER / name / "kustomization.yaml").read_text())["resources"]
    found = [one for file in files if file.endswith(".yaml") for one in written(f"{name}/{file}")]
    return [one for one in found if one["kind"] == kind]


def program(deployment: dict[str, Any]) -> dict[str, Any]:
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert isinstance(container, dict)
    return container


def test_every_stage_is_a_deployment_with_a_budget_for_disruptions() -> None:
    deployments = {one["metadata"]["name"]: one for one in of_kind("Deployment")}
    assert deployments.keys() == STAGES.keys() - {"feed"} | {"page"}
    assert {one["metadata"]["name"] for one in of_kind("PodDisruptionBudget")} == set(deployments)
    for name, one in deployments.items():
        labels = {"app.kubernetes.io/component": name}
        assert one["spec"]["selector"]["matchLabels"] == labels
        assert one["spec"]["template"]["metadata"]["labels"] == labels
        assert one["metadata"]["labels"] == {"groundswell/is": "stage"}
        assert program(one)["resources"]["limits"]["memory"]
        if name != "page":
            assert program(one)["args"] == ["worker", name]
            assert one["spec"]["replicas"] == (1 if name == "feeds" else 2)
        else:  # it cannot start before somebody is named
            assert one["spec"]["replicas"] == 0


def test_what_every_stage_gets_can_do_no_harm() -> None:
    (stage,) = written("base/stage.yaml")
    for pod in (stage["spec"]["template"]["spec"], of_kind("Job")[0]["spec"]["template"]["spec"]):
        (container,) = pod["containers"]
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["automountServiceAccountToken"] is False
        assert pod["enableServiceLinks"] is False
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }


def secrets_as_documented(folder: Path) -> dict[str, dict[str, str]]:
    """Secret -> key -> what is in it, as `kubectl create secret` of docs/deploy.md makes them."""
    make_secrets(folder / "secrets")
    text = (FOLDER.parents[1] / "docs" / "deploy.md").read_text(encoding="utf-8")
    made: dict[str, dict[str, str]] = {}
    for command in re.findall(r"kubectl create (secret generic (?:.*\\\n)*.*)", text):
        _, _, name, *options = shlex.split(command)
        files = [one.removeprefix("--from-file=") for one in options if "from-file" in one]
        pairs = [one.split("=") if "=" in one else [Path(one).name, one] for one in files]
        made[name] = {key: (folder / file).read_text() for key, file in pairs}
    return made


def mounted(pod: dict[str, Any]) -> str:
    (name,) = [one["secret"]["secretName"] for one in pod["volumes"] if "secret" in one]
    assert isinstance(name, str)
    return name


def test_only_the_job_that_makes_tables_and_users_has_the_login_of_their_owner(
    tmp_path: Path,
) -> None:
    made = secrets_as_documented(tmp_path)
    stage = made.pop(mounted(written("base/stage.yaml")[0]["spec"]["template"]["spec"]))
    job = of_kind("Job")[0]["spec"]["template"]["spec"]
    init = made.pop(mounted(job))
    assert made == {}
    assert stage["groundswell_clickhouse"].startswith("clickhouse://groundswell_writer:")
    assert init["groundswell_clickhouse"].startswith("clickhouse://groundswell:")
    assert stage["groundswell_author_key"] == init["groundswell_author_key"]
    command = job["containers"][0]["command"][-1]
    given = dict(re.findall(r"--password (\w+)=/run/secrets/(\w+)", command))
    assert given.keys() == {"writer", "grafana"}
    assert init[given["writer"]] in stage["groundswell_clickhouse"]
    assert init[given["grafana"]]


def test_settings_exist_and_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [name for name in environment() if not is_setting(name)] == []
    for name, value in environment().items():
        if name not in ("GROUNDSWELL_CONFIG", "GROUNDSWELL_SECRETS"):
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("GROUNDSWELL_CONFIG", str(FOLDER / "base/groundswell.yaml"))
    settings = Settings()
    assert settings.clock == "wall"
    assert settings.partitions >= 24
    (port,) = written("base/stage.yaml")[0]["spec"]["template"]["spec"]["containers"][0]["ports"]
    assert settings.metrics_port == port["containerPort"]


def environment() -> dict[str, str]:
    lines = (FOLDER / "base/groundswell.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


def test_a_stage_grows_with_what_waits_for_it() -> None:
    given = environment()
    group = given.get("GROUNDSWELL_GROUP", Settings().group)
    scaled = {one["metadata"]["name"]: one["spec"] for one in of_kind("ScaledObject", "keda")}
    topics = {"refine": RAW, "score": CLEAN, "store": SCORED}
    assert scaled.keys() == topics.keys()
    for stage, spec in scaled.items():
        (trigger,) = spec["triggers"]
        asked = trigger["metadata"]
        assert spec["scaleTargetRef"]["name"] == stage
        assert asked["topic"] == topics[stage]
        assert asked["consumerGroup"] == f"groundswell-{stage}-{group}"
        assert spec["maxReplicaCount"] == int(given["GROUNDSWELL_PARTITIONS"])
        assert asked["bootstrapServers"] == given["GROUNDSWELL_KAFKA"]
        # It is asked from KEDA's own namespace, in which a short name is nobody's.
        assert ".svc" in asked["bootstrapServers"]
        assert int(asked["lagThreshold"]) > 0


@pytest.mark.parametrize("version", VERSIONS)
def test_manifests_as_written_fit_their_schemas(version: str) -> None:
    kinds = ("PodDisruptionBudget", "Service", "Job", "NetworkPolicy")
    for manifest in [one for kind in kinds for one in of_kind(kind)]:
        kubernetes_validate.validate(manifest, version, strict=True)


@pytest.mark.skipif(KUBECTL is None, reason="kubectl is not here to put the parts together")
@pytest.mark.parametrize("name", ["base", "gpu", "keda", "gpu-keda"])
def test_what_kustomize_makes_fits_the_schemas(name: str) -> None:
    made = subprocess.run(
        [str(KUBECTL), "kustomize", str(FOLDER / name)], capture_output=True, check=True, text=True
    )
    found = list(yaml.safe_load_all(made.stdout))
    deployments = [one for one in found if one["kind"] == "Deployment"]
    assert len(deployments) == 7
    for one in deployments:
        assert program(one)["image"].startswith("groundswell:0.1.0")
        assert program(one)["securityContext"]["readOnlyRootFilesystem"] is True
        labels = one["spec"]["template"]["metadata"]["labels"]
        assert labels["app.kubernetes.io/part-of"] == "groundswell"
        is_scaled = "keda" in name and one["metadata"]["name"] in ("refine", "score", "store")
        assert ("replicas" not in one["spec"]) == is_scaled, "KEDA says how many"
    [score] = [one for one in deployments if one["metadata"]["name"] == "score"]
    limits = program(score)["resources"]["limits"]
    assert ("nvidia.com/gpu" in limits) == program(score)["image"].endswith("-gpu")
    assert ("nvidia.com/gpu" in limits) == ("gpu" in name)
    for one in found:
        if not one["apiVersion"].startswith("keda.sh/"):  # no package has its schema
            kubernetes_validate.validate(one, VERSIONS[-1], strict=True)
