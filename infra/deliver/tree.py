"""Where an incident goes: the routing tree walked."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from msgspec import Struct
from msgspec.structs import replace

from infra.deliver.match import View, why_not
from infra.deliver.routes import GroupBy, Hours, Route
from infra.deliver.windows import Window


class Options(Struct, frozen=True, kw_only=True):
    """When a receiver is told."""

    group_by: GroupBy = "incident"
    group_wait: timedelta = timedelta(0)
    group_interval: timedelta = timedelta(0)
    repeat_interval: timedelta = timedelta(0)
    quiet: tuple[Window, ...] = ()
    quiet_unless: int = 11  # no severity is
    working: tuple[Window, ...] = ()

    def group(self, seen: View, *, alone: bool) -> str:
        """What is told together with it, by one clock. `alone`: its channel takes no digests."""
        value = {
            "incident": f"incident {seen.incident_id}",
            "brand": f"brand {seen.brand}",
            "kind": f"kind {seen.kind}",
        }["incident" if alone else self.group_by]
        seconds = int(self.group_interval.total_seconds())
        return " ".join(f"{value} / {seconds} s".splitlines())


class Step(Struct, frozen=True, kw_only=True):
    """One step of an escalation."""

    after: timedelta
    receivers: tuple[str, ...]


class Node(Struct, frozen=True, kw_only=True):
    """A node that was tried, with what it has from its parents."""

    path: str  # where it stands in the file
    why_not: str  # empty: it matches
    takes: bool  # it, and none of its children, takes the incident
    receivers: tuple[str, ...]
    options: Options
    steps: tuple[Step, ...] = ()


class Routed(Struct, frozen=True, kw_only=True):
    """Who is told of an incident."""

    told: dict[str, Options]  # by receiver
    later: dict[str, tuple[timedelta, ...]]  # after how long unacknowledged; ascending
    late: dict[str, Options]  # of those who are told later


def routed(route: Route | None, receivers: Sequence[str], seen: View) -> Routed:
    """Where the incident goes; without a tree to everyone. The first route to a receiver counts."""
    if route is None:
        return Routed(told={name: Options() for name in receivers}, later={}, late={})
    told: dict[str, Options] = {}
    later: dict[str, set[timedelta]] = {}
    late: dict[str, Options] = {}
    for node in walk(route, seen):
        if not node.takes:
            continue
        for name in node.receivers:
            told.setdefault(name, node.options)
        for step in node.steps:
            for name in step.receivers:
                later.setdefault(name, set()).add(step.after)
                late.setdefault(name, node.options)
    known = {*receivers}
    return Routed(
        told={name: options for name, options in told.items() if name in known},
        later={name: tuple(sorted(after)) for name, after in later.items() if name in known},
        late=late,
    )


def walk(route: Route, seen: View) -> Iterator[Node]:
    """The nodes that are tried for an incident, in the order they are."""
    root = Node(path="route", why_not="", takes=False, receivers=(), options=Options())
    yield from _tried(route, seen, path="route", parent=root)


def _tried(route: Route, seen: View, *, path: str, parent: Node) -> Iterator[Node]:
    reason = why_not(route.match.match, seen)
    node = Node(
        path=path,
        why_not=reason,
        takes=False,
        receivers=parent.receivers if route.receivers is None else route.receivers,
        options=_options(route, parent.options),
        steps=parent.steps
        if route.escalate is None
        else tuple(Step(after=one.after, receivers=one.receivers) for one in route.escalate),
    )
    if reason:
        yield node
        return
    below, taken = [], False
    for index, child in enumerate(route.routes):
        tried = list(_tried(child, seen, path=f"{path}.routes.{index}", parent=node))
        below += tried
        if not tried[0].why_not:
            taken = True
            if not child.goes_on:
                break
    yield replace(node, takes=not taken)
    yield from below


def _options(route: Route, parent: Options) -> Options:
    said = {
        "group_by": route.group_by,
        "group_wait": route.group_wait,
        "group_interval": route.group_interval,
        "repeat_interval": route.repeat_interval,
        "quiet": _windows(route.quiet),
        "quiet_unless": route.quiet_unless,
        "working": _windows(route.working),
    }
    return replace(parent, **{name: value for name, value in said.items() if value is not None})


def _windows(hours: tuple[Hours, ...] | None) -> tuple[Window, ...] | None:
    return None if hours is None else tuple(one.window for one in hours)
