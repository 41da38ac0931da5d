"""The commands around copies of the database.

What takes long to import is imported in functions.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra.clickhouse.counts import Compared

MOST = 50  # differences that are shown
CountsFile = Annotated[
    Path | None,
    typer.Option(
        "--counts", help="the file with the counts; default: beside the copy, by its name"
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `app`."""
    app.command()(backup)
    app.command()(restore)


def backup(
    to: Annotated[str, typer.Option("--to", metavar="PLACE", help="a name, or a server's place")],
    counts: CountsFile = None,
) -> None:
    """Copy the database, while the line runs too, and write down how many rows it has.

    Embedded, PLACE is a name such as monday: the copy is in GROUNDSWELL_BACKUPS. Inserts wait
    meanwhile, so it is of one moment. On a server PLACE is disk:NAME/PATH, s3:https://BUCKET/PATH,
    collection:NAME/PATH or file:PATH; see docs/clickhouse.md.

    Example: groundswell backup --to monday
    """
    from datetime import UTC, datetime
    from uuid import uuid4

    from infra.settings import Settings
    from streams.copies import make_copy, note_path

    settings = Settings()
    note = counts or note_path(settings, to)
    made = make_copy(settings, to, note, identity=uuid4().hex, now=datetime.now(UTC))
    rows = sum(row[-1] for row in made.after)
    typer.echo(f"copied {made.database} to {to}: {rows:,} rows, {made.bytes:,} bytes")
    typer.echo(f"counts are in {note}")
    if not settings.clickhouse:
        typer.echo(f"not in it: author.key and models in {settings.data}; keep copies of them")


def restore(
    place: Annotated[str, typer.Option("--from", metavar="PLACE", help="as for backup")],
    drill: Annotated[
        bool, typer.Option("--drill", help="restore it elsewhere, compare, and remove it again")
    ] = False,
    counts: CountsFile = None,
    json: Annotated[bool, typer.Option("--json", help="all that was compared, as JSON")] = False,
) -> None:
    """Put a copy back into an empty database, or try out whether that would work (--drill).

    The rows of each table, brand and day are compared with those counted when it was made. Ends
    with 1 where they differ.

    Example: groundswell restore --from monday --drill
    """
    from uuid import uuid4

    from infra.settings import Settings
    from streams.copies import note_path, put_back, try_out

    settings = Settings()
    note = counts or note_path(settings, place)
    if drill:
        compared = try_out(settings, place, note, identity=uuid4().hex)
    else:
        known = note if counts or note.exists() else None
        compared = put_back(settings, place, known, identity=uuid4().hex)
        typer.echo(f"restored {place}", err=True)
        if known is None:
            typer.echo(f"not compared: there is no {note}", err=True)
    _show(compared, json=json)
    if not all(one.is_same for one in compared):
        raise typer.Exit(1)


def _show(compared: "Sequence[Compared]", *, json: bool) -> None:
    if json:
        import msgspec

        typer.echo(msgspec.json.encode(compared).decode())
    elif compared:
        typer.echo(as_table(compared))


def as_table(compared: "Sequence[Compared]") -> str:
    """A line a table and brand, the days that differ, and the verdict."""
    from infra.clickhouse.counts import by_brand

    wrong = [one for one in compared if not one.is_same]
    different = {(one.table, one.brand) for one in wrong}
    lines = [f"{'table':<18} {'brand':<20} {'days':>5} {'then':>12} {'restored':>12}"]
    for one in by_brand(compared):
        mark = "  DIFFERENT" if (one.table, one.brand) in different else ""
        then = _then(one)
        lines.append(
            f"{one.table:<18} {one.brand:<20} {one.day:>5} {then:>12} {one.restored:>12,}{mark}"
        )
    lines += [
        f"  {one.table} {one.brand} {one.day}: {_then(one)} then, {one.restored:,} restored"
        for one in wrong[:MOST]
    ]
    if len(wrong) > MOST:
        lines.append(f"  and {len(wrong) - MOST:,} more")
    rows = sum(one.restored for one in compared)
    verdict = f"{len(wrong):,} of {len(compared):,} groups differ" if wrong else "all as it was"
    return "\n".join([*lines, f"{rows:,} rows in {len(compared):,} groups: {verdict}"])


def _then(one: "Compared") -> str:
    return f"{one.before:,}" if one.before == one.after else f"{one.before:,}-{one.after:,}"
