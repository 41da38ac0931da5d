"""Posts by score and random labels, read under the rule of the posts that count."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from forecasting.share import estimate_share
from forecasting.share_draw import bin_of, plan
from forecasting.share_records import LabelledScore
from infra.corrections import Correction, write_corrections
from infra.erasures import erase
from infra.posts import write_batch
from infra.share import LABELS_LAST, newest_post, read_share
from infra.share_labels import ShareLabel, Span, draw, published, write_share_labels
from infra.store import Store
from processors.records import CleanPost, Erasure, ScoredPost, Sentiment

NOW = datetime(2026, 3, 3, tzinfo=UTC)
AT = NOW - timedelta(hours=3)
DAY = Span(brand="Acme", since=NOW - timedelta(days=1), until=NOW)
Write = Callable[..., None]


@pytest.fixture
def write(store: Store, clean_post: Callable[..., CleanPost]) -> Write:
    """Stores a post of each chance; ids are x:0, x:1, ..."""

    def posts(*chances: float, at: datetime = AT, first: int = 0, brand: str = "Acme") -> None:
        batch = []
        for number, chance in enumerate(chances, start=first):
            post = clean_post(
                post_id=f"x:{number}",
                position=number,
                text=f"Words {number}",
                brands=(brand,),
                published_at=at,
                received_at=at,
            )
            label = "negative" if chance > 0.5 else "neutral"
            sentiment = Sentiment(label, chance, 1 - chance, 0.0, "m")
            batch.append(ScoredPost(post=post, sentiment=sentiment, scored_at=at))
        write_batch(store, batch, NOW)

    return posts


def label(number: int, said: str, *, at: datetime = NOW, brand: str = "Acme") -> ShareLabel:
    return ShareLabel(
        brand=brand,
        post_id=f"x:{number}",
        published_at=AT,
        label=said,
        stratum=1,
        probability=0.5,
        at=at,
        by="ann",
    )


def corrected(number: int, said: str, *, at: datetime = NOW) -> Correction:
    return Correction(post_id=f"x:{number}", label=said, at=at)  # type: ignore[arg-type]


def test_posts_are_counted_once_by_score(store: Store, write: Write) -> None:
    write(0.0, 0.1, 0.11, 0.9, 1.0)
    write(0.0, 0.1)  # delivered again
    write(0.3, at=NOW - timedelta(days=2), first=10)
    write(0.3, brand="Delta", first=11)
    found = read_share(store, DAY)
    assert found.window.posts == found.window.unknown == 5
    assert sum(one.mean * one.posts for one in found.window.bins) == pytest.approx(2.11, abs=1e-5)
    assert (found.window.counted_negative, found.labels) == (2, ())
    assert newest_post(store, "Acme") == AT
    assert newest_post(store, "Nobody") is None


def test_bins_are_those_of_the_plan(store: Store, write: Write) -> None:
    chances = [0.0, 1.0, 0.5, *(n / 97 for n in range(97))]
    write(*chances)
    expected: dict[int, int] = {}
    for chance in chances:
        expected[bin_of(chance)] = expected.get(bin_of(chance), 0) + 1
    assert read_share(store, DAY).unlabelled == expected


def test_a_correction_counts_exactly_and_at_once_and_is_not_extrapolated(
    store: Store, write: Write
) -> None:
    write(*[0.2] * 10)
    write_corrections(store, [corrected(0, "negative"), corrected(1, "positive")])
    found = read_share(store, DAY)
    assert (found.window.known, found.window.known_negative, found.labels) == (2, 1, ())
    told = estimate_share(found.window, found.labels)
    assert told is not None
    assert told.share == pytest.approx((1 + 8 * 0.2) / 10, abs=1e-6)


def test_labels_come_with_the_score_that_counts_and_the_last_word(
    store: Store, write: Write
) -> None:
    write(0.25, 0.75, 0.5, 0.5)
    later = NOW + timedelta(hours=1)
    write_share_labels(store, [label(n, "negative") for n in range(4)])
    write_share_labels(store, [label(2, "", at=later)])  # taken back
    write_corrections(store, [corrected(1, "neutral", at=later), corrected(0, "positive", at=AT)])
    found = read_share(store, DAY)
    assert sorted(found.labels, key=lambda one: one.p_negative) == [
        LabelledScore(p_negative=0.25, negative=True, in_window=True),
        LabelledScore(p_negative=0.5, negative=True, in_window=True),
        LabelledScore(p_negative=0.75, negative=False, in_window=True),
    ]
    assert (found.window.known, found.window.known_negative) == (3, 2)
    store.command("ALTER TABLE posts UPDATE p_negative = 0.125 WHERE 1 SETTINGS mutations_sync = 1")
    assert {one.p_negative for one in read_share(store, DAY).labels} == {0.125}


def test_labels_age_and_belong_to_their_brand(store: Store, write: Write) -> None:
    write(0.5, at=NOW - timedelta(days=2))
    write(0.5, at=NOW - LABELS_LAST - timedelta(hours=1), first=1)
    write(0.5, brand="Delta", first=2)
    old = [label(0, "negative"), label(1, "negative"), label(2, "negative", brand="Delta")]
    store.command("TRUNCATE TABLE share_labels SYNC")
    rows = [
        ShareLabel(
            brand=one.brand,
            post_id=one.post_id,
            published_at=at,
            label=one.label,
            stratum=0,
            probability=1.0,
            at=NOW,
        )
        for one, at in zip(
            old,
            (NOW - timedelta(days=2), NOW - LABELS_LAST - timedelta(hours=1), AT),
            strict=True,
        )
    ]
    write_share_labels(store, rows)
    (found,) = read_share(store, DAY).labels
    assert found == LabelledScore(p_negative=0.5, negative=True, in_window=False)


def test_an_erased_post_is_in_no_estimate(store: Store, write: Write) -> None:
    write(0.5, 0.5)
    write_share_labels(store, [label(0, "negative"), label(1, "neutral")])
    gone = Erasure(feed="hand", position=0, scope="post", id="x:0", at=NOW)
    erase(store, [gone], NOW, "ann")
    found = read_share(store, DAY)
    assert (found.window.posts, found.window.known_negative, len(found.labels)) == (1, 0, 1)
    columns = {name for name, *_ in store.query("DESCRIBE TABLE share_labels")}
    assert not columns & {"text", "url", "author", "note"}


def test_what_is_drawn_is_of_its_stratum_and_of_what_nobody_labelled(
    store: Store, write: Write
) -> None:
    chances = [0.02] * 60 + [0.3] * 30 + [0.9] * 10
    write(*chances)
    write_corrections(store, [corrected(0, "positive")])
    write_share_labels(store, [label(1, "negative")])
    planned = plan(read_share(store, DAY).unlabelled, wanted=20)
    found = draw(store, DAY, planned, seed=1)
    for stratum in planned.strata:
        some = found[stratum.number]
        assert len(some) >= stratum.wanted
        for one in some:
            place = bin_of(chances[int(one.post_id[2:])])
            assert stratum.first <= place <= stratum.last
            assert one.probability == stratum.wanted / stratum.posts
    ids = [one.post_id for some in found.values() for one in some]
    assert len(ids) == len(set(ids))
    assert not {"x:0", "x:1"} & set(ids)
    assert draw(store, DAY, planned, seed=1) == found
    assert draw(store, DAY, planned, seed=2) != found
    assert draw(store, DAY, plan({}, wanted=5), seed=1) == {}


def test_when_posts_were_published(store: Store, write: Write) -> None:
    write(0.5)
    assert published(store, "Acme", ["x:0", "x:0", "x:'9"]) == {"x:0": AT}
    assert published(store, "Delta", ["x:0"]) == {}
    write_share_labels(store, [])
