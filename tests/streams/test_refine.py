"""What becomes of each post in a message of posts.raw."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from infra.brands import Brand
from infra.settings import Settings
from processors.decode import MAX_ITEMS
from processors.duplicates import DuplicateClusters
from processors.language import LanguageDetector
from processors.match import BrandMatcher, WatchedBrand
from processors.records import CleanPost, DeadLetter, Drop, Erasure
from processors.refine import Refiner
from processors.watched import version
from streams.refine import CurrentRefiner, Outcome, outcomes, outcomes_of
from streams.wire import Message

ARRIVED = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def refiner() -> Refiner:
    return Refiner(LanguageDetector(), BrandMatcher([WatchedBrand("Acme")]), DuplicateClusters())


def post(number: int = 1, **changed: Any) -> dict[str, Any]:
    return {
        "source": "x",
        "native_id": str(number),
        "text": f"Acme lost suitcase number {number} of mine",
        "published_at": "2026-03-01T11:59:00Z",
        **changed,
    }


def message(value: object, *, offset: int = 3, partition: int = 1) -> Message:
    return Message(
        topic="posts.raw",
        partition=partition,
        offset=offset,
        arrived_at=ARRIVED,
        value=value if isinstance(value, bytes) else msgspec.json.encode(value),
    )


def receipts(found: Sequence[Outcome]) -> list[tuple[str, int]]:
    return [(outcome.feed, outcome.position) for outcome in found]


def test_every_item_has_an_outcome_in_order(refiner: Refiner) -> None:
    items = [post(1), post(2, text=7), post(3, text="of nobody"), post(1), post(5, unknown="x")]
    found = outcomes(message(items), refiner, "")
    assert [type(outcome) for outcome in found] == [CleanPost, DeadLetter, Drop, Drop, CleanPost]
    reasons = [outcome.reason for outcome in found if isinstance(outcome, Drop | DeadLetter)]
    assert reasons == ["wrong_type", "no_brand", "repeat"]
    assert receipts(found) == [("posts.raw/1", 3 * MAX_ITEMS + i) for i in range(5)]


def test_an_erasure_is_an_outcome_of_its_own(refiner: Refiner) -> None:
    gone = {"kind": "delete", "source": "x", "native_id": "1"}
    edit = post(1, kind="edit", text="of nobody")
    found = outcomes(message([post(1), edit, gone]), refiner, "")
    assert [type(outcome) for outcome in found] == [CleanPost, CleanPost, Erasure]
    assert receipts(found) == [("posts.raw/1", 3 * MAX_ITEMS + i) for i in range(3)]


def test_the_same_message_again_has_the_same_outcomes(refiner: Refiner) -> None:
    again = message([post(1), post(2, text=None), post(1), post(4, text="")])
    assert outcomes(again, refiner, "") == outcomes(again, refiner, "")


def test_a_receipt_of_its_own_is_kept(refiner: Refiner) -> None:
    items = [post(1, feed="file:a.csv", position=41), post(2, feed="file:a.csv", position=-1)]
    found = outcomes(message(items), refiner, "")
    assert receipts(found) == [("file:a.csv", 41), ("posts.raw/1", 3 * MAX_ITEMS + 1)]


def test_generations_of_the_embedded_broker_are_told_apart(refiner: Refiner) -> None:
    # Each starts again with offset 0: other posts must not look like a re-delivery of these.
    first = outcomes(message([post(1)], offset=0), refiner, "@1-1")
    second = outcomes(message([post(2)], offset=0), refiner, "@1-2")
    assert receipts(first) == [("posts.raw@1-1/1", 0)]
    assert receipts(second) == [("posts.raw@1-2/1", 0)]
    repeat = outcomes(message([post(1)], offset=0), refiner, "@1-2")
    assert [type(outcome) for outcome in repeat] == [Drop]


@pytest.mark.parametrize("value", [b"", b"not json", b"\xff\xfe\x00", b"7", b'{"source": 1}'])
def test_bytes_of_any_kind_give_one_dead_letter(value: bytes, refiner: Refiner) -> None:
    (letter,) = outcomes(message(value), refiner, "")
    assert isinstance(letter, DeadLetter)
    assert letter.payload == value
    assert letter.arrived_at == ARRIVED


def test_an_empty_array_gives_nothing(refiner: Refiner) -> None:
    assert outcomes(message(b"[]"), refiner, "") == []


def test_the_broker_caps_a_time_in_the_future(refiner: Refiner) -> None:
    (clean,) = outcomes(message(post(1, published_at="3000-01-01T00:00:00Z")), refiner, "")
    assert isinstance(clean, CleanPost)
    assert clean.published_at == ARRIVED
    early = (ARRIVED - timedelta(hours=1)).isoformat()
    (clean,) = outcomes(
        message(post(2, observed_at=early, published_at=ARRIVED.isoformat())), refiner, ""
    )
    assert isinstance(clean, CleanPost)
    assert clean.published_at == ARRIVED - timedelta(hours=1)


def test_other_brands_count_from_one_batch_to_the_next(refiner: Refiner) -> None:
    current = CurrentRefiner(refiner)
    batch = [message([post(1), post(2, text="Delta is late")], offset=1)]
    ((acme, nobody),) = outcomes_of(batch, current.refiner(), "")
    assert isinstance(acme, CleanPost)
    assert isinstance(nobody, Drop)
    brands = (Brand(name="Acme", query="acme -lost"), Brand(name="Delta", query="delta AND late"))
    current.take(Settings(brands=brands))
    again = [message([post(3), post(4, text="Delta is late")], offset=2)]
    ((left_out, delta),) = outcomes_of(again, current.refiner(), "")
    assert isinstance(left_out, Drop)
    assert isinstance(delta, CleanPost)
    assert (delta.brands, delta.queries) == (("Delta",), (version(brands[1].watched),))
    assert acme.queries == (version(WatchedBrand("Acme")),)


def test_what_was_read_by_the_query_before_is_not_remembered(refiner: Refiner) -> None:
    current = CurrentRefiner(refiner)
    outcomes_of([message([post(1)])], current.refiner(), "")
    current.take(Settings(brands=(Brand(name="Acme", exclude="suitcase"),)))
    repost = message([post(2, text=post(1)["text"])], offset=4)
    assert [type(one) for (one,) in outcomes_of([repost], current.refiner(), "")] == [Drop]


def test_fields_of_a_query_are_those_of_the_post() -> None:
    brands = [
        WatchedBrand("Acme", query="acme author:@Ann source:x lang:en"),
        WatchedBrand("Other", query="acme -author:ann"),
    ]
    matcher = BrandMatcher(brands)
    key = b"secret"
    fields = Refiner(LanguageDetector(), matcher, DuplicateClusters(), author_key=key)
    given = [post(1, author="ann"), post(2, author="bob"), post(3, author="ANN", source="y")]
    given.append(post(4, text="Acme hat meinen Koffer schon wieder verloren", author="ann"))
    found = outcomes(message(given), fields, "")
    about = [one.brands if isinstance(one, CleanPost) else () for one in found]
    assert about == [("Acme",), ("Other",), (), ()]


def test_a_brand_that_its_feed_names_was_found_by_no_query(refiner: Refiner) -> None:
    given = [post(1, brands=["Acme", "Zeta"]), post(2, text="of nobody", brands=["Acme"])]
    both, named = outcomes(message(given), refiner, "")
    assert isinstance(both, CleanPost)
    assert isinstance(named, CleanPost)
    assert both.queries == (version(WatchedBrand("Acme")), "")
    assert both.query_of("Zeta") == both.query_of("Other") == ""
    assert named.queries == ("",)
