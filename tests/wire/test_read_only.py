"""Stages as in their containers: no root, no home, nothing to write to, and the writer's rights."""

import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from kafka import KafkaProducer

from infra.broker import EmbeddedBroker, free_port
from tests.waiting import wait_until
from tests.wire.test_rights import serving

ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).with_name("as_container.sh")
PLACES = [sys.base_prefix, str(ROOT), str(ROOT / "processors/languages")]
PLACES += [path for path in sys.path if path.endswith("site-packages")]
MODULES = ":".join(f"/mnt/{number}" for number in range(2, len(PLACES) + 1))
STAGES = ("refine", "score", "watch", "deliver")
POSTS = 20
pytestmark = [
    pytest.mark.wire,
    pytest.mark.skipif(
        os.geteuid() != 0 or not (shutil.which("unshare") and shutil.which("setpriv")),
        reason="only root can mount",
    ),
]


def settings_of_compose() -> dict[str, str]:
    """What compose sets, with the defaults; without what is of its servers."""
    service = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))["services"]["refine"]
    given = {name: str(value) for name, value in service["environment"].items()}
    for name, value in given.items():
        if value.startswith("${"):
            given[name] = value.removesuffix("}").partition(":-")[2]
    return given


@contextmanager
def in_container(
    folder: Path, log: str, *command: str, **more: str
) -> Iterator[subprocess.Popen[bytes]]:
    names = {
        "PATH": "/mnt/1/bin:/usr/bin:/bin",
        "LD_LIBRARY_PATH": "/mnt/1/lib",
        "PYTHONPATH": MODULES,
        "PYTHONDONTWRITEBYTECODE": "",
        **more,
    }
    given = [f"{name}={value}" for name, value in names.items() if value]
    python = f"python{sys.version_info.major}.{sys.version_info.minor}"
    with (folder / log).open("wb") as out:
        process = subprocess.Popen(
            ["sh", str(SCRIPT), str(folder), *given, python, *command],
            env={**os.environ, "PLACES": ":".join(PLACES)},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def metric(port: int, name: str) -> float:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            lines = answer.read().decode().splitlines()
    except OSError:
        return -1
    return next((float(one.split()[-1]) for one in lines if one.startswith(f"{name} ")), -1)


def test_nothing_is_written_anywhere(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "groundswell_author_key").write_text("k" * 32)
    # Another's, without our prefix, in the same folder.
    (tmp_path / "secrets" / "grafana_clickhouse_password").write_text("another's")
    (tmp_path / "groundswell.yaml").write_text("brands: [{name: Northwind}]\n")
    broker = EmbeddedBroker(log=tmp_path / "broker.log")
    broker.start()
    try:
        with ExitStack() as stack:
            (tmp_path / "writer").mkdir()
            stack.enter_context(serving("writer", tmp_path / "writer"))
            (tmp_path / "writer" / "socket").chmod(0o777)
            given = {
                **settings_of_compose(),
                "GROUNDSWELL_CONFIG": "/mnt/run/groundswell.yaml",
                "GROUNDSWELL_SECRETS": "/mnt/run/secrets",
                "GROUNDSWELL_KAFKA": broker.address,
                "GROUNDSWELL_REAL_KAFKA": "false",
                "GROUNDSWELL_SOCKET": "/mnt/run/writer/socket",
            }
            topics = ("-m", "streams.cli", "topics")
            with in_container(tmp_path, "topics.log", *topics, **given) as made:
                assert made.wait(120) == 0, (tmp_path / "topics.log").read_text()
            ports = {stage: free_port() for stage in STAGES}
            running = {
                stage: stack.enter_context(
                    in_container(
                        tmp_path,
                        f"{stage}.log",
                        *("-m", "streams.cli", "worker", stage),
                        **{**given, "GROUNDSWELL_METRICS_PORT": str(ports[stage])},
                    )
                )
                for stage in STAGES
            }
            wait_until(
                lambda: all('"ready"' in (tmp_path / f"{one}.log").read_text() for one in STAGES),
                seconds=180,
                what="all stages ready",
            )
            send(broker.address)
            wait_until(lambda: metric(ports["score"], "score_posts_total") == POSTS, seconds=120)
            for process in running.values():
                process.send_signal(signal.SIGTERM)
            assert {stage: one.wait(60) for stage, one in running.items()} == dict.fromkeys(
                STAGES, 0
            )
    finally:
        broker.stop()
    said = "".join((tmp_path / f"{stage}.log").read_text() for stage in STAGES)
    assert [line for line in said.splitlines() if '"error"' in line or "Traceback" in line] == []


def test_it_is_as_in_a_container(tmp_path: Path) -> None:
    program = """
import os, pathlib, tempfile
assert os.getuid() == 10001 and "HOME" not in os.environ
for place in ("/", "/mnt", "/var/tmp", "/mnt/run", "/mnt/2", "/dev/shm/../.."):
    try:
        (pathlib.Path(place) / "mine").touch()
    except OSError:
        continue
    raise SystemExit(f"can write to {place}")
tempfile.TemporaryFile(dir="/tmp")
"""
    tmp_path.chmod(0o777)
    with in_container(tmp_path, "log", "-c", program) as run:
        assert run.wait(60) == 0, (tmp_path / "log").read_text()


def send(address: str) -> None:
    producer = KafkaProducer(bootstrap_servers=address)
    now = datetime.now(UTC).isoformat()
    for number in range(POSTS):
        post = {
            "source": "test",
            "native_id": str(number),
            "text": f"Northwind lost bag number {number} and nobody answers the phone",
            "published_at": now,
        }
        producer.send("posts.raw", json.dumps(post).encode())
    producer.flush()
    producer.close()
