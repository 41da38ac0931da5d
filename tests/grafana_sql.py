"""What Grafana makes of a query before the database sees it: macros, variables, the step.

Written from the plugin's documentation of macros and Grafana's of variable formats. Whatever is not
known here is an error, so that no query relies on more than that.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from msgspec import Struct

Json = dict[str, Any]
STEPS: Final = (
    1,
    2,
    5,
    10,
    15,
    30,
    60,
    120,
    300,
    600,
    900,
    1200,
    1800,
    3600,
    7200,
    10800,
    21600,
    43200,
)
DAY: Final = 86_400
UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": DAY}
MACRO: Final = re.compile(r"\$__(\w+)(?:\(([^()]*)\))?")
VARIABLE: Final = re.compile(r"\$\{(\w+)(?::(\w+))?\}|\$(\w+)")


class Span(Struct, frozen=True):
    """What is seen, and the values of variables."""

    since: datetime
    until: datetime
    variables: Mapping[str, str | Sequence[str]]


def step_of(panel: Json, span: Span) -> int:
    """Seconds of `$__interval`: a round number that gives at most the panel's points."""
    raw = (span.until - span.since).total_seconds() / panel.get("maxDataPoints", 1000)
    least = panel.get("interval", "1s")
    seconds = max(raw, int(least[:-1]) * UNITS[least[-1]])
    return next((step for step in STEPS if step >= seconds), DAY * -int(-seconds // DAY))


def expanded(sql: str, span: Span, *, step: int = 60) -> str:
    """The SQL that is sent. Raises KeyError for a macro or a variable that is not known."""
    begin, end = int(span.since.timestamp()), int(span.until.timestamp())
    from_, to = f"toDateTime({begin})", f"toDateTime({end})"
    days = span.since.strftime("toDate('%Y-%m-%d')"), span.until.strftime("toDate('%Y-%m-%d')")

    def of_time(column: str) -> str:
        return f"{column} >= {from_} AND {column} <= {to}"

    def of_date(column: str) -> str:
        return f"{column} >= {days[0]} AND {column} <= {days[1]}"

    macros = {
        "fromTime": lambda: from_,
        "toTime": lambda: to,
        "timeFilter": of_time,
        "dateFilter": of_date,
        "dateTimeFilter": lambda date, time: f"({of_date(date)}) AND ({of_time(time)})",
        "interval_s": lambda: str(step),
        "timeInterval": lambda c: f"toStartOfInterval(toDateTime({c}), INTERVAL {step} second)",
    }

    def macro(found: re.Match[str]) -> str:
        arguments = [one.strip() for one in found[2].split(",")] if found[2] else []
        made: str = macros[found[1]](*arguments)  # type: ignore[operator]
        return made

    def variable(found: re.Match[str]) -> str:
        return formatted(span.variables[found[1] or found[3]], found[2] or "")

    # Grafana replaces variables in the browser, the plugin macros on the server.
    return MACRO.sub(macro, re.sub(r"\$(?!__)(?:\{.*?\}|\w+)", lambda f: _one(f[0], variable), sql))


def _one(text: str, variable: Any) -> str:
    found = VARIABLE.fullmatch(text)
    assert found, text
    return str(variable(found))


def formatted(value: str | Sequence[str], how: str) -> str:
    """A variable's value as `${name:how}` puts it."""
    values = [value] if isinstance(value, str) else list(value)
    if how == "sqlstring":
        return ",".join("'" + one.replace("'", "''") + "'" for one in values)
    if how == "" and isinstance(value, str):
        return value
    raise KeyError(how)
