"""What docs/delivery.md says of receivers works."""

import re
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from msgspec.structs import fields
from pydantic import TypeAdapter

from infra.channels.webhook import sign
from infra.channels.webhook_body import IncidentData
from infra.receivers import Receiver, ReceiverSettings
from infra.settings import Settings

TEXT = (Path(__file__).parents[3] / "docs" / "delivery.md").read_text("utf-8")
SECRET, OLD = ("whsec_" + b64encode(key * 4).decode() for key in (b"newer", b"older"))


@pytest.fixture(scope="module")
def verify() -> Callable[..., None]:
    (snippet,) = re.findall(r"^```python\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
    body = snippet.partition("def verify")[2].rstrip().splitlines()
    assert len(body) == 8
    scope: dict[str, Any] = {}
    exec(compile(snippet, "delivery.md", "exec"), scope)
    function: Callable[..., None] = scope["verify"]
    return function


def test_eight_lines_verify_a_signature_also_during_a_rotation(
    verify: Callable[..., None],
) -> None:
    body, now = '{"text": "电池起火"}'.encode(), datetime.now(UTC)
    headers = sign(SECRET, "inc_1.1", now, body, old=[OLD])
    verify(SECRET, headers, body)
    verify(OLD, headers, body)
    alone = sign(SECRET, "inc_1.1", now, body)
    late = sign(SECRET, "inc_1.1", now - timedelta(minutes=6), body)
    for secret, given, received in (
        (OLD, alone, body),
        (SECRET, alone, body + b" "),
        (SECRET, {**alone, "webhook-id": "inc_1.2"}, body),
        (SECRET, late, body),
    ):
        with pytest.raises(PermissionError):
            verify(secret, given, received)


def test_every_type_of_receiver_is_set_up_as_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in re.findall(r"env: (\w+)", TEXT):
        secret = SECRET if name.startswith("DESK") else "https://example.com/x"
        monkeypatch.setenv(name, secret)
    shown = re.findall(r"^```yaml\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
    settings: TypeAdapter[Receiver] = TypeAdapter(ReceiverSettings)
    made = [settings.validate_python(yaml.safe_load(one)) for one in shown]
    assert {type(one) for one in made} == set(get_args(Receiver))
    assert len(made) == len(get_args(Receiver))


def test_the_table_names_every_field_and_the_objective() -> None:
    rows = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|", TEXT, re.MULTILINE)
    named = [name for row in rows for name in re.findall(r"\w+", row)]
    assert sorted(named) == sorted(field.name for field in fields(IncidentData))
    objective = Settings.model_fields["objective_seconds"].default
    assert f"`objective_seconds`, {objective:g}" in TEXT
