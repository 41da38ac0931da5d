"""Scoring history again, over a real database: what counts before, at and after the switch."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.posts import write_batch
from infra.progress import brand_counts
from infra.scorings import Begun, begun_scorings, newest_number, tell_begun
from infra.store import Store
from processors.records import CleanPost, Label, ScoredPost, Sentiment
from processors.score import Scorer
from processors.version import ERASED, version_of
from streams.failures import LineFailed, UsageError
from streams.rescore import PAGE, Pace, Rescored, rescore

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
LABELS: tuple[Label, ...] = ("negative", "neutral", "positive")


class Says:
    """A scorer that gives every text one label, and remembers what it was asked."""

    def __init__(self, label: Label, version: str) -> None:
        self.version = version
        self.asked: list[str] = []
        self.then: Callable[[], None] = lambda: None
        self._label = label

    def score(
        self,
        texts: Sequence[str],
        *,
        languages: Sequence[str] | None = None,
    ) -> list[Sentiment]:
        if list(texts) != ["word"] * len(texts):  # asked for its name only
            self.asked.extend(texts)
            then, self.then = self.then, lambda: None
            then()
        chances = [0.9 if name == self._label else 0.05 for name in LABELS]
        return [Sentiment(self._label, *chances, self.version, oov=0.5) for _ in texts]


def stored(
    store: Store,
    clean_post: Callable[..., CleanPost],
    count: int,
    *,
    first: int = 0,
    model: str = "m1",
    brands: tuple[str, ...] = ("Acme",),
) -> None:
    batch = [
        ScoredPost(
            post=clean_post(
                post_id=f"x:{n}",
                position=n,
                cluster_id=n,
                text=f"Text {n}",
                key_text=f"text {n}",
                brands=brands,
                published_at=NOON + n * timedelta(minutes=7),
                received_at=NOON + n * timedelta(minutes=7),
            ),
            sentiment=Sentiment("negative", 0.8, 0.1, 0.1, model),
            scored_at=NOON,
        )
        for n in range(first, first + count)
    ]
    write_batch(store, batch, NOON)


def scored_again(
    store: Store,
    scorer: Scorer,
    *brands: str,
    rate: float | None = None,
    told: Callable[[str, int, int], None] = lambda *_: None,
) -> list[Rescored]:
    ticking = iter(range(10_000_000))
    pace = Pace(rate, clock=lambda: 0.0, sleep=lambda _: None)
    return rescore(
        store,
        scorer,
        brands,
        pace=pace,
        now=lambda: NOON + timedelta(days=9, seconds=next(ticking)),
        told=told,
    )


def labels(store: Store) -> dict[str, dict[str, int]]:
    return {
        brand: {label: counts[label] for label in LABELS if counts[label]}
        for brand, counts in brand_counts(store, "f").items()
    }


def changed_row(store: Store, post_id: str, **changed: Any) -> None:
    """Write the post's rows again with other fields, as another stage would."""
    columns = [
        name
        for (name,) in store.query(
            "SELECT name FROM system.columns WHERE "
            "database = currentDatabase() AND table = 'posts' ORDER BY position"
        )
    ]
    found = store.query("SELECT * FROM posts FINAL WHERE post_id = {id:String}", {"id": post_id})
    rows = [{**dict(zip(columns, row, strict=True)), **changed} for row in found]
    store.insert("posts", columns, [[row[name] for name in columns] for row in rows])


def edit(store: Store, post_id: str, *, minute: int = 0) -> None:
    """A later text, scored by the live model, as the store stage writes it."""
    text = f"edited {minute}"
    changed_row(
        store,
        post_id,
        version=version_of(edited_at=NOON + timedelta(minutes=minute), text=text),
        text=text,
        sentiment="neutral",
        model="live",
        next_scoring=0,
        next_sentiment="",
        next_model="",
    )


def erase(store: Store, post_id: str) -> None:
    changed_row(store, post_id, version=ERASED, is_deleted=1, text="", author="")


class Died(Exception):
    """Stands for a SIGKILL."""


class DiesAt:
    """A store that is as good as dead at the given insert into a table, before or after it."""

    def __init__(self, store: Store, table: str, count: int, *, after: bool = False) -> None:
        self._store = store
        self._table, self._left, self._after = table, count, after
        self.query = store.query
        self.command = store.command
        self.close = store.close

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        if table == self._table:
            self._left -= 1
            if self._left == 0 and not self._after:
                raise Died
        self._store.insert(table, columns, rows)
        if table == self._table and self._left == 0:
            raise Died


def test_counts_do_not_move_before_the_switch_and_move_at_once_after(
    store: Store, clean_post: Callable[..., CleanPost]
) -> None:
    stored(store, clean_post, 2 * PAGE + 10)
    seen = []
    told = scored_again(store, Says("positive", "m2"), told=lambda *_: seen.append(labels(store)))
    assert seen
    assert all(each == {"Acme": {"negative": 2 * PAGE + 10}} for each in seen)
    assert labels(store) == {"Acme": {"positive": 2 * PAGE + 10}}
    moved = {"negative": {"positive": 2 * PAGE + 10}}
    assert told == [Rescored(brand="Acme", number=1, model="m2", posts=510, changed=moved)]
    [row] = store.query(
        "SELECT uniqExact(post_id), count(), uniqExact(published_at), any(model), any(oov), "
        "any(scored_at), any(stored_at) FROM counted_posts"
    )
    assert row == (510, 510, 510, "m2", 0.5, NOON, NOON)


def test_every_column_of_a_post_survives(
    store: Store, clean_post: Callable[..., CleanPost]
) -> None:
    stored(store, clean_post, 3, brands=("Acme", "Delta"))
    store.command(
        "ALTER TABLE posts UPDATE is_backfill = 1, kept_days = 9999, is_spam = 1, "
        "kept_since = toDateTime('2025-11-01 00:00:00', 'UTC') WHERE 1 SETTINGS mutations_sync = 2"
    )
    score = "sentiment, p_negative, p_neutral, p_positive, model, abstained, oov"
    unmoved = f"SELECT * EXCEPT (version, is_rescored, next_scoring, {score}) FROM counted_posts"
    before = store.query(f"{unmoved} ORDER BY brand, post_id")
    scored_again(store, Says("positive", "m2"))
    assert store.query(f"{unmoved} ORDER BY brand, post_id") == before


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(
    ("table", "count"), [("audit", 1), ("posts", 1), ("posts", 2), ("posts", 3), ("scorings", 1)]
)
def test_killed_anywhere_it_goes_on_and_ends_with_the_same(
    store: Store, clean_post: Callable[..., CleanPost], table: str, count: int, *, after: bool
) -> None:
    stored(store, clean_post, 2 * PAGE + 10)
    with pytest.raises(Died):
        scored_again(DiesAt(store, table, count, after=after), Says("positive", "m2"))
    written = {text for (text,) in store.query("SELECT text FROM posts WHERE next_scoring = 1")}
    if table == "scorings" and after:
        assert labels(store) == {"Acme": {"positive": 2 * PAGE + 10}}
    else:
        assert labels(store) == {"Acme": {"negative": 2 * PAGE + 10}}
    scorer = Says("positive", "m2")
    again = scored_again(store, scorer)
    assert labels(store) == {"Acme": {"positive": 2 * PAGE + 10}}
    assert set(scorer.asked) == {f"Text {n}" for n in range(2 * PAGE + 10)} - written
    if not (table == "scorings" and after):
        moved = {"negative": {"positive": 2 * PAGE + 10}}
        assert again == [Rescored(brand="Acme", number=1, model="m2", posts=510, changed=moved)]
    assert newest_number(store) == 1
    assert scored_again(store, Says("positive", "m2")) == []


def test_brands_switch_one_by_one(store: Store, clean_post: Callable[..., CleanPost]) -> None:
    stored(store, clean_post, 20, brands=("Acme", "Delta"))
    [told] = scored_again(store, Says("positive", "m2"), "Delta")
    assert told.brand == "Delta"
    assert labels(store) == {"Acme": {"negative": 20}, "Delta": {"positive": 20}}
    with pytest.raises(UsageError, match="no posts about Nobody; there are Acme, Delta"):
        scored_again(store, Says("positive", "m2"), "Nobody")
    [told] = scored_again(store, Says("positive", "m2"))
    assert told.brand == "Acme"
    assert labels(store) == {"Acme": {"positive": 20}, "Delta": {"positive": 20}}


def test_a_brand_that_was_killed_goes_on_beside_one_that_ended(
    store: Store, clean_post: Callable[..., CleanPost]
) -> None:
    stored(store, clean_post, PAGE + 10, brands=("Acme", "Delta"))
    with pytest.raises(Died):
        scored_again(DiesAt(store, "posts", 4), Says("positive", "m2"))
    assert labels(store) == {"Acme": {"positive": 260}, "Delta": {"negative": 260}}
    scorer = Says("positive", "m2")
    assert [told.brand for told in scored_again(store, scorer)] == ["Delta"]
    assert 0 < len(scorer.asked) < PAGE
    assert labels(store) == {"Acme": {"positive": 260}, "Delta": {"positive": 260}}


def test_edited_meanwhile_the_new_text_is_scored(
    store: Store, clean_post: Callable[..., CleanPost]
) -> None:
    stored(store, clean_post, 5)
    scorer = Says("positive", "m2")
    scorer.then = lambda: edit(store, "x:2")
    [told] = scored_again(store, scorer)
    assert told.posts == 5
    assert scorer.asked == [f"Text {n}" for n in range(5)] + ["edited 0"]
    assert labels(store) == {"Acme": {"positive": 5}}
    assert ("edited 0", "m2") in store.query("SELECT text, model FROM counted_posts")


def test_edited_after_the_switch_it_counts_with_the_live_model(
    store: Store, clean_post: Callable[..., CleanPost]
) -> None:
    stored(store, clean_post, 5)
    scored_again(store, Says("positive", "m2"))
    edit(store, "x:2")
    assert labels(store) == {"Acme": {"neutral": 1, "positive": 4}}
    scorer = Says("positive", "m2")
    [told] = scored_again(store, scorer)
    assert scorer.asked == ["edited 0"]
    assert told.changed == {"neutral": {"positive": 1}}
    assert labels(store) == {"Acme": {"positive": 5}}


@pytest.mark.parametrize("meanwhile", [True, False])
def test_erased_is_erased(
    store: Store, clean_post: Callable[..., CleanPost], *, meanwhile: bool
) -> None:
    stored(store, clean_post, 5)
    scorer = Says("positive", "m2")
    if meanwhile:
        scorer.then = lambda: erase(store, "x:2")
    scored_again(store, scorer)
    if not meanwhile:
        erase(store, "x:2")
    assert labels(store) == {"Acme": {"positive": 4}}
    scored_again(store, Says("neutral", "m3"))
    assert labels(store) == {"Acme": {"neutral": 4}}


def test_a_post_delivered_again_changes_nothing(
    store: Store, clean_post: Callable[..., CleanPost]
) -> None:
    stored(store, clean_post, 5)
    scorer = Says("positive", "m2")
    scorer.then = lambda: stored(store, clean_post, 5)
    scored_again(store, scorer)
    stored(store, clean_post, 5)
    assert labels(store) == {"Acme": {"positive": 5}}


def test_again_with_a_third_model_the_second_counts_until_it_ends(
    store: Store, clean_post: Callable[..., CleanPost]
) -> None:
    stored(store, clean_post, PAGE + 10)
    scored_again(store, Says("positive", "m2"))
    stored(store, clean_post, 5, first=PAGE + 10)  # by the first model, meanwhile
    with pytest.raises(Died):
        scored_again(DiesAt(store, "posts", 2), Says("neutral", "m3"))
    assert labels(store) == {"Acme": {"negative": 5, "positive": 260}}
    [told] = scored_again(store, Says("neutral", "m3"))
    assert labels(store) == {"Acme": {"neutral": 265}}
    assert (told.number, told.changed) == (
        2,
        {"negative": {"neutral": 5}, "positive": {"neutral": 260}},
    )


def test_a_scoring_left_for_another_model_never_counts(
    store: Store, clean_post: Callable[..., CleanPost]
) -> None:
    stored(store, clean_post, PAGE, model="m3")
    stored(store, clean_post, 10, first=PAGE)
    with pytest.raises(Died):
        scored_again(DiesAt(store, "posts", 2), Says("positive", "m2"))
    # Of the rows written for m2, 250 were scored by m3 at first.
    [told] = scored_again(store, Says("neutral", "m3"))
    assert told.number == 2
    assert store.query("SELECT DISTINCT model FROM counted_posts") == [("m3",)]
    assert labels(store) == {"Acme": {"neutral": 260}}


def test_whoever_began_later_goes_on_and_the_other_ends(
    store: Store, clean_post: Callable[..., CleanPost]
) -> None:
    stored(store, clean_post, 10)
    second = Says("neutral", "m3")
    first = Says("positive", "m2")
    first.then = lambda: (scored_again(store, second), None)[1]
    with pytest.raises(LineFailed, match="Acme is now scored with m3"):
        scored_again(store, first)
    assert labels(store) == {"Acme": {"neutral": 10}}
    [told] = scored_again(store, Says("positive", "m2"))
    assert told.number == 3
    assert labels(store) == {"Acme": {"positive": 10}}


def test_two_at_once_with_one_model_do_no_harm(
    store: Store, clean_post: Callable[..., CleanPost]
) -> None:
    stored(store, clean_post, PAGE + 10)
    first = Says("positive", "m2")
    first.then = lambda: (scored_again(store, Says("positive", "m2")), None)[1]
    scored_again(store, first)
    assert labels(store) == {"Acme": {"positive": 260}}
    assert newest_number(store) == 1


def test_two_models_that_take_one_number_take_two(
    store: Store, clean_post: Callable[..., CleanPost]
) -> None:
    stored(store, clean_post, 10)
    rival = Begun(brand="Acme", number=1, model="m3")

    class Rivalled(DiesAt):
        def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
            if table == "audit" and not begun_scorings(store):
                tell_begun(store, rival, NOON)
            super().insert(table, columns, rows)

    [told] = scored_again(Rivalled(store, "none", 1), Says("positive", "m2"))
    assert told.number == 2
    [told] = scored_again(store, Says("neutral", "m3"))
    assert told.number == 3
    assert labels(store) == {"Acme": {"neutral": 10}}


def test_what_the_model_has_scored_already_is_left_alone(
    store: Store, clean_post: Callable[..., CleanPost]
) -> None:
    stored(store, clean_post, 5)
    stored(store, clean_post, 5, first=5, model="m2")
    scorer = Says("positive", "m2")
    [told] = scored_again(store, scorer)
    assert scorer.asked == [f"Text {n}" for n in range(5)]
    assert told.posts == 5
    assert labels(store) == {"Acme": {"negative": 5, "positive": 5}}


def test_a_line_with_another_model_does_not_hold_up_the_switch(
    store: Store, clean_post: Callable[..., CleanPost]
) -> None:
    stored(store, clean_post, 5)
    scorer = Says("positive", "m2")
    come = iter(range(5, 1000))

    def one_more() -> None:
        stored(store, clean_post, 1, first=next(come))
        scorer.then = one_more

    scorer.then = one_more
    [told] = scored_again(store, scorer)
    assert told.posts >= 5
    assert labels(store)["Acme"]["positive"] == told.posts


def test_a_rate_is_kept(store: Store, clean_post: Callable[..., CleanPost]) -> None:
    stored(store, clean_post, 60)
    at = [100.0]
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        at[0] += seconds

    def progress(*_: object) -> None:
        at[0] += 0.1  # the work itself takes time too

    pace = Pace(20.0, clock=lambda: at[0], sleep=sleep)
    rescore(store, Says("positive", "m2"), (), pace=pace, now=lambda: NOON, told=progress)
    assert 3.0 <= at[0] - 100.0 < 3.5
    assert max(slept) <= 1.0


def test_many_posts_of_one_hour_come_in_pages(
    store: Store, clean_post: Callable[..., CleanPost]
) -> None:
    batch = [
        ScoredPost(
            post=clean_post(post_id=f"x:{n}'\\", position=n, text=f"Text {n}"),
            sentiment=Sentiment("negative", 0.8, 0.1, 0.1, "m1"),
            scored_at=NOON,
        )
        for n in range(3 * PAGE)
    ]
    write_batch(store, batch, NOON)
    scorer = Says("positive", "m2")
    scored_again(store, scorer)
    assert len(scorer.asked) == len(set(scorer.asked)) == 3 * PAGE
    assert labels(store) == {"Acme": {"positive": 3 * PAGE}}
