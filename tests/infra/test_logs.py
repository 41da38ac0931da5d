"""What is written about an error, and what never is."""

import json
from collections.abc import Iterator

import pytest
import structlog

from infra.logs import set_up_logs


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    structlog.reset_defaults()


@pytest.mark.parametrize("as_json", [True, False])
def test_a_traceback_says_where_and_not_what_was_in_hand(
    as_json: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_logs(json=as_json)

    def fails() -> None:
        text = "my post"  # noqa: F841 - what a traceback with local variables would show
        password = "hunter2"  # noqa: F841
        raise ZeroDivisionError("a bug")

    try:
        fails()
    except ZeroDivisionError as error:
        structlog.get_logger().critical("crashed", error="ZeroDivisionError: a bug", exc_info=error)
    said = capsys.readouterr().err
    assert "test_logs.py" in said
    assert "ZeroDivisionError" in said
    assert "'my post'" not in said
    assert "'hunter2'" not in said
    if as_json:
        (line,) = said.splitlines()
        assert json.loads(line)["error"] == "ZeroDivisionError: a bug"
        assert "locals" not in json.loads(line)["exception"][0]["frames"][0]
