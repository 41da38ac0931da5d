"""A file of posts through the line, on the file's own clock."""

import hashlib
import time
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from shlex import quote
from tempfile import TemporaryDirectory

import msgspec
from msgspec import Struct
from pydantic import ValidationError
from rich.console import Console

from forecasting.records import IncidentEvent
from infra.brands import Brand
from infra.columns import parse_map
from infra.config_file import problem_of
from infra.incidents import events
from infra.replay import scan
from infra.settings import Settings
from processors.faults import plain_name
from streams.failures import LineFailed, UsageError
from streams.report import print_incident, print_summary
from streams.session import Session, interruptible, running
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
    deliver: bool = False  # incidents go to the configured receivers


def run_replay(console: Console, options: ReplayOptions) -> None:
    """Run it, show it, write the summary. Raises UsageError, ReplayError, LineFailed."""
    check_writable(options.summary)
    mapping = parse_map(options.mapping)
    try:
        feed = FileFeed(
            name=feed_name(options.file, mapping),
            path=str(options.file.resolve()),
            mapping=mapping,
            speed=_speed(options.speed),
        )
        scanned = scan(file_of(feed))
    except OSError as error:
        raise UsageError(f"cannot read {options.file}: {error.strerror}") from error
    rows = scanned.rows
    with ExitStack() as stack:
        stack.enter_context(interruptible())
        folder = options.data or Path(
            stack.enter_context(TemporaryDirectory(prefix="groundswell-replay-"))
        )
        settings = replay_settings(options, feed, folder)
        began = time.monotonic()
        session = stack.enter_context(running(settings, feed=feed.name))
        told: set[str] = set()
        judged: list[datetime] = []  # until when the folder had been judged before

        def until(snapshot: Snapshot | None) -> bool:
            _tell_news(console, session, snapshot, told)
            if snapshot and snapshot.judged_until and snapshot.progress is None and not judged:
                judged.append(snapshot.judged_until)
            return session.settled(snapshot)

        title = f"replay of {plain_name(options.file.name)}"
        screen = Screen(title=title, total=rows, simulated=False)
        session.follow(screen, console, until)
        seconds = time.monotonic() - began
        figures = session.ask(lambda store: summarise(store, feed.name, read=rows, seconds=seconds))
    write_summary(options.summary, figures)
    print_summary(console, figures)
    if judged and scanned.first < judged[0]:
        console.print(
            f"no incidents were looked for before {judged[0]:%Y-%m-%d %H:%M} UTC: this folder had "
            "been judged until then; use another --data"
        )
    if figures.dead_letters:
        console.print(where_letters_are(options.data), soft_wrap=True)
    if figures.dropped.get("no_brand") == rows:
        console.print("no row names a brand: add --map brand=COLUMN or --brand NAME")
    _check(figures)


def replay_settings(options: ReplayOptions, feed: FileFeed, folder: Path) -> Settings:
    """Settings of a replay's line: the installation's, on the file's clock.

    What happened long ago rings nobody unless `options.deliver` says so. Raises UsageError.
    """
    settings = Settings().model_copy(
        update={
            "data": folder,
            "feed": msgspec.json.encode(feed).decode(),
            "clock": "line",
            # The present has no part in a file's past.
            "feeds": (),
            "push": None,
        }
    )
    if not options.deliver:
        settings = settings.model_copy(update={"receivers": (), "route": None})
    if options.brands:
        settings = settings.model_copy(update={"brands": brands_of(options.brands)})
    return settings


def feed_name(file: Path, mapping: Mapping[str, str]) -> str:
    """The file as a feed: another content or reading of it is another feed. Raises OSError."""
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256")
    digest.update(msgspec.json.encode(mapping, order="sorted"))
    return f"file:{plain_name(file.name)}@{digest.hexdigest()[:12]}"


def where_letters_are(data: Path | None) -> str:
    """How to see the dead letters of a replay, as a person may paste it into a shell."""
    look = f"`GROUNDSWELL_DATA={quote(str(data or 'FOLDER'))} groundswell dlq list`"
    if data:
        return f"{look} says what is wrong with each dead letter"
    return f"with --data FOLDER, {look} says what is wrong with each dead letter"


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
    if figures.outcomes != figures.posts_read:
        raise LineFailed(f"{figures.posts_read} rows read but {figures.outcomes} have an outcome")


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


def brands_of(words: tuple[str, ...]) -> tuple[Brand, ...]:
    brands = []
    for word in words:
        name, _, aliases = word.partition("=")
        if not name.strip():
            raise UsageError(f"--brand {word}: write NAME or NAME=ALIAS,ALIAS")
        some = tuple(alias.strip() for alias in aliases.split(",") if alias.strip())
        try:
            brands.append(Brand(name=name.strip(), aliases=some))
        except ValidationError as error:
            raise UsageError(f"--brand {plain_name(word[:40])}: {problem_of(error)}") from error
    return tuple(brands)
