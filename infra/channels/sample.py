"""A made-up incident, to try a receiver with: `groundswell receivers test`, and our own tests."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from forecasting.evidence import Evidence, Example, Origin, Part, Stamps, Term
from forecasting.phrases import Language
from forecasting.records import IncidentChange, IncidentEvent
from forecasting.share_records import ShareEstimate
from forecasting.tell import told
from infra.deliver.records import Entry, Letter


class _Cast(Struct, frozen=True):
    """Who and what it is about, in one language."""

    language: str
    brand: str
    terms: tuple[str, str]
    sources: tuple[str, str]
    posts: tuple[tuple[str, int, str], ...]  # author, followers, text


_CASTS: dict[Language, _Cast] = {
    "en": _Cast(
        "en",
        "Northwind",
        ("battery fire", "recall"),
        ("bluesky", "mastodon"),
        (
            ("kai_r", 84_000, "Another Northwind battery fire, this one in a garage."),
            ("noor_t", 3_100, "Second Northwind battery fire on our street this month"),
            ("lea.k", 210, "Northwind, when is the recall? My bike stands in the cellar."),
        ),
    ),
    "zh": _Cast(
        "zh",
        "北风汽车",
        ("电池起火", "召回"),
        ("weibo", "bluesky"),
        (
            ("小凯", 84_000, "又一辆北风电池起火,这次是在地下车库。"),
            ("南方来信", 3_100, "这个月小区里第二起北风电池起火了。"),
            ("阿乐", 210, "北风什么时候召回?车还停在楼下充电。"),
        ),
    ),
}


def sample_letter(
    notice_id: str,
    at: datetime,
    *,
    language: Language = "en",
    timezone: str = "UTC",
    link: str = "",
) -> Letter:
    """A test message: marked as one wherever it is read."""
    event = sample_event(at, language=language, timezone=timezone)
    entry = Entry(kind="test", event=event, link=link)
    return Letter(
        notice_id=notice_id,
        entries=(entry,),
        language=language,
        timezone=timezone,
        decided_at=at,
    )


def sample_event(
    at: datetime, *, language: Language = "en", timezone: str = "UTC"
) -> IncidentEvent:
    """The opening of an incident at `at`, in words."""
    change = IncidentChange(
        incident_id="inc_sample",
        brand=_CASTS[language].brand,
        kind="negative_surge",
        change="opened",
        number=1,
        opened_at=at,
        since=at - timedelta(minutes=10),
        at=at,
        reason="new",
        severity=7,
        score=8.5,
        observed=214,
        expected=31.0,
        expected_lower=18.0,
        expected_upper=52.0,
        share=0.64,
        share_expected=0.21,
        total_negative=231,
        peak_observed=214,
        growing=True,
        returns_at=at + timedelta(hours=5),
    )
    event = IncidentEvent(change=change, evidence=_evidence(at, _CASTS[language]))
    return told(event, language, ZoneInfo(timezone))


def _evidence(at: datetime, cast: _Cast) -> Evidence:
    examples = tuple(
        Example(
            post_id=f"sample:{n}",
            author=author,
            followers=followers,
            url=f"https://example.com/posts/{n}",
            text=text,
            published_at=at - timedelta(minutes=14 - n),
            p_negative=0.97 - n / 100,
        )
        for n, (author, followers, text) in enumerate(cast.posts, 1)
    )
    main, other = cast.terms
    first, second = cast.sources
    return Evidence(
        terms=(
            Term(text=main, share=0.61, share_before=0.01),
            Term(text=other, share=0.18, share_before=0.02),
        ),
        sources=(Part(name=first, count=180), Part(name=second, count=34)),
        languages=(Part(name=cast.language, count=214),),
        authors=143,
        reposts=81,
        organic_share=0.62,
        examples=examples,
        first=examples[0],
        stamps=Stamps(
            published=at - timedelta(seconds=9),
            received=at - timedelta(seconds=8),
            scored=at - timedelta(seconds=7.8),
            stored=at - timedelta(seconds=7.5),
            fired=at + timedelta(seconds=2),
        ),
        posts=214,
        origin=Origin(
            posts=214,
            organic=133,
            reposts=60,
            copies=21,
            syndicated=0,
            automated=0,
            spam=0,
            suspected_accounts=0,
            suspicions=(),
        ),
        share=ShareEstimate(
            share=0.64, lower=0.58, upper=0.7, method="corrected", labels=120, note=""
        ),
    )
