"""The commands around who is told: routes and receivers.

What takes long to import is imported in functions.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from infra.settings import Settings
    from infra.store import Store

By = Annotated[str, typer.Option(help="who does it; default: who is logged in")]
Json = Annotated[bool, typer.Option("--json", help="for programs")]
Name = Annotated[str, typer.Argument(help="as in the settings")]

ROUTES = """Who is told of which incidents: show the tree, check a file, explain one incident.

Example: groundswell routes explain --incident inc_0123456789ab
"""
RECEIVERS = """Who is told: list them and how that goes, try one, enable one again.

Example: groundswell receivers test pr-desk
"""


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `app`."""
    routes = typer.Typer(name="routes", help=ROUTES, no_args_is_help=True)
    for command in (show, check, explain):
        routes.command()(command)
    app.add_typer(routes)
    receivers = typer.Typer(name="receivers", help=RECEIVERS, no_args_is_help=True)
    receivers.command("list")(list_receivers)
    receivers.command("test")(try_one)
    receivers.command("enable")(enable)
    app.add_typer(receivers)


def show(as_json: Json = False) -> None:
    """Show the routing tree of the settings.

    Example: groundswell routes show
    """
    from infra.settings import Settings
    from streams import routes

    settings = Settings()
    typer.echo(routes.as_json(settings) if as_json else routes.as_text(settings))


def check(
    file: Annotated[
        Path | None, typer.Argument(help="default: the one that GROUNDSWELL_CONFIG names")
    ] = None,
) -> None:
    """Check a file of settings, all of it, without using it.

    A mistake is told by file, line and field. A running line refuses such a file as well, and goes
    on with what it had.

    Example: groundswell routes check groundswell.yaml
    """
    from streams import routes
    from streams.failures import UsageError

    config = os.environ.get("GROUNDSWELL_CONFIG")
    if file is None and not config:
        raise UsageError("name a file, such as groundswell.yaml, or set GROUNDSWELL_CONFIG")
    typer.echo(routes.checked(file or Path(config or "")))


def explain(
    incident: Annotated[str, typer.Option(help="its id, such as inc_0123456789ab")],
    as_json: Json = False,
) -> None:
    """Show the way of an incident through the tree: which routes match, who is told, who is not.

    By the settings as they are now; what was decided so far stands under it, each with its reason.
    Works beside a running line.

    Example: groundswell routes explain --incident inc_0123456789ab
    """
    from streams import routed

    with _opened() as (store, settings):
        found = routed.explained(store, settings, incident)
    typer.echo(routed.as_json(found) if as_json else routed.as_text(found))


def list_receivers(as_json: Json = False) -> None:
    """List the receivers of the settings: type, address, and how it goes with each.

    Works beside a running line.

    Example: groundswell receivers list
    """
    from streams import receivers

    with _opened() as (store, settings):
        found = receivers.listed(store, settings)
    typer.echo(receivers.as_json(found) if as_json else receivers.as_text(found))


def try_one(name: Name, as_json: Json = False) -> None:
    """Send a test message to a receiver now, marked as one, by the way that alerts take.

    It is about an invented incident. Fails unless the receiver takes it. Needs no running line.

    Example: groundswell receivers test pr-desk
    """
    from infra.settings import Settings
    from streams import trial
    from streams.known import known_receiver

    settings = Settings()
    receiver = known_receiver(settings, name)
    attempt = trial.try_receiver(settings, receiver, now=datetime.now(UTC))
    taken = attempt.outcome == "delivered"
    text = trial.as_text(receiver, attempt)
    if as_json:
        typer.echo(trial.as_json(receiver, attempt))
    elif taken:
        typer.echo(text)
    if not taken:
        from streams.failures import NotTaken

        raise NotTaken(text)


def enable(name: Name, by: By = "") -> None:
    """Send to a receiver again that said it is gone for good (410).

    Example: groundswell receivers enable pr-desk
    """
    from streams import receivers
    from streams.person import Person, user_name

    with _opened() as (store, settings):
        person = Person(by or user_name())
        typer.echo(receivers.enable(store, settings, name, person, at=datetime.now(UTC)))


@contextmanager
def _opened() -> "Iterator[tuple[Store, Settings]]":
    from contextlib import closing

    from infra.open_store import open_beside
    from infra.settings import Settings

    settings = Settings()
    with closing(open_beside(settings)) as store:
        yield store, settings
