"""Plans of simulated posts, and what is known to be true of them. All brands are invented."""

from datetime import datetime, timedelta
from typing import Annotated, Literal

from msgspec import Meta, Struct

from processors.records import Label

Moment = Annotated[datetime, Meta(tz=True)]
Domain = Literal["bikes", "audio", "furniture", "phones", "cars"]
Language = Literal["en", "es", "de", "fr", "zh"]
Origin = Literal["base", "crisis", "hype", "storm"]


class SimulatedBrand(Struct, frozen=True, kw_only=True):
    """An invented brand: how it is named, how often, and in what mood.

    `surfaces` are the spellings that posts use, the frequent ones several times; each holds one
    of `aliases`. `foreign` is the share of posts in another language, drawn from `languages`.
    """

    name: str
    aliases: tuple[str, ...]
    surfaces: tuple[str, ...]
    domain: Domain
    posts_per_day: float  # of a weekday without events, reposts included
    negative: float
    positive: float
    foreign: float = 0.045
    languages: tuple[Language, ...] = ("es", "de", "fr")
    language: Literal["en", "zh"] = "en"  # of its messages


class Crisis(Struct, frozen=True, kw_only=True, tag="crisis"):
    """Many authors complain of one thing: a ramp of 20 minutes, then a decay until `end`."""

    brand: str
    start: Moment
    end: Moment
    posts: int


class Hype(Struct, frozen=True, kw_only=True, tag="hype"):
    """`factor` times the usual posts, in the usual mood."""

    brand: str
    start: Moment
    end: Moment
    factor: float


class Storm(Struct, frozen=True, kw_only=True, tag="storm"):
    """One complaint, repeated `copies` times by many accounts: one voice."""

    brand: str
    start: Moment
    end: Moment
    copies: int


class Outage(Struct, frozen=True, kw_only=True, tag="outage"):
    """Nothing arrives from `start` to `end`; the backlog follows within `drain`."""

    start: Moment
    end: Moment
    drain: timedelta


Event = Crisis | Hype | Storm | Outage


class DayPlan(Struct, frozen=True, kw_only=True, tag="day"):
    """Posts from `start` to `end` with a daily and weekly cycle (UTC), and events."""

    start: Moment
    end: Moment
    brands: tuple[SimulatedBrand, ...]
    events: tuple[Event, ...] = ()
    reposts: float = 0.07  # share of posts that repeat a recent one as `RT @author: ...`
    near_copies: float = 0.03  # share of posts that repeat a recent one with a small change


class LoadPlan(Struct, frozen=True, kw_only=True, tag="load"):
    """Exactly `posts` posts at an even `rate` a second; `reposts` of them repeat a text exactly."""

    start: Moment
    posts: int
    rate: float
    brands: tuple[SimulatedBrand, ...]
    reposts: float = 0.0


Plan = DayPlan | LoadPlan


class BrandTruth(Struct, frozen=True, kw_only=True):
    """What was meant, post by post; a copy counts with the mood of what it copies."""

    posts: int
    negative: int
    neutral: int
    positive: int
    copies: int  # reposts and near copies among the posts


class EventTruth(Struct, frozen=True, kw_only=True):
    """An event as it was generated. `posts` are those that exist, or are late, because of it."""

    kind: Literal["crisis", "hype", "storm", "outage"]
    brand: str  # empty: all of them
    start: Moment
    end: Moment
    posts: int


class Truth(Struct, frozen=True, kw_only=True):
    """What a plan and a seed generate."""

    posts: int
    brands: dict[str, BrandTruth]
    events: tuple[EventTruth, ...]


class Meant(Struct, frozen=True, kw_only=True):
    """What is known of one simulated post."""

    brand: str
    label: Label
    origin: Origin
    is_copy: bool
    language: Language


def _surfaces(name: str) -> tuple[str, ...]:
    return (name,) * 12 + (name.lower(), name.lower(), f"@{name}", f"@{name}", f"#{name}")


SIMULATED_BRANDS = (
    SimulatedBrand(
        name="Northwind",
        aliases=("Northwind", "Northwind Bikes"),
        surfaces=(*_surfaces("Northwind"), "Northwind Bikes"),
        domain="bikes",
        posts_per_day=2200,
        negative=0.20,
        positive=0.34,
    ),
    SimulatedBrand(
        name="Contoso",
        aliases=("Contoso", "Contoso Audio"),
        surfaces=(*_surfaces("Contoso"), "Contoso Audio"),
        domain="audio",
        posts_per_day=1900,
        negative=0.15,
        positive=0.40,
    ),
    SimulatedBrand(
        name="Fabrikam",
        aliases=("Fabrikam", "Fabrikam Home"),
        surfaces=(*_surfaces("Fabrikam"), "Fabrikam Home"),
        domain="furniture",
        posts_per_day=1500,
        negative=0.26,
        positive=0.32,
    ),
    SimulatedBrand(
        name="Litware",
        aliases=("Litware", "Litware Mobile"),
        surfaces=(*_surfaces("Litware"), "Litware Mobile"),
        domain="phones",
        posts_per_day=1300,
        negative=0.29,
        positive=0.26,
    ),
    SimulatedBrand(
        name="北风汽车",
        aliases=("北风汽车", "北风新能源", "Beifeng", "Beifeng Auto"),
        surfaces=(*_surfaces("Beifeng"), "Beifeng Auto"),
        domain="cars",
        posts_per_day=900,
        negative=0.22,
        positive=0.34,
        foreign=0.20,
        languages=("zh",),
        language="zh",
    ),
)
"""Five invented brands. Any likeness to a company is chance; `simulated` is shown with them."""


def demo_plan(start: datetime) -> DayPlan:
    """Plan a day of about 9,000 posts from `start`, meant to be midnight UTC.

    The night is quiet; then a feed outage at 16:50 (all brands), a hype wave at 18:00 (Contoso),
    a repost storm at 19:00 (Fabrikam) and a crisis at 20:00 (Northwind), over by 21:45. Only the
    crisis is one: nothing else should open an incident.
    """

    def at(hour: int, minute: int = 0) -> datetime:
        return start + timedelta(hours=hour, minutes=minute)

    return DayPlan(
        start=start,
        end=at(24),
        brands=SIMULATED_BRANDS,
        events=(
            Outage(start=at(16, 50), end=at(17, 35), drain=timedelta(minutes=3)),
            Hype(brand="Contoso", start=at(18), end=at(19), factor=4.0),
            Storm(brand="Fabrikam", start=at(19), end=at(19, 40), copies=300),
            Crisis(brand="Northwind", start=at(20), end=at(21, 45), posts=400),
        ),
    )


def load_plan(
    posts: int, *, start: datetime, rate: float = 1_000.0, reposts: float = 0.0
) -> LoadPlan:
    """Plan `posts` posts at `rate` a second, the share `reposts` of them exact repeats."""
    return LoadPlan(start=start, posts=posts, rate=rate, brands=SIMULATED_BRANDS, reposts=reposts)
