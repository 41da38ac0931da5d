"""Answers that are kept as long as nobody writes to what they are of."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from infra.answer import Answer
from infra.progress import Progress, report
from infra.series import line_clock
from infra.store import Store, StoreError
from infra.store_owned import OwnedStore

AT = datetime(2026, 3, 1, 22, 55, tzinfo=UTC)
TABLES = ("feed_progress",)
COLUMNS = ("feed", "version", "clock", "sent", "durable", "state", "updated_at")


def progress(minute: int) -> Progress:
    clock = AT.replace(minute=minute)
    return Progress(feed="f", clock=clock, sent=9, durable=9, state="running")


class Asked:
    """How far the line is, and how often it was asked."""

    def __init__(self, store: Store) -> None:
        self.times = 0
        self._store = store

    def __call__(self) -> datetime | None:
        self.times += 1
        clock = line_clock(self._store)
        return clock.at if clock else None


@pytest.fixture
def owned(store: Store) -> OwnedStore:
    return OwnedStore(store)


def test_it_is_asked_once_until_somebody_writes(owned: OwnedStore) -> None:
    asked = Asked(owned)
    answer = Answer(owned, TABLES, asked)
    assert [answer.now(), answer.now(), asked.times] == [None, None, 1]
    for minute in (1, 2):
        report(owned, progress(minute), AT)
        assert answer.now() == answer.now() == AT.replace(minute=minute)
    assert asked.times == 3
    owned.insert("watch_state", ("brand", "bucket", "state", "verdict"), [("", AT, "", "")])
    assert (answer.now(), asked.times) == (AT.replace(minute=2), 3)


def _insert_that_fails(owned: OwnedStore) -> None:
    with pytest.raises(StoreError):
        owned.insert("feed_progress", COLUMNS, [("f", "no number", AT, 1, 1, "running", AT)])


@pytest.mark.parametrize(
    "write", [_insert_that_fails, lambda owned: owned.command("TRUNCATE TABLE feed_progress")]
)
def test_a_write_that_may_have_changed_it_counts(
    owned: OwnedStore, write: Callable[[OwnedStore], object]
) -> None:
    asked = Asked(owned)
    answer = Answer(owned, TABLES, asked)
    answer.now()
    write(owned)
    answer.now()
    assert asked.times == 2


def test_what_is_written_while_it_is_asked_is_in_the_next_answer(owned: OwnedStore) -> None:
    def ask() -> datetime | None:
        found = line_clock(owned)
        report(owned, progress(1 if found is None else 2), AT)
        return found.at if found else None

    answer = Answer(owned, TABLES, ask)
    assert [answer.now(), answer.now()] == [None, AT.replace(minute=1)]


def test_where_others_write_too_it_is_asked_each_time(store: Store) -> None:
    asked = Asked(store)
    answer = Answer(store, TABLES, asked)
    assert [answer.now(), answer.now(), asked.times] == [None, None, 2]
