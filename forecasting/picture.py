"""A backtest as an SVG: negative posts an hour over what was expected, incidents on the axis."""

import html
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from forecasting.backtest import Backtest, Point
from forecasting.phrases import line

WIDTH: Final = 1200
PANEL: Final = 220
LEFT: Final = 56
RIGHT: Final = 16
TOP: Final = 44
FOOT: Final = 28
MOST_POINTS: Final = 2_400  # two a pixel: more cannot be seen
INK: Final = "#1c1917"
QUIET: Final = "#78716c"
NEGATIVE: Final = "#c2410c"
TICKS: Final = 8
TITLE: Final = 70  # characters
LEGEND: Final = (
    "negative posts an hour over what was expected (grey); below, incidents with their severity "
    "above: hollow ones are only recorded; UTC"
)


def svg(tests: Sequence[Backtest], titles: Sequence[str]) -> str:
    """One panel for each backtest, on the same axes; `titles` say what each is.

    Text is escaped: names of brands may hold anything.
    """
    height = len(tests) * (PANEL + TOP + FOOT)
    most = max((p.negative for test in tests for p in test.hours), default=0)
    most = max(most, *(_ceiling(test) for test in tests), 1)
    panels = [
        _panel(test, title, number * (PANEL + TOP + FOOT), most)
        for number, (test, title) in enumerate(zip(tests, titles, strict=True))
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" font-family="system-ui, sans-serif" font-size="13" '
        f'role="img"><rect width="{WIDTH}" height="{height}" fill="#ffffff"/>'
        f"{''.join(panels)}</svg>\n"
    )


def _ceiling(test: Backtest) -> int:
    """What the axis has to show of a band: its usual height, not its widest hour."""
    uppers = sorted(p.upper for p in test.hours)
    return round(uppers[int(0.95 * (len(uppers) - 1))]) if uppers else 0


def _panel(test: Backtest, title: str, top: int, most: int) -> str:
    floor = top + TOP + PANEL
    points = _thinned(test.hours)
    xs = [_x(test, p.at) for p in points]

    def y(value: float) -> float:
        return floor - PANEL * min(value / most, 1.0)

    parts = [
        f'<text x="{LEFT}" y="{top + 24}" fill="{INK}" font-weight="600">'
        f"{html.escape(line(title, TITLE))}</text>",
        f'<text x="{WIDTH - RIGHT}" y="{top + 24}" fill="{QUIET}" font-size="11" '
        f'text-anchor="end">{LEGEND}</text>',
        _axes(test, top, floor, most),
    ]
    if points:
        upper = [f"{x:.1f},{y(p.upper):.1f}" for x, p in zip(xs, points, strict=True)]
        lower = [f"{x:.1f},{y(p.lower):.1f}" for x, p in zip(xs, points, strict=True)]
        course = " ".join(f"{x:.1f},{y(p.negative):.1f}" for x, p in zip(xs, points, strict=True))
        band = " ".join([*upper, *reversed(lower)])
        parts.append(f'<polygon points="{band}" fill="{INK}" fill-opacity="0.12"/>')
        parts.append(
            f'<polyline points="{course}" fill="none" stroke="{NEGATIVE}" stroke-width="1.2"/>'
        )
    parts += _marks(test, top, floor)
    return "".join(parts)


def _marks(test: Backtest, top: int, floor: int) -> list[str]:
    """Each incident: a bar on the axis as long as it was, its severity above. Hollow: no alert."""
    parts = []
    for one in test.incidents:
        begin, end = _x(test, one.opened_at), _x(test, one.closed_at or test.until)
        fill = NEGATIVE if one.alerts else "none"
        ended = one.closed_at or test.until
        what = f"{one.kind.replace('_', ' ')}, severity {one.severity}, "
        what += f"{one.opened_at:%d %b %H:%M} to {ended:%d %b %H:%M}"
        parts.append(
            f'<g><title>{what}</title><rect x="{begin:.1f}" y="{floor + 2}" '
            f'width="{max(end - begin, 3.0):.1f}" height="6" fill="{fill}" stroke="{NEGATIVE}"/>'
            f'<text x="{begin:.1f}" y="{top + TOP - 4}" fill="{NEGATIVE}" font-size="11">'
            f"{one.severity}</text></g>"
        )
    return parts


def _axes(test: Backtest, top: int, floor: int, most: int) -> str:
    parts = [
        f'<line x1="{LEFT}" y1="{floor}" x2="{WIDTH - RIGHT}" y2="{floor}" stroke="{QUIET}"/>',
        f'<text x="{LEFT - 6}" y="{top + TOP + 10}" fill="{QUIET}" text-anchor="end">{most}</text>',
        f'<text x="{LEFT - 6}" y="{floor}" fill="{QUIET}" text-anchor="end">0</text>',
    ]
    days = max((test.until - test.since) // timedelta(days=1), 1)
    every = timedelta(days=max(-(-days // TICKS), 1))
    at = test.since.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    while at < test.until:
        parts.append(
            f'<text x="{_x(test, at):.1f}" y="{floor + 22}" fill="{QUIET}" '
            f'text-anchor="middle">{at:%d %b}</text>'
        )
        at += every
    return "".join(parts)


def _x(test: Backtest, at: datetime) -> float:
    whole = max((test.until - test.since).total_seconds(), 1.0)
    return LEFT + (WIDTH - LEFT - RIGHT) * ((at - test.since).total_seconds() / whole)


def _thinned(points: Sequence[Point]) -> list[Point]:
    """Of every few hours the one with most negative posts, so that no peak is lost."""
    every = max(-(-len(points) // MOST_POINTS), 1)
    return [
        max(points[i : i + every], key=lambda p: p.negative) for i in range(0, len(points), every)
    ]
