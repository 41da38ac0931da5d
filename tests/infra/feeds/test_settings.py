"""Settings of feeds: named when wrong, secrets kept, and told to worker processes whole."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from infra.settings import Settings, dump

FEEDS: list[dict[str, Any]] = [
    {"name": "fedi", "type": "mastodon", "url": "https://example.social/", "token": "a-token"},
    {"name": "own", "type": "forum", "source": "forum", "secrets": {"key": {"env": "A_KEY"}}},
    {"name": "press", "type": "rss", "urls": ["https://example.com/feed"]},
]
PUSH = {"port": 8088, "tokens": [{"source": "forum", "token": "long-enough-a-token"}]}


def test_what_a_worker_is_told_is_what_was_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("A_KEY", "the-key")
    settings = Settings(feeds=FEEDS, push=PUSH)  # type: ignore[arg-type]
    assert "a-token" not in repr(settings)
    assert "the-key" not in repr(settings)
    told = tmp_path / "line.yaml"
    told.write_text(yaml.safe_dump(dump(settings)))
    assert "the-key" in told.read_text()
    monkeypatch.delenv("A_KEY")
    monkeypatch.setenv("GROUNDSWELL_CONFIG", str(told))
    assert Settings() == settings


@pytest.mark.parametrize(
    ("changed", "where", "what"),
    [
        ({"feeds": [FEEDS[0], FEEDS[0]]}, ("feeds",), "two feeds are called fedi"),
        ({"feeds": [{**FEEDS[0], "url": "ftp://x"}]}, ("feeds", 0, "mastodon", "url"), "http"),
        (
            {"feeds": [{**FEEDS[0], "token": {"env": "NOPE"}}]},
            ("feeds", 0, "mastodon", "token"),
            "NOPE",
        ),
        ({"feeds": [{**FEEDS[2], "poll_seconds": 1}]}, ("feeds", 0, "rss", "poll_seconds"), "60"),
        ({"feeds": [{**FEEDS[2], "source": "a b"}]}, ("feeds", 0, "rss", "source"), "pattern"),
        (
            {"feeds": [{"name": "own", "type": "forum"}]},
            ("feeds", 0, "other", "source"),
            "required",
        ),
        ({"push": {"port": 1, "tokens": []}}, ("push", "tokens"), "at least 1"),
        (
            {"push": {"port": 1, "tokens": [{"source": "a", "token": "tiny"}]}},
            ("push", "tokens", 0, "token"),
            "16 characters",
        ),
    ],
)
def test_a_wrong_setting_is_named(changed: Any, where: tuple[Any, ...], what: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Settings(**changed)
    problem = caught.value.errors()[0]
    assert problem["loc"] == where
    assert what in problem["msg"]
    assert "tiny" not in str(caught.value)
