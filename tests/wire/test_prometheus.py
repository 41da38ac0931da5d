"""Alerts and scraping by a Prometheus, where one is installed (`apt-get install prometheus`)."""

import json
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry, ProcessCollector, start_http_server

from infra.broker import free_port
from infra.metrics import Meter
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]
RULES = ROOT / "infra" / "alert_rules"
CONFIG = ROOT / "infra" / "compose" / "prometheus.yml"
PROMTOOL = shutil.which("promtool")
PROMETHEUS = shutil.which("prometheus")
pytestmark = [
    pytest.mark.wire,
    pytest.mark.skipif(not (PROMTOOL and PROMETHEUS), reason="no prometheus is installed"),
]


def test_every_alert_fires_when_it_should_and_none_when_all_is_well() -> None:
    cases = Path(__file__).with_name("alerts.yml")
    run = subprocess.run(
        [str(PROMTOOL), "test", "rules", str(cases)], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    rules = yaml.safe_load((RULES / "groundswell.yml").read_text("utf-8"))["groups"]
    names = {rule["alert"] for group in rules for rule in group["rules"]}
    tests = yaml.safe_load(cases.read_text("utf-8"))["tests"]
    fired = {
        one["alertname"]
        for case in tests
        for one in case["alert_rule_test"]
        if one.get("exp_alerts")
    }
    assert fired == names
    assert {one["alertname"] for one in tests[0]["alert_rule_test"]} == names


@contextmanager
def prometheus(folder: Path, config: dict[str, Any]) -> Iterator[str]:
    """The address of one that runs with this configuration."""
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    address = f"127.0.0.1:{free_port()}"
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                str(PROMETHEUS),
                f"--config.file={folder}/prometheus.yml",
                f"--storage.tsdb.path={folder}/data",
                f"--web.listen-address={address}",
            ],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        yield address
    finally:
        process.terminate()
        process.wait(20)


def asked(address: str, path: str) -> Any:
    """What it says; nothing before it answers."""
    try:
        with urllib.request.urlopen(f"http://{address}/api/v1/{path}", timeout=5) as answer:
            return json.load(answer)["data"]
    except OSError:
        return {}


def test_a_stage_is_scraped_and_the_rules_are_worked_out(tmp_path: Path) -> None:
    registry = CollectorRegistry()
    meter = Meter("score", registry)
    ProcessCollector(registry=registry)
    port = free_port()
    server, thread = start_http_server(port, addr="127.0.0.1", registry=registry)
    config = yaml.safe_load(CONFIG.read_text("utf-8"))
    config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    config["rule_files"] = [f"{RULES}/*.yml"]
    (job,) = [job for job in config["scrape_configs"] if job["job_name"] == "groundswell"]
    config["scrape_configs"] = [job]
    del job["dns_sd_configs"]  # names that only compose knows
    job["static_configs"] = [{"targets": [f"127.0.0.1:{port}"]}]

    def firing(address: str) -> set[str]:
        groups = asked(address, "rules").get("groups", ())
        return {rule["name"] for one in groups for rule in one["rules"] if rule["alerts"]}

    try:
        with prometheus(tmp_path, config) as address:
            wait_until(lambda: asked(address, "query?query=score_posts_total").get("result"))
            meter.left_out("poison")
            wait_until(lambda: "PoisonedPost" in firing(address))
            groups = asked(address, "rules")["groups"]
            rules = [rule for group in groups for rule in group["rules"]]
            assert {rule["health"] for rule in rules} <= {"ok", "unknown"}
            assert [rule["lastError"] for rule in rules if rule.get("lastError")] == []
            (target,) = asked(address, "targets")["activeTargets"]
            assert (target["health"], target["lastError"]) == ("up", "")
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
