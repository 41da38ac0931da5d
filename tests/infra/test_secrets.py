"""Secrets by name: found, or told by what names them and never by themselves."""

from pathlib import Path

import pytest
import yaml
from pydantic import TypeAdapter, ValidationError

from infra.config_file import problem_of
from infra.receivers import SlackReceiver
from infra.secrets import Secret
from infra.settings import Settings, dump

SECRET = TypeAdapter(Secret)
URL = "https://hooks.example.com/T000/hunter2"


def problem(given: object) -> str:
    with pytest.raises(ValidationError) as caught:
        SlackReceiver.model_validate({"name": "a", "type": "slack", "url": given})
    return problem_of(caught.value)


def test_as_it_is() -> None:
    assert SECRET.validate_python("hunter2").get_secret_value() == "hunter2"


def test_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_URL", URL)
    assert SECRET.validate_python({"env": "SLACK_URL"}).get_secret_value() == URL


def test_from_a_file_without_the_line_break_at_its_end(tmp_path: Path) -> None:
    (tmp_path / "url").write_text(f"{URL}\n")
    assert SECRET.validate_python({"file": str(tmp_path / "url")}).get_secret_value() == URL


@pytest.mark.parametrize("value", [None, ""])
def test_a_variable_that_is_not_there(value: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SLACK_URL", raising=False)
    if value is not None:
        monkeypatch.setenv("SLACK_URL", value)
    assert "the environment has no SLACK_URL" in problem({"env": "SLACK_URL"})


def test_a_secret_in_the_place_of_a_name_is_not_shown() -> None:
    assert "hunter2" not in problem({"env": "whsec_hunter2+/=="})


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"hunter2\xff")
    for name in ("binary", "none", "nu\0ll"):
        told = problem({"file": str(tmp_path / name)})
        assert "cannot be read" in told
        assert "hunter2" not in told


def test_a_file_with_nothing_in_it(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("\n")
    assert "is empty" in problem({"file": str(tmp_path / "url")})


@pytest.mark.parametrize(
    "given", [{"env": "A", "file": "b"}, {"vault": "hunter2"}, {}, {"env": 3}, ["hunter2"]]
)
def test_named_in_a_way_that_nobody_knows(given: object) -> None:
    assert "hunter2" not in problem(given)


def test_a_secret_by_name_is_dumped_as_it_is_and_shown_nowhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SLACK_URL", URL)
    receiver = SlackReceiver.model_validate(
        {"name": "a", "type": "slack", "url": {"env": "SLACK_URL"}}
    )
    settings = Settings(receivers=(receiver,))
    assert URL in yaml.safe_dump(dump(settings))
    assert "hunter2" not in f"{settings!r} {settings} {settings.model_dump_json()} {receiver!r}"
