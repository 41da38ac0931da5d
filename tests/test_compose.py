"""The compose file, read: nothing here needs a Docker engine."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.settings import Settings
from streams.worker import STAGES

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name for name, service in SERVICES.items() if "build" in service}
PREFIX = "GROUNDSWELL_"
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")


def is_once(service: dict[str, Any]) -> bool:
    return bool(service.get("restart") == "no")


def pinned(image: str) -> bool:
    name, colon, tag = image.rpartition(":")
    return bool(colon and name) and re.fullmatch(r"\d+\.\d+\.\d+[\w.-]*", tag) is not None


def test_images_are_pinned() -> None:
    bases = re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    images = [service["image"] for service in SERVICES.values()] + bases
    assert [image for image in images if not pinned(image)] == []


def test_every_service_says_whether_it_is_well() -> None:
    silent = {n for n, service in SERVICES.items() if "healthcheck" not in service}
    assert silent == {name for name, service in SERVICES.items() if is_once(service)}


def test_services_wait_for_what_they_need() -> None:
    for name in OURS:
        for needed, how in SERVICES[name]["depends_on"].items():
            once = is_once(SERVICES[needed])
            expected = "service_completed_successfully" if once else "service_healthy"
            assert how["condition"] == expected, f"{name} needs {needed}"
    assert all("init" in SERVICES[name]["depends_on"] for name in OURS - {"init"})


def test_the_stages_of_the_line_are_there() -> None:
    commands = {name: SERVICES[name]["command"] for name in OURS - {"init"}}
    # Feeds are sessions of their own: here others write to posts.raw.
    assert commands == {stage: ["worker", stage] for stage in STAGES.keys() - {"feed"}}


def test_every_setting_exists_and_has_a_value_that_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    fields = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | {f"{PREFIX}CONFIG"}
    for name in OURS:
        environment = {key: str(value) for key, value in SERVICES[name]["environment"].items()}
        assert environment.keys() <= fields
        for key, value in environment.items():
            monkeypatch.setenv(key, re.sub(r"\$\{\w+(?::-(\w*)|:\?[^}]*)\}", r"\1", value))
        monkeypatch.setenv(f"{PREFIX}CONFIG", str(ROOT / "groundswell.example.yaml"))
        settings = Settings()
        assert settings.clock == "wall"
        assert settings.kafka
        assert settings.clickhouse


def test_health_is_asked_where_metrics_are_served() -> None:
    for name in OURS - {"init"}:
        port = SERVICES[name]["environment"][f"{PREFIX}METRICS_PORT"]
        assert f"127.0.0.1:{port}/metrics" in SERVICES[name]["healthcheck"]["test"][-1]


def test_every_variable_is_explained() -> None:
    used = set(re.findall(r"\$\{(\w+)", TEXT))
    explained = set(re.findall(r"^#?([A-Z_]+)=", EXAMPLE, re.MULTILINE))
    assert used == explained
    without_default = {name for name, rest in re.findall(r"\$\{(\w+)([^}]*)\}", TEXT) if not rest}
    assert without_default == set(), "write ${NAME:?why} or ${NAME:-default}"


def test_defaults_are_those_of_the_explanation() -> None:
    shown = dict(re.findall(r"^#([A-Z_]+)=(.*)$", EXAMPLE, re.MULTILINE))
    assert dict(re.findall(r"\$\{(\w+):-([^}]*)\}", TEXT)) == shown


def test_nothing_is_published_beyond_this_machine() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", ())]
    assert ports
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


def test_our_containers_have_no_rights_to_spare() -> None:
    for name in OURS:
        service = SERVICES[name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
    last_user = re.findall(r"^USER (\S+)", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    assert last_user, "the image runs as root"
    assert last_user[-1].split(":")[0] not in ("root", "0")


def test_the_image_gets_the_files_it_copies() -> None:
    allowed = {
        line.removeprefix("!")
        for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines()
        if line.startswith("!")
    }
    copied = re.findall(r"^COPY (.+) \S+$", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    names = {name for line in copied for name in line.split()}
    assert names == allowed
    assert all((ROOT / name).exists() for name in names)


def test_the_example_of_a_configuration_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{PREFIX}CONFIG", str(ROOT / "groundswell.example.yaml"))
    settings = Settings()
    assert settings.brands
    assert settings.receivers


def test_docker_compose_reads_it() -> None:
    docker = shutil.which("docker")
    if (
        docker is None
        or subprocess.run(
            [docker, "compose", "version"], check=False, capture_output=True
        ).returncode
    ):
        pytest.skip("the docker client with its compose plugin is not installed")
    read = subprocess.run(
        [docker, "compose", "--env-file", os.devnull, "config", "--quiet"],
        cwd=ROOT,
        env={**os.environ, "CLICKHOUSE_PASSWORD": "x", "GROUNDSWELL_AUTHOR_KEY": "x"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert read.returncode == 0, read.stderr
