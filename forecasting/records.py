"""The records of a series and of an incident. Times are UTC; a bucket is named by its start."""

from datetime import datetime, timedelta
from typing import Annotated, Literal

from msgspec import Meta, Struct

from forecasting.evidence import Evidence as Evidence
from forecasting.evidence import Example as Example
from forecasting.evidence import Part as Part
from forecasting.evidence import Stamps as Stamps
from forecasting.evidence import Term as Term

Moment = Annotated[datetime, Meta(tz=True)]
IncidentKind = Literal["negative_surge", "mood_shift", "volume_surge", "silence"]
Sensitivity = Literal["calm", "balanced", "keen"]
Quality = Literal["ok", "gap", "partial", "catch_up", "changed", "relabelled"]
"""Of a bucket's counts: seen whole; not seen (the feed stalls, lags or backfills); seen in part; a
burst of what a stall held back; of other posts than before (another query, a source less); or of
posts that another model labels."""
Change = Literal["opened", "updated", "resolved"]

BUCKET = timedelta(minutes=5)


class Bucket(Struct, frozen=True, kw_only=True):
    """Counts of one brand in one bucket. Voices are posts that repeat nobody.

    What was fetched later is counted apart: a detector must not see it, a reader must.
    """

    start: Moment
    volume: int  # all posts as they came
    negative: int  # posts labelled negative
    voices: int  # posts that are neither a duplicate nor a repost nor spam
    negative_voices: int
    backfilled: int = 0  # posts fetched later, in none of the counts above
    backfilled_negative: int = 0

    @property
    def shown(self) -> int:
        """All posts."""
        return self.volume + self.backfilled

    @property
    def shown_negative(self) -> int:
        """All posts labelled negative."""
        return self.negative + self.backfilled_negative


class Forecast(Struct, frozen=True, kw_only=True):
    """What consecutive buckets will hold: counts >= 0, or shares in [0, 1]."""

    starts: tuple[Moment, ...]
    mean: tuple[float, ...]
    lower: tuple[float, ...]  # of the 95 % interval
    upper: tuple[float, ...]
    model: str  # who said so; the naive says whom it replaces
    quantiles: tuple[tuple[float, ...], ...] = ()  # at the levels of forecasting.quantiles
    own: tuple[float, ...] = ()  # the model's median, also where the naive is told
    naive: tuple[float, ...] = ()  # the seasonal naive's


class Limits(Struct, frozen=True, kw_only=True):
    """From what score on an incident opens; see `forecasting.limits`."""

    false_a_week: float  # false incidents of each kind to expect of a brand
    share: float  # of a negative surge or a mood shift, beyond the window's allowance
    burst: float  # of a volume surge, log(1 + standard deviations)
    fall: float  # of a silence


class Policy(Struct, frozen=True, kw_only=True):
    """What a brand's team wants to hear of: how many false incidents it bears, and what kinds."""

    sensitivity: Sensitivity = "balanced"
    alert_on: tuple[IncidentKind, ...] = ("negative_surge", "mood_shift")
    factor: float = 1.0  # of the false incidents it bears, by the team's verdicts
    limits: Limits | None = None  # others than those of the sensitivity


class Signal(Struct, frozen=True, kw_only=True):
    """How far one kind is from opening: at `score` >= `limit` it does, unless it is held."""

    kind: IncidentKind
    score: float  # standard deviations beyond what is expected, at the scale that says most
    limit: float
    minutes: int  # that scale: the length of the window
    observed: int  # posts in that window: negative ones, or all for volume_surge and silence
    expected: float
    lower: float  # the 95 % band of what is expected
    upper: float


class Verdict(Struct, frozen=True, kw_only=True):
    """What a detector thinks of a brand after one bucket."""

    learning: bool  # too little history to judge
    score: float  # standard deviations above what is expected; 0 while learning
    hour_volume: int
    hour_negative: int
    share: float  # negative share of voices over the last hour, 0..1
    share_expected: float
    share_lower: float  # the band the share is expected in
    share_upper: float
    signals: tuple[Signal, ...] = ()  # one of each kind that can be judged
    quality: Quality = "ok"
    sensitivity: Sensitivity = "balanced"
    false_a_week: float = 0.2  # false incidents to expect of a brand at that sensitivity


class IncidentChange(Struct, frozen=True, kw_only=True):
    """One step in an incident's life; numbers are those of the last hour at `at`."""

    incident_id: str
    brand: str
    kind: IncidentKind
    change: Change
    number: int  # 1 is the opening
    opened_at: Moment
    since: Moment  # when the surge began, at or before opened_at
    at: Moment  # end of the bucket that caused this
    reason: str  # why, in one word: new, grew, calm, expired, withdrawn
    severity: int  # 1 to 10
    score: float
    observed: int  # negative posts in the last hour
    expected: float
    expected_lower: float
    expected_upper: float
    share: float
    share_expected: float
    total_negative: int  # negative posts since `since`
    peak_observed: int
    growing: bool
    alerts: bool = True  # whether receivers get it unasked, by the brand's policy at the opening
    minutes: int = 60  # the window that opened it
    returns_at: Moment | None = None  # when it would be normal again if it fades as it does now

    @property
    def event_id(self) -> str:
        """Stable over re-evaluation: the same change always has the same id."""
        return f"{self.incident_id}.{self.number}"


class IncidentEvent(Struct, frozen=True, kw_only=True):
    """What `alerts` carries and receivers get: a change with its evidence."""

    change: IncidentChange
    evidence: Evidence
    simulated: bool = False
    headline: str = ""  # the message of one line
    message: str = ""  # the whole message for a person
    sentence: str = ""  # what happened and why, in one sentence
