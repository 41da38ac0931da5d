"""The files of settings that people copy are good, with what is commented out in them as well."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from pydantic_settings import SettingsError

from infra.config_file import parse_config
from infra.deliver.match import View
from infra.deliver.tree import routed
from infra.receivers import Receiver
from infra.settings import FileSettings
from streams.routes import checked

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "groundswell.example.yaml"
ROUTING = ROOT / "docs" / "routing.example.yaml"
COMMENTED = re.compile(r"^( *)# (?=( *- )|route:|push:|( {2,}\w))", re.MULTILINE)
NAMED = re.compile(r"\benv: (\w+)")


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for path in (EXAMPLE, ROUTING):
        for name in NAMED.findall(path.read_text(encoding="utf-8")):
            secret = "https://x.com/1" if name.endswith("_URL") else "whsec_MDEyMzQ1Njc4OTAx"
            monkeypatch.setenv(name, secret)


def uncommented() -> str:
    """The example with all that is commented out; its remarks stay remarks."""
    text = EXAMPLE.read_text(encoding="utf-8")
    return COMMENTED.sub(r"\1", text)


def types_of(settings: FileSettings) -> set[str]:
    return {receiver.type for receiver in settings.receivers}


def every_type() -> Iterator[str]:
    for model in get_args(Receiver):
        yield from get_args(model.model_fields["type"].annotation)


def test_the_example_is_good_as_it_is() -> None:
    assert checked(EXAMPLE).startswith(f"{EXAMPLE} is good: 1 receiver, 0 routes")


def test_the_example_is_good_with_all_that_is_commented_out() -> None:
    settings = FileSettings(**parse_config(uncommented().encode(), EXAMPLE))
    assert types_of(settings) == set(every_type())
    assert settings.route is not None
    assert len(settings.route.routes) == 2
    assert settings.route.routes[0].escalate
    assert settings.route.routes[1].quiet
    assert [feed.name for feed in settings.feeds] == ["bluesky", "fedi", "press", "hn", "tube"]
    assert settings.push is not None


def test_the_example_of_routing_has_everything() -> None:
    settings = FileSettings(**parse_config(ROUTING.read_bytes(), ROUTING))
    assert types_of(settings) == set(every_type())
    assert "no route leads to" not in checked(ROUTING)


@pytest.mark.parametrize(
    ("brand", "kind", "severity", "told", "late"),
    [
        ("Northwind", "negative_surge", 5, {"archive", "board", "pr-desk"}, set()),
        ("Northwind", "volume_surge", 5, {"archive", "board", "teams"}, set()),
        (
            *("北风汽车", "negative_surge", 9),
            {"archive", "board", "on-call", "pr-desk"},
            {"head-of-pr", "phone", "alerts"},
        ),
        (
            *("北风汽车", "mood_shift", 4),
            {"archive", "board", "feishu", "dingtalk", "wecom"},
            set(),
        ),
    ],
)
def test_the_example_of_routing_leads_where_its_comments_say(
    brand: str, kind: str, severity: int, told: set[str], late: set[str]
) -> None:
    settings = FileSettings(**parse_config(ROUTING.read_bytes(), ROUTING))
    names = [receiver.name for receiver in settings.receivers]
    seen = View(incident_id="inc_1", brand=brand, kind=kind, severity=severity)  # type: ignore[arg-type]
    way = routed(settings.route, names, seen)
    assert (set(way.told), set(way.later)) == (told, late)


def test_a_secret_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SLACK_URL")
    with pytest.raises(SettingsError, match=r":9: setting receivers.0.url: .* no SLACK_URL"):
        checked(ROUTING)
