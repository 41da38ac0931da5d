"""The commands around what is stored: erase, export, stats.

What takes long to import is imported in functions.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from infra.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the commands around what is stored to `app`."""
    for command in (erase, export, stats):
        app.command()(command)


def erase(
    post: Annotated[
        list[str] | None, typer.Option("--post", metavar="SOURCE:ID", help="a post; repeatable")
    ] = None,
    author: Annotated[
        list[str] | None,
        typer.Option(
            "--author", metavar="SOURCE:HANDLE", help="all posts of an author; repeatable"
        ),
    ] = None,
    by: Annotated[str, typer.Option(help="who asks for it, for the audit; default: you")] = "",
    at: Annotated[
        str, typer.Option(metavar="TIME", help="an author's posts until then; default: now")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
    json: Annotated[bool, typer.Option("--json", help="say what was done as JSON")] = False,
) -> None:
    """Erase posts for good: from every count, sample and incident, and from the disk.

    A post that is delivered again stays away, stored or not; an author's later posts do not.
    Incidents keep their numbers and lose the words. Works beside a running line. Who did it, when
    and how much is kept in the audit (`groundswell stats`).

    Example: groundswell erase --author bluesky:kai_r --by ann
    """
    from contextlib import closing

    from infra.author_key import present_key
    from infra.open_store import open_beside
    from infra.settings import Settings
    from streams.erase import asked_for, carry_out, plan, told, told_after
    from streams.person import user_name

    now = datetime.now(UTC)
    asked = asked_for(post or (), author or (), _time("--at", at) or now)
    settings = Settings()
    with closing(open_beside(settings)) as store:
        planned = plan(store, asked, _pseudonym(settings))
        if not yes:
            _confirm(f"{told(planned.found)}: erase for good?")
        key = present_key(settings)
        done = carry_out(store, planned, settings.brands, by=by or user_name(), now=now, key=key)
    if json:
        import msgspec

        typer.echo(msgspec.json.encode(done).decode())
    else:
        typer.echo(told_after(done))


def export(
    out: Annotated[Path, typer.Option(help="the file to write, such as posts.parquet")],
    what: Annotated[str, typer.Option(help="posts, counts or incidents")] = "posts",
    brand: Annotated[
        list[str] | None, typer.Option("--brand", help="of this brand only; repeatable")
    ] = None,
    since: Annotated[str, typer.Option(metavar="TIME", help="published then or later")] = "",
    until: Annotated[str, typer.Option(metavar="TIME", help="published before then")] = "",
    force: Annotated[bool, typer.Option("--force", help="replace the file")] = False,
) -> None:
    """Write what counts to a Parquet file, in bounded memory. Times are UTC.

    posts: post_id, brand, published_at, source, author, followers, lang, text, url, received_at,
    scored_at, stored_at, cluster_id, is_duplicate, is_repost, is_spam, is_backfill, sentiment,
    p_negative, p_neutral, p_positive, abstained, oov, model, query. A post about two brands is two
    rows.

    counts: brand, bucket (five minutes), volume, negative, neutral, positive, voices,
    negative_voices, backfill, reports, reported_volume, reported_negative, restated_volume,
    restated_negative: what counts now beside what was told first and last.

    incidents: event_id, incident_id, brand, number, change, reason, kind, opened_at, since, at,
    fired_at, severity, score, observed, expected, expected_lower, expected_upper, share,
    share_expected, total_negative, peak_observed, authors, reposts, terms, simulated, headline,
    message. One row a change.

    Each column is described in the file's schema. Works beside a running line.

    Example: groundswell export --brand Northwind --since 2026-03-01 --out posts.parquet
    """
    from contextlib import closing

    from infra.export import Wanted
    from infra.export import export as write
    from infra.export_columns import KINDS
    from infra.open_store import open_beside
    from infra.settings import Settings
    from streams.failures import UsageError

    kind = next((each for each in KINDS if each == what), None)
    if kind is None:
        raise UsageError(f"--what {what}: there are {', '.join(KINDS)}")
    wanted = Wanted(
        what=kind,
        brands=tuple(brand or ()),
        since=_time("--since", since),
        until=_time("--until", until),
    )
    with closing(open_beside(Settings())) as store, _progress() as progress:
        rows = write(store, out, wanted, force=force, progress=progress)
    typer.echo(f"wrote {rows:,} {'row' if rows == 1 else 'rows'} of {what} to {out}")


def stats(
    json: Annotated[bool, typer.Option("--json", help="as JSON, with everything")] = False,
) -> None:
    """Show what is stored: posts, outcomes, feeds, models, disk, erasures and the audit.

    Works beside a running line. Posts that were erased or are past their time are not counted.

    Example: groundswell stats --json
    """
    from contextlib import closing

    from infra.open_store import open_beside
    from infra.settings import Settings
    from infra.stats import read_stats

    with closing(open_beside(Settings())) as store:
        figures = read_stats(store)
    if json:
        import msgspec

        typer.echo(msgspec.json.encode(figures).decode())
        return
    from rich.console import Console

    from streams.stats import print_stats

    print_stats(Console(markup=False, highlight=False), figures)


def _time(option: str, text: str) -> datetime | None:
    from infra.timestamps import read_time
    from streams.failures import UsageError

    if not text:
        return None
    try:
        return read_time(text)
    except ValueError as error:
        raise UsageError(
            f"{option}: {error}; write it as 2026-03-01 or 2026-03-01T12:00Z"
        ) from error


def _confirm(question: str) -> None:
    """Ask on the terminal. UsageError where there is none; ends the command on a no."""
    from streams.failures import UsageError

    if not sys.stdin.isatty():
        raise UsageError(f"{question} There is no terminal to ask on: give --yes")
    typer.confirm(question, abort=True, err=True)


def _pseudonym(settings: "Settings") -> Callable[[str, str], str]:
    """How authors are stored."""
    from infra.author_key import author_key
    from processors.pseudonym import pseudonym

    key = author_key(settings)
    return lambda source, author: pseudonym(source, author, key) if key else author


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal, a line every tenth of the way elsewhere. On stderr."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    from streams.view import CALM

    console = Console(stderr=True, markup=False, highlight=False)
    if not console.is_terminal:
        said = 0

        def tell(done: int, total: int) -> None:
            nonlocal said
            if done * 10 // max(total, 1) > said:
                said = done * 10 // total
                typer.echo(f"{done:,} of {total:,}", err=True)

        yield tell
        return
    bar = BarColumn(complete_style=CALM, finished_style=CALM)
    with Progress(bar, MofNCompleteColumn(), TimeRemainingColumn(), console=console) as shown:
        task = shown.add_task("export", total=None)
        yield lambda done, total: shown.update(task, completed=done, total=total)
