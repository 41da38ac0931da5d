"""`groundswell push`: what is accepted, what is said."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaConsumer

from infra.broker import EmbeddedBroker
from infra.intake import Given, OutboxFull, given, waiting
from infra.kafka import KafkaUnavailable, make_topics
from infra.open_store import socket_told
from infra.settings import Settings
from infra.store import Store, StoreUnavailable
from infra.store_chdb import ChdbStore
from infra.store_socket import serve_store
from processors.decode import decode
from processors.records import DeadLetter
from streams.failures import FAILURES, NotTaken, UsageError
from streams.given import read_raw
from streams.push import PushOptions, Report, push, read, run_push
from streams.takers import Line, ToKafka, ToLine

POST = {"source": "x", "native_id": "1", "text": "Oh no", "published_at": "2026-03-01T11:00:00Z"}


NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def post(**changed: Any) -> bytes:
    return json.dumps({**POST, **changed}).encode()


class Refusing:
    """Refuses as often as it is told to, then takes."""

    def __init__(self, *refusals: Exception, never: int = -1) -> None:
        self._refusals = list(refusals)
        self._never = never  # the position of a line that it can't take
        self.taken: list[int] = []

    def take(self, lines: Sequence[Line]) -> Sequence[Line]:
        """Take or refuse."""
        if self._refusals:
            raise self._refusals.pop(0)
        self.taken.extend(line.position for line in lines if line.position != self._never)
        return [line for line in lines if line.position == self._never]

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


def test_what_can_never_be_taken_is_counted_and_passed_over() -> None:
    report = Report()
    taker = Refusing(KafkaUnavailable("away"), never=1)
    batches = [lines(post(), b"rubbish", post(native_id="2")), [Line(3, post(), "x:1")]]
    assert list(push(batches, taker, report, pause=lambda error, n: None)) == [None, None]
    assert taker.taken == [0, 2, 3]
    assert (report.accepted, report.unreadable, report.refused) == (3, 0, 1)


ODD = [b"[%b]" % post(), b"[]", b"[[%b]]" % post(), b"[1, 2", b'["\\ud800"]', b"1", b"\xff", post()]


def test_a_line_is_the_same_to_both_takers(broker: EmbeddedBroker, line: Settings) -> None:
    topics = {"posts.raw": line.partitions}
    make_topics(broker.address, topics, replication=1)
    taker = ToKafka(Settings(kafka=broker.address, real_kafka=False, data=line.data))
    consumer = KafkaConsumer(
        "posts.raw",
        bootstrap_servers=broker.address,
        auto_offset_reset="earliest",
        consumer_timeout_ms=10_000,
    )
    whole = lines(*ODD)
    too_large = Line(len(ODD), b"x" * (9 << 20), "")
    try:
        assert taker.take([*whole, too_large]) == [too_large]
        sent = [record.value for record in islice(consumer, len(ODD))]
    finally:
        consumer.close()
        taker.close()
    read_back = [decode(value, arrived_at=NOW, feed="f", position=0) for value in sent]
    assert all(len(items) == 1 for items in read_back)
    from_kafka = sorted(type(items[0]).__name__ for items in read_back)
    rows = [
        Given(feed="f", position=0, topic="posts.raw", payload=each.payload, arrived_at=NOW)
        for each in whole
    ]
    assert from_kafka == sorted(type(read_raw(row)).__name__ for row in rows)
    assert from_kafka == ["DeadLetter"] * (len(ODD) - 1) + ["RawPost"]
    dead = {item.payload for [item] in read_back if isinstance(item, DeadLetter)}
    assert dead == set(ODD[:-1])


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
    assert pushed(line, file, as_json=True)[-1] == '{"accepted":251,"unreadable":1,"refused":0}'
    rows = waiting(store, 999)
    assert [row.position for row in rows] == list(range(251))
    assert given(store, [rows[250].key])[0].payload == b"rubbish"
    pushed(line, file, source="forum")  # read in another way it is another feed
    assert len(waiting(store, 999)) == 502


def test_the_name_of_a_file_writes_nothing_on_a_terminal(
    line: Settings, store: Store, tmp_path: Path
) -> None:
    file = tmp_path / "po\x1b[2J\nsts.jsonl"
    file.write_bytes(post(native_id="1"))
    pushed(line, file)
    [row] = waiting(store, 9)
    assert row.feed.startswith("push:po_[2J_sts.jsonl@")


@pytest.mark.parametrize("source", ["a:b", "a b", "s" * 65, "forum\n"])
def test_a_source_that_no_post_may_have_is_refused_at_once(
    source: str, line: Settings, store: Store, tmp_path: Path
) -> None:
    (tmp_path / "posts.jsonl").write_bytes(b'{"native_id": "1"}')
    with pytest.raises(UsageError, match="--source"):
        pushed(line, tmp_path / "posts.jsonl", source=source)
    assert not waiting(store, 9)


def test_a_refused_line_is_an_error_once_all_others_are_accepted(
    line: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "posts.jsonl"
    file.write_bytes(b"\n".join(post(native_id=str(number)) for number in range(300)))
    taker = Refusing(never=1)
    said: list[str] = []
    with pytest.raises(NotTaken):
        run_push(line, PushOptions(file=file), said.append, taker)
    assert said[-1] == "299 accepted; 1 refused: larger than the broker takes; done"
    assert taker.taken == [0, *range(2, 300)]
    assert NotTaken in FAILURES  # one line and exit status 1


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl.gz", "missing.jsonl"])
def test_a_file_that_it_cannot_read(name: str, line: Settings, tmp_path: Path) -> None:
    if "missing" not in name:
        (tmp_path / name).write_bytes(b"id\n")
    with pytest.raises(UsageError, match=name):
        pushed(line, tmp_path / name)


def test_an_empty_file(line: Settings, tmp_path: Path) -> None:
    (tmp_path / "none.jsonl").write_bytes(b"\n\n")
    assert pushed(line, tmp_path / "none.jsonl") == ["0 accepted; done"]
