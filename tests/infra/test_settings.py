"""Settings: the environment over a file over defaults."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from pydantic import SecretStr, ValidationError
from pydantic_settings import SettingsError

from infra.settings import Brand, Receiver, Settings, dump

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
    assert settings.kafka == settings.clickhouse == settings.feed == ""
    assert settings.brands == settings.receivers == ()
    assert (settings.model / "model.onnx").is_file()


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
            Receiver(name="team", url="https://example.com/a?b=c", secret=SecretStr(SECRET)),
            Receiver(name="boss", url="https://example.com", secret=SecretStr("${x} #: {y}")),
        ),
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


def test_a_secret_is_never_shown(config: Write) -> None:
    receiver = Receiver(name="team", url="https://example.com", secret=SecretStr(SECRET))
    settings = Settings(receivers=(receiver,))
    for text in (repr(settings), str(settings), f"{receiver!r} {receiver}"):
        assert SECRET not in text
    assert SECRET not in settings.model_dump_json()


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
        ("receivers:\n- {name: 'a b', url: u, secret: s}", "receivers.0.name"),
        ("receivers:\n- {name: a, url: u}", "receivers.0.secret"),
    ],
)
def test_a_wrong_setting_is_named(text: str, where: str, config: Write) -> None:
    config(text)
    with pytest.raises(ValidationError) as caught:
        Settings()
    problem = caught.value.errors()[0]
    assert ".".join(map(str, problem["loc"])) == where


def test_an_error_does_not_show_a_secret_either(config: Write) -> None:
    config(f"receivers:\n- {{name: 'a b', url: u, secret: {SECRET}}}")
    with pytest.raises(ValidationError) as caught:
        Settings()
    assert SECRET not in caught.value.errors()[0]["msg"]


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
    assert Settings() == Settings.model_construct(**Settings().model_dump())


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        Settings().group = "2"
