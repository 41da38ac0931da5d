"""Settings: the environment over a file over defaults."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import SecretStr, ValidationError
from pydantic_settings import SettingsError

from infra.brands import Brand
from infra.calendars import calendars
from infra.config_file import problem_of
from infra.receivers import WebhookReceiver
from infra.settings import Settings, dump

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
Write = Callable[[str], Path]


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in os.environ:
        if name.startswith("GROUNDSWELL"):
            monkeypatch.delenv(name)


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    def write(text: str) -> Path:
        path = tmp_path / "groundswell.yaml"
        path.write_text(text)
        monkeypatch.setenv("GROUNDSWELL_CONFIG", str(path))
        return path

    return write


def test_defaults_run_on_this_machine() -> None:
    settings = Settings()
    assert settings.kafka == settings.clickhouse.get_secret_value() == settings.feed == ""
    assert settings.brands == settings.receivers == ()
    assert settings.model == "auto"


def test_the_environment_wins_over_the_file(config: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    config("partitions: 8\ngroup: file\nbrands:\n- name: Acme\n  aliases: [acme air]\n")
    monkeypatch.setenv("GROUNDSWELL_GROUP", "environment")
    settings = Settings()
    assert (settings.partitions, settings.group) == (8, "environment")
    assert settings.brands == (Brand(name="Acme", aliases=("acme air",)),)
    monkeypatch.setenv("GROUNDSWELL_BRANDS", '[{"name": "Delta", "timezone": "Asia/Shanghai"}]')
    assert Settings().brands == (Brand(name="Delta", timezone="Asia/Shanghai"),)
    assert Settings(group="argument").group == "argument"


def test_what_is_dumped_reads_back_the_same_secrets_included(config: Write) -> None:
    settings = Settings(
        data=Path("some where/data"),
        socket=Path("/tmp/x/db.sock"),
        brands=(Brand(name="北风汽车", aliases=("Beifeng", "yes", "0"), language="zh"),),
        receivers=(
            WebhookReceiver(name="team", url="https://example.com/a?b=c", secret=SecretStr(SECRET)),
            WebhookReceiver(
                name="boss", url="http://[::1]:80/#: {y}", secret=SecretStr(SECRET + "AA==")
            ),
        ),
        clickhouse=SecretStr("clickhouse://ann:${x} #: {y}@db/x"),
        allow_hosts=("127.0.0.1",),
        clock="wall",
        real_kafka=False,
        feed='{"type":"file","name":"it\'s","mapping":{}}',
        group="007",
    )
    config(yaml.safe_dump(dump(settings)))
    again = Settings()
    assert again == settings
    assert again.receivers[0].secret.get_secret_value() == SECRET
    assert again.clickhouse.get_secret_value() == "clickhouse://ann:${x} #: {y}@db/x"


def test_a_secret_is_never_shown(config: Write) -> None:
    receiver = WebhookReceiver(name="team", url="https://example.com", secret=SecretStr(SECRET))
    address = SecretStr("clickhouse://ann:hunter2@db/x")
    settings = Settings(receivers=(receiver,), clickhouse=address)
    for text in (
        repr(settings),
        str(settings),
        f"{receiver!r} {receiver}",
        settings.model_dump_json(),
    ):
        assert SECRET not in text
        assert "hunter2" not in text


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("partitions: 0", "partitions"),
        ("partitions: many", "partitions"),
        ("brnds: []", "brnds"),
        ("clock: sundial", "clock"),
        ("brands:\n- name: Acme\n- name: ''", "brands.1.name"),
        ("brands:\n- nme: Acme", "brands.0.name"),
        ("brands:\n- {name: Acme, timezone: Mars/Olympus}", "brands.0.timezone"),
        ("brands:\n- {name: Acme, language: tlh}", "brands.0.language"),
        ('brands:\n- {name: "\\u200b "}', "brands.0.name"),
        ("brands:\n- {name: Acme, aliases: [acme air, ' ']}", "brands.0.aliases.1"),
        (f"receivers:\n- {{name: 'a b', url: 'http://x', secret: {SECRET}}}", "receivers.0.name"),
        ("receivers:\n- {name: a, url: 'http://x'}", "receivers.0.secret"),
        *[
            (f"receivers:\n- {{name: a, url: '{url}', secret: {SECRET}}}", "receivers.0.url")
            for url in ("", "example.com/x", "ftp://x/", "https://", "http://[::1", "http://x:y/")
        ],
        *[
            (f"receivers:\n- {{name: a, url: 'http://x', secret: '{x}'}}", "receivers.0.secret")
            for x in ("", "whsec_", "hunter2", SECRET.removeprefix("whsec_"), "whsec_hunter2/a")
        ],
    ],
)
def test_a_wrong_setting_is_named(text: str, where: str, config: Write) -> None:
    config(text)
    with pytest.raises(ValidationError) as caught:
        Settings()
    assert problem_of(caught.value).startswith(f"setting {where}: ")


def test_an_error_does_not_show_a_secret_either(config: Write) -> None:
    config(f"receivers:\n- {{name: a, url: 'http://x', secret: {SECRET}!}}")
    with pytest.raises(ValidationError) as caught:
        Settings()
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("text", ["{{", "- a\n- b", "just words", "a: b: c"])
def test_a_file_that_holds_no_settings(text: str, config: Write) -> None:
    path = config(text)
    with pytest.raises(SettingsError, match=path.name):
        Settings()


def test_a_file_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUNDSWELL_CONFIG", str(tmp_path / "gone.yaml"))
    with pytest.raises(SettingsError, match=r"gone\.yaml: no such file"):
        Settings()


def test_an_empty_file_is_fine(config: Write) -> None:
    config("# nothing yet\n")
    assert Settings() == Settings.model_construct(**dict(Settings()))


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        Settings().group = "2"


def test_a_brands_calendar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "groundswell.yaml"
    config.write_text(
        "brands:\n"
        "  - name: Acme\n"
        "    timezone: America/New_York\n"
        "    holidays: US\n"
        "    events:\n"
        "      - {name: launch, from: 2026-03-09T10:00, to: 2026-03-09T18:00+00:00, effect: 3}\n"
    )
    monkeypatch.setenv("GROUNDSWELL_CONFIG", str(config))
    settings = Settings()
    config.write_text(yaml.safe_dump(dump(settings), allow_unicode=True))
    assert Settings() == settings  # as worker processes get it
    calendar = calendars(settings.brands)["Acme"]
    assert (calendar.timezone, calendar.holidays) == ("America/New_York", "US")
    (event,) = calendar.events
    assert event.since == datetime(2026, 3, 9, 14, tzinfo=UTC)  # its own clocks, in summer
    assert event.until == datetime(2026, 3, 9, 18, tzinfo=UTC)
    assert event.effect == 3


@pytest.mark.parametrize(
    ("brand", "problem"),
    [
        ({"holidays": "XX"}, "no holidays are known"),
        ({"events": [{"name": "a", "from": "2026-03-09T10:00", "to": "2026-03-09T09:00"}]}, "ends"),
        ({"events": [{"name": "a", "from": "2026-03-09", "to": "2026-03-10", "effect": 0}]}, "0"),
    ],
)
def test_calendars_that_cannot_be(brand: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        Brand(name="Acme", **brand)
