"""A plot of recall over false alarms as SVG: points with names, and one line through the first."""

import math
from collections.abc import Sequence
from xml.sax.saxutils import escape

from msgspec import Struct

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 860, 520, 60, 50, 20, 250
LEAST, MOST = 0.01, 20.0  # false alarms a brand-week


class Point(Struct, frozen=True, kw_only=True):
    """A detector at one setting."""

    name: str
    false: float  # a brand-week
    recall: float


def svg(ours: Sequence[Point], others: Sequence[Point]) -> str:
    """Ours as a line, others as points; false alarms on a log scale, cut at LEAST."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        'font-family="sans-serif" font-size="11">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
    ]
    for tick in (0.01, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10):
        x = _x(tick)
        parts.append(f'<path d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#ddd"/>')
        parts.append(_text(x, HEIGHT - BOTTOM + 16, f"{tick:g}", "middle"))
    for i in range(11):
        y = _y(i / 10)
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        parts.append(_text(LEFT - 8, y + 4, f"{i / 10:.1f}", "end"))
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(_text(middle, HEIGHT - 12, "false incidents a brand-week", "middle"))
    parts.append(_text(LEFT, TOP - 6, "recall", "start"))
    ours = sorted(ours, key=lambda point: point.false)
    line = " ".join(f"{_x(p.false):.1f},{_y(p.recall):.1f}" for p in ours)
    parts.append(f'<polyline points="{line}" fill="none" stroke="#c0392b" stroke-width="2"/>')
    for number, point in enumerate([*ours, *others]):
        of_ours = number < len(ours)
        colour = "#c0392b" if of_ours else "#555"
        x, y = _x(point.false), _y(point.recall)
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>')
        mark = chr(ord("a") + number)
        parts.append(_text(x + 6, y - 5, mark, "start", colour))
        label = f"{mark}  {point.name}"
        parts.append(_text(WIDTH - RIGHT + 14, TOP + 12 + 18 * number, label, "start", colour))
    return "\n".join([*parts, "</svg>\n"])


def _x(false: float) -> float:
    part = math.log(min(max(false, LEAST), MOST) / LEAST) / math.log(MOST / LEAST)
    return LEFT + part * (WIDTH - RIGHT - LEFT)


def _y(recall: float) -> float:
    return HEIGHT - BOTTOM - recall * (HEIGHT - BOTTOM - TOP)


def _text(x: float, y: float, words: str, anchor: str, colour: str = "#333") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">'
        f"{escape(words)}</text>"
    )
