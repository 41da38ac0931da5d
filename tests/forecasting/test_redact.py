"""What stays of an incident when posts in it go: every number, none of the words."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.drivers import Background
from forecasting.drivers import evidence as evidence_of
from forecasting.evidence import Cluster, Evidence, Example, Part, Term, Voice
from forecasting.phrases import Language
from forecasting.records import IncidentEvent
from forecasting.redact import redacted
from forecasting.tell import headline, message
from forecasting.tell import told as in_words
from tests.forecasting.posts import post
from tests.incidents import surge_of

AT = datetime(2026, 3, 1, 23, 40, tzinfo=UTC)
KAI = Example(
    post_id="bluesky:1",
    author="kai_r",
    followers=84_000,
    url="https://bluesky.example/1",
    text="Smoke everywhere",
    published_at=AT - timedelta(minutes=49),
    p_negative=0.9,
)
BEA = msgspec.structs.replace(
    KAI,
    post_id="bluesky:2",
    author="bea",
    followers=10,
    url="https://bluesky.example/2",
    text="Never again",
)
CHANGE = surge_of(
    AT,
    incident_id="inc_1",
    since=AT - timedelta(minutes=45),
    score=5.5,
    expected=31.2,
    expected_lower=17.6,
    expected_upper=52.4,
    total_negative=260,
    peak_observed=230,
)
EVIDENCE = Evidence(
    terms=(Term(text="battery fire", share=0.61, share_before=0.02),),
    sources=(Part(name="bluesky", count=214),),
    languages=(Part(name="en", count=214),),
    authors=143,
    reposts=81,
    organic_share=0.62,
    examples=(KAI, BEA),
    first=KAI,
    stamps=None,
)


def told(language: Language = "en", evidence: Evidence = EVIDENCE) -> IncidentEvent:
    event = IncidentEvent(change=CHANGE, evidence=evidence)
    return msgspec.structs.replace(
        event, headline=headline(event, language), message=message(event, language)
    )


def test_the_words_the_author_and_the_link_go_and_the_numbers_stay() -> None:
    bare = redacted(told(), {"bluesky:1"}, language="en")
    assert (bare.change, bare.headline) == (CHANGE, told().headline)
    assert msgspec.structs.replace(bare.evidence, examples=(), first=None) == (
        msgspec.structs.replace(EVIDENCE, examples=(), first=None)
    )
    gone, kept = bare.evidence.examples
    assert kept == BEA
    assert (gone.post_id, gone.author, gone.followers, gone.url, gone.text) == ("", "", 0, "", "")
    assert (gone.published_at, gone.p_negative) == (KAI.published_at, KAI.p_negative)
    assert bare.evidence.first == gone
    whole = msgspec.json.encode(bare).decode()
    for word in ("Smoke", "kai_r", "84000", "84 k", "bluesky.example/1", "bluesky:1"):
        assert word not in whole, word


@pytest.mark.parametrize(
    ("language", "first", "example"),
    [
        ("en", "first seen 22:51 (erased).", "→ (erased)"),
        ("zh", "最早 22:51(已删除)", "→ (已删除)"),
    ],
)
def test_the_message_says_that_something_was_erased(
    language: Language, first: str, example: str
) -> None:
    bare = redacted(told(language), {"bluesky:1"}, language=language)
    assert first in bare.message
    lines = bare.message.splitlines()
    assert lines[-2] == example
    assert "Never again" in lines[-1]
    assert [a for a, b in zip(lines, told(language).message.splitlines(), strict=True) if a == b]


def test_it_is_told_anew_in_the_zone_of_the_brand() -> None:
    bare = redacted(told(), {"bluesky:2"}, language="en", zone=ZoneInfo("Asia/Shanghai"))
    assert "first seen 06:51 (@kai_r, 84 k followers)" in bare.message
    assert "(Asia/Shanghai)" in bare.message


def test_an_event_that_shows_nothing_of_it_stays_as_it_was_told() -> None:
    was = msgspec.structs.replace(told(), message="as it was told")
    for erased in (set[str](), {"bluesky:3"}, {""}):
        assert redacted(was, erased, language="zh") is was


def test_twice_is_once() -> None:
    once = redacted(told(), {"bluesky:1"}, language="en")
    assert redacted(once, {"bluesky:1", ""}, language="en") == once
    both = redacted(once, {"bluesky:1", "bluesky:2"}, language="en")
    assert both == redacted(told(), {"bluesky:1", "bluesky:2"}, language="en")
    assert both.message.splitlines()[-2:] == ["→ (erased)", "→ (erased)"]


def test_evidence_may_have_no_first_post() -> None:
    evidence = msgspec.structs.replace(EVIDENCE, first=None, terms=())
    bare = redacted(told(evidence=evidence), {"bluesky:2"}, language="en")
    assert bare.evidence.first is None
    assert bare.evidence.examples[0] == KAI


def test_texts_and_loud_authors_go_with_their_posts_and_their_counts_stay() -> None:
    copied = Cluster(cluster_id="00ff", count=30, authors=28, sources=2, first=KAI)
    loud = Voice(
        post_id="bluesky:1",
        author="kai_r",
        followers=84_000,
        url="https://bluesky.example/1",
        published_at=AT,
        posts=3,
    )
    other = msgspec.structs.replace(loud, post_id="bluesky:2", author="bea", followers=10, url="")
    evidence = msgspec.structs.replace(
        EVIDENCE, clusters=(copied,), loudest=(loud, other), terms=(), posts=100
    )
    event = in_words(told(evidence=evidence), "en")
    assert "kai_r" in event.message
    bare = redacted(event, {"bluesky:1"}, language="en")
    (text,) = bare.evidence.clusters
    assert (text.cluster_id, text.count, text.authors, text.first.text) == ("00ff", 30, 28, "")
    assert [(v.author, v.followers, v.url, v.posts) for v in bare.evidence.loudest] == [
        ("", 0, "", 3),
        ("bea", 10, "", 3),
    ]
    whole = msgspec.json.encode(bare).decode()
    for word in ("Smoke", "kai_r", "84000", "84 k", "bluesky.example/1", "bluesky:1"):
        assert word not in whole, word
    assert redacted(bare, {"bluesky:1"}, language="en") is bare


@pytest.mark.parametrize("where", ["first", "clusters", "loudest", "examples"])
def test_a_post_that_is_shown_in_one_place_only_is_found_there(where: str) -> None:
    places = {
        "first": KAI,
        "examples": (KAI,),
        "clusters": (Cluster(cluster_id="7", count=9, authors=9, sources=1, first=KAI),),
        "loudest": (
            Voice(
                post_id=KAI.post_id,
                author=KAI.author,
                followers=KAI.followers,
                url=KAI.url,
                published_at=AT,
                posts=1,
            ),
        ),
    }
    nothing = {"first": None, "examples": (), "clusters": (), "loudest": ()}
    evidence = msgspec.structs.replace(EVIDENCE, **{**nothing, where: places[where]})
    bare = redacted(in_words(told(evidence=evidence), "en"), {"bluesky:1"}, language="en")
    assert "kai_r" not in msgspec.json.encode(bare).decode()


@given(
    said=st.lists(
        st.tuples(st.integers(0, 4), st.lists(st.sampled_from(["fire", "smoke", "late"]))),
        max_size=40,
    ),
    who=st.integers(0, 4),
    language=st.sampled_from(["en", "zh"]),
)
def test_nothing_is_left_of_an_author_whose_posts_all_go(
    said: list[tuple[int, list[str]]], who: int, language: Language
) -> None:
    """Whatever the evidence is made of: each has a name, a reach, links and a word of their own."""
    posts = [
        post(
            i,
            " ".join([f"private{author}", *words, f"#mine{author}"]),
            post_id=f"x:{author}-{i}-",
            author=f"handle{author}",
            followers=77_000 + author,
            url=f"https://x.example/handle{author}/{i}",
            cluster_id=author * 3 + len(words) % 3,
            published_at=AT - timedelta(minutes=i),
        )
        for i, (author, words) in enumerate(said)
    ]
    event = in_words(
        IncidentEvent(change=CHANGE, evidence=evidence_of(posts, Background(earlier=posts))),
        language,
    )
    gone = {one.post_id for one in posts if one.author == f"handle{who}"}
    bare = redacted(event, gone, language=language)
    whole = msgspec.json.encode(bare).decode()
    for word in (f"private{who}", f"mine{who}", f"handle{who}", f"x:{who}-", str(77_000 + who)):
        assert word not in whole
    assert bare.evidence.origin == event.evidence.origin
    assert redacted(bare, gone, language=language) is bare
