"""A file of posts through the line, on the file's own clock."""

import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from msgspec import Struct
from rich.console import Console

from forecasting.records import IncidentEvent
from infra.columns import parse_map
from infra.incidents import events
from infra.replay import scan
from infra.settings import Brand, Settings
from streams.failures import LineFailed, UsageError
from streams.report import print_incident, print_summary
from streams.session import Session, running
from streams.snapshot import Snapshot
from streams.sources import FileFeed, file_of
from streams.summary import Summary, check_writable, summarise, write_summary
from streams.view import Screen


class ReplayOptions(Struct, frozen=True, kw_only=True):
    """What the command line said."""

    file: Path
    mapping: tuple[str, ...]  # FIELD=COLUMN
    speed: str
    brands: tuple[str, ...]  # NAME or NAME=ALIAS,ALIAS
    summary: Path | None
    data: Path | None


def run_replay(console: Console, options: ReplayOptions) -> None:
    """Run it, show it, write the summary. Raises UsageError, ReplayError, LineFailed."""
    check_writable(options.summary)
    feed = FileFeed(
        name=f"file:{options.file.name}",
        path=str(options.file.resolve()),
        mapping=parse_map(options.mapping),
        speed=_speed(options.speed),
    )
    try:
        rows = scan(file_of(feed)).rows
    except OSError as error:
        raise UsageError(f"cannot read {options.file}: {error.strerror}") from error
    with ExitStack() as stack:
        folder = options.data or Path(
            stack.enter_context(TemporaryDirectory(prefix="groundswell-replay-"))
        )
        settings = Settings().model_copy(
            update={"data": folder, "feed": msgspec.json.encode(feed).decode()}
        )
        if options.brands:
            settings = settings.model_copy(update={"brands": _brands(options.brands)})
        began = time.monotonic()
        session = stack.enter_context(running(settings, feed=feed.name))
        told: set[str] = set()

        def until(snapshot: Snapshot | None) -> bool:
            _tell_news(console, session, snapshot, told)
            return session.settled(snapshot)

        title = f"replay of {options.file.name}"
        screen = Screen(title=title, total=rows, simulated=False)
        session.follow(screen, console, until)
        seconds = time.monotonic() - began
        figures = session.ask(lambda store: summarise(store, feed.name, read=rows, seconds=seconds))
    print_summary(console, figures)
    write_summary(options.summary, figures)
    _check(figures)


def _tell_news(
    console: Console, session: Session, snapshot: Snapshot | None, told: set[str]
) -> None:
    """Print changes of incidents that were not printed yet."""
    if snapshot is None or not snapshot.incidents:
        return
    news: list[IncidentEvent] = [
        event for event in events(session.store) if event.change.event_id not in told
    ]
    for event in news:
        told.add(event.change.event_id)
        print_incident(console, event)


def _check(figures: Summary) -> None:
    outcomes = figures.posts_stored + figures.repeats_dropped + figures.dead_letters
    outcomes += sum(figures.dropped.values())
    if outcomes != figures.posts_read:
        raise LineFailed(f"{figures.posts_read} rows read but {outcomes} have an outcome")


def _speed(text: str) -> float | None:
    if text == "max":
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed < float("inf"):
        raise UsageError(f"--speed {text}: write a number such as 60, or max")
    return speed


def _brands(words: tuple[str, ...]) -> tuple[Brand, ...]:
    brands = []
    for word in words:
        name, _, aliases = word.partition("=")
        if not name.strip():
            raise UsageError(f"--brand {word}: write NAME or NAME=ALIAS,ALIAS")
        some = tuple(alias.strip() for alias in aliases.split(",") if alias.strip())
        brands.append(Brand(name=name.strip(), aliases=some))
    return tuple(brands)
