"""dlq list, show and retry as a person meets them, beside a running line."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from infra.posts import write_batch
from infra.store import Store
from infra.store_socket import serve_store
from processors.records import DeadLetter
from streams.cli import app
from streams.failures import UsageError

AT = datetime(2026, 3, 1, 22, 55, tzinfo=UTC)
Dlq = Callable[..., Result]


def dead(position: int, reason: str) -> DeadLetter:
    return DeadLetter(
        feed="posts.raw/0",
        position=position,
        reason=reason,
        detail=f"detail {position}",
        payload=b'{"text": "\x1b[2J\xff"}',
        arrived_at=AT,
    )


@pytest.fixture
def dlq(
    store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Dlq]:
    """The command, on a database with three dead letters that another process has open."""
    write_batch(store, [dead(1, "poison"), dead(2, "not_json"), dead(3, "not_json")], AT)
    path: Path = tmp_path_factory.mktemp("s") / "s"
    server = serve_store(store, path)
    monkeypatch.setenv("GROUNDSWELL_SOCKET", str(path))
    yield lambda *words: CliRunner().invoke(app, ["dlq", *map(str, words)])
    server.close()


def test_the_list_begins_with_how_many(dlq: Dlq) -> None:
    lines = dlq("list", "--most", 2).output.splitlines()
    assert lines[:2] == ["2 not_json", "1 poison"]
    assert lines[2] == "2026-03-01 22:55:00  posts.raw/0 1  poison: detail 1"
    assert lines[-1] == "and 1 older: --most shows more"
    assert len(dlq("list", "--reason", "poison").output.splitlines()) == 2
    assert dlq("list", "--feed", "other").output == "no dead letters\n"


def test_as_json(dlq: Dlq) -> None:
    rows = [json.loads(line) for line in dlq("list", "--json").output.splitlines()]
    assert [row["position"] for row in rows] == [1, 2, 3]
    assert rows[0]["payload"] == r'{"text": "\x1b[2J\xff"}'


def test_one_is_shown_without_harm(dlq: Dlq) -> None:
    shown = dlq("show", "posts.raw/0", 2).output
    assert "not_json: detail 2" in shown
    assert r'{"text": "\x1b[2J\xff"}' in shown
    assert "\x1b" not in shown
    missing = dlq("show", "posts.raw/0", 9)
    assert isinstance(missing.exception, UsageError)


def test_retry_wants_to_know_which(dlq: Dlq, store: Store) -> None:
    assert isinstance(dlq("retry").exception, UsageError)
    assert isinstance(dlq("retry", "--all", "--position", 1).exception, UsageError)
    assert dlq("retry", "--feed", "posts.raw/0", "--position", 2).output == "tried again: 1\n"
    assert dlq("retry", "--reason", "poison").output == "tried again: 1\n"
    rows = store.query("SELECT position FROM outbox ORDER BY position")
    assert [row[0] for row in rows] == [1, 2]
    assert dlq("retry", "--all").output == "tried again: 3\n"
