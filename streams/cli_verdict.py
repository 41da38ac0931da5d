"""The commands around what people say of incidents: verdict, crisis, verdicts.

What takes long to import is imported in functions.
"""

from datetime import UTC, datetime
from typing import Annotated, Literal

import typer

By = Annotated[str, typer.Option(help="who says so; default: who is logged in")]
Note = Annotated[str, typer.Option(help="why, for whoever reads it later")]
Spoken = Literal["crisis", "not-a-crisis", "withdraw"]


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `app`."""
    for command in (verdict, crisis, verdicts):
        app.command()(command)


def verdict(
    incident: Annotated[str, typer.Argument(help="its id, such as inc_0123456789ab")],
    word: Annotated[Spoken, typer.Argument(help="what it was; withdraw: take it back")],
    note: Note = "",
    by: By = "",
) -> None:
    """Say whether an incident was a crisis. The newest word counts.

    An incident that was no crisis makes the brand's detector more careful, one that was takes that
    back: by halves and doubles of the false incidents it bears, within bounds that
    `groundswell verdicts` shows.

    Example: groundswell verdict inc_0123456789ab not-a-crisis --note "a joke"
    """
    from contextlib import closing

    from infra.open_store import open_beside
    from infra.settings import Settings
    from streams import verdicts as kept
    from streams.person import Person, user_name

    settings = Settings()
    with closing(open_beside(settings)) as store:
        said = kept.about_incident(
            store,
            incident,
            "withdrawn" if word == "withdraw" else word,
            Person(by or user_name(), note),
            at=datetime.now(UTC),
        )
        typer.echo(kept.keep(store, settings, said))


def crisis(
    brand: Annotated[str, typer.Argument(help="its name")],
    since: Annotated[str, typer.Option(metavar="TIME", help="UTC, such as 2026-03-01T12:00")],
    until: Annotated[str, typer.Option(metavar="TIME", help="likewise")],
    withdraw: Annotated[bool, typer.Option(help="take it back")] = False,
    note: Note = "",
    by: By = "",
) -> None:
    """Say that there was a crisis that no incident told of.

    `groundswell backtest` then knows what was missed, and the brand's detector is less careful.

    Example: groundswell crisis Acme --since 2026-03-01T12:00 --until 2026-03-01T18:00
    """
    from contextlib import closing

    from infra.open_store import open_beside
    from infra.settings import Settings
    from streams import verdicts as kept
    from streams.person import Person, user_name
    from streams.reports import moment_of

    settings = Settings()
    with closing(open_beside(settings)) as store:
        said = kept.about_time(
            brand,
            (moment_of(since, "--since"), moment_of(until, "--until")),
            "withdrawn" if withdraw else "crisis",
            Person(by or user_name(), note),
            at=datetime.now(UTC),
        )
        typer.echo(kept.keep(store, settings, said))


def verdicts(
    brand: Annotated[str, typer.Argument(help="its name; default: all")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False,
) -> None:
    """List what people said of incidents, and what that makes of each brand's detector.

    Example: groundswell verdicts Acme
    """
    from contextlib import closing

    from infra.open_store import open_beside
    from infra.settings import Settings
    from streams import verdicts as kept

    settings = Settings()
    with closing(open_beside(settings)) as store:
        found = kept.listed(store, settings, brand, now=datetime.now(UTC))
    typer.echo(kept.as_json(found) if as_json else kept.as_text(found))
