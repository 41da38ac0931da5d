"""correct, learn and rollback as a person meets them, on a folder and beside a running line."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from infra.corrections import read_corrections
from infra.open_store import SOCKET_FILE, open_beside, socket_told
from infra.posts import write_batch
from infra.settings import Settings
from infra.store import Store, StoreUnavailable
from infra.store_socket import SocketStore, serve_store
from processors.labelled import DataError
from processors.records import CleanPost, ScoredPost, Sentiment
from streams.cli import app
from streams.correct import Given, given_label, keep, read_given
from streams.failures import UsageError

AT = datetime(2026, 3, 1, 22, 55, tzinfo=UTC)


@pytest.fixture
def posts(store: Store, clean_post: Callable[..., CleanPost]) -> Store:
    """A database with the posts x:0 to x:4."""
    batch = [
        ScoredPost(
            post=clean_post(
                post_id=f"x:{n}",
                position=n,
                cluster_id=n,
                text=f"Text {n}",
                key_text=f"text {n}",
                published_at=AT,
                received_at=AT,
            ),
            sentiment=Sentiment("negative", 0.8, 0.1, 0.1, "m"),
            scored_at=AT,
        )
        for n in range(5)
    ]
    write_batch(store, batch, AT)
    return store


@pytest.mark.parametrize("command", ["correct", "learn", "rollback"])
def test_the_help_of_every_command_has_an_example(command: str) -> None:
    shown = CliRunner().invoke(app, [command, "--help"])
    assert shown.exit_code == 0
    assert "Example:" in shown.output
    assert f"groundswell {command}" in " ".join(shown.output.split())


def test_corrections_are_kept_all_or_none(posts: Store) -> None:
    good = [given_label("x:1", "positive"), Given(label="neutral", text="Opens at nine tomorrow")]
    assert keep(posts, good, by="ann", note="", at=AT) == 2
    with pytest.raises(UsageError, match="no post x:nobody"):
        keep(
            posts,
            [given_label("x:2", "neutral"), given_label("x:nobody", "neutral")],
            by="",
            note="",
            at=AT,
        )
    found = {one.text: (one.label, one.language, one.by) for one in read_corrections(posts)}
    assert found == {
        "Text 1": ("positive", "en", "ann"),
        "Opens at nine tomorrow": ("neutral", "en", "ann"),
    }


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "line 2"),
        ('{"post_id": "x:1", "label": "bad"}', "line 2: Invalid enum value 'bad'"),
        ('{"post_id": "x:1", "text": "a", "label": "neutral"}', "either post_id or text"),
        ('{"label": "neutral"}', "either post_id or text"),
        ('{"text": 5, "label": "neutral"}', "line 2: Expected `str`"),
        (json.dumps({"text": "a" * 70_000, "label": "neutral"}), "line 2: text of more than"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(tmp_path: Path, line: str, says: str) -> None:
    path = tmp_path / "corrections.jsonl"
    path.write_text('{"post_id": "x:1", "label": "neutral"}\n' + line + "\n")
    with pytest.raises(DataError) as caught:
        read_given(path)
    assert says in str(caught.value)
    assert str(path) in str(caught.value)


def test_an_empty_file_and_a_label_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "none.jsonl").write_text("\n")
    with pytest.raises(DataError, match="no corrections"):
        read_given(tmp_path / "none.jsonl")
    with pytest.raises(UsageError, match="'bad' is no label; there are negative"):
        given_label("x:1", "bad")


def test_a_command_finds_the_database_of_a_running_line(posts: Store, tmp_path: Path) -> None:
    data, path = tmp_path / "data", tmp_path / "db.sock"
    data.mkdir()
    server = serve_store(posts, path)
    with socket_told(data, path):
        store = open_beside(Settings(data=data))
        assert isinstance(store, SocketStore)
        assert keep(store, [given_label("x:3", "neutral")], by="", note="", at=AT) == 1
        store.close()
    assert not (data / SOCKET_FILE).exists()
    server.close()
    assert [one.post_id for one in read_corrections(posts)] == ["x:3"]


def test_what_a_killed_line_left_behind_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / SOCKET_FILE).write_text(str(tmp_path / "gone.sock"))
    with pytest.raises(StoreUnavailable, match="no database yet; GROUNDSWELL_DATA"):
        open_beside(Settings(data=tmp_path))
    assert not (tmp_path / "database").exists()


def test_the_commands_on_a_folder(groundswell: Callable[..., Any], tmp_path: Path) -> None:
    def end(*words: object, code: int = 0) -> Any:
        ran = groundswell(*words, GROUNDSWELL_DATA=str(tmp_path / "data"))
        assert ran.wait() == code, ran.err
        return ran

    def refused(*words: object) -> str:
        ran = end(*words, code=1)
        assert ran.out == ""
        (line,) = ran.err.splitlines()
        return str(line)

    assert "no database yet" in refused("correct", "x:1", "negative")
    end("migrate")
    assert "no post x:1" in refused("correct", "x:1", "negative")
    assert "'bad' is no label" in refused("correct", "x:1", "bad")
    assert "give a post and its label" in refused("correct")
    path = tmp_path / "c.jsonl"
    path.write_text('{"text": "Nice one, that flight", "label": "positive", "language": "en"}\n')
    assert end("correct", "--file", path, "--by", "ann").out == "kept 1 correction\n"
    assert end("learn").out.startswith("corrections of English texts: 1;")
    assert "nothing to roll back: the shipped model is live" in refused("rollback")
    assert "--every 5 minutes" in refused("learn", "--every", "5 minutes")
