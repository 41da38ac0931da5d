"""`groundswell stats`: the figures of the database, as tables on a terminal, as lines elsewhere."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from infra.stats import Stats
from processors.faults import plain_name
from streams.view import NEGATIVE, QUIET

UNITS: Final = ((1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "kB"))
FOLDED: Final = ("model", "detail")
Section = tuple[str, Sequence[str], Sequence[Sequence[str]]]  # name, columns, rows


def print_stats(console: Console, stats: Stats) -> None:
    """Print all of it; sections with nothing in them are left out."""
    for name, columns, rows in _sections(stats):
        if not rows:
            continue
        if console.is_terminal:
            console.print(Text(f" {name.upper()}", style=f"bold {_colour(name)}".strip()))
            console.print(_table(columns, rows))
        else:
            for row in rows:
                console.print(_line(name, columns, row), soft_wrap=True)
    if not stats.brands:
        console.print("no posts", style=QUIET if console.is_terminal else None)


def _sections(stats: Stats) -> Iterator[Section]:
    yield (
        "brands",
        ("brand", "posts", "negative", "neutral", "positive", "first", "last", "kept"),
        [
            (
                one.brand,
                _number(one.posts),
                _number(one.negative),
                _number(one.neutral),
                _number(one.positive),
                f"{one.first:%Y-%m-%d}",
                f"{one.last:%Y-%m-%d}",
                f"{one.kept_days} d",
            )
            for one in stats.brands
        ],
    )
    yield "receipts", ("outcome", "rows"), _counted(stats.receipts)
    yield "dropped", ("reason", "rows"), _counted(stats.dropped)
    yield "dead letters", ("reason", "rows"), _counted(stats.dead_letters)
    waiting = {"without an outcome": stats.waiting} if stats.waiting else {}
    yield "outbox", ("posts", "rows"), _counted(waiting)
    yield (
        "feeds",
        ("feed", "clock", "sent", "durable", "state"),
        [
            (
                plain_name(one.feed),
                _time(one.clock),
                _number(one.sent),
                _number(one.durable),
                one.state,
            )
            for one in stats.feeds
        ],
    )
    yield (
        "self-healing",
        ("kind", "stage", "times", "last"),
        [(one.kind, one.stage, _number(one.times), _time(one.last)) for one in stats.stage_events],
    )
    yield "models", ("model", "posts"), _counted(stats.models)
    yield (
        "scorings",
        ("brand", "number", "model", "at"),
        [(one.brand, str(one.number), one.model, _time(one.at)) for one in stats.scorings],
    )
    yield "erasures", ("of", "number"), _counted(stats.erasures)
    yield "disk", ("table", "rows", "bytes"), _disk(stats)
    yield (
        "audit",
        ("at", "action", "by", "detail"),
        [(_time(one.at), one.action, one.by, one.detail) for one in stats.audit],
    )


def _disk(stats: Stats) -> list[Sequence[str]]:
    rows: list[Sequence[str]] = [
        (one.table, _number(one.rows), _bytes(one.bytes)) for one in stats.tables
    ]
    if rows:
        rows.append(("all", "", _bytes(stats.bytes_on_disk)))
    if stats.bytes_per_post:
        rows.append(("a post", "", f"{stats.bytes_per_post:,.0f} B"))
    return rows


def _counted(counts: Mapping[str, int]) -> list[Sequence[str]]:
    return [(name or "-", _number(count)) for name, count in counts.items()]


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for number, column in enumerate(columns):
        figures = all(_is_figure(row[number]) for row in rows)
        # Names and details take the lines they need, all else stays whole.
        table.add_column(
            column,
            justify="right" if figures else "left",
            no_wrap=number > 0 and column not in FOLDED,
            overflow="fold",
        )
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def _line(name: str, columns: Sequence[str], row: Sequence[str]) -> str:
    """One row as `section first: column value, column value`."""
    rest = ", ".join(
        f"{column} {value}" for column, value in zip(columns[1:], row[1:], strict=True) if value
    )
    return f"{name} {row[0]}: {rest}"


def _is_figure(cell: str) -> bool:
    return not cell or (cell[0].isdigit() and "-" not in cell)


def _colour(name: str) -> str:
    return NEGATIVE if name in ("dead letters", "self-healing") else ""


def _number(count: int) -> str:
    return f"{count:,}"


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def _bytes(count: int) -> str:
    for size, unit in UNITS:
        if count >= size:
            return f"{count / size:,.1f} {unit}"
    return f"{count} B"
