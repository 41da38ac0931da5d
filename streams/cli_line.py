"""The commands of the line: demo, replay, run, worker, migrate.

What takes long to import is imported in functions.
"""

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from infra.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the commands of the line to `app`."""
    for command in (demo, replay, run, worker, migrate):
        app.command()(command)


def demo(
    speed: Annotated[
        float, typer.Option(min=0.1, max=1e6, help="times real time while something happens")
    ] = 120.0,
    seed: Annotated[int, typer.Option(help="of the simulated day")] = 7,
    summary: Annotated[Path | None, typer.Option(help="write the figures here as JSON")] = None,
    page: Annotated[bool, typer.Option(help="with the page, at an address that is printed")] = True,
) -> None:
    """Watch a simulated day of five invented brands, one crisis in it. About four minutes.

    Example: groundswell demo --speed 240
    """
    from streams.demo import run_demo

    run_demo(_console(), speed=speed, seed=seed, summary=summary, page=page)


def replay(
    file: Annotated[Path, typer.Argument(help="CSV or JSONL, .gz or not")],
    columns: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="FIELD=COLUMN", help="id, text, time, author, brand, ..."),
    ] = None,
    speed: Annotated[str, typer.Option(help="times the file's own pace, or max")] = "max",
    brand: Annotated[
        list[str] | None,
        typer.Option("--brand", metavar="NAME[=ALIAS,...]", help="a brand to look for in texts"),
    ] = None,
    summary: Annotated[Path | None, typer.Option(help="write the figures here as JSON")] = None,
    data: Annotated[
        Path | None, typer.Option(help="keep the database here and go on where it stopped")
    ] = None,
    deliver: Annotated[
        bool, typer.Option("--deliver", help="send its incidents to the configured receivers")
    ] = False,
) -> None:
    """Send a file of posts through the line, on the file's own clock.

    Example: groundswell replay Tweets.csv.gz --map id=tweet_id --map time=tweet_created
    --map author=name --map brand=airline --summary out.json
    """
    from streams.replay import ReplayOptions, run_replay

    options = ReplayOptions(
        file=file,
        mapping=tuple(columns or ()),
        speed=speed,
        brands=tuple(brand or ()),
        summary=summary,
        data=data,
        deliver=deliver,
    )
    run_replay(_console(), options)


def run(
    brand: Annotated[
        list[str] | None,
        typer.Option("--brand", metavar="NAME[=ALIAS,...]", help="watch this in place of settings"),
    ] = None,
    bluesky: Annotated[
        bool, typer.Option("--bluesky", help="read Bluesky, besides `feeds`")
    ] = False,
    page: Annotated[bool, typer.Option(help="with the page, at an address that is printed")] = True,
) -> None:
    """Run the embedded line until Ctrl-C: it reads `feeds`, and takes `groundswell push`.

    Anyone may also write to its topic posts.raw. What was pushed is in the database until it has
    an outcome, so whatever is killed, the next start goes on with it. With GROUNDSWELL_KAFKA
    that Kafka keeps the posts, `push` writes to it, and the outbox of the database is not used.

    Brands, receivers and the data folder come from GROUNDSWELL_CONFIG or the environment. Of that
    file brands, receivers, route, allow_hosts, page_url and page are followed while it runs.

    Example: GROUNDSWELL_CONFIG=groundswell.yaml groundswell run
    """
    from infra.config_watch import following
    from infra.settings import Settings
    from streams.live import live_settings, run_live

    settings = live_settings(following(Settings()), brands=tuple(brand or ()), bluesky=bluesky)
    run_live(_console(), settings, page=page)


def worker(
    stages: Annotated[list[str], typer.Argument(help="feeds refine score store watch deliver")],
    status_fd: Annotated[int | None, typer.Option(hidden=True)] = None,
) -> None:
    """Run one or more stages in this process, for production.

    Example: GROUNDSWELL_KAFKA=kafka:9092 groundswell worker score
    """
    import asyncio

    import msgspec

    from infra.config_watch import following
    from infra.kafka import KafkaUnavailable
    from infra.settings import Settings
    from infra.store import StoreUnavailable
    from processors.score import ModelMemoryError
    from streams.failures import FAILURES, one_line
    from streams.worker import Heartbeat, run_worker

    settings = Settings() if status_fd is not None else following(Settings())
    _check_stages(stages, settings, supervised=status_fd is not None)
    try:
        asyncio.run(run_worker(stages, settings, status_fd=status_fd))
    except (KafkaUnavailable, StoreUnavailable, ModelMemoryError):
        raise  # what it needs may have died and be back soon: the supervisor starts it again
    except FAILURES as error:
        if status_fd is not None:
            beat = Heartbeat(ready=False, readings=[], error=one_line(error))
            os.write(status_fd, msgspec.json.encode(beat) + b"\n")
        raise


def migrate() -> None:
    """Bring the database's tables up to this version. Safe to repeat and to run twice at once.

    Example: GROUNDSWELL_CLICKHOUSE=clickhouse://user:password@host:9000/groundswell
    groundswell migrate
    """
    from infra.clickhouse.server import make_databases
    from infra.migrate import migrate as bring_up
    from infra.open_store import open_store
    from infra.settings import Settings

    settings = Settings()
    if settings.clickhouse and settings.clickhouse_cluster:
        make_databases(settings)
    store = open_store(settings)
    try:
        applied = bring_up(store)
    finally:
        store.close()
    typer.echo("\n".join(f"applied {name}" for name in applied) or "nothing to do")


def _check_stages(stages: Sequence[str], settings: "Settings", *, supervised: bool) -> None:
    """Raises UsageError or SettingsError if these stages cannot run with these settings."""
    from infra.author_key import author_key
    from streams.failures import UsageError
    from streams.worker import STAGES

    for stage, times in Counter(stages).items():
        if stage not in STAGES:
            raise UsageError(f"{stage} is no stage; there are {', '.join(STAGES)}")
        if times > 1:
            raise UsageError(f"name {stage} once; for more of it start more processes")
    if "feed" in stages and not settings.feed:
        raise UsageError(
            "feed is started by `groundswell replay` and `groundswell demo`; "
            "a feed of your own writes posts to the topic posts.raw"
        )
    if "feeds" in stages and not (settings.feeds or settings.push):
        raise UsageError("feeds has nothing to read: set `feeds` or `push`, see docs/feeds.md")
    if supervised:
        return
    if not settings.kafka:
        raise UsageError("name the servers, such as GROUNDSWELL_KAFKA=kafka:9092")
    # One process can have the embedded database open, so a stage by itself shares it with nobody.
    if not settings.clickhouse and settings.socket is None:
        raise UsageError(
            "name the database server, such as "
            "GROUNDSWELL_CLICKHOUSE=clickhouse://user:password@host:9000/groundswell"
        )
    if "refine" in stages:
        author_key(settings)


def _console() -> "Console":
    """Where everything is shown. Without markup: names of brands may have [brackets]."""
    from rich.console import Console

    return Console(markup=False, highlight=False)
