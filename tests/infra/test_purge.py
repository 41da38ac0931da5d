"""Erased words leave the files on disk; the rows that say so stay."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from forecasting.records import IncidentEvent
from infra.brands import Brand
from infra.corrections import Correction, id_of_text, write_corrections
from infra.dead_letters import Wanted, dead_counts
from infra.erasures import erase
from infra.incidents import events, write_events
from infra.mutation import MutationFailed, mutate
from infra.posts import write_batch
from infra.purge import Leftovers, leftovers, purge
from infra.redact import redact
from infra.retention import apply_retention
from infra.store import Store
from infra.store_chdb import ChdbStore
from processors.pseudonym import pseudonym
from processors.records import CleanPost, DeadLetter, Erasure, ScoredPost, Sentiment

NOW = datetime.now(UTC)
AT = datetime(2026, 3, 1, 22, 50, tzinfo=UTC)
NOTHING = Leftovers(posts=0, corrections=0, incidents=0)
Write = Callable[..., None]


@pytest.fixture
def write(store: Store, clean_post: Callable[..., CleanPost]) -> Write:
    """Stores posts by id and text."""

    def all_of(texts: dict[str, str], brands: Sequence[str] = ("Northwind",)) -> None:
        batch = [
            ScoredPost(
                post=clean_post(
                    post_id=post_id,
                    position=len(text),
                    text=text,
                    key_text=text.lower(),
                    url=f"https://example.com/{text.lower().split()[0]}",
                    brands=tuple(brands),
                    published_at=AT,
                ),
                sentiment=Sentiment("negative", 0.9, 0.1, 0.0, "m"),
                scored_at=AT,
            )
            for post_id, text in texts.items()
        ]
        write_batch(store, batch, NOW)

    return all_of


def gone(post_id: str) -> Erasure:
    return Erasure(feed="hand", position=0, scope="post", id=post_id, at=NOW)


def files_with(folder: Path, word: str) -> list[Path]:
    """Files below the folder that hold these bytes."""
    return [
        path for path in folder.rglob("*") if path.is_file() and word.encode() in path.read_bytes()
    ]


def test_the_words_are_gone_from_every_row_and_every_file(
    store: Store, embedded: ChdbStore, write: Write
) -> None:
    # Words this short and this few are stored uncompressed enough to be found as they are.
    write({"x:1": "Qzxwv jkyh", "x:2": "Plmno ijnb kept"}, ("Acme", "Bolt"))
    assert files_with(embedded.folder, "Qzxwv")
    assert erase(store, [gone("x:1")], NOW, "ann") == 2
    assert leftovers(store).posts == 2  # one a brand
    assert store.query("SELECT count() FROM posts WHERE text = 'Qzxwv jkyh'") == [(2,)]
    assert purge(store).posts == 2
    assert store.query("SELECT count() FROM posts WHERE text = 'Qzxwv jkyh'") == [(0,)]
    assert files_with(embedded.folder, "Qzxwv") == []
    assert files_with(embedded.folder, "qzxwv") == []
    assert files_with(embedded.folder, "Plmno")
    assert store.query("SELECT count() FROM posts WHERE is_deleted = 1") == [(2,)]
    assert store.query("SELECT brand, post_id FROM counted_posts ORDER BY brand") == [
        ("Acme", "x:2"),
        ("Bolt", "x:2"),
    ]


def test_with_nothing_erased_no_file_is_touched(store: Store, write: Write) -> None:
    write({"x:1": "One"})
    changes = "SELECT count() FROM system.mutations WHERE database = currentDatabase()"
    before = store.query(changes)
    assert purge(store) == NOTHING
    erase(store, [gone("x:nobody")], NOW, "ann")
    assert purge(store) == NOTHING
    assert store.query(changes) == before


def test_a_purge_cut_short_is_done_by_the_next(store: Store, write: Write) -> None:
    write({"x:1": "One", "x:2": "Two"})
    erase(store, [gone("x:1"), gone("x:2")], NOW, "ann")
    purge(store)
    assert purge(store) == NOTHING
    erase(store, [gone("x:1")], NOW, "ann")  # once more
    assert purge(store) == NOTHING
    assert store.query("SELECT count() FROM counted_posts") == [(0,)]


def test_what_people_wrote_about_an_erased_post_goes_and_their_label_stays(
    store: Store, write: Write
) -> None:
    write({"x:1": "One", "x:2": "Two"})
    mine = id_of_text("My own words")
    write_corrections(
        store,
        [
            Correction(post_id="x:1", label="neutral", at=AT, by="ann", note="Ann's own mother"),
            Correction(post_id="x:2", label="neutral", at=AT, note="kept"),
            Correction(post_id=mine, label="positive", at=AT, text="My own words", note="kept"),
        ],
    )
    erase(store, [gone("x:1")], NOW, "ann")
    assert purge(store).corrections == 1
    rows = store.query("SELECT post_id, label, note, text FROM corrections FINAL ORDER BY post_id")
    assert rows == [
        (mine, "positive", "kept", "My own words"),
        ("x:1", "neutral", "", ""),
        ("x:2", "neutral", "kept", ""),
    ]


def test_a_note_stays_where_two_saw_a_post_first_in_different_hours(
    store: Store, write: Write
) -> None:
    columns = ("post_id", "published_at", "feed", "position", "brands", "claim")
    earlier = ("x:1", AT - timedelta(hours=3), "a", 1, ("Northwind",), "a/1")
    write({"x:1": "One"})
    store.insert("post_keys", columns, [earlier])
    write({"x:1": "One"})
    assert store.query("SELECT count() FROM posts WHERE is_deleted") == [(1,)]
    write_corrections(store, [Correction(post_id="x:1", label="neutral", at=AT, note="mine")])
    assert purge(store) == NOTHING
    assert store.query("SELECT note FROM corrections FINAL") == [("mine",)]


KEY = b"a key"


def letter(position: int, payload: bytes, topic: str = "posts.raw") -> DeadLetter:
    return DeadLetter(
        feed="f",
        position=position,
        reason="wrong_type",
        detail="it quotes",
        payload=payload,
        arrived_at=AT + timedelta(hours=1),
        topic=topic,
    )


def test_the_words_of_dead_letters_of_what_was_erased_go_and_they_stay_dead(
    store: Store, embedded: ChdbStore
) -> None:
    before, after = b'"published_at": "2026-03-01T22:50:00Z"', b'"published_at": "2027-01-01"'
    until = AT + timedelta(days=2)
    ann = pseudonym("x", "ann", KEY)
    write_batch(
        store,
        [
            letter(1, b'{"source": "x", "native_id": 7, "text": "Qwvxk"}'),
            letter(2, b'[{"text": 1}, {"source": "x", "author": "@Ann", "text": "Qwvxk"}]'),
            letter(3, b'{"source": "x", "author": "bea", "text": "Qwvxk \\ud83d", %b}' % before),
            letter(4, b'{"post": {"post_id": "x:8", "text": "Qwvxk"}}', "posts.clean"),
            letter(5, b'{"source": "x", "author": "bea", "text": "kept", %b}' % after),
            letter(6, b'{"source": "y", "native_id": "7", "author": "ann", "text": "kept"}'),
            letter(7, b'{"source": "x", "native_id": "7", "text": "kept, as it is no JSON'),
            letter(8, b"[[[{}], 5, null]]"),
        ],
        NOW,
    )
    assert purge(store, key=KEY) == NOTHING
    erasures = [
        gone("x:7"),
        gone("x:8"),
        Erasure(feed="hand", position=0, scope="author", id=f"x:{ann}", at=until),
        Erasure(feed="hand", position=0, scope="author", id="x:bea", at=until),
    ]
    erase(store, erasures, NOW, "ann")
    assert purge(store, key=KEY) == Leftovers(posts=0, corrections=0, incidents=0, letters=4)
    assert files_with(embedded.folder, "Qwvxk") == []
    left = store.query("SELECT position, payload != '', detail FROM dead_letters FINAL ORDER BY 1")
    assert left[:4] == [(n, 0, "erased (none of its bytes are kept)") for n in range(1, 5)]
    assert left[4:] == [(n, 1, "it quotes") for n in range(5, 9)]
    assert sum(dead_counts(store, Wanted()).values()) == 8
    assert purge(store, key=KEY) == NOTHING


def test_more_letters_than_a_page(store: Store) -> None:
    many = [letter(n, b'{"source": "x", "native_id": "%d"}' % n) for n in range(230)]
    write_batch(store, many, NOW)
    erase(store, [gone(f"x:{n}") for n in (0, 99, 100, 229)], NOW, "ann")
    assert purge(store).letters == 4


def test_the_former_words_of_an_incident_go(
    store: Store, embedded: ChdbStore, make_event: Callable[..., IncidentEvent]
) -> None:
    event = make_event()
    write_events(store, [event], NOW)
    redact(store, (), posts={event.evidence.examples[0].post_id})
    bodies = "SELECT countIf(position(body, 'garage') > 0), count() FROM incident_events"
    assert store.query(bodies) == [(1, 2)]
    assert purge(store).incidents == 1
    assert store.query(bodies) == [(0, 1)]
    assert files_with(embedded.folder, "garage") == []
    assert [one.change for one in events(store)] == [event.change]


def test_a_change_that_cannot_be_done_is_given_up_and_says_why(store: Store) -> None:
    store.command(
        "CREATE TABLE test_wrong (id UInt8, number UInt8, word String) "
        "ENGINE = MergeTree ORDER BY id"
    )
    store.insert("test_wrong", ("id", "number", "word"), [(1, 1, "no number")])
    with pytest.raises(MutationFailed, match=r"test_wrong: .*no number"):
        mutate(
            store,
            "ALTER TABLE test_wrong UPDATE number = toUInt8(word) WHERE 1 "
            "SETTINGS mutations_sync = 0",
            "test_wrong",
        )
    unfinished = "SELECT count() FROM system.mutations WHERE table = 'test_wrong' AND NOT is_done"
    assert store.query(unfinished) == [(0,)]


def test_a_setting_that_changed_reaches_the_rows_of_its_brand(store: Store, write: Write) -> None:
    write({"x:1": "One", "x:2": "Two"}, ("Acme", "It's"))
    brands = [
        Brand(name="Acme", retention_days=400),
        Brand(name="It's", retention_days=30),
        Brand(name="New", retention_days=1),
    ]
    assert apply_retention(store, brands) == {"It's": 2}
    assert apply_retention(store, brands) == {}
    assert store.query("SELECT brand, kept_days, count() FROM posts GROUP BY 1, 2 ORDER BY 1") == [
        ("Acme", 400, 2),
        ("It's", 30, 2),
    ]
    store.command(
        "ALTER TABLE posts UPDATE kept_since = now() - INTERVAL 31 DAY WHERE 1 "
        "SETTINGS mutations_sync = 2"
    )
    assert store.query("SELECT DISTINCT brand FROM counted_posts") == [("Acme",)]
