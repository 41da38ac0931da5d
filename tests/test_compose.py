"""The compose file, read: nothing here needs a Docker engine."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from infra.compose.make_secrets import make_secrets
from infra.settings import Settings
from streams.worker import STAGES

ROOT = Path(__file__).parents[1]
GPU_FILE = "docker-compose.gpu.yml"
GPU_TEXT = (ROOT / GPU_FILE).read_text(encoding="utf-8")
TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8") + GPU_TEXT
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT.removesuffix(GPU_TEXT))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
GPU = SERVICES["score-gpu"]
OURS = {name for name, service in SERVICES.items() if "build" in service}
STAGES_HERE = OURS - {"init", "page"}
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
PREFIX = "GROUNDSWELL_"
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")


def is_once(service: dict[str, Any]) -> bool:
    return bool(service.get("restart") == "no")


def pinned(image: str) -> bool:
    name, colon, tag = image.rpartition(":")
    return bool(colon and name) and re.fullmatch(r"v?\d+\.\d+\.\d+[\w.-]*", tag) is not None


def test_images_are_pinned() -> None:
    stages = set(re.findall(r"^FROM .* AS (\S+)", DOCKERFILE, re.MULTILINE)) | {"scratch"}
    python = re.findall(r"^ARG PYTHON=(\S+)", DOCKERFILE, re.MULTILINE)
    bases = set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)) - stages
    assert bases == {"python:${PYTHON}"}
    images = [service["image"] for service in SERVICES.values()]
    images += [f"python:{version}" for version in python]
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
    commands = {name: SERVICES[name]["command"] for name in STAGES_HERE}
    assert commands.pop("score-gpu") == commands["score"]
    # Feeds are sessions of their own: here others write to posts.raw.
    assert commands == {stage: ["worker", stage] for stage in STAGES.keys() - {"feed"}}


def test_every_setting_exists_and_has_a_value_that_fits(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fields = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    fields |= {f"{PREFIX}CONFIG", f"{PREFIX}SECRETS"}
    make_secrets(tmp_path / "secrets")
    for name in OURS:
        environment = {key: str(value) for key, value in SERVICES[name]["environment"].items()}
        assert environment.keys() <= fields
        for key, value in environment.items():
            monkeypatch.setenv(key, re.sub(r"\$\{\w+(?::-(\w*)|:\?[^}]*)\}", r"\1", value))
        monkeypatch.setenv(f"{PREFIX}CONFIG", str(ROOT / "groundswell.example.yaml"))
        monkeypatch.setenv(f"{PREFIX}SECRETS", str(tmp_path / "secrets"))
        settings = Settings()
        assert settings.clock == "wall"
        assert settings.kafka
        assert settings.clickhouse.get_secret_value().startswith("clickhouse://groundswell_writer:")
        assert len(settings.author_key.get_secret_value()) == 64


def test_clickhouse_is_well_only_once_it_is_there_for_others() -> None:
    # Its image makes the database with a server on the loopback alone, which it then stops.
    asked = SERVICES["clickhouse"]["healthcheck"]["test"][-1]
    assert asked.startswith("http://clickhouse:8123/")


def test_health_is_asked_where_metrics_are_served() -> None:
    for name in STAGES_HERE:
        port = SERVICES[name]["environment"][f"{PREFIX}METRICS_PORT"]
        assert f"127.0.0.1:{port}/metrics" in SERVICES[name]["healthcheck"]["test"][-1]


def test_every_variable_is_explained() -> None:
    used = set(re.findall(r"\$\{(\w+)", TEXT))
    explained = set(re.findall(r"^#?([A-Z_]+)=", EXAMPLE, re.MULTILINE))
    assert used | {"COMPOSE_PROFILES"} == explained
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
    assert [name for name in OURS if SERVICES[name]["read_only"] is not True] == []
    for name, service in SERVICES.items():
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
    # The images of the others begin as a user of their own.
    assert SERVICES["clickhouse"]["user"] == "101:101"
    last_user = re.findall(r"^USER (\S+)", DOCKERFILE, re.MULTILINE)
    assert last_user == ["10001:10001"] * 2, "of the two images"


def test_the_image_gets_the_files_it_copies() -> None:
    allowed = {
        line.removeprefix("!")
        for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines()
        if line.startswith("!")
    }
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    names = {name for line in copied for name in line.split()}
    assert names == allowed
    assert all((ROOT / name).exists() for name in names)


def test_the_example_of_a_configuration_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{PREFIX}CONFIG", str(ROOT / "groundswell.example.yaml"))
    settings = Settings()
    assert settings.brands
    assert settings.receivers


def compose_command() -> list[str] | None:
    """Compose as a plugin or as a program of its own; not the one of before 2021, in Python."""
    for command in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(command[0]):
            asked = subprocess.run(
                [*command, "version", "--short"], check=False, capture_output=True, text=True
            )
            version = asked.stdout.strip().lstrip("v")
            if asked.returncode == 0 and version and not version.startswith("1."):
                return command
    return None


@pytest.mark.parametrize("files", [[], ["docker-compose.yml", GPU_FILE]])
def test_docker_compose_reads_it(files: list[str]) -> None:
    command = compose_command()
    if command is None:
        pytest.skip("no compose is installed that reads the files of today")
    more = {"COMPOSE_FILE": ":".join(files)} if files else {}
    read = subprocess.run(
        [*command, "--env-file", os.devnull, "config", "--quiet"],
        cwd=ROOT,
        env={**os.environ, "COMPOSE_PROFILES": "*", **more},
        capture_output=True,
        text=True,
        check=False,
    )
    assert read.returncode == 0, read.stderr


@pytest.mark.parametrize("files", [["docker-compose.yml"], ["docker-compose.yml", GPU_FILE]])
def test_docker_compose_of_before_2021_reads_it_but_for_newer_words(
    files: list[str], tmp_path: Path
) -> None:
    asked = shutil.which("docker-compose")
    if asked is None or compose_command() is not None:
        pytest.skip("no docker-compose of before 2021, or a newer one, which reads all of it")
    nothing = tmp_path / "env"
    nothing.touch()
    options = ["--env-file", str(nothing), "--project-directory", str(ROOT)]
    for file in files:
        text = (ROOT / file).read_text(encoding="utf-8")
        text = re.sub(r"^name: .*\n", "", text, flags=re.MULTILINE)
        text = re.sub(r"^ +bind:\n +create_host_path: .*\n", "", text, flags=re.MULTILINE)
        (tmp_path / file).write_text(text, encoding="utf-8")
        options += ["--file", str(tmp_path / file)]
    for profile in ("cpu", "gpu", "feeds", "page", "monitoring"):
        options += ["--profile", profile]
    read = subprocess.run(
        [asked, *options, "config", "--quiet"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert read.returncode == 0, read.stderr


def test_every_profile_is_explained_and_the_usual_ones_are_on() -> None:
    known = {name for one in SERVICES.values() for name in one.get("profiles", ())}
    usual = re.findall(r"^COMPOSE_PROFILES=(.*)$", EXAMPLE, re.MULTILINE)[0].split(",")
    assert known == {"cpu", "gpu", "feeds", "page", "monitoring"}
    assert set(usual) == known - {"gpu", "page"}
    assert [name for name in known if not re.search(rf"\b{name}\b", EXAMPLE)] == []


def test_every_service_has_its_limits() -> None:
    for name, service in SERVICES.items():
        assert service["mem_limit"], name
        assert service["cpus"], name


def secret_of(named: str | dict[str, str]) -> str:
    return named if isinstance(named, str) else named["source"]


def test_only_who_makes_tables_and_users_is_the_owner_of_the_database(tmp_path: Path) -> None:
    owner = "groundswell_clickhouse_owner"
    has_it = {
        name
        for name, service in SERVICES.items()
        if owner in {secret_of(one) for one in service.get("secrets", ())}
    }
    assert has_it == {"init"}
    assert {"source": owner, "target": "groundswell_clickhouse"} in SERVICES["init"]["secrets"]
    make_secrets(tmp_path / "secrets")
    told = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    assert told["clickhouse_password"] in told[owner]
    assert told["clickhouse_writer_password"] in told["groundswell_clickhouse"]
    # The user that init makes is called as its role, and has the password of that file.
    (command,) = SERVICES["init"]["entrypoint"][2:]
    assert "--password writer=/run/secrets/clickhouse_writer_password" in command
    assert "--password grafana=/run/secrets/grafana_clickhouse_password" in command
    assert told["groundswell_clickhouse"].startswith("clickhouse://groundswell_writer:")
    assert SERVICES["grafana"]["environment"]["GRAFANA_CLICKHOUSE_USER"] == "groundswell_grafana"


def test_secrets_are_files_and_each_is_made(tmp_path: Path) -> None:
    files = {name: Path(one["file"]).name for name, one in COMPOSE["secrets"].items()}
    assert sorted(make_secrets(tmp_path / "secrets")) == sorted(files.values())
    used = {secret_of(one) for service in SERVICES.values() for one in service.get("secrets", ())}
    assert used == set(files)
    assert re.findall(r"(?i)(?:password|key|secret)\w*: \$", TEXT) == []


def test_secrets_are_made_once(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    usual = os.umask(0o077)  # a careful owner's
    try:
        make_secrets(folder)
    finally:
        os.umask(usual)
    before = {path.name: path.read_text() for path in folder.iterdir()}
    assert before["clickhouse_writer_password"] in before["groundswell_clickhouse"]
    assert len(set(before.values())) == len(before)
    assert folder.stat().st_mode & 0o077 == 0
    # Each is mounted by itself, and read by users that are not its owner.
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o644}
    (folder / "groundswell_clickhouse").unlink()
    assert make_secrets(folder) == ["groundswell_clickhouse"]
    assert {path.name: path.read_text() for path in folder.iterdir()} == before


def test_secrets_of_before_are_brought_up_to_now(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    folder.mkdir(mode=0o755)
    owner = "clickhouse://groundswell:old@clickhouse:9000/groundswell"
    for name, said in (("clickhouse_password", "old"), ("groundswell_clickhouse", owner)):
        (folder / name).write_text(said)
        (folder / name).chmod(0o600)
    assert "groundswell_clickhouse" in make_secrets(folder)
    writer = (folder / "clickhouse_writer_password").read_text()
    assert (folder / "groundswell_clickhouse").read_text() == owner.replace(
        "groundswell:old", f"groundswell_writer:{writer}"
    )
    assert (folder / "groundswell_clickhouse_owner").read_text() == owner
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o644}
    # An address that somebody wrote stays.
    (folder / "groundswell_clickhouse").write_text("clickhouse://me:x@elsewhere:9000/groundswell")
    assert make_secrets(folder) == []


def test_a_gpu_is_a_stage_like_the_others() -> None:
    more = yaml.safe_load(GPU_TEXT)["services"]
    assert more.keys() == {"score-gpu"}, "what is there in docker-compose.yml, and no other"
    (device,) = more["score-gpu"]["deploy"]["resources"]["reservations"]["devices"]
    assert device["capabilities"] == ["gpu"]
    assert (GPU["command"], GPU["profiles"]) == (["worker", "score"], ["gpu"])
    assert GPU["build"]["target"] == "gpu"
    assert GPU["environment"].items() >= SERVICES["score"]["environment"].items()
    # Versions of compose refuse it where there is a depends_on, or drop that without a word.
    assert [name for name, one in SERVICES.items() if "extends" in one] == []


def test_prometheus_asks_every_stage_where_it_answers() -> None:
    read = yaml.safe_load((ROOT / "infra/compose/prometheus.yml").read_text())["scrape_configs"]
    jobs = {job["job_name"]: job for job in read}
    (found,) = jobs["groundswell"]["dns_sd_configs"]
    assert set(found["names"]) == STAGES_HERE
    assert found["port"] == SERVICES["refine"]["environment"][f"{PREFIX}METRICS_PORT"]


def test_clickhouse_says_how_full_its_disk_is_where_prometheus_asks() -> None:
    read = yaml.safe_load((ROOT / "infra/compose/prometheus.yml").read_text())["scrape_configs"]
    (targets,) = [job["static_configs"] for job in read if job["job_name"] == "clickhouse"]
    serves = ElementTree.parse(ROOT / "infra/compose/clickhouse.xml").find("prometheus")
    assert serves is not None
    assert targets == [{"targets": [f"clickhouse:{serves.findtext('port')}"]}]
    assert serves.findtext("asynchronous_metrics") == "true"
    mounted = [one for one in SERVICES["clickhouse"]["volumes"] if isinstance(one, dict)]
    assert {Path(one["target"]).parent.name for one in mounted} == {"config.d"}
    assert all(one["target"].endswith(".xml") for one in mounted)


def test_files_that_are_mounted_are_here() -> None:
    mounts = [m for one in SERVICES.values() for m in one.get("volumes", ()) if isinstance(m, dict)]
    sources = {mount["source"] for mount in mounts} - {"./config"}
    assert sources
    assert [source for source in sources if not (ROOT / source).exists()] == []
