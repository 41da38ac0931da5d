"""What the overview shows."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from infra.page.expected import Band
from infra.page.incident_list import Head
from infra.page.outside import Failing
from infra.page.place import ClockState
from infra.page.shares import Interval

State = Literal["open", "calm", "learning", "gap"]


class Expected(Struct, frozen=True, kw_only=True):
    """The band that the negative share of voices is expected in."""

    value: float
    lower: float
    upper: float


class Spark(Struct, frozen=True, kw_only=True):
    """Negative posts of bars that follow one another, and the band they were expected in."""

    start: int
    step_seconds: int
    negative: tuple[int, ...]
    lower: tuple[float | None, ...] | None
    upper: tuple[float | None, ...] | None


class BrandRow(Struct, frozen=True, kw_only=True):
    """A brand's last hour, its curve, and what is open."""

    name: str
    state: State
    learning_hours: float
    volume: int
    negative: int
    volume_expected: Band | None
    share: Interval | None
    share_expected: Expected | None
    share_change: float | None
    spark: Spark
    incident: Head | None
    incidents_open: int
    competitors: tuple[str, ...]  # other brands, to compare with


class FeedLine(Struct, frozen=True, kw_only=True):
    """A feed, and what it said last."""

    name: str
    state: str
    last_at: datetime | None
    updated_at: datetime | None  # null where the state says it when nothing is heard


class Pipeline(Struct, frozen=True, kw_only=True):
    """How fast posts come in; null where none came lately."""

    posts_per_second: float
    stored_after_seconds: float | None
    feeds: tuple[FeedLine, ...]
    failing: tuple[Failing, ...]  # receivers, for an hour or more


class Overview(Struct, frozen=True, kw_only=True):
    """Everything on the first screen."""

    at: datetime
    wall: datetime
    clock: ClockState
    judged_until: datetime | None
    hours: int
    languages: tuple[str, ...]
    brands: tuple[BrandRow, ...]
    pipeline: Pipeline
    simulated: bool
