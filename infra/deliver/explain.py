"""Why an incident goes where it goes: the routing tree as it was walked, and what holds it now."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from msgspec import Struct
from msgspec.structs import replace

from forecasting.records import IncidentEvent
from infra.deliver.durations import render
from infra.deliver.match import view
from infra.deliver.records import Hold
from infra.deliver.routes import Route
from infra.deliver.tree import Node, Options, routed, walk


class Told(Struct, frozen=True, kw_only=True):
    """A receiver of an incident."""

    receiver: str
    path: str  # of the node that gives it this receiver
    options: Options
    after: tuple[timedelta, ...] = ()  # told when nobody has acknowledged it for so long
    hold: Hold | None = None  # why it is not told now


class Explanation(Struct, frozen=True, kw_only=True):
    """The path of an incident."""

    alerts: bool  # whether its brand's team wants to hear of its kind
    nodes: tuple[Node, ...]  # those that were tried, in order; without a tree none
    told: tuple[Told, ...]


def explain(
    event: IncidentEvent,
    *,
    route: Route | None,
    receivers: Sequence[str],
    holds: Iterable[Hold] = (),
    worst: int = 0,
) -> Explanation:
    """The path of the incident as it is at `event`, its newest change, with its present holds.

    `worst` is its severity at its worst so far, which is what routes go by; 0: as it is now.
    """
    seen = view(event)
    seen = replace(seen, severity=max(worst, seen.severity))
    nodes = tuple(walk(route, seen)) if route else ()
    to = routed(route, receivers, seen)
    held = {one.receiver: one for one in holds if one.incident_id == seen.incident_id}
    names = [*to.told, *(name for name in to.later if name not in to.told)]
    return Explanation(
        alerts=event.change.alerts,
        nodes=nodes,
        told=tuple(
            Told(
                receiver=name,
                path=_path(nodes, name),
                options=to.told.get(name) or to.late[name],
                after=to.later.get(name, ()),
                hold=held.get(name),
            )
            for name in names
        ),
    )


def _path(nodes: Sequence[Node], receiver: str) -> str:
    takes = [node for node in nodes if node.takes]
    own = [node.path for node in takes if receiver in node.receivers]
    late = [node.path for node in takes for step in node.steps if receiver in step.receivers]
    return next(iter(own + late), "")


def timing(options: Options) -> str:
    """When a receiver is told, in one line: settings and values, only what is set."""
    said = [f"grouped by {options.group_by}"] if options.group_by != "incident" else []
    said += [
        f"{name} {render(value)}"
        for name, value in (
            ("group_wait", options.group_wait),
            ("group_interval", options.group_interval),
            ("repeat_interval", options.repeat_interval),
        )
        if value
    ]
    if options.quiet:
        unless = f" below severity {options.quiet_unless}" if options.quiet_unless <= 10 else ""
        said.append(f"quiet hours{unless}")
    if options.working:
        said.append("working hours only")
    return ", ".join(said) or "every change at once"
