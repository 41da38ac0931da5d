from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.duplicates import Cluster, DuplicateClusters
from processors.language import LanguageDetector
from processors.match import BrandMatcher, WatchedBrand
from processors.pseudonym import pseudonym
from processors.records import CleanPost, Drop, Erasure, RawErasure, RawPost
from processors.refine import Refiner, Remembered

ARRIVED = datetime(2026, 3, 1, 12, tzinfo=UTC)
DETECTOR = LanguageDetector()
MATCHER = BrandMatcher([WatchedBrand("Acme"), WatchedBrand("Delta")])


def refiner(limit: int = 50_000) -> Refiner:
    return Refiner(DETECTOR, MATCHER, DuplicateClusters(limit=limit), limit=limit)


def raw(**more: Any) -> RawPost:
    fields: dict[str, Any] = {
        "source": "bluesky",
        "native_id": "1",
        "text": "Acme lost my luggage and nobody answers the phone",
        "published_at": ARRIVED - timedelta(minutes=1),
        "feed": "posts.raw/0",
        "position": 0,
    }
    return RawPost(**fields | more)


def clean(post: RawPost) -> CleanPost:
    refined = refiner().refine(post, ARRIVED)
    assert isinstance(refined, CleanPost)
    return refined


def dropped(refined: CleanPost | Drop) -> str:
    assert isinstance(refined, Drop)
    return refined.reason


def test_a_post_is_refined():
    post = raw(
        author="ann",
        followers=7,
        url="https://x.example/1",
        text="ACME  lost all my luggage and nobody answers!",
    )
    refined = clean(post)
    assert refined == CleanPost(
        post_id="bluesky:1",
        feed="posts.raw/0",
        position=0,
        source="bluesky",
        author="ann",
        followers=7,
        url="https://x.example/1",
        text="ACME  lost all my luggage and nobody answers!",
        key_text="acme lost all my luggage and nobody answers!",
        lang="en",
        brands=("Acme",),
        published_at=ARRIVED - timedelta(minutes=1),
        received_at=ARRIVED,
        is_repost=False,
        cluster_id=refined.cluster_id,
        is_duplicate=False,
        is_spam=False,
        queries=(MATCHER.versions["Acme"],),
    )
    msgspec.json.decode(msgspec.json.encode(refined), type=CleanPost)


@pytest.mark.parametrize("text", ["", " \n", "\0", "\u200b\ufeff \u3000"])
def test_nothing_visible_is_dropped(text: str):
    assert dropped(refiner().refine(raw(text=text, brands=("Acme",)), ARRIVED)) == "empty_text"


def test_a_link_alone_is_text():
    refined = clean(raw(text="https://x.example/acme", brands=("Acme",)))
    assert refined.key_text == "https://x.example/acme"


def test_no_watched_brand_is_dropped():
    drop = refiner().refine(raw(text="what a day"), ARRIVED)
    assert drop == Drop(feed="posts.raw/0", position=0, post_id="bluesky:1", reason="no_brand")


def test_brands_of_the_feed_stay_beside_those_found():
    assert clean(raw(text="acme and delta", brands=("Zeta", "Acme"))).brands == (
        "Acme",
        "Delta",
        "Zeta",
    )


def test_the_same_post_again_is_a_repeat_only_under_another_receipt():
    line = refiner()
    first = line.refine(raw(), ARRIVED)
    assert line.refine(raw(), ARRIVED) == first
    assert dropped(line.refine(raw(position=1), ARRIVED)) == "repeat"
    assert dropped(line.refine(raw(feed="posts.raw/1"), ARRIVED)) == "repeat"
    assert line.refine(raw(), ARRIVED) == first
    assert isinstance(line.refine(raw(source="mastodon", position=2), ARRIVED), CleanPost)


def test_a_dropped_post_owns_nothing():
    line = refiner()
    assert dropped(line.refine(raw(text="what a day"), ARRIVED)) == "no_brand"
    assert isinstance(line.refine(raw(position=1), ARRIVED), CleanPost)


def test_a_forgotten_post_passes_again():
    line = refiner(limit=1)
    line.refine(raw(), ARRIVED)
    line.refine(raw(native_id="2", position=1), ARRIVED)
    assert isinstance(line.refine(raw(position=2), ARRIVED), CleanPost)


@pytest.mark.parametrize(
    ("claimed", "observed", "published"),
    [
        (ARRIVED - timedelta(hours=1), None, ARRIVED - timedelta(hours=1)),
        (ARRIVED + timedelta(hours=1), None, ARRIVED),
        (datetime(3000, 1, 1, tzinfo=UTC), None, ARRIVED),
        (
            datetime.max.replace(tzinfo=timezone(-timedelta(hours=12))),
            datetime(2020, 1, 1, tzinfo=UTC),
            datetime(2020, 1, 1, tzinfo=UTC),
        ),
        # a replay: the file's clock, years before the broker's
        (
            datetime(2015, 2, 22, 9, tzinfo=UTC),
            datetime(2015, 2, 22, 8, tzinfo=UTC),
            datetime(2015, 2, 22, 8, tzinfo=UTC),
        ),
        (
            datetime(2026, 3, 1, 19, tzinfo=timezone(timedelta(hours=8))),
            None,
            datetime(2026, 3, 1, 11, tzinfo=UTC),
        ),
    ],
)
def test_published_is_never_after_observed(
    claimed: datetime, observed: datetime | None, published: datetime
):
    refined = clean(raw(published_at=claimed, observed_at=observed))
    assert refined.published_at == published
    assert refined.published_at.tzinfo is UTC
    assert refined.received_at == (observed or ARRIVED)
    assert refined.received_at.tzinfo is UTC


def test_received_is_the_feeds_wall_clock():
    received = datetime(2026, 3, 1, 20, tzinfo=timezone(timedelta(hours=9)))
    refined = clean(raw(received_at=received, observed_at=ARRIVED - timedelta(days=9)))
    assert refined.received_at == received
    assert refined.received_at.tzinfo is UTC


def test_reposts_duplicates_and_spam_are_marked_and_kept():
    line = refiner()
    first = line.refine(raw(), ARRIVED)
    again = line.refine(raw(native_id="2", position=1, text="RT @ann: " + raw().text), ARRIVED)
    shared = line.refine(raw(native_id="3", position=2, repost_of="1"), ARRIVED)
    bait = line.refine(
        raw(native_id="4", position=3, text="acme fans: subscribe to my channel"), ARRIVED
    )
    assert isinstance(first, CleanPost)
    assert isinstance(again, CleanPost)
    assert isinstance(shared, CleanPost)
    assert isinstance(bait, CleanPost)
    assert [p.is_repost for p in (first, again, shared, bait)] == [False, True, True, False]
    assert [p.is_duplicate for p in (first, again, shared, bait)] == [False, True, True, False]
    assert first.cluster_id == again.cluster_id == shared.cluster_id != bait.cluster_id
    assert [p.is_spam for p in (first, again, shared, bait)] == [False, False, False, True]


items = st.builds(
    lambda native_id, text, position, minutes: raw(
        native_id=native_id,
        text=text,
        position=position,
        published_at=ARRIVED + timedelta(minutes=minutes),
    ),
    st.sampled_from("abcdef"),
    st.sampled_from(["Acme", "acme lost my luggage and my mind", "nothing", "\0", "\ud83d acme"])
    | st.text().map("delta {}".format),
    st.integers(0, 6),
    st.integers(-99, 99),
)


@settings(deadline=None)
@given(st.lists(items, max_size=25))
def test_refining_is_deterministic_and_redelivery_changes_nothing(stream: list[RawPost]):
    one, other = refiner(), refiner()
    answers = [one.refine(item, ARRIVED) for item in stream]
    assert answers == [other.refine(item, ARRIVED) for item in stream]
    assert answers == [one.refine(item, ARRIVED) for item in stream]
    owners: dict[str, tuple[str, int]] = {}
    for answer in answers:
        if isinstance(answer, CleanPost):
            receipt = (answer.feed, answer.position)
            assert owners.setdefault(answer.post_id, receipt) == receipt
            assert answer.published_at <= ARRIVED


@settings(deadline=None)
@given(st.lists(items, max_size=25), st.lists(items, max_size=25), st.integers(1, 8))
def test_a_restart_that_remembers_goes_on_as_if_nothing_happened(
    before: list[RawPost], after: list[RawPost], limit: int
):
    lived, restarted = refiner(limit), refiner(limit)
    # what the store holds: each post once, as it was first seen
    unique = list({post.native_id: post for post in before}.values())
    stored = [
        post for post in (lived.refine(i, ARRIVED) for i in unique) if isinstance(post, CleanPost)
    ]
    for post in stored[-limit:]:
        one = Remembered(
            post_id=post.post_id,
            feed=post.feed,
            position=post.position,
            key_text=post.key_text,
            cluster=Cluster(post.cluster_id, post.is_duplicate, post.first_said_by),
        )
        restarted.remember([one])
    for item in after:
        assert lived.refine(item, ARRIVED) == restarted.refine(item, ARRIVED)


def test_the_same_few_words_from_two_people_are_two_voices() -> None:
    one = refiner()
    long = "they cancelled my flight and nobody answers the phone"
    texts = ["worst airline", "worst airline", long, long]
    refined = [
        one.refine(raw(native_id=str(n), position=n, text=text, brands=("Delta",)), ARRIVED)
        for n, text in enumerate(texts)
    ]
    repeats = [isinstance(post, CleanPost) and post.is_duplicate for post in refined]
    assert repeats == [False, False, False, True]


def edit(**more: Any) -> RawPost:
    return raw(kind="edit", position=7, **more)


def test_an_edit_is_never_a_repeat_and_stays_in_its_cluster() -> None:
    line = refiner()
    first = line.refine(raw(), ARRIVED)
    changed = line.refine(edit(text="Delta found my suitcase and sent it home"), ARRIVED)
    assert isinstance(first, CleanPost)
    assert isinstance(changed, CleanPost)
    assert changed.brands == ("Delta",)
    assert changed.cluster_id == first.cluster_id
    assert (first.edited_at, changed.edited_at) == (None, ARRIVED)
    assert line.refine(raw(), ARRIVED) == first  # the edit took nothing from its owner
    assert dropped(line.refine(raw(position=1), ARRIVED)) == "repeat"


@pytest.mark.parametrize("text", ["", "\u200b", "what a day"])
def test_an_edit_about_no_brand_passes(text: str) -> None:
    assert clean(edit(text=text)).brands == ()


@pytest.mark.parametrize("given", [(), ("Acme",)])
def test_an_edit_with_nothing_visible_is_about_nobody(given: tuple[str, ...]) -> None:
    refined = clean(edit(text=" ", brands=given))
    assert (refined.brands, refined.key_text) == ((), "")


@pytest.mark.parametrize(
    ("said", "observed", "edited"),
    [
        (None, None, ARRIVED),
        (None, ARRIVED - timedelta(hours=2), ARRIVED - timedelta(hours=2)),
        (ARRIVED - timedelta(hours=1), None, ARRIVED - timedelta(hours=1)),
        (ARRIVED + timedelta(hours=1), None, ARRIVED),
        (ARRIVED, ARRIVED - timedelta(hours=2), ARRIVED - timedelta(hours=2)),
    ],
)
def test_an_edits_clock_is_not_ahead(
    said: datetime | None, observed: datetime | None, edited: datetime
) -> None:
    refined = clean(edit(edited_at=said, observed_at=observed))
    assert refined.edited_at == edited
    assert refined.edited_at.tzinfo is UTC


def test_history_is_marked() -> None:
    assert clean(raw(backfill=True)).is_backfill
    assert not clean(raw()).is_backfill


def keyed() -> Refiner:
    return Refiner(DETECTOR, MATCHER, DuplicateClusters(), author_key=b"key")


def test_authors_go_by_their_pseudonyms_once_there_is_a_key() -> None:
    names = ["ann", "@Ann", "bob", ""]
    refined = [keyed().refine(raw(author=name), ARRIVED) for name in names]
    found = [post.author for post in refined if isinstance(post, CleanPost)]
    assert found[0] == found[1] == pseudonym("bluesky", "ann", b"key") != found[2]
    assert found[3] == ""
    assert clean(raw(author="@Ann")).author == "@Ann"


def erasure(**more: Any) -> RawErasure:
    return RawErasure(source="bluesky", feed="f", position=3, **more)


def test_an_erasure_says_what_must_go() -> None:
    post = refiner().erasure(erasure(kind="delete", native_id="1", author="ann"), ARRIVED)
    assert post == Erasure(feed="f", position=3, scope="post", id="bluesky:1", at=ARRIVED)
    early = ARRIVED - timedelta(hours=1)
    account = erasure(kind="account_delete", author="ann", at=early)
    assert refiner().erasure(account, ARRIVED).id == "bluesky:ann"
    gone = keyed().erasure(account, ARRIVED)
    posted = keyed().refine(raw(author="@Ann"), ARRIVED)
    assert isinstance(posted, CleanPost)
    assert (gone.scope, gone.id, gone.at) == ("author", f"bluesky:{posted.author}", early)
    ahead = erasure(kind="account_delete", author="ann", at=ARRIVED + timedelta(days=9))
    assert refiner().erasure(ahead, ARRIVED).at == ARRIVED


def test_many_at_once_are_as_one_by_one():
    texts = [
        "Acme lost my luggage and nobody answers the phone",
        "RT @ann: Acme lost my luggage and nobody answers the phone",
        "nothing that is watched",
        "\u200b",
        "Acme ist wirklich das Letzte, nie wieder fliege ich mit denen",
        "Acme: " + "check out my channel and subscribe " * 30,
        "FOLLOW me and I follow back \U0001f600 #acme",
    ]
    posts = [
        raw(native_id=str(number), position=number, text=text, brands=given)
        for number, (text, given) in enumerate(
            (text, given) for text in texts for given in ((), ("B",))
        )
    ]
    # Texts that come again, posts that do, and edits that are about nobody
    posts += [*posts[::2], raw(native_id="0", kind="edit", position=99, text="of nobody")]
    single = refiner()
    answers = refiner().refine_all(posts, [ARRIVED] * len(posts))
    assert answers == [single.refine(post, ARRIVED) for post in posts]
    assert {type(answer) for answer in answers} == {CleanPost, Drop}
