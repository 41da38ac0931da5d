"""`groundswell push`: what is accepted, what is said."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from infra.intake import OutboxFull, given, waiting
from infra.open_store import socket_told
from infra.settings import Settings
from infra.store import Store, StoreUnavailable
from infra.store_chdb import ChdbStore
from infra.store_socket import serve_store
from streams.failures import UsageError
from streams.push import PushOptions, Report, push, read, run_push
from streams.takers import Line, ToLine

POST = {"source": "x", "native_id": "1", "text": "Oh no", "published_at": "2026-03-01T11:00:00Z"}


def post(**changed: Any) -> bytes:
    return json.dumps({**POST, **changed}).encode()


class Refusing:
    """Refuses as often as it is told to, then takes."""

    def __init__(self, *refusals: Exception) -> None:
        self._refusals = list(refusals)
        self.taken: list[int] = []

    def take(self, lines: Sequence[Line]) -> None:
        """Take or refuse."""
        if self._refusals:
            raise self._refusals.pop(0)
        self.taken.extend(line.position for line in lines)

    def close(self) -> None:
        """Nothing to do."""


def lines(*payloads: bytes, source: str = "") -> list[Line]:
    return [line for batch in read([payloads], source) for line in batch]


def test_lines_are_counted_without_blank_ones() -> None:
    batches = list(read([[b"\xef\xbb\xbf" + post(), b" "], [b"\r"], [post(native_id="2")]], ""))
    assert [[(line.position, line.post_id) for line in batch] for batch in batches] == [
        [(0, "x:1")],
        [(1, "x:2")],
    ]
    assert batches[0][0].payload == post()


def test_bytes_stay_as_they_are_unless_a_source_is_missing() -> None:
    without = b'{"native_id":"1", "text":"a", "published_at":"2026-03-01T11:00:00Z"}'
    found = lines(without, post(), b"rubbish", b"[1]", b"\xff", source="forum")
    assert [line.post_id for line in found] == ["forum:1", "x:1", "", "", ""]
    assert [line.payload for line in found[1:]] == [post(), b"rubbish", b"[1]", b"\xff"]
    assert lines(without)[0].post_id == ""


def test_a_batch_is_accepted_only_when_it_was_taken() -> None:
    taker = Refusing(StoreUnavailable("away"), OutboxFull("full"))
    pauses: list[tuple[str, int]] = []
    report = Report()
    batches = [lines(post(), b"rubbish"), [Line(2, post(), "x:1")]]
    steps = push(batches, taker, report, pause=lambda error, n: pauses.append((str(error), n)))
    next(steps)
    assert pauses == [("away", 0), ("full", 1)]
    assert (report.accepted, report.unreadable) == (2, 1)
    assert list(steps) == [None]
    assert (report.accepted, report.unreadable) == (3, 1)
    assert taker.taken == [0, 1, 2]


def test_a_bug_is_no_reason_to_wait() -> None:
    with pytest.raises(ZeroDivisionError):
        next(push([lines(post())], Refusing(ZeroDivisionError()), Report(), pause=print))


def test_only_a_running_line_is_given_posts(
    embedded: ChdbStore, store: Store, tmp_path: Path
) -> None:
    """A folder that nobody has open stays closed: the line that starts next must get it."""
    taker = ToLine(Settings(data=tmp_path), "push:1")
    (tmp_path / "database").mkdir()
    with pytest.raises(StoreUnavailable, match="no line runs"):
        taker.take(lines(post()))
    for number, name in enumerate(("one.sock", "two.sock")):  # a line that starts again
        server = serve_store(embedded, tmp_path / name)
        with socket_told(tmp_path, tmp_path / name):
            taker.take([Line(number, post(), "x:1")])
            server.close()
            with pytest.raises(StoreUnavailable):
                taker.take([Line(9, post(), "x:1")])
    assert [row.key for row in waiting(store, 9)] == [("push:1", 0), ("push:1", 1)]
    assert list((tmp_path / "database").iterdir()) == []


@pytest.fixture
def line(embedded: ChdbStore, store: Store, tmp_path: Path) -> Any:
    """A database that answers as a running line's does."""
    server = serve_store(embedded, tmp_path / "line.sock")
    with socket_told(tmp_path, tmp_path / "line.sock"):
        yield Settings(data=tmp_path)
    server.close()


def pushed(line: Settings, file: Path, **options: Any) -> list[str]:
    said: list[str] = []
    run_push(line, PushOptions(file=file, **options), said.append)
    return said


def test_a_file_is_pushed_and_the_same_again_is_the_same_rows(
    line: Settings, store: Store, tmp_path: Path
) -> None:
    file = tmp_path / "posts.jsonl"
    file.write_bytes(b"\n".join([*(post(native_id=str(n)) for n in range(250)), b"rubbish"]))
    said = pushed(line, file)
    assert said[-1] == (
        "251 accepted, 1 of them no posts: dead letters, each with its reason; done"
    )
    assert [words for words in said if words.startswith("accepted")][-1] == "accepted 251"
    assert pushed(line, file, as_json=True)[-1] == '{"accepted":251,"unreadable":1}'
    rows = waiting(store, 999)
    assert [row.position for row in rows] == list(range(251))
    assert given(store, [rows[250].key])[0].payload == b"rubbish"
    pushed(line, file, source="forum")  # read in another way it is another feed
    assert len(waiting(store, 999)) == 502


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl.gz", "missing.jsonl"])
def test_a_file_that_it_cannot_read(name: str, line: Settings, tmp_path: Path) -> None:
    if "missing" not in name:
        (tmp_path / name).write_bytes(b"id\n")
    with pytest.raises(UsageError, match=name):
        pushed(line, tmp_path / name)


def test_an_empty_file(line: Settings, tmp_path: Path) -> None:
    (tmp_path / "none.jsonl").write_bytes(b"\n\n")
    assert pushed(line, tmp_path / "none.jsonl") == ["0 accepted; done"]
