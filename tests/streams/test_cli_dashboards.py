"""`groundswell dashboards`: in a process of its own, as people run it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from infra.grafana import build
from streams.cli import app
from streams.dashboards import token_of
from streams.failures import FAILURES, UsageError

RUN = CliRunner()


def test_build_writes_what_the_repository_has(tmp_path: Path) -> None:
    told = RUN.invoke(app, ["dashboards", "build", str(tmp_path / "grafana")])
    assert told.exit_code == 0
    assert "9 of 9 files written" in told.output
    for name, text in build.files().items():
        assert (tmp_path / "grafana" / name).read_text(encoding="utf-8") == text
    assert "0 of 9" in RUN.invoke(app, ["dashboards", "build", str(tmp_path / "grafana")]).output


def test_list_for_people_and_programs() -> None:
    assert (
        "Brand watch (groundswell-brand, 11 panels)"
        in RUN.invoke(app, ["dashboards", "list"]).output
    )
    told = json.loads(RUN.invoke(app, ["dashboards", "list", "--json"]).output)
    assert [one["file"] for one in told] == [f"{name}.json" for name in build.DASHBOARDS]


def test_publish_says_what_is_missing() -> None:
    nowhere = RUN.invoke(app, ["dashboards", "publish"], env={"GROUNDSWELL_GRAFANA_URL": ""})
    assert isinstance(nowhere.exception, UsageError)
    assert "--url" in str(nowhere.exception)
    words = ["dashboards", "publish", "--url", "http://127.0.0.1:9"]
    nobody = RUN.invoke(app, words, env={"GROUNDSWELL_GRAFANA_TOKEN": ""})
    assert isinstance(nobody.exception, UsageError)
    assert "GROUNDSWELL_GRAFANA_TOKEN" in str(nobody.exception)


def test_publish_fails_in_one_line(groundswell: Callable[..., Any]) -> None:
    command = groundswell(
        *("dashboards", "publish", "--url", "http://127.0.0.1:9"),
        GROUNDSWELL_GRAFANA_TOKEN="glsa_x",
    )
    assert command.wait() == 1
    assert command.err.count("\n") == 1
    assert "connection refused" in command.err
    assert "glsa_x" not in command.err


def test_tokens_come_from_a_file_or_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(" glsa_file\n", encoding="utf-8")
    environment = {"GROUNDSWELL_GRAFANA_TOKEN": "glsa_environment"}
    assert token_of(file, environment) == "glsa_file"
    assert token_of(None, environment) == "glsa_environment"
    file.write_text("\n", encoding="utf-8")
    with pytest.raises(UsageError, match="is empty"):
        token_of(file, {})
    with pytest.raises(UsageError, match="cannot be read"):
        token_of(tmp_path / "none", {})


def test_what_publishing_fails_with_is_told_in_one_line() -> None:
    assert "PublishFailed" in {failure.__name__ for failure in FAILURES}
