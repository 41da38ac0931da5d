"""The commands around what was told whom: ack, silences, deliveries, resend.

What takes long to import is imported in functions.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from infra.settings import Settings
    from infra.store import Store

By = Annotated[str, typer.Option(help="who says so; default: who is logged in")]
Note = Annotated[str, typer.Option(help="why, for whoever reads it later")]
Json = Annotated[bool, typer.Option("--json", help="for programs")]
Several = list[str] | None

SILENCES = """Keep some incidents quiet for a time: add a silence, list them, end one.

Example: groundswell silences add --brand Acme --for 2h --reason "planned outage"
"""


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `app`."""
    for command in (ack, deliveries, resend):
        app.command()(command)
    silences = typer.Typer(name="silences", help=SILENCES, no_args_is_help=True)
    silences.command("add")(add_silence)
    silences.command("list")(list_silences)
    silences.command("end")(end_silence)
    app.add_typer(silences)


def ack(
    incident: Annotated[str, typer.Argument(help="its id, such as inc_0123456789ab")],
    note: Note = "",
    by: By = "",
    withdraw: Annotated[bool, typer.Option("--withdraw", help="take it back")] = False,
) -> None:
    """Say that somebody has seen an incident: no repeats of it, no escalation.

    Works beside a running line. `groundswell verdict` says what it was.

    Example: groundswell ack inc_0123456789ab --note "calling the shop"
    """
    from streams import acknowledge
    from streams.person import Person, user_name

    act = acknowledge.withdraw if withdraw else acknowledge.acknowledge
    with _opened() as (store, _):
        typer.echo(act(store, incident, Person(by or user_name(), note), at=datetime.now(UTC)))


def add_silence(
    length: Annotated[str, typer.Option("--for", metavar="TIME", help="such as 30m, 2h or 1d")],
    reason: Annotated[str, typer.Option(help="why, for whoever wonders why nothing came")],
    brand: Annotated[Several, typer.Option(help="incidents of this brand; repeatable")] = None,
    kind: Annotated[
        Several,
        typer.Option(help="negative_surge, mood_shift, volume_surge or silence; repeatable"),
    ] = None,
    severity: Annotated[int, typer.Option(min=1, max=10, help="of at least this severity")] = 1,
    source: Annotated[
        Several, typer.Option(help="most of whose posts are from it; repeatable")
    ] = None,
    language: Annotated[
        Several, typer.Option(help="most of whose posts are in it; repeatable")
    ] = None,
    incident: Annotated[Several, typer.Option(help="only this one; repeatable")] = None,
    everything: Annotated[bool, typer.Option("--all", help="every incident")] = False,
    by: By = "",
) -> None:
    """Send nothing of some incidents for a time, from now on.

    An incident is meant if all that is said of it fits. One that is still open when the silence
    ends is told of then. Who was told that an incident opened is told that it ended, silence or
    not. Works beside a running line.

    Example: groundswell silences add --brand Acme --kind volume_surge --for 2h --reason "our sale"
    """
    from streams import silences
    from streams.person import Person, user_name
    from streams.silences import match_of

    match = match_of(
        brands=brand,
        kinds=kind,
        severity=severity,
        sources=source,
        languages=language,
        incidents=incident,
        everything=everything,
    )
    span = (datetime.now(UTC), silences.length_of(length))
    with _opened() as (store, settings):
        added = silences.add(store, settings, match, Person(by or user_name(), reason), span)
    typer.echo(f"Times are UTC.\n{silences.sentence(added, now=span[0])}")


def list_silences(
    ended: Annotated[bool, typer.Option("--all", help="also those that have ended")] = False,
    as_json: Json = False,
) -> None:
    """List the silences that last.

    Example: groundswell silences list --all
    """
    from streams import silences

    now = datetime.now(UTC)
    with _opened() as (store, _):
        found = silences.listed(store, now=now, ended=ended)
    typer.echo(silences.as_json(found) if as_json else silences.as_text(found, now=now))


def end_silence(
    silence: Annotated[str, typer.Argument(help="its id, as `groundswell silences list` shows it")],
    by: By = "",
) -> None:
    """End a silence before its time. What it held is told if it is still open.

    Example: groundswell silences end sil_0123456789ab
    """
    from streams import silences
    from streams.person import Person, user_name

    now = datetime.now(UTC)
    with _opened() as (store, _):
        ended = silences.end(store, silence, Person(by or user_name()), at=now)
    typer.echo(f"Times are UTC.\n{silences.sentence(ended, now=now)}")


def deliveries(
    incident: Annotated[
        str, typer.Option(help="only of this one, with what was not sent and why")
    ] = "",
    receiver: Annotated[str, typer.Option(help="only to this one")] = "",
    most: Annotated[
        int, typer.Option("--most", "--limit", min=1, max=1000, help="how many, newest first")
    ] = 50,
    as_json: Json = False,
) -> None:
    """Show the log of delivery: each attempt with its status, its latency and what was answered.

    Of one incident also each decision: who is told what, who is not, or not yet, and why.
    Works beside a running line.

    Example: groundswell deliveries --incident inc_0123456789ab
    """
    from infra.deliver import delivery_log
    from streams import deliveries as shown
    from streams.known import known_incident

    wanted = delivery_log.Wanted(incident_id=incident, receiver=receiver)
    with _opened() as (store, _):
        if incident:
            known_incident(store, incident)
            decided = delivery_log.decisions(store, wanted, most=most)
            text = shown.as_json(decided) if as_json else shown.decisions_as_text(decided)
        else:
            made = delivery_log.attempts(store, wanted, most=most)
            text = shown.as_json(made) if as_json else shown.attempts_as_text(made)
    typer.echo(text)


def resend(
    notice: Annotated[str, typer.Argument(help="its id, as `groundswell deliveries` shows it")],
    receiver: Annotated[str, typer.Option(help="the name of who was to get it")],
    by: By = "",
) -> None:
    """Send a notice again, under the same id, whatever became of it.

    The running line sends it at once; without one it is sent when the line starts.

    Example: groundswell resend inc_0123456789ab.1 --receiver pr-desk
    """
    from infra.deliver.delivery_log import Wanted
    from streams import deliveries as shown
    from streams.person import Person, user_name

    wanted = Wanted(receiver=receiver, notice_id=notice)
    with _opened() as (store, settings):
        person = Person(by or user_name())
        typer.echo(shown.resend(store, settings, wanted, person, at=datetime.now(UTC)))


@contextmanager
def _opened() -> "Iterator[tuple[Store, Settings]]":
    from contextlib import closing

    from infra.open_store import open_beside
    from infra.settings import Settings

    settings = Settings()
    with closing(open_beside(settings)) as store:
        yield store, settings
