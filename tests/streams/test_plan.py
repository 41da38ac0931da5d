"""`groundswell plan`."""

import json
from pathlib import Path

from typer.testing import CliRunner

from streams.cli import app


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["plan", *arguments])
    return result.exit_code, result.output


def test_a_plan_names_every_stage_and_every_disturbance() -> None:
    code, said = run("--posts-per-second", "100000", "--brands", "2000", "--gpus")
    assert code == 0
    for word in ("refine", "score", "store", "Kafka", "ClickHouse", "partitions", "20 times"):
        assert word in said


def test_json_is_the_same_plan() -> None:
    code, said = run("--posts-per-second", "1000", "--matched", "0.1", "--json")
    found = json.loads(said)
    assert code == 0
    assert found["plan"]["load"]["posts_per_second"] == 1000
    assert {one["name"] for one in found["plan"]["stages"]} >= {"refine", "score", "store"}
    assert all(one["outcome"]["recovery"] is not None for one in found["disturbances"])


def test_own_rates_count(tmp_path: Path) -> None:
    _, shipped = run("--posts-per-second", "100000", "--json")
    rates = json.loads(shipped)["rates"]
    path = tmp_path / "rates.json"
    path.write_text(json.dumps(rates | {"refine": rates["refine"] / 10}))
    _, slower = run("--posts-per-second", "100000", "--json", "--rates", str(path))
    assert json.loads(slower)["cores"] > json.loads(shipped)["cores"]


def test_a_file_that_holds_no_rates_is_an_error_in_a_line(tmp_path: Path) -> None:
    path = tmp_path / "rates.json"
    path.write_text("{}")
    result = CliRunner().invoke(app, ["plan", "--posts-per-second", "1", "--rates", str(path)])
    assert result.exit_code == 1
    assert "benchmarks.rates" in str(result.exception)
