"""docs/scaling.md shows what the command says."""

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from streams.cli import app

PAGE = Path(__file__).parents[1] / "docs" / "scaling.md"
SHOWN = re.findall(
    r"```console\n(groundswell plan [^\n]*)\n```\n\n```text\n(.*?)```", PAGE.read_text(), re.DOTALL
)


def test_three_plans_are_shown() -> None:
    assert len(SHOWN) == 3


@pytest.mark.parametrize(("command", "said"), SHOWN, ids=["1 k", "100 k", "1 M"])
def test_a_shown_plan_is_the_command_s(command: str, said: str) -> None:
    result = CliRunner().invoke(app, shlex.split(command)[1:])
    assert result.output == said
