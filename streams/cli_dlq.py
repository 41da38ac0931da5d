"""The commands around dead letters: dlq list, dlq show, dlq retry.

What takes long to import is imported in functions.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from infra.settings import Settings
    from infra.store import Store

HELP = """Posts that could not be handled: list them, show one, try them again.

Example: groundswell dlq list --reason poison
"""
Reason = Annotated[str, typer.Option(help="only with this reason, such as not_json or poison")]
Feed = Annotated[str, typer.Option(help="only of this feed")]
LAST = 2**62  # as RawPost has it
MOST = 1_000_000


def register(app: typer.Typer) -> None:
    """Add the commands around dead letters to `app`."""
    commands = typer.Typer(name="dlq", help=HELP, no_args_is_help=True)
    commands.command("list")(list_letters)
    for command in (show, retry):
        commands.command()(command)
    app.add_typer(commands)


def list_letters(
    reason: Reason = "",
    feed: Feed = "",
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object a line")] = False,
    most: Annotated[int, typer.Option(min=1, max=MOST, help="how many, newest first")] = 100,
) -> None:
    """List the dead letters that have no other outcome by now: counts by reason, then the newest.

    Works beside a running line.

    Example: groundswell dlq list --reason poison
    """
    from infra.dead_letters import Wanted, dead_counts, dead_letters
    from processors.faults import plain_name
    from streams import dlq

    wanted = Wanted(reason=reason, feed=feed)
    with _opened() as (store, _):
        letters = dead_letters(store, wanted, most=most)
        counts = dead_counts(store, wanted)
    if as_json:
        for letter in letters:
            typer.echo(dlq.as_json(letter))
        return
    for why, count in counts.items():
        typer.echo(f"{count:,} {why}")
    if not counts:
        typer.echo("no dead letters")
    for letter in letters:
        at = f"{letter.arrived_at:%Y-%m-%d %H:%M:%S}"
        said = dlq.escaped(letter.detail.encode()[:120])
        typer.echo(f"{at}  {plain_name(letter.feed)} {letter.position}  {letter.reason}: {said}")
    left = sum(counts.values()) - len(letters)
    if left > 0:
        typer.echo(f"and {left:,} older: --most shows more")


def show(
    feed: Annotated[str, typer.Argument(help="as `groundswell dlq list` shows it")],
    position: Annotated[int, typer.Argument(min=0, max=LAST, help="likewise")],
) -> None:
    """Show one dead letter: why it is dead, and its bytes with all that is no text escaped.

    Example: groundswell dlq show posts.raw/0 4096
    """
    from infra.dead_letters import Wanted, dead_letters
    from streams import dlq
    from streams.failures import UsageError

    with _opened() as (store, _):
        letters = dead_letters(store, Wanted(feed=feed, position=position), most=1)
    if not letters:
        raise UsageError(f"{feed} {position} is no dead letter; see groundswell dlq list")
    letter = letters[0]
    typer.echo(f"{letter.reason}: {dlq.escaped(letter.detail.encode())}")
    typer.echo(f"from {letter.topic}, arrived {letter.arrived_at.isoformat()}")
    typer.echo(f"{len(letter.payload):,} bytes:")
    typer.echo(dlq.escaped(letter.payload))


def retry(
    reason: Reason = "",
    feed: Feed = "",
    position: Annotated[int, typer.Option(min=-1, max=LAST, help="only this one of the feed")] = -1,
    everything: Annotated[bool, typer.Option("--all", help="all there are")] = False,
) -> None:
    """Give dead letters to the line again, each under its own receipt: its outcome replaces `dead`.

    On the embedded line they go through the outbox, which `groundswell run` sends. A letter that
    fails again is a dead letter again.

    Example: groundswell dlq retry --reason poison
    """
    from infra.dead_letters import Wanted
    from streams import dlq
    from streams.failures import UsageError

    if not (reason or feed or everything):
        raise UsageError("say which: --reason, --feed (with --position) or --all")
    if position >= 0 and not feed:
        raise UsageError("--position is one of a feed: name it with --feed")
    wanted = Wanted(reason=reason, feed=feed, position=position)
    with _opened() as (store, settings):
        tried = dlq.retry(store, settings, wanted)
    typer.echo(f"tried again: {tried.sent:,}")
    for why, count in tried.left.items():
        typer.echo(f"left where they are: {count:,}, {why}")


@contextmanager
def _opened() -> "Iterator[tuple[Store, Settings]]":
    from contextlib import closing

    from infra.open_store import open_beside
    from infra.settings import Settings

    settings = Settings()
    with closing(open_beside(settings)) as store:
        yield store, settings
