"""What forecasting reads and keeps in ClickHouse."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

from msgspec import Struct

from forecasting.accuracy import Score
from forecasting.foretell import Series
from forecasting.records import Forecast
from infra.sql import load
from infra.store import Param, Store
from infra.times import to_ms

Kind = Literal["fit", "trust"]
ALWAYS: Final = datetime(1970, 1, 1, tzinfo=UTC)
COLUMNS = (
    *("brand", "series", "step", "bucket", "made_at", "mean", "lower", "upper", "model"),
    *("quantiles", "own", "naive"),
)
SCORES = (
    *("brand", "series", "step", "band", "bucket", "count", "error", "own_error", "naive_error"),
    *("scale", "pinball", "inside80", "inside95", "model"),
)


class Kept(Struct, frozen=True):
    """What is remembered of a brand: `kind` fit or trust, as JSON."""

    brand: str
    kind: Kind
    at: datetime
    body: str


class Due(Struct, frozen=True):
    """A stored forecast whose truth has come."""

    series: Series
    step: str
    bucket: datetime
    band: int  # hours
    quantiles: Sequence[float]
    own: float
    naive: float
    model: str


class Accuracy(Struct, frozen=True, kw_only=True):
    """How good forecasts of one brand, series, step and band were."""

    brand: str
    series: str
    step: str
    band: int  # hours ahead, at most
    count: int
    mase: float  # 0: no scale is known
    naive_mase: float  # of the seasonal naive, on the same truths
    pinball: float  # in the same unit as MASE
    inside80: float  # share of truths
    inside95: float
    model: str  # who was told last


def step_name(step: timedelta) -> str:
    """5m or 60m."""
    return f"{round(step.total_seconds() / 60)}m"


def counts_by(
    store: Store,
    by: Literal["hour", "part"],
    *,
    since: datetime,
    until: datetime,
    brand: str = "",
) -> dict[str, dict[datetime, tuple[int, int]]]:
    """Brand -> start -> posts and negative posts, by the hour or by its parts of five minutes."""
    found: dict[str, dict[datetime, tuple[int, int]]] = {}
    rows = store.query(
        load(f"{by}_counts"), {"since": to_ms(since), "until": to_ms(until), "brand": brand}
    )
    for name, start, volume, negative in rows:
        found.setdefault(name, {})[start] = volume, negative
    return found


def forecast_rows(
    brand: str, *, series: str, step: timedelta, made: Forecast, at: datetime
) -> list[tuple[Any, ...]]:
    """The rows of a forecast made at `at`, in the order of COLUMNS."""
    name = step_name(step)
    return [
        (brand, series, name, start, at, mean, lower, upper, made.model, quantiles, own, naive)
        for start, mean, lower, upper, quantiles, own, naive in zip(
            made.starts,
            made.mean,
            made.lower,
            made.upper,
            made.quantiles or ((),) * len(made.starts),
            made.own or made.mean,
            made.naive or made.mean,
            strict=True,
        )
    ]


def write_forecasts(store: Store, rows: Sequence[tuple[Any, ...]]) -> None:
    """Keep forecasts; one that is written again is the same row."""
    store.insert("forecasts", COLUMNS, rows)


def due_forecasts(
    store: Store, brand: str, *, since: datetime, until: datetime, made: datetime = ALWAYS
) -> list[Due]:
    """Forecasts of the buckets in the span, of each band the one made longest before.

    `made`: at this time or later.
    """
    span: dict[str, Param] = {
        "brand": brand,
        "since": to_ms(since),
        "until": to_ms(until),
        "made": to_ms(made),
    }
    return [
        Due(series, step, bucket, band, quantiles, own, naive, model)
        for series, step, bucket, band, quantiles, own, naive, model in store.query(
            load("due_forecasts"), span
        )
    ]


def score_row(
    brand: str, *, series: str, step: str, band: int, bucket: datetime, score: Score, model: str
) -> tuple[Any, ...]:
    """The row of a score, in the order of SCORES."""
    return (
        *(brand, series, step, band, bucket, score.count, score.error, score.own_error),
        *(score.naive_error, score.scale, score.pinball, score.inside80, score.inside95, model),
    )


def write_scores(store: Store, rows: Sequence[tuple[Any, ...]]) -> None:
    """Keep scores; one that is written again is the same row."""
    store.insert("forecast_scores", SCORES, rows)


def remembered(store: Store) -> list[Kept]:
    """What was kept last, of each brand and kind."""
    return [Kept(*row) for row in store.query(load("forecast_memory"))]


def keep(store: Store, kept: Iterable[Kept]) -> None:
    """Remember; what is later replaces what was before."""
    rows = [(each.brand, each.kind, each.at, each.body) for each in kept]
    store.insert("forecast_memory", ("brand", "kind", "at", "body"), rows)


def newest_score(store: Store, brand: str = "") -> datetime | None:
    """The newest bucket whose forecast met its truth, of one brand or of all."""
    newest, count = store.query(load("newest_score"), {"brand": brand})[0]
    return newest if count else None


def accuracy(store: Store, *, since: datetime, brand: str = "") -> list[Accuracy]:
    """How good forecasts were since then, of one brand or of all."""
    names = Accuracy.__struct_fields__
    rows = store.query(load("forecast_accuracy"), {"since": to_ms(since), "brand": brand})
    return [Accuracy(**dict(zip(names, row, strict=True))) for row in rows]
