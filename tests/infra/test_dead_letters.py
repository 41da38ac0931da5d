"""Dead letters that are still dead, and those that were given to the line again."""

from datetime import UTC, datetime, timedelta

import pytest

from infra.dead_letters import Letter, Wanted, dead_counts, dead_letters
from infra.intake import put_back
from infra.posts import write_batch
from infra.stage_events import StageEvent, record
from infra.store import Store
from processors.records import DeadLetter, Drop

AT = datetime(2026, 3, 1, tzinfo=UTC)


def dead(position: int, *, feed: str = "f", reason: str = "not_json") -> DeadLetter:
    return DeadLetter(
        feed=feed,
        position=position,
        reason=reason,
        detail="it's",
        payload=b"\xff\x00{",
        arrived_at=AT + timedelta(seconds=position),
        topic="posts.clean",
    )


@pytest.fixture
def letters(store: Store) -> Store:
    """Four, of two feeds and two reasons."""
    write_batch(
        store,
        [dead(1), dead(2, reason="poison"), dead(1, feed="it's, g"), dead(3)],
        AT,
    )
    return store


def positions(found: list[Letter]) -> list[tuple[str, int]]:
    return [(letter.feed, letter.position) for letter in found]


def test_the_newest_first_and_as_they_were(letters: Store) -> None:
    found = dead_letters(letters, Wanted(), most=10)
    assert positions(found) == [("f", 3), ("f", 2), ("f", 1), ("it's, g", 1)]
    assert found[1] == Letter(
        feed="f",
        position=2,
        topic="posts.clean",
        reason="poison",
        detail="it's",
        payload=b"\xff\x00{",
        arrived_at=AT + timedelta(seconds=2),
    )
    assert positions(dead_letters(letters, Wanted(), most=2, skipped=1)) == [("f", 2), ("f", 1)]


def test_filters(letters: Store) -> None:
    assert positions(dead_letters(letters, Wanted(reason="poison"), most=9)) == [("f", 2)]
    assert positions(dead_letters(letters, Wanted(feed="it's, g"), most=9)) == [("it's, g", 1)]
    assert positions(dead_letters(letters, Wanted(feed="f", position=3), most=9)) == [("f", 3)]
    assert dead_letters(letters, Wanted(feed="g"), most=9) == []
    assert dead_counts(letters, Wanted()) == {"not_json": 3, "poison": 1}
    assert dead_counts(letters, Wanted(feed="f")) == {"not_json": 2, "poison": 1}


def test_another_outcome_takes_it_off_the_list_and_no_echo_puts_it_back(letters: Store) -> None:
    drop = Drop(feed="f", position=2, post_id="x:1", reason="no_brand")
    write_batch(letters, [drop], AT)
    assert dead_counts(letters, Wanted()) == {"not_json": 3}
    written = write_batch(letters, [dead(2, reason="poison"), dead(9)], AT)
    assert written.dead == 1
    assert dead_counts(letters, Wanted()) == {"not_json": 4}
    outcomes = "SELECT outcome FROM receipts FINAL WHERE feed = 'f' AND position = 2"
    assert letters.query(outcomes) == [("dropped",)]


def test_what_is_put_back_waits_in_the_outbox_without_an_outcome(letters: Store) -> None:
    wanted = Wanted(feed="f")
    put_back(letters, dead_letters(letters, wanted, most=9))
    rows = letters.query("SELECT feed, position, payload, topic FROM outbox ORDER BY position")
    assert [(row[0], row[1], row[3]) for row in rows] == [
        ("f", number, "posts.clean") for number in (1, 2, 3)
    ]
    assert {bytes(row[2]) for row in rows} == {b"\xff\x00{"}
    assert letters.query("SELECT feed, position FROM receipts") == [("it's, g", 1)]
    # Until there is a new outcome they are on the list: what ends in between can be repeated.
    assert len(dead_letters(letters, wanted, most=9)) == 3
    write_batch(letters, [dead(1, reason="wrong_type")], AT)
    assert dead_counts(letters, wanted) == {"not_json": 1, "poison": 1, "wrong_type": 1}


@pytest.mark.parametrize("table", ["dead_letters", "stage_events"])
def test_rows_are_kept_for_90_days_from_when_they_were_written(letters: Store, table: str) -> None:
    for day in (1, 2):
        at = AT + timedelta(days=day)  # long ago, as in a file that is replayed
        record(letters, StageEvent(at=at, stage="score", kind="memory", detail="d"))
    rows = f"SELECT count() FROM {table} FINAL"
    letters.command(f"OPTIMIZE TABLE {table} FINAL")
    before = letters.query(rows)[0][0]
    assert before >= 2
    for days, left in ((89, before), (91, 0)):
        letters.command(
            f"ALTER TABLE {table} UPDATE kept_since = now() - INTERVAL {days} DAY WHERE 1 "
            "SETTINGS mutations_sync = 2"
        )
        letters.command(f"OPTIMIZE TABLE {table} FINAL")
        assert letters.query(rows) == [(left,)]
