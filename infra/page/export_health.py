"""The health of the line as a person takes it along: one row a figure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import pyarrow as pa
from msgspec import Struct

from infra.feeds.state import Stretch
from infra.page.export_table import Kind, table_of
from infra.page.queries import QueryChange

COLUMNS: Final = (
    ("at", pa.timestamp("ms", "UTC")),
    ("part", pa.string()),
    ("name", pa.string()),
    ("figure", pa.string()),
    ("value", pa.float64()),
    ("unit", pa.string()),
    ("text", pa.string()),
    ("time", pa.timestamp("ms", "UTC")),
)
"""Parts and figures are called as in `GET /health`; a number is a `value`, a moment a `time`, the
rest `text`. All three are empty where nothing is known."""
LINE: Final = (
    *("clock", "wall", "judged_until", "lag_seconds", "objective_seconds"),
    *("posts_last_hour", "waiting", "settings_problem"),
)
NAMES: Final[Mapping[str, Sequence[str]]] = {
    "feeds": ("feed",),
    "platforms": ("name",),
    "latency": ("stage",),
    "readings": ("stage",),
    "models": ("model", "language"),
    "queries": ("brand",),
    "scorings": ("brand",),
    "forecast_accuracy": ("brand", "series", "step", "band"),
}
"""What a row of each part is of."""
UNITS: Final = {
    **dict.fromkeys(("median", "p95", "p99", "failing"), "seconds"),
    **dict.fromkeys(("inside80", "inside95"), "share"),
    **dict.fromkeys(("rate", "posts_per_second"), "posts/second"),
}
Figure = tuple[str, str, str, float | None, str, str | None, datetime | None]
"""As the columns after the first."""


def health_file(kind: Kind, told: Mapping[str, Any]) -> bytes:
    """Of what somebody may see of it (health.seen_by)."""
    return table_of(kind, COLUMNS, [(told["at"], *one) for one in _figures(told)])


def _figures(told: Mapping[str, Any]) -> Iterator[Figure]:
    for name in LINE:
        yield _figure("line", "", name, told[name])
    yield from _of("pace", "", told["pace"])
    for part, names in NAMES.items():
        for one in told[part]:
            yield from _of(part, " / ".join(str(getattr(one, name)) for name in names), one, names)
    for name, state in told["receivers"].items():
        yield from _of("receivers", name, state)
    for reason, posts in told["dead_letters"].items():
        yield _figure("dead_letters", reason, "posts", posts)
    for event in told["stage_events"]:
        yield ("stage_events", event.stage, event.kind, None, "", event.detail, event.at)


def _of(part: str, name: str, one: Struct, but: Sequence[str] = ()) -> Iterator[Figure]:
    """All that a record says, but what names it."""
    for field in one.__struct_fields__:
        value = getattr(one, field)
        if field in but:
            continue
        if field == "gaps":
            yield _figure(part, name, field, len(value))
            yield from (_gap(name, gap) for gap in value)
        elif field == "changes":
            yield from (_change(name, change) for change in value)
        elif isinstance(value, Mapping):
            for key, inner in value.items():
                yield _figure(part, name, f"{field}.{key}", inner)
        else:
            yield _figure(part, name, field, value)


def _gap(feed: str, gap: Stretch) -> Figure:
    length = (gap.until - gap.since).total_seconds()
    return ("gaps", feed, "gap", length, "seconds", gap.reason, gap.since)


def _change(brand: str, change: QueryChange) -> Figure:
    words = (*(f"+ {one}" for one in change.added), *(f"- {one}" for one in change.removed))
    return _figure("queries", brand, f"changes.{change.what}", ", ".join(words))


def _figure(part: str, name: str, figure: str, value: Any) -> Figure:
    unit = UNITS.get(figure.split(".")[0], "seconds" if figure.endswith("_seconds") else "")
    if value is None or isinstance(value, int | float):
        return (part, name, figure, None if value is None else float(value), unit, None, None)
    if isinstance(value, datetime):
        return (part, name, figure, None, unit, None, value)
    return (part, name, figure, None, unit, str(value), None)
