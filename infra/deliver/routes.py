"""The routing tree in the settings: who is told of which incidents, and at what times.

The idea is Prometheus Alertmanager's. A node that matches tries its children in order; the first
that matches takes the incident, and the next ones are tried only where it says `continue: true`.
Where no child matches the node itself takes it. What a node does not say it has from its parent.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from forecasting.records import IncidentKind
from infra.deliver.durations import Duration
from infra.deliver.records import Match
from infra.deliver.windows import DAY, Window
from infra.zones import Zone

MOST_DEEP = 8
MOST_NODES = 1_000
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

T = TypeVar("T")
GroupBy = Literal["incident", "brand", "kind"]
Severity = Annotated[int, Field(ge=1, le=10)]
Several = Annotated[tuple[T, ...], Field(min_length=1)]
"""Left out it restricts nothing; an empty list would look as if it meant none."""


def _days(given: object) -> object:
    """`mon-fri`, `sat` or a list of such, as the numbers of weekdays."""
    named = (given,) if isinstance(given, str) else given
    if isinstance(named, int) or not isinstance(named, list | tuple | set | frozenset) or not named:
        raise ValueError("no days, such as mon-fri or [sat, sun]")
    found: set[int] = set()
    for one in named:
        first, _, last = str(one).lower().partition("-")
        if first not in DAYS or (last or first) not in DAYS:
            raise ValueError(f"{one!r} is no day; days are {', '.join(DAYS)}, or such as mon-fri")
        begin, end = DAYS.index(first), DAYS.index(last or first)
        found |= {(begin + step) % 7 for step in range((end - begin) % 7 + 1)}
    return tuple(DAYS[day] for day in sorted(found))


def _minutes(text: str) -> int:
    hours, mark, minutes = text.partition(":")
    whole = mark and len(minutes) == 2 and hours.isdecimal() and minutes.isdecimal()
    if not whole or int(minutes) > 59 or int(hours) * 60 + int(minutes) > DAY:
        raise ValueError(f"{text!r} is no time of day, such as 07:30 (in YAML with quotes)")
    return int(hours) * 60 + int(minutes)


def _time(given: object) -> object:
    # YAML 1.1 reads 22:30 without quotes as a number to the base 60.
    if isinstance(given, int) and not isinstance(given, bool) and 0 <= given <= DAY:
        given = f"{given // 60:02}:{given % 60:02}"
    if not isinstance(given, str):
        raise ValueError("no time of day, such as '07:30'")
    return f"{_minutes(given) // 60:02}:{_minutes(given) % 60:02}"


TimeOfDay = Annotated[str, BeforeValidator(_time)]


class _Model(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, use_attribute_docstrings=True
    )


class Hours(_Model):
    """Hours of some days; whole days where it says no times."""

    days: Annotated[tuple[str, ...], BeforeValidator(_days)] = DAYS
    """Weekdays, such as mon-fri or [sat, sun]."""
    begin: Annotated[TimeOfDay, Field(alias="from")] = "00:00"
    """When they begin."""
    end: Annotated[TimeOfDay, Field(alias="to")] = "24:00"
    """When they end; before `from`: on the next day."""
    timezone: Zone
    """Of days and times."""

    @model_validator(mode="after")
    def _some(self) -> "Hours":
        if self.begin == self.end or self.begin == "24:00":
            raise ValueError("has no length: leave `from` and `to` out for whole days")
        return self

    @property
    def window(self) -> Window:
        """What is reckoned with."""
        return Window(
            days=frozenset(DAYS.index(day) for day in self.days),
            begin=_minutes(self.begin),
            end=_minutes(self.end) or DAY,
            timezone=self.timezone,
        )


class MatchSettings(_Model):
    """What an incident has to be; what is left out may be anything."""

    brands: Several[str] | None = None
    """One of these."""
    kinds: Several[IncidentKind] | None = None
    """One of these."""
    severity: Severity = 1
    """At least."""
    languages: Several[str] | None = None
    """Of most of its posts."""
    sources: Several[str] | None = None
    """Of most of its posts."""

    @property
    def match(self) -> Match:
        """What is asked of an incident."""
        return Match(
            brands=self.brands or (),
            kinds=self.kinds or (),
            severity=self.severity,
            languages=self.languages or (),
            sources=self.sources or (),
        )


class Escalation(_Model):
    """Who is told as well when nobody has acknowledged an incident for some time."""

    after: Duration
    """Time without an acknowledgement."""
    receivers: Several[str]
    """Who is told as well."""

    @model_validator(mode="after")
    def _later(self) -> "Escalation":
        if not self.after:
            raise ValueError("`after` has to be some time, such as 15m")
        return self


class Route(_Model):
    """A node of the tree."""

    match: MatchSettings = MatchSettings()
    """What an incident has to be."""
    receivers: Several[str] | None = None
    """Who is told."""
    goes_on: Annotated[bool, Field(alias="continue")] = False
    """Whether the next routes are tried too."""
    group_by: GroupBy | None = None
    """What goes into one message; at the top: incident."""
    group_wait: Duration | None = None
    """How long a first message waits for more; at the top: 0s."""
    group_interval: Duration | None = None
    """How long changes wait for more; at the top 0s: every change by itself."""
    repeat_interval: Duration | None = None
    """How often what stays open is told again; at the top 0s: never."""
    quiet: tuple[Hours, ...] | None = None
    """Hours in which messages wait; an empty list: none."""
    quiet_unless: Severity | None = None
    """From this severity on it rings anyway."""
    working: tuple[Hours, ...] | None = None
    """Hours in which alone something is told."""
    escalate: tuple[Escalation, ...] | None = None
    """Who is told as well when nobody acknowledges."""
    routes: tuple["Route", ...] = ()
    """Children, tried in order."""

    @model_validator(mode="after")
    def _bounded(self) -> "Route":
        if self.depth > MOST_DEEP:
            raise ValueError(f"routes inside routes: no more than {MOST_DEEP} deep")
        if sum(1 for _ in self.walk()) > MOST_NODES:
            raise ValueError(f"no more than {MOST_NODES} routes")
        if self.repeat_interval and self.repeat_interval < timedelta(minutes=1):
            raise ValueError("repeat_interval: at least 1m, or 0s for never")
        return self

    @property
    def depth(self) -> int:
        """1: no children."""
        return 1 + max((child.depth for child in self.routes), default=0)

    def walk(self, path: str = "route") -> Iterator[tuple[str, "Route"]]:
        """Each node with where it stands in the file, parents first."""
        yield path, self
        for index, child in enumerate(self.routes):
            yield from child.walk(f"{path}.routes.{index}")


def check_names(route: Route, *, receivers: set[str], brands: set[str]) -> None:
    """Raise ValueError where the tree names what the settings do not have. No brands: any."""
    if route.receivers is None:
        raise ValueError("route.receivers: missing, who is told where no other route matches")
    for path, node in route.walk():
        steps = [
            (f"{path}.escalate.{index}.receivers", step.receivers)
            for index, step in enumerate(node.escalate or ())
        ]
        for where, names in ((f"{path}.receivers", node.receivers or ()), *steps):
            _known(where, names, receivers, "receiver")
        if brands:
            _known(f"{path}.match.brands", node.match.brands or (), brands, "brand")


def _known(where: str, names: tuple[str, ...], known: set[str], what: str) -> None:
    for name in names:
        if name not in known:
            has = ", ".join(sorted(known)) or "none"
            raise ValueError(f"{where}: there is no {what} {name!r}; the settings have {has}")
