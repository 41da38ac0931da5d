"""`groundswell routes show` and `check`: the routing tree in words, and whether a file is good."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
from pydantic import ValidationError
from pydantic_settings import SettingsError

from infra.config_file import problem_of, read_config
from infra.deliver.durations import render
from infra.deliver.routes import Hours, Route
from infra.settings import FileSettings, Settings
from streams.matched import in_words

NO_ROUTE = "no route: every receiver gets every change at once"


def checked(path: Path) -> str:
    """What is in a good file, by itself: the environment is left out.

    Raises SettingsError that names file, line and field of the first mistake.
    """
    try:
        settings = FileSettings(**read_config(path))
    except ValidationError as error:
        raise SettingsError(problem_of(error, path)) from None
    routes = [node for _, node in settings.route.walk()] if settings.route else []
    counts = f"{_count(len(settings.receivers), 'receiver')}, {_count(len(routes), 'route')}"
    lines = [f"{path} is good: {counts}"]
    if not routes:
        return "\n".join([*lines, NO_ROUTE])
    idle = sorted({receiver.name for receiver in settings.receivers} - _named(routes))
    return "\n".join([*lines, *(f"no route leads to {name}" for name in idle)])


def as_json(settings: Settings) -> str:
    """The tree as the file has it, and the names of the receivers."""
    route = settings.route
    told = {
        "route": route.model_dump(mode="json", by_alias=True, exclude_none=True) if route else None,
        "receivers": [receiver.name for receiver in settings.receivers],
    }
    return msgspec.json.encode(told).decode()


def as_text(settings: Settings) -> str:
    """The tree, a node a line with what it says itself under it; the rest is its parent's."""
    if settings.route is None:
        names = ", ".join(receiver.name for receiver in settings.receivers) or "none"
        return f"{NO_ROUTE}: {names}"
    return "\n".join(_drawn(settings.route, "route", 0))


def _drawn(route: Route, path: str, depth: int) -> Iterator[str]:
    space = "  " * depth
    to = f" → {', '.join(route.receivers)}" if route.receivers else ""
    goes_on = ", then on to the next" if route.goes_on else ""
    yield f"{space}{path}  {in_words(route.match.match)}{to}{goes_on}"
    yield from (f"{space}    {text}" for text in _own(route))
    for index, child in enumerate(route.routes):
        yield from _drawn(child, f"{path}.routes.{index}", depth + 1)


def _own(route: Route) -> Iterator[str]:
    named = [f"group_by {route.group_by}"] if route.group_by else []
    named += [
        f"{name} {render(value)}"
        for name, value in (
            ("group_wait", route.group_wait),
            ("group_interval", route.group_interval),
            ("repeat_interval", route.repeat_interval),
        )
        if value is not None
    ]
    if named:
        yield ", ".join(named)
    if route.quiet is not None:
        unless = f", but for severity {route.quiet_unless} or more" if route.quiet_unless else ""
        yield f"quiet {_hours(route.quiet)}{unless}"
    if route.working is not None:
        yield f"working {_hours(route.working)}"
    for step in route.escalate or ():
        yield f"nobody acknowledged it for {render(step.after)} → {', '.join(step.receivers)}"


def _hours(windows: tuple[Hours, ...]) -> str:
    told = [f"{' '.join(one.days)} {one.begin}-{one.end} {one.timezone}" for one in windows]
    return "; ".join(told) or "never"


def _named(routes: list[Route]) -> set[str]:
    told = {name for route in routes for name in route.receivers or ()}
    steps = [step for route in routes for step in route.escalate or ()]
    return told | {name for step in steps for name in step.receivers}


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
